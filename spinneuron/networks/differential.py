"""Two junctions that see the same pulse, as in fig. S8 of the paper: one that heat moves, and one that it does not."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from spinneuron import quantity
from spinneuron.networks.memory import State
from spinneuron.networks.neurons import Neuron
from spinneuron.networks.sigmoid import SigmoidNeuron
from spinneuron.quantity import InputError
from spinneuron.surrogates.sigmoid import Sigmoid


class DifferentialPair(Neuron):
    """A sensitive and a reference junction with two outputs: Spike_ref, and Spike_the - Spike_ref.

    The first tells what is there, the second what was there before. They stand one after the other on the channel
    axis: (N, C, ...) becomes (N, 2 C, ...). Both junctions are read by the same pulse; 0 V is no pulse, hence no spike
    of either. The probability is that of the heat found, then the pulse adds its own.

    Heat depends on the voltages alone, so that `sequence` takes all steps at once. The two junctions are the modules
    ``sensitive`` and ``reference``: their parameters are set there.

    Parameters
    ----------
    surrogate : Sigmoid
        The sensitive junction.
    reference : Sigmoid, optional
        The other one; by default the same without heat.
    plastic : bool
        Whether heat shifts midpoints.
    channel_axis : int
        Of one step, where the outputs are put; (N, C, ...) has it at 1.
    fixed_reference : bool
        Whether P_ref stands for Spike_ref: a reference that was read so often, or that so many share, that it is known.
        Its own reads would add their noise to that of the sensitive junction: ``(P_the Q_the + P_ref Q_ref) / n``.
    **settings
        Of `Neuron`.

    Raises
    ------
    InputError
        As `Neuron`; and if both junctions do not have the same time step.
    """

    SURROGATE = Sigmoid
    LAWS: ClassVar[dict[str, str]] = {}

    def __init__(
        self,
        surrogate: Sigmoid,
        reference: Sigmoid | None = None,
        *,
        plastic: bool = True,
        channel_axis: int = 1,
        fixed_reference: bool = False,
        **settings: Any,
    ) -> None:
        super().__init__(surrogate, **settings)
        if reference is None:
            reference = replace(surrogate, heat_v2=0.0, heat_v1=0.0)
        dtype = settings.get("dtype")
        self.sensitive = SigmoidNeuron(surrogate, n=0, plastic=plastic, dtype=dtype)
        self.reference = SigmoidNeuron(reference, n=0, plastic=plastic, dtype=dtype)
        if reference.time_step != surrogate.time_step:
            raise InputError(
                f"reference: its time step {reference.time_step:g} s is not {surrogate.time_step:g} s, that of the "
                "sensitive junction"
            )
        self.channel_axis = channel_axis
        self.fixed_reference = fixed_reference

    @classmethod
    def load(cls, path: str | os.PathLike, reference: str | os.PathLike | None = None, **settings: Any) -> Self:
        """Make a layer of the neuron file of the sensitive junction, and of that of the reference where there is one.

        Parameters
        ----------
        path : str or path
            Of the file, or one of `neuron_file.presets`.
        reference : str or path, optional
            The same, of the reference.
        **settings
            Of the class.

        Returns
        -------
        DifferentialPair

        Raises
        ------
        InputError
            As `Neuron.load`.
        """
        other = None if reference is None else SigmoidNeuron.load(reference).surrogate
        return super().load(path, reference=other, **settings)

    @classmethod
    def surrogate_memory(cls, surrogate: Sigmoid) -> float:
        """Longest time constant of the heat: see `Neuron`."""
        return SigmoidNeuron.surrogate_memory(surrogate)

    @property
    def state_names(self) -> tuple[str, ...]:
        """Names of the parts of a state: of the sensitive junction, then of the reference."""
        return (*self.sensitive.state_names, *(f"reference_{name}" for name in self.reference.state_names))

    @property
    def time_step(self) -> float:
        """Length of one step, that of the files [s]."""
        return self.surrogate.time_step

    @property
    def plastic(self) -> bool:
        """Whether heat shifts midpoints."""
        return self.sensitive.plastic

    @plastic.setter
    def plastic(self, plastic: bool) -> None:
        """Set it for both junctions: see `SigmoidNeuron`."""
        self.sensitive.plastic = self.reference.plastic = plastic

    def spread(
        self,
        shape: tuple[int, ...],
        relative: Mapping[str, float] | str,
        seed: int = 0,
        generator: torch.Generator | None = None,
    ) -> Self:
        """Draw the parameters of both junctions of each pair, independently: see `Neuron.spread`.

        Parameters
        ----------
        shape : tuple of int
            Of the layer, without batch.
        relative : dict or str
            As there; heat concerns the sensitive junction only where the reference has none.
        seed : int
            Of the draw, where no generator is given.
        generator : torch.Generator, optional
            On the CPU.

        Returns
        -------
        DifferentialPair
            This one.

        Raises
        ------
        InputError
            As there.
        """
        if generator is None:
            generator = torch.Generator().manual_seed(quantity.integer("seed", seed, minimum=0))
        self.sensitive.spread(shape, relative, generator=generator)
        laws = self.reference.laws
        known = relative if isinstance(relative, str) else {n: sd for n, sd in relative.items() if n in laws}
        self.reference.spread(shape, known, generator=generator)
        return self

    def rest(self, voltage: Tensor) -> State:
        """Make the state without heat, first of the sensitive junction, then of the reference: see `Neuron`."""
        return (*self.sensitive.rest(voltage), *self.reference.rest(voltage))

    def step(self, voltage: Tensor, state: State) -> tuple[Tensor, State]:
        """Advance by one step: see `Neuron`."""
        expectation, state = self._expect(SigmoidNeuron.expect, voltage, state)
        return self._outputs(self._read_pair(expectation), self.channel_axis), state

    def steps(self, voltages: Tensor, state: State) -> tuple[Tensor, State]:
        """Advance by many steps, all probabilities at once: see `Neuron`."""
        expectation, state = self._expect(SigmoidNeuron.expect_all, voltages, state)
        if self.n > 0 and self.spiking:
            expectation = torch.stack([self._read_pair(one) for one in expectation.unbind(1)], dim=1)
        axis = self.channel_axis
        return self._outputs(expectation, axis + 1 if axis >= 0 else axis), state

    def _expect(self, expect: Callable, voltage: Tensor, state: State) -> tuple[Tensor, State]:
        """Compute the probabilities of reference and sensitive junction, on a new first axis."""
        count = len(self.sensitive.state_names)
        the, after = expect(self.sensitive, voltage, state[:count])
        ref, reference_after = expect(self.reference, voltage, state[count:])
        return torch.stack(torch.broadcast_tensors(ref, the)), (*after, *reference_after)

    def _read_pair(self, expectation: Tensor) -> Tensor:
        """Samples of one step of both junctions, or of the sensitive one alone."""
        if not self.fixed_reference:
            return self._read(expectation)
        ref, the = expectation.unbind(0)
        return torch.stack((ref, self._read(the)))

    def _outputs(self, spikes: Tensor, axis: int) -> Tensor:
        ref, the = spikes.unbind(0)
        if not -ref.dim() <= axis < ref.dim():
            raise InputError(f"channel_axis = {self.channel_axis}: the voltage of one step has {ref.dim()} axes")
        return torch.cat((ref, the - ref), dim=axis)
