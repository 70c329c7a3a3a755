"""Densities of axial devices under waveforms: against the engine, against trajectories, currents, surroundings."""

import json

import numpy as np
import pytest
from axial import PLASTICITY_HK, axial, critical_voltage, plasticity, quick

from spinneuron import dataset_file
from spinneuron.device import Device
from spinneuron.protocols import Cycle, Protocol, Pulse, single
from spinneuron.quantity import InputError
from spinneuron.simulation import simulate
from spinneuron.switching import Density, density_run
from spinneuron.switching.evolve_axial import evolve_axial

NANO = 1e-9
PULSE = Protocol.of([Pulse(-1.1, 4 * NANO, NANO, NANO, unit="V")], 2 * NANO)


def refused(call):
    with pytest.raises(InputError) as caught:
        call()
    return str(caught.value)


def test_the_end_is_that_of_the_engine():
    device = plasticity()
    pump = Cycle().pump(0.9)
    run = evolve_axial(device, pump, every=10 * NANO, tolerance=1e-6)
    engine = Density(device, tolerance=1e-7)
    against, _, _ = engine.probabilities(engine.run(engine.rest(), pump))
    assert run.against[-1] == pytest.approx(against, abs=2e-6)
    assert run.rise[-1].sum() == pytest.approx(engine.rise(engine.run(engine.rest(), pump)), abs=1e-4)
    assert run.error <= 1e-6
    assert run.against[0] == 0.0 and run.rise[0].sum() == 0.0


def test_records_do_not_change_the_run():
    runs = [evolve_axial(quick(), PULSE, every=every, tolerance=1e-6) for every in (8 * NANO, 0.5 * NANO)]
    np.testing.assert_allclose(runs[1].mean[::16], runs[0].mean, atol=2e-6)
    np.testing.assert_allclose(runs[1].against[::16], runs[0].against, atol=2e-6)


def test_moments_and_density_belong_together():
    run = evolve_axial(quick(), PULSE, every=NANO)
    width = np.abs(np.diff(-np.cos(np.pi * np.arange(len(run.cosine) + 1) / len(run.cosine))))
    np.testing.assert_allclose(run.density @ width, 1.0, atol=1e-12)
    # the finest level alone is right to 1e-3 or so
    np.testing.assert_allclose(run.density @ (width * run.cosine), run.mean[:, 2], atol=2e-3)
    np.testing.assert_allclose(np.einsum("tii->t", run.second), 1.0, atol=1e-12)
    below = run.density @ (width * (run.cosine < 0.0))
    np.testing.assert_allclose(below, run.against, atol=2e-3)


def test_against_trajectories():
    """Mean and spread of m_z and the rise of both poles, four standard errors of 4000 trials; 0.05 for the closure."""
    device, count = quick(), 4000
    density = evolve_axial(device, PULSE, every=NANO)
    settled = simulate(device, Protocol((0.0, 2 * NANO), (0.0, 0.0), "V"), trials=count, seed=5)
    start = settled["m"].isel(time=-1).values
    run = simulate(device, PULSE, trials=count, seed=6, initial=start, every=NANO)
    z = run["m"].sel(component="z").values
    error = z.std(axis=0) / np.sqrt(count)
    # each trial has its own heat; measured on this device with 40,000 trials: 3 % of what has switched
    closure = 0.05 * (1.0 - density.mean[:, 2])
    assert (np.abs(z.mean(axis=0) - density.mean[:, 2]) < 4.0 * error + closure).all()
    assert density.mean[-1, 2] < 0.9
    rise = run["rise"].values
    near = 4.0 * rise.std(axis=0) / np.sqrt(count) + 0.01 * density.rise + 1e-9
    assert (np.abs(rise.mean(axis=0) - density.rise) < near).all()


def test_drives_that_mean_the_same_give_the_same():
    """Without TMR a voltage is a current is a current density; power is V J."""
    device = quick(tmr=0.0, tmr_voltage=None)
    factors = {"V": 1.0, "A": device.area / device.resistance_area, "A/m^2": 1.0 / device.resistance_area}
    runs = []
    for unit, factor in factors.items():
        drive = Protocol(PULSE.times, tuple(factor * one for one in PULSE.values), unit)
        runs.append(evolve_axial(device, drive, every=2 * NANO, tolerance=1e-6))
    for other in runs[1:]:
        np.testing.assert_allclose(other.mean, runs[0].mean, atol=1e-9)
        np.testing.assert_allclose(other.power, runs[0].power, rtol=1e-9)
        np.testing.assert_allclose(other.rise, runs[0].rise, rtol=1e-9)


def test_a_current_heats_by_its_own_voltage():
    """With TMR: J V(J, m.p) over the density, as `physics.heating.bias` has it."""
    from spinneuron.physics.heating import bias

    device = quick(thermal_resistances=(), thermal_times=())
    J = -1.1 / device.resistance_area
    run = evolve_axial(device, Protocol((0.0, NANO, 6 * NANO), (0.0, J, J), "A/m^2"), every=NANO)
    width = np.abs(np.diff(-np.cos(np.pi * np.arange(len(run.cosine) + 1) / len(run.cosine))))
    own = device.area * J * (run.density[-1] * width) @ bias(device, J, run.cosine)
    assert run.power[-1] == pytest.approx(own, rel=2e-3)


def test_surroundings_that_change():
    """Slow warming of a junction that keeps up: Boltzmann at every temperature; <sin^2> of the well ~ 1 / Delta."""
    device = axial(PLASTICITY_HK, 60.0, alpha=0.1, curie_temperature=None)
    idle = Protocol((0.0, 100 * NANO), (0.0, 0.0), "V")
    run = evolve_axial(device, idle, every=20 * NANO, surroundings=([0.0, 100 * NANO], [300.0, 400.0]))
    spread = 1.0 - run.second[:, 2, 2]
    for part, T in ((0, 300.0), (-1, 400.0)):
        Delta = 60.0 * 300.0 / T
        z = np.linspace(0.0, 1.0, 20001)
        weight = np.exp(Delta * (z * z - 1.0))
        assert spread[part] == pytest.approx(1.0 - (weight * z * z).sum() / weight.sum(), rel=5e-3)
    for wrong, said in (
        (([0.0], [300.0, 301.0]), "as many temperatures as times"),
        (([1.0, 2.0], [300.0, 301.0]), "must start at 0 and increase"),
        (([0.0, 1.0], [300.0, -1.0]), "above 0 K and finite"),
    ):
        assert said in refused(lambda wrong=wrong: evolve_axial(device, idle, every=NANO, surroundings=wrong))


def test_the_begin_is_chosen():
    device = quick()
    idle = Protocol((0.0, NANO), (0.0, 0.0), "V")
    for z in (1.0, -1.0):
        run = evolve_axial(device, idle, every=NANO, initial=(0.0, 0.0, z))
        assert run.against[0] == pytest.approx(0.0 if z > 0.0 else 1.0, abs=1e-12)


def test_a_dataset_says_what_made_it(tmp_path):
    device = quick()
    told = []
    run = density_run(device, PULSE, temperature=310.0, progress=told.append)
    assert run.sizes == {"time": 201, "component": 3, "cosine": run.sizes["cosine"], "pole": 2}
    attrs = run.attrs
    assert (attrs["kind"], attrs["engine"], attrs["temperature"]) == ("spinneuron-density", "fokker-planck", 310.0)
    assert Protocol.from_json(attrs["protocol"]) == PULSE
    assert json.loads(attrs["device"])["temperature"] == 310.0
    assert attrs["error"] <= attrs["tolerance"]
    assert len(told) >= 3
    for one in (*run.data_vars, "time", "cosine"):
        assert "units" in run[one].attrs and "long_name" in run[one].attrs
    np.testing.assert_allclose(run.temperature, 310.0 + run.rise.sum("pole"))
    dataset_file.save(run, tmp_path / "a.nc")
    assert dataset_file.load(tmp_path / "a.nc").identical(run)


def test_what_is_refused(monkeypatch):
    monkeypatch.setattr("spinneuron.switching.evolve_axial.MOST_LEVELS", 4)
    device = Device.preset("orthogonal")
    said = refused(lambda: density_run(device, single(1e12, NANO), surroundings=([0.0], [300.0])))
    assert said == "surroundings: orthogonal is not axial, they must stay at its temperature; leave them out"
    hot = quick(thermal_resistances=(1e7,), thermal_times=(NANO,))
    assert refused(lambda: density_run(hot, PULSE)).startswith("temperature: the drive heats the free layer")
    assert refused(lambda: density_run(quick(), PULSE, every=1.0)).startswith("every = 1 s: longer than")
    assert refused(lambda: density_run(quick(), PULSE, tolerance=-1.0)).startswith("tolerance = -1")
    assert refused(lambda: density_run(quick(), PULSE, temperature=0.0)).startswith("temperature = 0 K")
    weak = axial(PLASTICITY_HK, 20.0, alpha=0.1)
    drive = 2.0 * critical_voltage(weak, PLASTICITY_HK)
    strong = Protocol((0.0, NANO, 2 * NANO), (0.0, drive, drive), "V")
    assert refused(lambda: evolve_axial(weak, strong, every=NANO, tolerance=1e-17)).startswith("tolerance = 1e-17: ")
