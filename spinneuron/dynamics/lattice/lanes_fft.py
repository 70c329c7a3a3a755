"""Fast Fourier transform of one line of lattice sites for a register of replicas at once.

    Y_k = sum_j X_j exp(-2 pi i j k / n),    n = 2^a 3^b 5^c

Stockham's self-sorting form with radices 2 to 5 (Van Loan, Computational frameworks for the fast Fourier transform,
SIAM 1992, section 1.7). Every number is a vector over replicas, so that a butterfly has no loop and needs no shuffle,
and all replicas get the same instructions.

A line is found by the places of its real and its imaginary parts and the stride from site to site; the inverse
transform is the same with the parts exchanged on both sides. Lines that end in zeros (``given`` < n), or of which only
the beginning is wanted (``kept`` < n), skip half of the first or of the last radix 4.
"""

from __future__ import annotations

import math

import numpy as np

from spinneuron.compiled import inline, kernel
from spinneuron.dynamics.lattice.vectors import fill, lanes_of, load, store

ROOT3_HALF = math.sqrt(3.0) / 2.0
COS1, COS2 = math.cos(0.4 * math.pi), math.cos(0.8 * math.pi)
SIN1, SIN2 = math.sin(0.4 * math.pi), math.sin(0.8 * math.pi)
# what stands before the radices in a row of `way`
LENGTH, PASSES, TWIDDLES, RADICES = 0, 1, 2, 3


def smooth_length(least) -> int:
    """Smallest length from ``least`` on without prime factors beyond 5.

    Parameters
    ----------
    least : int

    Returns
    -------
    int
    """
    n = max(1, least)
    while math.prod(radices(n)) != n:
        n += 1
    return n


def radices(n, zeros_first=True) -> list[int]:
    """Radices of the passes of a transform, with a 4 where zeros can be skipped.

    Parameters
    ----------
    n : int
    zeros_first : bool
        Where a single 4 goes: first, for lines that end in zeros, or last, for lines of which half is kept.

    Returns
    -------
    list of int
        Their product is n, unless n has other prime factors.
    """
    found = {}
    for radix in (4, 2, 3, 5):
        found[radix] = 0
        while n % radix == 0:
            found[radix] += 1
            n //= radix
    fours, inner = [4] * found[4], [2] * found[2] + [3] * found[3] + [5] * found[5]
    if len(fours) > 1:
        return [4, *inner, *fours[1:]]
    return fours + inner if zeros_first else inner + fours


def way(n, zeros_first, start) -> tuple[list[int], np.ndarray]:
    """Plan of a transform: whole numbers, and factors between its passes.

    Parameters
    ----------
    n : int
        A smooth length.
    zeros_first : bool
        See :func:`radices`.
    start : int
        Place that the factors will have among those of other transforms.

    Returns
    -------
    list of int
        Length, number of passes, start, radices.
    numpy.ndarray
        Real and imaginary parts of exp(-2 pi i p j / (r m)) for each pass of radix r, for p < m, for 0 < j < r.
    """
    found, tables, m = radices(n, zeros_first), [np.empty(0)], n
    for radix in found:
        angle = -2.0 * np.pi / m * np.outer(np.arange(m // radix), np.arange(1, radix))
        tables.append(np.stack([np.cos(angle), np.sin(angle)], axis=-1).ravel())
        m //= radix
    return [n, len(found), start, *found], np.concatenate(tables)


@inline
def turned(re, im, cosine, sine):
    """Complex number times (cosine + i sine)."""
    return re * cosine - im * sine, re * sine + im * cosine


@inline
def put(y, place, yi, re, im):
    """Write a complex number, the imaginary part ``yi`` further on."""
    store(y, place, re)
    store(y, place + yi, im)


@inline
def two(ar, ai, br, bi):
    """Transform of two numbers."""
    return ar + br, ai + bi, ar - br, ai - bi


@inline
def three(ar, ai, br, bi, cr, ci):
    """Transform of three numbers."""
    tr, ti = br + cr, bi + ci
    dr, di = ROOT3_HALF * (br - cr), ROOT3_HALF * (bi - ci)
    mr, mi = ar - 0.5 * tr, ai - 0.5 * ti
    return ar + tr, ai + ti, mr + di, mi - dr, mr - di, mi + dr


@inline
def four(ar, ai, br, bi, cr, ci, dr, di):
    """Transform of four numbers."""
    sr, si, tr, ti = ar + cr, ai + ci, ar - cr, ai - ci
    ur, ui, vr, vi = br + dr, bi + di, br - dr, bi - di
    return sr + ur, si + ui, tr + vi, ti - vr, sr - ur, si - ui, tr - vi, ti + vr


@inline
def five(ar, ai, br, bi, cr, ci, dr, di, er, ei):
    """Transform of five numbers."""
    tr, ti, ur, ui = br + er, bi + ei, cr + dr, ci + di
    vr, vi, wr, wi = br - er, bi - ei, cr - dr, ci - di
    mr, mi = ar + COS1 * tr + COS2 * ur, ai + COS1 * ti + COS2 * ui
    nr, ni = ar + COS2 * tr + COS1 * ur, ai + COS2 * ti + COS1 * ui
    pr, pi = SIN1 * vr + SIN2 * wr, SIN1 * vi + SIN2 * wi
    qr, qi = SIN2 * vr - SIN1 * wr, SIN2 * vi - SIN1 * wi
    return ar + tr + ur, ai + ti + ui, mr + pi, mi - pr, nr + qi, ni - qr, nr - qi, ni + qr, mr - pi, mi + pr


@inline
def pass_two(x, xr, xi, xs, y, yr, yi, ys, m, s, w, t):
    """Pass of radix 2: from lines of 2 m to lines of m, s of each side by side."""
    for p in range(m):
        for q in range(s):
            a, b = (q + s * p) * xs, (q + s * (p + m)) * xs
            cr, ci, dr, di = two(load(x, xr + a), load(x, xi + a), load(x, xr + b), load(x, xi + b))
            if m > 1:
                dr, di = turned(dr, di, w[t + 2 * p], w[t + 2 * p + 1])
            place = yr + (q + 2 * s * p) * ys
            put(y, place, yi - yr, cr, ci)
            put(y, place + s * ys, yi - yr, dr, di)


@inline
def pass_three(x, xr, xi, xs, y, yr, yi, ys, m, s, w, t):
    """Pass of radix 3."""
    for p in range(m):
        for q in range(s):
            a, step = (q + s * p) * xs, s * m * xs
            b, c = a + step, a + 2 * step
            dr, di, er, ei, fr, fi = three(
                load(x, xr + a), load(x, xi + a), load(x, xr + b), load(x, xi + b), load(x, xr + c), load(x, xi + c)
            )
            if m > 1:
                k = t + 4 * p
                er, ei = turned(er, ei, w[k], w[k + 1])
                fr, fi = turned(fr, fi, w[k + 2], w[k + 3])
            place, step = yr + (q + 3 * s * p) * ys, s * ys
            put(y, place, yi - yr, dr, di)
            put(y, place + step, yi - yr, er, ei)
            put(y, place + 2 * step, yi - yr, fr, fi)


@inline
def pass_four(x, xr, xi, xs, y, yr, yi, ys, m, s, w, t):
    """Pass of radix 4."""
    for p in range(m):
        for q in range(s):
            a, step = (q + s * p) * xs, s * m * xs
            b, c, d = a + step, a + 2 * step, a + 3 * step
            er, ei, fr, fi, gr, gi, hr, hi = four(
                *(load(x, xr + a), load(x, xi + a), load(x, xr + b), load(x, xi + b)),
                *(load(x, xr + c), load(x, xi + c), load(x, xr + d), load(x, xi + d)),
            )
            if m > 1:
                k = t + 6 * p
                fr, fi = turned(fr, fi, w[k], w[k + 1])
                gr, gi = turned(gr, gi, w[k + 2], w[k + 3])
                hr, hi = turned(hr, hi, w[k + 4], w[k + 5])
            place, step = yr + (q + 4 * s * p) * ys, s * ys
            put(y, place, yi - yr, er, ei)
            put(y, place + step, yi - yr, fr, fi)
            put(y, place + 2 * step, yi - yr, gr, gi)
            put(y, place + 3 * step, yi - yr, hr, hi)


@inline
def pass_five(x, xr, xi, xs, y, yr, yi, ys, m, s, w, t):
    """Pass of radix 5."""
    for p in range(m):
        for q in range(s):
            a, step = (q + s * p) * xs, s * m * xs
            b, c, d, e = a + step, a + 2 * step, a + 3 * step, a + 4 * step
            fr, fi, gr, gi, hr, hi, kr, ki, lr, li = five(
                *(load(x, xr + a), load(x, xi + a), load(x, xr + b), load(x, xi + b)),
                *(load(x, xr + c), load(x, xi + c), load(x, xr + d), load(x, xi + d)),
                *(load(x, xr + e), load(x, xi + e)),
            )
            if m > 1:
                k = t + 8 * p
                gr, gi = turned(gr, gi, w[k], w[k + 1])
                hr, hi = turned(hr, hi, w[k + 2], w[k + 3])
                kr, ki = turned(kr, ki, w[k + 4], w[k + 5])
                lr, li = turned(lr, li, w[k + 6], w[k + 7])
            place, step = yr + (q + 5 * s * p) * ys, s * ys
            put(y, place, yi - yr, fr, fi)
            put(y, place + step, yi - yr, gr, gi)
            put(y, place + 2 * step, yi - yr, hr, hi)
            put(y, place + 3 * step, yi - yr, kr, ki)
            put(y, place + 4 * step, yi - yr, lr, li)


@inline
def pass_four_from_half(x, xr, xi, xs, y, yr, yi, ys, m, given, w, t):
    """First pass of radix 4 over a line of 4 m that ends in zeros, m <= given <= 2 m."""
    for p in range(m):
        a = p * xs
        br, bi = fill(x, 0.0), fill(x, 0.0)
        ar, ai = load(x, xr + a), load(x, xi + a)
        if p + m < given:
            br, bi = load(x, xr + a + m * xs), load(x, xi + a + m * xs)
        k, place = t + 6 * p, yr + 4 * p * ys
        put(y, place, yi - yr, ar + br, ai + bi)
        fr, fi = turned(ar + bi, ai - br, w[k], w[k + 1])
        put(y, place + ys, yi - yr, fr, fi)
        gr, gi = turned(ar - br, ai - bi, w[k + 2], w[k + 3])
        put(y, place + 2 * ys, yi - yr, gr, gi)
        hr, hi = turned(ar - bi, ai + br, w[k + 4], w[k + 5])
        put(y, place + 3 * ys, yi - yr, hr, hi)


@inline
def pass_four_to_half(x, xr, xi, xs, y, yr, yi, ys, s, kept):
    """Last pass of radix 4 over a line of 4 s of which the beginning is wanted, s <= kept <= 2 s."""
    for q in range(s):
        a, step = q * xs, s * xs
        b, c, d = a + step, a + 2 * step, a + 3 * step
        ar, ai, br, bi = load(x, xr + a), load(x, xi + a), load(x, xr + b), load(x, xi + b)
        cr, ci, dr, di = load(x, xr + c), load(x, xi + c), load(x, xr + d), load(x, xi + d)
        put(y, yr + q * ys, yi - yr, (ar + cr) + (br + dr), (ai + ci) + (bi + di))
        if q + s < kept:
            put(y, yr + (q + s) * ys, yi - yr, (ar - cr) + (bi - di), (ai - ci) - (br - dr))


@kernel
def moved(x, xr, xi, xs, given, y, yr, yi, ys, kept):
    """Copy ``kept`` sites, zeros where fewer are given."""
    nothing = fill(x, 0.0)
    for j in range(min(given, kept)):
        put(y, yr + j * ys, yi - yr, load(x, xr + j * xs), load(x, xi + j * xs))
    for j in range(given, kept):
        put(y, yr + j * ys, yi - yr, nothing, nothing)


@kernel
def transform(x, xr, xi, xs, given, y, yr, yi, ys, kept, way, w, work):
    """Fourier transform of a line at x, of which ``given`` sites are stored, to a line at y, of which ``kept`` are.

    All arrays are pointers: ``way`` and ``w`` are from :func:`way`; ``work`` has room for two lines of complex vectors.
    x and y may be the same line.
    """
    n, passes, t = way[LENGTH], way[PASSES], way[TWIDDLES]
    lanes = lanes_of(work)
    line = 2 * lanes * n
    half_in = passes > 1 and way[RADICES] == 4 and n <= 4 * given and 2 * given <= n
    half_out = passes > 1 and way[RADICES + passes - 1] == 4 and n <= 4 * kept and 2 * kept <= n
    a, other = x, 0
    if passes == 0 or (given < n and not half_in):
        moved(x, xr, xi, xs, given, work, 0, lanes, 2 * lanes, n)
        a, xr, xi, xs, other = work, 0, lanes, 2 * lanes, line
    m, s = n, 1
    for k in range(passes):
        radix = way[RADICES + k]
        m //= radix
        b, br, bi, bs = work, other, other + lanes, 2 * lanes
        if m == 1 and (kept == n or half_out):
            b, br, bi, bs = y, yr, yi, ys
        if k == 0 and half_in:
            pass_four_from_half(a, xr, xi, xs, b, br, bi, bs, m, given, w, t)
        elif m == 1 and half_out:
            pass_four_to_half(a, xr, xi, xs, b, br, bi, bs, s, kept)
        elif radix == 4:
            pass_four(a, xr, xi, xs, b, br, bi, bs, m, s, w, t)
        elif radix == 2:
            pass_two(a, xr, xi, xs, b, br, bi, bs, m, s, w, t)
        elif radix == 3:
            pass_three(a, xr, xi, xs, b, br, bi, bs, m, s, w, t)
        else:
            pass_five(a, xr, xi, xs, b, br, bi, bs, m, s, w, t)
        a, xr, xi, xs, other = b, br, bi, bs, line - other
        t += 2 * (radix - 1) * m
        s *= radix
    if kept < n and not half_out or passes == 0:
        moved(a, xr, xi, xs, n, y, yr, yi, ys, kept)
