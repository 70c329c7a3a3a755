"""Datasets on disk: NetCDF-4, compressed, written whole or not at all, and read back only if they are ours."""

import os
from pathlib import Path
from typing import Any, Literal

import numpy as np
import xarray as xr

from spinneuron.quantity import InputError, shown
from spinneuron.whole_file import replacing

KINDS: dict[str, str] = {
    "spinneuron-run": "trajectories of one device",
    "spinneuron-density": "probability density of the moment of one device",
    "spinneuron-lattice": "motion of a magnet on a lattice",
    "spinneuron-hysteresis": "states at rest of a magnet as the applied field changes",
    "spinneuron-window": "design window of a device",
    "spinneuron-evolution": "slope of the membrane potential, split by its causes",
    "spinneuron-spikes": "read-out of trajectories: voltage, spikes and energy",
    "spinneuron-circuit": "circuit figures of a neuron: comparator window, yield, energy, area",
    "spinneuron-capacity": "scores of memory that no network of a neuron can exceed",
    "spinneuron-capacity-design": "the same over decay and gain of the neuron",
    "spinneuron-plasticity": "published experiments on a junction that remembers by its heat",
    "spinneuron-ingredients": "where the linear term of the heat comes from",
    "spinneuron-switching": "switching curves: counts and probabilities over the voltage",
    "spinneuron-write-error": "write errors over the width of a pulse",
    "spinneuron-rates": "rates at which the states of a junction are left at constant voltages",
    "spinneuron-shift": "shifts of the midpoint after pulses",
    "spinneuron-memory": "scores of networks in an experiment on memory",
    "spinneuron-validation": "a neuron beside what was measured, and the residuals",
}
"""Attribute ``kind`` of our datasets -> what they hold."""

_ENGINE: Literal["h5netcdf"] = "h5netcdf"


def save(dataset: xr.Dataset, path: str | os.PathLike) -> None:
    """Write a dataset to a NetCDF-4 file, whole or not at all.

    Parameters
    ----------
    dataset : xarray.Dataset
        With an attribute ``kind`` of `KINDS`.
    path : str or path
        An existing file is replaced.

    Raises
    ------
    InputError
        If the dataset is none of ours, or the file cannot be written.
    """
    if dataset.attrs.get("kind") not in KINDS:
        raise InputError(f"kind = {shown(dataset.attrs.get('kind'))}: not one of {', '.join(KINDS)}")
    # Without a fill value: NaN says that there is none, and integers have none.
    encoding: dict[Any, Any] = {name: {"_FillValue": None} for name in dataset.variables if _numeric(dataset[name])}
    for name, options in encoding.items():
        if dataset[name].ndim:
            options |= {"zlib": True, "complevel": 4, "shuffle": True}
    with replacing(path) as temporary:
        dataset.to_netcdf(temporary, engine=_ENGINE, encoding=encoding)


def _numeric(variable: xr.DataArray) -> bool:
    return np.issubdtype(variable.dtype, np.number)


def load(path: str | os.PathLike) -> xr.Dataset:
    """Read a dataset, into memory.

    Parameters
    ----------
    path : str or path
        Of a file that `save` wrote.

    Returns
    -------
    xarray.Dataset

    Raises
    ------
    InputError
        If there is no such file, it is cut off or no NetCDF-4 file, or none of ours.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path}: there is no such file")
    if path.is_dir():
        raise InputError(f"{path}: is a folder; give a NetCDF file in it")
    try:
        dataset = xr.load_dataset(path, engine=_ENGINE)
    # Bytes that are no HDF5 can end anywhere in three libraries; each error of theirs means the same to the reader.
    except Exception as error:
        if isinstance(error, PermissionError):
            raise InputError(f"{path}: cannot be read ({error.strerror})") from None
        raise InputError(f"{path}: is cut off or no NetCDF-4 file; make it again with spinneuron") from None
    if dataset.attrs.get("kind") not in KINDS:
        raise InputError(f"{path}: was not written by spinneuron (kind = {shown(dataset.attrs.get('kind'))})")
    return dataset
