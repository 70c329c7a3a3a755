"""The memory of a layer: a tuple of tensors of the shape of the voltage, and when it is gone."""

import math
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from spinneuron import quantity
from spinneuron.quantity import InputError

GONE = 0.01
"""A memory that falls below this share between two frames is told to be gone."""

State = tuple[Any, ...]
"""Memory of a layer: tensors of the shape of the voltage."""


def mapped(function: Callable[[Tensor], Tensor], state: State) -> State:
    """Apply a function to each tensor of a state, and keep its kind.

    Parameters
    ----------
    function : callable
    state : tuple

    Returns
    -------
    tuple
    """
    made = [function(one) for one in state]
    return type(state)(*made) if hasattr(state, "_fields") else tuple(made)


def shape_with(voltage: Tensor, *parameters: Tensor) -> tuple[int, ...]:
    """Find the shape of a state: that of voltage and parameters together.

    Parameters
    ----------
    voltage : torch.Tensor [V]
    *parameters : torch.Tensor

    Returns
    -------
    tuple of int

    Raises
    ------
    InputError
        If they do not broadcast.
    """
    try:
        return torch.broadcast_shapes(voltage.shape, *(parameter.shape for parameter in parameters))
    except RuntimeError:
        shapes = sorted({tuple(parameter.shape) for parameter in parameters if parameter.shape})
        raise InputError(
            f"voltage has the shape {tuple(voltage.shape)}: does not broadcast with parameters of {shapes}"
        ) from None


def warn_if_gone(frame_interval: float, tau: float) -> None:
    """Warn in one line where nothing is left of a memory between two frames.

    Parameters
    ----------
    frame_interval : float [s]
        Time between frames.
    tau : float [s]
        Longest time constant of the memory; 0 without one.
    """
    if tau > 0.0 and (left := math.exp(-frame_interval / tau)) < GONE:
        frame, constant = (quantity.format(time, "s", 4) for time in (frame_interval, tau))
        warnings.warn(
            f"frame_interval = {frame}: the memory is gone, exp(-{frame} / {constant}) = {left:.2g} is left of it; "
            "frames must be replayed at the time step of the neuron",
            stacklevel=4,
        )
