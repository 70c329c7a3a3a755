"""The Gaussian stochastic neuron as a PyTorch module: `surrogates.gaussian_step` on tensors, and noise drawn for it."""

import math
from typing import Any, ClassVar

import torch
from torch import Tensor

from spinneuron.networks.memory import State
from spinneuron.networks.neurons import Neuron
from spinneuron.surrogates.gaussian import Gaussian
from spinneuron.surrogates.gaussian_step import moments


class GaussianNeuron(Neuron):
    """Neurons whose output is a normal number, ``mean(V) + sigma(V) z``; the average of n of them for ``n`` > 1.

    There is no memory. The gradient is that of the drawn output, through mean and sigma alike. ``sampler`` does
    nothing: an average of normal numbers is one.

    Buffers: ``low`` [1], ``high`` [1], ``k`` [1/V], ``x0`` [V], ``sigma_read`` [1], ``sigma_switch`` [1].

    Parameters
    ----------
    surrogate : Gaussian
    **settings
        Of `Neuron`.

    Raises
    ------
    InputError
        As `Neuron`.
    """

    SURROGATE = Gaussian
    LAWS: ClassVar[dict[str, str]] = {
        "low": "normal",
        "high": "normal",
        "k": "positive",
        "x0": "normal",
        "sigma_read": "positive",
        "sigma_switch": "non-negative",
    }

    low: Tensor
    high: Tensor
    k: Tensor
    x0: Tensor
    sigma_read: Tensor
    sigma_switch: Tensor

    def __init__(self, surrogate: Gaussian, **settings: Any) -> None:
        super().__init__(surrogate, **settings)
        self.set_parameters(**{name: getattr(surrogate, name) for name in self.LAWS})

    def step(self, voltage: Tensor, state: State) -> tuple[Tensor, State]:
        """Draw the output of one step: see `Neuron`."""
        mean, sigma = moments(voltage, self, torch)
        if self.n == 0 or not self.spiking:
            return mean, state
        return mean + sigma / math.sqrt(self.n) * self._noise(mean.detach()), state

    def steps(self, voltages: Tensor, state: State) -> tuple[Tensor, State]:
        """Draw the outputs of many steps: see `Neuron`."""
        mean, sigma = moments(voltages, self, torch)
        if self.n == 0 or not self.spiking:
            return mean, state
        noise = torch.stack([self._noise(one) for one in mean.detach().unbind(0)])
        return mean + sigma / math.sqrt(self.n) * noise, state

    @torch.compiler.disable
    def _noise(self, like: Tensor) -> Tensor:
        dtype = like.dtype if like.dtype in (torch.float32, torch.float64) else torch.float32
        noise = torch.empty(like.shape, dtype=dtype, device=like.device)
        return noise.normal_(generator=self._generator_on(like.device)).to(like.dtype)
