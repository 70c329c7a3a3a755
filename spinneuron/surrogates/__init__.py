"""Neurons as equations of a few numbers, fitted to what devices do.

A new surrogate is one file and one entry in `SURROGATES`. Its class is a frozen dataclass with the class attributes

- ``MODEL``: its name in neuron files,
- ``UNITS``: parameter -> SI unit,
- ``NULLABLE``: the parameters that a file may give as null, ``VECTORS``: those that are lists of numbers,
- ``VALID_UNITS``: range of calibration -> SI unit,
- ``STATISTICS``: its kind of `fit_statistics.FitStatistics`, where that is not the plain one,

the fields ``uncertainties`` (parameter -> standard error, a tuple of them for a vector), ``valid`` (range -> (low,
high)) and ``statistics`` (`fit_statistics.FitStatistics` or None), and one field per parameter, checked with
`quantity.InputError`.
"""

from typing import Any

from spinneuron.surrogates.gaussian import Gaussian
from spinneuron.surrogates.sigmoid import Sigmoid
from spinneuron.surrogates.signed_lif import SignedLIF

SURROGATES: dict[str, Any] = {SignedLIF.MODEL: SignedLIF, Sigmoid.MODEL: Sigmoid, Gaussian.MODEL: Gaussian}
"""Name in neuron files and on the command line -> class."""
