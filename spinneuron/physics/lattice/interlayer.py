"""Exchange through a spacer (Ruderman-Kittel-Kasuya-Yosida) between two parts that face each other along z.

    w = -J1 m1.m2 - J2 (m1.m2)^2    per area,    H_1 = [J1 + 2 J2 m1.m2] m2 / (mu0 Ms_1 dz)

and the same for H_2 with 1 and 2 exchanged. J1 > 0 couples parallel, J1 < 0 antiparallel; J2 < 0 favors right angles.
Source: S. O. Demokritov, J. Phys. D: Appl. Phys. 31, 925 (1998).

A pair is the highest cell of the one part and the lowest of the other in a column, with none but empty cells between
them. Where they touch, the ordinary exchange passes through the same face: switch it off by its factor,
``Magnet(..., exchange={("lower", "upper"): 0.0})``, unless it is meant to be there as well.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from spinneuron.compiled import kernel
from spinneuron.constants import mu0
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.given import over_cells
from spinneuron.physics.lattice.term import Term, inverse
from spinneuron.quantity import InputError


class Pairs(NamedTuple):
    """Cells that see each other through a spacer.

    Attributes
    ----------
    below, above : numpy.ndarray of int
        Flat numbers of the cells of each pair.
    first, second : numpy.ndarray [A^2/m^2]
        ``J1 / mu0 dz`` and ``J2 / mu0 dz`` of each pair.
    inverse : numpy.ndarray [m/A]
        1 / Ms of the cells, (nz ny nx).
    """

    below: np.ndarray
    above: np.ndarray
    first: np.ndarray
    second: np.ndarray
    inverse: np.ndarray


@kernel
def add_interlayer(m, h, pairs, lanes, factor):
    """Add ``factor`` times the field of the pairs to ``h``; both (3, cells lanes)."""
    for k in range(len(pairs.below)):
        p, q = pairs.below[k], pairs.above[k]
        for lane in range(lanes):
            i, j = p * lanes + lane, q * lanes + lane
            cosine = m[0, i] * m[0, j] + m[1, i] * m[1, j] + m[2, i] * m[2, j]
            J = factor * (pairs.first[k] + 2.0 * pairs.second[k] * cosine)
            a, b = J * pairs.inverse[p], J * pairs.inverse[q]
            for c in range(3):
                h[c, i] += a * m[c, j]
                h[c, j] += b * m[c, i]


def facing(magnetic: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the cells of two parts that face each other along z.

    Parameters
    ----------
    magnetic : numpy.ndarray of bool
        (nz, ny, nx): cells that are not empty.
    lower, upper : numpy.ndarray of bool
        (nz, ny, nx).

    Returns
    -------
    below, above : numpy.ndarray of int
        Flat numbers of the cells of each pair.
    """
    below, above = [], []
    cells = magnetic[0].size
    # the last magnetic cell met on the way up each column
    last = np.full(cells, -1)
    for z in range(len(magnetic)):
        here = magnetic[z].ravel()
        number = z * cells + np.arange(cells)
        pair = here & upper[z].ravel() & (last >= 0) & lower.ravel()[last]
        below.append(last[pair])
        above.append(number[pair])
        last = np.where(here, number, last)
    return np.concatenate(below), np.concatenate(above)


class Interlayer(Term):
    """Exchange through a spacer.

    Parameters
    ----------
    mesh : Mesh
    Ms : numpy.ndarray [A/m]
        (nz, ny, nx).
    lower, upper : numpy.ndarray of bool
        (nz, ny, nx): the two parts.
    J1, J2 : float or numpy.ndarray [J/m^2]
        Bilinear and biquadratic coupling; arrays are (ny, nx).

    Raises
    ------
    InputError
        If the parts face each other in no column, or a constant is not finite.
    """

    def __init__(self, mesh: Mesh, Ms: np.ndarray, lower: np.ndarray, upper: np.ndarray, J1, J2=0.0) -> None:
        super().__init__(mesh, Ms)
        magnetic = Ms > 0.0
        below, above = facing(magnetic, mesh.mask(lower, "lower"), mesh.mask(upper, "upper"))
        if not len(below):
            if len(facing(magnetic, mesh.mask(upper), mesh.mask(lower))[0]):
                raise InputError("lower: lies above upper; exchange them")
            raise InputError("lower, upper: face each other in no column; nothing magnetic may lie between them")
        per = 1.0 / (mu0 * mesh.cell[2])
        J1, J2 = (per * over_cells(name, J, mesh).ravel()[below] for name, J in (("J1", J1), ("J2", J2)))
        self.pairs = Pairs(below, above, J1, J2, inverse(Ms).ravel())

    @property
    def stiffness(self) -> float:
        """Both neighbors of a cell: see `Term`."""
        pairs = self.pairs
        J = np.abs(pairs.first) + 4.0 * np.abs(pairs.second)
        return 2.0 * float((J * np.maximum(pairs.inverse[pairs.below], pairs.inverse[pairs.above])).max())

    def _of_pairs(self, value: Any) -> Any:
        """A number of each column as one of each pair: both cells of a pair are in one column."""
        return value if np.ndim(value) == 0 else np.broadcast_to(value, self.mesh.shape).ravel()[self.pairs.below]

    def add(self, m: np.ndarray, h: np.ndarray, t: float = 0.0) -> None:
        """Add the field: see `Term`."""
        pairs, factor = self.pairs, self._of_pairs(self.factor)
        if np.ndim(factor):
            pairs, factor = pairs._replace(first=factor * pairs.first, second=factor * pairs.second), 1.0
        add_interlayer(m.reshape(3, -1), h.reshape(3, -1), pairs, 1, factor)

    def energy_density(self, m: np.ndarray, t: float = 0.0, own: np.ndarray | None = None) -> np.ndarray:
        """Energy density, half of a pair in either cell: see `Term`."""
        pairs, flat, w = self.pairs, m.reshape(3, -1), np.zeros(m[0].size)
        cosine = (flat[:, pairs.below] * flat[:, pairs.above]).sum(axis=0)
        warmth, factor = (self._of_pairs(one) for one in (self.Ms_factor, self.factor))
        half = -0.5 * mu0 * warmth * factor * (pairs.first * cosine + pairs.second * cosine**2)
        np.add.at(w, pairs.below, half)
        np.add.at(w, pairs.above, half)
        return w.reshape(m.shape[1:])
