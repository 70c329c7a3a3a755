"""Exact statistics of a uniaxial moment under a collinear current: its Fokker-Planck equation in Legendre polynomials.

With x = m_z, s = t alpha gamma' Hk (t in units of tau_D = (1 + alpha^2) / (alpha gamma0 Hk)), Delta = Ku V / (kB T)
and i = I / Ic0:

    d rho / ds = -d/dx { (1 - x^2) [ (x - i) rho - (1 / (2 Delta)) d rho / dx ] }

W. F. Brown, Phys. Rev. 130, 1677 (1963), with the torque of Slonczewski, J. Magn. Magn. Mater. 159, L1 (1996).
Galerkin in P_l, integrals by Gauss-Legendre. It shares no code and no number with the package.
"""

from __future__ import annotations

import numpy as np
from numpy.polynomial import legendre
from scipy.linalg import eig, eigvals

ORDERS = 120


def _basis(x, orders: int) -> tuple[np.ndarray, np.ndarray]:
    """P_l(x) and P_l'(x), arrays (l, x)."""
    values = legendre.legvander(x, orders - 1).T
    before = np.concatenate([np.zeros((1, len(x))), values[:-1]])
    return values, np.arange(orders)[:, None] * (before - x * values) / (1.0 - x * x)


def generator(delta: float, current: float = 0.0, orders: int = ORDERS) -> np.ndarray:
    """Matrix M of ``da/ds = M a`` for ``rho = sum_l a_l P_l``.

    Parameters
    ----------
    delta : float [1]
        Barrier over kB T.
    current : float [1]
        In units of the critical one; positive drives x to -1.
    orders : int

    Returns
    -------
    numpy.ndarray
        (orders, orders).
    """
    x, weight = legendre.leggauss(orders + 4)
    values, slopes = _basis(x, orders)
    flow = (x - current) * values - slopes / (2.0 * delta)
    return (np.arange(orders) + 0.5)[:, None] * ((slopes * (weight * (1.0 - x * x))) @ flow.T)


def rates(delta: float, orders: int = ORDERS) -> np.ndarray:
    """Decay rates without current, in units of 1/tau_D, increasing; the first is 0 (equilibrium), the second Brown's.

    Parameters
    ----------
    delta : float [1]
    orders : int

    Returns
    -------
    numpy.ndarray
        (orders,).
    """
    return np.sort(-eigvals(generator(delta, 0.0, orders)).real)


def not_switched(delta: float, current: float, times, orders: int = ORDERS) -> np.ndarray:
    """Probability of ``x > 0`` at times after the start from equilibrium within ``x > 0``.

    Parameters
    ----------
    delta : float [1]
    current : float [1]
    times : array_like [tau_D]
    orders : int

    Returns
    -------
    numpy.ndarray [1]
    """
    node, weight = legendre.leggauss(2 * orders)
    x, weight = 0.5 * (node + 1.0), 0.5 * weight
    density = np.exp(delta * (x * x - 1.0))
    values = legendre.legvander(x, orders - 1).T
    start = (np.arange(orders) + 0.5) * (values @ (weight * density)) / (weight @ density)
    growth, vectors = eig(generator(delta, current, orders))
    amplitude = np.linalg.solve(vectors, start.astype(complex)) * ((values @ weight) @ vectors)
    return (np.exp(np.multiply.outer(np.asarray(times, dtype=float), growth)) @ amplitude).real
