"""The temperature of every column of a junction, snapshot by snapshot."""

import numpy as np
import xarray as xr
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from spinneuron.plotting.lattice_plane import BAR, DIVERGING, Plane, checked_view, frame
from spinneuron.plotting.magnets import MOST_FRAMES
from spinneuron.plotting.style import NANO, WIDTH, figure, styled

ACROSS, SIDE = 4, 1.55
"""Panels in a row, and the longer side of one [inch]."""


@styled
def temperature_map(run: xr.Dataset) -> Figure:
    """Draw some maps of the temperature of a run side by side, of its first trial: means, and what columns differ by.

    Parameters
    ----------
    run : xarray.Dataset
        With ``temperature_map``.

    Returns
    -------
    matplotlib.figure.Figure
    """
    maps = run["temperature_map"].isel(trial=0) if "trial" in run["temperature_map"].dims else run["temperature_map"]
    some = np.unique(np.linspace(0, maps.sizes["snapshot"] - 1, MOST_FRAMES).round().astype(int))
    view = checked_view(np.ravel(run.attrs["mesh_cell"]).tolist(), "z", None, "angle", (0.0, 0.0, 0.0))
    means = [float(np.nanmean(maps.values[number])) for number in some]
    planes = [Plane((maps.values[i] - mean)[None, None], view) for i, mean in zip(some, means, strict=True)]
    rows, columns = -(-len(some) // ACROSS), min(len(some), ACROSS)
    width, height = (SIDE * size / max(planes[0].size) for size in planes[0].size)
    fig = figure(min(WIDTH, columns * (width + 0.35) + 1.4), rows * (max(height, 0.6) + 0.45) + 0.35)
    fig.set_layout_engine("compressed")
    panels = list(np.ravel(fig.subplots(rows, columns, squeeze=False)))
    largest = max(1e-3, *(float(np.nanmax(np.abs(plane.values))) for plane in planes))
    scale = Normalize(-largest, largest)
    for number, mean, plane, axes in zip(some, means, planes, panels, strict=False):
        image = axes.imshow(
            plane.values[0], origin="lower", extent=plane.extent, interpolation="nearest", aspect="equal",
            cmap=DIVERGING, norm=scale,
        )  # fmt: skip
        axes.set_title(f"{float(run['snapshot_time'][number]) * NANO:.4g} ns, mean {mean:.2f} K", fontsize=7.5)
        frame(axes, plane)
    for axes in panels[len(some) :]:
        axes.remove()
    panels = panels[: len(some)]
    fig.colorbar(image, ax=panels, label="T - mean [K]", **BAR)
    for axes in panels:
        axes.label_outer()
    return fig
