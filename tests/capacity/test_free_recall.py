"""Free recall of the ideal observer: the sampled posterior against all lists of a small task, and its limits."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from spinneuron import neuron_file, plotting
from spinneuron.capacity import capacity, interference_bound, recall_bound, traces
from spinneuron.capacity.curve import RECALLS
from spinneuron.capacity.free_recall import _betas, _reader
from spinneuron.capacity.lists import presence
from spinneuron.quantity import InputError
from spinneuron.summary import tables
from spinneuron.surrogates import SignedLIF
from spinneuron.tasks import FreeRecall

TEXT = neuron_file.load("plasticity-text")
VOLTS = 0.83
SMALL = FreeRecall(items=6, length=3, delay=1, code=2)


def test_the_posterior_is_that_of_all_lists():
    pixels, left = 25 * 4, traces(TEXT, VOLTS, 4)[::-1][:3].copy()
    codes = SMALL.codes.astype(float)
    counts = np.random.default_rng(5).binomial(pixels, 0.6, (4, 9)).astype(float)
    exact = np.zeros((4, 6))
    for order in itertools.permutations(range(6), 3):
        chance = TEXT.probability(VOLTS, left @ codes[list(order)])
        exact[:, list(order)] += binom.pmf(counts, pixels, chance).prod(axis=1)[:, None]
    exact *= 3.0 / exact.sum(axis=1, keepdims=True)
    assert exact.max() > 0.9 and exact.min() < 0.25
    reader, seen = _reader(TEXT, VOLTS, codes, left, pixels), np.zeros((4, 6))
    presence(seen, counts, _betas(reader), reader, 0, 20_000)
    # 15,000 sweeps of 3 moves: 0.004 for independent ones, within a factor of three.
    np.testing.assert_allclose(seen, exact, atol=0.012)
    np.testing.assert_allclose(seen.sum(axis=1), 3.0)


def test_many_junctions_recall_what_differs_in_all_pasts():
    strong = replace(TEXT, heat_v2=0.02, heat_v1=0.02, uncertainties={})
    found = recall_bound(strong, VOLTS, replace(SMALL, delay=0), 4096, 0, trials=40, sweeps=300)
    assert found.mean == 1.0 and found.predicted > 0.999


def test_without_heat_recall_is_chance():
    found = recall_bound(replace(TEXT, heat_v2=0.0, heat_v1=0.0, uncertainties={}), VOLTS, SMALL, 16, 0, 400, 40)
    # 3 of 6 items; 400 lists of 3.
    assert abs(found.mean - 0.5) < 4 * 0.5 / np.sqrt(1200)


def test_recency_without_primacy_fades_with_the_delay():
    now, later = (recall_bound(TEXT, VOLTS, FreeRecall(delay=delay), 16, 0, 60, 300) for delay in (0, 3))
    assert now.accuracy[-1] > 0.95 and now.accuracy[-2] > 0.7
    assert now.accuracy[:5].mean() < 0.4
    assert later.accuracy[-1] < 0.7
    assert now.mean > later.mean
    # Of an approximate posterior: promised is too much, found is too little.
    assert now.predicted > now.mean - 3 * now.mean_error
    again = recall_bound(TEXT, VOLTS, FreeRecall(), 16, 0, 60, 300)
    assert again.predicted == now.predicted and (again.accuracy == now.accuracy).all()


def test_recall_in_the_dataset_its_figure_and_its_table(monkeypatch, tmp_path):
    from spinneuron.capacity import free_recall

    monkeypatch.setattr(free_recall.recall_bound, "__defaults__", (4, 20))
    monkeypatch.setattr(interference_bound, "__defaults__", (40,))
    steps = []
    made = capacity(TEXT, n=(1,), junctions=(4, 16), codes=1, lags=3, recall=True, progress=steps.append)
    assert len(steps) == 2 * (1 + 3 + 4) == 2 * (1 + RECALLS)
    assert made["recall"].dims == ("junctions", "delay", "position") and made["recall"].shape == (2, 3, 15)
    np.testing.assert_allclose(made["recall"].mean("position"), made["recall_mean"])
    said = "\n".join(map(str, tables(made)))
    assert all(row in said for row in ("N = 16, delay 10", "N = 16, 4-of-9", "N = 4, no cue", "N = 4, cue"))
    fig = plotting.draw(made)
    assert len(fig.axes) == 6
    np.testing.assert_array_equal(fig.axes[2].containers[1].lines[0].get_ydata(), made["recall"][1, 1])
    # N by N, dissimilar before similar: a line over the conditions, then the mean.
    similar = fig.axes[4].containers[6:8]
    np.testing.assert_array_equal(
        similar[0].lines[0].get_ydata(), made["interference"].sel(junctions=16, coding="4-of-9")
    )
    assert similar[1].lines[0].get_ydata().item() == made["interference_mean"].sel(junctions=16, coding="4-of-9")
    cued = fig.axes[5].containers[2].lines[0].get_ydata()
    np.testing.assert_array_equal(cued, made["cued_recall"].sel(junctions=4, cue="true"))
    plotting.save(fig, tmp_path / "a.png")


def test_bad_input_is_named():
    lif = SignedLIF(tau_membrane=1e-9, gain=1.0, resistance=1e3)
    for arguments, said in (
        ((lif, VOLTS, SMALL, 1, 0), "signed-lif"),
        ((TEXT, VOLTS, SMALL, 0, 0), "junctions = 0"),
        ((TEXT, VOLTS, SMALL, 1, 0, 0), "trials = 0"),
        ((TEXT, VOLTS, SMALL, 1, 0, 5, 2), "sweeps = 2"),
    ):
        with pytest.raises(InputError, match=said):
            recall_bound(*arguments)
