"""Motion of a magnet as a dataset: `run`; it keeps checkpoints and goes on from them with the same bits."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from spinneuron import __version__
from spinneuron.dynamics.lattice.runge_kutta import TABLEAUS
from spinneuron.dynamics.lattice.stochastic import SCHEMES, largest_step, thermal_strength
from spinneuron.lattice.checkpoint import Checkpoint, Moving, Track
from spinneuron.lattice.motion import Motion, Solver
from spinneuron.physics.lattice.junction import JunctionTorque
from spinneuron.quantity import InputError, integer, nearest, non_negative, positive
from spinneuron.quantity import shown as text
from spinneuron.simulation import COMPONENTS
from spinneuron.units import format as shown

KIND = "spinneuron-lattice"
# records unless told otherwise
RECORDS = 200
# share of the largest safe step that is taken unless told otherwise
_SAFETY = 0.7


def run(
    magnet: Moving,
    duration: float,
    *,
    every: float | None = None,
    snapshots: float | None = None,
    temperature: float = 0.0,
    seed: int | tuple[int, int] = 0,
    solver: Solver | None = None,
    checkpoint: str | Path | None = None,
    progress: Callable[[float], None] | None = None,
) -> xr.Dataset:
    """Let a magnet move, from its moments as they are; they are those of the end afterwards.

    Parameters
    ----------
    magnet : Magnet
    duration : float [s]
    every : float, optional [s]
        Time between two records of means and energies; by default 1/200 of the whole, or a little less, so that it
        divides ``snapshots``.
    snapshots : float, optional [s]
        Time between two records of all moments, a multiple of ``every``; by default none are kept.
    temperature : float [K]
        Of the thermal field.
    seed : int or tuple of int
        Selects the noise; with the number of a trial, its.
    solver : Solver, optional
    checkpoint : path, optional
        File from which an interrupted run goes on, and which is removed at the end.
    progress : callable, optional
        Called with the fraction of the work done since its last call.

    Returns
    -------
    xarray.Dataset
        ``m`` (time, component) [1]: mean moment, weighted by Ms; ``energy`` (time, term) [J]; ``torque`` (time) [1]:
        largest |m x H| / Ms, without noise. With snapshots, ``moments`` (snapshot, component, z, y, x) [1] in single
        precision and their ``snapshot_time`` [s]; of a magnet whose columns differ in temperature also
        ``temperature_map`` (snapshot, y, x) [K], NaN where there is no magnet.

    Raises
    ------
    InputError
        If an argument is out of range, or the checkpoint belongs to another run.
    FloatingPointError
        If fields or moments are not finite.
    """
    started = time.perf_counter()
    duration, every, samples = samples_of(duration, every, snapshots)
    stride = stride_of(snapshots, every)
    solver = complete(solver or Solver(), non_negative("temperature", temperature, "K"))
    if solver.precision != "float64":
        raise InputError(f"precision = {text(solver.precision)}: one lattice moves in float64; use float64")
    seed, trial = seed if isinstance(seed, tuple) else (seed, 0)
    motion = _motion(magnet, solver, every, temperature, (integer("seed", seed, 0), trial))
    settings: dict[str, Any] = {"every": every, "stride": stride, "temperature": temperature, "seed": [seed, trial]}
    if (junction := junction_of(magnet)) is not None:
        settings["drive"] = np.asarray(junction.drive(every * np.arange(samples + 1))).tolist()
    if magnet.warmth is not None:
        settings["heat"] = [type(magnet.warmth).__name__, magnet.warmth.device.to_json()]
    kept = Checkpoint(checkpoint, magnet, settings | solver._asdict() | {"dt": motion.dt}, samples * every)
    track = kept.load() or Track.start(magnet, stride)
    motion.begin(track)
    kept.save(track)
    try:
        for sample in range(len(track.times), samples + 1):
            motion.go(track, sample * every)
            track.record(magnet, sample, sample * every, stride)
            kept.save(track)
            if progress:
                progress(1.0 / samples)
    except BaseException:
        kept.save(track, now=True)
        raise
    kept.remove()
    made_by = {"temperature": temperature, "seed": seed, "tolerance": solver.tolerance, "dt": motion.dt or 0.0}
    made_by["evaluations"] = motion.evaluations
    return _dataset(magnet, track).assign_attrs(attributes(magnet, solver, started) | made_by)


def attributes(magnet: Moving, solver: Solver, started: float) -> dict[str, Any]:
    """What the dataset of a lattice says of itself.

    Parameters
    ----------
    magnet : Moving
    solver : Solver
    started : float [s]
        By `time.perf_counter`.

    Returns
    -------
    dict
    """
    return {
        "kind": KIND,
        "mesh_counts": list(magnet.mesh.counts),
        "mesh_cell": list(magnet.mesh.cell),
        "periodic": list(magnet.mesh.periodic),
        "engine": "lattice",
        "method": str(solver.method),
        "gamma": solver.gamma,
        "version": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "wall_time": time.perf_counter() - started,
    }


def junction_of(magnet: Moving) -> JunctionTorque | None:
    """Junction of a magnet.

    Parameters
    ----------
    magnet : Moving

    Returns
    -------
    JunctionTorque or None
        None where it has none.
    """
    return next((term for term in magnet.terms.values() if isinstance(term, JunctionTorque)), None)


def snapshot_coordinates(magnet: Moving, shots: list[float]) -> dict[str, Any]:
    """Times of snapshots, and places of the cells.

    Parameters
    ----------
    magnet : Moving
    shots : list of float [s]

    Returns
    -------
    dict
        Coordinates of a dataset with the dimensions snapshot, z, y, x.
    """
    axes = zip(COMPONENTS, magnet.mesh.centers(), strict=True)
    return {
        "snapshot_time": ("snapshot", np.array(shots), {"units": "s", "long_name": "time"}),
        **{name: (name, values.ravel(), {"units": "m"}) for name, values in axes},
    }


def samples_of(duration: float, every: float | None, snapshots: float | None = None) -> tuple[float, float, int]:
    """Times of the records of a run.

    Parameters
    ----------
    duration : float [s]
    every : float or None [s]
        Between two of them; None: 1/200 of the whole, or the next that divides the time between two snapshots.
    snapshots : float, optional [s]

    Returns
    -------
    duration, every : float [s]
    samples : int
        Records after the first.

    Raises
    ------
    InputError
        If a time is not positive, or there would be none.
    """
    duration = positive("duration", duration, "s")
    if every is None:
        every = duration / RECORDS
        if snapshots is not None:
            whole = positive("snapshots", snapshots, "s")
            every = whole / np.ceil(whole / every * (1.0 - 1e-9))
    every = positive("every", every, "s")
    if every > duration * (1.0 + 1e-9):
        raise InputError(
            f"every = {shown(every, 's')}: longer than the run, {shown(duration, 's')}; use a shorter time"
        )
    return duration, every, int(np.ceil(duration / every * (1.0 - 1e-9)))


def complete(given: Solver, temperature: float) -> Solver:
    """Choose the method where none is given, and check.

    Parameters
    ----------
    given : Solver
    temperature : float [K]

    Returns
    -------
    Solver

    Raises
    ------
    InputError
        If the method is unknown, or does not go with the rest.
    """
    known = (*TABLEAUS, *SCHEMES)
    method = given.method or ("three-stage" if temperature > 0.0 else "runge-kutta")
    if method not in known:
        raise InputError(f"method = {text(method)}: {nearest(method, known)}methods: {', '.join(known)}")
    if method in TABLEAUS and temperature > 0.0:
        raise InputError(f"method = {text(method)}: takes no thermal field; use {', '.join(SCHEMES)}")
    if given.dt is not None and method in TABLEAUS:
        raise InputError(f"dt: {method} chooses its steps; set the tolerance, or use {', '.join(SCHEMES)}")
    if given.precision not in ("float64", "float32"):
        raise InputError(f"precision = {text(given.precision)}: use float64 or float32")
    return given._replace(method=method, tolerance=positive("tolerance", given.tolerance))


def fixed_step(magnet: Moving, solver: Solver, every: float, temperature: float) -> float:
    """Step of a scheme with fixed steps, which divides the time between two records.

    Parameters
    ----------
    magnet : Moving
    solver : Solver
    every : float [s]
    temperature : float [K]

    Returns
    -------
    float [s]

    Raises
    ------
    InputError
        If the step that is given is too long.
    """
    rate = solver.gamma * sum(term.stiffness for term in magnet.terms.values())
    alpha = magnet.parameters["alpha"]
    strength = thermal_strength(alpha, magnet.Ms, magnet.mesh.cell_volume, temperature, solver.gamma)
    kick = solver.gamma * float((strength / (1.0 + alpha**2)).max())
    largest = largest_step(str(solver.method), rate, float(alpha[magnet.magnetic].min()), kick)
    wanted = min(every, _SAFETY * largest) if solver.dt is None else positive("dt", solver.dt, "s")
    if wanted > largest * (1.0 + 1e-9):
        raise InputError(f"dt = {shown(wanted, 's')}: too long; the largest safe step is {shown(largest, 's', 3)}")
    return every / float(np.ceil(every / wanted * (1.0 - 1e-9)))


def _motion(magnet: Moving, solver: Solver, every: float, temperature: float, seed: tuple[int, int]) -> Motion:
    """The motion with its step."""
    dt = None if solver.method in TABLEAUS else fixed_step(magnet, solver, every, temperature)
    return Motion(magnet, solver, dt, temperature, seed)


def stride_of(snapshots: float | None, every: float) -> int:
    """Records between two snapshots.

    Parameters
    ----------
    snapshots : float or None [s]
    every : float [s]

    Returns
    -------
    int
        0 for none.

    Raises
    ------
    InputError
        If the one is no multiple of the other.
    """
    if snapshots is None:
        return 0
    stride = round(positive("snapshots", snapshots, "s") / every)
    if stride < 1 or abs(stride * every / snapshots - 1.0) > 1e-6:
        raise InputError(f"snapshots = {shown(snapshots, 's')}: must be a multiple of every, {shown(every, 's')}")
    return stride


def _dataset(magnet: Moving, track: Track) -> xr.Dataset:
    variables: dict[str, Any] = {
        "m": (("time", "component"), np.array(track.means), {"units": "1", "long_name": "mean magnetization"}),
        "energy": (("time", "term"), np.array(track.energies), {"units": "J", "long_name": "energy"}),
        "torque": ("time", np.array(track.torques), {"units": "1", "long_name": "largest |m x H| / Ms"}),
    }
    if track.junction:
        variables["junction"] = (("time", "number"), np.array(track.junction))
    coordinates: dict[str, Any] = {
        "time": ("time", np.array(track.times), {"units": "s", "long_name": "time"}),
        "component": list(COMPONENTS),
        "term": [name for name, term in magnet.terms.items() if term.share],
    }
    if track.moments:
        dimensions = ("snapshot", "component", "z", "y", "x")
        variables["moments"] = (dimensions, np.array(track.moments), {"units": "1", "long_name": "magnetization"})
        if track.maps:
            says = {"units": "K", "long_name": "temperature of the columns"}
            variables["temperature_map"] = (("snapshot", "y", "x"), np.array(track.maps), says)
        coordinates |= snapshot_coordinates(magnet, track.shots)
    return xr.Dataset(variables, coordinates)
