"""Neurons inside of SpikingJelly itself: its step modes, resets and memories."""

import copy
import sys

import pytest
import torch
from neuron_layers import MODULES, drive, pulses

from spinneuron.networks import bridges, reset

activation_based = pytest.importorskip("spikingjelly.activation_based")
from spikingjelly.activation_based import base, functional, layer  # noqa: E402

every_module = pytest.mark.parametrize("name", MODULES)


def wrapped(name, **settings):
    return bridges.MemoryNeuron(MODULES[name](**settings))


@every_module
@pytest.mark.parametrize("n", [0, 3])
def test_both_modes_equal_the_core_bit_for_bit(name, n):
    volts = pulses((7, 37, 1)).float()
    wanted = MODULES[name](n=n, seed=4).sequence(volts)
    single, multi = (torch.nn.Sequential(wrapped(name, n=n, seed=4)) for _ in range(2))
    assert isinstance(single[0], base.MemoryModule)
    functional.set_step_mode(multi, "m")
    assert torch.equal(torch.stack([single(one) for one in volts]), wanted)
    assert torch.equal(multi(volts), wanted)
    assert all(map(torch.equal, single[0].memories(), multi[0].memories()))


@every_module
def test_reset_net_resets(name, capfd):
    volts = drive(name, (7, 5, 1))
    net = torch.nn.Sequential(torch.nn.Identity(), torch.nn.Sequential(wrapped(name, n=0)))
    functional.set_step_mode(net, "m")
    first = net(volts)
    if name in ("sigmoid", "pair", "signed-lif"):
        assert not torch.equal(net(volts), first)
    functional.reset_net(net)
    assert all(memory == 0.0 for memory in base.memories(net))
    assert torch.equal(net(volts), first)
    functional.reset_net(net)
    assert net(volts[:, :2]).shape[1] == 2, "another batch after a reset"
    reset(net)
    assert "not a MemoryModule" not in capfd.readouterr().err


@pytest.mark.parametrize("name", ["sigmoid", "pair", "signed-lif"])
def test_detach_net_cuts_the_graph(name, capfd):
    volts = pulses((2, 5, 1), empty=0.0).float().requires_grad_()
    net = torch.nn.Sequential(wrapped(name, n=0))
    net(volts[0])
    functional.detach_net(net)
    net(volts[1]).sum().backward()
    assert (volts.grad[0] == 0.0).all() and volts.grad[1].abs().min() > 0.0
    assert "not a MemoryModule" not in capfd.readouterr().err


@every_module
def test_functional_forward_and_copies(name):
    volts = drive(name, (3, 5, 1))
    module = wrapped(name, n=0)
    run = base.to_functional_forward(module)
    states = tuple(base.extract_memories(module))
    for one in volts:
        (found,), states = run((one,), states)
        assert torch.equal(found, module(one))
    twin = copy.deepcopy(module)
    assert torch.equal(twin(volts[0]), module(volts[0]))
    assert module.double()(volts[0].double()).dtype == torch.float64


def test_a_net_of_spikingjelly_trains_with_it():
    torch.manual_seed(0)
    net = torch.nn.Sequential(wrapped("pair", n=4), layer.Linear(12, 2))
    functional.set_step_mode(net, "m")
    volts = pulses((6, 16, 6)).float()
    net(volts).square().mean().backward()
    assert all(parameter.grad.abs().max() > 0.0 for parameter in net.parameters())


def test_missing_library_is_told_in_one_line(monkeypatch):
    monkeypatch.delitem(sys.modules, "spinneuron.networks.bridges.spikingjelly", raising=False)
    monkeypatch.setitem(sys.modules, "spikingjelly.activation_based", None)
    monkeypatch.setitem(sys.modules, "spikingjelly", None)
    with pytest.raises(
        ValueError, match="bridges.MemoryNeuron: needs spikingjelly, which is not installed; pip install"
    ):
        _ = bridges.MemoryNeuron
