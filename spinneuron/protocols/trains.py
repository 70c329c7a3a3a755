"""Single pulses, trains and bipolar trains."""

from __future__ import annotations

from collections.abc import Sequence

from spinneuron.protocols.waveform import EDGE, Protocol, Pulse


def single(amplitude: float, width: float, *, after: float = 3e-9, edge: float = EDGE, unit: str = "A/m^2") -> Protocol:
    """One pulse and the time to relax.

    Parameters
    ----------
    amplitude : float [V, A or A/m^2]
    width : float [s]
    after : float [s]
    edge : float [s]
        Rise and fall.
    unit : str

    Returns
    -------
    Protocol
    """
    return Protocol.of([Pulse(amplitude, width, edge, edge, unit=unit)], after)


def train(
    amplitudes: Sequence[float],
    width: float,
    *,
    gap: float = 1e-9,
    after: float = 3e-9,
    edge: float = EDGE,
    unit: str = "A/m^2",
) -> Protocol:
    """Pulses of given amplitudes, one after the other.

    Parameters
    ----------
    amplitudes : sequence of float [V, A or A/m^2]
    width : float [s]
    gap : float [s]
        Time at zero between two pulses.
    after : float [s]
    edge : float [s]
    unit : str

    Returns
    -------
    Protocol
    """
    pulses = [
        Pulse(amplitude, width, edge, edge, delay=gap if number else 0.0, unit=unit)
        for number, amplitude in enumerate(amplitudes)
    ]
    return Protocol.of(pulses, after)


def bipolar(
    amplitude: float, width: float, *, gap: float = 1e-9, after: float = 3e-9, edge: float = EDGE, unit: str = "A/m^2"
) -> Protocol:
    """A graded bipolar train, ``amplitude * (1, 1, -1, -1, 1/2, -1/2, 1, 1, 1, -1)``: what a signed neuron is fitted
    on.

    Parameters
    ----------
    amplitude : float [V, A or A/m^2]
    width : float [s]
    gap : float [s]
    after : float [s]
    edge : float [s]
    unit : str

    Returns
    -------
    Protocol
    """
    steps = (1.0, 1.0, -1.0, -1.0, 0.5, -0.5, 1.0, 1.0, 1.0, -1.0)
    return train([amplitude * step for step in steps], width, gap=gap, after=after, edge=edge, unit=unit)
