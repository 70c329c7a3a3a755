"""Patterns that are shown: blocks of a 3 x 3 grid, four of nine colored, and cells of a grid, one for each class."""

from itertools import combinations

import numpy as np

from spinneuron.quantity import InputError, integer

GRID = 3
"""Blocks along each side of an image."""
LIT = 4
"""Blocks that are colored, of ``GRID**2``."""
_ALL = np.zeros((126, GRID * GRID), dtype=bool)
_ALL[np.arange(126)[:, None], list(combinations(range(GRID * GRID), LIT))] = True


def block_codes(items: int, seed: int) -> np.ndarray:
    """Draw different 4-of-9 codes, each of the 126 equally likely.

    The paper says "randomly coloring 4 out of the 9 blocks" and not which; two items with one code could not be told
    apart, so that they are drawn without replacement.

    Parameters
    ----------
    items : int
        At most 126.
    seed : int

    Returns
    -------
    numpy.ndarray of bool
        (item, block); blocks row by row.

    Raises
    ------
    InputError
        If there are not so many codes.
    """
    if integer("items", items) > len(_ALL):
        raise InputError(f"items = {items}: there are only {len(_ALL)} ways to color {LIT} of {GRID**2} blocks")
    return _ALL[np.random.default_rng(integer("code", seed, 0)).choice(len(_ALL), items, replace=False)]


def block_images(codes: np.ndarray, side: int) -> np.ndarray:
    """Draw codes as images.

    Parameters
    ----------
    codes : numpy.ndarray of bool
        (item, block).
    side : int
        Pixels along each side of a block.

    Returns
    -------
    numpy.ndarray of bool
        (item, pixel); pixels row by row.
    """
    square = np.ones((1, side, side), dtype=bool)
    return np.kron(codes.reshape(-1, GRID, GRID), square).astype(bool).reshape(len(codes), -1)


def cell_images(rows: int, columns: int, side: int) -> np.ndarray:
    """Draw one-hot codes as images: each class owns a cell of a grid, and no two share a pixel.

    Parameters
    ----------
    rows, columns : int
        Of the grid; one cell for each class, row by row.
    side : int
        Pixels along each side of the whole image, a multiple of ``rows`` and ``columns``.

    Returns
    -------
    numpy.ndarray of bool
        (class, pixel); pixels row by row.
    """
    cells = np.eye(rows * columns, dtype=bool).reshape(-1, rows, columns)
    cell = np.ones((1, side // rows, side // columns), dtype=bool)
    return np.kron(cells, cell).astype(bool).reshape(rows * columns, -1)
