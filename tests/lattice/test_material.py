"""Materials over the cells: numbers, regions, arrays and functions, and one line for every error."""

import numpy as np
import pytest

from spinneuron.lattice.material import QUANTITIES, Material, over_cells
from spinneuron.mesh import Mesh
from spinneuron.quantity import InputError

MESH = Mesh((4, 3, 2), (1e-9,) * 3)
LEFT = np.broadcast_to(np.arange(4) < 2, MESH.shape)
REGIONS = {"left": LEFT, "right": ~LEFT}


def values(regions=REGIONS, **fields):
    return over_cells(Material(**{"Ms": 8e5, **fields}), MESH, regions)


def test_one_value_is_that_of_all_cells():
    found = values(Aex=1e-11, alpha=0.02)
    assert set(found) == set(QUANTITIES)
    for name, kind in QUANTITIES.items():
        assert found[name].shape == (*kind.shape, *MESH.shape)
    assert (found["Aex"] == 1e-11).all()
    np.testing.assert_array_equal(found["easy_axis"][:, 1, 2, 3], [0.0, 0.0, 1.0])


def test_regions_arrays_and_functions():
    found = values(Ku={"left": 1e5, "right": -2e5}, alpha=np.full(MESH.shape, 0.3), Aex=lambda x, y, z: 1e-11 + 0.0 * x)
    np.testing.assert_array_equal(found["Ku"], np.where(LEFT, 1e5, -2e5))
    assert (found["alpha"] == 0.3).all()
    assert (found["Aex"] == 1e-11).all()


def test_no_magnet_outside_of_all_regions():
    found = values({"left": LEFT}, Ms={"left": 1e6})
    np.testing.assert_array_equal(found["Ms"], np.where(LEFT, 1e6, 0.0))


def test_directions_are_unit_vectors():
    found = values(easy_axis={"left": (0.0, 3.0, 4.0), "right": (2.0, 0.0, 0.0)})["easy_axis"]
    np.testing.assert_allclose(found[:, 0, 0, 0], [0.0, 0.6, 0.8], rtol=1e-15)
    np.testing.assert_allclose(found[:, 0, 0, 3], [1.0, 0.0, 0.0], rtol=1e-15)


def test_a_direction_may_be_a_function():
    found = values(easy_axis=lambda x, y, z: (x, 0.0 * y, 1e-9))["easy_axis"]
    np.testing.assert_allclose(found[:, 0, 0, 3], np.array([1.5, 0.0, 1.0]) / np.sqrt(3.25), rtol=1e-14)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"Ms": -1.0}, "Ms = -1 A/m: must not be negative"),
        ({"Aex": {"left": 1e-11, "right": -1e-11}}, "Aex = -1e-11 J/m: must not be negative"),
        ({"alpha": np.nan}, "alpha: holds nan; only finite numbers"),
        ({"Ku": np.inf}, "Ku: holds inf"),
        ({"Ku": {"left": 1.0}}, 'Ku: has no value for region "right"'),
        ({"Ku": {"left": 1.0, "right": 1.0, "rihgt": 2.0}}, 'Ku: unknown region "rihgt"; did you mean'),
        ({"Ku": np.zeros((3, 3, 4))}, r"Ku: needs one value or shape \(2, 3, 4\), got \(3, 3, 4\)"),
        ({"Ku": "much"}, "Ku = .*numbers are needed"),
        ({"Ku": {"left": (1.0, 2.0), "right": 1.0}}, r"needs shape \(\), got \(2,\)"),
        ({"easy_axis": (0.0, 0.0, 0.0)}, "easy_axis: a direction is needed, not 0"),
        ({"easy_axis": (1.0, 0.0)}, "easy_axis"),
    ],
)
def test_errors(fields, message):
    with pytest.raises(InputError, match=message) as caught:
        values(**fields)
    assert "\n" not in str(caught.value)


def test_regions_that_are_not_there():
    with pytest.raises(InputError, match="there are no regions"):
        values({}, Ku={"left": 1.0})


def test_cubic_axes_stay_orthogonal():
    found = values(cubic_axes=((1.0, 1.0, 0.0), (-1.0, 1.0, 0.0)))["cubic_axes"]
    np.testing.assert_allclose(np.einsum("ikzyx,jkzyx->ijzyx", found, found)[:, :, 0, 0, 0], np.eye(2), atol=1e-15)


def test_axes_that_are_not_orthogonal():
    with pytest.raises(InputError, match="cubic_axes"):
        values(Kc1=1e4, cubic_axes=((1.0, 0.0, 0.0), (1.0, 1.0, 0.0)))


def test_a_direction_of_a_region_that_is_0():
    with pytest.raises(InputError, match="easy_axis"):
        values(Ku=1e5, easy_axis={"left": (0.0, 0.0, 0.0), "right": (0.0, 0.0, 1.0)})
