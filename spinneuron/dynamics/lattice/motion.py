"""Kernels of the motion of a lattice: slopes, combinations of slopes, lengths, torques.

    dm/dt = -gamma' [m x H + alpha m x (m x H)],    gamma' = gamma0 / (1 + alpha^2)

(Landau-Lifshitz-Gilbert with the damping resolved; torques are part of H, as in `dynamics.steppers`). Without
precession the first part is left out, and the motion runs down the energy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from spinneuron.compiled import inline, kernel
from spinneuron.physics.lattice.term import Term

FieldOf = Callable[[np.ndarray, np.ndarray, float], None]
"""Writes the field [A/m] of moments at a time [s] into its second argument, (3, nz, ny, nx)."""

# elements of a pass that stay in the fastest cache
_BLOCK = 2048


def total(terms: Sequence[Term]) -> FieldOf:
    """Sum of terms.

    Parameters
    ----------
    terms : sequence of Term

    Returns
    -------
    callable
    """

    def field(m, h, t):
        h[:] = 0.0
        for term in terms:
            term.add(m, h, t)

    return field


@inline
def slope_of(x, y, z, hx, hy, hz, rate, a, precession):
    """Slope of a moment (x, y, z), or of a vector of moments."""
    cx, cy, cz = y * hz - z * hy, z * hx - x * hz, x * hy - y * hx
    return (
        -rate * (precession * cx + a * (y * cz - z * cy)),
        -rate * (precession * cy + a * (z * cx - x * cz)),
        -rate * (precession * cz + a * (x * cy - y * cx)),
    )


@kernel
def slope(m, h, k, rate, alpha, precession):
    """Slopes ``k`` of moments ``m`` in fields ``h``, all (3, cells); ``rate`` = gamma' and alpha are (cells)."""
    for i in range(m.shape[1]):
        k[0, i], k[1, i], k[2, i] = slope_of(
            m[0, i], m[1, i], m[2, i], h[0, i], h[1, i], h[2, i], rate[i], alpha[i], precession
        )


@kernel
def combine(m, slopes, weights, out):
    """``out = m + sum_j weights_j slopes_j``; ``slopes`` (stages, size), the others flat."""
    for first in range(0, len(m), _BLOCK):
        # slices, whose indices are seen not to be negative
        start, sums = m[first : first + _BLOCK], out[first : first + _BLOCK]
        for i in range(len(start)):
            sums[i] = start[i]
        for j in range(len(weights)):
            w, k = weights[j], slopes[j, first : first + _BLOCK]
            if w != 0.0:
                for i in range(len(start)):
                    sums[i] += w * k[i]


@kernel
def normalize(m):
    """Scale moments (3, cells) to length 1; those of length 0 stay."""
    for i in range(m.shape[1]):
        square = m[0, i] * m[0, i] + m[1, i] * m[1, i] + m[2, i] * m[2, i]
        scale = 1.0 / math.sqrt(square) if square > 0.0 else 0.0
        m[0, i] *= scale
        m[1, i] *= scale
        m[2, i] *= scale


@kernel
def largest_error(slopes, weights):
    """Largest length of ``sum_j weights_j slopes_j`` of any cell; ``slopes`` (stages, 3, cells). NaN is kept."""
    worst, sums = 0.0, np.empty((3, _BLOCK))
    for first in range(0, slopes.shape[2], _BLOCK):
        size = min(_BLOCK, slopes.shape[2] - first)
        sums[:] = 0.0
        for j in range(len(weights)):
            w = weights[j]
            if w != 0.0:
                for c in range(3):
                    out, k = sums[c], slopes[j, c, first : first + size]
                    for i in range(size):
                        out[i] += w * k[i]
        for i in range(size):
            square = sums[0, i] * sums[0, i] + sums[1, i] * sums[1, i] + sums[2, i] * sums[2, i]
            worst = square if square > worst or square != square else worst
    return math.sqrt(worst)


@kernel
def largest_torque(m, h):
    """Largest ``|m x H|`` of any cell [A/m], of arrays (3, cells). NaN is kept."""
    worst = 0.0
    for i in range(m.shape[1]):
        x, y, z = m[0, i], m[1, i], m[2, i]
        cx, cy, cz = y * h[2, i] - z * h[1, i], z * h[0, i] - x * h[2, i], x * h[1, i] - y * h[0, i]
        square = cx * cx + cy * cy + cz * cz
        worst = square if square > worst or square != square else worst
    return math.sqrt(worst)
