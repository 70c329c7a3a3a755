"""The intrinsic-plasticity neuron: its step, the published numbers, and fits that know what they do not know."""

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from scipy.optimize import approx_fprime
from scipy.special import expit

from spinneuron import neuron_file, summary
from spinneuron.quantity import InputError
from spinneuron.statistics import curve_from_counts
from spinneuron.surrogates.fit_statistics import CurveStatistics
from spinneuron.surrogates.sigmoid import Sigmoid
from spinneuron.surrogates.sigmoid_calibration import Shifts, from_shifts
from spinneuron.surrogates.sigmoid_fit import fit_curves, same_shape
from spinneuron.surrogates.sigmoid_likelihood import Points, derivatives, log_likelihood
from spinneuron.surrogates.sigmoid_published import (
    FAMILY,
    PRINTED,
    _solve,
    family,
    from_published,
    probe_voltage,
    provenance,
)
from spinneuron.surrogates.sigmoid_step import step
from spinneuron.surrogates.thermal_fit import fit_cooling, fit_heating

TRUTH = Sigmoid(p_max=0.9, k=45.0, x0=0.83, heat_v2=0.0082, heat_v1=0.0087, tau_thermal=(275e-9,))
VOLTAGE = np.linspace(0.74, 0.94, 11)
AMPLITUDES = np.array([0.7, 0.8, 0.9, 1.0])
DELAYS = 1e-9 * np.array([0, 100, 200, 400, 700, 1200, 2500, 5000])
TRIALS = 10_000


def number(low, high):
    return st.floats(low, high, allow_nan=False)


@st.composite
def neurons(draw):
    """Neurons of one or two components."""
    share = draw(number(0.05, 0.95))
    two = draw(st.booleans())
    taus = (draw(number(1e-8, 1e-6)), draw(number(1e-6, 1e-4)))
    return Sigmoid(
        p_max=draw(number(0.1, 1.0)),
        k=draw(number(5.0, 200.0)),
        x0=draw(number(0.3, 1.0)),
        heat_v2=draw(number(0.0, 0.05)),
        heat_v1=draw(number(0.0, 0.05)),
        tau_thermal=taus if two else taus[:1],
        weights=(share, 1.0 - share) if two else (1.0,),
    )


def curves(share, rng, along=None, voltage=VOLTAGE, trials=TRIALS):
    return curve_from_counts(voltage, rng.binomial(trials, share), trials, along=along)


def data_of(neuron, rng, pulses=5):
    """Curves at rest, after one pulse, and cooling after a train."""

    def measured(shift, along):
        return curves(neuron.probability(VOLTAGE, np.asarray(shift)[:, None]), rng, along)

    cooling = measured(neuron.shift_after([0.9] * pulses, DELAYS), ("delay", DELAYS, "s"))
    cooling.attrs["pulses"] = pulses
    heated = np.array([neuron.shift_after([one]) for one in AMPLITUDES])
    return curves(neuron.probability(VOLTAGE), rng), measured(heated, ("amplitude", AMPLITUDES, "V")), cooling


# the step


@given(neurons(), st.lists(number(0.05, 1.2), min_size=2, max_size=20), number(0.0, 0.2))
@settings(max_examples=100, deadline=None)
def test_probability_rises_with_voltage_and_shift_and_stays_below_its_ceiling(neuron, voltages, shift):
    voltage = np.sort(voltages)
    probability = neuron.probability(voltage)
    assert (np.diff(probability) >= 0.0).all() and (probability > 0.0).all() and (probability <= neuron.p_max).all()
    assert (neuron.probability(voltage, shift) >= probability).all()


@given(neurons(), st.lists(st.sampled_from([0.0, 0.7, 0.85, 0.9]), min_size=1, max_size=8), st.data())
@settings(max_examples=100, deadline=None)
def test_shift_is_the_sum_of_what_each_pulse_leaves(neuron, voltages, data):
    alone = 0.0
    for i, voltage in enumerate(voltages):
        alone += neuron.shift_after([voltage], (len(voltages) - 1 - i) * neuron.time_step)
    # a few roundings of a decay each
    assert neuron.shift_after(voltages) == pytest.approx(alone, rel=1e-12)
    scale = data.draw(number(0.1, 3.0))
    scaled = Sigmoid(
        k=neuron.k, x0=neuron.x0, heat_v2=scale * neuron.heat_v2, heat_v1=scale * neuron.heat_v1,
        tau_thermal=neuron.tau_thermal, weights=neuron.weights,
    )  # fmt: skip
    assert scaled.shift_after(voltages) == pytest.approx(scale * alone, rel=1e-12)


@given(neurons(), st.integers(1, 6))
@settings(max_examples=50, deadline=None)
def test_state_decays_by_its_factor_per_idle_step_and_delays_agree_with_idle_steps(neuron, idle):
    _, state = neuron.step(0.9, neuron.rest)
    kept = state
    for _ in range(idle):
        probability, kept = neuron.step(0.0, kept)
        assert probability == 0.0
    for before, after, decay in zip(state, kept, neuron.decay, strict=True):
        assert after == pytest.approx(before * decay**idle, rel=1e-12)
    assert sum(kept) == pytest.approx(float(neuron.shift_after([0.9], idle * neuron.time_step)), rel=1e-12)
    late = neuron.predict([0.9, 0.85], delays=[0.0, idle * neuron.time_step])
    assert late.probability[1] == pytest.approx(neuron.predict([0.9, *[0.0] * idle, 0.85]).probability[-1], rel=1e-12)


def test_the_state_before_a_pulse_sets_its_probability():
    prediction = TRUTH.predict([0.8, 0.8])
    assert prediction.probability[0] == TRUTH.probability(0.8)
    # eq. 11: what one pulse leaves is seen in the subsequent step, undiminished
    assert prediction.shift[1] == pytest.approx(0.0082 * 0.8**2 + 0.0087 * 0.8, rel=1e-14)
    assert prediction.probability[1] == TRUTH.probability(0.8, prediction.shift[1])


def test_midpoint_is_half_of_the_ceiling_and_zero_volt_is_no_read():
    # the printed minus sign would divide by zero here
    assert TRUTH.probability(0.83) == pytest.approx(0.45, rel=1e-14)
    steep = Sigmoid(k=1e4, x0=0.01)
    assert TRUTH.probability(0.0) == 0.0 and steep.probability(0.0, 0.5) == 0.0
    assert 0.0 < steep.probability(1e-9) < 1e-30 and steep.probability(2.0) == 1.0


@given(neurons())
@settings(max_examples=30, deadline=None)
def test_a_pulse_of_the_usual_width_leaves_the_usual_heat_and_halves_add_up(neuron):
    usual = neuron.shift_after_hold(0.9, neuron.pulse_width)
    assert usual == pytest.approx(float(neuron.shift_after([0.9])), rel=1e-12)
    # Superposition of eq. 6: 300 ns are 150 ns that have cooled for 150 ns, and 150 ns.
    whole = neuron.shift_after_hold(0.9, 2.0 * neuron.pulse_width)
    assert whole == pytest.approx(usual + neuron.shift_after_hold(0.9, 150e-9, delay=150e-9), rel=1e-10)


def test_many_neurons_at_once():
    voltages = np.array([[0.9, 0.85, 0.8], [0.0, 0.9, 0.8]])
    both = TRUTH.predict(voltages)
    for i, row in enumerate(voltages):
        np.testing.assert_array_equal(both.probability[i], TRUTH.predict(row).probability)
    later = TRUTH.predict([0.8], state=both.state)
    for i, row in enumerate(voltages):
        assert later.probability[i, 0] == TRUTH.predict([*row, 0.8]).probability[-1]


class Tensor:
    """Takes what torch tensors take: operators, and no numpy function."""

    __array_ufunc__ = None

    def __init__(self, values):
        self.values = np.asarray(values, dtype=np.float32)

    @staticmethod
    def of(other):
        return other.values if isinstance(other, Tensor) else other


for _name in "add radd sub rsub mul rmul truediv rtruediv ne".split():

    def _operator(self, other, _name=f"__{_name}__"):
        return Tensor(getattr(self.values, _name)(Tensor.of(other)))

    setattr(Tensor, f"__{_name}__", _operator)


def clip(tensor, low, high):
    assert isinstance(tensor, Tensor) and low is None and isinstance(high, float)
    return Tensor(np.minimum(tensor.values, np.float32(high)))


def test_step_takes_tensors_and_single_precision():
    torch = SimpleNamespace(exp=lambda tensor: Tensor(np.exp(tensor.values)), clip=clip)
    neuron = Sigmoid(k=45.0, x0=0.83, heat_v2=0.008, heat_v1=0.009, tau_thermal=(2e-7, 2e-6), weights=(0.7, 0.3))
    volts = np.array([0.0, 0.01, 0.8, 0.9, 5.0])
    ours, theirs = neuron.rest, tuple(Tensor(np.zeros(5)) for _ in range(2))
    for _ in range(4):
        expected, ours = neuron.step(volts, ours)
        probability, theirs = step(Tensor(volts), theirs, neuron, torch)
        # the exponent, up to 40, in single precision
        np.testing.assert_allclose(probability.values, expected, rtol=2e-5, atol=1e-30)
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(other.values, mine, rtol=1e-6)
    # exp of 1e4 would overflow
    steep = Sigmoid(k=1e4, x0=1.0, tau_thermal=(2e-7, 2e-6), weights=(0.7, 0.3))
    probability, _ = step(Tensor(volts), tuple(Tensor(np.zeros(5)) for _ in range(2)), steep, torch)
    np.testing.assert_allclose(probability.values, [0.0, 0.0, 0.0, 0.0, 1.0], atol=1e-30)


# refusals


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"p_max": 1.2}, "p_max = 1.2: must lie above 0 and not above 1"),
        ({"p_max": 0.0}, "p_max = 0"),
        ({"k": -1.0}, "k = -1 1/V: must be positive"),
        ({"x0": math.nan}, "x0 = nan: a finite number"),
        ({"tau_thermal": (1e-7, 0.0), "weights": (0.5, 0.5)}, "tau_thermal[1] = 0 s: must be positive"),
        ({"tau_thermal": (1e-7, 1e-6)}, "weights = [1.0]: one is needed for each of 2 tau_thermal"),
        ({"tau_thermal": (), "weights": ()}, "one is needed for each of 0"),
        ({"weights": (0.9,)}, "weights = [0.9]: must sum to 1, not 0.9"),
        ({"pulse_width": 1e-6}, "pulse_width = 1e-06 s: must not exceed time_step = 2.3e-07 s"),
        ({"uncertainties": {"kk": 1.0}}, "uncertainties = 'kk': unknown, did you mean 'k'?"),
        ({"uncertainties": {"tau_thermal": 1e-9}}, "uncertainties tau_thermal = 1e-09: one standard error"),
        ({"uncertainties": {"k": -1.0}}, "uncertainties k = -1"),
        ({"valid": {"volt": (0.0, 1.0)}}, "valid = 'volt': unknown, did you mean 'voltage'?"),
        ({"valid": {"voltage": (1.0, 0.0)}}, "valid voltage = 1, 0: the low end"),
    ],
)
def test_wrong_parameters_are_named(fields, words):
    with pytest.raises(InputError) as caught:
        Sigmoid(**{"k": 45.0, "x0": 0.83} | fields)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_wrong_input_is_named():
    for call, words in (
        (lambda: TRUTH.probability(-0.8), "voltage = -0.8: must not be negative"),
        (lambda: TRUTH.predict([0.8, math.nan]), r"voltage\[1\] = nan: a finite number"),
        (lambda: TRUTH.predict([0.8, 0.9], delays=-1e-9), "delays = -1e-09: must not be negative"),
        (lambda: TRUTH.predict([0.8, 0.9], delays=[0.0] * 3), r"delays has the shape \(3,\): one, or 2"),
        (lambda: TRUTH.predict("abc"), "voltage: numbers are needed, not str"),
        (lambda: TRUTH.shift_after([0.8], -1.0), "delay = -1: must not be negative"),
        (lambda: TRUTH.shift_after_hold(0.8, math.inf), "duration = inf: a finite number"),
    ):
        with pytest.raises(InputError, match=words):
            call()


# the published neuron


def test_printed_probabilities_come_out_of_the_shipped_file():
    neuron = neuron_file.load("plasticity-text")
    probe = probe_voltage(neuron)
    hold = neuron.shift_after_hold
    found = [neuron.probability(probe), neuron.probability(probe, hold(0.9, 500e-9))]
    found += [neuron.probability(probe, hold(0.9, 500e-9, 200e-9)), neuron.probability(0.8)]
    assert [f"{100.0 * float(p):.1f}" for p in found[:3]] == ["9.5", "27.4", "16.3"]
    assert f"{100.0 * float(found[3]):.2f}" == "19.72"
    assert round(neuron.k, 1) == 44.4 and round(neuron.x0, 4) == 0.8316 and round(neuron.decay[0], 3) == 0.433
    # fig. S1 and the train, by the notes of the project
    shifts = [1e3 * float(neuron.shift_after([volt])) for volt in (0.80, 0.83, 0.85, 0.90, 0.93)]
    assert shifts == pytest.approx([12.21, 12.87, 13.32, 14.47, 15.18], abs=0.005)
    train = [1e3 * float(neuron.shift_after([0.9] * n)) for n in range(1, 6)]
    assert train == pytest.approx([14.47, 20.74, 23.45, 24.63, 25.13], abs=0.005)
    for bits, share in {"0001": 15.9, "0010": 11.9, "1000": 9.9, "1111": 22.3}.items():
        shift = neuron.shift_after([0.85 * int(bit) for bit in bits])
        assert 100.0 * float(neuron.probability(probe, shift)) == pytest.approx(share, abs=0.05)


def test_the_shipped_file_is_what_the_function_derives():
    assert "plasticity-text" in neuron_file.presets()
    shipped, derived = neuron_file.load("plasticity-text"), from_published()
    for name in Sigmoid.UNITS:
        # the last bits of a logarithm differ between machines
        np.testing.assert_allclose(getattr(shipped, name), getattr(derived, name), rtol=1e-12)
    assert shipped.uncertainties["k"] == pytest.approx(derived.uncertainties["k"], rel=1e-6)
    kept = neuron_file.read("plasticity-text")["provenance"]
    assert kept["printed"] == PRINTED._asdict()
    assert [row["p_max"] for row in kept["family"]] == list(FAMILY) == [row["p_max"] for row in provenance()["family"]]


def test_every_neuron_of_the_family_gives_the_printed_numbers():
    for row in family():
        one = from_published(row["p_max"])
        found = [one.probability(row["probe"], s) for s in (0.0, row["shift"], one.shift_after_hold(0.9, 5e-7, 2e-7))]
        assert [float(p) for p in found] == pytest.approx([0.095, 0.274, 0.163], rel=1e-9)
    with pytest.raises(InputError, match="p_max = 0.25: must lie above the largest printed probability, 0.274"):
        from_published(0.25)


def test_uncertainties_of_the_derivation_are_those_of_repeated_experiments():
    rng = np.random.default_rng(6)
    shares = rng.binomial(10_000, PRINTED[:4], (4000, 4)) / 10_000
    solved = np.array([_solve(PRINTED._replace(before=b, after=a, later=c, at_800_mV=d), 1.0) for b, a, c, d in shares])
    errors = from_published().uncertainties
    spread = np.array([errors["k"], errors["x0"], errors["tau_thermal"][0]])
    # 1 % of sampling, the rounding that is not in it, and a little curvature
    np.testing.assert_allclose(np.std(solved, axis=0), spread, rtol=0.06)


# fits


@given(st.integers(1, 3), number(0.05, 0.999), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_derivatives_of_the_likelihood(states, p, seed):
    rng = np.random.default_rng(seed)
    n = rng.integers(1, 100, 12).astype(float)
    points = Points(rng.uniform(-1, 1, 12), np.arange(12) % states, rng.binomial(n.astype(int), 0.3) * 1.0, n, 0.8, 0.1)
    design, beta = points.design, rng.normal(size=1 + states) * 3.0
    theta = np.append(beta, np.log(p / (1.0 - p)))

    def value(t):
        return log_likelihood(points, design @ t[:-1], t[-1], math.nan)

    def slope(t):
        return derivatives(points, design, np.zeros(12), t[:-1], float(expit(t[-1])))[0]

    gradient, hessian = derivatives(points, design, np.zeros(12), beta, p)
    eta = design @ beta
    plain = p / (1.0 + np.exp(-eta))
    # the definition itself; differences of square root of the rounding
    assert value(theta) == pytest.approx(np.sum(points.s * np.log(plain) + (n - points.s) * np.log1p(-plain)), rel=1e-9)
    np.testing.assert_allclose(gradient, approx_fprime(theta, value, 1e-7), rtol=1e-3, atol=1e-2)
    np.testing.assert_allclose(hessian, approx_fprime(theta, slope, 1e-7), rtol=1e-3, atol=1e-2)


def test_fit_finds_the_maximum_and_its_curvature():
    fit = fit_curves(curves(TRUTH.probability(VOLTAGE), np.random.default_rng(1)))
    assert fit.names == ("p_max", "k", "x0[0]") and not fit.at_bound
    s, volts = fit.points.s, VOLTAGE

    def minus(t):
        share = t[0] / (1.0 + np.exp(-t[1] * (volts - t[2])))
        return -np.sum(s * np.log(share) + (TRIALS - s) * np.log1p(-share))

    at = np.array([fit.p_max, fit.k, float(fit.x0[0])])
    assert -minus(at) == pytest.approx(fit.log_likelihood, rel=1e-12)
    steps = np.array([1e-5, 1e-3, 1e-6])
    information = np.empty((3, 3))
    for i in range(3):
        for j in range(3):
            a, b = steps * np.eye(3)[i], steps * np.eye(3)[j]
            four = minus(at + a + b) - minus(at + a - b) - minus(at - a + b) + minus(at - a - b)
            information[i, j] = four / (4.0 * steps[i] * steps[j])
    # second differences of a sum of 4e4, whose rounding is 1e-11
    np.testing.assert_allclose(np.linalg.inv(information), fit.covariance, rtol=5e-3)
    for name, value, truth in zip(fit.names, at, (0.9, 45.0, 0.83), strict=True):
        assert abs(value - truth) < 4.0 * fit.error(name)
        low, high = fit.interval(name)
        assert low < value < high
        # at 10,000 trials the profile is nearly a parabola
        np.testing.assert_allclose((low, high), fit.interval(name, method="wald"), atol=0.1 * fit.error(name))
    assert fit.p_value > 1e-3 and fit.freedom == 8


def test_profile_meets_the_likelihood_ratio_and_stops_at_the_bound():
    fit = fit_curves(curves(Sigmoid(k=45.0, x0=0.83).probability(VOLTAGE), np.random.default_rng(3), trials=100))
    for name in fit.names:
        low, high = fit.interval(name, 0.9)
        for end in (low, high):
            if end not in (0.0, 1.0):
                # chi^2 with one degree of freedom at 90 %
                assert 2.0 * (fit.log_likelihood - fit._profile(name, end)) == pytest.approx(2.7055, abs=1e-3)
    if "p_max" in fit.names:
        assert fit.interval("p_max")[1] == 1.0
    whole = fit_curves(curves(Sigmoid(k=45.0, x0=0.83).probability(VOLTAGE), np.random.default_rng(0)))
    assert whole.p_max <= 1.0 and whole.k == pytest.approx(45.0, rel=0.03)


def test_same_shape_accepts_what_moves_and_refuses_what_bends():
    rng, shifts = np.random.default_rng(2), np.array([0.0, 0.015, 0.03])
    fine = fit_curves(curves(TRUTH.probability(VOLTAGE, shifts[:, None]), rng, ("state", [0, 1, 2], "1")))
    ratio, freedom, p = same_shape(fine)
    assert freedom == 4 and p > 0.01 and ratio < 14.0
    np.testing.assert_allclose(fine.shift, shifts[1:], atol=4.0 * float(np.sqrt(fine.shift_covariance.max())))
    slopes = np.array([45.0, 42.0, 39.0])[:, None]
    bent = curves(0.9 / (1.0 + np.exp(-slopes * (VOLTAGE - 0.83))), rng, ("state", [0, 1, 2], "1"))
    assert same_shape(fit_curves(bent))[2] < 1e-6
    assert same_shape(fit_curves(bent, p_max=0.9))[1] == 2
    assert math.isnan(same_shape(fit_curves(bent.isel(state=[0])))[2])


def test_states_may_come_in_several_datasets_and_with_one_point_each():
    rng = np.random.default_rng(4)
    base = curves(TRUTH.probability(VOLTAGE), rng)
    probe = curve_from_counts(
        [0.8], rng.binomial(TRIALS, TRUTH.probability(0.8, [[0.01], [0.02]])), TRIALS, along=("delay", [0.0, 1e-7], "s")
    )
    fit = fit_curves(base, probe)
    np.testing.assert_allclose(fit.shift, [0.01, 0.02], atol=4.0 * float(np.sqrt(fit.shift_covariance.max())))


@pytest.mark.parametrize(
    ("switched", "p_max", "words"),
    [
        ([0, 0, 0, 0, 0], None, "no trial switched, so that x0 lies anywhere beyond"),
        ([9, 9, 9, 9, 9], None, "every trial switched"),
        ([0, 0, 0, 9, 9], None, "the curve jumps between two points, k has no bound"),
        ([0, 0, 4, 9, 9], 1.0, "the curve jumps between two points"),
        ([9, 7, 5, 2, 0], None, "the probability falls as the voltage rises"),
        ([0, 0, 0, 5, 5], None, "the points do not determine"),
    ],
)
def test_fits_refuse_what_determines_nothing(switched, p_max, words):
    with pytest.raises(InputError) as caught:
        fit_curves(curve_from_counts(np.linspace(0.7, 0.9, 5), switched, 9), p_max=p_max)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_fits_refuse_too_little():
    with pytest.raises(InputError, match="voltage: 2 points, 3 parameters need more"):
        fit_curves(curve_from_counts([0.8, 0.9], [3, 6], 10))
    assert fit_curves(curve_from_counts([0.8, 0.9], [3, 6], 10), p_max=1.0).freedom == 0
    with pytest.raises(InputError, match="one voltage only"):
        fit_curves(curve_from_counts([0.8], [3], 10), p_max=1.0)
    with pytest.raises(InputError, match="p_max = 1.5: must lie above 0"):
        fit_curves(curve_from_counts([0.8, 0.9], [3, 6], 10), p_max=1.5)
    with pytest.raises(InputError, match="state 1: no trial switched"):
        fit_curves(curve_from_counts(VOLTAGE[:3], [[1, 2, 5], [0, 0, 0]], 9, along=("s", [0, 1], "1")), p_max=1.0)
    fit = fit_curves(curves(TRUTH.probability(VOLTAGE), np.random.default_rng(1)))
    with pytest.raises(InputError, match="name = 'kk': not fitted, did you mean 'k'"):
        fit.error("kk")
    with pytest.raises(InputError, match="did you mean 'profile'"):
        fit.interval("k", method="profil")
    with pytest.raises(InputError, match="level = 95"):
        fit.interval("k", 95)


@given(number(0.2, 1.0), number(8.0, 300.0), st.integers(20, 400), st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_fits_end_in_a_number_or_in_one_line(p_max, k, trials, seed):
    rng = np.random.default_rng(seed)
    try:
        fit = fit_curves(curves(Sigmoid(p_max=p_max, k=k, x0=0.84).probability(VOLTAGE), rng, trials=trials))
    except InputError as error:
        assert "\n" not in str(error)
        return
    assert 0.0 < fit.p_max <= 1.0 and fit.k > 0.0 and np.isfinite(fit.covariance).all()
    # a fit is at least as likely as the truth
    s = fit.points.s
    share = p_max / (1.0 + np.exp(-k * (VOLTAGE - 0.84)))
    with np.errstate(divide="ignore"):
        truth = np.sum(np.where(s > 0, s * np.log(share), 0.0) + (trials - s) * np.log1p(-share))
    assert fit.log_likelihood >= truth - 1e-6


def test_heating_is_found_with_its_covariance():
    rng, error = np.random.default_rng(8), 2e-4
    shift = 0.0082 * AMPLITUDES**2 + 0.0087 * AMPLITUDES
    exact = fit_heating(AMPLITUDES, shift, np.full(4, error))
    # a linear solution: rounding only
    assert exact.values.tolist() == pytest.approx([0.0082, 0.0087], rel=1e-9) and exact.r2 == pytest.approx(1.0)
    found = np.array(
        [fit_heating(AMPLITUDES, shift + error * rng.normal(size=4), np.full(4, error)).values for _ in range(2000)]
    )
    # a sampled covariance of 2000: 3 % standard error
    np.testing.assert_allclose(np.cov(found.T), exact.covariance, rtol=0.12)
    # one error in common, as of a baseline, is no spread
    common, alone = (fit_heating(AMPLITUDES, shift + 1e-3, error**2 * (np.eye(4) + off)) for off in (1.0, 0.0))
    assert common.chi2 < alone.chi2
    free = fit_heating(AMPLITUDES, shift + error * rng.normal(size=4))
    assert math.isnan(free.chi2) and free.interval("heat_v2")[0] < free.values[0] < free.interval("heat_v2")[1]


@pytest.mark.parametrize("how", [{"pulses": 5}, {"hold": 500e-9}, {}])
def test_cooling_of_two_components_is_found_and_its_weights_are_those_of_one_pulse(how):
    neuron = Sigmoid(
        k=45.0, x0=0.83, heat_v2=0.0082, heat_v1=0.0087, tau_thermal=(1.5e-7, 1.1e-6), weights=(0.75, 0.25)
    )
    if "hold" in how:
        shift = neuron.shift_after_hold(0.9, how["hold"], DELAYS)
    else:
        shift = neuron.shift_after([0.9] * how.get("pulses", 1), DELAYS)
    fit = fit_cooling(DELAYS, shift, np.full(DELAYS.size, 1e-5), components=2, **how)
    # the optimizer stops at 1e-12 of the sum of squares
    np.testing.assert_allclose(fit.values[:4], [1.5e-7, 1.1e-6, 0.75, 0.25], rtol=1e-4)
    assert fit.names[-1] == "amplitude" and fit.values[-1] == pytest.approx(shift[0], rel=1e-5)
    low, high = fit.interval("tau_thermal[0]")
    assert 0.0 < low < 1.5e-7 < high
    one = fit_cooling(DELAYS, shift, np.full(DELAYS.size, 1e-5), **how)
    assert one.p_value < 1e-6 and one.values[1] == 1.0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: fit_heating([0.8], [0.01], [1e-3]), "amplitude: at least 2 different amplitudes"),
        (lambda: fit_heating([0.8, 0.9], [0.01, 0.02]), "amplitude: at least 3"),
        (lambda: fit_heating([0.8, 0.9], [0.01, math.nan]), "shift[1] = nan: a finite number"),
        (lambda: fit_heating([0.8, 0.9], [0.01]), "shift has the shape (1,): one value for each amplitude"),
        (lambda: fit_heating([0.8, 0.9], [0.01, 0.02], [1e-3, 0.0]), "errors: must be positive"),
        (lambda: fit_heating([0.8, 0.9], [0.01, 0.02], [1e-3]), "errors: 2 standard errors, or a covariance of 2 x 2"),
        (lambda: fit_cooling([0.0], [0.01], [1e-3]), "delay: 1 components need at least 2 delays"),
        (lambda: fit_cooling([-1.0, 0.0], [0.1, 0.1], [1e-3] * 2), "delay = -1 s: must not be negative"),
        (lambda: fit_cooling(DELAYS, np.full(8, 0.01), [1e-4] * 8), "the shift does not decay within the delays"),
        (lambda: fit_cooling(DELAYS, np.full(8, -0.01), [1e-4] * 8), "shift: nowhere positive"),
    ],
)
def test_thermal_fits_refuse(call, words):
    with pytest.raises(InputError) as caught:
        call()
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_whole_calibration_finds_the_neuron_and_says_what_it_knows():
    base, heating, cooling = data_of(TRUTH, np.random.default_rng(5))
    neuron = Sigmoid.fit(base, heating, cooling)
    statistics: Any = neuron.statistics
    assert statistics.names == ("p_max", "k", "x0", "heat_v2", "heat_v1", "tau_thermal")
    for name in statistics.names:
        value, truth = np.ravel(getattr(neuron, name))[0], np.ravel(getattr(TRUTH, name))[0]
        assert abs(value - truth) < 4.0 * statistics.error(name), name
        assert statistics.error(name) == pytest.approx(np.ravel(neuron.uncertainties[name])[0])
    assert statistics.half_width("k") == pytest.approx(1.95996 * statistics.error("k"), rel=1e-4)
    for name in ("p_value", "shape_p_value", "heat_p_value", "cooling_p_value"):
        assert getattr(statistics, name) > 1e-3
    assert neuron.valid["delay"] == (0.0, 5e-6) and neuron.valid["amplitude"] == (0.7, 1.0)
    assert neuron.valid["voltage"] == (0.74, 0.94)


def test_intervals_cover_and_tests_refuse_as_often_as_they_say():
    rng, hits = np.random.default_rng(7), []
    for _ in range(60):
        neuron = Sigmoid.fit(*data_of(TRUTH, rng))
        statistics: Any = neuron.statistics
        found = [neuron.p_max, neuron.k, neuron.x0, neuron.heat_v2, neuron.heat_v1, neuron.tau_thermal[0]]
        truth = [0.9, 45.0, 0.83, 0.0082, 0.0087, 275e-9]
        errors = [statistics.error(name) for name in statistics.names]
        row = list(np.abs(np.subtract(found, truth)) <= 1.95996 * np.array(errors))
        row += [statistics.shape_p_value >= 0.05, statistics.heat_p_value >= 0.05, statistics.cooling_p_value >= 0.05]
        hits.append(row)
    # 60 repetitions: standard error 2.8 %; validation/plasticity_neuron.py has 2000
    np.testing.assert_allclose(np.mean(hits, axis=0), 0.95, atol=4.0 * 0.028)


def test_two_components_are_fitted_and_one_is_refused():
    slow = Sigmoid(k=45.0, x0=0.83, heat_v2=0.0082, heat_v1=0.0087, tau_thermal=(2e-7, 1.2e-6), weights=(0.7, 0.3))
    data = data_of(slow, np.random.default_rng(9))
    neuron = Sigmoid.fit(*data, components=2, p_max=1.0)
    errors = neuron.uncertainties["tau_thermal"], neuron.uncertainties["weights"]
    for found, truth, error in zip(
        neuron.tau_thermal + neuron.weights, (2e-7, 1.2e-6, 0.7, 0.3), errors[0] + errors[1], strict=True
    ):
        assert abs(found - truth) < 4.0 * error < 0.6 * truth
    one: Any = Sigmoid.fit(*data, p_max=1.0).statistics
    assert one.cooling_p_value < 1e-6 and "tau_thermal" in one.names
    assert neuron.statistics is not None and "tau_thermal" not in neuron.statistics.names


def test_calibration_of_less():
    base, heating, cooling = data_of(TRUTH, np.random.default_rng(5))
    plain = Sigmoid.fit(base, p_max=0.9, valid={"temperature": (300.0, 300.0)})
    assert plain.heat_v2 == plain.heat_v1 == 0.0 and plain.p_max == 0.9 and "p_max" not in plain.uncertainties
    assert plain.valid["temperature"] == (300.0, 300.0)
    heated = Sigmoid.fit(base, heating, tau_thermal=(3e-7,))
    assert heated.tau_thermal == (3e-7,) and "tau_thermal" not in heated.uncertainties
    for call, words in (
        (lambda: Sigmoid.fit(base, heating), "cooling: no curves over a delay"),
        (lambda: Sigmoid.fit(base, cooling=cooling), "heating: no curves over an amplitude"),
        (lambda: Sigmoid.fit(base, cooling, heating), "heating: goes over delay, voltage; amplitude and voltage are"),
        (lambda: Sigmoid.fit(heating), "curve: goes over amplitude, voltage; voltage alone is needed"),
        (lambda: Sigmoid.fit(xr.Dataset()), "curve = Dataset: no switching curves"),
        (lambda: Sigmoid.fit(base, components=0), "components = 0: must be at least 1"),
    ):
        with pytest.raises(InputError, match=words):
            call()


# files and words


def test_neuron_files_hold_all_of_it(tmp_path):
    schema = json.loads((Path(__file__).parents[2] / "docs" / "neuron_file.schema.json").read_text(encoding="utf-8"))
    accepts = Draft202012Validator(schema).is_valid
    data = data_of(TRUTH, np.random.default_rng(5))
    for neuron in (Sigmoid.fit(*data), Sigmoid.fit(data[0]), from_published(), Sigmoid(k=1.0, x0=0.5)):
        neuron_file.save(tmp_path / "n.json", neuron)
        assert neuron_file.load(tmp_path / "n.json") == neuron
        assert accepts(neuron_file.read(tmp_path / "n.json"))
    assert isinstance(Sigmoid.fit(data[0]).statistics, CurveStatistics)
    assert accepts(neuron_file.read("plasticity-text"))


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("parameters", "tau_thermal", "value"), 1e-7, "a list of numbers is needed"),
        (("parameters", "tau_thermal", "value"), [0.0], "tau_thermal[0] = 0 s: must be positive"),
        (("parameters", "tau_thermal", "uncertainty"), 1e-8, "a list of 1 numbers is needed, or null"),
        (("parameters", "k", "uncertainty"), [1.0], "parameters.k.uncertainty = [1]: a number is needed"),
        (("parameters", "p_max", "value"), 1.5, "p_max = 1.5"),
        (("fit", "deviance"), "x", "fit.deviance = \"x\": a number is needed"),
        (("fit", "shape_p_value"), None, ""),
        (("fit", "leak"), 1.0, "fit.leak: unknown"),
    ],
)  # fmt: skip
def test_neuron_files_refuse(tmp_path, path, value, words):
    schema = json.loads((Path(__file__).parents[2] / "docs" / "neuron_file.schema.json").read_text(encoding="utf-8"))
    document = neuron_file.document(Sigmoid.fit(*data_of(TRUTH, np.random.default_rng(5))))
    holder: Any = document
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    file = tmp_path / "bad.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    assert Draft202012Validator(schema).is_valid(json.loads(json.dumps(document))) == (not words)
    if words:
        with pytest.raises(InputError) as caught:
            neuron_file.load(file)
        assert words in str(caught.value)
    else:
        assert math.isnan(neuron_file.load(file).statistics.shape_p_value)


def test_summary_says_what_was_refused():
    text = str(summary.tables(neuron_file.load("plasticity-text"))[0])
    assert "274.8 ns +- 21 ns" in text and "decay per step   0.433" in text
    slow = Sigmoid(k=45.0, x0=0.83, heat_v2=0.0082, heat_v1=0.0087, tau_thermal=(2e-7, 1.2e-6), weights=(0.7, 0.3))
    text = str(summary.tables(Sigmoid.fit(*data_of(slow, np.random.default_rng(9))))[0])
    cooling = next(line for line in text.splitlines() if "shift decays as said" in line)
    assert "refused" in cooling


# Shifts that are known already


def shifts_of(neuron, error, rng=None, pulses=5):
    """Shifts after one pulse and after trains, with errors of which a part is common, as of one cold curve."""
    heated = np.array([float(neuron.shift_after([one])) for one in AMPLITUDES])
    cooled = neuron.shift_after([0.9] * pulses, DELAYS)
    found = []
    for at, shift in ((AMPLITUDES, heated), (DELAYS, cooled)):
        covariance = error**2 * (np.eye(len(at)) + 0.5)
        noise = 0.0 if rng is None else np.linalg.cholesky(covariance) @ rng.normal(size=len(at))
        found.append(Shifts(at, shift + noise, covariance))
    return found


def test_shifts_give_back_their_neuron():
    """Without noise: the heat is a linear fit, the cooling one that ends at 1e-6."""
    base = curve_from_counts(VOLTAGE, np.rint(1e9 * TRUTH.probability(VOLTAGE)), 10**9)
    made = from_shifts(base, *shifts_of(TRUTH, 1e-5), pulses=5)
    neuron = Sigmoid(**made)
    for name, near in (("p_max", 1e-5), ("k", 1e-5), ("x0", 1e-7), ("heat_v2", 1e-9), ("heat_v1", 1e-9)):
        assert getattr(neuron, name) == pytest.approx(getattr(TRUTH, name), rel=near)
    assert neuron.tau_thermal[0] == pytest.approx(275e-9, rel=1e-5)
    assert neuron.weights == (1.0,)
    assert (neuron.time_step, neuron.pulse_width) == (230e-9, 150e-9)
    assert neuron.valid["voltage"] == (0.74, 0.94)
    assert neuron.valid["amplitude"] == (0.7, 1.0)
    assert neuron.valid["delay"] == (0.0, 5e-6)
    assert neuron.valid["shift"][0] == 0.0
    assert neuron.valid["shift"][1] == pytest.approx(float(TRUTH.shift_after([0.9] * 5)), rel=1e-9)


def test_shifts_take_number_and_timing_of_the_pulses():
    """The weights behind a train depend on both; the wrong number of pulses gives other weights."""
    slow = Sigmoid(
        k=45.0, x0=0.83, heat_v2=0.0082, heat_v1=0.0087, tau_thermal=(2e-7, 1.2e-6), weights=(0.7, 0.3),
        time_step=300e-9, pulse_width=100e-9,
    )  # fmt: skip
    base = curve_from_counts(VOLTAGE, np.rint(1e9 * slow.probability(VOLTAGE)), 10**9)
    given = {"components": 2, "time_step": 300e-9, "pulse_width": 100e-9}
    made = from_shifts(base, *shifts_of(slow, 1e-6, pulses=4), pulses=4, **given)
    np.testing.assert_allclose(made["weights"], (0.7, 0.3), rtol=1e-3)
    np.testing.assert_allclose(made["tau_thermal"], (2e-7, 1.2e-6), rtol=1e-3)
    assert (made["time_step"], made["pulse_width"]) == (300e-9, 100e-9)
    other = from_shifts(base, *shifts_of(slow, 1e-6, pulses=4), pulses=1, **given)
    assert abs(other["weights"][0] - 0.7) > 0.1


def test_errors_of_shifts_are_those_of_the_neuron():
    """Twice the errors of the shifts are twice those of the heat, and leave those of the curve; parts do not mix."""
    base = curves(TRUTH.probability(VOLTAGE), np.random.default_rng(1))
    once, twice = (Sigmoid(**from_shifts(base, *shifts_of(TRUTH, error), pulses=5)) for error in (1e-4, 2e-4))
    for name in ("heat_v2", "heat_v1"):
        assert twice.uncertainties[name] == pytest.approx(2.0 * once.uncertainties[name], rel=1e-9)
    assert twice.uncertainties["tau_thermal"][0] == pytest.approx(2.0 * once.uncertainties["tau_thermal"][0], rel=1e-4)
    for name in ("p_max", "k", "x0"):
        assert twice.uncertainties[name] == once.uncertainties[name]
    statistics: Any = once.statistics
    assert statistics.names == ("p_max", "k", "x0", "heat_v2", "heat_v1", "tau_thermal")
    covariance = np.array(statistics.covariance)
    assert not covariance[:3, 3:].any()
    assert not covariance[3:5, 5].any()
    errors = [np.ravel(once.uncertainties[name])[0] for name in statistics.names]
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), errors, rtol=1e-12)


def test_intervals_from_shifts_cover():
    """60 repetitions: standard error 2.8 % of the coverage."""
    rng, hits = np.random.default_rng(11), []
    for _ in range(60):
        base = curves(TRUTH.probability(VOLTAGE), rng)
        neuron = Sigmoid(**from_shifts(base, *shifts_of(TRUTH, 2e-4, rng), pulses=5))
        statistics: Any = neuron.statistics
        found = [neuron.heat_v2, neuron.heat_v1, neuron.tau_thermal[0]]
        errors = [statistics.error(name) for name in statistics.names[3:]]
        row = list(np.abs(np.subtract(found, [0.0082, 0.0087, 275e-9])) <= 1.95996 * np.array(errors))
        hits.append([*row, statistics.heat_p_value >= 0.05, statistics.cooling_p_value >= 0.05])
    np.testing.assert_allclose(np.mean(hits, axis=0), 0.95, atol=4.0 * 0.028)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"curve": None}, "curve = NoneType: no switching curve"),
        ({"components": 0}, "components = 0"),
        ({"components": 2}, "components = 2: fewer than 2 suffice"),
        ({"heating": Shifts(np.array([0.9]), np.array([0.01]), np.eye(1))}, "amplitude: at least 2 different"),
        ({"cooling": Shifts(DELAYS, np.full(8, np.nan), np.eye(8))}, "shift[0] = nan: a finite number"),
        ({"cooling": Shifts(DELAYS, np.full(8, 0.01), 1e-8 * np.eye(8))}, "the shift does not decay"),
    ],
    ids=lambda one: str(one)[:20],
)
def test_shifts_that_determine_nothing_are_refused(change, words):
    base = curves(TRUTH.probability(VOLTAGE), np.random.default_rng(1))
    heating, cooling = shifts_of(TRUTH, 1e-4)
    given = {"curve": base, "heating": heating, "cooling": cooling, "pulses": 5} | change
    with pytest.raises(InputError) as caught:
        from_shifts(given.pop("curve"), given.pop("heating"), given.pop("cooling"), **given)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
