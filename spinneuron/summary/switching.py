"""Switching curves, shifts of the midpoint, and what a neuron makes of them, in a few lines."""

import json
import math

import numpy as np
import xarray as xr

from spinneuron.quantity import InputError, format
from spinneuron.statistics import LEVEL, midpoint
from spinneuron.summary.table import Table, number
from spinneuron.surrogates.sigmoid_fit import fit_curves


def switching(curve: xr.Dataset) -> list[Table]:
    """Summarize switching curves.

    Parameters
    ----------
    curve : xarray.Dataset

    Returns
    -------
    list of Table
    """
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
        label = format(float(curve[name][i]), curve[name].attrs["units"], 4) if name else _before(curve.attrs)
        ends = " to ".join(number(float(one[end]), "V") for end in ("low", "high"))
        states.append((label, str(count), number(float(one["midpoint"]), "V"), ends))
    return [Table([*rows, *([] if name else _sigmoid(curve))]), Table(states)]


def _before(attrs: dict) -> str:
    return "no pulse before" if attrs.get("before", "[]") == "[]" else "after the pulses before"


def _sigmoid(curve: xr.Dataset) -> list[tuple[str, ...]]:
    """The sigmoid of one curve, and whether the curve is one."""
    try:
        fit = fit_curves(curve)
    except InputError as error:
        return [("sigmoid", f"none: {error}")]
    errors = dict(zip(fit.names, np.sqrt(np.diag(fit.covariance)).tolist(), strict=True))
    parts = [f"k = {number(fit.k, '1/V', errors['k'])}", f"x0 = {number(float(fit.x0[0]), 'V', errors['x0[0]'])}"]
    refused = "" if fit.p_value >= 1.0 - LEVEL else ": the curve is no sigmoid"
    gap = np.sqrt(np.mean((fit.points.s / fit.points.n - fit.probability) ** 2))
    return [("sigmoid", ", ".join(parts)), ("its misfit", f"{100 * gap:.2g} % rms, p = {fit.p_value:.2g}{refused}")]


def write_error(found: xr.Dataset) -> list[Table]:
    """Summarize write errors.

    Parameters
    ----------
    found : xarray.Dataset

    Returns
    -------
    list of Table
    """
    widths, worst = found["width"].values, float(found["error"].max())
    span = f"{format(widths.min(), 's', 4)} to {format(widths.max(), 's', 4)}"
    count = f"{found['write_error'].size} pulses, {span}"
    rows: list[tuple[str, ...]] = [("write errors", count), ("numerical error", f"{worst:.1e}, relative")]
    picked = np.unique(np.linspace(0, len(widths) - 1, 5).round().astype(int))
    table: list[tuple[str, ...]] = [("voltage", *(format(widths[i], "s", 4) for i in picked))]
    for one in found["write_error"]:
        table.append((format(float(one["voltage"]), "V", 4), *(f"{float(one[i]):.4g}" for i in picked)))
    return [Table(rows), Table(table)]


def _file(attrs: dict) -> list[tuple[str, ...]]:
    return [("file", attrs["file"].replace("\n", ", "))] if "file" in attrs else []


def shifts(shifts: xr.Dataset) -> list[Table]:
    """Summarize midpoint shifts.

    Parameters
    ----------
    shifts : xarray.Dataset

    Returns
    -------
    list of Table
    """
    values = shifts["delta_x0"].values
    span = f"{format(values.min(), 'V', 4)} to {format(values.max(), 'V', 4)}"
    rows: list[tuple[str, ...]] = [("shifts", f"{values.size} rows, {span}"), *_file(shifts.attrs)]
    if "uncertainty" in shifts:
        rows.append(("uncertainty", f"{format(float(shifts['uncertainty'].median()), 'V', 3)} (median)"))
    return [Table(rows)]


def validation(rows: xr.Dataset) -> list[Table]:
    """Summarize a validation.

    Parameters
    ----------
    rows : xarray.Dataset

    Returns
    -------
    list of Table
    """
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
