"""A lattice of equal boxes: `Mesh`; the shapes and regions that are cut out of it.

x runs along the length of a device, y along its width, z along its thickness; the middle of the lattice is at 0. An
array over the cells is ``(nz, ny, nx)``, a vector field ``(3, nz, ny, nx)``: x is contiguous.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spinneuron.quantity import InputError, integer, nearest, positive
from spinneuron.quantity import shown as text
from spinneuron.units import format as shown

AXES = ("x", "y", "z")
MOST_CELLS = 2**31

Shape = str | np.ndarray | Callable[[np.ndarray, np.ndarray, np.ndarray], Any]
"""A name in SHAPES, which fills the lattice; an array (nz, ny, nx) of bool; or a predicate of x, y, z [m]."""

SHAPES: dict[str, Callable] = {
    "prism": lambda x, y, z: (x == x) & (y == y) & (z == z),
    "elliptic-cylinder": lambda x, y, z: (x * x + y * y <= 1.0) & (z == z),
    "ellipsoid": lambda x, y, z: x * x + y * y + z * z <= 1.0,
}
"""Which cells a shape that touches all faces of the lattice has, of coordinates from -1 to 1: those whose middle is
in it."""


@dataclass(frozen=True)
class Mesh:
    """Equal boxes in rows.

    Parameters
    ----------
    counts : tuple of int
        Cells along x, y, z.
    cell : tuple of float [m]
        Size of a cell along x, y, z.
    periodic : tuple of int
        Copies of the lattice on either side along x, y, z that the long-range fields see; an axis with any is also
        closed to a ring for the fields of neighbors. 0: open.

    Raises
    ------
    InputError
        If a count or a size is not positive, or there are more cells than can be counted.
    """

    counts: tuple[int, int, int]
    cell: tuple[float, float, float]
    periodic: tuple[int, int, int] = (0, 0, 0)

    def __post_init__(self) -> None:
        for name, check in (("counts", integer), ("cell", positive), ("periodic", integer)):
            given = getattr(self, name)
            least = {"counts": 1, "cell": "m", "periodic": 0}[name]
            object.__setattr__(self, name, _three(name, given, check, least))
        if (cells := float(np.prod(np.array(self.counts, dtype=float)))) > MOST_CELLS:
            raise InputError(f"counts = {self.counts}: {cells:.3g} cells are too many; take larger cells")

    @classmethod
    def of(cls, size, cell, periodic=(0, 0, 0)) -> Mesh:
        """Divide a box into cells of nearly a given size.

        Parameters
        ----------
        size : tuple of float [m]
            Of the box along x, y, z.
        cell : float or tuple of float [m]
            Of a cell; the nearest size that divides the box is taken.
        periodic : tuple of int

        Returns
        -------
        Mesh

        Raises
        ------
        InputError
            If a size is not positive.
        """
        sizes, cells = _three("size", size), _three("cell", (cell,) * 3 if np.ndim(cell) == 0 else cell)
        counts = [max(1, round(whole / part)) for whole, part in zip(sizes, cells, strict=True)]
        exact = tuple(whole / n for whole, n in zip(sizes, counts, strict=True))
        return cls((counts[0], counts[1], counts[2]), (exact[0], exact[1], exact[2]), periodic)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of an array over the cells, (nz, ny, nx)."""
        return self.counts[2], self.counts[1], self.counts[0]

    @property
    def cells(self) -> int:
        """Number of cells."""
        return self.counts[0] * self.counts[1] * self.counts[2]

    @property
    def cell_volume(self) -> float:
        """Volume of a cell [m^3]."""
        return self.cell[0] * self.cell[1] * self.cell[2]

    @property
    def size(self) -> tuple[float, float, float]:
        """Size of the whole lattice along x, y, z [m]."""
        (nx, ny, nz), (dx, dy, dz) = self.counts, self.cell
        return nx * dx, ny * dy, nz * dz

    def centers(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Coordinates of the middles of the cells.

        Returns
        -------
        x, y, z : numpy.ndarray [m]
            (1, 1, nx), (1, ny, 1) and (nz, 1, 1).
        """
        x, y, z = ((np.arange(n) - 0.5 * (n - 1)) * d for n, d in zip(self.counts, self.cell, strict=True))
        return x[None, None, :], y[None, :, None], z[:, None, None]

    def mask(self, shape: Shape, name: str = "shape") -> np.ndarray:
        """Cells of a shape.

        Parameters
        ----------
        shape : str, numpy.ndarray or callable
            A name in SHAPES; bool (nz, ny, nx); or a predicate of x, y, z [m].
        name : str
            For messages.

        Returns
        -------
        numpy.ndarray of bool
            (nz, ny, nx).

        Raises
        ------
        InputError
            If the shape is unknown, has other cells, or holds none.
        """
        if isinstance(shape, str):
            if shape not in SHAPES:
                raise InputError(f"{name} = {text(shape)}: {nearest(shape, SHAPES)}shapes: {', '.join(SHAPES)}")
            x, y, z = (2.0 * c / s for c, s in zip(self.centers(), self.size, strict=True))
            found = SHAPES[shape](x, y, z)
        elif callable(shape):
            found = shape(*self.centers())
        else:
            found = shape
        found = np.asarray(found)
        if found.dtype != bool or found.ndim > 3:
            raise InputError(f"{name}: a mask must be of bool, (nz, ny, nx) = {self.shape}, got {_kind(found)}")
        try:
            found = np.broadcast_to(found, self.shape)
        except ValueError:
            raise InputError(f"{name}: needs shape (nz, ny, nx) = {self.shape}, got {found.shape}") from None
        if not found.any():
            sizes = " x ".join(shown(s, "m", 3) for s in self.size)
            raise InputError(f"{name}: holds no cell of the lattice of {sizes}; take smaller cells or a larger shape")
        return np.array(found)

    def regions(self, shapes: Mapping[str, Shape]) -> np.ndarray:
        """Number the cells by the region that they are in.

        Parameters
        ----------
        shapes : mapping of str to Shape
            Regions by name.

        Returns
        -------
        numpy.ndarray of int
            (nz, ny, nx): place of the region in the mapping, -1 in none.

        Raises
        ------
        InputError
            If two regions overlap, or a shape is wrong.
        """
        numbers = np.full(self.shape, -1)
        names = list(shapes)
        for i, name in enumerate(names):
            mask = self.mask(shapes[name], f"region {text(name)}")
            if (both := mask & (numbers >= 0)).any():
                other = names[int(numbers[both][0])]
                shared = f"shares {int(both.sum())} cells with region {text(other)}"
                raise InputError(f"region {text(name)}: {shared}; let them not overlap")
            numbers[mask] = i
        return numbers


def _three(name: str, given: Any, check: Callable = positive, least: Any = "m") -> tuple:
    """Checked entries along x, y, z."""
    values = tuple(given) if np.ndim(given) == 1 else ()
    if len(values) != 3:
        raise InputError(f"{name} = {text(given)}: three entries are needed, along x, y, z")
    return tuple(check(f"{name}[{i}]", value, least) for i, value in enumerate(values))


def _kind(found: np.ndarray) -> str:
    return f"{found.dtype} {found.shape}"
