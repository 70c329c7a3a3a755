"""IPNet: what it makes of pulses, where its memory sits, and that the past reaches its answers only through heat."""

from dataclasses import replace

import pytest
import torch

from spinneuron import neuron_file
from spinneuron.networks import IPNet
from spinneuron.networks.ipnet import LAYERS, contrast, read_voltage
from spinneuron.networks.voltage import window_of
from spinneuron.quantity import InputError

NEURON = neuron_file.load("plasticity-text")
COLD = replace(NEURON, heat_v2=0.0, heat_v1=0.0)
SMALL = (6, 20, 3)


def frames(steps=4, trials=8, seed=1):
    return torch.randint(0, 2, (steps, trials, SMALL[0]), generator=torch.Generator().manual_seed(seed)).float()


def exact(**settings):
    return IPNet(SMALL, NEURON, n=0, **settings)


def test_a_pulse_in_the_step_before_makes_the_scaled_difference_one():
    net = exact()
    seen = net._spikes(net.pixels, torch.full((2, 1, 6), net.voltage))
    torch.testing.assert_close(seen[0, 0, 6:], torch.zeros(6), rtol=0.0, atol=1e-6)
    torch.testing.assert_close(seen[1, 0, 6:], torch.ones(6), rtol=0.0, atol=2e-5)


def test_the_pulse_is_the_midpoint_or_the_nearest_calibrated_voltage():
    low, high = NEURON.valid["voltage"]
    assert low <= read_voltage(NEURON) <= high
    assert read_voltage(replace(NEURON, valid={})) == NEURON.x0
    assert contrast(COLD, 0.83) == 1.0


@pytest.mark.parametrize("layer", LAYERS)
def test_the_last_answer_is_that_of_the_last_step(layer):
    net, shown = exact(layer=layer), frames()
    torch.testing.assert_close(net(shown, last=True), net(shown)[-1:], rtol=0.0, atol=1e-6)


@pytest.mark.parametrize("layer", LAYERS)
def test_every_trial_begins_at_rest(layer):
    net, shown = exact(layer=layer), frames()
    assert torch.equal(net(shown), net(shown))
    torch.testing.assert_close(net(shown[:, 3:4]), net(shown)[:, 3:4], rtol=0.0, atol=1e-6)


@pytest.mark.parametrize("layer", LAYERS)
def test_the_past_is_known_by_heat_alone(layer):
    shown = frames()
    other = torch.cat((1.0 - shown[:-1], shown[-1:]))
    assert not torch.allclose(exact(layer=layer)(shown)[-1], exact(layer=layer)(other)[-1], atol=1e-4)
    off = exact(layer=layer, plastic=False)
    torch.testing.assert_close(off(shown)[-1], off(other)[-1], rtol=0.0, atol=1e-6)
    cold = IPNet(SMALL, COLD, n=0, layer=layer)
    torch.testing.assert_close(cold(shown)[-1], cold(other)[-1], rtol=0.0, atol=1e-6)


def test_dark_pixels_say_nothing():
    net = IPNet(SMALL, NEURON, n=4)
    dark = torch.zeros(3, 2, 6)
    assert not net._spikes(net.pixels, dark * net.voltage).any()


def test_only_the_references_of_pixels_can_be_known():
    net = IPNet(SMALL, NEURON, layer="both", n=4, fixed_reference=True)
    lit = net._spikes(net.pixels, torch.full((1, 50, 6), net.voltage))[0]
    assert (lit[:, :6] == lit[0, 0]).all() and lit[:, 6:].std() > 0.0
    driven = net._spikes(net.neurons, torch.full((1, 50, 20), net.voltage))[0]
    assert driven[:, :20].std() > 0.0


def test_a_seed_decides_weights_and_samples():
    shown = frames()
    first, second, third = (IPNet(SMALL, NEURON, n=3, seed=seed)(shown) for seed in (5, 5, 6))
    assert torch.equal(first, second) and not torch.equal(first, third)


def test_making_one_leaves_the_global_generator_alone():
    before = torch.random.get_rng_state()
    IPNet(SMALL, NEURON, seed=3)(frames())
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("layer", LAYERS)
def test_gradients_reach_all_weights(layer):
    net = IPNet(SMALL, NEURON, layer=layer, n=2)
    net(frames()).square().mean().backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in net.parameters())


@pytest.mark.parametrize("layer", LAYERS)
def test_hidden_pulses_stay_in_the_calibrated_window(layer):
    net = exact(layer=layer)
    volts = net.volts(torch.linspace(0.01, 50.0, 101))
    low, high = window_of(NEURON if layer != "input" else COLD)
    assert low < volts[0] < volts[1] and volts[-1] == pytest.approx(high)


def test_a_negative_drive_is_no_pulse():
    assert not exact().volts(torch.tensor([-50.0, -1e-3, 0.0])).any()


def test_without_a_window_a_drive_of_one_reaches_the_midpoint():
    net = IPNet(SMALL, replace(NEURON, valid={}), n=0)
    volts = net.volts(torch.tensor([1e-6, 1.0]))
    assert NEURON.probability(volts.numpy(), 0.0) == pytest.approx([0.0998, 0.5], abs=1e-4)


def test_hidden_heat_tells_drives_of_different_sign_apart():
    # one step of a pulse or none; then the same pulse everywhere reads what is left
    net = exact(layer="hidden")
    drive = torch.tensor([[1.0, -1.0], [1.0, 1.0]])[:, None]
    difference = net._spikes(net.neurons, net.volts(drive))[1, 0, 2:]
    assert difference.tolist() == pytest.approx([1.0, 0.0], abs=0.05)


def test_errors():
    with pytest.raises(InputError, match="layer = 'middle': unknown, .*input, hidden, both"):
        IPNet(SMALL, NEURON, layer="middle")
    with pytest.raises(InputError, match="topology = 0"):
        IPNet((6, 0, 3), NEURON)
    with pytest.raises(InputError, match="voltage = nan"):
        IPNet(SMALL, NEURON, voltage=float("nan"))
