"""Barrier between the two states of a perpendicular disc: of one moment, of a wall, and what lies between them."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
from scipy.integrate import quad
from scipy.special import jnp_zeros

from spinneuron.constants import kB, mu0
from spinneuron.lattice import Magnet, Material
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.term import Term
from validation.drawing import COLORS, EXACT, legend, panels
from validation.report import Check, Outcome, markdown_table
from validation.samples import disc

QUESTION = "How high is the barrier between the states of a disc, and up to which size is it that of one moment?"
REFERENCE = """A disc of diameter d and thickness t, with the stray field of a film in K. All moments in the plane: K V,
V = pi d^2 t / 4. A straight wall through the middle, m_z = -tanh(x / D), D = sqrt(A / K): 2 K t int sech^2(x / D)
sqrt(d^2 - 4 x^2) dx, an upper bound which comes to 4 sqrt(A K) d t in large discs; that line meets K V at d = (16 /
pi) D. The state in the plane is no pass any more where its softest wave J1(2 j r / d) cos(phi), with A (2 j / d)^2 =
K, lets it go: d = 2 j D, j = 1.8412 the first zero of J1'. On both forms: G. D. Chaves-O'Flynn et al.,
arXiv:1208.5233; P. Bouquin et al., arXiv:1809.03353, for the size at which a torque makes walls. The lattice is at the
least energy with <m_z> held; at <m_z> = 0, by symmetry, nothing is left to hold."""
TOLERANCE = """Moments in the plane: 1e-9, rounding. Size: 1 %, 40 cells across, by the square of the amplitude at three
sizes. Wall: 0.5 % at cells of 1.25 nm, D / 4.6, of which discrete walls need half and the steps of the edge the rest.
The pass: the torque that is left without the hold, 1e-5 Ms. The bound: 1, and 0.5 % for the edge."""

DISC = disc()
D = float(np.sqrt(DISC.Aex / DISC.Ku))
LARGE = DISC.width
# of the stray field of a film, which K includes
FILM = 0.5 * mu0 * DISC.Ms**2


class Held(Term):
    """Field along z that keeps the mean of m_z: the slope of an energy that is not counted.

    Parameters
    ----------
    mesh : Mesh
    Ms : numpy.ndarray [A/m]
    mean : float [1]
    """

    def __init__(self, mesh: Mesh, Ms: np.ndarray, mean: float) -> None:
        super().__init__(mesh, Ms)
        self.mean, self.there = mean, Ms > 0.0
        self.strength = 10.0 * DISC.Ku / (mu0 * DISC.Ms)

    def add(self, m: np.ndarray, h: np.ndarray, t: float = 0.0) -> None:
        """Add the field: see `Term`."""
        h[2] -= self.strength * (m[2].sum() / self.there.sum() - self.mean) * self.there

    def energy_density(self, m: np.ndarray, t: float = 0.0) -> np.ndarray:
        """Nothing: see `Term`."""
        return np.zeros_like(self.Ms)


class Pass(NamedTuple):
    """State of least energy with its mean held.

    Attributes
    ----------
    energy : float [J]
        Above that of the state at rest.
    mean, square : float [1]
        Means of m_z and of its square.
    coherent : float [J]
        K V of the cells that there are.
    torque : float [1]
        Largest |m x H| / Ms without the hold.
    m : numpy.ndarray [1]
    """

    energy: float
    mean: float
    square: float
    coherent: float
    torque: float
    m: np.ndarray


def held(diameter: float, cells: int, mean: float = 0.0, stray: bool = False) -> Pass:
    """A disc at rest with its mean held, from a straight wall.

    Parameters
    ----------
    diameter : float [m]
    cells : int
        Across.
    mean : float [1]
        Of m_z.
    stray : bool
        Whether cells see each other's stray field; if not it is that of a film.

    Returns
    -------
    Pass
    """
    mesh = Mesh((cells, cells, 1), (diameter / cells, diameter / cells, DISC.thickness))
    material = Material(Ms=DISC.Ms, Aex=DISC.Aex, Ku=DISC.Ku + (FILM if stray else 0.0))
    with warnings.catch_warnings():
        # that cells are larger than the exchange length is the question
        warnings.simplefilter("ignore", UserWarning)
        magnet = Magnet(mesh, material, shape="elliptic-cylinder", demag=stray)
    magnet.m = (0.0, 0.0, 1.0)
    magnet.minimize()
    rest = magnet.energy()
    place = np.linspace(-1.0, 1.0, 2001)
    below = np.cumsum(np.sqrt(1.0 - place**2))
    middle = 0.5 * diameter * np.interp(0.5 * (1.0 + mean) * below[-1], below, place)
    magnet.m = lambda x, y, z: (0.02 + 0.0 * x, 1.0 / np.cosh((x - middle) / D), -np.tanh((x - middle) / D))
    magnet.terms["held"] = Held(mesh, magnet.Ms, mean)
    magnet.minimize(tolerance=1e-6)
    m, count = magnet.m.copy(), magnet.magnetic.sum()
    del magnet.terms["held"]
    torque = np.linalg.norm(np.cross(m, magnet.field(), axis=0), axis=0).max() / DISC.Ms
    coherent = DISC.Ku * count * mesh.cell_volume
    energy, square = magnet.energy() - rest, float((m[2] ** 2).sum() / count)
    return Pass(energy, float(m[2].sum() / count), square, coherent, float(torque), m)


def straight(diameter: float) -> float:
    """Energy [J] of a straight wall of tanh through the middle of a disc of a diameter [m]."""
    half = 0.5 * diameter / D
    area = quad(lambda x: 2.0 * np.sqrt(half**2 - x**2) / np.cosh(x) ** 2, -half, half, points=[0.0], limit=200)[0]
    return 2.0 * DISC.Ku * DISC.thickness * D**2 * area


def largest_coherent(cells: int, sizes=(22e-9, 22.5e-9, 23e-9)) -> float:
    """Diameter [m] at which <m_z^2> of the pass, a parabola of the diameter through three sizes, begins."""
    squares = [held(size, cells).square for size in sizes]
    roots = np.roots(np.polyfit(np.array(sizes) * 1e9, squares, 2)).real
    return 1e-9 * float(roots[np.abs(roots - sizes[0] * 1e9).argmin()])


def one_moment(diameter: float) -> float:
    """Barrier [J] of a single moment with the demagnetizing factors of a disc of a diameter [m]."""
    device = disc(width=diameter, length=diameter)
    width, _, thickness = device.demagnetizing_factors
    return (device.Ku + FILM * (1.0 - thickness + width)) * device.volume


def _sizes(quick):
    """Passes by diameter, without and with the stray field."""
    found = {}
    for diameter in (12e-9, 20e-9, LARGE) if quick else (12e-9, 20e-9, 24e-9, 30e-9, 40e-9, 60e-9, 100e-9, LARGE):
        cells = max(40, round(diameter / 2.5e-9))
        found[diameter] = held(diameter, cells), held(diameter, cells, stray=True)
    return found


def _judge_sizes(found, cells):
    size, limit = 1e9 * largest_coherent(cells), 2e9 * float(jnp_zeros(1, 1)[0]) * D
    turned, tiny = found[20e-9][0], found[12e-9][1]
    lowest = [local.energy / min(local.coherent, straight(diameter)) for diameter, (local, _) in found.items()]
    below = found[LARGE][1].energy / one_moment(LARGE)
    return [
        Check("20 nm: barrier over K V", turned.energy / turned.coherent, 1.0, 1e-9),
        Check("12 nm, stray field: over that of one moment", tiny.energy / one_moment(12e-9), 1.0, 0.01),
        Check("largest disc that turns as one [nm]", size, limit, 0.01 * limit),
        Check("all sizes: over the lower of both forms, largest", max(lowest), 1.005, kind="at most"),
        Check("200 nm, stray field: over that of one moment", below, 0.2, kind="at most"),
    ]


def _judge_large(passes, cells):
    local, stray = passes[cells]
    ratio, wanted, cell = local.energy / local.coherent, 16.0 * D / (np.pi * LARGE), 1e9 * LARGE / cells
    bound = local.energy / straight(LARGE)
    return [
        Check(f"200 nm, cell {cell:g} nm: over the straight wall", bound, 1.0, 0.005 if cells == 160 else 0.01),
        Check("200 nm: over K V, reference (16 / pi) D / d", ratio, wanted, 0.01 * wanted),
        Check("200 nm: torque of the pass", local.torque, 1e-5, kind="at most"),
        Check("200 nm, stray field: torque of the pass", stray.torque, 1e-5, kind="at most"),
    ]


def _tables(found, passes):
    kT = kB * DISC.temperature
    sizes = [
        (f"{1e9 * d:g}", *(f"{e / kT:.1f}" for e in (a.energy, a.coherent, straight(d), b.energy, one_moment(d))))
        for d, (a, b) in found.items()
    ]
    cells = [(f"{1e9 * LARGE / n:g}", f"{a.energy / kT:.1f}", f"{b.energy / kT:.1f}") for n, (a, b) in passes.items()]
    header = ("d [nm]", "barrier", "K V", "straight wall", "barrier, stray field", "one moment, stray field")
    return [
        "Barriers over kB T at 300 K by diameter, at cells of 2.5 nm or 40 across:",
        markdown_table(header, sizes),
        "Disc of 200 nm by cell:",
        markdown_table(("cell [nm]", "barrier", "barrier, stray field"), cells),
    ]


def _draw(found, paths, state):
    figure, (left, middle, right) = panels(3)
    kT, d = kB * DISC.temperature, np.geomspace(11e-9, 250e-9, 200)
    left.loglog(1e9 * d, DISC.Ku * np.pi * d**2 / 4.0 * DISC.thickness / kT, color=EXACT, lw=1.0, label="$K V$")
    left.loglog(1e9 * d, [straight(one) / kT for one in d], color=EXACT, lw=1.0, ls="--", label="straight wall")
    sizes = 1e9 * np.array(list(found))
    for k, (name, mark) in enumerate((("lattice", "o"), ("lattice, stray field", "s"))):
        energies = [pair[k].energy / kT for pair in found.values()]
        left.loglog(sizes, energies, mark, ms=5, mfc="none", color=COLORS[k], label=name)
    left.axvline(2e9 * jnp_zeros(1, 1)[0] * D, color=EXACT, lw=0.8, ls=":")
    left.set(xlabel="diameter [nm]", ylabel="barrier over $k_B T$", title="dotted: the largest that turns as one")
    left.set_xticks([12, 20, 30, 50, 100, 200], labels=["12", "20", "30", "50", "100", "200"])
    left.set_xticks([], minor=True)
    for k, (name, path) in enumerate(paths.items()):
        means = [one.mean for one in path]
        middle.plot(means, [one.energy / kT for one in path], "os"[k] + "-", ms=4, lw=0.8, color=COLORS[k], label=name)
    middle.set(xlabel=r"$\langle m_z \rangle$, held", ylabel="energy over $k_B T$", title="200 nm, cells of 2.5 nm")
    half = 0.5e9 * LARGE
    shown = np.where((state.m**2).sum(axis=0)[0] > 0.5, state.m[2, 0], np.nan)
    image = right.imshow(shown, extent=(-half, half, -half, half), origin="lower", cmap="RdBu", vmin=-1.0, vmax=1.0)
    figure.colorbar(image, ax=right, label="$m_z$")
    right.set(xlabel="x [nm]", ylabel="y [nm]", title=r"stray field, $\langle m_z \rangle$ = 0.6")
    for axis in (left, middle):
        legend(axis)
    return figure


def validate(quick: bool) -> Outcome:
    """Find the passes of discs by size and cell, and the way to that of the large one.

    Parameters
    ----------
    quick : bool
        Fewer sizes and means, no finest cell.

    Returns
    -------
    Outcome
    """
    found = _sizes(quick)
    passes = {n: (held(LARGE, n), held(LARGE, n, stray=True)) for n in ((40, 80) if quick else (20, 40, 80, 160))}
    means = (0.6, 0.0) if quick else (0.95, 0.9, 0.8, 0.6, 0.4, 0.2, 0.1, 0.0)
    paths = {
        name: [held(LARGE, 40 if quick else 80, mean, stray) for mean in means]
        for name, stray in (("stray field of a film", False), ("stray field", True))
    }
    checks = _judge_sizes(found, 40 if quick else 60) + _judge_large(passes, max(passes))
    for name, path in paths.items():
        highest = max(one.energy for one in path[:-1]) / path[-1].energy
        checks.append(Check(f"200 nm, {name}: highest on the way over the pass", highest, 1.0, kind="at most"))
    state = paths["stray field"][means.index(0.6)]
    return Outcome(checks, _draw(found, paths, state), _tables(found, passes))
