"""Between the circuit and the magnet: drive to current density, angle to resistance, divider and comparator.

The conductance of the junction is linear in c = m.p:  G(c) = G_P (1 + c)/2 + G_AP (1 - c)/2,  G_AP = G_P / (1 + TMR).
A drive d (V, A or A/m^2) therefore gives the current density  J = d (mean + swing c), where swing vanishes unless a
voltage drives the junction. Source: Slonczewski, Phys. Rev. B 39, 6995 (1989) (angular conductance).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinneuron.compiled import inline
from spinneuron.quantity import InputError
from spinneuron.units import nearest

DRIVE_UNITS = ("V", "A", "A/m^2")


class Transport(NamedTuple):
    """Numbers that turn a drive into a current density.

    Attributes
    ----------
    mean, swing : float [A/m^2 per drive unit]
        ``J = drive (mean + swing m.p)``.
    """

    mean: float
    swing: float

    @classmethod
    def of(cls, device, size, unit) -> Transport:
        """Reduce a device to the numbers of its transport under one kind of drive.

        Parameters
        ----------
        device : Device
        size : geometry.Size
        unit : str
            Unit of the drive: "V", "A" or "A/m^2".

        Returns
        -------
        Transport

        Raises
        ------
        InputError
            If the unit is none of the three.
        """
        if unit == "A/m^2":
            return cls(1.0, 0.0)
        if unit == "A":
            return cls(1.0 / size.area, 0.0)
        if unit == "V":
            parallel = 1.0 / device.resistance_area
            antiparallel = parallel / (1.0 + device.tmr)
            return cls(0.5 * (parallel + antiparallel), 0.5 * (parallel - antiparallel))
        raise InputError(f"drive unit = {unit!r}: {nearest(unit, DRIVE_UNITS)}use one of {', '.join(DRIVE_UNITS)}")


@inline
def current_density(drive, cosine, c):
    """Current density under a drive at ``cosine = m.p``: ``J = drive (mean + swing cosine)`` [A/m^2]."""
    return drive * (c.mean + c.swing * cosine)


class ReadOut(NamedTuple):
    """Voltage divider with two comparators: the neuron's output stage.

    Attributes
    ----------
    read_voltage : float [V]
        Across divider of junction and reference resistor, small enough not to disturb the magnet.
    reference : float [ohm]
        Series resistor.
    low, high : float [V]
        Comparator levels: below ``low`` the output is +1 (the junction is nearer to parallel), above ``high`` it is -1.
    """

    read_voltage: float
    reference: float
    low: float
    high: float

    @classmethod
    def of(cls, device, threshold, read_voltage=0.1, reference=None) -> ReadOut:
        """Place the comparator levels so that the output fires at ``|m.p| = threshold``.

        Parameters
        ----------
        device : Device
        threshold : float [1]
            Component of m along the pinned layer, between 0 and 1.
        read_voltage : float [V]
        reference : float [ohm], optional
            By default the junction's resistance at m.p = 0, where the divider is most sensitive.

        Returns
        -------
        ReadOut

        Raises
        ------
        InputError
            If the threshold is not between 0 and 1.
        """
        if not 0.0 < threshold < 1.0:
            raise InputError(f"threshold = {threshold!r}: must lie between 0 and 1")
        reference = device.resistance(0.0) if reference is None else reference
        low = divider(device.resistance(threshold), reference, read_voltage)
        high = divider(device.resistance(-threshold), reference, read_voltage)
        return cls(read_voltage, reference, low, high)

    def compare(self, resistance):
        """Comparator output for a resistance of the junction.

        Parameters
        ----------
        resistance : array_like [ohm]

        Returns
        -------
        numpy.ndarray of int8
            As `output`.
        """
        voltage = divider(np.asarray(resistance, dtype=float), self.reference, self.read_voltage)
        return (voltage <= self.low).astype(np.int8) - (voltage >= self.high).astype(np.int8)

    def output(self, device, cosine):
        """Comparator output for a state of the magnet.

        Parameters
        ----------
        device : Device
        cosine : array_like [1]
            m.p.

        Returns
        -------
        numpy.ndarray of int8
            +1 beyond the positive threshold, -1 beyond the negative one, else 0.
        """
        return self.compare(device.resistance(np.asarray(cosine, dtype=float)))


def divider(resistance, reference, voltage):
    """Output of a voltage divider, ``V_out = R / (R + R_ref) V``.

    Parameters
    ----------
    resistance : float [ohm]
        Of the junction, across which the output is taken.
    reference : float [ohm]
    voltage : float [V]

    Returns
    -------
    float or numpy.ndarray [V]
    """
    return resistance / (resistance + reference) * voltage
