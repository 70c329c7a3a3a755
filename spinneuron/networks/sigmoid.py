"""The intrinsic-plasticity neuron as a PyTorch module: `surrogates.sigmoid_step` on tensors, and its spikes."""

from typing import Any, ClassVar

import torch
from torch import Tensor

from spinneuron.networks import variation
from spinneuron.networks.memory import State, shape_with
from spinneuron.networks.neurons import Neuron
from spinneuron.surrogates.sigmoid import Sigmoid
from spinneuron.surrogates.sigmoid_step import cooled, firing_probability, heat, step


class SigmoidNeuron(Neuron):
    """Stochastic neurons with a sigmoid that the heat of earlier pulses shifts.

    The output of a unit is the mean of n spikes, 0 or 1 each. 0 V is no pulse: no spike, no heat. A surrogate whose
    heat coefficients are 0 makes an insensitive junction, without memory and without buffers of heat.

    Attributes of it that may be set at any time: ``plastic`` (False: heat does not shift the midpoint), ``spiking``
    (False: the expectation, whatever ``n``), ``n``, ``sampler``.

    Buffers: ``p_max`` [1], ``k`` [1/V], ``x0`` [V], ``heat_v2`` [1/V], ``heat_v1`` [1], and with one entry per
    component of the heat on the first axis ``decay`` (per step) [1] and ``weights`` [1].

    Parameters
    ----------
    surrogate : Sigmoid
    plastic : bool
        Whether heat shifts the midpoint.
    **settings
        Of `Neuron`.

    Raises
    ------
    InputError
        As `Neuron`.
    """

    SURROGATE = Sigmoid
    LAWS: ClassVar[dict[str, str]] = {
        "p_max": "fraction",
        "k": "positive",
        "x0": "normal",
        "heat_v2": "normal",
        "heat_v1": "normal",
        "tau_thermal": "positive",
        "weights": "fixed",
    }

    p_max: Tensor
    k: Tensor
    x0: Tensor
    heat_v2: Tensor
    heat_v1: Tensor
    decay: Tensor
    weights: Tensor

    def __init__(self, surrogate: Sigmoid, *, plastic: bool = True, **settings: Any) -> None:
        super().__init__(surrogate, **settings)
        self.plastic = plastic
        self.sensitive = bool(surrogate.heat_v2 or surrogate.heat_v1)
        self.set_parameters(**{name: getattr(surrogate, name) for name in self.laws})

    @property
    def laws(self) -> dict[str, str]:
        """Parameters that can be set, see `Neuron`: an insensitive junction has none of heat."""
        return self.LAWS if self.sensitive else {name: self.LAWS[name] for name in ("p_max", "k", "x0")}

    @classmethod
    def surrogate_memory(cls, surrogate: Sigmoid) -> float:
        """Longest time constant of the heat: see `Neuron`."""
        return max(surrogate.tau_thermal) if surrogate.heat_v2 or surrogate.heat_v1 else 0.0

    @property
    def state_names(self) -> tuple[str, ...]:
        """Names of the parts of a state: the shift [V] of each component of the heat."""
        return tuple(f"shift_{j}" for j in range(len(self.decay))) if self.sensitive else ()

    @property
    def time_step(self) -> float:
        """Length of one step, that of the file [s]."""
        return self.surrogate.time_step

    def rest(self, voltage: Tensor) -> State:
        """Make the state without heat: see `Neuron`."""
        if not self.sensitive:
            shape_with(voltage, self.p_max, self.k, self.x0)
            return ()
        components = (self.decay[0], self.weights[0])
        shape = shape_with(voltage, self.p_max, self.k, self.x0, self.heat_v2, self.heat_v1, *components)
        return tuple(torch.zeros(shape, dtype=voltage.dtype, device=voltage.device) for _ in self.decay)

    def step(self, voltage: Tensor, state: State) -> tuple[Tensor, State]:
        """Advance by one step: see `Neuron`."""
        probability, state = self.expect(voltage, state)
        return self._read(probability), state

    def steps(self, voltages: Tensor, state: State) -> tuple[Tensor, State]:
        """Advance by many steps, all probabilities at once: see `Neuron`."""
        probabilities, state = self.expect_all(voltages, state)
        if self.n == 0 or not self.spiking:
            return probabilities, state
        return torch.stack([self._read(one) for one in probabilities.unbind(0)]), state

    def expect(self, voltage: Tensor, state: State) -> tuple[Tensor, State]:
        """Compute the probability of a spike in one step.

        Parameters
        ----------
        voltage : torch.Tensor [V]
            (N, ...).
        state : tuple
            Before the step.

        Returns
        -------
        tuple
            ``(probability, state)``.
        """
        if not (self.plastic and self.sensitive):
            return firing_probability(voltage, 0.0, self, torch), state
        return step(voltage, state, self, torch)

    def expect_all(self, voltages: Tensor, state: State) -> tuple[Tensor, State]:
        """Compute the probabilities of many steps: only the heat is stepped, since spikes do not act on it.

        Parameters
        ----------
        voltages : torch.Tensor [V]
            (T, N, ...).
        state : tuple
            Before the first step.

        Returns
        -------
        tuple
            ``(probabilities, state)``.
        """
        if not (self.plastic and self.sensitive):
            return firing_probability(voltages, 0.0, self, torch), state
        shifts: list[Any] = []
        for added in heat(voltages, self).unbind(0):
            shifts.append(sum(state[1:], start=state[0]))
            state = cooled(added, state, self)
        return firing_probability(voltages, torch.stack(shifts), self, torch), state

    def _put(self, name: str, value: Tensor) -> None:
        if name == "tau_thermal":
            name, value = "decay", variation.decay_of(value, self.time_step)
        super()._put(name, value)

    def extra_repr(self) -> str:
        """Describe it in one line."""
        return f"{super().extra_repr()}, plastic={self.plastic and self.sensitive}"
