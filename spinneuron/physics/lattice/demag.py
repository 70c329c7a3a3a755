"""Demagnetizing field of a lattice: ``H = -N * M``, a convolution with the tensor of `newell`, by Fourier transforms.

    w = -(mu0/2) M.H,        E = V sum w

The field is the mean over each cell; outside the magnet it is the stray field. The spectrum of a component that is even
or odd in every coordinate is real or imaginary, and even or odd in every wave number: a quarter of one real number per
place is kept, the rest are signs. Along z, thin lattices are summed directly, so that N_xz and N_yz meet there with an
i that N_xx, N_yy, N_zz and N_xy do not have; and of one layer the two are zero.
"""

from __future__ import annotations

import math
import os
from functools import lru_cache

import numpy as np

from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.demag_product import add, add_threads, load, load_threads, multiply, multiply_threads
from spinneuron.physics.lattice.newell import COMPONENTS, tensor
from spinneuron.physics.lattice.term import Term
from spinneuron.quantity import InputError
from spinneuron.transforms import PRECISIONS, Layout, Transform, half_spectrum


@lru_cache(maxsize=4)
def spectrum(
    layout: Layout, cell: tuple[float, float, float], periodic: tuple[int, int, int], precision: str
) -> np.ndarray:
    """Spectrum of ``-N``, over the number of places.

    Parameters
    ----------
    layout : Layout
    cell : tuple of float
        Ratios of the sizes of a cell.
    periodic : tuple of int
    precision : str

    Returns
    -------
    numpy.ndarray [1]
        Components (xx, yy, zz, xy, xz, yz) at wave numbers, or offsets along z where it is not transformed, from 0
        up, (6, kz, ky, kx). Without the i that xz and yz have in the latter case.
    """
    direct = tensor(layout.counts, cell, periodic)
    px, py, pz = layout.padded
    factor = -1.0 / (px * py * (pz if layout.deep else 1))
    parts = []
    for name, part in zip(COMPONENTS, direct, strict=True):
        odd = [name.count(axis) == 1 for axis in "xyz"]
        part = half_spectrum(half_spectrum(part, 2, px, odd[0]), 1, py, odd[1])
        if layout.deep:
            part = half_spectrum(part, 0, pz, odd[2])
        # Two odd axes make i^2.
        sign = -1.0 if odd[0] + odd[1] + (odd[2] and layout.deep) == 2 else 1.0
        parts.append((sign * factor * part).astype(PRECISIONS[precision][0]))
    found = np.ascontiguousarray(parts)
    found.flags.writeable = False
    return found


def require_memory(needed: int, mesh: Mesh) -> None:
    """Refuse what the machine cannot hold.

    Parameters
    ----------
    needed : int
        Bytes.
    mesh : Mesh

    Raises
    ------
    InputError
        If the machine has less memory. Where it does not say how much it has, nothing is refused.
    """
    try:
        there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return
    if needed > there > 0:
        counts = " x ".join(map(str, mesh.counts))
        raise InputError(
            f"counts = {counts}: the demagnetizing field needs {needed / 2**30:.3g} GiB, this machine has "
            f'{there / 2**30:.3g}; take larger cells, or precision = "float32"'
        )


class Demag(Term):
    """Demagnetizing field of a lattice: `Demag.of`.

    An object has one set of work arrays: calls of one must not overlap in time.

    Attributes
    ----------
    mesh : Mesh
    Ms : numpy.ndarray [A/m]
        (nz, ny, nx).
    """

    def __init__(self, mesh: Mesh, Ms: np.ndarray, transform: Transform, N: np.ndarray) -> None:
        """Take what `of` has prepared.

        Parameters
        ----------
        mesh : Mesh
        Ms : numpy.ndarray [A/m]
        transform : Transform
        N : numpy.ndarray
            See `spectrum`.
        """
        self.mesh, self.Ms = mesh, Ms
        self._transform, self._N = transform, N
        self._places = transform.layout.padded[1] if transform.layout.deep else 0
        self._real = np.dtype(PRECISIONS[transform.precision][0])
        many = transform.threads > 1
        self._load, self._add = (load_threads, add_threads) if many else (load, add)
        self._multiply = multiply_threads if many else multiply

    @classmethod
    def of(
        cls, mesh: Mesh, Ms, transform: str = "auto", precision: str = "float64", threads: int | None = None
    ) -> Demag:
        """Prepare the field of a lattice.

        Parameters
        ----------
        mesh : Mesh
            With copies along periodic axes: every cell sees that many of the lattice on either side, counted from
            the nearest, so that a uniform magnet has a uniform field.
        Ms : array_like [A/m]
            Scalar or (nz, ny, nx), 0 where there is no magnet; copied.
        transform : str
            Library of Fourier transforms, see `transforms.library`.
        precision : str
            Of the transforms and the tensor's spectrum: ``"float64"`` or ``"float32"``.
        threads : int, optional
            See `transforms.Transform`.

        Returns
        -------
        Demag

        Raises
        ------
        InputError
            If Ms does not fit the mesh or is not finite and non-negative, the library or the precision is not to be
            had, or the machine has not enough memory.
        """
        Ms = np.asarray(Ms, dtype=float)
        if Ms.shape not in ((), mesh.shape):
            raise InputError(f"Ms: needs a number or shape (nz, ny, nx) = {mesh.shape}, got {Ms.shape}")
        if not np.all(np.isfinite(Ms) & (Ms >= 0.0)):
            raise InputError("Ms: holds numbers that are negative or not finite; put 0 where there is no magnet")
        Ms = np.array(np.broadcast_to(Ms, mesh.shape))
        Ms.flags.writeable = False
        layout = Layout.of(mesh.counts, mesh.periodic)
        if precision in PRECISIONS:
            # Beside the work arrays: the tensor and its spectrum, and of one component what its transforms need.
            spectral = math.prod(p // 2 + 1 for p in layout.padded)
            tensors = 6 * 8 * (math.prod(mesh.counts) + 2 * spectral) + 2 * 2 * 8 * math.prod(layout.padded)
            require_memory(layout.memory(precision) + tensors, mesh)
        plans = Transform(layout, transform, precision, threads)
        # Only ratios count; scaled to the first, equal meshes in other units share a tensor.
        cell = tuple(size / mesh.cell[0] for size in mesh.cell)
        return cls(mesh, Ms, plans, spectrum(layout, (cell[0], cell[1], cell[2]), mesh.periodic, precision))

    def add(self, m: np.ndarray, h: np.ndarray, t: float = 0.0) -> None:
        """Add the field.

        Parameters
        ----------
        m : numpy.ndarray [1]
            (3, nz, ny, nx).
        h : numpy.ndarray [A/m]
            (3, nz, ny, nx); changed in place.
        t : float [s]
            Of no effect.
        """
        transform = self._transform
        Ms = self.Ms if self.factor == 1.0 else self.factor * self.Ms
        self._load(m, Ms, transform.real)
        transform.filter(self._product)
        self._add(transform.real, h)

    def _product(self, block: np.ndarray, first: int) -> None:
        self._multiply(block.view(self._real), self._N, first, self._places)
