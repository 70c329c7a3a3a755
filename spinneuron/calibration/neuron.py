"""From a device to the neuron file: curves of `Density`, cold, heated and cooling, and `Sigmoid.fit` to them.

The counts are exact probabilities times the trials, rounded: they scatter by the rounding only, and the deviance tells
how far the curve of the device is from a logistic.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from spinneuron.calibration.observations import train
from spinneuron.device import Device
from spinneuron.measured import Curves
from spinneuron.protocols import Cycle
from spinneuron.statistics import curve_from_counts
from spinneuron.surrogates.sigmoid import Sigmoid
from spinneuron.switching import Density
from spinneuron.switching.curves import probed, through

TRIALS = 10_000
VOLTAGES = tuple(np.round(np.arange(0.70, 0.955, 0.01), 3).tolist())
"""[V]"""
AMPLITUDES = (0.70, 0.75, 0.80, 0.83, 0.85, 0.90, 0.93)
"""[V]"""
DELAYS = (0.0, 100e-9, 200e-9, 300e-9, 500e-9, 700e-9, 1000e-9)
"""[s]"""
PULSES, BEFORE = 5, 0.9
"""Before the delays: number, and amplitude [V], as in the caption of fig. S2."""


class DeviceNeuron(NamedTuple):
    """What `device_neuron` makes.

    Attributes
    ----------
    neuron : Sigmoid
    curves : Curves
        To which it was fitted.
    provenance : dict
        For `neuron_file.save`.
    """

    neuron: Sigmoid
    curves: Curves
    provenance: dict[str, Any]


def device_neuron(
    device: Device,
    *,
    cycle: Cycle | None = None,
    voltages: Sequence[float] = VOLTAGES,
    amplitudes: Sequence[float] = AMPLITUDES,
    delays: Sequence[float] = DELAYS,
    p_max: float | None = None,
) -> DeviceNeuron:
    """Make the sigmoid neuron of a device.

    Parameters
    ----------
    device : Device
        Axial, with a heat path.
    cycle : Cycle, optional
        The published one by default.
    voltages : sequence of float [V]
        Of the probes, increasing.
    amplitudes : sequence of float [V]
        Of the one pulse before.
    delays : sequence of float [s]
        After `PULSES` pulses of `BEFORE`, beyond the regular next step.
    p_max : float, optional [1]
        Ceiling; fitted by default, and then at its bound 1: the probability of a device rises to 1.

    Returns
    -------
    DeviceNeuron

    Raises
    ------
    InputError
        If the engine refuses the device or a voltage, or the curves do not determine the neuron.
    """
    cycle = cycle or Cycle()
    engine, volts = Density(device, TRIALS), np.asarray(voltages, dtype=float)
    cold = engine.rest()

    def counts(states: Sequence[Any]) -> np.ndarray:
        return np.rint([probed(engine, state, volts, cycle, 0)[0] for state in states])

    heated = counts([through(engine, train(cycle, one), cold) for one in amplitudes])
    hot = through(engine, train(cycle, BEFORE, PULSES), cold)
    cooled = counts([engine.cool(hot, delay) for delay in delays])
    baseline = curve_from_counts(volts, counts([cold])[0], TRIALS)
    heating = curve_from_counts(volts, heated, TRIALS, along=("amplitude", list(amplitudes), "V"))
    cooling = _cooling(volts, cooled, delays)
    sizes = {name: (getattr(device, name),) * 2 for name in ("width", "length", "thickness")}
    ranges = sizes | {"temperature": (device.temperature,) * 2}
    # a sum of times in ns, without the last bits of its parts
    step = round(cycle.duration, 15)
    neuron = Sigmoid.fit(baseline, heating, cooling, p_max=p_max, time_step=step, pulse_width=cycle.width, valid=ranges)
    return DeviceNeuron(neuron, Curves(baseline, heating, cooling), _provenance(device, cycle, p_max))


def _cooling(volts: np.ndarray, switched: np.ndarray, delays: Sequence[float]) -> xr.Dataset:
    curve = curve_from_counts(volts, switched, TRIALS, along=("delay", list(delays), "s"))
    return curve.assign_attrs(pulses=PULSES, amplitude=BEFORE)


def _provenance(device: Device, cycle: Cycle, p_max: float | None) -> dict[str, Any]:
    """Say what made the neuron."""
    given = "p_max was free" if p_max is None else f"p_max = {p_max:g} was given"
    return {
        "source": f"device {device.name}, calibrated to printed numbers; no measured curve",
        "derived_by": "spinneuron.calibration.device_neuron(device)",
        "engine": "fokker-planck",
        "device": json.loads(device.to_json()),
        "cycle": dataclasses.asdict(cycle),
        "assumptions": [
            f"{TRIALS} trials stand behind each point: exact probabilities, rounded to counts; the uncertainties are "
            "those that so many trials would have",
            "the curve of a device rises more steeply above its midpoint than below: rmse, deviance and p_value of the "
            "fit tell by how much it is no logistic",
            f"{given}; the curve of a device reaches 1",
            f"cooling follows {PULSES} pulses of {BEFORE} V, as the caption of fig. S2 says",
        ],
    }
