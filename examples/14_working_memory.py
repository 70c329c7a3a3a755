"""Train an IPNet on the 1-back task: how much of what its junctions hold does it use?

A network 225-225-2 sees sequences of patterns and says at each step whether the pattern is the one before. Its only
memory is the heat of its input junctions, so that `spinneuron.capacity` bounds its score without training.
`spinneuron train n-back` is the published experiment, with baselines and five seeds.
"""

import torch

from spinneuron import neuron_file
from spinneuron.capacity import bound
from spinneuron.networks import IPNet, Training, evaluate, train
from spinneuron.tasks import NBack

SAMPLES = 16

# small networks are slower on several threads
torch.set_num_threads(1)
neuron, task = neuron_file.load("plasticity-text"), NBack(n=1)
scores = {}
for plastic in (True, False):
    net = IPNet(task.topology, neuron, n=SAMPLES, plastic=plastic, seed=1)
    train(net, task, Training(iterations=150), seed=1)
    scores[plastic] = evaluate(net, task, 500, seed=1)

limit = bound(neuron, net.voltage, task, SAMPLES, seed=0)
for plastic, score in scores.items():
    kind = "with plasticity" if plastic else "without"
    print(f"IPNet {kind}: PR = {score.pr:.2f} ({score.tpr:.2f} of the targets, {score.fpr:.2f} of the others)")
print(f"no such network exceeds {limit.pr:.2f} +- {limit.error:.2f}")

# 9,500 decisions a score: one standard error of PR is about 0.01
assert 0.7 < scores[True].pr < limit.pr + 0.03
assert abs(scores[False].pr) < 0.05
