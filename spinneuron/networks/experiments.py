"""The published memory experiments as plans: what is trained on what, and what is kept of the scores.

A new experiment is one entry in `EXPERIMENTS`; its panel is in `spinneuron/plotting/memory.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from spinneuron.capacity import bound, interference_bound, recall_bound
from spinneuron.networks.training import Training
from spinneuron.surrogates import Sigmoid
from spinneuron.tasks import CONDITIONS, CuedRecall, FreeRecall, Interference, NBack
from spinneuron.tasks.interference import CODINGS
from spinneuron.tasks.trials import Task


class Experiment(NamedTuple):
    """A plan: each model is trained and tested on each value of one option of a task."""

    title: str
    task: Callable[..., Task]
    """Its class."""
    option: str
    """That is varied: a field of the task."""
    values: tuple[Any, ...]
    variables: dict[str, tuple[str, ...]]
    """What is kept of a score -> its own dimensions."""
    labels: dict[str, tuple[Any, ...]]
    """Own dimension -> coordinates."""
    kept: Callable[[Any], dict[str, Any]]
    """Score -> variables."""
    models: tuple[str, ...]
    """Of `models.MODELS`, by default."""
    samples: int
    """Monte-Carlo samples per unit, by default."""
    training: Training
    observer: Callable[..., Any]
    """``(neuron, voltage, task, samples, seed)``: the ideal observer of plastic pixels, of `spinneuron.capacity`."""
    bounded: str
    """Which of ``variables`` it bounds; in the mean over its own dimensions, where it has some."""
    shares: dict[str, float] = {}
    """Model -> share of the iterations, where it is not that of `models.MODELS`."""

    def task_of(self, value: Any) -> Task:
        """Make the task of one value.

        Parameters
        ----------
        value : object
            One of ``values``.

        Returns
        -------
        Task
        """
        return self.task(**{self.option: value})

    def bounds(self, neuron: Sigmoid, voltage: float, samples: int) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
        """Compute what the ideal observer scores, at each value of the option.

        Parameters
        ----------
        neuron : Sigmoid
        voltage : float [V]
            Of a lit pixel.
        samples : int
            Per pixel.

        Returns
        -------
        dict
            Variable -> dimensions, values: ``bound`` and ``bound_error`` over the option and the dimensions of
            ``bounded``; where it has some, also their mean: ``bound_mean`` and ``bound_mean_error`` over the option.
        """
        own = self.variables[self.bounded]
        fields = {"bound": self.bounded, "bound_error": "error"}
        if own:
            fields |= {"bound_mean": "mean", "bound_mean_error": "mean_error"}
        found = [self.observer(neuron, voltage, self.task_of(value), samples, 0) for value in self.values]
        values = {name: np.array([getattr(one, field) for one in found]) for name, field in fields.items()}
        return {name: ((self.option, *own)[: array.ndim], array) for name, array in values.items()}


def _discrimination(score: Any) -> dict[str, Any]:
    return {"pr": score.pr, "tpr": score.tpr, "fpr": score.fpr}


def _recall(score: Any) -> dict[str, Any]:
    return {"accuracy": np.asarray(score.accuracy)}


def _serial(score: Any) -> dict[str, Any]:
    return {"accuracy": np.asarray(score.accuracy), "recency": score.recency}


# Recall needs more samples: an item of one-hot codes has 18 pixels, a pattern of the n-back task 100.
EXPERIMENTS: dict[str, Experiment] = {
    "n-back": Experiment(
        title="n-back (figs. 2B, S7)",
        task=NBack,
        option="n",
        values=(1, 2, 3, 4, 5),
        variables={"pr": (), "tpr": (), "fpr": ()},
        labels={},
        kept=_discrimination,
        models=(
            "ipnet",
            "ipnet-hidden",
            "ipnet-both",
            "ipnet-fixed-reference",
            "no-plasticity",
            "lstm",
            "rnn",
            "lif",
            "lif-tuned",
        ),
        samples=16,
        training=Training(iterations=1000),
        observer=bound,
        bounded="pr",
    ),
    "interference": Experiment(
        title="proactive and retroactive interference (fig. 2E)",
        task=Interference,
        option="coding",
        values=CODINGS,
        variables={"accuracy": ("condition",)},
        labels={"condition": CONDITIONS},
        kept=_recall,
        models=("ipnet", "ipnet-fixed-reference", "no-plasticity", "lstm"),
        samples=64,
        training=Training(iterations=1500),
        observer=interference_bound,
        bounded="accuracy",
    ),
    "cued-recall": Experiment(
        title="cued recall (fig. S5)",
        task=CuedRecall,
        option="cue",
        values=(False, True),
        variables={"accuracy": ("condition",)},
        labels={"condition": CONDITIONS},
        kept=_recall,
        models=("ipnet", "ipnet-fixed-reference", "lstm"),
        samples=64,
        training=Training(iterations=1500),
        observer=interference_bound,
        bounded="accuracy",
    ),
    "free-recall": Experiment(
        title="free recall (figs. 2G, 2H)",
        task=FreeRecall,
        option="delay",
        values=(0, 3, 10),
        variables={"accuracy": ("position",), "recency": ()},
        labels={"position": tuple(range(1, 16))},
        kept=_serial,
        models=("ipnet", "ipnet-fixed-reference", "no-plasticity", "lstm"),
        samples=64,
        training=Training(iterations=3000),
        observer=recall_bound,
        bounded="accuracy",
        shares={"lstm": 0.2},
    ),
}
"""Name of an experiment, that of its task -> plan."""
