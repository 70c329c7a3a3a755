"""The cells of an axial device, level by level: what its densities have in common, whatever is asked of them."""

from __future__ import annotations

import numpy as np

from spinneuron.device import Device
from spinneuron.dynamics.fokker_planck.axial import Axial, Grid
from spinneuron.dynamics.fokker_planck.courses import Numbers
from spinneuron.physics.heating import Foster
from spinneuron.physics.temperature import Laws, limit
from spinneuron.physics.torques import Torques
from spinneuron.quantity import InputError, integer

COARSE_CELLS = 64
"""Of the coarsest level, for barriers of up to 100 kT; more for higher ones."""


def first_step(tolerance: float) -> float:
    """Tolerance of a step on the coarsest level.

    Parameters
    ----------
    tolerance : float [1]
        Of the result.

    Returns
    -------
    float [1]
    """
    return 1e-2 if tolerance >= 1e-6 else 1e-3


class Cells:
    """Cells of m_z of an axial device; each level has twice as many as the one before.

    Parameters
    ----------
    device : Device
        As it is at the temperature of its surroundings.
    count : int, optional
        Even; of the coarsest level. By default as many as its barrier needs.
    unit : str
        Of the drive.

    Raises
    ------
    InputError
        If the device is not axial, or the number is odd.
    """

    def __init__(self, device: Device, count: int | None = None, unit: str = "V") -> None:
        self.device, self.axial = device, Axial.of(device, device.size, unit)
        self.laws, self.foster = Laws.of(device, device.temperature), Foster.of(device)
        self.hottest = limit(device) - device.temperature
        self.count = self._coarse() if count is None else integer("cells", count, 2)
        if self.count % 2:
            raise InputError(f"cells = {self.count}: an even number is needed, so that the equator lies between two")
        self._numbers: list[Numbers] = []

    def _coarse(self) -> int:
        """Some cells for the width of the density at rest, 1 / sqrt(2 Delta)."""
        a = self.axial
        barrier = 0.5 * a.alpha * abs(a.shape + a.anisotropy + a.fourth) / a.diffusion
        return max(COARSE_CELLS, 2 * int(np.ceil(0.5 * COARSE_CELLS * np.sqrt(barrier / 100.0))))

    def numbers(self, k: int) -> Numbers:
        """What the kernels need on one level.

        Parameters
        ----------
        k : int

        Returns
        -------
        Numbers
        """
        while len(self._numbers) <= k:
            torques = Torques.of(self.device, self.device.size)
            grid = Grid.of(self.count * 2 ** len(self._numbers), self.axial.pole, torques.even, torques.odd)
            self._numbers.append(Numbers(self.axial, grid, self.laws, self.foster))
        return self._numbers[k]

    def cosine(self, k: int) -> np.ndarray:
        """m.p at the centers of the cells of a level.

        Parameters
        ----------
        k : int

        Returns
        -------
        numpy.ndarray [1]
        """
        return self.numbers(k).grid.center * self.axial.pole

    def own(self, k: int) -> np.ndarray:
        """Which cells of a level are parallel.

        Parameters
        ----------
        k : int

        Returns
        -------
        numpy.ndarray of bool
        """
        return self.cosine(k) > 0.0

    def boltzmann(self, k: int, side: float) -> np.ndarray:
        """Equilibrium in one well, at the temperature of the surroundings: rates at rest have it as their zero.

        Parameters
        ----------
        k : int
        side : float [1]
            Sign of m.p.

        Returns
        -------
        numpy.ndarray [1]
            Probabilities of the cells.
        """
        a, grid = self.axial, self.numbers(k).grid
        x, own = grid.center, self.own(k) == (side > 0.0)
        field = a.applied * x - 0.5 * (a.shape + a.anisotropy) * x * x + a.fourth * (0.5 * x * x - 0.25 * x**4)
        exponent = (a.alpha / a.diffusion * field)[own]
        q = np.zeros(len(x))
        q[own] = grid.width[own] * np.exp(exponent - exponent.max())
        return q / q.sum()
