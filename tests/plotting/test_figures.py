"""Every kind of result has its figure: it draws what the data hold, and nothing overlaps the frame."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from spinneuron import dataset_file, measured, neuron_file, plotting
from spinneuron.device import Device
from spinneuron.evolution import compare, torque_split
from spinneuron.plotting import FIGURES, draw
from spinneuron.plotting import window as windows
from spinneuron.plotting.measured import fitted_curves
from spinneuron.plotting.neuron import ANSWERS, calibration, outputs
from spinneuron.protocols import bipolar, single
from spinneuron.quantity import InputError
from spinneuron.readout import closed_loop, fire
from spinneuron.simulation import simulate
from spinneuron.surrogates import SURROGATES, Gaussian, Sigmoid, SignedLIF
from spinneuron.switching import density_run, switching_rates, write_error
from spinneuron.window.survey import preview, specify, sweep

DATA = Path(__file__).resolve().parents[2] / "examples" / "data"
ORTHOGONAL = Device.preset("orthogonal")
PULSE = single(1e12, 1e-9, after=1e-9)
NANO = 1e-9
LENGTHS, THICKNESSES = np.array([42, 44, 45, 46, 48]) * NANO, np.array([47, 50, 53, 56]) * NANO


def run(trials=4, **options):
    return simulate(ORTHOGONAL, PULSE, trials=trials, every=20e-12, **options)


def checked(fig, tmp_path):
    """The figure, after it was saved: with all texts inside its frame and none on top of another."""
    plotting.save(fig, tmp_path / "a.png")
    fig.canvas.draw()
    renderer = fig.canvas.get_renderer()
    texts = [text for axes in fig.axes for text in [axes.title, axes.xaxis.label, axes.yaxis.label]]
    texts += [text for legend in fig.legends for text in legend.get_texts()]
    texts += [text for axes in fig.axes if axes.get_legend() for text in axes.get_legend().get_texts()]
    boxes = [text.get_window_extent(renderer) for text in texts if text.get_text() and text.get_visible()]
    for number, box in enumerate(boxes):
        # A pixel or two of a glyph may reach over the frame.
        assert box.x0 > -2 and box.y0 > -2 and box.x1 < fig.bbox.x1 + 2 and box.y1 < fig.bbox.y1 + 2
        for other in boxes[:number]:
            across = min(box.x1, other.x1) - max(box.x0, other.x0)
            along = min(box.y1, other.y1) - max(box.y0, other.y0)
            assert across <= 1.0 or along <= 1.0
    return fig


def test_every_kind_has_a_figure():
    assert FIGURES.keys() == dataset_file.KINDS.keys()
    with pytest.raises(InputError, match="kind = "):
        draw(run(1).assign_attrs(kind="cat"))


def test_trajectory_shows_the_mean_of_the_trials(tmp_path):
    made = run()
    fig = checked(draw(made), tmp_path)
    assert len(fig.axes) == 4
    drawn = fig.axes[2].lines[0].get_ydata()
    np.testing.assert_array_equal(drawn, made["m"].sel(component="y").mean("trial"))


def test_spikes_are_in_the_raster(tmp_path):
    made = run(2, temperature=300.0)
    spikes = fire(made, 0.25)
    merged = made.merge(spikes.drop_vars("drive")).assign_attrs(threshold=0.25)
    fig = checked(draw(merged), tmp_path)
    shown = sum(len(marks.get_offsets()) for marks in fig.axes[-1].collections)
    assert shown == int(abs(spikes["spike"]).sum()) > 0
    checked(draw(spikes), tmp_path)


def test_closed_loop(tmp_path):
    made = closed_loop(ORTHOGONAL, single(1e12, 3e-9, after=1e-9), 0.25, refractory=1e-9, temperature=0.0)
    checked(draw(made), tmp_path)


def test_a_run_without_trajectory(tmp_path):
    made = simulate(ORTHOGONAL, PULSE, trials=50)
    fig = checked(draw(made), tmp_path)
    assert sum(bar.get_height() for bar in fig.axes[0].patches) == 50


def test_evolution(tmp_path):
    made = compare([ORTHOGONAL, Device.preset("parallel")], bipolar(1e12, 0.5e-9, gap=0.5e-9, after=1e-9), every=50e-12)
    fig = checked(draw(made), tmp_path)
    # Drive, ideal neuron, and for each design its evolution and its split.
    assert len(fig.axes) == 6
    np.testing.assert_array_equal(fig.axes[1].lines[0].get_ydata(), made["ideal"])
    np.testing.assert_array_equal(fig.axes[2].lines[1].get_ydata(), made["fitted"].sel(design="orthogonal"))
    checked(draw(torque_split(run(1, temperature=0.0))), tmp_path)


def test_calibration_and_neuron(tmp_path):
    made = simulate(ORTHOGONAL, bipolar(1e12, 0.5e-9, gap=0.5e-9), trials=20, every=20e-12)
    model = SignedLIF.fit(made)
    fig = checked(calibration(made, model), tmp_path)
    np.testing.assert_allclose(fig.axes[2].lines[0].get_ydata(), model.statistics.residual, rtol=0.0, atol=1e-15)
    checked(draw(model), tmp_path)


def test_thermal_sigmoid_is_shown_at_rest_and_heated(tmp_path):
    assert set(ANSWERS) == set(SURROGATES)
    fig = draw(neuron_file.load("plasticity-text"))
    checked(fig, tmp_path)
    rest, one, five = (line.get_ydata() for line in fig.axes[0].get_lines())
    assert (rest < one).all() and (one < five).all()
    # The shift of one pulse at 0.9 V is printed: 14.47 mV.
    amplitude, shift = fig.axes[1].get_lines()[0].get_data()
    assert np.interp(0.9, amplitude, shift) == pytest.approx(14.47, abs=0.01)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (1.0, -1.0)])
def test_gaussian_neuron_shows_mean_and_spread(low, high, tmp_path):
    model = Gaussian(low=low, high=high, k=40.0, x0=0.8, sigma_read=0.05, sigma_switch=0.1)
    fig = checked(draw(model), tmp_path)
    voltage, sigma = fig.axes[1].lines[0].get_data()
    np.testing.assert_array_equal(sigma, model.moments(voltage)[1])
    volts = np.repeat(np.linspace(0.7, 0.9, 9), 20)
    samples = xr.Dataset(
        {"voltage": ("sample", volts), "output": ("sample", model.sample(volts, np.random.default_rng(0)))}
    )
    checked(outputs(samples, model), tmp_path)


@pytest.mark.parametrize("name", Device.presets())
def test_device(name, tmp_path):
    checked(draw(Device.preset(name)), tmp_path)


@pytest.mark.parametrize(
    ("width", "length", "thickness", "panels"),
    [
        ([8e-9, 10e-9, 12e-9], LENGTHS, THICKNESSES, 3),
        ([10e-9], LENGTHS, THICKNESSES, 1),
        ([8e-9, 10e-9, 12e-9], LENGTHS, [50e-9], 1),
        ([10e-9], LENGTHS, [50e-9], 3),
        ([10e-9], [45e-9], [50e-9], 1),
    ],
)
def test_window_of_any_number_of_dimensions(width, length, thickness, panels, tmp_path):
    sizes = {"width": width, "length": length, "thickness": thickness}
    made = sweep(ORTHOGONAL, **sizes)
    fig = checked(draw(made), tmp_path)
    assert len(fig.axes) == panels
    if windows.planes(made):
        checked(windows.measures(made), tmp_path)
    checked(draw(preview(specify(ORTHOGONAL, **sizes))), tmp_path)


def test_window_with_trials_shows_the_fraction(tmp_path):
    made = sweep(ORTHOGONAL, length=LENGTHS, thickness=THICKNESSES, trials=4, tolerance=0.05)
    fig = checked(draw(made), tmp_path)
    shown = fig.axes[0].collections[0].get_array()
    np.testing.assert_array_equal(shown, made["fraction"].isel(width=0, regime_name=1))
    line = sweep(ORTHOGONAL, length=LENGTHS, thickness=[50e-9], trials=4, tolerance=0.05)
    checked(draw(line), tmp_path)


def test_window_colors_are_the_regimes(tmp_path):
    made = sweep(ORTHOGONAL, width=[10e-9], length=LENGTHS, thickness=THICKNESSES)
    fig = checked(draw(made), tmp_path)
    np.testing.assert_array_equal(fig.axes[0].collections[0].get_array(), made["regime"].isel(width=0))
    assert set(np.unique(made["regime"])) == {0, 1, 2}


@pytest.mark.parametrize("states", [("baseline",), ("baseline", "heating", "cooling")])
def test_measured_curves_and_their_fit(states, tmp_path):
    curves = measured.combined(measured.read_curves(DATA / f"{name}.csv") for name in states)
    model = Sigmoid.fit(*curves)
    fig = checked(fitted_curves(curves, model), tmp_path)
    assert len(fig.axes) == len(states)
    for panel in fig.axes[1:]:
        # The neuron goes through the shifts that the curves have, within four standard errors or so.
        line, points = panel.get_lines()[1], panel.get_lines()[0]
        modeled = np.interp(points.get_xdata(), line.get_xdata(), line.get_ydata())
        np.testing.assert_allclose(points.get_ydata(), modeled, rtol=0.0, atol=1.2)
    for one in curves:
        if one is not None:
            fig = checked(draw(one), tmp_path)
            drawn = fig.axes[0].get_lines()[0].get_ydata()
            np.testing.assert_array_equal(drawn, np.atleast_2d(one["probability"].values)[0])


def test_shifts_and_residuals(tmp_path):
    shifts = measured.read_shifts(DATA / "dx0_amplitude.csv")
    fig = checked(draw(shifts), tmp_path)
    np.testing.assert_allclose(fig.axes[0].get_lines()[0].get_ydata(), 1e3 * shifts["delta_x0"])
    plasticity = neuron_file.load("plasticity-text")
    rows = measured.residuals(plasticity, shifts.assign(uncertainty=("row", np.full(7, 1e-4))))
    fig = checked(draw(rows.assign_attrs(tolerance=5e-4)), tmp_path)
    bands = [one.get_datalim(fig.axes[1].transData) for one in fig.axes[1].collections]
    # [mV]
    assert any(band.y0 == pytest.approx(-0.5) and band.y1 == pytest.approx(0.5) for band in bands)
    rows = measured.probability_residuals(plasticity, measured.read_curves(DATA / "cooling.csv"))
    checked(draw(rows), tmp_path)


@pytest.mark.parametrize("volts", [np.linspace(-0.8, 1.0, 10), [0.0], [0.7, 0.0]])
def test_rates_of_both_states(volts, tmp_path):
    made = switching_rates(Device.preset("plasticity"), volts)
    fig = checked(draw(made), tmp_path)
    axes = fig.axes[0]
    drawn = axes.get_lines()[0].get_data()
    np.testing.assert_array_equal(drawn[0], np.sort(volts))
    rate = made["rate"].sel(state="parallel").sortby("voltage")
    np.testing.assert_array_equal(drawn[1], rate.where(rate > 0.0))


@pytest.mark.parametrize(("name", "panels"), [("plasticity", 6), ("orthogonal", 5)])
def test_densities_show_what_there_is(name, panels, tmp_path):
    """Drive, density with its scale of colors, components, probability; the temperature only of what heats."""
    pulse = single(0.9, 40e-9, unit="V", edge=5e-9) if name == "plasticity" else single(1e12, 0.1e-9, after=0.0)
    drawn = density_run(Device.preset(name), pulse, tolerance=1e-2)
    fig = checked(draw(drawn), tmp_path)
    assert len(fig.axes) + sum(len(one.child_axes) for one in fig.axes) == panels
    np.testing.assert_array_equal(fig.axes[0].lines[0].get_ydata(), drawn.drive * (1.0 if panels == 6 else 1e-12))


def test_write_errors_of_each_voltage(tmp_path):
    found = write_error(Device.preset("plasticity"), [1.0, 1.2], np.array([20, 60, 120]) * NANO)
    fig = checked(draw(found), tmp_path)
    (axes,) = fig.axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["1 V", "1.2 V"]
    np.testing.assert_array_equal(axes.lines[1].get_ydata(), found.write_error[1])
    assert axes.get_yscale() == "log" and axes.get_ylim()[0] >= 1e-25
