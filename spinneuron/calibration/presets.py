"""The preset devices `plasticity` and `reference`, made of the calibration to the printed numbers.

Both are pure functions; examples/09_plasticity_preset.py holds the shipped files against them.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import brentq

from spinneuron.calibration.fitting import DeviceFit
from spinneuron.calibration.observations import PROBE, Observation, train
from spinneuron.calibration.prediction import Prediction
from spinneuron.constants import kB, mu0
from spinneuron.device import Device
from spinneuron.physics.fields import Fields, Quartic, tensor
from spinneuron.physics.wells import barrier
from spinneuron.protocols import Cycle
from spinneuron.quantity import InputError
from spinneuron.surrogates.sigmoid_published import HEATING, PRINTED
from spinneuron.switching import Density
from spinneuron.switching.curves import through
from spinneuron.units import format

CITATION = (
    "J. Liu, H. Zheng, B. Zou, K. Yang, Physics-driven human-like working memory outperforms digital networks in "
    "dynamic vision; the text that we hold names no journal and no DOI"
)
DIGITS = 3
"""Of the fitted numbers in the preset; the polarization then has the six that 19.72 % at 0.80 V needs."""
_REFERENCE_RESISTANCE = 1327.0
"""[ohm]: 82 pJ per cycle of 170 ns at 0.80 V."""
_THREE = (0.9,) * 3


def plasticity(fit: DeviceFit) -> Device:
    """Make the heat-sensitive preset: the fit, rounded so that it still gives the printed digits.

    Parameters
    ----------
    fit : DeviceFit
        Of `published.calibrate_published` with its usual free numbers.

    Returns
    -------
    Device
    """
    device, form = fit.device, f".{DIGITS}g"
    device = device.replace(
        activation_volume=float(f"{device.activation_volume:{form}}"),
        thermal_resistances=tuple(float(f"{one:{form}}") for one in device.thermal_resistances),
        thermal_times=tuple(float(f"{one:{form}}") for one in device.thermal_times),
    )
    device = _to_printed(device)
    return device.replace(
        name="plasticity",
        description="intrinsic-plasticity neuron: 200 nm perpendicular junction whose Joule heat shifts its sigmoid",
        citation=CITATION,
        assumptions=_assumptions(fit, device),
    )


def reference(sensitive: Device) -> Device:
    """Make the heat-insensitive preset of 100 nm: the same free layer and tunnel magnetoresistance, and no heat path.

    Parameters
    ----------
    sensitive : Device
        Of `plasticity`.

    Returns
    -------
    Device
    """
    area = math.pi * (50e-9) ** 2
    device = sensitive.replace(
        name="reference",
        description="reference of the differential neuron: 100 nm junction without heat path",
        width=100e-9,
        length=100e-9,
        resistance_area=float(f"{_REFERENCE_RESISTANCE * area:.4g}"),
        thermal_resistances=(),
        thermal_times=(),
    )
    device = _to_printed(device)
    heat, decay = sensitive.thermal_resistances, sensitive.thermal_times
    heated = [device.replace(thermal_resistances=tuple(by * one for one in heat), thermal_times=decay) for by in (1, 4)]
    scaled = [1e3 * shift_after(one, _THREE) for one in heated]
    own = 1e3 * shift_after(sensitive, _THREE)
    power = 0.9**2 / device.resistance_parallel * 1e3
    return device.replace(
        assumptions=(
            "Published: about 100 nm; 82 pJ per cycle at 0.80 V; the switching curve is the same before and after "
            "three pulses of 0.9 V (fig. S9), whose numbers are not printed.",
            f"resistance_area: {format(_REFERENCE_RESISTANCE, 'ohm')} when parallel, from 82 pJ = V^2 t / R at 0.80 V "
            "and 170 ns of set and reset; its resistance is not printed.",
            "No heat path: insensitive, as published, and a statement rather than a result. By its area its power "
            f"would be {power:.2f} mW at 0.9 V (parallel), and with R_th and decay of the 200 nm junction three "
            f"pulses would shift it by {scaled[0]:.1f} mV; with R_th in inverse proportion to the area, 4 times as "
            f"large, by {scaled[1]:.1f} mV; the 200 nm junction is shifted by {own:.1f} mV.",
            "Free layer, activation_volume, tmr, tmr_voltage and Lambda: those of the preset plasticity; that a "
            "smaller disc has the same activation volume is assumed. Its demagnetizing factors are its own.",
            f"P = {device.P:.6g}: set so that it too fires with {100 * PRINTED.at_800_mV:.2f} % at 0.80 V, since the "
            "differential neuron drives both junctions with the same pulses. With the P of the preset plasticity, and "
            "its larger resistance-area product, it would not fire there.",
            "breakdown_voltage = 1.2 V and temperature = 300 K: assumed, as for the preset plasticity.",
        )
    )


def shift_after(device: Device, amplitudes: tuple[float, ...], voltage: float = 0.83) -> float:
    """Compute the shift of the midpoint that regular cycles leave, by the `Density` engine.

    Parameters
    ----------
    device : Device
    amplitudes : tuple of float [V]
    voltage : float [V]
        Of the probe.

    Returns
    -------
    float
        [V]
    """
    cycle = Cycle()
    history = tuple(stage for one in amplitudes for stage in train(cycle, one))
    asked = Observation(voltage=voltage, history=history, shift=0.0, uncertainty=1.0)
    return float(Prediction(cycle)(device, [asked])[0])


def midpoint(device: Device) -> float:
    """Find the voltage at which the cold junction fires with 50 %.

    Parameters
    ----------
    device : Device

    Returns
    -------
    float
        [V]

    Raises
    ------
    InputError
        If it does not below breakdown.
    """
    most = device.breakdown_voltage
    if _cold(device, most) < 0.5:
        raise InputError(f"breakdown_voltage = {format(most, 'V')}: {device.name} fires with less than 50 % there")
    return float(brentq(lambda volts: _cold(device, volts) - 0.5, 0.3 * most, most, xtol=1e-8))


def heat_product(device: Device) -> tuple[float, float]:
    """Compute R_th |dx0/dT|, the one combination of both that curves against voltage fix.

    T may be the temperature at the begin of the probe, as the published pulse of 0.9 V and 500 ns leaves it: it falls
    while the probe lasts. Or T is held: the temperature of the surroundings then moves the cold midpoint further.

    Parameters
    ----------
    device : Device

    Returns
    -------
    tuple of float
        Both [V/W], in this order.
    """
    volts, held = HEATING
    cycle = Cycle()
    history = (cycle.pump(volts, width=held, delay=0.0),)
    engine = Density(device)
    rise = engine.rise(through(engine, history, engine.rest()))
    left = Prediction(cycle)(device, [Observation(voltage=PROBE, history=history, shift=0.0, uncertainty=1.0)])
    ends = [midpoint(device.replace(temperature=device.temperature + step)) for step in (-1.0, 1.0)]
    resistance = sum(device.thermal_resistances)
    return resistance * float(left[0]) / rise, resistance * 0.5 * abs(ends[1] - ends[0])


def stability(device: Device) -> float:
    """Compute the barrier over kB T: ``mu0 Ms V_act Hk / (2 kB T)``; with Ku2, that of the energy itself.

    Parameters
    ----------
    device : Device

    Returns
    -------
    float
        [1]
    """
    fields = Fields.of(device, device.size)
    volume = device.volume if device.activation_volume is None else device.activation_volume
    if isinstance(fields, Quartic):
        return float(mu0 * device.Ms * volume * barrier(fields, device.pinned) / (kB * device.temperature))
    values = np.linalg.eigvalsh(tensor(fields))
    return float(0.5 * mu0 * device.Ms * volume * (values[1] - values[0]) / (kB * device.temperature))


def _cold(device: Device, voltage: float = 0.8) -> float:
    return float(Prediction(Cycle())(device, [Observation(voltage=voltage, probability=0.5, trials=1.0)])[0])


def _to_printed(device: Device) -> Device:
    """Set P, to six digits, so that the cold junction fires as printed at 0.80 V."""
    found = brentq(
        lambda log: _cold(device.replace(P=math.exp(log))) - PRINTED.at_800_mV,
        math.log(0.5 * device.P),
        math.log(min(1.0, 2.0 * device.P)),
        xtol=1e-9,
    )
    return device.replace(P=float(f"{math.exp(found):.6g}"))


def _assumptions(fit: DeviceFit, device: Device) -> tuple[str, ...]:
    """Say what is printed, what is assumed, and what is fitted with which uncertainty."""
    error = {name: format(one, unit, 2) for (name, one), unit in zip(fit.uncertainties.items(), fit.units, strict=True)}
    named = {
        name: format(fit.value(name), unit, 4 if unit == "V" else DIGITS)
        for name, unit in zip(fit.names, fit.units, strict=True)
    }
    product, lasting = heat_product(device)
    return (
        "Published: about 200 nm; R_P = 230 ohm, R_AP = 410 ohm; 19.72 % at 0.80 V; 9.5 % before, 27.4 % after a pulse "
        "of 0.9 V and 500 ns, 16.3 % 200 ns later; the shift 0.0082 V^2 + 0.0087 V (fig. S1); the cycle of 230 ns.",
        "Fitted to these (docs/calibration.md), one standard error each: "
        + "; ".join(f"{name} = {named[name]} +- {error[name]}" for name in fit.names)
        + ". The probing voltage of 9.5, 27.4 and 16.3 % is not printed; it follows from the fit.",
        "One device behind all numbers is assumed; 19.72 % is of device R09C11, the others of no named one. The "
        "constants of fig. S2, two segments, are not printed: one thermal pole, and no second one was invented.",
        f"P = {device.P:.6g} is an effective torque efficiency: tmr alone would give a polarization of "
        f"{math.sqrt(device.tmr / (2.0 + device.tmr)):.2f}. A disc of 200 nm reverses by nucleation, so that "
        "activation_volume and P describe one moment that switches like it.",
        f"Only R_th |dx0/dT| = {product:.1f} mV/mW (rise at the begin of the probe; {lasting:.1f} mV/mW for a rise "
        "that lasts) is determined: thermal_resistances is what it is under the assumed Ms(T) and Ku(T). The barrier "
        f"is {stability(device):.0f} kT.",
        "Ms = 600 kA/m, alpha = 0.03, thickness = 1.7 nm, Ku so that mu0 Hk is about 0.25 T, curie_temperature = 900 "
        "K, Ku_exponent = 2.2, Aex = 10 pJ/m (for lattices only): assumed for CoFeB(1.1)/Ta(0.5)/[Co(0.3)/Pt(1.5)]2.",
        "Lambda = sqrt(R_AP / R_P): the torque of a tunnel junction at a given low voltage does not depend on the "
        "angle. Where tmr has fallen, at 0.8 V, it then grows towards antiparallel; docs/calibration.md tells what "
        "Lambda = 1 does.",
        "polarity = -1: a positive set pulse drives the antiparallel state. tmr_voltage = 0.3 V: assumed; fitted to "
        "fig. S1 as well it is 0.28 +- 0.09 V. breakdown_voltage = 1.2 V and temperature = 300 K: assumed.",
    )
