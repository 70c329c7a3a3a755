"""What a junction remembers, in a few lines."""

import json

import numpy as np
import xarray as xr

from spinneuron.capacity.design import best
from spinneuron.quantity import format
from spinneuron.summary.memory import deficits
from spinneuron.summary.table import Table


def capacity(bounds: xr.Dataset) -> list[Table]:
    """Summarize bounds of the n-back score and of recall.

    Parameters
    ----------
    bounds : xarray.Dataset

    Returns
    -------
    list of Table
    """
    attrs = bounds.attrs
    sets = f"{bounds.sizes['code']} set{'s' if bounds.sizes['code'] > 1 else ''} of codes"
    readings = f"{attrs['readings']} readings, {sets}, seed {attrs['seed']}"
    rows: list[tuple[str, ...]] = [
        *_neuron(attrs),
        ("n-back", f"{attrs['items']} patterns, {attrs['steps']} steps, blocks of {attrs['side'] ** 2} pixels"),
        ("bound", f"{readings}; at most {int(bounds['lags'].max())} lags enumerated"),
        ("errors", f"PR {float(bounds['error'].max()):.2g} (1 sigma), by the last lag {_worst(bounds):.2g}"),
    ]
    table: list[tuple[str, ...]] = [("largest PR", *(f"n = {n}" for n in bounds["n"].values))]
    told: list[tuple[str, ...]] = [("d' of a block", *(f"lag {lag}" for lag in bounds["lag"].values))]
    for i, many in enumerate(bounds["junctions"].values):
        one = bounds.isel(junctions=i)
        cells = zip(one["pr"].values, one["error"].values, strict=True)
        table.append((f"N = {many}", *(f"{pr:.3f} +- {error:.3f}" for pr, error in cells)))
        if bounds.sizes["code"] > 1:
            ends = zip(one["pr_of_code"].min("code").values, one["pr_of_code"].max("code").values, strict=True)
            table.append(("  by codes", *(f"{low:.3f} to {high:.3f}" for low, high in ends)))
        told.append((f"N = {many}", *(f"{value:.2f}" for value in one["d_prime"].values)))
    more = [_recall(bounds), *_under_interference(bounds)] if "recall" in bounds else []
    return [Table(rows), Table(table), Table(told), *more, *_doubts(bounds)]


def _recall(bounds: xr.Dataset) -> Table:
    """Free recall: mean over the list, what the posterior promises itself, and the last positions."""
    last = bounds["position"].values[-5:]
    rows: list[tuple[str, ...]] = [("free recall", "mean", "promised", *(f"item {position}" for position in last))]
    for i, many in enumerate(bounds["junctions"].values):
        for j, delay in enumerate(bounds["delay"].values):
            one = bounds.isel(junctions=i, delay=j)
            mean = f"{float(one['recall_mean']):.3f} +- {float(one['recall_mean_error']):.3f}"
            items = (f"{value:.2f}" for value in one["recall"].values[-5:])
            rows.append((f"N = {many}, delay {delay}", mean, f"{float(one['recall_predicted']):.3f}", *items))
    return Table(rows)


def _under_interference(bounds: xr.Dataset) -> list[Table]:
    """Recall of a target: the mean over the conditions, which is the bound, each condition, and what is lost."""
    tables, signs = [], {"true": "cue", "false": "no cue"}
    for name, title in (("interference", "interference"), ("cued_recall", "cued recall")):
        option = str(bounds[name].dims[1])
        header = (title, "mean", *map(str, bounds["condition"].values), "loss [%], before", "after")
        rows: list[tuple[str, ...]] = [header]
        for many in bounds["junctions"].values:
            for value in bounds[option].values:
                one = bounds.sel({"junctions": many, option: value})
                rows.append((
                    f"N = {many}, {signs.get(str(value), value)}",
                    f"{float(one[f'{name}_mean']):.4f} +- {float(one[f'{name}_mean_error']):.4f}",
                    *(f"{share:.3f}" for share in one[name].values),
                    *_losses(one[name].values, one[f"{name}_error"].values, deficits(one[name]).values),
                ))  # fmt: skip
        worst = float(bounds[f"{name}_error"].max())
        told = f"the mean is the bound; the conditions are those of the rule that has it, counted: 1 sigma {worst:.2g}"
        tables.append(Table(rows, told))
    return tables


def _losses(recall: np.ndarray, errors: np.ndarray, lost: np.ndarray) -> list[str]:
    """Losses against the control, which comes first, with the errors of a ratio; a dash where there are none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        bars = np.hypot(errors, (1.0 - lost) * errors[0]) / recall[0]
    pairs = zip(100.0 * lost[1:], 100.0 * bars[1:], strict=True)
    return [f"{part:.1f} +- {bar:.1f}" if np.isfinite(part) else "-" for part, bar in pairs]


def design(map_: xr.Dataset) -> list[Table]:
    """Summarize a map over decay and gain.

    Parameters
    ----------
    map_ : xarray.Dataset

    Returns
    -------
    list of Table
    """
    attrs, found = map_.attrs, best(map_)
    decays, gains = map_["decay"].values, map_["gain"].values
    span = (
        f"{len(decays)} decays, {decays[0]:g} to {decays[-1]:g}; {len(gains)} gains, {gains[0]:.3g} to {gains[-1]:.3g}"
    )
    own = ", ".join(f"{one:.3g}" for one in np.atleast_1d(attrs["own_decay"]))
    rows: list[tuple[str, ...]] = [
        *_neuron(attrs),
        ("its gain", f"k heat(V) = {attrs['own_gain']:.3g}, decay {own} per {format(attrs['time_step'], 's', 4)}"),
        ("map", span),
        ("errors", f"PR {float(map_['error'].max()):.2g} (1 sigma), by the last lag {_worst(map_):.2g}"),
    ]
    header = ("", "the neuron", "best tau, its gain", "decay", "PR", "best tau and gain", "decay", "gain", "PR")
    table: list[tuple[str, ...]] = [header]
    for i, many in enumerate(map_["junctions"].values):
        for j, n in enumerate(map_["n"].values):
            one = {name: float(found[name][i, j]) for name in found.data_vars}
            at_own, top = (format(one[name], "s", 3) for name in ("tau_at_own", "tau"))
            table.append((
                f"N = {many}, n = {n}", f"{float(map_['own_pr'][i, j]):.3f}",
                at_own, _edged(one["decay_at_own"], decays), f"{one['pr_at_own']:.3f}",
                top, _edged(one["decay"], decays), _edged(one["gain"], gains), f"{one['pr']:.3f}",
            ))  # fmt: skip
    return [Table(rows), Table(table, "* at the edge of the map"), *_doubts(map_)]


def _neuron(attrs: dict) -> list[tuple[str, ...]]:
    """The neuron and the volts of a pulse; whether these lie outside of its calibration."""
    content = json.loads(attrs["neuron"])
    name = attrs.get("neuron_name", content["model"])
    volts = attrs["voltage"]
    rows: list[tuple[str, ...]] = [("neuron", f"{name}, read and heated by {format(volts, 'V', 4)}")]
    for key in ("voltage", "amplitude"):
        ends = content["valid"].get(key)
        if ends and not ends["min"] <= volts <= ends["max"]:
            low, high = (format(ends[end], "V", 4) for end in ("min", "max"))
            rows.append(("extrapolated", f"{format(volts, 'V', 4)}: its {key} was calibrated from {low} to {high}"))
    return rows


def _edged(value: float, grid: np.ndarray) -> str:
    """A number of a grid, marked where the grid ends."""
    return f"{value:.3g}{'*' if value in (grid[0], grid[-1]) else ''}"


def _worst(bounds: xr.Dataset) -> float:
    """Largest change by the last enumerated lag; 0 where none was missing."""
    return float(bounds["truncation"].max())


def _doubts(bounds: xr.Dataset) -> list[Table]:
    """Say where the likelihoods are not exact enough: PR of the decisions lies below PR of the posteriors."""
    gap = bounds["pr"] - bounds["counted"]
    doubtful = (gap > 3.0 * np.hypot(bounds["error"], bounds["counted_error"])) | (bounds["truncation"] > 0.01)
    count = int(doubtful.sum())
    if not count:
        return []
    remedy = "allow more --lags; PR is known to lie between `counted` and, about, `pr` there"
    return [Table([("not settled", f"{count} of {doubtful.size} bounds: {remedy}")])]
