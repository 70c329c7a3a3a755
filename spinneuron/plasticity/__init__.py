"""The published experiments on the intrinsic-plasticity neuron: run, analyzed, and held against what was printed."""

from spinneuron.plasticity.analysis import curves, neuron, with_shifts
from spinneuron.plasticity.plan import EXPERIMENTS
from spinneuron.plasticity.suite import Suite, run_suite

__all__ = ["EXPERIMENTS", "Suite", "curves", "neuron", "run_suite", "with_shifts"]
