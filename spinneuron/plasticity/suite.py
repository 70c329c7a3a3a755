"""The plasticity suite: every published experiment on one engine, in chunks that survive a kill."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from spinneuron.chunk_store import Store, Work
from spinneuron.device import Device
from spinneuron.plasticity.plan import EXPERIMENTS, Condition, work
from spinneuron.protocols import Cycle, Protocol
from spinneuron.quantity import InputError, integer, nearest
from spinneuron.statistics import interval
from spinneuron.switching.curves import ENGINES, made_by, make_engine, probed
from spinneuron.switching.state import Engine, refuse_voltage

KIND = "spinneuron-plasticity"
_STREAMS_PER_CONDITION = 64
_MOST_TRIALS = 500_000


@dataclass(frozen=True)
class Suite(Work):
    """All that decides the result of a suite.

    Attributes
    ----------
    device : Device
        The heat-sensitive junction.
    reference : Device
        The insensitive one, of fig. S9.
    experiments : tuple of str
        In `EXPERIMENTS`.
    model : str
        In `ENGINES`.
    trials : int
        Per point.
    seed : int
    cycle : Cycle

    Raises
    ------
    InputError
        If an experiment or the model is unknown, or there are too many trials.
    """

    device: Device
    reference: Device
    experiments: tuple[str, ...] = tuple(EXPERIMENTS)
    model: str = "macrospin"
    trials: int = 10_000
    seed: int = 0
    cycle: Cycle = field(default_factory=Cycle)

    def __post_init__(self) -> None:
        for name in self.experiments:
            if name not in EXPERIMENTS:
                hint = nearest(name, EXPERIMENTS)
                raise InputError(f"experiments = {name!r}: {hint}allowed: {', '.join(EXPERIMENTS)}")
        if len(set(self.experiments)) < len(self.experiments) or not self.experiments:
            raise InputError(f"experiments = {', '.join(self.experiments)!r}: give each once, and at least one")
        if self.model not in ENGINES:
            raise InputError(f"model = {self.model!r}: {nearest(self.model, ENGINES)}use one of {', '.join(ENGINES)}")
        if integer("trials", self.trials) > _MOST_TRIALS and self.model == "macrospin":
            raise InputError(f"trials = {self.trials}: at most {_MOST_TRIALS} macrospins; use model fokker-planck")

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """All conditions, in the order of the experiments."""
        return tuple(one for name in self.experiments for one in EXPERIMENTS[name](self.cycle))

    @property
    def chunks(self) -> int:
        """One for each experiment."""
        return len(self.experiments)

    def to_json(self) -> str:
        """The specification as JSON text."""
        data = asdict(self) | {name: json.loads(getattr(self, name).to_json()) for name in ("device", "reference")}
        return json.dumps(data)


def run_experiment(suite: Suite, name: str, progress: Callable[[float], None] | None = None) -> dict[str, np.ndarray]:
    """Run the conditions of one experiment.

    Parameters
    ----------
    suite : Suite
    name : str
    progress : callable, optional
        Called with the simulated time [s] of waveforms since its last call.

    Returns
    -------
    dict of str to numpy.ndarray
        ``switched`` and ``trials`` (point,), in the order of conditions and their probes; ``rise`` [K] and
        ``reset_failed`` (condition,) at the begin of the probes.
    """
    engines: dict[bool, Engine] = {}
    known: dict[tuple, Any] = {}
    found: dict[str, list] = {"switched": [], "trials": [], "rise": [], "reset_failed": []}
    # numbered among all experiments, so that one of them has the same noise alone
    planned = enumerate(one for each in EXPERIMENTS.values() for one in each(suite.cycle))
    for number, one in planned:
        if one.experiment != name:
            continue
        first = number * _STREAMS_PER_CONDITION
        if one.reference not in engines:
            device = suite.reference if one.reference else suite.device
            engines[one.reference] = make_engine(suite.model, device, suite.trials, suite.seed, progress)
            known[one.reference, ()] = engines[one.reference].rest(first)
        engine, state = engines[one.reference], known[one.reference, ()]
        for i, stage in enumerate(one.history):
            key = (one.reference, one.history[: i + 1])
            if key not in known:
                if isinstance(stage, Protocol):
                    known[key] = engine.run(state, stage, first + 1 + i)
                else:
                    known[key] = engine.cool(replace(state, stream=first + 1 + i), stage)
            state = known[key]
        switched, trials = probed(engine, state, one.probes, suite.cycle, first + 32)
        found["switched"] += switched.tolist()
        found["trials"] += trials.tolist()
        found["rise"].append(engine.rise(state))
        against, counted = engine.switched(state)
        found["reset_failed"].append(against / counted)
    return {name: np.array(values) for name, values in found.items()}


def run_suite(
    suite: Suite,
    *,
    output: str | Path | None = None,
    resume: bool = False,
    progress: Callable[[float], None] | None = None,
) -> xr.Dataset:
    """Run all experiments of a suite.

    Parameters
    ----------
    suite : Suite
    output : path, optional
        File that the caller will write: finished experiments are kept in a folder beside it until then.
    resume : bool
        Whether to take over what an earlier run left there.
    progress : callable, optional
        Called with the fraction of the work done since its last call.

    Returns
    -------
    xarray.Dataset
        Kind "spinneuron-plasticity". Over ``point``: ``voltage`` [V] of the probe, ``switched``, ``trials``,
        ``probability``, ``low``, ``high``, and ``condition``, the index of what came before. Over ``state``:
        ``experiment``, ``label``, ``amplitude`` [V], ``pulses``, ``width`` [s], ``delay`` [s], ``regular``,
        ``reference``, ``rise`` [K] and ``reset_failed``.

    Raises
    ------
    InputError
        If the engine does not take a device, a voltage is above its breakdown, or chunks of other work lie there.
    """
    started = time.perf_counter()
    _refuse(suite)
    store = Store(output, suite, resume) if output is not None else None
    shares = {name: work(EXPERIMENTS[name](suite.cycle), suite.cycle) for name in suite.experiments}
    total = sum(shares.values())
    told = (lambda seconds: progress(seconds / total)) if progress else None
    parts = []
    for chunk, name in enumerate(suite.experiments):
        if store and chunk in store.done():
            parts.append(store.load(chunk))
            if progress:
                progress(shares[name] / total)
            continue
        parts.append(run_experiment(suite, name, told))
        if store:
            store.save(chunk, parts[-1])
    return _dataset(suite, parts, time.perf_counter() - started)


def _refuse(suite: Suite) -> None:
    """Refuse before hours of work, and before there is a folder, what would be refused in their midst."""
    for reference in {one.reference for one in suite.conditions}:
        device = suite.reference if reference else suite.device
        make_engine(suite.model, device, suite.trials, suite.seed)
        for one in suite.conditions:
            waveforms = [stage for stage in one.history if isinstance(stage, Protocol)]
            if one.reference == reference:
                for waveform in (*waveforms, *map(suite.cycle.probe, one.probes)):
                    refuse_voltage(device, waveform)


def _dataset(suite: Suite, parts: Sequence[dict[str, np.ndarray]], wall_time: float) -> xr.Dataset:
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    conditions = suite.conditions
    switched, trials = (np.rint(whole[name]).astype(np.int64) for name in ("switched", "trials"))
    low, high = interval(switched, trials)
    share = np.divide(switched, trials, out=np.full(len(trials), np.nan), where=trials > 0)
    points = {
        "voltage": (np.concatenate([one.probes for one in conditions]), "V", "voltage of the probe"),
        "condition": (np.repeat(np.arange(len(conditions)), [len(one.probes) for one in conditions]), "1", "its state"),
        "switched": (switched, "1", "trials that switched"),
        "trials": (trials, "1", "trials"),
        "probability": (share, "1", "switching probability"),
        "low": (low, "1", "lower end of the interval"),
        "high": (high, "1", "upper end of the interval"),
    }
    states = {
        "experiment": ([one.experiment for one in conditions], "", "published figure"),
        "label": ([one.label for one in conditions], "", "what came before"),
        "amplitude": ([one.amplitude for one in conditions], "V", "amplitude of the pulses before"),
        "pulses": ([one.pulses for one in conditions], "1", "number of pulses before"),
        "width": ([one.width for one in conditions], "s", "plateau of each"),
        "delay": ([one.delay for one in conditions], "s", "idle time beyond the regular cycle"),
        "regular": ([int(one.regular) for one in conditions], "1", "whether a whole cycle came before"),
        "reference": ([int(one.reference) for one in conditions], "1", "whether the junction is the reference"),
        "rise": (whole["rise"], "K", "mean temperature rise when the probe begins"),
        "reset_failed": (whole["reset_failed"], "1", "share of the trials that were not reset"),
    }
    variables = {}
    for dimension, table in (("point", points), ("state", states)):
        for name, (values, unit, said) in table.items():
            attrs = {"long_name": said} | ({"units": unit} if unit else {})
            variables[name] = (dimension, np.asarray(values), attrs)
    attrs = made_by(suite.device, suite.cycle, suite.model, suite.trials, suite.seed, wall_time)
    return xr.Dataset(variables, attrs=attrs | {"kind": KIND, "reference_device": suite.reference.to_json()})
