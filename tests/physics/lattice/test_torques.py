"""Torques of currents: those of one moment to the last bit, thickness of columns, signs, numbers by hand."""

import numpy as np
import pytest
from hypothesis import given
from lattices import lattice, moments, unit_vectors
from strategies import devices, directions, number

from spinneuron.compiled import kernel
from spinneuron.constants import e, hbar, mu0
from spinneuron.dynamics.lattice.motion import slope
from spinneuron.dynamics.steppers import cross, rotation
from spinneuron.mesh import Mesh
from spinneuron.physics.fields import Fields
from spinneuron.physics.lattice.torques import Slonczewski, SpinOrbit, add_spin_transfer
from spinneuron.physics.torques import Torques, slonczewski_amplitudes
from spinneuron.physics.transport import Transport
from spinneuron.quantity import InputError


@kernel
def field_of_one(x, y, z, J, t):
    """Field of the torque on one moment, from the amplitudes that the macrospin has."""
    a, b = slonczewski_amplitudes(x * t.px + y * t.py + z * t.pz, J, t)
    hx = a * (y * t.pz - z * t.py) + b * t.px
    return hx, a * (z * t.px - x * t.pz) + b * t.py, a * (x * t.py - y * t.px) + b * t.pz


@kernel
def slope_of_one(x, y, z, J, fields, torques, transport, alpha):
    """dm/dt over gamma' of the macrospin."""
    ox, oy, oz = rotation(x, y, z, J, 0.0, 0.0, 0.0, fields, torques, transport, alpha)
    return cross(x, y, z, ox, oy, oz)


def one_cell(device):
    """A cell that is as thick as the free layer, and Ms in it."""
    mesh = Mesh((1, 1, 1), (device.length, device.width, device.thickness))
    return mesh, np.full(mesh.shape, device.Ms)


def torque_of(device, J, **more):
    """The torque of a device on one cell."""
    mesh, Ms = one_cell(device)
    spins = {"P": device.P, "Lambda": device.Lambda, "eps_prime": device.eps_prime, "pinned": device.pinned}
    return Slonczewski(mesh, Ms, J, position="top" if device.polarity > 0 else "bottom", **spins, **more)


@given(devices(), directions(), number(-1e13, 1e13))
def test_one_cell_has_the_field_of_one_moment_to_the_last_bit(device, m, J):
    t = Torques(*map(float, Torques.of(device, device.size)))
    field = torque_of(device, J).field(m.reshape(3, 1, 1, 1)).ravel()
    np.testing.assert_array_equal(field, field_of_one(*m, J, t))


@given(devices(), directions(), number(-1e13, 1e13))
def test_one_cell_moves_as_one_moment(device, m, J):
    size = device.size
    torques = Torques(*map(float, Torques.of(device, size)))
    transport, none = Transport(1.0, 0.0), Fields(*[0.0] * len(Fields._fields))
    wanted = slope_of_one(*m, J, none, torques, transport, device.alpha)
    found, field = np.zeros((3, 1)), torque_of(device, J).field(m.reshape(3, 1, 1, 1)).reshape(3, 1)
    slope(m.reshape(3, 1), field, found, np.ones(1), np.full(1, device.alpha), 1.0)
    # The same equation, with m x (m x p) expanded or not; |m| = 1 to rounding.
    scale = np.abs(slonczewski_amplitudes(m @ np.array(device.pinned), J, torques)).sum()
    np.testing.assert_allclose(found.ravel(), wanted, rtol=0.0, atol=1e-14 * scale + 1e-290)


def test_replicas_side_by_side_have_currents_of_their_own():
    mesh, Ms, rng = lattice((4, 3, 2), (0, 0, 0))
    m, pinned = moments(rng, Ms), unit_vectors(rng, mesh.shape)
    profiles = rng.uniform(0.5, 2.0, (3, *mesh.shape))
    terms = [Slonczewski(mesh, Ms, 1e11, P=0.5, pinned=pinned, profile=profile) for profile in profiles]
    arrays = [
        np.concatenate([np.asarray(one)[..., None] for one in lanes], axis=-1)
        for lanes in zip(*(t.numbers[:5] for t in terms), strict=True)
    ]
    side = type(terms[0].numbers)(*(array.reshape(2, 3, -1) for array in arrays), *terms[0].numbers[5:])
    h = np.zeros((3, 2, 3, 12))
    add_spin_transfer(np.repeat(m, 3, axis=-1), h, side, 1e11)
    for lane, term in enumerate(terms):
        np.testing.assert_array_equal(h.reshape(*m.shape, 3)[..., lane], term.field(m))


def test_thickness_is_that_of_the_own_column():
    mesh, m = Mesh((2, 1, 3), (2e-9, 2e-9, 1e-9)), np.zeros((3, 3, 1, 2))
    Ms = np.full(mesh.shape, 8e5)
    Ms[2, 0, 1] = 0.0
    m[0] = Ms > 0.0
    own = Slonczewski(mesh, Ms, 1e11, P=0.5, pinned=(0.0, 1.0, 0.0)).field(m)
    a = [hbar * 0.5 * 1e11 / (2.0 * e * mu0 * 8e5 * t) for t in (3e-9, 2e-9)]
    # m = x, p = y: a m x p is along z
    np.testing.assert_allclose(own[2, :, 0, 0], a[0], rtol=1e-14)
    np.testing.assert_allclose(own[2, :2, 0, 1], a[1], rtol=1e-14)
    assert not own[:, 2, 0, 1].any() and not own[:2].any()
    # The lowest layer is the pinned one: it is not of the free layer.
    free = np.ones(mesh.shape)
    free[0] = 0.0
    part = Slonczewski(mesh, Ms, 1e11, P=0.5, pinned=(0.0, 1.0, 0.0), profile=free).field(m)
    np.testing.assert_allclose(part[2, 1:, 0, 0], 1.5 * a[0], rtol=1e-14)
    assert not part[:, 0].any()
    given_ = Slonczewski(mesh, Ms, 1e11, P=0.5, pinned=(0.0, 1.0, 0.0), thickness=6e-9).field(m)
    np.testing.assert_allclose(given_[2, :, 0, 0], 0.5 * a[0], rtol=1e-14)


@pytest.mark.parametrize(("position", "toward"), [("top", 1.0), ("bottom", -1.0)])
def test_a_positive_current_drives_towards_a_layer_at_the_top(position, toward):
    mesh, Ms = Mesh((1, 1, 1), (5e-9, 5e-9, 2e-9)), np.full((1, 1, 1), 8e5)
    m, found = np.array([1.0, 0.0, 0.0]).reshape(3, 1, 1, 1), np.zeros((3, 1))
    term = Slonczewski(mesh, Ms, 1e11, P=0.5, pinned=(0.0, 0.0, 1.0), position=position)
    slope(m.reshape(3, 1), term.field(m).reshape(3, 1), found, np.ones(1), np.zeros(1), 1.0)
    assert np.sign(found[2, 0]) == toward and found[0, 0] == 0.0


def test_courses_in_time_and_energy():
    mesh, Ms, rng = lattice((3, 2, 2), (0, 0, 0))
    m = moments(rng, Ms)
    turning = Slonczewski(mesh, Ms, lambda t: 1e11 * t, P=0.5, pinned=(1.0, 1.0, 0.0))
    np.testing.assert_array_equal(
        turning.field(m, 2.0), Slonczewski(mesh, Ms, 2e11, P=0.5, pinned=(1.0, 1.0, 0.0)).field(m)
    )
    assert turning.share == 0.0 and turning.energy(m, 1.0) == 0.0
    assert not turning.field(m, 2.0)[:, Ms == 0.0].any()


def test_spin_orbit_torque_by_hand():
    mesh, Ms = Mesh((1, 1, 2), (5e-9, 5e-9, 1e-9)), np.full((2, 1, 1), 1e6)
    m = np.zeros((3, 2, 1, 1))
    m[2] = 1.0
    term = SpinOrbit(mesh, Ms, 1e12, damping_like=0.3, field_like=-0.1)
    per = hbar * 1e12 / (2.0 * e * mu0 * 1e6 * 2e-9)
    # sigma = y: m x sigma = -x
    np.testing.assert_allclose(term.field(m)[:, 0, 0, 0], [-0.3 * per, -0.1 * per, 0.0], rtol=1e-14)


@given(directions(), directions(), number(-1.0, 1.0), number(-1.0, 1.0))
def test_spin_splitting_torque_is_any_direction_of_spin(m, sigma, damping_like, field_like):
    mesh, Ms = Mesh((1, 1, 1), (5e-9, 5e-9, 2e-9)), np.full((1, 1, 1), 1e6)
    term = SpinOrbit(mesh, Ms, 1e12, damping_like=damping_like, field_like=field_like, sigma=sigma)
    per = hbar * 1e12 / (2.0 * e * mu0 * 1e6 * 2e-9)
    wanted = per * (damping_like * np.cross(m, sigma) + field_like * sigma)
    np.testing.assert_allclose(term.field(m.reshape(3, 1, 1, 1)).ravel(), wanted, rtol=0.0, atol=1e-14 * per)


def test_mistakes_are_named():
    mesh, Ms = Mesh((2, 2, 1), (5e-9, 5e-9, 2e-9)), np.full((1, 2, 2), 1e6)
    good = {"P": 0.5, "pinned": (1.0, 0.0, 0.0)}
    mistakes = [
        ({"position": "left"}, 'position = "left": must be one of top, bottom'),
        ({"pinned": (0.0, 0.0, 0.0)}, "pinned: a direction is needed"),
        ({"pinned": (1.0, 0.0)}, "pinned: needs shape"),
        ({"profile": np.ones(3)}, "profile: needs one number or shape"),
        ({"thickness": -1e-9}, "thickness: must be positive"),
        ({"P": np.nan}, "P"),
        ({"Lambda": 0.0}, "Lambda"),
    ]
    for change, message in mistakes:
        with pytest.raises(InputError, match=message):
            Slonczewski(mesh, Ms, 1e11, **(good | change))
    with pytest.raises(InputError, match="J: needs one number"):
        Slonczewski(mesh, Ms, np.ones((1, 2, 2)), **good)
    with pytest.raises(InputError, match='J = "much": numbers are needed'):
        Slonczewski(mesh, Ms, "much", **good)
