"""Joule heat: power in the junction -> temperature of the free layer, by a Foster network.

    tau_j dtheta_j/dt = -theta_j + R_j p,      p = V^2 G(m.p, V),      T = T_ambient + sum_j theta_j

Each pole stores ``C_j theta_j`` with C_j = tau_j / R_j, and gives off theta_j / R_j: what it takes in is what it stores
plus what it gave off. Over a window h the power is taken as linear from p0 to p1, and the pole is then exact:

    theta_j(h) = E theta_j + R_j ((F - E) p0 + (1 - F) p1),      E = exp(-h/tau_j),      F = (1 - E) tau_j / h
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from spinneuron.compiled import inline

POLES = 4
"""Poles that a heat path may have."""
# 1 - (1 - exp(-a)) / a = a sum_k (-a)^k / (k + 2)!
_REST = tuple(1.0 / math.factorial(k + 2) for k in range(16))


def _window_weights(a):
    """Weights of one pole over a window of a times its time constant: what is kept, what power before and after add.

    For short windows both weights are near a/2, and differences of numbers near 1 would lose them.
    """
    keep = math.exp(-a)
    if a < 0.5:
        series = 0.0
        for k in range(len(_REST) - 1, -1, -1):
            series = _REST[k] - a * series
        series *= a
        return keep, -math.expm1(-a) - series, series
    mean = -math.expm1(-a) / a
    return keep, mean - keep, 1.0 - mean


window_weights = inline(_window_weights)
"""The same for kernels."""


class Foster(NamedTuple):
    """A heat path.

    Attributes
    ----------
    resistances : numpy.ndarray [K/W]
        Of each pole.
    times : numpy.ndarray [s]
        Time constant of each pole.
    """

    resistances: np.ndarray
    times: np.ndarray

    @classmethod
    def of(cls, device) -> Foster:
        """Take the heat path of a device.

        Parameters
        ----------
        device : Device

        Returns
        -------
        Foster
        """
        return cls(np.array(device.thermal_resistances, float), np.array(device.thermal_times, float))

    def windows(self, h) -> np.ndarray:
        """Weights of one window: ``theta <- keep theta + before p0 + after p1``.

        Parameters
        ----------
        h : float [s]
            Length of the window.

        Returns
        -------
        numpy.ndarray [1, K/W, K/W]
            (3, poles): keep, before, after.
        """
        weights = np.array([_window_weights(h / time) for time in self.times.tolist()]).reshape(-1, 3).T
        return np.stack([weights[0], self.resistances * weights[1], self.resistances * weights[2]])

    def cooled(self, theta, time):
        """Temperature rises after a time without power: ``theta_j exp(-t / tau_j)``.

        Parameters
        ----------
        theta : numpy.ndarray [K]
            (poles, ...).
        time : float [s]

        Returns
        -------
        numpy.ndarray [K]
        """
        return theta * np.exp(-time / self.times).reshape((-1,) + (1,) * (np.ndim(theta) - 1))


@inline
def joule_power(voltage, cosine, parallel, tmr, roll):
    """Power per area ``V^2 G`` and both conductances per area, with ``TMR(V) = tmr / (1 + roll V^2)``."""
    square = voltage * voltage
    antiparallel = parallel / (1.0 + tmr / (1.0 + roll * square))
    mean, swing = 0.5 * (parallel + antiparallel), 0.5 * (parallel - antiparallel)
    return square * (mean + swing * cosine), mean, swing


def _voltage(J, cosine, parallel, tmr, roll):
    """Voltage at which the junction carries J: Newton steps of ``V G(V) = J`` from the low-voltage resistance.

    Six reach rounding for any tmr up to 20, the most that a device may have; four for a tmr of 2.
    """
    up, down = 0.5 * parallel * (1.0 + cosine), 0.5 * parallel * (1.0 - cosine)
    V = J / (up + down / (1.0 + tmr))
    for _ in range(6):
        a = 1.0 + roll * V * V
        # V G = V (up + down a / (a + tmr)) never falls; divisions cost, hence one of them
        s = a + tmr
        weight = up * s + down * a
        V = V - (V * weight - J * s) * s / (weight * s + 2.0 * down * roll * V * V * tmr)
    return V


junction_voltage = inline(_voltage)
"""The same for kernels."""


def bias(device, J, cosine, tmr=None):
    """Voltage at which a junction carries a current density: ``V G(m.p, V) = J``.

    Parameters
    ----------
    device : Device
    J : float or numpy.ndarray [A/m^2]
    cosine : float or numpy.ndarray [1]
        m.p.
    tmr : float or numpy.ndarray [1], optional
        At low voltage; by default that of the device.

    Returns
    -------
    float or numpy.ndarray [V]
    """
    roll = 0.0 if device.tmr_voltage is None else device.tmr_voltage**-2
    return _voltage(J, cosine, 1.0 / device.resistance_area, device.tmr if tmr is None else tmr, roll)
