"""Motion of a lattice against exact solutions: spin waves, and a domain wall in a field."""

from __future__ import annotations

import numpy as np

from spinneuron.constants import gamma0, mu0
from spinneuron.lattice import Magnet, Material
from spinneuron.lattice.run import Solver
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.anisotropy import Uniaxial
from validation.drawing import COLORS, EXACT, legend, panels
from validation.report import Check, Outcome

QUESTION = "Do spin waves and domain walls move as they should?"
REFERENCE = """Exchange waves on a lattice of spacing d: omega = gamma0 [Hk + (2 A / mu0 Ms) sum (2 / d^2)(1 - cos k
d)]. Dipolar waves in a thin film magnetized along a field H in its plane: omega^2 = gamma0^2 (H + D + Ms P sin^2
phi)(H + D + Ms (1 - P)), P = 1 - (1 - exp(-k t)) / (k t), phi from the field to k: backward volume waves and
Damon-Eshbach waves of moments that do not change across the film (B. A. Kalinikos, A. N. Slavin, J. Phys. C 19, 7013
(1986)). Interfacial DMI, moments along +y, waves along x: omega falls by gamma0 (2 Dind / mu0 Ms) sin(k d) / d at +k
and rises by as much at -k, gamma0 2 Dind k / mu0 Ms for long waves, whatever else turns the moments (D.
Cortes-Ortuno, P. Landeros, J. Phys.: Condens. Matter 25, 156001 (2013); J.-H. Moon et al., Phys. Rev. B 88, 184404
(2013)). A wall with a hard axis, w = -K m_z^2 + Kp m_x^2: for H < Hw = alpha Kp / (mu0 Ms) it moves at gamma0 D H /
alpha, D = sqrt(A / (K + Kp cos^2 phi)), sin 2 phi = H / Hw; above, phi turns by pi in pi (1 + alpha^2) / (gamma0
sqrt(H^2 - Hw^2)) (N. L. Schryer, L. R. Walker, J. Appl. Phys. 45, 5406 (1974))."""
TOLERANCE = """Exchange waves: 1e-5, the square of their amplitude and the error of the fit. Dipolar waves: 1 %, for
cells of d up to k d = 0.4. Shift by DMI: 1e-5 of the largest. Wall: 3e-4 of the speed, as the limit of cells of D/4
and D/8 by the square of the cell; the breakdown field, from the time of a turn: 1e-3; mean speed above it: 3 %, as D
changes by up to Kp / 2 K."""

MS, A, CELL = 8e5, 1.3e-11, 5e-9
DIND = 1e-3
KU, DAMPING = 5.2e5, 0.1
# waves are followed for so many turns of the slowest
TURNS = 10
HARD = 0.05 * KU
WALKER = DAMPING * HARD / (mu0 * MS)
WIDTH = float(np.sqrt(A / KU))


def waves(magnet: Magnet, along: int, fields) -> tuple[np.ndarray, np.ndarray]:
    """Frequency of every wave of a magnet whose moments have been turned a little in a plane.

    Parameters
    ----------
    magnet : Magnet
        Periodic, without damping, of one layer.
    along : int
        Component along which its moments point.
    fields : tuple of float [A/m]
        Least and largest frequency that is expected, over gamma0.

    Returns
    -------
    frequency, shift : numpy.ndarray [A/m]
        Angular frequency over gamma0, (ky, kx): the mean of those of k and -k, and by how much that of k is lower.
    """
    first, second = (along + 1) % 3, (along + 2) % 3
    m = np.zeros_like(magnet.m)
    m[along], m[first] = 1.0, 1e-4 * np.random.default_rng(0).standard_normal(magnet.mesh.shape)
    magnet.m = m
    duration = 2.0 * np.pi * TURNS / (gamma0 * fields[0])
    every = duration / np.ceil(duration * gamma0 * fields[1] / 2.0)
    run = magnet.run(duration, every=every, snapshots=every, solver=Solver("dormand-prince", tolerance=1e-9))
    m = run.moments.values[:, :, 0].astype(float)
    u, v = (np.fft.fft2(m[:, c]) for c in (first, second))
    # all start in the same phase: u = a cos(omega t) exp(i shift t), v = b sin(omega t) exp(i shift t)
    u, v = (part * np.conj(u[0]) for part in (u, v))
    u, v = (part / np.sqrt((abs(part) ** 2).mean(axis=0)) for part in (u, v))
    t = run.time.values - run.time.values.mean()
    common = 0.5 * np.unwrap(np.angle(u**2 + v**2), axis=0)
    u, v = ((part * np.exp(-1j * common)).real for part in (u, v))
    phase = np.unwrap(np.arctan2(v, u), axis=0)
    frequency, shift = ((t[:, None, None] * each).sum(axis=0) / (t**2).sum() / gamma0 for each in (phase, common))
    return np.abs(frequency), shift


def exchange_waves(nx: int, ny: int):
    """Frequencies of a film without stray field, moments along its easy axis.

    Parameters
    ----------
    nx, ny : int

    Returns
    -------
    found, wanted : numpy.ndarray [A/m]
        Over gamma0, (ky, kx).
    """
    mesh = Mesh((nx, ny, 1), (CELL, CELL, CELL), periodic=(1, 1, 0))
    magnet = Magnet(mesh, Material(Ms=MS, Aex=A, alpha=0.0, Ku=KU), demag=False)
    wanted = 2.0 * KU / (mu0 * MS) + _lattice_exchange(nx, ny)
    return waves(magnet, 2, (wanted.min(), wanted.max()))[0], wanted


def _lattice_exchange(nx, ny):
    row, column = (2.0 - 2.0 * np.cos(2.0 * np.pi * np.arange(n) / n) for n in (nx, ny))
    return 2.0 * A / (mu0 * MS * CELL**2) * (column[:, None] + row)


def dipolar_waves(n: int, H: float = 1e5):
    """Frequencies of a film with stray field, moments along a field in its plane, x.

    Parameters
    ----------
    n : int
        Cells along both edges.
    H : float [A/m]

    Returns
    -------
    k : numpy.ndarray [rad/m]
        0 to 0.4 / CELL.
    found, wanted : numpy.ndarray [A/m]
        Over gamma0, (direction, k): along the field, and across.
    """
    mesh = Mesh((n, n, 1), (CELL, CELL, CELL), periodic=(2, 2, 0))
    magnet = Magnet(mesh, Material(Ms=MS, Aex=A, alpha=0.0), applied_field=(H, 0.0, 0.0))
    D = _lattice_exchange(n, n)
    measured, _ = waves(magnet, 0, (np.sqrt(H * (H + MS)), D.max() + H + MS))
    # the film and its copies end somewhere
    magnet.m = (1.0, 0.0, 0.0)
    H += float(magnet.terms["demag"].field(magnet.m)[0].mean())
    k = 2.0 * np.pi * np.arange(1, int(0.4 * n / (2.0 * np.pi)) + 1) / (n * CELL)
    P, D = 1.0 - (1.0 - np.exp(-k * CELL)) / (k * CELL), D[0, 1 : len(k) + 1]
    wanted = [np.sqrt((H + D + MS * P * across) * (H + D + MS * (1.0 - P))) for across in (0.0, 1.0)]
    return k, np.array([measured[0, 1 : len(k) + 1], measured[1 : len(k) + 1, 0]]), np.array(wanted)


def dmi_waves(n: int, stray: bool, H: float = 1e5):
    """Waves of a chain, or of a film with stray field, with interfacial DMI, moments along a field, y.

    Parameters
    ----------
    n : int
        Cells along x; of a film also along y.
    stray : bool
    H : float [A/m]

    Returns
    -------
    k : numpy.ndarray [rad/m]
        Along x, of every wave, as ordered by the transform.
    frequency, shift : numpy.ndarray [A/m]
        See `waves`.
    wanted : numpy.ndarray [A/m]
        The shift.
    """
    mesh = Mesh((n, n if stray else 1, 1), (CELL, CELL, CELL), periodic=(2, 2, 0))
    material = Material(Ms=MS, Aex=A, alpha=0.0, Dind=DIND)
    magnet = Magnet(mesh, material, demag=stray, applied_field=(0.0, H, 0.0))
    most = H + MS + 2.0 * _lattice_exchange(n, n).max()
    frequency, shift = waves(magnet, 1, (np.sqrt(H * (H + MS)) if stray else H, most))
    k = 2.0 * np.pi * np.fft.fftfreq(n, CELL)
    return k, frequency[0], shift[0], 2.0 * DIND * np.sin(k * CELL) / (mu0 * MS * CELL)


def wall(h: float, duration: float, parts: int = 4):
    """Place and angle of a wall in a field along the easy axis.

    Parameters
    ----------
    h : float [Hw]
        Field.
    duration : float [s]
    parts : int
        Cells in a width.

    Returns
    -------
    t : numpy.ndarray [s]
    place : numpy.ndarray [m]
    angle : numpy.ndarray [rad]
        Of the moments in the wall, from the hard axis.
    """
    cell, cells = WIDTH / parts, 80 * parts
    mesh = Mesh((cells, 1, 1), (cell, cell, cell))
    material = Material(Ms=MS, Aex=A, alpha=DAMPING, Ku=KU)
    magnet = Magnet(mesh, material, demag=False, applied_field=(0.0, 0.0, h * WALKER))
    hard = np.zeros((3, *mesh.shape))
    hard[0] = 1.0
    magnet.terms["hard axis"] = Uniaxial(mesh, magnet.Ms, np.full(mesh.shape, -HARD), np.zeros(mesh.shape), hard)
    # as it moves below breakdown
    angle, width, start = steady(min(h, 1.0)), moving_width(min(h, 1.0)), -0.3 * cells * cell

    def profile(x, y, z):
        u = (x - start) / width
        return np.cos(angle) / np.cosh(u), np.sin(angle) / np.cosh(u), -np.tanh(u)

    magnet.m = profile
    run = magnet.run(duration, every=duration / 400, solver=Solver(tolerance=1e-7))
    x, y, z = run.m.values.T
    return run.time.values, 0.5 * cell * cells * z, np.unwrap(np.arctan2(y, x))


def steady(h: float) -> float:
    """Angle of the moments in a wall that moves at a field below breakdown [Hw], from the hard axis [rad]."""
    return 0.5 * np.pi + 0.5 * float(np.arcsin(h))


def moving_width(h: float) -> float:
    """Width D of that wall [m]."""
    return float(np.sqrt(A / (KU + HARD * np.cos(steady(h)) ** 2)))


def speed(h: float, parts: int) -> float:
    """Speed of a wall below breakdown, over that of Walker's solution.

    Parameters
    ----------
    h : float [Hw]
        Field.
    parts : int

    Returns
    -------
    float [1]
    """
    t, place, _ = wall(h, 1e-9, parts)
    late = t > 0.3e-9
    return float(np.polyfit(t[late], place[late], 1)[0]) / (gamma0 * moving_width(h) * h * WALKER / DAMPING)


def turn_time(h: float):
    """Time in which the moments of a wall above breakdown turn by pi [s], as found and as it should be.

    Parameters
    ----------
    h : float [Hw]
        Field.

    Returns
    -------
    found, wanted : float [s]
    mean : float [m/s]
        Speed in that time.
    """
    wanted = np.pi * (1.0 + DAMPING**2) / (gamma0 * WALKER * np.sqrt(h**2 - 1.0))
    t, place, angle = wall(h, 1.5 * wanted)
    first, last = np.interp([angle[0] + 0.5, angle[0] + 0.5 + np.pi], angle, t)
    start, end = np.interp([first, last], t, place)
    return last - first, wanted, (end - start) / (last - first)


def above(h):
    """Mean speed of a wall above breakdown [m/s], at a field [Hw], with the width of one at rest."""
    return (h - np.sqrt(h**2 - 1.0) / (1.0 + DAMPING**2)) * gamma0 * WALKER / DAMPING * WIDTH


def _draw(exchange, dipolar, speeds, turns):
    figure, (left, middle, right) = panels(3)
    found, wanted = exchange
    for axis, color in ((0, COLORS[0]), (1, COLORS[1])):
        line = [each[:, 0] if axis else each[0] for each in (found, wanted)]
        n = len(line[0]) // 2 + 1
        kd = 2.0 * np.pi * np.arange(n) / len(line[0])
        left.plot(kd, line[0][:n] / 1e6, "os"[axis], ms=5, mfc="none", color=color, label=f"along {'xy'[axis]}")
    fine = np.linspace(0.0, np.pi, 100)
    exact = wanted.min() + 4.0 * A / (mu0 * MS * CELL**2) * (1.0 - np.cos(fine))
    left.plot(fine, exact / 1e6, color=EXACT, lw=1.0, label="lattice formula")
    left.plot(fine, (wanted.min() + 2.0 * A / (mu0 * MS * CELL**2) * fine**2) / 1e6, color=EXACT, lw=0.8, ls=":")
    left.set(
        xlabel="$k d$", ylabel=r"$\omega / \gamma_0$ [MA/m]", title="exchange waves; dotted: $k^2$", ylim=(0.0, 6.0)
    )
    k, measured, theory = dipolar
    names = ("backward volume", "Damon-Eshbach")
    for i, (name, color) in enumerate(zip(names, COLORS, strict=False)):
        middle.plot(k * 1e-6, measured[i] * gamma0 / (2e9 * np.pi), "o", ms=5, mfc="none", color=color, label=name)
        middle.plot(k * 1e-6, theory[i] * gamma0 / (2e9 * np.pi), color=EXACT, lw=1.0)
    middle.set(xlabel=r"k [rad/$\mu$m]", ylabel="frequency [GHz]", title="film of 5 nm in 100 kA/m")
    h = np.linspace(0.02, 1.0, 80)
    rate = gamma0 * WALKER / DAMPING
    right.plot(h, [rate * x * moving_width(x) for x in h], color=EXACT, lw=1.0, label="Walker")
    h = np.linspace(1.0, 2.5, 200)
    right.plot(h, above(h), color=EXACT, lw=1.0, ls="--", label="above, D constant")
    for x, ratio in speeds.items():
        right.plot(x, ratio * rate * x * moving_width(x), "o", ms=5, mfc="none", color=COLORS[1])
    right.plot(list(turns), [each[2] for each in turns.values()], "s", ms=5, mfc="none", color=COLORS[0])
    right.set(xlabel="field $/ H_W$", ylabel="speed of the wall [m/s]", title="Walker breakdown")
    for axis in (left, middle, right):
        legend(axis)
    return figure


def validate(quick: bool) -> Outcome:
    """Follow waves and walls.

    Parameters
    ----------
    quick : bool
        A smaller film, fewer fields.

    Returns
    -------
    Outcome
    """
    checks = []
    for nx, ny in ((64, 1), (16, 12)):
        exchange = exchange_waves(nx, ny)
        worst = float(np.abs(exchange[0] / exchange[1] - 1.0).max())
        name = "chain" if ny == 1 else "film"
        checks.append(Check(f"exchange waves of a {name}: largest relative deviation", worst, 0.0, 1e-5))
    dipolar = dipolar_waves(32 if quick else 64)
    for name, found, wanted in zip(("backward volume", "Damon-Eshbach"), *dipolar[1:], strict=True):
        worst = float(np.abs(found / wanted - 1.0).max())
        checks.append(Check(f"{name} waves: largest relative deviation", worst, 0.0, 0.01))
    for name, (_, _, found, wanted) in (("chain", dmi_waves(64, False)), ("film", dmi_waves(32, True))):
        worst = float(np.abs(found - wanted).max() / wanted.max())
        checks.append(Check(f"shift by DMI in a {name}: deviation over the largest", worst, 0.0, 1e-5))
    speeds = {}
    for h in (0.5,) if quick else (0.3, 0.6, 0.9, 0.99):
        coarse, fine = speed(h, 4), speed(h, 8)
        speeds[h] = fine + (fine - coarse) / 3.0
        checks.append(Check(f"wall at {h:g} Hw: speed over Walker's", speeds[h], 1.0, 3e-4))
    turns = {}
    for h in (1.5,) if quick else (1.2, 1.5, 2.0):
        turns[h] = found, wanted, mean = turn_time(h)
        breakdown = float(np.sqrt(h**2 - (wanted / found) ** 2 * (h**2 - 1.0)))
        checks.append(Check(f"wall at {h:g} Hw: Hw from the time of a turn", breakdown, 1.0, 1e-3))
        checks.append(Check(f"wall at {h:g} Hw: mean speed [m/s]", mean, float(above(h)), 0.03 * float(above(h))))
    notes = [f"Hw = {WALKER:.1f} A/m, D = {WIDTH * 1e9:.2f} nm, Kp / K = {HARD / KU:g}, alpha = {DAMPING:g}."]
    return Outcome(checks, _draw(exchange, dipolar, speeds, turns), notes)
