"""The signed leaky integrate-and-fire neuron: exact responses, exact fits, honest errors, and the meaning of a step."""

import math
from types import SimpleNamespace
from typing import Any

import numba
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.signal import lfilter

from spinneuron.constants import e, gamma0, hbar, mu0
from spinneuron.device import Device
from spinneuron.quantity import InputError
from spinneuron.surrogates.fit_statistics import FitStatistics
from spinneuron.surrogates.lif_fit import BatchFit, intervals
from spinneuron.surrogates.lif_kernels import autocorrelation_time, segment
from spinneuron.surrogates.signed_lif import SignedLIF, State, energy, fit_batch, predicted, step

TIME = np.linspace(0.0, 6e-9, 241)
# A bipolar drive with corners on the samples, so that the sampled current is the drive itself [A].
CORNERS = 1e-9 * np.array([0, 0.1, 2.0, 2.1, 3.0, 3.1, 4.0, 4.1, 6.0])
CURRENT = 2e-4 * np.interp(TIME, CORNERS, [0, 1, 1, 0, 0, -1, -1, 0, 0])
OHMS = 2800.0


def lif(**fields):
    return SignedLIF(**{"tau_membrane": 0.96e-9, "gain": 0.8, "resistance": OHMS} | fields)


def fitted(*record) -> Any:
    return SignedLIF.fit_arrays(*record)


def fitted_run(run, **fields) -> Any:
    return SignedLIF.fit(run, **fields)


def irregular(seed=1, size=200):
    inner = np.random.default_rng(seed).uniform(0.0, 6e-9, size - 2)
    return np.sort(np.concatenate([[0.0, 6e-9], inner]))


@pytest.mark.parametrize("tau", [1e-11, 0.96e-9, 1e-7])
@pytest.mark.parametrize("time", [TIME, irregular()], ids=["uniform", "irregular"])
def test_response_is_the_solution_of_the_equation(tau, time):
    current = np.interp(time, TIME, CURRENT)
    neuron = lif(tau_membrane=tau, leak=1.3)
    u = neuron.respond(time, current, 0.2)
    # Segment by segment, so that the solver never steps over a corner.
    expected = [0.2]
    for i in range(time.size - 1):
        span = time[i : i + 2]

        def slope(t, u, span=span, i=i):
            voltage = OHMS * np.interp(t, span, current[i : i + 2])
            return (-neuron.leak * u + neuron.gain * voltage) / tau

        if i % 8 == 0:
            expected_next = solve_ivp(slope, span, [u[i]], method="DOP853", rtol=1e-12, atol=1e-14).y[0, -1]
            # The tolerance of the reference.
            assert u[i + 1] == pytest.approx(expected_next, rel=1e-10, abs=1e-12)
    assert u[0] == expected[0]


def test_coefficients_meet_where_the_series_begins():
    low, high = segment(0.125 * (1 - 1e-15), 1.0), segment(0.125, 1.0)
    # Rounding of the differences at x = 1/8, about 2^-52 / x.
    assert low == pytest.approx(high, rel=1e-14)
    assert segment(0.0, 2.0) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("tau", [2e-11, 1e-10, 0.96e-9, 5e-9, 1e-7])
@pytest.mark.parametrize("gain", [0.8, -0.03])
@pytest.mark.parametrize("time", [TIME, irregular()], ids=["uniform", "irregular"])
def test_fit_recovers_the_parameters_without_noise(tau, gain, time):
    current = np.interp(time, TIME, CURRENT)
    neuron = lif(tau_membrane=tau, gain=gain)
    found = fitted(time, neuron.respond(time, current), current, OHMS)
    # tau = 17 records keeps its curvature to 6 % of the response: still nine digits.
    assert found.tau_membrane == pytest.approx(tau, rel=1e-9)
    assert found.gain == pytest.approx(gain, rel=1e-9)
    assert found.statistics.rmse < 1e-12 and found.statistics.r2 == pytest.approx(1.0, abs=1e-12)


def ou_noise(rng, shape, correlation, sigma):
    """Stationary Ornstein-Uhlenbeck noise with a correlation time in samples; white where it is 0."""
    rho = math.exp(-1.0 / correlation) if correlation else 0.0
    white = rng.standard_normal((shape[0], shape[1] + 400))
    return sigma * math.sqrt(1.0 - rho * rho) * lfilter([1.0], [1.0, -rho], white)[:, 400:]


@pytest.mark.parametrize(("correlation", "low", "high"), [(0, 0.92, 0.98), (4, 0.90, 0.99), (10, 0.90, 0.99)])
def test_confidence_intervals_cover_the_truth(correlation, low, high):
    trials, truth = 300, {"tau_membrane": 0.96e-9, "gain": 0.8}
    clean = lif(**truth).respond(TIME, CURRENT)
    noise = ou_noise(np.random.default_rng(42), (trials, TIME.size), correlation, 0.03)
    found = fit_batch(TIME, clean + noise, CURRENT, OHMS)
    inside = dict.fromkeys(truth, 0)
    for i in range(trials):
        one = BatchFit(*(column[i] for column in found))
        matrix = ((one.tau_error**2, one.covariance), (one.covariance, one.gain_error**2))
        statistics = FitStatistics(one.rmse, one.r2, TIME.size, one.n_effective, tuple(truth), matrix)
        for name, value in truth.items():
            inside[name] += abs(getattr(one, name) - value) <= statistics.half_width(name)
    for name, count in inside.items():
        assert low <= count / trials <= high, (name, count / trials)


def test_errors_scale_with_the_noise_and_match_the_scatter():
    clean = lif().respond(TIME, CURRENT)
    noise = ou_noise(np.random.default_rng(3), (400, TIME.size), 0, 0.01)
    found = fit_batch(TIME, clean + noise, CURRENT, OHMS)
    # Scatter of 400 fits: 3.5 % of itself; autocorrelation times of at least one sample lift the errors a little.
    assert np.std(found.tau_membrane) == pytest.approx(np.mean(found.tau_error), rel=0.14)
    assert np.std(found.gain) == pytest.approx(np.mean(found.gain_error), rel=0.14)
    correlation = np.mean(found.covariance / (found.tau_error * found.gain_error))
    # Standard error of a correlation from 400 pairs: 0.05 at most.
    assert np.corrcoef(found.tau_membrane, found.gain)[0, 1] == pytest.approx(correlation, abs=0.15)


def test_autocorrelation_time_of_a_known_process():
    noise = ou_noise(np.random.default_rng(5), (20, 20000), 8, 1.0)
    expected = 1.0 / math.tanh(0.5 / 8)
    times = [autocorrelation_time(row) for row in noise]
    # Four standard errors of the mean, and the one-percent tail that the window cuts off.
    assert np.mean(times) == pytest.approx(expected, abs=4 * np.std(times) / math.sqrt(20) + 0.01 * expected)
    assert autocorrelation_time(np.zeros(10)) == 1.0
    # At least one sample, times the correction with W = 1; and never more than all samples.
    assert autocorrelation_time(np.array([1.0, -1.0] * 50)) == pytest.approx(1.0 + 2 * 3 / 100)
    assert autocorrelation_time(np.ones(10)) == 10.0


def batch():
    rng = np.random.default_rng(7)
    tau, gain = 10 ** rng.uniform(-10.5, -8.0, 37), rng.uniform(-1.0, 1.0, 37)
    u = np.array([lif(tau_membrane=t, gain=g).respond(TIME, CURRENT) for t, g in zip(tau, gain, strict=True)])
    return u + 0.01 * rng.standard_normal(u.shape)


def bits(found):
    return np.array(found).tobytes()


def test_batch_gives_the_bits_of_single_fits_on_any_number_of_threads():
    u, ohms = batch(), np.linspace(1e3, 5e3, 37)
    together = fit_batch(TIME, u, CURRENT, ohms)
    singles = [fit_batch(TIME, u[i], CURRENT, ohms[i]) for i in range(37)]
    assert bits(together) == np.array(singles)[:, :, 0].T.tobytes()
    assert bits(fit_batch(TIME, u, np.tile(CURRENT, (37, 1)), ohms)) == bits(together)
    before = numba.get_num_threads()
    if before > 1:
        try:
            for threads in (1, 2):
                numba.set_num_threads(threads)
                assert bits(fit_batch(TIME, u, CURRENT, ohms)) == bits(together)
        finally:
            numba.set_num_threads(before)


def test_limits_of_the_fit_have_their_documented_values():
    ramp = np.concatenate([[0.0], np.cumsum(0.5 * (CURRENT[1:] + CURRENT[:-1]))]) * (TIME[1] - TIME[0])
    rate = 1e9
    u = np.array([np.zeros(TIME.size), rate * OHMS * ramp, 0.5 * OHMS * CURRENT])
    found = fit_batch(TIME, u, CURRENT, OHMS)
    assert math.isnan(found.tau_membrane[0]) and found.gain[0] == 0.0 and math.isnan(found.r2[0])
    assert found.tau_membrane[1] == math.inf and found.gain[1] == math.inf and found.tau_error[1] == math.inf
    assert found.rate[1] == pytest.approx(rate, rel=1e-12) and found.r2[1] == pytest.approx(1.0, abs=1e-12)
    assert found.tau_membrane[2] == 0.0 and found.gain[2] == pytest.approx(0.5, rel=1e-12)
    refusals = ("u = 0 throughout", "no leak within the record of 6 ns", "record more often")
    for record, words in zip(u, refusals, strict=True):
        with pytest.raises(InputError, match=words):
            fitted(TIME, record, CURRENT, OHMS)


def test_growing_response_has_no_leak():
    u = np.expm1(TIME / 2e-9)
    assert fit_batch(TIME, u, np.full(TIME.size, 1e-4), OHMS).tau_membrane[0] == math.inf


@settings(max_examples=30, deadline=None)
@given(
    tau=st.floats(1e-11, 1e-6),
    gain=st.floats(-5.0, 5.0),
    scale=st.floats(-3.0, 3.0),
    u0=st.floats(-1.0, 1.0),
    seed=st.integers(0, 2**32 - 1),
)
def test_response_is_odd_linear_and_decays(tau, gain, scale, u0, seed):
    neuron = lif(tau_membrane=tau, gain=gain)
    first, second = 1e-4 * np.random.default_rng(seed).standard_normal((2, TIME.size))
    u = neuron.respond(TIME, first, u0)
    assert np.array_equal(neuron.respond(TIME, -first, -u0), -u)
    # Rounding of sums whose terms reach 5 V^-1 x 2800 ohm x 4 x 1e-4 A x 5.
    both = neuron.respond(TIME, first + scale * second, u0) - scale * neuron.respond(TIME, second)
    np.testing.assert_allclose(both, u, rtol=0, atol=1e-12)
    free = neuron.respond(TIME, np.zeros(TIME.size), u0)
    np.testing.assert_allclose(free, u0 * np.exp(-TIME / tau), rtol=1e-11, atol=1e-300)


@settings(max_examples=30, deadline=None)
@given(voltage=st.floats(-0.2, 0.2), u0=st.floats(-0.2, 0.2), dt=st.floats(1e-12, 1e-8), leak=st.floats(0.1, 3.0))
def test_step_is_the_response_to_a_constant_drive(voltage, u0, dt, leak):
    neuron = lif(threshold=1e3, leak=leak)
    spike, state = neuron.step(voltage, State(u0, 0.0), dt)
    time = np.linspace(0.0, dt, 5)
    assert spike == 0.0
    assert state.u == pytest.approx(neuron.respond(time, np.full(5, voltage / OHMS), u0)[-1], rel=1e-9, abs=1e-13)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(("reset", "after"), [(0.0, 0.0), (0.1, 0.1), (-0.1, -0.1), (None, 0.05)])
def test_reset_mirrors_between_the_signs(sign, reset, after):
    neuron = lif(reset=reset)
    # A step so short that u keeps its value.
    spike, state = neuron.step(np.zeros(3), State(sign * np.array([0.30, 0.25, 0.2]), np.zeros(3)), 1e-30)
    expected = [after, 0.0 if reset is None else after, 0.2]
    np.testing.assert_array_equal(spike, [sign, sign, 0.0])
    np.testing.assert_allclose(state.u, sign * np.array(expected), atol=1e-15)


def test_refractory_neuron_holds_and_then_integrates_the_rest_of_the_step():
    neuron, dt, voltage = lif(refractory=2.5e-10, reset=0.1), 1e-10, 10.0
    spike, state = neuron.step(voltage, State(0.0, 0.0), dt)
    assert (spike, state.u, state.refractory_left) == (1.0, 0.1, 2.5e-10)
    for left in (1.5e-10, 0.5e-10):
        spike, state = neuron.step(voltage, state, dt)
        assert (spike, state.u) == (0.0, 0.1)
        assert state.refractory_left == pytest.approx(left, rel=1e-12)
    quiet = lif(threshold=1e3)
    spike, state = neuron.step(0.01, state, dt)
    expected = quiet.step(0.01, State(0.1, 0.0), 0.5e-10)[1].u
    assert spike == 0.0 and state.refractory_left == 0.0
    assert state.u == pytest.approx(expected, rel=1e-12)


def test_refractory_neuron_is_silent_above_the_threshold():
    neuron = lif(refractory=1e-9, reset=None)
    spike, state = neuron.step(0.0, State(0.9, 0.0), 1e-30)
    assert spike == 1.0 and state.u == pytest.approx(0.65)
    assert neuron.step(0.0, state, 1e-10)[0] == 0.0


def test_step_takes_a_surrogate_gradient_and_learned_parameters():
    parameters = SimpleNamespace(
        tau_membrane=np.array([1e-9, 2e-9]), leak=1.0, gain=1.0, threshold=0.25, reset=0.0, refractory=0.0
    )
    spike, state = step(0.1, State(np.zeros(2), np.zeros(2)), parameters, 1e-9, fire=lambda u, threshold, xp: 0.0 * u)
    np.testing.assert_array_equal(spike, [0.0, 0.0])
    np.testing.assert_allclose(state.u, 0.1 * -np.expm1([-1.0, -0.5]), rtol=1e-14)


def test_spikes_are_signed_batched_and_free_of_memory_between_rows():
    neuron = lif(refractory=1e-10)
    run = neuron.spikes(TIME, np.stack([CURRENT, -CURRENT, 0.0 * CURRENT]))
    assert set(run.spike[0]) == {-1.0, 0.0, 1.0}
    np.testing.assert_array_equal(run.spike[1], -run.spike[0])
    assert not run.spike[2].any()
    np.testing.assert_array_equal(neuron.spikes(TIME, CURRENT).u, run.u[0])
    # Without a spike the run is the exact response, up to the drive held at its mean over 25 ps: (dt/tau)^2/12.
    quiet = lif(threshold=1e3)
    np.testing.assert_allclose(quiet.spikes(TIME, CURRENT).u, quiet.respond(TIME, CURRENT), atol=1e-4)


def test_energy_of_a_triangle_is_exact():
    time, current = np.array([0.0, 1.0, 3.0, 4.0]), np.array([0.0, 2.0, -2.0, -2.0])
    # R (4/3 + 2 * 4/3 + 4): ramps give I^2 h / 3 on either side of zero.
    assert energy(time, current, 10.0) == pytest.approx(10.0 * (4 / 3 + 8 / 3 + 4.0), rel=1e-15)


def test_energy_per_spike():
    neuron = lif()
    count = np.count_nonzero(neuron.spikes(TIME, CURRENT).spike)
    assert neuron.energy_per_spike(TIME, CURRENT) == pytest.approx(energy(TIME, CURRENT, OHMS) / count)
    assert lif(threshold=10.0).energy_per_spike(TIME, CURRENT) == math.inf


def pillar(**fields):
    """The published pillar with the damping and magnetization of the closed form's table."""
    return Device.preset("orthogonal").replace(**({"Ms": 8e5, "alpha": 0.01, "P": 0.6, "Lambda": 1.0} | fields))


def test_prediction_is_the_closed_form():
    neuron = predicted(pillar())
    stiffness = 0.72372171 - 0.5 * (0.14027432 + 0.13600397)
    assert neuron.tau_membrane == pytest.approx((1 + 1e-4) / (0.01 * gamma0 * 8e5 * stiffness), rel=1e-7)
    J = 1e12
    a_J = hbar * 0.6 * J / (2 * e * mu0 * 8e5 * 50e-9)
    steady = neuron.respond(np.array([0, 1, 2, 3]) * 1e-6, np.full(4, J * math.pi / 4 * 450e-18))[-1]
    assert steady == pytest.approx(a_J / (0.01 * 8e5 * stiffness), rel=1e-7)
    # The published-parameter table prints three digits: tau 0.965 ns and 2.46e12 /(A s).
    assert neuron.tau_membrane == pytest.approx(0.965e-9, rel=5e-3)
    assert neuron.gain * neuron.resistance / neuron.tau_membrane == pytest.approx(2.46e12, rel=5e-3)


def test_prediction_with_anisotropy_and_asymmetry():
    plain, easy = predicted(pillar()), predicted(pillar(Ku=1e5))
    # An easy axis normal to the pinned layer adds Ku / (mu0 Ms^2) to dN.
    extra = 1e5 / (mu0 * 8e5**2)
    stiffness = 0.72372171 - 0.5 * (0.14027432 + 0.13600397)
    assert plain.tau_membrane / easy.tau_membrane == pytest.approx(1.0 + extra / stiffness, rel=1e-7)
    assert predicted(pillar(Lambda=2.0)).gain == pytest.approx(1.6 * plain.gain)
    assert predicted(pillar(polarity=-1.0)).gain == -plain.gain
    with pytest.raises(InputError, match="no hard axis"):
        predicted(pillar(pinned=(0.0, 0.0, 1.0)))


def test_prediction_is_that_of_the_temperature():
    """tau ~ 1 / Ms, gain R ~ P / Ms^2 per tau."""
    cold = pillar(curie_temperature=900.0, polarization_temperature=1400.0)
    plain, warm = predicted(cold), predicted(cold.replace(temperature=400.0))
    m = (1.0 - (400.0 / 900.0) ** 1.5) / (1.0 - (300.0 / 900.0) ** 1.5)
    p = (1.0 - (400.0 / 1400.0) ** 1.5) / (1.0 - (300.0 / 1400.0) ** 1.5)
    assert warm.tau_membrane == pytest.approx(plain.tau_membrane / m, rel=1e-12)
    assert warm.gain * warm.resistance == pytest.approx(plain.gain * plain.resistance * p / m**2, rel=1e-12)
    assert warm.resistance < plain.resistance


def run_of(device, u):
    """A dataset as `simulate` returns it, with this component along the pinned layer (y), in two trials."""
    m = np.zeros((2, TIME.size, 3))
    m[:, :, 1] = u + np.array([[0.01], [-0.01]]) + 0.05
    return xr.Dataset(
        {"m": (("trial", "time", "component"), m), "current": ("time", CURRENT)},
        coords={"time": TIME, "component": ["x", "y", "z"]},
        attrs={"device": device.to_json(), "temperature": 300.0},
    )


def test_fit_of_a_run_takes_device_and_rest_from_it():
    device = Device.preset("orthogonal")
    u = lif(resistance=device.resistance(0.0)).respond(TIME, CURRENT)
    run = run_of(device, u)
    found = fitted_run(run, threshold=0.2, refractory=1e-10)
    assert found.tau_membrane == pytest.approx(0.96e-9, rel=1e-6) and found.gain == pytest.approx(0.8, rel=1e-6)
    assert (found.threshold, found.refractory, found.resistance) == (0.2, 1e-10, device.resistance(0.0))
    assert found.valid["width"] == (device.width, device.width) and found.valid["temperature"] == (300.0, 300.0)
    assert found.valid["duration"] == (6e-9, 6e-9) and found.valid["membrane"] == pytest.approx((u.min(), u.max()))
    np.testing.assert_allclose(found.statistics.residual, 0.0, atol=1e-12)
    assert fitted_run(run, resistance=1.0).gain == pytest.approx(0.8 * device.resistance(0.0), rel=1e-6)
    with pytest.raises(InputError, match="no variable 'current'"):
        fitted_run(run.drop_vars("current"))
    with pytest.raises(InputError, match="no attribute 'device'"):
        fitted_run(run.drop_attrs())


def test_slow_misfit_leaves_the_parameters_undetermined():
    # One slow wave is all there is: no second independent sample to estimate its variance from.
    u = lif().respond(TIME, CURRENT) + 0.05 * np.sin(np.pi * TIME / 6e-9)
    found = fitted(TIME[:60], u[:60], CURRENT[:60], OHMS)
    assert found.statistics.n == 60 and found.statistics.n_effective < 12.0
    # Four samples less two parameters: whatever the residual, no variance can be known.
    record = np.linspace(0.0, 3e-9, 4), [0.0, 0.1, 0.3, 0.2], [0.0, 1e-4, 1e-4, 0.0], OHMS
    short = fit_batch(*record)
    assert short.n_effective[0] <= 2.0 and 0.0 < short.tau_membrane[0] < math.inf
    assert short.tau_error[0] == short.gain_error[0] == math.inf and math.isnan(short.covariance[0])
    single = fitted(*record)
    assert single.uncertainties == {} and single.statistics.half_width("gain") == math.inf


def test_statistics_refuse_other_names_and_levels():
    statistics = fitted(TIME, batch()[0], CURRENT, OHMS).statistics
    with pytest.raises(InputError, match="not fitted, did you mean 'gain'"):
        statistics.error("gian")
    with pytest.raises(InputError, match="give a probability"):
        statistics.half_width("gain", 95.0)
    assert statistics.half_width("gain") > 1.96 * statistics.error("gain")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"tau_membrane": 0.0}, "tau_membrane = 0"),
        ({"tau_membrane": math.inf}, "tau_membrane = inf"),
        ({"gain": math.nan}, "gain = nan"),
        ({"gain": "2"}, 'gain = "2"'),
        ({"leak": -1.0}, "leak = -1"),
        ({"resistance": 0.0}, "resistance = 0"),
        ({"threshold": 0.0}, "threshold = 0"),
        ({"refractory": -1e-9}, "refractory = -1 ns"),
        ({"reset": -0.3}, "reset = -0.3: must lie between"),
        ({"uncertainties": {"tau": 1e-9}}, "uncertainties = 'tau': unknown"),
        ({"uncertainties": {"gain": -1.0}}, "uncertainties gain = -1"),
        ({"valid": {"volts": (0, 1)}}, "valid = 'volts': unknown"),
        ({"valid": {"voltage": (1.0, 0.0)}}, "valid voltage = 1, 0"),
    ],
)
def test_fields_are_checked_by_name(fields, words):
    with pytest.raises(InputError) as caught:
        lif(**fields)
    assert str(caught.value).startswith(words) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"time": TIME[::-1]}, "time: at least 4 increasing samples"),
        ({"time": TIME[:3], "u": TIME[:3], "current": TIME[:3]}, "time: at least 4 increasing samples"),
        ({"u": TIME[:-1]}, r"u has the shape \(240,\)"),
        ({"u": 3.0}, r"u has the shape \(\)"),
        ({"u": "abc"}, "u: an array of numbers is needed"),
        ({"current": np.where(TIME > 3e-9, np.nan, CURRENT)}, r"current\[121\] = nan"),
        ({"current": np.zeros(TIME.size)}, "current = 0 throughout record 0"),
        ({"resistance": -1.0}, r"resistance\[0\] = -1"),
        ({"resistance": [1.0, 2.0]}, "one number or"),
        ({"current": np.ones((2, TIME.size))}, "give .device, time."),
    ],
)
def test_records_are_checked_by_name(change, words):
    given_arrays = {"time": TIME, "u": lif().respond(TIME, CURRENT), "current": CURRENT, "resistance": OHMS} | change
    with pytest.raises(InputError, match=words):
        fit_batch(**given_arrays)


def test_intervals_forgive_rounding_only():
    assert np.unique(intervals(1e-6 + np.arange(100) * 1e-12)).size == 1
    assert np.unique(intervals(np.array([0.0, 1.0, 2.0, 3.001]))).size > 1


def test_the_closed_form_refuses_the_fourth_order():
    with pytest.raises(InputError, match="Ku2 of .*: the closed form knows the second order alone"):
        predicted(pillar(Ku2=1e4))
