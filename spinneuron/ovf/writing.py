"""Writing OVF 2.0."""

import os

import numpy as np

from spinneuron.ovf.header import REPRESENTATIONS
from spinneuron.ovf.reading import CHECKS, ORDERS
from spinneuron.ovf.record import Ovf
from spinneuron.quantity import InputError, nearest, shown
from spinneuron.whole_file import replacing

LINES_AT_ONCE = 10_000


def write(path: str | os.PathLike, ovf: Ovf, representation: str = "binary 8") -> None:
    """Write an OVF 2.0 file, whole or not at all.

    Parameters
    ----------
    path : str or path
        An existing file is replaced.
    ovf : Ovf
    representation : str
        ``"binary 8"`` and ``"text"`` keep every bit; ``"binary 4"`` rounds to 6e-8 relative.

    Raises
    ------
    InputError
        If the representation is unknown or cannot hold the values, or the file cannot be written.
    """
    said = " ".join(str(representation).lower().split())
    if said not in REPRESENTATIONS:
        hint = f"{nearest(said, REPRESENTATIONS)}allowed: {', '.join(REPRESENTATIONS)}"
        raise InputError(f"representation = {shown(representation)}: unknown, {hint}")
    name = said.title()
    largest = float(np.abs(ovf.values).max())
    if said == "binary 4" and largest > float(np.finfo(np.float32).max):
        raise InputError(f"{path}: binary 4 cannot hold {largest:g}; write it as binary 8")
    rows = np.moveaxis(ovf.values, 0, -1).reshape(-1, ovf.valuedim)
    with replacing(path) as temporary, open(temporary, "wb") as file:
        file.write("\n".join([*_header(ovf), f"# Begin: Data {name}", ""]).encode())
        if said == "text":
            for start in range(0, len(rows), LINES_AT_ONCE):
                lines = (" ".join(map(repr, row)) for row in rows[start : start + LINES_AT_ONCE].tolist())
                file.write(("\n".join(lines) + "\n").encode())
        else:
            size = int(said[-1])
            kind = np.dtype(f"{ORDERS[2]}f{size}")
            file.write(np.array(CHECKS[size], kind).tobytes())
            file.write(rows.astype(kind).tobytes())
            file.write(b"\n")
        file.write(f"# End: Data {name}\n# End: Segment\n".encode())


def _header(ovf: Ovf) -> list[str]:
    lines = [f"Title: {ovf.title}", *(f"Desc: {line}" for line in ovf.description)]
    if ovf.time is not None:
        # In the words of OOMMF and mumax3, which both read them.
        lines.append(f"Desc: Total simulation time:  {ovf.time!r}  s")
    lines += ["meshunit: m", "meshtype: rectangular"]
    parts: dict[str, tuple[float, ...]] = {"base": ovf.base, "nodes": ovf.counts, "stepsize": ovf.cell}
    parts["min"] = ovf.origin
    parts["max"] = tuple(low + size for low, size in zip(ovf.origin, ovf.extent, strict=True))
    lines += [
        f"{axis}{key}: {value!r}" for key, values in parts.items() for axis, value in zip("xyz", values, strict=True)
    ]
    lines += [f"valuedim: {ovf.valuedim}", f"valuelabels: {_list(ovf.labels)}", f"valueunits: {_list(ovf.units)}"]
    first = ["OOMMF OVF 2.0", "Segment count: 1", "Begin: Segment", "Begin: Header"]
    return [f"# {line}" for line in (*first, *lines, "End: Header")]


def _list(words: tuple[str, ...]) -> str:
    """A list as in Tcl: braces around what is empty or has spaces."""
    return " ".join(word if word and " " not in word else f"{{{word}}}" for word in words)
