"""One step of the signed leaky integrate-and-fire neuron, written once for numpy and torch; and what a drive costs."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from spinneuron import quantity
from spinneuron.surrogates.lif_fit import record


class State(NamedTuple):
    """State of one or many neurons: numbers, or arrays of the shape of the voltage."""

    u: Any
    """Membrane potential [1]."""
    refractory_left: Any
    """Time for which the input is still ignored [s]."""


class Spikes(NamedTuple):
    """What `SignedLIF.spikes` returns."""

    spike: np.ndarray
    """+1, 0 or -1 at each sample."""
    u: np.ndarray
    """Membrane potential after a reset at each sample [1]."""


def fire(u: Any, threshold: Any, xp: Any = np) -> Any:
    """Compare the membrane potential with both thresholds.

    Parameters
    ----------
    u : float or array [1]
        Membrane potential.
    threshold : float [1]
        Positive.
    xp : module
        ``numpy`` or ``torch``.

    Returns
    -------
    float or array
        +1, 0 or -1, in the type of ``u``.
    """
    return xp.sign(u) * (xp.abs(u) >= threshold)


def step(voltage: Any, state: State, parameters: Any, dt: float, xp: Any = np, fire: Callable = fire) -> tuple:
    """Advance neurons by one step under a constant voltage; exact, whatever the step.

    ``u <- u + (gain V / leak - u) (1 - exp(-leak t / tau_membrane))``, where t is the part of the step that is not
    refractory; then the thresholds are compared, once, at the end of the step.

    Parameters
    ----------
    voltage : float or array [V]
        ``I R`` during the step.
    state : State
        Before the step; arrays of the shape of the voltage.
    parameters : SignedLIF
        Or anything with its attributes ``tau_membrane``, ``leak``, ``gain``, ``threshold``, ``reset``, ``refractory``.
    dt : float [s]
        Length of the step.
    xp : module
        ``numpy`` or ``torch``: whose arrays these are.
    fire : callable
        ``(u, threshold, xp) -> spike``; a training loop gives one with a surrogate gradient.

    Returns
    -------
    tuple
        ``(spike, state)``: +1, 0 or -1, and the state after the step.
    """
    u, left = state
    waits = parameters.refractory > 0.0
    free = xp.clip(dt - left, 0.0, dt) if waits else dt
    exponent = -free * parameters.leak / parameters.tau_membrane
    # torch refuses plain numbers; the learned or refractory case is an array.
    approach = -math.expm1(exponent) if isinstance(exponent, float) else -xp.expm1(exponent)
    u = u + (parameters.gain / parameters.leak * voltage - u) * approach
    spike = fire(u, parameters.threshold, xp)
    if waits:
        # A subtractive reset may leave u beyond the threshold.
        spike = spike * (free > 0.0)
        left = xp.where(spike != 0.0, parameters.refractory, xp.clip(left - dt, 0.0, None))
    if parameters.reset is None:
        u = u - spike * parameters.threshold
    else:
        u = xp.where(spike != 0.0, spike * parameters.reset, u)
    return spike, State(u, left)


def energy(time: ArrayLike, current: ArrayLike, resistance: float) -> float:
    """Integrate the dissipated power: ``sum h R (I_0^2 + I_0 I_1 + I_1^2) / 3``, exact for a piecewise-linear current.

    Parameters
    ----------
    time : array_like [s]
        Increasing, (time,).
    current : array_like [A]
        (time,), linear between the samples.
    resistance : float [ohm]
        Of the junction.

    Returns
    -------
    float
        Energy [J].

    Raises
    ------
    InputError
        If an array is no record or the resistance is not positive.
    """
    clock, (current,) = record(time, current=current)
    first, second = current[:-1], current[1:]
    squares = np.diff(clock) * (first * first + first * second + second * second) / 3.0
    return quantity.positive("resistance", resistance, "ohm") * float(squares.sum())
