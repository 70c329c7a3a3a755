"""Switching experiments: an ensemble is heated, driven, left to cool, and asked how many have switched.

`Trials` steps macrospins one by one, for any device driven by a voltage. `Density` moves the probability density of an
axial device, `SphereDensity` that of any other: infinitely many trials, at one common temperature. `LatticeTrials`
steps lattices of many moments, tens of trials. What no trial would
live to see is in `rates`, beside the closed forms of `asymptotics`, and in `write_error`. A new engine is one file here
and one entry in `ENGINES`.
"""

from spinneuron.switching.curves import ENGINES, crossing_times, pump_probe, switching_curve
from spinneuron.switching.density import Density
from spinneuron.switching.density_run import density_run
from spinneuron.switching.lattice import LatticeTrials
from spinneuron.switching.rates import switching_rates
from spinneuron.switching.sphere import SphereDensity
from spinneuron.switching.state import Engine, State
from spinneuron.switching.trials import Trials
from spinneuron.switching.write_error import write_error

__all__ = [
    "ENGINES", "Density", "Engine", "LatticeTrials", "SphereDensity", "State", "Trials", "crossing_times",
    "density_run", "pump_probe", "switching_curve", "switching_rates", "write_error",
]  # fmt: skip
