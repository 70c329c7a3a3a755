"""`spinneuron plasticity`: suite, figures and table; goes on after an interrupt; mistakes end in one line."""

import numpy as np
import pytest
import xarray as xr

from spinneuron import dataset_file
from spinneuron.cli import main
from spinneuron.plasticity import suite as suites

FAST = ["plasticity", "--model", "fokker-planck", "--trials", "10000"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(here):
    return sorted(path.name for path in here.iterdir())


def test_default_suite(here, capsys):
    assert main(FAST) == 0
    assert names(here) == ["plasticity-plasticity.nc", "plasticity-plasticity.png"]
    said = capsys.readouterr().out
    for printed in ("19.72 %", "27.4 %", "16.3 %", "287 uV", "0.0082 1/V"):
        assert printed in said
    made = dataset_file.load("plasticity-plasticity.nc")
    assert made.attrs["kind"] == "spinneuron-plasticity" and np.isfinite(made["shift"]).all()
    assert main(["show", "plasticity-plasticity.nc", "--no-plot"]) == 0
    assert capsys.readouterr().out == said.partition("written")[0]


def test_each_and_ingredients(here, capsys):
    assert main([*FAST, "--figures", "1E, S1", "--each", "--ingredients", "-o", "a.nc"]) == 0
    assert names(here) == ["a-1E.png", "a-S1.png", "a-ingredients.nc", "a-ingredients.png", "a.nc", "a.png"]
    assert "TMR = 0, and the reset subtracted" in capsys.readouterr().out


def test_goes_on_after_an_interrupt(here, capsys, monkeypatch):
    options = [*FAST, "--figures", "1E,S1,S4", "--no-plot", "-o"]
    assert main([*options, "whole.nc"]) == 0
    run = suites.run_experiment

    def cut(suite, name, progress=None):
        if name == "S4":
            raise KeyboardInterrupt
        return run(suite, name, progress)

    monkeypatch.setattr(suites, "run_experiment", cut)
    assert main([*options, "cut.nc"]) == 130
    assert "2 of 3 experiments are kept in cut.nc.parts; go on with the same command" in capsys.readouterr().err
    monkeypatch.setattr(suites, "run_experiment", run)
    assert main([*options, "cut.nc"]) == 2
    assert "--resume" in capsys.readouterr().err
    assert main([*options, "cut.nc", "--resume"]) == 0
    xr.testing.assert_equal(*(dataset_file.load(name) for name in ("whole.nc", "cut.nc")))
    assert not (here / "cut.nc.parts").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["cat"], "no preset and no .toml file"),
        (["--reference", "cat"], "no preset and no .toml file"),
        (["--figures", "1E,S5"], "experiments = 'S5'"),
        (["--figures", "1E,1E"], "give each once"),
        (["--trials", "0"], "0 is not in the range"),
        (["--trials", "1000000"], "use model fokker-planck"),
        (["orthogonal", "--model", "fokker-planck"], "rests across the pinned layer"),
        (["-o", "no/a.nc"], "--output = no/a.nc"),
    ],
)
def test_mistakes_are_one_line(arguments, said, here, capsys):
    assert main(["plasticity", *arguments]) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1 and said in line
    assert not [path for path in here.iterdir() if path.suffix]
