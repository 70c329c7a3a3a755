"""Figure of a circuit: comparator window, yield against spread, energies beside the published ones."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spinneuron.device import Device
from spinneuron.plotting.style import BLACK, BLUE, GRAY, LIGHT, ORANGE, RED, figure, letters, styled
from spinneuron.quantity import format

_COLORS = {"parallel": BLUE, "antiparallel": ORANGE, "independent": BLUE, "common": ORANGE}
_GROUPS = ("sensitive junction", "reference junction", "differential neuron")


@styled
def circuit(figures: xr.Dataset) -> Figure:
    """Draw the divider's outputs with the comparator window, the yield, and the energies.

    Parameters
    ----------
    figures : xarray.Dataset
        From :func:`spinneuron.circuit.curves.circuit_dataset`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig = figure(height=5.6)
    # Apart, so that the long labels of the bars leave the upper panels their width.
    parts: Any = fig.subfigures(2, 1, height_ratios=[1.0, 1.1])
    above, below = parts
    panels = [*above.subplots(1, 2), below.subplots()]
    _outputs(panels[0], figures)
    _yields(panels[1], figures)
    _energies(panels[2], figures)
    letters(panels)
    attrs = figures.attrs
    device = Device.from_json(attrs["device"])
    read, level = (format(attrs[name], "V", 4) for name in ("read_voltage", "level"))
    resistor, spread = format(attrs["reference"], "ohm", 4), format(attrs["sigma"], "%", 3)
    fig.suptitle(f"{device.name}: {read} through {resistor}, level {level}, spread {spread}", fontsize=8.5)
    return fig


def _outputs(axes: Axes, figures: xr.Dataset) -> None:
    """Outputs of both states against the reference resistance; what lies between the bands is the window."""
    ohm, attrs = figures["reference_resistance"].values, figures.attrs
    for state in figures["state"].values:
        one = figures.sel(state=state)
        axes.fill_between(
            ohm, 1e3 * one["output_low"], 1e3 * one["output_high"], color=_COLORS[str(state)], alpha=0.25, linewidth=0.0
        )
        axes.plot(ohm, 1e3 * one["output"], color=_COLORS[str(state)], label=f"{state}, ±{attrs['corner']:g}σ")
    axes.axvline(attrs["reference"], color=GRAY, linewidth=0.8, linestyle=":")
    axes.plot(attrs["reference"], 1e3 * attrs["level"], color=BLACK, marker="o", markersize=4, linestyle="none",
              label="comparator level")  # fmt: skip
    axes.set(xscale="log", xlabel="reference resistance [Ω]", ylabel="output of the divider [mV]", xlim=ohm[[0, -1]])
    axes.set_ylim(0.0, 1e3 * attrs["read_voltage"])
    axes.legend(loc="lower left")


def _yields(axes: Axes, figures: xr.Dataset) -> None:
    """Yield at the level of the circuit, and dashed at the best level for each spread."""
    percent = 100.0 * figures["spread"].values
    for kind in figures["correlation"].values:
        one, color = figures.sel(correlation=kind), _COLORS[str(kind)]
        axes.plot(percent, 100.0 * one["read_yield"], color=color, label=str(kind))
        axes.plot(percent, 100.0 * one["best_yield"], color=color, linestyle=(0, (4, 2)), linewidth=0.9)
    axes.plot([], [], color=GRAY, linestyle=(0, (4, 2)), linewidth=0.9, label="best level")
    axes.axvline(100.0 * figures.attrs["sigma"], color=GRAY, linewidth=0.8, linestyle=":")
    axes.set(xlabel="spread of $R_P$ and $R_{AP}$ [%]", ylabel="yield [%]", xlim=percent[[0, -1]])
    axes.legend(loc="lower left")


def _energies(axes: Axes, figures: xr.Dataset) -> None:
    """Each energy as a bar, with the published value as a line across it."""
    groups, units = figures["group"].values, figures["unit"].values
    chosen = np.flatnonzero(np.isin(groups, _GROUPS) & (units == "J"))
    value, published = 1e12 * figures["value"].values[chosen], 1e12 * figures["published"].values[chosen]
    at = -np.arange(chosen.size, dtype=float)
    for edge in np.flatnonzero(groups[chosen][1:] != groups[chosen][:-1]):
        axes.axhline(at[edge] - 0.5, color=GRAY, linewidth=0.5)
    axes.barh(at, value, height=0.62, color=LIGHT, edgecolor=BLACK, linewidth=0.5, label="here")
    axes.vlines(published, at - 0.42, at + 0.42, color=RED, linewidth=1.8, label="published", zorder=3)
    for place, number, line in zip(at, value, published, strict=True):
        axes.text(max(number, line) + 8.0, place, f"{number:.4g}", va="center", fontsize=7.0)
    labels = [f"{groups[i].split()[0]}: {figures['assumption'].values[i]}" for i in chosen]
    axes.set_yticks(at, labels, fontsize=6.5)
    axes.tick_params(axis="y", length=0)
    axes.set(xlabel="energy per cycle or operation [pJ]", ylim=(at[-1] - 0.6, 0.6))
    axes.set_xlim(0.0, 1.1 * max(value.max(), published.max()) + 8.0)
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.2, ncols=2)
