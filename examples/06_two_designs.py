"""The orthogonal design against the conventional parallel one: same pillar, same pulses, other pinned layer.

Along the short axis the damping torque pulls the membrane potential back (it leaks); along the easy axis it pushes it
away. Writes two_designs.nc with both evolutions, their fits and the split into precession, damping and torque.
"""

from spinneuron import Device
from spinneuron.dataset_file import save
from spinneuron.evolution import compare
from spinneuron.protocols import bipolar

designs = [Device.preset("orthogonal"), Device.preset("parallel")]
result = compare(designs, bipolar(1e12, 1e-9), trials=64, temperature=300.0, seed=1)

for name in result["design"].values:
    one = result.sel(design=name)
    low, high = float(one["membrane"].min()), float(one["membrane"].max())
    print(f"{name:10}  u from {low:+.2f} to {high:+.2f}, R^2 of the signed LIF fit {float(one['r2']):+.2f}, ", end="")
    print(f"leak by damping {float(one['leak_rate']):+.2e} /s")

save(result, "two_designs.nc")

assert result["r2"].sel(design="orthogonal") > 0.99 > 0.0 > result["r2"].sel(design="parallel")
assert result["leak_rate"].sel(design="orthogonal") > 0.0 > result["leak_rate"].sel(design="parallel")
