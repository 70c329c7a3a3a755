"""Magnetic tunnel junctions as neurons: from the Landau-Lifshitz-Gilbert equation to spiking networks.

Public names are imported on first use: ``spinneuron --help`` needs neither numba nor xarray.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Public name -> the module that has it. A name that ends its module's path means that module: Python binds it to the
# module whenever something imports it, and a name must not depend on what was imported before.
_PUBLIC = {
    "Cycle": "spinneuron.protocols",
    "Device": "spinneuron.device",
    "GEOMETRIES": "spinneuron.geometry",
    "Gaussian": "spinneuron.surrogates",
    "InputError": "spinneuron.quantity",
    "Layout": "spinneuron.lattice",
    "Magnet": "spinneuron.lattice",
    "Material": "spinneuron.lattice",
    "Mesh": "spinneuron.mesh",
    "Protocol": "spinneuron.protocols",
    "Pulse": "spinneuron.protocols",
    "Sigmoid": "spinneuron.surrogates.sigmoid",
    "SignedLIF": "spinneuron.surrogates",
    "calibrate_device": "spinneuron.calibration",
    "density_run": "spinneuron.switching",
    "hysteresis": "spinneuron.lattice",
    "measured": "spinneuron.measured",
    "networks": "spinneuron.networks",
    "neuron_file": "spinneuron.neuron_file",
    "pump_probe": "spinneuron.switching",
    "simulate": "spinneuron.simulation",
    "simulate_lattice": "spinneuron.lattice",
    "switching_curve": "spinneuron.switching",
    "switching_rates": "spinneuron.switching",
    "sweep": "spinneuron.window.survey",
    "train": "spinneuron.protocols",
    "write_error": "spinneuron.switching",
}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(_PUBLIC[name])
    return module if _PUBLIC[name].endswith(f".{name}") else getattr(module, name)


def __dir__() -> list[str]:
    return sorted(__all__)
