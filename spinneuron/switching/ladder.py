"""Extrapolation of densities over a ladder of levels: each has twice the cells and half the steps of the one before.

The error of a level has an expansion in h ~ 1 / cells ~ dt: h^2 of grid and time, h^3 of time alone, h^4 of both, ...
(the grid is symmetric, TR-BDF2 is not). Combining neighbors removes one power after the other (Richardson), so that a
few coarse levels give what one grid would give with thousands of cells. Source: P. Deuflhard, F. Bornemann, Scientific
Computing with Ordinary Differential Equations (2002), section 4.3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

LEAST_LEVELS, MOST_LEVELS = 3, 8
FLOOR = 1e-25
"""Probability below which digits do not count."""
NOTHING = 1e-300
"""What stands for a probability of 0, whose logarithm is none."""


class Level(NamedTuple):
    """An ensemble on one level.

    Attributes
    ----------
    q : numpy.ndarray [1]
        Probabilities of the cells.
    theta : numpy.ndarray [K]
        Rise of each thermal pole.
    power : float [W]
        Mean.
    counted, lost : float [1]
        Probability that counts, and that which does not: their sum is 1, and neither is a difference.
    """

    q: np.ndarray
    theta: np.ndarray
    power: float
    counted: float = 1.0
    lost: float = 0.0


@dataclass(frozen=True)
class Ladder:
    """An ensemble between two stages of a protocol, on as many levels as are asked for: it knows how it is made.

    Attributes
    ----------
    make : callable
        Number of a level -> `Level`.
    stream : int
        Of no meaning to a density.
    """

    make: Callable[[int], Level]
    stream: int = 0
    _made: list[Level] = field(default_factory=list, repr=False, compare=False)

    def level(self, k: int) -> Level:
        """The ensemble on one level, made when it is first asked for.

        Parameters
        ----------
        k : int

        Returns
        -------
        Level
        """
        while len(self._made) <= k:
            self._made.append(self.make(len(self._made)))
        return self._made[k]

    @property
    def finest(self) -> Level:
        """The finest level so far."""
        return self.level(max(0, len(self._made) - 1))

    @property
    def moments(self) -> np.ndarray:
        """Probabilities of the cells on the finest level so far [1]."""
        return self.finest.q

    @property
    def heat(self) -> np.ndarray:
        """Mean power [W] and rise of each pole [K] on the finest level so far."""
        return np.append(self.finest.power, self.finest.theta)

    @property
    def counted(self) -> np.ndarray:
        """Probability that counts, on the finest level so far (1,) [1]."""
        return np.array([self.finest.counted])


def extrapolated(levels: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Remove h^2, h^3, h^4, ... from values of successive levels.

    Parameters
    ----------
    levels : list of numpy.ndarray
        The coarsest first.

    Returns
    -------
    best : numpy.ndarray
    error : numpy.ndarray
        Magnitude of the last correction: the error of what was known with one power less.
    """
    rows, last = list(levels), levels[-1]
    for order in range(2, len(levels) + 1):
        last = rows[-1]
        rows = [fine + (fine - coarse) / (2.0**order - 1.0) for coarse, fine in zip(rows, rows[1:], strict=False)]
    if len(levels) < 2:
        return rows[0], np.full_like(rows[0], np.inf)
    return rows[0], np.abs(rows[0] - last)


def pair(first: float, second: float) -> tuple[float, float]:
    """Two probabilities that add up to 1: the rarer one has the digits.

    Parameters
    ----------
    first, second : float [1]
        Logarithms, each with an error of its own.

    Returns
    -------
    tuple of float [1]
    """
    one, other = (float(np.exp(log)) if log > 0.9 * np.log(NOTHING) else 0.0 for log in (first, second))
    return (one, 1.0 - one) if one < other else (1.0 - other, other)
