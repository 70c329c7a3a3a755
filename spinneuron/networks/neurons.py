"""What all neurons have in common as PyTorch modules: parameters as buffers, a memory, samples, and device variation.

A module steps the surrogate of a neuron file with the surrogate's own equations (`surrogates.sigmoid_step`,
`surrogates.lif_step`); only the arrays are PyTorch's. Inputs are volts, one step is the time step of the file.
Parameters are buffers in SI units under the names of the neuron file. They broadcast against the voltage from its last
axis, so that a tensor of the shape of a layer gives each unit its own device. The memory is no part of ``state_dict``;
it moves and is copied with the module.
"""

import os
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn

from spinneuron import neuron_file, quantity
from spinneuron.networks import variation
from spinneuron.networks.memory import State, mapped, warn_if_gone
from spinneuron.networks.sampling import sampler_named, straight_through
from spinneuron.quantity import InputError, nearest


class Neuron(nn.Module):
    """A layer of neurons with the parameters of one neuron file.

    ``forward`` takes one step and ``sequence`` many; both go on from the memory, which `reset_memory` clears. ``step``
    and ``steps`` are the same without memory of their own: state in, state out.

    Parameters
    ----------
    surrogate : object
        Of the class that the module steps.
    n : int
        Monte-Carlo samples per unit and step, averaged: reads of one device, or devices that are alike. 0 gives the
        exact expectation.
    sampler : str
        One of `sampling.SAMPLERS`.
    spiking : bool
        False gives the expectation, whatever ``n``.
    seed : int
        Of the generator, where none is given. Layers of one network must not draw the same numbers: give them one
        generator, or different seeds, or call `reseed`.
    generator : torch.Generator, optional
        Where the samples come from.
    frame_interval : float, optional [s]
        Time between the frames that one feeds. The neuron keeps its own time step; one line warns where its memory
        would be gone between such frames, so that they must be replayed faster.
    dtype : torch.dtype, optional
        Of the parameters; PyTorch's default where it is not given.

    Raises
    ------
    InputError
        If the surrogate is of another model, or a setting out of range.
    """

    SURROGATE: ClassVar[Any]
    """Class of the surrogate."""
    LAWS: ClassVar[Mapping[str, str]]
    """Parameter -> the law of its variation between devices, one of `variation.LAWS`."""

    def __init__(
        self,
        surrogate: Any,
        *,
        n: int = 1,
        sampler: str = "bernoulli",
        spiking: bool = True,
        seed: int = 0,
        generator: torch.Generator | None = None,
        frame_interval: float | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        if not isinstance(surrogate, self.SURROGATE):
            given = getattr(surrogate, "MODEL", type(surrogate).__name__)
            wanted = self.SURROGATE.MODEL
            raise InputError(f"{type(self).__name__}: is made of a {wanted} neuron, not of a {given} one")
        sampler_named(sampler)
        self.surrogate: Any = surrogate
        self.n = quantity.integer("n", n, minimum=0)
        self.sampler = sampler
        self.spiking = spiking
        self.seed = quantity.integer("seed", seed, minimum=0)
        self.generator = generator
        self.memory: State | None = None
        self._own_generator = generator is None
        self._dtype = dtype or torch.get_default_dtype()
        if frame_interval is not None:
            warn_if_gone(quantity.positive("frame_interval", frame_interval, "s"), self.surrogate_memory(surrogate))

    @classmethod
    def load(cls, path: str | os.PathLike, **settings: Any) -> Self:
        """Make a layer of a neuron file.

        Parameters
        ----------
        path : str or path
            Of the file, or one of `neuron_file.presets`.
        **settings
            Of the class.

        Returns
        -------
        Neuron

        Raises
        ------
        InputError
            As `neuron_file.load`; and if the file is of another model.
        """
        surrogate = neuron_file.load(path)
        if not isinstance(surrogate, cls.SURROGATE):
            wanted = cls.SURROGATE.MODEL
            raise InputError(f"{path}: is a {surrogate.MODEL} neuron; {cls.__name__} needs a {wanted} one")
        return cls(surrogate, **settings)

    @property
    def laws(self) -> Mapping[str, str]:
        """Parameters that can be set -> the law of their variation between devices, one of `variation.LAWS`."""
        return self.LAWS

    @property
    def state_names(self) -> tuple[str, ...]:
        """Names of the parts of a state."""
        return ()

    def step(self, voltage: Tensor, state: State) -> tuple[Tensor, State]:
        """Advance by one step.

        Parameters
        ----------
        voltage : torch.Tensor [V]
            (N, ...).
        state : tuple
            Before the step; `rest` to begin with.

        Returns
        -------
        tuple
            ``(output, state)``.
        """
        raise NotImplementedError

    def steps(self, voltages: Tensor, state: State) -> tuple[Tensor, State]:
        """Advance by many steps: the outputs are those of single steps, to the last bit on a CPU.

        Parameters
        ----------
        voltages : torch.Tensor [V]
            (T, N, ...).
        state : tuple
            Before the first step.

        Returns
        -------
        tuple
            ``(outputs, state)``: (T, N, ...), and the state after the last step.
        """
        outputs = []
        for voltage in voltages.unbind(0):
            output, state = self.step(voltage, state)
            outputs.append(output)
        return torch.stack(outputs), state

    def rest(self, voltage: Tensor) -> State:
        """Make the state without any past.

        Parameters
        ----------
        voltage : torch.Tensor [V]
            Of one step, for shape, type and device.

        Returns
        -------
        tuple
        """
        return ()

    def forward(self, voltage: Tensor) -> Tensor:
        """Advance by one step, from the memory.

        Parameters
        ----------
        voltage : torch.Tensor [V]
            (N, ...).

        Returns
        -------
        torch.Tensor

        Raises
        ------
        InputError
            If the memory is that of a batch of another shape.
        """
        output, self.memory = self.step(voltage, self._past(voltage))
        return output

    def sequence(self, voltages: Tensor) -> Tensor:
        """Advance by many steps, from the memory.

        Parameters
        ----------
        voltages : torch.Tensor [V]
            (T, N, ...).

        Returns
        -------
        torch.Tensor
            (T, N, ...).

        Raises
        ------
        InputError
            If the memory is that of a batch of another shape.
        """
        outputs, self.memory = self.steps(voltages, self._past(voltages[0]))
        return outputs

    def reset_memory(self) -> None:
        """Forget the past."""
        self.memory = None

    def detach_memory(self) -> None:
        """Cut the memory off from the graph, for truncated backpropagation through time."""
        if self.memory is not None:
            self.memory = mapped(torch.Tensor.detach, self.memory)

    def draw_from(self, generator: torch.Generator) -> None:
        """Take all further samples from a generator.

        Parameters
        ----------
        generator : torch.Generator
            On the device of the voltages.
        """
        self.generator, self._own_generator = generator, False

    def set_parameters(self, **values: float | Tensor) -> Self:
        """Give parameters other values: numbers, or tensors that broadcast against the voltage.

        Parameters
        ----------
        **values : float or torch.Tensor [unit in the neuron file]
            By name; lists of several (``tau_thermal``, ``weights``) have them on the first
            axis.

        Returns
        -------
        Neuron
            This one.

        Raises
        ------
        InputError
            If a parameter is unknown, or a value out of range.
        """
        for name, value in values.items():
            if name not in self.laws:
                raise InputError(f"{name}: unknown, {nearest(name, self.laws)}allowed: {', '.join(self.laws)}")
            given = torch.as_tensor(value, dtype=torch.float64)
            variation.check(name, given, self.laws[name])
            self._put(name, given)
        return self

    def spread(
        self,
        shape: tuple[int, ...],
        relative: Mapping[str, float] | str,
        seed: int = 0,
        generator: torch.Generator | None = None,
    ) -> Self:
        """Draw parameters of each device about those of the neuron file.

        Parameters
        ----------
        shape : tuple of int
            Of the layer, without batch; such as (225,) or (2, 34, 34).
        relative : dict or str
            Parameter -> standard deviation over the value in the file [1]; or ``"uncertainties"``, for the standard
            errors in the file. Other parameters stay as they are.
        seed : int
            Of the draw, where no generator is given.
        generator : torch.Generator, optional
            On the CPU; it is not that of the samples.

        Returns
        -------
        Neuron
            This one.

        Raises
        ------
        InputError
            If a parameter is unknown or does not vary, or a deviation is negative.
        """
        if generator is None:
            generator = torch.Generator().manual_seed(quantity.integer("seed", seed, minimum=0))
        deviations = variation.deviations(self.surrogate, relative, self.laws)
        for name, deviation in deviations.items():
            value = torch.tensor(getattr(self.surrogate, name), dtype=torch.float64)
            self._put(name, variation.draw(value, deviation, self.laws[name], shape, generator))
        return self

    def extra_repr(self) -> str:
        """Describe it in one line."""
        return f"{self.surrogate.MODEL}, n={self.n}, sampler={self.sampler!r}, spiking={self.spiking}"

    def _put(self, name: str, value: Tensor) -> None:
        """Set one parameter, which is given in float64, as a buffer of this name."""
        now = self._buffers.get(name)
        self.register_buffer(name, value.to(self._dtype) if now is None else value.to(now))

    def _past(self, voltage: Tensor) -> State:
        """State before the next step: the memory, or rest."""
        rest = self.rest(voltage)
        if self.memory is None:
            return rest
        for old, new in zip(self.memory, rest, strict=True):
            if old.shape != new.shape:
                raise InputError(
                    f"voltage has the shape {tuple(voltage.shape)}, the memory {tuple(old.shape)}: reset_memory() first"
                )
        return self.memory

    def _read(self, expectation: Tensor) -> Tensor:
        """Average n samples of one step, with the gradient of their expectation."""
        if self.n == 0 or not self.spiking:
            return expectation
        return straight_through(expectation, self._drawn(expectation.detach()))

    @torch.compiler.disable
    def _drawn(self, expectation: Tensor) -> Tensor:
        # Generators cannot be traced: here a compiled graph ends, and another one begins.
        return sampler_named(self.sampler)(expectation, self.n, self._generator_on(expectation.device))

    def _generator_on(self, device: torch.device) -> torch.Generator:
        now = self.generator
        if now is None or (self._own_generator and now.device.type != device.type):
            self.generator = now = torch.Generator(device).manual_seed(self.seed)
        elif now.device.type != device.type:
            raise InputError(f"generator is on {now.device}, the voltage on {device}: give torch.Generator('{device}')")
        return now

    @classmethod
    def surrogate_memory(cls, surrogate: Any) -> float:
        """Longest time constant of a surrogate.

        Parameters
        ----------
        surrogate : object

        Returns
        -------
        float
            [s]; 0 without memory.
        """
        return 0.0

    def _apply(self, fn: Any, recurse: bool = True) -> Self:
        super()._apply(fn, recurse)
        if self.memory is not None:
            self.memory = mapped(fn, self.memory)
        return self

    def __getstate__(self) -> dict[str, Any]:
        # Tensors inside of a graph can be neither copied nor pickled.
        state = self.__dict__.copy()
        if self.memory is not None:
            state["memory"] = mapped(torch.Tensor.detach, self.memory)
        return state
