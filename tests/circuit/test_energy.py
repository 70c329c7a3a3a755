"""Energy of a cycle and of a run: the published numbers, closed forms, and fine integration."""

import math

import numpy as np
import pytest

from spinneuron.circuit import Operation, cycle_energy, energy_of_run, resistance_for
from spinneuron.quantity import InputError

P, AP, V = 230.0, 410.0, 0.8
PICO = 1e-12


@pytest.mark.parametrize(
    ("cycle", "seconds_p", "seconds_ap"),
    [
        (Operation(probability=0.0), 170e-9, 0.0),
        (Operation(probability=1.0, moment=1.0), 150e-9, 20e-9),
        (Operation(probability=1.0), 75e-9, 95e-9),
        (Operation(probability=1.0, moment=0.0), 0.0, 170e-9),
        (Operation(), (1 - 0.1972) * 170e-9 + 0.1972 * 75e-9, 0.1972 * 95e-9),
        # The square of a ramp is a third of its top.
        (Operation(probability=0.0, shape="trapezoid"), (170 + 40 / 3) * 1e-9, 0.0),
        (Operation(probability=1.0, shape="trapezoid"), (75 + 20 / 3) * 1e-9, (95 + 20 / 3) * 1e-9),
        (Operation(probability=1.0, reset_amplitude=-0.4), 75e-9, 80e-9),
    ],
)
def test_cycle_is_power_times_time(cycle, seconds_p, seconds_ap):
    assert cycle_energy(P, AP, cycle) == pytest.approx(V**2 * (seconds_p / P + seconds_ap / AP), rel=1e-12)
    assert cycle.cycle.duration == pytest.approx(230e-9, rel=1e-12)


def test_which_assumptions_give_the_published_energies():
    # Each number as it is quoted, to its last digit.
    for cycle, picojoule in (
        (Operation(), 450.2), (Operation(probability=1.0, moment=1.0), 448.6), (Operation(probability=1.0), 357.0)
    ):  # fmt: skip
        assert cycle_energy(P, AP, cycle) == pytest.approx(picojoule * PICO, abs=0.05 * PICO)
    assert cycle_energy(P, AP) / 4.0 == pytest.approx(112.5 * PICO, abs=0.05 * PICO)
    assert resistance_for(82 * PICO) == pytest.approx(1327.0, abs=0.5)
    whole = (450 + 82) * PICO
    assert whole * (0.85 / 0.8) ** 2 == pytest.approx(600.6 * PICO, abs=0.05 * PICO)


def test_bias_dependent_tmr():
    cycle = Operation(shape="trapezoid", probability=1.0, moment=0.3)
    t = np.linspace(0.0, 20e-9, 20001)
    fine = 0.0
    for seconds, values, switched in (
        (20e-9, V * t / 20e-9, False), (45e-9, V, False), (105e-9, V, True), (20e-9, V * t / 20e-9, True),
        (20e-9, V, True),
    ):  # fmt: skip
        R = P * (1.0 + switched * (AP / P - 1.0) / (1.0 + (values / 0.5) ** 2))
        power = np.broadcast_to(values**2 / R, t.shape)
        fine += np.trapezoid(power, t) * seconds / 20e-9
    # The fine trapezoid of 20001 points is the worse one.
    assert cycle_energy(P, AP, cycle, half_voltage=0.5) == pytest.approx(fine, rel=1e-8)
    assert cycle_energy(P, AP, cycle, half_voltage=1e9) == pytest.approx(cycle_energy(P, AP, cycle), rel=1e-12)
    # Less TMR, less resistance, more energy: up to that of R_P throughout.
    never = cycle_energy(P, P, cycle)
    assert cycle_energy(P, AP, cycle) < cycle_energy(P, AP, cycle, half_voltage=0.5) < never
    assert cycle_energy(P, AP, cycle, half_voltage=1e-6) == pytest.approx(never, rel=1e-8)


def test_resistance_for_is_the_inverse():
    cycle = Operation(0.9, probability=0.4)
    R = resistance_for(1e-10, 0.7, cycle)
    assert cycle_energy(R, 1.7 * R, cycle) == pytest.approx(1e-10, rel=1e-12)


def test_run_agrees_with_the_cycle():
    cycle = Operation(shape="trapezoid", probability=0.25, moment=0.5)
    # Corners of a trapezoid, and steps within a femtosecond.
    step, at, edge = 1e-15, 95e-9, 190e-9
    ramps = [np.linspace(0.0, 20e-9, 20001), np.linspace(170e-9, edge, 20001)]
    time = np.concatenate([*ramps, [at - step, at, edge + step, 210e-9, 210e-9 + step, 230e-9]])
    time.sort()
    voltage = np.interp(time, [0.0, 20e-9, 170e-9, edge, edge + step, 210e-9, 210e-9 + step], [0, V, V, 0, -V, -V, 0])
    resistance = np.full((4, time.size), P)
    resistance[0, time >= at] = AP
    found = energy_of_run(time, voltage, resistance)
    # 20001 points to a ramp: 1e-9; a femtosecond to a step: 1e-8.
    assert found.mean == pytest.approx(cycle_energy(P, AP, cycle), rel=1e-7)
    assert found.energy.shape == (4,) and found.energy[0] < found.energy[1] == found.energy[2]
    assert found.error == pytest.approx(found.energy.std(ddof=1) / 2.0, rel=1e-12)


def test_run_of_one_trial_and_of_voltages_per_trial():
    t = [0.0, 1e-9, 3e-9]
    one = energy_of_run(t, [1.0, 1.0, 1.0], [1e3, 1e3, 1e3])
    assert one.energy.tolist() == pytest.approx([3e-12], rel=1e-14) and math.isnan(one.error)
    two = energy_of_run(t, [[1.0] * 3, [2.0] * 3], [1e3] * 3)
    assert two.energy.tolist() == pytest.approx([3e-12, 12e-12], rel=1e-14)


OHMS = [[1e3, 1e3, 1e3]]


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: Operation(0.0), "amplitude = 0 V: must be positive"),
        (lambda: Operation(shape="sine"), 'shape = "sine": use one of rectangular, trapezoid'),
        (lambda: Operation(probability=1.5), "probability = 1.5: must lie between 0 and 1"),
        (lambda: Operation(moment=-0.5), "moment = -0.5: must lie between 0 and 1"),
        (lambda: Operation(reset_amplitude=math.inf), "reset_amplitude = inf: a finite number"),
        (lambda: cycle_energy(410.0, 230.0), "antiparallel = 230 ohm: lies below parallel = 410 ohm; exchange the two"),
        (lambda: cycle_energy(230.0, 410.0, None, 0.0), "half_voltage = 0 V: must be positive"),
        (lambda: resistance_for(0.0), "energy = 0 J: must be positive"),
        (lambda: energy_of_run([0.0, 2e-9, 1e-9], [1.0] * 3, OHMS), "time = [0, 2e-09, 1e-09]: at least two ascending"),
        (lambda: energy_of_run([0.0, 1e-9], [1.0] * 3, OHMS), "voltage: has shape (3,)"),
        (lambda: energy_of_run([0.0, 1e-9, 2e-9], [1.0, 1.0, math.nan], OHMS), "voltage: has values that are not"),
        (lambda: energy_of_run([0.0, 1e-9, 2e-9], [1.0] * 3, [[1e3, 0.0, 1e3]]), "resistance = 0 ohm: must be"),
        (lambda: energy_of_run([0.0, 1e-9, 2e-9], [[1.0] * 3] * 2, OHMS), "voltage: has 2 trials, resistance has 1"),
    ],
)
def test_mistakes(act, said):
    with pytest.raises(InputError) as raised:
        act()
    assert str(raised.value).startswith(said) and "\n" not in str(raised.value)
