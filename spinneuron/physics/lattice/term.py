"""What all fields of a lattice have in common: `Term`.

The effective field is the slope of the energy, ``H = -(1 / mu0 Ms) dw/dm``. Arrays are ``(3, nz, ny, nx)``, moments are
unit vectors where Ms > 0 and 0 elsewhere.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from spinneuron.constants import mu0
from spinneuron.mesh import Mesh


class Term(ABC):
    """A field of the cells of a lattice.

    Parameters
    ----------
    mesh : Mesh
    Ms : numpy.ndarray [A/m]
        (nz, ny, nx); 0 where there is no magnet.

    Attributes
    ----------
    share : float [1]
        Of ``-mu0 Ms m.H`` that is the energy: 1/2 for fields linear in m, which the moments make themselves, 1 for
        given ones, 0 for torques, which have none.
    factor, Ms_factor : float or numpy.ndarray [1]
        Of the field and of Ms, as the magnet gets warm; set by `warm`.
    """

    share = 0.5
    factor: Any = 1.0
    Ms_factor: Any = 1.0

    def __init__(self, mesh: Mesh, Ms: np.ndarray) -> None:
        self.mesh, self.Ms = mesh, Ms

    @property
    def stiffness(self) -> float:
        """Bound of how fast the field turns a moment, over gamma0 [A/m]: its length, and its change with m."""
        return float(self.Ms.max())

    def warm(self, factor: Any, Ms_factor: Any) -> None:
        """Follow a temperature: of the magnet, or of every column of its cells.

        Parameters
        ----------
        factor : float or numpy.ndarray [1]
            By what the field of even cells is multiplied, that is the constant of the field over Ms; or (ny, nx).
            Between cells that differ the field is the slope of the energy that their constants and Ms have.
        Ms_factor : float or numpy.ndarray [1]
            By what Ms is multiplied.
        """
        self.factor, self.Ms_factor = factor, Ms_factor

    @abstractmethod
    def add(self, m: np.ndarray, h: np.ndarray, t: float = 0.0) -> None:
        """Add the field.

        Parameters
        ----------
        m : numpy.ndarray [1]
            (3, nz, ny, nx).
        h : numpy.ndarray [A/m]
            (3, nz, ny, nx); changed in place.
        t : float [s]
        """

    def field(self, m: np.ndarray, t: float = 0.0) -> np.ndarray:
        """Field alone.

        Parameters
        ----------
        m : numpy.ndarray [1]
            (3, nz, ny, nx).
        t : float [s]

        Returns
        -------
        numpy.ndarray [A/m]
            (3, nz, ny, nx).
        """
        h = np.zeros_like(m)
        self.add(m, h, t)
        return h

    def energy_density(self, m: np.ndarray, t: float = 0.0, own: np.ndarray | None = None) -> np.ndarray:
        """Energy density of every cell.

        Parameters
        ----------
        m : numpy.ndarray [1]
            (3, nz, ny, nx).
        t : float [s]
        own : numpy.ndarray, optional [A/m]
            The field alone, where it is known.

        Returns
        -------
        numpy.ndarray [J/m^3]
            (nz, ny, nx).
        """
        own = self.field(m, t) if own is None else own
        return -self.share * mu0 * self.Ms_factor * self.Ms * (m * own).sum(axis=0)

    def energy(self, m: np.ndarray, t: float = 0.0, own: np.ndarray | None = None) -> float:
        """Energy of the lattice.

        Parameters
        ----------
        m : numpy.ndarray [1]
            (3, nz, ny, nx).
        t : float [s]
        own : numpy.ndarray, optional [A/m]
            The field alone, where it is known.

        Returns
        -------
        float [J]
        """
        return float(self.energy_density(m, t, own).sum()) * self.mesh.cell_volume


def inverse(Ms: np.ndarray) -> np.ndarray:
    """Reciprocal of Ms, 0 where there is no magnet.

    Parameters
    ----------
    Ms : numpy.ndarray [A/m]

    Returns
    -------
    numpy.ndarray [m/A]
    """
    return np.divide(1.0, Ms, out=np.zeros_like(Ms), where=Ms > 0.0)
