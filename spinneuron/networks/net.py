"""What concerns all neurons of a network at once: their memory, and the numbers that they draw."""

import torch
from torch import nn

from spinneuron import quantity
from spinneuron.networks.neurons import Neuron


def reset(net: nn.Module) -> None:
    """Reset all neurons of a network.

    Parameters
    ----------
    net : torch.nn.Module
    """
    for module in net.modules():
        if isinstance(module, Neuron):
            module.reset_memory()


def reseed(net: nn.Module, seed: int) -> None:
    """Give all neurons of a network one new generator, so that they draw independent numbers from one seed.

    Parameters
    ----------
    net : torch.nn.Module
    seed : int

    Raises
    ------
    InputError
        If the seed is no whole number from 0.
    """
    seed = quantity.integer("seed", seed, minimum=0)
    generators: dict[torch.device, torch.Generator] = {}
    for module in net.modules():
        if isinstance(module, Neuron):
            device = next((buffer.device for buffer in module.buffers()), torch.device("cpu"))
            generator = generators.setdefault(device, torch.Generator(device).manual_seed(seed))
            module.draw_from(generator)
