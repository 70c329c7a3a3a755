"""Devices on a lattice: `magnet_of`, and `simulate_lattice`, what `simulate` is for one moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from spinneuron import __version__
from spinneuron.device import Device
from spinneuron.lattice.ensemble import run_trials
from spinneuron.lattice.grains import grains, spread
from spinneuron.lattice.magnet import Magnet
from spinneuron.lattice.material import Material
from spinneuron.lattice.run import Solver, run
from spinneuron.lattice.warmth import CellWarmth, Warmth
from spinneuron.mesh import Mesh
from spinneuron.physics.fields import Fields
from spinneuron.physics.lattice.demag import Demag
from spinneuron.physics.lattice.junction import Contact, JunctionCurrent, JunctionTorque
from spinneuron.physics.lattice.oersted import Oersted
from spinneuron.physics.lattice.shape import ShapeCorrection
from spinneuron.physics.temperature import at
from spinneuron.physics.torques import Torques
from spinneuron.protocols import Protocol
from spinneuron.quantity import InputError, integer, nearest, non_negative, shown
from spinneuron.simulation import COMPONENTS, driven, rest_state

CELL = 5e-9
"""Largest side of a cell unless told otherwise [m]."""
HEATS: dict[str, type[Warmth]] = {"device": Warmth, "cells": CellWarmth}
"""How many temperatures a junction has."""
ACROSS = 4
"""Least cells across the width, unless told otherwise: a round shape of fewer is another shape."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a device is put on a lattice, and moves there.

    Parameters
    ----------
    cell : float or tuple of float, optional [m]
        Side of a cell, or sides along x, y, z; the nearest that divide the device are taken. By default 5 nm, a quarter
        of the width or the exchange length ``sqrt(2 Aex / mu0 Ms^2)``, whichever is least.
    grain_size : float, optional [m]
        Mean diameter of grains; none by default.
    Ku_spread : float [1]
        Standard deviation of Ku from grain to grain, relative.
    grain_seed : int
        Selects grains.
    oersted : bool
        Whether the field of the current acts.
    demag : bool
        Whether the cells see each other's stray field.
    shape : bool
        Whether a uniform magnet gets the shape anisotropy of the true shape, which has no steps in its edge.
    heat : str
        "device": one temperature for all cells, that of the mean power; or "cells": one for every column of cells, of
        its own power, with conduction along the layers.
    dt : float, optional [s]
        Largest step at finite temperature; by default 0.7 of the largest safe one.
    precision : str
        "float64"; or "float32" for the moments of several trials.
    """

    cell: float | tuple[float, float, float] | None = None
    grain_size: float | None = None
    Ku_spread: float = 0.0
    grain_seed: int = 0
    oersted: bool = True
    demag: bool = True
    shape: bool = True
    heat: str = "device"
    dt: float | None = None
    precision: str = "float64"


def magnet_of(device: Device, layout: Layout | None = None) -> Magnet:
    """Free layer of a device as a magnet, in its state of rest.

    Parameters
    ----------
    device : Device
    layout : Layout, optional

    Returns
    -------
    Magnet

    Raises
    ------
    InputError
        If cells or grains are impossible.
    """
    layout = layout or Layout()
    size = (device.length, device.width, device.thickness)
    cell = layout.cell
    if cell is None:
        cell = min(CELL, Material(Ms=device.Ms, Aex=device.Aex).exchange_length, device.width / ACROSS)
    mesh = Mesh.of(size, cell)
    factor: Any = 1.0
    if layout.grain_size is not None:
        factor = spread(grains(mesh, layout.grain_size, layout.grain_seed), layout.Ku_spread, layout.grain_seed)
    elif layout.Ku_spread:
        raise InputError("Ku_spread: needs grains; give grain_size")
    material = Material(
        Ms=device.Ms,
        Aex=device.Aex,
        alpha=device.alpha,
        Ku=factor * np.full(mesh.shape, device.Ku),
        Ku2=factor * np.full(mesh.shape, device.Ku2),
        easy_axis=device.easy_axis,
    )
    magnet = Magnet(mesh, material, shape=device.geometry, applied_field=device.applied_field, demag=layout.demag)
    demag = magnet.terms.get("demag")
    if layout.shape and isinstance(demag, Demag):
        width, length, thickness = device.demagnetizing_factors
        magnet.terms["shape"] = ShapeCorrection(mesh, magnet.Ms, demag, (length, width, thickness))
    magnet.m = rest_state(Fields.of(device, device.size))
    magnet.minimize()
    return magnet


def connect(magnet: Magnet, device: Device, protocol: Protocol, layout: Layout) -> None:
    """Let a waveform drive a magnet: torque, Oersted field and heat of the junction of a device.

    Electrons that flow from the pinned to the free layer (J > 0 in `physics.torques`) come from below, so that the
    current of physicists flows along -z.

    Parameters
    ----------
    magnet : Magnet
        Of `magnet_of`; changed.
    device : Device
        As it is at the temperature of its surroundings.
    protocol : Protocol
    layout : Layout

    Raises
    ------
    InputError
        If the kind of heat is unknown, or the device lacks what it needs.
    """
    if layout.heat not in HEATS:
        raise InputError(f"heat = {shown(layout.heat)}: {nearest(layout.heat, HEATS)}one of {', '.join(HEATS)}")
    torque = JunctionTorque(
        magnet.mesh,
        magnet.Ms,
        Torques.of(device, device.size),
        Contact.of(device),
        protocol.at,
        protocol.unit,
        max(map(abs, protocol.values)),
    )
    # before the Oersted field, which takes the current that the torque finds
    magnet.terms["junction"] = torque
    if layout.oersted:
        profile = magnet.magnetic.any(axis=0).astype(float)
        sign = -device.polarity
        magnet.terms["oersted"] = Oersted.of(magnet.mesh, magnet.Ms, profile, JunctionCurrent(torque, sign))
    magnet.warmth = HEATS[layout.heat](device, magnet.terms, torque)


def simulate_lattice(
    device: Device,
    protocol: Protocol,
    *,
    layout: Layout | None = None,
    trials: int = 1,
    seed: int = 0,
    temperature: float | None = None,
    every: float | None = None,
    snapshots: float | None = None,
    checkpoint: str | Path | None = None,
    progress: Callable[[float], None] | None = None,
) -> xr.Dataset:
    """Run a device on a lattice through a protocol.

    Parameters
    ----------
    device : Device
    protocol : Protocol
    layout : Layout, optional
    trials : int
        Independent runs; several go side by side, by `ensemble.run_trials`.
    seed : int
        Trial ``i`` of a seed is the same whatever else runs.
    temperature : float, optional [K]
        By default the device's.
    every : float, optional [s]
        Time between two records; by default 1/200 of the whole.
    snapshots : float, optional [s]
        Time between two records of all moments, a multiple of ``every``; by default none are kept. They take 12 bytes
        a cell, trial and snapshot.
    checkpoint : path, optional
        File from which an interrupted run goes on.
    progress : callable, optional
        Called with the fraction of the work done since its last call.

    Returns
    -------
    xarray.Dataset
        The variables of `simulate`, where ``m`` is the mean moment, and those of `lattice.run.run`, for every trial;
        energies and torques of a single trial only. Of heat cell by cell ``temperature`` and ``rise`` are means, and
        ``hottest`` (trial, time) [K] is the temperature of the hottest column.

    Raises
    ------
    InputError
        If an argument is out of range, or the free layer becomes hotter than is described.
    """
    started, layout = time.perf_counter(), layout or Layout()
    trials = integer("trials", trials)
    temperature = non_negative("temperature", device.temperature if temperature is None else temperature, "K")
    if temperature == 0.0 and trials > 1:
        raise InputError(f"trials = {trials}: at temperature 0 K all trials are the same; use 1 trial")
    if temperature == 0.0 and device.thermal_times:
        raise InputError("temperature = 0 K: heat brings noise; use 1 K, or a device with thermal_resistances = []")
    here = at(device, temperature)
    magnet, solver = magnet_of(here, layout), Solver(dt=layout.dt, precision=layout.precision)
    connect(magnet, here, protocol, layout)
    how: dict[str, Any] = {
        "every": every, "snapshots": snapshots, "temperature": temperature, "seed": (seed, 0), "solver": solver,
        "checkpoint": checkpoint, "progress": progress,
    }  # fmt: skip
    if trials == 1:
        whole = run(magnet, protocol.duration, **how).expand_dims("trial")
    else:
        whole = run_trials(magnet, protocol.duration, trials=trials, **how)
    dataset = _described(whole, here, protocol)
    dataset.attrs |= {
        "kind": "spinneuron-run",
        "device": device.to_json(),
        "protocol": protocol.to_json(),
        "trials": trials,
        "seed": seed,
        "temperature": temperature,
        "initial": "rest",
        "stepper": dataset.attrs.pop("method"),
        "layout": str(asdict(layout)),
        "version": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "wall_time": time.perf_counter() - started,
    }
    return dataset


def _described(runs: xr.Dataset, device: Device, protocol: Protocol) -> xr.Dataset:
    """Runs with the variables of a macrospin's."""
    found = runs["junction"].values
    poles = len(device.thermal_times)
    rises = found[..., 4 : 4 + poles]
    numbers = {
        "voltage": (found[..., 0], "V", "voltage"),
        "power": (found[..., 2], "W", "Joule power"),
        "cosine": (found[..., 3], "1", "mean of m.p"),
        "temperature": (device.temperature + rises.sum(axis=-1), "K", "temperature of the free layer"),
    }
    if found.shape[-1] > 4 + poles:
        numbers["hottest"] = (found[..., 4 + poles], "K", "temperature of the hottest column")
    variables: dict = {
        name: (("trial", "time"), values, {"units": unit, "long_name": meaning})
        for name, (values, unit, meaning) in numbers.items()
    }
    variables["rise"] = (("trial", "time", "pole"), rises, {"units": "K", "long_name": "temperature rise of each pole"})
    variables |= driven(device, protocol, runs["time"].values)
    dataset = runs.drop_vars("junction").assign(variables)
    return dataset.assign_coords(component=list(COMPONENTS))
