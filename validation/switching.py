"""Switching by current at finite temperature against the Fokker-Planck equation, and the bias of the step."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np

from spinneuron.constants import gamma0
from spinneuron.dynamics.ensemble import Numerics
from spinneuron.dynamics.steppers import STEPPERS
from spinneuron.protocols import Protocol
from spinneuron.simulation import simulate
from validation import axial
from validation.drawing import EXACT, STEPPER_COLORS, STEPPER_MARKS, legend, panels
from validation.report import Check, Outcome, statistical
from validation.samples import anisotropy_field, around, ball, boltzmann_cosines, current_density, read, relaxation_time

QUESTION = "Do noise and torque together switch a moment as often as they should, and which step is small enough?"
REFERENCE = """Probability flow in s = t alpha gamma' Hk: rho_s = -d/dx{(1 - x^2)[(x - i) rho - rho_x / (2 Delta)]},
start exp(Delta x^2) on x > 0: Delta = 65, s = 150 and Delta = 40, i = 2, by finite volumes and by Legendre
polynomials, which agree (validation/data, W. H. Butler et al., IEEE Trans. Magn. 48, 4684 (2012) for the equation);
validation/axial.py repeats them with its own expansion."""
TOLERANCE = """Four standard errors of the binomial count; expansion against table: 0.1 %, the digits of the table. The
step: at its automatic value too, also at the damping of real layers, 0.02; larger ones are drawn but not judged. Heun
pumps angle^4 / 8 per step into the precession, which damping has to remove."""

TRIALS, QUICK_TRIALS = 65_536, 4_096
SLOW, FAST = 65.0, 40.0
WRITE_ERRORS = {1: 0.9945061, 2: 0.4504512, 3: 0.07375926, 4: 0.01001521, 5: 1.328490e-3, 6: 1.757214e-4}
WRITE_TRIALS, QUICK_WRITE_TRIALS = 131_072, 32_768
BATCH = 131_072
# of the automatic step; the largest accepted one is 1 / 0.7 of it
OTHER_STEPS = (0.5, 1.0 / 0.7, 2.0, 3.0)


def ensemble(delta, i, duration, numerics, trials, seed, alpha=0.1, samples=8):
    """Fraction not yet switched at equal intervals, of an ensemble that starts in equilibrium within m_z > 0.

    Parameters
    ----------
    delta : float [1]
        Barrier.
    i : float [1]
        Overdrive.
    duration : float [tau_D]
    numerics : Numerics
    trials : int
    seed : int
    alpha : float [1]
    samples : int
        Number of intervals.

    Returns
    -------
    numpy.ndarray [1]
        (samples,); the last is that at the end.
    """
    device = ball(delta, alpha)
    tau = relaxation_time(device)
    J = -current_density(device, i * alpha * anisotropy_field(device))
    left = []
    for first in range(0, trials, BATCH):
        count = min(BATCH, trials - first)
        start = around(
            (0.0, 0.0, 1.0), boltzmann_cosines(lambda z: -delta * z * z, count, seed + first, low=0.0), seed + first
        )
        run = simulate(
            device,
            Protocol((0.0, duration * tau), (J, J)),
            trials=count,
            seed=seed + first,
            initial=start,
            every=duration * tau / samples,
            numerics=numerics,
        )
        left.append((run["m"].values[:, 1:, 2] > 0.0).sum(axis=0))
    return np.sum(left, axis=0) / trials


def _binomial(share, trials):
    return np.sqrt(np.maximum(share * (1.0 - share), 1.0 / trials) / trials)


def biased(name, angle, trials, seed):
    """Switching probability at Delta = 65, i = 0.7, s = 150, alpha = 0.02, also with steps that are refused.

    Parameters
    ----------
    name : str
        Stepper.
    angle : float [rad]
        gamma' Hk dt.
    trials : int
    seed : int

    Returns
    -------
    float [1]
    """
    device = ball(SLOW, 0.02)
    dt = angle * (1.0 + 0.02**2) / (gamma0 * anisotropy_field(device))
    # the engine refuses steps that are too large; here they are the question
    with patch.dict(STEPPERS, {name: STEPPERS[name]._replace(largest_angle=10.0)}):
        return 1.0 - float(ensemble(SLOW, 0.7, 150.0, Numerics(name, dt=dt), trials, seed, alpha=0.02)[-1])


def _draw(probabilities, errors, bias, trials):
    figure, (left, middle, right) = panels(3)
    drive = np.linspace(0.5, 0.95, 31)
    left.plot(
        drive,
        [1.0 - axial.not_switched(SLOW, i, [150.0], 80)[0] for i in drive],
        color=EXACT,
        lw=1.0,
        label="Fokker-Planck",
    )
    for name, points in probabilities.items():
        left.plot(
            *np.array(points).T[:2], STEPPER_MARKS[name], ms=6, mfc="none", color=STEPPER_COLORS[name], label=name
        )
    left.set(xlabel="overdrive $i = I/I_{c0}$", ylabel="switching probability", title=r"$\Delta$ = 65, 150 $\tau_D$")
    legend(left)
    times = np.linspace(0.2, 7.0, 60)
    middle.semilogy(times, axial.not_switched(FAST, 2.0, times), color=EXACT, lw=1.0, label="Fokker-Planck")
    for name, shares in errors.items():
        count = np.arange(1, len(shares) + 1)
        middle.errorbar(
            count,
            shares,
            _binomial(shares, WRITE_TRIALS),
            fmt=STEPPER_MARKS[name],
            ms=6,
            mfc="none",
            color=STEPPER_COLORS[name],
            label=name,
        )
    middle.set(xlabel=r"pulse [$\tau_D$]", ylabel="write error", title=r"$\Delta$ = 40, i = 2", ylim=(2e-5, 2.0))
    legend(middle)
    right.axhline(0.20655, color=EXACT, lw=1.0, label="Fokker-Planck")
    for name, points in bias.items():
        angle, share = np.array(points).T
        color = STEPPER_COLORS[name]
        right.errorbar(
            angle,
            share,
            _binomial(share, trials),
            fmt=STEPPER_MARKS[name] + "-",
            ms=5,
            mfc="none",
            lw=0.8,
            color=color,
            label=name,
        )
        right.axvline(0.7 * STEPPERS[name].largest_angle, color=color, lw=0.8, ls="--")
        right.axvline(STEPPERS[name].largest_angle, color=color, lw=0.8, ls=":")
    right.set(xscale="log", xlabel=r"step, $\gamma' H_k\,dt$ [rad]", ylabel="switching probability")
    right.set_xticks([0.03, 0.1, 0.3, 1.0], ["0.03", "0.1", "0.3", "1"])
    right.set_xticks([], minor=True)
    right.plot([], [], "k--", lw=0.8, label="automatic step")
    right.plot([], [], "k:", lw=0.8, label="largest step")
    right.set_title(r"$\Delta$ = 65, 150 $\tau_D$, i = 0.7, $\alpha$ = 0.02")
    legend(right)
    return figure


def _reference_checks():
    checks = []
    for row in read("fokker_planck_switching.csv"):
        value, i, s = float(row["value"]), float(row["i"]), float(row["s"])
        # below, double precision leaves nothing of the expansion
        if value > 1e-5:
            left = axial.not_switched(float(row["Delta"]), i, [s])[0]
            found = 1.0 - left if row["quantity"] == "P_switch" else left
            checks.append(Check(f"expansion over table, i = {i:g}, s = {s:g}", float(found / value), 1.0, 1e-3))
    return checks


def validate(quick: bool) -> Outcome:
    """Measure switching probabilities, write errors and the bias of the step.

    Parameters
    ----------
    quick : bool
        Fewer trials, drives and steps.

    Returns
    -------
    Outcome
    """
    trials, writes = (QUICK_TRIALS, QUICK_WRITE_TRIALS) if quick else (TRIALS, WRITE_TRIALS)
    checks = _reference_checks()
    golden = [row for row in read("fokker_planck_switching.csv") if row["quantity"] == "P_switch"][1 if quick else 0 :]
    probabilities, errors, bias = {}, {}, {}
    bias_trials = 2048 if quick else 16_384
    for offset, name in enumerate(name for name, stepper in STEPPERS.items() if stepper.weak_order):
        probabilities[name] = []
        for row in golden:
            i, value = float(row["i"]), float(row["value"])
            share = 1.0 - float(
                ensemble(SLOW, i, float(row["s"]), Numerics(name), trials, 10_000_000 * (offset + 1))[-1]
            )
            probabilities[name].append((i, share))
            checks.append(
                statistical(f"{name}, Delta = 65, s = 150, i = {i:g}: P_switch", share, _binomial(share, trials), value)
            )
        errors[name] = ensemble(FAST, 2.0, 6.0, Numerics(name), writes, 10_000_000 * (offset + 3), samples=6)
        for (s, value), share in zip(WRITE_ERRORS.items(), errors[name], strict=True):
            error = _binomial(value, writes)
            checks.append(statistical(f"{name}, Delta = 40, i = 2, s = {s}: write error", share, error, value))
        automatic = 0.7 * STEPPERS[name].largest_angle
        angles = [automatic * factor for factor in ((1.0,) if quick else (1.0, *OTHER_STEPS))]
        bias[name] = sorted((angle, biased(name, angle, bias_trials, offset + 5)) for angle in angles)
        share = dict(bias[name])[automatic]
        error = _binomial(share, bias_trials)
        checks.append(statistical(f"{name}, alpha = 0.02, i = 0.7, automatic step: P_switch", share, error, 0.20655))
    rows = [f"{name} at {angle:g} rad: {share:.4f}" for name, points in bias.items() for angle, share in points]
    notes = [
        f"Switching probability by step (exact 0.20655, one standard error {_binomial(0.20655, bias_trials):.4f}): "
        + "; ".join(rows)
        + "."
    ]
    return Outcome(checks, _draw(probabilities, errors, bias, bias_trials), notes)
