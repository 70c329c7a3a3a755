"""Straight lines along the edges of the window, with one dimension held at the reference.

The window of a plane is the connected region of regime 1 at the reference design (the largest one, where that design
lies outside). Its edges are found on the grid, then bisected between the two grid points, so that their error is that
of the physics and not half a grid step.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr
from scipy import ndimage

from spinneuron.window.regimes import LIF
from spinneuron.window.spec import DIMENSIONS

# held dimension -> (abscissa, ordinate) of its plane; the window is narrow along the ordinate, as a fit wants it
PLANES = {"width": ("thickness", "length"), "length": ("width", "thickness"), "thickness": ("width", "length")}
EDGES = ("lower", "upper")
FEWEST_POINTS = 3
BISECTIONS = 6


def plane(regime: xr.DataArray, held: str, reference: dict[str, float]) -> xr.DataArray:
    """Section of a regime map through the grid point nearest to the reference.

    Parameters
    ----------
    regime : xarray.DataArray
        (width, length, thickness).
    held : str
        The dimension that is held.
    reference : dict of str to float [m]

    Returns
    -------
    xarray.DataArray
        (ordinate, abscissa).
    """
    x, y = PLANES[held]
    return regime.sel({held: reference[held]}, method="nearest").transpose(y, x)


def window_of(section: xr.DataArray, reference: dict[str, float]) -> np.ndarray:
    """Connected region of regime 1 at the reference, or the largest one.

    Parameters
    ----------
    section : xarray.DataArray
        (ordinate, abscissa).
    reference : dict of str to float [m]

    Returns
    -------
    numpy.ndarray of bool
        (ordinate, abscissa); grid points that touch at a corner are connected.
    """
    regions, count = ndimage.label(section.values == LIF, structure=np.ones((3, 3)))
    if count == 0:
        return regions > 0
    at = tuple(int(np.abs(section[name].values - reference[str(name)]).argmin()) for name in section.dims)
    return regions == (regions[at] or 1 + np.bincount(regions.ravel())[1:].argmax())


def edges(section: xr.DataArray, reference: dict[str, float], judge: Callable | None = None) -> dict[str, np.ndarray]:
    """Edges of the window in every column of a section.

    Parameters
    ----------
    section : xarray.DataArray
        (ordinate, abscissa).
    reference : dict of str to float [m]
    judge : callable, optional
        Regimes of pillars (3, n) [m] in the order of DIMENSIONS; without it an edge lies midway between two grid
        points.

    Returns
    -------
    dict of str to numpy.ndarray [m]
        "lower" and "upper", each (abscissa,), of the longest stretch of each column; NaN where there is no edge, as
        where the window runs off the grid.
    """
    y, x = (section[name].values for name in section.dims)
    steps = np.diff(np.pad(window_of(section, reference).astype(np.int8), ((1, 1), (0, 0))), axis=0)
    inside, outside = np.full((2, len(x)), np.nan), np.full((2, len(x)), np.nan)
    for column in range(len(x)):
        starts, ends = np.flatnonzero(steps[:, column] == 1), np.flatnonzero(steps[:, column] == -1)
        if starts.size == 0:
            continue
        longest = (ends - starts).argmax()
        first, last = starts[longest], ends[longest] - 1
        if first > 0:
            inside[0, column], outside[0, column] = y[first], y[first - 1]
        if last + 1 < len(y):
            inside[1, column], outside[1, column] = y[last], y[last + 1]
    there = np.isfinite(inside)
    if judge is not None and there.any():
        inside[there], outside[there] = _bisect(section, reference, judge, there, inside[there], outside[there])
    return dict(zip(EDGES, 0.5 * (inside + outside), strict=True))


def _bisect(section, reference, judge, there, inside, outside):
    """Halve the stretch between a point inside and one outside of the window, all edges of a plane at once."""
    fixed = {name: np.full(len(inside), reference[name]) for name in DIMENSIONS}
    fixed |= {name: np.full(len(inside), float(section[name])) for name in DIMENSIONS if name not in section.dims}
    fixed[section.dims[1]] = np.broadcast_to(section[section.dims[1]].values, there.shape)[there]
    for _ in range(BISECTIONS):
        middle = 0.5 * (inside + outside)
        works = judge(np.stack([(fixed | {section.dims[0]: middle})[name] for name in DIMENSIONS])) == LIF
        inside, outside = np.where(works, middle, inside), np.where(works, outside, middle)
    return inside, outside


def fit_lines(regime: xr.DataArray, reference: dict[str, float], judge: Callable | None = None) -> xr.Dataset:
    """Fit ``ordinate = slope abscissa + intercept`` to both edges of the window in the three planes.

    Parameters
    ----------
    regime : xarray.DataArray
        (width, length, thickness).
    reference : dict of str to float [m]
    judge : callable, optional
        As in :func:`edges`.

    Returns
    -------
    xarray.Dataset
        ``boundary_slope`` [1], ``boundary_intercept`` [m], ``boundary_r2`` [1] and ``boundary_points`` over (held,
        edge); NaN where an edge has fewer than three points. R^2 of a line whose ordinate does not vary is 1. The edges
        themselves are ``edge_width_held`` (edge, thickness) and so on [m].
    """
    results = {name: np.full((len(DIMENSIONS), 2), np.nan) for name in ("slope", "intercept", "r2")}
    points = np.zeros((len(DIMENSIONS), 2), dtype=np.int32)
    planes = "; ".join(f"held {held}: {y} against {x}" for held, (x, y) in PLANES.items())
    units = {"slope": "1", "intercept": "m", "r2": "1"}
    data: dict = {}
    for row, held in enumerate(DIMENSIONS):
        section = plane(regime, held, reference)
        found = edges(section, reference, judge)
        meaning = f"edge of the window along the {section.dims[0]}, {held} held"
        stacked = np.stack([found[edge] for edge in EDGES])
        data[f"edge_{held}_held"] = (("edge", section.dims[1]), stacked, {"units": "m", "long_name": meaning})
        for column, edge in enumerate(EDGES):
            there = np.isfinite(found[edge])
            points[row, column] = there.sum()
            if points[row, column] >= FEWEST_POINTS:
                line = _line(section[section.dims[1]].values[there], found[edge][there])
                for name, value in zip(results, line, strict=True):
                    results[name][row, column] = value
    for name, values in results.items():
        data[f"boundary_{name}"] = (("held", "edge"), values, {"units": units[name], "planes": planes})
    data["boundary_points"] = (("held", "edge"), points, {"units": "1"})
    return xr.Dataset(data, {"held": list(DIMENSIONS), "edge": list(EDGES)})


def _line(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """Slope, intercept and R^2 of a least-squares line."""
    # in nanometers, where the normal equations are well scaled
    slope, intercept = np.polyfit(x * 1e9, y * 1e9, 1)
    spread = np.sum((y - y.mean()) ** 2)
    misfit = np.sum((y - (slope * x + intercept * 1e-9)) ** 2)
    return slope, intercept * 1e-9, 1.0 - misfit / spread if spread > 0.0 else 1.0
