"""One training loop and one evaluation loop for the memory experiments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from spinneuron import quantity
from spinneuron.quantity import InputError
from spinneuron.tasks.trials import Task, Trials

TESTS = 2**40
"""Seeds of test trials begin here, those of training trials below."""


@dataclass(frozen=True, kw_only=True)
class Training:
    """How a network is trained: Adam with one cycle of the learning rate, new trials in each iteration.

    Parameters
    ----------
    iterations : int
    batch : int
        Trials in each iteration.
    rate : float
        Largest learning rate.
    tests : int
        Trials of the evaluation.

    Raises
    ------
    InputError
        If a number is out of range.
    """

    iterations: int = 1000
    batch: int = 64
    rate: float = 3e-3
    tests: int = 2000

    def __post_init__(self) -> None:
        for name in ("iterations", "batch", "tests"):
            quantity.integer(name, getattr(self, name), 1)
        quantity.positive("rate", self.rate)


def tensors(trials: Trials) -> Tensor:
    """Turn frames into what networks take.

    Parameters
    ----------
    trials : Trials

    Returns
    -------
    torch.Tensor
        (step, trial, pixel), of PyTorch's default type.
    """
    frames = torch.from_numpy(np.ascontiguousarray(trials.frames.transpose(1, 0, 2)))
    return frames.to(torch.get_default_dtype())


def loss_of(outputs: Tensor, task: Task, trials: Trials) -> Tensor:
    """Compute the cross entropy of answers.

    Of a task that is answered at each step, the two classes count alike however rare targets are, and the first steps,
    which have no answer, do not count. Of recall, all items that were shown are equally right.

    Parameters
    ----------
    outputs : torch.Tensor
        (step, trial, output), of the last step alone where only the end is answered.
    task : Task
    trials : Trials

    Returns
    -------
    torch.Tensor
    """
    wanted = torch.from_numpy(trials.wanted)
    if not task.EACH_STEP:
        target = wanted.to(outputs.dtype)
        return nn.functional.cross_entropy(outputs[-1], target / target.sum(dim=1, keepdim=True))
    first = getattr(task, "n", 0)
    answers, target = outputs[first:].flatten(0, 1), wanted.T[first:].flatten().long()
    share = target.to(outputs.dtype).mean().clamp(0.01, 0.99)
    return nn.functional.cross_entropy(answers, target, weight=torch.stack((0.5 / (1.0 - share), 0.5 / share)))


def train(
    network: nn.Module,
    task: Task,
    training: Training,
    seed: int = 0,
    progress: Callable[[int], None] | None = None,
) -> np.ndarray:
    """Train a network in place.

    Parameters
    ----------
    network : torch.nn.Module
        Takes frames (step, trial, pixel), gives answers (step, trial, output).
    task : Task
    training : Training
    seed : int
        Of the trials, below 2^20.
    progress : callable, optional
        Called with 1 after each iteration.

    Returns
    -------
    numpy.ndarray
        Loss of each iteration.

    Raises
    ------
    InputError
        If the seed is out of range, or the loss is no longer finite.
    """
    first = _seed(seed)
    optimizer = torch.optim.Adam(network.parameters(), lr=training.rate)
    # one step more than is taken: the cycle ends with a rate above 0, and a single iteration is a cycle, too
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, training.rate, total_steps=training.iterations + 1)
    losses = np.empty(training.iterations)
    network.train()
    for iteration in range(training.iterations):
        trials = task.sample(training.batch, first + iteration)
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(network(tensors(trials), last=not task.EACH_STEP), task, trials)
        loss.backward()
        optimizer.step()
        schedule.step()
        losses[iteration] = loss.item()
        if not np.isfinite(losses[iteration]):
            raise InputError(f"rate = {training.rate:g}: the loss is no longer finite after {iteration + 1}; lower it")
        if progress:
            progress(1)
    return losses


def evaluate(network: nn.Module, task: Task, tests: int, seed: int = 0, batch: int = 500) -> object:
    """Score a network on trials that it has not seen.

    Parameters
    ----------
    network : torch.nn.Module
    task : Task
    tests : int
        Number of trials.
    seed : int
        Of the trials, below 2^20; others than those of `train`.
    batch : int
        Trials at a time.

    Returns
    -------
    NamedTuple
        The score that the task defines.
    """
    trials = task.sample(tests, TESTS + _seed(seed))
    network.eval()
    answers = []
    with torch.no_grad():
        for start in range(0, tests, batch):
            part = Trials(*(array[start : start + batch] for array in (trials.frames, trials.shown, trials.wanted)))
            outputs = network(tensors(part), last=not task.EACH_STEP)
            answers.append(outputs.argmax(dim=-1).T if task.EACH_STEP else outputs[-1])
    return task.score(torch.cat(answers).numpy(), trials)


def _seed(seed: int) -> int:
    """First of the seeds of trials: a million for each."""
    if quantity.integer("seed", seed, 0) >= 2**20:
        raise InputError(f"seed = {seed}: must be below {2**20}")
    return seed * 2**20
