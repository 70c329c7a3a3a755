"""Round junctions with everything along z, for the tests of switching: made to measure."""

from spinneuron.constants import e, gamma0, hbar, kB, mu0
from spinneuron.device import Device

FIELDS = {
    "name": "axial",
    "geometry": "elliptic-cylinder",
    "width": 50e-9,
    "length": 50e-9,
    "thickness": 2e-9,
    "Ms": 1e6,
    "alpha": 0.02,
    "resistance_area": 1e-12,
    "tmr": 0.0,
    "P": 0.6,
    "breakdown_voltage": 100.0,
    "pinned": (0.0, 0.0, 1.0),
}


def demagnetizing_field(device):
    """Ms (N_thickness - N_length) [A/m], which works against the easy axis."""
    _, length, thickness = device.demagnetizing_factors
    return device.Ms * (thickness - length)


def axial(Hk, Delta=None, **fields):
    """A junction of a given anisotropy field, shape included [A/m], and, by its activation volume, a given barrier."""
    device = Device(**(FIELDS | fields))
    device = device.replace(Ku=0.5 * mu0 * device.Ms * (Hk + demagnetizing_field(device)))
    if Delta is None:
        return device
    return device.replace(activation_volume=Delta * kB * device.temperature / (0.5 * mu0 * device.Ms * Hk))


def rate(device, Hk):
    """alpha gamma' Hk [rad/s]."""
    return device.alpha * gamma0 / (1.0 + device.alpha**2) * Hk


def critical_voltage(device, Hk):
    """Voltage of a junction without TMR and Lambda = 1 at which a_J = alpha Hk."""
    per_current = hbar * device.P / (2.0 * e * mu0 * device.Ms * device.thickness)
    return device.alpha * Hk * device.resistance_area / per_current


PLASTICITY_HK = 0.35 / mu0


def plasticity(**fields):
    """Like the heat-sensitive junction: 200 nm, 230 ohm, a slow heat path; set by 0.8 V, reset by -0.8 V."""
    return axial(
        PLASTICITY_HK,
        Delta=144.0,
        **{
            "name": "slow",
            "width": 200e-9,
            "length": 200e-9,
            "thickness": 1.7e-9,
            "alpha": 0.015,
            "resistance_area": 7.226e-12,
            "tmr": 0.78,
            "tmr_voltage": 0.3,
            "P": 0.196,
            "Lambda": 1.5,
            "polarity": -1.0,
            "breakdown_voltage": 1.2,
            "curie_temperature": 900.0,
            "thermal_resistances": (4.7e3,),
            "thermal_times": (268e-9,),
        }
        | fields,
    )


def reference(**fields):
    """Like the insensitive junction: the same stack, 100 nm across, and no heat."""
    small = {"name": "fast", "width": 100e-9, "length": 100e-9, "thermal_resistances": (), "thermal_times": ()}
    return plasticity(**(small | fields))


def quick(**fields):
    """A small junction with every term, fast to step: a low barrier, much damping, and two heat paths."""
    return axial(
        PLASTICITY_HK,
        **{
            "name": "quick",
            "Delta": 30.0,
            "alpha": 0.1,
            "resistance_area": 5e-12,
            "tmr": 0.8,
            "tmr_voltage": 0.5,
            "Lambda": 1.3,
            "eps_prime": -0.2,
            "applied_field": (0.0, 0.0, 5e3),
            "curie_temperature": 900.0,
            "polarization_temperature": 1300.0,
            "breakdown_voltage": 2.0,
            "thermal_resistances": (3e4, 4e4),
            "thermal_times": (1e-9, 20e-9),
        }
        | fields,
    )
