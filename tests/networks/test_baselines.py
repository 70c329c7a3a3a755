"""Networks without junctions; LIF neurons against SpikingJelly's, bit for bit."""

import pytest
import torch

from spinneuron.networks.baselines import LIF, LIFNet, RecurrentNet

INPUTS = 3.0 * torch.rand((12, 4, 5), generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("decay_input", [True, False])
def test_lif_is_that_of_spikingjelly(decay_input):
    neuron = pytest.importorskip("spikingjelly.activation_based.neuron")
    theirs = neuron.LIFNode(tau=2.0, decay_input=decay_input, step_mode="m")
    ours, one, two = LIF(2.0, decay_input), INPUTS.clone().requires_grad_(), INPUTS.clone().requires_grad_()
    spikes, wanted = ours(one), theirs(two)
    assert torch.equal(spikes, wanted) and 0.05 < spikes.mean() < 0.95
    weight = torch.arange(spikes.numel()).reshape(spikes.shape).float()
    (spikes * weight).sum().backward()
    (wanted * weight).sum().backward()
    torch.testing.assert_close(one.grad, two.grad, rtol=1e-5, atol=1e-5)


def test_the_default_does_not_fire_on_pixels_of_one():
    # the membrane is at 1 - 2^-steps: later than in any of our tasks, single precision rounds that to 1
    lit = torch.ones(20, 1, 3)
    assert not LIF(decay_input=True)(lit).any()
    assert LIF(decay_input=False)(lit).any()


@pytest.mark.parametrize(
    "make",
    [
        lambda seed: RecurrentNet((6, 5, 3), kind="lstm", seed=seed),
        lambda seed: RecurrentNet((6, 5, 3), kind="rnn", seed=seed),
        lambda seed: LIFNet((6, 5, 3), decay_input=False, seed=seed),
    ],
)
def test_answers_at_each_step_from_rest(make):
    shown = torch.randint(0, 2, (4, 8, 6), generator=torch.Generator().manual_seed(1)).float()
    net = make(7)
    found = net(shown)
    assert found.shape == (4, 8, 3)
    assert torch.equal(net(shown), found) and torch.equal(make(7)(shown), found)
    assert not torch.equal(make(8)(shown), found)
    torch.testing.assert_close(net(shown, last=True), found[-1:])
