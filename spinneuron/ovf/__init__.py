"""Vector fields on a lattice as files that OOMMF, mumax3 and ubermag read and write: OVF 2.0, and OVF 1.0 to be read.

Source: M. J. Donahue and D. G. Porter, OOMMF User's Guide, "Vector Field File Format (OVF)". In the file x is the
fastest index and the components of a cell stand side by side; here they come first: ``(valuedim, nz, ny, nx)``.
"""

from spinneuron.ovf.reading import read
from spinneuron.ovf.record import Ovf
from spinneuron.ovf.writing import write

__all__ = ["Ovf", "read", "write"]
