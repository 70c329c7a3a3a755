"""Figure of the ingredients of fig. S1: shift against amplitude, and divided by it, so that the laws become lines."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from spinneuron.plasticity.published import printed_shift
from spinneuron.plotting.style import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY, figure, letters, styled

MILLI = 1e3
_LOOKS: dict[str, tuple[str, Any, str]] = {
    "all": (BLACK, "-", "o"),
    "state": (BLUE, "--", "s"),
    "roll-off": (ORANGE, "-.", "^"),
    "magnet": (GREEN, ":", "v"),
    "reset": (PURPLE, (0, (5, 1, 1, 1, 1, 1)), "D"),
    "pulse": (SKY, (0, (1, 1)), "P"),
}


@styled
def ingredients(dataset: xr.Dataset) -> Figure:
    """Draw fig. S1 with one ingredient after the other left out.

    Parameters
    ----------
    dataset : xarray.Dataset
        Of kind "spinneuron-ingredients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig = figure(height=3.4)
    panels = list(fig.subplots(1, 2))
    volts = dataset["amplitude"].values
    for i, name in enumerate(dataset["variant"].values.astype(str)):
        color, style, marker = _LOOKS[name]
        shift, quadratic, linear = (dataset[key].values[i] for key in ("shift", "heat_v2", "heat_v1"))
        label = f"{dataset['left_out'].values[i]}: {quadratic:.4f} V² + {linear:.4f} V"
        for axes, scale in zip(panels, (np.ones_like(volts), volts), strict=True):
            look: dict[str, Any] = {"color": color, "linestyle": style, "marker": marker, "markersize": 3.0}
            axes.plot(volts, MILLI * shift / scale, label=label, **look)
    fine = np.linspace(volts[0], volts[-1], 100)
    for axes, scale in zip(panels, (np.ones_like(fine), fine), strict=True):
        printed = MILLI * printed_shift(fine) / scale
        axes.plot(fine, printed, color=RED, linewidth=2.6, alpha=0.45, label="printed: 0.0082 V² + 0.0087 V")
        axes.set_xlabel("amplitude of the pulse before [V]")
    panels[0].set_ylabel("shift of the midpoint [mV]")
    panels[1].set_ylabel("shift / amplitude [mV/V]")
    handles, labels = panels[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=2)
    letters(panels)
    return fig
