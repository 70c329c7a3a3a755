"""A neuron against what was measured: shifts of the midpoint, or probabilities of switching curves.

Residuals are measured minus model. The neuron is taken as it stands: p-values are those of the scatter of the data
alone, without the uncertainty of its parameters.
"""

import json
import math
from typing import Any

import numpy as np
import xarray as xr
from scipy.special import chdtrc, xlog1py, xlogy

from spinneuron import neuron_file
from spinneuron.measured.curves import Curves
from spinneuron.measured.shifts import SHIFT_KIND
from spinneuron.quantity import InputError, shown
from spinneuron.statistics import check_curve
from spinneuron.surrogates.sigmoid import Sigmoid

VALIDATION_KIND = "spinneuron-validation"
"""Attribute ``kind`` of a dataset of residuals."""
MARGIN = 0.05
"""By how much of its width the calibrated range of the shift is widened: its ends are estimates themselves."""


def train_shift(
    neuron: Sigmoid, amplitude: float, pulses: int = 1, delay: float = 0.0, duration: float = math.nan
) -> float:
    """Compute the shift that equal pulses leave, or one long pulse: the paper's eqs. 5 to 12.

    Parameters
    ----------
    neuron : Sigmoid
    amplitude : float [V]
    pulses : int
        In a regular train.
    delay : float [s]
        Beyond the regular cycle.
    duration : float [s]
        Plateau of one long pulse; NaN for a train.

    Returns
    -------
    float
        Shift [V].
    """
    if math.isnan(duration):
        return float(neuron.shift_after(np.full(pulses, amplitude), delay))
    return float(neuron.shift_after_hold(amplitude, duration, delay))


def residuals(neuron: Sigmoid, shifts: xr.Dataset) -> xr.Dataset:
    """Hold a neuron against measured shifts of the midpoint.

    Parameters
    ----------
    neuron : Sigmoid
    shifts : xarray.Dataset
        As of `read_shifts`.

    Returns
    -------
    xarray.Dataset
        Of kind "spinneuron-validation" over ``row``: ``measured``, ``model``, ``residual`` and, where given,
        ``uncertainty`` [V], ``inside`` (1 within the neuron's ranges of calibration, else 0), and what came before.
        Attributes ``n``, ``rmse``, ``r2``, ``bias`` (mean residual), ``worst`` (row), with uncertainties ``chi2`` and
        ``p_value``, and ``neuron`` as JSON.

    Raises
    ------
    InputError
        If the neuron is no Sigmoid, or these are no shifts.
    """
    _check_neuron(neuron)
    if not isinstance(shifts, xr.Dataset) or shifts.attrs.get("kind") != SHIFT_KIND or not shifts.sizes.get("row"):
        raise InputError(f"shifts = {type(shifts).__name__}: no shifts, read them with measured.read_shifts(...)")
    model, inside = [], []
    for i in range(shifts.sizes["row"]):
        row = {name: shifts[name].values[i] for name in shifts.data_vars}
        delay = float(row["delay"])
        if row["sequence"]:
            volts = [float(step) for step in str(row["sequence"]).split()]
            model.append(float(neuron.shift_after(volts, delay)))
        else:
            volts = [float(row["amplitude"])]
            model.append(train_shift(neuron, volts[0], int(row["pulses"]), delay, float(row["duration"])))
        inside.append(_inside(neuron, [one for one in volts if one], delay, model[-1]))
    measured, modeled = shifts["delta_x0"].values, np.array(model)
    columns: dict[str, Any] = {"measured": measured, "model": modeled, "residual": measured - modeled}
    attrs = _goodness(measured, modeled)
    if "uncertainty" in shifts:
        errors = shifts["uncertainty"].values
        attrs["chi2"] = float(np.sum(((measured - modeled) / errors) ** 2))
        attrs["p_value"] = float(chdtrc(measured.size, attrs["chi2"]))
    made = _dataset(columns, inside, "V", "shift", neuron, attrs | _file(shifts))
    return made.merge(shifts.drop_vars("delta_x0"), combine_attrs="override")


def probability_residuals(neuron: Sigmoid, curves: Curves) -> xr.Dataset:
    """Hold a neuron against measured switching curves: baseline, heating and cooling.

    Parameters
    ----------
    neuron : Sigmoid
    curves : Curves
        As of `read_curves`; what came before a cooling needs its amplitude.

    Returns
    -------
    xarray.Dataset
        Of kind "spinneuron-validation" over ``row``, one for each measured point: ``measured``, ``low``, ``high``,
        ``model``, ``residual`` [1], ``trials``, ``voltage``, ``shift`` of the model [V], ``inside``; ``amplitude`` and
        ``delay`` of the state, NaN where there is none. Attributes as of `residuals`, with the ``deviance`` of the
        counts and its ``p_value``.

    Raises
    ------
    InputError
        If the neuron is no Sigmoid, these are no curves, or the amplitude before a cooling is missing.
    """
    _check_neuron(neuron)
    if not isinstance(curves, Curves) or not any(one is not None for one in curves):
        raise InputError(f"curves = {type(curves).__name__}: no curves, read them with measured.read_curves(...)")
    parts = [_points(neuron, curve, kind) for kind, curve in curves._asdict().items() if curve is not None]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    columns["model"] = neuron.probability(columns["voltage"], columns["shift"])
    columns["residual"] = columns["measured"] - columns["model"]
    inside = []
    for volts, shift, amplitude, delay in zip(
        *(columns[name] for name in ("voltage", "shift", "amplitude", "delay")), strict=True
    ):
        before = [] if math.isnan(amplitude) else [amplitude]
        late = 0.0 if math.isnan(delay) else delay
        inside.append(_within(neuron, "voltage", volts) and _inside(neuron, before, late, shift))
    switched, trials, model = columns.pop("switched"), columns["trials"], columns["model"]
    attrs = _goodness(columns["measured"], model)
    attrs["deviance"] = _deviance(switched, trials, model)
    attrs["p_value"] = float(chdtrc(switched.size, attrs["deviance"]))
    files = [_file(one) for one in curves if one is not None]
    for name in files[0]:
        attrs[name] = "\n".join(dict.fromkeys(file[name] for file in files if name in file))
    return _dataset(columns, inside, "1", "probability", neuron, attrs)


def _points(neuron: Sigmoid, curve: xr.Dataset, kind: str) -> dict[str, np.ndarray]:
    """Measured points of one dataset, and the shift that the neuron has there."""
    check_curve(curve)
    name = {"baseline": "", "heating": "amplitude", "cooling": "delay"}[kind]
    dims = [str(one) for one in curve["switched"].dims if one != "voltage"]
    if dims != ([name] if name else []):
        wanted = f"{name} and voltage" if name else "voltage alone"
        raise InputError(f"{kind}: goes over {', '.join(map(str, curve['switched'].dims))}; {wanted} is needed")
    if kind == "cooling" and "amplitude" not in curve.attrs:
        remedy = 'add the column "amplitude [V]" of the pulses before the delay'
        raise InputError(f"{curve.attrs.get('file', 'cooling')}: the rows with a delay have no amplitude; {remedy}")
    states = curve[name].values if name else np.array([math.nan])
    values = {
        one: curve[one].transpose(*dims, "voltage").values.reshape(states.size, -1)
        for one in ("switched", "trials", "probability", "low", "high")
    }
    row, column = np.nonzero(values["trials"])
    found = {one: array[row, column] for one, array in values.items()}
    found["measured"] = found.pop("probability")
    found["voltage"] = curve["voltage"].values[column]
    nothing, attrs = np.full(states.size, math.nan), curve.attrs
    train = np.full(states.size, attrs.get("amplitude", math.nan))
    amplitude = {"amplitude": states, "delay": train}.get(name, nothing)
    delay = states if name == "delay" else nothing
    before = (int(attrs.get("pulses", 1)), float(attrs.get("hold", math.nan)))
    shift = np.zeros(states.size)
    for i, (volts, late) in enumerate(zip(amplitude, delay, strict=True)):
        if name == "amplitude":
            shift[i] = train_shift(neuron, float(volts))
        elif name == "delay":
            shift[i] = train_shift(neuron, float(volts), before[0], float(late), before[1])
    return found | {"amplitude": amplitude[row], "delay": delay[row], "shift": shift[row]}


def _deviance(switched: np.ndarray, trials: np.ndarray, model: np.ndarray) -> float:
    """Twice what the log-likelihood of the model lacks to that of the counts themselves."""
    missed = trials - switched
    own = xlogy(switched, switched / trials) + xlogy(missed, missed / trials)
    return max(0.0, 2.0 * float(np.sum(own - xlogy(switched, model) - xlog1py(missed, -model))))


def _check_neuron(neuron: Any) -> None:
    if not isinstance(neuron, Sigmoid):
        kind = getattr(neuron, "MODEL", type(neuron).__name__)
        raise InputError(f"neuron = {shown(str(kind))}: measured curves and shifts are those of a sigmoid neuron")


def _within(neuron: Sigmoid, name: str, value: float, margin: float = 0.0) -> bool:
    if name not in neuron.valid:
        return True
    low, high = neuron.valid[name]
    # Ends that were computed in another unit may differ in the last digit.
    reach = margin * (high - low) + 1e-9 * max(abs(low), abs(high))
    return low - reach <= value <= high + reach


def _inside(neuron: Sigmoid, amplitudes: list[float], delay: float, shift: float) -> bool:
    """Whether what came before lies where the neuron was calibrated."""
    return (
        all(_within(neuron, "amplitude", one) for one in amplitudes)
        and (delay == 0.0 or _within(neuron, "delay", delay))
        and _within(neuron, "shift", shift, MARGIN)
    )


def _goodness(measured: np.ndarray, model: np.ndarray) -> dict[str, Any]:
    residual = measured - model
    spread = float(np.sum((measured - measured.mean()) ** 2))
    return {
        "n": int(measured.size),
        "rmse": math.sqrt(float(np.mean(residual**2))),
        "r2": 1.0 - float(residual @ residual) / spread if spread > 0.0 else math.nan,
        "bias": float(residual.mean()),
        "worst": int(np.argmax(np.abs(residual))),
    }


def _file(source: xr.Dataset) -> dict[str, str]:
    return {name: source.attrs[name] for name in ("file", "sha256", "comment") if name in source.attrs}


def _dataset(
    columns: dict[str, Any], inside: list[bool], unit: str, compared: str, neuron: Sigmoid, attrs: dict[str, Any]
) -> xr.Dataset:
    document = neuron_file.document(neuron)
    # The moment of comparing is not when the neuron was made; equal inputs give equal datasets.
    document["provenance"] = {"version": document["provenance"]["version"]}
    units = {"voltage": "V", "shift": "V", "amplitude": "V", "delay": "s", "trials": "1"}
    names = {"model": "of the neuron", "residual": "measured minus model", "shift": "of the midpoint, by the neuron"}
    variables: dict[str, Any] = {
        name: ("row", values, {"units": units.get(name, unit), "long_name": names.get(name, name)})
        for name, values in columns.items()
    }
    said = {"units": "1", "long_name": "within the ranges of calibration", "flag_values": [0, 1]}
    variables["inside"] = ("row", np.array(inside, dtype=np.int8), said | {"flag_meanings": "outside inside"})
    made = {"kind": VALIDATION_KIND, "compared": compared, "neuron": json.dumps(document, allow_nan=False)}
    return xr.Dataset(variables, attrs=made | attrs)
