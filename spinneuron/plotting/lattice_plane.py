"""A plane of cells through a lattice: what is cut out, its colors, its arrows, and what the colors mean.

Colors follow OOMMF and mumax3: the hue is the angle of the moment in the plane, red along the axis to the right,
yellow green along the axis upwards, cyan to the left; the lightness is its component along the normal, light where it
is +1, dark where it is -1. The poles are gray and not white and black, so that white is left for cells without magnet.
"""

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize, hsv_to_rgb
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.ticker import MaxNLocator

from spinneuron.plotting.style import BLACK, GRAY, NANO
from spinneuron.quantity import InputError, integer, nearest, positive, shown, vector

ACROSS = {"z": ("x", "y"), "y": ("x", "z"), "x": ("y", "z")}
"""Normal of the plane -> the axes to the right and upwards."""

COLORS = ("angle", "x", "y", "z")
"""Color by the angle in the plane, or by one component."""

DIVERGING = "coolwarm"
"""For a component: its middle is gray, not the white of cells without magnet."""

MOST_ARROWS, MOST_ALONG = 300, 36
"""Arrows of a plane, and along its longer side, about."""

SHORTEST = 0.25
"""Length in the plane below which a moment has no arrow."""

BAR: Any = {"fraction": 0.05, "aspect": 22, "pad": 0.02, "shrink": 0.9}
"""Size of a color bar."""

_REACH, _SATURATION = 0.40, 0.80


class View(NamedTuple):
    """Which plane is drawn, and how.

    Attributes
    ----------
    cell : tuple of float
        (dx, dy, dz) [m].
    axis : str
        Normal of the plane: "x", "y" or "z".
    layer : int or None
        Along the normal, from 0; None for the middle.
    color : str
        One of `COLORS`.
    origin : tuple of float
        Corner of the lattice [m].
    """

    cell: tuple[float, float, float]
    axis: str
    layer: int | None
    color: str
    origin: tuple[float, float, float]


def checked_view(cell: Any, axis: str, layer: int | None, color: str, origin: Any) -> View:
    """Check how a plane is to be drawn.

    Parameters
    ----------
    cell : sequence
        Three lengths [m].
    axis : str
    layer : int or None
    color : str
    origin : sequence
        Three lengths [m].

    Returns
    -------
    View

    Raises
    ------
    InputError
        If a part is unknown or of the wrong kind.
    """
    sizes = vector("cell", cell, "m")
    for i, size in enumerate(sizes):
        positive(f"cell[{i}]", size, "m")
    for name, value, allowed in (("axis", axis, tuple(ACROSS)), ("color", color, COLORS)):
        if value not in allowed:
            raise InputError(f"{name} = {shown(value)}: {nearest(value, allowed)}allowed: {', '.join(allowed)}")
    chosen = None if layer is None else integer("layer", layer, 0)
    return View(sizes, axis, chosen, color, vector("origin", origin, "m"))


class Plane:
    """One layer of a lattice.

    Parameters
    ----------
    values : array_like
        (components, nz, ny, nx).
    view : View

    Raises
    ------
    InputError
        If the array is of another shape, or has no such layer.
    """

    def __init__(self, values: Any, view: View) -> None:
        array = np.asarray(values)
        if array.ndim != 4 or not array.size:
            raise InputError(f"values: an array (components, nz, ny, nx) is needed, not of shape {array.shape}")
        self.axis = view.axis
        self.right, self.up = ACROSS[view.axis]
        self.layers = array.shape[1 + "zyx".index(view.axis)]
        self.layer = self.layers // 2 if view.layer is None else view.layer
        if self.layer >= self.layers:
            last = self.layers - 1
            raise InputError(f"layer = {self.layer}: along {view.axis} there are {self.layers}; give 0 to {last}")
        self.values = np.take(array, self.layer, axis=1 + "zyx".index(view.axis)).astype(float)
        sizes = dict(zip("xyz", view.cell, strict=True))
        corner = dict(zip("xyz", view.origin, strict=True))
        self.cell = (sizes[self.right] * NANO, sizes[self.up] * NANO)
        self.corner = (corner[self.right] * NANO, corner[self.up] * NANO)
        self.height = (corner[view.axis] + (self.layer + 0.5) * sizes[view.axis]) * NANO
        rows, columns = self.values.shape[1:]
        self.size = (columns * self.cell[0], rows * self.cell[1])

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, right, bottom, top [nm]."""
        (x, y), (width, height) = self.corner, self.size
        return x, x + width, y, y + height

    def directions(self) -> tuple[np.ndarray, np.ndarray]:
        """Split vectors.

        Returns
        -------
        tuple
            Unit vectors (3, rows, columns), 0 where there is no magnet; and where there is one, (rows, columns).
        """
        if len(self.values) != 3:
            raise InputError(f"values: three components are needed, not {len(self.values)}")
        norm = np.linalg.norm(self.values, axis=0)
        there = norm > 0.0
        return self.values / np.where(there, norm, 1.0), there

    def in_plane(self, m: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Order components: to the right, upwards, along the normal.

        Parameters
        ----------
        m : numpy.ndarray
            (3, rows, columns).

        Returns
        -------
        tuple of numpy.ndarray
        """
        right, up, normal = (m["xyz".index(name)] for name in (self.right, self.up, self.axis))
        return right, up, normal


def direction_colors(right: np.ndarray, up: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Color unit vectors: hue = atan2(up, right), lightness 1/2 + 0.4 normal, gray at the poles.

    Parameters
    ----------
    right, up, normal : numpy.ndarray
        Components, any shape.

    Returns
    -------
    numpy.ndarray
        RGB, (..., 3).
    """
    hue = np.arctan2(up, right) / (2.0 * np.pi) % 1.0
    lightness = 0.5 + _REACH * np.clip(normal, -1.0, 1.0)
    saturation = _SATURATION * np.clip(np.hypot(right, up), 0.0, 1.0)
    # From lightness to value, as hsv_to_rgb takes arrays: V = L + S min(L, 1-L), S_V = 2 (1 - L/V).
    value = lightness + saturation * np.minimum(lightness, 1.0 - lightness)
    return hsv_to_rgb(np.stack([hue, 2.0 * (1.0 - lightness / value), value], axis=-1))


def cell_colors(plane: Plane, color: str) -> np.ndarray:
    """Color the cells of a plane; white where there is no magnet.

    Parameters
    ----------
    plane : Plane
    color : str
        One of `COLORS`.

    Returns
    -------
    numpy.ndarray
        RGB (rows, columns, 3).
    """
    m, there = plane.directions()
    if color == "angle":
        rgb = direction_colors(*plane.in_plane(m))
    else:
        rgb = ScalarMappable(Normalize(-1.0, 1.0), DIVERGING).to_rgba(m["xyz".index(color)])[..., :3]
    return np.where(there[..., None], rgb, 1.0)


def draw_cells(axes: Axes, plane: Plane, color: str) -> AxesImage:
    """Draw the cells of a plane to scale, with a line around the magnet.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    plane : Plane
    color : str

    Returns
    -------
    matplotlib.image.AxesImage
    """
    image = axes.imshow(
        cell_colors(plane, color), origin="lower", extent=plane.extent, interpolation="nearest", aspect="equal"
    )
    _, there = plane.directions()
    if not there.all():
        axes.add_collection(LineCollection(_edges(there, plane), colors=GRAY, linewidths=0.5))
    frame(axes, plane)
    return image


def frame(axes: Axes, plane: Plane) -> None:
    """Label the axes of a plane.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    plane : Plane
    """
    axes.set(xlabel=f"${plane.right}$ [nm]", ylabel=f"${plane.up}$ [nm]")
    axes.tick_params(top=False, right=False, direction="out")
    # Labels of short sides must not stand on top of each other.
    for axis, size in ((axes.xaxis, plane.size[0]), (axes.yaxis, plane.size[1])):
        axis.set_major_locator(MaxNLocator(max(1, min(6, int(8 * size / max(plane.size)))), steps=[1, 2, 2.5, 5, 10]))


def _edges(there: np.ndarray, plane: Plane) -> list[list[tuple[float, float]]]:
    """Sides of cells that have magnet on one side only, as lines."""
    padded = np.pad(there, 1)
    (x0, y0), (dx, dy) = plane.corner, plane.cell
    lines = []
    for row, column in np.argwhere(padded[1:-1, 1:] != padded[1:-1, :-1]):
        x, y = x0 + column * dx, y0 + row * dy
        lines.append([(x, y), (x, y + dy)])
    for row, column in np.argwhere(padded[1:, 1:-1] != padded[:-1, 1:-1]):
        x, y = x0 + column * dx, y0 + row * dy
        lines.append([(x, y), (x + dx, y)])
    return lines


def draw_arrows(axes: Axes, plane: Plane, color: str) -> Any:
    """Draw arrows on evenly spaced cells, as long as the moment lies in the plane.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    plane : Plane
    color : str
        Of the cells below: arrows are dark on light ones and light on dark ones.

    Returns
    -------
    matplotlib.quiver.Quiver
    """
    (width, height), (dx, dy) = plane.size, plane.cell
    pitch = max(np.sqrt(width * height / MOST_ARROWS), max(width, height) / MOST_ALONG)
    steps = [max(1, round(pitch / size)) for size in (dx, dy)]
    m, there = plane.directions()
    rows, columns = (_spread(count, step) for count, step in zip(there.shape, steps[::-1], strict=True))
    at = np.ix_(rows, columns)
    right, up, _ = (part[at] for part in plane.in_plane(m))
    seen = there[at] & (np.hypot(right, up) > SHORTEST)
    x, y = np.meshgrid(plane.corner[0] + (columns + 0.5) * dx, plane.corner[1] + (rows + 0.5) * dy)
    longest = 0.82 * min(max(steps[0] * dx, pitch), max(steps[1] * dy, pitch))
    light = cell_colors(plane, color)[at] @ np.array([0.2126, 0.7152, 0.0722])
    colors = np.where(light[seen] > 0.14, BLACK, "#FFFFFF")
    return axes.quiver(
        x[seen], y[seen], right[seen], up[seen],
        color=colors, pivot="mid", units="xy", angles="xy", scale_units="xy", scale=1.0 / longest,
        width=0.085 * longest, headwidth=3.6, headlength=4.0, headaxislength=3.5, minlength=0.0, zorder=3,
    )  # fmt: skip


def _spread(count: int, step: int) -> np.ndarray:
    """Every `step`-th cell, with equal margins on both sides."""
    number = max(1, count // step)
    return (count - (number - 1) * step) // 2 + step * np.arange(number)


def draw_wheel(axes: Axes, plane: Plane) -> None:
    """Draw which color is which direction.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        To draw it in.
    plane : Plane
    """
    # The sphere seen from its pole: the distance from the center is the angle to the normal, the rim the other pole.
    at = np.linspace(-1.0, 1.0, 241)
    x, y = np.meshgrid(at, at)
    radius, polar = np.hypot(x, y), np.pi * np.minimum(np.hypot(x, y), 1.0)
    scale = np.sin(polar) / np.where(radius > 0.0, radius, 1.0)
    rgb = direction_colors(scale * x, scale * y, np.cos(polar))
    soft = np.clip((1.0 - radius) / 0.012, 0.0, 1.0)[..., None]
    axes.imshow(np.concatenate([rgb, soft], axis=-1), origin="lower", extent=(-1.0, 1.0, -1.0, 1.0))
    axes.set(xlim=(-1.45, 1.45), ylim=(-1.45, 1.45), aspect="equal")
    axes.axis("off")
    for left, bottom, text in ((1.22, 0.0, plane.right), (0.0, 1.22, plane.up), (0.0, 0.0, plane.axis)):
        axes.text(left, bottom, f"$+{text}$", ha="center", va="center", fontsize=7.5)
    axes.text(0.0, -1.25, f"rim $-{plane.axis}$", ha="center", va="center", fontsize=7.0)


def draw_bar(fig: Figure, panels: list[Axes], color: str) -> None:
    """Draw which color is which size of a component.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    panels : list of matplotlib.axes.Axes
        That it stands beside.
    color : str
        The component.
    """
    mapped = ScalarMappable(Normalize(-1.0, 1.0), DIVERGING)
    fig.colorbar(mapped, ax=panels, label=f"$m_{color}$", ticks=[-1.0, -0.5, 0.0, 0.5, 1.0], **BAR)
