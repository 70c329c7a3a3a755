"""Small lattices with holes, all cells different, and the slope of an energy: for the tests of their fields."""

import numpy as np

from spinneuron.constants import mu0
from spinneuron.mesh import Mesh

# A box, a row with a single cell along x, a row of two, a plane; open, rings along some axes, rings along all.
SHAPES = [((5, 4, 3), (0, 0, 0)), ((5, 4, 3), (1, 0, 2)), ((1, 4, 2), (0, 1, 0)), ((2, 1, 1), (0, 0, 0))]
SHAPES += [((3, 2, 1), (1, 1, 1)), ((1, 1, 1), (0, 0, 0))]


def lattice(counts, periodic, seed=1):
    """A mesh of bricks, Ms with holes, and a generator of random numbers."""
    rng = np.random.default_rng(seed)
    mesh = Mesh(counts, (2e-9, 3e-9, 1.5e-9), periodic)
    Ms = np.where(rng.random(mesh.shape) > 0.2, rng.uniform(5e5, 1e6, mesh.shape), 0.0)
    Ms.flat[0] = 8e5
    return mesh, Ms, rng


def moments(rng, Ms):
    """Random directions, 0 in holes."""
    m = rng.normal(size=(3, *Ms.shape))
    return m / np.linalg.norm(m, axis=0) * (Ms > 0.0)


def unit_vectors(rng, shape):
    """Random directions everywhere."""
    return moments(rng, np.ones(shape))


def slope(term, m, t=0.0, step=1e-5):
    """Field that the energy wants, ``-(1 / mu0 Ms V) dE/dm``, by central differences; 0 in holes."""
    field, Ms = np.zeros_like(m), term.Ms * term.Ms_factor
    for place in zip(*np.nonzero(np.broadcast_to(term.Ms > 0.0, m.shape)), strict=True):
        ends = []
        for sign in (1.0, -1.0):
            moved = m.copy()
            moved[place] += sign * step
            ends.append(term.energy(moved, t))
        field[place] = -(ends[0] - ends[1]) / (2.0 * step * mu0 * Ms[place[1:]] * term.mesh.cell_volume)
    return field


def assert_is_slope(term, m, t=0.0, terms_of_fourth_order=False):
    """The field is the slope of the energy, to what central differences can tell.

    Of a sum of E / step with the rounding of E: some 1e-10 of the largest field; for energies of fourth order in m the
    third derivative adds step^2 / 6 of theirs.
    """
    field = term.field(m, t)
    scale = np.abs(field).max()
    assert scale > 0.0
    np.testing.assert_allclose(
        field, slope(term, m, t), rtol=0.0, atol=(5e-9 if terms_of_fourth_order else 2e-9) * scale
    )
    assert not field[:, term.Ms == 0.0].any()


def assert_lanes_are_alone(add, m, lanes=3):
    """Replicas side by side get the bits that each gets alone; ``add(m, h, lanes)`` adds a field."""
    rng = np.random.default_rng(7)
    replicas = [m] + [m[[1, 2, 0]] * rng.choice([-1.0, 1.0]) for _ in range(lanes - 1)]
    side = np.ascontiguousarray(np.stack(replicas, axis=-1)).reshape(*m.shape[:3], -1)
    h = np.zeros_like(side)
    add(side, h, lanes)
    for lane, replica in enumerate(replicas):
        alone = np.zeros_like(m)
        add(np.ascontiguousarray(replica), alone, 1)
        assert alone.any() or m[0].size == 1
        np.testing.assert_array_equal(h.reshape(*m.shape, lanes)[..., lane], alone)
