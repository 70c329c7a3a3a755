"""The lane kernel: its table, and its steps against the twins, for many devices at once."""

import contextlib
import io
import os
import subprocess
import sys

import naive
import numpy as np
import pytest
from strategies import random_device

from spinneuron.constants import gamma0
from spinneuron.device import Device
from spinneuron.dynamics.electrothermal import NEVER
from spinneuron.dynamics.macrospin import COLUMNS, Plan, advance, scales, table
from spinneuron.dynamics.noise import THERMAL, standard_normals
from spinneuron.dynamics.steppers import STEPPERS
from spinneuron.geometry import Size

# Where compilation is off, NumPy says of scalars that random words wrap around, which is what they are for.
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered in scalar add:RuntimeWarning")
COUNT = 40
SEED = 2**33 + 5
TEMPERATURE = 350.0
DT = 2e-13


def cold(lanes, samples=0):
    """What `advance` takes of lanes that follow no heat."""
    return np.empty((0, lanes)), np.empty((samples, 0, lanes)), NEVER


def test_columns_hold_the_numbers_of_the_equation():
    device = random_device(np.random.default_rng(1))
    row = dict(zip([name for name, _ in COLUMNS], table(device, device.size, "V", TEMPERATURE)[0], strict=True))
    rate = gamma0 / (1.0 + device.alpha**2)
    assert row["hx"] == pytest.approx(rate * device.applied_field[0], rel=1e-12)
    # At m.p = 0 the amplitudes of the torque and the current are those of the twins.
    a, b = naive.torque_fields(0.0, naive.current_density(0.0, device, 1.0, "V"), device)
    assert row["mean"] * row["a"] / row["even"] == pytest.approx(rate * a, rel=1e-9)
    assert row["mean"] * row["b"] == pytest.approx(rate * b, rel=1e-9)
    sigma = naive.thermal_field(device, TEMPERATURE, DT, 1.0)
    assert row["noise"] / np.sqrt(DT) == pytest.approx(rate * sigma, rel=1e-9)
    assert row["alpha"] == device.alpha


def test_scales_make_angles():
    factor = dict(zip([name for name, _ in COLUMNS], scales(4e-12), strict=True))
    assert {name for name, value in factor.items() if value == 4e-12} == {
        *("xx", "yy", "zz", "xy", "xz", "yz", "hx", "hy", "hz"), "a", "b",
    }  # fmt: skip
    assert factor["noise"] == pytest.approx(2e-6)
    assert factor["even"] == factor["px"] == factor["mean"] == factor["alpha"] == 1.0


def test_a_family_of_pillars_is_a_stack_of_rows():
    device = Device.preset("orthogonal")
    heights = np.array([20e-9, 50e-9])
    family = table(device, Size.of(device.geometry, 10e-9, 45e-9, heights), "A", 300.0)
    for height, row in zip(heights, family, strict=True):
        alone = device.replace(thickness=float(height))
        np.testing.assert_array_equal(row, table(alone, alone.size, "A", 300.0)[0])


def setup(unit):
    """Random devices, directions and a drive at both ends and the middles of three steps."""
    rng = np.random.default_rng(42)
    devices = [random_device(rng) for _ in range(COUNT)]
    m = rng.normal(size=(3, COUNT))
    m /= np.linalg.norm(m, axis=0)
    peak = {"V": 0.8, "A": 2e-4, "A/m^2": 1e12}[unit]
    return devices, m, peak * np.array([0.0, 0.3, 0.8, -1.0, -0.4, 0.1, 0.9])


def twin(name, device, m, drive, unit, trial, first_step, temperature=TEMPERATURE):
    """Three steps by the naive scheme, with the noise of the trial."""
    for step in range(3):
        words = naive.noise_words(SEED, THERMAL, trial, first_step + step)
        noise = naive.thermal_field(device, temperature, DT, naive.box_muller(words))
        values = drive[2 * step : 2 * step + 3]

        def at(t, values=values):
            return np.interp(t, [0.0, 0.5 * DT, DT], values)

        if name == "heun":
            m = naive.heun(m, lambda m, t: naive.slope(m, device, at(t), unit, noise), 0.0, DT)  # noqa: B023
        else:
            m = naive.semi_implicit(m, lambda m, t: naive.omega(m, device, at(t), unit, noise), 0.0, DT)  # noqa: B023
    return m


# Single-precision normals times an angle of up to 0.1 rad per step; single-precision states round at every step.
@pytest.mark.parametrize(("precision", "tolerance"), [("float64", 2e-7), ("float32", 2e-6)])
@pytest.mark.parametrize("unit", ["V", "A", "A/m^2"])
@pytest.mark.parametrize("name", ["heun", "semi-implicit"])
def test_steps_are_those_of_the_twin(name, unit, precision, tolerance):
    devices, start, drive = setup(unit)
    rows = np.concatenate([table(device, device.size, unit, TEMPERATURE) for device in devices])
    first_trial, first_step = 1000, 2**32 - 2
    m = start.astype(precision)
    record = np.empty((3, 3, COUNT), precision)
    plan = Plan(COUNT, 1, first_trial, first_step, STEPPERS[name].scheme, SEED, 1, 16)
    advance(m, rows, scales(DT), drive.astype(precision), plan, record, *cold(COUNT, 3))
    np.testing.assert_array_equal(record[2], m)
    assert np.abs(record[0] - start).max() > 0.01
    for i, device in enumerate(devices):
        expected = twin(name, device, start[:, i], drive, unit, first_trial + i, first_step)
        np.testing.assert_allclose(m[:, i], expected, rtol=0.0, atol=tolerance)


@pytest.mark.parametrize("name", ["heun", "semi-implicit"])
def test_without_noise_steps_are_exact_to_rounding(name):
    devices, start, drive = setup("V")
    rows = np.concatenate([table(device, device.size, "V", 0.0) for device in devices])
    m = start.copy()
    plan = Plan(COUNT, 1, 0, 0, STEPPERS[name].scheme, SEED, 0, 16)
    advance(m, rows, scales(DT), drive, plan, np.empty((0, 3, COUNT)), *cold(COUNT))
    for i, device in enumerate(devices):
        expected = twin(name, device, start[:, i], drive, "V", 0, 0, temperature=0.0)
        np.testing.assert_allclose(m[:, i], expected, rtol=0.0, atol=1e-11)


@pytest.mark.parametrize("name", ["heun", "semi-implicit"])
def test_moments_stay_on_the_sphere(name):
    device = Device.preset("orthogonal")
    m = np.tile([[0.6], [0.0], [0.8]], (1, 64))
    steps = 20_000
    plan = Plan(64, 64, 0, 0, STEPPERS[name].scheme, 3, 0, 64)
    advance(
        m,
        table(device, device.size, "V", 300.0),
        scales(6e-13),
        np.full(2 * steps + 1, 1.0),
        plan,
        np.empty((0, 3, 64)),
        *cold(64),
    )
    # Heun renormalizes to rounding; the rotations of SIB add theirs up as a walk of 2 x 20,000 of 1e-16.
    np.testing.assert_allclose(np.linalg.norm(m, axis=0), 1.0, rtol=0.0, atol=1e-9 if name == "heun" else 1e-13)


def test_noise_is_used_as_addressed():
    """At a tiny angle per step and without fields a Heun step is m + m x Omega, so that the noise can be read back."""
    device = Device.preset("orthogonal").replace(alpha=1e-6)
    rows = table(device, device.size, "V", 300.0)
    rows[:, :9] = 0.0
    m = np.tile([[0.0], [0.0], [1.0]], (1, 16))
    plan = Plan(16, 16, 5, 77, STEPPERS["heun"].scheme, SEED, 0, 16)
    advance(m, rows, scales(DT), np.zeros(3), plan, np.empty((0, 3, 16)), *cold(16))
    kick = rows[0, -1] * np.sqrt(DT)
    normals = standard_normals(SEED, THERMAL, 5, 16, 77)
    # z x (-kick n) = kick (n_y, -n_x, 0)
    np.testing.assert_allclose(m[0] / kick, normals[:, 1], rtol=0.0, atol=1e-4)
    np.testing.assert_allclose(m[1] / kick, -normals[:, 0], rtol=0.0, atol=1e-4)


QUIET = """
import warnings
warnings.simplefilter("error")
warnings.filterwarnings("ignore", "overflow encountered in scalar add", RuntimeWarning)
"""
PLAIN = """
from spinneuron.device import Device
from spinneuron.dynamics.ensemble import Numerics
from spinneuron.protocols import Protocol
from spinneuron.simulation import simulate

protocol = Protocol((0.0, 4e-12, 8e-12), (0.0, 1.0, 1.0), "V")
junction = Device.preset("orthogonal")
hot = junction.replace(curie_temperature=900.0, polarization_temperature=1400.0, tmr_voltage=0.5,
                       thermal_resistances=(5e5, 1e5), thermal_times=(2e-12, 1e-9))
cases = ("heun float64", "heun float32", "semi-implicit float64", "dormand-prince float64", "heun float64 hot")
for case in cases:
    stepper, precision, *heat = case.split()
    numerics = Numerics(stepper, precision=precision, lanes=16)
    warm = stepper != "dormand-prince"
    run = simulate(hot if heat else junction, protocol, trials=2 if warm else 1, temperature=300.0 * warm,
                   seed=2**40 + 1, every=4e-12, initial=(0.48, 0.6, 0.64), numerics=numerics)
    print(*run.m.values.ravel().tolist())
"""


def test_kernels_run_without_compilation():
    """For coverage and debugging: the same numbers, but for the rounding of a * b + c."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(PLAIN, {})
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run([sys.executable, "-c", QUIET + PLAIN], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    both = (printed.getvalue(), done.stdout)
    results = [[np.array(line.split(), dtype=float) for line in text.splitlines()] for text in both]
    for compiled, plain, tolerance in zip(*results, (1e-6, 5e-6, 1e-6, 1e-9, 1e-6), strict=True):
        np.testing.assert_allclose(plain, compiled, rtol=0.0, atol=tolerance)
        assert np.abs(plain).max() > 0.6
