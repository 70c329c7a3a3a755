"""Which lists fit a reading: the posterior of free recall, by parallel tempering over ordered lists.

A state is an order of all items, whose first ``length`` are the list, the oldest first. A move swaps a place of the
list with any other place and is taken with the probability min(1, ratio^beta), so that the states of a replica follow
the likelihood to the power beta (Metropolis). Many lists leave nearly the same shifts and few swaps lead from one to
the other: replicas from beta = 1 down to nearly 0 exchange their states after each sweep of ``length`` moves (Swendsen
and Wang, Phys. Rev. Lett. 57, 2607 (1986)). Those of beta = 1 are counted.
"""

from typing import NamedTuple

import numpy as np
from numba import uint32

from spinneuron.compiled import inline, kernel, parallel_kernel, prange
from spinneuron.dynamics.noise import threefry4x32

_PURPOSE = 16
"""Key of the random words, apart from those of `dynamics.noise`."""
_SCALE = 2.0**-32


class Reader(NamedTuple):
    """What is known of the reading: codes, traces, and logarithms of probabilities over a grid of shifts."""

    codes: np.ndarray
    """1 where an item colors a block (item, block)."""
    left: np.ndarray
    """Trace of each place of the list [V] (place,)."""
    lowest: float
    """First shift of the grid [V]."""
    per_volt: float
    """Points of the grid per volt."""
    spike: np.ndarray
    """Logarithm of the probability of a spike (point,)."""
    silence: np.ndarray
    """Logarithm of the probability of none (point,)."""
    junctions: float
    """Of a block."""


@kernel
def random_numbers(number, step, seed):
    """Three uniform numbers in (0, 1), a pure function of the arguments."""
    low, high = uint32(seed & 0xFFFFFFFF), uint32(seed >> 32)
    words = threefry4x32(
        uint32(step & 0xFFFFFFFF), uint32(step >> 32), uint32(number), uint32(0), low, high, uint32(_PURPOSE), uint32(0)
    )
    a, b, c, _ = words
    return (float(a) + 0.5) * _SCALE, (float(b) + 0.5) * _SCALE, (float(c) + 0.5) * _SCALE


@inline
def _fit(shift, count, reader):
    """Logarithm of p^k (1 - p)^(m - k) of one block, linear between the points of the grid."""
    at = (shift - reader.lowest) * reader.per_volt
    i = min(max(int(at), 0), len(reader.spike) - 2)
    part = at - i
    spike = reader.spike[i] + part * (reader.spike[i + 1] - reader.spike[i])
    silence = reader.silence[i] + part * (reader.silence[i + 1] - reader.silence[i])
    return count * spike + (reader.junctions - count) * silence


@kernel
def sweep(order, shift, fit, counts, beta, reader, number, step, seed):
    """Try as many swaps as the list has places, with the random numbers from ``step`` on."""
    items, length, blocks = len(order), len(reader.left), len(counts)
    other, ahead = np.empty(blocks), np.empty(blocks)
    for move in range(length):
        first, second, chance = random_numbers(number, step + move, seed)
        place = int(first * length)
        i = (place + 1 + int(second * (items - 1))) % items
        lever = reader.left[place] - (reader.left[i] if i < length else 0.0)
        gain = 0.0
        for b in range(blocks):
            change = reader.codes[order[i], b] - reader.codes[order[place], b]
            other[b], ahead[b] = shift[b], fit[b]
            if change != 0.0:
                other[b] = shift[b] + lever * change
                ahead[b] = _fit(other[b], counts[b], reader)
                gain += ahead[b] - fit[b]
        if gain >= 0.0 or chance < np.exp(beta * gain):
            order[place], order[i] = order[i], order[place]
            for b in range(blocks):
                shift[b], fit[b] = other[b], ahead[b]


@kernel
def walk(seen, counts, betas, reader, number, seed, sweeps):
    """Add to seen[item] the share of the sweeps, after the first quarter, in which it is on the list."""
    items, blocks = reader.codes.shape
    length, ladder = len(reader.left), len(betas)
    order, holder = np.empty((ladder, items), np.int64), np.arange(ladder)
    shift, fit = np.zeros((ladder, blocks)), np.empty((ladder, blocks))
    step = np.int64(0)
    for r in range(ladder):
        for i in range(items):
            order[r, i] = i
        for place in range(length):
            i = place + int(random_numbers(number, step, seed)[0] * (items - place))
            step += 1
            order[r, place], order[r, i] = order[r, i], order[r, place]
            for b in range(blocks):
                shift[r, b] += reader.left[place] * reader.codes[order[r, place], b]
        for b in range(blocks):
            fit[r, b] = _fit(shift[r, b], counts[b], reader)
    for turn in range(sweeps):
        for level in range(ladder):
            r = holder[level]
            sweep(order[r], shift[r], fit[r], counts, betas[level], reader, number, step, seed)
            step += length
        for level in range(turn % 2, ladder - 1, 2):
            warm, cold = holder[level + 1], holder[level]
            gain = 0.0
            for b in range(blocks):
                gain += (betas[level] - betas[level + 1]) * (fit[warm, b] - fit[cold, b])
            if gain >= 0.0 or random_numbers(number, step, seed)[0] < np.exp(gain):
                holder[level], holder[level + 1] = warm, cold
            step += 1
        if turn >= sweeps // 4:
            for place in range(length):
                seen[order[holder[0], place]] += 1.0 / (sweeps - sweeps // 4)


@parallel_kernel
def presence(seen, counts, betas, reader, seed, sweeps):
    """Add to seen (trial, item) the posterior probability that an item was on the list."""
    for trial in prange(len(counts)):
        # Numbers of one type, here and in `walk`: each other one would be compiled once more.
        walk(seen[trial], counts[trial], betas, reader, np.int64(trial), seed, sweeps)
