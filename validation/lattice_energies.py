"""Energies of a lattice at rest against exact ones: demagnetizing energies of bodies, and a domain wall."""

from __future__ import annotations

import numpy as np

from spinneuron.constants import mu0
from spinneuron.geometry import demagnetizing_factors
from spinneuron.lattice import Magnet, Material
from spinneuron.mesh import Mesh
from validation.drawing import COLORS, EXACT, legend, panels
from validation.report import Check, Outcome

QUESTION = "Are the demagnetizing and exchange energies of a lattice those of the body that it stands for?"
REFERENCE = """Uniform magnets: E = mu0 Ms^2 V N / 2 with the factors of prisms (A. Aharoni, J. Appl. Phys. 83, 3432
(1998)), ellipsoids (J. A. Osborn, Phys. Rev. 67, 351 (1945)) and elliptic cylinders (M. Beleggia et al., J. Phys. D
38, 3333 (2005)), which spinneuron.geometry computes by other means than the lattice does. Domain wall: energy 4
sqrt(A K), cos(theta) = tanh(x / D), D = sqrt(A / K) (L. Landau, E. Lifshitz, Phys. Z. Sowjetunion 8, 153 (1935));
on a lattice of spacing d both differ by the square of d / D."""
TOLERANCE = """Prisms are made of cells without a rest, so that only rounding is left: 1e-9. Round bodies have
steps: their factors come nearer in proportion to the cell, by chance more or less; 2e-3 at 64 cells across. Wall:
1e-4 for the limit of cells of D/4 and D/8 by the square, which leaves the fourth power."""

MS = 8e5
# counts and sizes of cells [nm]
PRISMS = {
    "cube": ((8, 8, 8), (5.0, 5.0, 5.0)),
    "cube, flat cells": ((4, 8, 16), (10.0, 5.0, 2.5)),
    "50 x 45 x 10 nm": ((10, 9, 2), (5.0, 5.0, 5.0)),
    "500 x 125 x 3 nm": ((100, 25, 1), (5.0, 5.0, 3.0)),
    "bar of 1 : 20": ((1, 1, 20), (3.0, 3.0, 3.0)),
    "film of 1 : 1000": ((64, 64, 1), (31.25, 31.25, 2.0)),
}
# sizes [nm]
ROUND = {"ellipsoid": (80.0, 40.0, 40.0), "elliptic-cylinder": (100.0, 60.0, 5.0)}
A, K = 1.3e-11, 5.2e5
WIDTH = float(np.sqrt(A / K))


def factors(mesh: Mesh, shape: str = "prism") -> np.ndarray:
    """Demagnetizing factors along x, y, z of a uniform magnet.

    Parameters
    ----------
    mesh : Mesh
    shape : str

    Returns
    -------
    numpy.ndarray [1]
        (3,).
    """
    magnet = Magnet(mesh, Material(Ms=MS), shape=shape)
    whole = 0.5 * mu0 * MS**2 * magnet.magnetic.sum() * mesh.cell_volume
    found = []
    for axis in np.eye(3):
        magnet.m = axis
        found.append(magnet.energies()["demag"] / whole)
    return np.array(found)


def exact(shape: str, size) -> np.ndarray:
    """Factors along x, y, z of a body of given size along x, y, z [m]."""
    length, width, thickness = size
    N_width, N_length, N_thickness = demagnetizing_factors(shape, width=width, length=length, thickness=thickness)
    return np.array([N_length, N_width, N_thickness])


def wall(parts: int):
    """A domain wall at rest across a chain of 40 widths.

    Parameters
    ----------
    parts : int
        Cells in a width.

    Returns
    -------
    energy : float [4 sqrt(A K)]
        Per area.
    width : float [D]
        Of the slope at the middle, -1 / (d cos(theta) / dx).
    x, z : numpy.ndarray
        Place [D] and m_z.
    """
    cell = WIDTH / parts
    mesh = Mesh((40 * parts, 1, 1), (cell, cell, cell))
    magnet = Magnet(mesh, Material(Ms=MS, Aex=A, Ku=K), demag=False)
    magnet.m = lambda x, y, z: (0.0 * x, 1.0 / np.cosh(x / WIDTH), -np.tanh(x / WIDTH))
    magnet.minimize(tolerance=1e-10)
    z = magnet.m[2, 0, 0]
    middle = len(z) // 2
    slope = (z[middle - 1] - z[middle]) * parts
    return magnet.energy() / cell**2 / (4.0 * np.sqrt(A * K)), 1.0 / slope, mesh.centers()[0].ravel() / WIDTH, z


def _bodies(quick):
    checks, curves = [], {}
    for name, (counts, cell) in PRISMS.items():
        mesh = Mesh(counts, tuple(1e-9 * c for c in cell))
        worst = np.abs(factors(mesh) - exact("prism", mesh.size)).max()
        checks.append(Check(f"{name}: largest deviation of a factor", float(worst), 0.0, 1e-9))
    for shape, size in ROUND.items():
        wanted, curves[shape] = exact(shape, size), []
        for across in (16, 32) if quick else (8, 12, 16, 24, 32, 48, 64):
            cell = size[1] / across
            flat = shape == "elliptic-cylinder"
            mesh = Mesh.of([1e-9 * s for s in size], 1e-9 * np.array([cell, cell, size[2] if flat else cell]))
            curves[shape].append((across, *np.abs(factors(mesh, shape) - wanted)))
        finest, *rest = curves[shape][-1]
        checks.append(
            Check(f"{shape}, {finest} cells across: largest deviation of a factor", max(rest), 0.0, 0.128 / finest)
        )
    return checks, curves


def _draw(curves, walls):
    figure, (left, middle, right) = panels(3)
    for (shape, rows), colors in zip(curves.items(), (COLORS[:3], COLORS[:3]), strict=True):
        across, *errors = np.array(rows).T
        for i, (name, color) in enumerate(zip("xyz", colors, strict=True)):
            style = "o-" if shape == "ellipsoid" else "s--"
            left.loglog(across, errors[i], style, ms=4, lw=0.9, mfc="none", color=color, label=f"{shape}, $N_{name}$")
    left.set(xlabel="cells across", ylabel="error of a demagnetizing factor", title="round bodies")
    parts = np.array(list(walls))
    for i, (name, color) in enumerate((("energy", COLORS[0]), ("width", COLORS[1]))):
        error = [abs(values[i] - 1.0) for values in walls.values()]
        middle.loglog(1.0 / parts, error, "o-", ms=4, lw=0.9, color=color, label=name)
    middle.loglog(1.0 / parts, 0.05 / parts**2, color=EXACT, lw=0.9, ls="--", label="square")
    middle.set(xlabel="cell [width of the wall]", ylabel="relative error", title="domain wall")
    x = np.linspace(-5, 5, 100)
    right.plot(x, -np.tanh(x), color=EXACT, lw=1.0, label="-tanh(x / D)")
    for color, (n, (_, _, place, z)) in zip(COLORS, walls.items(), strict=False):
        right.plot(place, z, "o", ms=3, mfc="none", color=color, label=f"cells of D/{n}")
    right.set(xlabel="place [D]", ylabel="$m_z$", xlim=(-5, 5))
    for axis in (left, middle, right):
        legend(axis)
    return figure


def validate(quick: bool) -> Outcome:
    """Compare energies of uniform bodies and of a wall.

    Parameters
    ----------
    quick : bool
        Fewer lattices of round bodies.

    Returns
    -------
    Outcome
    """
    checks, curves = _bodies(quick)
    walls = {n: wall(n) for n in (1, 2, 4, 8)}
    for i, name in enumerate(("energy / 4 sqrt(A K)", "width / D")):
        coarse, fine = walls[4][i], walls[8][i]
        checks.append(Check(f"wall, limit of small cells: {name}", float(fine + (fine - coarse) / 3.0), 1.0, 1e-4))
        order = np.log2((coarse - 1.0) / (fine - 1.0))
        checks.append(Check(f"wall: order of the error, {name}", float(order), 2.0, 0.1))
    return Outcome(checks, _draw(curves, walls))
