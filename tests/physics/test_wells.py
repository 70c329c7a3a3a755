"""Wells of a moment with Ku2: rest states against closed forms and against a fine net, barriers, curvatures."""

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import directions, number, quartic_devices

from spinneuron.constants import mu0
from spinneuron.device import Device
from spinneuron.geometry import Size
from spinneuron.physics.fields import Fields, Quartic, energy_density
from spinneuron.physics.wells import barrier, lowest, relaxed, stiffness
from spinneuron.simulation import rest_state

BALL = Device.preset("parallel").replace(
    geometry="ellipsoid", width=20e-9, length=20e-9, thickness=20e-9, Ms=1e6, easy_axis=(0.0, 0.0, 1.0),
    pinned=(0.0, 0.0, 1.0),
)  # fmt: skip
NET = np.random.default_rng(3).normal(size=(20_000, 3))
NET /= np.linalg.norm(NET, axis=1, keepdims=True)


def fields(device):
    return Fields.of(device, device.size)


def cone(Ku, Ku2):
    """sin^2(theta) of the easy cone."""
    return -Ku / (2.0 * Ku2)


@settings(deadline=None)
@given(quartic_devices(), st.sampled_from([0.0, 1e-6, 1e-3, 1.0]))
def test_no_direction_has_less_energy_than_rest(device, strength):
    device = device.replace(applied_field=tuple(strength * h for h in device.applied_field))
    f = fields(device)
    m = rest_state(f)
    assert np.linalg.norm(m) == pytest.approx(1.0, rel=1e-14)
    assert energy_density(m, f) <= energy_density(NET, f).min() + 1e-9 * device.Ms
    scale = np.linalg.norm(naive.field(m, device)) + device.Ms
    assert np.linalg.norm(np.cross(m, naive.field(m, device))) < 1e-9 * scale


@settings(deadline=None)
@given(quartic_devices(), directions())
def test_rest_in_a_plane(device, normal):
    f = fields(device)
    m = rest_state(f, normal)
    assert m @ normal == pytest.approx(0.0, abs=1e-12)
    around = NET - np.outer(NET @ normal, normal)
    around /= np.linalg.norm(around, axis=1, keepdims=True)
    assert energy_density(m, f) <= energy_density(around, f).min() + 1e-9 * device.Ms


@given(number(0.01, 0.99), directions())
def test_easy_cone(square, axis):
    """Ku < 0 and 2 Ku2 > -Ku: sin^2(theta) = -Ku / (2 Ku2), around any axis, with its largest component above 0."""
    device = BALL.replace(Ku=-2e5 * square, Ku2=1e5, easy_axis=tuple(axis.tolist()))
    m = rest_state(fields(device))
    assert 1.0 - (m @ axis) ** 2 == pytest.approx(square, abs=1e-7)
    assert m[np.abs(m).argmax()] > 0.0


@pytest.mark.parametrize(
    ("Ku", "Ku2", "along"),
    [(1e5, 1e5, 1.0), (1e5, -0.9e5, 1.0), (1e5, -1.1e5, 0.0), (-1e5, 0.4e5, 0.0), (-1e5, -1e5, 0.0)],
)
def test_axis_or_plane_beside_the_cone(Ku, Ku2, along):
    """The axis where Ku + Ku2 > 0 and there is no cone; of axis and plane the lower one where both are wells."""
    m = rest_state(fields(BALL.replace(Ku=Ku, Ku2=Ku2)))
    assert abs(m[2]) == pytest.approx(along, abs=1e-8)


@pytest.mark.parametrize("square", [1e-4, 0.01, 0.3])
@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_a_weak_field_chooses_between_wells_however_near(square, side):
    """A cone with an easy direction in the plane: two wells, nearer to each other than the net is fine."""
    device = BALL.replace(length=24e-9, thickness=18e-9)
    across, along, height = device.demagnetizing_factors
    shape = 0.5 * mu0 * device.Ms**2 * (along - height)
    device = device.replace(Ku2=1e5, Ku=-2e5 * square - shape)
    weak = 1e-3 * 4.0 * device.Ku2 / (mu0 * device.Ms) * square**1.5
    m = rest_state(fields(device.replace(applied_field=(side * weak, 0.0, 0.0))))
    assert m[1] == pytest.approx(0.0, abs=1e-8)
    assert side * m[0] == pytest.approx(np.sqrt(square), rel=1e-3)
    assert across > along


def test_a_field_along_the_axis_chooses_the_deeper_of_three_wells():
    """Both ends of the axis and the plane are wells for -Ku2 < Ku < -2 Ku2; a field decides."""
    device = BALL.replace(Ku=1e5, Ku2=-0.95e5)
    for field, wanted in (((0.0, 0.0, 1e3), 1.0), ((0.0, 0.0, -1e3), -1.0), ((3e4, 0.0, 0.0), 0.0)):
        assert rest_state(fields(device.replace(applied_field=field)))[2] == pytest.approx(wanted, abs=0.05)


def test_rest_of_a_family_is_that_of_its_members():
    device = Device.preset("orthogonal").replace(Ku2=1e5, applied_field=(100.0, 0.0, 300.0))
    heights = np.linspace(30e-9, 60e-9, 300)
    together = lowest(Fields.of(device, Size.of(device.geometry, 10e-9, 45e-9, heights)), (0.0, 1.0, 0.0))
    assert together.shape == (300, 3)
    for i in range(0, 300, 23):
        alone = fields(device.replace(thickness=float(heights[i])))
        np.testing.assert_allclose(together[i], lowest(alone, (0.0, 1.0, 0.0)), rtol=0.0, atol=1e-8)


@given(number(1e4, 5e5), number(-1.0, 3.0), directions())
def test_barrier_of_an_axis(Ku, ratio, axis):
    """Ku + Ku2 where the plane is the top; for Ku2 < -Ku / 2 the top lies before: -Ku^2 / (4 Ku2)."""
    device = BALL.replace(Ku=Ku, Ku2=ratio * Ku or 1.0, easy_axis=tuple(axis.tolist()))
    wanted = Ku + device.Ku2 if ratio >= -0.5 else -(Ku**2) / (4.0 * device.Ku2)
    found = mu0 * device.Ms * barrier(fields(device), axis)
    assert found == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("h", [0.0, 0.1, -0.5, 0.9, 1.5])
def test_barrier_in_a_field_is_that_of_the_shallower_well(h):
    """Without Ku2 it is Ku (1 - h)^2 in a field along the axis: Ku2 so small that it makes no difference."""
    Hk = 2e5 * 2.0 / (mu0 * BALL.Ms)
    device = BALL.replace(Ku=2e5, Ku2=1e-3, applied_field=(0.0, 0.0, h * Hk))
    found = mu0 * device.Ms * barrier(fields(device), (0.0, 0.0, 1.0))
    assert found == pytest.approx(2e5 * max(0.0, 1.0 - abs(h)) ** 2, rel=1e-4, abs=1e-4)


@given(quartic_devices(), directions())
def test_barrier_is_never_above_a_way_from_well_to_well(device, pinned):
    """Any great circle through the wells on both sides is a way."""
    device = device.replace(applied_field=(0.0, 0.0, 0.0))
    f = fields(device)
    one = rest_state(f)
    turn = np.cross(one, pinned)
    if np.linalg.norm(turn) < 1e-3 or abs(one @ pinned) < 1e-3:
        return
    side = np.cross(turn / np.linalg.norm(turn), one)
    angle = np.linspace(0.0, np.pi, 2001)[:, None]
    way = energy_density(np.cos(angle) * one + np.sin(angle) * side, f)
    assert barrier(f, pinned) <= way.max() - way.min() + 1e-4 * (way.max() - way.min()) + 1e-3


def test_curvature_at_rest():
    """2 Ku on the axis, where Ku2 does not enter; 8 Ku2 sin^2 cos^2 across a cone, which is free to turn about it."""
    axis = BALL.replace(Ku=1e5, Ku2=3e5)
    assert mu0 * BALL.Ms * stiffness(fields(axis), (0.0, 0.0, 1.0), (0.0, 0.0, 1.0)) == pytest.approx(2e5, rel=1e-9)
    square = 0.3
    device = BALL.replace(Ku=-2e5 * square, Ku2=1e5)
    m = rest_state(fields(device))
    found = mu0 * BALL.Ms * stiffness(fields(device), m, (0.0, 0.0, 1.0))
    assert found == pytest.approx(8e5 * square * (1.0 - square), rel=1e-6)


def test_relaxed_stays_in_its_well():
    device = BALL.replace(Ku=2e5, Ku2=5e4, applied_field=(1e4, 0.0, 2e4))
    f = fields(device)
    assert isinstance(f, Quartic)
    down = relaxed(f, (0.1, 0.0, -np.sqrt(0.99)))
    assert down[2] < -0.9 < 0.9 < rest_state(f)[2]
    assert np.linalg.norm(np.cross(down, naive.field(down, device))) < 1e-9 * device.Ms
