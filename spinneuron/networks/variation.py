"""Variation between devices: parameters of each unit, drawn about those of the neuron file."""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from spinneuron import quantity
from spinneuron.quantity import InputError, nearest

LAWS = ("normal", "positive", "non-negative", "fraction", "fixed")
"""``normal``; ``positive``, ``non-negative``: log-normal with the mean of the file; ``fraction``: the same, cut at 1;
``fixed``: none."""


def check(name: str, value: Tensor, law: str) -> None:
    """Check values of a parameter.

    Parameters
    ----------
    name : str
    value : torch.Tensor
    law : str
        One of `LAWS`.

    Raises
    ------
    InputError
        If one is not finite, or not allowed by the law.
    """
    wrong = ~torch.isfinite(value)
    remedy = "a finite number is needed"
    if not wrong.any():
        wrong, remedy = {
            "positive": (value <= 0.0, "must be positive"),
            "non-negative": (value < 0.0, "must not be negative"),
            "fraction": ((value <= 0.0) | (value > 1.0), "must lie above 0 and not above 1"),
        }.get(law, (wrong, remedy))
    if wrong.any():
        raise InputError(f"{name} = {value[wrong].flatten()[0].item():g}: {remedy}")


def deviations(surrogate: Any, relative: Mapping[str, float] | str, laws: Mapping[str, str]) -> dict[str, Tensor]:
    """Collect standard deviations.

    Parameters
    ----------
    surrogate : object
    relative : dict or str
        Parameter -> standard deviation over the value; or ``"uncertainties"``.
    laws : dict
        Parameter -> one of `LAWS`.

    Returns
    -------
    dict
        Parameter -> standard deviation, in its own unit.

    Raises
    ------
    InputError
        If a parameter is unknown or does not vary, or a number is negative.
    """
    varying = [name for name, law in laws.items() if law != "fixed"]
    if isinstance(relative, str):
        if relative != "uncertainties":
            raise InputError(f'relative = {relative!r}: give "uncertainties", or a deviation for each parameter')
        found = {name: surrogate.uncertainties[name] for name in varying if name in surrogate.uncertainties}
        if not found:
            raise InputError("relative = 'uncertainties': the neuron has none; give a deviation for each parameter")
        return {name: torch.tensor(error, dtype=torch.float64) for name, error in found.items()}
    made = {}
    for name, share in relative.items():
        if name not in varying:
            known = "does not vary" if name in laws else "unknown"
            raise InputError(f"spread of {name}: {known}, {nearest(name, varying)}allowed: {', '.join(varying)}")
        share = quantity.non_negative(f"spread of {name}", share)
        made[name] = share * torch.tensor(getattr(surrogate, name), dtype=torch.float64).abs()
    return made


def draw(value: Tensor, deviation: Tensor, law: str, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Draw a parameter of each unit.

    A log-normal number with mean m and standard deviation s is ``m exp(w z - w^2 / 2)``, ``w^2 = log(1 + (s/m)^2)``.

    Parameters
    ----------
    value, deviation : torch.Tensor
        Mean and standard deviation; for a list of values, each (values,).
    law : str
        One of `LAWS`.
    shape : tuple of int
        Of the units.
    generator : torch.Generator

    Returns
    -------
    torch.Tensor
        (..., units) in float64: one more axis in front for a list of values.
    """
    noise = torch.randn((*value.shape, *shape), generator=generator, dtype=torch.float64)
    mean, sd = (one.reshape(one.shape + (1,) * len(shape)) for one in (value, deviation))
    if law == "normal":
        return mean + sd * noise
    ratio = torch.where(mean == 0.0, 0.0, sd / mean)
    width = torch.sqrt(torch.log1p(ratio * ratio))
    drawn = mean * torch.exp(width * noise - 0.5 * width * width)
    return drawn.clamp(max=1.0) if law == "fraction" else drawn


def decay_of(tau: Tensor, time_step: float) -> Tensor:
    """Compute the factor per step of each time constant.

    Parameters
    ----------
    tau : torch.Tensor [s]
        float64.
    time_step : float [s]

    Returns
    -------
    torch.Tensor
    """
    if tau.dim() == 1:
        # as the surrogate has it, to the last bit
        return torch.tensor([math.exp(-time_step / one) for one in tau.tolist()], dtype=torch.float64)
    return torch.exp(-time_step / tau)
