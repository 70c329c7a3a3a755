"""Given fields: uniform or per cell, constant or in time.

w = -mu0 Ms m.H
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.term import Term


class Zeeman(Term):
    """A given field times a given course.

    Parameters
    ----------
    mesh : Mesh
    Ms : numpy.ndarray [A/m]
        (nz, ny, nx).
    applied : numpy.ndarray or callable [A/m]
        Field (3,) or (3, nz, ny, nx); or a function of the time [s] that returns one.
    course : callable, optional
        Factor [1] of the time [s].
    """

    share = 1.0

    def __init__(self, mesh: Mesh, Ms: np.ndarray, applied, course: Callable[[float], float] | None = None) -> None:
        super().__init__(mesh, Ms)
        self.applied, self.course = applied, course

    @property
    def stiffness(self) -> float:
        """Length of the field at time 0; of one that changes in time, Ms if that is more: see `Term`."""
        given = self.applied(0.0) if callable(self.applied) else self.applied
        length = float(np.sqrt((np.asarray(given) ** 2).sum(axis=0)).max())
        return max(length, float(self.Ms.max())) if callable(self.applied) or self.course else length

    def add(self, m: np.ndarray, h: np.ndarray, t: float = 0.0) -> None:
        """Add the field: see `Term`."""
        given = self.applied(t) if callable(self.applied) else self.applied
        field = np.asarray(given, dtype=h.dtype).reshape(3, *((1, 1, 1) if np.ndim(given) == 1 else self.mesh.shape))
        h += field if self.course is None else self.course(t) * field
