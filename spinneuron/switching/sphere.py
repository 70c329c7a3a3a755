"""The engine that moves the probability density of any device on the sphere: infinitely many trials."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from scipy.special import erf

from spinneuron.device import Device
from spinneuron.dynamics.fokker_planck.basins import Basin, basin, equilibrium
from spinneuron.dynamics.fokker_planck.harmonics import Space
from spinneuron.dynamics.fokker_planck.junction import Junction
from spinneuron.dynamics.fokker_planck.sampling import Sampling, below
from spinneuron.dynamics.fokker_planck.sphere import Generator, Sphere
from spinneuron.dynamics.fokker_planck.sphere_steps import Control, advance
from spinneuron.dynamics.fokker_planck.truncation import checked, finer, first, tails
from spinneuron.physics.heating import Foster
from spinneuron.physics.temperature import Laws, limit
from spinneuron.protocols import Protocol
from spinneuron.quantity import InputError, integer, non_negative, positive
from spinneuron.switching.density import TOLERANCE
from spinneuron.switching.ladder import Ladder, Level
from spinneuron.switching.state import refuse_voltage, stays, warm, well
from spinneuron.units import format as shown

FLOOR = 1e-9
"""Probability below which digits do not count: harmonics are sums of both signs."""
MOST_LEVELS = 6
# tolerance of a step on the coarsest level: each finer one has a quarter
_STEP = 1e-3
# part of the norm in the last degrees at which a density is no longer what its coefficients say
_LOST = 0.1


class SphereDensity:
    """The probability density of a device whose directions are any: tilted, in the plane, of three different axes.

    Levels of more harmonics and finer steps are made until the probabilities of both states stand still.

    Parameters
    ----------
    device : Device
    trials : int
        Number of trials that a probability is said to stand for where counts are asked for.
    tolerance : float [1]
        Relative error of the probability and of its complement.
    truncation : tuple of int, optional
        Largest degree l and order |m| of the coarsest level; by default from the equilibrium.
    method : str, optional
        "implicit" or "explicit"; by default the cheaper one.
    progress : callable, optional
        Called with the simulated time [s] of waveforms since its last call.

    Raises
    ------
    InputError
        If the device has no parallel state, is at 0 K, or needs too many harmonics.
    """

    def __init__(
        self,
        device: Device,
        trials: int = 1_000_000,
        *,
        tolerance: float = TOLERANCE,
        truncation: tuple[int, int] | None = None,
        method: str | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> None:
        self.device, self.trials, self.progress = warm(device), integer("trials", trials), progress
        self.tolerance, self._method = positive("tolerance", tolerance), method
        well(self.device)
        self._sphere = Sphere.of(self.device, self.device.size)
        self._laws, self._foster = Laws.of(self.device, self.device.temperature), Foster.of(self.device)
        self._hottest = limit(self.device) - self.device.temperature
        self._basins = {side: basin(self._sphere, np.array([0.0, 0.0, side])) for side in (1.0, -1.0)}
        name = self.device.name
        coarse = first(self._sphere, self._basins[1.0], name) if truncation is None else checked(*truncation, name)
        self._spaces = [coarse]
        self._junctions: dict[int, Junction] = {}

    def space(self, k: int) -> Space:
        """Harmonics of a level.

        Parameters
        ----------
        k : int

        Returns
        -------
        Space
        """
        while len(self._spaces) <= k:
            self._spaces.append(finer(self._spaces[-1], self.device.name))
        return self._spaces[k]

    def _junction(self, k: int) -> Junction:
        if k not in self._junctions:
            self._junctions[k] = Junction(Generator(self._sphere, self.space(k)), self._laws, self._foster)
        return self._junctions[k]

    def _boltzmann(self, k: int, side: float) -> np.ndarray:
        within: Basin = self._basins[side]
        return equilibrium(self._sphere, self.space(k), within)

    def rest(self, stream: int = 0) -> Ladder:
        """Ensemble in equilibrium within the basin of the parallel well, without heat.

        Parameters
        ----------
        stream : int
            Of no meaning here.

        Returns
        -------
        Ladder
        """
        poles = len(self._foster.times)
        return Ladder(lambda k: Level(self._boltzmann(k, 1.0), np.zeros(poles), 0.0, 1.0), stream)

    def run(self, state: Ladder, protocol: Protocol, stream: int | None = None) -> Ladder:
        """State after a waveform.

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
        """States after waveforms, one for each.

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
        found = []
        for state, protocol in zip(states, protocols, strict=True):
            after = self._after(state, protocol)
            after.level(0)
            found.append(after)
            if self.progress:
                self.progress(protocol.duration)
        return found

    def _after(self, state: Ladder, protocol: Protocol) -> Ladder:
        corners = np.array(protocol.times), np.array(protocol.values)

        def moved(k: int) -> Level:
            before, control = state.level(k), Control(min(_STEP, self.tolerance) * 0.25**k, FLOOR)
            junction = self._junction(k)
            record = advance(junction, (before.q, before.theta), corners, corners[0][-1:], control, self._method)
            if not record.hottest < self._hottest:
                hot = shown(self.device.temperature + record.hottest, "K", 3)
                raise InputError(f"temperature: the drive heats the free layer to {hot}; lower it")
            return Level(record.coefficients[-1], record.theta[-1], float(record.power[-1]), before.counted)

        return replace(state, make=moved, _made=[])

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
            return self._after(state, Protocol((0.0, time), (0.0, 0.0), "V"))

        def cooled(k: int) -> Level:
            before = state.level(k)
            against = self._against(k, before.q)
            q = (1.0 - against) * self._boltzmann(k, 1.0) + against * self._boltzmann(k, -1.0)
            return Level(q, self._foster.cooled(before.theta, time), 0.0, before.counted)

        return replace(state, make=cooled, _made=[])

    def _against(self, k: int, q: np.ndarray) -> float:
        """Probability of m.p < 0."""
        space = self.space(k)
        return float(below(space) @ q[space.zonal()])

    def parallel_only(self, state: Ladder) -> Ladder:
        """Keep the parallel moments only: the rest was not reset.

        The density ends at m.p = 0 as smoothly as in `basins`: what lies there is exp(-barrier / kB T) of it.

        Parameters
        ----------
        state : Ladder

        Returns
        -------
        Ladder
        """

        def kept(k: int) -> Level:
            before, sampling = state.level(k), Sampling(self.space(k))
            step = 0.5 * (1.0 + erf(sampling.z / self._width))
            q = sampling.multiply(before.q, step[:, None])
            whole = float(q[0] * np.sqrt(4.0 * np.pi))
            return before._replace(q=q / whole, counted=before.counted * (1.0 - self._against(k, before.q)))

        return replace(state, make=kept, _made=[])

    @property
    def _width(self) -> float:
        """Width of the ridge, of one well alone that of thermal motion."""
        ridge = self._basins[1.0]
        return ridge.width if np.isfinite(ridge.level) else 0.3

    def _values(self, state: Ladder, k: int) -> np.ndarray:
        """Probabilities of both states, that which counts, and the rise [K]."""
        level = state.level(k)
        against = self._against(k, level.q)
        return np.array([against, 1.0 - against, level.counted, level.theta.sum()])

    def _settled(self, state: Ladder) -> tuple[np.ndarray, float]:
        """Values, and the relative error of the probabilities: the change from the level before, at most."""
        error, values = np.inf, self._values(state, 0)
        for k in range(1, MOST_LEVELS):
            last, values = values, self._values(state, k)
            error = float((np.abs(values - last)[:3] / (np.maximum(values[:3], 0.0) + FLOOR / self.tolerance)).max())
            if error <= self.tolerance and max(tails(self.space(k), state.level(k).q)) < _LOST:
                return values, error
        raise InputError(
            f"tolerance = {self.tolerance:g}: {MOST_LEVELS} levels reach {error:.1e}; ask for less, or use the model "
            "macrospin"
        )

    def probabilities(self, state: Ladder) -> tuple[float, float, float]:
        """Probabilities of both states.

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
            Relative, estimated; of what lies below `FLOOR`, nothing is known.

        Raises
        ------
        InputError
            If the tolerance is not reached.
        """
        values, error = self._settled(state)
        against = float(np.clip(values[0], 0.0, 1.0))
        return against, 1.0 - against, error

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
        counted = float(np.clip(self._settled(state)[0][2], 0.0, 1.0)) * self.trials
        return self.probabilities(state)[0] * counted, counted

    def rise(self, state: Ladder) -> float:
        """Temperature rise of the free layer.

        Parameters
        ----------
        state : Ladder

        Returns
        -------
        float [K]
        """
        return float(self._settled(state)[0][3])
