"""Precession and damping in a constant field, for every stepper; ferromagnetic resonance in the field of a shape."""

from __future__ import annotations

import numpy as np

from spinneuron.constants import gamma0
from spinneuron.device import Device
from spinneuron.dynamics.ensemble import Numerics
from spinneuron.dynamics.steppers import DORMAND_PRINCE, STEPPERS
from spinneuron.protocols import Protocol
from spinneuron.simulation import simulate
from validation.drawing import EXACT, STEPPER_COLORS, STEPPER_MARKS, legend, panels
from validation.report import Check, Outcome
from validation.samples import ball, linear_rates

QUESTION = "Does a moment precess and relax as the Landau-Lifshitz-Gilbert equation says, at the declared order?"
REFERENCE = """Constant field H along z: tan(theta/2) = tan(theta0/2) exp(-alpha gamma0 H t / (1 + alpha^2)), phi =
phi0 + gamma0 H t / (1 + alpha^2) (Landau and Lifshitz 1935 with Gilbert's damping, solved exactly). Resonance about a
minimum with transverse stiffness fields H1, H2: decay rate alpha gamma' (H1 + H2) / 2 and angular frequency gamma'
sqrt((1 + alpha^2) H1 H2 - alpha^2 (H1 + H2)^2 / 4), gamma' = gamma0 / (1 + alpha^2): Kittel, Phys. Rev. 73, 155
(1948), as the eigenvalues of the damped 2 x 2 problem."""
TOLERANCE = """Order: 0.1, what the next term of the error changes over the steps used. Frequency and damping at the
automatic step against the scheme's own, known error near the axis (growth of the transverse part per step 1 + w +
w^2/2 for Heun, (2 + w)/(2 - w) for the semi-implicit scheme, instead of exp(w)): 2 % of it, twice the square of the
tilt of 0.1. Adaptive scheme: the sum of its tolerances over its steps, at most 1e-7 times 100 steps. Resonance: 1e-5,
what an amplitude of 1e-4 and an error of 1e-13 per step leave."""

ALPHA, FIELD, TURN = 0.02, 1e5, 40.0
PLANS = {
    "heun": (448, 640, 896, 1280, 1792),
    "semi-implicit": (320, 448, 640, 896, 1280),
    "dormand-prince": (320, 400, 512, 640, 800),
}
# what a step does to the small transverse part m_x + i m_y ~ exp(w), w = (i - alpha) angle per step
GROWTH = {"heun": lambda w: 1.0 + w + 0.5 * w * w, "semi-implicit": lambda w: (2.0 + w) / (2.0 - w)}
# in one hemisphere, so that what the adaptive scheme errs in the angle to the axis does not cancel
START = 1.4


def _exact(angle, start=START):
    """Moment after a precession by ``angle`` = gamma' H t from theta = start, phi = 0."""
    theta = 2.0 * np.arctan(np.tan(0.5 * start) * np.exp(-ALPHA * angle))
    return np.stack([np.sin(theta) * np.cos(angle), np.sin(theta) * np.sin(angle), np.cos(theta)], axis=-1)


def _run(device, numerics, samples, start=START):
    """Moments (samples + 1, 3) at equal intervals over TURN radians."""
    duration = TURN * (1.0 + ALPHA**2) / (gamma0 * FIELD)
    waveform = Protocol((0.0, duration), (0.0, 0.0))
    run = simulate(
        device, waveform, every=duration / samples, initial=_exact(0.0, start), temperature=0.0, numerics=numerics
    )
    return run["m"].values[0]


def _errors(device, name, counts):
    """Distance to the exact moment at the end, after given numbers of steps."""
    duration = TURN * (1.0 + ALPHA**2) / (gamma0 * FIELD)
    ends = []
    for steps in counts:
        if STEPPERS[name].scheme == DORMAND_PRINCE:
            # it takes one step from sample to sample where the tolerance allows
            ends.append(_run(device, Numerics(name, tolerance=1e-2), steps)[-1])
        else:
            ends.append(_run(device, Numerics(name, dt=duration / steps), 64)[-1])
    return np.linalg.norm(np.array(ends) - _exact(TURN), axis=1)


def _automatic(device, name):
    """Checks of the scheme at the step that it takes by itself."""
    samples = 256
    if name not in GROWTH:
        m = _run(device, Numerics(name), samples)
        worst = np.linalg.norm(m - _exact(np.linspace(0.0, TURN, samples + 1)), axis=1).max()
        return [Check(f"{name}, tolerance 1e-7: largest distance", worst, 1e-5, kind="at most")]
    # near the axis, where the motion is linear
    m = _run(device, Numerics(name), samples, start=0.1)
    interval = TURN / samples
    angle = interval / np.ceil(interval / (0.7 * STEPPERS[name].largest_angle))
    phase = np.unwrap(np.arctan2(m[:, 1], m[:, 0]))[-1] / TURN - 1.0
    half = np.sqrt((1.0 - m[[0, -1], 2]) / (1.0 + m[[0, -1], 2]))
    decay = np.log(half[0] / half[1]) / (ALPHA * TURN) - 1.0
    w = complex(-ALPHA, 1.0) * angle
    expected = np.log(GROWTH[name](w))
    checks = []
    for what, value, own in (
        ("frequency", phase, expected.imag / w.imag - 1.0),
        ("damping", decay, expected.real / w.real - 1.0),
    ):
        label = f"{name}, steps of {angle:.3f} rad: relative error of {what}"
        checks.append(Check(label, float(value), float(own), 0.02 * abs(own)))
    return checks


def _resonance(device, rest, turns):
    """Measured and predicted (frequency [Hz], decay rate [1/s]) about a rest state along an axis; the ring-down."""
    N_width, N_length, N_thickness = device.demagnetizing_factors
    stiffness = device.Ms * np.array([N_length, N_width, N_thickness])
    first, second = (axis for axis in range(3) if axis != rest)
    H1, H2 = stiffness[first] - stiffness[rest], stiffness[second] - stiffness[rest]
    rate = gamma0 / (1.0 + device.alpha**2)
    decay = 0.5 * device.alpha * rate * (H1 + H2)
    omega = rate * np.sqrt((1.0 + device.alpha**2) * H1 * H2 - (0.5 * device.alpha * (H1 + H2)) ** 2)
    start = np.zeros(3)
    start[rest], start[first] = 1.0, 1e-4
    duration, samples = 2.0 * np.pi * turns / omega, 64 * turns
    waveform, interval = Protocol((0.0, duration), (0.0, 0.0)), duration / samples
    run = simulate(
        device,
        waveform,
        every=interval,
        initial=start / np.linalg.norm(start),
        temperature=0.0,
        numerics=Numerics(tolerance=1e-13),
    )
    x = run["m"].values[0][:, [first, second]].T
    found = linear_rates(x, interval)
    return (abs(found[0].imag) / (2.0 * np.pi), -found[0].real), (omega / (2.0 * np.pi), decay), (run["time"].values, x)


def _draw(device, errors, ring):
    figure, (left, middle, right) = panels(3)
    angles = np.linspace(0.0, TURN, 401)
    left.plot(angles / (2.0 * np.pi), _exact(angles)[:, [0, 2]], color=EXACT, lw=1.0, label=["closed form", None])
    m = _run(device, Numerics("heun"), 80)
    left.plot(
        np.linspace(0.0, TURN, 81) / (2.0 * np.pi), m[:, [0, 2]], "o", ms=3, mfc="none", color=STEPPER_COLORS["heun"]
    )
    left.lines[-1].set_label("heun, automatic step")
    left.set(xlabel="turns", ylabel="$m_x$, $m_z$", ylim=(-1.05, 1.45), title="constant field")
    legend(left, loc="upper left", ncols=2)
    for name, (counts, values) in errors.items():
        angle = TURN / np.array(counts)
        middle.loglog(
            angle,
            values,
            STEPPER_MARKS[name],
            color=STEPPER_COLORS[name],
            ms=5,
            label=f"{name}, order {STEPPERS[name].order}",
        )
        middle.loglog(
            angle, values[-1] * (angle / angle[-1]) ** STEPPERS[name].order, color=STEPPER_COLORS[name], lw=1.0
        )
    middle.set(
        xlabel=r"step, $\gamma' H\,dt$ [rad]",
        ylabel="error after 40 rad",
        title="order: points measured, lines declared",
    )
    legend(middle)
    time, x = ring
    right.plot(time * 1e9, x[0] * 1e4, color=STEPPER_COLORS["heun"], lw=1.2, label="$m_x$ (length)")
    right.plot(time * 1e9, x[1] * 1e4, color=STEPPER_COLORS["semi-implicit"], lw=1.2, label="$m_y$ (width)")
    right.set(xlabel="time [ns]", ylabel="deviation [$10^{-4}$]", title="ring-down of the orthogonal pillar")
    legend(right)
    return figure


def validate(quick: bool) -> Outcome:
    """Measure orders, phase errors, frequency and decay.

    Parameters
    ----------
    quick : bool
        Changes nothing: all of it takes seconds.

    Returns
    -------
    Outcome
    """
    device = ball(0.0, ALPHA, applied_field=(0.0, 0.0, FIELD))
    checks, errors = [], {}
    for name, stepper in STEPPERS.items():
        errors[name] = (PLANS[name], _errors(device, name, PLANS[name]))
        order = np.polyfit(np.log(TURN / np.array(PLANS[name])), np.log(errors[name][1]), 1)[0]
        checks.append(Check(f"{name}: observed order", float(order), float(stepper.order), 0.1))
        checks += _automatic(device, name)
    orthogonal = Device.preset("orthogonal")
    film = orthogonal.replace(width=50e-9, length=100e-9, thickness=5e-9, alpha=0.01)
    for label, pillar, rest in (("orthogonal pillar", orthogonal, 2), ("100 x 50 x 5 nm disc", film, 0)):
        found, expected, ring = _resonance(pillar, rest, 3)
        for what, value, wanted in zip(("frequency [Hz]", "decay rate [1/s]"), found, expected, strict=True):
            checks.append(Check(f"{label}: {what}", value, wanted, 1e-5 * wanted))
        if rest == 2:
            picture = ring
    return Outcome(checks, _draw(device, errors, picture))
