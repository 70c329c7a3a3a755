"""Plain NumPy twins of the compiled kernels, written from the equations of the papers, never from the kernels.

One moment at a time, 3-vectors (x, y, z) = (length, width, thickness), SI units. Where a twin and a kernel disagree,
look at the equation in the docstring first.
"""

import numpy as np
from scipy import constants, optimize

MU0, HBAR, E, KB = constants.mu_0, constants.hbar, constants.e, constants.k
GAMMA0 = MU0 * constants.value("electron gyromag. ratio")


def shape_tensor(device):
    """diag(N) in the order (x, y, z)."""
    across, along, height = device.demagnetizing_factors
    return np.diag([along, across, height])


def field(m, device):
    """H = -Ms N m + (2 / mu0 Ms) [Ku + 2 Ku2 (1 - (m.e)^2)] (m.e) e + H_applied [A/m]."""
    axis = np.asarray(device.easy_axis)
    stiffness = device.Ku + 2.0 * device.Ku2 * (1.0 - (m @ axis) ** 2)
    anisotropy = 2.0 * stiffness / (MU0 * device.Ms) * (m @ axis) * axis
    return -device.Ms * shape_tensor(device) @ m + anisotropy + np.asarray(device.applied_field)


def energy(m, device):
    """w = mu0 Ms^2 m.N.m / 2 - Ku (m.e)^2 + Ku2 (1 - (m.e)^2)^2 - mu0 Ms m.H_applied [J/m^3]."""
    shape = 0.5 * MU0 * device.Ms**2 * m @ shape_tensor(device) @ m
    square = (m @ np.asarray(device.easy_axis)) ** 2
    anisotropy = -device.Ku * square + device.Ku2 * (1.0 - square) ** 2
    return shape + anisotropy - MU0 * device.Ms * m @ np.asarray(device.applied_field)


def current_density(cosine, device, drive, unit):
    """J = V/(R(c) A) with R = 2 / (G_P (1 + c) + G_AP (1 - c)); J = I/A; J [A/m^2]."""
    if unit == "V":
        return drive / (device.resistance(cosine) * device.area)
    return drive / device.area if unit == "A" else drive


def torque_fields(cosine, J, device):
    """(a_J, b_J) = s hbar J / (e mu0 Ms t) (eps, eps'), eps = P L^2 / (L^2 + 1 + (L^2 - 1) c), s the polarity [A/m]."""
    square = device.Lambda**2
    eps = device.P * square / (square + 1.0 + (square - 1.0) * cosine)
    factor = device.polarity * HBAR * J / (E * MU0 * device.Ms * device.thickness)
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
    """Each component sqrt(2 alpha kB T / (g0 mu0 Ms V dt)) N(0, 1) [A/m], V the volume that turns as one."""
    volume = device.activation_volume or device.volume
    variance = 2.0 * device.alpha * KB * temperature / (GAMMA0 * MU0 * device.Ms * volume * dt)
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
    second = device.replace(Ku2=0.0)
    S = np.stack([field(np.zeros(3), second) - field(axis, second) for axis in np.eye(3)])
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


def bloch(temperature, zero, reference):
    """(1 - (T/Tz)^(3/2)) / (1 - (T0/Tz)^(3/2)); 1 without Tz."""
    if zero is None:
        return np.ones_like(np.asarray(temperature, dtype=float))
    return (1.0 - (np.asarray(temperature) / zero) ** 1.5) / (1.0 - (reference / zero) ** 1.5)


def warmer(device, temperature, reference):
    """The device at a temperature: Ms ~ m, Ku, Ku2 ~ m^n, P and eps' ~ p, TMR ~ p^2, as given at the reference."""
    m = float(bloch(temperature, device.curie_temperature, reference))
    p = float(bloch(temperature, device.polarization_temperature, reference))
    return device.replace(
        Ms=device.Ms * m,
        Ku=device.Ku * m**device.Ku_exponent,
        Ku2=device.Ku2 * m**device.Ku2_exponent,
        P=device.P * p,
        eps_prime=device.eps_prime * p,
        tmr=device.tmr * p * p,
        temperature=float(temperature),
        reference_temperature=float(temperature),
    )


def tmr_at(device, voltage):
    """TMR(V) = TMR0 / (1 + (V / Vh)^2)."""
    return device.tmr if device.tmr_voltage is None else device.tmr / (1.0 + (voltage / device.tmr_voltage) ** 2)


def conductance(cosine, device, voltage):
    """G_P (1 + c)/2 + G_AP (1 - c)/2, G_AP = G_P / (1 + TMR(V)), of the whole junction [S]."""
    parallel = device.area / device.resistance_area
    return 0.5 * parallel * (1.0 + cosine + (1.0 - cosine) / (1.0 + tmr_at(device, voltage)))


def voltage_of(cosine, device, drive, unit):
    """V of a voltage drive; else the V that solves V G(V) = I, bracketed by both conductances at any voltage."""
    if unit == "V":
        return drive
    current = drive * (device.area if unit == "A/m^2" else 1.0)
    if current == 0.0:
        return 0.0
    least, most = abs(current) * device.resistance_area / device.area * np.array([1.0, 1.0 + device.tmr])
    solve = optimize.brentq(
        lambda v: v * conductance(cosine, device, v) - abs(current), 0.9 * least, 1.1 * most, xtol=1e-300, rtol=1e-15
    )
    return np.sign(current) * solve


def joule(cosine, device, drive, unit):
    """V^2 G(c, V) [W]."""
    voltage = voltage_of(cosine, device, drive, unit)
    return voltage**2 * conductance(cosine, device, voltage)


def foster(theta, device, before, after, h):
    """Solve tau dtheta/dt = -theta + R (p0 + (p1 - p0) t / h) for theta(h), pole by pole, in long double.

    R (p - tau dp/dt) solves it, and what differs from that at the start decays.
    """
    R, tau = (np.asarray(v, np.longdouble) for v in (device.thermal_resistances, device.thermal_times))
    slope = (np.longdouble(after) - np.longdouble(before)) / np.longdouble(h)
    start = np.asarray(theta, np.longdouble) - R * (before - tau * slope)
    return (R * (after - tau * slope) + start * np.exp(-np.longdouble(h) / tau)).astype(float)


def electrothermal(m, theta, device, drive, unit, normals, dt, window, law=warmer):
    """Heun steps of a moment that heats its junction, and their temperatures and powers at the end of every window.

    ``drive`` holds both ends and the middles of the steps, ``normals`` (steps, 3) the noise. Within a window of steps
    the device is that of the temperature and voltage at its start. The power at its end takes TMR at the temperature
    that an unchanged power leads to. ``law(device, T, ambient)`` gives the device at a temperature, which is that of
    its noise.
    """
    ambient, p, found = device.temperature, np.asarray(device.pinned), []

    def now(theta, value):
        hot = law(device, ambient + np.sum(theta), ambient)
        return hot, joule(m @ p, hot, value, unit)

    hot, power = now(theta, drive[0])
    found.append((m, theta, power))
    for step in range(len(normals)):
        here = drive[2 * step : 2 * step + 3]
        if step % window == 0:
            frozen = hot.replace(tmr=float(tmr_at(hot, drive[2 * step])), tmr_voltage=None)
        noise = thermal_field(frozen, frozen.temperature, dt, normals[step])
        m = heun(m, lambda m, t: slope(m, frozen, np.interp(t, [0.0, 0.5 * dt, dt], here), unit, noise), 0.0, dt)  # noqa: B023
        if (step + 1) % window == 0:
            expected = foster(theta, device, power, power, window * dt)
            _, ahead = now(expected, here[2])
            theta = foster(theta, device, power, ahead, window * dt)
            hot, power = now(theta, here[2])
            found.append((m, theta, power))
    return found


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
