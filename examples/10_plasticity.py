"""A junction that remembers by its heat: switching probability before a pulse of 0.9 V and 500 ns, after it, and later.

The probability density of the preset, then the same trial by trial, each trial with its own temperature.
"""

from spinneuron import Device
from spinneuron.protocols import Cycle
from spinneuron.switching import switching_curve

device, cycle = Device.preset("plasticity"), Cycle()
pump = cycle.pump(0.9, width=500e-9, delay=0.0)
# Where the cold junction fires with the printed 9.5 %; the voltage of the probe is not printed.
probe = 0.7822

found = {}
for name, before in {"before": (), "right after": (pump,), "200 ns later": (pump, 200e-9)}.items():
    curve = switching_curve(device, [probe], cycle=cycle, before=before, model="fokker-planck")
    found[name] = float(curve.probability[0])
    print(f"{name:13s} {100 * found[name]:5.2f} %")
assert [f"{100 * share:.1f}" for share in found.values()] == ["9.5", "27.4", "16.3"]

few = switching_curve(device, [probe], cycle=cycle, before=(pump,), trials=500, seed=1)
low, high = 100 * float(few.low[0]), 100 * float(few.high[0])
print(f"500 macrospins, right after: {low:.1f} to {high:.1f} %; {float(few.rise[0]):.1f} K at the end of the probe")
