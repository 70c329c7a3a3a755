"""Junctions that heat themselves: kernel against twin, energy, order, bits, and the equilibrium of hot magnets."""

from dataclasses import replace

import naive
import numba
import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from strategies import random_device

from spinneuron.device import Device
from spinneuron.dynamics import ensemble
from spinneuron.dynamics.electrothermal import HEAT_COLUMNS, follows, renew
from spinneuron.dynamics.ensemble import STEPS_PER_WINDOW, Course, Numerics, choose, run
from spinneuron.dynamics.macrospin import COLUMNS, Plan, advance, scales, table
from spinneuron.dynamics.noise import THERMAL, standard_normals
from spinneuron.dynamics.steppers import HEUN
from spinneuron.physics.fields import Fields, tensor
from spinneuron.physics.temperature import at, grid, limit
from spinneuron.quantity import InputError
from spinneuron.simulation import warmth_of

pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered in scalar add:RuntimeWarning")
NAMES = [name for name, _ in COLUMNS + HEAT_COLUMNS]
PEAK = {"V": 0.8, "A": 2e-4, "A/m^2": 1e12}
UNITS = sorted(PEAK)
SEED = 2**35 + 11
# A perpendicular disc in which everything follows heat and voltage.
DISC = Device.preset("parallel").replace(
    name="disc",
    geometry="elliptic-cylinder",
    width=40e-9,
    length=40e-9,
    thickness=1.5e-9,
    Ms=1e6,
    alpha=0.05,
    Ku=7.5e5,
    easy_axis=(0.0, 0.6, 0.8),
    curie_temperature=900.0,
    polarization_temperature=1400.0,
    tmr_voltage=0.5,
    thermal_resistances=(3e5, 1.5e5),
    thermal_times=(0.1e-9, 3e-9),
)


def hot_power(device, unit, peak=None):
    """Largest power that a drive can bring into a junction."""
    peak = PEAK[unit] if peak is None else peak
    if unit == "V":
        return peak**2 / device.resistance_parallel
    return (peak * (device.area if unit == "A/m^2" else 1.0)) ** 2 * device.resistance_antiparallel


def random_heated(rng, unit, poles):
    """A random junction with all laws and paths, which its drive heats by 300 K at most."""
    device = random_device(rng).replace(
        curie_temperature=float(rng.uniform(800.0, 1400.0)),
        polarization_temperature=float(rng.uniform(900.0, 2000.0)),
        Ku_exponent=float(rng.uniform(0.0, 4.0)),
        tmr_voltage=float(rng.uniform(0.2, 1.0)),
        polarity=float(rng.choice([-1.0, 1.0])),
        activation_volume=float(rng.uniform(1e-24, 1e-22)),
    )
    _, dt = choose(Numerics("heun"), table(device, device.size, unit, 600.0), PEAK[unit])
    return device.replace(
        thermal_resistances=tuple((300.0 / hot_power(device, unit) * rng.dirichlet(np.ones(poles))).tolist()),
        thermal_times=tuple((dt * 10 ** rng.uniform(0.0, 4.0, poles)).tolist()),
    ), 0.5 * dt


def tabled(device, temperature, ambient):
    """The law by linear interpolation between the points of the kernel's table: 512 up to 0.98 of the lower zero."""
    T = np.linspace(ambient, 0.98 * min(device.curie_temperature, device.polarization_temperature), 512)
    m = naive.bloch(T, device.curie_temperature, ambient)
    p = naive.bloch(T, device.polarization_temperature, ambient)
    Ms, Hk, torque, noise, tmr = (
        float(np.interp(temperature, T, column))
        for column in (m, m ** (device.Ku_exponent - 1.0), p / m, T / ambient / m, p * p)
    )
    return device.replace(
        Ms=device.Ms * Ms,
        Ku=device.Ku * Hk * Ms,
        P=device.P * torque * Ms,
        eps_prime=device.eps_prime * torque * Ms,
        tmr=device.tmr * tmr,
        # of the noise, which has a column of its own
        temperature=ambient * noise * Ms,
    )


@pytest.mark.parametrize("poles", [1, 2, 3, 4])
@pytest.mark.parametrize("unit", UNITS)
def test_windows_are_those_of_the_twin(unit, poles):
    """Ten windows of four steps, noise included: to rounding, of which a moment that precesses keeps 1e-10."""
    rng = np.random.default_rng(100 * poles + UNITS.index(unit))
    window, windows, lanes, hottest = 4, 10, 2, 0.0
    for _ in range(3):
        device, dt = random_heated(rng, unit, poles)
        warmth = warmth_of(device, unit, PEAK[unit], lanes)
        rows = table(device, device.size, unit, device.temperature)
        steps = window * windows
        drive = PEAK[unit] * np.interp(
            np.arange(2 * steps + 1), np.linspace(0, 2 * steps, 9), rng.uniform(-1.0, 1.0, 9)
        )
        start = rng.normal(size=(3, lanes))
        start /= np.linalg.norm(start, axis=0)
        heat = np.concatenate([np.zeros((1, lanes)), rng.uniform(0.0, 40.0, (poles, lanes))])
        m, theta = start.copy(), heat[1:].copy()
        records, heats = np.empty((windows, 3, lanes)), np.empty((windows, 1 + poles, lanes))
        plan = Plan(lanes, lanes, 7, 2**32 - 5, HEUN, SEED, window, 16, window)
        scale = scales(dt, rows.shape[1])
        advance(m, rows, scale, drive, plan, records, heat, heats, warmth.windows(window * dt))
        np.testing.assert_array_equal(records[-1], m)
        np.testing.assert_array_equal(heats[-1], heat)
        draws = np.stack([standard_normals(SEED, THERMAL, 7, lanes, 2**32 - 5 + step) for step in range(steps)])
        for lane in range(lanes):
            expected = naive.electrothermal(
                start[:, lane], theta[:, lane], device, drive, unit, draws[:, lane].astype(float), dt, window, tabled
            )
            for sample, (moment, rises, power) in enumerate(expected[1:]):
                np.testing.assert_allclose(records[sample, :, lane], moment, rtol=0.0, atol=1e-10)
                np.testing.assert_allclose(heats[sample, 1:, lane], rises, rtol=0.0, atol=1e-7)
                assert heats[sample, 0, lane] == pytest.approx(power, rel=1e-9, abs=1e-9 * hot_power(device, unit))
            assert np.abs(expected[-1][0] - start[:, lane]).max() > 1e-3
            hottest = max(hottest, *(float(np.sum(rises)) for _, rises, _ in expected))
    assert hottest > 30.0


def test_tmr_that_follows_a_voltage_without_heat():
    """No poles: the conductance of each window is that of the voltage at its start."""
    rng = np.random.default_rng(5)
    device, dt = random_heated(rng, "V", 1)
    device = device.replace(thermal_resistances=(), thermal_times=())
    assert follows(device, "V") and not follows(device, "A")
    warmth, rows = warmth_of(device, "V", 0.8, 1), table(device, device.size, "V", device.temperature)
    steps, window = 24, 4
    drive, start = np.linspace(-0.2, 0.8, 2 * steps + 1), np.array([[0.6], [0.0], [0.8]])
    m, heat = start.copy(), np.zeros((1, 1))
    plan = Plan(1, 1, 0, 0, HEUN, SEED, 0, 16, window)
    scale, none = scales(dt, rows.shape[1]), (np.empty((0, 3, 1)), np.empty((0, 1, 1)))
    advance(m, rows, scale, drive, plan, none[0], heat, none[1], warmth.windows(window * dt))
    draws = np.stack([standard_normals(SEED, THERMAL, 0, 1, step)[0] for step in range(steps)]).astype(float)
    moment, _, power = naive.electrothermal(start[:, 0], np.zeros(0), device, drive, "V", draws, dt, window)[-1]
    np.testing.assert_allclose(m[:, 0], moment, rtol=0.0, atol=1e-10)
    assert heat[0, 0] == pytest.approx(power, rel=1e-9)


# Frozen moments: only heat moves


def frozen(device, unit, peak, cosines):
    """Moments at given angles to the pinned layer, rows in which nothing turns them, and their heat."""
    rows = table(device, device.size, unit, device.temperature)
    for name in (*Fields._fields, "a", "b", "noise", *(f"shape_{name}" for name in Fields._fields[:6])):
        rows[:, NAMES.index(name)] = 0.0
    c, p = np.asarray(cosines), np.asarray(device.pinned)
    across = np.cross(p, [0.36, 0.48, 0.8])
    m = p[:, None] * c + (across / np.linalg.norm(across))[:, None] * np.sqrt(1.0 - c**2)
    return m, rows, replace(warmth_of(device, unit, peak, len(c)), extremes=rows)


def pulse(peak, edge, plateau, after):
    return np.cumsum([0.0, edge, plateau, edge, after]), peak * np.array([0.0, 1.0, 1.0, 0.0, 0.0])


COSINES = np.array([-1.0, -0.7, 0.0, 0.35, 1.0])
LEVELS = {"V": 0.6, "A": 0.9e-3, "A/m^2": 0.7e12}


@pytest.mark.parametrize("unit", UNITS)
def test_heat_in_is_heat_stored_and_heat_given_off(unit):
    """C_j theta_j(end) + integral of theta_j / R_j = integral of the power, which is linear from window to window."""
    device = DISC.replace(
        polarization_temperature=None, thermal_resistances=(2e5, 1.5e5, 1e5), thermal_times=(3e-12, 80e-12, 2e-9)
    )
    corners, values = pulse(LEVELS[unit], 64e-12, 320e-12, 512e-12)
    h = 3.2e-12
    m, rows, warmth = frozen(device, unit, LEVELS[unit], COSINES)
    course = Course(tuple(corners), tuple(values), h, 300)
    run(m, rows, course, trials=len(COSINES), numerics=Numerics("heun", 0.2e-12), warmth=warmth)
    power, theta = warmth.record[:, 0], warmth.record[:, 1:]
    assert theta.max() > 30.0 and theta[-1].max() < 0.6 * theta.max()
    heat_in = h * 0.5 * (power[1:] + power[:-1]).sum(axis=0)
    for j, (R, tau) in enumerate(zip(device.thermal_resistances, device.thermal_times, strict=True)):
        # the integral of R (p - tau p') + A exp(-t/tau) over a window, with A from its start
        slope = np.diff(power, axis=0).astype(np.longdouble) / h
        decaying = theta[:-1, j].astype(np.longdouble) - R * (power[:-1] - tau * slope)
        decay = -np.expm1(np.longdouble(-h / tau))
        given_off = (0.5 * h * (power[1:] + power[:-1]) - tau * h * slope + decaying * tau * decay / R).sum(axis=0)
        stored = tau / R * theta[-1, j]
        np.testing.assert_allclose((stored + given_off).astype(float), heat_in, rtol=1e-12)


@pytest.mark.parametrize("unit", ["V", "A/m^2"])
def test_heat_of_a_frozen_moment_is_of_second_order_in_the_window(unit):
    """Against the equation in continuous time; TMR follows voltage and temperature."""
    device = DISC.replace(thermal_resistances=(1.5e5, 1.2e5), thermal_times=(0.4e-9, 5e-9))
    corners, values = pulse(LEVELS[unit], 0.8e-9, 0.8e-9, 0.8e-9)

    def slope(t, theta, c):
        hot = naive.warmer(device, device.temperature + theta.sum(), device.temperature)
        power = naive.joule(c, hot, np.interp(t, corners, values), unit)
        return (-theta + np.array(device.thermal_resistances) * power) / np.array(device.thermal_times)

    exact = []
    for c in COSINES[[1, 3]]:
        theta, course = np.zeros(2), []
        for begin, end in zip(corners[:-1], corners[1:], strict=True):
            theta = solve_ivp(slope, (begin, end), theta, "DOP853", args=(c,), rtol=1e-10, atol=1e-8).y[:, -1]
            course.append(theta)
        exact.append(course)
    exact = np.moveaxis(np.array(exact), 0, -1)
    assert exact.max() > 30.0
    errors = []
    for window in (80e-12, 40e-12, 20e-12):
        m, rows, warmth = frozen(device, unit, LEVELS[unit], COSINES[[1, 3]])
        course = Course(tuple(corners), tuple(values), 0.8e-9, 4)
        run(m, rows, course, trials=2, numerics=Numerics("heun", window / STEPS_PER_WINDOW), warmth=warmth)
        errors.append(np.abs(warmth.record[1:, 1:] - exact).max())
    # A tenth of an edge, as long as a window may be, costs two thousandths of the rise.
    assert errors[0] < 3e-3 * exact.max()
    for coarse, fine in zip(errors[:-1], errors[1:], strict=True):
        assert coarse / fine == pytest.approx(4.0, rel=0.15)


@pytest.mark.parametrize("unit", UNITS)
def test_steady_rise_is_resistance_times_power(unit):
    device = DISC.replace(polarization_temperature=None, thermal_resistances=(6e4, 2e4), thermal_times=(5e-12, 20e-12))
    level = LEVELS[unit]
    m, rows, warmth = frozen(device, unit, level, COSINES)
    course = Course((0.0, 1e-9), (level, level), 1e-9, 1)
    run(m, rows, course, trials=len(COSINES), numerics=Numerics("heun", 1e-12), warmth=warmth)
    power = [naive.joule(c, device, level, unit) for c in COSINES]
    # exp(-50) of the transient is left
    np.testing.assert_allclose(warmth.state[0], power, rtol=1e-12)
    for R, theta in zip(device.thermal_resistances, warmth.state[1:], strict=True):
        np.testing.assert_allclose(theta, R * np.array(power), rtol=1e-12)


def test_steady_state_where_tmr_follows_the_heat():
    device = DISC.replace(thermal_resistances=(8e4,), thermal_times=(5e-12,))
    m, rows, warmth = frozen(device, "V", 0.6, COSINES)
    course = Course((0.0, 1e-9), (0.6, 0.6), 1e-9, 1)
    run(m, rows, course, trials=len(COSINES), numerics=Numerics("heun", 1e-12), warmth=warmth)
    for c, (power, theta) in zip(COSINES, warmth.state.T, strict=True):
        hot = naive.warmer(device, 300.0 + theta, 300.0)
        # the table of TMR(T) is good to 1e-6
        assert power == pytest.approx(naive.joule(c, hot, 0.6, "V"), rel=2e-6)
        assert theta == pytest.approx(8e4 * power, rel=1e-12)


# The parameters of a hot device


def parameters(device, unit, rises, drive=0.0):
    """What the kernel uses at given rises, in the columns of a table; no step is made."""
    lanes = len(rises)
    rows = table(device, device.size, unit, device.temperature)
    warmth = warmth_of(device, unit, 1e-3, lanes)
    base = np.tile(rows.T, (1, lanes))
    p, heat = base.copy(), warmth.state.copy()
    heat[1] = rises
    x, y, z = np.tile([[0.6], [0.0], [0.8]], (1, lanes))
    renew(x, y, z, p, base, heat, np.empty((10, lanes)), drive, False, warmth.windows(1e-12))
    return p


def without_trace(columns):
    S = tensor(Fields(*columns[:9]))
    return S - np.trace(S, axis1=-2, axis2=-1)[..., None, None] / 3.0 * np.eye(3)


@pytest.mark.parametrize("seed", range(6))
def test_parameters_of_a_hot_device_are_those_of_the_device_at_that_temperature(seed):
    """At the points of the table to rounding, between them to 1e-4 of the fields up to 0.8 of the limit."""
    rng = np.random.default_rng(seed)
    unit = UNITS[seed % 3]
    device, _ = random_heated(rng, unit, 1)
    first, step, laws = grid(device, device.temperature)
    points = step * rng.integers(0, 511, 6)
    between = rng.uniform(0.0, 0.8 * limit(device) - device.temperature, 6)
    for rises, tolerance in ((points, 1e-11), (between, 1e-4)):
        used = parameters(device, unit, rises)
        for lane, rise in enumerate(rises):
            hot = at(device, first + rise)
            wanted = table(hot, hot.size, unit, hot.temperature)[0]
            scale = np.abs(wanted[:6]).max()
            difference = without_trace(used[:, lane]) - without_trace(wanted)
            np.testing.assert_allclose(difference, 0.0, rtol=0.0, atol=tolerance * scale)
            for name in ("hx", "hy", "hz", "a", "b", "even", "odd", "mean", "swing", "alpha", "noise"):
                i = NAMES.index(name)
                assert used[i, lane] == pytest.approx(wanted[i], rel=tolerance, abs=1e-300), name


def test_a_device_at_rest_keeps_its_parameters():
    """To rounding: at no rise all ratios are 1, also near 0 K, where the noise grows as the root of T."""
    for temperature in (1.0, 77.0, 300.0):
        device = at(DISC, temperature)
        row, used = table(device, device.size, "V", temperature)[0], parameters(device, "V", np.zeros(1))[:, 0]
        np.testing.assert_allclose(used, row, rtol=1e-14, atol=1e-13 * np.abs(row[:6]).max())
        assert used[NAMES.index("noise")] == row[NAMES.index("noise")]


@pytest.mark.parametrize("temperature", [1.0, 4.2, 77.0])
def test_noise_of_a_cold_device_grows_with_its_temperature(temperature):
    device = at(DISC, temperature)
    rises = temperature * np.array([0.1, 0.5, 1.0, 3.0])
    noise = parameters(device, "V", rises)[NAMES.index("noise")]
    for rise, strength in zip(rises, noise, strict=True):
        hot = at(device, temperature + rise)
        wanted = table(hot, hot.size, "V", hot.temperature)[0, NAMES.index("noise")]
        assert strength == pytest.approx(wanted, rel=1e-4)


def exact_square(delta):
    """<z^2> of exp(delta z^2)."""
    weight = quad(lambda z: np.exp(delta * (z * z - 1.0)), 0.0, 1.0)[0]
    return quad(lambda z: z * z * np.exp(delta * (z * z - 1.0)), 0.0, 1.0)[0] / weight


@pytest.mark.parametrize("name", ["heun", "semi-implicit"])
def test_a_hot_magnet_is_in_the_equilibrium_of_its_hot_parameters(name):
    """Surroundings at 300 K, free layer at 520 K by a path that gives nothing off: Delta(520 K), not Delta(300 K)."""
    device = DISC.replace(
        width=8e-9,
        length=8e-9,
        thickness=4e-9,
        Ms=6e5,
        alpha=0.2,
        Ku=2.2e5,
        easy_axis=(0.0, 0.0, 1.0),
        activation_volume=0.8 * DISC.replace(width=8e-9, length=8e-9, thickness=4e-9).volume,
        thermal_resistances=(1e3,),
        thermal_times=(1.0,),
    )

    def barrier(temperature):
        hot = naive.warmer(device, temperature, 300.0)
        across, _, height = hot.demagnetizing_factors
        density = hot.Ku - 0.5 * naive.MU0 * hot.Ms**2 * (height - across)
        return density * device.activation_volume / (naive.KB * temperature), density / hot.Ms

    cold, _ = barrier(300.0)
    delta, field = barrier(520.0)
    lanes = 30_000
    warmth = warmth_of(device, "V", 0.5, lanes)
    warmth.state[1] = 220.0
    m = np.tile([[0.0], [0.0], [1.0]], (1, lanes))
    m[2, ::2] = -1.0
    rows = table(device, device.size, "V", 300.0)
    relaxation = naive.MU0 / (2.0 * field) * (1.0 + device.alpha**2) / (device.alpha * naive.GAMMA0)
    course = Course((0.0, 1.0), (0.0, 0.0), 8.0 * relaxation, 1)
    run(m, rows, course, trials=lanes, seed=3, numerics=Numerics(name), record=False, warmth=warmth)
    np.testing.assert_allclose(warmth.state[1], 220.0, rtol=1e-6)
    square = m[2] ** 2
    sigma = square.std() / np.sqrt(lanes)
    # 0.002: the bias that the largest step leaves, measured in tests/dynamics; the cold value is far from it.
    assert abs(square.mean() - exact_square(delta)) < 4.0 * sigma + 0.002
    assert exact_square(cold) - exact_square(delta) > 20.0 * sigma


# Bits


COURSES = {
    "V": Course((0.0, 40e-12, 200e-12, 320e-12), (0.0, 0.7, -0.5, 0.0), 20e-12, 16),
    "A/m^2": Course((0.0, 40e-12, 200e-12, 320e-12), (0.0, 0.6e12, -0.4e12, 0.0), 20e-12, 16),
}
TRIALS = 100
NUMERICS = Numerics("heun", 2e-13)


def go(unit, numerics=NUMERICS, lanes=TRIALS, first=(0, 0), record=True, device=DISC):
    """Records and final states of moments and heat."""
    course = COURSES[unit]
    warmth = warmth_of(device, unit, max(map(abs, course.values)), lanes)
    m = np.tile([[0.0], [0.6], [0.8]], (1, lanes))
    rows = table(device, device.size, unit, device.temperature)
    kept, _, _ = run(
        m, rows, course, trials=lanes, seed=12, first=first, numerics=numerics, record=record, warmth=warmth
    )
    return kept, m, warmth.record, warmth.state


def same(result, expected):
    for got, wanted in zip(result, expected, strict=True):
        np.testing.assert_array_equal(got, wanted)


@pytest.fixture(scope="module", params=sorted(COURSES))
def whole(request):
    """The run that all others must repeat to the bit, in which everything follows."""
    result = go(request.param)
    assert result[3][1:].sum(axis=0).max() > 20.0 and result[2][:, 1:].sum(axis=1).max() > 40.0
    return request.param, result


@pytest.mark.parametrize("lanes", [16, 48, 256])
def test_length_of_a_block_changes_no_bit(whole, lanes):
    unit, result = whole
    same(go(unit, NUMERICS._replace(lanes=lanes)), result)
    single = NUMERICS._replace(precision="float32")
    same(go(unit, single._replace(lanes=lanes)), go(unit, single))


def test_number_of_threads_changes_no_bit(whole):
    unit, result = whole
    threads = numba.get_num_threads()
    for count in (1, numba.config.NUMBA_NUM_THREADS):
        numba.set_num_threads(count)
        try:
            same(go(unit, NUMERICS._replace(lanes=16)), result)
        finally:
            numba.set_num_threads(threads)


@pytest.mark.parametrize("most", [1, 7, 64])
def test_batches_change_no_bit(whole, monkeypatch, most):
    monkeypatch.setattr(ensemble, "LANES_PER_BATCH", most)
    same(go(whole[0]), whole[1])


# 100 steps between records in windows of 20: calls of some records, of one, of less than one, and of one window.
@pytest.mark.parametrize("steps", [500, 110, 50, 5])
def test_stretches_change_no_bit(whole, monkeypatch, steps):
    unit, result = whole
    calls, advance = [], ensemble.advance

    def counted(*arguments):
        calls.append((len(arguments[3]) - 1) // 2)
        advance(*arguments)

    monkeypatch.setattr(ensemble, "LANE_STEPS_PER_CALL", steps * 128)
    monkeypatch.setattr(ensemble, "advance", counted)
    same(go(unit), result)
    assert sum(calls) == 16 * 100 and max(calls) <= max(steps, 20)
    same(go(unit, record=False)[1::2], result[1::2])


def test_range_of_trials_is_a_cut_of_the_ensemble(whole):
    unit, result = whole
    same(go(unit, lanes=30, first=(41, 0)), tuple(array[..., 41:71] for array in result))
    same(go(unit, lanes=1, first=(99, 0)), tuple(array[..., 99:] for array in result))


def test_runs_can_be_cut_in_time(whole):
    """Moments, rises and the number of the step are all that a run takes along."""
    unit, result = whole
    course, m = COURSES[unit], np.tile([[0.0], [0.6], [0.8]], (1, TRIALS))
    warmth = warmth_of(DISC, unit, max(map(abs, course.values)), TRIALS)
    rows = table(DISC, DISC.size, unit, 300.0)
    early, late = course._replace(samples=10), Course((0.0, 120e-12), course.values[2:], 20e-12, 6)
    for part, first in ((early, 0), (late, 10 * 100)):
        options = {"trials": TRIALS, "seed": 12, "numerics": NUMERICS, "first": (0, first)}
        run(m, rows, part, **options, record=False, warmth=warmth)
    # The drive is interpolated from other corners, hence not to the bit.
    np.testing.assert_allclose(m, result[1], rtol=0.0, atol=1e-9)
    np.testing.assert_allclose(warmth.state, result[3], rtol=1e-9)


def test_single_precision_gives_the_same_statistics(whole):
    """The same noise: single trials differ by roundings that motion has amplified, means of 100 by a tenth of that."""
    unit, (kept, _, heats, _) = whole
    other = go(unit, NUMERICS._replace(precision="float32"))
    assert np.abs(other[0] - kept).max() < 1e-3
    np.testing.assert_allclose(other[0].mean(axis=-1), kept.mean(axis=-1), rtol=0.0, atol=1e-4)
    np.testing.assert_allclose(other[2].mean(axis=-1), heats.mean(axis=-1), rtol=1e-4)


def test_every_record_has_the_power_of_its_moment_and_temperature(whole):
    """Also the first one: not only after a window."""
    unit, (kept, _, heats, _) = whole
    values = COURSES[unit].at(np.arange(17) * 20e-12)
    for sample in (0, 1, 4, 9, 15):
        for lane in (0, 57):
            hot = naive.warmer(DISC, 300.0 + heats[sample, 1:, lane].sum(), 300.0)
            c = kept[sample, :, lane] @ np.asarray(DISC.pinned)
            wanted = naive.joule(c, hot, float(values[sample]), unit)
            assert heats[sample, 0, lane] == pytest.approx(wanted, rel=1e-5, abs=1e-18)
    flat = COURSES[unit]._replace(values=(0.3 * max(COURSES[unit].values),) * 4)
    m, warmth = np.array([[0.0], [0.6], [0.8]]), warmth_of(DISC, unit, max(flat.values), 1)
    run(m, table(DISC, DISC.size, unit, 300.0), flat, numerics=NUMERICS, warmth=warmth)
    assert warmth.record[0, 0, 0] == pytest.approx(naive.joule(0.8, DISC, flat.values[0], unit), rel=1e-9)
    np.testing.assert_array_equal(warmth.record[0, 1:], 0.0)


# Windows


@pytest.mark.parametrize("unit", ["V"])
def test_windows_are_a_tenth_of_the_shortest_part_of_a_drive(unit, monkeypatch):
    seen = []
    monkeypatch.setattr(ensemble, "advance", lambda *arguments: seen.append(arguments[4]))
    m, rows = np.array([[0.0], [0.6], [0.8]]), table(DISC, DISC.size, unit, 300.0)
    for corners, values, longest in [
        ((0.0, 1e-9), (0.3, 0.3), STEPS_PER_WINDOW),
        ((0.0, 1e-12, 1e-9), (0.3, 0.3, 0.3), STEPS_PER_WINDOW),
        ((0.0, 1e-9), (0.0, 0.3), STEPS_PER_WINDOW),
        ((0.0, 20e-12, 1e-9), (0.0, 0.3, 0.3), 10),
        ((0.0, 1e-12, 1e-9), (0.0, 0.3, 0.3), 1),
    ]:
        seen.clear()
        warmth = warmth_of(DISC, unit, 0.3, 1)
        course = Course(corners, values, 100e-12, 10)
        run(m, rows, course, numerics=Numerics("heun", 2e-13), record=False, warmth=warmth)
        assert {plan.window for plan in seen} == {longest}


# What is refused


def test_a_free_layer_beyond_its_laws_is_refused():
    """Also where it has cooled again when the kernel returns: 100 ps of a pulse in a run of 20 ns."""
    device = DISC.replace(thermal_resistances=(8e5,), thermal_times=(20e-12,))
    for end in (120e-12, 20e-9):
        course = Course((0.0, 10e-12, 90e-12, 100e-12, end), (0.0, 0.9, 0.9, 0.0, 0.0), end, 1)
        m, warmth = np.array([[0.0], [0.0], [1.0]]), warmth_of(device, "V", 0.9, 1)
        with pytest.raises(InputError) as caught:
            run(m, table(device, device.size, "V", 300.0), course, numerics=NUMERICS, warmth=warmth)
        assert str(caught.value) == (
            "temperature: the drive heats the free layer beyond 882 K, where its laws end; lower the drive or "
            "thermal_resistances"
        )


def test_a_moment_that_is_no_number_is_never_hidden():
    m = np.tile([[0.0], [0.6], [0.8]], (1, 20))
    m[1, 7] = np.nan
    warmth = warmth_of(DISC, "V", 0.7, 20)
    with pytest.raises(FloatingPointError, match="^a moment has left the unit sphere"):
        run(m, table(DISC, DISC.size, "V", 300.0), COURSES["V"], trials=20, numerics=NUMERICS, warmth=warmth)


def test_schemes_without_heat_are_refused():
    device = at(DISC.replace(thermal_resistances=(), thermal_times=()), 0.0)
    rows, course = table(device, device.size, "V", 0.0), COURSES["V"]
    m, warmth = np.array([[0.0], [0.6], [0.8]]), warmth_of(device, "V", 0.7, 1)
    with pytest.raises(InputError) as caught:
        run(m, rows, course, numerics=Numerics("dormand-prince"), warmth=warmth)
    assert str(caught.value) == (
        "stepper = 'dormand-prince': takes neither heat nor a TMR that follows the voltage; use heun or semi-implicit"
    )
    # The default at 0 K would be that one.
    _, _, name = run(m, rows, course, warmth=warmth)
    assert name == "heun"
    with pytest.raises(InputError) as caught:
        warmth_of(at(DISC, 0.0), "V", 0.7, 1)
    assert str(caught.value) == (
        "temperature = 0 K: heat brings noise; use 1 K, or a device with thermal_resistances = []"
    )
