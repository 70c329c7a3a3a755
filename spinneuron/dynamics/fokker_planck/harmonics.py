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
from typing import TypeAlias

import numpy as np
import scipy.sparse as sparse

Matrix: TypeAlias = sparse.csr_array


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
