"""The standard problem of the Dzyaloshinskii-Moriya interaction: edges, spirals, walls, and a skyrmion in a disc."""

from __future__ import annotations

import numpy as np
from scipy.integrate import quad, solve_bvp
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq

from spinneuron.lattice import Magnet, Material
from spinneuron.mesh import Mesh
from validation.drawing import COLORS, EXACT, legend, panels
from validation.report import Check, Outcome

QUESTION = "Do edges tilt, spirals turn and skyrmions grow as the Dzyaloshinskii-Moriya interaction wants?"
REFERENCE = """Standard problem of D. Cortes-Ortuno et al., New J. Phys. 20, 113015 (2018), in one and two dimensions: A
= 1.3e-11 J/m, D = 3e-3 J/m^2, K = 4e5 J/m^3, Ms = 8.6e5 A/m, without stray field. Edge of a strip (S. Rohart, A.
Thiaville, Phys. Rev. B 88, 184422 (2013)): sin theta = D w / 2A with w = sqrt(A / K), tan(theta / 2) falls as exp(-s /
w). Spiral without K: period 4 pi A / D, energy -D^2 / 4A. Wall: 4 sqrt(A K) - pi D. Skyrmion in a disc of 100 nm:
theta'' + theta' / r = (1 / r^2 + K / A) sin(2 theta) / 2 + (D / A) sin^2(theta) / r, theta(0) = 0, theta'(R) = D / 2A,
solved to 1e-8. OOMMF's states, in cells of 1 and of 2 nm, from the supplement of the article."""
TOLERANCE = """Strips are right to the square of the cell, order 2 within 0.1: their limit for small cells is held to
1e-5, the edge in cells of 0.25 nm to 1e-4. OOMMF is at rest to 1e-8 in the strip, to some 1e-7 in the disc: 3e-8 and
1e-6. It has no surface terms: those of the disc are switched off for the comparison. The rim of a disc has steps, whose
errors are of the first order: the radius in cells of 0.5 nm is held to 0.05 nm, a tenth of a cell, the energy to 1.5
%, its limit by the last two sizes of cells to 0.5 %."""

A, D, MS, K = 1.3e-11, 3e-3, 8.6e5, 4e5
W = float(np.sqrt(A / K))
RADIUS, THICKNESS, NANO = 50e-9, 2e-9, 1e-9
# the article's D has the other sign: from +z, m turns towards +x and +y to the right
KINDS = {"interface": {"Dind": -D}, "bulk": {"Dbulk": -D}}
# m_x and m_z of some cells of the strip
STRIP = {
    0: (-0.6134516780, 0.7897322577),
    5: (-0.2801291572, 0.9599623197),
    10: (-0.1187292723, 0.9929266639),
    99: (0.6134516822, np.nan),
}
# m_z from the middle of the disc outwards, in the row beside it
DISC = """0.9997231629 0.9985199058 0.9956103276 0.9897667871 0.9784998905 0.9570006810 0.9162711971 0.8403858353
0.7044482514 0.4798807458 0.1592680543 -0.2076056172 -0.5296861896 -0.7517066108 -0.8802810563 -0.9470562509
-0.9793972346 -0.9939857251 -0.9994190374 -0.9994377696 -0.9948114285 -0.9839091543 -0.9621241564 -0.9200824557
-0.8407198339"""
OOMMF_RADIUS = 21.8708


def strip(n: int, length: float, periodic: int = 0, Ku: float = K, **constants: float) -> Magnet:
    """A row of cells.

    Parameters
    ----------
    n : int
    length : float [m]
    periodic : int
        1 for a ring.
    Ku : float [J/m^3]
    **constants : float [J/m^2]
        Dind or Dbulk.

    Returns
    -------
    Magnet
    """
    mesh = Mesh((n, 1, 1), (length / n, 5e-9, 5e-9), (periodic, 0, 0))
    return Magnet(mesh, Material(Ms=MS, Aex=A, Ku=Ku, **constants), demag=False)


def _rest(magnet, m):
    magnet.m = m
    if not magnet.minimize(tolerance=1e-8).converged:
        raise RuntimeError("the magnet does not come to rest")
    return magnet.m


def tilt(s: np.ndarray) -> np.ndarray:
    """Angle of a moment from the easy axis [rad], at a distance s [m] from the edge of a strip."""
    edge = np.arcsin(0.5 * D * W / A)
    return 2.0 * np.arctan(np.tan(0.5 * edge) * np.exp(-s / W))


def edges(n: int, kind: str):
    """The strip of 100 nm at rest.

    Parameters
    ----------
    n : int
    kind : str
        Of KINDS.

    Returns
    -------
    s : numpy.ndarray [m]
        Distance from the right edge.
    m : numpy.ndarray [1]
        (3, n).
    error : float [1]
        Of the part of the last moment across the easy axis.
    """
    magnet = strip(n, 100e-9, **KINDS[kind])
    m = _rest(magnet, (1e-3, 1e-3, 1.0))[:, 0, 0]
    s = 50e-9 - magnet.mesh.centers()[0].ravel()
    return s, m, float(m[0 if kind == "interface" else 1, -1] - np.sin(tilt(s[-1])))


def spiral(n: int, kind: str):
    """Period and energy of the best spiral.

    Parameters
    ----------
    n : int
        Cells in a turn.
    kind : str

    Returns
    -------
    period : float [4 pi A / D]
    energy : float [D^2 / 4A]
        With the other sign.
    """
    lengths, energies = np.array([0.9, 1.0, 1.1]), []
    random = np.random.default_rng(0)
    for length in lengths * 4.0 * np.pi * A / D:
        magnet = strip(n, length, periodic=1, Ku=0.0, **KINDS[kind])
        angle = 2.0 * np.pi * np.arange(n).reshape(1, 1, n) / n
        plane = [np.sin(angle), 0.0 * angle] if kind == "interface" else [0.0 * angle, np.sin(angle)]
        _rest(magnet, np.stack([*plane, np.cos(angle)]) + 0.03 * random.standard_normal((3, 1, 1, n)))
        energies.append(magnet.energy() / (length * 25e-18) / (-(D**2) / (4.0 * A)))
    # A q^2 - D q is a parabola in the wave number
    a, b, c = np.polyfit(1.0 / lengths, energies, 2)
    return -2.0 * a / b, c - b * b / (4.0 * a)


def wall(n: int, constant: float) -> float:
    """Energy of a wall at rest in a strip of 160 nm, over 4 sqrt(A K) - pi D.

    Parameters
    ----------
    n : int
    constant : float [J/m^2]

    Returns
    -------
    float [1]
    """
    magnet = strip(n, 160e-9, Dind=-constant)
    _rest(magnet, lambda x, y, z: (0.9 / np.cosh(x / W), 0.1 / np.cosh(x / W), -np.tanh(x / W)))
    energy = magnet.energy()
    # both edges tilt, with and without a wall
    _rest(magnet, (1e-3, 1e-3, 1.0))
    return (energy - magnet.energy()) / 25e-18 / (4.0 * np.sqrt(A * K) - np.pi * constant)


def radial():
    """The skyrmion of the continuum.

    Returns
    -------
    angle : callable
        Angle of the moments from +z [rad], of r [W].
    radius : float [m]
        Where they lie in the plane.
    energy : float [J]
    """
    d, near, far = D / np.sqrt(A * K), 1e-4, RADIUS / W

    def slopes(r, y):
        angle, turn = y
        lateral = 0.5 * (1.0 / r**2 + 1.0) * np.sin(2.0 * angle)
        return np.stack([turn, lateral + d * np.sin(angle) ** 2 / r - turn / r])

    def ends(inner, outer):
        return np.array([inner[0] - near * inner[1], outer[1] - 0.5 * d])

    r = np.geomspace(near, far, 500)
    guess = 2.0 * np.arctan(np.exp(r - 0.44 * far)) - 2.0 * np.arctan(np.exp(-0.44 * far)) + 0.7 * np.exp(r - far)
    solution = solve_bvp(slopes, ends, r, np.stack([guess, np.gradient(guess, r)]), tol=1e-8, max_nodes=100_000)
    if not solution.success:
        raise RuntimeError(solution.message)

    def density(r):
        angle, turn = solution.sol(r)
        sine, cosine = np.sin(angle), np.cos(angle)
        return 2.0 * np.pi * r * (turn**2 + sine**2 / r**2 - d * (turn + sine * cosine / r) + sine**2)

    radius = brentq(lambda r: solution.sol(r)[0] - 0.5 * np.pi, 0.2 * far, 0.8 * far) * W
    return lambda r: solution.sol(r)[0], radius, quad(density, near, far, limit=500)[0] * A * THICKNESS


def skyrmion(n: int, kind: str = "interface", surface: bool = True):
    """The skyrmion of a lattice.

    Parameters
    ----------
    n : int
        Cells across the disc.
    kind : str
        Of KINDS.
    surface : bool
        Whether surfaces have their terms.

    Returns
    -------
    magnet : Magnet
    row : tuple of numpy.ndarray
        x [nm] and m_z, in the row above the middle, right half.
    place : float [nm]
        x at which m_z passes 0 there.
    """
    cell = 2.0 * RADIUS / n
    material = Material(Ms=MS, Aex=A, Ku=K, **KINDS[kind])
    mesh = Mesh((n, n, 1), (cell, cell, THICKNESS))
    magnet = Magnet(mesh, material, shape="elliptic-cylinder", demag=False)
    if not surface:
        faces = getattr(magnet.terms["dmi"], kind)
        for array in (faces.sx, faces.sy, faces.sz):
            array[:] = 0.0

    def start(x, y, z):
        r = np.hypot(x, y)
        across = 1.0 / np.cosh((r - 0.5 * RADIUS) / W)
        x, y = x / r, y / r
        plane = (x * across, y * across) if kind == "interface" else (-y * across, x * across)
        return *plane, -np.tanh((r - 0.5 * RADIUS) / W)

    m = _rest(magnet, start)
    x, row = mesh.centers()[0].ravel()[n // 2 :] / NANO, m[2, 0, n // 2, n // 2 :]
    inside = x < 40.0
    return magnet, (x, row), brentq(CubicSpline(x[inside], row[inside]), 1.0, 39.0)


def _strips(quick):
    checks, profiles, errors = [], {}, {}
    sizes = (100, 200) if quick else (50, 100, 200, 400)
    for kind in KINDS:
        for n in sizes:
            *profiles[n, kind], errors[n, kind] = edges(n, kind)
        order = np.log2(errors[sizes[-2], kind] / errors[sizes[-1], kind])
        checks.append(Check(f"edge, {kind}: order of the error", float(order), 2.0, 0.1))
        if not quick:
            checks.append(Check(f"edge, {kind}, 0.25 nm: error of the last moment", errors[400, kind], 0.0, 1e-4))
    m = profiles[100, "interface"][1]
    worst = np.nanmax([np.abs(m[[0, 2], i] - np.array(wanted)) for i, wanted in STRIP.items()])
    checks.append(Check("strip, 1 nm: largest deviation from OOMMF", float(worst), 0.0, 3e-8))
    for kind in KINDS:
        coarse, fine = (np.array(spiral(n, kind)) for n in (50, 100))
        limit = fine + (fine - coarse) / 3.0
        checks.append(Check(f"spiral, {kind}: period / (4 pi A / D)", float(limit[0]), 1.0, 1e-5))
        checks.append(Check(f"spiral, {kind}: energy / (-D^2 / 4A)", float(limit[1]), 1.0, 1e-5))
    for constant in (1.5e-3,) if quick else (0.5e-3, 1e-3, 1.5e-3, 2e-3):
        coarse, fine = (wall(n, constant) for n in (160, 320))
        case = f"wall, D = {constant * 1e3:g} mJ/m^2: energy / (4 sqrt(A K) - pi D)"
        checks.append(Check(case, fine + (fine - coarse) / 3.0, 1.0, 1e-5))
    return checks, profiles, errors


def _discs(quick, radius, energy):
    checks, found, energies, bare = [], {}, {}, {}
    wanted = np.array(DISC.split(), dtype=float)
    for kind in KINDS:
        magnet, (_, row), place = skyrmion(50, kind, surface=False)
        bare[kind] = np.hypot(place, 1.0), magnet.energy() / energy
        case = f"skyrmion, {kind}, 2 nm, no surface terms"
        checks.append(Check(f"{case}: place of m_z = 0 [nm]", place, OOMMF_RADIUS, 1e-4))
        checks.append(Check(f"{case}: largest deviation from OOMMF", float(np.abs(row - wanted).max()), 0.0, 1e-6))
    sizes = (50, 100) if quick else (50, 100, 200)
    for n in sizes:
        found[n] = magnet, _, place = skyrmion(n)
        energies[n] = magnet.energy() / energy
    last = float(np.hypot(place, 0.5e9 * magnet.mesh.cell[1]))
    size = f"{100 / sizes[-1]:g} nm"
    checks += [
        Check(f"skyrmion, {size}: radius [nm]", last, radius / NANO, 0.05),
        Check(
            f"skyrmion, {size}: energy over that of the continuum", energies[sizes[-1]], 1.0, 0.02 if quick else 0.015
        ),
        Check("skyrmion, limit: energy", 2.0 * energies[sizes[-1]] - energies[sizes[-2]], 1.0, 0.005),
    ]
    notes = [
        f"Skyrmion in cells of 2 nm: radius {np.hypot(found[50][2], 1.0):.3f} nm, without surface terms "
        f"{bare['interface'][0]:.3f} nm; energy over that of the continuum, without surface terms: "
        f"{bare['interface'][1]:.4f}; with them, by cells: "
        + ", ".join(f"{100 / n:g} nm: {ratio:.4f}" for n, ratio in energies.items())
        + "."
    ]
    return checks, found, notes


def _draw(strips, errors, discs, angle):
    figure, (edge, order, picture, profile) = panels(2, 2, width=4.6, height=3.4)
    for (kind, part), color in zip((("interface", 0), ("bulk", 1)), COLORS, strict=False):
        s, m = strips[100, kind]
        edge.plot(
            s / NANO, m[part], "os"[part], ms=4 + 2 * part, mfc="none", color=color, label=f"$m_{'xy'[part]}$, {kind}"
        )
    edge.plot(s / NANO, m[2], "^", ms=3, mfc="none", color=COLORS[2], label="$m_z$")
    fine = np.linspace(0.0, 30e-9, 200)
    for of in (np.sin, np.cos):
        edge.plot(fine / NANO, of(tilt(fine)), color=EXACT, lw=0.9)
    edge.set(
        xlabel="distance from the edge [nm]",
        ylabel="moment",
        title="edge of a strip, 1 nm; lines: theory",
        xlim=(0, 30),
        ylim=(-0.1, 1.1),
    )
    legend(edge)
    cells = np.array(sorted({n for n, _ in errors}))
    for kind, mark, color in zip(KINDS, "os", COLORS, strict=False):
        order.loglog(100 / cells, [abs(errors[n, kind]) for n in cells], mark, mfc="none", color=color, label=kind)
    h = np.array([100 / cells[-1], 100 / cells[0]])
    order.loglog(
        h, abs(errors[cells[-1], "interface"]) * (h / h[0]) ** 2, color=EXACT, lw=0.8, ls="--", label="second order"
    )
    order.set(xlabel="cell [nm]", ylabel="error", title="moment in the last cell")
    legend(order)
    magnet = discs[100][0]
    m, extent = np.where(magnet.magnetic, magnet.m, np.nan)[:, 0], (-50, 50, -50, 50)
    picture.imshow(m[2], origin="lower", extent=extent, cmap="RdBu_r", vmin=-1, vmax=1)
    x = magnet.mesh.centers()[0].ravel()[2::5] / NANO
    picture.quiver(x, x, m[0, 2::5, 2::5], m[1, 2::5, 2::5], pivot="mid", scale=25)
    picture.set(xlabel="x [nm]", ylabel="y [nm]", title="skyrmion, color: $m_z$")
    picture.spines[["top", "right"]].set_visible(True)
    r = np.linspace(0.1, 50.0, 300)
    profile.plot(r, np.cos(angle(r * NANO / W)), color=EXACT, lw=1.0, label="continuum")
    (x, row), wanted = discs[50][1], np.array(DISC.split(), dtype=float)
    profile.plot(np.hypot(x, 1.0), row, "o", ms=5, mfc="none", color=COLORS[1], label="engine, 2 nm")
    profile.plot(np.hypot(x, 1.0), wanted, "x", ms=4, color=COLORS[0], label="OOMMF, 2 nm")
    profile.set(xlabel="r [nm]", ylabel="$m_z$", title="profile of the skyrmion")
    legend(profile)
    return figure


def validate(quick: bool) -> Outcome:
    """Bring strips and discs to rest.

    Parameters
    ----------
    quick : bool
        Larger cells, one wall.

    Returns
    -------
    Outcome
    """
    angle, radius, energy = radial()
    first, strips, errors = _strips(quick)
    second, discs, notes = _discs(quick, radius, energy)
    rim = float(np.cos(angle(RADIUS / W)))
    notes.insert(0, f"Continuum: radius {radius / NANO:.4f} nm, energy {energy:.6g} J, m_z = {rim:.4f} at the rim.")
    return Outcome(first + second, _draw(strips, errors, discs, angle), notes)
