"""The thermal field of a lattice: relaxation, equilibrium of single cells, and the share of energy of every wave."""

from __future__ import annotations

import numpy as np

from spinneuron.constants import gamma0, kB, mu0
from spinneuron.dynamics.lattice.motion import total
from spinneuron.dynamics.lattice.stochastic import SCHEMES, Stochastic, largest_step
from spinneuron.lattice import Magnet, Material
from spinneuron.lattice.run import Solver
from spinneuron.mesh import Mesh
from validation.drawing import EXACT, STEPPER_COLORS, STEPPER_MARKS, legend, panels
from validation.report import Check, Outcome, markdown_table, statistical

QUESTION = "Does every cell and every wave of a lattice have the temperature that it was given?"
REFERENCE = """Uncoupled cells: <m_z>(t) of the Fokker-Planck equation at K V / kB T = 1.81074, alpha = 0.1, from
m_z = 1 (the rk4temperature case of mumax3), by finite volumes: 0.95655, 0.92033, 0.83701 at 1, 2, 5 ns; and
Langevin's <m> = coth x - 1/x, x = mu0 Ms V H / kB T. Coupled cells: small waves m_k of a periodic film along its
easy axis have <|m_k|^2> = kB T / (mu0 Ms V (Hk + D_k)) per component, D_k = (4 A / mu0 Ms d^2)(2 - cos kx d - cos
ky d). A scheme whose step multiplies a wave by p and its noise by q has |q|^2 2 alpha a / (1 - |p|^2) times that; q
= 1 + w/2 for heun, 1 + w/2 + w^2/8 for three-stage, p = 1 + w q, w = (i - alpha) a, a the angle of its turn.
Thermometer: kB T = <|grad E|^2> / <Laplacian E> on the spheres of all moments (H. H. Rugh, Phys. Rev. Lett. 78, 772
(1997); P.-W. Ma et al., Phys. Rev. E 82, 031111 (2010)), with demagnetizing field."""
TOLERANCE = """Four standard errors, from independent cells, or blocks of a run, where the step is short. At
automatic steps also the bias that they may have: 1 - <m_z> to 2 %, the mean energy of all waves to 1 %, that of the
fastest, with more than 0.9 of the largest field, to 3 %, temperature to 1 %. Energy of the fastest waves over the
exact one of the scheme and its step: 4 standard errors."""

TIMES = (1e-9, 2e-9, 5e-9)
RISEN = (0.95655, 0.92033, 0.83701)
# of the reference, which took 1.7595e11 rad/(T s)
GAMMA = 1.7595e11 * 4e-7 * np.pi
ARGUMENTS = (0.5, 1.0, 2.0, 5.0)
MS, A, CELL, KU = 1e6, 1.1e-11, 4e-9, 4e5
HK = 2.0 * KU / (mu0 * MS)
BLOCKS = 8


def relaxation(scheme: str, cells: int, dt: float | None) -> np.ndarray:
    """Mean m_z of uncoupled cells at TIMES.

    Parameters
    ----------
    scheme : str
    cells : int
        Along an edge.
    dt : float, optional [s]

    Returns
    -------
    numpy.ndarray [1]
        <m_z> and its standard error, (2, times).
    """
    magnet = Magnet(Mesh((cells, cells, 1), (1e-8, 1e-8, 1e-8)), Material(Ms=1e6, alpha=0.1, Ku=2.5e3), demag=False)
    magnet.m = (0.0, 0.0, 1.0)
    solver = Solver(scheme, dt=dt, gamma=GAMMA)
    run = magnet.run(5e-9, every=1e-9, snapshots=1e-9, temperature=100.0, seed=1, solver=solver)
    z = run.moments.values[[1, 2, 5], 2].reshape(3, -1).astype(float)
    return np.array([z.mean(axis=1), z.std(axis=1) / np.sqrt(z.shape[1])])


def langevin(scheme: str, x: float, cells: int) -> tuple[float, float]:
    """Mean moment along a field, and its standard error.

    Parameters
    ----------
    scheme : str
    x : float [1]
        Energy in the field over kB T.
    cells : int
        Along an edge.

    Returns
    -------
    tuple of float [1]
    """
    Ms, volume, H = 8e5, 1e-25, 4e4
    mesh = Mesh((cells, cells, 1), (volume ** (1 / 3),) * 3)
    magnet = Magnet(mesh, Material(Ms=Ms, alpha=0.1), demag=False, applied_field=(0.0, 0.0, H))
    magnet.m = (0.0, 0.0, 1.0)
    # that of the slowest motion; the start is forgotten to 1e-5
    time = min(1.0, x / 2.0) * (1.0 + 0.1**2) / (0.1 * gamma0 * H)
    run = magnet.run(
        20.0 * time, every=2.0 * time, temperature=mu0 * Ms * volume * H / (kB * x), seed=2, solver=Solver(scheme)
    )
    z = run.m.values[6:, 2]
    spread = 1.0 - (1.0 / np.tanh(x) - 1.0 / x) ** 2 - 2.0 / x * (1.0 / np.tanh(x) - 1.0 / x)
    # of records that have 0.13 in common with the one before
    return float(z.mean()), float(np.sqrt(1.3 * spread / (len(z) * cells**2)))


class Waves:
    """Small waves of a periodic film of cells: their fields, and their energies in a run.

    Parameters
    ----------
    cells : int
        Along an edge.
    alpha : float [1]

    Attributes
    ----------
    field : numpy.ndarray [A/m]
        Hk + D_k of every wave, (cells, cells).
    """

    def __init__(self, cells: int, alpha: float) -> None:
        mesh = Mesh((cells, cells, 1), (CELL,) * 3, periodic=(1, 1, 0))
        self.magnet = Magnet(mesh, Material(Ms=MS, Aex=A, alpha=alpha, Ku=KU), demag=False)
        across = 2.0 * A / (mu0 * MS * CELL**2) * (2.0 - 2.0 * np.cos(2.0 * np.pi * np.arange(cells) / cells))
        self.alpha, self.field = alpha, HK + across[:, None] + across[None, :]

    def largest(self, scheme: str) -> float:
        """Largest step of a scheme, as the fastest wave's angle [rad]."""
        rate = gamma0 * self.field.max()
        return largest_step(scheme, rate, self.alpha, 0.0) * rate / (1.0 + self.alpha**2)

    def energies(self, scheme: str, angle: float, steps: int, seed: int = 0) -> np.ndarray:
        """Energy of every wave over its share, in blocks of a run.

        Parameters
        ----------
        scheme : str
        angle : float [rad]
            By which the fastest wave turns in a step.
        steps : int
        seed : int

        Returns
        -------
        numpy.ndarray [1]
            (BLOCKS, cells, cells).
        """
        magnet, n, T = self.magnet, len(self.field), 1.0
        dt = angle * (1.0 + self.alpha**2) / (gamma0 * self.field.max())
        motion = Stochastic(
            total(list(magnet.terms.values())), magnet.parameters["alpha"], scheme=scheme, dt=dt, seed=seed
        )
        motion.heat(magnet.Ms, magnet.mesh.cell_volume, T)
        share = kB * T / (mu0 * MS * magnet.mesh.cell_volume * self.field)
        noise = np.random.default_rng(seed).standard_normal((2, n, n))
        start = np.fft.ifft2(np.fft.fft2(noise) * np.sqrt(share)).real
        magnet.m = np.stack([*start, np.sqrt(1.0 - (start**2).sum(axis=0))])[:, None]
        # from the equilibrium to that of the scheme: the fast waves
        every = max(1, round(0.5 / (self.alpha * angle)))
        for _ in range(4 * every):
            motion.advance(magnet.m, 0.0)
        blocks, shots = np.zeros((BLOCKS, n, n)), max(1, steps // (BLOCKS * every))
        for block in blocks:
            for _ in range(shots):
                for _ in range(every):
                    motion.advance(magnet.m, 0.0)
                block += (np.abs(np.fft.fft2(magnet.m[:2, 0])) ** 2).sum(axis=0)
        return blocks / (2.0 * n * n * shots * share)

    def expected(self, scheme: str, angle: float) -> np.ndarray:
        """What a scheme that is explicit makes of every share [1]."""
        a = angle * self.field / self.field.max()
        w = (1j - self.alpha) * a
        q = 1.0 + w / 2.0 + (w**2 / 8.0 if scheme == "three-stage" else 0.0)
        return np.abs(q) ** 2 * 2.0 * self.alpha * a / (1.0 - np.abs(1.0 + w * q) ** 2)


def thermometer(scheme: str, cells: int) -> tuple[float, float]:
    """Temperature of a film with demagnetizing field by its moments, over the one that it was given.

    Parameters
    ----------
    scheme : str
    cells : int
        Along an edge.

    Returns
    -------
    tuple of float [1]
        And its standard error.
    """
    T, mesh = 177.0, Mesh((cells, cells, 1), (4e-9,) * 3, periodic=(1, 1, 0))
    magnet = Magnet(mesh, Material(Ms=580e3, Aex=15e-12, alpha=0.1, Ku=0.6e6))
    # the field of a cell on itself, of all terms: they are linear
    own = np.zeros((3, 3))
    for i in range(3):
        alone = np.zeros((3, *mesh.shape))
        alone[i, 0, 0, 0] = 1.0
        own[i] = sum(term.field(alone) for term in magnet.terms.values())[:, 0, 0, 0]
    magnet.m = (0.0, 0.0, 1.0)
    found = []
    for _ in range(25):
        magnet.run(8e-12, every=8e-12, temperature=T, seed=len(found), solver=Solver(scheme))
        m, h = magnet.m, magnet.field()
        slope = (np.cross(m, h, axis=0) ** 2).sum()
        bend = (2.0 * (m * h).sum(axis=0) + np.einsum("ij,izyx,jzyx->zyx", own, m, m) - np.trace(own)).sum()
        found.append(mu0 * 580e3 * mesh.cell_volume * slope / (kB * T * bend))
    late = np.array(found[9:])
    return float(late.mean()), float(late.std(ddof=1) / np.sqrt(len(late)))


def _mean(blocks: np.ndarray) -> tuple[float, float]:
    """Mean of blocks, and its standard error."""
    each = blocks.reshape(len(blocks), -1).mean(axis=1)
    return float(each.mean()), float(each.std(ddof=1) / np.sqrt(len(each)))


def _cells(quick):
    checks = []
    for scheme in SCHEMES:
        for dt, label in ((2e-11, "20 ps"), (None, "automatic step")):
            means, errors = relaxation(scheme, 90 if quick else 256, dt)
            for t, value, error, wanted in zip(TIMES, means, errors, RISEN, strict=True):
                case = f"{scheme}, {label}: <m_z> at {t * 1e9:g} ns"
                if dt:
                    checks.append(statistical(case, value, error, wanted))
                else:
                    allowed = 0.02 * (1.0 - wanted) + 4.0 * error
                    checks.append(Check(case, float(value), wanted, float(allowed), float(error)))
    points = {}
    for scheme in SCHEMES:
        for x in ARGUMENTS[1:2] if quick else ARGUMENTS:
            points[scheme, x] = value, error = langevin(scheme, x, 64 if quick else 128)
            wanted = 1.0 / np.tanh(x) - 1.0 / x
            checks.append(Check(f"{scheme}, x = {x:g}: <m>", value, wanted, 0.01 * wanted + 4.0 * error, error))
    return checks, points


def _spectra(quick):
    """Energies at the automatic step and at half of it."""
    checks, spectra = [], {}
    for alpha in (0.02,) if quick else (0.005, 0.02, 0.1):
        waves = Waves(32 if quick else 64, alpha)
        fast = waves.field > 0.9 * waves.field.max()
        for scheme in SCHEMES:
            for part in (0.7, 0.35) if alpha == 0.02 else (0.7,):
                angle = part * waves.largest(scheme)
                blocks = waves.energies(scheme, angle, 6_000 if quick else 40_000)
                spectra[alpha, scheme, part] = waves, angle, blocks.mean(axis=0)
                case = f"{scheme}, alpha = {alpha:g}, {angle:.3f} rad"
                mean, error = _mean(blocks)
                checks.append(Check(f"{case}: energy of a wave", mean, 1.0, 0.01 + 4.0 * error, error))
                mean, error = _mean(blocks[:, fast])
                checks.append(Check(f"{case}: of the fastest", mean, 1.0, 0.03 + 4.0 * error, error))
                if scheme != "semi-implicit":
                    wanted = float(waves.expected(scheme, angle)[fast].mean())
                    checks.append(statistical(f"{case}: of the fastest, by its step", mean, error, wanted))
    return checks, spectra


def _biases(quick):
    """Excess of the fastest and of all waves over the step."""
    waves, rows = Waves(32 if quick else 64, 0.02), []
    fast = waves.field > 0.9 * waves.field.max()
    for angle in (0.3,) if quick else (0.1, 0.2, 0.3, 0.4, 0.5):
        for scheme in SCHEMES:
            blocks = waves.energies(scheme, angle, 3_000 if quick else 20_000, seed=3)
            expected = waves.expected(scheme, angle)
            rows.append(
                (scheme, angle, *_mean(blocks[:, fast]), _mean(blocks)[0], expected[fast].mean(), expected.mean())
            )
    return rows


def _draw(points, spectra, rows):
    figure, (left, middle, right) = panels(3)
    x = np.linspace(0.05, 6.0, 100)
    left.plot(x, 1.0 / np.tanh(x) - 1.0 / x, color=EXACT, lw=1.0, label="Langevin")
    for scheme in SCHEMES:
        chosen = np.array([(x, *pair) for (other, x), pair in points.items() if other == scheme]).T
        style = {"fmt": STEPPER_MARKS[scheme], "mfc": "none", "ms": 6, "color": STEPPER_COLORS[scheme]}
        left.errorbar(*chosen, label=scheme, **style)
        found = np.array([row[1:] for row in rows if row[0] == scheme]).T
        right.errorbar(*found[:3], **style, label=f"{scheme}, fastest")
        right.plot(
            found[0], found[3], STEPPER_MARKS[scheme], ms=3, color=STEPPER_COLORS[scheme], label=f"{scheme}, all"
        )
    left.set(xlabel=r"$\mu_0 M_s V H / k_B T$", ylabel=r"$\langle m \rangle$", title="uncoupled cells in a field")
    for (alpha, scheme, part), (waves, _, ratio) in spectra.items():
        if part == 0.7 and alpha != 0.1:
            edges = np.linspace(waves.field.min(), waves.field.max(), 13)
            place = np.clip(np.digitize(waves.field, edges) - 1, 0, 11)
            binned = [ratio[place == i].mean() for i in range(12)]
            center = 0.5 * (edges[1:] + edges[:-1]) / waves.field.max()
            face = STEPPER_COLORS[scheme] if alpha == 0.02 else "none"
            middle.plot(
                center,
                binned,
                STEPPER_MARKS[scheme],
                ms=5,
                mfc=face,
                color=STEPPER_COLORS[scheme],
                label=rf"{scheme}, $\alpha$ = {alpha:g}",
            )
    middle.axhline(1.0, color=EXACT, lw=1.0)
    middle.set(xlabel="field of a wave, over the largest", ylabel="energy over its share", ylim=(0.9, 1.1))
    middle.set_title("automatic steps")
    waves, angles = Waves(32, 0.02), np.linspace(0.02, 0.5, 60)
    fast = waves.field > 0.9 * waves.field.max()
    for scheme in ("heun", "three-stage"):
        expected, color = [waves.expected(scheme, a) for a in angles], STEPPER_COLORS[scheme]
        right.plot(angles, [each[fast].mean() for each in expected], color=color, lw=1.0)
        right.plot(angles, [each.mean() for each in expected], color=color, lw=1.0, ls="--")
        right.axvline(0.7 * waves.largest(scheme), color=color, lw=0.8, ls=":")
    right.set(xlabel="angle of the fastest wave in a step [rad]", ylabel="energy over its share", ylim=(0.9, 1.8))
    right.set_title(r"$\alpha$ = 0.02; lines: theory; dotted: automatic")
    for axis in (left, middle, right):
        legend(axis)
    return figure


def validate(quick: bool) -> Outcome:
    """Measure single cells, waves, and the temperature of a film with demagnetizing field.

    Parameters
    ----------
    quick : bool
        Fewer cells, steps and cases.

    Returns
    -------
    Outcome
    """
    checks, points = _cells(quick)
    more, spectra = _spectra(quick)
    checks += more
    for scheme in SCHEMES:
        ratio, error = thermometer(scheme, 32 if quick else 64)
        checks.append(Check(f"{scheme}, thermometer: T over 177 K", ratio, 1.0, 0.01 + 4.0 * error, error))
    rows = _biases(quick)
    header = (
        "scheme",
        "angle of the fastest wave [rad]",
        "energy of the fastest (above 0.9)",
        "of all",
        "theory",
    )
    table = [
        (scheme, f"{angle:g}", f"{mean:.3f} ± {error:.3f}", f"{every:.3f}", f"{fast:.3f}, {whole:.3f}")
        for scheme, angle, mean, error, every, fast, whole in rows
    ]
    notes = ["Energy of waves over their share, alpha = 0.02, by step:", markdown_table(header, table)]
    return Outcome(checks, _draw(points, spectra, rows), notes)
