"""Plans of the demagnetizing field of ensembles: tensor in, arrays that kernels read out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinneuron.compiled import inline
from spinneuron.dynamics.lattice.lanes_dense import PANEL, panels
from spinneuron.dynamics.lattice.lanes_fft import is_smooth, way
from spinneuron.dynamics.lattice.vectors import width
from spinneuron.quantity import InputError

XX, YY, ZZ, XY, XZ, YZ = range(6)
# sign of a component of the tensor under the mirrors of x, y and z
MIRRORS = np.array([[1, 1, 1], [1, 1, 1], [1, 1, 1], [-1, -1, 1], [-1, 1, -1], [1, -1, -1]])


class Plan(NamedTuple):
    """All that :func:`demag_lanes` reads besides the magnetization.

    Attributes
    ----------
    nx, ny, nz : int
        Cells.
    lanes : int
        Replicas in a block.
    size : int
        Numbers of scratch that a thread needs.
    px, py : int
        Padded lengths.
    ways : numpy.ndarray of int
        Shape (4, ...): plans of the transforms along x and y, out and back.
    factors : numpy.ndarray
        What stands between the passes of the transforms.
    spectra : numpy.ndarray
        Minus the transform of N, with the scale of the transforms: shape (px // 2 + 1, py // 2 + 1, nz, 6).
    matrix : numpy.ndarray
        Panels of minus N between occupied cells for dense products.
    sites : numpy.ndarray of int
        Rows of m, seen as (3 cells, lanes), that the matrix joins, `PANEL` more than there are; empty where transforms
        are used.
    parts : numpy.ndarray of int
        The blocks on the diagonal of the matrix: their rows and where they begin in `matrix`.
    """

    nx: int
    ny: int
    nz: int
    lanes: int
    size: int
    px: int
    py: int
    ways: np.ndarray
    factors: np.ndarray
    spectra: np.ndarray
    matrix: np.ndarray
    sites: np.ndarray
    parts: np.ndarray


class Layout(NamedTuple):
    """Sizes, and where things stand in the scratch of a thread, in numbers.

    Attributes
    ----------
    nx, ny, nz, px, py, lanes : int
        Those of the plan.
    z : int
        Pairs of rows of M_z, transformed along x: (nz, px, `z_line`). M_x + i M_y stands at 0: (nz, px, `xy_line`). A
        film has the one after the other in the same place.
    p, q, r : int
        Columns k_x and -k_x of M_x + i M_y, and k_x of M_z: (nz, `column`).
    line : int
        One line before or after its transform.
    wave : int
        M of one wave vector in all layers.
    work : int
        Work space of transforms.
    end : int
        Size of it all.
    xy_line, z_line, column : int
        Lengths of lines; odd numbers of sites keep them off the same places in the cache.
    """

    nx: int
    ny: int
    nz: int
    px: int
    py: int
    lanes: int
    z: int
    p: int
    q: int
    r: int
    line: int
    wave: int
    work: int
    end: int
    xy_line: int
    z_line: int
    column: int


@inline
def layout(nx, ny, nz, px, py, lanes, wide):
    """Lay out the scratch for vectors of ``wide`` numbers."""
    site = 2 * wide
    xy_line, z_line, column = (ny | 1) * site, (((ny + 1) // 2) | 1) * site, (py | 1) * site
    z = nz * px * xy_line if nz > 1 else 0
    p = nz * px * (xy_line + z_line) if nz > 1 else px * xy_line
    q, r, line = p + nz * column, p + 2 * nz * column, p + 3 * nz * column
    wave = line + max(nx, ny) * site
    work = wave + 3 * nz * site
    end = work + 2 * max(px, py) * site
    return Layout(nx, ny, nz, px, py, lanes, z, p, q, r, line, wave, work, end, xy_line, z_line, column)


def quarter(counts, tensor) -> np.ndarray:
    """The tensor at offsets from 0 on.

    Parameters
    ----------
    counts : tuple of int
    tensor : array-like
        See :func:`plan`.

    Returns
    -------
    numpy.ndarray
        Shape (6, nz, ny, nx).

    Raises
    ------
    InputError
        If it has another shape.
    """
    nx, ny, nz = counts
    tensor = np.asarray(tensor, dtype=float)
    if tensor.shape == (6, nz, ny, nx):
        return tensor
    if tensor.shape == (6, 2 * nz - 1, 2 * ny - 1, 2 * nx - 1):
        return tensor[:, nz - 1 :, ny - 1 :, nx - 1 :]
    raise InputError(f"tensor of shape {tensor.shape}: {counts} cells need {(6, nz, ny, nx)} or all offsets")


def spectra(counts, tensor, px, py) -> np.ndarray:
    """Transform the tensor along x and y.

    Parameters
    ----------
    counts : tuple of int
    tensor : numpy.ndarray
        From :func:`quarter`.
    px, py : int
        Padded lengths.

    Returns
    -------
    numpy.ndarray
        See `Plan`.
    """
    nx, ny, nz = counts
    full = np.zeros((6, nz, py, px))
    for mirror_y in range(2 if ny > 1 else 1):
        for mirror_x in range(2 if nx > 1 else 1):
            sign = MIRRORS[:, 0] ** mirror_x * MIRRORS[:, 1] ** mirror_y
            y = -np.arange(ny) % py if mirror_y else np.arange(ny)
            x = -np.arange(nx) % px if mirror_x else np.arange(nx)
            full[:, :, y[:, None], x] = sign[:, None, None, None] * tensor
    # where an odd component should vanish on its mirror, the sign of its rounding is a matter of the last writer
    full[XY, :, 0], full[XY, :, :, 0], full[XZ, :, :, 0], full[YZ, :, 0] = 0.0, 0.0, 0.0, 0.0
    full[[XZ, YZ], 0] = 0.0
    transformed = np.fft.fft2(full)[:, :, : py // 2 + 1, : px // 2 + 1]
    parts = np.where((MIRRORS[:, 2] < 0)[:, None, None, None], transformed.imag, transformed.real)
    # half, since the kernels never halve M_x and M_y when they part them
    return np.ascontiguousarray(parts.transpose(3, 2, 1, 0)) / (-2.0 * px * py)


def matrix(counts, tensor, occupied) -> np.ndarray:
    """Dense matrix of the sum over cells.

    Parameters
    ----------
    counts : tuple of int
    tensor : numpy.ndarray
        From :func:`quarter`.
    occupied : numpy.ndarray of bool
        Shape (nz, ny, nx).

    Returns
    -------
    numpy.ndarray
        Minus N, shape (3, cells, 3, cells) over the occupied cells.
    """
    places = np.argwhere(occupied)[:, ::-1]
    offsets = places[:, None, :] - places[None, :, :]
    x, y, z = np.moveaxis(abs(offsets), -1, 0)
    found = np.empty((3, len(places), 3, len(places)))
    for component, (i, j) in enumerate(((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))):
        odd = MIRRORS[component] < 0
        sign = np.prod(np.where(odd, np.sign(offsets), 1), axis=-1)
        found[i, :, j, :] = found[j, :, i, :] = -sign * tensor[component][z, y, x]
    return found


def plan(counts, tensor, lanes, dtype=np.float64, occupied=None, dense=None) -> Plan:
    """Prepare :func:`demag_lanes`.

    Parameters
    ----------
    counts : tuple of int
        Cells along x, y, z.
    tensor : array-like
        Demagnetizing tensor of two cells, components xx, yy, zz, xy, xz, yz: shape (6, nz, ny, nx) at offsets from 0
        on, or (6, 2 nz - 1, 2 ny - 1, 2 nx - 1) at all of them; xx, yy, zz even, xy odd in x and y, and so on.
    lanes : int
        Replicas in a block: a multiple of 8 for float64, of 16 for float32.
    dtype : dtype-like
        Precision of m and h.
    occupied : numpy.ndarray of bool, optional
        Shape (nz, ny, nx): where there is a magnet. The field elsewhere is 0 or not, whichever is cheaper.
    dense : bool, optional
        Whether to multiply with a matrix; by default whichever is faster.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        If the tensor has another shape, or lanes do not fill registers.
    """
    counts = nx, ny, nz = tuple(int(n) for n in counts)
    if lanes < 1 or lanes % width(dtype):
        raise InputError(f"lanes = {lanes}: {np.dtype(dtype)} needs a multiple of {width(dtype)}")
    tensor = quarter(counts, tensor)
    occupied = np.ones((nz, ny, nx), bool) if occupied is None else np.asarray(occupied, bool)
    if dense is None:
        dense = dense_is_faster(counts, np.count_nonzero(occupied))
    px, py = padded(nx), padded(ny)
    rows, tables = [], []
    for n, keeps_half in ((px, False), (px, True), (py, False), (py, True)):
        row, table = way(n, keeps_half, sum(map(len, tables)))
        rows.append(row)
        tables.append(table)
    ways = np.zeros((4, max(map(len, rows))), np.int64)
    for way_, row in zip(ways, rows, strict=True):
        way_[: len(row)] = row
    size = layout(nx, ny, nz, px, py, lanes, width(dtype)).end
    sites, parts, blocks = np.empty(0, np.int64), np.empty((0, 2), np.int64), [np.empty(0)]
    if dense:
        full = matrix(counts, tensor, occupied)
        cells = np.flatnonzero(occupied)
        sites = np.concatenate([cells, cells + occupied.size, cells + 2 * occupied.size, np.zeros(PANEL, np.int64)])
        parts, blocks = [], []
        for some in ([0, 1], [2]) if nz == 1 else ([0, 1, 2],):
            count = len(some) * len(cells)
            parts.append((count, sum(map(len, blocks))))
            blocks.append(panels(full[some][:, :, some].reshape(count, count)).ravel())
        parts = np.array(parts, np.int64)
    spectrum = np.empty((0, 0, 0, 6)) if dense else spectra(counts, tensor, px, py)
    return Plan(
        nx,
        ny,
        nz,
        lanes,
        size,
        px,
        py,
        ways,
        np.concatenate(tables).astype(dtype),
        spectrum.astype(dtype),
        np.concatenate(blocks).astype(dtype),
        sites,
        parts,
    )


def padded(n):
    if n == 1:
        return 1
    length = 4 * -(-(2 * n - 1) // 4)
    while not is_smooth(length):
        length += 4
    return length


def dense_is_faster(counts, cells):
    return False
