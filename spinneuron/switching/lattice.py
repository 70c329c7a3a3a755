"""The engine that steps lattices: trials of a free layer that may switch by a wall or a nucleus."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from spinneuron.device import Device
from spinneuron.dynamics.lattice.ensemble import WINDOW, Ensemble
from spinneuron.lattice.devices import Layout, connect, magnet_of
from spinneuron.lattice.replicated import Replicated
from spinneuron.lattice.run import Solver, complete, fixed_step
from spinneuron.protocols import Protocol
from spinneuron.quantity import integer
from spinneuron.switching.state import State
from spinneuron.switching.stepped import Stepped


class LatticeTrials(Stepped):
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
        super().__init__(device, trials, integer("seed", seed, 0), progress)
        self.layout = layout or Layout(precision="float32")
        self.magnet = magnet_of(self.device, self.layout)
        if self.magnet.mean @ self._pinned < 0.0:
            self.magnet.m = self._direction
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
        return self._settled(np.broadcast_to(m, (self.trials, *m.shape)), stream)

    def _advance(self, state: State, protocol: Protocol, told: Callable[[float], None] | None) -> State:
        # whole windows of heat
        steps = WINDOW * math.ceil(protocol.duration / (WINDOW * self._step))
        ensemble = Ensemble(
            self._whole.body, self._whole.plan, self._whole.foster, scheme=str(self._solver.method),
            dt=protocol.duration / steps, trials=self.trials, first=(state.stream * self.trials, state.step),
            seed=self.seed, further=self._whole.further,
        )  # fmt: skip
        ensemble.in_blocks(state.moments, ensemble.m)
        ensemble.in_blocks(state.heat.T, ensemble.heat)
        ensemble.go(steps, protocol.at, (lambda count: told(count / steps * protocol.duration)) if told else None)
        self._whole.check(ensemble)
        moments, heat = ensemble.by_trial(ensemble.m), ensemble.by_trial(ensemble.heat).T
        return replace(state, moments=moments, heat=heat, step=state.step + steps)

    def _cosines(self, state: State) -> np.ndarray:
        return np.einsum("k,tkc,c->t", self._weight, state.moments, self._pinned, dtype=float)
