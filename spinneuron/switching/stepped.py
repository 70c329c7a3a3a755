"""What engines that step trials one by one have in common: `Stepped`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from spinneuron.constants import gamma0
from spinneuron.device import Device
from spinneuron.physics.heating import Foster
from spinneuron.protocols import Protocol
from spinneuron.quantity import integer, non_negative
from spinneuron.switching.state import State, refuse_voltage, stays, warm, well

# relaxation times after which an ensemble that starts at rest counts as in equilibrium
SETTLE = 10.0


class Stepped(ABC):
    """Trials one by one, each with its own angle and temperature.

    Parameters
    ----------
    device : Device
    trials : int
    seed : int
    progress : callable, optional
        Called with the simulated time [s] of waveforms since its last call.

    Raises
    ------
    InputError
        If the device has no parallel state, or is at 0 K.
    """

    def __init__(self, device: Device, trials: int, seed: int, progress: Callable[[float], None] | None) -> None:
        self.device, self.trials, self.seed = warm(device), integer("trials", trials), seed
        self.progress = progress
        self._direction, stiffness, _ = well(self.device)
        self._settling = SETTLE / (self.device.alpha * gamma0 * stiffness)
        self._foster, self._pinned = Foster.of(self.device), np.array(self.device.pinned)

    @abstractmethod
    def _advance(self, state: State, protocol: Protocol, told: Callable[[float], None] | None) -> State:
        """State after a waveform; ``told`` takes the time [s] since its last call."""

    @abstractmethod
    def _cosines(self, state: State) -> np.ndarray:
        """Component of the moment along the pinned layer, m.p, of every trial."""

    def _settled(self, moments: np.ndarray, stream: int) -> State:
        """State in equilibrium, without heat, of trials that start from these moments."""
        heat = np.zeros((1 + len(self._foster.times), self.trials))
        return self._idle(State(moments, heat, np.ones(self.trials, bool), stream=stream), self._settling)

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
            If the drive is no voltage, above the breakdown voltage, or heats the free layer more than is described.
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

    def cool(self, state: State, time: float) -> State:
        """State after an idle time: only heat moves while no moment can leave its well, else all is simulated.

        Whether it can is asked of the macrospin, with the ``activation_volume`` of the device where it has one: a
        magnet that is much wider than a wall has a lower barrier than a macrospin of its size.

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
        return float(((self._cosines(state) < 0.0) & state.counted).sum()), float(state.counted.sum())

    def parallel_only(self, state: State) -> State:
        """Let only those trials count that are parallel: the others were not reset.

        Parameters
        ----------
        state : State

        Returns
        -------
        State
        """
        return replace(state, counted=state.counted & (self._cosines(state) > 0.0))

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
