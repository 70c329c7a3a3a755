"""Closed forms for escape and write error of an axial moment: limits that the exact numbers are shown beside.

Units: barrier Delta over kB T; rates in 1/tau_D and times in tau_D = (1 + alpha^2) / (alpha gamma0 Hk); a field h =
H/Hk and a torque i = a_J / (alpha Hk) along the axis act alike, h -> h - i (i > 0 drives away from m_z = 1).
"""

from __future__ import annotations

import math

import numpy as np

from spinneuron.dynamics.fokker_planck.landscape import Landscape


def brown(barrier, tilt=0.0, side=None):
    """Brown's rate of escape over a high barrier.

    ``kappa = sqrt(Delta/pi) (1 - h^2) (1 +- h) exp(-Delta (1 +- h)^2)`` of each side, the sum of both is lambda_1.
    Source: W. F. Brown, Phys. Rev. 130, 1677 (1963), equation 4.40.

    Parameters
    ----------
    barrier : float or numpy.ndarray [1]
        Delta without tilt.
    tilt : float or numpy.ndarray [1]
        h, or h - i; between -1 and 1.
    side : float, optional [1]
        1 of the well at m_z = 1, -1 of the other; both together without.

    Returns
    -------
    float or numpy.ndarray [1/tau_D]
    """
    sides = (1.0, -1.0) if side is None else (side,)
    ways = [(1.0 + s * tilt) * np.exp(-barrier * (1.0 + s * tilt) ** 2) for s in sides]
    return np.sqrt(barrier / np.pi) * (1.0 - tilt * tilt) * sum(ways)


def coffey_cregg(barrier):
    """Formula for lambda_1 without tilt that is right at low barriers, too.

    ``lambda_1 = 2 / (exp(Delta) - 1) [Delta / (1 + Delta) sqrt(Delta/pi) + 2^(-Delta-1)]``. Source: W. T. Coffey, P. J.
    Cregg, D. S. F. Crothers, J. T. Waldron, A. W. Wickstead, J. Magn. Magn. Mater. 131, L301 (1994).

    Parameters
    ----------
    barrier : float or numpy.ndarray [1]

    Returns
    -------
    float or numpy.ndarray [1/tau_D]
    """
    bracket = barrier / (1.0 + barrier) * np.sqrt(barrier / np.pi) + 2.0 ** (-barrier - 1.0)
    return 2.0 * bracket * np.exp(-barrier) / -np.expm1(-barrier)


def write_error(barrier, overdrive, time):
    """Probability that a torque has not switched a moment, by linear growth from the pole to the plane.

    ``1 - exp(-(pi^2/4) Delta (i - 1) / (i exp(2 (i - 1) t) - 1))``. Source: W. H. Butler et al., IEEE Trans. Magn. 48,
    4684 (2012).

    Parameters
    ----------
    barrier : float or numpy.ndarray [1]
    overdrive : float or numpy.ndarray [1]
        i, above 1.
    time : float or numpy.ndarray [tau_D]

    Returns
    -------
    float or numpy.ndarray [1]
    """
    return _write_error(0.25 * math.pi**2, barrier, overdrive, time)


def write_error_drift(barrier, overdrive, time):
    """The same with the whole deterministic motion from the pole to the plane instead of linear growth.

    pi^2/4 becomes 2 K, ``K = 2^((i-1)/(i+1)) ((i-1)/i)^(2/(i+1))``: the time from 1 - z << 1 to the plane is
    ``ln(K / (1 - z)) / (2 (i - 1))``, from dz/dt = (1 - z^2) (z - i). What is left is of the order of 1/Delta.

    Parameters
    ----------
    barrier : float or numpy.ndarray [1]
    overdrive : float or numpy.ndarray [1]
        i, above 1.
    time : float or numpy.ndarray [tau_D]

    Returns
    -------
    float or numpy.ndarray [1]
    """
    i = overdrive
    prefactor = 2.0 * 2.0 ** ((i - 1.0) / (i + 1.0)) * ((i - 1.0) / i) ** (2.0 / (i + 1.0))
    return _write_error(prefactor, barrier, overdrive, time)


def _write_error(prefactor, barrier, i, time):
    return -np.expm1(-prefactor * barrier * (i - 1.0) / (i * np.exp(2.0 * (i - 1.0) * time) - 1.0))


def high_barrier(landscape: Landscape, side) -> float:
    """Brown's rate for any effective potential: the flux over a parabolic top from a well that is a pole, or parabolic.

    ``kappa = D (1 - x_t^2) sqrt(-U''(x_t) / (2 pi)) exp(-(U_t - U_b)) / w``, with w = 1/|U'(x_b)| of a bottom at a pole
    and sqrt(2 pi / U''(x_b)) of one between. Source: W. F. Brown, Phys. Rev. 130, 1677 (1963).

    Parameters
    ----------
    landscape : Landscape
    side : float [1]
        1 of the well at larger m_z, -1 of the other.

    Returns
    -------
    float [1/s]
        NaN where there is no barrier.
    """
    top = landscape.top()
    if top is None:
        return math.nan
    bottom = landscape.bottom(top, side)
    if abs(bottom) == 1.0:
        width = 1.0 / max(abs(float(landscape.slope(bottom))), 1e-300)
    else:
        width = math.sqrt(2.0 * math.pi / float(landscape.curvature(bottom)))
    flux = landscape.diffusion * (1.0 - top * top) * math.sqrt(-float(landscape.curvature(top)) / (2.0 * math.pi))
    return flux * math.exp(-landscape.climb(bottom, top)) / width
