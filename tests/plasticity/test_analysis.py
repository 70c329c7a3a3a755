"""From a suite to shifts and a neuron: a suite whose counts are drawn from a known neuron gives it back."""

import numpy as np
import pytest
import xarray as xr
from axial import plasticity, reference
from scipy.stats import chi2

from spinneuron import dataset_file
from spinneuron.plasticity import EXPERIMENTS, Suite, curves, neuron, run_suite, with_shifts
from spinneuron.plasticity import suite as module
from spinneuron.plasticity.analysis import curve_of, states_of
from spinneuron.quantity import InputError
from spinneuron.surrogates.sigmoid import Sigmoid

TRUTH = Sigmoid(k=45.0, x0=0.8316, heat_v2=0.0082, heat_v1=0.0087, tau_thermal=(275e-9,))
SLOW = Sigmoid(k=45.0, x0=0.8316, heat_v2=0.0082, heat_v1=0.0087, tau_thermal=(2e-7, 1.2e-6), weights=(0.7, 0.3))
INSENSITIVE = Sigmoid(k=50.0, x0=0.83)


def true_shift(one, cycle, truth):
    """What the known neuron has after the history of a condition."""
    if one.reference or not one.pulses:
        return 0.0
    if not one.regular:
        # right after the pulse and its reset: as after the regular step, but for its delay
        return float(truth.shift_after_hold(one.amplitude, one.width, one.delay))
    if one.experiment == "S3":
        return float(truth.shift_after([0.85 if bit == "1" else 0.0 for bit in one.label]))
    return float(truth.shift_after([one.amplitude] * one.pulses, one.delay))


def synthetic(monkeypatch, truth=TRUTH, experiments=tuple(EXPERIMENTS), trials=10_000, seed=1):
    """A suite whose counts are drawn; returns it and the true shifts of its states."""
    rng, shifts = np.random.default_rng(seed), []

    def drawn(suite, name, progress=None):
        found = {"switched": [], "trials": [], "rise": [], "reset_failed": []}
        for one in EXPERIMENTS[name](suite.cycle):
            shift = true_shift(one, suite.cycle, truth)
            shifts.append(shift)
            P = (INSENSITIVE if one.reference else truth).probability(np.array(one.probes), shift)
            found["switched"] += (rng.binomial(trials, P) if trials < 10**9 else np.rint(trials * P)).tolist()
            found["trials"] += [trials] * len(one.probes)
            found["rise"].append(400.0 * shift)
            found["reset_failed"].append(0.0)
        return {key: np.array(values) for key, values in found.items()}

    monkeypatch.setattr(module, "run_experiment", drawn)
    suite = Suite(plasticity(), reference(), experiments, "fokker-planck", trials)
    return run_suite(suite), np.array(shifts)


def test_shifts_are_found_with_their_covariance(monkeypatch):
    """chi^2 of all 57 shifts, whose errors share that of their cold curves, within 1e-4 of either tail."""
    data, truth = synthetic(monkeypatch)
    found = with_shifts(data)
    shift, covariance = found["shift"].values, found.shift_covariance.values
    np.testing.assert_allclose(covariance, covariance.T, rtol=1e-12, atol=1e-18)
    for own in (found.reference.values == 0, found.reference.values == 1):
        cold = np.flatnonzero(own & (found.pulses.values == 0) & (found.label.values == "no pulse before"))
        assert len(cold) == 1
        assert shift[cold[0]] == 0.0
        assert not covariance[cold[0], own].any()
        rest = np.flatnonzero(own & (np.arange(len(own)) != cold[0]))
        pull = (shift - truth)[rest]
        square = pull @ np.linalg.solve(covariance[np.ix_(rest, rest)], pull)
        assert chi2.ppf(1e-4, len(rest)) < square < chi2.ppf(1.0 - 1e-4, len(rest))
    # between the junctions nothing is shared
    assert np.isnan(covariance[np.ix_(found.reference.values == 0, found.reference.values == 1)]).all()
    assert found["shift"].attrs["units"] == "V"
    assert found.shift_covariance.attrs["units"] == "V^2"


def test_the_logistic_of_each_junction(monkeypatch):
    """By maximum likelihood: 4 errors of 10,000 trials at each voltage."""
    found = with_shifts(synthetic(monkeypatch)[0])
    assert list(found.junction.values) == ["sensitive", "reference"]
    np.testing.assert_allclose(found.k, [45.0, 50.0], rtol=0.02)
    np.testing.assert_allclose(found.x0, [0.8316, 0.83], atol=1.2e-3)
    np.testing.assert_allclose(found.p_max, 1.0, atol=0.01)


def test_the_reference_may_move_too(monkeypatch):
    """Its two curves have one grid: a shift of 12 mV is found and not pressed to 0."""
    data, _ = synthetic(monkeypatch, experiments=("S9",), trials=10**9)
    moved = data.copy(deep=True)
    hot = moved.condition.values == 1
    P = INSENSITIVE.probability(moved.voltage.values[hot], 0.012)
    moved["switched"][{"point": hot}] = np.rint(10**9 * P).astype(np.int64)
    assert with_shifts(data)["shift"].values[1] == pytest.approx(0.0, abs=1e-8)
    assert with_shifts(moved)["shift"].values[1] == pytest.approx(0.012, abs=1e-6)


def test_a_neuron_comes_back(monkeypatch):
    """Each number within 3.5 of its errors; and the errors themselves are small."""
    found = neuron(with_shifts(synthetic(monkeypatch, seed=7)[0]))
    # a ceiling at its bound of 1 has no error
    assert found.p_max == pytest.approx(1.0, abs=0.01)
    assert {"k", "x0", "heat_v2", "heat_v1", "tau_thermal"} <= set(found.uncertainties)
    for name, error in found.uncertainties.items():
        value, truth = np.ravel(getattr(found, name))[0], np.ravel(getattr(TRUTH, name))[0]
        assert abs(value - truth) < 3.5 * np.ravel(error)[0]
    assert found.uncertainties["tau_thermal"][0] < 0.1 * 275e-9
    # heat at the middle of the amplitudes is known better than either of its parts
    assert found.heat_v2 * 0.85**2 + found.heat_v1 * 0.85 == pytest.approx(0.01332, rel=0.05)
    assert (found.time_step, found.pulse_width) == (pytest.approx(230e-9, rel=1e-12), 150e-9)
    assert found.valid["amplitude"] == (0.70, 0.93)
    assert found.valid["delay"] == (0.0, 5e-6)
    for name in ("heat_p_value", "cooling_p_value"):
        assert getattr(found.statistics, name) > 1e-3


def test_a_neuron_comes_back_exactly_from_many_trials(monkeypatch):
    """Probabilities to 1e-9: the fit of the heat is linear, that of the cooling ends at 1e-6."""
    found = neuron(with_shifts(synthetic(monkeypatch, trials=10**10)[0]))
    for name in ("k", "x0", "heat_v2", "heat_v1"):
        assert getattr(found, name) == pytest.approx(getattr(TRUTH, name), rel=2e-4)
    assert found.tau_thermal[0] == pytest.approx(275e-9, rel=1e-4)


def test_two_components(monkeypatch):
    found = neuron(with_shifts(synthetic(monkeypatch, SLOW, trials=10**8, seed=2)[0]), components=2)
    pairs = zip((*found.tau_thermal, *found.weights), (2e-7, 1.2e-6, 0.7, 0.3), strict=True)
    errors = (*found.uncertainties["tau_thermal"], *found.uncertainties["weights"])
    for (value, truth), error in zip(pairs, errors, strict=True):
        assert abs(value - truth) < 3.5 * error < 0.5 * truth


def test_saved_suites_give_the_same(monkeypatch, tmp_path):
    data = with_shifts(synthetic(monkeypatch)[0])
    dataset_file.save(data, tmp_path / "suite.nc")
    again = dataset_file.load(tmp_path / "suite.nc")
    xr.testing.assert_allclose(with_shifts(again.drop_vars(["shift", "shift_covariance", "p_max", "k", "x0"])), data)
    assert neuron(again) == neuron(data)


# Parts of a suite


def test_curves_of_a_suite(monkeypatch):
    data, _ = synthetic(monkeypatch)
    found = curves(data)
    np.testing.assert_array_equal(found.baseline.switched, data.switched[:29])
    assert found.heating.switched.dims == ("amplitude", "voltage")
    assert found.heating.sizes == {"amplitude": 8, "voltage": 1}
    assert found.cooling.sizes == {"delay": 12, "voltage": 1}
    assert found.cooling.attrs["pulses"] == 5
    state = states_of(data, "S1")[3]
    assert found.heating.switched.values[3, 0] == curve_of(data, state).switched.values[0]
    alone = curves(synthetic(monkeypatch, experiments=("1E", "1F"))[0])
    assert alone.heating is None
    assert alone.cooling is None


def test_states_after_a_whole_cycle_are_told_from_others(monkeypatch):
    data, _ = synthetic(monkeypatch, experiments=("1F", "S1"))
    assert not len(states_of(data, "1F"))
    assert len(states_of(data, "1F", regular=False)) == 6
    np.testing.assert_array_equal(states_of(data, "S1"), np.arange(6, 14))
    assert not len(states_of(data, "S3"))


@pytest.mark.parametrize("missing", ["1E", "S1", "S2"])
def test_missing_experiments_are_named(monkeypatch, missing):
    names = tuple(name for name in ("1E", "S1", "S2") if name != missing)
    data = with_shifts(synthetic(monkeypatch, experiments=names)[0])
    with pytest.raises(InputError) as caught:
        neuron(data)
    assert str(caught.value) == f"experiments: fig. {missing} is not in the suite; run it with {missing}"
    if missing == "1E":
        with pytest.raises(InputError) as caught:
            curves(data)
        assert str(caught.value).startswith("experiments: fig. 1E, the curve without heat, is not in the suite")
        # without a cold curve no shift is known; the probabilities stay
        assert np.isnan(data["shift"]).all()
        assert np.isfinite(data.probability).all()


def test_probes_that_never_switch_have_no_shift_and_no_neuron(monkeypatch):
    data, _ = synthetic(monkeypatch, experiments=("1E", "S1", "S2", "S9"))
    none = data.copy(deep=True)
    none["switched"][{"point": none.condition.values == 2}] = 0
    found = with_shifts(none)
    assert np.isnan(found["shift"].values[2])
    assert np.isnan(found.shift_covariance.values[2, 3])
    other = [i for i in range(found.sizes["state"]) if i != 2]
    assert np.isfinite(found["shift"].values[other]).all()
    before = with_shifts(data)
    np.testing.assert_array_equal(found["shift"].values[other], before["shift"].values[other])
    own = np.ix_(other[:20], other[:20])
    np.testing.assert_allclose(found.shift_covariance.values[own], before.shift_covariance.values[own], rtol=1e-9)
    with pytest.raises(InputError) as caught:
        neuron(found)
    assert str(caught.value).startswith("trials: a probe of S1 or S2 always or never switched")
    # a cold curve that never switched: everything of that junction is unknown, nothing of the other
    none["switched"][{"point": none.condition.values == 0}] = 0
    found = with_shifts(none)
    sensitive = found.reference.values == 0
    assert np.isnan(found["shift"].values[sensitive]).all()
    assert np.isfinite(found["shift"].values[~sensitive]).all()
    assert np.isnan(found.k.values[0])
    assert np.isfinite(found.k.values[1])
