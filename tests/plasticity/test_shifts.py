"""Shifts of a switching curve of any shape: found where they are known, with error bars that cover as they say."""

import math

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import binom

from spinneuron.plasticity.plan import AROUND, CURVE
from spinneuron.plasticity.shifts import DEGREE, ColdCurve, cold_curve, shift_of
from spinneuron.quantity import InputError
from spinneuron.statistics import curve_from_counts

VOLTS = np.array(CURVE)
# what the shape of a thermally activated switching curve is like: 1 - exp(-rate t)
SHAPES = {
    "logistic": lambda V: expit(44.4 * (V - 0.8316)),
    "bent": lambda V: expit(44.4 * (V - 0.8316) + 80.0 * (V - 0.8316) ** 2 + 900.0 * (V - 0.8316) ** 3),
    "gumbel": lambda V: -np.expm1(-np.exp(48.0 * (V - 0.843))),
}
MANY = 10**15


def drawn(rng, shape, volts, shift=0.0, trials=10_000):
    volts = np.asarray(volts)
    return curve_from_counts(volts, rng.binomial(trials, SHAPES[shape](volts + shift)), trials)


def exact(shape, volts, shift=0.0, trials=MANY):
    volts = np.asarray(volts)
    return curve_from_counts(volts, np.rint(trials * SHAPES[shape](volts + shift)), trials)


def total(cold, error, lever):
    return math.sqrt(error**2 + lever @ cold.covariance @ lever)


# Known shifts


@pytest.mark.parametrize("probes", [(0.83,), AROUND, CURVE], ids=["one", "five", "all"])
@pytest.mark.parametrize("shape", ["logistic", "bent"])
def test_a_moved_curve_gives_its_shift(shape, probes):
    """A curve that the polynomial holds is found to 1e-9 V; counts of 1e15 round at 1e-15 of the probability.

    Where probes leave what was measured, a bent curve is not its tangent: 1e-7 V.
    """
    cold = cold_curve(exact(shape, CURVE))
    for shift in (0.0, 0.0123, -0.01, 0.03):
        near = 1e-9 if shape == "logistic" or probes != CURVE else 5e-7
        assert shift_of(cold, exact(shape, probes, shift))[0] == pytest.approx(shift, abs=near)


def test_curves_probed_at_the_same_voltages_may_move():
    """Both curves of fig. S9 have one grid: a shift moves the probes beyond the ends of the cold curve."""
    for shift in (0.02, -0.02):
        cold = cold_curve(exact("logistic", CURVE))
        assert shift_of(cold, exact("logistic", CURVE, shift))[0] == pytest.approx(shift, abs=1e-9)
        rng = np.random.default_rng(3)
        volts = np.linspace(0.74, 0.92, 10)
        cold = cold_curve(drawn(rng, "gumbel", volts))
        found, error, lever = shift_of(cold, drawn(rng, "gumbel", volts, shift))
        assert abs(found - shift) < 4.0 * total(cold, error, lever) < 0.25 * abs(shift)


@pytest.mark.parametrize("shift", [-0.02, -0.01, 0.005, 0.015, 0.025])
def test_what_the_polynomial_leaves_of_a_gumbel_curve(shift):
    """Below 0.05 mV between 15 % and 90 %: a tenth of the error of 10,000 trials at one voltage."""
    cold = cold_curve(exact("gumbel", CURVE, trials=10**9))
    assert shift_of(cold, exact("gumbel", [0.83], shift))[0] == pytest.approx(shift, abs=0.05e-3)


@pytest.mark.parametrize("shape", ["logistic", "gumbel"])
@pytest.mark.parametrize("probes", [(0.83,), AROUND, CURVE], ids=["one", "five", "all"])
def test_error_bars_are_honest(shape, probes):
    """Of 500 repetitions 95 % lie within 1.96 errors: by the binomial distribution 454 to 493 at 4e-5 a side.

    Each repetition draws the cold curve anew, whose error is in the lever.
    """
    rng, shift, repetitions = np.random.default_rng(17), 0.012, 500 if len(probes) < 29 else 200
    pulls, errors = np.empty(repetitions), np.empty(repetitions)
    for i in range(repetitions):
        cold = cold_curve(drawn(rng, shape, CURVE))
        found, error, lever = shift_of(cold, drawn(rng, shape, probes, shift))
        errors[i] = total(cold, error, lever)
        pulls[i] = (found - shift) / errors[i]
    inside = int((np.abs(pulls) < 1.95996).sum())
    low, high = binom.ppf([4e-5, 1.0 - 4e-5], repetitions, 0.95)
    assert low <= inside <= high
    # the mean: what the shape lacks is a small part of the error
    assert abs(pulls.mean()) < 4.0 / np.sqrt(repetitions) + 0.15
    assert pulls.std() == pytest.approx(1.0, abs=4.0 / np.sqrt(2.0 * repetitions))


def test_error_bars_shrink_with_the_trials():
    """By the root of the number; and half of the variance of one probe is its own binomial one."""
    cold = {n: cold_curve(exact("logistic", CURVE, trials=n)) for n in (10**4, 10**6)}
    found = {n: shift_of(cold[n], exact("logistic", [0.83], trials=n)) for n in cold}
    assert found[10**4][1] == pytest.approx(10.0 * found[10**6][1], rel=1e-3)
    # sqrt(p (1 - p) / n) / (k p (1 - p))
    P = SHAPES["logistic"](0.83)
    assert found[10**6][1] == pytest.approx(1.0 / (44.4 * math.sqrt(P * (1.0 - P) * 1e6)), rel=1e-3)
    assert total(cold[10**4], *found[10**4][1:]) == pytest.approx(
        10.0 * total(cold[10**6], *found[10**6][1:]), rel=2e-2
    )


def test_the_lever_is_the_derivative_by_the_coefficients():
    """Central differences of the shift found, at 1e-5 of a coefficient: 1e-6."""
    cold, state = cold_curve(exact("bent", CURVE)), exact("bent", AROUND, 0.013)
    lever = shift_of(cold, state)[2]
    for i in range(len(cold.coefficients)):
        step = 1e-5 * np.eye(len(cold.coefficients))[i]
        ends = [shift_of(cold._replace(coefficients=cold.coefficients + sign * step), state)[0] for sign in (1, -1)]
        assert (ends[0] - ends[1]) / 2e-5 == pytest.approx(lever[i], rel=1e-4, abs=1e-9)


# The cold curve


def test_the_cold_curve_is_what_was_measured():
    for shape, within in (("logistic", 1e-9), ("bent", 1e-9), ("gumbel", 2e-3)):
        cold = cold_curve(exact(shape, CURVE, trials=10**12))
        assert len(cold.coefficients) == DEGREE + 1
        inside = np.linspace(0.70, 0.88, 19)
        np.testing.assert_allclose(cold.probability(inside), SHAPES[shape](inside), atol=within)
        slope = (logit(SHAPES[shape](inside + 1e-6)) - logit(SHAPES[shape](inside - 1e-6))) / 2e-6
        np.testing.assert_allclose(cold.slope(inside), slope, rtol=1e-4 if shape != "gumbel" else 0.1)


def test_beyond_what_was_measured_the_curve_goes_on_straight():
    cold = cold_curve(exact("gumbel", CURVE, trials=10_000))
    assert cold.low == 0.68
    # beyond 0.88 V all of 10,000 switch: exp(48 * 0.05) = 11
    assert 0.88 <= cold.high <= 0.90
    for end, far in ((cold.low, -0.1), (cold.high, 0.1)):
        levels = [float((cold.basis(end + part * far) @ cold.coefficients)[0]) for part in (0.0, 0.5, 1.0)]
        assert levels[2] - levels[1] == pytest.approx(levels[1] - levels[0], rel=1e-9)
        assert levels[2] - levels[0] == pytest.approx(far * cold.slope(end)[0], rel=1e-9)
        assert cold.slope(end + far) == cold.slope(end)
    steps = np.diff(cold.probability(np.linspace(0.4, 1.2, 801)))
    assert (steps >= 0.0).all()


def test_noisy_cold_curves_rise_everywhere():
    """A high degree would bend back where few trials switch: a lower one is taken."""
    rng = np.random.default_rng(5)
    for trials in (30, 300, 3000):
        degrees = set()
        for _ in range(30):
            cold = cold_curve(drawn(rng, "gumbel", CURVE, trials=trials))
            assert (cold.slope(np.linspace(0.5, 1.1, 301)) > 0.0).all()
            degrees.add(len(cold.coefficients) - 1)
        assert min(degrees) >= 1
        assert max(degrees) <= DEGREE
    assert len(degrees) > 0


def test_few_points_make_a_low_degree():
    for count, degree in ((3, 1), (4, 2), (6, 3), (10, 5), (14, 7), (20, 7)):
        cold = cold_curve(exact("logistic", np.linspace(0.80, 0.86, count), trials=10**9))
        assert len(cold.coefficients) - 1 == degree


# What cannot be known


def test_all_or_none_have_no_shift():
    cold = cold_curve(exact("logistic", CURVE))
    for switched in (0, 1000):
        shift, error, lever = shift_of(cold, curve_from_counts([0.83], [switched], 1000))
        assert math.isnan(shift)
        assert math.isnan(error)
        assert np.isnan(lever).all()
        assert lever.shape == cold.coefficients.shape
    assert math.isnan(shift_of(cold, curve_from_counts([0.83], [0], 0))[0])
    assert math.isnan(shift_of(cold, curve_from_counts([0.82, 0.83], [0, 0], 10))[0])
    # one of two is enough
    assert math.isfinite(shift_of(cold, curve_from_counts([0.82, 0.83], [0, 3], 10))[0])


def test_voltages_without_trials_are_left_out():
    counts = np.rint(10**6 * SHAPES["logistic"](VOLTS))
    trials = np.where(VOLTS == 0.83, 0, 10**6)
    some = cold_curve(curve_from_counts(VOLTS, np.where(trials > 0, counts, 0), trials))
    less = cold_curve(curve_from_counts(VOLTS[trials > 0], counts[trials > 0], 10**6))
    np.testing.assert_array_equal(some.coefficients, less.coefficients)


@pytest.mark.parametrize("shift", [-0.35, 0.35])
def test_far_shifts_end_in_a_number(shift):
    """Where the information of the first step is 0 to rounding; the tangents tell the rest."""
    cold = cold_curve(exact("logistic", CURVE))
    found = shift_of(cold, exact("logistic", [0.83], shift))[0]
    assert found == pytest.approx(shift, abs=2e-2)


@pytest.mark.parametrize(
    ("volts", "switched", "message"),
    [
        ([0.7, 0.8, 0.9], [0, 5, 10], "voltage: 1 points between never and always, 3 are needed; probe nearer x0"),
        ([0.7, 0.8, 0.9], [1, 5, 10], "voltage: 2 points between never and always, 3 are needed; probe nearer x0"),
        ([0.7], [1], "voltage: 1 points between never and always, 3 are needed; probe nearer x0"),
        ([0.7, 0.8, 0.9], [0, 0, 0], "voltage: 0 points between never and always, 3 are needed; probe nearer x0"),
        (
            [0.7, 0.8, 0.9],
            [8, 5, 2],
            "voltage: from 0.7 V to 0.9 V the switching probability does not rise; check its sign, or run more",
        ),
    ],
)
def test_too_little_is_refused(volts, switched, message):
    with pytest.raises(InputError) as caught:
        cold_curve(curve_from_counts(volts, switched, 10))
    assert str(caught.value) == message


def test_a_cold_curve_is_a_tuple_of_numbers():
    cold = ColdCurve(np.array([0.0, 1.0]), np.eye(2), 0.8, 0.7, 0.9)
    np.testing.assert_allclose(cold.probability([0.8, 0.85]), expit([0.0, 1.0]), rtol=1e-12)
    np.testing.assert_allclose(cold.slope(0.8), 20.0)
