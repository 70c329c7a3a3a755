"""What a junction can remember, whatever network reads it: bounds from a neuron alone, without any training."""

from spinneuron.capacity.curve import capacity
from spinneuron.capacity.free_recall import RecallBound, recall_bound
from spinneuron.capacity.interference import InterferenceBound, interference_bound
from spinneuron.capacity.memory import discriminability, traces
from spinneuron.capacity.n_back import Bound, bound

__all__ = [
    "Bound",
    "InterferenceBound",
    "RecallBound",
    "bound",
    "capacity",
    "discriminability",
    "interference_bound",
    "recall_bound",
    "traces",
]
