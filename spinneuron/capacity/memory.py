"""What pulses of the past leave in a junction: its shift now, lag by lag, and how well one lag can be told."""

from typing import Any

import numpy as np

from spinneuron.quantity import InputError, integer, positive
from spinneuron.surrogates import Sigmoid

SURE = 1e-15
"""Probabilities are kept this far from 0 and 1, so that no count is impossible: double precision ends there."""


def plastic(neuron: Any) -> Sigmoid:
    """Make sure that a neuron is of the kind whose memory is heat.

    Parameters
    ----------
    neuron : object
        A surrogate.

    Returns
    -------
    Sigmoid

    Raises
    ------
    InputError
        If it is another surrogate.
    """
    if not isinstance(neuron, Sigmoid):
        model = getattr(neuron, "MODEL", type(neuron).__name__)
        raise InputError(f'model = "{model}": its memory is not the heat of pulses; give a "sigmoid" neuron file')
    return neuron


def traces(neuron: Sigmoid, voltage: float, lags: int) -> np.ndarray:
    """Compute the shift that one pulse causes 1, 2, ... steps later: ``heat(V) sum_j weight_j decay_j^(lag - 1)``.

    Shifts of several pulses add up: the law of heat is linear in the state.

    Parameters
    ----------
    neuron : Sigmoid
    voltage : float [V]
        Of the pulse.
    lags : int

    Returns
    -------
    numpy.ndarray
        Shift [V] (lag,), of lag 1 first.
    """
    volts = np.zeros(integer("lags", lags) + 1)
    volts[0] = positive("voltage", voltage, "V")
    return neuron.predict(volts).shift[1:]


def spiking(neuron: Sigmoid, voltage: float, shift: Any) -> np.ndarray:
    """Compute the probability of a spike at a shift, kept away from 0 and 1.

    Parameters
    ----------
    neuron : Sigmoid
    voltage : float [V]
    shift : array_like [V]

    Returns
    -------
    numpy.ndarray
        Probability [1].
    """
    return np.clip(neuron.probability(voltage, shift), SURE, 1.0 - SURE)


def discriminability(neuron: Sigmoid, voltage: float, junctions: Any, lags: int) -> np.ndarray:
    """Compute d' of a single pulse: how well its trace is told from none, when it is the only one.

    ``d'(lag) = (P1 - P0) sqrt(n) / sqrt((P1 (1 - P1) + P0 (1 - P0)) / 2)`` with P1, P0 the probabilities of a spike
    with the trace and without, and n junctions read side by side (25 pixels of N for a block of the n-back task).

    Parameters
    ----------
    neuron : Sigmoid
    voltage : float [V]
        Of the pulse, and of the reading.
    junctions : int or array_like of int
        Read side by side.
    lags : int

    Returns
    -------
    numpy.ndarray
        d' [1] (..., lag).
    """
    with_trace, without = spiking(neuron, voltage, traces(neuron, voltage, lags)), spiking(neuron, voltage, 0.0)
    spread = np.sqrt(0.5 * (with_trace * (1.0 - with_trace) + without * (1.0 - without)))
    return np.sqrt(np.asarray(junctions, dtype=float))[..., None] * (with_trace - without) / spread
