"""Stepping of many densities: lanes alone or together, chosen and planned steps, surroundings, currents, no NaN."""

import math

import numpy as np
import pytest
from axial import PLASTICITY_HK, axial, critical_voltage, plasticity, quick
from hypothesis import given, settings
from hypothesis import strategies as st

from spinneuron.dynamics.fokker_planck import courses
from spinneuron.dynamics.fokker_planck.axial import chain
from spinneuron.dynamics.fokker_planck.courses import advance, course, even, halved
from spinneuron.dynamics.fokker_planck.lanes import LANES, RECORD, exponential, solve
from spinneuron.protocols import Cycle
from spinneuron.quantity import InputError
from spinneuron.switching.cells import Cells

LOW, HIGH, LEAST = (RECORD.index(name) for name in ("low", "high", "least"))
QUICK = quick()
PULSE = Cycle(edge=1e-9, width=4e-9)


def run(cells, volts, steps=None, level=0, tolerance=1e-2, bath=0.0):
    """Densities after set pulses from rest: (cells, lanes), the record and the course."""
    probes = [PULSE.probe(one) for one in volts]
    drives = np.array([one.values for one in probes])
    whole = steps or course([one.times for one in probes], drives, np.full_like(drives, bath))
    q = np.repeat(cells.boltzmann(level, 1.0)[:, None], len(volts), axis=1)
    theta = np.zeros((len(cells.foster.times), len(volts)))
    record, _, _, taken = advance(q, theta, whole, cells.numbers(level), tolerance)
    return q, record, taken


def test_exponential_to_rounding():
    for x in np.concatenate([-np.geomspace(1e-300, 707.0, 500), [0.0]]):
        scale, p = exponential(float(x))
        assert scale + scale * p == pytest.approx(math.exp(x), rel=4e-16, abs=0.0)


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 40), st.integers(0, 2**32 - 1), st.floats(-6.0, 6.0))
def test_elimination_solves_and_keeps_probability(cells, seed, decade):
    """Columns of L add up to 0, so that the sum of y is that of the right side; and y is nowhere negative."""
    random = np.random.default_rng(seed)
    up, down = np.zeros((2, cells, 3))
    up[:-1], down[:-1] = 10.0 ** (decade + random.uniform(-3.0, 3.0, (2, cells - 1, 3)))
    right = 10.0 ** random.uniform(-200.0, 0.0, (cells, 3))
    y = right.copy()
    solve(up, down, y, np.empty((cells, 3)), np.empty((cells, 3)))
    assert (y >= 0.0).all()
    np.testing.assert_allclose(y.sum(axis=0), right.sum(axis=0), rtol=1e-12)
    flow = up[:-1] * y[:-1] - down[:-1] * y[1:]
    change = np.diff(np.concatenate([np.zeros((1, 3)), flow, np.zeros((1, 3))]), axis=0)
    largest = np.abs(up * y).max(axis=0) + np.abs(down[:-1] * y[1:]).max(axis=0)
    assert (np.abs(y + change - right) <= 1e-14 * cells * (largest + right.max(axis=0))).all()


def test_a_lane_has_the_same_bits_whatever_runs_beside_it():
    """Also across blocks: 19 lanes are two of them, the second one filled up with copies."""
    cells = Cells(QUICK)
    volts = np.linspace(-0.9, -1.3, LANES + 3)
    q, record, taken = run(cells, volts)
    for j in (0, 7, LANES - 1, LANES, LANES + 2):
        alone, own, steps = run(cells, volts[[j]])
        assert alone[:, 0].tobytes() == q[:, j].tobytes()
        assert own[..., 0].tobytes() == record[..., j].tobytes()
        np.testing.assert_array_equal(steps.counts[:, 0], taken.counts[:, j])


def test_a_plan_repeats_the_steps_that_were_chosen():
    cells = Cells(QUICK)
    q, record, taken = run(cells, [-1.0, -1.2])
    again, same, _ = run(cells, [-1.0, -1.2], taken, tolerance=0.0)
    # where a segment ends is known to rounding
    np.testing.assert_allclose(again, q, rtol=1e-9)
    np.testing.assert_allclose(same[:, :5], record[:, :5], rtol=1e-9)
    used = taken.counts.sum(axis=0)
    for j in range(2):
        assert taken.plan[j, : used[j]].sum() == pytest.approx(6e-9, rel=1e-12)
        assert (taken.plan[j, : used[j]] > 0.0).all()
    fine = halved(taken, 2)
    np.testing.assert_array_equal(fine.counts, 4 * taken.counts)
    assert fine.plan[0, : 4 * used[0]].sum() == pytest.approx(6e-9, rel=1e-12)
    plain = even(taken, 0.3e-9, 2)
    np.testing.assert_array_equal(plain.counts[:, 0], [4, 14, 4])


def test_smaller_tolerances_take_more_steps_to_better_results():
    cells = Cells(QUICK)
    counts, errors = [], []
    reference = run(cells, [-1.1], tolerance=1e-6)[1][-1, LOW, 0]
    for tolerance in (1e-1, 1e-2, 1e-3):
        _, record, taken = run(cells, [-1.1], tolerance=tolerance)
        counts.append(int(taken.counts.sum()))
        errors.append(abs(record[-1, LOW, 0] / reference - 1.0))
    assert counts[0] < counts[1] < counts[2]
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 1e-3


@pytest.mark.parametrize("level", [0, 1, 2])
def test_probability_is_conserved_and_never_negative(level):
    """Of every cell in every step, on every level; also where a density is cut and goes on with steps of another."""
    for device, volts in ((QUICK, [-0.9, -1.1, -1.4]), (plasticity(), [0.7, 0.83, 0.95])):
        cells = Cells(device)
        probes = [Cycle().probe(one) if device is not QUICK else PULSE.probe(one) for one in volts]
        drives = np.array([one.values for one in probes])
        steps = course([one.times for one in probes], drives, np.zeros_like(drives))
        q = np.repeat(cells.boltzmann(0, 1.0)[:, None], len(volts), axis=1)
        theta = np.zeros((len(cells.foster.times), len(volts)))
        _, _, _, taken = advance(q, theta, steps, cells.numbers(0), 1e-2)
        q = np.repeat(cells.boltzmann(level, 1.0)[:, None], len(volts), axis=1)
        for _ in range(2):
            record, _, _, _ = advance(q, theta, halved(taken, level), cells.numbers(level))
            np.testing.assert_allclose(record[:, LOW] + record[:, HIGH], 1.0, rtol=0.0, atol=1e-12)
            assert record[:, LEAST].min() >= 0.0
            # half of it is taken away, and the rest goes on
            q[~cells.own(level)] = 0.0
            q /= q.sum(axis=0)


def test_surroundings_are_a_temperature_as_well():
    """A device in surroundings 30 K warmer is the same device at 330 K."""
    device = axial(PLASTICITY_HK, 25.0, alpha=0.1, tmr=0.4, curie_temperature=900.0, breakdown_voltage=3.0)
    volts = [-0.6 * critical_voltage(device, PLASTICITY_HK)]
    cool, hot = Cells(device), Cells(device)
    warm = course([PULSE.probe(1.0).times], np.array([PULSE.probe(volts[0]).values]), np.full((1, 4), 30.0))
    up, down = chain(cool.axial, cool.numbers(0).grid, cool.laws, volts[0], 30.0)
    q, record, taken = run(cool, volts, warm)
    assert taken.counts.sum() > 10
    cold, other, _ = run(hot, volts)
    assert record[-1, LOW, 0] > 1.5 * other[-1, LOW, 0]
    # stationary under the warm rates: detailed balance of what is left after a long time at rest
    rest = course([(0.0, 1e-3)], np.zeros((1, 2)), np.full((1, 2), 30.0))
    advance(q, np.zeros((0, 1)), rest, cool.numbers(0), 1e-2)
    up, down = chain(cool.axial, cool.numbers(0).grid, cool.laws, 0.0, 30.0)
    # but for what still leaks from one well to the other, 0.1 /s
    np.testing.assert_allclose(up * q[:-1, 0], down * q[1:, 0], rtol=1e-6, atol=1.0)


def test_what_needs_too_many_steps_is_refused(monkeypatch):
    monkeypatch.setattr(courses, "MOST_STEPS", 512)
    cells = Cells(QUICK)
    with pytest.raises(InputError, match="a waveform needs more than 512 steps; ask for less, or shorten it"):
        run(cells, [-1.1], tolerance=1e-9)


def test_room_for_steps_grows():
    cells = Cells(QUICK)
    probe = PULSE.probe(-1.1)
    narrow = course([probe.times], np.array([probe.values]), np.zeros((1, 4)), 4)
    q, record, taken = run(cells, [-1.1], narrow)
    np.testing.assert_array_equal(q, run(cells, [-1.1])[0])
    assert taken.plan.shape[1] >= taken.counts.sum()


def test_nan_is_never_hidden():
    cells = Cells(QUICK)
    probe = PULSE.probe(-1.1)
    steps = even(course([probe.times], np.array([probe.values]), np.zeros((1, 4))), 1e-9, 2)
    q = cells.boltzmann(0, 1.0)[:, None].copy()
    q[3] = np.nan
    with pytest.raises(FloatingPointError, match="no number any more"):
        advance(q, np.zeros((2, 1)), steps, cells.numbers(0))
