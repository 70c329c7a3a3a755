"""Figures of a design window: where a pillar works, and how well, in the planes through the reference design."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from spinneuron.device import Device
from spinneuron.plotting.style import (
    BLACK,
    BLUE,
    GRAY,
    LIGHT,
    NANO,
    ORANGE,
    REGIME_COLORS,
    SEQUENTIAL,
    WIDTH,
    figure,
    letters,
    styled,
)
from spinneuron.window.boundaries import EDGES, PLANES, plane
from spinneuron.window.regimes import BELOW, LIF, REGIMES
from spinneuron.window.spec import DIMENSIONS

LETTER = {"width": "W", "length": "L", "thickness": "T"}
EDGE_STYLES: dict[str, Any] = {"lower": (0, (4, 1.5)), "upper": "-"}
LINE_COLOR = "#8B0000"
STAR: dict[str, Any] = {
    "marker": "*",
    "markersize": 8,
    "markeredgewidth": 0.7,
    "markerfacecolor": "white",
    "markeredgecolor": BLACK,
    "linestyle": "none",
}
MEASURES = {
    "peak": "peak of $|u|$",
    "tau_membrane": r"$\tau_\mathrm{m}$ [ns]",
    "fit_r2": "$R^2$ of the LIF fit",
}


def planes(dataset: xr.Dataset) -> list[str]:
    """List the dimensions that can be held: those whose plane has two points or more along both axes.

    Parameters
    ----------
    dataset : xarray.Dataset
        Of a sweep.

    Returns
    -------
    list of str
    """
    return [held for held, axes in PLANES.items() if all(dataset.sizes[name] > 1 for name in axes)]


@styled
def window(dataset: xr.Dataset) -> Figure:
    """Draw the regimes of a design window, or the fraction of its trials that work.

    Parameters
    ----------
    dataset : xarray.Dataset
        Of `window.survey.sweep` or `preview`, with one, two or three dimensions of more than one point, or none.

    Returns
    -------
    matplotlib.figure.Figure
    """
    held = planes(dataset)
    if not held:
        varied = [name for name in DIMENSIONS if dataset.sizes[name] > 1]
        return _line(dataset, varied[0]) if varied else _point(dataset)
    statistical = _statistical(dataset)
    fig = figure(WIDTH if len(held) > 1 else 4.6, 3.75 if len(held) > 1 else 4.6)
    panels = fig.subplots(1, len(held), squeeze=False)[0]
    for axes, name in zip(panels, held, strict=True):
        mesh = _fraction(axes, dataset, name) if statistical else _regimes(axes, dataset, name)
        _overlay(axes, dataset, name)
        _equations(axes, dataset, name)
    if statistical:
        fig.colorbar(mesh, ax=list(panels), label="fraction of trials in regime 1", shrink=0.8, pad=0.02)
    if len(held) > 1:
        letters(list(panels))
    fig.legend(handles=_handles(dataset, statistical), loc="outside lower center", ncols=3 if len(held) > 1 else 2)
    fig.suptitle(_headline(dataset), fontsize=8.5)
    return fig


@styled
def measures(dataset: xr.Dataset) -> Figure:
    """Draw peak, time constant and quality of the LIF fit over the planes through the reference design.

    Parameters
    ----------
    dataset : xarray.Dataset
        Of `window.survey.sweep`, with two dimensions of more than one point at least.

    Returns
    -------
    matplotlib.figure.Figure
    """
    held = planes(dataset)
    single = len(held) == 1
    fig = figure(WIDTH, 3.1 if single else 7.0)
    panels = fig.subplots(1, len(MEASURES)).reshape(-1, 1) if single else fig.subplots(len(MEASURES), len(held))
    for row, (name, label) in zip(panels, MEASURES.items(), strict=True):
        scale = NANO if name == "tau_membrane" else 1.0
        low, high = _limits(dataset, name, scale, held)
        for axes, fixed in zip(row, held, strict=True):
            section = plane(dataset[name], fixed, _reference(dataset)) * scale
            # A pillar that does not respond has no time constant worth a color.
            answers = plane(dataset["regime"], fixed, _reference(dataset)) != BELOW
            values = section if name == "peak" else section.where(np.isfinite(section) & answers)
            mesh = _mesh(axes, values, cmap=SEQUENTIAL, vmin=low, vmax=high)
            axes.set_facecolor(LIGHT)
            inside = plane(dataset["regime"], fixed, _reference(dataset)) == LIF
            _contour(axes, inside, color=BLACK, linewidth=1.8)
            _contour(axes, inside, color="white", linewidth=0.8)
            _axis_labels(axes, dataset, fixed)
        extend = "neither" if name == "peak" else "both" if name == "tau_membrane" else "min"
        bar: dict[str, Any] = {"location": "bottom"} if single else {"pad": 0.02, "aspect": 16}
        fig.colorbar(mesh, ax=list(row), label=label, extend=extend, **bar)
    letters(list(panels.flat))
    line = Line2D([], [], color=BLACK, linewidth=1.8, label="edge of regime 1 (black and white line)")
    fig.legend(handles=[line, _star()], loc="outside lower center", ncols=2)
    return fig


def _statistical(dataset: xr.Dataset) -> bool:
    return int(dataset.attrs["trials"]) > 1 and "fraction" in dataset


def _reference(dataset: xr.Dataset) -> dict[str, float]:
    device = Device.from_json(dataset.attrs["device"])
    return {name: getattr(device, name) for name in DIMENSIONS}


def _limits(dataset: xr.Dataset, name: str, scale: float, held: list[str]) -> tuple[float, float]:
    """Range of colors: what the pillars inside the window show, so that outliers far from it do not hide it."""
    if name == "peak":
        return 0.0, 1.0
    found = []
    for fixed in held:
        inside = plane(dataset["regime"], fixed, _reference(dataset)).values == LIF
        values = plane(dataset[name], fixed, _reference(dataset)).values
        found.append(values[(inside if inside.any() else True) & np.isfinite(values)] * scale)
    values = np.concatenate(found)
    if values.size == 0:
        return 0.0, 1.0
    low, high = np.percentile(values, [2.0, 98.0])
    if name == "fit_r2":
        return float(np.floor(10.0 * max(low, 0.0)) / 10.0), 1.0
    return (float(low), float(high)) if high > low else (0.5 * float(low), 1.5 * float(high))


def _mesh(axes: Axes, section: xr.DataArray, **keywords: Any) -> Any:
    y, x = section.dims
    return axes.pcolormesh(
        section[x] * NANO, section[y] * NANO, section.values, shading="nearest", rasterized=True, **keywords
    )


def _regimes(axes: Axes, dataset: xr.Dataset, held: str) -> Any:
    norm = BoundaryNorm(np.arange(len(REGIMES) + 1) - 0.5, len(REGIMES))
    section = plane(dataset["regime"], held, _reference(dataset))
    return _mesh(axes, section, cmap=ListedColormap(REGIME_COLORS), norm=norm)


def _fraction(axes: Axes, dataset: xr.Dataset, held: str) -> Any:
    section = plane(dataset["fraction"].isel(regime_name=LIF, drop=True), held, _reference(dataset))
    # White to the blue of regime 1: lines and hatching stay visible where nothing works.
    mesh = _mesh(axes, section, cmap="Blues", vmin=0.0, vmax=1.0)
    if section.min() < 0.5 < section.max():
        axes.contour(*_to_the_frame(section), levels=[0.5], colors=BLACK, linewidths=1.1)
    return mesh


def _to_the_frame(section: xr.DataArray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Abscissa [nm], ordinate [nm] and values, continued by half a cell, where the colored cells end."""
    y, x = (section[name].values * NANO for name in section.dims)
    x, y = (np.concatenate([[1.5 * v[0] - 0.5 * v[1]], v, [1.5 * v[-1] - 0.5 * v[-2]]]) for v in (x, y))
    return x, y, np.pad(section.values.astype(float), 1, mode="edge")


def _contour(axes: Axes, inside: xr.DataArray, color: str, linewidth: float, linestyle: Any = "-") -> None:
    """Line around the pillars for which something holds; nothing where it holds for all or none."""
    if bool(inside.any()) and not bool(inside.all()):
        style: dict[str, Any] = {"colors": color, "linewidths": linewidth, "linestyles": [linestyle]}
        axes.contour(*_to_the_frame(inside), levels=[0.5], **style)


def _hatch(axes: Axes, region: xr.DataArray, pattern: str) -> None:
    if bool(region.any()) and not bool(region.all()):
        drawn = axes.contourf(*_to_the_frame(region), levels=[0.5, 1.5], colors="none")
        drawn.set_hatch(pattern)
        drawn.set_edgecolor(GRAY)
        drawn.set_linewidth(0.0)


def _overlay(axes: Axes, dataset: xr.Dataset, held: str) -> None:
    """Everything over the colors: hatching, closed-form window, fitted lines, reference."""
    reference = _reference(dataset)
    _hatch(axes, plane(dataset["easy_axis_height"], held, reference) == 0, "////")
    _hatch(axes, plane(dataset["over_breakdown"], held, reference) == 1, "....")
    if "regime_closed_form" in dataset:
        closed = plane(dataset["regime_closed_form"], held, reference) == LIF
        _contour(axes, closed, color=BLACK, linewidth=0.7, linestyle=(0, (1, 1)))
    _axis_labels(axes, dataset, held)
    limits = axes.get_xlim(), axes.get_ylim()
    for edge, slope, intercept, _ in _lines(dataset, held):
        # As far as there are points to fit, and a little more.
        found = dataset[f"edge_{held}_held"].sel(edge=edge).dropna(PLANES[held][0])
        axes.plot(found[PLANES[held][0]] * NANO, found * NANO, ".", color=LINE_COLOR, markersize=1.6)
        x = found[PLANES[held][0]].values[[0, -1]] * NANO
        x = x + 0.08 * (x[1] - x[0]) * np.array([-1.0, 1.0])
        axes.plot(x, slope * x + intercept, color=LINE_COLOR, linestyle=EDGE_STYLES[edge], linewidth=1.0)
    axes.set_xlim(limits[0])
    axes.set_ylim(limits[1])


def _axis_labels(axes: Axes, dataset: xr.Dataset, held: str) -> None:
    reference = _reference(dataset)
    x, y = PLANES[held]
    axes.set_xlabel(f"{x} $\\mathit{{{LETTER[x]}}}$ [nm]")
    axes.set_ylabel(f"{y} $\\mathit{{{LETTER[y]}}}$ [nm]")
    at = float(dataset[held].sel({held: reference[held]}, method="nearest")) * NANO
    axes.set_title(f"{held} {at:g} nm")
    limits = axes.get_xlim(), axes.get_ylim()
    point = reference[x] * NANO, reference[y] * NANO
    if all(low <= value <= high for value, (low, high) in zip(point, limits, strict=True)):
        axes.plot(*point, **STAR)
        axes.set_xlim(limits[0])
        axes.set_ylim(limits[1])


def _lines(dataset: xr.Dataset, held: str) -> list[tuple[str, float, float, float]]:
    """Fitted edges of one plane: (edge, slope, intercept in nm, R^2)."""
    found = []
    for edge in EDGES:
        line = dataset[["boundary_slope", "boundary_intercept", "boundary_r2"]].sel(held=held, edge=edge)
        slope, intercept, r2 = (float(line[f"boundary_{name}"]) for name in ("slope", "intercept", "r2"))
        if np.isfinite(slope):
            found.append((edge, slope, intercept * NANO, r2))
    return found


def _equations(axes: Axes, dataset: xr.Dataset, held: str) -> None:
    """Write the fitted lines below the panel."""
    x, y = (LETTER[name] for name in PLANES[held])
    handles = []
    for edge, slope, intercept, r2 in _lines(dataset, held):
        sign = "−" if intercept < 0.0 else "+"
        text = f"${y} = {slope:.2f}\\,{x} {sign} {abs(intercept):.1f}$ nm,  $R^2 = {r2:.3f}$"
        handles.append(Line2D([], [], color=LINE_COLOR, linestyle=EDGE_STYLES[edge], linewidth=1.0, label=text))
    if handles:
        axes.legend(
            handles=handles,
            loc="upper center",
            bbox_to_anchor=(0.45, -0.175 if len(planes(dataset)) > 1 else -0.13),
            borderaxespad=0.0,
            fontsize=6.8,
            handlelength=1.6,
            handletextpad=0.5,
        )


def _star() -> Line2D:
    return Line2D([], [], label="reference design", **STAR)


def _handles(dataset: xr.Dataset, statistical: bool) -> list:
    names = (name.replace("_", " ") for name in REGIMES)
    handles: list = []
    if statistical:
        handles.append(Line2D([], [], color=BLACK, linewidth=1.1, label="50 % of the trials"))
    else:
        colors = zip(REGIME_COLORS, names, strict=True)
        handles += [
            Patch(facecolor=color, edgecolor=GRAY, linewidth=0.5, label=f"{number}: {name}")
            for number, (color, name) in enumerate(colors)
        ]
    handles.append(_star())
    if "regime_closed_form" in dataset:
        handles.append(Line2D([], [], color=BLACK, linewidth=0.8, linestyle=(0, (1, 1)), label="closed-form window"))
    for name, value, pattern, label in (
        ("easy_axis_height", 0, "////", "easy axis along the length"),
        ("over_breakdown", 1, "....", "voltage above breakdown"),
    ):
        region = dataset[name] == value
        if bool(region.any()) and not bool(region.all()):
            # Hatches take the color of the edge; a legend shows them on white.
            handles.append(Patch(facecolor="white", edgecolor=GRAY, linewidth=0.5, hatch=pattern, label=label))
    return handles


def _headline(dataset: xr.Dataset) -> str:
    """Device and conditions in one line, with the warning that holds for the whole map."""
    device = Device.from_json(dataset.attrs["device"])
    temperature, trials = float(dataset.attrs["temperature"]), int(dataset.attrs["trials"])
    parts = [f"{device.name}, {device.geometry.replace('-', ' ')}"]
    if dataset.attrs["engine"] == "closed form":
        parts.append("closed form")
    else:
        parts.append(f"{temperature:g} K" + (f", {trials} trials" if trials > 1 else ""))
    if float(dataset.attrs["tolerance"]) > 0.0:
        parts.append(f"sizes ± {100.0 * float(dataset.attrs['tolerance']):g} %")
    if bool((dataset["over_breakdown"] == 1).all()):
        parts.append(
            f"{float(dataset['voltage'].max()):.2f} V at rest, above breakdown ({device.breakdown_voltage:g} V)"
        )
    return "; ".join(parts)


def _line(dataset: xr.Dataset, varied: str) -> Figure:
    """One dimension varies: what happens along it, over the colors of the regimes."""
    along = dataset.squeeze([name for name in DIMENSIONS if name != varied])
    x = along[varied].values * NANO
    curves = {
        name: label for name, label in MEASURES.items() if name in along and np.isfinite(along[name].values).any()
    }
    rows: list[str] = (["fraction"] if _statistical(dataset) else []) + list(curves)
    fig = figure(5.2, 1.1 + 1.3 * max(1, len(rows)))
    panels = fig.subplots(max(1, len(rows)), 1, sharex=True, squeeze=False)[:, 0]
    middles = np.concatenate([[x[0]], 0.5 * (x[1:] + x[:-1]), [x[-1]]])
    for axes in panels:
        for left, right, regime in zip(middles[:-1], middles[1:], along["regime"].values, strict=True):
            axes.axvspan(left, right, facecolor=REGIME_COLORS[regime], alpha=0.45, linewidth=0.0)
        axes.axvline(_reference(dataset)[varied] * NANO, color=GRAY, linewidth=0.8, linestyle=":")
        axes.set_xlim(x[0], x[-1])
    for axes, name in zip(panels, rows, strict=False):
        if name == "fraction":
            axes.plot(x, along["fraction"].isel(regime_name=LIF), color=BLACK, marker=".")
            axes.set_ylabel("fraction in regime 1")
            continue
        scaled = along[name] * (NANO if name == "tau_membrane" else 1.0)
        axes.plot(x, scaled if name == "peak" else scaled.where(along["regime"] != BELOW), color=BLACK, marker=".")
        axes.set_ylabel(curves[name])
    if not rows:
        panels[0].set_yticks([])
    panels[-1].set_xlabel(f"{varied} $\\mathit{{{LETTER[varied]}}}$ [nm]")
    handles: list = [
        Patch(facecolor=color, alpha=0.45, edgecolor=GRAY, linewidth=0.5, label=f"{number}: {name.replace('_', ' ')}")
        for number, (color, name) in enumerate(zip(REGIME_COLORS, REGIMES, strict=True))
    ]
    handles.append(Line2D([], [], color=GRAY, linewidth=0.8, linestyle=":", label="reference design"))
    fig.legend(handles=handles, loc="outside lower center", ncols=2)
    fig.suptitle(_headline(dataset), fontsize=8.5)
    return fig


def _point(dataset: xr.Dataset) -> Figure:
    """A single pillar: how often each regime was met."""
    one = dataset.squeeze(list(DIMENSIONS))
    shares = one["fraction"].values if "fraction" in one else np.eye(len(REGIMES))[int(one["regime"])]
    fig = figure(5.2, 1.9)
    axes = fig.subplots()
    names = [f"{number}: {name.replace('_', ' ')}" for number, name in enumerate(REGIMES)]
    axes.barh(names, shares, color=[LIGHT, BLUE, ORANGE], edgecolor=GRAY, linewidth=0.5)
    for row, share in enumerate(shares):
        axes.text(share + 0.02, row, f"{100.0 * share:.1f} %", va="center", ha="left")
    axes.set_xlim(0.0, 1.15)
    axes.set_xticks(np.linspace(0.0, 1.0, 6))
    axes.tick_params(axis="y", length=0.0)
    axes.invert_yaxis()
    axes.set_xlabel("fraction of the trials")
    sizes = " × ".join(f"{float(one[name]) * NANO:g}" for name in DIMENSIONS)
    axes.set_title(f"W × L × T = {sizes} nm")
    fig.suptitle(_headline(dataset), fontsize=8.5)
    return fig
