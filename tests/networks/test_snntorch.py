"""Neurons inside of snnTorch itself: hidden and explicit memory, and resets that reset."""

import copy
import pickle

import pytest
import torch
from neuron_layers import MODULES, drive, pulses

from spinneuron.networks import bridges
from spinneuron.quantity import InputError

snntorch = pytest.importorskip("snntorch")
from snntorch import utils  # noqa: E402

every_module = pytest.mark.parametrize("name", MODULES)


@every_module
@pytest.mark.parametrize("n", [0, 3])
def test_hidden_and_explicit_memory_equal_the_core_bit_for_bit(name, n):
    volts = pulses((7, 37, 1)).float()
    wanted = MODULES[name](n=n, seed=4).sequence(volts)
    hidden = bridges.LeakyNeuron(MODULES[name](n=n, seed=4), init_hidden=True)
    assert isinstance(hidden, snntorch.SpikingNeuron)
    assert torch.equal(torch.stack([hidden(one) for one in volts]), wanted)
    explicit = bridges.LeakyNeuron(MODULES[name](n=n, seed=4))
    mem, found = explicit.reset_mem(), []
    for one in volts:
        output, mem = explicit(one, mem)
        found.append(output)
    assert torch.equal(torch.stack(found), wanted)
    assert torch.equal(mem, hidden.mem)


@every_module
def test_utils_reset_really_resets(name):
    volts = drive(name, (7, 5, 1))
    neuron = bridges.LeakyNeuron(MODULES[name](n=0), init_hidden=True, output=True)
    net = torch.nn.Sequential(torch.nn.Identity(), neuron)
    first = [net(one)[0] for one in volts]
    if name in ("sigmoid", "pair", "signed-lif"):
        assert neuron.mem.abs().max() > 0.0
    utils.reset(net)
    assert (neuron.mem == 0.0).all()
    assert all(map(torch.equal, first, [net(one)[0] for one in volts]))
    assert net(volts[0, :2])[0].shape[0] == 2, "another batch starts at rest"


def test_reset_detaches_as_that_of_leaky():
    volts = pulses((2, 5, 1), empty=0.0).float().requires_grad_()
    net = torch.nn.Sequential(bridges.LeakyNeuron(MODULES["sigmoid"](n=0), init_hidden=True))
    net(volts[0])
    net[0].detach_hidden()
    net(volts[1]).sum().backward()
    assert (volts.grad[0] == 0.0).all() and volts.grad[1].abs().min() > 0.0


def test_gradients_reach_through_time():
    volts = pulses((2, 5, 1), empty=0.0).double().requires_grad_()
    layer = bridges.LeakyNeuron(MODULES["sigmoid"](n=0, dtype=torch.float64), init_hidden=True)
    layer(volts[0])
    layer(volts[1]).sum().backward()
    assert volts.grad[0].abs().min() > 0.0


@every_module
def test_copies_and_state_dict(name):
    volts = drive(name, (3, 5, 1))
    module = bridges.LeakyNeuron(MODULES[name](n=0), init_hidden=True)
    module(volts[0])
    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert torch.equal(twin(volts[1]), copy.deepcopy(module)(volts[1]))
    assert "mem" not in module.state_dict()


def test_no_silent_export_as_a_leaky_neuron():
    module = bridges.LeakyNeuron(MODULES["sigmoid"](n=0), init_hidden=True)
    with pytest.raises(InputError, match="spinneuron export"):
        _ = module.beta
    with pytest.raises(InputError, match="mem: this layer keeps its own"):
        module(torch.zeros(2, 2), torch.zeros(0))
