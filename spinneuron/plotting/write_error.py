"""Write errors over the width of the pulse."""

import numpy as np
import xarray as xr
from matplotlib import colormaps
from matplotlib.figure import Figure

from spinneuron.plotting.style import NANO, SEQUENTIAL, beside, figure, styled
from spinneuron.units import format


@styled
def write_error(found: xr.Dataset) -> Figure:
    """Draw write errors, a line for each voltage, on a logarithmic scale.

    Parameters
    ----------
    found : xarray.Dataset
        Of kind "spinneuron-write-error".

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig = figure(height=3.0)
    axes = fig.subplots()
    colors = colormaps[SEQUENTIAL](np.linspace(0.0, 0.85, found.sizes["voltage"]))
    for i, color in enumerate(colors):
        one = found.isel(voltage=i)
        label = format(float(one["voltage"]), "V", 4)
        axes.semilogy(NANO * one["width"], one["write_error"], color=color, marker="o", markersize=2.4, label=label)
    least = float(found["write_error"].min())
    axes.set(xlabel="pulse width [ns]", ylabel="write error", ylim=(max(0.3 * least, 1e-25), 2.0))
    decades = int(np.ceil(-np.log10(max(least, 1e-25))))
    axes.set_yticks(10.0 ** -np.arange(0, decades + 1, max(1, decades // 8)))
    beside(axes)
    return fig
