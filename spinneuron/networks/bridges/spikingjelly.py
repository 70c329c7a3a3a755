"""A layer of neurons as a ``MemoryModule`` of SpikingJelly (2.0)."""

import torch
from spikingjelly.activation_based import base
from torch import Tensor

from spinneuron.networks.neurons import Neuron


class MemoryNeuron(base.MemoryModule):
    """A layer of neurons that SpikingJelly resets, detaches, and steps in its modes ``"s"`` and ``"m"``.

    The memory is SpikingJelly's: one ``register_memory`` for each of the neuron's ``state_names``. In mode ``"m"``
    the input is (T, N, ...), and outputs are those of single steps to the last bit on a CPU. Inputs are volts.

    Parameters
    ----------
    neuron : Neuron
        Its parameters and settings; its own memory is not used.
    step_mode : str
        ``"s"`` or ``"m"``.
    """

    def __init__(self, neuron: Neuron, step_mode: str = "s") -> None:
        super().__init__()
        self.neuron = neuron
        self.step_mode = step_mode
        for name in neuron.state_names:
            self.register_memory(name, 0.0)

    def materialize_states(self, inputs: tuple, states: tuple, step_mode: str) -> tuple:
        """Make tensors of numbers that a reset left: see `MemoryModule`."""
        if all(isinstance(state, Tensor) for state in states):
            return states
        rest = self.neuron.rest(inputs[0] if step_mode == "s" else inputs[0][0])
        given = zip(states, rest, strict=True)
        return tuple(state if isinstance(state, Tensor) else torch.full_like(zero, state) for state, zero in given)

    def single_step_functional_forward(self, inputs: tuple, states: tuple, **kwargs: object) -> tuple:
        """Advance by one step: see `MemoryModule`."""
        output, after = self.neuron.step(inputs[0], states)
        return (output,), tuple(after)

    def multi_step_functional_forward(self, inputs: tuple, states: tuple, **kwargs: object) -> tuple:
        """Advance by many steps: see `MemoryModule`."""
        outputs, after = self.neuron.steps(inputs[0], states)
        return (outputs,), tuple(after)
