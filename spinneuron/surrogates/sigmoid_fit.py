"""Maximum-likelihood fits of switching curves: ``P(V) = p_max / (1 + exp(-k (V - x0)))``, binomial counts.

Several thermal states are fitted at once with a p_max and a k in common, so that only x0 moves from one to the next.
`sigmoid_likelihood` climbs; here stand the question whether the data determine the parameters, and the errors.
"""

import math
from dataclasses import dataclass, field

import numpy as np
import xarray as xr
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri, expit, ndtri, xlogy

from spinneuron.quantity import InputError, nearest
from spinneuron.statistics import LEVEL, check_curve
from spinneuron.surrogates.sigmoid_likelihood import Points, climb, derivatives, start

_STARTS = (0.97, 0.85, 0.6, 0.35)
_LOOSEST = 1.0
"""Largest relative error of k that still counts as determined."""


@dataclass(frozen=True)
class CurveFit:
    """Switching curves that differ in x0 only, fitted together.

    Parameters
    ----------
    p_max : float [1]
        Ceiling.
    k : float [1/V]
        Slope.
    x0 : numpy.ndarray [V]
        Midpoint of each state (state,).
    names : tuple of str
        The fitted parameters, in the order of ``covariance``: "p_max" unless it was given or lies at its bound 1, "k",
        and "x0[0]", "x0[1]", ...
    covariance : numpy.ndarray
        Inverse of the observed information, SI units.
    log_likelihood : float [1]
        Without the binomial coefficients.
    deviance : float [1]
        Twice what the log-likelihood lacks to that of the counts themselves.
    freedom : int
        Number of points minus number of fitted parameters.
    pearson : float [1]
        Sum of squared residuals over their variance.
    at_bound : bool
        Whether p_max was free and the data drove it to 1.
    points : sigmoid_likelihood.Points
        What was fitted.
    probability : numpy.ndarray [1]
        Of the model (point,).
    """

    p_max: float
    k: float
    x0: np.ndarray
    names: tuple[str, ...]
    covariance: np.ndarray
    log_likelihood: float
    deviance: float
    freedom: int
    pearson: float
    at_bound: bool
    points: Points = field(repr=False, compare=False)
    probability: np.ndarray = field(repr=False, compare=False)

    @property
    def free(self) -> bool:
        """Whether p_max was fitted, at its bound or not."""
        return self.at_bound or self.names[0] == "p_max"

    @property
    def p_value(self) -> float:
        """Probability of a larger deviance if the model were right; NaN without degrees of freedom."""
        return float(chdtrc(self.freedom, self.deviance)) if self.freedom > 0 else math.nan

    @property
    def shift(self) -> np.ndarray:
        """``x0[0] - x0[1:]``: how far the further states lie to the left of the first [V]."""
        return self.x0[0] - self.x0[1:]

    @property
    def shift_covariance(self) -> np.ndarray:
        """Covariance of `shift` [V^2]; the first state is in all of them."""
        size = len(self.x0) - 1
        turn = np.column_stack([np.ones(size), -np.eye(size)])
        block = self.covariance[-size - 1 :, -size - 1 :]
        return turn @ block @ turn.T

    def error(self, name: str) -> float:
        """Standard error of a parameter.

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
        index = self._index(name)
        return math.sqrt(self.covariance[index, index])

    def interval(self, name: str, level: float = LEVEL, method: str = "profile") -> tuple[float, float]:
        """Confidence interval of a parameter.

        The profile keeps the values that the data tell from the best ones by less than the quantile of chi^2 with one
        degree of freedom, the other parameters refitted. It is the default because it does not depend on how the
        equation is written (k or 1/k), is skewed where the likelihood is, and ends at p_max = 1. "wald" is
        the value and its standard error: what the neuron file keeps.

        Parameters
        ----------
        name : str
            Of ``names``.
        level : float [1]
        method : str
            "profile" or "wald".

        Returns
        -------
        tuple of float
            Lower and upper end in the SI unit; infinite where the data set no bound.

        Raises
        ------
        InputError
            If the parameter was not fitted, or level or method are unknown.
        """
        if not 0.0 < level < 1.0:
            raise InputError(f"level = {level!r}: give a number between 0 and 1, like 0.95")
        index = self._index(name)
        value = [*([self.p_max] if self.names[0] == "p_max" else []), self.k, *self.x0.tolist()][index]
        error = self.error(name)
        if method == "wald":
            half = float(ndtri(0.5 + 0.5 * level)) * error
            return value - half, value + half
        if method != "profile":
            raise InputError(
                f"method = {method!r}: unknown, {nearest(method, ('profile', 'wald'))}allowed: profile, wald"
            )
        limit = float(chdtri(1, 1.0 - level))
        bounds = {"p_max": (0.0, 1.0), "k": (0.0, math.inf)}.get(name, (-math.inf, math.inf))

        def excess(at: float) -> float:
            return 2.0 * (self.log_likelihood - self._profile(name, at)) - limit

        return _end(excess, value, -error, bounds[0]), _end(excess, value, error, bounds[1])

    def _index(self, name: str) -> int:
        if name not in self.names:
            raise InputError(
                f"name = {name!r}: not fitted, {nearest(name, self.names)}allowed: {', '.join(self.names)}"
            )
        return self.names.index(name)

    def _profile(self, name: str, at: float) -> float:
        """Largest log-likelihood with one parameter held."""
        points, design = self.points, self.points.design
        beta = np.concatenate([[self.k * points.span], self.k * (points.center - self.x0)])
        offset = np.zeros(points.u.size)
        if name == "p_max":
            return climb(points, design, offset, beta, at, False)[0]
        if name == "k":
            offset, design, beta = at * points.span * points.u, design[:, 1:], beta[1:] * at / self.k
        else:
            column = int(name[3:-1])
            design[:, 0] -= (points.state == column) * (at - points.center) / points.span
            design, beta = np.delete(design, 1 + column, 1), np.delete(beta, 1 + column)
        if not self.free:
            return climb(points, design, offset, beta, self.p_max, False)[0]
        # p_max may be drawn to its bound on the way, or away from it.
        tries = ((min(self.p_max, _STARTS[0]), True), (1.0, False))
        return max(climb(points, design, offset, beta, *one)[0] for one in tries)


def _end(excess, value: float, error: float, bound: float) -> float:
    """Where the profile leaves the interval, on the side of the sign of the error."""
    inner, step = value, 2.0 * error
    for _ in range(40):
        outer = value + step
        if (outer - bound) * error >= 0.0:
            outer = bound
        if outer == bound and (bound == 0.0 or excess(bound) <= 0.0):
            # At 0 there is no curve: approach it.
            if bound != 0.0 or excess(1e-6 * value) <= 0.0:
                return bound
            outer = 1e-6 * value
        if excess(outer) > 0.0:
            return float(brentq(excess, inner, outer, xtol=1e-9 * abs(error), rtol=1e-12))
        inner, step = outer, 2.0 * step
    return math.copysign(math.inf, error)


def fit_curves(*curves: xr.Dataset, p_max: float | None = None) -> CurveFit:
    """Fit switching curves by maximum likelihood; of several states only x0 differs.

    Parameters
    ----------
    *curves : xarray.Dataset
        As of `statistics.curve_from_counts`, each of one state or several; the states are numbered through.
    p_max : float, optional [1]
        Ceiling, where it is known; by default it is fitted too.

    Returns
    -------
    CurveFit

    Raises
    ------
    InputError
        If there are too few points, or they do not determine the parameters: a state that never or always switches, no
        point on the slope, a curve that falls, or no plateau to fit p_max to.
    """
    if p_max is not None and not 0.0 < p_max <= 1.0:
        raise InputError(f"p_max = {p_max!r}: must lie above 0 and not above 1")
    return _fit(_gather(curves), p_max)


def same_shape(fit: CurveFit) -> tuple[float, int, float]:
    """Test whether only x0 moves from state to state: the joint fit against one with a p_max and a k for each state.

    States whose points do not determine a curve of their own are left out of both.

    Parameters
    ----------
    fit : CurveFit
        Of several states.

    Returns
    -------
    tuple
        Likelihood ratio ``2 (log L_own - log L_joint)``, its degrees of freedom, and the probability of a larger one if
        only x0 moves (chi^2; too large where p_max ends at its bound). NaN, 0, NaN with fewer than two states.
    """
    ceiling = None if fit.free else fit.p_max
    own, kept = [], []
    for state in range(len(fit.x0)):
        try:
            own.append(_fit(fit.points.only(state), ceiling))
            kept.append(state)
        except InputError:
            continue
    if len(own) < 2:
        return math.nan, 0, math.nan
    joint = _fit(fit.points.only(*kept), ceiling)
    # Starts differ, so that rounding may leave a ratio of -1e-10.
    ratio = max(0.0, 2.0 * (sum(one.log_likelihood for one in own) - joint.log_likelihood))
    freedom = (1 + fit.free) * (len(own) - 1)
    return ratio, freedom, float(chdtrc(freedom, ratio))


def _gather(curves: tuple[xr.Dataset, ...]) -> Points:
    """Take the measured points out of datasets; their states are numbered through."""
    volts, state, s, n, first = [], [], [], [], 0
    for curve in curves:
        check_curve(curve)
        dims = [str(name) for name in curve["switched"].dims if name != "voltage"]
        if len(dims) > 1:
            raise InputError(f"curve has the dimensions {', '.join(dims)} beside voltage: select one of them")
        counts = [curve[name].transpose(*dims, "voltage").values for name in ("switched", "trials")]
        switched, trials = (values.reshape(-1, curve.sizes["voltage"]) for values in counts)
        row, column = np.nonzero(trials > 0)
        if len(np.unique(row)) < len(trials):
            raise InputError(f"{dims[0] if dims else 'curve'}: a state without trials, drop it before the fit")
        volts.append(curve["voltage"].values[column])
        state.append(first + row)
        s.append(switched[row, column].astype(float))
        n.append(trials[row, column].astype(float))
        first += len(trials)
    voltage = np.concatenate(volts)
    center, span = 0.5 * float(voltage.max() + voltage.min()), 0.5 * float(voltage.max() - voltage.min())
    if span == 0.0:
        raise InputError("voltage: one voltage only, a slope needs several; measure more voltages")
    u = (voltage - center) / span
    return Points(u, np.concatenate(state), np.concatenate(s), np.concatenate(n), center, span)


def _fit(points: Points, p_max: float | None) -> CurveFit:
    free, states = p_max is None, int(points.state.max()) + 1
    _refuse_undetermined(points, states + 1 + free)
    design, none = points.design, np.zeros(points.u.size)
    ceiling = 1.0 if p_max is None else p_max
    # With p_max held at 1 the likelihood is concave: one start is enough.
    best = climb(points, design, none, start(points, design, ceiling), ceiling, False)
    bound = free
    if p_max is None:
        # The likelihood may have several maxima: one that is reached twice is taken.
        top = float(np.clip(np.max((points.s + 0.5) / (points.n + 1.0)), 0.01, 0.94))
        for guess in (1.02 * top, *_STARTS, 0.5 * (1.0 + top)):
            found = climb(points, design, none, start(points, design, guess), guess, True)
            if not bound and abs(found[0] - best[0]) < 1e-6:
                break
            if found[0] > best[0] + 1e-9 and found[2] < 1.0 - 1e-9:
                best, bound, ceiling = found, False, found[2]
    likelihood, beta, _ = best
    hessian = derivatives(points, design, none, beta, ceiling)[1]
    information = -hessian[:-1, :-1] if not free or bound else -hessian
    if beta[0] <= 0.0:
        raise InputError("switched: the probability falls as the voltage rises; check sign and order of the voltages")
    k, x0 = beta[0] / points.span, points.center - points.span * beta[1:] / beta[0]
    covariance = _covariance(information, beta, ceiling if free and not bound else None, points)
    eta = design @ beta
    share, rest = ceiling * expit(eta), expit(-eta) + (1.0 - ceiling) * expit(eta)
    residual, variance = points.s - points.n * share, points.n * share * rest
    perfect = xlogy(points.s, points.s / points.n) + xlogy(points.n - points.s, 1.0 - points.s / points.n)
    names = (*(("p_max",) if free and not bound else ()), "k", *(f"x0[{i}]" for i in range(states)))
    return CurveFit(
        p_max=float(ceiling),
        k=float(k),
        x0=x0,
        names=names,
        covariance=covariance,
        log_likelihood=float(likelihood),
        deviance=max(0.0, 2.0 * float(perfect.sum() - likelihood)),
        freedom=points.u.size - len(names),
        pearson=float((residual[variance > 0.0] ** 2 / variance[variance > 0.0]).sum()),
        at_bound=bound,
        points=points,
        probability=share,
    )


def _refuse_undetermined(points: Points, parameters: int) -> None:
    """Say why there is no finite maximum, where this can be told from the counts."""
    if points.u.size < parameters:
        raise InputError(f"voltage: {points.u.size} points, {parameters} parameters need more; measure more voltages")
    overlap = False
    for state in range(int(points.state.max()) + 1):
        one = points.only(state)
        where = f"state {state}: " if points.state.max() else ""
        if one.s.sum() == 0.0 or one.s.sum() == one.n.sum():
            what = "no trial" if one.s.sum() == 0.0 else "every trial"
            raise InputError(f"switched: {where}{what} switched, so that x0 lies anywhere beyond; move the voltages")
        overlap |= bool(one.u[one.s < one.n].max() > one.u[one.s > 0.0].min())
    if not overlap:
        raise InputError("switched: the curve jumps between two points, k has no bound; measure voltages on the slope")


def _covariance(information: np.ndarray, beta: np.ndarray, p: float | None, points: Points) -> np.ndarray:
    """Invert the observed information and turn it to (p_max), k, x0."""
    size = beta.size
    turn = np.zeros((size, size))
    turn[0, 0] = 1.0 / points.span
    turn[1:, 0] = points.span * beta[1:] / beta[0] ** 2
    turn[1:, 1:] = -points.span / beta[0] * np.eye(size - 1)
    if p is not None:
        # From the logit of p_max, which stands last, to p_max, which stands first.
        whole = np.zeros((size + 1, size + 1))
        whole[0, -1], whole[1:, :-1] = p * (1.0 - p), turn
        turn = whole
    scale = np.sqrt(np.abs(np.diag(information)))
    if scale.min() > 0.0 and np.linalg.eigvalsh(information / np.outer(scale, scale)).min() > 1e-9:
        inverse = np.linalg.inv(information / np.outer(scale, scale)) / np.outer(scale, scale)
        covariance = turn @ inverse @ turn.T
        errors = np.sqrt(np.diag(covariance))
        # A climb that ends on a plateau of the likelihood leaves errors beyond all bounds.
        if errors[0 if p is None else 1] < _LOOSEST * beta[0] / points.span:
            return covariance
    what, where = ("p_max and k", "the slope and the plateau") if p is not None else ("k", "voltages on the slope")
    raise InputError(f"switched: the points do not determine {what}; measure {where}")
