"""Plans of the demagnetizing field of ensembles: tensor in, arrays that kernels read out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinneuron.compiled import inline
from spinneuron.dynamics.lattice.lanes_dense import PANEL, panels
from spinneuron.dynamics.lattice.lanes_tensor import MIRRORS, OPEN, PAIRS, axes_of, quarter, seen_along
from spinneuron.quantity import InputError, integer
from spinneuron.registers.lanes_fft import is_smooth, way
from spinneuron.registers.vectors import width

XX, YY, ZZ, XY, XZ, YZ = range(6)


class Plan(NamedTuple):
    """All that :func:`demag_lanes` reads besides the magnetization.

    Attributes
    ----------
    nx, ny, nz : int
        Cells along the axes that the transforms call x, y and z: z is that of the fewest.
    px, py : int
        Padded lengths.
    lanes : int
        Replicas in a block.
    size : int
        Numbers of scratch that a thread needs.
    x_stride, y_stride, z_stride : int
        From cell to cell along these axes in m and h.
    mx, my, mz : int
        Where the components along these axes begin in m and h.
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
    px: int
    py: int
    lanes: int
    size: int
    x_stride: int
    y_stride: int
    z_stride: int
    mx: int
    my: int
    mz: int
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
    nx, ny, nz, px, py, x_stride, y_stride, z_stride, mx, my, mz : int
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
    x_stride: int
    y_stride: int
    z_stride: int
    mx: int
    my: int
    mz: int
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
def layout(nx, ny, nz, px, py, strides, wide):
    """Lay out the scratch for vectors of ``wide`` numbers."""
    site = 2 * wide
    xy_line, z_line, column = (ny | 1) * site, (((ny + 1) // 2) | 1) * site, (py | 1) * site
    z = nz * px * xy_line if nz > 1 else 0
    p = nz * px * (xy_line + z_line) if nz > 1 else px * xy_line
    q, r, line = p + nz * column, p + 2 * nz * column, p + 3 * nz * column
    wave = line + max(nx, ny) * site
    work = wave + 3 * nz * site
    end = work + 2 * max(px, py) * site
    dx, dy, dz, mx, my, mz = strides
    scratch = (z, p, q, r, line, wave, work, end, xy_line, z_line, column)
    return Layout(nx, ny, nz, px, py, dx, dy, dz, mx, my, mz, *scratch)


def padded(n, ring=False) -> int:
    """Length of the transform of a line of n cells: at least 2 n - 1, and a multiple of 4, where halves are skipped.

    A ring needs no zeros: it has n where that is smooth.

    Parameters
    ----------
    n : int
    ring : bool
        Whether the line closes to a ring.

    Returns
    -------
    int
    """
    if n == 1 or (ring and is_smooth(n)):
        return n
    length = 4 * -(-(2 * n - 1) // 4)
    while not is_smooth(length):
        length += 4
    return length


def spectra(counts, tensor, px, py) -> np.ndarray:
    """Transform the tensor along x and y.

    Parameters
    ----------
    counts : tuple of int
    tensor : numpy.ndarray
        From :func:`seen_along`, as the counts.
    px, py : int
        Padded lengths; with those of the lattice, lines close to rings.

    Returns
    -------
    numpy.ndarray
        See `Plan`.
    """
    nx, ny, nz = counts
    full = np.zeros((6, nz, py, px))
    # offset 0 is its own mirror, where odd components vanish: it keeps the first sign
    for y_sign, x_sign in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
        sign = np.where(y_sign < 0, MIRRORS[:, 1], 1) * np.where(x_sign < 0, MIRRORS[:, 0], 1)
        y, x = y_sign * np.arange(ny) % py, x_sign * np.arange(nx) % px
        full[:, :, y[:, None], x] = sign[:, None, None, None] * tensor
    transformed = np.fft.fft2(full)[:, :, : py // 2 + 1, : px // 2 + 1]
    imaginary = (MIRRORS[:, 2] < 0)[:, None, None, None]
    # half of it, since the kernels leave out the halves when they take M_x + i M_y and pairs of rows apart
    return np.where(imaginary, transformed.imag, transformed.real).transpose(3, 2, 1, 0) / (-2.0 * px * py)


def transforms(px, py) -> tuple[np.ndarray, np.ndarray]:
    """Plans of the transforms along x and y, out and back.

    Parameters
    ----------
    px, py : int

    Returns
    -------
    ways, factors : numpy.ndarray
        See `Plan`.
    """
    rows, tables, first = [], [], 0
    for n, keeps_half in ((px, False), (px, True), (py, False), (py, True)):
        row, table = way(n, keeps_half, first)
        rows.append(row)
        tables.append(table)
        first += len(table)
    ways = np.zeros((4, max(map(len, rows))), np.int64)
    for filled, row in zip(ways, rows, strict=True):
        filled[: len(row)] = row
    return ways, np.concatenate(tables)


def dense(counts, tensor, occupied) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Matrix of the sum over cells; in a film the component across is apart from the others.

    Parameters
    ----------
    counts : tuple of int
    tensor : numpy.ndarray
        From :func:`quarter`.
    occupied : numpy.ndarray of bool
        Shape (nz, ny, nx).

    Returns
    -------
    matrix, sites, parts : numpy.ndarray
        See `Plan`.
    """
    cells = np.argwhere(occupied)[:, ::-1]
    offsets = cells[:, None, :] - cells[None, :, :]
    x, y, z = np.moveaxis(abs(offsets), -1, 0)
    full = np.empty((3, len(cells), 3, len(cells)))
    for component, (i, j) in enumerate(PAIRS):
        sign = np.prod(np.where(MIRRORS[component] < 0, np.sign(offsets), 1), axis=-1)
        full[i, :, j, :] = full[j, :, i, :] = -sign * tensor[component][z, y, x]
    places, blocks, parts, sites, first = np.flatnonzero(occupied), [], [], [], 0
    x, y, z = axes_of(counts)
    for axes in ((x, y), (z,)) if counts[z] == 1 else ((x, y, z),):
        rows = len(axes) * len(cells)
        block = panels(full[np.ix_(axes, range(len(cells)), axes, range(len(cells)))].reshape(rows, rows))
        blocks.append(block.ravel())
        parts.append((rows, first))
        sites += [places + axis * occupied.size for axis in axes]
        first += block.size
    sites.append(np.zeros(PANEL, np.int64))
    return np.concatenate(blocks), np.concatenate(sites).astype(np.int64), np.array(parts, np.int64)


def dense_is_faster(counts, cells, periodic=OPEN) -> bool:
    """Whether the product with a matrix takes less time than transforms.

    Measured (AMD EPYC of family 26, 512-bit registers): 0.021 ns per number of the matrix against 2.6 ns per padded
    cell, per replica in float64; in float32 both take half. Equal at about 110 cells of a film, 70 of two layers.

    Parameters
    ----------
    counts : tuple of int
    cells : int
        Occupied ones.
    periodic : tuple of int
        As in :func:`plan`.

    Returns
    -------
    bool
    """
    x, y, z = axes_of(counts)
    places = padded(counts[x], periodic[x]) * padded(counts[y], periodic[y]) * counts[z]
    return 0.021 * (5 if counts[z] == 1 else 9) * cells**2 < 2.6 * places


def plan(counts, tensor, lanes, dtype=np.float64, occupied=None, by_matrix=None, periodic=OPEN) -> Plan:
    """Prepare :func:`lanes_demag.demag_lanes`.

    Parameters
    ----------
    counts : tuple of int
        Cells along x, y, z.
    tensor : array-like
        Demagnetizing tensor N of two cells, H = -N M, components xx, yy, zz, xy, xz, yz: shape (6, nz, ny, nx) at
        offsets from 0 on, or (6, 2 nz - 1, 2 ny - 1, 2 nx - 1) at all of them, from the most negative; xx, yy and zz
        are even, xy is odd in x and in y, and so on. Of a periodic axis, offsets up to n // 2 are enough, as
        `newell.tensor` has them.
    lanes : int
        Replicas in a block: a multiple of 8 for float64, of 16 for float32.
    dtype : dtype-like
        Precision of m and h: float64 or float32.
    occupied : array-like of bool, optional
        Shape (nz, ny, nx): where there is a magnet, by default everywhere. Elsewhere m must be 0, and the field is
        that of the magnet or is left out, whichever is cheaper.
    by_matrix : bool, optional
        Whether to multiply with a dense matrix; by default whichever is faster.
    periodic : tuple of int
        Other than 0 along x, y, z where the lattice closes to a ring.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        If the tensor or `occupied` have another shape, or lanes do not fill registers.
    """
    nx, ny, nz = (integer(name, n) for name, n in zip(("nx", "ny", "nz"), counts, strict=True))
    counts = nx, ny, nz
    if np.dtype(dtype) not in (np.float64, np.float32):
        raise InputError(f"dtype = {np.dtype(dtype)}: float64 or float32")
    if integer("lanes", lanes) % width(dtype):
        raise InputError(f"lanes = {lanes}: {np.dtype(dtype)} takes a multiple of {width(dtype)}")
    tensor = quarter(counts, tensor, periodic)
    occupied = np.ones((nz, ny, nx), bool) if occupied is None else np.asarray(occupied, bool)
    if occupied.shape != (nz, ny, nx):
        raise InputError(f"occupied of shape {occupied.shape}: {counts} cells take {(nz, ny, nx)}")
    if not occupied.any():
        raise InputError("occupied = False everywhere: a magnet has at least one cell")
    if by_matrix is None:
        by_matrix = dense_is_faster(counts, np.count_nonzero(occupied), periodic)
    axes = axes_of(counts)
    dx, dy, dz = ((1, nx, nx * ny)[axis] * lanes for axis in axes)
    mx, my, mz = (axis * occupied.size * lanes for axis in axes)
    waves, matrix = np.empty((0, 0, 0, 6)), np.empty(0)
    sites, parts = np.empty(0, np.int64), np.empty((0, 2), np.int64)
    seen = nx, ny, nz = tuple(counts[axis] for axis in axes)
    px, py = (padded(counts[axis], periodic[axis]) for axis in axes[:2])
    if by_matrix:
        matrix, sites, parts = dense(counts, tensor, occupied)
    else:
        waves = spectra(seen, seen_along(axes, tensor), px, py)
    ways, factors = transforms(px, py)
    factors, waves, matrix = (np.ascontiguousarray(array, dtype) for array in (factors, waves, matrix))
    size = int(layout(nx, ny, nz, px, py, (dx, dy, dz, mx, my, mz), width(dtype)).end)
    arrays = (ways, factors, waves, matrix, sites, parts)
    return Plan(nx, ny, nz, px, py, lanes, size, dx, dy, dz, mx, my, mz, *arrays)
