"""Local fields: against the textbook sum, and the energy that they are the gradient of."""

import naive
import numpy as np
import pytest
from hypothesis import given
from strategies import devices, directions, number, quartic_devices

from spinneuron.constants import mu0
from spinneuron.device import Device
from spinneuron.geometry import Size
from spinneuron.physics.fields import (
    Fields,
    Quartic,
    energy_density,
    local_field,
    shape_tensor,
    tensor,
    thermal_strength,
)


def fields(device):
    """Plain floats, so that one compiled signature serves every example."""
    return Fields(*map(float, Fields.of(device, device.size)))


@given(devices(), directions())
def test_local_field_is_the_textbook_sum(device, m):
    H = np.array(local_field(*m.tolist(), fields(device)))
    # Terms of up to 2 MA/m may cancel: rounding is relative to them.
    np.testing.assert_allclose(H, naive.field(m, device), rtol=0.0, atol=1e-12 * 4e6)


@given(devices(), directions())
def test_energy_is_the_textbook_energy(device, m):
    density = mu0 * device.Ms * energy_density(m, fields(device))
    scale = mu0 * device.Ms**2 + abs(device.Ku)
    assert density == pytest.approx(naive.energy(m, device), rel=0.0, abs=1e-13 * scale)


@given(devices(), directions())
def test_field_is_minus_the_gradient_of_the_energy(device, m):
    f = fields(device)
    # Central differences of a quadratic form have no truncation error, so the step may be large.
    steps = 0.5 * np.eye(3)
    gradient = energy_density(m + steps, f) - energy_density(m - steps, f)
    np.testing.assert_allclose(local_field(*m.tolist(), f), -gradient, rtol=0.0, atol=1e-12 * 4e6)


@given(devices(), directions())
def test_tensor_and_applied_field_make_the_field(device, m):
    f = fields(device)
    S = tensor(f)
    np.testing.assert_array_equal(S, S.T)
    H = np.asarray(device.applied_field) - S @ m
    np.testing.assert_allclose(local_field(*m.tolist(), f), H, rtol=0.0, atol=1e-12 * 4e6)


def test_families_of_pillars_are_arrays_of_the_same_numbers():
    device = Device.preset("orthogonal").replace(Ku=1e5, easy_axis=(0.6, 0.0, 0.8), applied_field=(1e3, 2e3, 3e3))
    widths, heights = np.array([8e-9, 10e-9, 30e-9]), np.array([50e-9, 20e-9, 5e-9])
    family = Size.of(device.geometry, widths, 45e-9, heights)
    together = tensor(Fields.of(device, family))
    m = np.array([0.48, 0.6, 0.64])
    energies = energy_density(np.broadcast_to(m, (3, 3)), Fields.of(device, family))
    for i in range(3):
        alone = device.replace(width=float(widths[i]), thickness=float(heights[i]))
        np.testing.assert_array_equal(together[i], tensor(Fields.of(alone, alone.size)))
        assert energies[i] == energy_density(m, Fields.of(alone, alone.size))


def test_strength_of_the_thermal_field():
    device = Device.preset("orthogonal")
    sigma = thermal_strength(device, device.size, 300.0) / np.sqrt(1e-12)
    assert sigma == pytest.approx(naive.thermal_field(device, 300.0, 1e-12, 1.0), rel=1e-9)
    # By hand: 2 0.02 kB 300 K / (2.2128e5 4 pi 1e-7 8e5 1.7671e-23 m^3 1e-12 s).
    assert sigma == pytest.approx(np.sqrt(1.65678e-22 / 3.93106e-30), rel=1e-4)
    assert thermal_strength(device, device.size, 0.0) == 0.0


@given(devices(), number(1e-28, 1e-20))
def test_thermal_field_is_that_of_the_volume_that_turns_as_one(device, volume):
    """The activation volume where it is given: in the noise alone, not in fields or sizes."""
    partial = device.replace(activation_volume=volume)
    sigma = thermal_strength(partial, partial.size, 300.0) / np.sqrt(1e-12)
    assert sigma == pytest.approx(naive.thermal_field(partial, 300.0, 1e-12, 1.0), rel=1e-9)
    assert sigma == pytest.approx(
        thermal_strength(device, device.size, 300.0) * 1e6 * np.sqrt(device.volume / volume), rel=1e-12
    )
    assert Fields.of(partial, partial.size) == Fields.of(device, device.size)
    assert partial.volume == device.volume


@given(devices())
def test_shape_and_anisotropy_are_the_whole_tensor(device):
    """What goes with Ms, and what goes with Ku / Ms."""
    S = tensor(fields(device))
    shape = shape_tensor(device, device.size)
    np.testing.assert_allclose(shape, device.Ms * naive.shape_tensor(device), rtol=1e-12)
    axis = np.asarray(device.easy_axis)
    rest = -2.0 * device.Ku / (mu0 * device.Ms) * np.outer(axis, axis)
    np.testing.assert_allclose(S, shape + rest, rtol=0.0, atol=1e-12 * 4e6)


# With Ku2


def quartic(device):
    return Quartic(*map(float, Fields.of(device, device.size)))


def test_only_a_device_with_Ku2_is_of_fourth_order():
    device = Device.preset("orthogonal")
    assert type(Fields.of(device, device.size)) is Fields
    f = Fields.of(device.replace(Ku2=-2e4, easy_axis=(0.6, 0.0, 0.8)), device.size)
    assert type(f) is Quartic and (f.ex, f.ey, f.ez) == (0.6, 0.0, 0.8)
    assert f.fourth == pytest.approx(-8e4 / (mu0 * device.Ms), rel=1e-14)


@given(quartic_devices(), directions())
def test_field_and_energy_of_fourth_order_are_those_of_the_textbook(device, m):
    f = quartic(device)
    np.testing.assert_allclose(local_field(*m.tolist(), f), naive.field(m, device), rtol=0.0, atol=1e-12 * 8e6)
    scale = mu0 * device.Ms**2 + abs(device.Ku) + abs(device.Ku2)
    density = mu0 * device.Ms * energy_density(m, f)
    assert density == pytest.approx(naive.energy(m, device), rel=0.0, abs=1e-13 * scale)


@given(quartic_devices(), directions())
def test_field_of_fourth_order_is_minus_the_gradient_of_the_energy(device, m):
    """Five-point differences of a quartic have no truncation error; H = -grad w / (mu0 Ms)."""
    f, h = quartic(device), 0.5
    near, far = (energy_density(m + k * h * np.eye(3), f) - energy_density(m - k * h * np.eye(3), f) for k in (1, 2))
    gradient = (8.0 * near - far) / (12.0 * h)
    np.testing.assert_allclose(local_field(*m.tolist(), f), -gradient, rtol=0.0, atol=1e-11 * 8e6)


def test_fields_of_fourth_order_of_a_family():
    device = Device.preset("orthogonal").replace(Ku2=1e5, easy_axis=(0.6, 0.0, 0.8))
    widths = np.array([8e-9, 10e-9, 30e-9])
    m = np.broadcast_to([0.48, 0.6, 0.64], (3, 3))
    energies = energy_density(m, Fields.of(device, Size.of(device.geometry, widths, 45e-9, 50e-9)))
    for energy, width in zip(energies, widths, strict=True):
        alone = device.replace(width=float(width))
        assert energy == energy_density(m[0], Fields.of(alone, alone.size))
