"""The n-back task (fig. 2A, B): is the pattern that is shown now the one of n steps before?

From the paper's Methods: images of 225 pixels, a 3 x 3 grid of 5 x 5 blocks; 8 classes (the letters A to H), each with
4 of the 9 blocks colored; sequences of 20 randomly sampled patterns; a network 225-225-2 answers at each step; the
score is PR = TPR - FPR without the first n steps.

The paper does not say, and we assume: the 8 codes are different, drawn once and kept (``code``); each step draws one of
them independently and uniformly, so that 1 of 8 steps is a target (the paper does not say that it enriches targets);
rates are pooled over sequences and steps; every sequence begins at rest, without heat.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from spinneuron.quantity import InputError, integer
from spinneuron.tasks.patterns import GRID, block_codes, block_images
from spinneuron.tasks.trials import Trials, answered


class Discrimination(NamedTuple):
    """How well targets are told from other steps."""

    pr: float
    """TPR - FPR."""
    tpr: float
    """Share of targets that are taken for targets."""
    fpr: float
    """Share of other steps that are taken for targets."""
    targets: int
    """Number of targets that were scored."""
    others: int
    """Number of other steps."""


@dataclass(frozen=True, kw_only=True)
class NBack:
    """The n-back task.

    Parameters
    ----------
    n : int
        How many steps before.
    steps : int
        Of a sequence, more than n.
    items : int
        Classes of patterns.
    side : int
        Pixels along each side of a block.
    code : int
        Seed of the codes: training and test must share it.

    Raises
    ------
    InputError
        If a number is out of range.
    """

    TITLE: ClassVar[str] = "n-back: is this the pattern of n steps before?"
    EACH_STEP: ClassVar[bool] = True

    n: int = 1
    steps: int = 20
    items: int = 8
    side: int = 5
    code: int = 0

    def __post_init__(self):
        for name, least in (("n", 1), ("steps", 2), ("items", 2), ("side", 1), ("code", 0)):
            integer(name, getattr(self, name), least)
        if self.n >= self.steps:
            raise InputError(f"n = {self.n}: must be less than the {self.steps} steps of a sequence")
        block_codes(self.items, self.code)

    @property
    def topology(self) -> tuple[int, int, int]:
        """Inputs, hidden neurons and outputs of the published network."""
        pixels = (GRID * self.side) ** 2
        return pixels, pixels, 2

    @property
    def codes(self) -> np.ndarray:
        """Colored blocks of each item (item, block)."""
        return block_codes(self.items, self.code)

    def sample(self, trials: int, seed: int) -> Trials:
        """Draw sequences.

        Parameters
        ----------
        trials : int
        seed : int
            Of the sequences, not of the codes.

        Returns
        -------
        Trials
            ``wanted`` (trial, step): whether a step is a target; never in the first n steps.

        Raises
        ------
        InputError
            If a number is out of range.
        """
        random = np.random.default_rng(integer("seed", seed, 0))
        shown = random.integers(self.items, size=(integer("trials", trials), self.steps))
        wanted = np.zeros(shown.shape, dtype=bool)
        wanted[:, self.n :] = shown[:, self.n :] == shown[:, : -self.n]
        return Trials(block_images(self.codes, self.side)[shown], shown, wanted)

    def score(self, answers: Any, trials: Trials) -> Discrimination:
        """Score decisions, without those of the first n steps.

        Parameters
        ----------
        answers : array_like of bool
            Whether a step is taken for a target (trial, step).
        trials : Trials

        Returns
        -------
        Discrimination
            NaN where there is no target, or nothing else.

        Raises
        ------
        InputError
            If the shape is another one.
        """
        said = answered(answers, trials.wanted.shape, "(trial, step)")[:, self.n :].astype(bool)
        wanted = trials.wanted[:, self.n :]
        targets, others = int(wanted.sum()), int((~wanted).sum())
        tpr = float(said[wanted].mean()) if targets else float("nan")
        fpr = float(said[~wanted].mean()) if others else float("nan")
        return Discrimination(tpr - fpr, tpr, fpr, targets, others)
