"""Convolution along z of many columns at once, inside one kernel: the transforms of a tile that stays in the cache.

A column of n layers is padded to 2 m >= 2 n places, m = 2^a 3^b. With its upper half empty, the first step of a
transform gives two columns of m layers, x_j and x_j w^j, ``w = exp(-i pi / m)``, and needs no sums; the last step back
needs the lower half only. Between them every column is transformed in place, wave numbers left in the order in which
they come (decimation in frequency there, in time back): a product does not mind.

A tile is one real array (2 m, 6 LANES): of columns that lie side by side the real parts of the three components, then
the imaginary ones. Distances within a row are known to the compiler, which is why it can use vector instructions.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from spinneuron.compiled import inline

LANES = 16
"""Columns of a tile."""
_IM = 3 * LANES
_THIRD = math.sqrt(0.75)


class Columns(NamedTuple):
    """How the columns of a lattice are transformed.

    Attributes
    ----------
    radices : numpy.ndarray of int
        Steps of the transform of m layers, each 2, 3 or 4.
    waves : numpy.ndarray of int
        Wave number of every place of the 2 m, (2 m,).
    wr, wi : numpy.ndarray
        ``exp(-i pi j / m)``, (2 m,).
    """

    radices: np.ndarray
    waves: np.ndarray
    wr: np.ndarray
    wi: np.ndarray

    @classmethod
    def of(cls, layers: int, real: type) -> Columns:
        """Plan columns.

        Parameters
        ----------
        layers : int
        real : type
            Of the numbers, numpy.float64 or numpy.float32.

        Returns
        -------
        Columns
        """
        m = half_length(layers)
        radices = []
        rest = m
        while rest > 1:
            radices.append(next(r for r in (3, 4, 2) if rest % r == 0))
            rest //= radices[-1]
        waves = np.zeros(1, dtype=np.int64)
        for r in reversed(radices):
            waves = np.concatenate([s + r * waves for s in range(r)])
        waves = np.concatenate([2 * waves, 2 * waves + 1])
        # Angles below a quarter turn only: what should be 0 or 1 is.
        turn = np.exp(-1j * math.pi * np.arange(2 * m) / m)
        turn[m] = -1.0
        if m % 2 == 0:
            turn[m // 2], turn[3 * m // 2] = -1j, 1j
        return cls(np.array(radices, dtype=np.int64), waves, turn.real.astype(real), turn.imag.astype(real))


def half_length(layers: int) -> int:
    """Least 2^a 3^b, b at most 1, that holds a column.

    Parameters
    ----------
    layers : int

    Returns
    -------
    int
    """
    power = 2 ** math.ceil(math.log2(layers))
    return 3 * power // 4 if 4 * layers <= 3 * power and power >= 4 else power


@inline
def forward_step(tile, base, n, r, columns):
    """One step of a block of n places from ``base``: ``y_s(j) = w^(j s) sum_q x(j + q n/r) exp(-2 pi i q s/r)``."""
    part = n // r
    stride = columns.wr.size // n
    for j in range(part):
        u1, v1 = columns.wr[j * stride], columns.wi[j * stride]
        u2, v2 = columns.wr[2 * j * stride], columns.wi[2 * j * stride]
        a, b = base + j, base + j + part
        if r == 2:
            for i in range(_IM):
                dr, di = tile[a, i] - tile[b, i], tile[a, _IM + i] - tile[b, _IM + i]
                tile[a, i], tile[a, _IM + i] = tile[a, i] + tile[b, i], tile[a, _IM + i] + tile[b, _IM + i]
                tile[b, i], tile[b, _IM + i] = dr * u1 - di * v1, dr * v1 + di * u1
        elif r == 3:
            c = b + part
            third, half = tile.dtype.type(_THIRD), tile.dtype.type(0.5)
            for i in range(_IM):
                sr, si = tile[b, i] + tile[c, i], tile[b, _IM + i] + tile[c, _IM + i]
                # -i sqrt(3)/2 (b - c)
                dr, di = third * (tile[b, _IM + i] - tile[c, _IM + i]), third * (tile[c, i] - tile[b, i])
                er, ei = tile[a, i] - half * sr, tile[a, _IM + i] - half * si
                tile[a, i], tile[a, _IM + i] = tile[a, i] + sr, tile[a, _IM + i] + si
                xr, xi, yr, yi = er + dr, ei + di, er - dr, ei - di
                tile[b, i], tile[b, _IM + i] = xr * u1 - xi * v1, xr * v1 + xi * u1
                tile[c, i], tile[c, _IM + i] = yr * u2 - yi * v2, yr * v2 + yi * u2
        else:
            u3, v3 = columns.wr[3 * j * stride], columns.wi[3 * j * stride]
            c, d = b + part, b + 2 * part
            for i in range(_IM):
                er, ei, fr, fi = (
                    tile[a, i] + tile[c, i],
                    tile[a, _IM + i] + tile[c, _IM + i],
                    tile[a, i] - tile[c, i],
                    tile[a, _IM + i] - tile[c, _IM + i],
                )
                gr, gi, hr, hi = (
                    tile[b, i] + tile[d, i],
                    tile[b, _IM + i] + tile[d, _IM + i],
                    tile[b, _IM + i] - tile[d, _IM + i],
                    tile[d, i] - tile[b, i],
                )
                xr, xi, yr, yi, zr, zi = fr + hr, fi + hi, er - gr, ei - gi, fr - hr, fi - hi
                tile[a, i], tile[a, _IM + i] = er + gr, ei + gi
                tile[b, i], tile[b, _IM + i] = xr * u1 - xi * v1, xr * v1 + xi * u1
                tile[c, i], tile[c, _IM + i] = yr * u2 - yi * v2, yr * v2 + yi * u2
                tile[d, i], tile[d, _IM + i] = zr * u3 - zi * v3, zr * v3 + zi * u3


@inline
def backward_step(tile, base, n, r, columns):
    """The way back of `forward_step`, r times as large: ``x(j + q n/r) = sum_s y_s(j) w^(-j s) exp(2 pi i q s/r)``."""
    part = n // r
    stride = columns.wr.size // n
    for j in range(part):
        u1, v1 = columns.wr[j * stride], columns.wi[j * stride]
        u2, v2 = columns.wr[2 * j * stride], columns.wi[2 * j * stride]
        a, b = base + j, base + j + part
        if r == 2:
            for i in range(_IM):
                br, bi = tile[b, i] * u1 + tile[b, _IM + i] * v1, tile[b, _IM + i] * u1 - tile[b, i] * v1
                tile[b, i], tile[b, _IM + i] = tile[a, i] - br, tile[a, _IM + i] - bi
                tile[a, i], tile[a, _IM + i] = tile[a, i] + br, tile[a, _IM + i] + bi
        elif r == 3:
            c = b + part
            third, half = tile.dtype.type(_THIRD), tile.dtype.type(0.5)
            for i in range(_IM):
                br, bi = tile[b, i] * u1 + tile[b, _IM + i] * v1, tile[b, _IM + i] * u1 - tile[b, i] * v1
                cr, ci = tile[c, i] * u2 + tile[c, _IM + i] * v2, tile[c, _IM + i] * u2 - tile[c, i] * v2
                sr, si, dr, di = br + cr, bi + ci, third * (ci - bi), third * (br - cr)
                er, ei = tile[a, i] - half * sr, tile[a, _IM + i] - half * si
                tile[a, i], tile[a, _IM + i] = tile[a, i] + sr, tile[a, _IM + i] + si
                tile[b, i], tile[b, _IM + i] = er + dr, ei + di
                tile[c, i], tile[c, _IM + i] = er - dr, ei - di
        else:
            u3, v3 = columns.wr[3 * j * stride], columns.wi[3 * j * stride]
            c, d = b + part, b + 2 * part
            for i in range(_IM):
                br, bi = tile[b, i] * u1 + tile[b, _IM + i] * v1, tile[b, _IM + i] * u1 - tile[b, i] * v1
                cr, ci = tile[c, i] * u2 + tile[c, _IM + i] * v2, tile[c, _IM + i] * u2 - tile[c, i] * v2
                dr, di = tile[d, i] * u3 + tile[d, _IM + i] * v3, tile[d, _IM + i] * u3 - tile[d, i] * v3
                er, ei, fr, fi = tile[a, i] + cr, tile[a, _IM + i] + ci, tile[a, i] - cr, tile[a, _IM + i] - ci
                gr, gi, hr, hi = br + dr, bi + di, di - bi, br - dr
                tile[a, i], tile[a, _IM + i] = er + gr, ei + gi
                tile[b, i], tile[b, _IM + i] = fr + hr, fi + hi
                tile[c, i], tile[c, _IM + i] = er - gr, ei - gi
                tile[d, i], tile[d, _IM + i] = fr - hr, fi - hi


@inline
def forward(tile, columns):
    """Transform both halves of 2 m places in place."""
    n = columns.waves.size // 2
    for step in range(columns.radices.size):
        for base in range(0, columns.waves.size, n):
            forward_step(tile, base, n, columns.radices[step], columns)
        n //= columns.radices[step]


@inline
def backward(tile, columns):
    """Transform both halves of 2 m places back, m times as large."""
    n = 1
    for step in range(columns.radices.size - 1, -1, -1):
        n *= columns.radices[step]
        for base in range(0, columns.waves.size, n):
            backward_step(tile, base, n, columns.radices[step], columns)


@inline
def take(block, y, start, count, tile):
    """Bring ``count`` columns of a row into a tile, place by place; zeros beside them."""
    for z in range(block.shape[1]):
        for c in range(3):
            first = c * LANES
            for i in range(count):
                at = 2 * (start + i)
                tile[z, first + i], tile[z, _IM + first + i] = block[c, z, y, at], block[c, z, y, at + 1]
            for i in range(count, LANES):
                tile[z, first + i], tile[z, _IM + first + i] = 0.0, 0.0


@inline
def unfold(tile, layers, columns):
    """First step there: the upper half of the lower one, ``x_j w^j``."""
    m = columns.waves.size // 2
    for z in range(m):
        a, b = z, m + z
        u, v = columns.wr[z], columns.wi[z]
        if z >= layers:
            tile[a, :] = 0.0
            tile[b, :] = 0.0
        else:
            for i in range(_IM):
                tile[b, i], tile[b, _IM + i] = (
                    tile[a, i] * u - tile[a, _IM + i] * v,
                    tile[a, i] * v + tile[a, _IM + i] * u,
                )


@inline
def fold(tile, layers, columns):
    """Last step back: ``x_j = a_j + w^(-j) b_j`` of both halves."""
    m = columns.waves.size // 2
    for z in range(layers):
        a, b = z, m + z
        u, v = columns.wr[z], columns.wi[z]
        for i in range(_IM):
            tile[a, i] += tile[b, i] * u + tile[b, _IM + i] * v
            tile[a, _IM + i] += tile[b, _IM + i] * u - tile[b, i] * v


@inline
def give(tile, y, start, count, block):
    """Take ``count`` columns of a row out of a tile."""
    for z in range(block.shape[1]):
        for c in range(3):
            first = c * LANES
            for i in range(count):
                at = 2 * (start + i)
                block[c, z, y, at], block[c, z, y, at + 1] = tile[z, first + i], tile[z, _IM + first + i]
