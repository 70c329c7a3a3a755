"""A small design window: which lengths and heights of a 10 nm wide pillar work as a signed neuron?

One pulse of 1e12 A/m^2 for 1 ns drives every pillar of the grid at 0 K. Regime 1 reaches the threshold and relaxes. The
edges of the window are fitted by straight lines. Writes design_window.nc and design_window.png.
"""

import numpy as np

from spinneuron import Device, sweep
from spinneuron.dataset_file import save
from spinneuron.plotting import style
from spinneuron.plotting.window import window as draw
from spinneuron.window.survey import agreement, at_reference

device = Device.preset("orthogonal")
window = sweep(device, width=[10e-9], length=np.arange(36, 57) * 1e-9, thickness=np.arange(40, 61) * 1e-9)

reference = at_reference(window, width=10e-9, length=45e-9, thickness=50e-9)
print(f"10 x 45 x 50 nm: regime {int(reference.regime)}, peak {float(reference.peak):.2f} of the saturation")

edge = window.sel(held="width", edge="upper")
slope, intercept = float(edge.boundary_slope), float(edge.boundary_intercept)
print(f"longest pillar that works: L = {slope:.2f} T + {intercept * 1e9:.1f} nm (R^2 {float(edge.boundary_r2):.3f})")
print(f"the closed-form rule agrees on {agreement(window):.1%} of {window.regime.size} pillars")

save(window, "design_window.nc")
style.save(draw(window), "design_window.png")

assert int(reference.regime) == 1
# There the easy axis turns from the height to the length: at L = 46.1 nm for T = 50 nm (tolerance: one grid step).
assert abs(slope * 50e-9 + intercept - 46.1e-9) < 1e-9
