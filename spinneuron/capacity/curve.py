"""capacity(...): bounds over n and N for several sets of codes, and d' of each lag, as one dataset."""

import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import xarray as xr

from spinneuron import __version__, neuron_file
from spinneuron.capacity.free_recall import recall_curves
from spinneuron.capacity.interference import EXPERIMENTS, interference_curves
from spinneuron.capacity.memory import discriminability, plastic, spiking, traces
from spinneuron.capacity.n_back import LAGS, Bound, bound
from spinneuron.quantity import InputError, integer, positive
from spinneuron.tasks import NBack
from spinneuron.tasks.free_recall import DELAYS

CAPACITY_KIND = "spinneuron-capacity"
"""Attribute ``kind`` of the dataset."""
VOLTAGE = 0.83
"""Of colored pixels, unless told otherwise [V]: the paper's probe pulse (figs. S1, S3, S4), near the midpoint."""
N_BACK = (1, 2, 3, 4, 5)
JUNCTIONS = (1, 16, 64)
CODES = 4
"""Sets of patterns, unless told otherwise; the first is the default of `NBack`."""
RECALLS = len(DELAYS) + sum(len(values) for _, _, values in EXPERIMENTS.values())
"""Bounds of recall for each N."""
VARIABLES = {
    "pr": "PR of the ideal observer, mean over the codes",
    "error": "standard error of pr, from the readings",
    "truncation": "change of pr by the last enumerated lag, the largest of all codes",
    "counted": "PR of its decisions, counted",
    "counted_error": "standard error of counted",
    "lags": "enumerated lags, the most of all codes",
}
"""Variable (junctions, n) -> what it is."""


def capacity(
    neuron: Any,
    *,
    n: Sequence[int] = N_BACK,
    junctions: Sequence[int] = JUNCTIONS,
    voltage: float = VOLTAGE,
    codes: int = CODES,
    seed: int = 0,
    lags: int = LAGS,
    recall: bool = False,
    progress: Callable[[int], None] | None = None,
) -> xr.Dataset:
    """Compute the scores of memory that no network with this neuron in its input layer alone can exceed.

    Parameters
    ----------
    neuron : Sigmoid
    n : sequence of int
        How many steps before.
    junctions : sequence of int
        N, per pixel.
    voltage : float [V]
        Of the pulse on colored pixels.
    codes : int
        Sets of 8 codes, the seeds 0, 1, ... of `NBack.code`.
    seed : int
        Of the readings.
    lags : int
        Most lags that are enumerated pattern by pattern: see `bound`.
    recall : bool
        Whether to bound free recall, recall under interference and cued recall too.
    progress : callable, optional
        Called with 1 after each of the ``len(junctions) * (len(n) * codes + RECALLS * recall)`` bounds.

    Returns
    -------
    xarray.Dataset
        Of kind "spinneuron-capacity": `VARIABLES` over ``junctions`` and ``n``, ``pr_of_code`` over ``code`` as well,
        ``d_prime`` over ``junctions`` and ``lag``, ``trace`` [V] and ``probability`` over ``lag``; with ``recall`` the
        variables of `recall_curves` and `interference_curves`.

    Raises
    ------
    InputError
        If the neuron is another surrogate, or a number is out of range or stands twice.
    """
    started = time.perf_counter()
    plastic(neuron)
    volts = positive("voltage", voltage, "V")
    counts, back = distinct("junctions", junctions), distinct("n", n)
    tasks = [[NBack(n=one, code=code) for code in range(integer("codes", codes))] for one in back]
    found = np.empty((len(counts), len(back), codes, len(Bound._fields)))
    for i, many in enumerate(counts):
        for j, row in enumerate(tasks):
            for code, task in enumerate(row):
                found[i, j, code] = bound(neuron, volts, task, many, seed, lags)
                if progress:
                    progress(1)
    data = _variables(found, max(back), counts, neuron, volts)
    if recall:
        data |= recall_curves(neuron, volts, counts, seed, progress)
        data |= interference_curves(neuron, volts, counts, seed, progress)
    attrs = made_of(neuron, volts, seed, lags) | {"wall_time": time.perf_counter() - started}
    coords = {"junctions": list(counts), "n": list(back), "code": np.arange(codes), "lag": np.arange(1, max(back) + 1)}
    made = xr.Dataset(data, coords, attrs | {"kind": CAPACITY_KIND, "readings": int(found[..., -1].sum())})
    made["junctions"].attrs |= {"units": "1", "long_name": "N, junctions per pixel"}
    return made


def made_of(neuron: Any, voltage: float, seed: int, lags: int) -> dict[str, Any]:
    """Collect the attributes that say what made a bound.

    Parameters
    ----------
    neuron : Sigmoid
    voltage : float [V]
    seed : int
    lags : int

    Returns
    -------
    dict
    """
    task = NBack()
    return {
        "neuron": json.dumps(neuron_file.document(neuron)),
        "voltage": voltage,
        "steps": task.steps,
        "items": task.items,
        "side": task.side,
        "seed": seed,
        "lags": lags,
        "version": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def distinct(name: str, values: Sequence[int]) -> tuple[int, ...]:
    """Check that these are whole numbers, each given once.

    Parameters
    ----------
    name : str
        For the message.
    values : sequence of int

    Returns
    -------
    tuple of int

    Raises
    ------
    InputError
        If one is below 1, stands twice, or there is none.
    """
    given = tuple(integer(name, value) for value in values)
    if not given or len(set(given)) < len(given):
        raise InputError(f"{name} = {', '.join(map(str, given)) or 'nothing'}: give different numbers, like 1, 2, 3")
    return given


def _variables(found: np.ndarray, lags: int, counts: tuple[int, ...], neuron: Any, voltage: float) -> dict[str, Any]:
    """Means over the codes, and what follows from the neuron without any readings."""
    of = {name: found[..., i] for i, name in enumerate(Bound._fields)}
    means: dict[str, Any] = {name: of[name].mean(axis=-1) for name in ("pr", "counted")}
    means["truncation"] = of["truncation"].max(axis=-1)
    for name in ("error", "counted_error"):
        means[name] = np.sqrt((of[name] ** 2).sum(axis=-1)) / found.shape[2]
    means["lags"] = of["lags"].max(axis=-1).astype(int)
    data: dict[str, Any] = {
        name: (("junctions", "n"), means[name], {"units": "1", "long_name": meaning})
        for name, meaning in VARIABLES.items()
    }
    data["pr_of_code"] = (("junctions", "n", "code"), of["pr"], {"units": "1", "long_name": "PR for each set of codes"})
    left = traces(neuron, voltage, lags)
    pixels = NBack().side ** 2 * np.array(counts)
    told = discriminability(neuron, voltage, pixels, lags)
    data["d_prime"] = (("junctions", "lag"), told, {"units": "1", "long_name": "d' of one pulse in a block"})
    data["trace"] = ("lag", left, {"units": "V", "long_name": "shift of the midpoint by one pulse"})
    chance = spiking(neuron, voltage, left)
    data["probability"] = ("lag", chance, {"units": "1", "long_name": "probability of a spike after one pulse"})
    return data
