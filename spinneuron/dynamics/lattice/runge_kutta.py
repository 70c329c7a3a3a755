"""Adaptive Runge-Kutta steps of a lattice: `RungeKutta`, by one of the TABLEAUS.

The last slope of a step is the first of the next. The largest error of any moment in a step is kept below the
tolerance. What limits steps on a lattice is mostly the precession of exchange waves from cell to cell, which nobody
looks at but which must stay stable: up to 2.83 rad a step of Kutta's 4(3), for four slopes, and 1.0 (2.1 with a
damping of 0.02) of Dormand and Prince's 5(4), for six. The latter is for few or large cells and small tolerances.

Sources: J. R. Dormand, P. J. Prince, J. Comput. Appl. Math. 6, 19 (1980); E. Hairer, S. P. Norsett, G. Wanner, Solving
Ordinary Differential Equations I (1993), II.1 (Kutta's method), II.4 (the estimate of third order by the first slope of
the next step); control by the last two errors: K. Gustafsson, ACM Trans. Math. Softw. 17, 533 (1991).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinneuron.constants import gamma0
from spinneuron.dynamics.lattice.motion import FieldOf, combine, largest_error, normalize, slope

SHORTEST = 1e-20


class Tableau(NamedTuple):
    """Numbers of a pair of Runge-Kutta methods.

    Attributes
    ----------
    order : int
        Of the solution; the estimate of its error is that of one order less.
    nodes : numpy.ndarray
        Times of the slopes in the step.
    stages : tuple of numpy.ndarray
        Weights of the slopes before each slope; the last are those of the solution.
    error : numpy.ndarray
        Weights of the error.
    """

    order: int
    nodes: np.ndarray
    stages: tuple[np.ndarray, ...]
    error: np.ndarray


TABLEAUS = {
    "runge-kutta": Tableau(
        4,
        np.array([0.0, 1 / 2, 1 / 2, 1.0, 1.0]),
        (np.array([1 / 2]), np.array([0.0, 1 / 2]), np.array([0.0, 0.0, 1.0]), np.array([1 / 6, 1 / 3, 1 / 3, 1 / 6])),
        np.array([0.0, 0.0, 0.0, 1 / 6, -1 / 6]),
    ),
    "dormand-prince": Tableau(
        5,
        np.array([0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0]),
        (
            np.array([1 / 5]),
            np.array([3 / 40, 9 / 40]),
            np.array([44 / 45, -56 / 15, 32 / 9]),
            np.array([19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729]),
            np.array([9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656]),
            np.array([35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84]),
        ),
        np.array([71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40]),
    ),
}


class RungeKutta:
    """Moves a lattice with steps of its own choice.

    Parameters
    ----------
    field : callable
        Writes the field [A/m] of moments (3, nz, ny, nx) at a time [s] into its second argument.
    alpha : numpy.ndarray [1]
        (nz, ny, nx).
    method : str
        A name in TABLEAUS.
    tolerance : float [1]
        Of the error of any moment in a step.
    precession : bool
        False: only the damping moves the moments.
    gamma : float [m/(A s)]
        Gyromagnetic ratio; other codes take other digits.

    Attributes
    ----------
    step : float [s]
        The next one; 0 before the first.
    evaluations, taken, refused : int
        Of the field; steps.
    h : numpy.ndarray [A/m]
        Field at the last moments, (3, nz, ny, nx).
    """

    def __init__(
        self,
        field: FieldOf,
        alpha: np.ndarray,
        *,
        method: str = "runge-kutta",
        tolerance: float = 1e-5,
        precession: bool = True,
        gamma: float = gamma0,
    ) -> None:
        self.field, self.tolerance, self.tableau = field, tolerance, TABLEAUS[method]
        self.step, self.evaluations, self.taken, self.refused = 0.0, 0, 0, 0
        self._precession = 1.0 if precession else 0.0
        self._alpha = np.ascontiguousarray(alpha, dtype=float).ravel()
        self._rate = gamma / (1.0 + self._alpha**2)
        self._slopes = np.empty((len(self.tableau.nodes), 3, len(self._alpha)))
        self._trial = np.empty((3, *alpha.shape))
        self.h = np.empty_like(self._trial)
        self._valid, self._last, self._at = False, 0.0, 0.0

    def forget(self) -> None:
        """Say that moments or fields were changed from outside: the last slope no longer holds."""
        self._valid = False

    @property
    def state(self) -> tuple[float, float]:
        """What the next step depends on besides the moments: its length [s] and the last error over the tolerance."""
        return self.step, self._last

    @state.setter
    def state(self, given: tuple[float, float]) -> None:
        """Go on as a solver that was in this state.

        Parameters
        ----------
        given : tuple of float
        """
        self.step, self._last = given
        self._valid = False

    def _evaluate(self, m: np.ndarray, t: float, stage: int) -> None:
        self.field(m, self.h, t)
        flat, h = m.reshape(3, -1), self.h.reshape(3, -1)
        slope(flat, h, self._slopes[stage], self._rate, self._alpha, self._precession)
        self.evaluations += 1

    def advance(self, m: np.ndarray, t: float, until: float) -> float:
        """Take one step, changing the moments in place.

        Parameters
        ----------
        m : numpy.ndarray [1]
            (3, nz, ny, nx), contiguous.
        t, until : float [s]
            Time of the moments, and one that is not passed but met.

        Returns
        -------
        float [s]
            Time after the step.

        Raises
        ------
        FloatingPointError
            If no step is short enough, or the field is not finite.
        """
        # the last slope may be of a time that rounding has made another
        if not self._valid or self._at != t:
            self._evaluate(m, t, 0)
            self._valid = True
        if self.step == 0.0:
            speed = largest_error(self._slopes[:1], np.ones(1))
            self.step = 0.01 / max(speed, 1e-3 / (until - t))
        power = 1.0 / self.tableau.order
        while True:
            dt = self.step if self.step < (until - t) * (1.0 - 1e-9) else until - t
            ratio = self._try(m, t, dt) / self.tolerance
            if ratio <= 1.0:
                break
            self.refused += 1
            self.step = dt * (max(0.1, 0.9 * ratio**-power) if np.isfinite(ratio) else 0.1)
            if self.step < SHORTEST:
                raise FloatingPointError(f"no step is short enough at {t:.6g} s: the field is not finite or jumps")
        self.taken += 1
        ratio = max(ratio, 1e-10)
        factor = 0.9 * ratio ** (-0.7 * power) * (self._last or 1.0) ** (0.4 * power)
        self._last = ratio
        # a step cut short by its end says little about the next one
        self.step = max(self.step if dt < self.step else 0.0, dt * min(5.0, max(0.2, factor)))
        m[:] = self._trial
        self._slopes[0] = self._slopes[-1]
        self._at = t + self.tableau.nodes[-1] * dt
        return until if dt == until - t else t + dt

    def _try(self, m: np.ndarray, t: float, dt: float) -> float:
        """Moments and slope after a step, and its error."""
        flat, trial, last = self._slopes.reshape(len(self._slopes), -1), self._trial, len(self.tableau.stages)
        for stage, weights in enumerate(self.tableau.stages, 1):
            combine(m.reshape(-1), flat, dt * weights, trial.reshape(-1))
            if stage == last:
                normalize(trial.reshape(3, -1))
            self._evaluate(trial, t + self.tableau.nodes[stage] * dt, stage)
        return float(largest_error(self._slopes, dt * self.tableau.error))
