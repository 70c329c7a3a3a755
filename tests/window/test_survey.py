"""Sweeps: the same data however they are run, what the dataset holds, and the published window."""

import numpy as np
import pytest
import xarray as xr

from spinneuron import __version__
from spinneuron.device import Device
from spinneuron.physics.temperature import at
from spinneuron.protocols import Protocol, single
from spinneuron.simulation import membrane_potential, simulate
from spinneuron.window import spec as module
from spinneuron.window.regimes import BELOW, LIF, STUCK
from spinneuron.window.spec import Criteria, Drive, Spec
from spinneuron.window.survey import VARIABLES, _spread, agreement, at_reference, preview, run_chunk, sweep

DEVICE = Device.preset("orthogonal")
NANO = 1e-9
GRID = {
    "width": (8 * NANO, 10 * NANO),
    "length": tuple(np.arange(36, 54, 3) * NANO),
    "thickness": (44 * NANO, 50 * NANO),
}
VOLATILE = ("created", "wall_time")


def spec(device=DEVICE, **options):
    return Spec(device, **(GRID | options))


def one(device=DEVICE, **options):
    return sweep(Spec(device, (device.width,), (device.length,), (device.thickness,), **options)).squeeze()


def same(first, second):
    first, second = first.copy(), second.copy()
    for name in VOLATILE:
        first.attrs.pop(name, None)
        second.attrs.pop(name, None)
    xr.testing.assert_identical(first, second)


@pytest.fixture(scope="module")
def coarse():
    """The default window, seven times coarser."""
    span = np.arange(20, 91, 7) * NANO
    return sweep(Spec(DEVICE, np.arange(4, 31, 3) * NANO, span, span))


# The published window


def test_rule_and_simulation_agree(coarse):
    """An earlier study found 98-100 % over 15 maps; a grid whose points lie mostly far from the edges."""
    assert agreement(coarse) >= 0.97
    assert set(np.unique(coarse.regime)) == {BELOW, LIF, STUCK}
    assert agreement(coarse) == np.mean(coarse.regime.values == coarse.regime_closed_form.values)


def test_preview_is_the_rule(coarse):
    shown = preview(Spec(DEVICE, coarse.width.values, coarse.length.values, coarse.thickness.values))
    np.testing.assert_array_equal(shown.regime, coarse.regime_closed_form)
    for name in ("demag_width", "demag_length", "demag_thickness", "voltage", "over_breakdown", "easy_axis_height"):
        np.testing.assert_array_equal(shown[name], coarse[name])
    assert shown.attrs["engine"] == "closed form"


@pytest.mark.parametrize("shape", ["elliptic-cylinder", "prism", "ellipsoid"])
def test_reference_is_inside_for_the_elliptic_cylinder_alone(shape):
    point = one(DEVICE.replace(geometry=shape))
    assert point.regime.item() == (LIF if shape == "elliptic-cylinder" else BELOW)
    assert point.regime_closed_form.item() == point.regime.item()


def test_the_parallel_design_does_not_integrate_and_leak():
    point = one(Device.preset("parallel"))
    assert point.regime.item() != LIF
    assert abs(point.peak.item()) < 0.05


def test_lines_of_the_published_window():
    """L against T at W = 10 nm: 0.801 T + 3.8 nm ... 0.798 T + 4.8 nm with R^2 of 0.996 and more."""
    window = sweep(Spec(DEVICE, (10 * NANO,), np.arange(30, 62, 2) * NANO, np.arange(38, 66, 4) * NANO))
    lines = window.sel(held="width")
    assert np.all(lines.boundary_points >= 5)
    # The prototype judged at slightly other thresholds and on a coarser grid.
    np.testing.assert_allclose(lines.boundary_slope, 0.8, rtol=0.0, atol=0.06)
    assert np.all(lines.boundary_r2 > 0.99)
    middle = (lines.boundary_slope * 50 * NANO + lines.boundary_intercept).values
    assert middle[0] < 45 * NANO < middle[1]


# The dataset


def test_dataset_says_what_it_holds():
    window = sweep(spec())
    assert dict(window.regime.sizes) == {"width": 2, "length": 6, "thickness": 2}
    for name, (unit, _) in VARIABLES.items():
        assert window[name].attrs["units"] == unit
        assert window[name].dims == ("width", "length", "thickness")
        assert window[name].attrs["long_name"]
    for name in ("width", "length", "thickness"):
        assert window[name].attrs["units"] == "m"
        np.testing.assert_array_equal(window[name], GRID[name])
    assert window.regime.attrs["flag_values"].tolist() == [0, 1, 2]
    assert window.regime.attrs["flag_meanings"] == "below_threshold leaky_integrate_and_fire cannot_relax"
    np.testing.assert_allclose(window.demag_width + window.demag_length + window.demag_thickness, 1.0, atol=1e-12)
    np.testing.assert_array_equal(window.leak, 1.0)
    attrs = window.attrs
    assert (attrs["kind"], attrs["engine"], attrs["version"]) == ("spinneuron-window", "macrospin", __version__)
    assert (attrs["seed"], attrs["trials"], attrs["temperature"], attrs["tolerance"]) == (0, 1, 0.0, 0.0)
    assert Device.from_json(attrs["device"]) == DEVICE
    assert Protocol.from_json(attrs["protocol"]) == Drive().protocol()
    assert attrs["spec"] == spec().to_json()


def test_dataset_can_be_written(tmp_path):
    window = sweep(spec())
    window.to_netcdf(tmp_path / "window.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "window.nc", engine="h5netcdf") as read:
        same(read.load(), window)


def test_a_point_is_the_run_of_its_device():
    point = at_reference(sweep(spec()), width=10 * NANO, length=45 * NANO, thickness=50 * NANO)
    assert float(point.length) == pytest.approx(45 * NANO)
    device = DEVICE.replace(length=float(point.length))
    u = membrane_potential(simulate(device, single(1e12, 1e-9), temperature=0.0, every=10e-12))[0].values
    assert point.peak.item() == pytest.approx(float(np.abs(u).max()), abs=1e-4)
    first = int(np.argmax(u >= 0.25))
    assert (first - 1) * 10e-12 <= point.crossing_time.item() <= first * 10e-12
    # The prototype's fit of this device: 0.48 ns, and 2.35e12 / (A s) at 1.33 ohm um^2 / area.
    assert point.tau_membrane.item() == pytest.approx(0.483e-9, rel=0.08)
    rate = point.gain.item() / point.tau_membrane.item() * float(DEVICE.resistance(0.0))
    assert rate == pytest.approx(2.4e12, rel=0.08)
    assert point.fit_r2.item() > 0.9


def test_voltage_and_breakdown():
    at_rest = 4 / 3
    point = one()
    assert point.voltage.item() == pytest.approx(at_rest, rel=1e-12)
    assert point.over_breakdown.item() == (at_rest > DEVICE.breakdown_voltage)
    assert one(DEVICE.replace(breakdown_voltage=1.4)).over_breakdown.item() == 0
    amperes = one(drive=Drive(amplitude=1e12 * DEVICE.area, unit="A"))
    volts = one(drive=Drive(amplitude=-at_rest, unit="V"))
    assert amperes.voltage.item() == pytest.approx(at_rest, rel=1e-12)
    assert volts.voltage.item() == pytest.approx(at_rest, rel=1e-12)
    # The same current density, so the same neuron; a voltage feels the resistance change of the moving moment.
    assert amperes.peak.item() == pytest.approx(point.peak.item(), abs=1e-4)
    assert amperes.gain.item() == pytest.approx(point.gain.item(), rel=1e-3)
    assert volts.peak.item() == pytest.approx(point.peak.item(), rel=0.1)


def test_the_sign_of_the_drive_does_not_matter():
    up, down = one(), one(drive=Drive(amplitude=-1e12))
    assert down.regime.item() == up.regime.item()
    for name in ("peak", "residual", "crossing_time", "tau_membrane", "gain"):
        assert down[name].item() == pytest.approx(up[name].item(), rel=1e-3)


# Chunks


@pytest.mark.parametrize(
    "options", [{}, {"trials": 3, "temperature": 300.0}, {"trials": 3, "tolerance": 0.05}], ids=str
)
def test_order_and_runner_change_no_bit(options):
    grid = spec(**options)
    whole = sweep(grid)

    def backwards(function, chunks):
        chunks = list(chunks)
        results = {chunk: function(chunk) for chunk in reversed(chunks)}
        return [results[chunk] for chunk in chunks]

    same(sweep(grid, runner=backwards), whole)


@pytest.mark.parametrize("options", [{}, {"trials": 3, "temperature": 300.0, "tolerance": 0.02}], ids=str)
def test_length_of_a_chunk_changes_no_bit(monkeypatch, options):
    whole = sweep(spec(**options))
    monkeypatch.setattr(module, "LANES_PER_CHUNK", 7)
    assert spec(**options).chunks >= 4
    same(sweep(spec(**options)), whole)


@pytest.mark.parametrize("options", [{}, {"trials": 3, "temperature": 300.0, "tolerance": 0.02}], ids=str)
def test_resumed_is_uninterrupted(tmp_path, monkeypatch, options):
    monkeypatch.setattr(module, "LANES_PER_CHUNK", 21)
    grid = spec(**options)
    assert grid.chunks > 1
    whole = sweep(grid)
    output = tmp_path / "window.nc"

    def killed(function, chunks):
        chunks = list(chunks)
        yield function(chunks[0])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(grid, output=output, runner=killed)
    ran, seen = [], []

    def counted(function, chunks):
        for chunk in chunks:
            ran.append(chunk)
            yield function(chunk)

    same(sweep(grid, output=output, resume=True, progress=seen.append, runner=counted), whole)
    assert ran == list(range(1, grid.chunks))
    assert sum(seen) == pytest.approx(1.0)


def test_finished_chunks_are_not_run_again(tmp_path):
    output = tmp_path / "window.nc"
    whole = sweep(spec(), output=output)

    def never(function, chunks):
        assert list(chunks) == []
        return []

    same(sweep(spec(), output=output, resume=True, runner=never), whole)


# Many trials


def test_fractions_are_shares_of_the_trials():
    grid = spec(trials=20, temperature=300.0, drive=Drive(settle=0.2e-9))
    window = sweep(grid)
    np.testing.assert_allclose(window.fraction.sum("regime_name"), 1.0, atol=1e-12)
    np.testing.assert_allclose(window.fraction * 20, np.round(window.fraction * 20), atol=1e-9)
    np.testing.assert_array_equal(window.fraction.argmax("regime_name"), window.regime)
    mixed = (window.fraction > 0.0).sum("regime_name") > 1
    assert mixed.any()
    assert window.regime_name.values.tolist() == ["below_threshold", "leaky_integrate_and_fire", "cannot_relax"]


def test_measures_are_means_over_the_trials():
    """Trial by trial through `simulate`, whose noise is the same."""
    grid = Spec(DEVICE, (10 * NANO,), (45 * NANO,), (50 * NANO,), trials=5, temperature=300.0, seed=9)
    point = sweep(grid).squeeze()
    runs = simulate(DEVICE, Drive().protocol(), trials=5, seed=9, every=10e-12, temperature=300.0)
    u = membrane_potential(runs).values
    assert point.peak.item() == pytest.approx(np.abs(u).max(axis=1).mean(), rel=1e-12)
    late = runs.time.values > runs.time.values[-1] - 0.3e-9
    assert point.residual.item() == pytest.approx(np.abs(u[:, late].mean(axis=1)).mean(), rel=1e-9)
    other = sweep(Spec(DEVICE, (10 * NANO,), (45 * NANO,), (50 * NANO,), trials=5, temperature=300.0, seed=10))
    assert other.peak.item() != point.peak.item()


def test_spread_of_fabrication():
    grid = spec(trials=2000, tolerance=0.05, seed=3)
    dimensions = np.array([[10 * NANO, 20 * NANO], [45 * NANO, 45 * NANO], [50 * NANO, 50 * NANO]])
    lanes = _spread(grid, dimensions)
    assert lanes.shape == (3, 4000)
    np.testing.assert_array_equal(_spread(grid, dimensions), lanes)
    relative = (lanes / np.repeat(dimensions, 2000, axis=1) - 1.0) / 0.05
    # The deviates of both pillars are the same; their moments are those of 2000 normal numbers.
    np.testing.assert_allclose(relative[:, :2000], relative[:, 2000:], rtol=0.0, atol=1e-9)
    assert np.all(np.abs(relative.mean(axis=1)) < 4 / np.sqrt(4000 / 2))
    assert np.all(np.abs(relative.std(axis=1) - 1.0) < 4 / np.sqrt(2 * 2000))
    assert np.abs(np.corrcoef(relative[:, :2000])[np.triu_indices(3, 1)]).max() < 4 / np.sqrt(2000)
    assert np.abs(relative).max() <= 4.0
    assert not np.array_equal(_spread(spec(trials=2000, tolerance=0.05, seed=4), dimensions), lanes)


def test_tolerance_is_a_yield_at_zero_temperature():
    """With the same sizes for each trial there is one regime; a spread of the sizes makes it a fraction."""
    grid = Spec(DEVICE, (10 * NANO,), (45 * NANO,), (50 * NANO,), trials=64, tolerance=0.03)
    point = sweep(grid).squeeze()
    assert 0.0 < point.fraction.sel(regime_name="leaky_integrate_and_fire").item() < 1.0
    results = run_chunk(grid, 0)
    np.testing.assert_array_equal(results["fraction"][0], point.fraction)
    # Demagnetizing factors and the rule are those of the pillar as drawn.
    assert point.demag_width.item() == pytest.approx(DEVICE.demagnetizing_factors[0], rel=1e-12)


def test_settling_forgets_the_exact_start():
    """A trial starts exactly at rest; 1 ns later it has the thermal spread, and u still counts from rest."""
    common = {"trials": 50, "temperature": 300.0}
    cold, settled = one(**common), one(**common, drive=Drive(settle=1e-9))
    assert settled.peak.item() != cold.peak.item()
    assert settled.peak.item() == pytest.approx(cold.peak.item(), abs=0.05)
    # Times count from the start of the pulse in both.
    assert settled.crossing_time.item() == pytest.approx(cold.crossing_time.item(), rel=0.3)


def test_no_trial_reaches_a_threshold_out_of_reach():
    point = one(criteria=Criteria(threshold=0.95))
    assert np.isnan(point.crossing_time.item())
    assert point.regime.item() == BELOW


def test_a_sweep_is_that_of_the_device_at_its_temperature():
    """Ms of the surroundings decides where the window lies; simulations and rule see the same pillar."""
    device = DEVICE.replace(curie_temperature=700.0, polarization_temperature=900.0)
    there = at(device, 0.0)
    assert there.Ms > 1.3 * device.Ms
    warm, cold = sweep(spec(device)), sweep(spec(there))
    for name in VARIABLES:
        np.testing.assert_array_equal(warm[name], cold[name])
    other = sweep(spec(DEVICE))
    assert (other.regime != warm.regime).any() and (other.regime_closed_form != warm.regime_closed_form).any()
    assert float(warm.peak[0, 0, 0]) != float(other.peak[0, 0, 0])


def test_polarity_does_not_move_the_window():
    turned, plain = sweep(spec(DEVICE.replace(polarity=-1.0))), sweep(spec(DEVICE))
    np.testing.assert_array_equal(turned.regime, plain.regime)
    np.testing.assert_array_equal(turned.regime_closed_form, plain.regime_closed_form)
    assert (turned.regime_closed_form == LIF).any()


def test_voltage_where_tmr_follows_it():
    """The junction at rest, at right angles, needs less voltage for its current than at low voltage."""
    device = DEVICE.replace(tmr_voltage=0.5)
    point, plain = one(device), one(DEVICE)
    volts = float(point.voltage)
    assert volts / (device.resistance(0.0, volts) * device.area) == pytest.approx(1e12, rel=1e-12)
    assert volts < 0.9 * float(plain.voltage)
    np.testing.assert_array_equal(point.peak, plain.peak)


def test_a_device_with_Ku2_is_simulated_without_the_rule():
    """An anisotropy of fourth order that is as strong as the shape takes the easy axis from the height."""
    weak, strong = (one(DEVICE.replace(Ku2=Ku2, easy_axis=(1.0, 0.0, 0.0))) for Ku2 in (1.0, 3e5))
    assert "regime_closed_form" not in weak
    assert weak.regime.item() == LIF and weak.easy_axis_height.item() == 1
    assert strong.easy_axis_height.item() == 0
    assert weak.peak.item() == pytest.approx(one().peak.item(), abs=1e-3)
