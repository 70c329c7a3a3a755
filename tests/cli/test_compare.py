"""`spinneuron compare`: designs beside the ideal neuron, in one file, one figure and one table."""

import pytest
import xarray as xr

from spinneuron import dataset_file
from spinneuron.cli import main
from spinneuron.device import Device
from spinneuron.evolution import compare
from spinneuron.protocols import bipolar


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_two_presets(here, capsys):
    assert main(["compare", "--trials", "20", "--every", "50 ps"]) == 0
    assert sorted(path.name for path in here.iterdir()) == ["compare.nc", "compare.png"]
    made = dataset_file.load("compare.nc")
    designs = [Device.preset(name) for name in ("orthogonal", "parallel")]
    protocol = bipolar(1e12, 0.5e-9, gap=0.5e-9)
    xr.testing.assert_equal(made, compare(designs, protocol, trials=20, temperature=300.0, every=50e-12))
    # What tells the designs apart: one is explained by a leaky integrator, the other is not.
    assert float(made["r2"].sel(design="orthogonal")) > 0.95 > 0.9 > float(made["r2"].sel(design="parallel"))
    assert float(made["leak_rate"].sel(design="orthogonal")) > 0.0
    said = capsys.readouterr().out
    assert "a LIF neuron explains" in said and "damping restores" in said and "parallel" in said


def test_at_zero_kelvin_with_a_device_file(here, capsys):
    (here / "mine.toml").write_text(Device.preset("orthogonal").replace(name="mine", alpha=0.03).to_toml())
    options = ["--temperature", "0 K", "--every", "50 ps", "--no-plot", "-o", "a.nc", "--drive", "1.1e12 A/m^2"]
    assert main(["compare", "mine.toml", "orthogonal", *options]) == 0
    made = dataset_file.load("a.nc")
    assert made["design"].values.tolist() == ["mine", "orthogonal"] and made.attrs["trials"] == 1
    # More damping, more leak.
    assert float(made["tau_membrane"][0]) < float(made["tau_membrane"][1])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["orthogonal", "orthogonal"], "distinct names"),
        (["cat"], "no preset and no .toml file"),
        (["--trials", "5", "--temperature", "0 K"], "trials = 5"),
        (["-o", "no/a.nc"], "--output = no/a.nc"),
    ],
)
def test_mistakes_are_one_line(arguments, said, here, capsys):
    assert main(["compare", *arguments]) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1 and said in line
    assert not list(here.iterdir())
