"""The Gaussian neuron: its moments, its fit, and the error bars of the fit."""

import math

import numpy as np
import pytest

from spinneuron import neuron_file
from spinneuron.quantity import InputError
from spinneuron.surrogates.gaussian import Gaussian
from spinneuron.surrogates.gaussian_fit import NAMES

TRUE = Gaussian(low=-0.9, high=0.8, k=35.0, x0=0.62, sigma_read=0.05, sigma_switch=0.12)
VOLTAGES = np.linspace(0.45, 0.8, 15)


def samples(model, each, seed):
    volts = np.repeat(VOLTAGES, each)
    return volts, model.sample(volts, np.random.default_rng(seed))


def test_moments_at_the_ends_and_at_the_midpoint():
    mean, sigma = TRUE.moments([-100.0, TRUE.x0, 100.0])
    np.testing.assert_allclose(mean, [TRUE.low, 0.5 * (TRUE.low + TRUE.high), TRUE.high], rtol=0.0, atol=1e-15)
    np.testing.assert_allclose(sigma, [0.05, math.hypot(0.05, 0.12), 0.05], rtol=1e-15)


def test_regions_that_reverse_independently_give_this_mean_and_spread():
    regions = 50
    model = Gaussian(low=-1.0, high=1.0, k=30.0, x0=0.6, sigma_read=1e-9, sigma_switch=1.0 / math.sqrt(regions))
    assert model.regions == pytest.approx(regions)
    volts = np.array([0.55, 0.6, 0.68])
    share = 1.0 / (1.0 + np.exp(-30.0 * (volts - 0.6)))
    drawn = 2.0 * np.random.default_rng(1).binomial(regions, share, (200_000, 3)) / regions - 1.0
    mean, sigma = model.moments(volts)
    # Standard errors of mean and standard deviation of 200,000 samples, times 4.
    np.testing.assert_allclose(drawn.mean(axis=0), mean, rtol=0.0, atol=4.0 * sigma.max() / math.sqrt(2e5))
    np.testing.assert_allclose(drawn.std(axis=0), sigma, rtol=4.0 / math.sqrt(4e5))
    assert Gaussian(k=1.0, x0=0.0, sigma_read=0.1).regions == math.inf


def test_error_bars_of_the_fit_are_right():
    fits = [Gaussian.fit(*samples(TRUE, 100, seed)) for seed in range(40)]
    for name in NAMES:
        pulls = [(getattr(fit, name) - getattr(TRUE, name)) / fit.uncertainties[name] for fit in fits]
        # 40 pulls: their mean scatters by 0.16, their standard deviation by 0.11; both within 4 of these.
        assert abs(np.mean(pulls)) < 0.64 and 0.56 < np.std(pulls) < 1.44, name


def test_fit_does_not_depend_on_the_scales():
    volts, read = samples(TRUE, 40, 5)
    one, other = Gaussian.fit(volts, read), Gaussian.fit(1e-3 * volts + 2.0, 1e4 * read - 7.0)
    assert other.k == pytest.approx(1e3 * one.k, rel=1e-4)
    assert other.x0 - 2.0 == pytest.approx(1e-3 * one.x0, rel=1e-6)
    assert other.sigma_switch == pytest.approx(1e4 * one.sigma_switch, rel=1e-4)
    assert other.uncertainties["high"] == pytest.approx(1e4 * one.uncertainties["high"], rel=1e-3)


def test_fit_of_a_falling_curve_and_of_a_constant_spread():
    falling = Gaussian(low=1.0, high=0.0, k=35.0, x0=0.62, sigma_read=0.05)
    fit = Gaussian.fit(*samples(falling, 200, 2), valid={"temperature": (300.0, 300.0)})
    assert fit.high == pytest.approx(0.0, abs=0.01) and fit.low == pytest.approx(1.0, abs=0.01)
    assert fit.sigma_read == pytest.approx(0.05, rel=0.05)
    assert fit.sigma_switch < 0.02
    assert fit.valid["voltage"] == (VOLTAGES[0], VOLTAGES[-1]) and fit.valid["temperature"] == (300.0, 300.0)
    assert fit.statistics.n == 3000 and fit.statistics.r2 > 0.97


def test_spread_at_its_bound_has_no_uncertainty():
    # Less spread at the midpoint than at the ends: no sigma_switch explains it.
    volts = np.repeat(VOLTAGES, 20)
    wide = np.where(abs(volts - 0.62) > 0.06, 0.1, 0.02)
    fit = Gaussian.fit(volts, TRUE.moments(volts)[0] + wide * np.random.default_rng(3).standard_normal(volts.size))
    assert fit.sigma_switch == 0.0 and "sigma_switch" not in fit.uncertainties
    assert set(fit.uncertainties) == set(NAMES) - {"sigma_switch"} == set(fit.statistics.names)


@pytest.mark.parametrize(
    ("voltage", "output", "words"),
    [
        (VOLTAGES, VOLTAGES[:-1], "15 and 14 samples"),
        (np.repeat([0.1, 0.2, 0.3], 5), np.arange(15.0), "voltage: 3 different ones"),
        (VOLTAGES, np.ones(15), "output = 1 throughout"),
        (VOLTAGES, np.full(15, np.nan), "output: finite numbers"),
        (["a"] * 15, VOLTAGES, "voltage: numbers are needed"),
        (np.linspace(0.0, 0.1, 40), np.linspace(0.0, 0.1, 40), "the samples do not determine"),
    ],
)
def test_fit_refuses(voltage, output, words):
    with pytest.raises(InputError, match=words):
        Gaussian.fit(voltage, output)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"k": 0.0}, "k = 0"),
        ({"sigma_read": 0.0}, "sigma_read = 0"),
        ({"sigma_switch": -0.1}, "sigma_switch = -0.1"),
        ({"high": math.inf}, "high = inf"),
        ({"uncertainties": {"low": -1.0}}, "uncertainties low = -1"),
        ({"uncertainties": {"lov": 1.0}}, "did you mean 'low'"),
        ({"valid": {"voltage": (1.0, 0.0)}}, "valid voltage = 1, 0"),
    ],
)
def test_parameters_out_of_range(fields, words):
    with pytest.raises(InputError, match=words):
        Gaussian(**{"k": 35.0, "x0": 0.6, "sigma_read": 0.05} | fields)
    with pytest.raises(InputError, match="voltage = nan"):
        TRUE.moments([0.0, math.nan])


def test_neuron_file_round_trip(tmp_path):
    fit = Gaussian.fit(*samples(TRUE, 20, 0))
    neuron_file.save(tmp_path / "n.json", fit)
    assert neuron_file.load(tmp_path / "n.json") == fit
