"""The engine of lattices: one cell is a macrospin; what it counts; its states are continued."""

import numpy as np
import pytest
from axial import axial, critical_voltage

from spinneuron.lattice.devices import Layout
from spinneuron.protocols import Cycle, Protocol, Pulse
from spinneuron.quantity import InputError
from spinneuron.switching import LatticeTrials, Trials, switching_curve

HK = 2.5e5
SIDE, THICK = 20e-9, 2e-9
# a barrier of 30 kB T without an activation volume, which a lattice does not know
SMALL = axial(
    HK, geometry="prism", width=SIDE, length=SIDE, thickness=THICK, alpha=0.05, tmr=0.8, Lambda=1.3, polarity=-1.0,
    thermal_resistances=(1e6,), thermal_times=(1e-9,), curie_temperature=900.0,
)  # fmt: skip
ONE = Layout(cell=(SIDE, SIDE, THICK), oersted=False, precision="float32")


def pulse(share, width=3e-9):
    return Protocol.of([Pulse(share * critical_voltage(SMALL, HK), width, 0.5e-9, 0.5e-9, unit="V")])


def test_one_cell_switches_as_a_macrospin():
    lattice, moments = LatticeTrials(SMALL, 384, seed=1, layout=ONE), Trials(SMALL, 4096, seed=2)
    found = []
    for engine in (lattice, moments):
        rest = engine.parallel_only(engine.rest())
        end = engine.run(rest, pulse(0.9), 1)
        found.append((*engine.switched(end), engine.rise(end), engine.switched(rest)))
    (some, trials, rise, before), (many, whole, other, _) = found
    share = many / whole
    assert 0.1 < share < 0.9
    assert before == (0.0, 384.0)
    # 3.5 sigma of both counts
    assert abs(some / trials - share) < 3.5 * np.sqrt(share * (1.0 - share) * (1.0 / trials + 1.0 / whole))
    # the spread of the trials, whose power depends on when they switch
    assert rise == pytest.approx(other, rel=0.03)
    assert rise > 3.0


def test_states_go_on():
    engine = LatticeTrials(SMALL, 20, seed=1, layout=ONE)
    rest = engine.rest()
    driven = engine.run(rest, pulse(1.5))
    assert driven.step > rest.step
    assert driven.moments.shape == (20, 1, 3)
    # the same noise again, and another one
    np.testing.assert_array_equal(engine.run(rest, pulse(1.5)).moments, driven.moments)
    other, far = engine.run_all([rest, rest], [pulse(1.5)] * 2, 1)
    assert not np.array_equal(other.moments, driven.moments)
    assert not np.array_equal(other.moments, far.moments)
    cooled = engine.cool(driven, 3e-9)
    assert engine.rise(cooled) < 0.1 * engine.rise(driven)
    assert engine.cool(driven, 0.0) is driven


def test_curve_of_a_lattice():
    volts = np.array([0.1, 4.0]) * critical_voltage(SMALL, HK)
    curve = switching_curve(SMALL, volts, cycle=Cycle(1e-9, 1e-9), model="lattice", trials=8, seed=3)
    assert curve.attrs["engine"] == "lattice"
    assert curve["probability"].values.tolist() == [0.0, 1.0]
    with pytest.raises(InputError, match="above breakdown_voltage"):
        LatticeTrials(SMALL, 8, layout=ONE).run(None, pulse(1e4))
