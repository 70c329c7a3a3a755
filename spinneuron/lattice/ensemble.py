"""Trials of one magnet side by side: `run_trials`, what `run` is for one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from spinneuron.dynamics.lattice.ensemble import Ensemble
from spinneuron.dynamics.lattice.stochastic import SCHEMES
from spinneuron.lattice.checkpoint import Checkpoint
from spinneuron.lattice.magnet import Magnet
from spinneuron.lattice.replicated import Replicated
from spinneuron.lattice.run import (
    Solver,
    attributes,
    complete,
    fixed_step,
    junction_of,
    samples_of,
    snapshot_coordinates,
    stride_of,
)
from spinneuron.physics.lattice.demag import memory_there
from spinneuron.quantity import InputError, integer, non_negative, shown
from spinneuron.simulation import COMPONENTS


@dataclass
class _Records:
    """Records so far: those up to the last of ``times``, which is the last to be taken."""

    times: list[float] = field(default_factory=list)
    means: list[np.ndarray] = field(default_factory=list)
    junction: list[np.ndarray] = field(default_factory=list)
    shots: list[float] = field(default_factory=list)
    moments: list[np.ndarray] = field(default_factory=list)

    def add(self, ensemble: Ensemble, whole: Replicated, t: float, shot: bool) -> None:
        """Record an ensemble as it is."""
        Ms, torque = whole.body.cells.table[:, 0], junction_of(whole.magnet)
        means = np.einsum("k,bkci->bci", Ms / Ms.sum(), ensemble.m, dtype=float)
        self.means.append(ensemble.by_trial(means))
        if torque is not None:
            found = ensemble.observe(torque.drive(t))
            self.junction.append(np.concatenate([found, ensemble.by_trial(ensemble.heat)[:, 1:]], axis=1))
        if shot:
            self.moments.append(whole.lattices(ensemble.by_trial(ensemble.m)).astype(np.float32))
            self.shots.append(t)
        self.times.append(t)

    def arrays(self) -> dict[str, np.ndarray]:
        """As arrays, without what belongs to no time."""
        records, shots = len(self.times), sum(t <= self.times[-1] for t in self.shots)
        lengths = {"times": records, "means": records, "junction": records, "shots": shots, "moments": shots}
        return {name: np.array(getattr(self, name)[:length]) for name, length in lengths.items()}


def drive_of(magnet: Magnet) -> Callable[[np.ndarray], np.ndarray]:
    """Drive of the junction of a magnet, as an ensemble takes it.

    Parameters
    ----------
    magnet : Magnet

    Returns
    -------
    callable
    """
    torque = junction_of(magnet)
    if torque is None:
        return np.zeros_like
    return lambda times: np.broadcast_to(torque.drive(times), times.shape)


def run_trials(
    magnet: Magnet,
    duration: float,
    *,
    trials: int,
    every: float | None = None,
    snapshots: float | None = None,
    temperature: float,
    seed: int | tuple[int, int] = 0,
    solver: Solver | None = None,
    checkpoint: str | Path | None = None,
    progress: Callable[[float], None] | None = None,
) -> xr.Dataset:
    """Let many trials of a magnet move side by side, all from its moments as they are; these do not change.

    Trial i has the noise, and to rounding the course, of ``run`` with the seed ``(seed, i)``. A thread takes eight
    trials at a time, sixteen in single precision: fewer do not take less time.

    Parameters
    ----------
    magnet : Magnet
        With terms of this package, one stray field and one junction at most.
    duration : float [s]
    trials : int
    every, snapshots : float, optional [s]
        As in `run`. Snapshots of all trials take 12 bytes a cell, trial and snapshot.
    temperature : float [K]
    seed : int or tuple of int
        Selects the noise; with the number of the first trial.
    solver : Solver, optional
        With a scheme of fixed steps; its ``precision`` is that of the moments.
    checkpoint : path, optional
        File from which an interrupted run goes on with the same bits, and which is removed at the end.
    progress : callable, optional
        Called with the fraction of the work done since its last call.

    Returns
    -------
    xarray.Dataset
        As of `run`, with the dimension ``trial`` first, but without energies and torques.

    Raises
    ------
    InputError
        If an argument is out of range, the checkpoint belongs to another run, snapshots do not fit into the memory, or
        a free layer becomes hotter than is described.
    FloatingPointError
        If moments are not finite.
    """
    started = time.perf_counter()
    duration, every, samples = samples_of(duration, every, snapshots)
    stride = stride_of(snapshots, every)
    solver = complete(solver or Solver(), non_negative("temperature", temperature, "K"))
    if solver.method not in SCHEMES:
        raise InputError(f"method = {shown(solver.method)}: an ensemble takes {', '.join(SCHEMES)}")
    trials, (seed, first) = integer("trials", trials), seed if isinstance(seed, tuple) else (seed, 0)
    _require_memory(trials, samples // stride + 1 if stride else 0, magnet)
    dt, whole = fixed_step(magnet, solver, every, temperature), Replicated.of(magnet, temperature, solver)
    ensemble = Ensemble(
        whole.body, whole.plan, whole.foster, scheme=str(solver.method), dt=dt, trials=trials, first=(first, 0),
        seed=integer("seed", seed, 0), further=whole.further,
    )  # fmt: skip
    drive = drive_of(magnet)
    settings = {"every": every, "stride": stride, "temperature": temperature, "seed": [seed, first], "trials": trials}
    settings |= solver._asdict() | {"dt": dt, "drive": drive(every * np.arange(samples + 1)).tolist()}
    kept = Checkpoint(checkpoint, magnet, settings | {"further": whole.further_digest}, samples * every)
    records = _load(kept, ensemble) or _begin(ensemble, whole, stride)
    steps = round(every / dt)
    told = (lambda count: progress(count / (steps * samples))) if progress else None
    try:
        for sample in range(len(records.times), samples + 1):
            ensemble.go(sample * steps - ensemble.step, drive, told)
            whole.check(ensemble)
            records.add(ensemble, whole, sample * every, bool(stride) and sample % stride == 0)
            kept.write(lambda: _standing(ensemble, records))
    except BaseException:
        kept.write(lambda: _standing(ensemble, records), now=True)
        raise
    kept.remove()
    made_by = {"temperature": temperature, "seed": seed, "precision": solver.precision, "dt": dt}
    made_by["evaluations"] = SCHEMES[str(solver.method)].evaluations * ensemble.step
    return _dataset(magnet, records).assign_attrs(attributes(magnet, solver, started) | made_by)


def _require_memory(trials: int, shots: int, magnet: Magnet) -> None:
    """Refuse snapshots that the machine cannot hold: they are joined once, hence twice their size."""
    needed = 2 * 12 * magnet.mesh.cells * trials * shots
    if needed > (there := memory_there()) > 0:
        raise InputError(
            f"snapshots: {shots} of {trials} trials need {needed / 2**30:.3g} GiB, this machine has "
            f"{there / 2**30:.3g}; take fewer"
        )


def _begin(ensemble: Ensemble, whole: Replicated, stride: int) -> _Records:
    """Give all replicas the moments of the magnet, and record them."""
    m = whole.magnet.m.reshape(3, -1)[:, whole.body.cells.sites]
    ensemble.in_blocks(np.broadcast_to(m.T, (ensemble.trials, *m.T.shape)), ensemble.m)
    records = _Records()
    records.add(ensemble, whole, 0.0, bool(stride))
    return records


def _standing(ensemble: Ensemble, records: _Records) -> dict[str, Any]:
    """What a checkpoint holds."""
    return records.arrays() | {"m": ensemble.m, "heat": ensemble.heat, "clock": ensemble.clock}


def _load(kept: Checkpoint, ensemble: Ensemble) -> _Records | None:
    """Go on from a checkpoint."""
    found = kept.read()
    if found is None:
        return None
    ensemble.m[:], ensemble.heat[:], ensemble.clock[:] = found.pop("m"), found.pop("heat"), found.pop("clock")
    return _Records(**{name: list(values) for name, values in found.items()})


def _dataset(magnet: Magnet, records: _Records) -> xr.Dataset:
    """Records of all trials, trials first."""
    means = np.array(records.means).swapaxes(0, 1)
    variables: dict[str, Any] = {
        "m": (("trial", "time", "component"), means, {"units": "1", "long_name": "mean magnetization"})
    }
    if records.junction:
        variables["junction"] = (("trial", "time", "number"), np.array(records.junction).swapaxes(0, 1))
    coordinates: dict[str, Any] = {
        "time": ("time", np.array(records.times), {"units": "s", "long_name": "time"}),
        "component": list(COMPONENTS),
    }
    if records.moments:
        dimensions = ("trial", "snapshot", "component", "z", "y", "x")
        shots = np.array(records.moments).swapaxes(0, 1)
        variables["moments"] = (dimensions, shots, {"units": "1", "long_name": "magnetization"})
        coordinates |= snapshot_coordinates(magnet, records.shots)
    return xr.Dataset(variables, coordinates)
