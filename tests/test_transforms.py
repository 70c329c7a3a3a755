"""Transforms of a padded lattice: whole transforms of another library, the way back, and the choice of a library."""

import importlib.util
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinneuron import transforms
from spinneuron.quantity import InputError
from spinneuron.transforms import LIBRARIES, Layout, Transform, good_length, library

INSTALLED = [name for name, (_, module) in LIBRARIES.items() if importlib.util.find_spec(module)]
every_library = pytest.mark.parametrize("name", INSTALLED)
COUNTS = [((6, 5, 1), (0, 0, 0)), ((6, 5, 3), (0, 0, 0)), ((6, 5, 7), (0, 0, 0)), ((1, 1, 1), (0, 0, 0))]
COUNTS += [((1, 7, 1), (0, 0, 0)), ((7, 1, 6), (0, 0, 0)), ((7, 4, 2), (1, 1, 0)), ((7, 4, 3), (0, 1, 1))]
TOLERANCE = {"float64": 1e-14, "float32": 1e-5}


@every_library
@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize(("counts", "periodic"), COUNTS)
@pytest.mark.parametrize("block", [2**22, 700])
def test_blocks_are_the_transform_of_the_padded_lattice(name, precision, counts, periodic, block, monkeypatch):
    monkeypatch.setattr(transforms, "_BLOCK", block)
    layout = Layout.of(counts, periodic)
    transform = Transform(layout, name, precision)
    nx, ny, nz = counts
    px, py, pz = layout.padded
    field = np.random.default_rng(0).normal(size=(3, nz, ny, nx))
    whole = np.fft.rfftn(field, s=(py, px), axes=(2, 3))
    if layout.deep:
        whole = np.fft.fft(whole, n=pz, axis=1)
    size = np.abs(whole).max()
    seen = []

    def product(part, first):
        cut = 2 if layout.deep else 3
        expected = whole[(slice(None),) * cut + (slice(first, first + part.shape[cut]),)]
        np.testing.assert_allclose(part, expected, rtol=0.0, atol=TOLERANCE[precision] * size)
        seen.append(part.shape[cut])

    # Twice: nothing of the first pass may be left.
    for _ in range(2):
        transform.real[...] = 0.0
        transform.real[..., :nx] = field
        transform.filter(product)
        back = transform.real[..., :nx] / (px * py * (pz if layout.deep else 1))
        np.testing.assert_allclose(back, field, rtol=0.0, atol=TOLERANCE[precision] * 5)
    assert sum(seen) == 2 * whole.shape[2 if layout.deep else 3]


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
    monkeypatch.setitem(LIBRARIES, "ducc0", (transforms.Ducc, "a_module_that_is_not_there"))
    monkeypatch.setitem(LIBRARIES, "pyfftw", (transforms.Fftw, "a_module_that_is_not_there"))
    assert library() == "scipy"
    with pytest.raises(
        InputError, match=r'^transform = "ducc0": not installed; pip install "spinneuron\[fft\]", or take "scipy"$'
    ):
        library("ducc0")


def test_errors():
    with pytest.raises(InputError, match=r'^transform = "fftw": .*libraries: auto, ducc0, pyfftw, scipy$'):
        library("fftw")
    with pytest.raises(InputError, match=r'^precision = "single": .*float64 or float32$'):
        Transform(Layout.of((4, 4, 1)), "scipy", "single")


def test_a_second_thread_is_for_large_lattices():
    assert Transform(Layout.of((255, 255, 1)), "scipy").threads == 1
    assert Transform(Layout.of((4, 4, 1)), "scipy", threads=2).threads == 2


def test_memory_is_what_is_taken():
    for counts in ((100, 80, 1), (40, 30, 12)):
        layout = Layout.of(counts)
        transform = Transform(layout, "scipy")
        held = transform.real.nbytes + transform._store.nbytes
        assert held <= layout.memory("float64") <= held + 2 * transforms._BLOCK + 1
