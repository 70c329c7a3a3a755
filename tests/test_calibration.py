"""Calibration of devices: known numbers are found again, errors are named, the presets are what the fit gives."""

import dataclasses
import json
import math

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import brentq
from scipy.special import logit, xlogy

from spinneuron import neuron_file
from spinneuron.calibration import (
    FREE,
    Observation,
    Prediction,
    calibrate_device,
    calibrate_published,
    device_neuron,
    of_curves,
    of_shifts,
    train,
)
from spinneuron.calibration.fitting import residuals
from spinneuron.calibration.presets import heat_product, midpoint, plasticity, reference, shift_after, stability
from spinneuron.calibration.published import PROBE_NAME, base_device, printed_observations
from spinneuron.device import Device
from spinneuron.measured import Curves
from spinneuron.protocols import Cycle
from spinneuron.quantity import InputError
from spinneuron.statistics import curve_from_counts

# A tenth of the published times: the engine then takes a tenth of the steps.
CYCLE = Cycle(edge=2e-9, width=15e-9, reset_width=4e-9, reset_edge=1e-9, delay=2e-9, reset=-1.0)
DEVICE = Device.preset("plasticity").replace(thermal_resistances=(6e3,), thermal_times=(30e-9,))
TRIALS = 10_000
ENGINE = Prediction(CYCLE)


def layout():
    """Cold, heated and cooling, at voltages where something switches; one probe has a name."""
    hot = train(CYCLE, 1.05, 3)
    states = [((), 0.92), ((), 0.96), ((), 1.0), ((), 1.05), (hot, 0.92), (hot, 0.96), (hot, 1.0)]
    states += [((*hot, 20e-9), 0.96), ((*hot, 60e-9), 0.96), ((), "probe"), (hot, "probe")]
    return [Observation(voltage=volts, history=one, probability=0.5, trials=TRIALS) for one, volts in states]


VOLTAGES = {"probe": 0.97}


def measured(shares):
    return [dataclasses.replace(one, probability=float(p)) for one, p in zip(layout(), shares, strict=True)]


@pytest.fixture(scope="module")
def exact():
    return ENGINE(DEVICE, layout(), VOLTAGES)


def begin():
    return DEVICE.replace(
        activation_volume=1.08 * DEVICE.activation_volume,
        P=1.03 * DEVICE.P,
        thermal_resistances=(5e3,),
        thermal_times=(40e-9,),
    )


def truth():
    return np.array([DEVICE.activation_volume, DEVICE.P, 6e3, 30e-9, 0.97])


def test_exact_data_give_the_device_back(exact):
    told = []
    fit = calibrate_device(
        begin(),
        observations=measured(exact),
        voltages={"probe": 0.95},
        cycle=CYCLE,
        progress=lambda number, chi2: told.append((number, chi2)),
    )
    # Differences of 1e-4 of the logarithms let the search stop within some 1e-6 of the minimum.
    np.testing.assert_allclose(fit.values, truth(), rtol=1e-4)
    assert fit.chi2 < 1e-4 and fit.p_value == pytest.approx(1.0)
    assert fit.names == (*FREE, "probe") and fit.units == ("m^3", "1", "K/W", "s", "V")
    assert fit.device.P == fit.value("P") and fit.device.thermal_times == (fit.value("thermal_times[0]"),)
    assert [number for number, _ in told] == list(range(1, fit.evaluations + 1))
    assert min(chi2 for _, chi2 in told) <= fit.chi2 * (1.0 + 1e-9)
    np.testing.assert_allclose(np.diag(fit.correlation), 1.0)
    np.testing.assert_allclose(fit.predicted, exact, atol=1e-6)


def test_counts_give_it_back_within_their_scatter(exact):
    """Six draws: errors as large as told, and chi2 as large as its freedom."""
    random, off, chi2, errors = np.random.default_rng(5), [], [], []
    for _ in range(6):
        shares = random.binomial(TRIALS, exact) / TRIALS
        fit = calibrate_device(DEVICE, observations=measured(shares), voltages=VOLTAGES, cycle=CYCLE)
        errors.append(list(fit.uncertainties.values()))
        off.append((fit.values - truth()) / errors[-1])
        chi2.append(fit.chi2)
    # Largest of 30 normal deviates: above 4.2 once in 1200 times.
    assert np.abs(off).max() < 4.2
    # Root mean square of 6: chi^2 with 6 degrees of freedom lies from 0.38 to 22.5 in 99.8 % of cases.
    assert (np.sqrt(np.mean(np.square(off), axis=0)) > 0.25).all()
    assert (np.sqrt(np.mean(np.square(off), axis=0)) < 1.94).all()
    # Mean of 6 chi^2 with 6 degrees of freedom: 6 +- 1.4.
    assert 1.8 < np.mean(chi2) < 10.2


def test_residuals_are_deviance_residuals():
    shares, trials = (0.0, 0.2, 0.2, 1.0, 0.3), 50
    given = [Observation(voltage=1.0, probability=share, trials=trials) for share in shares]
    model = np.array([0.1, 0.25, 0.2, 0.7, 0.3 + 1e-9])
    y = np.array(shares)
    deviance = 2.0 * trials * (xlogy(y, y / model) + xlogy(1.0 - y, (1.0 - y) / (1.0 - model)))
    found = residuals(given, model)
    np.testing.assert_allclose(found[:4] ** 2, deviance[:4], rtol=1e-12)
    assert found[0] > 0.0 and found[1] > 0.0 and found[2] == 0.0 and found[3] < 0.0
    # Near the data the textbook's difference of logarithms would be noise: (model - y) / sigma.
    assert found[4] == pytest.approx(1e-9 / math.sqrt(0.3 * 0.7 / trials), rel=1e-5)
    shift = Observation(voltage=1.0, shift=10e-3, uncertainty=0.5e-3)
    assert residuals([shift], np.array([11e-3])) == pytest.approx([2.0])


def test_the_shift_is_that_of_the_cold_curve():
    """Against a root of the engine's own curve: right to 1 uV, for small shifts, large ones, and the wrong sign."""
    for history in (train(CYCLE, 0.9), train(CYCLE, 1.1, 4), train(CYCLE, 1.1, 4, 500e-9)):
        seen = float(ENGINE(DEVICE, [Observation(voltage=0.95, history=history, probability=0.5, trials=1)])[0])

        def height(volts):
            return float(logit(ENGINE(DEVICE, [Observation(voltage=volts, probability=0.5, trials=1)])[0]))

        root = brentq(lambda volts, wanted: height(volts) - wanted, 0.9, 1.15, args=(float(logit(seen)),), xtol=1e-9)
        one = Observation(voltage=0.95, history=history, shift=0.0, uncertainty=1.0)
        assert float(ENGINE(DEVICE, [one])[0]) == pytest.approx(root - 0.95, abs=1e-6)
    cold = Observation(voltage=0.95, shift=0.0, uncertainty=1.0)
    assert float(ENGINE(DEVICE, [cold])[0]) == pytest.approx(0.0, abs=1e-9)


def curves(device=DEVICE):
    """Baseline, heating and cooling of a device, rounded to counts."""
    volts, amplitudes, delays = np.array([0.92, 0.96, 1.0, 1.04]), [0.95, 1.1], [0.0, 30e-9]

    def counts(histories):
        asked = [Observation(voltage=v, history=h, probability=0.5, trials=1) for h in histories for v in volts]
        return np.rint(TRIALS * ENGINE(device, asked)).reshape(-1, volts.size)

    heating = counts([train(CYCLE, one) for one in amplitudes])
    cooling = counts([train(CYCLE, 1.1, 2, one) for one in delays])
    made = curve_from_counts(volts, cooling, TRIALS, along=("delay", delays, "s"))
    return Curves(
        curve_from_counts(volts, counts([()])[0], TRIALS),
        curve_from_counts(volts, heating, TRIALS, along=("amplitude", amplitudes, "V")),
        made.assign_attrs(pulses=2, amplitude=1.1),
    )


def shifts(**columns):
    given = {"delta_x0": [10e-3, 12e-3], "amplitude": [0.9, 1.0], "pulses": [1, 3], "delay": [0.0, 40e-9]} | columns
    return xr.Dataset({name: ("row", values) for name, values in given.items()}, attrs={"kind": "spinneuron-shift"})


def test_measured_curves_and_shifts_are_taken():
    given = curves()
    moved = shifts(uncertainty=[1e-4, 1e-4]).assign_attrs(voltage=0.95)
    asked = of_shifts(moved, CYCLE)
    moved["delta_x0"] = ("row", ENGINE(DEVICE, asked))
    fit = calibrate_device(begin(), given, moved, cycle=CYCLE)
    assert len(fit.observations) == 4 * 5 + 2 and fit.freedom == 18
    # The counts are rounded: at most half a trial, far below their scatter of 50.
    assert (np.abs(fit.values - truth()[:4]) < 0.1 * np.array(list(fit.uncertainties.values()))).all()
    assert fit.chi2 < 0.1


def test_a_macrospin_is_taken_too():
    """P of a short and strong pulse, 64 trials: the same noise lies behind data and model, so that they agree."""
    short = Cycle(edge=0.2e-9, width=2e-9, reset_width=1e-9, reset_edge=0.1e-9, delay=0.0)
    device = DEVICE.replace(activation_volume=1e-24, thermal_resistances=(), thermal_times=())
    asked = [Observation(voltage=volts, probability=0.5, trials=64) for volts in (0.9, 1.0, 1.1)]
    shares = Prediction(short, "macrospin", 64)(device, asked)
    assert 0.05 < shares[0] < shares[2] < 0.95
    given = [dataclasses.replace(one, probability=float(p)) for one, p in zip(asked, shares, strict=True)]
    fit = calibrate_device(
        device.replace(P=1.1 * device.P), observations=given, free=["P"], cycle=short, model="macrospin", trials=64
    )
    # Steps of 5 % with 64 trials: the search ends within a standard error.
    assert abs(fit.value("P") - device.P) < fit.uncertainties["P"]


def test_histories_are_those_of_the_measurement():
    cycle, found = Cycle(), of_curves(curves())
    assert [one.history for one in found[:4]] == [()] * 4 and found[0].label == "cold"
    assert found[4].history == (cycle.pump(0.95),) and found[4].label == "after 950 mV"
    assert found[12].history == (cycle.pump(1.1),) * 2
    assert found[16].history == (cycle.pump(1.1),) * 2 + (30e-9,)
    assert all(one.trials == TRIALS for one in found)
    given = shifts(
        uncertainty=[1e-4] * 2, sequence=["0.9 0 0.9", ""], amplitude=[np.nan, 0.9], duration=[np.nan, 500e-9]
    )
    one, two = of_shifts(given)
    assert one.history == (cycle.pump(0.9), cycle.duration, cycle.pump(0.9)) and one.voltage == 0.83
    assert two.history == (cycle.pump(0.9, width=500e-9), 40e-9)
    assert of_shifts(given, voltage=0.9)[0].voltage == 0.9


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"free": ["activation_volum"]}, "did you mean 'activation_volume'? "),
        ({"free": ["P", "P"]}, 'free = "P": stands twice'),
        ({"free": ["pinned"]}, 'free = "pinned": no number of a device'),
        ({"free": ["Ku"], "device": base_device().replace(Ku=-1e3)}, 'free = "Ku": is -1000 in plasticity'),
        ({"free": ["polarization_temperature"]}, "is not set in plasticity; give it a value to start from"),
        ({"free": ["thermal_times"]}, 'has 1 thermal poles; use an entry like "thermal_times[0]"'),
        ({"free": ["thermal_times[1]"]}, 'free = "thermal_times[1]": plasticity has 1 thermal poles'),
        ({"device": Device.preset("reference")}, "reference has 0 thermal poles; give reference a heat path"),
        ({"free": [], "keep": 9}, "free: names nothing to fit"),
        ({"keep": 3}, "observations: 3 are too few for activation_volume, P, thermal_resistances[0], thermal_times[0]"),
        ({"voltages": {}}, "voltages: probe has no value to start from"),
        ({"voltages": {"prob": 0.9}}, "did you mean 'probe'?"),
        ({"free": ["P", "temperature", "Ms"], "rest": True}, "free: the data do not determine the combin"),
        ({"free": ["P", "breakdown_voltage"], "keep": 4}, "the data do not depend on breakdown_voltage; hold it"),
        ({"model": "fokker"}, "did you mean 'fokker-planck'?"),
        ({"device": Device.preset("orthogonal"), "free": ["P"]}, "pinned = [0.0, 1.0, 0.0]: "),
        ({"device": DEVICE.replace(breakdown_voltage=0.95), "free": ["P"]}, "breakdown_voltage = 950 mV"),
    ],
)
def test_mistakes_are_named(exact, change, message):
    device, given = change.get("device", DEVICE), measured(exact)[: change.get("keep", 11)]
    voltages = change.get("voltages", VOLTAGES if len(given) == 11 else {})
    if "rest" in change:
        # Without heat a curve is a midpoint and a slope: two numbers, whatever is behind them.
        given, voltages = [dataclasses.replace(one, trials=100.0) for one in measured(exact)[:4]], {}
        device = device.replace(thermal_resistances=(), thermal_times=(), curie_temperature=None)
    options = {name: change[name] for name in ("free", "model") if name in change}
    with pytest.raises(InputError) as caught:
        calibrate_device(device, observations=given, voltages=voltages, cycle=CYCLE, **options)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_observations_are_checked():
    for fields, message in [
        ({"probability": 0.5, "shift": 0.0}, "give a probability or a shift"),
        ({}, "give a probability or a shift"),
        ({"probability": 1.5, "trials": 3}, "probability = 1.5: must lie between 0 and 1"),
        ({"probability": 0.5, "trials": 0}, "trials = 0: must be positive"),
        ({"shift": 0.01}, "uncertainty = nan: a finite number"),
        ({"probability": 0.5, "trials": 3, "history": (-1.0,)}, "history = -1 s: must not be negative"),
        ({"probability": 0.5, "trials": 3, "voltage": "0.8 V"}, "a number in V is needed, or a name"),
    ]:
        with pytest.raises(InputError) as caught:
            Observation(**({"voltage": 0.8} | fields))
        assert message in str(caught.value)
    with pytest.raises(InputError, match='no uncertainty; add a column "uncertainty'):
        of_shifts(shifts())
    with pytest.raises(InputError, match="no shifts, read them"):
        of_shifts(xr.Dataset())
    with pytest.raises(InputError, match="no curves, read them"):
        of_curves([])
    cooling = curves().cooling
    del cooling.attrs["amplitude"]
    with pytest.raises(InputError, match="cooling: the rows with a delay have no amplitude"):
        of_curves(Curves(cooling=cooling))
    far = Observation(voltage=0.95, history=train(CYCLE, 1.1, 4), shift=0.0, uncertainty=1.0)
    with pytest.raises(InputError, match="shift: found no cold probability between 0 V and breakdown_voltage"):
        # Seven times the heat: 0.15 V to the left, where the barrier is not.
        ENGINE(DEVICE.replace(breakdown_voltage=1.1, thermal_resistances=(4e4,)), [far])
    fit = calibrate_device(DEVICE, observations=measured([0.1] * 11)[:1], free=["P"], cycle=CYCLE)
    assert fit.freedom == 0 and math.isnan(fit.p_value)
    with pytest.raises(InputError, match='name = "p": not fitted'):
        fit.value("p")


# The published calibration


def test_the_shipped_presets_are_what_the_printed_numbers_give():
    """From the preset the search is short; from `base_device` examples/09 makes it."""
    shipped = Device.preset("plasticity")
    fit = calibrate_published(shipped)
    assert plasticity(fit) == shipped
    # Goodness: fig. S1 is a smooth fit, so that chi2 lies far below its 4 degrees of freedom.
    assert fit.freedom == 4 and fit.chi2 < 0.5
    assert fit.value(PROBE_NAME) == pytest.approx(0.7822, abs=5e-5)
    # The throw-away prototype found 6.874e-24, 0.1610, 4329 and 271.4 ns with coarser steps.
    np.testing.assert_allclose(fit.values[:4], [6.874e-24, 0.1610, 4329.0, 271.4e-9], rtol=2e-3)
    assert list(fit.uncertainties.values()) == pytest.approx([4.3e-25, 1.6e-3, 71.0, 20e-9, 0.91e-3], rel=0.02)


def test_the_rounded_preset_gives_the_printed_digits():
    shipped = Device.preset("plasticity")
    found = Prediction(Cycle())(shipped, printed_observations(), {PROBE_NAME: 0.7822})
    assert [f"{100 * share:.1f}" for share in found[:3]] == ["9.5", "27.4", "16.3"]
    assert f"{100 * found[3]:.2f}" == "19.72"
    # fig. S1 as printed, 12.21, 12.87, 13.32, 14.47, 15.18 mV; its own scatter is 0.28 mV
    assert 1e3 * found[4:] == pytest.approx([12.21, 12.87, 13.32, 14.47, 15.18], abs=0.08)
    # numbers of docs/calibration.md
    assert stability(shipped) == pytest.approx(126.4, abs=0.05)
    assert midpoint(shipped) == pytest.approx(0.8302, abs=5e-5)
    assert heat_product(shipped) == pytest.approx([10.35, 14.63], abs=0.005)
    assert [shipped.resistance_parallel, shipped.resistance_antiparallel] == pytest.approx([230.0, 410.0], abs=0.05)


def test_the_reference_is_insensitive_and_fires_alike():
    shipped = Device.preset("reference")
    assert reference(Device.preset("plasticity")) == shipped
    assert shipped.resistance_parallel == pytest.approx(1327.0, rel=1e-3)
    assert shift_after(shipped, (0.9,) * 3) == pytest.approx(0.0, abs=1e-7)
    cold = Observation(voltage=0.8, probability=0.5, trials=1)
    assert f"{100 * float(Prediction(Cycle())(shipped, [cold])[0]):.2f}" == "19.72"
    with pytest.raises(InputError, match="reference fires with less than 50 % there"):
        midpoint(shipped.replace(P=0.05))


def test_the_shipped_neuron_is_what_the_device_gives():
    made, shipped = device_neuron(Device.preset("plasticity")), neuron_file.load("plasticity-device")
    for name in shipped.UNITS:
        # Counts are rounded: another last bit of the engine may move one of them by 1 in 10,000.
        np.testing.assert_allclose(getattr(made.neuron, name), getattr(shipped, name), rtol=1e-3)
    assert made.neuron.statistics.rmse == pytest.approx(shipped.statistics.rmse, rel=1e-3)
    kept = neuron_file.read("plasticity-device")["provenance"]
    assert {name: kept[name] for name in made.provenance} == json.loads(json.dumps(made.provenance))
    assert Device.from_json(json.dumps(kept["device"])) == Device.preset("plasticity")
    # The curve of the device is no logistic: its misfit is in the file.
    assert shipped.p_max == 1.0 and "p_max" not in shipped.uncertainties
    assert shipped.k == pytest.approx(52.6, abs=0.05) and shipped.x0 == pytest.approx(0.8283, abs=5e-5)
    assert shipped.statistics.rmse == pytest.approx(0.0126, abs=5e-5) and shipped.statistics.p_value < 1e-9
    assert shipped.statistics.shape_p_value > 0.9
