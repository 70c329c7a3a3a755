"""Data and score of the published working-memory experiments: one file each, numpy alone.

A task makes `Trials` from an explicit seed and scores what a network, or any other observer, answers. What a network is
trained on and what bounds it (`spinneuron.capacity`) are thus the same patterns. Frames hold 1 where a pixel gets a
pulse and 0 where it gets none; how many volts a pulse has is not the task's business.

A new task is one file here and one entry in `TASKS`.
"""

from spinneuron.tasks.free_recall import FreeRecall, SerialRecall
from spinneuron.tasks.interference import CONDITIONS, CuedRecall, Interference, Recall
from spinneuron.tasks.n_back import Discrimination, NBack
from spinneuron.tasks.patterns import block_codes, block_images, cell_images
from spinneuron.tasks.trials import BLANK, READ, Task, Trials

__all__ = [
    "BLANK",
    "CONDITIONS",
    "READ",
    "TASKS",
    "CuedRecall",
    "Discrimination",
    "FreeRecall",
    "Interference",
    "NBack",
    "Recall",
    "SerialRecall",
    "Task",
    "Trials",
    "block_codes",
    "block_images",
    "cell_images",
]

TASKS: dict[str, type[Task]] = {
    "n-back": NBack,
    "interference": Interference,
    "cued-recall": CuedRecall,
    "free-recall": FreeRecall,
}
"""Name of an experiment -> its class: the fields are its options, the defaults the published ones."""
