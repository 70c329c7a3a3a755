"""Fields on a lattice in a few lines."""

import numpy as np

from spinneuron.ovf import Ovf
from spinneuron.quantity import format
from spinneuron.summary.table import Table


def field(record: Ovf) -> Table:
    """Summarize what an OVF file holds.

    Parameters
    ----------
    record : Ovf

    Returns
    -------
    Table
    """
    sizes, cells = (" x ".join(f"{size * 1e9:.6g}" for size in part) for part in (record.extent, record.cell))
    corner = ", ".join(f"{place * 1e9:.6g}" for place in record.origin)
    rows: list[tuple[str, ...]] = [
        ("field", record.title or "without title"),
        ("cells", f"{' x '.join(map(str, record.counts))} of {cells} nm"),
        ("extent", f"{sizes} nm, corner at ({corner}) nm"),
        ("time", "none" if record.time is None else format(record.time, "s")),
    ]
    values = record.values.reshape(record.valuedim, -1)
    for name, unit, numbers in zip(record.labels, record.units, values, strict=True):
        span = f"mean {numbers.mean():.6g}, {numbers.min():.6g} to {numbers.max():.6g}"
        rows.append((name, f"{span} {unit}".rstrip()))
    if record.valuedim == 3:
        norm = np.linalg.norm(values, axis=0)
        there = norm[norm > 0.0]
        empty = f"; {norm.size - there.size} cells are 0" if there.size < norm.size else ""
        if there.size:
            unit = f" {record.units[0]}".rstrip()
            rows.append(("length", f"{there.min():.6g} to {there.max():.6g}{unit}{empty}"))
        else:
            rows.append(("length", "0 in all cells"))
    rows += [("said", line) for line in record.description if line]
    return Table(rows)
