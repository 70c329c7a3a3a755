"""Dzyaloshinskii-Moriya interaction between neighboring cells, of an interface with normal z and of a bulk.

    interface:  w = Dind [m_z div m - (m.grad) m_z],    bulk:  w = Dbulk m.curl m

Signs are those of S. Rohart, A. Thiaville, Phys. Rev. B 88, 184422 (2013), and of mumax3: along +x, Dind > 0 turns m
from +z towards -x, and Dbulk > 0 turns it from +y towards +z. With central differences over a face with normal n, which
is between the cells i and j at a distance d, both are ``w = (1/d) V.(m_i x m_j)`` with ``V = Dind z x n - Dbulk n``:

    H_i = (1 / mu0 Ms_i d) V x m_j,    H_j = -(1 / mu0 Ms_j d) V x m_i

Between two materials ``D_ij = (D_i A_j + D_j A_i) / (A_i + A_j)``: the moment on the face is the one that the exchange
wants. To the next order the interaction turns that moment, which lowers the energy by

    (d/8) |(V_i - V_j) x m|^2 / (A_i + A_j)    per area,

half of it in either cell. A cell without magnet has V = A = 0, so that on a surface this is the natural boundary
condition, ``2 A dm/dn = -V x m``, in its discrete form. With it states are right to the second order of the cells; with
the faces alone, to the first, unless m has no part along V at the surface. Along an axis with a single cell m is taken
as uniform, and there is no such term.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from spinneuron.compiled import kernel
from spinneuron.constants import mu0
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.neighbors import joined, stretch
from spinneuron.physics.lattice.term import Term, inverse

# axes whose components the surface term of a normal has: all but V's own, which is y, x, z or the normal
_TURNED = {"interface": ((0, 2), (1, 2), ()), "bulk": ((1, 2), (0, 2), (0, 1))}


class Faces(NamedTuple):
    """Strength of one kind of interaction through the faces of the cells, arrays (nz, ny, nx lanes).

    Attributes
    ----------
    x, y, z : numpy.ndarray [A^2/m^2]
        ``D_ij / mu0 d`` of the face to the next cell along each axis; that of the last cell closes the ring.
    sx, sy, sz : numpy.ndarray [A/m]
        Field of surfaces and steps of D per component of m.
    inverse : numpy.ndarray [m/A]
        1 / Ms of the cell, 0 where there is no magnet.
    """

    x: np.ndarray
    y: np.ndarray
    z: np.ndarray
    sx: np.ndarray
    sy: np.ndarray
    sz: np.ndarray
    inverse: np.ndarray

    @classmethod
    def of(cls, mesh: Mesh, Ms, Aex, D, kind: str, factor=None, lanes: int = 1) -> Faces:
        """Reduce a lattice to the strengths of its faces.

        Parameters
        ----------
        mesh : Mesh
        Ms : numpy.ndarray [A/m]
            (nz, ny, nx).
        Aex : numpy.ndarray [J/m]
            (nz, ny, nx).
        D : numpy.ndarray [J/m^2]
            (nz, ny, nx).
        kind : str
            "interface" or "bulk".
        factor : callable, optional
            As in `exchange.Links.of`: what is left of the interaction through a face [1].
        lanes : int
            Replicas side by side.

        Returns
        -------
        Faces
        """
        A, D = np.where(Ms > 0.0, Aex, 0.0), np.where(Ms > 0.0, D, 0.0)
        per, faces, surface = inverse(Ms), [], np.zeros((3, *mesh.shape))
        for axis, turned in enumerate(_TURNED[kind]):
            B, E = np.roll(A, -1, 2 - axis), np.roll(D, -1, 2 - axis)
            mean = np.divide(D * B + E * A, A + B, out=0.5 * (D + E), where=A + B > 0.0)
            used = 1.0 if turned else 0.0
            faces.append(used * joined(mesh, Ms, axis, factor) * mean / (mu0 * mesh.cell[axis]))
            surface[list(turned)] += 2.0 / mu0 * per * relief(mesh, Ms, A, (D, D), axis, factor)
        arrays = (*faces, *surface, per)
        return cls(*(np.repeat(array, lanes, axis=-1) for array in arrays))

    @property
    def stiffness(self) -> float:
        """Bound of the field and of its change with m [A/m]."""
        faces = sum(
            np.abs(face) + np.abs(np.roll(face, 1, axis)) for face, axis in zip(self[:3], (2, 1, 0), strict=True)
        )
        return float((faces * self.inverse + np.abs(self.sx) + np.abs(self.sy) + np.abs(self.sz)).max())


def relief(mesh: Mesh, Ms, A, pair, axis: int, factor=None) -> np.ndarray:
    """Energy density per ``|n x m|^2`` that turned moments on the faces along an axis take from the cells.

    Parameters
    ----------
    mesh : Mesh
    Ms : numpy.ndarray [A/m]
        (nz, ny, nx).
    A : numpy.ndarray [J/m]
        (nz, ny, nx), 0 where there is no magnet.
    pair : tuple of numpy.ndarray [J/m^2]
        The two constants whose product counts.
    axis : int
    factor : callable, optional

    Returns
    -------
    numpy.ndarray [J/m^3]
        (nz, ny, nx).
    """
    along, (C, D) = 2 - axis, pair
    if mesh.counts[axis] == 1:
        return np.zeros(mesh.shape)
    through = np.clip(joined(mesh, Ms, axis, factor), 0.0, 1.0)
    A2 = A + np.roll(A, -1, along)
    step = (C - np.roll(C, -1, along)) * (D - np.roll(D, -1, along))
    step = through * np.divide(step, 16.0 * A2, out=np.zeros_like(A), where=A2 > 0.0)
    free = np.divide(C * D, 8.0 * A, out=np.zeros_like(A), where=A > 0.0)
    before = np.roll(through, 1, along)
    return step + np.roll(step, 1, along) + (1.0 - through) * free + (1.0 - before) * free


@kernel
def add_interface(m, h, faces, lanes, factor):
    """Add ``factor`` times the field of an interface to ``h``; both (3, nz, ny, nx lanes)."""
    nz, ny, n = m.shape[1], m.shape[2], m.shape[3]
    for z in range(nz):
        for y in range(ny):
            left, right = (y - 1) % ny, (y + 1) % ny
            for part in range(3):
                i, j, a, b = stretch(part, n, lanes)
                k = j - i
                hx, hy, hz = h[0, z, y][i:j], h[1, z, y][i:j], h[2, z, y][i:j]
                mx, my, mz = m[0, z, y][i:j], m[1, z, y][i:j], m[2, z, y][i:j]
                ax, az, bx, bz = (
                    m[0, z, y][a : a + k],
                    m[2, z, y][a : a + k],
                    m[0, z, y][b : b + k],
                    m[2, z, y][b : b + k],
                )
                ry, rz, ly, lz = m[1, z, right][i:j], m[2, z, right][i:j], m[1, z, left][i:j], m[2, z, left][i:j]
                xa, xb, yr, yl = faces.x[z, y][i:j], faces.x[z, y][b : b + k], faces.y[z, y][i:j], faces.y[z, left][i:j]
                sx, sy, sz, scale = (
                    faces.sx[z, y][i:j],
                    faces.sy[z, y][i:j],
                    faces.sz[z, y][i:j],
                    faces.inverse[z, y][i:j],
                )
                for c in range(k):
                    hx[c] += factor * (scale[c] * (xa[c] * az[c] - xb[c] * bz[c]) + sx[c] * mx[c])
                    hy[c] += factor * (scale[c] * (yr[c] * rz[c] - yl[c] * lz[c]) + sy[c] * my[c])
                    tilted = xa[c] * ax[c] - xb[c] * bx[c] + yr[c] * ry[c] - yl[c] * ly[c]
                    hz[c] += factor * (sz[c] * mz[c] - scale[c] * tilted)


@kernel
def add_bulk(m, h, faces, lanes, factor):
    """Add ``factor`` times the field of a bulk to ``h``; both (3, nz, ny, nx lanes)."""
    nz, ny, n = m.shape[1], m.shape[2], m.shape[3]
    for z in range(nz):
        down, up = (z - 1) % nz, (z + 1) % nz
        for y in range(ny):
            left, right = (y - 1) % ny, (y + 1) % ny
            for part in range(3):
                i, j, a, b = stretch(part, n, lanes)
                k = j - i
                hx, hy, hz = h[0, z, y][i:j], h[1, z, y][i:j], h[2, z, y][i:j]
                mx, my, mz = m[0, z, y][i:j], m[1, z, y][i:j], m[2, z, y][i:j]
                ay, az, by, bz = (
                    m[1, z, y][a : a + k],
                    m[2, z, y][a : a + k],
                    m[1, z, y][b : b + k],
                    m[2, z, y][b : b + k],
                )
                rx, rz, lx, lz = m[0, z, right][i:j], m[2, z, right][i:j], m[0, z, left][i:j], m[2, z, left][i:j]
                ux, uy, dx, dy = m[0, up, y][i:j], m[1, up, y][i:j], m[0, down, y][i:j], m[1, down, y][i:j]
                xa, xb, yr, yl = faces.x[z, y][i:j], faces.x[z, y][b : b + k], faces.y[z, y][i:j], faces.y[z, left][i:j]
                zu, zd, scale = faces.z[z, y][i:j], faces.z[down, y][i:j], faces.inverse[z, y][i:j]
                sx, sy, sz = faces.sx[z, y][i:j], faces.sy[z, y][i:j], faces.sz[z, y][i:j]
                for c in range(k):
                    across = zu[c] * uy[c] - zd[c] * dy[c] - yr[c] * rz[c] + yl[c] * lz[c]
                    hx[c] += factor * (scale[c] * across + sx[c] * mx[c])
                    across = xa[c] * az[c] - xb[c] * bz[c] - zu[c] * ux[c] + zd[c] * dx[c]
                    hy[c] += factor * (scale[c] * across + sy[c] * my[c])
                    across = yr[c] * rx[c] - yl[c] * lx[c] - xa[c] * ay[c] + xb[c] * by[c]
                    hz[c] += factor * (scale[c] * across + sz[c] * mz[c])


class DMI(Term):
    """Dzyaloshinskii-Moriya field of a lattice: of an interface, of a bulk, or of both.

    Parameters
    ----------
    mesh : Mesh
    Ms : numpy.ndarray [A/m]
        (nz, ny, nx).
    Aex : numpy.ndarray [J/m]
        (nz, ny, nx): sets the means and the boundary condition; where it is 0, faces alone count.
    Dind, Dbulk : numpy.ndarray [J/m^2], optional
        (nz, ny, nx).
    factor : callable, optional
        As in `exchange.Links.of`; take that of the exchange.

    Attributes
    ----------
    interface, bulk : Faces or None
        None where there is none.
    mixed : numpy.ndarray or None [A/m]
        Field along x per m_y, and along y per m_x, of surfaces that feel both.
    cold : tuple
        These three, before the magnet got warm.
    """

    def __init__(self, mesh: Mesh, Ms: np.ndarray, Aex: np.ndarray, Dind=None, Dbulk=None, factor=None) -> None:
        super().__init__(mesh, Ms)
        self._given, self._pairs = (Aex, Dind, Dbulk), factor
        self.interface, self.bulk, self.mixed = self.cold = self._reduced(Ms, Aex, Dind, Dbulk)

    def _reduced(self, Ms, Aex, Dind, Dbulk) -> tuple[Faces | None, Faces | None, np.ndarray | None]:
        """Faces of either kind, and what both have together."""
        interface = bulk = mixed = None
        if Dind is not None and np.any(Dind):
            interface = Faces.of(self.mesh, Ms, Aex, Dind, "interface", self._pairs)
        if Dbulk is not None and np.any(Dbulk):
            bulk = Faces.of(self.mesh, Ms, Aex, Dbulk, "bulk", self._pairs)
        if interface is not None and bulk is not None:
            # |V x m|^2 of both: their product has 2 Dind Dbulk [(z x n).m] (n.m), +-m_x m_y on the sides
            A, D, E = (np.where(Ms > 0.0, array, 0.0) for array in (Aex, Dind, Dbulk))
            along_x, along_y = (relief(self.mesh, Ms, A, (D, E), axis, self._pairs) for axis in (0, 1))
            mixed = 2.0 / mu0 * inverse(Ms) * (along_x - along_y)
        return interface, bulk, mixed

    def warm(self, factor: Any, Ms_factor: Any) -> None:
        """Follow a temperature, Aex as D does: see `Term`."""
        super().warm(factor, Ms_factor)
        self.interface, self.bulk, self.mixed = self.cold
        if np.ndim(Ms_factor):
            given = (None if one is None else one * (factor * Ms_factor) for one in self._given)
            self.interface, self.bulk, self.mixed = self._reduced(self.Ms * Ms_factor, *given)
            self.factor = 1.0

    @property
    def stiffness(self) -> float:
        """Sum over the faces of a cell and its surfaces: see `Term`."""
        return sum(faces.stiffness for faces in self.cold[:2] if faces is not None)

    def add(self, m: np.ndarray, h: np.ndarray, t: float = 0.0) -> None:
        """Add the field: see `Term`."""
        if self.interface is not None:
            add_interface(m, h, self.interface, 1, self.factor)
        if self.bulk is not None:
            add_bulk(m, h, self.bulk, 1, self.factor)
        if self.mixed is not None:
            h[0] += self.factor * self.mixed * m[1]
            h[1] += self.factor * self.mixed * m[0]
