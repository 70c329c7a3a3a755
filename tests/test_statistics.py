"""Statistics of switching: intervals that cover, curves that refuse nonsense, midpoints and times without a model."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import CensoredData, binom, binomtest, ecdf

from spinneuron.quantity import InputError
from spinneuron.statistics import (
    METHODS,
    curve_from_counts,
    curve_from_probabilities,
    interval,
    midpoint,
    survival,
    switching_time,
)

VOLTAGE = np.linspace(0.7, 0.9, 5)


@given(st.integers(0, 60), st.integers(1, 60), st.floats(0.5, 0.999))
@settings(max_examples=100, deadline=None)
def test_intervals_are_those_of_scipy(successes, trials, level):
    successes = min(successes, trials)
    for ours, theirs in (("clopper-pearson", "exact"), ("wilson", "wilson")):
        expected = binomtest(successes, trials).proportion_ci(level, method=theirs)
        # both by root finding or inversion of the incomplete beta function
        np.testing.assert_allclose(interval(successes, trials, level, ours), expected, rtol=0.0, atol=1e-9)


def test_intervals_of_arrays_and_of_nothing():
    low, high = interval([[0, 5, 10], [0, 0, 1]], [[10, 10, 10], [0, 1, 1]])
    assert low.shape == high.shape == (2, 3)
    assert (low[0, 1], high[0, 1]) == interval(5, 10)
    assert (low[0, 0], high[0, 2]) == (0.0, 1.0) and (low[1, 0], high[1, 0]) == (0.0, 1.0)
    for method in METHODS:
        assert interval(0, 0, method=method) == (0.0, 1.0)


@pytest.mark.parametrize("method", METHODS)
def test_intervals_cover(method):
    # Exact coverage, no sampling: sum over all counts of their probability.
    trials, counts = 40, np.arange(41)
    low, high = interval(counts, trials, method=method)
    p = np.linspace(0.02, 0.98, 97)
    inside = (low <= p[:, None]) & (p[:, None] <= high)
    coverage = (binom.pmf(counts, trials, p[:, None]) * inside).sum(axis=1)
    if method == "clopper-pearson":
        assert coverage.min() >= 0.95
    else:
        assert abs(coverage.mean() - 0.95) < 0.01 and coverage.min() > 0.83


def test_curve_keeps_counts_units_and_dimensions():
    delays = np.array([0.0, 2e-7])
    curve = curve_from_counts(VOLTAGE, [[0, 1, 5, 9, 10], [1, 2, 6, 10, 10]], 10, along=("delay", delays, "s"))
    assert curve["probability"].dims == ("delay", "voltage")
    assert float(curve["probability"].sel(delay=2e-7)[2]) == 0.6
    assert curve["voltage"].attrs["units"] == "V" and curve["delay"].attrs["units"] == "s"
    assert all(curve[name].attrs["units"] == "1" for name in curve.data_vars)
    assert ((curve["low"] <= curve["probability"]) & (curve["probability"] <= curve["high"])).all()
    again = curve_from_probabilities(VOLTAGE, curve["probability"], 10, along=("delay", delays, "s"))
    xr.testing.assert_identical(again, curve)


def test_unmeasured_points_are_nan_and_the_rest_stays():
    curve = curve_from_counts(VOLTAGE, [0, 0, 5, 9, 10], [10, 0, 10, 10, 10])
    assert np.isnan(curve["probability"][1]) and float(curve["low"][1]) == 0.0 and float(curve["high"][1]) == 1.0
    assert float(midpoint(curve)["midpoint"]) == pytest.approx(0.8)


NAN = float("nan")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([0.8, 0.7], [1, 2], 10), "voltage[1] = 0.7 V: not above the one before, 0.8 V; sort them"),
        (([0.8, 0.8], [1, 2], 10), "voltage[1] = 0.8 V: not above"),
        (([0.7, NAN], [1, 2], 10), "voltage[1] = nan: a finite number is needed"),
        (([], [], 10), "voltage has the shape (0,): a list of voltages is needed"),
        ((["a", "b"], [1, 2], 10), "voltage: numbers are needed, not list"),
        (([0.7, 0.8], [1, NAN], 10), "switched[1] = nan: a finite number is needed"),
        (([0.7, 0.8], [1, 11], 10), "switched[1] = 11: more than the trials; swap or correct the counts"),
        (([0.7, 0.8], [1, -1], 10), "switched[1] = -1: a whole number of 0 or more is needed"),
        (([0.7, 0.8], [1, 1.5], 10), "switched[1] = 1.5: a whole number of 0 or more is needed"),
        (([0.7, 0.8], [1, 2], [10, 9.5]), "trials[1] = 9.5: a whole number of 0 or more is needed"),
        (([0.7, 0.8], [1, 2], [10, 10, 10]), "switched, trials: have the shapes (2,) and (3,)"),
        (([0.7, 0.8], [1, 2, 3], 10), "switched has the shape (3,): (voltage) = (2,) is needed"),
    ],
)
def test_curve_refuses(arguments, words):
    with pytest.raises(InputError) as caught:
        curve_from_counts(*arguments)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_other_refusals():
    for share in (-0.1, 1.2, 95.0):
        with pytest.raises(InputError, match="must lie between 0 and 1; percent are divided by 100"):
            curve_from_probabilities([0.8], [share], 10)
    with pytest.raises(InputError, match="did you mean 'wilson'"):
        interval(1, 2, method="wilsn")
    with pytest.raises(InputError, match="level = 95"):
        interval(1, 2, 95)
    with pytest.raises(InputError, match="at = 1.0"):
        midpoint(curve_from_counts(VOLTAGE, np.arange(5), 5), at=1.0)
    with pytest.raises(InputError, match="no switching curve"):
        midpoint(xr.Dataset())


def test_midpoint_of_counts_and_its_interval():
    rng = np.random.default_rng(2)
    voltage = np.linspace(0.7, 0.95, 26)
    x0 = np.array([0.83, 0.81])
    share = 1.0 / (1.0 + np.exp(-45.0 * (voltage - x0[:, None])))
    curve = curve_from_counts(voltage, rng.binomial(10_000, share), 10_000, along=("state", [0, 1], "1"))
    found = midpoint(curve)
    assert found["midpoint"].attrs["units"] == "V" and found["midpoint"].dims == ("state",)
    assert (found["low"] <= x0).all() and (x0 <= found["high"]).all()
    # 4 sigma of 0.5 % over the slope k / 4
    np.testing.assert_allclose(found["midpoint"], x0, atol=4.0 * 0.005 / (45.0 / 4.0))


def test_midpoint_does_not_mind_noise_and_says_where_there_is_none():
    # 0.4 after 0.6 is pooled to 0.5 and crosses in the middle of the two.
    curve = curve_from_counts([0.1, 0.2, 0.3, 0.4], [0, 6, 4, 10], 10)
    assert float(midpoint(curve)["midpoint"]) == pytest.approx(0.25)
    assert np.isnan(midpoint(curve_from_counts(VOLTAGE, np.arange(5), 10))["midpoint"])
    assert float(midpoint(curve, at=0.25)["midpoint"]) == pytest.approx(0.15)


def test_survival_of_equal_records_is_the_empirical_share_with_exact_bands():
    rng = np.random.default_rng(3)
    times = rng.exponential(1e-7, 400)
    found = survival(np.where(times < 2e-7, times, np.nan), 2e-7)
    assert found.attrs["censored"] == int((times >= 2e-7).sum()) and found.attrs["method"] == "clopper-pearson"
    np.testing.assert_allclose(found["survival"], [(times > t).mean() for t in found["time"].values], atol=1e-12)
    i = 100
    left = 400 - int(found["switched"][i])
    assert (float(found["low"][i]), float(found["high"][i])) == pytest.approx(interval(left, 400))
    assert int(found["at_risk"][i]) == (times >= float(found["time"][i])).sum()
    median, low, high = switching_time(found)
    # median of an exponential distribution
    assert low < 1e-7 * np.log(2.0) < high and low <= median <= high
    assert switching_time(found, 0.95) == (np.inf, np.inf, np.inf)


def test_survival_of_unequal_records_is_that_of_scipy():
    rng = np.random.default_rng(4)
    times, records = rng.exponential(1.0, 200), rng.uniform(0.2, 3.0, 200)
    found = survival(times, records)
    data = CensoredData.right_censored(np.minimum(times, records), times > records)
    curve = ecdf(data).sf
    np.testing.assert_allclose(found["survival"], curve.evaluate(found["time"].values), atol=1e-12)
    assert found.attrs["method"] == "greenwood"
    inside = slice(1, -1)
    band = curve.confidence_interval(0.95, method="log-log")
    at = found["time"].values[inside]
    np.testing.assert_allclose(found["low"][inside], band.low.evaluate(at), atol=1e-9)
    np.testing.assert_allclose(found["high"][inside], band.high.evaluate(at), atol=1e-9)


@pytest.mark.parametrize("unequal", [False, True])
def test_bands_of_survival_cover(unequal):
    rng, hits = np.random.default_rng(5), []
    for _ in range(400):
        records = rng.uniform(0.5, 3.0, 60) if unequal else 2.0
        found = survival(rng.exponential(1.0, 60), records, at=[0.5])
        hits.append(found["low"].item() <= np.exp(-0.5) <= found["high"].item())
    # standard error 1.1 %; the exact band covers more
    assert 0.92 < np.mean(hits) < (0.98 if unequal else 0.995)


def test_survival_ends_when_all_or_none_have_switched():
    found = survival([1.0, 2.0], 3.0, at=[0.0, 1.5, 3.0])
    assert found["survival"].values.tolist() == pytest.approx([1.0, 0.5, 0.0])
    found = survival([np.nan, np.nan], [1.0, 2.0], at=[0.0, 0.5, 1.5])
    assert found["survival"].values.tolist() == [1.0, 1.0, 1.0]
    assert (found["low"] < 0.5).all() and (found["high"] == 1.0).all()
    found = survival([0.5, 1.0, np.nan], [2.0, 1.5, 0.7])
    assert float(found["survival"][-1]) == 0.0 and 0.0 < float(found["high"][-1]) <= 1.0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([], 1.0), "crossing has the shape (0,)"),
        (([-1.0], 1.0), "crossing[0] = -1: must not be negative"),
        (([0.5], 0.0), "duration = 0: must be positive"),
        (([0.5], np.nan), "duration = nan: a finite number"),
        (([0.5, 0.5], [1.0, 1.0, 1.0]), "duration has the shape (3,): one, or one per trial (2)"),
    ],
)
def test_survival_refuses(arguments, words):
    with pytest.raises(InputError) as caught:
        survival(*arguments)
    assert words in str(caught.value)
    with pytest.raises(InputError, match="increasing times from 0 to 1 s"):
        survival([0.5], 1.0, at=[0.5, 2.0])
