"""Lanes whose parameters follow their own temperature and voltage: renewed every few steps, beside the fast loop.

Each trial has its own angle, hence its own conductance, power and temperature. Between two renewals, some ten
picoseconds apart, the parameters stand still; the heat of a window is exact for a power that is linear in time
(:mod:`spinneuron.physics.heating`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from spinneuron.compiled import kernel
from spinneuron.physics.fields import Fields
from spinneuron.physics.heating import Foster, joule_power, junction_voltage

# what follows in the rows of a junction whose own heat or voltage changes it
HEAT_COLUMNS = (
    *((f"shape_{name}", "dt") for name in Fields._fields[:6]),
    ("parallel", "1"),
    ("tmr", "1"),
    ("roll", "1"),
    ("area", "1"),
)


class Thermal(NamedTuple):
    """How the parameters of all lanes follow their temperature and voltage.

    Attributes
    ----------
    ambient : float [K]
        Temperature without power.
    voltage_driven : bool
        Whether the drive is a voltage.
    first, step : float [K]
        Grid of `laws`.
    laws : numpy.ndarray [1]
        (points, 5), from :func:`spinneuron.physics.temperature.grid`.
    windows : numpy.ndarray
        (3, poles), from :meth:`spinneuron.physics.heating.Foster.windows`; without poles, nothing follows heat.
    """

    ambient: float
    voltage_driven: bool
    first: float
    step: float
    laws: np.ndarray
    windows: np.ndarray


NEVER = Thermal(0.0, False, 0.0, 1.0, np.ones((2, 5)), np.empty((3, 0)))
"""For lanes that follow nothing."""


@dataclass
class Warmth:
    """Heat of an ensemble of one device, and what is needed to follow it.

    Attributes
    ----------
    thermal : Thermal
        Without ``windows``, which depend on the step.
    foster : physics.heating.Foster
    state : numpy.ndarray
        (1 + poles, lanes): power [W], and rise of each pole [K]; overwritten with the final ones.
    extremes : numpy.ndarray
        Rows of the device between its coldest and hottest temperature, for the choice of the step.
    hottest : float [K]
        Rise up to which the device is described.
    record : numpy.ndarray
        (samples + 1, 1 + poles, lanes) after a run that keeps records.
    """

    thermal: Thermal
    foster: Foster
    state: np.ndarray
    extremes: np.ndarray
    hottest: float
    record: np.ndarray

    def windows(self, h: float) -> Thermal:
        """Give the numbers of the kernel for one length of window.

        Parameters
        ----------
        h : float [s]

        Returns
        -------
        Thermal
        """
        return self.thermal._replace(windows=self.foster.windows(h))


def follows(device, unit) -> bool:
    """Whether the parameters of a device change under way: by its own heat, or by the voltage.

    Parameters
    ----------
    device : Device
    unit : str
        Of the drive.

    Returns
    -------
    bool
    """
    return bool(device.thermal_resistances) or (device.tmr_voltage is not None and unit == "V")


def heat_columns(device, size, shape) -> list[Any]:
    """Columns of the rows in the order of `HEAT_COLUMNS`.

    Parameters
    ----------
    device : Device
    size : geometry.Size
    shape : numpy.ndarray [rad/s]
        Tensor (..., 3, 3) of the fields that follow Ms.

    Returns
    -------
    list
        Scalars, or arrays with one entry per pillar.
    """
    roll = 0.0 if device.tmr_voltage is None else device.tmr_voltage**-2
    components = [shape[..., i, j] for i, j in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))]
    return [*components, 1.0 / device.resistance_area, device.tmr, roll, size.area]


@kernel
def look_up(rise, thermal, ratios):
    """Interpolate the ratios of `physics.temperature.Ratios` (5, lanes) at ``ambient + rise``.

    Beyond the table they stand still: `renew` marks such lanes.
    """
    last = thermal.laws.shape[0] - 1
    for i in range(len(rise)):
        at = min(max((thermal.ambient + rise[i] - thermal.first) / thermal.step, 0.0), float(last))
        cell = min(max(int(at), 0), last - 1)
        share = at - cell
        for k in range(5):
            ratios[k, i] = thermal.laws[cell, k] + share * (thermal.laws[cell + 1, k] - thermal.laws[cell, k])
    for i in range(len(rise)):
        ratios[3, i] = math.sqrt(ratios[3, i])


@kernel
def heat_up(power, warmth, windows):
    """Advance the poles by one window, exactly for a power that went linearly from ``warmth[0]`` to ``power``."""
    for k in range(1, warmth.shape[0]):
        keep, before, after = windows[0, k - 1], windows[1, k - 1], windows[2, k - 1]
        for i in range(len(power)):
            warmth[k, i] = keep * warmth[k, i] + before * warmth[0, i] + after * power[i]


@kernel
def total(rise, warmth):
    """Sum the rises of all poles."""
    rise[:] = 0.0
    for k in range(1, warmth.shape[0]):
        rise += warmth[k]


@kernel
def expect(rise, warmth, windows):
    """Rise at the end of a window if the power stayed: near enough for the TMR there, on which the power depends."""
    rise[:] = 0.0
    for k in range(1, warmth.shape[0]):
        keep, change = windows[0, k - 1], windows[1, k - 1] + windows[2, k - 1]
        for i in range(len(rise)):
            rise[i] += keep * warmth[k, i] + change * warmth[0, i]


@kernel
def dissipate(base, scratch, drive, thermal):
    """Power [W] and conductances per area (rows 7 to 9 of scratch) of lanes at their cosine and ratio of tmr (6, 4)."""
    ratio, cosine, power, mean, swing = scratch[4], scratch[6], scratch[7], scratch[8], scratch[9]
    lanes = len(cosine)
    voltage = power
    for i in range(lanes):
        voltage[i] = drive
    if not thermal.voltage_driven:
        for i in range(lanes):
            J, tmr = drive * base[16, i], base[27, i] * ratio[i]
            voltage[i] = junction_voltage(J, cosine[i], float(base[26, i]), tmr, base[28, i])
    for i in range(lanes):
        tmr = base[27, i] * ratio[i]
        density, mean[i], swing[i] = joule_power(voltage[i], cosine[i], float(base[26, i]), tmr, base[28, i])
        power[i] = density * base[29, i]


@kernel
def weaken(p, base, Ms):
    """Field of Ku2 at the ratios of Ms that `renew` left behind in the first row of scratch: a power of them."""
    for i in range(len(Ms)):
        p[30, i] = math.exp(base[34, i] * math.log(Ms[i])) * base[30, i]


@kernel
def renew(x, y, z, p, base, warmth, scratch, drive, heating, thermal):
    """Renew power, temperature and parameters of a block of lanes.

    ``p`` (columns, lanes) are the parameters in use, ``base`` those at the temperature of the surroundings; ``warmth``
    holds the power and the rise of each pole, ``scratch`` (10, lanes) the ratios of the last call. ``heating`` says
    that there was one, a window ago. What is left behind is a function of moment, rise and drive alone, so that runs
    can be cut. Columns beyond those of heat are left to `weaken`. A lane beyond the laws is marked by an endless rise.
    Short loops, each of few arrays: only such are vectorized.
    """
    lanes, ratios, rise, cosine, power, poles = len(x), scratch[:5], scratch[5], scratch[6], scratch[7], len(warmth) - 1
    for i in range(lanes):
        cosine[i] = x[i] * base[9, i] + y[i] * base[10, i] + z[i] * base[11, i]
    # whether TMR follows the temperature
    magnons = thermal.laws[0, 4] != thermal.laws[-1, 4]
    if heating and poles:
        if magnons:
            expect(rise, warmth, thermal.windows)
            look_up(rise, thermal, ratios)
        dissipate(base, scratch, drive, thermal)
        heat_up(power, warmth, thermal.windows)
    total(rise, warmth)
    if poles:
        end = thermal.first + thermal.step * (thermal.laws.shape[0] - 1) - thermal.ambient
        for i in range(lanes):
            warmth[1, i] = math.inf if rise[i] > end else warmth[1, i]
    look_up(rise, thermal, ratios)
    if magnons or not (heating and poles):
        dissipate(base, scratch, drive, thermal)
    warmth[0] = power
    if thermal.voltage_driven:
        p[16], p[17] = scratch[8], scratch[9]
    for k in range(6):
        for i in range(lanes):
            p[k, i] = ratios[0, i] * base[20 + k, i] + ratios[1, i] * (base[k, i] - base[20 + k, i])
    for i in range(lanes):
        p[12, i], p[13, i] = ratios[2, i] * base[12, i], ratios[2, i] * base[13, i]
    p[19] = ratios[3] * base[19]
