"""Torque of a junction on a lattice: the macrospin's field on one cell, column by column on many."""

import numpy as np
import pytest

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
