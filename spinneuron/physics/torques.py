"""Spin-transfer torque as a field, so that the right-hand side stays one sum and one cross product.

    H_torque = a_J m x p + b_J p,     a_J = hbar J eps / (e mu0 Ms t),     b_J = hbar J eps_prime / (e mu0 Ms t)
    eps = P Lambda^2 / (Lambda^2 + 1 + (Lambda^2 - 1) m.p)

t is the size of the free layer along the current. J > 0 (electrons from the pinned to the free layer) drives m
towards +p; where a junction has the polarity -1, its drive counts the other way round. With Lambda = 1, a_J = hbar P J
/ (2 e mu0 Ms t), and the ratio field-like to damping-like is 2 eps_prime / P. Source: Slonczewski, J. Magn. Magn.
Mater. 159, L1 (1996); Xiao, Zangwill, Stiles, Phys. Rev. B 70, 172405 (2004).
"""

from __future__ import annotations

from typing import NamedTuple

from spinneuron.compiled import inline
from spinneuron.constants import e, hbar, mu0


class Torques(NamedTuple):
    """Numbers of the Slonczewski torque.

    Attributes
    ----------
    px, py, pz : float [1]
        Unit vector of the pinned layer.
    a : float [m]
        ``hbar P Lambda^2 / (e mu0 Ms t)``: numerator of the damping-like field per current density.
    b : float [m]
        ``hbar eps_prime / (e mu0 Ms t)``: field-like field per current density.
    even, odd : float [1]
        ``Lambda^2 + 1`` and ``Lambda^2 - 1`` of the angular asymmetry.
    """

    px: float
    py: float
    pz: float
    a: float
    b: float
    even: float
    odd: float

    @classmethod
    def of(cls, device, size) -> Torques:
        """Reduce a device to the numbers of its torque.

        Parameters
        ----------
        device : Device
        size : geometry.Size
            Its ``thickness`` is the size along the current.

        Returns
        -------
        Torques
        """
        per_current = device.polarity * hbar / (e * mu0 * device.Ms * size.thickness)
        square = device.Lambda**2
        return cls(
            device.pinned[0],
            device.pinned[1],
            device.pinned[2],
            per_current * device.P * square,
            per_current * device.eps_prime,
            square + 1.0,
            square - 1.0,
        )


@inline
def slonczewski_amplitudes(cosine, J, t):
    """Damping-like and field-like amplitudes ``(a_J, b_J)`` [A/m] at ``cosine = m.p`` under ``J`` [A/m^2]."""
    return J * t.a / (t.even + t.odd * cosine), J * t.b
