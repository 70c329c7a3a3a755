"""Zhang-Li torque: against its equation, signs, conventions, and the velocity of a wall."""

import numpy as np
import pytest
from lattices import SHAPES, assert_lanes_are_alone, lattice, moments

from spinneuron.constants import e, gamma0, mu_B
from spinneuron.dynamics.lattice.minimizer import minimize
from spinneuron.dynamics.lattice.motion import slope, total
from spinneuron.dynamics.lattice.runge_kutta import RungeKutta
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.anisotropy import Uniaxial
from spinneuron.physics.lattice.exchange import Exchange
from spinneuron.physics.lattice.zhang_li import ZhangLi, add_drift
from spinneuron.quantity import InputError


def gradient(m, u, cell):
    """(u.grad) m of a lattice that is a ring along all axes, by central differences."""
    sides = [(np.roll(m, -1, 3 - axis) - np.roll(m, 1, 3 - axis)) / (2.0 * cell[axis]) for axis in range(3)]
    return sum(one * side for one, side in zip(u, sides, strict=True))


def test_it_is_the_torque_of_zhang_and_li():
    # dm/dt = -g + xi m x g + alpha m x dm/dt, solved: m x (field of the torque) in the equation of the motion.
    mesh, u, xi, alpha = Mesh((6, 5, 4), (2e-9, 3e-9, 1.5e-9), (1, 1, 1)), np.array([70.0, -40.0, 110.0]), 0.3, 0.1
    Ms = np.full(mesh.shape, 8e5)
    m = moments(np.random.default_rng(3), Ms)
    h, found = ZhangLi(mesh, Ms, u=u, xi=xi).field(m), np.zeros((3, mesh.cells))
    rate = np.full(mesh.cells, gamma0 / (1.0 + alpha**2))
    slope(m.reshape(3, -1), h.reshape(3, -1), found, rate, np.full(mesh.cells, alpha), 1.0)
    found = found.reshape(m.shape)
    g = gradient(m, u, mesh.cell)
    g = g - m * (m * g).sum(axis=0)
    implicit = -g + xi * np.cross(m, g, axis=0) + alpha * np.cross(m, found, axis=0)
    np.testing.assert_allclose(found, implicit, rtol=0.0, atol=1e-13 * np.abs(g).max())


@pytest.mark.parametrize(("counts", "periodic"), SHAPES[:4])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_replicas_side_by_side_do_not_meet(counts, periodic, axis):
    mesh, Ms, rng = lattice(counts, periodic)
    Ms[:] = np.where(Ms > 0.0, Ms, 7e5) if mesh.cells < 9 else Ms
    if mesh.counts[axis] == 1:
        return
    drift = ZhangLi(mesh, Ms, u=(1.0, 1.0, 1.0), xi=0.1).drifts[axis]

    def add(m, h, lanes):
        add_drift(m, h, type(drift)(*(np.repeat(array, lanes, axis=-1) for array in drift)), axis, 80.0, 0.2, lanes)

    assert_lanes_are_alone(add, moments(rng, Ms))


def test_derivatives_at_surfaces_see_the_cell_itself():
    mesh, Ms = Mesh((4, 1, 1), (2e-9, 2e-9, 2e-9)), np.array([8e5, 8e5, 8e5, 0.0]).reshape(1, 1, 4)
    m = moments(np.random.default_rng(5), Ms)
    h = ZhangLi(mesh, Ms, u=(100.0, 0.0, 0.0), xi=0.0).field(m)
    copies = np.concatenate([m[..., :1], m[..., :3], m[..., 2:3]], axis=-1)
    g = 100.0 * (copies[..., 2:] - copies[..., :-2]) / 4e-9
    np.testing.assert_allclose(h[..., :3], -np.cross(m[..., :3], g, axis=0) / gamma0, rtol=1e-12, atol=1e-9)
    assert not h[..., 3].any()


def test_drift_of_a_current():
    mesh, Ms, rng = lattice((5, 4, 3), (0, 0, 0))
    m, J, P, xi = moments(rng, Ms), np.array([1e12, 2e11, 0.0]), 0.6, 0.5
    uniform = np.where(Ms > 0.0, 8e5, 0.0)
    # Electrons run against the current.
    u = -mu_B * P * J / (e * 8e5)
    wanted = ZhangLi(mesh, uniform, u=u, xi=xi).field(m)
    plain = ZhangLi(mesh, uniform, J, P=P, xi=xi, reduced=False).field(m)
    np.testing.assert_allclose(plain, wanted, rtol=1e-13, atol=1e-9)
    np.testing.assert_allclose(ZhangLi(mesh, uniform, J, P=P, xi=xi).field(m), wanted / 1.25, rtol=1e-13, atol=1e-9)
    # 72.35 m/s of standard problem 5, which has four digits
    assert mu_B * 1e12 / (e * 8e5) == pytest.approx(72.35, rel=1e-4)


def test_courses_profiles_and_gamma():
    mesh, Ms, rng = lattice((5, 4, 3), (0, 0, 0))
    m, profile = moments(rng, Ms), rng.uniform(0.0, 2.0, mesh.shape)
    still = ZhangLi(mesh, Ms, u=(0.0, 0.0, 50.0), xi=0.1).field(m)
    moving = ZhangLi(mesh, Ms, u=lambda t: (0.0, 0.0, 100.0 * t), xi=0.1, profile=profile, gamma=0.5 * gamma0)
    np.testing.assert_allclose(moving.field(m, 0.5), 2.0 * profile * still, rtol=1e-13, atol=1e-9)
    assert moving.energy(m, 0.5) == 0.0


def wall_velocity(xi, alpha, u):
    """Velocity of a wall with a hard axis under a drift below breakdown, in a strip of 200 cells; and u."""
    mesh, Ms, A, K, hard = Mesh((200, 1, 1), (2e-9, 5e-9, 5e-9)), 8e5, 1.3e-11, 2e5, -2e5
    full, axes = np.ones(mesh.shape), np.zeros((2, 3, *mesh.shape))
    axes[0, 0] = axes[1, 2] = 1.0
    terms = [Exchange(mesh, Ms * full, A * full)]
    terms += [Uniaxial(mesh, Ms * full, k * full, 0.0 * full, axis) for k, axis in zip((K, hard), axes, strict=True)]
    x = mesh.centers()[0] + 0.0 * full
    from_start = (x + np.sign(u) * 100e-9) / 8e-9
    m = np.stack([-np.tanh(from_start), 1.0 / np.cosh(from_start), 0.0 * full])
    minimize(total(terms), m, tolerance=1e-6 * Ms, most=10_000)
    solver = RungeKutta(total([*terms, ZhangLi(mesh, Ms * full, u=(u, 0.0, 0.0), xi=xi)]), alpha * full, tolerance=1e-6)
    t, places = 0.0, []
    for until in (1.2e-9, 1.6e-9):
        while t < until:
            t = solver.advance(m, t, until)
        # mean m_x = (share before the wall) - (share behind it)
        places.append(0.5 * m[0].mean() * 400e-9)
    return (places[1] - places[0]) / 0.4e-9


@pytest.mark.parametrize(("xi", "alpha", "u"), [(0.1, 0.05, 50.0), (0.05, 0.1, 60.0), (0.1, 0.1, -60.0)])
def test_walls_run_at_xi_over_alpha_times_the_drift(xi, alpha, u):
    # v = xi u / alpha, steady after some 2 / (alpha gamma0 H_hard), 0.5 ns at most. Central differences see the slope
    # of a wall of width sqrt(A/K) less steep by (d / width)^2 / 6.
    seen = 1.0 - 2e-9**2 / (1.3e-11 / 2e5) / 6.0
    assert wall_velocity(xi, alpha, u) == pytest.approx(seen * xi / alpha * u, rel=5e-3)


def test_mistakes_are_named():
    mesh, Ms = Mesh((2, 2, 1), (5e-9, 5e-9, 2e-9)), np.full((1, 2, 2), 1e6)
    for drives in ({}, {"J": (1e12, 0.0, 0.0), "u": (1.0, 0.0, 0.0)}):
        with pytest.raises(InputError, match="J, u: give one of them"):
            ZhangLi(mesh, Ms, **drives)
    with pytest.raises(InputError, match=r"u: needs shape \(3,\)"):
        ZhangLi(mesh, Ms, u=100.0)
    with pytest.raises(InputError, match="xi"):
        ZhangLi(mesh, Ms, u=(1.0, 0.0, 0.0), xi=np.inf)
