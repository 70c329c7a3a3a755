"""Figures of what moves the membrane potential: precession, damping and torque, and designs side by side."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spinneuron.plotting.style import (
    BLACK,
    BLUE,
    GRAY,
    GREEN,
    NANO,
    ORANGE,
    PURPLE,
    RED,
    beside,
    current_axis,
    figure,
    label_time,
    letters,
    styled,
)

TERMS = {"precession": (GREEN, "-"), "damping": (BLUE, "-"), "torque": (RED, "-")}
DESIGNS = (BLUE, ORANGE, GREEN, PURPLE, RED)
FIT = (0, (4, 1.5))


@styled
def evolution(record: xr.Dataset) -> Figure:
    """Draw the evolution of designs beside the ideal neuron, or the split of one run.

    Parameters
    ----------
    record : xarray.Dataset
        Of `evolution.compare` or `evolution.torque_split`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    return _designs(record) if "design" in record.dims else _one(record)


def _designs(record: xr.Dataset) -> Figure:
    names = [str(name) for name in record["design"].values]
    count = len(names)
    fig = figure(height=1.2 + 1.05 * (count + 1) + 1.25 * count)
    ratios = [0.8] + [1.0] * (count + 1) + [1.2] * count
    panels = list(fig.subplots(len(ratios), 1, sharex=True, height_ratios=ratios))
    time = record["time"].values * NANO
    values, label = current_axis(record["drive"].values, record["drive"].attrs["units"])
    panels[0].plot(time, values, color=BLACK, label="drive")
    panels[0].axhline(0.0, color=GRAY, linewidth=0.5, zorder=0)
    panels[0].set_ylabel(label)
    panels[0].margins(y=0.15)
    beside(panels[0])
    panels[1].plot(time, record["ideal"], color=BLACK, label="ideal signed LIF\n(closed form)")
    # One scale for all three, so that sizes can be compared by eye.
    shown = [record["ideal"].values, record["membrane"].values]
    top = 1.12 * max(float(np.nanmax(np.abs(values))) for values in shown)
    for axes, name, color in zip(panels[2 : 2 + count], names, DESIGNS * count, strict=False):
        one = record.sel(design=name)
        axes.plot(time, one["membrane"], color=color, label=name)
        axes.plot(time, one["fitted"], color=BLACK, linestyle=FIT, linewidth=0.9, label=_fit_label(one))
    for axes in panels[1 : 2 + count]:
        axes.axhline(0.0, color=GRAY, linewidth=0.5, zorder=0)
        axes.set_ylim(-top, top)
        axes.set_ylabel("$u$")
        beside(axes)
    for axes, name in zip(panels[2 + count :], names, strict=True):
        _split(axes, record.sel(design=name), title=name)
    label_time(panels[-1])
    panels[-1].set_xlim(time[0], time[-1])
    letters(panels)
    trials = int(record.attrs["trials"])
    mean = f"; mean of {trials} trials" if trials > 1 else ""
    fig.suptitle(f"{float(record.attrs['temperature']):g} K{mean}", fontsize=8.5)
    return fig


def _fit_label(one: xr.Dataset) -> str:
    tau, r2 = float(one["tau_membrane"]) * NANO, float(one["r2"])
    constant = f"{tau:.3g} ns" if np.isfinite(tau) else "∞"
    return f"LIF fit: $\\tau_\\mathrm{{m}}$ = {constant},\n$R^2$ = {r2:.3f}".replace("-", "−")


def _split(axes: Axes, one: xr.Dataset, title: str | None = None) -> None:
    """The three terms of du/dt, and their sum as a thin line."""
    time = one["time"].values * NANO
    for name, (color, dashes) in TERMS.items():
        axes.plot(time, one[name] / NANO, color=color, linestyle=dashes, linewidth=1.0, label=name)
    if "total" in one:
        axes.plot(time, one["total"] / NANO, color=BLACK, linewidth=0.7, linestyle=(0, (1, 1)), label="sum")
    axes.axhline(0.0, color=GRAY, linewidth=0.5, zorder=0)
    axes.set_ylabel("d$u$/d$t$ [1/ns]")
    beside(axes, title=title)


def _one(record: xr.Dataset) -> Figure:
    fig = figure(height=5.0)
    panels = list(fig.subplots(3, 1, sharex=True, height_ratios=[0.7, 1.0, 1.5]))
    time = record["time"].values * NANO
    mean = record.mean("trial") if "trial" in record.dims else record
    values, label = current_axis(record["drive"].values, record["drive"].attrs["units"])
    panels[0].plot(time, values, color=BLACK, label="drive")
    panels[0].set_ylabel(label)
    panels[0].margins(y=0.15)
    beside(panels[0])
    panels[1].plot(time, mean["membrane"], color=BLUE, label="$u$")
    panels[1].axhline(0.0, color=GRAY, linewidth=0.5, zorder=0)
    panels[1].set_ylabel("$u$")
    beside(panels[1])
    _split(panels[2], mean)
    label_time(panels[-1])
    panels[-1].set_xlim(time[0], time[-1])
    letters(panels)
    count = record.sizes.get("trial", 1)
    of = f"; mean of {count} trials" if count > 1 else ""
    fig.suptitle(f"{float(record.attrs['temperature']):g} K{of}", fontsize=8.5)
    return fig
