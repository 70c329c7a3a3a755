"""Switching curves: the probability that a set pulse switches a junction, cold or after what happened before.

A history is what a junction goes through before it is probed: waveforms, and idle times in seconds. The probe is the
set pulse of a :class:`spinneuron.protocols.Cycle`; the state is read at its end.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from spinneuron import __version__
from spinneuron.device import Device
from spinneuron.protocols import Cycle, Protocol
from spinneuron.quantity import InputError, nearest
from spinneuron.simulation import cosine_of
from spinneuron.statistics import curve_from_counts
from spinneuron.switching.densities import density_of
from spinneuron.switching.density import TOLERANCE
from spinneuron.switching.lattice import LatticeTrials
from spinneuron.switching.state import Engine, refuse_voltage
from spinneuron.switching.trials import Trials

ENGINES: dict[str, Callable[..., Engine]] = {"macrospin": Trials, "fokker-planck": density_of, "lattice": LatticeTrials}
"""Names of ``--model``."""

History = Sequence[Protocol | float]


def make_engine(
    model: str,
    device: Device,
    trials: int = 10_000,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
    tolerance: float = TOLERANCE,
) -> Engine:
    """Make an engine by its name.

    Parameters
    ----------
    model : str
        Of `ENGINES`.
    device : Device
    trials : int
        Per point; of "fokker-planck" the number that its probabilities are said to stand for.
    seed : int
    progress : callable, optional
        Called with the simulated time [s] of waveforms since its last call.
    tolerance : float [1]
        Relative error of the probability and of its complement, of "fokker-planck".

    Returns
    -------
    Engine

    Raises
    ------
    InputError
        If there is no such engine, or it does not take the device.
    """
    if model not in ENGINES:
        raise InputError(f"model = {model!r}: {nearest(model, ENGINES)}use one of {', '.join(ENGINES)}")
    if model == "fokker-planck":
        return density_of(device, trials, tolerance=tolerance, progress=progress)
    return ENGINES[model](device, trials, seed, progress=progress)


def through(engine: Engine, history: History, state: Any) -> Any:
    """Take an ensemble through a history.

    Parameters
    ----------
    engine : Engine
    history : sequence of Protocol or float
        Waveforms, and idle times [s].
    state : State

    Returns
    -------
    State
    """
    for stage in history:
        state = engine.run(state, stage) if isinstance(stage, Protocol) else engine.cool(state, float(stage))
    return state


def duration(history: History, voltages: int, cycle: Cycle) -> float:
    """Simulated time of a history and its probes, idle times left out: a measure of the work.

    Parameters
    ----------
    history : sequence of Protocol or float
    voltages : int
        Number of probes.
    cycle : Cycle

    Returns
    -------
    float [s]
    """
    probe = 2.0 * cycle.edge + cycle.width
    return sum(stage.duration for stage in history if isinstance(stage, Protocol)) + voltages * probe


def probed(
    engine: Engine, state: Any, voltages: ArrayLike, cycle: Cycle, first_stream: int
) -> tuple[np.ndarray, np.ndarray]:
    """Probe one state at several voltages, each from the same state with noise of its own.

    Parameters
    ----------
    engine : Engine
    state : State
    voltages : array_like [V]
    cycle : Cycle
    first_stream : int
        Of the noise of the first voltage.

    Returns
    -------
    switched : numpy.ndarray
        (voltage,) number of trials.
    trials : numpy.ndarray
        Those that were parallel before: a failed reset does not count.
    """
    ready = engine.parallel_only(state)
    volts = np.asarray(voltages, dtype=float)
    ends = engine.run_all([ready] * len(volts), [cycle.probe(float(V)) for V in volts], first_stream)
    counts = np.array([engine.switched(end) for end in ends])
    return counts[:, 0], counts[:, 1]


def switching_curve(
    device: Device,
    voltages: ArrayLike,
    width: float | None = None,
    *,
    cycle: Cycle | None = None,
    before: History = (),
    model: str = "macrospin",
    trials: int = 10_000,
    seed: int = 0,
    tolerance: float = TOLERANCE,
    progress: Callable[[float], None] | None = None,
) -> xr.Dataset:
    """Compute the switching probability against the voltage of the set pulse.

    Parameters
    ----------
    device : Device
        With the easy axis along the pinned layer.
    voltages : array_like [V]
        Increasing.
    width : float, optional [s]
        Plateau of the set pulse, where it is not that of the cycle.
    cycle : Cycle, optional
        Its edges and width are those of the set pulse; the published 20, 150, 20 ns by default.
    before : sequence of Protocol or float
        What the junction went through before each pulse: waveforms, idle times [s].
    model : str
        "macrospin", "fokker-planck" or "lattice".
    trials : int
        Per point.
    seed : int
    tolerance : float [1]
        Relative error of the probability and of its complement, of "fokker-planck".
    progress : callable, optional
        Called with the fraction of the work done since its last call.

    Returns
    -------
    xarray.Dataset
        As of `statistics.curve_from_counts`, with the mean ``rise`` (voltage) [K] at the end of the pulse; the
        attributes hold what made it. Of "fokker-planck" ``probability`` is no rounded count, ``low`` and ``high`` are
        its numerical error, and ``write_error`` (voltage) [1] is the probability that nothing switched, to as many
        digits.

    Raises
    ------
    InputError
        If a voltage is above breakdown, voltages do not increase, or the engine does not take the device.

    Examples
    --------
    >>> from spinneuron import Device
    >>> curve = switching_curve(Device.preset("plasticity"), [0.80], model="fokker-planck")
    >>> round(float(curve.probability[0]), 4)
    0.1972
    """
    cycle = cycle or Cycle()
    cycle = cycle if width is None else dataclasses.replace(cycle, width=width)
    volts = np.atleast_1d(np.asarray(voltages, dtype=float))
    started, work = time.perf_counter(), duration(before, len(volts), cycle)
    told = (lambda seconds: progress(seconds / work)) if progress else None
    engine = make_engine(model, device, trials, seed, told, tolerance)
    # before hours of work: what would be refused at its end
    curve_from_counts(volts, np.zeros(volts.shape), engine.trials)
    for V in volts:
        refuse_voltage(device, cycle.probe(float(V)))
    state = engine.parallel_only(through(engine, before, engine.rest()))
    ends = engine.run_all([state] * len(volts), [cycle.probe(float(V)) for V in volts], 1)
    counts = np.array([engine.switched(end) for end in ends])
    curve = curve_from_counts(volts, np.rint(counts[:, 0]), np.rint(counts[:, 1]))
    rise = np.array([engine.rise(end) for end in ends])
    curve = exact(curve, engine, ends)
    curve["rise"] = ("voltage", rise, {"units": "K", "long_name": "mean temperature rise at the end of the pulse"})
    curve.attrs |= made_by(device, cycle, model, trials, seed, time.perf_counter() - started)
    stages = [json.loads(stage.to_json()) if isinstance(stage, Protocol) else stage for stage in before]
    curve.attrs["before"] = json.dumps(stages)
    curve.attrs["reset_failed"] = 1.0 - float(counts[0, 1]) / engine.trials
    return curve


def pump_probe(
    device: Device,
    voltages: ArrayLike,
    *,
    pump: tuple[float, float] = (0.9, 500e-9),
    delays: ArrayLike = (0.0,),
    cycle: Cycle | None = None,
    model: str = "macrospin",
    trials: int = 10_000,
    seed: int = 0,
    tolerance: float = TOLERANCE,
    progress: Callable[[float], None] | None = None,
) -> xr.Dataset:
    """Probe a junction some time after a pulse that heats it and a reset: figs. 1F and 1G of the plasticity neuron.

    Parameters
    ----------
    device : Device
    voltages : array_like [V]
        Of the probe, increasing.
    pump : tuple of float [V, s]
        Amplitude and plateau of the pulse before.
    delays : array_like [s]
        Idle times between the reset and the probe.
    cycle : Cycle, optional
        Of its edges, reset, and probe.
    model : str
        "macrospin", "fokker-planck" or "lattice".
    trials : int
        Per point.
    seed : int
    tolerance : float [1]
        As of `switching_curve`.
    progress : callable, optional
        Called with the fraction of the work done since its last call.

    Returns
    -------
    xarray.Dataset
        As of `switching_curve`, over ``delay`` and ``voltage``; the attribute ``hold`` [s] is the plateau.

    Raises
    ------
    InputError
        As `switching_curve`.

    Examples
    --------
    >>> from spinneuron import Device
    >>> later = pump_probe(Device.preset("plasticity"), [0.7822], delays=[0.0, 200e-9], model="fokker-planck")
    >>> [round(100.0 * float(share), 1) for share in later.probability[:, 0]]
    [27.4, 16.3]
    """
    cycle = cycle or Cycle()
    volts, waits = np.atleast_1d(np.asarray(voltages, dtype=float)), np.atleast_1d(np.asarray(delays, dtype=float))
    heat = cycle.pump(pump[0], pump[1], delay=0.0)
    started, work = time.perf_counter(), duration((heat,), len(volts) * len(waits), cycle)
    told = (lambda seconds: progress(seconds / work)) if progress else None
    engine = make_engine(model, device, trials, seed, told, tolerance)
    along = ("delay", waits, "s")
    # before hours of work: what would be refused at its end
    curve_from_counts(volts, np.zeros((len(waits), len(volts))), engine.trials, along=along)
    for V in volts:
        refuse_voltage(device, cycle.probe(float(V)))
    hot = engine.run(engine.rest(), heat)
    cooled = [engine.parallel_only(engine.cool(hot, float(wait))) for wait in waits]
    probes = [cycle.probe(float(V)) for V in volts]
    ends = engine.run_all([state for state in cooled for _ in volts], probes * len(waits), 1)
    counts = np.rint([engine.switched(end) for end in ends]).reshape(len(waits), len(volts), 2)
    curve = exact(curve_from_counts(volts, counts[..., 0], counts[..., 1], along=along), engine, ends)
    curve.attrs |= made_by(device, cycle, model, trials, seed, time.perf_counter() - started)
    return curve.assign_attrs(amplitude=pump[0], hold=pump[1])


def exact(curve: xr.Dataset, engine: Engine, ends: Sequence[Any]) -> xr.Dataset:
    """Put the probabilities of an engine without scatter in the place of rounded counts.

    Parameters
    ----------
    curve : xarray.Dataset
        Of the counts.
    engine : Engine
    ends : sequence
        States of the engine, in the order of the points.

    Returns
    -------
    xarray.Dataset
        The same where the engine scatters.
    """
    if not hasattr(engine, "probabilities"):
        return curve
    shape, dims = curve["probability"].shape, curve["probability"].dims
    found = np.array([engine.probabilities(end) for end in ends]).reshape(*shape, 3)
    against, along, error = found[..., 0], found[..., 1], found[..., 2]
    said = {"units": "1", "long_name": "probability that nothing switched"}
    return curve.assign(
        probability=(dims, against, curve["probability"].attrs),
        low=(dims, np.maximum(0.0, against * (1.0 - error)), curve["low"].attrs | {"of": "numerical error"}),
        high=(dims, np.minimum(1.0, against * (1.0 + error)), curve["high"].attrs | {"of": "numerical error"}),
        write_error=(dims, along, said),
    )


def crossing_times(run: xr.Dataset) -> np.ndarray:
    """Find when each trial first becomes antiparallel, for `statistics.survival`.

    Parameters
    ----------
    run : xarray.Dataset
        Of `simulation.simulate` with ``every``; m . pinned is taken as linear between two records.

    Returns
    -------
    numpy.ndarray [s]
        (trial,), NaN where a trial stayed parallel.

    Raises
    ------
    InputError
        If the run kept one state only, or a trial starts antiparallel.

    Examples
    --------
    >>> from spinneuron import Cycle, Device, simulate
    >>> from spinneuron.statistics import survival, switching_time
    >>> run = simulate(Device.preset("plasticity"), Cycle().probe(0.9), trials=64, every=0.5e-9)
    >>> median, low, high = switching_time(survival(crossing_times(run), run.time.values[-1]))
    >>> 30e-9 < low < median < high < 80e-9
    True
    """
    time, cosine = run["time"].values, cosine_of(run).values
    if (cosine[:, 0] <= 0.0).any():
        raise InputError(f"run: trial {int(np.argmax(cosine[:, 0] <= 0.0))} starts antiparallel; start it parallel")
    after = np.argmax(cosine < 0.0, axis=1)
    trial, before = np.arange(len(after)), np.maximum(after - 1, 0)
    first, second = cosine[trial, before], cosine[trial, after]
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = time[before] + (time[after] - time[before]) * first / (first - second)
    return np.where(after > 0, crossing, np.nan)


def made_by(device: Device, cycle: Cycle, model: str, trials: int, seed: int, wall_time: float) -> dict[str, Any]:
    """Attributes that say what made a dataset.

    Parameters
    ----------
    device : Device
    cycle : Cycle
    model : str
    trials : int
    seed : int
    wall_time : float [s]

    Returns
    -------
    dict
    """
    return {
        "device": device.to_json(),
        "cycle": json.dumps(dataclasses.asdict(cycle)),
        "engine": model,
        "trials": trials,
        "seed": seed,
        "temperature": device.temperature,
        "version": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "wall_time": wall_time,
    }
