"""Straight lines along the edges of the window, with one dimension held at the reference."""

from __future__ import annotations

import numpy as np
import xarray as xr

from spinneuron.window.regimes import LIF
from spinneuron.window.spec import DIMENSIONS

# held dimension -> (abscissa, ordinate) of its plane
PLANES = {"width": ("thickness", "length"), "length": ("thickness", "width"), "thickness": ("length", "width")}
EDGES = ("lower", "upper")
FEWEST_POINTS = 3


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


def edges(section: xr.DataArray) -> dict[str, np.ndarray]:
    """Edges of the longest stretch of regime 1 in every column of a section.

    An edge lies midway between two grid points of different regime; where the window runs off the grid there is none.

    Parameters
    ----------
    section : xarray.DataArray
        (ordinate, abscissa).

    Returns
    -------
    dict of str to numpy.ndarray [m]
        "lower" and "upper", each (abscissa,), NaN where there is no edge.
    """
    y = section[section.dims[0]].values
    found = {edge: np.full(section.shape[1], np.nan) for edge in EDGES}
    inside = np.pad((section.values == LIF).astype(np.int8), ((1, 1), (0, 0)))
    steps = np.diff(inside, axis=0)
    for column in range(section.shape[1]):
        starts, ends = np.flatnonzero(steps[:, column] == 1), np.flatnonzero(steps[:, column] == -1)
        if starts.size == 0:
            continue
        longest = (ends - starts).argmax()
        start, end = starts[longest], ends[longest]
        if start > 0:
            found["lower"][column] = 0.5 * (y[start - 1] + y[start])
        if end < len(y):
            found["upper"][column] = 0.5 * (y[end - 1] + y[end])
    return found


def fit_lines(regime: xr.DataArray, reference: dict[str, float]) -> xr.Dataset:
    """Fit ``ordinate = slope abscissa + intercept`` to both edges of the window in the three planes.

    Parameters
    ----------
    regime : xarray.DataArray
        (width, length, thickness).
    reference : dict of str to float [m]

    Returns
    -------
    xarray.Dataset
        ``boundary_slope`` [1], ``boundary_intercept`` [m], ``boundary_r2`` [1] and ``boundary_points`` over (held,
        edge); NaN where an edge has fewer than three points. R^2 of a line whose ordinate does not vary is 1.
    """
    results = {name: np.full((len(DIMENSIONS), 2), np.nan) for name in ("slope", "intercept", "r2")}
    points = np.zeros((len(DIMENSIONS), 2), dtype=np.int32)
    for row, held in enumerate(DIMENSIONS):
        section = plane(regime, held, reference)
        x = section[section.dims[1]].values
        for column, (_, y) in enumerate(edges(section).items()):
            there = np.isfinite(y)
            points[row, column] = there.sum()
            if points[row, column] < FEWEST_POINTS:
                continue
            slope, intercept = np.polyfit(x[there] * 1e9, y[there] * 1e9, 1)
            spread = np.sum((y[there] - y[there].mean()) ** 2)
            misfit = np.sum((y[there] - (slope * x[there] + intercept * 1e-9)) ** 2)
            results["slope"][row, column] = slope
            results["intercept"][row, column] = intercept * 1e-9
            results["r2"][row, column] = 1.0 - misfit / spread if spread > 0.0 else 1.0
    coordinates = {"held": list(DIMENSIONS), "edge": list(EDGES)}
    planes = "; ".join(f"held {held}: {y} against {x}" for held, (x, y) in PLANES.items())
    units = {"slope": "1", "intercept": "m", "r2": "1"}
    data = {
        f"boundary_{name}": (("held", "edge"), values, {"units": units[name], "planes": planes})
        for name, values in results.items()
    }
    data["boundary_points"] = (("held", "edge"), points, {"units": "1"})
    return xr.Dataset(data, coordinates)
