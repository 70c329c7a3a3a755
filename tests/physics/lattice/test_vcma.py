"""Voltage-controlled anisotropy: slope of its energy, numbers by hand, columns."""

import numpy as np
import pytest
from lattices import SHAPES, assert_is_slope, lattice, moments, unit_vectors

from spinneuron.constants import mu0
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.anisotropy import Uniaxial
from spinneuron.physics.lattice.vcma import VCMA
from spinneuron.quantity import InputError


@pytest.mark.parametrize(("counts", "periodic"), SHAPES)
def test_field_is_the_slope_of_the_energy(counts, periodic):
    mesh, Ms, rng = lattice(counts, periodic)
    profile = rng.uniform(0.5, 2.0, mesh.shape)
    axis = unit_vectors(rng, mesh.shape)
    term = VCMA(mesh, Ms, lambda t: 0.5 * t, xi=60e-15, barrier=1e-9, axis=axis, profile=profile)
    assert_is_slope(term, moments(rng, Ms), t=2.0)
    assert term.energy(moments(rng, Ms), 0.0) == 0.0


def test_it_is_an_anisotropy_that_a_positive_voltage_weakens():
    # 60 fJ/(V m) at 1 V over 1.5 nm of barrier take 40 uJ/m^2, here of 2 nm.
    mesh, Ms, rng = lattice((3, 3, 2), (0, 0, 0))
    Ms[:] = 1e6
    mesh = Mesh(mesh.counts, (2e-9, 2e-9, 1e-9))
    m, axis = moments(rng, Ms), np.zeros((3, *mesh.shape))
    axis[2] = 1.0
    term = VCMA(mesh, Ms, 1.0, xi=60e-15, barrier=1.5e-9)
    plain = Uniaxial(mesh, Ms, np.full(mesh.shape, -2e4), np.zeros(mesh.shape), axis)
    np.testing.assert_allclose(term.field(m), plain.field(m), rtol=1e-13, atol=0.0)
    assert term.energy(m) == pytest.approx(plain.energy(m), rel=1e-13)
    up = np.array([0.0, 0.0, 1.0]).reshape(3, 1, 1, 1) * np.ones(m.shape)
    np.testing.assert_allclose(term.field(up)[2], -2.0 * 2e4 / (mu0 * 1e6), rtol=1e-13)


def test_the_areal_energy_is_that_of_the_column_wherever_it_is_spread():
    mesh = Mesh((1, 1, 4), (2e-9, 2e-9, 1e-9))
    Ms = np.full(mesh.shape, 1e6)
    lowest = np.zeros(mesh.shape)
    lowest[0] = 1.0
    along = np.array([1.0, 0.0, 0.0]).reshape(3, 1, 1, 1) * np.ones((3, *mesh.shape))
    for profile in (None, lowest):
        term = VCMA(mesh, Ms, 0.5, xi=60e-15, barrier=1.5e-9, profile=profile)
        assert term.energy(along) == pytest.approx(-60e-15 * 0.5 / 1.5e-9 * 4e-18, rel=1e-13)


def test_mistakes_are_named():
    mesh, Ms = Mesh((2, 2, 1), (5e-9, 5e-9, 2e-9)), np.full((1, 2, 2), 1e6)
    with pytest.raises(InputError, match="barrier"):
        VCMA(mesh, Ms, 1.0, xi=60e-15, barrier=0.0)
    with pytest.raises(InputError, match="xi"):
        VCMA(mesh, Ms, 1.0, xi=np.nan, barrier=1e-9)
    with pytest.raises(InputError, match="V: needs one number"):
        VCMA(mesh, Ms, [1.0, 2.0], xi=60e-15, barrier=1e-9)
