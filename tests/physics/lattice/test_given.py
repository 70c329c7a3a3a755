"""What users give to fields: shapes, directions, courses, thicknesses."""

import numpy as np
import pytest

from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.given import course, directions, over_cells, thickness_of
from spinneuron.quantity import InputError

MESH = Mesh((4, 3, 2), (2e-9, 2e-9, 1.5e-9))


def test_numbers_planes_and_arrays_spread_over_the_cells():
    plane = np.arange(12.0).reshape(3, 4)
    assert over_cells("profile", None, MESH, 2.0).shape == MESH.shape
    np.testing.assert_array_equal(over_cells("profile", plane, MESH)[1], plane)
    whole = over_cells("profile", 3.0, MESH)
    # A copy that may be written to.
    whole[0] = 0.0
    assert whole.sum() == 36.0
    with pytest.raises(InputError, match=r"profile: needs one number or shape \(2, 3, 4\), got \(5,\)"):
        over_cells("profile", np.ones(5), MESH)
    with pytest.raises(InputError, match="profile: holds inf"):
        over_cells("profile", np.inf, MESH)


def test_directions_of_length_1_keep_their_bits():
    one = np.array([0.6, 0.48, 0.64])
    np.testing.assert_array_equal(directions("pinned", one, MESH)[:, 1, 2, 3], one)
    np.testing.assert_allclose(directions("pinned", 5.0 * one, MESH)[:, 1, 2, 3], one, rtol=1e-15)
    pattern = np.random.default_rng(1).normal(size=(3, *MESH.shape))
    pattern[:, 0, 0, 0] = 0.0
    found = directions("pinned", pattern, MESH)
    length = np.linalg.norm(found, axis=0)
    assert length[0, 0, 0] == 0.0
    np.testing.assert_allclose(length.ravel()[1:], 1.0, rtol=1e-15)


def test_courses():
    assert course("J", 2)(0.5) == 2.0
    assert course("J", lambda t: 3.0 * t)(2.0) == 6.0
    np.testing.assert_array_equal(course("u", (1, 2, 3), (3,))(0.0), [1.0, 2.0, 3.0])


def test_thickness_counts_the_cells_of_a_column():
    magnetic = np.ones(MESH.shape, dtype=bool)
    magnetic[1, 0, 0] = False
    thickness = thickness_of(magnetic, MESH)
    np.testing.assert_allclose(thickness[0, 0, :2], [1.5e-9, 3e-9], rtol=1e-15)
    # What is not counted never divides by 0.
    assert (thickness > 0.0).all()
