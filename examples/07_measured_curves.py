"""From measured switching curves to a neuron file, and the neuron against measured shifts of the midpoint.

The curves of examples/data are SYNTHETIC: 10,000 trials per point, drawn from the neuron plasticity-text. The shifts
are the published fit of fig. S1, on which that neuron rests. What is shown is the path from CSV to verdict, not a
finding.
Writes neuron.json.
"""

from pathlib import Path

from spinneuron import Sigmoid, measured, neuron_file

data = Path(__file__).parent / "data"
names = ("baseline.csv", "heating.csv", "cooling.csv")
curves = measured.combined(measured.read_curves(data / name) for name in names)

neuron = Sigmoid.fit(curves.baseline, curves.heating, curves.cooling)
neuron_file.save("neuron.json", neuron, provenance=measured.origin(curves))
again = neuron_file.load("neuron.json")

for name, unit in (("k", "/V"), ("x0", "V"), ("heat_v2", "/V"), ("heat_v1", "")):
    print(f"{name:8s} {getattr(again, name):.5f} +- {again.uncertainties[name]:.5f} {unit}")
print(f"tau      {again.tau_thermal[0] * 1e9:.1f} +- {again.uncertainties['tau_thermal'][0] * 1e9:.1f} ns")

rows = measured.residuals(again, measured.read_shifts(data / "dx0_amplitude.csv"))
print(f"shifts: RMSE {rows.attrs['rmse'] * 1e3:.3f} mV, R^2 {rows.attrs['r2']:.3f} in {rows.attrs['n']} rows")

# 0.5 mV: the published residual of the model after three pulses is 0.29 mV.
assert rows.attrs["rmse"] < 0.5e-3
