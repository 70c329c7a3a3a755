"""Switching curves: the engines run by hand, what the dataset says of itself, and what is refused before any work."""

import json

import numpy as np
import pytest
import xarray as xr
from axial import plasticity, quick
from scipy.stats import norm

from spinneuron import __version__
from spinneuron.device import Device
from spinneuron.protocols import Cycle, Protocol
from spinneuron.quantity import InputError
from spinneuron.switching import ENGINES, Density, Trials, crossing_times, pump_probe, switching_curve
from spinneuron.switching.curves import duration, make_engine, probed, through

CYCLE = Cycle(1e-9, 4e-9, reset=-1.2, reset_width=5e-9, delay=2e-9)
QUICK = quick(polarity=-1.0, applied_field=(0.0, 0.0, 0.0))
VOLTS = [0.9, 1.05, 1.2]
# lattices take minutes for these cycles: test_lattice.py gives them short ones
SOON = [name for name in ENGINES if name != "lattice"]


@pytest.mark.parametrize("model", SOON)
def test_a_curve_is_its_probes_run_by_hand(model):
    # a second pulse right away, without a reset, so that not all are parallel
    before = (CYCLE.pump(1.3), 3e-9, CYCLE.probe(1.0))
    curve = switching_curve(QUICK, VOLTS, cycle=CYCLE, before=before, model=model, trials=400, seed=4)
    engine = make_engine(model, QUICK, 400, 4)
    state = engine.run(engine.rest(), before[0])
    state = engine.run(engine.cool(state, 3e-9), before[2])
    ready = engine.parallel_only(state)
    for i, V in enumerate(VOLTS):
        end = engine.run(ready, CYCLE.probe(V), 1 + i)
        switched, trials = engine.switched(end)
        assert curve.switched[i] == round(switched)
        assert curve.trials[i] == round(trials)
        assert curve.rise[i] == engine.rise(end)
    assert curve.attrs["reset_failed"] == pytest.approx(engine.switched(state)[0] / 400, abs=1e-12)
    assert 0.0 < curve.attrs["reset_failed"] < 0.5
    assert 0.01 < curve.probability[0] < curve.probability[2] < 0.99


def test_both_engines_give_one_curve():
    """At 1000 trials each, 3.5 sigma of the binomial distribution."""
    many, exact = (
        switching_curve(QUICK, VOLTS, cycle=CYCLE, model=model, trials=trials)
        for model, trials in (("macrospin", 1000), ("fokker-planck", 10**9))
    )
    P = exact.probability.values
    assert (np.abs(many.probability.values - P) < norm.isf(2.3e-4) * np.sqrt(P * (1.0 - P) / 1000)).all()
    # each trial has its own heat: 1 K apart at most, a mean of 1000
    np.testing.assert_allclose(many.rise, exact.rise, atol=3.5 / np.sqrt(1000))


@pytest.mark.parametrize("model", SOON)
def test_what_a_curve_says_of_itself(model):
    curve = switching_curve(QUICK, [1.0], cycle=CYCLE, model=model, trials=32, seed=3)
    attrs = curve.attrs
    assert attrs["kind"] == "spinneuron-switching"
    assert Device.from_json(attrs["device"]) == QUICK
    assert Cycle(**json.loads(attrs["cycle"])) == CYCLE
    wanted = {"engine": model, "trials": 32, "seed": 3, "temperature": 300.0, "version": __version__}
    assert {name: attrs[name] for name in wanted} == wanted
    assert attrs["reset_failed"] == pytest.approx(0.0, abs=1e-12)
    assert 0.0 < attrs["wall_time"] < 600.0
    assert curve.rise.attrs["units"] == "K"
    assert curve.voltage.attrs["units"] == "V"


def test_the_published_cycle_is_the_default():
    curve = switching_curve(plasticity(), [0.80], model="fokker-planck")
    assert json.loads(curve.attrs["cycle"]) == json.loads(
        json.dumps(
            {"edge": 20e-9, "width": 150e-9, "reset": -0.8, "reset_width": 20e-9, "reset_edge": 1e-9, "delay": 20e-9}
        )
    )
    engine = Density(plasticity(), 10_000)
    assert curve.switched[0] == round(engine.switched(engine.run(engine.rest(), Cycle().probe(0.80)))[0])


def test_seeds_and_voltages_have_noise_of_their_own():
    one, same, other = (switching_curve(QUICK, VOLTS, cycle=CYCLE, trials=500, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.switched, same.switched)
    assert (one.switched.values != other.switched.values).any()
    # the third probe has its own stream, whatever comes before it
    shifted = switching_curve(QUICK, [*VOLTS[:2], 1.2, 1.3], cycle=CYCLE, trials=500, seed=1)
    np.testing.assert_array_equal(shifted.switched[:3], one.switched)


@pytest.mark.parametrize("model", SOON)
def test_progress_ends_at_one(model):
    told = []
    before = (CYCLE.pump(1.3), 1e-9)
    switching_curve(QUICK, VOLTS, cycle=CYCLE, before=before, model=model, trials=64, progress=told.append)
    assert sum(told) == pytest.approx(1.0, rel=1e-9)
    assert len(told) >= 4
    assert min(told) > 0.0


def test_duration_counts_waveforms_and_probes():
    before = (CYCLE.pump(1.0), 1.0, CYCLE.pump(1.0))
    assert duration(before, 3, CYCLE) == pytest.approx(2.0 * CYCLE.duration + 3.0 * 6e-9, rel=1e-12)


def test_histories_go_through_the_engine():
    engine = Density(plasticity())
    waveform = Protocol((0.0, 1e-8), (0.5, 0.5), "V")
    end = through(engine, (waveform, 1e-7, waveform), engine.rest())
    by_hand = engine.run(engine.cool(engine.run(engine.rest(), waveform), 1e-7), waveform)
    np.testing.assert_array_equal(end.moments, by_hand.moments)
    assert through(engine, (), end) is end


def test_probes_of_one_state():
    """Each from the same state; a trial that was antiparallel before does not count."""
    engine = Trials(QUICK, 300, 1)
    state = engine.run(engine.rest(), CYCLE.probe(1.1))
    switched, trials = probed(engine, state, VOLTS, CYCLE, 40)
    assert (trials == engine.switched(engine.parallel_only(state))[1]).all()
    again, _ = probed(engine, state, VOLTS[1:], CYCLE, 41)
    np.testing.assert_array_equal(again, switched[1:])


REFUSED = [
    ({"voltages": [0.9, 0.8]}, "voltage[1] = 0.8 V: not above the one before, 0.9 V; sort them"),
    ({"voltages": [0.9, 0.9]}, "voltage[1] = 0.9 V: not above the one before, 0.9 V; sort them"),
    ({"voltages": []}, "voltage has the shape (0,): a list of voltages is needed"),
    ({"voltages": [0.9, 2.1]}, "voltage = 2.1 V: above breakdown_voltage = 2 V of quick; lower it"),
    ({"voltages": [0.9, float("nan")]}, "voltage"),
    ({"voltages": [0.9], "model": "llg"}, "model = 'llg': use one of macrospin, fokker-planck"),
    ({"voltages": [0.9], "trials": 0}, "trials = 0: "),
    ({"voltages": [0.9], "before": (-1e-9,)}, "idle time = "),
    ({"voltages": [0.9], "device": Device.preset("orthogonal")}, "pinned = "),
]


@pytest.mark.parametrize("model", SOON)
@pytest.mark.parametrize(("wrong", "message"), REFUSED, ids=lambda one: str(one)[:30])
def test_refused_before_any_work(wrong, message, model, monkeypatch):
    """Voltages increase, so that one above breakdown would come last, hours later."""
    if "before" not in wrong:
        for engine in (Trials, Density):
            monkeypatch.setattr(engine, "rest", lambda *_: pytest.fail("worked"))
    given = {"device": QUICK, "model": model, "trials": 100} | wrong
    with pytest.raises(InputError) as caught:
        switching_curve(given.pop("device"), given.pop("voltages"), **given)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_crossing_times_are_linear_between_records():
    cosine = np.array([[1.0, 0.5, -0.5, -1.0], [1.0, 1.0, 0.9, 0.2], [1.0, -3.0, 1.0, 1.0]])
    m = np.stack([np.zeros_like(cosine), np.zeros_like(cosine), cosine], axis=-1)
    device = Device.preset("plasticity")
    time = ("time", 1e-9 * np.arange(4.0))
    run = xr.Dataset({"m": (("trial", "time", "component"), m)}, {"time": time}, {"device": device.to_json()})
    run.attrs["temperature"] = 300.0
    np.testing.assert_allclose(crossing_times(run), [1.5e-9, np.nan, 0.25e-9], rtol=1e-12)
    with pytest.raises(InputError, match="run: trial 1 starts antiparallel"):
        crossing_times(run.assign(m=run.m * np.array([1.0, -1.0, 1.0])[:, None, None]))
    with pytest.raises(InputError, match="run: holds one state only"):
        crossing_times(run.isel(time=[0]))


def test_pump_probe_is_switching_after_the_pump():
    device, volts = Device.preset("plasticity"), [0.76, 0.8]
    later = pump_probe(device, volts, pump=(0.85, 100e-9), delays=[0.0, 300e-9], model="fokker-planck", trials=10**6)
    heat = Cycle().pump(0.85, 100e-9, delay=0.0)
    for i, before in enumerate([(heat,), (heat, 300e-9)]):
        alone = switching_curve(device, volts, before=before, model="fokker-planck", trials=10**6)
        np.testing.assert_array_equal(later.switched[i], alone.switched)
    assert later.attrs["hold"] == 100e-9 and later.delay.attrs["units"] == "s"
    told = []
    pump_probe(device, volts, delays=[0.0, 1e-9], model="fokker-planck", progress=told.append)
    # Sums of a few shares.
    assert sum(told) == pytest.approx(1.0, abs=1e-9)
    with pytest.raises(InputError, match="above breakdown_voltage"):
        pump_probe(device, [1.3], model="fokker-planck")


def test_width_is_that_of_the_plateau():
    device, cycle = Device.preset("plasticity"), Cycle(width=80e-9)
    made = [
        switching_curve(device, [0.85], 80e-9, model="fokker-planck"),
        switching_curve(device, [0.85], cycle=cycle, model="fokker-planck"),
    ]
    np.testing.assert_array_equal(made[0].switched, made[1].switched)
    assert made[0].attrs["cycle"] == made[1].attrs["cycle"]
