"""simulate and rest_state: the dataset, the drives, what is refused, and the physics that holds for any device."""

import json

import naive
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from strategies import devices, directions

from spinneuron import __version__
from spinneuron.device import Device
from spinneuron.dynamics.ensemble import Numerics
from spinneuron.geometry import Size
from spinneuron.physics.fields import Fields, energy_density
from spinneuron.protocols import Protocol, single
from spinneuron.quantity import InputError
from spinneuron.simulation import device_of, membrane_potential, rest_state, simulate

DEVICE = Device.preset("orthogonal")
PULSE = single(1e12, 1e-9)


def sphere(count=400):
    """Nearly even directions, by the golden angle."""
    z = 1.0 - (2.0 * np.arange(count) + 1.0) / count
    angle = np.pi * (3.0 - np.sqrt(5.0)) * np.arange(count)
    return np.stack([np.sqrt(1 - z * z) * np.cos(angle), np.sqrt(1 - z * z) * np.sin(angle), z], axis=-1)


# Rest


@given(devices(), st.sampled_from([0.0, 1e-6, 1e-3, 1.0]))
def test_no_direction_has_less_energy_than_rest(device, strength):
    device = device.replace(applied_field=tuple(strength * h for h in device.applied_field))
    fields = Fields.of(device, device.size)
    m = rest_state(fields)
    assert np.linalg.norm(m) == pytest.approx(1.0, rel=1e-14)
    assert energy_density(m, fields) <= energy_density(sphere(), fields).min() + 1e-9 * device.Ms
    # At a minimum there is no torque.
    scale = np.linalg.norm(naive.field(m, device)) + device.Ms
    assert np.linalg.norm(np.cross(m, naive.field(m, device))) < 1e-9 * scale


@given(devices(), directions())
def test_rest_in_a_plane(device, normal):
    fields = Fields.of(device, device.size)
    m = rest_state(fields, normal)
    assert m @ normal == pytest.approx(0.0, abs=1e-12)
    around = sphere() - np.outer(sphere() @ normal, normal)
    around /= np.linalg.norm(around, axis=1, keepdims=True)
    assert energy_density(m, fields) <= energy_density(around, fields).min() + 1e-9 * device.Ms


def test_rest_of_the_presets_is_up():
    for name in Device.presets():
        device = Device.preset(name)
        np.testing.assert_allclose(rest_state(Fields.of(device, device.size)), [0.0, 0.0, 1.0], atol=1e-15)


def test_rest_of_a_family_of_pillars():
    """Also where two axes are nearly equal and a weak field decides: 400 pillars around N_L = N_T."""
    device = DEVICE.replace(applied_field=(100.0, 0.0, 300.0))
    family = Size.of(device.geometry, 10e-9, np.linspace(30e-9, 60e-9, 401), np.linspace(60e-9, 30e-9, 401))
    fields = Fields.of(device, family)
    m = rest_state(fields, (0.0, 1.0, 0.0))
    angle = np.linspace(-np.pi, np.pi, 20_001)
    circle = np.stack([np.cos(angle), 0 * angle, np.sin(angle)], axis=-1)
    for i in range(0, 401, 8):
        one = Fields(*(float(np.broadcast_to(value, 401)[i]) for value in fields))
        best = energy_density(circle, one).min()
        assert energy_density(m[i], one) <= best + 1e-9 * abs(best)
        np.testing.assert_allclose(m[i], rest_state(one, (0.0, 1.0, 0.0)), rtol=0.0, atol=1e-12)


def test_rest_tilts_in_a_field_across_the_easy_axis():
    """Stoner and Wohlfarth: sin(theta) = H / Hk below Hk, along the field above; of both tilts the upper one."""
    device = DEVICE.replace(geometry="ellipsoid", width=20e-9, length=20e-9, thickness=20e-9, Ku=2e5)
    Hk = 2 * device.Ku / (naive.MU0 * device.Ms)
    for h in (0.1, 0.5, 0.99, 1.5):
        m = rest_state(Fields.of(device.replace(applied_field=(h * Hk, 0.0, 0.0)), device.size))
        expected = [h, 0.0, np.sqrt(1 - h * h)] if h < 1 else [1.0, 0.0, 0.0]
        np.testing.assert_allclose(m, expected, rtol=0.0, atol=1e-7)


# The dataset


def test_dataset_says_what_it_holds():
    run = simulate(DEVICE, single(0.5, 1e-9, unit="V"), trials=3, seed=4, every=100e-12, temperature=250.0)
    assert dict(run.sizes) == {"trial": 3, "time": 42, "component": 3}
    assert run.m.dims == ("trial", "time", "component")
    assert run.component.values.tolist() == ["x", "y", "z"]
    units = {"m": "1", "drive": "V", "current_density": "A/m^2", "current": "A", "time": "s"}
    assert {name: run[name].attrs["units"] for name in run.variables if name != "component"} == units
    np.testing.assert_allclose(run.time, np.arange(42) * 100e-12, rtol=1e-12, atol=0.0)
    np.testing.assert_array_equal(run.m.isel(time=0), np.tile(rest_state(Fields.of(DEVICE, DEVICE.size)), (3, 1)))
    np.testing.assert_allclose(np.linalg.norm(run.m, axis=-1), 1.0, atol=1e-9)
    np.testing.assert_allclose(
        run.drive, np.interp(run.time, *zip((0, 0), (50e-12, 0.5), (1.05e-9, 0.5), (1.1e-9, 0), strict=True))
    )
    # Both at m.p = 0, where 1 ohm um^2 and 100 % are 4/3 ohm um^2.
    np.testing.assert_allclose(run.current_density, run.drive * 0.75e12, rtol=1e-12)
    np.testing.assert_allclose(run.current, run.current_density * DEVICE.area, rtol=1e-12)


def test_attributes_hold_what_made_the_run():
    run = simulate(DEVICE, PULSE, trials=2, seed=4, every=1e-9, numerics=Numerics("semi-implicit", 1e-12, "float32"))
    attrs = dict(run.attrs)
    assert Device.from_json(attrs.pop("device")) == DEVICE
    assert Protocol.from_json(attrs.pop("protocol")) == PULSE
    assert attrs.pop("wall_time") > 0.0
    assert attrs.pop("created").endswith("+00:00")
    assert attrs.pop("dt") == pytest.approx(1e-12, rel=1e-3)
    assert attrs == {
        "kind": "spinneuron-run", "engine": "macrospin", "trials": 2, "seed": 4, "temperature": 300.0,
        "initial": "rest", "stepper": "semi-implicit", "precision": "float32", "tolerance": 1e-7,
        "version": __version__,
    }  # fmt: skip
    again = simulate(
        Device.from_json(run.attrs["device"]),
        Protocol.from_json(run.attrs["protocol"]),
        trials=run.attrs["trials"],
        seed=run.attrs["seed"],
        every=1e-9,
        temperature=run.attrs["temperature"],
        numerics=Numerics(run.attrs["stepper"], 1e-12, run.attrs["precision"]),
    )
    np.testing.assert_array_equal(again.m, run.m)


def test_dataset_can_be_written(tmp_path):
    run = simulate(DEVICE, PULSE, trials=2, every=1e-9, initial=np.array([0.0, 0.6, 0.8]))
    run.to_netcdf(tmp_path / "run.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "run.nc", engine="h5netcdf") as read:
        xr.testing.assert_identical(read.load(), run)
    assert json.loads(run.attrs["initial"]) == [0.0, 0.6, 0.8]


@pytest.mark.parametrize("temperature", [0.0, 300.0])
def test_without_every_only_the_end_is_kept(temperature):
    last = simulate(DEVICE, PULSE, temperature=temperature)
    assert last.sizes["time"] == 1
    assert float(last.time[0]) == pytest.approx(PULSE.duration, rel=1e-12)
    numerics = Numerics(dt=last.attrs["dt"]) if temperature else Numerics()
    course = simulate(DEVICE, PULSE, temperature=temperature, every=PULSE.duration / 64, numerics=numerics)
    assert course.sizes["time"] == 65
    np.testing.assert_array_equal(course.m[:, -1], last.m[:, 0])
    with pytest.raises(InputError, match="^run: holds one state only; simulate with `every` to keep the trajectory$"):
        membrane_potential(last)


def test_a_run_goes_on_to_the_next_record():
    run = simulate(DEVICE, PULSE, temperature=0.0, every=0.9e-9)
    np.testing.assert_allclose(run.time, [0.0, 0.9e-9, 1.8e-9, 2.7e-9, 3.6e-9, 4.5e-9], rtol=1e-12)
    # A tenth does not divide by binary fractions; no record is added for that.
    assert simulate(DEVICE, PULSE, temperature=0.0, every=PULSE.duration / 10).sizes["time"] == 11


def test_initial_states():
    each = sphere(5)
    run = simulate(DEVICE, PULSE, trials=5, initial=each, every=1e-9)
    np.testing.assert_allclose(run.m.isel(time=0), each, rtol=0.0, atol=1e-15)
    assert run.attrs["initial"] == "one per trial"
    np.testing.assert_allclose(np.linalg.norm(each, axis=1), 1.0)


def test_membrane_potential_is_the_change_along_the_pinned_layer():
    device = DEVICE.replace(pinned=(0.0, 0.6, 0.8))
    run = simulate(device, PULSE, trials=2, every=1e-10)
    u = membrane_potential(run)
    assert u.dims == ("trial", "time")
    assert u.attrs["units"] == "1"
    np.testing.assert_allclose(u, 0.6 * run.m[..., 1] + 0.8 * (run.m[..., 2] - 1.0), rtol=0.0, atol=1e-14)


# Physics


def test_drives_of_the_same_current_move_the_moment_alike():
    """A junction without magnetoresistance turns volts, amperes and A/m^2 into each other at any angle."""
    device = DEVICE.replace(tmr=0.0)
    J = 0.9e12
    volts, amperes = J * device.resistance_area, J * device.area
    drives = {"A/m^2": J, "V": volts, "A": amperes}
    runs = {
        unit: simulate(device, single(amplitude, 1e-9, unit=unit), temperature=0.0, every=1e-10)
        for unit, amplitude in drives.items()
    }
    for run in runs.values():
        # Rounding, multiplied by a running in-plane angle, stays within the tolerance of the steps.
        np.testing.assert_allclose(run.m, runs["A/m^2"].m, rtol=0.0, atol=1e-6)
        np.testing.assert_allclose(run.current, runs["A"].current, rtol=1e-12, atol=1e-18)


def test_constant_voltage_is_the_current_of_each_angle():
    """With TMR the moment itself changes J = V / (R(c) A): the twin, stepped finely, says how."""
    protocol = Protocol((0.0, 20e-12, 40e-12), (0.0, 2.0, 2.0), "V")
    run = simulate(
        DEVICE, protocol, temperature=0.0, every=40e-12, initial=(0.0, 0.6, 0.8), numerics=Numerics(tolerance=1e-9)
    )
    m, dt = np.array([0.0, 0.6, 0.8]), 2e-14
    for step in range(2000):
        m = naive.heun(m, lambda m, t: naive.slope(m, DEVICE, protocol.at(t), "V"), step * dt, dt)
    np.testing.assert_allclose(run.m[0, -1], m, rtol=0.0, atol=1e-6)


def test_mirror_image_of_a_signed_neuron():
    """-I is the run turned by half a turn about the height: all fields are even in (x, y), the torque is not."""
    up = simulate(DEVICE, PULSE, temperature=0.0, every=1e-10).m[0]
    down = simulate(DEVICE, single(-1e12, 1e-9), temperature=0.0, every=1e-10).m[0]
    np.testing.assert_allclose(down, up * [-1.0, -1.0, 1.0], rtol=0.0, atol=1e-4)
    assert float(up[:, 1].max()) > 0.3


@given(devices(), directions())
def test_energy_falls_without_a_drive(device, m):
    run = simulate(device, Protocol((0.0, 50e-12), (0.0, 0.0)), temperature=0.0, every=5e-12, initial=m)
    energy = energy_density(run.m[0].values, Fields.of(device, device.size))
    assert np.all(np.diff(energy) <= 1e-6 * (device.Ms + np.abs(energy).max()))


def test_published_course_of_the_orthogonal_device():
    """The prototype's signed LIF: tau = 1/(alpha g' Ms dN) near 0.48 ns, and full return."""
    run = simulate(DEVICE, PULSE, temperature=0.0, every=10e-12)
    u = membrane_potential(run)[0]
    assert float(u.max()) == pytest.approx(0.362, abs=0.005)
    # While the moment still runs around the short axis, which is what the closed form averages over.
    late = u.sel(time=slice(1.1e-9, 1.6e-9))
    slope = np.polyfit(late.time * 1e9, np.log(np.abs(late)), 1)[0]
    across, along, height = DEVICE.demagnetizing_factors
    rate = DEVICE.alpha * naive.GAMMA0 / (1 + DEVICE.alpha**2) * DEVICE.Ms * (across - (along + height) / 2)
    # The in-plane ripple rides on the decay: single traces of the prototype scatter by some percent.
    assert -slope * 1e9 == pytest.approx(rate, rel=0.08)
    assert abs(float(u[-1])) < 0.02


@pytest.mark.parametrize("stepper", ["heun", "semi-implicit"])
def test_boltzmann_through_the_whole_chain(stepper):
    """<mz^2> of a uniaxial magnet with a barrier of 2 kT, as simulate makes it from a device and a temperature."""
    device = DEVICE.replace(geometry="ellipsoid", width=4e-9, length=4e-9, thickness=4e-9, alpha=0.2)
    device = device.replace(Ku=2.0 * naive.KB * 300.0 / device.volume)
    tau = device.Ms * naive.MU0 / (2 * device.Ku) * (1 + device.alpha**2) / (device.alpha * naive.GAMMA0)
    protocol = Protocol((0.0, 20 * tau), (0.0, 0.0))
    run = simulate(device, protocol, trials=40_000, seed=5, numerics=Numerics(stepper))
    square = run.m.sel(component="z").values ** 2
    sigma = square.std() / np.sqrt(square.size)
    # 0.002: the bias that the largest step leaves, measured in tests/dynamics.
    assert abs(square.mean() - 0.53126456) < 4 * sigma + 0.002
    assert sigma < 0.002
    assert abs(run.m.sel(component="z").mean()) < 4 / np.sqrt(40_000)


# What is refused


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"trials": 0}, "trials = 0: must be at least 1"),
        ({"trials": 2.5}, "trials = 2.5: a whole number is needed"),
        (
            {"trials": 7, "temperature": 0.0},
            "trials = 7: at temperature 0 K all trials are the same; use 1 trial, or a temperature",
        ),
        ({"temperature": -1.0}, "temperature = -1 K: must not be negative"),
        ({"temperature": float("inf")}, "temperature = inf: a finite number is needed"),
        ({"temperature": "300 K"}, 'temperature = "300 K": a number in K is needed'),
        ({"seed": -3}, "seed = -3: must be a whole number from 0 to 2^63 - 1"),
        ({"seed": 1.0}, "seed = 1.0: must be a whole number from 0 to 2^63 - 1"),
        ({"every": 0.0}, 'every = 0 s: must be positive, like "10 ns"'),
        ({"every": float("nan")}, "every = nan: a finite number is needed"),
        ({"every": 5e-9}, "every = 5 ns: longer than the whole protocol, 4.1 ns; use a shorter time"),
        ({"initial": [0.0, 0.0]}, "initial: needs shape (3,) or (1, 3), got (2,)"),
        ({"initial": np.ones((4, 3))}, "initial: needs shape (3,) or (1, 3), got (4, 3)"),
        ({"initial": [0.0, 1.0, 1.0]}, "initial: must hold unit vectors; divide each by its length"),
        ({"initial": [0.0, float("nan"), 1.0]}, "initial: must hold unit vectors; divide each by its length"),
        (
            {"numerics": Numerics(stepper="Dormand-Prince")},
            "stepper = 'Dormand-Prince': did you mean 'dormand-prince'? use one of heun, semi-implicit, dormand-prince",
        ),
        (
            {"numerics": Numerics(stepper="dormand-prince")},
            "stepper = 'dormand-prince': takes no thermal noise; use heun or semi-implicit, or temperature 0 K",
        ),
        (
            {"numerics": Numerics(dt=2e-12)},
            "dt = 2 ps: a step of heun could turn a moment too far; use at most 953 fs",
        ),
    ],
    ids=str,
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(InputError) as caught:
        simulate(DEVICE, PULSE, **arguments)
    assert str(caught.value) == message


def test_a_result_that_is_no_number_is_never_returned():
    with pytest.raises(FloatingPointError, match="^a moment has left the unit sphere"):
        simulate(DEVICE, single(1e200, 1e-9), temperature=0.0)


def test_progress_is_told():
    seen = []
    simulate(DEVICE, PULSE, trials=2, progress=seen.append)
    assert sum(seen) == pytest.approx(1.0)


# Heat

HOT = DEVICE.replace(
    curie_temperature=900.0,
    tmr_voltage=0.5,
    thermal_resistances=(6e5, 2e5),
    thermal_times=(0.2e-9, 20e-9),
)


def hot_run(device=HOT, unit="V", **options):
    amplitude = {"V": 0.6, "A": 1.6e-4, "A/m^2": 5e11}[unit]
    return simulate(device, single(amplitude, 1e-9, unit=unit), **({"seed": 4, "every": 50e-12} | options))


@pytest.mark.parametrize("unit", ["V", "A", "A/m^2"])
def test_dataset_of_a_device_that_heats_itself(unit):
    run = hot_run(unit=unit, trials=3, temperature=320.0)
    count = run.sizes["time"]
    assert run.power.dims == run.temperature.dims == ("trial", "time")
    assert run.rise.dims == ("trial", "time", "pole") and run.rise.shape == (3, count, 2)
    assert [run[name].attrs["units"] for name in ("power", "rise", "temperature")] == ["W", "K", "K"]
    np.testing.assert_allclose(run.temperature, 320.0 + run.rise.sum("pole"), rtol=1e-14)
    assert (run.rise[:, 0] == 0.0).all() and 340.0 < float(run.temperature.max()) < 600.0
    # While the pole of 20 ns cools, that of 0.2 ns has gone.
    assert float(run.rise[0, -1, 0]) < 0.01 * float(run.rise[0, -1, 1])
    # The power of every record is that of its angle and its drive.
    cosine = (run.m * np.array(HOT.pinned)).sum("component").values
    for trial in range(3):
        for sample in range(0, count, 5):
            wanted = naive.joule(cosine[trial, sample], HOT, float(run.drive[sample]), unit)
            assert float(run.power[trial, sample]) == pytest.approx(wanted, rel=1e-9, abs=1e-20)
    assert Device.from_json(run.attrs["device"]) == HOT


def test_trials_have_temperatures_of_their_own():
    """Each has its own angle, hence its own power."""
    run = hot_run(trials=20)
    assert len(np.unique(run.temperature.isel(time=20))) == 20


def test_rise_agrees_with_the_heat_equation_of_the_recorded_power():
    """Every 2 ps, the trapezoid of the power is good to 1e-3 of the rise."""
    run = hot_run(every=2e-12)
    theta, power = np.zeros(2), run.power[0].values
    for sample in range(1, len(power)):
        theta = naive.foster(theta, HOT, power[sample - 1], power[sample], 2e-12)
    np.testing.assert_allclose(run.rise[0, -1], theta, rtol=1e-3)


@pytest.mark.parametrize("poles", [2, 0])
def test_heated_runs_can_be_written(poles, tmp_path):
    device = HOT.replace(thermal_resistances=HOT.thermal_resistances[:poles], thermal_times=HOT.thermal_times[:poles])
    run = hot_run(device, trials=2)
    assert run.sizes["pole"] == poles
    run.to_netcdf(tmp_path / "run.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "run.nc", engine="h5netcdf") as read:
        xr.testing.assert_identical(read.load(), run)


def test_without_every_the_last_temperature_is_kept():
    last = hot_run(every=None, trials=2)
    assert last.temperature.shape == (2, 1) and float(last.temperature.min()) > 300.0
    course = hot_run(every=HOT_PULSE.duration / 64, trials=2)
    for name in ("m", "power", "rise", "temperature"):
        np.testing.assert_array_equal(course[name].isel(time=-1), last[name].isel(time=0))


HOT_PULSE = single(0.6, 1e-9, unit="V")


def test_runs_are_those_of_the_device_at_the_temperature():
    """Also without heat: laws of temperature say what 400 K are."""
    device = DEVICE.replace(curie_temperature=900.0, polarization_temperature=1400.0, Ku=2e4)
    there = naive.warmer(device, 400.0, 300.0)
    run = simulate(device, PULSE, trials=2, seed=1, temperature=400.0, every=0.1e-9)
    wanted = simulate(there, PULSE, trials=2, seed=1, temperature=400.0, every=0.1e-9)
    np.testing.assert_allclose(run.m, wanted.m, rtol=0.0, atol=1e-9)
    assert "temperature" not in run and "power" not in run
    assert device_of(run).Ms == pytest.approx(there.Ms, rel=1e-13)
    assert Device.from_json(run.attrs["device"]) == device
    volts = simulate(device, single(0.5, 1e-9, unit="V"), temperature=400.0, every=1e-9)
    np.testing.assert_allclose(volts.current, volts.drive / there.resistance(0.0), rtol=1e-12)


def test_a_cold_junction_whose_tmr_follows_the_voltage():
    """At 0 K the adaptive scheme is the default, and knows no voltage: Heun takes over."""
    device = DEVICE.replace(tmr_voltage=0.5)
    run = simulate(device, single(1.2, 0.2e-9, unit="V"), temperature=0.0, every=10e-12)
    assert run.attrs["stepper"] == "heun"
    assert (run.temperature == 0.0).all()
    # A current does not ask for the TMR.
    assert simulate(device, PULSE, temperature=0.0).attrs["stepper"] == "dormand-prince"
    # With TMR(1.2 V) = TMR / 6.76 the current is larger than at low voltage, and the moment is driven further.
    other = simulate(DEVICE, single(1.2, 0.2e-9, unit="V"), temperature=0.0, every=10e-12)
    assert float(run.m[0, :, 1].max()) > 1.1 * float(other.m[0, :, 1].max())


@pytest.mark.parametrize(
    ("device", "options", "message"),
    [
        (
            HOT,
            {"temperature": 0.0},
            "temperature = 0 K: heat brings noise; use 1 K, or a device with thermal_resistances = []",
        ),
        (
            HOT,
            {"temperature": 890.0},
            "temperature = 890 K: orthogonal is described up to 882 K, 0.98 of its Curie or polarization temperature; "
            "use a lower one",
        ),
        (
            HOT.replace(thermal_resistances=(8e6, 5e4)),
            {},
            "temperature: the drive heats the free layer beyond 882 K, where its laws end; lower the drive or "
            "thermal_resistances",
        ),
        (
            HOT,
            {"numerics": Numerics("dormand-prince")},
            "stepper = 'dormand-prince': takes no thermal noise; use heun or semi-implicit, or temperature 0 K",
        ),
        (
            HOT.replace(thermal_resistances=(), thermal_times=()),
            {"temperature": 0.0, "numerics": Numerics("dormand-prince")},
            "stepper = 'dormand-prince': takes neither heat nor a TMR that follows the voltage; use heun or "
            "semi-implicit",
        ),
    ],
    ids=["0 K", "at Curie", "too hot", "dormand-prince", "dormand-prince at 0 K"],
)
def test_heat_that_cannot_be_followed_is_refused(device, options, message):
    with pytest.raises(InputError) as caught:
        hot_run(device, **options)
    assert str(caught.value) == message
