"""Runs, spikes and compared designs in a few lines."""

import math

import xarray as xr

from spinneuron.quantity import format
from spinneuron.simulation import membrane_potential
from spinneuron.summary.table import Table, conditions, number


def run(run: xr.Dataset) -> list[Table]:
    """Summarize trajectories.

    Parameters
    ----------
    run : xarray.Dataset

    Returns
    -------
    list of Table
    """
    rows = conditions(run.attrs)
    step = f", step {format(run.attrs['dt'], 's', 3)}" if math.isfinite(run.attrs["dt"]) else ""
    rows.append(("solver", f"{run.attrs['engine']}, {run.attrs['stepper']}{step}"))
    last = run["m"].isel(time=-1).mean("trial").values
    rows.append(("last m", "(" + ", ".join(f"{value:.3f}" for value in last) + ")"))
    if run.sizes["time"] > 1:
        u = membrane_potential(run).mean("trial")
        rows.append(("membrane", f"{float(u.min()):.3f} to {float(u.max()):.3f}, at the end {float(u[-1]):.3f}"))
    if "temperature" in run:
        mean = run["temperature"].mean("trial")
        ends = f"up to {format(float(mean.max()), 'K', 5)}, at the end {format(float(mean[-1]), 'K', 5)}"
        rows.append(("temperature", ends))
    if "hottest" in run:
        apart = float((run["hottest"] - run["temperature"]).max())
        hottest = format(float(run["hottest"].max()), "K", 5)
        rows.append(("hottest column", f"up to {hottest}, {format(apart, 'K', 3)} above the mean at most"))
    return [Table(rows + (_spike_rows(run) if "spike" in run else []))]


def density(run: xr.Dataset) -> list[Table]:
    """Summarize a density under a waveform.

    Parameters
    ----------
    run : xarray.Dataset

    Returns
    -------
    list of Table
    """
    rows = conditions(run.attrs)
    rows.append(("solver", f"{run.attrs['engine']}, error {float(run.attrs['error']):.1g}"))
    mean, spread = run["mean"][-1].values, run["deviation"][-1].values
    said = (f"{one:.3f} ± {width:.3f}" for one, width in zip(mean, spread, strict=True))
    rows.append(("last m", f"({', '.join(said)}), mean ± deviation"))
    last = float(run["probability"][-1])
    rows.append(("antiparallel", f"up to {float(run['probability'].max()):.4g}, at the end {last:.4g}"))
    warm = run["temperature"]
    rows.append(("hottest", f"{format(float(warm.max()), 'K', 5)}, at the end {format(float(warm[-1]), 'K', 5)}"))
    return [Table(rows)]


def _spike_rows(record: xr.Dataset) -> list[tuple[str, ...]]:
    spike, trials = record["spike"], record.sizes["trial"]
    up, down = int((spike > 0).sum()), int((spike < 0).sum())
    return [
        ("spikes", f"{up} positive, {down} negative; {(up + down) / trials:.3g} per trial"),
        ("levels", f"{format(record.attrs['low'], 'V', 4)} and {format(record.attrs['high'], 'V', 4)}"),
        ("energy", f"{format(float(record['energy'].mean()), 'J', 4)} per trial"),
        ("", f"{number(float(record['energy_per_spike']), 'J')} per spike"),
    ]


def spikes(record: xr.Dataset) -> list[Table]:
    """Summarize spikes.

    Parameters
    ----------
    record : xarray.Dataset

    Returns
    -------
    list of Table
    """
    return [Table(conditions(record.attrs) + _spike_rows(record))]


def evolution(record: xr.Dataset) -> list[Table]:
    """Summarize a comparison of designs.

    Parameters
    ----------
    record : xarray.Dataset

    Returns
    -------
    list of Table
    """
    if "design" not in record.dims:
        return [Table(conditions(record.attrs))]
    header = ("design", "tau", "gain", "R^2", "RMSE", "leak by damping")
    rows: list[tuple[str, ...]] = [header]
    verdicts: list[tuple[str, ...]] = []
    for name in record["design"].values:
        one = record.sel(design=name)
        tau, gain, r2, rmse, leak = (
            float(one[key]) for key in ("tau_membrane", "gain", "r2", "rmse", "leak_rate")
        )  # fmt: skip
        rate = f"{leak * 1e-9:+.3g} 1/ns"
        rows.append((str(name), number(tau, "s"), number(gain, "1/V"), f"{r2:.4f}", f"{rmse:.4f}", rate))
        verdicts.append((f"{name}:", _verdict(one, r2, leak)))
    return [Table(conditions(record.attrs)), Table(rows), Table(verdicts)]


def _verdict(one: xr.Dataset, r2: float, leak: float) -> str:
    """How much of a leaky integrate-and-fire neuron a design is."""
    low, high = float(one["membrane"].min()), float(one["membrane"].max())
    larger = max(abs(low), abs(high))
    symmetry = min(max(high, 0.0), max(-low, 0.0)) / larger if larger > 0.0 else 0.0
    damping = "restores" if leak > 0.0 else "drives away"
    sides = f"smaller swing {100.0 * symmetry:.0f} % of the larger one ({low:.2f} to {high:.2f})"
    return f"a LIF neuron explains {100.0 * max(r2, 0.0):.1f} % of the variance; damping {damping}; {sides}"
