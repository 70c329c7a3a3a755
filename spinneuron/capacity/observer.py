"""The ideal observer of one reading: how likely its spike counts are if the pattern of n steps before was the same one.

A block that is colored now is read by m junctions, which give k spikes, binomial with the probability that the heat of
its earlier pulses sets. The observer knows the neuron, the codes and the pattern shown now; it does not know the
patterns before. Those of `enumerated` lags are summed over one by one, all of them together: one pattern colors several
blocks, so that blocks are not independent. Each leaf of that sum is a product over the blocks,

    P(k | past) = prod_b sum_j weight_j Binomial(k_b; m, P(V, sum_l trace_l bit_bl + node_j)),

in which the nodes stand for what is older (see `tail`).
"""

import numpy as np

from spinneuron.compiled import inline, kernel, parallel_kernel, prange
from spinneuron.tasks.patterns import LIT

LANES = 8
"""Readings of one group, side by side in the vector registers."""


@kernel
def block_likelihood(f, counts, cells, spike, silence, weights, junctions):
    """Fill f[b, bits, lane] with sum_j weight_j p^k (1-p)^(m-k), relative to its largest possible value."""
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
def observe(same, other, counts, patterns, multiplicity, cells, lags, spike, silence, weights, junctions):
    """Fill the likelihoods same[lane] and other[lane] of one group: see `likelihoods`."""
    f = np.empty((LIT, 1 << lags, LANES))
    block_likelihood(f, counts, cells, spike, silence, weights, junctions)
    total = np.empty(LANES)
    sum_of_pasts(same, f, 0, patterns, multiplicity, lags)
    others = multiplicity.sum() - multiplicity[0]
    other[:] = 0.0
    for kind in range(1, len(patterns)):
        sum_of_pasts(total, f, kind, patterns, multiplicity, lags)
        for lane in range(LANES):
            other[lane] += total[lane] * (multiplicity[kind] / others)


@parallel_kernel
def likelihoods(same, other, counts, patterns, multiplicity, kinds, cells, lags, spike, silence, weights, junctions):
    """Fill the likelihoods (group, lane) of the counts (group, lane, block), given the same pattern and another one.

    ``patterns`` (group, kind, block) are the overlaps of all items with the one shown now, the latter first;
    ``cells`` (group, block) says which row of the tables ``spike``, ``silence`` (row, bits, node) and ``weights``
    (row, node) a block uses. Lag 0 is the one that is asked for.
    """
    for g in prange(len(counts)):
        observe(same[g], other[g], counts[g], patterns[g, : kinds[g]], multiplicity[g, : kinds[g]], cells[g], lags[g],
                spike, silence, weights, junctions)  # fmt: skip
