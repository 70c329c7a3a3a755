"""Switching of a uniaxial moment by a steady current at T = 0: the time to the equator in closed form."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicSpline

from spinneuron.dynamics.ensemble import Numerics
from spinneuron.dynamics.steppers import DORMAND_PRINCE, STEPPERS
from spinneuron.protocols import Protocol
from spinneuron.simulation import simulate
from validation.drawing import COLORS, EXACT, STEPPER_COLORS, STEPPER_MARKS, legend, panels
from validation.report import Check, Outcome
from validation.samples import anisotropy_field, around, ball, current_density, relaxation_time

QUESTION = "How long does an overdriven uniaxial moment take to the equator without noise?"
REFERENCE = """dz/ds = (1 - z^2)(z - i), s = t / tau_D, i = a_J / (alpha Hk) > 1: s = F(z0) - F(0) with F(z) = -ln(1 -
z) / (2 (i - 1)) + ln(1 + z) / (2 (i + 1)) + ln(i - z) / (i^2 - 1); it equals the integral of 1 / ((1 - z^2)(i - z)).
Torque: Slonczewski, J. Magn. Magn. Mater. 159, L1 (1996)."""
TOLERANCE = """Adaptive scheme with a tolerance of 1e-11 per step: 1e-6 tau_D, the growth of its errors over the
instability and the interpolation between 300 samples included. Fixed steps, automatic: 0.5 %: their errors of the
damping (angle^2/2 and -angle^3/(8 alpha) for Heun, 0.25 and 0.2 %; -angle^2/4 for the semi-implicit scheme) are those
of dz/ds."""

CASES = ((2.0, 0.99, 2.1895419162), (1.5, 0.999, 6.1689932613))
TILTED = (2.0 / 3.0, -1.0 / 3.0, 2.0 / 3.0)


def _closed_form(i, z):
    return -np.log(1.0 - z) / (2.0 * (i - 1.0)) + np.log(1.0 + z) / (2.0 * (i + 1.0)) + np.log(i - z) / (i * i - 1.0)


def time_to_equator(i, z0, numerics, alpha=0.02, axis=(0.0, 0.0, 1.0)):
    """Time [tau_D] at which the moment crosses the equator, and the course (times [tau_D], cosines).

    Parameters
    ----------
    i : float [1]
        Overdrive.
    z0 : float [1]
        Cosine at the start.
    numerics : Numerics
    alpha : float [1]
    axis : tuple of float [1]
        Easy axis and pinned layer.

    Returns
    -------
    float
    tuple of numpy.ndarray
    """
    device = ball(60.0, alpha, axis)
    tau = relaxation_time(device)
    J = -current_density(device, i * alpha * anisotropy_field(device))
    waveform = Protocol((0.0, 1.2 * _span(i, z0) * tau), (J, J))
    start = around(axis, np.array([z0]), seed=1)
    run = simulate(device, waveform, every=waveform.duration / 300, initial=start, temperature=0.0, numerics=numerics)
    times, z = run["time"].values / tau, run["m"].values[0] @ np.asarray(axis)
    roots = CubicSpline(times, z).roots(extrapolate=False)
    return float(roots[0]), (times, z)


def _span(i, z0):
    return float(_closed_form(i, z0) - _closed_form(i, 0.0))


def _draw(courses, fixed):
    figure, (left, right) = panels(2)
    for color, ((i, z0, _), (times, z)) in zip(COLORS, courses, strict=False):
        grid = np.linspace(z0, -0.9, 200)
        left.plot(_closed_form(i, z0) - _closed_form(i, grid), grid, color=EXACT, lw=1.0)
        left.plot(times[::9], z[::9], "o", ms=4, mfc="none", color=color, label=f"i = {i:g}, $z_0$ = {z0:g}")
    left.set(
        xlabel=r"time [$\tau_D$]", ylabel="$m_z$", ylim=(-1.05, 1.05), title="course: points engine, lines closed form"
    )
    legend(left)
    for name, points in fixed.items():
        errors = [abs(s / _span(i, 0.99) - 1.0) for i, s in points]
        right.semilogy(
            [i for i, _ in points],
            errors,
            STEPPER_MARKS[name] + "-",
            lw=0.8,
            ms=5,
            mfc="none",
            color=STEPPER_COLORS[name],
            label=name,
        )
    right.axhline(0.005, color=EXACT, lw=0.8, ls="--", label="tolerance at i = 2, fixed steps")
    right.set(
        xlabel="overdrive $i = I/I_{c0}$", ylabel="relative error of the time to the equator", title="from $z_0$ = 0.99"
    )
    legend(right)
    return figure


def validate(quick: bool) -> Outcome:
    """Measure times to the equator, along z and along a tilted axis.

    Parameters
    ----------
    quick : bool
        Changes nothing: all of it takes seconds.

    Returns
    -------
    Outcome
    """
    exact = Numerics("dormand-prince", tolerance=1e-11)
    checks, courses = [], []
    for i, z0, value in CASES:
        checks.append(Check(f"closed form itself, i = {i:g}, z0 = {z0:g} [tau_D]", _span(i, z0), value, 1e-10))
        found, course = time_to_equator(i, z0, exact)
        courses.append(((i, z0, value), course))
        checks.append(Check(f"dormand-prince, i = {i:g}, z0 = {z0:g} [tau_D]", found, value, 1e-6))
    i, z0, value = CASES[0]
    found, _ = time_to_equator(i, z0, exact, alpha=0.3, axis=TILTED)
    checks.append(Check(f"dormand-prince, tilted axis, alpha = 0.3, i = {i:g} [tau_D]", found, value, 1e-6))
    fixed = {}
    for name, stepper in STEPPERS.items():
        numerics = exact if stepper.scheme == DORMAND_PRINCE else Numerics(name)
        fixed[name] = [(i, time_to_equator(i, 0.99, numerics)[0]) for i in (1.2, 1.5, 2.0, 3.0)]
        if stepper.scheme != DORMAND_PRINCE:
            checks.append(
                Check(f"{name}, automatic step, i = 2, z0 = 0.99 [tau_D]", fixed[name][2][1], value, 0.005 * value)
            )
    return Outcome(checks, _draw(courses, fixed))
