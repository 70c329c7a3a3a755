"""The published experiments as data: what the paper says of them holds, and scores are what their definitions say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinneuron.quantity import InputError
from spinneuron.tasks import (
    BLANK,
    CONDITIONS,
    READ,
    TASKS,
    CuedRecall,
    FreeRecall,
    Interference,
    NBack,
    block_codes,
    block_images,
    cell_images,
)

seeds = st.integers(0, 2**32)


@given(seed=seeds, items=st.integers(2, 126))
def test_codes_are_different_and_color_four_of_nine(seed, items):
    codes = block_codes(items, seed)
    assert codes.shape == (items, 9)
    assert (codes.sum(axis=1) == 4).all()
    assert len(np.unique(codes, axis=0)) == items


def test_images_are_blocks():
    codes = block_codes(8, 3)
    images = block_images(codes, 5)
    assert images.shape == (8, 225) and (images.sum(axis=1) == 100).all()
    for row in range(15):
        for column in range(15):
            assert (images.reshape(8, 15, 15)[:, row, column] == codes[:, 3 * (row // 5) + column // 5]).all()


def test_one_hot_images_share_no_pixel_and_fill_the_grid():
    images = cell_images(5, 10, 30)
    assert (images.sum(axis=0) == 1).all()
    assert (images.sum(axis=1) == 18).all()


@pytest.mark.parametrize("name", TASKS)
def test_every_task_has_the_published_shape_and_repeats_by_its_seed(name):
    task = TASKS[name]()
    first, again, other = task.sample(20, 5), task.sample(20, 5), task.sample(20, 6)
    published = {"n-back": (225, 225, 2), "free-recall": (225, 512, 50)}.get(name, (900, 225, 50))
    assert task.topology == published and task.TITLE
    assert first.frames.dtype == bool and first.frames.shape[::2] == (20, published[0])
    assert first.wanted.shape == (20, first.frames.shape[1] if task.EACH_STEP else published[2])
    assert (first.frames == again.frames).all() and (first.wanted == again.wanted).all()
    assert (first.shown != other.shown).any()
    assert (first.frames[first.shown == BLANK] == 0).all()
    assert len(first) == 20


@given(seed=seeds, n=st.integers(1, 5))
def test_n_back_targets_repeat_the_pattern_of_n_steps_before(seed, n):
    task = NBack(n=n)
    trials = task.sample(7, seed)
    assert trials.frames.shape == (7, 20, 225)
    same = (trials.frames[:, n:] == trials.frames[:, :-n]).all(axis=2)
    assert (trials.wanted[:, n:] == same).all() and not trials.wanted[:, :n].any()
    assert (trials.frames == block_images(task.codes, 5)[trials.shown]).all()


def test_an_eighth_of_the_steps_are_targets():
    trials = NBack(n=2).sample(2000, 0)
    share = trials.wanted[:, 2:].mean()
    # 36,000 draws of 1/8: standard error 0.0017.
    assert abs(share - 0.125) < 4 * 0.0018
    # Uniform over the items as well.
    assert np.bincount(trials.shown.ravel()).min() > 4800


def test_pr_is_the_difference_of_the_rates_without_the_first_steps():
    task = NBack(n=3)
    trials = task.sample(100, 1)
    assert task.score(trials.wanted, trials)[:3] == (1.0, 1.0, 0.0)
    assert task.score(~trials.wanted, trials).pr == -1.0
    assert task.score(np.ones((100, 20)), trials)[:3] == (0.0, 1.0, 1.0)
    early = trials.wanted.copy()
    early[:, :3] = True
    score = task.score(early, trials)
    assert score.pr == 1.0 and score.targets + score.others == 1700


@pytest.mark.parametrize("coding", ["one-hot", "4-of-9"])
@pytest.mark.parametrize("condition", CONDITIONS)
def test_interference_puts_the_distractor_where_it_belongs(condition, coding):
    task = Interference(condition=condition, coding=coding)
    trials = task.sample(50, 2)
    shown = trials.shown
    place = {"control": None, "proactive": 0, "retroactive": 2}[condition]
    assert (shown[:, 1] >= 0).all() and (shown[:, 3] == READ).all() and trials.frames[:, 3].all()
    for step in (0, 2):
        assert (shown[:, step] >= 0).all() if step == place else (shown[:, step] == BLANK).all()
    if place is not None:
        assert (shown[:, place] != shown[:, 1]).all()
        overlap = (trials.frames[:, 1] & trials.frames[:, place]).sum(axis=1)
        assert (overlap == 0).all() if coding == "one-hot" else overlap.mean() > 100
    assert (trials.wanted.sum(axis=1) == (1 if place is None else 2)).all()
    assert trials.wanted[np.arange(50), shown[:, 1]].all()


def test_recall_of_the_target_against_what_was_not_shown():
    task = Interference()
    trials = task.sample(600, 3)
    assert np.all(task.score(trials.wanted, trials).accuracy == 1.0)
    score = task.score(-trials.wanted.astype(float), trials)
    assert np.all(score.accuracy == 0.0) and score.trials.sum() == 600 and score.trials.min() > 150
    # a distractor is no rival, whatever else is
    rows, strengths = np.arange(600), 2.0 * trials.wanted
    strengths[rows, trials.shown[:, 1]] = 1.0
    assert task.score(strengths, trials).accuracy.tolist() == [1.0, 1.0, 1.0]
    unseen = np.argmin(trials.wanted, axis=1)
    strengths[rows, unseen] = 1.5
    assert task.score(strengths, trials).accuracy.tolist() == [0.0, 0.0, 0.0]
    assert task.score(np.zeros(trials.wanted.shape), trials).accuracy.tolist() == [0.0, 0.0, 0.0]
    assert np.isnan(
        Interference(condition="control")
        .score(np.eye(50)[:3], Interference(condition="control").sample(3, 0))
        .accuracy[1]
    )


def test_a_cue_lights_the_cells_of_the_target_s_class_alone():
    task = CuedRecall()
    trials = task.sample(40, 4)
    images = task.images
    for frame, target in zip(trials.frames[:, 3], trials.shown[:, 1], strict=True):
        lit = {item for item in range(50) if frame[images[item]].all()}
        assert lit == set(range(10 * (target // 10), 10 * (target // 10) + 10))
        assert frame.sum() == 180
    uncued = CuedRecall(cue=False).sample(40, 4)
    assert (uncued.shown == trials.shown).all() and uncued.frames[:, 3].all()
    assert (uncued.frames == Interference(coding="one-hot").sample(40, 4).frames).all()


@given(seed=seeds, delay=st.sampled_from([0, 3, 10]))
def test_free_recall_shows_fifteen_different_items_then_waits(seed, delay):
    trials = FreeRecall(delay=delay).sample(4, seed)
    assert trials.frames.shape == (4, 16 + delay, 225)
    assert all(len(set(one)) == 15 for one in trials.shown[:, :15].tolist())
    assert (trials.shown[:, 15:-1] == BLANK).all() and trials.frames[:, -1].all()
    assert (trials.wanted.sum(axis=1) == 15).all()
    assert np.take_along_axis(trials.wanted, trials.shown[:, :15], axis=1).all()


def test_serial_recall_and_recency():
    task = FreeRecall()
    trials = task.sample(300, 6)
    perfect = task.score(trials.wanted, trials)
    assert (perfect.accuracy == 1.0).all() and perfect.recency == 0.0
    # Who knows the last three alone and guesses the rest: recency 1 minus chance, 12 of the 47 other items.
    known = np.random.default_rng(0).random(trials.wanted.shape)
    np.put_along_axis(known, trials.shown[:, 12:15], 2.0, axis=1)
    score = task.score(known, trials)
    assert (score.accuracy[12:] == 1.0).all()
    # 1500 draws of the middle positions: standard error 0.011.
    assert abs(score.recency - (1.0 - 12 / 47)) < 0.045
    assert np.isnan(FreeRecall(length=5).score(np.eye(50)[:2], FreeRecall(length=5).sample(2, 0)).recency)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: NBack(n=0), "n = 0"),
        (lambda: NBack(n=20), "n = 20: must be less than the 20 steps"),
        (lambda: NBack(items=200), "items = 200: there are only 126"),
        (lambda: Interference(condition="proactiv"), "did you mean 'proactive'"),
        (lambda: Interference(coding="dense"), "allowed: one-hot, 4-of-9"),
        (lambda: CuedRecall(coding="4-of-9"), "one-hot items"),
        (lambda: FreeRecall(length=51), "length = 51"),
        (lambda: NBack().sample(0, 0), "trials = 0"),
        (lambda: NBack().sample(1, -1), "seed = -1"),
        (lambda: NBack().score(np.zeros((2, 3)), NBack().sample(2, 0)), "(2, 20) is needed, (trial, step)"),
        (lambda: FreeRecall().score(np.full((1, 50), np.nan), FreeRecall().sample(1, 0)), "not finite"),
    ],
)
def test_bad_input_is_named(make, said):
    with pytest.raises(InputError) as caught:
        make()
    assert said in str(caught.value) and "\n" not in str(caught.value)
