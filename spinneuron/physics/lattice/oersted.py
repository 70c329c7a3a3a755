"""Oersted field of the current through a pillar, which flows along z.

    H(r) = (1/4 pi) int J(r') x (r - r') / |r - r'|^3 d^3r',        J = J(x, y) e_z

which is ``H = (dA/dy, -dA/dx, 0)`` of a potential A. Two lengths of the current are known:

- ``"infinite"``: thin leads continue the pillar on both sides. The problem is that of the plane,
  ``A = -(1/2 pi) int J ln|rho - rho'| d^2rho'``; Ampere's law holds: ``curl H = J``.
- ``"mesh"``: the current exists inside the lattice only, from its lowest to its highest layer,
  ``A = (1/4 pi) int J / |r - r'| d^3r'``. It begins and ends in charges, so that the curl is J plus what a displacement
  current would be; leads have to be added by whoever knows them.

Both are means over each cell, and with the Gaussians of `newell` one integral, where s0(z) is the sum of t0 over the
layers, or ``sqrt(pi) / (u dz)`` for endless ones:

    dA/dy = (J dx dz / (2 pi^(3/2))) int_0^inf t0(x) t1(y) s0(z) du

References
----------
J. D. Jackson, Classical Electrodynamics, 3rd ed. (1999), section 5.2: law of Biot and Savart.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import scipy.fft

from spinneuron.compiled import parallel_kernel, prange
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.newell import edge_table, quadrature
from spinneuron.physics.lattice.term import Term
from spinneuron.quantity import InputError, finite, nearest, shown
from spinneuron.transforms import good_length, half_spectrum

LENGTHS = ("infinite", "mesh")


@parallel_kernel
def slopes(weights, x, y, z, sizes):
    """``dA/dy`` and ``-dA/dx`` of one cell of unit current density at all offsets, (2, nz, ny, nx)."""
    nx, ny, nz = x.shape[2], y.shape[2], z.shape[1]
    dx, dy, dz = sizes
    out = np.zeros((2, nz, ny, nx))
    norm = 0.5 * math.pi**-1.5 * dz
    for row in prange(nz * ny):
        j, k = row % ny, row // ny
        for node in range(weights.size):
            w = norm * weights[node] * z[node, k]
            along_y, along_x = w * dx * y[1, node, j], -w * dy * y[0, node, j]
            for i in range(nx):
                out[0, k, j, i] += along_y * x[0, node, i]
                out[1, k, j, i] += along_x * x[1, node, i]
    return out


def tensor(mesh: Mesh, length: str) -> np.ndarray:
    """Field of a column of cells with unit current density, at all offsets.

    Parameters
    ----------
    mesh : Mesh
    length : str
        A name in LENGTHS.

    Returns
    -------
    numpy.ndarray [m]
        H_x, which is odd in y and even in x, and H_y, odd in x and even in y; (2, nz, oy, ox), a single layer where
        the current is infinite. Offsets as in `newell.tensor`.
    """
    smallest = min(mesh.cell)
    sizes = tuple(d / smallest for d in mesh.cell)
    offsets = [n // 2 + 1 if images else n for n, images in zip(mesh.counts, mesh.periodic, strict=True)]
    spans = [n * (images + 1) * d for n, images, d in zip(mesh.counts, mesh.periodic, sizes, strict=True)]
    u, weights = quadrature(math.hypot(*spans))
    x, y, z = (edge_table(u, o, *rest) for o, *rest in zip(offsets, sizes, mesh.counts, mesh.periodic, strict=True))
    if length == "infinite":
        layers = math.sqrt(math.pi) / (u[:, None] * sizes[2])
    else:
        n = mesh.counts[2]
        apart = abs(np.subtract.outer(np.arange(n), np.arange(n)))
        layers = z[0][:, np.minimum(apart, n - apart) if mesh.periodic[2] else apart].sum(axis=2)
    return slopes(weights, x, y, np.ascontiguousarray(layers), sizes) * smallest


class Oersted(Term):
    """Oersted field of a lattice, made by `of`.

    Parameters
    ----------
    mesh : Mesh
    Ms : numpy.ndarray [A/m]
        (nz, ny, nx).
    unit : numpy.ndarray [1/m]
        H_x and H_y of a current of 1 A, (2, nz, ny, nx), or of one layer (2, 1, ny, nx) that stands for all.
    current : float or callable [A]
        Along +z; a number, or a function of the time [s].
    """

    share = 1.0

    def __init__(self, mesh: Mesh, Ms: np.ndarray, unit: np.ndarray, current: float | Callable[[float], float]) -> None:
        super().__init__(mesh, Ms)
        self.unit, self.current = unit, current

    @classmethod
    def of(
        cls, mesh: Mesh, Ms, profile, current: float | Callable[[float], float] = 1.0, length: str = "infinite"
    ) -> Oersted:
        """Prepare the field of a current.

        Parameters
        ----------
        mesh : Mesh
        Ms : array_like [A/m]
            Scalar or (nz, ny, nx).
        profile : array_like [A/m^2]
            Current density J(x, y), (ny, nx), in any unit: scaled to a current of 1 A through the lattice.
        current : float or callable [A]
            Along +z; a number, or a function of the time [s].
        length : str
            ``"infinite"`` or ``"mesh"``.

        Returns
        -------
        Oersted

        Raises
        ------
        InputError
            If the profile does not fit the mesh or carries no current, or the length is unknown.
        """
        if length not in LENGTHS:
            raise InputError(f"length = {shown(length)}: {nearest(length, LENGTHS)}{' or '.join(LENGTHS)}")
        if not callable(current):
            finite("current", current, "A")
        nx, ny, _ = mesh.counts
        J = np.asarray(profile, dtype=float)
        if J.shape != (ny, nx) or not np.all(np.isfinite(J)):
            raise InputError(f"profile: needs finite numbers of shape (ny, nx) = {(ny, nx)}, got shape {J.shape}")
        total = J.sum() * mesh.cell[0] * mesh.cell[1]
        if abs(total) <= 1e-12 * np.abs(J).sum() * mesh.cell[0] * mesh.cell[1]:
            raise InputError("profile: carries no current through the lattice; give it a sum other than 0")
        px, py = (good_length(n, images) for n, images in zip(mesh.counts[:2], mesh.periodic[:2], strict=True))
        density = scipy.fft.rfft2(J / total, s=(py, px))
        wave = np.arange(py)
        mirror, sign = np.minimum(wave, py - wave), np.where(2 * wave > py, -1.0, 1.0)[:, None]
        unit = []
        for part, odd_x, odd_y in zip(tensor(mesh, length), (False, True), (True, False), strict=True):
            spectrum = half_spectrum(half_spectrum(part, 2, px, odd_x), 1, py, odd_y)[:, mirror]
            field = scipy.fft.irfft2(1j * spectrum * (sign if odd_y else 1.0) * density, s=(py, px))
            unit.append(field[:, :ny, :nx])
        return cls(mesh, np.broadcast_to(np.asarray(Ms, dtype=float), mesh.shape), np.array(unit), current)

    def _now(self, t: float) -> float:
        return float(self.current(t) if callable(self.current) else self.current)

    def add(self, m: np.ndarray, h: np.ndarray, t: float = 0.0) -> None:
        """Add the field: see `Term`."""
        h[:2] += self._now(t) * self.unit
