"""The plasticity suite in a few lines: what was simulated, and every printed number beside it."""

import math

import xarray as xr

from spinneuron.device import Device
from spinneuron.plasticity.analysis import with_shifts
from spinneuron.plasticity.published import compared
from spinneuron.quantity import format
from spinneuron.summary.table import Table, number, sizes
from spinneuron.surrogates.sigmoid_published import PRINTED


def suite(suite: xr.Dataset) -> list[Table]:
    """Summarize a plasticity suite.

    Parameters
    ----------
    suite : xarray.Dataset

    Returns
    -------
    list of Table
    """
    shifted = suite if "shift" in suite else with_shifts(suite)
    attrs, device = suite.attrs, Device.from_json(suite.attrs["device"])
    experiments = list(dict.fromkeys(suite["experiment"].values.astype(str).tolist()))
    said: list[tuple[str, ...]] = [
        ("device", f"{device.name}, W x L x T = {sizes(device)}"),
        ("experiments", f"{', '.join(experiments)}: {suite.sizes['state']} states, {suite.sizes['point']} probes"),
        ("solver", f"{attrs['engine']}, {attrs['trials']} trials a point, seed {attrs['seed']}"),
        ("reset", f"fails in at most {100.0 * float(suite['reset_failed'].max()):.2g} % of the trials"),
        ("wall time", format(float(attrs["wall_time"]), "s", 3)),
    ]
    k, x0 = float(shifted["k"][0]), float(shifted["x0"][0])
    if math.isfinite(k):
        said.append(("logistic", f"k = {k:.2f} /V, x0 = {format(x0, 'V', 5)}"))
    rows = compared(shifted)
    if not rows:
        return [Table(said)]
    beside: list[tuple[str, ...]] = [("", "simulated", "printed")]
    beside += [(row.name, number(row.found, row.unit, row.error), format(row.printed, row.unit, 4)) for row in rows]
    return [Table(said), Table(beside, "beside the printed numbers")]


def ingredients(dataset: xr.Dataset) -> list[Table]:
    """Summarize where the linear term of the heat comes from.

    Parameters
    ----------
    dataset : xarray.Dataset

    Returns
    -------
    list of Table
    """
    header: tuple[str, ...] = ("", "heat_v2 [1/V]", "heat_v1 [1]", "exponent at 0.85 V", "reset alone")
    rows = [header, ("printed", f"{PRINTED.heat_v2:.4f}", f"{PRINTED.heat_v1:.4f}", "1.445", "")]
    for i, name in enumerate(dataset["left_out"].values.astype(str)):
        quadratic, linear, exponent = (float(dataset[key][i]) for key in ("heat_v2", "heat_v1", "exponent"))
        reset = format(float(dataset["reset_shift"][i]), "V", 3)
        rows.append((name, f"{quadratic:.4f}", f"{linear:.4f}", f"{exponent:.3f}", reset))
    return [Table(rows, "shift after one pulse, 0.70 to 0.93 V")]
