"""Stochastic LLG of an ensemble of single moments: many trials of many devices, stepped in lanes.

A block of lanes walks through time together: the time loop stands outside, the lane loop inside, so that it becomes one
vector loop over structure-of-arrays storage. Blocks are always full (short ensembles are padded with copies of the
last lane), hence no scalar remainder loop, and a trajectory has the same bits whatever block, batch or thread it runs
in.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import uint32

from spinneuron.compiled import parallel_kernel, prange
from spinneuron.constants import gamma0
from spinneuron.dynamics.noise import THERMAL, three_normals
from spinneuron.dynamics.steppers import HEUN, Numbers, heun_step, semi_implicit_step
from spinneuron.physics.fields import Fields, tensor, thermal_strength
from spinneuron.physics.torques import Torques
from spinneuron.physics.transport import Transport

LANES = 128

# what one row of a table holds, in this order; the second entry says how a column enters a step of length dt
COLUMNS = (
    *((name, "dt") for name in Fields._fields),
    *((name, "dt" if name in ("a", "b") else "1") for name in Torques._fields),
    *((name, "1") for name in Transport._fields),
    ("alpha", "1"),
    ("noise", "sqrt(dt)"),
)


class Plan(NamedTuple):
    """Whole numbers of one call of :func:`advance`.

    Attributes
    ----------
    trials : int
        Trials per device: the noise of lane i is that of trial i % trials.
    replicas : int
        Lanes that share a row of parameters: lane i reads row i // replicas.
    first_trial : int
        Number of the first trial, which selects its noise.
    first_step : int
        Number of the first step, which selects its noise.
    scheme : int
        Of the stepper.
    seed : int
    every : int
        Steps between records; 0 records nothing.
    lanes : int
        Length of a block, a multiple of 16.
    """

    trials: int
    replicas: int
    first_trial: int
    first_step: int
    scheme: int
    seed: int
    every: int
    lanes: int


def table(device, size, unit, temperature) -> np.ndarray:
    """Reduce a device, or a family of pillars of one stack, to the rows that the kernels read.

    Fields become angular rates by gamma' = gamma0 / (1 + alpha^2). S loses its isotropic part, a field along m that
    turns nothing: the midpoint of a semi-implicit step is not exactly along m, and would take it for a rotation.

    Parameters
    ----------
    device : Device
    size : geometry.Size
        Scalars, or arrays with one entry per pillar.
    unit : str
        Unit of the drive.
    temperature : float [K]

    Returns
    -------
    numpy.ndarray
        Shape (pillars, len(COLUMNS)); field-like columns in rad/s, noise in rad/s^(1/2).
    """
    torques = Torques.of(device, size)
    rate = gamma0 / (1.0 + device.alpha**2)
    fields = Fields.of(device, size)
    # the middle eigenvalue: what is left is then the field of an easy or a hard axis alone, and lies along it
    isotropic: Any = np.linalg.eigvalsh(tensor(fields))[..., 1]
    fields = fields._replace(xx=fields.xx - isotropic, yy=fields.yy - isotropic, zz=fields.zz - isotropic)
    columns = [
        *(rate * np.asarray(field) for field in fields),
        *torques._replace(a=rate * torques.a, b=rate * torques.b),
        *Transport.of(device, size, unit),
        device.alpha,
        rate * thermal_strength(device, size, temperature),
    ]
    rows = np.broadcast_arrays(*np.atleast_1d(*columns))
    return np.ascontiguousarray(np.stack(rows, axis=-1), dtype=float)


def scales(dt) -> np.ndarray:
    """Factors that turn a row of :func:`table` into angles per step.

    Parameters
    ----------
    dt : float [s]

    Returns
    -------
    numpy.ndarray
    """
    factor = {"dt": dt, "sqrt(dt)": np.sqrt(dt), "1": 1.0}
    return np.array([factor[kind] for _, kind in COLUMNS])


@parallel_kernel
def advance(m, rows, scale, drive, plan, record):
    """Advance lanes ``m`` (3, lanes) through ``(len(drive) - 1) // 2`` steps; drive holds both ends and middles of the
    steps.

    ``record`` (samples, 3, lanes) takes the state after every ``plan.every`` steps.
    """
    total = m.shape[1]
    steps = (len(drive) - 1) // 2
    blocks = (total + plan.lanes - 1) // plan.lanes
    seed_low, seed_high = uint32(plan.seed & 0xFFFFFFFF), uint32(plan.seed >> 32)
    for block in prange(blocks):
        first = block * plan.lanes
        x, y, z = np.empty(plan.lanes, m.dtype), np.empty(plan.lanes, m.dtype), np.empty(plan.lanes, m.dtype)
        nx, ny, nz = (
            np.zeros(plan.lanes, np.float32),
            np.zeros(plan.lanes, np.float32),
            np.zeros(plan.lanes, np.float32),
        )
        p = np.empty((rows.shape[1], plan.lanes), m.dtype)
        trial = np.empty(plan.lanes, np.uint32)
        warm = False
        for i in range(plan.lanes):
            lane = min(first + i, total - 1)
            x[i], y[i], z[i] = m[0, lane], m[1, lane], m[2, lane]
            trial[i] = uint32(plan.first_trial + lane % plan.trials)
            for k in range(rows.shape[1]):
                p[k, i] = rows[lane // plan.replicas, k] * scale[k]
            warm = warm or p[19, i] > 0.0
        constants = np.array([1.0, 0.5, 0.375, 0.3125]).astype(m.dtype)
        numbers = Numbers(constants[0], constants[1], constants[2], constants[3])
        sample = 0
        for step in range(steps):
            if warm:
                count = plan.first_step + step
                low, high = uint32(count & 0xFFFFFFFF), uint32(count >> 32)
                for i in range(plan.lanes):
                    nx[i], ny[i], nz[i] = three_normals(trial[i], low, high, seed_low, seed_high, uint32(THERMAL))
            drives = (drive[2 * step], drive[2 * step + 1], drive[2 * step + 2])
            if plan.scheme == HEUN:
                for i in range(plan.lanes):
                    f = Fields(p[0, i], p[1, i], p[2, i], p[3, i], p[4, i], p[5, i], p[6, i], p[7, i], p[8, i])
                    t = Torques(p[9, i], p[10, i], p[11, i], p[12, i], p[13, i], p[14, i], p[15, i])
                    c = Transport(p[16, i], p[17, i])
                    noise = (p[19, i] * nx[i], p[19, i] * ny[i], p[19, i] * nz[i])
                    x[i], y[i], z[i] = heun_step(x[i], y[i], z[i], drives, noise, f, t, c, p[18, i], numbers)
            else:
                for i in range(plan.lanes):
                    f = Fields(p[0, i], p[1, i], p[2, i], p[3, i], p[4, i], p[5, i], p[6, i], p[7, i], p[8, i])
                    t = Torques(p[9, i], p[10, i], p[11, i], p[12, i], p[13, i], p[14, i], p[15, i])
                    c = Transport(p[16, i], p[17, i])
                    noise = (p[19, i] * nx[i], p[19, i] * ny[i], p[19, i] * nz[i])
                    x[i], y[i], z[i] = semi_implicit_step(x[i], y[i], z[i], drives, noise, f, t, c, p[18, i], numbers)
            if plan.every > 0 and (step + 1) % plan.every == 0:
                for i in range(min(plan.lanes, total - first)):
                    record[sample, 0, first + i] = x[i]
                    record[sample, 1, first + i] = y[i]
                    record[sample, 2, first + i] = z[i]
                sample += 1
        for i in range(min(plan.lanes, total - first)):
            m[0, first + i], m[1, first + i], m[2, first + i] = x[i], y[i], z[i]
