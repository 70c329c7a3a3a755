"""Adaptive Runge-Kutta 5(4) for a lattice: `DormandPrince`.

Seven slopes a step, of which the last is the first of the next. The largest error of any cell is kept below the
tolerance. Source: J. R. Dormand, P. J. Prince, J. Comput. Appl. Math. 6, 19 (1980); control of the step by the last
two errors: K. Gustafsson, ACM Trans. Math. Softw. 17, 533 (1991).
"""

from __future__ import annotations

import numpy as np

from spinneuron.constants import gamma0
from spinneuron.dynamics.lattice.motion import FieldOf, combine, largest_error, normalize, slope

NODES = np.array([0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0])
STAGES = (
    np.array([1 / 5]),
    np.array([3 / 40, 9 / 40]),
    np.array([44 / 45, -56 / 15, 32 / 9]),
    np.array([19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729]),
    np.array([9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656]),
    np.array([35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84]),
)
ERROR = np.array([71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40])
SHORTEST = 1e-20


class DormandPrince:
    """Moves a lattice with steps of its own choice.

    Parameters
    ----------
    field : callable
        Writes the field [A/m] of moments (3, nz, ny, nx) at a time [s] into its second argument.
    alpha : numpy.ndarray [1]
        (nz, ny, nx).
    tolerance : float [1]
        Of the error of any moment in a step.
    precession : bool
        False: only the damping moves the moments.
    longest : float [s]
        No step is longer.

    Attributes
    ----------
    step : float [s]
        The next one; 0 before the first.
    evaluations, taken, refused : int
        Of the field; steps.
    torque_field : numpy.ndarray [A/m]
        Field at the last moments, (3, nz, ny, nx).
    """

    def __init__(
        self,
        field: FieldOf,
        alpha: np.ndarray,
        *,
        tolerance: float = 1e-5,
        precession: bool = True,
        longest: float = np.inf,
    ) -> None:
        self.field, self.tolerance, self.longest = field, tolerance, longest
        self.precession = 1.0 if precession else 0.0
        self.alpha = np.ascontiguousarray(alpha, dtype=float).ravel()
        self.rate = gamma0 / (1.0 + self.alpha**2)
        self.step, self.evaluations, self.taken, self.refused = 0.0, 0, 0, 0
        self._slopes = np.empty((7, 3, len(self.alpha)))
        self._trial = np.empty((3, *alpha.shape))
        self.torque_field = np.empty_like(self._trial)
        self._valid, self._last = False, 0.0

    def forget(self) -> None:
        """Say that moments or fields were changed from outside: the last slope no longer holds."""
        self._valid = False

    def evaluate(self, m: np.ndarray, t: float, stage: int) -> None:
        """Field and slope of moments.

        Parameters
        ----------
        m : numpy.ndarray [1]
            (3, nz, ny, nx).
        t : float [s]
        stage : int
            Where the slope is kept.
        """
        self.field(m, self.torque_field, t)
        flat = (3, -1)
        slope(
            m.reshape(flat),
            self.torque_field.reshape(flat),
            self._slopes[stage],
            self.rate,
            self.alpha,
            self.precession,
        )
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
        if not self._valid:
            self.evaluate(m, t, 0)
            self._valid, self._last = True, 0.0
        if self.step == 0.0:
            speed = largest_error(self._slopes[:1], np.ones(1))
            self.step = 0.01 / max(speed, 1e-3 / max(until - t, 1e-300))
        while True:
            wanted = min(self.step, self.longest)
            dt = wanted if wanted < (until - t) * (1.0 - 1e-9) else until - t
            error = self._try(m, t, dt)
            if error <= self.tolerance:
                break
            self.refused += 1
            self.step = dt * (max(0.1, 0.9 * (self.tolerance / error) ** 0.2) if np.isfinite(error) else 0.1)
            if self.step < SHORTEST:
                raise FloatingPointError(f"no step is short enough at {t:.6g} s: the field is not finite or jumps")
        self.taken += 1
        ratio, before = error / self.tolerance, self._last
        factor = 0.9 * max(ratio, 1e-10) ** -0.14 * (max(before, 1e-10) ** 0.08 if before else 1.0)
        self._last = max(ratio, 1e-10)
        # a step cut short by its end says little about the next one
        self.step = max(wanted if dt < wanted else 0.0, dt * min(5.0, max(0.2, factor)))
        m[:] = self._trial
        self._slopes[0] = self._slopes[6]
        return until if dt == until - t else t + dt

    def _try(self, m: np.ndarray, t: float, dt: float) -> float:
        """Moments and slope after a step, and its error."""
        flat = self._slopes.reshape(7, -1)
        for stage, weights in enumerate(STAGES, 1):
            combine(m.reshape(-1), flat, dt * weights, self._trial.reshape(-1))
            if stage == 6:
                normalize(self._trial.reshape(3, -1))
            self.evaluate(self._trial, t + NODES[stage] * dt, stage)
        return float(largest_error(self._slopes, dt * ERROR))
