"""The differential neuron of two junctions: what it puts out, how large it is, and what a network of them consumes.

Each elementary neuron has a junction, a divider (a second junction of equivalent resistance) and a comparator of two
inverters; the subtractor takes two more inverters and two AND gates, one for +1 (sensitive AND NOT reference) and one
for -1: 6 inverters of 2 and 2 AND gates of 6 transistors, 24 in all. Source: intrinsic-plasticity network paper
(IPNet), Methods: circuit design and area; fig. S8.
"""

from typing import Any, NamedTuple

import numpy as np

from spinneuron.quantity import InputError, integer, non_negative, positive

JUNCTIONS = 4
"""Two that switch, and two that divide."""
INVERTERS, AND_GATES = 6, 2
TRANSISTORS = 2 * INVERTERS + 6 * AND_GATES
FEATURE = 28e-9
"""Technology node F of the paper [m]."""
LAYOUT = 80.0
"""Squares F^2 per transistor [1]."""


class DifferentialOutput(NamedTuple):
    """Expected output of N pooled differential neurons, and its standard deviation.

    Attributes
    ----------
    reference, difference : float or numpy.ndarray [1]
        Means of Spike_ref and of Spike_the - Spike_ref.
    reference_deviation, difference_deviation : float or numpy.ndarray [1]
        Of the average over the N neurons.
    positive, zero, negative : float or numpy.ndarray [1]
        Probabilities that one difference is +1, 0 or -1.
    """

    reference: Any
    difference: Any
    reference_deviation: Any
    difference_deviation: Any
    positive: Any
    zero: Any
    negative: Any


def differential_output(sensitive: Any, reference: Any, count: int = 1) -> DifferentialOutput:
    """Compute what N differential neurons put out: Spike_ref and Spike_the - Spike_ref, average-pooled.

    The two junctions of a neuron, and the neurons, fire independently of each other.

    Parameters
    ----------
    sensitive, reference : float or array [1]
        Firing probabilities of the two junctions.
    count : int
        N.

    Returns
    -------
    DifferentialOutput

    Raises
    ------
    InputError
        If a probability lies outside 0 to 1, or the count is below 1.

    Examples
    --------
    >>> round(differential_output(0.274, 0.095).difference, 3)
    0.179
    """
    for name, values in (("sensitive", sensitive), ("reference", reference)):
        inside = (np.asarray(values) >= 0.0) & (np.asarray(values) <= 1.0)
        if not inside.all():
            raise InputError(f"{name} = {np.asarray(values)[~inside].flat[0]:g}: a probability lies between 0 and 1")
    count = integer("count", count)
    # Bernoulli: the variance of each spike is p (1 - p).
    noise = reference * (1.0 - reference)
    both = noise + sensitive * (1.0 - sensitive)
    up, down = sensitive * (1.0 - reference), reference * (1.0 - sensitive)
    deviations = (noise / count) ** 0.5, (both / count) ** 0.5
    return DifferentialOutput(reference, sensitive - reference, *deviations, up, 1.0 - up - down, down)


def circuit_area(transistors: int = TRANSISTORS, feature: float = FEATURE, layout: float = LAYOUT) -> float:
    """Compute the area of a circuit from its transistors, ``N layout F^2``; the junctions lie above them.

    Parameters
    ----------
    transistors : int
    feature : float [m]
    layout : float [1]
        Squares F^2 per transistor.

    Returns
    -------
    float
        [m^2].

    Raises
    ------
    InputError
        If a number is not positive.

    Examples
    --------
    >>> round(1e12 * circuit_area(), 3)
    1.505
    """
    return integer("transistors", transistors) * positive("layout", layout) * positive("feature", feature, "m") ** 2


def sample_energy(
    energy: float, *, inputs: int = 2 * 128 * 128, density: float = 0.089, frames: int = 50, count: int = 1
) -> float:
    """Compute what the plasticity layer consumes for one sample: ``inputs density frames N E``.

    Parameters
    ----------
    energy : float [J]
        Of one operation of a differential neuron.
    inputs : int
        Neurons of the layer; by default two polarities of 128 x 128 pixels.
    density : float [1]
        Fraction of them that gets a pulse in a frame.
    frames : int
    count : int
        N, parallel neurons for each input.

    Returns
    -------
    float
        [J].

    Raises
    ------
    InputError
        If a number is out of range.

    Examples
    --------
    >>> round(1e6 * sample_energy(0.6e-9), 1)
    87.5
    """
    if non_negative("density", density) > 1.0:
        raise InputError(f"density = {density:g}: a fraction of the inputs lies between 0 and 1")
    operations = integer("inputs", inputs) * density * integer("frames", frames) * integer("count", count)
    return operations * non_negative("energy", energy, "J")
