"""The suite: what decides it is told apart, and a killed one goes on where it was, to the bit."""

import dataclasses
import json

import numpy as np
import pytest
import xarray as xr
from axial import plasticity, quick, reference

from spinneuron import __version__, chunk_store
from spinneuron.device import Device
from spinneuron.plasticity import EXPERIMENTS, Suite, run_suite
from spinneuron.plasticity import suite as module
from spinneuron.plasticity.plan import work
from spinneuron.protocols import Cycle
from spinneuron.quantity import InputError
from spinneuron.switching.curves import make_engine, probed

# a small cycle for a quick device, which the published voltages switch sometimes
CYCLE = Cycle(1e-9, 4e-9, reset=-1.1, reset_width=5e-9, delay=2e-9)
QUICK = quick(polarity=-1.0, applied_field=(0.0, 0.0, 0.0), resistance_area=3.9e-12)
SMALL = quick(name="small", polarity=-1.0, resistance_area=3.9e-12, thermal_resistances=(), thermal_times=())
SUITES = {
    "macrospin": Suite(QUICK, SMALL, ("S1", "S4", "S9"), "macrospin", 64, 3, CYCLE),
    "fokker-planck": Suite(QUICK, SMALL, ("S1", "S4", "S9"), "fokker-planck", 10_000, 0, CYCLE),
}


def same(first, second):
    first, second = (one.drop_attrs(deep=False).assign_attrs(kept(one)) for one in (first, second))
    xr.testing.assert_identical(first, second)


def kept(dataset):
    return {name: value for name, value in dataset.attrs.items() if name not in ("created", "wall_time")}


@pytest.fixture(scope="module", params=list(SUITES))
def suite(request):
    return SUITES[request.param]


@pytest.fixture(scope="module")
def whole(suite):
    return run_suite(suite)


class Killed(KeyboardInterrupt):
    """Ctrl-C in the midst."""


def kill_after(monkeypatch, count):
    """Let the next experiment after so many be interrupted, once."""
    real, done = module.run_experiment, []

    def run(*given):
        if len(done) == count:
            done.append("killed")
            raise Killed
        done.append(given[1])
        return real(*given)

    monkeypatch.setattr(module, "run_experiment", run)
    return done


# What comes out


def test_what_a_suite_holds(suite, whole):
    conditions = [one for name in suite.experiments for one in EXPERIMENTS[name](CYCLE)]
    assert whole.sizes["state"] == len(conditions) == 18
    assert whole.sizes["point"] == 16 + 20
    np.testing.assert_array_equal(whole.voltage, np.concatenate([one.probes for one in conditions]))
    for i, one in enumerate(conditions):
        for name in ("experiment", "label", "amplitude", "pulses", "width", "delay", "regular", "reference"):
            assert whole[name].values[i] == getattr(one, name)
        assert (whole.condition.values == i).sum() == len(one.probes)
    assert (whole.low <= whole.probability).all()
    assert (whole.probability <= whole.high).all()
    assert (whole.trials <= suite.trials).all()
    np.testing.assert_array_equal(whole.probability, whole.switched / whole.trials)
    assert (whole.rise.values[:16] > 0.5).all()
    assert not whole.rise.values[16:].any()
    assert 0.0 <= whole.reset_failed.min() <= whole.reset_failed.max() < 0.5
    for name in ("voltage", "amplitude", "width", "delay", "rise"):
        assert whole[name].attrs["units"] == {"voltage": "V", "amplitude": "V", "rise": "K"}.get(name, "s")


def test_what_made_it(suite, whole):
    attrs = whole.attrs
    assert attrs["kind"] == "spinneuron-plasticity"
    assert Device.from_json(attrs["device"]) == QUICK
    assert Device.from_json(attrs["reference_device"]) == SMALL
    assert Cycle(**json.loads(attrs["cycle"])) == CYCLE
    assert (attrs["engine"], attrs["trials"], attrs["seed"]) == (suite.model, suite.trials, suite.seed)
    assert attrs["version"] == __version__


def test_a_state_is_its_history_run_by_hand(suite, whole):
    """Condition 2 of S1 and condition 1 of S9, with the streams of their numbers in the whole plan."""
    number = sum(len(EXPERIMENTS[name](CYCLE)) for name in ("1E", "1F", "1G")) + 2
    one = EXPERIMENTS["S1"](CYCLE)[2]
    engine = make_engine(suite.model, QUICK, suite.trials, suite.seed)
    rest = engine.rest(64 * (number - 2))
    state = engine.run(rest, one.history[0], 64 * number + 1)
    switched, trials = probed(engine, state, one.probes, CYCLE, 64 * number + 32)
    assert whole.switched[2] == round(switched[0])
    assert whole.trials[2] == round(trials[0])
    assert whole.rise[2] == engine.rise(state)
    assert whole.reset_failed[2] == engine.switched(state)[0] / suite.trials


def test_the_same_again_and_another_seed(suite, whole):
    same(run_suite(suite), whole)
    if suite.model == "macrospin":
        other = run_suite(dataclasses.replace(suite, seed=4))
        assert (other.switched != whole.switched).any()


def test_an_experiment_has_the_same_data_alone_and_in_any_order(suite, whole):
    """Its streams are numbered among all experiments, run or not."""
    for names in (("S4",), ("S9", "S4", "S1")):
        some = run_suite(dataclasses.replace(suite, experiments=names))
        for name in names:
            for variable in ("switched", "trials", "voltage"):
                np.testing.assert_array_equal(points(some, name)[variable], points(whole, name)[variable])
            np.testing.assert_array_equal(some.rise[states(some, name)], whole.rise[states(whole, name)])


def states(dataset, name):
    return np.flatnonzero(dataset.experiment.values == name)


def points(dataset, name):
    return dataset.isel(point=np.isin(dataset.condition.values, states(dataset, name)))


def test_streams_of_all_conditions_are_apart():
    """Histories take the numbers from 1, probes those from 32 of a block of 64: no two share one; all have 32 bits."""
    conditions = [one for experiment in EXPERIMENTS.values() for one in experiment(Cycle())]
    assert max(len(one.history) for one in conditions) < 32
    assert max(len(one.probes) for one in conditions) <= 32
    assert 64 * len(conditions) * module._MOST_TRIALS < 2**32


# Progress and resuming


def test_progress_ends_at_one(suite, tmp_path, monkeypatch):
    told = []
    run_suite(suite, progress=told.append)
    assert sum(told) == pytest.approx(1.0, rel=1e-9)
    assert min(told) > 0.0
    assert len(told) > 10
    kill_after(monkeypatch, 1)
    with pytest.raises(Killed):
        run_suite(suite, output=tmp_path / "a.nc", progress=told.append)
    told.clear()
    run_suite(suite, output=tmp_path / "a.nc", resume=True, progress=told.append)
    assert sum(told) == pytest.approx(1.0, rel=1e-9)
    # what was there is told at once
    share = work(EXPERIMENTS["S1"](CYCLE), CYCLE) / work(suite.conditions, CYCLE)
    assert told[0] == pytest.approx(share, rel=0.2)


def test_a_killed_suite_goes_on_and_gives_the_same_data(suite, whole, tmp_path, monkeypatch):
    output = tmp_path / "suite.nc"
    done = kill_after(monkeypatch, 2)
    with pytest.raises(Killed):
        run_suite(suite, output=output)
    assert done == ["S1", "S4", "killed"]
    chunks = sorted(path.name for path in (tmp_path / "suite.nc.parts").glob("*.npz"))
    assert chunks == ["chunk-000000.npz", "chunk-000001.npz"]
    resumed = run_suite(suite, output=output, resume=True)
    assert done == ["S1", "S4", "killed", "S9"]
    same(resumed, whole)
    # all chunks are there now: nothing runs
    same(run_suite(suite, output=output, resume=True), whole)
    assert len(done) == 4


def test_chunks_of_other_work_are_refused(suite, tmp_path, monkeypatch):
    kill_after(monkeypatch, 1)
    output = tmp_path / "suite.nc"
    with pytest.raises(Killed):
        run_suite(suite, output=output)
    folder = f"{output}.parts"
    with pytest.raises(InputError) as caught:
        run_suite(suite, output=output)
    assert str(caught.value).startswith(f"{folder}: holds unfinished work; ")
    for other in ({"seed": 9}, {"experiments": ("S1", "S4")}, {"trials": 65}):
        with pytest.raises(InputError) as caught:
            run_suite(dataclasses.replace(suite, **other), output=output, resume=True)
        assert str(caught.value).startswith(f"{folder}: belongs to other work ")


WEAK = QUICK.replace(breakdown_voltage=0.95)


@pytest.mark.parametrize("model", SUITES)
@pytest.mark.parametrize(
    ("devices", "message"),
    [
        ((Device.preset("orthogonal"), SMALL), "pinned = "),
        ((QUICK, Device.preset("orthogonal")), "pinned = "),
        ((WEAK, SMALL), "voltage = 1.1 V: above breakdown_voltage = 950 mV of quick; lower it"),
        ((QUICK, WEAK), "voltage = 1.1 V: above breakdown_voltage = 950 mV of quick; lower it"),
    ],
)
def test_what_is_refused_leaves_no_folder(devices, message, model, tmp_path):
    """A device that the engine does not take, or a voltage above breakdown: found before the first experiment."""
    with pytest.raises(InputError) as caught:
        run_suite(Suite(*devices, ("S1", "S9"), model, 64, 0, CYCLE), output=tmp_path / "no.nc")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())
    # the reference is not asked about where it is not measured
    if devices[0] is QUICK and model == "fokker-planck":
        assert run_suite(Suite(*devices, ("S4",), model, 64, 0, CYCLE)).sizes["state"] == 8


# The specification


def test_every_argument_decides_the_fingerprint():
    base = Suite(plasticity(), reference())
    changed = {
        "device": plasticity(alpha=0.016),
        "reference": reference(tmr=0.7),
        "experiments": ("1E", "S1"),
        "model": "fokker-planck",
        "trials": 9999,
        "seed": 1,
        "cycle": Cycle(delay=21e-9),
    }
    assert set(changed) == {field.name for field in dataclasses.fields(Suite)}
    prints = [dataclasses.replace(base, **{name: value}).fingerprint for name, value in changed.items()]
    prints += [base.fingerprint, dataclasses.replace(base, experiments=("S1", "1E")).fingerprint]
    assert len(set(prints)) == len(prints)
    assert Suite(plasticity(), reference()).fingerprint == base.fingerprint
    assert base.chunks == 8
    assert len(base.conditions) == 59
    assert json.loads(base.to_json())["trials"] == 10_000


def test_the_version_decides_the_fingerprint(monkeypatch):
    base = Suite(plasticity(), reference())
    before = base.fingerprint
    monkeypatch.setattr(chunk_store, "__version__", "other")
    assert base.fingerprint != before


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"experiments": ("1E", "1H")}, "experiments = '1H': allowed: 1E, 1F, 1G, S1, S2, S3, S4, S9"),
        ({"experiments": ("1E", "1E")}, "experiments = '1E, 1E': give each once, and at least one"),
        ({"experiments": ()}, "experiments = '': give each once, and at least one"),
        ({"model": "density"}, "model = 'density': use one of macrospin, fokker-planck"),
        ({"trials": 500_001}, "trials = 500001: at most 500000 macrospins; use model fokker-planck"),
        ({"trials": 0}, "trials = 0: "),
        ({"trials": 0, "model": "fokker-planck"}, "trials = 0: "),
        ({"trials": 1.5, "model": "fokker-planck"}, "trials = 1.5: "),
    ],
)
def test_wrong_specifications_are_refused(wrong, message):
    with pytest.raises(InputError) as caught:
        Suite(plasticity(), reference(), **wrong)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_many_trials_of_the_density_are_allowed():
    assert Suite(plasticity(), reference(), model="fokker-planck", trials=10**7).trials == 10**7
