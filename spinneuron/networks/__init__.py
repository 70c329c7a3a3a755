"""Neurons of neuron files as PyTorch modules, and as neurons of other libraries (extra ``torch``).

What is here knows neuron files and surrogates, never devices. Names are imported on first use, so that this room can be
named without PyTorch; what needs it says so in one line.
"""

from importlib import import_module
from typing import Any

from spinneuron.quantity import InputError

# Public name -> the module that has it.
_PUBLIC = {
    "DifferentialPair": "spinneuron.networks.differential",
    "EXPERIMENTS": "spinneuron.networks.experiments",
    "GaussianNeuron": "spinneuron.networks.gaussian",
    "IPNet": "spinneuron.networks.ipnet",
    "MODELS": "spinneuron.networks.models",
    "MODULES": "spinneuron.networks.loading",
    "Neuron": "spinneuron.networks.neurons",
    "SAMPLERS": "spinneuron.networks.sampling",
    "SigmoidNeuron": "spinneuron.networks.sigmoid",
    "SignedLIFNeuron": "spinneuron.networks.signed_lif",
    "Study": "spinneuron.networks.study",
    "Training": "spinneuron.networks.training",
    "VoltageMap": "spinneuron.networks.voltage",
    "evaluate": "spinneuron.networks.training",
    "load": "spinneuron.networks.loading",
    "load_network": "spinneuron.networks.models",
    "networks_folder": "spinneuron.networks.running",
    "reseed": "spinneuron.networks.net",
    "reset": "spinneuron.networks.net",
    "run_study": "spinneuron.networks.running",
    "train": "spinneuron.networks.training",
}

__all__ = list(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(_PUBLIC[name]), name)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        message = f'networks.{name}: needs PyTorch, which is not installed; pip install "spinneuron[torch]"'
        raise InputError(message) from None


def __dir__() -> list[str]:
    return sorted(__all__)
