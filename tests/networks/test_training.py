"""Losses, learning, and scores: small networks learn what they can, and not more than the junctions hold."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from spinneuron import neuron_file
from spinneuron.capacity import bound
from spinneuron.networks import IPNet, Training, evaluate, train
from spinneuron.networks.baselines import LIFNet, RecurrentNet
from spinneuron.networks.training import TESTS, loss_of, tensors
from spinneuron.quantity import InputError
from spinneuron.tasks import FreeRecall, Interference, NBack

NEURON = neuron_file.load("plasticity-text")
ONE_BACK = NBack(n=1)


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def learned(net, task=ONE_BACK, iterations=100, seed=0):
    train(net, task, Training(iterations=iterations), seed)
    return evaluate(net, task, 500, seed)


def test_frames_are_steps_first():
    trials = ONE_BACK.sample(3, 1)
    frames = tensors(trials)
    assert frames.shape == (20, 3, 225) and frames.dtype == torch.float32
    np.testing.assert_array_equal(frames[4, 2].numpy(), trials.frames[2, 4])


def test_both_answers_count_alike_however_rare_targets_are():
    trials = ONE_BACK.sample(50, 2)
    assert trials.wanted.mean() < 0.2
    undecided = torch.zeros(20, 50, 2)
    assert loss_of(undecided, ONE_BACK, trials).item() == pytest.approx(math.log(2.0), rel=1e-6)
    always, never = undecided.clone(), undecided.clone()
    always[..., 1], never[..., 0] = 5.0, 5.0
    assert loss_of(always, ONE_BACK, trials).item() == pytest.approx(loss_of(never, ONE_BACK, trials).item(), rel=1e-5)


def test_steps_without_an_answer_do_not_count():
    task = NBack(n=3)
    trials, outputs = task.sample(20, 2), torch.randn(20, 20, 2, generator=torch.Generator().manual_seed(1))
    before = loss_of(outputs, task, trials)
    outputs[:3] = 100.0
    assert torch.equal(loss_of(outputs, task, trials), before)


def test_all_items_that_were_shown_are_equally_right():
    task = FreeRecall()
    trials = task.sample(10, 4)
    right = torch.where(torch.from_numpy(trials.wanted), 30.0, 0.0)[None]
    assert loss_of(right, task, trials).item() == pytest.approx(math.log(15.0), abs=1e-4)
    wrong = right.clone()
    wrong[0, 0, int(trials.shown[0, 0])] = 0.0
    assert loss_of(wrong, task, trials) > loss_of(right, task, trials) + 0.1


def test_the_same_seed_gives_the_same_network():
    def weights(seed):
        net = IPNet(ONE_BACK.topology, NEURON, n=2, seed=1)
        losses = train(net, ONE_BACK, Training(iterations=3, batch=4), seed)
        return losses, net.weights.weight.detach().clone()

    (first, one), (second, two), (third, three) = (weights(seed) for seed in (4, 4, 5))
    assert (first == second).all() and torch.equal(one, two)
    assert (first != third).all() and not torch.equal(one, three)


def test_tests_are_other_trials_than_those_of_training():
    seen = []

    class Noting(NBack):
        def sample(self, trials, seed):
            seen.append(seed)
            return super().sample(trials, seed)

    task = Noting(n=1)
    net = RecurrentNet(task.topology, kind="rnn")
    for seed in (0, 1, 2**20 - 1):
        train(net, task, Training(iterations=2, batch=2), seed)
        evaluate(net, task, 2, seed)
    assert len(set(seen)) == len(seen) == 9
    training, tests = [one for one in seen if one < TESTS], [one for one in seen if one >= TESTS]
    assert len(training) == 6 and len(tests) == 3
    assert all(later - earlier in (1, 2**20 - 1) or later > earlier for earlier, later in pairwise(training))


def test_an_lstm_keeps_all():
    # 120 iterations solve the task for every seed that was tried
    assert learned(RecurrentNet(ONE_BACK.topology, kind="lstm"), iterations=120).pr > 0.95


def test_ipnet_remembers_by_heat_and_not_more_than_its_junctions_hold():
    # 17,000 decisions a score: one standard error of PR is below 0.01
    found = learned(IPNet(ONE_BACK.topology, NEURON, n=16))
    assert 0.5 < found.pr < bound(NEURON, 0.83, ONE_BACK, 16, seed=0).pr + 0.03
    assert abs(learned(IPNet(ONE_BACK.topology, NEURON, n=16, plastic=False), iterations=40).pr) < 0.05


def test_lif_fails_by_its_default_and_not_when_tuned():
    assert abs(learned(LIFNet(ONE_BACK.topology, decay_input=True), iterations=30).pr) < 0.01
    assert learned(LIFNet(ONE_BACK.topology, decay_input=False), iterations=150).pr > 0.8


def test_a_later_distractor_costs_more_than_an_earlier_one():
    # 170 trials a condition: one standard error is below 0.04
    control, before, after = learned(
        IPNet((900, 225, 50), NEURON, n=64), Interference(coding="4-of-9"), iterations=150
    ).accuracy
    assert control > 0.6 and before > 0.6 and after < 0.45


def test_recall_is_best_at_the_end_of_the_list():
    score = learned(IPNet((225, 512, 50), NEURON, n=64), FreeRecall(), iterations=100)
    assert score.accuracy[-1] > 0.7 and score.recency > 0.15
    assert abs(score.accuracy[:5].mean() - 0.3) < 0.06


@pytest.mark.parametrize(
    ("options", "message"),
    [({"iterations": 0}, "iterations = 0"), ({"rate": -1.0}, "rate = -1"), ({"tests": 0}, "tests = 0")],
)
def test_errors_of_a_training(options, message):
    with pytest.raises(InputError, match=message):
        Training(**options)


def test_errors_of_seeds_and_rates():
    net = RecurrentNet(ONE_BACK.topology, kind="rnn")
    with pytest.raises(InputError, match="seed = 1048576: must be below"):
        train(net, ONE_BACK, Training(iterations=1), 2**20)
    with torch.no_grad():
        net.readout.bias.fill_(math.nan)
    with pytest.raises(InputError, match="the loss is no longer finite after 1; lower it"):
        train(net, ONE_BACK, Training(iterations=1))
