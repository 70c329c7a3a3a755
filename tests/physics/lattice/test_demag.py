"""Demagnetizing field of a lattice: against direct sums, known bodies, and itself by other means."""

import math

import numpy as np
import pytest

from spinneuron.constants import mu0
from spinneuron.dynamics.threads import use_threads
from spinneuron.geometry import prism_factors
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice import demag
from spinneuron.physics.lattice.demag import Demag
from spinneuron.physics.lattice.newell import tensor
from spinneuron.quantity import InputError

CELL = (2e-9, 3e-9, 1.5e-9)
# One layer, few and many (which are transformed along z), more than a register of wave numbers, lines, periodic axes.
LATTICES = [
    ((7, 5, 1), (0, 0, 0)),
    ((7, 5, 3), (0, 0, 0)),
    ((18, 5, 9), (0, 0, 0)),
    ((1, 1, 17), (0, 0, 0)),
    ((5, 1, 2), (0, 0, 0)),
    ((7, 6, 3), (2, 3, 0)),
    ((4, 6, 5), (1, 2, 3)),
    ((4, 3, 10), (0, 0, 2)),
    # Rings whose lengths have no fast transform.
    ((14, 7, 11), (1, 1, 2)),
    ((11, 1, 7), (2, 0, 1)),
]
every_lattice = pytest.mark.parametrize(("counts", "periodic"), LATTICES)


def random_state(mesh, seed=0):
    rng = np.random.default_rng(seed)
    m = rng.normal(size=(3, *mesh.shape))
    Ms = rng.uniform(0.0, 1e6, mesh.shape) * (rng.random(mesh.shape) < 0.8)
    return np.where(Ms > 0.0, m / np.linalg.norm(m, axis=0), 0.0), Ms


def field(demag, m):
    h = np.zeros_like(m)
    demag.add(m, h, 0.0)
    return h


def offsets(n, images):
    """Offsets of all pairs of cells along one axis, (n, n): sizes and signs; on a ring, the nearest."""
    apart = np.subtract.outer(np.arange(n), np.arange(n))
    if images:
        apart = (apart + (n - 1) // 2) % n - (n - 1) // 2
    return abs(apart), np.where(apart < 0, -1.0, 1.0)


def direct_field(mesh, M):
    """Pair by pair."""
    (x, sx), (y, sy), (z, sz) = (offsets(n, p) for n, p in zip(mesh.counts, mesh.periodic, strict=True))
    N = tensor(mesh.counts, mesh.cell, mesh.periodic)
    N = N[:, z[:, None, None, :, None, None], y[None, :, None, None, :, None], x[None, None, :, None, None, :]]
    sz, sy, sx = sz[:, None, None, :, None, None], sy[None, :, None, None, :, None], sx[None, None, :, None, None, :]
    xx, yy, zz, xy, xz, yz = N
    rows = [[xx, xy * sx * sy, xz * sx * sz], [xy * sx * sy, yy, yz * sy * sz], [xz * sx * sz, yz * sy * sz, zz]]
    return -np.array([sum(np.einsum("zyxabc,abc->zyx", T, M[j]) for j, T in enumerate(row)) for row in rows])


@every_lattice
def test_field_is_the_direct_sum(counts, periodic):
    mesh = Mesh(counts, CELL, periodic)
    m, Ms = random_state(mesh)
    # A few roundings of numbers up to Ms.
    np.testing.assert_allclose(field(Demag.of(mesh, Ms), m), direct_field(mesh, Ms * m), rtol=0.0, atol=2e-15 * 1e6)


@every_lattice
def test_energy_is_the_sum_over_pairs_and_gives_the_field(counts, periodic):
    mesh = Mesh(counts, CELL, periodic)
    m, Ms = random_state(mesh)
    term = Demag.of(mesh, Ms)
    pairs = -0.5 * mu0 * mesh.cell_volume * np.sum(Ms * m * direct_field(mesh, Ms * m))
    assert term.energy(m, 0.0) == pytest.approx(pairs, rel=1e-12)
    # The field is -(1/mu0 Ms) dw/dm: a quadratic form has exact central differences.
    dm = np.random.default_rng(1).normal(size=m.shape)
    slope = 0.5 * (term.energy(m + dm) - term.energy(m - dm))
    power = -mu0 * mesh.cell_volume * np.sum(Ms * field(term, m) * dm)
    assert slope == pytest.approx(power, rel=1e-9)
    # No energy where there is no magnet; the stray field is there all the same.
    empty = Ms == 0.0
    if empty.any():
        assert not term.energy_density(m)[empty].any()
        assert np.all(np.any(field(term, m)[:, empty] != 0.0, axis=0))


def test_the_energy_of_a_magnet_is_never_negative():
    # Magnetostatic self-energy is mu0/2 int H^2 over all space.
    mesh = Mesh((6, 5, 4), CELL)
    energies = [Demag.of(mesh, Ms).energy(m) for m, Ms in (random_state(mesh, seed) for seed in range(20))]
    assert min(energies) > 0.0


@pytest.mark.parametrize(
    ("counts", "periodic"), [((33, 21, 1), (0, 0, 0)), ((17, 9, 11), (0, 0, 0)), ((12, 9, 2), (4, 0, 0))]
)
def test_single_precision_and_threads(counts, periodic):
    mesh = Mesh(counts, CELL, periodic)
    m, Ms = random_state(mesh)
    one, two = Demag.of(mesh, Ms, parallel=False), Demag.of(mesh, Ms, parallel=True)
    found = field(one, m)
    np.testing.assert_allclose(field(Demag.of(mesh, Ms, "float32"), m), found, rtol=0.0, atol=1e-6 * 1e6)
    # Once more, after another state, and on two threads: the same bits.
    field(one, m[::-1].copy())
    np.testing.assert_array_equal(field(one, m), found)
    np.testing.assert_array_equal(field(two, m), found)


def test_threads_are_for_large_lattices():
    try:
        several = use_threads(None) > 1
        assert Demag.of(Mesh((128, 256, 1), CELL), 8e5).parallel == several
        assert not Demag.of(Mesh((128, 255, 1), CELL), 8e5).parallel
        use_threads(1)
        assert not Demag.of(Mesh((128, 256, 1), CELL), 8e5).parallel
    finally:
        use_threads(None)


@pytest.mark.parametrize("counts", [(8, 8, 8), (25, 6, 1), (4, 5, 40), (3, 3, 24)])
def test_mean_field_of_a_uniform_block_is_that_of_a_prism(counts):
    mesh = Mesh(counts, CELL)
    term = Demag.of(mesh, 8e5)
    factors = prism_factors(*(n * d for n, d in zip(counts, CELL, strict=True)))
    for axis in range(3):
        m = np.zeros((3, *mesh.shape))
        m[axis] = 1.0
        mean = field(term, m).mean(axis=(1, 2, 3))
        np.testing.assert_allclose(mean, -8e5 * np.eye(3)[axis] * factors, rtol=0.0, atol=1e-13 * 8e5)


def test_partly_filled_cells_lack_their_own_field():
    # Between cells the tensor has no trace, in each it is 1: the three axes share mu0/2 sum Ms^2, whatever the shape.
    # A cell filled by f with Ms lowered to f Ms has f^2 of it, where the body that it stands for has f.
    mesh = Mesh((7, 6, 5), CELL)
    for f in (np.random.default_rng(2).random(mesh.shape), np.full(mesh.shape, 0.5)):
        term, total = Demag.of(mesh, 8e5 * f), 0.0
        for axis in range(3):
            m = np.zeros((3, *mesh.shape))
            m[axis] = 1.0
            total += term.energy(m)
        assert total == pytest.approx(0.5 * mu0 * 8e5**2 * mesh.cell_volume * (f**2).sum(), rel=1e-12)


def test_values_of_another_code():
    # demagcube, demagrod and demag2D of mumax3's tests, to the digits they give.
    def mean(counts, cell, periodic, axis):
        mesh = Mesh(counts, cell, periodic)
        m = np.zeros((3, *mesh.shape))
        m[axis] = 1.0
        return field(Demag.of(mesh, 1.0), m)[axis].mean()

    assert mean((16, 16, 16), (1e-9,) * 3, (0, 0, 0), 2) == pytest.approx(-1 / 3, abs=1e-13)
    assert mean((2, 2, 64), (1e-9, 1e-9, 2e-9), (0, 0, 0), 0) == pytest.approx(-0.496, abs=5e-4)
    assert mean((128, 128, 1), (1e-9, 1e-9, 0.5e-9), (0, 0, 0), 2) == pytest.approx(-1.0, abs=2e-2)


def test_a_uniform_periodic_film_has_a_uniform_field():
    mesh = Mesh((8, 5, 2), CELL, (300, 300, 0))
    m = np.zeros((3, *mesh.shape))
    m[2] = 1.0
    h = field(Demag.of(mesh, 1.0), m)
    # 600 copies of 15 nm: what is left of the edges is of the order of thickness / length.
    np.testing.assert_allclose(h[2], -1.0, rtol=0.0, atol=1e-3)
    np.testing.assert_allclose(h[2], h[2, :, :1, :1] * np.ones(mesh.shape), rtol=0.0, atol=1e-14)
    np.testing.assert_allclose(h[:2], 0.0, rtol=0.0, atol=1e-14)


def test_another_mesh_or_magnet_never_meets_the_old_tensor():
    Ms = np.full((4, 5, 6), 8e5)
    m = random_state(Mesh((6, 5, 4), CELL))[0]
    for cell in (CELL, (2e-9, 3e-9, 1.6e-9), CELL, (4e-9, 6e-9, 3e-9)):
        for periodic in ((0, 0, 0), (0, 1, 0)):
            mesh = Mesh((6, 5, 4), cell, periodic)
            term = Demag.of(mesh, Ms)
            expected = direct_field(mesh, Ms * m)
            np.testing.assert_allclose(field(term, m), expected, rtol=0.0, atol=2e-15 * 1e6)
            # The magnet is copied: to change it is to make another term.
            Ms *= 1.1
            np.testing.assert_allclose(field(term, m), expected, rtol=0.0, atol=2e-15 * 1e6)
    mesh = Mesh((6, 4, 5), CELL)
    m = random_state(mesh)[0]
    np.testing.assert_allclose(field(Demag.of(mesh, 8e5), m), direct_field(mesh, 8e5 * m), rtol=0.0, atol=2e-15 * 1e6)
    with pytest.raises(ValueError, match="read-only"):
        Demag.of(mesh, 8e5).Ms[0, 0, 0] = 0.0


def test_the_field_is_added():
    mesh = Mesh((6, 5, 1), CELL)
    m, Ms = random_state(mesh)
    term = Demag.of(mesh, Ms)
    h = np.ones_like(m)
    term.add(m, h, 0.0)
    np.testing.assert_array_equal(h, 1.0 + field(term, m))
    # Also where rows do not follow each other.
    h = np.ones((6, *m.shape[1:]))[::2]
    term.add(m, h, 0.0)
    np.testing.assert_array_equal(h, 1.0 + field(term, m))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"Ms": np.ones((2, 2))}, r"Ms: needs a number or shape \(nz, ny, nx\) = \(1, 5, 6\), got \(2, 2\)"),
        ({"Ms": -1.0}, "Ms: holds numbers that are negative or not finite"),
        ({"Ms": math.nan}, "Ms: holds numbers that are negative or not finite"),
        ({"precision": "float16"}, 'precision = "float16": .*float64 or float32'),
    ],
)
def test_errors(arguments, message):
    with pytest.raises(InputError, match=message):
        Demag.of(Mesh((6, 5, 1), CELL), **{"Ms": 8e5, **arguments})


def test_more_than_the_machine_has_is_refused_before_it_is_taken(monkeypatch, tmp_path):
    monkeypatch.setattr(demag.os, "sysconf", lambda name: {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 2**13}[name])
    with pytest.raises(InputError, match=r"counts = 800 x 800 x 1: the demagnetizing field needs .* has 0.0312; take"):
        Demag.of(Mesh((800, 800, 1), CELL), 8e5)
    # Before anything of its size is made: this many numbers are beyond any machine.
    with pytest.raises(InputError, match="counts = 40000 x 40000 x 1"):
        Demag.of(Mesh((40_000, 40_000, 1), CELL), 8e5)
    monkeypatch.delattr(demag.os, "sysconf")
    monkeypatch.setattr(demag, "CONTAINER", tmp_path / "no limit")
    demag.require_memory(2**60, Mesh((1, 1, 1), CELL))


@pytest.mark.parametrize(("says", "there"), [("1048576\n", 2**20), ("max\n", 2**25), (f"{2**63 - 4096}\n", 2**25)])
def test_the_limit_of_a_container_counts(monkeypatch, tmp_path, says, there):
    monkeypatch.setattr(demag.os, "sysconf", lambda name: {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 2**13}[name])
    monkeypatch.setattr(demag, "CONTAINER", tmp_path / "memory.max")
    demag.CONTAINER.write_text(says)
    assert demag.memory_there() == there
