"""Heat of a junction on a lattice: `Warmth`, which makes fields, noise and resistance follow its temperature."""

from __future__ import annotations

import numpy as np

from spinneuron.device import Device
from spinneuron.dynamics.lattice.stochastic import Stochastic
from spinneuron.physics.heating import Foster
from spinneuron.physics.lattice.anisotropy import Uniaxial
from spinneuron.physics.lattice.junction import Contact, JunctionTorque
from spinneuron.physics.lattice.term import Term
from spinneuron.physics.temperature import limit, ratios
from spinneuron.quantity import InputError
from spinneuron.units import format as shown


class Warmth:
    """Temperature of a junction, and what follows it.

    One temperature for all cells: that of the mean power, ``V^2 G`` of the whole section, through the heat path.

    Parameters
    ----------
    device : Device
        As it is at the temperature of its surroundings.
    terms : dict of str to Term
        Fields of its magnet.
    torque : JunctionTorque

    Attributes
    ----------
    device : Device
    foster : Foster
        Its heat path.
    rises : numpy.ndarray [K]
        Of each pole.
    power : float [W]
        At the last renewal.
    """

    def __init__(self, device: Device, terms: dict[str, Term], torque: JunctionTorque) -> None:
        self.device, self._terms, self._torque = device, terms, torque
        self.foster, self._contact, self._limit = Foster.of(device), torque.contact, limit(device)
        self.rises, self.power = np.zeros(len(self.foster.times)), 0.0
        self._windows: tuple[float, np.ndarray] = (0.0, np.zeros((3, 0)))

    @property
    def contact(self) -> Contact:
        """Conductances of the junction at the temperature of its surroundings."""
        return self._contact

    @property
    def temperature(self) -> float:
        """Of the free layer [K]."""
        return self.device.temperature + float(self.rises.sum())

    def renew(self, motion: Stochastic, m: np.ndarray, t: float, window: float) -> None:
        """Take in the heat of a window, and make all follow the new temperature.

        Parameters
        ----------
        motion : Stochastic
            Whose noise follows.
        m : numpy.ndarray [1]
            Moments at the end of the window, (3, nz, ny, nx).
        t : float [s]
            End of the window.
        window : float [s]
            Its length.

        Raises
        ------
        InputError
            If the free layer becomes hotter than is described.
        """
        if not len(self.rises):
            return
        if self._windows[0] != window:
            self._windows = window, self.foster.windows(window)
        keep, before, after = self._windows[1]
        power = self._torque.state(m, t)[2]
        self.rises = keep * self.rises + before * self.power + after * power
        self.power = power
        self.follow(motion)

    def follow(self, motion: Stochastic) -> None:
        """Make fields, noise and resistance those of the present temperature.

        Parameters
        ----------
        motion : Stochastic

        Raises
        ------
        InputError
            If the free layer is hotter than is described.
        """
        temperature = self.temperature
        if not temperature <= self._limit:
            raise InputError(f"temperature: the drive heats the free layer to {shown(temperature, 'K', 3)}; lower it")
        r = ratios(self.device, temperature, self.device.temperature)
        Ms = float(r.Ms)
        factors = {
            "exchange": Ms ** (self.device.Aex_exponent - 1.0),
            "dmi": Ms ** (self.device.Aex_exponent - 1.0),
            "anisotropy": float(r.Hk),
            "demag": Ms,
            "shape": Ms,
            "junction": float(r.torque),
        }
        for name, term in self._terms.items():
            term.factor, term.Ms_factor = factors.get(name, 1.0), Ms
            if isinstance(term, Uniaxial):
                term.fourth_factor = float(r.Hk2)
        self._torque.contact = self._contact._replace(tmr=self._contact.tmr * float(r.tmr))
        motion.warm(float(r.noise))

    def record(self, m: np.ndarray, t: float) -> np.ndarray:
        """Numbers of a record.

        Parameters
        ----------
        m : numpy.ndarray [1]
            (3, nz, ny, nx).
        t : float [s]

        Returns
        -------
        numpy.ndarray
            Voltage [V], current [A], power [W], m.p [1], and the rise of each pole [K].
        """
        return np.array([*self._torque.state(m, t), self._torque.cosine(m), *self.rises])
