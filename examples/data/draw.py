"""Draw the synthetic curves of this folder from the neuron `plasticity-text`, and write the printed fit of fig. S1.

Run it in this folder: it writes baseline.csv, heating.csv, cooling.csv and dx0_amplitude.csv.
"""

import numpy as np
import xarray as xr

from spinneuron import measured, neuron_file
from spinneuron.statistics import curve_from_counts

SEED, TRIALS = 20, 10_000
PULSES, BEFORE = 5, 0.9

neuron = neuron_file.load("plasticity-text")
random = np.random.default_rng(SEED)
said = f"SYNTHETIC, not measured: {TRIALS} trials per point, drawn from the neuron plasticity-text (seed {SEED})."


def drawn(voltage, shift, comment, along=None):
    """Binomial counts at each voltage of each shift."""
    chance = neuron.probability(voltage, np.asarray(shift)[..., None])
    curve = curve_from_counts(voltage, random.binomial(TRIALS, chance), TRIALS, along=along)
    return curve.assign_attrs(comment=f"{said}\n{comment}")


whole, slope = np.arange(72, 96, 2) / 100, np.arange(76, 90, 2) / 100
baseline = drawn(whole, 0.0, "Without a pulse before.")
amplitudes = np.array([0.70, 0.75, 0.80, 0.83, 0.85, 0.90, 0.93])
shift = neuron.shift_after(amplitudes[:, None])
heating = drawn(slope, shift, "After one pulse of that amplitude.", ("amplitude", amplitudes, "V"))
delays = np.array([0, 100, 200, 300, 500, 700, 1000]) / 1e9
shift = neuron.shift_after(np.full(PULSES, BEFORE), delays)
cooling = drawn(slope, shift, f"A delay after {PULSES} pulses of {BEFORE} V.", ("delay", delays, "s"))
cooling.attrs |= {"pulses": PULSES, "amplitude": BEFORE}

measured.write_curves("baseline.csv", measured.Curves(baseline=baseline))
measured.write_curves("heating.csv", measured.Curves(heating=heating))
measured.write_curves("cooling.csv", measured.Curves(cooling=cooling))

printed = np.array([0.0082 * volts**2 + 0.0087 * volts for volts in amplitudes])
variables = {"delta_x0": ("row", np.round(printed, 8)), "amplitude": ("row", amplitudes)}
words = "The published fit of fig. S1, 0.0082 V^2 + 0.0087 V (R^2 = 0.9638): the published fit, not raw points."
attrs = {"kind": "spinneuron-shift", "comment": words + "\nProbed one step after one pulse of 150 ns."}
measured.write_shifts("dx0_amplitude.csv", xr.Dataset(variables, attrs=attrs))
