"""Whole equilibrium distributions: a uniaxial moment with and without a field, and the orthogonal pillar."""

from __future__ import annotations

import numpy as np
from scipy.integrate import quad
from scipy.special import i0e
from scipy.stats import chisquare, kstest

from spinneuron.constants import kB, mu0
from spinneuron.device import Device
from spinneuron.dynamics.ensemble import Numerics
from spinneuron.protocols import Protocol
from spinneuron.simulation import simulate
from validation import axial
from validation.drawing import COLORS, EXACT, panels
from validation.report import Check, Outcome, statistical
from validation.samples import anisotropy_field, ball, relaxation_time

QUESTION = "Does an ensemble that starts far from equilibrium end in the Boltzmann distribution?"
REFERENCE = """Uniaxial with a field along the axis: p(z) ~ exp(Delta z^2 + 2 Delta h z), h = H / Hk. Pillar with
factors N and no other anisotropy: p(m) ~ exp(-K m.N.m), K = mu0 Ms^2 V / (2 kB T): its integrals over m_y and over the
in-plane angle are done numerically; that over the angle is close to a Gaussian of sigma_m = sqrt(kB T / (mu0 Ms^2 dN
V)), dN = N_W - (N_L + N_T) / 2. Statistical mechanics; thermal field: W. F. Brown, Phys. Rev. 130, 1677 (1963)."""
TOLERANCE = """p-value of a Kolmogorov-Smirnov and a chi-square test above 6e-5, the chance of four standard errors;
one sample from each independent trial, so that the effective number of samples is the number of trials. Short-axis
spread: four standard errors of the exact value, which itself lies within 1 % of sigma_m. The uniaxial ensembles start
uniform on the sphere and run for eight times their slowest relaxation; the pillar starts at random angles in its plane
and runs for 16 ns, 33 of its relaxation times; its two wells fill alike by symmetry."""

TRIALS, QUICK_TRIALS = 65_536, 8_192
LEAST_P = 6.3e-5
AXIS = (2.0 / 3.0, -1.0 / 3.0, 2.0 / 3.0)


def _uniform(trials, seed):
    m = np.random.default_rng(seed).normal(size=(trials, 3))
    return m / np.linalg.norm(m, axis=1, keepdims=True)


def _cumulative(density, low, high):
    """Cumulative distribution of an unnormalized density on (low, high), as a function."""
    x = np.linspace(low, high, 20_001)
    values = density(x)
    total = np.concatenate([[0.0], np.cumsum(0.5 * (values[1:] + values[:-1]))])
    return lambda at: np.interp(at, x, total / total[-1])


def uniaxial(delta, h, trials, name, seed):
    """Samples of m along a tilted easy axis in equilibrium with a field along it, started uniform on the sphere.

    Parameters
    ----------
    delta : float [1]
        Barrier.
    h : float [1]
        Field over the anisotropy field.
    trials : int
    name : str
        Stepper.
    seed : int

    Returns
    -------
    numpy.ndarray [1]
        (trials,).
    """
    device = ball(delta, 0.1, AXIS)
    device = device.replace(applied_field=tuple(h * anisotropy_field(device) * np.asarray(AXIS)))
    # a field only lowers the barrier of the well that has to empty
    duration = 8.0 * relaxation_time(device) / axial.rates(delta, 60)[1]
    waveform = Protocol((0.0, duration), (0.0, 0.0))
    start = _uniform(trials, seed)
    run = simulate(device, waveform, trials=trials, seed=seed, initial=start, numerics=Numerics(name))
    return run["m"].values[:, -1] @ np.asarray(AXIS)


def pillar(device, trials, name, seed):
    """Equilibrium states of a pillar without drive, started at random angles in the plane normal to its width.

    Parameters
    ----------
    device : Device
    trials : int
    name : str
        Stepper.
    seed : int

    Returns
    -------
    numpy.ndarray [1]
        (trials, 3).
    """
    angle = 2.0 * np.pi * np.random.default_rng(seed).random(trials)
    start = np.stack([np.sin(angle), np.zeros(trials), np.cos(angle)], axis=1)
    waveform = Protocol((0.0, 16e-9), (0.0, 0.0))
    return simulate(device, waveform, trials=trials, seed=seed, initial=start, numerics=Numerics(name))["m"].values[
        :, -1
    ]


def _pillar_densities(device):
    """Densities of m_y and of the in-plane angle, and the standard deviation of m_y: exact and in closed form."""
    N_width, N_length, N_thickness = device.demagnetizing_factors
    energy = mu0 * device.Ms**2 * device.volume / (kB * device.temperature)
    split, stiff = 0.5 * energy * (N_length - N_thickness), 0.5 * energy * (N_width - N_length)

    def short_axis(y):
        flat = 1.0 - y * y
        # exp(-stiff y^2) int exp(split flat cos(phi)^2) dphi, the Bessel function scaled by its exponential
        return np.exp(-stiff * y * y - split * y * y) * i0e(0.5 * split * flat)

    def in_plane(phi):
        y, weight = np.polynomial.legendre.leggauss(120)
        y, weight = 0.3 * y, 0.3 * weight
        exponent = -stiff * y * y - split * np.multiply.outer(np.sin(phi) ** 2, 1.0 - y * y) - split * y * y
        return np.exp(exponent) @ weight

    norm, square = (quad(lambda y, power=power: y**power * short_axis(y), -0.3, 0.3)[0] for power in (0, 2))
    closed = np.sqrt(1.0 / (energy * (N_width - 0.5 * (N_length + N_thickness))))
    return short_axis, in_plane, np.sqrt(square / norm), closed


def _compare(label, samples, density, low, high, axis):
    """Kolmogorov-Smirnov and chi-square checks of samples against a density, and their picture."""
    cumulative = _cumulative(density, low, high)
    checks = [Check(f"{label}: KS p-value", float(kstest(samples, cumulative).pvalue), LEAST_P, kind="at least")]
    # bins of equal probability
    x = np.linspace(low, high, 20_001)
    edges = np.interp(np.linspace(0.0, 1.0, 41), cumulative(x), x)
    counts = np.histogram(samples, edges)[0]
    checks.append(Check(f"{label}: chi-square p-value", float(chisquare(counts).pvalue), LEAST_P, kind="at least"))
    axis.hist(samples, 80, (low, high), density=True, color=COLORS[0], alpha=0.35, lw=0)
    values = density(x)
    axis.plot(x, values / (values.sum() * (x[1] - x[0])), color=EXACT, lw=1.0)
    axis.set(
        ylabel="probability density",
        title=f"{label}\nKS p = {checks[0].measured:.2g}, chi-square p = {checks[1].measured:.2g}",
    )
    return checks


def validate(quick: bool) -> Outcome:
    """Compare distributions.

    Parameters
    ----------
    quick : bool
        Fewer trials.

    Returns
    -------
    Outcome
    """
    trials = QUICK_TRIALS if quick else TRIALS
    figure, axes = panels(3, 2, height=3.2)
    checks = []
    cases = ((2.0, 0.0, "heun"), (4.0, 0.0, "semi-implicit"), (3.0, 0.1, "heun"), (3.0, -0.2, "semi-implicit"))
    for number, (delta, h, name) in enumerate(cases):
        samples = uniaxial(delta, h, trials, name, seed=number)
        label = f"uniaxial, {name}, Delta = {delta:g}, h = {h:g}"
        checks += _compare(
            label, samples, lambda z, d=delta, h=h: np.exp(d * (z * z + 2.0 * h * z - 1.0)), -1.0, 1.0, axes[number]
        )
        axes[number].set(xlabel="m along the easy axis")
    device = Device.preset("orthogonal")
    short_axis, in_plane, exact, closed = _pillar_densities(device)
    checks.append(Check("orthogonal pillar: exact spread of m_y over sigma_m", exact / closed, 1.0, 0.01))
    for name in ("heun", "semi-implicit"):
        m = pillar(device, trials, name, seed=10)
        spread = float(np.sqrt(np.mean(m[:, 1] ** 2)))
        # variance of a squared Gaussian is twice the square of its mean
        checks.append(
            statistical(f"orthogonal pillar, {name}: spread of m_y", spread, spread / np.sqrt(2.0 * trials), exact)
        )
        angle = np.arctan2(m[:, 0], m[:, 2])
        checks += _compare(f"orthogonal pillar, {name}: m_y", m[:, 1], short_axis, -0.12, 0.12, axes[4])
        checks += _compare(f"orthogonal pillar, {name}: in-plane angle", angle, in_plane, -np.pi, np.pi, axes[5])
        if name == "heun":
            for axis in axes[4:]:
                axis.clear()
                axis.spines[["top", "right"]].set_visible(False)
    axes[4].set(xlabel="$m_y$ (short axis)")
    axes[5].set(xlabel="angle from the height [rad]")
    return Outcome(checks, figure)
