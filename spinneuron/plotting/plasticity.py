"""Figures of the plasticity suite: each published experiment with its simulation, and what was printed beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.special import expit

from spinneuron.plasticity.analysis import curve_of, neuron, states_of, with_shifts
from spinneuron.plasticity.plan import EXPERIMENTS
from spinneuron.plasticity.published import (
    BREAKPOINT,
    S1_RANGE,
    S4_RMSE,
    printed_probabilities,
    printed_shift,
    text_neuron,
)
from spinneuron.plasticity.shifts import cold_curve
from spinneuron.plotting.style import BLACK, BLUE, GRAY, NANO, ORANGE, RED, figure, letters, styled
from spinneuron.quantity import InputError
from spinneuron.surrogates.sigmoid import Sigmoid

MILLI = 1e3
TITLES = {
    "1E": "1E: switching curve, no heat",
    "1F": "1F: right after 0.9 V pulses",
    "1G": "1G: cooling after 0.9 V, 500 ns",
    "S1": "S1: one pulse before",
    "S2": "S2: cooling after five pulses",
    "S3": "S3: four steps of 0.85 V",
    "S4": "S4: three pulses before",
    "S9": "S9: insensitive junction",
}


def _points(axes: Axes, curve: xr.Dataset, color, label=None, **more) -> None:
    share = curve["probability"].values
    bars = np.abs([curve[end].values - share for end in ("low", "high")])
    look: dict[str, Any] = {"marker": "o", "markersize": 2.4, "linestyle": "none", "elinewidth": 0.7}
    axes.errorbar(curve["voltage"].values, share, yerr=bars, color=color, label=label, **(look | more))


def _cold(suite: xr.Dataset):
    """The cold curve of the sensitive junction, or None."""
    states = states_of(suite, "1E")
    return cold_curve(curve_of(suite, int(states[0]))) if len(states) else None


def _voltage_axes(axes: Axes) -> None:
    axes.set(xlabel="probe [V]", ylabel="switching probability", ylim=(-0.03, 1.03))


def _baseline(axes: Axes, suite: xr.Dataset, model: Sigmoid | None) -> None:
    curve = curve_of(suite, int(states_of(suite, "1E")[0]))
    volts = np.linspace(float(curve["voltage"].min()), float(curve["voltage"].max()), 300)
    _points(axes, curve, BLACK, "simulated")
    p_max, k, x0 = (float(suite[name][0]) for name in ("p_max", "k", "x0"))
    if np.isfinite(k):
        axes.plot(volts, p_max * expit(k * (volts - x0)), color=BLUE, label=f"logistic, k = {k:.1f} /V")
    axes.plot(volts, text_neuron().probability(volts), color=ORANGE, linestyle="--", label="from the text, 44.4 /V")
    axes.plot(0.80, 0.1972, marker="*", color=RED, markersize=8, linestyle="none", label="printed, 0.80 V")
    _voltage_axes(axes)
    axes.legend(loc="upper left")


def _family(axes: Axes, suite: xr.Dataset, experiment: str, shades: np.ndarray) -> None:
    """Curves of several states; the lines are the cold curve, moved."""
    cold, states = _cold(suite), states_of(suite, experiment, regular=False)
    volts = np.linspace(0.74, 0.88, 200)
    if cold is not None:
        axes.plot(volts, cold.probability(volts), color=GRAY, label="no pulse")
    for state, shade in zip(states, shades, strict=True):
        _points(axes, curve_of(suite, int(state)), shade, str(suite["label"].values[state]))
        shift = float(suite["shift"][state])
        if cold is not None and np.isfinite(shift):
            axes.plot(volts, cold.probability(volts + shift), color=shade, linewidth=0.9)
    _voltage_axes(axes)
    axes.set_xlim(0.74, 0.88)
    axes.legend(loc="upper left", fontsize=6.5)


def _printed_three(axes: Axes, suite: xr.Dataset, wanted: dict[str, float]) -> None:
    """Printed probabilities, at the voltage where the cold curve gives the first of them."""
    cold = _cold(suite)
    if cold is None:
        return
    volts = np.linspace(cold.low, cold.high, 4000)
    at = float(np.interp(printed_probabilities()["before"], cold.probability(volts), volts))
    axes.plot([at] * len(wanted), list(wanted.values()), marker="*", color=RED, markersize=8, linestyle="none",
              label="printed", zorder=5)  # fmt: skip


def _heating(axes: Axes, suite: xr.Dataset, model: Sigmoid | None) -> None:
    count = len(states_of(suite, "1F", regular=False))
    printed = printed_probabilities()
    _printed_three(axes, suite, {name: printed[name] for name in ("before", "right after")})
    _family(axes, suite, "1F", colormaps["OrRd"](np.linspace(0.4, 1.0, count)))


def _cooling(axes: Axes, suite: xr.Dataset, model: Sigmoid | None) -> None:
    count = len(states_of(suite, "1G", regular=False))
    _printed_three(axes, suite, printed_probabilities())
    _family(axes, suite, "1G", colormaps["Blues_r"](np.linspace(0.0, 0.6, count)))


def _shifts(axes: Axes, suite: xr.Dataset, experiment: str, x: np.ndarray) -> None:
    states = states_of(suite, experiment)
    errors = np.sqrt(np.diag(suite["shift_covariance"].values)[states])
    found = MILLI * suite["shift"].values[states]
    look: dict[str, Any] = {"marker": "o", "markersize": 2.8, "linestyle": "none", "elinewidth": 0.8}
    axes.errorbar(x, found, yerr=MILLI * errors, color=BLACK, label="simulated", **look)
    axes.set_ylabel("shift of the midpoint [mV]")


def _amplitudes(axes: Axes, suite: xr.Dataset, model: Sigmoid | None) -> None:
    _shifts(axes, suite, "S1", suite["amplitude"].values[states_of(suite, "S1")])
    volts = np.linspace(*S1_RANGE, 100)
    axes.plot(volts, MILLI * printed_shift(volts), color=RED, label="printed: 0.0082 V² + 0.0087 V")
    if model is not None:
        fitted = model.heat_v2 * volts**2 + model.heat_v1 * volts
        axes.plot(volts, MILLI * fitted, color=BLUE, linestyle="--",
                  label=f"fit: {model.heat_v2:.4f} V² + {model.heat_v1:.4f} V")  # fmt: skip
    axes.set_xlabel("amplitude of the pulse before [V]")
    axes.legend(loc="upper left")


def _decay(axes: Axes, suite: xr.Dataset, model: Sigmoid | None) -> None:
    delays = suite["delay"].values[states_of(suite, "S2")]
    _shifts(axes, suite, "S2", NANO * delays)
    late = np.linspace(0.0, delays.max(), 400)
    for one, color, style, name in ((model, BLUE, "-", "fit"), (text_neuron(), ORANGE, "--", "from the text")):
        if one is not None:
            label = f"{name}, {NANO * one.tau_thermal[0]:.0f} ns"
            axes.plot(NANO * late, MILLI * one.shift_after([0.9] * 5, late), color=color, linestyle=style, label=label)
    axes.axvline(NANO * BREAKPOINT, color=GRAY, linewidth=0.7, linestyle=":", label="printed breakpoint")
    axes.set_xscale("symlog", linthresh=100.0, linscale=0.7)
    axes.set_xlim(-10.0, 1.15 * NANO * delays.max())
    axes.set_xlabel("delay [ns]")
    axes.legend(loc="upper right")


def _predicted(model: Sigmoid, sequences: list[list[float]], cold, probe: float) -> np.ndarray:
    """Probabilities by the heat of a neuron and the cold curve of the junction."""
    return np.array([float(cold.probability(probe + float(model.shift_after(one)))[0]) for one in sequences])


def _sequences(axes: Axes, suite: xr.Dataset, model: Sigmoid | None) -> None:
    states = states_of(suite, "S3")
    labels = suite["label"].values[states].astype(str)
    own = [curve_of(suite, int(state)) for state in states]
    share = np.array([float(one["probability"][0]) for one in own])
    bars = np.abs([[float(one[end][0]) for one in own] - share for end in ("low", "high")])
    axes.bar(np.arange(len(states)), 100 * share, color="#BBD7EA", edgecolor=BLUE, linewidth=0.6, label="simulated")
    axes.errorbar(np.arange(len(states)), 100 * share, yerr=100 * bars, color=BLUE, linestyle="none", elinewidth=0.8)
    cold, probe = _cold(suite), float(own[0]["voltage"][0])
    steps = [[0.85 * int(bit) for bit in label] for label in labels]
    for one, color, name in ((model, BLACK, "fitted neuron"), (text_neuron(), ORANGE, "heat of the text")):
        if one is not None and cold is not None:
            predicted = _predicted(one, steps, cold, probe)
            axes.plot(np.arange(len(states)), 100 * predicted, color=color, marker="_", markersize=8, linestyle="none",
                      markeredgewidth=1.4, label=name)  # fmt: skip
    axes.set_xticks(np.arange(len(states)), labels.tolist(), rotation=90)
    axes.set(ylabel=f"probability at {probe:g} V [%]", ylim=(0.85 * 100 * share.min(), 1.12 * 100 * share.max()))
    axes.legend(loc="upper left", ncols=3, fontsize=6.5, columnspacing=0.8)


def _trains(axes: Axes, suite: xr.Dataset, model: Sigmoid | None) -> None:
    volts = suite["amplitude"].values[states_of(suite, "S4")]
    _shifts(axes, suite, "S4", volts)
    found = suite["shift"].values[states_of(suite, "S4")]
    drawn = ((model, BLUE, "-", "fitted neuron"), (text_neuron(), ORANGE, "--", "from the text"))
    for one, color, style, name in drawn:
        if one is not None:
            predicted = np.array([float(one.shift_after([V] * 3)) for V in volts])
            rmse = MILLI * float(np.sqrt(np.nanmean((predicted - found) ** 2)))
            axes.plot(volts, MILLI * predicted, color=color, linestyle=style, label=f"{name}, RMSE {rmse:.2f} mV")
    axes.plot([], [], linestyle="none", label=f"(published: {MILLI * S4_RMSE:.3f} mV)")
    axes.set_xlabel("amplitude of the pulses before [V]")
    axes.legend(loc="upper left")


def _insensitive(axes: Axes, suite: xr.Dataset, model: Sigmoid | None) -> None:
    for state, color, marker in zip(states_of(suite, "S9"), (BLUE, RED), ("o", "^"), strict=True):
        _points(axes, curve_of(suite, int(state)), color, str(suite["label"].values[state]), marker=marker)
    last = states_of(suite, "S9")[-1]
    error = float(np.sqrt(suite["shift_covariance"].values[last, last]))
    shift = float(suite["shift"][last])
    if np.isfinite(shift):
        axes.plot([], [], linestyle="none", label=f"shift {MILLI * shift:.2f} ± {MILLI * error:.2f} mV")
    _voltage_axes(axes)
    axes.legend(loc="upper left")


PANELS: dict[str, Callable[[Axes, xr.Dataset, Sigmoid | None], None]] = {
    "1E": _baseline,
    "1F": _heating,
    "1G": _cooling,
    "S1": _amplitudes,
    "S2": _decay,
    "S3": _sequences,
    "S4": _trains,
    "S9": _insensitive,
}
"""Published figure -> what draws it."""


def _prepared(suite: xr.Dataset) -> tuple[xr.Dataset, Sigmoid | None, list[str]]:
    """The suite with its shifts, the neuron that it calibrates, and the experiments that it holds."""
    shifted = suite if "shift" in suite else with_shifts(suite)
    there = set(suite["experiment"].values.astype(str).tolist())
    try:
        model = neuron(shifted)
    except InputError:
        model = None
    return shifted, model, [name for name in EXPERIMENTS if name in there]


@styled
def overview(suite: xr.Dataset) -> Figure:
    """Draw all experiments of a suite, a panel for each.

    Parameters
    ----------
    suite : xarray.Dataset
        As of `plasticity.run_suite`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    shifted, model, names = _prepared(suite)
    rows = (len(names) + 1) // 2
    fig = figure(height=2.7 * rows)
    panels = list(np.atleast_1d(fig.subplots(rows, 2 if len(names) > 1 else 1)).ravel())
    for axes, name in zip(panels, names, strict=False):
        PANELS[name](axes, shifted, model)
        axes.set_title(TITLES[name])
    for axes in panels[len(names) :]:
        axes.remove()
    letters(panels[: len(names)])
    return fig


@styled
def experiment(suite: xr.Dataset, name: str) -> Figure:
    """Draw one experiment of a suite.

    Parameters
    ----------
    suite : xarray.Dataset
        As of `plasticity.run_suite`.
    name : str
        Of the experiment.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If the suite does not hold it.
    """
    shifted, model, names = _prepared(suite)
    if name not in names:
        raise InputError(f"experiment = {name!r}: not in the suite, which has {', '.join(names)}")
    fig = figure(width=4.2, height=3.0)
    axes = fig.subplots()
    PANELS[name](axes, shifted, model)
    axes.set_title(TITLES[name])
    return fig
