"""Densities on the sphere as an engine, and as moments under a waveform, against trials and against cells of m_z."""

import numpy as np
import pytest

from spinneuron.device import Device
from spinneuron.dynamics.fokker_planck.harmonics import Space
from spinneuron.dynamics.fokker_planck.sampling import Sampling
from spinneuron.protocols import Cycle, Protocol, single
from spinneuron.quantity import InputError
from spinneuron.simulation import simulate
from spinneuron.switching.curves import make_engine, switching_curve
from spinneuron.switching.densities import axial, density_of
from spinneuron.switching.density import Density
from spinneuron.switching.evolve import evolve
from spinneuron.switching.sphere import SphereDensity
from spinneuron.switching.trials import Trials
from tests.axial import quick

NANO = 1e-9


def tilted(**fields):
    """A perpendicular junction with its pinned layer 20 degrees from the axis, in a tilted field."""
    pinned = (float(np.sin(0.35)), 0.0, float(np.cos(0.35)))
    return quick(**({"pinned": pinned, "applied_field": (2e4, 1e4, 5e3)} | fields))


def flat(**fields):
    """In the plane, with three demagnetizing factors: 4.7 kT in it, 86 out of it."""
    return Device(
        **vars(quick())
        | {"Ku": 0.0, "length": 60e-9, "width": 40e-9, "thickness": 3e-9, "Ms": 6e5, "activation_volume": 2.2e-24}
        | {"pinned": (1.0, 0.0, 0.0), "alpha": 0.05, "applied_field": (0.0, 0.0, 0.0)}
        | fields
    )


def pulse(volts, width=5.0 * NANO):
    return Protocol((0.0, NANO, NANO + width, 2.0 * NANO + width), (0.0, volts, volts, 0.0), "V")


def agrees(switched, trials, probability):
    """Four standard errors, and the mean heat of a density instead of that of each trial: 0.003 (measured)."""
    return abs(switched / trials - probability) < 4.0 * np.sqrt(probability * (1.0 - probability) / trials) + 0.003


def refused(call):
    with pytest.raises(InputError) as caught:
        call()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_an_axial_device_is_the_same_on_both():
    """Cold and after a pulse that heats it, to 1e-5: rest, run, cool, and what is left of a failed reset."""
    device = quick()
    sphere, cells = SphereDensity(device, tolerance=1e-5), Density(device, tolerance=1e-5)
    found = {}
    for engine in (sphere, cells):
        first = engine.run(engine.rest(), pulse(-1.2))
        later = engine.cool(engine.parallel_only(engine.cool(first, 2 * NANO)), 0.0)
        second = engine.run(later, pulse(-1.1))
        values = [engine.probabilities(one)[0] for one in (first, second)]
        found[type(engine)] = [*values, engine.switched(second)[1] / engine.trials, engine.rise(second)]
    np.testing.assert_allclose(found[SphereDensity], found[Density], rtol=3e-5)
    assert sphere.space(0).order == 0


@pytest.mark.parametrize("volts", [-1.05, -1.25])
def test_a_tilted_polarizer_against_trials(volts):
    device = tilted()
    engine, trials = SphereDensity(device), Trials(device, 20_000, seed=3)
    end, others = engine.run(engine.rest(), pulse(volts)), trials.run(trials.rest(), pulse(volts))
    probability = engine.probabilities(end)[0]
    assert 0.05 < probability < 0.95
    assert agrees(*trials.switched(others), probability)
    assert engine.rise(end) == pytest.approx(trials.rise(others), abs=0.1)


def test_a_flat_device_against_trials():
    """Three demagnetizing factors; a weak pulse, so that some have switched."""
    device = flat(alpha=0.1)
    volts, width = -0.35, 1.5 * NANO
    engine, trials = SphereDensity(device, tolerance=5e-3), Trials(device, 20_000, seed=4)
    end = engine.run(engine.rest(), pulse(volts, width))
    probability = engine.probabilities(end)[0]
    assert 0.05 < probability < 0.95
    others = trials.run(trials.rest(), pulse(volts, width))
    # trials settle for a while before, and some leave their low barrier within it
    waited = engine.run(engine.rest(), Protocol((0.0, trials._settling), (0.0, 0.0), "V"))
    assert agrees(*trials.switched(others), engine.probabilities(engine.run(waited, pulse(volts, width)))[0])


def test_rest_is_boltzmann_of_the_well():
    device = tilted()
    engine, trials = SphereDensity(device), Trials(device, 4000, seed=2)
    sampling = Sampling(engine.space(0))
    q = sampling.values(engine.rest().level(0).q).mean(axis=1) * sampling.weights * 2.0 * np.pi
    mean, spread = q @ sampling.z, np.sqrt(q @ sampling.z**2 - (q @ sampling.z) ** 2)
    assert abs((np.array(device.pinned) @ trials.rest().moments).mean() - mean) < 4.0 * spread / np.sqrt(4000)
    assert not engine.rest().level(0).theta.any()


def test_an_idle_time():
    """A high barrier holds both wells and loses its heat; a low one is followed."""
    device = tilted(Delta=45.0)
    engine = SphereDensity(device)
    hot = engine.run(engine.rest(), pulse(-1.3))
    later = engine.cool(hot, 20 * NANO)
    theta, before = later.level(0).theta, hot.level(0).theta
    np.testing.assert_allclose(theta, before * np.exp(-20.0 / np.array([1.0, 20.0])), rtol=1e-12)
    assert engine.probabilities(later)[0] == pytest.approx(engine.probabilities(hot)[0], rel=1e-3)
    low = SphereDensity(tilted(Delta=5.0))
    rest = low.rest()
    simulated = low.run(rest, Protocol((0.0, NANO), (0.0, 0.0), "V"))
    assert low.probabilities(low.cool(rest, NANO))[0] == low.probabilities(simulated)[0]
    assert refused(lambda: engine.cool(hot, -1.0)).startswith("idle time = ")


def test_only_what_is_parallel_counts():
    engine = SphereDensity(tilted(), 1000, tolerance=1e-2)
    state = engine.run(engine.rest(), pulse(-1.2))
    switched, trials = engine.switched(state)
    assert trials == 1000.0
    ready = engine.parallel_only(state)
    # each is settled for itself, to a tolerance of 1e-2
    assert engine.switched(ready)[1] == pytest.approx(1000.0 - switched, rel=1e-3)
    # the smooth end leaves less than the equator holds
    assert engine.probabilities(ready)[0] < 2e-3
    np.testing.assert_array_equal(ready.level(0).theta, state.level(0).theta)


def test_which_density_a_device_takes():
    assert axial(quick())
    assert not axial(tilted())
    assert isinstance(density_of(quick(), 10), Density)
    assert isinstance(density_of(tilted(), 10, tolerance=1e-2), SphereDensity)
    told = []
    engine = make_engine("fokker-planck", tilted(), 10, progress=told.append)
    engine.run(engine.rest(), pulse(-0.5, NANO))
    assert sum(told) == pytest.approx(3 * NANO)


def test_a_switching_curve_of_a_tilted_device():
    curve = switching_curve(
        tilted(polarity=-1.0), [0.9, 1.2], cycle=Cycle(width=4 * NANO, edge=NANO), model="fokker-planck"
    )
    low, high = curve.probability.values
    assert 0.0 <= low < 0.5 * high < 0.5
    assert (curve.rise > 1.0).all()


def test_what_is_refused():
    message = refused(lambda: SphereDensity(Device.preset("orthogonal")))
    assert message.endswith("give a device with easy_axis along pinned")
    assert refused(lambda: SphereDensity(tilted(), truncation=(400, 400))).endswith(
        "use the model macrospin, or a larger tolerance"
    )
    engine = SphereDensity(tilted(thermal_resistances=(1e6,), thermal_times=(NANO,)))
    assert refused(lambda: engine.run(engine.rest(), pulse(-1.9))).startswith("temperature: the drive heats the free")
    assert refused(lambda: engine.run(engine.rest(), pulse(-2.1))).startswith("voltage = 2.1 V: above breakdown_volt")
    assert refused(lambda: engine.run(engine.rest(), single(1e11, NANO))).startswith("protocol unit = 'A/m^2'")
    coarse = SphereDensity(tilted(), tolerance=1e-14, truncation=(12, 2))
    assert refused(lambda: coarse.switched(coarse.rest())).startswith("tolerance = 1e-14: 6 levels reach ")


def sampled(device, count, seed):
    """Moments drawn from the Boltzmann density of the upper half, by its own energy on a fine grid."""
    from tests import naive

    sampling = Sampling(Space(300, 150))
    # pole along y, where the density is narrow
    m = sampling.moments[..., [1, 2, 0]]
    N = np.diag(naive.shape_tensor(device))
    energy = 0.5 * naive.MU0 * device.Ms**2 * (m**2 @ N)
    weights = np.exp(-(energy - energy.min()) * device.volume / (naive.KB * device.temperature))
    weights *= sampling.weights[:, None] * (m[..., 2] > 0.0)
    chosen = np.random.default_rng(seed).choice(weights.size, count, p=(weights / weights.sum()).ravel())
    picked = m.reshape(-1, 3)[chosen]
    return picked / np.linalg.norm(picked, axis=1)[:, None]


def test_the_signed_neuron_against_trajectories():
    """Mean and spread of m_y, and the other components, during and after a pulse of 1 ns: four standard errors."""
    device, count, every = Device.preset("orthogonal"), 10_000, 0.1 * NANO
    protocol = Protocol((0.0, 0.05e-9, 1.05e-9, 1.1e-9, 2e-9), (0.0, 1e12, 1e12, 0.0, 0.0), "A/m^2")
    density = evolve(device, protocol, every=every)
    assert density.error < 1e-5
    assert density.mean[10, 1] > 0.3
    assert density.mean[-1, 1] < 0.1
    run = simulate(device, protocol, trials=count, seed=3, initial=sampled(device, count, 6), every=every)
    m = run["m"].values
    for i in range(len(density.times)):
        spread = m[:, i].std(axis=0)
        # the grid of the begin is as fine as the spread, its ridge smooth: density.cut_off
        assert (np.abs(m[:, i].mean(axis=0) - density.mean[i]) < 4.0 * spread / np.sqrt(count) + 2e-3).all()
        excess = ((m[:, i, 1] - m[:, i, 1].mean()) ** 4).mean() / spread[1] ** 4 - 1.0
        assert density.deviation[i, 1] == pytest.approx(spread[1], rel=2.0 * np.sqrt(excess / count))
    assert density.cut_off < 1e-3


def test_records_of_an_evolution():
    """Shapes, marginal density, heat, and drives of all units that mean the same."""
    device = tilted(tmr=0.0, tmr_voltage=None, curie_temperature=None, polarization_temperature=None)
    volts = pulse(-0.8, NANO)
    runs = [evolve(device, volts, every=0.4 * NANO, tolerance=1e-3)]
    for unit, factor in (("A", device.area / device.resistance_area), ("A/m^2", 1.0 / device.resistance_area)):
        same = Protocol(volts.times, tuple(factor * value for value in volts.values), unit)
        runs.append(evolve(device, same, every=0.4 * NANO, tolerance=1e-3))
    first = runs[0]
    assert len(first.times) == 9
    assert first.times[-1] == pytest.approx(3.2 * NANO)
    assert first.drive[-1] == 0.0
    np.testing.assert_allclose(np.einsum("tii->t", first.second), 1.0, atol=1e-12)
    assert first.power[3] == pytest.approx(0.8**2 / device.resistance_parallel, rel=1e-9)
    assert first.rise.shape == (9, 2)
    for other in runs[1:]:
        np.testing.assert_allclose(other.mean, first.mean, atol=1e-9)
        np.testing.assert_allclose(other.rise, first.rise, rtol=1e-6, atol=1e-9)
    nodes, weights = np.polynomial.legendre.leggauss(20)
    own = evolve(device, volts, every=NANO, truncation=(20, 6), initial=(0.0, 0.0, -1.0), cosine=nodes)
    assert np.isnan(own.error)
    assert own.density.shape == (4, 20)
    np.testing.assert_allclose(own.density @ weights, 1.0, atol=1e-12)
    assert own.truncation == (20, 6)
    assert own.against[0] == pytest.approx(1.0, abs=1e-3)


def test_refusals_of_an_evolution(monkeypatch):
    device = tilted()
    monkeypatch.setattr("spinneuron.switching.evolve._ATTEMPTS", 2)
    assert refused(lambda: evolve(device, pulse(0.1, NANO), every=1.0)).startswith("every = 1 s: longer than")
    assert refused(lambda: evolve(device.replace(temperature=0.0), pulse(0.1), every=NANO)).startswith("temperature =")
    hot = device.replace(thermal_resistances=(1e6,), thermal_times=(NANO,))
    assert refused(lambda: evolve(hot, pulse(-1.9), every=NANO)).startswith("temperature: the drive heats")
    rough = {"every": NANO, "tolerance": 1e-15}
    assert refused(lambda: evolve(device, pulse(-0.1, NANO), **rough)).startswith("tolerance")
