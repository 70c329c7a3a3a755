"""How the motion of a magnet is solved: `Solver` says it, `Motion` does it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinneuron.constants import gamma0
from spinneuron.dynamics.lattice.ensemble import WINDOW
from spinneuron.dynamics.lattice.motion import total
from spinneuron.dynamics.lattice.runge_kutta import RungeKutta
from spinneuron.dynamics.lattice.stochastic import SCHEMES, Stochastic
from spinneuron.lattice.checkpoint import Moving, Track
from spinneuron.units import format as shown


class Solver(NamedTuple):
    """How the motion of a lattice is solved.

    Attributes
    ----------
    method : str, optional
        "runge-kutta" (default at T = 0) or "dormand-prince", with steps of their own; "three-stage" (default at
        finite temperature), "semi-implicit" or "heun", with fixed steps.
    tolerance : float [1]
        Largest error of a moment in a step of the former.
    dt : float, optional [s]
        Step of the latter; by default 0.7 of the largest safe one.
    gamma : float [m/(A s)]
        Gyromagnetic ratio; other codes take other digits.
    precision : str
        "float64"; or "float32" for the moments of an ensemble.
    """

    method: str | None = None
    tolerance: float = 1e-5
    dt: float | None = None
    gamma: float = gamma0
    precision: str = "float64"


class Motion:
    """Adaptive or fixed steps, the same to their user.

    Parameters
    ----------
    magnet : Moving
    solver : Solver
        With its method.
    dt : float or None [s]
        Fixed step; None: adaptive ones.
    temperature : float [K]
        Of the thermal field.
    seed : tuple of int
        Of the noise, and the number of the trial.
    """

    def __init__(
        self, magnet: Moving, solver: Solver, dt: float | None, temperature: float, seed: tuple[int, int]
    ) -> None:
        field, alpha = total(list(magnet.terms.values())), magnet.parameters["alpha"]
        self.magnet, self.dt = magnet, dt
        self._cost = SCHEMES[str(solver.method)].evaluations if dt is not None else 0
        self.adaptive: RungeKutta | None = None
        if dt is None:
            self.adaptive = RungeKutta(
                field, alpha, method=str(solver.method), tolerance=solver.tolerance, gamma=solver.gamma
            )
        else:
            one, trial = seed
            self.fixed = Stochastic(
                field, alpha, scheme=str(solver.method), dt=dt, seed=one, trial=trial, gamma=solver.gamma
            )
            self.fixed.heat(magnet.Ms, magnet.mesh.cell_volume, temperature)

    @property
    def evaluations(self) -> int:
        """Of the field so far."""
        return self._cost * self.fixed.step if self.adaptive is None else self.adaptive.evaluations

    def begin(self, track: Track) -> None:
        """Stand where a track stands.

        Parameters
        ----------
        track : Track
        """
        if self.adaptive is not None:
            self.adaptive.state = track.solver
            return
        self.fixed.step, warmth = track.step, self.magnet.warmth
        if warmth is not None:
            if len(track.heat):
                warmth.state = track.heat
            # at the begin, too: the terms may be left hot from a run before
            warmth.follow(self.fixed)

    def go(self, track: Track, until: float) -> None:
        """Move the magnet to a time, and note where the solver stands.

        Parameters
        ----------
        track : Track
        until : float [s]

        Raises
        ------
        FloatingPointError
            If moments or fields are not finite.
        """
        m = self.magnet.m
        if self.adaptive is not None:
            while track.time < until:
                track.time = self.adaptive.advance(m, track.time, until)
            track.solver = self.adaptive.state
        else:
            assert self.dt is not None
            warmth = self.magnet.warmth
            for _ in range(max(1, round((until - track.time) / self.dt))):
                self.fixed.advance(m, self.fixed.step * self.dt)
                if warmth is not None and self.fixed.step % WINDOW == 0:
                    warmth.renew(self.fixed, m, self.fixed.step * self.dt, WINDOW * self.dt)
            track.step, track.time = self.fixed.step, until
            if warmth is not None:
                track.heat = warmth.state
        if not np.isfinite(m).all():
            raise FloatingPointError(f"a moment is not finite at {shown(track.time, 's', 4)}; take a smaller step")
