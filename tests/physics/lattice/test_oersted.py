"""Oersted field: Ampere's law, wires that have formulas, and cells by quadrature."""

import math

import numpy as np
import pytest

from spinneuron.constants import mu0
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.oersted import Oersted
from spinneuron.quantity import InputError


def places(mesh):
    x, y, z = ((np.arange(n) - 0.5 * (n - 1)) * d for n, d in zip(mesh.counts, mesh.cell, strict=True))
    return x[None, None, :], y[None, :, None], z[:, None, None]


def field(term, t=0.0):
    h = np.zeros((3, *term.mesh.shape))
    term.add(np.zeros_like(h), h, t)
    return h


def disc(mesh, radius, parts=40):
    """Part of every cell that lies in a disc."""
    inner = [(np.arange(n * parts) + 0.5) / parts - 0.5 * n for n in mesh.counts[:2]]
    x, y = (part * d for part, d in zip(inner, mesh.cell[:2], strict=True))
    nx, ny, _ = mesh.counts
    return (np.hypot(x[None, :], y[:, None]) <= radius).reshape(ny, parts, nx, parts).mean(axis=(1, 3))


def test_round_wire_inside_and_outside():
    mesh, radius, current = Mesh((60, 50, 1), (1e-9, 1.2e-9, 2e-9)), 20e-9, 1e-3
    h = field(Oersted.of(mesh, 0.0, disc(mesh, radius), current))[:, 0]
    x, y, _ = places(mesh)
    x, y = x[0], y[0]
    r = np.hypot(x, y)
    around = current / (2.0 * math.pi) / np.maximum(r, radius) ** 2
    # Counterclockwise around +z. A cell at the edge holds a mean of a field with a kink.
    smooth = abs(r - radius) > 2e-9
    top = current / (2.0 * math.pi * radius)
    assert np.abs(h[0] + around * y)[smooth].max() < 1e-3 * top
    assert np.abs(h[1] - around * x)[smooth].max() < 1e-3 * top
    assert not h[2].any()


def test_a_round_wire_attracts_nobody_at_its_middle_and_turns_with_the_lattice():
    mesh = Mesh((31, 31, 1), (2e-9, 2e-9, 2e-9))
    h = field(Oersted.of(mesh, 0.0, disc(mesh, 20e-9)))[:, 0]
    top = np.abs(h).max()
    assert np.abs(h[:, 15, 15]).max() < 1e-13 * top
    # A quarter turn: (Hx, Hy)(x, y) -> (-Hy, Hx)(-y, x).
    np.testing.assert_allclose(h[0], -np.rot90(h[1], -1), rtol=0.0, atol=1e-13 * top)


def smooth_profile(n):
    mesh = Mesh((n, n, 1), (96e-9 / n, 96e-9 / n, 5e-9))
    x, y, _ = places(mesh)
    return mesh, (np.exp(-((x - 5e-9) ** 2) / 2e-16 - (y + 3e-9) ** 2 / 3e-16))[0]


def test_curl_is_the_current_and_divergence_is_zero():
    errors = []
    for n in (48, 96):
        mesh, J = smooth_profile(n)
        J = J / (J.sum() * mesh.cell[0] * mesh.cell[1])
        h = field(Oersted.of(mesh, 0.0, J))[:, 0]
        dx = mesh.cell[0]
        curl = (h[1, 1:-1, 2:] - h[1, 1:-1, :-2] - h[0, 2:, 1:-1] + h[0, :-2, 1:-1]) / (2.0 * dx)
        divergence = (h[0, 1:-1, 2:] - h[0, 1:-1, :-2] + h[1, 2:, 1:-1] - h[1, :-2, 1:-1]) / (2.0 * dx)
        errors.append([np.abs(curl - J[1:-1, 1:-1]).max() / J.max(), np.abs(divergence).max() / J.max()])
    # Central differences: errors go down with the square of the cell.
    (curl, divergence), (finer_curl, finer_divergence) = errors
    assert finer_curl < 0.03 and finer_divergence < 2e-3
    assert curl / finer_curl == pytest.approx(4.0, rel=0.1)
    assert divergence / finer_divergence == pytest.approx(4.0, rel=0.1)


def test_circulation_is_the_current_inside():
    mesh = Mesh((40, 40, 1), (1e-9, 1e-9, 1e-9))
    J = np.zeros((40, 40))
    J[17:22, 15:24] = 1.0
    h = field(Oersted.of(mesh, 0.0, J, 2e-3))[:, 0] * 1e-9
    # Along the middles of cells, far enough for means over cells to be values.
    low, high = 3, 36
    total = np.trapezoid(h[0, low, low : high + 1]) - np.trapezoid(h[0, high, low : high + 1])
    total += np.trapezoid(h[1, low : high + 1, high]) - np.trapezoid(h[1, low : high + 1, low])
    assert total == pytest.approx(2e-3, rel=1e-3)


def segment(x, y, z, low, high):
    """H_x, H_y of a thin straight wire along z with 1 A, from low to high."""
    rho2 = x * x + y * y
    size = ((high - z) / np.sqrt(rho2 + (high - z) ** 2) - (low - z) / np.sqrt(rho2 + (low - z) ** 2)) / (4.0 * math.pi)
    return -size * y / rho2, size * x / rho2


@pytest.mark.parametrize("cell", [(1.0, 1.0, 1.0), (2.0, 1.0, 0.3), (1.0, 1.5, 8.0)])
@pytest.mark.parametrize("length", ["mesh", "infinite"])
def test_a_cell_with_current_by_quadrature(cell, length):
    mesh = Mesh((7, 6, 3), tuple(1e-9 * d for d in cell))
    J = np.zeros((6, 7))
    J[1, 0] = 1.0
    h = field(Oersted.of(mesh, 0.0, J, 1.0, length))
    nodes, weights = np.polynomial.legendre.leggauss(10)
    nodes, weights = 0.5 * nodes, 0.5 * weights
    # Means over both cells: two cells away ten nodes an axis are good for 3e-9, least so at the ends of a tall cell.
    axes = [nodes.reshape([-1 if a == i else 1 for a in range(5)]) for i in range(5)]
    volume = np.einsum("a,b,c,d,e->abcde", *[weights] * 5)
    dx, dy, dz = mesh.cell
    end = 1.5 * dz if length == "mesh" else 1.0
    for i, j, k in ((3, 1, 0), (0, 4, 1), (5, 5, 2), (6, 3, 1)):
        x, y = (i + axes[0] - axes[3]) * dx, (j - 1 + axes[1] - axes[4]) * dy
        expected = [(volume * part).sum() for part in segment(x, y, (k - 1 + axes[2]) * dz, -end, end)]
        np.testing.assert_allclose(h[:2, k, j, i], expected, rtol=0.0, atol=1e-8 * np.abs(expected).max())
    assert not h[2].any()


def test_a_tall_lattice_is_an_endless_one_in_its_middle():
    mesh = Mesh((5, 5, 1), (1e-9, 1e-9, 400e-9))
    J = np.ones((5, 5))
    endless, tall = field(Oersted.of(mesh, 0.0, J)), field(Oersted.of(mesh, 0.0, J, length="mesh"))
    # 1 - L/sqrt(L^2 + 4 rho^2) of the middle, and a mean that the ends take part in: rho / L.
    np.testing.assert_allclose(tall, endless, rtol=0.0, atol=1e-2 * np.abs(endless).max())
    copies = Mesh((5, 5, 4), (1e-9, 1e-9, 100e-9), (0, 0, 50))
    np.testing.assert_allclose(
        field(Oersted.of(copies, 0.0, J, length="mesh"))[:, 2:3], endless, rtol=0.0, atol=1e-6 * np.abs(endless).max()
    )


def test_copies_along_x_are_more_wires():
    cell, J = (1e-9, 1e-9, 1e-9), np.zeros((4, 5))
    J[1, 1] = 1.0
    ring = field(Oersted.of(Mesh((5, 4, 1), cell, (2, 0, 0)), 0.0, J))[:2, 0]
    # Every cell sees two copies on either side of the nearest one.
    mesh = Mesh((45, 4, 1), cell)
    single = np.zeros((4, 45))
    single[1, 22] = 1.0
    one = field(Oersted.of(mesh, 0.0, single))[:2, 0]
    for i in range(5):
        apart = (i - 1 + 2) % 5 - 2
        expected = one[:, :, 22 + apart - 10 : 22 + apart + 11 : 5].sum(axis=2)
        np.testing.assert_allclose(ring[:, :, i], expected, rtol=0.0, atol=1e-12 * np.abs(one).max())


def test_current_in_time_and_energy():
    mesh = Mesh((6, 5, 2), (2e-9, 2e-9, 1e-9))
    rng = np.random.default_rng(0)
    Ms, m = rng.uniform(0.0, 1e6, mesh.shape), rng.normal(size=(3, *mesh.shape))
    J = rng.uniform(1.0, 2.0, (5, 6))
    term = Oersted.of(mesh, Ms, J, lambda t: 1e-3 * t)
    np.testing.assert_allclose(field(term, 2.0), 2e-3 * field(Oersted.of(mesh, Ms, 7.0 * J)), rtol=1e-14)
    expected = -mu0 * np.sum(Ms * m * field(term, 3.0)) * mesh.cell_volume
    assert term.energy(m, 3.0) == pytest.approx(expected, rel=1e-12)
    h = np.ones((3, *mesh.shape))
    term.add(m, h, 2.0)
    np.testing.assert_array_equal(h, 1.0 + field(term, 2.0))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"profile": np.ones((3, 3))},
            r"profile: needs finite numbers of shape \(ny, nx\) = \(2, 2\), got shape \(3, 3\)",
        ),
        ({"profile": np.full((2, 2), np.nan)}, "profile: needs finite numbers"),
        ({"profile": np.array([[1.0, -1.0], [0.0, 0.0]])}, "profile: carries no current"),
        ({"length": "endless"}, 'length = "endless": .*infinite or mesh'),
        ({"current": math.inf}, "current = inf"),
    ],
)
def test_errors(arguments, message):
    with pytest.raises(InputError, match=message):
        Oersted.of(Mesh((2, 2, 1), (1e-9, 1e-9, 1e-9)), 8e5, **{"profile": np.ones((2, 2)), **arguments})
