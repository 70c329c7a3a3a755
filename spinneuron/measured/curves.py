"""Measured switching curves: rows of a table -> datasets of `statistics.curve_from_counts`, one per kind of state."""

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from spinneuron.measured.table import Row, Table
from spinneuron.quantity import InputError, format, shown
from spinneuron.statistics import curve_from_counts

COLUMNS = {
    "voltage": "V",
    "switched": "",
    "probability": "1",
    "trials": "",
    "amplitude": "V",
    "delay": "s",
    "pulses": "",
    "hold": "s",
}
"""Column of a file of switching curves -> SI unit."""
LEAST_POINTS = 3
"""Of a baseline: its midpoint, slope and ceiling are three numbers."""
MOST_PULSES = 10_000
"""In a train."""


class Curves(NamedTuple):
    """Switching curves as `Sigmoid.fit` takes them.

    Attributes
    ----------
    baseline : xarray.Dataset or None
        Over ``voltage``, without heat.
    heating : xarray.Dataset or None
        Over ``amplitude`` of one pulse before, and ``voltage``.
    cooling : xarray.Dataset or None
        Over ``delay`` and ``voltage``; its attributes hold ``pulses`` or ``hold`` [s], and ``amplitude`` [V] where
        they were given.
    """

    baseline: xr.Dataset | None = None
    heating: xr.Dataset | None = None
    cooling: xr.Dataset | None = None


class _Point(NamedTuple):
    """One row."""

    line: int
    voltage: float
    switched: int
    trials: int
    amplitude: float
    delay: float
    train: tuple[int, float]

    @property
    def state(self) -> tuple[str, float]:
        """What came before: a delay makes it a state of cooling, else an amplitude one of heating."""
        if not math.isnan(self.delay):
            return "delay", self.delay
        return ("amplitude", self.amplitude) if not math.isnan(self.amplitude) else ("", 0.0)


def curves_of(table: Table) -> Curves:
    """Read switching curves.

    Parameters
    ----------
    table : Table

    Returns
    -------
    Curves

    Raises
    ------
    InputError
        If a column, unit or number is wrong, the voltages of a state do not increase, or there are too few points.
    """
    table.take(COLUMNS, ("voltage",))
    if "trials" not in table.units:
        remedy = 'add a column "trials" with the number of trials behind each point: it sets every uncertainty'
        raise table.fault(table.header, f"column trials is missing; {remedy}")
    given = [name for name in ("switched", "probability") if name in table.units]
    if len(given) != 1:
        what = "switched and probability say the same; keep one" if given else 'add "switched" or "probability [%]"'
        raise table.fault(table.header, f"columns switched, probability: {what}")
    for name in ("pulses", "hold"):
        if name in table.units and "delay" not in table.units:
            raise table.fault(table.header, f'column {name}: says what came before a delay; add "delay [ns]"')
    if not table.rows:
        raise table.fault(table.header, f"no rows follow; at least {LEAST_POINTS} are needed")
    points = [_point(table, row, given[0]) for row in table.rows]
    states: dict[tuple[str, float], list[_Point]] = {}
    for point in points:
        states.setdefault(point.state, []).append(point)
    for members in states.values():
        _refuse_unordered(table, members)
    base = states.get(("", 0.0), [])
    if base and len(base) < LEAST_POINTS:
        said = f"the baseline has {len(base)} points, at least {LEAST_POINTS} are needed; measure more voltages"
        raise table.fault(base[-1].line, said)
    kinds = {kind: {key[1]: states[key] for key in sorted(states) if key[0] == kind} for kind in ("amplitude", "delay")}
    baseline = _dataset({0.0: base}, "", table.attrs) if base else None
    heating = _dataset(kinds["amplitude"], "amplitude", table.attrs) if kinds["amplitude"] else None
    cooling = None
    if kinds["delay"]:
        before = _before(table, [point for point in points if point.state[0] == "delay"])
        cooling = _dataset(kinds["delay"], "delay", table.attrs | before)
    return Curves(baseline, heating, cooling)


def _point(table: Table, row: Row, given: str) -> _Point:
    """Read one row."""
    trials = table.count(row, "trials", 1)
    if given == "switched":
        switched = table.count(row, "switched", 0)
        if switched > trials:
            raise table.fault(row.line, f"switched = {switched}: more than its trials = {trials}; correct the counts")
    else:
        text = table.filled(row, "probability")
        share = table.number(row, "probability", text, "1")
        if not 0.0 <= share <= 1.0:
            percent = table.units["probability"] == "%"
            remedy = "0 and 100 in percent" if percent else '0 and 1; percent need the header "probability [%]"'
            raise table.fault(row.line, f"probability = {shown(text)}: must lie between {remedy}")
        switched = round(share * trials)
    text = table.filled(row, "voltage")
    volts = table.number(row, "voltage", text, "V", "non_negative")
    if volts == 0.0:
        raise table.fault(row.line, f"voltage = {shown(text)}: must be positive, 0 V is no pulse; leave out the row")
    amplitude, delay = (table.value(row, name, COLUMNS[name], "non_negative") for name in ("amplitude", "delay"))
    train = _train(table, row, math.isnan(delay) and not math.isnan(amplitude))
    return _Point(row.line, volts, switched, trials, amplitude, delay, train)


def _train(table: Table, row: Row, heated: bool) -> tuple[int, float]:
    """Number of pulses before (0: not said), and length of one long pulse [s] (NaN: none)."""
    pulses = table.count(row, "pulses", 1, MOST_PULSES) if row.cells.get("pulses") else 0
    hold = table.value(row, "hold", "s", "positive")
    if pulses and not math.isnan(hold):
        said = f"pulses = {pulses}, hold = {format(hold, 's')}: a train or one long pulse came before; keep one"
        raise table.fault(row.line, said)
    if heated and (pulses > 1 or not math.isnan(hold)):
        name = "pulses" if pulses else "hold"
        said = f"{name} = {shown(row.cells[name])}: without a delay one usual pulse came before; give the delay"
        raise table.fault(row.line, said)
    return pulses, hold


def _refuse_unordered(table: Table, points: list[_Point]) -> None:
    for one, after in zip(points, points[1:], strict=False):
        if after.voltage <= one.voltage:
            kind, value = one.state
            where = f" of {kind} = {format(value, COLUMNS[kind])}" if kind else ""
            raise table.fault(
                after.line,
                f"non-monotonic voltage{where}: {format(after.voltage, 'V')} after {format(one.voltage, 'V')} "
                f"(line {one.line}); sort the rows of a state, one for each voltage",
            )


def _before(table: Table, points: list[_Point]) -> dict[str, Any]:
    """What came before every delay: one and the same train, or long pulse."""
    first = points[0]
    for point in points:
        for name, one, other in (
            ("pulses", first.train[0], point.train[0]),
            ("hold", first.train[1], point.train[1]),
            ("amplitude", first.amplitude, point.amplitude),
        ):
            if one != other and not (math.isnan(one) and math.isnan(other)):
                cells = [row.cells[name] or "nothing" for row in table.rows if row.line in (first.line, point.line)]
                said = f"{name} = {cells[1]}: is {cells[0]} in line {first.line}; one file holds one cooling"
                raise table.fault(point.line, f"{said}, leave delay empty where a single pulse came before")
    pulses, hold = first.train
    attrs: dict[str, Any] = {"pulses": pulses} if pulses else {}
    if not math.isnan(hold):
        attrs["hold"] = hold
    return attrs | ({} if math.isnan(first.amplitude) else {"amplitude": first.amplitude})


def _dataset(states: dict[float, list[_Point]], kind: str, attrs: dict[str, Any]) -> xr.Dataset:
    """States of one kind over the union of their voltages, with 0 trials where nothing was measured."""
    voltage = np.unique([point.voltage for members in states.values() for point in members])
    switched, trials = (np.zeros((len(states), voltage.size), dtype=np.int64) for _ in range(2))
    for i, members in enumerate(states.values()):
        at = np.searchsorted(voltage, [point.voltage for point in members])
        switched[i, at] = [point.switched for point in members]
        trials[i, at] = [point.trials for point in members]
    if not kind:
        made = curve_from_counts(voltage, switched[0], trials[0])
    else:
        made = curve_from_counts(voltage, switched, trials, along=(kind, list(states), COLUMNS[kind]))
    return made.assign_attrs(attrs)


def combined(parts: Iterable[Curves]) -> Curves:
    """Put the curves of several files together.

    Parameters
    ----------
    parts : iterable of Curves

    Returns
    -------
    Curves

    Raises
    ------
    InputError
        If a kind of state stands in two files.
    """
    found: dict[str, xr.Dataset] = {}
    for part in parts:
        for name, curve in part._asdict().items():
            if curve is None:
                continue
            if name in found:
                files = " and in ".join(str(one.attrs.get("file", "memory")) for one in (found[name], curve))
                raise InputError(f"{name}: stands in {files}; keep one of them")
            found[name] = curve
    return Curves(**found)


def origin(curves: Curves) -> dict[str, Any]:
    """Say from which files curves are, for the provenance of a neuron file.

    Parameters
    ----------
    curves : Curves

    Returns
    -------
    dict
        ``source``, the names of the files, and ``files``: for each its ``name``, ``sha256``, ``comment`` and
        ``states``.
    """
    files: dict[str, dict[str, Any]] = {}
    for kind, curve in curves._asdict().items():
        if curve is not None and "sha256" in curve.attrs:
            told = {"name": curve.attrs["file"], "sha256": curve.attrs["sha256"], "comment": curve.attrs["comment"]}
            files.setdefault(told["sha256"], told | {"states": []})["states"].append(kind)
    return {"source": ", ".join(one["name"] for one in files.values()), "files": list(files.values())}
