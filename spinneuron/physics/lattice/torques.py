"""Torques of a current through a layer or beside it, as fields: Slonczewski's, and that of spin-orbit coupling.

    H = a m x p + b p,    a = hbar J eps / (e mu0 Ms t),    b = hbar J eps_prime / (e mu0 Ms t)
    eps = P Lambda^2 / (Lambda^2 + 1 + (Lambda^2 - 1) m.p)

are those of `physics.torques`, cell by cell, with t the thickness of the layer along the current: the torque of the
whole column is spread over its cells. J is the electric current density along +z. With the pinned layer at the top,
J > 0 carries electrons from it to the free layer and drives m towards +p, as J > 0 does in a `Device`; with the pinned
layer at the bottom, away from +p, as in a `Device` of polarity -1.

A spin current of any origin with the polarization sigma has Lambda = 1:

    H = a m x sigma + b sigma,    a = hbar theta_DL J / (2 e mu0 Ms t),    b = hbar theta_FL J / (2 e mu0 Ms t)

where J is the current density in the neighboring metal, and theta_DL J > 0 drives m towards +sigma. In a film beneath
the magnet with the spin Hall effect sigma = z x j, j being the direction of the current; beneath another one it is -z x
j; with spin splitting or a low symmetry it has a part along z. Sources: those of `physics.torques`; A. Manchon, J.
Zelezny, I. M. Miron, et al., Rev. Mod. Phys. 91, 035004 (2019).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinneuron.compiled import kernel
from spinneuron.constants import e, hbar, mu0
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.given import course, directions, over_cells, thickness_of
from spinneuron.physics.lattice.term import Term
from spinneuron.physics.torques import Torques, slonczewski_amplitudes
from spinneuron.quantity import InputError, finite, positive
from spinneuron.quantity import shown as text

POSITIONS = {"top": 1.0, "bottom": -1.0}
"""Sign of a current along +z by the side of the free layer on which the pinned layer is."""


class SpinTransfer(NamedTuple):
    """Numbers of the torque, arrays (nz, ny, nx lanes) but for the last two: see `physics.torques.Torques`.

    Attributes
    ----------
    px, py, pz : numpy.ndarray [1]
    a, b : numpy.ndarray [m]
        0 where there is no torque; they hold the profile of the current, if there is one.
    even, odd : float [1]
    """

    px: np.ndarray
    py: np.ndarray
    pz: np.ndarray
    a: np.ndarray
    b: np.ndarray
    even: float
    odd: float


@kernel
def add_spin_transfer(m, h, s, J):
    """Add the field of a current density J [A/m^2] to ``h``; both (3, nz, ny, n)."""
    for z in range(m.shape[1]):
        for y in range(m.shape[2]):
            mx, my, mz, hx, hy, hz = m[0, z, y], m[1, z, y], m[2, z, y], h[0, z, y], h[1, z, y], h[2, z, y]
            px, py, pz, sa, sb = s.px[z, y], s.py[z, y], s.pz[z, y], s.a[z, y], s.b[z, y]
            for i in range(len(mx)):
                cosine = mx[i] * px[i] + my[i] * py[i] + mz[i] * pz[i]
                t = Torques(px[i], py[i], pz[i], sa[i], sb[i], s.even, s.odd)
                a, b = slonczewski_amplitudes(cosine, J, t)
                hx[i] += a * (my[i] * pz[i] - mz[i] * py[i]) + b * px[i]
                hy[i] += a * (mz[i] * px[i] - mx[i] * pz[i]) + b * py[i]
                hz[i] += a * (mx[i] * py[i] - my[i] * px[i]) + b * pz[i]


class Slonczewski(Term):
    """Spin-transfer torque of a current along z.

    Parameters
    ----------
    mesh : Mesh
    Ms : numpy.ndarray [A/m]
        (nz, ny, nx).
    J : float or callable [A/m^2]
        Electric current density along +z, or a function of the time [s] that returns it.
    P : float [1]
        Spin polarization.
    pinned : tuple or numpy.ndarray [1]
        Direction of the pinned layer, (3,) or (3, nz, ny, nx).
    Lambda, eps_prime : float [1]
    position : str
        Of the pinned layer: "top" or "bottom".
    thickness : float or numpy.ndarray [m], optional
        Of the layer along z; by default that of the cells of each column that have a torque.
    profile : numpy.ndarray [1], optional
        Factor of J, (ny, nx) or (nz, ny, nx); cells where it is 0, such as those of the pinned layer, have no torque.

    Raises
    ------
    InputError
        If a value has the wrong shape, is not finite or out of range.
    """

    share = 0.0

    def __init__(
        self,
        mesh: Mesh,
        Ms: np.ndarray,
        J,
        *,
        P: float,
        pinned,
        Lambda: float = 1.0,
        eps_prime: float = 0.0,
        position: str = "top",
        thickness=None,
        profile=None,
    ) -> None:
        super().__init__(mesh, Ms)
        if position not in POSITIONS:
            raise InputError(f"position = {text(position)}: must be one of {', '.join(POSITIONS)}")
        self.J, weight = course("J", J), over_cells("profile", profile, mesh)
        where = (Ms > 0.0) & (weight != 0.0)
        length, square = thickness_of(where, mesh, thickness), positive("Lambda", Lambda) ** 2
        # the order of `Torques.of`, to the last bit
        per_current = np.zeros(mesh.shape)
        np.divide(POSITIONS[position] * hbar, e * mu0 * Ms * length, out=per_current, where=where)
        a, b = per_current * finite("P", P) * square * weight, per_current * finite("eps_prime", eps_prime) * weight
        px, py, pz = directions("pinned", pinned, mesh)
        self.numbers = SpinTransfer(px, py, pz, a, b, square + 1.0, square - 1.0)

    def add(self, m: np.ndarray, h: np.ndarray, t: float = 0.0) -> None:
        """Add the field: see `Term`."""
        add_spin_transfer(m, h, self.numbers, self.factor * float(self.J(t)))


class SpinOrbit(Slonczewski):
    """Torque of a spin current from a neighboring metal: spin-orbit or spin-splitting torque.

    Parameters
    ----------
    mesh : Mesh
    Ms : numpy.ndarray [A/m]
        (nz, ny, nx).
    J : float or callable [A/m^2]
        Current density in the metal, or a function of the time [s] that returns it.
    damping_like, field_like : float [1]
        Efficiencies theta_DL, theta_FL.
    sigma : tuple or numpy.ndarray [1]
        Polarization of the spins for J > 0, (3,) or (3, nz, ny, nx); by default that of a current along +x beneath.
    thickness : float or numpy.ndarray [m], optional
        Of the layer along z; by default that of the cells of each column that have a torque.
    profile : numpy.ndarray [1], optional
        As in `Slonczewski`.

    Raises
    ------
    InputError
        If a value has the wrong shape or is not finite.
    """

    def __init__(
        self,
        mesh: Mesh,
        Ms: np.ndarray,
        J,
        *,
        damping_like: float,
        field_like: float = 0.0,
        sigma=(0.0, 1.0, 0.0),
        thickness=None,
        profile=None,
    ) -> None:
        spins = {"P": damping_like, "eps_prime": 0.5 * field_like, "pinned": sigma}
        super().__init__(mesh, Ms, J, **spins, thickness=thickness, profile=profile)
