"""Time stepping of densities on the sphere, with the temperature that the mean Joule power leads to.

Slow, over barriers: TR-BDF2 as in `lanes`, with sparse LU factors. Steps are a power of two of a segment of the
waveform, so that factors serve many steps; where drive or temperature have moved a little since, the old factors
precondition a few corrections instead of being renewed. The error estimate is that of Hosea and Shampine, Appl. Numer.
Math. 20, 21 (1996), led through the implicit operator once more, so that stiff parts do not count.

Fast, precession with little diffusion: Dormand-Prince of order 8 (Hairer, Norsett, Wanner, Solving Ordinary
Differential Equations I (1993), section II.5) on density and temperatures together.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sparse
from scipy.integrate import solve_ivp
from scipy.sparse.linalg import splu

from spinneuron.dynamics.fokker_planck.harmonics import Matrix
from spinneuron.dynamics.fokker_planck.junction import Junction
from spinneuron.dynamics.fokker_planck.lanes import PART, SHARE, TRUNCATION
from spinneuron.quantity import InputError

METHODS = ("implicit", "explicit")
MOST_STEPS = 50_000
"""Implicit steps of a waveform."""
# by how much more than the temperature a rate changes; corrections by old factors before they are renewed; factors
# that are kept; what rounding leaves of a probability
_BARRIER, _CORRECTIONS, _KEPT, _ROUNDING = 30.0, 10, 3, 1e-11


class Control(NamedTuple):
    """How steps are chosen.

    Attributes
    ----------
    tolerance : float [1]
        Error of one step: in the norm of the density, and in the rarer half, relative.
    floor : float [1]
        Probability below which the rarer half need not be known that well.
    halvings : int
        With a number, every segment is cut into so many powers of two, whatever the error.
    """

    tolerance: float
    floor: float = 1e-9
    halvings: int | None = None


class Record(NamedTuple):
    """States at the times that were asked for.

    Attributes
    ----------
    coefficients : numpy.ndarray
        (times, functions).
    theta : numpy.ndarray [K]
        (times, poles).
    power : numpy.ndarray [W]
        (times,).
    hottest : float [K]
        Highest rise within the steps.
    steps, factors : int
        How many were taken or made.
    """

    coefficients: np.ndarray
    theta: np.ndarray
    power: np.ndarray
    hottest: float
    steps: int
    factors: int


class _Solver:
    """Solves ``(1 - a L) x = b`` with factors that are kept for each a."""

    def __init__(self, junction: Junction) -> None:
        self.junction, self.made = junction, 0
        self._factors: dict[float, Any] = {}

    def __call__(self, a: float, numbers: np.ndarray, b: np.ndarray, exact: float = 1e-13) -> np.ndarray:
        L = self.junction.matrix(numbers)
        if a in self._factors and (x := self._corrected(self._factors[a], a, L, b, exact)) is not None:
            return x
        self._factors.pop(a, None)
        while len(self._factors) >= _KEPT:
            self._factors.pop(next(iter(self._factors)))
        whole = sparse.csc_array(sparse.eye_array(len(b), format="csr") - a * L)
        # nearly symmetric in its pattern: a third of the time and three quarters of the entries of the usual order
        symmetric = {"permc_spec": "MMD_AT_PLUS_A", "diag_pivot_thresh": 0.01, "options": {"SymmetricMode": True}}
        self._factors[a] = splu(whole, **symmetric)
        self.made += 1
        x = self._corrected(self._factors[a], a, L, b, exact)
        return splu(whole).solve(b) if x is None else x

    @staticmethod
    def _corrected(factors, a: float, L: Matrix, b: np.ndarray, exact: float) -> np.ndarray | None:
        """Solution by factors of a matrix nearby, with corrections; None where they do not lead to it."""
        x, last, size = factors.solve(b), np.inf, float(np.linalg.norm(b))
        for _ in range(_CORRECTIONS):
            # the row of l = 0 is that of the unit matrix
            x[0] = b[0]
            rest = b - x + a * (L @ x)
            left = float(np.linalg.norm(rest))
            # near rounding no correction helps any more
            if left <= exact * size or (left <= 100.0 * exact * size and left > 0.3 * last):
                return x
            if not left < 0.3 * last:
                return None
            last = left
            x = x + factors.solve(rest)
        return None


class _Step(NamedTuple):
    """One implicit step: density, slopes at both ends, temperatures, power, and its error in units of the tolerance."""

    new: np.ndarray
    before: np.ndarray
    after: np.ndarray
    theta: np.ndarray
    power: float
    error: float


def _tr_bdf2(solver: _Solver, state: tuple, drives: tuple[float, float, float], h: float, control: Control) -> _Step:
    """One step from state (c, theta, power) over h, drives at its begin, after PART of it, and at its end."""
    c, theta, power = state
    junction, foster = solver.junction, solver.junction.foster
    keep, before, after = foster.windows(h)
    rise = float(theta.sum())
    # the power ahead, as far as it is known: what it leads to is known to second order in the step
    expected = junction.power(c, drives[2], rise)
    ahead = float((keep * theta + before * power + after * expected).sum())
    held, early, late = foster.windows(PART * h)
    gained = (1.0 - PART) * power + PART * expected
    rises = (rise, float((held * theta + early * power + late * gained).sum()), ahead)
    numbers = [junction.numbers(drive, one) for drive, one in zip(drives, rises, strict=True)]
    a = SHARE * h
    old = a * (junction.matrix(numbers[0]) @ c)
    middle = solver(a, numbers[1], c + old)
    right = (middle - (1.0 - PART) ** 2 * c) / (PART * (2.0 - PART))
    new = solver(a, numbers[2], right)
    fresh = new - right
    error = TRUNCATION * (old / PART - (middle - c - old) / (PART * (1.0 - PART)) + fresh / (1.0 - PART))
    worst = 0.0
    if control.halvings is None:
        error = solver(a, numbers[2], error, 1e-2)
        share = abs(junction.against(new))
        share = min(share, abs(1.0 - share)) + max(control.floor, _ROUNDING / control.tolerance)
        rare = abs(junction.against(error)) / share
        worst = max(float(np.linalg.norm(error) / np.linalg.norm(new)), rare) / control.tolerance
    last = junction.power(new, drives[2], ahead)
    warm = keep * theta + before * power + after * last
    if control.halvings is None:
        # of second order in the step, where the error is of third
        missed = _BARRIER * abs(float(warm.sum()) - ahead) / junction.laws.base
        worst = max(worst, missed**1.5 / control.tolerance)
    return _Step(new, old / a, fresh / a, warm, last, worst)


def _between(step: _Step, c: np.ndarray, theta: np.ndarray, power: float, x: float, h: float) -> tuple:
    """State within a step, at the share x: cubic in the density, linear in the rest."""
    y = 1.0 - x
    density = (
        y * y * (1.0 + 2.0 * x) * c
        + x * x * (1.0 + 2.0 * y) * step.new
        + h * x * y * (y * step.before - x * step.after)
    )
    return density, y * theta + x * step.theta, y * power + x * step.power


def _record(kept: list[tuple], hottest: float, steps: int, factors: int) -> Record:
    """Stack states."""
    coefficients, theta, power = (np.array(column) for column in zip(*kept, strict=True))
    return Record(coefficients, theta, power, hottest, steps, factors)


def implicit(
    junction: Junction,
    start: tuple[np.ndarray, np.ndarray],
    corners: tuple[np.ndarray, np.ndarray],
    stops: np.ndarray,
    control: Control,
    progress: Callable[[float], None] | None = None,
) -> Record:
    """Follow a density through a waveform by TR-BDF2.

    Parameters
    ----------
    junction : Junction
    start : tuple of numpy.ndarray
        Coefficients, and rise of each pole [K].
    corners : tuple of numpy.ndarray
        Times [s] of the corners of the waveform, and drives there.
    stops : numpy.ndarray [s]
        Ascending times within the waveform at which the state is wanted.
    control : Control
    progress : callable, optional
        Called with the time [s] of each step.

    Returns
    -------
    Record

    Raises
    ------
    InputError
        If the tolerance needs more than `MOST_STEPS`.
    """
    c, theta = start[0].copy(), start[1].copy()
    solver, kept, steps = _Solver(junction), [], 0
    times, drives = corners
    power = junction.power(c, drives[0], float(theta.sum()))
    hottest, stop = float(theta.sum()), 0
    for begin, end, first, last in zip(times[:-1], times[1:], drives[:-1], drives[1:], strict=True):
        length, place = end - begin, 0.0
        k = control.halvings if control.halvings is not None else 10
        power = junction.power(c, first, float(theta.sum()))
        while place < 1.0:
            share = 0.5**k
            here = [first + (last - first) * min(place + part * share, 1.0) for part in (0.0, PART, 1.0)]
            step = _tr_bdf2(solver, (c, theta, power), (here[0], here[1], here[2]), share * length, control)
            steps += 1
            if steps > MOST_STEPS:
                raise InputError(
                    f"tolerance: a waveform takes more than {MOST_STEPS} steps; ask for less or shorten it"
                )
            if step.error > 1.0:
                k += 1 if step.error < 8.0 else 2
                continue
            t, after = begin + place * length, place + share
            while stop < len(stops) and stops[stop] <= begin + after * length * (1.0 + 1e-12):
                x = min(max((stops[stop] - t) / (share * length), 0.0), 1.0)
                kept.append(_between(step, c, theta, power, x, share * length))
                stop += 1
            c, theta, power, place = step.new, step.theta, step.power, after
            hottest = max(hottest, float(theta.sum()))
            if progress:
                progress(share * length)
            # a longer step must begin at a multiple of itself
            if control.halvings is None and step.error < 0.1 and k > 0 and (place * 2.0 ** (k - 1)).is_integer():
                k -= 1
    while len(kept) < len(stops):
        kept.append((c, theta, power))
    return _record(kept, hottest, steps, solver.made)


def explicit(
    junction: Junction,
    start: tuple[np.ndarray, np.ndarray],
    corners: tuple[np.ndarray, np.ndarray],
    stops: np.ndarray,
    control: Control,
    progress: Callable[[float], None] | None = None,
) -> Record:
    """Follow a density through a waveform by a Runge-Kutta method of order 8.

    Parameters
    ----------
    junction : Junction
    start : tuple of numpy.ndarray
        Coefficients, and rise of each pole [K].
    corners : tuple of numpy.ndarray
        Times [s] of the corners of the waveform, and drives there.
    stops : numpy.ndarray [s]
        Ascending times within the waveform at which the state is wanted.
    control : Control
        Its tolerance alone, of a step in the norm of the density and in kelvin.
    progress : callable, optional
        Called with the time [s] of each segment.

    Returns
    -------
    Record
    """
    foster, size = junction.foster, junction.space.size
    y, times = np.concatenate(start), corners[0]
    scale = np.concatenate([np.full(size, np.linalg.norm(start[0]) / math.sqrt(size)), np.ones(len(foster.times))])
    kept, hottest, steps, stop = [], float(start[1].sum()), 0, 0

    def slope(t: float, y: np.ndarray) -> np.ndarray:
        drive = float(np.interp(t, *corners))
        rise = float(y[size:].sum())
        change = junction.matrix(junction.numbers(drive, rise)) @ y[:size]
        if not len(foster.times):
            return change
        power = junction.power(y[:size], drive, rise)
        return np.concatenate([change, (foster.resistances * power - y[size:]) / foster.times])

    for begin, end in zip(times[:-1], times[1:], strict=True):
        until = len(stops) if end == times[-1] else int(np.searchsorted(stops, end, side="right"))
        wanted, places = np.unique(np.append(np.clip(stops[stop:until], begin, end), end), return_inverse=True)
        stop = until
        found = solve_ivp(slope, (begin, end), y, "DOP853", wanted, rtol=1e-10, atol=control.tolerance * scale)
        if not found.success:
            raise FloatingPointError(f"density: {found.message}")
        y, steps = found.y[:, -1], steps + found.nfev
        for t, one in zip(wanted[places[:-1]], found.y.T[places[:-1]], strict=True):
            rise = float(one[size:].sum())
            kept.append((one[:size], one[size:], junction.power(one[:size], float(np.interp(t, *corners)), rise)))
        hottest = max(hottest, float(found.y[size:].sum(axis=0).max()))
        if progress:
            progress(end - begin)
    return _record(kept, hottest, steps, 0)


def cheaper(junction: Junction, corners: tuple[np.ndarray, np.ndarray], tolerance: float) -> str:
    """Which of `METHODS` takes less time, by an estimate.

    Explicit steps are as short as the fastest function turns: 1.5 products of the matrix for each radian of its largest
    row. Implicit ones follow the precession, a step for each radian at a tolerance of 1e-3, as long as damping leaves
    it after a corner; for each corner there are some 10 factors. The prices [s per entry] are those of one core.

    Parameters
    ----------
    junction : Junction
    corners : tuple of numpy.ndarray
        Times [s] and drives.
    tolerance : float [1]

    Returns
    -------
    str
    """
    s, space, times = junction.sphere, junction.space, corners[0]
    heated = len(junction.foster.times) > 0
    L = junction.matrix(junction.numbers(max(corners[1].tolist(), key=abs), 0.0))
    products = 1.5 * float(abs(L).sum(axis=1).max()) * float(times[-1])
    stiff = np.linalg.eigvalsh(s.shape + s.anisotropy)
    turn = float(stiff[-1] - stiff[0] + abs(s.fourth) + np.linalg.norm(s.applied))
    lasting = np.minimum(np.diff(times), 5.0 / (s.alpha * turn))
    steps = turn * float(lasting.sum()) * (1e-3 / tolerance) ** (1.0 / 3.0) + 15.0 * len(lasting)
    band = 4.0 * space.order + 2.0
    entries = space.size * band
    cost = {
        "explicit": products * L.nnz * (1.5e-9 if heated else 0.6e-9),
        "implicit": steps * (10.0 if heated else 4.0) * entries * 1.7e-9 + 10.0 * len(lasting) * entries * band * 6e-10,
    }
    return min(cost, key=lambda name: cost[name])


def advance(
    junction: Junction,
    start: tuple[np.ndarray, np.ndarray],
    corners: tuple[np.ndarray, np.ndarray],
    stops: np.ndarray,
    control: Control,
    method: str | None = None,
    progress: Callable[[float], None] | None = None,
) -> Record:
    """Follow a density through a waveform by the cheaper method, or by one that is named.

    Parameters
    ----------
    junction : Junction
    start : tuple of numpy.ndarray
        Coefficients, and rise of each pole [K].
    corners : tuple of numpy.ndarray
        Times [s] of the corners of the waveform, and drives there.
    stops : numpy.ndarray [s]
        Ascending times within the waveform at which the state is wanted.
    control : Control
    method : str, optional
        Of `METHODS`.
    progress : callable, optional
        Called with the time [s] of what was done since its last call.

    Returns
    -------
    Record

    Raises
    ------
    InputError
        If there is no such method.
    """
    if method is None:
        method = cheaper(junction, corners, control.tolerance)
    if method not in METHODS:
        raise InputError(f"method = {method!r}: use one of {', '.join(METHODS)}")
    return {"implicit": implicit, "explicit": explicit}[method](junction, start, corners, stops, control, progress)
