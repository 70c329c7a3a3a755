"""Every file of ours in a few lines of text: what the command line prints, as tables of words."""

from collections.abc import Callable
from typing import Any

import xarray as xr

from spinneuron.device import Device
from spinneuron.ovf import Ovf
from spinneuron.summary import (
    capacity,
    fields,
    magnets,
    memory,
    neurons,
    plasticity,
    rates,
    switching,
    trajectories,
    windows,
)
from spinneuron.summary.table import Table

__all__ = ["Table", "tables"]


def tables(content: Any) -> list[Table]:
    """Summarize anything that spinneuron writes.

    Parameters
    ----------
    content : xarray.Dataset, Device, Ovf or surrogate

    Returns
    -------
    list of Table
    """
    if isinstance(content, Device):
        return [neurons.device(content)]
    if isinstance(content, Ovf):
        return [fields.field(content)]
    if not isinstance(content, xr.Dataset):
        return [neurons.neuron(content)]
    return _DATASETS[content.attrs["kind"]](content)


_DATASETS: dict[str, Callable[[xr.Dataset], list[Table]]] = {
    "spinneuron-run": trajectories.run,
    "spinneuron-density": trajectories.density,
    "spinneuron-lattice": magnets.magnet,
    "spinneuron-hysteresis": magnets.hysteresis,
    "spinneuron-window": windows.window,
    "spinneuron-evolution": trajectories.evolution,
    "spinneuron-spikes": trajectories.spikes,
    "spinneuron-plasticity": plasticity.suite,
    "spinneuron-ingredients": plasticity.ingredients,
    "spinneuron-switching": switching.switching,
    "spinneuron-write-error": switching.write_error,
    "spinneuron-rates": rates.rates,
    "spinneuron-shift": switching.shifts,
    "spinneuron-memory": memory.memory,
    "spinneuron-validation": switching.validation,
    "spinneuron-circuit": neurons.circuit,
    "spinneuron-capacity": capacity.capacity,
    "spinneuron-capacity-design": capacity.design,
}
