"""Anisotropies: slope of their energies, densities by hand and of another code, symmetry."""

import numpy as np
import pytest
from hypothesis import given
from lattices import SHAPES, assert_is_slope, lattice, moments, unit_vectors
from strategies import directions

from spinneuron.constants import mu0
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.anisotropy import Cubic, Uniaxial


def pairs(rng, shape):
    """Random right angles, (2, 3, nz, ny, nx)."""
    first = unit_vectors(rng, shape)
    second = np.cross(first, unit_vectors(rng, shape), axis=0)
    return np.stack([first, second / np.linalg.norm(second, axis=0)])


@pytest.mark.parametrize(("counts", "periodic"), SHAPES)
def test_uniaxial_field_is_the_slope_of_the_energy(counts, periodic):
    mesh, Ms, rng = lattice(counts, periodic)
    Ku, Ku2 = rng.uniform(-1e6, 1e6, (2, *mesh.shape))
    term = Uniaxial(mesh, Ms, Ku, Ku2, unit_vectors(rng, mesh.shape))
    assert_is_slope(term, moments(rng, Ms), terms_of_fourth_order=True)


@pytest.mark.parametrize(("counts", "periodic"), SHAPES)
def test_cubic_field_is_the_slope_of_the_energy(counts, periodic):
    mesh, Ms, rng = lattice(counts, periodic)
    Kc1, Kc2 = rng.uniform(-1e6, 1e6, (2, *mesh.shape))
    assert_is_slope(Cubic(mesh, Ms, Kc1, Kc2, pairs(rng, mesh.shape)), moments(rng, Ms), terms_of_fourth_order=True)


def one(m):
    """A cell, and the moment in it."""
    mesh = Mesh((1, 1, 1), (5e-9, 5e-9, 5e-9))
    return mesh, np.full(mesh.shape, 1e6), np.asarray(m, dtype=float).reshape(3, 1, 1, 1)


def test_uniaxial_density_is_that_of_another_code():
    # mumax3, test/uniaxial_full: 17 degrees from the axis, in its -Ku1 c^2 - Ku2 c^4; its energies are of single
    # precision and printed to 1 J/m^3.
    angle = np.radians(17.0)
    mesh, Ms, m = one([np.sin(angle), 0.0, np.cos(angle)])
    full, axis = np.full(mesh.shape, 1e6), np.array([0.0, 0.0, 1.0]).reshape(3, 1, 1, 1)
    second = Uniaxial(mesh, Ms, full, 0.0 * full, axis).energy_density(m).item()
    assert second - 1e6 == pytest.approx(-914519.0, abs=1.0)
    # -c^4 = -(1 - s)^2 = -1 + 2 s - s^2
    fourth = Uniaxial(mesh, Ms, 2.0 * full, -full, axis).energy_density(m).item()
    assert fourth - 1e6 == pytest.approx(-836344.9375, abs=1.0)


def test_cubic_density_is_that_of_another_code():
    # mumax3, test/cubic_full, in single precision: 23 degrees from z, 11 from x.
    theta, phi = np.radians([23.0, 11.0])
    mesh, Ms, m = one([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])
    full, axes = np.full(mesh.shape, 1e6), np.eye(3)[:2].reshape(2, 3, 1, 1, 1)
    a, b, c = m.ravel() ** 2
    fourth = Cubic(mesh, Ms, full, 0.0 * full, axes).energy_density(m).item()
    sixth = Cubic(mesh, Ms, 0.0 * full, full, axes).energy_density(m).item()
    assert fourth == pytest.approx(1e6 * (a * b + b * c + c * a), rel=1e-14)
    assert sixth == pytest.approx(1e6 * a * b * c, rel=1e-14)


def test_anisotropy_field():
    mesh, Ms, m = one([0.0, 0.0, 1.0])
    full, axis = np.full(mesh.shape, 5e5), np.array([0.0, 0.0, 1.0]).reshape(3, 1, 1, 1)
    h = Uniaxial(mesh, Ms, full, 0.0 * full, axis).field(m)
    np.testing.assert_allclose(h.ravel(), [0.0, 0.0, 2.0 * 5e5 / (mu0 * 1e6)], rtol=1e-15)


@given(directions())
def test_cubes_look_the_same_along_their_axes(direction):
    mesh, Ms, m = one(direction)
    full, axes = np.full(mesh.shape, 1e5), np.eye(3)[:2].reshape(2, 3, 1, 1, 1)
    term = Cubic(mesh, Ms, full, 2.0 * full, axes)
    energy, field = term.energy(m), term.field(m)
    for order in ([1, 2, 0], [2, 0, 1]):
        assert term.energy(m[order]) == pytest.approx(energy, rel=1e-13, abs=1e-30)
        np.testing.assert_allclose(term.field(m[order]), field[order], rtol=0.0, atol=1e-13 * 1e6)
