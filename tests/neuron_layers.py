"""Neurons of each kind as PyTorch layers, and pulses for them: what several tests of networks share."""

import numpy as np
import torch

from spinneuron.networks import DifferentialPair, GaussianNeuron, SigmoidNeuron, SignedLIFNeuron
from spinneuron.surrogates import Gaussian, Sigmoid, SignedLIF

# Layers of a few hundred units: threads that wait for each other take longer than the work.
torch.set_num_threads(1)

PLASTIC = Sigmoid(
    p_max=0.93, k=44.4, x0=0.83, heat_v2=0.0082, heat_v1=0.0087, tau_thermal=(275e-9, 2e-6), weights=(0.7, 0.3)
)
INSENSITIVE = Sigmoid(p_max=0.9, k=40.0, x0=0.82)
SIGNED = SignedLIF(tau_membrane=0.96e-9, gain=2.3, resistance=2829.0, leak=0.9, valid={"time_step": (1e-10, 4e-10)})
NORMAL = Gaussian(low=-0.2, high=0.9, k=35.0, x0=0.8, sigma_read=0.05, sigma_switch=0.12)
MODULES = {
    "sigmoid": lambda **settings: SigmoidNeuron(PLASTIC, **settings),
    "insensitive": lambda **settings: SigmoidNeuron(INSENSITIVE, **settings),
    "pair": lambda **settings: DifferentialPair(PLASTIC, INSENSITIVE, **settings),
    "signed-lif": lambda **settings: SignedLIFNeuron(SIGNED, **settings),
    "gaussian": lambda **settings: GaussianNeuron(NORMAL, **settings),
}


def pulses(shape, seed=0, empty=0.3):
    """Voltages about the midpoint, some of them no pulse."""
    rng = np.random.default_rng(seed)
    return torch.tensor(rng.uniform(0.7, 0.95, shape) * (rng.random(shape) >= empty))


def drive(name, shape):
    """Voltages in float32 for a layer: weak ones for the signed neuron, which would fire, and be reset, at each."""
    return pulses(shape).float() * (0.15 if name == "signed-lif" else 1.0)
