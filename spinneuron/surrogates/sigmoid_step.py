"""One step of the intrinsic-plasticity neuron, written once for numpy and torch."""

from typing import Any

import numpy as np

STEEPEST = 80.0
"""Largest exponent, so that single precision does not overflow; the probability is below 1e-34 there."""

State = tuple[Any, ...]
"""Shift of each component [V]: numbers, or arrays of the shape of the voltage."""


def firing_probability(voltage: Any, shift: Any, parameters: Any, xp: Any = np) -> Any:
    """Compute the probability of a spike, the paper's eq. 4 with its sign set right.

    Parameters
    ----------
    voltage : float or array [V]
        Of the pulse; 0 is no pulse.
    shift : float or array [V]
        Of the midpoint, all components together.
    parameters : Sigmoid
        Or anything with its attributes ``p_max``, ``k``, ``x0``.
    xp : module
        ``numpy`` or ``torch``: whose arrays these are.

    Returns
    -------
    float or array
        Probability [1].
    """
    exponent = -parameters.k * (voltage - parameters.x0 + shift)
    return parameters.p_max / (1.0 + xp.exp(xp.clip(exponent, None, STEEPEST))) * (voltage != 0.0)


def heat(voltage: Any, parameters: Any) -> Any:
    """Compute the shift that one pulse leaves for the next step, the paper's eq. 11.

    Parameters
    ----------
    voltage : float or array [V]
        Of the pulse.
    parameters : Sigmoid
        Or anything with its attributes ``heat_v2`` and ``heat_v1``.

    Returns
    -------
    float or array
        Shift [V].
    """
    return (parameters.heat_v2 * voltage + parameters.heat_v1) * voltage


def cooled(added: Any, state: State, parameters: Any) -> State:
    """Advance the shifts by one step: they decay, and the heat of the pulse is added (the paper's eq. 12).

    Parameters
    ----------
    added : float or array [V]
        Heat of the pulse of this step, as of `heat`.
    state : tuple
        Shift of each component before the step [V].
    parameters : Sigmoid
        Or anything with its attributes ``decay`` and ``weights``.

    Returns
    -------
    tuple
        Shift of each component after the step [V].
    """
    components = zip(parameters.decay, parameters.weights, state, strict=True)
    return tuple(decay * shift + weight * added for decay, weight, shift in components)


def step(voltage: Any, state: State, parameters: Any, xp: Any = np) -> tuple[Any, State]:
    """Advance neurons by one step: read the probability, then cool and add the heat (the paper's eqs. 4, 5, 12).

    Parameters
    ----------
    voltage : float or array [V]
        Of the pulse; 0 is no pulse.
    state : tuple
        Shift of each component before the step [V].
    parameters : Sigmoid
        Or anything with its attributes ``p_max``, ``k``, ``x0``, ``heat_v2``, ``heat_v1``, ``decay``, ``weights``.
    xp : module
        ``numpy`` or ``torch``: whose arrays these are.

    Returns
    -------
    tuple
        ``(probability, state)``: of a spike in this step [1], and the shifts after it [V].
    """
    probability = firing_probability(voltage, sum(state), parameters, xp)
    return probability, cooled(heat(voltage, parameters), state, parameters)
