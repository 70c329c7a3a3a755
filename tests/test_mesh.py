"""Mesh: divisions, coordinates, shapes, regions, and one line for every error."""

import numpy as np
import pytest

from spinneuron.mesh import SHAPES, Mesh
from spinneuron.quantity import InputError

MESH = Mesh((4, 3, 2), (2e-9, 3e-9, 5e-9))


def test_sizes_and_shapes():
    assert MESH.shape == (2, 3, 4)
    assert MESH.cells == 24
    assert MESH.cell_volume == pytest.approx(30e-27)
    assert MESH.size == pytest.approx((8e-9, 9e-9, 10e-9))
    x, y, z = MESH.centers()
    assert (x.shape, y.shape, z.shape) == ((1, 1, 4), (1, 3, 1), (2, 1, 1))
    np.testing.assert_allclose(x.ravel(), [-3e-9, -1e-9, 1e-9, 3e-9])
    np.testing.assert_allclose(y.ravel(), [-3e-9, 0.0, 3e-9], atol=1e-24)
    np.testing.assert_allclose(z.ravel(), [-2.5e-9, 2.5e-9])


@pytest.mark.parametrize(
    ("size", "cell", "counts"),
    [
        ((500e-9, 125e-9, 3e-9), 5e-9, (100, 25, 1)),
        ((50e-9, 45e-9, 10e-9), (5e-9, 4e-9, 10e-9), (10, 11, 1)),
        ((1e-9, 1e-9, 1e-9), 5e-9, (1, 1, 1)),
    ],
)
def test_division_fills_the_box(size, cell, counts):
    mesh = Mesh.of(size, cell)
    assert mesh.counts == counts
    np.testing.assert_allclose(mesh.size, size, rtol=1e-15)


def test_plain_numbers_whatever_is_given():
    mesh = Mesh(np.array([4, 3, 2]), [2e-9, 3e-9, 5e-9], np.zeros(3, int))
    assert mesh == MESH
    assert hash(mesh) == hash(MESH)
    assert all(type(n) is int for n in mesh.counts + mesh.periodic)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((4, 3), (1e-9,) * 3), "counts = .*three entries"),
        ((4, (1e-9,) * 3), "counts = 4: three entries"),
        (((4, 3, 0), (1e-9,) * 3), r"counts\[2\] = 0"),
        (((4, 3, 1.5), (1e-9,) * 3), r"counts\[2\] = 1.5"),
        (((4, 3, 1), (1e-9, -1e-9, 1e-9)), r"cell\[1\] = -1"),
        (((4, 3, 1), (1e-9, np.nan, 1e-9)), r"cell\[1\]"),
        (((4, 3, 1), 1e-9), "cell = .*three entries"),
        (((4, 3, 1), (1e-9,) * 3, (0, -1, 0)), r"periodic\[1\] = -1"),
        (((4, 3, 1), (1e-9,) * 3, (0, 1)), "periodic = .*three entries"),
        (((2**11, 2**11, 2**11), (1e-9,) * 3), "too many; take larger cells"),
    ],
)
def test_errors_of_a_mesh(arguments, message):
    with pytest.raises(InputError, match=message) as caught:
        Mesh(*arguments)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("size", "cell", "message"),
    [((1e-9, 0.0, 1e-9), 1e-9, r"size\[1\] = 0"), ((1e-9,) * 3, (1e-9, 1e-9, -1e-9), r"cell\[2\] = -1")],
)
def test_errors_of_a_division(size, cell, message):
    with pytest.raises(InputError, match=message):
        Mesh.of(size, cell)


def test_named_shapes():
    mesh = Mesh((20, 10, 4), (1e-9,) * 3)
    x, y, z = mesh.centers()
    assert mesh.mask("prism").all()
    np.testing.assert_array_equal(
        mesh.mask("elliptic-cylinder"), np.broadcast_to((x / 10e-9) ** 2 + (y / 5e-9) ** 2 <= 1.0, mesh.shape)
    )
    np.testing.assert_array_equal(mesh.mask("ellipsoid"), (x / 10e-9) ** 2 + (y / 5e-9) ** 2 + (z / 2e-9) ** 2 <= 1.0)


@pytest.mark.parametrize(("name", "share"), [("elliptic-cylinder", np.pi / 4), ("ellipsoid", np.pi / 6)])
def test_shapes_have_their_volume(name, share):
    # the error is of the surface, some cells of 200 x 200
    mesh = Mesh((60, 60, 60), (1e-9,) * 3)
    assert mesh.mask(name).mean() == pytest.approx(share, rel=0.01)
    assert name in SHAPES


def test_given_shapes():
    inside = MESH.mask(lambda x, y, z: x > 0.0)
    assert inside.shape == MESH.shape
    np.testing.assert_array_equal(inside.sum(axis=2), 2)
    np.testing.assert_array_equal(MESH.mask(inside), inside)
    # its own copy
    mask = MESH.mask(inside)
    mask[:] = False
    assert inside.any()
    np.testing.assert_array_equal(MESH.mask(inside[:1, :1]), inside)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ("elipsoid", "shape = .*did you mean"),
        (lambda x, y, z: x > 1.0, "holds no cell of the lattice of 8 nm x 9 nm x 10 nm"),
        (np.ones((2, 3, 4)), "must be of bool"),
        (np.ones((2, 2, 3, 4), bool), "must be of bool"),
        (np.ones((3, 3, 4), bool), r"needs shape \(nz, ny, nx\) = \(2, 3, 4\), got \(3, 3, 4\)"),
        (lambda x, y, z: x, "must be of bool"),
    ],
)
def test_errors_of_a_shape(shape, message):
    with pytest.raises(InputError, match=message) as caught:
        MESH.mask(shape)
    assert "\n" not in str(caught.value)


def test_regions_are_numbered():
    numbers = MESH.regions({"left": lambda x, y, z: x < -2e-9, "right": lambda x, y, z: x > 2e-9})
    np.testing.assert_array_equal(numbers[0, 0], [0, -1, -1, 1])
    assert (MESH.regions({}) == -1).all()


def test_errors_of_regions():
    with pytest.raises(InputError, match='region "b": shares 12 cells with region "a"'):
        MESH.regions({"a": "prism", "b": lambda x, y, z: x > 0.0})
    with pytest.raises(InputError, match='region "nowhere": holds no cell'):
        MESH.regions({"nowhere": lambda x, y, z: x > 1.0})


@pytest.mark.parametrize(
    ("size", "cell", "message"),
    [
        (("100 nm", 5e-9, 3e-9), 1e-9, r'size\[0\] = "100 nm": a number in m'),
        ((5e-9,) * 3, "5 nm", r'cell\[0\] = "5 nm": a number in m'),
        ((5e-9,) * 2, 1e-9, "size = .*three entries"),
        ((5e-9,) * 3, (1e-9, 1e-9), "cell = .*three entries"),
    ],
)
def test_errors_of_a_box_that_is_divided(size, cell, message):
    with pytest.raises(InputError, match=message):
        Mesh.of(size, cell)
