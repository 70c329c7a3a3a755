"""Waveforms: trapezoidal pulses, and what they make when joined; piecewise linear in one drive unit, never jumping."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spinneuron.physics.transport import DRIVE_UNITS
from spinneuron.quantity import InputError, parse
from spinneuron.units import nearest

EDGE = 50e-12


@dataclass(frozen=True)
class Pulse:
    """A trapezoid: ``delay`` at zero, ``rise``, plateau of length ``width``, ``fall``.

    Attributes
    ----------
    amplitude : float [V, A or A/m^2]
    width : float [s]
        Length of the plateau.
    rise, fall : float [s]
    delay : float [s]
        Time at zero before the rise.
    unit : str
        Unit of the amplitude.

    Raises
    ------
    InputError
        If a time is negative, an edge is zero, a number is not finite, or the unit is none of V, A, A/m^2.
    """

    amplitude: float
    width: float
    rise: float = EDGE
    fall: float = EDGE
    delay: float = 0.0
    unit: str = "A/m^2"

    def __post_init__(self) -> None:
        if self.unit not in DRIVE_UNITS:
            raise InputError(f"pulse unit = {self.unit!r}: use one of {', '.join(DRIVE_UNITS)}")
        for name in ("amplitude", "width", "rise", "fall", "delay"):
            value = getattr(self, name)
            if not np.isfinite(value):
                raise InputError(f"pulse {name} = {value!r}: must be a finite number")
        for name in ("width", "delay"):
            if getattr(self, name) < 0.0:
                raise InputError(f"pulse {name} = {getattr(self, name)!r} s: must not be negative")
        for name in ("rise", "fall"):
            if getattr(self, name) <= 0.0:
                raise InputError(f"pulse {name} = {getattr(self, name)!r} s: must be positive, a pulse never jumps")

    @classmethod
    def parse(cls, text: str) -> Pulse:
        """Read a pulse such as "0.9 V, 150 ns" or "1e12 A/m^2, 1 ns, rise 20 ps, fall 20 ps, delay 2 ns".

        Parameters
        ----------
        text : str

        Returns
        -------
        Pulse

        Raises
        ------
        InputError
            If a part is missing, unknown or of the wrong dimension.
        """
        parts = [part.strip() for part in text.split(",")]
        if len(parts) < 2:
            raise InputError(f'pulse = {text!r}: give an amplitude and a width, like "0.9 V, 150 ns"')
        unit, amplitude = parse_amplitude(parts[0])
        times = {"width": parse(parts[1], "s", "pulse width")}
        for part in parts[2:]:
            key, _, value = part.partition(" ")
            if key not in ("rise", "fall", "delay"):
                hint = nearest(key, ("rise", "fall", "delay"))
                raise InputError(f"pulse part {part!r}: {hint}allowed are rise, fall and delay, each with a time")
            times[key] = parse(value, "s", f"pulse {key}")
        return cls(amplitude, unit=unit, **times)

    @property
    def duration(self) -> float:
        """Whole length with delay and edges [s]."""
        return self.delay + self.rise + self.width + self.fall


def parse_amplitude(text: str, name: str = "pulse amplitude") -> tuple[str, float]:
    """Read a drive such as "0.9 V", "300 uA" or "1e12 A/m^2".

    Parameters
    ----------
    text : str
    name : str
        The key, option or argument, for messages.

    Returns
    -------
    unit : str
        "V", "A" or "A/m^2".
    amplitude : float
        In that unit.

    Raises
    ------
    InputError
        If it is none of the three.
    """
    for unit in DRIVE_UNITS:
        try:
            return unit, parse(text, unit, name)
        except InputError:
            continue
    raise InputError(
        f'{name} = {text!r}: give a voltage, a current or a current density, like "0.9 V", "300 uA", "1e12 A/m^2"'
    )


@dataclass(frozen=True)
class Protocol:
    """A waveform: values at increasing times, linear in between, held constant after the end.

    Attributes
    ----------
    times : tuple of float [s]
        Strictly increasing, starting at 0.
    values : tuple of float [V, A or A/m^2]
    unit : str
        "V", "A" or "A/m^2".

    Raises
    ------
    InputError
        If times do not increase from 0, a number is not finite, or the unit is unknown.
    """

    times: tuple[float, ...]
    values: tuple[float, ...]
    unit: str = "A/m^2"

    def __post_init__(self) -> None:
        times, values = np.asarray(self.times, dtype=float), np.asarray(self.values, dtype=float)
        if self.unit not in DRIVE_UNITS:
            raise InputError(f"protocol unit = {self.unit!r}: use one of {', '.join(DRIVE_UNITS)}")
        if times.shape != values.shape or times.ndim != 1 or len(times) < 2:
            raise InputError(
                f"protocol: needs as many times as values, at least two, got {times.size} and {values.size}"
            )
        if not (np.isfinite(times).all() and np.isfinite(values).all()):
            raise InputError("protocol: times and values must be finite numbers")
        if times[0] != 0.0 or not (np.diff(times) > 0.0).all():
            raise InputError("protocol times: must start at 0 and increase strictly, since a waveform never jumps")
        object.__setattr__(self, "times", tuple(times.tolist()))
        object.__setattr__(self, "values", tuple(values.tolist()))

    @classmethod
    def of(cls, pulses: Sequence[Pulse], after: float = 0.0) -> Protocol:
        """Join pulses, with a time at zero after the last one.

        Parameters
        ----------
        pulses : sequence of Pulse
            All in one unit.
        after : float [s]

        Returns
        -------
        Protocol

        Raises
        ------
        InputError
            If there is no pulse, or the units differ.
        """
        if not pulses:
            raise InputError("protocol: needs at least one pulse")
        if len({pulse.unit for pulse in pulses}) > 1:
            raise InputError(f"pulses: all must have one unit, got {', '.join(sorted({p.unit for p in pulses}))}")
        if not (np.isfinite(after) and after >= 0.0):
            raise InputError(f"time after the pulses = {after!r} s: must be finite and not negative")
        times, values = [0.0], [0.0]
        for pulse in pulses:
            start = times[-1]
            corners = np.cumsum([pulse.delay, pulse.rise, pulse.width, pulse.fall]) + start
            for time, value in zip(corners.tolist(), (0.0, pulse.amplitude, pulse.amplitude, 0.0), strict=True):
                if time > times[-1]:
                    times.append(time)
                    values.append(value)
                elif value != values[-1]:
                    edge = min(pulse.rise, pulse.fall)
                    raise InputError(f"pulse edge = {edge!r} s: too short beside {start!r} s, a pulse never jumps")
        if after > 0.0:
            times.append(times[-1] + after)
            values.append(0.0)
        return cls(tuple(times), tuple(values), pulses[0].unit)

    @property
    def duration(self) -> float:
        """Time of the last corner [s]."""
        return self.times[-1]

    def at(self, time):
        """Value of the waveform.

        Parameters
        ----------
        time : array_like [s]

        Returns
        -------
        numpy.ndarray
            In the protocol's unit.
        """
        return np.interp(time, self.times, self.values)

    def to_json(self) -> str:
        """The waveform as JSON text, for the attributes of a dataset."""
        return json.dumps({"unit": self.unit, "times": self.times, "values": self.values})

    @classmethod
    def from_json(cls, text: str) -> Protocol:
        """Read what :meth:`to_json` wrote.

        Parameters
        ----------
        text : str

        Returns
        -------
        Protocol

        Raises
        ------
        InputError
            If the text is not such a waveform.
        """
        try:
            data = json.loads(text)
            return cls(tuple(data["times"]), tuple(data["values"]), data["unit"])
        except (json.JSONDecodeError, KeyError, TypeError) as fault:
            raise InputError(f"protocol: not a waveform written by spinneuron ({fault})") from fault
