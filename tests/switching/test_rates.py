"""Rates of both states of a junction: detailed balance, scaling, mirrors, heat, closed forms, and what is refused."""

import json
import math

import numpy as np
import pytest
from axial import axial, critical_voltage, plasticity, rate
from hypothesis import given, settings
from hypothesis import strategies as st

from spinneuron import dataset_file
from spinneuron.constants import mu0
from spinneuron.device import Device
from spinneuron.dynamics.fokker_planck.spectrum import refined
from spinneuron.physics.temperature import at
from spinneuron.quantity import InputError
from spinneuron.switching.asymptotics import brown, coffey_cregg, high_barrier, write_error, write_error_drift
from spinneuron.switching.rates import Junction, switching_rates

HK = 0.35 / mu0


def test_equal_wells():
    device = axial(HK, 40.0)
    made = switching_rates(device, [0.0])
    wanted = 2.36361133293995e-15 / 80.0 * rate(device, HK)
    np.testing.assert_allclose(made["lambda1"], wanted, rtol=1e-11)
    np.testing.assert_allclose(made["rate"], 0.5 * wanted, rtol=1e-11)
    np.testing.assert_allclose(made["retention"], 2.0 / wanted, rtol=1e-11)
    np.testing.assert_allclose(made["passage"], 2.0 / wanted, rtol=1e-11)
    np.testing.assert_allclose(made["barrier"], 40.0, rtol=1e-12)
    assert float(made["error"].max()) < 1e-10


@pytest.mark.parametrize("i", [-0.4, 0.1, 0.5, 0.8])
def test_sum_and_detailed_balance(i):
    """kappa_12 + kappa_21 = lambda_1; kappa_12 / kappa_21 = pi_2 / pi_1, which a continuous density has, too."""
    device = axial(HK, 20.0)
    made = switching_rates(device, [i * critical_voltage(device, HK)]).isel(voltage=0)
    out, back = made["rate"].values
    assert out + back == pytest.approx(float(made["lambda1"][0]), rel=2e-10)
    x = np.polynomial.legendre.leggauss(200)
    # a positive drive favors parallel, x = 1
    sides = []
    for low, high in ((-1.0, -i), (-i, 1.0)):
        at, weight = low + 0.5 * (high - low) * (1.0 + x[0]), 0.5 * (high - low) * x[1]
        sides.append(weight @ np.exp(20.0 * (at * at + 2.0 * i * at) - 20.0 * (1.0 + 2.0 * abs(i))))
    assert out / back == pytest.approx(sides[0] / sides[1], rel=1e-9)
    np.testing.assert_allclose(made["barrier"], [20.0 * (1.0 + i) ** 2, 20.0 * (1.0 - i) ** 2], rtol=1e-11)


def test_one_well_is_left_never():
    device = axial(HK, 40.0)
    volts = np.array([-2.0, 2.0]) * critical_voltage(device, HK)
    made = switching_rates(device, volts)
    tau = 1.0 / rate(device, HK)
    np.testing.assert_allclose(made["lambda1"] * tau, 2.0232889, rtol=3e-8)
    np.testing.assert_array_equal(made["rate"], made["lambda1"] * np.array([[1.0, 0.0], [0.0, 1.0]]))
    assert math.isinf(made["retention"][0, 1]) and math.isinf(made["passage"][0, 1])
    assert made["barrier"].isnull().all() and made["high_barrier"].isnull().all()
    # near the deterministic time from the cone of equilibrium, in units of tau
    assert 2.0 < float(made["passage"][0, 0]) / tau < 6.0


def test_what_happens_where_the_barrier_vanishes():
    device = axial(HK, 20.0)
    edge = 1.0 - math.sqrt(0.01 / 20.0)
    volts = -np.array([edge + 1e-6, edge - 1e-6]) * critical_voltage(device, HK)
    made = switching_rates(device, volts).sel(state="parallel")
    assert np.isnan(made["barrier"][0]) and float(made["barrier"][1]) == pytest.approx(0.01, rel=1e-2)
    for name in ("lambda1", "rate"):
        assert float(made[name][0]) == pytest.approx(float(made[name][1]), rel=1e-5)
    # without barrier the start is the pole itself, not a well about it of width sqrt(SHALLOW / Delta)
    assert float(made["passage"][0]) == pytest.approx(float(made["passage"][1]), rel=0.04)


@given(st.floats(5.0, 120.0), st.floats(-0.7, 0.7), st.floats(0.005, 0.2), st.floats(0.0, 1.5), st.floats(1.0, 2.0))
@settings(max_examples=15, deadline=None)
def test_mirrors(Delta, i, alpha, tmr, Lambda):
    """Field, pinned layer and magnet turned over: nothing changes. Field and drive alone: the states change places."""
    device = axial(HK, Delta, alpha=alpha, tmr=tmr, Lambda=Lambda, applied_field=(0.0, 0.0, 0.1 * HK))
    V = [i * critical_voltage(device, HK)]
    made = switching_rates(device, V)
    turned = switching_rates(device.replace(pinned=(0.0, 0.0, -1.0), applied_field=(0.0, 0.0, -0.1 * HK)), V)
    for name in made:
        np.testing.assert_allclose(turned[name], made[name], rtol=1e-9, atol=1e-9, err_msg=str(name))
    even = device.replace(tmr=0.0, Lambda=1.0)
    made = switching_rates(even, V)
    turned = switching_rates(even.replace(applied_field=(0.0, 0.0, -0.1 * HK)), [-V[0]])
    np.testing.assert_allclose(turned["rate"][::-1], made["rate"], rtol=1e-9)


@given(st.floats(5.0, 200.0), st.floats(0.002, 0.5), st.floats(0.002, 0.5))
@settings(max_examples=15, deadline=None)
def test_rates_scale_with_damping(Delta, first, second):
    """Without drive, alpha gamma' is the only time in the equation."""
    one, two = (switching_rates(axial(HK, Delta, alpha=alpha), [0.0]) for alpha in (first, second))
    ratio = first / (1.0 + first**2) / (second / (1.0 + second**2))
    np.testing.assert_allclose(one["rate"], ratio * two["rate"], rtol=1e-9)
    np.testing.assert_allclose(two["passage"], ratio * one["passage"], rtol=1e-9)


def test_temperature_is_that_of_a_device_at_it():
    device = plasticity()
    made = switching_rates(device, [0.0, 0.4], temperature=350.0)
    wanted = switching_rates(at(device, 350.0), [0.0, 0.4])
    for name in made:
        np.testing.assert_allclose(made[name], wanted[name], rtol=1e-12, err_msg=str(name))
    assert made.attrs["temperature"] == 350.0 and json.loads(made.attrs["device"])["temperature"] == 300.0


def test_states_heat_themselves():
    """Each state at the fixed point of theta = R V^2 G(mean x), and its rates as of that temperature."""
    device = plasticity()
    made = switching_rates(device, [0.5], heated=True).isel(voltage=0)
    for state, sign in (("parallel", 1.0), ("antiparallel", -1.0)):
        one = made.sel(state=state)
        rise = float(one["temperature"]) - 300.0
        hot = at(device, 300.0 + rise)
        land = Junction(hot).landscape(0.5, 0.0)
        x = np.linspace(land.top(), sign, 200_001)
        slope = land.slope(x)
        U = np.concatenate([[0.0], np.cumsum(0.5 * (slope[1:] + slope[:-1]) * np.diff(x))])
        cosine = np.average(x, weights=np.exp(U.min() - U))
        power = 0.25 / float(hot.resistance(cosine, 0.5))
        assert rise == pytest.approx(4.7e3 * power, rel=2e-4)
        same = switching_rates(device, [0.5], temperature=300.0 + rise).isel(voltage=0).sel(state=state)
        for name in ("lambda1", "rate", "retention", "passage", "barrier", "high_barrier"):
            assert float(one[name]) == pytest.approx(float(same[name]), rel=1e-8)
    # the parallel state carries more current
    assert float(made["temperature"][0]) > float(made["temperature"][1]) > 301.0


def test_without_heat_path_nothing_is_heated():
    device = plasticity(thermal_resistances=(), thermal_times=())
    hot, cold = (switching_rates(device, [0.3], heated=heated) for heated in (True, False))
    for name in hot:
        np.testing.assert_array_equal(hot[name], cold[name])


def test_says_what_made_it(tmp_path):
    device = plasticity()
    made = switching_rates(device, [0.0, 0.2], tolerance=1e-8)
    assert Device.from_json(made.attrs["device"]) == device
    assert made.attrs["kind"] == "spinneuron-rates" and made.attrs["tolerance"] == 1e-8
    assert all("units" in made[name].attrs and "long_name" in made[name].attrs for name in made.data_vars)
    dataset_file.save(made, tmp_path / "a.nc")
    assert dataset_file.load(tmp_path / "a.nc").identical(made)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"voltages": [1.3]}, "above breakdown_voltage = 1.2 V"),
        ({"voltages": [math.nan]}, "a finite number is needed"),
        ({"voltages": [0.7], "tolerance": 1e-18}, "levels reach"),
        ({"tolerance": 0.0}, "must be positive"),
        ({"temperature": 0.0}, "must be positive"),
        ({"temperature": 899.0}, "is described up to 882 K"),
    ],
)
def test_refusals(options, said):
    with pytest.raises(InputError, match=said) as raised:
        switching_rates(plasticity(), **{"voltages": [0.0], **options})
    assert "\n" not in str(raised.value)


def test_devices_that_have_no_such_rates():
    with pytest.raises(InputError, match="nothing switches by chance"):
        switching_rates(plasticity().replace(temperature=0.0), [0.0])
    with pytest.raises(InputError, match="rests across the pinned layer"):
        switching_rates(Device.preset("orthogonal"), [0.0])
    with pytest.raises(InputError, match="is not axial"):
        switching_rates(plasticity(width=190e-9), [0.0])
    with pytest.raises(InputError, match="heats the free layer"):
        switching_rates(plasticity(thermal_resistances=(1e6,)), [0.9], heated=True)


# Closed forms


RATIOS = {1: (0.63556, 0.94824), 2: (1.06955, 1.01842), 5: (1.25553, 1.06903), 10: (1.12414, 1.02230)}
RATIOS |= {20: (1.05506, 1.00482), 30: (1.03547, 1.00206), 40: (1.02617, 1.00114), 60: (1.01717, 1.00050)}
RATIOS |= {80: (1.01278, 1.00028)}


@pytest.mark.parametrize("Delta", RATIOS)
def test_formulas_over_exact(Delta):
    device = axial(HK, float(Delta))
    exact = float(switching_rates(device, [0.0])["lambda1"][0, 0]) / rate(device, HK)
    assert brown(Delta) / exact == pytest.approx(RATIOS[Delta][0], abs=6e-6)
    assert coffey_cregg(Delta) / exact == pytest.approx(RATIOS[Delta][1], abs=6e-6)


@pytest.mark.parametrize(
    ("Delta", "h", "ratio"),
    [(10, 0.2, 1.19), (20, 0.1, 1.064), (20, 0.2, 1.081), (20, 0.4, 1.163), (40, 0.2, 1.037), (40, 0.5, 1.110)],
)
def test_browns_formula_with_tilt(Delta, h, ratio):
    device = axial(HK, float(Delta))
    unit, volts = rate(device, HK), [h * critical_voltage(device, HK)]
    made = switching_rates(device, volts).isel(voltage=0)
    assert brown(Delta, h) * unit / float(made["lambda1"][0]) == pytest.approx(ratio, abs=6e-3)
    for state, side in (("parallel", 1.0), ("antiparallel", -1.0)):
        assert float(made["high_barrier"].sel(state=state)) == pytest.approx(brown(Delta, h, side) * unit, rel=1e-9)


def test_cones():
    """The field 2 (x - x^3) - x: bottoms at x^2 = 1/2, the top at 0 is Delta / 4 high; the limit is 1/barrier off."""
    junction = Junction(axial(HK, 160.0))
    field = -junction.axial.anisotropy - junction.axial.shape
    junction.axial = junction.axial._replace(shape=field, anisotropy=0.0, fourth=2.0 * field)
    land = junction.landscape(0.0, 0.0)
    assert land.top() == pytest.approx(0.0, abs=1e-12)
    assert land.bottom(land.top(), 1.0) == pytest.approx(math.sqrt(0.5), rel=1e-9)
    assert land.barrier(land.top(), -1.0) == pytest.approx(40.0, rel=1e-9)
    best, error = refined(lambda cells: np.array(junction.leaving(0.0, 1.0, False, cells)), 64, 1e-10)
    assert error < 1e-10
    assert high_barrier(land, 1.0) / math.exp(best[1]) == pytest.approx(1.0, abs=2.0 / 40.0)


# exact write errors: Legendre polynomials, six digits
ERRORS = {(40, 2.0, 4): 0.01001521, (40, 2.0, 10): 5.36936e-8, (60, 1.5, 8): 5.213504e-3, (60, 1.5, 10): 6.466425e-4}
BUTLER = {(40, 2.0, 4): 1.64, (40, 2.0, 10): 1.89, (60, 1.5, 8): 3.15, (60, 1.5, 10): 3.46}


@pytest.mark.parametrize("case", ERRORS, ids=str)
def test_write_errors(case):
    assert write_error(*case) / ERRORS[case] == pytest.approx(BUTLER[case], abs=6e-3)


def test_write_errors_with_the_whole_drift():
    assert write_error_drift(40, 2.0, 4) / ERRORS[40, 2.0, 4] == pytest.approx(1.06, abs=5e-3)
    assert write_error_drift(60, 1.5, 8) / ERRORS[60, 1.5, 8] == pytest.approx(1.23, abs=7e-3)
    # the deterministic time to the plane from 1 - z = 1e-6, at which both agree
    i, small = 2.0, 1e-6
    z = 1.0 - small
    F = [-math.log(1.0 - x) / (2.0 * (i - 1.0)) + math.log((1.0 + x) ** 0.5) / (i + 1.0) for x in (z, 0.0)]
    F = [one + math.log(i - x) / (i * i - 1.0) for one, x in zip(F, (z, 0.0), strict=True)]
    K = 2.0 ** ((i - 1.0) / (i + 1.0)) * ((i - 1.0) / i) ** (2.0 / (i + 1.0))
    assert F[0] - F[1] == pytest.approx(math.log(K / small) / (2.0 * (i - 1.0)), rel=1e-6)
