"""The signed leaky integrate-and-fire neuron as a PyTorch module: `surrogates.lif_step` on tensors."""

import math
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from spinneuron import quantity
from spinneuron.networks.memory import State as AnyState
from spinneuron.networks.memory import shape_with
from spinneuron.networks.neurons import Neuron
from spinneuron.networks.sampling import straight_through
from spinneuron.quantity import InputError
from spinneuron.surrogates import lif_step
from spinneuron.surrogates.lif_step import State
from spinneuron.surrogates.signed_lif import SignedLIF


class SignedLIFNeuron(Neuron):
    """Neurons with a membrane potential of either sign and spikes of +1, 0 and -1.

    The input is the voltage ``I R`` that is held during a step; the step is exact, and both thresholds are compared at
    its end. The neuron is deterministic: ``n``, ``sampler`` and ``generator`` do nothing. ``spiking`` = False gives the
    membrane potential itself, without thresholds and resets.

    A spike has no derivative; backpropagation uses that of

        s(u) = (atan(a (u - threshold)) + atan(a (u + threshold))) / pi,   a = pi sharpness / (2 threshold)

    the mean spike under Cauchy noise, which is steepest at both thresholds.

    Buffers: ``tau_membrane`` [s], ``gain`` [1/V], ``leak`` [1], ``threshold`` [1], ``reset_to`` [1] (None: the
    threshold is subtracted). ``refractory`` [s] is a number.

    Parameters
    ----------
    surrogate : SignedLIF
    time_step : float, optional [s]
        Length of a step; by default the longest of the samples that the file was calibrated with.
    sharpness : float [1]
        Of the gradient.
    **settings
        Of `Neuron`.

    Raises
    ------
    InputError
        As `Neuron`; and if there is no time step.
    """

    SURROGATE = SignedLIF
    LAWS: ClassVar[dict[str, str]] = {
        "tau_membrane": "positive",
        "gain": "normal",
        "leak": "positive",
        "threshold": "positive",
    }

    tau_membrane: Tensor
    gain: Tensor
    leak: Tensor
    threshold: Tensor
    reset_to: Tensor | None

    def __init__(
        self, surrogate: SignedLIF, *, time_step: float | None = None, sharpness: float = 2.0, **settings: Any
    ) -> None:
        super().__init__(surrogate, **settings)
        if time_step is None:
            if "time_step" not in surrogate.valid:
                raise InputError("time_step: the neuron file tells none; give the length of a step in s")
            time_step = surrogate.valid["time_step"][1]
        self.time_step = quantity.positive("time_step", time_step, "s")
        self.sharpness = quantity.positive("sharpness", sharpness)
        self.refractory = surrogate.refractory
        self.set_parameters(**{name: getattr(surrogate, name) for name in self.LAWS})
        reset = None if surrogate.reset is None else torch.tensor(surrogate.reset, dtype=self._dtype)
        self.register_buffer("reset_to", reset)

    @classmethod
    def surrogate_memory(cls, surrogate: SignedLIF) -> float:
        """Time constant of the leak: see `Neuron`."""
        return surrogate.tau_membrane / surrogate.leak

    @property
    def state_names(self) -> tuple[str, ...]:
        """Names of the parts of a state: membrane potential [1], time that is still refractory [s]."""
        return State._fields

    def rest(self, voltage: Tensor) -> State:
        """Make the state at rest: see `Neuron`."""
        shape = shape_with(voltage, self.tau_membrane, self.gain, self.leak, self.threshold)
        return State(*(torch.zeros(shape, dtype=voltage.dtype, device=voltage.device) for _ in range(2)))

    def step(self, voltage: Tensor, state: AnyState) -> tuple[Tensor, State]:
        """Advance by one step: see `Neuron`."""
        parameters = _Parameters(
            self.tau_membrane, self.gain, self.leak, self.threshold, self.reset_to, self.refractory
        )
        if self.spiking:
            return lif_step.step(voltage, State(*state), parameters, self.time_step, torch, self._fire)
        _, after = lif_step.step(voltage, State(*state), parameters, self.time_step, torch, _silent)
        return after.u, after

    def _fire(self, u: Tensor, threshold: Tensor, xp: Any) -> Tensor:
        """Compare with both thresholds, and give the spike the gradient of s(u)."""
        spike = lif_step.fire(u, threshold, xp)
        if not u.requires_grad and not threshold.requires_grad:
            return spike
        sharp = 0.5 * math.pi * self.sharpness / threshold
        smooth = (torch.atan(sharp * (u - threshold)) + torch.atan(sharp * (u + threshold))) / math.pi
        return straight_through(smooth, spike.detach())

    def extra_repr(self) -> str:
        """Describe it in one line."""
        return f"{self.surrogate.MODEL}, time_step={quantity.format(self.time_step, 's')}, spiking={self.spiking}"


class _Parameters(NamedTuple):
    """What `lif_step.step` reads; the module's own ``reset`` is a method."""

    tau_membrane: Tensor
    gain: Tensor
    leak: Tensor
    threshold: Tensor
    reset: Tensor | None
    refractory: float


def _silent(u: Tensor, threshold: Tensor, xp: Any) -> Tensor:
    return xp.zeros_like(u)
