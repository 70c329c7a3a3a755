"""Protocols: waveforms that never jump, their text, and what is refused."""

import json

import numpy as np
import pytest

from spinneuron.protocols import EDGE, PROTOCOLS, Cycle, Protocol, Pulse, bipolar, cycles, single, train
from spinneuron.quantity import InputError


def test_a_pulse_is_a_trapezoid():
    protocol = Protocol.of([Pulse(2.0, 4e-9, rise=1e-9, fall=2e-9, delay=3e-9, unit="V")], after=5e-9)
    assert protocol.times == pytest.approx((0.0, 3e-9, 4e-9, 8e-9, 10e-9, 15e-9), rel=1e-12)
    assert protocol.values == (0.0, 0.0, 2.0, 2.0, 0.0, 0.0)
    assert protocol.unit == "V"
    assert protocol.duration == protocol.times[-1]
    np.testing.assert_allclose(protocol.at([3.5e-9, 6e-9, 9e-9, 1.0]), [1.0, 2.0, 1.0, 0.0], rtol=1e-12)
    assert Pulse(2.0, 4e-9, rise=1e-9, fall=2e-9, delay=3e-9).duration == pytest.approx(10e-9, rel=1e-15)


def test_a_pulse_without_plateau_is_a_triangle():
    protocol = Protocol.of([Pulse(1.0, 0.0, rise=1e-9, fall=1e-9)])
    assert protocol.values == (0.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("text", "pulse"),
    [
        ("0.9 V, 150 ns", Pulse(0.9, 150e-9, unit="V")),
        ("-300 uA, 1 ns", Pulse(-300e-6, 1e-9, unit="A")),
        ("1e12 A/m^2, 1 ns, rise 20 ps, fall 30 ps, delay 2 ns", Pulse(1e12, 1e-9, 20e-12, 30e-12, 2e-9)),
        ("0.9 V,150 ns,delay 1 ns", Pulse(0.9, 150e-9, delay=1e-9, unit="V")),
    ],
)
def test_pulses_are_read_from_text(text, pulse):
    read = Pulse.parse(text)
    assert read.unit == pulse.unit
    for name in ("amplitude", "width", "rise", "fall", "delay"):
        assert getattr(read, name) == pytest.approx(getattr(pulse, name), rel=1e-12, abs=0.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0.9 V", "pulse = '0.9 V': give an amplitude and a width, like \"0.9 V, 150 ns\""),
        (
            "0.9 V, 150 ns, raise 1 ns",
            "pulse part 'raise 1 ns': did you mean 'rise'? allowed are rise, fall and delay, each with a time",
        ),
        (
            "0.9 T, 150 ns",
            "pulse amplitude = '0.9 T': give a voltage, a current or a current density, "
            'like "0.9 V", "300 uA", "1e12 A/m^2"',
        ),
        ("0.9 V, -1 ns", "pulse width = -1e-09 s: must not be negative"),
        ("0.9 V, 1 ns, rise 0 ns", "pulse rise = 0.0 s: must be positive, a pulse never jumps"),
    ],
)
def test_bad_texts_are_refused(text, message):
    with pytest.raises(InputError) as caught:
        Pulse.parse(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["0.9 V, 150 nV", "0.9 V, abc", "0.9 V, 1 ns, delay", ""])
def test_other_bad_texts_are_refused(text):
    with pytest.raises(InputError) as caught:
        Pulse.parse(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"amplitude": float("nan")}, "pulse amplitude = nan: must be a finite number"),
        ({"width": float("inf")}, "pulse width = inf: must be a finite number"),
        ({"delay": -1e-9}, "pulse delay = -1e-09 s: must not be negative"),
        ({"fall": -1e-12}, "pulse fall = -1e-12 s: must be positive, a pulse never jumps"),
        ({"unit": "mV"}, "pulse unit = 'mV': use one of V, A, A/m^2"),
    ],
    ids=str,
)
def test_bad_pulses_are_refused(fields, message):
    with pytest.raises(InputError) as caught:
        Pulse(**({"amplitude": 1.0, "width": 1e-9} | fields))
    assert str(caught.value) == message


INCREASE = "protocol times: must start at 0 and increase strictly, since a waveform never jumps"


@pytest.mark.parametrize(
    ("times", "values", "unit", "message"),
    [
        ((0.0, 1e-9, 1e-9), (0.0, 0.0, 1.0), "V", INCREASE),
        ((1e-9, 2e-9), (0.0, 1.0), "V", INCREASE),
        ((0.0, 1e-9), (0.0, 1.0, 2.0), "V", "protocol: needs as many times as values, at least two, got 2 and 3"),
        ((0.0,), (0.0,), "V", "protocol: needs as many times as values, at least two, got 1 and 1"),
        ((0.0, float("inf")), (0.0, 1.0), "V", "protocol: times and values must be finite numbers"),
        ((0.0, 1e-9), (0.0, float("nan")), "V", "protocol: times and values must be finite numbers"),
        ((0.0, 1e-9), (0.0, 1.0), "W", "protocol unit = 'W': use one of V, A, A/m^2"),
    ],
)
def test_bad_waveforms_are_refused(times, values, unit, message):
    with pytest.raises(InputError) as caught:
        Protocol(times, values, unit)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("pulses", "after", "message"),
    [
        ([], 0.0, "protocol: needs at least one pulse"),
        ([Pulse(1.0, 1e-9, unit="V"), Pulse(1.0, 1e-9, unit="A")], 0.0, "pulses: all must have one unit, got A, V"),
        ([Pulse(1.0, 1e-9)], -1e-9, "time after the pulses = -1e-09 s: must be finite and not negative"),
        ([Pulse(1.0, 1e-9)], float("nan"), "time after the pulses = nan s: must be finite and not negative"),
        # The clock cannot tell such an edge from a jump: it would silently become a ramp over the plateau.
        (
            [Pulse(1.0, 1e-9, delay=1e-9, rise=1e-30)],
            0.0,
            "pulse edge = 1e-30 s: too short beside 0.0 s, a pulse never jumps",
        ),
    ],
    ids=["none", "units", "negative", "nan", "edge"],
)
def test_bad_sequences_are_refused(pulses, after, message):
    with pytest.raises(InputError) as caught:
        Protocol.of(pulses, after)
    assert str(caught.value) == message


def test_json_gives_back_the_same_bits():
    protocol = bipolar(0.1 + 0.2, 1e-9 / 3, unit="V")
    assert Protocol.from_json(protocol.to_json()) == protocol
    assert set(json.loads(protocol.to_json())) == {"unit", "times", "values"}


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"times": 1, "values": 2, "unit": "V"}', '{"times": [0, 1]}'])
def test_foreign_json_is_refused(text):
    with pytest.raises(InputError, match="^protocol: "):
        Protocol.from_json(text)


def test_train_and_bipolar():
    protocol = train([1.0, -2.0], 1e-9, gap=2e-9, after=4e-9, edge=1e-10, unit="A")
    edges = np.cumsum([0.0, 0.1, 1.0, 0.1, 2.0, 0.1, 1.0, 0.1, 4.0]) * 1e-9
    np.testing.assert_allclose(protocol.times, edges, rtol=1e-12, atol=1e-24)
    assert protocol.values == (0.0, 1.0, 1.0, 0.0, 0.0, -2.0, -2.0, 0.0, 0.0)
    graded = bipolar(3.0, 1e-9, unit="V")
    plateaus = [a for a, b in zip(graded.values, graded.values[1:], strict=False) if a == b != 0.0]
    assert plateaus == [3.0, 3.0, -3.0, -3.0, 1.5, -1.5, 3.0, 3.0, 3.0, -3.0]
    assert train([1.0, 1.0], 1e-9, gap=0.0).values == (0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_registered_protocols_start_and_end_at_zero(name):
    amplitude = [1.0, -1.0] if name in ("train", "cycles") else 1.0
    protocol = PROTOCOLS[name](amplitude, 1e-9, unit="V", after=2e-9, edge=EDGE)
    assert protocol.values[0] == protocol.values[-1] == 0.0
    assert protocol.unit == "V"
    assert protocol.at(protocol.duration - 1e-9) == 0.0
    assert max(np.abs(protocol.values)) == 1.0


def test_single():
    assert single(1e12, 1e-9) == Protocol.of([Pulse(1e12, 1e-9)], 3e-9)


# Set-reset cycles


def in_ns(protocol):
    """Corners in nanoseconds, rounded to a femtosecond."""
    return [round(time * 1e9, 6) for time in protocol.times], list(protocol.values)


def test_the_published_cycle_lasts_230_ns():
    cycle = Cycle()
    assert cycle.duration == pytest.approx(230e-9, rel=1e-12)
    assert in_ns(cycle.probe(0.83)) == ([0.0, 20.0, 170.0, 190.0], [0.0, 0.83, 0.83, 0.0])
    times, values = in_ns(cycle.pump(0.9))
    assert times == [0.0, 20.0, 170.0, 190.0, 191.0, 209.0, 210.0, 230.0]
    assert values == [0.0, 0.9, 0.9, 0.0, -0.8, -0.8, 0.0, 0.0]
    assert cycle.probe(0.8).unit == cycle.pump(0.8).unit == "V"


def test_pumps_of_another_width_and_delay():
    times, values = in_ns(Cycle().pump(0.9, 500e-9, 0.0))
    assert times == [0.0, 20.0, 520.0, 540.0, 541.0, 559.0, 560.0]
    assert values[-1] == 0.0
    assert Cycle().pump(0.9, delay=1e-6).duration == pytest.approx(1210e-9, rel=1e-12)
    # neither changes the cycle itself
    assert Cycle(width=50e-9, delay=0.0).pump(0.9).duration == pytest.approx(110e-9, rel=1e-12)


def test_a_reset_may_be_a_triangle():
    times, values = in_ns(Cycle(reset_width=3e-9, reset_edge=1.5e-9).pump(0.9))
    assert times == [0.0, 20.0, 170.0, 190.0, 191.5, 193.0, 213.0]
    assert values == [0.0, 0.9, 0.9, 0.0, -0.8, 0.0, 0.0]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"edge": 0.0}, "edge = 0 s: must be positive"),
        ({"width": -1e-9}, "width = -1 ns: must be positive"),
        ({"reset_width": float("nan")}, "reset_width = nan"),
        ({"reset_edge": 0.0}, "reset_edge = 0 s: must be positive"),
        ({"delay": -1e-9}, "delay = -1 ns: must not be negative"),
        ({"reset": float("inf")}, "reset = inf"),
        ({"reset_edge": 11e-9}, "reset_edge = 11 ns: two of them must fit into reset_width = 20 ns; shorten it"),
    ],
    ids=str,
)
def test_bad_cycles_are_refused(fields, message):
    with pytest.raises(InputError) as caught:
        Cycle(**fields)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_cycles_in_a_row():
    protocol = cycles([0.9, 0.0, -0.8], after=100e-9)
    assert protocol.duration == pytest.approx(3 * 230e-9 + 100e-9, rel=1e-12)
    times, values = in_ns(Cycle().pump(0.9))
    assert in_ns(protocol)[0][:8] == times
    assert in_ns(protocol)[1][:8] == values
    # an empty cycle is 230 ns at zero, and the third begins 460 ns late
    assert not np.any(protocol.at(np.linspace(231e-9, 459e-9, 50)))
    assert protocol.at(500e-9) == -0.8
    assert protocol.at(680e-9) == 0.0
    assert in_ns(protocol)[0][8:12] == [460.0, 480.0, 630.0, 650.0]
    assert cycles([0.9]) == Cycle().pump(0.9)
    assert cycles([0.9, 0.9], 50e-9, edge=5e-9).duration == pytest.approx(2 * 100e-9, rel=1e-12)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"amplitudes": [0.9], "unit": "A"}, "unit = 'A': set-reset cycles are driven by a voltage; use V"),
        ({"amplitudes": []}, "amplitudes: at least one is needed, 0 V for an empty cycle"),
        ({"amplitudes": [0.9], "after": -1e-9}, "after = -1 ns: must not be negative"),
        ({"amplitudes": [0.9], "after": float("nan")}, "after = nan"),
        ({"amplitudes": [float("nan")]}, "pulse amplitude = nan: must be a finite number"),
        ({"amplitudes": [0.9], "width": 0.0}, "width = 0 s: must be positive"),
    ],
    ids=str,
)
def test_bad_rows_of_cycles_are_refused(given, message):
    with pytest.raises(InputError) as caught:
        cycles(**given)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
