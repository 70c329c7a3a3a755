"""Scores of the memory experiments, in a few lines."""

import json

import numpy as np
import xarray as xr

from spinneuron.quantity import format
from spinneuron.summary.table import Table

CUE_PUBLISHED = {"false": 17.1, "true": 2.5}
"""Deficit of recall by a distractor after the target [%], without and with cue (fig. S5)."""

NEARLY_NONE = 0.1
"""A recall that is next to that of chance, 0.02 to 0.04: it has nothing to lose."""


def memory(study: xr.Dataset) -> list[Table]:
    """Summarize a study: mean and standard deviation over the seeds.

    Parameters
    ----------
    study : xarray.Dataset
        Of kind "spinneuron-memory".

    Returns
    -------
    list of Table
    """
    attrs = study.attrs
    training = json.loads(attrs["training"])
    iterations = sorted(set(json.loads(attrs["iterations"]).values()))
    spans = str(iterations[0]) if len(iterations) == 1 else f"{iterations[0]} to {iterations[-1]}"
    samples = f"{attrs['samples']} samples per unit" if attrs["samples"] else "expectations"
    said: list[tuple[str, ...]] = [
        ("experiment", attrs["title"]),
        ("junctions", f"{samples}, {format(float(attrs['voltage']), 'V', 4)} on lit pixels"),
        ("training", f"{spans} iterations of {training['batch']} trials; {training['tests']} trials of test"),
        ("networks", f"{study.sizes['seed']} of each kind"),
        ("wall time", f"{format(float(attrs['wall_time']), 's', 3)} of all networks together, one thread each"),
    ]
    return [Table(said), *_SCORES[attrs["experiment"]](study)]


def _cell(values: xr.DataArray, scale: float = 1.0, digits: int = 3) -> str:
    """Mean and standard deviation of all values; a dash where there are none."""
    numbers = scale * values.values.ravel()
    if np.isnan(numbers).any():
        return "-"
    spread = f" +- {numbers.std(ddof=1):.{digits}f}" if len(numbers) > 1 else ""
    return f"{numbers.mean():.{digits}f}{spread}"


def _n_back(study: xr.Dataset) -> list[Table]:
    titles = json.loads(study.attrs["titles"])
    rows: list[tuple[str, ...]] = [("PR", *(f"n = {n}" for n in study["n"].values))]
    if "bound" in study:
        rows.append(("ideal observer", *(f"{value:.3f}" for value in study["bound"].values)))
    for model in study["model"].values:
        cells = (_cell(study["pr"].sel(model=model, n=n)) for n in study["n"].values)
        rows.append((titles[str(model)], *cells))
    return [Table(rows)]


def _interference(study: xr.Dataset) -> list[Table]:
    return [_recall(study, {"one-hot": "dissimilar", "4-of-9": "similar"})]


def _cued(study: xr.Dataset) -> list[Table]:
    table = _recall(study, {"false": "no cue", "true": "cue"})
    told = ", ".join(
        f"{value:g} % {'with' if cue == 'true' else 'without'} cue" for cue, value in CUE_PUBLISHED.items()
    )
    return [Table(table.rows, f"published deficit by a distractor after the target: {told}")]


def _recall(study: xr.Dataset, names: dict[str, str]) -> Table:
    option = study.attrs["option"]
    conditions = [str(name) for name in study["condition"].values]
    rows: list[tuple[str, ...]] = [("recall of the target", "", *conditions, "mean", "loss [%], before", "after")]
    for model, name, scores in _with_observer(study):
        for value in study[option].values:
            one = scores.sel({option: value})
            cells = (_cell(one.sel(condition=condition)) for condition in conditions)
            mean = _cell(one.mean("condition") if model else study["bound_mean"].sel({option: value}))
            lost = deficits(one)
            deficit = (_cell(lost.sel(condition=condition), 100.0, 1) for condition in ("proactive", "retroactive"))
            rows.append((name, names[str(value)], *cells, mean, *deficit))
    return Table(rows)


def _with_observer(study: xr.Dataset) -> list[tuple[str, str, xr.DataArray]]:
    """Name, title and recall of each network, and before them of the ideal observer, which has no name."""
    titles = json.loads(study.attrs["titles"])
    there = [("", "ideal observer", study["bound"])] if "bound" in study else []
    return there + [(str(name), titles[str(name)], study["accuracy"].sel(model=name)) for name in study["model"].values]


def deficits(accuracy: xr.DataArray) -> xr.DataArray:
    """Compute how much of the recall of the control a distractor costs, where there is recall.

    Parameters
    ----------
    accuracy : xarray.DataArray [1]
        With the dimension ``condition``.

    Returns
    -------
    xarray.DataArray [1]
        ``1 - accuracy / accuracy of the control``; NaN where no more than `NEARLY_NONE` of the control is recalled.
    """
    control = accuracy.sel(condition="control", drop=True)
    return 1.0 - accuracy / control.where(control > NEARLY_NONE)


def _free_recall(study: xr.Dataset) -> list[Table]:
    last = [int(p) for p in study["position"].values[-5:]]
    header = ("recall at position", "delay", "1 to 3", *(str(p) for p in last), "mean", "recency effect [%]")
    rows: list[tuple[str, ...]] = [header]
    for model, name, scores in _with_observer(study):
        for delay in study["delay"].values:
            one = scores.sel(delay=delay)
            first = _cell(one.isel(position=slice(0, 3)).mean("position"))
            cells = (_cell(one.sel(position=p)) for p in last)
            recency = _cell(study["recency"].sel(model=model, delay=delay), 100.0, 1) if model else ""
            rows.append((name, str(delay), first, *cells, _cell(one.mean("position")), recency))
    return [Table(rows, f"by chance: {len(study['position']) / 50:.2f}")]


_SCORES = {"n-back": _n_back, "interference": _interference, "cued-recall": _cued, "free-recall": _free_recall}
