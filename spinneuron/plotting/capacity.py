"""Figures of what a junction remembers: PR over n, d' over the lag, and the map over decay and gain."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from spinneuron.capacity.design import best
from spinneuron.plotting.style import (
    BLACK,
    BLUE,
    GRAY,
    GREEN,
    NANO,
    ORANGE,
    PURPLE,
    RED,
    SEQUENTIAL,
    SKY,
    figure,
    letters,
    styled,
)
from spinneuron.tasks import FreeRecall
from spinneuron.units import format

_COLORS = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY)
_MARKERS = "os^Dvp"


@styled
def capacity(bounds: xr.Dataset) -> Figure:
    """Draw PR over n and d' of one pulse over the lag, a line for each N; below them recall, where it is there.

    Parameters
    ----------
    bounds : xarray.Dataset
        Of kind "spinneuron-capacity".

    Returns
    -------
    matplotlib.figure.Figure
    """
    with_recall = "recall" in bounds
    fig = figure(height=8.3 if with_recall else 2.9)
    panels: Any = fig.subplots(3 if with_recall else 1, 2, squeeze=False)
    left, right = panels[0]
    if with_recall:
        _recall(panels[1], bounds)
        _under_interference(panels[2][0], bounds, "interference", {"one-hot": "dissimilar items", "4-of-9": "similar"})
        _under_interference(panels[2][1], bounds, "cued_recall", {"false": "without cue", "true": "with cue"})
    for i, many in enumerate(bounds["junctions"].values):
        one, color, marker = bounds.isel(junctions=i), _COLORS[i % 6], _MARKERS[i % 6]
        spread = one["pr_of_code"]
        left.fill_between(bounds["n"], spread.min("code"), spread.max("code"), color=color, alpha=0.2, linewidth=0.0)
        left.errorbar(
            bounds["n"], one["pr"], 1.96 * one["error"], color=color, marker=marker, markersize=4, capsize=2,
            label=f"N = {many}",
        )  # fmt: skip
        right.plot(bounds["lag"], one["d_prime"], color=color, marker=marker, markersize=4, label=f"N = {many}")
    left.set(xlabel="n", ylabel="largest PR = TPR - FPR", ylim=(-0.02, 1.04), xticks=bounds["n"].values)
    left.legend(loc="upper right")
    # Without heat, or where all fire, there is no d' to draw on a logarithmic scale.
    if (bounds["d_prime"] > 0.0).all():
        right.set_yscale("log")
    right.axhline(1.0, color=GRAY, linewidth=0.8, linestyle=":")
    right.set(xlabel="lag [steps]", ylabel="d' of one pulse in a block", xticks=bounds["lag"].values)
    right.legend(loc="upper right")
    letters(list(panels.ravel()))
    return fig


def _recall(panels: Any, bounds: xr.Dataset) -> None:
    """Free recall over the position for the largest N, and its mean over the delay for each N."""
    most = int(np.argmax(bounds["junctions"].values))
    colors = colormaps[SEQUENTIAL](np.linspace(0.0, 0.75, bounds.sizes["delay"]))
    for j, color in enumerate(colors):
        one = bounds.isel(junctions=most, delay=j)
        panels[0].errorbar(
            bounds["position"], one["recall"], one["recall_error"], color=color, marker=_MARKERS[j], markersize=3.5,
            capsize=1.5, label=f"delay {int(one['delay'])}",
        )  # fmt: skip
    for i, many in enumerate(bounds["junctions"].values):
        one = bounds.isel(junctions=i)
        panels[1].errorbar(
            bounds["delay"], one["recall_mean"], 1.96 * one["recall_mean_error"], color=_COLORS[i % 6],
            marker=_MARKERS[i % 6], markersize=4, capsize=2, label=f"N = {many}",
        )  # fmt: skip
    task = FreeRecall()
    chance = task.length / task.items
    for axes in panels:
        axes.axhline(chance, color=GRAY, linewidth=0.8, linestyle=":", label="chance")
    panels[0].set(
        xlabel="serial position", ylabel="free recall", ylim=(0.0, 1.06), xticks=bounds["position"].values[::2]
    )
    panels[0].set_title(f"N = {int(bounds['junctions'][most])}", fontsize=7.5)
    panels[0].legend(loc="upper left")
    panels[1].set(xlabel="delay [steps]", ylabel="largest mean recall", xticks=bounds["delay"].values)
    panels[1].legend(loc="upper right")


def _under_interference(axes: Axes, bounds: xr.Dataset, name: str, looks: dict[str, str]) -> None:
    """Recall of the target without a distractor, with one before or after, and the mean; a color for each N."""
    option = bounds[name].dims[1]
    at = np.arange(bounds.sizes["condition"])
    for i, many in enumerate(bounds["junctions"].values):
        for value, line in zip(looks, ("-", (0, (4, 2))), strict=True):
            one = bounds.sel({"junctions": many, option: value})
            look: Any = {"color": _COLORS[i % 6], "marker": _MARKERS[i % 6], "markersize": 4, "capsize": 2}
            look["markerfacecolor"] = "white" if line != "-" else look["color"]
            axes.errorbar(at, one[name], 1.96 * one[f"{name}_error"], linestyle=line, **look)
            axes.errorbar(at[-1] + 1, one[f"{name}_mean"], 1.96 * one[f"{name}_mean_error"], **look)
        axes.plot([], [], color=_COLORS[i % 6], marker=_MARKERS[i % 6], markersize=4, label=f"N = {many}")
    for line, said in zip(("-", (0, (4, 2))), looks.values(), strict=True):
        axes.plot([], [], color=GRAY, linestyle=line, label=said)
    axes.axvline(at[-1] + 0.5, ymax=0.74, color=GRAY, linewidth=0.8, linestyle=":")
    axes.set_xticks(range(len(at) + 1), ["none", "before", "after", "mean"])
    axes.set(xlabel="distractor", ylabel="recall of the target", ylim=(-0.02, 1.42), xlim=(-0.4, len(at) + 0.4))
    axes.set_yticks(np.linspace(0.0, 1.0, 6))
    axes.legend(loc="upper center", ncols=2)


@styled
def design(map_: xr.Dataset) -> Figure:
    """Draw PR over decay and gain, a panel for each n, then PR over tau at the neuron's gain, and the best tau.

    Parameters
    ----------
    map_ : xarray.Dataset
        Of kind "spinneuron-capacity-design".

    Returns
    -------
    matplotlib.figure.Figure
    """
    rows = map_.sizes["junctions"]
    fig = figure(height=1.75 * rows + 3.1)
    parts: Any = fig.subfigures(2, 1, height_ratios=[1.75 * rows + 0.2, 2.7])
    panels = parts[0].subplots(rows, map_.sizes["n"], sharex=True, sharey=True, squeeze=False)
    image = None
    for i in range(rows):
        for j in range(map_.sizes["n"]):
            image = _map(panels[i, j], map_.isel(junctions=i, n=j))
        panels[i, 0].set_ylabel(f"N = {int(map_['junctions'][i])}\ngain $k\\,h$")
    parts[0].suptitle("star: best junction of the map; circle: the neuron", fontsize=7.5)
    for axes in panels[-1]:
        axes.set_xlabel("decay per step")
    parts[0].colorbar(image, ax=panels, label="largest PR", pad=0.01, aspect=14 * rows)
    below = parts[1].subplots(1, 2)
    _over_tau(below[0], map_)
    _best(below[1], map_)
    letters(list(below))
    return fig


def _map(axes: Axes, one: xr.Dataset) -> Any:
    """PR over decay and gain for one n, with its best point (star) and the neuron (circle)."""
    image = axes.pcolormesh(
        one["decay"], one["gain"], one["pr"], vmin=0.0, vmax=1.0, cmap=SEQUENTIAL, shading="nearest"
    )
    lines = axes.contour(one["decay"], one["gain"], one["pr"], levels=np.arange(0.1, 1.0, 0.2), colors="white",
                         linewidths=0.6)  # fmt: skip
    axes.clabel(lines, fontsize=5.5, fmt="%.1f")
    at = np.unravel_index(int(np.argmax(one["pr"].values)), one["pr"].shape)
    axes.plot(one["decay"][at[1]], one["gain"][at[0]], marker="*", markersize=8, color="white", markeredgecolor=BLACK)
    own = np.atleast_1d(one.attrs["own_decay"])
    if own.size == 1:
        axes.plot(own[0], one.attrs["own_gain"], marker="o", markersize=4.5, color="none", markeredgecolor="white")
    axes.set(yscale="log", title=f"n = {int(one['n'])}")
    axes.set_yticks([0.2, 0.5, 1.0, 2.0, 4.0], ["0.2", "0.5", "1", "2", "4"])
    axes.minorticks_off()
    axes.set_ylim(float(one["gain"].min()) / 1.19, float(one["gain"].max()) * 1.19)
    return image


def _over_tau(axes: Axes, map_: xr.Dataset) -> None:
    """PR over the time constant, at the neuron's own gain and the first N."""
    own = map_.isel(junctions=0, gain=int(np.argmin(np.abs(map_["scale"].values - 1.0))))
    colors = colormaps[SEQUENTIAL](np.linspace(0.0, 0.85, map_.sizes["n"]))
    for j, color in enumerate(colors):
        one = own.isel(n=j)
        axes.errorbar(
            NANO * one["tau"], one["pr"], 1.96 * one["error"], color=color, marker=_MARKERS[j % 6], markersize=3,
            capsize=1.5, label=f"n = {int(one['n'])}",
        )  # fmt: skip
    decays = np.atleast_1d(map_.attrs["own_decay"])
    for tau in -map_.attrs["time_step"] / np.log(decays):
        axes.axvline(NANO * tau, color=GRAY, linewidth=0.8, linestyle=":")
    gain = format(map_.attrs["own_gain"], "1", 3)
    axes.set(xscale="log", xlabel=r"$\tau$ of the heat [ns]", ylabel="largest PR", ylim=(-0.02, 1.34))
    axes.set_yticks(np.linspace(0.0, 1.0, 6))
    _nanoseconds(axes.xaxis)
    axes.set_title(f"gain {gain}, N = {int(map_['junctions'][0])}", fontsize=7.5)
    axes.legend(loc="upper center", ncols=3)


def _nanoseconds(axis: Axis) -> None:
    """Write times of a logarithmic axis as plain numbers."""
    axis.set_major_locator(LogLocator(10.0, subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def _best(axes: Axes, map_: xr.Dataset) -> None:
    """The best time constant for each n: at the neuron's gain, and at the best gain."""
    found, step = best(map_), map_.attrs["time_step"]
    for i, many in enumerate(map_["junctions"].values):
        color = _COLORS[i % 6]
        axes.plot(found["n"], NANO * found["tau_at_own"][i], color=color, marker="o", markersize=4,
                  label=f"N = {many}, the neuron's gain")  # fmt: skip
        axes.plot(found["n"], NANO * found["tau"][i], color=color, marker="*", markersize=6, linestyle=(0, (4, 2)),
                  label=f"N = {many}, the best gain")  # fmt: skip
    axes.set(yscale="log", xlabel="n", ylabel=r"best $\tau$ [ns]", xticks=map_["n"].values)
    low, high = -NANO * step / np.log(map_["decay"].values[[0, -1]])
    axes.set_ylim(low / 1.3, high * 2.5)
    _nanoseconds(axes.yaxis)
    axes.set_title("best time constant of the grid", fontsize=7.5)
    axes.legend(loc="upper left")
