"""Exchange between neighboring cells.

    w = Aex (grad m)^2,    H_i = (2 / mu0 Ms_i) sum_j A_ij (m_j - m_i) / d_ij^2

over the six neighbors j at distances d_ij. A face to a cell without magnet, or of an open side, has none (Neumann:
dm/dn = 0). Between two materials A_ij = 2 A_i A_j / (A_i + A_j), for which A dm/dn is continuous; a factor of a pair
of regions scales it. Each face lends half its energy to either cell. Source: M. J. Donahue, D. G. Porter, Physica B
343, 177 (2004).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from spinneuron.compiled import kernel
from spinneuron.constants import mu0
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.neighbors import joined
from spinneuron.physics.lattice.term import Term, inverse


class Links(NamedTuple):
    """Strength of the exchange through the faces of the cells, arrays (nz, ny, nx lanes).

    Attributes
    ----------
    x, y, z : numpy.ndarray [A^2/m^2]
        ``2 A_ij / mu0 d^2`` of the face to the next cell along each axis; that of the last cell closes the ring.
    inverse : numpy.ndarray [m/A]
        1 / Ms of the cell, 0 where there is no magnet.
    """

    x: np.ndarray
    y: np.ndarray
    z: np.ndarray
    inverse: np.ndarray

    @classmethod
    def of(cls, mesh: Mesh, Ms, Aex, factor=None, lanes: int = 1) -> Links:
        """Reduce a lattice to the strengths of its faces.

        Parameters
        ----------
        mesh : Mesh
        Ms : numpy.ndarray [A/m]
            (nz, ny, nx).
        Aex : numpy.ndarray [J/m]
            (nz, ny, nx).
        factor : callable, optional
            Of both cells' flat numbers, as arrays: the factor of a face [1].
        lanes : int
            Replicas side by side.

        Returns
        -------
        Links
        """
        A, faces = np.where(Ms > 0.0, Aex, 0.0), []
        for axis, count in enumerate(mesh.counts):
            B = np.roll(A, -1, 2 - axis)
            both = np.divide(2.0 * A * B, A + B, out=np.zeros_like(A), where=A + B > 0.0)
            # a single cell is no neighbor of its own
            both *= joined(mesh, Ms, axis, factor) if count > 1 else 0.0
            faces.append(np.repeat(2.0 * both / (mu0 * mesh.cell[axis] ** 2), lanes, axis=-1))
        return cls(faces[0], faces[1], faces[2], np.repeat(inverse(Ms), lanes, axis=-1))


@kernel
def add_exchange(m, h, links, lanes, factor):
    """Add ``factor`` times the exchange field to ``h``; both (3, nz, ny, nx lanes)."""
    nz, ny, n = m.shape[1], m.shape[2], m.shape[3]
    turned = np.empty(n, m.dtype)
    for z in range(nz):
        below, above = (z - 1) % nz, (z + 1) % nz
        for y in range(ny):
            left, right = (y - 1) % ny, (y + 1) % ny
            x0, scale = links.x[z, y], links.inverse[z, y]
            for c in range(3):
                here, out = m[c, z, y], h[c, z, y]
                # slices, whose indices are seen not to be negative
                before, middle, after = here[: max(n - 2 * lanes, 0)], here[lanes:], here[2 * lanes :]
                backward, forward, inner = x0[: len(before)], x0[lanes:], turned[lanes:]
                for i in range(len(before)):
                    inner[i] = forward[i] * (after[i] - middle[i]) + backward[i] * (before[i] - middle[i])
                # both ends of the row, once where it is a single cell
                for k in range(min(2 * lanes, n)):
                    i = k if k < lanes else n - 2 * lanes + k
                    a, b = (i + lanes) % n, (i - lanes) % n
                    turned[i] = x0[i] * (here[a] - here[i]) + x0[b] * (here[b] - here[i])
                # few arrays a loop, or it does not become a loop of vectors
                if ny > 1:
                    before, after, backward, forward = m[c, z, left], m[c, z, right], links.y[z, left], links.y[z, y]
                    for i in range(n):
                        turned[i] += forward[i] * (after[i] - here[i]) + backward[i] * (before[i] - here[i])
                if nz > 1:
                    before, after, backward, forward = m[c, below, y], m[c, above, y], links.z[below, y], links.z[z, y]
                    for i in range(n):
                        turned[i] += forward[i] * (after[i] - here[i]) + backward[i] * (before[i] - here[i])
                for i in range(n):
                    out[i] += factor * scale[i] * turned[i]


class Exchange(Term):
    """Exchange field of a lattice.

    Parameters
    ----------
    mesh : Mesh
    Ms : numpy.ndarray [A/m]
        (nz, ny, nx).
    Aex : numpy.ndarray [J/m]
        (nz, ny, nx).
    factor : callable, optional
        As in `Links.of`.
    """

    def __init__(self, mesh: Mesh, Ms: np.ndarray, Aex: np.ndarray, factor=None) -> None:
        super().__init__(mesh, Ms)
        self._Aex, self._pairs = Aex, factor
        self.links = self._warm = Links.of(mesh, Ms, Aex, factor)

    @property
    def stiffness(self) -> float:
        """Twice the sum over the faces of a cell: see `Term`."""
        faces = sum(face + np.roll(face, 1, axis) for face, axis in zip(self.links[:3], (2, 1, 0), strict=True))
        return 2.0 * float((faces * self.links.inverse).max())

    def warm(self, factor: Any, Ms_factor: Any) -> None:
        """Follow a temperature: see `Term`."""
        super().warm(factor, Ms_factor)
        self._warm = self.links
        if np.ndim(Ms_factor):
            warm, self.factor = self._Aex * (factor * Ms_factor), 1.0
            self._warm = Links.of(self.mesh, self.Ms * Ms_factor, warm, self._pairs)

    def add(self, m: np.ndarray, h: np.ndarray, t: float = 0.0) -> None:
        """Add the field: see `Term`."""
        add_exchange(m, h, self._warm, 1, self.factor)


def between(numbers: np.ndarray, factors: Mapping[tuple[int, int], float]):
    """Factor of a face by the regions of its cells, for `Links.of`.

    Parameters
    ----------
    numbers : numpy.ndarray of int
        (nz, ny, nx): region of a cell.
    factors : mapping
        Factor [1] of a pair of different regions, either way round; 1 where there is none.

    Returns
    -------
    callable
    """
    flat = numbers.ravel()

    def factor(here, there):
        found = np.ones(here.shape)
        for (a, b), value in factors.items():
            one, other = flat[here], flat[there]
            found[((one == a) & (other == b)) | ((one == b) & (other == a))] = value
        return found

    return factor
