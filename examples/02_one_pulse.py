"""One pulse and the membrane potential it leaves: integrate, then leak.

The membrane potential is the component of the magnetization along the pinned layer, that is along the short axis, minus
its value at rest. At 300 K one trial is noisy; the mean over 200 trials is what the closed form predicts.
"""

import numpy as np

from spinneuron import Device, simulate
from spinneuron.protocols import single
from spinneuron.simulation import membrane_potential
from spinneuron.surrogates.signed_lif import predicted

device = Device.preset("orthogonal")
pulse = single(1e12, 1e-9, after=3e-9)
run = simulate(device, pulse, trials=200, seed=1, every=10e-12)

u = membrane_potential(run)
mean, one = u.mean("trial"), u.isel(trial=0)
ideal = predicted(device).respond(run["time"].values, run["current"].values)

print(f"current {float(run['current'].max()) * 1e6:.0f} uA")
print("time [ns]  drive [A/m^2]  mean of 200  one trial  closed form")
for time in np.arange(0.0, 4.1e-9, 0.5e-9):
    at = {"time": time, "method": "nearest"}
    numbers = float(mean.sel(**at)), float(one.sel(**at)), float(np.interp(time, run["time"], ideal))
    print(f"{time * 1e9:9.1f}  {float(run['drive'].sel(**at)):13.1e}" + "".join(f"  {x:10.3f}" for x in numbers))

peak = float(mean.max())
print(f"peak {peak:.3f}; {float(np.abs(mean[-30:]).mean()):.3f} is left at the end")
# The standard error of the mean is 0.003; the closed form leaves out the ripple of the precession.
assert abs(peak - ideal.max()) < 0.02
assert np.abs(mean[-30:]).mean() < 0.01
