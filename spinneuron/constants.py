"""Physical constants [SI], from CODATA through `scipy.constants`, and the one sign convention of this package.

``gamma0 = mu0 |gamma_e| > 0``, so that every moment obeys ::

    dm/dt = -gamma0 m x H + alpha m x dm/dt + torques

with ``H`` in A/m: it precesses counterclockwise when seen from the tip of ``H``. A positive current carries electrons
from the pinned to the free layer and drives ``m`` towards ``+pinned``. No other module may choose a sign again.

All values are plain floats: compiled kernels freeze them as globals.
"""

from scipy import constants as _codata

mu0 = float(_codata.mu_0)
"""Vacuum permeability [T m/A]."""

kB = float(_codata.k)
"""Boltzmann constant [J/K]."""

e = float(_codata.e)
"""Elementary charge [C], positive."""

hbar = float(_codata.hbar)
"""Reduced Planck constant [J s]."""

gamma_e = float(_codata.value("electron gyromag. ratio"))
"""Magnitude of the gyromagnetic ratio of the free electron [rad/(s T)]."""

gamma0 = mu0 * gamma_e
"""Gyromagnetic ratio for fields in A/m [m/(A s)], positive: 2.2128e5."""

mu_B = float(_codata.value("Bohr magneton"))
"""Bohr magneton [J/T], positive."""
