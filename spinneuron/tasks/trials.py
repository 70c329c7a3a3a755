"""What all tasks have in common: trials as arrays, and the shape of a task."""

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from spinneuron.quantity import InputError

BLANK = -1
"""In `Trials.shown`: no pixel gets a pulse."""
READ = -2
"""In `Trials.shown`: a read pulse, on all pixels or on those of the cue."""


@dataclass(frozen=True)
class Trials:
    """A batch of trials.

    Attributes
    ----------
    frames : numpy.ndarray of bool
        Whether a pixel gets a pulse (trial, step, pixel).
    shown : numpy.ndarray of int
        Item of each step (trial, step); `BLANK` and `READ` are no items.
    wanted : numpy.ndarray of bool
        What the network is to say: (trial, step) of a task that is answered at each step, else (trial, item).
    """

    frames: np.ndarray
    shown: np.ndarray
    wanted: np.ndarray

    def __len__(self) -> int:
        """Number of trials."""
        return len(self.frames)


class Task(Protocol):
    """An experiment: a frozen dataclass whose fields are its options."""

    TITLE: ClassVar[str]
    """What it is, in one line."""
    EACH_STEP: ClassVar[bool]
    """Whether each step is answered, or only the end of the trial."""

    @property
    def topology(self) -> tuple[int, int, int]:
        """Inputs, hidden neurons and outputs of the published network."""

    def sample(self, trials: int, seed: int) -> Trials:
        """Draw trials.

        Parameters
        ----------
        trials : int
        seed : int

        Returns
        -------
        Trials
        """

    def score(self, answers: Any, trials: Trials) -> Any:
        """Score the answers to trials.

        Parameters
        ----------
        answers : array_like
            Of the shape of ``trials.wanted``.
        trials : Trials

        Returns
        -------
        NamedTuple
            Of the kind that the task defines.
        """


def rendered(shown: np.ndarray, images: np.ndarray, read: np.ndarray) -> np.ndarray:
    """Make frames of items.

    Parameters
    ----------
    shown : numpy.ndarray of int
        (trial, step), with `BLANK` and `READ`.
    images : numpy.ndarray of bool
        (item, pixel).
    read : numpy.ndarray of bool
        Pixels of the read pulse, (pixel,) or (trial, pixel).

    Returns
    -------
    numpy.ndarray of bool
        (trial, step, pixel).
    """
    frames = images[np.maximum(shown, 0)]
    frames[shown == BLANK] = False
    where = np.nonzero(shown == READ)
    frames[where] = read if read.ndim == 1 else read[where[0]]
    return frames


def answered(answers: Any, shape: tuple[int, ...], what: str) -> np.ndarray:
    """Check the shape of answers.

    Parameters
    ----------
    answers : array_like
    shape : tuple of int
        That is needed.
    what : str
        Its axes, for the message.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    InputError
        If the shape differs, or a number is not finite.
    """
    given = np.asarray(answers)
    if given.shape != shape:
        raise InputError(f"answers has the shape {given.shape}: {shape} is needed, {what}")
    if not np.isfinite(given).all():
        raise InputError("answers: a number is not finite; such a network has no score")
    return given


def strongest(answers: np.ndarray, count: int) -> np.ndarray:
    """Mark the largest answers of each trial; of equal ones the earlier.

    Parameters
    ----------
    answers : numpy.ndarray
        (trial, item).
    count : int
        How many to mark.

    Returns
    -------
    numpy.ndarray of bool
        (trial, item).
    """
    order = np.argsort(-np.asarray(answers, dtype=float), axis=1, kind="stable")[:, :count]
    marked = np.zeros(answers.shape, dtype=bool)
    np.put_along_axis(marked, order, True, axis=1)
    return marked
