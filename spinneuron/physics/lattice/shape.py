"""What steps in the edge of a lattice do to the shape anisotropy of a uniform magnet, taken back.

Boxes give a round magnet an edge of steps: its demagnetizing factors are those of another shape, and they come to the
true ones with the first power of the cell only. For a pillar of 10 x 45 x 50 nm the difference of two factors of 0.1360
and 0.1403 is then several times too large. This field makes the factors of a uniform magnet those of the true shape:

    H = -Ms (N_true - N_lattice) m,    w = -(mu0 / 2) Ms m.H

and leaves all that is not uniform to the lattice. It goes to 0 with the cell.
"""

from __future__ import annotations

import numpy as np

from spinneuron.constants import mu0
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.demag import Demag
from spinneuron.physics.lattice.term import Term


class ShapeCorrection(Term):
    """Field by which a uniform magnet gets the demagnetizing factors of its true shape.

    Parameters
    ----------
    mesh : Mesh
    Ms : numpy.ndarray [A/m]
        (nz, ny, nx); the same in all cells of the magnet.
    demag : Demag
    factors : tuple of float [1]
        True factors along x, y, z.
    """

    def __init__(self, mesh: Mesh, Ms: np.ndarray, demag: Demag, factors: tuple[float, float, float]) -> None:
        super().__init__(mesh, Ms)
        magnetic, found = Ms > 0.0, []
        scale = 0.5 * mu0 * float((Ms**2).sum()) * mesh.cell_volume
        for axis in range(3):
            m = np.zeros((3, *mesh.shape))
            m[axis] = magnetic
            found.append(demag.energy(m) / scale)
        self.difference = np.array(factors) - np.array(found)

    def add(self, m: np.ndarray, h: np.ndarray, t: float = 0.0) -> None:
        """Add the field: see `Term`."""
        for axis in range(3):
            h[axis] -= (self.factor * self.difference[axis]) * self.Ms * m[axis]
