"""Densities of harmonics as values, and back; probabilities of halves, marginal densities and moments."""

from __future__ import annotations

import numpy as np

from spinneuron.dynamics.fokker_planck.harmonics import Matrices, Space


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
