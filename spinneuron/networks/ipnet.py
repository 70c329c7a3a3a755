"""IPNet: a fully connected network whose only memory is the heat of its junctions (seed system 1, fig. 2)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from spinneuron import quantity
from spinneuron.networks.differential import DifferentialPair
from spinneuron.networks.neurons import Neuron
from spinneuron.networks.sigmoid import SigmoidNeuron
from spinneuron.networks.voltage import VoltageMap, window_of
from spinneuron.quantity import InputError, nearest
from spinneuron.surrogates.sigmoid import Sigmoid
from spinneuron.surrogates.sigmoid_step import firing_probability, heat

LAYERS = ("input", "hidden", "both")
"""Where the plastic pairs stand; the other layer is made of junctions that heat does not move (fig. S7)."""

SWING = 2.2
"""Volts of a hidden neuron per unit of its drive, in 1/k: a drive of 1 goes from 0.1 of its sigmoid to the midpoint."""


def read_voltage(neuron: Sigmoid) -> float:
    """Choose the pulse of a lit pixel: the midpoint, where a shift shows most, or the nearest calibrated voltage.

    Parameters
    ----------
    neuron : Sigmoid

    Returns
    -------
    float [V]

    Raises
    ------
    InputError
        If the neuron tells ranges that have nothing in common.
    """
    window = window_of(neuron)
    return neuron.x0 if window is None else min(max(neuron.x0, window[0]), window[1])


def contrast(neuron: Sigmoid, voltage: float) -> float:
    """Scale the difference of a pair so that one pulse in the step before makes it 1; 1 without heat.

    Parameters
    ----------
    neuron : Sigmoid
    voltage : float [V]
        Of the pulses.

    Returns
    -------
    float
    """
    shift = heat(voltage, neuron) * sum(neuron.weights)
    risen = firing_probability(voltage, shift, neuron) - firing_probability(voltage, 0.0, neuron)
    return 1.0 / float(risen) if risen else 1.0


class IPNet(nn.Module):
    """Pixels, junctions, weights, root-mean-square normalization, junctions, weights.

    A lit pixel is one pulse, a dark one none. Pairs have two outputs, `differential.DifferentialPair`; the second is
    scaled by `contrast`. The drive of a hidden junction is a normalized sum. A negative one is no pulse; a positive
    one goes up from the low end of the window in which junctions of its kind were calibrated, by SWING / k per unit,
    and is clipped at the high end. Without plasticity only the window of the read counts.

    Parameters
    ----------
    topology : tuple of int
        Pixels, hidden neurons, outputs.
    neuron : Sigmoid
        The sensitive junction.
    layer : str
        One of `LAYERS`.
    plastic : bool
        Whether heat shifts midpoints.
    n : int
        Monte-Carlo samples per unit and step; 0 for expectations.
    sampler : str
        One of `sampling.SAMPLERS`.
    fixed_reference : bool
        Whether the references of pixels are known, not read: see `differential.DifferentialPair`. All lit pixels get
        the same pulse; that of a hidden junction is not known to others, and its reference is always read.
    voltage : float, optional [V]
        Of a lit pixel; by default `read_voltage`.
    seed : int
        Of weights and samples.

    Raises
    ------
    InputError
        If an argument is out of range.
    """

    def __init__(
        self,
        topology: tuple[int, int, int],
        neuron: Sigmoid,
        *,
        layer: str = "input",
        plastic: bool = True,
        n: int = 16,
        sampler: str = "gaussian",
        fixed_reference: bool = False,
        voltage: float | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if layer not in LAYERS:
            raise InputError(f"layer = {layer!r}: unknown, {nearest(layer, LAYERS)}allowed: {', '.join(LAYERS)}")
        pixels, hidden, outputs = (quantity.integer("topology", size) for size in topology)
        self.voltage = read_voltage(neuron) if voltage is None else quantity.finite("voltage", voltage, "V")
        self.generator = torch.Generator().manual_seed(quantity.integer("seed", seed, 0))
        drawn: dict[str, Any] = {"n": n, "sampler": sampler, "generator": self.generator}
        first = _layer(neuron, layer != "hidden", plastic, drawn, fixed_reference=fixed_reference)
        second = _layer(neuron, layer != "input", plastic, drawn)
        self.pixels, self.neurons = first, second
        self.contrast = contrast(neuron, self.voltage)
        self.volts = _pulses(neuron if _width(second) == 2 else replace(neuron, heat_v2=0.0, heat_v1=0.0))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.weights = nn.Linear(pixels * _width(first), hidden)
            self.norm = nn.RMSNorm(hidden)
            self.readout = nn.Linear(hidden * _width(second), outputs)

    def forward(self, frames: Tensor, last: bool = False) -> Tensor:
        """Answer at each step, from rest.

        Parameters
        ----------
        frames : torch.Tensor [1]
            1 where a pixel is lit, else 0 (step, trial, pixel).
        last : bool
            Whether only the last answer is wanted.

        Returns
        -------
        torch.Tensor
            (step, trial, output); of one step if only the last is wanted.
        """
        seen = self._spikes(self.pixels, frames * self.voltage)
        if last and _width(self.neurons) == 1:
            # neurons without memory need not see what came before
            seen = seen[-1:]
        answers = self.readout(self._spikes(self.neurons, self.volts(self.norm(self.weights(seen)))))
        return answers[-1:] if last else answers

    def _spikes(self, layer: Neuron, voltages: Tensor) -> Tensor:
        spikes, _ = layer.steps(voltages, layer.rest(voltages[0]))
        if _width(layer) == 1:
            return spikes
        ref, difference = spikes.chunk(2, dim=-1)
        return torch.cat((ref, self.contrast * difference), dim=-1)


def _layer(neuron: Sigmoid, pair: bool, plastic: bool, drawn: dict[str, Any], fixed_reference: bool = False) -> Neuron:
    if pair:
        return DifferentialPair(neuron, plastic=plastic, channel_axis=-1, fixed_reference=fixed_reference, **drawn)
    return SigmoidNeuron(neuron, plastic=False, **drawn)


def _width(layer: Neuron) -> int:
    return 2 if isinstance(layer, DifferentialPair) else 1


def _pulses(neuron: Sigmoid) -> nn.Module:
    """From drives of hidden junctions to volts. Were all pulsed in each step, no heat would tell them apart."""
    window, scale = window_of(neuron), SWING / neuron.k
    low = neuron.x0 - scale if window is None else window[0]
    return nn.Sequential(nn.ReLU(), VoltageMap(scale, low, window, policy="clip", silent_zero=True))
