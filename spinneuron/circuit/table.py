"""All circuit figures of a device beside the published ones, each with the assumption that it rests on.

The published numbers are those of the intrinsic-plasticity network paper (IPNet): Methods, sections on circuit design,
area and energy, and the discussion. A published number is repeated in every row that tries to explain it.
"""

import math
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

from spinneuron.circuit.comparator import ReadStage
from spinneuron.circuit.energy import END, MIDDLE, START, Operation, cycle_energy, resistance_for
from spinneuron.circuit.neuron import (
    FEATURE,
    JUNCTIONS,
    LAYOUT,
    TRANSISTORS,
    circuit_area,
    differential_output,
    sample_energy,
)
from spinneuron.circuit.spread import Spread, best_level, corners, read_errors
from spinneuron.device import Device
from spinneuron.quantity import InputError, finite, format, positive, shown

SENSITIVE, REFERENCE, NEURON, SAMPLE = 450e-12, 82e-12, 0.6e-9, 87e-6
"""Published energies [J]: per cycle of both junctions and of the differential neuron, per DVS Gesture sample."""
AREA, CORE = 1.5e-12, 0.03e-12
"""Published areas [m^2]: of the differential neuron, of its core device."""
BASELINES = {"RNN": (0.21, 2414.0), "LSTM": (0.25, 2874.0), "R(2+1)D": (7.91, 90920.0)}
"""Energy of the temporal part per sample [J], and how many times that of the plasticity layer it is said to be."""
PROBABILITIES = (0.274, 0.095)
"""Published firing probabilities [1] after a heating pulse, and without."""
CORNER = 3.0
"""Standard deviations of the worst corner."""


_Row = tuple[str, float, str, float | None, str]


class Entry(NamedTuple):
    """One figure.

    Attributes
    ----------
    group, name : str
    value : float
        In `unit`.
    unit : str
        SI, or "ppm".
    published : float or None
        In the same unit; None where nothing is printed.
    assumption : str
    """

    group: str
    name: str
    value: float
    unit: str
    published: float | None
    assumption: str


@dataclass(frozen=True)
class Circuit:
    """What a table is made for, checked.

    Parameters
    ----------
    device : Device
        The heat-sensitive junction.
    reference_device : Device or None
        The insensitive one; None for the same stack with half the diameter.
    stage : ReadStage
    spread : Spread
    level : float [V]
        Of the comparator.
    voltage : float [V]
        Amplitude of set and reset.
    """

    device: Device
    reference_device: Device | None
    stage: ReadStage
    spread: Spread
    level: float
    voltage: float

    @classmethod
    def of(
        cls,
        device: Device,
        reference_device: Device | None = None,
        *,
        reference_resistance: float | None = None,
        read_voltage: float = 0.05,
        level: float | None = None,
        spread: Spread | None = None,
        voltage: float = 0.8,
    ) -> Self:
        """Check and complete what was given.

        Parameters
        ----------
        device : Device
        reference_device : Device, optional
        reference_resistance : float [ohm], optional
            Of the divider; by default sqrt(R_P R_AP).
        read_voltage : float [V]
        level : float [V], optional
            By default the one with the highest yield.
        spread : Spread, optional
            By default 5 %, Gaussian.
        voltage : float [V]

        Returns
        -------
        Circuit

        Raises
        ------
        InputError
            If a number is out of range, or the reference junction has the lower resistance.
        """
        for junction in (device, reference_device):
            limit = math.inf if junction is None else junction.breakdown_voltage
            if junction is not None and positive("voltage", voltage, "V") >= limit:
                of = f"the breakdown voltage of {shown(junction.name)}, {format(limit, 'V')}"
                raise InputError(f"voltage = {format(voltage, 'V')}: must be below {of}")
        if reference_device is not None and reference_device.resistance_parallel < device.resistance_parallel:
            pair = [format(one.resistance_parallel, "ohm", 4) for one in (reference_device, device)]
            remedy = "the reference junction is the small one of high resistance; exchange the two"
            raise InputError(f"reference = {shown(reference_device.name)}: has {pair[0]} against {pair[1]}; {remedy}")
        spread = Spread(0.05) if spread is None else spread
        stage = ReadStage.of(device, reference_resistance, read_voltage)
        chosen = best_level(stage, spread) if level is None else finite("level", level, "V")
        read_errors(stage, spread, chosen)
        return cls(device, reference_device, stage, spread, chosen, float(voltage))


def circuit_table(circuit: Circuit) -> list[Entry]:
    """List the circuit figures of a device beside the published ones.

    Parameters
    ----------
    circuit : Circuit

    Returns
    -------
    list of Entry

    Examples
    --------
    >>> rows = circuit_table(Circuit.of(Device.preset("orthogonal")))
    >>> [f"{row.value:.4g} {row.unit}" for row in rows if row.name == "area of the circuit"]
    ['1.505e-12 m^2']
    """
    sensitive = sensitive_rows(circuit)
    reference = reference_rows(circuit)
    own = sensitive[0].value + reference[0].value
    return [
        *divider_rows(circuit),
        *spread_rows(circuit),
        *sensitive,
        *reference,
        *neuron_rows(circuit, own),
        *network_rows(own),
        *area_rows(circuit),
    ]


def divider_rows(circuit: Circuit) -> list[Entry]:
    """List resistances, divider and comparator window, eqs. (1) and (2).

    Parameters
    ----------
    circuit : Circuit

    Returns
    -------
    list of Entry
    """
    stage, device = circuit.stage, circuit.device
    window, root = stage.window, math.sqrt(device.resistance_parallel * device.resistance_antiparallel)
    bias = "at low voltage" if device.tmr_voltage is None else f"TMR halved at {format(device.tmr_voltage, 'V')}"
    widest = ReadStage.of(device, root, stage.read_voltage).window.width
    rows = [
        ("R_P", stage.parallel, "ohm", 230.0, "RA / area; printed for device R09C11"),
        ("R_AP", stage.antiparallel, "ohm", 410.0, f"R_P (1 + TMR), {bias}"),
        ("reference resistance", stage.reference, "ohm", None, "in series, eq. (1)"),
        ("its best value", root, "ohm", None, "sqrt(R_P R_AP) gives the widest window"),
        ("read voltage", stage.read_voltage, "V", None, "across both; not printed"),
        ("output of P", window.low, "V", None, "lower end of eq. (2)"),
        ("output of AP", window.high, "V", None, "upper end of eq. (2)"),
        ("window", window.width, "V", None, "between them"),
        ("middle of the window", window.middle, "V", None, "half the read voltage at the best reference"),
        ("widest window", widest, "V", None, "V_read (s - 1) / (s + 1), s = sqrt(1 + TMR)"),
        ("comparator level", circuit.level, "V", None, "highest yield, unless given"),
    ]
    return [Entry("divider and comparator", *row) for row in rows]


def spread_rows(circuit: Circuit) -> list[Entry]:
    """List worst corner, read errors and yield.

    Parameters
    ----------
    circuit : Circuit

    Returns
    -------
    list of Entry
    """
    stage, spread = circuit.stage, circuit.spread
    what = f"{format(spread.sigma, '%')} {spread.law}"
    what += f", offset {format(spread.offset, 'V')}" if spread.offset else ""
    count = CORNER if spread.factor(-CORNER) > 0.0 else 1.0
    rows: list[_Row] = [
        ("spread of R_P and R_AP", spread.sigma, "1", None, f"{what}; not printed"),
        ("window in the worst corner", corners(stage, spread, count).width, "V", None, f"all {count:g} sigma away"),
    ]
    for common, kind in ((False, "independent"), (True, "common")):
        errors = read_errors(stage, replace(spread, common=common), circuit.level)
        how = "R_P and R_AP by themselves" if not common else "R_P and R_AP by one factor"
        if not common:
            rows.append(("P read as a spike", 1e6 * errors.false_spike, "ppm", None, what))
            rows.append(("AP read as no spike", 1e6 * errors.missed_spike, "ppm", None, what))
            mean = 0.5e6 * (errors.false_spike + errors.missed_spike)
            rows.append(("read error", mean, "ppm", None, "both states alike"))
        rows.append((f"failing junctions, {kind}", 1e6 * errors.failure, "ppm", None, how))
        rows.append((f"yield, {kind}", errors.read_yield, "1", None, how))
    return [Entry("spread", *row) for row in rows]


def sensitive_rows(circuit: Circuit) -> list[Entry]:
    """List the energy per cycle of the sensitive junction under each assumption; the first row is the default one.

    Parameters
    ----------
    circuit : Circuit

    Returns
    -------
    list of Entry
    """
    device = circuit.device
    pair = device.resistance_parallel, device.resistance_antiparallel
    default = Operation(circuit.voltage)
    share = f"{format(default.probability, '%')} of the cycles"
    cases: list[tuple[str, Operation, float | None]] = [
        (f"rectangular; {share} switch at mid-pulse", default, None),
        ("rectangular; every cycle switches at the end: set at R_P, reset at R_AP", _every(default, END), None),
        ("rectangular; every cycle switches at mid-pulse", _every(default, MIDDLE), None),
        ("rectangular; every cycle switches at the start: all at R_AP", _every(default, START), None),
        ("rectangular; never switches: all at R_P", replace(default, probability=0.0), None),
        (f"with ramps of 20 ns; {share} switch at mid-pulse", replace(default, shape="trapezoid"), None),
    ]
    if device.tmr_voltage is not None:
        cases.append(
            (f"rectangular; {share} at mid-pulse; TMR halved at {device.tmr_voltage:g} V", default, device.tmr_voltage)
        )
    name = f"energy at {format(circuit.voltage, 'V')}"
    return [
        Entry("sensitive junction", name, cycle_energy(*pair, cycle, half), "J", SENSITIVE, text)
        for text, cycle, half in cases
    ]


def _every(cycle: Operation, moment: float) -> Operation:
    return replace(cycle, probability=1.0, moment=moment)


def reference_rows(circuit: Circuit) -> list[Entry]:
    """List the energy per cycle of the reference junction, and the junction that the published one needs.

    Parameters
    ----------
    circuit : Circuit

    Returns
    -------
    list of Entry
    """
    device, other, cycle = circuit.device, circuit.reference_device, Operation(circuit.voltage)
    name = f"energy at {format(circuit.voltage, 'V')}"
    quarter = cycle_energy(device.resistance_parallel, device.resistance_antiparallel, cycle) / 4.0
    rows: list[_Row] = [(name, quarter, "J", REFERENCE, "same stack, half the diameter: a quarter of it")]
    if other is not None:
        energy = cycle_energy(other.resistance_parallel, other.resistance_antiparallel, cycle)
        rows.insert(0, (name, energy, "J", REFERENCE, f"{other.name}: {format(other.resistance_parallel, 'ohm', 4)}"))
    # The published energy holds at 0.80 V, whatever voltage the table is for.
    constant = resistance_for(REFERENCE, 0.0, Operation())
    switching = resistance_for(REFERENCE, device.tmr, Operation())
    rows += [
        ("R that 82 pJ needs", constant, "ohm", None, "0.80 V, 170 ns, one resistance"),
        ("R_P that 82 pJ needs", switching, "ohm", None, "0.80 V, TMR of the device, 19.72 % switch at mid-pulse"),
    ]
    for text, resistance in (("one resistance", constant), ("switching", switching)):
        diameter = 2.0 * math.sqrt(device.resistance_area / (math.pi * resistance))
        rows.append(("its diameter", diameter, "m", 100e-9, f"{text}, RA of the device"))
    return [Entry("reference junction", *row) for row in rows]


def neuron_rows(circuit: Circuit, own: float) -> list[Entry]:
    """List energy and expected output of the differential neuron.

    Parameters
    ----------
    circuit : Circuit
    own : float [J]
        Of both junctions at the voltage of the table.

    Returns
    -------
    list of Entry
    """
    device = circuit.device
    printed = cycle_energy(device.resistance_parallel, device.resistance_antiparallel, Operation()) + REFERENCE
    output = differential_output(*PROBABILITIES)
    per = "energy per operation"
    rows = [
        (per, own, "J", NEURON, f"first rows of both junctions, at {format(circuit.voltage, 'V')}"),
        (per, printed, "J", NEURON, "0.80 V, with the printed 82 pJ"),
        (per, printed * (0.85 / 0.8) ** 2, "J", NEURON, "the same at a mean square amplitude of (0.85 V)^2"),
        ("amplitude that 0.6 nJ needs", 0.8 * math.sqrt(NEURON / printed), "V", None, "root mean square, with 82 pJ"),
        ("mean of Spike_ref", output.reference, "1", None, "printed probability without heat"),
        ("mean of Spike_the - Spike_ref", output.difference, "1", None, "printed ones, after 0.9 V for 500 ns"),
        ("its deviation, one neuron", output.difference_deviation, "1", None, "Bernoulli, independent; as 1 / sqrt(N)"),
    ]
    return [Entry("differential neuron", *row) for row in rows]


def network_rows(own: float) -> list[Entry]:
    """List energy per DVS Gesture sample, and how it compares with the published baselines.

    Parameters
    ----------
    own : float [J]
        Per operation of a differential neuron.

    Returns
    -------
    list of Entry
    """
    product = "2 x 128 x 128 x 8.9 % x 50 frames"
    rows = [
        ("energy per DVS sample", sample_energy(NEURON), "J", SAMPLE, f"{product} x 0.6 nJ"),
        ("energy per DVS sample", sample_energy(own), "J", SAMPLE, f"{product} x the energy per operation above"),
        ("with N = 4", 4 * SAMPLE, "J", 348e-6, "of the rounded 87 uJ"),
        ("with N = 16", 16 * SAMPLE, "J", 1392e-6, "of the rounded 87 uJ"),
    ]
    for name, (energy, published) in BASELINES.items():
        text = f"{energy:g} J over the rounded 87 uJ, N = 1"
        rows.append((f"{name} takes more by", energy / SAMPLE, "1", published, text))
    for name, (energy, published) in BASELINES.items():
        text = f"{energy:g} J over the energy per sample of this device, N = 1"
        rows.append((f"{name} takes more by", energy / sample_energy(own), "1", published, text))
    return [Entry("network", *row) for row in rows]


def area_rows(circuit: Circuit) -> list[Entry]:
    """List cells, transistors and areas.

    Parameters
    ----------
    circuit : Circuit

    Returns
    -------
    list of Entry
    """
    text = f"{TRANSISTORS} x {LAYOUT:g} F^2, F = {format(FEATURE, 'm')}; the junctions lie above"
    rows = [
        ("junctions", float(JUNCTIONS), "1", None, "two that switch, two that divide"),
        ("transistors", float(TRANSISTORS), "1", 24.0, "6 inverters of 2, 2 AND gates of 6"),
        ("area of the circuit", circuit_area(), "m^2", AREA, text),
        ("area of the junction", circuit.device.area, "m^2", CORE, "section of the device"),
    ]
    return [Entry("area", *row) for row in rows]
