"""Figure of switching rates: how fast each state is left against the voltage, and how long it lasts."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from spinneuron.device import Device
from spinneuron.plotting.neuron import DASHES
from spinneuron.plotting.style import BLACK, BLUE, GRAY, ORANGE, figure, styled

YEAR = 365.25 * 86400.0
TEN_YEARS = 10.0 * YEAR
# rates below are off the scale of any experiment: the axis ends there unless all of them are
LEAST_RATE = 1e-40


@styled
def rates(dataset: xr.Dataset) -> Figure:
    """Draw the rates of both states on a logarithmic axis; the axis on the right is that of their inverse.

    Parameters
    ----------
    dataset : xarray.Dataset
        Of kind "spinneuron-rates".

    Returns
    -------
    matplotlib.figure.Figure
    """
    volts, attrs = dataset["voltage"].values, dataset.attrs
    order = np.argsort(volts)
    marker = "x" if len(volts) == 1 else "none"
    beside: dict[str, Any] = {"color": BLACK, "linestyle": DASHES, "linewidth": 0.9, "marker": marker}
    fig = figure(width=5.6, height=3.4)
    axes = fig.subplots()
    for state, other, color in (("parallel", "antiparallel", BLUE), ("antiparallel", "parallel", ORANGE)):
        one = dataset.sel(state=state)
        rate, limit = (np.where(one[name] > 0.0, one[name], np.nan)[order] for name in ("rate", "high_barrier"))
        axes.semilogy(volts[order], rate, "o-", color=color, markersize=2.6, label=f"{state} to {other}")
        axes.semilogy(volts[order], limit, **beside)
    axes.plot([], [], label="limit of high barriers", **beside)
    drawn = dataset["rate"].values[dataset["rate"].values > 0.0]
    low, high = (drawn.min(), drawn.max()) if drawn.size else (1.0, 10.0)
    if high > LEAST_RATE:
        low = max(low, LEAST_RATE)
    axes.set_ylim(0.1 * low, 30.0 * high)
    if 0.1 * low < 1.0 / TEN_YEARS < 30.0 * high:
        axes.axhline(1.0 / TEN_YEARS, color=GRAY, linewidth=0.7, linestyle=":", zorder=0, label="10 years")
    axes.tick_params(axis="y", which="both", right=False)
    inverse = axes.secondary_yaxis("right", functions=(_inverse, _inverse))
    inverse.set_ylabel("retention time [s]")
    axes.set(xlabel="voltage [V]", ylabel="switching rate [1/s]")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.22), ncols=2)
    warmth = "each state as warm as its own power makes it" if attrs["heated"] else f"{float(attrs['temperature']):g} K"
    fig.suptitle(f"{Device.from_json(attrs['device']).name}, {warmth}", fontsize=8.5)
    return fig


def _inverse(value):
    return 1.0 / np.clip(value, 1e-307, 1e307)
