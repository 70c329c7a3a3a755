"""Maximum-likelihood fit of the Gaussian neuron to outputs of single pulses.

Samples at one voltage enter by their number, mean and sum of squares alone. With ``mu`` and ``v`` the mean and variance
of the model, the negative log-likelihood is ``sum n/2 log v + (S + n (m - mu)^2) / (2 v)``, and the Fisher information
``sum n (mu' mu'^T / v + v' v'^T / (2 v^2))``, whose inverse is the covariance of the parameters.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize

from spinneuron.quantity import InputError
from spinneuron.surrogates.fit_statistics import FitStatistics

NAMES = ("low", "high", "k", "x0", "sigma_read", "sigma_switch")
LEAST_VOLTAGES, LEAST_SAMPLES = 4, 8
"""Fewer voltages cannot fix the four numbers of the mean; fewer samples leave no freedom to judge the six."""


class Samples(NamedTuple):
    """Samples by voltage, on scales of order 1."""

    voltage: np.ndarray
    number: np.ndarray
    mean: np.ndarray
    squares: np.ndarray
    """Sum of squared deviations from the mean."""


def fitted(voltage: ArrayLike, output: ArrayLike) -> dict[str, Any]:
    """Fit the parameters of a `Gaussian`.

    Parameters
    ----------
    voltage : array_like [V]
        (sample,).
    output : array_like [1]
        (sample,).

    Returns
    -------
    dict
        Fields of `Gaussian`.

    Raises
    ------
    InputError
        If the arrays are no samples, or do not determine the parameters.
    """
    volts, read = _checked(voltage, output)
    middle, span = 0.5 * (volts.max() + volts.min()), np.ptp(volts)
    center, scale = read.mean(), read.std()
    samples = _by_voltage((volts - middle) / span, (read - center) / scale)
    scaled = _maximized(samples)
    low, high, k, x0, noise, switch = scaled
    values = (center + scale * low, center + scale * high, k / span, middle + span * x0, scale * noise, scale * switch)
    units = np.array([scale, scale, 1.0 / span, span, scale, scale])
    free = np.array([True] * 5 + [switch > 1e-6])
    matrix = _covariance(scaled, samples, free) * np.outer(units[free], units[free])
    names = tuple(name for name, kept in zip(NAMES, free, strict=True) if kept)
    known = bool(np.isfinite(matrix).all() and (np.diag(matrix) > 0.0).all())
    parameters = dict(zip(NAMES, map(float, values), strict=True)) | ({} if free[5] else {"sigma_switch": 0.0})
    share = 1.0 / (1.0 + np.exp(np.clip(-parameters["k"] * (volts - parameters["x0"]), -700.0, 700.0)))
    residual = read - parameters["low"] - (parameters["high"] - parameters["low"]) * share
    return parameters | {
        "uncertainties": dict(zip(names, np.sqrt(np.diag(matrix)).tolist(), strict=True)) if known else {},
        "valid": {
            "voltage": (float(volts.min()), float(volts.max())),
            "output": (float(read.min()), float(read.max())),
        },
        "statistics": FitStatistics(
            rmse=math.sqrt(np.mean(residual**2)),
            r2=float(1.0 - np.sum(residual**2) / np.sum((read - center) ** 2)),
            n=read.size,
            n_effective=float(read.size),
            names=names,
            covariance=tuple(map(tuple, matrix.tolist())) if known else (),
            residual=residual,
        ),
    }


def _checked(voltage: ArrayLike, output: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    arrays = []
    for name, given in (("voltage", voltage), ("output", output)):
        try:
            values = np.asarray(given, dtype=float)
        except (TypeError, ValueError):
            raise InputError(f"{name}: numbers are needed, not {type(given).__name__}") from None
        if values.ndim != 1 or not np.isfinite(values).all():
            raise InputError(f"{name}: finite numbers (sample,) are needed, not an array of shape {values.shape}")
        arrays.append(values)
    volts, read = arrays
    if volts.size != read.size or volts.size < LEAST_SAMPLES:
        given = f"voltage, output: {volts.size} and {read.size} samples"
        raise InputError(f"{given}; as many of each are needed, at least {LEAST_SAMPLES}")
    if (different := np.unique(volts).size) < LEAST_VOLTAGES:
        raise InputError(f"voltage: {different} different ones; at least {LEAST_VOLTAGES} are needed to find a sigmoid")
    if not read.std() > 0.0:
        raise InputError(f"output = {read[0]:g} throughout: there is nothing to fit")
    return volts, read


def _by_voltage(volts: np.ndarray, read: np.ndarray) -> Samples:
    levels, inverse, count = np.unique(volts, return_inverse=True, return_counts=True)
    mean = np.bincount(inverse, read) / count
    return Samples(levels, count.astype(float), mean, np.bincount(inverse, (read - mean[inverse]) ** 2))


def _model(parameters: np.ndarray, voltage: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Mean and variance at each voltage, and their derivatives (6, voltage)."""
    low, high, k, x0, noise, switch = parameters
    share = 1.0 / (1.0 + np.exp(np.clip(-k * (voltage - x0), -700.0, 700.0)))
    slope = share * (1.0 - share)
    zero = np.zeros_like(voltage)
    share_k, share_x0 = slope * (voltage - x0), -slope * k
    d_mean = np.array([1.0 - share, share, (high - low) * share_k, (high - low) * share_x0, zero, zero])
    bend = 4.0 * switch**2 * (1.0 - 2.0 * share)
    d_variance = np.array([zero, zero, bend * share_k, bend * share_x0, zero + 2.0 * noise, 8.0 * slope * switch])
    return low + (high - low) * share, noise**2 + 4.0 * slope * switch**2, d_mean, d_variance


def _loss(parameters: np.ndarray, samples: Samples) -> tuple[float, np.ndarray]:
    """Negative log-likelihood per sample, and its gradient."""
    mean, variance, d_mean, d_variance = _model(parameters, samples.voltage)
    off = mean - samples.mean
    squares = samples.squares + samples.number * off**2
    loss = 0.5 * np.sum(samples.number * np.log(variance) + squares / variance)
    by_variance = 0.5 * (samples.number - squares / variance) / variance
    gradient = d_mean @ (samples.number * off / variance) + d_variance @ by_variance
    total = samples.number.sum()
    return float(loss / total), gradient / total


def _start(samples: Samples) -> np.ndarray:
    """Least squares over a grid of slopes and midpoints; low and high follow linearly."""
    k, x0 = (axis[..., None] for axis in np.meshgrid(np.geomspace(2.0, 100.0, 12), np.linspace(-0.6, 0.6, 25)))
    share = 1.0 / (1.0 + np.exp(np.clip(-k * (samples.voltage - x0), -700.0, 700.0)))
    weight = samples.number / samples.number.sum()
    off = share - (weight * share).sum(axis=-1, keepdims=True)
    mean = samples.mean - weight @ samples.mean
    power = (weight * off * off).sum(axis=-1)
    step = (weight * off * mean).sum(axis=-1) / np.maximum(power, 1e-12)
    best = np.unravel_index(np.argmax(step * step * power), power.shape)
    low = float(weight @ samples.mean - step[best] * (weight * share[best]).sum())
    rest = samples.squares.sum() + np.sum(samples.number * (samples.mean - low - step[best] * share[best]) ** 2)
    noise = max(math.sqrt(rest / samples.number.sum()), 1e-3)
    return np.array([low, low + step[best], k[best].item(), x0[best].item(), noise, 0.5 * noise])


def _maximized(samples: Samples) -> np.ndarray:
    """Parameters of the largest likelihood, on the scales of the samples."""
    bounds = [(-20.0, 20.0)] * 2 + [(0.2, 2000.0), (-3.0, 3.0), (1e-5, 20.0), (0.0, 20.0)]
    start = np.clip(_start(samples), *np.transpose(bounds))
    best = minimize(
        _loss, start, (samples,), jac=True, method="L-BFGS-B", bounds=bounds,
        options={"maxiter": 2000, "maxfun": 5000, "ftol": 1e-15, "gtol": 1e-9},
    )  # fmt: skip
    at_bound = [
        name
        for name, (low, high), value in zip(NAMES, bounds, best.x, strict=True)
        if value >= high or (value <= low and name != "sigma_switch")
    ]
    if at_bound:
        remedy = "add voltages on both sides of the midpoint and across it"
        raise InputError(f"output: the samples do not determine {at_bound[0]}; {remedy}")
    return best.x


def _covariance(parameters: np.ndarray, samples: Samples, free: np.ndarray) -> np.ndarray:
    """Invert the Fisher information of the free parameters; NaN where it is singular."""
    _, variance, d_mean, d_variance = _model(parameters, samples.voltage)
    d_mean, d_variance = d_mean[free], d_variance[free]
    information = (d_mean * samples.number / variance) @ d_mean.T
    information += (d_variance * samples.number / (2.0 * variance**2)) @ d_variance.T
    if np.linalg.cond(information) > 1e14:
        return np.full(information.shape, np.nan)
    return np.linalg.inv(information)
