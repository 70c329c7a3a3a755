"""One look for all figures of the validations; drawn without a display."""

from __future__ import annotations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

EXACT = "#222222"
COLORS = ("#1f77b4", "#d1495b", "#2a9d5c", "#e09f3e", "#7b4fa3")
STEPPER_COLORS = {"heun": COLORS[0], "semi-implicit": COLORS[1], "dormand-prince": COLORS[2], "three-stage": COLORS[2]}
STEPPER_MARKS = {"heun": "o", "semi-implicit": "s", "dormand-prince": "D", "three-stage": "D"}


def panels(columns: int, rows: int = 1, width: float = 4.4, height: float = 3.5):
    """Make a figure with a row (or more) of panels.

    Parameters
    ----------
    columns, rows : int
    width, height : float [inch]
        Of one panel.

    Returns
    -------
    matplotlib.figure.Figure
    axes : list of matplotlib.axes.Axes
    """
    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False).ravel().tolist()
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    return figure, axes


def legend(axis, **options) -> None:
    """Add a small legend without a frame.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
    **options
        As of ``Axes.legend``.
    """
    axis.legend(**{"frameon": False, "fontsize": 7.5, **options})
