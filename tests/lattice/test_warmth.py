"""Heat cell by cell: even power is the device's, uneven power has its mean; noise of each column; files; refusals."""

from dataclasses import replace

import numpy as np
import pytest

from spinneuron.constants import kB, mu0
from spinneuron.device import Device
from spinneuron.dynamics.lattice.motion import total
from spinneuron.dynamics.lattice.stochastic import Stochastic
from spinneuron.lattice.devices import Layout, connect, magnet_of, simulate_lattice
from spinneuron.physics.heating import Foster
from spinneuron.physics.temperature import ratios
from spinneuron.protocols import single
from spinneuron.quantity import InputError

BLOCK = Device.preset("plasticity").replace(
    name="block", geometry="prism", width=30e-9, length=40e-9, thickness=2e-9, Ku=4e5, alpha=0.05, Ku2=5e4,
    activation_volume=None, thermal_resistances=(2e6, 1e6), thermal_times=(0.02e-9, 2e-9), polarity=1.0,
    pinned=(0.6, 0.0, 0.8), eps_prime=0.1, tmr_voltage=0.5, breakdown_voltage=2.0, thermal_diffusivity=5e-6,
)  # fmt: skip
CELLS = Layout(cell=6e-9, heat="cells")
PULSE = single(0.6, 50e-12, after=20e-12, unit="V")
SHORT = {"every": 10e-12, "seed": 5, "snapshots": 20e-12}


def halves(device=BLOCK, layout=CELLS, pulse=PULSE):
    """A magnet whose halves point along and against p, connected."""
    magnet = magnet_of(device, layout)
    sign = np.where(np.arange(magnet.mesh.counts[0]) < 3, 1.0, -1.0)
    magnet.m = np.array(device.pinned).reshape(3, 1, 1, 1) * sign * np.ones((3, *magnet.mesh.shape))
    connect(magnet, device, pulse, layout)
    return magnet


def still(magnet, dt=1e-13):
    """A motion that nobody moves, for the noise."""
    motion = Stochastic(total(list(magnet.terms.values())), magnet.parameters["alpha"], scheme="three-stage", dt=dt)
    motion.heat(magnet.Ms, magnet.mesh.cell_volume, 300.0)
    return motion


@pytest.mark.parametrize("unit", ["V", "A/m^2"])
def test_even_power_is_the_heat_of_the_device(unit):
    """One cell, or a given current density: every column has the same power, and the bits differ by roundings only."""
    layout = replace(CELLS, cell=(40e-9, 30e-9, 2e-9)) if unit == "V" else CELLS
    pulse = PULSE if unit == "V" else single(5e10, 50e-12, after=20e-12, unit=unit)
    cells, device = (
        simulate_lattice(BLOCK, pulse, layout=replace(layout, heat=heat), **SHORT) for heat in ("cells", "device")
    )
    for name in ("temperature", "power", "voltage", "rise"):
        np.testing.assert_allclose(cells[name], device[name], rtol=1e-11, atol=1e-12)
    # a rounding grows with the noise of 70 ps
    np.testing.assert_allclose(cells["m"], device["m"], atol=1e-10)
    np.testing.assert_allclose(cells["hottest"], cells["temperature"], rtol=1e-13)
    assert float(cells["temperature"].max()) > 315.0


def test_uneven_power_has_the_mean_of_the_device_and_a_hot_side():
    magnet, window = halves(), 1e-12
    warmth, motion = magnet.warmth, still(magnet)
    keep, before, after = Foster.of(BLOCK).windows(window)
    rises, last = np.zeros(2), 0.0
    for number in range(40):
        warmth.renew(motion, magnet.m, 1e-11, window)
        power = warmth.power
        rises, last = keep * rises + before * last + after * power, power
        if number == 0:
            assert power == pytest.approx(magnet.terms["junction"].state(magnet.m, 1e-11)[2], rel=1e-2)
    np.testing.assert_allclose(warmth.rises, rises, rtol=1e-12)
    found = warmth.map - 300.0
    # the parallel side carries more current; its pole of 0.02 ns is a length of 10 nm
    assert found[:, 0].min() > found[:, -1].max() + 1.0
    assert warmth.hottest == pytest.approx(300.0 + found.max())
    assert warmth.record(magnet.m, 1e-11)[-1] == warmth.hottest
    assert warmth.temperature == pytest.approx(300.0 + found.mean(), rel=1e-12)


def test_everything_follows_its_own_column():
    magnet = halves()
    cold = magnet.terms["exchange"].field(magnet.m)
    warmth, motion, rng = magnet.warmth, still(magnet), np.random.default_rng(2)
    warmth.state = np.concatenate([np.zeros(35), rng.uniform(0.0, 150.0, 70)])
    sigma = motion.strength / np.sqrt(motion.dt)
    warmth.follow(motion)
    r = ratios(BLOCK, warmth.map, 300.0)
    np.testing.assert_allclose(magnet.terms["demag"].Ms_factor, r.Ms, rtol=1e-14)
    np.testing.assert_allclose(magnet.terms["junction"].tmr, BLOCK.tmr * r.tmr * np.ones_like(r.Ms), rtol=1e-14)
    np.testing.assert_allclose(motion._sigma, sigma * r.noise.ravel(), rtol=1e-13)
    np.testing.assert_allclose(magnet.terms["anisotropy"].fourth_factor, r.Ms**9, rtol=1e-12)
    assert (np.abs(magnet.terms["exchange"].field(magnet.m)[:, 0]) <= np.abs(cold[:, 0]) * (1 + 1e-12)).all()
    # and back, to the bit
    warmth.state = np.zeros(105)
    warmth.follow(motion)
    np.testing.assert_allclose(magnet.terms["exchange"].field(magnet.m), cold, rtol=1e-12, atol=1e-9)


def test_each_column_fluctuates_by_its_own_temperature():
    """Uncoupled cells in a field H along z: <m_z> = coth x - 1/x with x = mu0 Ms(T) H V / kB T, hence <m_perp^2>."""
    size, H = 64, 6e5
    device = BLOCK.replace(
        width=size * 4e-9, length=size * 4e-9, thickness=4e-9, Ku=0.0, Ku2=0.0, alpha=0.5, applied_field=(0.0, 0.0, H),
    )  # fmt: skip
    layout = Layout(cell=4e-9, heat="cells", demag=False, oersted=False, shape=False)
    magnet = magnet_of(device, layout)
    del magnet.terms["exchange"]
    connect(magnet, device, single(0.1, 1e-9, unit="V"), layout)
    del magnet.terms["junction"]
    motion = still(magnet, dt=0.4e-12)
    stripes = np.repeat([0.0, 100.0, 200.0, 300.0], size // 4)
    rises = np.broadcast_to(stripes, (size, size))
    magnet.warmth.state = np.concatenate([np.zeros(size**2), rises.ravel(), np.zeros(size**2)])
    magnet.warmth.follow(motion)
    squares, count = np.zeros(size), 0
    for step in range(1500):
        motion.advance(magnet.m, 0.0)
        # some 15 ps is the time of return, alpha gamma' H
        if step > 250 and step % 50 == 0:
            squares += (magnet.m[:2] ** 2).sum(axis=0).mean(axis=(0, 1))
            count += 1
    found = (squares / count).reshape(4, -1).mean(axis=1)
    T = 300.0 + np.array([0.0, 100.0, 200.0, 300.0])
    x = mu0 * device.Ms * ratios(device, T, 300.0).Ms * H * magnet.mesh.cell_volume / (kB * T)
    wanted = 2.0 * (1.0 / np.tanh(x) - 1.0 / x) / x
    # 1024 cells times 24 records a stripe, hardly related: each m_perp^2 spreads as widely as its mean, 0.7 % of it
    np.testing.assert_allclose(found, wanted, rtol=5 * 0.007)
    assert (np.diff(wanted) > 0.2 * wanted[:-1]).all()


def test_records_and_maps():
    run = simulate_lattice(BLOCK, PULSE, layout=CELLS, **SHORT)
    assert run["temperature_map"].dims == ("trial", "snapshot", "y", "x")
    assert run["temperature_map"].shape == (1, run.sizes["snapshot"], 5, 7)
    hottest = run["temperature_map"].max(dim=("y", "x"))
    np.testing.assert_allclose(hottest[0], run["hottest"].values[0, ::2], rtol=1e-6)
    np.testing.assert_allclose(
        run["temperature_map"].mean(dim=("y", "x"))[0], run["temperature"].values[0, ::2], rtol=1e-6
    )
    assert float((run["hottest"] - run["temperature"]).max()) > 0.01
    disc = BLOCK.replace(geometry="elliptic-cylinder")
    masked = simulate_lattice(disc, PULSE, layout=CELLS, **SHORT)["temperature_map"].values
    assert np.isnan(masked[0, :, 0, 0]).all() and np.isfinite(masked[0, :, 2, 3]).all()


@pytest.mark.parametrize("part", [0.3, 0.6])
def test_an_interrupted_run_goes_on_with_the_same_bits(tmp_path, part):
    how, path, done = {"layout": CELLS, **SHORT}, tmp_path / "run.checkpoint", []
    whole = simulate_lattice(BLOCK, PULSE, **how)

    def stop(fraction):
        done.append(fraction)
        if sum(done) > part:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate_lattice(BLOCK, PULSE, checkpoint=path, progress=stop, **how)
    for other in ({"layout": replace(CELLS, heat="device")}, {"device": BLOCK.replace(thermal_diffusivity=6e-6)}):
        with pytest.raises(InputError, match="checkpoint of another run"):
            simulate_lattice(
                other.get("device", BLOCK), PULSE, checkpoint=path, **(how | {"layout": other.get("layout", CELLS)})
            )
    again = simulate_lattice(BLOCK, PULSE, checkpoint=path, **how)
    for name in whole.data_vars:
        np.testing.assert_array_equal(again[name].values, whole[name].values, err_msg=name)


@pytest.mark.parametrize(
    ("device", "layout", "words"),
    [
        (BLOCK.replace(thermal_diffusivity=None), CELLS, 'block has no thermal_diffusivity .*use heat = "device"'),
        (BLOCK.replace(thermal_resistances=(), thermal_times=()), CELLS, "block has no heat path"),
        (BLOCK, replace(CELLS, heat="cell"), "heat = \"cell\": did you mean 'cells'"),
        (BLOCK.replace(thermal_resistances=(9e7, 1.0)), CELLS, "temperature: the drive heats the free layer to"),
    ],
)
def test_refusals(device, layout, words):
    with pytest.raises(InputError, match=words) as caught:
        simulate_lattice(device, PULSE, layout=layout, every=10e-12)
    assert "\n" not in str(caught.value)


def test_trials_side_by_side_have_one_temperature_each():
    with pytest.raises(InputError, match='heat = "cells": trials side by side') as caught:
        simulate_lattice(BLOCK, PULSE, layout=CELLS, trials=2, every=10e-12)
    assert "\n" not in str(caught.value)
