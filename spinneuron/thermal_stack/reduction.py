"""From all poles of a stack to one to four of them.

The reduced network keeps the steady resistance exactly, since ``R_j = w_j R`` with ``w_j >= 0`` and ``sum_j w_j = 1``.
Its times and shares make the response to a step least wrong, over a range of times that are evenly spaced in their
logarithm: nonnegative least squares over many candidate times say where to begin, and the logarithms of times and
shares are then fitted together. The largest error left is reported.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import optimize, special

from spinneuron import quantity
from spinneuron.quantity import InputError, shown
from spinneuron.thermal_stack.layers import Layer
from spinneuron.thermal_stack.network import Spectrum, spectrum

MOST_POLES = 4
# Times at which the response is compared, and candidates for the times of the poles.
_COMPARED, _CANDIDATES = 241, 61
# A pole of less than this share carries nothing.
_NEGLIGIBLE = 1e-6
# Times that differ by less are one.
_SAME = 1e-2


class Foster(NamedTuple):
    """A Foster network of few poles: ``T(t) / P = sum_j R_j (1 - exp(-t / tau_j))`` after a step of power P."""

    resistances: tuple[float, ...]
    """R_j [K/W], none negative; their sum is that of the spectrum."""
    times: tuple[float, ...]
    """tau_j [s], fastest first."""
    error: float
    """Largest difference to the whole spectrum over `between`, as a fraction of the resistance [1]."""
    between: tuple[float, float]
    """Shortest and longest time of the comparison [s]."""
    spectrum: Spectrum
    """All poles of the stack."""

    @property
    def resistance(self) -> float:
        """Temperature per power in the end [K/W]: the sum of the resistances."""
        return math.fsum(self.resistances)

    def step(self, times: Any) -> np.ndarray:
        """Compute the response of the few poles to a step of power.

        Parameters
        ----------
        times : array_like [s]
            Since the step; not negative.

        Returns
        -------
        numpy.ndarray
            Temperature per power [K/W], of the shape of `times`.

        Raises
        ------
        InputError
            If a time is negative or not finite.
        """
        return Spectrum(np.array(self.resistances), np.array(self.times)).step(times)


def foster(
    layers: Sequence[Layer],
    area: float,
    *,
    heated: str | Sequence[str] | Mapping[str, float],
    sensed: str | Sequence[str],
    poles: int = 2,
    top: float = math.inf,
    bottom: float = 0.0,
    cells: int = 8,
    between: tuple[float, float] | None = None,
) -> Foster:
    """Reduce a stack to few poles, for ``thermal_resistances`` and ``thermal_times`` of a device.

    Parameters
    ----------
    layers : sequence of Layer
        As in `network.modes`.
    area : float [m^2]
        Section of the pillar.
    heated, sensed : str, sequence of str or dict
        As in `network.spectrum`.
    poles : int
        1 to 4; fewer come out where fewer say it all.
    top, bottom : float [K/W]
        As in `network.modes`.
    cells : int
        As in `network.modes`.
    between : tuple of float, optional [s]
        Shortest and longest time that matter, in either order; by default 1/100 and 20 times the mean time
        ``sum_j R_j tau_j / sum_j R_j``.

    Returns
    -------
    Foster

    Raises
    ------
    InputError
        As `network.spectrum`; if the poles are not 1 to 4, or the times not two different positive ones.

    References
    ----------
    R. M. Foster, Bell Syst. Tech. J. 3, 259 (1924).

    Examples
    --------
    >>> slab = [Layer(name="slab", thickness=1e-7, conductivity=1.0, heat_capacity=2e6)]
    >>> network = foster(slab, 1e-12, heated="slab", sensed="slab", poles=1)
    >>> round(network.resistance), round(network.times[0] * 1e9, 1)
    (33635, 7.9)
    """
    if isinstance(poles, bool) or poles not in range(1, MOST_POLES + 1):
        raise InputError(f"poles = {shown(poles)}: give 1, 2, 3 or 4")
    whole = spectrum(layers, area, heated=heated, sensed=sensed, top=top, bottom=bottom, cells=cells)
    total = whole.resistance
    compared = _range(between, float(whole.resistances @ whole.times) / total)
    # What is left to heat, from 1 to 0: the cooling curve.
    cooling = 1.0 - whole.step(compared) / total
    times, shares = _fitted(compared, cooling, int(poles))
    resistances = shares * total
    error = float(np.abs(np.exp(-compared[:, None] / times) @ shares - cooling).max())
    # The largest takes the rounding of the others.
    largest = int(resistances.argmax())
    resistances[largest] = total - math.fsum(np.delete(resistances, largest))
    ends = (float(compared[0]), float(compared[-1]))
    return Foster(tuple(resistances.tolist()), tuple(times.tolist()), error, ends, whole)


def _range(between: Any, mean: float) -> np.ndarray:
    """Times of the comparison, evenly spaced in their logarithm."""
    if between is None:
        between = (1e-2 * mean, 20.0 * mean)
    try:
        first, last = between
    except (TypeError, ValueError):
        raise InputError(f"between = {shown(between)}: two times in seconds are needed, like (1e-9, 1e-6)") from None
    low, high = sorted(quantity.positive("between", time, "s") for time in (first, last))
    if low == high:
        raise InputError(f"between = {shown(between)}: two different times are needed, like (1e-9, 1e-6)")
    return np.geomspace(low, high, _COMPARED)


def _fitted(compared: np.ndarray, cooling: np.ndarray, poles: int) -> tuple[np.ndarray, np.ndarray]:
    """Times and shares of a sum of decays: the best of several starts; the shares sum to 1."""

    def decays(parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.exp(-compared[:, None] / np.exp(parameters[:poles])), special.softmax(parameters[poles:])

    def residual(parameters: np.ndarray) -> np.ndarray:
        decay, shares = decays(parameters)
        return decay @ shares - cooling

    def slope(parameters: np.ndarray) -> np.ndarray:
        decay, shares = decays(parameters)
        by_time = decay * shares * (compared[:, None] / np.exp(parameters[:poles]))
        return np.hstack([by_time, shares * (decay - (decay @ shares)[:, None])])

    low, high = np.log(compared[[0, -1]])
    bounds = np.repeat([[low - 3.0, -30.0], [high + 3.0, 30.0]], poles, axis=1)
    best = min(
        (
            optimize.least_squares(residual, start, slope, bounds, x_scale="jac", xtol=1e-12, ftol=1e-12)
            for start in _starts(compared, cooling, poles)
        ),
        key=lambda result: result.cost,
    )
    return _distinct(np.exp(best.x[:poles]), special.softmax(best.x[poles:]))


def _distinct(times: np.ndarray, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Leave out poles that carry nothing, and make one of those with the same time; fastest first."""
    order = np.argsort(times)
    order = order[shares[order] > _NEGLIGIBLE]
    times, shares = times[order], shares[order] / shares[order].sum()
    group = np.concatenate([[0], np.cumsum(np.diff(np.log(times)) > _SAME)])
    total = np.bincount(group, shares)
    return np.bincount(group, shares * times) / total, total


def _starts(compared: np.ndarray, cooling: np.ndarray, poles: int) -> list[np.ndarray]:
    """Where to begin: the groups of a nonnegative fit over many times, cut in every way near its heaviest ones."""
    candidates = np.geomspace(compared[0], compared[-1], _CANDIDATES)
    weights, _ = optimize.nnls(np.exp(-compared[:, None] / candidates), cooling)
    logs = np.log(candidates)
    heavy = np.sort(np.argsort(weights)[::-1][: poles + 2])
    starts = []
    for chosen in itertools.combinations(heavy, poles):
        share = np.log(np.maximum(weights[list(chosen)], 1e-3))
        starts.append(np.concatenate([logs[list(chosen)], share - share.mean()]))
    return starts
