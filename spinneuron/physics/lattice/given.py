"""What users give to fields: numbers or arrays over the cells, directions, and courses in time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from spinneuron.mesh import Mesh
from spinneuron.quantity import InputError
from spinneuron.quantity import shown as text


def numbers(name: str, value: Any) -> np.ndarray:
    """Finite numbers.

    Parameters
    ----------
    name : str
        For messages.
    value : array_like

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    InputError
        If they are no numbers, or not finite.
    """
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{name} = {text(value)}: numbers are needed") from None
    if not np.isfinite(array).all():
        raise InputError(f"{name}: holds {array[~np.isfinite(array)].flat[0]}; only finite numbers are allowed")
    return array


def over_cells(name: str, value: Any, mesh: Mesh, default: float = 1.0) -> np.ndarray:
    """A scalar as an array over the cells.

    Parameters
    ----------
    name : str
        For messages.
    value : array_like or None
        One number, (ny, nx) or (nz, ny, nx).
    mesh : Mesh
    default : float [1]
        What None stands for.

    Returns
    -------
    numpy.ndarray
        (nz, ny, nx).

    Raises
    ------
    InputError
        If the shape is another, or a number is not finite.
    """
    array = numbers(name, default if value is None else value)
    try:
        return np.array(np.broadcast_to(array, mesh.shape))
    except ValueError:
        raise InputError(f"{name}: needs one number or shape {mesh.shape}, got {array.shape}") from None


def directions(name: str, value: Any, mesh: Mesh) -> np.ndarray:
    """A direction as unit vectors over the cells; those that are of length 1 keep their bits.

    Parameters
    ----------
    name : str
        For messages.
    value : array_like
        (3,) or (3, nz, ny, nx).
    mesh : Mesh

    Returns
    -------
    numpy.ndarray [1]
        (3, nz, ny, nx); where an array is 0, it stays so.

    Raises
    ------
    InputError
        If the shape is another, or a single direction is 0.
    """
    array = numbers(name, value)
    if array.shape not in ((3,), (3, *mesh.shape)):
        raise InputError(f"{name}: needs shape (3,) or {(3, *mesh.shape)}, got {array.shape}")
    length = np.linalg.norm(array, axis=0)
    if not length.any():
        raise InputError(f"{name}: a direction is needed, not 0")
    length = np.where((np.abs(length - 1.0) < 1e-12) | (length == 0.0), 1.0, length)
    array = array / length
    return np.array(
        np.broadcast_to(array.reshape(3, *((1, 1, 1) if array.ndim == 1 else mesh.shape)), (3, *mesh.shape))
    )


def course(name: str, value: Any, size: tuple[int, ...] = ()) -> Callable[[float], Any]:
    """A number, a vector, or a function of the time that returns one, as a function of the time.

    Parameters
    ----------
    name : str
        For messages.
    value : float, array_like or callable
    size : tuple of int
        Shape of a value.

    Returns
    -------
    callable
        Of t [s].

    Raises
    ------
    InputError
        If the shape is another, or a number is not finite.
    """
    if callable(value):
        return value
    array = numbers(name, value)
    if array.shape != size:
        wanted = f"shape {size}" if size else "one number; what differs from cell to cell is the profile"
        raise InputError(f"{name}: needs {wanted}, got shape {array.shape}")
    constant = array if size else float(array)
    return lambda t: constant


def thickness_of(magnetic: np.ndarray, mesh: Mesh, given: Any = None) -> np.ndarray:
    """Thickness along z of the magnet in each column.

    Parameters
    ----------
    magnetic : numpy.ndarray of bool
        (nz, ny, nx): cells that count.
    mesh : Mesh
    given : float or array_like [m], optional
        Is taken in its place.

    Returns
    -------
    numpy.ndarray [m]
        (nz, ny, nx), positive.

    Raises
    ------
    InputError
        If it is not positive where there are such cells.
    """
    if given is None:
        given = np.maximum(magnetic.sum(axis=0), 1) * mesh.cell[2]
    thickness = over_cells("thickness", given, mesh)
    if (thickness[magnetic] <= 0.0).any():
        raise InputError("thickness: must be positive")
    return np.where(magnetic, thickness, 1.0)
