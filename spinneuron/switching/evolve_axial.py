"""The density of an axial device under a waveform, as arrays: `evolve` on cells of m_z."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from spinneuron.device import Device
from spinneuron.dynamics.fokker_planck.courses import Course, advance, course, halved
from spinneuron.dynamics.fokker_planck.lanes import RECORD
from spinneuron.physics.fields import Fields
from spinneuron.protocols import Protocol
from spinneuron.quantity import InputError, positive, unit_vector
from spinneuron.simulation import rest_state
from spinneuron.switching.cells import Cells, first_step
from spinneuron.switching.evolve import TOLERANCE, Evolution, record_times, refuse_heat
from spinneuron.switching.ladder import LEAST_LEVELS, MOST_LEVELS, extrapolated
from spinneuron.switching.state import warm

Surroundings = tuple[ArrayLike, ArrayLike]
"""Times [s] and temperatures [K] of the corners of a piecewise linear course."""


def evolve_axial(
    device: Device,
    protocol: Protocol,
    *,
    every: float,
    tolerance: float = TOLERANCE,
    initial: ArrayLike | None = None,
    surroundings: Surroundings | None = None,
    progress: Callable[[float], None] | None = None,
) -> Evolution:
    """Follow the density of an axial device through a waveform, from equilibrium within one well.

    Levels of cells and steps are added until means, second moments and the probability of m.p < 0 stand still.

    Parameters
    ----------
    device : Device
    protocol : Protocol
        Of voltage, current or current density.
    every : float [s]
        Time between two records.
    tolerance : float [1]
        Largest change of these numbers at any record.
    initial : array_like, optional [1]
        Unit vector towards the well of the begin; by default the state of lowest energy.
    surroundings : tuple of array_like, optional [s, K]
        Times from 0 on and temperatures of the surroundings, linear in between and constant afterwards, where they are
        not those of the device.
    progress : callable, optional
        Called with the time [s] of waveforms since its last call.

    Returns
    -------
    Evolution
        ``cosine`` and ``density`` are those of the cells of the finest level; ``truncation`` is their number and 0.

    Raises
    ------
    InputError
        If an argument is out of range, the device is not axial, at 0 K, or becomes hotter than is described.

    Examples
    --------
    >>> from spinneuron import Cycle, Device
    >>> run = evolve_axial(Device.preset("plasticity"), Cycle().probe(0.8), every=10e-9)
    >>> round(float(run.against[-1]), 4), round(float(run.rise[:, 0].max()), 1)
    (0.1972, 5.1)
    """
    device = warm(device)
    cells, tolerance = Cells(device, unit=protocol.unit), positive("tolerance", tolerance)
    toward = rest_state(Fields.of(device, device.size)) if initial is None else unit_vector("initial", initial, "1")
    times, corners = record_times(protocol, positive("every", every, "s"))
    steps, at = _course(device, (times, corners), surroundings)
    side = float(np.asarray(toward)[2]) * cells.axial.pole
    found: list[np.ndarray] = []
    for k in range(MOST_LEVELS):
        q = cells.boltzmann(k, side)[:, None]
        theta = np.zeros((len(cells.foster.times), 1))
        start = q.copy()
        planned, pace = (halved(steps, k), 0.0) if k else (steps, first_step(tolerance))
        record, kept, rises, taken = advance(q, theta, planned, cells.numbers(k), pace, keep=True)
        steps = taken if k == 0 else steps
        refuse_heat(device, float(record[:, RECORD.index("hottest")].max()))
        density = np.concatenate([start[None], kept])[at, :, 0]
        power = np.append(0.0, record[:, RECORD.index("power"), 0])[at]
        warmth = np.concatenate([np.zeros((1, *rises.shape[1:])), rises])[at, :, 0]
        found.append(np.column_stack([_moments(cells, k, density), power, warmth]))
        best, last = extrapolated(found)
        if progress:
            progress(protocol.duration)
        if k + 1 >= LEAST_LEVELS and (error := float(last[:, :3].max())) <= tolerance:
            drive = np.interp(times, *corners)
            return _evolution(cells, k, (times, drive, density), best, error)
    raise InputError(f"tolerance = {tolerance:g}: {MOST_LEVELS} levels reach {last[:, :3].max():.1e}; ask for less")


def _course(device: Device, when: tuple, surroundings: Surroundings | None) -> tuple[Course, np.ndarray]:
    """The waveform with corners at all records, and where the records are among them."""
    times, (corners, drives) = when
    given = (np.zeros(1), np.array([device.temperature]))
    if surroundings is not None:
        given = np.asarray(surroundings[0], dtype=float), np.asarray(surroundings[1], dtype=float)
        if given[0].shape != given[1].shape or given[0].ndim != 1 or not len(given[0]):
            raise InputError("surroundings: give as many temperatures as times, at least one")
        if given[0][0] != 0.0 or not (np.diff(given[0]) > 0.0).all():
            raise InputError("surroundings: times must start at 0 and increase")
        if not (np.isfinite(given[1]).all() and (given[1] > 0.0).all()):
            raise InputError("surroundings: temperatures must be above 0 K and finite")
    own = given[0][given[0] < times[-1]]
    whole = np.unique(np.concatenate([times, corners, own]))
    # what differs by rounding only is one corner
    whole = whole[np.append(True, np.diff(whole) > 1e-12 * whole[-1])]
    bath = np.interp(whole, *given) - device.temperature
    at = np.abs(whole[None] - times[:, None]).argmin(axis=1)
    return course([whole.tolist()], np.interp(whole, corners, drives)[None], bath[None], 16 * len(whole) + 512), at


def _moments(cells: Cells, k: int, density: np.ndarray) -> np.ndarray:
    """Probability of m.p < 0, mean of m_z and of its square (times, 3)."""
    x = cells.numbers(k).grid.center
    return np.column_stack([density[:, ~cells.own(k)].sum(axis=1), density @ x, density @ (x * x)])


def _evolution(cells: Cells, k: int, at: tuple, best: np.ndarray, error: float) -> Evolution:
    """Means of all components, and the density of m.p, of extrapolated numbers and the finest level."""
    times, drive, density = at
    second = np.zeros((len(times), 3, 3))
    second[:, 0, 0] = second[:, 1, 1] = 0.5 * (1.0 - best[:, 2])
    second[:, 2, 2] = best[:, 2]
    order = np.argsort(cells.cosine(k))
    return Evolution(
        times=times,
        drive=drive,
        mean=np.column_stack([np.zeros((len(times), 2)), best[:, 1]]),
        second=second,
        cosine=cells.cosine(k)[order],
        density=(density / cells.numbers(k).grid.width)[:, order],
        against=np.clip(best[:, 0], 0.0, 1.0),
        power=best[:, 3],
        rise=best[:, 4:],
        truncation=(len(order), 0),
        error=error,
        cut_off=0.0,
    )
