"""Critical currents at T = 0 of the perpendicular, the in-plane and the orthogonal arrangement."""

from __future__ import annotations

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from spinneuron.constants import gamma0
from spinneuron.device import Device
from spinneuron.dynamics.ensemble import Numerics
from spinneuron.protocols import Protocol
from spinneuron.simulation import simulate
from validation.drawing import COLORS, EXACT, legend, panels
from validation.report import Check, Outcome
from validation.samples import anisotropy_field, ball, current_density, linear_rates

QUESTION = "At which current does a moment leave its rest state without noise?"
REFERENCE = """Perpendicular, pinned layer along the easy axis: a_J = alpha Hk; in plane: a_J = alpha (H1 + H2) / 2,
with the two transverse stiffness fields (Hk and Hk + Ms N_eff): J. Z. Sun, Phys. Rev. B 62, 570 (2000). Orthogonal,
pinned along the hard axis: the in-plane angle is a pendulum (Josephson junction), psi'' + beta psi' + sin psi = eta,
psi = 2 phi, eta = 2 a_J / (Ms |N_L - N_T|), beta = alpha dN / sqrt(|N_L - N_T| dN'), dN' = N_W - N_T: it runs above
eta = 1 after a slow ramp, and above eta = 0.7246 after a step from rest without damping (eta psi = 1 - cos psi at sin
psi = eta on the far slope)."""
TOLERANCE = """Collinear cases: 1e-5, what a tilt of 1e-4 at the start and errors of 1e-13 per step leave of the growth
rate. Slow ramp: 1 %: the current also lifts the moment out of the plane, which changes the balance by its square, and
close to the onset the angle needs longer than the plateau. Step from rest: 1 % of the damped pendulum, which leaves
out terms of the order |N_L - N_T| / dN; the limit without damping (alpha = 2.5e-4): 1 %."""

ORTHOGONAL = Device.preset("orthogonal")


def _bisect(leaves, low, high, width):
    """Least drive in units of the closed form for which ``leaves(drive)``."""
    if leaves(low) or not leaves(high):
        return np.nan
    while high - low > width:
        middle = 0.5 * (low + high)
        low, high = (low, middle) if leaves(middle) else (middle, high)
    return 0.5 * (low + high)


def _collinear(device, rest, alpha):
    """Critical a_J over its closed form, of a moment along its easy axis with the pinned layer along it too."""
    N_width, N_length, N_thickness = device.demagnetizing_factors
    own = anisotropy_field(device) * np.asarray(device.easy_axis) ** 2
    stiffness = device.Ms * np.array([N_length, N_width, N_thickness]) - own
    others = [axis for axis in range(3) if axis != rest]
    H1, H2 = stiffness[others] - stiffness[rest]
    critical = 0.5 * alpha * (H1 + H2)
    start = np.zeros(3)
    start[rest], start[others[0]] = np.cos(1e-4), np.sin(1e-4)
    duration = 6.0 * np.pi / (gamma0 * np.sqrt(H1 * H2))

    def growth(i):
        J = -i * current_density(device, critical)
        waveform, numerics = Protocol((0.0, duration), (J, J)), Numerics(tolerance=1e-13)
        run = simulate(device, waveform, every=duration / 192, initial=start, temperature=0.0, numerics=numerics)
        return linear_rates(run["m"].values[0][:, others].T, duration / 192).real.max() * duration

    return brentq(growth, 0.8, 1.2, xtol=1e-9)


def _orthogonal(alpha, ramp, width=2e-4, device=ORTHOGONAL):
    """Onset 2 a_J / (Ms |N_L - N_T|) of the running state; ``ramp`` [s], 0 for a step from rest."""
    device = device.replace(alpha=alpha)
    _, N_length, N_thickness = device.demagnetizing_factors
    unit = current_density(device, 0.5 * device.Ms * abs(N_length - N_thickness))

    def runs(eta):
        J = eta * unit
        times, values = ((0.0, 30e-9), (J, J)) if ramp == 0.0 else ((0.0, ramp, ramp + 60e-9), (0.0, J, J))
        waveform = Protocol(times, values)
        run = simulate(device, waveform, every=0.05e-9, temperature=0.0, numerics=Numerics(tolerance=1e-9))
        return (run["m"].values[0, :, 2] < -0.1).any()

    return _bisect(runs, 0.5, 1.2, width)


def damping_of_pendulum(alpha, device=ORTHOGONAL):
    """Coefficient beta of the pendulum that the in-plane angle is.

    Parameters
    ----------
    alpha : float [1]
    device : Device

    Returns
    -------
    float [1]
    """
    N_width, N_length, N_thickness = device.demagnetizing_factors
    stiff = N_width - 0.5 * (N_length + N_thickness)
    return alpha * stiff / np.sqrt(abs(N_length - N_thickness) * (N_width - N_thickness))


def pendulum_onset(beta):
    """Least torque eta that, switched on at rest, takes a pendulum over its top.

    Parameters
    ----------
    beta : float [1]
        Damping.

    Returns
    -------
    float [1]
    """

    def over(t, state, eta):
        return state[0] - 2.0 * np.pi

    def back(t, state, eta):
        return state[1]

    over.terminal = back.terminal = True
    back.direction = -1.0

    def runs(eta):
        def slope(t, state, eta):
            return state[1], eta - np.sin(state[0]) - beta * state[1]

        run = solve_ivp(slope, (0.0, 500.0), (0.0, 1e-12), args=(eta,), events=(over, back), rtol=1e-9, atol=1e-11)
        return run.t_events[0].size > 0

    return _bisect(runs, 0.6, 1.3, 1e-5)


def undamped_onset():
    """Step onset without damping: ``eta psi = 1 - cos psi`` where ``sin psi = eta`` on the far slope."""
    psi = brentq(lambda psi: np.sin(psi) * psi - 1.0 + np.cos(psi), 0.6 * np.pi, 0.99 * np.pi)
    return float(np.sin(psi))


def _draw(alphas, steps, theory, slow, collinear):
    figure, (left, right) = panels(2)
    left.plot(alphas, theory, color=EXACT, lw=1.0, label="damped pendulum, step")
    left.axhline(undamped_onset(), color=EXACT, lw=0.8, ls=":", label=f"no damping, step: {undamped_onset():.4f}")
    left.axhline(1.0, color=EXACT, lw=0.8, ls="--", label="slow ramp: 1")
    left.plot(alphas, steps, "o", ms=5, mfc="none", color=COLORS[0], label="engine, step from rest")
    left.plot(slow[0], slow[1], "s", ms=5, mfc="none", color=COLORS[1], label="engine, slow ramp")
    left.set(
        xlabel=r"damping $\alpha$",
        ylabel=r"onset $2a_J\,/\,M_s|N_L-N_T|$",
        ylim=(0.68, 1.12),
        title="orthogonal pillar",
    )
    legend(left, loc="upper left", ncols=2)
    labels = list(dict.fromkeys(label for label, _ in collinear))
    right.axhspan(-10.0, 10.0, color=COLORS[0], alpha=0.08, lw=0, label="tolerance")
    right.axhline(0.0, color=EXACT, lw=1.0)
    for color, alpha in zip(COLORS, dict.fromkeys(alpha for _, alpha in collinear), strict=False):
        values = [(collinear[label, alpha] - 1.0) * 1e6 for label in labels]
        right.plot(range(len(labels)), values, "o", ms=5, mfc="none", color=color, label=rf"$\alpha$ = {alpha:g}")
    right.set_xticks(range(len(labels)), labels)
    right.set(xlim=(-0.5, len(labels) - 0.5), ylim=(-12.0, 17.0), title="pinned layer along the easy axis")
    right.set_ylabel("critical current / closed form - 1 [$10^{-6}$]")
    legend(right, ncols=4, loc="upper center")
    return figure


def validate(quick: bool) -> Outcome:
    """Bisect for the critical currents.

    Parameters
    ----------
    quick : bool
        Fewer values of the damping.

    Returns
    -------
    Outcome
    """
    checks, collinear = [], {}
    disc = ORTHOGONAL.replace(width=50e-9, length=100e-9, thickness=3e-9, pinned=(1.0, 0.0, 0.0))
    perpendicular = ORTHOGONAL.replace(
        width=40e-9, length=40e-9, thickness=1.5e-9, Ku=8e5, easy_axis=(0.0, 0.0, 1.0), pinned=(0.0, 0.0, 1.0)
    )
    for alpha in (0.02,) if quick else (0.005, 0.02, 0.1):
        cases = {
            "anisotropy alone": (ball(60.0, alpha), 2),
            "perpendicular disc": (perpendicular.replace(alpha=alpha), 2),
            "in-plane ellipse": (disc.replace(alpha=alpha), 0),
        }
        for label, (device, rest) in cases.items():
            collinear[label, alpha] = _collinear(device, rest, alpha)
            checks.append(
                Check(f"{label}, alpha = {alpha:g}: a_J over closed form", collinear[label, alpha], 1.0, 1e-5)
            )
    alphas = np.array((0.02, 2.5e-4) if quick else (0.04, 0.03, 0.02, 0.01, 0.005, 2.5e-4))
    theory = np.array([pendulum_onset(damping_of_pendulum(alpha)) for alpha in alphas])
    steps = np.array([_orthogonal(alpha, 0.0) for alpha in alphas])
    for alpha, found, wanted in zip(alphas, steps, theory, strict=True):
        checks.append(Check(f"orthogonal, step, alpha = {alpha:g}: onset", found, wanted, 0.01 * wanted))
    checks.append(Check("orthogonal, step, least damping: onset", steps[-1], undamped_onset(), 0.01 * undamped_onset()))
    slow = np.array((0.02,) if quick else (0.01, 0.02, 0.04))
    ramps = np.array([_orthogonal(alpha, 500e-9) for alpha in slow])
    for alpha, found in zip(slow, ramps, strict=True):
        checks.append(Check(f"orthogonal, slow ramp, alpha = {alpha:g}: onset", found, 1.0, 0.01))
    return Outcome(checks, _draw(alphas, steps, theory, (slow, ramps), collinear))
