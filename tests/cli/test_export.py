"""`spinneuron export`: a file that NIR reads, or one line and nothing."""

import sys

import pytest

from spinneuron.cli import main

nir = pytest.importorskip("nir")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_export_writes_nir_and_says_that_it_is_lossy(here, capsys):
    assert main(["export", "plasticity-text", "--format", "nir", "--units", "4"]) == 0
    said = capsys.readouterr()
    assert said.err == "" and said.out.startswith("plasticity-text.nir: 4 x sigmoid, lossy: lost are the probability")
    assert [path.name for path in here.iterdir()] == ["plasticity-text.nir"]
    graph = nir.read("plasticity-text.nir")
    assert graph.nodes["neuron"].threshold.shape == (4,)
    assert graph.metadata["spinneuron"]["integration"] == "euler"
    assert main(["export", "plasticity-text", "--integration", "exact", "--dt", "1 ms", "-o", "other.nir"]) == 0
    tau = nir.read("other.nir").nodes["heat_0"].tau
    assert tau == pytest.approx(1e-3 * 2.747750243269003e-07 / 230e-9)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["absent.json"], "absent.json: cannot be read"),
        (["plasticity-text", "-o", "absent/x.nir"], "there is no folder absent"),
        (["plasticity-text", "-o", "."], "is a folder"),
        (["plasticity-text", "--time-step", "1 ns"], "a sigmoid has its own"),
        (["plasticity-text", "--units", "0"], "--units"),
        (["plasticity-text", "--format", "onnx"], "'onnx' is not 'nir'"),
        (["plasticity-text", "--dt", "0 s"], "--dt"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(arguments, words, here, capsys):
    assert main(["export", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and words in said.err
    assert list(here.iterdir()) == []


def test_missing_nir_is_one_line(here, capsys, monkeypatch):
    monkeypatch.delitem(sys.modules, "spinneuron.networks.bridges.nir", raising=False)
    monkeypatch.setitem(sys.modules, "nir", None)
    assert main(["export", "plasticity-text"]) == 2
    line = 'error: bridges.write_nir: needs nir, which is not installed; pip install "spinneuron[torch]"\n'
    assert capsys.readouterr().err == line
    assert list(here.iterdir()) == []
