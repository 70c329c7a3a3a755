"""muMAG standard problem 4: a film of 500 x 125 x 3 nm reverses in a field. About 5 s."""

import numpy as np

from spinneuron import Magnet, Material, Mesh
from spinneuron.constants import mu0
from spinneuron.lattice import Solver

mesh = Mesh.of((500e-9, 125e-9, 3e-9), (5e-9, 5e-9, 3e-9))
magnet = Magnet(mesh, Material(Ms=8e5, Aex=1.3e-11, alpha=0.02))
magnet.m = (1.0, 0.1, 0.0)
print("S-state:", magnet.minimize(), magnet.mean)

magnet.applied_field = np.array([-24.6e-3, 4.3e-3, 0.0]) / mu0
run = magnet.run(1e-9, every=5e-12, solver=Solver(gamma=2.211e5))
mx, t = run["m"].sel(component="x").values, run["time"].values
first = int(np.argmax(mx < 0.0))
crossing = t[first - 1] + (t[first] - t[first - 1]) * mx[first - 1] / (mx[first - 1] - mx[first])
print(f"<mx> = 0 at {1e9 * crossing:.4f} ns, <m> after 1 ns:", run["m"].values[-1].round(4))
# OOMMF on the same cells: 0.13873 ns
assert abs(crossing - 0.13873e-9) < 0.0002e-9
