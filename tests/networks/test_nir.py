"""NIR exports, read back by NIR and run by snnTorch, SpikingJelly and nirtorch."""

import json

import numpy as np
import pytest
import torch
from neuron_layers import INSENSITIVE, NORMAL, PLASTIC, SIGNED

from spinneuron import neuron_file
from spinneuron.networks import SignedLIFNeuron, bridges
from spinneuron.quantity import InputError
from spinneuron.surrogates import Sigmoid, SignedLIF

nir = pytest.importorskip("nir")


def written(tmp_path, surrogate, **settings):
    """A graph that went through a file."""
    bridges.write_nir(tmp_path / "layer.nir", surrogate, **settings)
    assert [path.name for path in tmp_path.iterdir()] == ["layer.nir"]
    return nir.read(tmp_path / "layer.nir")


def spike_train(surrogate, volts, **settings):
    return SignedLIFNeuron(surrogate, dtype=torch.float64, **settings).sequence(volts)


@pytest.mark.parametrize("surrogate", [SIGNED, PLASTIC, INSENSITIVE, NORMAL])
def test_file_is_read_back_and_says_what_is_lost(tmp_path, surrogate):
    graph = written(tmp_path, surrogate, units=3)
    told = graph.metadata["spinneuron"]
    assert told["lossy"] and told["lost"] == bridges.lost(surrogate)
    document = json.loads(told["neuron_file"])
    assert document["model"] == surrogate.MODEL == told["model"]
    (tmp_path / "again.json").write_text(json.dumps(document))
    assert neuron_file.load(tmp_path / "again.json") == surrogate
    assert graph.nodes["input"].input_type["input"].tolist() == [3]


def test_time_is_scaled_to_the_step_of_importers():
    for integration, steps in (("exact", 0.96e-9 / 0.9 / 4e-10), ("euler", 1.0 / -np.expm1(-0.9 * 4e-10 / 0.96e-9))):
        graph = bridges.nir_graph(SIGNED, integration=integration)
        assert graph.nodes["neuron"].tau.item() == pytest.approx(1e-4 * steps, rel=1e-14)
        assert graph.metadata["spinneuron"]["time_scale"] == pytest.approx(1e-4 / 4e-10)
    assert bridges.nir_graph(SIGNED, dt=1e-3, time_step=1e-10).nodes["neuron"].tau.item() == pytest.approx(
        1e-3 / -np.expm1(-0.9e-10 / 0.96e-9)
    )


def positive_drive(steps, units, seed=0):
    rng = np.random.default_rng(seed)
    return torch.tensor(np.abs(rng.normal(0.0, 0.25, (steps, 4, units))), dtype=torch.float32)


def test_signed_lif_runs_in_snntorch(tmp_path, capsys):
    pytest.importorskip("snntorch")
    from snntorch.import_nir import import_from_nir

    volts = positive_drive(60, 5)
    net = import_from_nir(written(tmp_path, SIGNED, units=5))
    state, found = None, []
    for one in volts:
        output = net(one) if state is None else net(one, state)
        spikes, state = output if isinstance(output, tuple) else (output, None)
        found.append(spikes)
    wanted = spike_train(SIGNED, volts.double())
    assert wanted.sum() > 100
    # float32 there, float64 here: a comparison within a rounding of the threshold may differ
    assert (torch.stack(found) != wanted).float().mean() < 0.01


def test_signed_lif_runs_in_spikingjelly(tmp_path):
    pytest.importorskip("spikingjelly.activation_based")
    from spikingjelly.activation_based.nir_exchange import import_from_nir

    volts = positive_drive(60, 5, seed=1)
    net = import_from_nir(written(tmp_path, SIGNED, units=5), dtype=torch.float64)
    state, found = None, []
    for one in volts.double():
        spikes, state = net(one) if state is None else net(one, state)
        found.append(spikes)
    wanted = spike_train(SIGNED, volts.double())
    assert wanted.sum() > 100 and torch.equal(torch.stack(found).double(), wanted)


class Delay(torch.nn.Module):
    """One step later."""

    def forward(self, x, state=None):
        return (torch.zeros_like(x) if state is None else state), x


class Leak(torch.nn.Module):
    """Euler steps of a leaky integrator."""

    def __init__(self, node, dt):
        super().__init__()
        self.share, self.r = (torch.tensor(one) for one in (dt / node.tau, node.r))

    def forward(self, x, state=None):
        v = torch.zeros_like(x) if state is None else state
        v = v + self.share * (self.r * x - v)
        return v, v


class Above(torch.nn.Module):
    """Certain spikes."""

    def __init__(self, node):
        super().__init__()
        self.threshold = torch.tensor(node.threshold)

    def forward(self, x):
        return (x > self.threshold).double()


@pytest.mark.parametrize("surrogate", [PLASTIC, INSENSITIVE])
def test_sigmoid_runs_in_nirtorch_as_its_own_steep_limit(tmp_path, surrogate):
    nirtorch = pytest.importorskip("nirtorch")
    graph = written(tmp_path, surrogate, units=3)
    kinds = {nir.Delay: lambda node: Delay(), nir.LI: lambda node: Leak(node, 1e-4), nir.Threshold: Above}
    net = nirtorch.nir_to_torch(graph, kinds)
    rng = np.random.default_rng(2)
    volts = rng.uniform(0.78, 0.85, (80, 3)) * (rng.random((80, 3)) < 0.7)
    state, found = None, []
    for one in torch.tensor(volts):
        spikes, state = net(one) if state is None else net(one, state)
        found.append(spikes.numpy())
    # The heat law that NIR carries: a straight line through its value at x0.
    line = {"heat_v1": surrogate.heat_v2 * surrogate.x0 + surrogate.heat_v1, "heat_v2": 0.0}
    steep = Sigmoid(
        k=1e9, x0=surrogate.x0, tau_thermal=surrogate.tau_thermal, weights=surrogate.weights, **line
    ).predict(volts.T)
    assert 0.2 < np.mean(found) < 0.8
    np.testing.assert_array_equal(np.array(found), steep.probability.T.round())
    if surrogate is PLASTIC:
        cold = volts > surrogate.x0
        assert np.mean(cold != np.array(found)) > 0.1, "heat moves some of the spikes"


def test_gaussian_is_the_tangent_at_its_midpoint(tmp_path):
    node = written(tmp_path, NORMAL, units=2).nodes["neuron"]
    step = 1e-5
    for volts in (NORMAL.x0 - step, NORMAL.x0 + step):
        found = node.weight @ np.full(2, volts) + node.bias
        np.testing.assert_allclose(found, NORMAL.moments(volts)[0], rtol=0.0, atol=1e-10)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: bridges.nir_graph({"tau": 1}), "surrogate = dict: no neuron that can be exported"),
        (lambda: bridges.nir_graph(SIGNED, integration="heun"), "integration = 'heun': unknown"),
        (lambda: bridges.nir_graph(SIGNED, units=0), "units = 0"),
        (lambda: bridges.nir_graph(SIGNED, dt=0.0), "dt = 0 s"),
        (
            lambda: bridges.nir_graph(SignedLIF(tau_membrane=1e-9, gain=1.0, resistance=1e3)),
            "time_step: the neuron file",
        ),
        (lambda: bridges.nir_graph(PLASTIC, time_step=1e-9), "time_step = 1e-09 s: a sigmoid has its own"),
        (lambda: bridges.write_nir("absent/layer.nir", SIGNED), "absent/layer.nir: cannot be written"),
    ],
)
def test_refusals(call, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as caught:
        call()
    assert words in str(caught.value) and "\n" not in str(caught.value)
