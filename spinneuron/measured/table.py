"""CSV with units in its header, cell by cell, so that every fault is told with its line."""

import csv
import hashlib
import math
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from spinneuron import quantity
from spinneuron.quantity import InputError, nearest, shown

LARGEST_COUNT = 10**12
"""Of trials: beyond that a cell is a mistake."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_COLUMN = re.compile(r"([^\[\]]+?)\s*(?:\[\s*([^\[\]]*?)\s*\])?")
_USUAL = {"V": "V", "s": "ns", "1": "1"}


@dataclass(frozen=True)
class Row:
    """One line of numbers.

    Parameters
    ----------
    line : int
        Of the file, from 1.
    cells : dict
        Column -> text; "" where the cell is empty.
    """

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """A file of rows whose header is checked, and whose cells are not yet.

    Parameters
    ----------
    path : str
        As it was given.
    sha256 : str
        Digest of the bytes.
    comment : str
        Lines that began with #, without it.
    header : int
        Line of the header.
    units : dict
        Column -> unit as written, or "".
    rows : tuple of Row
    """

    path: str
    sha256: str
    comment: str
    header: int
    units: dict[str, str]
    rows: tuple[Row, ...]

    @property
    def attrs(self) -> dict[str, str]:
        """What a dataset keeps of its file: its name without folder, its digest, its comment."""
        return {"file": Path(self.path).name, "sha256": self.sha256, "comment": self.comment}

    def fault(self, line: int, text: str) -> InputError:
        """Make the error of a line.

        Parameters
        ----------
        line : int
        text : str
            Column, value and remedy.

        Returns
        -------
        InputError
        """
        return InputError(f"{self.path}: line {line}: {text}")

    def take(self, columns: dict[str, str], required: Iterable[str]) -> None:
        """Check which columns there are, and their units.

        Parameters
        ----------
        columns : dict
            Column -> SI unit; "" for a count.
        required : iterable of str

        Raises
        ------
        InputError
            If a column is unknown or missing, or has no or another unit.
        """
        for name in self.units:
            if name not in columns:
                hint = f"{nearest(name, columns)}allowed: {', '.join(columns)}"
                raise self.fault(self.header, f"column {shown(name)}: unknown, {hint}")
        for name in required:
            if name not in self.units:
                raise self.fault(self.header, f"column {name} is missing; add {_example(name, columns[name])}")
        for name, written in self.units.items():
            self._check_unit(name, written, columns[name])

    def _check_unit(self, name: str, written: str, unit: str) -> None:
        said = f"column {shown(f'{name} [{written}]' if written else name)}: "
        if not unit:
            if written not in ("", "1"):
                raise self.fault(self.header, f'{said}a count has no unit; write "{name}"')
        elif not written:
            raise self.fault(self.header, f"{said}has no unit; write {_example(name, unit)}")
        elif unit == "1":
            if written not in ("1", "%"):
                raise self.fault(self.header, f"{said}must be in 1 or %; write {_example(name, unit)}")
        else:
            try:
                quantity.parse(f"1 {written}", unit, name)
            except InputError as error:
                raise self.fault(self.header, said + str(error).partition(": ")[2]) from None

    def value(self, row: Row, name: str, unit: str, check: str = "finite") -> float:
        """Read a cell with the unit of its column.

        Parameters
        ----------
        row : Row
        name : str
            Of a column.
        unit : str
            SI unit.
        check : str
            Of `quantity`: "positive", "non_negative" or "finite".

        Returns
        -------
        float
            In the SI unit; NaN where there is no such column, or the cell is empty.

        Raises
        ------
        InputError
            If the cell is no finite number, or out of range.
        """
        text = row.cells.get(name, "")
        return self.number(row, name, text, unit, check) if text else math.nan

    def number(self, row: Row, name: str, text: str, unit: str, check: str = "finite") -> float:
        """Read a number as it stands in a cell.

        Parameters
        ----------
        row : Row
        name : str
            Of a column.
        text : str
        unit : str
            SI unit; "" for a plain count.
        check : str
            Of `quantity`.

        Returns
        -------
        float
            In the SI unit.

        Raises
        ------
        InputError
            If it is no finite number, or out of range.
        """
        said = f"{name} = {shown(text)}: "
        if not _NUMBER.fullmatch(text):
            if text.lower().lstrip("+-") in ("nan", "inf", "infinity"):
                raise self.fault(row.line, f"{said}a finite number is needed; leave out what was not measured")
            remedy = "a number with a decimal point is needed" if "," in text else "a number is needed"
            raise self.fault(row.line, f"{said}{remedy}, the unit stands in the header")
        written = self.units[name] if unit else ""
        plain = text if written in ("", "1") and unit in ("", "1") else f"{text} {written or unit}"
        try:
            return getattr(quantity, check)(name, quantity.parse(plain, unit or "1", name), unit or "1")
        except InputError as error:
            raise self.fault(row.line, said + str(error).partition(": ")[2]) from None

    def count(self, row: Row, name: str, least: int, most: int = LARGEST_COUNT) -> int:
        """Read a whole number.

        Parameters
        ----------
        row : Row
        name : str
            Of a column.
        least, most : int
            Allowed range.

        Returns
        -------
        int

        Raises
        ------
        InputError
            If the cell is empty, no whole number, or out of range.
        """
        text = self.filled(row, name)
        number = self.number(row, name, text, "")
        if not number.is_integer() or not least <= number <= most:
            raise self.fault(row.line, f"{name} = {shown(text)}: a whole number from {least} to {most} is needed")
        return int(number)

    def filled(self, row: Row, name: str) -> str:
        """Take the text of a cell that must not be empty.

        Parameters
        ----------
        row : Row
        name : str
            Of a column.

        Returns
        -------
        str

        Raises
        ------
        InputError
            If it is empty.
        """
        if not row.cells[name]:
            raise self.fault(row.line, f"{name}: the cell is empty; give a number, or leave out the row")
        return row.cells[name]


def _example(name: str, unit: str) -> str:
    if unit == "1":
        return f'"{name} [1]" or "{name} [%]"'
    return f'"{name} [{_USUAL[unit]}]"' if unit else f'"{name}"'


def load(path: str | os.PathLike) -> Table:
    """Read a file into a table of texts.

    Parameters
    ----------
    path : str or path
        UTF-8, with or without byte order mark; lines end in LF, CRLF or CR; comma, semicolon or tab part the cells.

    Returns
    -------
    Table

    Raises
    ------
    InputError
        If there is no such file, it is no text, or its lines do not make a table.
    """
    data = _bytes(path)
    lines = _text(path, data).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    comment = "\n".join(line.lstrip()[1:].strip() for line in lines if line.lstrip().startswith("#"))
    # Spreadsheets close a table with lines of nothing but delimiters.
    kept = [(i, line) for i, line in enumerate(lines, 1) if line.strip(" ,;\t") and not line.lstrip().startswith("#")]
    if not kept:
        what = "holds comments only" if comment else "is empty"
        raise InputError(f'{path}: {what}; give a header, like "voltage [V],switched,trials", and rows')
    table = Table(str(path), hashlib.sha256(data).hexdigest(), comment, kept[0][0], {}, ())
    delimiter = max(";\t,", key=kept[0][1].count)
    units = _header(table, _cells(table, *kept[0], delimiter))
    rows = []
    for number, line in kept[1:]:
        cells = _cells(table, number, line, delimiter)
        if len(cells) != len(units):
            raise table.fault(number, f"has {len(cells)} cells, the header {len(units)}; give one for each column")
        rows.append(Row(number, dict(zip(units, cells, strict=True))))
    return Table(table.path, table.sha256, comment, table.header, units, tuple(rows))


def _bytes(path: str | os.PathLike) -> bytes:
    file = Path(path)
    if file.is_dir():
        raise InputError(f"{path}: is a folder; give a CSV file in it")
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; give a CSV file of measured numbers") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None


def _text(path: str | os.PathLike, data: bytes) -> str:
    if b"\0" in data:
        raise InputError(f"{path}: is no text but binary, or UTF-16; save it as CSV in UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        byte = f"0x{data[error.start]:02x}"
        raise InputError(f"{path}: line {line}: is not UTF-8 (byte {byte}); save it as UTF-8") from None


def _cells(table: Table, number: int, line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, strict=True))]
    except csv.Error as error:
        raise table.fault(number, f"{error}; write plain cells, or close the quotation marks") from None


def _header(table: Table, cells: list[str]) -> dict[str, str]:
    """Column -> unit as written."""
    line = table.header
    if all(_NUMBER.fullmatch(cell) for cell in cells):
        raise table.fault(line, 'there is no header; begin with a line like "voltage [V],switched,trials"')
    units: dict[str, str] = {}
    for cell in cells:
        match = _COLUMN.fullmatch(cell)
        if match is None:
            raise table.fault(line, f'column {shown(cell)}: a name and its unit are needed, like "voltage [V]"')
        name = match[1]
        if name in units:
            raise table.fault(line, f"column {name}: stands twice; keep one")
        units[name] = match[2] or ""
    return units
