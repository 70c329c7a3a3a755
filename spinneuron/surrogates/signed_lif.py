"""The signed leaky integrate-and-fire neuron: the short-axis magnetization as a membrane potential of either sign.

    tau_membrane du/dt = -leak u + gain I R

with the paper's tau_m, alpha_1 = ``leak``, alpha_2 = ``gain``, R_m = R = ``resistance`` (arXiv:2606.03796). Data fix
``tau_membrane / leak`` and ``gain R / leak`` only: a fit sets ``leak`` = 1 and takes R as given; the gain is in 1/V.
u is the component of m along the pinned layer minus its value at rest. At ``u >= threshold`` the neuron fires +1, at
``u <= -threshold`` it fires -1. It is then reset and ignores its input for ``refractory``.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from spinneuron import quantity
from spinneuron.constants import e, gamma0, hbar, mu0
from spinneuron.physics.temperature import at
from spinneuron.quantity import InputError
from spinneuron.surrogates.fit_statistics import FitStatistics
from spinneuron.surrogates.lif_fit import fit_batch, intervals, record
from spinneuron.surrogates.lif_kernels import response
from spinneuron.surrogates.lif_step import Spikes, State, energy, fire, step

if TYPE_CHECKING:
    import xarray

    from spinneuron.device import Device


def predicted(device: "Device", threshold: float = 0.25) -> "SignedLIF":
    """Derive the neuron from the device, without simulation: the average over the precession about the pinned axis p.

    ``tau_membrane = 1 / (alpha g' Ms dN)``, and ``u = a_J / (alpha Ms dN)`` in the steady state, with
    ``g' = gamma0 / (1 + alpha^2)``, ``a_J = hbar P J / (2 e mu0 Ms thickness)`` and
    ``dN = p N p - (tr N - p N p) / 2``, which is ``N_width - (N_length + N_thickness) / 2`` with p along the width.
    ``Ku`` adds ``-2 Ku / (mu0 Ms^2)`` to N along its axis; for ``Lambda`` other than 1, P is that at m normal to p.
    It holds above the onset of the precession, for small u.

    Parameters
    ----------
    device : Device
        With the pinned layer along a hard axis.
    threshold : float [1]
        Of the neuron.

    Returns
    -------
    SignedLIF

    Raises
    ------
    InputError
        If the pinned axis is no hard axis, so that u does not relax, or the device has Ku2, which the average
        leaves out.

    References
    ----------
    J. C. Slonczewski, J. Magn. Magn. Mater. 159, L1 (1996): a_J. The average is derived in docs/theory.
    """
    device = at(device, device.temperature)
    if device.Ku2 != 0.0:
        raise InputError(
            f"Ku2 of {device.name}: the closed form knows the second order alone; fit the neuron to simulated runs, or "
            "use a device with Ku2 = 0"
        )
    N_width, N_length, N_thickness = device.demagnetizing_factors
    p, axis = np.asarray(device.pinned), np.asarray(device.easy_axis)
    easy = 2.0 * device.Ku / (mu0 * device.Ms**2)
    along = float(p * p @ (N_length, N_width, N_thickness)) - easy * float(p @ axis) ** 2
    stiffness = 1.5 * along - 0.5 * (N_length + N_width + N_thickness - easy)
    if stiffness <= 0.0:
        raise InputError(
            f"pinned = {device.pinned}: no hard axis (dN = {stiffness:.4g}), so that nothing leaks; pin the short axis"
        )
    leak_rate = device.alpha * gamma0 / (1.0 + device.alpha**2) * device.Ms * stiffness
    polarization = device.P * 2.0 * device.Lambda**2 / (device.Lambda**2 + 1.0)
    field = device.polarity * hbar * polarization / (2.0 * e * mu0 * device.Ms * device.thickness * device.area)
    resistance = device.resistance(0.0)
    gain = field / (device.alpha * device.Ms * stiffness * resistance)
    return SignedLIF(tau_membrane=1.0 / leak_rate, gain=gain, resistance=resistance, threshold=threshold)


@dataclass(frozen=True, kw_only=True)
class SignedLIF:
    """A signed leaky integrate-and-fire neuron.

    Parameters
    ----------
    tau_membrane : float [s]
        Time constant (tau_m).
    gain : float [1/V]
        Of the drive ``I R`` (alpha_2); its sign is that of the spikes of a positive current.
    leak : float [1]
        alpha_1; 1 unless there is a reason.
    resistance : float [ohm]
        R_m, which turns currents into voltages.
    threshold : float [1]
        Of ``|u|``. The default 0.25 is an assumption: a fit does not know the comparator.
    reset : float or None [1]
        u after a positive spike, minus it after a negative one; None subtracts the threshold instead.
    refractory : float [s]
        Time for which u is held after a spike.
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

    MODEL: ClassVar[str] = "signed-lif"
    UNITS: ClassVar[dict[str, str]] = {
        "tau_membrane": "s",
        "gain": "1/V",
        "leak": "1",
        "resistance": "ohm",
        "threshold": "1",
        "reset": "1",
        "refractory": "s",
    }
    NULLABLE: ClassVar[frozenset[str]] = frozenset({"reset"})
    VECTORS: ClassVar[frozenset[str]] = frozenset()
    VALID_UNITS: ClassVar[dict[str, str]] = {
        "voltage": "V",
        "membrane": "1",
        "time_step": "s",
        "duration": "s",
        "temperature": "K",
        "width": "m",
        "length": "m",
        "thickness": "m",
    }

    tau_membrane: float
    gain: float
    leak: float = 1.0
    resistance: float
    threshold: float = 0.25
    reset: float | None = 0.0
    refractory: float = 0.0
    uncertainties: dict[str, float] = field(default_factory=dict, hash=False)
    valid: dict[str, tuple[float, float]] = field(default_factory=dict, hash=False)
    statistics: FitStatistics | None = field(default=None, hash=False)

    def __post_init__(self):
        checks = dict.fromkeys(self.UNITS, quantity.positive)
        checks |= {"gain": quantity.finite, "reset": quantity.finite, "refractory": quantity.non_negative}
        for name, check in checks.items():
            if name != "reset" or self.reset is not None:
                object.__setattr__(self, name, check(name, getattr(self, name), self.UNITS[name]))
        if self.reset is not None and abs(self.reset) >= self.threshold:
            raise InputError(f"reset = {self.reset:g}: must lie between -threshold and threshold = {self.threshold:g}")
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

    @classmethod
    def fit_arrays(
        cls,
        time: ArrayLike,
        u: ArrayLike,
        current: ArrayLike,
        resistance: float,
        valid: dict | None = None,
        **fields: Any,
    ) -> "SignedLIF":
        """Fit one record.

        Parameters
        ----------
        time : array_like [s]
            Increasing, (time,).
        u : array_like [1]
            Membrane potential (time,), zero where the record starts.
        current : array_like [A]
            (time,), linear between the samples.
        resistance : float [ohm]
            R_m.
        valid : dict, optional
            Further ranges of calibration; those of the record itself are added.
        **fields
            ``threshold``, ``reset`` and ``refractory`` of the neuron.

        Returns
        -------
        SignedLIF
            With ``uncertainties``, ``valid`` and ``statistics``; errors as told by `lif_fit.fit_batch`.

        Raises
        ------
        InputError
            If the arrays are no record, or no neuron explains them: u is zero, does not leak, or follows at once.
        """
        clock, (u, current) = record(time, u=u, current=current)
        found = {name: column.item() for name, column in fit_batch(clock, u, current, resistance)._asdict().items()}
        _refuse_no_neuron(found["tau_membrane"], clock)
        model = cls(tau_membrane=found["tau_membrane"], gain=found["gain"], resistance=resistance, **fields)
        errors, mixed = {"tau_membrane": found["tau_error"], "gain": found["gain_error"]}, found["covariance"]
        known = math.isfinite(found["tau_error"])
        statistics = FitStatistics(
            rmse=found["rmse"],
            r2=found["r2"],
            n=u.size,
            n_effective=found["n_effective"],
            names=tuple(errors),
            covariance=((errors["tau_membrane"] ** 2, mixed), (mixed, errors["gain"] ** 2)) if known else (),
            residual=u - model.respond(clock, current),
        )
        ranges = {
            "voltage": current * model.resistance,
            "membrane": u,
            "time_step": np.diff(clock),
            "duration": clock[-1:] - clock[0],
        }
        window = {name: (float(values.min()), float(values.max())) for name, values in ranges.items()}
        window |= valid or {}
        return replace(model, uncertainties=errors if known else {}, valid=window, statistics=statistics)

    @classmethod
    def fit(cls, run: "xarray.Dataset", resistance: float | None = None, **fields: Any) -> "SignedLIF":
        """Fit a simulated run: u is the mean over trials of m along the pinned layer, minus its first sample.

        Parameters
        ----------
        run : xarray.Dataset
            As `simulation.simulate` returns it; the device must be at rest where it starts.
        resistance : float, optional [ohm]
            R_m; by default that of the device with m normal to the pinned layer.
        **fields
            ``threshold``, ``reset`` and ``refractory`` of the neuron.

        Returns
        -------
        SignedLIF
            As of `fit_arrays`, with the sizes of the device and the temperature in ``valid``.

        Raises
        ------
        InputError
            As `fit_arrays`; and if the dataset is no run.
        """
        # Both need numba's larger kernels, which a surrogate that is only stepped can do without.
        from spinneuron.simulation import device_of, membrane_potential

        for name in ("m", "time", "current"):
            if name not in run.variables:
                raise InputError(f"run: no variable {name!r}; give a dataset of simulate(...)")
        if "device" not in run.attrs:
            raise InputError("run: no attribute 'device'; give a dataset of simulate(...)")
        device = device_of(run)
        u = membrane_potential(run).mean("trial").to_numpy()
        valid = {name: (getattr(device, name),) * 2 for name in ("width", "length", "thickness")}
        if "temperature" in run.attrs:
            valid["temperature"] = (float(run.attrs["temperature"]),) * 2
        if resistance is None:
            resistance = device.resistance(0.0)
        return cls.fit_arrays(run["time"].to_numpy(), u, run["current"].to_numpy(), resistance, valid, **fields)

    def respond(self, time: ArrayLike, current: ArrayLike, u0: float = 0.0) -> np.ndarray:
        """Compute the membrane potential without spikes; exact for a piecewise-linear current.

        Parameters
        ----------
        time : array_like [s]
            Increasing, (time,).
        current : array_like [A]
            (time,), linear between the samples.
        u0 : float [1]
            At the first sample.

        Returns
        -------
        numpy.ndarray
            u (time,) [1].

        Raises
        ------
        InputError
            If the arrays are no record.
        """
        clock, (current,) = record(time, current=current)
        drive = self.gain * self.resistance / self.tau_membrane * current
        return response(intervals(clock), drive, self.leak / self.tau_membrane, quantity.finite("u0", u0))

    def step(self, voltage: Any, state: State, dt: float, xp: Any = np, fire: Callable = fire) -> tuple:
        """Advance by one step under a constant voltage: the function `step` with these parameters.

        Parameters
        ----------
        voltage : float or array [V]
            ``I R`` during the step.
        state : State
            Before the step.
        dt : float [s]
            Length of the step.
        xp : module
            ``numpy`` or ``torch``.
        fire : callable
            ``(u, threshold, xp) -> spike``.

        Returns
        -------
        tuple
            ``(spike, state)``.
        """
        return step(voltage, state, self, dt, xp, fire)

    def spikes(self, time: ArrayLike, current: ArrayLike) -> Spikes:
        """Run the neuron over a sampled drive, from rest; over each interval the current is held at its mean.

        Parameters
        ----------
        time : array_like [s]
            Increasing, (time,); a spike lies on the first sample after its crossing.
        current : array_like [A]
            (time,), or (..., time) for many neurons at once; linear between the samples.

        Returns
        -------
        Spikes
            ``spike`` and ``u``, of the shape of the current.

        Raises
        ------
        InputError
            If the arrays are no record.
        """
        clock, (current,) = record(time, current=current)
        voltage = 0.5 * self.resistance * (current[..., 1:] + current[..., :-1])
        state = State(np.zeros(voltage.shape[:-1]), np.zeros(voltage.shape[:-1]))
        spike, u = np.zeros(current.shape), np.zeros(current.shape)
        for i, dt in enumerate(intervals(clock)):
            spike[..., i + 1], state = step(voltage[..., i], state, self, float(dt))
            u[..., i + 1] = state.u
        return Spikes(spike, u)

    def energy_per_spike(self, time: ArrayLike, current: ArrayLike) -> float:
        """Dissipated energy over the number of spikes of either sign.

        Parameters
        ----------
        time : array_like [s]
            Increasing, (time,).
        current : array_like [A]
            (time,), linear between the samples.

        Returns
        -------
        float
            Energy per spike [J]; inf where there is no spike.

        Raises
        ------
        InputError
            If the arrays are no record.
        """
        count = np.count_nonzero(self.spikes(time, current).spike)
        return energy(time, current, self.resistance) / count if count else math.inf


def _refuse_no_neuron(tau_membrane: float, clock: np.ndarray) -> None:
    """Say why a record is no neuron's."""
    if math.isnan(tau_membrane):
        raise InputError("u = 0 throughout: no response to fit, give a larger current")
    if math.isinf(tau_membrane):
        record = quantity.format(float(clock[-1] - clock[0]), "s")
        raise InputError(f"tau_membrane = inf: no leak within the record of {record}, extend it beyond the last pulse")
    if tau_membrane == 0.0:
        raise InputError("tau_membrane = 0: u follows the current within a sample, record more often")
