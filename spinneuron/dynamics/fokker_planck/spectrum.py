"""Rare events of a chain of cells: slowest rates and mean first-passage times, each with all its digits.

`axial.chain` gives rates up_f, down_f across the faces f of cells with stationary probabilities pi_i, and with the flux
c_f = up_f pi_f = down_f pi_{f+1} any chain on a line is reversible, whatever drives it. With S_f and R_f the
probabilities below and above a face, S + R = 1, and r_f = 1 / c_f, the flux J of a mode of rate lambda obeys

    J_f = lambda sum_g K_fg J_g,     K_fg = S_min(f,g) R_max(f,g) r_g

a kernel of positive numbers (the Green's function of the dual chain), whose largest eigenvalue is 1 / lambda_1; and the
mean time from cell i to cell k > i is sum_{i <= f < k} S_f r_f, its mean over an end k drawn from pi is the same for
every i: sum_f S_f R_f r_f = sum_k 1 / lambda_k. All these are sums of positive numbers, taken of logarithms: a barrier
of any height costs no digits. Sources: Karlin, McGregor, Trans. Am. Math. Soc. 85, 489 (1957) (dual chain); Kemeny,
Snell, Finite Markov Chains (1960), section 4.4; Haenggi, Talkner, Borkovec, Rev. Mod. Phys. 62, 251 (1990), section
VII.B (passage times).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh
from scipy.special import logsumexp

from spinneuron.compiled import kernel

LEAST_LEVELS, MOST_LEVELS = 4, 8
# faces up to which a dense matrix does
_FEW = 24


class Balance(NamedTuple):
    """Stationary state of a chain, as logarithms.

    Attributes
    ----------
    cell : numpy.ndarray [log 1]
        (cells,): probability of each.
    below, above : numpy.ndarray [log 1]
        (faces,): S and R, probabilities of the cells below and above each face, each summed by itself.
    resistance : numpy.ndarray [log s]
        (faces,): r.
    """

    cell: np.ndarray
    below: np.ndarray
    above: np.ndarray
    resistance: np.ndarray

    @classmethod
    def of(cls, up, down) -> Balance:
        """Balance the rates of a chain.

        Parameters
        ----------
        up, down : numpy.ndarray [1/s]
            From :func:`spinneuron.dynamics.fokker_planck.axial.chain`.

        Returns
        -------
        Balance
        """
        cell = np.concatenate([[0.0], np.cumsum(np.log(up) - np.log(down))])
        cell -= logsumexp(cell)
        below = np.logaddexp.accumulate(cell)[:-1]
        above = np.logaddexp.accumulate(cell[::-1])[::-1][1:]
        return cls(cell, below, above, -(np.log(up) + cell[:-1]))


@kernel
def green(g, t, y):
    """M y of M_fg = g_f g_g prod_{f < h <= g} t_h: the K of this module, made symmetric; no number is negative."""
    faces, new, held = len(g), np.empty(len(g)), 0.0
    for f in range(faces):
        held = held * t[f] + g[f] * y[f]
        new[f] = held
    held = 0.0
    for f in range(faces - 1, -1, -1):
        new[f] = g[f] * (new[f] + held)
        held = (held + g[f] * y[f]) * t[f]
    return new


def slowest(balance: Balance) -> float:
    """Lowest non-zero rate lambda_1 of a chain: the inverse of the largest eigenvalue of its Green's function.

    Parameters
    ----------
    balance : Balance

    Returns
    -------
    float [log 1/s]
        Relative error of the rate: some roundings, times the barrier over kB T.
    """
    log_g = 0.5 * (balance.below + balance.above + balance.resistance)
    scale, faces = log_g.max(), len(log_g)
    g, t = np.exp(log_g - scale), np.exp(0.5 * (np.diff(balance.above) - np.diff(balance.below)))
    t = np.concatenate([[0.0], t])
    if faces < _FEW:
        largest = np.linalg.eigvalsh(np.array([green(g, t, row) for row in np.eye(faces)]))[-1]
    else:
        # Lanczos iteration, which close rates do not slow down
        operator = LinearOperator((faces, faces), matvec=lambda y: green(g, t, np.ravel(y)), dtype=float)
        largest = eigsh(operator, k=1, which="LA", v0=g, return_eigenvectors=False)[0]
    return -(math.log(largest) + 2.0 * scale)


@kernel
def below(square, pivots, ratios):
    """How many eigenvalues of L D L' lie below ``square``: negative pivots of L D L' - square (Dhillon 1997)."""
    count, s = 0, -square
    for f in range(len(pivots)):
        d = pivots[f] + s
        if d == 0.0:
            d = -1e-300
        if d < 0.0:
            count += 1
        if f < len(ratios):
            s = s * (ratios[f] / d) - square
    return count


@kernel
def bisect(up, down, count):
    """The lowest ``count`` non-zero rates of a chain by bisection of its factored dual; no difference loses digits."""
    faces = len(up)
    pivots, ratios, kept = np.empty(faces), np.empty(faces - 1), up[0]
    for f in range(faces):
        pivots[f] = down[f] + kept
        if f < faces - 1:
            # L D L' has D = pivots and L^2 D = ratios; kept is what of the way up is not led back
            ratios[f] = up[f + 1] * (down[f] / pivots[f])
            kept = up[f + 1] * (kept / pivots[f])
    most, found = 0.0, np.empty(count)
    for f in range(faces):
        most = max(most, 2.0 * (up[f] + down[f]))
    for k in range(count):
        low, high = 1e-300, 2.0 * most
        while high > low * (1.0 + 4e-16):
            middle = math.sqrt(low) * math.sqrt(high) if high > 4.0 * low else 0.5 * (low + high)
            if middle <= low or middle >= high:
                break
            if below(middle, pivots, ratios) > k:
                high = middle
            else:
                low = middle
        found[k] = high if high > 1.1e-300 else 0.0
    return found


def eigenvalues(up, down, count: int) -> np.ndarray:
    """Lowest non-zero rates of a chain, all with full relative precision, however close or small.

    Eigenvalues of a product of bidiagonal matrices of positive numbers are as well determined as its entries: Demmel,
    Kahan, SIAM J. Sci. Stat. Comput. 11, 873 (1990).

    Parameters
    ----------
    up, down : numpy.ndarray [1/s]
        From :func:`spinneuron.dynamics.fokker_planck.axial.chain`.
    count : int
        Less than the number of cells.

    Returns
    -------
    numpy.ndarray [1/s]
        (count,), ascending; 0 where one is below 1e-300 1/s, for which :func:`slowest` gives the logarithm.
    """
    return bisect(np.ascontiguousarray(up), np.ascontiguousarray(down), count)


class Passage(NamedTuple):
    """Mean first-passage times between the two sides of a face.

    Attributes
    ----------
    below, above : float [log 1]
        Stationary probability of each side.
    up, down : float [log s]
        From the equilibrium of one side to a state drawn from that of the other.
    leave_up, leave_down : float [log s]
        From the equilibrium of one side to the face.
    any : float [log s]
        From any state to one drawn from the stationary state of all: sum of all 1 / lambda_k.
    """

    below: float
    above: float
    up: float
    down: float
    leave_up: float
    leave_down: float
    any: float


def passage(balance: Balance, face: int) -> Passage:
    """Mean first-passage times across a face.

    Parameters
    ----------
    balance : Balance
    face : int
        Between cells ``face`` and ``face + 1``.

    Returns
    -------
    Passage
    """
    S, R, r = balance.below, balance.above, balance.resistance
    lower, upper = S[face], R[face]
    before, after = np.arange(len(S)) <= face, np.arange(len(S)) >= face
    # a side's equilibrium has passed a face within it with the probability S / lower, hence the squares
    up = np.where(before, 2.0 * S - lower, S + R - upper) + r
    down = np.where(after, 2.0 * R - upper, R + S - lower) + r
    # the face lies in the middle of its gap
    half = np.where(np.arange(len(S)) == face, math.log(0.5), 0.0)
    return Passage(
        float(lower), float(upper), float(logsumexp(up)), float(logsumexp(down)),
        float(logsumexp((up + half)[before])), float(logsumexp((down + half)[after])), float(logsumexp(S + R + r)),
    )  # fmt: skip


def to_face(balance: Balance, face: int) -> np.ndarray:
    """Mean first-passage time from the center of every cell to a face.

    Parameters
    ----------
    balance : Balance
    face : int

    Returns
    -------
    numpy.ndarray [log s]
        (cells,).
    """
    up, down = balance.below + balance.resistance, balance.above + balance.resistance
    up[face], down[face] = up[face] + math.log(0.5), down[face] + math.log(0.5)
    rising = np.logaddexp.accumulate(up[: face + 1][::-1])[::-1]
    return np.concatenate([rising, np.logaddexp.accumulate(down[face:])])


def refined(evaluate: Callable[[int], np.ndarray], cells: int, tolerance: float) -> tuple[np.ndarray, float]:
    """Values in the limit of many cells: the error has even powers of 1 / cells only, which are removed in turn.

    Richardson's extrapolation (Romberg 1955) over levels, each with twice the cells of the one before.

    Parameters
    ----------
    evaluate : callable
        Number of cells -> values, as logarithms where relative errors count.
    cells : int
        Of the coarsest level.
    tolerance : float [1]
        At which the last correction is small enough.

    Returns
    -------
    best : numpy.ndarray
    error : float
        Largest last correction, or rounding where that is larger; above the tolerance where `MOST_LEVELS` do not reach
        it.
    """
    row: list[np.ndarray] = []
    best, error = np.empty(0), math.inf
    for level in range(MOST_LEVELS):
        new = [evaluate(cells * 2**level)]
        for order, coarse in enumerate(row, 1):
            # what is infinite stays what it is
            finite = np.isfinite(new[-1]) & np.isfinite(coarse)
            change = np.subtract(new[-1], coarse, out=np.zeros_like(coarse), where=finite)
            new.append(new[-1] + change / (4.0**order - 1.0))
        if level:
            finite = np.isfinite(new[-1]) & np.isfinite(new[-2])
            rounding = float(np.finfo(float).eps * np.abs(new[-1][finite]).max(initial=1.0))
            now = float(np.abs(new[-1][finite] - new[-2][finite]).max(initial=rounding))
            # rounding ends what extrapolation can do: the best level stays
            if now < error or level < LEAST_LEVELS:
                best, error = new[-1], now
        row = new
        if level + 1 >= LEAST_LEVELS and error <= tolerance:
            break
    return best, error
