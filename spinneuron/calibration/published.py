"""The printed numbers of the plasticity neuron as observations, and the devices that are calibrated to them.

The text prints a firing probability before a pulse of 0.9 V and 500 ns, right after it, and 200 ns later, at a probing
voltage that it does not print; the probability of one device at 0.80 V; and the fit of fig. S1, 0.0082 V^2 + 0.0087 V.
One device behind all of them is assumed. The uncertainties are those of 10,000 cycles and of the rounding to the
printed digits; of fig. S1, whose points are not printed, the scatter that its R^2 = 0.9638 leaves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from spinneuron.calibration.fitting import FREE, DeviceFit, calibrate_device
from spinneuron.calibration.observations import PROBE, Observation, train
from spinneuron.device import Device
from spinneuron.protocols import Cycle
from spinneuron.surrogates.sigmoid_published import COOLING, CYCLES, HEATING, LAST_DIGIT, PRINTED

SCATTER = 0.28e-3
"""Standard error [V] of a shift of fig. S1: R^2 = 0.9638 leaves 0.26 to 0.32 mV to amplitudes from 0.70 or 0.75 V to
0.93 V, and the residual that is printed with fig. S4 is 0.287 mV."""
AMPLITUDES = (0.80, 0.83, 0.85, 0.90, 0.93)
"""Voltages [V] at which the printed fit of fig. S1 is taken."""
PROBE_NAME = "probe_voltage"
PROBE_START = 0.78
"""[V]"""


def base_device() -> Device:
    """Give the junction that the calibration starts from: what is printed, and what is assumed.

    Returns
    -------
    Device
    """
    radius, parallel, antiparallel = 100e-9, 230.0, 410.0
    return Device(
        name="plasticity",
        geometry="elliptic-cylinder",
        width=2.0 * radius,
        length=2.0 * radius,
        thickness=1.7e-9,
        Ms=600e3,
        alpha=0.03,
        Ku=291.9e3,
        curie_temperature=900.0,
        Ku_exponent=2.2,
        activation_volume=6.9e-24,
        # four digits, as the file shows them: 7.226 ohm um^2 and 78.26 %
        resistance_area=float(f"{parallel * math.pi * radius**2:.4g}"),
        tmr=round(antiparallel / parallel - 1.0, 4),
        P=0.16,
        Lambda=round(math.sqrt(antiparallel / parallel), 4),
        pinned=(0.0, 0.0, 1.0),
        breakdown_voltage=1.2,
        polarity=-1.0,
        tmr_voltage=0.3,
        thermal_resistances=(4.5e3,),
        thermal_times=(270e-9,),
    )


def printed_observations(cycle: Cycle | None = None) -> tuple[Observation, ...]:
    """List what the text prints: four probabilities, and fig. S1 at `AMPLITUDES`.

    Parameters
    ----------
    cycle : Cycle, optional
        The published one by default.

    Returns
    -------
    tuple of Observation
    """
    cycle = cycle or Cycle()
    hot = (cycle.pump(HEATING[0], width=HEATING[1], delay=0.0),)
    histories = {"before": (), "after": hot, "later": (*hot, COOLING), "at_800_mV": ()}
    labels = {"before": "cold", "after": "after 500 ns of 0.9 V", "later": "200 ns later", "at_800_mV": "cold, 0.80 V"}
    found = []
    for name, history in histories.items():
        share, digit = getattr(PRINTED, name), getattr(LAST_DIGIT, name)
        scatter = share * (1.0 - share)
        # as many trials as scatter like 10,000 of them and the rounding together
        trials = scatter / (scatter / CYCLES + digit**2 / 12.0)
        volts = 0.8 if name == "at_800_mV" else PROBE_NAME
        found.append(Observation(voltage=volts, history=history, probability=share, trials=trials, label=labels[name]))
    for volts in AMPLITUDES:
        shift = PRINTED.heat_v2 * volts**2 + PRINTED.heat_v1 * volts
        said = f"fig. S1, after {volts:.2f} V"
        found.append(
            Observation(voltage=PROBE, history=train(cycle, volts), shift=shift, uncertainty=SCATTER, label=said)
        )
    return tuple(found)


def calibrate_published(
    device: Device | None = None,
    free: Sequence[str] = FREE,
    progress: Callable[[int, float], None] | None = None,
) -> DeviceFit:
    """Calibrate a junction to the printed numbers.

    Parameters
    ----------
    device : Device, optional
        `base_device` by default.
    free : sequence of str
        Numbers of the device; the probing voltage is always fitted.
    progress : callable, optional
        Called with the number of the evaluation and its chi2.

    Returns
    -------
    DeviceFit

    Raises
    ------
    InputError
        As of `calibrate_device`.
    """
    return calibrate_device(
        device or base_device(),
        observations=printed_observations(),
        free=free,
        voltages={PROBE_NAME: PROBE_START},
        progress=progress,
    )
