"""What a device would show: probabilities and shifts of all observations, each history run once.

The shift is the voltage by which the cold curve must be moved to the left so that it gives, at the probing voltage, the
probability that is found there after the history: ``P(history, V) = P(cold, V + shift)``. Measured shifts are defined
so, with whatever shape the curve has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.interpolate import barycentric_interpolate
from scipy.special import logit

from spinneuron.calibration.observations import History, Observation
from spinneuron.device import Device
from spinneuron.protocols import Cycle, Protocol
from spinneuron.quantity import InputError
from spinneuron.switching import Engine
from spinneuron.switching.curves import make_engine, probed, through
from spinneuron.units import format

EXACT = 10**12
"""Trials that an engine without scatter is said to stand for."""
_STEP = 5e-3
"""Distance [V] of the points of the cold curve: with six of them the shift is right to 0.1 uV at slopes near 60 /V."""
_SIDE = 3
"""Points on each side of the wanted probability."""
_ASIDE = 16
"""Points of the cold curve that an engine without scatter computes at a time."""
_MOST = 200


class Prediction:
    """Predict observations of devices that differ in a few numbers, with equal noise for all of them.

    Parameters
    ----------
    cycle : Cycle
        Its set pulse is the probe.
    model : str
        Of `switching.ENGINES`.
    trials : int
        Of an engine with scatter.
    """

    def __init__(self, cycle: Cycle, model: str = "fokker-planck", trials: int = 2000) -> None:
        self.cycle, self.model, self.trials = cycle, model, trials
        # a state and voltage always meet the same noise, whatever was asked before
        self._streams: dict[tuple[History, float | str], int] = {}

    @property
    def exact(self) -> bool:
        """Whether the engine has no scatter."""
        return self.model == "fokker-planck"

    def __call__(
        self, device: Device, observations: Sequence[Observation], voltages: Mapping[str, float] | None = None
    ) -> np.ndarray:
        """Predict.

        Parameters
        ----------
        device : Device
        observations : sequence of Observation
        voltages : mapping of str to float, optional [V]
            Of the probes that have a name.

        Returns
        -------
        numpy.ndarray
            Probability [1] or shift [V] of each observation.

        Raises
        ------
        InputError
            If the engine refuses the device or a voltage, or a shift goes beyond the breakdown voltage.
        """
        engine = make_engine(self.model, device, EXACT if self.exact else self.trials)
        run = _Run(self, engine)
        known = voltages or {}
        probes = [known[one.voltage] if isinstance(one.voltage, str) else float(one.voltage) for one in observations]
        if self.exact:
            run.prepare([one.history for one in observations], probes)
        found = []
        for one, volts in zip(observations, probes, strict=True):
            name = one.voltage if isinstance(one.voltage, str) else ""
            found.append((run.probability if one.of_probability else run.shift)(one.history, volts, name))
        return np.array(found)

    def stream(self, history: History, key: float | str) -> int:
        """Give a number of its own to the noise of a state and voltage.

        Parameters
        ----------
        history : tuple of Protocol or float
        key : float or str [V]
            Voltage, or its name.

        Returns
        -------
        int
        """
        return self._streams.setdefault((history, key), len(self._streams) + 1)


class _Run:
    """One device: states and probabilities are computed once."""

    def __init__(self, parent: Prediction, engine: Engine) -> None:
        self.parent, self.engine = parent, engine
        self.states: dict[History, Any] = {}
        self.found: dict[tuple[History, float], float] = {}

    def prepare(self, histories: Sequence[History], probes: Sequence[float]) -> None:
        """Run what is alike side by side: the stages of all histories one after the other, then all probes."""
        for depth in range(1, 1 + max(map(len, histories))):
            new = list(dict.fromkeys(one[:depth] for one in histories if len(one) >= depth))
            pulses = {one: one[-1] for one in new if isinstance(one[-1], Protocol)}
            ends = self.engine.run_all([self.state(one[:-1]) for one in pulses], list(pulses.values()), 0)
            self.states |= dict(zip(pulses, ends, strict=True))
        self._probe(list(dict.fromkeys(zip(histories, probes, strict=True))))

    def _probe(self, wanted: Sequence[tuple[History, float]]) -> None:
        """Probabilities of several states at their voltages, side by side."""
        ready = [self.engine.parallel_only(self.state(history)) for history, _ in wanted]
        ends = self.engine.run_all(ready, [self.parent.cycle.probe(volts) for _, volts in wanted], 0)
        for key, end in zip(wanted, ends, strict=True):
            self._keep(key, *self.engine.switched(end))

    def _keep(self, key: tuple[History, float], switched: float, counted: float) -> None:
        """Keep a probability, within 0 and 1 by half a trial, so that its logit is finite."""
        self.found[key] = (switched + 0.5) / (counted + 1.0)

    def state(self, history: History) -> Any:
        """State after a history; histories share their beginnings."""
        if history not in self.states:
            if history:
                self.states[history] = through(self.engine, history[-1:], self.state(history[:-1]))
            else:
                self.states[history] = self.engine.rest()
        return self.states[history]

    def probability(self, history: History, volts: float, name: str = "") -> float:
        """Switching probability."""
        if (history, volts) not in self.found:
            stream = self.parent.stream(history, name or volts)
            counts = probed(self.engine, self.state(history), [volts], self.parent.cycle, stream)
            self._keep((history, volts), *(float(one[0]) for one in counts))
        return self.found[history, volts]

    def shift(self, history: History, volts: float, name: str = "") -> float:
        """Shift of the cold curve: inverse interpolation between points of its logit."""
        wanted = float(logit(self.probability(history, volts, name)))
        above = 0
        while self._cold(volts, above) <= wanted:
            above += 1
        while self._cold(volts, above - 1) >= wanted:
            above -= 1
        steps = np.arange(above - _SIDE, above + _SIDE)
        heights = np.array([self._cold(volts, int(j)) for j in steps])
        if self.parent.exact:
            return float(_STEP * barycentric_interpolate(heights, steps, wanted))
        slope, level = np.polyfit(_STEP * steps, heights, 1)
        return float((wanted - level) / slope)

    def _cold(self, volts: float, step: int) -> float:
        at = volts + _STEP * step
        most = self.engine.device.breakdown_voltage
        if abs(step) > _MOST or not 0.0 < at <= most:
            raise InputError(
                f"shift: found no cold probability between 0 V and breakdown_voltage = {format(most, 'V')} that equals "
                f"the one at {format(volts, 'V')} after the pulses; give a device nearer to the data"
            )
        if self.parent.exact and ((), at) not in self.found:
            # neighbors will be asked for, and cost nothing more side by side
            first = step - (step + _SIDE) % _ASIDE
            near = [volts + _STEP * i for i in range(first, first + _ASIDE) if 0.0 < volts + _STEP * i <= most]
            self._probe([((), one) for one in near])
        return float(logit(self.probability((), at)))
