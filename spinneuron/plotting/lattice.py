"""Figures of a magnetization on a lattice: one plane, several snapshots, an animation."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spinneuron.plotting.lattice_plane import (
    BAR,
    Plane,
    View,
    cell_colors,
    checked_view,
    draw_arrows,
    draw_bar,
    draw_cells,
    draw_wheel,
    frame,
)
from spinneuron.plotting.style import LOOK, NANO, SEQUENTIAL, WIDTH, figure, letters, styled
from spinneuron.quantity import InputError, integer, non_negative
from spinneuron.whole_file import replacing

HIGHEST, LARGEST, BESIDE, PAGE = 5.2, 1.65, 1.2, 8.0
"""A panel, the side of one of several squares, what stands beside the panels, and all rows together [inch]."""

ORIGIN = (0.0, 0.0, 0.0)

DOTS = 160
"""Pixels to the inch of an animation."""


@styled
def magnetization(
    values: Any,
    cell: Sequence[float],
    *,
    axis: str = "z",
    layer: int | None = None,
    color: str = "angle",
    origin: Sequence[float] = ORIGIN,
    title: str = "",
) -> Figure:
    """Draw a plane of a magnetization: direction as color, and arrows.

    Colors are those of OOMMF and mumax3: the hue is the angle in the plane, red to the right; light means along the
    normal, dark against it. Cells whose vector is 0 have no magnet and stay white.

    Parameters
    ----------
    values : array_like
        (3, nz, ny, nx); its length does not matter: only directions are drawn.
    cell : sequence of float [m]
        (dx, dy, dz).
    axis : str
        Normal of the plane, "x", "y" or "z".
    layer : int, optional
        Along the normal, from 0; the middle one by default.
    color : str
        "angle", or a component, "x", "y" or "z", on a diverging scale from -1 to 1.
    origin : sequence of float [m]
        Corner of the lattice.
    title : str

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If the array is of another shape, or there is no such axis, layer or color.
    """
    view = checked_view(cell, axis, layer, color, origin)
    plane = Plane(values, view)
    fig, panels = _panels(plane, 1, color)
    _fill(panels[0], plane, color)
    _entitle(fig, plane, title)
    return fig


@styled
def domains(
    frames: Sequence[Any],
    times: Sequence[float],
    cell: Sequence[float],
    *,
    axis: str = "z",
    layer: int | None = None,
    color: str = "angle",
    origin: Sequence[float] = ORIGIN,
    title: str = "",
) -> Figure:
    """Draw snapshots of a magnetization side by side.

    Parameters
    ----------
    frames : sequence of array_like
        Each (3, nz, ny, nx), all of one shape.
    times : sequence of float [s]
        Of the snapshots.
    cell : sequence of float [m]
        (dx, dy, dz).
    axis : str
        Normal of the plane.
    layer : int, optional
        The middle one by default.
    color : str
        As for `magnetization`.
    origin : sequence of float [m]
    title : str

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If there are no snapshots or not one time for each, or as for `magnetization`.
    """
    view = checked_view(cell, axis, layer, color, origin)
    stamps = _checked_times(frames, times)
    first = _plane(frames, 0, view)
    fig, panels = _panels(first, len(frames), color)
    for number, (panel, stamp) in enumerate(zip(panels, stamps, strict=True)):
        _fill(panel, _plane(frames, number, view), color)
        panel.set_title(stamp)
    if len(panels) > 1:
        letters(panels)
    for panel in panels:
        panel.label_outer()
    _entitle(fig, first, title)
    return fig


def animation(
    frames: Sequence[Any],
    times: Sequence[float],
    path: str | os.PathLike,
    cell: Sequence[float],
    *,
    axis: str = "z",
    layer: int | None = None,
    color: str = "angle",
    rate: int = 10,
    title: str = "",
    progress: Callable[[float], None] | None = None,
) -> None:
    """Write an animation of a magnetization, whole or not at all; the ending of the name chooses the format.

    Parameters
    ----------
    frames : sequence of array_like
        Each (3, nz, ny, nx), all of one shape; read one by one.
    times : sequence of float [s]
        Of the snapshots.
    path : str or path
        ``.gif``, or ``.mp4`` where the program ffmpeg is installed; an existing file is replaced.
    cell : sequence of float [m]
        (dx, dy, dz).
    axis : str
        Normal of the plane.
    layer : int, optional
        The middle one by default.
    color : str
        As for `magnetization`.
    rate : int
        Snapshots in a second, up to 50.
    title : str
    progress : callable, optional
        Called with the fraction of the work that was done since its last call.

    Raises
    ------
    InputError
        If the ending is unknown, ffmpeg is missing, the file cannot be written, or as for `domains`.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in _WRITERS:
        raise InputError(f"{path}: an animation ends in .gif or .mp4")
    if kind == ".mp4" and not shutil.which("ffmpeg"):
        raise InputError(f"{path}: .mp4 needs the program ffmpeg, which is not installed; end the name in .gif")
    if integer("rate", rate) > 50:
        raise InputError(f"rate = {rate}: at most 50 snapshots in a second")
    view = checked_view(cell, axis, layer, color, ORIGIN)
    stamps = _checked_times(frames, times)

    def drawn() -> Iterator[Figure]:
        for fig in _pictures(frames, stamps, view, title):
            yield fig
            if progress:
                progress(1.0 / len(frames))

    with replacing(path) as temporary, matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(LOOK)
        _WRITERS[kind](temporary, drawn(), rate)


def _pictures(frames: Sequence[Any], stamps: list[str], view: View, title: str) -> Iterator[Figure]:
    """One figure, whose cells, arrows and time are exchanged from snapshot to snapshot."""
    first = _plane(frames, 0, view)
    fig, (panel,) = _panels(first, 1, view.color)
    fig.set_dpi(DOTS)
    image, arrows = _fill(panel, first, view.color)
    _entitle(fig, first, title)
    # The longest time holds the place, and then nothing moves any more.
    panel.set_title(max(stamps, key=len))
    fig.canvas.draw()
    fig.set_layout_engine("none")
    for number, stamp in enumerate(stamps):
        plane = _plane(frames, number, view)
        image.set_data(cell_colors(plane, view.color))
        arrows.remove()
        arrows = draw_arrows(panel, plane, view.color)
        panel.set_title(stamp)
        fig.canvas.draw()
        yield fig


def _write_gif(path: Path, figures: Iterator[Figure], rate: int) -> None:
    from PIL import Image

    pixels = (np.asarray(fig.canvas.buffer_rgba())[..., :3] for fig in figures)  # type: ignore[attr-defined]
    images = (Image.fromarray(picture).quantize(256, dither=Image.Dither.NONE) for picture in pixels)
    # Times of a GIF are hundredths of a second.
    pause = 10 * max(2, round(100 / rate))
    next(images).save(path, format="GIF", save_all=True, append_images=images, duration=pause, loop=0)


def _write_mp4(path: Path, figures: Iterator[Figure], rate: int) -> None:
    import subprocess

    from matplotlib.animation import FFMpegWriter

    # The temporary name tells ffmpeg nothing; players know no other colors.
    writer = FFMpegWriter(fps=rate, codec="h264", extra_args=["-f", "mp4", "-pix_fmt", "yuv420p"])
    try:
        writer.setup(next(figures), path, DOTS)
        writer.grab_frame()
        for _ in figures:
            writer.grab_frame()
        writer.finish()
    except subprocess.CalledProcessError as error:
        raise OSError(f"ffmpeg ended with code {error.returncode}") from None


_WRITERS = {".gif": _write_gif, ".mp4": _write_mp4}


@styled
def components(
    values: Any,
    cell: Sequence[float],
    labels: Sequence[str],
    *,
    axis: str = "z",
    layer: int | None = None,
    origin: Sequence[float] = ORIGIN,
    title: str = "",
) -> Figure:
    """Draw numbers on a plane of a lattice, a panel for each.

    Parameters
    ----------
    values : array_like
        (components, nz, ny, nx).
    cell : sequence of float [m]
        (dx, dy, dz).
    labels : sequence of str
        Of the color bars, one for each component.
    axis : str
        Normal of the plane.
    layer : int, optional
        The middle one by default.
    origin : sequence of float [m]
    title : str

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        As for `magnetization`.
    """
    plane = Plane(values, checked_view(cell, axis, layer, "angle", origin))
    fig, panels = _panels(plane, len(plane.values), "")
    for panel, numbers, label in zip(panels, plane.values, labels, strict=True):
        image = panel.imshow(
            numbers, origin="lower", extent=plane.extent, interpolation="nearest", aspect="equal", cmap=SEQUENTIAL
        )
        fig.colorbar(image, ax=panel, label=label, **BAR)
        frame(panel, plane)
    _entitle(fig, plane, title)
    return fig


def _plane(frames: Sequence[Any], number: int, view: View) -> Plane:
    """The plane of a snapshot, which must have the shape of the first."""
    shape, first = np.shape(frames[number]), np.shape(frames[0])
    if shape != first:
        raise InputError(f"frames[{number}]: is of shape {shape}, the first of {first}; all must be of one shape")
    return Plane(frames[number], view)


def _checked_times(frames: Sequence[Any], times: Sequence[float]) -> list[str]:
    """What is written above each snapshot: all times with the same number of decimals."""
    if not len(frames):
        raise InputError("frames: there are none; give at least one snapshot")
    if len(times) != len(frames):
        raise InputError(f"times: {len(times)} for {len(frames)} snapshots; give one for each")
    seconds = [non_negative(f"times[{i}]", time, "s") for i, time in enumerate(times)]
    decimals = max(len(f"{time * NANO:.6g}".partition(".")[2]) for time in seconds)
    if any("e" in f"{time * NANO:.6g}" for time in seconds):
        return [f"{time * NANO:.4g} ns" for time in seconds]
    return [f"{time * NANO:.{min(decimals, 6)}f} ns" for time in seconds]


def _panels(plane: Plane, count: int, color: str) -> tuple[Figure, list[Axes]]:
    """Panels as large as a page allows, in the grid that makes them largest, with the key to the color beside them."""
    ratio = plane.size[1] / plane.size[0]
    largest = min(4.2, HIGHEST / ratio) if count == 1 else min(4.2, LARGEST / np.sqrt(ratio), HIGHEST / ratio)

    def width(columns: int) -> float:
        return min((WIDTH - BESIDE) / columns - 0.35, largest, PAGE / -(-count // columns) / ratio)

    def worth(columns: int) -> tuple[float, int, int]:
        return round(width(columns), 1), -(-count % columns), columns

    columns = max(range(1, count + 1), key=worth)
    rows, across, high = -(-count // columns), max(width(columns), 0.9), width(columns) * ratio
    wide = columns * (across + 0.35) + BESIDE + 0.3
    fig = figure(min(WIDTH, wide), rows * max(high + 0.25, 0.55) + 0.8)
    wheel = color == "angle"
    grid = fig.add_gridspec(rows, columns + wheel, width_ratios=[across] * columns + [0.9] * wheel)
    cells = [(row, column) for row in range(rows) for column in range(columns)][:count]
    panels = [fig.add_subplot(grid[cell]) for cell in cells]
    if wheel:
        draw_wheel(fig.add_subplot(grid[:, -1]), plane)
        return fig, panels
    # With bars beside panels of fixed shape the usual layout lets labels run over the edge.
    fig.set_layout_engine("compressed")
    if color:
        draw_bar(fig, panels, color)
    return fig, panels


def _fill(axes: Axes, plane: Plane, color: str) -> tuple[Any, Any]:
    return draw_cells(axes, plane, color), draw_arrows(axes, plane, color)


def _entitle(fig: Figure, plane: Plane, title: str) -> None:
    """Write the title, and which plane is seen where there are several."""
    where = ""
    if plane.layers > 1:
        where = f"layer {plane.layer} of {plane.layers}, ${plane.axis}$ = {plane.height:.4g} nm"
    if title or where:
        fig.suptitle("; ".join(filter(None, [title.replace("$", r"\$"), where])), fontsize=8.5)
    # Ticks settle once the panels have their size, and only then is it known how much room their labels take.
    fig.draw_without_rendering()
