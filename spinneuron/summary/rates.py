"""Switching rates and retention times in a few lines."""

import math

import numpy as np
import xarray as xr

from spinneuron.device import Device
from spinneuron.quantity import format
from spinneuron.summary.table import Table, sizes

YEAR = 365.25 * 86400.0
"""Julian year [s]."""
MOST_ROWS = 15


def rates(dataset: xr.Dataset) -> list[Table]:
    """Summarize switching rates.

    Parameters
    ----------
    dataset : xarray.Dataset

    Returns
    -------
    list of Table
    """
    attrs, device = dataset.attrs, Device.from_json(dataset.attrs["device"])
    ambient = format(float(attrs["temperature"]), "K", 5)
    warmth = f"{ambient}, each state up to {format(float(dataset['temperature'].max()), 'K', 5)} by its own power"
    said: list[tuple[str, ...]] = [
        ("device", f"{device.name}, W x L x T = {sizes(device)}"),
        ("temperature", warmth if attrs["heated"] else ambient),
        ("solver", f"{attrs['engine']}, relative error up to {float(dataset['error'].max()):.1e}"),
        ("wall time", format(float(attrs["wall_time"]), "s", 3)),
    ]
    some = np.unique(np.linspace(0, dataset.sizes["voltage"] - 1, MOST_ROWS).round().astype(int))
    few = dataset.isel(voltage=some)
    return [Table(said), *(_state(few.sel(state=state), str(state)) for state in few["state"].values)]


def _state(one: xr.Dataset, state: str) -> Table:
    """How one state is left, voltage by voltage."""
    header: tuple[str, ...] = ("voltage", "barrier", "rate", "retention", "", "high barriers / exact")
    rows = [header]
    for at in range(one.sizes["voltage"]):
        point = {str(name): float(values[at]) for name, values in one.data_vars.items()}
        barrier, limit = point["barrier"], point["high_barrier"]
        rows.append(
            (
                format(float(one["voltage"][at]), "V", 4),
                f"{barrier:.4g} kT" if math.isfinite(barrier) else "none",
                f"{point['rate']:.4g} /s",
                f"{point['retention']:.4g} s" if math.isfinite(point["retention"]) else "the only well",
                f"{point['retention'] / YEAR:.3g} years" if YEAR <= point["retention"] < math.inf else "",
                f"{limit / point['rate']:.3f}" if point["rate"] > 0.0 and math.isfinite(limit) else "",
            )
        )
    return Table(rows, f"out of the {state} state")
