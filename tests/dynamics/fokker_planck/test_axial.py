"""The density of an axial moment: golden values, equilibrium, orders of accuracy, and a twin made of polynomials."""

from functools import cache
from pathlib import Path

import mpmath
import naive
import numpy as np
import pytest
from axial import axial, critical_voltage, plasticity, rate
from numpy.polynomial import legendre
from scipy.integrate import quad
from scipy.linalg import eigh_tridiagonal, expm

from spinneuron.constants import mu0
from spinneuron.device import Device
from spinneuron.dynamics.fokker_planck.axial import Axial, Grid, chain
from spinneuron.dynamics.fokker_planck.lanes import bernoulli
from spinneuron.physics.temperature import Laws, at
from spinneuron.physics.torques import Torques
from spinneuron.protocols import Cycle, Protocol
from spinneuron.quantity import InputError
from spinneuron.switching import Density

DATA = Path(__file__).parents[2] / "data"
HK = 0.35 / mu0


def table(name):
    rows = [line for line in (DATA / name).read_text().splitlines() if not line.startswith("#")]
    return [dict(zip(rows[0].split(","), row.split(","), strict=True)) for row in rows[1:]]


def constant(drive, time):
    return Protocol((0.0, time), (drive, drive), "V")


def generator(device, drive=0.0, cells=400, rise=0.0):
    """Rates up and down at one drive, centers and widths."""
    reduced, torques = Axial.of(device, device.size), Torques.of(device, device.size)
    cut = Grid.of(cells, reduced.pole, torques.even, torques.odd)
    up, down = chain(reduced, cut, Laws.of(device, device.temperature), drive, rise)
    return up, down, cut, reduced


def slowest(up, down):
    """Lowest non-zero rate of the chain, from the symmetric matrix that has the same eigenvalues."""
    diagonal = np.zeros(len(up) + 1)
    diagonal[:-1] += up
    diagonal[1:] += down
    return eigh_tridiagonal(diagonal, -np.sqrt(up * down), select="i", select_range=(0, 1))[0][1]


def slowest_odd(up, down, cut):
    """The same where both wells are equal, by sums of positive numbers alone: good for 1e-24 of the largest rate.

    An odd mode vanishes at the equator. The inverse of the chain with an absorbing end is a kernel of positive numbers;
    its largest eigenvalue comes out by iteration.
    """
    half = len(cut.center) // 2
    share = np.cumprod(np.append(1.0, up[: half - 1] / down[: half - 1]))
    # between the two cells beside the equator the odd mode falls from q to -q
    through = share * np.append(up[: half - 1], 2.0 * up[half - 1])
    q, eigenvalue = share / share.sum(), 0.0
    for _ in range(50):
        flux = np.cumsum(q)
        new = share * np.cumsum((flux / through)[::-1])[::-1]
        eigenvalue = 1.0 / new.sum()
        q = new * eigenvalue
    return eigenvalue


def parallel(engine, state):
    """Probability of the pinned layer's side, itself summed."""
    own = engine.cells.own(0)
    return state.moments[own].sum(), state.moments[~own].sum()


def driven(Delta, i, s, cells=800, steps=3200):
    device = axial(HK, Delta)
    time = s / rate(device, HK)
    engine = Density(device, cells=cells, dt=time / steps)
    return parallel(engine, engine.run(engine.rest(), constant(-i * critical_voltage(device, HK), time)))


# The published and the golden numbers


@pytest.mark.parametrize("row", table("fokker_planck_switching.csv"), ids=lambda row: f"{row['i']}-{row['s']}")
def test_golden_probabilities(row):
    """Printed with 3 to 5 digits; at 800 cells the volumes are off by 1e-4, where the dependence on Delta is steep."""
    stayed, switched = driven(float(row["Delta"]), float(row["i"]), float(row["s"]))
    found = switched if row["quantity"] == "P_switch" else stayed
    digits = len(row["value"].split("e")[0].replace(".", "").lstrip("0"))
    assert found == pytest.approx(float(row["value"]), rel=2e-4 + 0.5 * 10.0 ** (1 - digits), abs=0.0)


ERRORS = {
    (40, 2.0): [0.9945061, 0.4504512, 0.07375926, 0.01001521, 1.328490e-3, 1.757214e-4, 2.323496e-5, 3.072129e-6]
    + [4.061848e-7, 5.36936e-8],
    (60, 1.5): [None, 0.9754668, 0.6689279, 0.3026765, 0.1154256, 0.04165298, 0.01477542, 5.213504e-3, 1.836569e-3]
    + [6.466425e-4],
}


@pytest.mark.parametrize(("case", "errors"), ERRORS.items(), ids=str)
def test_write_errors(case, errors):
    """Of a polynomial solution with six digits; extrapolated from two grids, for 800 cells alone are off by 4e-4.

    The 1600 steps leave 1e-4 after the longest time.
    """
    for time, error in enumerate(errors, 1):
        if error is not None:
            coarse, fine = (driven(*case, time, cells, 1600)[0] for cells in (400, 800))
            assert (4.0 * fine - coarse) / 3.0 == pytest.approx(error, rel=2e-4)
            assert coarse == pytest.approx(error, rel=2e-3)


def test_rare_write_errors_fall_as_the_slowest_mode():
    """Far below 1e-10 no rounding: one unit of time divides the error by exp(lambda), printed with 9 digits."""
    errors = [driven(40, 2.0, time)[0] for time in (24.0, 25.0)]
    assert 1e-22 < errors[0] < 1e-18
    assert np.log(errors[0] / errors[1]) == pytest.approx(2.0232889, rel=2e-4)


@pytest.mark.parametrize("row", table("fokker_planck_eigenvalues.csv"), ids=lambda row: row["Delta"])
def test_slowest_mode_at_rest(row):
    """Second order in the cells; what is left after extrapolation is of fourth order, (Delta / cells)^4 or so."""
    found = []
    for cells in (400, 800):
        up, down, cut, reduced = generator(axial(HK, float(row["Delta"])), cells=cells)
        found.append(slowest_odd(up, down, cut) / reduced.diffusion)
        if float(row["Delta"]) <= 10.0:
            # rounding of the matrix: 1e-16 of its norm, some cells^2
            assert found[-1] == pytest.approx(slowest(up, down) / reduced.diffusion, rel=1e-7)
    exact = float(row["lambda"])
    assert found[1] == pytest.approx(exact, rel=3e-4)
    assert (found[0] - exact) / (found[1] - exact) == pytest.approx(4.0, abs=0.05)
    assert (4.0 * found[1] - found[0]) / 3.0 == pytest.approx(exact, rel=2e-6)


DRIVEN_MODES = {
    20: [0.11943362, 0.32297094, 0.60528394, 1.1109233, 2.0436699, 3.9990896, 7.9747641],
    40: [0.048642214, 0.23445655, 0.53000864, 1.0628623, 2.0232889, 3.9997691, 7.9874412],
    60: [0.023085375, 0.19358806, 0.49726452, 1.0440883, 2.015884, 3.9998969, 7.9916406],
}


@pytest.mark.parametrize("Delta", DRIVEN_MODES)
def test_slowest_mode_under_drive(Delta):
    """In units of alpha gamma' Hk, printed with 8 digits; extrapolated from two grids."""
    device = axial(HK, Delta)
    for i, exact in zip((0.8, 1.0, 1.2, 1.5, 2.0, 3.0, 5.0), DRIVEN_MODES[Delta], strict=True):
        drive = -i * critical_voltage(device, HK)
        coarse, fine = (slowest(*generator(device, drive, cells)[:2]) for cells in (400, 800))
        assert (4.0 * fine - coarse) / 3.0 / rate(device, HK) == pytest.approx(exact, rel=2e-6)


# The numerics


def test_bernoulli_to_rounding():
    """Three roundings of one exponential and one division; a difference of large numbers would lose all digits."""
    for size in np.append(np.geomspace(1e-12, 699.0, 400), [0.0, 0.99e-4, 1.01e-4, 5e-324]):
        for w in (size, -size):
            with mpmath.workdps(400):
                exact = mpmath.mpf(1) if w == 0.0 else mpmath.mpf(w) / mpmath.expm1(mpmath.mpf(w))
                turned = mpmath.mpf(1) if w == 0.0 else -mpmath.mpf(w) / mpmath.expm1(-mpmath.mpf(w))
            along, against = bernoulli(w)
            assert along == pytest.approx(float(turned), rel=1e-15, abs=0.0)
            assert against == pytest.approx(float(exact), rel=1e-15, abs=0.0)
    assert bernoulli(1e4) == (1e4, 0.0)
    assert bernoulli(-1e4) == (0.0, 1e4)


TILTED = {"tmr": 1.2, "Lambda": 1.7, "eps_prime": 0.4, "applied_field": (0.0, 0.0, 30e3)}


def drift(device, drive):
    """v(x) = g' [alpha H_z + (a_J + alpha b_J) p_z], of the fields of the plain twin."""
    pole, alpha = device.pinned[2], device.alpha
    applied = naive.field(np.zeros(3), device)[2]
    # what shape and anisotropy hold across the axis works against what they hold along it
    along, across = (naive.field(axis, device) @ axis for axis in (np.eye(3)[2], np.eye(3)[0]))
    own = along - applied - across

    def v(x):
        a, b = naive.torque_fields(x * pole, naive.current_density(x * pole, device, drive, "V"), device)
        return naive.GAMMA0 / (1.0 + alpha**2) * (alpha * (applied + own * x) + (a + alpha * b) * pole)

    return v


def diffusion(device):
    """D = alpha g' kB T / (mu0 Ms V)."""
    volume = device.activation_volume or device.volume
    strength = naive.GAMMA0 / (1.0 + device.alpha**2) * naive.KB * device.temperature
    return device.alpha * strength / (naive.MU0 * device.Ms * volume)


@pytest.mark.parametrize("polarity", [1.0, -1.0])
@pytest.mark.parametrize("pinned", [1.0, -1.0])
def test_drift_is_that_of_a_moment(pinned, polarity):
    """dm_z/dt = (1 - x^2) v, to rounding."""
    device = axial(HK, pinned=(0.0, 0.0, pinned), polarity=polarity, **TILTED)
    for x in (-0.9, 0.1, 0.7):
        m = np.array([np.sqrt(1.0 - x * x), 0.0, x])
        exact = naive.slope(m, device, 0.3, "V")[2] / (1.0 - x * x)
        assert drift(device, 0.3)(x) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("drive", [0.0, -0.2, 0.2])
@pytest.mark.parametrize("pinned", [1.0, -1.0])
def test_stationary_state(pinned, drive):
    """Without drive the integral is of second degree: rounding, some 1e-16 times the exponent. With it, the quadrature
    of six points."""
    device = axial(HK, 60.0, pinned=(0.0, 0.0, pinned), **TILTED)
    drive *= critical_voltage(device, HK)
    up, down, cut, _ = generator(device, drive)
    ratio = np.log(up / down * cut.width[:-1] / cut.width[1:])
    D, v = diffusion(device), drift(device, drive)
    exact = [quad(v, *pair)[0] / D for pair in zip(cut.center[:-1], cut.center[1:], strict=True)]
    np.testing.assert_allclose(ratio, exact, rtol=0.0, atol=1e-13 * 60.0)


def test_boltzmann_at_rest_to_rounding():
    """What rest() gives has no flux anywhere inside its well: detailed balance, cell by cell."""
    for pinned in (1.0, -1.0):
        device = axial(HK, 144.0, pinned=(0.0, 0.0, pinned), applied_field=(0.0, 0.0, 20e3))
        engine = Density(device, cells=400)
        up, down, cut, _ = generator(device)
        q = engine.rest().moments
        inside = (q[:-1] > 0.0) & (q[1:] > 0.0)
        assert inside.sum() == 199
        np.testing.assert_allclose((up * q[:-1])[inside], (down * q[1:])[inside], rtol=1e-12)
        kept = engine.run(engine.rest(), constant(0.0, 100e-9)).moments
        # the wall at the equator opens, and lets nothing through: exp(-144)
        np.testing.assert_allclose(kept[q > 1e-30], q[q > 1e-30], rtol=1e-10)


def test_a_well_far_above_the_other_is_still_described():
    """A field that favors antiparallel by more than the largest exponent left NaN where the parallel well was."""
    device = axial(HK, 400.0, applied_field=(0.0, 0.0, -0.7 * HK))
    engine = Density(device)
    assert parallel(engine, engine.rest()) == (pytest.approx(1.0, rel=1e-12), 0.0)


def test_probability_is_conserved_and_not_negative():
    """On the published pulses, step by step: a sum of 400 cells, some thousand steps."""
    engine, cycle = Density(plasticity()), Cycle()
    state = engine.rest()
    for stage in [*(cycle.pump(0.93),) * 3, cycle.probe(0.83), cycle.pump(0.7)]:
        state = engine.run(state, stage)
        assert abs(state.moments.sum() - 1.0) < 1e-12
        assert state.moments.min() > -1e-15
    cut = engine.run(engine.parallel_only(state), cycle.probe(0.8))
    assert abs(cut.moments.sum() - 1.0) < 1e-12
    assert cut.moments.min() > -1e-15


def test_second_order_in_cells_and_in_time():
    """Halving divides the error by 4, with ramps, heat and a TMR that follows the voltage."""
    device = plasticity(tmr=1.5)

    def probability(cells, dt):
        engine = Density(device, cells=cells, dt=dt)
        state = engine.run(engine.rest(), Cycle().probe(0.8))
        return np.array([np.log(parallel(engine, state)[1]), engine.rise(state)])

    fine = probability(1600, 0.25e-9)
    cells = [probability(n, 0.25e-9) - fine for n in (100, 200, 400)]
    # the finest still has 1/16 of the error of the last
    assert cells[0][0] / cells[1][0] == pytest.approx(4.0, abs=0.4)
    assert cells[1][0] / cells[2][0] == pytest.approx(4.0, abs=0.6)
    fine = probability(200, 0.0625e-9)
    steps = [probability(200, dt) - fine for dt in (1e-9, 0.5e-9, 0.25e-9)]
    for coarse, half in zip(steps, steps[1:], strict=False):
        np.testing.assert_allclose(coarse / half, 4.0, atol=0.7)
    # the default step: what is lost in logarithm of the probability, and in kelvin
    assert (np.abs(steps[1]) < 1e-3).all()


# An independent solution


@cache
def legendres(degree=90, nodes=400):
    """Points, weights, P_l and P_l' at them."""
    x, weight = legendre.leggauss(nodes)
    slope = np.stack([legendre.legval(x, legendre.legder(one)) for one in np.eye(degree + 1)], axis=1)
    return x, weight, legendre.legvander(x, degree), slope


def polynomial(device, drive, time):
    """Switched probability by Galerkin's method in Legendre polynomials and one matrix exponential.

    d/dt int P_k rho = int P_k' (1 - x^2) (v rho - D rho') for rho = sum c_l P_l, with v from the slope of a moment.
    """
    x, weight, P, slope = legendres()
    degree = P.shape[1] - 1
    v, D = drift(device, drive)(x), diffusion(device)
    norm = 2.0 / (2.0 * np.arange(degree + 1) + 1.0)
    L = slope.T @ ((weight * (1.0 - x * x))[:, None] * (v[:, None] * P - D * slope)) / norm[:, None]
    # equilibrium: exp(integral of v / D) on the side of the pinned layer, on a grid that ends at the equator
    half, w = 0.5 * (x + 1.0), 0.5 * weight
    pole = device.pinned[2]
    # the drift at rest is linear in x, and the rule of the middle exact
    rest = pole * half * drift(device, 0.0)(0.5 * pole * half) / D
    density = np.exp(rest - rest.max())
    density /= w @ density
    c = legendre.legvander(pole * half, degree).T @ (w * density) / norm
    end = expm(time * L) @ c
    return float(w @ legendre.legval(-pole * half, end))


CASES = {
    "plain": {},
    "tmr": {"tmr": 1.0},
    "asymmetric": {"tmr": 1.0, "Lambda": 1.6},
    "field-like": {"tmr": 1.0, "Lambda": 1.6, "eps_prime": -2.0},
    "field": {"applied_field": (0.0, 0.0, 25e3), "Lambda": 1.2},
    "all": {"applied_field": (0.0, 0.0, -25e3), "Lambda": 1.4, "eps_prime": 2.0, "tmr": 0.6, "alpha": 0.1},
    "warm": {"temperature": 400.0, "curie_temperature": 900.0, "polarization_temperature": 1300.0, "tmr": 1.0},
}


SIGNS = [(case, *signs) for case in CASES for signs in ((1.0, -1.0), (-1.0, 1.0))]


@pytest.mark.parametrize(("case", "pinned", "polarity"), [*SIGNS, ("all", 1.0, 1.0), ("all", -1.0, -1.0)])
def test_twin_of_polynomials(case, pinned, polarity):
    """600 cells are off by some 1e-4; the polynomials, whose start has a jump of exp(-15) at the equator, by less."""
    device = axial(HK, 15.0, pinned=(0.0, 0.0, pinned), polarity=polarity, **CASES[case])
    here = at(device, device.temperature)
    time, engine = 3.0 / rate(device, HK), Density(device, cells=600, dt=0.01e-9)
    found = []
    for i in (-0.8, 0.3):
        drive = i * polarity * critical_voltage(device, HK)
        found.append(parallel(engine, engine.run(engine.rest(), constant(drive, time)))[1])
        assert found[-1] == pytest.approx(polynomial(here, drive, time), rel=1e-3, abs=2e-7)
    assert found[1] < 1e-3 < found[0]


# What it does not take


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"easy_axis": (0.0, 0.6, 0.8)}, "easy_axis"),
        ({"easy_axis": (1.0, 0.0, 0.0)}, "easy_axis"),
        ({"length": 60e-9}, "width, length"),
        ({"applied_field": (1.0, 0.0, 1e3)}, "applied_field"),
        ({"applied_field": (0.0, -1.0, 0.0)}, "applied_field"),
        ({"pinned": (0.0, 0.6, 0.8)}, "pinned"),
    ],
)
def test_devices_that_are_not_axial_are_refused_by_their_key(fields, key):
    device = Device(**(vars(axial(HK)) | fields))
    with pytest.raises(InputError) as caught:
        Axial.of(device, device.size)
    assert str(caught.value) == (
        f"{key}: axial is not axial (round, all directions along z), which cells of m_z need; "
        "use its density on the sphere (switching.densities.density_of)"
    )


def test_a_run_in_pieces_is_the_same_run():
    """Steps meet the corners: heat and density go on where they were, to rounding."""
    device, cycle = plasticity(), Cycle()
    engine = Density(device, cells=400, dt=0.5e-9)
    whole = engine.run(engine.rest(), cycle.probe(0.85))
    times, values = cycle.probe(0.85).times, cycle.probe(0.85).values
    state = engine.rest()
    for i in range(3):
        state = engine.run(state, Protocol((0.0, times[i + 1] - times[i]), values[i : i + 2], "V"))
    np.testing.assert_allclose(state.moments, whole.moments, rtol=1e-9, atol=1e-18)
    np.testing.assert_allclose(state.heat, whole.heat, rtol=1e-9)
