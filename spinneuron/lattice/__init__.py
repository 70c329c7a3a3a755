"""Micromagnetics of free problems and of devices: `Magnet`, what it is made of, and its runs as datasets."""

from spinneuron.lattice.magnet import Magnet
from spinneuron.lattice.material import Material

__all__ = ["Magnet", "Material"]
