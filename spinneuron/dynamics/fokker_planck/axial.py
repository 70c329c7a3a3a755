"""Probability density of an axial moment: switching statistics of an ensemble of infinitely many trials.

For a perpendicular magnet with the pinned layer along its axis, x = m_z obeys (g' = gamma0 / (1 + alpha^2)):

    rho_t = -d/dx { (1 - x^2) [ v(x) rho - D rho_x ] },     v = alpha g' H_z(x) + g' a_J(x) p_z + alpha g' b_J p_z,
    D = alpha g' kB T / (mu0 Ms V),                         H_z = H_applied - S x

on finite volumes, uniform in the polar angle, with exponentially fitted fluxes: conservative, no outflow at the poles,
and exp(integral of v/D) is stationary to rounding. Time goes by TR-BDF2 (second order, L-stable), one tridiagonal solve
per stage. The temperature follows the mean Joule power: all trials share it. Sources: Brown, Phys. Rev. 130, 1677
(1963); Scharfetter, Gummel, IEEE Trans. Electron Devices 16, 64 (1969); Bank et al., IEEE Trans. Electron Devices 32,
1992 (1985).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from spinneuron.compiled import inline, kernel
from spinneuron.constants import gamma0
from spinneuron.dynamics.electrothermal import look_up
from spinneuron.physics.fields import Fields, thermal_strength
from spinneuron.physics.heating import joule_power
from spinneuron.physics.torques import Torques
from spinneuron.physics.transport import Transport
from spinneuron.quantity import InputError

CELLS = 400


class Grid(NamedTuple):
    """Finite volumes of x = m_z, and integrals of the drift between the centers of neighbors.

    Attributes
    ----------
    center : numpy.ndarray [1]
        (cells,), ascending.
    width : numpy.ndarray [1]
        (cells,).
    conductance : numpy.ndarray [1]
        (faces,): (1 - x^2) at the face over the distance of the centers.
    gap, first, even, odd : numpy.ndarray [1]
        (faces,): integrals of 1, x, 1/e(x) and x/e(x), with e(x) = even + odd p_z x the angular factor of the torque.
    """

    center: np.ndarray
    width: np.ndarray
    conductance: np.ndarray
    gap: np.ndarray
    first: np.ndarray
    even: np.ndarray
    odd: np.ndarray

    @classmethod
    def of(cls, cells, pole, even, odd) -> Grid:
        """Lay the volumes.

        Parameters
        ----------
        cells : int
        pole : float [1]
            p_z of the pinned layer, 1 or -1.
        even, odd : float [1]
            Of the torque, :class:`spinneuron.physics.torques.Torques`.

        Returns
        -------
        Grid
        """
        edges = -np.cos(np.pi * np.arange(cells + 1) / cells)
        center = -np.cos(np.pi * (np.arange(cells) + 0.5) / cells)
        gap = np.diff(center)
        nodes, weights = np.polynomial.legendre.leggauss(6)
        x = center[:-1, None] + 0.5 * gap[:, None] * (1.0 + nodes)
        part = 0.5 * gap[:, None] * weights / (even + odd * pole * x)
        inner = edges[1:-1]
        conductance = (1.0 - inner * inner) / gap
        first = 0.5 * (center[1:] ** 2 - center[:-1] ** 2)
        return cls(center, np.diff(edges), conductance, gap, first, part.sum(axis=1), (part * x).sum(axis=1))


class Axial(NamedTuple):
    """Numbers of an axial device, from one row of :func:`spinneuron.dynamics.macrospin.table`.

    Attributes
    ----------
    shape, anisotropy : float [rad/s]
        Parts of the axial stiffness S_zz - S_xx that follow Ms and Ku / Ms.
    applied : float [rad/s]
    pole : float [1]
        p_z.
    a, b : float [rad/s per A/m^2]
        Of the torque.
    alpha : float [1]
    diffusion : float [rad^2/s]
        D at the temperature of the surroundings.
    mean, swing : float
        Of the transport where the drive is no voltage.
    parallel, tmr, roll, area : float
        As in :data:`spinneuron.dynamics.electrothermal.HEAT_COLUMNS`.
    """

    shape: float
    anisotropy: float
    applied: float
    pole: float
    a: float
    b: float
    alpha: float
    diffusion: float
    mean: float
    swing: float
    parallel: float
    tmr: float
    roll: float
    area: float

    @classmethod
    def of(cls, device, size) -> Axial:
        """Reduce an axial device.

        Parameters
        ----------
        device : Device
            As it is at the temperature of its surroundings.
        size : geometry.Size

        Returns
        -------
        Axial

        Raises
        ------
        InputError
            If magnet, applied field and pinned layer are not all along z, or x and y are not equal.
        """
        f, t, rate = Fields.of(device, size), Torques.of(device, size), gamma0 / (1.0 + device.alpha**2)
        scale = abs(f.xx) + abs(f.yy) + abs(f.zz)
        tilted = {
            "easy_axis": device.Ku != 0.0 and math.hypot(*device.easy_axis[:2]) > 1e-9,
            "width, length": abs(f.xx - f.yy) > 1e-9 * scale,
            "applied_field": f.hx != 0.0 or f.hy != 0.0,
            "pinned": abs(t.pz) < 1.0 - 1e-9,
        }
        for name, wrong in tilted.items():
            if wrong:
                raise InputError(
                    f"{name}: {device.name} is not axial (round, all directions along z), which the density needs; "
                    "use the model macrospin"
                )
        shape = device.Ms * (size.N_thickness - size.N_length)
        diffusion = 0.5 * (1.0 + device.alpha**2) * (rate * thermal_strength(device, size, device.temperature)) ** 2
        roll = 0.0 if device.tmr_voltage is None else device.tmr_voltage**-2
        transport = Transport.of(device, size, "V")
        return cls(
            shape=float(rate * shape),
            anisotropy=float(rate * (f.zz - f.xx - shape)),
            applied=float(rate * f.hz),
            pole=float(t.pz),
            a=float(rate * t.a),
            b=float(rate * t.b),
            alpha=device.alpha,
            diffusion=float(diffusion),
            mean=float(transport.mean),
            swing=float(transport.swing),
            parallel=1.0 / device.resistance_area,
            tmr=device.tmr,
            roll=roll,
            area=float(size.area),
        )


@inline
def bernoulli(w):
    """B(-w) and B(w) of ``B(w) = w / (exp(w) - 1)``; the small one is never a difference of large ones."""
    size = abs(w)
    if size < 1e-4:
        small = 1.0 - 0.5 * size + size * size / 12.0
    else:
        small = size / math.expm1(size) if size < 700.0 else 0.0
    return small + max(w, 0.0), small + max(-w, 0.0)


@kernel
def rates(drive, rise, device, grid, thermal, ratios, up, down):
    """Rates to the next cell above and below at one drive and temperature; returns the conductances per area."""
    look_up(rise, thermal, ratios)
    Ms, Hk, torque, noise, tmr = ratios[0, 0], ratios[1, 0], ratios[2, 0], ratios[3, 0], ratios[4, 0] * device.tmr
    mean, swing = device.mean, device.swing
    _, heat_mean, heat_swing = joule_power(drive, 0.0, device.parallel, tmr, device.roll)
    if thermal.voltage_driven:
        mean, swing = heat_mean, heat_swing
    D = device.diffusion * noise * noise
    stiffness = device.alpha * (Ms * device.shape + Hk * device.anisotropy)
    constant = device.alpha * device.applied
    a, b = drive * torque * device.a * device.pole, device.alpha * drive * torque * device.b * device.pole
    swing_z = swing * device.pole
    for f in range(len(grid.gap)):
        drift = (constant + b * mean) * grid.gap[f] + (b * swing_z - stiffness) * grid.first[f]
        w = (drift + a * (mean * grid.even[f] + swing_z * grid.odd[f])) / D
        c = D * grid.conductance[f]
        along, against = bernoulli(w)
        up[f], down[f] = c * along / grid.width[f], c * against / grid.width[f + 1]
    return heat_mean, heat_swing


@inline
def apply(q, up, down, i):
    """Change of the probability of cell i: what comes from both sides minus what goes."""
    last, change = len(q) - 1, 0.0
    if i < last:
        change += down[i] * q[i + 1] - up[i] * q[i]
    if i > 0:
        change += up[i - 1] * q[i - 1] - down[i - 1] * q[i]
    return change


@kernel
def solve(q, right, up, down, h, scratch):
    """Solve ``q - h L q = right`` by elimination without pivots: the matrix is an M-matrix."""
    n = len(q)
    pivot = 1.0 + h * up[0]
    q[0] = right[0] / pivot
    for i in range(1, n):
        scratch[i] = -h * down[i - 1] / pivot
        out = down[i - 1] + (up[i] if i < n - 1 else 0.0)
        pivot = 1.0 + h * out + h * up[i - 1] * scratch[i]
        q[i] = (right[i] + h * up[i - 1] * q[i - 1]) / pivot
    for i in range(n - 2, -1, -1):
        q[i] -= scratch[i + 1] * q[i + 1]


@inline
def mean_power(q, center, drive, mean, swing, device):
    """Mean Joule power of a density under a voltage [W]."""
    z = 0.0
    for i in range(len(q)):
        z += q[i] * center[i]
    return drive * drive * (mean + swing * device.pole * z) * device.area


@kernel
def advance_density(q, theta, drive, h, device, grid, thermal, record):
    """Advance the probabilities ``q`` of the cells and the rises ``theta`` of the poles by ``len(drive) - 1`` steps.

    ``drive`` [V] holds the ends of the steps, ``thermal.windows`` the weights of one. ``record`` (steps, 3) takes the
    probability of x p_z < 0, the temperature rise, and the mean power after each step.
    """
    window = thermal.windows
    n, poles = len(q), len(theta)
    part = 2.0 - math.sqrt(2.0)
    up, down = np.empty((3, n - 1)), np.empty((3, n - 1))
    ratios, rise, right, middle, scratch = np.empty((5, 1)), np.zeros(1), np.empty(n), np.empty(n), np.empty(n)
    rise[0] = theta.sum()
    mean, swing = rates(drive[0], rise, device, grid, thermal, ratios, up[0], down[0])
    power = mean_power(q, grid.center, drive[0], mean, swing, device)
    for step in range(len(drive) - 1):
        now, after = rise[0], 0.0
        ahead = mean_power(q, grid.center, drive[step + 1], mean, swing, device)
        for j in range(poles):
            after += window[0, j] * theta[j] + window[1, j] * power + window[2, j] * ahead
        between = drive[step] + part * (drive[step + 1] - drive[step])
        rise[0] = now + part * (after - now)
        rates(between, rise, device, grid, thermal, ratios, up[1], down[1])
        rise[0] = after
        mean, swing = rates(drive[step + 1], rise, device, grid, thermal, ratios, up[2], down[2])
        for i in range(n):
            right[i] = q[i] + 0.5 * part * h * apply(q, up[0], down[0], i)
        solve(middle, right, up[1], down[1], 0.5 * part * h, scratch)
        for i in range(n):
            right[i] = (middle[i] - (1.0 - part) ** 2 * q[i]) / (part * (2.0 - part))
        solve(q, right, up[2], down[2], (1.0 - part) / (2.0 - part) * h, scratch)
        ahead = mean_power(q, grid.center, drive[step + 1], mean, swing, device)
        rise[0] = 0.0
        for j in range(poles):
            theta[j] = window[0, j] * theta[j] + window[1, j] * power + window[2, j] * ahead
            rise[0] += theta[j]
        power = ahead
        up[0], down[0] = up[2], down[2]
        against = 0.0
        for i in range(n):
            if grid.center[i] * device.pole < 0.0:
                against += q[i]
        record[step, 0], record[step, 1], record[step, 2] = against, rise[0], power
