"""Replicas of one small magnet, a register of them side by side: their fields, cell by cell in vectors.

A block is one register of replicas: eight in float64, sixteen in float32. Only cells of the magnet are kept, moments
(cells, 3, lanes), so that a cell and its neighbors are a few lines of the cache. The demagnetizing field comes from
`lanes_demag`, whose arrays (3, nz, ny, nx, lanes) hold the whole lattice; all other fields are summed in one pass,
where a moment is turned (`replica_steps`). Their equations are those of `physics.lattice`; each replica has its own
temperature, and factors for what follows it.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from spinneuron.compiled import inline, kernel
from spinneuron.physics.lattice.anisotropy import Axial
from spinneuron.physics.lattice.exchange import Links
from spinneuron.physics.lattice.junction import Contact, electric
from spinneuron.physics.temperature import Laws, law_ratios
from spinneuron.physics.torques import Torques, slonczewski_amplitudes
from spinneuron.registers.vectors import fill, lanes_of, load, pointer, store

# columns of the table of cells
MS, SECOND, FOURTH, EX, EY, EZ, HX, HY, HZ, OX, OY, SIGMA, ALPHA, RATE, COLUMNS = range(15)
# rows of what each replica has: factors of the exchange, of the fields of Ku and Ku2, of Ms, of the thermal field;
# J = MEAN + SWING c, with the factor of the torque; current
EXCHANGE, HK, HK2, DEMAG, NOISE, MEAN, SWING, CURRENT, ROWS = range(9)
# rows of the same in double precision: ratios of the torque and of the TMR, mean of m.p
TORQUE, TMR, COSINE, DOUBLES = range(4)
# cells whose m.p are summed before they join the whole: single precision keeps seven digits of the mean
_GROUP = 32


class Cells(NamedTuple):
    """Cells of a magnet, and numbers of its junction, as kernels read them.

    Attributes
    ----------
    sites : numpy.ndarray of int
        (cells,): numbers of the cells of the magnet in the lattice.
    counters : numpy.ndarray of uint32
        The same, which select the noise, for each lane, and on to whole chunks.
    near : numpy.ndarray of int
        (cells, directions): numbers of the neighbors among them.
    links : numpy.ndarray [A/m]
        (cells, directions): exchange field per difference of two moments.
    table : numpy.ndarray
        (cells, COLUMNS): Ms; fields of Ku and Ku2 and the easy axis; applied field; Oersted field of 1 A; one sigma of
        the thermal field; alpha; gamma'.
    column : numpy.ndarray of int
        (cells,): columns that they belong to.
    weight : numpy.ndarray [1]
        (cells,): one over the cells of their column.
    size, columns : int
        Cells of the lattice; columns with magnet.
    demag : bool
        Whether the cells see each other's stray field.
    shape_x, shape_y, shape_z : float [1]
        Demagnetizing factors of the true shape less those of the lattice.
    kind : int
        Of the drive, a place in `physics.lattice.junction.KINDS`.
    Aex_exponent : float [1]
        Aex goes with this power of Ms.
    windows : numpy.ndarray
        (3, poles), from `physics.heating.Foster.windows`; without poles, nothing follows heat.
    """

    sites: np.ndarray
    counters: np.ndarray
    near: np.ndarray
    links: np.ndarray
    table: np.ndarray
    column: np.ndarray
    weight: np.ndarray
    size: int
    columns: int
    demag: bool
    shape_x: float
    shape_y: float
    shape_z: float
    kind: int
    Aex_exponent: float
    windows: np.ndarray


class Body(NamedTuple):
    """A magnet and its junction; parallel kernels take the parts, for want of nested tuples.

    Attributes
    ----------
    cells : Cells
    torques : Torques
    contact : Contact
    laws : Laws
        Of the temperature.
    """

    cells: Cells
    torques: Torques
    contact: Contact
    laws: Laws


NO_TORQUES = Torques(0.0, 0.0, 1.0, 0.0, 0.0, 2.0, 0.0)
NO_CONTACT = Contact(1.0, 0.0, 0.0, 0.0)
NO_LAWS = Laws(1.0, 0.0, 0.0, 1.0, 1.0, math.inf)
"""Of a magnet without junction, or without heat."""


def numbered(occupied: np.ndarray) -> np.ndarray:
    """Numbers of the cells of a magnet.

    Parameters
    ----------
    occupied : numpy.ndarray of bool
        (nz, ny, nx).

    Returns
    -------
    numpy.ndarray of int
        (nz, ny, nx); -1 where there is no magnet.
    """
    place = np.full(occupied.shape, -1)
    place[occupied] = np.arange(np.count_nonzero(occupied))
    return place


def around(occupied: np.ndarray) -> np.ndarray:
    """Neighbors of the cells of a magnet, in a lattice that closes to a ring along all axes.

    Parameters
    ----------
    occupied : numpy.ndarray of bool
        (nz, ny, nx).

    Returns
    -------
    numpy.ndarray of int
        (cells, 6): the next along +x, -x, +y, -y, +z, -z; the cell itself where there is none.
    """
    place = numbered(occupied)
    here = place[occupied]
    steps = [np.roll(place, step, axis)[occupied] for axis in (2, 1, 0) for step in (-1, 1)]
    return np.stack([np.where(there < 0, here, there) for there in steps], axis=1).astype(np.int32)


def neighbors(links: Links | None, occupied: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Neighbors of the cells of a magnet, and the strength of the exchange with them.

    Parameters
    ----------
    links : Links or None
        Of one lattice; None where there is no exchange.
    occupied : numpy.ndarray of bool
        (nz, ny, nx).

    Returns
    -------
    near : numpy.ndarray of int
        (cells, directions).
    strength : numpy.ndarray [A/m]
        (cells, directions); 0, and the cell itself, where there is none.
    """
    if links is None:
        cells = np.count_nonzero(occupied)
        return np.empty((cells, 0), np.int32), np.empty((cells, 0))
    strength = []
    for face, axis in ((links.x, 2), (links.y, 1), (links.z, 0)):
        strength += [(through * links.inverse)[occupied] for through in (face, np.roll(face, 1, axis))]
    there = np.repeat([bool(face.any()) for face in links[:3]], 2)
    return around(occupied)[:, there].copy(), np.stack(strength, axis=1)[:, there].copy()


def table_of(Ms, axial: Axial | None, applied, oersted, sigma, alpha, rate) -> np.ndarray:
    """Numbers of the cells of a magnet.

    Parameters
    ----------
    Ms : numpy.ndarray [A/m]
        (nz, ny, nx); 0 where there is no magnet.
    axial : Axial or None
        Of one lattice.
    applied : numpy.ndarray [A/m]
        (3, nz, ny, nx), or whatever becomes that.
    oersted : numpy.ndarray [1/m]
        Field of 1 A along the electrons that the junction counts, (2, nz, ny, nx), or whatever becomes that.
    sigma : numpy.ndarray [A s^(1/2)/m]
        One sigma of the thermal field, times the root of the step: (nz, ny, nx).
    alpha : numpy.ndarray [1]
        (nz, ny, nx).
    rate : numpy.ndarray [m/(A s)]
        gamma', (nz, ny, nx).

    Returns
    -------
    numpy.ndarray
        (cells, COLUMNS).
    """
    uniaxial = Axial(*np.zeros((5, 1, 1, 1))) if axial is None else axial
    columns = [Ms, *uniaxial, *np.broadcast_to(applied, (3, *Ms.shape)), *np.broadcast_to(oersted, (2, *Ms.shape))]
    columns += [sigma, alpha, rate]
    return np.stack([np.broadcast_to(column, Ms.shape)[Ms > 0.0] for column in columns], axis=-1)


class Tables(NamedTuple):
    """Pointers to the arrays of a body; see there.

    Attributes
    ----------
    sites, near, links, table, column, weight : pointer
    """

    sites: Any
    near: Any
    links: Any
    table: Any
    column: Any
    weight: Any


@inline
def tables_of(body):
    """Pointers to the arrays of a body."""
    return Tables(
        *(pointer(body.cells.sites), pointer(body.cells.near), pointer(body.cells.links)),
        *(pointer(body.cells.table), pointer(body.cells.column), pointer(body.cells.weight)),
    )


class Space(NamedTuple):
    """What a block needs to move, or to be looked at, as flat arrays.

    Attributes
    ----------
    m : numpy.ndarray [1]
        Moments (cells, 3, lanes).
    inner, further : numpy.ndarray
        The same of points within a step; `further` holds slopes of heun.
    M, h : numpy.ndarray [A/m]
        Magnetization and field of the lattice, (3, nz, ny, nx, lanes).
    noise : numpy.ndarray [1]
        Normal numbers, three rows.
    c : numpy.ndarray [1]
        m.p of each column.
    now, doubles : numpy.ndarray
        Rows of the replicas, (ROWS, lanes) and (DOUBLES, lanes).
    """

    m: np.ndarray
    inner: np.ndarray
    further: np.ndarray
    M: np.ndarray
    h: np.ndarray
    noise: np.ndarray
    c: np.ndarray
    now: np.ndarray
    doubles: np.ndarray


@kernel
def magnetize(moments, M, now, body):
    """``M = Ms m`` at the temperature of each replica, for the demagnetizing field."""
    p, out, t = pointer(moments), pointer(M), tables_of(body)
    wide = lanes_of(p)
    warm = load(pointer(now), DEMAG * wide)
    for k in range(len(body.cells.sites)):
        i, j, Ms = 3 * k * wide, t.sites[k] * wide, warm * t.table[k * COLUMNS + MS]
        for component in range(3):
            store(out, j + component * body.cells.size * wide, Ms * load(p, i + component * wide))


@kernel
def mean_cosines(moments, c, row, body):
    """Mean of m.p along each column into ``c``, that of all of them into ``row``."""
    p, out, t, a = pointer(moments), pointer(c), tables_of(body), body.torques
    wide, cells, total = lanes_of(p), len(body.cells.sites), fill(p, 0.0)
    if body.cells.columns < cells:
        c[:] = 0.0
    for first in range(0, cells, _GROUP):
        group = fill(p, 0.0)
        for k in range(first, min(first + _GROUP, cells)):
            i, j = 3 * k * wide, t.column[k] * wide
            cosine = load(p, i) * a.px + load(p, i + wide) * a.py + load(p, i + 2 * wide) * a.pz
            cosine = cosine * t.weight[k]
            group = group + cosine
            # a column of one cell needs no sum, and no memory
            if body.cells.columns < cells:
                store(out, j, load(out, j) + cosine)
        total = total + group
    store(pointer(row), 0, total * (1.0 / body.cells.columns))


@kernel
def conduct(space, moments, drive, body):
    """Current and torque of each replica's junction under ``drive``."""
    now, doubles, contact = space.now, space.doubles, body.contact
    mean_cosines(moments, space.c, now[CURRENT], body)
    for i in range(now.shape[1]):
        cosine = float(now[CURRENT, i])
        doubles[COSINE, i] = cosine
        warm = Contact(contact.parallel, contact.tmr * doubles[TMR, i], contact.roll, contact.area)
        voltage, _, mean, swing = electric(drive, body.cells.kind, cosine, warm)
        now[CURRENT, i] = voltage * (mean + swing * cosine) * contact.area
        if body.cells.kind == 2:
            voltage, mean, swing = drive, 1.0, 0.0
        now[MEAN, i], now[SWING, i] = doubles[TORQUE, i] * voltage * mean, doubles[TORQUE, i] * voltage * swing


@kernel
def follow(heat, space, body):
    """Factors of the temperature of each replica, from the rises ``heat[1:]``; 1 where nothing follows heat."""
    now, doubles = space.now, space.doubles
    for i in range(now.shape[1]):
        rise = 0.0
        for pole in range(1, heat.shape[0]):
            rise += heat[pole, i]
        Ms, Hk, torque, noise, tmr, Hk2 = 1.0, 1.0, 1.0, 1.0, 1.0, 1.0
        if heat.shape[0] > 1:
            Ms, Hk, torque, noise, tmr, Hk2 = law_ratios(body.laws.base + rise, body.laws)
        now[EXCHANGE, i] = math.exp((body.cells.Aex_exponent - 1.0) * math.log(Ms))
        now[HK, i], now[HK2, i], now[DEMAG, i], now[NOISE, i] = Hk, Hk2, Ms, noise
        doubles[TORQUE, i], doubles[TMR, i] = torque, tmr


@kernel
def renew(heat, space, drive, body):
    """Take in the heat of a window that ends now, and follow the new temperature; ``heat[0]`` is the power."""
    mean_cosines(space.m, space.c, space.now[CURRENT], body)
    for i in range(heat.shape[1]):
        contact, cosine = body.contact, float(space.now[CURRENT, i])
        warm = Contact(contact.parallel, contact.tmr * space.doubles[TMR, i], contact.roll, contact.area)
        power = electric(drive, body.cells.kind, cosine, warm)[1]
        for pole in range(1, heat.shape[0]):
            keep, before, after = (
                body.cells.windows[0, pole - 1],
                body.cells.windows[1, pole - 1],
                body.cells.windows[2, pole - 1],
            )
            heat[pole, i] = keep * heat[pole, i] + before * heat[0, i] + after * power
        heat[0, i] = power
    follow(heat, space, body)


@inline
def whole_field(k, p, h, noise, c, now, t, body):
    """Moment of cell ``k`` and its field, summed up where the demagnetizing one has been left in ``h``."""
    wide, cell, a = lanes_of(p), k * COLUMNS, body.torques
    i, site, size = 3 * k * wide, t.sites[k] * wide, body.cells.size * wide
    x, y, z = load(p, i), load(p, i + wide), load(p, i + 2 * wide)
    u, v, w = fill(p, 0.0), fill(p, 0.0), fill(p, 0.0)
    directions = body.cells.near.shape[1]
    for d in range(directions):
        j, link = 3 * wide * t.near[k * directions + d], t.links[k * directions + d]
        u, v = u + link * (load(p, j) - x), v + link * (load(p, j + wide) - y)
        w = w + link * (load(p, j + 2 * wide) - z)
    warm = load(now, EXCHANGE * wide)
    hx, hy, hz = load(h, site) + warm * u, load(h, site + size) + warm * v, load(h, site + 2 * size) + warm * w
    ex, ey, ez = t.table[cell + EX], t.table[cell + EY], t.table[cell + EZ]
    cosine = x * ex + y * ey + z * ez
    second, fourth = load(now, HK * wide) * t.table[cell + SECOND], load(now, HK2 * wide) * t.table[cell + FOURTH]
    pull = (second + fourth * (1.0 - cosine * cosine)) * cosine
    hx, hy, hz = hx + pull * ex, hy + pull * ey, hz + pull * ez
    Ms, cells = load(now, DEMAG * wide) * t.table[cell + MS], body.cells
    hx, hy, hz = hx - (cells.shape_x * Ms) * x, hy - (cells.shape_y * Ms) * y, hz - (cells.shape_z * Ms) * z
    # of many layers, the mean of the column
    cosine = x * a.px + y * a.py + z * a.pz
    if body.cells.columns < len(body.cells.sites):
        cosine = load(c, t.column[k] * wide)
    J = load(now, MEAN * wide) + load(now, SWING * wide) * cosine
    aj, bj = slonczewski_amplitudes(cosine, J, a)
    current = load(now, CURRENT * wide)
    hx = hx + aj * (y * a.pz - z * a.py) + bj * a.px + current * t.table[cell + OX]
    hy = hy + aj * (z * a.px - x * a.pz) + bj * a.py + current * t.table[cell + OY]
    hz = hz + aj * (x * a.py - y * a.px) + bj * a.pz
    sigma, row, j = load(now, NOISE * wide) * t.table[cell + SIGMA], k * wide, len(body.cells.counters)
    hx = hx + (fill(p, t.table[cell + HX]) + sigma * load(noise, row))
    hy = hy + (fill(p, t.table[cell + HY]) + sigma * load(noise, row + j))
    hz = hz + (fill(p, t.table[cell + HZ]) + sigma * load(noise, row + 2 * j))
    return x, y, z, hx, hy, hz
