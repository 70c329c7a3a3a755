"""Free recall (figs. 2F to H): which 15 of 50 patterns were shown, some steps ago?

From the paper's Methods: images of 225 pixels as in the n-back task, but 50 classes; each trial shows 15 different ones
one after another; after a delay of 0, 3 or 10 steps the network (225-512-50) says the classes of all 15, in no order.
The score is the recall at each serial position; the recency effect (fig. 2H) is the mean of the last three positions
minus the mean of the middle five.

The paper does not say, and we assume: a null input makes no spike, so that recall needs a read pulse, one step on all
pixels after the delay; exactly 15 classes are named, the strongest outputs, so that chance is 15 / 50 = 0.3; the middle
five positions are 6 to 10; the 50 codes are different and kept (``code``).
"""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from spinneuron.quantity import InputError, integer
from spinneuron.tasks.patterns import GRID, block_codes, block_images
from spinneuron.tasks.trials import BLANK, READ, Trials, answered, rendered, strongest

DELAYS = (0, 3, 10)
"""Published delays [steps]: 0, 10 and 30 s of the human subjects."""


class SerialRecall(NamedTuple):
    """Recall over the serial position."""

    accuracy: np.ndarray
    """Share of the trials in which the item of that position is named (position,)."""
    recency: float
    """Mean of the last three positions minus mean of the middle five; NaN for fewer than 11 items."""
    trials: int


@dataclass(frozen=True, kw_only=True)
class FreeRecall:
    """Free recall of a list.

    Parameters
    ----------
    delay : int
        Blank steps between list and recall; published: 0, 3, 10.
    length : int
        Of the list.
    items : int
        Classes of patterns, at least ``length``.
    side : int
        Pixels along each side of a block.
    code : int
        Seed of the codes: training and test must share it.

    Raises
    ------
    InputError
        If a number is out of range.
    """

    TITLE: ClassVar[str] = "free recall: name the 15 of 50 patterns that were shown"
    EACH_STEP: ClassVar[bool] = False

    delay: int = 0
    length: int = 15
    items: int = 50
    side: int = 5
    code: int = 0

    def __post_init__(self):
        for name, least in (("delay", 0), ("length", 1), ("items", 2), ("side", 1), ("code", 0)):
            integer(name, getattr(self, name), least)
        if self.length > self.items:
            raise InputError(
                f"length = {self.length}: a list of different items cannot be longer than items, {self.items}"
            )
        block_codes(self.items, self.code)

    @property
    def topology(self) -> tuple[int, int, int]:
        """Inputs, hidden neurons and outputs of the published network."""
        return (GRID * self.side) ** 2, 512, self.items

    @property
    def codes(self) -> np.ndarray:
        """Colored blocks of each item (item, block)."""
        return block_codes(self.items, self.code)

    def sample(self, trials: int, seed: int) -> Trials:
        """Draw lists.

        Parameters
        ----------
        trials : int
        seed : int
            Of the lists, not of the codes.

        Returns
        -------
        Trials
            Of ``length + delay + 1`` steps; ``wanted`` (trial, item): what was shown.

        Raises
        ------
        InputError
            If a number is out of range.
        """
        random = np.random.default_rng(integer("seed", seed, 0))
        lists = random.permuted(np.tile(np.arange(self.items), (integer("trials", trials), 1)), axis=1)[
            :, : self.length
        ]
        shown = np.full((trials, self.length + self.delay + 1), BLANK)
        shown[:, : self.length], shown[:, -1] = lists, READ
        wanted = np.zeros((trials, self.items), dtype=bool)
        np.put_along_axis(wanted, lists, True, axis=1)
        images = block_images(self.codes, self.side)
        return Trials(rendered(shown, images, np.ones(images.shape[1], dtype=bool)), shown, wanted)

    def score(self, answers: Any, trials: Trials) -> SerialRecall:
        """Score at each serial position whether its item is among the strongest outputs.

        Parameters
        ----------
        answers : array_like
            Strength of each output (trial, item), after the last step.
        trials : Trials

        Returns
        -------
        SerialRecall

        Raises
        ------
        InputError
            If the shape is another one.
        """
        named = strongest(answered(answers, trials.wanted.shape, "(trial, item)"), self.length)
        accuracy = np.take_along_axis(named, trials.shown[:, : self.length], axis=1).mean(axis=0)
        middle = self.length // 2
        recency = accuracy[-3:].mean() - accuracy[middle - 2 : middle + 3].mean() if self.length >= 11 else np.nan
        return SerialRecall(accuracy, float(recency), len(trials))
