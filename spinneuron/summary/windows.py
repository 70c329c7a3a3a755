"""Design windows in a few lines."""

import math

import xarray as xr

from spinneuron.device import Device
from spinneuron.quantity import format
from spinneuron.statistics import interval
from spinneuron.summary.table import Table, number, sizes
from spinneuron.window.boundaries import EDGES, PLANES
from spinneuron.window.regimes import LIF, REGIMES
from spinneuron.window.spec import DIMENSIONS
from spinneuron.window.survey import agreement, at_reference

_LETTER = {"width": "W", "length": "L", "thickness": "T"}


def window(window: xr.Dataset) -> list[Table]:
    """Summarize a design window.

    Parameters
    ----------
    window : xarray.Dataset

    Returns
    -------
    list of Table
    """
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
        ("W x L x T", sizes(one)),
        ("W : L : T", f"2 : {2.0 * length / width:.3g} : {2.0 * thickness / width:.3g}"),
    ]
    trials = int(window.attrs["trials"])
    if "fraction" in one and trials > 1:
        for code, name in enumerate(REGIMES):
            share = float(one["fraction"][code])
            low, high = interval(round(share * trials), trials)
            text = f"{100 * share:.1f} % of the trials ({100 * low:.1f} to {100 * high:.1f} %)"
            rows.append((f"regime {code}", f"{text}, {name.replace('_', ' ')}"))
    else:
        code = int(one["regime"])
        rows.append(("regime", f"{code}, {REGIMES[code].replace('_', ' ')}"))
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
            rows.append((name.replace("_", " "), number(float(one[name]), unit, spread)))
    return rows


def _counts(window: xr.Dataset) -> list[tuple[str, ...]]:
    total, trials = int(window["regime"].size), int(window.attrs["trials"])
    rows: list[tuple[str, ...]] = []
    for code, name in enumerate(REGIMES):
        count = int((window["regime"] == code).sum())
        row: tuple[str, ...] = (
            f"{code} {name.replace('_', ' ')}",
            f"{count} of {total} pillars",
            f"{100.0 * count / total:.2f} %",
        )
        if trials > 1 and "fraction" in window:
            # Of all trials of all pillars, whatever the most frequent regime of each.
            row += (f"{100.0 * float(window['fraction'].isel(regime_name=code).mean()):.2f} % of all trials",)
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
