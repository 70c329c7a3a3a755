"""The effective potential of an axial moment: U(x) = -integral of v / D over x, with wells and barriers.

exp(-U) is the stationary density. Without a torque U is the energy over kB T; a torque along the axis adds to it like
a field. In terms of the weights of :func:`spinneuron.dynamics.fokker_planck.lanes.coefficients`,

    -dU/dx = c0 + c1 x + c2 (x - x^3) + (c3 + c4 x) / e(x),     e(x) = even + odd p_z x

whose zeros are those of a polynomial of fourth order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.polynomial import Polynomial

from spinneuron.dynamics.fokker_planck.axial import Axial
from spinneuron.dynamics.fokker_planck.lanes import (
    ALONG,
    CUBE,
    DIFFUSION,
    DRIFT,
    DRIVE,
    EVEN,
    MEAN,
    NUMBERS,
    ODD,
    SWING,
    WARM,
    coefficients,
)
from spinneuron.physics.temperature import Laws

SHALLOW = 0.01
"""Depth over kB T up to which a dip is no well."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)


class Landscape(NamedTuple):
    """Effective potential at one drive and temperature.

    Attributes
    ----------
    smooth : Polynomial [1]
        Of -dU/dx, what is no torque.
    torque, asymmetry : Polynomial [1]
        c3 + c4 x, and e(x).
    diffusion : float [rad^2/s]
        D.
    mean, swing : float [1/(ohm m^2)]
        Conductance per area, ``mean + swing x``.
    """

    smooth: Polynomial
    torque: Polynomial
    asymmetry: Polynomial
    diffusion: float
    mean: float
    swing: float

    @classmethod
    def of(cls, device: Axial, laws: Laws, torques, drive, rise) -> Landscape:
        """Take the potential of a device.

        Parameters
        ----------
        device : Axial
        laws : Laws
        torques : Torques
        drive : float [V, A or A/m^2]
        rise : float [K]
            Temperature above that of the device.

        Returns
        -------
        Landscape
        """
        own = np.zeros((NUMBERS, 1))
        own[DRIVE], own[WARM] = drive, rise
        coefficients(own, device, laws)
        c = own[:, 0]
        return cls(
            Polynomial([c[DRIFT], c[ALONG] + c[CUBE], 0.0, -c[CUBE]]),
            Polynomial([c[EVEN], c[ODD]]),
            Polynomial([torques.even, torques.odd * device.pole]),
            float(c[DIFFUSION]),
            float(c[MEAN]),
            float(c[SWING]),
        )

    def slope(self, x):
        """Slope dU/dx.

        Parameters
        ----------
        x : float or numpy.ndarray [1]

        Returns
        -------
        float or numpy.ndarray [1]
        """
        return -(self.smooth(x) + self.torque(x) / self.asymmetry(x))

    def curvature(self, x):
        """Second derivative of U.

        Parameters
        ----------
        x : float or numpy.ndarray [1]

        Returns
        -------
        float or numpy.ndarray [1]
        """
        e = self.asymmetry(x)
        bent = (self.torque.deriv()(x) * e - self.torque(x) * self.asymmetry.deriv()(x)) / (e * e)
        return -(self.smooth.deriv()(x) + bent)

    def climb(self, start, end) -> float:
        """Difference of U between two places, by Gauss-Legendre.

        Parameters
        ----------
        start, end : float [1]

        Returns
        -------
        float [1]
        """
        half = 0.5 * (end - start)
        return float(half * (_WEIGHTS @ self.slope(start + half * (1.0 + _NODES))))

    def flat(self) -> np.ndarray:
        """Places between the poles at which the slope vanishes.

        Returns
        -------
        numpy.ndarray [1]
            Ascending.
        """
        roots = (self.smooth * self.asymmetry + self.torque).trim(1e-300).roots()
        real = np.sort(roots.real[np.abs(roots.imag) < 1e-9])
        return real[(real > -1.0) & (real < 1.0)]

    def top(self) -> float | None:
        """Top of the highest barrier between two wells that are deeper than `SHALLOW`.

        Returns
        -------
        float or None [1]
            None where there is no barrier.
        """
        tops = [float(x) for x in self.flat() if self.curvature(x) < 0.0]
        tops = [x for x in tops if min(self.barrier(x, side) for side in (-1.0, 1.0)) > SHALLOW]
        return max(tops, key=lambda x: self.climb(0.0, x)) if tops else None

    def bottom(self, top=None, side=1.0) -> float:
        """Place of the lowest potential, on one side of a barrier or anywhere.

        Parameters
        ----------
        top : float, optional [1]
            Anywhere, if there is none.
        side : float [1]
            -1 or 1.

        Returns
        -------
        float [1]
        """
        flat = [float(x) for x in self.flat()]
        places = [-1.0, 1.0, *flat] if top is None else [side, *(x for x in flat if side * (x - top) > 0.0)]
        return min(places, key=lambda x: self.climb(0.0, x))

    def barrier(self, top, side) -> float:
        """Height of a barrier above the bottom of one side.

        Parameters
        ----------
        top : float [1]
        side : float [1]
            -1 or 1.

        Returns
        -------
        float [1]
            Over kB T.
        """
        return self.climb(self.bottom(top, side), top)
