"""Figures of datasets, neurons and devices, in one look. A new kind of dataset is one file here and one entry in
`FIGURES`.

Each function takes what it draws and returns a matplotlib Figure; `style.save` writes it.
"""

from collections.abc import Callable
from typing import Any

import xarray as xr
from matplotlib.figure import Figure

from spinneuron.device import Device
from spinneuron.ovf import Ovf
from spinneuron.plotting import (
    capacity,
    circuit,
    density,
    device,
    evolution,
    ingredients,
    magnets,
    measured,
    memory,
    neuron,
    ovf,
    plasticity,
    rates,
    runs,
    window,
    write_error,
)
from spinneuron.plotting.style import save
from spinneuron.quantity import InputError, shown

__all__ = ["FIGURES", "draw", "save"]

FIGURES: dict[str, Callable[[xr.Dataset], Figure]] = {
    "spinneuron-run": runs.trajectory,
    "spinneuron-density": density.density,
    "spinneuron-lattice": magnets.magnet,
    "spinneuron-hysteresis": magnets.loop,
    "spinneuron-window": window.window,
    "spinneuron-evolution": evolution.evolution,
    "spinneuron-spikes": runs.spikes,
    "spinneuron-circuit": circuit.circuit,
    "spinneuron-capacity": capacity.capacity,
    "spinneuron-capacity-design": capacity.design,
    "spinneuron-plasticity": plasticity.overview,
    "spinneuron-ingredients": ingredients.ingredients,
    "spinneuron-switching": measured.curves,
    "spinneuron-write-error": write_error.write_error,
    "spinneuron-rates": rates.rates,
    "spinneuron-shift": measured.measured_shifts,
    "spinneuron-memory": memory.memory,
    "spinneuron-validation": measured.validation,
}
"""Attribute ``kind`` of a dataset -> the function that draws it."""


def draw(content: Any) -> Figure:
    """Draw anything that spinneuron writes.

    Parameters
    ----------
    content : xarray.Dataset, Device, Ovf or surrogate

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If it is a dataset of an unknown kind.
    """
    if isinstance(content, Device):
        return device.pillar(content)
    if isinstance(content, Ovf):
        return ovf.field(content)
    if not isinstance(content, xr.Dataset):
        return neuron.neuron(content)
    if content.attrs.get("kind") not in FIGURES:
        raise InputError(f"kind = {shown(content.attrs.get('kind'))}: not one of {', '.join(FIGURES)}")
    return FIGURES[content.attrs["kind"]](content)
