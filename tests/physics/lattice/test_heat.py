"""Heat along the layers: the mean is the device's network, waves decay and settle as they must, no heat is lost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import i0, i1, k0, k1

from spinneuron.mesh import Mesh
from spinneuron.physics.heating import Foster
from spinneuron.physics.lattice.heat import Section, heat_up, laplace

FOSTER = Foster(np.array([3e4, 1e4]), np.array([0.3e-9, 40e-9]))
D = 2e-5


def section(nx, ny, d=5e-9, periodic=(0, 0, 0), shape="prism"):
    mesh = Mesh((nx, ny, 2), (d, d, 2e-9), periodic)
    return Section.of(mesh, np.where(mesh.mask(shape), 8e5, 0.0))


def march(theta, powers, one, foster, window, diffusivity):
    """Windows between the rows of ``powers`` (windows + 1, ny, nx)."""
    steps = one.steps(diffusivity * window)
    weights = foster.windows(window / steps)
    for before, after in zip(powers, powers[1:], strict=False):
        heat_up(theta, before, after, weights, one, diffusivity * window / steps, steps)


def matrix(one):
    """The operator as a matrix over all columns."""
    found = []
    for place in range(one.x.size):
        unit, out = np.zeros(one.x.size), np.zeros(one.x.shape)
        unit[place] = 1.0
        laplace(unit.reshape(one.x.shape), one, out)
        found.append(out.ravel())
    return np.array(found)


@pytest.mark.parametrize("counts", [(7, 5), (1, 6), (2, 1), (1, 1)])
@pytest.mark.parametrize("periodic", [(0, 0, 0), (1, 0, 0), (2, 1, 0)])
@pytest.mark.parametrize("shape", ["prism", "elliptic-cylinder"])
def test_columns_exchange_heat_and_make_none(counts, periodic, shape):
    one = section(*counts, periodic=periodic, shape=shape)
    L = matrix(one)
    np.testing.assert_array_equal(L, L.T)
    np.testing.assert_allclose(L.sum(axis=0), 0.0, atol=1e-12 * max(np.abs(L).max(), 1.0))
    # eigenvalues from 0 down to no more than the bound
    values = np.linalg.eigvalsh(L)
    assert values.max() <= 1e-12 * max(one.fastest, 1.0)
    assert -values.min() <= one.fastest * (1.0 + 1e-12)
    # nothing flows to columns without magnet
    assert not L[~one.there.ravel()].any()


def test_an_open_row_and_a_ring():
    row, ring = matrix(section(4, 1, d=1e-9)), matrix(section(4, 1, d=1e-9, periodic=(1, 0, 0)))
    tri = np.array([[-1, 1, 0, 0], [1, -2, 1, 0], [0, 1, -2, 1], [0, 0, 1, -1]], float)
    np.testing.assert_allclose(row, 1e18 * tri, rtol=1e-12)
    tri[0, 0] = tri[3, 3] = -2.0
    tri[0, 3] = tri[3, 0] = 1.0
    np.testing.assert_allclose(ring, 1e18 * tri, rtol=1e-12)


@given(st.integers(0, 2**32 - 1), st.floats(0.0, 1e-3))
def test_the_mean_is_the_network_of_the_device(seed, diffusivity):
    rng = np.random.default_rng(seed)
    one, window = section(6, 5, shape="elliptic-cylinder"), 2e-12
    powers = rng.uniform(0.0, 1e-3, (9, 5, 6)) * one.there
    theta = rng.uniform(0.0, 10.0, (2, 5, 6)) * one.there
    wanted = theta[:, one.there].mean(axis=1)
    march(theta, powers, one, FOSTER, window, diffusivity)
    keep, before, after = FOSTER.windows(window)
    means = powers[:, one.there].mean(axis=1)
    for p0, p1 in zip(means, means[1:], strict=False):
        wanted = keep * wanted + before * p0 + after * p1
    # rounding only: steps of windows are the same exact solution
    np.testing.assert_allclose(theta[:, one.there].mean(axis=1), wanted, rtol=1e-11)
    assert not theta[:, ~one.there].any()


def test_even_power_stays_even():
    one = section(9, 9, shape="elliptic-cylinder")
    theta, p = np.zeros((2, 9, 9)), 1e-4 * one.there
    march(theta, np.repeat(p[None], 200, axis=0), one, FOSTER, 3e-12, D)
    assert np.ptp(theta[:, one.there], axis=1).max() < 1e-12 * theta.max()


@pytest.mark.parametrize("number", [1, 2, 5])
def test_a_wave_decays_at_its_rate(number):
    nx, d, window, count = 40, 5e-9, 2e-12, 50
    one = section(nx, 1, d)
    wave = np.cos(np.pi * number * (np.arange(nx) + 0.5) / nx)[None]
    theta = np.stack([wave, wave])
    march(theta, np.zeros((count + 1, 1, nx)), one, FOSTER, window, D)
    found = (theta * wave).sum(axis=(1, 2)) / (wave * wave).sum()
    lattice = (2.0 / d * np.sin(0.5 * np.pi * number / nx)) ** 2
    k = np.pi * number / (nx * d)
    assert lattice == pytest.approx(k * k, rel=(k * d) ** 2 / 12.0)
    exponent = (1.0 / FOSTER.times + D * lattice) * window * count
    # a step is right to a^3 / 6 of a = D k^2 dt
    steps = one.steps(D * window)
    error = count * steps * (D * lattice * window / steps) ** 3 / 6.0
    np.testing.assert_allclose(np.log(found), -exponent, rtol=0.0, atol=1.1 * error + 1e-12)
    assert error < 0.01


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_wave_of_power_settles(number):
    nx, d, window = 20, 5e-9, 5e-12
    one, foster = section(1, nx, d), Foster(FOSTER.resistances[:1], FOSTER.times[:1])
    wave = np.cos(np.pi * number * (np.arange(nx) + 0.5) / nx)[:, None]
    theta = np.zeros((1, nx, 1))
    march(theta, np.repeat(1e-3 * wave[None], 800, axis=0), one, foster, window, D)
    lattice = (2.0 / d * np.sin(0.5 * np.pi * number / nx)) ** 2
    wanted = 1e-3 * foster.resistances[0] / (1.0 + D * foster.times[0] * lattice) * wave
    # with a = D k^2 dt: a^2 / 6 by the rate, less a^2 / 24 as heat comes in the middle of a step
    step = window / one.steps(D * window)
    np.testing.assert_allclose(theta[0], wanted, rtol=0.13 * (D * lattice * step) ** 2 + 1e-5)


def test_a_hot_center_of_a_disc():
    """``u = 1 - x (K1(x) - c I1(x)) I0(r)`` within, ``x I1(x) (K0(r) + c I0(r))`` beyond, in lengths sqrt(D tau)."""
    n, d, foster = 60, 4e-9, Foster(np.array([3e4]), np.array([0.2e-9]))
    edge, hot = 0.5 * n * d, 0.2 * n * d
    length = edge / 3.0
    diffusivity = length**2 / foster.times[0]
    one = section(n, n, d, shape="elliptic-cylinder")
    at = (np.arange(n) + 0.5 - n / 2) * d
    r = np.hypot(*np.meshgrid(at, at))
    fine = (np.arange(8 * n) + 0.5 - 4 * n) * d / 8
    share = (np.hypot(*np.meshgrid(fine, fine)) < hot).reshape(n, 8, n, 8).mean(axis=(1, 3))
    theta, powers = np.zeros((1, n, n)), 1e-3 * share
    march(theta, np.repeat(powers[None], 120, axis=0), one, foster, 2e-11, diffusivity)
    x, s, c = hot / length, r / length, k1(edge / length) / i1(edge / length)
    exact = np.where(r < hot, 1.0 - x * (k1(x) - c * i1(x)) * i0(s), x * i1(x) * (k0(s) + c * i0(s)))
    found = theta[0] / (1e-3 * foster.resistances[0])
    # cells are an eighth of that length; the rim has their steps
    assert np.abs(found - exact)[one.there].max() < 0.003 * exact[one.there].max()
    assert exact[one.there].max() > 4.0 * exact[one.there].min()


def test_heat_is_stored_or_given_off():
    rng = np.random.default_rng(3)
    one, window, count = section(8, 8, shape="elliptic-cylinder"), 1e-12, 600
    columns = one.there.sum()
    course = np.sin(np.linspace(0.0, np.pi, count + 1)) ** 2
    powers = course[:, None, None] * rng.uniform(0.0, 1e-3, (8, 8)) * one.there
    theta, lost, before = np.zeros((2, 8, 8)), np.zeros(2), np.zeros(2)
    for p0, p1 in zip(powers, powers[1:], strict=False):
        march(theta, np.stack([p0, p1]), one, FOSTER, window, D)
        after = theta.sum(axis=(1, 2)) / (FOSTER.resistances * columns)
        lost, before = lost + 0.5 * window * (before + after), after
    supplied = window * 0.5 * (powers[1:] + powers[:-1]).sum() / columns
    stored = FOSTER.times / FOSTER.resistances * theta.sum(axis=(1, 2)) / columns
    # the loss is summed by trapezoids: (window / time)^2 / 12
    np.testing.assert_allclose(stored + lost, supplied, rtol=1e-6)
    assert (lost > 0.005 * supplied).all()
