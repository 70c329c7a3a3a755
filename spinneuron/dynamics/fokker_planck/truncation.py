"""How many harmonics a density takes: a first guess from its equilibrium, more as its coefficients ask for them."""

from __future__ import annotations

import numpy as np

from spinneuron.dynamics.fokker_planck.basins import Basin, equilibrium
from spinneuron.dynamics.fokker_planck.harmonics import Space
from spinneuron.dynamics.fokker_planck.sphere import Sphere
from spinneuron.quantity import InputError

MOST = 60_000
"""Functions of the largest space."""
TAIL = 5e-3
"""Largest share, in the norm, of the last tenth of degrees, or orders, of a density that counts as represented: its
mean and second moments are then right to some 1e-7, as high harmonics do not enter them."""
_GROWTH, _FINER, _LEAST, _SHARE, _WIDTHS = 1.3, 1.12, 12, 0.9, 4.5


def checked(degree: int, order: int, name: str) -> Space:
    """A space of these numbers, if it is not too large.

    Parameters
    ----------
    degree, order : int
        The order is at most the degree.
    name : str
        Of the device.

    Returns
    -------
    Space

    Raises
    ------
    InputError
        If it is.
    """
    space = Space(degree, min(order, degree))
    size = (degree + 1) * (2 * space.order + 1)
    if size > MOST:
        raise InputError(
            f"truncation = ({degree}, {space.order}): the density of {name} needs {size} harmonics, more than {MOST}; "
            "use the model macrospin, or a larger tolerance"
        )
    return space


def tails(space: Space, coefficients: np.ndarray) -> tuple[float, float]:
    """Shares of the last tenth of degrees and of orders in the norm, the largest of several densities.

    Parameters
    ----------
    space : Space
    coefficients : numpy.ndarray
        (..., functions).

    Returns
    -------
    tuple of float [1]
    """
    whole = np.linalg.norm(coefficients, axis=-1)
    ends = (space.l > _SHARE * space.degree, np.abs(space.m) > _SHARE * space.order)
    degree, order = (float((np.linalg.norm(coefficients[..., end], axis=-1) / whole).max()) for end in ends)
    return degree, order if space.order else 0.0


def grown(space: Space, tail: tuple[float, float], name: str) -> Space | None:
    """A larger space where a tail asks for it.

    Parameters
    ----------
    space : Space
    tail : tuple of float [1]
        From `tails`.
    name : str
        Of the device.

    Returns
    -------
    Space or None
        None where the tails are short.

    Raises
    ------
    InputError
        If it would be too large.
    """
    long = [not one <= TAIL for one in tail]
    if not any(long):
        return None
    factors = [_GROWTH if one else 1.0 for one in long]
    return checked(int(np.ceil(factors[0] * space.degree)), int(np.ceil(factors[1] * space.order)), name)


def finer(space: Space, name: str) -> Space:
    """The space whose results are held against those of another.

    Parameters
    ----------
    space : Space
    name : str
        Of the device.

    Returns
    -------
    Space

    Raises
    ------
    InputError
        If it would be too large.
    """
    return checked(int(np.ceil(_FINER * space.degree)) + 2, int(np.ceil(_FINER * space.order)), name)


def first(sphere: Sphere, within: Basin, name: str) -> Space:
    """Space for the equilibrium within a basin.

    The degree follows from the stiffest direction, ``4.5 / sigma``; the order from the coefficients.

    Parameters
    ----------
    sphere : Sphere
    within : Basin
    name : str
        Of the device.

    Returns
    -------
    Space

    Raises
    ------
    InputError
        If it would be too large.
    """
    stiff = sphere.shape + sphere.anisotropy
    values = np.linalg.eigvalsh(stiff)
    spread = values[-1] - values[0] + abs(sphere.fourth) + float(np.linalg.norm(sphere.applied))
    degree = max(_LEAST, int(np.ceil(_WIDTHS * np.sqrt(sphere.alpha * spread / sphere.diffusion))))
    if round_about_the_pole(sphere) and abs(within.normal[2]) > 1.0 - 1e-9:
        return checked(degree, 0, name)
    order = min(degree, _LEAST)
    while True:
        space = checked(degree, order, name)
        wider = grown(space, (0.0, tails(space, equilibrium(sphere, space, within))[1]), name)
        if wider is None or order == degree:
            return space
        order = wider.order


def round_about_the_pole(sphere: Sphere) -> bool:
    """Whether nothing depends on the azimuth, so that functions of m = 0 are enough.

    Parameters
    ----------
    sphere : Sphere

    Returns
    -------
    bool
    """
    stiff = sphere.shape + sphere.anisotropy
    scale = 1e-12 * float(np.abs(stiff).max() + np.abs(sphere.applied).max())
    across = [stiff[0, 1], stiff[0, 2], stiff[1, 2], stiff[0, 0] - stiff[1, 1], *sphere.applied[:2]]
    tilted = sphere.fourth != 0.0 and float(np.hypot(sphere.axis[0], sphere.axis[1])) > 1e-12
    return not tilted and max(map(abs, across)) <= scale
