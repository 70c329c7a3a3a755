"""Tables of words, and how numbers, sizes and conditions are written in them."""

import math
from typing import Any, NamedTuple

from spinneuron.device import Device
from spinneuron.protocols import Protocol
from spinneuron.quantity import format
from spinneuron.window.spec import DIMENSIONS


class Table(NamedTuple):
    """Words in rows and columns.

    Attributes
    ----------
    rows : list of tuple of str
        All of one length; the first may be a header.
    title : str
    """

    rows: list[tuple[str, ...]]
    title: str = ""

    def __str__(self) -> str:
        """Write the table with aligned columns."""
        widths = [max(map(len, column)) for column in zip(*self.rows, strict=True)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in self.rows]
        return "\n".join([*([self.title] if self.title else []), *(f"  {line}".rstrip() for line in lines)])


def sizes(holder: Any) -> str:
    """Write the three sizes of a device or of a window.

    Parameters
    ----------
    holder : object
        With ``width``, ``length`` and ``thickness`` [m].

    Returns
    -------
    str
    """
    return " x ".join(f"{float(getattr(holder, name)) * 1e9:.4g}" for name in DIMENSIONS) + " nm"


def number(value: float, unit: str, error: float = math.nan) -> str:
    """Write a value with its standard error, where it has one.

    Parameters
    ----------
    value : float [SI]
    unit : str
    error : float [SI]

    Returns
    -------
    str
    """
    if not math.isfinite(value):
        return "infinite" if math.isinf(value) else "none"
    return format(value, unit, 4) + (f" +- {format(error, unit, 2)}" if math.isfinite(error) else "")


def conditions(attrs: dict) -> list[tuple[str, ...]]:
    """Say what a run was made of.

    Parameters
    ----------
    attrs : dict
        Of a dataset.

    Returns
    -------
    list of tuple of str
    """
    rows: list[tuple[str, ...]] = []
    if "device" in attrs:
        device = Device.from_json(attrs["device"])
        rows.append(("device", f"{device.name}, {device.geometry}, W x L x T = {sizes(device)}"))
    protocol = Protocol.from_json(attrs["protocol"])
    peak = max(protocol.values, key=abs)
    rows.append(("drive", f"up to {format(peak, protocol.unit, 4)}, {format(protocol.duration, 's', 4)} in all"))
    warmth = format(float(attrs["temperature"]), "K")
    if "trials" in attrs:
        rows.append(("trials", f"{attrs['trials']} at {warmth}, seed {attrs['seed']}"))
    else:
        rows.append(("temperature", warmth))
    return rows
