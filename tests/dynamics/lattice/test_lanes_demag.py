"""The demagnetizing field of ensembles: against the sum over cells, and the same bits wherever a replica stands."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import config

from spinneuron.dynamics.lattice.lanes_demag import demag_blocks
from spinneuron.dynamics.lattice.lanes_plan import dense_is_faster, padded, plan
from spinneuron.dynamics.threads import use_threads
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.demag import Demag
from spinneuron.physics.lattice.newell import tensor
from spinneuron.quantity import InputError
from spinneuron.registers.vectors import aligned, width

STEP = np.array([0.9, 1.1, 1.3])
OWN = np.diag([0.25, 0.3, 0.45])
PAIRS = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))


def dipole(offset):
    """N of two point dipoles of unit volume, (r^2 - 3 r r) / (4 pi r^5); a self term of trace 1 at r = 0."""
    r = offset * STEP
    distance = np.sqrt(r @ r)
    if distance == 0.0:
        return OWN
    return (distance**2 * np.eye(3) - 3.0 * np.outer(r, r)) / (4.0 * np.pi * distance**5)


def every_offset(counts):
    """The tensor at all offsets, shape (6, 2 nz - 1, 2 ny - 1, 2 nx - 1)."""
    ranges = [np.arange(-n + 1, n) for n in counts]
    full = [[[dipole(np.array([x, y, z])) for x in ranges[0]] for y in ranges[1]] for z in ranges[2]]
    full = np.array(full)
    return np.stack([full[..., i, j] for i, j in PAIRS])


def direct(m, full):
    """H_i(r) = -sum_r' N_ij(r - r') M_j(r'), as it stands, for m (3, nz, ny, nx, replicas)."""
    _, nz, ny, nx, _ = m.shape
    N = np.empty((3, 3, *full.shape[1:]))
    for component, (i, j) in zip(full, PAIRS, strict=True):
        N[i, j] = N[j, i] = component
    field = np.zeros(m.shape)
    for z, y, x in np.ndindex(nz, ny, nx):
        # N(r - r') for all r at once, r' = (x, y, z)
        near = N[:, :, nz - 1 - z : 2 * nz - 1 - z, ny - 1 - y : 2 * ny - 1 - y, nx - 1 - x : 2 * nx - 1 - x]
        field -= np.einsum("ijzyx,jl->izyxl", near, m[:, z, y, x].astype(float))
    return field


def field_of(m, made, threads=1, repeats=1):
    """The field of blocks (blocks, 3, nz, ny, nx, lanes) by the kernel."""
    h = np.zeros_like(m)
    use_threads(threads)
    demag_blocks(m, h, aligned((int(config.NUMBA_NUM_THREADS), made.size), m.dtype), made, repeats)
    return h


def random_blocks(counts, lanes, dtype, blocks=1, seed=0):
    nx, ny, nz = counts
    return np.random.default_rng(seed).uniform(-1.0, 1.0, (blocks, 3, nz, ny, nx, lanes)).astype(dtype)


TOLERANCE = {np.float64: 2e-14, np.float32: 1e-5}


@pytest.mark.parametrize("by_matrix", [False, True])
@pytest.mark.parametrize(
    ("counts", "periodic"),
    [
        ((6, 5, 1), (2, 0, 0)),
        ((7, 4, 1), (1, 3, 0)),
        ((8, 9, 2), (0, 1, 1)),
        ((5, 3, 4), (1, 1, 1)),
        ((2, 6, 3), (2, 0, 1)),
        ((1, 10, 1), (1, 1, 0)),
        ((11, 13, 1), (1, 1, 0)),
    ],
)
def test_rings_are_those_of_the_single_lattice(counts, periodic, by_matrix):
    mesh = Mesh(counts, tuple(1e-9 * STEP), periodic)
    N = tensor(mesh.counts, mesh.cell, mesh.periodic)
    for dtype, tolerance in TOLERANCE.items():
        lanes = width(dtype)
        m = random_blocks(counts, lanes, dtype)
        found = field_of(m, plan(counts, N, lanes, dtype, by_matrix=by_matrix, periodic=periodic))[0]
        single = Demag.of(mesh, 1.0)
        for lane in (0, lanes - 1):
            wanted = single.field(m[0, ..., lane].astype(float))
            np.testing.assert_allclose(found[..., lane], wanted, rtol=0.0, atol=tolerance)


def test_a_ring_needs_no_zeros_and_half_of_the_tensor():
    assert [padded(n, True) for n in (1, 2, 6, 7, 10, 15)] == [1, 2, 6, 16, 10, 15]
    made = plan((10, 6, 1), tensor((10, 6, 1), (1.0, 1.0, 1.0), (1, 0, 0)), 8, by_matrix=False, periodic=(1, 0, 0))
    assert (made.px, made.py) == (10, 12)
    with pytest.raises(InputError, match="tensor of shape"):
        plan((10, 6, 1), np.zeros((6, 1, 6, 6)), 8)
    # a matrix is worth it where lines would be padded
    assert dense_is_faster((10, 10, 1), 90) and not dense_is_faster((10, 10, 1), 90, (1, 1, 0))


@pytest.mark.parametrize("by_matrix", [False, True])
@pytest.mark.parametrize("lanes", [8, 16, 32])
@pytest.mark.parametrize(
    "counts",
    [
        (7, 5, 1),
        (8, 6, 1),
        (1, 9, 1),
        (6, 1, 1),
        (1, 1, 1),
        (5, 8, 2),
        (6, 7, 3),
        (1, 2, 4),
        (1, 7, 6),
        (2, 5, 7),
        (5, 1, 8),
        (4, 3, 5),
    ],
)
def test_direct_sum(counts, lanes, by_matrix):
    full = every_offset(counts)
    for dtype, tolerance in TOLERANCE.items():
        if lanes % width(dtype) == 0:
            m = random_blocks(counts, lanes, dtype, blocks=2)
            found = field_of(m, plan(counts, full, lanes, dtype, by_matrix=by_matrix))
            expected = np.stack([direct(block, full) for block in m])
            np.testing.assert_allclose(found, expected, rtol=0.0, atol=tolerance)


@settings(max_examples=30)
@given(st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)), st.booleans(), st.integers(0, 99))
def test_direct_sum_of_any_lattice(counts, by_matrix, seed):
    full = every_offset(counts)
    m = random_blocks(counts, 8, np.float64, seed=seed)
    found = field_of(m, plan(counts, full, 8, by_matrix=by_matrix))[0]
    np.testing.assert_allclose(found, direct(m[0], full), rtol=0.0, atol=TOLERANCE[np.float64])


@pytest.mark.parametrize("counts", [(16, 16, 1), (25, 40, 1), (64, 30, 1), (23, 17, 2)])
def test_transforms_and_matrix_agree_on_larger_lattices(counts):
    nx, ny, nz = counts
    # any numbers with the mirror symmetry of the tensor will do, and are quicker to make
    tensor = np.random.default_rng(5).uniform(-1.0, 1.0, (6, nz, ny, nx)) / 50.0
    tensor[3, :, 0], tensor[3, :, :, 0], tensor[4, :, :, 0], tensor[5, :, 0], tensor[4:, 0] = 0.0, 0.0, 0.0, 0.0, 0.0
    occupied = np.zeros((nz, ny, nx), bool)
    occupied[:, :: ny - 1, ::3], occupied[:, ::5, :: nx - 1] = True, True
    m = random_blocks(counts, 8, np.float64) * occupied[..., None]
    waves = field_of(m, plan(counts, tensor, 8, by_matrix=False))
    matrix = field_of(m, plan(counts, tensor, 8, occupied=occupied, by_matrix=True))
    np.testing.assert_allclose(waves * occupied[..., None], matrix, rtol=0.0, atol=1e-13)
    assert not matrix[:, :, ~occupied].any()


@pytest.mark.parametrize("by_matrix", [False, True])
@pytest.mark.parametrize("counts", [(9, 8, 1), (5, 6, 2)])
def test_bits_do_not_depend_on_place_or_neighbors(counts, by_matrix):
    full = every_offset(counts)
    for dtype, sizes in ((np.float64, (8, 16, 32)), (np.float32, (16, 32))):
        replica = random_blocks(counts, 1, dtype)[0, ..., 0]
        alone = None
        for lanes in sizes:
            made = plan(counts, full, lanes, dtype, by_matrix=by_matrix)
            m = random_blocks(counts, lanes, dtype, blocks=3, seed=lanes)
            m[0, ..., 1] = np.nan
            for block, lane in ((0, 0), (1, 3), (2, lanes - 1)):
                m[block, ..., lane] = replica
            for threads in {1, int(config.NUMBA_NUM_THREADS)}:
                h = field_of(m, made, threads)
                assert np.isfinite(np.delete(h[0], 1, axis=-1)).all()
                for block, lane in ((0, 0), (1, 3), (2, lanes - 1)):
                    alone = h[block, ..., lane] if alone is None else alone
                    np.testing.assert_array_equal(h[block, ..., lane], alone)


@pytest.mark.parametrize("by_matrix", [False, True])
def test_field_is_added(by_matrix):
    counts = (4, 5, 2)
    made = plan(counts, every_offset(counts), 8, by_matrix=by_matrix)
    m = random_blocks(counts, 8, np.float64)
    np.testing.assert_allclose(field_of(m, made, repeats=3), 3.0 * field_of(m, made), rtol=0.0, atol=1e-14)


@pytest.mark.parametrize("by_matrix", [False, True])
@pytest.mark.parametrize("counts", [(6, 7, 1), (5, 3, 2)])
def test_scratch_carries_nothing_over(counts, by_matrix):
    made = plan(counts, every_offset(counts), 8, by_matrix=by_matrix)
    m = random_blocks(counts, 8, np.float64)
    h, scratch = np.zeros_like(m), aligned((int(config.NUMBA_NUM_THREADS), made.size), np.float64)
    scratch[:] = np.nan
    demag_blocks(m, h, scratch, made, 1)
    np.testing.assert_array_equal(h, field_of(m, made))


@given(st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 3)), st.booleans())
@settings(max_examples=15)
def test_reciprocity(counts, by_matrix):
    # N_ij(r) = N_ji(-r): the energy of one magnetization in the field of another is that of the other in its field
    made = plan(counts, every_offset(counts), 8, by_matrix=by_matrix)
    m = random_blocks(counts, 8, np.float64, blocks=2)
    h = field_of(m, made)
    np.testing.assert_allclose(np.sum(m[0] * h[1]), np.sum(m[1] * h[0]), rtol=0.0, atol=1e-12)


def test_quarter_of_the_tensor_is_enough():
    counts = (5, 4, 3)
    full = every_offset(counts)
    for by_matrix in (False, True):
        whole = plan(counts, full, 8, by_matrix=by_matrix)
        part = plan(counts, full[:, 2:, 3:, 4:], 8, by_matrix=by_matrix)
        for one, other in zip(whole, part, strict=True):
            np.testing.assert_array_equal(one, other)


def test_choice():
    assert dense_is_faster((10, 9, 1), 90) and dense_is_faster((5, 5, 2), 50)
    assert not dense_is_faster((16, 16, 1), 256) and not dense_is_faster((10, 9, 2), 180)
    assert dense_is_faster((16, 16, 1), 60)
    disc = plan((12, 12, 1), np.zeros((6, 1, 12, 12)), 8, occupied=np.eye(12, dtype=bool)[None])
    assert disc.matrix.size and not disc.spectra.size
    assert plan((40, 40, 1), np.zeros((6, 1, 40, 40)), 8).spectra.size


@pytest.mark.parametrize("n", range(1, 130))
def test_padded(n):
    length = padded(n)
    assert length >= 2 * n - 1
    assert length == 1 or length % 4 == 0
    assert length <= max(2.5 * n, 8)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lanes": 12}, "lanes = 12: float64 takes a multiple of 8"),
        ({"lanes": 8, "dtype": np.float32}, "lanes = 8: float32 takes a multiple of 16"),
        ({"dtype": int}, "dtype = int64"),
        ({"tensor": np.zeros((6, 1, 4, 5))}, "tensor of shape"),
        ({"tensor": np.full((6, 1, 5, 4), np.nan)}, "tensor = nan"),
        ({"occupied": np.ones((5, 4), bool)}, "occupied of shape"),
        ({"occupied": np.zeros((1, 5, 4), bool)}, "occupied = False everywhere"),
        ({"counts": (4, 0, 1)}, "ny"),
    ],
)
def test_input_errors(changes, message):
    arguments = {"counts": (4, 5, 1), "tensor": np.zeros((6, 1, 5, 4)), "lanes": 8} | changes
    with pytest.raises(InputError, match=message):
        plan(**arguments)
