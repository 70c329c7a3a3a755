"""Demagnetizing field of an ensemble of replicas of one small device.

    H_i(r) = - sum_r' sum_j N_ij(r - r') M_j(r')

with the demagnetizing tensor N of two cells (Newell, Williams, Dunlop, J. Geophys. Res. 98, 9551 (1993)). Along x and y
the sum is a product of Fourier transforms over a lattice padded with zeros (Hayashi, Saito, Nakatani, Jpn. J. Appl.
Phys. 35, 6065 (1996)); along z, where there are few layers, it is done as it stands. For few cells the whole sum is one
product with a dense matrix. Inside here z is the axis of the fewest cells, whichever that is in the device.

One thread does a block of replicas, a register of them at a time, and no replica sees another, so that its bits do not
depend on the block, on its place in there, or on the number of threads.

Savings of the transforms, all within one replica: M_x + i M_y is one complex lattice; of M_z, two rows are one complex
row, and along y only columns k_x <= n_x / 2 exist; zeros are skipped and unwanted halves left out; columns +-k_x go
through y, product and back while they stay in the cache; N has real (xx, yy, zz, xy) or imaginary (xz, yz) transforms
with mirror symmetry, so that a quarter is stored. In a film, M_z is apart from M_x and M_y: they follow one another
in the same scratch.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import get_thread_id

from spinneuron.compiled import inline, kernel, parallel_kernel, prange
from spinneuron.dynamics.lattice.lanes_dense import multiply
from spinneuron.dynamics.lattice.lanes_plan import XX, XY, XZ, YY, YZ, ZZ, layout
from spinneuron.registers.lanes_fft import transform
from spinneuron.registers.vectors import beyond, fill, lanes_of, load, pointer, store


class Tables(NamedTuple):
    """Pointers to the arrays of a plan, and to the work space.

    Attributes
    ----------
    x_out, x_back, y_out, y_back, factors, spectra, work : pointer
    """

    x_out: Any
    x_back: Any
    y_out: Any
    y_back: Any
    factors: Any
    spectra: Any
    work: Any


@inline
def put(s, place, re, im):
    """Write a complex number to the scratch."""
    store(s, place, re)
    store(s, place + lanes_of(s), im)


@inline
def accumulate(h, i, s, place):
    """Add a vector of the scratch to the field."""
    store(h, i, load(h, i) + load(s, place))


class Rows(NamedTuple):
    """Rows of one layer, two real ones to a complex one, and where their transforms go.

    Attributes
    ----------
    re, im : int
        Where the first real and the first imaginary part begin in m or h.
    between : int
        From a row to the next.
    pairs : int
        How many complex rows.
    alone : bool
        Whether the last has no imaginary part.
    place : int
        Where the transforms stand in the scratch.
    line : int
        From a wave number to the next.
    """

    re: int
    im: int
    between: int
    pairs: int
    alone: bool
    place: int
    line: int


@inline
def rows_of_xy(z, o, at):
    """Rows of M_x + i M_y of a layer, replicas from ``o`` on."""
    first = z * at.z_stride + o
    return Rows(first + at.mx, first + at.my, at.y_stride, at.ny, False, z * at.px * at.xy_line, at.xy_line)


@inline
def rows_of_z(z, o, at):
    """Pairs of rows of M_z of a layer."""
    first, place = z * at.z_stride + o + at.mz, at.z + z * at.px * at.z_line
    return Rows(first, first + at.y_stride, 2 * at.y_stride, (at.ny + 1) // 2, at.ny % 2 == 1, place, at.z_line)


@kernel
def rows_out(m, rows, s, at, tables):
    """Transform along x; a row without partner is its own."""
    wide = lanes_of(s)
    for j in range(rows.pairs):
        re, im, place = rows.re + j * rows.between, rows.im + j * rows.between, rows.place + 2 * j * wide
        if rows.alone and j == rows.pairs - 1:
            im = re
        transform(
            *(m, re, im, at.x_stride, at.nx, s, place, place + wide, rows.line, at.px),
            *(tables.x_out, tables.factors, tables.work),
        )


@kernel
def rows_back(h, rows, s, at, tables):
    """Transform back along x and add to the field."""
    wide, line = lanes_of(s), at.line
    for j in range(rows.pairs):
        re, im, place = rows.re + j * rows.between, rows.im + j * rows.between, rows.place + 2 * j * wide
        transform(
            *(s, place + wide, place, rows.line, at.px, s, line + wide, line, 2 * wide, at.nx),
            *(tables.x_back, tables.factors, tables.work),
        )
        for x in range(at.nx):
            accumulate(h, re + x * at.x_stride, s, line + 2 * x * wide)
        if not (rows.alone and j == rows.pairs - 1):
            for x in range(at.nx):
                accumulate(h, im + x * at.x_stride, s, line + 2 * x * wide + wide)


@inline
def mirrored(k, rows, at):
    """Where columns k_x and -k_x stand."""
    return rows.place + k * rows.line, rows.place + (at.px - k) % at.px * rows.line


@kernel
def part_rows(s, one, other, line, ny):
    """Twice the column k_x of M_z, from columns k_x and -k_x of its pairs of rows: Z = U_k + conj(U_-k), ..."""
    wide = lanes_of(s)
    for i in range(0, ny * wide, 2 * wide):
        ar, ai, br, bi = load(s, one + i), load(s, one + i + wide), load(s, other + i), load(s, other + i + wide)
        put(s, line + 2 * i, ar + br, ai - bi)
        if i + wide < ny * wide:
            put(s, line + 2 * i + 2 * wide, ai + bi, br - ar)


@kernel
def pair_rows(s, one, other, line, ny):
    """The reverse, for the field: U_k = Z + i Z', U_-k = conj(Z) + i conj(Z')."""
    wide = lanes_of(s)
    for i in range(0, ny * wide, 2 * wide):
        ar, ai, br, bi = load(s, line + 2 * i), load(s, line + 2 * i + wide), fill(s, 0.0), fill(s, 0.0)
        if i + wide < ny * wide:
            br, bi = load(s, line + 2 * i + 2 * wide), load(s, line + 2 * i + 3 * wide)
        put(s, other + i, ar + bi, br - ai)
        put(s, one + i, ar - bi, ai + br)


@inline
def column_out(s, line, column, at, tables):
    """Transform a column along y."""
    wide, site = lanes_of(s), 2 * lanes_of(s)
    transform(
        *(s, line, line + wide, site, at.ny, s, column, column + wide, site, at.py),
        *(tables.y_out, tables.factors, tables.work),
    )


@inline
def column_back(s, column, line, at, tables):
    """The reverse."""
    wide, site = lanes_of(s), 2 * lanes_of(s)
    transform(
        *(s, column + wide, column, site, at.py, s, line + wide, line, site, at.ny),
        *(tables.y_back, tables.factors, tables.work),
    )


@inline
def parted(s, p, q):
    """Twice the transforms of M_x and of M_y, from that of M_x + i M_y at k and at -k."""
    wide = lanes_of(s)
    ar, ai, br, bi = load(s, p), load(s, p + wide), load(s, q), load(s, q + wide)
    return ar + br, ai - bi, ai + bi, br - ar


@inline
def paired(s, p, q, xr, xi, yr, yi):
    """The reverse, for the field."""
    put(s, p, xr - yi, xi + yr)
    put(s, q, xr + yi, yr - xi)


@inline
def film_xy(k, s, at, spectra):
    """One column of a film: H_x = N_xx M_x + N_xy M_y, H_y = N_xy M_x + N_yy M_y."""
    site, py = 2 * lanes_of(s), at.py
    for j in range(py):
        back = (py - j) % py
        n = (k * (py // 2 + 1) + min(j, back)) * 6
        p, q = at.p + j * site, at.q + back * site
        xx, yy, xy = spectra[n + XX], spectra[n + YY], spectra[n + XY]
        xy = xy if j <= back else -xy
        xr, xi, yr, yi = parted(s, p, q)
        paired(s, p, q, xx * xr + xy * yr, xx * xi + xy * yi, xy * xr + yy * yr, xy * xi + yy * yi)


@inline
def film_z(k, s, at, spectra):
    """One column of a film: H_z = N_zz M_z."""
    wide, py = lanes_of(s), at.py
    for j in range(py):
        zz, r = spectra[(k * (py // 2 + 1) + min(j, py - j)) * 6 + ZZ], at.r + 2 * j * wide
        put(s, r, zz * load(s, r), zz * load(s, r + wide))


@kernel
def layers(k, s, at, spectra):
    """One column of all layers: multiply by the tensor and sum over the layers; xz and yz are imaginary."""
    wide, py, nz, nothing = lanes_of(s), at.py, at.nz, fill(s, 0.0)
    for j in range(py):
        back = (py - j) % py
        first = (k * (py // 2 + 1) + min(j, back)) * nz
        mirror = 1.0 if j <= back else -1.0
        p, q, r = at.p + 2 * j * wide, at.q + 2 * back * wide, at.r + 2 * j * wide
        for z in range(nz):
            c, a = z * at.column, at.wave + 6 * z * wide
            xr, xi, yr, yi = parted(s, p + c, q + c)
            put(s, a, xr, xi)
            put(s, a + 2 * wide, yr, yi)
            put(s, a + 4 * wide, load(s, r + c), load(s, r + c + wide))
        for z in range(nz):
            xr, xi, yr, yi, zr, zi = nothing, nothing, nothing, nothing, nothing, nothing
            for source in range(nz):
                n, up = (first + abs(z - source)) * 6, 1.0 if z >= source else -1.0
                xx, yy, zz, xy = spectra[n + XX], spectra[n + YY], spectra[n + ZZ], spectra[n + XY] * mirror
                xz, yz = spectra[n + XZ] * up, spectra[n + YZ] * (up * mirror)
                a = at.wave + 6 * source * wide
                ar, ai, br, bi = load(s, a), load(s, a + wide), load(s, a + 2 * wide), load(s, a + 3 * wide)
                cr, ci = load(s, a + 4 * wide), load(s, a + 5 * wide)
                xr, xi = xr + xx * ar + xy * br - xz * ci, xi + xx * ai + xy * bi + xz * cr
                yr, yi = yr + xy * ar + yy * br - yz * ci, yi + xy * ai + yy * bi + yz * cr
                zr, zi = zr + zz * cr - xz * ai - yz * bi, zi + zz * ci + xz * ar + yz * br
            c = z * at.column
            paired(s, p + c, q + c, xr, xi, yr, yi)
            put(s, r + c, zr, zi)


@kernel
def film(x, y, o, s, at, tables):
    """Field of a register of replicas of one layer."""
    rows = rows_of_xy(0, o, at)
    rows_out(x, rows, s, at, tables)
    for k in range(at.px // 2 + 1):
        one, other = mirrored(k, rows, at)
        column_out(s, one, at.p, at, tables)
        column_out(s, other, at.q, at, tables)
        film_xy(k, s, at, tables.spectra)
        # where k_x is its own mirror, the first of the two equal columns is written last
        column_back(s, at.q, other, at, tables)
        column_back(s, at.p, one, at, tables)
    rows_back(y, rows, s, at, tables)
    rows = rows_of_z(0, o, at)
    rows_out(x, rows, s, at, tables)
    for k in range(at.px // 2 + 1):
        one, other = mirrored(k, rows, at)
        part_rows(s, one, other, at.line, at.ny)
        column_out(s, at.line, at.r, at, tables)
        film_z(k, s, at, tables.spectra)
        column_back(s, at.r, at.line, at, tables)
        pair_rows(s, one, other, at.line, at.ny)
    rows_back(y, rows, s, at, tables)


@kernel
def stack(x, y, o, s, at, tables):
    """Field of a register of replicas of several layers."""
    for z in range(at.nz):
        rows_out(x, rows_of_xy(z, o, at), s, at, tables)
        rows_out(x, rows_of_z(z, o, at), s, at, tables)
    for k in range(at.px // 2 + 1):
        for z in range(at.nz):
            one, other = mirrored(k, rows_of_xy(z, o, at), at)
            column_out(s, one, at.p + z * at.column, at, tables)
            column_out(s, other, at.q + z * at.column, at, tables)
            one, other = mirrored(k, rows_of_z(z, o, at), at)
            part_rows(s, one, other, at.line, at.ny)
            column_out(s, at.line, at.r + z * at.column, at, tables)
        layers(k, s, at, tables.spectra)
        for z in range(at.nz):
            one, other = mirrored(k, rows_of_xy(z, o, at), at)
            column_back(s, at.q + z * at.column, other, at, tables)
            column_back(s, at.p + z * at.column, one, at, tables)
            one, other = mirrored(k, rows_of_z(z, o, at), at)
            column_back(s, at.r + z * at.column, at.line, at, tables)
            pair_rows(s, one, other, at.line, at.ny)
    for z in range(at.nz):
        rows_back(y, rows_of_xy(z, o, at), s, at, tables)
        rows_back(y, rows_of_z(z, o, at), s, at, tables)


@kernel
def demag_lanes(m, h, scratch, plan):
    """Add the demagnetizing field [A/m] of a block of replicas to ``h``; m is Ms times the direction [A/m].

    m and h are (3, nz, ny, nx, lanes), C-contiguous, of the plan's precision; ``scratch`` has ``plan.size`` numbers of
    it, best from :func:`vectors.aligned`.
    """
    x, y, s, first = pointer(m), pointer(h), pointer(scratch), 0
    for part in range(len(plan.parts)):
        matrix = beyond(pointer(plan.matrix), plan.parts[part, 1])
        multiply(x, y, beyond(pointer(plan.sites), first), plan.parts[part, 0], plan.lanes, matrix)
        first += plan.parts[part, 0]
    if first == 0:
        strides = (plan.x_stride, plan.y_stride, plan.z_stride, plan.mx, plan.my, plan.mz)
        at = layout(plan.nx, plan.ny, plan.nz, plan.px, plan.py, strides, lanes_of(s))
        ways, row = pointer(plan.ways), plan.ways.shape[1]
        tables = Tables(
            *(ways, beyond(ways, row), beyond(ways, 2 * row), beyond(ways, 3 * row)),
            *(pointer(plan.factors), pointer(plan.spectra), beyond(s, at.work)),
        )
        for o in range(0, plan.lanes, lanes_of(s)):
            if plan.nz == 1:
                film(x, y, o, s, at, tables)
            else:
                stack(x, y, o, s, at, tables)


@parallel_kernel
def demag_blocks(m, h, scratch, plan, repeats):
    """Add the field of blocks of replicas (blocks, 3, nz, ny, nx, lanes) ``repeats`` times; scratch (threads, size)."""
    for block in prange(len(m)):
        for _ in range(repeats):
            demag_lanes(m[block], h[block], scratch[get_thread_id()], plan)
