"""Shapes against multi-precision twins, closed forms, symmetries and limits.

A twin is written from the equation, never from the kernel: the ellipsoid from Osborn's integral, the prism from
Aharoni's closed form, the elliptic cylinder from the angular integral of Nagaoka's coefficient (itself checked
against the overlap of two discs in real space).
"""

import csv
import itertools
import math
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ellipe, ellipk

from spinneuron.geometry import GEOMETRIES, area, demagnetizing_factors, volume

DATA = Path(__file__).parent / "data" / "demagnetizing_factors.csv"
SHAPES = list(GEOMETRIES)
# Needles, ribbons, slabs and discs up to 1:1000 in every direction, one ordinary pillar, one almost round.
EXTREMES = [
    (1.0, 1.0, 1000.0),
    (1000.0, 1.0, 1.0),
    (1000.0, 1000.0, 1.0),
    (1.0, 1000.0, 1000.0),
    (1.0, 30.0, 1000.0),
    (1000.0, 30.0, 1.0),
    (1.0, 1000.0, 30.0),
    (10.0, 45.0, 50.0),
    (1.0, 1.0000001, 3.0),
]
# Rounding of about a hundred additions of numbers below 1.
ROUNDING = 2e-14
# A long cylinder takes 1/2 - H of H close to 1/2: rounding (1e-16) over the factor (4e-4 at 1:1000), a few times.
RELATIVE = 1e-11


def ellipsoid_twin(w, l, t):  # noqa: E741
    """Osborn: ``N_a = (abc/2) int_0^inf ds / ((s + a^2) sqrt((s + a^2)(s + b^2)(s + c^2)))``, with ``s = exp(v)``."""
    a, b, c = (mp.mpf(size) / 2 for size in (w, l, t))
    step, total = mp.mpf("0.25"), [mp.mpf(0)] * 3
    for i in range(-260, 400):
        s = mp.exp(i * step)
        common = step * s * a * b * c / 2 / mp.sqrt((s + a * a) * (s + b * b) * (s + c * c))
        total = [part + common / (s + axis * axis) for part, axis in zip(total, (a, b, c), strict=True)]
    return total


def aharoni(a, b, c):
    """Equation (1) of Aharoni, J. Appl. Phys. 83, 3432 (1998), along c, for the half edges a, b, c."""
    r, r_ab, r_bc, r_ac = (mp.sqrt(square) for square in (a**2 + b**2 + c**2, a**2 + b**2, b**2 + c**2, a**2 + c**2))
    total = (b**2 - c**2) / (2 * b * c) * mp.log((r - a) / (r + a))
    total += (a**2 - c**2) / (2 * a * c) * mp.log((r - b) / (r + b))
    total += b / (2 * c) * mp.log((r_ab + a) / (r_ab - a)) + a / (2 * c) * mp.log((r_ab + b) / (r_ab - b))
    total += c / (2 * a) * mp.log((r_bc - b) / (r_bc + b)) + c / (2 * b) * mp.log((r_ac - a) / (r_ac + a))
    total += 2 * mp.atan(a * b / (c * r)) + (a**3 + b**3 - 2 * c**3) / (3 * a * b * c)
    total += (a**2 + b**2 - 2 * c**2) / (3 * a * b * c) * r + c / (a * b) * (r_ac + r_bc)
    return (total - (r_ab**3 + r_bc**3 + r_ac**3) / (3 * a * b * c)) / mp.pi


def prism_twin(w, l, t):  # noqa: E741
    a, b, c = (mp.mpf(size) / 2 for size in (w, l, t))
    return [aharoni(b, c, a), aharoni(a, c, b), aharoni(a, b, c)]


def nagaoka(c):
    """Nagaoka's coefficient of a coil with length / radius = c, which is ``1 - N`` of that circular cylinder."""
    m = 4 / (4 + c * c)
    K, E = mp.ellipk(m), mp.ellipe(m)
    return 4 / (3 * mp.pi * mp.sqrt(1 - m)) * ((1 - m) / m * (K - E) + E - mp.sqrt(m))


def elliptic_cylinder_twin(w, l, t):  # noqa: E741
    """``(4/pi) int_0^(pi/2) dphi`` of ``1/2 - H`` and of ``H`` times the squared direction, ``tan(phi) = exp(v)``."""
    a, b, t = mp.mpf(w) / 2, mp.mpf(l) / 2, mp.mpf(t)
    step, total = mp.mpf("0.2"), [mp.mpf(0)] * 3
    for i in range(-220, 221):
        cosine, sine = 1 / mp.sqrt(1 + mp.exp(2 * i * step)), 1 / mp.sqrt(1 + mp.exp(-2 * i * step))
        s2 = (cosine / a) ** 2 + (sine / b) ** 2
        H = nagaoka(t * mp.sqrt(s2)) / 2
        parts = H * (cosine / a) ** 2 / s2, H * (sine / b) ** 2 / s2, mp.mpf("0.5") - H
        weight = 4 / mp.pi * step * cosine * sine
        total = [sum_ + weight * part for sum_, part in zip(total, parts, strict=True)]
    return total


TWINS = {"ellipsoid": ellipsoid_twin, "prism": prism_twin, "elliptic-cylinder": elliptic_cylinder_twin}


def reference_rows():
    with DATA.open() as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return [(row.pop("shape"), [float(value) for value in row.values()]) for row in rows]


def test_every_shape_has_a_twin_and_reference_rows():
    assert set(TWINS) == set(GEOMETRIES) == {shape.replace("_", "-") for shape, _ in reference_rows()}
    assert all(entry.description for entry in GEOMETRIES.values())


@pytest.mark.parametrize(("shape", "values"), reference_rows())
def test_reference_table(shape, values):
    # Thirteen or more digits are given, the last may be off by one.
    np.testing.assert_allclose(demagnetizing_factors(shape, *values[:3]), values[3:], rtol=1e-12, atol=0)


@pytest.mark.parametrize("sizes", EXTREMES)
@pytest.mark.parametrize("shape", SHAPES)
def test_multi_precision_twin(shape, sizes):
    with mp.workdps(40):
        expected = [float(factor) for factor in TWINS[shape](*sizes)]
    got = demagnetizing_factors(shape, *sizes)
    np.testing.assert_allclose(got, expected, rtol=0, atol=ROUNDING)
    np.testing.assert_allclose(got, expected, rtol=RELATIVE, atol=0)


@pytest.mark.parametrize("aspect", [0.05, 1.0, 1.813, 40.0])
def test_circular_cylinder_is_the_overlap_of_two_discs(aspect):
    """``N = (1 / (pi c)) int_0^2 A(r) (1 - r / sqrt(r^2 + c^2)) dr``, A the common area of unit discs r apart."""
    with mp.workdps(20):

        def integrand(angle):
            r = 2 * mp.cos(angle)
            return (2 * angle - mp.sin(2 * angle)) * (1 - r / mp.hypot(r, aspect)) * 2 * mp.sin(angle)

        expected = float(mp.quad(integrand, [0, mp.pi / 4, mp.pi / 2]) / (mp.pi * aspect))
    assert demagnetizing_factors("elliptic-cylinder", 2.0, 2.0, aspect)[2] == pytest.approx(expected, rel=1e-12, abs=0)


@pytest.mark.parametrize("aspect", [0.05, 0.3, 1.0, 3.0, 20.0])
def test_circular_cylinder_closed_form(aspect):
    """Nagaoka's coefficient from SciPy, height / diameter = aspect."""
    m = 1 / (1 + aspect**2)
    K, E = ellipk(m), ellipe(m)
    flux = 4 / (3 * math.pi * math.sqrt(1 - m)) * ((1 - m) / m * (K - E) + E - math.sqrt(m))
    N_width, N_length, N_thickness = demagnetizing_factors("elliptic-cylinder", 1.0, 1.0, aspect)
    # SciPy's form cancels: rounding divided by sqrt(1 - m), 1/20 here.
    assert N_thickness == pytest.approx(1 - flux, abs=1e-13)
    assert N_width == pytest.approx(flux / 2, abs=1e-13)
    assert N_length == pytest.approx(flux / 2, abs=1e-13)


@pytest.mark.parametrize("shape", ["ellipsoid", "prism"])
def test_sphere_and_cube(shape):
    assert demagnetizing_factors(shape, 7e-9, 7e-9, 7e-9) == pytest.approx([1 / 3] * 3, abs=ROUNDING)


def test_disc_of_equal_factors():
    # The ratio 0.9065 is known to four digits and dN/d(T/D) is about -0.24.
    assert demagnetizing_factors("elliptic-cylinder", 1.0, 1.0, 0.9065)[2] == pytest.approx(1 / 3, abs=2e-5)
    # Chen, Brug and Goldfarb (1991) tabulate 0.3116 for height = diameter.
    assert demagnetizing_factors("elliptic-cylinder", 1.0, 1.0, 1.0)[2] == pytest.approx(0.3116, abs=5e-5)


# log10 of a size: ratios up to 1:1000 in every direction.
logarithm = st.floats(-1.5, 1.5, allow_nan=False)


@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=150, deadline=None, derandomize=True)
@given(logs=st.tuples(logarithm, logarithm, logarithm))
def test_trace_sign_and_order(shape, logs):
    sizes = [10.0**value for value in logs]
    factors = demagnetizing_factors(shape, *sizes)
    assert sum(factors) == pytest.approx(1.0, abs=1e-12)
    assert all(0.0 < factor < 1.0 for factor in factors)
    # A shorter axis has the larger factor; a cylinder orders so only the axes of its section.
    for i, j in itertools.combinations(range(2 if shape == "elliptic-cylinder" else 3), 2):
        if abs(sizes[i] / sizes[j] - 1) > 1e-6:
            assert (sizes[i] < sizes[j]) == (factors[i] > factors[j])


@pytest.mark.parametrize("sizes", [(10.0, 45.0, 50.0), (1.0, 30.0, 1000.0)])
@pytest.mark.parametrize("shape", ["ellipsoid", "prism"])
def test_permuted_axes_permute_the_factors(shape, sizes):
    factors = demagnetizing_factors(shape, *sizes)
    for order in itertools.permutations(range(3)):
        permuted = demagnetizing_factors(shape, *(sizes[i] for i in order))
        np.testing.assert_allclose(permuted, [factors[i] for i in order], rtol=ROUNDING)


@pytest.mark.parametrize("sizes", [(10.0, 45.0, 50.0), (1.0, 1000.0, 30.0)])
def test_cylinder_with_width_and_length_swapped(sizes):
    width, length, thickness = sizes
    N_width, N_length, N_thickness = demagnetizing_factors("elliptic-cylinder", width, length, thickness)
    assert demagnetizing_factors("elliptic-cylinder", length, width, thickness) == (N_length, N_width, N_thickness)


@pytest.mark.parametrize("shape", SHAPES)
def test_only_ratios_matter(shape):
    factors = demagnetizing_factors(shape, 10.0, 45.0, 50.0)
    assert demagnetizing_factors(shape, 10e-9, 45e-9, 50e-9) == pytest.approx(factors, rel=1e-13, abs=0)


@pytest.mark.parametrize("shape", SHAPES)
def test_needle_and_film(shape):
    # Charges of the ends or the rim: N is of order width/length for the needle, log(L/T) T/L for the film.
    assert demagnetizing_factors(shape, 1.0, 1.0, 1e5)[2] == pytest.approx(0.0, abs=1e-5)
    assert demagnetizing_factors(shape, 1.0, 1.0, 1e5)[0] == pytest.approx(0.5, abs=1e-5)
    assert demagnetizing_factors(shape, 1e5, 1e5, 1.0)[2] == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("shape", ["ellipsoid", "elliptic-cylinder"])
@pytest.mark.parametrize("length", [1.0, 4.5, 20.0])
def test_infinite_elliptic_rod(shape, length):
    # The ends take of order length/height = 2e-4 at most from it, to first order in a cylinder.
    N_width, N_length, _ = demagnetizing_factors(shape, 1.0, length, 1e5)
    assert N_width == pytest.approx(length / (1.0 + length), abs=2e-4)
    assert N_length == pytest.approx(1.0 / (1.0 + length), abs=2e-4)


@pytest.mark.parametrize("shape", SHAPES)
def test_small_distortions_average_out(shape):
    """The factor along the thickness is even in log(width/length), so it is smooth through the circular section."""
    at, before, after = (demagnetizing_factors(shape, math.exp(-e), math.exp(e), 0.7)[2] for e in (0.0, -1e-4, 1e-4))
    assert before == pytest.approx(after, abs=ROUNDING)
    assert at == pytest.approx(after, abs=1e-8)


@pytest.mark.parametrize("shape", SHAPES)
def test_arrays_equal_scalars_to_the_last_bit(shape):
    width, length = np.array([[5e-9], [10e-9], [20e-9]]), np.array([10e-9, 45e-9, 1e-6, 20e-9])
    together = demagnetizing_factors(shape, width, length, 50e-9)
    assert all(factor.shape == (3, 4) and factor.dtype == float for factor in together)
    for i, j in itertools.product(range(3), range(4)):
        alone = demagnetizing_factors(shape, width[i, 0], length[j], 50e-9)
        assert all(type(factor) is float for factor in alone)
        assert tuple(float(factor[i, j]) for factor in together) == alone
    assert [factor.shape for factor in demagnetizing_factors(shape, [], 1.0, 1.0)] == [(0,)] * 3


# Volumes are about 1e-23: the default absolute tolerance of approx would accept anything.
@pytest.mark.parametrize(
    ("shape", "part"), [("ellipsoid", 1 / 6), ("prism", 1 / math.pi), ("elliptic-cylinder", 1 / 4)]
)
def test_volume(shape, part):
    sizes = 10e-9, 45e-9, 50e-9
    assert type(volume(shape, *sizes)) is float
    assert volume(shape, *sizes) == pytest.approx(part * math.pi * 22500e-27, rel=1e-14, abs=0)
    assert volume(shape, [10e-9, 20e-9], *sizes[1:])[1] == pytest.approx(2 * volume(shape, *sizes), rel=1e-14, abs=0)


@pytest.mark.parametrize(
    ("shape", "part"), [("ellipsoid", 1 / 4), ("prism", 1 / math.pi), ("elliptic-cylinder", 1 / 4)]
)
def test_area(shape, part):
    assert type(area(shape, 10e-9, 45e-9)) is float
    assert area(shape, 10e-9, 45e-9) == pytest.approx(part * math.pi * 450e-18, rel=1e-14, abs=0)
    assert area(shape, [[10e-9]], [45e-9, 90e-9]).shape == (1, 2)


def test_underscores_are_accepted():
    assert area("elliptic_cylinder", 1.0, 2.0) == area("elliptic-cylinder", 1.0, 2.0)


@pytest.mark.parametrize(
    ("name", "nearest"), [("elipsoid", "ellipsoid"), ("elliptic cilinder", "elliptic-cylinder"), ("prisma", "prism")]
)
@pytest.mark.parametrize("call", [demagnetizing_factors, volume, lambda shape, *sizes: area(shape, *sizes[:2])])
def test_unknown_shape(call, name, nearest):
    with pytest.raises(ValueError) as error:
        call(name, 1.0, 1.0, 1.0)
    message = f"unknown shape {name!r}: did you mean {nearest!r}? Allowed: ellipsoid, prism, elliptic-cylinder"
    assert str(error.value) == message


@pytest.mark.parametrize("position", [0, 1, 2])
@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, "0.0"), (-1e-9, "-1e-09"), (math.nan, "nan"), (math.inf, "inf"), ([1.0, -2.0], "-2.0"), ("9 nm", "'9 nm'")],
)
def test_what_is_no_size(position, value, shown):
    sizes = [1e-9, 1e-9, 1e-9]
    sizes[position] = value
    name = ("width", "length", "thickness")[position]
    message = f"{name} = {shown}: give a positive, finite full axis in meters, such as 50e-9"
    calls = [lambda: demagnetizing_factors("prism", *sizes), lambda: volume("prism", *sizes)]
    if position < 2:
        calls.append(lambda: area("prism", *sizes[:2]))
    for call in calls:
        with pytest.raises(ValueError) as error:
            call()
        assert str(error.value) == message


def test_sizes_that_do_not_broadcast():
    with pytest.raises(ValueError, match="broadcast"):
        demagnetizing_factors("prism", [1.0, 2.0], [1.0, 2.0, 3.0], 1.0)
