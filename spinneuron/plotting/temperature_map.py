"""The temperature of every column of a junction, snapshot by snapshot."""

import numpy as np
import xarray as xr
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from spinneuron.plotting.lattice_plane import BAR, Plane, checked_view, frame
from spinneuron.plotting.magnets import MOST_FRAMES
from spinneuron.plotting.style import NANO, SEQUENTIAL, WIDTH, figure, letters, styled

ACROSS, SIDE = 4, 1.55
"""Panels in a row, and the longer side of one [inch]."""


@styled
def temperature_map(run: xr.Dataset) -> Figure:
    """Draw some maps of the temperature of a run side by side, of its first trial, on one scale.

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
    planes = [Plane(maps.values[number][None, None], view) for number in some]
    rows, columns = -(-len(some) // ACROSS), min(len(some), ACROSS)
    width, height = (SIDE * size / max(planes[0].size) for size in planes[0].size)
    fig = figure(min(WIDTH, columns * (width + 0.35) + 1.4), rows * (max(height, 0.6) + 0.45) + 0.35)
    fig.set_layout_engine("compressed")
    panels = list(np.ravel(fig.subplots(rows, columns, squeeze=False)))
    scale = Normalize(float(np.nanmin(maps.values[some])), float(np.nanmax(maps.values[some])))
    for number, plane, axes in zip(some, planes, panels, strict=False):
        image = axes.imshow(
            plane.values[0], origin="lower", extent=plane.extent, interpolation="nearest", aspect="equal",
            cmap=SEQUENTIAL, norm=scale,
        )  # fmt: skip
        axes.set_title(f"{float(run['snapshot_time'][number]) * NANO:.4g} ns")
        frame(axes, plane)
    for axes in panels[len(some) :]:
        axes.remove()
    panels = panels[: len(some)]
    fig.colorbar(image, ax=panels, label="T [K]", **BAR)
    if len(panels) > 1:
        letters(panels)
    for axes in panels:
        axes.label_outer()
    return fig
