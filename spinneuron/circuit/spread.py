"""What spread of the resistances and the comparator's offset do to eq. (2): worst corners, read errors, yield.

With R_c the resistance at the comparator level, R_P < R_c < R_AP is what a junction needs. R_P and R_AP are random;
since the divider is monotonic, the probabilities are values of the normal cdf. Source: intrinsic-plasticity network
paper (IPNet), Methods, eqs. (1), (2); the paper tells no spread.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_ndtr, logsumexp

from spinneuron.circuit.comparator import ReadStage, Window
from spinneuron.quantity import InputError, finite, format, non_negative, shown

LAWS = ("gaussian", "lognormal")
# Beyond it a Gaussian holds more than 1 permille of negative resistances.
_MOST_GAUSSIAN = 1.0 / 3.0


@dataclass(frozen=True)
class Spread:
    """How junctions and comparators differ from each other.

    Parameters
    ----------
    sigma : float [1]
        Relative standard deviation of both resistances: R = R0 (1 + sigma z), or R0 exp(sigma z) where lognormal,
        with z standard normal.
    law : str
        "gaussian" or "lognormal".
    common : bool
        One z for both states of a junction (its area or barrier), instead of one for each.
    offset : float [V]
        Standard deviation of the comparator's input offset, Gaussian.

    Raises
    ------
    InputError
        If a number is negative, the law is unknown, or a Gaussian is too wide for resistances.
    """

    sigma: float = 0.0
    law: str = "gaussian"
    common: bool = False
    offset: float = 0.0

    def __post_init__(self) -> None:
        non_negative("spread", self.sigma)
        non_negative("offset", self.offset, "V")
        if self.law not in LAWS:
            raise InputError(f"law = {shown(self.law)}: use one of {', '.join(LAWS)}")
        if self.law == "gaussian" and self.sigma > _MOST_GAUSSIAN:
            percent = format(self.sigma, "%")
            raise InputError(f"spread = {percent}: a Gaussian would make resistances negative; take law lognormal")

    def deviate(self, ratio: np.ndarray) -> np.ndarray:
        """Compute the z at which a resistance is `ratio` times its nominal value; infinite without spread.

        Parameters
        ----------
        ratio : numpy.ndarray [1]
            Above 0.

        Returns
        -------
        numpy.ndarray
        """
        distance = np.asarray(ratio) - 1.0 if self.law == "gaussian" else np.log(ratio)
        return distance / self.sigma if self.sigma else np.where(distance == 0.0, 0.0, np.inf * np.sign(distance))

    def factor(self, z: float) -> float:
        """Compute a resistance over its nominal value, `z` standard deviations away.

        Parameters
        ----------
        z : float [1]

        Returns
        -------
        float
            May be negative for a Gaussian.
        """
        return 1.0 + self.sigma * z if self.law == "gaussian" else math.exp(self.sigma * z)


class ReadErrors(NamedTuple):
    """Probabilities that a fixed comparator level does not fit a junction.

    Attributes
    ----------
    false_spike, missed_spike : float [1]
        That the parallel state is read as a spike; that the antiparallel one is not.
    failure : float [1]
        That at least one of both happens: the junction violates eq. (2).
    """

    false_spike: float
    missed_spike: float
    failure: float

    @property
    def read_yield(self) -> float:
        """Probability that a junction satisfies eq. (2) [1]."""
        return 1.0 - self.failure


def corners(stage: ReadStage, spread: Spread, count: float = 3.0) -> Window:
    """Compute the window that is left in the worst corner: R_P up, R_AP down, and the offset against both.

    One level serves all junctions, so that independent and common spreads have the same corner.

    Parameters
    ----------
    stage : ReadStage
    spread : Spread
    count : float [1]
        Standard deviations, of each quantity at once.

    Returns
    -------
    Window
        Its width is below zero where no level is right in both corners.

    Raises
    ------
    InputError
        If the corner of a Gaussian has no positive resistance.
    """
    count = non_negative("count", count)
    if spread.factor(-count) <= 0.0:
        fault = f"a Gaussian of {format(spread.sigma, '%')} is negative there"
        raise InputError(f"count = {count:g}: {fault}; take fewer, or law lognormal")
    low = stage.level_of(stage.parallel * spread.factor(count)) + count * spread.offset
    high = stage.level_of(stage.antiparallel * spread.factor(-count)) - count * spread.offset
    return Window(low, high, high - low, 0.5 * (low + high))


def read_errors(stage: ReadStage, spread: Spread, level: float) -> ReadErrors:
    """Compute how often a fixed comparator level is wrong for a junction, eq. (2) with spread.

    Independent: 1 - failure = cdf(z_P) (1 - cdf(z_AP)); common: failure = 1 - cdf(z_P) + cdf(z_AP), with z where R is
    R_c. With an offset this is averaged over the level.

    Parameters
    ----------
    stage : ReadStage
    spread : Spread
    level : float [V]

    Returns
    -------
    ReadErrors

    Raises
    ------
    InputError
        If the level does not lie between the outputs of P and AP.
    """
    low, high, _, _ = _open_window(stage)
    if not low < finite("level", level, "V") < high:
        between = f"{format(low, 'V', 4)} and {format(high, 'V', 4)}"
        raise InputError(f"level = {format(level, 'V', 4)}: must lie between the outputs of P and AP, {between}")
    return ReadErrors(*np.exp(_log_errors(stage, spread, level)).tolist())


def best_level(stage: ReadStage, spread: Spread) -> float:
    """Find the comparator level with the highest yield.

    For lognormal spreads without offset it is the output of sqrt(R_P R_AP), whatever the reference; without spread
    every level works, and the middle of the window is taken.

    Parameters
    ----------
    stage : ReadStage
    spread : Spread

    Returns
    -------
    float
        [V].

    Raises
    ------
    InputError
        If the window is closed (TMR of zero).
    """
    low, high, width, middle = _open_window(stage)
    if not spread.sigma:
        return middle
    if spread.law == "lognormal" and not spread.offset:
        return stage.level_of(math.sqrt(stage.parallel * stage.antiparallel))
    edge = 1e-6 * width
    found = minimize_scalar(
        lambda level: _log_errors(stage, spread, level)[2], bounds=(low + edge, high - edge), method="bounded",
        options={"xatol": 1e-9 * width},
    )  # fmt: skip
    return float(found.x)


def _open_window(stage: ReadStage) -> Window:
    window = stage.window
    if window.width <= 0.0:
        raise InputError("tmr = 0: P and AP give the same output, no comparator level tells them apart; give a TMR")
    return window


# Gauss-Legendre nodes within one standard deviation: the integrands are smooth on that scale.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)


def _log_errors(stage: ReadStage, spread: Spread, level: float) -> np.ndarray:
    """Logarithms of (false spike, missed spike, failure), which may be far below the smallest float."""
    if not spread.offset:
        return _log_errors_at(stage, spread, np.array([level]))[:, 0]
    # The errors step where the level passes the outputs of P and AP, over the width that the spread has there.
    steps = np.linspace(-10.0, 10.0, 21)
    places = [level + spread.offset * steps]
    for nominal in (stage.parallel, stage.antiparallel):
        v = stage.level_of(nominal)
        places.append(v + max(spread.sigma * v * (1.0 - v / stage.read_voltage), 1e-6 * spread.offset) * steps)
    edges = np.unique(np.clip(np.concatenate(places), level - 10 * spread.offset, level + 10 * spread.offset))
    half = 0.5 * np.diff(edges)[:, None]
    at = (0.5 * (edges[1:] + edges[:-1])[:, None] + half * _NODES).ravel()
    z = (at - level) / spread.offset
    weight = np.log((half * _WEIGHTS).ravel() / (spread.offset * math.sqrt(2.0 * math.pi))) - 0.5 * z**2
    return logsumexp(_log_errors_at(stage, spread, at) + weight, axis=1)


def _log_errors_at(stage: ReadStage, spread: Spread, level: np.ndarray) -> np.ndarray:
    """The same without offset, for many levels; below 0 V every junction fires, above the read voltage none."""
    inside = (level > 0.0) & (level < stage.read_voltage)
    critical = stage.resistance_at(np.where(inside, level, 0.5 * stage.read_voltage))
    outside = np.where(level <= 0.0, -np.inf, np.inf)
    false = log_ndtr(-np.where(inside, spread.deviate(critical / stage.parallel), outside))
    missed = log_ndtr(np.where(inside, spread.deviate(critical / stage.antiparallel), outside))
    either = np.logaddexp(false, missed)
    if not spread.common:
        # P(A or B) = P(A) + P(B) - P(A) P(B); the bound keeps -inf - -inf away.
        either = either + np.log1p(-np.exp(false + missed - np.maximum(either, -1e300)))
    return np.stack([false, missed, np.minimum(either, 0.0)])
