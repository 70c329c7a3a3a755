"""Figure of an OVF file."""

import numpy as np
from matplotlib.figure import Figure

from spinneuron.ovf import Ovf
from spinneuron.plotting import lattice
from spinneuron.plotting.style import NANO

EVEN = 1e-3
"""Relative spread of lengths below which a field is a magnetization of one Ms, whose lengths need no word."""

MOST_PANELS = 9


def field(record: Ovf) -> Figure:
    """Draw the middle layer of a field: directions of vectors, numbers of anything else.

    Parameters
    ----------
    record : Ovf

    Returns
    -------
    matplotlib.figure.Figure
        Of more than 9 values in a cell, the first 9.
    """
    title = record.title if len(record.title) <= 60 else f"...{record.title[-57:]}"
    if record.time is not None:
        title = f"{title}, {record.time * NANO:.4g} ns".removeprefix(", ")
    if record.valuedim == 3:
        norm = np.linalg.norm(record.values, axis=0)
        low, high = float(norm[norm > 0.0].min(initial=np.inf)), float(norm.max())
        if high > (1.0 + EVEN) * low:
            title = f"{title}; direction, lengths {low:.4g} to {high:.4g} {record.units[0]}".rstrip()
        return lattice.magnetization(record.values, record.cell, origin=record.origin, title=title)
    names = [f"{name} [{unit}]" if unit else name for name, unit in zip(record.labels, record.units, strict=True)]
    shown = record.values[:MOST_PANELS]
    return lattice.components(shown, record.cell, names[:MOST_PANELS], origin=record.origin, title=title)
