"""Shape correction: a uniform magnet has the energy of its true shape, whatever the cells."""

import numpy as np
import pytest

from spinneuron.constants import mu0
from spinneuron.geometry import demagnetizing_factors
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.demag import Demag
from spinneuron.physics.lattice.shape import ShapeCorrection
from tests.lattices import assert_is_slope, moments

SIZE = (45e-9, 10e-9, 50e-9)


def corrected(cell, shape):
    mesh = Mesh.of(SIZE, cell)
    Ms = np.where(mesh.mask(shape), 8e5, 0.0)
    demag = Demag.of(mesh, Ms)
    width, length, thickness = demagnetizing_factors(shape, SIZE[1], SIZE[0], SIZE[2])
    return mesh, Ms, demag, ShapeCorrection(mesh, Ms, demag, (length, width, thickness)), (length, width, thickness)


@pytest.mark.parametrize("shape", ["elliptic-cylinder", "ellipsoid"])
def test_a_uniform_magnet_has_the_factors_of_its_shape(shape):
    mesh, Ms, demag, term, factors = corrected(5e-9, shape)
    for axis, N in enumerate(factors):
        m = np.zeros((3, *mesh.shape))
        m[axis] = Ms > 0.0
        energy = demag.energy(m) + term.energy(m)
        assert energy == pytest.approx(0.5 * mu0 * N * (Ms**2).sum() * mesh.cell_volume, rel=1e-12)


def test_a_prism_needs_none():
    assert np.abs(corrected(5e-9, "prism")[3].difference).max() < 1e-12


def test_it_goes_with_the_cell():
    coarse, fine = (np.abs(corrected(cell, "elliptic-cylinder")[3].difference).max() for cell in (2.5e-9, 1.25e-9))
    assert fine < 0.7 * coarse


def test_it_is_the_slope_of_its_energy():
    _, Ms, _, term, _ = corrected(5e-9, "ellipsoid")
    assert_is_slope(term, moments(np.random.default_rng(2), Ms))
