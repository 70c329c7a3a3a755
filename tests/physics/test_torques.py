"""Slonczewski torque: amplitudes against the papers, and against a published threshold."""

import naive
import numpy as np
import pytest
from hypothesis import given
from strategies import devices, number

from spinneuron.device import Device
from spinneuron.physics.torques import Torques, slonczewski_amplitudes
from spinneuron.protocols import single
from spinneuron.simulation import simulate


def torques(device):
    return Torques(*map(float, Torques.of(device, device.size)))


@given(devices(), number(-1.0, 1.0), number(-1e13, 1e13))
def test_amplitudes_are_those_of_xiao_and_slonczewski(device, cosine, J):
    a, b = slonczewski_amplitudes(cosine, J, torques(device))
    expected_a, expected_b = naive.torque_fields(cosine, J, device)
    # digits are lost below the normal numbers, which a drawn J may be next to
    assert a == pytest.approx(expected_a, rel=1e-12, abs=1e-290)
    assert b == pytest.approx(expected_b, rel=1e-12, abs=1e-290)


def test_symmetric_torque_has_half_the_polarization():
    device = Device.preset("orthogonal").replace(eps_prime=0.15)
    a, b = slonczewski_amplitudes(0.3, 1e12, torques(device))
    by_hand = 1.054571817e-34 * 0.6 * 1e12 / (2 * 1.602176634e-19 * 4e-7 * np.pi * 8e5 * 50e-9)
    assert a == pytest.approx(by_hand, rel=1e-8)
    assert b / a == pytest.approx(2 * 0.15 / 0.6, rel=1e-14)


@pytest.mark.parametrize("Lambda", [1.0, 1.3, 2.0])
def test_asymmetry_leaves_the_parallel_state_alone(Lambda):
    device = Device.preset("orthogonal").replace(Lambda=Lambda)
    efficiency = [slonczewski_amplitudes(c, 1.0, torques(device))[0] for c in (1.0, -1.0)]
    symmetric, _ = slonczewski_amplitudes(0.0, 1.0, torques(device.replace(Lambda=1.0)))
    # eps(1) = P/2 and eps(-1) = P Lambda^2 / 2
    assert efficiency[0] == pytest.approx(symmetric, rel=1e-14, abs=0.0)
    assert efficiency[1] == pytest.approx(symmetric * Lambda**2, rel=1e-14, abs=0.0)


def test_running_state_of_the_reference_pillar_sets_in_where_published():
    """2 a_J = Ms |N_L - N_T| at 4.35e11 A/m^2, which are 154 uA, for the elliptic cylinder of 10 x 45 x 50 nm."""
    device = Device.preset("orthogonal")
    a, _ = slonczewski_amplitudes(0.0, 4.35e11, torques(device))
    _, along, height = device.demagnetizing_factors
    # Three digits are printed.
    assert 2 * a == pytest.approx(device.Ms * (along - height), rel=3e-3)
    assert 4.35e11 * device.area == pytest.approx(154e-6, rel=3e-3)


def test_families_of_pillars():
    device = Device.preset("orthogonal")
    family = device.size._replace(thickness=np.array([25e-9, 50e-9]))
    np.testing.assert_allclose(Torques.of(device, family).a, np.array([2.0, 1.0]) * torques(device).a, rtol=1e-15)


@given(devices(), number(-1.0, 1.0), number(-1e13, 1e13))
def test_polarity_counts_the_drive_the_other_way_round(device, cosine, J):
    """Both torques change sign, and nothing else: as if the current were reversed."""
    other = device.replace(polarity=-1.0)
    assert slonczewski_amplitudes(cosine, J, torques(other)) == slonczewski_amplitudes(cosine, -J, torques(device))
    a, b = slonczewski_amplitudes(cosine, J, torques(other))
    expected_a, expected_b = naive.torque_fields(cosine, J, other)
    assert a == pytest.approx(expected_a, rel=1e-12, abs=1e-290)
    assert b == pytest.approx(expected_b, rel=1e-12, abs=1e-290)
    assert torques(device) == torques(device.replace(polarity=1.0))


@pytest.mark.parametrize("polarity", [1.0, -1.0])
def test_positive_drive_favors_the_state_that_the_polarity_says(polarity):
    """Far above the critical current, from the equator, at 0 K: parallel for 1, antiparallel for -1."""
    device = Device.preset("parallel").replace(
        width=40e-9, length=40e-9, thickness=1.5e-9, Ms=1e6, Ku=7e5, alpha=0.1, polarity=polarity
    )
    for sign in (1.0, -1.0):
        run = simulate(device, single(sign * 5e11, 1e-9), temperature=0.0, initial=(1.0, 0.0, 0.0))
        assert float(run.m[0, -1, 2]) == pytest.approx(sign * polarity, abs=1e-3)
