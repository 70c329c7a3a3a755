"""Figures of what was measured: switching curves, shifts of the midpoint, and a neuron beside them."""

import json
from typing import Any

import numpy as np
import xarray as xr
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.special import expit

from spinneuron.measured.comparison import train_shift
from spinneuron.measured.curves import Curves
from spinneuron.plotting.style import BLACK, BLUE, GRAY, NANO, ORANGE, beside, figure, letters, styled
from spinneuron.quantity import InputError
from spinneuron.surrogates.sigmoid import Sigmoid
from spinneuron.surrogates.sigmoid_fit import CurveFit, fit_curves

MILLI = 1e3
MOST_LABELS = 8
# Light colors are lost on paper: each map is used without its light end.
_MAPS = {"amplitude": ("OrRd", 0.4, 1.0), "delay": ("Blues_r", 0.0, 0.6)}
_SCALES = {"amplitude": (1.0, "V", "after"), "delay": (NANO, "ns", "delay")}


@styled
def curves(curve: xr.Dataset) -> Figure:
    """Draw switching curves: points with their intervals, joined by lines; a single one with its sigmoid.

    Parameters
    ----------
    curve : xarray.Dataset
        Of kind "spinneuron-switching".

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig = figure(height=3.0)
    axes = fig.subplots()
    states = _states(curve)
    for one, color, label in states:
        _points(axes, one, color, label, linestyle="-" if len(states) > 1 else "none")
    if len(states) == 1:
        _sigmoid(axes, curve)
    axes.set(xlabel="voltage [V]", ylabel="switching probability", ylim=(-0.03, 1.03))
    beside(axes)
    return fig


def _sigmoid(axes: Axes, curve: xr.Dataset) -> None:
    """The sigmoid of one curve, where its points determine one."""
    try:
        fit = fit_curves(curve)
    except InputError:
        return
    volts = np.linspace(float(curve["voltage"].min()), float(curve["voltage"].max()), 300)
    label = f"sigmoid, k = {fit.k:.1f} /V,\nx0 = {MILLI * float(fit.x0[0]):.1f} mV"
    axes.plot(volts, fit.p_max * expit(fit.k * (volts - float(fit.x0[0]))), color=BLUE, label=label)


def _states(curve: xr.Dataset) -> list[tuple[xr.Dataset, Any, str | None]]:
    """Each state with its color and its label: of many states only some are labeled."""
    dims = [str(name) for name in curve["switched"].dims if name != "voltage"]
    if not dims:
        cold = curve.attrs.get("before", "[]") == "[]"
        return [(curve, BLACK, "no pulse before" if cold else "after the pulses before")]
    (name,) = dims
    scale, unit, word = _SCALES.get(name, (1.0, str(curve[name].attrs.get("units", "")), name))
    count = curve.sizes[name]
    shades_of, *ends = _MAPS.get(name, ("Greens", 0.4, 1.0))
    shades = colormaps[str(shades_of)](np.linspace(float(ends[0]), float(ends[1]), count))
    shown = set(np.linspace(0, count - 1, min(count, MOST_LABELS)).round().astype(int).tolist())
    values = [f"{word} {scale * float(value):.4g} {unit}" for value in curve[name].values]
    return [(curve.isel({name: i}), shades[i], values[i] if i in shown else None) for i in range(count)]


def _points(axes: Axes, one: xr.Dataset, color: Any, label: str | None, linestyle: str = "none") -> None:
    """Measured points of one state with their intervals."""
    there = one["trials"].values > 0
    volts, share = one["voltage"].values[there], one["probability"].values[there]
    bars = np.abs([one[end].values[there] - share for end in ("low", "high")])
    axes.errorbar(
        volts, share, yerr=bars, color=color, label=label, marker="o", markersize=2.6, linewidth=0.8, elinewidth=0.8,
        linestyle=linestyle,
    )  # fmt: skip


@styled
def fitted_curves(measured: Curves, model: Sigmoid) -> Figure:
    """Draw the curves of a calibration, the fit through them, and the shifts of their midpoints beside the heat law.

    Parameters
    ----------
    measured : Curves
        What was fitted, with a baseline.
    model : Sigmoid
        The fit.

    Returns
    -------
    matplotlib.figure.Figure
    """
    given = [one for one in measured if one is not None]
    fit = fit_curves(*given, p_max=None if "p_max" in model.uncertainties else model.p_max)
    kinds = {name: one for name, one in zip(("amplitude", "delay"), measured[1:], strict=True) if one is not None}
    fig = figure(height=3.0 if not kinds else 5.0)
    grid = fig.add_gridspec(2, len(kinds), height_ratios=[1.35, 1.0]) if kinds else fig.add_gridspec(1, 1)
    panels = [fig.add_subplot(grid[0, :])]
    voltage = np.linspace(*model.valid["voltage"], 301)
    state = 0
    for one in given:
        for part, color, label in _states(one):
            _points(panels[0], part, color, label)
            chance = model.p_max / (1.0 + np.exp(-fit.k * (voltage - fit.x0[state])))
            panels[0].plot(voltage, chance, color=color, linewidth=0.8)
            state += 1
    panels[0].set(xlabel="voltage [V]", ylabel="switching probability", ylim=(-0.03, 1.03))
    beside(panels[0], fontsize=6.5, ncols=2 if len(kinds) == 2 else 1)
    first = 0
    for column, (name, one) in enumerate(kinds.items()):
        panels.append(fig.add_subplot(grid[1, column]))
        _shifts_of_fit(panels[-1], name, one, fit, slice(first, first + one.sizes[name]), model)
        first += one.sizes[name]
    letters(panels)
    error = model.uncertainties.get("k", np.nan)
    fig.suptitle(f"$k$ = {model.k:.4g} ± {error:.2g} /V, $x_0$ = {model.x0:.4f} V", fontsize=8.5)
    return fig


def _shifts_of_fit(axes: Axes, name: str, curve: xr.Dataset, fit: CurveFit, part: slice, model: Sigmoid) -> None:
    """Shifts that the curves have, and the line that the neuron has."""
    scale, unit, _ = _SCALES[name]
    at, shift = curve[name].values, fit.shift[part]
    errors = np.sqrt(np.diag(fit.shift_covariance)[part])
    label = "curves, ±1 std. error"
    axes.errorbar(
        scale * at, MILLI * shift, yerr=MILLI * errors, color=BLUE, marker="o", markersize=3.0, linestyle="none",
        linewidth=0.8, label=label,
    )  # fmt: skip
    line = np.linspace(at.min(), at.max(), 201)
    if name == "amplitude":
        modeled = np.array([train_shift(model, volts) for volts in line])
        axes.set_xlabel(f"amplitude of one pulse before [{unit}]")
    else:
        pulses, hold = int(curve.attrs.get("pulses", 1)), float(curve.attrs.get("hold", np.nan))
        # Where the amplitude is not known only the decay is the neuron's; its height is that of the points.
        volts = float(curve.attrs.get("amplitude", model.x0))
        modeled = np.array([train_shift(model, volts, pulses, late, hold) for late in line])
        if "amplitude" not in curve.attrs:
            here = np.interp(at, line, modeled)
            modeled *= float(here @ shift) / float(here @ here) if here.any() else 0.0
        axes.set_xlabel(f"delay [{unit}]")
    axes.plot(scale * line, MILLI * modeled, color=BLACK, linewidth=0.9, label="neuron")
    axes.set_ylabel("shift of the midpoint [mV]")
    axes.margins(y=0.2)
    axes.legend(loc="upper left" if name == "amplitude" else "upper right", fontsize=6.5)


def _abscissa(rows: xr.Dataset) -> tuple[np.ndarray, str]:
    """What sets the rows apart: the first quantity that differs in all of them, else their number."""
    for name, scale, label in (
        ("voltage", 1.0, "voltage [V]"),
        ("delay", NANO, "delay [ns]"),
        ("amplitude", 1.0, "amplitude of the pulses before [V]"),
        ("pulses", 1.0, "pulses before"),
        ("duration", NANO, "length of the pulse before [ns]"),
    ):
        values = rows[name].values.astype(float) if name in rows else np.array([])
        if values.size and np.isfinite(values).all() and np.unique(values).size == values.size:
            return scale * values, label
    return np.arange(1.0, rows.sizes["row"] + 1.0), "row"


@styled
def measured_shifts(shifts: xr.Dataset) -> Figure:
    """Draw measured shifts of the midpoint over what sets the rows apart.

    Parameters
    ----------
    shifts : xarray.Dataset
        Of kind "spinneuron-shift".

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig = figure(height=2.8)
    axes = fig.subplots()
    at, label = _abscissa(shifts)
    bars = MILLI * shifts["uncertainty"].values if "uncertainty" in shifts else None
    axes.errorbar(
        at, MILLI * shifts["delta_x0"].values, yerr=bars, color=BLUE, marker="o", markersize=3.0, linestyle="none"
    )
    axes.set(xlabel=label, ylabel=r"shift of the midpoint $\Delta x_0$ [mV]")
    return fig


@styled
def validation(rows: xr.Dataset) -> Figure:
    """Draw a neuron beside what was measured, and the residuals with the tolerance.

    Parameters
    ----------
    rows : xarray.Dataset
        Of kind "spinneuron-validation".

    Returns
    -------
    matplotlib.figure.Figure
    """
    scale, unit = (MILLI, "mV") if rows.attrs["compared"] == "shift" else (1e2, "%")
    what = r"$\Delta x_0$" if rows.attrs["compared"] == "shift" else "probability"
    measured, model, residual = (scale * rows[name].values for name in ("measured", "model", "residual"))
    bars = None
    if "uncertainty" in rows:
        bars = scale * rows["uncertainty"].values
    elif "low" in rows:
        bars = np.abs([scale * rows[end].values - measured for end in ("low", "high")])
    inside = rows["inside"].values == 1
    fig = figure(height=2.9)
    panels = list(fig.subplots(1, 2))
    ends = np.array([min(measured.min(), model.min()), max(measured.max(), model.max())])
    panels[0].plot(ends, ends, color=GRAY, linewidth=0.7, zorder=0)
    _rows(panels[0], model, measured, bars, inside)
    panels[0].set(xlabel=f"{what} of the neuron [{unit}]", ylabel=f"measured {what} [{unit}]")
    at, label = _abscissa(rows)
    panels[1].axhline(0.0, color=GRAY, linewidth=0.7, zorder=0)
    _rows(panels[1], at, residual, bars, inside)
    tolerance = rows.attrs.get("tolerance")
    if tolerance is not None:
        half = scale * float(tolerance)
        for axes, x, middle in ((panels[0], ends, ends), (panels[1], _wide(at), np.zeros(2))):
            axes.fill_between(x, middle - half, middle + half, color=GRAY, alpha=0.25, linewidth=0.0, zorder=-1)
        panels[1].fill_between([], [], [], color=GRAY, alpha=0.25, linewidth=0.0, label=f"tolerance ±{half:.3g} {unit}")
    panels[1].margins(y=0.25)
    panels[1].set(xlabel=label, ylabel=f"measured − neuron [{unit}]")
    panels[1].legend(loc="upper left", fontsize=6.8, ncols=2)
    letters(panels)
    rmse, bias = scale * rows.attrs["rmse"], scale * rows.attrs["bias"]
    name = rows.attrs.get("neuron_name", json.loads(rows.attrs["neuron"])["model"])
    fig.suptitle(f"{name}: RMSE = {rmse:.3g} {unit}, bias = {bias:.3g} {unit}, {rows.attrs['n']} rows", fontsize=8.5)
    return fig


def _wide(at: np.ndarray) -> np.ndarray:
    """Ends of an axis, a little beyond its points."""
    reach = 0.04 * float(np.ptp(at)) or 0.5
    return np.array([at.min() - reach, at.max() + reach])


def _rows(axes: Axes, x: np.ndarray, y: np.ndarray, bars: np.ndarray | None, inside: np.ndarray) -> None:
    """Points with error bars; those beyond the calibration are hollow."""
    for which, color, fill, label in (
        (inside, BLUE, BLUE, "within the calibration"),
        (~inside, ORANGE, "white", "beyond it"),
    ):
        if which.any():
            here = None if bars is None else bars[..., which]
            axes.errorbar(
                x[which], y[which], yerr=here, color=color, markerfacecolor=fill, marker="o", markersize=3.2,
                linestyle="none", linewidth=0.8, label=label,
            )  # fmt: skip
