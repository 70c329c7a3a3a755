"""Magnetocrystalline and interface anisotropy of the cells.

Uniaxial, c = m.e:    w = Ku (1 - c^2) + Ku2 (1 - c^2)^2,    H = [2 Ku + 4 Ku2 (1 - c^2)] c e / (mu0 Ms)

Cubic, a_i = m.u_i:   w = Kc1 (a1^2 a2^2 + a2^2 a3^2 + a3^2 a1^2) + Kc2 a1^2 a2^2 a3^2,    H = -(dw/da_i) u_i / (mu0 Ms)

with orthogonal axes u1, u2, u3 = u1 x u2. Source: B. D. Cullity, C. D. Graham, Introduction to Magnetic Materials
(2009), chapter 7. A constant is all that differs from codes that write -Ku c^2 - Ku' c^4: Ku' = -Ku2 and their Ku is
Ku + 2 Ku2.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from spinneuron.compiled import kernel
from spinneuron.constants import mu0
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.term import Term, inverse


class Axial(NamedTuple):
    """Numbers of the uniaxial field, arrays (nz, ny, nx lanes).

    Attributes
    ----------
    second, fourth : numpy.ndarray [A/m]
        ``2 Ku / mu0 Ms`` and ``4 Ku2 / mu0 Ms``.
    ex, ey, ez : numpy.ndarray [1]
        Easy axis.
    """

    second: np.ndarray
    fourth: np.ndarray
    ex: np.ndarray
    ey: np.ndarray
    ez: np.ndarray


@kernel
def add_uniaxial(m, h, a, second_factor, fourth_factor):
    """Add the uniaxial field to ``h``, both (3, nz, ny, n), each order times its factor."""
    for z in range(m.shape[1]):
        for y in range(m.shape[2]):
            mx, my, mz, hx, hy, hz = m[0, z, y], m[1, z, y], m[2, z, y], h[0, z, y], h[1, z, y], h[2, z, y]
            second, fourth, ex, ey, ez = a.second[z, y], a.fourth[z, y], a.ex[z, y], a.ey[z, y], a.ez[z, y]
            for i in range(len(mx)):
                c = mx[i] * ex[i] + my[i] * ey[i] + mz[i] * ez[i]
                pull = (second_factor * second[i] + fourth_factor * fourth[i] * (1.0 - c * c)) * c
                hx[i] += pull * ex[i]
                hy[i] += pull * ey[i]
                hz[i] += pull * ez[i]


@kernel
def add_cubic(m, h, first, second, axes):
    """Add the cubic field of ``2 Kc1 / mu0 Ms``, ``2 Kc2 / mu0 Ms`` and axes (3, 3, nz, ny, n) to ``h``."""
    for z in range(m.shape[1]):
        for y in range(m.shape[2]):
            for i in range(m.shape[3]):
                x0, x1, x2 = m[0, z, y, i], m[1, z, y, i], m[2, z, y, i]
                a = x0 * axes[0, 0, z, y, i] + x1 * axes[0, 1, z, y, i] + x2 * axes[0, 2, z, y, i]
                b = x0 * axes[1, 0, z, y, i] + x1 * axes[1, 1, z, y, i] + x2 * axes[1, 2, z, y, i]
                c = x0 * axes[2, 0, z, y, i] + x1 * axes[2, 1, z, y, i] + x2 * axes[2, 2, z, y, i]
                p, q = first[z, y, i], second[z, y, i]
                fa = -a * (p * (b * b + c * c) + q * b * b * c * c)
                fb = -b * (p * (c * c + a * a) + q * c * c * a * a)
                fc = -c * (p * (a * a + b * b) + q * a * a * b * b)
                for k in range(3):
                    h[k, z, y, i] += fa * axes[0, k, z, y, i] + fb * axes[1, k, z, y, i] + fc * axes[2, k, z, y, i]


class Uniaxial(Term):
    """Uniaxial anisotropy of second and fourth order.

    Parameters
    ----------
    mesh : Mesh
    Ms : numpy.ndarray [A/m]
        (nz, ny, nx).
    Ku, Ku2 : numpy.ndarray [J/m^3]
        (nz, ny, nx).
    easy_axis : numpy.ndarray [1]
        Unit vectors (3, nz, ny, nx).

    Attributes
    ----------
    fourth_factor : float or numpy.ndarray [1]
        Of the field of Ku2, as the magnet gets warm.
    """

    fourth_factor: Any = 1.0

    def __init__(self, mesh: Mesh, Ms, Ku, Ku2, easy_axis) -> None:
        super().__init__(mesh, Ms)
        self.Ku, self.Ku2, per = np.where(Ms > 0.0, Ku, 0.0), np.where(Ms > 0.0, Ku2, 0.0), inverse(Ms) / mu0
        self.axial = Axial(2.0 * self.Ku * per, 4.0 * self.Ku2 * per, *np.ascontiguousarray(easy_axis))
        self._warm: Axial | None = None

    def warm(self, factor: Any, Ms_factor: Any, fourth_factor: Any = None) -> None:
        """Follow a temperature: see `Term`.

        Parameters
        ----------
        factor, Ms_factor : float or numpy.ndarray [1]
            That of Ku over Ms, and Ms.
        fourth_factor : float or numpy.ndarray, optional [1]
            That of Ku2 over Ms; by default as of Ku.
        """
        super().warm(factor, Ms_factor)
        self.fourth_factor = factor if fourth_factor is None else fourth_factor
        self._warm = None
        if np.ndim(Ms_factor):
            second, fourth = factor * self.axial.second, self.fourth_factor * self.axial.fourth
            self._warm = self.axial._replace(second=second, fourth=fourth)

    @property
    def stiffness(self) -> float:
        """Both orders: see `Term`."""
        return float((np.abs(self.axial.second) + np.abs(self.axial.fourth)).max())

    def add(self, m: np.ndarray, h: np.ndarray, t: float = 0.0) -> None:
        """Add the field: see `Term`."""
        if self._warm is not None:
            add_uniaxial(m, h, self._warm, 1.0, 1.0)
        else:
            add_uniaxial(m, h, self.axial, self.factor, self.fourth_factor)

    def energy_density(self, m: np.ndarray, t: float = 0.0, own: np.ndarray | None = None) -> np.ndarray:
        """Energy density: see `Term`."""
        a = self.axial
        sine = 1.0 - (m[0] * a.ex + m[1] * a.ey + m[2] * a.ez) ** 2
        return self.Ms_factor * (self.factor * self.Ku * sine + self.fourth_factor * self.Ku2 * sine**2)


class Cubic(Term):
    """Cubic anisotropy.

    Parameters
    ----------
    mesh : Mesh
    Ms : numpy.ndarray [A/m]
        (nz, ny, nx).
    Kc1, Kc2 : numpy.ndarray [J/m^3]
        (nz, ny, nx).
    axes : numpy.ndarray [1]
        Unit vectors u1, u2, orthogonal: (2, 3, nz, ny, nx).

    Attributes
    ----------
    axes : numpy.ndarray [1]
        With u3: (3, 3, nz, ny, nx).
    first, second : numpy.ndarray [A/m]
        ``2 Kc1 / mu0 Ms`` and ``2 Kc2 / mu0 Ms``.
    """

    def __init__(self, mesh: Mesh, Ms, Kc1, Kc2, axes) -> None:
        super().__init__(mesh, Ms)
        self.Kc1, self.Kc2, per = np.where(Ms > 0.0, Kc1, 0.0), np.where(Ms > 0.0, Kc2, 0.0), inverse(Ms) / mu0
        third = np.cross(axes[0], axes[1], axis=0)
        self.axes = np.ascontiguousarray(np.concatenate([axes, third[None]]))
        self.first, self.second = 2.0 * self.Kc1 * per, 2.0 * self.Kc2 * per

    @property
    def stiffness(self) -> float:
        """Both orders: see `Term`."""
        return float((np.abs(self.first) + np.abs(self.second)).max())

    def add(self, m: np.ndarray, h: np.ndarray, t: float = 0.0) -> None:
        """Add the field: see `Term`."""
        add_cubic(m, h, self.factor * self.first, self.factor * self.second, self.axes)

    def energy_density(self, m: np.ndarray, t: float = 0.0, own: np.ndarray | None = None) -> np.ndarray:
        """Energy density: see `Term`."""
        a, b, c = np.einsum("ikzyx,kzyx->izyx", self.axes, m) ** 2
        return self.Ms_factor * self.factor * (self.Kc1 * (a * b + b * c + c * a) + self.Kc2 * a * b * c)
