"""From switching curves to the fields of a `sigmoid.Sigmoid`, with one covariance for all of them."""

import math
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from scipy.linalg import block_diag

from spinneuron.quantity import InputError, integer, positive
from spinneuron.surrogates.fit_statistics import CurveStatistics
from spinneuron.surrogates.sigmoid_fit import CurveFit, fit_curves, same_shape
from spinneuron.surrogates.thermal_fit import ThermalFit, fit_cooling, fit_heating


class Shifts(NamedTuple):
    """Shifts of the midpoint that were found otherwise than by a joint fit of curves."""

    at: np.ndarray
    """Amplitude before [V], or delay [s] (state,)."""
    shift: np.ndarray
    """(state,) [V]"""
    covariance: np.ndarray
    """(state, state) [V^2]"""


_CYCLE = {"time_step": 230e-9, "pulse_width": 150e-9}


def calibrated(
    curve: xr.Dataset,
    heating: xr.Dataset | None,
    cooling: xr.Dataset | None,
    p_max: float | None,
    components: int,
    fields: dict[str, Any],
) -> dict[str, Any]:
    """Fit the curves together, then the heat to the shifts of their midpoints.

    Parameters
    ----------
    curve : xarray.Dataset
        Without heat.
    heating, cooling : xarray.Dataset, optional
        Over ``amplitude``, and over ``delay``.
    p_max : float, optional [1]
        Where it is known.
    components : int
        Of the heat.
    fields : dict
        Further fields of the neuron, ``valid`` among them.

    Returns
    -------
    dict
        All fields of the neuron.

    Raises
    ------
    InputError
        As `Sigmoid.fit`.
    """
    integer("components", components)
    states = [_over(curve, "curve", None), _over(heating, "heating", "amplitude"), _over(cooling, "cooling", "delay")]
    fit = fit_curves(*(one for one in states if one is not None), p_max=p_max)
    first = heating.sizes["amplitude"] if heating is not None else 0
    heats, fades = slice(0, first), slice(first, None)
    step, width = (positive(name, fields.get(name, usual), "s") for name, usual in _CYCLE.items())
    made = {**fields, "p_max": fit.p_max, "k": fit.k, "x0": float(fit.x0[0])}
    named, rows = _own(fit)
    hot = cool = None
    if heating is not None:
        hot = fit_heating(heating["amplitude"].values, fit.shift[heats], fit.shift_covariance[heats, heats])
        made |= dict(zip(hot.names, hot.values.tolist(), strict=True))
        named, rows = [*named, *hot.names], np.vstack([rows, _rows(hot, fit, heats)])
    if cooling is not None:
        cool = _cooled(cooling, fit, fades, components, step, width)
        made["tau_thermal"], made["weights"] = (tuple(part.tolist()) for part in _split(cool.values, components))
        named, rows = [*named, *cool.names], np.vstack([rows, _rows(cool, fit, fades)])
    elif heating is not None and "tau_thermal" not in fields:
        raise InputError("cooling: no curves over a delay; give them, or tau_thermal")
    if cooling is not None and heating is None and "heat_v2" not in fields:
        raise InputError("heating: no curves over an amplitude; give them, or heat_v2 and heat_v1")
    covariance = rows @ fit.covariance @ rows.T
    made["uncertainties"] = _uncertainties(named, covariance, components if cool is not None else None)
    made["valid"] = _valid(curve, heating, cooling, fit) | fields.get("valid", {})
    made["statistics"] = _statistics(fit, named, covariance, components, hot, cool)
    return made


def from_shifts(
    curve: xr.Dataset,
    heating: Shifts,
    cooling: Shifts,
    *,
    p_max: float | None = None,
    components: int = 1,
    pulses: int = 1,
    time_step: float = 230e-9,
    pulse_width: float = 150e-9,
) -> dict[str, Any]:
    """Fit the curve without heat, and the heat to shifts that are known already.

    Parameters
    ----------
    curve : xarray.Dataset
        Without heat.
    heating, cooling : Shifts
        Against the amplitude of one pulse before, and against the delay after equal pulses.
    p_max : float, optional [1]
        Where it is known.
    components : int
        Of the heat.
    pulses : int
        Before the delays.
    time_step, pulse_width : float [s]

    Returns
    -------
    dict
        All fields of a neuron. The errors of curve, heating and cooling count as independent.

    Raises
    ------
    InputError
        If the data do not determine the parameters.
    """
    integer("components", components)
    _over(curve, "curve", None)
    fit = fit_curves(curve, p_max=p_max)
    # Weighted by the errors of each alone: what they have in common may be correlated so closely that weights by the
    # whole covariance would take the fit away from the points. It enters the errors of the result.
    hot = fit_heating(heating.at, heating.shift, _alone(heating))
    timing = {"time_step": time_step, "pulse_width": pulse_width}
    cool = fit_cooling(cooling.at, cooling.shift, _alone(cooling), components=components, pulses=pulses, **timing)
    tau, weights = (tuple(part.tolist()) for part in _split(cool.values, components))
    named, rows = _own(fit)
    named = [*named, *hot.names, *cool.names]
    covariance = block_diag(rows @ fit.covariance @ rows.T, _spread(hot, heating), _spread(cool, cooling))
    shift = np.concatenate([heating.shift, cooling.shift, [0.0]])
    ranges = {"amplitude": heating.at, "delay": cooling.at, "shift": shift}
    return {
        **timing,
        "p_max": fit.p_max,
        "k": fit.k,
        "x0": float(fit.x0[0]),
        **dict(zip(hot.names, hot.values.tolist(), strict=True)),
        "tau_thermal": tau,
        "weights": weights,
        "uncertainties": _uncertainties(named, covariance, components),
        "valid": _valid(curve, None, None, fit)
        | {name: (float(values.min()), float(values.max())) for name, values in ranges.items()},
        "statistics": _statistics(fit, named, covariance, components, hot, cool),
    }


def _alone(shifts: Shifts) -> np.ndarray:
    return np.sqrt(np.diag(shifts.covariance))


def _spread(fit: ThermalFit, shifts: Shifts) -> np.ndarray:
    """Covariance of a fit, from that of its data."""
    return fit.sensitivity @ shifts.covariance @ fit.sensitivity.T


def _uncertainties(named: list[str], covariance: np.ndarray, components: int | None) -> dict[str, Any]:
    """Standard errors by parameter; None for no heat."""
    errors = dict(zip(named, np.sqrt(np.diag(covariance)).tolist(), strict=True))
    found: dict[str, Any] = {name: error for name, error in errors.items() if "[" not in name and name != "amplitude"}
    if components is not None:
        # The weight of a single component is 1, without error.
        for name in ("tau_thermal", "weights") if components > 1 else ("tau_thermal",):
            found[name] = tuple(errors[f"{name}[{j}]"] for j in range(components))
    return found


def _over(curve: xr.Dataset | None, name: str, dimension: str | None) -> xr.Dataset | None:
    """Check over what a dataset goes."""
    if curve is None:
        return None
    if not isinstance(curve, xr.Dataset) or "switched" not in curve:
        raise InputError(f"{name} = {type(curve).__name__}: no switching curves, make them with curve_from_counts(...)")
    found = [str(one) for one in curve["switched"].dims if one != "voltage"]
    if found != ([dimension] if dimension else []):
        wanted = f"{dimension} and voltage are" if dimension else "voltage alone is"
        raise InputError(f"{name}: goes over {', '.join(map(str, curve['switched'].dims))}; {wanted} needed")
    return curve


def _own(fit: CurveFit) -> tuple[list[str], np.ndarray]:
    """Rows that take p_max, k and the first x0 out of the parameters of the curves."""
    count = len(fit.names) - len(fit.x0) + 1
    return [*fit.names[: count - 1], "x0"], np.eye(len(fit.names))[:count]


def _rows(thermal: ThermalFit, fit: CurveFit, part: slice) -> np.ndarray:
    """How the result of a thermal fit changes with the parameters of the curves."""
    states = len(fit.x0) - 1
    turn = np.zeros((states, len(fit.names)))
    turn[:, -states - 1], turn[:, -states:] = 1.0, -np.eye(states)
    return thermal.sensitivity @ turn[part]


def _cooled(cooling: xr.Dataset, fit: CurveFit, part: slice, components: int, step: float, width: float) -> ThermalFit:
    hold = cooling.attrs.get("hold")
    return fit_cooling(
        cooling["delay"].values,
        fit.shift[part],
        fit.shift_covariance[part, part],
        components=components,
        pulses=integer("pulses", cooling.attrs.get("pulses", 1)),
        hold=None if hold is None else positive("hold", hold, "s"),
        time_step=step,
        pulse_width=width,
    )


def _split(values: np.ndarray, components: int) -> tuple[np.ndarray, np.ndarray]:
    return values[:components], values[components : 2 * components]


def _valid(curve, heating, cooling, fit: CurveFit) -> dict[str, tuple[float, float]]:
    """What the data cover."""
    volts = np.concatenate([one["voltage"].values for one in (curve, heating, cooling) if one is not None])
    ranges = {"voltage": volts}
    if heating is not None:
        ranges["amplitude"] = heating["amplitude"].values
    if cooling is not None:
        ranges["delay"] = cooling["delay"].values
    if len(fit.x0) > 1:
        ranges["shift"] = np.append(fit.shift, 0.0)
    return {name: (float(values.min()), float(values.max())) for name, values in ranges.items()}


def _statistics(fit: CurveFit, named, covariance, components: int, hot, cool) -> CurveStatistics:
    """Goodness of the curves and of the heat; the covariance of numbers, not of the vectors of several components."""
    turned = ["tau_thermal" if name == "tau_thermal[0]" and components == 1 else name for name in named]
    kept = [i for i, name in enumerate(turned) if "[" not in name and name != "amplitude"]
    share, model = fit.points.s / fit.points.n, fit.probability
    spread = float(np.sum((share - share.mean()) ** 2))
    residual = share - model
    return CurveStatistics(
        rmse=math.sqrt(float(np.mean(residual**2))),
        r2=1.0 - float(residual @ residual) / spread,
        n=share.size,
        n_effective=float(share.size),
        names=tuple(turned[i] for i in kept),
        covariance=tuple(tuple(row) for row in covariance[np.ix_(kept, kept)].tolist()),
        residual=residual,
        deviance=fit.deviance,
        freedom=float(fit.freedom),
        p_value=fit.p_value,
        shape_p_value=same_shape(fit)[2],
        heat_p_value=math.nan if hot is None else hot.p_value,
        cooling_p_value=math.nan if cool is None else cool.p_value,
    )
