"""Divider, comparators, refractory time and energy: `spinneuron.readout`."""

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import brentq

from spinneuron import readout
from spinneuron.device import Device
from spinneuron.physics.transport import ReadOut
from spinneuron.protocols import Protocol, single, train
from spinneuron.quantity import InputError
from spinneuron.readout import closed_loop, fire
from spinneuron.simulation import simulate

DEVICE = Device.preset("orthogonal")
STEP = 10e-12
LONG = single(1e12, 4e-9, after=1e-9)


def run_of(cosines, device=DEVICE, current=0.0):
    """A run, as `simulate` returns it, whose m.p takes given values (trial, time)."""
    y = np.atleast_2d(np.asarray(cosines, dtype=float))
    m = np.stack([np.zeros_like(y), y, np.sqrt(1.0 - y**2)], axis=-1)
    time = np.arange(y.shape[1]) * STEP
    return xr.Dataset(
        {"m": (("trial", "time", "component"), m), "drive": ("time", np.full(len(time), current), {"units": "A"})},
        {"time": time, "component": ["x", "y", "z"]},
        {"device": device.to_json()},
    )


def spikes_of(cosines, **options):
    return fire(run_of(cosines), 0.25, **options).spike.values[0].tolist()


@pytest.mark.parametrize("threshold", [0.1, 0.25, 0.7])
def test_comparators_stand_exactly_at_the_thresholds(threshold):
    stage = ReadOut.of(DEVICE, threshold, read_voltage=0.2)
    beyond, within = threshold * (1.0 + 1e-9), threshold * (1.0 - 1e-9)
    cosines = [threshold, beyond, within, 0.0, -within, -beyond, -threshold]
    assert stage.output(DEVICE, cosines).tolist() == [1, 1, 0, 0, 0, -1, -1]


def test_divider():
    G_P = DEVICE.area / DEVICE.resistance_area
    c = np.linspace(-0.9, 0.9, 7)
    R = 1.0 / (G_P * (0.5 * (1.0 + c) + 0.5 * (1.0 - c) / (1.0 + DEVICE.tmr)))
    result = fire(run_of(c), 0.25)
    # Four operations per side: a few roundings.
    np.testing.assert_allclose(result.voltage[0], 0.1 * R / (R + result.attrs["reference"]), rtol=1e-14, atol=0.0)
    assert result.voltage.values[0, 3] == pytest.approx(0.05, rel=1e-14)
    assert result.attrs["low"] < 0.05 < result.attrs["high"]
    np.testing.assert_allclose(result.membrane[0], c - c[0], rtol=0.0, atol=1e-15)


@pytest.mark.parametrize(
    ("cosines", "wanted"),
    [
        ([0.0, 0.2, 0.3, 0.3, 0.2], [0, 0, 1, 0, 0]),
        ([0.0, -0.2, -0.3, -0.3, 0.0], [0, 0, -1, 0, 0]),
        ([0.0, 0.25, 0.0, -0.25, 0.0], [0, 1, 0, -1, 0]),
        ([0.0, 0.3, -0.3, 0.3, 0.0], [0, 1, -1, 1, 0]),
        ([0.3, 0.3, 0.0, 0.3, 0.3], [0, 0, 0, 1, 0]),
        ([0.0, 0.24, -0.24, 0.1, 0.0], [0, 0, 0, 0, 0]),
    ],
)
def test_spike_is_the_first_sample_beyond_a_threshold(cosines, wanted):
    assert spikes_of(cosines) == wanted


def test_refractory_time_ignores_crossings_until_it_is_over():
    cosines = [0.0, 0.3, 0.0, 0.3, 0.0, 0.3, 0.0, -0.3, 0.0]
    assert spikes_of(cosines) == [0, 1, 0, 1, 0, 1, 0, -1, 0]
    # The crossing that falls on the very end counts, one inside does not, also where it is still beyond at the end.
    assert spikes_of(cosines, refractory=2 * STEP) == [0, 1, 0, 1, 0, 1, 0, -1, 0]
    assert spikes_of(cosines, refractory=3 * STEP) == [0, 1, 0, 0, 0, 1, 0, 0, 0]
    assert spikes_of([0.0, 0.3, 0.0, 0.3, 0.3, 0.3, 0.3], refractory=4 * STEP) == [0, 1, 0, 0, 0, 0, 0]


def test_opposite_pulses_drive_opposite_spikes():
    amplitudes = np.array([1e12, -1e12, -1e12, 1e12])
    up, down = (
        fire(simulate(DEVICE, train(sign * amplitudes, 1e-9), temperature=0.0, every=STEP), 0.25, refractory=0.5e-9)
        for sign in (1.0, -1.0)
    )
    signs = up.spike.values[0]
    assert signs[signs != 0].tolist() == [1, -1, -1, 1]
    np.testing.assert_array_equal(up.spike, -down.spike)
    # Half a turn about the height maps one run on the other; steps are chosen by errors of 1e-7.
    np.testing.assert_allclose(up.membrane, -down.membrane, rtol=0.0, atol=1e-5)


def test_energy_of_a_constant_current_is_in_closed_form():
    current, duration = 200e-6, 40 * STEP
    for c in (0.0, 0.2, -0.2):
        result = fire(run_of(np.full((2, 41), c), current=current), 0.25)
        wanted = current**2 * DEVICE.resistance(c) * duration
        np.testing.assert_allclose(result.energy, wanted, rtol=1e-12)
        assert np.isinf(result.energy_per_spike)


def test_energy_per_spike_counts_all_trials():
    cosines = [[0.0, 0.3, 0.0, -0.3, 0.0], [0.0, 0.0, 0.0, 0.3, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0]]
    result = fire(run_of(cosines, current=1e-4), 0.25)
    assert result.spike_count.values.tolist() == [2, 1, 0]
    assert float(result.energy_per_spike) == pytest.approx(float(result.energy.sum()) / 3.0, rel=1e-12)


@pytest.mark.parametrize("temperature", [0.0, 300.0])
def test_closed_loop_that_never_fires_is_the_open_one(temperature):
    trials = 3 if temperature else 1
    options = {"trials": trials, "seed": 5, "temperature": temperature, "every": STEP}
    # A constant current from the first instant on: nothing of it may be lost.
    protocol = Protocol((0.0, 1e-9), (2e-4, 2e-4), "A")
    wanted = fire(simulate(DEVICE, protocol, **options), 0.99)
    result = closed_loop(DEVICE, protocol, 0.99, refractory=1e-9, **options)
    assert result.spike_count.sum() == 0
    # Same noise and same steps but for rounding at 300 K; at 0 K every stretch chooses its steps anew, to 1e-7 each.
    np.testing.assert_allclose(result.membrane, wanted.membrane, rtol=0.0, atol=1e-9 if temperature else 1e-5)
    np.testing.assert_allclose(result.energy, wanted.energy, rtol=1e-5)
    assert result.attrs["stepper"] == ("heun" if temperature else "dormand-prince")


@pytest.fixture(scope="module")
def looped():
    return closed_loop(DEVICE, LONG, 0.25, refractory=0.5e-9, trials=6, seed=2, every=STEP)


def test_spike_switches_the_drive_off_for_the_refractory_time(looped):
    off = round(0.5e-9 / STEP)
    assert (looped.spike_count >= 2).all() and (looped.spike[:, -off:] == 0).all()
    wanted = np.tile(LONG.at(looped.time.values), (looped.sizes["trial"], 1))
    fired = np.argwhere(looped.spike.values != 0)
    for trial, sample in fired:
        wanted[trial, sample + 1 : sample + 1 + off] = 0.0
    np.testing.assert_array_equal(looped.drive, wanted)
    # The magnet leaks back: 1/e is left after 0.48 ns, and 20 spikes with a thermal spread of 0.02 tell it to 3 %.
    at = [
        (looped.membrane.values[trial, sample], looped.membrane.values[trial, sample + off]) for trial, sample in fired
    ]
    before, after = np.mean(at, axis=0)
    assert after < 0.5 * before
    for train_of_spikes in looped.spike.values:
        assert np.diff(np.flatnonzero(train_of_spikes)).min() > off


def test_energy_of_the_closed_loop_is_that_of_the_time_the_drive_is_on(looped):
    volts, reference = looped.voltage.values, looped.attrs["reference"]
    R = reference * volts / (looped.attrs["read_voltage"] - volts)
    power = (LONG.at(looped.time.values) * DEVICE.area) ** 2 * R
    energy = np.zeros(looped.sizes["trial"])
    for trial, train_of_spikes in enumerate(looped.spike.values):
        on = np.ones(len(train_of_spikes) - 1)
        for sample in np.flatnonzero(train_of_spikes):
            on[sample : sample + round(0.5e-9 / STEP)] = 0.0
        energy[trial] = (on * 0.5 * (power[trial, 1:] + power[trial, :-1]) * STEP).sum()
    np.testing.assert_allclose(looped.energy, energy, rtol=1e-9)
    assert float(looped.energy_per_spike) == pytest.approx(energy.sum() / int(looped.spike_count.sum()), rel=1e-9)


def test_junction_that_starts_beyond_the_threshold_does_not_fire_by_that():
    # The conventional design rests at m.p = 1.
    result = closed_loop(Device.preset("parallel"), LONG, 0.25, refractory=1e-9, temperature=0.0)
    assert result.spike_count.values.tolist() == [0]


def test_errors():
    run = run_of([0.0, 0.3, 0.0])
    with pytest.raises(InputError, match="^threshold = 1.5: must lie between 0 and 1$"):
        fire(run, 1.5)
    with pytest.raises(InputError, match="^refractory = -1 ns"):
        fire(run, 0.25, refractory=-1e-9)
    with pytest.raises(InputError, match="^run: holds one state only"):
        fire(run.isel(time=[0]), 0.25)
    with pytest.raises(InputError, match="^refractory = 0 s"):
        closed_loop(DEVICE, LONG, 0.25, refractory=0.0)
    with pytest.raises(InputError, match="^every = "):
        closed_loop(DEVICE, LONG, 0.25, refractory=1e-9, every=-STEP)
    with pytest.raises(InputError, match="^trials = 0"):
        closed_loop(DEVICE, LONG, 0.25, refractory=1e-9, trials=0)
    with pytest.raises(InputError, match="^temperature = -1 K"):
        closed_loop(DEVICE, LONG, 0.25, refractory=1e-9, temperature=-1.0)


# Heat

HOT = DEVICE.replace(
    curie_temperature=900.0,
    polarization_temperature=1200.0,
    tmr_voltage=0.8,
    thermal_resistances=(4e5,),
    thermal_times=(0.3e-9,),
)
DRIVES = {"V": 1.2, "A": 3e-4, "A/m^2": 9e11}


@pytest.mark.parametrize("unit", sorted(DRIVES))
def test_heated_closed_loop_that_never_fires_is_the_open_one(unit):
    options = {"trials": 3, "seed": 5, "every": STEP}
    protocol = Protocol((0.0, 1e-9), 2 * (0.5 * DRIVES[unit],), unit)
    run = simulate(HOT, protocol, **options)
    wanted = fire(run, 0.99)
    result = closed_loop(HOT, protocol, 0.99, refractory=1e-9, **options)
    assert result.spike_count.sum() == 0 and float(result.temperature.max()) > 330.0
    # Same noise, steps and windows; only the drive is interpolated from other corners.
    np.testing.assert_allclose(result.membrane, wanted.membrane, rtol=0.0, atol=1e-9)
    np.testing.assert_allclose(result.temperature, run.temperature, rtol=1e-9)
    np.testing.assert_allclose(result.energy, wanted.energy, rtol=1e-9)
    # What was recorded as power, summed by the trapezoid.
    heat = (0.5 * (run.power.values[:, 1:] + run.power.values[:, :-1])).sum(axis=1) * STEP
    np.testing.assert_allclose(wanted.energy, heat, rtol=1e-5)


@pytest.mark.parametrize("unit", sorted(DRIVES))
def test_open_switch_lets_the_junction_cool(unit):
    """From its spike on, no power goes in: the one pole decays by its time constant until the switch closes."""
    protocol = single(DRIVES[unit], 3e-9, unit=unit, after=1e-9)
    result = closed_loop(HOT, protocol, 0.25, refractory=0.3e-9, trials=4, seed=2, every=STEP)
    off, fired = round(0.3e-9 / STEP), np.argwhere(result.spike.values != 0)
    assert len(fired) >= 4
    rise = result.temperature.values - 300.0
    for trial, sample in fired:
        end = min(sample + off, rise.shape[1] - 1)
        np.testing.assert_allclose(
            rise[trial, end], rise[trial, sample] * np.exp(-(end - sample) * STEP / 0.3e-9), rtol=1e-9
        )
        assert rise[trial, sample] > 20.0
    assert (result.drive.values == 0.0).any()


def test_stretches_of_a_heated_loop_share_no_noise():
    """Windows may add steps to a stretch; the next one goes on after all of them."""
    seen = []
    original = readout.run

    def counted(m, rows, course, **options):
        result = original(m, rows, course, **options)
        seen.append((options["first"][1], round(course.interval / result[1])))
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readout, "run", counted)
        closed_loop(HOT, single(1.2, 0.2e-9, unit="V"), 0.5, refractory=1e-9, trials=2, every=17e-12)
    assert len(seen) > 10 and len({steps for _, steps in seen}) >= 1
    for (first, steps), (following, _) in zip(seen[:-1], seen[1:], strict=True):
        assert following == first + steps


def test_comparators_see_the_tmr_of_a_hot_junction():
    """At 400 K all resistances but the parallel one are lower: 0.25 turns into 0.185, and -0.25 into -0.359."""
    cosines = np.array([0.0, 0.18, 0.19, 0.26, 0.0, -0.26, -0.35, -0.37])
    run = run_of(cosines, HOT)
    hot = run.assign(temperature=(("trial", "time"), np.full((1, 8), 400.0)))
    assert fire(run, 0.25).spike.values[0].tolist() == [0, 0, 0, 1, 0, -1, 0, 0]
    result = fire(hot, 0.25)
    assert result.spike.values[0].tolist() == [0, 0, 1, 0, 0, 0, 0, -1]
    tmr = HOT.tmr * ((1.0 - (1.0 / 3.0) ** 1.5) / (1.0 - 0.25**1.5)) ** 2
    R = 2.0 * HOT.resistance_parallel / (1.0 + cosines + (1.0 - cosines) / (1.0 + tmr))
    np.testing.assert_allclose(result.voltage[0], 0.1 * R / (R + result.attrs["reference"]), rtol=1e-12)


def test_energy_where_tmr_follows_the_voltage():
    """A current through a junction that heats nothing: I V with the voltage that it really needs."""
    device = DEVICE.replace(tmr_voltage=0.4)
    result = fire(run_of(np.full(41, 0.2), device, current=2e-4), 0.25)
    voltage = brentq(lambda v: v - 2e-4 * device.resistance(0.2, v), 0.0, 2.0, xtol=1e-15)
    np.testing.assert_allclose(result.energy, 2e-4 * voltage * 40 * STEP, rtol=1e-10)
    assert voltage < 0.98 * 2e-4 * device.resistance(0.2)


def test_a_loop_that_becomes_too_hot_is_refused():
    with pytest.raises(InputError, match="^temperature: the drive heats the free layer beyond 882 K, where"):
        closed_loop(HOT.replace(thermal_resistances=(4e6,)), single(1.2, 2e-9, unit="V"), 0.9, refractory=1e-9)
