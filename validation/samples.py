"""The devices of the validations: balls, in which shape does nothing, with one easy axis; a disc; reduced units."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from spinneuron.constants import e, gamma0, hbar, kB, mu0
from spinneuron.device import Device

DIAMETER = 10e-9
DATA = Path(__file__).parent / "data"


def ball(delta: float, alpha: float, axis=(0.0, 0.0, 1.0), **fields) -> Device:
    """Make a ball of 10 nm with a uniaxial anisotropy and the pinned layer along its axis, at 300 K.

    Parameters
    ----------
    delta : float [1]
        Barrier ``Ku V / (kB T)``.
    alpha : float [1]
    axis : tuple of float [1]
        Unit vector of the easy axis and the pinned layer.
    **fields
        Of the device.

    Returns
    -------
    Device
    """
    ball = Device.preset("orthogonal").replace(
        name="ball",
        geometry="ellipsoid",
        width=DIAMETER,
        length=DIAMETER,
        thickness=DIAMETER,
        alpha=alpha,
        easy_axis=axis,
        pinned=axis,
        temperature=300.0,
    )
    return ball.replace(**{"Ku": delta * kB * 300.0 / ball.volume, **fields})


def disc(**fields) -> Device:
    """Make a disc of 200 nm and 1.7 nm with perpendicular anisotropy, its resistance the same in all states.

    Parameters
    ----------
    **fields
        Of the device.

    Returns
    -------
    Device
    """
    plain = {
        "name": "disc", "width": 200e-9, "length": 200e-9, "thickness": 1.7e-9, "Ms": 1e6, "Ku": 3e5, "Aex": 1e-11,
        "alpha": 0.02, "P": 0.6, "tmr": 0.0, "resistance_area": 7e-12, "pinned": (0.0, 0.0, 1.0),
        "breakdown_voltage": 2.0, "temperature": 300.0,
    }  # fmt: skip
    return Device(geometry="elliptic-cylinder", **{**plain, **fields})


def anisotropy_field(device: Device) -> float:
    """Anisotropy field ``Hk = 2 Ku / (mu0 Ms)`` [A/m]."""
    return 2.0 * device.Ku / (mu0 * device.Ms)


def relaxation_time(device: Device) -> float:
    """Unit of time ``tau_D = (1 + alpha^2) / (alpha gamma0 Hk)`` [s]."""
    return (1.0 + device.alpha**2) / (device.alpha * gamma0 * anisotropy_field(device))


def current_density(device: Device, field: float) -> float:
    """Current density [A/m^2] whose torque is ``field = a_J`` [A/m]: ``J = 2 e mu0 Ms t a_J / (hbar P)``."""
    return 2.0 * e * mu0 * device.Ms * device.thickness * field / (hbar * device.P)


def junction(delta: float, alpha: float = 0.02, **fields) -> Device:
    """Make a ball whose voltage gives the same torque in all states: no magnetoresistance, and no breakdown.

    Parameters
    ----------
    delta : float [1]
        Barrier.
    alpha : float [1]
    **fields
        Of the device.

    Returns
    -------
    Device
    """
    return ball(delta, alpha, **{"tmr": 0.0, "breakdown_voltage": 1e3, **fields})


def overdrive_voltage(device: Device, i: float) -> float:
    """Voltage [V] of a :func:`junction` with the torque ``a_J = i alpha Hk`` away from m_z = 1."""
    return -device.resistance_area * current_density(device, i * device.alpha * anisotropy_field(device))


def boltzmann_cosines(energy, count: int, seed: int, low: float = -1.0) -> np.ndarray:
    """Draw cosines from ``exp(-energy(x))`` on (low, 1) by the inverse of its integral.

    Parameters
    ----------
    energy : callable
        Of an array of cosines, in kB T.
    count : int
    seed : int
    low : float [1]
        Lower end.

    Returns
    -------
    numpy.ndarray [1]
        (count,).
    """
    x = np.linspace(low, 1.0, 200_001)
    density = np.exp(-(energy(x) - energy(x).min()))
    total = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]))])
    return np.interp(np.random.default_rng(seed).random(count) * total[-1], total, x)


def around(axis, cosines: np.ndarray, seed: int) -> np.ndarray:
    """Moments (count, 3) with given cosines to an axis and uniform azimuth.

    Parameters
    ----------
    axis : tuple of float [1]
        Unit vector.
    cosines : numpy.ndarray [1]
    seed : int

    Returns
    -------
    numpy.ndarray [1]
    """
    frame = np.linalg.svd(np.atleast_2d(axis))[2]
    angle = 2.0 * np.pi * np.random.default_rng([seed, 1]).random(len(cosines))
    sine = np.sqrt(1.0 - cosines**2)
    m = np.multiply.outer(cosines, np.asarray(axis)) + np.multiply.outer(sine * np.cos(angle), frame[1])
    m += np.multiply.outer(sine * np.sin(angle), frame[2])
    return m / np.linalg.norm(m, axis=1, keepdims=True)


def linear_rates(states: np.ndarray, interval: float) -> np.ndarray:
    """Complex rates of a linear motion, from its samples at equal intervals.

    The motion repeats x -> M x from sample to sample; the eigenvalues of M are exp(rate interval).

    Parameters
    ----------
    states : numpy.ndarray
        (component, sample).
    interval : float [s]

    Returns
    -------
    numpy.ndarray [1/s]
        (component,).
    """
    propagator = np.linalg.lstsq(states[:, :-1].T, states[:, 1:].T, rcond=None)[0].T
    return np.log(np.linalg.eigvals(propagator).astype(complex)) / interval


def read(name: str) -> list[dict[str, str]]:
    """Rows of a reference table of ``validation/data``.

    Parameters
    ----------
    name : str
        Of the CSV file; lines with # say what it is.

    Returns
    -------
    list of dict of str to str
    """
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))
