"""Whole files: what was there stays until all of the new is there."""

import os

import pytest

from spinneuron.quantity import InputError
from spinneuron.whole_file import replacing


def test_takes_the_place_of_an_old_file(tmp_path):
    path = tmp_path / "data.txt"
    path.write_text("old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["data.txt"]


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError("ours")])
def test_a_failure_leaves_the_old_file_and_nothing_else(fault, tmp_path):
    path = tmp_path / "data.txt"
    path.write_text("old")
    told = InputError if isinstance(fault, OSError) else type(fault)
    with pytest.raises(told) as caught, replacing(path) as temporary:
        temporary.write_text("half")
        raise fault
    if told is InputError:
        assert str(caught.value) == f"{path}: cannot be written (No space left on device); choose another path"
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["data.txt"]
