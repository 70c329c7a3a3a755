"""A magnet on a lattice: `Magnet`; its energies and fields, states at rest, and motion."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from spinneuron.constants import mu0
from spinneuron.dynamics.lattice.minimizer import Descent, minimize
from spinneuron.dynamics.lattice.motion import FieldOf, largest_torque, normalize, total
from spinneuron.dynamics.lattice.runge_kutta import RungeKutta
from spinneuron.lattice.material import Material, over_cells
from spinneuron.lattice.run import run
from spinneuron.lattice.warmth import Warmth
from spinneuron.mesh import Mesh, Shape
from spinneuron.physics.lattice.anisotropy import Cubic, Uniaxial
from spinneuron.physics.lattice.demag import Demag, memory_needed, require_memory
from spinneuron.physics.lattice.dmi import DMI
from spinneuron.physics.lattice.exchange import Exchange, between
from spinneuron.physics.lattice.term import Term
from spinneuron.physics.lattice.zeeman import Zeeman
from spinneuron.quantity import InputError, integer, positive
from spinneuron.quantity import shown as text
from spinneuron.units import format as shown

REST_TORQUE = 1e-6
"""Largest |m x H| / Ms of a state at rest."""

PER_CELL = 420
"""Bytes of parameters, fields and a solver, beside the demagnetizing field."""


class Magnet:
    """A magnet on a lattice.

    Parameters
    ----------
    mesh : Mesh
    material : Material
    shape : str, numpy.ndarray or callable
        Cells that are magnet, as in `Mesh.mask`; by default all.
    regions : mapping of str to Shape, optional
        Named parts, which may not overlap. Parameters given by region need a value for each; cells in none are no
        magnet then.
    exchange : mapping, optional
        Factor [1] of the exchange, and of the Dzyaloshinskii-Moriya interaction, between two regions:
        ``{("free", "pinned"): 0.0}``.
    applied_field : tuple, numpy.ndarray or callable [A/m]
        (3,) or (3, nz, ny, nx); or a function of the time [s].
    demag : bool
        Whether the cells see each other's stray field.
    precision : str
        Of the transforms of the stray field, "float64" or "float32"; all else is in float64.

    Attributes
    ----------
    mesh : Mesh
    parameters : dict of str to numpy.ndarray
        Of the material, over the cells.
    terms : dict of str to Term
        Fields by name. Further ones may be put in.
    warmth : Warmth or None
        Heat of a junction.

    Raises
    ------
    InputError
        If a parameter, shape, region or the precision is wrong, or the machine has not enough memory.

    Warns
    -----
    UserWarning
        If cells are larger than the exchange length.

    Examples
    --------
    >>> from spinneuron.mesh import Mesh
    >>> magnet = Magnet(Mesh((20, 5, 1), (5e-9, 5e-9, 3e-9)), Material(Ms=8e5, Aex=1.3e-11))
    >>> magnet.m = (1.0, 0.1, 0.0)
    >>> magnet.minimize().converged
    True
    """

    def __init__(
        self,
        mesh: Mesh,
        material: Material,
        *,
        shape: Shape = "prism",
        regions: Mapping[str, Shape] | None = None,
        exchange: Mapping[tuple[str, str], float] | None = None,
        applied_field: Any = (0.0, 0.0, 0.0),
        demag: bool = True,
        precision: str = "float64",
    ) -> None:
        require_memory(PER_CELL * mesh.cells + (memory_needed(mesh, precision) if demag else 0), mesh, "a magnet")
        self.mesh, self.material = mesh, material
        mask, regions = mesh.mask(shape), regions or {}
        numbers = mesh.regions(regions)
        self.regions = {name: numbers == i for i, name in enumerate(regions)}
        self.parameters = p = over_cells(material, mesh, self.regions)
        self.Ms = p["Ms"] = np.where(mask, p["Ms"], 0.0)
        self.magnetic = self.Ms > 0.0
        if not self.magnetic.any():
            raise InputError("Ms: is 0 in all cells; at least one must be magnetic")
        self.terms: dict[str, Term] = {}
        factors = _pairs(exchange or {}, list(regions))
        factor = between(numbers, factors) if factors else None
        if p["Aex"].any():
            self.terms["exchange"] = Exchange(mesh, self.Ms, p["Aex"], factor)
            _warn_of_cells(mesh, self.Ms, p["Aex"])
        if p["Dind"].any() or p["Dbulk"].any():
            self.terms["dmi"] = DMI(mesh, self.Ms, p["Aex"], p["Dind"], p["Dbulk"], factor)
        if p["Ku"].any() or p["Ku2"].any():
            self.terms["anisotropy"] = Uniaxial(mesh, self.Ms, p["Ku"], p["Ku2"], p["easy_axis"])
        if p["Kc1"].any() or p["Kc2"].any():
            self.terms["cubic"] = Cubic(mesh, self.Ms, p["Kc1"], p["Kc2"], p["cubic_axes"])
        if demag:
            self.terms["demag"] = Demag.of(mesh, self.Ms, precision)
        self.applied_field = applied_field
        self.warmth: Warmth | None = None
        self._m = np.zeros((3, *mesh.shape))
        self.m = (1.0, 0.0, 0.0)

    @property
    def m(self) -> np.ndarray:
        """Moments [1], (3, nz, ny, nx): unit vectors, 0 where there is no magnet. Set from a vector (3,), an array, or
        a function of x, y, z [m]; lengths are made 1."""
        return self._m

    @m.setter
    def m(self, given: Any) -> None:
        """Set the moments.

        Parameters
        ----------
        given : array_like or callable [1]
        """
        value = given(*self.mesh.centers()) if callable(given) else given
        if callable(given):
            value = np.stack([np.broadcast_to(np.asarray(one, dtype=float), self.mesh.shape) for one in value])
        try:
            value = np.asarray(value, dtype=float)
        except (TypeError, ValueError):
            raise InputError(f"m = {text(given)}: a vector, an array or a function of x, y, z is needed") from None
        if value.shape == (3,):
            value = value.reshape(3, 1, 1, 1)
        if value.shape not in ((3, 1, 1, 1), (3, *self.mesh.shape)):
            raise InputError(f"m: needs shape (3,) or {(3, *self.mesh.shape)}, got {value.shape}")
        value = np.broadcast_to(value, (3, *self.mesh.shape)) * self.magnetic
        length = np.sqrt((value**2).sum(axis=0))
        if not np.isfinite(length).all() or (length[self.magnetic] == 0.0).any():
            raise InputError("m: holds moments without direction (0 or not finite); give each cell of the magnet one")
        self._m[:] = value
        normalize(self._m.reshape(3, -1))

    @property
    def applied_field(self) -> Any:
        """Applied field [A/m], as given; may be set anew."""
        return self._applied

    @applied_field.setter
    def applied_field(self, given: Any) -> None:
        """Set the field.

        Parameters
        ----------
        given : array_like or callable [A/m]
        """
        if not callable(given):
            given = np.asarray(given, dtype=float)
            if given.shape not in ((3,), (3, *self.mesh.shape)) or not np.isfinite(given).all():
                wanted = f"three finite numbers, or an array {(3, *self.mesh.shape)}"
                raise InputError(f"applied_field: needs {wanted}")
        self._applied = given
        self.terms["zeeman"] = Zeeman(self.mesh, self.Ms, given)

    @property
    def mean(self) -> np.ndarray:
        """Mean moment [1] weighted by Ms, (3,)."""
        return (self._m * self.Ms).sum(axis=(1, 2, 3)) / self.Ms.sum()

    def field(self, t: float = 0.0) -> np.ndarray:
        """Effective field of all terms.

        Parameters
        ----------
        t : float [s]

        Returns
        -------
        numpy.ndarray [A/m]
            (3, nz, ny, nx).
        """
        h = np.empty_like(self._m)
        total(list(self.terms.values()))(self._m, h, t)
        return h

    def energies(self, t: float = 0.0) -> dict[str, float]:
        """Energy of every term that has one.

        Parameters
        ----------
        t : float [s]

        Returns
        -------
        dict of str to float [J]
        """
        return {name: term.energy(self._m, t) for name, term in self.terms.items() if term.share}

    def observe(self, t: float = 0.0) -> tuple[dict[str, float], np.ndarray]:
        """Energy of every term that has one, and the field of all terms, each evaluated once.

        Parameters
        ----------
        t : float [s]

        Returns
        -------
        energies : dict of str to float [J]
        field : numpy.ndarray [A/m]
            (3, nz, ny, nx).
        """
        energies, h = {}, np.zeros_like(self._m)
        for name, term in self.terms.items():
            own = term.field(self._m, t)
            h += own
            if term.share:
                energies[name] = term.energy(self._m, t, own)
        return energies, h

    def energy(self, t: float = 0.0) -> float:
        """Energy of all terms.

        Parameters
        ----------
        t : float [s]

        Returns
        -------
        float [J]
        """
        return sum(self.energies(t).values())

    @property
    def Km(self) -> float:
        """Stray field energy density of the strongest cell, ``mu0 Ms^2 / 2`` [J/m^3]."""
        return 0.5 * mu0 * float(self.Ms.max()) ** 2

    def _slope(self) -> FieldOf:
        """Field of the terms that have an energy."""
        return total([term for term in self.terms.values() if term.share])

    def minimize(
        self,
        tolerance: float = REST_TORQUE,
        most: int = 100_000,
        progress: Callable[[Descent], None] | None = None,
    ) -> Descent:
        """Bring the moments to rest the fast way, by `dynamics.lattice.minimizer`.

        Torques and the course of fields in time do not count: fields are those of time 0.

        Parameters
        ----------
        tolerance : float [1]
            Largest |m x H| / Ms of a state at rest, Ms the largest one.
        most : int
            Steps.
        progress : callable, optional

        Returns
        -------
        Descent
        """
        limit = positive("tolerance", tolerance) * float(self.Ms.max())
        return minimize(self._slope(), self._m, tolerance=limit, most=integer("most", most), progress=progress)

    def relax(self, tolerance: float = REST_TORQUE, longest: float = 1e-6) -> Descent:
        """Bring the moments to rest by damping alone, alpha = 1 and no precession: slower, never up the energy.

        Parameters
        ----------
        tolerance : float [1]
            Largest |m x H| / Ms of a state at rest.
        longest : float [s]
            Time of the motion after which it is given up.

        Returns
        -------
        Descent
        """
        limit = positive("tolerance", tolerance) * float(self.Ms.max())
        solver = RungeKutta(self._slope(), np.ones(self.mesh.shape), precession=False)
        t, torque = 0.0, np.inf
        while t < longest:
            # errors of a step may not outlive the torque that is left
            solver.tolerance = min(1e-3, max(0.01 * torque / float(self.Ms.max()), 1e-12))
            t = solver.advance(self._m, t, longest)
            torque = largest_torque(self._m.reshape(3, -1), solver.h.reshape(3, -1))
            if torque <= limit:
                break
        return Descent(float(torque), solver.taken, bool(torque <= limit))

    run = run


def _warn_of_cells(mesh: Mesh, Ms: np.ndarray, Aex: np.ndarray) -> None:
    """Warn of cells that are larger than the exchange length, within which a magnet turns as one."""
    there = (Ms > 0.0) & (Aex > 0.0)
    length = float(np.sqrt(2.0 * Aex[there] / (mu0 * Ms[there] ** 2)).min())
    sides = [d for d, n in zip(mesh.cell, mesh.counts, strict=True) if n > 1]
    if sides and max(sides) > length * (1.0 + 1e-9):
        largest = f"cell = {shown(max(sides), 'm', 3)}"
        message = f"{largest}: larger than the exchange length, {shown(length, 'm', 3)}; take smaller cells"
        warnings.warn(message, stacklevel=3)


def _pairs(given: Mapping[tuple[str, str], float], names: list[str]) -> dict[tuple[int, int], float]:
    """Factors by the numbers of two regions."""
    found = {}
    for pair, value in given.items():
        if len(pair) != 2 or any(name not in names for name in pair):
            raise InputError(f"exchange: {pair} is no pair of regions; regions: {', '.join(names) or 'none'}")
        found[names.index(pair[0]), names.index(pair[1])] = float(value)
    return found
