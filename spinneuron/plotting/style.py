"""One look for all figures: sizes that can be read in print, colors that survive gray scale and color blindness.

Figures are made without pyplot: nothing is registered globally, no window opens, and no setting of the caller changes.
"""

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from spinneuron.quantity import InputError
from spinneuron.whole_file import replacing

# Any: matplotlib types its keys one by one.
LOOK: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 8.0,
    "mathtext.fontset": "dejavusans",
    "axes.titlesize": 8.0,
    "axes.labelsize": 8.0,
    "axes.linewidth": 0.7,
    "axes.labelpad": 3.0,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "legend.handlelength": 2.2,
    "lines.linewidth": 1.2,
    "hatch.linewidth": 0.4,
    "savefig.dpi": 220,
    "figure.dpi": 110,
}

# Okabe and Ito, https://jfly.uni-koeln.de/color: told apart with any kind of color vision. The lightness of neighbors
# in one panel differs, so that they also differ in gray.
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, BLACK = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#000000",
)  # fmt: skip
LIGHT, GRAY = "#EDEDED", "#7F7F7F"
REGIME_COLORS = (LIGHT, BLUE, ORANGE)
SEQUENTIAL = "viridis"
WIDTH = 7.2
"""Width [inch] of a full figure: two columns of a journal page."""

NANO = 1e9


def styled(draw: Callable[..., Figure]) -> Callable[..., Figure]:
    """Make a function draw in the common look, whatever the caller's settings.

    Parameters
    ----------
    draw : callable
        Returns a Figure.

    Returns
    -------
    callable
    """

    @functools.wraps(draw)
    def wrapped(*arguments: Any, **keywords: Any) -> Figure:
        with matplotlib.rc_context():
            matplotlib.rcdefaults()
            matplotlib.rcParams.update(LOOK)
            return draw(*arguments, **keywords)

    return wrapped


def figure(width: float = WIDTH, height: float = 3.0) -> Figure:
    """Make an empty figure of the common look.

    Parameters
    ----------
    width, height : float [inch]

    Returns
    -------
    matplotlib.figure.Figure
    """
    made = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(made)
    return made


def save(fig: Figure, path: str | os.PathLike) -> None:
    """Write a figure, whole or not at all; the ending of the name chooses the format.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    path : str or path
        ``.png``, ``.pdf`` or ``.svg``; an existing file is replaced.

    Raises
    ------
    InputError
        If the ending is unknown, or the file cannot be written.
    """
    path = Path(path)
    kind = path.suffix.lower().removeprefix(".")
    if kind not in ("png", "pdf", "svg"):
        raise InputError(f"{path}: a figure ends in .png, .pdf or .svg")
    with replacing(path) as temporary, matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(LOOK)
        fig.savefig(temporary, format=kind, dpi=LOOK["savefig.dpi"])


def label_time(axes: Axes) -> None:
    """Write the time axis of a panel, whose times are in ns.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    """
    axes.set_xlabel("time [ns]")


def letters(panels: list[Axes]) -> None:
    """Mark the panels of a figure (a), (b), ... above their upper left corner.

    Parameters
    ----------
    panels : list of matplotlib.axes.Axes
    """
    for number, axes in enumerate(panels):
        axes.set_title(f"({chr(ord('a') + number)})", loc="left", fontweight="bold")


def beside(axes: Axes, **keywords: Any) -> None:
    """Put the legend of a panel to its right, outside the data.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    **keywords
        For ``Axes.legend``.
    """
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.02), borderaxespad=0.0, **keywords)


def current_axis(values: Any, unit: str) -> tuple[Any, str]:
    """Scale a drive for its axis.

    Parameters
    ----------
    values : array_like
        In `unit`.
    unit : str
        "V", "A" or "A/m^2".

    Returns
    -------
    tuple
        Scaled values, and the label of the axis.
    """
    scale, label = {
        "V": (1.0, "voltage [V]"),
        "A": (1e6, "current [µA]"),
        "A/m^2": (1e-12, "$J$ [TA/m²]"),
    }[unit]
    return scale * values, label
