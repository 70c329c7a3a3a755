"""The second standard problem: remanence and coercivity of a thin bar over its size."""

from __future__ import annotations

import numpy as np

from spinneuron.constants import mu0
from spinneuron.lattice import Magnet, Material
from spinneuron.mesh import Mesh
from validation.drawing import COLORS, EXACT, legend, panels
from validation.report import Check, Outcome

QUESTION = "At which field does a thin bar reverse, and what is left of its moment without one?"
REFERENCE = """Standard problem 2 of the muMAG group (NIST): 5d x d x 0.1d, no anisotropy, field along (1, 1, 1)
from saturation down; sizes in lex = sqrt(2 A / mu0 Ms^2). Coercive field Hc: <m> has no part along the field. OOMMF
2.1a0 on the same cells, in steps of 1.7e-4 Ms. Small bars: Hc = 0.057069478 Ms, by coherent rotation (M. J.
Donahue, D. G. Porter, R. D. McMichael, J. Eicke, J. Appl. Phys. 87, 5520 (2000))."""
TOLERANCE = """OOMMF's coercive field is one of its steps: 1.7e-4. Remanence: 1e-4, the digits of the table. One
cell, which rotates coherently: 1e-8, the digits of the reference. A bar of d = 0.5 lex differs by the square of its
size, 1e-4."""

MS, A = 8e5, 1.3e-11
LEX = float(np.sqrt(2.0 * A / (mu0 * MS**2)))
SMALL = 0.057069478
# by d / lex: edge of its cells, which are cubes [lex], Hc / Ms, remanence along the length and the width
OOMMF = {
    5: (0.5, 0.05614, 0.9999, 0.0),
    10: (0.5, 0.05446, 0.9989, 0.0),
    15: (0.75, 0.05244, 0.9786, 0.0792),
    20: (1.0, 0.04972, 0.9703, 0.0816),
    25: (1.25, 0.04747, 0.9660, 0.0787),
    30: (1.0, 0.04539, 0.9628, 0.0755),
}
ALONG = np.ones(3) / np.sqrt(3.0)
COARSE, FINE = 1e-3, 4e-6


def bar(d: float, counts: tuple[int, int, int]) -> Magnet:
    """The bar, saturated along the field.

    Parameters
    ----------
    d : float [lex]
    counts : tuple of int
        Cells along its length, width and thickness.

    Returns
    -------
    Magnet
    """
    length, width, thickness = (factor * d * LEX / n for factor, n in zip((5.0, 1.0, 0.1), counts, strict=True))
    magnet = Magnet(Mesh(counts, (length, width, thickness)), Material(Ms=MS, Aex=A))
    magnet.m = ALONG
    return magnet


def descend(magnet: Magnet, fine: float = FINE, torque: float = 1e-6):
    """Go down in field from the remanent state until the moment along it is gone.

    Parameters
    ----------
    magnet : Magnet
        At rest without field.
    fine : float [Ms]
        How closely the end is found.
    torque : float [Ms]
        Largest one at rest.

    Returns
    -------
    branch : list of tuple
        (field over Ms, part of <m> along it).
    coercive : float [Ms]
    before : numpy.ndarray [1]
        Moments just before.
    """
    h, step, before = 0.0, COARSE, magnet.m.copy()
    branch = [(0.0, float(magnet.mean @ ALONG))]
    while step >= fine:
        magnet.m[:] = before
        magnet.applied_field = -(h + step) * MS * ALONG
        magnet.minimize(tolerance=torque)
        left = float(magnet.mean @ ALONG)
        if left > 0.0:
            h, before = h + step, magnet.m.copy()
            branch.append((-h, left))
        else:
            step /= 2.0
    return branch, h + step, before


def _remanent(magnet):
    for field in (0.5, 0.2, 0.05, 0.01, 0.0):
        magnet.applied_field = field * MS * ALONG
        magnet.minimize()
    return magnet


def _draw(found, curves):
    figure, (left, middle, right) = panels(3)
    for color, (d, branch) in zip(COLORS, curves.items(), strict=False):
        left.plot(*np.array(branch).T, ".-", ms=2, lw=1.0, color=color, label=f"d = {d} $l_{{ex}}$")
    left.set(xlabel="field $/ M_s$", ylabel="moment along the field", title="from remanence to the coercive field")
    legend(left)
    sizes = list(found)
    middle.plot(sizes, [found[d][1] for d in sizes], "s", ms=5, mfc="none", color=COLORS[1], label="engine")
    middle.errorbar(sizes, [OOMMF[d][1] for d in sizes], 1.7e-4, fmt=".", color=EXACT, label="OOMMF")
    middle.axhline(SMALL, color=EXACT, lw=0.8, ls="--", label="small bars")
    middle.set(xlabel="$d / l_{ex}$", ylabel="coercive field $/ M_s$", xlim=(0, None))
    legend(middle)
    largest = sizes[-1]
    picture = found[largest][2].mean(axis=1)
    right.imshow(picture[1], origin="lower", extent=(0, 5 * largest, 0, largest), cmap="RdBu_r", vmin=-1, vmax=1)
    ny, nx = picture.shape[1:]
    few = max(1, ny // 6)
    x, y = np.arange(0, nx, few) + 0.5, np.arange(0, ny, few) + 0.5
    scale = largest / ny
    right.quiver(x * scale, y * scale, picture[0, ::few, ::few], picture[1, ::few, ::few], pivot="mid", scale=30)
    right.set(xlabel="x [$l_{ex}$]", ylabel="y [$l_{ex}$]", title=f"d = {largest}, just before Hc, color: $m_y$")
    right.spines[["top", "right"]].set_visible(True)
    return figure


def validate(quick: bool) -> Outcome:
    """Find remanence and coercive field of bars of several sizes.

    Parameters
    ----------
    quick : bool
        One size.

    Returns
    -------
    Outcome
    """
    found, curves, checks = {}, {}, []
    single = descend(_remanent(bar(0.1, (1, 1, 1))), fine=1e-10, torque=1e-11)[1]
    checks.append(Check("one cell: Hc / Ms", single, SMALL, 1e-8))
    checks.append(Check("d = 0.5 lex: Hc / Ms", descend(_remanent(bar(0.5, (20, 4, 1))))[1], SMALL, 1e-4))
    for d in (20,) if quick else OOMMF:
        cell, wanted, *remanence = OOMMF[d]
        across = round(d / cell)
        magnet = _remanent(bar(d, (5 * across, across, round(0.1 * d / cell))))
        mean = magnet.mean
        curves[d], coercive, before = descend(magnet)
        found[d] = mean, coercive, before
        checks += [
            Check(f"d = {d} lex: Hc / Ms", coercive, wanted, 1.7e-4),
            Check(f"d = {d} lex: remanence along the length", float(mean[0]), remanence[0], 1e-4),
            Check(f"d = {d} lex: remanence along the width", float(mean[1]), remanence[1], 1e-4),
        ]
    return Outcome(checks, _draw(found, {d: curves[d] for d in curves if d in (5, 10, 20, 30)}))
