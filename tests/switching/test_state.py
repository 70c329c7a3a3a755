"""The parallel well of a device with Ku2, from its energy: direction, stiffness, escape."""

import numpy as np
import pytest

from spinneuron.calibration.presets import stability
from spinneuron.constants import gamma0, kB, mu0
from spinneuron.device import Device
from spinneuron.quantity import InputError
from spinneuron.switching.state import well

BALL = Device.preset("parallel").replace(
    geometry="ellipsoid", width=20e-9, length=20e-9, thickness=20e-9, Ms=1e6, easy_axis=(0.0, 0.0, 1.0),
    pinned=(0.0, 0.0, -1.0), temperature=300.0,
)  # fmt: skip


def delta(device, density):
    """Energy density times volume over kB T."""
    return density * device.volume / (kB * device.temperature)


@pytest.mark.parametrize(("Ku2", "height"), [(2e4, 7e4), (-2e4, 3e4), (-4e4, 5e4**2 / 16e4)])
def test_well_on_the_axis(Ku2, height):
    """Stiffness 2 Ku / (mu0 Ms), barrier Ku + Ku2, or that of the top before the plane."""
    device = BALL.replace(Ku=5e4, Ku2=Ku2)
    direction, stiffness, escape = well(device)
    np.testing.assert_allclose(direction, [0.0, 0.0, -1.0], atol=1e-9)
    Hk = 1e5 / (mu0 * device.Ms)
    assert stiffness == pytest.approx(Hk, rel=1e-6)
    Delta = delta(device, height)
    attempts = gamma0 * (Hk + 4.0 * abs(Ku2) / (mu0 * device.Ms)) * (1.0 + device.alpha * np.sqrt(Delta))
    assert escape == pytest.approx(attempts * np.exp(-Delta), rel=1e-3)
    assert stability(device) == pytest.approx(Delta, rel=1e-5)


def test_a_small_Ku2_is_the_limit_of_none():
    device = BALL.replace(Ku=5e4)
    for with_it, without in zip(well(device.replace(Ku2=1e-6)), well(device), strict=True):
        np.testing.assert_allclose(with_it, without, rtol=1e-6, atol=1e-9)
    assert stability(device.replace(Ku2=1e-6)) == pytest.approx(stability(device), rel=1e-6)


def test_well_on_a_cone():
    """The moment rests on the side of the pinned layer; one across it has no parallel state."""
    device = BALL.replace(Ku=-2e4, Ku2=5e4)
    direction, stiffness, _ = well(device)
    assert direction[2] == pytest.approx(-np.sqrt(0.8), rel=1e-6)
    assert stiffness == pytest.approx(8.0 * 5e4 * 0.2 * 0.8 / (mu0 * device.Ms), rel=1e-5)
    # from the cone over the plane: Ku2 - |Ku| + Ku^2 / (4 Ku2)
    assert stability(device) == pytest.approx(delta(device, 5e4 - 2e4 + 4e8 / 2e5), rel=1e-5)
    with pytest.raises(InputError, match="rests across the pinned layer"):
        well(BALL.replace(Ku=-9e4, Ku2=5e4))
