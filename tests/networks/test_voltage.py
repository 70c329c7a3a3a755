"""Volts of activations, and the window that a neuron was calibrated in."""

import pytest
import torch

from spinneuron import neuron_file
from spinneuron.networks import SigmoidNeuron, VoltageMap
from spinneuron.networks.voltage import window_of
from spinneuron.quantity import InputError
from spinneuron.surrogates import Sigmoid

NEURON = Sigmoid(
    k=44.4, x0=0.83, heat_v1=0.01, valid={"voltage": (0.7, 0.95), "amplitude": (0.75, 0.93), "delay": (0.0, 1e-6)}
)


def test_scale_and_offset():
    found = VoltageMap(0.05, 0.83)(torch.tensor([-1.0, 0.0, 2.0]))
    torch.testing.assert_close(found, torch.tensor([0.78, 0.83, 0.93]))


def test_window_is_where_both_read_and_heat_were_calibrated():
    assert window_of(NEURON) == (0.75, 0.93)
    insensitive = Sigmoid(k=44.4, x0=0.83, valid=NEURON.valid)
    assert window_of(insensitive) == (0.7, 0.95)
    assert window_of(Sigmoid(k=44.4, x0=0.83)) is None
    assert VoltageMap.of(SigmoidNeuron(NEURON)).window == VoltageMap.of(NEURON).window == (0.75, 0.93)
    low, high = window_of(neuron_file.load("plasticity-device"))
    assert (low, high) == (0.7, 0.93)


def test_volts_outside_are_refused_in_one_line():
    volts = VoltageMap.of(NEURON)
    edges = torch.tensor([0.75, 0.93, 0.0])
    assert torch.equal(volts(edges), edges)
    for value, shown in ((0.95, "950 mV"), (0.7, "700 mV"), (-0.8, "-800 mV"), (float("nan"), "nan"), (1e30, "V")):
        with pytest.raises(InputError) as caught:
            volts(torch.tensor([0.8, value]))
        message = str(caught.value)
        assert shown in message and "outside of the calibrated window 750 mV to 930 mV" in message
        assert "\n" not in message


def test_volts_outside_are_clipped_without_gradient():
    x = torch.tensor([0.5, 0.8, 1.5, 0.0], requires_grad=True)
    volts = VoltageMap.of(NEURON, policy="clip")(x)
    torch.testing.assert_close(volts, torch.tensor([0.75, 0.8, 0.93, 0.0]))
    volts.sum().backward()
    assert x.grad.tolist() == [0.0, 1.0, 0.0, 0.0]


def test_silent_zero():
    x = torch.tensor([0.0, 1.0, -1.0], requires_grad=True)
    volts = VoltageMap(0.05, 0.83, silent_zero=True)(x)
    torch.testing.assert_close(volts, torch.tensor([0.0, 0.88, 0.78]))
    volts.sum().backward()
    torch.testing.assert_close(x.grad, torch.tensor([0.0, 0.05, 0.05]))
    assert VoltageMap(0.05, 0.83)(torch.zeros(1)).item() == pytest.approx(0.83)


def test_map_is_a_module():
    module = VoltageMap(0.05, 0.83, (0.7, 0.9), policy="clip")
    assert repr(module) == "VoltageMap(0.83 V + 0.05 V x, window=(0.7, 0.9), policy='clip')"
    compiled = torch.compile(module, fullgraph=True, backend="aot_eager")
    x = torch.linspace(-4.0, 4.0, 9)
    assert torch.equal(compiled(x), module(x))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: VoltageMap(policy="cilp"), "policy = 'cilp': unknown, allowed: refuse, clip"),
        (lambda: VoltageMap(scale=float("inf")), "scale = inf"),
        (lambda: VoltageMap(window=(1.0, 0.0)), "window = 1, 0: the low end must lie below the high end"),
        (lambda: VoltageMap.of(Sigmoid(k=1.0, x0=0.8)), "valid: this sigmoid neuron tells no voltages"),
        (
            lambda: window_of(
                Sigmoid(k=1.0, x0=0.8, heat_v1=0.1, valid={"voltage": (0.1, 0.2), "amplitude": (0.3, 0.4)})
            ),
            "valid: voltage and amplitude have nothing in common",
        ),
    ],
)
def test_refusals(call, words):
    with pytest.raises(InputError) as caught:
        call()
    assert words in str(caught.value) and "\n" not in str(caught.value)
