"""The TOML file of a device: tables with units <-> SI fields, both by the `Key` of each field."""

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from spinneuron.quantity import InputError, format, nearest, parse, shown


class Key(NamedTuple):
    """What is known of one field of a device."""

    section: str
    """TOML table; empty at the top level."""
    key: str
    """Name in that table."""
    unit: str
    """SI unit; empty for texts."""
    check: Callable[..., Any]
    """``(name, value, unit)`` to the checked value; raises InputError."""
    meaning: str
    """One line."""
    example: str
    """A TOML value, for messages."""
    written: str
    """Unit in which the file shows it: `unit`, or ``"%"``."""
    components: int
    """1, 3 for a vector (x, y, z), 0 for a list of any length."""


def read(path: str | Path, schema: Mapping[str, Key], required: Iterable[str]) -> dict[str, Any]:
    """Read the fields of a device; their checks are left to the device.

    Parameters
    ----------
    path : str or Path
        The file.
    schema : mapping of str to Key
        Field name to its key.
    required : iterable of str
        Fields without default.

    Returns
    -------
    dict
        Field name to SI number, tuple of them, or text.

    Raises
    ------
    InputError
        If the file cannot be read, or a key is unknown, missing, or has no value of its unit.
    """
    tables = _tables(Path(path))
    fields = {}
    by_place = {(key.section, key.key): name for name, key in schema.items()}
    sections = {key.section: None for key in schema.values() if key.section}
    for section in tables:
        for key, value in tables[section].items():
            name = by_place.get((section, key))
            if name is None:
                raise InputError(_stray(section, key, value, schema, sections))
            fields[name] = _si(value, schema[name])
    for missing in (schema[name] for name in required if name not in fields):
        place = f"[{missing.section}] " if missing.section else ""
        raise InputError(f"{place}{missing.key} is missing: add a line like {missing.key} = {missing.example}")
    return fields


def _tables(path: Path) -> dict[str, dict[str, Any]]:
    """Section -> its keys; the top level is the section without name."""
    try:
        # A byte order mark, as some editors write, is not TOML.
        data = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise InputError("there is no such file") from None
    except IsADirectoryError:
        raise InputError("is a folder, a .toml file is needed") from None
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise InputError(f"byte {error.start} is not UTF-8: save the file as UTF-8") from None
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split()) or "nested too deeply"
        raise InputError(f"is not TOML: {reason}") from None
    tables: dict[str, dict[str, Any]] = {"": {}}
    for key, value in data.items():
        if isinstance(value, dict):
            tables[key] = value
        else:
            tables[""][key] = value
    return tables


def _stray(section: str, key: str, value: Any, schema: Mapping[str, Key], sections: Iterable[str]) -> str:
    """Say what is wrong with a key that has no field in its section."""
    if section and section not in sections:
        listed = ", ".join(f"[{known}]" for known in sections)
        return f"unknown section [{shown(section)[1:-1]}]: {nearest(section, sections)}allowed: {listed}"
    if not section and key in sections:
        return f"{key} = {shown(value)}: a section [{key}] is needed"
    here = f"in [{section}]" if section else "at the top"
    # A key right in another section, then the nearest one here, then the nearest one anywhere.
    for known in schema.values():
        if known.key == key:
            there = f"in [{known.section}]" if known.section else "at the top, before the first section"
            return f"{key} = {shown(value)}: stands {here} but belongs {there}"
    allowed = [known.key for known in schema.values() if known.section == section]
    proposal = nearest(key, allowed)
    if not proposal:
        found = nearest(key, [known.key for known in schema.values()])
        for known in schema.values():
            if found == f"did you mean '{known.key}'? ":
                proposal = f"did you mean '{known.key}' in [{known.section}]? "
    return f"unknown key {shown(key)} {here}: {proposal}allowed: {', '.join(allowed)}"


def _si(value: Any, key: Key) -> Any:
    """Turn a TOML value into an SI value; of texts and of wrong types the check of the field speaks."""
    if not key.unit:
        return value
    if key.components == 1:
        return parse(value, key.unit, key.key)
    if not isinstance(value, list):
        return value
    return tuple(parse(item, key.unit, f"{key.key}[{i}]") for i, item in enumerate(value))


def write(values: Mapping[str, Any], schema: Mapping[str, Key]) -> str:
    """Write the fields of a device as TOML, with readable units and the meaning of every key.

    Parameters
    ----------
    values : mapping of str to object
        Field name to checked value.
    schema : mapping of str to Key
        Field name to its key, in the order of the file.

    Returns
    -------
    str
        The text; `read` gives back equal values, to the last bit.
    """
    lines: list[str] = []
    section = ""
    for name, key in schema.items():
        if key.section != section:
            section = key.section
            lines += ["", f"[{section}]"]
        if values[name] is None:
            # What is left out stays visible, as a comment.
            lines.append(f"# {key.key} = {key.example}  ({key.meaning})")
        else:
            lines.append(f"{key.key} = {_toml(values[name], key)}  # {key.meaning}")
    return "\n".join(lines) + "\n"


def _toml(value: Any, key: Key) -> str:
    """Write one value."""
    if isinstance(value, tuple) and key.unit:
        return "[" + ", ".join(_toml(item, key) for item in value) + "]"
    if isinstance(value, tuple):
        # One line each, so that a text can be read and changed.
        return "[\n" + "".join(f"    {_toml(item, key)},\n" for item in value) + "]" if value else "[]"
    if isinstance(value, str):
        # JSON's escapes are TOML's, but for one character that TOML wants escaped.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if key.written == "1":
        return repr(value)
    return f'"{format(value, key.written, digits=None)}"'
