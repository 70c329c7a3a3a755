"""Which cells are neighbors, and how kernels walk along rows of them."""

import numpy as np
import pytest

from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.neighbors import joined, stretch


@pytest.mark.parametrize("lanes", [1, 3])
@pytest.mark.parametrize("cells", [1, 2, 3, 7])
def test_three_parts_of_a_row_meet_every_cell_once_and_its_neighbors(cells, lanes):
    row = np.arange(cells * lanes)
    met = np.zeros((3, 0), dtype=int)
    for part in range(3):
        first, last, ahead, behind = stretch(part, cells * lanes, lanes)
        k = last - first
        places = (row[first:last], row[ahead : ahead + k], row[behind : behind + k])
        assert {len(place) for place in places} == {k}
        met = np.concatenate([met, np.stack(places)], axis=1)
    np.testing.assert_array_equal(met, [row, np.roll(row, -lanes), np.roll(row, lanes)])


def test_faces_join_magnets():
    Ms = np.array([1.0, 1.0, 0.0, 1.0]).reshape(1, 1, 4)
    for periodic, wanted in ((0, [1, 0, 0, 0]), (1, [1, 0, 0, 1])):
        mesh = Mesh((4, 1, 1), (1e-9, 1e-9, 1e-9), (periodic, 0, 0))
        np.testing.assert_array_equal(joined(mesh, Ms, 0).ravel(), wanted)
    halved = joined(mesh, Ms, 0, lambda here, there: np.where(here == 3, 0.5, 1.0))
    np.testing.assert_array_equal(halved.ravel(), [1, 0, 0, 0.5])
