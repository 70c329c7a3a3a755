"""A magnet as ensembles read it: `Replicated`, for `run_trials` and for the engine of switching."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from spinneuron.dynamics.lattice.ensemble import Ensemble
from spinneuron.dynamics.lattice.lanes_plan import Plan, plan
from spinneuron.dynamics.lattice.replicas import NO_CONTACT, NO_LAWS, NO_TORQUES, Body, Cells, neighbors, table_of
from spinneuron.dynamics.lattice.stochastic import thermal_strength
from spinneuron.lattice.magnet import Magnet
from spinneuron.lattice.run import Solver
from spinneuron.lattice.warmth import CellWarmth
from spinneuron.physics.heating import Foster
from spinneuron.physics.lattice.anisotropy import Uniaxial
from spinneuron.physics.lattice.demag import Demag
from spinneuron.physics.lattice.exchange import Exchange, Links
from spinneuron.physics.lattice.junction import Contact, JunctionCurrent, JunctionTorque
from spinneuron.physics.lattice.newell import tensor
from spinneuron.physics.lattice.oersted import Oersted
from spinneuron.physics.lattice.shape import ShapeCorrection
from spinneuron.physics.lattice.zeeman import Zeeman
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
    """

    magnet: Magnet
    body: Body
    plan: Plan
    foster: Foster
    hottest: float

    @classmethod
    def of(cls, magnet: Magnet, temperature: float, solver: Solver) -> Replicated:
        """Reduce a magnet.

        Parameters
        ----------
        magnet : Magnet
            With constant applied fields, exchange, uniaxial anisotropy, stray field and its correction, and at most one
            junction with its Oersted field and heat.
        temperature : float [K]
            Of the thermal field.
        solver : Solver

        Returns
        -------
        Replicated

        Raises
        ------
        InputError
            If the magnet has fields of another kind, is periodic and has a stray field, or heat cell by cell.
        """
        mesh, Ms, alpha = magnet.mesh, magnet.Ms, magnet.parameters["alpha"]
        if isinstance(magnet.warmth, CellWarmth):
            raise InputError('heat = "cells": trials side by side have one temperature each; run one, or use "device"')
        parts = _parts(magnet)
        junction, warmth, occupied = parts.junction, magnet.warmth, Ms > 0.0
        strength = thermal_strength(alpha, Ms, mesh.cell_volume, temperature, solver.gamma)
        near, links = neighbors(parts.links, occupied)
        layers = np.broadcast_to(occupied.sum(axis=0), mesh.shape)[occupied]
        columns = np.cumsum(occupied.any(axis=0)).reshape(mesh.shape[1:]) - 1
        axial = parts.axial
        cells = Cells(
            sites=np.flatnonzero(occupied),
            counters=np.empty(0, np.uint32),
            near=near,
            links=links,
            table=table_of(Ms, axial, parts.applied, parts.oersted, strength, alpha, solver.gamma / (1.0 + alpha**2)),
            column=np.broadcast_to(columns, mesh.shape)[occupied].astype(np.int32),
            weight=1.0 / layers,
            size=mesh.cells,
            columns=int(columns.max()) + 1,
            demag=parts.demag,
            shape_x=parts.shape[0],
            shape_y=parts.shape[1],
            shape_z=parts.shape[2],
            kind=0 if junction is None else junction.kind,
            Aex_exponent=1.0 if warmth is None else float(warmth.device.Aex_exponent),
            windows=np.empty((3, 0)),
        )
        body = Body(
            cells,
            NO_TORQUES if junction is None else Torques(*map(float, junction.torques)),
            NO_CONTACT if junction is None else Contact(*map(float, junction.contact)),
            NO_LAWS if warmth is None else Laws.of(warmth.device, float(warmth.device.temperature)),
        )
        foster = Foster(np.empty(0), np.empty(0)) if warmth is None else warmth.foster
        hottest = np.inf if warmth is None else limit(warmth.device) - warmth.device.temperature
        N = tensor(mesh.counts, mesh.cell) if parts.demag else np.zeros((6, *mesh.shape))
        lanes = width(solver.precision)
        return cls(magnet, body, plan(mesh.counts, N, lanes, solver.precision, occupied), foster, hottest)

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


class _Parts(NamedTuple):
    """The fields of a magnet, of the kinds that an ensemble knows."""

    links: Links
    axial: Any
    applied: np.ndarray
    oersted: np.ndarray
    junction: JunctionTorque | None
    demag: bool = False
    shape: tuple[float, ...] = (0.0, 0.0, 0.0)


def _parts(magnet: Magnet) -> _Parts:
    """Sort the terms of a magnet."""
    shape = magnet.mesh.shape
    found = _Parts(Links(*np.zeros((4, *shape))), None, np.zeros((3, *shape)), np.zeros((2, *shape)), None)
    for name, term in magnet.terms.items():
        if isinstance(term, Exchange):
            found = found._replace(links=term.links)
        elif isinstance(term, Uniaxial):
            found = found._replace(axial=term.axial)
        elif isinstance(term, Demag) and not any(magnet.mesh.periodic):
            found = found._replace(demag=True)
        elif isinstance(term, ShapeCorrection):
            found = found._replace(shape=tuple(term.difference.tolist()))
        elif isinstance(term, Zeeman) and term.course is None and not callable(term.applied):
            field = np.asarray(term.applied, dtype=float)
            found = found._replace(applied=found.applied + field.reshape(3, *(field.shape[1:] or (1, 1, 1))))
        elif isinstance(term, JunctionTorque):
            found = found._replace(junction=term)
        elif isinstance(term, Oersted) and isinstance(term.current, JunctionCurrent):
            found = found._replace(oersted=term.current.sign * term.unit)
        else:
            raise InputError(
                f"{name}: an ensemble takes constant applied fields, exchange, uniaxial anisotropy, the stray field of "
                "an open lattice, and one junction; run trials one by one, or leave it out"
            )
    return found
