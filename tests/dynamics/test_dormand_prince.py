"""Dormand-Prince: its order at fixed steps, its error control, the stops that it must meet."""

import time

import naive
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from spinneuron.compiled import njit
from spinneuron.constants import gamma0
from spinneuron.device import Device
from spinneuron.dynamics.dormand_prince import advance_adaptive, dormand_prince_step
from spinneuron.dynamics.ensemble import Course, Numerics, run
from spinneuron.dynamics.macrospin import table
from spinneuron.dynamics.steppers import STEPPERS, cross, rotation
from spinneuron.physics.fields import Fields
from spinneuron.physics.torques import Torques
from spinneuron.physics.transport import Transport

DEVICE = Device.preset("orthogonal").replace(
    geometry="prism", alpha=0.15, Ku=2e5, easy_axis=(0.6, 0.0, 0.8), applied_field=(2e4, 1e4, -3e4),
    Lambda=1.4, eps_prime=0.1, pinned=(0.48, 0.6, 0.64),
)  # fmt: skip
START = np.array([0.36, 0.48, 0.8])
RATE = gamma0 / (1.0 + DEVICE.alpha**2)


@njit
def fixed_steps(m, start, slope, h, steps, f, t, c, alpha):
    """Steps of equal length under a linear drive; also the largest estimate of the error."""
    x, y, z = m
    drive = start
    ox, oy, oz = rotation(x, y, z, drive, 0.0, 0.0, 0.0, f, t, c, alpha)
    k = cross(x, y, z, ox, oy, oz)
    worst = 0.0
    for _ in range(steps):
        (x, y, z), k, error = dormand_prince_step(x, y, z, k, drive, slope, h, f, t, c, alpha)
        drive += slope * h
        worst = max(worst, error)
    return x, y, z, worst


def reference(stop, corners=(0.0, 100e-12), values=(0.0, 1.5), m=START, start=0.0):
    def slope(t, m):
        return naive.slope(m, DEVICE, np.interp(t, corners, values), "V")

    return solve_ivp(slope, (start, stop), m, method="DOP853", rtol=1e-12, atol=1e-14, first_step=1e-14).y[:, -1]


def test_declared_order_is_observed():
    stop = 40e-12
    exact = reference(stop)
    # The kernels' fields are rates, so that time stays in seconds.
    f = Fields(*(RATE * float(v) for v in Fields.of(DEVICE, DEVICE.size)))
    t = Torques(*map(float, Torques.of(DEVICE, DEVICE.size)))
    t = t._replace(a=RATE * t.a, b=RATE * t.b)
    c = Transport(*map(float, Transport.of(DEVICE, DEVICE.size, "V")))
    errors, estimates = [], []
    for steps in (40, 80, 160):
        *m, estimate = fixed_steps(
            tuple(START.tolist()), 0.0, 1.5 / 100e-12, stop / steps, steps, f, t, c, DEVICE.alpha
        )
        errors.append(np.linalg.norm(np.array(m) - exact))
        estimates.append(estimate)
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders[-1] == pytest.approx(STEPPERS["dormand-prince"].order, abs=0.3)
    # The embedded scheme is of fourth order: its error in one step shrinks with the fifth power.
    assert np.log2(estimates[1] / estimates[2]) == pytest.approx(5, abs=0.3)
    assert errors[-1] > 1e-12


@pytest.mark.parametrize("tolerance", [1e-5, 1e-8])
def test_error_follows_the_tolerance_through_kinks(tolerance):
    corners, values = (0.0, 13e-12, 29e-12, 61e-12), (0.0, 1.5, 0.4, 0.0)
    exact, start = START, 0.0
    for stop in (*corners[1:], 80e-12):
        exact, start = reference(stop, corners, values, exact, start), stop
    m = START[:, None].copy()
    rows = table(DEVICE, DEVICE.size, "V", 0.0)
    # Corners lie between the records, every 8 ps.
    kept, dt, name = run(m, rows, Course(corners, values, 8e-12, 10), numerics=Numerics(tolerance=tolerance))
    assert name == "dormand-prince"
    assert np.isnan(dt)
    np.testing.assert_array_equal(kept[-1], m)
    # Errors of some hundred steps add up, damping takes some of them back.
    assert np.linalg.norm(m[:, 0] - exact) < 30 * tolerance
    np.testing.assert_allclose(np.linalg.norm(kept, axis=1), 1.0, rtol=0.0, atol=1e-14)


def test_records_do_not_depend_on_each_other():
    """More records mean more stops, and the same trajectory within the tolerance."""
    rows = table(DEVICE, DEVICE.size, "V", 0.0)
    fine = run(START[:, None].copy(), rows, Course((0.0, 80e-12), (0.0, 1.5), 1e-12, 80))[0]
    coarse = run(START[:, None].copy(), rows, Course((0.0, 80e-12), (0.0, 1.5), 20e-12, 4))[0]
    np.testing.assert_allclose(fine[::20], coarse, rtol=0.0, atol=1e-5)


def test_a_moment_at_rest_stays_there():
    device = Device.preset("orthogonal")
    m = np.array([[0.0], [0.0], [1.0]])
    run(m, table(device, device.size, "V", 0.0), Course((0.0, 1e-9), (0.0, 0.0), 1e-10, 10))
    np.testing.assert_array_equal(m[:, 0], [0.0, 0.0, 1.0])


@pytest.mark.parametrize("drive", [np.nan, 1e200, 1e290])
def test_hopeless_lanes_end_as_nan_soon(drive):
    """Not after a million steps for each of 400 lanes, let alone between each two of 1000 stops."""
    rows = table(DEVICE, DEVICE.size, "V", 0.0)
    start = np.tile(START[:, None], (1, 400))
    m, stops, record = start.copy(), np.linspace(0.0, 1e-9, 1000), np.empty((1000, 3, 400))
    started = time.perf_counter()
    advance_adaptive(m, rows, 400, stops, np.full(1000, drive), np.ones(1000, bool), 1e-7, record)
    assert np.isnan(m).all()
    assert np.isnan(record[1:]).all()
    np.testing.assert_array_equal(record[0], start)
    # It takes milliseconds, or else half a minute.
    assert time.perf_counter() - started < 10.0
