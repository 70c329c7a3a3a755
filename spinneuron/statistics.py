"""What many trials say: switching probabilities with their intervals, switching curves, midpoints, switching times.

A switching curve is a dataset over ``voltage`` [V], and over one further dimension where there are several (a delay,
the amplitude of a preceding pulse), with ``switched``, ``trials``, ``probability``, ``low`` and ``high``. A point with
no trials was not measured: its probability is NaN.
"""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike
from scipy.optimize import isotonic_regression
from scipy.special import betaincinv, ndtri

from spinneuron.quantity import InputError, nearest

LEVEL = 0.95
"""Confidence of intervals unless told otherwise."""
METHODS = {
    "clopper-pearson": "exact: covers at least with its level, whatever the probability",
    "wilson": "of the normal approximation to the score: shorter, covers with its level on average",
}
"""Intervals of a probability -> what they promise."""
CURVE_KIND = "spinneuron-switching"
"""Attribute ``kind`` of a switching curve."""


def interval(successes: Any, trials: Any, level: float = LEVEL, method: str = "clopper-pearson") -> tuple:
    """Confidence interval of a probability from counts.

    Parameters
    ----------
    successes, trials : int or array of int
        Of the same shape, or to be broadcast.
    level : float [1]
    method : str
        Of `METHODS`; "clopper-pearson" is exact for the binomial distribution.

    Returns
    -------
    tuple
        Lower and upper end [1]: floats, or arrays for arrays; 0 and 1 where there are no trials.

    Raises
    ------
    InputError
        If a count is no whole number, negative or above the trials, or level or method are unknown.

    References
    ----------
    C. J. Clopper, E. S. Pearson, Biometrika 26, 404 (1934); E. B. Wilson, J. Am. Stat. Assoc. 22, 209 (1927).

    Examples
    --------
    >>> [round(end, 4) for end in interval(5, 10)]
    [0.1871, 0.8129]
    >>> [round(end, 4) for end in interval(5, 10, method="wilson")]
    [0.2366, 0.7634]
    """
    _inside("level", level)
    if method not in METHODS:
        raise InputError(f"method = {method!r}: unknown, {nearest(method, METHODS)}allowed: {', '.join(METHODS)}")
    s, n = checked_counts(successes, trials)
    tail = 0.5 * (1.0 - level)
    if method == "wilson":
        z, safe = float(ndtri(1.0 - tail)), np.maximum(n, 1.0)
        center = (s + 0.5 * z * z) / (safe + z * z)
        half = z / (safe + z * z) * np.sqrt(s * (safe - s) / safe + 0.25 * z * z)
        low, high = np.where(s > 0, center - half, 0.0), np.where(s < n, center + half, 1.0)
    else:
        low = np.where(s > 0, betaincinv(np.maximum(s, 1.0), n - s + 1.0, tail), 0.0)
        high = np.where(s < n, betaincinv(s + 1.0, np.maximum(n - s, 1.0), 1.0 - tail), 1.0)
    return (float(low), float(high)) if low.ndim == 0 else (low, high)


def _inside(name: str, value: float) -> None:
    """Check a level of confidence, or a share, that cannot be 0 or 1."""
    if not 0.0 < value < 1.0:
        raise InputError(f"{name} = {value!r}: give a number between 0 and 1, like 0.95")


def checked_counts(successes: ArrayLike, trials: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Check counts of switched trials.

    Parameters
    ----------
    successes, trials : array_like
        Whole numbers, to be broadcast to one shape.

    Returns
    -------
    tuple of numpy.ndarray
        Both as floats of that shape.

    Raises
    ------
    InputError
        If one is no whole number, negative, or there are more successes than trials.
    """
    counts = {"switched": _numbers("switched", successes), "trials": _numbers("trials", trials)}
    for name, values in counts.items():
        _refuse(name, values, (values < 0.0) | (values != np.floor(values)), "a whole number of 0 or more is needed")
    try:
        s, n = np.broadcast_arrays(counts["switched"], counts["trials"])
    except ValueError:
        shapes = " and ".join(str(values.shape) for values in counts.values())
        raise InputError(f"switched, trials: have the shapes {shapes}; give one count of trials per count") from None
    _refuse("switched", s, s > n, "more than the trials; swap or correct the counts")
    return s, n


def curve_from_counts(
    voltage: ArrayLike,
    switched: ArrayLike,
    trials: ArrayLike,
    *,
    along: tuple[str, Any, str] | None = None,
    level: float = LEVEL,
    method: str = "clopper-pearson",
) -> xr.Dataset:
    """Make switching curves of counts.

    Parameters
    ----------
    voltage : array_like [V]
        Increasing, (voltage,).
    switched : array_like
        Number of trials that switched, (voltage,); with ``along``, (state, voltage).
    trials : array_like
        Number of trials: one for all, or of the shape of ``switched``; 0 where nothing was measured.
    along : tuple, optional
        Name, values and unit of the further dimension, such as ``("delay", [0.0, 200e-9], "s")``.
    level : float [1]
        Of the intervals.
    method : str
        Of `METHODS`.

    Returns
    -------
    xarray.Dataset
        ``switched``, ``trials``, ``probability``, ``low``, ``high`` over the dimensions.

    Raises
    ------
    InputError
        If the voltages do not increase, shapes differ, or counts are wrong.
    """
    volts = _numbers("voltage", voltage)
    if volts.ndim != 1 or volts.size == 0:
        raise InputError(f"voltage has the shape {volts.shape}: a list of voltages is needed")
    if not (np.diff(volts) > 0.0).all():
        i = int(np.argmax(np.diff(volts) <= 0.0)) + 1
        raise InputError(f"voltage[{i}] = {volts[i]:g} V: not above the one before, {volts[i - 1]:g} V; sort them")
    s, n = checked_counts(switched, trials)
    dims: tuple[str, ...] = ("voltage",)
    coords: dict[str, Any] = {"voltage": ("voltage", volts, {"units": "V", "long_name": "voltage"})}
    if along is not None:
        name, values, unit = along
        dims = (name, "voltage")
        coords[name] = (name, _numbers(name, values), {"units": unit, "long_name": name.replace("_", " ")})
    if s.shape != (shape := tuple(np.size(coords[name][1]) for name in dims)):
        raise InputError(f"switched has the shape {s.shape}: ({', '.join(dims)}) = {shape} is needed")
    low, high = interval(s, n, level, method)
    share = np.divide(s, n, out=np.full(shape, np.nan), where=n > 0.0)
    values = {
        "switched": (s.astype(np.int64), "trials that switched"),
        "trials": (n.astype(np.int64), "trials"),
        "probability": (share, "switching probability"),
        "low": (low, "lower end of the interval"),
        "high": (high, "upper end of the interval"),
    }
    variables = {name: (dims, array, {"units": "1", "long_name": said}) for name, (array, said) in values.items()}
    return xr.Dataset(variables, coords, {"kind": CURVE_KIND, "level": level, "method": method})


def curve_from_probabilities(voltage: ArrayLike, probability: ArrayLike, trials: ArrayLike, **options) -> xr.Dataset:
    """Make switching curves of probabilities: as `curve_from_counts` of the nearest whole numbers of trials.

    Parameters
    ----------
    voltage : array_like [V]
    probability : array_like [1]
    trials : array_like
    **options

    Returns
    -------
    xarray.Dataset

    Raises
    ------
    InputError
        As there; and if a probability does not lie in [0, 1].
    """
    share = _numbers("probability", probability)
    _refuse("probability", share, (share < 0.0) | (share > 1.0), "must lie between 0 and 1; percent are divided by 100")
    return curve_from_counts(voltage, np.rint(share * _numbers("trials", trials)), trials, **options)


def midpoint(curve: xr.Dataset, at: float = 0.5) -> xr.Dataset:
    """Find the voltage where switching curves cross a probability, without a model of their shape.

    The monotone curve of the largest likelihood (pooling adjacent violators) is interpolated linearly between the
    measured points; the ends of its intervals give those of the voltage.

    Parameters
    ----------
    curve : xarray.Dataset
        As of `curve_from_counts`.
    at : float [1]
        The probability.

    Returns
    -------
    xarray.Dataset
        ``midpoint``, ``low``, ``high`` [V] over the further dimensions; NaN where the points do not reach that far.

    Raises
    ------
    InputError
        If this is no switching curve, or `at` no probability.

    References
    ----------
    M. Ayer et al., Ann. Math. Stat. 26, 641 (1955): the monotone estimate.
    """
    check_curve(curve)
    _inside("at", at)
    found = {}
    for name, of in (("midpoint", "probability"), ("low", "high"), ("high", "low")):
        found[name] = xr.apply_ufunc(
            lambda y, n: _crossing(curve["voltage"].values, y, n, at),
            curve[of],
            curve["trials"],
            input_core_dims=[["voltage"], ["voltage"]],
            vectorize=True,
        )
        found[name].attrs = {"units": "V", "long_name": f"voltage at a probability of {at:g}"}
    return xr.Dataset(found, attrs={"level": curve.attrs["level"], "at": at})


def _crossing(voltage: np.ndarray, y: np.ndarray, trials: np.ndarray, at: float) -> float:
    """Where the monotone version of y(voltage) crosses `at`; the middle where it rests there."""
    there = trials > 0
    if there.sum() < 2:
        return np.nan
    x, rising = voltage[there], isotonic_regression(y[there], weights=trials[there]).x
    if not rising[0] <= at <= rising[-1]:
        return np.nan
    if (rising == at).any():
        return float(x[rising == at].mean())
    i = int(np.searchsorted(rising, at))
    return float(x[i - 1] + (at - rising[i - 1]) / (rising[i] - rising[i - 1]) * (x[i] - x[i - 1]))


def check_curve(curve: Any, least: int = 1) -> None:
    """Check that a dataset holds switching curves.

    Parameters
    ----------
    curve : xarray.Dataset
        As of `curve_from_counts`.
    least : int
        Number of measured points that are needed.

    Raises
    ------
    InputError
        If it does not, or there are too few points.
    """
    if not isinstance(curve, xr.Dataset) or curve.attrs.get("kind") != CURVE_KIND:
        raise InputError(f"curve = {type(curve).__name__}: no switching curve, make one with curve_from_counts(...)")
    if (count := int((curve["trials"] > 0).sum())) < least:
        raise InputError(f"voltage: {count} measured points, at least {least} are needed; measure more voltages")


def survival(
    crossing: ArrayLike, duration: ArrayLike, *, at: ArrayLike | None = None, level: float = LEVEL
) -> xr.Dataset:
    """Estimate the distribution of switching times: the share of trials that have not switched yet (Kaplan, Meier).

    Where all trials were observed equally long the bands are exact (Clopper, Pearson); otherwise they are those of
    Greenwood's variance on the scale of log(-log S), which keeps them within 0 and 1.

    Parameters
    ----------
    crossing : array_like [s]
        Time of the first crossing (trial,); NaN, or a time beyond the duration, where there is none.
    duration : array_like [s]
        How long a trial was observed: one for all, or (trial,).
    at : array_like, optional [s]
        Times of the result; by default 0 and every crossing.
    level : float [1]
        Of the bands.

    Returns
    -------
    xarray.Dataset
        ``survival``, ``low``, ``high``, ``at_risk`` (just before) and ``switched`` (so far) over ``time``; attributes
        ``trials`` and ``censored``.

    Raises
    ------
    InputError
        If there are no trials, a time is negative, a duration is no finite number, or `at` does not increase or lies
        beyond all durations.

    References
    ----------
    E. L. Kaplan, P. Meier, J. Am. Stat. Assoc. 53, 457 (1958).
    """
    _inside("level", level)
    first = np.atleast_1d(np.asarray(crossing, dtype=float))
    if first.ndim != 1 or first.size == 0:
        raise InputError(f"crossing has the shape {first.shape}: one time per trial is needed")
    observed = _numbers("duration", duration)
    _refuse("duration", observed, observed <= 0.0, "must be positive, in seconds")
    if observed.shape not in ((), first.shape):
        raise InputError(f"duration has the shape {observed.shape}: one, or one per trial ({first.size}) is needed")
    _refuse("crossing", first, first < 0.0, "must not be negative")
    observed = np.broadcast_to(observed, first.shape)
    event = first <= observed
    last = np.where(event, first, observed)
    moments, died = np.unique(last[event], return_counts=True)
    clock = np.union1d(0.0, moments) if at is None else _numbers("at", at)
    if clock.ndim != 1 or not (np.diff(clock) > 0.0).all() or clock[0] < 0.0 or clock[-1] > observed.max():
        raise InputError(f"at: increasing times from 0 to {observed.max():g} s are needed, no trial was watched longer")
    risk = first.size - np.searchsorted(np.sort(last), moments)
    # Where the last trial at risk switches the logarithm is that of 0, as it should be.
    with np.errstate(divide="ignore"):
        logs = np.concatenate([[0.0], np.cumsum(np.log1p(-died / risk))])
        greenwood = np.concatenate([[0.0], np.cumsum(died / (risk * (risk - died.astype(float))))])
    index = np.searchsorted(moments, clock, side="right")
    alive, count = np.exp(logs[index]), np.concatenate([[0], np.cumsum(died)])[index]
    left = first.size - np.searchsorted(np.sort(last), clock)
    exact = bool((observed == observed[0]).all())
    band = (first.size - count, first.size, level) if exact else (alive, greenwood[index], left, level)
    low, high = (interval if exact else _loglog)(*band)
    values = {"survival": alive, "low": low, "high": high, "at_risk": left, "switched": count}
    attrs = {"trials": first.size, "censored": int(first.size - event.sum()), "level": level}
    return xr.Dataset(
        {name: ("time", array, {"units": "1", "long_name": name.replace("_", " ")}) for name, array in values.items()},
        {"time": ("time", clock, {"units": "s", "long_name": "time"})},
        attrs | {"method": "clopper-pearson" if exact else "greenwood"},
    )


def _loglog(alive: np.ndarray, variance: np.ndarray, risk: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Greenwood's band of log(-log S); where all or none are left, the exact one of those at risk."""
    tail, inside = 0.5 * (1.0 - level), (alive > 0.0) & (alive < 1.0)
    bound = tail ** (1.0 / np.maximum(risk, 1))
    low, high = np.where(alive >= 1.0, bound, 0.0), np.where(alive <= 0.0, 1.0 - bound, 1.0)
    log = np.log(alive[inside])
    spread = ndtri(1.0 - tail) * np.sqrt(variance[inside]) / -log
    low[inside], high[inside] = np.exp(log * np.exp(spread)), np.exp(log * np.exp(-spread))
    return low, high


def switching_time(distribution: xr.Dataset, share: float = 0.5) -> tuple[float, float, float]:
    """Read from a distribution the time by which a share of the trials has switched.

    Parameters
    ----------
    distribution : xarray.Dataset
        Of `survival`.
    share : float [1]
        0.5 for the median.

    Returns
    -------
    tuple of float
        The time [s] and the ends of its interval; inf where fewer have switched within the record.
    """
    _inside("share", share)
    ends = []
    for name in ("survival", "low", "high"):
        # A rounding error of the logarithms must not hide a half.
        reached = distribution[name].values <= (1.0 - share) * (1.0 + 1e-12)
        ends.append(float(distribution["time"].values[np.argmax(reached)]) if reached.any() else np.inf)
    return ends[0], ends[1], ends[2]


def _numbers(name: str, given: ArrayLike) -> np.ndarray:
    """Make an array of finite floats."""
    try:
        values = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{name}: numbers are needed, not {type(given).__name__}") from None
    _refuse(name, values, ~np.isfinite(values), "a finite number is needed")
    return values


def _refuse(name: str, values: np.ndarray, wrong: np.ndarray, remedy: str) -> None:
    """Name the first wrong value, if there is one."""
    if wrong.any():
        where = tuple(int(i) for i in np.argwhere(wrong)[0])
        at = "[" + ", ".join(map(str, where)) + "]" if where else ""
        raise InputError(f"{name}{at} = {values[where]:g}: {remedy}")
