"""Steps of fixed length of a lattice in its thermal field: `Stochastic`, by one of the SCHEMES.

    sigma_H^2 = 2 alpha kB T / (gamma0 mu0 Ms V dt)    of every component of the field of a cell of volume V

read in the sense of Stratonovich (W. F. Brown, Phys. Rev. 130, 1677 (1963)). Two schemes are those of
`dynamics.steppers`, with the field of the whole lattice. The third is made for lattices, whose fast waves ask for short
steps and are of no interest otherwise:

    m1 = m + dt/4 f(m),    m2 = m + dt/2 f(m1),    m' = m + dt f(m2), scaled to length 1

with the same noise in all three. It is of second order like the midpoint rule; the weight of the first stage is the one
for which a wave does not grow in fourth order of its angle. The noise of a cell is a function of (seed, trial, step,
cell): a run has the same bits on any number of threads, and goes on after a pause as if there had been none.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import uint32

from spinneuron.compiled import inline, kernel, parallel_kernel, prange
from spinneuron.constants import gamma0, kB, mu0
from spinneuron.dynamics.lattice.motion import FieldOf, normalize, slope
from spinneuron.dynamics.noise import THERMAL, cell_normals
from spinneuron.physics.lattice.term import inverse


class Scheme(NamedTuple):
    """What a scheme declares of itself.

    Attributes
    ----------
    stages : tuple of float [1]
        Times in a step at which the field is evaluated.
    largest_angle : float [rad]
        By which the fastest wave may turn in a step, at any damping.
    power : int
    divisor : float [1]
        A wave that turns by an angle a has ``a^power / (divisor alpha)`` too much energy.
    """

    stages: tuple[float, ...]
    largest_angle: float
    power: int
    divisor: float

    @property
    def evaluations(self) -> int:
        """Of the field in a step."""
        return len(self.stages)


SCHEMES = {
    "three-stage": Scheme((0.0, 0.25, 0.5), 0.5, 5, 128.0),
    "semi-implicit": Scheme((0.0, 0.5), 0.35, 3, 8.0),
    "heun": Scheme((0.0, 1.0), 0.35, 3, 8.0),
}

# one sigma of the thermal field in a step [rad]: averages are good to 1 %, however weak the other fields
LARGEST_KICK = 0.1
# how much more than its share of energy the fastest wave may have
EXCESS = 0.05
# a magnet without damping has no temperature, but needs a step
LEAST_DAMPING = 1e-5

CHUNK = 1024
# cells from which on two threads make the noise sooner
MANY = 65536


def largest_step(scheme: str, rate: float, alpha: float, kick: float) -> float:
    """Largest step that keeps the temperature of all waves.

    A step multiplies a wave by p(w), its noise by (p - 1) / w, with w = (i - alpha) a and a the angle of its turn:

        p = 1 + w + w^2 / 2            heun; semi-implicit, as far as exchange and stray field turn it
        p = 1 + w + w^2 / 2 + w^3 / 8  three-stage

    Without damping |p| is 1 + a^4 / 8 and 1 + a^6 / 128; damping takes alpha a. The mean energy of a wave is therefore
    that of its temperature times 1 + a^3 / (8 alpha) - a^2 / 4, or 1 + a^5 / (128 alpha) - a^2 / 8, to leading order.
    The second term is kept below EXCESS for the fastest wave; the mean over all waves of a film has a fifth of it, or
    less. Where it is 1, waves grow without end.

    Parameters
    ----------
    scheme : str
        A name in SCHEMES.
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
    chosen = SCHEMES[scheme]
    by_damping = (chosen.divisor * EXCESS * max(alpha, LEAST_DAMPING)) ** (1.0 / chosen.power)
    angle = min(chosen.largest_angle, by_damping)
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


@kernel
def push(m, n, h, out, angle, share, alpha):
    """``out = m - share angle [n x H + alpha n x (n x H)]``, with ``angle`` = gamma' dt; ``out`` may be ``n``."""
    for i in range(m.shape[1]):
        x, y, z = n[0, i], n[1, i], n[2, i]
        cx, cy, cz = y * h[2, i] - z * h[1, i], z * h[0, i] - x * h[2, i], x * h[1, i] - y * h[0, i]
        a, s = alpha[i], share * angle[i]
        out[0, i] = m[0, i] - s * (cx + a * (y * cz - z * cy))
        out[1, i] = m[1, i] - s * (cy + a * (z * cx - x * cz))
        out[2, i] = m[2, i] - s * (cz + a * (x * cy - y * cx))


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
        # of one step, the same in all stages
        self._noise = np.zeros((3, len(self._alpha)))
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

    def warm(self, factor) -> None:
        """Scale the thermal field to another temperature.

        Parameters
        ----------
        factor : float or numpy.ndarray [1]
            Of the field that `heat` has set; of all cells, or (cells).
        """
        self._sigma = factor / np.sqrt(self.dt) * self.strength

    def _field(self, m: np.ndarray, t: float) -> np.ndarray:
        self.field(m, self._h, t)
        flat = self._h.reshape(3, -1)
        if self._hot:
            flat += self._noise
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
        if self._hot:
            words = [self.trial, self.step & 0xFFFFFFFF, self.step >> 32, self.seed & 0xFFFFFFFF, self.seed >> 32]
            self._noise[:] = 0.0
            self._add(self._noise, self._sigma, np.array(words, np.uint32))
        dt, times = self.dt, [t + share * self.dt for share in SCHEMES[self._scheme].stages]
        flat, new, middle = (one.reshape(3, -1) for one in (m, self._new, self._middle))
        if self._scheme == "heun":
            slope(flat, self._field(m, times[0]), self._slopes[0], self._rate, self._alpha, 1.0)
            new[:] = flat + dt * self._slopes[0]
            slope(new, self._field(self._new, times[1]), self._slopes[1], self._rate, self._alpha, 1.0)
            flat += 0.5 * dt * (self._slopes[0] + self._slopes[1])
            normalize(flat)
        elif self._scheme == "three-stage":
            angle = self._rate * dt
            push(flat, flat, self._field(m, times[0]), new, angle, 0.25, self._alpha)
            push(flat, new, self._field(self._new, times[1]), new, angle, 0.5, self._alpha)
            push(flat, new, self._field(self._new, times[2]), flat, angle, 1.0, self._alpha)
            normalize(flat)
        else:
            turn(flat, self._field(m, times[0]), new, self._rate * dt, self._alpha, False)
            np.add(flat, new, out=middle)
            middle *= 0.5
            turn(flat, self._field(self._middle, times[1]), new, self._rate * dt, self._alpha, True)
            flat[:] = new
        self.step += 1
