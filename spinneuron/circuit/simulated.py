"""Energy per cycle from the simulated current, trial by trial: no assumption on when a junction switches."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from spinneuron.circuit.energy import RunEnergy, energy_of_run
from spinneuron.circuit.table import NEURON, REFERENCE, SENSITIVE, Circuit, Entry
from spinneuron.device import Device
from spinneuron.dynamics.ensemble import Numerics
from spinneuron.protocols import Cycle
from spinneuron.quantity import format
from spinneuron.simulation import cosine_of, simulate

EVERY = 0.5e-9
"""Between two records of the current [s]: short beside every edge of the cycle."""


class Simulated(NamedTuple):
    """Energies per cycle of the junctions of a neuron.

    Attributes
    ----------
    sensitive : RunEnergy
    reference : RunEnergy or None
        None where no reference junction was given.
    trials : int
    """

    sensitive: RunEnergy
    reference: RunEnergy | None
    trials: int


def simulated_energy(
    device: Device,
    voltage: float,
    *,
    trials: int = 1000,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> RunEnergy:
    """Simulate one cycle of 20 ns rise, 150 ns set, 20 ns fall, 20 ns reset, 20 ns delay, and integrate ``V^2 / R``.

    Parameters
    ----------
    device : Device
    voltage : float [V]
        Amplitude of the set pulse; the reset has the opposite one.
    trials : int
    seed : int
    progress : callable, optional
        Called with the fraction of the work done since its last call.

    Returns
    -------
    RunEnergy

    Raises
    ------
    InputError
        As `simulation.simulate`.
    """
    cycle = Cycle(reset=-voltage)
    run = simulate(
        device,
        cycle.pump(voltage),
        trials=trials,
        seed=seed,
        every=EVERY,
        numerics=Numerics("semi-implicit", precision="float32"),
        progress=progress,
    )
    time, drive = run["time"].values, run["drive"].values
    return energy_of_run(time, drive, device.resistance(cosine_of(run).values, drive))


def simulated_rows(circuit: Circuit, simulated: Simulated) -> list[Entry]:
    """List the energies that the simulated current gives.

    Parameters
    ----------
    circuit : Circuit
    simulated : Simulated

    Returns
    -------
    list of Entry
    """
    at = f"at {format(circuit.voltage, 'V')}"
    how = f"{simulated.trials} trials, ramps of 20 ns, TMR(V), switching when it happens"

    def row(name: str, value: float, error: float, published: float, said: str) -> Entry:
        return Entry("from the simulated current", name, value, "J", published, f"+- {format(error, 'J', 2)}: {said}")

    one, other = simulated.sensitive, simulated.reference
    rows = [row(f"sensitive junction {at}", one.mean, one.error, SENSITIVE, how)]
    if other is not None:
        rows.append(row(f"reference junction {at}", other.mean, other.error, REFERENCE, how))
        error = math.hypot(one.error, other.error)
        rows.append(row(f"differential neuron {at}", one.mean + other.mean, error, NEURON, "both"))
    return rows
