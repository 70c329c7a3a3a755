"""Torque of a current along a texture (Zhang, Li), as a field.

    dm/dt = ... - g + xi m x g,  g = (u.grad) m,    is the torque of    H = -(m x g + xi g) / gamma0

u [m/s] is the drift of the spins, ``u = -mu_B P J / (e Ms)`` for the electric current density J: with P > 0, walls move
against the current. Zhang and Li, and mumax3 after them, divide it by 1 + xi^2; OOMMF, which takes u itself, does not.
Source: S. Zhang, Z. Li, Phys. Rev. Lett. 93, 127204 (2004).

Derivatives are central; a cell at a surface takes itself for the neighbor that it lacks, as others do and as dm/dn = 0
has it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinneuron.compiled import kernel
from spinneuron.constants import e, gamma0, mu_B
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.given import course, over_cells
from spinneuron.physics.lattice.neighbors import joined, stretch
from spinneuron.physics.lattice.term import Term, inverse
from spinneuron.quantity import InputError, finite, positive


class Drift(NamedTuple):
    """Numbers of the drift along one axis, arrays (nz, ny, nx lanes).

    Attributes
    ----------
    ahead, behind : numpy.ndarray
        Weights of the differences to both neighbors: ``-1 / (2 d gamma0)``, times what turns the drive into a velocity;
        0 where there is none.
    """

    ahead: np.ndarray
    behind: np.ndarray


@kernel
def add_drift(m, h, drift, axis, drive, xi, lanes):
    """Add the field of a drive along one axis to ``h``; both (3, nz, ny, nx lanes)."""
    nz, ny, n = m.shape[1], m.shape[2], m.shape[3]
    for z in range(nz):
        up, down = ((z + 1) % nz, (z - 1) % nz) if axis == 2 else (z, z)
        for y in range(ny):
            right, left = ((y + 1) % ny, (y - 1) % ny) if axis == 1 else (y, y)
            for part in range(3 if axis == 0 else 1):
                i, j, a, b = stretch(part, n, lanes) if axis == 0 else (0, n, 0, 0)
                k = j - i
                mx, my, mz = m[0, z, y][i:j], m[1, z, y][i:j], m[2, z, y][i:j]
                hx, hy, hz = h[0, z, y][i:j], h[1, z, y][i:j], h[2, z, y][i:j]
                ax, bx = m[0, up, right][a : a + k], m[0, down, left][b : b + k]
                ay, by = m[1, up, right][a : a + k], m[1, down, left][b : b + k]
                az, bz = m[2, up, right][a : a + k], m[2, down, left][b : b + k]
                ahead, behind = drift.ahead[z, y][i:j], drift.behind[z, y][i:j]
                for c in range(k):
                    x, y0, z0, p, q = mx[c], my[c], mz[c], drive * ahead[c], drive * behind[c]
                    gx = p * (ax[c] - x) + q * (x - bx[c])
                    gy = p * (ay[c] - y0) + q * (y0 - by[c])
                    gz = p * (az[c] - z0) + q * (z0 - bz[c])
                    hx[c] += y0 * gz - z0 * gy + xi * gx
                    hy[c] += z0 * gx - x * gz + xi * gy
                    hz[c] += x * gy - y0 * gx + xi * gz


class ZhangLi(Term):
    """Spin-transfer torque of a current along the texture.

    Parameters
    ----------
    mesh : Mesh
    Ms : numpy.ndarray [A/m]
        (nz, ny, nx).
    J : tuple or callable [A/m^2], optional
        Electric current density (3,), or a function of the time [s] that returns it.
    u : tuple or callable [m/s], optional
        Drift (3,) in place of J and P, or a function of the time; taken as it is.
    P : float [1]
        Spin polarization.
    xi : float [1]
        Nonadiabaticity.
    reduced : bool
        Whether the drift of J is divided by 1 + xi^2.
    profile : numpy.ndarray [1], optional
        Factor of the drive, (ny, nx) or (nz, ny, nx); 0 where there is no current.
    gamma : float [m/(A s)]
        Gyromagnetic ratio of the motion; other codes take other digits.

    Raises
    ------
    InputError
        If not one of J and u is given, a value has the wrong shape or is not finite.
    """

    share = 0.0

    def __init__(
        self,
        mesh: Mesh,
        Ms: np.ndarray,
        J=None,
        *,
        u=None,
        P: float = 1.0,
        xi: float = 0.0,
        reduced: bool = True,
        profile=None,
        gamma: float = gamma0,
    ) -> None:
        super().__init__(mesh, Ms)
        if (J is None) == (u is None):
            raise InputError("J, u: give one of them, a current density or a drift")
        self.drive = course("J", J, (3,)) if u is None else course("u", u, (3,))
        self.xi, P = finite("xi", xi), finite("P", P)
        per = np.where(Ms > 0.0, over_cells("profile", profile, mesh), 0.0) / positive("gamma", gamma, "m/(A s)")
        if u is None:
            per = -per * inverse(Ms) * mu_B * P / e / (1.0 + self.xi**2 if reduced else 1.0)
        self.drifts = []
        for axis in range(3):
            ahead, weight = joined(mesh, Ms, axis), -0.5 * per / mesh.cell[axis]
            self.drifts.append(Drift(weight * ahead, weight * np.roll(ahead, 1, 2 - axis)))

    def add(self, m: np.ndarray, h: np.ndarray, t: float = 0.0) -> None:
        """Add the field: see `Term`."""
        for axis, drive in enumerate(self.drive(t)):
            if drive != 0.0:
                add_drift(m, h, self.drifts[axis], axis, self.factor * float(drive), self.xi, 1)
