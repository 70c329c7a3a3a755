"""`spinneuron capacity`: files, figure and table, and mistakes in one line."""

import pytest

from spinneuron import dataset_file, neuron_file
from spinneuron.cli import main
from spinneuron.surrogates import SignedLIF

SMALL = ["capacity", "plasticity-text", "--n", "1,2", "--junctions", "16", "--lags", "3"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(arguments, capsys):
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    return said.err


def test_bounds_as_file_figure_and_table(here, capsys):
    assert main([*SMALL, "--codes", "1", "--seed", "3"]) == 0
    assert sorted(path.name for path in here.iterdir()) == [
        "plasticity-text-capacity.nc",
        "plasticity-text-capacity.png",
    ]
    made = dataset_file.load("plasticity-text-capacity.nc")
    assert made["pr"].shape == (1, 2) and made.attrs["seed"] == 3
    said = capsys.readouterr().out
    assert "plasticity-text, read and heated by 830 mV" in said and "N = 16" in said
    assert main(["show", "plasticity-text-capacity.nc", "-o", "again.png"]) == 0


def test_a_map_as_file_figure_and_table(here, capsys):
    assert main([*SMALL, "--design", "--decay", "0.2,0.6", "--gain", "2", "-o", "map.nc"]) == 0
    assert sorted(path.name for path in here.iterdir()) == ["map.nc", "map.png"]
    assert dataset_file.load("map.nc")["pr"].shape == (1, 2, 3, 2)
    assert "best tau and gain" in capsys.readouterr().out


def test_mistakes_end_before_any_work(here, capsys):
    neuron_file.save("lif.json", SignedLIF(tau_membrane=1e-9, gain=1.0, resistance=1e3))
    assert "lif.json: is a signed-lif neuron; give a sigmoid one" in refused(["capacity", "lif.json"], capsys)
    assert "missing.json: cannot be read" in refused(["capacity", "missing.json"], capsys)
    assert "n = 20: must be less than the 20 steps" in refused(["capacity", "plasticity-text", "--n", "20"], capsys)
    assert "--n = 0" in refused(["capacity", "plasticity-text", "--n", "0"], capsys)
    assert "--n = 1.5: a whole number" in refused(["capacity", "plasticity-text", "--n", "1.5"], capsys)
    assert "n = 1, 1: give different" in refused(["capacity", "plasticity-text", "--n", "1,1"], capsys)
    assert "--junctions = 0" in refused(["capacity", "plasticity-text", "--junctions", "0"], capsys)
    assert "--voltage" in refused(["capacity", "plasticity-text", "--voltage", "1"], capsys)
    assert "--decay: is for --design" in refused(["capacity", "plasticity-text", "--decay", "0.5"], capsys)
    assert "--resume: is for --design" in refused(["capacity", "plasticity-text", "--resume"], capsys)
    assert "--codes: a map has the n-back score of one set" in refused(
        ["capacity", "plasticity-text", "--design", "--codes", "2"], capsys
    )
    assert "--gain = 0: must be positive" in refused([*SMALL, "--design", "--gain", "0,1"], capsys)
    assert "decays = 1: heat that never leaves" in refused([*SMALL, "--design", "--decay", "0.5,1"], capsys)
    assert "no/such" in refused(["capacity", "plasticity-text", "-o", "no/such/a.nc"], capsys)
    assert [path.name for path in here.iterdir()] == ["lif.json"]
