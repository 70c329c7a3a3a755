"""A lattice of equal boxes: `Mesh`.

x runs along the length of a device, y along its width, z along its thickness. An array over the cells is
``(nz, ny, nx)``, a vector field ``(3, nz, ny, nx)``: x is contiguous.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spinneuron.quantity import InputError, integer, positive, shown


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
        Copies of the lattice on either side along x, y, z that the long-range fields see; 0: open.

    Raises
    ------
    InputError
        If a count or a size is not positive.
    """

    counts: tuple[int, int, int]
    cell: tuple[float, float, float]
    periodic: tuple[int, int, int] = (0, 0, 0)

    def __post_init__(self) -> None:
        for name, check in (("counts", integer), ("cell", positive), ("periodic", integer)):
            given = getattr(self, name)
            values = tuple(given) if np.ndim(given) == 1 else ()
            if len(values) != 3:
                raise InputError(f"{name} = {shown(given)}: three entries are needed, along x, y, z")
            least = ("m",) if name == "cell" else (0,) if name == "periodic" else (1,)
            checked = tuple(check(f"{name}[{i}]", value, *least) for i, value in enumerate(values))
            object.__setattr__(self, name, checked)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of an array over the cells, (nz, ny, nx)."""
        return self.counts[2], self.counts[1], self.counts[0]

    @property
    def cell_volume(self) -> float:
        """Volume of a cell [m^3]."""
        return self.cell[0] * self.cell[1] * self.cell[2]
