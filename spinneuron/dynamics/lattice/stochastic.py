"""Steps of fixed length of a lattice in its thermal field: `Stochastic`, by one of the SCHEMES.

    sigma_H^2 = 2 alpha kB T / (gamma0 mu0 Ms V dt)    of every component of the field of a cell of volume V

read in the sense of Stratonovich (W. F. Brown, Phys. Rev. 130, 1677 (1963)). The schemes are those of
`dynamics.steppers`, with the field of the whole lattice. The noise of a cell is a function of (seed, trial, step,
cell): a run has the same bits on any number of threads, and goes on after a pause as if there had been none.
"""

from __future__ import annotations

import numpy as np
from numba import uint32

from spinneuron.compiled import inline, kernel, parallel_kernel, prange
from spinneuron.constants import gamma0, kB, mu0
from spinneuron.dynamics.lattice.motion import FieldOf, normalize, slope
from spinneuron.dynamics.noise import THERMAL, cell_normals
from spinneuron.physics.lattice.term import inverse

SCHEMES = ("semi-implicit", "heun")

# one sigma of the thermal field in a step [rad]: averages are good to 1 %, however weak the other fields
LARGEST_KICK = 0.1
# of the fastest wave [rad], at any damping; and how much more than its share of energy it may have
LARGEST_ANGLE = 0.35
EXCESS = 0.05
# a magnet without damping has no temperature, but needs a step
LEAST_DAMPING = 1e-5

CHUNK = 1024
# cells from which on two threads make the noise sooner
MANY = 65536


def largest_step(rate: float, alpha: float, kick: float) -> float:
    """Largest step that keeps the temperature of all waves.

    Both schemes treat the exchange of a wave explicitly: it grows by 1 + angle^4 / 8 a step while damping takes
    alpha angle. Its mean energy is that of its temperature times, to leading order, and for heun exactly as measured,

        1 + angle^3 / (8 alpha) - angle^2 / 4,    angle = gamma0 H dt,

    which is kept below 1 + EXCESS for the fastest wave; the mean over all waves of a film has a fifth of its excess. At
    angle^3 = 8 alpha waves grow without end.

    Parameters
    ----------
    rate : float [rad/s]
        Of the fastest wave.
    alpha : float [1]
        Least damping.
    kick : float [rad/s^(1/2)]
        Turn of a moment by its thermal field, one sigma, per root of the step.

    Returns
    -------
    float [s]
        Infinite where there are neither fields nor noise.
    """
    angle = min(LARGEST_ANGLE, (8.0 * EXCESS * max(alpha, LEAST_DAMPING)) ** (1.0 / 3.0))
    by_fields = angle / rate if rate > 0.0 else np.inf
    by_noise = (LARGEST_KICK / kick) ** 2 if kick > 0.0 else np.inf
    return float(min(by_fields, by_noise))


def thermal_strength(alpha: np.ndarray, Ms: np.ndarray, volume: float, temperature, gamma: float) -> np.ndarray:
    """Strength of the thermal field, sigma_H sqrt(dt).

    Parameters
    ----------
    alpha : numpy.ndarray [1]
        (nz, ny, nx).
    Ms : numpy.ndarray [A/m]
        (nz, ny, nx).
    volume : float [m^3]
        Of a cell.
    temperature : float or numpy.ndarray [K]
        Of all cells, or (nz, ny, nx).
    gamma : float [m/(A s)]
        Gyromagnetic ratio.

    Returns
    -------
    numpy.ndarray [A s^(1/2)/m]
        (nz, ny, nx); 0 where there is no magnet.
    """
    return np.sqrt(2.0 * alpha * kB * temperature * inverse(Ms) / (gamma * mu0 * volume))


@kernel
def add_noise(h, strength, first, last, counters):
    """Add to the field ``h`` (3, cells) the noise ``strength`` (cells) of cells ``first`` up to ``last``.

    ``counters``: trial, low and high word of the step, low and high word of the seed, uint32.
    """
    x, y, z = np.empty(CHUNK, np.float32), np.empty(CHUNK, np.float32), np.empty(CHUNK, np.float32)
    trial, low, high, key, lock = counters[0], counters[1], counters[2], counters[3], counters[4]
    # always whole chunks, so that there is one vector loop and no remainder with other rounding
    for i in range(CHUNK):
        x[i], y[i], z[i] = cell_normals(trial, low, high, uint32(first + i), key, lock, uint32(THERMAL))
    for i in range(first, last):
        h[0, i] += strength[i] * x[i - first]
        h[1, i] += strength[i] * y[i - first]
        h[2, i] += strength[i] * z[i - first]


@kernel
def add_thermal(h, strength, counters):
    """Add the thermal field of all cells, on one thread."""
    for first in range(0, h.shape[1], CHUNK):
        add_noise(h, strength, first, min(first + CHUNK, h.shape[1]), counters)


@parallel_kernel
def add_thermal_threads(h, strength, counters):
    """Add the thermal field of all cells, on all threads."""
    for chunk in prange((h.shape[1] + CHUNK - 1) // CHUNK):
        add_noise(h, strength, chunk * CHUNK, min((chunk + 1) * CHUNK, h.shape[1]), counters)


@inline
def turned(m, n, h, angle, a):
    """Moment m = (x, y, z), or a vector of moments, after the rotation of `turn`."""
    x, y, z = m
    u, v, w = n
    hx, hy, hz = h
    s = -0.5 * angle
    ax = s * (hx + a * (v * hz - w * hy))
    ay = s * (hy + a * (w * hx - u * hz))
    az = s * (hz + a * (u * hy - v * hx))
    px, py, pz = y * az - z * ay, z * ax - x * az, x * ay - y * ax
    qx, qy, qz = py * az - pz * ay, pz * ax - px * az, px * ay - py * ax
    scale = 2.0 / (1.0 + ax * ax + ay * ay + az * az)
    return x + scale * (px + qx), y + scale * (py + qy), z + scale * (pz + qz)


@kernel
def turn(m, h, out, angle, alpha, middle):
    """Rotate moments ``m`` by their field: ``out - m = angle (m + out)/2 x Omega``, Omega = -(H + alpha n x H).

    ``angle`` = gamma' dt and alpha are (cells). n = m; or, with ``middle``, the middle of m and ``out``, where H is
    taken too.
    """
    for i in range(m.shape[1]):
        x, y, z = m[0, i], m[1, i], m[2, i]
        u, v, w = x, y, z
        if middle:
            u, v, w = 0.5 * (x + out[0, i]), 0.5 * (y + out[1, i]), 0.5 * (z + out[2, i])
        field = (h[0, i], h[1, i], h[2, i])
        out[0, i], out[1, i], out[2, i] = turned((x, y, z), (u, v, w), field, angle[i], alpha[i])


class Stochastic:
    """Moves a lattice with steps of fixed length.

    Parameters
    ----------
    field : callable
        Writes the field [A/m], without noise, of moments (3, nz, ny, nx) at a time [s] into its second argument.
    alpha : numpy.ndarray [1]
        (nz, ny, nx).
    scheme : str
        A name in SCHEMES.
    dt : float [s]
        Length of a step.
    seed, trial : int
        Select the noise.
    gamma : float [m/(A s)]
        Gyromagnetic ratio.

    Attributes
    ----------
    step : int
        Number of the next step, which selects its noise.
    strength : numpy.ndarray [A s^(1/2)/m]
        (cells): sigma_H sqrt(dt); 0 at T = 0.
    """

    def __init__(
        self,
        field: FieldOf,
        alpha: np.ndarray,
        *,
        scheme: str,
        dt: float,
        seed: int = 0,
        trial: int = 0,
        gamma: float = gamma0,
    ) -> None:
        self.field, self.dt, self.seed, self.trial, self.step = field, dt, seed, trial, 0
        self._scheme, self._alpha = scheme, np.ascontiguousarray(alpha, dtype=float).ravel()
        self._gamma, self._rate = gamma, gamma / (1.0 + self._alpha**2)
        self.strength, self._hot = np.zeros(len(self._alpha)), False
        self._sigma = self.strength
        self._h, self._new, self._middle = (np.empty((3, *alpha.shape)) for _ in range(3))
        self._slopes = np.empty((2, 3, len(self._alpha))) if scheme == "heun" else np.empty(0)
        self._add = add_thermal_threads if len(self._alpha) > MANY else add_thermal

    def heat(self, Ms: np.ndarray, volume: float, temperature) -> None:
        """Set the strength of the thermal field.

        Parameters
        ----------
        Ms : numpy.ndarray [A/m]
            (nz, ny, nx).
        volume : float [m^3]
            Of a cell.
        temperature : float or numpy.ndarray [K]
            Of all cells, or (nz, ny, nx).
        """
        found = thermal_strength(self._alpha.reshape(Ms.shape), Ms, volume, temperature, self._gamma)
        self.strength = found.ravel()
        self._sigma, self._hot = self.strength / np.sqrt(self.dt), bool(self.strength.any())

    def warm(self, factor: float) -> None:
        """Scale the thermal field to another temperature.

        Parameters
        ----------
        factor : float [1]
            Of the field that `heat` has set.
        """
        self._sigma = factor / np.sqrt(self.dt) * self.strength

    def _field(self, m: np.ndarray, t: float, counters: np.ndarray) -> np.ndarray:
        self.field(m, self._h, t)
        flat = self._h.reshape(3, -1)
        if self._hot:
            self._add(flat, self._sigma, counters)
        return flat

    def advance(self, m: np.ndarray, t: float) -> None:
        """Take one step, changing the moments in place.

        Parameters
        ----------
        m : numpy.ndarray [1]
            (3, nz, ny, nx), contiguous.
        t : float [s]
            Time of the moments.
        """
        words = [self.trial, self.step & 0xFFFFFFFF, self.step >> 32, self.seed & 0xFFFFFFFF, self.seed >> 32]
        counters, dt = np.array(words, np.uint32), self.dt
        flat, new, middle = (one.reshape(3, -1) for one in (m, self._new, self._middle))
        if self._scheme == "heun":
            slope(flat, self._field(m, t, counters), self._slopes[0], self._rate, self._alpha, 1.0)
            new[:] = flat + dt * self._slopes[0]
            slope(new, self._field(self._new, t + dt, counters), self._slopes[1], self._rate, self._alpha, 1.0)
            flat += 0.5 * dt * (self._slopes[0] + self._slopes[1])
            normalize(flat)
        else:
            turn(flat, self._field(m, t, counters), new, self._rate * dt, self._alpha, False)
            np.add(flat, new, out=middle)
            middle *= 0.5
            turn(flat, self._field(self._middle, t + 0.5 * dt, counters), new, self._rate * dt, self._alpha, True)
            flat[:] = new
        self.step += 1
