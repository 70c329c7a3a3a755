"""Real spherical harmonics as a basis of densities on the sphere: sparse matrices of m and of m x grad.

With the orthonormal Y_lm of Condon and Shortley, |m| <= min(l, m_max), l <= l_max, the real functions are

    C_l0 = Y_l0,      C_lm = sqrt(2) (-1)^m Re Y_lm,      S_lm = sqrt(2) (-1)^m Im Y_lm        (m > 0),

in the order of l, then m from -m_max to m_max, the negative m being the sines. A density is a vector of coefficients;
multiplication by a component of m couples l with l +- 1, and R = m x grad = i L turns within l:

    [R_i, R_j] = -eps_ijk R_k,      [R_i, m_j] = -eps_ijk m_k,      R.R = -l (l + 1),      R.m = 0.

Products are formed in a larger space and cut afterwards, so that what is left is exact. Source: Edmonds, Angular
Momentum in Quantum Mechanics (Princeton, 1957), sections 2.5 and 5.5-5.7.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sparse

Matrix = sparse.csr_array


@dataclass(frozen=True)
class Space:
    """Functions on the sphere up to a degree and an order.

    Attributes
    ----------
    degree : int
        l_max.
    order : int
        m_max, at most l_max.
    """

    degree: int
    order: int

    @cached_property
    def l(self) -> np.ndarray:  # noqa: E743
        """Degree of every function."""
        return self._labels[0]

    @cached_property
    def m(self) -> np.ndarray:
        """Order of every function, negative for sines."""
        return self._labels[1]

    @cached_property
    def _labels(self) -> tuple[np.ndarray, np.ndarray]:
        l, m = np.meshgrid(np.arange(self.degree + 1), np.arange(-self.order, self.order + 1), indexing="ij")  # noqa: E741
        keep = np.abs(m) <= l
        return l[keep], m[keep]

    @property
    def size(self) -> int:
        """Number of functions."""
        return len(self.l)

    def at(self, l, m) -> np.ndarray:  # noqa: E741
        """Places of functions.

        Parameters
        ----------
        l, m : array_like of int
            Within the space.

        Returns
        -------
        numpy.ndarray of int
        """
        l, m, M = np.asarray(l), np.asarray(m), self.order  # noqa: E741
        # below l = m_max, rows are shorter
        short = np.minimum(l, M + 1)
        return short * short + (l - short) * (2 * M + 1) + np.minimum(l, M) + m

    def zonal(self) -> np.ndarray:
        """Places of the functions of z alone, by degree."""
        return self.at(np.arange(self.degree + 1), np.zeros(self.degree + 1, int))

    def larger(self, degree: int, order: int) -> Space:
        """A space that holds products.

        Parameters
        ----------
        degree, order : int
            By which it is larger.

        Returns
        -------
        Space
        """
        return Space(self.degree + degree, min(self.order + order, self.degree + degree))

    def cut(self, matrix: Matrix, large: Space) -> Matrix:
        """Leave what a matrix of a larger space does within this one.

        Parameters
        ----------
        matrix : scipy.sparse.csr_array
        large : Space

        Returns
        -------
        scipy.sparse.csr_array
        """
        places = large.at(self.l, self.m)
        return Matrix(matrix[places][:, places])

    def embed(self, coefficients: np.ndarray, small: Space) -> np.ndarray:
        """Coefficients in this space of a density that is given in another; what does not fit is left out.

        Parameters
        ----------
        coefficients : numpy.ndarray
        small : Space

        Returns
        -------
        numpy.ndarray
        """
        fits = (small.l <= self.degree) & (np.abs(small.m) <= self.order)
        result = np.zeros(self.size)
        result[self.at(small.l[fits], small.m[fits])] = coefficients[fits]
        return result


def _real(space: Space, dtype) -> Matrix:
    """Unitary matrix from coefficients of C and S to those of Y."""
    l, m, places = space.l, space.m, np.arange(space.size)  # noqa: E741
    half = np.sqrt(dtype(0.5))
    sign = np.where(m % 2 == 0, 1, -1).astype(dtype)
    zero, up, down = places[m == 0], places[m > 0], places[m < 0]
    # C_m = ((-1)^m Y_m + Y_-m) / sqrt 2, S_m = ((-1)^m Y_m - Y_-m) / (i sqrt 2)
    rows = [zero, up, space.at(l[up], -m[up]), space.at(l[down], -m[down]), down]
    columns = [zero, up, up, down, down]
    ones = np.ones(len(up), dtype) * half
    data = [np.ones(len(zero), dtype), sign[up] * half, ones, -1j * sign[down] * half, 1j * ones]
    return Matrix(
        sparse.coo_array((np.concatenate(data), (np.concatenate(rows), np.concatenate(columns))), (space.size,) * 2)
    )


def _shift(space: Space, dl: int, dm: int, values: np.ndarray) -> Matrix:
    """Matrix that takes Y_lm to values * Y_(l + dl, m + dm), where that is in the space."""
    l, m = space.l + dl, space.m + dm  # noqa: E741
    inside = (l >= 0) & (l <= space.degree) & (np.abs(m) <= np.minimum(l, space.order))
    places = np.arange(space.size)[inside]
    entries = (values[inside], (space.at(l[inside], m[inside]), places))
    return Matrix(sparse.coo_array(entries, (space.size,) * 2))


@dataclass(frozen=True)
class Matrices:
    """Matrices of a space in the real basis, of the components (x, y, z).

    Attributes
    ----------
    m : tuple of scipy.sparse.csr_array
        Multiplication by each component of m.
    R : tuple of scipy.sparse.csr_array
        Each component of m x grad.
    """

    m: tuple[Matrix, Matrix, Matrix]
    R: tuple[Matrix, Matrix, Matrix]

    @classmethod
    def of(cls, space: Space, dtype=np.float64) -> Matrices:
        """Make the matrices of a space.

        Parameters
        ----------
        space : Space
        dtype : type
            numpy.float64, or numpy.longdouble for eigenvalues that double precision would lose.

        Returns
        -------
        Matrices
        """
        l, m = space.l.astype(dtype), space.m.astype(dtype)  # noqa: E741
        lower, upper = (2 * l - 1) * (2 * l + 1), (2 * l + 1) * (2 * l + 3)
        root = lambda x: np.sqrt(np.maximum(x, 0))  # noqa: E731
        z_up = _shift(space, 1, 0, root((l + 1 - m) * (l + 1 + m) / upper))
        plus = _shift(space, 1, 1, -root((l + m + 1) * (l + m + 2) / upper))
        plus = plus + _shift(space, -1, 1, root((l - m) * (l - m - 1) / np.maximum(lower, 1)))
        raising = _shift(space, 0, 1, root((l - m) * (l + m + 1)))
        turn = _shift(space, 0, 0, m)
        minus, lowering = plus.T, raising.T
        half = dtype(0.5)
        complex_ones = {
            "x": half * (plus + minus),
            "y": -1j * half * (plus - minus),
            "z": z_up + z_up.T,
            "X": 1j * half * (raising + lowering),
            "Y": half * (raising - lowering),
            "Z": 1j * turn,
        }
        U = _real(space, dtype)
        back = U.conj().T
        real = {name: _tidy((back @ matrix @ U).real) for name, matrix in complex_ones.items()}
        return cls((real["x"], real["y"], real["z"]), (real["X"], real["Y"], real["Z"]))


def _tidy(matrix: Matrix) -> Matrix:
    """Leave out what is zero to rounding: terms that cancel."""
    matrix = Matrix(matrix)
    if matrix.nnz:
        small = np.abs(matrix.data) < 16 * np.finfo(matrix.dtype).eps * np.abs(matrix.data).max()
        matrix.data[small] = 0.0
        matrix.eliminate_zeros()
    matrix.sort_indices()
    return matrix


def legendre(space: Space, z: np.ndarray) -> np.ndarray:
    """Normalized associated Legendre functions, without the sign (-1)^m: Y_lm = (-1)^m P_lm(z) exp(i m phi).

    By the stable recurrence in l: P_lm = a_lm (z P_(l-1)m - P_(l-2)m / a_(l-1)m), a_lm = sqrt((4 l^2 - 1)/(l^2 - m^2)).

    Parameters
    ----------
    space : Space
    z : numpy.ndarray [1]

    Returns
    -------
    numpy.ndarray
        (order + 1, degree + 1, len(z)); zero where l < m.
    """
    values = np.zeros((space.order + 1, space.degree + 1, len(z)))
    sine, start = np.sqrt(np.maximum(1.0 - z * z, 0.0)), np.full(len(z), np.sqrt(0.25 / np.pi))
    for m in range(space.order + 1):
        if m:
            start = np.sqrt((2 * m + 1) / (2 * m)) * sine * start
        values[m, m] = start
        before = 1.0
        for l in range(m + 1, space.degree + 1):  # noqa: E741
            a = np.sqrt((4.0 * l * l - 1.0) / (l * l - m * m))
            values[m, l] = a * (z * values[m, l - 1] - (values[m, l - 2] / before if l > m + 1 else 0.0))
            before = a
    return values


class Sampling:
    """Gauss points in z, equal ones in phi: from coefficients to values on a grid, and back by quadrature.

    Parameters
    ----------
    space : Space
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self.z, self.weights = np.polynomial.legendre.leggauss(max(2 * space.degree, 32))
        self.phi = 2.0 * np.pi * np.arange(max(4 * space.order + 2, 16)) / max(4 * space.order + 2, 16)
        self._P = legendre(space, self.z)
        self._root = np.where(np.arange(space.order + 1) > 0, np.sqrt(2.0), 1.0)

    @property
    def moments(self) -> np.ndarray:
        """Unit moments (z, phi, 3) of the grid [1]."""
        sine = np.sqrt(1.0 - self.z**2)[:, None]
        x, y = sine * np.cos(self.phi), sine * np.sin(self.phi)
        return np.stack([x, y, np.broadcast_to(self.z[:, None], x.shape)], axis=-1)

    def _both(self) -> tuple[np.ndarray, np.ndarray]:
        """Places of l and |m| of every function."""
        return self.space.l, np.abs(self.space.m)

    def values(self, coefficients: np.ndarray) -> np.ndarray:
        """Density on the grid.

        Parameters
        ----------
        coefficients : numpy.ndarray

        Returns
        -------
        numpy.ndarray
            (z, phi).
        """
        l, m = self._both()  # noqa: E741
        spread = np.zeros((self.space.order + 1, self.space.degree + 1), complex)
        np.add.at(spread, (m, l), np.where(self.space.m < 0, -1j, 1.0) * coefficients)
        waves = np.einsum("ml,mlz->mz", spread, self._P) * self._root[:, None]
        angles = np.exp(1j * np.outer(np.arange(self.space.order + 1), self.phi))
        return (waves.T @ angles).real

    def project(self, values: np.ndarray) -> np.ndarray:
        """Coefficients of a density on the grid.

        Parameters
        ----------
        values : numpy.ndarray
            (z, phi).

        Returns
        -------
        numpy.ndarray
        """
        l, m = self._both()  # noqa: E741
        angles = np.exp(1j * np.outer(self.phi, np.arange(self.space.order + 1)))
        waves = (values @ angles) * (2.0 * np.pi / len(self.phi)) * self.weights[:, None]
        spread = np.einsum("zm,mlz->ml", waves, self._P) * self._root[:, None]
        found = spread[m, l]
        return np.where(self.space.m < 0, found.imag, found.real)

    def multiply(self, coefficients: np.ndarray, factor: np.ndarray) -> np.ndarray:
        """Coefficients of a density times a function.

        Parameters
        ----------
        coefficients : numpy.ndarray
        factor : numpy.ndarray
            On the grid, (z, phi) or (z, 1).

        Returns
        -------
        numpy.ndarray
        """
        return self.project(self.values(coefficients) * factor)


def marginal(space: Space, z: np.ndarray) -> np.ndarray:
    """Rows that give the density of z, integrated over the azimuth: ``2 pi sum_l c_l0 P_l(z)``.

    Parameters
    ----------
    space : Space
    z : numpy.ndarray [1]

    Returns
    -------
    numpy.ndarray
        (len(z), degree + 1), for the coefficients at `Space.zonal`.
    """
    return 2.0 * np.pi * legendre(Space(space.degree, 0), np.asarray(z, dtype=float))[0].T


def below(space: Space) -> np.ndarray:
    """Weights that give the probability of z < 0 from the coefficients at `Space.zonal`.

    ``int_-1^0 P_l dz = -(P_(l+1)(0) - P_(l-1)(0)) / (2 l + 1)`` with the sign of the lower half, 1 for l = 0.

    Parameters
    ----------
    space : Space

    Returns
    -------
    numpy.ndarray
    """
    l = np.arange(space.degree + 2)  # noqa: E741
    at_zero = np.zeros(space.degree + 2)
    at_zero[0] = 1.0
    for k in range(2, space.degree + 2, 2):
        at_zero[k] = -at_zero[k - 2] * (k - 1) / k
    l = l[:-1]  # noqa: E741
    # int_-1^0 P_l = (P_(l+1)(0) - P_(l-1)(0)) / (2 l + 1), as both vanish together at -1
    integral = (at_zero[1:] - np.concatenate([[0.0], at_zero[:-2]])) / (2 * l + 1)
    integral[0] = 1.0
    return 2.0 * np.pi * np.sqrt((2 * l + 1) / (4.0 * np.pi)) * integral


def moments(space: Space, coefficients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and second moments of densities: what l <= 2 holds.

    Parameters
    ----------
    space : Space
    coefficients : numpy.ndarray
        (..., functions).

    Returns
    -------
    mean : numpy.ndarray [1]
        (..., 3).
    second : numpy.ndarray [1]
        (..., 3, 3): the mean of m_i m_j.
    """
    small = Space(2, 2)
    low = np.array([small.embed(one, space) for one in coefficients.reshape(-1, space.size)])
    low, here = low.reshape(*coefficients.shape[:-1], small.size), Matrices.of(small)
    whole = np.sqrt(4.0 * np.pi)
    first = [m[[0]] for m in here.m]
    mean = np.concatenate([row.toarray() for row in first])
    second = np.stack([np.concatenate([(row @ m).toarray() for m in here.m]) for row in first])
    return whole * low @ mean.T, whole * np.einsum("ijn,...n->...ij", second, low)


def polynomial(matrix: Matrix, coefficients: np.ndarray) -> Matrix:
    """Chebyshev series of a matrix with eigenvalues within -1 and 1, by Clenshaw's recurrence.

    Parameters
    ----------
    matrix : scipy.sparse.csr_array
    coefficients : numpy.ndarray
        Of T_0, T_1, ...

    Returns
    -------
    scipy.sparse.csr_array
    """
    one = sparse.eye_array(matrix.shape[0], dtype=matrix.dtype, format="csr")
    later, last = 0.0 * one, 0.0 * one
    for c in coefficients[:0:-1]:
        later, last = c * one + 2.0 * (matrix @ later) - last, later
    return Matrix(coefficients[0] * one + matrix @ later - last)
