"""Replicas beside the lattice that is run alone: every field, both schemes; bits; a Langevin moment."""

import numpy as np
import pytest

from spinneuron.constants import kB, mu0
from spinneuron.device import Device
from spinneuron.dynamics.lattice.ensemble import Ensemble
from spinneuron.dynamics.lattice.lanes_plan import dense_is_faster
from spinneuron.dynamics.threads import use_threads
from spinneuron.lattice.devices import Layout, connect, magnet_of
from spinneuron.lattice.ensemble import drive_of, run_trials
from spinneuron.lattice.magnet import Magnet
from spinneuron.lattice.material import Material
from spinneuron.lattice.replicated import Replicated
from spinneuron.lattice.run import Solver, complete, fixed_step, run
from spinneuron.mesh import Mesh
from spinneuron.physics.temperature import at
from spinneuron.protocols import single
from spinneuron.quantity import InputError

# everything acts: heat of two poles, both orders of anisotropy, tilted fields, a TMR that falls with the voltage
PILLAR = Device.preset("plasticity").replace(
    name="pillar", geometry="elliptic-cylinder", width=40e-9, length=52e-9, thickness=2e-9, Ku=4e5, alpha=0.05, Ku2=5e4,
    activation_volume=None, thermal_resistances=(2e6, 1e6), thermal_times=(20e-12, 2e-9), polarity=-1.0,
    pinned=(0.6, 0.0, 0.8), eps_prime=0.1, tmr_voltage=0.5, breakdown_voltage=2.0, applied_field=(2e4, -1e4, 5e3),
    Aex_exponent=1.8,
)  # fmt: skip
SHORT = 50e-12
PULSES = {
    "V": single(0.7, SHORT, after=1e-12, unit="V"),
    "A": single(2e-4, SHORT, after=1e-12, unit="A"),
    "A/m^2": single(1e11, SHORT, after=1e-12, unit="A/m^2"),
}


def driven(unit="V", cell=(10e-9, 10e-9, 2e-9), device=PILLAR):
    here, layout = at(device, device.temperature), Layout(cell=cell, grain_size=15e-9, Ku_spread=0.1)
    magnet = magnet_of(here, layout)
    connect(magnet, here, PULSES[unit], layout)
    return magnet


def pair(magnet, trial, solver=None):
    """A trial among others, and alone."""
    start = magnet.m.copy()
    how = {"every": 10e-12, "temperature": 300.0, "solver": solver or Solver()}
    many = run_trials(magnet, SHORT, trials=3, seed=(7, trial - 2), snapshots=10e-12, **how)
    how["solver"] = how["solver"]._replace(precision="float64")
    alone = run(magnet, SHORT, seed=(7, trial), snapshots=10e-12, **how)
    magnet.m = start
    return many.isel(trial=2), alone


@pytest.mark.parametrize(
    ("unit", "cell", "method", "counts"),
    [
        ("V", (10e-9, 10e-9, 2e-9), "three-stage", (5, 4, 1)),
        ("A", (10e-9, 10e-9, 1e-9), "heun", (5, 4, 2)),
        # so many that the stray field comes from transforms
        ("A/m^2", (2.6e-9, 2.6e-9, 2e-9), "semi-implicit", (20, 15, 1)),
    ],
)
def test_a_replica_is_the_trial_that_is_run_alone(unit, cell, method, counts):
    magnet = driven(unit, cell)
    assert magnet.mesh.counts == counts
    assert dense_is_faster(counts, np.count_nonzero(magnet.magnetic)) == (unit != "A/m^2")
    many, alone = pair(magnet, 5, Solver(method=method))
    # records in single precision; beside that rounding, which grows by less than a factor 1e4 in this time
    np.testing.assert_allclose(many["moments"].values, alone["moments"].values, atol=2e-7)
    np.testing.assert_allclose(many["m"].values, alone["m"].values, atol=1e-10)
    np.testing.assert_allclose(many["junction"].values, alone["junction"].values, rtol=1e-9, atol=1e-12)
    assert np.ptp(alone["m"].values[:, 0]) > 0.01
    assert float(alone["junction"].values[-1, 4:].sum()) > 5.0


def test_single_precision_keeps_six_digits_for_a_while():
    magnet = driven()
    many, alone = pair(magnet, 3, Solver(precision="float32"))
    np.testing.assert_allclose(many["moments"].values, alone["moments"].values, atol=2e-4)
    assert not np.array_equal(many["m"].values, alone["m"].values)


def ensemble(magnet, trials, first=(0, 0)):
    solver = complete(Solver(), 300.0)
    whole = Replicated.of(magnet, 300.0, solver)
    made = Ensemble(
        whole.body, whole.plan, whole.foster, scheme="three-stage", dt=fixed_step(magnet, solver, 1e-12, 300.0),
        trials=trials, first=first, seed=3,
    )  # fmt: skip
    m = magnet.m.reshape(3, -1)[:, whole.body.cells.sites].T
    made.in_blocks(np.broadcast_to(m, (trials, *m.shape)), made.m)
    return made


def state(made):
    return made.by_trial(made.m), made.by_trial(made.heat)


def test_bits_do_not_depend_on_company_threads_or_cuts():
    magnet = driven()
    drive = drive_of(magnet)
    many = ensemble(magnet, 19)
    many.go(75, drive)
    use_threads(1)
    few = ensemble(magnet, 3, first=(14, 0))
    for steps in (1, 6, 33, 35):
        few.go(steps, drive)
    use_threads(None)
    for one, other in zip(state(many), state(few), strict=True):
        np.testing.assert_array_equal(one[14:17], other)
    assert not np.array_equal(state(many)[0][0], state(many)[0][1])


def test_noise_is_that_of_the_given_step():
    magnet = driven()
    drive = drive_of(magnet)
    one, other = ensemble(magnet, 2), ensemble(magnet, 2, first=(0, 1000))
    one.go(10, drive)
    other.go(10, drive)
    assert not np.array_equal(state(one)[0], state(other)[0])


@pytest.mark.parametrize("solver", [Solver(), Solver(method="semi-implicit"), Solver(precision="float32")])
def test_free_moments_follow_langevin(solver):
    # cells that do not see each other, in a field along z: <m_z> = coth(xi) - 1 / xi
    mesh, Ms, H, T = Mesh((4, 4, 1), (5e-9, 5e-9, 2e-9)), 8e5, 1e5, 300.0
    magnet = Magnet(mesh, Material(Ms=Ms, Aex=0.0, alpha=0.5), applied_field=(0.0, 0.0, H), demag=False)
    magnet.m = (0.0, 0.6, 0.8)
    found = run_trials(magnet, 1e-9, trials=96, every=50e-12, temperature=T, seed=1, solver=solver)
    xi = mu0 * Ms * mesh.cell_volume * H / (kB * T)
    expected = 1.0 / np.tanh(xi) - 1.0 / xi
    assert 1.0 < xi < 2.0
    # the spread of 1536 moments, 0.5 each, at 11 times of which some are alike: 0.005, and more than the scheme's
    assert float(found["m"][:, 10:, 2].mean()) == pytest.approx(expected, abs=0.02)


def test_refusals():
    how = {"trials": 2, "temperature": 300.0}
    mesh = Mesh((3, 3, 1), (5e-9, 5e-9, 2e-9))
    plain = Magnet(mesh, Material(Ms=8e5, Aex=1e-11))
    with pytest.raises(InputError, match="method = .runge-kutta.: an ensemble takes"):
        run_trials(plain, 1e-9, trials=2, temperature=0.0)
    with pytest.raises(InputError, match="snapshots: 1000000000 of 2 trials need"):
        run_trials(plain, 1.0, every=1e-9, snapshots=1e-9, **how)
    with pytest.raises(InputError, match="precision"):
        run_trials(plain, 1e-9, solver=Solver(precision="float16"), **how)
