"""Least-squares fits of the leaky integrator to sampled records, one or many at once; `lif_kernels` does the work."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from spinneuron import quantity
from spinneuron.quantity import InputError
from spinneuron.surrogates.lif_kernels import GRID, fit_many, tabulate

LEAST_SAMPLES = 4
"""With fewer samples there is no freedom left to judge two parameters by."""


class BatchFit(NamedTuple):
    """Fits of many devices; every entry is an array (device,)."""

    tau_membrane: np.ndarray
    """[s]; NaN: u is zero throughout; inf: no leak within the record; 0: u follows the drive within a sample."""
    gain: np.ndarray
    """[1/V]; 0 where u is zero throughout, infinite where tau_membrane is."""
    rate: np.ndarray
    """``gain / tau_membrane`` [1/(V s)], finite also where there is no leak; NaN where tau_membrane is 0 or NaN."""
    rmse: np.ndarray
    """Root mean square of the residual [1]."""
    r2: np.ndarray
    """Coefficient of determination [1]; NaN where u is constant."""
    tau_error: np.ndarray
    """Standard error of tau_membrane [s]; inf where the record does not determine it, NaN where u is zero."""
    gain_error: np.ndarray
    """Standard error of the gain [1/V]; inf or NaN like ``tau_error``."""
    covariance: np.ndarray
    """Of tau_membrane and gain [s/V]; NaN where they have no finite errors."""
    n_effective: np.ndarray
    """Number of samples over the integrated autocorrelation time of the residual."""


def record(time: ArrayLike, **arrays: ArrayLike) -> tuple[np.ndarray, list[np.ndarray]]:
    """Check a clock and what was sampled on it.

    Parameters
    ----------
    time : array_like [s]
        Increasing, (time,).
    **arrays : array_like
        (..., time), under the names that a message should give.

    Returns
    -------
    tuple
        The clock, and the list of the others, as arrays of floats.

    Raises
    ------
    InputError
        If one is no array of finite numbers of the right shape, or the clock does not increase.
    """
    checked: list[np.ndarray] = []
    for name, given in {"time": time, **arrays}.items():
        try:
            array = np.asarray(given, dtype=float)
        except (TypeError, ValueError):
            raise InputError(f"{name}: an array of numbers is needed, not {type(given).__name__}") from None
        if array.ndim == 0 or (checked and array.shape[-1] != checked[0].size):
            wanted = checked[0].size if checked else "time,"
            raise InputError(f"{name} has the shape {array.shape}: one value per sample is needed, ({wanted})")
        if array.size and not np.isfinite(array).all():
            where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
            raise InputError(f"{name}{list(where)} = {array[where]}: a finite number is needed")
        checked.append(array)
    if checked[0].ndim != 1 or checked[0].size < LEAST_SAMPLES or not (np.diff(checked[0]) > 0.0).all():
        raise InputError(f"time: at least {LEAST_SAMPLES} increasing samples are needed")
    return checked[0], checked[1:]


def intervals(time: np.ndarray) -> np.ndarray:
    """Lengths of the segments of ``time``, made equal where they differ by rounding only.

    Parameters
    ----------
    time : numpy.ndarray [s]
        Increasing, (time,).

    Returns
    -------
    numpy.ndarray
        (time - 1,) [s].
    """
    steps = np.diff(time)
    mean = (time[-1] - time[0]) / steps.size
    # Equal steps need one exponential instead of one each; a clock of doubles cannot tell them apart.
    rounding = 4.0 * np.spacing(max(abs(time[0]), abs(time[-1])))
    return np.full_like(steps, mean) if np.abs(steps - mean).max() <= max(rounding, 1e-12 * mean) else steps


def candidates(steps: np.ndarray) -> np.ndarray:
    """Grid of tau [s] on which the search starts: from 1/16 of the least step to 10,000 records.

    Parameters
    ----------
    steps : numpy.ndarray [s]
        Lengths of the segments.

    Returns
    -------
    numpy.ndarray
        Increasing, logarithmically spaced [s].
    """
    return np.geomspace(steps.min() / 16.0, 1e4 * steps.sum(), GRID)


def fit_batch(time: ArrayLike, u: ArrayLike, current: ArrayLike, resistance: ArrayLike) -> BatchFit:
    """Fit ``tau_membrane du/dt = -u + gain I R`` from rest to many records on one clock, by least squares.

    Every record is fitted alone, and gets the same bits whatever its neighbors and the number of threads.

    The errors are those of Gauss and Newton, ``C = s^2 t (J^T J)^-1`` with ``s^2 = r^2 / (n - 2 t)``, the Jacobian J of
    the model and the integrated autocorrelation time t of the residual r: the misfit of a magnetization is a ripple
    whose neighbors repeat each other, so that n samples count as n / t. The sum of the autocorrelation ends at the
    first lag of 2.5 t (Sokal) and is corrected for what the fit took out of it (Wolff); t is at least one sample.

    Parameters
    ----------
    time : array_like [s]
        Increasing, (time,); uniform or not. The autocorrelation goes by samples, so that it wants a uniform clock.
    u : array_like [1]
        Membrane potential (device, time), zero where the record starts.
    current : array_like [A]
        (device, time), or (time,) for all devices; linear between the samples.
    resistance : array_like [ohm]
        One number, or (device,).

    Returns
    -------
    BatchFit
        Arrays (device,). Where u is zero throughout, tau_membrane is NaN and the gain 0. Without a leak within the
        record, tau_membrane and the gain are infinite and only their quotient ``rate`` is known.

    Raises
    ------
    InputError
        If the arrays do not fit together, are not finite, or a current is zero throughout.

    References
    ----------
    A. Sokal, Monte Carlo methods in statistical mechanics, in Functional Integration, Springer (1997), section 3.
    U. Wolff, Comput. Phys. Commun. 156, 143 (2004), eq. 49.
    """
    clock, (u, current) = record(time, u=u, current=current)
    u, current = np.atleast_2d(u), np.atleast_2d(current)
    try:
        ohms = np.broadcast_to(np.asarray(resistance, dtype=float), (len(u),))
        drive = np.ascontiguousarray(np.broadcast_to(current, u.shape) * ohms[:, None])
    except (TypeError, ValueError):
        shapes = f"u {u.shape}, current {current.shape}, resistance {np.shape(resistance)}"
        raise InputError(f"{shapes}: give (device, time), the same or (time,), and one number or (device,)") from None
    for index in np.flatnonzero(~(np.isfinite(ohms) & (ohms > 0.0)))[:1]:
        quantity.positive(f"resistance[{index}]", ohms[index], "ohm")
    for index in np.flatnonzero(~drive.any(axis=1))[:1]:
        raise InputError(f"current = 0 throughout record {index}: a fit needs a drive")
    steps = intervals(clock)
    grid = candidates(steps)
    distinct = steps[:1] if np.all(steps == steps[0]) else steps
    fits = np.empty((len(u), len(BatchFit._fields)))
    fit_many(grid, tabulate(grid, distinct), steps, drive, np.ascontiguousarray(u), fits)
    return BatchFit(*np.ascontiguousarray(fits.T))
