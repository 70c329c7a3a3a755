"""Spikes drawn with given probabilities: the mean of n Monte-Carlo samples, from an explicit generator.

The gradient goes straight through: that of a sample is taken to be that of its expectation, so that backpropagation
follows the calibrated curve itself and needs no surrogate gradient.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from spinneuron.quantity import InputError, nearest


def straight_through(expectation: Tensor, drawn: Tensor) -> Tensor:
    """Give a sample the gradient of its expectation; its value stays the same to the last bit.

    Parameters
    ----------
    expectation : torch.Tensor
        With the gradient.
    drawn : torch.Tensor
        Without.

    Returns
    -------
    torch.Tensor
        ``drawn``, with d drawn = d expectation.
    """
    # the difference is zero: 0.0 + drawn is drawn
    return drawn + (expectation - expectation.detach()) if expectation.requires_grad else drawn


def bernoulli(probability: Tensor, n: int, generator: torch.Generator) -> Tensor:
    """Average n spikes, each drawn by itself: as exact as `binomial`, and faster up to some fifty.

    Parameters
    ----------
    probability : torch.Tensor [1]
    n : int
        Samples, at least 1.
    generator : torch.Generator

    Returns
    -------
    torch.Tensor
        Multiples of 1/n.
    """
    uniform = torch.empty(probability.shape, dtype=_drawn_dtype(probability), device=probability.device)
    count = torch.zeros_like(uniform)
    for _ in range(n):
        count += uniform.uniform_(generator=generator) < probability
    return (count / n).to(probability.dtype)


def binomial(probability: Tensor, n: int, generator: torch.Generator) -> Tensor:
    """Average n spikes, counted at once.

    Parameters
    ----------
    probability : torch.Tensor [1]
    n : int
        Samples, at least 1.
    generator : torch.Generator

    Returns
    -------
    torch.Tensor
        Multiples of 1/n.
    """
    exact = probability.to(_drawn_dtype(probability)).contiguous()
    return (torch.binomial(torch.full_like(exact, n), exact, generator=generator) / n).to(probability.dtype)


def gaussian(probability: Tensor, n: int, generator: torch.Generator) -> Tensor:
    """Draw a normal number with the mean p and the variance ``p (1 - p) / n`` of n averaged spikes.

    The fastest sampler. Two moments are those of the binomial; values may lie a little below 0 or above 1.

    Parameters
    ----------
    probability : torch.Tensor [1]
    n : int
        Samples, at least 1.
    generator : torch.Generator

    Returns
    -------
    torch.Tensor
    """
    noise = torch.empty(probability.shape, dtype=_drawn_dtype(probability), device=probability.device)
    noise.normal_(generator=generator)
    return (probability + torch.sqrt(probability * (1.0 - probability) / n) * noise).to(probability.dtype)


def _drawn_dtype(probability: Tensor) -> torch.dtype:
    """Numbers of 16 bits are too coarse to be compared with probabilities."""
    return probability.dtype if probability.dtype in (torch.float32, torch.float64) else torch.float32


SAMPLERS: dict[str, Callable[[Tensor, int, torch.Generator], Tensor]] = {
    "bernoulli": bernoulli,
    "binomial": binomial,
    "gaussian": gaussian,
}
"""Name -> ``(probability, n, generator) -> mean of n samples``."""


def sampler_named(name: str) -> Callable[[Tensor, int, torch.Generator], Tensor]:
    """Find a sampler.

    Parameters
    ----------
    name : str
        One of `SAMPLERS`.

    Returns
    -------
    callable

    Raises
    ------
    InputError
        If there is none of this name.
    """
    if name not in SAMPLERS:
        raise InputError(f"sampler = {name!r}: unknown, {nearest(name, SAMPLERS)}allowed: {', '.join(SAMPLERS)}")
    return SAMPLERS[name]
