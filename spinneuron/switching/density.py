"""The engine that moves the probability density of an axial device: infinitely many trials, at one temperature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from spinneuron.device import Device
from spinneuron.dynamics.fokker_planck.lanes import LANES
from spinneuron.protocols import Protocol
from spinneuron.quantity import InputError, integer, non_negative, positive
from spinneuron.switching.batch import Batch
from spinneuron.switching.cells import Cells, first_step
from spinneuron.switching.ladder import FLOOR, LEAST_LEVELS, MOST_LEVELS, NOTHING, Ladder, Level, extrapolated, pair
from spinneuron.switching.state import refuse_voltage, stays, warm, well

TOLERANCE = 1e-3
"""Of a probability and of its complement, relative: below what 10^6 trials would scatter, but where both are rare."""


class Density:
    """The probability density of an axial device: magnet, field and pinned layer along z, equal in x and y.

    Cells and steps are chosen so that the probabilities of both states are right to a tolerance: steps by their error
    on a coarse level, then finer levels, each with twice the cells and half the steps, until their extrapolation
    (`ladder`) stands still.

    Parameters
    ----------
    device : Device
    trials : int
        Number of trials that a probability is said to stand for where counts are asked for.
    tolerance : float [1]
        Relative error of the probability and of its complement.
    cells : int, optional
        Even; of m_z. With ``dt``, one level of these cells and steps alone; without, of the coarsest level.
    dt : float, optional [s]
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
        *,
        tolerance: float = TOLERANCE,
        cells: int | None = None,
        dt: float | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> None:
        self.device, self.trials, self.progress = warm(device), integer("trials", trials), progress
        self.tolerance = positive("tolerance", tolerance)
        well(self.device)
        self.cells = Cells(self.device, cells)
        self.dt = None if dt is None else positive("dt", dt, "s")
        self.step = first_step(self.tolerance)

    def rest(self, stream: int = 0) -> Ladder:
        """Ensemble in equilibrium, parallel, without heat.

        Parameters
        ----------
        stream : int
            Of no meaning here.

        Returns
        -------
        Ladder
        """
        poles = len(self.cells.foster.times)
        return Ladder(lambda k: Level(self.cells.boltzmann(k, 1.0), np.zeros(poles), 0.0), stream)

    def run(self, state: Ladder, protocol: Protocol, stream: int | None = None) -> Ladder:
        """State after a waveform, in steps that meet its corners.

        Parameters
        ----------
        state : Ladder
        protocol : Protocol
            A voltage.
        stream : int, optional
            Of no meaning here.

        Returns
        -------
        Ladder

        Raises
        ------
        InputError
            If the drive is no voltage, or above the breakdown voltage, or the free layer becomes hotter than is
            described.
        """
        return self.run_all([state], [protocol])[0]

    def run_all(self, states: Sequence[Ladder], protocols: Sequence[Protocol], first_stream: int = 0) -> list[Ladder]:
        """States after waveforms, one for each, side by side.

        Parameters
        ----------
        states : sequence of Ladder
        protocols : sequence of Protocol
            Voltages.
        first_stream : int
            Of no meaning here.

        Returns
        -------
        list of Ladder

        Raises
        ------
        InputError
            As `run`.
        """
        for protocol in protocols:
            refuse_voltage(self.device, protocol)
        found: list[Any] = [None] * len(states)
        for corners in sorted({len(protocol.times) for protocol in protocols}):
            alike = [i for i, protocol in enumerate(protocols) if len(protocol.times) == corners]
            for first in range(0, len(alike), LANES):
                some = alike[first : first + LANES]
                batch = Batch(self, [states[i] for i in some], [protocols[i] for i in some])
                batch.level(0)
                for lane, i in enumerate(some):
                    found[i] = Ladder(partial(batch.one, lane), states[i].stream)
                    if self.progress:
                        self.progress(protocols[i].duration)
        return found

    def cool(self, state: Ladder, time: float) -> Ladder:
        """State after an idle time: the wells relax within themselves while no moment can leave its well.

        Parameters
        ----------
        state : Ladder
        time : float [s]

        Returns
        -------
        Ladder

        Raises
        ------
        InputError
            If the time is negative.
        """
        if non_negative("idle time", time, "s") == 0.0:
            return state
        if not stays(self.device, float(state.level(0).theta.sum()), time):
            batch = Batch(self, [state], [Protocol((0.0, time), (0.0, 0.0), "V")])
            return replace(state, make=partial(batch.one, 0), _made=[])

        def cooled(k: int) -> Level:
            before = state.level(k)
            against = float(before.q[~self.cells.own(k)].sum())
            q = (1.0 - against) * self.cells.boltzmann(k, 1.0) + against * self.cells.boltzmann(k, -1.0)
            return before._replace(q=q, theta=self.cells.foster.cooled(before.theta, time), power=0.0)

        return replace(state, make=cooled, _made=[])

    def parallel_only(self, state: Ladder) -> Ladder:
        """Keep the parallel well only: the rest was not reset.

        Parameters
        ----------
        state : Ladder

        Returns
        -------
        Ladder
        """

        def kept(k: int) -> Level:
            before = state.level(k)
            own = self.cells.own(k)
            q, against = np.where(own, before.q, 0.0), float(before.q[~own].sum())
            counted, lost = before.counted * float(q.sum()), before.lost + before.counted * against
            return before._replace(q=q / q.sum(), counted=counted, lost=lost)

        return replace(state, make=kept, _made=[])

    def _values(self, state: Ladder, k: int) -> np.ndarray:
        """Logarithms of the probabilities of both states, and of what counts and what does not; and the rise [K]."""
        level, own = state.level(k), self.cells.own(k)
        shares = np.array([level.q[~own].sum(), level.q[own].sum(), level.counted, level.lost])
        return np.append(np.log(np.maximum(shares, NOTHING)), level.theta.sum())

    def _settled(self, state: Ladder) -> tuple[np.ndarray, float]:
        """Extrapolated values, and the relative error of the probabilities."""
        values, error = [], np.inf
        for k in range(MOST_LEVELS):
            values.append(self._values(state, k))
            best, last = extrapolated(values)
            if self.dt is not None:
                return best, error
            shares = np.exp(best[:4])
            error = float((last[:4] * shares / (shares + FLOOR)).max())
            if k + 1 >= LEAST_LEVELS and error <= self.tolerance:
                return best, error
        raise InputError(f"tolerance = {self.tolerance:g}: {MOST_LEVELS} levels reach {error:.1e}; ask for less")

    def probabilities(self, state: Ladder) -> tuple[float, float, float]:
        """Probabilities of both states, each to its own relative accuracy.

        Parameters
        ----------
        state : Ladder

        Returns
        -------
        against : float [1]
            Of the antiparallel state.
        along : float [1]
            Of the parallel state.
        error : float [1]
            Relative, estimated; infinite where cells and steps were given.

        Raises
        ------
        InputError
            If the tolerance is not reached.
        """
        best, error = self._settled(state)
        return *pair(best[0], best[1]), error

    def switched(self, state: Ladder) -> tuple[float, float]:
        """Probability of the antiparallel state, as a share of ``trials``.

        Parameters
        ----------
        state : Ladder

        Returns
        -------
        tuple of float
            Probability times ``trials``, and the share that counts times ``trials``.
        """
        best, _ = self._settled(state)
        counted = pair(best[2], best[3])[0] * self.trials
        return pair(best[0], best[1])[0] * counted, counted

    def rise(self, state: Ladder) -> float:
        """Temperature rise of the free layer.

        Parameters
        ----------
        state : Ladder

        Returns
        -------
        float [K]
        """
        return float(self._settled(state)[0][4])
