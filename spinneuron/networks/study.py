"""An experiment with several networks and seeds: `Study`, all that decides its result."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from spinneuron import neuron_file, quantity
from spinneuron.chunk_store import Work
from spinneuron.networks import models
from spinneuron.networks.experiments import EXPERIMENTS, Experiment
from spinneuron.networks.ipnet import read_voltage
from spinneuron.networks.training import Training
from spinneuron.quantity import InputError, nearest, shown
from spinneuron.surrogates.sigmoid import Sigmoid

QUICK = 0.05
"""Share of iterations and test trials of a quick study."""


@dataclass(frozen=True, kw_only=True)
class Study(Work):
    """All that decides the result of a study.

    Attributes
    ----------
    experiment : str
        In `EXPERIMENTS`.
    neuron : Sigmoid
        Of the junctions.
    models : tuple of str
        In `models.MODELS`.
    seeds : int
        Networks of each kind: seeds 0, 1, ..., with ``seed`` added.
    seed : int
    samples : int
        Monte-Carlo samples per unit.
    voltage : float [V]
        Of a lit pixel.
    training : Training

    Raises
    ------
    InputError
        If an argument is out of range or unknown, or the neuron of another model.
    """

    experiment: str
    neuron: Sigmoid
    models: tuple[str, ...]
    seeds: int
    seed: int
    samples: int
    voltage: float
    training: Training

    def __post_init__(self) -> None:
        experiment_named(self.experiment)
        for name in self.models:
            models.model_named(name)
        if not self.models or len(set(self.models)) < len(self.models):
            raise InputError(f"models = {', '.join(self.models)!r}: give each once, and at least one")
        _require_sigmoid(self.neuron)
        quantity.integer("seeds", self.seeds, 1)
        quantity.integer("seed", self.seed, 0)
        quantity.integer("samples", self.samples, 0)
        quantity.positive("voltage", self.voltage, "V")

    @classmethod
    def of(
        cls,
        experiment: str,
        neuron: Sigmoid,
        *,
        models: tuple[str, ...] | None = None,
        seeds: int = 5,
        seed: int = 0,
        samples: int | None = None,
        voltage: float | None = None,
        iterations: int | None = None,
        quick: bool = False,
    ) -> Study:
        """Make a study with the numbers of its experiment.

        Parameters
        ----------
        experiment : str
            In `EXPERIMENTS`; ``"nback"`` is ``"n-back"``, too.
        neuron : Sigmoid
        models : tuple of str, optional
        seeds, seed : int
        samples : int, optional
        voltage : float, optional [V]
            By default `ipnet.read_voltage`.
        iterations : int, optional
        quick : bool
            A twentieth of training and test, to see that all runs: scores are not those of trained networks.

        Returns
        -------
        Study

        Raises
        ------
        InputError
            As the class.
        """
        experiment = _spelled(experiment)
        plan = experiment_named(experiment)
        training = plan.training if iterations is None else replace(plan.training, iterations=iterations)
        if quick:
            few = {name: max(1, int(QUICK * getattr(training, name))) for name in ("iterations", "tests")}
            training = replace(training, **few)
        if voltage is None:
            _require_sigmoid(neuron)
            voltage = read_voltage(neuron)
        return cls(
            experiment=experiment, neuron=neuron, models=plan.models if models is None else tuple(models), seeds=seeds,
            seed=seed, samples=plan.samples if samples is None else samples, voltage=voltage, training=training,
        )  # fmt: skip

    @property
    def plan(self) -> Experiment:
        """The experiment."""
        return EXPERIMENTS[self.experiment]

    @property
    def runs(self) -> list[tuple[str, Any, int]]:
        """Model, value of the option and seed of each run."""
        seeds = range(self.seed, self.seed + self.seeds)
        return [(model, value, seed) for model in self.models for value in self.plan.values for seed in seeds]

    @property
    def chunks(self) -> int:
        """One for each run."""
        return len(self.runs)

    def iterations(self, model: str) -> int:
        """Iterations that a model is trained for.

        Parameters
        ----------
        model : str

        Returns
        -------
        int
        """
        share = self.plan.shares.get(model, models.MODELS[model].share)
        return max(1, round(share * self.training.iterations))

    @property
    def document(self) -> dict:
        """The neuron without the date of its document."""
        return {name: value for name, value in neuron_file.document(self.neuron).items() if name != "provenance"}

    def to_json(self) -> str:
        """The specification as JSON text."""
        return json.dumps(
            {
                "experiment": self.experiment, "neuron": self.document, "models": self.models,
                "seeds": self.seeds, "seed": self.seed, "samples": self.samples, "voltage": self.voltage,
                "training": asdict(self.training),
            }
        )  # fmt: skip


def _require_sigmoid(neuron: Any) -> None:
    if not isinstance(neuron, Sigmoid):
        raise InputError(f"neuron: the memory experiments need a sigmoid neuron, not a {neuron.MODEL} one")


def _spelled(name: str) -> str:
    """Find the name that differs in hyphens, underscores or case at most."""

    def letters(text: str) -> str:
        return text.lower().replace("-", "").replace("_", "")

    return next((known for known in EXPERIMENTS if letters(known) == letters(name)), name)


def experiment_named(name: str) -> Experiment:
    """Find an experiment.

    Parameters
    ----------
    name : str
        In `EXPERIMENTS`.

    Returns
    -------
    Experiment

    Raises
    ------
    InputError
        If there is none of this name.
    """
    if name not in EXPERIMENTS:
        hint = nearest(name, EXPERIMENTS)
        raise InputError(f"experiment = {shown(name)}: unknown, {hint}allowed: {', '.join(EXPERIMENTS)}")
    return EXPERIMENTS[name]
