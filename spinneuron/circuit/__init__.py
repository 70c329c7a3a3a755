"""Circuit figures of the plasticity neuron: divider and comparator, their yield, energy, area and system totals.

``comparator`` holds eqs. (1) and (2) of the intrinsic-plasticity network paper and what spread does to them, ``energy``
the energy of a cycle and of a simulated run, ``neuron`` the differential neuron and the totals of a network, ``table``
all of them beside the published
numbers, ``curves`` the dataset of table and curves.
"""

from spinneuron.circuit.comparator import ReadStage, best_reference, comparator_window
from spinneuron.circuit.curves import circuit_dataset
from spinneuron.circuit.energy import Operation, cycle_energy, energy_of_run, resistance_for
from spinneuron.circuit.neuron import circuit_area, differential_output, sample_energy
from spinneuron.circuit.simulated import Simulated, simulated_energy
from spinneuron.circuit.spread import Spread, best_level, corners, read_errors
from spinneuron.circuit.table import Circuit, circuit_table

__all__ = [
    "Circuit",
    "Operation",
    "ReadStage",
    "Simulated",
    "Spread",
    "best_level",
    "best_reference",
    "circuit_area",
    "circuit_dataset",
    "circuit_table",
    "comparator_window",
    "corners",
    "cycle_energy",
    "differential_output",
    "energy_of_run",
    "read_errors",
    "resistance_for",
    "sample_energy",
    "simulated_energy",
]
