"""Every file of ours in a few lines of text: what the command line prints, as tables of words."""

import json
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import xarray as xr

from spinneuron.device import Device
from spinneuron.protocols import Protocol
from spinneuron.quantity import format
from spinneuron.simulation import membrane_potential
from spinneuron.statistics import LEVEL, interval, midpoint
from spinneuron.surrogates.fit_statistics import CurveStatistics, FitStatistics
from spinneuron.surrogates.sigmoid import Sigmoid
from spinneuron.window.boundaries import EDGES, PLANES
from spinneuron.window.regimes import LIF, REGIMES
from spinneuron.window.spec import DIMENSIONS
from spinneuron.window.survey import agreement, at_reference

_LETTER = {"width": "W", "length": "L", "thickness": "T"}


class Table(NamedTuple):
    """Words in rows and columns.

    Attributes
    ----------
    rows : list of tuple of str
        All of one length; the first may be a header.
    title : str
    """

    rows: list[tuple[str, ...]]
    title: str = ""

    def __str__(self) -> str:
        """Write the table with aligned columns."""
        widths = [max(map(len, column)) for column in zip(*self.rows, strict=True)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in self.rows]
        return "\n".join([*([self.title] if self.title else []), *(f"  {line}".rstrip() for line in lines)])


def tables(content: Any) -> list[Table]:
    """Summarize anything that spinneuron writes.

    Parameters
    ----------
    content : xarray.Dataset, Device or surrogate

    Returns
    -------
    list of Table
    """
    if isinstance(content, Device):
        return [_device(content)]
    if not isinstance(content, xr.Dataset):
        return [_neuron(content)]
    return _DATASETS[content.attrs["kind"]](content)


def _sizes(holder: Any) -> str:
    return " x ".join(f"{float(getattr(holder, name)) * 1e9:.4g}" for name in DIMENSIONS) + " nm"


def _number(value: float, unit: str, error: float = math.nan) -> str:
    """A value with its standard error, where it has one."""
    if not math.isfinite(value):
        return "infinite" if math.isinf(value) else "none"
    return format(value, unit, 4) + (f" +- {format(error, unit, 2)}" if math.isfinite(error) else "")


def _conditions(attrs: dict) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    if "device" in attrs:
        device = Device.from_json(attrs["device"])
        rows.append(("device", f"{device.name}, {device.geometry}, W x L x T = {_sizes(device)}"))
    protocol = Protocol.from_json(attrs["protocol"])
    peak = max(protocol.values, key=abs)
    rows.append(("drive", f"up to {format(peak, protocol.unit, 4)}, {format(protocol.duration, 's', 4)} in all"))
    rows.append(("trials", f"{attrs['trials']} at {format(float(attrs['temperature']), 'K')}, seed {attrs['seed']}"))
    return rows


def _run(run: xr.Dataset) -> list[Table]:
    rows = _conditions(run.attrs)
    step = f", step {format(run.attrs['dt'], 's', 3)}" if math.isfinite(run.attrs["dt"]) else ""
    rows.append(("solver", f"{run.attrs['engine']}, {run.attrs['stepper']}{step}"))
    last = run["m"].isel(time=-1).mean("trial").values
    rows.append(("last m", "(" + ", ".join(f"{value:.3f}" for value in last) + ")"))
    if run.sizes["time"] > 1:
        u = membrane_potential(run).mean("trial")
        rows.append(("membrane", f"{float(u.min()):.3f} to {float(u.max()):.3f}, at the end {float(u[-1]):.3f}"))
    return [Table(rows + (_spike_rows(run) if "spike" in run else []))]


def _spike_rows(record: xr.Dataset) -> list[tuple[str, ...]]:
    spike, trials = record["spike"], record.sizes["trial"]
    up, down = int((spike > 0).sum()), int((spike < 0).sum())
    return [
        ("spikes", f"{up} positive, {down} negative; {(up + down) / trials:.3g} per trial"),
        ("levels", f"{format(record.attrs['low'], 'V', 4)} and {format(record.attrs['high'], 'V', 4)}"),
        ("energy", f"{format(float(record['energy'].mean()), 'J', 4)} per trial"),
        ("", f"{_number(float(record['energy_per_spike']), 'J')} per spike"),
    ]


def _spikes(record: xr.Dataset) -> list[Table]:
    return [Table(_conditions(record.attrs) + _spike_rows(record))]


def _evolution(record: xr.Dataset) -> list[Table]:
    if "design" not in record.dims:
        return [Table(_conditions(record.attrs))]
    header = ("design", "tau", "gain", "R^2", "RMSE", "leak by damping")
    rows: list[tuple[str, ...]] = [header]
    verdicts: list[tuple[str, ...]] = []
    for name in record["design"].values:
        one = record.sel(design=name)
        tau, gain, r2, rmse, leak = (
            float(one[key]) for key in ("tau_membrane", "gain", "r2", "rmse", "leak_rate")
        )  # fmt: skip
        rate = f"{leak * 1e-9:+.3g} 1/ns"
        rows.append((str(name), _number(tau, "s"), _number(gain, "1/V"), f"{r2:.4f}", f"{rmse:.4f}", rate))
        verdicts.append((f"{name}:", _verdict(one, r2, leak)))
    return [Table(_conditions(record.attrs)), Table(rows), Table(verdicts)]


def _verdict(one: xr.Dataset, r2: float, leak: float) -> str:
    """How much of a leaky integrate-and-fire neuron a design is."""
    low, high = float(one["membrane"].min()), float(one["membrane"].max())
    larger = max(abs(low), abs(high))
    symmetry = min(max(high, 0.0), max(-low, 0.0)) / larger if larger > 0.0 else 0.0
    damping = "restores" if leak > 0.0 else "drives away"
    sides = f"smaller swing {100.0 * symmetry:.0f} % of the larger one ({low:.2f} to {high:.2f})"
    return f"a LIF neuron explains {100.0 * max(r2, 0.0):.1f} % of the variance; damping {damping}; {sides}"


def _window(window: xr.Dataset) -> list[Table]:
    made = [Table(_reference(window), "nearest grid point to the reference design"), Table(_counts(window), "regimes")]
    lines = _lines(window)
    if lines:
        made.append(Table(lines, "edges of the window"))
    return made + [Table([(note,)]) for note in _notes(window)]


def _reference(window: xr.Dataset) -> list[tuple[str, ...]]:
    device = Device.from_json(window.attrs["device"])
    one = at_reference(window, **{name: getattr(device, name) for name in DIMENSIONS})
    width, length, thickness = (float(one[name]) for name in DIMENSIONS)
    rows: list[tuple[str, ...]] = [
        ("W x L x T", _sizes(one)),
        ("W : L : T", f"2 : {2.0 * length / width:.3g} : {2.0 * thickness / width:.3g}"),
    ]
    trials = int(window.attrs["trials"])
    if "fraction" in one and trials > 1:
        for number, name in enumerate(REGIMES):
            share = float(one["fraction"][number])
            low, high = interval(round(share * trials), trials)
            text = f"{100 * share:.1f} % of the trials ({100 * low:.1f} to {100 * high:.1f} %)"
            rows.append((f"regime {number}", f"{text}, {name.replace('_', ' ')}"))
    else:
        number = int(one["regime"])
        rows.append(("regime", f"{number}, {REGIMES[number].replace('_', ' ')}"))
    for name, unit, error in (
        ("peak", "1", ""),
        ("residual", "1", ""),
        ("crossing_time", "s", ""),
        ("tau_membrane", "s", "tau_membrane_error"),
        ("gain", "1/V", "gain_error"),
        ("fit_r2", "1", ""),
        ("voltage", "V", ""),
    ):
        if name in one:
            spread = float(one[error]) if error else math.nan
            rows.append((name.replace("_", " "), _number(float(one[name]), unit, spread)))
    return rows


def _counts(window: xr.Dataset) -> list[tuple[str, ...]]:
    total, trials = int(window["regime"].size), int(window.attrs["trials"])
    rows: list[tuple[str, ...]] = []
    for number, name in enumerate(REGIMES):
        count = int((window["regime"] == number).sum())
        row: tuple[str, ...] = (
            f"{number} {name.replace('_', ' ')}",
            f"{count} of {total} pillars",
            f"{100.0 * count / total:.2f} %",
        )
        if trials > 1 and "fraction" in window:
            # Of all trials of all pillars, whatever the most frequent regime of each.
            row += (f"{100.0 * float(window['fraction'].isel(regime_name=number).mean()):.2f} % of all trials",)
        rows.append(row)
    return rows


def _lines(window: xr.Dataset) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for held, (x, y) in PLANES.items():
        for edge in EDGES:
            one = window.sel(held=held, edge=edge)
            slope, intercept, r2 = (float(one[f"boundary_{name}"]) for name in ("slope", "intercept", "r2"))
            if math.isfinite(slope):
                sign = "-" if intercept < 0.0 else "+"
                line = f"{_LETTER[y]} = {slope:.3f} {_LETTER[x]} {sign} {abs(intercept) * 1e9:.2f} nm"
                rows.append((f"{held} held, {edge}", line, f"R^2 = {r2:.4f}"))
    return rows


def _notes(window: xr.Dataset) -> list[str]:
    notes = []
    if "regime_closed_form" in window:
        same = 100.0 * agreement(window)
        works = (window["regime"] == LIF) | (window["regime_closed_form"] == LIF)
        inside = 100.0 * float((window["regime"] == window["regime_closed_form"]).where(works).mean())
        near = f", {inside:.1f} % where either says 1" if math.isfinite(inside) else ""
        notes.append(f"closed-form rule: same regime for {same:.2f} % of the pillars{near}")
    over = window["over_breakdown"] == 1
    if bool(over.any()):
        limit = format(Device.from_json(window.attrs["device"]).breakdown_voltage, "V", 4)
        share = 100.0 * float(over.mean())
        top = format(float(window["voltage"].max()), "V", 4)
        where = f"in {share:.3g} % of the pillars (up to {top})"
        notes.append(f"warning: the pulse exceeds the breakdown voltage, {limit}, {where}")
    return notes


def _circuit(figures: xr.Dataset) -> list[Table]:
    rows: list[tuple[str, ...]] = [("", "here", "published", "assumption")]
    words = zip(*(figures[name].values for name in ("group", "name", "unit", "assumption")), strict=True)
    numbers = zip(figures["value"].values, figures["published"].values, strict=True)
    group = ""
    for (section, name, unit, assumption), (value, published) in zip(words, numbers, strict=True):
        if section != group:
            rows.append((section, "", "", ""))
            group = section
        printed = _circuit_number(published, unit) if math.isfinite(published) else ""
        rows.append((f"  {name}", _circuit_number(value, unit), printed, assumption))
    return [Table(rows)]


def _circuit_number(value: float, unit: str) -> str:
    """Circuits are told in um^2, and rare failures in ppm."""
    return f"{value * 1e12:.4g} um^2" if unit == "m^2" else format(value, unit, 4)


def _neuron(model: Any) -> Table:
    rows: list[tuple[str, ...]] = [("model", model.MODEL)]
    for name, unit in model.UNITS.items():
        value = getattr(model, name)
        error = model.uncertainties.get(name, math.nan)
        if name in model.VECTORS:
            errors = error if isinstance(error, tuple) else (error,) * len(value)
            text = ", ".join(_number(*pair) for pair in zip(value, (unit,) * len(value), errors, strict=True))
        else:
            text = "subtracts the threshold" if value is None else _number(value, unit, error)
        rows.append((name.replace("_", " "), text))
    if isinstance(model, Sigmoid):
        rows.append(("decay per step", ", ".join(f"{decay:.4g}" for decay in model.decay)))
    if model.statistics is not None:
        rows += _goodness(model.statistics)
    for name, (low, high) in model.valid.items():
        unit = model.VALID_UNITS[name]
        span = format(low, unit, 4) if low == high else f"{format(low, unit, 4)} to {format(high, unit, 4)}"
        rows.append((f"valid {name.replace('_', ' ')}", span))
    return Table(rows)


def _goodness(fit: FitStatistics) -> list[tuple[str, ...]]:
    """How well a surrogate fits, and which of its assumptions the data refuse."""
    rows: list[tuple[str, ...]] = [("fit", f"R^2 = {fit.r2:.4f}, RMSE = {fit.rmse:.4f}")]
    if not isinstance(fit, CurveStatistics):
        return [*rows, ("samples", f"{fit.n}, {fit.n_effective:.4g} independent")]
    rows.append(("points", f"{fit.n}, deviance {fit.deviance:.4g} for {fit.freedom:.0f} degrees of freedom"))
    for name, text in (
        ("p_value", "curves are sigmoids"),
        ("shape_p_value", "only x0 moves"),
        ("heat_p_value", "shift follows the amplitude"),
        ("cooling_p_value", "shift decays as said"),
    ):
        if math.isfinite(value := getattr(fit, name)):
            rows.append((text, f"p = {value:.2g}" + ("" if value >= 1.0 - LEVEL else ", refused")))
    return rows


def _device(device: Device) -> Table:
    ohm = [format(device.resistance(cosine), "ohm", 4) for cosine in (1.0, -1.0)]
    factors = ", ".join(f"{factor:.5f}" for factor in device.demagnetizing_factors)
    rows: list[tuple[str, ...]] = [
        ("device", f"{device.name}: {device.description}"),
        ("shape", f"{device.geometry}, W x L x T = {_sizes(device)}"),
        ("demagnetizing factors", f"{factors} along W, L, T"),
        ("free layer", f"Ms = {format(device.Ms, 'A/m')}, alpha = {device.alpha:g}, Ku = {format(device.Ku, 'J/m^3')}"),
        ("pinned layer", json.dumps(device.pinned)),
        ("resistance", f"{ohm[0]} to {ohm[1]}"),
        ("breakdown", format(device.breakdown_voltage, "V")),
        ("temperature", format(device.temperature, "K")),
    ]
    return Table(rows)


def _switching(curve: xr.Dataset) -> list[Table]:
    measured = curve["trials"] > 0
    (name,) = [str(one) for one in curve["switched"].dims if one != "voltage"] or [""]
    volts = curve["voltage"].values
    span = f"{format(volts.min(), 'V', 4)} to {format(volts.max(), 'V', 4)}"
    rows: list[tuple[str, ...]] = [
        ("switching", f"{int(measured.sum())} points, {span}, {int(curve['trials'].sum())} trials"),
        *_file(curve.attrs),
    ]
    where = midpoint(curve)
    header: tuple[str, ...] = (name or "state", "points", "midpoint", "interval")
    states: list[tuple[str, ...]] = [header]
    for i in range(curve.sizes[name] if name else 1):
        at = {name: i} if name else {}
        one, count = where.isel(at), int(measured.isel(at).sum())
        label = format(float(curve[name][i]), curve[name].attrs["units"], 4) if name else "no pulse before"
        ends = " to ".join(_number(float(one[end]), "V") for end in ("low", "high"))
        states.append((label, str(count), _number(float(one["midpoint"]), "V"), ends))
    return [Table(rows), Table(states)]


def _file(attrs: dict) -> list[tuple[str, ...]]:
    return [("file", attrs["file"].replace("\n", ", "))] if "file" in attrs else []


def _shifts(shifts: xr.Dataset) -> list[Table]:
    values = shifts["delta_x0"].values
    span = f"{format(values.min(), 'V', 4)} to {format(values.max(), 'V', 4)}"
    rows: list[tuple[str, ...]] = [("shifts", f"{values.size} rows, {span}"), *_file(shifts.attrs)]
    if "uncertainty" in shifts:
        rows.append(("uncertainty", f"{format(float(shifts['uncertainty'].median()), 'V', 3)} (median)"))
    return [Table(rows)]


def _validation(rows: xr.Dataset) -> list[Table]:
    attrs = rows.attrs
    unit = "V" if attrs["compared"] == "shift" else "%"
    limit = f", tolerance {format(attrs['tolerance'], unit, 4)}" if "tolerance" in attrs else ""
    said: list[tuple[str, ...]] = [
        ("neuron", attrs.get("neuron_name", json.loads(attrs["neuron"])["model"])),
        *_file(attrs),
        ("rows", f"{attrs['n']}, {'shifts of the midpoint' if unit == 'V' else 'switching probabilities'}"),
        ("RMSE", format(attrs["rmse"], unit, 4) + limit),
        ("R^2", f"{attrs['r2']:.4f}" if math.isfinite(attrs["r2"]) else "none"),
        ("bias", f"{format(attrs['bias'], unit, 4)} (measured minus neuron)"),
    ]
    if "p_value" in attrs:
        name = "chi2" if "chi2" in attrs else "deviance"
        label = {"chi2": "chi^2"}.get(name, name)
        said.append((label, f"{attrs[name]:.4g} for {attrs['n']} rows, p = {attrs['p_value']:.2g}"))
    worst = rows.isel(row=attrs["worst"])
    values = ", ".join(f"{name} {format(float(worst[name]), unit, 4)}" for name in ("measured", "model", "residual"))
    said += [("worst row", f"{_described(worst)}"), ("", values)]
    if outside := int((rows["inside"] == 0).sum()):
        said.append(("extrapolated", f"{outside} of the rows, beyond the ranges of the neuron's calibration"))
    return [Table(said)]


def _described(row: xr.Dataset) -> str:
    """What came before one row of a validation, and at which voltage it was probed."""
    words = [f"line {int(row['line'])}"] if "line" in row else []
    if "sequence" in row and row["sequence"].item():
        words.append(f"sequence {row['sequence'].item()} V")
    # What is usual is not said: one pulse, no delay.
    usual = {"pulses": (0.0, 1.0), "delay": (0.0,)}
    for name in ("voltage", "amplitude", "pulses", "duration", "delay"):
        value = float(row[name]) if name in row else math.nan
        if math.isfinite(value) and value not in usual.get(name, ()):
            words.append(f"{name} {format(value, row[name].attrs.get('units', '1'), 4)}")
    return ", ".join(words)


_DATASETS: dict[str, Callable[[xr.Dataset], list[Table]]] = {
    "spinneuron-run": _run,
    "spinneuron-window": _window,
    "spinneuron-evolution": _evolution,
    "spinneuron-spikes": _spikes,
    "spinneuron-switching": _switching,
    "spinneuron-shift": _shifts,
    "spinneuron-validation": _validation,
    "spinneuron-circuit": _circuit,
}
