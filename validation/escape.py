"""Brown's escape: how fast a thermally agitated moment forgets in which well it started."""

from __future__ import annotations

import numpy as np

from spinneuron.dynamics.ensemble import Numerics
from spinneuron.dynamics.steppers import STEPPERS
from spinneuron.protocols import Protocol
from spinneuron.simulation import simulate
from validation import axial
from validation.drawing import COLORS, EXACT, STEPPER_MARKS, legend, panels
from validation.report import Check, Outcome, statistical
from validation.samples import around, ball, boltzmann_cosines, read, relaxation_time

QUESTION = "Does a moment cross its barrier at the rate of Brown's Fokker-Planck equation?"
REFERENCE = """Lowest non-zero eigenvalue Lambda of d/dz[(1 - z^2)(W' - 2 Delta z W)]: both wells together relax at
lambda1 = Lambda / (2 Delta tau_D), each is left at lambda1 / 2: W. F. Brown, Phys. Rev. 130, 1677 (1963). Its value
for any Delta from the Legendre expansion in validation/axial.py, which agrees with the multi-precision table
validation/data/fokker_planck_eigenvalues.csv. Asymptote: Lambda = (4 / sqrt(pi)) Delta^(3/2) exp(-Delta)."""
TOLERANCE = """Four standard errors. The excess of m_z > 0 over m_z < 0 decays as exp(-lambda1 t) once the faster odd
modes are gone (3 tau_D leave less than 1e-3 of them); its logarithm between 3 tau_D and one decay time later gives the
rate without any fit or prefactor, its error follows from the counts. Expansion against table: 1e-8."""

TRIALS, QUICK_TRIALS = 16_384, 4_096
SETTLE = 3.0


def survival(delta, alpha, name, trials, seed, samples=40):
    """Excess of m_z > 0 over m_z < 0 of an ensemble that starts in equilibrium within m_z > 0.

    Parameters
    ----------
    delta : float [1]
        Barrier.
    alpha : float [1]
    name : str
        Stepper.
    trials : int
    seed : int
    samples : int
        Number of records, the first at SETTLE.

    Returns
    -------
    times : numpy.ndarray [tau_D]
    excess : numpy.ndarray [1]
    covariance : float [1]
        Of the last and the first excess, times the number of trials.
    """
    device = ball(delta, alpha)
    tau = relaxation_time(device)
    # a whole number of records to SETTLE and one decay time beyond
    interval = SETTLE / max(1, round(SETTLE * samples * axial.rates(delta, 60)[1]))
    count = int(np.ceil((SETTLE + 1.0 / axial.rates(delta, 60)[1]) / interval))
    start = around((0.0, 0.0, 1.0), boltzmann_cosines(lambda z: -delta * z * z, trials, seed, low=0.0), seed)
    waveform = Protocol((0.0, count * interval * tau), (0.0, 0.0))
    run = simulate(
        device, waveform, trials=trials, seed=seed, initial=start, every=interval * tau, numerics=Numerics(name)
    )
    signs = np.sign(run["m"].values[:, :, 2])
    first = round(SETTLE / interval)
    covariance = float(np.mean(signs[:, first] * signs[:, -1]) - signs[:, first].mean() * signs[:, -1].mean())
    return run["time"].values[first:] / tau, signs[:, first:].mean(axis=0), covariance


def rate(times, excess, covariance, trials):
    """Decay rate and its standard error from the first and the last excess.

    Parameters
    ----------
    times : numpy.ndarray [tau_D]
    excess : numpy.ndarray [1]
    covariance : float [1]
        From :func:`survival`.
    trials : int

    Returns
    -------
    tuple of float [1/tau_D]
        NaN where nothing is left to take the logarithm of.
    """
    first, last, span = excess[0], excess[-1], times[-1] - times[0]
    if not (first > 0.0 and last > 0.0):
        return float("nan"), float("nan")
    variance = (1.0 - first**2) / first**2 + (1.0 - last**2) / last**2 - 2.0 * covariance / (first * last)
    return float(np.log(first / last) / span), float(np.sqrt(variance / trials) / span)


def _draw(curves, found):
    figure, (left, right) = panels(2)
    for color, delta in zip(COLORS, curves, strict=False):
        decay = axial.rates(delta, 60)[1]
        for (alpha, name), (times, excess) in curves[delta].items():
            mark = STEPPER_MARKS[name]
            face = color if alpha == 0.1 else "none"
            some = slice(None, None, max(1, len(times) // 12))
            left.semilogy(times[some] * decay, excess[some], mark, ms=4, color=color, mfc=face, alpha=0.8)
        grid = np.linspace(SETTLE, SETTLE + 1.0 / decay, 50)
        exact = 2.0 * axial.not_switched(delta, 0.0, grid, 60) - 1.0
        left.semilogy(grid * decay, exact, color=EXACT, lw=1.0)
        left.plot([], [], "o", color=color, ms=4, label=rf"$\Delta$ = {delta:g}")
    left.set(
        xlabel=r"time [$1/\lambda_1$]",
        ylabel=r"excess of $m_z > 0$",
        title="lines: Fokker-Planck; filled: alpha = 0.1, open: 0.5",
    )
    legend(left)
    delta = np.linspace(0.5, 10.0, 80)
    right.semilogy(delta, [axial.rates(value, 60)[1] for value in delta], color=EXACT, lw=1.0, label="exact eigenvalue")
    asymptote = (2.0 / np.sqrt(np.pi)) * np.sqrt(delta) * np.exp(-delta)
    right.semilogy(delta, asymptote, color=EXACT, lw=0.9, ls="--", label="Brown's asymptote")
    for (value, alpha, name), (measured, error) in found.items():
        color = COLORS[0] if alpha == 0.1 else COLORS[1]
        right.errorbar(value, measured, error, fmt=STEPPER_MARKS[name], ms=5, mfc="none", color=color)
    for color, text in ((COLORS[0], r"engine, $\alpha$ = 0.1"), (COLORS[1], r"engine, $\alpha$ = 0.5")):
        right.plot([], [], "o", mfc="none", color=color, label=text)
    right.set(xlabel=r"barrier $\Delta$", ylabel=r"$\lambda_1\tau_D$", title="circles: heun, squares: semi-implicit")
    legend(right)
    return figure


def validate(quick: bool) -> Outcome:
    """Measure escape rates over three barriers, two dampings and every scheme that takes noise.

    Parameters
    ----------
    quick : bool
        Fewer trials and barriers.

    Returns
    -------
    Outcome
    """
    trials = QUICK_TRIALS if quick else TRIALS
    checks = []
    for row in read("fokker_planck_eigenvalues.csv"):
        delta, value = float(row["Delta"]), float(row["lambda"])
        # beyond, the eigenvalue is lost in double precision, and no trial would ever escape
        if delta <= 10.0:
            expanded = 2.0 * delta * axial.rates(delta)[1] / value
            checks.append(Check(f"expansion over table, Delta = {delta:g}", float(expanded), 1.0, 1e-8))
    curves, found = {}, {}
    noisy = [name for name, stepper in STEPPERS.items() if stepper.weak_order]
    barriers = (4.0,) if quick else (4.0, 6.0, 8.0)
    cases = [(delta, alpha, name) for delta in barriers for alpha in (0.1, 0.5) for name in noisy]
    for seed, (delta, alpha, name) in enumerate(cases):
        times, excess, covariance = survival(delta, alpha, name, trials, seed)
        found[delta, alpha, name] = rate(times, excess, covariance, trials)
        curves.setdefault(delta, {})[alpha, name] = times, excess
        exact = axial.rates(delta, 60)[1]
        measured, error = found[delta, alpha, name]
        checks.append(
            statistical(f"{name}, alpha = {alpha:g}, Delta = {delta:g}: lambda1 tau_D", measured, error, exact)
        )
    return Outcome(checks, _draw(curves, found))
