"""What moves the membrane potential: the split of its rate into precession, damping and torque, and designs side by
side.

Along the pinned layer p the equation of motion reads (LLG with the damping resolved, g' = gamma0 / (1 + alpha^2))

    d(m.p)/dt = - g' (m x H).p  -  g' alpha (m x (m x H)).p  -  g' [m x G + alpha m x (m x G)].p
                  precession          damping                      spin torque,   G = a_J m x p + b_J p

For p along the short axis y the damping term is -alpha g' Ms m_y [(N_W - N_L) m_x^2 + (N_W - N_T) m_z^2]: it leaks.
For p along the easy axis the bracket changes its sign: damping then holds the state at +-p. Source: arXiv:2606.03796
(its H_y - H_x).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

import numpy as np
import xarray as xr

from spinneuron import __version__
from spinneuron.constants import gamma0
from spinneuron.device import Device
from spinneuron.physics.fields import Fields, local_field
from spinneuron.physics.temperature import at
from spinneuron.physics.torques import Torques, slonczewski_amplitudes
from spinneuron.physics.transport import Transport, current_density
from spinneuron.protocols import Protocol
from spinneuron.quantity import InputError
from spinneuron.simulation import device_of, membrane_potential, simulate
from spinneuron.surrogates.lif_fit import fit_batch, intervals
from spinneuron.surrogates.lif_kernels import response
from spinneuron.surrogates.signed_lif import predicted

TERMS = {
    "precession": "precession in the local field",
    "damping": "Gilbert damping",
    "torque": "spin-transfer torque",
}


def torque_split(run: xr.Dataset) -> xr.Dataset:
    """Split the rate of the membrane potential into precession, damping and torque along a run.

    Parameters
    ----------
    run : xarray.Dataset
        From :func:`spinneuron.simulation.simulate`, with ``every`` given.

    Returns
    -------
    xarray.Dataset
        ``precession``, ``damping``, ``torque``, their sum ``total``, and ``slope``, the central difference of the
        recorded m.p, all (trial, time) [1/s]; ``membrane`` and ``projection`` = m.p (trial, time) [1]. At finite
        temperature ``slope`` holds the thermal field too.

    Raises
    ------
    InputError
        If the run kept fewer than three states, or its device heats itself or has a tmr that follows the voltage.
    """
    membrane = membrane_potential(run)
    if run.sizes["time"] < 3:
        raise InputError("run: holds two states only, which have no slope; simulate with a shorter `every`")
    if "power" in run:
        raise InputError(
            "run: its device heats itself or its tmr follows the voltage, and the split would follow neither; use a "
            "device with thermal_resistances = [] and without tmr_voltage"
        )
    device, unit = device_of(run), run["drive"].attrs["units"]
    size = device.size
    m = run["m"].transpose("component", "trial", "time").values
    pinned = np.asarray(device.pinned)[:, None, None]
    cosine = (m * pinned).sum(axis=0)
    J = current_density(run["drive"].values, cosine, Transport.of(device, size, unit))
    a, b = slonczewski_amplitudes(cosine, J, Torques.of(device, size))
    H = np.stack(np.broadcast_arrays(*local_field(*m, Fields.of(device, size))))
    G = a * np.cross(m, np.broadcast_to(pinned, m.shape), axis=0) + b * pinned
    rate = gamma0 / (1.0 + device.alpha**2)
    turn, pull = np.cross(m, H, axis=0), np.cross(m, G, axis=0)
    terms = {
        "precession": -rate * turn,
        "damping": -rate * device.alpha * np.cross(m, turn, axis=0),
        "torque": -rate * (pull + device.alpha * np.cross(m, pull, axis=0)),
    }
    along = {name: (term * pinned).sum(axis=0) for name, term in terms.items()}
    along["total"] = sum(along.values())
    along["slope"] = np.gradient(cosine, run["time"].values, axis=1, edge_order=2)
    names = TERMS | {"total": "sum of the three", "slope": "slope of the recorded membrane potential"}
    data = {
        name: (("trial", "time"), values, {"units": "1/s", "long_name": names[name]}) for name, values in along.items()
    }
    data["projection"] = (("trial", "time"), cosine, {"units": "1", "long_name": "m.p"})
    split = xr.Dataset(data, {"time": run["time"]})
    split["membrane"] = membrane
    split["drive"] = run["drive"]
    split.attrs = run.attrs | {"kind": "spinneuron-evolution"}
    return split


def leak_rate(split: xr.Dataset) -> float:
    """Leak by damping along a run: least squares of ``damping = -leak_rate (m.p)``; positive restores, negative drives
    away.

    Parameters
    ----------
    split : xarray.Dataset
        From :func:`torque_split`.

    Returns
    -------
    float [1/s]
        NaN where m.p stays at zero.
    """
    cosine = split["projection"]
    power = float((cosine**2).sum())
    return -float((split["damping"] * cosine).sum()) / power if power > 0.0 else np.nan


def compare(
    devices: Sequence[Device],
    protocol: Protocol,
    *,
    trials: int = 1,
    temperature: float = 0.0,
    seed: int = 0,
    every: float = 10e-12,
    progress: Callable[[float], None] | None = None,
) -> xr.Dataset:
    """Put several designs through one protocol, fit each with a signed LIF and split its rate; with the ideal neuron
    beside them.

    Parameters
    ----------
    devices : sequence of Device
        The first one also gives the ideal neuron, by the closed form of ``surrogates.signed_lif.predicted``.
    protocol : Protocol
    trials : int
        Results are means over them.
    temperature : float [K]
    seed : int
    every : float [s]
    progress : callable, optional

    Returns
    -------
    xarray.Dataset
        ``membrane``, ``fitted`` [1], ``precession``, ``damping``, ``torque``, ``total``, ``slope`` [1/s] (design,
        time); ``ideal`` [1], ``drive`` (time); ``tau_membrane`` [s], ``gain`` [1/V], ``rmse``, ``r2`` [1],
        ``leak_rate`` [1/s] (design).

    Raises
    ------
    InputError
        If no device is given, two have one name, or the first one is no neuron in closed form; as :func:`torque_split`.
    """
    started = time.perf_counter()
    names = [device.name for device in devices]
    if not names or len(set(names)) < len(names):
        raise InputError(f"designs: need distinct names, at least one, got {', '.join(names) or 'none'}")
    neuron = predicted(at(devices[0], temperature))
    parts, currents = [], []
    for device in devices:
        share = partial(_part, progress, len(devices)) if progress else None
        run = simulate(device, protocol, trials=trials, temperature=temperature, seed=seed, every=every, progress=share)
        parts.append(_design(run))
        currents.append(run["current"].values)
    result = xr.concat(parts, xr.DataArray(names, dims="design", name="design"))
    ideal = neuron.respond(run["time"].values, currents[0])
    result["ideal"] = ("time", ideal, {"units": "1", "long_name": "ideal signed LIF neuron"})
    result["drive"] = run["drive"]
    result.attrs = {
        "kind": "spinneuron-evolution",
        "devices": "[" + ", ".join(device.to_json() for device in devices) + "]",
        "protocol": protocol.to_json(),
        "trials": trials,
        "seed": seed,
        "temperature": float(temperature),
        "engine": "macrospin",
        "version": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "wall_time": time.perf_counter() - started,
    }
    return result


def _part(progress: Callable[[float], None], parts: int, done: float) -> None:
    progress(done / parts)


def _design(run: xr.Dataset) -> xr.Dataset:
    """One design's mean evolution, fit and split; a design that does not leak is fitted too (tau infinite)."""
    split = torque_split(run)
    part = split.drop_vars("drive").mean("trial", keep_attrs=True)
    clock, resistance = run["time"].values, device_of(run).resistance(0.0)
    fit = fit_batch(clock, part["membrane"].values, run["current"].values, resistance)
    tau, rate = float(fit.tau_membrane[0]), float(fit.rate[0])
    responds = np.isfinite(rate) and tau > 0.0
    drive = rate * resistance * run["current"].values if responds else np.zeros(len(clock))
    fitted = response(intervals(clock), drive, 1.0 / tau if responds else 0.0, 0.0)
    part["fitted"] = ("time", fitted, {"units": "1", "long_name": "signed LIF fit"})
    numbers = {
        "tau_membrane": (tau, "s"),
        "gain": (float(fit.gain[0]), "1/V"),
        "rmse": (float(fit.rmse[0]), "1"),
        "r2": (float(fit.r2[0]), "1"),
        "leak_rate": (leak_rate(split), "1/s"),
    }
    for name, (value, unit) in numbers.items():
        part[name] = ((), value, {"units": unit})
    return part
