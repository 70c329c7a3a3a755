"""The intrinsic-plasticity neuron: a switching probability whose midpoint moves with the heat of the pulses before.

    P(V) = p_max / (1 + exp(-k (V - x0 + sum_j shift_j)))
    shift_j <- decay_j shift_j + weight_j (heat_v2 V^2 + heat_v1 V),   decay_j = exp(-time_step / tau_j)

with the paper's L = ``p_max``, x_0,env = ``x0``, Theta = ``shift``, gamma = ``decay``, alpha = ``heat_v2`` and
beta = ``heat_v1`` (its eqs. 3 to 12). Its eqs. 3 and 4 print ``1 - exp(...)`` in the denominator, a misprint: P would
have a pole at the midpoint. The shift that a step finds sets its probability, and its heat is added afterwards: eq. 11
measures the shift of a pulse "in the subsequent time step". The paper has one component; its two-segment cooling
(fig. S2) needs two, each with its own share of the heat. At 0 V nothing is read: no spike, no heat.
"""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from spinneuron import quantity
from spinneuron.quantity import InputError
from spinneuron.surrogates.fit_statistics import CurveStatistics, FitStatistics
from spinneuron.surrogates.sigmoid_step import State, firing_probability, heat, step

if TYPE_CHECKING:
    import xarray


class Prediction(NamedTuple):
    """What `Sigmoid.predict` returns."""

    probability: np.ndarray
    """Of a spike at each pulse (..., step) [1]."""
    shift: np.ndarray
    """Of the midpoint, as each pulse finds it (..., step) [V]."""
    state: State
    """After the last step."""


@dataclass(frozen=True, kw_only=True)
class Sigmoid:
    """A stochastic neuron with a sigmoid that the heat of earlier pulses shifts.

    Parameters
    ----------
    p_max : float [1]
        Ceiling of the probability (the paper's L).
    k : float [1/V]
        Slope.
    x0 : float [V]
        Midpoint without heat (x_0,env).
    heat_v2 : float [1/V]
        Shift per squared amplitude (alpha); 0 with ``heat_v1`` = 0 for an insensitive junction.
    heat_v1 : float [1]
        Shift per amplitude (beta).
    tau_thermal : tuple of float [s]
        Time constant of each component of the heat.
    weights : tuple of float [1]
        Share of each component in the heat of a pulse; they sum to 1.
    time_step : float [s]
        Of the regular cycle of rise, set, fall, reset and delay: 230 ns in the paper.
    pulse_width : float [s]
        Plateau of the set pulse, at which the heat was measured: 150 ns in the paper.
    uncertainties : dict
        Parameter -> standard error, in the unit of the parameter; for ``tau_thermal`` and ``weights`` a tuple.
    valid : dict
        Range of calibration -> (low, high): keys and units in ``VALID_UNITS``.
    statistics : CurveStatistics, optional
        Of the fit.

    Raises
    ------
    InputError
        If a value is out of range; the message names it.
    """

    MODEL: ClassVar[str] = "sigmoid"
    UNITS: ClassVar[dict[str, str]] = {
        "p_max": "1",
        "k": "1/V",
        "x0": "V",
        "heat_v2": "1/V",
        "heat_v1": "1",
        "tau_thermal": "s",
        "weights": "1",
        "time_step": "s",
        "pulse_width": "s",
    }
    NULLABLE: ClassVar[frozenset[str]] = frozenset()
    VECTORS: ClassVar[frozenset[str]] = frozenset({"tau_thermal", "weights"})
    VALID_UNITS: ClassVar[dict[str, str]] = {
        "voltage": "V",
        "amplitude": "V",
        "shift": "V",
        "delay": "s",
        "temperature": "K",
        "width": "m",
        "length": "m",
        "thickness": "m",
    }
    STATISTICS: ClassVar[type[FitStatistics]] = CurveStatistics

    p_max: float = 1.0
    k: float
    x0: float
    heat_v2: float = 0.0
    heat_v1: float = 0.0
    tau_thermal: tuple[float, ...] = (275e-9,)
    weights: tuple[float, ...] = (1.0,)
    time_step: float = 230e-9
    pulse_width: float = 150e-9
    uncertainties: dict[str, Any] = field(default_factory=dict, hash=False)
    valid: dict[str, tuple[float, float]] = field(default_factory=dict, hash=False)
    statistics: FitStatistics | None = field(default=None, hash=False)

    def __post_init__(self):
        checks = dict.fromkeys(self.UNITS, quantity.positive)
        checks |= {"p_max": quantity.fraction} | dict.fromkeys(("x0", "heat_v2", "heat_v1"), quantity.finite)
        for name, check in checks.items():
            given, unit = getattr(self, name), self.UNITS[name]
            if name in self.VECTORS:
                items = enumerate(np.ravel(given).tolist())
                object.__setattr__(self, name, tuple(check(f"{name}[{j}]", item, unit) for j, item in items))
            else:
                object.__setattr__(self, name, check(name, given, unit))
        if not self.tau_thermal or len(self.weights) != len(self.tau_thermal):
            raise InputError(
                f"weights = {list(self.weights)}: one is needed for each of {len(self.tau_thermal)} tau_thermal"
            )
        if abs(sum(self.weights) - 1.0) > 1e-6:
            raise InputError(f"weights = {list(self.weights)}: must sum to 1, not {sum(self.weights):.6g}")
        if self.pulse_width > self.time_step:
            raise InputError(f"pulse_width = {self.pulse_width:g} s: must not exceed time_step = {self.time_step:g} s")
        for kind, allowed in (("uncertainties", self.UNITS), ("valid", self.VALID_UNITS)):
            for name in getattr(self, kind):
                if name not in allowed:
                    hint = quantity.nearest(name, allowed)
                    raise InputError(f"{kind} = {name!r}: unknown, {hint}allowed: {', '.join(allowed)}")
        for name, error in self.uncertainties.items():
            if np.shape(error) != (np.shape(getattr(self, name)) if name in self.VECTORS else ()):
                raise InputError(f"uncertainties {name} = {error!r}: one standard error is needed for each value")
            for one in np.ravel(error):
                quantity.non_negative(f"uncertainties {name}", float(one), self.UNITS[name])
        for name, (low, high) in self.valid.items():
            unit = self.VALID_UNITS[name]
            if quantity.finite(f"valid {name}", low, unit) > quantity.finite(f"valid {name}", high, unit):
                raise InputError(f"valid {name} = {low:g}, {high:g}: the low end must not lie above the high end")

    @property
    def decay(self) -> tuple[float, ...]:
        """Factor of each component per step (gamma)."""
        return tuple(math.exp(-self.time_step / tau) for tau in self.tau_thermal)

    @property
    def rest(self) -> State:
        """State without heat."""
        return (0.0,) * len(self.tau_thermal)

    @classmethod
    def fit(
        cls,
        curve: "xarray.Dataset",
        heating: "xarray.Dataset | None" = None,
        cooling: "xarray.Dataset | None" = None,
        *,
        p_max: float | None = None,
        components: int = 1,
        **fields: Any,
    ) -> "Sigmoid":
        """Fit switching curves: one p_max and one k for all, x0 for each, and the heat from how x0 moves.

        Parameters
        ----------
        curve : xarray.Dataset
            Without heat, over ``voltage``, as of `statistics.curve_from_counts`.
        heating : xarray.Dataset, optional
            Over ``amplitude`` and ``voltage``: one step after one pulse of that amplitude (fig. S1).
        cooling : xarray.Dataset, optional
            Over ``delay`` and ``voltage``: that much later than one step (fig. S2). Its attributes may hold ``pulses``,
            the number of equal pulses before (1), or ``hold`` [s], the length of one long pulse.
        p_max : float, optional [1]
            Ceiling, where it is known; by default it is fitted.
        components : int
            Of the heat.
        **fields
            ``time_step`` and ``pulse_width``; what is not fitted (``tau_thermal``, ...); further ranges of ``valid``.

        Returns
        -------
        Sigmoid
            With ``uncertainties``, ``valid`` and ``statistics``.

        Raises
        ------
        InputError
            If the data are no such curves, or do not determine the parameters.
        """
        # Fits need scipy.optimize and xarray, which a neuron that is only stepped can do without.
        from spinneuron.surrogates.sigmoid_calibration import calibrated

        return cls(**calibrated(curve, heating, cooling, p_max, components, fields))

    def probability(self, voltage: ArrayLike, shift: ArrayLike = 0.0) -> np.ndarray:
        """Compute the probability of a spike.

        Parameters
        ----------
        voltage : array_like [V]
            Not negative; 0 is no pulse.
        shift : array_like [V]
            Of the midpoint.

        Returns
        -------
        numpy.ndarray
            Probability [1].

        Raises
        ------
        InputError
            If a voltage is negative or a number not finite.
        """
        return firing_probability(_voltages(voltage), _finite("shift", shift), self)

    def step(self, voltage: Any, state: State, xp: Any = np) -> tuple[Any, State]:
        """Advance by one step: the function `step` with these parameters.

        Parameters
        ----------
        voltage : float or array [V]
            Of the pulse; 0 is no pulse.
        state : tuple
            Shift of each component [V]; ``rest`` to begin with.
        xp : module
            ``numpy`` or ``torch``.

        Returns
        -------
        tuple
            ``(probability, state)``.
        """
        return step(voltage, state, self, xp)

    def predict(self, voltages: ArrayLike, delays: ArrayLike = 0.0, state: State | None = None) -> Prediction:
        """Predict the probability of a spike at each pulse of a sequence.

        Parameters
        ----------
        voltages : array_like [V]
            One pulse per step (..., step); not negative, 0 is no pulse.
        delays : array_like [s]
            Idle time before each pulse beyond the regular cycle: one for all, or (step,).
        state : tuple, optional
            Shift of each component before the first step [V], numbers or (...); by default none.

        Returns
        -------
        Prediction

        Raises
        ------
        InputError
            If a voltage or delay is negative, or a number not finite.
        """
        volts, waits = np.atleast_1d(_voltages(voltages)), _finite("delays", delays, negative=False)
        try:
            waits = np.broadcast_to(waits, volts.shape[-1:])
        except ValueError:
            raise InputError(f"delays has the shape {waits.shape}: one, or {volts.shape[-1]} are needed") from None
        state = self.rest if state is None else state
        volts = np.broadcast_to(volts, (*np.broadcast_shapes(volts.shape[:-1], *map(np.shape, state)), volts.shape[-1]))
        probability, shift = np.empty(volts.shape), np.empty(volts.shape)
        for i, wait in enumerate(waits):
            if wait > 0.0:
                state = self._cooled(state, wait)
            shift[..., i] = sum(state)
            probability[..., i], state = step(volts[..., i], state, self)
        return Prediction(probability, shift, state)

    def shift_after(self, voltages: ArrayLike, delay: ArrayLike = 0.0) -> np.ndarray:
        """Compute the shift that a sequence of pulses leaves.

        Parameters
        ----------
        voltages : array_like [V]
            One pulse per step (..., step).
        delay : array_like [s]
            How much later than in the regular next step, to be broadcast against the sequences.

        Returns
        -------
        numpy.ndarray
            Shift [V].

        Raises
        ------
        InputError
            As `predict`.
        """
        late = _finite("delay", delay, negative=False)
        return np.asarray(sum(self._cooled(self.predict(voltages).state, late)))

    def shift_after_hold(self, voltage: ArrayLike, duration: ArrayLike, delay: ArrayLike = 0.0) -> np.ndarray:
        """Compute the shift that one pulse of any length leaves: ``S_j (1 - exp(-duration / tau_j))``, eq. 6.

        ``S_j = weight_j heat(V) / (1 - exp(-pulse_width / tau_j))`` is the shift that would be reached in the end, so
        that a pulse of the usual width leaves the usual heat.

        Parameters
        ----------
        voltage : array_like [V]
        duration : array_like [s]
            Plateau.
        delay : array_like [s]
            How much later than a pulse usually follows.

        Returns
        -------
        numpy.ndarray
            Shift [V].

        Raises
        ------
        InputError
            If a number is negative or not finite.
        """
        held, late = _finite("duration", duration, negative=False), _finite("delay", delay, negative=False)
        added, parts = heat(_voltages(voltage), self), zip(self.weights, self.tau_thermal, strict=True)
        state = tuple(w * added * np.expm1(-held / tau) / math.expm1(-self.pulse_width / tau) for w, tau in parts)
        return np.asarray(sum(self._cooled(state, late)))

    def _cooled(self, state: State, time: Any) -> State:
        return tuple(shift * np.exp(-time / tau) for shift, tau in zip(state, self.tau_thermal, strict=True))


def _finite(name: str, given: ArrayLike, negative: bool = True) -> np.ndarray:
    """Make an array of finite numbers, negative ones only where they are allowed."""
    try:
        values = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{name}: numbers are needed, not {type(given).__name__}") from None
    for wrong, remedy in ((~np.isfinite(values), "a finite number is needed"), (values < 0.0, "must not be negative")):
        if wrong.any() and (remedy.startswith("a") or not negative):
            where = tuple(int(i) for i in np.argwhere(wrong)[0])
            raise InputError(f"{name}{list(where) if where else ''} = {values[where]:g}: {remedy}")
    return values


def _voltages(given: ArrayLike) -> np.ndarray:
    """Check voltages of set pulses: the reset of the cycle is part of the step, not of its input."""
    return _finite("voltage", given, negative=False)
