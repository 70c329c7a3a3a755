"""Product of the demagnetizing tensor and the magnetization in the space of wave vectors, and the way there and back.

Complex arrays are seen as pairs of real ones, the contiguous axis twice as long. A block (3, nz, py, width) is a cut of
the whole that begins at the wave number ``first`` along x (see `transforms.Transform.filter`). The tensor is
(kz, ky, tiles, components LANES), for wave numbers from 0 up: mirrored ones have the sign of what is odd. Its rows, as
those of a tile, are one piece of memory with distances that the compiler knows.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from spinneuron.compiled import inline, kernel, parallel_kernel, prange
from spinneuron.physics.lattice.layer_transform import LANES, backward, fold, forward, give, take, unfold

FEW = 8
"""Layers up to which a sum over pairs of them is faster than transforms along z, measured."""


@inline
def mirrored(n, length, real):
    """Place of a wave number of a ring among those from 0 up, and the sign of what is odd there, of type ``real``."""
    return (n, real(1.0)) if 2 * n <= length else (length - n, real(-1.0))


@inline
def paired(number, length):
    """Order in which a wave number and its mirror follow each other: both need the same numbers of the tensor."""
    half = (number + 1) // 2
    return half if number % 2 == 1 or number == 0 else length - half


@inline
def one_layer(block, N, first, y):
    """``H(k) = N(k) M(k)`` of a row of one layer: N_xz and N_yz are zero."""
    width = block.shape[3] // 2
    q, sign = mirrored(y, block.shape[2], block.dtype.type)
    for start in range(0, width, LANES):
        n = (first + start) // LANES
        for i in range(min(LANES, width - start)):
            xx, yy, zz = N[0, q, n, i], N[0, q, n, LANES + i], N[0, q, n, 2 * LANES + i]
            xy = sign * N[0, q, n, 3 * LANES + i]
            a = 2 * (start + i)
            b = a + 1
            x0, x1, y0, y1 = block[0, 0, y, a], block[0, 0, y, b], block[1, 0, y, a], block[1, 0, y, b]
            block[0, 0, y, a], block[0, 0, y, b] = xx * x0 + xy * y0, xx * x1 + xy * y1
            block[1, 0, y, a], block[1, 0, y, b] = xy * x0 + yy * y0, xy * x1 + yy * y1
            block[2, 0, y, a], block[2, 0, y, b] = zz * block[2, 0, y, a], zz * block[2, 0, y, b]


@inline
def few_layers(block, N, first, y):
    """``H_k = sum_l N(k - l) M_l`` of a row of every layer: N_xz and N_yz stand with an i, and are odd in k - l."""
    layers, width = block.shape[1], block.shape[3] // 2
    q, sign = mirrored(y, block.shape[2], block.dtype.type)
    moments, fields = np.empty((layers, 6 * LANES), block.dtype), np.empty((layers, 6 * LANES), block.dtype)
    for start in range(0, width, LANES):
        count = min(LANES, width - start)
        take(block, y, start, count, moments)
        fields[:] = 0.0
        for k in range(layers):
            for source in range(layers):
                apart, up = (k - source, sign) if k >= source else (source - k, -sign)
                # In yz both signs meet.
                flip = up * sign
                n = (first + start) // LANES
                for i in range(LANES):
                    xx, yy, zz = N[apart, q, n, i], N[apart, q, n, LANES + i], N[apart, q, n, 2 * LANES + i]
                    xy, xz, yz = (
                        sign * N[apart, q, n, 3 * LANES + i],
                        flip * N[apart, q, n, 4 * LANES + i],
                        up * N[apart, q, n, 5 * LANES + i],
                    )
                    x0, y0, z0 = moments[source, i], moments[source, LANES + i], moments[source, 2 * LANES + i]
                    x1, y1, z1 = (
                        moments[source, 3 * LANES + i],
                        moments[source, 4 * LANES + i],
                        moments[source, 5 * LANES + i],
                    )
                    fields[k, i] += xx * x0 + xy * y0 - xz * z1
                    fields[k, LANES + i] += xy * x0 + yy * y0 - yz * z1
                    fields[k, 2 * LANES + i] += zz * z0 - xz * x1 - yz * y1
                    fields[k, 3 * LANES + i] += xx * x1 + xy * y1 + xz * z0
                    fields[k, 4 * LANES + i] += xy * x1 + yy * y1 + yz * z0
                    fields[k, 5 * LANES + i] += zz * z1 + xz * x0 + yz * y0
        give(fields, y, start, count, block)


@inline
def many_layers(block, N, first, y, columns):
    """``H(k) = N(k) M(k)`` of a row of every layer, by transforms along z."""
    layers, width, places = block.shape[1], block.shape[3] // 2, columns.waves.size
    q, sign = mirrored(y, block.shape[2], block.dtype.type)
    tile = np.empty((places, 6 * LANES), block.dtype)
    for start in range(0, width, LANES):
        count = min(LANES, width - start)
        take(block, y, start, count, tile)
        unfold(tile, layers, columns)
        forward(tile, columns)
        for place in range(places):
            r, up = mirrored(columns.waves[place], places, block.dtype.type)
            n = (first + start) // LANES
            flip = up * sign
            for i in range(LANES):
                xx, yy, zz = N[r, q, n, i], N[r, q, n, LANES + i], N[r, q, n, 2 * LANES + i]
                xy, xz, yz = (
                    sign * N[r, q, n, 3 * LANES + i],
                    up * N[r, q, n, 4 * LANES + i],
                    flip * N[r, q, n, 5 * LANES + i],
                )
                x0, y0, z0 = tile[place, i], tile[place, LANES + i], tile[place, 2 * LANES + i]
                x1, y1, z1 = tile[place, 3 * LANES + i], tile[place, 4 * LANES + i], tile[place, 5 * LANES + i]
                tile[place, i] = xx * x0 + xy * y0 + xz * z0
                tile[place, LANES + i] = xy * x0 + yy * y0 + yz * z0
                tile[place, 2 * LANES + i] = xz * x0 + yz * y0 + zz * z0
                tile[place, 3 * LANES + i] = xx * x1 + xy * y1 + xz * z1
                tile[place, 4 * LANES + i] = xy * x1 + yy * y1 + yz * z1
                tile[place, 5 * LANES + i] = xz * x1 + yz * y1 + zz * z1
        backward(tile, columns)
        fold(tile, layers, columns)
        give(tile, y, start, count, block)


@kernel
def one(block, N, first, columns):
    """``H(k) = N(k) M(k)`` of one layer, in place."""
    for number in range(block.shape[2]):
        one_layer(block, N, first, paired(number, block.shape[2]))


@parallel_kernel
def one_threads(block, N, first, columns):
    """`one` on several threads, with the same bits."""
    for number in prange(block.shape[2]):
        # prange counts without sign, and a difference of such a number would be a float.
        one_layer(block, N, first, paired(np.int64(number), block.shape[2]))


@kernel
def few(block, N, first, columns):
    """``H(k) = N(k) M(k)`` of a few layers, in place."""
    for number in range(block.shape[2]):
        few_layers(block, N, first, paired(number, block.shape[2]))


@parallel_kernel
def few_threads(block, N, first, columns):
    """`few` on several threads, with the same bits."""
    for number in prange(block.shape[2]):
        few_layers(block, N, first, paired(np.int64(number), block.shape[2]))


@kernel
def many(block, N, first, columns):
    """``H(k) = N(k) M(k)`` of many layers, in place."""
    for number in range(block.shape[2]):
        many_layers(block, N, first, paired(number, block.shape[2]), columns)


@parallel_kernel
def many_threads(block, N, first, columns):
    """`many` on several threads, with the same bits."""
    for number in prange(block.shape[2]):
        many_layers(block, N, first, paired(np.int64(number), block.shape[2]), columns)


def product(layers: int, threads: int) -> Callable:
    """Choose a kernel: one for each number of layers, so that none is compiled in vain.

    Parameters
    ----------
    layers, threads : int

    Returns
    -------
    callable
        Of block, tensor, first wave number along x, `layer_transform.Columns`.
    """
    kernels = (one, one_threads) if layers == 1 else (few, few_threads) if layers <= FEW else (many, many_threads)
    return kernels[threads > 1]


@inline
def load_row(m, Ms, M, row):
    """``M = Ms m`` of one row, and zeros beyond it."""
    j, k = row % Ms.shape[1], row // Ms.shape[1]
    for c in range(3):
        for i in range(Ms.shape[2]):
            M[c, k, j, i] = Ms[k, j, i] * m[c, k, j, i]
        for i in range(Ms.shape[2], M.shape[3]):
            M[c, k, j, i] = 0.0


@inline
def add_row(H, h, row):
    """``h += H`` of one row."""
    j, k = row % h.shape[2], row // h.shape[2]
    for c in range(3):
        for i in range(h.shape[3]):
            h[c, k, j, i] += H[c, k, j, i]


@kernel
def load(m, Ms, M):
    """``M = Ms m``, and zeros beyond."""
    for row in range(Ms.shape[0] * Ms.shape[1]):
        load_row(m, Ms, M, row)


@parallel_kernel
def load_threads(m, Ms, M):
    """`load` on several threads."""
    for row in prange(Ms.shape[0] * Ms.shape[1]):
        load_row(m, Ms, M, row)


@kernel
def add(H, h):
    """``h += H``."""
    for row in range(h.shape[1] * h.shape[2]):
        add_row(H, h, row)


@parallel_kernel
def add_threads(H, h):
    """`add` on several threads."""
    for row in prange(h.shape[1] * h.shape[2]):
        add_row(H, h, row)
