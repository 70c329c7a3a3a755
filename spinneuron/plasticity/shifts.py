"""How far a state has moved the switching curve, without a model of the curve's shape.

The cold curve of a junction is fitted by a polynomial g in the voltage, logit P = g(V), by maximum likelihood; a state
whose curve is the same but for a shift s has logit P = g(V + s) at its probes. Beyond what was measured g goes on along
its tangents: there the polynomial would turn back. A logistic (g of first degree) would put what its shape lacks into
the shifts of states that are probed at one voltage.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.special import expit, logit

from spinneuron.quantity import InputError

DEGREE = 7
"""Of the polynomial: 5 would leave 0.3 mV in the shifts of a Gumbel curve of this width, 7 leaves 0.03 mV."""
_SCALE = 0.05
_ITERATIONS = 100
# points at which the slope of the curve is looked at
_RISES = 201


class ColdCurve(NamedTuple):
    """The cold curve as ``logit P = sum_i coefficients[i] ((V - center) / 50 mV)^i``.

    Attributes
    ----------
    coefficients : numpy.ndarray [1]
    covariance : numpy.ndarray [1]
        Of the coefficients.
    center : float [V]
    low, high : float [V]
        Where the first and the last probe lay between never and always: ends of the polynomial.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    center: float
    low: float
    high: float

    def _inside(self, voltage) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Scaled voltages brought into the polynomial, how far they lay beyond it, and the powers."""
        volts = np.atleast_1d(voltage)
        inside = np.clip(volts, self.low, self.high)
        return (inside - self.center) / _SCALE, (volts - inside) / _SCALE, np.arange(len(self.coefficients))

    def basis(self, voltage) -> np.ndarray:
        """Powers of the scaled voltage, and their tangents beyond the ends.

        Parameters
        ----------
        voltage : array_like [V]

        Returns
        -------
        numpy.ndarray [1]
            (voltage, power).
        """
        u, beyond, powers = self._inside(voltage)
        tangents = powers * u[:, None] ** np.maximum(powers - 1, 0)
        return u[:, None] ** powers + beyond[:, None] * tangents

    def slope(self, voltage) -> np.ndarray:
        """Derivative of logit P.

        Parameters
        ----------
        voltage : array_like [V]

        Returns
        -------
        numpy.ndarray [1/V]
        """
        u, _, powers = self._inside(voltage)
        return u[:, None] ** powers[:-1] @ (powers[1:] * self.coefficients[1:]) / _SCALE

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
        Of degree `DEGREE`, or lower where there are fewer than twice as many points inside (0, 1), or where it would
        not rise everywhere.

    Raises
    ------
    InputError
        If fewer than three points lie between never and always, or the probability does not rise.
    """
    there = curve["trials"].values > 0
    volts, s, n = (curve[name].values[there].astype(float) for name in ("voltage", "switched", "trials"))
    inside = (s > 0.0) & (s < n)
    if inside.sum() < 3:
        raise InputError(f"voltage: {inside.sum()} points between never and always, 3 are needed; probe nearer x0")
    low, high = float(volts[inside][0]), float(volts[inside][-1])
    for degree in range(min(DEGREE, int(inside.sum()) // 2), 0, -1):
        found = _fitted(volts, s, n, degree, low, high)
        if found.slope(np.linspace(low, high, _RISES)).min() > 0.0:
            return found
    raise InputError(
        f"voltage: from {low:g} V to {high:g} V the switching probability does not rise; check its sign, or run more"
    )


def _fitted(volts, s, n, degree: int, low: float, high: float) -> ColdCurve:
    """Fit one degree: Newton steps from the least squares of the empirical logits."""
    center = float(np.average(volts, weights=s * (n - s)))
    powers = ColdCurve(np.zeros(degree + 1), np.empty(0), center, low, high).basis(volts)
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
    return ColdCurve(beta, np.linalg.pinv(information, hermitian=True), center, low, high)


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
        step = float(np.sum(slope * (s - n * p))) / max(information, 1e-300)
        # far from the midpoint the step would be too long
        shift += min(max(step, -0.01), 0.01)
        if abs(step) < 1e-12:
            break
    weight = n * p * (1.0 - p) * slope
    lever = -(weight @ cold.basis(volts + shift)) / information
    return shift, information**-0.5, lever
