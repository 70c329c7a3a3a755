"""An axial device as cells of m_z and the rates between them.

For a perpendicular magnet with the pinned layer along its axis, x = m_z obeys (g' = gamma0 / (1 + alpha^2)):

    rho_t = -d/dx { (1 - x^2) [ v(x) rho - D rho_x ] },     v = alpha g' H_z(x) + g' a_J(x) p_z + alpha g' b_J p_z,
    D = alpha g' kB T / (mu0 Ms V),                         H_z = H_applied - S x + H_4 (1 - x^2) x

on finite volumes, uniform in the polar angle, with exponentially fitted fluxes: conservative, no outflow at poles, no
negative probability, and exp(integral of v/D) is stationary to rounding. Sources: Brown, Phys. Rev. 130, 1677 (1963);
Scharfetter, Gummel, IEEE Trans. Electron Devices 16, 64 (1969).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from spinneuron.constants import gamma0
from spinneuron.dynamics.fokker_planck.lanes import DRIVE, NUMBERS, WARM, H, coefficients, exchange
from spinneuron.physics.fields import Fields, Quartic, thermal_strength
from spinneuron.physics.temperature import Laws
from spinneuron.physics.torques import Torques
from spinneuron.physics.transport import Transport
from spinneuron.quantity import InputError

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(6)


class Grid(NamedTuple):
    """Finite volumes of x = m_z, and integrals of the drift between the centers of neighbors.

    Attributes
    ----------
    center : numpy.ndarray [1]
        (cells,), ascending.
    width : numpy.ndarray [1]
        (cells,).
    conductance : numpy.ndarray [1]
        (faces,): (1 - x^2) at the face over the distance of the centers.
    gap, first, third, even, odd : numpy.ndarray [1]
        (faces,): integrals of 1, x, x - x^3, 1/e(x) and x/e(x), with e(x) = even + odd p_z x the
        angular factor of the torque.
    """

    center: np.ndarray
    width: np.ndarray
    conductance: np.ndarray
    gap: np.ndarray
    first: np.ndarray
    third: np.ndarray
    even: np.ndarray
    odd: np.ndarray

    @classmethod
    def of(cls, cells, pole, even, odd, middle=0.0) -> Grid:
        """Lay the volumes.

        Parameters
        ----------
        cells : int
        pole : float [1]
            p_z of the pinned layer, 1 or -1.
        even, odd : float [1]
            Of the torque, :class:`spinneuron.physics.torques.Torques`.
        middle : float [1]
            Where half of the cells are below, such as the top of a barrier: x = (c + middle) / (1 + middle c), with
            c = -cos of a uniform angle, is as smooth as c, so that errors keep their even powers of the angle.

        Returns
        -------
        Grid
        """
        # edges and centers in turn; differences of x without cancellation
        angle = 0.5 * np.pi * np.arange(2 * cells + 1) / cells
        along, across = -np.cos(angle), np.sin(angle)
        stretch, shrink = 1.0 + middle * along, (1.0 - middle) * (1.0 + middle)
        x = (along + middle) / stretch
        step = 2.0 * np.sin(0.5 * np.pi / cells) * shrink * across[1:-1] / (stretch[:-2] * stretch[2:])
        center, gap = x[1::2], step[1::2]
        inside = center[:-1, None] + 0.5 * gap[:, None] * (1.0 + _NODES)
        part = 0.5 * gap[:, None] * _WEIGHTS / (even + odd * pole * inside)
        conductance = shrink * (across[2:-2:2] / stretch[2:-2:2]) ** 2 / gap
        total = center[1:] + center[:-1]
        first = 0.5 * gap * total
        third = first - 0.25 * gap * total * (center[1:] ** 2 + center[:-1] ** 2)
        return cls(center, step[0::2], conductance, gap, first, third, part.sum(axis=1), (part * inside).sum(axis=1))


class Axial(NamedTuple):
    """Numbers of an axial device, from one row of :func:`spinneuron.dynamics.macrospin.table`.

    Attributes
    ----------
    shape, anisotropy : float [rad/s]
        Parts of the axial stiffness S_zz - S_xx that follow Ms and Ku / Ms.
    applied : float [rad/s]
    pole : float [1]
        p_z.
    a, b : float [rad/s per A/m^2]
        Of the torque.
    alpha : float [1]
    diffusion : float [rad^2/s]
        D at the temperature of the surroundings.
    mean, swing : float
        Of the transport where the drive is no voltage.
    parallel, tmr, roll, area : float
        As in :data:`spinneuron.dynamics.electrothermal.HEAT_COLUMNS`.
    fourth : float [rad/s]
        Of the field of fourth order, H_4 = 4 Ku2 / (mu0 Ms).
    voltage_driven : bool
        Whether the drive is a voltage.
    """

    shape: float
    anisotropy: float
    applied: float
    pole: float
    a: float
    b: float
    alpha: float
    diffusion: float
    mean: float
    swing: float
    parallel: float
    tmr: float
    roll: float
    area: float
    fourth: float
    voltage_driven: bool

    @classmethod
    def of(cls, device, size, unit="V") -> Axial:
        """Reduce an axial device.

        Parameters
        ----------
        device : Device
            As it is at the temperature of its surroundings.
        size : geometry.Size
        unit : str
            Of the drive: "V", "A" or "A/m^2".

        Returns
        -------
        Axial

        Raises
        ------
        InputError
            If magnet, applied field and pinned layer are not all along z, or x and y are not equal.
        """
        f, t, rate = Fields.of(device, size), Torques.of(device, size), gamma0 / (1.0 + device.alpha**2)
        scale = abs(f.xx) + abs(f.yy) + abs(f.zz)
        tilted = {
            "easy_axis": (device.Ku != 0.0 or device.Ku2 != 0.0) and math.hypot(*device.easy_axis[:2]) > 1e-9,
            "width, length": abs(f.xx - f.yy) > 1e-9 * scale,
            "applied_field": f.hx != 0.0 or f.hy != 0.0,
            "pinned": abs(t.pz) < 1.0 - 1e-9,
        }
        for name, wrong in tilted.items():
            if wrong:
                raise InputError(
                    f"{name}: {device.name} is not axial (round, all directions along z), which cells of m_z need; "
                    "use its density on the sphere (switching.densities.density_of)"
                )
        shape = device.Ms * (size.N_thickness - size.N_length)
        diffusion = 0.5 * (1.0 + device.alpha**2) * (rate * thermal_strength(device, size, device.temperature)) ** 2
        roll = 0.0 if device.tmr_voltage is None else device.tmr_voltage**-2
        transport = Transport.of(device, size, unit)
        return cls(
            shape=float(rate * shape),
            anisotropy=float(rate * (f.zz - f.xx - shape)),
            applied=float(rate * f.hz),
            pole=float(t.pz),
            a=float(rate * t.a),
            b=float(rate * t.b),
            alpha=device.alpha,
            diffusion=float(diffusion),
            mean=float(transport.mean),
            swing=float(transport.swing),
            parallel=1.0 / device.resistance_area,
            tmr=device.tmr,
            roll=roll,
            area=float(size.area),
            fourth=float(rate * f.fourth) if isinstance(f, Quartic) else 0.0,
            voltage_driven=unit == "V",
        )


def chain(
    device: Axial, grid: Grid, laws: Laws, drive: float = 0.0, rise: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Rates between the cells at one drive and temperature.

    Parameters
    ----------
    device : Axial
    grid : Grid
    laws : Laws
    drive : float [V, A or A/m^2]
    rise : float [K]
        Temperature above that of the device.

    Returns
    -------
    up, down : numpy.ndarray [1/s]
        (faces,): from each cell to the one above, and back.
    """
    own, up, down = np.zeros((NUMBERS, 1)), np.empty((len(grid.gap), 1)), np.empty((len(grid.gap), 1))
    own[DRIVE], own[WARM], own[H] = drive, rise, 1.0
    coefficients(own, device, laws)
    exchange(own, grid, 1.0, up, down)
    return up[:, 0], down[:, 0]
