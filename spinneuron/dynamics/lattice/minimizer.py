"""Descent to a state at rest: `minimize`, by steps of Barzilai and Borwein on the sphere.

A moment turns about m x (m x H) by the rule of the midpoint, which keeps its length:

    m' = [(4 - s^2 |m x H|^2) m - 4 s m x (m x H)] / (4 + s^2 |m x H|^2)

and the step s is, in turn, dm.dm / dm.dg and dm.dg / dg.dg, with the changes dm of the moments and dg of the gradients
g = m x (m x H) in the last step. Source: L. Exl, S. Bance, F. Reichel, T. Schrefl, H. P. Stimming, N. J. Mauser, J.
Appl. Phys. 115, 17D118 (2014).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from spinneuron.compiled import kernel
from spinneuron.dynamics.lattice.motion import FieldOf

# no moment turns further than this in a step, whatever the curvature says [rad]
LARGEST_TURN = 0.5
FIRST_TURN = 1e-2


class Descent(NamedTuple):
    """How a descent ended.

    Attributes
    ----------
    torque : float [A/m]
        Largest |m x H| that is left.
    steps : int
    converged : bool
    """

    torque: float
    steps: int
    converged: bool


@kernel
def turn(m, h, s, before):
    """Turn moments ``m`` (3, cells) by a step ``s`` [m/A] in the field ``h``; ``before`` takes what they were."""
    for i in range(m.shape[1]):
        x, y, z = m[0, i], m[1, i], m[2, i]
        before[0, i], before[1, i], before[2, i] = x, y, z
        cx, cy, cz = y * h[2, i] - z * h[1, i], z * h[0, i] - x * h[2, i], x * h[1, i] - y * h[0, i]
        square = s * s * (cx * cx + cy * cy + cz * cz)
        keep, push = (4.0 - square) / (4.0 + square), 4.0 * s / (4.0 + square)
        m[0, i] = keep * x - push * (y * cz - z * cy)
        m[1, i] = keep * y - push * (z * cx - x * cz)
        m[2, i] = keep * z - push * (x * cy - y * cx)


@kernel
def renew(m, h, g, before):
    """Make ``g`` the gradient m x (m x H); return dm.dm, dm.dg, dg.dg since ``before`` and the largest torque."""
    moved = both = steeper = worst = 0.0
    for i in range(m.shape[1]):
        x, y, z = m[0, i], m[1, i], m[2, i]
        cx, cy, cz = y * h[2, i] - z * h[1, i], z * h[0, i] - x * h[2, i], x * h[1, i] - y * h[0, i]
        gx, gy, gz = y * cz - z * cy, z * cx - x * cz, x * cy - y * cx
        dx, dy, dz = x - before[0, i], y - before[1, i], z - before[2, i]
        ex, ey, ez = gx - g[0, i], gy - g[1, i], gz - g[2, i]
        g[0, i], g[1, i], g[2, i] = gx, gy, gz
        moved += dx * dx + dy * dy + dz * dz
        both += dx * ex + dy * ey + dz * ez
        steeper += ex * ex + ey * ey + ez * ez
        square = cx * cx + cy * cy + cz * cz
        worst = square if square > worst or square != square else worst
    return moved, both, steeper, math.sqrt(worst)


def minimize(
    field: FieldOf,
    m: np.ndarray,
    *,
    tolerance: float,
    most: int,
    progress: Callable[[Descent], None] | None = None,
) -> Descent:
    """Bring moments to rest, in place.

    Parameters
    ----------
    field : callable
        Writes the field [A/m] of moments (3, nz, ny, nx) at time 0 into its second argument.
    m : numpy.ndarray [1]
        (3, nz, ny, nx), contiguous.
    tolerance : float [A/m]
        Largest |m x H| of a state at rest.
    most : int
        Steps.
    progress : callable, optional
        Called after every hundredth step.

    Returns
    -------
    Descent

    Raises
    ------
    FloatingPointError
        If the field is not finite.
    """
    h, g, before = np.zeros_like(m), np.zeros_like(m), m.copy()
    flat = [one.reshape(3, -1) for one in (m, h, g, before)]
    field(m, h, 0.0)
    torque = renew(*flat)[3]
    step = FIRST_TURN / max(torque, 1e-300)
    for count in range(most):
        if not math.isfinite(torque):
            raise FloatingPointError("the field is not finite")
        if torque <= tolerance:
            return Descent(torque, count, True)
        if progress and count % 100 == 99:
            progress(Descent(torque, count, False))
        turn(flat[0], flat[1], min(step, LARGEST_TURN / torque), flat[3])
        field(m, h, 0.0)
        moved, both, steeper, torque = renew(*flat)
        # along a direction in which the energy is concave both are negative, and their size is still a fair step
        over, under = (moved, abs(both)) if count % 2 else (abs(both), steeper)
        step = over / under if under > 0.0 else FIRST_TURN / max(torque, 1e-300)
    return Descent(torque, most, torque <= tolerance)
