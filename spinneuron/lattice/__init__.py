"""Micromagnetics of free problems and of devices: `Magnet`, what it is made of, and its runs as datasets."""

from spinneuron.lattice.devices import Layout, magnet_of, simulate_lattice
from spinneuron.lattice.ensemble import run_trials
from spinneuron.lattice.hysteresis import hysteresis, sweep_field
from spinneuron.lattice.magnet import Magnet
from spinneuron.lattice.material import Material
from spinneuron.lattice.run import Solver, run

__all__ = ["Layout", "Magnet", "Material", "Solver"]
__all__ += ["hysteresis", "magnet_of", "run", "run_trials", "simulate_lattice", "sweep_field"]
