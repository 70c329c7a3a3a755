"""A device of your own, from a TOML file with units: a free layer of lower magnetization needs less current.

Start from `spinneuron devices orthogonal > mine.toml`; here the file is written by the script (mine.toml).
"""

from pathlib import Path

from spinneuron import Device, SignedLIF, simulate
from spinneuron.protocols import bipolar

Path("mine.toml").write_text(
    """
name = "low-magnetization"
description = "as the orthogonal preset, with Ms = 500 kA/m"

[geometry]
shape = "elliptic-cylinder"
width = "10 nm"
length = "45 nm"
thickness = "50 nm"

[free_layer]
Ms = "500 kA/m"
alpha = 0.02

[junction]
resistance_area = "1 ohm um^2"
tmr = "100 %"
P = 0.6
breakdown_voltage = "1.5 V"
"""
)
mine = Device.from_toml("mine.toml")
for device, J in ((Device.preset("orthogonal"), 1e12), (mine, 0.4e12)):
    run = simulate(device, bipolar(J, 1e-9), trials=100, seed=1, every=10e-12)
    neuron = SignedLIF.fit(run)
    voltage = J * device.area * device.resistance(0.0)
    print(
        f"{device.name:18} {voltage:.2f} V: tau {neuron.tau_membrane * 1e9:.2f} ns, gain {neuron.gain:.2f} /V, ", end=""
    )
    print(f"reaches {float(abs(neuron.valid['membrane'][1])):.2f}, R^2 {neuron.statistics.r2:.3f}")

# 40 % of the current is enough: the torque per current goes as 1/Ms, what it works against as Ms.
assert neuron.valid["membrane"][1] > 0.25 and neuron.statistics.r2 > 0.95
