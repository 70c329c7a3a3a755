"""`spinneuron train`: files, figure and table, and mistakes in one line."""

import pytest

from spinneuron import dataset_file, networks, neuron_file
from spinneuron.cli import main
from spinneuron.surrogates import SignedLIF

SMALL = ["train", "n-back", "--models", "ipnet,lif", "--seeds", "1", "--iterations", "1", "--quick", "--workers", "1"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(arguments, capsys):
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    return said.err


def test_scores_as_file_figure_and_table(here, capsys):
    assert main(SMALL) == 0
    assert sorted(path.name for path in here.iterdir()) == ["n-back-networks", "n-back.nc", "n-back.png"]
    found = dataset_file.load("n-back.nc")
    assert found["pr"].shape == (2, 5, 1)
    said = capsys.readouterr()
    assert "IPNet, plastic input layer" in said.out and "ideal observer" in said.out
    assert "train n-back 100/100" in said.err
    assert main(["show", "n-back.nc", "-o", "again.png"]) == 0
    assert "LIF-SNN, SpikingJelly's default" in capsys.readouterr().out


def test_an_interruption_says_how_to_go_on(here, capsys, monkeypatch):
    from spinneuron.networks import running

    whole = running.run
    chunks = []

    def interrupted(study, chunk, progress):
        chunks.append(chunk)
        if len(chunks) > 3:
            raise KeyboardInterrupt
        return whole(study, chunk, progress)

    monkeypatch.setattr(running, "run", interrupted)
    assert main(SMALL) == 130
    assert "3 of 10 networks are kept in n-back.nc.parts; go on with the same command" in capsys.readouterr().err
    monkeypatch.setattr(running, "run", whole)
    assert main([*SMALL, "--resume"]) == 0
    assert not (here / "n-back.nc.parts").exists()


def test_mistakes_in_one_line(here, capsys):
    signed = SignedLIF(tau_membrane=1e-9, leak=1.0, gain=1.0, threshold=0.5, resistance=1e3)
    neuron_file.save("signed.json", signed)
    said = refused(["train", "n-back", "--neuron", "signed.json"], capsys)
    assert "signed.json" in said and "need a sigmoid neuron, not a signed-lif one" in said
    assert "n-back" in refused(["train", "nbakc"], capsys)
    assert "gone.json" in refused(["train", "n-back", "--neuron", "gone.json"], capsys)
    assert "unknown" in refused(["train", "n-back", "--models", "gru"], capsys)
    assert "there is no folder" in refused([*SMALL, "-o", "nowhere/a.nc"], capsys)
    assert "--voltage" in refused(["train", "n-back", "--voltage", "1 nm"], capsys)
    assert list(here.iterdir()) == [here / "signed.json"]


def test_a_missing_torch_is_one_line(capsys, monkeypatch):
    def without(name):
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr(networks, "import_module", without)
    said = refused(["train", "n-back"], capsys)
    assert 'pip install "spinneuron[torch]"' in said
