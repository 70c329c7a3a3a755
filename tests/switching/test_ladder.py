"""Extrapolation over levels: exact for its powers, states that are made when asked for, digits of the rarer one."""

import numpy as np
import pytest
from axial import plasticity, quick

from spinneuron.protocols import Cycle
from spinneuron.quantity import InputError
from spinneuron.switching import Density
from spinneuron.switching.ladder import Ladder, Level, extrapolated, pair

VOLTS = (0.70, 0.80, 0.86, 0.95)


def test_powers_two_to_five_are_removed():
    """1.5 + sum of a_p h^p is found from as many levels as powers plus one; the error is that of one level less."""
    h = 0.5 ** np.arange(5)
    values = [np.array([1.5 + 0.3 * x**2 - 2.0 * x**3 + 0.7 * x**4 + 5.0 * x**5, 2.0]) for x in h]
    best, error = extrapolated(values)
    np.testing.assert_allclose(best, [1.5, 2.0], atol=1e-13)
    less, _ = extrapolated(values[1:])
    assert abs(less[0] - 1.5) > 1e-4
    assert error[1] == 0.0 and error[0] > 1e-4
    assert np.isinf(extrapolated(values[:1])[1]).all()


def test_levels_are_made_once_and_only_when_asked_for():
    made = []
    state = Ladder(lambda k: made.append(k) or Level(np.full(2, 0.5), np.zeros(1), float(k)))
    assert made == []
    assert state.heat.tolist() == [0.0, 0.0]
    assert state.level(2).power == 2.0 and state.level(1).power == 1.0
    assert made == [0, 1, 2]
    assert state.heat[0] == 2.0 and state.counted.tolist() == [1.0]


def test_the_rarer_one_has_the_digits():
    assert pair(np.log(1e-40), np.log(0.9)) == (pytest.approx(1e-40, rel=1e-12), 1.0)
    assert pair(np.log(0.6), np.log(0.3)) == pytest.approx((0.7, 0.3))
    assert pair(np.log(1e-300), 0.0) == (0.0, 1.0)


def test_what_is_requested_is_kept():
    """Against 1e-9: tolerances of 1e-2 to 1e-7 hold for both probabilities, from 2e-4 to 0.99999."""
    device = plasticity()
    found = {}
    for tolerance in (1e-2, 1e-4, 1e-6, 1e-8):
        engine = Density(device, tolerance=tolerance)
        ends = engine.run_all([engine.rest()] * len(VOLTS), [Cycle().probe(one) for one in VOLTS])
        found[tolerance] = np.array([engine.probabilities(one) for one in ends])
    for tolerance, values in list(found.items())[:-1]:
        error = np.abs(values[:, :2] / found[1e-8][:, :2] - 1.0).max(axis=1)
        assert (error <= tolerance).all()
        assert (values[:, 2] <= tolerance).all()
        # an estimate, and an honest one: that of one level less
        assert (error <= 2.0 * values[:, 2] + 2e-8).all()


def test_a_tolerance_out_of_reach_is_refused(monkeypatch):
    monkeypatch.setattr("spinneuron.switching.density.MOST_LEVELS", 3)
    engine = Density(quick(), tolerance=1e-12)
    end = engine.run(engine.rest(), Cycle(edge=1e-9, width=2e-9).probe(-1.1))
    with pytest.raises(InputError, match="tolerance = 1e-12: 3 levels reach .*; ask for less"):
        engine.probabilities(end)
    with pytest.raises(InputError, match="cells = 65: an even number is needed"):
        Density(quick(), cells=65)
    with pytest.raises(InputError, match="tolerance = 0"):
        Density(quick(), tolerance=0.0)


def test_states_run_together_are_those_run_alone():
    engine = Density(quick())
    pulses = [Cycle(edge=1e-9, width=width).probe(volts) for volts, width in ((-1.0, 2e-9), (-1.2, 5e-9), (-1.1, 1e-9))]
    mixed = [*pulses, Cycle(edge=1e-9, width=2e-9, reset=0.9).pump(-1.0)]
    together = engine.run_all([engine.rest()] * 4, mixed)
    for end, pulse in zip(together, mixed, strict=True):
        alone = engine.run(engine.rest(), pulse)
        assert engine.probabilities(alone) == engine.probabilities(end)
        assert engine.rise(alone) == engine.rise(end)
