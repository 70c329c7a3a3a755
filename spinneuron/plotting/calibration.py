"""Figure of a calibrated device: what was measured, what the device gives, and the residuals."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from spinneuron.calibration import DeviceFit, Observation
from spinneuron.plotting.style import BLACK, BLUE, GRAY, ORANGE, beside, figure, letters, styled
from spinneuron.units import format

MILLI = 1e3
MOST_LABELS = 8


@styled
def device_fit(fit: DeviceFit) -> Figure:
    """Draw a calibration: probabilities over the voltage of the probe, shifts, and residuals in standard errors.

    Parameters
    ----------
    fit : DeviceFit

    Returns
    -------
    matplotlib.figure.Figure
    """
    chances = [i for i, one in enumerate(fit.observations) if one.of_probability]
    moved = [i for i, one in enumerate(fit.observations) if not one.of_probability]
    fig = figure(height=5.0)
    grid = fig.add_gridspec(2, 2, height_ratios=[1.3, 1.0])
    panels = []
    if chances:
        panels.append(fig.add_subplot(grid[0, :] if not moved else grid[0, 0]))
        _probabilities(panels[-1], fit, chances, bool(moved))
    if moved:
        panels.append(fig.add_subplot(grid[0, :] if not chances else grid[0, 1]))
        _shifts(panels[-1], fit, moved)
    panels.append(fig.add_subplot(grid[1, :]))
    _residuals(panels[-1], fit, chances, moved)
    letters(panels)
    said = f"$\\chi^2$ = {fit.chi2:.4g} for {fit.freedom} degrees of freedom"
    fig.suptitle(f"{fit.device.name}: {len(fit.observations)} observations, {said}", fontsize=8.5)
    return fig


def _voltage(fit: DeviceFit, one: Observation) -> float:
    """Voltage of the probe, fitted where it has only a name."""
    return fit.value(one.voltage) if isinstance(one.voltage, str) else one.voltage


def _probabilities(axes: Axes, fit: DeviceFit, which: list[int], narrow: bool) -> None:
    """Points of each history with one color, and the device at the same voltages."""
    groups: dict[tuple, list[int]] = {}
    for i in which:
        groups.setdefault(fit.observations[i].history, []).append(i)
    shades = colormaps["viridis"](np.linspace(0.0, 0.85, len(groups)))
    labeled = set(np.linspace(0, len(groups) - 1, min(len(groups), MOST_LABELS)).round().astype(int).tolist())
    for number, members in enumerate(groups.values()):
        some = [fit.observations[i] for i in members]
        volts, share = np.array([_voltage(fit, one) for one in some]), np.array([one.probability for one in some])
        bars = np.sqrt(share * (1.0 - share) / np.array([one.trials for one in some]))
        label = some[0].label if number in labeled else None
        axes.errorbar(
            volts, share, yerr=bars, color=shades[number], label=label, marker="o", markersize=2.8, linestyle="none",
            linewidth=0.8,
        )  # fmt: skip
        order = np.argsort(volts)
        modeled = fit.predicted[members][order]
        # between two points a line would not be the curve
        few: dict[str, Any] = {"marker": "_", "markersize": 9.0, "linestyle": "none"} if len(members) < 3 else {}
        axes.plot(volts[order], modeled, color=shades[number], linewidth=0.9, **few)
    axes.set(xlabel="voltage of the probe [V]", ylabel="switching probability")
    axes.margins(0.06)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    if narrow:
        axes.legend(fontsize=6.5)
    else:
        beside(axes, fontsize=6.5)


def _shifts(axes: Axes, fit: DeviceFit, which: list[int]) -> None:
    """Shifts one beside the other, with what the device gives."""
    at = np.arange(1, len(which) + 1)
    some = [fit.observations[i] for i in which]
    measured, bars = (MILLI * np.array([getattr(one, name) for one in some]) for name in ("shift", "uncertainty"))
    axes.errorbar(
        at, measured, yerr=bars, color=BLUE, marker="o", markersize=3.2, linestyle="none", linewidth=0.8,
        label="given, ±1 std. error",
    )  # fmt: skip
    axes.plot(
        at, MILLI * fit.predicted[which], color=BLACK, marker="_", markersize=9.0, linestyle="none", label="device"
    )
    axes.set(xlabel="shift", ylabel=r"shift of the midpoint $\Delta x_0$ [mV]")
    if len(which) <= MOST_LABELS:
        axes.set_xticks(at, [one.label.removeprefix("fig. S1, ") for one in some], rotation=20.0, fontsize=6.5)
        axes.set_xlabel("")
    axes.margins(0.1)
    axes.legend(fontsize=6.5)


def _residuals(axes: Axes, fit: DeviceFit, chances: list[int], moved: list[int]) -> None:
    """Residuals of all observations in their order."""
    axes.axhspan(-1.0, 1.0, color=GRAY, alpha=0.2, linewidth=0.0, zorder=-1)
    axes.axhline(0.0, color=GRAY, linewidth=0.7)
    for which, color, label in ((chances, ORANGE, "probabilities"), (moved, BLUE, "shifts")):
        if which:
            axes.plot(
                np.array(which) + 1,
                fit.residual[which],
                color=color,
                marker="o",
                markersize=3.0,
                linestyle="none",
                label=label,
            )
    values = [
        f"{name} = {format(fit.value(name), unit, 4)} ± {format(fit.uncertainties[name], unit, 2)}"
        for name, unit in zip(fit.names, fit.units, strict=True)
    ]
    axes.set_title("\n".join("; ".join(values[i : i + 3]) for i in range(0, len(values), 3)), fontsize=6.8)
    axes.set(xlabel="observation", ylabel="device − given [std. errors]")
    axes.margins(y=0.2)
    axes.legend(fontsize=6.5)
