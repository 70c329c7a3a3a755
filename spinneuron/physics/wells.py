"""Wells of a moment with Ku2: its energy is of fourth order, with several minima, and passes between them.

    w(m) / (mu0 Ms) = m.S.m / 2 - m.H + H4 (1 - c^2)^2 / 4,     c = m.e

The minima are sought from a net of directions finer than the wells, and polished by Newton's method on the sphere.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from spinneuron.physics.fields import Quartic, tensor

_NET = 600
_NEIGHBORS = 8
_STARTS = 6
_FAMILY = 256
_STEPS = 100
_CIRCLES = 360
# energies closer than this share of the fields are called equal
_EQUAL = 1e-13


@cache
def _net() -> tuple[np.ndarray, np.ndarray]:
    """Directions spread evenly (a spiral), and the nearest neighbors of each."""
    z = 1.0 - (2.0 * np.arange(_NET) + 1.0) / _NET
    angle = np.pi * (1.0 + np.sqrt(5.0)) * np.arange(_NET)
    across = np.sqrt(1.0 - z * z)
    points = np.stack([across * np.cos(angle), across * np.sin(angle), z], axis=-1)
    return points, np.argsort(-points @ points.T, axis=1)[:, 1 : 1 + _NEIGHBORS]


class _Energy:
    """Energy [A/m] of moments (family, many, 3) and its derivatives."""

    def __init__(self, S, applied, fourth, axis) -> None:
        self.S, self.applied, self.fourth, self.axis = S, applied, fourth, axis
        self.scale = (np.abs(S).sum(axis=(-2, -1)) + np.abs(applied).sum(axis=-1) + np.abs(fourth))[:, None]

    def part(self, part: slice) -> _Energy:
        return _Energy(self.S[part], self.applied[part], self.fourth[part], self.axis[part])

    def cosine(self, m):
        return np.einsum("fpi,fi->fp", m, self.axis)

    def value(self, m):
        rest = 1.0 - self.cosine(m) ** 2
        second = 0.5 * np.einsum("fpi,fij,fpj->fp", m, self.S, m) - np.einsum("fpi,fi->fp", m, self.applied)
        return second + 0.25 * self.fourth[:, None] * rest * rest

    def slope(self, m):
        c = self.cosine(m)
        fourth = (self.fourth[:, None] * (c - c**3))[..., None] * self.axis[:, None]
        return np.einsum("fpj,fij->fpi", m, self.S) - self.applied[:, None] - fourth

    def tangent(self, m):
        """Slope (2) and curvature (a, b, d) in the tangent plane, and its basis (2, 3)."""
        one = np.cross(m, np.eye(3)[np.abs(m).argmin(axis=-1)])
        one /= np.linalg.norm(one, axis=-1, keepdims=True)
        basis = np.stack([one, np.cross(m, one)], axis=-2)
        slope = self.slope(m)
        c = self.cosine(m)
        curved = np.einsum("fpai,fij,fpbj->fpab", basis, self.S, basis)
        along = np.einsum("fpai,fi->fpa", basis, self.axis)
        curved -= (self.fourth[:, None] * (1.0 - 3.0 * c * c))[..., None, None] * along[..., None] * along[..., None, :]
        bend = np.einsum("fpi,fpi->fp", slope, m)
        a, b, d = curved[..., 0, 0] - bend, curved[..., 0, 1], curved[..., 1, 1] - bend
        return np.einsum("fpai,fpi->fpa", basis, slope), (a, b, d), basis

    def polished(self, m):
        """Minima below given moments: Newton's method, its curvature made positive, within a radius of trust."""
        radius, energy = np.full(m.shape[:-1], 0.3), self.value(m)
        for _ in range(_STEPS):
            g, (a, b, d), basis = self.tangent(m)
            least = 0.5 * (a + d) - np.hypot(0.5 * (a - d), b)
            floor = np.where(least > 0.0, 1e-12, 0.0) * self.scale
            shift = np.maximum(np.where(least > floor, 0.0, -least + np.maximum(np.abs(least), 1e-9 * self.scale)), 0.0)
            a, d = a + shift, d + shift
            det = a * d - b * b
            step = -np.stack([d * g[..., 0] - b * g[..., 1], a * g[..., 1] - b * g[..., 0]], axis=-1) / det[..., None]
            length = np.linalg.norm(step, axis=-1)
            step *= np.minimum(1.0, radius / np.maximum(length, 1e-300))[..., None]
            new = m + np.einsum("fpa,fpai->fpi", step, basis)
            new /= np.linalg.norm(new, axis=-1, keepdims=True)
            found = self.value(new)
            down = found <= energy + 4e-16 * self.scale
            m, energy = np.where(down[..., None], new, m), np.where(down, found, energy)
            radius = np.where(down, np.minimum(2.0 * radius, 0.5), 0.25 * np.minimum(radius, length))
            if np.all((length < 1e-10) | (radius < 1e-16)):
                break
        return m, energy


def _energy(fields: Quartic, normal=None) -> tuple[_Energy, tuple[int, ...]]:
    """Numbers of a family, in the plane normal to a direction where that is given, and the shape of the family."""
    S = tensor(fields)
    shape = S.shape[:-2]
    f = fields
    applied, axis = (np.stack(np.broadcast_arrays(*v), axis=-1) for v in ((f.hx, f.hy, f.hz), (f.ex, f.ey, f.ez)))
    applied, axis = (np.broadcast_to(v, (*shape, 3)).reshape(-1, 3) for v in (applied, axis))
    S, fourth = S.reshape(-1, 3, 3), np.broadcast_to(f.fourth, shape).reshape(-1)
    if normal is not None:
        n = np.asarray(normal, dtype=float)
        project = np.eye(3) - np.outer(n, n)
        # the forbidden direction is made the hardest by far
        hard = 1.0 + 2.0 * np.abs(S).sum(axis=(-2, -1)) + 2.0 * np.abs(fourth)
        S = project @ S @ project + hard[:, None, None] * np.outer(n, n)
        applied, axis = applied @ project, axis @ project
    return _Energy(S, applied, fourth, axis), shape


def lowest(fields: Quartic, normal=None) -> np.ndarray:
    """State of lowest energy of a moment with Ku2, on the sphere or on a great circle.

    Of states of equal energy it is one that has its largest component above 0.

    Parameters
    ----------
    fields : Quartic
        Scalars, or arrays with one entry per pillar.
    normal : sequence of float [1], optional
        Unit vector; the state is sought in the plane normal to it.

    Returns
    -------
    numpy.ndarray [1]
        Unit moments, shape (..., 3).
    """
    energy, shape = _energy(fields, normal)
    parts = range(0, len(energy.S), _FAMILY)
    return np.concatenate([_lowest(energy.part(slice(i, i + _FAMILY))) for i in parts]).reshape(*shape, 3)


def _lowest(energy: _Energy) -> np.ndarray:
    points, neighbors = _net()
    count = len(energy.S)
    level = energy.value(np.broadcast_to(points, (count, *points.shape)))
    minima = np.where(level <= level[:, neighbors].min(axis=-1), level, np.inf)
    m, w = energy.polished(points[np.argsort(minima, axis=1)[:, :_STARTS]])
    # the mirror images too: two wells may be closer to each other than the net is fine
    vectors = np.linalg.eigh(energy.S)[1]
    best = np.take_along_axis(m, np.argsort(w, axis=1)[:, :2, None], axis=1)
    own = np.einsum("fij,fpi->fpj", vectors, best)
    signs = np.stack(np.meshgrid(*[[1.0, -1.0]] * 3), axis=-1).reshape(-1, 3)
    images = np.einsum("fij,fpsj->fpsi", vectors, own[:, :, None] * signs).reshape(count, -1, 3)
    turned = 2.0 * energy.cosine(best)[..., None] * energy.axis[:, None] - best
    again, level = energy.polished(np.concatenate([images, turned, -turned], axis=1))
    m, w = np.concatenate([m, again], axis=1), np.concatenate([w, level], axis=1)
    equal = w <= w.min(axis=1, keepdims=True) + _EQUAL * energy.scale
    largest = np.take_along_axis(m, np.abs(m).argmax(axis=-1)[..., None], axis=-1)[..., 0]
    order = np.where(equal, np.sign(largest) + 1e-3 * m @ np.array([0.25, 0.5, 1.0]), -np.inf)
    return m[np.arange(count), order.argmax(axis=1)]


def relaxed(fields: Quartic, m) -> np.ndarray:
    """Minimum below a moment.

    Parameters
    ----------
    fields : Quartic
        Scalars.
    m : array_like [1]
        Unit moment (3,).

    Returns
    -------
    numpy.ndarray [1]
        (3,).
    """
    return _energy(fields)[0].polished(np.asarray(m, dtype=float)[None, None])[0][0, 0]


def stiffness(fields: Quartic, m, pinned) -> float:
    """Curvature of the energy at a minimum, along the great circle towards the pinned layer.

    At the pinned layer itself, the least curvature of all directions. A cone is free to turn about its axis, which m.p
    does not notice: hence not the least one elsewhere.

    Parameters
    ----------
    fields : Quartic
        Scalars.
    m, pinned : array_like [1]
        Unit vectors (3,).

    Returns
    -------
    float [A/m]
    """
    m, p = np.asarray(m, dtype=float), np.asarray(pinned, dtype=float)
    _, (a, b, d), basis = _energy(fields)[0].tangent(m[None, None])
    curved = np.array([[a.item(), b.item()], [b.item(), d.item()]])
    towards = basis[0, 0] @ p
    if np.linalg.norm(towards) < 1e-6:
        return float(np.linalg.eigvalsh(curved)[0])
    towards /= np.linalg.norm(towards)
    return float(towards @ curved @ towards)


def barrier(fields: Quartic, pinned) -> float:
    """Energy that a moment in the shallower well lacks to cross to the other side of the pinned layer.

    Every way from one side to the other crosses all circles of constant m.p: the highest of their lowest points is
    never above the pass, and the pass itself where the energy depends on m.p alone, or the pass lies on the equator.

    Parameters
    ----------
    fields : Quartic
        Scalars.
    pinned : array_like [1]
        Unit vector (3,).

    Returns
    -------
    float [A/m]
        Times mu0 Ms V for joules.
    """
    energy, p = _energy(fields)[0], np.asarray(pinned, dtype=float)
    one = np.cross(p, np.eye(3)[np.abs(p).argmin()])
    one /= np.linalg.norm(one)
    polar, turn = np.pi * np.arange(_CIRCLES + 1) / _CIRCLES, 2.0 * np.pi * np.arange(_CIRCLES) / _CIRCLES
    across = np.cos(turn)[:, None] * one + np.sin(turn)[:, None] * np.cross(p, one)
    m = np.cos(polar)[:, None, None] * p + np.sin(polar)[:, None, None] * across
    level = energy.value(m.reshape(1, -1, 3)).reshape(len(polar), -1)
    least, circles = level.argmin(axis=1), np.arange(len(polar))
    around = [level[circles, (least + step) % _CIRCLES] for step in (-1, 0, 1)]
    low = _vertex(*around)
    top = int(low.argmax())
    wells = -_top(-low[: top + 1]), -_top(-low[top:])
    return max(0.0, _top(low) - max(wells))


def _top(values) -> float:
    """Largest of equally spaced values, by the parabola through it and its neighbors where it has both."""
    k = int(np.argmax(values))
    if not 0 < k < len(values) - 1:
        return float(values[k])
    return float(_vertex(values[k - 1], values[k], values[k + 1]))


def _vertex(before, here, after):
    """Extreme value of the parabola through three equally spaced ones."""
    bend = before - 2.0 * here + after
    with np.errstate(divide="ignore", invalid="ignore"):
        return here - np.where(bend == 0.0, 0.0, (after - before) ** 2 / (8.0 * bend))
