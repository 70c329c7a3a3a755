"""Magnet: moments as given, means, energies, regions and their exchange, states at rest, errors."""

import warnings

import numpy as np
import pytest

from spinneuron.constants import mu0
from spinneuron.lattice import Magnet, Material
from spinneuron.mesh import Mesh
from spinneuron.quantity import InputError

MESH = Mesh((6, 4, 2), (3e-9,) * 3)
HALVES = {"left": lambda x, y, z: x < 0.0, "right": lambda x, y, z: x > 0.0}


def magnet(mesh=MESH, demag=False, **options):
    material = {name: options.pop(name) for name in ("Ms", "Aex", "Ku", "easy_axis", "alpha", "Kc1") if name in options}
    return Magnet(mesh, Material(**{"Ms": 8e5, "Aex": 1e-11, **material}), demag=demag, **options)


@pytest.mark.parametrize(
    "given",
    [
        (0.0, 3.0, 4.0),
        np.broadcast_to(np.reshape((0.0, 3.0, 4.0), (3, 1, 1, 1)), (3, *MESH.shape)),
        lambda x, y, z: (0.0, 3.0, 4.0 + 0.0 * x),
    ],
)
def test_moments_from_anything(given):
    one = magnet(shape="ellipsoid")
    one.m = given
    np.testing.assert_allclose(one.m[:, one.magnetic].T, np.tile([0.0, 0.6, 0.8], (one.magnetic.sum(), 1)), rtol=1e-15)
    assert not one.m[:, ~one.magnetic].any()
    np.testing.assert_allclose(one.mean, [0.0, 0.6, 0.8], atol=1e-15)


def test_moments_are_a_copy_that_stays():
    one, given = magnet(), np.ones((3, *MESH.shape))
    there = one.m
    one.m = given
    assert one.m is there
    assert (given == 1.0).all()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((1.0, 0.0), r"m: needs shape \(3,\) or \(3, 2, 4, 6\), got \(2,\)"),
        ((0.0, 0.0, 0.0), "without direction"),
        ((np.nan, 0.0, 1.0), "without direction"),
        (np.ones((3, 4, 2, 6)), "m: needs shape"),
        ("vortex", 'm = "vortex": a vector, an array or a function'),
        (lambda x, y, z: (x * 0.0, y * 0.0, z * 0.0), "without direction"),
    ],
)
def test_errors_of_moments(given, message):
    one = magnet()
    one.m = (0.0, 1.0, 0.0)
    with pytest.raises(InputError, match=message):
        one.m = given
    # what was there stays
    np.testing.assert_array_equal(one.mean, [0.0, 1.0, 0.0])


def test_the_mean_is_weighted():
    one = magnet(Ms={"left": 1e6, "right": 5e5}, regions=HALVES)
    one.m = lambda x, y, z: (np.where(x < 0.0, 1.0, -1.0), 0.0, 0.0)
    np.testing.assert_allclose(one.mean, [(1e6 - 5e5) / 1.5e6, 0.0, 0.0], rtol=1e-14)


def test_energies_are_those_of_the_terms():
    one = magnet(demag=True, Ku=1e5, Kc1=1e4, applied_field=(0.0, 0.0, 1e5))
    one.m = (1.0, 0.0, 0.0)
    found, volume = one.energies(), MESH.cells * MESH.cell_volume
    assert set(found) == {"exchange", "anisotropy", "cubic", "demag", "zeeman"}
    assert found["anisotropy"] == pytest.approx(1e5 * volume)
    assert found["cubic"] == found["zeeman"] == found["exchange"] == 0.0
    assert 0.0 < found["demag"] < one.Km * volume
    assert one.energy() == pytest.approx(sum(found.values()))
    np.testing.assert_allclose(
        one.field(), sum(term.field(one.m) for term in one.terms.values()), rtol=1e-12, atol=1e-6
    )


def test_terms_without_numbers_are_not_there():
    assert set(magnet(Aex=0.0).terms) == {"zeeman"}


def test_a_field_may_change_in_time():
    one = magnet(applied_field=lambda t: np.array([0.0, 0.0, 1e5 * np.cos(1e9 * t)]))
    one.m = (0.0, 0.0, 1.0)
    volume = MESH.cells * MESH.cell_volume
    assert one.energies(1e-9)["zeeman"] == pytest.approx(-mu0 * 8e5 * 1e5 * np.cos(1.0) * volume)


def test_regions_are_coupled_as_told():
    def wall(factor):
        one = magnet(regions=HALVES, exchange={("left", "right"): factor})
        one.m = lambda x, y, z: (np.where(x < 0.0, 1.0, 0.0), np.where(x < 0.0, 0.0, 1.0), 0.0)
        return one.energies()["exchange"]

    # faces of the plane between: 8, moments at right angles; A (1 - cos) 2 / d^2 of each pair of cells
    assert wall(1.0) == pytest.approx(8 * 2.0 * 1e-11 * 3e-9)
    assert wall(0.25) == pytest.approx(0.25 * wall(1.0))
    assert wall(0.0) == 0.0
    assert wall(-1.0) == pytest.approx(-wall(1.0))


def test_the_field_of_a_pair_is_that_of_the_other_order():
    one, other = (magnet(regions=HALVES, exchange={pair: 0.3}) for pair in (("left", "right"), ("right", "left")))
    for each in (one, other):
        each.m = lambda x, y, z: (x + 1e-9, y, 2e-9)
    np.testing.assert_array_equal(one.field(), other.field())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"Ms": 0.0}, "Ms: is 0 in all cells"),
        ({"applied_field": (1.0, 2.0)}, "applied_field: needs three finite numbers"),
        ({"applied_field": (1.0, np.inf, 0.0)}, "applied_field: needs three finite numbers"),
        (
            {"regions": HALVES, "exchange": {("left", "rigth"): 0.0}},
            "exchange: .* is no pair of regions; regions: left",
        ),
        ({"regions": HALVES, "exchange": {("left",): 0.0}}, "is no pair of regions"),
        ({"shape": "sphere"}, "shape = "),
    ],
)
def test_errors(options, message):
    with pytest.raises(InputError, match=message) as caught:
        magnet(**options)
    assert "\n" not in str(caught.value)


def test_minimize_and_relax_find_the_same_state():
    ends = []
    for way in ("minimize", "relax"):
        one = magnet(Mesh((16, 4, 1), (5e-9, 5e-9, 3e-9)), demag=True, applied_field=(0.0, 2e4, 0.0))
        one.m = (1.0, 0.2, 0.1)
        before = one.energy()
        found = getattr(one, way)(tolerance=1e-6)
        assert found.converged
        assert found.torque <= 1e-6 * 8e5
        assert one.energy() < before
        ends.append(one.m.copy())
    # a torque of 1e-6 Ms over the softest mode, 0.05 Ms
    np.testing.assert_allclose(ends[0], ends[1], atol=1e-4)


def test_relax_gives_up():
    one = magnet(Ku=1e5)
    one.m = (1.0, 0.0, 0.1)
    assert not one.relax(tolerance=1e-9, longest=1e-13).converged


def test_rest_does_not_know_the_damping():
    ends = []
    for alpha in (0.0, 0.5):
        one = magnet(Ku=1e5, alpha=alpha)
        one.m = (1.0, 0.0, 0.1)
        assert one.minimize().converged
        ends.append(one.m.copy())
    np.testing.assert_array_equal(*ends)
    with pytest.raises(InputError, match="tolerance"):
        one.minimize(tolerance=0.0)


def test_cells_beyond_the_exchange_length_are_warned_of():
    with pytest.warns(UserWarning, match=r"cell = 10 nm: larger than the exchange length, 5.69 nm; take smaller"):
        Magnet(Mesh((2, 1, 1), (1e-8, 1e-9, 1e-9)), Material(Ms=8e5, Aex=1.3e-11))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Magnet(Mesh((2, 1, 1), (5e-9, 1e-8, 1e-8)), Material(Ms=8e5, Aex=1.3e-11))


@pytest.mark.parametrize("stray", [True, False])
def test_more_cells_than_memory_are_refused_before_a_shape_is_asked_for(stray):
    def shape(x, y, z):
        raise AssertionError("the shape was asked for")

    with pytest.raises(InputError, match=r"counts = 30000 x 30000 x 2: a magnet needs .* GiB, this machine has"):
        Magnet(Mesh((30_000, 30_000, 2), (2e-9,) * 3), Material(Ms=8e5), shape=shape, demag=stray)


def test_single_precision_of_the_stray_field_alone():
    mesh, material = Mesh((24, 16, 2), (4e-9,) * 3), Material(Ms=8e5, Aex=1.3e-11, Ku=1e4)
    double, single = (Magnet(mesh, material, shape="ellipsoid", precision=kind) for kind in ("float64", "float32"))
    double.m = single.m = np.random.default_rng(1).normal(size=(3, *mesh.shape))
    for name, term in double.terms.items():
        exact, found = (one.field(double.m, 0.0) for one in (term, single.terms[name]))
        # seven digits of the largest
        np.testing.assert_allclose(found, exact, rtol=0.0, atol=(1e-6 if name == "demag" else 0.0) * abs(exact).max())
    assert not np.array_equal(double.field(), single.field())
    with pytest.raises(InputError, match='precision = "half": .*float64 or float32'):
        Magnet(mesh, material, precision="half")
