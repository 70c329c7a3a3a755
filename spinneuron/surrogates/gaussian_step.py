"""Mean and spread of the Gaussian stochastic neuron, written once for numpy and torch."""

from typing import Any

import numpy as np

STEEPEST = 80.0
"""Largest exponent, so that single precision does not overflow; what is cut off is below 1e-34."""


def reversal(voltage: Any, parameters: Any, xp: Any = np) -> Any:
    """Compute the share that a pulse reverses on average, ``P = 1 / (1 + exp(-k (V - x0)))``.

    Parameters
    ----------
    voltage : float or array [V]
        Of the pulse.
    parameters : Gaussian
        Or anything with its attributes ``k`` and ``x0``.
    xp : module
        ``numpy`` or ``torch``: whose arrays these are.

    Returns
    -------
    float or array
        Between 0 and 1 [1].
    """
    return 1.0 / (1.0 + xp.exp(xp.clip(-parameters.k * (voltage - parameters.x0), None, STEEPEST)))


def moments(voltage: Any, parameters: Any, xp: Any = np) -> tuple[Any, Any]:
    """Compute mean and standard deviation of the output.

    ``mean = low + (high - low) P``, ``sigma^2 = sigma_read^2 + 4 P (1 - P) sigma_switch^2``.

    Parameters
    ----------
    voltage : float or array [V]
        Of the pulse.
    parameters : Gaussian
        Or anything with its attributes ``low``, ``high``, ``k``, ``x0``, ``sigma_read``, ``sigma_switch``.
    xp : module
        ``numpy`` or ``torch``: whose arrays these are.

    Returns
    -------
    tuple
        ``(mean, sigma)`` [1].
    """
    share = reversal(voltage, parameters, xp)
    mean = parameters.low + (parameters.high - parameters.low) * share
    variance = parameters.sigma_read**2 + 4.0 * share * (1.0 - share) * parameters.sigma_switch**2
    return mean, xp.sqrt(variance)
