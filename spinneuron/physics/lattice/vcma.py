"""Anisotropy that a voltage across a barrier changes.

    w = Kv (1 - (m.e)^2),    Kv = -xi V / (d t),    H = 2 Kv (m.e) e / (mu0 Ms)

xi [J/(V m)] is the change of the interface's anisotropy energy per area and per field V/d in a barrier of thickness d;
t is the thickness of the magnet over which it is spread. With xi > 0, V > 0 weakens the anisotropy along e. Source: P.
Khalili Amiri, K. L. Wang, SPIN 2, 1240002 (2012).
"""

from __future__ import annotations

import numpy as np

from spinneuron.constants import mu0
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.anisotropy import Axial, add_uniaxial
from spinneuron.physics.lattice.given import course, directions, over_cells, thickness_of
from spinneuron.physics.lattice.term import Term, inverse
from spinneuron.quantity import finite, positive


class VCMA(Term):
    """Voltage-controlled magnetic anisotropy.

    Parameters
    ----------
    mesh : Mesh
    Ms : numpy.ndarray [A/m]
        (nz, ny, nx).
    V : float or callable [V]
        Voltage, or a function of the time [s] that returns it.
    xi : float [J/(V m)]
    barrier : float [m]
        Thickness d of the barrier.
    axis : tuple or numpy.ndarray [1]
        Direction e, (3,) or (3, nz, ny, nx).
    thickness : float or numpy.ndarray [m], optional
        Of the magnet along z; by default that of the cells of each column that the voltage acts on.
    profile : numpy.ndarray [1], optional
        Factor of V, (ny, nx) or (nz, ny, nx); cells where it is 0 are not acted on.

    Attributes
    ----------
    axial : Axial
        Of 1 V.

    Raises
    ------
    InputError
        If a value has the wrong shape, is not finite or out of range.
    """

    def __init__(
        self,
        mesh: Mesh,
        Ms: np.ndarray,
        V,
        *,
        xi: float,
        barrier: float,
        axis=(0.0, 0.0, 1.0),
        thickness=None,
        profile=None,
    ) -> None:
        super().__init__(mesh, Ms)
        self.V, weight = course("V", V), over_cells("profile", profile, mesh)
        where = (Ms > 0.0) & (weight != 0.0)
        length = thickness_of(where, mesh, thickness) * positive("barrier", barrier, "m")
        self.per_volt = np.where(where, -finite("xi", xi, "J/(V m)") * weight / length, 0.0)
        self._axis = directions("axis", axis, mesh)
        self.axial = Axial(2.0 / mu0 * self.per_volt * inverse(Ms), np.zeros(mesh.shape), *self._axis)

    def add(self, m: np.ndarray, h: np.ndarray, t: float = 0.0) -> None:
        """Add the field: see `Term`."""
        axial, factor = self.axial, self.factor
        if np.ndim(factor):
            axial, factor = axial._replace(second=factor * axial.second), 1.0
        add_uniaxial(m, h, axial, factor * float(self.V(t)), 0.0)

    def energy_density(self, m: np.ndarray, t: float = 0.0, own: np.ndarray | None = None) -> np.ndarray:
        """Energy density: see `Term`."""
        cosine = (m * self._axis).sum(axis=0)
        return self.Ms_factor * self.factor * self.V(t) * self.per_volt * (1.0 - cosine**2)
