"""Vectors of replicas in kernels: arithmetic, places, precision."""

import numpy as np
import pytest

from spinneuron.compiled import njit
from spinneuron.registers.vectors import (
    REGISTER,
    aligned,
    beyond,
    fill,
    lanes_of,
    load,
    pointer,
    root,
    store,
    turn,
    width,
)

both_precisions = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def combine(a, b, c, first):
    """c = a (a + b) - 2 (b - 1) - (-a) with the b of the next place, from `first` on, a register at a time."""
    p, q, r = pointer(a), beyond(pointer(b), 1), pointer(c)
    for i in range(first, c.size - lanes_of(r) + 1, lanes_of(r)):
        x, y = load(p, i), load(q, i)
        store(r, i, x * (x + y) - 2.0 * (y - fill(r, 1.0)) - (-x))


compiled = njit(combine)


@both_precisions
@pytest.mark.parametrize("first", [0, 3])
def test_arithmetic(dtype, first):
    rng = np.random.default_rng(1)
    lanes = width(dtype)
    a, b = rng.uniform(-1.0, 1.0, (2, 3, 2 * lanes)).astype(dtype)
    c = np.full((2, 2 * lanes), 7.0, dtype)
    compiled(a, b, c, first)
    whole = (c.size - first) // lanes * lanes
    expected = np.full(c.size, 7.0)
    inside = slice(first, first + whole)
    x, y = a.ravel().astype(float)[inside], b.ravel().astype(float)[1:][inside]
    expected[inside] = x * (x + y) - 2.0 * (y - 1.0) + x
    # five roundings of numbers up to 4; what lies beside the vectors is not touched
    np.testing.assert_allclose(c.ravel(), expected, rtol=0.0, atol=10.0 * np.finfo(dtype).eps)


@both_precisions
def test_the_same_outside_compiled_code(dtype):
    rng = np.random.default_rng(2)
    a, b = rng.uniform(-1.0, 1.0, (2, 5 * width(dtype))).astype(dtype)
    plain, fast = np.zeros((2, 4 * width(dtype)), dtype)
    combine(a, b, plain, 0)
    compiled(a, b, fast, 0)
    assert plain.dtype == dtype
    # contraction rounds once where NumPy rounds twice
    np.testing.assert_allclose(plain, fast, rtol=0.0, atol=10.0 * np.finfo(dtype).eps)


@njit
def length(a, c):
    """c = 2 / (1 + sqrt(a)), a register."""
    store(pointer(c), 0, 2.0 / (fill(pointer(a), 1.0) + root(load(pointer(a), 0))))


@both_precisions
def test_division_and_roots(dtype):
    a = np.linspace(0.0, 9.0, width(dtype)).astype(dtype)
    c = np.empty_like(a)
    length(a, c)
    # both round correctly, hence as NumPy
    np.testing.assert_array_equal(c, dtype(2.0) / (dtype(1.0) + np.sqrt(a)))


def test_lanes_do_not_see_each_other():
    a, b = np.ones((2, 24))
    a[3], b[8] = np.nan, np.inf
    c = np.zeros(16)
    with np.errstate(invalid="ignore"):
        compiled(a, b, c, 0)
    assert set(np.flatnonzero(~np.isfinite(c))) == {3, 7}


@both_precisions
def test_aligned(dtype):
    for shape in ((1,), (3, 5), (2, 100)):
        array = aligned(shape, dtype)
        assert array.shape == shape and array.dtype == dtype and array.flags.c_contiguous
        assert array.ctypes.data % REGISTER == 0
        assert not array.any()


def turned(a, b, first, apart, between):
    """Squares of a become squares of b, columns for rows."""
    turn(pointer(a), first, apart, pointer(b), first, between)


@both_precisions
def test_a_square_is_turned(dtype):
    lanes = width(dtype)
    a = np.random.default_rng(3).uniform(-1.0, 1.0, (lanes, lanes + 3)).astype(dtype)
    expected = np.zeros((lanes, lanes + 5), dtype)
    plain, fast = np.zeros((2, lanes, lanes + 5), dtype)
    turned(a, plain, 2, lanes + 3, lanes + 5)
    njit(turned)(a, fast, 2, lanes + 3, lanes + 5)
    expected[:, 2 : 2 + lanes] = a[:, 2 : 2 + lanes].T
    np.testing.assert_array_equal(fast, expected)
    np.testing.assert_array_equal(plain, expected)
