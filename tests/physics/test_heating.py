"""Joule heat: weights of a window, cooling, power, and the voltage of a given current."""

import mpmath
import naive
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.integrate import quad
from strategies import number

from spinneuron.device import Device
from spinneuron.device_checks import MOST_POLES
from spinneuron.physics.heating import POLES, Foster, bias, joule_power, junction_voltage

DEVICE = Device.preset("parallel").replace(tmr=1.5, tmr_voltage=0.4)
# h / tau from far below to far above one, and around the seam of the series
SHARES = np.concatenate([10.0 ** np.arange(-12.0, 5.0), [1e-3, 0.49999, 0.5, 0.50001, 0.9, 30.0]])


def exact(share):
    """keep, before / R and after / R, with 60 digits."""
    with mpmath.workdps(60):
        a = mpmath.mpf(float(share))
        keep = mpmath.exp(-a)
        mean = (1 - keep) / a
        return float(keep), float(mean - keep), float(1 - mean)


def weights(share):
    return Foster(np.array([1.0]), np.array([1.0])).windows(share)[:, 0]


@pytest.mark.parametrize("share", SHARES)
def test_weights_are_exact_for_any_window(share):
    """Three roundings; the difference of two numbers near 1 would lose all digits of the short ones."""
    np.testing.assert_allclose(weights(share), exact(share), rtol=1e-14, atol=1e-300)


@given(st.floats(1e-12, 1e4))
@example(0.5)
def test_weights_add_up_to_one(share):
    keep, before, after = weights(share)
    assert keep + (before + after) == pytest.approx(1.0, rel=4e-16, abs=0.0)
    assert 0.0 < before <= after * (1.0 + 1e-15)


def test_weights_of_several_poles():
    foster = Foster(np.array([2.0, 3.0, 5.0]), np.array([1e-12, 1e-10, 1e-3]))
    table = foster.windows(1e-11)
    assert table.shape == (3, 3)
    for j in range(3):
        keep, before, after = exact(1e-11 / foster.times[j])
        wanted = [keep, foster.resistances[j] * before, foster.resistances[j] * after]
        np.testing.assert_allclose(table[:, j], wanted, rtol=1e-14)
    assert Foster.of(DEVICE).windows(1e-11).shape == (3, 0)
    assert POLES == MOST_POLES


@given(number(0.0, 300.0), number(0.0, 1e-2), number(0.0, 1e-2), st.floats(1e-3, 1e3))
def test_window_solves_the_equation_of_a_linear_power(theta, before, after, share):
    """Against the solution in another form, in long double."""
    device = DEVICE.replace(thermal_resistances=(3e4,), thermal_times=(1e-9,))
    keep, first, last = Foster.of(device).windows(share * 1e-9)[:, 0]
    got = keep * theta + first * before + last * after
    wanted = naive.foster(np.array([theta]), device, before, after, share * 1e-9)[0]
    assert got == pytest.approx(wanted, rel=1e-12, abs=1e-12)


def test_window_is_the_response_to_any_power():
    """Duhamel's integral of exp(-(h - t)/tau) R p(t) / tau."""
    foster = Foster(np.array([2e4]), np.array([0.7e-9]))
    keep, before, after = foster.windows(1e-9)[:, 0]
    response = quad(lambda t: np.exp((t - 1.0) / 0.7) * 2e4 / 0.7 * (1e-3 + (3e-3 - 1e-3) * t), 0.0, 1.0)[0]
    assert keep * 10.0 + before * 1e-3 + after * 3e-3 == pytest.approx(10.0 * np.exp(-1.0 / 0.7) + response, rel=1e-12)


def test_two_windows_are_one_of_twice_the_length():
    foster = Foster(np.array([1e4, 2e4]), np.array([1e-10, 1e-8]))
    theta = np.array([3.0, 40.0])
    long = foster.windows(2e-10)
    short = foster.windows(1e-10)
    once = long[0] * theta + long[1] * 1e-3 + long[2] * 3e-3
    half = short[0] * theta + short[1] * 1e-3 + short[2] * 2e-3
    np.testing.assert_allclose(short[0] * half + short[1] * 2e-3 + short[2] * 3e-3, once, rtol=1e-14)


def test_cooling_is_a_window_without_power():
    foster = Foster(np.array([1e4, 2e4]), np.array([1e-10, 1e-8]))
    rises = np.array([[3.0, 5.0, 7.0], [40.0, 50.0, 60.0]])
    cooled = foster.cooled(rises, 3e-9)
    np.testing.assert_allclose(cooled, rises * foster.windows(3e-9)[0][:, None], rtol=1e-15)
    np.testing.assert_allclose(foster.cooled(rises[:, 0], 3e-9), cooled[:, 0], rtol=1e-15)
    np.testing.assert_array_equal(foster.cooled(rises, 0.0), rises)


@given(number(-1.0, 1.0), number(-2.0, 2.0), number(0.0, 20.0), st.sampled_from([None, 0.1, 0.5, 3.0]))
def test_power_is_voltage_squared_times_conductance(cosine, voltage, tmr, half):
    device = DEVICE.replace(tmr=tmr, tmr_voltage=half)
    roll = 0.0 if half is None else half**-2
    density, mean, swing = joule_power(voltage, cosine, 1.0 / device.resistance_area, tmr, roll)
    # digits are lost below the normal numbers
    assert density * device.area == pytest.approx(naive.joule(cosine, device, voltage, "V"), rel=1e-13, abs=1e-290)
    assert (mean + swing * cosine) * device.area * device.resistance(cosine, voltage) == pytest.approx(1.0, rel=1e-13)


@given(number(-1.0, 1.0), number(-1e13, 1e13), number(0.0, 20.0), st.sampled_from([0.0, 0.1, 1.0, 4.0, 100.0]))
@example(-1.0, 1e12, 20.0, 4.0)
@example(-1.0, -3e11, 20.0, 4.0)
@example(1.0, 0.0, 20.0, 4.0)
@example(-1.0, 0.0, 0.0, 0.0)
def test_voltage_carries_the_current(cosine, J, tmr, roll):
    """V G(V) = J to rounding: for any tmr of a device, any angle, both signs."""
    voltage = junction_voltage(J, cosine, 1e12, tmr, roll)
    density, mean, swing = joule_power(voltage, cosine, 1e12, tmr, roll)
    assert voltage * (mean + swing * cosine) == pytest.approx(J, rel=4e-15, abs=1e-290)
    assert density == pytest.approx(J * voltage, rel=1e-14, abs=1e-290)
    assert junction_voltage(-J, cosine, 1e12, tmr, roll) == -voltage


def test_voltage_carries_the_current_in_the_worst_places():
    """A dense grid: antiparallel with the largest tmr, where Newton's steps start 21 times too high."""
    u = np.logspace(-4.0, 4.0, 400)
    for tmr in (0.5, 2.0, 8.0, 20.0):
        for cosine in (-1.0, -1.0 + 1e-6, -0.99, -0.9, -0.5, 0.0, 1.0):
            device = DEVICE.replace(tmr=tmr, tmr_voltage=0.5)
            V = 0.5 * np.sqrt(u)
            J = V / (device.resistance(cosine, V) * device.area)
            np.testing.assert_allclose(bias(device, J, cosine), V, rtol=4e-15)


def test_bias_of_arrays_is_that_of_kernels():
    cosine, J = np.linspace(-1.0, 1.0, 5)[:, None], np.array([-1e12, 0.0, 3e11])
    together = bias(DEVICE, J, cosine)
    assert together.shape == (5, 3)
    for i in range(5):
        for k in range(3):
            alone = junction_voltage(J[k], cosine[i, 0], 1.0 / DEVICE.resistance_area, 1.5, 0.4**-2)
            assert together[i, k] == pytest.approx(alone, rel=1e-15)
    warmer = bias(DEVICE, 3e11, 0.0, np.array([1.5, 0.5]))
    assert warmer[0] == together[2, 2] and warmer[1] < warmer[0]
    constant = DEVICE.replace(tmr_voltage=None)
    np.testing.assert_allclose(bias(constant, 3e11, 0.2), 3e11 * constant.resistance(0.2) * constant.area, rtol=1e-14)
