"""Matrices of harmonics: the algebra of angular momentum, products, values and integrals."""

import numpy as np
import pytest

from spinneuron.dynamics.fokker_planck.harmonics import Matrices, Space, polynomial
from spinneuron.dynamics.fokker_planck.sampling import Sampling, below, legendre, marginal, moments

EPSILON = np.zeros((3, 3, 3))
for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
    EPSILON[i, j, k], EPSILON[i, k, j] = 1.0, -1.0
SPACES = [Space(9, 9), Space(12, 4), Space(7, 0)]


def largest(matrix):
    return float(abs(matrix).max())


@pytest.mark.parametrize("space", SPACES, ids=str)
@pytest.mark.parametrize("dtype", [np.float64, np.longdouble])
def test_algebra(space, dtype):
    """[R_i, R_j] = -eps_ijk R_k, [R_i, m_j] = -eps_ijk m_k, R.R = -l (l + 1), R.m = 0, m.m = 1, to rounding."""
    large = space.larger(2, 2)
    here, rounding = Matrices.of(large, dtype), 500 * np.finfo(dtype).eps
    m, R = here.m, here.R
    one, l = np.eye(space.size), np.diag(space.l * (space.l + 1.0))  # noqa: E741
    assert largest(space.cut(sum(a @ a for a in m), large) - one) < rounding
    assert largest(space.cut(sum(a @ a for a in R), large) + l) < rounding
    assert largest(space.cut(sum(a @ b for a, b in zip(R, m, strict=True)), large)) < rounding
    for i in range(3):
        assert largest(m[i] - m[i].T) < rounding
        assert largest(R[i] + R[i].T) < rounding
        for j in range(3):
            turned = sum(float(EPSILON[i, j, k]) * R[k] for k in range(3))
            assert largest(space.cut(R[i] @ R[j] - R[j] @ R[i] + turned, large)) < rounding
            turned = sum(float(EPSILON[i, j, k]) * m[k] for k in range(3))
            assert largest(space.cut(R[i] @ m[j] - m[j] @ R[i] + turned, large)) < rounding


def test_places_are_in_order():
    for space in SPACES:
        np.testing.assert_array_equal(space.at(space.l, space.m), np.arange(space.size))
        assert (space.m[space.zonal()] == 0).all()
    assert Space(12, 12).size == 169
    assert Space(12, 4).size == 25 + 8 * 9


def test_a_density_in_another_space():
    small, large = Space(4, 3), Space(9, 5)
    c = np.random.default_rng(1).standard_normal(small.size)
    there = large.embed(c, small)
    np.testing.assert_array_equal(small.embed(there, large), c)
    np.testing.assert_allclose(np.linalg.norm(there), np.linalg.norm(c))


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_values_and_back(space):
    """Quadrature is exact, and multiplication by m on the grid is that by the matrices."""
    sampling, here = Sampling(space), Matrices.of(space)
    c = np.random.default_rng(2).standard_normal(space.size)
    values = sampling.values(c)
    np.testing.assert_allclose(sampling.project(values), c, atol=1e-12)
    for k in range(3):
        np.testing.assert_allclose(sampling.project(values * sampling.moments[..., k]), here.m[k] @ c, atol=1e-12)


def test_legendre_against_scipy():
    """Normalized, without the sign of Condon and Shortley."""
    from scipy.special import gammaln, lpmv

    z, space = np.linspace(-0.99, 0.99, 7), Space(30, 30)
    found = legendre(space, z)
    for m, l in ((0, 0), (0, 17), (3, 3), (5, 30), (30, 30)):  # noqa: E741
        norm = np.sqrt((2 * l + 1) / (4 * np.pi) * np.exp(gammaln(l - m + 1) - gammaln(l + m + 1)))
        np.testing.assert_allclose(found[m, l], (-1) ** m * norm * lpmv(m, l, z), rtol=1e-10, atol=1e-14)


def test_halves_and_marginal():
    """Half a Gauss rule for z < 0 gives the same probability; the whole marginal density is the first coefficient."""
    space = Space(13, 4)
    c = np.random.default_rng(3).standard_normal(space.size)
    z, weights = np.polynomial.legendre.leggauss(20)
    zonal = c[space.zonal()]
    lower = 0.5 * weights @ (marginal(space, 0.5 * (z - 1.0)) @ zonal)
    assert below(space) @ zonal == pytest.approx(lower, abs=1e-13)
    assert weights @ (marginal(space, z) @ zonal) == pytest.approx(np.sqrt(4.0 * np.pi) * c[0], abs=1e-13)


def test_moments_by_quadrature():
    space = Space(6, 5)
    c = np.random.default_rng(4).standard_normal((2, space.size))
    mean, second = moments(space, c)
    sampling = Sampling(space)
    weights = sampling.weights[:, None] * 2.0 * np.pi / len(sampling.phi)
    for one, first, both in zip(c, mean, second, strict=True):
        values, m = sampling.values(one) * weights, sampling.moments
        np.testing.assert_allclose(np.einsum("zp,zpi->i", values, m), first, atol=1e-12)
        np.testing.assert_allclose(np.einsum("zp,zpi,zpj->ij", values, m, m), both, atol=1e-12)


def test_series_of_a_matrix():
    matrix = Matrices.of(Space(8, 2)).m[2]
    dense = matrix.toarray()
    expected = 0.3 * np.eye(len(dense)) - 0.7 * dense + 0.2 * (2.0 * dense @ dense - np.eye(len(dense)))
    np.testing.assert_allclose(polynomial(matrix, np.array([0.3, -0.7, 0.2])).toarray(), expected, atol=1e-14)
