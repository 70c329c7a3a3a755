"""Descent: it ends where the torque is gone, keeps lengths and holes, and says when it did not get there."""

import numpy as np
import pytest

from spinneuron.constants import mu0
from spinneuron.dynamics.lattice.minimizer import LARGEST_TURN, minimize, renew, turn
from spinneuron.dynamics.lattice.motion import largest_torque, total
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.anisotropy import Uniaxial
from spinneuron.physics.lattice.exchange import Exchange
from spinneuron.physics.lattice.zeeman import Zeeman
from tests.lattices import moments

MESH = Mesh((6, 5, 2), (3e-9,) * 3)


def bar(H=(0.0, 0.0, 0.0), Ku=1e5):
    """Terms of a small magnet with a hole, easy axis z, and its Ms."""
    Ms = np.full(MESH.shape, 8e5)
    Ms[0, 2, 3] = 0.0
    axis, one = np.zeros((3, *MESH.shape)), np.ones(MESH.shape)
    axis[2] = 1.0
    terms = [Exchange(MESH, Ms, 1e-11 * one), Uniaxial(MESH, Ms, Ku * one, 0.0 * one, axis)]
    return [*terms, Zeeman(MESH, Ms, np.array(H))], Ms


@pytest.mark.parametrize("seed", range(4))
def test_finds_the_angle_of_a_uniform_magnet(seed):
    Hk = 2.0 * 1e5 / (mu0 * 8e5)
    terms, Ms = bar(H=(0.5 * Hk, 0.0, 0.0))
    m = moments(np.random.default_rng(seed), Ms)
    found = minimize(total(terms), m, tolerance=1e-6 * 8e5, most=5000)
    assert found.converged
    h = np.empty_like(m)
    total(terms)(m, h, 0.0)
    assert found.torque == largest_torque(m.reshape(3, -1), h.reshape(3, -1)) <= 1e-6 * 8e5
    there = m[:, Ms > 0.0]
    # the torque that is left turns a moment by it over the stiffness of the uniform mode, 0.75 Hk
    np.testing.assert_allclose(there[0], 0.5, atol=2e-5)
    np.testing.assert_allclose(np.abs(there[2]), np.sqrt(0.75), atol=2e-5)
    np.testing.assert_allclose(np.linalg.norm(m, axis=0), Ms > 0.0, atol=1e-14 * found.steps)


def test_the_energy_of_the_end_is_lower():
    terms, Ms = bar()
    m = moments(np.random.default_rng(5), Ms)
    before = sum(term.energy(m) for term in terms)
    minimize(total(terms), m, tolerance=1.0, most=5000)
    assert sum(term.energy(m) for term in terms) < before
    # uniform along the easy axis: nothing is left
    assert sum(term.energy(m) for term in terms) == pytest.approx(0.0, abs=1e-9 * abs(before))


def test_gives_up_and_says_so():
    terms, Ms = bar()
    m, seen = moments(np.random.default_rng(0), Ms), []
    found = minimize(total(terms), m, tolerance=1e-12, most=250, progress=seen.append)
    assert not found.converged
    assert found.steps == 250
    assert len(seen) == 2
    assert found.torque > 1e-12


def test_at_rest_already():
    terms, Ms = bar()
    m = np.zeros((3, *MESH.shape))
    m[2] = Ms > 0.0
    assert minimize(total(terms), m, tolerance=1e-3, most=10) == (0.0, 0, True)


@pytest.mark.parametrize("where", [0, 7, 9])
def test_a_field_that_is_not_finite_ends_it(where):
    def broken(m, h, t):
        h[:] = 0.0
        h[1, 0, 0, where] = np.nan

    with pytest.raises(FloatingPointError):
        minimize(broken, np.ones((3, 1, 1, 10)), tolerance=1.0, most=10)


def test_turn_is_a_rotation_down_the_energy():
    rng = np.random.default_rng(3)
    m, h, before = moments(rng, np.ones((1, 1, 50))).reshape(3, -1), rng.normal(size=(3, 50)), np.empty((3, 50))
    old = m.copy()
    turn(m, h, LARGEST_TURN / np.linalg.norm(np.cross(m, h, axis=0), axis=0).max(), before)
    np.testing.assert_array_equal(before, old)
    np.testing.assert_allclose(np.linalg.norm(m, axis=0), 1.0, atol=1e-14)
    assert ((m * h).sum(axis=0) > (old * h).sum(axis=0)).all()
    # in the plane of m and h
    np.testing.assert_allclose((m * np.cross(old, h, axis=0)).sum(axis=0), 0.0, atol=1e-13)


def test_renew_sums():
    m, h, g, before = (np.random.default_rng(i).normal(size=(3, 40)) for i in range(4))
    old = g.copy()
    moved, both, steeper, worst = renew(m, h, g, before)
    torque = np.cross(m, h, axis=0)
    np.testing.assert_allclose(g, np.cross(m, torque, axis=0), atol=1e-12)
    assert moved == pytest.approx(((m - before) ** 2).sum())
    assert both == pytest.approx(((m - before) * (g - old)).sum())
    assert steeper == pytest.approx(((g - old) ** 2).sum())
    assert worst == pytest.approx(np.linalg.norm(torque, axis=0).max())
