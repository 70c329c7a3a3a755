"""What was measured of a device, as equal records: a history, a probing voltage, and a probability or a shift.

A history is what the junction went through before the probe: waveforms, and idle times in seconds. Measured curves and
shifts (`spinneuron.measured`) are turned into such records; others are made one by one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import xarray as xr

from spinneuron.measured import Curves
from spinneuron.measured.shifts import SHIFT_KIND
from spinneuron.protocols import Cycle, Protocol
from spinneuron.quantity import InputError, finite, non_negative, positive, shown
from spinneuron.statistics import check_curve
from spinneuron.units import format

PROBE = 0.83
"""Voltage [V] at which the shifts of figs. S1 to S4 were probed."""
_DIMENSIONS = {"baseline": "", "heating": "amplitude", "cooling": "delay"}

History = tuple[Protocol | float, ...]


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One measured number: a switching probability with its trials, or a shift of the midpoint with its uncertainty.

    Attributes
    ----------
    voltage : float or str [V]
        Of the probe; or the name of a voltage that is not known and is fitted.
    history : tuple of Protocol or float
        Waveforms, and idle times [s], before the probe.
    probability : float [1]
        That the probe switches the junction; NaN where a shift was measured.
    trials : float [1]
        Behind the probability; need not be whole, where rounding adds to the scatter.
    shift : float [V]
        How far the cold curve must be moved to the left to give what the probe finds.
    uncertainty : float [V]
        Standard error of the shift.
    label : str
        For tables and figures.

    Raises
    ------
    InputError
        If a number is out of range, or not exactly one of probability and shift is given.
    """

    voltage: float | str
    history: History = ()
    probability: float = math.nan
    trials: float = math.nan
    shift: float = math.nan
    uncertainty: float = math.nan
    label: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.voltage, str):
            positive("voltage", self.voltage, "V")
        elif not self.voltage.isidentifier():
            raise InputError(f"voltage = {shown(self.voltage)}: a number in V is needed, or a name like probe_voltage")
        for stage in self.history:
            if not isinstance(stage, Protocol):
                non_negative("history", stage, "s")
        if math.isnan(self.probability) == math.isnan(self.shift):
            raise InputError(f"observation {shown(self.label)}: give a probability or a shift, one of both")
        if math.isnan(self.shift):
            if not 0.0 <= self.probability <= 1.0:
                raise InputError(f"probability = {self.probability:g}: must lie between 0 and 1")
            positive("trials", self.trials)
        else:
            finite("shift", self.shift, "V")
            positive("uncertainty", self.uncertainty, "V")

    @property
    def of_probability(self) -> bool:
        """Whether a probability was measured, not a shift."""
        return not math.isnan(self.probability)

    @property
    def measured(self) -> float:
        """The probability [1], or the shift [V]."""
        return self.probability if self.of_probability else self.shift


def train(
    cycle: Cycle, amplitude: float, pulses: int = 1, delay: float = 0.0, duration: float | None = None
) -> History:
    """Make the history of equal pulses in the regular cycle, or of one long pulse, and a delay.

    Parameters
    ----------
    cycle : Cycle
    amplitude : float [V]
        0 for cycles that are left empty.
    pulses : int
    delay : float [s]
        Beyond the regular next step.
    duration : float, optional [s]
        Plateau of one long pulse instead.

    Returns
    -------
    tuple of Protocol or float
    """
    one: Protocol | float = cycle.pump(amplitude, width=duration) if amplitude else cycle.duration
    return (one,) * (pulses if duration is None else 1) + ((delay,) if delay > 0.0 else ())


def of_curves(curves: Curves, cycle: Cycle | None = None) -> tuple[Observation, ...]:
    """Turn switching curves into observations, one for each measured point.

    Parameters
    ----------
    curves : Curves
        As of `measured.read_curves`; what came before a cooling needs its amplitude.
    cycle : Cycle, optional
        The regular cycle; the published one by default.

    Returns
    -------
    tuple of Observation

    Raises
    ------
    InputError
        If these are no curves, or the amplitude before a cooling is missing.
    """
    if not isinstance(curves, Curves):
        raise InputError(f"curves = {type(curves).__name__}: no curves, read them with measured.read_curves(...)")
    found: list[Observation] = []
    for kind, curve in curves._asdict().items():
        if curve is not None:
            found += _points(curve, kind, cycle or Cycle())
    return tuple(found)


def _points(curve: xr.Dataset, kind: str, cycle: Cycle) -> list[Observation]:
    """Measured points of one dataset."""
    check_curve(curve)
    name = _DIMENSIONS[kind]
    dims = [str(one) for one in curve["switched"].dims if one != "voltage"]
    if dims != ([name] if name else []):
        wanted = f"{name} and voltage" if name else "voltage alone"
        raise InputError(f"{kind}: goes over {', '.join(map(str, curve['switched'].dims))}; {wanted} is needed")
    attrs = curve.attrs
    if kind == "cooling" and "amplitude" not in attrs:
        remedy = 'add the column "amplitude [V]" of the pulses before the delay'
        raise InputError(f"{attrs.get('file', 'cooling')}: the rows with a delay have no amplitude; {remedy}")
    found = []
    for state in curve[name].values.tolist() if name else [math.nan]:
        one = curve.sel({name: state}) if name else curve
        history, label = _state(kind, state, attrs, cycle)
        for volts, share, count in zip(
            one["voltage"].values.tolist(),
            one["probability"].values.tolist(),
            one["trials"].values.tolist(),
            strict=True,
        ):
            if count:
                found.append(Observation(voltage=volts, history=history, probability=share, trials=count, label=label))
    return found


def _state(kind: str, state: float, attrs: dict, cycle: Cycle) -> tuple[History, str]:
    """History and label of one state of a dataset of curves."""
    if kind == "baseline":
        return (), "cold"
    if kind == "heating":
        return train(cycle, state), f"after {format(state, 'V')}"
    before = train(cycle, attrs["amplitude"], int(attrs.get("pulses", 1)), state, attrs.get("hold"))
    return before, f"delay {format(state, 's')}"


def of_shifts(shifts: xr.Dataset, cycle: Cycle | None = None, voltage: float | None = None) -> tuple[Observation, ...]:
    """Turn shifts of the midpoint into observations.

    Parameters
    ----------
    shifts : xarray.Dataset
        Of kind "spinneuron-shift", as of `measured.read_shifts`, with ``uncertainty``.
    cycle : Cycle, optional
        The regular cycle; the published one by default.
    voltage : float, optional [V]
        Of the probe; by default the attribute ``voltage``, else `PROBE`.

    Returns
    -------
    tuple of Observation

    Raises
    ------
    InputError
        If these are no shifts, or they have no uncertainty.
    """
    if not isinstance(shifts, xr.Dataset) or shifts.attrs.get("kind") != SHIFT_KIND or not shifts.sizes.get("row"):
        raise InputError(f"shifts = {type(shifts).__name__}: no shifts, read them with measured.read_shifts(...)")
    if "uncertainty" not in shifts:
        file = shifts.attrs.get("file", "shifts")
        raise InputError(
            f'{file}: the shifts have no uncertainty; add a column "uncertainty [mV]", it sets the weights'
        )
    cycle = cycle or Cycle()
    probe = positive("voltage", shifts.attrs.get("voltage", PROBE) if voltage is None else voltage, "V")
    found = []
    for i in range(shifts.sizes["row"]):
        row = {name: shifts[name].values[i] for name in shifts.data_vars}
        delay = float(row.get("delay", 0.0))
        volts = [float(step) for step in str(row.get("sequence", "")).split()]
        if volts:
            history = tuple(stage for one in volts for stage in train(cycle, one)) + ((delay,) if delay else ())
            label = f"after {' '.join(f'{one:g}' for one in volts)} V"
        else:
            held = float(row.get("duration", math.nan))
            pulses, amplitude = max(1, int(row.get("pulses", 1))), float(row["amplitude"])
            history = train(cycle, amplitude, pulses, delay, None if np.isnan(held) else held)
            label = f"after {f'{pulses} x ' if pulses > 1 else ''}{format(amplitude, 'V')}"
        label += f", {format(delay, 's')} later" if delay else ""
        shift, error = float(row["delta_x0"]), float(row["uncertainty"])
        found.append(Observation(voltage=probe, history=history, shift=shift, uncertainty=error, label=label))
    return tuple(found)
