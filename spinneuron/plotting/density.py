"""The density of a moment over time, with what its mean does and how warm it becomes."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from spinneuron.device import Device
from spinneuron.plotting.runs import AXES_OF, COMPONENTS
from spinneuron.plotting.style import (
    BLACK,
    NANO,
    RED,
    SEQUENTIAL,
    beside,
    current_axis,
    figure,
    label_time,
    letters,
    styled,
)

LEAST = {True: (1e-6, 1e-12), False: (1e-3, 1e-7)}
"""Smallest density that has a color, and smallest probability, on cells of m_z and on the sphere: harmonics know small
ones to their error only."""


@styled
def density(run: xr.Dataset) -> Figure:
    """Draw a density over time: drive, density of m.p, mean and spread of the components, probability, temperature.

    Parameters
    ----------
    run : xarray.Dataset
        Of kind "spinneuron-density".

    Returns
    -------
    matplotlib.figure.Figure
    """
    heated = bool((run["temperature"] != run["temperature"][0]).any())
    fig = figure(height=6.0 + 1.2 * heated)
    panels = list(fig.subplots(4 + heated, 1, sharex=True, height_ratios=[0.8, 1.9, 1.2, 1.1] + [0.9] * heated))
    time = run["time"].values * NANO
    values, label = current_axis(run["drive"].values, run["drive"].attrs["units"])
    panels[0].plot(time, values, color=BLACK)
    panels[0].set_ylabel(label)
    faint, rare = LEAST[int(np.ravel(run.attrs["truncation"])[1]) == 0]
    shown = np.log10(np.maximum(run["density"].values.T, faint))
    image = panels[1].pcolormesh(
        time, run["cosine"].values, shown, cmap=SEQUENTIAL, vmin=np.log10(faint), shading="nearest", rasterized=True
    )
    panels[1].set_ylabel("m·p")
    where = panels[1].inset_axes((1.015, 0.0, 0.015, 1.0))
    fig.colorbar(image, cax=where, label="log$_{10}$ density")
    for name, color in COMPONENTS.items():
        mean, spread = run["mean"].sel(component=name).values, run["deviation"].sel(component=name).values
        panels[2].plot(time, mean, color=color, label=f"$m_{name}$, {AXES_OF[name]}")
        low, high = np.maximum(mean - spread, -1.0), np.minimum(mean + spread, 1.0)
        panels[2].fill_between(time, low, high, color=color, alpha=0.18, linewidth=0.0)
    panels[2].set(ylabel="mean", ylim=(-1.1, 1.1))
    beside(panels[2], title="mean ± deviation")
    panels[3].semilogy(time, np.maximum(run["probability"].values, 0.01 * rare), color=BLACK, label="P(m·p < 0)")
    panels[3].set(ylabel="probability", ylim=(max(rare, 0.3 * float(run["probability"].min())), 2.0))
    beside(panels[3])
    if heated:
        panels[4].plot(time, run["temperature"].values, color=RED, label="temperature")
        panels[4].set_ylabel("T [K]")
        beside(panels[4])
    label_time(panels[-1])
    panels[-1].set_xlim(time[0], time[-1])
    letters(panels)
    device = Device.from_json(run.attrs["device"])
    fig.suptitle(f"{device.name}, density; {float(run.attrs['temperature']):g} K", fontsize=8.5)
    return fig
