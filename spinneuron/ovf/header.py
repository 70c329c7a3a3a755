"""The header of an OVF file: lines ``# key: value`` in any case and spacing, up to the data."""

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from spinneuron.quantity import InputError, nearest, parse, shown

REPRESENTATIONS = ("text", "binary 4", "binary 8")
"""How the data are written."""

LONGEST_LINE = 65536
"""Bytes; a longer line is no header."""

_FIRST = re.compile(r"#\s*oommf\s*:?\s*(.*)")
_TIME = re.compile(
    r"(?:total simulation time|time \((?P<unit>[a-zµ]+)\))\s*:\s*(?P<number>[-+.0-9e]+)\s*(?P<after>\S*)"
)
_SCALES = {"s": 1.0, "": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9, "ps": 1e-12, "fs": 1e-15}
# Braces or quotes hold words together, as in Tcl.
_WORD = re.compile(r'\{([^{}]*)\}|"([^"]*)"|(\S+)')
_UNSAID = ("", "unknown")


@dataclass
class Header:
    """The keys of a file, and where its data begin.

    Parameters
    ----------
    path : pathlib.Path
        For messages.
    version : int
        1 or 2.
    keys : dict
        Key without capitals and spaces -> text.
    description : list of str
        Lines of ``Desc:``.
    representation : str
        One of `REPRESENTATIONS`.
    lines : int
        Of the header.
    """

    path: Path
    version: int
    keys: dict[str, str] = field(default_factory=dict)
    description: list[str] = field(default_factory=list)
    representation: str = ""
    lines: int = 1

    def text(self, key: str) -> str:
        """Take a key that must be there.

        Parameters
        ----------
        key : str

        Returns
        -------
        str

        Raises
        ------
        InputError
            If it is missing or empty.
        """
        if not self.keys.get(key):
            raise InputError(f'{self.path}: the header has no {key}; add a line "# {key}: ..." to it')
        return self.keys[key]

    def number(self, key: str) -> float:
        """Read a finite number.

        Parameters
        ----------
        key : str

        Returns
        -------
        float

        Raises
        ------
        InputError
            If it is missing, or none.
        """
        text = self.text(key)
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise InputError(f"{self.path}: {key} = {shown(text)}: a finite number is needed")
        return number

    def count(self, key: str) -> int:
        """Read a whole number of at least 1.

        Parameters
        ----------
        key : str

        Returns
        -------
        int

        Raises
        ------
        InputError
            If it is missing, or none.
        """
        number = self.number(key)
        if number < 1.0 or not number.is_integer():
            raise InputError(f"{self.path}: {key} = {shown(self.keys[key])}: a whole number of at least 1 is needed")
        return int(number)

    def length(self, key: str) -> float:
        """Read a length in the unit of the mesh; where none is said, in meters.

        Parameters
        ----------
        key : str

        Returns
        -------
        float
            In m.

        Raises
        ------
        InputError
            If it is missing or no number, or the unit of the mesh is no length.
        """
        number, unit = self.number(key), self.keys.get("meshunit", "")
        if unit == "m" or unit.lower() in _UNSAID:
            return number
        try:
            # Read as a text, in decimals: 3 nm is 3e-9 to the last bit.
            return parse(f"{number!r} {unit}", "m", key)
        except InputError:
            raise InputError(f"{self.path}: meshunit = {shown(unit)}: a length is needed, like m or nm") from None

    def lattice(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Find the size of a cell and the center of the first one.

        Returns
        -------
        tuple
            (dx, dy, dz) and (x, y, z), both in m.

        Raises
        ------
        InputError
            If they cannot be found, or a size is not positive.
        """
        cell, base = [], []
        for axis in "xyz":
            boxed = f"{axis}min" in self.keys and f"{axis}max" in self.keys
            # Codes exist that leave the step out, or at 0.
            if boxed and not (self.keys.get(f"{axis}stepsize") and self.number(f"{axis}stepsize")):
                step = (self.length(f"{axis}max") - self.length(f"{axis}min")) / self.count(f"{axis}nodes")
            else:
                step = self.length(f"{axis}stepsize")
            if step <= 0.0:
                remedy = "write the size of a cell there"
                raise InputError(f"{self.path}: {axis}stepsize = {step:g} m: must be positive; {remedy}")
            cell.append(step)
            if f"{axis}base" in self.keys:
                base.append(self.length(f"{axis}base"))
            else:
                base.append((self.length(f"{axis}min") if f"{axis}min" in self.keys else 0.0) + step / 2.0)
        return tuple(cell), tuple(base)

    def words(self, key: str, count: int) -> tuple[str, ...]:
        """Read a list of labels or units, one for each value of a cell.

        A single unit holds for all values. Words in another number say nothing about which value they mean: none then.

        Parameters
        ----------
        key : str
        count : int
            Values in a cell.

        Returns
        -------
        tuple of str
            Empty if nothing fits.
        """
        text = self.keys.get(key, "")
        found = ["".join(groups).strip() for groups in _WORD.findall(text)]
        if count == 1 and len(found) > 1:
            # A name of several words, as the user guide itself writes it.
            found = [text]
        if key != "valuelabels":
            # ubermag writes its "no unit" in the word of Python.
            found = ["" if word == "None" else word for word in found]
            if len(set(found)) == 1:
                found = found[:1] * count
        plain = tuple(word.translate(str.maketrans("", "", '{}"\\')) for word in found)
        return plain if len(plain) == count else ()

    def time(self) -> tuple[float | None, list[str]]:
        """Find the time of the state among the lines of the description.

        Returns
        -------
        tuple
            Time in s, None if it is not told or negative, by which OOMMF says that a minimization has none; and the
            other lines.
        """
        time, others = None, []
        for line in self.description:
            match = _TIME.search(line.lower())
            scale = _SCALES.get(match["unit"] or match["after"]) if match else None
            try:
                found = float(match["number"]) * scale if match and scale is not None else math.nan
            except ValueError:
                found = math.nan
            told = 0.0 <= found < math.inf
            if told:
                time = found
            if match is None or not told or match[0] != line.lower():
                others.append(line)
        return time, others


def read_header(file: BinaryIO, path: Path) -> Header:
    """Read up to the line that begins the data.

    Parameters
    ----------
    file : binary file
        At its start; at its data afterwards.
    path : pathlib.Path
        For messages.

    Returns
    -------
    Header

    Raises
    ------
    InputError
        If it is no OVF file, ends too early, or has an irregular or unknown mesh.
    """
    header = Header(path, 0)
    while (line := file.readline(LONGEST_LINE)) and not line.strip():
        header.lines += 1
    header.version = _version(_decoded(line).strip(), path)
    while line := file.readline(LONGEST_LINE):
        header.lines += 1
        text = _decoded(line).strip()
        if not text:
            continue
        if not text.startswith("#"):
            where = f"{path}: line {header.lines}: {shown(text)}"
            raise InputError(f"{where} stands in the header and does not begin with #; the file is damaged or no OVF")
        key, _, value = text[1:].partition("##")[0].partition(":")
        key, value = "".join(key.split()).lower(), value.strip()
        if key == "begin" and value.lower().startswith("data"):
            header.representation = _representation(value, path)
            _check_mesh(header)
            return header
        if key == "desc":
            header.description.append(value)
        elif key not in ("", "begin", "end"):
            header.keys[key] = value
    raise InputError(f'{path}: the header has no line "# Begin: Data ..."; the file is cut off, take it again')


def _decoded(line: bytes) -> str:
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = line.decode("latin-1")
    # What cannot be printed would break the messages, and the header when it is written again.
    return "".join(c for c in text.replace("\t", " ") if c.isprintable())


def _version(line: str, path: Path) -> int:
    match = _FIRST.fullmatch(line.lower())
    if match is None:
        raise InputError(f'{path}: is no OVF file: the first line is not "# OOMMF OVF 2.0" but {shown(line)}')
    said = " ".join(match[1].split())
    if said.startswith("irregular mesh"):
        raise InputError(f"{path}: has an irregular mesh; only rectangular ones are read, save it on a regular grid")
    if said == "ovf 2.0":
        return 2
    # Names that the user guide gives as synonyms.
    if said in ("rectangular mesh v1.0", "rectangular mesh v0.99", "rectangular mesh v0.0a0"):
        return 1
    raise InputError(f"{path}: is of an unknown version, {shown(line)}; save it as OVF 2.0")


def _representation(value: str, path: Path) -> str:
    said = " ".join(value.lower().split()[1:]).replace("binary4", "binary 4").replace("binary8", "binary 8")
    if said not in REPRESENTATIONS:
        allowed = ", ".join(REPRESENTATIONS)
        raise InputError(f"{path}: data {shown(said)}: unknown, {nearest(said, REPRESENTATIONS)}allowed: {allowed}")
    return said


def _check_mesh(header: Header) -> None:
    kind = header.keys.get("meshtype", "rectangular").lower()
    if kind == "irregular":
        remedy = "only rectangular ones are read, save it on a regular grid"
        raise InputError(f"{header.path}: meshtype = irregular: has an irregular mesh; {remedy}")
    if kind != "rectangular":
        hint = nearest(kind, ["rectangular"])
        raise InputError(f"{header.path}: meshtype = {shown(kind)}: unknown, {hint}only rectangular meshes are read")
    # Spirit writes it as 000001.
    if header.keys.get("segmentcount") and header.count("segmentcount") != 1:
        said = shown(header.keys["segmentcount"])
        raise InputError(f"{header.path}: segment count = {said}: must be 1; write each segment to its own file")
    if header.version == 2 and header.keys.get("valuemultiplier") and header.number("valuemultiplier") != 1.0:
        said = header.keys["valuemultiplier"]
        raise InputError(
            f"{header.path}: valuemultiplier = {said}: OVF 2.0 has none; multiply the values and remove it"
        )
