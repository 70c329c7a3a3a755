"""Energy of a cycle from resistances and protocol, under named assumptions; energy of a simulated run.

    E = integral of V^2 / R dt,    R_AP(V) = R_P (1 + TMR(V)),    TMR(V) = TMR_0 / (1 + (V / V_half)^2)

A cycle of the paper: 20 ns rise, 150 ns set, 20 ns fall, 20 ns reset of the other sign, 20 ns delay: 230 ns. A
junction begins it parallel. In a fraction of the cycles it becomes antiparallel, after a part of the plateau, and the
reset finds it there; the others are parallel throughout. Source: intrinsic-plasticity network paper (IPNet), Methods,
energy measurement.
"""

import math
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from spinneuron.protocols import Cycle
from spinneuron.quantity import InputError, finite, format, non_negative, positive, shown

SHAPES = ("rectangular", "trapezoid")
NEVER, START, MIDDLE, END = None, 0.0, 0.5, 1.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)


@dataclass(frozen=True)
class Operation:
    """One cycle of the neuron, as its energy sees it.

    Parameters
    ----------
    amplitude : float [V]
        Of the set pulse.
    cycle : Cycle
        Its times.
    reset_amplitude : float [V], optional
        By default minus `amplitude`; only its square matters.
    shape : str
        "rectangular": the plateaus only; "trapezoid": the edges of the set pulse too, as ramps.
    probability : float [1]
        Of the cycles that switch.
    moment : float [1]
        Part of the plateau that is over when they switch: 0 at its start, 1 at its end.

    Raises
    ------
    InputError
        If a number is out of range, or the shape unknown.
    """

    amplitude: float = 0.8
    cycle: Cycle = field(default_factory=Cycle)
    reset_amplitude: float | None = None
    shape: str = "rectangular"
    probability: float = 0.1972
    moment: float = MIDDLE

    def __post_init__(self) -> None:
        positive("amplitude", self.amplitude, "V")
        if self.reset_amplitude is not None:
            finite("reset_amplitude", self.reset_amplitude, "V")
        if self.shape not in SHAPES:
            raise InputError(f"shape = {shown(self.shape)}: use one of {', '.join(SHAPES)}")
        for name in ("probability", "moment"):
            if not 0.0 <= finite(name, getattr(self, name)) <= 1.0:
                raise InputError(f"{name} = {getattr(self, name):g}: must lie between 0 and 1")


class RunEnergy(NamedTuple):
    """Energy of simulated trials.

    Attributes
    ----------
    energy : numpy.ndarray [J]
        Of each trial.
    mean : float [J]
    error : float [J]
        Standard error of the mean; NaN for a single trial.
    """

    energy: np.ndarray
    mean: float
    error: float


def cycle_energy(
    parallel: float, antiparallel: float, operation: Operation | None = None, half_voltage: float | None = None
) -> float:
    """Compute the mean energy of a cycle.

    Parameters
    ----------
    parallel, antiparallel : float [ohm]
        At low voltage.
    operation : Operation, optional
        By default that of the paper: 0.80 V, rectangular, 19.72 % of the cycles switch, in the middle of the plateau.
    half_voltage : float [V], optional
        At which the TMR is halved; by default it does not depend on the voltage.

    Returns
    -------
    float
        [J].

    Raises
    ------
    InputError
        If a number is not positive, or the antiparallel resistance is the smaller one.

    Examples
    --------
    >>> round(1e12 * cycle_energy(230.0, 410.0), 1)
    450.2
    """
    operation = Operation() if operation is None else operation
    cycle = operation.cycle
    positive("parallel", parallel, "ohm")
    if positive("antiparallel", antiparallel, "ohm") < parallel:
        pair = f"{format(antiparallel, 'ohm')}: lies below parallel = {format(parallel, 'ohm')}"
        raise InputError(f"antiparallel = {pair}; exchange the two")
    tmr = antiparallel / parallel - 1.0
    if half_voltage is not None:
        positive("half_voltage", half_voltage, "V")

    def power(voltage: Any, switched: bool) -> Any:
        bias = 1.0 if half_voltage is None else 1.0 + (voltage / half_voltage) ** 2
        return voltage**2 / (parallel * (1.0 + tmr / bias * switched))

    def ramp(switched: bool) -> float:
        """Mean power of an edge."""
        return float(0.5 * _WEIGHTS @ power(operation.amplitude * 0.5 * (1.0 + _NODES), switched))

    edges = operation.shape == "trapezoid"
    back = operation.amplitude if operation.reset_amplitude is None else operation.reset_amplitude

    def whole(moment: float, switched: bool) -> float:
        plateau = moment * power(operation.amplitude, False) + (1.0 - moment) * power(operation.amplitude, switched)
        flanks = edges * (cycle.edge * ramp(False) + cycle.edge * ramp(switched))
        return float(cycle.width * plateau + flanks + cycle.reset_width * power(back, switched))

    p = operation.probability
    return p * whole(operation.moment, True) + (1.0 - p) * whole(1.0, False)


def resistance_for(energy: float, tmr: float = 0.0, operation: Operation | None = None) -> float:
    """Compute the parallel resistance that a cycle of a given energy needs.

    The energy goes as 1 / R at a given TMR.

    Parameters
    ----------
    energy : float [J]
    tmr : float [1]
        Of the junction; 0 for one resistance in both states.
    operation : Operation, optional
        As in `cycle_energy`.

    Returns
    -------
    float
        [ohm].

    Raises
    ------
    InputError
        If the energy is not positive, or the TMR is negative.

    Examples
    --------
    >>> round(resistance_for(82e-12))
    1327
    """
    return cycle_energy(1.0, 1.0 + non_negative("tmr", tmr), operation) / positive("energy", energy, "J")


def energy_of_run(time: Any, voltage: Any, resistance: Any) -> RunEnergy:
    """Integrate ``V^2 / R`` along simulated trials, by the trapezoid.

    Parameters
    ----------
    time : array_like [s]
        Ascending (time,).
    voltage : array_like [V]
        Across the junction, (time,) or (trial, time).
    resistance : array_like [ohm]
        (time,) or (trial, time).

    Returns
    -------
    RunEnergy

    Raises
    ------
    InputError
        If the shapes do not fit, the times do not ascend, or a number is not finite or no resistance.

    Examples
    --------
    >>> run = energy_of_run([0.0, 1e-9, 2e-9], [1.0, 1.0, 1.0], [[1e3, 1e3, 1e3], [2e3, 2e3, 2e3]])
    >>> (1e12 * run.energy).round(6).tolist()
    [2.0, 1.0]
    """
    clock, volts, ohms = (np.asarray(values, dtype=float) for values in (time, voltage, resistance))
    if clock.ndim != 1 or clock.size < 2 or not (np.diff(clock) > 0.0).all():
        raise InputError(f"time = {shown(clock)}: at least two ascending times are needed")
    for name, values in (("voltage", volts), ("resistance", ohms)):
        if values.ndim not in (1, 2) or values.shape[-1] != clock.size:
            raise InputError(f"{name}: has shape {values.shape}; ({clock.size},) or (trials, {clock.size}) is needed")
        if not np.isfinite(values).all():
            raise InputError(f"{name}: has values that are not finite; the run failed or was cut")
    if not (ohms > 0.0).all():
        raise InputError(f"resistance = {format(float(ohms.min()), 'ohm')}: must be positive")
    if volts.ndim == ohms.ndim == 2 and volts.shape != ohms.shape:
        raise InputError(f"voltage: has {len(volts)} trials, resistance has {len(ohms)}; give the same ones")
    energy = np.atleast_1d(np.trapezoid(volts**2 / ohms, clock, axis=-1))
    trials = energy.size
    error = float(energy.std(ddof=1)) / math.sqrt(trials) if trials > 1 else math.nan
    return RunEnergy(energy, float(energy.mean()), error)
