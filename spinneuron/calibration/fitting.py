"""Measured curves -> numbers of a device, by least squares on a switching engine.

The residual of a probability is its signed deviance residual, whose sum of squares is the binomial deviance; that of a
shift is (model - measured) / uncertainty. Free numbers of the device are searched by their logarithm, unknown probing
voltages linearly. The covariance is the inverse of J^T J at the end (Gauss, Newton), turned into SI units.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import xarray as xr
from scipy.optimize import least_squares
from scipy.special import chdtrc

from spinneuron.calibration.observations import Observation, of_curves, of_shifts
from spinneuron.calibration.parameters import Parameter, parameters, replaced
from spinneuron.calibration.prediction import Prediction
from spinneuron.device import Device
from spinneuron.measured import Curves
from spinneuron.protocols import Cycle
from spinneuron.quantity import InputError, nearest, shown
from spinneuron.switching import ENGINES

FREE = ("activation_volume", "P", "thermal_resistances[0]", "thermal_times[0]")
"""What sets the barrier, the threshold, the heat of a pulse, and its decay."""
SCALE = 0.1
"""Voltage [V] that counts as much as a factor of e in a device number."""
LOOSEST = 1.0
"""Largest standard error of a combination of logarithms that still counts as determined."""
_STEPS = {True: 1e-4, False: 0.05}
"""Of the differences; an engine with scatter needs wider ones."""
_MOST = 60
_TINY = 1e-3


@dataclass(frozen=True)
class DeviceFit:
    """A calibrated device.

    Attributes
    ----------
    device : Device
        With the fitted numbers.
    names : tuple of str
        Free numbers, then probing voltages that had a name.
    values : numpy.ndarray
        SI units.
    units : tuple of str
    covariance : numpy.ndarray
        Of ``values``, SI units.
    chi2 : float [1]
        Sum of the squared residuals: deviance of the probabilities plus chi^2 of the shifts.
    evaluations : int
        Of the whole model.
    observations : tuple of Observation
    predicted : numpy.ndarray
        Probability [1] or shift [V] of each observation.
    residual : numpy.ndarray [1]
        Model minus measured, in standard errors (deviance residuals of probabilities).
    """

    device: Device
    names: tuple[str, ...]
    values: np.ndarray
    units: tuple[str, ...]
    covariance: np.ndarray
    chi2: float
    evaluations: int
    observations: tuple[Observation, ...] = field(repr=False)
    predicted: np.ndarray = field(repr=False)
    residual: np.ndarray = field(repr=False)

    @property
    def freedom(self) -> int:
        """Number of observations minus number of fitted parameters."""
        return len(self.observations) - len(self.names)

    @property
    def p_value(self) -> float:
        """Probability of a larger chi2 if the model were right; NaN without degrees of freedom."""
        return float(chdtrc(self.freedom, self.chi2)) if self.freedom > 0 else math.nan

    @property
    def uncertainties(self) -> dict[str, float]:
        """Standard error of each parameter, SI units."""
        return dict(zip(self.names, np.sqrt(np.diag(self.covariance)).tolist(), strict=True))

    @property
    def correlation(self) -> np.ndarray:
        """Correlation of the parameters."""
        error = np.sqrt(np.diag(self.covariance))
        return self.covariance / np.outer(error, error)

    def value(self, name: str) -> float:
        """Take one fitted parameter.

        Parameters
        ----------
        name : str
            Of ``names``.

        Returns
        -------
        float
            In its SI unit.

        Raises
        ------
        InputError
            If it was not fitted.
        """
        if name not in self.names:
            hint = f"{nearest(name, self.names)}allowed: {', '.join(self.names)}"
            raise InputError(f"name = {shown(name)}: not fitted, {hint}")
        return float(self.values[self.names.index(name)])


def calibrate_device(
    device: Device,
    curves: Curves | None = None,
    shifts: xr.Dataset | None = None,
    *,
    observations: Sequence[Observation] = (),
    free: Sequence[str] = FREE,
    voltages: Mapping[str, float] | None = None,
    cycle: Cycle | None = None,
    model: str = "fokker-planck",
    trials: int = 2000,
    progress: Callable[[int, float], None] | None = None,
) -> DeviceFit:
    """Fit numbers of a device to what was measured of it.

    Parameters
    ----------
    device : Device
        All that is not free, and where the search starts.
    curves : Curves, optional
        Switching curves: baseline, heating, cooling.
    shifts : xarray.Dataset, optional
        Of kind "spinneuron-shift", with uncertainties; its attribute ``voltage`` may hold that of the probe (0.83 V).
    observations : sequence of Observation
        Further ones.
    free : sequence of str
        Positive fields of the device, and entries such as "thermal_times[0]".
    voltages : mapping of str to float, optional [V]
        Start of each probing voltage that the observations only name; all of them are fitted.
    cycle : Cycle, optional
        The published one by default.
    model : str
        "fokker-planck", or "macrospin" for devices that are not axial: minutes to hours, with equal noise for all
        parameters; its own scatter is not part of the uncertainties.
    trials : int
        Of "macrospin", for each probability.
    progress : callable, optional
        Called with the number of the evaluation and its chi2.

    Returns
    -------
    DeviceFit

    Raises
    ------
    InputError
        If a name is unknown, there are too few data, they do not determine the parameters, or the engine refuses the
        device.

    References
    ----------
    P. McCullagh, J. A. Nelder, Generalized Linear Models, 2nd ed. (1989), section 2.4: deviance residuals.
    """
    cycle = cycle or Cycle()
    given = (*(of_curves(curves, cycle) if curves is not None else ()),)
    given += (*(of_shifts(shifts, cycle) if shifts is not None else ()), *observations)
    if model not in ENGINES:
        raise InputError(f"model = {shown(model)}: {nearest(model, ENGINES)}use one of {', '.join(ENGINES)}")
    start = _named(given, voltages or {})
    numbers = parameters(device, free)
    count = len(numbers) + len(start)
    if not count:
        raise InputError(f"free: names nothing to fit; give numbers of the device, like {', '.join(FREE)}")
    if len(given) < count:
        names = ", ".join([*(one.name for one in numbers), *start])
        raise InputError(f"observations: {len(given)} are too few for {names}; at least {count} are needed")
    search = _Search(device, numbers, start, given, Prediction(cycle, model, trials), progress)
    return search.run()


def _named(observations: Sequence[Observation], voltages: Mapping[str, float]) -> dict[str, float]:
    """Start of every probing voltage that has a name only, in the order of the observations."""
    names = list(dict.fromkeys(one.voltage for one in observations if isinstance(one.voltage, str)))
    for name in voltages:
        if name not in names:
            hint = f"{nearest(name, names)}named are: {', '.join(names) or 'none'}"
            raise InputError(f"voltages = {shown(name)}: no observation is probed with it, {hint}")
    for name in names:
        if name not in voltages:
            raise InputError(f"voltages: {name} has no value to start from; give one in V, like {{{name!r}: 0.8}}")
    return {name: float(voltages[name]) for name in names}


def residuals(observations: Sequence[Observation], predicted: np.ndarray) -> np.ndarray:
    """Residuals whose sum of squares is the deviance of the probabilities plus the chi^2 of the shifts.

    Parameters
    ----------
    observations : sequence of Observation
    predicted : numpy.ndarray
        Probability [1] or shift [V] of each.

    Returns
    -------
    numpy.ndarray
        Positive where the model lies above the data.
    """
    found = []
    for one, model in zip(observations, predicted.tolist(), strict=True):
        if not one.of_probability:
            found.append((model - one.shift) / one.uncertainty)
            continue
        y, away = one.probability, model - one.probability
        # x log(x / x0) by log1p: near the data their difference would be lost
        z = 1.0 - y
        up = y * (away / y - math.log1p(away / y)) if y > 0.0 else away
        down = z * (-away / z - math.log1p(-away / z)) if z > 0.0 else -away
        found.append(math.copysign(math.sqrt(max(0.0, 2.0 * one.trials * (up + down))), away))
    return np.array(found)


class _Search:
    """The least squares: from logarithms and voltages to residuals, their slopes, and what they determine."""

    def __init__(
        self,
        device: Device,
        numbers: tuple[Parameter, ...],
        named: dict[str, float],
        observations: tuple[Observation, ...],
        prediction: Prediction,
        progress: Callable[[int, float], None] | None,
    ) -> None:
        self.device, self.numbers, self.named = device, numbers, named
        self.observations, self.prediction, self.progress = observations, prediction, progress
        self.names = (*(one.name for one in numbers), *named)
        self.start = np.array([*(one.of(device) for one in numbers), *named.values()])
        self.evaluations, self.refusal = 0, ""
        # the search asks for residual and slopes of the same place one after the other
        self._last: tuple[np.ndarray, np.ndarray] | None = None
        self.step = _STEPS[prediction.exact]

    def values(self, theta: np.ndarray) -> np.ndarray:
        """SI values of search variables."""
        count = len(self.numbers)
        logs, rest = theta[:count], theta[count:]
        return np.concatenate([self.start[:count] * np.exp(logs), self.start[count:] + SCALE * rest])

    def predicted(self, theta: np.ndarray) -> tuple[Device, np.ndarray]:
        """Device and its observations."""
        values, count = self.values(theta), len(self.numbers)
        device = replaced(self.device, self.numbers, values[:count])
        probes = dict(zip(self.named, values[count:].tolist(), strict=True))
        return device, self.prediction(device, self.observations, probes)

    def residual(self, theta: np.ndarray) -> np.ndarray:
        """Residuals; NaN, from which the search turns back, where device or engine refuse."""
        if self._last is not None and np.array_equal(theta, self._last[0]):
            return self._last[1]
        self.evaluations += 1
        try:
            found = residuals(self.observations, self.predicted(theta)[1])
        except InputError as error:
            if self.evaluations == 1:
                raise
            self.refusal = str(error)
            return np.full(len(self.observations), np.nan)
        if self.progress:
            self.progress(self.evaluations, float(found @ found))
        self._last = theta.copy(), found
        return found

    def slopes(self, theta: np.ndarray) -> np.ndarray:
        """Derivatives of the residuals, by differences to the side where the device exists."""
        here, columns = self.residual(theta), []
        for i in range(theta.size):
            for step in (self.step, -self.step):
                there = theta.copy()
                there[i] += step
                column = (self.residual(there) - here) / step
                if np.isfinite(column).all():
                    break
            else:
                raise InputError(self.refusal)
            columns.append(column)
        return np.column_stack(columns)

    def run(self) -> DeviceFit:
        """Search, and judge what was found."""
        begin = np.zeros(len(self.names))
        first = self.slopes(begin)
        effect = np.linalg.norm(first, axis=0)
        if (idle := int(np.argmin(effect))) >= 0 and effect[idle] < _TINY:
            raise InputError(f"free: the data do not depend on {self.names[idle]}; hold it, or add data that do")
        found = least_squares(
            self.residual,
            begin,
            jac=lambda theta: self.slopes(theta) if theta.any() else first,
            xtol=1e-2 * self.step,
            ftol=1e-2 * self.step,
            max_nfev=_MOST,
        )
        _, singular, axes = np.linalg.svd(found.jac, full_matrices=False)
        if singular[-1] * LOOSEST < 1.0:
            self._refuse_loose(axes[-1], float(singular[-1]))
        # what a Gauss-Newton step would still gain
        gain = found.grad @ np.linalg.solve(found.jac.T @ found.jac, found.grad)
        if found.status == 0 or gain > max(0.1, 0.01 * 2.0 * found.cost):
            why = f"the last step met: {self.refusal}" if self.refusal else "start from a device nearer to the data"
            raise InputError(f"free: the search ended at chi2 = {2.0 * found.cost:.4g} short of its minimum; {why}")
        device, predicted = self.predicted(found.x)
        values, count = self.values(found.x), len(self.numbers)
        scale = np.concatenate([values[:count], np.full(len(self.named), SCALE)])
        inverse = np.linalg.inv(found.jac.T @ found.jac)
        return DeviceFit(
            device=device,
            names=self.names,
            values=values,
            units=(*(one.unit for one in self.numbers), *("V" for _ in self.named)),
            covariance=inverse * np.outer(scale, scale),
            chi2=2.0 * float(found.cost),
            evaluations=self.evaluations,
            observations=self.observations,
            predicted=predicted,
            residual=residuals(self.observations, predicted),
        )

    def _refuse_loose(self, axis: np.ndarray, singular: float) -> None:
        """Name the combination of parameters that the data leave open."""
        axis = axis * np.sign(axis[np.argmax(np.abs(axis))])
        loose = [i for i in np.argsort(-np.abs(axis)) if abs(axis[i]) > 0.1]
        error = f"{1.0 / singular:.2g}" if singular > 1e-6 else "more than 1e+06"
        if len(loose) == 1:
            said = self.names[loose[0]]
        else:
            said = "the combination " + " ".join(f"{self.names[i]}^{axis[i]:.2f}" for i in loose)
        raise InputError(
            f"free: the data do not determine {said} (standard error of its logarithm {error}); hold "
            f"{'it' if len(loose) == 1 else 'one of these'}, or add data"
        )
