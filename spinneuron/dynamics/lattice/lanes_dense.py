"""Product of one dense matrix with vectors of replicas, for devices of few cells.

Eight rows of the matrix stand side by side, so that eight sums grow in registers while each number of the input is
loaded once for them; such a panel stays in the cache for all replicas of a block. BLAS would do the same with threads
of its own, which must not run inside ours.
"""

from __future__ import annotations

import numpy as np

from spinneuron.compiled import inline, kernel
from spinneuron.registers.vectors import fill, lanes_of, load, store

PANEL = 8


def panels(matrix) -> np.ndarray:
    """Arrange a matrix as :func:`multiply` reads it.

    Parameters
    ----------
    matrix : numpy.ndarray
        Shape (rows, columns).

    Returns
    -------
    numpy.ndarray
        Shape (panels, columns, 8), filled up with zeros.
    """
    rows, columns = matrix.shape
    full = np.zeros((-(-rows // PANEL) * PANEL, columns), matrix.dtype)
    full[:rows] = matrix
    return np.ascontiguousarray(full.reshape(-1, PANEL, columns).transpose(0, 2, 1))


@inline
def accumulate(y, place, total, here):
    """Add a vector to y, but for the rows that fill up the last panel."""
    if here:
        store(y, place, load(y, place) + total)


@kernel
def multiply(x, y, sites, count, lanes, d):
    """Add the product of a matrix with rows ``sites[:count]`` of x (sites, lanes) to the same rows of y.

    x, y, sites and d, the first of the panels, are pointers.
    """
    nothing = fill(x, 0.0)
    for i in range(0, count, PANEL):
        for o in range(0, lanes, lanes_of(x)):
            a, b, c, e = nothing, nothing, nothing, nothing
            f, g, h, q = nothing, nothing, nothing, nothing
            k = i * count
            for j in range(count):
                v = load(x, sites[j] * lanes + o)
                a, b, c, e = a + d[k] * v, b + d[k + 1] * v, c + d[k + 2] * v, e + d[k + 3] * v
                f, g, h, q = f + d[k + 4] * v, g + d[k + 5] * v, h + d[k + 6] * v, q + d[k + 7] * v
                k += PANEL
            left = count - i
            accumulate(y, sites[i] * lanes + o, a, left > 0)
            accumulate(y, sites[i + 1] * lanes + o, b, left > 1)
            accumulate(y, sites[i + 2] * lanes + o, c, left > 2)
            accumulate(y, sites[i + 3] * lanes + o, e, left > 3)
            accumulate(y, sites[i + 4] * lanes + o, f, left > 4)
            accumulate(y, sites[i + 5] * lanes + o, g, left > 5)
            accumulate(y, sites[i + 6] * lanes + o, h, left > 6)
            accumulate(y, sites[i + 7] * lanes + o, q, left > 7)
