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

from spinneuron.compiled import inline, kernel, parallel_kernel, prange
from spinneuron.constants import gamma0
from spinneuron.dynamics.electrothermal import HEAT_COLUMNS, follows, heat_columns, renew, weaken
from spinneuron.dynamics.noise import THERMAL, three_normals
from spinneuron.dynamics.steppers import HEUN, Numbers, heun_step, semi_implicit_step
from spinneuron.physics.fields import Fields, Quartic, shape_tensor, tensor, thermal_strength
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
# what a row ends with where the device has Ku2; `power`: H4 ~ Ms^power
FOURTH_COLUMNS = (("fourth", "dt"), ("ex", "1"), ("ey", "1"), ("ez", "1"), ("power", "1"))
# length of a row -> its columns
LAYOUTS = {
    len(columns): columns
    for heat in ((), HEAT_COLUMNS)
    for columns in (COLUMNS + heat, COLUMNS + heat + FOURTH_COLUMNS)
}
QUARTIC = tuple(length for length, columns in LAYOUTS.items() if FOURTH_COLUMNS[0] in columns)


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
    window : int
        Steps after which temperature and conductance are renewed.
    """

    trials: int
    replicas: int
    first_trial: int
    first_step: int
    scheme: int
    seed: int
    every: int
    lanes: int
    window: int = 1


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
        Shape (pillars, columns); field-like columns in rad/s, noise in rad/s^(1/2). The columns are COLUMNS, then those
        of heat where the device follows it, then those of Ku2 where it has any: one of LAYOUTS.
    """
    torques = Torques.of(device, size)
    rate = gamma0 / (1.0 + device.alpha**2)
    fields, shape = Fields.of(device, size), shape_tensor(device, size)
    # the middle eigenvalue: what is left is then the field of an easy or a hard axis alone, and lies along it
    values, vectors = np.linalg.eigh(tensor(fields))
    middle: Any = vectors[..., 1]
    isotropic: Any = values[..., 1]
    fields = fields._replace(xx=fields.xx - isotropic, yy=fields.yy - isotropic, zz=fields.zz - isotropic)
    columns = [
        *(rate * np.asarray(field) for field in fields[: len(Fields._fields)]),
        *torques._replace(a=rate * torques.a, b=rate * torques.b),
        *Transport.of(device, size, unit),
        device.alpha,
        rate * thermal_strength(device, size, temperature),
    ]
    if follows(device, unit):
        # the share of the middle eigenvalue that follows Ms; what is left of it follows Ku
        own = np.einsum("...i,...ij,...j->...", middle, shape, middle)
        columns += heat_columns(device, size, rate * (shape - own[..., None, None] * np.eye(3)))
    if isinstance(fields, Quartic):
        columns += [rate * fields.fourth, fields.ex, fields.ey, fields.ez, device.Ku2_exponent - 1.0]
    rows = np.broadcast_arrays(*np.atleast_1d(*columns))
    return np.ascontiguousarray(np.stack(rows, axis=-1), dtype=float)


def scales(dt, columns=None) -> np.ndarray:
    """Factors that turn a row of :func:`table` into angles per step.

    Parameters
    ----------
    dt : float [s]
    columns : int, optional
        Length of a row; by default that of `COLUMNS`.

    Returns
    -------
    numpy.ndarray
    """
    factor = {"dt": dt, "sqrt(dt)": np.sqrt(dt), "1": 1.0}
    return np.array([factor[kind] for _, kind in LAYOUTS[columns or len(COLUMNS)]])


def fourth_order(rows) -> np.ndarray:
    """Rate of the field of Ku2, ``gamma' H4``, of every row.

    Parameters
    ----------
    rows : numpy.ndarray
        From :func:`table`.

    Returns
    -------
    numpy.ndarray [rad/s]
        0 where there is none.
    """
    return rows[:, -len(FOURTH_COLUMNS)] if rows.shape[1] in QUARTIC else np.zeros(len(rows))


@inline
def quartic_lanes(x, y, z, p, normals, drives, scheme, numbers):
    """One step of a block whose rows end with the columns of Ku2."""
    k, nx, ny, nz = len(p) - 5, normals[0], normals[1], normals[2]
    if scheme == HEUN:
        for i in range(len(x)):
            f = Quartic(
                *(p[0, i], p[1, i], p[2, i], p[3, i], p[4, i], p[5, i], p[6, i], p[7, i], p[8, i]),
                *(p[k, i], p[k + 1, i], p[k + 2, i], p[k + 3, i]),
            )
            t = Torques(p[9, i], p[10, i], p[11, i], p[12, i], p[13, i], p[14, i], p[15, i])
            c = Transport(p[16, i], p[17, i])
            noise = (p[19, i] * nx[i], p[19, i] * ny[i], p[19, i] * nz[i])
            x[i], y[i], z[i] = heun_step(x[i], y[i], z[i], drives, noise, f, t, c, p[18, i], numbers)
    else:
        for i in range(len(x)):
            f = Quartic(
                *(p[0, i], p[1, i], p[2, i], p[3, i], p[4, i], p[5, i], p[6, i], p[7, i], p[8, i]),
                *(p[k, i], p[k + 1, i], p[k + 2, i], p[k + 3, i]),
            )
            t = Torques(p[9, i], p[10, i], p[11, i], p[12, i], p[13, i], p[14, i], p[15, i])
            c = Transport(p[16, i], p[17, i])
            noise = (p[19, i] * nx[i], p[19, i] * ny[i], p[19, i] * nz[i])
            x[i], y[i], z[i] = semi_implicit_step(x[i], y[i], z[i], drives, noise, f, t, c, p[18, i], numbers)


@kernel
def deposit(m, heat, first, x, y, z, warmth):
    """Write the state of a block into arrays over all lanes, but for the copies that fill the last block."""
    for i in range(min(len(x), m.shape[1] - first)):
        m[0, first + i], m[1, first + i], m[2, first + i] = x[i], y[i], z[i]
        for k in range(heat.shape[0]):
            heat[k, first + i] = warmth[k, i]


@parallel_kernel
def advance(m, rows, scale, drive, plan, record, heat, heat_record, thermal):
    """Advance lanes ``m`` (3, lanes) through ``(len(drive) - 1) // 2`` steps; drive holds both ends and middles of the
    steps.

    ``record`` (samples, 3, lanes) takes the state after every ``plan.every`` steps. ``heat`` (1 + poles, lanes) holds
    the power [W] and the rise of each thermal pole [K], and goes to ``heat_record``; without rows, nothing follows the
    temperature. It is renewed every ``plan.window`` steps, which divide the steps of a call.
    """
    total = m.shape[1]
    steps = (len(drive) - 1) // 2
    blocks = (total + plan.lanes - 1) // plan.lanes
    seed_low, seed_high = uint32(plan.seed & 0xFFFFFFFF), uint32(plan.seed >> 32)
    heated, quartic = heat.shape[0] > 0, rows.shape[1] in QUARTIC
    for block in prange(blocks):
        first = block * plan.lanes
        x, y, z = np.empty(plan.lanes, m.dtype), np.empty(plan.lanes, m.dtype), np.empty(plan.lanes, m.dtype)
        normals = np.zeros((3, plan.lanes), np.float32)
        nx, ny, nz = normals[0], normals[1], normals[2]
        p = np.empty((rows.shape[1], plan.lanes), m.dtype)
        warmth, scratch = np.empty((heat.shape[0], plan.lanes)), np.empty((10, plan.lanes))
        trial, warm = np.empty(plan.lanes, np.uint32), False
        for i in range(plan.lanes):
            lane = min(first + i, total - 1)
            x[i], y[i], z[i] = m[0, lane], m[1, lane], m[2, lane]
            trial[i] = uint32(plan.first_trial + lane % plan.trials)
            for k in range(rows.shape[1]):
                p[k, i] = rows[lane // plan.replicas, k] * scale[k]
            for k in range(heat.shape[0]):
                warmth[k, i] = heat[k, lane]
            warm = warm or p[19, i] > 0.0
        base = p.copy() if heated else p
        constants = np.array([1.0, 0.5, 0.375, 0.3125]).astype(m.dtype)
        numbers = Numbers(constants[0], constants[1], constants[2], constants[3])
        sample = 0
        for step in range(steps + 1):
            if heated and step % plan.window == 0:
                renew(x, y, z, p, base, warmth, scratch, float(drive[2 * step]), step > 0, thermal)
                if quartic:
                    weaken(p, base, scratch[0])
            if plan.every > 0 and step > 0 and step % plan.every == 0:
                deposit(record[sample], heat_record[sample], first, x, y, z, warmth)
                sample += 1
            if step == steps:
                break
            if warm:
                count = plan.first_step + step
                low, high = uint32(count & 0xFFFFFFFF), uint32(count >> 32)
                for i in range(plan.lanes):
                    nx[i], ny[i], nz[i] = three_normals(trial[i], low, high, seed_low, seed_high, uint32(THERMAL))
            drives = (drive[2 * step], drive[2 * step + 1], drive[2 * step + 2])
            if quartic:
                quartic_lanes(x, y, z, p, normals, drives, plan.scheme, numbers)
            elif plan.scheme == HEUN:
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
        deposit(m, heat, first, x, y, z, warmth)
