"""Exchange through a spacer: slope of its energy, which cells see each other, angles and fields of two layers."""

import numpy as np
import pytest
from lattices import assert_is_slope, assert_lanes_are_alone, lattice, moments

from spinneuron.constants import mu0
from spinneuron.dynamics.lattice.minimizer import minimize
from spinneuron.dynamics.lattice.motion import total
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.anisotropy import Uniaxial
from spinneuron.physics.lattice.interlayer import Interlayer, add_interlayer, facing
from spinneuron.physics.lattice.zeeman import Zeeman
from spinneuron.quantity import InputError


def halves(mesh, split):
    """Masks of the layers below and above a height."""
    lower = np.zeros(mesh.shape, dtype=bool)
    lower[:split] = True
    return lower, ~lower


def test_field_is_the_slope_of_the_energy():
    mesh, Ms, rng = lattice((4, 3, 5), (1, 1, 0))
    J1, J2 = rng.uniform(-1e-3, 1e-3, (2, 3, 4))
    term = Interlayer(mesh, Ms, *halves(mesh, 2), J1, J2)
    assert_is_slope(term, moments(rng, Ms), terms_of_fourth_order=True)


def test_replicas_side_by_side_do_not_meet():
    mesh, Ms, rng = lattice((4, 3, 5), (0, 0, 0))
    pairs = Interlayer(mesh, Ms, *halves(mesh, 2), -1e-3, -2e-4).pairs

    def add(m, h, lanes):
        add_interlayer(m.reshape(3, -1), h.reshape(3, -1), pairs, lanes, 1.0)

    assert_lanes_are_alone(add, moments(rng, Ms))


def test_pairs_are_the_next_cells_over_empty_ones():
    # Columns from below; L, U, another magnet X, empty .
    columns = {"LU": [(0, 1)], "L..U": [(0, 3)], "LLUU": [(1, 2)], "LXU": [], "L.X.U": [], "UL": [], "L": []}
    columns |= {"LULU": [(0, 1), (2, 3)], ".L.U": [(1, 3)]}
    for column, wanted in columns.items():
        cells = np.array(list(column))
        magnetic, lower, upper = ((test).reshape(-1, 1, 1) for test in (cells != ".", cells == "L", cells == "U"))
        assert list(zip(*facing(magnetic, lower, upper), strict=True)) == wanted


def test_field_by_hand():
    mesh, Ms = Mesh((1, 1, 3), (3e-9, 3e-9, 2e-9)), np.array([8e5, 0.0, 5e5]).reshape(3, 1, 1)
    m = np.zeros((3, 3, 1, 1))
    m[0, 0], m[0, 2], m[1, 2] = 1.0, 0.6, 0.8
    term = Interlayer(mesh, Ms, *halves(mesh, 1), -1e-3, -3e-4)
    J = -1e-3 + 2.0 * -3e-4 * 0.6
    h = term.field(m)
    np.testing.assert_allclose(h[:, 0, 0, 0], J * np.array([0.6, 0.8, 0.0]) / (mu0 * 8e5 * 2e-9), rtol=1e-14)
    np.testing.assert_allclose(h[:, 2, 0, 0], J * np.array([1.0, 0.0, 0.0]) / (mu0 * 5e5 * 2e-9), rtol=1e-14)
    assert term.energy(m) == pytest.approx((1e-3 * 0.6 + 3e-4 * 0.36) * 9e-18, rel=1e-14)


def bilayer(J1, J2, applied, K=0.0, start=((1.0, 0.1), (0.9, -0.2)), tolerance=1e-9):
    """Two macrospins of 2 nm in a plane at rest, easy axis x; their directions (2, 3)."""
    mesh, Ms = Mesh((1, 1, 2), (3e-9, 3e-9, 2e-9)), np.full((2, 1, 1), 8e5)
    axis, full = np.zeros((3, *mesh.shape)), np.ones(mesh.shape)
    axis[0] = 1.0
    terms = [Interlayer(mesh, Ms, *halves(mesh, 1), J1, J2), Zeeman(mesh, Ms, np.asarray(applied, dtype=float))]
    terms.append(Uniaxial(mesh, Ms, K * full, 0.0 * full, axis))
    m = np.zeros((3, *mesh.shape))
    m[:2, :, 0, 0] = np.array(start).T
    m /= np.linalg.norm(m, axis=0)
    assert minimize(total(terms), m, tolerance=tolerance * 8e5, most=20_000).converged
    return m[:, :, 0, 0].T


@pytest.mark.parametrize("fraction", [0.2, 0.7])
def test_antiparallel_layers_scissor_up_to_saturation(fraction):
    # E / area = J cos(2 a) - 2 mu0 Ms H t cos(a):  cos(a) = H / H_s,  H_s = 2 |J1| / (mu0 Ms t)
    saturation = 2.0 * 1e-3 / (mu0 * 8e5 * 2e-9)
    for m in bilayer(-1e-3, 0.0, (fraction * saturation, 0.0, 0.0)):
        assert m[0] == pytest.approx(fraction, abs=1e-7)


def test_biquadratic_coupling_opens_an_angle():
    # E = -J1 c - J2 c^2 with J2 < 0 is least at c = -J1 / (2 J2)
    one, other = bilayer(2e-4, -5e-4, (0.0, 0.0, 0.0))
    assert one @ other == pytest.approx(0.2, abs=1e-7)


def test_layers_flop_where_the_books_have_it():
    # Antiparallel along the easy axis, the layers lose their stability at mu0 H = sqrt(B_A (2 B_E + B_A)) with the
    # fields of exchange, B_E = |J1| / (Ms t), and of anisotropy, B_A = 2 K / Ms.
    K, J, t, Ms = 5e4, 4e-4, 2e-9, 8e5
    exchange, anisotropy = J / (Ms * t), 2.0 * K / Ms
    flop = np.sqrt(anisotropy * (anisotropy + 2.0 * exchange)) / mu0
    start = ((1.0, 0.01), (-1.0, 0.012))
    for factor, flopped in ((0.99, False), (1.01, True)):
        one, other = bilayer(-J, 0.0, (factor * flop, 0.0, 0.0), K, start)
        assert (one @ other > -0.999) == flopped


def test_mistakes_are_named():
    mesh, Ms = Mesh((2, 2, 3), (3e-9, 3e-9, 2e-9)), np.full((3, 2, 2), 8e5)
    lower, upper = halves(mesh, 1)
    top = upper.copy()
    top[1] = False
    with pytest.raises(InputError, match="face each other in no column"):
        Interlayer(mesh, Ms, lower, top, -1e-3)
    with pytest.raises(InputError, match="lower: lies above upper"):
        Interlayer(mesh, Ms, upper, lower, -1e-3)
    with pytest.raises(InputError, match="J1: needs one number"):
        Interlayer(mesh, Ms, lower, upper, np.ones(7))
    with pytest.raises(InputError, match="J2: holds nan"):
        Interlayer(mesh, Ms, lower, upper, 1e-3, np.nan)
