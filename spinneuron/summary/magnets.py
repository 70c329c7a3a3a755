"""Runs of magnets and hysteresis loops in a few lines."""

import numpy as np
import xarray as xr

from spinneuron.quantity import format
from spinneuron.summary.table import Table


def _mesh(attrs) -> tuple[str, str]:
    counts = " x ".join(str(int(n)) for n in np.ravel(attrs["mesh_counts"]))
    cell = " x ".join(f"{1e9 * float(d):.4g}" for d in np.ravel(attrs["mesh_cell"]))
    return "lattice", f"{counts} cells of {cell} nm"


def magnet(run: xr.Dataset) -> list[Table]:
    """Summarize the motion of a magnet.

    Parameters
    ----------
    run : xarray.Dataset

    Returns
    -------
    list of Table
    """
    a = run.attrs
    step = f", step {format(float(a['dt']), 's', 3)}" if a["dt"] else f", tolerance {float(a['tolerance']):g}"
    first, last = (", ".join(f"{value:.4f}" for value in run["m"][i].values) for i in (0, -1))
    rows = [_mesh(a), ("duration", f"{format(float(run['time'][-1]), 's', 4)} at {float(a['temperature']):g} K")]
    rows += [("solver", f"{a['method']}{step}, {int(a['evaluations'])} fields"), ("first m", f"({first})")]
    rows += [("last m", f"({last})"), ("energy", format(float(run["energy"][-1].sum()), "J", 6))]
    return [Table([*rows, ("torque", f"|m x H| / Ms = {float(run['torque'][-1]):.3g} at the end")])]


def hysteresis(run: xr.Dataset) -> list[Table]:
    """Summarize a hysteresis loop.

    Parameters
    ----------
    run : xarray.Dataset

    Returns
    -------
    list of Table
    """
    missed = int((run["converged"] == 0).sum())
    rows = [
        _mesh(run.attrs),
        ("fields", f"{run.sizes['step']}, up to {format(float(run['strength'].max()), 'A/m', 4)}"),
    ]
    rows.append(("coercivity", format(float(run.attrs["coercivity"]), "A/m", 4)))
    rows.append(("remanence", f"{float(run.attrs['remanence']):.4f}"))
    return [Table([*rows, ("at rest", "in all fields" if not missed else f"not in {missed} of them")])]
