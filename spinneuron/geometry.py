"""Shapes of a free layer: volume, section and magnetometric demagnetizing factors.

A uniformly magnetized body of magnetization ``M`` [A/m] has the mean demagnetizing field ``-N_i M_i`` along
its axis ``i``, with ``N_width + N_length + N_thickness = 1``. All sizes are full axes, never halves.

A new shape is one entry in `GEOMETRIES`: its volume, its section and one scalar kernel
``(width, length, thickness) -> (N_width, N_length, N_thickness)``, mapped over arrays by `_each`.

References
----------
J. A. Osborn, Phys. Rev. 67, 351 (1945): ellipsoid.
A. Aharoni, J. Appl. Phys. 83, 3432 (1998): prism.
M. Beleggia, M. De Graef, Y. T. Millev, D. A. Goode, G. Rowlands, J. Phys. D 38, 3333 (2005): elliptic cylinder.
B. C. Carlson, Numer. Algorithms 10, 13 (1995): elliptic integrals by duplication.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from spinneuron.compiled import kernel
from spinneuron.quantity import InputError
from spinneuron.units import nearest

# Gauss-Legendre rule of the prism; frozen into the kernel when it is compiled.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
# Beyond this argument erf = 1 and exp(-x^2) = 0 to less than one part in 1e16.
_SATURATED = 6.2


@kernel
def carlson_rd(x, y, z):
    """Carlson's integral by duplication: ``R_D = (3/2) int_0^inf ds / ((s + z) sqrt((s + x) (s + y) (s + z)))``."""
    total, factor = 0.0, 1.0
    while True:
        mean = (x + y + 3.0 * z) / 5.0
        X, Y = (mean - x) / mean, (mean - y) / mean
        Z = -(X + Y) / 3.0
        # The series below stops at the third order: the fourth is under 1e-17 here.
        if max(abs(X), abs(Y), abs(Z)) < 1e-4:
            break
        root_x, root_y, root_z = math.sqrt(x), math.sqrt(y), math.sqrt(z)
        shift = root_x * root_y + root_x * root_z + root_y * root_z
        total += factor / (root_z * (z + shift))
        factor *= 0.25
        x, y, z = 0.25 * (x + shift), 0.25 * (y + shift), 0.25 * (z + shift)
    series = 1.0 - 3.0 / 14.0 * (X * Y - 6.0 * Z * Z) + (3.0 * X * Y - 8.0 * Z * Z) * Z / 6.0
    return 3.0 * total + factor * series / (mean * math.sqrt(mean))


@kernel
def ellipsoid_factors(width, length, thickness):
    """Factors of an ellipsoid with axes a, b, c: ``N_a = (a b c / 3) R_D(b^2, c^2, a^2)`` and so on."""
    scale = max(width, length, thickness)
    a, b, c = width / scale, length / scale, thickness / scale
    third = a * b * c / 3.0
    a, b, c = a * a, b * b, c * c
    return third * carlson_rd(b, c, a), third * carlson_rd(c, a, b), third * carlson_rd(a, b, c)


@kernel
def edge_overlap(x):
    """Overlap of an edge with its own blur, and its ends: ``g = sqrt(pi) erf(x)/x - d/x^2``, ``d = 1-exp(-x^2)``."""
    if x > _SATURATED:
        return (math.sqrt(math.pi) - 1.0 / x) / x, 1.0
    ends = -math.expm1(-x * x)
    return (math.sqrt(math.pi) * math.erf(x) - ends / x) / x, ends


@kernel
def overlap_tail(a, b, end):
    """What lies beyond the last panel, where both overlaps are saturated: ``int_end^inf g(u a) g(u b) du``."""
    first = 0.5 * math.sqrt(math.pi) * (1.0 / a + 1.0 / b) / end
    return (math.pi - first + 1.0 / (3.0 * a * b * end * end)) / (a * b * end)


@kernel
def prism_factors(width, length, thickness):
    """Factors of a prism a, b, c: ``N_c = pi^(-3/2) (a b / c) int_0^inf g(u a) g(u b) d(u c) du`` and so on."""
    scale = max(width, length, thickness)
    a, b, c = width / scale, length / scale, thickness / scale
    # 1/r = (2/sqrt(pi)) int exp(-u^2 r^2) du makes Aharoni's charge integrals products of one-dimensional overlaps.
    # Everything is positive, so that small factors do not suffer from the cancellation of his closed form.
    end = _SATURATED / min(a, b, c)
    panels = int(math.ceil(math.log(0.5 * end) / 1.1))
    ratio = (0.5 * end) ** (1.0 / panels)
    N_a, N_b, N_c = 0.0, 0.0, 0.0
    low, high = 0.0, 2.0
    for _ in range(panels + 1):
        half = 0.5 * (high - low)
        for i in range(_NODES.size):
            u = low + half * (1.0 + _NODES[i])
            g_a, d_a = edge_overlap(u * a)
            g_b, d_b = edge_overlap(u * b)
            g_c, d_c = edge_overlap(u * c)
            N_a += half * _WEIGHTS[i] * g_b * g_c * d_a
            N_b += half * _WEIGHTS[i] * g_c * g_a * d_b
            N_c += half * _WEIGHTS[i] * g_a * g_b * d_c
        low, high = high, high * ratio
    N_a = (N_a + overlap_tail(b, c, end)) * b * c / a
    N_b = (N_b + overlap_tail(c, a, end)) * c * a / b
    N_c = (N_c + overlap_tail(a, b, end)) * a * b / c
    norm = math.pi**-1.5
    return N_a * norm, N_b * norm, N_c * norm


@kernel
def complete_integrals(k, k_prime):
    """Complete elliptic integrals by the arithmetic-geometric mean: ``K``, ``(K - E)/k^2`` and ``1 - agm(1, k')``.

    Both moduli, ``k^2 + k'^2 = 1``, are asked for so that neither end loses digits.
    """
    a, b, c = 1.0, k_prime, k * k / (2.0 * (1.0 + k_prime))
    deficit, total, weight = 0.0, 0.5, 1.0 / (k * k)
    while True:
        a, b = a - c, math.sqrt(a * b)
        deficit += c
        total += weight * c * c
        if c < 1e-15 * a:
            break
        weight *= 2.0
        c = c * c / (2.0 * (a + b))
    K = 0.5 * math.pi / a
    return K, K * total, deficit


@kernel
def solenoid_flux(aspect):
    """Half of Nagaoka's coefficient, c = length / radius: ``H = int (1-(1-exp(-q c))/(q c)) J_1(q)^2/q dq``."""
    hypotenuse = math.sqrt(4.0 + aspect * aspect)
    k, k_prime = 2.0 / hypotenuse, aspect / hypotenuse
    K, D, _ = complete_integrals(k, k_prime)
    K_prime, D_prime, deficit = complete_integrals(k_prime, k)
    # Legendre's relation gives E - k without the difference of two numbers near 1.
    E_minus_k = k_prime * k_prime * (1.0 / (1.0 + k) + K * D_prime / K_prime) - deficit
    return 2.0 / (3.0 * math.pi * k_prime) * (k_prime * k_prime * D + E_minus_k)


@kernel
def elliptic_cylinder_factors(width, length, thickness):
    """Factors of an elliptic cylinder, semi-axes a, b: ``N_t = (4/pi) int_0^(pi/2) (1/2 - H(thickness s)) dphi``.

    ``s^2 = (cos(phi)/a)^2 + (sin(phi)/b)^2``; ``N_a`` has ``H (cos(phi)/(a s))^2`` in the integral instead.
    """
    short, long = min(width, length), max(width, length)
    k_prime = short / long
    # phi = am(u), where s = dn(u)/a, moves every singularity to Im(u) = K': the trapezoidal rule over u then errs
    # by exp(-2 pi n K'/K) with n nodes, and a count that grows with log(long/short) keeps that below rounding.
    half = 2 + int(2.0 * math.log(4.0 / k_prime))
    moduli = np.empty(16)
    levels = 0
    a, b, k_n = 1.0, k_prime, 1.0
    while k_n > 1e-8:
        k_n = (a - b) / (a + b)
        a, b = 0.5 * (a + b), math.sqrt(a * b)
        moduli[levels] = k_n
        levels += 1
    N_short, N_long, N_thickness = 0.0, 0.0, 0.0
    for i in range(half + 1):
        angle = 0.25 * math.pi * i / half
        sn, cn, dn = math.sin(angle), math.cos(angle), 1.0
        for level in range(levels - 1, -1, -1):
            # Gauss's transformation, from the circle up to the modulus k.
            q = moduli[level] * sn * sn
            sn, cn, dn = (1.0 + moduli[level]) * sn / (1.0 + q), cn * dn / (1.0 + q), (1.0 - q) / (1.0 + q)
        # The nodes u and K - u; an end of the interval counts half, and so does its middle, met twice.
        weight = 0.5 if i == 0 or i == half else 1.0
        for _ in range(2):
            H = solenoid_flux(2.0 * thickness / short * dn)
            N_thickness += weight * (0.5 - H) * dn
            N_short += weight * H * cn * cn / dn
            N_long += weight * H * (k_prime * sn) ** 2 / dn
            sn, cn, dn = cn / dn, k_prime * sn / dn, k_prime / dn
    norm = 1.0 / (a * half)
    if width > length:
        return N_long * norm, N_short * norm, N_thickness * norm
    return N_short * norm, N_long * norm, N_thickness * norm


def _each(kernel: Callable[..., tuple], width: ArrayLike, length: ArrayLike, thickness: ArrayLike) -> tuple:
    """Apply a scalar kernel to every triple of sizes, so that a result cannot depend on its neighbors."""
    sizes = np.broadcast_arrays(*(np.asarray(size, dtype=float) for size in (width, length, thickness)))
    if sizes[0].ndim == 0:
        return tuple(float(factor) for factor in kernel(*(float(size) for size in sizes)))
    # Calling from Python adds under 1 us a triple: a compiled loop per shape would not be worth its lines.
    rows = np.array(list(map(kernel, *(size.ravel().tolist() for size in sizes)))).reshape(-1, 3)
    return tuple(np.ascontiguousarray(column).reshape(sizes[0].shape) for column in rows.T)


def _rectangle(width, length):
    return width * length


def _ellipse(width, length):
    return 0.25 * math.pi * width * length


class Shape(NamedTuple):
    """What a shape must give; its callables take checked sizes [m], numbers or arrays that broadcast."""

    description: str
    volume: Callable
    """``(width, length, thickness)`` to m^3."""
    area: Callable
    """``(width, length)`` to m^2: the section that the current crosses, normal to the thickness."""
    demagnetizing_factors: Callable[..., tuple]
    """``(width, length, thickness)`` to ``(N_width, N_length, N_thickness)``."""


GEOMETRIES: dict[str, Shape] = {
    "ellipsoid": Shape(
        "ellipsoid with three axes; its section is the equatorial one",
        volume=lambda width, length, thickness: _ellipse(width, length) * thickness * (2.0 / 3.0),
        area=_ellipse,
        demagnetizing_factors=partial(_each, ellipsoid_factors),
    ),
    "prism": Shape(
        "rectangular prism",
        volume=lambda width, length, thickness: _rectangle(width, length) * thickness,
        area=_rectangle,
        demagnetizing_factors=partial(_each, prism_factors),
    ),
    "elliptic-cylinder": Shape(
        "elliptic cylinder: section width x length, height thickness; a disc where width = length",
        volume=lambda width, length, thickness: _ellipse(width, length) * thickness,
        area=_ellipse,
        demagnetizing_factors=partial(_each, elliptic_cylinder_factors),
    ),
}


def _shape(name: str) -> Shape:
    """Look a shape up; underscores count as hyphens."""
    key = str(name).replace("_", "-")
    if key not in GEOMETRIES:
        raise InputError(f"unknown shape {name!r}: {nearest(key, GEOMETRIES)}Allowed: {', '.join(GEOMETRIES)}")
    return GEOMETRIES[key]


def _checked(**sizes: ArrayLike) -> list[np.ndarray]:
    """Return the sizes as arrays, or name the first that is no size."""
    arrays = []
    for name, size in sizes.items():
        try:
            array = np.asarray(size, dtype=float)
            wrong = array[~(np.isfinite(array) & (array > 0.0))]
            culprit = repr(float(wrong[0])) if wrong.size else ""
        except (TypeError, ValueError):
            culprit = repr(size)
        if culprit:
            raise InputError(f"{name} = {culprit}: give a positive, finite full axis in meters, such as 50e-9")
        arrays.append(array)
    return arrays


def _plain(values: ArrayLike) -> float | np.ndarray:
    """Turn a result without dimensions into a Python float."""
    array = np.asarray(values)
    return array if array.ndim else float(array)


def demagnetizing_factors(shape: str, width: ArrayLike, length: ArrayLike, thickness: ArrayLike) -> tuple:
    """Compute the magnetometric demagnetizing factors of a uniformly magnetized body.

    The mean demagnetizing field along axis ``i`` is ``-N_i M_i``. Only the ratios of the sizes matter. Each factor is
    correct to 1e-14 absolute and 1e-11 relative for axes up to 1 : 1000, and their sum is 1 within rounding.

    Parameters
    ----------
    shape : str
        A name in `GEOMETRIES`; underscores count as hyphens.
    width : float or array_like [m]
        Full axis in the plane of the layer.
    length : float or array_like [m]
        Full axis in the plane, normal to the width; broadcasts with it.
    thickness : float or array_like [m]
        Full axis normal to the plane; the axis of a cylinder.

    Returns
    -------
    tuple
        ``(N_width, N_length, N_thickness)`` [1]: floats, or arrays of the common shape of the sizes. An entry of an
        array is the same to the last bit as the number computed alone.

    Raises
    ------
    InputError
        If the shape is unknown, a size is not positive and finite, or the sizes do not broadcast.

    References
    ----------
    Those of the module: Osborn (1945), Aharoni (1998), Beleggia et al. (2005).

    Examples
    --------
    >>> [round(N, 6) for N in demagnetizing_factors("elliptic-cylinder", 10e-9, 45e-9, 50e-9)]
    [0.723722, 0.140274, 0.136004]
    """
    entry = _shape(shape)
    return entry.demagnetizing_factors(*_checked(width=width, length=length, thickness=thickness))


def volume(shape: str, width: ArrayLike, length: ArrayLike, thickness: ArrayLike) -> float | np.ndarray:
    """Compute the volume of a body: ``w l t`` times 1 (prism), pi/4 (elliptic cylinder) or pi/6 (ellipsoid).

    Parameters
    ----------
    shape : str
        A name in `GEOMETRIES`; underscores count as hyphens.
    width, length, thickness : float or array_like [m]
        Full axes, which broadcast.

    Returns
    -------
    float or numpy.ndarray
        Volume [m^3].

    Raises
    ------
    InputError
        If the shape is unknown, a size is not positive and finite, or the sizes do not broadcast.

    Examples
    --------
    >>> round(volume("prism", 10e-9, 45e-9, 50e-9) * 1e27)
    22500
    """
    entry = _shape(shape)
    return _plain(entry.volume(*_checked(width=width, length=length, thickness=thickness)))


def area(shape: str, width: ArrayLike, length: ArrayLike) -> float | np.ndarray:
    """Compute the section that the current crosses: ``w l`` times 1 (prism) or pi/4 (an ellipse).

    Parameters
    ----------
    shape : str
        A name in `GEOMETRIES`; underscores count as hyphens.
    width, length : float or array_like [m]
        Full axes in the plane of the layer, which broadcast.

    Returns
    -------
    float or numpy.ndarray
        Area [m^2]; of an ellipsoid, that of its equator.

    Raises
    ------
    InputError
        If the shape is unknown, a size is not positive and finite, or the sizes do not broadcast.

    Examples
    --------
    >>> round(area("elliptic-cylinder", 100e-9, 50e-9) * 1e18)
    3927
    """
    entry = _shape(shape)
    return _plain(entry.area(*_checked(width=width, length=length)))


class Size(NamedTuple):
    """Everything that the physics asks of a shape and its axes: scalars for one pillar, arrays for a family of them.

    Attributes
    ----------
    width, length, thickness : float or numpy.ndarray [m]
    volume : float or numpy.ndarray [m^3]
    area : float or numpy.ndarray [m^2]
    N_width, N_length, N_thickness : float or numpy.ndarray [1]
    """

    width: Any
    length: Any
    thickness: Any
    volume: Any
    area: Any
    N_width: Any
    N_length: Any
    N_thickness: Any

    @classmethod
    def of(cls, shape: str, width: ArrayLike, length: ArrayLike, thickness: ArrayLike) -> "Size":
        """Measure a shape; parameters and errors as in :func:`demagnetizing_factors`.

        Parameters
        ----------
        shape : str
        width, length, thickness : float or array_like [m]

        Returns
        -------
        Size
        """
        factors = demagnetizing_factors(shape, width, length, thickness)
        whole = volume(shape, width, length, thickness)
        return cls(width, length, thickness, whole, area(shape, width, length), *factors)
