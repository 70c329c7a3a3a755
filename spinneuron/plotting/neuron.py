"""Figures of neurons: how a fit compares with its data, and how a neuron answers."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from spinneuron.device import Device
from spinneuron.plotting.style import (
    BLACK,
    BLUE,
    GRAY,
    NANO,
    ORANGE,
    RED,
    beside,
    figure,
    label_time,
    letters,
    styled,
)
from spinneuron.protocols import bipolar
from spinneuron.simulation import membrane_potential
from spinneuron.surrogates.signed_lif import SignedLIF

DASHES = (0, (4, 2))


@styled
def calibration(run: xr.Dataset, model: SignedLIF) -> Figure:
    """Draw the data of a fit, the fit, and what is left.

    Parameters
    ----------
    run : xarray.Dataset
        The trajectories that were fitted.
    model : SignedLIF

    Returns
    -------
    matplotlib.figure.Figure
    """
    time, current = run["time"].values, run["current"].values
    membrane = membrane_potential(run)
    u, fitted = membrane.mean("trial").values, model.respond(time, current)
    fig = figure(height=4.6)
    panels = list(fig.subplots(3, 1, sharex=True, height_ratios=[0.8, 1.8, 0.9]))
    panels[0].plot(time * NANO, current * model.resistance, color=BLACK, label="$I R$")
    panels[0].axhline(0.0, color=GRAY, linewidth=0.5, zorder=0)
    panels[0].set_ylabel("drive [V]")
    panels[0].margins(y=0.15)
    trials = run.sizes["trial"]
    label = "data" if trials == 1 else f"data, mean of\n{trials} trials"
    panels[1].plot(time * NANO, u, color=BLUE, label=label)
    panels[1].plot(time * NANO, fitted, color=BLACK, linestyle=DASHES, label=_fit_label(model))
    panels[1].axhline(0.0, color=GRAY, linewidth=0.5, zorder=0)
    panels[1].set_ylabel("membrane potential $u$")
    panels[2].plot(time * NANO, u - fitted, color=BLUE, label="data − fit")
    panels[2].axhline(0.0, color=GRAY, linewidth=0.5, zorder=0)
    if trials > 1:
        error = membrane.std("trial", ddof=1).values / np.sqrt(trials)
        panels[2].fill_between(
            time * NANO, -2.0 * error, 2.0 * error, color=GRAY, alpha=0.3, linewidth=0.0,
            label="±2 std. errors\nof the mean",
        )  # fmt: skip
    panels[2].set_ylabel("residual")
    for axes in panels:
        beside(axes)
    label_time(panels[-1])
    panels[-1].set_xlim(time[0] * NANO, time[-1] * NANO)
    letters(panels)
    device = Device.from_json(run.attrs["device"])
    fig.suptitle(f"{device.name}, {float(run.attrs['temperature']):g} K", fontsize=8.5)
    return fig


def _fit_label(model: SignedLIF) -> str:
    lines = [f"signed LIF fit:\n$\\tau_\\mathrm{{m}}$ = {_with_error(model, 'tau_membrane', NANO)} ns"]
    lines.append(f"gain = {_with_error(model, 'gain', 1.0)} /V")
    if model.statistics is not None:
        lines.append(f"$R^2$ = {model.statistics.r2:.4f}")
    return "\n".join(lines)


def _with_error(model: Any, name: str, scale: float) -> str:
    value, error = getattr(model, name) * scale, model.uncertainties.get(name)
    if not error:
        return f"{value:.3g}"
    decimals = max(0, 1 - int(np.floor(np.log10(error * scale))))
    return f"{value:.{decimals}f} ± {error * scale:.{decimals}f}"


@styled
def neuron(model: SignedLIF) -> Figure:
    """Draw how a neuron answers the graded bipolar train at the largest voltage of its calibration.

    Parameters
    ----------
    model : SignedLIF

    Returns
    -------
    matplotlib.figure.Figure
    """
    top = max(map(abs, model.valid.get("voltage", (1.0, 1.0)))) or 1.0
    width = model.tau_membrane / model.leak
    protocol = bipolar(top, width, gap=width, after=4.0 * width, edge=0.1 * width, unit="V")
    time = np.linspace(0.0, protocol.duration, 2001)
    current = protocol.at(time) / model.resistance
    fired = model.spikes(time, current)
    fig = figure(height=4.2)
    panels = list(fig.subplots(2, 1, sharex=True, height_ratios=[0.8, 2.0]))
    panels[0].plot(time * NANO, protocol.at(time), color=BLACK, label="$I R$")
    panels[0].set_ylabel("drive [V]")
    panels[0].margins(y=0.15)
    panels[1].plot(time * NANO, model.respond(time, current), color=GRAY, linewidth=0.9, label="$u$ without\nthreshold")
    panels[1].plot(time * NANO, fired.u, color=BLUE, label="$u$ with reset")
    for sign, marker, color in ((1, "^", BLUE), (-1, "v", ORANGE)):
        at = time[fired.spike == sign] * NANO
        label = f"spikes {'+' if sign > 0 else '−'}1: {at.size}"
        panels[1].plot(
            at, np.full(at.size, sign * model.threshold), linestyle="none", marker=marker, markersize=4.5, color=color,
            markeredgecolor=BLACK, markeredgewidth=0.3, label=label,
        )  # fmt: skip
        panels[1].axhline(sign * model.threshold, color=RED, linestyle=DASHES, linewidth=0.8)
    panels[1].plot([], [], color=RED, linestyle=DASHES, linewidth=0.8, label=f"threshold ±{model.threshold:g}")
    panels[1].set_ylabel("membrane potential $u$")
    for axes in panels:
        axes.axhline(0.0, color=GRAY, linewidth=0.5, zorder=0)
        beside(axes)
    label_time(panels[-1])
    panels[-1].set_xlim(0.0, time[-1] * NANO)
    letters(panels)
    fig.suptitle(
        f"{model.MODEL}: $\\tau_\\mathrm{{m}}$ = {_with_error(model, 'tau_membrane', NANO)} ns, "
        f"gain = {_with_error(model, 'gain', 1.0)} /V, $R$ = {model.resistance:.4g} Ω",
        fontsize=8.5,
    )
    return fig
