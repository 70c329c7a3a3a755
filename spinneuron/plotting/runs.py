"""Figures of trajectories: the drive, the moment with its spread over trials, and what the read-out makes of it."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spinneuron.device import Device
from spinneuron.plotting.style import (
    BLACK,
    BLUE,
    GRAY,
    GREEN,
    NANO,
    ORANGE,
    RED,
    beside,
    current_axis,
    figure,
    label_time,
    letters,
    styled,
)

MOST_ROWS = 60
"""Trials that a raster shows."""

COMPONENTS = {"x": ORANGE, "y": BLUE, "z": GREEN}
AXES_OF = {"x": "length", "y": "width", "z": "thickness"}
BAND = (0.05, 0.95)


@styled
def trajectory(run: xr.Dataset) -> Figure:
    """Draw a run over time: drive and components of the moment, mean and 5-95 % band over trials.

    Where the device heats itself also its temperature and power, where spikes were read also those.

    Parameters
    ----------
    run : xarray.Dataset
        Of `simulation.simulate`, also with the variables of `readout.fire`.

    Returns
    -------
    matplotlib.figure.Figure
        Of a run that kept only its last state, the distributions of the components.
    """
    if run.sizes["time"] < 2:
        return _final(run)
    read, heated = "spike" in run, "power" in run
    fig = figure(height=4.8 + 2.0 * read + 1.8 * heated)
    ratios = [0.9, 1.0, 1.0, 1.0] + ([1.3, 1.0] if read else []) + ([1.0, 1.0] if heated else [])
    panels = list(fig.subplots(len(ratios), 1, sharex=True, height_ratios=ratios))
    time = run["time"].values * NANO
    _drive(panels[0], run)
    for axes, (name, color) in zip(panels[1:4], COMPONENTS.items(), strict=True):
        values = run["m"].sel(component=name)
        axes.plot(time, values.mean("trial"), color=color, label=f"along the {AXES_OF[name]}")
        _band(axes, time, values, color)
        axes.set_ylabel(f"$m_{name}$")
        # One scale for all three, so that sizes can be compared by eye.
        axes.set_ylim(-1.1, 1.1)
        beside(axes, title=_trials(run) if name == "x" else None)
    if read:
        _potential(panels[4], run)
        _raster(panels[5], run)
    if heated:
        _heat(panels[-2:], run)
    label_time(panels[-1])
    panels[-1].set_xlim(time[0], time[-1])
    letters(panels)
    fig.suptitle(_headline(run), fontsize=8.5)
    return fig


def _heat(panels: list[Axes], run: xr.Dataset) -> None:
    """Power and temperature, mean and band over trials."""
    time = run["time"].values * NANO
    for axes, name, scale, label, color in (
        (panels[0], "power", 1e3, "power [mW]", RED),
        (panels[1], "temperature", 1.0, "T [K]", BLACK),
    ):
        values = scale * run[name]
        axes.plot(time, values.mean("trial"), color=color, label=name)
        _band(axes, time, values, color)
        if name == "temperature" and "hottest" in run:
            axes.plot(time, run["hottest"].mean("trial"), color=RED, linewidth=0.8, label="hottest column")
        axes.set_ylabel(label)
        beside(axes)


@styled
def spikes(record: xr.Dataset) -> Figure:
    """Draw what a neuron was given and what it said: drive, membrane potential, divider voltage, spikes.

    Parameters
    ----------
    record : xarray.Dataset
        Of `readout.fire` or `readout.closed_loop`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig = figure(height=5.6)
    panels = list(fig.subplots(4, 1, sharex=True, height_ratios=[1.0, 1.6, 1.6, 1.0]))
    time = record["time"].values * NANO
    _drive(panels[0], record)
    _potential(panels[1], record)
    panels[2].plot(time, record["voltage"].mean("trial") * 1e3, color=BLUE, label="divider output")
    _band(panels[2], time, record["voltage"] * 1e3, BLUE)
    for level in ("low", "high"):
        panels[2].axhline(record.attrs[level] * 1e3, color=RED, linestyle=(0, (4, 2)), linewidth=0.8)
    panels[2].plot([], [], color=RED, linestyle=(0, (4, 2)), linewidth=0.8, label="comparator levels")
    panels[2].set_ylabel("$V_\\mathrm{out}$ [mV]")
    beside(panels[2])
    _raster(panels[3], record)
    label_time(panels[-1])
    panels[-1].set_xlim(time[0], time[-1])
    letters(panels)
    fig.suptitle(_headline(record), fontsize=8.5)
    return fig


def _headline(run: xr.Dataset) -> str:
    device = Device.from_json(run.attrs["device"])
    sizes = " × ".join(f"{getattr(device, name) * NANO:g}" for name in ("width", "length", "thickness"))
    return f"{device.name}, W × L × T = {sizes} nm; {float(run.attrs['temperature']):g} K"


def _trials(run: xr.Dataset) -> str | None:
    count = run.sizes["trial"]
    return f"mean and 5–95 %\nof {count} trials" if count > 1 else None


def _band(axes: Axes, time: np.ndarray, values: xr.DataArray, color: str) -> None:
    if values.sizes["trial"] > 1:
        low, high = np.quantile(values.transpose("trial", "time").values, BAND, axis=0)
        axes.fill_between(time, low, high, color=color, alpha=0.22, linewidth=0.0)


def _drive(axes: Axes, run: xr.Dataset) -> None:
    drive = run["drive"]
    given = drive.mean("trial") if "trial" in drive.dims else drive
    values, label = current_axis(given.values, drive.attrs["units"])
    name = "drive (mean)" if drive.sizes.get("trial", 1) > 1 else "drive"
    axes.plot(run["time"].values * NANO, values, color=BLACK, label=name)
    axes.axhline(0.0, color=GRAY, linewidth=0.5, zorder=0)
    axes.set_ylabel(label)
    axes.margins(y=0.12)
    beside(axes)


def _potential(axes: Axes, run: xr.Dataset) -> None:
    """Membrane potential between the two thresholds."""
    time, membrane, threshold = run["time"].values * NANO, run["membrane"], float(run.attrs["threshold"])
    axes.plot(time, membrane.mean("trial"), color=BLUE, label="$u$")
    _band(axes, time, membrane, BLUE)
    for sign in (-1.0, 1.0):
        axes.axhline(sign * threshold, color=RED, linestyle=(0, (4, 2)), linewidth=0.8)
    axes.plot([], [], color=RED, linestyle=(0, (4, 2)), linewidth=0.8, label=f"threshold ±{threshold:g}")
    axes.axhline(0.0, color=GRAY, linewidth=0.5, zorder=0)
    axes.set_ylabel("membrane\npotential $u$")
    beside(axes, title=_trials(run))


def _raster(axes: Axes, run: xr.Dataset) -> None:
    """One row per trial, spikes of either sign told apart by shape and color."""
    spike = run["spike"].transpose("trial", "time").values[:MOST_ROWS]
    time = run["time"].values * NANO
    size = 22.0 if len(spike) <= 5 else max(2.5, 240.0 / len(spike))
    for sign, marker, color in ((1, "^", BLUE), (-1, "v", ORANGE)):
        rows, samples = np.nonzero(spike == sign)
        total = int((run["spike"] == sign).sum())
        label = f"{'+' if sign > 0 else '−'}1: {total}"
        axes.scatter(time[samples], rows + 1, s=size, marker=marker, color=color, linewidth=0.0, label=label)
    axes.set_ylim(0.4, len(spike) + 0.6)
    axes.set_ylabel("trial")
    if len(spike) == 1:
        axes.set_yticks([1])
    beside(axes, title="spikes")


def _final(run: xr.Dataset) -> Figure:
    fig = figure(height=2.4)
    panels = list(fig.subplots(1, 3, sharey=True))
    bins = np.linspace(-1.0, 1.0, 41)
    for axes, (name, color) in zip(panels, COMPONENTS.items(), strict=True):
        axes.hist(run["m"].sel(component=name).isel(time=-1), bins=bins, color=color)
        axes.set_xlabel(f"$m_{name}$ ({AXES_OF[name]})")
    panels[0].set_ylabel("trials")
    letters(panels)
    fig.suptitle(f"{_headline(run)}; last state, {float(run['time'][-1]) * NANO:g} ns", fontsize=8.5)
    return fig
