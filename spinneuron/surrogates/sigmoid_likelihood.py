"""Likelihood of switching curves with binomial counts, and its maximum.

``P = p_max expit(eta)`` with ``eta`` linear in a slope and one intercept for each state. With ``q = 1 - p_max`` it is

    sum s (log p_max - softplus(-eta)) + (n - s) (softplus(eta + log q) - softplus(eta)),

which neither overflows nor cancels; gradient and Hessian are exact. With p_max = 1 it is concave.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit

_STEPS = 200
_DECREMENT = 1e-11


class Points(NamedTuple):
    """Measured points of all states in one list (point,)."""

    u: np.ndarray
    """Voltage, from -1 to 1: ``(V - center) / span``."""
    state: np.ndarray
    """Number of the state."""
    s: np.ndarray
    """Trials that switched."""
    n: np.ndarray
    """Trials."""
    center: float
    """[V]"""
    span: float
    """[V]"""

    @property
    def design(self) -> np.ndarray:
        """Columns of eta: u, and one intercept for each state (point, 1 + states)."""
        return np.column_stack([self.u, self.state[:, None] == np.arange(self.state.max() + 1)])

    def only(self, *states: int) -> "Points":
        """Take the points of some states, numbered anew.

        Parameters
        ----------
        *states : int

        Returns
        -------
        Points
        """
        at = np.isin(self.state, states)
        new = np.searchsorted(states, self.state[at])
        return Points(self.u[at], new, self.s[at], self.n[at], self.center, self.span)


def start(points: Points, design: np.ndarray, p_max: float) -> np.ndarray:
    """Guess slope and intercepts: least squares of the logit of slightly shrunk shares.

    Parameters
    ----------
    points : Points
    design : numpy.ndarray
        Columns of eta.
    p_max : float [1]

    Returns
    -------
    numpy.ndarray
        One coefficient for each column; the first is positive.
    """
    share = (points.s + 0.5) / (points.n + 1.0)
    level = np.clip(share / p_max, 1e-6, 1.0 - 0.5 / (points.n + 1.0))
    weight = np.sqrt(points.n * level * (1.0 - level))
    beta = np.linalg.lstsq(design * weight[:, None], logit(level) * weight, rcond=None)[0]
    beta[0] = max(beta[0], 0.1)
    return beta


def climb(
    points: Points, design: np.ndarray, offset: np.ndarray, beta: np.ndarray, p: float, free: bool
) -> tuple[float, np.ndarray, float]:
    """Maximize the log-likelihood by Newton steps, each uphill and no longer than it should be.

    Parameters
    ----------
    points : Points
    design : numpy.ndarray
        Columns of eta.
    offset : numpy.ndarray
        Added to eta (point,).
    beta : numpy.ndarray
        Start of the coefficients of the columns.
    p : float [1]
        p_max, or its start.
    free : bool
        Whether p_max is fitted.

    Returns
    -------
    tuple
        The log-likelihood, the coefficients and p_max.
    """
    theta = np.append(beta, logit(p) if free else 0.0)
    value, best = -math.inf, theta
    for _ in range(_STEPS):
        p = float(expit(best[-1])) if free else p
        gradient, hessian = derivatives(points, design, offset, best[:-1], p)
        if not free:
            gradient, hessian = gradient[:-1], hessian[:-1, :-1]
        if value == -math.inf:
            value = log_likelihood(points, design @ best[:-1] + offset, best[-1] if free else None, p)
        curvature, axes = np.linalg.eigh(-hessian)
        along = axes.T @ gradient
        # Where the curvature is of the wrong sign or tiny, still uphill.
        step = axes @ (along / np.maximum(np.abs(curvature), 1e-9 * np.abs(curvature).max() + 1e-12 * points.n.sum()))
        gain = float(step @ gradient)
        step *= min(1.0, 4.0 / np.abs(step).max()) if step.any() else 1.0
        if not free:
            step = np.append(step, 0.0)
        for _ in range(40):
            new = best + step
            tried = log_likelihood(points, design @ new[:-1] + offset, new[-1] if free else None, p)
            if tried >= value:
                best, value = new, tried
                break
            step = 0.5 * step
        else:
            break
        if gain < _DECREMENT * (1.0 + 1e-3 * abs(value)):
            break
    return value, best[:-1], float(expit(best[-1])) if free else p


def log_likelihood(points: Points, eta: np.ndarray, zeta: float | None, p: float) -> float:
    """Compute the log-likelihood without the binomial coefficients.

    Parameters
    ----------
    points : Points
    eta : numpy.ndarray
        (point,).
    zeta : float or None [1]
        Logit of p_max, where that is free.
    p : float [1]
        p_max, where it is not.

    Returns
    -------
    float
    """
    log_p, log_q = (-np.logaddexp(0.0, -zeta), -np.logaddexp(0.0, zeta)) if zeta is not None else _logs(p)
    missed = np.logaddexp(0.0, eta + log_q) - np.logaddexp(0.0, eta)
    return float(np.sum(points.s * (log_p - np.logaddexp(0.0, -eta)) + (points.n - points.s) * missed))


def _logs(p: float) -> tuple[float, float]:
    return math.log(p), math.log1p(-p) if p < 1.0 else -math.inf


def derivatives(
    points: Points, design: np.ndarray, offset: np.ndarray, beta: np.ndarray, p: float
) -> tuple[np.ndarray, np.ndarray]:
    """Differentiate the log-likelihood by the coefficients and, last, by the logit of p_max.

    Parameters
    ----------
    points : Points
    design : numpy.ndarray
    offset : numpy.ndarray
    beta : numpy.ndarray
    p : float [1]
        p_max.

    Returns
    -------
    tuple of numpy.ndarray
        Gradient and Hessian.
    """
    eta = design @ beta + offset
    s, missed, q = points.s, points.n - points.s, 1.0 - p
    up, down, t = expit(eta), expit(-eta), expit(eta + _logs(p)[1])
    by_eta = s * down - missed * p * up * (1.0 - t)
    gradient = np.append(design.T @ by_eta, np.sum(s * q - missed * p * t))
    bend = t * (1.0 - t)
    eta_eta = missed * bend - points.n * up * down
    cross = design.T @ (-missed * p * bend)
    zeta_zeta = np.sum(-s * p * q - missed * (p * q * t - p * p * bend))
    top = np.column_stack([design.T @ (eta_eta[:, None] * design), cross])
    return gradient, np.vstack([top, np.append(cross, zeta_zeta)])
