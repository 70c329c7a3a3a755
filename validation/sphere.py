"""The density on the sphere: devices without any symmetry against trajectories, and rates against Langer's theory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.integrate import quad

from spinneuron.constants import gamma0, kB, mu0
from spinneuron.device import Device
from spinneuron.dynamics.ensemble import Numerics
from spinneuron.dynamics.fokker_planck.basins import basin
from spinneuron.dynamics.fokker_planck.harmonics import Space
from spinneuron.dynamics.fokker_planck.sampling import moments
from spinneuron.dynamics.fokker_planck.sphere import Generator, Sphere
from spinneuron.dynamics.fokker_planck.sphere_spectrum import eigenvalues, stationary
from spinneuron.physics.temperature import Laws
from spinneuron.protocols import Protocol
from spinneuron.simulation import simulate
from spinneuron.switching import Density, SphereDensity, Trials
from spinneuron.switching.evolve import evolve
from spinneuron.switching.state import well
from spinneuron.switching.stepped import SETTLE
from validation.drawing import COLORS, EXACT, legend, panels
from validation.fokker_planck import SHORT, exaggerated
from validation.report import Check, Outcome, markdown_table, statistical

QUESTION = "Does the density on the sphere agree with trajectories and with theory?"
REFERENCE = """Trajectories: `Trials` and `simulate`, the same stochastic equation without any density. Cells of m_z:
`Density`, for an axial device. Equilibrium: moments of exp(-w V / kB T) by quadrature. Escape of a biaxial moment over
two saddles: the rate of intermediate to high damping (J. S. Langer, Ann. Phys. 54, 258 (1969); D. A. Smith, F. A. de
Rozario, J. Magn. Magn. Mater. 3, 219 (1976); W. T. Coffey, Yu. P. Kalmykov, J. Appl. Phys. 112, 121301 (2012)), with
growth g of the motion at the saddle and stiffness fields H1, H2 at the wells, -h1, h2 at the saddles,
lambda_1 = (4 g / 2 pi) sqrt(H1 H2 / (h1 h2)) exp(-Delta), and its factor A(d)^2 / A(2 d) for any damping, with d = 4
alpha Delta sqrt(h2 / h1) the energy lost from saddle to saddle over kB T (V. I. Mel'nikov, S. V. Meshkov, J. Chem.
Phys. 85, 1018 (1986))."""
TOLERANCE = """Four standard errors for trials, of devices in which one temperature for all trials is exact: without
heat, or without TMR; 0.1 % of rises, which both follow in steps. 3e-5 between sphere and cells, both asked for 1e-5.
1e-9 of moments in equilibrium. Asymptotes: their error is of the order of 1/Delta; a parabola in 1/Delta through the
three highest barriers meets 1 within 0.01. At low damping the asymptote without the factor must fail, and with it be
within 2/Delta."""

NANO = 1e-9
TRIALS, QUICK_TRIALS = 100_000, 4_000
# of trajectories that precess 40 rad: at the automatic step Heun is 0.02 rad ahead, which so many would see
STEP, QUICK_STEP = 0.2e-12, None
ALPHAS, BARRIERS = (0.1, 0.3, 1.0), (5.0, 7.5, 10.0, 15.0, 20.0)
LOW, MIDDLE = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0), 10.0
COLD = {"thermal_resistances": (), "thermal_times": ()}


def tilted(**fields) -> Device:
    """A perpendicular junction with its pinned layer 20 degrees from the axis, in a field of any direction."""
    pinned = (float(np.sin(0.35)), 0.0, float(np.cos(0.35)))
    return exaggerated(0.8).replace(**{"name": "tilted", "pinned": pinned, "applied_field": (2e4, 1e4, 5e3)} | fields)


def flat(**fields) -> Device:
    """In the plane, with three demagnetizing factors: 4.7 kT in it, 86 out of it."""
    shape = {"Ku": 0.0, "length": 60e-9, "width": 40e-9, "thickness": 3e-9, "Ms": 6e5, "activation_volume": 2.2e-24}
    return exaggerated(0.8).replace(**shape | {"name": "flat", "pinned": (1.0, 0.0, 0.0)} | fields)


def biaxial(delta: float, alpha: float) -> tuple[Device, float, float]:
    """An ellipsoid with its easy axis along x and its hard one along z.

    Parameters
    ----------
    delta : float [1]
        Barrier at m = +-y, by its activation volume.
    alpha : float [1]

    Returns
    -------
    device : Device
    soft, hard : float [A/m]
        Stiffness fields at the saddle along the easy and the hard axis, -h1 and h2.
    """
    device = Device.preset("orthogonal").replace(
        name="biaxial", geometry="ellipsoid", length=60e-9, width=40e-9, thickness=25e-9, Ms=6e5, alpha=alpha,
        pinned=(1.0, 0.0, 0.0),
    )  # fmt: skip
    width, length, thickness = device.demagnetizing_factors
    soft, hard = device.Ms * (width - length), device.Ms * (thickness - width)
    volume = delta * kB * device.temperature / (0.5 * mu0 * device.Ms * soft)
    return device.replace(activation_volume=volume), soft, hard


def slowest(device: Device, delta: float, low: bool = False) -> float:
    """Slowest rate [1/s]; the degree resolves exp(-Delta) of the density at its saddle."""
    sphere = Sphere.of(device, device.size)
    degree = int((32 if low else 24) * np.sqrt(delta))
    numbers = sphere.coefficients(Laws.of(device, device.temperature), 0.0, 0.0)
    return float(eigenvalues(sphere, Space(degree, degree // 2), numbers)[0].real)


def langer(delta: float, alpha: float, soft: float, hard: float) -> float:
    """Rate of intermediate to high damping [1/s]: both wells, two saddles each.

    Parameters
    ----------
    delta, alpha : float [1]
    soft, hard : float [A/m]

    Returns
    -------
    float
    """
    rate, spread = gamma0 / (1.0 + alpha**2), hard - soft
    growth = 0.5 * rate * (np.sqrt((alpha * spread) ** 2 + 4.0 * (1.0 + alpha**2) * soft * hard) - alpha * spread)
    return float(4.0 * growth / (2.0 * np.pi) * np.sqrt((soft + hard) / hard) * np.exp(-delta))


def turnover(delta: float, alpha: float, soft: float, hard: float) -> float:
    """Factor of the rate for any damping, A(d)^2 / A(2 d); on the separatrix the moment follows a great circle.

    Parameters
    ----------
    delta, alpha : float [1]
    soft, hard : float [A/m]

    Returns
    -------
    float [1]
    """

    def depopulation(loss):
        part = quad(lambda x: np.log(-np.expm1(-loss * (x * x + 0.25))) / (x * x + 0.25), 0.0, np.inf)[0]
        return np.exp(part / np.pi)

    loss = 4.0 * alpha * delta * np.sqrt(hard / soft)
    return float(depopulation(loss) ** 2 / depopulation(2.0 * loss))


def _escape(quick: bool) -> tuple[list[Check], dict, dict]:
    """Eigenvalues over asymptotes, for growing barriers and for falling damping."""
    checks, high, low = [], {}, {}
    for alpha in ALPHAS[2:] if quick else ALPHAS:
        ratios = []
        for delta in BARRIERS:
            device, soft, hard = biaxial(delta, alpha)
            over = slowest(device, delta) / langer(delta, alpha, soft, hard)
            ratios.append((over, over / turnover(delta, alpha, soft, hard)))
        high[alpha] = np.array(ratios)
        limit = np.polyfit(1.0 / np.array(BARRIERS[-3:]), high[alpha][-3:, 1], 2)[-1]
        checks.append(Check(f"biaxial, alpha = {alpha:g}: limit of exact over asymptote", float(limit), 1.0, 0.01))
    for alpha in LOW[::2] if quick else LOW:
        device, soft, hard = biaxial(MIDDLE, alpha)
        over = slowest(device, MIDDLE, low=True) / langer(MIDDLE, alpha, soft, hard)
        low[alpha] = over, turnover(MIDDLE, alpha, soft, hard)
        case = f"biaxial, Delta = {MIDDLE:g}, alpha = {alpha:g}: exact over asymptote of any damping"
        checks.append(Check(case, over / low[alpha][1], 1.0, 2.0 / MIDDLE))
    case = f"the same, alpha = {LOW[0]:g}: exact over that of high damping"
    checks.append(Check(case, low[LOW[0]][0], 0.2, kind="at most"))
    return checks, high, low


def _equilibrium() -> list[Check]:
    """Stationary moments without drive, of a device with every direction its own, against quadrature."""
    device = tilted(easy_axis=(0.48, 0.6, 0.64), applied_field=(3e4, -2e4, 1e4), length=60e-9, **COLD)
    device = device.replace(Ku=3e5, activation_volume=6e-26)
    sphere, space = Sphere.of(device, device.size), Space(48, 48)
    numbers = sphere.coefficients(Laws.of(device, device.temperature), 0.0, 0.0)
    mean, second = moments(space, stationary(Generator(sphere, space).matrix(numbers))[None])
    z, weight = np.polynomial.legendre.leggauss(200)
    phi = 2.0 * np.pi * np.arange(400) / 400
    sine = np.sqrt(1.0 - z**2)[:, None]
    m = np.stack([sine * np.cos(phi), sine * np.sin(phi), np.broadcast_to(z[:, None], (200, 400))], axis=-1)
    width, length, thickness = device.demagnetizing_factors
    energy = 0.5 * mu0 * device.Ms**2 * (m**2 @ np.array([length, width, thickness]))
    energy -= device.Ku * (m @ device.easy_axis) ** 2 + mu0 * device.Ms * (m @ device.applied_field)
    share = weight[:, None] * np.exp(-(energy - energy.min()) * device.activation_volume / (kB * device.temperature))
    share /= share.sum()
    wanted = np.einsum("ab,abi->i", share, m), np.einsum("ab,abi,abj->ij", share, m, m)
    found = mean[0] @ sphere.frame, sphere.frame.T @ second[0] @ sphere.frame
    off = [float(np.abs(one - other).max()) for one, other in zip(found, wanted, strict=True)]
    names = ("means", "second moments")
    return [
        Check(f"stationary against Boltzmann: {name}, largest error", one, 1e-9, kind="at most")
        for name, one in zip(names, off, strict=True)
    ]


def _axial(voltages) -> list[Check]:
    """An axial device with all terms and heat: harmonics over cells."""
    device = exaggerated(0.8)
    sphere, cells = SphereDensity(device, tolerance=1e-5), Density(device, tolerance=1e-5)
    checks = []
    for V in voltages:
        ends = [one.run(one.rest(), SHORT.probe(V)) for one in (sphere, cells)]
        (p, _, _), (wanted, _, _) = (one.probabilities(end) for one, end in zip((sphere, cells), ends, strict=True))
        checks.append(Check(f"axial at {V:g} V: P on the sphere over cells ({wanted:.4f})", p / wanted, 1.0, 3e-5))
        rises = [one.rise(end) for one, end in zip((sphere, cells), ends, strict=True)]
        checks.append(Check(f"axial at {V:g} V: rise on the sphere over cells", rises[0] / rises[1], 1.0, 3e-5))
    return checks


def _trials(name, device, cycle, voltages, trials, tolerance) -> tuple[list[Check], tuple]:
    """Switching probabilities and rises of trials beside those of the density, both after the time trials settle."""
    many, exact = Trials(device, trials, seed=41), SphereDensity(device, tolerance=tolerance)
    settling = SETTLE / (device.alpha * gamma0 * well(device)[1])
    crowd, density = many.rest(), exact.run(exact.rest(), Protocol((0.0, settling), (0.0, 0.0), "V"))
    checks, rows = [], []
    for i, V in enumerate(voltages):
        end, goal = many.run(crowd, cycle.probe(V), 1 + i), exact.run(density, cycle.probe(V))
        (s, n), p = many.switched(end), exact.probabilities(goal)[0]
        error = np.sqrt(p * (1.0 - p) / n)
        checks.append(statistical(f"{name} at {V:g} V: P [%]", 100 * s / n, 100 * error, 100 * p))
        rows.append((V, s / n, error, p))
        if device.thermal_times:
            ours, theirs = exact.rise(goal), many.rise(end)
            checks.append(Check(f"{name} at {V:g} V: rise [K]", theirs, ours, 1e-3 * ours))
    return checks, (name, np.array(rows).T)


def _drawn(device: Device, count: int, seed: int) -> np.ndarray:
    """Moments of the density with which an evolution begins, from a grid much finer than it."""
    sphere = Sphere.of(device, device.size)
    within = basin(sphere, sphere.frame @ np.array([0.0, 0.0, 1.0]))
    rows, columns = 1200, 600
    angle, phi = np.pi * (np.arange(rows) + 0.5) / rows, 2.0 * np.pi * np.arange(columns) / columns

    def places(angle, phi):
        return np.stack([np.sin(angle) * np.cos(phi), np.sin(angle) * np.sin(phi), np.cos(angle)], axis=-1)

    m = places(*np.meshgrid(angle, phi, indexing="ij"))
    exponent = sphere.exponent(m)
    share = np.exp(exponent - exponent.max()) * within.share(m) * np.sin(angle)[:, None]
    random = np.random.default_rng(seed)
    chosen = random.choice(share.size, count, p=(share / share.sum()).ravel())
    aside = random.random((2, count)) - 0.5
    angles = angle[chosen // columns] + aside[0] * np.pi / rows
    return places(angles, phi[chosen % columns] + aside[1] * 2.0 * np.pi / columns) @ sphere.frame


def _signed(trials: int, truncation, dt) -> tuple[list[Check], tuple]:
    """The orthogonal preset during and after a pulse: means, and the spread along the short axis."""
    device, every = Device.preset("orthogonal"), 0.1 * NANO
    protocol = Protocol((0.0, 0.05e-9, 1.05e-9, 1.1e-9, 2e-9), (0.0, 1e12, 1e12, 0.0, 0.0), "A/m^2")
    density = evolve(device, protocol, every=every, truncation=truncation)
    start, numerics = _drawn(device, trials, 52), Numerics("heun", dt=dt)
    run = simulate(device, protocol, trials=trials, seed=51, initial=start, every=every, numerics=numerics)
    m = run["m"].values
    mean, spread = m.mean(axis=0), m.std(axis=0)
    checks = []
    for i in range(2, len(density.times), 4):
        for axis, name in enumerate("xyz"):
            case = f"signed neuron, {density.times[i] / NANO:.1f} ns: mean of m_{name}"
            checks.append(statistical(case, mean[i, axis], spread[i, axis] / np.sqrt(trials), density.mean[i, axis]))
        fourth = ((m[:, i, 1] - mean[i, 1]) ** 4).mean() / spread[i, 1] ** 4
        error = 0.5 * spread[i, 1] * np.sqrt((fourth - 1.0) / trials)
        case = f"signed neuron, {density.times[i] / NANO:.1f} ns: spread of m_y"
        checks.append(statistical(case, spread[i, 1], error, density.deviation[i, 1]))
    return checks, (density.times / NANO, density.mean, density.deviation, mean, spread)


def _draw(curves, signed, high, low):
    figure, axes = panels(2, 2, width=4.6)
    for color, (name, (V, found, error, wanted)) in zip(COLORS, curves, strict=False):
        axes[0].errorbar(V, 100 * found, 100 * error, fmt="o", ms=5, mfc="none", color=color, label=f"{name}, trials")
        axes[0].plot(V, 100 * wanted, "+-", ms=7, lw=0.8, color=color, label=f"{name}, density")
    axes[0].set(xlabel="pulse [V]", ylabel="P [%]", title="no axis in common")
    times, mean, deviation, found, spread = signed
    for color, axis in zip(COLORS, (1, 2), strict=False):
        name = f"$m_{'xyz'[axis]}$"
        axes[1].fill_between(times, mean[:, axis] - deviation[:, axis], mean[:, axis] + deviation[:, axis],
                             color=color, alpha=0.15, lw=0.0)  # fmt: skip
        axes[1].plot(times, mean[:, axis], color=color, lw=1.0, label=f"{name}, density")
        axes[1].errorbar(times, found[:, axis], spread[:, axis], fmt="o", ms=3.5, mfc="none", lw=0.8, color=color,
                         label=f"{name}, trajectories")  # fmt: skip
    axes[1].set(xlabel="time [ns]", ylabel="mean and spread", title="signed neuron, pulse of 1 ns")
    for color, (alpha, ratios) in zip(COLORS, high.items(), strict=False):
        inverse = 1.0 / np.array(BARRIERS)
        axes[2].plot(
            inverse, ratios[:, 0], "o--", ms=5, mfc="none", lw=0.8, color=color, label=rf"$\alpha$ = {alpha:g}"
        )
        axes[2].plot(inverse, ratios[:, 1], "s-", ms=4, lw=0.8, color=color)
    axes[2].plot(0.0, 1.0, "*", ms=9, color=EXACT)
    axes[2].set(xlabel=r"1 / barrier $\Delta$", ylabel="eigenvalue / asymptote", xlim=(-0.005, 0.21))
    axes[2].set_title("circles: high damping; squares: any damping")
    alpha, ratio = np.array(list(low)), np.array(list(low.values()))
    axes[3].loglog(alpha, ratio[:, 0], "o", ms=5, mfc="none", color=COLORS[0], label="eigenvalue")
    _, soft, hard = biaxial(MIDDLE, 1.0)
    line = np.geomspace(alpha.min(), alpha.max(), 60)
    axes[3].plot(line, [turnover(MIDDLE, one, soft, hard) for one in line], color=EXACT, lw=1.0, label="any damping")
    axes[3].axhline(1.0, color=EXACT, lw=0.8, ls="--", label="high damping")
    axes[3].set(xlabel=r"damping $\alpha$", ylabel="over the rate of high damping", title=rf"$\Delta$ = {MIDDLE:g}")
    for axis in axes:
        legend(axis)
    return figure


def validate(quick: bool) -> Outcome:
    """Hold densities on the sphere against trials, cells of m_z, equilibrium and asymptotes.

    Parameters
    ----------
    quick : bool
        Fewer trials and cases.

    Returns
    -------
    Outcome
    """
    trials = QUICK_TRIALS if quick else TRIALS
    short = replace(SHORT, width=1.5 * NANO)
    cases = [("tilted, no heat", tilted(tmr_voltage=0.5, **COLD), SHORT, (0.9, 1.1, 1.3), 3e-4)]
    cases += [("tilted, no TMR", tilted(tmr=0.0), SHORT, (0.8, 1.0), 3e-4)]
    cases += [("flat, no heat", flat(tmr_voltage=0.5, **COLD), short, (0.1, 0.3), 2e-3)]
    if quick:
        cases = [(*cases[0][:3], (1.1,), 1e-2)]
    checks, curves = [*_equilibrium(), *_axial((1.0,) if quick else (0.8, 1.0, 1.2))], []
    for name, device, cycle, voltages, tolerance in cases:
        found, drawn = _trials(name, device, cycle, voltages, trials, tolerance)
        checks, curves = [*checks, *found], [*curves, drawn]
    found, signed = _signed(trials, *(((160, 16), QUICK_STEP) if quick else (None, STEP)))
    escape, high, low = _escape(quick)
    header = ("alpha", *(f"Delta = {delta:g}" for delta in BARRIERS))
    rows = [(f"{alpha:g}", *(f"{one:.4f}, {other:.4f}" for one, other in ratios)) for alpha, ratios in high.items()]
    fallen = [(f"{alpha:g}", f"{over:.4f}", f"{factor:.4f}") for alpha, (over, factor) in low.items()]
    notes = [
        "Eigenvalue of the biaxial moment over the asymptote of intermediate to high damping, and over that of any "
        "damping:",
        markdown_table(header, rows),
        f"Departure at low damping, Delta = {MIDDLE:g}, where a moment passes its saddles many times before it has "
        "lost kT:",
        markdown_table(("alpha", "eigenvalue over high damping", "factor of the theory"), fallen),
    ]
    return Outcome([*checks, *found, *escape], _draw(curves, signed, high, low), notes)
