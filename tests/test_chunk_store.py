"""The store: chunks are whole or absent, and those of other work are refused by name."""

import os
from pathlib import Path

import numpy as np
import pytest

from spinneuron.chunk_store import Store
from spinneuron.device import Device
from spinneuron.quantity import InputError
from spinneuron.window import spec as module
from spinneuron.window.spec import Spec

DEVICE = Device.preset("orthogonal")
ARRAYS = {"regime": np.array([0, 1, 2], np.int8), "peak": np.array([0.1, np.nan, 1 / 3])}


@pytest.fixture
def spec(monkeypatch):
    monkeypatch.setattr(module, "LANES_PER_CHUNK", 1)
    return Spec(DEVICE, (10e-9,), (40e-9, 45e-9, 50e-9), (50e-9,))


@pytest.fixture
def store(spec, tmp_path):
    store = Store(tmp_path / "window.nc", spec, resume=False)
    store.save(1, ARRAYS)
    return store


def again(store, spec=None, resume=True):
    return Store(str(store.folder).removesuffix(".parts"), spec or store.spec, resume)


def chunk(store):
    (path,) = (path for path in store.folder.iterdir() if "1" in path.name and path.suffix == ".npz")
    return path


def test_chunks_come_back_to_the_bit(store):
    assert store.done() == {1}
    read = again(store).load(1)
    assert read.keys() == ARRAYS.keys()
    for name, values in ARRAYS.items():
        np.testing.assert_array_equal(read[name], values)
        assert read[name].dtype == values.dtype
    store.discard()
    assert not store.folder.exists()


def test_an_unfinished_sweep_is_never_overwritten(store):
    with pytest.raises(InputError) as caught:
        again(store, resume=False)
    message = f"{store.folder}: holds unfinished work; continue it with --resume, or delete the folder"
    assert str(caught.value) == message


def test_resuming_nothing_starts(spec, tmp_path):
    assert Store(tmp_path / "new.nc", spec, resume=True).done() == set()


def test_another_sweep_is_refused(store):
    other = Spec(DEVICE, (10e-9,), (40e-9, 45e-9, 50e-9), (50e-9,), seed=1)
    with pytest.raises(InputError) as caught:
        again(store, other)
    assert str(caught.value) == (
        f"{store.folder}: belongs to other work (other options or version); repeat its options, or delete it"
    )
    copy = Store(store.folder.parent / "other.nc", other, resume=False)
    (copy.folder / chunk(store).name).write_bytes(chunk(store).read_bytes())
    with pytest.raises(InputError) as caught:
        copy.load(1)
    path = copy.folder / chunk(store).name
    assert str(caught.value) == f"{path}: belongs to other work; delete this file and resume again"


def plain_array(path: Path):
    with open(path, "wb") as file:
        np.save(file, np.arange(3))


def pickled(path: Path):
    with open(path, "wb") as file:
        np.savez(file, x=np.array([None], dtype=object))


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(path.read_bytes()[:100]),
        lambda path: path.write_bytes(b"\0" * 500),
        lambda path: path.write_bytes(path.read_bytes().replace(b"\x93NUMPY", b"\x93DUMPY")),
        plain_array,
        pickled,
    ],
    ids=["empty", "last byte", "head", "zeros", "inside", "array", "pickle"],
)
def test_damaged_chunks_are_named(store, damage):
    damage(chunk(store))
    with pytest.raises(InputError) as caught:
        again(store).load(1)
    message = f"{chunk(store)}: is truncated or no chunk of this work; delete this file and resume again"
    assert str(caught.value) == message


def test_a_chunk_that_was_killed_while_it_was_written_is_absent(store, monkeypatch):
    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(os, "replace", killed)
        # a killed process does not clean up either
        patch.setattr(Path, "unlink", killed)
        store.save(2, ARRAYS)
    assert again(store).done() == {1}
    # What is left over goes with the rest.
    assert len(list(store.folder.iterdir())) == 3
    store.discard()


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"{}"])
def test_a_folder_without_its_plan_is_refused(store, content):
    (plan,) = store.folder.glob("*.json")
    if content is None:
        plan.unlink()
    else:
        plan.write_bytes(content)
    with pytest.raises(InputError, match="; (delete|repeat its options, or delete)"):
        again(store)


@pytest.mark.parametrize("place", ["missing/window.nc", "file/window.nc"])
def test_an_output_that_cannot_be_written_is_named(spec, tmp_path, place):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError) as caught:
        Store(tmp_path / place, spec, resume=False)
    assert str(caught.value).startswith(f"{tmp_path / place}.parts: cannot be written (")
    assert str(caught.value).endswith("); choose another output")
