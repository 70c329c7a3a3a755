"""simulate(device, protocol, ...): the one place where objects become arrays, and arrays a dataset."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import xarray as xr

from spinneuron import __version__
from spinneuron.device import Device
from spinneuron.dynamics.electrothermal import Thermal, Warmth, follows
from spinneuron.dynamics.ensemble import Course, Numerics, run
from spinneuron.dynamics.macrospin import table
from spinneuron.physics.fields import Fields, Quartic, tensor
from spinneuron.physics.heating import Foster
from spinneuron.physics.temperature import at, grid, limit
from spinneuron.physics.transport import Transport
from spinneuron.physics.wells import lowest
from spinneuron.protocols import Protocol
from spinneuron.quantity import InputError, integer, non_negative, positive
from spinneuron.units import format as shown

COMPONENTS = ("x", "y", "z")


def rest_state(fields: Fields | Quartic, normal=None) -> np.ndarray:
    """State of lowest energy of a moment in its local fields, on the sphere or on a great circle.

    In the eigenbasis of S, with eigenvalues s, the minimum of ``m.S.m/2 - m.H`` on the sphere is ``m = H/(s + nu)``
    with the one nu >= -min(s) that gives |m| = 1. Of two states of equal energy along the easy direction it is the one
    that has its largest component above 0. With Ku2 there may be more minima:
    :func:`spinneuron.physics.wells.lowest`.

    Parameters
    ----------
    fields : Fields or Quartic
        Scalars, or arrays with one entry per pillar.
    normal : sequence of float [1], optional
        Unit vector; the state is sought in the plane normal to it.

    Returns
    -------
    numpy.ndarray [1]
        Unit moments, shape (..., 3).
    """
    if isinstance(fields, Quartic):
        return lowest(fields, normal)
    S = tensor(fields)
    applied = np.broadcast_to(
        np.stack(np.broadcast_arrays(fields.hx, fields.hy, fields.hz), axis=-1), S.shape[:-1]
    ).copy()
    if normal is not None:
        n = np.asarray(normal, dtype=float)
        project = np.eye(3) - np.outer(n, n)
        # the forbidden direction is made the hardest by far
        hard = 1.0 + 2.0 * np.abs(S).sum(axis=(-2, -1))
        S = project @ S @ project + hard[..., None, None] * np.outer(n, n)
        applied = applied @ project
    values, vectors = np.linalg.eigh(S)
    easy = vectors[..., 0]
    vectors[..., 0] *= np.sign(np.take_along_axis(easy, np.abs(easy).argmax(axis=-1)[..., None], axis=-1))
    along = np.einsum("...ij,...i->...j", vectors, applied)
    along[np.abs(along) < 1e-13 * np.linalg.norm(applied, axis=-1, keepdims=True)] = 0.0
    m = _on_sphere(values - values[..., :1], along)
    return np.einsum("...ij,...j->...i", vectors, m)


def _on_sphere(gaps, field):
    """Minimum of ``sum(gaps m^2/2 - field m)`` on the unit sphere, in the eigenbasis; gaps (..., 3) start with 0.

    Newton's iteration for ``1/|field/(gaps + nu)| = 1`` from below: it is concave in nu, so that no step goes too far.
    """
    nu = np.maximum(np.max(np.abs(field) - gaps, axis=-1, keepdims=True), 0.0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for _ in range(50):
            m = np.where(field == 0.0, 0.0, field / (gaps + nu))
            square = np.sum(m * m, axis=-1, keepdims=True)
            slope = np.sum(np.where(field == 0.0, 0.0, m * m / (gaps + nu)), axis=-1, keepdims=True)
            nu = nu + np.where(square > 1.0, square * (np.sqrt(square) - 1.0) / slope, 0.0)
    # a field that leaves room on the sphere at nu = 0 leaves it to the easy direction
    m[..., :1] += np.sqrt(np.maximum(1.0 - square, 0.0)) * np.where(nu > 0.0, 0.0, 1.0)
    return m / np.linalg.norm(m, axis=-1, keepdims=True)


def simulate(
    device: Device,
    protocol: Protocol,
    *,
    trials: int = 1,
    seed: int = 0,
    temperature: float | None = None,
    every: float | None = None,
    initial=None,
    numerics: Numerics | None = None,
    progress: Callable[[float], None] | None = None,
) -> xr.Dataset:
    """Run a device through a protocol, many times.

    Parameters
    ----------
    device : Device
    protocol : Protocol
    trials : int
        Independent runs; at T = 0 they would all be the same, so that only 1 is accepted.
    seed : int
        Trial ``i`` of a seed is the same trajectory whatever else runs, on any number of threads.
    temperature : float [K], optional
        By default the device's.
    every : float [s], optional
        Time between two records. By default only the first and the last state are kept. A run whose duration is no
        multiple goes on (at the waveform's last value) to the next record.
    initial : array_like [1], optional
        Unit moment (3,) or moments (trials, 3); by default the state of lowest energy.
    numerics : Numerics, optional
    progress : callable, optional
        Called with the fraction of the work done since its last call.

    Returns
    -------
    xarray.Dataset
        ``m`` (trial, time, component) [1], ``drive`` (time) in the protocol's unit, ``current_density`` (time) [A/m^2]
        and ``current`` (time) [A] (both at m.p = 0 and low voltage). Where the device heats itself or its resistance
        follows the voltage, also ``power`` (trial, time) [W], ``rise`` (trial, time, pole) [K] and ``temperature``
        (trial, time) [K]. The attributes hold every argument, version, and wall time [s].

    Raises
    ------
    InputError
        If an argument is out of range, a step would turn a moment too far (the message names the largest safe one), or
        the free layer becomes hotter than is described.
    FloatingPointError
        If a moment has left the unit sphere.

    Examples
    --------
    >>> from spinneuron import Device, simulate
    >>> from spinneuron.protocols import single
    >>> run = simulate(Device.preset("orthogonal"), single(1e12, 1e-9), temperature=0.0, every=10e-12)
    >>> round(float(run.m.sel(component="y").max()), 2)
    0.36
    """
    trials = integer("trials", trials)
    temperature = non_negative("temperature", device.temperature if temperature is None else temperature, "K")
    if temperature == 0.0 and trials > 1:
        raise InputError(
            f"trials = {trials}: at temperature 0 K all trials are the same; use 1 trial, or a temperature"
        )
    course = _course(protocol, every)
    started = time.perf_counter()
    here = at(device, temperature)
    rows = table(here, here.size, protocol.unit, temperature)
    m = initial_state(here, initial, trials)
    warmth = warmth_of(here, protocol.unit, max(map(abs, protocol.values)), trials)
    options = {"trials": trials, "seed": seed, "numerics": numerics, "record": every is not None}
    kept, dt, stepper = run(m, rows, course, **options, warmth=warmth, progress=progress)
    if every is None:
        times, states = np.array([course.interval * course.samples]), m[None]
        heats = None if warmth is None else warmth.state[None]
    else:
        times, states = np.arange(course.samples + 1) * course.interval, kept
        heats = None if warmth is None else warmth.record
    dataset = _dataset(here, protocol, times, states)
    if heats is not None:
        dataset = dataset.assign(_heat(here, heats))
    dataset.attrs |= {
        "kind": "spinneuron-run",
        "device": device.to_json(),
        "protocol": protocol.to_json(),
        "trials": trials,
        "seed": int(seed),
        "temperature": temperature,
        "initial": _described(initial),
        "engine": "macrospin",
        "stepper": stepper,
        "dt": float(dt),
        "precision": (numerics or Numerics()).precision,
        "tolerance": (numerics or Numerics()).tolerance,
        "version": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "wall_time": time.perf_counter() - started,
    }
    return dataset


def _course(protocol: Protocol, every: float | None) -> Course:
    if every is None:
        # the fixed-step kernels still need stretches to be cut at
        return Course(protocol.times, protocol.values, protocol.duration / 64, 64)
    every = positive("every", every, "s")
    if every > protocol.duration:
        longest = shown(protocol.duration, "s")
        raise InputError(f"every = {shown(every, 's')}: longer than the whole protocol, {longest}; use a shorter time")
    return Course(protocol.times, protocol.values, every, int(np.ceil(protocol.duration / every * (1.0 - 1e-9))))


def initial_state(device: Device, initial, trials: int) -> np.ndarray:
    """Initial moments of an ensemble of one device.

    Parameters
    ----------
    device : Device
    initial : array_like or None [1]
        Unit moment (3,) or moments (trials, 3); None for the state of lowest energy.
    trials : int

    Returns
    -------
    numpy.ndarray [1]
        (3, trials).

    Raises
    ------
    InputError
        If the shape is another, or a vector has not length 1.
    """
    if initial is None:
        initial = rest_state(Fields.of(device, device.size))
    m = np.asarray(initial, dtype=float)
    if m.shape not in ((3,), (trials, 3)):
        raise InputError(f"initial: needs shape (3,) or ({trials}, 3), got {m.shape}")
    if not np.allclose(np.linalg.norm(m, axis=-1), 1.0, rtol=0.0, atol=1e-6):
        raise InputError("initial: must hold unit vectors; divide each by its length")
    m = m / np.linalg.norm(m, axis=-1, keepdims=True)
    return np.array(np.broadcast_to(m, (trials, 3)).T, order="C")


def warmth_of(device: Device, unit: str, peak: float, lanes: int) -> Warmth | None:
    """Heat of an ensemble at rest, for a device that heats itself or whose resistance follows the voltage.

    Parameters
    ----------
    device : Device
        As it is at the temperature of its surroundings (:func:`spinneuron.physics.temperature.at`).
    unit : str
        Of the drive.
    peak : float [V, A or A/m^2]
        Largest magnitude of the drive, for the choice of the step.
    lanes : int

    Returns
    -------
    Warmth or None
        None for a device whose parameters stand still.

    Raises
    ------
    InputError
        If a device with a heat path is at 0 K.
    """
    if not follows(device, unit):
        return None
    ambient, foster = device.temperature, Foster.of(device)
    if ambient == 0.0 and len(foster.times):
        raise InputError("temperature = 0 K: heat brings noise; use 1 K, or a device with thermal_resistances = []")
    first, step, laws = grid(device, ambient)
    thermal = Thermal(ambient, unit == "V", first, step, laws, foster.windows(1.0))
    amperes = peak * (device.area if unit == "A/m^2" else 1.0)
    most = peak**2 / device.resistance_parallel if unit == "V" else amperes**2 * device.resistance_antiparallel
    hottest = min(limit(device), ambient + most * float(foster.resistances.sum()))
    states = (at(device, T) for T in np.linspace(ambient, hottest, 9))
    extremes = np.concatenate([table(one, one.size, unit, one.temperature) for one in states])
    state = np.zeros((1 + len(foster.times), lanes))
    return Warmth(thermal, foster, state, extremes, limit(device) - ambient, state[None])


def _heat(device: Device, heats: np.ndarray) -> dict:
    """Power and temperatures (time, 1 + poles, trial) as variables."""
    power, rise = np.ascontiguousarray(heats[:, 0].T), np.ascontiguousarray(heats[:, 1:].transpose(2, 0, 1))
    temperature = device.temperature + rise.sum(axis=-1)
    return {
        "power": (("trial", "time"), power, {"units": "W", "long_name": "Joule power"}),
        "rise": (("trial", "time", "pole"), rise, {"units": "K", "long_name": "temperature rise of each pole"}),
        "temperature": (("trial", "time"), temperature, {"units": "K", "long_name": "temperature of the free layer"}),
    }


def _described(initial) -> str:
    if initial is None:
        return "rest"
    return json.dumps(np.asarray(initial, dtype=float).tolist()) if np.ndim(initial) == 1 else "one per trial"


def driven(device: Device, protocol: Protocol, times) -> dict[str, tuple]:
    """Drive of a device, and the current density and current that it would be at m.p = 0 and low voltage.

    Parameters
    ----------
    device : Device
    protocol : Protocol
    times : numpy.ndarray [s]

    Returns
    -------
    dict of str to tuple
        Variables of a dataset over ``time``.
    """
    drive = protocol.at(times)
    J = drive * Transport.of(device, device.size, protocol.unit).mean
    return {
        "drive": ("time", drive, {"units": protocol.unit, "long_name": "drive"}),
        "current_density": ("time", J, {"units": "A/m^2", "long_name": "current density at m.p = 0"}),
        "current": ("time", J * device.area, {"units": "A", "long_name": "current at m.p = 0"}),
    }


def _dataset(device: Device, protocol: Protocol, times, states) -> xr.Dataset:
    return xr.Dataset(
        {
            "m": (
                ("trial", "time", "component"),
                # in the order of the dimensions, so that sums over a saved and a kept run have the same bits
                np.ascontiguousarray(states.transpose(2, 0, 1)),
                {"units": "1", "long_name": "magnetization"},
            ),
            **driven(device, protocol, times),
        },
        coords={"time": ("time", times, {"units": "s", "long_name": "time"}), "component": list(COMPONENTS)},
    )


def device_of(run: xr.Dataset) -> Device:
    """Device of a run, as it was at the temperature of its surroundings.

    Parameters
    ----------
    run : xarray.Dataset
        From :func:`simulate`.

    Returns
    -------
    Device
    """
    device = Device.from_json(run.attrs["device"])
    return at(device, float(run.attrs.get("temperature", device.temperature)))


def cosine_of(run: xr.Dataset) -> xr.DataArray:
    """Component of m along the pinned layer, m.p, along every trajectory.

    Parameters
    ----------
    run : xarray.Dataset
        From :func:`simulate`, with ``every`` given.

    Returns
    -------
    xarray.DataArray [1]
        (trial, time).

    Raises
    ------
    InputError
        If the run kept no more than one state.
    """
    if run.sizes.get("time", 0) < 2:
        raise InputError("run: holds one state only; simulate with `every` to keep the trajectory")
    pinned = xr.DataArray(list(Device.from_json(run.attrs["device"]).pinned), dims="component")
    return (run["m"] * pinned).sum("component").transpose("trial", "time")


def membrane_potential(run: xr.Dataset) -> xr.DataArray:
    """Membrane potential of every trial: the component of m along the pinned layer, minus its first value.

    Parameters
    ----------
    run : xarray.Dataset
        From :func:`simulate`, with ``every`` given.

    Returns
    -------
    xarray.DataArray [1]
        (trial, time).

    Raises
    ------
    InputError
        If the run kept no more than one state.
    """
    u = cosine_of(run)
    u = u - u.isel(time=0)
    u.attrs = {"units": "1", "long_name": "membrane potential"}
    return u
