"""Two engines behind one face: they agree, say what they refuse, and draw noise of their own where they must."""

import numpy as np
import pytest
from axial import PLASTICITY_HK, axial, critical_voltage, plasticity, quick
from scipy.stats import binom, norm

from spinneuron.constants import kB, mu0
from spinneuron.device import Device
from spinneuron.protocols import Cycle, Protocol, Pulse, single
from spinneuron.quantity import InputError
from spinneuron.switching import Density, Trials
from spinneuron.switching.curves import make_engine
from spinneuron.switching.ladder import Ladder
from spinneuron.switching.state import stays, well

NANO = 1e-9
UNLIKELY = 2.0 * norm.sf(3.5)


def pulse(amplitude, width=5e-9):
    return Protocol.of([Pulse(amplitude, width, 1e-9, 1e-9, unit="V")])


def half(device, share=0.6):
    """Voltage of set pulses, as a share of the critical one without TMR and asymmetry."""
    return -device.polarity * share * critical_voltage(device, PLASTICITY_HK)


# One temperature for all trials: where power depends on the state, those that stay parallel are hotter than the mean
# and follow sooner. Measured on `quick` with 40,000 trials in steps of 0.1 ps: 0.135 for 0.131.
CLOSURE = 0.05


def agrees(switched, trials, probability, closure=0.0):
    """Neither tail of the binomial distribution is less likely than 3.5 sigma, for one probability of a range."""
    tails = binom.cdf(switched, trials, probability), binom.sf(switched - 1, trials, probability * (1.0 + closure))
    return min(tails) > 0.5 * UNLIKELY


def share(engine, state):
    switched, trials = engine.switched(state)
    return switched / trials


# Both engines


SAME_POWER = {"tmr": 0.0}
NO_HEAT = {"thermal_resistances": (), "thermal_times": ()}


@pytest.mark.parametrize("polarity", [1.0, -1.0])
@pytest.mark.parametrize("pinned", [1.0, -1.0])
@pytest.mark.parametrize(
    ("fields", "closure"), [(SAME_POWER, 0.0), (NO_HEAT, 0.0), ({}, CLOSURE)], ids=["power", "cold", "all"]
)
def test_density_is_the_limit_of_many_trials(fields, closure, pinned, polarity):
    """Probabilities within 3.5 sigma; the mean rise too, in kelvin: the spread of the trials is that of their heat.

    To that they agree where all trials take up the same power, or none heats; else the closure has its share.
    """
    device = quick(pinned=(0.0, 0.0, pinned), polarity=polarity, **fields)
    density, trials = Density(device, cells=400, dt=0.05 * NANO), Trials(device, 4000, seed=11)
    rest = trials.rest()
    for part, low, high in ((0.55, 0.01, 0.3), (0.7, 0.25, 0.95)):
        drive = pulse(half(device, part))
        many, exact = trials.run(rest, drive), density.run(density.rest(), drive)
        probability = share(density, exact)
        assert low < probability < high
        assert agrees(*trials.switched(many), probability, closure)
        rise = many.heat[1:].sum(axis=0)
        assert trials.rise(many) == rise.mean()
        # both follow a pole of 1 ns in steps that are not much shorter: 4e-4 of the rise
        near = 3.5 * rise.std() / np.sqrt(4000) + 1e-3 * density.rise(exact)
        assert abs(trials.rise(many) - density.rise(exact)) <= near
        assert (density.rise(exact) > 5.0) == (fields is not NO_HEAT)


def test_heat_before_a_probe_tells_in_both():
    """A pump, its reset and a probe: what the heat does to the probability is seen by both."""
    device = quick()
    cycle = Cycle(1e-9, 5e-9, reset=-half(device, 0.6), reset_width=4e-9, delay=2e-9)
    found = {}
    for engine in (Density(device, cells=400, dt=0.05 * NANO), Trials(device, 6000, seed=5)):
        warm = engine.parallel_only(engine.run(engine.rest(), cycle.pump(half(device, 0.7))))
        cold = engine.run(engine.rest(), cycle.probe(half(device, 0.58)), 1)
        hot = engine.run(warm, cycle.probe(half(device, 0.58)), 2)
        found[type(engine)] = engine.switched(cold), engine.switched(hot), engine.rise(warm)
    exact, counted = found[Density], found[Trials]
    assert exact[1][0] / exact[1][1] > 1.3 * exact[0][0] / exact[0][1]
    for (some, trials), (probability, whole) in zip(counted[:2], exact[:2], strict=True):
        assert agrees(some, trials, probability / whole, CLOSURE)
    assert counted[2] == pytest.approx(exact[2], abs=0.05)
    # a reset that fails in both alike
    failed = 1.0 - exact[1][1] / 1_000_000
    assert 0.05 < failed < 0.3
    assert agrees(6000 - counted[1][1], 6000, failed, CLOSURE)


def test_equilibrium_of_both():
    """rest() has <z> of the Boltzmann distribution in its well: 4000 trials resolve sigma / sqrt(4000)."""
    for pinned in (1.0, -1.0):
        device = quick(pinned=(0.0, 0.0, pinned))
        density, trials = Density(device), Trials(device, 4000, seed=2)
        z, q = density.cells.numbers(0).grid.center, density.rest().moments
        mean, spread = q @ z, np.sqrt(q @ z**2 - (q @ z) ** 2)
        assert mean == pytest.approx(pinned, abs=0.05)
        assert abs(trials.rest().moments[2].mean() - mean) < 3.5 * spread / np.sqrt(4000)
        assert not trials.rest().heat.any()
        assert not density.rest().heat.any()


def test_energy_is_stored_or_given_off():
    """C_j theta_j' = p - theta_j / R_j: trapezoids of 0.05 ns beside 1 ns leave (h / tau)^2 / 12 = 2e-4 of each."""
    device = quick()
    engine = Density(device, cells=400, dt=0.05 * NANO)
    state = engine.rest()
    power, rises = [0.0], [np.zeros(2)]
    corners = np.linspace(0.0, 5.0 * NANO, 101)
    drive = pulse(half(device), 3.0 * NANO)
    for i in range(100):
        piece = Protocol((0.0, corners[1]), tuple(drive.at(corners[i : i + 2]).tolist()), "V")
        state = engine.run(state, piece)
        power.append(state.heat[0])
        rises.append(state.heat[1:])
        z = engine.cells.cosine(0)
        voltage = float(drive.at(corners[i + 1]))
        here = device.replace(tmr=device.tmr * tmr_ratio(device, float(state.heat[1:].sum())))
        own = voltage**2 * (state.moments / here.resistance(z, voltage)).sum()
        # the conductance is that of the rise that was foretold for the step: to 1e-5
        assert state.heat[0] == pytest.approx(own, rel=1e-4)
    power, rises = np.array(power), np.array(rises)
    for j, (R, tau) in enumerate(zip(device.thermal_resistances, device.thermal_times, strict=True)):
        came, went = (corners[1] * (one[1:] + one[:-1]).sum() / 2.0 for one in (power, rises[:, j] / R))
        assert rises[-1, j] * tau / R == pytest.approx(came - went, rel=0.0, abs=5e-4 * came)


def tmr_ratio(device, rise):
    """(P(T) / P(T0))^2 by surface magnons."""
    T, zero = device.temperature, device.polarization_temperature
    return ((1.0 - ((T + rise) / zero) ** 1.5) / (1.0 - (T / zero) ** 1.5)) ** 2


def test_branches_leave_the_state_as_it_was():
    device = quick()
    for engine in (Density(device), Trials(device, 64)):
        state = engine.run(engine.rest(), pulse(half(device)))
        kept = state.moments.copy(), state.heat.copy(), state.counted.copy(), state.stream
        first = engine.run(state, pulse(half(device)), 3)
        engine.cool(state, 5 * NANO)
        engine.parallel_only(state)
        again = engine.run(state, pulse(half(device)), 3)
        np.testing.assert_array_equal(first.moments, again.moments)
        np.testing.assert_array_equal(first.heat, again.heat)
        for before, now in zip(kept, (state.moments, state.heat, state.counted, state.stream), strict=True):
            np.testing.assert_array_equal(before, now)


def test_progress_tells_the_time_of_waveforms_alone():
    """Neither rest nor an idle time that must be simulated is work that was foreseen."""
    device, told = quick(Delta=12.0), []
    for engine in (Density(device, progress=told.append), Trials(device, 64, progress=told.append)):
        told.clear()
        state = engine.cool(engine.run(engine.rest(), pulse(half(device))), 3 * NANO)
        engine.run(state, pulse(half(device)))
        assert sum(told) == pytest.approx(2.0 * pulse(1.0).duration, rel=1e-9)


# Trials


def test_trials_are_the_same_again_and_another_seed_is_another():
    device = quick()

    def flags(seed, stream=None, trials=2048, first=0):
        engine = Trials(device, trials, seed)
        end = engine.run(engine.rest(first), pulse(half(device)), stream)
        return end.moments

    same, again = flags(7), flags(7)
    np.testing.assert_array_equal(same, again)
    switched = [one[2] < 0.0 for one in (same, flags(8), flags(7, 1), flags(7, 2), flags(7, None, 2048, 9))]
    rates = [one.mean() for one in switched]
    assert 0.1 < min(rates) < max(rates) < 0.9
    for i in range(len(switched)):
        for j in range(i):
            # 10 pairs: a correlation of independent flags has sigma 1 / sqrt(2048)
            assert abs(np.corrcoef(switched[i], switched[j])[0, 1]) < 4.0 / np.sqrt(2048)


def test_neighboring_streams_share_no_trial():
    """Stream s holds the trials from s times their number on: the last of one is not the first of the next."""
    device = quick(Delta=8.0)
    engine = Trials(device, 1000)
    z = np.concatenate([engine.rest(stream).moments[2] for stream in (0, 1)])
    assert len(np.unique(z)) > 1990
    few = Trials(device, 500)
    np.testing.assert_array_equal(few.rest(1).moments, engine.rest(0).moments[:, 500:])


def test_noise_goes_on_where_it_was():
    """Two pulses in a row are not the same noise twice: flags of the first and of the second are not correlated."""
    device = quick()
    engine = Trials(device, 2048, 1)
    rest = engine.rest()
    first = engine.run(rest, pulse(half(device)))
    second = engine.run(
        type(rest)(rest.moments, rest.heat, rest.counted, first.step, first.stream), pulse(half(device))
    )
    assert second.step == first.step + (first.step - rest.step)
    flags = [engine.device.pinned[2] * one.moments[2] < 0.0 for one in (first, second)]
    assert abs(np.corrcoef(*flags)[0, 1]) < 4.0 / np.sqrt(2048)


def test_a_device_in_the_plane_along_its_length():
    """The well lies along x on either side; a strong pulse switches, and only towards the other side."""
    base = Device.preset("orthogonal").replace(
        length=60e-9, width=30e-9, thickness=3e-9, alpha=0.05, breakdown_voltage=50.0
    )
    for pinned in ((1.0, 0.0, 0.0), (-1.0, 0.0, 0.0)):
        device = base.replace(pinned=pinned)
        engine = Trials(device, 64)
        rest = engine.rest()
        assert (np.asarray(pinned) @ rest.moments).mean() > 0.8
        assert engine.switched(rest) == (0.0, 64.0)
        volts = 1e12 * device.resistance_area
        assert engine.switched(engine.run(rest, pulse(-volts, 2e-9)))[0] > 48
        assert engine.switched(engine.run(rest, pulse(volts, 2e-9)))[0] == 0.0


# Idle times


def test_idle_time_of_a_high_barrier_moves_heat_alone():
    device = plasticity()
    engine = Trials(device, 16)
    hot = engine.run(engine.rest(), pulse(0.5))
    later = engine.cool(hot, 100 * NANO)
    np.testing.assert_array_equal(later.moments, hot.moments)
    np.testing.assert_allclose(later.heat[1], hot.heat[1] * np.exp(-100.0 / 268.0), rtol=1e-12)
    assert later.step == hot.step
    assert engine.cool(hot, 0.0) is hot
    density = Density(device)
    hot = density.run(density.rest(), Cycle().probe(0.83))
    skipped, simulated = density.cool(hot, 500 * NANO), density.run(hot, Protocol((0.0, 500 * NANO), (0.0, 0.0), "V"))
    # 500 steps of exact windows; what stood at the barrier has slid down to either side; 1 K is left, 0.3 % of 300 K
    assert density.rise(skipped) == pytest.approx(density.rise(simulated), rel=1e-9)
    assert share(density, skipped) == pytest.approx(share(density, simulated), rel=1e-5)
    np.testing.assert_allclose(skipped.moments, simulated.moments, atol=6e-3 * skipped.moments.max())


def test_idle_time_of_a_low_barrier_is_simulated():
    """Delta = 5: a third has left the well after 3 ns; both engines agree on it with a waveform of 0 V."""
    device = quick(Delta=5.0, applied_field=(0.0, 0.0, 0.0))
    nothing = Protocol((0.0, 3 * NANO), (0.0, 0.0), "V")
    density, trials = Density(device, cells=400, dt=0.02 * NANO), Trials(device, 4000, 3)
    exact = share(density, density.cool(density.rest(), 3 * NANO))
    assert exact == share(density, density.run(density.rest(), nothing))
    assert 0.02 < exact < 0.5
    rest = trials.rest()
    np.testing.assert_array_equal(trials.cool(rest, 3 * NANO).moments, trials.run(rest, nothing).moments)
    # the trials have had their time to settle, in which some have left already: all that leave are counted
    settled = density.cool(density.rest(), trials._settling + 3 * NANO)
    assert agrees(*trials.switched(trials.cool(rest, 3 * NANO)), share(density, settled))


def test_a_hot_barrier_is_simulated_although_a_cold_one_would_be_skipped():
    """Whether a well holds is asked at the temperature of the begin: 200 K more and Ms, Ku go down with it."""
    device = axial(PLASTICITY_HK, 40.0, curie_temperature=700.0, thermal_resistances=(1e5,), thermal_times=(50e-9,))
    assert stays(device, 0.0, 100 * NANO)
    assert not stays(device, 250.0, 100 * NANO)
    # where the axis is lost altogether nothing stays, and nothing is refused either
    assert not stays(device, 380.0, 100 * NANO)
    engine = Density(device)
    rest = engine.rest()
    hot = Ladder(lambda k: rest.level(k)._replace(theta=np.array([250.0])))
    simulated = engine.run(hot, Protocol((0.0, 20 * NANO), (0.0, 0.0), "V"))
    np.testing.assert_array_equal(engine.cool(hot, 20 * NANO).moments, simulated.moments)


@pytest.mark.parametrize("Delta", [3.0, 10.0, 25.0])
@pytest.mark.parametrize("alpha", [0.01, 0.1, 1.0])
def test_escape_is_an_upper_bound(Delta, alpha):
    """Of Brown's rate, alpha g' Hk sqrt(Delta / pi) exp(-Delta) for one well, which is 1.26 times too low at most."""
    device = axial(PLASTICITY_HK, Delta, alpha=alpha)
    brown = alpha * 2.2128e5 / (1.0 + alpha**2) * PLASTICITY_HK * np.sqrt(Delta / np.pi) * np.exp(-Delta)
    direction, stiffness, escape = well(device)
    np.testing.assert_allclose(direction, [0.0, 0.0, 1.0], atol=1e-12)
    assert stiffness == pytest.approx(PLASTICITY_HK, rel=1e-9)
    assert escape > 1.26 * brown
    # a field of h lowers the shallower well to Delta (1 - h)^2
    field = well(device.replace(applied_field=(0.0, 0.0, 0.3 * PLASTICITY_HK)))[2]
    assert np.log(field / escape) == pytest.approx(Delta * (1.0 - 0.49), abs=0.7)


def test_wells_are_deep_at_room_temperature():
    """The size of the numbers: the slow device may idle for ever, one with Delta = 20 not for a microsecond."""
    assert stays(plasticity(), 20.0, 1.0)
    assert not stays(axial(PLASTICITY_HK, 20.0), 0.0, 1e-6)
    volume = 0.5 * mu0 * 1e6 * PLASTICITY_HK * plasticity().activation_volume
    assert volume / (kB * 300.0) == pytest.approx(144.0, rel=1e-12)


# What counts


def test_only_parallel_trials_count():
    device = quick()
    for engine in (Trials(device, 1000, 1), Density(device, 1000)):
        state = engine.run(engine.rest(), pulse(half(device)))
        switched, trials = engine.switched(state)
        assert trials == 1000.0
        ready = engine.parallel_only(state)
        assert engine.switched(ready) == (0.0, pytest.approx(1000.0 - switched, rel=1e-12))
        both = engine.parallel_only(engine.run(ready, pulse(half(device)), 2))
        left = engine.switched(both)[1]
        assert 0.0 < left < 1000.0 - switched
        np.testing.assert_array_equal(ready.heat, state.heat)


def test_counts_stay_within_their_bounds():
    """Rounding of the density never gives more than all."""
    device = quick()
    engine = Density(device, 10**6)
    state = engine.run(engine.rest(), pulse(half(device, 1.1), 20e-9))
    switched, trials = engine.switched(state)
    assert 0.0 <= switched <= trials == 10**6


# What is refused


ENGINES = ["macrospin", "fokker-planck"]


def refused(call):
    with pytest.raises(InputError) as caught:
        call()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("model", ENGINES)
def test_devices_without_a_parallel_state_are_refused(model):
    message = refused(lambda: make_engine(model, Device.preset("orthogonal"), 10))
    assert message.startswith("pinned = [0.0, 1.0, 0.0]: the free layer of ")
    assert message.endswith("give a device with easy_axis along pinned")


@pytest.mark.parametrize("model", ENGINES)
def test_cold_devices_drives_and_numbers_are_refused(model):
    device = quick()
    cold = quick().replace(temperature=0.0, thermal_resistances=(), thermal_times=())
    assert refused(lambda: make_engine(model, cold, 10)).startswith("temperature = 0 K: nothing switches by chance")
    assert refused(lambda: make_engine(model, device, 0)).startswith("trials = 0: ")
    engine = make_engine(model, device, 10)
    rest = engine.rest()
    current = single(1e11, 1e-9)
    assert refused(lambda: engine.run(rest, current)) == (
        "protocol unit = 'A/m^2': switching is driven by a voltage; use V"
    )
    assert refused(lambda: engine.run(rest, pulse(-2.1))) == (
        "voltage = 2.1 V: above breakdown_voltage = 2 V of quick; lower it"
    )
    for time in (-1e-9, float("nan"), float("inf")):
        assert refused(lambda time=time: engine.cool(rest, time)).startswith("idle time = ")


def test_unknown_models_and_steps_are_refused():
    assert refused(lambda: make_engine("macrospins", quick())) == (
        "model = 'macrospins': did you mean 'macrospin'? use one of macrospin, fokker-planck, lattice"
    )
    for dt in (0.0, -1e-9, float("nan")):
        assert refused(lambda dt=dt: Density(quick(), dt=dt)).startswith("dt = ")
    assert refused(lambda: Density(quick(), cells=1)).startswith("cells = 1: ")


@pytest.mark.parametrize("model", ENGINES)
def test_what_becomes_too_hot_is_refused(model):
    device = quick(thermal_resistances=(1e6,), thermal_times=(1e-9,))
    engine = make_engine(model, device, 64)
    assert refused(lambda: engine.run(engine.rest(), pulse(1.9))).startswith(
        "temperature: the drive heats the free layer"
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"length": 70e-9},
        {"applied_field": (1e3, 0.0, 0.0)},
        {"easy_axis": (0.0, 0.6, 0.8)},
        {"pinned": (0.6, 0.0, 0.8)},
    ],
    ids=str,
)
def test_density_is_for_axial_devices_and_trials_for_all(fields):
    device = Device(**(vars(quick()) | fields))
    assert refused(lambda: Density(device)).endswith("use its density on the sphere (switching.densities.density_of)")
    assert Trials(device, 16).rest().moments.shape == (3, 16)
