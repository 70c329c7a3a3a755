"""Noise: known answers of the generator, and normal numbers that depend on nothing but their own address."""

import os
import subprocess
import sys

import naive
import numpy as np
import pytest
from numba import uint32
from scipy import stats

from spinneuron.dynamics.noise import FABRICATION, THERMAL, standard_normals, threefry4x32

# Where compilation is off, NumPy says of scalars that words wrap around, which is what they are for.
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered in scalar add:RuntimeWarning")
ONES = (0xFFFFFFFF,) * 4
PI = (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0, 0x082EFA98, 0xEC4E6C89)
# Random123's kat_vectors: counter, key, rounds -> words.
KNOWN = [
    ((0,) * 4, (0,) * 4, 13, "531c7e4f 39491ee5 2c855a92 3d6abf9a"),
    (ONES, ONES, 13, "c4189358 1c9cc83a d5881c67 6a0a89e0"),
    (*PI, 13, "4aa71d8f 734738c2 431fc6a8 ae6debf1"),
    ((0,) * 4, (0,) * 4, 20, "9c6ca96a e17eae66 fc10ecd4 5256a7d8"),
    (ONES, ONES, 20, "2a881696 57012287 f6c7446e a16a6732"),
    (*PI, 20, "59cd1dbb b8879579 86b5d00c ac8b6d84"),
]


@pytest.mark.parametrize(("counter", "key", "rounds", "words"), KNOWN)
def test_known_answers(counter, key, rounds, words):
    expected = [int(word, 16) for word in words.split()]
    assert naive.threefry4x32(counter, key, rounds) == expected
    if rounds == 13:
        assert [int(word) for word in threefry4x32(*map(uint32, counter), *map(uint32, key))] == expected


def test_normals_are_box_muller_of_the_words():
    seed, step = 0x123456789ABCDEF, 0x1_0000_0003
    drawn = standard_normals(seed, THERMAL, 7, 20_000, step)
    words = np.array([naive.noise_words(seed, THERMAL, 7 + i, step) for i in range(len(drawn))], dtype=float)
    exact = naive.box_muller(words.T).T
    assert drawn.dtype == np.float32
    # A word of 32 bits rounds to 24 before its logarithm: du = 2^-25 moves the radius r = sqrt(-2 ln u) by du / (u r),
    # which is more than rounding only where r is small.
    radius = np.sqrt(-2.0 * np.log((words[:, [0, 0, 2]] + 0.5) / 2.0**32))
    error = np.abs(drawn - exact)
    assert np.all(error < 1e-6 * np.maximum(1.0, radius) + 2.0**-25 / radius)


def test_normals_are_normal():
    x = np.concatenate([standard_normals(11, THERMAL, 0, 100_000, step) for step in range(5)]).astype(float)
    n = len(x)
    for component in x.T:
        # Standard errors of the moments of n normal numbers.
        assert abs(component.mean()) < 4 * np.sqrt(1 / n)
        assert abs(component.var() - 1) < 4 * np.sqrt(2 / n)
        assert abs(stats.skew(component)) < 4 * np.sqrt(6 / n)
        assert abs(stats.kurtosis(component)) < 4 * np.sqrt(24 / n)
        assert stats.kstest(component, "norm").pvalue > 1e-3
    # 2 (1 - Phi(4)) of the components lie beyond 4 sigma.
    expected = 3 * n * 2 * stats.norm.sf(4)
    assert abs(np.sum(np.abs(x) > 4) - expected) < 4 * np.sqrt(expected)


def draw(seed=5, purpose=THERMAL, first_trial=0, step=0):
    return standard_normals(seed, purpose, first_trial, 50_000, step).astype(float)


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 6},
        {"seed": 5 + 2**32},
        {"step": 1},
        {"step": 2**32},
        {"first_trial": 1},
        {"first_trial": 2**31},
        {"purpose": FABRICATION},
    ],
    ids=str,
)
def test_neighbors_are_independent(other):
    here, there = draw(), draw(**other)
    numbers = np.hstack([here, there])
    # Components among themselves and with those of the neighbor, in value and in magnitude.
    pairs = ~np.eye(6, dtype=bool)
    for power in (1, 2):
        joint = np.corrcoef(numbers, numbers**power, rowvar=False)[:6, 6:]
        # The largest of 30 correlations of independent numbers, each 1/sqrt(n), stays below 4.5 sigma.
        assert np.abs(joint[pairs]).max() < 4.5 / np.sqrt(len(here))


def test_a_number_depends_on_its_address_alone():
    whole = standard_normals(3, THERMAL, 0, 1000, 9)
    np.testing.assert_array_equal(standard_normals(3, THERMAL, 400, 100, 9), whole[400:500])
    assert len(np.unique(whole)) > 2990


def test_without_compilation_the_same_numbers():
    """Words wrap around by design; NumPy says so of scalars, and nothing else may be said."""
    report = (
        "import warnings, numpy as np\n"
        "warnings.simplefilter('error')\n"
        "warnings.filterwarnings('ignore', 'overflow encountered in scalar add', RuntimeWarning)\n"
        "from spinneuron.dynamics.noise import standard_normals\n"
        "print(standard_normals(2**40 + 3, 0, 5, 20, 2**33 + 1).tobytes().hex())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", report], env=os.environ | {"NUMBA_DISABLE_JIT": "1"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    plain = np.frombuffer(bytes.fromhex(done.stdout.strip()), np.float32).reshape(20, 3)
    # Not to the bit: compiled code contracts a * b + c.
    np.testing.assert_allclose(plain, standard_normals(2**40 + 3, 0, 5, 20, 2**33 + 1), rtol=0.0, atol=1e-6)
