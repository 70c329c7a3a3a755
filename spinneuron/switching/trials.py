"""The engine that steps macrospins one by one, for any device that a voltage drives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from spinneuron.constants import gamma0
from spinneuron.device import Device
from spinneuron.dynamics.ensemble import Course, Numerics, run
from spinneuron.dynamics.macrospin import table
from spinneuron.physics.heating import Foster
from spinneuron.protocols import Protocol
from spinneuron.quantity import integer, non_negative
from spinneuron.simulation import initial_state, warmth_of
from spinneuron.switching.state import State, refuse_voltage, stays, warm, well

# relaxation times after which an ensemble that starts at rest counts as in equilibrium
SETTLE = 10.0


class Trials:
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
        self.device, self.trials, self.seed = warm(device), integer("trials", trials), seed
        self.numerics, self.progress = numerics or Numerics("semi-implicit", precision="float32"), progress
        self._direction, stiffness, _ = well(self.device)
        self._settling = SETTLE / (self.device.alpha * gamma0 * stiffness)
        self._rows = table(self.device, self.device.size, "V", self.device.temperature)
        self._warmth = warmth_of(self.device, "V", device.breakdown_voltage, self.trials)
        self._foster = Foster.of(self.device)

    def rest(self, stream: int = 0) -> State:
        """Ensemble in equilibrium, parallel, without heat.

        Parameters
        ----------
        stream : int

        Returns
        -------
        State
        """
        m = initial_state(self.device, self._direction, self.trials)
        heat = np.zeros((1 + len(self._foster.times), self.trials))
        cold = State(m, heat, np.ones(self.trials, bool), stream=stream)
        return self._idle(cold, self._settling)

    def _idle(self, state: State, time: float) -> State:
        return self._advance(state, Protocol((0.0, time), (0.0, 0.0), "V"), None)

    def run(self, state: State, protocol: Protocol, stream: int | None = None) -> State:
        """State after a waveform.

        Parameters
        ----------
        state : State
        protocol : Protocol
            A voltage.
        stream : int, optional
            For a branch that is to have noise of its own.

        Returns
        -------
        State

        Raises
        ------
        InputError
            If the drive is no voltage, or above the breakdown voltage.
        """
        refuse_voltage(self.device, protocol)
        return self._advance(replace(state, stream=state.stream if stream is None else stream), protocol, self.progress)

    def run_all(self, states: Sequence[State], protocols: Sequence[Protocol], first_stream: int = 0) -> list[State]:
        """States after waveforms, one after the other.

        Parameters
        ----------
        states : sequence of State
        protocols : sequence of Protocol
            Voltages.
        first_stream : int
            Of the first one; each has noise of its own.

        Returns
        -------
        list of State

        Raises
        ------
        InputError
            As `run`.
        """
        pairs = enumerate(zip(states, protocols, strict=True))
        return [self.run(state, protocol, first_stream + i) for i, (state, protocol) in pairs]

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

    def cool(self, state: State, time: float) -> State:
        """State after an idle time: only heat moves while no moment can leave its well, else all is simulated.

        Parameters
        ----------
        state : State
        time : float [s]

        Returns
        -------
        State

        Raises
        ------
        InputError
            If the time is negative.
        """
        if non_negative("idle time", time, "s") == 0.0:
            return state
        if not stays(self.device, float(state.heat[1:].sum(axis=0).max()), time):
            return self._idle(state, time)
        heat = np.concatenate([np.zeros((1, self.trials)), self._foster.cooled(state.heat[1:], time)])
        return replace(state, heat=heat)

    def switched(self, state: State) -> tuple[float, float]:
        """Count the trials that are antiparallel, among those that count.

        Parameters
        ----------
        state : State

        Returns
        -------
        tuple of float
            The antiparallel ones, and all that count.
        """
        against = np.asarray(self.device.pinned) @ state.moments < 0.0
        return float((against & state.counted).sum()), float(state.counted.sum())

    def parallel_only(self, state: State) -> State:
        """Let only those trials count that are parallel: the others were not reset.

        Parameters
        ----------
        state : State

        Returns
        -------
        State
        """
        return replace(state, counted=state.counted & (np.asarray(self.device.pinned) @ state.moments > 0.0))

    def rise(self, state: State) -> float:
        """Mean temperature rise of the free layer.

        Parameters
        ----------
        state : State

        Returns
        -------
        float [K]
        """
        return float(state.heat[1:].sum(axis=0).mean())
