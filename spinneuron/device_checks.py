"""Checks of the fields of a device: ``(name, value, unit)`` to the checked value, or InputError."""

from collections.abc import Callable
from typing import Any

import numpy as np

from spinneuron import quantity
from spinneuron.geometry import GEOMETRIES
from spinneuron.quantity import InputError, nearest, shown

MOST_POLES = 4
"""Thermal poles that a heat path may have."""

MOST_TMR = 20.0
"""Largest tunnel magnetoresistance: 2000 %."""

_MAX_SIZE = 1e-3


def text(name: str, value: Any, unit: str = "") -> str:
    """Check a text that a file can hold.

    Parameters
    ----------
    name : str
        Of the key, for messages.
    value : object
    unit : str

    Returns
    -------
    str

    Raises
    ------
    InputError
        If it is no text, or has characters that no file can hold.
    """
    if not isinstance(value, str):
        raise InputError(f"{name} = {shown(value)}: a text is needed")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise InputError(f"{name} = {shown(value)}: the text has characters that no file can hold")
    return value


def title(name: str, value: Any, unit: str = "") -> str:
    """Check a name.

    Parameters
    ----------
    name : str
        Of the key, for messages.
    value : object
    unit : str

    Returns
    -------
    str

    Raises
    ------
    InputError
        If it is no text on one line.
    """
    if not text(name, value).strip() or not value.isprintable():
        raise InputError(f"{name} = {shown(value)}: a name on one line is needed")
    return value


def texts(name: str, value: Any, unit: str = "") -> tuple[str, ...]:
    """Check a list of texts.

    Parameters
    ----------
    name : str
        Of the key, for messages.
    value : object
    unit : str

    Returns
    -------
    tuple of str

    Raises
    ------
    InputError
        If it is no list, or one of them no text.
    """
    if not isinstance(value, (list, tuple)):
        raise InputError(f"{name} = {shown(value)}: a list of texts is needed")
    return tuple(text(f"{name}[{i}]", item) for i, item in enumerate(value))


def shape(name: str, value: Any, unit: str = "") -> str:
    """Check the name of a geometry.

    Parameters
    ----------
    name : str
        Of the key, for messages.
    value : object
    unit : str

    Returns
    -------
    str

    Raises
    ------
    InputError
        If it is none of GEOMETRIES; underscores are taken for hyphens.
    """
    if not isinstance(value, str):
        raise InputError(f"{name} = {shown(value)}: a text is needed, one of {', '.join(GEOMETRIES)}")
    shape = value.replace("_", "-")
    if shape not in GEOMETRIES:
        raise InputError(f"{name} = {shown(value)}: {nearest(shape, GEOMETRIES)}allowed: {', '.join(GEOMETRIES)}")
    return shape


def size(name: str, value: Any, unit: str = "m") -> float:
    """Check a length of a junction.

    Parameters
    ----------
    name : str
        Of the key, for messages.
    value : object
    unit : str

    Returns
    -------
    float [m]

    Raises
    ------
    InputError
        If it is not positive, or not below 1 mm: numbers are meters.
    """
    size = quantity.positive(name, value, unit)
    # Who writes 10 for 10 nm means no junction of ten meters.
    if size > _MAX_SIZE:
        raise InputError(f"{name} = {quantity.format(size, unit)}: must be below 1 mm; numbers are meters (10e-9)")
    return size


def ratio(name: str, value: Any, unit: str = "1") -> float:
    """Check a tunnel magnetoresistance.

    Parameters
    ----------
    name : str
        Of the key, for messages.
    value : object
    unit : str

    Returns
    -------
    float [1]

    Raises
    ------
    InputError
        If it is negative or above 20.
    """
    ratio = quantity.non_negative(name, value, unit)
    if ratio > MOST_TMR:
        percent = quantity.format(ratio / 100.0, "%")
        raise InputError(f'{name} = {quantity.format(ratio, unit)}: must be at most 20 (2000 %); write "{percent}"')
    return ratio


def asymmetry(name: str, value: Any, unit: str = "1") -> float:
    """Check the asymmetry of a torque.

    Parameters
    ----------
    name : str
        Of the key, for messages.
    value : object
    unit : str

    Returns
    -------
    float [1]

    Raises
    ------
    InputError
        If it is below 1.
    """
    number = quantity.finite(name, value, unit)
    if number < 1.0:
        raise InputError(f"{name} = {quantity.format(number, unit)}: must be at least 1 (1 is a symmetric torque)")
    return number


def optional(check: Callable[..., Any]) -> Callable[..., Any]:
    """Make a check that lets None pass, for a key that may be left out.

    Parameters
    ----------
    check : callable

    Returns
    -------
    callable
    """

    def checked(name: str, value: Any, unit: str = "1") -> Any:
        return None if value is None else check(name, value, unit)

    return checked


def polarity(name: str, value: Any, unit: str = "1") -> float:
    """Check a sign.

    Parameters
    ----------
    name : str
        Of the key, for messages.
    value : object
    unit : str

    Returns
    -------
    float [1]

    Raises
    ------
    InputError
        If it is neither 1 nor -1.
    """
    sign = quantity.finite(name, value, unit)
    if abs(sign) != 1.0:
        raise InputError(f"{name} = {quantity.format(sign, unit)}: must be 1 or -1")
    return sign


def series(name: str, value: Any, unit: str = "1") -> tuple[float, ...]:
    """Check a list with one positive number for each thermal pole.

    Parameters
    ----------
    name : str
        Of the key, for messages.
    value : object
    unit : str

    Returns
    -------
    tuple of float

    Raises
    ------
    InputError
        If it is no list, too long, or a number is not positive.
    """
    if not isinstance(value, (list, tuple, np.ndarray)) or np.ndim(value) > 1:
        raise InputError(f"{name} = {shown(value)}: a list is needed, one entry for each thermal pole; [] for none")
    if len(value) > MOST_POLES:
        raise InputError(f"{name}: has {len(value)} entries; at most {MOST_POLES} thermal poles are allowed")
    return tuple(quantity.positive(f"{name}[{i}]", item, unit) for i, item in enumerate(value))
