"""What was measured, as CSV with units: switching curves and shifts of the midpoint in, residuals of a neuron out.

docs/measured.md describes the two kinds of file, and that of outputs of single pulses (`outputs`). `reading` and
`writing` hold both kinds, `table` the CSV itself, `curves` and `shifts` what their columns mean, `comparison` the
residuals.
"""

from spinneuron.measured.comparison import probability_residuals, residuals
from spinneuron.measured.curves import Curves, combined, origin
from spinneuron.measured.outputs import read_outputs
from spinneuron.measured.reading import read, read_curves, read_shifts
from spinneuron.measured.writing import write_curves, write_shifts

__all__ = ["Curves", "combined", "origin", "probability_residuals", "read", "read_curves", "read_shifts", "residuals"]
__all__ += ["read_outputs", "write_curves", "write_shifts"]
