"""Where a moment rests, and the equilibrium within one basin: the density with which an experiment starts.

The basins of two wells meet along a ridge. Here it is the plane n.m = s, n from one well to the other and s where the
equilibrium density of n.m has its minimum (the bottleneck of variational transition-state theory). The Boltzmann
density is not cut there but fades as

    rho ~ exp(-w V / kB T) (1 + erf((n.m - s) / width)) / 2,      width^2 = 2 / (d^2 ln f / ds^2),

f the equilibrium density of n.m: the probability of returning to a well over a parabolic barrier (Kramers, Physica 7,
284 (1940)). It is as smooth as the density itself, so that harmonics hold both. From the cut density it differs by
about the share of the equilibrium within a width of the ridge (`cut_off`): exp(-barrier / kB T).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import erf

from spinneuron.dynamics.fokker_planck.harmonics import Space
from spinneuron.dynamics.fokker_planck.sampling import Sampling
from spinneuron.dynamics.fokker_planck.sphere import Sphere

_STARTS, _STEPS = 60, 4000
_WIDEST = 0.5


class Basin(NamedTuple):
    """The part of the sphere around one well.

    Attributes
    ----------
    normal : numpy.ndarray [1]
        Unit vector n in the frame, towards the well.
    level, width : float [1]
        s and the width of the ridge; minus infinity and 1 where there is one well alone.
    """

    normal: np.ndarray
    level: float
    width: float

    def share(self, m: np.ndarray) -> np.ndarray:
        """How much of the equilibrium belongs to the basin.

        Parameters
        ----------
        m : numpy.ndarray [1]
            (..., 3), in the frame.

        Returns
        -------
        numpy.ndarray [1]
        """
        return 0.5 * (1.0 + erf((m @ self.normal - self.level) / self.width))


def wells(sphere: Sphere) -> np.ndarray:
    """Directions in which a moment rests without drive, at the temperature of the surroundings.

    ``m <- (H + kappa m) / |H + kappa m|``, from directions all over the sphere; kappa makes every step go downwards.

    Parameters
    ----------
    sphere : Sphere

    Returns
    -------
    numpy.ndarray [1]
        (wells, 3) in the frame, the deepest first.
    """
    k = np.arange(_STARTS) + 0.5
    z, phi = 1.0 - 2.0 * k / _STARTS, np.pi * (1.0 + np.sqrt(5.0)) * k
    m = np.stack([np.sqrt(1.0 - z * z) * np.cos(phi), np.sqrt(1.0 - z * z) * np.sin(phi), z], axis=1)
    values = np.linalg.eigvalsh(sphere.shape + sphere.anisotropy)
    kappa = values[-1] + 2.0 * abs(sphere.fourth) + 0.01 * (values[-1] - values[0])
    for _ in range(_STEPS):
        m = sphere.field(m) + kappa * m
        m /= np.linalg.norm(m, axis=1)[:, None]
    found: list[np.ndarray] = []
    for one in m[np.argsort(-sphere.exponent(m), kind="stable")]:
        if all(one @ other < 1.0 - 1e-4 for other in found):
            found.append(one)
    return np.array(found)


def basin(sphere: Sphere, toward: np.ndarray) -> Basin:
    """The basin of the well that is nearest to a direction.

    Parameters
    ----------
    sphere : Sphere
    toward : numpy.ndarray [1]
        In the frame.

    Returns
    -------
    Basin
    """
    found = wells(sphere)
    own = found[np.argmax(found @ toward)]
    if len(found) == 1:
        return Basin(own, -np.inf, 1.0)
    far = found[np.argmin(found @ own)]
    normal = (own - far) / np.linalg.norm(own - far)
    across = np.linalg.svd(normal[None])[2][1:]
    low, high = far @ normal, own @ normal
    levels = np.linspace(low, high, 401)[1:-1]
    phi = 2.0 * np.pi * np.arange(2048) / 2048
    circle = np.cos(phi)[:, None] * across[0] + np.sin(phi)[:, None] * across[1]
    exponents = np.stack([sphere.exponent(s * normal + np.sqrt(1.0 - s * s) * circle) for s in levels])
    most = exponents.max(axis=1)
    log = most + np.log(np.exp(exponents - most[:, None]).mean(axis=1))
    ridge = int(np.clip(np.argmin(log), 1, len(levels) - 2))
    bend = (log[ridge - 1] - 2.0 * log[ridge] + log[ridge + 1]) / (levels[1] - levels[0]) ** 2
    return Basin(normal, float(levels[ridge]), float(min(_WIDEST, np.sqrt(2.0 / max(bend, 1e-3)))))


def equilibrium(sphere: Sphere, space: Space, within: Basin | None = None) -> np.ndarray:
    """Coefficients of the Boltzmann density at the temperature of the surroundings, whole or within a basin.

    Parameters
    ----------
    sphere : Sphere
    space : Space
    within : Basin, optional

    Returns
    -------
    numpy.ndarray
        With probability 1.
    """
    sampling = Sampling(space)
    exponent = sphere.exponent(sampling.moments)
    if within is not None:
        with np.errstate(divide="ignore"):
            exponent = exponent + np.log(within.share(sampling.moments))
    values = np.exp(exponent - exponent.max())
    found = sampling.project(values / (sampling.weights @ values.mean(axis=1) * 2.0 * np.pi))
    found[0] = np.sqrt(0.25 / np.pi)
    return found


def cut_off(sphere: Sphere, within: Basin, degree: int = 128) -> float:
    """How far the density of a basin is from the Boltzmann density that ends at its ridge.

    Parameters
    ----------
    sphere : Sphere
    within : Basin
    degree : int
        Points in z for the quadrature.

    Returns
    -------
    float [1]
        Half the integral of the difference: the largest error of any probability.
    """
    sampling = Sampling(Space(degree, degree))
    m = sampling.moments
    weights = np.exp(sphere.exponent(m) - sphere.exponent(m).max()) * sampling.weights[:, None]
    soft, hard = weights * within.share(m), weights * (m @ within.normal > within.level)
    return float(0.5 * np.abs(soft / soft.sum() - hard / hard.sum()).sum())
