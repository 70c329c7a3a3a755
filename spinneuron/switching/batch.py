"""One stage of several densities side by side, level by level."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from spinneuron.dynamics.fokker_planck.courses import advance, course, even, halved
from spinneuron.dynamics.fokker_planck.lanes import RECORD
from spinneuron.protocols import Protocol
from spinneuron.quantity import InputError
from spinneuron.switching.ladder import Ladder, Level
from spinneuron.units import format as shown

# of a piece of the waveform, where the steps are given: within an edge, power and torque change
_LEAST_STEPS = 16


@dataclass
class Batch:
    """One stage of several states side by side, on as many levels as are asked for.

    Attributes
    ----------
    engine : Density
        Whose steps they are: given ones, or such that keep to a tolerance on the coarsest level.
    states : list of Ladder
        Before.
    protocols : list of Protocol
        With equally many corners.
    """

    engine: Any
    states: list[Ladder]
    protocols: list[Protocol]
    _levels: list[list[Level]] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        drives = np.array([one.values for one in self.protocols])
        self._course = course([one.times for one in self.protocols], drives, np.zeros_like(drives))

    def level(self, k: int) -> list[Level]:
        """All states on one level.

        Parameters
        ----------
        k : int

        Returns
        -------
        list of Level
        """
        while len(self._levels) <= k:
            self._levels.append(self._advance(len(self._levels)))
        return self._levels[k]

    def one(self, lane: int, k: int) -> Level:
        """One state on one level.

        Parameters
        ----------
        lane : int
        k : int

        Returns
        -------
        Level
        """
        return self.level(k)[lane]

    def _advance(self, k: int) -> list[Level]:
        before, engine = [state.level(k) for state in self.states], self.engine
        q, theta = np.stack([one.q for one in before], axis=1), np.stack([one.theta for one in before], axis=1)
        if engine.dt is not None:
            steps, tolerance = even(self._course, engine.dt, _LEAST_STEPS), 0.0
        else:
            steps, tolerance = (halved(self._course, k), 0.0) if k else (self._course, engine.step)
        record, _, _, taken = advance(q, theta, steps, engine.cells.numbers(k), tolerance)
        if k == 0:
            self._course = taken
            if not record[-1, RECORD.index("hottest")].max() < engine.cells.hottest:
                hot = shown(engine.device.temperature + float(record[-1, RECORD.index("hottest")].max()), "K", 3)
                raise InputError(f"temperature: the drive heats the free layer to {hot}; lower it")
        power = record[-1, RECORD.index("power")]
        return [one._replace(q=q[:, j], theta=theta[:, j], power=float(power[j])) for j, one in enumerate(before)]
