"""Probability density of one moment: on the circle of m_z for axial devices, on the sphere for all others.

`axial` moves the density of a device that is round and has all its directions along z.
"""

from spinneuron.dynamics.fokker_planck.axial import CELLS, Axial, Grid, advance_density, bernoulli, rates

__all__ = ["CELLS", "Axial", "Grid", "advance_density", "bernoulli", "rates"]
