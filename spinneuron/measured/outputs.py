"""Measured outputs of single pulses: rows of a table -> samples that a Gaussian neuron is fitted to."""

import os

import numpy as np
import xarray as xr

from spinneuron.measured.table import load

COLUMNS = {"voltage": "V", "output": "1"}
"""Column of a file of outputs -> SI unit."""


def read_outputs(path: str | os.PathLike) -> xr.Dataset:
    """Read outputs of single pulses from a CSV file.

    Parameters
    ----------
    path : str or path
        As docs/measured.md describes.

    Returns
    -------
    xarray.Dataset
        Over ``sample``: ``voltage`` and ``output``.

    Raises
    ------
    InputError
        If the file cannot be read, or anything in it is wrong: one line with its name and the line in it.
    """
    table = load(path)
    table.take(COLUMNS, COLUMNS)
    if not table.rows:
        raise table.fault(table.header, "no rows follow; give one for each pulse")
    found = {
        name: np.array([table.number(row, name, table.filled(row, name), unit) for row in table.rows])
        for name, unit in COLUMNS.items()
    }
    variables = {
        "voltage": ("sample", found["voltage"], {"units": "V", "long_name": "voltage of the pulse"}),
        "output": ("sample", found["output"], {"units": "1", "long_name": "output read after the pulse"}),
    }
    return xr.Dataset(variables, attrs=table.attrs)
