"""Devices on a lattice: one cell is the macrospin; heat, grains, checkpoints and refusals."""

from dataclasses import replace

import numpy as np
import pytest

from spinneuron.device import Device
from spinneuron.dynamics.ensemble import Numerics
from spinneuron.lattice.devices import Layout, magnet_of, simulate_lattice
from spinneuron.physics.fields import Fields
from spinneuron.protocols import single
from spinneuron.quantity import InputError
from spinneuron.simulation import simulate

BLOCK = Device.preset("plasticity").replace(
    name="block", geometry="prism", width=30e-9, length=40e-9, thickness=2e-9, Ku=4e5, alpha=0.05, Ku2=5e4,
    activation_volume=None, thermal_resistances=(2e5, 1e5), thermal_times=(0.2e-9, 2e-9), polarity=1.0,
    pinned=(0.6, 0.0, 0.8), eps_prime=0.1, tmr_voltage=0.5, breakdown_voltage=2.0,
)  # fmt: skip
ONE = Layout(cell=(40e-9, 30e-9, 2e-9), oersted=False)
PULSE = single(0.6, 0.3e-9, after=0.2e-9, unit="V")


def test_one_cell_is_a_macrospin_at_rest_temperature():
    cold = BLOCK.replace(thermal_resistances=(), thermal_times=(), tmr_voltage=None)
    lattice = simulate_lattice(cold, PULSE, layout=ONE, temperature=0.0, every=10e-12)
    moment = simulate(cold, PULSE, temperature=0.0, every=10e-12)
    assert lattice.attrs["mesh_counts"] == [1, 1, 1]
    # both keep an error of 1e-5 a step or less
    np.testing.assert_allclose(lattice["m"].values, moment["m"].values, atol=2e-4)
    np.testing.assert_allclose(lattice["current_density"].values, moment["current_density"].values, rtol=1e-13)


def test_one_cell_is_a_heated_macrospin_with_the_same_noise():
    numerics = Numerics("semi-implicit", dt=0.1e-12)
    moment = simulate(BLOCK, PULSE, seed=5, every=10e-12, numerics=numerics)
    lattice = simulate_lattice(BLOCK, PULSE, layout=replace(ONE, dt=0.1e-12), seed=5, every=10e-12)
    # the isotropic part of the shape, which only the macrospin leaves out, and the windows of the heat differ
    np.testing.assert_allclose(lattice["m"].values, moment["m"].values, atol=3e-3)
    np.testing.assert_allclose(lattice["temperature"].values, moment["temperature"].values, atol=0.1)
    assert float(lattice["temperature"].max()) > 308.0
    np.testing.assert_allclose(lattice["power"].values[0, 5:30], moment["power"].values[0, 5:30], rtol=5e-3)


def test_a_trial_is_the_same_alone_and_among_others():
    many = simulate_lattice(BLOCK, PULSE, layout=ONE, trials=2, seed=5, every=0.1e-9)
    alone = simulate_lattice(BLOCK, PULSE, layout=ONE, seed=5, every=0.1e-9)
    np.testing.assert_allclose(many["m"].values[0], alone["m"].values[0], atol=1e-9)
    assert not np.array_equal(many["m"].values[0], many["m"].values[1])


def test_heat_changes_every_field():
    magnet = magnet_of(BLOCK, Layout(cell=6e-9))
    assert magnet.mesh.counts == (7, 5, 1)
    run = simulate_lattice(BLOCK, PULSE, layout=Layout(cell=6e-9), every=0.1e-9, snapshots=0.5e-9)
    assert run["moments"].dims == ("trial", "snapshot", "component", "z", "y", "x")
    assert run.sizes["snapshot"] == 2
    assert float(run["temperature"][0, 3]) > 304.0
    assert set(run["term"].values) == {"exchange", "anisotropy", "demag", "shape", "zeeman", "oersted"}


def test_rest_is_where_the_macrospin_rests():
    magnet = magnet_of(BLOCK, Layout(cell=6e-9))
    fields = Fields.of(BLOCK, BLOCK.size)
    assert magnet.mean[2] > 0.99
    assert fields.zz < fields.xx


def test_rest_without_stray_field_is_along_the_easy_axis():
    # its stray field would lay it down: Ku is below mu0 Ms^2 (Nz - Nx) / 2
    flat = BLOCK.replace(Ms=1e6, Ku=2e5, Ku2=0.0)
    assert abs(magnet_of(flat, Layout(cell=6e-9)).mean[2]) < 0.01
    assert magnet_of(flat, Layout(cell=6e-9, demag=False)).mean[2] > 0.999


def test_grains_spread_the_anisotropy():
    plain = magnet_of(BLOCK, Layout(cell=5e-9)).parameters["Ku"]
    magnet = magnet_of(BLOCK, Layout(cell=5e-9, grain_size=12e-9, Ku_spread=0.1, grain_seed=3))
    values = np.unique(magnet.parameters["Ku"][magnet.magnetic])
    assert np.ptp(plain) == 0.0
    assert 4 < len(values) < 25
    assert values.std() / BLOCK.Ku == pytest.approx(0.1, rel=0.6)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"layout": Layout(Ku_spread=0.1)}, "Ku_spread: needs grains"),
        ({"layout": Layout(cell=-1e-9)}, "cell"),
        ({"layout": Layout(cell=5e-9, grain_size=1e-9)}, "grain_size = 1 nm: below a cell"),
        ({"temperature": 0.0}, "heat brings noise"),
        ({"trials": 0}, "trials"),
        ({"every": 1.0}, "longer than the run"),
        ({"every": 0.1e-9, "snapshots": 0.25e-9}, "multiple of every"),
        ({"layout": replace(ONE, dt=1e-11)}, "largest safe step"),
    ],
)
def test_refusals(how, words):
    with pytest.raises(InputError, match=words) as caught:
        simulate_lattice(BLOCK, PULSE, **{"layout": ONE, **how})
    assert "\n" not in str(caught.value)


def test_cold_trials_are_refused():
    cold = BLOCK.replace(thermal_resistances=(), thermal_times=())
    with pytest.raises(InputError, match="all trials are the same"):
        simulate_lattice(cold, PULSE, layout=ONE, trials=2, temperature=0.0)


def test_an_interrupted_ensemble_goes_on_with_the_same_bits(tmp_path):
    how = {"layout": ONE, "trials": 5, "seed": 2, "every": 50e-12, "snapshots": 0.1e-9}
    whole = simulate_lattice(BLOCK, PULSE, **how)
    path, parts = tmp_path / "run.checkpoint", []

    def stop(part):
        parts.append(part)
        if sum(parts) > 0.55:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate_lattice(BLOCK, PULSE, checkpoint=path, progress=stop, **how)
    assert path.exists()
    with pytest.raises(InputError, match="checkpoint of another run"):
        simulate_lattice(BLOCK, PULSE, checkpoint=path, **(how | {"seed": 3}))
    with pytest.raises(InputError, match="checkpoint of another run"):
        simulate_lattice(BLOCK, single(0.5, 0.3e-9, after=0.2e-9, unit="V"), checkpoint=path, **how)
    again = simulate_lattice(BLOCK, PULSE, checkpoint=path, **how)
    assert not path.exists()
    for name in whole.data_vars:
        np.testing.assert_array_equal(again[name].values, whole[name].values)
    assert whole["moments"].shape == (5, 7, 3, 1, 1, 1)
    assert whole["m"].dims == ("trial", "time", "component")


def test_an_ensemble_too_hot_is_refused():
    weak = BLOCK.replace(curie_temperature=400.0, thermal_resistances=(2e7,), thermal_times=(10e-12,))
    with pytest.raises(InputError, match="heats the free layer of a trial beyond 392 K"):
        simulate_lattice(weak, PULSE, layout=ONE, trials=2, every=50e-12)


def test_a_checkpoint_belongs_to_its_waveform(tmp_path):
    class Stop(Exception):
        pass

    def stop(_):
        raise Stop

    path = tmp_path / "run.checkpoint"
    with pytest.raises(Stop):
        simulate_lattice(BLOCK, PULSE, layout=ONE, every=0.1e-9, checkpoint=path, progress=stop)
    other = single(0.5, 0.3e-9, after=0.2e-9, unit="V")
    with pytest.raises(InputError, match="the checkpoint of another run"):
        simulate_lattice(BLOCK, other, layout=ONE, every=0.1e-9, checkpoint=path)
    whole = simulate_lattice(BLOCK, PULSE, layout=ONE, every=0.1e-9)
    resumed = simulate_lattice(BLOCK, PULSE, layout=ONE, every=0.1e-9, checkpoint=path)
    np.testing.assert_array_equal(resumed["m"].values, whole["m"].values)
