"""Exchange: slope of its energy, spirals, walls, joints of materials, symmetry."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattices import SHAPES, assert_is_slope, assert_lanes_are_alone, lattice, moments
from scipy.spatial.transform import Rotation
from strategies import directions, number

from spinneuron.dynamics.lattice.minimizer import minimize
from spinneuron.dynamics.lattice.motion import total
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.anisotropy import Uniaxial
from spinneuron.physics.lattice.exchange import Exchange, Links, add_exchange, between


@pytest.mark.parametrize(("counts", "periodic"), [shape for shape in SHAPES if shape[0] != (1, 1, 1)])
def test_field_is_the_slope_of_the_energy(counts, periodic):
    mesh, Ms, rng = lattice(counts, periodic)
    regions = rng.integers(0, 3, mesh.shape)
    Ms[:] = np.where(Ms > 0.0, Ms, 7e5) if mesh.cells < 7 else Ms
    term = Exchange(mesh, Ms, rng.uniform(5e-12, 2e-11, mesh.shape), between(regions, {(0, 1): 0.3, (2, 1): -0.5}))
    assert_is_slope(term, moments(rng, Ms))


@pytest.mark.parametrize(("counts", "periodic"), SHAPES)
@pytest.mark.parametrize("lanes", [1, 3])
def test_replicas_side_by_side_do_not_meet(counts, periodic, lanes):
    mesh, Ms, rng = lattice(counts, periodic)
    Ms[:] = np.where(Ms > 0.0, Ms, 7e5) if mesh.cells < 7 else Ms
    A = rng.uniform(5e-12, 2e-11, mesh.shape)

    def add(m, h, lanes):
        add_exchange(m, h, Links.of(mesh, Ms, A, lanes=lanes), lanes, 1.0)

    if mesh.cells == 1:
        h = np.zeros((3, 1, 1, lanes))
        add(moments(rng, np.ones((1, 1, lanes))), h, lanes)
        assert not h.any()
    else:
        assert_lanes_are_alone(add, moments(rng, Ms), lanes)


@given(st.integers(0, 2**32 - 1), directions(), number(-np.pi, np.pi))
def test_turning_all_moments_turns_the_field(seed, axis, angle):
    mesh, Ms, rng = lattice((4, 3, 2), (1, 0, 0), seed)
    term, m = Exchange(mesh, Ms, np.full(mesh.shape, 1e-11)), moments(rng, Ms)
    R = Rotation.from_rotvec(angle * axis).as_matrix()
    turned = term.field(np.einsum("ij,jzyx->izyx", R, m))
    scale = np.abs(turned).max()
    # Rounding of a dozen differences.
    np.testing.assert_allclose(turned, np.einsum("ij,jzyx->izyx", R, term.field(m)), rtol=0.0, atol=1e-14 * scale)


@given(directions())
def test_uniform_moments_feel_nothing(direction):
    mesh, Ms, rng = lattice((4, 3, 2), (0, 1, 0))
    term = Exchange(mesh, Ms, rng.uniform(5e-12, 2e-11, mesh.shape))
    # Differences of equal numbers are 0, to the last bit.
    assert not term.field(direction.reshape(3, 1, 1, 1) * (Ms > 0.0)).any()


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_energy_of_a_spiral(axis):
    counts, periodic, n = [1, 1, 1], [0, 0, 0], 16
    counts[axis], periodic[axis] = n, 1
    mesh, A = Mesh(tuple(counts), (2e-9, 3e-9, 1.5e-9), tuple(periodic)), 1.3e-11
    d, turn = mesh.cell[axis], 2.0 * np.pi * 3 / n
    phase = (turn * np.arange(n)).reshape(mesh.shape)
    m = np.stack([np.cos(phase), np.sin(phase), 0.0 * phase])
    term = Exchange(mesh, np.full(mesh.shape, 8e5), np.full(mesh.shape, A))
    # 2 A (1 - cos q d) / d^2, which is A q^2 for long waves
    np.testing.assert_allclose(term.energy_density(m), 2.0 * A * (1.0 - np.cos(turn)) / d**2, rtol=1e-13)


def wall(n, cell, A=1.3e-11, K=5e5, Ms=8e5):
    """A wall between +z and -z at rest: places, moments, energy per area."""
    mesh = Mesh((n, 1, 1), (cell, 1e-9, 1e-9))
    full = np.ones(mesh.shape)
    axis = np.zeros((3, *mesh.shape))
    axis[2] = 1.0
    terms = [Exchange(mesh, Ms * full, A * full), Uniaxial(mesh, Ms * full, K * full, 0.0 * full, axis)]
    x = mesh.centers()[0].ravel()
    m = np.zeros((3, *mesh.shape))
    m[0, 0, 0], m[2, 0, 0] = 1.0 / np.cosh(x / 4e-9), -np.tanh(x / 4e-9)
    assert minimize(total(terms), m, tolerance=1e-8 * Ms, most=20_000).converged
    return x, m[:, 0, 0], sum(term.energy(m) for term in terms) / 1e-18


def test_wall_has_the_width_and_the_energy_of_the_books():
    A, K = 1.3e-11, 5e5
    width, errors = np.sqrt(A / K), []
    for n in (100, 200):
        x, m, energy = wall(n, 100e-9 / n)
        errors.append(energy / (4.0 * np.sqrt(A * K)) - 1.0)
        inner = np.abs(x) < 2.0 * width
        fitted = np.polyfit(x[inner], np.arctanh(-m[2, inner]), 1)[0]
        # tanh(x / sqrt(A/K)); a lattice makes the middle steeper by up to (d / width)^2 / 8.
        assert fitted * width == pytest.approx(1.0, abs=(100e-9 / n / width) ** 2 / 8.0)
    # Second order in the cell, and from below: finite differences miss the steepest part.
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.02)
    assert abs(errors[1]) < 1e-3


def test_flux_is_continuous_between_two_materials():
    # At rest between ends that are held, A dm/dx is the same on both sides: angles go as 1/A.
    mesh, A = Mesh((8, 1, 1), (2e-9, 2e-9, 2e-9)), np.array([1e-11] * 4 + [3e-11] * 4).reshape(1, 1, 8)
    slope = 1e-4 / A.ravel() * 1e-11
    angle = np.cumsum(0.5 * (slope + np.roll(slope, 1)))
    m = np.zeros((3, 1, 1, 8))
    m[0, 0, 0], m[1, 0, 0] = np.cos(angle), np.sin(angle)
    h = Exchange(mesh, np.full(mesh.shape, 8e5), A).field(m)
    torque = (m[0] * h[1] - m[1] * h[0]).ravel()
    # Inside they balance to the rounding of differences of 1e-4, at the ends nothing holds them.
    assert np.abs(torque[1:-1]).max() < 1e-6 * np.abs(torque[0])
    assert torque[0] == pytest.approx(-torque[-1], rel=1e-6)


def test_a_factor_cuts_or_turns_a_joint():
    mesh, Ms = Mesh((4, 1, 1), (2e-9, 2e-9, 2e-9)), np.full((1, 1, 4), 8e5)
    regions, A = np.array([0, 0, 1, 1]).reshape(1, 1, 4), np.full((1, 1, 4), 1e-11)
    m = np.zeros((3, 1, 1, 4))
    m[0, 0, 0, :2] = m[1, 0, 0, 2:] = 1.0
    whole = Exchange(mesh, Ms, A).field(m)
    assert whole.any()
    assert not Exchange(mesh, Ms, A, between(regions, {(1, 0): 0.0})).field(m).any()
    np.testing.assert_array_equal(Exchange(mesh, Ms, A, between(regions, {(0, 1): -1.0})).field(m), -whole)
