"""Figures of the memory experiments in the layout of the published ones, with points where numbers are printed."""

import json
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spinneuron.plotting.style import BLACK, BLUE, GRAY, GREEN, ORANGE, PURPLE, RED, SKY, WIDTH, figure, letters, styled
from spinneuron.summary.memory import CUE_PUBLISHED, deficits

_LOOKS: dict[str, dict[str, Any]] = {
    "ipnet": {"color": BLUE, "marker": "o"},
    "ipnet-hidden": {"color": ORANGE, "marker": "s"},
    "ipnet-both": {"color": GREEN, "marker": "D"},
    "ipnet-fixed-reference": {"color": BLUE, "marker": "o", "markerfacecolor": "white"},
    "no-plasticity": {"color": GRAY, "marker": "x"},
    "lstm": {"color": BLACK, "marker": "^"},
    "rnn": {"color": PURPLE, "marker": "v"},
    "lif": {"color": RED, "marker": "P"},
    "lif-tuned": {"color": SKY, "marker": "*"},
}
_PLACES = ("ipnet", "ipnet-hidden", "ipnet-both")
_BOUNDED = ("ipnet", "ipnet-fixed-reference")
"""Networks with heat in the input layer alone: what the ideal observer bounds."""
_DELAYS = (BLUE, ORANGE, GRAY, GREEN, PURPLE, SKY)
_OBSERVER: dict[str, Any] = {"linestyle": (0, (4, 2)), "linewidth": 0.9, "label": "ideal observer of the input layer"}
_CHANCE: dict[str, Any] = {"color": GRAY, "linewidth": 0.7, "linestyle": ":", "zorder": 0}


def memory(study: xr.Dataset) -> Figure:
    """Draw a study: means over the seeds, bars of one standard deviation.

    Parameters
    ----------
    study : xarray.Dataset
        Of kind "spinneuron-memory".

    Returns
    -------
    matplotlib.figure.Figure
    """
    return _DRAWN[study.attrs["experiment"]](study)


def _spread(values: xr.DataArray) -> xr.DataArray:
    """Standard deviation over the seeds; 0 of one seed."""
    return values.std("seed", ddof=1) if values.sizes["seed"] > 1 else 0.0 * values.mean("seed")


def _line(axes: Axes, x: np.ndarray, values: xr.DataArray, **look: Any) -> None:
    settings = {"markersize": 4, "capsize": 2, "elinewidth": 0.8} | look
    axes.errorbar(x, values.mean("seed"), _spread(values), **settings)


@styled
def _n_back(study: xr.Dataset) -> Figure:
    """Networks beside each other (fig. 2B), and where the plastic layer sits (fig. S7)."""
    titles, there = json.loads(study.attrs["titles"]), [str(name) for name in study["model"].values]
    places = [name for name in there if name in _PLACES]
    groups = [[name for name in there if name not in _PLACES[1:]], places if len(places) > 1 else []]
    groups = [group for group in groups if group]
    fig = figure(width=WIDTH if len(groups) > 1 else 4.2, height=3.2)
    panels = list(np.atleast_1d(fig.subplots(1, len(groups), sharey=True)))
    for axes, group in zip(panels, groups, strict=True):
        if "bound" in study and set(group) & {*_PLACES, *_BOUNDED}:
            axes.plot(study["n"], 100.0 * study["bound"], color=BLUE, **_OBSERVER)
        for name in group:
            _line(axes, study["n"].values, 100.0 * study["pr"].sel(model=name), label=titles[name], **_LOOKS[name])
        axes.axhline(0.0, **_CHANCE)
        axes.set(xlabel="n", xticks=study["n"].values, ylim=(-12.0, 108.0))
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2, fontsize=6.5)
    panels[0].set_ylabel("PR = TPR - FPR [%]")
    letters(panels)
    return fig


@styled
def _interference(study: xr.Dataset) -> Figure:
    """Relative loss of recall by a distractor before or after, of dissimilar and similar items (fig. 2E)."""
    names = {"one-hot": "dissimilar items", "4-of-9": "similar items"}
    return _losses(study, names, None)


@styled
def _cued(study: xr.Dataset) -> Figure:
    """Recall with and without a cue (fig. S5), and what the distractor costs beside the printed deficits."""
    return _losses(study, {"false": "without cue", "true": "with cue"}, CUE_PUBLISHED)


def _losses(study: xr.Dataset, names: dict[str, str], published: dict[str, float] | None) -> Figure:
    option, titles = study.attrs["option"], json.loads(study.attrs["titles"])
    there, values = [str(name) for name in study["model"].values], [str(one) for one in study[option].values]
    fig = figure(height=2.3 * len(there))
    panels = fig.subplots(len(there), 2, squeeze=False)
    conditions = [str(name) for name in study["condition"].values]
    labels = {"control": "none", "proactive": "before\n(PI)", "retroactive": "after\n(RI)"}
    for row, name in zip(panels, there, strict=True):
        for i, value in enumerate(values):
            one = study["accuracy"].sel({"model": name, option: value})
            at = np.arange(len(conditions)) + 0.36 * (i - 0.5 * (len(values) - 1))
            look = {
                "color": (BLUE, ORANGE)[i % 2],
                "label": names[value],
                "capsize": 2,
                "error_kw": {"elinewidth": 0.8},
            }
            row[0].bar(at, 100.0 * one.mean("seed"), 0.34, yerr=100.0 * _spread(one), **look)
            lost = 100.0 * deficits(one).sel(condition=["proactive", "retroactive"])
            row[1].bar(at[1:] - 1, lost.mean("seed"), 0.34, yerr=_spread(lost), **look)
            if "bound" in study and name in _BOUNDED:
                limit = study["bound"].sel({option: value})
                limits = ((row[0], at, limit), (row[1], at[1:] - 1, deficits(limit)[1:]))
                _observed(limits, None if i else "ideal observer")
            if published and name == "ipnet":
                told = {"marker": "D", "color": BLACK, "markersize": 4, "linestyle": "none"}
                row[1].plot([at[2] - 1], [published[value]], label=None if i else "published", **told)
        row[0].set(ylabel=f"{titles[name]}\nrecall of the target [%]", ylim=(0.0, 112.0))
        row[0].set_xticks(range(len(conditions)), [labels[one] for one in conditions])
        row[1].set_ylabel("loss against none [%]")
        row[1].set_xticks(range(2), [labels[one] for one in conditions[1:]])
        row[1].axhline(0.0, color=BLACK, linewidth=0.6)
        if np.isnan(deficits(study["accuracy"].sel(model=name))).all():
            row[1].text(0.5, 0.5, "no recall to lose", transform=row[1].transAxes, ha="center", va="bottom", color=GRAY)
        row[1].set(xlim=(-0.6, 1.6), ylim=(-25.0, 105.0))
    panels[0, 1].legend(loc="upper left")
    panels[-1, 0].set_xlabel("distractor")
    panels[-1, 1].set_xlabel("distractor")
    letters(list(panels.ravel()))
    return fig


def _observed(limits: tuple, label: str | None) -> None:
    """A dash across each bar: what the observer does that is best in the mean over the conditions."""
    for axes, at, values in limits:
        ends = {"colors": BLACK, "linewidth": 1.2, "linestyle": (0, (2, 1)), "zorder": 3}
        axes.hlines(100.0 * values, at - 0.17, at + 0.17, label=label, **ends)


@styled
def _free_recall(study: xr.Dataset) -> Figure:
    """Serial positions, one panel a network (fig. 2G), and the recency effect over the delay (fig. 2H)."""
    titles, there = json.loads(study.attrs["titles"]), [str(name) for name in study["model"].values]
    count = len(there) + 1
    columns = count if count <= 4 else 3
    rows = -(-count // columns)
    fig = figure(height=2.7 * rows)
    grid = list(fig.subplots(rows, columns, squeeze=False).ravel())
    panels = grid[:count]
    for axes in grid[count:]:
        axes.remove()
    for axes, name in zip(panels, there, strict=False):
        for i, delay in enumerate(study["delay"].values):
            one = 100.0 * study["accuracy"].sel(model=name, delay=delay)
            _line(
                axes, study["position"].values, one, color=_DELAYS[i % 6], marker="osD^vP"[i % 6], markersize=3,
                label=f"delay {delay}",
            )  # fmt: skip
            if "bound" in study and name in _BOUNDED:
                limit = 100.0 * study["bound"].sel(delay=delay)
                look = _OBSERVER | {"label": None if i else "ideal observer"}
                axes.plot(study["position"], limit, color=_DELAYS[i % 6], **look)
        axes.axhline(100.0 * study.sizes["position"] / 50, **_CHANCE)
        axes.set(xlabel="serial position", ylim=(0.0, 106.0), xticks=study["position"].values[::7])
        axes.text(0.04, 0.8, titles[name].replace(", ", ",\n"), transform=axes.transAxes, fontsize=6.5, va="top")
    for axes in panels[: count - 1 : columns]:
        axes.set_ylabel("recall [%]")
    panels[0].legend(loc="upper left", bbox_to_anchor=(0.0, 0.72), fontsize=6.5)
    for name in there:
        _line(
            panels[-1],
            study["delay"].values,
            100.0 * study["recency"].sel(model=name),
            label=titles[name],
            **_LOOKS[name],
        )
    panels[-1].axhline(0.0, **_CHANCE)
    panels[-1].set(xlabel="delay [steps]", ylabel="recency effect [%]", xticks=study["delay"].values)
    panels[-1].legend(loc="upper right", fontsize=6.5)
    letters(panels)
    return fig


_DRAWN = {"n-back": _n_back, "interference": _interference, "cued-recall": _cued, "free-recall": _free_recall}
