"""Adaptive Runge-Kutta 5(4) for moments at T = 0: every lane chooses its own step.

The drive is linear between consecutive stops, and every stop is met exactly, so that the fifth order survives the
kinks of a waveform. Source: Dormand, Prince, J. Comput. Appl. Math. 6, 19 (1980).
"""

from __future__ import annotations

import math

import numpy as np

from spinneuron.compiled import inline, kernel, parallel_kernel, prange
from spinneuron.dynamics.macrospin import QUARTIC
from spinneuron.dynamics.steppers import cross, rotation
from spinneuron.physics.fields import Fields, Quartic
from spinneuron.physics.torques import Torques
from spinneuron.physics.transport import Transport

STEPS_PER_STOP = 1_000_000


@inline
def _slope(x, y, z, drive, f, t, c, alpha):
    """``dm/dt = m x Omega`` without noise."""
    ox, oy, oz = rotation(x, y, z, drive, 0.0, 0.0, 0.0, f, t, c, alpha)
    return cross(x, y, z, ox, oy, oz)


@inline
def dormand_prince_step(x, y, z, k, start, slope, h, f, t, c, alpha):
    """One trial step: the new moment, its slope and the estimate of the error; ``k`` is the slope at the start."""
    ax, ay, az = k
    u = h / 5.0
    bx, by, bz = _slope(x + u * ax, y + u * ay, z + u * az, start + slope * u, f, t, c, alpha)
    p, q = h * 3.0 / 40.0, h * 9.0 / 40.0
    cx, cy, cz = _slope(
        x + p * ax + q * bx, y + p * ay + q * by, z + p * az + q * bz, start + slope * h * 0.3, f, t, c, alpha
    )
    p, q, r = h * 44.0 / 45.0, -h * 56.0 / 15.0, h * 32.0 / 9.0
    dx, dy, dz = _slope(
        x + p * ax + q * bx + r * cx,
        y + p * ay + q * by + r * cy,
        z + p * az + q * bz + r * cz,
        start + slope * h * 0.8,
        f,
        t,
        c,
        alpha,
    )
    p, q, r, s = h * 19372.0 / 6561.0, -h * 25360.0 / 2187.0, h * 64448.0 / 6561.0, -h * 212.0 / 729.0
    ex, ey, ez = _slope(
        x + p * ax + q * bx + r * cx + s * dx,
        y + p * ay + q * by + r * cy + s * dy,
        z + p * az + q * bz + r * cz + s * dz,
        start + slope * h * 8.0 / 9.0,
        f,
        t,
        c,
        alpha,
    )
    p, q, r, s, w = (
        h * 9017.0 / 3168.0,
        -h * 355.0 / 33.0,
        h * 46732.0 / 5247.0,
        h * 49.0 / 176.0,
        -h * 5103.0 / 18656.0,
    )
    gx, gy, gz = _slope(
        x + p * ax + q * bx + r * cx + s * dx + w * ex,
        y + p * ay + q * by + r * cy + s * dy + w * ey,
        z + p * az + q * bz + r * cz + s * dz + w * ez,
        start + slope * h,
        f,
        t,
        c,
        alpha,
    )
    p, q, r, s, w = h * 35.0 / 384.0, h * 500.0 / 1113.0, h * 125.0 / 192.0, -h * 2187.0 / 6784.0, h * 11.0 / 84.0
    X = x + p * ax + q * cx + r * dx + s * ex + w * gx
    Y = y + p * ay + q * cy + r * dy + s * ey + w * gy
    Z = z + p * az + q * cz + r * dz + s * ez + w * gz
    nx, ny, nz = _slope(X, Y, Z, start + slope * h, f, t, c, alpha)
    p, q, r = h * 71.0 / 57600.0, -h * 71.0 / 16695.0, h * 71.0 / 1920.0
    s, w, v = -h * 17253.0 / 339200.0, h * 22.0 / 525.0, -h / 40.0
    error = max(
        abs(p * ax + q * cx + r * dx + s * ex + w * gx + v * nx),
        abs(p * ay + q * cy + r * dy + s * ey + w * gy + v * ny),
        abs(p * az + q * cz + r * dz + s * ez + w * gz + v * nz),
    )
    return (X, Y, Z), (nx, ny, nz), error


@kernel
def advance_lane(lane, m, f, p, stops, drive, keep, tolerance, record):
    """Advance one lane, whose fields ``f`` are those of the row ``p``."""
    t = Torques(p[9], p[10], p[11], p[12], p[13], p[14], p[15])
    c = Transport(p[16], p[17])
    alpha = p[18]
    x, y, z = m[0, lane], m[1, lane], m[2, lane]
    k = _slope(x, y, z, drive[0], f, t, c, alpha)
    speed = math.sqrt(k[0] * k[0] + k[1] * k[1] + k[2] * k[2])
    trial_step = min(stops[-1] - stops[0], 0.01 / (speed + 1e-300))
    sample = 0
    alive = True
    for stop in range(len(stops)):
        if stop > 0 and alive:
            span = stops[stop] - stops[stop - 1]
            slope = (drive[stop] - drive[stop - 1]) / span
            passed = 0.0
            for _ in range(STEPS_PER_STOP):
                # also where the error was NaN: nothing that follows could be right
                if not trial_step > 1e-15 * span:
                    alive = False
                    break
                last = passed + trial_step >= span * (1.0 - 1e-12)
                h = span - passed if last else trial_step
                new, end, error = dormand_prince_step(
                    x, y, z, k, drive[stop - 1] + slope * passed, slope, h, f, t, c, alpha
                )
                factor = min(5.0, max(0.2, 0.9 * (tolerance / (error + 1e-300)) ** 0.2))
                if error <= tolerance:
                    scale = 1.0 / math.sqrt(new[0] * new[0] + new[1] * new[1] + new[2] * new[2])
                    x, y, z = new[0] * scale, new[1] * scale, new[2] * scale
                    k = end
                    passed += h
                    # a step cut short by a stop says little about the next one
                    trial_step = max(trial_step, h * factor) if last else h * factor
                    if last:
                        break
                else:
                    trial_step = h * factor
            else:
                alive = False
            if not alive:
                x, y, z = np.nan, np.nan, np.nan
        if keep[stop]:
            record[sample, 0, lane], record[sample, 1, lane], record[sample, 2, lane] = x, y, z
            sample += 1
    m[0, lane], m[1, lane], m[2, lane] = x, y, z


@parallel_kernel
def advance_adaptive(m, rows, replicas, stops, drive, keep, tolerance, record):
    """Advance lanes ``m`` (3, lanes) over the times ``stops``; ``record`` (samples, 3, lanes) takes those marked in
    ``keep``.

    A lane that would need more than a million steps between two stops ends as NaN.
    """
    quartic = rows.shape[1] in QUARTIC
    for lane in prange(m.shape[1]):
        p = rows[lane // replicas]
        if quartic:
            f = Quartic(p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8], p[-5], p[-4], p[-3], p[-2])
            advance_lane(lane, m, f, p, stops, drive, keep, tolerance, record)
        else:
            g = Fields(p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8])
            advance_lane(lane, m, g, p, stops, drive, keep, tolerance, record)
