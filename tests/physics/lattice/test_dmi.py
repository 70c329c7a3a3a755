"""Dzyaloshinskii-Moriya interaction: slope of its energy, spirals, walls, tilted edges, surfaces to second order."""

import numpy as np
import pytest
from lattices import SHAPES, assert_is_slope, assert_lanes_are_alone, lattice, moments

from spinneuron.dynamics.lattice.minimizer import minimize
from spinneuron.dynamics.lattice.motion import total
from spinneuron.lattice import Magnet, Material
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.anisotropy import Uniaxial
from spinneuron.physics.lattice.dmi import DMI, Faces, add_bulk, add_interface
from spinneuron.physics.lattice.exchange import Exchange, between
from spinneuron.physics.lattice.zeeman import Zeeman

# The standard problem of Cortes-Ortuno et al., New J. Phys. 20, 113015 (2018), whose D is -Dind.
A, D, MS, K = 1.3e-11, 3e-3, 8.6e5, 4e5
ADD = {"interface": add_interface, "bulk": add_bulk}


def strip(n, cell, *, terms=(), surface=True, periodic=0, **constants):
    """A row of cells of the standard material, and its terms."""
    mesh = Mesh((n, 1, 1), (cell, 5e-9, 5e-9), (periodic, 0, 0))
    full, axis = np.ones(mesh.shape), np.zeros((3, *mesh.shape))
    axis[2] = 1.0
    dmi = DMI(mesh, MS * full, A * full, **{name: value * full for name, value in constants.items()})
    if not surface:
        for array in (dmi.interface.sx, dmi.interface.sy, dmi.interface.sz):
            array[:] = 0.0
    anisotropy = Uniaxial(mesh, MS * full, K * full, 0.0 * full, axis)
    return mesh, [Exchange(mesh, MS * full, A * full), dmi, anisotropy, *(term(mesh, MS * full) for term in terms)]


def rest(terms, m):
    """Bring moments to rest; their energy."""
    m = np.ascontiguousarray(m / np.linalg.norm(m, axis=0))
    assert minimize(total(terms), m, tolerance=1e-8 * MS, most=50_000).converged
    return m, sum(term.energy(m) for term in terms)


@pytest.mark.parametrize(("counts", "periodic"), [shape for shape in SHAPES if shape[0] != (1, 1, 1)])
@pytest.mark.parametrize("kinds", [["Dind"], ["Dbulk"], ["Dind", "Dbulk"]])
@pytest.mark.parametrize("cut", [False, True])
def test_field_is_the_slope_of_the_energy(counts, periodic, kinds, cut):
    mesh, Ms, rng = lattice(counts, periodic)
    Ms[:] = np.where(Ms > 0.0, Ms, 7e5) if mesh.cells < 7 else Ms
    factor = between(rng.integers(0, 3, mesh.shape), {(0, 1): 0.3, (2, 1): 0.0}) if cut else None
    constants = {kind: rng.uniform(-3e-3, 3e-3, mesh.shape) for kind in kinds}
    term = DMI(mesh, Ms, rng.uniform(5e-12, 2e-11, mesh.shape), factor=factor, **constants)
    assert_is_slope(term, moments(rng, Ms))


@pytest.mark.parametrize(("counts", "periodic"), [shape for shape in SHAPES if shape[0] != (1, 1, 1)])
@pytest.mark.parametrize("kind", ADD)
def test_replicas_side_by_side_do_not_meet(counts, periodic, kind):
    mesh, Ms, rng = lattice(counts, periodic)
    Ms[:] = np.where(Ms > 0.0, Ms, 7e5) if mesh.cells < 7 else Ms
    Aex, constant = rng.uniform(5e-12, 2e-11, mesh.shape), rng.uniform(-3e-3, 3e-3, mesh.shape)

    def add(m, h, lanes):
        ADD[kind](m, h, Faces.of(mesh, Ms, Aex, constant, kind, lanes=lanes), lanes, 1.0)

    assert_lanes_are_alone(add, moments(rng, Ms))


def test_uniform_moments_in_a_ring_feel_nothing():
    mesh = Mesh((6, 5, 4), (2e-9, 2e-9, 2e-9), (1, 1, 1))
    full = np.ones(mesh.shape)
    term = DMI(mesh, MS * full, A * full, D * full, 2.0 * D * full)
    m = np.broadcast_to(np.array([0.6, 0.0, 0.8]).reshape(3, 1, 1, 1), (3, *mesh.shape)).copy()
    # Sums of four numbers that cancel in pairs.
    assert np.abs(term.field(m)).max() < 1e-9


@pytest.mark.parametrize("kind", ["Dind", "Dbulk"])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_energy_and_sense_of_a_spiral(kind, sign):
    n, turn = 16, 2.0 * np.pi / 16
    mesh, (_, term, *_) = strip(n, 2e-9, periodic=1, **{kind: sign * D})
    phase = turn * np.arange(n).reshape(mesh.shape)
    # Dind > 0: from +z towards -x; Dbulk > 0: from +y towards +z.
    spiral = (
        [-np.sin(phase), 0.0 * phase, np.cos(phase)] if kind == "Dind" else [0.0 * phase, np.cos(phase), np.sin(phase)]
    )
    # D sin(q d) / d, which is D q for long waves
    np.testing.assert_allclose(term.energy_density(np.stack(spiral)), -sign * D * np.sin(turn) / 2e-9, rtol=1e-13)
    across = (
        [0.0 * phase, np.cos(phase), np.sin(phase)] if kind == "Dind" else [np.sin(phase), 0.0 * phase, np.cos(phase)]
    )
    assert abs(term.energy_density(np.stack(across))).max() < 1e-9 * D / 2e-9


def test_both_kinds_along_all_axes():
    # m_z div m - (m.grad) m_z and m.curl m of a plane wave along each axis, written out.
    n, d = 32, 1e-9
    for axis in range(3):
        counts = [1, 1, 1]
        counts[axis] = n
        mesh = Mesh(tuple(counts), (d, d, d), (1, 1, 1))
        full, phase = np.ones(mesh.shape), (2.0 * np.pi * np.arange(n) / n).reshape(mesh.shape)
        m = np.stack([np.cos(phase), np.sin(phase + 0.3), np.cos(phase + 1.0)])
        grad = np.stack([(np.roll(c, -1, 2 - axis) - np.roll(c, 1, 2 - axis)) / (2.0 * d) for c in m])
        curl = np.cross(np.eye(3)[axis], grad, axisb=0).transpose(3, 0, 1, 2)
        div = m[2] * grad[axis] - m[axis] * grad[2] if axis < 2 else 0.0 * phase
        interface, bulk = (DMI(mesh, MS * full, A * full, **{kind: D * full}) for kind in ("Dind", "Dbulk"))
        # The same sums, in another order.
        np.testing.assert_allclose(interface.energy_density(m), D * div, rtol=0.0, atol=1e-12 * D / d)
        np.testing.assert_allclose(bulk.energy_density(m), D * (m * curl).sum(axis=0), rtol=0.0, atol=1e-12 * D / d)


def test_ground_state_is_a_spiral_of_4_pi_A_over_D():
    # Energies of rings of one turn, without anisotropy: the best length is the period, the energy -D^2 / 4 A.
    lengths = 4.0 * np.pi * A / D * np.array([0.9, 1.0, 1.1])
    energies = []
    for length in lengths:
        mesh, (exchange, dmi, *_) = strip(200, length / 200, periodic=1, Dind=D)
        phase = 2.0 * np.pi * np.arange(200).reshape(mesh.shape) / 200
        m, energy = rest([exchange, dmi], np.stack([-np.sin(phase), 0.0 * phase, np.cos(phase)]))
        energies.append(energy / (length * 25e-18))
    # Of second order in the angle of 1.8 degrees from cell to cell.
    assert energies[1] == pytest.approx(-(D**2) / (4.0 * A), rel=3e-4)
    best = -0.5 * np.polyfit(1.0 / lengths, energies, 2)[1] / np.polyfit(1.0 / lengths, energies, 2)[0]
    assert 1.0 / best == pytest.approx(4.0 * np.pi * A / D, rel=3e-4)


@pytest.mark.parametrize(("kind", "sign"), [("Dind", 1.0), ("Dind", -1.0), ("Dbulk", 1.0), ("Dbulk", -1.0)])
def test_walls_have_the_energy_and_the_sense_of_the_books(kind, sign):
    errors = []
    for n in (160, 320):
        constant = sign * 1.5e-3
        mesh, terms = strip(n, 160e-9 / n, **{kind: constant})
        x = mesh.centers()[0] + np.zeros(mesh.shape)
        wall = np.stack([0.05 / np.cosh(x / 5e-9), 0.05 / np.cosh(x / 5e-9), -np.tanh(x / 5e-9)])
        m, energy = rest(terms, wall)
        # From +z to -z: over -x for Dind > 0; and over -y for Dbulk > 0, which turns +y to +z and -z.
        middle = m[0 if kind == "Dind" else 1, 0, 0, n // 2 - 1]
        assert middle * sign < -0.9
        # Both edges tilt, which lowers the energy of the uniform state: it is to be subtracted.
        uniform = np.zeros_like(m)
        uniform[2] = 1.0
        _, edges = rest(terms, uniform + 1e-3)
        errors.append((energy - edges) / 25e-18 / (4.0 * np.sqrt(A * K) - np.pi * abs(constant)) - 1.0)
    # From above, to second order in the cell; what wall and edges have to do with each other, exp(-80 nm / 5.7 nm), is
    # 1e-6.
    assert 0.0 < errors[1] < 3e-5
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.15)


def edge_profile(n, kind):
    """Errors of the last cell of the standard problem in 1-D, and the moments."""
    mesh, terms = strip(n, 100e-9 / n, **{kind: -D})
    m, _ = rest(terms, np.stack([np.full(mesh.shape, value) for value in (1e-3, 1e-3, 1.0)]))
    width = np.sqrt(A / K)
    # sin(theta) = D width / 2 A at the edge, and tan(theta / 2) falls exponentially from there
    inside = 0.5 * mesh.cell[0]
    angle = 2.0 * np.arctan(np.tan(0.5 * np.arcsin(D * width / (2.0 * A))) * np.exp(-inside / width))
    return m[:, 0, 0], m[0 if kind == "Dind" else 1, 0, 0, -1] - np.sin(angle)


@pytest.mark.parametrize("kind", ["Dind", "Dbulk"])
def test_edges_tilt_as_rohart_and_thiaville_have_it(kind):
    errors = [edge_profile(n, kind)[1] for n in (100, 200, 400)]
    assert abs(errors[2]) < 1e-4
    # Second order.
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.07)
    assert errors[1] / errors[2] == pytest.approx(4.0, rel=0.04)


def test_edges_are_those_of_other_codes():
    # OOMMF in cells of 1 nm, from the supplement of the standard problem; it is at rest to some 1e-9 only.
    m, _ = edge_profile(100, "Dind")
    np.testing.assert_allclose(
        m[0, [0, 5, 10, 89, 99]], [-0.6134516780, -0.2801291572, -0.1187292723, 0.1187292738, 0.6134516822], atol=3e-8
    )
    np.testing.assert_allclose(m[2, [0, 5, 10]], [0.7897322577, 0.9599623197, 0.9929266639], atol=3e-8)


@pytest.mark.parametrize(("surface", "order"), [(True, 2.0), (False, 1.0)])
def test_surfaces_make_it_second_order_where_m_has_a_part_along_the_edge(surface, order):
    energies = []
    for n in (32, 64, 128):
        field = [lambda mesh, Ms: Zeeman(mesh, Ms, np.array([0.0, 4e5, 0.0]))]
        mesh, terms = strip(n, 50e-9 / n, terms=field, surface=surface, Dind=2e-3)
        _, energy = rest(terms, np.stack([np.full(mesh.shape, value) for value in (1e-3, 0.1, 1.0)]))
        energies.append(energy)
    first, second = np.diff(energies)
    assert np.log2(first / second) == pytest.approx(order, abs=0.1)


def test_faces_of_two_materials():
    mesh, Ms = Mesh((2, 1, 1), (2e-9, 2e-9, 2e-9)), np.full((1, 1, 2), 8e5)
    Aex, constant = np.array([[[1e-11, 3e-11]]]), np.array([[[1e-3, 5e-3]]])
    faces = Faces.of(mesh, Ms, Aex, constant, "interface")
    mean = (1e-3 * 3e-11 + 5e-3 * 1e-11) / 4e-11
    plain = Faces.of(mesh, Ms, 0.0 * Aex, constant, "interface")
    assert faces.x[0, 0, 0] / plain.x[0, 0, 0] == pytest.approx(mean / 3e-3, rel=1e-14)
    # Without exchange no moment on a face is known, and there are no surface terms; nor along single cells.
    assert not np.any([plain.sx, plain.sy, plain.sz])
    assert faces.sx.all() and not faces.sy.any() and faces.sz.all()


def test_a_magnet_has_it():
    material = Material(Ms=MS, Aex=A, Ku=K, Dind={"left": D, "right": -D}, Dbulk=1e-3)
    regions = {
        "left": lambda x, y, z: (x < 0) & (y == y) & (z == z),
        "right": lambda x, y, z: (x > 0) & (y == y) & (z == z),
    }
    mesh = Mesh((20, 4, 1), (2e-9, 2e-9, 2e-9))
    magnet = Magnet(mesh, material, regions=regions, exchange={("left", "right"): 0.0}, demag=False)
    assert "dmi" in magnet.energies()
    halves = DMI(mesh, magnet.Ms, magnet.parameters["Aex"], magnet.parameters["Dind"], magnet.parameters["Dbulk"])
    cut, whole = magnet.terms["dmi"].field(magnet.m), halves.field(magnet.m)
    assert not np.array_equal(cut[..., 9:11], whole[..., 9:11])
    np.testing.assert_array_equal(cut[..., :9], whole[..., :9])
    assert "dmi" not in Magnet(mesh, Material(Ms=MS), demag=False).terms
