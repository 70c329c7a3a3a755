"""`spinneuron calibrate --surrogate gaussian`: a CSV of outputs in, a neuron file and figure out; or one line."""

import numpy as np
import pytest

from spinneuron import measured, neuron_file
from spinneuron.cli import main
from spinneuron.surrogates import Gaussian

TRUE = Gaussian(low=-0.9, high=0.8, k=35.0, x0=0.62, sigma_read=0.05, sigma_switch=0.12)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    volts = np.repeat(np.linspace(450.0, 800.0, 15), 40)
    read = TRUE.sample(1e-3 * volts, np.random.default_rng(0))
    rows = [f"{volt:.6g},{100.0 * one!r}" for volt, one in zip(volts, read.tolist(), strict=True)]
    (tmp_path / "outputs.csv").write_text("\n".join(["# a test", "voltage [mV],output [%]", *rows]) + "\n")
    return tmp_path


def test_outputs_become_a_neuron(here, capsys):
    assert main(["calibrate", "outputs.csv", "--surrogate", "gaussian"]) == 0
    said = capsys.readouterr()
    assert said.err == "" and "gaussian" in said.out and "sigma switch" in said.out
    assert (here / "outputs-neuron.png").stat().st_size > 10_000
    model = neuron_file.load("outputs-neuron.json")
    for name in ("low", "high", "k", "x0", "sigma_read", "sigma_switch"):
        assert abs(getattr(model, name) - getattr(TRUE, name)) < 4.0 * model.uncertainties[name]
    provenance = neuron_file.read("outputs-neuron.json")["provenance"]
    assert provenance["source"] == "outputs.csv" and len(provenance["sha256"]) == 64
    samples = measured.read_outputs("outputs.csv")
    assert samples["voltage"].attrs["units"] == "V" and samples.sizes["sample"] == 600
    assert main(["show", "outputs-neuron.json", "--no-plot"]) == 0
    assert "sigma read" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("voltage [V],output [1]\n", "line 1: no rows follow"),
        ("voltage [V],outptu [1]\n0.1,0.2\n", "did you mean 'output'"),
        ("voltage [V]\n0.1\n", "column output is missing"),
        ("voltage [V],output [1]\n0.1,\n", "line 2: output: the cell is empty"),
        ("voltage [V],output [1]\n0.1,nan\n", 'line 2: output = "nan": a finite number is needed'),
        ("voltage [V],output [1]\n0.1,0.2\n", "1 and 1 samples"),
    ],
)
def test_wrong_files_are_one_line(here, capsys, text, words):
    (here / "bad.csv").write_text(text)
    assert main(["calibrate", "bad.csv", "--surrogate", "gaussian"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and "bad.csv: " in said.err and words in said.err
    assert not (here / "bad-neuron.json").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["orthogonal", "--surrogate", "gaussian"], "orthogonal: is no file of measured outputs"),
        (["outputs.csv", "--surrogate", "gaussian", "--p-max", "0.5"], "--p-max: is no option of a gaussian neuron"),
    ],
)
def test_wrong_options_are_one_line(here, capsys, arguments, words):
    assert main(["calibrate", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and words in said.err
