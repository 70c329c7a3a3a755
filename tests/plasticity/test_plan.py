"""The plan: every experiment has the published timing, and what conditions share is worked through once."""

from itertools import product

import numpy as np
import pytest

from spinneuron.plasticity.plan import AMPLITUDES, AROUND, CURVE, EXPERIMENTS, PROBE, PUMP, work
from spinneuron.protocols import Cycle, Protocol

CYCLE = Cycle()
NANO = 1e-9
CONDITIONS = {name: experiment(CYCLE) for name, experiment in EXPERIMENTS.items()}
PROBE_TIME = 190 * NANO


def corners(stage):
    return [round(time / NANO, 6) for time in stage.times], list(stage.values)


def pump(amplitude, width=150, delay=20):
    """Corners of a cycle in ns: 20 rise, plateau, 20 fall, reset of -0.8 V in 20 with edges of 1, delay."""
    times = np.cumsum([0, 20, width, 20, 1, 18, 1, *([delay] if delay else [])])
    values = [0.0, amplitude, amplitude, 0.0, -0.8, -0.8, 0.0, *([0.0] if delay else [])]
    return [float(one) for one in times], values


def test_experiments_are_the_published_figures():
    assert list(EXPERIMENTS) == ["1E", "1F", "1G", "S1", "S2", "S3", "S4", "S9"]
    for name, conditions in CONDITIONS.items():
        assert {one.experiment for one in conditions} == {name}
        labels = [one.label for one in conditions]
        assert len(set(labels)) == len(labels)
        for one in conditions:
            assert one.reference == (name == "S9")
            assert one.regular == (name not in ("1F", "1G"))
            assert (np.diff(one.probes) > 0.0).all()
    assert PROBE == 0.83
    assert PUMP == 0.9


def test_the_curve_without_heat():
    (one,) = CONDITIONS["1E"]
    assert one.history == ()
    assert one.probes == CURVE
    assert (one.amplitude, one.pulses, one.delay) == (0.0, 0, 0.0)
    np.testing.assert_allclose(np.diff(CURVE), 0.01, rtol=1e-9)


def test_heating_by_one_pulse_of_50_to_500_ns():
    widths = (50, 100, 200, 300, 400, 500)
    for one, width in zip(CONDITIONS["1F"], widths, strict=True):
        (stage,) = one.history
        assert corners(stage) == pump(0.9, width, 0)
        assert one.label == f"{width} ns"
        assert one.probes == AROUND
        assert one.width == pytest.approx(width * NANO, rel=1e-12)
        assert (one.amplitude, one.pulses, one.delay) == (0.9, 1, 0.0)


def test_cooling_after_500_ns():
    delays = (0, 100, 200, 300, 500, 1000)
    for one, delay in zip(CONDITIONS["1G"], delays, strict=True):
        stage, idle = one.history
        assert corners(stage) == pump(0.9, 500, 0)
        assert idle == one.delay == pytest.approx(delay * NANO, rel=1e-12)
        assert one.label == f"{delay} ns"
        assert one.probes == AROUND
        assert (one.amplitude, one.pulses) == (0.9, 1)
    # the printed 200 ns after 500 ns of 0.9 V
    assert 200 in delays
    assert CONDITIONS["1F"][-1].history[0] == CONDITIONS["1G"][0].history[0]


@pytest.mark.parametrize(("name", "pulses"), [("S1", 1), ("S4", 3)])
def test_amplitudes_after_whole_cycles(name, pulses):
    assert (AMPLITUDES[0], AMPLITUDES[-1]) == (0.70, 0.93)
    for one, V in zip(CONDITIONS[name], AMPLITUDES, strict=True):
        assert [corners(stage) for stage in one.history] == [pump(V)] * pulses
        assert sum(stage.duration for stage in one.history) == pytest.approx(230 * NANO * pulses, rel=1e-12)
        assert one.probes == (0.83,)
        assert (one.amplitude, one.pulses, one.width, one.delay) == (V, pulses, 150e-9, 0.0)
        assert one.label == f"{V:g} V"


def test_decay_after_five_cycles():
    delays = [one.delay / NANO for one in CONDITIONS["S2"]]
    assert min(delays) == 0.0
    assert max(delays) == pytest.approx(5000.0, rel=1e-12)
    # the breakpoint is among them
    assert any(abs(delay - 500.0) < 1e-6 for delay in delays)
    for one in CONDITIONS["S2"]:
        *before, idle = one.history
        assert [corners(stage) for stage in before] == [pump(0.9)] * 5
        assert idle == one.delay
        assert one.probes == (0.83,)
        assert (one.amplitude, one.pulses) == (0.9, 5)
        assert one.label == f"{round(one.delay / NANO)} ns"


def test_all_sixteen_sequences():
    found = {one.label: one for one in CONDITIONS["S3"]}
    assert set(found) == {"".join(bits) for bits in product("01", repeat=4)}
    for label, one in found.items():
        assert len(one.history) == 4
        for bit, stage in zip(label, one.history, strict=True):
            if bit == "1":
                assert corners(stage) == pump(0.85)
            else:
                assert stage == pytest.approx(230 * NANO, rel=1e-12)
        assert one.pulses == label.count("1")
        assert one.probes == (0.83,)


def test_reference_with_and_without_three_pulses():
    cold, hot = CONDITIONS["S9"]
    assert cold.history == ()
    assert cold.pulses == 0
    assert [corners(stage) for stage in hot.history] == [pump(0.9)] * 3
    assert (hot.amplitude, hot.pulses, hot.width) == (0.9, 3, 150e-9)
    assert cold.probes == hot.probes


def test_probes_last_as_published():
    times, values = corners(CYCLE.probe(PROBE))
    assert times == [0.0, 20.0, 170.0, 190.0]
    assert values == [0.0, 0.83, 0.83, 0.0]


def test_another_cycle_goes_through_all():
    for name, experiment in EXPERIMENTS.items():
        for one in experiment(Cycle(width=50e-9, reset=-0.7)):
            for stage in one.history:
                if isinstance(stage, Protocol):
                    assert min(stage.values) == -0.7
                    assert name in ("1F", "1G") or stage.duration == pytest.approx(130 * NANO, rel=1e-12)


def by_hand(name):
    return work(CONDITIONS[name], CYCLE) / NANO


def test_work_counts_what_is_shared_once():
    assert by_hand("1E") == pytest.approx(29 * 190)
    assert by_hand("1F") == pytest.approx(6 * 5 * 190 + sum(width + 60 for width in (50, 100, 200, 300, 400, 500)))
    # one pulse before all six delays, which cost nothing
    assert by_hand("1G") == pytest.approx(6 * 5 * 190 + 560)
    assert by_hand("S1") == pytest.approx(8 * (190 + 230))
    # five cycles before all twelve delays
    assert by_hand("S2") == pytest.approx(12 * 190 + 5 * 230)
    # of the sixteen sequences: one prefix that ends in a pulse per node of the tree, 1 + 2 + 4 + 8
    assert by_hand("S3") == pytest.approx(16 * 190 + 15 * 230)
    assert by_hand("S4") == pytest.approx(8 * (190 + 3 * 230))
    assert by_hand("S9") == pytest.approx(20 * 190 + 3 * 230)


def test_work_keeps_the_two_junctions_apart():
    sensitive = CONDITIONS["S2"][0]
    twin = CONDITIONS["S9"][1]
    alone = work([sensitive], CYCLE) + work([twin], CYCLE)
    assert work([sensitive, twin], CYCLE) == pytest.approx(alone, rel=1e-12)
    assert work([sensitive, sensitive], CYCLE) == pytest.approx(work([sensitive], CYCLE) + PROBE_TIME, rel=1e-12)
    assert work([], CYCLE) == 0.0
