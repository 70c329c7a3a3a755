"""Fields of replicas that few magnets have, each beside the term it comes from, alone and all together; and motion."""

import numpy as np
import pytest
from numba import typeof

from spinneuron.dynamics.lattice.ensemble import Ensemble, sum_up
from spinneuron.dynamics.lattice.replica_fields import add_further, reduced_to
from spinneuron.dynamics.lattice.replicas import DOUBLES, EXCHANGE, HK, HK2, ROWS, Space
from spinneuron.dynamics.threads import use_threads
from spinneuron.lattice.ensemble import drive_of, run_trials
from spinneuron.lattice.magnet import Magnet
from spinneuron.lattice.material import Material
from spinneuron.lattice.replicated import Replicated
from spinneuron.lattice.run import Solver, complete, fixed_step, run
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.anisotropy import Cubic, Uniaxial
from spinneuron.physics.lattice.dmi import DMI
from spinneuron.physics.lattice.interlayer import Interlayer
from spinneuron.physics.lattice.oersted import Oersted
from spinneuron.physics.lattice.torques import Slonczewski, SpinOrbit
from spinneuron.physics.lattice.vcma import VCMA
from spinneuron.physics.lattice.zeeman import Zeeman
from spinneuron.physics.lattice.zhang_li import ZhangLi
from spinneuron.registers.vectors import aligned, width

NOW = 3.7e-12
# an elliptic pillar of two layers and materials, in rows that are rings: surfaces, steps and wraps at once
MESH = Mesh((7, 6, 2), (4e-9, 5e-9, 2e-9), (1, 0, 0))
LAYERS = {"low": lambda x, y, z: z < 0.0, "up": lambda x, y, z: z > 0.0}
MATERIAL = Material(
    Ms={"low": 8e5, "up": 1e6}, Aex={"low": 1e-11, "up": 1.5e-11}, alpha={"low": 0.1, "up": 0.2},
    Dind={"low": 1e-3, "up": -2e-3}, Dbulk={"low": 5e-4, "up": 1e-3}, Ku={"low": 1e5, "up": 2e5}, Ku2=3e4,
    easy_axis=(0.0, 0.6, 0.8), Kc1=5e4, Kc2={"low": 3e4, "up": -1e4}, cubic_axes=((0.6, 0.8, 0.0), (-0.8, 0.6, 0.0)),
)  # fmt: skip


def outline(x, y, z):
    # from end to end of the rows
    return (x / 16e-9) ** 2 + (y / 15e-9) ** 2 <= 1.0


def sine(t):
    return np.sin(3e11 * t + 0.3)


def cosine(t):
    return 1e12 * np.cos(2e11 * t)


def given(mesh):
    """A field of each cell."""
    return np.random.default_rng(5).normal(size=(3, *mesh.shape)) * 1e4


def numbers(p, *names):
    return [p[name] for name in names]


# name -> makes the term from the mesh, Ms, parameters and parts of a magnet
TERMS = {
    "interface": lambda mesh, Ms, p, r: DMI(mesh, Ms, p["Aex"], p["Dind"]),
    "bulk": lambda mesh, Ms, p, r: DMI(mesh, Ms, p["Aex"], None, p["Dbulk"]),
    "both": lambda mesh, Ms, p, r: DMI(mesh, Ms, *numbers(p, "Aex", "Dind", "Dbulk"), lambda i, j: 0.3 + 0.1 * (i < j)),
    "cubic": lambda mesh, Ms, p, r: Cubic(mesh, Ms, *numbers(p, "Kc1", "Kc2", "cubic_axes")),
    "interlayer": lambda mesh, Ms, p, r: Interlayer(mesh, Ms, r["low"], r["up"], -1e-3, 2e-4),
    "voltage": lambda mesh, Ms, p, r: VCMA(mesh, Ms, sine, xi=1e-13, barrier=1e-9, axis=(0.6, 0.0, 0.8)),
    "slonczewski": lambda mesh, Ms, p, r: Slonczewski(
        mesh, Ms, cosine, P=0.5, pinned=(0.0, 0.6, 0.8), Lambda=1.5, eps_prime=0.2, profile=1.0 * r["up"]
    ),
    "orbit": lambda mesh, Ms, p, r: SpinOrbit(mesh, Ms, 1e12, damping_like=0.2, field_like=0.1, sigma=(0.6, 0.8, 0.0)),
    "drift": lambda mesh, Ms, p, r: ZhangLi(mesh, Ms, lambda t: (cosine(t), 2e12, -cosine(t)), P=0.5, xi=0.2),
    "current": lambda mesh, Ms, p, r: Oersted.of(mesh, Ms, given(mesh)[0, 0], lambda t: 1e-3 * sine(t)),
    "uniform": lambda mesh, Ms, p, r: Zeeman(mesh, Ms, lambda t: (1e4 * sine(t), 2e4, 1e15 * t), sine),
    "pulsed": lambda mesh, Ms, p, r: Zeeman(mesh, Ms, np.array([1e4, 2e4, 3e4]), sine),
    "moving": lambda mesh, Ms, p, r: Zeeman(mesh, Ms, lambda t: sine(t) * given(mesh)),
    "shaped": lambda mesh, Ms, p, r: Zeeman(mesh, Ms, given(mesh), sine),
}


def magnet_with(*names, mesh=MESH, demag=False, **options):
    """A magnet with exchange, uniaxial anisotropy, and terms by name."""
    plain = Material(**{name: getattr(MATERIAL, name) for name in ("Ms", "Aex", "alpha", "Ku", "easy_axis")})
    layers = LAYERS if mesh.counts[2] > 1 else dict.fromkeys(LAYERS, lambda x, y, z: x < 1e-9)
    layers["up"] = lambda x, y, z: ~layers["low"](x, y, z)
    with np.errstate(all="ignore"):
        magnet = Magnet(mesh, plain, shape=outline, regions=layers, demag=demag, **options)
        full = Magnet(mesh, MATERIAL, shape=outline, regions=layers, demag=False)
    for name in names:
        magnet.terms[name] = TERMS[name](mesh, magnet.Ms, full.parameters, full.regions)
    magnet.m = np.random.default_rng(1).normal(size=(3, *mesh.shape)) + np.ones((3, 1, 1, 1))
    return magnet


def block_of(magnet, whole, dtype):
    """A block of random replicas of length 1: all of a lattice (lanes, 3, nz, ny, nx), and their space."""
    lanes, sites = width(dtype), whole.body.cells.sites
    m = np.random.default_rng(2).normal(size=(lanes, 3, magnet.mesh.cells))
    m /= np.linalg.norm(m, axis=1, keepdims=True)
    m = m.astype(dtype) * magnet.magnetic.ravel()
    flat = aligned(3 * len(sites) * lanes, dtype)
    flat[:] = m[:, :, sites].transpose(2, 1, 0).ravel()
    size = 3 * magnet.mesh.cells * lanes
    spare = [aligned(n, dtype) for n in (0, 0, size, size, 0, whole.body.cells.columns * lanes)]
    now, doubles = aligned((ROWS, lanes), dtype), np.ones((DOUBLES, lanes))
    now[:] = 1.0
    return m.reshape(lanes, 3, *magnet.mesh.shape), Space(flat, *spare, now, doubles)


def fields_of(space, magnet):
    """Fields of the magnet's cells in a space, (lanes, 3, nz, ny, nx)."""
    lanes = space.now.shape[1]
    return np.moveaxis(space.h.reshape(3, *magnet.mesh.shape, lanes), -1, 0) * magnet.magnetic


def close(found, wanted, dtype):
    """Numbers of one size, some of which cancel: held against the largest."""
    tolerance = {"float64": 1e-12, "float32": 1e-5}[dtype]
    np.testing.assert_allclose(found, wanted, rtol=0.0, atol=tolerance * np.abs(wanted).max())


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("names", [(name,) for name in TERMS] + [tuple(TERMS)], ids=lambda names: names[0][:9])
def test_fields_are_those_of_the_terms(names, dtype):
    magnet = magnet_with(*names)
    whole = Replicated.of(magnet, 0.0, complete(Solver("heun", precision=dtype), 0.0))
    m, space = block_of(magnet, whole, dtype)
    numbers, course = whole.further
    add_further(space, space.m, course(NOW), whole.body, reduced_to(np.dtype(dtype), numbers))
    terms = [magnet.terms[name] for name in names]
    wanted = np.array([sum(term.field(one.astype(float), NOW) for term in terms) for one in m]) * magnet.magnetic
    close(fields_of(space, magnet), wanted, dtype)
    assert (np.abs(wanted[0]).max(axis=(1, 2, 3)) > 100.0).sum() >= 2


def test_kernels_are_compiled_once_for_all_kinds():
    kinds = set()
    for name in TERMS:
        magnet = magnet_with(name)
        whole = Replicated.of(magnet, 0.0, complete(Solver("heun"), 0.0))
        kinds.add(typeof(reduced_to(np.dtype(float), whole.further[0])))
    assert len(kinds) == 1


def test_stray_field_of_rings_and_all_others():
    magnet = magnet_with(*TERMS, demag=True)
    whole = Replicated.of(magnet, 0.0, complete(Solver("heun"), 0.0))
    m, space = block_of(magnet, whole, "float64")
    numbers, course = whole.further
    scratch = aligned(whole.plan.size, "float64")
    sum_up(space, space.m, 0.0, course(NOW), whole.body, numbers, whole.plan, scratch)
    terms = [magnet.terms[name] for name in (*TERMS, "demag")]
    wanted = np.array([sum(term.field(one, NOW) for term in terms) for one in m]) * magnet.magnetic
    close(fields_of(space, magnet), wanted, "float64")


def test_heat_reaches_what_it_reaches_in_a_single_lattice():
    magnet = magnet_with("both", "cubic")
    p = magnet.parameters
    second = Uniaxial(magnet.mesh, magnet.Ms, 2.0 * p["Ku"], 0.3 * p["Ku"], np.roll(p["easy_axis"], 1, axis=0))
    magnet.terms["second"] = second
    whole = Replicated.of(magnet, 0.0, complete(Solver("heun"), 0.0))
    m, space = block_of(magnet, whole, "float64")
    space.now[EXCHANGE], space.now[HK], space.now[HK2] = 0.9, 0.8, 0.7
    numbers, course = whole.further
    add_further(space, space.m, course(NOW), whole.body, numbers)
    magnet.terms["both"].factor, second.factor, second.fourth_factor = 0.9, 0.8, 0.7
    terms = [magnet.terms[name] for name in ("both", "cubic", "second")]
    wanted = np.array([sum(term.field(one) for term in terms) for one in m]) * magnet.magnetic
    close(fields_of(space, magnet), wanted, "float64")


SHORT = 2e-12
CASES = [(name, MESH, False) for name in TERMS] + [
    ("interface", Mesh((5, 4, 1), (4e-9, 4e-9, 2e-9), (2, 1, 0)), True),
    ("drift", Mesh((18, 15, 1), (2e-9, 2e-9, 2e-9), (1, 0, 0)), True),
    ("bulk", Mesh((1, 6, 3), (5e-9, 4e-9, 2e-9), (0, 0, 1)), True),
]


@pytest.mark.parametrize(("name", "mesh", "demag"), CASES)
def test_a_replica_moves_like_the_lattice_alone(name, mesh, demag):
    magnet = magnet_with(name, mesh=mesh, demag=demag)
    start = magnet.m.copy()
    for method in ("three-stage", "semi-implicit", "heun"):
        how = {"every": 0.5e-12, "temperature": 0.0, "solver": Solver(method)}
        many = run_trials(magnet, SHORT, trials=2, **how)
        alone = run(magnet, SHORT, **how)
        magnet.m = start
        # rounding, which grows by less than a factor 100 in this time
        np.testing.assert_allclose(many["m"].values[1], alone["m"].values, rtol=0.0, atol=1e-13)
        assert np.ptp(alone["m"].values, axis=0).max() > 1e-3


def ensemble(magnet, trials, first=0):
    solver = complete(Solver(), 300.0)
    whole = Replicated.of(magnet, 300.0, solver)
    made = Ensemble(
        whole.body, whole.plan, whole.foster, scheme="three-stage", dt=fixed_step(magnet, solver, 1e-12, 300.0),
        trials=trials, first=(first, 0), seed=3, further=whole.further,
    )  # fmt: skip
    m = magnet.m.reshape(3, -1)[:, whole.body.cells.sites].T
    made.in_blocks(np.broadcast_to(m, (trials, *m.shape)), made.m)
    return made


def test_bits_do_not_depend_on_company_threads_or_cuts():
    magnet = magnet_with(*TERMS, demag=True)
    drive = drive_of(magnet)
    many = ensemble(magnet, 19)
    many.go(40, drive)
    use_threads(1)
    few = ensemble(magnet, 3, first=14)
    for steps in (1, 6, 33):
        few.go(steps, drive)
    use_threads(None)
    np.testing.assert_array_equal(many.by_trial(many.m)[14:17], few.by_trial(few.m))
    assert not np.array_equal(many.by_trial(many.m)[0], many.by_trial(many.m)[1])
