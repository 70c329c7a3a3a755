"""The branch of ``spinneuron calibrate`` that fits the physical numbers of a device to measured curves."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from spinneuron.cli import options
from spinneuron.cli.calibrate_sigmoid import read

if TYPE_CHECKING:
    from spinneuron.calibration import DeviceFit
    from spinneuron.device import Device
    from spinneuron.protocols import Cycle

EVERY = 10
"""Evaluations between two lines of progress."""


def from_curves(
    source: str,
    more: dict[str, str | None],
    shifts: str | None,
    start: tuple[str, tuple[str, ...]],
    times: tuple[float | None, float | None],
    output: Path | None,
    plot: bool,
) -> None:
    """Fit a device to measured curves, and write its file and figure.

    Parameters
    ----------
    source : str
        CSV of curves.
    more : dict
        Kind of state, "heating" or "cooling" -> CSV that must hold it, or None.
    shifts : str, optional
        CSV of shifts.
    start : tuple
        The device to start from, and the names of its free numbers; none for the usual ones.
    times : tuple of float or None [s]
        Period of the cycle, and plateau of its set pulse.
    output : Path, optional
    plot : bool

    Raises
    ------
    InputError
        If a file is wrong, or the data do not determine the free numbers.
    """
    from spinneuron import measured, plotting
    from spinneuron.calibration import FREE, calibrate_device
    from spinneuron.device import Device
    from spinneuron.plotting.calibration import device_fit
    from spinneuron.whole_file import replacing

    name, free = start
    device = Device.load(name)
    curves = read(source, more)
    moved = None if shifts is None else measured.read_shifts(shifts)
    path = output or options.writable(Path(f"{Path(source).stem}-device.toml"))
    figure = options.figure_beside(path, plot)
    fit = calibrate_device(device, curves, moved, free=free or FREE, cycle=_cycle(*times), progress=_told)
    files = [source, *(one for one in more.values() if one), *([shifts] if shifts else [])]
    made = _named(fit, files)
    with replacing(path) as temporary:
        temporary.write_text(made.to_toml(), encoding="utf-8")
    if figure:
        plotting.save(device_fit(fit), figure)
    click.echo(_table(fit))
    options.report(made, path, figure)


def _told(evaluation: int, chi2: float) -> None:
    if evaluation % EVERY == 0:
        click.echo(f"calibrate: evaluation {evaluation}, chi^2 = {chi2:.4g}", err=True)


def _cycle(time_step: float | None, pulse_width: float | None) -> "Cycle":
    """The cycle of the measurement: what its period leaves beside the pulses is its delay."""
    from dataclasses import replace

    from spinneuron.protocols import Cycle
    from spinneuron.quantity import InputError, format

    cycle = Cycle() if pulse_width is None else Cycle(width=pulse_width)
    if time_step is None:
        return cycle
    busy = cycle.duration - cycle.delay
    # what is less than a picosecond short is so by rounding
    if time_step < busy - 1e-12:
        raise InputError(f"--time-step = {format(time_step, 's')}: set and reset alone take {format(busy, 's')}")
    return replace(cycle, delay=max(0.0, time_step - busy))


def _named(fit: "DeviceFit", files: list[str]) -> "Device":
    """The device, which says in its file what was fitted to what."""
    from spinneuron.quantity import format

    parts = [
        f"{name} = {format(fit.value(name), unit, 4)} +- {format(fit.uncertainties[name], unit, 2)}"
        for name, unit in zip(fit.names, fit.units, strict=True)
    ]
    names = ", ".join(Path(file).name for file in files)
    said = f"Fitted to {names}: {'; '.join(parts)} (one standard error); {_goodness(fit)}."
    return fit.device.replace(assumptions=(*fit.device.assumptions, said))


def _goodness(fit: "DeviceFit") -> str:
    chance = f", p = {fit.p_value:.2g}" if fit.freedom else ""
    return f"chi^2 = {fit.chi2:.4g} for {fit.freedom} degrees of freedom{chance}"


def _table(fit: "DeviceFit") -> str:
    """Parameters with their errors, the goodness of the fit, and the pair that is hardest to tell apart."""
    import numpy as np

    from spinneuron.quantity import format
    from spinneuron.summary import Table

    rows: list[tuple[str, ...]] = [("parameter", "value", "standard error")]
    for name, unit in zip(fit.names, fit.units, strict=True):
        rows.append((name, format(fit.value(name), unit, 4), format(fit.uncertainties[name], unit, 2)))
    lines = [str(Table(rows)), f"  {_goodness(fit)}, {fit.evaluations} evaluations"]
    if len(fit.names) > 1:
        apart = np.abs(np.triu(fit.correlation, 1))
        i, j = np.unravel_index(int(apart.argmax()), apart.shape)
        lines.append(f"  strongest correlation: {fit.names[i]}, {fit.names[j]}: {fit.correlation[i, j]:.3f}")
    return "\n".join(lines)
