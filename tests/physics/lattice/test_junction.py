"""Torque of a junction on a lattice: the macrospin's field on one cell, column by column on many."""

import numpy as np
import pytest
from scipy.optimize import brentq

from spinneuron.device import Device
from spinneuron.mesh import Mesh
from spinneuron.physics.heating import bias
from spinneuron.physics.lattice.junction import Contact, JunctionTorque
from spinneuron.physics.torques import Torques, slonczewski_amplitudes
from spinneuron.physics.transport import Transport

DEVICE = Device.preset("plasticity").replace(eps_prime=0.05, Lambda=1.4, tmr_voltage=None)


def torque_of(device, mesh, drive, unit, Ms=None):
    Ms = np.full(mesh.shape, device.Ms) if Ms is None else Ms
    return JunctionTorque(
        mesh, Ms, Torques.of(device, device.size), Contact.of(device), lambda t: drive, unit, abs(drive)
    )


@pytest.mark.parametrize(("drive", "unit"), [(0.7, "V"), (-2e-3, "A"), (8e10, "A/m^2")])
def test_one_cell_has_the_field_of_a_macrospin(drive, unit):
    m = np.array([0.48, 0.6, 0.64])
    term = torque_of(DEVICE, Mesh((1, 1, 1), (1e-7, 1e-7, 1e-9)), drive, unit)
    t, c = Torques.of(DEVICE, DEVICE.size), Transport.of(DEVICE, DEVICE.size, unit)
    p = np.array(DEVICE.pinned)
    J = drive * (c.mean + c.swing * (m @ p))
    a, b = slonczewski_amplitudes(m @ p, J, t)
    wanted = a * np.cross(m, p) + b * p
    found = term.field(m.reshape(3, 1, 1, 1)).ravel()
    # the voltage of a given current is found by Newton's steps, to a few roundings
    np.testing.assert_allclose(found, wanted, rtol=0.0 if unit == "A/m^2" else 4e-15, atol=1e-12 * np.abs(wanted).max())


def test_columns_share_the_voltage_and_carry_their_own_current():
    mesh = Mesh((2, 1, 1), (1e-7, 2e-7, 1e-9))
    m = np.zeros((3, 1, 1, 2))
    m[2, 0, 0] = 1.0, -1.0
    term = torque_of(DEVICE, mesh, 0.5, "V")
    voltage, current, power = term.state(m, 0.0)
    G = 0.5 * (1.0 + 1.0 / (1.0 + DEVICE.tmr)) / DEVICE.resistance_area * DEVICE.area
    assert voltage == 0.5
    assert current == pytest.approx(0.5 * G, rel=1e-14)
    assert power == pytest.approx(0.25 * G, rel=1e-14)
    by_current = torque_of(DEVICE, mesh, current, "A")
    assert by_current.state(m, 0.0)[0] == pytest.approx(0.5, rel=1e-14)
    tilted = np.zeros_like(m)
    tilted[0], tilted[2] = 0.6, np.array([0.8, -0.8])
    np.testing.assert_allclose(by_current.field(m), 0.0, atol=1e-12 + abs(by_current.field(m)[2]).max())
    assert not np.allclose(term.field(tilted)[1, 0, 0, 0], term.field(tilted)[1, 0, 0, 1])


def test_a_column_acts_by_its_mean():
    mesh = Mesh((1, 1, 4), (1e-7, 1e-7, 1e-9))
    Ms = np.full(mesh.shape, DEVICE.Ms)
    Ms[0] = 0.0
    m = np.zeros((3, *mesh.shape))
    m[2, 1:, 0, 0] = 1.0, -1.0, 1.0
    term = torque_of(DEVICE, mesh, 0.5, "V", Ms)
    assert term.cosine(m) == pytest.approx(1.0 / 3.0)


def test_resistance_that_falls_with_the_voltage():
    device = DEVICE.replace(tmr_voltage=0.4)
    mesh = Mesh((1, 1, 1), (1e-7, 1e-7, 1e-9))
    m = np.array([0.0, 0.6, -0.8]).reshape(3, 1, 1, 1)
    J = 1e11
    voltage, current, _ = torque_of(device, mesh, J, "A/m^2").state(m, 0.0)
    assert voltage == pytest.approx(bias(device, J, -0.8), rel=1e-13)
    assert current == pytest.approx(J * device.area, rel=1e-13)


def test_no_drive_no_field():
    term = torque_of(DEVICE, Mesh((3, 2, 1), (1e-8,) * 3), 0.0, "V")
    assert not term.field(np.ones((3, 1, 2, 3))).any()
    assert term.stiffness == 0.0


WARM = DEVICE.replace(tmr_voltage=0.4)
DRIVES = [(0.7, "V"), (-2e-3, "A"), (8e10, "A/m^2")]


def columns_of(drive, unit, tmr):
    """A junction of nine columns of two cells, one without magnet, and random moments."""
    rng, mesh = np.random.default_rng(4), Mesh((5, 2, 2), (7e-8, 6e-8, 1e-9))
    Ms = np.full(mesh.shape, WARM.Ms)
    Ms[:, 1, 4] = 0.0
    term = torque_of(WARM, mesh, drive, unit, Ms)
    m = rng.normal(size=(3, *mesh.shape))
    m = m / np.linalg.norm(m, axis=0) * (Ms > 0.0)
    term.tmr = None if tmr is None else WARM.tmr * np.asarray(tmr(rng, mesh.shape[1:]))
    return term, m, Ms[0] > 0.0


@pytest.mark.parametrize(("drive", "unit"), DRIVES)
def test_columns_of_one_temperature_are_a_junction_of_it(drive, unit):
    one, m, there = columns_of(drive, unit, None)
    one.contact = one.contact._replace(tmr=0.8 * WARM.tmr)
    one.warm(0.9, 0.95)
    many, _, _ = columns_of(drive, unit, lambda rng, shape: np.full(shape, 0.8))
    many.warm(np.full((2, 5), 0.9), np.full((2, 5), 0.95))
    # sums of columns where there was one product: rounding, and that of Newton's steps
    np.testing.assert_allclose(many.state(m, 0.0), one.state(m, 0.0), rtol=1e-12)
    np.testing.assert_allclose(many.field(m), one.field(m), rtol=1e-11, atol=1e-9)
    powers = many.powers(m, 0.0)
    assert powers[there].mean() == pytest.approx(one.state(m, 0.0)[2], rel=1e-12)
    np.testing.assert_allclose(one.powers(m, 0.0), powers, rtol=1e-12)
    assert not powers[~there].any()


@pytest.mark.parametrize(("drive", "unit"), DRIVES)
def test_columns_with_a_resistance_of_their_own(drive, unit):
    term, m, there = columns_of(drive, unit, lambda rng, shape: rng.uniform(0.3, 1.0, shape))
    c = np.einsum("kzyx,k->yx", m, np.array(WARM.pinned)) / 2.0

    def density(voltage):
        tmr, parallel = term.tmr / (1.0 + (voltage / WARM.tmr_voltage) ** 2), 1.0 / WARM.resistance_area
        return voltage * parallel * (0.5 * (1.0 + c) + 0.5 * (1.0 - c) / (1.0 + tmr))

    wanted = {"V": drive, "A": 0.0, "A/m^2": 0.0}[unit]
    if unit != "V":
        mean = drive / WARM.area if unit == "A" else drive
        wanted = brentq(lambda v: density(v)[there].mean() - mean, -5.0, 5.0, xtol=1e-14)
    voltage, current, power = term.state(m, 0.0)
    assert voltage == pytest.approx(wanted, rel=1e-11)
    assert current == pytest.approx(density(wanted)[there].mean() * WARM.area, rel=1e-11)
    assert power == pytest.approx(voltage * current, rel=1e-14)
    powers = term.powers(m, 0.0)
    assert powers[there].mean() == pytest.approx(power, rel=1e-12)
    if unit == "A/m^2":
        np.testing.assert_allclose(powers[there], power, rtol=1e-11)
    else:
        np.testing.assert_allclose(powers[there], (voltage * density(wanted) * WARM.area)[there], rtol=1e-11)
        assert np.ptp(powers[there]) > 0.05 * abs(power)


def test_each_column_is_turned_by_its_own_current_and_polarization():
    term, m, there = columns_of(0.6, "V", lambda rng, shape: rng.uniform(0.3, 1.0, shape))
    factor = np.linspace(0.8, 1.0, 10).reshape(2, 5)
    term.warm(factor, np.ones((2, 5)))
    found = term.field(m)
    for y, x in np.argwhere(there):
        alone, _, _ = columns_of(0.6, "V", None)
        alone.contact = alone.contact._replace(tmr=float(term.tmr[y, x]))
        alone.warm(float(factor[y, x]), 1.0)
        np.testing.assert_allclose(found[:, :, y, x], alone.field(m)[:, :, y, x], rtol=1e-12, atol=1e-9)
