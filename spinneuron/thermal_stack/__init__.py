"""From layer thicknesses and thermal constants to the Foster network of a junction's free layer.

``layers`` holds the `Layer`, the table `MATERIALS` and the published stack; ``cells`` cuts layers into cells; ``plate``
finds how wide layers answer to the heat of a pillar; ``network`` solves the heat equation of the stack exactly in time
by its modes (`modes`, `spectrum`, `stack_response`); ``reduction`` fits one to four poles to it (`foster`), whose
resistances [K/W] and times [s] a device takes.

The equation, through a pillar of constant section from the top down to the substrate, T above ambient::

    rho_c(z) dT/dt = d/dz(kappa(z) dT/dz) - g(z) T + q(z, t)

with heat flow and temperature continuous between layers, or a step of temperature where an interface has a conductance.
In wide layers above or below the pillar heat also flows sideways, kappa (d2T/dx2 + d2T/dy2).
"""

from spinneuron.thermal_stack.layers import MATERIALS, Layer, Material, constriction, diffusivity, published_stack
from spinneuron.thermal_stack.network import Modes, Spectrum, modes, spectrum, stack_response
from spinneuron.thermal_stack.reduction import Foster, foster

__all__ = ["MATERIALS", "Foster", "Layer", "Material", "Modes", "Spectrum", "constriction", "diffusivity", "foster"]
__all__ += ["modes", "published_stack", "spectrum", "stack_response"]
