"""How a free layer and its junction change with their temperature.

    m(T)  = Ms(T) / Ms(T0)   = (1 - (T/Tc)^(3/2)) / (1 - (T0/Tc)^(3/2))            (Bloch)
    Ku(T) / Ku(T0) = m^n,  n = Ku_exponent                                         (2 to 2.3 for an interface)
    Ku2(T) / Ku2(T0) = m^n, n = Ku2_exponent                                       (10: l (l + 1) / 2 for l = 4)
    P(T)  / P(T0)  = (1 - (T/Tp)^(3/2)) / (1 - (T0/Tp)^(3/2))                      (surface magnons)
    TMR(T) / TMR(T0) = (P(T) / P(T0))^2                                            (Julliere, to leading order in P^2)

T0 is the reference temperature of the device, Tc its Curie temperature, Tp its polarization temperature; without Tc, or
without Tp, the ratio is 1. The shape anisotropy goes with Ms^2. Ku2 sin^4 holds a part of l = 2 beside that of l = 4,
and an interface need not follow a single-ion law: Ku2_exponent is a number of the device. Sources: Bloch, Z. Phys. 61,
206 (1930); Zener, Phys. Rev. 96, 1335 (1954) (powers of m); Callen, Callen, J. Phys. Chem. Solids 27, 1271 (1966)
(their l (l + 1) / 2); Shang, Nowak, Jansen, Moodera, Phys. Rev. B 58, R2917 (1998) (P(T), TMR(T)).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from spinneuron.compiled import inline
from spinneuron.device_checks import MOST_TMR
from spinneuron.quantity import InputError
from spinneuron.units import format as shown

HOTTEST = 0.98
"""Largest temperature that is followed, as a share of the Curie and of the polarization temperature."""
_POINTS = 512
_NO_LIMIT = 3000.0


class Ratios(NamedTuple):
    """By what the numbers of a device are multiplied when its temperature changes.

    Attributes
    ----------
    Ms : float or numpy.ndarray [1]
        Of Ms, and of the shape field.
    Hk : float or numpy.ndarray [1]
        Of the field of Ku, which goes with Ku / Ms.
    torque : float or numpy.ndarray [1]
        Of the torque fields per current density, which go with P / Ms.
    noise : float or numpy.ndarray [1]
        Of the thermal field, which goes with sqrt(T / Ms).
    tmr : float or numpy.ndarray [1]
        Of the tunnel magnetoresistance.
    Hk2 : float or numpy.ndarray [1]
        Of the field of Ku2, which goes with Ku2 / Ms.
    """

    Ms: np.ndarray
    Hk: np.ndarray
    torque: np.ndarray
    noise: np.ndarray
    tmr: np.ndarray
    Hk2: np.ndarray | float = 1.0


def _bloch(temperature, zero, reference):
    if zero is None:
        return np.ones_like(np.asarray(temperature, dtype=float))
    return (1.0 - (np.asarray(temperature) / zero) ** 1.5) / (1.0 - (reference / zero) ** 1.5)


def _zeros(device) -> list[float]:
    return [zero for zero in (device.curie_temperature, device.polarization_temperature) if zero is not None]


def limit(device) -> float:
    """Temperature up to which the laws of a device are followed.

    Parameters
    ----------
    device : Device

    Returns
    -------
    float [K]
        `HOTTEST` times the lower of its Curie and polarization temperature; 3000 K if it has neither.
    """
    zeros = _zeros(device)
    return HOTTEST * min(zeros) if zeros else _NO_LIMIT


def ratios(device, temperature, base) -> Ratios:
    """Compute what changes from one temperature to another.

    Parameters
    ----------
    device : Device
    temperature : float or numpy.ndarray [K]
    base : float [K]
        The temperature at which the ratios are 1.

    Returns
    -------
    Ratios
    """
    m = _bloch(temperature, device.curie_temperature, base)
    P = _bloch(temperature, device.polarization_temperature, base)
    warmth = np.asarray(temperature) / base if base > 0.0 else np.zeros_like(m)
    Hk, Hk2 = m ** (device.Ku_exponent - 1.0), m ** (device.Ku2_exponent - 1.0)
    return Ratios(m, Hk, P / m, np.sqrt(warmth / m), P * P, Hk2)


def at(device, temperature):
    """Give the device as it is at a temperature.

    Parameters
    ----------
    device : Device
    temperature : float [K]

    Returns
    -------
    Device
        With Ms, Ku, Ku2, P and tmr of that temperature, which becomes its ``temperature`` and its reference.

    Raises
    ------
    InputError
        If the temperature is so near to the Curie or polarization temperature that the laws end, or makes a number of
        the device impossible (P above 1).
    """
    given = shown(temperature, "K")
    if temperature > (hottest := limit(device)):
        end = f"{shown(hottest, 'K')}, {HOTTEST} of its Curie or polarization temperature"
        end = end if _zeros(device) else shown(hottest, "K")
        raise InputError(f"temperature = {given}: {device.name} is described up to {end}; use a lower one")
    r = ratios(device, temperature, device.reference_temperature)
    P, tmr = float(device.P * r.torque * r.Ms), float(device.tmr * r.tmr)
    for name, value, most in (("P", P, 1.0), ("tmr", tmr, MOST_TMR)):
        # to rounding, P may be 1 at the reference
        if value > most * (1.0 + 1e-12):
            raise InputError(
                f"temperature = {given}: {name} of {device.name} would be {value:.4g} there, above {most:g}; use a "
                f"higher temperature, a smaller {name} or no polarization_temperature"
            )
    return device.replace(
        Ms=float(device.Ms * r.Ms),
        Ku=float(device.Ku * r.Hk * r.Ms),
        Ku2=float(device.Ku2 * r.Hk2 * r.Ms),
        P=min(P, 1.0),
        eps_prime=float(device.eps_prime * r.torque * r.Ms),
        tmr=min(tmr, MOST_TMR),
        temperature=float(temperature),
        reference_temperature=float(temperature),
    )


def grid(device, ambient) -> tuple[float, float, np.ndarray]:
    """Tabulate the ratios on a uniform grid of temperatures, for kernels to interpolate.

    512 points from the temperature of the surroundings, where all ratios are 1 to the last bit, to the `limit`. What
    is read between them is good to 6e-5 up to 0.8 of the Curie or polarization temperature, to 3e-4 up to 0.9, and to
    0.7 % at the limit (Ku_exponent up to 4, surroundings from 1 K). Hk2, a high power of Ms, would
    not be that good: it has no column, and kernels take the power of what they read of Ms (1e-4 up to 0.8).

    Parameters
    ----------
    device : Device
    ambient : float [K]
        Of the surroundings, where the ratios are 1.

    Returns
    -------
    first : float [K]
    step : float [K]
    table : numpy.ndarray [1]
        (512, 5), the columns in the order of `Ratios` up to tmr, but with the square of ``noise``, which is nearly
        linear.
    """
    temperatures = np.linspace(ambient, limit(device), _POINTS)
    r = ratios(device, temperatures, ambient)
    table = np.stack((r.Ms, r.Hk, r.torque, r.noise**2, r.tmr), axis=-1)
    return float(temperatures[0]), float(temperatures[1] - temperatures[0]), np.ascontiguousarray(table)


class Laws(NamedTuple):
    """The laws of one device as numbers for kernels that evaluate them at every temperature they meet.

    Attributes
    ----------
    base : float [K]
        Temperature at which all ratios are 1.
    magnetization, polarization : float [1/K]
        Inverse Curie and polarization temperature, 0 without.
    Ku_exponent, Ku2_exponent : float [1]
    hottest : float [K]
        Beyond, the laws stand still.
    """

    base: float
    magnetization: float
    polarization: float
    Ku_exponent: float
    Ku2_exponent: float
    hottest: float

    @classmethod
    def of(cls, device, base) -> Laws:
        """Take the laws of a device.

        Parameters
        ----------
        device : Device
        base : float [K]

        Returns
        -------
        Laws
        """
        zeros = (device.curie_temperature, device.polarization_temperature)
        curie, polarization = (0.0 if zero is None else 1.0 / zero for zero in zeros)
        return cls(base, curie, polarization, device.Ku_exponent, device.Ku2_exponent, limit(device))


@inline
def magnons(temperature, base, inverse):
    """``(1 - (T/Tc)^(3/2)) / (1 - (T0/Tc)^(3/2))`` by square roots."""
    x, x0 = temperature * inverse, base * inverse
    return (1.0 - x * math.sqrt(x)) / (1.0 - x0 * math.sqrt(x0))


@inline
def law_ratios(temperature, laws):
    """The numbers of `Ratios` at one temperature."""
    T = min(temperature, laws.hottest)
    m, P = magnons(T, laws.base, laws.magnetization), magnons(T, laws.base, laws.polarization)
    log = math.log(m)
    Hk, Hk2 = math.exp((laws.Ku_exponent - 1.0) * log), math.exp((laws.Ku2_exponent - 1.0) * log)
    return m, Hk, P / m, math.sqrt(T / (laws.base * m)), P * P, Hk2
