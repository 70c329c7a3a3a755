"""Fields of a magnet whose columns differ in temperature: slopes of their energies; even ones as by one number."""

import numpy as np
import pytest
from lattices import assert_is_slope, lattice, moments, unit_vectors

from spinneuron.constants import mu0
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.anisotropy import Cubic, Uniaxial
from spinneuron.physics.lattice.demag import Demag
from spinneuron.physics.lattice.dmi import DMI
from spinneuron.physics.lattice.exchange import Exchange, between
from spinneuron.physics.lattice.interlayer import Interlayer
from spinneuron.physics.lattice.oersted import Oersted
from spinneuron.physics.lattice.shape import ShapeCorrection
from spinneuron.physics.lattice.vcma import VCMA
from spinneuron.physics.lattice.zeeman import Zeeman

COUNTS = (5, 4, 3)


def cubic_axes(rng, shape):
    first = unit_vectors(rng, shape)
    second = np.cross(first, unit_vectors(rng, shape), axis=0)
    return np.stack([first, second / np.linalg.norm(second, axis=0)])


def exchange(mesh, Ms, rng):
    numbers = (np.arange(mesh.cells) % 2).reshape(mesh.shape)
    return Exchange(mesh, Ms, rng.uniform(0.5e-11, 1.5e-11, mesh.shape), between(numbers, {(0, 1): 0.6}))


def dmi(mesh, Ms, rng):
    A, D, E = rng.uniform(0.5e-11, 1.5e-11, mesh.shape), *rng.uniform(-2e-3, 2e-3, (2, *mesh.shape))
    return DMI(mesh, Ms, A, D, E)


def interlayer(mesh, Ms, rng):
    lower = np.zeros(mesh.shape, bool)
    lower[0] = True
    return Interlayer(mesh, Ms, lower, ~lower, *rng.uniform(-1e-3, 1e-3, (2, *mesh.shape[1:])))


TERMS = {
    "exchange": exchange,
    "dmi": dmi,
    "interlayer": interlayer,
    "uniaxial": lambda mesh, Ms, rng: Uniaxial(
        mesh, Ms, *rng.uniform(-3e5, 3e5, (2, *mesh.shape)), unit_vectors(rng, mesh.shape)
    ),
    "cubic": lambda mesh, Ms, rng: Cubic(
        mesh, Ms, *rng.uniform(-3e5, 3e5, (2, *mesh.shape)), cubic_axes(rng, mesh.shape)
    ),
    "demag": lambda mesh, Ms, rng: Demag.of(mesh, Ms),
    "shape": lambda mesh, Ms, rng: ShapeCorrection(mesh, Ms, Demag.of(mesh, Ms), (0.2, 0.3, 0.5)),
    "zeeman": lambda mesh, Ms, rng: Zeeman(mesh, Ms, rng.normal(size=(3, *mesh.shape))),
    "oersted": lambda mesh, Ms, rng: Oersted.of(mesh, Ms, np.ones(mesh.shape[1:]), 1e-3),
    "vcma": lambda mesh, Ms, rng: VCMA(mesh, Ms, 0.4, xi=5e-14, barrier=1e-9),
}
# what no temperature changes by itself: a given field
GIVEN = ("zeeman", "oersted")


def made(name):
    mesh, Ms, rng = lattice(COUNTS, (0, 1, 0) if name == "exchange" else (0, 0, 0))
    if name in (*GIVEN, "demag"):
        # fields that are there without a magnet, too
        Ms = rng.uniform(5e5, 1e6, mesh.shape)
    return TERMS[name](mesh, Ms, rng), moments(rng, Ms), rng


@pytest.mark.parametrize("name", TERMS)
def test_field_is_the_slope_of_the_energy(name):
    term, m, rng = made(name)
    r = rng.uniform(0.5, 1.0, term.mesh.shape[1:])
    # that of the stray field is Ms itself, as its energy has it squared
    factor = 1.0 if name in GIVEN else r if name in ("demag", "shape") else r**1.2
    cold = term.field(m)
    term.warm(factor, r)
    assert_is_slope(term, m, terms_of_fourth_order=name in ("interlayer", "uniaxial", "cubic"))
    assert (name in GIVEN) == np.array_equal(term.field(m), cold)
    term.warm(1.0, 1.0)
    np.testing.assert_array_equal(term.field(m), cold)


@pytest.mark.parametrize("name", TERMS)
def test_columns_of_one_temperature_are_a_magnet_of_it(name):
    term, m, _ = made(name)
    term.warm(0.8, 0.9)
    field, energy = term.field(m), term.energy(m)
    even = np.full(term.mesh.shape[1:], 1.0)
    term.warm(0.8 * even, 0.9 * even)
    # the same numbers multiplied in another order
    np.testing.assert_allclose(term.field(m), field, rtol=1e-11, atol=1e-12 * np.abs(field).max())
    assert term.energy(m) == pytest.approx(energy, rel=1e-11)


def test_orders_of_the_anisotropy_follow_apart():
    term, m, rng = made("uniaxial")
    r = rng.uniform(0.5, 1.0, (2, *term.mesh.shape[1:]))
    term.warm(r[0] ** 1.2, r[0], r[0] ** 9)
    assert_is_slope(term, m, terms_of_fourth_order=True)
    second, fourth = (Uniaxial(term.mesh, term.Ms, *K, np.stack(term.axial[2:])) for K in pairs(term))
    wanted = r[0] ** 1.2 * second.field(m) + r[0] ** 9 * fourth.field(m)
    np.testing.assert_allclose(term.field(m), wanted, rtol=1e-11, atol=1e-6)


def pairs(term):
    """The constants of either order alone."""
    return (term.Ku, 0.0 * term.Ku), (0.0 * term.Ku2, term.Ku2)


def test_exchange_between_a_hot_and_a_cold_cell():
    mesh, A, Ms, d = Mesh((2, 1, 1), (3e-9,) * 3), 1e-11, 8e5, 3e-9
    term = Exchange(mesh, np.full(mesh.shape, Ms), np.full(mesh.shape, A))
    m = np.zeros((3, 1, 1, 2))
    m[0, 0, 0, 0] = m[1, 0, 0, 1] = 1.0
    r, n = np.array([[1.0, 0.6]]), 1.8
    term.warm(r ** (n - 1.0), r)
    # A of the face is the harmonic mean of A r^n, the field of each cell is over its own Ms
    mean = 2.0 * A * 0.6**n / (1.0 + 0.6**n)
    wanted = 2.0 * mean / (mu0 * Ms * d**2)
    h = term.field(m)
    assert h[1, 0, 0, 0] == pytest.approx(wanted, rel=1e-12)
    assert h[0, 0, 0, 1] == pytest.approx(wanted / 0.6, rel=1e-12)
