"""The file that made the presets plasticity and reference: a junction calibrated to the numbers that the text prints.

A firing probability of 9.5 % that 500 ns at 0.9 V raise to 27.4 %, and 200 ns later 16.3 %; 19.72 % at 0.80 V; and the
shift of the midpoint of fig. S1. About 15 s. Writes plasticity.toml and reference.toml.
"""

from pathlib import Path

from spinneuron import Device
from spinneuron.calibration import Prediction, calibrate_published
from spinneuron.calibration.presets import heat_product, plasticity, reference
from spinneuron.calibration.published import PROBE_NAME, printed_observations
from spinneuron.protocols import Cycle

fit = calibrate_published()
for name, value in zip(fit.names, fit.values, strict=True):
    print(f"{name:24s} {value:.4g} +- {fit.uncertainties[name]:.2g}")
print(f"chi2 = {fit.chi2:.2f} for {fit.freedom} degrees of freedom, {fit.evaluations} evaluations")

sensitive = plasticity(fit)
insensitive = reference(sensitive)
for device in (sensitive, insensitive):
    Path(f"{device.name}.toml").write_text(device.to_toml(), encoding="utf-8")
    assert device == Device.preset(device.name), f"the preset {device.name} was made by another calibration"

found = Prediction(Cycle())(sensitive, printed_observations(), {PROBE_NAME: round(fit.value(PROBE_NAME), 4)})
print("rounded preset:", " ".join(f"{100 * share:.2f} %" for share in found[:4]))
assert [f"{100 * share:.1f}" for share in found[:3]] == ["9.5", "27.4", "16.3"]
assert f"{100 * found[3]:.2f}" == "19.72"

shifts = " ".join(f"{1e3 * shift:.2f}" for shift in found[4:])
print(f"fig. S1 at 0.80, 0.83, 0.85, 0.90, 0.93 V: {shifts} mV (printed fit: 12.21 12.87 13.32 14.47 15.18)")
print(f"R_th |dx0/dT| = {heat_product(sensitive)[0]:.2f} mV/mW")
