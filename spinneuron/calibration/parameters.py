"""Which numbers of a device a calibration may move: positive fields by name, entries of lists as name[index]."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from spinneuron.device import Device, schema
from spinneuron.quantity import InputError, nearest, shown

_ENTRY = re.compile(r"(\w+)\[(\d{1,3})\]")
LISTS = ("thermal_resistances", "thermal_times")


class Parameter(NamedTuple):
    """A number of a device.

    Attributes
    ----------
    name : str
        As the caller wrote it.
    field : str
    entry : int
        Of a list; -1 for a plain number.
    unit : str
    """

    name: str
    field: str
    entry: int
    unit: str

    def of(self, device: Device) -> float:
        """Take the number out of a device.

        Parameters
        ----------
        device : Device

        Returns
        -------
        float
            In its SI unit.
        """
        value = getattr(device, self.field)
        return float(value if self.entry < 0 else value[self.entry])


def parameters(device: Device, names: Iterable[str]) -> tuple[Parameter, ...]:
    """Look up what a calibration is to move.

    Parameters
    ----------
    device : Device
        From whose numbers it starts.
    names : iterable of str
        Fields, or entries such as "thermal_times[0]".

    Returns
    -------
    tuple of Parameter

    Raises
    ------
    InputError
        If a name is unknown or stands twice, or its number is not set or not positive: the search goes over logarithms.
    """
    found: list[Parameter] = []
    for name in names:
        one = _parameter(device, name)
        if one in found:
            raise InputError(f"free = {shown(name)}: stands twice; keep one")
        found.append(one)
    return tuple(found)


def allowed(device: Device) -> list[str]:
    """List what can be free: the numbers of a device.

    Parameters
    ----------
    device : Device

    Returns
    -------
    list of str
    """
    plain = [name for name, key in schema().items() if key.unit and key.components == 1]
    return plain + [f"{name}[{i}]" for name in LISTS for i in range(len(getattr(device, name)))]


def _parameter(device: Device, name: str) -> Parameter:
    said, known = f"free = {shown(name)}: ", allowed(device)
    match = _ENTRY.fullmatch(name)
    field, index = (match[1], int(match[2])) if match else (name, -1)
    if field in LISTS and name not in known:
        count = len(getattr(device, field))
        remedy = f'use an entry like "{field}[0]"' if count else f"give {device.name} a heat path to start from"
        raise InputError(f"{said}{device.name} has {count} thermal poles; {remedy}")
    if name not in known:
        raise InputError(f"{said}no number of a device, {nearest(name, known)}allowed: {', '.join(known)}")
    one = Parameter(name, field, index, schema()[field].unit)
    if getattr(device, field) is None:
        raise InputError(f"{said}is not set in {device.name}; give it a value to start from")
    if one.of(device) <= 0.0:
        raise InputError(f"{said}is {one.of(device):g} in {device.name}; give it a positive value to start from")
    return one


def replaced(device: Device, free: Sequence[Parameter], values: np.ndarray) -> Device:
    """Copy a device with other values of its free numbers.

    Parameters
    ----------
    device : Device
    free : sequence of Parameter
    values : numpy.ndarray
        In SI units.

    Returns
    -------
    Device

    Raises
    ------
    InputError
        If a device cannot have such a value.
    """
    fields: dict[str, float | list[float]] = {}
    for one, value in zip(free, values.tolist(), strict=True):
        if one.entry < 0:
            fields[one.field] = value
        else:
            fields.setdefault(one.field, list(getattr(device, one.field)))[one.entry] = value  # type: ignore[index]
    return device.replace(**fields)
