"""Bound of free recall for any network whose only memory is the heat of its input junctions.

After the delay one read pulse gives up to 25 N spikes in each of nine blocks. The network names as many items as were
shown; the set that holds most of them on average is that of the items with the largest posterior probabilities. No
network finds more items of a list in the mean over the positions; at one position it may, at the cost of others.

The posterior over the 50! / 35! ordered lists is sampled (`lists`). As decisions from an approximate posterior are
still decisions, the recall found is never above that of the ideal observer but for chance. ``predicted``, the recall
that the posterior promises itself, is too large by its noise, since the items are chosen by it: the ideal observer
lies between the two, which meet where the walks are long enough.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from spinneuron.capacity.gathered import gathered
from spinneuron.capacity.lists import Reader, presence
from spinneuron.capacity.memory import plastic, spiking, traces
from spinneuron.quantity import integer
from spinneuron.surrogates import Sigmoid
from spinneuron.tasks import FreeRecall
from spinneuron.tasks.free_recall import DELAYS

TRIALS = 200
"""Lists, unless told otherwise."""
SWEEPS = 1600
"""Of each replica, unless told otherwise; the first quarter is not counted."""
_LADDER = 10
_FLATTEST = 4.0
"""Spread of log likelihoods that the last replica has left: it goes where it likes."""
_POINTS = 8192


class RecallBound(NamedTuple):
    """What the observer recalls."""

    accuracy: np.ndarray
    """Share of the lists whose item at a position is named (position,)."""
    error: np.ndarray
    """Standard error of ``accuracy``."""
    mean: float
    """Mean over the positions: the bound."""
    mean_error: float
    """Standard error of ``mean``."""
    predicted: float
    """The mean that the posterior promises itself."""


def recall_bound(
    neuron: Sigmoid,
    voltage: float,
    task: FreeRecall,
    junctions: int,
    seed: int,
    trials: int = TRIALS,
    sweeps: int = SWEEPS,
) -> RecallBound:
    """Compute the recall of the ideal observer in one task.

    Parameters
    ----------
    neuron : Sigmoid
    voltage : float [V]
        Of the pulses and of the reading.
    task : FreeRecall
    junctions : int
        N, per pixel.
    seed : int
    trials : int
        Lists.
    sweeps : int
        Of each replica.

    Returns
    -------
    RecallBound

    Raises
    ------
    InputError
        If the neuron is another surrogate, or a number is out of range.
    """
    plastic(neuron)
    shown = task.sample(integer("trials", trials), seed).shown
    # The first position is the oldest: its pulse came length + delay steps before the reading.
    left = traces(neuron, voltage, task.length + task.delay)[::-1][: task.length].copy()
    codes = task.codes.astype(float)
    shift = np.einsum("tpb,p->tb", codes[shown[:, : task.length]], left)
    pixels = task.side**2 * integer("junctions", junctions)
    counts = np.random.default_rng([seed, 1]).binomial(pixels, spiking(neuron, voltage, shift)).astype(float)
    seen = np.zeros((trials, task.items))
    reader = _reader(neuron, voltage, codes, left, pixels)
    presence(seen, counts, _betas(reader), reader, seed, integer("sweeps", sweeps, 8))
    order = np.argsort(-seen, axis=1, kind="stable")[:, : task.length]
    named = np.zeros(seen.shape, dtype=bool)
    np.put_along_axis(named, order, True, axis=1)
    hits = np.take_along_axis(named, shown[:, : task.length], axis=1)
    root = np.sqrt(trials)
    return RecallBound(
        accuracy=hits.mean(axis=0),
        error=hits.std(axis=0) / root,
        mean=float(hits.mean()),
        mean_error=float(hits.mean(axis=1).std() / root),
        predicted=float(np.take_along_axis(seen, order, axis=1).mean()),
    )


def recall_curves(
    neuron: Sigmoid,
    voltage: float,
    junctions: tuple[int, ...],
    seed: int,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Compute the recall of the ideal observer for all published delays.

    Parameters
    ----------
    neuron : Sigmoid
    voltage : float [V]
    junctions : tuple of int
        N, per pixel.
    seed : int
    progress : callable, optional
        Called with 1 after each N and delay.

    Returns
    -------
    dict
        Of variables of a dataset: ``recall`` and ``recall_error`` over ``junctions``, ``delay`` and ``position``;
        ``recall_mean``, ``recall_mean_error`` and ``recall_predicted`` over ``junctions`` and ``delay``; ``delay`` and
        ``position`` themselves.
    """
    data = gathered(
        lambda task, many: recall_bound(neuron, voltage, task, many, seed),
        [FreeRecall(delay=delay) for delay in DELAYS],
        junctions,
        ("delay", "position"),
        {
            "recall": ("accuracy", "free recall of the ideal observer"),
            "recall_error": ("error", "standard error of recall"),
            "recall_mean": ("mean", "its mean over the positions"),
            "recall_mean_error": ("mean_error", "standard error of recall_mean"),
            "recall_predicted": ("predicted", "the mean that the posterior promises itself"),
        },
        progress,
    )
    one = {"units": "1"}
    data["delay"] = xr.Variable("delay", list(DELAYS), one | {"long_name": "blank steps before the recall"})
    data["position"] = xr.Variable("position", np.arange(1, FreeRecall().length + 1), one)
    return data


def _reader(neuron: Sigmoid, voltage: float, codes: np.ndarray, left: np.ndarray, pixels: int) -> Reader:
    """Tables over all shifts that a list can leave."""
    low, high = float(left[left < 0.0].sum()), float(left[left > 0.0].sum())
    high = max(high, low + 1e-9)
    chance = spiking(neuron, voltage, np.linspace(low, high, _POINTS))
    return Reader(codes, left, low, (_POINTS - 1) / (high - low), np.log(chance), np.log1p(-chance), float(pixels))


def _betas(reader: Reader) -> np.ndarray:
    """Powers of the likelihood: from 1, in equal ratios, to where the whole range of a reading is some units."""
    logit = reader.spike - reader.silence
    spread = reader.junctions * len(reader.codes[0]) * float(np.ptp(logit)) ** 2 / 32.0
    return np.geomspace(1.0, min(1.0, _FLATTEST / max(spread, 1e-9)), _LADDER)
