"""The split of the membrane potential's rate, and designs side by side: `spinneuron.evolution`."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from spinneuron.constants import e, gamma0, hbar, mu0
from spinneuron.device import Device
from spinneuron.dynamics.ensemble import Numerics
from spinneuron.evolution import TERMS, compare, leak_rate, torque_split
from spinneuron.physics.temperature import at
from spinneuron.protocols import Protocol, bipolar, single
from spinneuron.quantity import InputError
from spinneuron.simulation import simulate

ORTHOGONAL = Device.preset("orthogonal")
PARALLEL = Device.preset("parallel")
# Everything that can act on a moment acts at once, along no axis of the others.
ALL = ORTHOGONAL.replace(
    Ku=50e3,
    easy_axis=(0.6, 0.0, 0.8),
    applied_field=(2e4, -1e4, 3e4),
    Lambda=1.5,
    eps_prime=0.2,
    pinned=(0.48, 0.6, 0.64),
)
VOLTAGE = 0.7

moments = st.tuples(*3 * [st.floats(-1.0, 1.0)]).filter(lambda m: np.linalg.norm(m) > 0.1)


def run_of(device, states, drive=VOLTAGE, unit="V"):
    """A run as `simulate` returns it, of states that no equation connects."""
    m = np.asarray(states, dtype=float)
    m /= np.linalg.norm(m, axis=-1, keepdims=True)
    time = np.arange(len(m)) * 1e-12
    return xr.Dataset(
        {
            "m": (("trial", "time", "component"), m[None]),
            "drive": ("time", np.full(len(m), drive), {"units": unit}),
        },
        {"time": time, "component": ["x", "y", "z"]},
        {"device": device.to_json()},
    )


def local_field(device, m):
    """H of shape, anisotropy and applied field, as physics books write it."""
    N_width, N_length, N_thickness = device.demagnetizing_factors
    axis = np.array(device.easy_axis)
    anisotropy = 2.0 * device.Ku / (mu0 * device.Ms) * (m @ axis) * axis
    return -device.Ms * np.array([N_length, N_width, N_thickness]) * m + anisotropy + device.applied_field


def gilbert(device, m, voltage):
    """dm/dt of one moment from the implicit equation of Gilbert, ``(1 - alpha m x) dm/dt = -gamma0 m x H``."""
    p, c = np.array(device.pinned), m @ device.pinned
    G_P = 1.0 / device.resistance_area
    G_AP = G_P / (1.0 + device.tmr)
    J = voltage * (0.5 * (1.0 + c) * G_P + 0.5 * (1.0 - c) * G_AP)
    square = device.Lambda**2
    efficiency = device.P * square / (square + 1.0 + (square - 1.0) * c)
    per_J = hbar / (e * mu0 * device.Ms * device.thickness)
    H = local_field(device, m) + per_J * J * (efficiency * np.cross(m, p) + device.eps_prime * p)
    turn = np.array([[0.0, -m[2], m[1]], [m[2], 0.0, -m[0]], [-m[1], m[0], 0.0]])
    return np.linalg.solve(np.eye(3) - device.alpha * turn, -gamma0 * np.cross(m, H))


@given(st.lists(moments, min_size=3, max_size=5))
@settings(max_examples=30)
def test_split_adds_up_to_the_equation_of_motion(states):
    run = run_of(ALL, states)
    split = torque_split(run)
    wanted = [gilbert(ALL, m, VOLTAGE) @ ALL.pinned for m in run["m"].values[0]]
    # Rates of 1e11/s are sums of terms no larger than 1e12/s: 1e-12 of them is rounding.
    np.testing.assert_allclose(split["total"].values[0], wanted, rtol=0.0, atol=1.0)
    np.testing.assert_allclose(sum(split[name] for name in TERMS), split["total"], rtol=0.0, atol=1.0)
    precession = [-gamma0 / (1.0 + ALL.alpha**2) * np.cross(m, local_field(ALL, m)) for m in run["m"].values[0]]
    np.testing.assert_allclose(split["precession"].values[0], np.array(precession) @ ALL.pinned, rtol=0.0, atol=1.0)


@given(st.lists(moments, min_size=3, max_size=3))
@settings(max_examples=20)
def test_damping_along_the_short_axis_is_the_published_bracket(states):
    run = run_of(ORTHOGONAL, states)
    x, y, z = run["m"].values[0].T
    N_width, N_length, N_thickness = ORTHOGONAL.demagnetizing_factors
    rate = ORTHOGONAL.alpha * gamma0 / (1.0 + ORTHOGONAL.alpha**2) * ORTHOGONAL.Ms
    wanted = -rate * y * ((N_width - N_length) * x**2 + (N_width - N_thickness) * z**2)
    np.testing.assert_allclose(torque_split(run)["damping"].values[0], wanted, rtol=0.0, atol=1.0)


@pytest.mark.parametrize("device", [ORTHOGONAL, ALL], ids=["orthogonal", "all terms"])
def test_split_is_the_slope_of_the_run(device):
    # One ramp without a corner: a central difference is then of second order at every sample between the ends.
    ramp = Protocol((0.0, 0.6e-9), (0.3e12, 0.9e12))
    m = np.array([0.1, 0.2, 0.97])
    errors = []
    for every in (4e-12, 2e-12):
        numerics = Numerics(tolerance=1e-10)
        run = simulate(device, ramp, temperature=0.0, every=every, initial=m / np.linalg.norm(m), numerics=numerics)
        split = torque_split(run)
        errors.append(float(np.abs(split["slope"] - split["total"])[:, 2:-2].max()))
    # Halving the interval quarters the error; the next term, of fourth order, is below 5 % of it here.
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.05)
    assert errors[1] < 0.01 * float(np.abs(split["slope"]).max())


def damping_of(device, m):
    """Damping along p by ``alpha g' ((H.p) - (m.p)(m.H))``, which is -m x (m x H) along p."""
    H = np.array([local_field(device, one) for one in m.reshape(-1, 3)]).reshape(m.shape)
    p = np.array(device.pinned)
    return device.alpha * gamma0 / (1.0 + device.alpha**2) * (H @ p - (m @ p) * (m * H).sum(axis=-1))


def test_leak_by_damping_restores_in_one_design_and_drives_away_in_the_other():
    leaks = {}
    for device in (ORTHOGONAL, PARALLEL):
        run = simulate(device, bipolar(1e12, 1e-9), trials=8, seed=3, every=50e-12)
        leaks[device.name] = leak_rate(torque_split(run))
        m = run["m"].values
        c = m @ np.array(device.pinned)
        assert leaks[device.name] == pytest.approx(-(damping_of(device, m) * c).sum() / (c**2).sum(), rel=1e-9)
        if device is ORTHOGONAL:
            share = float((c**2 * (1.0 - c**2)).sum() / (c**2).sum())
    N_width, N_length, N_thickness = ORTHOGONAL.demagnetizing_factors
    stiffness = N_width - 0.5 * (N_length + N_thickness)
    closed_form = ORTHOGONAL.alpha * gamma0 / (1.0 + ORTHOGONAL.alpha**2) * ORTHOGONAL.Ms * stiffness
    # lambda (1 - m_y^2) m_y, but for how m_x^2 and m_z^2 share the rest: (N_L - N_T) / (2 dN) at most.
    assert leaks["orthogonal"] == pytest.approx(closed_form * share, rel=0.5 * (N_length - N_thickness) / stiffness)
    assert leaks["parallel"] < 0.0


def test_leak_of_a_neuron_that_rests_is_unknown():
    split = torque_split(run_of(ORTHOGONAL, [(0.0, 0.0, 1.0)] * 3, drive=0.0))
    assert np.isnan(leak_rate(split))


@pytest.fixture(scope="module")
def comparison():
    done = []
    result = compare(
        [ORTHOGONAL, PARALLEL], bipolar(1e12, 1e-9), trials=16, temperature=300.0, seed=1, progress=done.append
    )
    return result, done


def test_orthogonal_design_is_a_signed_neuron_and_the_parallel_one_is_not(comparison):
    result, done = comparison
    r2 = result["r2"].sel(design="orthogonal"), result["r2"].sel(design="parallel")
    assert r2[0] > 0.99
    # Worse than no neuron at all: what the conventional design gathers, it keeps.
    assert r2[1] < 0.0
    assert result["leak_rate"].sel(design="orthogonal") > 0.0 > result["leak_rate"].sel(design="parallel")
    # u of the parallel design starts at its upper end and knows one sign only.
    assert result["membrane"].sel(design="orthogonal").min() < -0.25 < 0.25 < result["membrane"].max()
    assert result["membrane"].sel(design="parallel").max() < 0.05
    assert sum(done) == pytest.approx(1.0)


def test_fit_stays_near_the_ideal_neuron(comparison):
    one = comparison[0].sel(design="orthogonal")
    # 16 trials leave 0.01 of the 0.37 sigma of one; the rest is the fit's own misfit, both below 0.05.
    assert float(np.sqrt(((one["membrane"] - one["fitted"]) ** 2).mean())) == pytest.approx(
        float(one["rmse"]), rel=1e-9
    )
    assert float(np.abs(one["fitted"] - comparison[0]["ideal"]).max()) < 0.05
    assert float(one["tau_membrane"]) == pytest.approx(0.483e-9, rel=0.1)


def test_design_that_never_moves_is_no_neuron():
    # At 0 K the conventional design rests at an exact stationary point of torque and field.
    result = compare([ORTHOGONAL, PARALLEL], single(1e12, 1e-9)).sel(design="parallel")
    assert np.isnan(result["tau_membrane"]) and (result["fitted"] == 0.0).all()


def test_errors():
    protocol = single(1e12, 1e-9)
    with pytest.raises(InputError, match="^designs: need distinct names, at least one, got orthogonal, orthogonal$"):
        compare([ORTHOGONAL, ORTHOGONAL], protocol)
    with pytest.raises(InputError, match="at least one, got none"):
        compare([], protocol)
    with pytest.raises(InputError, match=r"^pinned = \(0.0, 0.0, 1.0\): no hard axis"):
        compare([PARALLEL, ORTHOGONAL], protocol)
    with pytest.raises(InputError, match="^run: holds one state only"):
        torque_split(simulate(ORTHOGONAL, protocol, temperature=0.0))
    with pytest.raises(InputError, match="^run: holds two states only, which have no slope"):
        torque_split(simulate(ORTHOGONAL, protocol, temperature=0.0, every=protocol.duration))


def test_split_of_a_run_is_that_of_the_device_at_its_temperature():
    device = ALL.replace(curie_temperature=900.0, polarization_temperature=1400.0)
    run = run_of(device, [(0.1, 0.2, 0.97), (0.3, 0.2, 0.9), (0.5, -0.2, 0.8)], drive=5e11, unit="A/m^2")
    run.attrs["temperature"] = 420.0
    there = run_of(at(device, 420.0), run["m"].values[0], drive=5e11, unit="A/m^2")
    there.attrs["temperature"] = 420.0
    xr.testing.assert_equal(torque_split(run), torque_split(there))
    run.attrs["temperature"] = 300.0
    assert not np.allclose(torque_split(run)["precession"], torque_split(there)["precession"], rtol=1e-2)


def test_runs_whose_device_changes_under_way_are_not_split():
    for changed in ({"thermal_resistances": (1e5,), "thermal_times": (1e-9,)}, {"tmr_voltage": 0.5}):
        run = simulate(ORTHOGONAL.replace(**changed), single(0.5, 1e-9, unit="V"), every=50e-12)
        with pytest.raises(InputError) as caught:
            torque_split(run)
        assert str(caught.value) == (
            "run: its device heats itself or its tmr follows the voltage, and the split would follow neither; use a "
            "device with thermal_resistances = [] and without tmr_voltage"
        )


def test_polarity_turns_the_neuron_round():
    turned = compare([ORTHOGONAL.replace(polarity=-1.0)], single(1e12, 1e-9))
    plain = compare([ORTHOGONAL], single(1e12, 1e-9))
    # Half a turn about the height maps one run on the other; steps are chosen by errors of 1e-7.
    np.testing.assert_allclose(turned["membrane"], -plain["membrane"], rtol=0.0, atol=1e-5)
    np.testing.assert_allclose(turned["ideal"], -plain["ideal"], rtol=1e-12)
    assert float(turned["gain"][0]) == pytest.approx(-float(plain["gain"][0]), rel=1e-3)


def test_the_split_holds_the_field_of_fourth_order():
    """Precession, damping and torque of a device with Ku2 add up to the slope of the recorded m.p."""
    device = Device.preset("orthogonal").replace(Ku2=2e5, easy_axis=(0.6, 0.0, 0.8))
    run = simulate(device, single(1e12, 1e-9), temperature=0.0, every=1e-12)
    split = torque_split(run)
    miss = np.abs(split.slope - split.total).values[:, 1:-1]
    assert miss.max() < 5e-3 * np.abs(split.total).max()
    plain = torque_split(run.assign_attrs(device=device.replace(Ku2=0.0).to_json()))
    assert np.abs(plain.slope - plain.total).max() > 0.1 * np.abs(split.total).max()
