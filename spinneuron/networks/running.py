"""Running a study: on all processors, kept network by network, gone on with after a kill; one dataset in the end."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import xarray as xr

from spinneuron import __version__, neuron_file, quantity
from spinneuron.chunk_store import Store
from spinneuron.networks import models
from spinneuron.networks.study import Study
from spinneuron.networks.training import evaluate, train

KIND = "spinneuron-memory"
_OFTEN = 0.2
_BOUNDS = {
    "bound": "score of the ideal observer of the input layer",
    "bound_error": "standard error of bound",
    "bound_mean": "its mean, which no network with heat in its input layer alone can exceed",
    "bound_mean_error": "standard error of bound_mean",
}


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
        kept = found | {"loss": losses[-last:].mean()}
        return network, {name: np.asarray(one) for name, one in kept.items()}
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
    store = Store(output, study, resume)
    folder = networks_folder(output)
    folder.mkdir(exist_ok=True)
    neuron_file.save(folder / "neuron.json", study.neuron)
    done = store.done()
    left = [chunk for chunk in range(study.chunks) if chunk not in done]
    weights = [study.iterations(model) for model, _, _ in study.runs]
    told = _Told(progress, sum(weights))
    told.add(sum(weights[chunk] for chunk in done))
    if quantity.integer("workers", workers, 1) == 1 or len(left) < 2:
        for chunk in left:
            store.save(chunk, _one(study, chunk, folder, told.add))
    else:
        _many(study, left, folder, min(workers, len(left)), store.save, told)
    return _dataset(study, store)


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
    begin = time.perf_counter()
    network, arrays = run(study, chunk, progress)
    model, value, seed = study.runs[chunk]
    made_of = {
        "model": model, "topology": study.plan.task_of(value).topology, "n": study.samples,
        "voltage": study.voltage, "seed": seed,
    }  # fmt: skip
    name = f"{model}-{study.plan.option}-{str(value).lower()}-seed-{seed}.pt"
    models.save_network(folder / name, network, made_of, study.neuron)
    return arrays | {"seconds": np.asarray(time.perf_counter() - begin)}


_counter: Any = None
"""In a worker process: iterations done by all of them."""


def _begin(counter: Any) -> None:
    """Begin a worker: an interruption is for the parent to handle; without a parent there is nothing to do."""
    global _counter
    _counter = counter
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process as soon as its parent has: a killed one cannot stop its workers."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


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
    if study.samples and any(models.MODELS[name].junctions for name in study.models):
        for name, (own, values) in plan.bounds(study.neuron, study.voltage, study.samples).items():
            variables[name] = (own, values, {"units": "1", "long_name": _BOUNDS[name]})
    coords = {
        "model": list(study.models),
        plan.option: [str(value).lower() if isinstance(value, bool) else value for value in plan.values],
        "seed": list(range(study.seed, study.seed + study.seeds)),
        **{name: list(values) for name, values in plan.labels.items()},
    }
    attrs = {
        "kind": KIND, "title": plan.title, "experiment": study.experiment, "option": plan.option,
        "neuron": json.dumps(study.document), "samples": study.samples, "voltage": study.voltage,
        "training": json.dumps(asdict(study.training)),
        "iterations": json.dumps({name: study.iterations(name) for name in study.models}),
        "titles": json.dumps({name: models.MODELS[name].title for name in study.models}),
        "wall_time": float(sum(row["seconds"] for row in rows)), "seed": study.seed, "version": __version__,
        "torch": str(torch.__version__),
    }  # fmt: skip
    return xr.Dataset(variables, coords, attrs)
