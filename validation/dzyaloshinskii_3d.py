"""The standard problem of the Dzyaloshinskii-Moriya interaction in three dimensions: a skyrmion in a thick disc."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq

from spinneuron.constants import mu0
from spinneuron.lattice import Magnet, Material
from spinneuron.mesh import Mesh
from validation.drawing import COLORS, EXACT, legend, panels
from validation.report import Check, Outcome

QUESTION = "Does a skyrmion through a thick disc twist and narrow towards its faces?"
REFERENCE = """Standard problem of D. Cortes-Ortuno et al., New J. Phys. 20, 113015 (2018), in three dimensions: FeGe, a
disc of 183 x 21 nm in cells of 1 nm, A = 8.78e-12 J/m, Dbulk = 1.58e-3 J/m^2, Ms = 3.84e5 A/m, 0.4 T along z, without
stray field. Radius of every layer, the same by OOMMF and Fidimag, and Fidimag's moments along a diameter, from the
supplement of the article. Both codes have no surface terms; what they tend to with small cells is taken from their
scheme in cells of 3 and of 1 nm, as of the first order."""
TOLERANCE = """Radii have three digits after the point: 1e-3 nm. Fidimag is at rest to some 1e-5 of a moment: 2e-5. With
surface terms the radius in cells of 1 nm is held to 0.02 nm of the limit of the scheme without, in cells of 3 nm to
0.05 nm; the rim of a disc has steps."""

A, D, MS, FIELD = 8.78e-12, 1.58e-3, 3.84e5, 0.4 / mu0
WIDTH, THICKNESS, NANO = 183e-9, 21e-9, 1e-9
# from the lowest layer to the middle
RADII = (14.988, 15.008, 15.040, 15.079, 15.121, 15.162, 15.198, 15.228, 15.251, 15.265, 15.270)
MUMAX = 15.844
PLACES = (5, 10, 15, 20, 30, 60, 80, 91)
# m_r, m_phi, m_z at PLACES [nm], by layer
FIDIMAG = {
    10: (
        (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        (0.5356484, 0.8870095, 0.9997480, 0.9369477, 0.6137416, -0.1516888, -0.5822324, -0.9395820),
        (-0.8444411, -0.4617511, -0.0224502, 0.3494696, 0.7895070, 0.9884283, 0.8130224, 0.3423238),
    ),
    0: (
        (0.2946975, 0.4944746, 0.5702412, 0.5506124, 0.3840862, -0.1055804, -0.3678650, -0.5023894),
        (0.4613256, 0.7484055, 0.8214767, 0.7489008, 0.4664955, -0.1058761, -0.4437538, -0.7767307),
        (-0.8368585, -0.4420227, 0.0010160, 0.3687460, 0.7967809, 0.9887583, 0.8171646, 0.3798609),
    ),
}


def disc(n: int, surface: bool) -> Magnet:
    """The disc with its skyrmion at rest.

    Parameters
    ----------
    n : int
        Cells across; odd.
    surface : bool
        Whether surfaces have their terms.

    Returns
    -------
    Magnet
    """
    cell = WIDTH / n
    mesh = Mesh((n, n, round(THICKNESS / cell)), (cell, cell, cell))
    material, shape = Material(Ms=MS, Aex=A, Dbulk=D), "elliptic-cylinder"
    magnet = Magnet(mesh, material, shape=shape, demag=False, applied_field=(0.0, 0.0, FIELD))
    if not surface:
        faces = magnet.terms["dmi"].bulk
        for array in (faces.sx, faces.sy, faces.sz):
            array[:] = 0.0

    def start(x, y, z):
        r = np.hypot(x, y)
        turn = np.pi * np.minimum(r / 27e-9, 1.0)
        around = np.sin(turn) / np.maximum(r, 1e-15)
        return -y * around, x * around, -np.cos(turn)

    magnet.m = start
    if not magnet.minimize().converged:
        raise RuntimeError("the disc does not come to rest")
    return magnet


def radii(magnet: Magnet) -> np.ndarray:
    """Radius of the skyrmion [nm] in every layer: where m_z passes 0 on a diameter."""
    n = magnet.mesh.counts[0]
    x = magnet.mesh.centers()[0].ravel()[n // 2 :] / NANO
    near = x < 50.0
    rows = magnet.m[2, :, n // 2, n // 2 :]
    return np.array([brentq(CubicSpline(x[near], row[near]), 1.0, 45.0) for row in rows])


def _draw(bare, heights):
    figure, (left, middle, right) = panels(3)
    x = np.arange(0, 92)
    for layer, style in ((10, "-"), (0, "--")):
        for i, color in enumerate(COLORS[:3]):
            label = ("$m_r$", r"$m_\varphi$", "$m_z$")[i] if layer else None
            left.plot(x, bare.m[i, layer, 91, 91:], style, color=color, lw=1.0, label=label)
            left.plot(PLACES, FIDIMAG[layer][i], "o", ms=4, mfc="none", color=EXACT)
    left.set(xlabel="r [nm]", ylabel="moment", title="middle (full), face (dashed); circles: Fidimag")
    legend(left)
    for (name, (z, found)), color in zip(heights.items(), COLORS, strict=False):
        middle.plot(found, z, ".-", ms=3, lw=0.9, color=color, label=name)
    middle.plot(RADII, np.arange(-10, 1), "o", ms=5, mfc="none", color=EXACT, label="OOMMF, Fidimag")
    middle.plot(MUMAX, 0.0, "x", color=EXACT, label="mumax3")
    middle.set(xlabel="radius [nm]", ylabel="z [nm]", title="by layer", xlim=(14.3, 16.4))
    legend(middle)
    cut = np.where(bare.magnetic, bare.m, np.nan)[:, :, 91]
    right.imshow(
        cut[0], origin="lower", extent=(-91.5, 91.5, -10.5, 10.5), cmap="RdBu_r", vmin=-0.6, vmax=0.6, aspect=3
    )
    right.set(xlabel="x [nm]", ylabel="z [nm]", title="section through the axis, color: $m_x$", xlim=(-60, 60))
    right.spines[["top", "right"]].set_visible(True)
    return figure


def validate(quick: bool) -> Outcome:
    """Bring discs to rest, with and without surface terms.

    Parameters
    ----------
    quick : bool
        Not with surface terms in cells of 1 nm.

    Returns
    -------
    Outcome
    """
    bare = disc(183, surface=False)
    found = radii(bare)
    coarse = {name: disc(61, surface) for name, surface in (("3 nm, no surface terms", False), ("3 nm", True))}
    heights = {name: (np.arange(-9, 10, 3), radii(one)) for name, one in coarse.items()}
    heights["1 nm, no surface terms"] = np.arange(-10, 11), found
    limit = found[10] + 0.5 * (found[10] - heights["3 nm, no surface terms"][1][3])
    worst = np.abs(found - np.array([*RADII, *RADII[-2::-1]])).max()
    checks = [Check("no surface terms: radius of a layer, largest deviation [nm]", float(worst), 0.0, 1e-3)]
    for layer, wanted in FIDIMAG.items():
        off = np.abs(bare.m[:, layer, 91, [91 + place for place in PLACES]] - np.array(wanted)).max()
        name = "middle" if layer else "face"
        checks.append(Check(f"no surface terms: moments of the {name}, largest deviation", float(off), 0.0, 2e-5))
    checks.append(Check("3 nm: radius in the middle [nm]", float(heights["3 nm"][1][3]), float(limit), 0.05))
    if not quick:
        heights["1 nm"] = np.arange(-10, 11), radii(disc(183, surface=True))
        checks.append(Check("1 nm: radius in the middle [nm]", float(heights["1 nm"][1][10]), float(limit), 0.02))
    middle = ", ".join(f"{name}: {one[len(one) // 2]:.3f}" for name, (_, one) in heights.items())
    notes = [f"Radius in the middle [nm]: {middle}; mumax3 has {MUMAX}."]
    return Outcome(checks, _draw(bare, heights), notes)
