"""`spinneuron write-error`, and densities of `spinneuron simulate`: files, figures, and mistakes in one line."""

import pytest

from spinneuron import dataset_file
from spinneuron.cli import main


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(arguments, capsys):
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    return said.err


def test_write_errors_as_file_figure_and_table(here, capsys):
    assert main(["write-error", "plasticity", "--voltage", "1.0 V, 1.1 V", "--width", "20ns:60ns:3"]) == 0
    assert sorted(path.name for path in here.iterdir()) == ["plasticity-write-error.nc", "plasticity-write-error.png"]
    made = dataset_file.load("plasticity-write-error.nc")
    assert made.write_error.shape == (2, 3)
    assert made.write_error[1, 2] < 1e-7
    said = capsys.readouterr().out
    assert "6 pulses, 20 ns to 60 ns" in said and "1.1 V" in said
    assert main(["show", "plasticity-write-error.nc", "-o", "again.png"]) == 0


def test_a_density_as_file_figure_and_table(here, capsys):
    pulse = ["--pulse", "0.9 V, 50 ns, rise 10 ns, fall 10 ns", "--after", "10 ns"]
    assert main(["simulate", "plasticity", *pulse, "--model", "fokker-planck", "--every", "10 ns"]) == 0
    assert sorted(path.name for path in here.iterdir()) == ["plasticity-density.nc", "plasticity-density.png"]
    made = dataset_file.load("plasticity-density.nc")
    assert made.sizes["time"] == 9
    said = capsys.readouterr().out
    assert "antiparallel" in said and "hottest" in said


def test_mistakes_end_before_any_work(here, capsys):
    assert '--width = "5": a unit is missing' in refused(["write-error", "plasticity", "--width", "5"], capsys)
    assert "above breakdown_voltage" in refused(["write-error", "plasticity", "--voltage", "3 V"], capsys)
    assert "tolerance" in refused(["write-error", "plasticity", "--tolerance", "0"], capsys)
    density = ["simulate", "plasticity", "--pulse", "0.5 V, 10 ns", "--model", "fokker-planck"]
    for more in (["--trials", "5"], ["--spikes", "0.25"], ["--stepper", "heun"], ["--dt", "1 ps"]):
        assert refused([*density, *more], capsys).startswith(f"error: {more[0]}: a density has no trajectories")
    assert not list(here.iterdir())
