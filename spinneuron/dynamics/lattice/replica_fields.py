"""Fields of replicas that few magnets have, in a pass of their own; a magnet without them does not meet it.

What the terms of `physics.lattice` reduce to is brought to forms that kernels read cell by cell, and kinds of one form
are one: both kinds of the Dzyaloshinskii-Moriya interaction are a vector V for each neighbor, and any course in time is
a row of numbers that is worked out before the step. The fields are

    V x m_j,                     of the neighbors j, and S m of surfaces        (dmi)
    (first + second m.m_j) m_j   of the partner j across a spacer               (interlayer)
    sum_i f_i u_i                along the axes u_i of a cube                   (anisotropy)
    second (m.e) e               times a course, of a voltage; or without       (vcma, anisotropy)
    a m x p + b p                times a course, of a current                   (torques)
    m x g + xi g                 with g = sum_j w_j (m_j - m) times a course    (zhang_li)
    H(t),                        uniform, per cell, or per cell times a course  (zeeman, oersted)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from spinneuron.compiled import inline, kernel
from spinneuron.dynamics.lattice.replicas import EXCHANGE, HK, HK2, numbered, tables_of
from spinneuron.physics.lattice.dmi import Faces
from spinneuron.physics.lattice.interlayer import Pairs
from spinneuron.physics.torques import Torques, slonczewski_amplitudes
from spinneuron.registers.vectors import beyond, fill, lanes_of, load, pointer, store

# numbers of a cell and term: 2 Kc / mu0 Ms and three axes; fields of Ku and Ku2 and the axis; p, a, b, even, odd
CUBIC, AXIAL, SPINS = 11, 5, 7


class Further(NamedTuple):
    """Numbers of the fields; any of them may be empty. Courses of a stage are a row: see `columns`.

    Attributes
    ----------
    moving : bool
        Whether rows of courses end with a field of each cell, (cells, 3).
    columns : int
        Courses before that: a uniform field, then one for each of the terms of ``axial`` but for the `constant` first,
        of ``given`` and of ``spins``, and three, along the axes, of ``drifts``.
    constant : int
        Terms of ``axial`` that have no course, but follow heat.
    near : numpy.ndarray of int
        (cells, directions): numbers of the neighbors among the cells.
    along : numpy.ndarray of int
        (directions,): axes of the directions.
    twists : numpy.ndarray [A/m]
        (cells, directions, 3): V.
    surfaces : numpy.ndarray [A/m]
        (cells, 4): S_xx, S_yy, S_zz, S_xy.
    pairs : numpy.ndarray of int
        (pairs, 2): numbers of partners.
    couplings : numpy.ndarray [A/m]
        (pairs, 4): first and second of either.
    cubic, axial, given, spins : numpy.ndarray
        (cells, terms, numbers).
    drifts : numpy.ndarray
        (cells, terms, directions + 1): weights, and xi.
    """

    moving: bool
    columns: int
    constant: int
    near: np.ndarray
    along: np.ndarray
    twists: np.ndarray
    surfaces: np.ndarray
    pairs: np.ndarray
    couplings: np.ndarray
    cubic: np.ndarray
    axial: np.ndarray
    given: np.ndarray
    spins: np.ndarray
    drifts: np.ndarray


NOTHING = Further(
    *(False, 3, 0, np.empty((0, 0), np.int32), np.empty(0, np.int32), np.empty((0, 0, 3)), np.empty((0, 4))),
    *(np.empty((0, 2), np.int32), np.empty((0, 4)), np.empty((0, 0, CUBIC)), np.empty((0, 0, AXIAL))),
    *(np.empty((0, 0, 3)), np.empty((0, 0, SPINS)), np.empty((0, 0, 1))),
)
"""To begin with."""


def further(**numbers: Any) -> Further:
    """Put together the fields that there are.

    Parameters
    ----------
    **numbers
        Attributes of `Further`, but for ``columns``.

    Returns
    -------
    Further
    """
    f = NOTHING._replace(**numbers)
    driven = f.axial.shape[1] - f.constant + f.given.shape[1] + f.spins.shape[1]
    return f._replace(columns=3 + driven + 3 * f.drifts.shape[1])


def reduced_to(dtype: np.dtype, f: Further) -> Further:
    """Fields in the precision of the moments, as arrays of the same types whatever there is: kernels compile once.

    Parameters
    ----------
    dtype : numpy.dtype
    f : Further

    Returns
    -------
    Further
    """
    kinds: dict[str, Any] = dict.fromkeys(("near", "along", "pairs"), np.int32)
    kinds |= dict.fromkeys(("twists", "surfaces", "couplings", "cubic", "axial", "given", "spins", "drifts"), dtype)
    arrays: dict[str, Any] = {name: np.ascontiguousarray(getattr(f, name), kind) for name, kind in kinds.items()}
    return f._replace(**arrays)


def twists_of(faces: Faces, kind: str, occupied: np.ndarray) -> np.ndarray:
    """Vectors V of one kind of the Dzyaloshinskii-Moriya interaction; see `physics.lattice.dmi`.

    Parameters
    ----------
    faces : Faces
        Of one lattice.
    kind : str
        "interface" or "bulk".
    occupied : numpy.ndarray of bool
        (nz, ny, nx).

    Returns
    -------
    numpy.ndarray [A/m]
        (cells, 6, 3), directions as in `around`.
    """
    found = []
    for axis, face in enumerate(faces[:3]):
        normal = np.eye(3)[axis]
        V = np.cross((0.0, 0.0, 1.0), normal) if kind == "interface" else -normal
        for sign, through in ((1.0, face), (-1.0, np.roll(face, 1, 2 - axis))):
            found.append(sign * (through * faces.inverse)[occupied][:, None] * V)
    return np.stack(found, axis=1)


def couplings_of(pairs: Pairs, occupied: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Partners across a spacer, and their fields.

    Parameters
    ----------
    pairs : Pairs
        Of one lattice.
    occupied : numpy.ndarray of bool
        (nz, ny, nx).

    Returns
    -------
    numbers : numpy.ndarray of int
        (pairs, 2).
    couplings : numpy.ndarray [A/m]
        (pairs, 4).
    """
    below, above = (numbered(occupied).ravel()[cells] for cells in (pairs.below, pairs.above))
    fields = [
        J * pairs.inverse[cells] for cells in (pairs.below, pairs.above) for J in (pairs.first, 2.0 * pairs.second)
    ]
    both = (below >= 0) & (above >= 0)
    return np.stack([below, above], axis=1)[both].astype(np.int32), np.stack(fields, axis=1)[both]


class Places(NamedTuple):
    """Pointers to the arrays of `Further`; see there.

    Attributes
    ----------
    near, twists, surfaces, cubic, axial, given, spins, drifts : pointer
    """

    near: Any
    twists: Any
    surfaces: Any
    cubic: Any
    axial: Any
    given: Any
    spins: Any
    drifts: Any


@inline
def places_of(f):
    """Pointers to the arrays of `Further`."""
    return Places(
        *(pointer(f.near), pointer(f.twists), pointer(f.surfaces), pointer(f.cubic)),
        *(pointer(f.axial), pointer(f.given), pointer(f.spins), pointer(f.drifts)),
    )


@inline
def twisted(k, p, x, y, z, at, f):
    """V x m of the neighbors, and S m."""
    wide, directions, s = lanes_of(p), len(f.along), 4 * k
    u = at.surfaces[s] * x + at.surfaces[s + 3] * y
    v = at.surfaces[s + 3] * x + at.surfaces[s + 1] * y
    w = at.surfaces[s + 2] * z
    for i in range(k * directions, (k + 1) * directions):
        j, a, b, c = 3 * wide * at.near[i], at.twists[3 * i], at.twists[3 * i + 1], at.twists[3 * i + 2]
        nx, ny, nz = load(p, j), load(p, j + wide), load(p, j + 2 * wide)
        u, v, w = u + (b * nz - c * ny), v + (c * nx - a * nz), w + (a * ny - b * nx)
    return u, v, w


@inline
def drifted(k, term, p, x, y, z, drive, at, f):
    """m x g + xi g, with the differences to the neighbors times the drive along their axis."""
    wide, directions = lanes_of(p), len(f.along)
    first = (k * f.drifts.shape[1] + term) * (directions + 1)
    u, v, w = fill(p, 0.0), fill(p, 0.0), fill(p, 0.0)
    for d in range(directions):
        j, weight = 3 * wide * at.near[k * directions + d], at.drifts[first + d] * drive[f.along[d]]
        u, v = u + weight * (load(p, j) - x), v + weight * (load(p, j + wide) - y)
        w = w + weight * (load(p, j + 2 * wide) - z)
    xi = at.drifts[first + directions]
    return y * w - z * v + xi * u, z * u - x * w + xi * v, x * v - y * u + xi * w


@inline
def cubed(i, x, y, z, n):
    """Cubic field by the numbers from ``i`` on."""
    a = x * n[i + 2] + y * n[i + 3] + z * n[i + 4]
    b = x * n[i + 5] + y * n[i + 6] + z * n[i + 7]
    c = x * n[i + 8] + y * n[i + 9] + z * n[i + 10]
    first, second = n[i], n[i + 1]
    a2, b2, c2 = a * a, b * b, c * c
    fa = -a * (first * (b2 + c2) + second * (b2 * c2))
    fb = -b * (first * (c2 + a2) + second * (c2 * a2))
    fc = -c * (first * (a2 + b2) + second * (a2 * b2))
    return (
        fa * n[i + 2] + fb * n[i + 5] + fc * n[i + 8],
        fa * n[i + 3] + fb * n[i + 6] + fc * n[i + 9],
        fa * n[i + 4] + fb * n[i + 7] + fc * n[i + 10],
    )


@inline
def spun(i, x, y, z, J, n):
    """Field of a spin current J by the numbers from ``i`` on."""
    t = Torques(n[i], n[i + 1], n[i + 2], n[i + 3], n[i + 4], n[i + 5], n[i + 6])
    a, b = slonczewski_amplitudes(x * t.px + y * t.py + z * t.pz, J, t)
    return (
        a * (y * t.pz - z * t.py) + b * t.px,
        a * (z * t.px - x * t.pz) + b * t.py,
        a * (x * t.py - y * t.px) + b * t.pz,
    )


@kernel
def couple(moments, h, sites, size, f):
    """Add the fields of partners to each other."""
    p, out, J = pointer(moments), pointer(h), pointer(f.couplings)
    wide = lanes_of(p)
    for n in range(len(f.pairs)):
        below, above = f.pairs[n, 0], f.pairs[n, 1]
        i, j = 3 * wide * below, 3 * wide * above
        cosine = load(p, i) * load(p, j) + load(p, i + wide) * load(p, j + wide)
        cosine = cosine + load(p, i + 2 * wide) * load(p, j + 2 * wide)
        a, b = J[4 * n + 1] * cosine + fill(p, J[4 * n]), J[4 * n + 3] * cosine + fill(p, J[4 * n + 2])
        for component in range(3):
            one, other = (sites[below] + component * size) * wide, (sites[above] + component * size) * wide
            store(out, one, load(out, one) + a * load(p, j + component * wide))
            store(out, other, load(out, other) + b * load(p, i + component * wide))


@kernel
def add_further(space, moments, course, body, f):
    """Add all fields to ``space.h``; ``course`` is the row of this stage."""
    p, h, now, t = pointer(moments), pointer(space.h), pointer(space.now), tables_of(body)
    at, row, wide = places_of(f), pointer(course), lanes_of(p)
    size = body.cells.size * wide
    axial, given, spins, drifts = f.axial.shape[1], f.given.shape[1], f.spins.shape[1], f.drifts.shape[1]
    for k in range(len(body.cells.sites)):
        i, site, next_course = 3 * k * wide, t.sites[k] * wide, 3
        x, y, z = load(p, i), load(p, i + wide), load(p, i + 2 * wide)
        hx, hy, hz = load(h, site), load(h, site + size), load(h, site + 2 * size)
        a, b, c = fill(p, row[0]), fill(p, row[1]), fill(p, row[2])
        if f.moving:
            n = f.columns + 3 * k
            a, b, c = a + fill(p, row[n]), b + fill(p, row[n + 1]), c + fill(p, row[n + 2])
        hx, hy, hz = hx + a, hy + b, hz + c
        if f.twists.shape[0] > 0:
            warm = load(now, EXCHANGE * wide)
            a, b, c = twisted(k, p, x, y, z, at, f)
            hx, hy, hz = hx + warm * a, hy + warm * b, hz + warm * c
        for n in range(k * f.cubic.shape[1], (k + 1) * f.cubic.shape[1]):
            a, b, c = cubed(n * CUBIC, x, y, z, at.cubic)
            hx, hy, hz = hx + a, hy + b, hz + c
        for term in range(axial):
            n = (k * axial + term) * AXIAL
            ex, ey, ez = at.axial[n + 2], at.axial[n + 3], at.axial[n + 4]
            cosine = x * ex + y * ey + z * ez
            if term < f.constant:
                pull = load(now, HK * wide) * at.axial[n] * cosine
                fourth = load(now, HK2 * wide) * at.axial[n + 1]
                pull = pull + fourth * (cosine - cosine * cosine * cosine)
            else:
                pull = row[next_course] * at.axial[n] * cosine
                next_course += 1
            hx, hy, hz = hx + pull * ex, hy + pull * ey, hz + pull * ez
        for n in range(k * given, (k + 1) * given):
            factor = row[next_course]
            a, b, c = (
                fill(p, factor * at.given[3 * n]),
                fill(p, factor * at.given[3 * n + 1]),
                fill(p, factor * at.given[3 * n + 2]),
            )
            hx, hy, hz = hx + a, hy + b, hz + c
            next_course += 1
        for n in range(k * spins, (k + 1) * spins):
            a, b, c = spun(n * SPINS, x, y, z, row[next_course], at.spins)
            hx, hy, hz = hx + a, hy + b, hz + c
            next_course += 1
        for term in range(drifts):
            a, b, c = drifted(k, term, p, x, y, z, beyond(row, next_course), at, f)
            hx, hy, hz = hx + a, hy + b, hz + c
            next_course += 3
        store(h, site, hx)
        store(h, site + size, hy)
        store(h, site + 2 * size, hz)
    couple(moments, space.h, body.cells.sites, body.cells.size, f)
