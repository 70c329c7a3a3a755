"""The probability density of one device under a waveform, as arrays: what infinitely many trajectories would give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from spinneuron.device import Device
from spinneuron.dynamics.fokker_planck.basins import basin, cut_off, equilibrium
from spinneuron.dynamics.fokker_planck.harmonics import Space
from spinneuron.dynamics.fokker_planck.junction import Junction
from spinneuron.dynamics.fokker_planck.sampling import below, marginal, moments
from spinneuron.dynamics.fokker_planck.sphere import Generator, Sphere
from spinneuron.dynamics.fokker_planck.sphere_steps import Control, Record, advance
from spinneuron.dynamics.fokker_planck.truncation import checked, finer, first, grown, tails
from spinneuron.physics.fields import Fields
from spinneuron.physics.heating import Foster
from spinneuron.physics.temperature import Laws, limit
from spinneuron.protocols import Protocol
from spinneuron.quantity import InputError, positive, unit_vector
from spinneuron.simulation import rest_state
from spinneuron.switching.state import warm
from spinneuron.units import format as shown

TOLERANCE = 1e-4
"""Of means, second moments and probabilities."""
_ATTEMPTS, _STEP, _LOST = 10, 1e-3, 0.1


@dataclass(frozen=True)
class Evolution:
    """Moments of a density along a waveform.

    Attributes
    ----------
    times : numpy.ndarray [s]
        (times,).
    drive : numpy.ndarray [V, A or A/m^2]
        (times,), in the unit of the protocol.
    mean : numpy.ndarray [1]
        (times, 3), of m in the axes of the device.
    second : numpy.ndarray [1]
        (times, 3, 3), means of m_i m_j.
    cosine : numpy.ndarray [1]
        (cosines,), values of c = m.p.
    density : numpy.ndarray [1]
        (times, cosines), of c.
    against : numpy.ndarray [1]
        (times,), probability of c < 0.
    power : numpy.ndarray [W]
        (times,), mean.
    rise : numpy.ndarray [K]
        (times, poles).
    truncation : tuple of int
        Largest degree and order of the harmonics.
    error : float [1]
        Largest change of mean, second and against from the truncation and the steps before; NaN for a given truncation.
    cut_off : float [1]
        By how much, at most, a probability at the begin differs from that of a Boltzmann density that ends at the ridge
        of its basin.
    """

    times: np.ndarray
    drive: np.ndarray
    mean: np.ndarray
    second: np.ndarray
    cosine: np.ndarray
    density: np.ndarray
    against: np.ndarray
    power: np.ndarray
    rise: np.ndarray
    truncation: tuple[int, int]
    error: float
    cut_off: float

    @property
    def deviation(self) -> np.ndarray:
        """Standard deviations of the components of m (times, 3) [1]."""
        variance = np.einsum("tii->ti", self.second) - self.mean**2
        return np.sqrt(np.maximum(variance, 0.0))


def evolve(
    device: Device,
    protocol: Protocol,
    *,
    every: float,
    tolerance: float = TOLERANCE,
    initial: ArrayLike | None = None,
    truncation: tuple[int, int] | None = None,
    method: str | None = None,
    cosine: ArrayLike | None = None,
    progress: Callable[[float], None] | None = None,
) -> Evolution:
    """Follow the density of a device through a waveform, from equilibrium within one well.

    Harmonics and steps are increased until means, second moments and the probability of m.p < 0 stand still.

    Parameters
    ----------
    device : Device
        Any, also one without a parallel state.
    protocol : Protocol
        Of voltage, current or current density.
    every : float [s]
        Time between two records, as of :func:`spinneuron.simulation.simulate`.
    tolerance : float [1]
        Largest change of these numbers at any record.
    initial : array_like, optional [1]
        Unit vector towards the well of the begin; by default the state of lowest energy that `simulate` starts in.
    truncation : tuple of int, optional
        Degree and order of the harmonics: one run, whose error is not known.
    method : str, optional
        "implicit" or "explicit"; by default the cheaper one.
    cosine : array_like, optional [1]
        Values of c = m.p at which its density is wanted; by default 201 from -1 to 1.
    progress : callable, optional
        Called with the time [s] of waveforms since its last call; more than once through, where more harmonics are
        needed.

    Returns
    -------
    Evolution

    Raises
    ------
    InputError
        If an argument is out of range, the density needs too many harmonics, the device is at 0 K, or becomes hotter
        than is described.

    Examples
    --------
    >>> from spinneuron import Device
    >>> from spinneuron.protocols import single
    >>> run = evolve(Device.preset("orthogonal"), single(1e12, 0.2e-9), every=0.1e-9, truncation=(160, 16))
    >>> round(float(run.mean[:, 1].max()), 2)
    0.14
    """
    device = warm(device)
    sphere = Sphere.of(device, device.size, protocol.unit)
    toward = rest_state(Fields.of(device, device.size)) if initial is None else unit_vector("initial", initial, "1")
    within = basin(sphere, sphere.frame @ np.asarray(toward))
    times, corners = record_times(protocol, positive("every", every, "s"))
    tolerance = positive("tolerance", tolerance)
    space = first(sphere, within, device.name) if truncation is None else checked(*truncation, device.name)
    laws, foster = Laws.of(device, device.temperature), Foster.of(device)
    last, error, steps = None, np.inf, min(_STEP, tolerance)
    for _ in range(_ATTEMPTS):
        junction = Junction(Generator(sphere, space), laws, foster)
        start = equilibrium(sphere, space, within), np.zeros(len(foster.times))
        record = advance(junction, start, corners, times, Control(steps, tolerance), method, progress)
        refuse_heat(device, record.hottest)
        found, tail = _numbers(space, record), tails(space, record.coefficients)
        error = np.nan if truncation else np.inf if last is None else float(np.abs(found - last).max())
        if truncation or (error <= tolerance and max(tail) <= _LOST):
            grid = np.linspace(-1.0, 1.0, 201) if cosine is None else np.asarray(cosine, dtype=float)
            drive = np.interp(times, *corners)
            return _evolution(sphere, space, record, (times, drive, grid, error, cut_off(sphere, within)))
        space = grown(space, tail, device.name) or finer(space, device.name)
        last, steps = found, 0.25 * steps
    raise InputError(f"tolerance = {tolerance:g}: {_ATTEMPTS} truncations reach {error:.1e}; ask for less")


def record_times(protocol: Protocol, every: float) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Times of records, and the waveform, held until the last one.

    Parameters
    ----------
    protocol : Protocol
    every : float [s]

    Returns
    -------
    times : numpy.ndarray [s]
    corners : tuple of numpy.ndarray
        Times [s] and drives.

    Raises
    ------
    InputError
        If the time between two records is longer than the waveform.
    """
    if every > protocol.duration:
        longest = shown(protocol.duration, "s")
        raise InputError(f"every = {shown(every, 's')}: longer than the whole protocol, {longest}; use a shorter time")
    times = every * np.arange(int(np.ceil(protocol.duration / every * (1.0 - 1e-9))) + 1)
    corners, drives = np.array(protocol.times), np.array(protocol.values)
    if times[-1] > corners[-1] * (1.0 + 1e-9):
        corners, drives = np.append(corners, times[-1]), np.append(drives, drives[-1])
    return np.minimum(times, corners[-1]), (corners, drives)


def refuse_heat(device: Device, hottest: float) -> None:
    """Refuse a run that becomes hotter than is described.

    Parameters
    ----------
    device : Device
    hottest : float [K]
        Rise.

    Raises
    ------
    InputError
        If so.
    """
    if not device.temperature + hottest < limit(device):
        hot = shown(device.temperature + hottest, "K", 3)
        raise InputError(f"temperature: the drive heats the free layer to {hot}; lower it")


def _numbers(space: Space, record: Record) -> np.ndarray:
    """What must stand still: (times, 13)."""
    mean, second = moments(space, record.coefficients)
    against = record.coefficients[:, space.zonal()] @ below(space)
    return np.concatenate([mean, second.reshape(len(mean), 9), against[:, None]], axis=1)


def _evolution(sphere: Sphere, space: Space, record: Record, more: tuple) -> Evolution:
    """Turn a record into the axes of the device."""
    times, drive, grid, error, cut = more
    mean, second = moments(space, record.coefficients)
    zonal = record.coefficients[:, space.zonal()]
    return Evolution(
        times=times,
        drive=drive,
        mean=mean @ sphere.frame,
        second=np.einsum("ia,tij,jb->tab", sphere.frame, second, sphere.frame),
        cosine=grid,
        density=zonal @ marginal(space, grid).T,
        against=zonal @ below(space),
        power=record.power,
        rise=record.theta,
        truncation=(space.degree, space.order),
        error=error,
        cut_off=cut,
    )
