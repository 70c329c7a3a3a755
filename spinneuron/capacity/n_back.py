"""Bound of the n-back score of any network whose only memory is the heat of its input junctions.

At each step, such a network sees the spikes of that step and nothing else: 25 N of them for each colored block of a
pattern. The best decision from them takes a step for a target where the spikes are likelier with the pattern of n steps
before equal to the one shown now than with another one: no criterion has a larger TPR - FPR, which then is

    PR = sum_k max(P(k | same) - P(k | other), 0) = E_k |P(k | same) - P(k | other)| / (P(k | same) + P(k | other)),

the mean taken over readings k half of which come from targets. That mean is estimated from simulated readings; the
summand lies between 0 and 1 and varies little, so that few are needed. Targets and other steps are drawn in equal
numbers for each pattern and each step, since PR does not depend on how often targets come.

One approximation is watched in two ways. What is older than the enumerated lags enters block by block (`tails`):
``truncation`` is the change that the last enumerated lag makes. And decisions from approximate likelihoods are still
decisions: their PR, ``counted``, is at most that of the ideal observer, whatever was neglected.

The observer knows the pattern shown now, which the insensitive reference junctions tell a network with few errors, and
may use another rule at each step of the sequence; a network has less.
"""

from typing import NamedTuple

import numpy as np

from spinneuron.capacity.memory import plastic, spiking, traces
from spinneuron.capacity.observer import LANES, Groups, Tables, likelihoods
from spinneuron.capacity.tail import NODES, tails
from spinneuron.quantity import integer
from spinneuron.surrogates import Sigmoid
from spinneuron.tasks import NBack

LAGS = 6
"""Most lags that are summed over pattern by pattern, unless told otherwise; each further one takes 8 times as long."""
SETTLED = 3e-4
"""Change of PR by one more lag, below which no further one is added: a tenth of a usual standard error."""
_FEWEST = 3
_SAME = LANES // 2


class Bound(NamedTuple):
    """What the observer reaches in one n-back task."""

    pr: float
    """Its PR."""
    error: float
    """Standard error of ``pr``."""
    counted: float
    """PR of its decisions, counted."""
    counted_error: float
    """Standard error of ``counted``."""
    truncation: float
    """Change of ``pr`` by the last of the enumerated lags, with the same readings; infinite for a single one."""
    lags: int
    """Number of enumerated lags."""
    readings: int
    """Number of readings that were simulated."""


class Readings(NamedTuple):
    """Simulated readings: a group for each pattern and step; half of its `LANES` are targets, and come first."""

    shown: np.ndarray
    """Pattern shown (group,)."""
    step: np.ndarray
    """Its step in the sequence (group,)."""
    counts: np.ndarray
    """Spikes of its four blocks (group, lane, block)."""


def bound(neuron: Sigmoid, voltage: float, task: NBack, junctions: int, seed: int, lags: int = LAGS) -> Bound:
    """Compute the PR of the ideal observer in one task.

    Parameters
    ----------
    neuron : Sigmoid
    voltage : float [V]
        Of the pulse on colored pixels.
    task : NBack
    junctions : int
        N, per pixel.
    seed : int
    lags : int
        Most lags that are summed over pattern by pattern; as many are as it takes to change PR by less than `SETTLED`.

    Returns
    -------
    Bound

    Raises
    ------
    InputError
        If the neuron is another surrogate, or a number is out of range.
    """
    most = min(integer("lags", lags), task.steps - 1)
    read = simulated(neuron, voltage, task, junctions, seed)
    enumerated, change = max(1, min(_FEWEST, most - 1)), np.inf
    same, other = judged(neuron, voltage, task, junctions, read, enumerated)
    while enumerated < most and change > SETTLED:
        enumerated += 1
        before = _certainty(same, other).mean()
        same, other = judged(neuron, voltage, task, junctions, read, enumerated)
        change = abs(_certainty(same, other).mean() - before)
    value, said = _certainty(same, other), same > other
    return Bound(
        pr=float(value.mean()),
        error=0.5 * _stratified_error(value),
        counted=float(said[:, :_SAME].mean() - said[:, _SAME:].mean()),
        counted_error=_stratified_error(said),
        truncation=float(change),
        lags=enumerated,
        readings=value.size,
    )


def _certainty(same: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How far the posterior of a target is from 1/2, times 2, if targets were as frequent as other steps."""
    return np.abs(same - other) / (same + other)


def _stratified_error(values: np.ndarray) -> float:
    """Standard error of the mean over targets plus that over others; each group of each kind is a stratum."""
    parts = (values[:, :_SAME], values[:, _SAME:])
    return float(np.sqrt(sum(np.var(part, axis=1, ddof=1).sum() / _SAME for part in parts))) / len(values)


def simulated(neuron: Sigmoid, voltage: float, task: NBack, junctions: int, seed: int) -> Readings:
    """Simulate readings of all patterns at all steps from n on, from the start of the sequence.

    Parameters
    ----------
    neuron : Sigmoid
    voltage : float [V]
    task : NBack
    junctions : int
        N, per pixel.
    seed : int

    Returns
    -------
    Readings
    """
    random = np.random.default_rng([integer("seed", seed, 0), task.n, task.code])
    items, lags = task.items, task.steps - 1
    shown, step = (grid.ravel() for grid in np.meshgrid(np.arange(items), np.arange(task.n, task.steps), indexing="ij"))
    past = random.integers(items, size=(len(shown), LANES, lags))
    past[:, :_SAME, task.n - 1] = shown[:, None]
    others = random.integers(1, items, size=(len(shown), LANES - _SAME))
    past[:, _SAME:, task.n - 1] = (shown[:, None] + others) % items
    left = np.where(np.arange(1, lags + 1) <= step[:, None], traces(plastic(neuron), voltage, lags), 0.0)
    overlap = _overlaps(task.codes)[shown[:, None, None], past]
    shift = np.einsum("gnlb,gl->gnb", overlap, left)
    pixels = task.side**2 * integer("junctions", junctions)
    return Readings(shown, step, random.binomial(pixels, spiking(neuron, voltage, shift)))


def judged(
    neuron: Sigmoid, voltage: float, task: NBack, junctions: int, readings: Readings, enumerated: int
) -> tuple[np.ndarray, np.ndarray]:
    """Compute how likely readings are for targets and for other steps, up to a common factor.

    Parameters
    ----------
    neuron : Sigmoid
    voltage : float [V]
    task : NBack
    junctions : int
        N, per pixel.
    readings : Readings
    enumerated : int
        Lags that are summed over pattern by pattern: the one that is asked for, and the latest others.

    Returns
    -------
    tuple of numpy.ndarray
        Likelihoods given the same pattern n steps before, and another one (group, lane).
    """
    codes, overlaps = task.codes, _overlaps(task.codes)
    lit = np.array([np.flatnonzero(code) for code in codes])
    patterns, multiplicity, kinds = _kinds(overlaps)
    left = traces(plastic(neuron), voltage, task.steps - 1)
    colored = codes.sum(axis=0)
    often = np.unique(colored[colored > 0])
    lags, nodes, weights = _tables(left, task, often / task.items, enumerated)
    chance = spiking(neuron, voltage, nodes)
    row = (readings.step - task.n)[:, None] * len(often) + np.searchsorted(often, colored[lit[readings.shown]])
    same, other = (np.empty(readings.counts.shape[:2]) for _ in range(2))
    groups = Groups(
        readings.counts, patterns[readings.shown], multiplicity[readings.shown], kinds[readings.shown], row,
        lags[readings.step - task.n],
    )  # fmt: skip
    tables = Tables(np.log(chance), np.log1p(-chance), weights, float(task.side**2 * junctions))
    likelihoods(same, other, groups, tables)
    return same, other


def _overlaps(codes: np.ndarray) -> np.ndarray:
    """Which of the blocks of one item another item colors too (item, other, block)."""
    return np.array([codes[:, code] for code in codes], dtype=np.int64)


def _kinds(overlaps: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Different overlaps of each item, its own first: patterns (item, kind, block), how many items have each, count."""
    items = len(overlaps)
    patterns, multiplicity = np.zeros_like(overlaps), np.zeros((items, items))
    kinds = np.zeros(items, dtype=np.int64)
    for item in range(items):
        found, counts = np.unique(overlaps[item], axis=0, return_counts=True)
        kinds[item] = len(found)
        # Only the item itself covers all its blocks, which unique() sorts to the end.
        patterns[item, : len(found)], multiplicity[item, : len(found)] = found[::-1], counts[::-1]
    return patterns, multiplicity, kinds


def _tables(left: np.ndarray, task: NBack, shares: np.ndarray, enumerated: int):
    """Number of enumerated lags of each step (step,), shifts (step x share, bits, node), and weights of the nodes."""
    steps = range(task.n, task.steps)
    # The lag that is asked for, then all others, the latest first.
    order = np.concatenate([[task.n - 1], np.delete(np.arange(task.steps - 1), task.n - 1)])
    most = min(enumerated, task.steps - 1)
    lags = np.minimum(np.arange(task.n, task.steps), most)
    bits = np.arange(1 << most)[:, None] >> np.arange(most) & 1
    shifts = np.zeros((len(steps), len(shares), 1 << most, NODES))
    weights = np.zeros((len(steps), len(shares), NODES))
    for j, share in enumerate(shares):
        nodes, heavy = tails(tuple(left[order[most:]].tolist()), float(share))
        for i, step in enumerate(steps):
            older = step - lags[i]
            shifts[i, j] = (bits @ left[order[:most]])[:, None] + nodes[older]
            weights[i, j] = heavy[older]
    return lags, shifts.reshape(-1, *shifts.shape[2:]), weights.reshape(-1, NODES)
