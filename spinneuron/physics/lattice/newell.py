"""Demagnetizing tensor between equal boxes, averaged over both: what Newell, Williams and Dunlop have in closed form.

    H_i = -sum_j sum_cells N_ij(r - r') M_j(r'),        N_ij(R) = -(1/V) int_V int_V' d_i d_j 1/(4 pi |r - r' + R|)

Their second differences of f and g lose (distance/size)^6 of the digits, so that others join them to an expansion that
in turn fails for long boxes. Here ``1/r = (2/sqrt(pi)) int exp(-u^2 r^2) du`` makes every component one integral over u
of products of three functions of one coordinate each:

    N_xx = -(dy dz / dx) / (2 pi^(3/2)) int_0^inf t2(x) t0(y) t0(z) du
    N_xy = -dz / (2 pi^(3/2)) int_0^inf t1(x) t1(y) t0(z) du

where t0 is a Gaussian seen by two edges (both averages together weigh with a triangle) and t1, t2 are its slope and
curvature in units of the edge,

    t0(n) = int_-1^1 (1 - |s|) exp(-a^2 (n + s)^2) ds,        a = u d,        X = n d

None of them cancels, so that every component has 14 digits of the largest at its offset, at any distance and for boxes
of any shape; and the copies of a periodic lattice are a sum in each coordinate alone.

References
----------
A. J. Newell, W. Williams, D. J. Dunlop, J. Geophys. Res. 98, 9551 (1993): the tensor, in closed form.
"""

from __future__ import annotations

import math

import numpy as np

from spinneuron.compiled import inline, kernel, parallel_kernel, prange

# Gauss-Legendre rules: of the panels in u, and of averages over an edge in which the Gaussian varies little, or much.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_WIDE, _WIDE_WEIGHTS = 0.5 * np.array(np.polynomial.legendre.leggauss(8)) + [[0.5], [0.0]]
_NARROW, _NARROW_WEIGHTS = 0.5 * np.array(np.polynomial.legendre.leggauss(24)) + [[0.5], [0.0]]
# Beyond this argument a Gaussian is below one part in 1e16.
_SATURATED = 6.2
COMPONENTS = ("xx", "yy", "zz", "xy", "xz", "yz")


@inline
def edge_averages(n, a, nodes, weights):
    """Averages where the Gaussian is wider than the edge: ``t0(n)`` and ``t1(n) = dt0/dn``, by a rule on (0, 1)."""
    t0, t1 = 0.0, 0.0
    for i in range(nodes.size):
        s = nodes[i]
        ahead, behind = math.exp(-((a * (n + s)) ** 2)), math.exp(-((a * (n - s)) ** 2))
        t0 += weights[i] * (1.0 - s) * (ahead + behind)
        # ahead - behind, not as a difference
        t1 += weights[i] * math.expm1(-4.0 * a * a * n * s) * behind
    return t0, t1


@inline
def excess(z):
    """What a blurred ramp has above the sharp one: ``exp(-z^2) - sqrt(pi) z erfc(z)``, z >= 0."""
    return math.exp(-z * z) - math.sqrt(math.pi) * z * math.erfc(z)


@inline
def edge_differences(n, a):
    """``t0(n)`` and ``t1(n)`` where the Gaussian is narrower than the edge: differences of its integrals."""
    before, here, after = abs(a * (n - 1.0)), a * n, a * (n + 1.0)
    t0 = (excess(before) - 2.0 * excess(here) + excess(after)) / (2.0 * a * a)
    root = 0.5 * math.sqrt(math.pi) / a
    if n == 0.0:
        return t0 + 2.0 * root, 0.0
    return t0, -root * (math.erfc(before) - 2.0 * math.erfc(here) + math.erfc(after))


@inline
def edge(n, a):
    """``t0, t1, t2`` of two edges n >= 0 edges apart, in a Gaussian ``exp(-(a x)^2)``."""
    if a * (n - 1.0) > 6.5:
        return 0.0, 0.0, 0.0
    if a > 3.0:
        t0, t1 = edge_differences(n, a)
    elif a > 0.25:
        t0, t1 = edge_averages(n, a, _NARROW, _NARROW_WEIGHTS)
    else:
        t0, t1 = edge_averages(n, a, _WIDE, _WIDE_WEIGHTS)
    here = math.exp(-((a * n) ** 2))
    if a > 0.5:
        t2 = math.exp(-((a * (n - 1.0)) ** 2)) - 2.0 * here + math.exp(-((a * (n + 1.0)) ** 2))
    else:
        swing = math.sinh(a * a * n)
        t2 = 2.0 * here * (2.0 * swing * swing * math.exp(-a * a) + math.expm1(-a * a))
    return t0, t1, t2


@kernel
def edge_table(u, offsets, d, period, images):
    """``t0, t1, t2`` of every node and offset, (3, nodes, offsets), summed over ``images`` periods on either side."""
    table = np.zeros((3, u.size, offsets))
    for k in range(u.size):
        a = u[k] * d
        reach = min(float(images), (6.5 / a + 1.0) / period + 2.0) if images > 0 else 0.0
        for i in range(offsets):
            t0, t1, t2 = edge(float(i), a)
            for j in range(1, int(reach) + 1):
                # A copy ahead and one behind: |i| never reaches the period.
                p0, p1, p2 = edge(float(j * period + i), a)
                q0, q1, q2 = edge(float(j * period - i), a)
                t0, t1, t2 = t0 + (p0 + q0), t1 + (p1 - q1), t2 + (p2 + q2)
            # Half a period away, ahead and behind are the same cell: its odd parts cancel.
            if images > 0 and 2 * i == period:
                t1 = 0.0
            table[0, k, i], table[1, k, i], table[2, k, i] = t0, t1, t2
    return table


@parallel_kernel
def contract(weights, x, y, z, sizes):
    """Sum over the nodes of u of the products of three tables, (6, nz, ny, nx)."""
    nx, ny, nz = x.shape[2], y.shape[2], z.shape[2]
    dx, dy, dz = sizes
    out = np.zeros((6, nz, ny, nx))
    norm = -0.5 * math.pi**-1.5
    for row in prange(nz * ny):
        j, k = row % ny, row // ny
        for node in range(weights.size):
            w = norm * weights[node]
            xx = w * dy * dz / dx * y[0, node, j] * z[0, node, k]
            yy = w * dz * dx / dy * y[2, node, j] * z[0, node, k]
            zz = w * dx * dy / dz * y[0, node, j] * z[2, node, k]
            xy = w * dz * y[1, node, j] * z[0, node, k]
            xz = w * dy * y[0, node, j] * z[1, node, k]
            yz = w * dx * y[1, node, j] * z[1, node, k]
            for i in range(nx):
                t0, t1, t2 = x[0, node, i], x[1, node, i], x[2, node, i]
                out[0, k, j, i] += xx * t2
                out[1, k, j, i] += yy * t0
                out[2, k, j, i] += zz * t0
                out[3, k, j, i] += xy * t1
                out[4, k, j, i] += xz * t1
                out[5, k, j, i] += yz * t0
    return out


def quadrature(reach: float) -> tuple[np.ndarray, np.ndarray]:
    """Rule for ``int_0^inf du`` over products of the functions of edges.

    Panels, each twice as long as the one before or a little more, from where the farthest pair is still close to where
    the smallest edge is saturated; what lies beyond is a polynomial in 1/u.

    Parameters
    ----------
    reach : float [1]
        Largest distance, in units of the smallest edge.

    Returns
    -------
    nodes, weights : numpy.ndarray
    """
    first = 1.0 / reach
    panels = math.ceil(math.log(_SATURATED / first) / 0.8)
    ends = np.concatenate([[0.0], first * (_SATURATED / first) ** (np.arange(panels + 1) / panels)])
    half = 0.5 * np.diff(ends)[:, None]
    nodes = (ends[:-1, None] + half * (1.0 + _NODES)).ravel()
    v = (1.0 + _NODES) / (2.0 * _SATURATED)
    tail = _WEIGHTS / (2.0 * _SATURATED) / v**2
    return np.concatenate([nodes, 1.0 / v]), np.concatenate([(half * _WEIGHTS).ravel(), tail])


def tensor(
    counts: tuple[int, int, int], cell: tuple[float, float, float], periodic: tuple[int, int, int] = (0, 0, 0)
) -> np.ndarray:
    """Demagnetizing tensor of all offsets of a lattice.

    The diagonal components are even in each coordinate, N_ij is odd in i and in j: offsets below zero are mirrors. A
    periodic axis sums the given number of copies on either side, counted from the nearest one, so that every cell
    sees the same surroundings: half a period away the copies ahead and behind are one, and what is odd is zero there.

    Parameters
    ----------
    counts : tuple of int
        Cells along x, y, z.
    cell : tuple of float
        Size of a cell along x, y, z, in any unit: only ratios count.
    periodic : tuple of int
        Copies of the lattice on either side along x, y, z.

    Returns
    -------
    numpy.ndarray [1]
        Components (xx, yy, zz, xy, xz, yz) at offsets from 0 to n - 1 of an open axis and to n // 2 of a periodic
        one, (6, oz, oy, ox). The trace is 1 at the offset 0 and 0 elsewhere.
    """
    smallest = min(cell)
    sizes = tuple(d / smallest for d in cell)
    offsets = [n // 2 + 1 if images else n for n, images in zip(counts, periodic, strict=True)]
    spans = [n * (images + 1) for n, images in zip(counts, periodic, strict=True)]
    u, weights = quadrature(math.hypot(*(span * d for span, d in zip(spans, sizes, strict=True))))
    x, y, z = (edge_table(u, o, d, n, p) for o, d, n, p in zip(offsets, sizes, counts, periodic, strict=True))
    return contract(weights, x, y, z, sizes)
