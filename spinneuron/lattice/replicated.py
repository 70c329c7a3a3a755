"""A magnet as ensembles read it: `Replicated`, for `run_trials` and for the engine of switching."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from spinneuron.dynamics.lattice.ensemble import Ensemble
from spinneuron.dynamics.lattice.lanes_plan import Plan, plan
from spinneuron.dynamics.lattice.replica_fields import Further
from spinneuron.dynamics.lattice.replicas import NO_CONTACT, NO_LAWS, NO_TORQUES, Body, Cells, neighbors, table_of
from spinneuron.dynamics.lattice.stochastic import thermal_strength
from spinneuron.lattice.magnet import Magnet
from spinneuron.lattice.parts import by_kind, constant_field, further_of
from spinneuron.lattice.run import Solver
from spinneuron.lattice.warmth import CellWarmth
from spinneuron.physics.heating import Foster
from spinneuron.physics.lattice.anisotropy import Uniaxial
from spinneuron.physics.lattice.demag import Demag
from spinneuron.physics.lattice.exchange import Exchange
from spinneuron.physics.lattice.junction import Contact, JunctionCurrent, JunctionTorque
from spinneuron.physics.lattice.newell import tensor
from spinneuron.physics.lattice.oersted import Oersted
from spinneuron.physics.lattice.shape import ShapeCorrection
from spinneuron.physics.temperature import Laws, limit
from spinneuron.physics.torques import Torques
from spinneuron.quantity import InputError
from spinneuron.registers.vectors import width
from spinneuron.units import format as with_unit


class Replicated(NamedTuple):
    """A magnet as ensembles read it.

    Attributes
    ----------
    magnet : Magnet
    body : Body
    plan : Plan
    foster : Foster
        Heat path of its junction, maybe without poles.
    hottest : float [K]
        Largest rise that its laws describe.
    further : tuple of Further and callable, or None
        Fields that few magnets have: see `parts.further_of`.
    """

    magnet: Magnet
    body: Body
    plan: Plan
    foster: Foster
    hottest: float
    further: tuple[Further, Callable[[float], np.ndarray]] | None

    @classmethod
    def of(cls, magnet: Magnet, temperature: float, solver: Solver) -> Replicated:
        """Reduce a magnet.

        Parameters
        ----------
        magnet : Magnet
            With terms of this package, one stray field and one junction at most.
        temperature : float [K]
            Of the thermal field.
        solver : Solver

        Returns
        -------
        Replicated

        Raises
        ------
        InputError
            If the magnet has terms of another kind, or heat cell by cell.
        """
        mesh, Ms, alpha = magnet.mesh, magnet.Ms, magnet.parameters["alpha"]
        if isinstance(magnet.warmth, CellWarmth):
            raise InputError('heat = "cells": trials side by side have one temperature each; run one, or use "device"')
        kinds, occupied = by_kind(magnet), Ms > 0.0
        junction, warmth, demag = next(iter(kinds[JunctionTorque]), None), magnet.warmth, bool(kinds[Demag])
        # that of the torque may be left hot from a run
        contact = warmth.contact if warmth is not None else junction.contact if junction is not None else None
        strength = thermal_strength(alpha, Ms, mesh.cell_volume, temperature, solver.gamma)
        couples = [neighbors(term.links, occupied) for term in kinds[Exchange]] or [neighbors(None, occupied)]
        near, links = (np.concatenate(parts, axis=1) for parts in zip(*couples, strict=True))
        axial = kinds[Uniaxial][0].axial if kinds[Uniaxial] else None
        difference = sum((term.difference for term in kinds[ShapeCorrection]), np.zeros(3)).tolist()
        own = [one for one in kinds[Oersted] if isinstance(one.current, JunctionCurrent)]
        oersted = sum((one.current.sign * one.unit for one in own), np.zeros((2, 1, 1, 1)))
        applied = constant_field(kinds, mesh.shape)
        layers = np.broadcast_to(occupied.sum(axis=0), mesh.shape)[occupied]
        columns = np.cumsum(occupied.any(axis=0)).reshape(mesh.shape[1:]) - 1
        cells = Cells(
            sites=np.flatnonzero(occupied),
            counters=np.empty(0, np.uint32),
            near=near,
            links=links,
            table=table_of(Ms, axial, applied, oersted, strength, alpha, solver.gamma / (1.0 + alpha**2)),
            column=np.broadcast_to(columns, mesh.shape)[occupied].astype(np.int32),
            weight=1.0 / layers,
            size=mesh.cells,
            columns=int(columns.max()) + 1,
            demag=demag,
            shape_x=difference[0],
            shape_y=difference[1],
            shape_z=difference[2],
            kind=0 if junction is None else junction.kind,
            Aex_exponent=1.0 if warmth is None else float(warmth.device.Aex_exponent),
            windows=np.empty((3, 0)),
        )
        body = Body(
            cells,
            NO_TORQUES if junction is None else Torques(*map(float, junction.torques)),
            NO_CONTACT if contact is None else Contact(*map(float, contact)),
            NO_LAWS if warmth is None else Laws.of(warmth.device, float(warmth.device.temperature)),
        )
        foster = Foster(np.empty(0), np.empty(0)) if warmth is None else warmth.foster
        hottest = np.inf if warmth is None else limit(warmth.device) - warmth.device.temperature
        N = tensor(mesh.counts, mesh.cell, mesh.periodic) if demag else np.zeros((6, *mesh.shape))
        lanes, precision = width(solver.precision), solver.precision
        made = plan(mesh.counts, N, lanes, precision, occupied, periodic=mesh.periodic)
        return cls(magnet, body, made, foster, hottest, further_of(kinds, occupied))

    @property
    def further_digest(self) -> str:
        """What tells apart magnets by the numbers of their further fields; empty without such fields."""
        digest = hashlib.sha256()
        for one in self.further[0] if self.further else ():
            digest.update(np.ascontiguousarray(one).tobytes())
        return digest.hexdigest() if self.further else ""

    def lattices(self, cells: np.ndarray) -> np.ndarray:
        """Put the cells of the magnet where they stand.

        Parameters
        ----------
        cells : numpy.ndarray [1]
            (trials, cells, 3).

        Returns
        -------
        numpy.ndarray [1]
            (trials, 3, nz, ny, nx), 0 where there is no magnet.
        """
        found = np.zeros((len(cells), 3, self.body.cells.size), cells.dtype)
        found[:, :, self.body.cells.sites] = np.moveaxis(cells, 2, 1)
        return found.reshape(len(cells), 3, *self.magnet.mesh.shape)

    def check(self, ensemble: Ensemble) -> None:
        """Refuse moments and temperatures that have gone astray.

        Parameters
        ----------
        ensemble : Ensemble

        Raises
        ------
        InputError
            If a free layer has become hotter than is described.
        FloatingPointError
            If a moment is not finite, or has left the sphere.
        """
        length = np.einsum("bkci,bkci->bki", ensemble.m, ensemble.m, dtype=float)
        if not (np.abs(length - 1.0) < 1e-3).all():
            raise FloatingPointError("a moment has left the unit sphere: take a smaller step")
        if float(ensemble.heat[:, 1:].sum(axis=1).max()) > self.hottest:
            most = with_unit(self.hottest + self.body.laws.base, "K", 3)
            raise InputError(f"temperature: the drive heats the free layer of a trial beyond {most}; lower it")
