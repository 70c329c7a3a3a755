"""Figures of neurons: how a fit compares with its data, and how a neuron answers."""

from collections.abc import Callable
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
from spinneuron.surrogates.gaussian import Gaussian
from spinneuron.surrogates.sigmoid import Sigmoid
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


def neuron(model: Any) -> Figure:
    """Draw how a neuron answers: its own kind of figure for each surrogate.

    Parameters
    ----------
    model : surrogate

    Returns
    -------
    matplotlib.figure.Figure
    """
    return ANSWERS[model.MODEL](model)


@styled
def bipolar_answer(model: SignedLIF) -> Figure:
    """Draw how a signed neuron answers the graded bipolar train at the largest voltage of its calibration.

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


@styled
def thermal_answer(model: Sigmoid) -> Figure:
    """Draw how a thermal sigmoid answers: its curve at rest and heated, heat of a pulse, and a train with its cooling.

    Parameters
    ----------
    model : Sigmoid

    Returns
    -------
    matplotlib.figure.Figure
    """
    low, high = model.x0 - 6.0 / model.k, model.x0 + 6.0 / model.k
    voltage = np.linspace(max(low, 0.0), high, 301)
    pulses = np.full(5, model.x0)
    fig = figure(height=2.7)
    panels = list(fig.subplots(1, 3))
    for count, color in ((0, BLACK), (1, BLUE), (5, ORANGE)):
        shift = float(model.shift_after(pulses[:count])) if count else 0.0
        label = "at rest" if count == 0 else f"after {count} pulse{'s' * (count > 1)}"
        panels[0].plot(voltage, model.probability(voltage, shift), color=color, label=label)
    panels[0].set(xlabel="voltage [V]", ylabel="probability of a spike")
    panels[1].plot(voltage, 1e3 * np.array([float(model.shift_after([one])) for one in voltage]), color=BLUE)
    panels[1].set(xlabel="amplitude of one pulse [V]", ylabel="shift of the midpoint [mV]")
    delay = np.linspace(0.0, 6.0 * max(model.tau_thermal), 301)
    panels[2].plot(delay * NANO, 1e3 * np.array([float(model.shift_after(pulses, one)) for one in delay]), color=ORANGE)
    panels[2].set(xlabel="time after 5 pulses [ns]", ylabel="shift of the midpoint [mV]")
    panels[0].legend(loc="upper left", fontsize=6.8)
    letters(panels)
    taus = ", ".join(f"{tau * NANO:.3g}" for tau in model.tau_thermal)
    fig.suptitle(
        f"{model.MODEL}: $k$ = {_with_error(model, 'k', 1.0)} /V, $x_0$ = {_with_error(model, 'x0', 1.0)} V, "
        f"$\\tau$ = {taus} ns; pulses of {model.x0:.3f} V",
        fontsize=8.5,
    )
    return fig


@styled
def gaussian_answer(model: Gaussian) -> Figure:
    """Draw how a Gaussian neuron answers: mean and spread of its output, and its standard deviation.

    Parameters
    ----------
    model : Gaussian

    Returns
    -------
    matplotlib.figure.Figure
    """
    return _gaussian(model, (model.x0 - 6.0 / model.k, model.x0 + 6.0 / model.k))


@styled
def outputs(samples: xr.Dataset, model: Gaussian) -> Figure:
    """Draw measured outputs, and the Gaussian neuron that was fitted to them.

    Parameters
    ----------
    samples : xarray.Dataset
        As of `measured.read_outputs`.
    model : Gaussian

    Returns
    -------
    matplotlib.figure.Figure
    """
    volts, read = samples["voltage"].values, samples["output"].values
    margin = 0.03 * np.ptp(volts)
    fig = _gaussian(model, (volts.min() - margin, volts.max() + margin))
    fig.axes[0].plot(volts, read, linestyle="none", marker=".", markersize=2.0, color=BLACK, zorder=0, label="data")
    fig.axes[0].legend(loc="upper left" if model.high > model.low else "upper right", fontsize=6.8)
    levels, inverse, count = np.unique(volts, return_inverse=True, return_counts=True)
    many = count > 2
    means = np.bincount(inverse, read) / count
    sigmas = np.sqrt(np.bincount(inverse, (read - means[inverse]) ** 2)[many] / (count[many] - 1))
    # the relative standard error of a standard deviation of n normal numbers
    errors = sigmas / np.sqrt(2.0 * (count[many] - 1))
    fig.axes[1].errorbar(levels[many], sigmas, errors, linestyle="none", marker="o", markersize=3.0, color=BLACK)
    top = max([model.moments(model.x0)[1].item(), *(sigmas + errors)])
    fig.axes[1].set_ylim(0.0, 1.05 * top)
    return fig


def _gaussian(model: Gaussian, span: tuple[float, float]) -> Figure:
    voltage = np.linspace(*span, 301)
    mean, sigma = model.moments(voltage)
    fig = figure(height=2.7)
    panels = list(fig.subplots(1, 2))
    panels[0].plot(voltage, mean, color=BLUE, label="mean")
    for times, alpha in ((1.0, 0.3), (2.0, 0.15)):
        low, high = mean - times * sigma, mean + times * sigma
        label = f"± {times:.0f} std."
        panels[0].fill_between(voltage, low, high, color=BLUE, alpha=alpha, linewidth=0.0, label=label)
    panels[0].set(xlabel="voltage [V]", ylabel="output", xlim=span)
    panels[0].legend(loc="upper left" if model.high > model.low else "upper right", fontsize=6.8)
    panels[1].plot(voltage, sigma, color=ORANGE)
    panels[1].set(xlabel="voltage [V]", ylabel="standard deviation of the output", xlim=span, ylim=(0.0, None))
    letters(panels)
    fig.suptitle(
        f"{model.MODEL}: $k$ = {_with_error(model, 'k', 1.0)} /V, $x_0$ = {_with_error(model, 'x0', 1.0)} V",
        fontsize=8.5,
    )
    return fig


ANSWERS: dict[str, Callable[..., Figure]] = {
    "signed-lif": bipolar_answer,
    "sigmoid": thermal_answer,
    "gaussian": gaussian_answer,
}
"""Model of a neuron file -> the function that draws its answer."""
