"""From magnetization to spikes: voltage divider, two comparators, refractory time, energy.

The junction and a reference resistor divide a small read voltage; a comparator on either side of the rest level fires
+1 or -1 when m.p passes +-threshold (V_out = R_MTJ / (R_MTJ + R_ref) V_in). Open loop, the drive goes on
and further crossings within the refractory time are ignored; closed loop, a spike switches the drive of its neuron off
for that time, so that the magnet leaks back by itself: the reset of this neuron.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

import numpy as np
import xarray as xr

from spinneuron import __version__
from spinneuron.device import Device
from spinneuron.dynamics.electrothermal import HEAT_COLUMNS
from spinneuron.dynamics.ensemble import Course, Numerics, choose, run
from spinneuron.dynamics.macrospin import COLUMNS, table
from spinneuron.physics.heating import bias
from spinneuron.physics.temperature import at, ratios
from spinneuron.physics.transport import ReadOut, Transport, divider
from spinneuron.protocols import Protocol
from spinneuron.quantity import integer, non_negative, positive
from spinneuron.simulation import cosine_of, device_of, initial_state, membrane_potential, warmth_of

# what a switch that is open takes from a row: the conductances, also those that a voltage renews
_GATED = {
    unit: [number for number, (name, _) in enumerate(COLUMNS + HEAT_COLUMNS) if name in names]
    for unit, names in {"V": ("mean", "swing", "parallel"), "A": ("mean", "swing"), "A/m^2": ("mean", "swing")}.items()
}


def fire(run: xr.Dataset, threshold: float, *, refractory: float = 0.0) -> xr.Dataset:
    """Read the spikes of a recorded run, open loop.

    A spike is the first sample beyond a threshold after the output was 0 (or had the other sign) and the refractory
    time has passed.

    Parameters
    ----------
    run : xarray.Dataset
        From :func:`spinneuron.simulation.simulate`, with ``every`` given.
    threshold : float [1]
        Of ``|m.p|``, between 0 and 1.
    refractory : float [s]

    Returns
    -------
    xarray.Dataset
        ``membrane`` [1], ``voltage`` [V] of the divider, ``spike`` (+1, 0, -1) (trial, time); ``spike_count`` and
        ``energy`` [J] of the drive (trial); ``energy_per_spike`` [J], infinite without spikes.

    Raises
    ------
    InputError
        If the run kept one state only, or an argument is out of range.

    Examples
    --------
    >>> from spinneuron import Device, simulate
    >>> from spinneuron.protocols import train
    >>> run = simulate(Device.preset("orthogonal"), train([1e12, -1e12], 1e-9), temperature=0.0, every=10e-12)
    >>> spikes = fire(run, 0.25, refractory=0.5e-9).spike.values[0]
    >>> spikes[spikes != 0].tolist()
    [1, -1]
    """
    membrane = membrane_potential(run)
    non_negative("refractory", refractory, "s")
    device = device_of(run)
    stage = ReadOut.of(device, threshold)
    cosine = cosine_of(run)
    output = stage.compare(_resistance(device, cosine.values, _temperature(run)))
    times = run["time"].values
    spikes = np.zeros_like(output)
    free_from = np.full(output.shape[0], -np.inf)
    for sample in range(1, len(times)):
        awake = free_from <= times[sample] * (1.0 + 1e-12)
        onset = (output[:, sample] != 0) & (output[:, sample] != output[:, sample - 1]) & awake
        spikes[onset, sample] = output[onset, sample]
        free_from[onset] = times[sample] + refractory
    gate = np.ones(spikes.shape, dtype=bool)
    return _dataset(run, stage, {"threshold": threshold, "refractory": refractory}, membrane, cosine, spikes, gate)


def closed_loop(
    device: Device,
    protocol: Protocol,
    threshold: float,
    *,
    refractory: float,
    trials: int = 1,
    seed: int = 0,
    temperature: float | None = None,
    every: float = 10e-12,
) -> xr.Dataset:
    """Run a neuron whose spikes switch its drive off for the refractory time.

    The comparator looks at the state at every record. Between two looks the run is that of ``simulate``, noise and
    heat included; an open switch lets the junction cool.

    Parameters
    ----------
    device : Device
    protocol : Protocol
    threshold : float [1]
    refractory : float [s]
        Positive; no spike can follow within it.
    trials : int
    seed : int
    temperature : float [K], optional
        By default the device's.
    every : float [s]
        Between two looks.

    Returns
    -------
    xarray.Dataset
        As :func:`fire`; ``drive`` (trial, time) is what each neuron was given. Where the device heats itself, also
        ``temperature`` (trial, time) [K].

    Raises
    ------
    InputError
        If an argument is out of range, or the free layer becomes hotter than is described.
    """
    started = time.perf_counter()
    positive("refractory", refractory, "s")
    positive("every", every, "s")
    trials = integer("trials", trials)
    temperature = device.temperature if temperature is None else non_negative("temperature", temperature, "K")
    here = at(device, temperature)
    stage = ReadOut.of(here, threshold)
    rows = np.repeat(table(here, here.size, protocol.unit, temperature), trials, axis=0)
    states, heats, gate, spikes, numerics = _walk(here, protocol, stage, rows, refractory, every, seed)
    times = np.arange(len(states)) * every
    record = xr.Dataset(
        {"m": (("trial", "time", "component"), states.transpose(2, 0, 1), {"units": "1"})},
        {"time": ("time", times, {"units": "s", "long_name": "time"}), "component": ["x", "y", "z"]},
        {
            "device": device.to_json(),
            "protocol": protocol.to_json(),
            "trials": trials,
            "seed": int(seed),
            "temperature": float(temperature),
            "engine": "macrospin",
            **numerics,
            "version": __version__,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "wall_time": time.perf_counter() - started,
        },
    )
    if heats is not None:
        record["temperature"] = (("trial", "time"), heats.T, {"units": "K", "long_name": "temperature"})
    record["drive"] = ("time", protocol.at(times), {"units": protocol.unit, "long_name": "drive"})
    cosine = xr.DataArray(np.einsum("sil,i->ls", states, np.asarray(device.pinned)), dims=("trial", "time"))
    numbers = {"threshold": threshold, "refractory": refractory}
    return _dataset(record, stage, numbers, membrane_potential(record), cosine, spikes, gate)


def _walk(device, protocol, stage, rows, refractory, every, seed):
    """Go from look to look: states (samples + 1, 3, trials), temperatures (samples + 1, trials) or None, gate and
    spikes (trials, samples + 1), stepper and dt."""
    trials, peak, step = len(rows), max(map(abs, protocol.values)), 0
    m, warmth = initial_state(device, None, trials), warmth_of(device, protocol.unit, peak, trials)
    samples = int(np.ceil(protocol.duration / every * (1.0 - 1e-9)))
    # every stretch takes the same step as one whole run would
    numerics = Numerics(None if warmth is None else "heun")
    _, largest = choose(numerics, rows[:1] if warmth is None else warmth.extremes, peak)
    if np.isfinite(largest):
        numerics = numerics._replace(dt=every / int(np.ceil(every / largest * (1.0 - 1e-9))))
    states, heats = np.empty((samples + 1, 3, trials)), np.full((samples + 1, trials), device.temperature)
    states[0] = m
    gate, spikes = np.ones((trials, samples + 1), dtype=bool), np.zeros((trials, samples + 1), dtype=np.int8)
    free_from, before = np.zeros(trials), stage.output(device, np.asarray(device.pinned) @ m)
    for sample in range(samples):
        start, end = sample * every, (sample + 1) * every
        awake = free_from <= start * (1.0 + 1e-12)
        gated = rows.copy()
        gated[:, [column for column in _GATED[protocol.unit] if column < gated.shape[1]]] *= awake[:, None]
        corners = [start, *(t for t in protocol.times if start < t < end), end]
        course = Course(tuple(t - start for t in corners), tuple(protocol.at(corners).tolist()), every, 1)
        options = {"trials": trials, "seed": seed, "first": (0, step), "numerics": numerics, "record": False}
        _, dt, stepper = run(m, gated, course, **options, warmth=warmth)
        step += round(every / dt) if np.isfinite(dt) else 0
        states[sample + 1], gate[:, sample + 1] = m, awake
        if warmth is not None:
            heats[sample + 1] += warmth.state[1:].sum(axis=0)
        hot = None if warmth is None else heats[sample + 1]
        now = stage.compare(_resistance(device, np.asarray(device.pinned) @ m, hot))
        onset = (now != 0) & (now != before) & awake
        spikes[onset, sample + 1] = now[onset]
        free_from[onset] = end + refractory
        before = now
    return states, None if warmth is None else heats, gate, spikes, {"stepper": stepper, "dt": float(dt)}


def _temperature(record) -> np.ndarray | None:
    """Temperatures (trial, time) of a run that holds them."""
    return record["temperature"].transpose("trial", "time").values if "temperature" in record else None


def _tmr(device, temperature):
    """TMR at low voltage, at the temperature of each sample."""
    return device.tmr * (1.0 if temperature is None else ratios(device, temperature, device.temperature).tmr)


def _resistance(device, cosine, temperature):
    """What the divider sees, at a voltage near 0."""
    if temperature is None:
        return device.resistance(cosine)
    return 2.0 * device.resistance_parallel / (1.0 + cosine + (1.0 - cosine) / (1.0 + _tmr(device, temperature)))


def _power(device, cosine, drive, unit, temperature):
    """Joule power of the drive [W]: J V(J), where a voltage drive gives V and another one J."""
    tmr = _tmr(device, temperature)
    if unit != "V":
        J = drive * Transport.of(device, device.size, unit).mean
        return J * bias(device, J, cosine, tmr) * device.area
    tmr = tmr if device.tmr_voltage is None else tmr / (1.0 + (drive / device.tmr_voltage) ** 2)
    return drive**2 * (1.0 + cosine + (1.0 - cosine) / (1.0 + tmr)) / (2.0 * device.resistance_parallel)


def _dataset(record, stage: ReadOut, numbers: dict, membrane, cosine, spikes, gate) -> xr.Dataset:
    """Put spikes, divider voltage and energy together.

    ``gate`` (trial, time) tells for every sample whether the drive was on in the interval that ends there; over such an
    interval the Joule power of the drive is summed by the trapezoid.
    """
    device, unit = device_of(record), record["drive"].attrs["units"]
    c, drive, temperature = cosine.values, record["drive"].values, _temperature(record)
    resistance, power = _resistance(device, c, temperature), _power(device, c, drive, unit, temperature)
    means = np.where(gate[:, 1:], 0.5 * (power[:, 1:] + power[:, :-1]), 0.0)
    energy = (means * np.diff(record["time"].values)).sum(axis=1)
    count = np.count_nonzero(spikes, axis=1)
    voltage = divider(resistance, stage.reference, stage.read_voltage)
    total = int(count.sum())
    result = xr.Dataset(
        {
            "membrane": membrane,
            "voltage": (("trial", "time"), voltage, {"units": "V", "long_name": "output of the divider"}),
            "spike": (("trial", "time"), spikes, {"units": "1", "long_name": "spike"}),
            "drive": (("trial", "time"), np.where(gate, drive, 0.0), {"units": unit, "long_name": "drive"}),
            "spike_count": ("trial", count, {"units": "1", "long_name": "number of spikes"}),
            "energy": ("trial", energy, {"units": "J", "long_name": "energy of the drive"}),
            "energy_per_spike": (
                (),
                energy.sum() / total if total else np.inf,
                {"units": "J", "long_name": "energy per spike"},
            ),
        },
        {"time": record["time"]},
    )
    if temperature is not None:
        result["temperature"] = record["temperature"]
    levels = {"low": stage.low, "high": stage.high, "reference": stage.reference, "read_voltage": stage.read_voltage}
    result.attrs = record.attrs | levels | numbers | {"kind": "spinneuron-spikes"}
    return result
