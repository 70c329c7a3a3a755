"""The same neurons as layers of other libraries, and in the exchange format NIR.

- `bridges.spikingjelly.MemoryNeuron`: a ``MemoryModule`` of SpikingJelly,
- `bridges.snntorch.LeakyNeuron`: a neuron of snnTorch,
- `bridges.nir`: export of a neuron file, lossy.

Each needs its library; a missing one is told in one line.
"""

from importlib import import_module
from typing import Any

from spinneuron.quantity import InputError

# Public name -> the module that has it, and how its library is installed.
_PUBLIC = {
    "LeakyNeuron": ("spinneuron.networks.bridges.snntorch", "snntorch"),
    "MemoryNeuron": ("spinneuron.networks.bridges.spikingjelly", "spikingjelly"),
    "lost": ("spinneuron.networks.bridges.nir", "nir"),
    "nir_graph": ("spinneuron.networks.bridges.nir", "nir"),
    "write_nir": ("spinneuron.networks.bridges.nir", "nir"),
}

__all__ = list(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, library = _PUBLIC[name]
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("spinneuron"):
            raise
        missing = (error.name or library).partition(".")[0]
        how = "spinneuron[torch]" if missing in ("torch", "nir") else missing
        message = f'bridges.{name}: needs {missing}, which is not installed; pip install "{how}"'
        raise InputError(message) from None


def __dir__() -> list[str]:
    return sorted(__all__)
