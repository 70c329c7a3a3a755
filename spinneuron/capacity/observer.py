"""The ideal observer of one reading: how likely its spike counts are if the pattern of n steps before was the same one.

A block that is colored now is read by m junctions, which give k spikes, binomial with the probability that the heat of
its earlier pulses sets. The observer knows the neuron, the codes and the pattern shown now; it does not know the
patterns before. Those of `enumerated` lags are summed over one by one, all of them together: one pattern colors several
blocks, so that blocks are not independent. Each leaf of that sum is a product over the blocks,

    P(k | past) = prod_b sum_j weight_j Binomial(k_b; m, P(V, sum_l trace_l bit_bl + node_j)),

in which the nodes stand for what is older (see `tails`).
"""

from typing import NamedTuple

import numpy as np

from spinneuron.compiled import inline, kernel, parallel_kernel, prange
from spinneuron.tasks.patterns import LIT

LANES = 8
"""Readings of one group, side by side in the vector registers."""


class Groups(NamedTuple):
    """Readings side by side: what the readings of a group have in common, and their counts."""

    counts: np.ndarray
    """Spikes (group, lane, block)."""
    patterns: np.ndarray
    """Different overlaps of the items with the one shown now, its own first (group, kind, block)."""
    multiplicity: np.ndarray
    """How many items have each of them (group, kind)."""
    kinds: np.ndarray
    """How many there are (group,)."""
    cells: np.ndarray
    """Row of the tables that a block uses (group, block)."""
    lags: np.ndarray
    """Enumerated lags (group,)."""


class Tables(NamedTuple):
    """What a block may do, for each enumerated past of it (bits) and each node of what is older."""

    spike: np.ndarray
    """Logarithm of the probability of a spike (row, bits, node)."""
    silence: np.ndarray
    """Logarithm of the probability of none (row, bits, node)."""
    weights: np.ndarray
    """Of the nodes (row, node)."""
    junctions: float
    """Of a block."""


@kernel
def block_likelihood(f, counts, cells, tables):
    """Fill f[b, bits, lane] with sum_j weight_j p^k (1-p)^(m-k), relative to its largest possible value."""
    spike, silence, weights, junctions = tables
    for b in range(f.shape[0]):
        row = cells[b]
        for lane in range(f.shape[2]):
            k = float(counts[lane, b])
            rest = junctions - k
            top = 0.0
            if k > 0.0:
                top += k * np.log(k / junctions)
            if rest > 0.0:
                top += rest * np.log(rest / junctions)
            for bits in range(f.shape[1]):
                total = 0.0
                for j in range(weights.shape[1]):
                    if weights[row, j] > 0.0:
                        total += weights[row, j] * np.exp(k * spike[row, bits, j] + rest * silence[row, bits, j] - top)
                f[b, bits, lane] = total


@inline
def _add(total, f, factor, a, b, c, d):
    """Add factor f[0, a] f[1, b] f[2, c] f[3, d] in each lane: the likelihood of one past."""
    for lane in range(LANES):
        total[lane] += factor * (f[0, a, lane] * f[1, b, lane]) * (f[2, c, lane] * f[3, d, lane])


@kernel
def sum_of_pasts(total, f, first, patterns, multiplicity, lags):
    """Fill total[lane] with the mean likelihood of all pasts whose lag 0 has the pattern ``first``.

    Digits of an odometer are the patterns of lags 1, 2, ...; the last of them runs in the inner loop.
    """
    kinds, last = len(patterns), lags - 1
    share = multiplicity / multiplicity.sum()
    digit = np.zeros(lags, np.int64)
    total[:] = 0.0
    a, b, c, d = patterns[first, 0], patterns[first, 1], patterns[first, 2], patterns[first, 3]
    if last == 0:
        _add(total, f, 1.0, a, b, c, d)
        return
    turning = True
    while turning:
        weight = 1.0
        a, b, c, d = patterns[first, 0], patterns[first, 1], patterns[first, 2], patterns[first, 3]
        for lag in range(1, last):
            kind = digit[lag]
            weight *= share[kind]
            a |= patterns[kind, 0] << lag
            b |= patterns[kind, 1] << lag
            c |= patterns[kind, 2] << lag
            d |= patterns[kind, 3] << lag
        for kind in range(kinds):
            one = patterns[kind]
            factor = weight * share[kind]
            _add(total, f, factor, a | one[0] << last, b | one[1] << last, c | one[2] << last, d | one[3] << last)
        lag = 1
        while lag < last and digit[lag] == kinds - 1:
            digit[lag] = 0
            lag += 1
        if lag < last:
            digit[lag] += 1
        else:
            turning = False


@kernel
def observe(same, other, counts, patterns, multiplicity, cells, lags, tables):
    """Fill the likelihoods same[lane] and other[lane] of one group: see `likelihoods`."""
    f = np.empty((LIT, 1 << lags, LANES))
    block_likelihood(f, counts, cells, tables)
    total = np.empty(LANES)
    sum_of_pasts(same, f, 0, patterns, multiplicity, lags)
    others = multiplicity.sum() - multiplicity[0]
    other[:] = 0.0
    for kind in range(1, len(patterns)):
        sum_of_pasts(total, f, kind, patterns, multiplicity, lags)
        for lane in range(LANES):
            other[lane] += total[lane] * (multiplicity[kind] / others)


@parallel_kernel
def likelihoods(same, other, groups, tables):
    """Fill the likelihoods (group, lane) of the counts, given the same pattern and another one, up to one factor.

    Lag 0 is the one that is asked for.
    """
    for g in prange(len(groups.counts)):
        count = groups.kinds[g]
        patterns, multiplicity = groups.patterns[g, :count], groups.multiplicity[g, :count]
        observe(same[g], other[g], groups.counts[g], patterns, multiplicity, groups.cells[g], groups.lags[g], tables)
