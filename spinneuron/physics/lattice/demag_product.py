"""Convolution of the demagnetizing tensor with the magnetization: transforms along x, y and z, and the product between.

Three passes. `rows_out`: registers of rows, two real rows to a complex one, are transformed along x, parted again, and
turned so that wave numbers along x lie side by side. `columns`: a register of wave numbers at a time goes through y and
z, product and back, while it stays in the cache. `rows_back`: the first pass in reverse. Zeros beyond the magnet are
skipped and unwanted halves left out. Between the passes stands ``S``: for each register of wave numbers all rows
(c, z, y), a complex number each, ``wide`` real parts before as many imaginary ones.

The spectrum of the tensor is (kz, ky, registers, components, wide), for wave numbers from 0 up: mirrored ones have the
sign of what is odd. What one thread does for a group of rows or a register of wave numbers no other one sees, so that
results do not depend on threads.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import get_thread_id

from spinneuron.compiled import inline, kernel, parallel_kernel, prange
from spinneuron.registers.lanes_fft import transform
from spinneuron.registers.vectors import beyond, fill, lanes_of, load, pointer, store, turn

FEW = 8
"""Layers up to which a sum over pairs of them is faster than transforms along z, measured."""


class Lines(NamedTuple):
    """Sizes of a lattice and how its lines are transformed.

    Attributes
    ----------
    nx, ny, nz : int
        Cells.
    px, py, pz : int
        Padded lengths; pz is 0 where layers are summed.
    ways : numpy.ndarray of int
        Shape (6, ...): plans of the transforms along x, y and z, out and back: see `registers.lanes_fft.way`.
    factors : numpy.ndarray
        What stands between the passes of the transforms.
    N : numpy.ndarray
        The tensor, see above.
    """

    nx: int
    ny: int
    nz: int
    px: int
    py: int
    pz: int
    ways: np.ndarray
    factors: np.ndarray
    N: np.ndarray


class Tables(NamedTuple):
    """Pointers to the arrays of `Lines` and to the scratch of a thread, ``work`` of it for the transforms.

    Attributes
    ----------
    x_out, x_back, y_out, y_back, z_out, z_back, factors, N, s, work : pointer
    array : numpy.ndarray
        The scratch at s.
    """

    x_out: Any
    x_back: Any
    y_out: Any
    y_back: Any
    z_out: Any
    z_back: Any
    factors: Any
    N: Any
    s: Any
    work: Any
    array: np.ndarray


def room(counts: tuple[int, int, int], padded: tuple[int, int, int], wide: int) -> tuple[int, int]:
    """Numbers that the passes need besides the fields.

    Parameters
    ----------
    counts, padded : tuple of int
        Along x, y, z.
    wide : int
        Numbers in a register.

    Returns
    -------
    int, int
        Of S, and of the scratch of a thread.
    """
    (nx, ny, nz), (px, py, pz) = counts, padded
    rows = -(-3 * nz * ny // (2 * wide)) * 2 * wide
    rest = 2 * 2 * wide * max(padded)
    full = -(-nx // wide) * wide
    along_x, along_yz = (
        (full + max(px, full)) * 2 * wide + 4 * wide * wide,
        3 * (nz * (py | 1) + max(nz, pz)) * 2 * wide,
    )
    return -(-(px // 2 + 1) // wide) * rows * 2 * wide, rest + max(along_x, along_yz)


@inline
def tables_of(lines, scratch):
    """Find everything."""
    ways, n, s = pointer(lines.ways), lines.ways.shape[1], pointer(scratch)
    rest = 4 * lanes_of(s) * max(lines.px, lines.py, lines.pz)
    return Tables(
        *(ways, beyond(ways, n), beyond(ways, 2 * n), beyond(ways, 3 * n), beyond(ways, 4 * n), beyond(ways, 5 * n)),
        *(pointer(lines.factors), pointer(lines.N), beyond(s, rest), s, scratch[rest:]),
    )


@inline
def whole(n, wide):
    """The next multiple of ``wide``."""
    return (n + wide - 1) // wide * wide


@inline
def groups_of(lines, wide):
    """Groups of rows, two registers each."""
    return -(-3 * lines.nz * lines.ny // (2 * wide))


@kernel
def rows_out(group, m, Ms, S, lines, tables):
    """Transform a group of rows of ``Ms m`` along x. m is (3 rows, nx), Ms (rows, nx), S a pointer."""
    s = tables.s
    wide, nx, px = lanes_of(s), lines.nx, lines.px
    site, full, rows, first = 2 * wide, whole(nx, wide), groups_of(lines, wide) * 2 * wide, 2 * wide * group
    line, squares = full * site, (full + max(px, full)) * site
    # rows, to be turned, stand where their transform will be
    for lane in range(site):
        at, row = line + lane * full, first + lane
        here = tables.array[at : at + full]
        here[:] = 0.0
        if row < len(m):
            m_here, Ms_here = m[row], Ms[row % len(Ms)]
            for x in range(len(m_here)):
                here[x] = Ms_here[x] * m_here[x]
    for x in range(0, full, wide):
        for half in range(0, site, wide):
            turn(s, line + half * full + x, full, s, x * site + half, site)
    transform(
        *(s, 0, wide, site, nx, s, line, line + wide, site, px, tables.x_out, tables.factors, tables.work),
    )
    nothing = fill(s, 0.0)
    for start in range(0, px // 2 + 1, wide):
        for k in range(start, start + wide):
            at = squares + (k - start) * wide
            one, other = line + k * site, line + (px - k) % px * site
            if 2 * k <= px:
                # twice the transforms of both rows, from that of one + i other at k and at -k
                ar, ai, br, bi = load(s, one), load(s, one + wide), load(s, other), load(s, other + wide)
                store(s, at, ar + br)
                store(s, at + wide * wide, ai - bi)
                store(s, at + 2 * wide * wide, ai + bi)
                store(s, at + 3 * wide * wide, br - ar)
            else:
                for part in range(4):
                    store(s, at + part * wide * wide, nothing)
        for part in range(4):
            place = (start // wide * rows + first + part // 2 * wide) * site + part % 2 * wide
            turn(s, squares + part * wide * wide, wide, S, place, site)


@kernel
def rows_back(group, S, h, lines, tables):
    """Transform a group of rows back and add it to the field, (3 rows, nx)."""
    s = tables.s
    wide, nx, px = lanes_of(s), lines.nx, lines.px
    site, full, rows, first = 2 * wide, whole(nx, wide), groups_of(lines, wide) * 2 * wide, 2 * wide * group
    line, squares = full * site, (full + max(px, full)) * site
    for start in range(0, px // 2 + 1, wide):
        for part in range(4):
            place = (start // wide * rows + first + part // 2 * wide) * site + part % 2 * wide
            turn(S, place, site, s, squares + part * wide * wide, wide)
        for k in range(start, min(start + wide, px // 2 + 1)):
            at = squares + (k - start) * wide
            one, other = line + k * site, line + (px - k) % px * site
            ar, ai = load(s, at), load(s, at + wide * wide)
            br, bi = load(s, at + 2 * wide * wide), load(s, at + 3 * wide * wide)
            store(s, other, ar + bi)
            store(s, other + wide, br - ai)
            # where k is its own mirror both are equal
            store(s, one, ar - bi)
            store(s, one + wide, ai + br)
    transform(
        *(s, line + wide, line, site, px, s, wide, 0, site, nx, tables.x_back, tables.factors, tables.work),
    )
    for x in range(0, full, wide):
        for half in range(0, site, wide):
            turn(s, x * site + half, site, s, line + half * full + x, full)
    for lane in range(site):
        at, row = line + lane * full, first + lane
        if row < len(h):
            here, found = h[row], tables.array[at : at + full]
            for x in range(len(here)):
                here[x] += found[x]


@inline
def mirrored(k, length):
    """Place of a wave number of a ring among those from 0 up, and the sign of what is odd there."""
    return (k, 1.0) if 2 * k <= length else (length - k, -1.0)


@inline
def one_layer(tile, lines, s, N, column):
    """``H(k) = N(k) M(k)`` of one layer: N_xz and N_yz are zero."""
    wide = lanes_of(s)
    tiles = lines.N.shape[2]
    for y in range(lines.py):
        q, sign = mirrored(y, lines.py)
        n, a = (q * tiles + tile) * 4 * wide, 2 * wide * y
        b, c = a + column, a + 2 * column
        xx, yy, zz = load(N, n), load(N, n + wide), load(N, n + 2 * wide)
        xy = load(N, n + 3 * wide) * sign
        xr, xi, yr, yi = load(s, a), load(s, a + wide), load(s, b), load(s, b + wide)
        store(s, a, xx * xr + xy * yr)
        store(s, a + wide, xx * xi + xy * yi)
        store(s, b, xy * xr + yy * yr)
        store(s, b + wide, xy * xi + yy * yi)
        store(s, c, zz * load(s, c))
        store(s, c + wide, zz * load(s, c + wide))


@inline
def few_layers(tile, lines, s, N, column):
    """``H_k = sum_l N(k - l) M_l``: N_xz and N_yz stand with an i, and are odd in k - l."""
    wide = lanes_of(s)
    nz, tiles, sites = lines.nz, lines.N.shape[2], lines.N.shape[1] * lines.N.shape[2]
    work, nothing = 3 * nz * column, fill(s, 0.0)
    for y in range(lines.py):
        q, sign = mirrored(y, lines.py)
        for z in range(nz):
            xr, xi, yr, yi, zr, zi = nothing, nothing, nothing, nothing, nothing, nothing
            for source in range(nz):
                up = 1.0 if z >= source else -1.0
                n = (abs(z - source) * sites + q * tiles + tile) * 6 * wide
                xx, yy, zz = load(N, n), load(N, n + wide), load(N, n + 2 * wide)
                xy, xz = load(N, n + 3 * wide) * sign, load(N, n + 4 * wide) * up
                yz = load(N, n + 5 * wide) * (up * sign)
                a = source * column + 2 * wide * y
                b, c = a + nz * column, a + 2 * nz * column
                ar, ai, br, bi = load(s, a), load(s, a + wide), load(s, b), load(s, b + wide)
                cr, ci = load(s, c), load(s, c + wide)
                xr, xi = xr + xx * ar + xy * br - xz * ci, xi + xx * ai + xy * bi + xz * cr
                yr, yi = yr + xy * ar + yy * br - yz * ci, yi + xy * ai + yy * bi + yz * cr
                zr, zi = zr + zz * cr - xz * ai - yz * bi, zi + zz * ci + xz * ar + yz * br
            a = work + 6 * wide * z
            store(s, a, xr)
            store(s, a + wide, xi)
            store(s, a + 2 * wide, yr)
            store(s, a + 3 * wide, yi)
            store(s, a + 4 * wide, zr)
            store(s, a + 5 * wide, zi)
        for z in range(nz):
            for c in range(3):
                a, b = (c * nz + z) * column + 2 * wide * y, work + 6 * wide * z + 2 * wide * c
                store(s, a, load(s, b))
                store(s, a + wide, load(s, b + wide))


@inline
def many_layers(tile, lines, tables, column):
    """``H(k) = N(k) M(k)`` of many layers, by transforms along z."""
    s, N = tables.s, tables.N
    wide = lanes_of(s)
    nz, pz, tiles, sites = lines.nz, lines.pz, lines.N.shape[2], lines.N.shape[1] * lines.N.shape[2]
    work, wave = 3 * nz * column, 2 * wide * lines.pz
    for y in range(lines.py):
        q, sign = mirrored(y, lines.py)
        for c in range(3):
            a, b = c * nz * column + 2 * wide * y, work + c * wave
            transform(
                *(s, a, a + wide, column, nz, s, b, b + wide, 2 * wide, pz),
                *(tables.z_out, tables.factors, tables.work),
            )
        for z in range(pz):
            r, up = mirrored(z, pz)
            n, a = (r * sites + q * tiles + tile) * 6 * wide, work + 2 * wide * z
            b, c = a + wave, a + 2 * wave
            xx, yy, zz = load(N, n), load(N, n + wide), load(N, n + 2 * wide)
            xy, xz = load(N, n + 3 * wide) * sign, load(N, n + 4 * wide) * up
            yz = load(N, n + 5 * wide) * (up * sign)
            for part in range(0, 2 * wide, wide):
                mx, my, mz = load(s, a + part), load(s, b + part), load(s, c + part)
                store(s, a + part, xx * mx + xy * my + xz * mz)
                store(s, b + part, xy * mx + yy * my + yz * mz)
                store(s, c + part, xz * mx + yz * my + zz * mz)
        for c in range(3):
            a, b = c * nz * column + 2 * wide * y, work + c * wave
            transform(
                *(s, b + wide, b, 2 * wide, pz, s, a + wide, a, column, nz),
                *(tables.z_back, tables.factors, tables.work),
            )


@kernel
def columns(tile, S, lines, tables):
    """Take a register of wave numbers along x through y and z, product and back."""
    s = tables.s
    wide = lanes_of(s)
    ny, py, site = lines.ny, lines.py, 2 * wide
    # odd numbers of sites keep columns off the same places in the cache
    column, first = (py | 1) * site, tile * groups_of(lines, wide) * 2 * wide * site
    for row in range(3 * lines.nz):
        a, b = first + row * ny * site, row * column
        transform(
            *(S, a, a + wide, site, ny, s, b, b + wide, site, py, tables.y_out, tables.factors, tables.work),
        )
    if lines.nz == 1:
        one_layer(tile, lines, s, tables.N, column)
    elif lines.pz == 0:
        few_layers(tile, lines, s, tables.N, column)
    else:
        many_layers(tile, lines, tables, column)
    for row in range(3 * lines.nz):
        a, b = first + row * ny * site, row * column
        transform(
            *(s, b + wide, b, site, py, S, a + wide, a, site, ny, tables.y_back, tables.factors, tables.work),
        )


@kernel
def convolve(m, Ms, h, S, scratch, lines):
    """Add the field of moments m (3 rows, nx) and Ms (rows, nx) to h (3 rows, nx); scratch is (threads, size)."""
    tables, stored = tables_of(lines, scratch[0]), pointer(S)
    groups = groups_of(lines, lanes_of(stored))
    for group in range(groups):
        rows_out(group, m, Ms, stored, lines, tables)
    for tile in range(lines.N.shape[2]):
        columns(tile, stored, lines, tables)
    for group in range(groups):
        rows_back(group, stored, h, lines, tables)


@parallel_kernel
def convolve_threads(m, Ms, h, S, scratch, lines):
    """`convolve` on several threads, with the same bits."""
    groups = groups_of(lines, lanes_of(pointer(S)))
    for group in prange(groups):
        # prange counts without sign
        rows_out(np.int64(group), m, Ms, pointer(S), lines, tables_of(lines, scratch[get_thread_id()]))
    for tile in prange(lines.N.shape[2]):
        columns(np.int64(tile), pointer(S), lines, tables_of(lines, scratch[get_thread_id()]))
    for group in prange(groups):
        rows_back(np.int64(group), pointer(S), h, lines, tables_of(lines, scratch[get_thread_id()]))
