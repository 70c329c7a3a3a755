"""Demagnetizing field of a lattice: ``H = -N * M``, a convolution with the tensor of `newell`, by Fourier transforms.

    w = -(mu0/2) M.H,        E = V sum w

The field is the mean over each cell; outside the magnet it is the stray field. The spectrum of a component that is even
or odd in every coordinate is real or imaginary, and even or odd in every wave number: a quarter of one real number per
place is kept, the rest are signs. Along z, thin lattices are summed directly, so that N_xz and N_yz meet there with an
i that N_xx, N_yy, N_zz and N_xy do not have; and of one layer the two are zero.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numba import config, get_num_threads

from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.demag_product import FEW, Lines, convolve, convolve_threads, room
from spinneuron.physics.lattice.newell import COMPONENTS, tensor
from spinneuron.physics.lattice.term import Term
from spinneuron.quantity import InputError, nearest, shown
from spinneuron.registers.lanes_fft import is_smooth, way
from spinneuron.registers.vectors import aligned, width
from spinneuron.transforms import good_length, half_spectrum

PRECISIONS = {"float64": np.float64, "float32": np.float32}
# Cells from which two threads are faster than one where two processors are free. On busy ones they cost a fifth there,
# measured, and more below.
_MANY = 128 * 256
# Numba makes its settings at run time, out of the sight of type checkers.
_config: Any = config

CONTAINER = Path("/sys/fs/cgroup/memory.max")
"""Where Linux says what a container may take: a number, or a word where there is no limit."""


def _padded(counts: tuple[int, int, int], periodic: tuple[int, int, int]) -> tuple[int, int, int]:
    """Places along x, y, z: of rings whose length has no fast transform, those of a convolution."""
    rings = (images if is_smooth(n) else 0 for n, images in zip(counts, periodic, strict=True))
    px, py, pz = (good_length(n, images) for n, images in zip(counts, rings, strict=True))
    return px, py, pz if counts[2] > FEW else 0


def _all_offsets(part: np.ndarray, axis: int, n: int, odd: bool) -> np.ndarray:
    """Offsets from 0 to n - 1 of a periodic axis, of which those up to n // 2 are known: the rest are mirrors."""
    part = np.moveaxis(part, axis, 0)
    mirror = part[(n - 1) // 2 : 0 : -1]
    return np.moveaxis(np.concatenate([part, -mirror if odd else mirror]), 0, axis)


@lru_cache(maxsize=4)
def spectrum(
    counts: tuple[int, int, int], cell: tuple[float, float, float], periodic: tuple[int, int, int], precision: str
) -> np.ndarray:
    """Spectrum of ``-N``, over the number of places; for twice the magnetization, see `demag_product.rows_out`.

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
        At wave numbers from 0 up, (kz, ky, registers, components, wide): a register holds ``wide`` wave numbers along
        x. Of few layers at offsets along z, without the i that xz and yz have there; of one without these components.
    """
    padded, wide = _padded(counts, periodic), width(PRECISIONS[precision])
    (px, py, pz), components, kx = padded, 4 if counts[2] == 1 else 6, padded[0] // 2 + 1
    factor = -0.5 / (px * py * max(pz, 1))
    along_z = pz // 2 + 1 if pz else counts[2]
    found = np.zeros((along_z, py // 2 + 1, -(-kx // wide), components, wide), PRECISIONS[precision])
    direct = tensor(counts, cell, periodic)
    for component, name in enumerate(COMPONENTS[:components]):
        part = direct[component]
        odd = [name.count(axis) == 1 for axis in "xyz"]
        for axis, (n, places) in enumerate(zip(counts, padded, strict=True)):
            if periodic[axis] and places != n:
                part = _all_offsets(part, 2 - axis, n, odd[axis])
        part = half_spectrum(half_spectrum(part, 2, px, odd[0]), 1, py, odd[1])
        if pz:
            part = half_spectrum(part, 0, pz, odd[2])
        # Two odd axes make i^2.
        sign = -1.0 if odd[0] + odd[1] + (odd[2] and pz > 0) == 2 else 1.0
        whole = np.zeros((*part.shape[:2], found.shape[2] * wide))
        whole[..., :kx] = sign * factor * part
        found[:, :, :, component] = whole.reshape(found.shape[:3] + (wide,))
    found.flags.writeable = False
    return found


def lines_of(mesh: Mesh, precision: str) -> Lines:
    """Plan the convolution of a lattice.

    Parameters
    ----------
    mesh : Mesh
    precision : str

    Returns
    -------
    Lines
    """
    padded = _padded(mesh.counts, mesh.periodic)
    plans: list[list[int]] = []
    factors: list[np.ndarray] = []
    for places in padded:
        for keeps_half in (False, True):
            plan, numbers = way(max(places, 1), keeps_half, sum(map(len, factors)))
            plans.append(plan)
            factors.append(numbers)
    ways = np.zeros((6, max(map(len, plans))), dtype=np.int64)
    for row, plan in zip(ways, plans, strict=True):
        row[: len(plan)] = plan
    # Only ratios count: meshes that differ by a scale share a tensor.
    cell = (1.0, mesh.cell[1] / mesh.cell[0], mesh.cell[2] / mesh.cell[0])
    N = spectrum(mesh.counts, cell, mesh.periodic, precision)
    return Lines(*mesh.counts, *padded, ways, np.concatenate(factors).astype(PRECISIONS[precision]), N)


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

    Raises
    ------
    InputError
        If the precision is not to be had.
    """
    if precision not in PRECISIONS:
        raise InputError(f"precision = {shown(precision)}: {nearest(precision, PRECISIONS)}float64 or float32")
    # Beside the work arrays: the tensor, its spectrum, and of one component what a transform needs.
    wide, size = width(PRECISIONS[precision]), np.dtype(PRECISIONS[precision]).itemsize
    padded = _padded(mesh.counts, mesh.periodic)
    places = mesh.counts[2] * padded[0] * padded[1]
    return size * sum(room(mesh.counts, padded, wide)) + 48 * mesh.cells + 24 * places


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
    lines : Lines
    parallel : bool
        On the threads of the kernels.
    """

    def __init__(self, mesh: Mesh, Ms: np.ndarray, lines: Lines, parallel: bool) -> None:
        super().__init__(mesh, Ms)
        self.parallel, self._lines = parallel, lines
        self._convolve = convolve_threads if parallel else convolve
        store, scratch = room(mesh.counts, (lines.px, lines.py, lines.pz), lines.N.shape[4])
        self._store = aligned((store,), lines.N.dtype)
        self._scratch = aligned((int(_config.NUMBA_NUM_THREADS) if parallel else 1, scratch), lines.N.dtype)

    @classmethod
    def of(cls, mesh: Mesh, Ms, precision: str = "float64", parallel: bool | None = None) -> Demag:
        """Prepare the field of a lattice.

        Parameters
        ----------
        mesh : Mesh
            With copies along periodic axes: every cell sees that many of the lattice on either side, counted from
            the nearest, so that a uniform magnet has a uniform field.
        Ms : array_like [A/m]
            Scalar or (nz, ny, nx), 0 where there is no magnet; copied.
        precision : str
            Of the transforms and the tensor's spectrum: ``"float64"`` or ``"float32"``.
        parallel : bool, optional
            On the threads of the kernels; by default where that is faster. Results do not depend on it.

        Returns
        -------
        Demag

        Raises
        ------
        InputError
            If the machine has not enough memory, Ms does not fit the mesh or is not finite and non-negative, or the
            precision is not to be had.
        """
        require_memory(memory_needed(mesh, precision), mesh)
        Ms = np.asarray(Ms, dtype=float)
        if Ms.shape not in ((), mesh.shape):
            raise InputError(f"Ms: needs a number or shape (nz, ny, nx) = {mesh.shape}, got {Ms.shape}")
        if not np.all(np.isfinite(Ms) & (Ms >= 0.0)):
            raise InputError("Ms: holds numbers that are negative or not finite; put 0 where there is no magnet")
        Ms = np.array(np.broadcast_to(Ms, mesh.shape))
        Ms.flags.writeable = False
        if parallel is None:
            parallel = mesh.cells >= _MANY and get_num_threads() > 1
        return cls(mesh, Ms, lines_of(mesh, precision), parallel)

    def add(self, m: np.ndarray, h: np.ndarray, t: float = 0.0) -> None:
        """Add the field: see `Term`."""
        cold = np.ndim(self.factor) == 0 and self.factor == 1.0
        Ms, nx = self.Ms if cold else self.factor * self.Ms, self.mesh.counts[0]
        out = np.ascontiguousarray(h)
        rows = (np.ascontiguousarray(array).reshape(-1, nx) for array in (m, Ms, out))
        self._convolve(*rows, self._store, self._scratch, self._lines)
        if out is not h:
            h[...] = out
