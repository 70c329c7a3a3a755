"""Fourier transforms of three, four, five, eight and ten complex numbers: ``Y_k = sum_j X_j exp(-2 pi i j k / n)``.

A number is a pair (real, imaginary) of anything that adds and multiplies, here of vectors over replicas. Eight goes by
two fours (Cooley and Tukey); ten by two fives without factors in between, since 2 and 5 have no common divisor (Good
and Thomas). Source: Nussbaumer, Fast Fourier Transform and Convolution Algorithms, Springer (1982), chapter 5.
"""

from __future__ import annotations

import math

from spinneuron.compiled import inline

ROOT2_HALF, ROOT3_HALF = math.sqrt(0.5), math.sqrt(0.75)
COS1, COS2 = math.cos(0.4 * math.pi), math.cos(0.8 * math.pi)
SIN1, SIN2 = math.sin(0.4 * math.pi), math.sin(0.8 * math.pi)


@inline
def plus(a, b):
    """``a + b``."""
    return a[0] + b[0], a[1] + b[1]


@inline
def minus(a, b):
    """``a - b``."""
    return a[0] - b[0], a[1] - b[1]


@inline
def plus_i(a, b):
    """``a + i b``."""
    return a[0] - b[1], a[1] + b[0]


@inline
def minus_i(a, b):
    """``a - i b``."""
    return a[0] + b[1], a[1] - b[0]


@inline
def scaled(factor, a):
    """``factor a`` for a real factor."""
    return factor * a[0], factor * a[1]


@inline
def turned(a, w, k):
    """``a (w[k] + i w[k + 1])``."""
    return a[0] * w[k] - a[1] * w[k + 1], a[0] * w[k + 1] + a[1] * w[k]


@inline
def three(a, b, c):
    """Transform of three numbers."""
    t, d = plus(b, c), scaled(ROOT3_HALF, minus(b, c))
    m = minus(a, scaled(0.5, t))
    return plus(a, t), minus_i(m, d), plus_i(m, d)


@inline
def four(a, b, c, d):
    """Transform of four numbers."""
    s, t, u, v = plus(a, c), minus(a, c), plus(b, d), minus(b, d)
    return plus(s, u), minus_i(t, v), minus(s, u), plus_i(t, v)


@inline
def four_from_half(a, b):
    """Transform of four numbers of which the last two are 0."""
    return plus(a, b), minus_i(a, b), minus(a, b), plus_i(a, b)


@inline
def four_to_half(a, b, c, d):
    """First two of the transform of four numbers."""
    return plus(plus(a, c), plus(b, d)), minus_i(minus(a, c), minus(b, d))


@inline
def five(a, b, c, d, e):
    """Transform of five numbers."""
    t, u, v, w = plus(b, e), plus(c, d), minus(b, e), minus(c, d)
    m = plus(plus(a, scaled(COS1, t)), scaled(COS2, u))
    n = plus(plus(a, scaled(COS2, t)), scaled(COS1, u))
    p, q = plus(scaled(SIN1, v), scaled(SIN2, w)), minus(scaled(SIN2, v), scaled(SIN1, w))
    return plus(plus(a, t), u), minus_i(m, p), minus_i(n, q), plus_i(n, q), plus_i(m, p)


@inline
def eighths(b, c, d):
    """``b exp(-i pi/4), c exp(-i pi/2), d exp(-3 i pi/4)``."""
    return scaled(ROOT2_HALF, minus_i(b, b)), (c[1], -c[0]), scaled(-ROOT2_HALF, plus_i(d, d))


@inline
def eight(a, b, c, d, e, f, g, h):
    """Transform of eight numbers."""
    r, s, t = eighths(minus(b, f), minus(c, g), minus(d, h))
    k, m, o, q = four(plus(a, e), plus(b, f), plus(c, g), plus(d, h))
    j, n, p, u = four(minus(a, e), r, s, t)
    return k, j, m, n, o, p, q, u


@inline
def eight_from_half(a, b, c, d):
    """Transform of eight numbers of which the last four are 0."""
    r, s, t = eighths(b, c, d)
    k, m, o, q = four(a, b, c, d)
    j, n, p, u = four(a, r, s, t)
    return k, j, m, n, o, p, q, u


@inline
def eight_to_half(a, b, c, d, e, f, g, h):
    """First four of the transform of eight numbers."""
    r, s, t = eighths(minus(b, f), minus(c, g), minus(d, h))
    k, m = four_to_half(plus(a, e), plus(b, f), plus(c, g), plus(d, h))
    j, n = four_to_half(minus(a, e), r, s, t)
    return k, j, m, n


@inline
def ten(a, b, c, d, e, f, g, h, j, k):
    """Transform of ten numbers."""
    m, s, o, u, q = five(plus(a, f), plus(c, h), plus(e, k), plus(g, b), plus(j, d))
    r, n, t, p, v = five(minus(a, f), minus(c, h), minus(e, k), minus(g, b), minus(j, d))
    return m, n, o, p, q, r, s, t, u, v
