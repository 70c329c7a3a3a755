"""Promises of the density: orders, tolerance, probability, and what infinitely many trials have in common with many."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc

from spinneuron.constants import kB, mu0
from spinneuron.device import Device
from spinneuron.dynamics.ensemble import Numerics
from spinneuron.dynamics.fokker_planck.courses import advance, course, halved
from spinneuron.dynamics.fokker_planck.lanes import RECORD
from spinneuron.protocols import Cycle
from spinneuron.switching import Density, Trials
from spinneuron.switching.ladder import extrapolated
from validation.drawing import COLORS, EXACT, legend, panels
from validation.report import Check, Outcome, markdown_table, statistical

QUESTION = "Does the density keep its promises: order, tolerance, probability, and the limit of many trials?"
REFERENCE = """Orders: exponentially fitted fluxes between cells and TR-BDF2 are of second order (D. L. Scharfetter, H.
K. Gummel, IEEE Trans. Electron Devices 16, 64 (1969); R. E. Bank et al., ibid. 32, 1992 (1985)); a level without h^2 is
of third order, one without h^3 of fourth (P. Deuflhard, F. Bornemann, Scientific Computing with Ordinary Differential
Equations (2002), section 4.3). Tolerance: runs to 1e-9. Probability: 1, and no cell below 0. Many trials: `Trials`, the
same equation of motion with a temperature of its own for each macrospin, while the density has one temperature, that of
the mean power."""
TOLERANCE = """0.05 of orders of one grid; 0.2 of those of levels, whose errors still have some of the next power. True
relative errors of P and of 1 - P: the tolerance that was asked for. Probability: 1e-12, and one rounding, 2.2e-16, for
each step; no cell below 0. Four standard errors for trials at each voltage, p > 1e-4 for the sum of squares over a
curve. The closure, one temperature for all: none where the power does not depend on the state; on the preset no more
than the trials resolve; on a junction made to exaggerate it, with a TMR of 200 % that stays, at most 0.1 of a
probability, and to be seen."""

VOLTAGES = np.round(np.linspace(0.68, 0.96, 15), 3)
COLD = np.round(np.arange(0.70, 0.925, 0.02), 3)
HOT = np.round(np.arange(0.68, 0.885, 0.02), 3)
PUMP = (0.9, 500e-9)
TOLERANCES = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
EXACTLY = 1e-9
TRIALS, QUICK_TRIALS = 50_000, 1_000
# half the automatic step, whose own error so many trials would see
FINE = Numerics("semi-implicit", dt=0.75e-12, precision="float32")
MANY, QUICK_MANY = 150_000, 5_000
LEVELS, QUICK_LEVELS = 7, 6
SHORT = Cycle(edge=1e-9, width=5e-9)
STRONG = np.round(np.linspace(0.7, 1.2, 6), 3)


def exaggerated(tmr: float, Hk: float = 0.35 / mu0, delta: float = 30.0) -> Device:
    """A small junction whose states take up very different powers, with two heat paths as fast as its pulses.

    Parameters
    ----------
    tmr : float [1]
        At any voltage; without it, all states take up the same.
    Hk : float [A/m]
        Anisotropy field, shape included.
    delta : float [1]
        Barrier.

    Returns
    -------
    Device
    """
    device = Device.preset("plasticity").replace(
        name="exaggerated", width=50e-9, length=50e-9, thickness=2e-9, Ms=1e6, alpha=0.1, resistance_area=5e-12,
        tmr=tmr, tmr_voltage=None, P=0.6, Lambda=1.3, eps_prime=-0.2, breakdown_voltage=2.0,
        thermal_resistances=(1.2e5, 1.6e5), thermal_times=(1e-9, 20e-9),
    )  # fmt: skip
    _, length, thickness = device.demagnetizing_factors
    energy = 0.5 * mu0 * device.Ms
    return device.replace(
        Ku=energy * (Hk + device.Ms * (thickness - length)),
        activation_volume=delta * kB * device.temperature / (energy * Hk),
    )


def _shares(engine: Density, state, k: int = 0) -> np.ndarray:
    """Logarithms of the probabilities of both states on one level."""
    q, own = state.level(k).q, engine.cells.own(k)
    return np.log([q[~own].sum(), q[own].sum()])


def orders(device: Device, volts: float, levels: int) -> tuple[list[Check], dict]:
    """Observed orders of grid and step, and of levels without h^2 and without h^3.

    Parameters
    ----------
    device : Device
    volts : float [V]
        Of the probe.
    levels : int

    Returns
    -------
    checks : list of Check
    drawn : dict
        Name: (n, error), n the cells, or steps in 20 ns.
    """

    def alone(cells, dt):
        engine = Density(device, cells=cells, dt=dt)
        return _shares(engine, engine.run(engine.rest(), Cycle().probe(volts)))[0]

    cells, steps = 64 * 2 ** np.arange(5), 20 * 2 ** np.arange(5)
    grid = np.diff([alone(int(n), 0.5e-9) for n in cells])
    time = np.diff([alone(128, 20e-9 / n) for n in steps])
    checks, drawn = [], {"cells": (cells[:-1], abs(grid)), "steps of 20 ns": (steps[:-1], abs(time))}
    for name, one in (("grid", grid), ("step", time)):
        checks.append(Check(f"order of the {name} alone", float(np.log2(one[-2] / one[-1])), 2.0, 0.05))
    engine = Density(device)
    state = engine.run(engine.rest(), Cycle().probe(volts))
    values = [_shares(engine, state, k) for k in range(levels)]
    best = extrapolated(values)[0]
    for count, name in enumerate(("levels", "levels without h^2", "levels without h^3"), 1):
        errors = [abs((extrapolated(values[k : k + count])[0] - best)[0]) for k in range(levels - count - 1)]
        drawn[name] = (64 * 2 ** np.arange(count - 1, levels - 2), np.array(errors))
        found = float(np.log2(errors[-2] / errors[-1]))
        checks.append(Check(f"order of {name}", found, 1.0 + count, 0.2))
    return checks, drawn


def tolerances(device: Device, cycle: Cycle, voltages, wanted) -> dict:
    """True relative error of P and 1 - P, the larger one, at each voltage.

    Parameters
    ----------
    device : Device
    cycle : Cycle
    voltages : numpy.ndarray [V]
    wanted : sequence of float [1]
        Tolerances.

    Returns
    -------
    dict
        Tolerance: numpy.ndarray [1].
    """
    found = {}
    for tolerance in (EXACTLY, *wanted):
        engine = Density(device, tolerance=tolerance)
        ends = engine.run_all([engine.rest()] * len(voltages), [cycle.probe(float(V)) for V in voltages])
        found[tolerance] = np.array([engine.probabilities(end)[:2] for end in ends])
    exact = found.pop(EXACTLY)
    return {tolerance: np.abs(one / exact - 1.0).max(axis=1) for tolerance, one in found.items()}


def kept(device: Device, protocols, levels: int) -> tuple[float, float, float]:
    """What probability is lost or won at most, in all and by step, and the least one of a cell at any step.

    Parameters
    ----------
    device : Device
    protocols : list of Protocol
    levels : int

    Returns
    -------
    tuple of float [1]
    """
    engine, drift, share, least = Density(device), 0.0, 0.0, 1.0
    drives = np.array([one.values for one in protocols])
    waves = course([one.times for one in protocols], drives, np.zeros_like(drives))
    for k in range(levels):
        level = engine.rest().level(k)
        q, theta = (np.repeat(one[:, None], len(protocols), axis=1) for one in (level.q, level.theta))
        steps, tolerance = (halved(waves, k), 0.0) if k else (waves, engine.step)
        record, _, _, taken = advance(q, theta, steps, engine.cells.numbers(k), tolerance)
        waves = waves if k else taken
        lost = np.abs(record[:, RECORD.index("low")] + record[:, RECORD.index("high")] - 1.0)
        drift = max(drift, float(lost.max()))
        share = max(share, float((lost / np.cumsum(taken.counts, axis=0)).max()))
        least = min(least, float(record[:, RECORD.index("least")].min()))
    return drift, share, least


def curve(many: Trials, exact: Density, states, cycle: Cycle, voltages, stream: int) -> dict:
    """A switching curve of trials beside that of the density.

    Parameters
    ----------
    many : Trials
    exact : Density
    states : tuple
        Of both, before the pulse.
    cycle : Cycle
    voltages : numpy.ndarray [V]
    stream : int
        Of the first point.

    Returns
    -------
    dict
        ``volts``; ``found``, ``wanted``, and ``error`` of the former [1]; ``rise`` of both [K], and its ``spread``.
    """
    crowd, density = many.parallel_only(states[0]), exact.parallel_only(states[1])
    goals = exact.run_all([density] * len(voltages), [cycle.probe(float(V)) for V in voltages])
    rows = []
    for i, (V, goal) in enumerate(zip(voltages, goals, strict=True)):
        end = many.run(crowd, cycle.probe(float(V)), stream + i)
        (s, n), (p, whole) = many.switched(end), exact.switched(goal)
        rise = end.heat[1:].sum(axis=0)
        rows.append((V, s / n, p / whole, np.sqrt(p / whole * (1.0 - p / whole) / n), exact.rise(goal), rise.std()))
    return dict(zip(("volts", "found", "wanted", "error", "rise", "spread"), np.array(rows).T, strict=True))


def _against_trials(device: Device, trials: int, quick: bool) -> tuple[list[Check], dict]:
    """The preset cold, and hot after a long pump."""
    many, exact, cycle = Trials(device, trials, seed=21, numerics=FINE), Density(device), Cycle()
    states = {"cold": (many.rest(), exact.rest())}
    pump = cycle.pump(*PUMP, delay=0.0)
    states["hot"] = tuple(one.run(state, pump) for one, state in zip((many, exact), states["cold"], strict=True))
    checks, curves = [], {}
    for number, (name, voltages) in enumerate({"cold": COLD, "hot": HOT}.items()):
        some = voltages[::4] if quick else voltages
        one = curves[name] = curve(many, exact, states[name], cycle, some, 1 + 64 * number)
        for V, found, wanted, error in zip(*(one[key] for key in ("volts", "found", "wanted", "error")), strict=True):
            checks.append(statistical(f"{name} at {V:.2f} V: P [%]", 100 * found, 100 * error, 100 * wanted))
        square = float((((one["found"] - one["wanted"]) / one["error"]) ** 2).sum())
        checks.append(Check(f"{name} curve: p of chi^2", float(chdtrc(len(some), square)), 1e-4, kind="at least"))
    rise = states["hot"][0].heat[1:].sum(axis=0)
    error = rise.std() / np.sqrt(trials)
    checks.append(statistical("mean rise after the pump [K]", rise.mean(), error, exact.rise(states["hot"][1])))
    shift, error = _shift(curves)
    checks.append(statistical("closure on the preset: the density is ahead by [mV]", 1e3 * shift, 1e3 * error, 0.0))
    return checks, {**curves, "heat": (float(rise.std()), 1e3 * shift, 1e3 * error)}


def _shift(curves) -> tuple[float, float]:
    """By which voltage the density is ahead of the trials, from all points, and its error [V]."""
    top = bottom = 0.0
    for one in curves.values():
        slope = np.gradient(one["wanted"], one["volts"])
        top += float((slope * (one["wanted"] - one["found"]) / one["error"] ** 2).sum())
        bottom += float((slope**2 / one["error"] ** 2).sum())
    return top / bottom, bottom**-0.5


def _closure(trials: int) -> tuple[list[Check], dict]:
    """Junctions that exaggerate what one temperature for all does, and one without."""
    checks, drawn = [], {}
    for tmr in (0.0, 0.8, 2.0):
        device = exaggerated(tmr)
        many, exact = Trials(device, trials, seed=31), Density(device, tolerance=1e-5)
        one = drawn[tmr] = curve(many, exact, (many.rest(), exact.rest()), SHORT, STRONG, 1)
        off = (one["wanted"] - one["found"]) / one["error"]
        worst = int(np.abs(off).argmax())
        if tmr:
            case = f"exaggerated, TMR {100 * tmr:.0f} %, {STRONG[worst]:.2f} V: error of P by one temperature"
            checks.append(Check(case, one["wanted"][worst] - one["found"][worst], 0.0, 0.1, one["error"][worst]))
        else:
            p_value = float(chdtrc(len(off), (off**2).sum()))
            checks.append(Check("the same without TMR, no closure: p of chi^2", p_value, 1e-4, kind="at least"))
    seen = float((np.abs(drawn[2.0]["wanted"] - drawn[2.0]["found"]) / drawn[2.0]["error"]).max())
    checks.append(Check("TMR 200 %: largest error over its standard error", seen, 4.0, kind="at least"))
    return checks, drawn


def _probability(device: Device, levels: int) -> list[Check]:
    """Conservation and sign, on the preset and on the exaggerated junction."""
    checks = []
    for name, one, voltages in (("preset", device, VOLTAGES), ("exaggerated", exaggerated(2.0), STRONG)):
        drift, share, lowest = kept(one, [Cycle().pump(float(V)) for V in voltages], levels)
        checks.append(Check(f"{name}, {levels} levels: probability lost or won", drift, 1e-12, kind="at most"))
        checks.append(Check(f"{name}: the same by step, largest", share, 2.2e-16, kind="at most"))
        checks.append(Check(f"{name}: least probability of a cell", lowest, 0.0, kind="at least"))
    return checks


def _draw(drawn, errors, curves, closures):
    figure, axes = panels(3, 2, width=4.6)
    for color, (name, (n, error)) in zip(COLORS, drawn.items(), strict=False):
        axes[0].loglog(n, error, "o-", ms=4, mfc="none", lw=0.9, color=color, label=name)
    axes[0].set(xlabel="cells, or steps of 20 ns", ylabel="error of ln P", ylim=(1e-11, 1.0))
    axes[0].set_title("0.8 V; alone: differences of neighbors")
    for color, (name, (voltages, found)) in zip(COLORS, errors.items(), strict=False):
        wanted = np.repeat(list(found), len(voltages))
        shown = np.maximum(np.concatenate(list(found.values())), 1e-11)
        axes[1].loglog(wanted, shown, "o", ms=4, mfc="none", color=color, label=name)
    line = np.array([min(TOLERANCES), max(TOLERANCES)])
    axes[1].loglog(line, line, color=EXACT, lw=1.0, label="what was asked for")
    axes[1].set(xlabel="tolerance", ylabel="true relative error of P, 1 - P", title="one circle for each voltage")
    for color, name in zip(COLORS, ("cold", "hot"), strict=False):
        one = curves[name]
        axes[2].semilogy(one["volts"], 100 * one["wanted"], color=color, lw=1.0, label=f"{name}, density")
        axes[2].errorbar(one["volts"], 100 * one["found"], 100 * one["error"], fmt="o", color=color, ms=4, mfc="none",
                         label=f"{name}, trials")  # fmt: skip
        off = (one["found"] - one["wanted"]) / one["error"]
        axes[3].plot(1e3 * one["volts"], off, "o", color=color, ms=4, mfc="none", label=name)
    axes[2].set(xlabel="probe [V]", ylabel="P [%]", title="preset, cold and after 0.9 V for 500 ns")
    axes[3].axhline(0.0, color=EXACT, lw=0.8)
    for bound in (-4.0, 4.0):
        axes[3].axhline(bound, color=EXACT, lw=0.8, ls="--")
    axes[3].set(xlabel="probe [mV]", ylabel="trials - density [sigma]", title="preset; dashed: four sigma")
    for color, (tmr, one) in zip(COLORS, closures.items(), strict=False):
        name = f"TMR {100 * tmr:.0f} %"
        axes[4].plot(one["volts"], 100 * one["wanted"], color=color, lw=1.0, label=name)
        axes[4].plot(one["volts"], 100 * one["found"], "o", color=color, ms=4, mfc="none")
        off = 100 * (one["wanted"] - one["found"])
        axes[5].errorbar(one["spread"], off, 100 * one["error"], fmt="o-", lw=0.8, ms=4, mfc="none", color=color,
                         label=name)  # fmt: skip
    axes[4].set(xlabel="pulse [V]", ylabel="P [%]", title="exaggerated; lines: density, circles: trials")
    axes[5].set(xlabel="scatter of the temperatures of trials [K]", ylabel="density - trials [% of all]")
    axes[5].set_title("closure: one temperature for all")
    for axis in axes:
        legend(axis)
    return figure


def validate(quick: bool) -> Outcome:
    """Measure orders, true errors, sums and signs of the density, and hold it against trials.

    Parameters
    ----------
    quick : bool
        Fewer trials, levels and voltages.

    Returns
    -------
    Outcome
    """
    device, levels = Device.preset("plasticity"), QUICK_LEVELS if quick else LEVELS
    checks, drawn = orders(device, 0.8, levels)
    errors = {"preset": (VOLTAGES, tolerances(device, Cycle(), VOLTAGES, TOLERANCES))}
    errors["exaggerated"] = (STRONG, tolerances(exaggerated(2.0), SHORT, STRONG, TOLERANCES))
    for name, (voltages, found) in errors.items():
        for tolerance, error in found.items():
            case = f"{name}, {voltages[0]:g} to {voltages[-1]:g} V: true error at tolerance {tolerance:.0e}"
            checks.append(Check(case, float(error.max()), tolerance, kind="at most"))
    checks += _probability(device, levels - 2 if quick else levels)
    compared, curves = _against_trials(device, QUICK_TRIALS if quick else TRIALS, quick)
    closing, closures = _closure(QUICK_MANY if quick else MANY)
    spread, shift, error = curves.pop("heat")
    header = ("TMR", "pulse [V]", "rise [K]", "scatter of the trials [K]", "P of the density", "density - trials")
    rows = [
        (f"{100 * tmr:.0f} %", f"{V:g}", f"{rise:.1f}", f"{scatter:.2f}", f"{p:.4f}", f"{p - share:+.4f} ± {sigma:.4f}")
        for tmr, one in closures.items()
        for V, share, p, sigma, rise, scatter in zip(*(one[key] for key in one), strict=True)
    ]
    largest = np.abs(np.gradient(curves["cold"]["wanted"], curves["cold"]["volts"])).max()
    bound = 1e-3 * (abs(shift) + 2.0 * error) * largest
    notes = [
        f"On the preset the trials scatter by {spread:.3f} K after the pump, and what one temperature for all does to "
        f"P cannot be seen: all points together put the density {shift:+.3f} ± {error:.3f} mV ahead, which is less "
        f"than {bound:.4f} of a probability anywhere (two standard errors). On junctions made to exaggerate it, with "
        "pulses of 5 ns:",
        markdown_table(header, rows),
        "Trials that stay parallel are hotter than the mean, and follow sooner.",
    ]
    return Outcome([*checks, *compared, *closing], _draw(drawn, errors, curves, closures), notes)
