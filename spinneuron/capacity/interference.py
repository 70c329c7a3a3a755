"""Bound of recall under interference, with a cue or without, for networks whose memory is the heat of their pixels.

At the read step such a network sees the spikes of that step. Pixels that the same items light (`patches`) share one
history; of m of them with N junctions each, all that tells of the past is the number of spikes,

    k ~ Binomial(m N, P(V, shift)),      shift = trace_2 [target lights it] + trace_d [distractor lights it],

d = 3 for a distractor before the target, 1 for one after it. The posterior over all (target, condition, distractor) is
summed exactly: with T and D the items that are judged, and per patch the evidence log P(k | shift) - log P(k | 0),

    log P(k | T, condition, D) = sum of the evidence of T's patches + of D's patches + what both change where they meet.

A cue reads some patches alone. What is not read tells nothing; but the cue itself says that the target is read wholly.

An answer ranks the items. It scores where no item that was not shown stands before the target, which is thus the first,
or the second behind the distractor: from the third place on, one of two before it was not shown. A ranking that begins
with x, y scores P(T = x | k) + P(T = y, D = x | k) on average, and equal places score nothing that this does not. The
observer takes the largest; no network scores more in the mean over the conditions. In one of them it may, at the cost
of others: what the observer scores there belongs to this rule and is no bound.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from spinneuron.capacity.gathered import gathered
from spinneuron.capacity.memory import plastic, spiking, traces
from spinneuron.quantity import integer
from spinneuron.surrogates import Sigmoid
from spinneuron.tasks import CONDITIONS, CuedRecall, Interference, Trials
from spinneuron.tasks.interference import CODINGS

TRIALS = 10_000
"""Of each condition, unless told otherwise."""
EXPERIMENTS: dict[str, tuple[type[Interference], str, tuple[Any, ...]]] = {
    "interference": (Interference, "coding", CODINGS),
    "cued_recall": (CuedRecall, "cue", (False, True)),
}
"""Variable of a dataset -> task, option that is varied, its values."""
_LAGS = 3
_TARGET = 2
"""Lag of the target at the read step."""
_DISTRACTOR = (3, 1)
"""Lag of the distractor in each of `CONDITIONS` but the first, which has none."""
_BLOCK = 64
"""Trials whose hypotheses are in memory at once."""


class InterferenceBound(NamedTuple):
    """What the observer recalls."""

    accuracy: np.ndarray
    """Share of the trials whose target it recalls (condition,), counted; NaN where the task has none."""
    error: np.ndarray
    """Standard error of ``accuracy``."""
    mean: float
    """Mean over the conditions: the bound. Of the posterior probabilities of success, which vary less than counts."""
    mean_error: float
    """Standard error of ``mean``."""


class Patches(NamedTuple):
    """Pixels that the same items light, and thus have the same history."""

    lit: np.ndarray
    """1 where an item lights a patch (patch, item)."""
    pixels: np.ndarray
    """Number of pixels of each (patch,)."""
    first: np.ndarray
    """One pixel of each (patch,)."""


class Observer(NamedTuple):
    """What is known before the reading: items, junctions, and how likely each condition is."""

    patches: Patches
    chance: Callable[[Any], np.ndarray]
    """Probability of a spike at a shift [V]."""
    left: np.ndarray
    """Shift that one pulse leaves [V] (lag,), of lag 1 first."""
    prior: np.ndarray
    """Probability of each condition (condition,)."""


class Reading(NamedTuple):
    """Spikes of the read step."""

    counts: np.ndarray
    """Of each patch (trial, patch)."""
    junctions: np.ndarray
    """How many were read (trial, patch); 0 where the cue leaves a patch out."""
    possible: np.ndarray
    """Whether an item may be the target (trial, item)."""


def interference_bound(
    neuron: Sigmoid, voltage: float, task: Interference, junctions: int, seed: int, trials: int = TRIALS
) -> InterferenceBound:
    """Compute the recall of the ideal observer in one task, exactly but for the draw of the trials.

    Parameters
    ----------
    neuron : Sigmoid
    voltage : float [V]
        Of the pulses and of the reading.
    task : Interference
        Or `CuedRecall`. Its ``condition`` is what the observer knows to be possible: "all", or one.
    junctions : int
        N, per pixel.
    seed : int
    trials : int
        Of each condition; their targets and distractors are the same in all.

    Returns
    -------
    InterferenceBound

    Raises
    ------
    InputError
        If the neuron is another surrogate, or a number is out of range.
    """
    left = traces(plastic(neuron), voltage, _LAGS)
    there = np.array([task.condition in ("all", name) for name in CONDITIONS])
    many = integer("junctions", junctions)
    observer = Observer(patches(task.images), partial(spiking, neuron, voltage), left, there / there.sum())
    accuracy, error = np.full((2, len(CONDITIONS)), np.nan)
    promised = np.empty((there.sum(), integer("trials", trials)))
    for i, which in enumerate(np.flatnonzero(there)):
        shown = replace(task, condition=CONDITIONS[which]).sample(trials, seed)
        reading = simulated(observer, shown, many, np.random.default_rng([seed, 1, int(which)]))
        answers, promised[i] = answered(observer, reading)
        share = accuracy[which] = task.score(answers, shown).accuracy[which]
        error[which] = np.sqrt(share * (1.0 - share) / trials)
    # The same items in all conditions: their difficulty is common, so that the error is that of the means.
    means = promised.mean(axis=0)
    return InterferenceBound(accuracy, error, float(means.mean()), float(means.std() / np.sqrt(trials)))


def patches(images: np.ndarray) -> Patches:
    """Find the pixels that the same items light.

    Parameters
    ----------
    images : numpy.ndarray of bool
        (item, pixel).

    Returns
    -------
    Patches
        Without pixels that no item lights: these say nothing.
    """
    columns, first, pixels = np.unique(images, axis=1, return_index=True, return_counts=True)
    used = columns.any(axis=0)
    return Patches(columns.T[used].astype(float), pixels[used], first[used])


def simulated(observer: Observer, trials: Trials, junctions: int, random: np.random.Generator) -> Reading:
    """Draw the spikes of the last step of trials.

    Parameters
    ----------
    observer : Observer
    trials : Trials
    junctions : int
        N, per pixel.
    random : numpy.random.Generator

    Returns
    -------
    Reading
    """
    parts = observer.patches
    frames = trials.frames[:, :, parts.first]
    shift = np.einsum("tlp,l->tp", frames[:, -2::-1].astype(float), observer.left)
    read = frames[:, -1] * parts.pixels * junctions
    counts = random.binomial(read, observer.chance(shift))
    # What is read of a target is all of it, with a cue and without.
    missed = _summed((~frames[:, -1]).astype(float), parts.lit)
    return Reading(counts, read, missed == 0.0)


def answered(observer: Observer, reading: Reading) -> tuple[np.ndarray, np.ndarray]:
    """Give the best answers to readings.

    Parameters
    ----------
    observer : Observer
    reading : Reading

    Returns
    -------
    tuple of numpy.ndarray
        Strengths (trial, item): 2 of the first item, 1 of the second, 0 of others; and the probability that this
        scores (trial,).
    """
    answers, promised = np.zeros(reading.possible.shape), np.empty(len(reading.counts))
    for begin in range(0, len(answers), _BLOCK):
        rows = slice(begin, begin + _BLOCK)
        alone, beside = posterior(observer, Reading(*(part[rows] for part in reading)))
        gain = (alone + beside.sum(axis=2))[:, :, None] + beside.transpose(0, 2, 1)
        one, items = np.arange(len(gain)), gain.shape[1]
        gain[:, np.arange(items), np.arange(items)] = -1.0
        # Equal counts make equal items: which of them comes first is not for the last bits to say.
        flat = gain.reshape(len(gain), -1).round(12)
        best = flat.argmax(axis=1)
        promised[rows] = flat[one, best]
        answers[begin + one, best // items], answers[begin + one, best % items] = 2.0, 1.0
    return answers, promised


def posterior(observer: Observer, reading: Reading) -> tuple[np.ndarray, np.ndarray]:
    """Compute how likely targets and distractors are.

    Parameters
    ----------
    observer : Observer
    reading : Reading

    Returns
    -------
    tuple of numpy.ndarray
        Probability of a target without a distractor (trial, target), and with one (trial, target, distractor).
    """
    lit, left = observer.patches.lit, observer.left
    items = lit.shape[1]
    target = _evidence(observer, reading, left[_TARGET - 1])
    with np.errstate(divide="ignore"):
        prior = np.log(observer.prior)
    lone = np.where(reading.possible, _summed(target, lit), -np.inf)
    shared = lit.sum(axis=1) > 1.0
    meeting = (lit[shared, :, None] * lit[shared, None, :]).reshape(-1, items * items)
    logs = []
    for lag, weight in zip(_DISTRACTOR, prior[1:] - np.log(items - 1), strict=True):
        trace = left[lag - 1]
        other = _evidence(observer, reading, trace)
        both = _evidence(observer, reading, trace + left[_TARGET - 1])
        pair = lone[:, :, None] + _summed(other, lit)[:, None, :] + weight
        pair += _summed((both - target - other)[:, shared], meeting).reshape(pair.shape)
        pair[:, np.arange(items), np.arange(items)] = -np.inf
        logs.append(pair)
    lone += prior[0]
    top = np.maximum(lone.max(axis=1), np.max(logs, axis=(0, 2, 3)))
    alone = np.exp(lone - top[:, None])
    beside = sum(np.exp(pair - top[:, None, None]) for pair in logs)
    whole = alone.sum(axis=1) + beside.sum(axis=(1, 2))
    return alone / whole[:, None], beside / whole[:, None, None]


def _evidence(observer: Observer, reading: Reading, shift: float) -> np.ndarray:
    """Logarithm of how much likelier the spikes of each patch are with a shift than without (trial, patch)."""
    spike, none = observer.chance(shift), observer.chance(0.0)
    silent = reading.junctions - reading.counts
    return reading.counts * np.log(spike / none) + silent * np.log((1.0 - spike) / (1.0 - none))


def _summed(evidence: np.ndarray, over: np.ndarray) -> np.ndarray:
    """Sum over patches; in an order that does not depend on the number of threads, as a product of BLAS may."""
    return np.einsum("tp,pi->ti", evidence, over)


def interference_curves(
    neuron: Sigmoid,
    voltage: float,
    junctions: tuple[int, ...],
    seed: int,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Compute the recall of the ideal observer in both experiments.

    Parameters
    ----------
    neuron : Sigmoid
    voltage : float [V]
    junctions : tuple of int
        N, per pixel.
    seed : int
    progress : callable, optional
        Called with 1 after each N and task.

    Returns
    -------
    dict
        Of variables of a dataset: ``interference`` and ``interference_error`` over ``junctions``, ``coding`` and
        ``condition``; ``interference_mean`` and ``interference_mean_error`` over ``junctions`` and ``coding``; the same
        of ``cued_recall`` over ``cue``; ``coding``, ``cue`` and ``condition`` themselves.
    """
    one = {"units": "1"}
    data: dict[str, Any] = {"condition": xr.Variable("condition", list(CONDITIONS), one)}
    for name, (task, option, values) in EXPERIMENTS.items():
        data |= gathered(
            lambda task, many: interference_bound(neuron, voltage, task, many, seed),
            [task(**{option: value}) for value in values],
            junctions,
            (option, "condition"),
            {
                name: ("accuracy", f"recall of the target by the ideal observer, {name.replace('_', ' ')}"),
                f"{name}_error": ("error", f"standard error of {name}"),
                f"{name}_mean": ("mean", "its mean over the conditions"),
                f"{name}_mean_error": ("mean_error", f"standard error of {name}_mean"),
            },
            progress,
        )
        data[option] = xr.Variable(option, [str(value).lower() for value in values], one)
    return data
