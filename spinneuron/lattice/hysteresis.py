"""Hysteresis loops: states at rest as the applied field changes, and what is read off them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import xarray as xr

from spinneuron import __version__
from spinneuron.lattice.magnet import REST_TORQUE, Magnet
from spinneuron.quantity import InputError, integer, non_negative, positive, unit_vector
from spinneuron.simulation import COMPONENTS

KIND = "spinneuron-hysteresis"
KICK = 1e-4


def sweep_field(direction, largest: float, steps: int = 40) -> np.ndarray:
    """Fields of a whole loop: from the largest down to its opposite and up again.

    Parameters
    ----------
    direction : array_like [1]
        Unit vector of the largest field.
    largest : float [A/m]
    steps : int
        From one end to the other.

    Returns
    -------
    numpy.ndarray [A/m]
        (2 steps + 1, 3).

    Raises
    ------
    InputError
        If an argument is out of range.
    """
    down = np.linspace(1.0, -1.0, integer("steps", steps) + 1) * positive("largest", largest, "A/m")
    return np.concatenate([down, down[-2::-1]])[:, None] * np.array(unit_vector("direction", direction))


def hysteresis(
    magnet: Magnet,
    fields,
    *,
    tolerance: float = REST_TORQUE,
    most: int = 100_000,
    kick: float = KICK,
    progress: Callable[[float], None] | None = None,
) -> xr.Dataset:
    """Bring a magnet to rest in one field after the other, each from the state in the last.

    Parameters
    ----------
    magnet : Magnet
        Its moments are where the loop begins; those of its end afterwards, as the applied field.
    fields : array_like [A/m]
        (steps, 3), as of `sweep_field`.
    tolerance : float [1]
        Largest |m x H| / Ms of a state at rest.
    most : int
        Steps of the descent in one field.
    kick : float [1]
        By which moments are turned at random before each descent, so that it leaves a saddle.
    progress : callable, optional
        Called with the fraction of the work done since its last call.

    Returns
    -------
    xarray.Dataset
        Over ``step``: ``applied_field`` (component) [A/m], ``m`` (component) [1], ``along`` [1]: the component of m
        along the first field, ``energy`` (term) [J] and ``converged``. The attributes hold ``coercivity`` [A/m], the
        mean magnitude of the fields at which ``along`` passes 0, and ``remanence`` [1], its first value in no field,
        both interpolated; NaN where there is none.

    Raises
    ------
    InputError
        If the fields are not finite or of another shape.
    """
    started = time.perf_counter()
    fields = np.asarray(fields, dtype=float)
    if fields.ndim != 2 or fields.shape[1] != 3 or not len(fields) or not np.isfinite(fields).all():
        raise InputError(f"fields: needs finite numbers of shape (steps, 3), got {fields.shape}")
    means, energies, done = [], [], []
    random, kick = np.random.default_rng(0), non_negative("kick", kick)
    for field in fields:
        magnet.applied_field = field
        magnet.m = magnet.m + kick * random.standard_normal(magnet.m.shape)
        done.append(magnet.minimize(tolerance, most).converged)
        means.append(magnet.mean)
        energies.append(list(magnet.energies().values()))
        if progress:
            progress(1.0 / len(fields))
    m, axis = np.array(means), fields[np.argmax(np.linalg.norm(fields, axis=1))]
    axis = axis / (np.linalg.norm(axis) or 1.0)
    along, strength = m @ axis, fields @ axis
    dataset = xr.Dataset(
        {
            "applied_field": (("step", "component"), fields, {"units": "A/m", "long_name": "applied field"}),
            "m": (("step", "component"), m, {"units": "1", "long_name": "mean magnetization"}),
            "along": ("step", along, {"units": "1", "long_name": "magnetization along the largest field"}),
            "strength": ("step", strength, {"units": "A/m", "long_name": "applied field along its largest"}),
            "energy": (("step", "term"), np.array(energies), {"units": "J", "long_name": "energy"}),
            "converged": ("step", np.array(done, dtype=np.int8), {"long_name": "1 where the magnet came to rest"}),
        },
        {"component": list(COMPONENTS), "term": list(magnet.energies())},
    )
    crossings = np.abs(_where_zero(strength, along))
    zero_field = _where_zero(along, strength)
    return dataset.assign_attrs(
        kind=KIND,
        coercivity=float(crossings.mean()) if len(crossings) else float("nan"),
        remanence=float(zero_field[0]) if len(zero_field) else float("nan"),
        mesh_counts=list(magnet.mesh.counts),
        mesh_cell=list(magnet.mesh.cell),
        tolerance=tolerance,
        version=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        wall_time=time.perf_counter() - started,
    )


def _where_zero(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """x where y passes 0, linear between points."""
    a, b = y[:-1], y[1:]
    passes = (a * b < 0.0) | ((b == 0.0) & (a != 0.0))
    share = a[passes] / (a[passes] - b[passes])
    return x[:-1][passes] + share * (x[1:] - x[:-1])[passes]
