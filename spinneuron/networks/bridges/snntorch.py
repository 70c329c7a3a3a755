"""A layer of neurons as a neuron of snnTorch (1.0)."""

from typing import Any

import torch
from snntorch import Leaky, SpikingNeuron
from torch import Tensor

from spinneuron.networks.memory import State
from spinneuron.networks.neurons import Neuron
from spinneuron.quantity import InputError


class LeakyNeuron(Leaky):
    """A layer of neurons with the memory ``mem``, as snnTorch has it.

    ``mem`` holds the parts of the neuron's state on a new first axis: (parts, N, ...). Inputs are volts.

    It is a ``Leaky`` by name only: ``snntorch.utils.reset`` of 1.0.0 knows the library's own classes alone, silently
    passes over others, and would leave our memory as it is. As there, it finds layers that are direct children of the
    network it is given. ``beta``, which this neuron has not, raises an error instead of letting snnTorch export it to
    NIR as a leaky neuron.

    Parameters
    ----------
    neuron : Neuron
        Its parameters and settings; its own memory is not used.
    init_hidden : bool
        Whether the layer keeps ``mem`` and returns the output alone; else ``layer(voltage, mem)`` gives
        ``(output, mem)``.
    output : bool
        With ``init_hidden``: whether ``mem`` is returned too.
    """

    def __init__(self, neuron: Neuron, init_hidden: bool = False, output: bool = False) -> None:
        # What Leaky itself would set up is the state and decay of another neuron.
        SpikingNeuron.__init__(
            self, init_hidden=init_hidden, output=output, reset_mechanism="none", surrogate_disable=True
        )
        self.neuron = neuron
        self._init_mem()

    @property
    def beta(self) -> Tensor:
        """Refuse what a leaky neuron would have."""
        raise InputError("beta: no leaky neuron of snnTorch; write NIR with `spinneuron export` or bridges.write_nir")

    def forward(self, voltage: Tensor, mem: Tensor | None = None) -> Any:
        """Advance by one step.

        Parameters
        ----------
        voltage : torch.Tensor [V]
            (N, ...).
        mem : torch.Tensor, optional
            Before the step, where the layer does not keep it; an empty one, of `reset_mem`, is at rest.

        Returns
        -------
        torch.Tensor or tuple
            The output; or ``(output, mem)``.

        Raises
        ------
        InputError
            If ``mem`` is given to a layer that keeps its own.
        """
        if mem is not None:
            if self.init_hidden:
                raise InputError("mem: this layer keeps its own (init_hidden=True); leave it out")
            self.mem = mem
        rest = self.neuron.rest(voltage)
        shape = (len(rest), *(rest[0].shape if rest else voltage.shape))
        # as Leaky does it: the memory of another batch shape is forgotten
        state: State = rest if self.mem.shape != shape else tuple(self.mem.unbind(0))
        spikes, after = self.neuron.step(voltage, state)
        self.mem = torch.stack(tuple(after)) if rest else voltage.new_zeros(shape)
        return spikes if self.init_hidden and not self.output else (spikes, self.mem)
