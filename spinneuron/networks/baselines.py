"""What IPNet is held against: recurrent networks, and spiking ones with leaky integrate-and-fire neurons.

`LIF` has the equations of SpikingJelly's ``LIFNode`` and its surrogate gradient, so that the comparison needs no other
library; a test holds both against each other. Its default, ``decay_input=True`` with inputs of 0 and 1, does not fire
in the input layer: the membrane approaches the threshold 1 from below. `LIFNet` is therefore also there with
``decay_input=False``, as one would tune it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

STEEPNESS = 4.0
"""Of the sigmoid whose slope stands for that of a spike: SpikingJelly's default."""


class _Spike(torch.autograd.Function):
    """Step function with the slope of a sigmoid."""

    @staticmethod
    def forward(ctx, above):
        ctx.save_for_backward(above)
        return (above >= 0.0).to(above)

    @staticmethod
    def backward(ctx, slope):
        (above,) = ctx.saved_tensors
        s = torch.sigmoid(STEEPNESS * above)
        return slope * STEEPNESS * s * (1.0 - s)


class LIF(nn.Module):
    """Leaky integrate-and-fire neurons: threshold 1, hard reset to 0.

        v <- v + (x - v) / tau     (``decay_input``)
        v <- v - v / tau + x       (else)

    Parameters
    ----------
    tau : float [1]
        Time constant in steps.
    decay_input : bool
        Whether the input decays with the membrane.
    """

    def __init__(self, tau: float = 2.0, decay_input: bool = True) -> None:
        super().__init__()
        self.tau, self.decay_input = tau, decay_input

    def forward(self, inputs: Tensor) -> Tensor:
        """Fire through all steps, from rest.

        Parameters
        ----------
        inputs : torch.Tensor [1]
            (step, ...).

        Returns
        -------
        torch.Tensor
            Spikes, 0 or 1 (step, ...).
        """
        v, spikes = torch.zeros_like(inputs[0]), []
        for x in inputs.unbind(0):
            v = v + (x - v) / self.tau if self.decay_input else v - v / self.tau + x
            spike = _Spike.apply(v - 1.0)
            v = v * (1.0 - spike)
            spikes.append(spike)
        return torch.stack(spikes)


class LIFNet(nn.Module):
    """Pixels, LIF neurons, weights, LIF neurons, weights.

    Parameters
    ----------
    topology : tuple of int
        Pixels, hidden neurons, outputs.
    decay_input : bool
        See `LIF`.
    seed : int
        Of the weights.
    """

    def __init__(self, topology: tuple[int, int, int], *, decay_input: bool, seed: int = 0) -> None:
        super().__init__()
        pixels, hidden, outputs = topology
        self.pixels, self.neurons = LIF(decay_input=decay_input), LIF(decay_input=decay_input)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.weights, self.readout = nn.Linear(pixels, hidden), nn.Linear(hidden, outputs)

    def forward(self, frames: Tensor, last: bool = False) -> Tensor:
        """Answer at each step, from rest.

        Parameters
        ----------
        frames : torch.Tensor [1]
            (step, trial, pixel).
        last : bool
            Whether only the last answer is wanted.

        Returns
        -------
        torch.Tensor
            (step, trial, output); of one step if only the last is wanted.
        """
        spikes = self.neurons(self.weights(self.pixels(frames)))
        return self.readout(spikes[-1:] if last else spikes)


class RecurrentNet(nn.Module):
    """Pixels, a recurrent layer, weights.

    Forget gates of an LSTM begin open (bias 1, Jozefowicz, Zaremba, Sutskever, ICML 2015): else it is slow to learn
    to keep what came many steps before.

    Parameters
    ----------
    topology : tuple of int
        Pixels, hidden units, outputs.
    kind : str
        ``"lstm"`` or ``"rnn"`` (tanh).
    seed : int
        Of the weights.
    """

    def __init__(self, topology: tuple[int, int, int], *, kind: str, seed: int = 0) -> None:
        super().__init__()
        pixels, hidden, outputs = topology
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.memory = {"lstm": nn.LSTM, "rnn": nn.RNN}[kind](pixels, hidden)
            self.readout = nn.Linear(hidden, outputs)
        if kind == "lstm":
            with torch.no_grad():
                # gates: input, forget, cell, output; two biases that add up
                self.memory.bias_ih_l0[hidden : 2 * hidden] = 1.0
                self.memory.bias_hh_l0[hidden : 2 * hidden] = 0.0

    def forward(self, frames: Tensor, last: bool = False) -> Tensor:
        """Answer at each step, from rest.

        Parameters
        ----------
        frames : torch.Tensor [1]
            (step, trial, pixel).
        last : bool
            Whether only the last answer is wanted.

        Returns
        -------
        torch.Tensor
            (step, trial, output); of one step if only the last is wanted.
        """
        states = self.memory(frames)[0]
        return self.readout(states[-1:] if last else states)
