"""Dynamics of devices with Ku2: kernels against twins, orders, resonance, cone, equilibrium, heat."""

import naive
import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from strategies import random_device

from spinneuron.constants import gamma0, mu0
from spinneuron.device import Device
from spinneuron.dynamics.electrothermal import HEAT_COLUMNS, NEVER, renew, weaken
from spinneuron.dynamics.ensemble import Course, Numerics, choose, fastest_rate, run
from spinneuron.dynamics.fokker_planck.axial import Axial
from spinneuron.dynamics.macrospin import COLUMNS, FOURTH_COLUMNS, LAYOUTS, Plan, advance, fourth_order, scales, table
from spinneuron.dynamics.noise import THERMAL, standard_normals
from spinneuron.dynamics.steppers import HEUN, STEPPERS
from spinneuron.physics.temperature import at
from spinneuron.protocols import Protocol
from spinneuron.quantity import InputError
from spinneuron.simulation import simulate, warmth_of

pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered in scalar add:RuntimeWarning")
COUNT, SEED, TEMPERATURE, DT = 40, 2**33 + 5, 350.0, 2e-13
NOTHING = Protocol((0.0, 1e-9), (0.0, 0.0), "A/m^2")
BALL = Device.preset("parallel").replace(
    geometry="ellipsoid", width=20e-9, length=20e-9, thickness=20e-9, Ms=1e6, easy_axis=(0.0, 0.0, 1.0),
    pinned=(0.0, 0.0, 1.0),
)  # fmt: skip


def random_quartic(rng):
    return random_device(rng).replace(Ku2=float(rng.uniform(-4e5, 4e5)))


# The table


def test_columns_of_the_fourth_order_stand_at_the_end():
    device = random_quartic(np.random.default_rng(2))
    cold = table(device, device.size, "V", TEMPERATURE)[0]
    plain = table(device.replace(Ku2=0.0), device.size, "V", TEMPERATURE)[0]
    np.testing.assert_array_equal(cold[: len(plain)], plain)
    own = dict(zip([name for name, _ in FOURTH_COLUMNS], cold[len(plain) :], strict=True))
    rate = gamma0 / (1.0 + device.alpha**2)
    assert own["fourth"] == pytest.approx(rate * 4.0 * device.Ku2 / (mu0 * device.Ms), rel=1e-14)
    assert (own["ex"], own["ey"], own["ez"]) == device.easy_axis
    assert own["power"] == device.Ku2_exponent - 1.0
    hot = device.replace(thermal_resistances=(1e5,), thermal_times=(1e-9,))
    row = table(hot, hot.size, "V", TEMPERATURE)
    assert [name for name, _ in LAYOUTS[row.shape[1]]] == [n for n, _ in COLUMNS + HEAT_COLUMNS + FOURTH_COLUMNS]
    assert fourth_order(row)[0] == own["fourth"] and fourth_order(plain[None])[0] == 0.0
    factors = scales(4e-12, row.shape[1])
    assert factors[-5] == 4e-12 and np.all(factors[-4:] == 1.0)


# One step


def twin(name, device, m, drive, unit, trial, first_step, temperature=TEMPERATURE):
    """Three steps by the naive scheme, with the noise of the trial."""
    for step in range(3):
        words = naive.noise_words(SEED, THERMAL, trial, first_step + step)
        noise = naive.thermal_field(device, temperature, DT, naive.box_muller(words))
        values = drive[2 * step : 2 * step + 3]

        def at_time(t, values=values):
            return np.interp(t, [0.0, 0.5 * DT, DT], values)

        if name == "heun":
            m = naive.heun(m, lambda m, t: naive.slope(m, device, at_time(t), unit, noise), 0.0, DT)  # noqa: B023
        else:
            m = naive.semi_implicit(m, lambda m, t: naive.omega(m, device, at_time(t), unit, noise), 0.0, DT)  # noqa: B023
    return m


# Single-precision normals times an angle of up to 0.1 rad per step; without noise float64 is exact to rounding.
@pytest.mark.parametrize(
    ("precision", "temperature", "tolerance"),
    [("float64", TEMPERATURE, 2e-7), ("float64", 0.0, 1e-11), ("float32", TEMPERATURE, 2e-6)],
)
@pytest.mark.parametrize("unit", ["V", "A/m^2"])
@pytest.mark.parametrize("name", ["heun", "semi-implicit"])
def test_steps_are_those_of_the_twin(name, unit, precision, temperature, tolerance):
    rng = np.random.default_rng(43)
    devices = [random_quartic(rng) for _ in range(COUNT)]
    start = rng.normal(size=(3, COUNT))
    start /= np.linalg.norm(start, axis=0)
    drive = {"V": 0.8, "A/m^2": 1e12}[unit] * np.array([0.0, 0.3, 0.8, -1.0, -0.4, 0.1, 0.9])
    rows = np.concatenate([table(device, device.size, unit, temperature) for device in devices])
    m = start.astype(precision)
    plan = Plan(COUNT, 1, 1000, 2**32 - 2, STEPPERS[name].scheme, SEED, 0, 16)
    nothing = np.empty((0, 3, COUNT), precision), np.empty((0, COUNT)), np.empty((0, 0, COUNT)), NEVER
    advance(m, rows, scales(DT, rows.shape[1]), drive.astype(precision), plan, *nothing)
    assert m.dtype == precision
    for i, device in enumerate(devices):
        expected = twin(name, device, start[:, i], drive, unit, 1000 + i, 2**32 - 2, temperature)
        np.testing.assert_allclose(m[:, i], expected, rtol=0.0, atol=tolerance)


# With every term; both corners of the ramp lie on the grid of all steps below.
DEVICE = Device.preset("orthogonal").replace(
    geometry="prism", alpha=0.15, Ku=-1e5, Ku2=3e5, easy_axis=(0.6, 0.0, 0.8), applied_field=(2e4, 1e4, -3e4),
    Lambda=1.4, eps_prime=0.1, pinned=(0.48, 0.6, 0.64),
)  # fmt: skip
CORNERS, VOLTAGES, END = (0.0, 20e-12, 40e-12), (0.0, 1.5, 0.4), 80e-12
START = np.array([0.36, 0.48, 0.8])


@pytest.fixture(scope="module")
def reference():
    """The final state by an eighth-order integration of the twin, restarted at the corners."""
    m = START
    for start, stop in ((0.0, 20e-12), (20e-12, 40e-12), (40e-12, END)):

        def slope(t, m):
            return naive.slope(m, DEVICE, np.interp(t, CORNERS, VOLTAGES), "V")

        m = solve_ivp(slope, (start, stop), m, method="DOP853", rtol=1e-12, atol=1e-13, first_step=1e-14).y[:, -1]
    return m


@pytest.mark.parametrize("name", ["heun", "semi-implicit"])
def test_declared_order_is_observed(name, reference):
    rows, errors = table(DEVICE, DEVICE.size, "V", 0.0), []
    for substeps in (16, 32, 64, 128):
        m = START[:, None].copy()
        run(m, rows, Course(CORNERS, VOLTAGES, 4e-12, 20), numerics=Numerics(stepper=name, dt=4e-12 / substeps))
        errors.append(np.linalg.norm(m[:, 0] - reference))
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders[-1] == pytest.approx(STEPPERS[name].order, abs=0.1)
    assert orders == pytest.approx(STEPPERS[name].order, abs=0.3)
    assert errors[0] < 1e-2


def test_adaptive_steps_meet_their_tolerance(reference):
    rows = table(DEVICE, DEVICE.size, "V", 0.0)
    for tolerance in (1e-6, 1e-9, 1e-12):
        m = START[:, None].copy()
        run(m, rows, Course(CORNERS, VOLTAGES, 4e-12, 20), numerics=Numerics(tolerance=tolerance))
        assert np.linalg.norm(m[:, 0] - reference) < 100.0 * tolerance


def test_fastest_rate_bounds_the_slope():
    rng = np.random.default_rng(6)
    for _ in range(200):
        device = random_quartic(rng)
        bound = fastest_rate(table(device, device.size, "V", 0.0), 0.7)
        m = rng.normal(size=3)
        m /= np.linalg.norm(m)
        cosine = m @ device.pinned
        a, b = naive.torque_fields(cosine, naive.current_density(cosine, device, 0.7, "V"), device)
        rate = gamma0 / (1.0 + device.alpha**2)
        H = naive.field(m, device) + b * np.asarray(device.pinned) + a * np.cross(m, device.pinned)
        assert rate * np.linalg.norm(np.cross(m, H)) <= bound


# Physics


def frequency(device, tilt, every=1e-12, samples=400):
    """Angle per second about z, without damping to speak of."""
    protocol = Protocol((0.0, samples * every), (0.0, 0.0), "A/m^2")
    start = (np.sin(tilt), 0.0, np.cos(tilt))
    run = simulate(
        device.replace(alpha=1e-9), protocol, temperature=0.0, every=every, initial=start,
        numerics=Numerics(tolerance=1e-10),
    )  # fmt: skip
    x, y, _ = run.m.values[0].T
    return np.polyfit(run.time.values, np.unwrap(np.arctan2(y, x)), 1)[0]


def test_resonance_on_the_axis_knows_the_second_order_alone():
    """gamma0 2 Ku / (mu0 Ms) at theta = 0; at an angle gamma0 (2 / mu0 Ms) [Ku + 2 Ku2 sin^2(theta)] cos(theta)."""
    device = BALL.replace(Ku=2e5, Ku2=1.5e5)
    unit = gamma0 * 2.0 / (mu0 * device.Ms)
    assert frequency(device, 1e-3) == pytest.approx(unit * device.Ku, rel=1e-5)
    for tilt in (0.3, 0.8, 1.2):
        wanted = unit * (device.Ku + 2.0 * device.Ku2 * np.sin(tilt) ** 2) * np.cos(tilt)
        assert frequency(device, tilt) == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("name", ["heun", "semi-implicit", "dormand-prince"])
def test_moments_fall_onto_the_easy_cone(name):
    """From the axis and from the plane: sin^2(theta) = -Ku / (2 Ku2)."""
    device = BALL.replace(alpha=0.3, Ku=-1e5, Ku2=2e5)
    for start in ((0.05, 0.0, np.sqrt(1 - 0.05**2)), (np.sqrt(1 - 0.05**2), 0.0, 0.05)):
        run = simulate(device, NOTHING, temperature=0.0, initial=start, numerics=Numerics(name))
        assert 1.0 - run.m.values[0, -1, 2] ** 2 == pytest.approx(0.25, abs=1e-4)


def exact_square(delta, fourth):
    """<z^2> of exp(delta z^2 - fourth (1 - z^2)^2)."""

    def weight(z):
        return np.exp(delta * z * z - fourth * (1.0 - z * z) ** 2)

    return quad(lambda z: z * z * weight(z), 0.0, 1.0)[0] / quad(weight, 0.0, 1.0)[0]


def ball(delta, fourth, side=8e-9):
    """A sphere whose Ku V and Ku2 V are these many kT at 300 K."""
    device = BALL.replace(width=side, length=side, thickness=side, alpha=0.3, temperature=300.0)
    energy = naive.KB * 300.0 / device.volume
    return device.replace(Ku=delta * energy, Ku2=fourth * energy)


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("name", ["heun", "semi-implicit"])
@pytest.mark.parametrize(("delta", "fourth"), [(1.0, 3.0), (-4.0, 4.0), (3.0, -2.0)])
def test_equilibrium_is_that_of_Boltzmann(name, precision, delta, fourth):
    """A well steepened, a cone, a well flattened; 0.004 of bias remain at the automatic step, 5 sigma of noise."""
    device = ball(delta, fourth)
    lanes, relaxation = 16384, (1.0 + device.alpha**2) / (device.alpha * gamma0 * 2.0 / (mu0 * device.Ms))
    relaxation /= 2.0 * naive.KB * 300.0 / device.volume
    m = np.tile([[0.6], [0.0], [0.8]], (1, lanes))
    rows = table(device, device.size, "A/m^2", 300.0)
    course = Course((0.0, 1.0), (0.0, 0.0), relaxation, 24)
    kept, _, _ = run(m, rows, course, trials=lanes, seed=3, numerics=Numerics(name, precision=precision))
    blocks = (kept[8:, 2] ** 2).mean(axis=1)
    wanted = exact_square(delta, fourth)
    assert abs(wanted - exact_square(delta, 0.0)) > 0.05
    assert blocks.mean() == pytest.approx(wanted, abs=5.0 * 0.3 / np.sqrt(lanes) / 2.0 + 4e-3)


# Heat


def test_parameters_of_a_hot_device_are_those_of_the_device_at_that_temperature():
    """Between the points of the table to 1e-4, up to 0.8 of the limit."""
    device = random_quartic(np.random.default_rng(8)).replace(
        curie_temperature=1000.0, polarization_temperature=1300.0, thermal_resistances=(1e5,), thermal_times=(1e-9,)
    )
    rises = np.array([0.0, 17.3, 150.0, 444.0])
    rows, warmth = table(device, device.size, "V", 300.0), warmth_of(device, "V", 1e-3, 4)
    base = np.tile(rows.T, (1, 4))
    p, heat, scratch = base.copy(), warmth.state.copy(), np.empty((10, 4))
    heat[1] = rises
    x, y, z = np.tile([[0.6], [0.0], [0.8]], (1, 4))
    renew(x, y, z, p, base, heat, scratch, 0.0, False, warmth.windows(1e-12))
    weaken(p, base, scratch[0])
    for lane, rise in enumerate(rises):
        hot = at(device, 300.0 + rise)
        wanted = table(hot, hot.size, "V", hot.temperature)[0]
        np.testing.assert_allclose(p[-5:, lane], wanted[-5:], rtol=1e-4)
    assert abs(p[-5, 3]) < 0.1 * abs(base[-5, 0])


@pytest.mark.parametrize("unit", ["V", "A/m^2"])
def test_windows_are_those_of_the_twin(unit):
    """Ten windows of four steps with noise; the laws of the table are good to 1e-6 at these temperatures."""
    rng, peak, window, windows, lanes = np.random.default_rng(9), {"V": 0.8, "A/m^2": 1e12}[unit], 4, 10, 2
    for _ in range(3):
        device = random_quartic(rng).replace(
            curie_temperature=1000.0, polarization_temperature=1300.0, tmr_voltage=0.5, Ku2_exponent=6.0
        )
        power = (
            peak**2 / device.resistance_parallel
            if unit == "V"
            else (peak * device.area) ** 2 * (device.resistance_antiparallel)
        )
        dt = 0.5 * choose(Numerics("heun"), table(device, device.size, unit, 600.0), peak)[1]
        device = device.replace(thermal_resistances=(300.0 / power,), thermal_times=(20.0 * dt,))
        warmth, rows = warmth_of(device, unit, peak, lanes), table(device, device.size, unit, device.temperature)
        steps = window * windows
        drive = np.full(2 * steps + 1, peak)
        start = rng.normal(size=(3, lanes))
        start /= np.linalg.norm(start, axis=0)
        m, heat = start.copy(), np.zeros((2, lanes))
        plan = Plan(lanes, lanes, 7, 3, HEUN, SEED, 0, 16, window)
        nothing = np.empty((0, 3, lanes)), heat, np.empty((0, 2, lanes))
        advance(m, rows, scales(dt, rows.shape[1]), drive, plan, *nothing, warmth.windows(window * dt))
        draws = np.stack([standard_normals(SEED, THERMAL, 7, lanes, 3 + step) for step in range(steps)]).astype(float)
        for lane in range(lanes):
            moment, rises, _ = naive.electrothermal(
                start[:, lane], np.zeros(1), device, drive, unit, draws[:, lane], dt, window
            )[-1]
            assert rises.sum() > 20.0
            np.testing.assert_allclose(m[:, lane], moment, rtol=0.0, atol=1e-5)
            np.testing.assert_allclose(heat[1:, lane], rises, rtol=1e-5)


def test_the_same_bits_in_any_batch_and_block():
    device = DEVICE.replace(
        curie_temperature=900.0, tmr_voltage=0.5, thermal_resistances=(1e5,), thermal_times=(1e-10,)
    )
    protocol = Protocol((0.0, 1e-11, 1e-10), (0.0, 0.4, 0.4), "V")
    many = simulate(device, protocol, trials=300, seed=5, numerics=Numerics(lanes=64))
    few = simulate(device, protocol, trials=7, seed=5, numerics=Numerics(lanes=16))
    np.testing.assert_array_equal(many.m.values[:7], few.m.values)


# The density of an axial device


def test_axial_devices_have_the_field_of_fourth_order():
    device = BALL.replace(Ku=1e5, Ku2=-3e4)
    axial = Axial.of(device, device.size)
    rate = gamma0 / (1.0 + device.alpha**2)
    assert axial.fourth == pytest.approx(-rate * 12e4 / (mu0 * device.Ms), rel=1e-14)
    assert axial.anisotropy == pytest.approx(-rate * 2e5 / (mu0 * device.Ms), rel=1e-6)
    assert Axial.of(device.replace(Ku2=0.0), device.size).fourth == 0.0
    with pytest.raises(InputError, match="easy_axis"):
        Axial.of(device.replace(Ku=0.0, easy_axis=(0.0, 0.6, 0.8)), device.size)
