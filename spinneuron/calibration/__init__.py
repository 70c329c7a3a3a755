"""Calibration of devices: what was measured, or printed, of a junction -> its physical numbers with uncertainties.

`observations` says what was measured, `prediction` what a device would show, `fitting` searches between the two.
`published` holds the printed numbers of the plasticity neuron, `presets` the devices that are made of them; `neuron`
turns a device into a neuron file.
"""

from spinneuron.calibration.fitting import FREE, DeviceFit, calibrate_device
from spinneuron.calibration.neuron import device_neuron
from spinneuron.calibration.observations import Observation, of_curves, of_shifts, train
from spinneuron.calibration.prediction import Prediction
from spinneuron.calibration.published import calibrate_published

__all__ = ["FREE", "DeviceFit", "Observation", "Prediction", "calibrate_device", "calibrate_published"]
__all__ += ["device_neuron", "of_curves", "of_shifts", "train"]
