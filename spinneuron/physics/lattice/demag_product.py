"""Product of the demagnetizing tensor and the magnetization in the space of wave vectors, and the way there and back.

Complex arrays are seen as pairs of real ones, the contiguous axis twice as long. A block is a cut of the whole:
``first`` is its place along y where z is transformed, along x where it is not (see `transforms.Transform.filter`).
Numbers of the tensor are kept for wave numbers from 0 up: mirrored ones have the sign of what is odd.
"""

from __future__ import annotations

import numpy as np

from spinneuron.compiled import inline, kernel, parallel_kernel, prange

# Wave numbers whose moments are kept aside while their fields are summed over layers.
_TILE = 64


@inline
def mirrored(n, length):
    """Place of a wave number of a ring among those from 0 up, and the sign of what is odd there."""
    return (n, 1.0) if 2 * n <= length else (length - n, -1.0)


@inline
def one_layer(block, N, first, y):
    """``H(k) = N(k) M(k)`` of a row of one layer: N_xz and N_yz are zero."""
    q, sign = mirrored(y, block.shape[2])
    for i in range(block.shape[3] // 2):
        j = first + i
        xx, yy, zz, xy = N[0, 0, q, j], N[1, 0, q, j], N[2, 0, q, j], sign * N[3, 0, q, j]
        x0, x1 = block[0, 0, y, 2 * i], block[0, 0, y, 2 * i + 1]
        y0, y1 = block[1, 0, y, 2 * i], block[1, 0, y, 2 * i + 1]
        block[0, 0, y, 2 * i], block[0, 0, y, 2 * i + 1] = xx * x0 + xy * y0, xx * x1 + xy * y1
        block[1, 0, y, 2 * i], block[1, 0, y, 2 * i + 1] = xy * x0 + yy * y0, xy * x1 + yy * y1
        block[2, 0, y, 2 * i] *= zz
        block[2, 0, y, 2 * i + 1] *= zz


@inline
def few_layers(block, N, first, y):
    """``H_k = sum_l N(k - l) M_l`` of a row of every layer: N_xz and N_yz stand with an i, and are odd in k - l."""
    layers, width = block.shape[1], block.shape[3] // 2
    q, sign = mirrored(y, block.shape[2])
    m = np.empty((3, layers, 2 * _TILE), block.dtype)
    for start in range(0, width, _TILE):
        count = min(_TILE, width - start)
        for c in range(3):
            for k in range(layers):
                for i in range(2 * count):
                    m[c, k, i] = block[c, k, y, 2 * start + i]
                    block[c, k, y, 2 * start + i] = 0.0
        for k in range(layers):
            for source in range(layers):
                apart, up = (k - source, 1.0) if k >= source else (source - k, -1.0)
                for i in range(count):
                    j = first + start + i
                    xx, yy, zz = N[0, apart, q, j], N[1, apart, q, j], N[2, apart, q, j]
                    xy, xz, yz = sign * N[3, apart, q, j], up * N[4, apart, q, j], up * sign * N[5, apart, q, j]
                    x0, x1 = m[0, source, 2 * i], m[0, source, 2 * i + 1]
                    y0, y1 = m[1, source, 2 * i], m[1, source, 2 * i + 1]
                    z0, z1 = m[2, source, 2 * i], m[2, source, 2 * i + 1]
                    at = 2 * (start + i)
                    block[0, k, y, at] += xx * x0 + xy * y0 - xz * z1
                    block[0, k, y, at + 1] += xx * x1 + xy * y1 + xz * z0
                    block[1, k, y, at] += xy * x0 + yy * y0 - yz * z1
                    block[1, k, y, at + 1] += xy * x1 + yy * y1 + yz * z0
                    block[2, k, y, at] += zz * z0 - xz * x1 - yz * y1
                    block[2, k, y, at + 1] += zz * z1 + xz * x0 + yz * y0


@inline
def many_layers(block, N, first, places, row):
    """``H(k) = N(k) M(k)`` of a row of wave numbers, where z is transformed."""
    y, z = row % block.shape[2], row // block.shape[2]
    q, sign = mirrored(first + y, places)
    r, up = mirrored(z, block.shape[1])
    for i in range(block.shape[3] // 2):
        xx, yy, zz = N[0, r, q, i], N[1, r, q, i], N[2, r, q, i]
        xy, xz, yz = sign * N[3, r, q, i], up * N[4, r, q, i], up * sign * N[5, r, q, i]
        x0, x1 = block[0, z, y, 2 * i], block[0, z, y, 2 * i + 1]
        y0, y1 = block[1, z, y, 2 * i], block[1, z, y, 2 * i + 1]
        z0, z1 = block[2, z, y, 2 * i], block[2, z, y, 2 * i + 1]
        block[0, z, y, 2 * i], block[0, z, y, 2 * i + 1] = xx * x0 + xy * y0 + xz * z0, xx * x1 + xy * y1 + xz * z1
        block[1, z, y, 2 * i], block[1, z, y, 2 * i + 1] = xy * x0 + yy * y0 + yz * z0, xy * x1 + yy * y1 + yz * z1
        block[2, z, y, 2 * i], block[2, z, y, 2 * i + 1] = xz * x0 + yz * y0 + zz * z0, xz * x1 + yz * y1 + zz * z1


@kernel
def multiply(block, N, first, places):
    """``H(k) = N(k) M(k)`` in place; ``places`` along y where z is transformed, 0 where it is not."""
    if places > 0:
        for row in range(block.shape[1] * block.shape[2]):
            many_layers(block, N, first, places, row)
    elif block.shape[1] == 1:
        for y in range(block.shape[2]):
            one_layer(block, N, first, y)
    else:
        for y in range(block.shape[2]):
            few_layers(block, N, first, y)


@parallel_kernel
def multiply_threads(block, N, first, places):
    """`multiply` on several threads, with the same bits."""
    rows = block.shape[1] * block.shape[2] if places > 0 else block.shape[2]
    for number in prange(rows):
        # prange counts without sign, and a difference of such a number would be a float.
        row = np.int64(number)
        if places > 0:
            many_layers(block, N, first, places, row)
        elif block.shape[1] == 1:
            one_layer(block, N, first, row)
        else:
            few_layers(block, N, first, row)


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
