"""Grains: as many as their size says, the same for the same seed, columns along z."""

import numpy as np
import pytest

from spinneuron.lattice.grains import grains, spread
from spinneuron.mesh import Mesh
from spinneuron.quantity import InputError

MESH = Mesh((100, 80, 2), (2e-9, 2e-9, 1e-9))


def test_number_of_grains_follows_their_size():
    size = 16e-9
    counts = [int(grains(MESH, size, seed).max()) + 1 for seed in range(10)]
    inner = MESH.size[0] * MESH.size[1] / size**2
    # those at the edge are cut: a ring of half a grain, 4 (a + b) / (2 size)
    outer = inner + (MESH.size[0] + MESH.size[1]) / size
    assert inner * 0.9 < np.mean(counts) < outer * 1.2


def test_grains_are_columns_and_depend_on_the_seed_alone():
    one = grains(MESH, 10e-9, 4)
    assert (one[0] == one[1]).all()
    np.testing.assert_array_equal(one, grains(MESH, 10e-9, 4))
    assert (one != grains(MESH, 10e-9, 5)).any()


def test_spread_is_normal_and_one_value_a_grain():
    numbers = grains(MESH, 4e-9, 1)
    factors = spread(numbers, 0.2, 1)
    values = np.array([factors[numbers == i] for i in range(3)], dtype=object)
    assert all(np.ptp(one) == 0.0 for one in values)
    by_grain = np.array([factors[numbers == i][0] for i in range(int(numbers.max()) + 1)])
    count = len(by_grain)
    assert abs(by_grain.mean() - 1.0) < 4.0 * 0.2 / np.sqrt(count)
    assert abs(by_grain.std() - 0.2) < 4.0 * 0.2 / np.sqrt(2.0 * count)


def test_refusals():
    with pytest.raises(InputError, match="grain_size = 1 nm: below a cell of 2 nm"):
        grains(MESH, 1e-9)
    with pytest.raises(InputError, match="Ku_spread"):
        spread(np.zeros((1, 1, 1), int), -0.1)
