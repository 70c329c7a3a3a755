"""Given fields: slope of their energy, courses in time."""

import numpy as np
import pytest
from lattices import SHAPES, lattice, moments, slope

from spinneuron.physics.lattice.zeeman import Zeeman


@pytest.mark.parametrize(("counts", "periodic"), SHAPES)
@pytest.mark.parametrize("uniform", [True, False])
def test_field_is_the_slope_of_the_energy(counts, periodic, uniform):
    mesh, Ms, rng = lattice(counts, periodic)
    applied = rng.normal(size=3 if uniform else (3, *mesh.shape)) * 1e5
    term, m = Zeeman(mesh, Ms, applied), moments(rng, Ms)
    wanted = np.broadcast_to(applied.reshape(3, 1, 1, 1) if uniform else applied, m.shape)
    np.testing.assert_array_equal(term.field(m), wanted)
    # Linear in m: central differences are exact but for rounding.
    np.testing.assert_allclose(slope(term, m), wanted * (Ms > 0.0), rtol=0.0, atol=1e-4)


def test_courses_in_time():
    mesh, Ms, rng = lattice((3, 2, 1), (0, 0, 0))
    m, turning = moments(rng, Ms), Zeeman(mesh, Ms, lambda t: np.array([np.cos(t), np.sin(t), 0.0]))
    np.testing.assert_array_equal(turning.field(m, 0.3)[:, 0, 0, 0], [np.cos(0.3), np.sin(0.3), 0.0])
    pattern = rng.normal(size=(3, *mesh.shape))
    np.testing.assert_array_equal(Zeeman(mesh, Ms, pattern, lambda t: 2.0 * t).field(m, 3.0), 6.0 * pattern)
    # The field is added to what is there.
    h = np.ones_like(m)
    Zeeman(mesh, Ms, pattern).add(m, h)
    np.testing.assert_array_equal(h, 1.0 + pattern)
