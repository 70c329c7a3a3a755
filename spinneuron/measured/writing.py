"""Writing of both kinds of files, so that simulated numbers can stand beside measured ones."""

import math
import os
from decimal import Decimal
from typing import Any

import numpy as np
import xarray as xr

from spinneuron.measured.curves import Curves
from spinneuron.measured.shifts import SHIFT_KIND
from spinneuron.quantity import InputError, shown
from spinneuron.statistics import check_curve
from spinneuron.whole_file import replacing

_POWERS = {"V": 0, "mV": -3, "ns": -9}


def write_curves(path: str | os.PathLike, curves: Curves) -> None:
    """Write switching curves as CSV; what `reading.read_curves` returns has the same numbers to the last bit.

    Parameters
    ----------
    path : str or path
        An existing file is replaced.
    curves : Curves
        With at least one dataset, as of `statistics.curve_from_counts`; an attribute ``comment`` is kept.

    Raises
    ------
    InputError
        If there are no curves, or the file cannot be written.
    """
    given = {name: curve for name, curve in curves._asdict().items() if curve is not None}
    if not given:
        raise InputError("curves: all three are None; give at least a baseline")
    rows: list[dict[str, str]] = []
    for name, kind in zip(Curves._fields, ("", "amplitude", "delay"), strict=True):
        if name in given:
            rows += _rows(given[name], name, kind)
    _write(path, _comment(given.values()), rows, ("voltage [V]", "switched", "trials"))


def _rows(curve: xr.Dataset, name: str, kind: str) -> list[dict[str, str]]:
    """Rows of the measured points of one dataset."""
    check_curve(curve)
    dims = [str(one) for one in curve["switched"].dims if one != "voltage"]
    if dims != ([kind] if kind else []):
        wanted = f"{kind} and voltage" if kind else "voltage alone"
        raise InputError(f"{name}: goes over {', '.join(map(str, curve['switched'].dims))}; {wanted} is needed")
    shared: dict[str, str] = {}
    if kind == "delay":
        attrs = curve.attrs
        shared = {"pulses": str(attrs["pulses"])} if "pulses" in attrs else {}
        for key, unit in (("amplitude", "V"), ("hold", "ns")):
            if key in attrs:
                shared[f"{key} [{unit}]"] = _number(attrs[key], unit)
    units = {"amplitude": "V", "delay": "ns"}
    rows = []
    states = [None] if not kind else list(curve[kind].values)
    switched, trials = (curve[one].transpose(*dims, "voltage").values for one in ("switched", "trials"))
    for i, state in enumerate(states):
        own = {} if state is None else {f"{kind} [{units[kind]}]": _number(state, units[kind])}
        of = (switched, trials) if state is None else (switched[i], trials[i])
        for volts, s, n in zip(curve["voltage"].values, *of, strict=True):
            if n:
                rows.append({"voltage [V]": _number(volts, "V"), "switched": str(s), "trials": str(n), **own, **shared})
    return rows


def write_shifts(path: str | os.PathLike, dataset: xr.Dataset) -> None:
    """Write shifts of the midpoint as CSV.

    Parameters
    ----------
    path : str or path
        An existing file is replaced.
    dataset : xarray.Dataset
        Of kind "spinneuron-shift"; ``delta_x0`` and ``amplitude`` or ``sequence`` are enough.

    Raises
    ------
    InputError
        If it is of another kind, or the file cannot be written.
    """
    if dataset.attrs.get("kind") != SHIFT_KIND or not dataset.sizes.get("row"):
        raise InputError(f"kind = {shown(dataset.attrs.get('kind'))}: {SHIFT_KIND} with at least one row is needed")
    columns = {"delta_x0": "mV", "uncertainty": "mV", "amplitude": "V", "duration": "ns", "delay": "ns"}
    rows = []
    for i in range(dataset.sizes["row"]):
        row = {}
        for name, unit in columns.items():
            value = float(dataset[name][i]) if name in dataset else math.nan
            if not math.isnan(value) and (name != "delay" or value):
                row[f"{name} [{unit}]"] = _number(value, unit)
        pulses = int(dataset["pulses"][i]) if "pulses" in dataset else 0
        if pulses > 1:
            row["pulses"] = str(pulses)
        if "sequence" in dataset and (text := str(dataset["sequence"][i].item())):
            row["sequence [V]"] = text
        rows.append(row)
    _write(path, _comment([dataset]), rows, ("delta_x0 [mV]",))


def _number(value: Any, unit: str) -> str:
    """Write all digits that a float has, in the unit of the column."""
    number = Decimal(repr(float(value))).scaleb(-_POWERS[unit])
    return f"{number.normalize():f}" if number else "0"


def _comment(datasets: Any) -> list[str]:
    texts = dict.fromkeys(str(one.attrs.get("comment", "")) for one in datasets)
    return [f"# {line}".rstrip() for text in texts if text for line in text.splitlines()]


def _write(path: str | os.PathLike, comment: list[str], rows: list[dict[str, str]], first: tuple[str, ...]) -> None:
    """Write a table with the columns that any row has."""
    header = list(dict.fromkeys([*first, *np.concatenate([list(row) for row in rows]).tolist()]))
    lines = [*comment, ",".join(header), *(",".join(row.get(name, "") for name in header) for row in rows)]
    with replacing(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
