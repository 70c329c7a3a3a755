"""Yield of a fixed comparator level: against a Monte Carlo run, and in its limits."""

import math

import numpy as np
import pytest

from spinneuron.circuit import ReadStage, Spread, best_level, corners, read_errors
from spinneuron.quantity import InputError

STAGE = ReadStage(230.0, 410.0, 300.0, 0.1)
SAMPLES = 400_000


def sampled(stage, spread, level):
    """Fractions of false and missed spikes, and of junctions with either."""
    rng = np.random.default_rng(7)
    z = rng.standard_normal((2, SAMPLES))
    if spread.common:
        z[1] = z[0]
    factor = 1.0 + spread.sigma * z if spread.law == "gaussian" else np.exp(spread.sigma * z)
    parallel, antiparallel = np.array([[stage.parallel], [stage.antiparallel]]) * factor
    at = level + spread.offset * rng.standard_normal(SAMPLES)
    V = stage.read_voltage
    false = parallel / (parallel + stage.reference) * V >= at
    missed = antiparallel / (antiparallel + stage.reference) * V <= at
    return [float(what.mean()) for what in (false, missed, false | missed)]


@pytest.mark.parametrize("law", ["gaussian", "lognormal"])
@pytest.mark.parametrize("common", [False, True])
@pytest.mark.parametrize(("sigma", "offset"), [(0.15, 0.0), (0.2, 3e-3), (0.02, 6e-3), (0.0, 5e-3)])
def test_read_errors_are_those_of_many_junctions(law, common, sigma, offset):
    spread = Spread(sigma, law, common, offset)
    level = 0.0495
    errors = read_errors(STAGE, spread, level)
    for exact, found in zip(errors, sampled(STAGE, spread, level), strict=True):
        # Four standard deviations of a binomial fraction.
        assert abs(found - exact) <= 4.0 * math.sqrt(exact * (1.0 - exact) / SAMPLES)
    assert errors.failure > 1e-3 and errors.read_yield == 1.0 - errors.failure


def test_no_spread_no_error():
    for common in (False, True):
        errors = read_errors(STAGE, Spread(0.0, common=common), best_level(STAGE, Spread()))
        assert errors == (0.0, 0.0, 0.0) and errors.read_yield == 1.0
    # A spread that goes to zero goes there too.
    assert read_errors(STAGE, Spread(1e-3), 0.05).failure == 0.0
    assert read_errors(STAGE, Spread(1e-3, offset=1e-5), 0.05).failure < 1e-300


def test_independent_and_common_combine_the_same_two_errors():
    one, other = (read_errors(STAGE, Spread(0.2, common=common), 0.05) for common in (False, True))
    assert one[:2] == other[:2]
    a, b = one[:2]
    assert one.failure == pytest.approx(a + b - a * b, rel=1e-12)
    assert other.failure == pytest.approx(a + b, rel=1e-12)


def test_offset_alone_is_a_normal_cdf():
    low, high, _, middle = STAGE.window
    errors = read_errors(STAGE, Spread(offset=4e-3), middle)
    tail = 0.5 * math.erfc((high - low) / 2.0 / 4e-3 / math.sqrt(2.0))
    # The step at each output is integrated by nodes within 1e-6 of the offset.
    assert errors.false_spike == pytest.approx(tail, rel=1e-5) and errors.missed_spike == pytest.approx(tail, rel=1e-5)
    assert errors.failure == pytest.approx(2.0 * tail, rel=1e-5)


def test_a_vanishing_offset_changes_nothing():
    plain, tiny = (read_errors(STAGE, Spread(0.12, offset=offset), 0.05) for offset in (0.0, 1e-7))
    assert tiny == pytest.approx(plain, rel=1e-6)


@pytest.mark.parametrize("law", ["gaussian", "lognormal"])
@pytest.mark.parametrize("common", [False, True])
@pytest.mark.parametrize("offset", [0.0, 3e-3])
def test_best_level_is_the_best_of_many(law, common, offset):
    spread = Spread(0.1, law, common, offset)
    low, high, width, _ = STAGE.window
    levels = np.linspace(low, high, 203)[1:-1]
    failures = [read_errors(STAGE, spread, level).failure for level in levels]
    best = best_level(STAGE, spread)
    assert read_errors(STAGE, spread, best).failure <= min(failures) * (1.0 + 1e-9)
    assert abs(best - levels[np.argmin(failures)]) <= width / 202


def test_lognormal_level_is_the_geometric_mean():
    R = math.sqrt(230.0 * 410.0)
    assert best_level(STAGE, Spread(0.1, "lognormal")) == pytest.approx(0.1 * R / (R + 300.0), rel=1e-14)
    # With the best reference that is half the read voltage.
    best = ReadStage(230.0, 410.0, R, 0.1)
    assert best_level(best, Spread(0.1, "lognormal")) == pytest.approx(0.05, rel=1e-14)
    # The failure is 2 Phi(-ln(1 + TMR) / (2 sigma)), less the square of one half for independent ones.
    tail = 0.5 * math.erfc(math.log(410 / 230) / 2.0 / 0.1 / math.sqrt(2.0))
    errors = read_errors(best, Spread(0.1, "lognormal", common=True), 0.05)
    assert errors.failure == pytest.approx(2.0 * tail, rel=1e-9)


def test_best_level_where_no_float_holds_the_failure():
    level = best_level(STAGE, Spread(0.005))
    # Equal distances in sigma: the harmonic mean of both resistances, up to the logarithm of their ratio.
    R = 2.0 * 230.0 * 410.0 / 640.0
    assert level == pytest.approx(0.1 * R / (R + 300.0), rel=1e-3)


def test_yield_falls_with_the_tmr():
    # To a closed window: one half of the junctions of each state, independent of each other, or none.
    almost = ReadStage(230.0, 230.0 * (1.0 + 1e-9), 300.0, 0.1)
    for common, wanted in ((False, 0.25), (True, 0.0)):
        spread = Spread(0.05, "lognormal", common)
        # The window is 1e-9 of the spread's width: so far from the limit.
        assert read_errors(almost, spread, best_level(almost, spread)).read_yield == pytest.approx(wanted, abs=1e-7)
    with pytest.raises(InputError, match="tmr = 0"):
        best_level(ReadStage(230.0, 230.0, 300.0, 0.1), Spread(0.05))


def test_corners():
    spread = Spread(0.05, offset=1e-3)
    found = corners(STAGE, spread, 2.0)
    assert found.low == pytest.approx(0.1 * 253.0 / 553.0 + 2e-3, rel=1e-12)
    assert found.high == pytest.approx(0.1 * 369.0 / 669.0 - 2e-3, rel=1e-12)
    assert corners(STAGE, Spread(), 5.0) == STAGE.window
    # A Gaussian window closes where n sigma = TMR / (2 + TMR).
    edge = (410 - 230) / (410 + 230) / 3.0
    assert abs(corners(STAGE, Spread(edge), 3.0).width) < 1e-16
    assert corners(STAGE, Spread(edge * 1.01), 3.0).width < 0.0 < corners(STAGE, Spread(edge * 0.99), 3.0).width
    wide = corners(STAGE, Spread(0.5, "lognormal"), 3.0)
    assert wide.low > wide.high


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: Spread(-0.05), "spread = -0.05: must not be negative"),
        (lambda: Spread(0.05, offset=-1e-3), "offset = -1 mV: must not be negative"),
        (lambda: Spread(0.5), "spread = 50 %: a Gaussian would make resistances negative; take law lognormal"),
        (lambda: Spread(0.1, "normal"), 'law = "normal": use one of gaussian, lognormal'),
        (lambda: read_errors(STAGE, Spread(0.05), 0.07), "level = 70 mV: must lie between the outputs of P and AP"),
        (lambda: read_errors(STAGE, Spread(0.05), math.nan), "level = nan: a finite number"),
        (lambda: corners(STAGE, Spread(0.3), 4.0), "count = 4: a Gaussian of 30 % is negative there"),
        (lambda: corners(STAGE, Spread(0.3), -1.0), "count = -1: must not be negative"),
    ],
)
def test_mistakes(act, said):
    with pytest.raises(InputError) as raised:
        act()
    assert str(raised.value).startswith(said) and "\n" not in str(raised.value)
