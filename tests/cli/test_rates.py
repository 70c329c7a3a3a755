"""`spinneuron rates`: dataset, figure and table; mistakes end in one line."""

import numpy as np
import pytest

from spinneuron import dataset_file
from spinneuron.cli import main
from spinneuron.device import Device
from spinneuron.switching import switching_rates


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_against_the_voltage(here, capsys):
    assert main(["rates", "plasticity", "--voltage=-0.8V:0.8V:5", "--heated"]) == 0
    assert sorted(path.name for path in here.iterdir()) == ["plasticity-rates.nc", "plasticity-rates.png"]
    said = capsys.readouterr().out
    for word in ("out of the parallel state", "126.4 kT", "years", "the only well", "each state up to"):
        assert word in said
    made = dataset_file.load("plasticity-rates.nc")
    wanted = switching_rates(Device.preset("plasticity"), np.linspace(-0.8, 0.8, 5), heated=True)
    np.testing.assert_array_equal(made["rate"], wanted["rate"])
    assert main(["show", "plasticity-rates.nc"]) == 0
    assert "out of the antiparallel state" in capsys.readouterr().out


def test_retention_at_a_temperature(here, capsys):
    assert main(["rates", "plasticity", "--temperature", "358 K", "--no-plot", "-o", "hot.nc"]) == 0
    assert [path.name for path in here.iterdir()] == ["hot.nc"]
    made = dataset_file.load("hot.nc")
    assert made.attrs["temperature"] == 358.0 and made["voltage"].values == [0.0]
    assert f"{float(made['retention'][0, 0]):.4g} s" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["cat"], "no preset and no .toml file"),
        (["orthogonal"], "rests across the pinned layer"),
        (["plasticity", "--voltage", "1.3 V"], "above breakdown_voltage = 1.2 V"),
        (["plasticity", "--voltage", "0.8"], "a unit is missing"),
        (["plasticity", "--temperature", "0 K"], "--temperature = 0 K: must be positive"),
        (["plasticity", "--temperature", "895 K"], "is described up to 882 K"),
        (["plasticity", "-o", "no/a.nc"], "--output = no/a.nc"),
    ],
)
def test_mistakes_are_one_line(arguments, said, here, capsys):
    assert main(["rates", *arguments]) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1 and said in line
    assert not list(here.iterdir())
