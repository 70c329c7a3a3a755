"""Fourier transforms of lines of replicas, against NumPy's."""

import math

import numpy as np
import pytest

from spinneuron.compiled import njit
from spinneuron.registers.lanes_fft import is_smooth, radices, transform, way
from spinneuron.registers.vectors import beyond, lanes_of, pointer, width

SMOOTH = [n for n in range(1, 61) if math.gcd(n, 60**6) == n]
# one length of every sequence of passes that the demagnetizing field may take up to 128 cells
LONG = [64, 72, 80, 90, 96, 100, 120, 128, 144, 160, 180, 192, 200, 240, 256]


@njit
def line(x, y, given, kept, way, factors, work, inverse):
    """Transform x (sites, 2, lanes), real and imaginary parts, to y."""
    s = pointer(work)
    re, im = (lanes_of(s), 0) if inverse else (0, lanes_of(s))
    stride = 2 * lanes_of(s)
    p, q, w = pointer(x), pointer(y), pointer(factors)
    transform(p, re, im, stride, given, q, re, im, stride, kept, pointer(way), w, s)


def transformed(n, given, kept, dtype, keeps_half, inverse):
    """What our transform and NumPy's make of the same random line."""
    rng = np.random.default_rng(n)
    x = rng.uniform(-1.0, 1.0, (n, 2, width(dtype))).astype(dtype)
    y, work = np.full_like(x, np.nan), np.empty(4 * n * width(dtype), dtype)
    row, factors = way(n, keeps_half, 0)
    line(x, y, given, kept, np.array(row), np.append(factors, 0.0).astype(dtype), work, inverse)
    z = x[:, 0].astype(float) + 1j * x[:, 1]
    z[given:] = 0.0
    expected = n * np.fft.ifft(z, axis=0) if inverse else np.fft.fft(z, axis=0)
    assert np.all(np.isnan(y[kept:])), "writes beyond the sites that are kept"
    return y[:kept, 0].astype(float) + 1j * y[:kept, 1], expected[:kept]


def parts(n):
    """Lengths of the stored part of a line of n: all, the largest half, a little less, hardly any."""
    return sorted({n, (n + 1) // 2, n // 2, max(1, n // 2 - 1), max(1, n // 5)} - {0})


@pytest.mark.parametrize("inverse", [False, True])
@pytest.mark.parametrize("n", SMOOTH + LONG)
def test_against_numpy(n, inverse):
    for given in parts(n):
        for kept in parts(n):
            for keeps_half in (False, True):
                ours, numpys = transformed(n, given, kept, np.float64, keeps_half, inverse)
                # numbers of size sqrt(n), two roundings of 1e-16 a pass
                np.testing.assert_allclose(ours, numpys, rtol=0.0, atol=1e-13)


@pytest.mark.parametrize("n", [1, 15, 60, 80, 128])
def test_single_precision(n):
    for part in parts(n):
        ours, numpys = transformed(n, part, n, np.float32, False, False)
        np.testing.assert_allclose(ours, numpys, rtol=0.0, atol=1e-5)


@pytest.mark.parametrize("n", range(1, 61))
def test_radices(n):
    found = radices(n)
    assert set(found) <= {2, 3, 4, 5, 8, 10}
    assert is_smooth(n) == (n in SMOOTH)
    if n in SMOOTH:
        assert math.prod(found) == n
    if n % 4 == 0:
        assert found[0] in (4, 8), "no zeros are skipped"


def test_a_line_may_be_transformed_in_place():
    n, rng = 80, np.random.default_rng(3)
    x = rng.uniform(-1.0, 1.0, (n, 2, 8))
    apart, work = np.empty_like(x), np.empty(4 * n * 8)
    row, factors = way(n, False, 0)
    line(x, apart, n, n, np.array(row), factors, work, False)
    line(x, x, n, n, np.array(row), factors, work, False)
    np.testing.assert_array_equal(x, apart)


@njit
def planes(x, y, n, way, factors, work):
    """Transform x (2, sites, lanes) to y (sites, 3, 2, lanes), whose middle sites alone are written."""
    s, p, q, w = pointer(work), pointer(x), pointer(y), pointer(factors)
    wide = lanes_of(s)
    middle = beyond(q, 2 * wide)
    transform(p, 0, n * wide, wide, n, middle, 0, wide, 6 * wide, n, pointer(way), w, s)


def test_strides():
    n, rng = 40, np.random.default_rng(4)
    x, y = rng.uniform(-1.0, 1.0, (2, n, 8)), np.zeros((n, 3, 2, 8))
    row, factors = way(n, False, 0)
    planes(x, y, n, np.array(row), factors, np.empty(4 * n * 8))
    assert not y[:, [0, 2]].any()
    np.testing.assert_allclose(y[:, 1, 0] + 1j * y[:, 1, 1], np.fft.fft(x[0] + 1j * x[1], axis=0), rtol=0.0, atol=1e-13)
