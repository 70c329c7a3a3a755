"""Generator and mean Joule power of a junction whose density lives on the sphere."""

from __future__ import annotations

import math

import numpy as np

from spinneuron.dynamics.fokker_planck.harmonics import Matrix
from spinneuron.dynamics.fokker_planck.sampling import below, marginal
from spinneuron.dynamics.fokker_planck.sphere import Generator
from spinneuron.physics.heating import Foster, junction_voltage
from spinneuron.physics.temperature import Laws


class Junction:
    """Generator and mean power of a junction at any drive and rise.

    Parameters
    ----------
    generator : Generator
    laws : Laws
    foster : Foster
    """

    def __init__(self, generator: Generator, laws: Laws, foster: Foster) -> None:
        self.generator, self.laws, self.foster = generator, laws, foster
        self.sphere, self.space = generator.sphere, generator.space
        self._zonal, self._below = self.space.zonal(), below(self.space)
        self._nodes, weights = np.polynomial.legendre.leggauss(self.space.degree + 8)
        self._shares = weights[:, None] * marginal(self.space, self._nodes)
        self._last: tuple[np.ndarray, Matrix] | None = None

    def numbers(self, drive: float, rise: float) -> np.ndarray:
        """Coefficients of the parts of the generator; beyond the hottest temperature they stand still.

        Parameters
        ----------
        drive : float [V, A or A/m^2]
        rise : float [K]

        Returns
        -------
        numpy.ndarray
        """
        return self.generator.sphere.coefficients(self.laws, drive, rise)

    def matrix(self, numbers: np.ndarray) -> Matrix:
        """The generator; the last one is kept.

        Parameters
        ----------
        numbers : numpy.ndarray

        Returns
        -------
        scipy.sparse.csr_array [1/s]
        """
        if self._last is None or not np.array_equal(self._last[0], numbers):
            self._last = numbers, self.generator.matrix(numbers)
        return self._last[1]

    def against(self, coefficients: np.ndarray) -> float:
        """Probability of m.p < 0, or the same functional of an error.

        Parameters
        ----------
        coefficients : numpy.ndarray

        Returns
        -------
        float [1]
        """
        return float(self._below @ coefficients[self._zonal])

    def power(self, coefficients: np.ndarray, drive: float, rise: float) -> float:
        """Mean Joule power over the density, ``<V^2 G(c, V)>``.

        Parameters
        ----------
        coefficients : numpy.ndarray
        drive : float [V, A or A/m^2]
        rise : float [K]

        Returns
        -------
        float [W]
        """
        s = self.sphere
        if drive == 0.0:
            return 0.0
        mean, swing, tmr = s.conductances(self.laws, drive, rise)
        if s.voltage_driven:
            cosine = math.sqrt(4.0 * math.pi / 3.0) * coefficients[self._zonal[1]]
            return drive * drive * (mean + swing * cosine) * s.area
        J = drive * s.mean
        voltages = np.array([junction_voltage(J, c, s.parallel, tmr, s.roll) for c in self._nodes.tolist()])
        return float(voltages @ (self._shares @ coefficients[self._zonal])) * J * s.area
