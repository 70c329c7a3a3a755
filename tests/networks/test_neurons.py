"""PyTorch modules against the surrogates that they step, and what every layer of neurons promises."""

import copy
import io
import math
import pickle

import numpy as np
import pytest
import torch
from neuron_layers import INSENSITIVE, MODULES, NORMAL, PLASTIC, SIGNED, drive, pulses

from spinneuron import neuron_file
from spinneuron.networks import (
    SAMPLERS,
    DifferentialPair,
    SigmoidNeuron,
    SignedLIFNeuron,
    load,
    reseed,
    reset,
)
from spinneuron.quantity import InputError
from spinneuron.surrogates import Sigmoid, SignedLIF
from spinneuron.surrogates.lif_step import State

LAYERS_VARY = {"sigmoid": "x0", "insensitive": "k", "pair": "x0", "signed-lif": "threshold", "gaussian": "low"}
every_module = pytest.mark.parametrize("name", MODULES)


def exact(name, **settings):
    return MODULES[name](dtype=torch.float64, **settings)


# Equations: the same numbers as the surrogate, step by step.


@pytest.mark.parametrize("surrogate", [PLASTIC, INSENSITIVE])
def test_sigmoid_expects_what_the_surrogate_predicts(surrogate):
    volts = pulses((12, 5, 7))
    module = SigmoidNeuron(surrogate, n=0, dtype=torch.float64)
    found = torch.stack([module(one) for one in volts]).numpy()
    wanted = surrogate.predict(np.moveaxis(volts.numpy(), 0, -1)).probability
    np.testing.assert_allclose(found, np.moveaxis(wanted, -1, 0), rtol=0.0, atol=1e-15)
    assert (found[volts.numpy() == 0.0] == 0.0).all()


@pytest.mark.parametrize("reset_to", [0.0, 0.1, None])
@pytest.mark.parametrize("refractory", [0.0, 5e-10])
def test_signed_lif_steps_as_the_surrogate(reset_to, refractory):
    surrogate = SignedLIF(
        tau_membrane=0.96e-9, gain=2.3, leak=0.9, resistance=2829.0, reset=reset_to, refractory=refractory
    )
    rng = np.random.default_rng(1)
    volts = rng.normal(0.0, 0.4, (40, 3, 11))
    module = SignedLIFNeuron(surrogate, time_step=4e-10, dtype=torch.float64)
    state = State(np.zeros((3, 11)), np.zeros((3, 11)))
    total = 0
    for one in volts:
        spike, state = surrogate.step(one, state, 4e-10)
        found = module(torch.tensor(one))
        np.testing.assert_array_equal(found.numpy(), spike)
        np.testing.assert_allclose(module.memory.u.numpy(), state.u, rtol=0.0, atol=2e-15)
        total += np.abs(spike).sum()
    assert total > 100


def test_signed_lif_without_spiking_is_the_exact_leaky_integrator():
    module = exact("signed-lif")
    module.spiking = False
    assert module.time_step == 4e-10
    found = module.sequence(torch.full((30, 1), 0.37, dtype=torch.float64))[:, 0].numpy()
    time = 4e-10 * np.arange(1, 31)
    np.testing.assert_allclose(found, 2.3 / 0.9 * 0.37 * -np.expm1(-0.9 * time / 0.96e-9), rtol=1e-14)


def test_gaussian_has_the_moments_of_the_surrogate():
    volts = torch.linspace(0.6, 1.0, 9, dtype=torch.float64)
    module = exact("gaussian", n=1, seed=4)
    mean, sigma = NORMAL.moments(volts.numpy())
    noise = torch.empty(9, dtype=torch.float64).normal_(generator=torch.Generator().manual_seed(4)).numpy()
    np.testing.assert_allclose(module(volts).numpy(), mean + sigma * noise, rtol=0.0, atol=1e-15)
    assert np.array_equal(exact("gaussian", n=0)(volts).numpy(), mean)
    drawn = exact("gaussian", n=4, seed=1)(volts.expand(100_000, 9)).numpy()
    np.testing.assert_allclose(drawn.std(axis=0), sigma / 2.0, rtol=4.0 / math.sqrt(2e5))


def test_pair_is_its_two_junctions():
    volts = pulses((6, 4, 3))
    pair = exact("pair", n=0)
    found = pair.sequence(volts)
    ref = SigmoidNeuron(INSENSITIVE, n=0, dtype=torch.float64).sequence(volts)
    the = SigmoidNeuron(PLASTIC, n=0, dtype=torch.float64).sequence(volts)
    assert torch.equal(found, torch.cat((ref, the - ref), dim=2))
    assert (found[:, :, :3][volts == 0.0] == 0.0).all() and (found[:, :, 3:][volts == 0.0] == 0.0).all()


def test_pair_of_one_file_differs_by_heat_alone():
    pair = DifferentialPair(PLASTIC, n=0, dtype=torch.float64)
    first, second = pair.sequence(torch.full((2, 1, 1), 0.83, dtype=torch.float64))[:, 0, 1]
    assert first == 0.0
    assert second == PLASTIC.probability(0.83, PLASTIC.shift_after([0.83])) - PLASTIC.probability(0.83)
    pair.plastic = False
    pair.reset_memory()
    assert (pair.sequence(torch.full((3, 1, 1), 0.83, dtype=torch.float64))[:, 0, 1] == 0.0).all()


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 4), (2, 3, 4, 5)])
@pytest.mark.parametrize("axis", [1, -1])
def test_pair_puts_its_outputs_on_the_channel_axis(shape, axis):
    pair = DifferentialPair(PLASTIC, channel_axis=axis)
    volts = pulses((5, *shape)).float()
    wanted = list(shape)
    wanted[axis] *= 2
    assert pair(volts[0]).shape == tuple(wanted)
    pair.reset_memory()
    assert pair.sequence(volts).shape == (5, *wanted)


# Steps, sequences, memory.


@every_module
@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("n", [0, 1, 5])
def test_a_sequence_is_its_steps_bit_for_bit(name, sampler, n):
    # 37 numbers: no multiple of the 16 that vectorized generators fill at once
    volts = pulses((9, 37, 1)).float()
    one, many = (MODULES[name](n=n, sampler=sampler, seed=7) for _ in range(2))
    stepped = torch.stack([one(step) for step in volts])
    assert torch.equal(many.sequence(volts), stepped)
    assert all(map(torch.equal, one.memory, many.memory))
    # and it goes on from there
    assert torch.equal(many.sequence(volts[:2]), torch.stack([one(step) for step in volts[:2]]))


@every_module
def test_memory_is_forgotten_moved_copied_and_pickled_but_not_saved(name):
    volts = pulses((6, 4, 1)).float()
    module = MODULES[name](seed=1)
    module.train()
    first = module.sequence(volts.requires_grad_())
    keys = module.state_dict().keys()
    assert not any("memory" in key for key in keys) and len(module.memory) == len(module.state_names)
    for copied in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        twin = copy.deepcopy(module)
        assert torch.equal(copied(volts[0]), twin(volts[0]))
    moved = copy.deepcopy(module).double()
    assert all(one.dtype == torch.float64 for one in moved.memory)
    assert moved(volts[0].double()).dtype == torch.float64
    net = torch.nn.Sequential(module)
    reset(net)
    reseed(net, 1)
    assert module.memory is None
    assert torch.equal(module.sequence(volts), first)


@every_module
def test_state_dict_round_trip(name):
    volts = pulses((3, 2, 6)).float()
    module, other = MODULES[name](n=0), MODULES[name](n=0)
    for part in other.modules():
        for buffer in part.buffers(recurse=False):
            buffer.mul_(0.9)
    stream = io.BytesIO()
    torch.save(module.state_dict(), stream)
    stream.seek(0)
    other.load_state_dict(torch.load(stream, weights_only=True))
    assert torch.equal(module.sequence(volts), other.sequence(volts))


def test_state_dict_of_an_insensitive_junction_is_not_taken_for_a_sensitive_one():
    with pytest.raises(RuntimeError, match="heat_v2"):
        MODULES["sigmoid"]().load_state_dict(MODULES["insensitive"]().state_dict())


def test_truncated_backpropagation():
    module = exact("sigmoid", n=0)
    volts = pulses((4, 3), empty=0.0).requires_grad_()
    module(volts[0])
    module(volts[1]).sum().backward()
    assert volts.grad[0].abs().min() > 0.0
    volts.grad = None
    module.detach_memory()
    module(volts[2]).sum().backward()
    assert (volts.grad[:2] == 0.0).all() and volts.grad[2].abs().min() > 0.0


@every_module
@pytest.mark.parametrize("n", [0, 3])
def test_compiled_module_gives_the_same_numbers(name, n):
    volts = pulses((3, 4, 2)).float()
    torch._dynamo.reset()
    plain, module = (MODULES[name](n=n, seed=2) for _ in range(2))
    # a generator ends the graph; without samples there is one graph
    whole = n == 0 or name == "signed-lif"
    compiled = torch.compile(module, backend="aot_eager", fullgraph=whole)
    for one in volts:
        assert torch.equal(compiled(one), plain(one))


@every_module
def test_16_bits_and_empty_batches(name):
    module = MODULES[name](n=2, dtype=torch.bfloat16)
    found = module.sequence(pulses((3, 4, 1)).bfloat16())
    assert found.dtype == torch.bfloat16 and torch.isfinite(found).all()
    assert MODULES[name]()(torch.zeros(0, 3)).shape[0] == 0


# Samples and gradients.


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("n", [1, 4, 16])
def test_samplers_have_mean_and_variance_of_n_spikes(sampler, n):
    module = SigmoidNeuron(INSENSITIVE, n=n, sampler=sampler, seed=11, dtype=torch.float64)
    volts = torch.tensor([0.74, 0.8, 0.83, 0.9], dtype=torch.float64)
    p = torch.tensor(INSENSITIVE.probability(volts.numpy()))
    count = 100_000
    drawn = module(volts.expand(count, 4))
    variance = p * (1.0 - p) / n
    assert ((drawn.mean(0) - p).abs() < 4.5 * torch.sqrt(variance / count)).all()
    # The variance of the variance by the fourth central moment of an average of spikes; that of a normal number is 3.
    kurtosis = 3.0 + (1.0 - 6.0 * p * (1.0 - p)) / (n * p * (1.0 - p)) if sampler != "gaussian" else 3.0
    bound = 4.5 * variance * torch.sqrt((kurtosis - 1.0) / torch.tensor(count))
    assert ((drawn.var(0) - variance).abs() < bound).all()
    if sampler != "gaussian":
        assert torch.equal(drawn * n, (drawn * n).round())


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_certain_and_impossible_spikes(sampler):
    never = SAMPLERS[sampler](torch.zeros(1000), 3, torch.Generator().manual_seed(0))
    always = SAMPLERS[sampler](torch.ones(1000), 3, torch.Generator().manual_seed(0))
    assert (never == 0.0).all() and (always == 1.0).all()


def test_a_fixed_reference_adds_no_noise():
    volts = torch.full((1, 100_000, 1), 0.83, dtype=torch.float64)
    settings = {"n": 4, "sampler": "binomial", "dtype": torch.float64}
    cold = DifferentialPair(PLASTIC, **settings).reference.expect(volts[0, :1], ())[0].item()
    read = DifferentialPair(PLASTIC, **settings).sequence(volts)[0]
    known = DifferentialPair(PLASTIC, fixed_reference=True, **settings).sequence(volts)[0]
    assert (known[:, 0] == cold).all()
    # variance of a variance of 100,000 nearly normal numbers: sqrt(2 / 100,000) = 0.45 %, five of these
    one = cold * (1.0 - cold) / 4
    assert known[:, 1].var().item() == pytest.approx(one, rel=0.023)
    assert read[:, 1].var().item() == pytest.approx(2.0 * one, rel=0.023)
    assert known[:, 1].mean().item() == pytest.approx(0.0, abs=5.0 * (one / 100_000) ** 0.5)


def test_a_fixed_reference_gives_steps_and_sequences_alike():
    volts = pulses((6, 3, 4)).float()
    whole, steps = (DifferentialPair(PLASTIC, n=3, fixed_reference=True, seed=2) for _ in range(2))
    assert torch.equal(whole.sequence(volts), torch.stack([steps(one) for one in volts]))


@pytest.mark.parametrize("name", ["sigmoid", "insensitive", "pair"])
@pytest.mark.parametrize("n", [0, 2])
def test_gradient_is_that_of_the_expectation(name, n):
    module, smooth = exact(name, n=n), exact(name, n=0)
    volts = pulses((4, 2, 1), empty=0.0).requires_grad_()
    weight = torch.arange(1.0, 5.0, dtype=torch.float64)[:, None, None]
    (weight * module.sequence(volts)).sum().backward()
    step = 1e-6
    for index in np.ndindex(4, 2, 1):
        change = torch.zeros_like(volts)
        change[index] = step
        up, down = ((weight * smooth.steps(v, smooth.rest(v[0]))[0]).sum() for v in (volts + change, volts - change))
        # A central difference of a function of order 1 with derivatives of order k^3: 1e-7 of the largest slope.
        assert volts.grad[index].item() == pytest.approx(((up - down) / (2.0 * step)).item(), abs=2e-6 * 44.4)


def test_gradient_of_a_gaussian_is_that_of_its_path():
    volts = torch.linspace(0.7, 0.9, 5, dtype=torch.float64, requires_grad=True)
    exact("gaussian", seed=3)(volts).sum().backward()
    step = 1e-6
    up, down = (exact("gaussian", seed=3)(volts.detach() + change) for change in (step, -step))
    torch.testing.assert_close(volts.grad, (up - down) / (2.0 * step), rtol=1e-7, atol=1e-7)


def test_gradient_of_a_signed_spike_is_steepest_at_both_thresholds():
    module = exact("signed-lif")
    u = torch.linspace(-0.6, 0.6, 2401, dtype=torch.float64, requires_grad=True)
    spike = module._fire(u, module.threshold, torch)
    assert set(spike.tolist()) == {-1.0, 0.0, 1.0}
    spike.sum().backward()
    peaks = u.detach()[1:-1][(u.grad[1:-1] > u.grad[:-2]) & (u.grad[1:-1] > u.grad[2:])]
    # The other bump leans on each of them a little.
    torch.testing.assert_close(peaks, torch.tensor([-0.25, 0.25], dtype=torch.float64), rtol=0.0, atol=0.005)
    assert (u.grad > 0.0).all()
    # All of it is the rise from -1 to +1.
    assert torch.trapezoid(u.grad, u.detach()).item() == pytest.approx(2.0, abs=0.25)


def test_signed_lif_learns_through_time():
    module = exact("signed-lif")
    volts = torch.full((5, 1), 0.05, dtype=torch.float64, requires_grad=True)
    module.sequence(volts).sum().backward()
    assert (volts.grad > 0.0).all()


def test_a_generator_and_a_seed_make_the_same_numbers_and_the_global_state_stays():
    volts = pulses((3, 50)).float()
    before = torch.get_rng_state()
    one = SigmoidNeuron(PLASTIC, seed=5).sequence(volts)
    two = SigmoidNeuron(PLASTIC, generator=torch.Generator().manual_seed(5)).sequence(volts)
    assert torch.equal(one, two) and not torch.equal(one, SigmoidNeuron(PLASTIC, seed=6).sequence(volts))
    assert torch.equal(torch.get_rng_state(), before)


def test_layers_of_one_generator_draw_different_numbers():
    volts = pulses((64, 20), empty=0.0).float()
    net = torch.nn.ModuleList(SigmoidNeuron(INSENSITIVE) for _ in range(2))
    assert torch.equal(net[0](volts), net[1](volts))
    reseed(net, 3)
    once = [layer(volts) for layer in net]
    assert not torch.equal(*once)
    reseed(net, 3)
    assert all(map(torch.equal, once, [layer(volts) for layer in net]))


def test_switches():
    volts = pulses((5, 3, 2))
    module = exact("sigmoid", n=2)
    module.spiking = False
    assert torch.equal(module.sequence(volts), exact("sigmoid", n=0).sequence(volts))
    assert torch.equal(exact("pair", spiking=False).sequence(volts), exact("pair", n=0).sequence(volts))
    module.plastic = False
    module.reset_memory()
    np.testing.assert_allclose(module.sequence(volts), PLASTIC.probability(volts.numpy()), rtol=0.0, atol=1e-15)


# Variation between devices.


def test_given_parameters_broadcast():
    volts = pulses((4, 2, 3))
    x0 = torch.tensor([0.80, 0.83, 0.86], dtype=torch.float64)
    tau = torch.tensor([[1e-7, 2e-7, 3e-7], [1e-6, 2e-6, 3e-6]], dtype=torch.float64)
    module = exact("sigmoid", n=0).set_parameters(x0=x0, tau_thermal=tau)
    found = module.sequence(volts)
    for i in range(3):
        fields = {"x0": x0[i].item(), "tau_thermal": tuple(tau[:, i].tolist())}
        one = Sigmoid(p_max=0.93, k=44.4, heat_v2=0.0082, heat_v1=0.0087, weights=(0.7, 0.3), **fields)
        wanted = one.predict(volts[:, :, i].numpy().T).probability.T
        np.testing.assert_allclose(found[:, :, i].numpy(), wanted, rtol=0.0, atol=2e-15)


def test_spread_has_the_stated_mean_and_deviation():
    module = exact("sigmoid").spread((200, 100), {"k": 0.3, "x0": 0.02, "p_max": 0.1, "tau_thermal": 0.2}, seed=2)
    n = 20_000
    for drawn, mean, sd in (
        (module.k, 44.4, 0.3 * 44.4),
        (module.x0, 0.83, 0.02 * 0.83),
        (-230e-9 / module.decay.log()[1], 2e-6, 0.2 * 2e-6),
    ):
        assert drawn.shape == (200, 100)
        assert abs(drawn.mean().item() - mean) < 4.5 * sd / math.sqrt(n)
        # a log-normal number of 30 % has a kurtosis of 4.6, hence a standard error of sqrt(3.6 / 4 n)
        assert drawn.std().item() == pytest.approx(sd, rel=4.5 * math.sqrt(3.6 / (4.0 * n)))
    assert module.k.min() > 0.0 and module.p_max.max() == 1.0 and module.p_max.min() > 0.0
    again = exact("sigmoid").spread((200, 100), {"k": 0.3}, generator=torch.Generator().manual_seed(2))
    assert torch.equal(again.k, module.k) and again.x0.shape == ()
    assert module(pulses((3, 200, 100))).shape == (3, 200, 100)


def test_spread_by_the_uncertainties_of_the_file():
    module = SigmoidNeuron.load("plasticity-text").spread((50_000,), "uncertainties")
    errors = neuron_file.load("plasticity-text").uncertainties
    for name in ("k", "x0", "heat_v2"):
        assert getattr(module, name).std().item() == pytest.approx(errors[name], rel=0.02)
    with pytest.raises(InputError, match="the neuron has none"):
        exact("sigmoid").spread((3,), "uncertainties")


def test_spread_of_a_pair_is_drawn_for_each_junction():
    pair = DifferentialPair(PLASTIC).spread((4, 5), {"x0": 0.01, "heat_v1": 0.1})
    assert not torch.equal(pair.sensitive.x0, pair.reference.x0) and pair.sensitive.heat_v1.shape == (4, 5)
    assert pair(pulses((2, 4, 5)).float()).shape == (2, 8, 5)


@pytest.mark.parametrize("name", ["sigmoid", "insensitive", "pair", "signed-lif", "gaussian"])
def test_many_devices_for_each_unit_have_an_axis_of_their_own(name):
    volts = drive(name, (3, 2, 4))
    one, many = (MODULES[name](n=2, seed=1).spread((4, 50), {LAYERS_VARY[name]: 0.3}) for _ in range(2))
    found = one.sequence(volts[..., None])
    assert found.shape == (3, 2, 8 if name == "pair" else 4, 50)
    assert torch.equal(found, torch.stack([many(step) for step in volts[..., None]]))
    assert found.std(-1).max() > 0.0


# What is refused, in one line.


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: SigmoidNeuron(SIGNED), "SigmoidNeuron: is made of a sigmoid neuron, not of a signed-lif one"),
        (lambda: SigmoidNeuron(PLASTIC, n=-1), "n = -1"),
        (lambda: SigmoidNeuron(PLASTIC, n=1.5), "n = 1.5"),
        (lambda: SigmoidNeuron(PLASTIC, sampler="binomal"), "did you mean 'binomial'"),
        (lambda: SigmoidNeuron(PLASTIC, seed=-1), "seed = -1"),
        (lambda: SigmoidNeuron(PLASTIC, frame_interval=-1.0), "frame_interval = -1 s"),
        (lambda: SignedLIFNeuron.load("plasticity-text"), "plasticity-text: is a sigmoid neuron; SignedLIFNeuron"),
        (lambda: load("plasticity-text", sed=1), "sed: no setting of a sigmoid neuron, did you mean 'seed'"),
        (lambda: load("plasticity-text", n=-2), "plasticity-text: n = -2"),
        (lambda: SignedLIFNeuron(SignedLIF(tau_membrane=1e-9, gain=1.0, resistance=1e3)), "time_step: the neuron file"),
        (lambda: exact("sigmoid").set_parameters(k=torch.tensor([1.0, -2.0])), "k = -2: must be positive"),
        (lambda: exact("sigmoid").set_parameters(p_max=1.5), "p_max = 1.5: must lie above 0"),
        (lambda: exact("sigmoid").set_parameters(x0=math.nan), "x0 = nan"),
        (lambda: exact("sigmoid").set_parameters(heat_v3=0.1), "heat_v3: unknown, did you mean 'heat_v2'"),
        (lambda: exact("insensitive").set_parameters(heat_v1=0.1), "heat_v1: unknown"),
        (lambda: exact("sigmoid").spread((3,), {"weights": 0.1}), "spread of weights: does not vary"),
        (lambda: exact("sigmoid").spread((3,), {"k": -0.1}), "spread of k = -0.1"),
        (lambda: exact("sigmoid").spread((3,), "errors"), "relative = 'errors'"),
        (lambda: DifferentialPair(PLASTIC)(torch.zeros(3)), "channel_axis = 1: the voltage of one step has 1 axes"),
        (lambda: DifferentialPair(PLASTIC, Sigmoid(k=1.0, x0=0.8, time_step=1e-6)), "reference: its time step"),
    ],
)
def test_refusals(call, words):
    with pytest.raises(InputError) as caught:
        call()
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_shapes_that_do_not_fit_are_refused():
    module = exact("sigmoid")
    module(pulses((4, 3)))
    with pytest.raises(InputError, match=r"shape \(5, 3\), the memory \(4, 3\): reset_memory\(\) first"):
        module(pulses((5, 3)))
    with pytest.raises(InputError, match=r"does not broadcast with parameters of \[\(7,\)\]"):
        exact("sigmoid").set_parameters(x0=torch.full((7,), 0.8))(pulses((4, 3)))
    meta = SigmoidNeuron(INSENSITIVE, generator=torch.Generator()).to("meta")
    with pytest.raises(InputError, match="generator is on cpu, the voltage on meta"):
        meta(torch.zeros(3, device="meta"))


def test_frames_far_apart_are_warned_of_in_one_line():
    with pytest.warns(UserWarning, match=r"frame_interval = 100 ms: the memory is gone, .* = 0 is left") as caught:
        load("plasticity-text", frame_interval=0.1)
    assert len(caught) == 1 and "\n" not in str(caught[0].message)
    load("plasticity-text", frame_interval=230e-9)
    SigmoidNeuron(INSENSITIVE, frame_interval=0.1)
    with pytest.warns(UserWarning, match="the memory is gone"):
        SignedLIFNeuron(SIGNED, frame_interval=1e-6)


def test_every_model_has_a_module(tmp_path):
    from spinneuron.networks import MODULES as REGISTRY
    from spinneuron.surrogates import SURROGATES

    assert REGISTRY.keys() == SURROGATES.keys()
    for surrogate in (PLASTIC, SIGNED, NORMAL):
        neuron_file.save(tmp_path / "n.json", surrogate)
        assert load(tmp_path / "n.json").surrogate == surrogate
        assert surrogate.MODEL in repr(load(tmp_path / "n.json"))
