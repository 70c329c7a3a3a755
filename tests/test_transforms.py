"""Transforms of a padded lattice: whole transforms of another library, the way back, and the choice of a library."""

import importlib.util
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinneuron import transforms
from spinneuron.quantity import InputError
from spinneuron.transforms import LIBRARIES, Transform, good_length, half_spectrum, library, memory

INSTALLED = [name for name, (_, module) in LIBRARIES.items() if importlib.util.find_spec(module)]
every_library = pytest.mark.parametrize("name", INSTALLED)
COUNTS = [((6, 5, 1), (0, 0, 0)), ((40, 5, 3), (0, 0, 0)), ((1, 1, 1), (0, 0, 0)), ((1, 7, 1), (0, 0, 0))]
COUNTS += [((70, 1, 2), (0, 0, 0)), ((7, 4, 2), (1, 1, 0)), ((37, 4, 3), (0, 1, 1))]
TOLERANCE = {"float64": 1e-14, "float32": 1e-5}


@every_library
@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize(("counts", "periodic"), COUNTS)
@pytest.mark.parametrize("block", [2**22, 700])
def test_blocks_are_the_transform_of_the_padded_lattice(name, precision, counts, periodic, block, monkeypatch):
    monkeypatch.setattr(transforms, "_BLOCK", block)
    transform = Transform(counts, periodic, name, precision)
    nx, ny, nz = counts
    px, py = (good_length(n, images) for n, images in zip(counts[:2], periodic[:2], strict=True))
    field = np.random.default_rng(0).normal(size=(3, nz, ny, nx))
    whole = np.fft.rfftn(field, s=(py, px), axes=(2, 3))
    seen = []

    def product(part, first):
        expected = whole[..., first : first + part.shape[3]]
        np.testing.assert_allclose(part, expected, rtol=0.0, atol=TOLERANCE[precision] * np.abs(whole).max())
        seen.append(part.shape[3])

    # Twice: nothing of the first pass may be left.
    for _ in range(2):
        transform.real[...] = 0.0
        transform.real[..., :nx] = field
        transform.filter(product)
        back = transform.real[..., :nx] / (px * py)
        np.testing.assert_allclose(back, field, rtol=0.0, atol=TOLERANCE[precision] * 5)
    assert sum(seen) == 2 * whole.shape[3]
    assert block > 700 or max(seen) <= 16


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


def test_the_fastest_library_that_is_there(monkeypatch):
    assert library("scipy") == "scipy"
    assert library() == INSTALLED[0]
    for name in INSTALLED:
        assert library(name) == name
    monkeypatch.setitem(LIBRARIES, "ducc0", (transforms._Ducc, "a_module_that_is_not_there"))
    monkeypatch.setitem(LIBRARIES, "pyfftw", (transforms._Fftw, "a_module_that_is_not_there"))
    assert library() == "scipy"
    with pytest.raises(
        InputError, match=r'^transform = "ducc0": not installed; pip install "spinneuron\[fft\]", or take "scipy"$'
    ):
        library("ducc0")


def test_errors():
    with pytest.raises(InputError, match=r'^transform = "fftw": .*libraries: auto, ducc0, pyfftw, scipy$'):
        library("fftw")
    with pytest.raises(InputError, match=r'^precision = "single": .*float64 or float32$'):
        Transform((4, 4, 1), transform="scipy", precision="single")
    with pytest.raises(InputError, match="^threads = 0: must be at least 1$"):
        Transform((4, 4, 1), transform="scipy", threads=0)


def test_a_second_thread_is_for_large_lattices():
    assert Transform((255, 255, 1), transform="scipy").threads == 1
    assert Transform((4, 4, 1), transform="scipy", threads=2).threads == 2


def test_memory_is_what_is_taken():
    for counts in ((100, 80, 1), (400, 300, 2)):
        transform = Transform(counts, transform="scipy")
        held = transform.real.nbytes + transform._store.nbytes
        assert held <= memory(counts, (0, 0, 0), "float64") <= held + 2 * transforms._BLOCK
