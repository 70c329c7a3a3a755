"""From a junction to a neuron of two numbers: fit tau du/dt = -leak u + gain I R, and keep it as a neuron file.

Only tau/leak and gain R/leak can be told from data: the fit sets leak = 1 and takes R from the device. Writes
neuron.json.
"""

from spinneuron import Device, SignedLIF, neuron_file, simulate
from spinneuron.protocols import bipolar
from spinneuron.surrogates.signed_lif import predicted

device = Device.preset("orthogonal")
run = simulate(device, bipolar(1e12, 1e-9), trials=100, seed=1, every=10e-12)

neuron = SignedLIF.fit(run, threshold=0.25, refractory=0.5e-9)
ideal = predicted(device)

print(f"tau  {neuron.tau_membrane * 1e9:.3f} +- {neuron.uncertainties['tau_membrane'] * 1e9:.3f} ns", end=", ")
print(f"closed form {ideal.tau_membrane * 1e9:.3f} ns")
print(f"gain {neuron.gain:.4f} +- {neuron.uncertainties['gain']:.4f} /V, closed form {ideal.gain:.4f} /V")
print(
    f"R^2 {neuron.statistics.r2:.4f}, {neuron.statistics.n_effective:.0f} independent of {neuron.statistics.n} samples"
)

neuron_file.save("neuron.json", neuron, provenance=neuron_file.provenance_of(run))
again = neuron_file.load("neuron.json")
spikes = again.spikes(run["time"].values, run["current"].values).spike
print(f"neuron.json fires {int((spikes > 0).sum())} times up and {int((spikes < 0).sum())} times down on this train")

assert again == neuron
# The averaged equation of motion has this time constant: 1 / (alpha gamma' Ms dN) = 0.483 ns.
assert abs(neuron.tau_membrane / ideal.tau_membrane - 1.0) < 0.05
