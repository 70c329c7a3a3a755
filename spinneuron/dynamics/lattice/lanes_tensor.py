"""The demagnetizing tensor as plans of ensembles take it: offsets from 0 on, along axes in the order of the kernels."""

from __future__ import annotations

import numpy as np

from spinneuron.quantity import InputError

# no axis is a ring
OPEN = (0, 0, 0)
# axes of the components of the tensor, and the sign of each under the mirrors of x, y and z
PAIRS = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
MIRRORS = np.array([[1, 1, 1], [1, 1, 1], [1, 1, 1], [-1, -1, 1], [-1, 1, -1], [1, -1, -1]])


def quarter(counts, tensor, periodic=OPEN) -> np.ndarray:
    """The tensor at offsets from 0 on.

    Parameters
    ----------
    counts : tuple of int
    tensor : array-like
        See :func:`plan`.
    periodic : tuple of int
        Other than 0 for axes that are rings: an offset there is also one back, by way of the end.

    Returns
    -------
    numpy.ndarray
        Shape (6, nz, ny, nx).

    Raises
    ------
    InputError
        If it has another shape, or is not finite.
    """
    nx, ny, nz = counts
    tensor = np.asarray(tensor, dtype=float)
    if tensor.shape == (6, 2 * nz - 1, 2 * ny - 1, 2 * nx - 1):
        tensor = tensor[:, nz - 1 :, ny - 1 :, nx - 1 :]
    for axis, n in enumerate(counts):
        if periodic[axis] and tensor.ndim == 4 and tensor.shape[3 - axis] == n // 2 + 1:
            ahead = np.moveaxis(tensor, 3 - axis, 1)
            back = MIRRORS[:, axis, None, None, None] * ahead[:, (n - 1) // 2 : 0 : -1]
            tensor = np.moveaxis(np.concatenate([ahead, back], axis=1), 1, 3 - axis)
    if tensor.shape != (6, nz, ny, nx):
        raise InputError(f"tensor of shape {tensor.shape}: {counts} cells take {(6, nz, ny, nx)}, or all offsets")
    if not np.all(np.isfinite(tensor)):
        raise InputError("tensor = nan or inf somewhere: all of its numbers must be finite")
    return tensor


def axes_of(counts) -> tuple[int, int, int]:
    """The axes that the transforms call x, y, z: z is that of the fewest cells, the true one where it is a draw.

    Parameters
    ----------
    counts : tuple of int

    Returns
    -------
    tuple of int
    """
    fewest = min((2, 1, 0), key=lambda axis: counts[axis])
    first, second = (axis for axis in range(3) if axis != fewest)
    return first, second, fewest


def seen_along(axes, tensor) -> np.ndarray:
    """The tensor with other axes for x, y, z.

    Parameters
    ----------
    axes : tuple of int
        From :func:`axes_of`.
    tensor : numpy.ndarray
        From :func:`quarter`.

    Returns
    -------
    numpy.ndarray
        The same layout in terms of the other axes.
    """
    order = [PAIRS.index((min(axes[i], axes[j]), max(axes[i], axes[j]))) for i, j in PAIRS]
    return tensor[order].transpose(0, *(3 - axis for axis in reversed(axes)))
