"""The density of any device on the sphere: its generator as a linear combination of fixed sparse matrices.

With p along the polar axis, g' = gamma0 / (1 + alpha^2), c = m.p, and R = m x grad,

    rho_t = L rho = -g' sum_k R_k (X_k rho) - D l (l + 1) rho,      D = alpha g' kB T / (mu0 Ms V),
    X = H + alpha m x H + (b_J - alpha a_J) p + (a_J + alpha b_J) m x p,
    H = H_applied - S m + H_4 (1 - (m.e)^2) (m.e) e,           a_J = a J / (even + odd c),      J = d (mean + swing c),

because div(rho m x W) = -R.(W rho) for any W. Every term of L scales with one number of drive and temperature:

    L = Ms L_shape + Hk L_Ku + Hk2 L_Ku2 + L_applied + d torque (mean L_mean + swing L_swing) + noise^2 L_diffusion.

The row of l = 0 is zero: probability is conserved to the last bit. What depends on c alone couples degrees, not orders.
Sources: Brown, Phys. Rev. 130, 1677 (1963); Kalmykov, Titov, Phys. Rev. Lett. 82, 2967 (1999) (harmonics of a density).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sparse

from spinneuron.constants import gamma0, mu0
from spinneuron.dynamics.fokker_planck.harmonics import Matrices, Matrix, Space, polynomial
from spinneuron.physics.fields import Fields, shape_tensor, tensor, thermal_strength
from spinneuron.physics.heating import joule_power
from spinneuron.physics.temperature import Laws, law_ratios
from spinneuron.physics.torques import Torques
from spinneuron.physics.transport import Transport

PARTS = ("shape", "anisotropy", "fourth", "applied", "mean", "swing", "diffusion")
"""Parts of the generator, in the order of `coefficients`."""
# of a series in c, and of its matrix: what is left out is below rounding
_NEGLIGIBLE = 1e-16


class Sphere(NamedTuple):
    """Numbers of a device whose polar axis is its pinned layer.

    Attributes
    ----------
    frame : numpy.ndarray [1]
        (3, 3): the axes x', y', z' = p as rows in the axes of the device; the shape does not couple x' and y'.
    alpha : float [1]
    shape, anisotropy : numpy.ndarray [rad/s]
        (3, 3), parts of g' S in the frame that follow Ms and Ku / Ms.
    fourth : float [rad/s]
        g' H_4.
    axis : numpy.ndarray [1]
        Easy axis in the frame.
    applied : numpy.ndarray [rad/s]
        In the frame.
    a, b : float [rad/s per A/m^2]
    even, odd : float [1]
        Of the torque.
    diffusion : float [rad^2/s]
        D at the temperature of the surroundings.
    mean, swing : float
        Of the transport where the drive is no voltage.
    parallel, tmr, roll, area : float
        As in :data:`spinneuron.dynamics.electrothermal.HEAT_COLUMNS`.
    voltage_driven : bool
    """

    frame: np.ndarray
    alpha: float
    shape: np.ndarray
    anisotropy: np.ndarray
    fourth: float
    axis: np.ndarray
    applied: np.ndarray
    a: float
    b: float
    even: float
    odd: float
    diffusion: float
    mean: float
    swing: float
    parallel: float
    tmr: float
    roll: float
    area: float
    voltage_driven: bool

    @classmethod
    def of(cls, device, size, unit="V") -> Sphere:
        """Reduce a device.

        Parameters
        ----------
        device : Device
            As it is at the temperature of its surroundings.
        size : geometry.Size
        unit : str
            Of the drive: "V", "A" or "A/m^2".

        Returns
        -------
        Sphere
        """
        t, transport, fields = Torques.of(device, size), Transport.of(device, size, unit), Fields.of(device, size)
        rate = gamma0 / (1.0 + device.alpha**2)
        frame = _frame(np.array([t.px, t.py, t.pz]), tensor(fields))
        shape = shape_tensor(device, size)
        strength = thermal_strength(device, size, device.temperature)
        return cls(
            frame=frame,
            alpha=device.alpha,
            shape=rate * (frame @ shape @ frame.T),
            anisotropy=rate * (frame @ (tensor(fields) - shape) @ frame.T),
            fourth=rate * fourth_order_field(device),
            axis=frame @ np.array(device.easy_axis),
            applied=rate * (frame @ np.array(device.applied_field)),
            a=float(rate * t.a),
            b=float(rate * t.b),
            even=t.even,
            odd=t.odd,
            diffusion=float(0.5 * (1.0 + device.alpha**2) * (rate * strength) ** 2),
            mean=float(transport.mean),
            swing=float(transport.swing),
            parallel=1.0 / device.resistance_area,
            tmr=device.tmr,
            roll=0.0 if device.tmr_voltage is None else device.tmr_voltage**-2,
            area=float(size.area),
            voltage_driven=unit == "V",
        )

    def field(self, m: np.ndarray) -> np.ndarray:
        """Local field of moments in the frame, at the temperature of the surroundings: g' H.

        Parameters
        ----------
        m : numpy.ndarray [1]
            (..., 3).

        Returns
        -------
        numpy.ndarray [rad/s]
        """
        along = m @ self.axis
        cubic = self.fourth * (along - along**3)
        return self.applied - m @ (self.shape + self.anisotropy) + cubic[..., None] * self.axis

    def exponent(self, m: np.ndarray) -> np.ndarray:
        """Exponent of the Boltzmann distribution, -w V / (kB T), at the temperature of the surroundings.

        Parameters
        ----------
        m : numpy.ndarray [1]
            (..., 3), in the frame.

        Returns
        -------
        numpy.ndarray [1]
        """
        along = m @ self.axis
        stiff = np.einsum("...i,ij,...j->...", m, self.shape + self.anisotropy, m)
        energy = 0.5 * stiff - m @ self.applied - self.fourth * (0.5 * along**2 - 0.25 * along**4)
        return -self.alpha / self.diffusion * energy

    def conductances(self, laws: Laws, drive: float, rise: float) -> tuple[float, float, float]:
        """Conductance per area, ``mean + swing c``, and TMR at low voltage, of a junction that is warmer by a rise.

        Parameters
        ----------
        laws : Laws
        drive : float [V]
            Of no meaning where the drive is no voltage.
        rise : float [K]

        Returns
        -------
        mean, swing : float [S/m^2]
        tmr : float [1]
        """
        tmr = self.tmr * law_ratios(laws.base + rise, laws)[4]
        _, mean, swing = joule_power(drive, 0.0, self.parallel, tmr, self.roll)
        return mean, swing, tmr

    def coefficients(self, laws: Laws, drive: float, rise: float) -> np.ndarray:
        """By what the parts of the generator are multiplied.

        Parameters
        ----------
        laws : Laws
        drive : float [V, A or A/m^2]
        rise : float [K]
            Temperature above that of the device.

        Returns
        -------
        numpy.ndarray
            In the order of `PARTS`.
        """
        Ms, Hk, torque, noise, _, Hk2 = law_ratios(laws.base + rise, laws)
        mean, swing = self.mean, self.swing
        if self.voltage_driven:
            mean, swing, _ = self.conductances(laws, drive, rise)
        return np.array([Ms, Hk, Hk2, 1.0, drive * torque * mean, drive * torque * swing, noise * noise])


def fourth_order_field(device) -> float:
    """Amplitude of the field of a fourth-order uniaxial anisotropy: ``H_4 = 4 Ku2 / (mu0 Ms)``.

    It belongs to the energy density Ku2 sin^4 of the angle to the easy axis:
    ``H = H_4 (1 - (m.e)^2) (m.e) e``.

    Parameters
    ----------
    device : Device
        Without ``Ku2``, there is none.

    Returns
    -------
    float [A/m]
    """
    return 4.0 * device.Ku2 / (mu0 * device.Ms)


def _frame(pinned: np.ndarray, stiffness: np.ndarray) -> np.ndarray:
    """Axes with z' = p, and x', y' those in which the stiffness across p is diagonal, x' the softer one."""
    p = pinned / np.linalg.norm(pinned)
    across = np.linalg.svd(p[None])[2][1:]
    _, turn = np.linalg.eigh(across @ stiffness @ across.T)
    x = turn[:, 0] @ across
    return np.stack([x, np.cross(p, x), p])


class Generator:
    """The parts of the generator of a device in one space.

    Parameters
    ----------
    sphere : Sphere
    space : Space
    dtype : type
        numpy.float64 or numpy.longdouble.
    """

    def __init__(self, sphere: Sphere, space: Space, dtype=np.float64) -> None:
        self.sphere, self.space = sphere, space
        parts = self._parts(dtype)
        pattern = _sorted(sum((abs(part) for part in parts), start=0.0 * parts[-1]))
        self._indices, self._indptr = pattern.indices, pattern.indptr
        keys = _keys(pattern)
        self._data = np.zeros((len(PARTS), pattern.nnz), dtype)
        for row, part in zip(self._data, parts, strict=True):
            row[np.searchsorted(keys, _keys(part))] = part.data
        self._present = self._data.any(axis=1)
        self._data = self._data[self._present]

    def _parts(self, dtype) -> list[Matrix]:
        """One sparse matrix for each of `PARTS`."""
        s, space = self.sphere, self.space
        # the cubic field, damped, has degree 4, the others 2
        margin = 4 if s.fourth else 2
        large = space.larger(margin, margin)
        here = Matrices.of(large, dtype)
        one = sparse.eye_array(large.size, dtype=dtype, format="csr")
        zero = Matrix(one.shape, dtype=dtype)

        def linear(matrix: np.ndarray) -> list[Matrix]:
            return [_combined(-matrix[k], here.m, zero) for k in range(3)]

        along = _combined(s.axis, here.m, zero)
        cubic = dtype(s.fourth) * (along - along @ along @ along) if s.fourth else zero
        fields = [
            linear(s.shape),
            linear(s.anisotropy),
            [dtype(s.axis[k]) * cubic for k in range(3)],
            [dtype(s.applied[k]) * one for k in range(3)],
        ]
        parts = [space.cut(_precession(field, here, dtype(s.alpha), zero), large) for field in fields]
        l = space.l.astype(dtype)  # noqa: E741
        spread = sparse.diags_array(-dtype(s.diffusion) * l * (l + 1))
        return [_sorted(part) for part in (*parts, *self._torques(dtype), spread)]

    def _torques(self, dtype) -> list[Matrix]:
        """Torque per A/m^2 of a current that does not depend on c, and of one that is c."""
        s, space = self.sphere, self.space
        series = np.array([s.a / s.even])
        if s.odd:
            ratio = s.even / abs(s.odd)
            degree = int(np.ceil(-np.log(_NEGLIGIBLE) / np.log(ratio + np.sqrt(ratio * ratio - 1.0)))) + 2
            series = np.polynomial.chebyshev.chebinterpolate(lambda c: s.a / (s.even + s.odd * c), degree)
        large = space.larger(len(series) + 2, 1)
        here = Matrices.of(large, dtype)
        turn = here.R[0] @ here.m[1] - here.R[1] @ here.m[0]
        found = []
        for extra in ([1.0], [0.0, 1.0]):
            damping, field = (np.polynomial.chebyshev.chebmul(one, extra) for one in (series, [s.b]))
            across = np.polynomial.chebyshev.chebadd(damping, s.alpha * field)
            along = np.polynomial.chebyshev.chebadd(field, -s.alpha * damping)
            whole = turn @ polynomial(here.m[2], across) + here.R[2] @ polynomial(here.m[2], along)
            found.append(_without_rounding(space.cut(-whole, large)))
        return found

    def matrix(self, coefficients: np.ndarray) -> Matrix:
        """The generator of given numbers.

        Parameters
        ----------
        coefficients : numpy.ndarray
            In the order of `PARTS`.

        Returns
        -------
        scipy.sparse.csr_array [1/s]
        """
        data = coefficients[self._present].astype(self._data.dtype) @ self._data
        return Matrix((data, self._indices, self._indptr), (self.space.size,) * 2)


def _combined(weights: np.ndarray, matrices, zero: Matrix) -> Matrix:
    """``sum_k weights_k matrices_k``, weights of zero left out."""
    dtype = zero.dtype.type
    return sum((dtype(w) * matrix for w, matrix in zip(weights, matrices, strict=True) if w), start=zero)


def _precession(field: list[Matrix], here: Matrices, alpha, zero: Matrix) -> Matrix:
    """``-sum_k R_k (F + alpha m x F)_k``."""
    m, total = here.m, zero
    for k in range(3):
        i, j = (k + 1) % 3, (k + 2) % 3
        total = total - here.R[k] @ (field[k] + alpha * (m[i] @ field[j] - m[j] @ field[i]))
    return total


def _sorted(matrix) -> Matrix:
    matrix = Matrix(matrix)
    matrix.sum_duplicates()
    return matrix


def _keys(matrix: Matrix) -> np.ndarray:
    """One ascending number for each entry."""
    rows = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))
    return rows * matrix.shape[1] + matrix.indices


def _without_rounding(matrix: Matrix) -> Matrix:
    """Leave out entries that are rounding errors of their row's largest one."""
    matrix = _sorted(matrix)
    if matrix.nnz:
        scale = abs(matrix).max(axis=1).toarray()
        rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        matrix.data[np.abs(matrix.data) < 1e-15 * scale[rows]] = 0.0
        matrix.eliminate_zeros()
    return matrix
