"""Torque of a tunnel junction on its free layer, cell by cell, and what the junction takes up.

Under a voltage V every column of cells carries ``J = V (G_mean + G_swing c)`` of its own, c = m.p averaged along the
column, and is turned by the Slonczewski torque of `physics.torques` with this J and the thickness of the layer:

    H = a_J m x p + b_J p,      power = V^2 A (G_mean + G_swing <c>)

A given current finds the voltage at which the columns carry it together; a given current density is the same in all
columns. The torque is spread over the thickness, as it is for one moment.

Where the columns differ in temperature, each has a TMR of its own. Its power per area is V^2 (G_mean + G_swing c), or
V J of a given current density: between the electrodes there is one voltage.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from spinneuron.compiled import kernel
from spinneuron.mesh import Mesh
from spinneuron.physics.heating import joule_power, junction_voltage
from spinneuron.physics.lattice.term import Term
from spinneuron.physics.torques import Torques, slonczewski_amplitudes


class Contact(NamedTuple):
    """Conductances of a junction.

    Attributes
    ----------
    parallel : float [S/m^2]
        Conductance per area with m along p.
    tmr : float [1]
        At low voltage.
    roll : float [1/V^2]
        ``TMR(V) = tmr / (1 + roll V^2)``.
    area : float [m^2]
    """

    parallel: float
    tmr: float
    roll: float
    area: float

    @classmethod
    def of(cls, device) -> Contact:
        """Take the junction of a device.

        Parameters
        ----------
        device : Device

        Returns
        -------
        Contact
        """
        roll = 0.0 if device.tmr_voltage is None else device.tmr_voltage**-2
        return cls(1.0 / device.resistance_area, device.tmr, roll, device.area)


@kernel
def cosines(m, layers, p, c):
    """Mean of m.p along each column into ``c`` (ny, n), ``layers`` (ny, n) magnetic cells high; returns that of all."""
    c[:] = 0.0
    for z in range(m.shape[1]):
        for y in range(m.shape[2]):
            out, mx, my, mz = c[y], m[0, z, y], m[1, z, y], m[2, z, y]
            for i in range(len(out)):
                out[i] += mx[i] * p[0] + my[i] * p[1] + mz[i] * p[2]
    total, columns = 0.0, 0
    for y in range(c.shape[0]):
        for i in range(c.shape[1]):
            if layers[y, i] > 0.0:
                c[y, i] /= layers[y, i]
                total += c[y, i]
                columns += 1
    return total / columns


@kernel
def add_torque(m, h, c, drive, mean, swing, t, factor):
    """Add the field of the torque to ``h``: ``J = drive (mean + swing c)``; ``factor`` scales it."""
    for z in range(m.shape[1]):
        for y in range(m.shape[2]):
            mx, my, mz, hx, hy, hz = m[0, z, y], m[1, z, y], m[2, z, y], h[0, z, y], h[1, z, y], h[2, z, y]
            row = c[y]
            for i in range(len(row)):
                a, b = slonczewski_amplitudes(row[i], drive * (mean + swing * row[i]), t)
                a, b = factor * a, factor * b
                hx[i] += a * (my[i] * t.pz - mz[i] * t.py) + b * t.px
                hy[i] += a * (mz[i] * t.px - mx[i] * t.pz) + b * t.py
                hz[i] += a * (mx[i] * t.py - my[i] * t.px) + b * t.pz


@kernel
def electric(drive, kind, cosine, contact):
    """Voltage, power, and J = voltage (mean + swing c) of a junction of mean ``cosine``; kind 0: V, 1: A, 2: A/m^2."""
    voltage = drive
    if kind == 1:
        drive = drive / contact.area
    if kind != 0:
        voltage = junction_voltage(drive, cosine, contact.parallel, contact.tmr, contact.roll)
    power, mean, swing = joule_power(voltage, cosine, contact.parallel, contact.tmr, contact.roll)
    return voltage, power * contact.area, mean, swing


@kernel
def common_voltage(J, c, layers, tmr, contact):
    """Voltage at which columns of cosines ``c`` and TMR ``tmr``, all (ny, nx), carry the mean J: Newton's steps of it.

    At most six after that of low voltage, as in `heating.junction_voltage`, whose function this is the mean of.
    """
    V = 0.0
    for _ in range(7):
        total = slope = columns = 0.0
        square = contact.roll * V * V
        for y in range(c.shape[0]):
            for i in range(c.shape[1]):
                if layers[y, i] > 0.0:
                    # what the angle takes from the conductance, and 1 / (a + tmr) with a = 1 + roll V^2
                    s = 1.0 / (1.0 + square + tmr[y, i])
                    lost = 0.5 * contact.parallel * (1.0 - c[y, i]) * tmr[y, i] * s
                    total += lost
                    slope += lost * s
                    columns += 1.0
        total = columns * contact.parallel - total
        step = (V * total - J * columns) / (total + 2.0 * square * slope)
        V -= step
        if abs(step) <= 1e-15 * abs(V):
            break
    return V


@kernel
def column_currents(voltage, c, layers, tmr, contact, J):
    """Current density of every column into ``J`` (ny, nx); returns the mean of all."""
    total, columns = 0.0, 0
    for y in range(c.shape[0]):
        row, cosine, ratio, there = J[y], c[y], tmr[y], layers[y]
        for i in range(len(row)):
            _, mean, swing = joule_power(voltage, cosine[i], contact.parallel, ratio[i], contact.roll)
            row[i] = voltage * (mean + swing * cosine[i])
        for i in range(len(row)):
            if there[i] > 0.0:
                total += row[i]
                columns += 1
    return total / columns


@kernel
def add_column_torque(m, h, c, J, t, factor):
    """Add the field of the torque of currents ``J``, times ``factor``, both (ny, nx)."""
    for z in range(m.shape[1]):
        for y in range(m.shape[2]):
            mx, my, mz, hx, hy, hz = m[0, z, y], m[1, z, y], m[2, z, y], h[0, z, y], h[1, z, y], h[2, z, y]
            row, current, scale = c[y], J[y], factor[y]
            for i in range(len(row)):
                a, b = slonczewski_amplitudes(row[i], current[i], t)
                a, b = scale[i] * a, scale[i] * b
                hx[i] += a * (my[i] * t.pz - mz[i] * t.py) + b * t.px
                hy[i] += a * (mz[i] * t.px - mx[i] * t.pz) + b * t.py
                hz[i] += a * (mx[i] * t.py - my[i] * t.px) + b * t.pz


KINDS = ("V", "A", "A/m^2")


class JunctionTorque(Term):
    """Torque of a junction under a drive.

    Parameters
    ----------
    mesh : Mesh
    Ms : numpy.ndarray [A/m]
        (nz, ny, nx).
    torques : Torques
    contact : Contact
    drive : callable
        Of the time [s], a number or an array, in ``unit``.
    unit : str
        "V", "A" or "A/m^2".
    peak : float [V, A or A/m^2]
        Largest magnitude of the drive.

    Attributes
    ----------
    contact : Contact
        May be replaced, as the junction gets warm.
    tmr : numpy.ndarray or None [1]
        Of every column at low voltage, (ny, nx), where they differ; it takes the place of that of the contact.
    kind : int
        Of the drive, a place in KINDS.
    current : float [A]
        At the last moments that were looked at.
    """

    share = 0.0

    def __init__(
        self, mesh: Mesh, Ms: np.ndarray, torques: Torques, contact: Contact, drive: Callable[[Any], Any],
        unit: str, peak: float,
    ) -> None:  # fmt: skip
        super().__init__(mesh, Ms)
        self.torques, self.contact, self.drive, self.current = torques, contact, drive, 0.0
        self.kind, self.peak = KINDS.index(unit), peak
        self.tmr: np.ndarray | None = None
        self._layers = np.ascontiguousarray((Ms > 0.0).sum(axis=0), dtype=float)
        self._c, self._J = np.zeros(mesh.shape[1:]), np.zeros(mesh.shape[1:])
        self._p = np.array([torques.px, torques.py, torques.pz])

    def cosine(self, m: np.ndarray) -> float:
        """Mean of m.p over the section.

        Parameters
        ----------
        m : numpy.ndarray [1]
            (3, nz, ny, nx).

        Returns
        -------
        float [1]
        """
        return float(cosines(m, self._layers, self._p, self._c))

    def state(self, m: np.ndarray, t: float) -> tuple[float, float, float]:
        """What the junction does.

        Parameters
        ----------
        m : numpy.ndarray [1]
            (3, nz, ny, nx).
        t : float [s]

        Returns
        -------
        voltage : float [V]
        current : float [A]
        power : float [W]
        """
        cosine = self.cosine(m)
        if self.tmr is not None:
            voltage = self._carry(self.drive(t), self.tmr)
            return voltage, self.current, voltage * self.current
        voltage, power, mean, swing = electric(self.drive(t), self.kind, cosine, self.contact)
        self.current = voltage * (mean + swing * cosine) * self.contact.area
        return voltage, self.current, power

    def _carry(self, drive: float, tmr: np.ndarray) -> float:
        """Voltage of columns that differ; leaves behind their current densities, and the current of all."""
        voltage, layers, contact = drive, self._layers, self.contact
        if self.kind:
            mean = drive / contact.area if self.kind == 1 else drive
            voltage = common_voltage(mean, self._c, layers, tmr, contact)
        self.current = column_currents(voltage, self._c, layers, tmr, contact, self._J) * contact.area
        if self.kind == 2:
            self._J[:] = drive
        return voltage

    def powers(self, m: np.ndarray, t: float) -> np.ndarray:
        """Power of every column, times the number of columns: the power of the junction, were all like this one.

        Parameters
        ----------
        m : numpy.ndarray [1]
            (3, nz, ny, nx).
        t : float [s]

        Returns
        -------
        numpy.ndarray [W]
            (ny, nx); 0 where there is no magnet.
        """
        self.cosine(m)
        tmr = np.full(self._c.shape, self.contact.tmr) if self.tmr is None else self.tmr
        voltage = self._carry(self.drive(t), tmr)
        return voltage * self.contact.area * np.where(self._layers > 0.0, self._J, 0.0)

    def add(self, m: np.ndarray, h: np.ndarray, t: float = 0.0) -> None:
        """Add the field: see `Term`."""
        drive = self.drive(t)
        if drive == 0.0:
            self.current = 0.0
            return
        cosine = self.cosine(m)
        if self.tmr is not None:
            self._carry(drive, self.tmr)
            factor = self.factor if np.ndim(self.factor) else np.full(self._c.shape, self.factor)
            add_column_torque(m, h, self._c, self._J, self.torques, factor)
            return
        voltage, _, mean, swing = electric(drive, self.kind, cosine, self.contact)
        self.current = voltage * (mean + swing * cosine) * self.contact.area
        if self.kind == 2:
            voltage, mean, swing = drive, 1.0, 0.0
        add_torque(m, h, self._c, voltage, mean, swing, self.torques, self.factor)

    @property
    def stiffness(self) -> float:
        """Length of the field under the largest drive: see `Term`."""
        voltage, _, mean, swing = electric(self.peak, self.kind, 1.0, self.contact)
        J, t = abs(voltage) * (mean + abs(swing)), self.torques
        return J * math.hypot(abs(t.a) / (t.even - abs(t.odd)), t.b)


@dataclass(frozen=True)
class JunctionCurrent:
    """Current of a junction along +z, as `oersted.Oersted` takes it.

    Attributes
    ----------
    torque : JunctionTorque
        Whose moments were looked at just before.
    sign : float [1]
        Direction of a positive current.
    """

    torque: JunctionTorque
    sign: float

    def __call__(self, t: float) -> float:
        """Current now.

        Parameters
        ----------
        t : float [s]
            Of no effect.

        Returns
        -------
        float [A]
        """
        return self.sign * self.torque.current
