"""Stages of the schemes of `stochastic`, for a register of replicas: each sums up the field of a cell and moves it."""

from __future__ import annotations

from spinneuron.compiled import inline, kernel
from spinneuron.dynamics.lattice.motion import slope_of
from spinneuron.dynamics.lattice.replicas import ALPHA, COLUMNS, RATE, tables_of, whole_field
from spinneuron.dynamics.lattice.stochastic import turned
from spinneuron.registers.vectors import lanes_of, load, pointer, root, store


@inline
def put(p, i, x, y, z):
    """Write the moments of one cell."""
    wide = lanes_of(p)
    store(p, i, x)
    store(p, i + wide, y)
    store(p, i + 2 * wide, z)


@kernel
def turn_half(space, dt, body):
    """First stage of a semi-implicit step: the middle between the moments and where their own field turns them."""
    m, out, t = pointer(space.m), pointer(space.inner), tables_of(body)
    h, noise, c, now = pointer(space.h), pointer(space.noise), pointer(space.c), pointer(space.now)
    for k in range(len(body.cells.sites)):
        x, y, z, hx, hy, hz = whole_field(k, m, h, noise, c, now, t, body)
        angle, alpha = dt * t.table[k * COLUMNS + RATE], t.table[k * COLUMNS + ALPHA]
        u, v, w = turned((x, y, z), (x, y, z), (hx, hy, hz), angle, alpha)
        put(out, 3 * k * lanes_of(m), 0.5 * (x + u), 0.5 * (y + v), 0.5 * (z + w))


@kernel
def turn_whole(space, dt, body):
    """Second stage: turn the moments by the field of the middle."""
    m, middle, t = pointer(space.m), pointer(space.inner), tables_of(body)
    h, noise, c, now = pointer(space.h), pointer(space.noise), pointer(space.c), pointer(space.now)
    wide = lanes_of(m)
    for k in range(len(body.cells.sites)):
        u, v, w, hx, hy, hz = whole_field(k, middle, h, noise, c, now, t, body)
        i, angle, alpha = 3 * k * wide, dt * t.table[k * COLUMNS + RATE], t.table[k * COLUMNS + ALPHA]
        x, y, z = load(m, i), load(m, i + wide), load(m, i + 2 * wide)
        x, y, z = turned((x, y, z), (u, v, w), (hx, hy, hz), angle, alpha)
        put(m, i, x, y, z)


@kernel
def slope_first(space, dt, body):
    """First stage of heun: slopes, and where they lead."""
    m, out, slopes, t = pointer(space.m), pointer(space.inner), pointer(space.further), tables_of(body)
    h, noise, c, now = pointer(space.h), pointer(space.noise), pointer(space.c), pointer(space.now)
    for k in range(len(body.cells.sites)):
        x, y, z, hx, hy, hz = whole_field(k, m, h, noise, c, now, t, body)
        rate, alpha = t.table[k * COLUMNS + RATE], t.table[k * COLUMNS + ALPHA]
        u, v, w = slope_of(x, y, z, hx, hy, hz, rate, alpha, 1.0)
        put(slopes, 3 * k * lanes_of(m), u, v, w)
        put(out, 3 * k * lanes_of(m), x + dt * u, y + dt * v, z + dt * w)


@kernel
def slope_second(space, dt, body):
    """Second stage of heun: the mean of both slopes, and length 1."""
    m, end, slopes, t = pointer(space.m), pointer(space.inner), pointer(space.further), tables_of(body)
    h, noise, c, now = pointer(space.h), pointer(space.noise), pointer(space.c), pointer(space.now)
    wide = lanes_of(m)
    for k in range(len(body.cells.sites)):
        x, y, z, hx, hy, hz = whole_field(k, end, h, noise, c, now, t, body)
        i, rate, alpha = 3 * k * wide, t.table[k * COLUMNS + RATE], t.table[k * COLUMNS + ALPHA]
        u, v, w = slope_of(x, y, z, hx, hy, hz, rate, alpha, 1.0)
        x = load(m, i) + 0.5 * dt * (load(slopes, i) + u)
        y = load(m, i + wide) + 0.5 * dt * (load(slopes, i + wide) + v)
        z = load(m, i + 2 * wide) + 0.5 * dt * (load(slopes, i + 2 * wide) + w)
        scale = 1.0 / root(x * x + y * y + z * z)
        put(m, i, scale * x, scale * y, scale * z)


@kernel
def push(space, points, out, share, dt, body):
    """Stage of three-stage: ``out = m + share dt f(points)``; where ``share`` is 1, scaled to length 1."""
    m, p, o, t = pointer(space.m), pointer(points), pointer(out), tables_of(body)
    h, noise, c, now = pointer(space.h), pointer(space.noise), pointer(space.c), pointer(space.now)
    wide = lanes_of(m)
    for k in range(len(body.cells.sites)):
        x, y, z, hx, hy, hz = whole_field(k, p, h, noise, c, now, t, body)
        i, angle, alpha = 3 * k * wide, share * dt * t.table[k * COLUMNS + RATE], t.table[k * COLUMNS + ALPHA]
        u, v, w = slope_of(x, y, z, hx, hy, hz, angle, alpha, 1.0)
        x, y, z = load(m, i) + u, load(m, i + wide) + v, load(m, i + 2 * wide) + w
        if share == 1.0:
            scale = 1.0 / root(x * x + y * y + z * z)
            x, y, z = scale * x, scale * y, scale * z
        put(o, i, x, y, z)
