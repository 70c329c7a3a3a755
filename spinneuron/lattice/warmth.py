"""Heat of a junction on a lattice; fields, noise and resistance follow it: `Warmth`, or `CellWarmth` cell by cell."""

from __future__ import annotations

from typing import Any

import numpy as np

from spinneuron.device import Device
from spinneuron.dynamics.lattice.stochastic import Stochastic
from spinneuron.physics.heating import Foster
from spinneuron.physics.lattice.anisotropy import Uniaxial
from spinneuron.physics.lattice.demag import Demag
from spinneuron.physics.lattice.dmi import DMI
from spinneuron.physics.lattice.exchange import Exchange
from spinneuron.physics.lattice.heat import Section, heat_up
from spinneuron.physics.lattice.junction import Contact, JunctionTorque
from spinneuron.physics.lattice.shape import ShapeCorrection
from spinneuron.physics.lattice.term import Term
from spinneuron.physics.temperature import Ratios, limit, ratios
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

    @property
    def state(self) -> np.ndarray:
        """What the next renewal depends on: the last power [W], and the rises [K]."""
        return np.array([self.power, *self.rises])

    @state.setter
    def state(self, given: np.ndarray) -> None:
        """Go on from a state.

        Parameters
        ----------
        given : numpy.ndarray
        """
        self.power, self.rises = float(given[0]), np.array(given[1:])

    @property
    def map(self) -> np.ndarray | None:
        """Temperature of every column [K], (ny, nx), where there is more than one: None."""
        return None

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
        if not len(self.foster.times):
            return
        self._take(m, t, window)
        self.follow(motion)

    def _weights(self, window: float) -> np.ndarray:
        """Weights of a window of this length, kept for the next."""
        if self._windows[0] != window:
            self._windows = window, self.foster.windows(window)
        return self._windows[1]

    def _take(self, m: np.ndarray, t: float, window: float) -> None:
        """Take in the heat of a window."""
        keep, before, after = self._weights(window)
        power = self._torque.state(m, t)[2]
        self.rises = keep * self.rises + before * self.power + after * power
        self.power = power

    def _ratios(self) -> Ratios:
        """What follows the temperature, as numbers."""
        found: Any = map(float, ratios(self.device, self._checked(self.temperature), self.device.temperature))
        return Ratios(*found)

    def _checked(self, temperature: float) -> float:
        """A temperature that the laws describe."""
        if not temperature <= self._limit:
            raise InputError(f"temperature: the drive heats the free layer to {shown(temperature, 'K', 3)}; lower it")
        return temperature

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
        r = self._ratios()
        stiffness = r.Ms ** (self.device.Aex_exponent - 1.0)
        factors: dict[type[Term], Any] = {
            Exchange: stiffness,
            DMI: stiffness,
            Uniaxial: r.Hk,
            Demag: r.Ms,
            ShapeCorrection: r.Ms,
            JunctionTorque: r.torque,
        }
        for term in self._terms.values():
            factor = next((value for kind, value in factors.items() if isinstance(term, kind)), 1.0)
            if isinstance(term, Uniaxial):
                term.warm(factor, r.Ms, r.Hk2)
            else:
                term.warm(factor, r.Ms)
        self._resist(r)
        motion.warm(self._noise(r))

    def _resist(self, r: Ratios) -> None:
        """Give the junction the TMR of the temperature."""
        self._torque.contact = self._contact._replace(tmr=self._contact.tmr * float(r.tmr))

    def _noise(self, r: Ratios) -> Any:
        """Factor of the thermal field."""
        return r.noise

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


class CellWarmth(Warmth):
    """Temperature of every column of a junction, and what follows it: see `physics.lattice.heat`.

    Parameters
    ----------
    device : Device
        As it is at the temperature of its surroundings.
    terms : dict of str to Term
        Fields of its magnet.
    torque : JunctionTorque

    Attributes
    ----------
    section : Section
    columns : numpy.ndarray [K]
        Rise of each pole in every column, (poles, ny, nx).
    powers : numpy.ndarray [W]
        Of every column at the last renewal, times their number, (ny, nx).

    Raises
    ------
    InputError
        If the device has no heat path, or no diffusivity along its layers.
    """

    def __init__(self, device: Device, terms: dict[str, Term], torque: JunctionTorque) -> None:
        super().__init__(device, terms, torque)
        if not device.thermal_times:
            raise InputError(f'heat = "cells": {device.name} has no heat path; give it thermal_resistances and _times')
        if device.thermal_diffusivity is None:
            raise InputError(
                f'heat = "cells": {device.name} has no thermal_diffusivity along its layers (sum kappa t over sum '
                'rho c t); add thermal_diffusivity = "2e-5 m^2/s" to [heat], or use heat = "device"'
            )
        self._diffusivity = device.thermal_diffusivity
        self.section = Section.of(torque.mesh, torque.Ms)
        self.powers = np.zeros(self.section.there.shape)
        self.columns = np.zeros((len(self.foster.times), *self.powers.shape))

    @property
    def state(self) -> np.ndarray:
        """What the next renewal depends on: the last powers [W], and the rises [K]."""
        return np.concatenate([self.powers.ravel(), self.columns.ravel()])

    @state.setter
    def state(self, given: np.ndarray) -> None:
        """Go on from a state.

        Parameters
        ----------
        given : numpy.ndarray
        """
        self.powers = np.array(given[: self.powers.size]).reshape(self.powers.shape)
        self.columns = np.array(given[self.powers.size :]).reshape(self.columns.shape)
        self._average()

    @property
    def map(self) -> np.ndarray | None:
        """Temperature of every column [K], (ny, nx), where there is more than one; NaN outside of the magnet."""
        return np.where(self.section.there, self.device.temperature + self.columns.sum(axis=0), np.nan)

    @property
    def hottest(self) -> float:
        """Temperature of the hottest column [K]."""
        return self.device.temperature + float(self.columns.sum(axis=0)[self.section.there].max())

    def _average(self) -> None:
        """Means over the columns."""
        there = self.section.there
        self.rises, self.power = self.columns[:, there].mean(axis=1), float(self.powers[there].mean())

    def _take(self, m: np.ndarray, t: float, window: float) -> None:
        """Take in the heat of a window, in steps that conduction along the layers allows."""
        steps, powers = self.section.steps(self._diffusivity * window), self._torque.powers(m, t)
        reach = self._diffusivity * window / steps
        heat_up(self.columns, self.powers, powers, self._weights(window / steps), self.section, reach, steps)
        self.powers = powers
        self._average()

    def _ratios(self) -> Ratios:
        """What follows the temperature, arrays (ny, nx)."""
        self._checked(self.hottest)
        temperature = self.device.temperature + self.columns.sum(axis=0)
        found = ratios(self.device, temperature, self.device.temperature)
        return Ratios(*(np.ascontiguousarray(np.broadcast_to(one, temperature.shape)) for one in found))

    def _resist(self, r: Ratios) -> None:
        """Give every column the TMR of its temperature."""
        self._torque.tmr = self._contact.tmr * r.tmr

    def _noise(self, r: Ratios) -> np.ndarray:
        """Factor of the thermal field of every cell."""
        return np.broadcast_to(r.noise, self._torque.mesh.shape).ravel()

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
            Those of `Warmth`, of mean rises, and the temperature of the hottest column [K].
        """
        return np.append(super().record(m, t), self.hottest)
