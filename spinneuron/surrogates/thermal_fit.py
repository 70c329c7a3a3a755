"""Least-squares fits of the heat: the shift of the midpoint against the amplitude before, and against the delay.

Errors may be standard errors or a covariance: shifts against one baseline share its error. Where they are given, the
covariance of the result is that of the errors, and chi^2 tells whether the model is right; where they are not, it is
that of the residual.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import least_squares, nnls
from scipy.special import chdtrc, ndtri, stdtrit

from spinneuron.quantity import InputError, nearest
from spinneuron.statistics import LEVEL

_GRID = 40
_WIDER = 100.0
"""The search for a time constant ends at a hundredth of the least delay and at a hundred times the largest."""


@dataclass(frozen=True)
class ThermalFit:
    """A weighted least-squares fit.

    Parameters
    ----------
    names : tuple of str
        The fitted quantities.
    values : numpy.ndarray
        In the order of ``names``, SI units.
    covariance : numpy.ndarray
        Of ``values``.
    chi2 : float [1]
        Weighted sum of the squared residuals; NaN where no errors were given.
    freedom : int
        Number of data minus number of free parameters.
    rmse : float [V]
        Root mean square of the residual.
    r2 : float [1]
        Coefficient of determination, unweighted as in the paper.
    sensitivity : numpy.ndarray
        Change of the values with the data (value, datum).
    """

    names: tuple[str, ...]
    values: np.ndarray
    covariance: np.ndarray
    chi2: float
    freedom: int
    rmse: float
    r2: float
    sensitivity: np.ndarray

    @property
    def p_value(self) -> float:
        """Probability of a larger chi^2 if the model were right; NaN where it cannot be told."""
        return float(chdtrc(self.freedom, self.chi2)) if self.freedom > 0 else math.nan

    def interval(self, name: str, level: float = LEVEL) -> tuple[float, float]:
        """Confidence interval (Wald): exact for the linear heat; time constants are taken on a logarithmic scale.

        Parameters
        ----------
        name : str
            Of ``names``.
        level : float [1]

        Returns
        -------
        tuple of float
            Lower and upper end in the SI unit; by Student's t where the errors were not given.

        Raises
        ------
        InputError
            If the parameter was not fitted or the level is no probability.
        """
        if not 0.0 < level < 1.0:
            raise InputError(f"level = {level!r}: give a number between 0 and 1, like 0.95")
        if name not in self.names:
            raise InputError(
                f"name = {name!r}: not fitted, {nearest(name, self.names)}allowed: {', '.join(self.names)}"
            )
        index = self.names.index(name)
        value, error = float(self.values[index]), math.sqrt(self.covariance[index, index])
        upper = 0.5 + 0.5 * level
        half = error * float(ndtri(upper) if math.isfinite(self.chi2) else stdtrit(self.freedom, upper))
        if name.startswith("tau"):
            factor = math.exp(half / value)
            return value / factor, value * factor
        return value - half, value + half


def fit_heating(amplitude: ArrayLike, shift: ArrayLike, errors: ArrayLike | None = None) -> ThermalFit:
    """Fit ``shift = heat_v2 V^2 + heat_v1 V``, the paper's eq. 11 and fig. S1.

    Parameters
    ----------
    amplitude : array_like [V]
        Of the one pulse before (point,).
    shift : array_like [V]
        x0 without that pulse minus x0 after it (point,).
    errors : array_like, optional [V]
        Standard errors (point,), or their covariance (point, point) [V^2].

    Returns
    -------
    ThermalFit
        Of "heat_v2" [1/V] and "heat_v1" [1].

    Raises
    ------
    InputError
        If there are fewer than two amplitudes, or three without errors, or a number is not finite.
    """
    volts, y = _series(amplitude=amplitude, shift=shift)
    design = np.column_stack([volts**2, volts])
    whiten = _whitening(errors, y.size)
    least = 3 if errors is None else 2
    if np.unique(volts[volts != 0.0]).size < least:
        raise InputError(f"amplitude: at least {least} different amplitudes are needed; measure more")
    solve = np.linalg.pinv(whiten @ design)
    values = solve @ (whiten @ y)
    return _result(
        ("heat_v2", "heat_v1"), values, y - design @ values, solve @ solve.T, solve @ whiten, whiten, errors, y
    )


def fit_cooling(
    delay: ArrayLike,
    shift: ArrayLike,
    errors: ArrayLike | None = None,
    *,
    components: int = 1,
    pulses: int = 1,
    hold: float | None = None,
    time_step: float = 230e-9,
    pulse_width: float = 150e-9,
) -> ThermalFit:
    """Fit ``shift = sum_j A_j exp(-delay / tau_j)``, the paper's eq. 9 and fig. S2, and the weights behind the A_j.

    A train of equal pulses, or a long one, fills slow components more than fast ones. The weight is the share of one
    pulse: ``w_j ~ A_j / f_j``, where f_j is ``(1 - decay_j^pulses) / (1 - decay_j)`` after a train, and
    ``(1 - exp(-hold / tau_j)) / (1 - exp(-pulse_width / tau_j))`` after a long pulse.

    Parameters
    ----------
    delay : array_like [s]
        From the regular next step (point,).
    shift : array_like [V]
        (point,).
    errors : array_like, optional [V]
        Standard errors (point,), or their covariance (point, point) [V^2].
    components : int
        Number of exponentials.
    pulses : int
        In the train before.
    hold : float, optional [s]
        Length of the one long pulse before, instead of a train.
    time_step : float [s]
        Period of the train.
    pulse_width : float [s]
        Plateau of the usual pulse.

    Returns
    -------
    ThermalFit
        Of "tau_thermal[j]" [s], increasing, "weights[j]" [1] and "amplitude" [V], the shift at no delay.

    Raises
    ------
    InputError
        If there are too few delays, the shift does not decay within them, or fewer components suffice.
    """
    times, y = _series(delay=delay, shift=shift)
    if (times < 0.0).any():
        raise InputError(f"delay = {times.min():g} s: must not be negative")
    if times.size < 2 * components + (errors is None) or np.unique(times).size < 2 * components:
        raise InputError(f"delay: {components} components need at least {2 * components} delays; measure more")
    whiten = _whitening(errors, y.size)

    def fill(tau: np.ndarray) -> np.ndarray:
        if hold is not None:
            return np.expm1(-hold / tau) / np.expm1(-pulse_width / tau)
        return np.expm1(-pulses * time_step / tau) / np.expm1(-time_step / tau)

    theta = _exponentials(times, y, whiten, components)
    _, slope = _decaying(theta, times)
    solve = np.linalg.pinv(whiten @ slope)
    tau = np.exp(theta[:components])
    order = np.argsort(tau)

    def quantities(theta: np.ndarray) -> np.ndarray:
        tau, amplitude = np.exp(theta[:components])[order], np.exp(theta[components:])[order]
        share = amplitude / fill(tau)
        return np.concatenate([tau, share / share.sum(), [amplitude.sum()]])

    # Central differences of a smooth map of logarithms: right to ten digits.
    steps = 1e-5 * np.eye(theta.size)
    turn = np.column_stack([(quantities(theta + one) - quantities(theta - one)) / 2e-5 for one in steps])
    names = (*(f"{name}[{j}]" for name in ("tau_thermal", "weights") for j in range(components)), "amplitude")
    residual = y - _decaying(theta, times)[0]
    covariance = turn @ solve @ solve.T @ turn.T
    made = _result(names, quantities(theta), residual, covariance, turn @ solve @ whiten, whiten, errors, y, theta.size)
    _refuse_components(made, components, times)
    return made


def _refuse_components(fit: ThermalFit, components: int, times: np.ndarray) -> None:
    """Say which time constant or share the delays do not determine."""
    tau, weights = fit.values[:components], fit.values[components : 2 * components]
    error = np.sqrt(np.diag(fit.covariance))[:components]
    edges = times[times > 0.0].min() / _WIDER, times.max() * _WIDER
    if (tau < 1.01 * edges[0]).any() or (tau > 0.99 * edges[1]).any() or (weights < 1e-6).any() or (error > tau).any():
        what = "the shift does not decay within the delays" if components == 1 else f"fewer than {components} suffice"
        raise InputError(f"components = {components}: {what}; measure other delays, or fit fewer components")


def _exponentials(times: np.ndarray, y: np.ndarray, whiten: np.ndarray, components: int) -> np.ndarray:
    """Logarithms of time constants and amplitudes: from the best of a grid, by Levenberg's steps."""
    positive = times[times > 0.0]
    grid = np.geomspace(positive.min() / 4.0, positive.max() * 4.0, _GRID)
    # Non-negative least squares over the whole grid finds where the exponentials are.
    best: tuple[float, Any] = (math.inf, None)
    for indices in np.ndindex(*(_GRID,) * components):
        if list(indices) == sorted(set(indices)):
            tau = grid[list(indices)]
            amplitude, norm = nnls(whiten @ np.exp(-times[:, None] / tau), whiten @ y)
            if norm < best[0] and amplitude.max() > 0.0:
                floor = 1e-3 * amplitude.max()
                best = norm, np.log(np.concatenate([tau, np.maximum(amplitude, floor)]))
    if best[1] is None:
        raise InputError("shift: nowhere positive, there is no decay to fit; check the sign, x0 before minus x0 after")
    limits = np.log(positive.min() / _WIDER), np.log(positive.max() * _WIDER)
    low = np.concatenate([np.full(components, limits[0]), np.full(components, -np.inf)])
    high = np.concatenate([np.full(components, limits[1]), np.full(components, np.inf)])
    found = least_squares(
        lambda theta: whiten @ (_decaying(theta, times)[0] - y),
        best[1],
        jac=lambda theta: whiten @ _decaying(theta, times)[1],
        bounds=(low, high),
        x_scale="jac",
        xtol=1e-12,
        ftol=1e-14,
        gtol=1e-14,
    )
    return found.x


def _decaying(theta: np.ndarray, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sum of exponentials, and its derivatives by the logarithms of time constants and amplitudes."""
    tau, amplitude = np.exp(theta[: theta.size // 2]), np.exp(theta[theta.size // 2 :])
    parts = amplitude * np.exp(-times[:, None] / tau)
    return parts.sum(axis=1), np.hstack([parts * times[:, None] / tau, parts])


def _series(**given: ArrayLike) -> list[np.ndarray]:
    """Check lists of finite numbers of one length."""
    arrays: list[np.ndarray] = []
    for name, values in given.items():
        try:
            array = np.asarray(values, dtype=float)
        except (TypeError, ValueError):
            raise InputError(f"{name}: numbers are needed, not {type(values).__name__}") from None
        if array.ndim != 1 or (arrays and array.size != arrays[0].size):
            raise InputError(f"{name} has the shape {array.shape}: one value for each {next(iter(given))} is needed")
        if not np.isfinite(array).all():
            i = int(np.argmin(np.isfinite(array)))
            raise InputError(f"{name}[{i}] = {array[i]}: a finite number is needed")
        arrays.append(array)
    return arrays


def _whitening(errors: ArrayLike | None, size: int) -> np.ndarray:
    """Matrix that makes the errors independent and of size 1."""
    if errors is None:
        return np.eye(size)
    matrix = np.asarray(errors, dtype=float)
    if matrix.ndim == 1:
        matrix = np.diag(matrix**2)
    if matrix.shape != (size, size) or not np.isfinite(matrix).all():
        raise InputError(f"errors: {size} standard errors, or a covariance of {size} x {size}, are needed, all finite")
    try:
        return np.linalg.inv(np.linalg.cholesky(matrix))
    except np.linalg.LinAlgError:
        raise InputError("errors: must be positive; leave them out where they are not known") from None


def _result(names, values, residual, covariance, sensitivity, whiten, errors, y, parameters=None) -> ThermalFit:
    """Put a fit together; without errors, the residual tells them."""
    freedom = y.size - (values.size if parameters is None else parameters)
    if errors is None:
        covariance, chi2 = covariance * float(residual @ residual) / freedom, math.nan
    else:
        chi2 = float(np.sum((whiten @ residual) ** 2))
    spread = float(np.sum((y - y.mean()) ** 2))
    r2 = 1.0 - float(residual @ residual) / spread if spread > 0.0 else math.nan
    rmse = math.sqrt(float(np.mean(residual**2)))
    return ThermalFit(names, values, covariance, chi2, freedom, rmse, r2, sensitivity)
