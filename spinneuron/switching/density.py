"""The engine that moves the probability density of an axial device: infinitely many trials, at one temperature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from spinneuron.device import Device
from spinneuron.dynamics.electrothermal import Thermal
from spinneuron.dynamics.fokker_planck import CELLS, Axial, Grid, advance_density
from spinneuron.physics.heating import Foster
from spinneuron.physics.temperature import grid, limit
from spinneuron.physics.torques import Torques
from spinneuron.protocols import Protocol
from spinneuron.quantity import InputError, integer, non_negative, positive
from spinneuron.switching.state import State, refuse_voltage, stays, warm, well
from spinneuron.units import format as shown

# of a piece of the waveform: on the edges of a reset power and torque change within a nanosecond
_LEAST_STEPS = 16


class Density:
    """The probability density of an axial device: magnet, field and pinned layer along z, equal in x and y.

    Parameters
    ----------
    device : Device
    trials : int
        Number of trials that a probability is said to stand for where counts are asked for.
    cells : int
        Of m_z.
    dt : float [s]
        Largest step.
    progress : callable, optional
        Called with the simulated time [s] of waveforms since its last call.

    Raises
    ------
    InputError
        If the device is not axial, has no parallel state, or is at 0 K.
    """

    def __init__(
        self,
        device: Device,
        trials: int = 1_000_000,
        cells: int = CELLS,
        dt: float = 0.5e-9,
        progress: Callable[[float], None] | None = None,
    ) -> None:
        self.device, self.trials, self.dt = warm(device), integer("trials", trials), positive("dt", dt, "s")
        self.progress = progress
        well(self.device)
        self._axial = Axial.of(self.device, self.device.size)
        torques = Torques.of(self.device, self.device.size)
        self._grid = Grid.of(integer("cells", cells, 2), self._axial.pole, torques.even, torques.odd)
        first, step, laws = grid(self.device, self.device.temperature)
        self._foster = Foster.of(self.device)
        self._thermal = Thermal(self.device.temperature, True, first, step, laws, self._foster.windows(1.0))
        self._hottest = limit(self.device) - self.device.temperature

    def _boltzmann(self, side: float) -> np.ndarray:
        """Equilibrium in one well, at the temperature of the surroundings: rates at rest have it as their zero."""
        a, x = self._axial, self._grid.center
        own = x * a.pole * side > 0.0
        exponent = a.alpha / a.diffusion * (a.applied * x - 0.5 * (a.shape + a.anisotropy) * x * x)[own]
        q = np.zeros(len(x))
        q[own] = self._grid.width[own] * np.exp(exponent - exponent.max())
        return q / q.sum()

    def rest(self, stream: int = 0) -> State:
        """Ensemble in equilibrium, parallel, without heat.

        Parameters
        ----------
        stream : int
            Of no meaning here.

        Returns
        -------
        State
        """
        return State(self._boltzmann(1.0), np.zeros(1 + len(self._foster.times)), np.ones(1), stream=stream)

    def run(self, state: State, protocol: Protocol, stream: int | None = None) -> State:
        """State after a waveform, in steps that meet its corners.

        Parameters
        ----------
        state : State
        protocol : Protocol
            A voltage.
        stream : int, optional
            Of no meaning here.

        Returns
        -------
        State

        Raises
        ------
        InputError
            If the drive is no voltage, or above the breakdown voltage, or the free layer becomes hotter than is
            described.
        """
        refuse_voltage(self.device, protocol)
        state = self._advance(state, protocol)
        if self.progress:
            self.progress(protocol.duration)
        return state

    def _advance(self, state: State, protocol: Protocol) -> State:
        q, heat, times, values = state.moments.copy(), state.heat.copy(), protocol.times, protocol.values
        for i in range(len(times) - 1):
            length = times[i + 1] - times[i]
            steps = max(_LEAST_STEPS, int(np.ceil(length / self.dt)))
            thermal = self._thermal._replace(windows=self._foster.windows(length / steps))
            drive, record = np.linspace(values[i], values[i + 1], steps + 1), np.empty((steps, 3))
            advance_density(q, heat[1:], drive, length / steps, self._axial, self._grid, thermal, record)
            heat[0] = record[-1, 2]
            if not record[:, 1].max() < self._hottest:
                hot = shown(self.device.temperature + float(record[:, 1].max()), "K", 3)
                raise InputError(f"temperature: the drive heats the free layer to {hot}; lower it")
        return replace(state, moments=q, heat=heat)

    def cool(self, state: State, time: float) -> State:
        """State after an idle time: the wells relax within themselves while no moment can leave its well.

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
        if not stays(self.device, self.rise(state), time):
            return self._advance(state, Protocol((0.0, time), (0.0, 0.0), "V"))
        against = float(state.moments[self._grid.center * self._axial.pole < 0.0].sum())
        q = (1.0 - against) * self._boltzmann(1.0) + against * self._boltzmann(-1.0)
        return replace(state, moments=q, heat=np.append(0.0, self._foster.cooled(state.heat[1:], time)))

    def switched(self, state: State) -> tuple[float, float]:
        """Probability of the antiparallel state, as a share of ``trials``.

        Parameters
        ----------
        state : State

        Returns
        -------
        tuple of float
            Probability times ``trials``, and the share that counts times ``trials``.
        """
        against = float(state.moments[self._grid.center * self._axial.pole < 0.0].sum())
        counted = float(state.counted[0]) * self.trials
        return min(max(against, 0.0), 1.0) * counted, counted

    def parallel_only(self, state: State) -> State:
        """Keep the parallel well only: the rest was not reset.

        Parameters
        ----------
        state : State

        Returns
        -------
        State
        """
        q = np.where(self._grid.center * self._axial.pole > 0.0, state.moments, 0.0)
        return replace(state, moments=q / q.sum(), counted=state.counted * q.sum())

    def rise(self, state: State) -> float:
        """Temperature rise of the free layer.

        Parameters
        ----------
        state : State

        Returns
        -------
        float [K]
        """
        return float(state.heat[1:].sum())
