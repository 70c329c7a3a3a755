"""Numbers with units, as people write them: ``"10 nm"`` in, SI floats out; and the checks of plain numbers.

Units live in files, on the command line and in messages; everything inside the package is an SI float. Whatever a user
can get wrong raises `InputError`, whose one line names the culprit, the value as given and the remedy.

Conversion is done in decimals and rounded once, so that ``parse("45 nm", "m", "length")`` is the float ``45e-9``
itself, and `format` with ``digits=None`` followed by `parse` gives back every float to the last bit.

How units are read and numbers written stands in `units`; what callers need of it is offered here too.
"""

import math
import re
from decimal import Decimal, localcontext
from typing import Any

import numpy as np

from spinneuron.units import KINDS, articled, example, format, kinds, label, nearest, reading, shown, with_unit

__all__ = ["InputError", "finite", "format", "fraction", "integer", "nearest", "non_negative", "parse", "parse_range"]
__all__ += ["positive", "shown", "unit_vector", "vector"]


class InputError(ValueError):
    """What a user got wrong, in one line: the culprit, its value as given, and the remedy."""


MAX_COUNT = 1_000_000
"""Largest number of points that a range may have."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_ENDLESS = re.compile(r"[+-]?(?:nan|inf)", re.IGNORECASE)
_NONZERO = re.compile(r"[^eE]*[1-9]")
_SYNONYMS = str.maketrans({"\u2212": "-", "\u2126": "\u03a9", "\u22c5": "\u00b7", "\u00d7": "*"})


def parse(text: Any, unit: str, name: str) -> float:
    """Read a number with its unit.

    Parameters
    ----------
    text : str
        Such as ``"10 nm"``, ``"150ns"``, ``"1 ohm um^2"`` or ``"78 %"``; where `unit` is ``"1"``, also a number.
    unit : str
        The SI unit of the result, such as ``"m"``, ``"A/m^2"`` or ``"1"``; the text must have its dimension.
    name : str
        The key, option or argument, for messages.

    Returns
    -------
    float
        The value in `unit`, rounded once.

    Raises
    ------
    InputError
        If there is no number, no unit, an unknown unit, another dimension, or the value is not finite.

    Examples
    --------
    >>> parse("10 nm", "m", "width")
    1e-08
    >>> parse("78 %", "1", "tmr")
    0.78
    """
    culprit = f"{name} = {shown(text)}: "
    like = f"like {example(unit)}"
    if isinstance(text, bool) or not isinstance(text, (str, int, float, np.integer, np.floating)):
        wanted = "a number" if unit == "1" else "a text with number and unit"
        raise InputError(f"{culprit}{wanted} is needed, {like}")
    plain = text if isinstance(text, str) else shown(text)
    plain = " ".join(plain.translate(_SYNONYMS).split())
    if not plain:
        raise InputError(f"{culprit}a value is missing, write it {like}")
    match = _NUMBER.match(plain)
    if match is None:
        wanted = "a finite number is needed" if _ENDLESS.match(plain) else "a number must come first"
        raise InputError(f"{culprit}{wanted}, {like}")
    number, rest = match.group(), plain[match.end() :].strip()
    beyond = f"{culprit}the number is beyond what a computer holds, write it {like}"
    # Before any decimal arithmetic: an exponent of many digits is not worth its time.
    if math.isinf(float(number)) or (float(number) == 0.0 and _NONZERO.match(number)):
        raise InputError(beyond)
    value = _percent(number, rest, culprit) if unit == "1" else _converted(number, rest, unit, culprit)
    if math.isinf(value) or (value == 0.0 and _NONZERO.match(number) and rest not in ("degC", "\u00b0C")):
        raise InputError(beyond)
    return value


def _percent(number: str, rest: str, culprit: str) -> float:
    """Read a number without dimension: only a percent sign may follow."""
    if rest not in ("", "%", "percent"):
        raise InputError(f'{culprit}a plain number or a percentage is needed, like "0.5" or "50 %"')
    return float(Decimal(number).scaleb(-2)) if rest else float(number)


def _converted(number: str, rest: str, unit: str, culprit: str) -> float:
    """Read a number with dimension: convert exactly, round once."""
    if not rest:
        raise InputError(f'{culprit}a unit is missing, write "{with_unit(float(number), unit)}"')
    if unit == "K" and rest in ("degC", "\u00b0C"):
        return float(Decimal(number) + Decimal("273.15"))
    try:
        factor, dimension = reading(rest)
    except ValueError as error:
        raise InputError(f"{culprit}{error}write it like {example(unit)}") from None
    wanted_factor, wanted = reading(unit)
    with localcontext() as context:
        context.prec = 40
        scaled = float(Decimal(number) * factor / wanted_factor)
    if dimension == wanted:
        return scaled
    needed = f"{articled(kinds().get(wanted, f'quantity in {unit}'))} is needed (like {example(unit)})"
    found = kinds().get(dimension, "")
    if unit == "A/m" and found == KINDS["T"][0]:
        # Here, because scipy takes longer to import than everything else in this file.
        from spinneuron.constants import mu0

        remedy = format(scaled / mu0, "A/m")
        raise InputError(f'{culprit}{needed}, not a flux density: write "{remedy}" (1 mT/mu0 = 795.8 A/m)')
    raise InputError(f"{culprit}{needed}, not {articled(found) if found else shown(rest)}")


def parse_range(text: Any, unit: str, name: str) -> np.ndarray:
    """Read a range, a list or a single value.

    Parameters
    ----------
    text : str
        ``"5nm:20nm:16"`` (start:stop:count, both ends included), ``"10 nm, 12 nm, 20 nm"``, or ``"10 nm"``.
    unit : str
        The SI unit of the result.
    name : str
        The key, option or argument, for messages.

    Returns
    -------
    numpy.ndarray
        Values (count,) in `unit`, in the order given.

    Raises
    ------
    InputError
        If a part is missing or cannot be read, start lies above stop, or the count does not fit.

    Examples
    --------
    >>> parse_range("0.5:1.5:3", "1", "scale")
    array([0.5, 1. , 1.5])
    """
    if not isinstance(text, str) or ":" not in text:
        items = text.split(",") if isinstance(text, str) else [text]
        if len(items) == 1:
            return np.array([parse(items[0], unit, name)])
        return np.array([parse(item.strip(), unit, f"{name} item {i}") for i, item in enumerate(items, 1)])
    culprit = f"{name} = {shown(text)}: "
    of = f" {label(unit)}".rstrip()
    remedy = f'a range is start:stop:count, like "1{of}:10{of}:10"'
    parts = [part.strip() for part in text.split(":")]
    if len(parts) != 3 or not all(parts):
        raise InputError(f"{culprit}{remedy}")
    start, stop = parse(parts[0], unit, f"{name} start"), parse(parts[1], unit, f"{name} stop")
    faults = []
    if start > stop:
        faults.append(f"start {format(start, unit)} lies above stop {format(stop, unit)}")
    count = int(parts[2]) if re.fullmatch(r"\+?[0-9]{1,9}", parts[2]) else 0
    if not 1 <= count <= MAX_COUNT:
        faults.append(f"the count must be a whole number from 1 to {MAX_COUNT}, not {shown(parts[2])}")
    elif count == 1 and start != stop:
        faults.append("a count of 1 cannot hold both start and stop")
    elif count > 1 and start == stop:
        faults.append(f"start equals stop, so that all {count} values would be the same")
    if faults:
        raise InputError(f"{culprit}{'; '.join(faults)}; {remedy}")
    return np.linspace(start, stop, count)


def finite(name: str, value: Any, unit: str = "1") -> float:
    """Check that a value is a finite number.

    Parameters
    ----------
    name : str
        The key, option or argument, for messages.
    value : float [unit]
        The number; numpy scalars are taken, truth values and texts are not.
    unit : str
        Its SI unit, for messages.

    Returns
    -------
    float
        The value as a Python float.

    Raises
    ------
    InputError
        If it is not.
    """
    try:
        if isinstance(value, (str, bytes, bool, np.bool_)) or np.ndim(value):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        wanted = "a number" if unit == "1" else f"a number in {unit}"
        raise InputError(f"{name} = {shown(value)}: {wanted} is needed") from None
    if not math.isfinite(number):
        raise InputError(f"{name} = {number}: a finite number is needed")
    return number


def positive(name: str, value: Any, unit: str = "1") -> float:
    """Check that a value is a finite number above zero.

    Parameters
    ----------
    name : str
        The key, option or argument, for messages.
    value : float [unit]
        The number.
    unit : str
        Its SI unit, for messages.

    Returns
    -------
    float
        The value.

    Raises
    ------
    InputError
        If it is not.
    """
    number = finite(name, value, unit)
    if number <= 0.0:
        raise InputError(f"{name} = {format(number, unit)}: must be positive, like {example(unit)}")
    return number


def non_negative(name: str, value: Any, unit: str = "1") -> float:
    """Check that a value is a finite number, zero or above.

    Parameters
    ----------
    name : str
        The key, option or argument, for messages.
    value : float [unit]
        The number.
    unit : str
        Its SI unit, for messages.

    Returns
    -------
    float
        The value.

    Raises
    ------
    InputError
        If it is not.
    """
    number = finite(name, value, unit)
    if number < 0.0:
        raise InputError(f"{name} = {format(number, unit)}: must not be negative")
    return number


def fraction(name: str, value: Any, unit: str = "1") -> float:
    """Check that a value lies above 0 and not above 1.

    Parameters
    ----------
    name : str
        The key, option or argument, for messages.
    value : float [1]
        The number.
    unit : str
        Always ``"1"``; all checks of numbers are called alike.

    Returns
    -------
    float
        The value.

    Raises
    ------
    InputError
        If it does not.
    """
    number = finite(name, value, unit)
    if not 0.0 < number <= 1.0:
        percent = f', or a text like "{format(number / 100, "%")}"' if 1.0 < number <= 100.0 else ""
        raise InputError(f"{name} = {format(number, unit)}: must lie above 0 and not above 1{percent}")
    return number


def integer(name: str, value: Any, minimum: int = 1) -> int:
    """Check that a value is a whole number of at least `minimum`.

    Parameters
    ----------
    name : str
        The key, option or argument, for messages.
    value : int
        The number; a whole float such as ``1e4`` is taken.
    minimum : int
        Smallest allowed value.

    Returns
    -------
    int
        The value as a Python int.

    Raises
    ------
    InputError
        If it is not.
    """
    # An integer is never sent through a float: seeds may have 64 bits.
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        whole = int(value)
    else:
        number = finite(name, value)
        if not number.is_integer():
            raise InputError(f"{name} = {shown(value)}: a whole number is needed")
        whole = int(number)
    if whole < minimum:
        raise InputError(f"{name} = {whole}: must be at least {minimum}")
    return whole


def vector(name: str, value: Any, unit: str = "1") -> tuple[float, float, float]:
    """Check that a value is three finite numbers (x, y, z).

    Parameters
    ----------
    name : str
        The key, option or argument, for messages.
    value : sequence of float [unit]
        The components.
    unit : str
        Their SI unit, for messages.

    Returns
    -------
    tuple of float
        The components (3,).

    Raises
    ------
    InputError
        If it is not.
    """
    if not isinstance(value, (list, tuple, np.ndarray)) or getattr(value, "shape", (len(value),)) != (3,):
        raise InputError(f"{name} = {shown(value)}: three components [x, y, z] are needed")
    x, y, z = (finite(f"{name}[{i}]", component, unit) for i, component in enumerate(value))
    return x, y, z


def unit_vector(name: str, value: Any, unit: str = "1") -> tuple[float, float, float]:
    """Check that a value is a direction: three numbers (x, y, z) whose length is 1 within 1e-6.

    Parameters
    ----------
    name : str
        The key, option or argument, for messages.
    value : sequence of float [1]
        The components.
    unit : str
        Always ``"1"``; all checks of vectors are called alike.

    Returns
    -------
    tuple of float
        The components (3,) as given.

    Raises
    ------
    InputError
        If it is not; the message gives the direction with length 1.
    """
    components = vector(name, value, unit)
    # Scaled first, so that the length of huge or tiny components neither overflows nor vanishes.
    scale = max(abs(component) for component in components)
    if scale == 0.0:
        raise InputError(f"{name} = {shown(value)}: a direction is needed, like [0, 1, 0]")
    norm = scale * math.hypot(*(component / scale for component in components))
    if abs(norm - 1.0) > 1e-6:
        unit_length = [component / scale / (norm / scale) for component in components]
        written = ", ".join(format(component, "1", 9) for component in unit_length)
        raise InputError(f"{name} = {shown(value)}: a vector of length 1 is needed, write [{written}]")
    return components
