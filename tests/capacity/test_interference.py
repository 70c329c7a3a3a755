"""Interference and cued recall of the ideal observer: against plain sums and the spikes of the task, and its limits."""

import itertools
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy.stats import binom

from spinneuron import neuron_file
from spinneuron.capacity import capacity, interference_bound, traces
from spinneuron.capacity.interference import Observer, Reading, answered, patches, posterior
from spinneuron.capacity.memory import spiking
from spinneuron.quantity import InputError
from spinneuron.surrogates import SignedLIF
from spinneuron.tasks import CONDITIONS, CuedRecall, Interference

TEXT = neuron_file.load("plasticity-text")
COLD = replace(TEXT, heat_v2=0.0, heat_v1=0.0, uncertainties={})
TWO = replace(
    TEXT, heat_v2=0.02, heat_v1=0.02, tau_thermal=(150e-9, 900e-9), weights=(0.6, 0.4), uncertainties={}
)  # fmt: skip
VOLTS = 0.83
ONE_HOT, SIMILAR, CUED = Interference(coding="one-hot"), Interference(), CuedRecall()
# Two items that overlap, two that stand alone; a pixel that nobody lights.
IMAGES = np.array([[1, 1, 0, 0, 0, 0], [0, 1, 1, 0, 0, 0], [0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 1, 0]], dtype=bool)


def observer_of(neuron, images, prior=(1 / 3, 1 / 3, 1 / 3)):
    return Observer(patches(images), partial(spiking, neuron, VOLTS), traces(neuron, VOLTS, 3), np.array(prior))


def hypotheses(targets):
    """Target, distractor, lag of it, and probability: as the task draws them."""
    for target in targets:
        yield target, None, None, 1 / 3 / len(targets)
        for other, lag in itertools.product(set(range(4)) - {target}, (3, 1)):
            yield target, other, lag, 1 / 3 / 3 / len(targets)


@pytest.mark.parametrize(("targets", "read"), [((0, 1, 2, 3), (1, 1, 1, 1, 1)), ((0, 1), (1, 1, 1, 0, 0))])
def test_no_answer_beats_the_observer_in_the_sum_over_all_counts(targets, read):
    watcher = observer_of(TWO, IMAGES)
    read = np.array(read)[watcher.patches.first]
    counts = np.array(list(itertools.product(*(range(2 * one + 1) for one in read))))
    images, left = IMAGES[:, watcher.patches.first], traces(TWO, VOLTS, 3)
    # Every way to order four items, equal places included, scored as the task does.
    strengths, cases = np.array(list(itertools.product(range(4), repeat=4))), list(hypotheses(targets))
    joint, scores = np.empty((len(cases), len(counts))), np.empty((len(strengths), len(cases)))
    alone, beside = np.zeros((len(counts), 4)), np.zeros((len(counts), 4, 4))
    for i, (target, other, lag, prior) in enumerate(cases):
        shift = left[1] * images[target] + (0.0 if other is None else left[lag - 1] * images[other])
        joint[i] = prior * binom.pmf(counts, 2 * read, TWO.probability(VOLTS, shift)).prod(axis=1)
        rivals = np.delete(strengths, [target] + ([] if other is None else [other]), axis=1)
        scores[:, i] = strengths[:, target] > rivals.max(axis=1)
        if other is None:
            alone[:, target] += joint[i]
        else:
            beside[:, target, other] += joint[i]
    whole = joint.sum(axis=0)
    assert whole.sum() == pytest.approx(1.0)
    reading = Reading(
        counts, np.broadcast_to(2 * read, counts.shape), np.isin(np.arange(4), targets) & (counts[:, :1] >= 0)
    )
    found = posterior(watcher, reading)
    np.testing.assert_allclose(found[0], alone / whole[:, None], atol=1e-12)
    np.testing.assert_allclose(found[1], beside / whole[:, None, None], atol=1e-12)
    answers, promised = answered(watcher, reading)
    reached = (scores @ joint).max(axis=0)
    np.testing.assert_allclose(promised * whole, reached, atol=1e-12)
    chosen = [int(np.flatnonzero((strengths == answer).all(axis=1))[0]) for answer in answers]
    np.testing.assert_allclose((scores @ joint)[chosen, np.arange(len(counts))], reached, atol=1e-12)
    # The tables are no trivial ones: a reading tells much, and not all.
    assert 1.2 / len(targets) < reached.sum() < 0.95


def test_the_control_of_dissimilar_items_is_known_in_closed_form():
    found = interference_bound(TEXT, VOLTS, replace(ONE_HOT, condition="control"), 16, 1, 3000)
    size, left = 18 * 16, traces(TEXT, VOLTS, 2)[1]
    k = np.arange(size + 1)
    warm, cold = (TEXT.probability(VOLTS, shift) for shift in (left, 0.0))
    # The item with the most spikes is named; of j equal ones, each as often: E 1/(j + 1) of a binomial j.
    less, same = binom.cdf(k - 1, size, cold), binom.pmf(k, size, cold)
    exact = np.sum(binom.pmf(k, size, warm) * ((less + same) ** 50 - less**50) / (50 * same))
    assert 0.4 < exact < 0.5
    assert abs(found.mean - exact) < 4 * found.mean_error
    assert abs(found.accuracy[0] - exact) < 4 * found.error[0]
    assert np.isnan(found.accuracy[1:]).all() and np.isnan(found.error[1:]).all()


@pytest.mark.parametrize("task", [SIMILAR, ONE_HOT, CUED])
def test_decisions_from_the_spikes_of_each_pixel_reach_the_accuracy(task):
    junctions, images = (1 if task is SIMILAR else 16), task.images
    found = interference_bound(TEXT, VOLTS, task, junctions, 0, 2000)
    trials = task.sample(900, seed=7)
    volts = VOLTS * trials.frames.transpose(0, 2, 1)
    spikes = np.random.default_rng(3).binomial(junctions, TEXT.predict(volts).probability[..., -1])
    watcher = observer_of(TEXT, images)
    # A pixel is in the patch that the same items light.
    member = (images.T[:, None] == watcher.patches.lit[None].astype(bool)).all(axis=2).astype(float)
    assert member.sum() == images.any(axis=0).sum()
    read = junctions * (trials.frames[:, -1] @ member)
    classes = np.arange(50) // 10
    possible = classes == classes[trials.shown[:, 1]][:, None] if task is CUED else np.ones((900, 50), dtype=bool)
    answers, promised = answered(watcher, Reading(spikes @ member, read, possible))
    score = task.score(answers, trials)
    bars = np.sqrt(score.accuracy * (1.0 - score.accuracy) / score.trials)
    np.testing.assert_array_less(np.abs(score.accuracy - found.accuracy), 4 * np.hypot(bars, found.error) + 1e-9)
    assert abs(promised.mean() - found.mean) < 4 * np.hypot(promised.std() / 30, found.mean_error)
    # A rule without any knowledge of the neuron: the items with the most spikes.
    simple = task.score((spikes @ images.T) - 1e6 * ~possible, trials)
    assert simple.accuracy.mean() < score.accuracy.mean() + 2 * np.hypot.reduce(bars) / 3


def test_counts_agree_with_what_the_posterior_promises():
    for task, junctions in ((SIMILAR, 1), (ONE_HOT, 16), (CUED, 16)):
        found = interference_bound(TEXT, VOLTS, task, junctions, 2, 1500)
        assert abs(found.accuracy.mean() - found.mean) < 4 * np.hypot.reduce(found.error) / 3
        assert 0.0 < found.mean_error < np.hypot.reduce(found.error) / 3


def test_what_the_observer_knows_of_the_condition_helps():
    both = interference_bound(TEXT, VOLTS, SIMILAR, 1, 0, 1000)
    for name, accuracy in zip(CONDITIONS, both.accuracy, strict=True):
        alone = interference_bound(TEXT, VOLTS, replace(SIMILAR, condition=name), 1, 0, 1000)
        assert alone.mean > accuracy - 4 * both.error[0]
        assert np.isfinite(alone.accuracy).tolist() == [name == one for one in CONDITIONS]
        assert abs(np.nanmean(alone.accuracy) - alone.mean) < 4 * np.nanmean(alone.error)


def test_many_junctions_recall_all():
    for task in (ONE_HOT, SIMILAR, CUED):
        found = interference_bound(TEXT, VOLTS, task, 4096, 0, 60)
        assert (found.accuracy == 1.0).all() and found.mean > 1.0 - 1e-9


def test_without_heat_the_observer_guesses():
    # The first item is the target, or the second with the first as its distractor.
    for task, items in ((ONE_HOT, 50), (SIMILAR, 50), (CUED, 10)):
        found = interference_bound(COLD, VOLTS, task, 16, 0, 300)
        assert found.mean == pytest.approx(1 / items + 2 / 3 / items / 49, rel=1e-9)
        assert found.mean_error < 1e-12
        assert abs(found.accuracy.mean() - found.mean) < 4 * np.sqrt(found.mean / 900)


def test_a_cue_and_more_junctions_help():
    means = [
        [interference_bound(TEXT, VOLTS, CuedRecall(cue=cue), junctions, 0, 400).mean for junctions in (4, 16, 64)]
        for cue in (False, True)
    ]
    assert (np.diff(means, axis=0) > 0.0).all() and (np.diff(means, axis=1) > 0.0).all()


def test_the_same_seed_gives_the_same_bits():
    one, again, other = (interference_bound(TWO, VOLTS, SIMILAR, 1, seed, 200) for seed in (4, 4, 5))
    assert one.mean == again.mean and one.mean_error == again.mean_error
    np.testing.assert_array_equal(one.accuracy, again.accuracy)
    assert one.mean != other.mean
    bare = interference_bound(TEXT, VOLTS, ONE_HOT, 16, 4, 200)
    assert bare.mean == interference_bound(TEXT, VOLTS, CuedRecall(cue=False), 16, 4, 200).mean


def test_recall_in_the_dataset(monkeypatch):
    monkeypatch.setattr("spinneuron.capacity.curve.recall_curves", lambda *arguments: {})
    monkeypatch.setattr(interference_bound, "__defaults__", (40,))
    steps = []
    made = capacity(TEXT, n=(1,), junctions=(4, 16), codes=1, lags=3, recall=True, progress=steps.append)
    assert len(steps) == 2 * (1 + 4)
    assert made["interference"].dims == ("junctions", "coding", "condition")
    assert made["cued_recall_mean"].dims == ("junctions", "cue")
    assert made["condition"].values.tolist() == list(CONDITIONS) and made["cue"].values.tolist() == ["false", "true"]
    alone = interference_bound(TEXT, VOLTS, CUED, 16, 0)
    for name in ("", "_error", "_mean", "_mean_error"):
        given = made[f"cued_recall{name}"].sel(junctions=16, cue="true")
        np.testing.assert_array_equal(given, getattr(alone, name[1:] or "accuracy"))
    bare = made["interference"].sel(coding="one-hot")
    np.testing.assert_array_equal(bare, made["cued_recall"].sel(cue="false"))


def test_bad_input_is_named():
    lif = SignedLIF(tau_membrane=1e-9, gain=1.0, resistance=1e3)
    for arguments, said in (
        ((lif, VOLTS, SIMILAR, 1, 0), "signed-lif"),
        ((TEXT, VOLTS, SIMILAR, 0, 0), "junctions = 0"),
        ((TEXT, VOLTS, SIMILAR, 1, -1), "seed = -1"),
        ((TEXT, VOLTS, SIMILAR, 1, 0, 0), "trials = 0"),
        ((TEXT, -1.0, SIMILAR, 1, 0), "voltage = -1"),
    ):
        with pytest.raises(InputError, match=said):
            interference_bound(*arguments)
