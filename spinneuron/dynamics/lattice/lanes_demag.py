"""Demagnetizing field of an ensemble of replicas of one small device.

    H_i(r) = - sum_r' sum_j N_ij(r - r') M_j(r')

with the demagnetizing tensor N of two cells (Newell, Williams, Dunlop, J. Geophys. Res. 98, 9551 (1993)). Along x and y
the sum is a product of Fourier transforms over a lattice padded with zeros (Hayashi, Saito, Nakatani, Jpn. J. Appl.
Phys. 35, 6065 (1996)); along z, where devices have few layers, it is done as it stands. For few cells the whole sum is
one product with a dense matrix.

One thread does a block of replicas, a register of them at a time, and no replica sees another, so that its bits do not
depend on the block, on its place in there, or on the number of threads.

Savings of the transforms, all within one replica: M_x + i M_y is one complex lattice; of M_z, two rows are one complex
row, and along y only columns k_x <= n_x / 2 exist; zeros are skipped and unwanted halves left out; columns +-k_x go
through y, product and back while they stay in the cache; N has real (xx, yy, zz, xy) or imaginary (xz, yz) transforms
with mirror symmetry, so that a quarter is stored.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import get_thread_id

from spinneuron.compiled import inline, kernel, parallel_kernel, prange
from spinneuron.dynamics.lattice.lanes_dense import PANEL, multiply, panels
from spinneuron.dynamics.lattice.lanes_fft import put, smooth_length, transform, way
from spinneuron.dynamics.lattice.vectors import beyond, fill, lanes_of, load, pointer, store, width, REGISTER
from spinneuron.quantity import InputError

XX, YY, ZZ, XY, XZ, YZ = range(6)
# Sign of a component under the mirrors x, y, z
MIRRORS = np.array([[1, 1, 1], [1, 1, 1], [1, 1, 1], [-1, -1, 1], [-1, 1, -1], [1, -1, -1]])
X_OUT, X_BACK, Y_OUT, Y_BACK = range(4)  # rows of `ways`


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


class Places(NamedTuple):
    """Where things stand in the scratch of a thread, in numbers.

    Attributes
    ----------
    xy, z : int
        Lattices of M_x + i M_y and of pairs of rows of M_z, transformed along x: (nz, px, `xy_line` or `z_line`).
    p, q, r : int
        Columns k_x and -k_x of M_x + i M_y, and k_x of M_z: (nz, `column`).
    line : int
        One line before or after its transform.
    sums : int
        M of one wave vector in all layers.
    work : int
        Work space of transforms.
    end : int
        Size of it all.
    xy_line, z_line, column : int
        Lengths of lines, with a gap that keeps them off the same places in the cache.
    """

    xy: int
    z: int
    p: int
    q: int
    r: int
    line: int
    sums: int
    work: int
    end: int
    xy_line: int
    z_line: int
    column: int


@inline
def places(nx, ny, nz, px, py, wide):
    """Lay out the scratch for vectors of ``wide`` numbers."""
    site = 2 * wide
    xy_line, z_line, column = (ny | 1) * site, (((ny + 1) // 2) | 1) * site, (py | 1) * site
    z = nz * px * xy_line
    p = z + nz * px * z_line
    line = p + 3 * nz * column
    sums = line + max(nx, ny) * site
    work = sums + 3 * nz * site
    end = work + 2 * max(px, py) * site
    return Places(0, z, p, p + nz * column, p + 2 * nz * column, line, sums, work, end, xy_line, z_line, column)


@kernel
def rows_out(m, o, s, at, plan):
    """Transform along x, replicas from ``o`` on: M_x + i M_y, and M_z by pairs of rows."""
    wide, nx, ny, px, lanes = lanes_of(s), plan.nx, plan.ny, plan.px, plan.lanes
    way, w, work = pointer(plan.ways[X_OUT]), pointer(plan.factors), beyond(s, at.work)
    site, row = 2 * wide, nx * lanes
    component = plan.nz * ny * row
    for z in range(plan.nz):
        for y in range(ny):
            re, place = (z * ny + y) * row + o, at.xy + z * px * at.xy_line + y * site
            transform(m, re, re + component, lanes, nx, s, place, place + wide, at.xy_line, px, way, w, work)
        for y in range(0, ny, 2):
            # a last row without a partner is its own
            re, place = 2 * component + (z * ny + y) * row + o, at.z + z * px * at.z_line + y * wide
            im = re + row if y + 1 < ny else re
            transform(m, re, im, lanes, nx, s, place, place + wide, at.z_line, px, way, w, work)


@inline
def accumulate(h, i, s, place):
    """Add a vector of the scratch to the field."""
    store(h, i, load(h, i) + load(s, place))


@kernel
def rows_back(h, o, s, at, plan):
    """Transform back along x and add to the field."""
    wide, nx, ny, px, lanes = lanes_of(s), plan.nx, plan.ny, plan.px, plan.lanes
    way, w, work = pointer(plan.ways[X_BACK]), pointer(plan.factors), beyond(s, at.work)
    site, row, line = 2 * wide, nx * lanes, at.line
    component = plan.nz * ny * row
    for z in range(plan.nz):
        for y in range(ny):
            re, place = (z * ny + y) * row + o, at.xy + z * px * at.xy_line + y * site
            transform(s, place + wide, place, at.xy_line, px, s, line + wide, line, site, nx, way, w, work)
            for x in range(nx):
                accumulate(h, re + x * lanes, s, line + x * site)
                accumulate(h, re + component + x * lanes, s, line + x * site + wide)
        for y in range(0, ny, 2):
            re, place = 2 * component + (z * ny + y) * row + o, at.z + z * px * at.z_line + y * wide
            transform(s, place + wide, place, at.z_line, px, s, line + wide, line, site, nx, way, w, work)
            for x in range(nx):
                accumulate(h, re + x * lanes, s, line + x * site)
            if y + 1 < ny:
                for x in range(nx):
                    accumulate(h, re + row + x * lanes, s, line + x * site + wide)


@kernel
def part_rows(s, one, other, line, ny):
    """Twice the column k_x of M_z from the columns k_x and -k_x of its pairs of rows: Z = U_k + conj(U_-k), ..."""
    wide = lanes_of(s)
    for j in range(0, ny, 2):
        i = j * wide
        ar, ai, br, bi = load(s, one + i), load(s, one + i + wide), load(s, other + i), load(s, other + i + wide)
        place = line + 2 * i
        store(s, place, ar + br)
        store(s, place + wide, ai - bi)
        if j + 1 < ny:
            store(s, place + 2 * wide, ai + bi)
            store(s, place + 3 * wide, br - ar)


@kernel
def pair_rows(s, one, other, line, ny):
    """The reverse, for the field: U_k = Z + i Z', U_-k = conj(Z) + i conj(Z')."""
    wide = lanes_of(s)
    nothing = fill(s, 0.0)
    for j in range(0, ny, 2):
        i = j * wide
        place = line + 2 * i
        ar, ai, br, bi = load(s, place), load(s, place + wide), nothing, nothing
        if j + 1 < ny:
            br, bi = load(s, place + 2 * wide), load(s, place + 3 * wide)
        store(s, other + i, ar + bi)
        store(s, other + i + wide, br - ai)
        store(s, one + i, ar - bi)
        store(s, one + i + wide, ai + br)


@kernel
def columns(s, at, plan):
    """Transform columns +-k_x along y, multiply, and transform back, two at a time."""
    wide, ny, px, py = lanes_of(s), plan.ny, plan.px, plan.py
    out, back = pointer(plan.ways[Y_OUT]), pointer(plan.ways[Y_BACK])
    w, work, site, line = pointer(plan.factors), beyond(s, at.work), 2 * wide, at.line
    for k in range(px // 2 + 1):
        mirror = (px - k) % px
        for z in range(plan.nz):
            one, other = at.xy + (z * px + k) * at.xy_line, at.xy + (z * px + mirror) * at.xy_line
            p, q, r = at.p + z * at.column, at.q + z * at.column, at.r + z * at.column
            transform(s, one, one + wide, site, ny, s, p, p + wide, site, py, out, w, work)
            transform(s, other, other + wide, site, ny, s, q, q + wide, site, py, out, w, work)
            part_rows(s, at.z + (z * px + k) * at.z_line, at.z + (z * px + mirror) * at.z_line, line, ny)
            transform(s, line, line + wide, site, ny, s, r, r + wide, site, py, out, w, work)
        if plan.nz == 1:
            film(s, at, k, plan)
        else:
            layers(s, at, k, plan)
        for z in range(plan.nz):
            one, other = at.xy + (z * px + k) * at.xy_line, at.xy + (z * px + mirror) * at.xy_line
            p, q, r = at.p + z * at.column, at.q + z * at.column, at.r + z * at.column
            # k_x = 0 and the highest are their own mirrors: the first of the two equal columns is written last
            transform(s, q + wide, q, site, py, s, other + wide, other, site, ny, back, w, work)
            transform(s, p + wide, p, site, py, s, one + wide, one, site, ny, back, w, work)
            transform(s, r + wide, r, site, py, s, line + wide, line, site, ny, back, w, work)
            pair_rows(s, at.z + (z * px + k) * at.z_line, at.z + (z * px + mirror) * at.z_line, line, ny)


@inline
def parted(s, p, q):
    """Twice the transforms of M_x and of M_y from that of M_x + i M_y at k and at -k."""
    wide = lanes_of(s)
    ar, ai, br, bi = load(s, p), load(s, p + wide), load(s, q), load(s, q + wide)
    return ar + br, ai - bi, ai + bi, br - ar


@inline
def paired(s, p, q, xr, xi, yr, yi):
    """The reverse, for the field."""
    wide = lanes_of(s)
    store(s, p, xr - yi)
    store(s, p + wide, xi + yr)
    store(s, q, xr + yi)
    store(s, q + wide, yr - xi)


@kernel
def film(s, at, k, plan):
    """Multiply one column of a single layer by the tensor: H_x = N_xx M_x + N_xy M_y, ..., H_z = N_zz M_z."""
    wide, py = lanes_of(s), plan.py
    spectra = pointer(plan.spectra)
    for j in range(py):
        back = (py - j) % py
        n = (k * (py // 2 + 1) + min(j, back)) * 6
        p, q, r = at.p + 2 * j * wide, at.q + 2 * back * wide, at.r + 2 * j * wide
        xx, yy, zz, xy = spectra[n + XX], spectra[n + YY], spectra[n + ZZ], spectra[n + XY]
        xy = xy if j <= back else -xy
        xr, xi, yr, yi = parted(s, p, q)
        paired(s, p, q, xx * xr + xy * yr, xx * xi + xy * yi, xy * xr + yy * yr, xy * xi + yy * yi)
        store(s, r, zz * load(s, r))
        store(s, r + wide, zz * load(s, r + wide))


@kernel
def layers(s, at, k, plan):
    """Multiply one column of all layers by the tensor and sum over the layers; xz and yz are imaginary."""
    wide, py, nz, sums = lanes_of(s), plan.py, plan.nz, at.sums
    spectra, nothing = pointer(plan.spectra), fill(s, 0.0)
    for j in range(py):
        back = (py - j) % py
        first = (k * (py // 2 + 1) + min(j, back)) * nz
        mirror = 1.0 if j <= back else -1.0
        i, l = 2 * j * wide, 2 * back * wide
        for z in range(nz):
            c, a = z * at.column, sums + 6 * z * wide
            xr, xi, yr, yi = parted(s, at.p + c + i, at.q + c + l)
            put(s, a, wide, xr, xi)
            put(s, a + 2 * wide, wide, yr, yi)
            put(s, a + 4 * wide, wide, load(s, at.r + c + i), load(s, at.r + c + i + wide))
        for z in range(nz):
            xr, xi, yr, yi, zr, zi = nothing, nothing, nothing, nothing, nothing, nothing
            for source in range(nz):
                n = (first + abs(z - source)) * 6
                xx, yy, zz, xy = spectra[n + XX], spectra[n + YY], spectra[n + ZZ], spectra[n + XY] * mirror
                up = 1.0 if z >= source else -1.0
                xz, yz = spectra[n + XZ] * up, spectra[n + YZ] * (up * mirror)
                a = sums + 6 * source * wide
                ar, ai, br, bi = load(s, a), load(s, a + wide), load(s, a + 2 * wide), load(s, a + 3 * wide)
                cr, ci = load(s, a + 4 * wide), load(s, a + 5 * wide)
                xr, xi = xr + xx * ar + xy * br - xz * ci, xi + xx * ai + xy * bi + xz * cr
                yr, yi = yr + xy * ar + yy * br - yz * ci, yi + xy * ai + yy * bi + yz * cr
                zr, zi = zr + zz * cr - (xz * ai + yz * bi), zi + zz * ci + (xz * ar + yz * br)
            c = z * at.column
            paired(s, at.p + c + i, at.q + c + l, xr, xi, yr, yi)
            put(s, at.r + c + i, wide, zr, zi)


@kernel
def demag_lanes(m, h, scratch, plan):
    """Add the demagnetizing field [A/m] of a block of replicas to ``h``; m is Ms times the direction [A/m].

    m and h are (3, nz, ny, nx, lanes), C-contiguous, of the plan's precision; ``scratch`` has ``plan.size`` numbers,
    best from :func:`aligned`.
    """
    x, y, s = pointer(m), pointer(h), pointer(scratch)
    if plan.sites.size > 0:
        first = 0
        for part in range(len(plan.parts)):
            d = beyond(pointer(plan.matrix), plan.parts[part, 1])
            multiply(x, y, beyond(pointer(plan.sites), first), plan.parts[part, 0], plan.lanes, d)
            first += plan.parts[part, 0]
    else:
        at = places(plan.nx, plan.ny, plan.nz, plan.px, plan.py, lanes_of(s))
        for o in range(0, plan.lanes, lanes_of(s)):
            rows_out(x, o, s, at, plan)
            columns(s, at, plan)
            rows_back(y, o, s, at, plan)


@parallel_kernel
def demag_blocks(m, h, scratch, plan, repeats):
    """Add the field to ``h`` (blocks, 3, nz, ny, nx, lanes), ``repeats`` times; scratch is (threads, size)."""
    for block in prange(len(m)):
        for _ in range(repeats):
            demag_lanes(m[block], h[block], scratch[get_thread_id()], plan)


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
    px, py = smooth_length(2 * nx - 1), smooth_length(2 * ny - 1)
    rows, tables = [], []
    for n, zeros_first in ((px, True), (px, False), (py, True), (py, False)):
        row, table = way(n, zeros_first, sum(map(len, tables)))
        rows.append(row)
        tables.append(table)
    ways = np.zeros((4, max(map(len, rows))), np.int64)
    for way_, row in zip(ways, rows, strict=True):
        way_[: len(row)] = row
    size = places(nx, ny, nz, px, py, width(dtype)).end
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
    return Plan(nx, ny, nz, lanes, size, px, py, ways, np.concatenate(tables).astype(dtype), spectrum.astype(dtype), np.concatenate(blocks).astype(dtype), sites, parts)


def dense_is_faster(counts, cells):
    return False


def aligned(shape, dtype) -> np.ndarray:
    """Array of zeros that begins where a register does.

    Parameters
    ----------
    shape : tuple of int
    dtype : dtype-like

    Returns
    -------
    numpy.ndarray
    """
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    space = np.zeros(size + REGISTER, np.uint8)
    first = -space.ctypes.data % REGISTER
    return space[first : first + size].view(dtype).reshape(shape)
