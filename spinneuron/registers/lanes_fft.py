"""Fast Fourier transform of one line of lattice sites for a register of replicas at once.

    Y_k = sum_j X_j exp(-2 pi i j k / n),    n = 2^a 3^b 5^c

Stockham's self-sorting form (Van Loan, Computational Frameworks for the Fast Fourier Transform, SIAM 1992, section
1.7) with radices 2, 3, 4, 5, 8 and 10. Every number is a vector over replicas, so that a butterfly has no loop and
needs no shuffle, and all replicas get the same instructions.

A line is found by the places of its real and its imaginary parts and the stride from site to site; the inverse
transform is the same with the parts exchanged on both sides. Lines that end in zeros (``given`` < n), or of which only
the beginning is wanted (``kept`` < n), skip half of the first or of the last pass, if it has radix 4 or 8.
"""

from __future__ import annotations

import math

import numpy as np

from spinneuron.compiled import inline, kernel
from spinneuron.registers import butterflies
from spinneuron.registers.butterflies import minus, plus, turned
from spinneuron.registers.vectors import fill, lanes_of, load, store

# what stands before the radices in a plan made by `way`
LENGTH, PASSES, FACTORS, RADICES = 0, 1, 2, 3


def radices(n) -> list[int]:
    """Radices of the passes of a transform of a line that ends in zeros; in reverse, of one that keeps half.

    As few passes as possible, an 8 or a 4 where zeros are skipped.

    Parameters
    ----------
    n : int

    Returns
    -------
    list of int
        Their product is n, unless n has prime factors beyond 5.
    """
    powers = {}
    for prime in (2, 3, 5):
        powers[prime] = 0
        while n % prime == 0:
            powers[prime] += 1
            n //= prime
    eights, twos = divmod(powers[2], 3)
    tens = int(twos == 1 and powers[5] > 0)
    if twos == 1 and eights > 0 and not tens:
        eights, fours, twos = eights - 1, 2, 0
    else:
        fours, twos = twos // 2, twos % 2 - tens
    return [8] * eights + [4] * fours + [2] * twos + [3] * powers[3] + [5] * (powers[5] - tens) + [10] * tens


def is_smooth(n) -> bool:
    """Whether a length has no prime factors beyond 5.

    Parameters
    ----------
    n : int

    Returns
    -------
    bool
    """
    return math.prod(radices(n)) == n


def way(n, keeps_half, first) -> tuple[list[int], np.ndarray]:
    """Plan of a transform: whole numbers, and factors between its passes.

    Parameters
    ----------
    n : int
        A smooth length.
    keeps_half : bool
        Whether rather the last pass should skip half than the first.
    first : int
        Place that the factors will have among those of other transforms.

    Returns
    -------
    list of int
        Length, number of passes, `first`, radices.
    numpy.ndarray
        Real and imaginary parts of exp(-2 pi i p j / (r m)) for each pass of radix r, for p < m, for 0 < j < r.
    """
    found, tables, m = radices(n)[:: -1 if keeps_half else 1], [np.empty(0)], n
    for radix in found:
        angle = -2.0 * np.pi / m * np.outer(np.arange(m // radix), np.arange(1, radix))
        tables.append(np.stack([np.cos(angle), np.sin(angle)], axis=-1).ravel())
        m //= radix
    return [n, len(found), first, *found], np.concatenate(tables)


@inline
def get(x, re, im, i):
    """Read a complex number."""
    return load(x, re + i), load(x, im + i)


@inline
def put(y, re, im, i, a):
    """Write a complex number."""
    store(y, re + i, a[0])
    store(y, im + i, a[1])


@inline
def pass_two(x, xr, xi, xs, y, yr, yi, ys, m, s, w, t):
    """Pass of radix 2: from s interleaved lines of 2 m to 2 s lines of m."""
    for p in range(m):
        for q in range(s):
            i, n = (q + s * p) * xs, s * m * xs
            a, b = get(x, xr, xi, i), get(x, xr, xi, i + n)
            a, b = plus(a, b), minus(a, b)
            i, n, k = (q + 2 * s * p) * ys, s * ys, t + 2 * p
            if m > 1:
                b = turned(b, w, k)
            put(y, yr, yi, i, a)
            put(y, yr, yi, i + n, b)


@inline
def pass_three(x, xr, xi, xs, y, yr, yi, ys, m, s, w, t):
    """Pass of radix 3: from s interleaved lines of 3 m to 3 s lines of m."""
    for p in range(m):
        for q in range(s):
            i, n = (q + s * p) * xs, s * m * xs
            a, b = get(x, xr, xi, i), get(x, xr, xi, i + n)
            c = get(x, xr, xi, i + 2 * n)
            a, b, c = butterflies.three(a, b, c)
            i, n, k = (q + 3 * s * p) * ys, s * ys, t + 4 * p
            if m > 1:
                b, c = turned(b, w, k), turned(c, w, k + 2)
            put(y, yr, yi, i, a)
            put(y, yr, yi, i + n, b)
            put(y, yr, yi, i + 2 * n, c)


@inline
def pass_four(x, xr, xi, xs, y, yr, yi, ys, m, s, w, t):
    """Pass of radix 4: from s interleaved lines of 4 m to 4 s lines of m."""
    for p in range(m):
        for q in range(s):
            i, n = (q + s * p) * xs, s * m * xs
            a, b = get(x, xr, xi, i), get(x, xr, xi, i + n)
            c, d = get(x, xr, xi, i + 2 * n), get(x, xr, xi, i + 3 * n)
            a, b, c, d = butterflies.four(a, b, c, d)
            i, n, k = (q + 4 * s * p) * ys, s * ys, t + 6 * p
            if m > 1:
                b, c, d = turned(b, w, k), turned(c, w, k + 2), turned(d, w, k + 4)
            put(y, yr, yi, i, a)
            put(y, yr, yi, i + n, b)
            put(y, yr, yi, i + 2 * n, c)
            put(y, yr, yi, i + 3 * n, d)


@inline
def pass_five(x, xr, xi, xs, y, yr, yi, ys, m, s, w, t):
    """Pass of radix 5: from s interleaved lines of 5 m to 5 s lines of m."""
    for p in range(m):
        for q in range(s):
            i, n = (q + s * p) * xs, s * m * xs
            a, b = get(x, xr, xi, i), get(x, xr, xi, i + n)
            c, d = get(x, xr, xi, i + 2 * n), get(x, xr, xi, i + 3 * n)
            e = get(x, xr, xi, i + 4 * n)
            a, b, c, d, e = butterflies.five(a, b, c, d, e)
            i, n, k = (q + 5 * s * p) * ys, s * ys, t + 8 * p
            if m > 1:
                b, c, d = turned(b, w, k), turned(c, w, k + 2), turned(d, w, k + 4)
                e = turned(e, w, k + 6)
            put(y, yr, yi, i, a)
            put(y, yr, yi, i + n, b)
            put(y, yr, yi, i + 2 * n, c)
            put(y, yr, yi, i + 3 * n, d)
            put(y, yr, yi, i + 4 * n, e)


@inline
def pass_eight(x, xr, xi, xs, y, yr, yi, ys, m, s, w, t):
    """Pass of radix 8: from s interleaved lines of 8 m to 8 s lines of m."""
    for p in range(m):
        for q in range(s):
            i, n = (q + s * p) * xs, s * m * xs
            a, b = get(x, xr, xi, i), get(x, xr, xi, i + n)
            c, d = get(x, xr, xi, i + 2 * n), get(x, xr, xi, i + 3 * n)
            e, f = get(x, xr, xi, i + 4 * n), get(x, xr, xi, i + 5 * n)
            g, h = get(x, xr, xi, i + 6 * n), get(x, xr, xi, i + 7 * n)
            a, b, c, d, e, f, g, h = butterflies.eight(a, b, c, d, e, f, g, h)
            i, n, k = (q + 8 * s * p) * ys, s * ys, t + 14 * p
            if m > 1:
                b, c, d = turned(b, w, k), turned(c, w, k + 2), turned(d, w, k + 4)
                e, f, g = turned(e, w, k + 6), turned(f, w, k + 8), turned(g, w, k + 10)
                h = turned(h, w, k + 12)
            put(y, yr, yi, i, a)
            put(y, yr, yi, i + n, b)
            put(y, yr, yi, i + 2 * n, c)
            put(y, yr, yi, i + 3 * n, d)
            put(y, yr, yi, i + 4 * n, e)
            put(y, yr, yi, i + 5 * n, f)
            put(y, yr, yi, i + 6 * n, g)
            put(y, yr, yi, i + 7 * n, h)


@inline
def pass_ten(x, xr, xi, xs, y, yr, yi, ys, m, s, w, t):
    """Pass of radix 10: from s interleaved lines of 10 m to 10 s lines of m."""
    for p in range(m):
        for q in range(s):
            i, n = (q + s * p) * xs, s * m * xs
            a, b = get(x, xr, xi, i), get(x, xr, xi, i + n)
            c, d = get(x, xr, xi, i + 2 * n), get(x, xr, xi, i + 3 * n)
            e, f = get(x, xr, xi, i + 4 * n), get(x, xr, xi, i + 5 * n)
            g, h = get(x, xr, xi, i + 6 * n), get(x, xr, xi, i + 7 * n)
            j, k = get(x, xr, xi, i + 8 * n), get(x, xr, xi, i + 9 * n)
            a, b, c, d, e, f, g, h, j, k = butterflies.ten(a, b, c, d, e, f, g, h, j, k)
            i, n, u = (q + 10 * s * p) * ys, s * ys, t + 18 * p
            if m > 1:
                b, c, d = turned(b, w, u), turned(c, w, u + 2), turned(d, w, u + 4)
                e, f, g = turned(e, w, u + 6), turned(f, w, u + 8), turned(g, w, u + 10)
                h, j, k = turned(h, w, u + 12), turned(j, w, u + 14), turned(k, w, u + 16)
            put(y, yr, yi, i, a)
            put(y, yr, yi, i + n, b)
            put(y, yr, yi, i + 2 * n, c)
            put(y, yr, yi, i + 3 * n, d)
            put(y, yr, yi, i + 4 * n, e)
            put(y, yr, yi, i + 5 * n, f)
            put(y, yr, yi, i + 6 * n, g)
            put(y, yr, yi, i + 7 * n, h)
            put(y, yr, yi, i + 8 * n, j)
            put(y, yr, yi, i + 9 * n, k)


@inline
def pass_four_from_half(x, xr, xi, xs, y, yr, yi, ys, m, given, w, t):
    """First pass of radix 4 over a line of 4 m that ends in zeros, m <= given <= 2 m."""
    for p in range(m):
        i, n = p * xs, m * xs
        a, b = get(x, xr, xi, i), (fill(x, 0.0), fill(x, 0.0))
        if p + m < given:
            b = get(x, xr, xi, i + n)
        a, b, c, d = butterflies.four_from_half(a, b)
        i, k = 4 * p * ys, t + 6 * p
        put(y, yr, yi, i, a)
        put(y, yr, yi, i + ys, turned(b, w, k))
        put(y, yr, yi, i + 2 * ys, turned(c, w, k + 2))
        put(y, yr, yi, i + 3 * ys, turned(d, w, k + 4))


@inline
def pass_eight_from_half(x, xr, xi, xs, y, yr, yi, ys, m, given, w, t):
    """First pass of radix 8 over a line of 8 m that ends in zeros, 3 m <= given <= 4 m."""
    for p in range(m):
        i, n = p * xs, m * xs
        a, b, c = get(x, xr, xi, i), get(x, xr, xi, i + n), get(x, xr, xi, i + 2 * n)
        d = fill(x, 0.0), fill(x, 0.0)
        if p + 3 * m < given:
            d = get(x, xr, xi, i + 3 * n)
        a, b, c, d, e, f, g, h = butterflies.eight_from_half(a, b, c, d)
        i, k = 8 * p * ys, t + 14 * p
        put(y, yr, yi, i, a)
        put(y, yr, yi, i + ys, turned(b, w, k))
        put(y, yr, yi, i + 2 * ys, turned(c, w, k + 2))
        put(y, yr, yi, i + 3 * ys, turned(d, w, k + 4))
        put(y, yr, yi, i + 4 * ys, turned(e, w, k + 6))
        put(y, yr, yi, i + 5 * ys, turned(f, w, k + 8))
        put(y, yr, yi, i + 6 * ys, turned(g, w, k + 10))
        put(y, yr, yi, i + 7 * ys, turned(h, w, k + 12))


@inline
def pass_four_to_half(x, xr, xi, xs, y, yr, yi, ys, s, kept):
    """Last pass of radix 4 over a line of 4 s of which the beginning is wanted, s <= kept <= 2 s."""
    for q in range(s):
        i, n = q * xs, s * xs
        a, b = get(x, xr, xi, i), get(x, xr, xi, i + n)
        c, d = get(x, xr, xi, i + 2 * n), get(x, xr, xi, i + 3 * n)
        a, b = butterflies.four_to_half(a, b, c, d)
        put(y, yr, yi, q * ys, a)
        if q + s < kept:
            put(y, yr, yi, (q + s) * ys, b)


@inline
def pass_eight_to_half(x, xr, xi, xs, y, yr, yi, ys, s, kept):
    """Last pass of radix 8 over a line of 8 s of which the beginning is wanted, 3 s <= kept <= 4 s."""
    for q in range(s):
        i, n = q * xs, s * xs
        a, b = get(x, xr, xi, i), get(x, xr, xi, i + n)
        c, d = get(x, xr, xi, i + 2 * n), get(x, xr, xi, i + 3 * n)
        e, f = get(x, xr, xi, i + 4 * n), get(x, xr, xi, i + 5 * n)
        g, h = get(x, xr, xi, i + 6 * n), get(x, xr, xi, i + 7 * n)
        a, b, c, d = butterflies.eight_to_half(a, b, c, d, e, f, g, h)
        put(y, yr, yi, q * ys, a)
        put(y, yr, yi, (q + s) * ys, b)
        put(y, yr, yi, (q + 2 * s) * ys, c)
        if q + 3 * s < kept:
            put(y, yr, yi, (q + 3 * s) * ys, d)


@kernel
def moved(x, xr, xi, xs, given, y, yr, yi, ys, kept):
    """Copy ``kept`` sites, zeros where fewer are given."""
    for j in range(min(given, kept)):
        put(y, yr, yi, j * ys, get(x, xr, xi, j * xs))
    for j in range(given, kept):
        put(y, yr, yi, j * ys, (fill(x, 0.0), fill(x, 0.0)))


@inline
def skips(radix, part, n):
    """Whether a pass at the end of a transform has a form for ``part`` of n sites."""
    return ((radix == 4 and n <= 4 * part) or (radix == 8 and 3 * n <= 8 * part)) and 2 * part <= n


@inline
def full_pass(radix, x, xr, xi, xs, y, yr, yi, ys, m, s, w, t):
    """Pass of any radix."""
    if radix == 2:
        pass_two(x, xr, xi, xs, y, yr, yi, ys, m, s, w, t)
    elif radix == 3:
        pass_three(x, xr, xi, xs, y, yr, yi, ys, m, s, w, t)
    elif radix == 4:
        pass_four(x, xr, xi, xs, y, yr, yi, ys, m, s, w, t)
    elif radix == 5:
        pass_five(x, xr, xi, xs, y, yr, yi, ys, m, s, w, t)
    elif radix == 8:
        pass_eight(x, xr, xi, xs, y, yr, yi, ys, m, s, w, t)
    else:
        pass_ten(x, xr, xi, xs, y, yr, yi, ys, m, s, w, t)


@kernel
def transform(x, xr, xi, xs, given, y, yr, yi, ys, kept, way, w, work):
    """Fourier transform of a line at x, of which ``given`` sites are stored, to a line at y, of which ``kept`` are.

    All arrays are pointers: ``way`` and ``w`` come from :func:`way`; ``work`` has room for two lines of complex
    vectors. x and y may be the same line.
    """
    n, passes, t, lanes = way[LENGTH], way[PASSES], way[FACTORS], lanes_of(work)
    from_half = passes > 1 and skips(way[RADICES], given, n)
    to_half = passes > 1 and skips(way[RADICES + passes - 1], kept, n)
    # lines in `work`: the one that is read, if any, and the other
    a, line, other = x, 2 * lanes * n, 0
    if passes == 0 or (given < n and not from_half):
        moved(x, xr, xi, xs, given, work, 0, lanes, 2 * lanes, n)
        a, xr, xi, xs, other = work, 0, lanes, 2 * lanes, line
    m = n
    for k in range(passes):
        radix = way[RADICES + k]
        m //= radix
        s = n // (radix * m)
        b, br, bi, bs = work, other, other + lanes, 2 * lanes
        if m == 1 and (kept == n or to_half):
            b, br, bi, bs = y, yr, yi, ys
        if k == 0 and from_half:
            if radix == 4:
                pass_four_from_half(a, xr, xi, xs, b, br, bi, bs, m, given, w, t)
            else:
                pass_eight_from_half(a, xr, xi, xs, b, br, bi, bs, m, given, w, t)
        elif m == 1 and to_half:
            if radix == 4:
                pass_four_to_half(a, xr, xi, xs, b, br, bi, bs, s, kept)
            else:
                pass_eight_to_half(a, xr, xi, xs, b, br, bi, bs, s, kept)
        else:
            full_pass(radix, a, xr, xi, xs, b, br, bi, bs, m, s, w, t)
        a, xr, xi, xs, other = b, br, bi, bs, line - other
        t += 2 * (radix - 1) * m
    if passes == 0 or (kept < n and not to_half):
        moved(a, xr, xi, xs, n, y, yr, yi, ys, kept)
