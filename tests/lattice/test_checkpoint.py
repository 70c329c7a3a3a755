"""Checkpoints: an interrupted run goes on with the same bits, wherever it was; files of other runs are refused."""

import numpy as np
import pytest

from spinneuron.lattice import Magnet, Material
from spinneuron.lattice.run import Solver
from spinneuron.mesh import Mesh
from spinneuron.quantity import InputError

SETTINGS = {"every": 1e-12, "snapshots": 2e-12, "seed": 3}
WAYS = {"adaptive": {}, "thermal": {"temperature": 300.0}, "heun": {"temperature": 300.0, "solver": Solver("heun")}}


def magnet(**options):
    field = options.pop("H", (1e4, 0.0, 5e4))
    material = Material(**{"Ms": 8e5, "Aex": 1e-11, "alpha": 0.05, **options})
    one = Magnet(Mesh((6, 4, 1), (5e-9,) * 3), material, applied_field=field, demag=False)
    one.m = (1.0, 0.2, 0.1)
    return one


def interrupt(one, calls):
    """Let the field of a magnet break off at a call."""
    add, left = one.terms["zeeman"].add, [calls]

    def counted(m, h, t=0.0):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        add(m, h, t)

    one.terms["zeeman"].add = counted


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("calls", [3, 40, 41, 42, 43, 48])
def test_goes_on_with_the_same_bits(tmp_path, way, calls):
    path, options = tmp_path / "run.npz", SETTINGS | WAYS[way]
    whole = magnet()
    wanted = whole.run(1e-11, **options)
    one = magnet()
    interrupt(one, calls)
    with pytest.raises(KeyboardInterrupt):
        one.run(1e-11, checkpoint=path, **options)
    assert path.exists()
    later, done = magnet(), []
    found = later.run(1e-11, checkpoint=path, progress=done.append, **options)
    for name in wanted.variables:
        np.testing.assert_array_equal(found[name], wanted[name], err_msg=name)
    np.testing.assert_array_equal(later.m, whole.m)
    assert not path.exists()
    assert len(done) <= 10


def test_goes_on_more_than_once(tmp_path):
    path, options = tmp_path / "run.npz", SETTINGS | WAYS["thermal"]
    whole = magnet()
    wanted = whole.run(1e-11, **options)
    for _ in range(3):
        one = magnet()
        interrupt(one, 45)
        with pytest.raises(KeyboardInterrupt):
            one.run(1e-11, checkpoint=path, **options)
    np.testing.assert_array_equal(magnet().run(1e-11, checkpoint=path, **options)["m"], wanted["m"])


@pytest.fixture
def kept(tmp_path):
    path, one = tmp_path / "run.npz", magnet()
    interrupt(one, 50)
    with pytest.raises(KeyboardInterrupt):
        one.run(1e-11, checkpoint=path, **SETTINGS)
    return path


@pytest.mark.parametrize(
    ("other", "settings"),
    [
        ({"alpha": 0.06}, {}),
        ({"H": (1e4, 0.0, 6e4)}, {}),
        ({}, {"every": 2e-12}),
        ({}, {"snapshots": 4e-12}),
        ({}, {"seed": 4}),
        ({}, {"temperature": 1.0}),
        ({}, {"solver": Solver(tolerance=1e-6)}),
    ],
)
def test_another_run_is_refused(kept, other, settings):
    before = kept.read_bytes()
    with pytest.raises(InputError, match="is the checkpoint of another run; delete it"):
        magnet(**other).run(1e-11, checkpoint=kept, **(SETTINGS | settings))
    assert kept.read_bytes() == before


def test_a_longer_run_of_the_same_goes_on(kept):
    wanted = magnet().run(2e-11, **SETTINGS)
    np.testing.assert_array_equal(magnet().run(2e-11, checkpoint=kept, **SETTINGS)["m"], wanted["m"])


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", b"PK\x03\x04 cut short"])
def test_damaged_files(tmp_path, content):
    path = tmp_path / "run.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match="is no checkpoint, or a damaged one; delete it"):
        magnet().run(1e-12, every=1e-12, checkpoint=path)


def test_a_file_cut_short(kept):
    kept.write_bytes(kept.read_bytes()[:-200])
    with pytest.raises(InputError, match="delete it"):
        magnet().run(1e-11, checkpoint=kept, **SETTINGS)


def test_where_nothing_can_be_written_is_said_before_the_run(tmp_path):
    one = magnet()
    before = one.m.copy()
    with pytest.raises(InputError, match="checkpoint = .*: there is no folder .*; make it first"):
        one.run(1e-9, checkpoint=tmp_path / "nowhere" / "a.npz")
    with pytest.raises(InputError, match="checkpoint = .*: is a folder"):
        one.run(1e-9, checkpoint=tmp_path)
    assert (one.m == before).all()
