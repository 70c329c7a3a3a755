"""Write errors: golden values, curves over the width, the same as the engine, refusals."""

import numpy as np
import pytest
from axial import axial, critical_voltage, plasticity, rate

from spinneuron.constants import mu0
from spinneuron.protocols import Cycle
from spinneuron.quantity import InputError
from spinneuron.switching import Density, write_error

HK = 0.35 / mu0
# Delta = 65, i = 2, start from equilibrium; finite volumes of 1920 cells and Legendre polynomials agree (3 to 4 digits)
GOLDEN = {6.0: 2.968e-4, 9.0: 7.041e-7, 12.0: 1.670e-9, 16.0: 5.28e-13, 20.0: 1.67e-16}


def test_golden_values_down_to_1e_16():
    device = axial(HK, 65.0)
    unit = rate(device, HK)
    edge = 1e-6 / unit
    widths = np.array(list(GOLDEN)) / unit
    found = write_error(device, [-2.0 * critical_voltage(device, HK)], widths, cycle=Cycle(edge=edge))
    for got, (s, exact) in zip(found.write_error.values[0], GOLDEN.items(), strict=True):
        digits = 4 if s < 16.0 else 3
        assert got == pytest.approx(exact, rel=0.5 * 10.0 ** (1 - digits) + 1e-3, abs=0.0)
    assert (found.error <= 1e-3).all()


def test_far_below_all_trials_the_slope_is_the_slowest_rate():
    """lambda_1 tau_D = 2.0232889 at Delta = 40, i = 2: the logarithm falls by it in a unit of time, at 1e-25 too."""
    device = axial(HK, 40.0)
    unit = rate(device, HK)
    cycle = Cycle(edge=1e-6 / unit)
    drive = [-2.0 * critical_voltage(device, HK)]
    found = write_error(device, drive, np.array([24.0, 28.0]) / unit, cycle=cycle, tolerance=1e-5)
    first, last = np.log(found.write_error.values[0])
    assert (first - last) / 4.0 == pytest.approx(2.0232889, rel=1e-5)
    assert last < np.log(1e-23)


def test_it_is_the_engine_at_every_point():
    device, widths = plasticity(), [40e-9, 90e-9]
    before = (Cycle().pump(0.9), 50e-9)
    found = write_error(device, [0.9, 1.0], widths, before=before)
    engine = Density(device)
    state = engine.run(engine.rest(), before[0])
    state = engine.parallel_only(engine.cool(state, before[1]))
    for i, volts in enumerate((0.9, 1.0)):
        for j, width in enumerate(widths):
            end = engine.run(state, Cycle(width=width).probe(volts))
            assert found.write_error[i, j] == engine.probabilities(end)[1]
            assert found.rise[i, j] == engine.rise(end)
    np.testing.assert_allclose(found.write_error + found.probability, 1.0, rtol=1e-12)
    assert (np.diff(found.write_error, axis=0) < 0.0).all() and (np.diff(found.write_error, axis=1) < 0.0).all()


def test_progress_and_attributes():
    told = []
    found = write_error(plasticity(), [1.0], [10e-9, 20e-9], before=(Cycle().pump(0.9),), progress=told.append)
    assert sum(told) == pytest.approx(1.0, rel=1e-9)
    assert found.attrs["kind"] == "spinneuron-write-error"
    assert found.attrs["tolerance"] == 1e-3 and found.attrs["engine"] == "fokker-planck"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (([1.0], [20e-9, 10e-9]), "width = 20 ns, 10 ns: must increase; sort them"),
        (([1.0], [0.0]), "width = 0 s: "),
        (([1.0], [float("nan")]), "width"),
        (([5.0], [10e-9]), "voltage = 5 V: above breakdown_voltage"),
    ],
)
def test_what_is_refused(given, said):
    with pytest.raises(InputError) as caught:
        write_error(plasticity(), *given)
    assert str(caught.value).startswith(said)
