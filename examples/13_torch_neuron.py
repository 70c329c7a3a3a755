"""A layer of neurons remembers which half of its field was lit last, by the heat of its own pulses. About 5 s."""

import math
from statistics import NormalDist

import torch
from torch import nn

from spinneuron import networks

torch.manual_seed(0)
torch.set_num_threads(1)
pixels = 8
draws = torch.Generator().manual_seed(1)
memory = networks.DifferentialPair.load("plasticity-text", n=64, sampler="gaussian", generator=draws)
volts = networks.VoltageMap.of(memory, scale=0.83)  # refuses what lies outside of the calibrated window
readout = nn.Sequential(nn.BatchNorm1d(2 * pixels), nn.Linear(2 * pixels, 2))


def batch(size):
    """Pulses of 0.83 V for one half of the field, then for the other, then for all pixels: a read."""
    last = torch.randint(2, (size,), generator=draws)
    half = (torch.arange(pixels) < pixels // 2).float()
    first = torch.where(last[:, None] == 0, half, 1.0 - half)
    return torch.stack([first, 1.0 - first, torch.ones(size, pixels)]), last


def answer(clips):
    """What the read tells: the pulses are gone, their heat is not."""
    memory.reset_memory()
    return readout(memory.sequence(volts(clips))[-1])


def accuracy():
    clips, last = batch(10_000)
    with torch.no_grad():
        return (answer(clips).argmax(1) == last).float().mean().item()


optimizer = torch.optim.Adam(readout.parameters(), 0.02)
for _ in range(100):
    clips, last = batch(256)
    loss = nn.functional.cross_entropy(answer(clips), last)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

readout.eval()
memory.sampler = "bernoulli"  # trained with the fastest sampler, tested with single spikes
plastic = accuracy()
memory.plastic = False
print(f"half that was lit last: {plastic:.1%}; without plasticity {accuracy():.1%}, by chance 50 %")

# the best one can do: compare the spikes of 4 pixels, 64 each, lit last with those lit before, nearly normal numbers
neuron = memory.surrogate
after, before = neuron.probability(0.83, neuron.shift_after([[0.0, 0.83], [0.83, 0.0]]))
spread = math.sqrt((after * (1.0 - after) + before * (1.0 - before)) / (4 * 64))
best = NormalDist().cdf((after - before) / spread)
print(f"the most that the neuron file allows: {best:.1%}")
assert abs(plastic - best) < 0.01
