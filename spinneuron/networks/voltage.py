"""From activations to volts: a layer of a network knows numbers, a neuron knows volts and where it was calibrated."""

from typing import Any

import torch
from torch import Tensor, nn

from spinneuron import quantity
from spinneuron.quantity import InputError
from spinneuron.surrogates.sigmoid import Sigmoid

POLICIES = ("refuse", "clip")
"""What to do with volts outside of the window."""


def window_of(surrogate: Any) -> tuple[float, float] | None:
    """Find the range of voltages in which all of a neuron was calibrated.

    Parameters
    ----------
    surrogate : object
        Of a class in `surrogates.SURROGATES`; a plastic sigmoid needs both its ``voltage`` (of the read) and its
        ``amplitude`` (of the heat).

    Returns
    -------
    tuple of float or None
        Low and high end [V]; None for a neuron that tells none.

    Raises
    ------
    InputError
        If read and heat were calibrated in ranges that have nothing in common.
    """
    names = ["voltage"]
    if isinstance(surrogate, Sigmoid) and (surrogate.heat_v2 or surrogate.heat_v1):
        names.append("amplitude")
    ranges = [surrogate.valid[name] for name in names if name in surrogate.valid]
    if not ranges:
        return None
    low, high = max(low for low, _ in ranges), min(high for _, high in ranges)
    if low > high:
        raise InputError(f"valid: voltage and amplitude have nothing in common, {ranges}; give a window")
    return low, high


class VoltageMap(nn.Module):
    """Turn activations into volts, ``V = offset + scale x``, and hold them against a window.

    Exactly 0 V is no pulse, and always allowed.

    Parameters
    ----------
    scale : float [V]
        Volts per unit of activation.
    offset : float [V]
        Volts at an activation of 0.
    window : tuple of float, optional [V]
        Low and high end; by default there is none. `VoltageMap.of` takes that of a neuron.
    policy : str
        ``"refuse"``: volts outside of the window raise `InputError`. ``"clip"``: they are set to its nearest end,
        with no gradient. A refusal looks at the numbers: it waits for a GPU, and breaks the graph of ``torch.compile``.
    silent_zero : bool
        Whether an activation of exactly 0 is no pulse (0 V) rather than ``offset``.

    Raises
    ------
    InputError
        If a number is not finite, or the policy unknown.
    """

    def __init__(
        self,
        scale: float = 1.0,
        offset: float = 0.0,
        window: tuple[float, float] | None = None,
        policy: str = "refuse",
        silent_zero: bool = False,
    ) -> None:
        super().__init__()
        if policy not in POLICIES:
            raise InputError(f"policy = {policy!r}: unknown, allowed: {', '.join(POLICIES)}")
        self.scale = quantity.finite("scale", scale, "V")
        self.offset = quantity.finite("offset", offset, "V")
        if window is not None:
            low, high = (quantity.finite("window", end, "V") for end in window)
            if low >= high:
                raise InputError(f"window = {low:g}, {high:g}: the low end must lie below the high end")
            window = (low, high)
        self.window = window
        self.policy = policy
        self.silent_zero = silent_zero

    @classmethod
    def of(cls, neuron: Any, scale: float = 1.0, offset: float = 0.0, **settings: Any) -> "VoltageMap":
        """Make the map of a neuron, with the window of its file.

        Parameters
        ----------
        neuron : surrogate or module
            With ``valid``, or with a ``surrogate``.
        scale : float [V]
            Volts per unit of activation.
        offset : float [V]
            Volts at an activation of 0.
        **settings
            ``policy`` and ``silent_zero``.

        Returns
        -------
        VoltageMap

        Raises
        ------
        InputError
            If the neuron tells no window.
        """
        surrogate = getattr(neuron, "surrogate", neuron)
        window = window_of(surrogate)
        if window is None:
            raise InputError(f"valid: this {surrogate.MODEL} neuron tells no voltages; give VoltageMap(window=...)")
        return cls(scale, offset, window, **settings)

    def forward(self, activation: Tensor) -> Tensor:
        """Turn activations into volts.

        Parameters
        ----------
        activation : torch.Tensor [1]

        Returns
        -------
        torch.Tensor
            [V], of the same shape.

        Raises
        ------
        InputError
            If volts lie outside of the window, or are not finite, and the policy is to refuse.
        """
        voltage = self.offset + self.scale * activation
        silent = activation == 0.0 if self.silent_zero else voltage == 0.0
        if self.window is not None:
            if self.policy == "clip":
                voltage = torch.clamp(voltage, *self.window)
            else:
                self._refuse(voltage.detach()[~silent])
        return torch.where(silent, torch.zeros_like(voltage), voltage)

    def _refuse(self, voltage: Tensor) -> None:
        assert self.window is not None
        low, high = self.window
        # a number that was rounded to the edge is not beyond it
        edge = 4.0 * torch.finfo(voltage.dtype).eps * max(abs(low), abs(high))
        wrong = voltage[~((voltage >= low - edge) & (voltage <= high + edge))]
        if wrong.numel():
            value = quantity.format(wrong[0].item(), "V", 4)
            ends = " to ".join(quantity.format(end, "V", 4) for end in self.window)
            raise InputError(
                f"voltage = {value}: outside of the calibrated window {ends}; rescale, set policy='clip', or give a "
                "wider window, where the neuron extrapolates"
            )

    def extra_repr(self) -> str:
        """Describe it in one line."""
        return f"{self.offset:g} V + {self.scale:g} V x, window={self.window}, policy={self.policy!r}"
