"""The Boltzmann test: does every noisy scheme, at the step it takes by itself, keep the temperature it was given?"""

from __future__ import annotations

import numpy as np

from spinneuron.dynamics.ensemble import Numerics
from spinneuron.dynamics.steppers import STEPPERS
from spinneuron.protocols import Protocol
from spinneuron.simulation import simulate
from validation import axial
from validation.drawing import COLORS, EXACT, STEPPER_COLORS, STEPPER_MARKS, legend, panels
from validation.report import Check, Outcome, markdown_table, statistical
from validation.samples import around, ball, boltzmann_cosines, relaxation_time

QUESTION = (
    "Does a thermally agitated uniaxial moment have the equilibrium of its temperature, at every barrier and damping?"
)
REFERENCE = """<m_z^2> over p(z) ~ exp(Delta z^2): .37973195, .42923071, .53126456, .70462659, .80770871 at Delta =
0.5, 1, 2, 4, 6, each the integral int z^2 exp(Delta z^2) dz / int exp(Delta z^2) dz. Thermal field: W. F. Brown, Phys.
Rev. 130, 1677 (1963), Stratonovich."""
TOLERANCE = """Four standard errors of independent trials, and 0.003 on the mean of each scheme: a tenth of what a
wrong calculus or temperature shifts. Every trial starts in exact equilibrium and runs for five relaxation times of
m_z^2, so that a bias of the scheme has grown to 99 %; one sample per trial makes the standard error honest."""

EXACT_SQUARE = {0.5: 0.37973195, 1.0: 0.42923071, 2.0: 0.53126456, 4.0: 0.70462659, 6.0: 0.80770871}
# enough to tell 0.003 apart, in quick runs too
TRIALS, QUICK_TRIALS = 262_144, 131_072

# Not run here: published codes at the settings named, measured once at Delta = 2 when this package was designed.
ELSEWHERE = (
    ("cmtj, Heun, alpha 0.1 and 0.01, 1 ps", "0.5307 ± 0.0019, 0.5346 ± 0.0034", "right"),
    ("cmtj, EulerHeun, alpha 0.1, 1 ps", "0.5082 ± 0.0024", "biased"),
    ("cmtj, EulerHeun, alpha 0.01, 1 ps (0.1 ps)", "0.346 ± 0.004 (0.510 ± 0.009)", "near infinite temperature, 1/3"),
    (
        "ARM mram_simulation_framework, stratonovich_heun, normalized=False",
        "0.629 ± 0.008",
        "noise multiplied by components",
    ),
    ("the same, normalized=True", "0.404 ± 0.006", "noise not rescaled with the time"),
    ('the same, method="heun", do_thermal=True', "two seeds, one trajectory", "no noise"),
    ("macrospinmob", "0.4290", "exact for Delta = 1: twice the temperature"),
    ("UT Stochastic_MTJ_Model, 50 to 0.1 ps", "0.701 to 0.728", "no drift term of the angles; 0.723 at any step"),
    ("pcm-ca llg, Heun", "0.5304", "right"),
)


def mean_square(delta, alpha, numerics, trials, seed):
    """Mean of m_z^2 and its standard error over trials that started in equilibrium and ran for five relaxation times.

    Parameters
    ----------
    delta : float [1]
        Barrier.
    alpha : float [1]
    numerics : Numerics
    trials : int
    seed : int

    Returns
    -------
    tuple of float
    """
    device = ball(delta, alpha)
    # z -> -z is exact for the scheme too: the slowest decay that m_z^2 sees is the third one
    duration = 5.0 * relaxation_time(device) / axial.rates(delta, 60)[2]
    start = around((0.0, 0.0, 1.0), boltzmann_cosines(lambda z: -delta * z * z, trials, seed), seed)
    waveform = Protocol((0.0, duration), (0.0, 0.0))
    # one interval, so that nothing shortens the step
    run = simulate(device, waveform, trials=trials, seed=seed, every=duration, initial=start, numerics=numerics)
    square = run["m"].values[:, -1, 2] ** 2
    return float(square.mean()), float(square.std() / np.sqrt(trials))


def _draw(found):
    figure, (left, right) = panels(2)
    delta = np.linspace(0.0, 6.5, 200)
    z, weight = np.polynomial.legendre.leggauss(80)
    density = weight * np.exp(np.multiply.outer(delta, z * z - 1.0))
    left.plot(delta, density @ (z * z) / density.sum(axis=1), color=EXACT, lw=1.0, label="exact")
    left.axhline(1.0 / 3.0, color=EXACT, lw=0.6, ls=":")
    for (name, alpha, precision), points in found.items():
        if precision == "float64":
            color = STEPPER_COLORS[name] if alpha == 0.1 else COLORS[2 if name == "heun" else 3]
            values = np.array(points)
            left.plot(values[:, 0], values[:, 1], STEPPER_MARKS[name], ms=5, mfc="none", color=color)
            shift = (
                0.06
                * (("heun", 0.1), ("heun", 0.01), ("semi-implicit", 0.1), ("semi-implicit", 0.01)).index((name, alpha))
                - 0.09
            )
            deviation = values[:, 1] - [EXACT_SQUARE[value] for value in values[:, 0]]
            label = rf"{name}, $\alpha$ = {alpha:g}"
            right.errorbar(
                values[:, 0] + shift,
                deviation,
                values[:, 2],
                fmt=STEPPER_MARKS[name],
                ms=4,
                color=color,
                lw=1.0,
                label=label,
            )
    for label, value in (
        ("cmtj EulerHeun", 0.346),
        ("ARM", 0.404),
        ("macrospinmob", 0.429),
        ("ARM", 0.629),
        ("UT", 0.723),
    ):
        left.plot(2.0, value, "x", color="#999999", ms=5)
        left.annotate(label, (2.0, value), (5, -3), textcoords="offset points", fontsize=6.5, color="#777777")
    left.set(
        xlabel=r"barrier $\Delta$",
        ylabel=r"$\langle m_z^2\rangle$",
        title="crosses: other codes at $\\Delta$ = 2 (see table)",
    )
    legend(left)
    right.axhline(0.0, color=EXACT, lw=1.0)
    right.axhspan(-0.003, 0.003, color=COLORS[0], alpha=0.08, lw=0)
    right.set(
        xlabel=r"barrier $\Delta$",
        ylabel=r"$\langle m_z^2\rangle$ - exact",
        ylim=(-0.0062, 0.0062),
        title="bars: one standard error",
    )
    legend(right, ncols=2)
    return figure


def validate(quick: bool) -> Outcome:
    """Measure <m_z^2> for all barriers, two dampings and every scheme that takes noise.

    Parameters
    ----------
    quick : bool
        Fewer trials and barriers.

    Returns
    -------
    Outcome
    """
    trials = QUICK_TRIALS if quick else TRIALS
    noisy = [name for name, stepper in STEPPERS.items() if stepper.weak_order]
    runs = [(name, alpha, "float64") for name in noisy for alpha in (0.1, 0.01)]
    runs += [] if quick else [(name, 0.01, "float32") for name in noisy]
    checks, found = [], {}
    for number, (name, alpha, precision) in enumerate(runs):
        barriers = (2.0,) if precision == "float32" or quick else tuple(EXACT_SQUARE)
        points = []
        for delta in barriers:
            numerics = Numerics(name, precision=precision)
            points.append((delta, *mean_square(delta, alpha, numerics, trials, seed=100 * number + int(2 * delta))))
            label = f"{name}, alpha = {alpha:g}, Delta = {delta:g}" + (", float32" if precision == "float32" else "")
            checks.append(statistical(label, points[-1][1], points[-1][2], EXACT_SQUARE[delta]))
        found[name, alpha, precision] = points
        worst = max(abs(value - EXACT_SQUARE[delta]) for delta, value, _ in points)
        checks.append(Check(f"{name}, alpha = {alpha:g}, {precision}: largest bias", worst, 0.003, kind="at most"))
    table = markdown_table(
        ("other codes at Delta = 2, exact 0.531265 (measured once, not by this command)", "<m_z^2>", "verdict"),
        ELSEWHERE,
    )
    return Outcome(checks, _draw(found), [table])
