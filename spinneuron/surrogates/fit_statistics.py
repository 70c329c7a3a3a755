"""How well a surrogate fits: what every surrogate's fit reports and the neuron file keeps."""

import math
from dataclasses import dataclass, field

import numpy as np
from scipy.special import stdtrit

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
        """Half the confidence interval of a parameter, by Student's t.

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
        if math.isinf(error):
            return error
        return error * float(stdtrit(max(1.0, self.n_effective / 2.5), 0.5 + 0.5 * level))
