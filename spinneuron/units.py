"""Units and values as people write them: the one room of pint, and the writing of numbers, names and values.

`quantity` reads with `reading` and gives its messages with `KINDS`, `format`, `shown` and `nearest`. A unit is turned
into an exact decimal factor. pint is imported when the first unit is read: starting a program does not wait for it.
"""

import difflib
import json
import math
import re
from collections.abc import Iterable
from decimal import Decimal, localcontext
from functools import cache, lru_cache
from typing import Any

import numpy as np

KINDS: dict[str, tuple[str, str]] = {
    "m": ("length", "10 nm"),
    "s": ("time", "10 ns"),
    "A": ("current", "100 uA"),
    "V": ("voltage", "0.9 V"),
    "K": ("temperature", "300 K"),
    "A/m": ("field or magnetization in A/m", "800 kA/m"),
    "A/m^2": ("current density", "1e12 A/m^2"),
    "ohm": ("resistance", "1 kohm"),
    "ohm m^2": ("resistance-area product", "1 ohm um^2"),
    "J/m^3": ("energy density", "100 kJ/m^3"),
    "J/m^2": ("energy per area", "1 mJ/m^2"),
    "J/m": ("energy per length", "10 pJ/m"),
    "J": ("energy", "1 pJ"),
    "W": ("power", "1 mW"),
    "Hz": ("frequency", "1 GHz"),
    "T": ("flux density", "100 mT"),
    "m^2": ("area", "100 nm^2"),
    "m^3": ("volume", "1000 nm^3"),
    "m/s": ("velocity", "100 m/s"),
    "A m^2": ("magnetic moment", "1 A m^2"),
    "K/W": ("thermal resistance", "10000 K/W"),
    "J/K": ("heat capacity", "1 pJ/K"),
    "1/V": ("inverse voltage", "40 1/V"),
    "1/A": ("inverse current", "1 1/A"),
    "1/m": ("inverse length", "1 1/nm"),
    "C": ("charge", "1 fC"),
    "F": ("capacitance", "1 fF"),
    "S": ("conductance", "1 mS"),
    "kg": ("mass", "1 kg"),
    "1": ("plain number", "0.5"),
}
"""SI unit -> what it measures, and how a value of it is written; messages come from here."""

# pint's Oe and G are Gaussian, of another dimension than what a physicist means beside SI units.
_DEFINITIONS = (
    "field_oersted = 79.5774715459476678844418816862572 * ampere / meter",
    "flux_gauss = 1e-4 * tesla",
    "emu = 1e-3 * ampere * meter ** 2",
    "@alias ohm = Ohm",
)
_OURS = {"Oe": "field_oersted", "oersted": "field_oersted", "G": "flux_gauss", "gauss": "flux_gauss"}
_GAUSSIAN = re.compile(r"\b([kmu\u00b5\u03bc]?)(Oe|oersted|G|gauss)\b")
# The words that a misspelled unit is compared with: pint knows thousands, few of them likely here.
_WORDS = (
    *"nm um mm cm m pm angstrom fs ps ns us ms s nA uA mA A kA MA GA TA uV mV V ohm kohm Mohm K degC".split(),
    *"mT T Oe kOe emu erg fJ pJ nJ uJ mJ J kJ MJ nW uW mW W Hz kHz MHz GHz THz eV percent".split(),
)
# pint evaluates expressions: only names, one-digit powers, products, quotients and brackets may reach it.
_UNIT = re.compile(
    r"(?:1\s*/)?(?:[A-Za-z_\u00b5\u03bc\u03a9\u00c5\u00b0%]+(?:(?:\^|\*\*)-?[0-9]|\u207b?[\u00b9\u00b2\u00b3])?"
    r"|(?<!\*)\*(?!\*)|/(?!\s*/)|[\u00b7()\s])+"
)
_PREFIXES = {-18: "a", -15: "f", -12: "p", -9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P"}
# Units that are shown in one customary form: the power of ten, and the label.
_CUSTOMARY = {
    "1": (0, ""),
    "%": (-2, "%"),
    "m^2": (-18, "nm^2"),
    "m^3": (-27, "nm^3"),
    "ohm m^2": (-12, "ohm um^2"),
    "K": (0, "K"),
}
_PREFIXED = re.compile(r"(?:m|s|A|V|ohm|J|W|Hz|T|C|F|S)(?=$|/)")


def shown(value: Any) -> str:
    """Write a value as it was given, on one line of bounded length, for a message.

    Parameters
    ----------
    value : object
        Anything a user may have passed.

    Returns
    -------
    str
        Texts stand in double quotes; lists in brackets; long values are cut.
    """
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
    elif isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim):
        text = "[" + ", ".join(shown(item) for item in value) + "]"
    elif isinstance(value, (float, np.floating)):
        text = repr(float(value)).removesuffix(".0")
    elif isinstance(value, int):
        text = f"{value}" if abs(value) < 10**60 else f"{Decimal(value):.3e}"
    else:
        text = str(value)
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return text if len(text) <= 80 else text[:77] + "..."


def nearest(name: object, allowed: Iterable[str]) -> str:
    """Propose the known name that is nearest to an unknown one.

    Parameters
    ----------
    name : str
        What was given.
    allowed : iterable of str
        What is known.

    Returns
    -------
    str
        ``"did you mean 'x'? "`` with its trailing space, or ``""`` where nothing is near; capitals do not matter.

    Examples
    --------
    >>> nearest("widht", ["width", "length"])
    "did you mean 'width'? "
    """
    known: dict[str, str] = {}
    for word in allowed:
        known.setdefault(word.lower(), word)
    found = difflib.get_close_matches(str(name).lower(), known, n=1)
    return f"did you mean '{known[found[0]]}'? " if found else ""


def format(value: float, unit: str, digits: int | None = 6) -> str:
    """Write an SI number for people, with the prefix that keeps it between 1 and 1000.

    Parameters
    ----------
    value : float [unit]
        The number.
    unit : str
        Its SI unit; ``"1"`` for none, ``"%"`` to show a plain number as a percentage.
    digits : int, optional
        Significant digits at most; None writes all that `parse` needs to give back the same float.

    Returns
    -------
    str
        Such as ``"10 nm"``, ``"800 kA/m"`` or ``"1 ohm um^2"``.

    Examples
    --------
    >>> format(1e-08, "m")
    '10 nm'
    >>> format(7.23e-12, "ohm m^2")
    '7.23 ohm um^2'
    """
    value = float(value)
    if not math.isfinite(value):
        return f"{value} {unit}".removesuffix(" 1")
    number = Decimal(repr(value) if digits is None else f"{value:.{digits - 1}e}")
    if unit in _CUSTOMARY:
        exponent, label = _CUSTOMARY[unit]
    elif _PREFIXED.match(unit) and number:
        # "Ms" and "km" would say nothing in this field.
        exponent = min(max(number.adjusted() // 3 * 3, -18), 0 if unit in ("m", "s") else 15)
        label = _PREFIXES[exponent] + unit
    else:
        exponent, label = 0, unit
    mantissa = number.scaleb(-exponent).normalize() if number else Decimal(0)
    written = f"{mantissa:f}" if -5 < mantissa.adjusted() < 7 else f"{mantissa:e}".replace("e+", "e")
    return f"{written} {label}".rstrip()


def example(unit: str) -> str:
    """How a value of this unit is written, in quotation marks.

    Parameters
    ----------
    unit : str
        SI unit.

    Returns
    -------
    str
    """
    return f'"{KINDS[unit][1]}"' if unit in KINDS else f'"1 {unit}"'


def label(unit: str) -> str:
    """The unit that people say for this SI unit: nm for m; nothing for a plain number.

    Parameters
    ----------
    unit : str
        SI unit.

    Returns
    -------
    str
    """
    if unit == "1":
        return ""
    return KINDS[unit][1].split(" ", 1)[1] if unit in KINDS else unit


def with_unit(number: float, unit: str) -> str:
    """Write what was probably meant by a number without unit.

    Parameters
    ----------
    number : float [unit]
    unit : str
        SI unit that was expected.

    Returns
    -------
    str
    """
    # A tiny number is an SI value (1e-8); any other was thought in the unit that people say (10 for "10 nm").
    if 0.0 < abs(number) < 1e-6 or unit == "A/m":
        return format(number, unit)
    return f"{format(number, '1')} {label(unit)}"


def articled(noun: str) -> str:
    """Put the article before a noun.

    Parameters
    ----------
    noun : str

    Returns
    -------
    str
    """
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"


@cache
def _registry() -> Any:
    """pint with exact decimals and the magnetic units that people use."""
    import pint

    registry: Any = pint.UnitRegistry(non_int_type=Decimal)
    for definition in _DEFINITIONS:
        registry.define(definition)
    return registry


@lru_cache(maxsize=1000)
def reading(text: str) -> tuple[Decimal, Any]:
    """Read a unit: its exact factor to SI base units, and its dimension; ValueError says what is wrong with it.

    Parameters
    ----------
    text : str

    Returns
    -------
    tuple
        Factor (decimal.Decimal) and dimension.

    Raises
    ------
    ValueError
        With what is wrong with the unit.
    """
    import pint

    # "A/cm2" and "A m-2" as spreadsheets write them.
    spelled = re.sub(r"(?<=[A-Za-z\u00b5\u03bc\u03a9])(-?[0-9])", r"^\1", text)
    if len(spelled) > 40 or not _UNIT.fullmatch(spelled):
        raise ValueError(f"the unit {shown(text)} is not understood: ")
    spelled = _GAUSSIAN.sub(lambda match: match[1] + _OURS[match[2]], spelled)
    try:
        with localcontext() as context:
            context.prec = 40
            units = _registry().parse_units(spelled)
            factor, _ = _registry().get_base_units(units)
    except pint.UndefinedUnitError as error:
        unknown = error.unit_names if isinstance(error.unit_names, str) else error.unit_names[0]
        raise ValueError(f"unknown unit {shown(unknown)}: {nearest(unknown, _WORDS)}") from None
    # An expression without meaning raises the errors of pint's tokenizer, parser or arithmetic: any of them.
    except Exception:
        raise ValueError(f"the unit {shown(text)} is not understood: ") from None
    if "degree_" in str(units):
        raise ValueError(f"the unit {shown(text)} has a shifted zero, only K and degC are taken: ")
    return Decimal(factor), units.dimensionality


@cache
def kinds() -> dict[Any, str]:
    """Dimension -> what it measures."""
    nouns: dict[Any, str] = {}
    for unit, (noun, _) in KINDS.items():
        nouns.setdefault(reading("percent" if unit == "1" else unit)[1], noun)
    return nouns
