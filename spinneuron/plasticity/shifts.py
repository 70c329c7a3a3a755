"""How far a state has moved the switching curve, without a model of the curve's shape.

The cold curve of a junction is fitted by a polynomial g in the voltage, logit P = g(V), by maximum likelihood; a state
whose curve is the same but for a shift s has logit P = g(V + s) at its probes. A logistic (g of first degree) would put
what its shape lacks into the shifts of states that are probed at one voltage.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.special import expit, logit

from spinneuron.quantity import InputError

DEGREE = 5
_SCALE = 0.05
_ITERATIONS = 100


class ColdCurve(NamedTuple):
    """The cold curve as ``logit P = sum_i coefficients[i] ((V - center) / 50 mV)^i``.

    Attributes
    ----------
    coefficients : numpy.ndarray [1]
    covariance : numpy.ndarray [1]
        Of the coefficients.
    center : float [V]
    low, high : float [V]
        What was measured.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    center: float
    low: float
    high: float

    def basis(self, voltage) -> np.ndarray:
        """Powers of the scaled voltage.

        Parameters
        ----------
        voltage : array_like [V]

        Returns
        -------
        numpy.ndarray [1]
            (voltage, power).
        """
        u = (np.atleast_1d(voltage) - self.center) / _SCALE
        return u[:, None] ** np.arange(len(self.coefficients))

    def slope(self, voltage) -> np.ndarray:
        """Derivative of logit P.

        Parameters
        ----------
        voltage : array_like [V]

        Returns
        -------
        numpy.ndarray [1/V]
        """
        powers = np.arange(1, len(self.coefficients))
        return self.basis(voltage)[:, :-1] @ (powers * self.coefficients[1:]) / _SCALE

    def probability(self, voltage) -> np.ndarray:
        """Switching probability of the cold junction.

        Parameters
        ----------
        voltage : array_like [V]

        Returns
        -------
        numpy.ndarray [1]
        """
        return expit(self.basis(voltage) @ self.coefficients)


def cold_curve(curve: xr.Dataset) -> ColdCurve:
    """Fit the cold curve, by Newton's method on the binomial likelihood.

    Parameters
    ----------
    curve : xarray.Dataset
        As of `statistics.curve_from_counts`.

    Returns
    -------
    ColdCurve
        Of degree 5, or lower where there are fewer than 8 points inside (0, 1).

    Raises
    ------
    InputError
        If fewer than three points lie between never and always.
    """
    there = curve["trials"].values > 0
    volts, s, n = (curve[name].values[there].astype(float) for name in ("voltage", "switched", "trials"))
    inside = (s > 0.0) & (s < n)
    if inside.sum() < 3:
        raise InputError(f"voltage: {inside.sum()} points between never and always, 3 are needed; probe nearer x0")
    center = float(np.average(volts, weights=s * (n - s)))
    degree = min(DEGREE, int(inside.sum()) - 2)
    powers = ((volts - center) / _SCALE)[:, None] ** np.arange(degree + 1)
    p = (s + 0.5) / (n + 1.0)
    weight = n * p * (1.0 - p)
    beta = np.linalg.lstsq(powers * np.sqrt(weight)[:, None], logit(p) * np.sqrt(weight), rcond=None)[0]
    for _ in range(_ITERATIONS):
        p = expit(powers @ beta)
        weight = np.maximum(n * p * (1.0 - p), 1e-9 * n)
        step = np.linalg.lstsq(powers * np.sqrt(weight)[:, None], (s - n * p) / np.sqrt(weight), rcond=None)[0]
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            break
    information = powers.T @ (powers * weight[:, None])
    return ColdCurve(beta, np.linalg.pinv(information, hermitian=True), center, float(volts[0]), float(volts[-1]))


def shift_of(cold: ColdCurve, curve: xr.Dataset) -> tuple[float, float, np.ndarray]:
    """Find how far the cold curve must be moved to the left to become the curve of a state.

    Parameters
    ----------
    cold : ColdCurve
    curve : xarray.Dataset
        Of the state: one probe or more.

    Returns
    -------
    shift : float [V]
        Of maximum likelihood; NaN where all probes always, or never, switched.
    error : float [V]
        Of the state's own counts.
    lever : numpy.ndarray [V]
        How the shift changes with the coefficients of the cold curve.
    """
    there = curve["trials"].values > 0
    volts, s, n = (curve[name].values[there].astype(float) for name in ("voltage", "switched", "trials"))
    if s.sum() in (0.0, n.sum()):
        return math.nan, math.nan, np.full(len(cold.coefficients), math.nan)
    shift = 0.0
    for _ in range(_ITERATIONS):
        p, slope = cold.probability(volts + shift), cold.slope(volts + shift)
        information = float(np.sum(n * p * (1.0 - p) * slope**2))
        step = float(np.sum(slope * (s - n * p))) / information
        # inside what was measured the polynomial rises; beyond it would turn back
        shift = min(max(shift + min(max(step, -0.01), 0.01), cold.low - volts[0]), cold.high - volts[-1])
        if abs(step) < 1e-12:
            break
    weight = n * p * (1.0 - p) * slope
    lever = -(weight @ cold.basis(volts + shift)) / information
    return shift, information**-0.5, lever
