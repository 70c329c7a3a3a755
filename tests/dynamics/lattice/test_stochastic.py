"""Thermal steps of a lattice: one cell is a macrospin, noise belongs to its cell, steps keep the heat of waves."""

import numba
import numpy as np
import pytest

from spinneuron.constants import gamma0, kB, mu0
from spinneuron.device import Device
from spinneuron.dynamics.ensemble import Numerics
from spinneuron.dynamics.lattice.motion import total
from spinneuron.dynamics.lattice.stochastic import (
    LARGEST_KICK,
    SCHEMES,
    Stochastic,
    add_thermal,
    add_thermal_threads,
    largest_step,
    thermal_strength,
)
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.anisotropy import Uniaxial
from spinneuron.physics.lattice.exchange import Exchange
from spinneuron.protocols import Protocol
from spinneuron.simulation import simulate

COUNTERS = np.array([0, 7, 0, 42, 0], np.uint32)
every_scheme = pytest.mark.parametrize("scheme", SCHEMES)


def ball():
    """A sphere of 10 nm, whose shape does nothing, with an easy axis along z."""
    device = Device.preset("orthogonal").replace(geometry="ellipsoid", width=1e-8, length=1e-8, thickness=1e-8)
    device = device.replace(alpha=0.05, easy_axis=(0.0, 0.0, 1.0), temperature=300.0)
    return device.replace(Ku=8.0 * kB * 300.0 / device.volume)


@pytest.mark.parametrize("scheme", ["semi-implicit", "heun"])
def test_one_cell_is_a_macrospin(scheme):
    device, steps, dt = ball(), 300, 2e-13
    start = np.array([0.6, 0.0, 0.8])
    run = simulate(
        device,
        Protocol((0.0, steps * dt), (0.0, 0.0)),
        trials=3,
        seed=11,
        initial=start,
        every=steps * dt / 10,
        numerics=Numerics(scheme, dt=dt),
    )
    mesh = Mesh((1, 1, 1), (device.volume ** (1 / 3),) * 3)
    Ms, one = np.full(mesh.shape, device.Ms), np.ones(mesh.shape)
    axis = np.zeros((3, 1, 1, 1))
    axis[2] = 1.0
    field = total([Uniaxial(mesh, Ms, device.Ku * one, 0.0 * one, axis)])
    motion = Stochastic(field, device.alpha * one, scheme=scheme, dt=dt, seed=11, trial=2)
    motion.heat(Ms, mesh.cell_volume, 300.0)
    m = start.reshape(3, 1, 1, 1).copy()
    for _ in range(steps):
        motion.advance(m, 0.0)
    # same numbers, other order of sums: rounding, which 300 steps hardly multiply
    np.testing.assert_allclose(m.ravel(), run["m"].values[2, -1], atol=1e-10)
    assert np.abs(m.ravel() - start).max() > 1e-2


def test_noise_of_a_cell_is_that_of_any_lattice():
    few, many = np.zeros((3, 5)), np.zeros((3, 3000))
    add_thermal(few, np.ones(5), COUNTERS)
    add_thermal(many, np.ones(3000), COUNTERS)
    np.testing.assert_array_equal(few, many[:, :5])
    assert len(np.unique(many)) > 8900


@pytest.mark.parametrize("threads", [1, 2])
def test_noise_is_that_of_any_number_of_threads(threads):
    if threads > numba.config.NUMBA_NUM_THREADS:
        pytest.skip("one processor")
    alone, together = np.zeros((3, 5000)), np.zeros((3, 5000))
    add_thermal(alone, np.ones(5000), COUNTERS)
    before = numba.get_num_threads()
    numba.set_num_threads(threads)
    add_thermal_threads(together, np.ones(5000), COUNTERS)
    numba.set_num_threads(before)
    np.testing.assert_array_equal(alone, together)


@pytest.mark.parametrize("changed", range(4))
def test_noise_changes_with_trial_step_and_seed(changed):
    one, other, counters = np.zeros((3, 100)), np.zeros((3, 100)), COUNTERS.copy()
    counters[changed] += 1
    add_thermal(one, np.ones(100), COUNTERS)
    add_thermal(other, np.ones(100), counters)
    assert not np.isin(one, other).any()


def test_noise_is_normal():
    h = np.zeros((3, 100_000))
    add_thermal(h, np.full(100_000, 2.0), COUNTERS)
    # 4 standard errors of mean, variance and correlation
    np.testing.assert_allclose(h.mean(axis=1), 0.0, atol=4 * 2.0 / np.sqrt(1e5))
    np.testing.assert_allclose(np.cov(h), 4.0 * np.eye(3), atol=4 * 4.0 * np.sqrt(2.0 / 1e5))


def test_strength_is_browns_for_any_gyromagnetic_ratio():
    alpha, Ms = np.array([[[0.1, 0.1]]]), np.array([[[8e5, 0.0]]])
    found = thermal_strength(alpha, Ms, 1e-25, 300.0, 2.0e5)
    wanted = np.sqrt(2.0 * 0.1 * kB * 300.0 / (2.0e5 * mu0 * 8e5 * 1e-25))
    np.testing.assert_allclose(found, [[[wanted, 0.0]]], rtol=1e-14)
    motion = Stochastic(lambda m, h, t: None, alpha, scheme="heun", dt=1e-13, gamma=2.0e5)
    motion.heat(Ms, 1e-25, 300.0)
    np.testing.assert_array_equal(motion.strength, found.ravel())


@every_scheme
def test_largest_step(scheme):
    chosen = SCHEMES[scheme]
    assert largest_step(scheme, 0.0, 0.1, 0.0) == np.inf
    assert largest_step(scheme, 1e12, 0.5, 0.0) == pytest.approx(chosen.largest_angle / 1e12)
    ratio = largest_step(scheme, 1e12, 0.0001, 0.0) / largest_step(scheme, 1e12, 0.0005, 0.0)
    assert ratio == pytest.approx(0.2 ** (1 / chosen.power))
    assert largest_step(scheme, 0.0, 0.1, 1e5) == pytest.approx((LARGEST_KICK / 1e5) ** 2)
    assert 0.0 < largest_step(scheme, 1e12, 0.0, 0.0) < 0.2 / 1e12


@every_scheme
def test_observed_order_without_noise(scheme):
    # a moment in a field along z and its easy axis, against steps of a hundredth
    mesh = Mesh((1, 1, 1), (5e-9,) * 3)
    one, axis = np.ones(mesh.shape), np.zeros((3, *mesh.shape))
    axis[2] = 1.0
    field, ends = total([Uniaxial(mesh, 8e5 * one, 1e5 * one, 0.0 * one, axis)]), []
    for steps in (100, 200, 20_000):
        motion, m = Stochastic(field, 0.1 * one, scheme=scheme, dt=1e-10 / steps), np.zeros((3, *mesh.shape))
        m[0], m[2] = 0.8, 0.6
        for _ in range(steps):
            motion.advance(m, 0.0)
        ends.append(m.ravel())
    coarse, fine = (np.linalg.norm(end - ends[2]) for end in ends[:2])
    assert np.log2(coarse / fine) == pytest.approx(2.0, abs=0.1)


@every_scheme
def test_waves_neither_grow_nor_are_lost_at_the_largest_step(scheme):
    # The fastest wave of a ring without damping of its own: its amplitude over 200 steps, against alpha = 0.01.
    mesh = Mesh((16, 1, 1), (5e-9,) * 3, (1, 0, 0))
    Ms, A = np.full(mesh.shape, 8e5), np.full(mesh.shape, 1e-11)
    term, alpha = Exchange(mesh, Ms, A), np.full(mesh.shape, 0.01)
    rate = gamma0 * term.stiffness
    dt = largest_step(scheme, rate, 0.01, 0.0)
    motion = Stochastic(total([term]), alpha, scheme=scheme, dt=dt)
    m = np.zeros((3, *mesh.shape))
    m[0, 0, 0], m[2] = 1e-3 * (-1.0) ** np.arange(16), 1.0
    m /= np.linalg.norm(m, axis=0)
    first = np.abs(m[0] + 1j * m[1]).max()
    for _ in range(200):
        motion.advance(m, 0.0)
    w = (1j - 0.01) * rate * dt / (1.0 + 0.01**2)
    ratio = np.abs(m[0] + 1j * m[1]).max() / first
    # the factor of the scheme, up to the square of the amplitude
    third = w**3 / 8.0 if scheme == "three-stage" else 0.0
    assert ratio == pytest.approx(np.abs(1.0 + w + w**2 / 2.0 + third) ** 200, rel=1e-4)
    assert ratio < 1.0


@every_scheme
def test_lengths_and_holes_are_kept(scheme):
    mesh = Mesh((4, 3, 1), (5e-9,) * 3)
    Ms = np.full(mesh.shape, 8e5)
    Ms[0, 1, 2] = 0.0
    motion = Stochastic(
        total([Exchange(mesh, Ms, np.full(mesh.shape, 1e-11))]), np.full(mesh.shape, 0.1), scheme=scheme, dt=1e-14
    )
    motion.heat(Ms, mesh.cell_volume, 300.0)
    m = np.zeros((3, *mesh.shape))
    m[1] = Ms > 0.0
    for _ in range(50):
        motion.advance(m, 0.0)
    np.testing.assert_allclose(np.linalg.norm(m, axis=0), Ms > 0.0, atol=1e-13)
