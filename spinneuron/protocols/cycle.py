"""Set-reset cycles of a stochastic neuron: a pulse that may switch it, a pulse that brings it back, a pause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spinneuron.protocols.waveform import Protocol, Pulse
from spinneuron.quantity import InputError, finite, non_negative, positive
from spinneuron.units import format as shown


@dataclass(frozen=True)
class Cycle:
    """The cycle of a stochastic neuron: rise, set plateau, fall, reset, delay; 230 ns as published.

    Attributes
    ----------
    edge : float [s]
        Rise and fall of the set pulse.
    width : float [s]
        Its plateau.
    reset : float [V]
        Amplitude of the reset pulse.
    reset_width : float [s]
        Of the reset pulse, its edges included.
    reset_edge : float [s]
    delay : float [s]
        At zero, after the reset.

    Raises
    ------
    InputError
        If a time is not positive (the delay may be 0), or the edges do not fit into the reset.
    """

    edge: float = 20e-9
    width: float = 150e-9
    reset: float = -0.8
    reset_width: float = 20e-9
    reset_edge: float = 1e-9
    delay: float = 20e-9

    def __post_init__(self) -> None:
        for name in ("edge", "width", "reset_width", "reset_edge"):
            positive(name, getattr(self, name), "s")
        finite("reset", self.reset, "V")
        non_negative("delay", self.delay, "s")
        if 2.0 * self.reset_edge > self.reset_width:
            edge, width = shown(self.reset_edge, "s"), shown(self.reset_width, "s")
            raise InputError(f"reset_edge = {edge}: two of them must fit into reset_width = {width}; shorten it")

    @property
    def duration(self) -> float:
        """Of the whole cycle [s]."""
        return 2.0 * self.edge + self.width + self.reset_width + self.delay

    def probe(self, amplitude: float) -> Protocol:
        """The set pulse alone, after which the state is read.

        Parameters
        ----------
        amplitude : float [V]

        Returns
        -------
        Protocol
        """
        return Protocol.of([Pulse(amplitude, self.width, self.edge, self.edge, unit="V")])

    def pump(self, amplitude: float, width: float | None = None, delay: float | None = None) -> Protocol:
        """Set pulse, reset and delay: what a later probe finds the heat of.

        Parameters
        ----------
        amplitude : float [V]
        width : float, optional [s]
            Plateau of the set pulse, where it is not the usual one.
        delay : float, optional [s]

        Returns
        -------
        Protocol
        """
        delay = self.delay if delay is None else delay
        plateau = self.reset_width - 2.0 * self.reset_edge
        heat = Pulse(amplitude, self.width if width is None else width, self.edge, self.edge, unit="V")
        reset = Pulse(self.reset, plateau, self.reset_edge, self.reset_edge, unit="V")
        return Protocol.of([heat, reset], delay)


def cycles(
    amplitudes: Sequence[float], width: float = 150e-9, *, after: float = 0.0, edge: float = 20e-9, unit: str = "V"
) -> Protocol:
    """Regular cycles with set pulses of given amplitudes; at 0 V a cycle is left empty.

    Parameters
    ----------
    amplitudes : sequence of float [V]
    width : float [s]
        Plateau of the set pulses.
    after : float [s]
        Time at zero beyond the last cycle.
    edge : float [s]
        Of the set pulses.
    unit : str
        "V": the reset is a voltage.

    Returns
    -------
    Protocol

    Raises
    ------
    InputError
        If the unit is another, there is no cycle, or the time after is negative.
    """
    if unit != "V":
        raise InputError(f"unit = {unit!r}: set-reset cycles are driven by a voltage; use V")
    if not len(amplitudes):
        raise InputError("amplitudes: at least one is needed, 0 V for an empty cycle")
    after = non_negative("after", after, "s")
    cycle = Cycle(edge=edge, width=width)
    times, values = [0.0], [0.0]
    for amplitude in amplitudes:
        one = cycle.pump(amplitude) if amplitude else Protocol((0.0, cycle.duration), (0.0, 0.0), "V")
        times += [times[-1] + time for time in one.times[1:]]
        values += one.values[1:]
    if after > 0.0:
        times, values = [*times, times[-1] + after], [*values, 0.0]
    return Protocol(tuple(times), tuple(values), "V")
