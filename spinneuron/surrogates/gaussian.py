"""The Gaussian stochastic neuron: a read-out with normal noise about a sigmoid of the drive.

    output = mean(V) + sigma(V) z,   z standard normal, new at every pulse
    mean(V) = low + (high - low) P(V),   P(V) = 1 / (1 + exp(-k (V - x0)))
    sigma(V)^2 = sigma_read^2 + 4 P (1 - P) sigma_switch^2

It stands for a layer that a pulse reverses in part, at random since it is hot while the pulse lasts, as in the
spin-splitting-torque neuron (10.1002/advs.75654). P is the share that is reversed on average. If M regions reverse
independently with probability P each, their share has the variance P (1 - P) / M, and for many of them it is normal
(de Moivre and Laplace): ``sigma_switch = |high - low| / (2 sqrt(M))`` is the spread at the midpoint. ``sigma_read`` is
the noise of the read-out, which does not depend on the drive. The source prints neither mean nor sigma, so that this
form is our assumption. The output is a plain number, whatever the read-out
measures, on the scale that ``low`` and ``high`` set. There is no memory.
"""

import math
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from spinneuron import quantity
from spinneuron.quantity import InputError
from spinneuron.surrogates.fit_statistics import FitStatistics
from spinneuron.surrogates.gaussian_step import moments


@dataclass(frozen=True, kw_only=True)
class Gaussian:
    """A stochastic neuron with a normal output.

    Parameters
    ----------
    low, high : float [1]
        Mean output far below and far above the midpoint.
    k : float [1/V]
        Slope of the share that is reversed.
    x0 : float [V]
        Midpoint.
    sigma_read : float [1]
        Standard deviation of the output where nothing reverses at random.
    sigma_switch : float [1]
        Standard deviation that random reversal adds at the midpoint, in quadrature; 0 for a constant sigma.
    uncertainties : dict
        Parameter -> standard error, in the unit of the parameter.
    valid : dict
        Range of calibration -> (low, high): keys and units in ``VALID_UNITS``.
    statistics : FitStatistics, optional
        Of the fit.

    Raises
    ------
    InputError
        If a value is out of range; the message names it.
    """

    MODEL: ClassVar[str] = "gaussian"
    UNITS: ClassVar[dict[str, str]] = {
        "low": "1",
        "high": "1",
        "k": "1/V",
        "x0": "V",
        "sigma_read": "1",
        "sigma_switch": "1",
    }
    NULLABLE: ClassVar[frozenset[str]] = frozenset()
    VECTORS: ClassVar[frozenset[str]] = frozenset()
    VALID_UNITS: ClassVar[dict[str, str]] = {
        "voltage": "V",
        "output": "1",
        "pulse_width": "s",
        "temperature": "K",
        "width": "m",
        "length": "m",
        "thickness": "m",
    }

    low: float = 0.0
    high: float = 1.0
    k: float
    x0: float
    sigma_read: float
    sigma_switch: float = 0.0
    uncertainties: dict[str, float] = field(default_factory=dict, hash=False)
    valid: dict[str, tuple[float, float]] = field(default_factory=dict, hash=False)
    statistics: FitStatistics | None = field(default=None, hash=False)

    def __post_init__(self):
        checks = dict.fromkeys(self.UNITS, quantity.finite)
        checks |= {"k": quantity.positive, "sigma_read": quantity.positive, "sigma_switch": quantity.non_negative}
        for name, check in checks.items():
            object.__setattr__(self, name, check(name, getattr(self, name), self.UNITS[name]))
        for kind, allowed in (("uncertainties", self.UNITS), ("valid", self.VALID_UNITS)):
            for name in getattr(self, kind):
                if name not in allowed:
                    hint = quantity.nearest(name, allowed)
                    raise InputError(f"{kind} = {name!r}: unknown, {hint}allowed: {', '.join(allowed)}")
        for name, error in self.uncertainties.items():
            quantity.non_negative(f"uncertainties {name}", error, self.UNITS[name])
        for name, (low, high) in self.valid.items():
            unit = self.VALID_UNITS[name]
            if quantity.finite(f"valid {name}", low, unit) > quantity.finite(f"valid {name}", high, unit):
                raise InputError(f"valid {name} = {low:g}, {high:g}: the low end must not lie above the high end")

    @property
    def regions(self) -> float:
        """Number of regions that reverse independently (M); inf where reversal adds no spread."""
        return ((self.high - self.low) / (2.0 * self.sigma_switch)) ** 2 if self.sigma_switch else math.inf

    @classmethod
    def fit(cls, voltage: ArrayLike, output: ArrayLike, valid: dict | None = None) -> "Gaussian":
        """Fit outputs of single pulses, by maximum likelihood.

        Parameters
        ----------
        voltage : array_like [V]
            Of each pulse (sample,); at least four different ones, several pulses at each.
        output : array_like [1]
            Read after each pulse (sample,), independent of each other.
        valid : dict, optional
            Further ranges of calibration; those of the samples themselves are added.

        Returns
        -------
        Gaussian
            With ``uncertainties`` (of the Fisher information), ``valid`` and ``statistics``; a ``sigma_switch`` that
            the data drive to 0 has none, and the others are those at 0.

        Raises
        ------
        InputError
            If the arrays are no such samples, or do not determine the parameters.
        """
        # Fits need scipy.optimize, which a neuron that is only stepped can do without.
        from spinneuron.surrogates.gaussian_fit import fitted

        fields = fitted(voltage, output)
        return cls(**fields | {"valid": fields["valid"] | (valid or {})})

    def moments(self, voltage: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Compute mean and standard deviation of the output.

        Parameters
        ----------
        voltage : array_like [V]

        Returns
        -------
        tuple of numpy.ndarray
            ``(mean, sigma)`` [1], of the shape of the voltage.

        Raises
        ------
        InputError
            If a voltage is not finite.
        """
        volts = np.asarray(voltage, dtype=float)
        if not np.isfinite(volts).all():
            raise InputError(f"voltage = {volts[~np.isfinite(volts)].flat[0]:g}: a finite number is needed")
        return moments(volts, self)

    def sample(self, voltage: ArrayLike, rng: np.random.Generator) -> np.ndarray:
        """Draw the output of each pulse.

        Parameters
        ----------
        voltage : array_like [V]
        rng : numpy.random.Generator

        Returns
        -------
        numpy.ndarray
            [1], of the shape of the voltage.

        Raises
        ------
        InputError
            If a voltage is not finite.
        """
        mean, sigma = self.moments(voltage)
        return mean + sigma * rng.standard_normal(np.shape(voltage))
