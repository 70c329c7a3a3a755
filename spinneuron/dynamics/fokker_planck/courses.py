"""Courses of densities: waveforms as segments, steps that are chosen once and then halved, blocks of lanes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from spinneuron.dynamics.fokker_planck.axial import Axial, Grid
from spinneuron.dynamics.fokker_planck.lanes import LANES, RECORD, walk
from spinneuron.physics.heating import Foster
from spinneuron.physics.temperature import Laws
from spinneuron.quantity import InputError

STEPS, MOST_STEPS = 512, 2**18
"""Room for the steps of a course at first, and at most."""


class Control(NamedTuple):
    """How steps are chosen.

    Attributes
    ----------
    tolerance : float [1]
        Error of one step in the probability of each half, relative to it; 0 follows a plan.
    floor : float [1]
        Probability below which a half need not be known that well.
    first, shortest : float [1]
        First step, and the least one that may be refused, as shares of a segment.
    """

    tolerance: float
    floor: float = 1e-20
    first: float = 1e-3
    shortest: float = 1e-9


class Course(NamedTuple):
    """Waveforms of a block of lanes, linear within segments, and their steps.

    Attributes
    ----------
    lengths : numpy.ndarray [s]
        (segments, lanes).
    drives : numpy.ndarray
        At the corners (segments + 1, lanes), in the unit of the drive.
    bath : numpy.ndarray [K]
        Surroundings above the temperature of the device, at the corners.
    counts : numpy.ndarray
        Steps of each segment (segments, lanes).
    plan : numpy.ndarray [s]
        (lanes, most): steps, one after the other.
    """

    lengths: np.ndarray
    drives: np.ndarray
    bath: np.ndarray
    counts: np.ndarray
    plan: np.ndarray


class Numbers(NamedTuple):
    """What the kernels need of a device.

    Attributes
    ----------
    axial : Axial
    grid : Grid
    laws : Laws
    foster : Foster
    """

    axial: Axial
    grid: Grid
    laws: Laws
    foster: Foster


def course(times: Sequence[Sequence[float]], drives: np.ndarray, bath: np.ndarray, most: int = STEPS) -> Course:
    """Make a course of waveforms with equally many corners, its steps not yet chosen.

    Parameters
    ----------
    times : sequence of sequence of float [s]
        Of the corners of each lane.
    drives : numpy.ndarray
        (lanes, corners), in the unit of the drive.
    bath : numpy.ndarray [K]
        Surroundings above the temperature of the device, (lanes, corners).
    most : int
        Room for steps.

    Returns
    -------
    Course
    """
    lengths = np.ascontiguousarray(np.diff(np.asarray(times, dtype=float), axis=1).T)
    shape = lengths.shape
    return Course(
        lengths,
        np.ascontiguousarray(np.asarray(drives, dtype=float).T),
        np.ascontiguousarray(np.asarray(bath, dtype=float).T),
        np.zeros(shape, np.int64),
        np.zeros((shape[1], most)),
    )


def even(given: Course, dt: float, least: int) -> Course:
    """Plan steps of equal length in each segment.

    Parameters
    ----------
    given : Course
    dt : float [s]
        Longest step.
    least : int
        Steps of a segment.

    Returns
    -------
    Course
    """
    counts = np.maximum(least, np.ceil(given.lengths / dt * (1.0 - 1e-12))).astype(np.int64)
    rows = [np.repeat(given.lengths[:, j] / counts[:, j], counts[:, j]) for j in range(counts.shape[1])]
    plan = np.zeros((len(rows), max(map(len, rows))))
    for j, row in enumerate(rows):
        plan[j, : len(row)] = row
    return given._replace(counts=counts, plan=plan)


def halved(given: Course, times: int) -> Course:
    """Halve all steps of a planned course.

    Parameters
    ----------
    given : Course
    times : int
        How often.

    Returns
    -------
    Course
    """
    parts, used = 2**times, int(given.counts.sum(axis=0).max())
    plan = np.repeat(given.plan[:, :used], parts, axis=1) / parts
    return given._replace(counts=given.counts * parts, plan=plan)


def advance(
    q: np.ndarray, theta: np.ndarray, given: Course, numbers: Numbers, tolerance: float = 0.0, keep: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Course]:
    """Advance densities through a course, in place, block by block.

    Parameters
    ----------
    q : numpy.ndarray [1]
        Probabilities of the cells (cells, lanes).
    theta : numpy.ndarray [K]
        Rises of the thermal poles (poles, lanes).
    given : Course
    numbers : Numbers
    tolerance : float [1]
        Of a step; 0 follows the plan of the course.
    keep : bool
        Whether to keep density and rises at the end of each segment.

    Returns
    -------
    record : numpy.ndarray
        (segments, len(RECORD), lanes).
    kept : numpy.ndarray [1]
        (segments or 0, cells, lanes).
    rises : numpy.ndarray [K]
        (segments or 0, poles, lanes).
    course : Course
        With the steps that were taken.

    Raises
    ------
    InputError
        If the tolerance needs more than `MOST_STEPS`.
    FloatingPointError
        If a number is lost.
    """
    segments, total = given.lengths.shape
    record = np.empty((segments, len(RECORD), total))
    kept, rises = (np.empty((segments if keep else 0, len(one), total)) for one in (q, theta))
    counts, plans = np.empty_like(given.counts), []
    for first in range(0, total, LANES):
        lanes = np.minimum(np.arange(first, first + LANES), total - 1)
        here = slice(first, min(first + LANES, total))
        part = _block(q[:, lanes], theta[:, lanes], _columns(given, lanes), numbers, (tolerance, keep))
        own = slice(0, here.stop - first)
        for whole, one in zip((q, theta, counts, record, kept, rises), part[:6], strict=True):
            whole[..., here] = one[..., own]
        plans.append(part[6][own])
    if not np.isfinite(record).all():
        raise FloatingPointError("density: a probability is no number any more")
    plan = np.zeros((total, max(one.shape[1] for one in plans)))
    for i, one in enumerate(plans):
        plan[i * LANES : i * LANES + len(one), : one.shape[1]] = one
    return record, kept, rises, given._replace(counts=counts, plan=plan)


def _columns(given: Course, lanes: np.ndarray) -> Course:
    """Take lanes out of a course."""
    lengths, drives, bath, counts = (np.ascontiguousarray(array[:, lanes]) for array in given[:4])
    return Course(lengths, drives, bath, counts, np.ascontiguousarray(given.plan[lanes]))


def _block(q: np.ndarray, theta: np.ndarray, part: Course, numbers: Numbers, how: tuple[float, bool]) -> tuple:
    """Walk one block; where its steps need more room, again."""
    tolerance, keep = how
    segments, lanes = part.lengths.shape
    record = np.empty((segments, len(RECORD), lanes))
    kept, rises = (np.empty((segments if keep else 0, *one.shape)) for one in (q, theta))
    while True:
        end, warm = np.ascontiguousarray(q), np.ascontiguousarray(theta)
        if walk(end, warm, part, Control(tolerance), *numbers, record, kept, rises):
            return end, warm, part.counts, record, kept, rises, part.plan
        if part.plan.shape[1] >= MOST_STEPS:
            raise InputError(f"tolerance: a waveform needs more than {MOST_STEPS} steps; ask for less, or shorten it")
        part = part._replace(plan=np.zeros((lanes, 8 * part.plan.shape[1])))
