"""Local effective fields of a single moment and the strength of its thermal field.

All but one are linear in the unit moment m, so that their sum is one symmetric tensor and one vector:

    H(m) = H_applied - S m + H4 (1 - c^2) c e,             c = m . e
    S = Ms diag(N) - Hk e (x) e,        Hk = 2 Ku / (mu0 Ms),        H4 = 4 Ku2 / (mu0 Ms)

with the demagnetizing factors N in the order (x, y, z) = (length, width, thickness), and e the easy axis. The
anisotropy energy is Ku (1 - c^2) + Ku2 (1 - c^2)^2. A device without Ku2 is reduced to `Fields`, one with it to
`Quartic`: kernels are compiled for each, so that the fourth order costs nothing where it is absent.
Sources: Osborn, Phys. Rev. 67, 351 (1945) (shape); Brown, Phys. Rev. 130, 1677 (1963) (thermal field).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinneuron.compiled import inline
from spinneuron.constants import gamma0, kB, mu0


class Fields(NamedTuple):
    """Numbers of H(m) = H_applied - S m.

    Attributes
    ----------
    xx, yy, zz, xy, xz, yz : float [A/m]
        Components of the symmetric tensor S.
    hx, hy, hz : float [A/m]
        Applied field.
    """

    xx: float
    yy: float
    zz: float
    xy: float
    xz: float
    yz: float
    hx: float
    hy: float
    hz: float

    @classmethod
    def of(cls, device, size) -> Fields | Quartic:
        """Reduce a device to the numbers of its local fields.

        Parameters
        ----------
        device : Device
        size : geometry.Size
            Demagnetizing factors, scalars or arrays (one entry per pillar of an ensemble of devices).

        Returns
        -------
        Fields or Quartic
            The latter where the device has Ku2.
        """
        ex, ey, ez = device.easy_axis
        Hk = 2.0 * device.Ku / (mu0 * device.Ms)
        second = cls(
            device.Ms * size.N_length - Hk * ex * ex,
            device.Ms * size.N_width - Hk * ey * ey,
            device.Ms * size.N_thickness - Hk * ez * ez,
            -Hk * ex * ey,
            -Hk * ex * ez,
            -Hk * ey * ez,
            *device.applied_field,
        )
        if device.Ku2 == 0.0:
            return second
        return Quartic(*second, 4.0 * device.Ku2 / (mu0 * device.Ms), ex, ey, ez)


class Quartic(NamedTuple):
    """Numbers of the local field of a device with Ku2: those of `Fields`, and H4 (1 - c^2) c e.

    Attributes
    ----------
    xx, yy, zz, xy, xz, yz, hx, hy, hz : float [A/m]
        As in `Fields`.
    fourth : float [A/m]
        H4 = 4 Ku2 / (mu0 Ms).
    ex, ey, ez : float [1]
        Easy axis.
    """

    xx: float
    yy: float
    zz: float
    xy: float
    xz: float
    yz: float
    hx: float
    hy: float
    hz: float
    fourth: float
    ex: float
    ey: float
    ez: float


@inline
def linear_field(x, y, z, f):
    """Field of shape, second-order anisotropy and applied field: ``H_applied - S m`` [A/m]."""
    return (
        f.hx - f.xx * x - f.xy * y - f.xz * z,
        f.hy - f.xy * x - f.yy * y - f.yz * z,
        f.hz - f.xz * x - f.yz * y - f.zz * z,
    )


@inline
def local_field(x, y, z, f):
    """Field of shape, anisotropy and applied field [A/m]; f is `Fields` or `Quartic`."""
    hx, hy, hz = linear_field(x, y, z, f)
    # a length is known when a kernel is compiled: without Ku2 this branch is not there
    if len(f) > 9:
        c = x * f.ex + y * f.ey + z * f.ez
        pull = f.fourth * (c - c * c * c)
        return hx + pull * f.ex, hy + pull * f.ey, hz + pull * f.ez
    return hx, hy, hz


def energy_density(m, fields: Fields | Quartic):
    """Energy density of a moment in its local fields.

    ``w = mu0 Ms (m.S.m / 2 - m.H_applied) + Ku2 (1 - c^2)^2``, returned per ``mu0 Ms``, that is in A/m.

    Parameters
    ----------
    m : array_like [1]
        Unit moments, shape (..., 3).
    fields : Fields or Quartic

    Returns
    -------
    numpy.ndarray [A/m]
        Shape (...); multiply by mu0 Ms volume for joules.
    """
    x, y, z = np.moveaxis(np.asarray(m, dtype=float), -1, 0)
    hx, hy, hz = linear_field(x, y, z, fields)
    # H already holds the applied field once; the quadratic part counts half
    second = -0.5 * (x * (hx + fields.hx) + y * (hy + fields.hy) + z * (hz + fields.hz))
    if not isinstance(fields, Quartic):
        return second
    c = x * fields.ex + y * fields.ey + z * fields.ez
    return second + 0.25 * fields.fourth * (1.0 - c * c) ** 2


def tensor(fields: Fields | Quartic) -> np.ndarray:
    """The symmetric tensor S as a matrix.

    Parameters
    ----------
    fields : Fields or Quartic

    Returns
    -------
    numpy.ndarray [A/m]
        Shape (..., 3, 3).
    """
    f = fields
    rows = [(f.xx, f.xy, f.xz), (f.xy, f.yy, f.yz), (f.xz, f.yz, f.zz)]
    return np.stack([np.stack(np.broadcast_arrays(*row), axis=-1) for row in rows], axis=-2)


def shape_tensor(device, size) -> np.ndarray:
    """The part of S that goes with Ms, ``Ms diag(N)``: the rest goes with Ku / Ms.

    Parameters
    ----------
    device : Device
    size : geometry.Size

    Returns
    -------
    numpy.ndarray [A/m]
        Shape (..., 3, 3).
    """
    N = np.stack(np.broadcast_arrays(size.N_length, size.N_width, size.N_thickness), axis=-1)
    return device.Ms * N[..., None] * np.eye(3)


def thermal_strength(device, size, temperature):
    """Strength of the thermal field, so that one component has ``sigma_H = strength / sqrt(dt)``.

    ``sigma_H^2 = 2 alpha kB T / (gamma0 mu0 Ms V dt)``, read in the sense of Stratonovich. V is the volume that turns
    as one: the activation volume of the device where it has one, else all of the free layer.

    Parameters
    ----------
    device : Device
    size : geometry.Size
    temperature : float [K]

    Returns
    -------
    float or numpy.ndarray [A s^(1/2)/m]

    References
    ----------
    W. F. Brown, Phys. Rev. 130, 1677 (1963).
    """
    volume = size.volume if device.activation_volume is None else device.activation_volume
    return np.sqrt(2.0 * device.alpha * kB * temperature / (gamma0 * mu0 * device.Ms * volume))
