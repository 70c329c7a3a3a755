"""The circuit figures as a dataset: the table, outputs of the divider against its reference, yield against spread."""

import dataclasses
import json
import time
from datetime import UTC, datetime
from typing import Any

import numpy as np
import xarray as xr

from spinneuron import __version__
from spinneuron.circuit.energy import Operation
from spinneuron.circuit.simulated import Simulated, simulated_rows
from spinneuron.circuit.spread import Spread, best_level, read_errors
from spinneuron.circuit.table import CORNER, Circuit, circuit_table
from spinneuron.physics.transport import divider

STATES = ("parallel", "antiparallel")
CORRELATIONS = ("independent", "common")
_POINTS = 121


def circuit_dataset(circuit: Circuit, simulated: Simulated | None = None) -> xr.Dataset:
    """Put table and curves of a circuit together.

    Parameters
    ----------
    circuit : Circuit
    simulated : Simulated, optional
        Energies from the simulated current.

    Returns
    -------
    xarray.Dataset
        ``value`` and ``published`` (entry; NaN where nothing is printed) with ``group``, ``name``, ``unit`` and
        ``assumption``; ``output`` [V] of the divider with its corners ``output_low``, ``output_high`` (state,
        reference_resistance); ``read_yield`` [1] at the level of the circuit and ``best_yield`` at the best one for
        each spread (correlation, spread).
    """
    started = time.perf_counter()
    rows = circuit_table(circuit) + (simulated_rows(circuit, simulated) if simulated else [])
    words = {name: ("entry", [getattr(row, name) for row in rows]) for name in ("group", "name", "unit", "assumption")}
    printed = [np.nan if row.published is None else row.published for row in rows]
    data: dict[str, Any] = words | {
        "value": ("entry", [row.value for row in rows], {"units": "see unit"}),
        "published": ("entry", printed, {"units": "see unit", "long_name": "published value"}),
    }
    made = xr.Dataset(data | _outputs(circuit) | _yields(circuit), {"state": list(STATES)})
    made = made.assign_coords(correlation=list(CORRELATIONS))
    stage, spread, other = circuit.stage, circuit.spread, circuit.reference_device
    made.attrs = {
        "kind": "spinneuron-circuit",
        "device": circuit.device.to_json(),
        "reference_device": "" if other is None else other.to_json(),
        "read_voltage": stage.read_voltage,
        "reference": stage.reference,
        "level": circuit.level,
        "sigma": spread.sigma,
        "law": spread.law,
        "offset": spread.offset,
        "corner": _corner(spread),
        "voltage": circuit.voltage,
        "cycle": json.dumps(dataclasses.asdict(Operation(circuit.voltage))),
        "version": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "wall_time": time.perf_counter() - started,
    }
    return made


def _corner(spread: Spread) -> float:
    """Standard deviations of the bands: fewer where a Gaussian resistance would be negative."""
    return CORNER if spread.factor(-CORNER) > 0.0 else 1.0


def _outputs(circuit: Circuit) -> dict[str, Any]:
    stage, spread = circuit.stage, circuit.spread
    nominal = np.array([stage.parallel, stage.antiparallel])[:, None]
    low, high = min(stage.parallel, stage.reference) / 10.0, max(stage.antiparallel, stage.reference) * 10.0
    reference = np.geomspace(low, high, _POINTS)
    count = _corner(spread)
    outputs = {"output": 0.0, "output_low": -count, "output_high": count}
    made: dict[str, Any] = {"reference_resistance": ("reference_resistance", reference, {"units": "ohm"})}
    for name, z in outputs.items():
        values = divider(nominal * spread.factor(z), reference, stage.read_voltage)
        made[name] = (("state", "reference_resistance"), values, {"units": "V", "long_name": "output of the divider"})
    return made


def _yields(circuit: Circuit) -> dict[str, Any]:
    stage, spread = circuit.stage, circuit.spread
    top = max(0.2, 1.5 * spread.sigma) if spread.law == "lognormal" else min(max(0.2, 1.5 * spread.sigma), 1.0 / 3.0)
    sigmas = np.linspace(0.0, top, 61)
    fixed, best = (np.empty((2, sigmas.size)) for _ in range(2))
    for i in range(2):
        for j, sigma in enumerate(sigmas):
            one = dataclasses.replace(spread, sigma=float(sigma), common=bool(i))
            fixed[i, j] = read_errors(stage, one, circuit.level).read_yield
            best[i, j] = read_errors(stage, one, best_level(stage, one)).read_yield
    dims = ("correlation", "spread")
    return {
        "spread": ("spread", sigmas, {"units": "1", "long_name": "relative spread of the resistances"}),
        "read_yield": (dims, fixed, {"units": "1", "long_name": "yield at the level of the circuit"}),
        "best_yield": (dims, best, {"units": "1", "long_name": "yield at the best level"}),
    }
