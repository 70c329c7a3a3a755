"""Spikes of either sign from a divider and two comparators, and what one costs.

Open loop, the drive goes on after a spike. Closed loop, a spike switches it off for the refractory time, and the magnet
resets itself by its leak.
"""

import numpy as np

from spinneuron import Device, Protocol, Pulse, simulate
from spinneuron.readout import closed_loop, fire

device = Device.preset("orthogonal")
pulses = [Pulse(1e12, 3e-9), Pulse(-1e12, 3e-9, delay=1e-9)]
protocol = Protocol.of(pulses, after=1e-9)

run = simulate(device, protocol, trials=10, seed=1, every=20e-12)
open_loop = fire(run, 0.25, refractory=0.5e-9)
closed = closed_loop(device, protocol, 0.25, refractory=0.5e-9, trials=10, seed=1, every=20e-12)

for name, spikes in (("open", open_loop), ("closed", closed)):
    up, down = (spikes.spike == 1).sum("time"), (spikes.spike == -1).sum("time")
    print(f"{name:6}  {float(up.mean()):.1f} up, {float(down.mean()):.1f} down per trial, ", end="")
    print(f"{float(spikes.energy_per_spike) * 1e15:.0f} fJ per spike")

first = closed.time.values[(closed.spike.values != 0).argmax(axis=1)]
print(f"first spike after {first.mean() * 1e9:.2f} +- {first.std() * 1e9:.2f} ns")

# A positive current drives positive spikes, a negative one negative spikes.
signs = np.sign(protocol.at(closed.time.values)) * closed.spike.values
assert (signs >= 0).all()
assert 0.1e-12 < float(closed.energy_per_spike) < 0.3e-12 < float(open_loop.energy_per_spike)
