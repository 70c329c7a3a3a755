"""The demagnetizing tensor: against multi-precision values, prisms, its own laws, and sums of copies."""

import math
from pathlib import Path

import numpy as np
import pytest

from spinneuron.geometry import prism_factors
from spinneuron.physics.lattice.newell import COMPONENTS, tensor

ROWS = np.loadtxt(Path(__file__).parents[2] / "data" / "demagnetizing_tensor.csv", delimiter=",", skiprows=2)
CELLS = sorted({tuple(row[:3]) for row in ROWS})


@pytest.mark.parametrize("cell", CELLS)
def test_tensor_has_the_digits_of_a_float(cell):
    rows = ROWS[np.all(ROWS[:, :3] == cell, axis=1)]
    found = tensor((41, 41, 41), cell)
    assert len(rows) == 12
    for row in rows:
        x, y, z = row[3:6].astype(int)
        # Rounding of about 200 terms, relative to the largest component: as good at 40 cells as at 0.
        np.testing.assert_allclose(found[:, z, y, x], row[6:], rtol=0.0, atol=5e-15 * np.abs(row[6:]).max())


@pytest.mark.parametrize("cell", CELLS)
def test_trace_is_one_at_the_origin_and_zero_elsewhere(cell):
    # Odd components too: whatever has a zero coordinate is its own mirror.
    found = tensor((9, 8, 7), cell)
    trace = found[:3].sum(axis=0)
    trace[0, 0, 0] -= 1.0
    np.testing.assert_allclose(trace, 0.0, rtol=0.0, atol=3e-15)
    for component, name in enumerate(COMPONENTS):
        for axis, coordinate in enumerate("xyz"):
            if name.count(coordinate) == 1:
                assert not np.any(found[component].take(0, axis=2 - axis))


def test_a_cube_has_a_third():
    found = tensor((1, 1, 1), (3e-9, 3e-9, 3e-9))[:, 0, 0, 0]
    np.testing.assert_allclose(found, [1 / 3, 1 / 3, 1 / 3, 0, 0, 0], rtol=0.0, atol=1e-15)


def test_exchanging_axes_exchanges_components():
    # Not to the last bit: the three functions are multiplied in another order.
    found, turned = tensor((4, 5, 6), (1.0, 2.0, 3.0)), tensor((5, 6, 4), (2.0, 3.0, 1.0))
    order = [COMPONENTS.index(name) for name in ("yy", "zz", "xx", "yz", "xy", "xz")]
    np.testing.assert_allclose(turned, np.moveaxis(found[order], 3, 1), rtol=0.0, atol=1e-15)


@pytest.mark.parametrize(
    ("counts", "cell"),
    [((8, 8, 8), (1, 1, 1)), ((12, 7, 3), (1, 2, 5)), ((20, 5, 1), (5, 5, 3)), ((2, 3, 30), (1, 1, 0.1))],
)
def test_a_block_of_cells_is_a_prism(counts, cell):
    nx, ny, nz = counts
    found = tensor(counts, cell)[:3]
    # Every offset occurs (n - |offset|) times, in both directions.
    x, y, z = (np.where(np.arange(n) > 0, 2.0, 1.0) * (n - np.arange(n)) for n in counts)
    mean = np.einsum("czyx,z,y,x->c", found, z, y, x) / (nx * ny * nz)
    exact = prism_factors(*(float(n * d) for n, d in zip(counts, cell, strict=True)))
    np.testing.assert_allclose(mean, exact, rtol=0.0, atol=1e-13)


def test_copies_are_a_sum_over_offsets():
    counts, periodic, cell = (5, 4, 3), (2, 3, 0), (1.0, 1.5, 0.7)
    copies, single = tensor(counts, cell, periodic), tensor((15, 20, 3), cell)
    assert copies.shape == (6, 3, 3, 3)
    for y in range(3):
        for x in range(3):
            total = np.zeros((6, 3))
            for i in range(-2, 3):
                for j in range(-3, 4):
                    X, Y = x + 5 * i, y + 4 * j
                    sign_x, sign_y = math.copysign(1, X), math.copysign(1, Y)
                    signs = np.array([1, 1, 1, sign_x * sign_y, sign_x, sign_y])
                    total += signs[:, None] * single[:, :, abs(Y), abs(X)]
            # Half of the even period: the copies at +2 and at -2 are one cell.
            if y == 2:
                total[[3, 5]] = 0.0
            np.testing.assert_allclose(copies[:, :, y, x], total, rtol=0.0, atol=1e-14)


def test_a_periodic_film_becomes_an_infinite_one():
    deficits = []
    for images in (10, 100, 1000):
        copies = tensor((4, 4, 1), (1, 1, 1), (images, images, 0))
        times = np.array([1.0, 2.0, 1.0])
        deficits.append(1.0 - np.einsum("yx,y,x->", copies[2, 0], times, times))
    # A square of edge L has 1 - N_zz = 2 sqrt(2) t / (pi L) in its middle, up to (t/L)^3.
    edges = 4.0 * (2.0 * np.array([10, 100, 1000]) + 1.0)
    np.testing.assert_allclose(deficits, 2.0 * math.sqrt(2.0) / (math.pi * edges), rtol=2e-3, atol=0.0)
