"""Terms of a magnet as ensembles take them: sums of a kind, courses, refusals; a heated device with all of them."""

import numpy as np
import pytest

from spinneuron.device import Device
from spinneuron.lattice.devices import Layout, connect, magnet_of
from spinneuron.lattice.ensemble import run_trials
from spinneuron.lattice.magnet import Magnet
from spinneuron.lattice.material import Material
from spinneuron.lattice.parts import KINDS, Courses, by_kind, constant_field, further_of
from spinneuron.lattice.run import Solver, run
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.anisotropy import Cubic, Uniaxial
from spinneuron.physics.lattice.demag import Demag
from spinneuron.physics.lattice.dmi import DMI
from spinneuron.physics.lattice.exchange import Exchange
from spinneuron.physics.lattice.junction import JunctionCurrent
from spinneuron.physics.lattice.oersted import Oersted
from spinneuron.physics.lattice.torques import SpinOrbit
from spinneuron.physics.lattice.zeeman import Zeeman
from spinneuron.physics.lattice.zhang_li import ZhangLi
from spinneuron.physics.temperature import at
from spinneuron.protocols import single
from spinneuron.quantity import InputError

MESH = Mesh((5, 4, 1), (4e-9, 4e-9, 2e-9))
FIELD = np.random.default_rng(3).normal(size=(3, *MESH.shape)) * 1e4
HEATED = Device.preset("plasticity").replace(
    name="pillar", geometry="elliptic-cylinder", width=40e-9, length=52e-9, thickness=2e-9, Ku=4e5, alpha=0.05, Ku2=5e4,
    activation_volume=None, thermal_resistances=(2e6, 1e6), thermal_times=(20e-12, 2e-9), Aex_exponent=1.8,
    polarization_temperature=700.0, thermal_diffusivity=2e-5,
)  # fmt: skip


def magnet(**options):
    one = Magnet(MESH, Material(Ms=8e5, Aex=1e-11, alpha=0.1, Ku=1e5), demag=False, **options)
    one.m = np.random.default_rng(1).normal(size=(3, *MESH.shape)) + np.ones((3, 1, 1, 1))
    return one


def same_alone_and_among_others(one, duration=2e-12, **how):
    how = {"every": 0.5e-12, "temperature": 0.0, "solver": Solver("heun")} | how
    start = one.m.copy()
    many, alone = run_trials(one, duration, trials=2, **how), run(one, duration, **how)
    one.m = start
    np.testing.assert_allclose(many["m"].values[0], alone["m"].values, rtol=0.0, atol=1e-13)


def test_further_terms_of_one_kind_add_up():
    one = magnet(applied_field=(1e4, 0.0, 2e4))
    p = one.parameters
    one.terms["more exchange"] = Exchange(MESH, one.Ms, 0.5 * p["Aex"])
    one.terms["other axis"] = Uniaxial(MESH, one.Ms, 2.0 * p["Ku"], 0.3 * p["Ku"], np.roll(p["easy_axis"], 1, axis=0))
    one.terms["more field"] = Zeeman(MESH, one.Ms, FIELD)
    one.terms["wire"] = Oersted.of(MESH, one.Ms, np.arange(20.0).reshape(4, 5), 1e-4)
    one.terms["third field"] = Zeeman(MESH, one.Ms, (0.0, 1e3, 0.0))
    constant = constant_field(by_kind(one), MESH.shape)
    np.testing.assert_allclose(constant[1], FIELD[1] + 1e3 + 1e-4 * one.terms["wire"].unit[1], rtol=1e-12)
    same_alone_and_among_others(one)


def test_what_every_magnet_may_have_needs_no_further_fields():
    one = magnet(applied_field=FIELD)
    assert further_of(by_kind(one), one.magnetic) is None
    one.terms["dmi"] = DMI(MESH, one.Ms, one.parameters["Aex"], np.full(MESH.shape, 1e-3))
    assert further_of(by_kind(one), one.magnetic) is not None


def test_courses_of_a_row_are_in_order():
    fields = [lambda t: np.array([t, 0.0, 1.0]), lambda t: t * FIELD]
    rows = Courses(fields, [(lambda t: 7.0 * t, 1), (lambda t: (1.0, 2.0, t), 3)], np.ones(MESH.shape, bool))
    assert rows.moving
    row = rows(2.0)
    np.testing.assert_array_equal(row[:7], [2.0, 0.0, 1.0, 14.0, 1.0, 2.0, 2.0])
    np.testing.assert_array_equal(row[7:].reshape(-1, 3).T, 2.0 * FIELD.reshape(3, -1))
    assert not Courses(fields[:1], [], np.ones(MESH.shape, bool)).moving


def test_a_field_that_jumps_does_so_in_the_same_stage():
    # the jump is where a record, a step and a stage meet, by the rounding of the one or of the other
    for at_step in (3, 7, 11):
        one = magnet()
        edge = at_step * 0.1e-12 / 6
        one.applied_field = lambda t, edge=edge: (0.0, 5e6, 0.0) if t >= edge else (0.0, 0.0, 0.0)
        same_alone_and_among_others(one, 0.4e-12, every=0.1e-12, solver=Solver("heun", dt=0.1e-12 / 6))


def test_rows_of_moving_fields_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr("spinneuron.dynamics.lattice.ensemble._MOST", 1)
    same_alone_and_among_others(magnet(applied_field=lambda t: np.cos(1e12 * t) * FIELD))


def heated(heat="device"):
    device = at(HEATED, HEATED.temperature)
    layout = Layout(cell=(10e-9, 10e-9, 2e-9), heat=heat)
    one = magnet_of(device, layout)
    p, mesh = one.parameters, one.mesh
    one.terms["dmi"] = DMI(mesh, one.Ms, p["Aex"], np.full(mesh.shape, 5e-4), np.full(mesh.shape, 2e-4))
    axes = np.broadcast_to(np.eye(3)[:2].reshape(2, 3, 1, 1, 1), (2, 3, *mesh.shape))
    one.terms["cubic"] = Cubic(mesh, one.Ms, np.full(mesh.shape, 3e4), np.zeros(mesh.shape), axes)
    one.terms["orbit"] = SpinOrbit(mesh, one.Ms, lambda t: 1e11 * np.cos(1e11 * t), damping_like=0.2)
    one.applied_field = lambda t: (1e4 * np.sin(1e11 * t), 0.0, 0.0)
    connect(one, device, single(0.7, 50e-12, after=1e-12, unit="V"), layout)
    return one


def test_a_heated_replica_is_the_trial_that_is_run_alone():
    one = heated()
    p, mesh = one.parameters, one.mesh
    # what follows heat does so under any name
    one.terms["other axis"] = Uniaxial(mesh, one.Ms, p["Ku"], p["Ku"], np.roll(p["easy_axis"], 1, axis=0))
    one.terms["more exchange"] = Exchange(mesh, one.Ms, 0.3 * p["Aex"])
    one.terms["more dmi"] = DMI(mesh, one.Ms, p["Aex"], np.full(mesh.shape, 5e-4))
    start = one.m.copy()
    how = {"every": 10e-12, "temperature": 300.0}
    many = run_trials(one, 50e-12, trials=3, seed=(7, 3), **how)
    alone = run(one, 50e-12, seed=(7, 5), **how)
    one.m = start
    # rounding, which grows by less than a factor 1e4 in this time
    np.testing.assert_allclose(many["m"].values[2], alone["m"].values, rtol=0.0, atol=1e-10)
    np.testing.assert_allclose(many["junction"].values[2], alone["junction"].values, rtol=1e-9, atol=1e-12)
    assert float(alone["junction"].values[-1, 4:].sum()) > 5.0


def test_a_run_before_leaves_no_heat_behind():
    one = heated()
    start = one.m.copy()
    how = {"every": 10e-12, "temperature": 300.0}
    before = run_trials(one, 50e-12, trials=2, seed=7, **how)
    run(one, 50e-12, seed=7, **how)
    assert one.terms["junction"].contact.tmr < 0.99 * one.warmth.contact.tmr
    one.m = start
    after = run_trials(one, 50e-12, trials=2, seed=7, **how)
    np.testing.assert_array_equal(after["junction"].values, before["junction"].values)


def test_heat_cell_by_cell_is_refused_and_leaves_nothing_behind():
    one, fresh = heated("cells"), heated()
    start = one.m.copy()
    how = {"every": 10e-12, "temperature": 300.0}
    with pytest.raises(InputError, match='heat = "cells": trials side by side have one temperature each'):
        run_trials(one, 50e-12, trials=2, **how)
    run(one, 50e-12, seed=7, **how)
    one.m, one.warmth = start, fresh.warmth
    found, wanted = (run_trials(made, 50e-12, trials=2, seed=7, **how) for made in (one, fresh))
    np.testing.assert_array_equal(found["m"].values, wanted["m"].values)


def test_an_interrupted_ensemble_goes_on_with_the_same_bits_and_no_other_magnet(tmp_path):
    class Stop(Exception):
        pass

    def stop(_):
        raise Stop

    def one(rate=1e12, Kc1=1e4):
        made = magnet(applied_field=lambda t: (0.0, 1e5 * np.sin(rate * t), 0.0))
        axes = np.eye(3)[:2].reshape(2, 3, 1, 1, 1) * np.ones(MESH.shape)
        made.terms["cubic"] = Cubic(MESH, made.Ms, np.full(MESH.shape, Kc1), np.zeros(MESH.shape), axes)
        return made

    path = tmp_path / "run.checkpoint"
    how = {"trials": 3, "every": 0.5e-12, "temperature": 300.0, "seed": 2, "solver": Solver(dt=0.01e-12)}
    with pytest.raises(Stop):
        run_trials(one(), 2e-12, checkpoint=path, progress=stop, **how)
    with pytest.raises(InputError, match="zeeman.applied is another function of time"):
        run_trials(one(rate=2e12), 2e-12, checkpoint=path, **how)
    with pytest.raises(InputError, match="checkpoint of another run"):
        run_trials(one(Kc1=2e4), 2e-12, checkpoint=path, **how)
    resumed = run_trials(one(), 2e-12, checkpoint=path, **how)
    np.testing.assert_array_equal(resumed["m"].values, run_trials(one(), 2e-12, **how)["m"].values)


class Other(Zeeman):
    """A field of its own."""

    def add(self, m, h, t=0.0):
        h[0] += m[0] ** 3


class Named(Zeeman):
    """The field of its parent under another name."""


def test_refusals():
    one = magnet()
    one.terms["own"] = Other(MESH, one.Ms, (0.0, 0.0, 0.0))
    with pytest.raises(InputError, match="own: is no term of this package"):
        by_kind(one)
    one.terms["own"] = Named(MESH, one.Ms, (0.0, 0.0, 0.0))
    assert sum(map(len, by_kind(one).values())) == len(one.terms)
    one.terms["demag"], one.terms["again"] = Demag.of(MESH, one.Ms), Demag.of(MESH, one.Ms)
    with pytest.raises(InputError, match="again: is the second of its kind; a magnet of an ensemble has one Demag"):
        by_kind(one)
    device = heated()
    device.terms["junction 2"] = device.terms["junction"]
    with pytest.raises(InputError, match="junction 2: is the second of its kind"):
        by_kind(device)
    del device.terms["junction 2"], device.terms["junction"]
    assert isinstance(device.terms["oersted"].current, JunctionCurrent)
    with pytest.raises(InputError, match="Oersted field: of the current of a junction that is not in the magnet"):
        by_kind(device)


def test_fields_of_a_wrong_shape_are_refused():
    with pytest.raises(InputError, match=r"applied field: has shape \(2,\) at 0 s; needs \(3,\)"):
        run_trials(magnet(applied_field=lambda t: (1.0, 2.0)), 1e-12, trials=2, temperature=300.0)
    late = magnet(applied_field=lambda t: FIELD if t > 0.2e-12 else FIELD[:, 0, 0, 0])
    with pytest.raises(InputError, match="applied field: has shape .* as at the begin"):
        run_trials(late, 1e-12, trials=2, temperature=300.0)


def test_a_drift_without_direction_is_refused():
    one = magnet()
    one.terms["drift"] = ZhangLi(MESH, one.Ms, lambda t: 1e12)
    with pytest.raises(InputError, match="J, u, V or current: has 1 numbers at 0 s; needs 3"):
        run_trials(one, 1e-12, trials=2, temperature=300.0)


def test_every_kind_has_a_field_of_its_own():
    assert len({kind.add for kind in KINDS}) == len(KINDS)
