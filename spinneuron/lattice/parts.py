"""Terms of a magnet, sorted and reduced to what ensembles read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from spinneuron.dynamics.lattice.replica_fields import Further, couplings_of, further, twists_of
from spinneuron.dynamics.lattice.replicas import around
from spinneuron.lattice.magnet import Magnet
from spinneuron.physics.lattice.anisotropy import Cubic, Uniaxial
from spinneuron.physics.lattice.demag import Demag
from spinneuron.physics.lattice.dmi import DMI
from spinneuron.physics.lattice.exchange import Exchange
from spinneuron.physics.lattice.interlayer import Interlayer
from spinneuron.physics.lattice.junction import JunctionCurrent, JunctionTorque
from spinneuron.physics.lattice.oersted import Oersted
from spinneuron.physics.lattice.shape import ShapeCorrection
from spinneuron.physics.lattice.term import Term
from spinneuron.physics.lattice.torques import Slonczewski
from spinneuron.physics.lattice.vcma import VCMA
from spinneuron.physics.lattice.zeeman import Zeeman
from spinneuron.physics.lattice.zhang_li import ZhangLi
from spinneuron.quantity import InputError
from spinneuron.units import format as shown

KINDS: tuple[type[Term], ...] = (
    Exchange, DMI, Interlayer, Uniaxial, Cubic, VCMA, Demag, ShapeCorrection, Zeeman, Oersted, JunctionTorque,
    Slonczewski, ZhangLi,
)  # fmt: skip
"""All that ensembles know."""
# a second one would be that of the same moments, or have a current of its own
_SINGLE = (Demag, JunctionTorque)

Course = Callable[[float], Any]


def by_kind(magnet: Magnet) -> dict[type[Term], list[Any]]:
    """Sort the terms of a magnet.

    Parameters
    ----------
    magnet : Magnet

    Returns
    -------
    dict of type to list of Term
        With a list for each of KINDS.

    Raises
    ------
    InputError
        If a term is of no such kind, or of one of which there can be one only.
    """
    found: dict[type[Term], list[Any]] = {kind: [] for kind in KINDS}
    for name, term in magnet.terms.items():
        # a class with a field of its own is another kind, whatever its parents
        kind = next((one for one in KINDS if isinstance(term, one) and type(term).add is one.add), None)
        if kind is None:
            raise InputError(
                f"{name}: is no term of this package, whose fields ensembles have in kernels of their own; run trials "
                "one by one, or leave it out"
            )
        found[kind].append(term)
        if kind in _SINGLE and len(found[kind]) > 1:
            raise InputError(f"{name}: is the second of its kind; a magnet of an ensemble has one {kind.__name__}")
    for term in found[Oersted]:
        if isinstance(term.current, JunctionCurrent) and term.current.torque not in found[JunctionTorque]:
            raise InputError("Oersted field: of the current of a junction that is not in the magnet; put its torque in")
    return found


def constant_field(kinds: dict[type[Term], list[Any]], shape: tuple[int, ...]) -> np.ndarray:
    """Sum of the given fields that do not change.

    Parameters
    ----------
    kinds : dict of type to list of Term
        From `by_kind`.
    shape : tuple of int
        Of the lattice.

    Returns
    -------
    numpy.ndarray [A/m]
        (3, nz, ny, nx).
    """
    found = np.zeros((3, *shape))
    for term in kinds[Zeeman]:
        if term.course is None and not callable(term.applied):
            field = np.asarray(term.applied, dtype=float)
            found += field.reshape(3, *(field.shape[1:] or (1, 1, 1)))
    for term in kinds[Oersted]:
        if not callable(term.current):
            found[:2] += term.current * term.unit
    return found


def further_of(
    kinds: dict[type[Term], list[Any]], magnetic: np.ndarray
) -> tuple[Further, Callable[[float], np.ndarray]] | None:
    """Fields that few magnets have.

    Parameters
    ----------
    kinds : dict of type to list of Term
        From `by_kind`.
    magnetic : numpy.ndarray of bool
        (nz, ny, nx).

    Returns
    -------
    tuple of Further and callable, or None
        In double precision, and the row of their courses at a time [s]. None where there are no such fields.

    Raises
    ------
    InputError
        If a given field has a wrong shape.
    """
    numbers = _of_neighbors(kinds, magnetic) | _of_cells(kinds, magnetic)
    courses = [_field(term) for term in kinds[Zeeman] if _moves(term)]
    if not numbers and not courses:
        return None
    rows = Courses(courses, _driven(kinds), magnetic)
    return further(moving=rows.moving, **numbers), rows


def _moves(term: Zeeman) -> bool:
    """Whether a given field is more than one array, or one array times a course."""
    return callable(term.applied) or (term.course is not None and np.ndim(term.applied) == 1)


def _field(term: Zeeman) -> Callable[[float], np.ndarray]:
    """Given field as a function of the time."""
    applied, course = term.applied, term.course

    def field(t: float) -> np.ndarray:
        now = np.asarray(applied(t) if callable(applied) else applied, dtype=float)
        return now if course is None else course(t) * now

    return field


def _shaped(kinds: dict[type[Term], list[Any]]) -> list[tuple[np.ndarray, Course]]:
    """Fields of fixed shape, (3, nz, ny, nx), and their courses."""
    found = [(term.applied, term.course) for term in kinds[Zeeman] if term.course is not None and not _moves(term)]
    for term in kinds[Oersted]:
        if callable(term.current) and not isinstance(term.current, JunctionCurrent):
            unit = np.broadcast_to(term.unit, (2, *term.mesh.shape))
            found.append((np.concatenate([unit, np.zeros((1, *term.mesh.shape))]), term.current))
    return found


def _driven(kinds: dict[type[Term], list[Any]]) -> list[tuple[Course, int]]:
    """Courses in the order of `Further.columns`, and how many numbers each returns."""
    single = [term.V for term in kinds[VCMA]] + [course for _, course in _shaped(kinds)]
    single += [term.J for term in kinds[Slonczewski]]
    return [(course, 1) for course in single] + [(term.drive, 3) for term in kinds[ZhangLi]]


def _by_cell(terms: list[list[np.ndarray]], magnetic: np.ndarray) -> np.ndarray:
    """Numbers of terms, each (nz, ny, nx), as (cells, terms, numbers)."""
    found = [[np.broadcast_to(number, magnetic.shape)[magnetic] for number in numbers] for numbers in terms]
    return np.ascontiguousarray(np.array(found).transpose(2, 0, 1))


def _of_cells(kinds: dict[type[Term], list[Any]], magnetic: np.ndarray) -> dict[str, Any]:
    """Numbers of fields that see their own cell alone."""
    # the first of constant axes is in the table of every magnet
    axial = [term.axial for term in kinds[Uniaxial][1:] + kinds[VCMA]]
    found = {
        "cubic": [[term.first, term.second, *term.axes.reshape(9, *magnetic.shape)] for term in kinds[Cubic]],
        "axial": [list(one) for one in axial],
        "given": [list(field) for field, _ in _shaped(kinds)],
        "spins": [list(term.numbers) for term in kinds[Slonczewski]],
    }
    numbers: dict[str, Any] = {name: _by_cell(terms, magnetic) for name, terms in found.items() if terms}
    if len(kinds[Uniaxial]) > 1:
        numbers["constant"] = len(kinds[Uniaxial]) - 1
    return numbers


def _of_neighbors(kinds: dict[type[Term], list[Any]], magnetic: np.ndarray) -> dict[str, Any]:
    """Numbers of fields that see other cells."""
    numbers: dict[str, Any] = {}
    if kinds[Interlayer]:
        both = [couplings_of(term.pairs, magnetic) for term in kinds[Interlayer]]
        numbers["pairs"], numbers["couplings"] = (np.concatenate(parts) for parts in zip(*both, strict=True))
    cells = int(np.count_nonzero(magnetic))
    twists, surfaces, drifting = np.zeros((cells, 6, 3)), np.zeros((cells, 4)), []
    for term in kinds[DMI]:
        interface, bulk, mixed = term.cold
        for kind, faces in (("interface", interface), ("bulk", bulk)):
            if faces is not None:
                twists += twists_of(faces, kind, magnetic)
                surfaces[:, :3] += np.stack([one[magnetic] for one in (faces.sx, faces.sy, faces.sz)], axis=1)
        if mixed is not None:
            surfaces[:, 3] += mixed[magnetic]
    for term in kinds[ZhangLi]:
        weights = [sign * one for drift in term.drifts for sign, one in zip((1.0, -1.0), drift, strict=True)]
        drifting.append([*weights, np.full(magnetic.shape, term.xi)])
    if not kinds[DMI] and not drifting:
        return numbers
    drifts = _by_cell(drifting, magnetic) if drifting else np.zeros((cells, 0, 7))
    used = twists.any(axis=(0, 2)) | drifts[:, :, :6].any(axis=(0, 1))
    numbers["near"], numbers["along"] = around(magnetic)[:, used].copy(), np.repeat(np.arange(3), 2)[used]
    if kinds[DMI]:
        numbers["twists"], numbers["surfaces"] = twists[:, used].copy(), surfaces
    if kinds[ZhangLi]:
        numbers["drifts"] = drifts[:, :, [*np.flatnonzero(used), 6]].copy()
    return numbers


class Courses:
    """Rows of courses, as `Further.columns` describes them: a function of the time.

    Parameters
    ----------
    fields : list of callable
        Fields [A/m] of the time [s]: (3,) or (3, nz, ny, nx).
    driven : list of tuple of callable and int
        Functions of the time, and how many numbers they return.
    magnetic : numpy.ndarray of bool
        (nz, ny, nx).

    Attributes
    ----------
    moving : bool
        Whether a field differs from cell to cell.

    Raises
    ------
    InputError
        If a field has a wrong shape.
    """

    def __init__(self, fields: list[Course], driven: list[tuple[Course, int]], magnetic: np.ndarray) -> None:
        self._fields, self._driven, self._magnetic, self.moving = fields, driven, magnetic, True
        self._sums(0.0)
        self.moving = any(np.ndim(field(0.0)) > 1 for field in fields)

    def _sums(self, t: float) -> tuple[np.ndarray, np.ndarray]:
        """Sums of the uniform fields and of those of each cell."""
        uniform, cells = np.zeros(3), np.zeros((3, np.count_nonzero(self._magnetic) if self.moving else 0))
        for field in self._fields:
            now = field(t)
            if now.shape == (3,):
                uniform += now
            elif self.moving and now.shape == (3, *self._magnetic.shape):
                cells += now[:, self._magnetic]
            else:
                wanted = f"(3,) or {(3, *self._magnetic.shape)}, as at the begin"
                raise InputError(f"applied field: has shape {now.shape} at {shown(t, 's')}; needs {wanted}")
        return uniform, cells

    def __call__(self, t: float) -> np.ndarray:
        """Row at a time.

        Parameters
        ----------
        t : float [s]

        Returns
        -------
        numpy.ndarray
        """
        (uniform, cells), numbers = self._sums(t), []
        for course, size in self._driven:
            numbers.append(now := np.ravel(course(t)))
            if len(now) != size:
                raise InputError(f"J, u, V or current: has {len(now)} numbers at {shown(t, 's')}; needs {size}")
        return np.concatenate([uniform, *numbers, cells.T.ravel()])
