"""An experiment with several seeds as one dataset: run on all processors, kept run by run, gone on with after a kill."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import signal
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import xarray as xr

from spinneuron import __version__, neuron_file, quantity
from spinneuron.chunk_store import Store
from spinneuron.networks import models
from spinneuron.networks.experiments import EXPERIMENTS, Experiment
from spinneuron.networks.ipnet import read_voltage
from spinneuron.networks.training import Training, evaluate, train
from spinneuron.quantity import InputError, nearest, shown
from spinneuron.surrogates.sigmoid import Sigmoid

KIND = "spinneuron-memory"
QUICK = 0.05
"""Share of iterations and test trials of a quick study."""
_OFTEN = 0.2


@dataclass(frozen=True, kw_only=True)
class Study:
    """All that decides the result of a study.

    Attributes
    ----------
    experiment : str
        In `EXPERIMENTS`.
    neuron : Sigmoid
        Of the junctions.
    models : tuple of str
        In `models.MODELS`.
    seeds : int
        Networks of each kind: seeds 0, 1, ..., with ``seed`` added.
    seed : int
    samples : int
        Monte-Carlo samples per unit.
    voltage : float [V]
        Of a lit pixel.
    training : Training

    Raises
    ------
    InputError
        If an argument is out of range or unknown, or the neuron of another model.
    """

    experiment: str
    neuron: Sigmoid
    models: tuple[str, ...]
    seeds: int
    seed: int
    samples: int
    voltage: float
    training: Training

    def __post_init__(self) -> None:
        experiment_named(self.experiment)
        for name in self.models:
            models.model_named(name)
        if not self.models or len(set(self.models)) < len(self.models):
            raise InputError(f"models = {', '.join(self.models)!r}: give each once, and at least one")
        if not isinstance(self.neuron, Sigmoid):
            raise InputError(f"neuron: the memory experiments need a sigmoid neuron, not a {self.neuron.MODEL} one")
        quantity.integer("seeds", self.seeds, 1)
        quantity.integer("seed", self.seed, 0)
        quantity.integer("samples", self.samples, 0)
        quantity.positive("voltage", self.voltage, "V")

    @classmethod
    def of(
        cls,
        experiment: str,
        neuron: Sigmoid,
        *,
        models: tuple[str, ...] | None = None,
        seeds: int = 5,
        seed: int = 0,
        samples: int | None = None,
        voltage: float | None = None,
        iterations: int | None = None,
        quick: bool = False,
    ) -> Study:
        """Make a study with the numbers of its experiment.

        Parameters
        ----------
        experiment : str
            In `EXPERIMENTS`.
        neuron : Sigmoid
        models : tuple of str, optional
        seeds, seed : int
        samples : int, optional
        voltage : float, optional [V]
            By default `ipnet.read_voltage`.
        iterations : int, optional
        quick : bool
            A twentieth of training and test, to see that all runs: scores are not those of trained networks.

        Returns
        -------
        Study

        Raises
        ------
        InputError
            As the class.
        """
        plan = experiment_named(experiment)
        training = plan.training if iterations is None else replace(plan.training, iterations=iterations)
        if quick:
            few = {name: max(1, int(QUICK * getattr(training, name))) for name in ("iterations", "tests")}
            training = replace(training, **few)
        if voltage is None:
            voltage = read_voltage(neuron) if isinstance(neuron, Sigmoid) else 1.0
        return cls(
            experiment=experiment, neuron=neuron, models=plan.models if models is None else tuple(models), seeds=seeds,
            seed=seed, samples=plan.samples if samples is None else samples, voltage=voltage, training=training,
        )  # fmt: skip

    @property
    def plan(self) -> Experiment:
        """The experiment."""
        return EXPERIMENTS[self.experiment]

    @property
    def runs(self) -> list[tuple[str, Any, int]]:
        """Model, value of the option and seed of each run."""
        seeds = range(self.seed, self.seed + self.seeds)
        return [(model, value, seed) for model in self.models for value in self.plan.values for seed in seeds]

    @property
    def chunks(self) -> int:
        """One for each run."""
        return len(self.runs)

    def iterations(self, model: str) -> int:
        """Iterations that a model is trained for.

        Parameters
        ----------
        model : str

        Returns
        -------
        int
        """
        return max(1, round(models.MODELS[model].share * self.training.iterations))

    @property
    def _neuron(self) -> dict:
        """The neuron without the date of its document."""
        return {name: value for name, value in neuron_file.document(self.neuron).items() if name != "provenance"}

    def to_json(self) -> str:
        """The specification as JSON text."""
        return json.dumps(
            {
                "experiment": self.experiment, "neuron": self._neuron, "models": self.models,
                "seeds": self.seeds, "seed": self.seed, "samples": self.samples, "voltage": self.voltage,
                "training": asdict(self.training),
            }
        )  # fmt: skip

    @property
    def fingerprint(self) -> str:
        """Digest of specification and version."""
        return hashlib.sha256(f"{__version__} {self.to_json()}".encode()).hexdigest()[:16]


def experiment_named(name: str) -> Experiment:
    """Find an experiment.

    Parameters
    ----------
    name : str
        In `EXPERIMENTS`.

    Returns
    -------
    Experiment

    Raises
    ------
    InputError
        If there is none of this name.
    """
    if name not in EXPERIMENTS:
        hint = nearest(name, EXPERIMENTS)
        raise InputError(f"experiment = {shown(name)}: unknown, {hint}allowed: {', '.join(EXPERIMENTS)}")
    return EXPERIMENTS[name]


def run(study: Study, chunk: int, progress: Callable[[int], None] | None = None) -> tuple[torch.nn.Module, dict]:
    """Train and test one network on one thread, so that results do not depend on the number of processors.

    Parameters
    ----------
    study : Study
    chunk : int
    progress : callable, optional
        Called with 1 after each iteration.

    Returns
    -------
    tuple
        The network, and what is kept of it: the variables of the experiment, and ``loss``, the mean of the last
        twentieth of the iterations.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        model, value, seed = study.runs[chunk]
        task = study.plan.task_of(value)
        network = models.MODELS[model].make(task.topology, study.neuron, study.samples, study.voltage, seed)
        training = replace(study.training, iterations=study.iterations(model))
        losses = train(network, task, training, seed, progress)
        found = study.plan.kept(evaluate(network, task, training.tests, seed))
        last = max(1, training.iterations // 20)
        return network, {name: np.asarray(one) for name, one in found.items()} | {"loss": losses[-last:].mean()}
    finally:
        torch.set_num_threads(threads)


def run_study(
    study: Study,
    output: str | Path,
    *,
    resume: bool = False,
    workers: int = 1,
    progress: Callable[[float], None] | None = None,
) -> xr.Dataset:
    """Run a study.

    Finished runs are kept in ``<output>.parts``, the networks and the neuron file in ``<output stem>-networks``.

    Parameters
    ----------
    study : Study
    output : path
        File that the caller will write.
    resume : bool
        Whether to go on with what an earlier run has left.
    workers : int
        Processes.
    progress : callable, optional
        Called with the fraction of the work done since its last call.

    Returns
    -------
    xarray.Dataset
        Of kind "spinneuron-memory": the variables of the experiment over ``model``, its option, ``seed``, and their
        own dimensions.

    Raises
    ------
    InputError
        If an argument is out of range, what was left belongs to other work, or nothing can be written.
    """
    begin, store = time.perf_counter(), Store(output, study, resume)
    folder = networks_folder(output)
    folder.mkdir(exist_ok=True)
    neuron_file.save(folder / "neuron.json", study.neuron)
    done = store.done()
    left = [chunk for chunk in range(study.chunks) if chunk not in done]
    weights = [study.iterations(model) for model, _, _ in study.runs]
    told = _Told(progress, sum(weights))
    told.add(sum(weights[chunk] for chunk in done))

    def keep(chunk: int, arrays: dict[str, np.ndarray]) -> None:
        store.save(chunk, {name: np.asarray(value) for name, value in arrays.items()})

    if quantity.integer("workers", workers, 1) == 1 or len(left) < 2:
        for chunk in left:
            keep(chunk, _one(study, chunk, folder, told.add))
    else:
        _many(study, left, folder, min(workers, len(left)), keep, told)
    dataset = _dataset(study, store)
    dataset.attrs["wall_time"] = time.perf_counter() - begin
    return dataset


def networks_folder(output: str | Path) -> Path:
    """Name the folder of the trained networks of a study.

    Parameters
    ----------
    output : path
        Of its dataset.

    Returns
    -------
    pathlib.Path
    """
    return Path(output).with_name(f"{Path(output).stem}-networks")


class _Told:
    """Fractions of the work, told as they come."""

    def __init__(self, progress: Callable[[float], None] | None, whole: int) -> None:
        self._progress, self._whole, self.count = progress, whole, 0

    def add(self, iterations: int) -> None:
        """Tell of more iterations."""
        self.count += iterations
        if self._progress and iterations:
            self._progress(iterations / self._whole)


def _one(study: Study, chunk: int, folder: Path, progress: Callable[[int], None] | None) -> dict[str, np.ndarray]:
    """One run, and its network on disk."""
    network, arrays = run(study, chunk, progress)
    model, value, seed = study.runs[chunk]
    made_of = {
        "model": model, "topology": study.plan.task_of(value).topology, "n": study.samples,
        "voltage": study.voltage, "seed": seed,
    }  # fmt: skip
    name = f"{model}-{study.plan.option}-{str(value).lower()}-seed-{seed}.pt"
    models.save_network(folder / name, network, made_of, study.neuron)
    return arrays


_counter: Any = None
"""In a worker process: iterations done by all of them."""


def _begin(counter: Any) -> None:
    """Begin a worker: an interruption is for the parent to handle."""
    global _counter
    _counter = counter
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _count(iterations: int) -> None:
    with _counter.get_lock():
        _counter.value += iterations


def _work(study: Study, chunk: int, folder: Path) -> dict[str, np.ndarray]:
    return _one(study, chunk, folder, _count)


def _many(study: Study, left: list[int], folder: Path, workers: int, keep: Callable, told: _Told) -> None:
    """Runs in processes of their own: they are kept as they end, in whatever order."""
    context = multiprocessing.get_context("spawn")
    counter, before = context.Value("q", 0), told.count
    pool = ProcessPoolExecutor(workers, context, _begin, (counter,))
    try:
        waiting = {pool.submit(_work, study, chunk, folder): chunk for chunk in left}
        while waiting:
            finished, _ = wait(waiting, timeout=_OFTEN, return_when=FIRST_COMPLETED)
            for future in finished:
                keep(waiting.pop(future), future.result())
            told.add(counter.value - (told.count - before))
    except BaseException:
        for process in list((pool._processes or {}).values()):
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _dataset(study: Study, store: Store) -> xr.Dataset:
    """Gather all runs."""
    plan, rows = study.plan, [store.load(chunk) for chunk in range(study.chunks)]
    outer = ("model", plan.option, "seed")
    shape = (len(study.models), len(plan.values), study.seeds)
    variables: dict[str, Any] = {}
    for name, own in (plan.variables | {"loss": ()}).items():
        values = np.stack([row[name] for row in rows])
        variables[name] = ((*outer, *own), values.reshape(*shape, *values.shape[1:]), {"units": "1"})
    if plan.bound is not None and study.samples and any(models.MODELS[name].junctions for name in study.models):
        limits = [plan.bound(study.neuron, study.voltage, plan.task_of(value), study.samples) for value in plan.values]
        variables["bound"] = (plan.option, limits, {"units": "1", "long_name": "score that no such network can exceed"})
    coords = {
        "model": list(study.models),
        plan.option: [str(value).lower() if isinstance(value, bool) else value for value in plan.values],
        "seed": list(range(study.seed, study.seed + study.seeds)),
        **{name: list(values) for name, values in plan.labels.items()},
    }
    attrs = {
        "kind": KIND, "title": plan.title, "experiment": study.experiment, "option": plan.option,
        "neuron": json.dumps(study._neuron), "samples": study.samples, "voltage": study.voltage,
        "training": json.dumps(asdict(study.training)),
        "iterations": json.dumps({name: study.iterations(name) for name in study.models}),
        "titles": json.dumps({name: models.MODELS[name].title for name in study.models}),
        "seed": study.seed, "version": __version__, "torch": torch.__version__,
    }  # fmt: skip
    return xr.Dataset(variables, coords, attrs)
