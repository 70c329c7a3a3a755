"""Lengths of transforms, and spectra from one side."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from spinneuron.transforms import good_length, half_spectrum


@given(st.integers(1, 9), st.integers(0, 8), st.booleans())
def test_one_side_of_an_even_or_odd_row_is_enough(offsets, more, odd):
    length = 2 * offsets - 1 + more
    a = np.random.default_rng(offsets).normal(size=offsets)
    if odd:
        a[0] = 0.0
    ring = np.zeros(length)
    ring[:offsets] = a
    ring[-np.arange(1, offsets)] = -a[1:] if odd else a[1:]
    expected = np.fft.fft(ring)[: length // 2 + 1]
    found = half_spectrum(a[:, None] * np.ones(2), 0, length, odd)
    np.testing.assert_allclose(found[:, 1], expected.imag if odd else expected.real, rtol=0.0, atol=1e-13)


@given(st.integers(1, 3000), st.integers(0, 2))
def test_lengths_hold_a_convolution(n, images):
    length = good_length(n, images)
    if images:
        assert length == n
        return
    assert 2 * n - 1 <= length <= max(1, math.ceil(1.2 * (2 * n - 1)))
    for factor in (2, 3, 5):
        while length % factor == 0:
            length //= factor
    assert length == 1
