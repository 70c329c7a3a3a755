"""Which cells are neighbors, and how kernels walk along rows of them."""

from __future__ import annotations

import numpy as np

from spinneuron.compiled import inline
from spinneuron.mesh import Mesh


def joined(mesh: Mesh, Ms: np.ndarray, axis: int, factor=None) -> np.ndarray:
    """How much of an interaction passes the faces to the next cells.

    Parameters
    ----------
    mesh : Mesh
    Ms : numpy.ndarray [A/m]
        (nz, ny, nx).
    axis : int
        0, 1, 2 for x, y, z.
    factor : callable, optional
        As in `exchange.Links.of`.

    Returns
    -------
    numpy.ndarray [1]
        (nz, ny, nx): 1, the factor, or 0 where there is no magnet on both sides.
    """
    along, number = 2 - axis, np.arange(mesh.cells).reshape(mesh.shape)
    both = ((Ms > 0.0) & (np.roll(Ms, -1, along) > 0.0)).astype(float)
    if factor is not None:
        both = both * factor(number, np.roll(number, -1, along))
    if not mesh.periodic[axis]:
        np.moveaxis(both, along, 0)[-1] = 0.0
    return both


@inline
def stretch(part, n, lanes):
    """A row of ``n`` in three parts: its first and last place, and the first places one cell ahead and behind."""
    if part == 0:
        return 0, lanes, lanes % n, n - lanes
    if part == 1:
        return lanes, max(n - lanes, lanes), 2 * lanes, 0
    return (n - lanes, n, 0, n - 2 * lanes) if n > lanes else (0, 0, 0, 0)
