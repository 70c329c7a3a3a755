"""Interference and cued recall (figs. 2C to E, S5): a target at t = 2, with a distractor before, after, or not at all.

From the paper's Methods: 900 inputs, 50 classes, a network 900-225-50; control: the target at t = 2 between null
inputs; proactive interference: a distractor at t = 1; retroactive: at t = 3. Target and distractor come from the same
distribution. The networks retain both; the score is the recall of the target. Codes: one-hot (no two items share a
pixel) or 4 of 9 (they overlap). Cued recall: five superordinate classes of ten, and during recall all pixels of the
target's class are lit; fig. S5 draws a grid of 5 x 10 cells and lights a row.

The paper does not say, and we assume:

- Methods count three time steps, fig. 2C four with the read-out at t = 4. A null input makes no spike, so that we add
  the fourth step, a read pulse on all pixels. The cue replaces it: a pulse on the pixels of one class alone.
- One-hot with 900 inputs: each class owns 18 pixels, a cell of 6 x 3 in an image of 30 x 30. 4 of 9: blocks of 10 x 10
  pixels.
- The distractor differs from the target; it may be of the same superordinate class.
- The target counts as recalled when no item that was not shown is stronger. A network that retains both cannot know
  which of the two is asked for, so that the distractor itself is no rival; and the target has as many rivals with it as
  without, so that the conditions compare. (Counting the two strongest outputs would give the target two places with a
  distractor, and one without: proactive interference then came out negative.)
- The cue is for one-hot codes: with 4 of 9, the pixels of ten items are nearly all pixels.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from spinneuron.quantity import InputError, integer, nearest
from spinneuron.tasks.patterns import block_codes, block_images, cell_images
from spinneuron.tasks.trials import BLANK, READ, Trials, answered, rendered

CONDITIONS = ("control", "proactive", "retroactive")
"""What happens beside the target: nothing, a distractor before it, a distractor after it."""
CODINGS = ("one-hot", "4-of-9")
ITEMS = 50
SIDE = 30
"""Pixels along each side of an image: 900 in all."""
CLASSES = 5
"""Superordinate classes: the rows of the grid of fig. S5."""
_TARGET = 1


class Recall(NamedTuple):
    """How often the target is recalled in each of `CONDITIONS`."""

    accuracy: np.ndarray
    """Share of the trials (condition,); NaN where there are none."""
    recalled: np.ndarray
    """Number of trials (condition,)."""
    trials: np.ndarray
    """Number of trials in all (condition,)."""


@dataclass(frozen=True, kw_only=True)
class Interference:
    """Proactive and retroactive interference.

    Parameters
    ----------
    condition : str
        One of `CONDITIONS`, or "all": each trial draws one.
    coding : str
        "one-hot" (dissimilar items) or "4-of-9" (similar ones).
    code : int
        Seed of the 4-of-9 codes: training and test must share it.

    Raises
    ------
    InputError
        If an option is unknown.
    """

    TITLE: ClassVar[str] = "interference: recall a target that a distractor preceded or followed"
    EACH_STEP: ClassVar[bool] = False

    condition: str = "all"
    coding: str = "4-of-9"
    code: int = 0

    def __post_init__(self):
        for name, allowed in (("condition", (*CONDITIONS, "all")), ("coding", CODINGS)):
            if (given := getattr(self, name)) not in allowed:
                hint = nearest(str(given), allowed)
                raise InputError(f"{name} = {given!r}: unknown, {hint}allowed: {', '.join(allowed)}")
        integer("code", self.code, 0)

    @property
    def topology(self) -> tuple[int, int, int]:
        """Inputs, hidden neurons and outputs of the published network."""
        return SIDE * SIDE, 225, ITEMS

    @property
    def images(self) -> np.ndarray:
        """Pixels of each item (item, pixel)."""
        if self.coding == "one-hot":
            return cell_images(CLASSES, ITEMS // CLASSES, SIDE)
        return block_images(block_codes(ITEMS, self.code), SIDE // 3)

    def sample(self, trials: int, seed: int) -> Trials:
        """Draw trials of four steps.

        Parameters
        ----------
        trials : int
        seed : int

        Returns
        -------
        Trials
            ``wanted`` (trial, item): target and distractor; the target is ``shown[:, 1]``.

        Raises
        ------
        InputError
            If a number is out of range.
        """
        random, rows = np.random.default_rng(integer("seed", seed, 0)), np.arange(integer("trials", trials))
        target, other = random.integers(ITEMS, size=trials), random.integers(ITEMS - 1, size=trials)
        drawn = random.integers(len(CONDITIONS), size=trials)
        distractor = (target + 1 + other) % ITEMS
        which = drawn if self.condition == "all" else np.full(trials, CONDITIONS.index(self.condition))
        shown = np.full((trials, 4), BLANK)
        shown[:, _TARGET], shown[:, 3] = target, READ
        # Before the target it is the first step, after it the third.
        with_other = which > 0
        shown[rows[with_other], 2 * which[with_other] - 2] = distractor[with_other]
        wanted = np.zeros((trials, ITEMS), dtype=bool)
        wanted[rows, target] = True
        wanted[rows[with_other], distractor[with_other]] = True
        return Trials(rendered(shown, self.images, self._read(target)), shown, wanted)

    def _read(self, target: np.ndarray) -> np.ndarray:
        """Pixels that the read pulse reaches."""
        return np.ones(SIDE * SIDE, dtype=bool)

    def score(self, answers: Any, trials: Trials) -> Recall:
        """Score how often no item that was not shown is stronger than the target.

        Parameters
        ----------
        answers : array_like
            Strength of each output (trial, item), after the last step.
        trials : Trials

        Returns
        -------
        Recall

        Raises
        ------
        InputError
            If the shape is another one.
        """
        given = answered(answers, trials.wanted.shape, "(trial, item)")
        which = np.where(trials.shown[:, 0] >= 0, 1, np.where(trials.shown[:, 2] >= 0, 2, 0))
        target = given[np.arange(len(trials)), trials.shown[:, _TARGET]]
        # of equal ones none is stronger, but a network that says the same of all recalls nothing
        found = target > np.where(trials.wanted, -np.inf, given).max(axis=1)
        total = np.bincount(which, minlength=len(CONDITIONS))
        recalled = np.bincount(which, weights=found, minlength=len(CONDITIONS)).astype(int)
        with np.errstate(invalid="ignore"):
            return Recall(recalled / total, recalled, total)


@dataclass(frozen=True, kw_only=True)
class CuedRecall(Interference):
    """Interference with one-hot items, whose recall is cued: only the pixels of the target's class are read.

    Fields are those of `Interference`, and:

    Parameters
    ----------
    coding : str
        "one-hot" alone.
    cue : bool
        Whether there is a cue; without it, the read pulse reaches all pixels.

    Raises
    ------
    InputError
        If an option is unknown.
    """

    TITLE: ClassVar[str] = "cued recall: interference, with a cue that lights the class of the target"

    coding: str = "one-hot"
    cue: bool = True

    def __post_init__(self):
        super().__post_init__()
        if self.coding != "one-hot":
            raise InputError(f"coding = {self.coding!r}: the cue lights the cells of a class, which one-hot items have")

    def _read(self, target: np.ndarray) -> np.ndarray:
        if not self.cue:
            return super()._read(target)
        rows: np.ndarray = np.any(self.images.reshape(CLASSES, ITEMS // CLASSES, -1), axis=1)
        return rows[target // (ITEMS // CLASSES)]
