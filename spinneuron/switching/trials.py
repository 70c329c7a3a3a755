"""The engine that steps macrospins one by one, for any device that a voltage drives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from spinneuron.device import Device
from spinneuron.dynamics.ensemble import Course, Numerics, run
from spinneuron.dynamics.macrospin import table
from spinneuron.protocols import Protocol
from spinneuron.simulation import initial_state, warmth_of
from spinneuron.switching.state import State
from spinneuron.switching.stepped import Stepped


class Trials(Stepped):
    """Macrospins, one by one.

    Parameters
    ----------
    device : Device
    trials : int
    seed : int
    numerics : Numerics, optional
        By default semi-implicit steps of float32 states: counts do not resolve more, and Heun's steps would weaken the
        damping, by 0.14 % at 0.07 rad and alpha = 0.03, which 10,000 trials see.
    progress : callable, optional
        Called with the simulated time [s] of waveforms since its last call.

    Raises
    ------
    InputError
        If the device has no parallel state, or is at 0 K.
    """

    def __init__(
        self,
        device: Device,
        trials: int = 10_000,
        seed: int = 0,
        numerics: Numerics | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> None:
        super().__init__(device, trials, seed, progress)
        self.numerics = numerics or Numerics("semi-implicit", precision="float32")
        self._rows = table(self.device, self.device.size, "V", self.device.temperature)
        self._warmth = warmth_of(self.device, "V", device.breakdown_voltage, self.trials)

    def rest(self, stream: int = 0) -> State:
        """Ensemble in equilibrium, parallel, without heat.

        Parameters
        ----------
        stream : int

        Returns
        -------
        State
        """
        return self._settled(initial_state(self.device, self._direction, self.trials), stream)

    def _cosines(self, state: State) -> np.ndarray:
        return self._pinned @ state.moments

    def _advance(self, state: State, protocol: Protocol, told: Callable[[float], None] | None) -> State:
        course = Course(protocol.times, protocol.values, protocol.duration / 64, 64)
        m, warmth = state.moments.copy(), self._warmth
        if warmth is not None:
            warmth = replace(warmth, state=state.heat.copy())
        _, dt, _ = run(
            m,
            self._rows,
            course,
            trials=self.trials,
            seed=self.seed,
            first=(state.stream * self.trials, state.step),
            numerics=self.numerics,
            record=False,
            warmth=warmth,
            progress=(lambda share: told(share * protocol.duration)) if told else None,
        )
        heat = state.heat if warmth is None else warmth.state
        return replace(state, moments=m, heat=heat, step=state.step + round(protocol.duration / dt))
