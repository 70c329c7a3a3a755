"""Waveforms that drive a device: pulses, trains, bipolar trains, set-reset cycles; piecewise linear, never jumping.

A waveform is a table of times and values in one drive unit (V, A or A/m^2), linear in between; edges have a finite
rise and fall, so that every scheme keeps its order. A new protocol is a function that returns a :class:`Protocol` and
one entry in PROTOCOLS.
"""

from collections.abc import Callable

from spinneuron.protocols.cycle import Cycle, cycles
from spinneuron.protocols.trains import bipolar, single, train
from spinneuron.protocols.waveform import EDGE, Protocol, Pulse, parse_amplitude

__all__ = ["EDGE", "PROTOCOLS", "Cycle", "Protocol", "Pulse", "bipolar", "cycles", "parse_amplitude", "single", "train"]

PROTOCOLS: dict[str, Callable[..., Protocol]] = {
    "single": single,
    "train": train,
    "bipolar": bipolar,
    "cycles": cycles,
}
