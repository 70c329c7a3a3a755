"""Kernels of the motion against NumPy, also beyond one block; NaN is kept."""

import numpy as np
import pytest

from spinneuron.dynamics.lattice.motion import combine, largest_error, largest_torque, normalize, slope, total
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.zeeman import Zeeman

# one cell, less than a block, more than one
every_size = pytest.mark.parametrize("cells", [1, 100, 5000])


def vectors(cells, seed=0, *more):
    return np.random.default_rng(seed).normal(size=(*more, 3, cells))


@every_size
@pytest.mark.parametrize("precession", [1.0, 0.0])
def test_slope_is_the_equation(cells, precession):
    m, h = vectors(cells), vectors(cells, 1)
    alpha = np.random.default_rng(2).random(cells)
    found, rate = np.empty_like(m), 2e5 / (1.0 + alpha**2)
    slope(m, h, found, rate, alpha, precession)
    torque = np.cross(m, h, axis=0)
    np.testing.assert_allclose(
        found, -rate * (precession * torque + alpha * np.cross(m, torque, axis=0)), rtol=1e-12, atol=1e-6
    )


def test_slope_solves_the_implicit_gilbert_equation():
    m, h = vectors(50), vectors(50, 1)
    m /= np.linalg.norm(m, axis=0)
    alpha, found = np.full(50, 0.3), np.empty_like(m)
    slope(m, h, found, 2e5 / (1.0 + alpha**2), alpha, 1.0)
    implicit = -2e5 * np.cross(m, h, axis=0) + alpha * np.cross(m, found, axis=0)
    np.testing.assert_allclose(found, implicit, atol=1e-9 * np.abs(found).max())


@every_size
def test_combine(cells):
    m, slopes, weights = vectors(cells).ravel(), vectors(cells, 1, 4).reshape(4, -1), np.array([0.5, 0.0, -2.0, 1e-3])
    out = np.empty_like(m)
    combine(m, slopes, weights, out)
    np.testing.assert_allclose(out, m + weights @ slopes, atol=1e-12)


@every_size
def test_lengths_errors_and_torques(cells):
    m, h, slopes, weights = vectors(cells), vectors(cells, 1), vectors(cells, 2, 3), np.array([1.0, 0.0, -0.7])
    wanted = np.linalg.norm(np.tensordot(weights, slopes, 1), axis=0).max()
    assert largest_error(slopes, weights) == pytest.approx(wanted, rel=1e-12)
    assert largest_torque(m, h) == pytest.approx(np.linalg.norm(np.cross(m, h, axis=0), axis=0).max(), rel=1e-12)
    m[:, cells // 2] = 0.0
    normalize(m)
    lengths = np.linalg.norm(m, axis=0)
    assert lengths[cells // 2] == 0.0
    np.testing.assert_allclose(np.delete(lengths, cells // 2), 1.0, rtol=1e-15 * 4)


@pytest.mark.parametrize("where", [0, 2047, 2048, 4999])
def test_not_a_number_is_not_lost(where):
    m, h, slopes = vectors(5000), vectors(5000, 1), vectors(5000, 2, 2)
    h[1, where] = slopes[1, 2, where] = np.nan
    assert np.isnan(largest_torque(m, h))
    assert np.isnan(largest_error(slopes, np.ones(2)))


def test_total_adds_and_starts_from_nothing():
    mesh = Mesh((2, 1, 1), (1e-9,) * 3)
    Ms, h, m = np.full(mesh.shape, 1e6), np.full((3, *mesh.shape), 7.0), np.ones((3, *mesh.shape))
    total([Zeeman(mesh, Ms, np.array([1.0, 2.0, 3.0])), Zeeman(mesh, Ms, lambda t: np.array([t, 0.0, 0.0]))])(m, h, 4.0)
    np.testing.assert_array_equal(h[:, 0, 0, 1], [5.0, 2.0, 3.0])
