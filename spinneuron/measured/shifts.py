"""Measured shifts of the midpoint: rows of a table -> a dataset that says, for each, what came before the probe."""

import math
from dataclasses import replace

import numpy as np
import xarray as xr

from spinneuron.measured.curves import MOST_PULSES
from spinneuron.measured.table import Row, Table
from spinneuron.quantity import shown

SHIFT_KIND = "spinneuron-shift"
"""Attribute ``kind`` of a dataset of shifts."""
COLUMNS = {
    "delta_x0": "V",
    "uncertainty": "V",
    "amplitude": "V",
    "pulses": "",
    "delay": "s",
    "duration": "s",
    "sequence": "V",
}
"""Column of a file of shifts -> SI unit."""
MOST_STEPS = 1000
"""Of a sequence."""
_NAMES = {
    "delta_x0": "shift of the midpoint",
    "uncertainty": "standard error of the shift",
    "amplitude": "amplitude of the pulses before",
    "pulses": "pulses before",
    "delay": "delay beyond the regular cycle",
    "duration": "length of one long pulse",
    "sequence": "voltage of each step before",
    "line": "line of the file",
}


def shifts_of(table: Table) -> xr.Dataset:
    """Read shifts of the midpoint.

    Parameters
    ----------
    table : Table

    Returns
    -------
    xarray.Dataset
        Over ``row``: ``delta_x0``, ``uncertainty`` (where given), ``amplitude`` and ``duration`` (NaN where there is
        none), ``pulses`` (0 with a duration or sequence), ``delay``, ``sequence`` (text, "" for equal pulses) and
        ``line``.

    Raises
    ------
    InputError
        If a column, unit or number is wrong, or a row does not say what came before it.
    """
    # Volts per step are the only thing that a bare sequence can be.
    if table.units.get("sequence") == "":
        table = replace(table, units=table.units | {"sequence": "V"})
    table.take(COLUMNS, ("delta_x0",))
    if not table.units.keys() & {"amplitude", "sequence"}:
        raise table.fault(table.header, 'column amplitude is missing; add "amplitude [V]" or "sequence [V]"')
    if not table.rows:
        raise table.fault(table.header, "no rows follow; at least 1 is needed")
    rows = [_row(table, row) for row in table.rows]
    variables = {}
    for name in [*COLUMNS, "line"]:
        if name == "uncertainty" and name not in table.units:
            continue
        attrs = {"units": COLUMNS.get(name) or "1", "long_name": _NAMES[name]}
        variables[name] = ("row", np.array([row[name] for row in rows]), attrs)
    return xr.Dataset(variables, attrs={"kind": SHIFT_KIND} | table.attrs)


def _row(table: Table, row: Row) -> dict[str, float | int | str]:
    """Read one row."""
    found: dict[str, float | int | str] = {"line": row.line, "sequence": _sequence(table, row)}
    found["delta_x0"] = table.number(row, "delta_x0", table.filled(row, "delta_x0"), "V")
    if "uncertainty" in table.units:
        found["uncertainty"] = table.number(row, "uncertainty", table.filled(row, "uncertainty"), "V", "positive")
    amplitude = table.value(row, "amplitude", "V", "non_negative")
    duration = table.value(row, "duration", "s", "positive")
    delay = table.value(row, "delay", "s", "non_negative")
    pulses = table.count(row, "pulses", 1, MOST_PULSES) if row.cells.get("pulses") else 0
    if found["sequence"]:
        for name in ("amplitude", "pulses", "duration"):
            if row.cells.get(name):
                said = f"{name} = {shown(row.cells[name])}: the sequence says it all; leave one of both empty"
                raise table.fault(row.line, said)
    elif math.isnan(amplitude):
        raise table.fault(row.line, "amplitude: the cell is empty; give what came before, or a sequence")
    if pulses and not math.isnan(duration):
        raise table.fault(row.line, f"pulses = {pulses}: a train or one long pulse of a duration; keep one of both")
    train = not found["sequence"] and math.isnan(duration)
    found |= {"amplitude": amplitude, "duration": duration, "delay": 0.0 if math.isnan(delay) else delay}
    return found | {"pulses": (pulses or 1) if train else 0}


def _sequence(table: Table, row: Row) -> str:
    """Volts of each step, in one spelling."""
    steps = row.cells.get("sequence", "").split()
    if len(steps) > MOST_STEPS:
        raise table.fault(row.line, f"sequence: has {len(steps)} steps; give the last {MOST_STEPS} at most")
    volts = [table.number(row, "sequence", step, "V", "non_negative") for step in steps]
    return " ".join(repr(one).removesuffix(".0") for one in volts)
