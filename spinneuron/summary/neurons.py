"""Neurons, devices and circuits in a few lines."""

import json
import math
from typing import Any

import xarray as xr

from spinneuron.device import Device
from spinneuron.quantity import format
from spinneuron.statistics import LEVEL
from spinneuron.summary.table import Table, number, sizes
from spinneuron.surrogates.fit_statistics import CurveStatistics, FitStatistics
from spinneuron.surrogates.sigmoid import Sigmoid


def neuron(model: Any) -> Table:
    """Summarize a neuron.

    Parameters
    ----------
    model : surrogate

    Returns
    -------
    Table
    """
    rows: list[tuple[str, ...]] = [("model", model.MODEL)]
    for name, unit in model.UNITS.items():
        value = getattr(model, name)
        error = model.uncertainties.get(name, math.nan)
        if name in model.VECTORS:
            errors = error if isinstance(error, tuple) else (error,) * len(value)
            text = ", ".join(number(*pair) for pair in zip(value, (unit,) * len(value), errors, strict=True))
        else:
            text = "subtracts the threshold" if value is None else number(value, unit, error)
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


def device(device: Device) -> Table:
    """Summarize a device.

    Parameters
    ----------
    device : Device

    Returns
    -------
    Table
    """
    ohm = [format(device.resistance(cosine), "ohm", 4) for cosine in (1.0, -1.0)]
    factors = ", ".join(f"{factor:.5f}" for factor in device.demagnetizing_factors)
    fourth = f", Ku2 = {format(device.Ku2, 'J/m^3')}" if device.Ku2 else ""
    layer = f"Ms = {format(device.Ms, 'A/m')}, alpha = {device.alpha:g}, Ku = {format(device.Ku, 'J/m^3')}{fourth}"
    rows: list[tuple[str, ...]] = [
        ("device", f"{device.name}: {device.description}"),
        ("shape", f"{device.geometry}, W x L x T = {sizes(device)}"),
        ("demagnetizing factors", f"{factors} along W, L, T"),
        ("free layer", layer),
        ("pinned layer", json.dumps(device.pinned)),
        ("resistance", f"{ohm[0]} to {ohm[1]}"),
        ("breakdown", format(device.breakdown_voltage, "V")),
        ("temperature", format(device.temperature, "K")),
    ]
    return Table(rows)


def circuit(figures: xr.Dataset) -> list[Table]:
    """Summarize circuit figures.

    Parameters
    ----------
    figures : xarray.Dataset

    Returns
    -------
    list of Table
    """
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
