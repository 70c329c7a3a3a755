"""Ensembles: the same bits however the work is cut, the step that is chosen, and what is refused."""

import os
import subprocess
import sys

import numba
import numpy as np
import pytest
from strategies import random_device

from spinneuron.device import Device
from spinneuron.dynamics import ensemble
from spinneuron.dynamics.ensemble import Course, Numerics, choose, fastest_rate, largest_step, run
from spinneuron.dynamics.macrospin import table
from spinneuron.dynamics.steppers import STEPPERS
from spinneuron.quantity import InputError

DEVICE = Device.preset("orthogonal")
ROW = table(DEVICE, DEVICE.size, "A/m^2", 300.0)
COURSE = Course((0.0, 50e-12, 400e-12), (0.0, 1.2e12, 0.0), 25e-12, 16)
NUMERICS = Numerics(dt=5e-13)
TRIALS = 100


def start(lanes):
    return np.tile([[0.0], [0.0], [1.0]], (1, lanes))


def go(rows=ROW, lanes=TRIALS, trials=TRIALS, numerics=NUMERICS, course=COURSE, **more):
    """Records and final states."""
    m = start(lanes)
    kept, _, _ = run(m, rows, course, trials=trials, seed=12, numerics=numerics, **more)
    return kept, m


def same(result, expected):
    for got, wanted in zip(result, expected, strict=True):
        np.testing.assert_array_equal(got, wanted)


@pytest.fixture(scope="module")
def whole():
    """The run that all others must repeat to the bit."""
    return go()


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("name", ["heun", "semi-implicit"])
@pytest.mark.parametrize("lanes", [16, 32, 48, 256])
def test_length_of_a_block_changes_no_bit(name, precision, lanes):
    numerics = Numerics(name, 5e-13, precision)
    same(go(numerics=numerics._replace(lanes=lanes)), go(numerics=numerics._replace(lanes=128)))


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_number_of_threads_changes_no_bit(precision):
    numerics = Numerics(dt=5e-13, precision=precision, lanes=16)
    threads = numba.get_num_threads()
    results = []
    for count in (1, numba.config.NUMBA_NUM_THREADS):
        numba.set_num_threads(count)
        try:
            results.append(go(numerics=numerics))
        finally:
            numba.set_num_threads(threads)
    same(*results)


@pytest.mark.parametrize("limits", [{"LANES_PER_BATCH": 7}, {"LANES_PER_BATCH": 64}, {"LANES_PER_BATCH": 1}], ids=str)
def test_batches_change_no_bit(whole, monkeypatch, limits):
    for name, value in limits.items():
        monkeypatch.setattr(ensemble, name, value)
    same(go(), whole)


# 50 steps between records: calls of one record, of several, of less than one, and of a few steps.
@pytest.mark.parametrize("steps", [50, 120, 33, 7])
def test_stretches_change_no_bit(whole, monkeypatch, steps):
    calls = []
    advance = ensemble.advance

    def counted(*arguments):
        calls.append((len(arguments[3]) - 1) // 2)
        advance(*arguments)

    monkeypatch.setattr(ensemble, "LANE_STEPS_PER_CALL", steps * 128)
    monkeypatch.setattr(ensemble, "advance", counted)
    same(go(), whole)
    assert sum(calls) == 800
    assert max(calls) <= steps
    kept, final = go(record=False)
    assert kept.shape == (0, 3, TRIALS)
    np.testing.assert_array_equal(final, whole[1])


def test_calls_are_short_however_long_the_interval(monkeypatch):
    """Ctrl-C is heard between calls, and their drives are held in memory."""
    calls = []
    monkeypatch.setattr(ensemble, "advance", lambda *arguments: calls.append((len(arguments[3]) - 1) // 2))
    go(course=Course((0.0, 1e-6), (0.0, 0.0), 1e-6, 1), lanes=3, trials=3)
    assert sum(calls) == 2_000_000
    assert max(calls) <= 100_000
    calls.clear()
    go(course=Course((0.0, 1e-7), (0.0, 0.0), 1e-7, 1), lanes=60_000, trials=60_000)
    assert max(calls) * 60_000 <= 50_000_000


def test_range_of_trials_is_a_cut_of_the_ensemble(whole):
    part = go(lanes=30, trials=30, first=(41, 0))
    same(part, tuple(array[..., 41:71] for array in whole))
    alone = go(lanes=1, trials=1, first=(99, 0))
    same(alone, tuple(array[..., 99:] for array in whole))


def test_runs_can_be_cut_in_time(whole):
    """The noise is that of the step, so that a run goes on where another ended."""
    early = COURSE._replace(samples=6)
    m = start(TRIALS)
    run(m, ROW, early, trials=TRIALS, seed=12, numerics=NUMERICS)
    corners = (0.0, 250e-12)
    late = Course(corners, tuple(COURSE.at(np.array([150e-12, 400e-12]))), 25e-12, 10)
    run(m, ROW, late, trials=TRIALS, seed=12, numerics=NUMERICS, first=(0, 300))
    # The drive is interpolated from other corners, hence not to the bit.
    np.testing.assert_allclose(m, whole[1], rtol=0.0, atol=1e-9)


def devices(count):
    rng = np.random.default_rng(8)
    return [random_device(rng).replace(Ms=4e5, alpha=0.05, thickness=5e-9, width=30e-9) for _ in range(count)]


@pytest.mark.parametrize("batch", [65_536, 10])
@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_devices_of_an_ensemble_are_those_alone(monkeypatch, precision, batch):
    monkeypatch.setattr(ensemble, "LANES_PER_BATCH", batch)
    numerics = Numerics(dt=1e-13, precision=precision)
    course = Course((0.0, 1e-11), (0.0, 1e10), 5e-12, 2)
    tables = [table(device, device.size, "A/m^2", 300.0) for device in devices(9)]
    together, final = go(np.concatenate(tables), 9 * 4, 4, numerics, course)
    # A row for every lane is the same as one for all trials of a device.
    same(go(np.repeat(np.concatenate(tables), 4, axis=0), 9 * 4, 4, numerics, course), (together, final))
    for i, row in enumerate(tables):
        lanes = slice(4 * i, 4 * i + 4)
        same(go(row, 4, 4, numerics, course), (together[..., lanes], final[:, lanes]))
    assert len(np.unique(final[0])) == 36


def test_cold_devices_of_an_ensemble_are_those_alone():
    course = Course((0.0, 20e-12), (0.0, 1e12), 5e-12, 4)
    tables = [table(device, device.size, "A/m^2", 0.0) for device in devices(9)]
    together = go(np.concatenate(tables), 9, 1, Numerics(), course)
    for i, row in enumerate(tables):
        same(go(row, 1, 1, Numerics(), course), tuple(array[..., i : i + 1] for array in together))


def test_seeds_and_trials_differ(whole):
    m = start(TRIALS)
    run(m, ROW, COURSE, trials=TRIALS, seed=13, numerics=NUMERICS)
    assert not np.isin(m[0], whole[1][0]).any()
    assert len(np.unique(whole[1][0])) == TRIALS


@pytest.mark.parametrize("temperature", [0.0, 300.0])
def test_progress_adds_up_to_one(temperature, monkeypatch):
    monkeypatch.setattr(ensemble, "LANES_PER_BATCH", 30)
    monkeypatch.setattr(ensemble, "LANE_STEPS_PER_CALL", 128 * 60)
    seen = []
    rows = table(DEVICE, DEVICE.size, "A/m^2", temperature)
    go(rows, numerics=Numerics(), progress=seen.append)
    assert sum(seen) == pytest.approx(1.0)
    assert len(seen) >= (1 if temperature == 0.0 else 30)


def test_fastest_rate_bounds_the_slope():
    rng = np.random.default_rng(4)
    for _ in range(20):
        device = random_device(rng)
        rows = table(device, device.size, "V", 0.0)
        directions = rng.normal(size=(3, 200))
        m = directions / np.linalg.norm(directions, axis=0)
        course = Course((0.0, 1.0), (0.7, 0.7), 1e-18, 1)
        # One tiny Heun step of many directions is their slope.
        moved = m.copy()
        run(moved, rows, course, trials=200, numerics=Numerics("heun"))
        speed = np.linalg.norm(moved - m, axis=0).max() / 1e-18
        bound = fastest_rate(rows, 0.7)
        assert speed < 1.01 * bound * np.sqrt(1 + device.alpha**2)
        assert bound < 30 * speed


@pytest.mark.parametrize("name", ["heun", "semi-implicit"])
def test_automatic_step_is_within_the_largest(name):
    stepper, dt = choose(Numerics(name), ROW, 1.2e12)
    assert stepper is STEPPERS[name]
    assert dt * fastest_rate(ROW, 1.2e12) == pytest.approx(0.7 * stepper.largest_angle)
    assert dt == pytest.approx(0.7 * largest_step(stepper, ROW, 1.2e12))


def test_step_of_a_tiny_magnet_follows_its_thermal_kicks():
    """A sphere has no field that turns it, but <m> decays as exp(-2 D t), D = alpha g' kB T / (mu0 Ms V)."""
    sphere = DEVICE.replace(geometry="ellipsoid", width=2e-9, length=2e-9, thickness=2e-9, alpha=0.1)
    rows = table(sphere, sphere.size, "A/m^2", 300.0)
    rate = rows[0, -1] ** 2 / 2 * (1 + sphere.alpha**2)
    span = 0.5 / rate
    _, final = go(rows, 40_000, 40_000, Numerics(), Course((0.0, span), (0.0, 0.0), span, 1))
    # The spread of m_z is below 1/sqrt(3) of the sphere; 1 % is what the largest kick allows.
    assert np.mean(final[2]) == pytest.approx(np.exp(-1.0), abs=4 * 0.58 / np.sqrt(40_000) + 0.004)


def test_nothing_that_moves_takes_one_step_between_records():
    rows = np.zeros_like(ROW)
    rows[:, 14] = 2.0
    _, dt = choose(Numerics("heun"), rows, 0.0)
    assert dt == np.inf
    _, final = go(rows, numerics=Numerics("heun"))
    np.testing.assert_array_equal(final, start(TRIALS))


@pytest.mark.parametrize(
    ("numerics", "message"),
    [
        ({"stepper": "huen"}, "stepper = 'huen': did you mean 'heun'? use one of heun, semi-implicit, dormand-prince"),
        (
            {"stepper": "dormand-prince"},
            "stepper = 'dormand-prince': takes no thermal noise; use heun or semi-implicit, or temperature 0 K",
        ),
        ({"precision": "float16"}, "precision = 'float16': use float64 or float32"),
        ({"lanes": 100}, "lanes = 100: must be a positive multiple of 16"),
        ({"lanes": 0}, "lanes = 0: must be at least 1"),
        ({"dt": -1e-12}, 'dt = -1 ps: must be positive, like "10 ns"'),
        ({"dt": float("nan")}, "dt = nan: a finite number is needed"),
        ({"dt": "1 ps"}, 'dt = "1 ps": a number in s is needed'),
    ],
    ids=str,
)
def test_bad_numerics_are_refused(numerics, message):
    with pytest.raises(InputError) as caught:
        go(numerics=Numerics(**numerics))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("numerics", "message"),
    [
        ({"dt": 1e-12}, "dt = 1e-12 s: dormand-prince chooses its own steps; leave dt out or use heun"),
        ({"tolerance": 0.1}, "tolerance = 0.1: must lie between 0 and 0.01"),
        ({"tolerance": float("nan")}, "tolerance = nan: a finite number is needed"),
    ],
    ids=str,
)
def test_bad_numerics_of_cold_runs_are_refused(numerics, message):
    with pytest.raises(InputError) as caught:
        go(table(DEVICE, DEVICE.size, "V", 0.0), numerics=Numerics(**numerics))
    assert str(caught.value) == message


@pytest.mark.parametrize("peak", np.linspace(5e11, 2e12, 12))
@pytest.mark.parametrize("name", ["heun", "semi-implicit"])
def test_the_step_that_the_message_names_is_accepted(name, peak):
    with pytest.raises(InputError) as caught:
        choose(Numerics(name, 1e-11), ROW, peak)
    beginning, _, named = str(caught.value).partition("use at most ")
    assert beginning == f"dt = 10 ps: a step of {name} could turn a moment too far; "
    number, unit = named.split()
    safe = float(number) * {"fs": 1e-15, "ps": 1e-12}[unit]
    assert choose(Numerics(name, safe), ROW, peak)[1] == safe
    # Three digits, rounded down.
    assert safe > 0.99 * largest_step(STEPPERS[name], ROW, peak)


@pytest.mark.parametrize("seed", [-1, 2**63, 1.5, "7", None])
def test_bad_seeds_are_refused(seed):
    with pytest.raises(InputError) as caught:
        run(start(1), ROW, COURSE, seed=seed)
    assert str(caught.value) == f"seed = {seed!r}: must be a whole number from 0 to 2^63 - 1"


def test_large_seeds_differ_in_every_bit():
    finals = []
    for seed in (0, 1, 2**31, 2**32, 2**62, 2**63 - 1, np.uint64(2**40)):
        m = start(1)
        run(m, ROW, COURSE._replace(samples=1), seed=seed, numerics=NUMERICS)
        finals.append(m[0, 0])
    assert len(set(finals)) == len(finals)


def test_hopeless_drives_are_refused():
    with pytest.raises(InputError, match=r"^drive up to 1e\+200: needs .* steps of .* s; check its size and unit"):
        go(course=Course((0.0, 1e-9), (0.0, 1e200), 1e-11, 100), numerics=Numerics())


def test_records_without_room_are_refused():
    with pytest.raises(InputError) as caught:
        go(course=Course((0.0, 1e-9), (0.0, 1e12), 1e-26, 10**17))
    assert str(caught.value) == f"{10**17} records of 100 moments: no room for them; record less often"


@pytest.mark.parametrize("temperature", [0.0, 300.0])
def test_a_moment_that_is_no_number_is_never_hidden(temperature):
    m = start(40)
    m[1, 17] = np.nan
    rows = table(DEVICE, DEVICE.size, "A/m^2", temperature)
    with pytest.raises(FloatingPointError) as caught:
        run(m, rows, COURSE, trials=40)
    assert str(caught.value) == ("a moment has left the unit sphere: the step was too large or a parameter overflows")


MEMORY = """
import re
from pathlib import Path
from spinneuron.device import Device
from spinneuron.protocols import Protocol
from spinneuron.simulation import simulate

run = simulate(Device.preset("orthogonal"), Protocol((0.0, 1e-11), (0.0, 1e12)), trials=1_000_000, seed=1)
assert run.m.shape == (1_000_000, 1, 3)
# not ru_maxrss, which a child inherits from the process that started it
print(float(run.m.std("trial").sum()), re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_a_million_trials_need_little_memory():
    go(lanes=1, trials=1)  # compiled and kept, so that the compiler is not in the measurement
    done = subprocess.run([sys.executable, "-c", MEMORY], env=os.environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    spread, kilobytes = map(float, done.stdout.split())
    assert spread > 0.0
    assert kilobytes < 500_000
