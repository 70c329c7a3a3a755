"""Divider and comparator window, eqs. (1) and (2): closed forms and limits."""

import math

import numpy as np
import pytest
from hypothesis import given
from strategies import number

from spinneuron.circuit import ReadStage, best_reference, comparator_window
from spinneuron.device import Device
from spinneuron.quantity import InputError

DEVICE = Device.preset("orthogonal").replace(
    name="sensitive", width=200e-9, length=200e-9, thickness=1.7e-9, resistance_area=7.2257e-12, tmr=410 / 230 - 1,
    breakdown_voltage=1.2, pinned=(0, 0, 1), geometry="elliptic-cylinder",
)  # fmt: skip


def test_window_of_the_printed_resistances():
    window = comparator_window(DEVICE, 300.0, 0.1)
    # RA has five digits.
    assert window.low == pytest.approx(0.1 * 230 / 530, rel=1e-5)
    assert window.high == pytest.approx(0.1 * 410 / 710, rel=1e-5)
    assert window.width == window.high - window.low
    assert window.middle == pytest.approx(0.5 * (window.low + window.high), rel=1e-15)


@given(number(0.01, 10.0), number(-3.0, 3.0))
def test_no_reference_is_better_than_the_geometric_mean(tmr, away):
    device = DEVICE.replace(tmr=tmr)
    best = best_reference(device)
    assert best == pytest.approx(math.sqrt(device.resistance_parallel * device.resistance_antiparallel), rel=1e-14)
    window = comparator_window(device, best, 0.1)
    s = math.sqrt(1.0 + tmr)
    # A difference of two numbers near 0.05, each within a few roundings.
    assert window.width == pytest.approx(0.1 * (s - 1.0) / (s + 1.0), rel=1e-12)
    assert window.middle == pytest.approx(0.05, rel=1e-14)
    assert comparator_window(device, best * math.exp(away), 0.1).width <= window.width * (1.0 + 1e-12)


def test_level_and_resistance_are_inverse():
    stage = ReadStage.of(DEVICE, 300.0, 0.1)
    R = np.geomspace(1.0, 1e5, 11)
    np.testing.assert_allclose(stage.resistance_at(stage.level_of(R)), R, rtol=1e-12)


def test_window_closes_with_the_tmr():
    widths = [comparator_window(DEVICE.replace(tmr=tmr), 300.0, 0.1).width for tmr in (1e-2, 1e-4, 0.0)]
    slope = 0.1 * 230 * 300 / 530**2
    # To first order in TMR: V R_P R_ref / (R_P + R_ref)^2 TMR; the next order is TMR R_P / (R_P + R_ref).
    assert widths[0] == pytest.approx(1e-2 * slope, rel=6e-3) and widths[1] == pytest.approx(1e-4 * slope, rel=6e-5)
    assert widths[2] == 0.0


def test_bias_lowers_the_antiparallel_output():
    biased = ReadStage.of(DEVICE.replace(tmr_voltage=0.2), 300.0, 0.3)
    plain = ReadStage.of(DEVICE, 300.0, 0.3)
    assert biased.window.low == plain.window.low and biased.window.high < plain.window.high
    # The junction's voltage is the divider's output at that voltage's own resistance.
    across = biased.window.high
    assert biased.antiparallel == pytest.approx(
        plain.parallel * (1 + (410 / 230 - 1) / (1 + (across / 0.2) ** 2)), rel=1e-9
    )
    assert ReadStage.of(DEVICE.replace(tmr_voltage=1e6), 300.0, 0.3).window == pytest.approx(plain.window, rel=1e-9)


@pytest.mark.parametrize(
    ("reference", "read", "said"),
    [
        (300.0, 1.2, 'read_voltage = 1.2 V: must be below the breakdown voltage of "sensitive", 1.2 V'),
        (300.0, 0.0, "read_voltage = 0 V: must be positive"),
        (-1.0, 0.1, "reference_resistance = -1 ohm: must be positive"),
    ],
)
def test_mistakes(reference, read, said):
    with pytest.raises(InputError) as raised:
        comparator_window(DEVICE, reference, read)
    assert str(raised.value).startswith(said) and "\n" not in str(raised.value)
