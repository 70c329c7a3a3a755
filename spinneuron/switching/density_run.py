"""A device under a waveform as a dataset: the density of its moment, what `simulate` is for trajectories."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from spinneuron import __version__
from spinneuron.device import Device
from spinneuron.protocols import Protocol
from spinneuron.quantity import InputError
from spinneuron.simulation import COMPONENTS
from spinneuron.switching.densities import axial
from spinneuron.switching.evolve import TOLERANCE, evolve
from spinneuron.switching.evolve_axial import Surroundings, evolve_axial

KIND = "spinneuron-density"
RECORDS = 200
"""Unless told otherwise."""


def density_run(
    device: Device,
    protocol: Protocol,
    *,
    every: float | None = None,
    temperature: float | None = None,
    tolerance: float = TOLERANCE,
    initial: ArrayLike | None = None,
    surroundings: Surroundings | None = None,
    progress: Callable[[float], None] | None = None,
) -> xr.Dataset:
    """Follow the density of a moment through a waveform: infinitely many trials, all at one temperature.

    Parameters
    ----------
    device : Device
        Any; one that is round with all directions along z goes on cells of m_z, others on the sphere.
    protocol : Protocol
        Of voltage, current or current density.
    every : float, optional [s]
        Time between two records; by default 1/200 of the whole.
    temperature : float, optional [K]
        By default the device's.
    tolerance : float [1]
        Of means, second moments and probabilities, at any record.
    initial : array_like, optional [1]
        Unit vector towards the well in whose equilibrium the run begins; by default the state of lowest energy.
    surroundings : tuple of array_like, optional [s, K]
        Times and temperatures of the surroundings, of axial devices.
    progress : callable, optional
        Called with the time [s] of waveforms since its last call.

    Returns
    -------
    xarray.Dataset
        Over ``time`` [s]: ``mean`` and ``deviation`` (component) of m, ``density`` (cosine) of m.p, ``probability`` of
        m.p < 0, ``drive``, ``power`` [W], ``rise`` (pole) [K] and ``temperature`` [K]. The attributes hold what made
        it, and the numerical ``error``.

    Raises
    ------
    InputError
        As `evolve` and `evolve_axial`.

    Examples
    --------
    >>> from spinneuron import Cycle, Device
    >>> run = density_run(Device.preset("plasticity"), Cycle().probe(0.8))
    >>> round(float(run.probability[-1]), 4)
    0.1972
    """
    started = time.perf_counter()
    device = device if temperature is None else device.replace(temperature=temperature)
    every = protocol.duration / RECORDS if every is None else every
    common: dict[str, Any] = {"every": every, "tolerance": tolerance, "initial": initial, "progress": progress}
    if axial(device):
        found = evolve_axial(device, protocol, surroundings=surroundings, **common)
    elif surroundings is not None:
        raise InputError(f"surroundings: {device.name} is not axial, they must stay at its temperature; leave them out")
    else:
        found = evolve(device, protocol, cosine=-np.cos(np.linspace(0.0, np.pi, 201)), **common)
    bath = np.full(len(found.times), device.temperature)
    if surroundings is not None:
        bath = np.interp(found.times, np.asarray(surroundings[0]), np.asarray(surroundings[1]))
    dataset = xr.Dataset(
        {
            "mean": (("time", "component"), found.mean, {"units": "1", "long_name": "mean magnetization"}),
            "deviation": (("time", "component"), found.deviation, {"units": "1", "long_name": "standard deviation"}),
            "density": (("time", "cosine"), found.density, {"units": "1", "long_name": "probability density of m.p"}),
            "probability": ("time", found.against, {"units": "1", "long_name": "probability of m.p < 0"}),
            "drive": ("time", found.drive, {"units": protocol.unit, "long_name": "drive"}),
            "power": ("time", found.power, {"units": "W", "long_name": "mean Joule power"}),
            "rise": (("time", "pole"), found.rise, {"units": "K", "long_name": "temperature rise of each pole"}),
            "temperature": ("time", bath + found.rise.sum(axis=1), {"units": "K", "long_name": "temperature"}),
        },
        {
            "time": ("time", found.times, {"units": "s", "long_name": "time"}),
            "component": list(COMPONENTS),
            "cosine": ("cosine", found.cosine, {"units": "1", "long_name": "m.p"}),
        },
    )
    return dataset.assign_attrs(
        kind=KIND,
        device=device.to_json(),
        protocol=protocol.to_json(),
        engine="fokker-planck",
        tolerance=tolerance,
        error=found.error,
        cut_off=found.cut_off,
        truncation=list(found.truncation),
        temperature=device.temperature,
        initial="rest" if initial is None else str(np.asarray(initial).tolist()),
        version=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        wall_time=time.perf_counter() - started,
    )
