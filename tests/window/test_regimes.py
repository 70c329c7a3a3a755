"""Regimes: what is read off a membrane potential, how it is judged, and the closed-form rule."""

import naive
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from spinneuron.device import Device
from spinneuron.geometry import Size
from spinneuron.quantity import InputError
from spinneuron.window.regimes import BELOW, LIF, REGIMES, STUCK, classify, closed_form, measure, onset, upright
from spinneuron.window.spec import Criteria, Drive, Spec

DEVICE = Device.preset("orthogonal")
REFERENCE = np.array([[10e-9], [45e-9], [50e-9]])


def spec(device=DEVICE, **options):
    return Spec(device, (10e-9,), (45e-9,), (50e-9,), **options)


def test_measures_of_known_traces():
    drive = Drive(width=1e-9, edge=1e-10, relax=2.05e-9, settle=0.5e-9, interval=1e-10)
    times = np.arange(39) * 1e-10
    ramp = np.clip((times - 0.5e-9) / 1e-9, 0.0, 1.0)
    spike_before = np.where(times < 0.45e-9, 0.9, 0.1)
    # The records end at 3.8 ns; the last 0.205 ns hold three of them.
    late = np.where(times > 3.55e-9, -0.4, 0.0)
    u = np.stack([0.6 * ramp, -0.6 * ramp, spike_before, late], axis=1)
    peak, residual, crossing = measure(u, spec(drive=drive))
    np.testing.assert_allclose(peak, [0.6, 0.6, 0.1, 0.4], rtol=1e-12)
    np.testing.assert_allclose(residual, [0.6, 0.6, 0.1, 0.4], rtol=1e-12)
    # 0.25 is reached 0.25/0.6 ns after the start of the pulse, between two samples; the third never reaches it.
    np.testing.assert_allclose(crossing[:2], 0.25 / 0.6 * 1e-9, rtol=1e-9)
    assert np.isnan(crossing[2])
    assert crossing[3] == pytest.approx(3.0e-9 + 0.25 / 0.4 * 1e-10, rel=1e-9)


def test_ripple_of_both_signs_is_no_residual():
    times = np.arange(411)
    u = np.where(times > 360, 0.2 * (-1.0) ** times, 0.5)[:, None]
    assert measure(u, spec()).residual[0] < 0.02
    assert measure(np.abs(u), spec()).residual[0] == pytest.approx(0.2)


def test_every_case_is_judged():
    peak = [0.1, 0.3, 0.3, 0.3, 0.1, 0.25]
    residual = [0.0, 0.01, 0.2, 0.01, 0.2, 0.05]
    rests_upright = [True, True, True, False, False, True]
    expected = [BELOW, LIF, STUCK, STUCK, BELOW, LIF]
    judged = classify(peak, residual, rests_upright, Criteria())
    assert judged.dtype == np.int8
    assert judged.tolist() == expected
    assert classify(0.3, 0.01, False, Criteria(height_axis=False)) == LIF
    assert REGIMES[LIF] == "leaky_integrate_and_fire"


def test_upright():
    states = [[0.0, 0.0, -1.0], [0.6, 0.0, 0.8], [0.8, 0.0, 0.6], [1.0, 0.0, 0.0]]
    assert upright(np.array(states)).tolist() == [True, True, False, False]


@pytest.mark.parametrize(("shape", "regime"), [("elliptic-cylinder", LIF), ("prism", BELOW), ("ellipsoid", BELOW)])
def test_reference_needs_the_factors_of_an_elliptic_cylinder(shape, regime):
    assert closed_form(spec(DEVICE.replace(geometry=shape)), REFERENCE).tolist() == [regime]


@pytest.mark.parametrize("damping", [0.0, 0.07, 0.23, 0.55, 0.85, 3.0])
def test_onset_is_where_a_pendulum_turns_over(damping):
    """theta'' + beta theta' = tau - sin theta from rest: it passes 2 pi just above c, and comes back just below."""

    def turns_over(torque):
        def passes(s, state):
            return state[0] - 2.0 * np.pi

        def comes_back(s, state):
            return state[1] if s > 1e-3 else 1.0

        passes.terminal = comes_back.terminal = True
        comes_back.direction = -1

        def slope(s, state):
            return state[1], torque - np.sin(state[0]) - damping * state[1]

        run = solve_ivp(slope, (0.0, 1000.0), (0.0, 0.0), events=(passes, comes_back), rtol=1e-9, atol=1e-10)
        return len(run.t_events[0]) > 0

    # the table is interpolated to 1e-3
    assert turns_over(onset(damping) + 1e-3)
    assert not turns_over(onset(damping) - 1e-3)


@pytest.mark.parametrize(("factor", "regime"), [(0.99, BELOW), (1.01, LIF)])
def test_onset_of_the_running_state(factor, regime):
    """2 a_J = c Ms |N_L - N_T|, for pillars that would otherwise reach the threshold: long pulse, low damping."""
    across, along, height = DEVICE.demagnetizing_factors
    efficiency, _ = naive.torque_fields(0.0, 1.0, DEVICE)
    device = DEVICE.replace(alpha=0.005)
    beta = 0.005 * np.sqrt((across - (along + height) / 2) / (along - height))
    assert beta == pytest.approx(0.0586, abs=1e-3)
    needed = onset(beta) * DEVICE.Ms * (along - height) / (2 * efficiency)
    # 4.35e11 A/m^2 is the printed onset of a slow ramp
    assert needed == pytest.approx(0.754 * 4.35e11, rel=3e-3)
    drive = Drive(amplitude=factor * needed, width=20e-9, relax=30e-9)
    assert closed_form(spec(device, drive=drive), REFERENCE).tolist() == [regime]


def test_rule_against_its_own_formula():
    """m_peak = m_ss (1 - exp(-lambda t_on)) and its decay, over a range of thresholds around both."""
    across, along, height = DEVICE.demagnetizing_factors
    stiffness = DEVICE.Ms * (across - (along + height) / 2)
    rate = DEVICE.alpha * naive.GAMMA0 / (1 + DEVICE.alpha**2) * stiffness
    a, _ = naive.torque_fields(0.0, 1e12, DEVICE)
    peak = a / (DEVICE.alpha * stiffness) * (1 - np.exp(-rate * 1.05e-9))
    left = peak * np.exp(-rate * 3e-9)
    for drive in (Drive(), Drive(amplitude=-1e12)):
        for threshold, residual, regime in (
            (1.001 * peak, 1.001 * left, BELOW),
            (0.999 * peak, 1.001 * left, LIF),
            (0.999 * peak, 0.999 * left, STUCK),
        ):
            one = spec(drive=drive, criteria=Criteria(threshold, residual))
            assert closed_form(one, REFERENCE).tolist() == [regime]


def test_pillars_that_cannot_relax():
    # Wider than long: no leak towards the short axis. Longer than high: no easy axis along the height.
    dimensions = np.array([[60e-9, 10e-9, 10e-9], [45e-9, 51e-9, 51e-9], [50e-9, 50e-9, 50e-9]])
    strong = Drive(amplitude=1e13)
    assert closed_form(spec(drive=strong), dimensions)[:2].tolist() == [STUCK, STUCK]
    assert closed_form(spec(drive=strong, criteria=Criteria(height_axis=False)), dimensions)[1] != BELOW
    assert Size.of(DEVICE.geometry, *dimensions).N_width[0] < 0.3


def test_the_rule_refuses_the_fourth_order():
    with pytest.raises(InputError) as caught:
        closed_form(spec(DEVICE.replace(Ku2=1e4)), REFERENCE)
    assert str(caught.value) == (
        "Ku2 of orthogonal: the closed-form rule knows the second order alone; simulate the window, or use a device "
        "with Ku2 = 0"
    )
