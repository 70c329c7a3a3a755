"""How well a surrogate fits: what every surrogate's fit reports and the neuron file keeps."""

import math
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from scipy.special import ndtri, stdtrit

from spinneuron.quantity import InputError, nearest


@dataclass(frozen=True)
class FitStatistics:
    """Goodness of a least-squares fit, with the covariance of what was fitted.

    Parameters
    ----------
    rmse : float [unit of the fitted quantity]
        Root mean square of the residual.
    r2 : float [1]
        Coefficient of determination.
    n : int
        Number of samples.
    n_effective : float [1]
        Number of independent samples: ``n`` over the integrated autocorrelation time of the residual.
    names : tuple of str
        The fitted parameters.
    covariance : tuple of tuple of float
        Their covariance in SI units, in the order of ``names``; empty where the data do not determine it.
    residual : numpy.ndarray, optional
        Data minus model, on the samples; kept in memory only.
    """

    rmse: float
    r2: float
    n: int
    n_effective: float
    names: tuple[str, ...] = ()
    covariance: tuple[tuple[float, ...], ...] = ()
    residual: np.ndarray | None = field(default=None, compare=False, repr=False)

    MORE: ClassVar[tuple[str, ...]] = ()
    """Further numbers that a kind of fit has, and keeps in the neuron file."""

    def error(self, name: str) -> float:
        """Standard error of a parameter.

        Parameters
        ----------
        name : str
            A fitted parameter.

        Returns
        -------
        float
            In the SI unit of the parameter; inf where the data do not determine it.

        Raises
        ------
        InputError
            If the parameter was not fitted.
        """
        if name not in self.names:
            allowed = ", ".join(self.names) or "none"
            raise InputError(f"name = {name!r}: not fitted, {nearest(name, self.names)}allowed: {allowed}")
        index = self.names.index(name)
        return math.sqrt(self.covariance[index][index]) if self.covariance else math.inf

    def half_width(self, name: str, level: float = 0.95) -> float:
        """Half the confidence interval of a parameter, by Student's t; of a fit to counts, by the normal distribution.

        The variance of correlated data is known from few independent values: a sum of autocorrelations over a window of
        2.5 times their time has ``n_effective / 2.5`` degrees of freedom (Priestley, Spectral Analysis and Time Series,
        Academic Press (1981), section 6.2).

        Parameters
        ----------
        name : str
            A fitted parameter.
        level : float [1]
            Confidence, between 0 and 1.

        Returns
        -------
        float
            In the SI unit of the parameter; inf where the data do not determine it.

        Raises
        ------
        InputError
            If the parameter was not fitted or the level is no probability.
        """
        if not 0.0 < level < 1.0:
            raise InputError(f"level = {level!r}: give a probability between 0 and 1, like 0.95")
        error = self.error(name)
        return error if math.isinf(error) else error * self._quantile(0.5 + 0.5 * level)

    def _quantile(self, share: float) -> float:
        return float(stdtrit(max(1.0, self.n_effective / 2.5), share))


@dataclass(frozen=True)
class CurveStatistics(FitStatistics):
    """Goodness of a maximum-likelihood fit to counts of switched trials.

    ``rmse`` and ``r2`` are those of the probabilities, ``n`` and ``n_effective`` the number of points.

    Parameters
    ----------
    deviance : float [1]
        Twice the log-likelihood that the curve lacks to the counts themselves; about ``freedom`` for a right model.
    freedom : float [1]
        Number of points minus number of fitted parameters.
    p_value : float [1]
        Probability of a larger deviance if the curve were a sigmoid; NaN where it cannot be told.
    shape_p_value : float [1]
        Probability of a larger likelihood ratio if only x0 moved between the states; NaN where it cannot be told.
    heat_p_value, cooling_p_value : float [1]
        Probability of a larger chi^2 if the shifts followed the heat law, and the exponentials; NaN without them.
    """

    MORE: ClassVar[tuple[str, ...]] = (
        "deviance", "freedom", "p_value", "shape_p_value", "heat_p_value", "cooling_p_value"
    )  # fmt: skip

    deviance: float = math.nan
    freedom: float = math.nan
    p_value: float = math.nan
    shape_p_value: float = math.nan
    heat_p_value: float = math.nan
    cooling_p_value: float = math.nan

    def _quantile(self, share: float) -> float:
        # the variance of counts is known, so that a Wald interval is normal
        return float(ndtri(share))
