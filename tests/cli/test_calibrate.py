"""`spinneuron calibrate`: trajectories in, a neuron file out."""

import json
from pathlib import Path

import jsonschema
import pytest

from spinneuron import dataset_file, neuron_file
from spinneuron.cli import main
from spinneuron.device import Device
from spinneuron.evolution import torque_split
from spinneuron.protocols import bipolar
from spinneuron.simulation import simulate
from spinneuron.surrogates import SignedLIF
from spinneuron.surrogates.signed_lif import predicted

SCHEMA = Path(__file__).parents[2] / "docs" / "neuron_file.schema.json"
ORTHOGONAL = Device.preset("orthogonal")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def a_run():
    run = simulate(ORTHOGONAL, bipolar(1e12, 0.5e-9, gap=0.5e-9), trials=10, seed=3, every=20e-12)
    dataset_file.save(run, "mine.nc")
    return run


def test_a_run(here, capsys):
    run = a_run()
    assert main(["calibrate", "mine.nc", "--threshold", "20%", "--refractory", "1 ns"]) == 0
    assert sorted(path.name for path in here.iterdir()) == ["mine-neuron.json", "mine-neuron.png", "mine.nc"]
    made, wanted = neuron_file.load("mine-neuron.json"), SignedLIF.fit(run, threshold=0.2, refractory=1e-9)
    assert made.tau_membrane == wanted.tau_membrane
    assert (made.threshold, made.refractory) == (0.2, 1e-9)
    content = json.loads(Path("mine-neuron.json").read_text())
    jsonschema.validate(content, json.loads(SCHEMA.read_text()))
    assert content["provenance"]["source"] == "mine.nc" and content["provenance"]["seed"] == 3
    said = capsys.readouterr().out
    assert "tau membrane" in said and "+-" in said


def test_a_device_is_driven_by_the_bipolar_train():
    assert main(["calibrate", "orthogonal", "--trials", "20", "--seed", "4", "--no-plot", "-o", "n.json"]) == 0
    made, theory = neuron_file.load("n.json"), predicted(ORTHOGONAL)
    protocol = bipolar(1e12, 0.5e-9, gap=0.5e-9)
    assert made == SignedLIF.fit(simulate(ORTHOGONAL, protocol, trials=20, seed=4, every=10e-12))
    # The closed form is an average over the precession; 20 trials agree within 15 %.
    assert made.tau_membrane == pytest.approx(theory.tau_membrane, rel=0.15)
    assert made.gain == pytest.approx(theory.gain, rel=0.15)


def test_a_device_file_at_zero_kelvin(here):
    (here / "mine.toml").write_text(ORTHOGONAL.replace(name="my device").to_toml())
    drive = ["--drive", "1.2 V", "--pulse-width", "0.6 ns", "--temperature", "0 K"]
    assert main(["calibrate", "mine.toml", *drive, "--no-plot"]) == 0
    made = neuron_file.read("my-device-neuron.json")
    assert made["valid"]["temperature"]["max"] == 0.0
    assert made["provenance"]["protocol"]["unit"] == "V" and max(made["provenance"]["protocol"]["values"]) == 1.2


def refused(arguments, capsys):
    assert main(["calibrate", *arguments]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert not list(Path().glob("*.json"))
    return lines[-1]


def test_mistakes_are_one_line(here, capsys):
    run = a_run()
    assert "--trials: mine.nc is simulated already" in refused(["mine.nc", "--trials", "5"], capsys)
    assert "there is no such file" in refused(["missing.nc"], capsys)
    assert "did you mean 'orthogonal'?" in refused(["orthogonl"], capsys)
    assert "--threshold" in refused(["mine.nc", "--threshold", "2"], capsys)
    assert "--output = no/n.json" in refused(["mine.nc", "-o", "no/n.json"], capsys)
    dataset_file.save(torque_split(run), "split.nc")
    assert "is a spinneuron-evolution; give a run" in refused(["split.nc"], capsys)


def test_a_run_without_trajectory_or_leak(here, capsys):
    dataset_file.save(simulate(ORTHOGONAL, bipolar(1e12, 0.5e-9), trials=2), "last.nc")
    assert "holds one state only" in refused(["last.nc"], capsys)
    assert "tau_membrane = inf" in refused(["parallel", "--trials", "5"], capsys)
