"""Hysteresis: the loop of one moment is that of Stoner and Wohlfarth."""

import numpy as np
import pytest

from spinneuron.constants import mu0
from spinneuron.lattice import Magnet, Material
from spinneuron.lattice.hysteresis import hysteresis, sweep_field
from spinneuron.mesh import Mesh
from spinneuron.quantity import InputError

Ms, Ku = 8e5, 1e5
HK = 2.0 * Ku / (mu0 * Ms)


def particle():
    return Magnet(Mesh((1, 1, 1), (1e-8,) * 3), Material(Ms=Ms, Ku=Ku, easy_axis=(0.0, 0.0, 1.0)), demag=False)


@pytest.mark.parametrize("angle", [10.0, 30.0, 45.0])
def test_switching_field_of_stoner_and_wohlfarth(angle):
    psi = np.radians(angle)
    wanted = (np.cos(psi) ** (2 / 3) + np.sin(psi) ** (2 / 3)) ** -1.5 * HK
    magnet = particle()
    steps = 400
    loop = hysteresis(magnet, sweep_field((np.sin(psi), 0.0, np.cos(psi)), HK, steps), tolerance=1e-8)
    jump = int(np.abs(np.diff(loop["along"].values[: steps + 1])).argmax())
    # between these two fields
    assert -loop["strength"].values[jump] - 1e-9 <= wanted <= -loop["strength"].values[jump + 1] + 1e-9
    assert loop.attrs["remanence"] == pytest.approx(np.cos(psi), abs=1e-4)
    assert bool(loop["converged"].all())


def test_a_hard_axis_has_no_hysteresis():
    loop = hysteresis(particle(), sweep_field((1.0, 0.0, 0.0), 2.0 * HK, 8))
    x = loop["m"].sel(component="x").values
    # at the saturation field the energy is flat: a torque of 1e-6 leaves 2e-4
    np.testing.assert_allclose(x, np.clip(loop["strength"].values / HK, -1.0, 1.0), atol=3e-4)
    assert loop.attrs["remanence"] == pytest.approx(0.0, abs=1e-6)


def test_sweep_goes_down_and_up():
    fields = sweep_field((0.0, 1.0, 0.0), 100.0, 4)
    np.testing.assert_allclose(fields[:, 1], [100, 50, 0, -50, -100, -50, 0, 50, 100])
    assert not fields[:, [0, 2]].any()


@pytest.mark.parametrize("fields", [np.zeros(3), np.zeros((0, 3)), np.full((2, 3), np.nan)])
def test_wrong_fields(fields):
    with pytest.raises(InputError, match="fields: needs finite numbers"):
        hysteresis(particle(), fields)
