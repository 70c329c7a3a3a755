"""`spinneuron switching`: curve, sigmoid and figure of a device, cold or after pulses; mistakes end in one line."""

import numpy as np
import pytest

from spinneuron import dataset_file
from spinneuron.cli import main
from spinneuron.device import Device
from spinneuron.protocols import Cycle
from spinneuron.switching import switching_curve


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_density(here, capsys):
    assert main(["switching", "plasticity", "--model", "fokker-planck", "--voltage", "0.7V:0.95V:11"]) == 0
    assert sorted(path.name for path in here.iterdir()) == ["plasticity-switching.nc", "plasticity-switching.png"]
    said = capsys.readouterr().out
    assert "sigmoid" in said and "its misfit" in said and "no pulse before" in said
    made = dataset_file.load("plasticity-switching.nc")
    wanted = switching_curve(
        Device.preset("plasticity"), np.linspace(0.7, 0.95, 11), model="fokker-planck", trials=1_000_000
    )
    np.testing.assert_array_equal(made.switched, wanted.switched)


def test_heat_of_pulses_before(here, capsys):
    common = ["switching", "plasticity", "--model", "fokker-planck", "--voltage", "0.7822 V", "--no-plot", "-o"]
    assert main([*common, "hot.nc", "--after", "0.9 V, 500 ns"]) == 0
    assert main([*common, "later.nc", "--after", "0.9 V, 500 ns", "--after", "wait 200 ns"]) == 0
    assert "after the pulses before" in capsys.readouterr().out
    found = [100 * float(dataset_file.load(name).probability[0]) for name in ("hot.nc", "later.nc")]
    # Printed: 27.4 and 16.3 %, where the cold junction gives 9.5 %: here, at the fitted voltage of the probe, 9.49 %.
    assert found == pytest.approx([27.4, 16.3], abs=0.15)


def test_macrospins(here):
    few = ["--voltage", "0.8 V, 0.86 V", "--trials", "64", "--seed", "3", "--workers", "1", "--no-plot", "-o", "a.nc"]
    assert main(["switching", "plasticity", *few, "--width", "20 ns", "--edge", "1 ns", "--reset", "-0.7 V"]) == 0
    made = dataset_file.load("a.nc")
    cycle = Cycle(edge=1e-9, width=20e-9, reset=-0.7)
    wanted = switching_curve(Device.preset("plasticity"), [0.8, 0.86], cycle=cycle, trials=64, seed=3)
    np.testing.assert_array_equal(made.switched, wanted.switched)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["cat"], "no preset and no .toml file"),
        (["orthogonal", "--model", "fokker-planck"], "rests across the pinned layer"),
        (["plasticity", "--voltage", "0.9 V, 0.8 V"], "not above the one before"),
        (["plasticity", "--voltage", "0.8"], "a unit is missing"),
        (["plasticity", "--voltage", "1.3 V", "--model", "fokker-planck"], "above breakdown_voltage = 1.2 V"),
        (["plasticity", "--after", "0.9 V"], "give an amplitude and a width"),
        (["plasticity", "--after", "1 mA, 10 ns"], "a voltage is needed"),
        (["plasticity", "--after", "wait -3 ns"], "must not be negative"),
        (["plasticity", "--width", "-3 ns"], "--width = -3 ns: must be positive"),
        (["plasticity", "--model", "atomistic"], "'atomistic' is not one of"),
        (["plasticity", "-o", "no/a.nc"], "--output = no/a.nc"),
    ],
)
def test_mistakes_are_one_line(arguments, said, here, capsys):
    assert main(["switching", *arguments]) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1 and said in line
    assert not list(here.iterdir())
