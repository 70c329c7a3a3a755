"""Reading OVF 2.0 and 1.0 on rectangular meshes, whoever wrote them."""

import math
import os
import re
import warnings
from pathlib import Path

import numpy as np

from spinneuron.ovf.header import Header, read_header
from spinneuron.ovf.record import Ovf, first_endless
from spinneuron.quantity import InputError, shown

CHECKS = {4: 1234567.0, 8: 123456789012345.0}
"""Bytes of a number -> the number that binary data begin with, which tells the order of the bytes."""

ORDERS = {1: ">", 2: "<"}
"""Version -> order of bytes: big-endian before OVF 2.0, little-endian since."""

_END = re.compile(rb"^[ \t]*#[ \t]*end[ \t]*:[ \t]*data", re.IGNORECASE | re.MULTILINE)
_COMMENT = re.compile(rb"#[^\r\n]*")


def read(path: str | os.PathLike) -> Ovf:
    """Read an OVF file: ``.ovf``, ``.omf``, ``.ohf``, ``.oef`` and whatever else it is called.

    Text, binary 4 and binary 8. Keys may be in any case and order; lengths are converted to meters from the unit of the
    mesh. Values are as the file says them, in its units: of OVF 1.0 the numbers times ``valuemultiplier``, as its
    specification defines them.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    Ovf

    Raises
    ------
    InputError
        If there is no such file, it is no OVF, its mesh is irregular, a key is missing or out of range, data are
        missing, too many, of the wrong order of bytes or not finite.
    """
    path = Path(path)
    try:
        with open(path, "rb") as file:
            header = read_header(file, path)
            shape = (*(header.count(f"{axis}nodes") for axis in "zyx"), _valuedim(header))
            left = os.fstat(file.fileno()).st_size - file.tell()
            # Before anything of the size that the header claims is made.
            _check_size(header, math.prod(shape), left)
            data = file.read()
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; give an OVF file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder; give an OVF file in it") from None
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
    numbers = _text(header, data, math.prod(shape)) if header.representation == "text" else _binary(header, data, shape)
    # What is not finite is told below, in words of ours.
    with np.errstate(invalid="ignore", over="ignore"):
        values = np.ascontiguousarray(np.moveaxis(numbers.reshape(shape), -1, 0), dtype=np.float64)
        if header.version == 1 and header.keys.get("valuemultiplier"):
            values = values * header.number("valuemultiplier")
    if not np.isfinite(values).all():
        raise InputError(f"{path}: {first_endless(values)}")
    return _record(header, values)


def _record(header: Header, values: np.ndarray) -> Ovf:
    cell, base = header.lattice()
    time, description = header.time()
    labels = header.words("valuelabels", len(values))
    units = header.words("valueunits" if header.version == 2 else "valueunit", len(values))
    # A name that is not said cannot be kept beside one that is.
    labels = labels if all(labels) else ()
    title = header.keys.get("title", "")
    try:
        return Ovf(values, cell, base, labels, units, title, tuple(description), time)  # type: ignore[arg-type]
    except InputError as error:
        raise InputError(f"{header.path}: {error}") from None


def _valuedim(header: Header) -> int:
    return header.count("valuedim") if header.version == 2 else 3


def _claim(header: Header, count: int) -> str:
    nodes = " x ".join(shown(header.count(f"{axis}nodes")) for axis in "xyz")
    return f"the header promises {shown(count)} values ({nodes} cells of {shown(_valuedim(header))})"


def _check_size(header: Header, count: int, left: int) -> None:
    """Refuse a file that cannot hold what its header claims; a number in text takes a digit and a space at least."""
    if header.representation == "text":
        held = (left + 1) // 2
    else:
        size = int(header.representation[-1])
        held = max(left - size, 0) // size
    if held < count:
        most = "at most " if header.representation == "text" else ""
        fault = f"{_claim(header, count)}, the file holds {most}{held}: {shown(count - held)} are missing"
        raise InputError(f"{header.path}: {fault}; the file is cut off, take it again")


def _binary(header: Header, data: bytes, shape: tuple[int, ...]) -> np.ndarray:
    size, order, count = int(header.representation[-1]), ORDERS[header.version], math.prod(shape)
    found = np.frombuffer(data, f"{order}f{size}", 1)[0]
    if found != CHECKS[size]:
        raise InputError(f"{header.path}: {_wrong_check(header, data, size)}")
    after = data[size * (count + 1) :].lstrip()
    if after and not after.startswith(b"#"):
        fault = f"{_claim(header, count)}, and {len(after)} bytes follow them"
        raise InputError(f"{header.path}: {fault}; correct xnodes, ynodes, znodes or the representation")
    return np.frombuffer(data, f"{order}f{size}", count, size)


def _wrong_check(header: Header, data: bytes, size: int) -> str:
    """What the number before the data tells."""
    ours = ORDERS[header.version]
    other = {"<": ">", ">": "<"}[ours]
    words = {"<": "little-endian", ">": "big-endian"}
    found = np.frombuffer(data, f"{ours}f{size}", 1)[0]
    said = f"the check value before the data is {found!s}, not {CHECKS[size]:.0f}"
    for width in (4, 8):
        for order in (ours, other):
            if len(data) >= width and np.frombuffer(data, f"{order}f{width}", 1)[0] == CHECKS[width]:
                likely = f"the data are likely binary {width}, {words[order]}"
                stated = f"{header.representation}, {words[ours]} as in OVF {header.version}.0"
                return f"{said}: {likely}, where the header says {stated}; correct its first line or its Begin: Data"
    return f"{said}: the data are damaged, or were sent as text; take the file again in binary mode"


def _text(header: Header, data: bytes, count: int) -> np.ndarray:
    end = _END.search(data)
    body = _COMMENT.sub(b"", data[: end.start()] if end else data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            numbers = np.fromstring(body.decode("ascii"), dtype=np.float64, sep=" ")
    except (DeprecationWarning, ValueError):
        raise InputError(f"{header.path}: {_bad_word(header, body)}") from None
    if len(numbers) == count and end is None and not data[-1:].isspace():
        fault = "ends in its last number, which may be cut off"
        raise InputError(f'{header.path}: {fault}; end it with a line "# End: Data Text"')
    if len(numbers) != count:
        missing = count - len(numbers)
        fault = f"{missing} are missing" if missing > 0 else f"{-missing} are too many"
        remedy = "the file is cut off, take it again" if missing > 0 else "correct xnodes, ynodes, znodes or valuedim"
        held = f"{_claim(header, count)}, the file holds {len(numbers)}: {fault}"
        raise InputError(f"{header.path}: {held}; {remedy}")
    return numbers


def _bad_word(header: Header, body: bytes) -> str:
    """Where a text holds something that is no number."""
    for number, line in enumerate(body.decode("latin-1").split("\n"), header.lines + 1):
        for word in line.split():
            try:
                float(word)
            except ValueError:
                return f"line {number}: {shown(word)} is no number; write numbers with a point, parted by spaces"
    return "the data cannot be read as numbers; write them with a point, parted by spaces"
