"""Plain NumPy twins of the compiled kernels, written from the equations of the papers, never from the kernels.

One moment at a time, 3-vectors (x, y, z) = (length, width, thickness), SI units. Where a twin and a kernel disagree,
look at the equation in the docstring first.
"""

import numpy as np
from scipy import constants

MU0, HBAR, E, KB = constants.mu_0, constants.hbar, constants.e, constants.k
GAMMA0 = MU0 * constants.value("electron gyromag. ratio")


def shape_tensor(device):
    """diag(N) in the order (x, y, z)."""
    across, along, height = device.demagnetizing_factors
    return np.diag([along, across, height])


def field(m, device):
    """H = -Ms N m + (2 Ku / mu0 Ms) (m.e) e + H_applied [A/m]."""
    axis = np.asarray(device.easy_axis)
    anisotropy = 2.0 * device.Ku / (MU0 * device.Ms) * (m @ axis) * axis
    return -device.Ms * shape_tensor(device) @ m + anisotropy + np.asarray(device.applied_field)


def energy(m, device):
    """w = mu0 Ms^2 m.N.m / 2 - Ku (m.e)^2 - mu0 Ms m.H_applied [J/m^3]."""
    shape = 0.5 * MU0 * device.Ms**2 * m @ shape_tensor(device) @ m
    anisotropy = -device.Ku * (m @ np.asarray(device.easy_axis)) ** 2
    return shape + anisotropy - MU0 * device.Ms * m @ np.asarray(device.applied_field)


def current_density(cosine, device, drive, unit):
    """J = V/(R(c) A) with R = 2 / (G_P (1 + c) + G_AP (1 - c)); J = I/A; J [A/m^2]."""
    if unit == "V":
        return drive / (device.resistance(cosine) * device.area)
    return drive / device.area if unit == "A" else drive


def torque_fields(cosine, J, device):
    """(a_J, b_J) = hbar J / (e mu0 Ms t) (eps, eps'), eps = P L^2 / (L^2 + 1 + (L^2 - 1) c) [A/m]."""
    square = device.Lambda**2
    eps = device.P * square / (square + 1.0 + (square - 1.0) * cosine)
    factor = HBAR * J / (E * MU0 * device.Ms * device.thickness)
    return factor * eps, factor * device.eps_prime


def slope(m, device, drive, unit="A/m^2", noise=0.0):
    """dm/dt = -g'[m x H + alpha m x (m x H)] - g' a_J [m x (m x p) - alpha m x p], g' = g0 / (1 + alpha^2).

    H holds the thermal field and the field-like torque b_J p.
    """
    alpha, p = device.alpha, np.asarray(device.pinned)
    a, b = torque_fields(m @ p, current_density(m @ p, device, drive, unit), device)
    H = field(m, device) + b * p + noise
    precession, damping = np.cross(m, H), alpha * np.cross(m, np.cross(m, H))
    torque = a * (np.cross(m, np.cross(m, p)) - alpha * np.cross(m, p))
    return -GAMMA0 / (1.0 + alpha**2) * (precession + damping + torque)


def gilbert_slope(m, device, drive, unit="A/m^2"):
    """Solve dm/dt = -g0 m x (H + a_J m x p + b_J p) + alpha m x dm/dt for dm/dt, |m| = 1."""
    p = np.asarray(device.pinned)
    a, b = torque_fields(m @ p, current_density(m @ p, device, drive, unit), device)
    H = field(m, device) + a * np.cross(m, p) + b * p
    return np.linalg.solve(np.eye(3) - device.alpha * skew(m), -GAMMA0 * np.cross(m, H))


def skew(v):
    """The matrix of ``v x``."""
    x, y, z = v
    return np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])


def thermal_field(device, temperature, dt, normals):
    """Each component sqrt(2 alpha kB T / (g0 mu0 Ms V dt)) N(0, 1) [A/m]."""
    variance = 2.0 * device.alpha * KB * temperature / (GAMMA0 * MU0 * device.Ms * device.volume * dt)
    return np.sqrt(variance) * np.asarray(normals, dtype=float)


def heun(m, f, t, dt):
    """Average of the slopes f(m, t) at the start and at the predicted end, then back to the sphere."""
    k = f(m, t)
    m = m + 0.5 * dt * (k + f(m + dt * k, t + dt))
    return m / np.linalg.norm(m)


def omega(m, device, drive, unit, noise):
    """The Omega of dm/dt = m x Omega in the gauge of the documentation: no torque along m, S less its middle part.

    Omega = -g' [B - alpha a_J p + m x (alpha B + a_J p)], B = H + s m + H_thermal + b_J p, with the middle eigenvalue s
    of S, which H = -S m holds.
    """
    alpha, p = device.alpha, np.asarray(device.pinned)
    a, b = torque_fields(m @ p, current_density(m @ p, device, drive, unit), device)
    S = np.stack([field(np.zeros(3), device) - field(axis, device) for axis in np.eye(3)])
    isotropic = np.linalg.eigvalsh(S)[1]
    B = field(m, device) + isotropic * m + noise + b * p
    return -GAMMA0 / (1.0 + alpha**2) * (B - alpha * a * p + np.cross(m, alpha * B + a * p))


def midpoint(m, rotation, dt):
    """Solve m' - m = dt (m + m')/2 x Omega for m'."""
    half = 0.5 * dt * skew(rotation)
    return np.linalg.solve(np.eye(3) + half, (np.eye(3) - half) @ m)


def semi_implicit(m, rotation, t, dt):
    """SIB of Mentink et al.: a midpoint step with Omega(m, t), then one with Omega of the average of both ends."""
    predicted = midpoint(m, rotation(m, t), dt)
    return midpoint(m, rotation(0.5 * (m + predicted), t + 0.5 * dt), dt)


_MASK = 0xFFFFFFFF
_ROTATIONS = ((10, 26), (11, 21), (13, 27), (23, 5), (6, 20), (17, 11), (25, 10), (18, 20))


def threefry4x32(counter, key, rounds):
    """Threefry4x32 of Salmon et al. (2011) over Python integers, with any number of rounds."""
    parity = 0x1BD11BDA
    for word in key:
        parity ^= word
    keys = [*key, parity]
    x = [(c + k) & _MASK for c, k in zip(counter, key, strict=True)]

    def rotate(word, bits):
        return ((word << bits) | (word >> (32 - bits))) & _MASK

    for number in range(rounds):
        first, second = _ROTATIONS[number % 8]
        one, three = (1, 3) if number % 2 == 0 else (3, 1)
        x[0] = (x[0] + x[one]) & _MASK
        x[one] = rotate(x[one], first) ^ x[0]
        x[2] = (x[2] + x[three]) & _MASK
        x[three] = rotate(x[three], second) ^ x[2]
        if number % 4 == 3:
            injection = number // 4 + 1
            x = [(word + keys[(injection + i) % 5]) & _MASK for i, word in enumerate(x)]
            x[3] = (x[3] + injection) & _MASK
    return x


def box_muller(words):
    """Three normal numbers from four words: radius from the even words, angle from the odd ones."""
    w = np.asarray(words, dtype=float)
    first, second = np.sqrt(-2.0 * np.log((w[0] + 0.5) / 2.0**32)), np.sqrt(-2.0 * np.log((w[2] + 0.5) / 2.0**32))
    angle, other = 2.0 * np.pi * w[1] / 2.0**32, 2.0 * np.pi * w[3] / 2.0**32
    return np.array([first * np.sin(angle), first * np.cos(angle), second * np.sin(other)])


def noise_words(seed, purpose, trial, step):
    """The words of a trial at a step: counter (trial, step low, step high, 0), key (seed low, high, purpose, 0)."""
    counter = (trial, step & _MASK, step >> 32, 0)
    return threefry4x32(counter, (seed & _MASK, seed >> 32, purpose, 0), 13)
