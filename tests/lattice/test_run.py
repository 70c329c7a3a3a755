"""Runs: what is recorded, which steps are taken, energy that falls or stays, errors; a moment as it should move."""

import numpy as np
import pytest

from spinneuron.constants import gamma0, kB, mu0
from spinneuron.dynamics.lattice.runge_kutta import TABLEAUS
from spinneuron.dynamics.lattice.stochastic import SCHEMES, largest_step
from spinneuron.lattice import Magnet, Material
from spinneuron.lattice.motion import Motion
from spinneuron.lattice.run import Solver, samples_of, stride_of
from spinneuron.mesh import Mesh
from spinneuron.quantity import InputError

MESH = Mesh((6, 4, 1), (5e-9, 5e-9, 3e-9))


def magnet(mesh=MESH, H=(0.0, 0.0, 2e5), demag=False, **material):
    one = Magnet(mesh, Material(**{"Ms": 8e5, "Aex": 1e-11, "alpha": 0.1, **material}), demag=demag, applied_field=H)
    one.m = (1.0, 0.0, 0.0)
    return one


@pytest.mark.parametrize("method", [*TABLEAUS, *SCHEMES])
def test_a_uniform_magnet_moves_as_one_moment(method):
    one = magnet()
    run = one.run(1e-10, every=1e-11, solver=Solver(method, tolerance=1e-8))
    t, rate = run["time"].values, gamma0 * 2e5 / 1.01
    half = np.exp(-0.1 * rate * t)
    wanted = np.stack([np.cos(rate * t) / np.cosh(0.1 * rate * t), np.sin(rate * t) / np.cosh(0.1 * rate * t)])
    # the schemes of fixed steps: angle^2 / 6 of the phase, some 5 rad, at angles of 0.02 that exchange asks for
    np.testing.assert_allclose(run["m"].values[:, :2].T, wanted, atol=1e-6 if method in TABLEAUS else 1e-3)
    np.testing.assert_allclose(run["m"].values[:, 2], (1 - half**2) / (1 + half**2), atol=1e-3)


def test_records():
    one = magnet(demag=True, Ku=1e4)
    run = one.run(1e-11, every=1e-12, snapshots=5e-12)
    assert run["m"].dims == ("time", "component")
    np.testing.assert_allclose(run["time"], np.arange(11) * 1e-12, rtol=1e-12)
    assert list(run["term"].values) == ["exchange", "anisotropy", "demag", "zeeman"]
    assert run["moments"].shape == (3, 3, 1, 4, 6)
    assert run["moments"].dtype == np.float32
    np.testing.assert_allclose(run["snapshot_time"], [0.0, 5e-12, 1e-11], rtol=1e-12)
    np.testing.assert_allclose(run["moments"][-1], one.m, atol=1e-7)
    np.testing.assert_allclose(run["m"][-1], one.mean, rtol=1e-14)
    np.testing.assert_allclose(run["energy"][-1], list(one.energies(1e-11).values()), rtol=1e-12)
    h = one.field(1e-11)
    torque = np.linalg.norm(np.cross(one.m, h, axis=0), axis=0).max() / 8e5
    assert run["torque"][-1] == pytest.approx(torque)
    assert run.attrs["kind"] == "spinneuron-lattice"
    assert run.attrs["evaluations"] > 0


def test_the_last_record_may_be_beyond():
    assert magnet().run(1e-11, every=4e-12)["time"].values == pytest.approx([0.0, 4e-12, 8e-12, 12e-12])


def test_energy_falls_with_damping_and_stays_without():
    for alpha in (0.1, 0.0):
        one = magnet(demag=True, alpha=alpha)
        one.m = lambda x, y, z: (1.0 + 0.0 * x, 0.3 * np.sin(2e8 * x), 0.2 + 0.0 * y)
        energy = one.run(5e-11, every=5e-13, solver=Solver(tolerance=1e-7))["energy"].values.sum(axis=1)
        scale = np.abs(energy).max()
        if alpha:
            assert (np.diff(energy) < 0.0).all()
        else:
            # errors of steps, some hundred of them
            np.testing.assert_allclose(energy, energy[0], atol=1e-5 * scale)


def test_gamma_is_a_unit_of_time():
    ends = [magnet().run(1e-11 * gamma0 / gamma, solver=Solver(tolerance=1e-9, gamma=gamma)) for gamma in (gamma0, 2e5)]
    np.testing.assert_allclose(ends[0]["m"][-1], ends[1]["m"][-1], atol=1e-7)


@pytest.mark.parametrize("method", SCHEMES)
def test_same_seed_same_bits(method):
    def end(**options):
        return magnet().run(2e-12, temperature=300.0, solver=Solver(method), **options)["m"].values

    np.testing.assert_array_equal(end(seed=1), end(seed=1))
    np.testing.assert_array_equal(end(seed=(1, 0)), end(seed=1))
    assert (end(seed=1)[1:] != end(seed=2)[1:]).all()
    assert (end(seed=(1, 1))[1:] != end(seed=1)[1:]).all()


def test_automatic_step():
    def step(**material):
        return magnet(**material).run(1e-11, every=1e-11, temperature=1e-3).attrs["dt"]

    one = magnet()
    rate = gamma0 * sum(term.stiffness for term in one.terms.values())
    largest = largest_step("three-stage", rate, 0.1, 0.0)
    # divides the time between two records, so that it is a little shorter
    assert 0.65 * largest < step() <= 0.7 * largest
    assert step(alpha=0.0001) < 0.5 * step()


def test_noise_limits_the_step_where_no_field_does():
    one = Magnet(Mesh((2, 2, 1), (5e-9,) * 3), Material(Ms=1e6, alpha=0.1), demag=False)
    dt = one.run(1e-10, every=1e-10, temperature=300.0).attrs["dt"]
    kick = np.sqrt(2.0 * 0.1 * kB * 300.0 * gamma0 / (mu0 * 1e6 * 1.25e-25) * dt) / 1.01
    assert 0.05 < kick <= 0.1 * np.sqrt(0.7)
    assert one.run(1e-10, every=1e-10, solver=Solver("heun")).attrs["dt"] == 1e-10


def test_progress_is_all_of_it():
    done = []
    magnet().run(1e-12, every=1e-13, progress=done.append)
    assert sum(done) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"duration": 0.0}, "duration"),
        ({"duration": 1e-12, "every": 2e-12}, "every = 2 ps: longer than the run"),
        ({"duration": 1e-12, "every": 1e-13, "snapshots": 1.5e-13}, "snapshots = .*multiple of every"),
        ({"duration": 1e-12, "temperature": -1.0}, "temperature"),
        ({"duration": 1e-12, "seed": -1}, "seed"),
        ({"duration": 1e-12, "temperature": 300.0, "solver": Solver("runge-kutta")}, "takes no thermal field"),
        ({"duration": 1e-12, "solver": Solver("dormand-prinz")}, "did you mean"),
        ({"duration": 1e-12, "solver": Solver(dt=1e-14)}, "chooses its steps"),
        ({"duration": 1e-12, "solver": Solver("heun", dt=1e-11)}, "too long; the largest safe step is"),
        ({"duration": 1e-12, "solver": Solver(tolerance=0.0)}, "tolerance"),
    ],
)
def test_errors(options, message):
    with pytest.raises(InputError, match=message) as caught:
        magnet().run(**options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("method", ["runge-kutta", "heun"])
def test_a_field_that_is_not_finite_ends_it(method):
    one = magnet(H=lambda t: np.array([0.0, 0.0, 1e5 if t < 5e-13 else np.nan]))
    with pytest.raises(FloatingPointError, match="not finite"):
        one.run(1e-12, every=1e-13, solver=Solver(method))


def test_records_divide_the_time_between_snapshots():
    for duration, snapshots in ((1e-9, 0.3e-9), (1e-9, 1e-9), (2e-12, 0.5e-12)):
        duration, every, samples = samples_of(duration, None, snapshots)
        assert stride_of(snapshots, every) >= 1
        assert duration / 201 / 2 < every <= duration / 200 * (1.0 + 1e-9)
        assert samples * every == pytest.approx(duration, abs=every)


def counted(one):
    """Count what is asked of a field."""
    calls, add = [], one.terms["zeeman"].add

    def count(m, h, t=0.0):
        calls.append(t)
        add(m, h, t)

    one.terms["zeeman"].add = count
    return calls


@pytest.mark.parametrize("method", [*TABLEAUS, *SCHEMES])
def test_a_record_asks_for_every_field_once(method):
    one = magnet(demag=True, Ku=1e4)
    calls = counted(one)
    run = one.run(1e-11, every=1e-12, snapshots=5e-12, solver=Solver(method))
    assert len(calls) == run.attrs["evaluations"] + 11
    if method in TABLEAUS:
        # one slope to begin with, and those of steps: the last of one is the first of the next, also after a record
        per = len(TABLEAUS[method].nodes) - 1
        assert run.attrs["evaluations"] % per == 1


def test_records_are_those_of_the_moments():
    one = magnet(demag=True, Ku=1e4, H=lambda t: np.array([1e4 * np.cos(1e12 * t), 0.0, 2e5]))
    energies, field = one.observe(3e-13)
    for name, value in one.energies(3e-13).items():
        assert energies[name] == value
    np.testing.assert_allclose(field, one.field(3e-13), rtol=1e-13, atol=1e-9)


@pytest.mark.parametrize("method", TABLEAUS)
@pytest.mark.parametrize("every", [1e-12, 3.3e-13])
def test_a_slope_that_is_kept_is_the_slope_anew(method, every, monkeypatch):
    def end():
        one = magnet(demag=True, H=lambda t: np.array([1e4 * np.cos(1e12 * t), 0.0, 2e5]))
        return one.run(5e-12, every=every, solver=Solver(method))

    kept, go = end(), Motion.go

    def forgetful(motion, track, until):
        motion.adaptive.forget()
        go(motion, track, until)

    monkeypatch.setattr(Motion, "go", forgetful)
    anew = end()
    np.testing.assert_array_equal(kept["m"], anew["m"])
    assert kept.attrs["evaluations"] < anew.attrs["evaluations"]
