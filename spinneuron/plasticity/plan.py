"""What is measured: the published experiments on the plasticity neuron, as histories and probes.

One experiment is one entry in `EXPERIMENTS`: a function of the cycle that lists its conditions. Conditions that begin
with the same stages share them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np

from spinneuron.protocols import Cycle, Protocol

PROBE = 0.83
"""Of figs. S1 to S4 [V]."""
PUMP = 0.9
"""Of figs. 1F, 1G, S2 and S9 [V]."""
CURVE = tuple(np.round(np.linspace(0.68, 0.96, 29), 3).tolist())
AROUND = (0.775, 0.79, 0.81, 0.83, 0.85)
"""Of figs. 1F and 1G [V]; not printed. The preset switches with the printed 9.5 % between the first two when cold."""
AMPLITUDES = (0.70, 0.75, 0.80, 0.83, 0.85, 0.88, 0.90, 0.93)
_NS = 1e-9


@dataclass(frozen=True)
class Condition:
    """One state of the junction, and the voltages at which it is probed.

    Attributes
    ----------
    experiment : str
        In `EXPERIMENTS`.
    label : str
        Of the condition within it.
    history : tuple of Protocol or float
        Waveforms, and idle times [s], before the probe.
    probes : tuple of float [V]
    amplitude : float [V]
        Of the pulses before; 0 without any.
    pulses : int
        How many there were.
    width : float [s]
        Of the plateau of each.
    delay : float [s]
        Idle time before the probe, beyond the regular cycle.
    regular : bool
        Whether the probe comes after a whole cycle, or right after the reset.
    reference : bool
        Whether it is the insensitive junction that is measured.
    """

    experiment: str
    label: str
    history: tuple[Protocol | float, ...]
    probes: tuple[float, ...]
    amplitude: float = 0.0
    pulses: int = 0
    width: float = 0.0
    delay: float = 0.0
    regular: bool = True
    reference: bool = False


def baseline(cycle: Cycle) -> list[Condition]:
    """Fig. 1E: the switching curve without heat.

    Parameters
    ----------
    cycle : Cycle

    Returns
    -------
    list of Condition
    """
    return [Condition("1E", "no pulse before", (), CURVE)]


def heating(cycle: Cycle) -> list[Condition]:
    """Fig. 1F: right after the reset that follows a pulse of 0.9 V and 50 to 500 ns.

    Parameters
    ----------
    cycle : Cycle

    Returns
    -------
    list of Condition
    """
    conditions = []
    for width in (50.0, 100.0, 200.0, 300.0, 400.0, 500.0):
        pump = cycle.pump(PUMP, width * _NS, delay=0.0)
        state = partial(Condition, amplitude=PUMP, pulses=1, width=width * _NS, regular=False)
        conditions.append(state("1F", f"{width:g} ns", (pump,), AROUND))
    return conditions


def cooling(cycle: Cycle) -> list[Condition]:
    """Fig. 1G: 0 to 1000 ns later than right after a pulse of 0.9 V and 500 ns.

    Parameters
    ----------
    cycle : Cycle

    Returns
    -------
    list of Condition
    """
    pump = cycle.pump(PUMP, 500.0 * _NS, delay=0.0)
    state = partial(Condition, amplitude=PUMP, pulses=1, width=500.0 * _NS, regular=False)
    delays = (0.0, 100.0, 200.0, 300.0, 500.0, 1000.0)
    return [state("1G", f"{d:g} ns", (pump, d * _NS), AROUND, delay=d * _NS) for d in delays]


def amplitudes(cycle: Cycle) -> list[Condition]:
    """Fig. S1: one cycle after a pulse of 0.7 to 0.93 V.

    Parameters
    ----------
    cycle : Cycle

    Returns
    -------
    list of Condition
    """
    state = partial(Condition, pulses=1, width=cycle.width)
    return [state("S1", f"{V:g} V", (cycle.pump(V),), (PROBE,), amplitude=V) for V in AMPLITUDES]


def decay(cycle: Cycle) -> list[Condition]:
    """Fig. S2: 0 to 5000 ns later than after five cycles of 0.9 V.

    Parameters
    ----------
    cycle : Cycle

    Returns
    -------
    list of Condition
    """
    before = (cycle.pump(PUMP),) * 5
    state = partial(Condition, amplitude=PUMP, pulses=5, width=cycle.width)
    delays = (0.0, 50.0, 100.0, 150.0, 200.0, 300.0, 400.0, 500.0, 750.0, 1000.0, 2000.0, 5000.0)
    return [state("S2", f"{d:g} ns", (*before, d * _NS), (PROBE,), delay=d * _NS) for d in delays]


def sequences(cycle: Cycle) -> list[Condition]:
    """Fig. S3: after all sixteen sequences of four steps with and without a pulse of 0.85 V.

    Parameters
    ----------
    cycle : Cycle

    Returns
    -------
    list of Condition
    """
    conditions = []
    for bits in product("01", repeat=4):
        history = tuple(cycle.pump(0.85) if bit == "1" else cycle.duration for bit in bits)
        state = partial(Condition, amplitude=0.85, pulses=bits.count("1"), width=cycle.width)
        conditions.append(state("S3", "".join(bits), history, (PROBE,)))
    return conditions


def trains(cycle: Cycle) -> list[Condition]:
    """Fig. S4: after three cycles of 0.7 to 0.93 V.

    Parameters
    ----------
    cycle : Cycle

    Returns
    -------
    list of Condition
    """
    state = partial(Condition, pulses=3, width=cycle.width)
    return [state("S4", f"{V:g} V", (cycle.pump(V),) * 3, (PROBE,), amplitude=V) for V in AMPLITUDES]


def insensitive(cycle: Cycle) -> list[Condition]:
    """Fig. S9: the reference junction, without heat and after three cycles of 0.9 V.

    Parameters
    ----------
    cycle : Cycle

    Returns
    -------
    list of Condition
    """
    volts = tuple(np.round(np.linspace(0.74, 0.92, 10), 3).tolist())
    state = partial(Condition, "S9", probes=volts, reference=True)
    return [
        state("no pulse before", ()),
        state("after three pulses", (cycle.pump(PUMP),) * 3, amplitude=PUMP, pulses=3, width=cycle.width),
    ]


EXPERIMENTS: dict[str, Callable[[Cycle], list[Condition]]] = {
    "1E": baseline,
    "1F": heating,
    "1G": cooling,
    "S1": amplitudes,
    "S2": decay,
    "S3": sequences,
    "S4": trains,
    "S9": insensitive,
}
"""Published figure -> what is measured for it."""


def work(conditions: Sequence[Condition], cycle: Cycle) -> float:
    """Simulated time of conditions that share what they have in common: a measure of the work.

    Parameters
    ----------
    conditions : sequence of Condition
    cycle : Cycle

    Returns
    -------
    float [s]
    """
    seen, total = set(), 0.0
    for one in conditions:
        total += len(one.probes) * (2.0 * cycle.edge + cycle.width)
        for i, stage in enumerate(one.history):
            if isinstance(stage, Protocol) and (key := (one.reference, one.history[: i + 1])) not in seen:
                seen.add(key)
                total += stage.duration
    return total
