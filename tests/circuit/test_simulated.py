"""Energy from the simulated current, against closed forms where nothing switches and against the heat it brings."""

import numpy as np
import pytest

from spinneuron.circuit import Operation, cycle_energy, simulated_energy
from spinneuron.circuit.simulated import EVERY
from spinneuron.device import Device
from spinneuron.dynamics.ensemble import Numerics
from spinneuron.protocols import Cycle
from spinneuron.simulation import simulate


def test_a_junction_that_never_switches_takes_the_energy_of_its_ramps():
    device = Device.preset("reference").replace(tmr=0.0, tmr_voltage=None)
    found = simulated_energy(device, 0.8, trials=4)
    # Edges of 1 ns at the reset are ramps too: 20 ns of 0.8 V become 18 ns and two ramps of a third each.
    ramped = 0.64 / device.resistance_parallel * (150e-9 + 40e-9 / 3 + 18e-9 + 2e-9 / 3)
    # The trapezoid rule overestimates the integral of a parabola by step^2 / 12 of its curvature: 1e-4 on the ramps.
    assert found.mean == pytest.approx(ramped, rel=1e-4)
    never = cycle_energy(device.resistance_parallel, device.resistance_parallel, Operation(shape="trapezoid"))
    assert found.mean == pytest.approx(never, rel=0.01)
    assert found.error < 1e-6 * found.mean


def test_energy_is_that_of_the_power_that_heats():
    device = Device.preset("plasticity")
    found = simulated_energy(device, 0.8, trials=50, seed=3)
    numerics = Numerics("semi-implicit", precision="float32")
    run = simulate(device, Cycle().pump(0.8), trials=50, seed=3, every=EVERY, numerics=numerics)
    heat = np.trapezoid(run["power"].values, run["time"].values, axis=-1)
    # The same trials at the same times; states are rounded to float32, the power was not.
    assert found.mean == pytest.approx(heat.mean(), rel=1e-5)
