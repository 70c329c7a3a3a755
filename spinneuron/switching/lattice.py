"""The engine that steps lattices: trials of a free layer that may switch by a wall or a nucleus."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from spinneuron.constants import gamma0
from spinneuron.device import Device
from spinneuron.dynamics.lattice.ensemble import WINDOW, Ensemble
from spinneuron.lattice.devices import Layout, connect, magnet_of
from spinneuron.lattice.replicated import Replicated
from spinneuron.lattice.run import Solver, complete, fixed_step
from spinneuron.physics.heating import Foster
from spinneuron.protocols import Protocol
from spinneuron.quantity import integer, non_negative
from spinneuron.switching.state import State, refuse_voltage, stays, warm, well
from spinneuron.switching.trials import SETTLE


class LatticeTrials:
    """Lattices, one by one, a register of them side by side.

    Moments of a state are those of the magnet's cells, (trials, cells, 3).

    Parameters
    ----------
    device : Device
    trials : int
    seed : int
    layout : Layout, optional
        By default that of `lattice.devices`, in single precision: counts do not resolve more.
    progress : callable, optional
        Called with the simulated time [s] of waveforms since its last call.

    Raises
    ------
    InputError
        If the device has no parallel state, is at 0 K, or cells are impossible.
    """

    def __init__(
        self,
        device: Device,
        trials: int = 64,
        seed: int = 0,
        layout: Layout | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> None:
        self.device, self.trials, self.seed = warm(device), integer("trials", trials), integer("seed", seed, 0)
        self.layout, self.progress = layout or Layout(precision="float32"), progress
        direction, stiffness, _ = well(self.device)
        self._settling = SETTLE / (self.device.alpha * gamma0 * stiffness)
        self._foster, self._pinned = Foster.of(self.device), np.array(self.device.pinned)
        self.magnet = magnet_of(self.device, self.layout)
        if self.magnet.mean @ self._pinned < 0.0:
            self.magnet.m = direction
            self.magnet.minimize()
        connect(self.magnet, self.device, Protocol((0.0, 1.0), (device.breakdown_voltage,) * 2, "V"), self.layout)
        temperature = self.device.temperature
        self._solver = complete(Solver(dt=self.layout.dt, precision=self.layout.precision), temperature)
        self._step = fixed_step(self.magnet, self._solver, self._settling, temperature)
        self._whole = Replicated.of(self.magnet, temperature, self._solver)
        Ms = self._whole.body.cells.table[:, 0]
        self._weight = Ms / Ms.sum()

    def rest(self, stream: int = 0) -> State:
        """Ensemble in equilibrium, parallel, without heat.

        Parameters
        ----------
        stream : int

        Returns
        -------
        State
        """
        m = self.magnet.m.reshape(3, -1)[:, self._whole.body.cells.sites].T
        heat = np.zeros((1 + len(self._foster.times), self.trials))
        moments = np.broadcast_to(m, (self.trials, *m.shape))
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

    def _advance(self, state: State, protocol: Protocol, told: Callable[[float], None] | None) -> State:
        # whole windows of heat
        steps = WINDOW * math.ceil(protocol.duration / (WINDOW * self._step))
        ensemble = Ensemble(
            self._whole.body, self._whole.plan, self._whole.foster, scheme=str(self._solver.method),
            dt=protocol.duration / steps, trials=self.trials, first=(state.stream * self.trials, state.step),
            seed=self.seed,
        )  # fmt: skip
        ensemble.in_blocks(state.moments, ensemble.m)
        ensemble.in_blocks(state.heat.T, ensemble.heat)
        ensemble.go(steps, protocol.at, (lambda count: told(count / steps * protocol.duration)) if told else None)
        self._whole.check(ensemble)
        moments, heat = ensemble.by_trial(ensemble.m), ensemble.by_trial(ensemble.heat).T
        return replace(state, moments=moments, heat=heat, step=state.step + steps)

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

    def _cosines(self, state: State) -> np.ndarray:
        """Mean of m.p of every trial."""
        return np.einsum("k,tkc,c->t", self._weight, state.moments, self._pinned, dtype=float)

    def switched(self, state: State) -> tuple[float, float]:
        """Count the trials that are antiparallel by their mean moment, among those that count.

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
        """Let only those trials count that are parallel by their mean moment: the others were not reset.

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
