"""Figure of a device: the pillar to scale with its directions, and its resistance."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, Rectangle

from spinneuron.device import Device
from spinneuron.physics.fields import Fields
from spinneuron.plotting.style import BLACK, BLUE, GRAY, LIGHT, NANO, RED, figure, letters, styled
from spinneuron.simulation import rest_state


@styled
def pillar(device: Device) -> Figure:
    """Draw the free layer to scale from above and from the side, and the resistance against the angle.

    Parameters
    ----------
    device : Device

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig = figure(height=2.9)
    panels = list(fig.subplots(1, 3, width_ratios=[1.0, 1.0, 1.1]))
    rest = rest_state(Fields.of(device, device.size))
    size = {"x": device.length * NANO, "y": device.width * NANO, "z": device.thickness * NANO}
    reach = 0.75 * max(size.values())
    for axes, across, title in ((panels[0], "xy", "from above"), (panels[1], "xz", "from the side")):
        width, height = (size[name] for name in across)
        box = device.geometry == "prism" or (across == "xz" and device.geometry != "ellipsoid")
        style: dict[str, Any] = {"facecolor": LIGHT, "edgecolor": GRAY, "linewidth": 0.8}
        corner = (-width / 2, -height / 2)
        axes.add_patch(
            Rectangle(corner, width, height, **style) if box else Ellipse((0.0, 0.0), width, height, **style)
        )
        _direction(axes, rest, across, 0.45 * reach, BLUE)
        _direction(axes, np.asarray(device.pinned), across, 0.45 * reach, RED)
        axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", title=title)
        names = {"x": "length, $x$ [nm]", "y": "width, $y$ [nm]", "z": "thickness, $z$ [nm]"}
        axes.set_xlabel(names[across[0]])
        axes.set_ylabel(names[across[1]])
    cosine = np.linspace(-1.0, 1.0, 201)
    panels[2].plot(cosine, device.resistance(cosine) * 1e-3, color=BLACK)
    panels[2].set(xlabel="$m \\cdot p$", ylabel="resistance [kΩ]", xlim=(-1.0, 1.0))
    letters(panels)
    for color, label in ((BLUE, "free layer at rest"), (RED, "pinned layer $p$")):
        panels[0].plot([], [], color=color, linewidth=1.6, label=label)
    fig.legend(loc="outside lower center", ncols=2)
    sizes = " × ".join(f"{size[name]:g}" for name in "yxz")
    fig.suptitle(f"{device.name}: {device.geometry.replace('-', ' ')}, W × L × T = {sizes} nm", fontsize=8.5)
    return fig


def _direction(axes: Axes, vector: np.ndarray, across: str, length: float, color: str) -> None:
    """Arrow of a unit vector in this plane; a dot where it points out of it."""
    horizontal, vertical = (float(vector["xyz".index(name)]) * length for name in across)
    if np.hypot(horizontal, vertical) < 0.1 * length:
        axes.plot(0, 0, marker="o", markersize=5, color=color)
        return
    arrow = {"arrowstyle": "-|>", "color": color, "linewidth": 1.6, "shrinkA": 0.0, "shrinkB": 0.0}
    axes.annotate("", xy=(horizontal, vertical), xytext=(0, 0), arrowprops=arrow)
