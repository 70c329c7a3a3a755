"""Grains: the cells of a film fall to the nearest of random points (Voronoi), and their anisotropy differs."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from spinneuron.mesh import Mesh
from spinneuron.quantity import InputError, non_negative, positive
from spinneuron.units import format as shown


def grains(mesh: Mesh, size: float, seed: int = 0) -> np.ndarray:
    """Number the cells by their grain; grains are columns along z.

    Parameters
    ----------
    mesh : Mesh
    size : float [m]
        Mean diameter: a grain has the area of a square of this side on average.
    seed : int

    Returns
    -------
    numpy.ndarray of int
        (nz, ny, nx), from 0 on.

    Raises
    ------
    InputError
        If a grain is smaller than a cell.
    """
    size = positive("grain_size", size, "m")
    if size < max(mesh.cell[:2]):
        raise InputError(
            f"grain_size = {shown(size, 'm')}: below a cell of {shown(max(mesh.cell[:2]), 'm', 3)}; take larger grains"
        )
    # points beyond the edge, so that grains there are cut and not deformed
    margin = 2.0 * size
    width, height = mesh.size[0] + 2.0 * margin, mesh.size[1] + 2.0 * margin
    random = np.random.default_rng([seed, 0x6772])
    points = (random.random((max(1, round(width * height / size**2)), 2)) - 0.5) * [width, height]
    x, y, _ = mesh.centers()
    places = np.stack(np.broadcast_arrays(x[0], y[0]), axis=-1).reshape(-1, 2)
    nearest = cKDTree(points).query(places)[1]
    numbers = np.unique(nearest, return_inverse=True)[1].reshape(mesh.shape[1:])
    return np.broadcast_to(numbers, mesh.shape).copy()


def spread(numbers: np.ndarray, share: float, seed: int = 0) -> np.ndarray:
    """Factor of every cell, normal from grain to grain.

    Parameters
    ----------
    numbers : numpy.ndarray of int
        (nz, ny, nx), of `grains`.
    share : float [1]
        Standard deviation.
    seed : int

    Returns
    -------
    numpy.ndarray [1]
        (nz, ny, nx); not below 0.

    Raises
    ------
    InputError
        If the share is negative.
    """
    random = np.random.default_rng([seed, 0x4B75])
    factors = 1.0 + non_negative("Ku_spread", share) * random.standard_normal(int(numbers.max()) + 1)
    return np.maximum(factors, 0.0)[numbers]
