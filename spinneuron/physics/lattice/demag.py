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
from pathlib import Path

import numpy as np

from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.demag_product import FEW, add, add_threads, load, load_threads, product
from spinneuron.physics.lattice.layer_transform import LANES, Columns, half_length
from spinneuron.physics.lattice.newell import COMPONENTS, tensor
from spinneuron.physics.lattice.term import Term
from spinneuron.quantity import InputError
from spinneuron.transforms import PRECISIONS, Transform, good_length, half_spectrum, memory

CONTAINER = Path("/sys/fs/cgroup/memory.max")
"""Where Linux says what a container may take: a number, or a word where there is no limit."""


@lru_cache(maxsize=4)
def spectrum(
    counts: tuple[int, int, int], cell: tuple[float, float, float], periodic: tuple[int, int, int], precision: str
) -> np.ndarray:
    """Spectrum of ``-N``, over the number of places.

    Parameters
    ----------
    counts : tuple of int
    cell : tuple of float
        Ratios of the sizes of a cell.
    periodic : tuple of int
    precision : str

    Returns
    -------
    numpy.ndarray [1]
        At wave numbers from 0 up, (kz, ky, tiles, components LANES), `LANES` wave numbers along x in a tile. Of few
        layers at offsets along z, without the i that xz and yz have there; of one without these components.
    """
    px, py = (good_length(n, images) for n, images in zip(counts[:2], periodic[:2], strict=True))
    nz, transformed = counts[2], counts[2] > FEW
    pz = 2 * half_length(nz)
    factor = -1.0 / (px * py * (pz if transformed else 1))
    components, kx = 4 if nz == 1 else 6, px // 2 + 1
    found = np.zeros(
        (pz // 2 + 1 if transformed else nz, py // 2 + 1, -(-kx // LANES), components, LANES), PRECISIONS[precision][0]
    )
    direct = tensor(counts, cell, periodic)
    for component, name in enumerate(COMPONENTS[:components]):
        part = direct[component]
        odd = [name.count(axis) == 1 for axis in "xyz"]
        if periodic[2]:
            # Layers are never a ring, but know all offsets: beyond half of the period those of the copy before.
            mirror = part[(nz - 1) // 2 : 0 : -1]
            part = np.concatenate([part, -mirror if odd[2] else mirror])
        part = half_spectrum(half_spectrum(part, 2, px, odd[0]), 1, py, odd[1])
        if transformed:
            part = half_spectrum(part, 0, pz, odd[2])
        # Two odd axes make i^2.
        sign = -1.0 if odd[0] + odd[1] + (odd[2] and transformed) == 2 else 1.0
        whole = np.zeros((*part.shape[:2], found.shape[2] * LANES))
        whole[..., :kx] = sign * factor * part
        found[:, :, :, component] = whole.reshape(found.shape[:3] + (LANES,))
    rows = found.reshape(*found.shape[:3], -1)
    rows.flags.writeable = False
    return rows


def memory_there() -> int:
    """Memory of the machine, or of the container that this runs in.

    Returns
    -------
    int
        Bytes; 0 where it does not say.
    """
    try:
        there = max(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), 0)
    except (AttributeError, ValueError, OSError):
        there = 0
    try:
        return min(int(CONTAINER.read_text()), there or 2**63)
    except (ValueError, OSError):
        return there


def memory_needed(mesh: Mesh, precision: str = "float64") -> int:
    """Memory of the demagnetizing field of a lattice, nearly.

    Parameters
    ----------
    mesh : Mesh
    precision : str

    Returns
    -------
    int
        Bytes.
    """
    # Beside the work arrays: the tensor, its spectrum, and of one component what a transform needs.
    places = mesh.counts[2] * math.prod(good_length(n) for n in mesh.counts[:2])
    return memory(mesh.counts, mesh.periodic, precision) + 48 * mesh.cells + 24 * places


def require_memory(needed: int, mesh: Mesh, what: str = "the demagnetizing field") -> None:
    """Refuse what the machine cannot hold.

    Parameters
    ----------
    needed : int
        Bytes.
    mesh : Mesh
    what : str
        Needs them.

    Raises
    ------
    InputError
        If the machine has less memory. Where it does not say how much it has, nothing is refused.
    """
    if needed > (there := memory_there()) > 0:
        counts = " x ".join(map(str, mesh.counts))
        raise InputError(
            f"counts = {counts}: {what} needs {needed / 2**30:.3g} GiB, this machine has {there / 2**30:.3g}; "
            "take larger cells"
        )


class Demag(Term):
    """Demagnetizing field of a lattice, made by `of`.

    An object has one set of work arrays: calls of one must not overlap in time.

    Parameters
    ----------
    mesh : Mesh
    Ms : numpy.ndarray [A/m]
        (nz, ny, nx).
    transform : Transform
    N : numpy.ndarray
        See `spectrum`.
    """

    def __init__(self, mesh: Mesh, Ms: np.ndarray, transform: Transform, N: np.ndarray) -> None:
        super().__init__(mesh, Ms)
        self._transform, self._N = transform, N
        self._columns = Columns.of(mesh.counts[2], PRECISIONS[transform.precision][0])
        self._real = np.dtype(PRECISIONS[transform.precision][0])
        many = transform.threads > 1
        self._load, self._add = (load_threads, add_threads) if many else (load, add)
        self._multiply = product(mesh.counts[2], transform.threads)

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
            If the machine has not enough memory, Ms does not fit the mesh or is not finite and non-negative, or the
            library or the precision is not to be had.
        """
        if precision in PRECISIONS:
            require_memory(memory_needed(mesh, precision), mesh)
        Ms = np.asarray(Ms, dtype=float)
        if Ms.shape not in ((), mesh.shape):
            raise InputError(f"Ms: needs a number or shape (nz, ny, nx) = {mesh.shape}, got {Ms.shape}")
        if not np.all(np.isfinite(Ms) & (Ms >= 0.0)):
            raise InputError("Ms: holds numbers that are negative or not finite; put 0 where there is no magnet")
        Ms = np.array(np.broadcast_to(Ms, mesh.shape))
        Ms.flags.writeable = False
        plans = Transform(mesh.counts, mesh.periodic, transform, precision, threads)
        # Only ratios count: meshes that differ by a scale share a tensor.
        cell = (1.0, mesh.cell[1] / mesh.cell[0], mesh.cell[2] / mesh.cell[0])
        return cls(mesh, Ms, plans, spectrum(mesh.counts, cell, mesh.periodic, precision))

    def add(self, m: np.ndarray, h: np.ndarray, t: float = 0.0) -> None:
        """Add the field: see `Term`."""
        transform = self._transform
        Ms = self.Ms if self.factor == 1.0 else self.factor * self.Ms
        self._load(m, Ms, transform.real)
        transform.filter(self._product)
        self._add(transform.real, h)

    def _product(self, block: np.ndarray, first: int) -> None:
        self._multiply(block.view(self._real), self._N, first, self._columns)
