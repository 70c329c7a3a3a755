"""Reading of both kinds of measured files: which one it is, its columns tell."""

import os

import xarray as xr

from spinneuron.measured import curves, shifts
from spinneuron.measured.curves import Curves, curves_of
from spinneuron.measured.shifts import shifts_of
from spinneuron.measured.table import Table, load
from spinneuron.quantity import nearest, shown

_EXAMPLES = '"voltage [V],switched,trials" for switching curves, "amplitude [V],delta_x0 [mV]" for shifts'


def read(path: str | os.PathLike) -> Curves | xr.Dataset:
    """Read a CSV file of either kind.

    Parameters
    ----------
    path : str or path
        As docs/measured.md describes.

    Returns
    -------
    Curves or xarray.Dataset
        Curves of a file with ``voltage``; of one with ``delta_x0`` the dataset of shifts.

    Raises
    ------
    InputError
        If the file cannot be read, or anything in it is wrong: one line with its name and the line in it.
    """
    table = load(path)
    return shifts_of(table) if _is_of_shifts(table) else curves_of(table)


def read_curves(path: str | os.PathLike) -> Curves:
    """Read switching curves from a CSV file.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    Curves

    Raises
    ------
    InputError
        As `read`; and if these are no switching curves.
    """
    table = load(path)
    if _is_of_shifts(table):
        raise table.fault(table.header, 'column delta_x0: these are shifts; give curves, "voltage [V],switched,trials"')
    return curves_of(table)


def read_shifts(path: str | os.PathLike) -> xr.Dataset:
    """Read shifts of the midpoint from a CSV file.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    xarray.Dataset
        Of kind "spinneuron-shift", over ``row``.

    Raises
    ------
    InputError
        As `read`; and if these are no shifts.
    """
    table = load(path)
    if not _is_of_shifts(table):
        raise table.fault(table.header, 'column voltage: these are curves; give shifts, "amplitude [V],delta_x0 [mV]"')
    return shifts_of(table)


def _is_of_shifts(table: Table) -> bool:
    """Tell by the columns which kind of file this is."""
    names = table.units.keys()
    either = curves.COLUMNS.keys() | shifts.COLUMNS.keys()
    of_curves = names & (curves.COLUMNS.keys() - shifts.COLUMNS.keys())
    of_shifts = names & (shifts.COLUMNS.keys() - curves.COLUMNS.keys())
    if "voltage" in names and "delta_x0" in names:
        raise table.fault(table.header, "columns voltage, delta_x0: curves or shifts; give them in two files")
    for name in names:
        if name not in either:
            allowed = [*dict.fromkeys([*curves.COLUMNS, *shifts.COLUMNS])]
            if of_curves and not of_shifts:
                allowed = list(curves.COLUMNS)
            if of_shifts and not of_curves:
                allowed = list(shifts.COLUMNS)
            hint = f"{nearest(name, allowed)}allowed: {', '.join(allowed)}"
            raise table.fault(table.header, f"column {shown(name)}: unknown, {hint}")
    if not of_curves and not of_shifts:
        raise table.fault(table.header, f"columns voltage, delta_x0: neither is there; give {_EXAMPLES}")
    return "delta_x0" in names or ("voltage" not in names and not of_curves)
