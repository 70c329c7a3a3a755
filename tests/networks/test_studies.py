"""Studies: the small version of every experiment, going on after a kill, any number of workers, networks on disk."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from matplotlib.collections import LineCollection

from spinneuron import dataset_file, neuron_file, plotting, summary
from spinneuron.capacity import interference_bound, recall_bound
from spinneuron.chunk_store import Store
from spinneuron.networks import EXPERIMENTS, MODELS, IPNet, Study, load_network, networks_folder, run_study
from spinneuron.networks.models import save_network
from spinneuron.quantity import InputError
from spinneuron.surrogates import SignedLIF
from spinneuron.tasks import TASKS

NEURON = neuron_file.load("plasticity-text")


def small(experiment="n-back", **options):
    made = Study.of(experiment, NEURON, **{"seeds": 2, "samples": 4, "iterations": 2} | options)
    return replace(made, training=replace(made.training, batch=4, tests=30))


def same(one, other):
    for name in set(one.variables) - {"seconds"}:
        np.testing.assert_array_equal(one[name].values, other[name].values)


@pytest.fixture(autouse=True)
def short_walks(monkeypatch):
    """Bounds of recall from few trials: what is tested here is that they arrive."""
    monkeypatch.setattr(recall_bound, "__defaults__", (4, 20))
    monkeypatch.setattr(interference_bound, "__defaults__", (20,))


def _dashed(axes):
    """Lines of the ideal observer in a panel, and dashes across bars."""
    lines = [line for line in axes.lines if line.get_linestyle() == "--"]
    return len(lines) + sum(isinstance(one, LineCollection) and one.get_zorder() == 3 for one in axes.collections)


def test_every_task_is_an_experiment():
    assert EXPERIMENTS.keys() == TASKS.keys()
    for name, plan in EXPERIMENTS.items():
        assert all(model in MODELS for model in plan.models)
        assert all(isinstance(plan.task_of(value), TASKS[name]) for value in plan.values)


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_the_small_version_of_every_experiment(experiment, tmp_path):
    study, told = small(experiment), []
    found = run_study(study, tmp_path / "a.nc", progress=told.append)
    plan = study.plan
    assert sum(told) == pytest.approx(1.0)
    for name, own in plan.variables.items():
        assert found[name].dims == ("model", plan.option, "seed", *own)
        assert found[name].shape[:3] == (len(plan.models), len(plan.values), 2)
    assert np.isfinite(found["loss"]).all()
    own = plan.variables[plan.bounded]
    assert found["bound"].dims == found["bound_error"].dims == (plan.option, *own)
    assert ("bound_mean" in found) == bool(own)
    limits = plan.observer(NEURON, study.voltage, plan.task_of(plan.values[-1]), 4, 0)
    np.testing.assert_array_equal(found["bound"][-1], getattr(limits, plan.bounded))
    if own:
        assert float(found["bound_mean"][-1]) == limits.mean
    # what is written is read, drawn and told
    dataset_file.save(found, tmp_path / "a.nc")
    again = dataset_file.load(tmp_path / "a.nc")
    same(found, again)
    assert json.loads(again.attrs["titles"]).keys() == set(plan.models)
    dashes = [_dashed(axes) for axes in plotting.draw(again).axes]
    # of networks with heat in the input layer alone: a line, or a dash for each bar
    assert sum(dashes) == {"n-back": 2, "free-recall": 6}.get(experiment, 8)
    assert any("ideal observer" in str(table) for table in summary.tables(again))
    assert any("IPNet, plastic input layer" in str(table) for table in summary.tables(again))
    networks = networks_folder(tmp_path / "a.nc")
    assert len(list(networks.glob("*.pt"))) == study.chunks
    assert neuron_file.load(networks / "neuron.json").x0 == NEURON.x0


class Stopped(Exception):
    pass


def test_a_study_goes_on_where_it_was_killed(tmp_path):
    study = small(models=("ipnet", "lif"))
    whole = run_study(study, tmp_path / "whole.nc")
    told = []

    def stop(fraction):
        told.append(fraction)
        if sum(told) > 0.5:
            raise Stopped

    with pytest.raises(Stopped):
        run_study(study, tmp_path / "b.nc", progress=stop)
    kept = Store(tmp_path / "b.nc", study, resume=True).done()
    assert 0 < len(kept) < study.chunks
    with pytest.raises(InputError, match="holds unfinished work; continue it with --resume"):
        run_study(study, tmp_path / "b.nc")
    with pytest.raises(InputError, match="belongs to other work"):
        run_study(small(models=("ipnet", "lif"), seed=1), tmp_path / "b.nc", resume=True)
    told = []
    same(whole, run_study(study, tmp_path / "b.nc", resume=True, progress=told.append))
    assert sum(told) == pytest.approx(1.0)


def test_results_do_not_depend_on_workers(tmp_path):
    study = small(models=("ipnet", "lstm"), seeds=1)
    told = []
    many = run_study(study, tmp_path / "many.nc", workers=2, progress=told.append)
    assert sum(told) == pytest.approx(1.0)
    same(run_study(study, tmp_path / "one.nc"), many)


def test_a_trained_network_is_read_back(tmp_path):
    study = small(models=("ipnet",), seeds=1)
    run_study(study, tmp_path / "a.nc")
    path = networks_folder(tmp_path / "a.nc") / "ipnet-n-2-seed-0.pt"
    net = load_network(path)
    assert isinstance(net, IPNet) and net.voltage == study.voltage and net.neurons.n == 4
    written = torch.load(path, weights_only=True)["state"]
    assert all(torch.equal(value, written[name]) for name, value in net.state_dict().items())


def test_errors_of_networks_on_disk(tmp_path):
    net = IPNet((4, 3, 2), NEURON)
    path = tmp_path / "net.pt"
    save_network(path, net, {"model": "ipnet", "topology": (4, 3, 2), "n": 16, "voltage": 0.83, "seed": 0}, NEURON)
    assert isinstance(load_network(path), IPNet)
    whole = path.read_bytes()
    with pytest.raises(InputError, match=r"gone\.pt: there is no such file"):
        load_network(tmp_path / "gone.pt")
    for content in (whole[: len(whole) // 2], b"", b"text"):
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"net\.pt: is cut off or no trained network"):
            load_network(path)
    torch.save({"weight": torch.zeros(3)}, path)
    with pytest.raises(InputError, match="is no trained network of spinneuron"):
        load_network(path)
    content = torch.load(io.BytesIO(whole), weights_only=True)
    for name in ("neuron", "topology", "state"):
        torch.save({key: value for key, value in content.items() if key != name}, path)
        with pytest.raises(InputError, match=f"is no whole network .*{name}.*; train it again"):
            load_network(path)
    torch.save(content | {"topology": (4, 4, 2)}, path)
    with pytest.raises(InputError, match="is no whole network .*; train it again"):
        load_network(path)
    torch.save({"format": "spinneuron-network", "version": 1}, path)
    with pytest.raises(InputError, match="version = 1: only version 2 can be read"):
        load_network(path)


@pytest.mark.parametrize("name", ["nback", "N-back", "n_back"])
def test_names_may_differ_in_hyphens_and_case(name):
    assert Study.of(name, NEURON) == Study.of("n-back", NEURON)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"experiment": "n-bakc"}, "experiment = .*n-bakc.*did you mean .*n-back"),
        ({"models": ("ipnet", "gru")}, "model = .*gru.*: unknown"),
        ({"models": ("ipnet", "ipnet")}, "give each once"),
        ({"models": ()}, "at least one"),
        ({"seeds": 0}, "seeds = 0"),
        ({"seed": -1}, "seed = -1"),
        ({"samples": -1}, "samples = -1"),
        ({"iterations": 0}, "iterations = 0"),
        ({"voltage": 0.0}, "voltage = 0 V"),
    ],
)
def test_errors_of_a_study(options, message):
    experiment = options.pop("experiment", "n-back")
    with pytest.raises(InputError, match=message):
        Study.of(experiment, NEURON, **options)


def test_a_neuron_of_another_model_is_refused():
    signed = SignedLIF(tau_membrane=1e-9, leak=1.0, gain=1.0, threshold=0.5, resistance=1e3)
    with pytest.raises(InputError, match="need a sigmoid neuron, not a signed-lif one"):
        Study.of("n-back", signed)


def test_a_quick_study_is_a_twentieth():
    quick, whole = (Study.of("n-back", NEURON, quick=quick) for quick in (True, False))
    assert quick.training.iterations * 20 == whole.training.iterations
    assert quick.training.tests * 20 == whole.training.tests
    assert quick.fingerprint != whole.fingerprint
