"""Runs of magnets: means, energies and torque over time; hysteresis loops; snapshots of the moments."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from spinneuron.constants import mu0
from spinneuron.plotting import lattice
from spinneuron.plotting.runs import COMPONENTS
from spinneuron.plotting.style import (
    BLACK,
    BLUE,
    GREEN,
    NANO,
    ORANGE,
    PURPLE,
    RED,
    beside,
    figure,
    label_time,
    letters,
    styled,
)

MOST_FRAMES = 8
TERM_COLORS = (BLUE, RED, GREEN, ORANGE, PURPLE)


@styled
def magnet(run: xr.Dataset) -> Figure:
    """Draw the motion of a magnet: mean moment, energy of every term, largest torque.

    Parameters
    ----------
    run : xarray.Dataset
        Of kind "spinneuron-lattice".

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig = figure(height=4.8)
    panels = list(fig.subplots(3, 1, sharex=True, height_ratios=[1.4, 1.2, 0.8]))
    time = run["time"].values * NANO
    for name, color in COMPONENTS.items():
        panels[0].plot(time, run["m"].sel(component=name).values, color=color, label=f"$m_{name}$")
    panels[0].set(ylabel="mean of m", ylim=(-1.1, 1.1))
    for color, term in zip(TERM_COLORS, run["term"].values, strict=False):
        panels[1].plot(time, run["energy"].sel(term=term).values * 1e18, color=color, label=str(term))
    panels[1].plot(time, run["energy"].sum("term").values * 1e18, color=BLACK, label="all")
    panels[1].set_ylabel("energy [aJ]")
    panels[2].semilogy(time, np.maximum(run["torque"].values, 1e-12), color=BLACK, label="|m x H| / Ms")
    panels[2].set_ylabel("torque")
    panels[2].yaxis.set_minor_formatter(NullFormatter())
    for panel in panels:
        beside(panel)
    label_time(panels[-1])
    panels[-1].set_xlim(time[0], time[-1])
    letters(panels)
    counts = " x ".join(str(n) for n in np.ravel(run.attrs["mesh_counts"]))
    fig.suptitle(f"lattice of {counts} cells; {float(run.attrs['temperature']):g} K", fontsize=8.5)
    return fig


@styled
def loop(run: xr.Dataset) -> Figure:
    """Draw a hysteresis loop.

    Parameters
    ----------
    run : xarray.Dataset
        Of kind "spinneuron-hysteresis".

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig = figure(height=3.6)
    axes = fig.subplots()
    axes.plot(1e3 * mu0 * run["strength"].values, run["along"].values, "o-", color=BLACK, ms=2.5)
    axes.axhline(0.0, color="0.8", lw=0.6, zorder=0)
    axes.axvline(0.0, color="0.8", lw=0.6, zorder=0)
    axes.set(xlabel=r"applied field, $\mu_0 H$ [mT]", ylabel="m along the field", ylim=(-1.08, 1.08))
    coercivity, remanence = 1e3 * mu0 * float(run.attrs["coercivity"]), float(run.attrs["remanence"])
    axes.set_title(f"coercive field {coercivity:.4g} mT, remanence {remanence:.3g}")
    return fig


def snapshots(run: xr.Dataset) -> Figure:
    """Draw some snapshots of a run side by side, of its first trial.

    Parameters
    ----------
    run : xarray.Dataset
        With ``moments``.

    Returns
    -------
    matplotlib.figure.Figure
    """
    moments = run["moments"].isel(trial=0) if "trial" in run["moments"].dims else run["moments"]
    some = np.unique(np.linspace(0, moments.sizes["snapshot"] - 1, MOST_FRAMES).round().astype(int))
    cell = np.ravel(run.attrs["mesh_cell"]).tolist()
    times = run["snapshot_time"].values[some].tolist()
    return lattice.domains(list(moments.values[some]), times, cell)
