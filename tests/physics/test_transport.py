"""Transport: the three kinds of drive agree where they should, and the read-out fires at its threshold."""

import naive
import numpy as np
import pytest
from hypothesis import given
from strategies import devices, number

from spinneuron.device import Device
from spinneuron.geometry import Size
from spinneuron.physics.transport import DRIVE_UNITS, ReadOut, Transport, current_density, divider
from spinneuron.quantity import InputError

DEVICE = Device.preset("orthogonal")


@given(devices(), number(-1.0, 1.0))
def test_drives_that_are_the_same_current(device, cosine):
    voltage = 0.7
    J = voltage / (device.resistance(cosine) * device.area)
    for unit, drive in (("V", voltage), ("A", J * device.area), ("A/m^2", J)):
        c = Transport(*map(float, Transport.of(device, device.size, unit)))
        assert current_density(drive, cosine, c) == pytest.approx(J, rel=1e-12)
        assert naive.current_density(cosine, device, drive, unit) == pytest.approx(J, rel=1e-12)


def test_voltage_sees_the_resistance_of_the_angle():
    c = Transport(*map(float, Transport.of(DEVICE, DEVICE.size, "V")))
    # RA = 1 ohm um^2 and TMR = 100 %: 1 V is 1e12 A/m^2 when parallel, half of it when antiparallel.
    assert [current_density(1.0, cosine, c) for cosine in (1.0, 0.0, -1.0)] == pytest.approx([1e12, 7.5e11, 5e11])


def test_families_of_pillars_share_the_current():
    size = Size.of("prism", np.array([10e-9, 20e-9]), 45e-9, 50e-9)
    device = DEVICE.replace(geometry="prism")
    np.testing.assert_allclose(Transport.of(device, size, "A").mean * size.area, 1.0, rtol=1e-15)
    assert Transport.of(device, size, "A/m^2") == (1.0, 0.0)


def test_unknown_unit_is_named():
    with pytest.raises(InputError) as caught:
        Transport.of(DEVICE, DEVICE.size, "A/m2")
    assert str(caught.value) == "drive unit = 'A/m2': did you mean 'A/m^2'? use one of V, A, A/m^2"
    assert set(DRIVE_UNITS) == {"V", "A", "A/m^2"}


def test_divider():
    assert divider(300.0, 100.0, 0.4) == pytest.approx(0.3, rel=1e-15)
    np.testing.assert_allclose(divider(np.array([100.0, 300.0]), 100.0, 0.4), [0.2, 0.3], rtol=1e-15)


@pytest.mark.parametrize("threshold", [0.1, 0.25, 0.9])
def test_read_out_fires_beyond_its_threshold(threshold):
    stage = ReadOut.of(DEVICE, threshold)
    cosine = np.array([-1.0, -1.001 * threshold, -0.999 * threshold, 0.0, 0.999 * threshold, 1.001 * threshold, 1.0])
    output = stage.output(DEVICE, cosine)
    assert output.dtype == np.int8
    np.testing.assert_array_equal(output, [-1, -1, 0, 0, 0, 1, 1])
    assert stage.reference == DEVICE.resistance(0.0)
    assert stage.low < 0.05 < stage.high


def test_read_out_with_its_own_resistor():
    stage = ReadOut.of(DEVICE, 0.5, read_voltage=0.2, reference=1234.0)
    assert stage.low == pytest.approx(0.2 * DEVICE.resistance(0.5) / (DEVICE.resistance(0.5) + 1234.0), rel=1e-15)
    assert stage.output(DEVICE, np.array([0.6, -0.6])).tolist() == [1, -1]


@pytest.mark.parametrize("threshold", [0.0, 1.0, -0.2, float("nan")])
def test_read_out_needs_a_threshold_between_0_and_1(threshold):
    with pytest.raises(InputError) as caught:
        ReadOut.of(DEVICE, threshold)
    assert str(caught.value) == f"threshold = {threshold!r}: must lie between 0 and 1"
