"""Ensembles over devices and trials: chooses the step, cuts the work into short kernel calls, checks what comes back.

Everything here is arrays; :mod:`spinneuron.simulation` and the sweeps hand over the rows of
:func:`spinneuron.dynamics.macrospin.table`. Kernel calls stay below about half a second, so that Ctrl-C is heard and
progress is seen.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from spinneuron.dynamics.dormand_prince import advance_adaptive
from spinneuron.dynamics.electrothermal import NEVER, Warmth
from spinneuron.dynamics.macrospin import COLUMNS, LANES, Plan, advance, fourth_order, scales
from spinneuron.dynamics.steppers import DORMAND_PRINCE, STEPPERS, Stepper
from spinneuron.physics.fields import Fields, tensor
from spinneuron.quantity import InputError, integer, positive
from spinneuron.units import format as shown
from spinneuron.units import nearest

LANE_STEPS_PER_CALL = 50_000_000
LANES_PER_BATCH = 65_536
STEPS_PER_CALL = 100_000
MOST_STEPS = 10_000_000_000
# a thermal kick per step of this many rad (one sigma) keeps averages good to 1 %, however weak the fields
LARGEST_KICK = 0.1
# steps between two renewals of temperature and conductance, and their share of the shortest edge of the drive
STEPS_PER_WINDOW = 24
WINDOWS_PER_EDGE = 10
_INDEX = {name: column for column, (name, _) in enumerate(COLUMNS)}


class Numerics(NamedTuple):
    """How the equation of motion is solved; the defaults suit every preset.

    Attributes
    ----------
    stepper : str, optional
        A name in STEPPERS; by default "heun" at finite temperature and "dormand-prince" at T = 0.
    dt : float [s], optional
        Step of the fixed-step schemes; by default 0.7 of the largest safe one.
    precision : str
        "float64" or "float32" (state of the fixed-step schemes; the normal numbers are float32 always).
    tolerance : float [1]
        Error per step of the adaptive scheme.
    lanes : int
        Length of a block of trajectories, a multiple of 16; results do not depend on it.
    """

    stepper: str | None = None
    dt: float | None = None
    precision: str = "float64"
    tolerance: float = 1e-7
    lanes: int = LANES


def fastest_rate(rows, drive_peak) -> float:
    """Upper bound of the rate at which any moment of an ensemble can turn.

    The spread of the eigenvalues of S (what is isotropic turns nothing), the applied field, both torque amplitudes, and
    H4 of Ku2, whose field is at most 0.39 H4 and its curvature at most H4; times gamma'.

    Parameters
    ----------
    rows : numpy.ndarray
        From :func:`spinneuron.dynamics.macrospin.table`.
    drive_peak : float [V, A or A/m^2]
        Largest magnitude of the drive.

    Returns
    -------
    float [rad/s]
    """
    c = {name: rows[:, column] for name, column in _INDEX.items()}
    eigenvalues = np.linalg.eigvalsh(tensor(Fields(*(c[name] for name in Fields._fields))))
    current = np.abs(drive_peak) * (c["mean"] + np.abs(c["swing"]))
    torque = current * (np.abs(c["a"]) / np.minimum(c["even"] - c["odd"], c["even"] + c["odd"]) + np.abs(c["b"]))
    applied = np.sqrt(c["hx"] ** 2 + c["hy"] ** 2 + c["hz"] ** 2)
    return float(np.max(eigenvalues[:, 2] - eigenvalues[:, 0] + applied + torque + np.abs(fourth_order(rows))))


def largest_step(stepper: Stepper, rows, drive_peak) -> float:
    """Largest step of a fixed-step scheme: no moment turns too far, neither by its fields nor by one thermal kick.

    Parameters
    ----------
    stepper : Stepper
    rows : numpy.ndarray
    drive_peak : float [V, A or A/m^2]

    Returns
    -------
    float [s]
        Infinite where nothing turns a moment.
    """
    rate, kick = fastest_rate(rows, drive_peak), float(rows[:, _INDEX["noise"]].max())
    by_fields = stepper.largest_angle / rate if rate > 0.0 else math.inf
    by_noise = (LARGEST_KICK / kick) ** 2 if kick > 0.0 else math.inf
    return min(by_fields, by_noise)


def choose(numerics: Numerics, rows, drive_peak) -> tuple[Stepper, float]:
    """Choose the scheme and the largest step that it may take.

    Parameters
    ----------
    numerics : Numerics
    rows : numpy.ndarray
    drive_peak : float [V, A or A/m^2]

    Returns
    -------
    Stepper
    dt : float [s]
        Upper bound; infinite for the adaptive scheme.

    Raises
    ------
    InputError
        If the stepper is unknown, takes no noise although T > 0, or a step would turn a moment too far.
    """
    warm = bool((rows[:, _INDEX["noise"]] > 0.0).any())
    name = numerics.stepper or ("heun" if warm else "dormand-prince")
    if name not in STEPPERS:
        raise InputError(f"stepper = {name!r}: {nearest(name, STEPPERS)}use one of {', '.join(STEPPERS)}")
    if numerics.precision not in ("float64", "float32"):
        raise InputError(f"precision = {numerics.precision!r}: use float64 or float32")
    if integer("lanes", numerics.lanes) % 16:
        raise InputError(f"lanes = {numerics.lanes!r}: must be a positive multiple of 16")
    stepper = STEPPERS[name]
    if stepper.scheme == DORMAND_PRINCE:
        if warm:
            raise InputError(
                f"stepper = {name!r}: takes no thermal noise; use heun or semi-implicit, or temperature 0 K"
            )
        if numerics.dt is not None:
            raise InputError(f"dt = {numerics.dt!r} s: {name} chooses its own steps; leave dt out or use heun")
        if not 0.0 < positive("tolerance", numerics.tolerance) <= 1e-2:
            raise InputError(f"tolerance = {numerics.tolerance!r}: must lie between 0 and 0.01")
        return stepper, np.inf
    largest = largest_step(stepper, rows, drive_peak)
    if numerics.dt is None:
        return stepper, 0.7 * largest
    dt = positive("dt", numerics.dt, "s")
    if dt > largest:
        # rounded down, so that the step that is named is accepted
        safe = largest - 0.5 * 10.0 ** (math.floor(math.log10(largest)) - 2)
        raise InputError(
            f"dt = {shown(dt, 's', 3)}: a step of {name} could turn a moment too far; use at most {shown(safe, 's', 3)}"
        )
    return stepper, dt


class Course(NamedTuple):
    """What an ensemble goes through and when it is looked at.

    Attributes
    ----------
    corners, values : tuple of float [s; V, A or A/m^2]
        The waveform, linear between its corners.
    interval : float [s]
        Between two records.
    samples : int
        Number of records after the first; the run ends with the last.
    """

    corners: tuple[float, ...]
    values: tuple[float, ...]
    interval: float
    samples: int

    def at(self, time):
        """Value of the drive.

        Parameters
        ----------
        time : array_like [s]

        Returns
        -------
        numpy.ndarray [V, A or A/m^2]
        """
        return np.interp(time, self.corners, self.values)


def run(
    m,
    rows,
    course: Course,
    *,
    trials=1,
    seed=0,
    first=(0, 0),
    numerics=None,
    record=True,
    warmth: Warmth | None = None,
    progress=None,
):
    """Run an ensemble of moments: lane i is trial ``i % trials`` of device ``i // trials``.

    Either all trials of a device share one row of parameters, or every lane has a row of its own (a spread of devices).

    Parameters
    ----------
    m : numpy.ndarray [1]
        Initial unit moments (3, lanes); overwritten with the final ones.
    rows : numpy.ndarray
        One row per device or per lane, from :func:`spinneuron.dynamics.macrospin.table`.
    course : Course
    trials : int
    seed : int
    first : tuple of int
        Numbers of the first trial and of the first step: cutting an ensemble into batches, or a run into stretches of
        equal dt, changes no bit.
    numerics : Numerics, optional
    record : bool
        Whether to keep the samples, or the final state only.
    warmth : electrothermal.Warmth, optional
        Of a device whose parameters follow its heat or its voltage; its state and record are overwritten.
    progress : callable, optional
        Called with the fraction done since the last call.

    Returns
    -------
    record : numpy.ndarray [1]
        (samples + 1, 3, lanes) with the initial state first, or (0, 3, lanes).
    dt : float [s]
        Step taken, or NaN where steps are adaptive.
    stepper : str

    Raises
    ------
    InputError
        As :func:`choose`; if the seed is not a whole number from 0 to 2^63 - 1, the steps are too many, or the free
        layer becomes hotter than is described.
    FloatingPointError
        If a moment has left the sphere or is not finite.
    """
    numerics = numerics or Numerics()
    if not (isinstance(seed, int | np.integer) and 0 <= seed < 2**63):
        raise InputError(f"seed = {seed!r}: must be a whole number from 0 to 2^63 - 1")
    if warmth is not None and numerics.stepper is None:
        numerics = numerics._replace(stepper="heun")
    extremes = rows if warmth is None else warmth.extremes
    stepper, dt = choose(numerics, extremes, max(map(abs, course.values)))
    try:
        kept = np.empty((course.samples + 1 if record else 0, 3, m.shape[1]))
    except (MemoryError, ValueError):
        lanes = m.shape[1]
        raise InputError(f"{course.samples} records of {lanes} moments: no room for them; record less often") from None
    if record:
        kept[0] = m
    if warmth is not None:
        warmth.record = np.empty((len(kept), *warmth.state.shape))
        warmth.record[:1] = warmth.state
    if stepper.scheme == DORMAND_PRINCE:
        if warmth is not None:
            raise InputError(
                f"stepper = {numerics.stepper!r}: takes neither heat nor a TMR that follows the voltage; use heun or "
                "semi-implicit"
            )
        _adaptive(m, rows, course, trials, numerics.tolerance, kept, progress)
        dt = np.nan
    else:
        substeps, window = _substeps(course, dt, warmth)
        dt = course.interval / substeps
        every, lanes = substeps if record else 0, int(numerics.lanes)
        plan = Plan(trials, 1, first[0], first[1], stepper.scheme, int(seed), every, lanes, window)
        _fixed(m, rows, course, dt, plan, np.dtype(numerics.precision), kept, warmth, progress)
    if not (np.abs(np.einsum("ij,ij->j", m, m) - 1.0) < 1e-3).all():
        raise FloatingPointError("a moment has left the unit sphere: the step was too large or a parameter overflows")
    name = next(name for name, entry in STEPPERS.items() if entry is stepper)
    return kept, dt, name


def _substeps(course: Course, dt: float, warmth: Warmth | None) -> tuple[int, int]:
    """Steps between two records, and between two renewals of the temperature, which divide them."""
    substeps = max(1, int(np.ceil(course.interval / dt * (1.0 - 1e-9))))
    if course.samples * substeps > MOST_STEPS:
        raise InputError(
            f"drive up to {max(map(abs, course.values)):.3g}: needs {course.samples * substeps:.1e} steps of "
            f"{course.interval / substeps:.1e} s; check its size and unit, and the duration"
        )
    if warmth is None:
        return substeps, 1
    # a drive that never changes has no edges
    shortest = float(np.min(np.diff(course.corners))) if np.ptp(course.values) > 0.0 else math.inf
    most = max(1, int(min(STEPS_PER_WINDOW, shortest / WINDOWS_PER_EDGE / dt)))
    windows = math.ceil(substeps / most)
    window = math.ceil(substeps / windows)
    return window * windows, window


def _batches(lanes, rows, trials, most):
    """Cut lanes into slices that hold whole devices, or a range of the trials of one; with the rows of each."""
    replicas = lanes // len(rows)
    whole = max(1, most // trials) * trials if len(rows) > 1 else most
    for first in range(0, lanes, whole):
        part = slice(first, min(first + whole, lanes))
        yield (
            part,
            rows[part.start // replicas : (part.stop - 1) // replicas + 1],
            min(replicas, part.stop - part.start),
        )


def _stretches(samples, substeps, most) -> Iterator[tuple[int, int, int, slice]]:
    """Cut a run into calls of at most ``most`` steps: first step, steps, steps between records, records made."""
    together = most // substeps
    for sample in range(0, samples, max(1, together)):
        count = min(max(1, together), samples - sample)
        if together:
            yield sample * substeps, count * substeps, substeps, slice(1 + sample, 1 + sample + count)
            continue
        for first in range(0, substeps, most):
            steps = min(most, substeps - first)
            last = first + steps == substeps
            yield sample * substeps + first, steps, steps if last else 0, slice(1 + sample, 1 + sample + last)


def _fixed(m, rows, course, dt, plan, dtype, kept, warmth, progress):
    """Fixed steps, batch by batch of lanes and stretch by stretch of steps."""
    substeps = round(course.interval / dt)
    thermal = NEVER if warmth is None else warmth.windows(plan.window * dt)
    for part, own, replicas in _batches(m.shape[1], rows, plan.trials, LANES_PER_BATCH):
        lanes = m[:, part].astype(dtype)
        width = lanes.shape[1]
        heat = np.empty((0, width)) if warmth is None else np.array(warmth.state[:, part], order="C")
        most = max(1, min(STEPS_PER_CALL, LANE_STEPS_PER_CALL // max(width, plan.lanes)))
        most = max(plan.window, most - most % plan.window)
        call = plan._replace(replicas=replicas, first_trial=plan.first_trial + part.start % plan.trials, every=0)
        scale = scales(dt, own.shape[1])
        if warmth is not None and plan.every:
            # no step yet: the first record wants the power of the first instant
            now = course.at(np.zeros(1)).astype(dtype)
            advance(lanes, own, scale, now, call, np.empty((0, 3, width), dtype), heat, heat[None], thermal)
            warmth.record[0][:, part] = heat
        for first, steps, every, made in _stretches(course.samples, substeps, most):
            half_steps = np.arange(2 * first, 2 * (first + steps) + 1)
            drive = course.at(half_steps * (0.5 * dt)).astype(dtype)
            count = made.stop - made.start if plan.every else 0
            records, heats = np.empty((count, 3, width), dtype), np.empty((count, len(heat), width))
            call = call._replace(first_step=plan.first_step + first, every=every if plan.every else 0)
            advance(lanes, own, scale, drive, call, records, heat, heats, thermal)
            if plan.every:
                kept[made, :, part] = records
            if warmth is not None:
                if plan.every:
                    warmth.record[made, :, part] = heats
                _refuse_too_hot(heat, warmth)
            if progress:
                progress(steps / (course.samples * substeps) * width / m.shape[1])
        m[:, part] = lanes
        if warmth is not None:
            warmth.state[:, part] = heat


def _refuse_too_hot(heat, warmth: Warmth) -> None:
    # a rise that is no number comes from a moment that is none, and is told as such
    if float(heat[1:].sum(axis=0).max()) > warmth.hottest:
        limit = shown(warmth.thermal.ambient + warmth.hottest, "K", 3)
        raise InputError(
            f"temperature: the drive heats the free layer beyond {limit}, where its laws end; lower the drive or "
            "thermal_resistances"
        )


def _adaptive(m, rows, course, trials, tolerance, kept, progress):
    """Adaptive steps, which meet every sample and every corner of the waveform."""
    samples = np.arange(course.samples + 1) * course.interval
    corners = [t for t in course.corners if np.min(np.abs(samples - t)) > 1e-6 * course.interval and t < samples[-1]]
    stops = np.sort(np.concatenate([samples, corners]))
    keep = np.isin(stops, samples) if len(kept) else np.zeros(len(stops), bool)
    for part, own, replicas in _batches(m.shape[1], rows, trials, 4096):
        lanes = np.array(m[:, part], order="C")
        records = np.empty((len(kept), 3, lanes.shape[1]))
        advance_adaptive(lanes, own, replicas, stops, course.at(stops), keep, tolerance, records)
        kept[:, :, part], m[:, part] = records, lanes
        if progress:
            progress(lanes.shape[1] / m.shape[1])
