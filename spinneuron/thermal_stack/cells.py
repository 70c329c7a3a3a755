"""Layers cut into cells, and the decay of what is cut: finite volumes that lose no heat between them."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import linalg

from spinneuron.thermal_stack.layers import Layer


class Chain(NamedTuple):
    """Layers in cells, from the first to the last layer; all of one section."""

    layer: np.ndarray
    """Index of the layer of each cell (cell,)."""
    volumes: np.ndarray
    """(cell,) [m^3]."""
    capacities: np.ndarray
    """(cell,) [J/K]."""
    leaks: np.ndarray
    """Sideways out of each cell (cell,) [W/K]."""
    series: np.ndarray
    """Resistance above each cell, up to the center of the one before, and below the last (cell + 1,) [K/W]."""


def cut(layers: Sequence[Layer], area: float, count: int) -> Chain:
    """Cut every layer into cells that are finest at its faces.

    Resistances between centers are those of half a cell on either side, in series (the harmonic mean of the
    conductivities), and of the interface.

    Parameters
    ----------
    layers : sequence of Layer
    area : float [m^2]
    count : int
        Cells of each layer.

    Returns
    -------
    Chain
    """
    # The gradient bends first at the interfaces: a cosine and a straight line in equal parts.
    part = np.arange(count + 1) / count
    widths = np.diff(0.5 * part + 0.25 * (1.0 - np.cos(math.pi * part)))

    def repeated(name: str) -> np.ndarray:
        return np.repeat([getattr(layer, name) for layer in layers], count)

    lengths = repeated("thickness") * np.tile(widths, len(layers))
    volumes = area * lengths
    half = 0.5 * lengths / (area * repeated("conductivity"))
    series = np.concatenate([[0.0], half]) + np.concatenate([half, [0.0]])
    series[count::count] += [0.0 if layer.boundary is None else 1.0 / (layer.boundary * area) for layer in layers]
    index = np.repeat(np.arange(len(layers)), count)
    return Chain(index, volumes, volumes * repeated("heat_capacity"), volumes * repeated("leak"), series)


def decay(flow: np.ndarray, capacities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the modes of ``M dT/dt = -F^T F T``: singular values of ``F M^(-1/2)`` are square roots of the rates.

    Taken so, slow rates keep their digits beside those of cells far below a nanometer, which are 1e10 times faster.

    Parameters
    ----------
    flow : numpy.ndarray
        F (path, node) [(W/K)^(1/2)]: one row for each path of heat, between nodes or from a node to ambient.
    capacities : numpy.ndarray
        M (node,) [J/K].

    Returns
    -------
    tuple
        Rates (mode,) [1/s], slowest first, and shapes (node, mode) [(K/J)^(1/2)], orthonormal under M.
    """
    scale = 1.0 / np.sqrt(capacities)
    _, values, vectors = linalg.svd(flow * scale, full_matrices=False)
    return values[::-1] ** 2, scale[:, None] * vectors[::-1].T
