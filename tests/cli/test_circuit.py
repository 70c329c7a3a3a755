"""`spinneuron circuit`: table, dataset and figure of a device file."""

import pytest
import xarray as xr

from spinneuron import dataset_file
from spinneuron.circuit import Circuit, Spread, circuit_dataset
from spinneuron.cli import main
from spinneuron.device import Device

DEVICE = Device.preset("orthogonal").replace(
    name="mine", width=200e-9, length=200e-9, thickness=1.7e-9, resistance_area=7.2257e-12, tmr=410 / 230 - 1,
    breakdown_voltage=1.2, pinned=(0, 0, 1),
)  # fmt: skip
SMALL = DEVICE.replace(name="small", width=100e-9, length=100e-9)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for device in (DEVICE, SMALL):
        (tmp_path / f"{device.name}.toml").write_text(device.to_toml())
    return tmp_path


def written(here):
    return sorted(path.name for path in here.iterdir() if path.suffix != ".toml")


def test_defaults(here, capsys):
    assert main(["circuit", "mine.toml", "--trials", "0"]) == 0
    assert written(here) == ["mine-circuit.nc", "mine-circuit.png"]
    said = capsys.readouterr().out
    assert "450.2 pJ" in said and "82 pJ" in said and "written: mine-circuit.nc, mine-circuit.png" in said
    xr.testing.assert_equal(dataset_file.load("mine-circuit.nc"), circuit_dataset(Circuit.of(DEVICE)))
    assert main(["show", "mine-circuit.nc", "--no-plot"]) == 0
    assert capsys.readouterr().out == said.partition("written")[0]


def test_every_option(here, capsys):
    options = ["--reference", "small.toml", "--read-voltage", "100 mV", "--spread", "8%", "--voltage", "0.85 V"]
    options += ["--law", "lognormal", "--offset", "1 mV", "--resistor", "300 ohm", "--level", "50 mV", "--no-plot"]
    options += ["--trials", "0"]
    assert main(["circuit", "mine.toml", *options, "-o", "a.nc"]) == 0
    assert written(here) == ["a.nc"]
    wanted = Circuit.of(
        DEVICE, SMALL, reference_resistance=300.0, read_voltage=0.1, level=0.05, voltage=0.85,
        spread=Spread(0.08, "lognormal", offset=1e-3),
    )  # fmt: skip
    made = dataset_file.load("a.nc")
    xr.testing.assert_equal(made, circuit_dataset(wanted))
    assert Device.from_json(made.attrs["reference_device"]) == SMALL


def test_energy_of_the_simulated_current(here, capsys):
    options = ["--reference", "reference", "--trials", "100", "--no-plot", "-o", "a.nc"]
    assert main(["circuit", "plasticity", *options]) == 0
    assert "from the simulated current" in capsys.readouterr().out
    made = dataset_file.load("a.nc")
    found = made.value.values[made.group.values == "from the simulated current"]
    # 2000 trials gave 502.4 and 87.0 pJ; 100 of them scatter by 0.2 %.
    assert found == pytest.approx([502e-12, 87e-12, 589e-12], rel=0.01)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mine.toml", "--spread", "-5%"], "--spread = -0.05: must not be negative"),
        (["mine.toml", "--read-voltage", "1.3 V"], "read_voltage = 1.3 V: must be below the breakdown voltage"),
        (["mine.toml", "--level", "40 mV"], "level = 40 mV: must lie between"),
        (["mine.toml", "--voltage", "1.2 V"], "voltage = 1.2 V: must be below the breakdown voltage"),
        (["small.toml", "--reference", "mine.toml"], "exchange the two"),
        (["mine.toml", "--spread", "50%"], "take law lognormal"),
        (["mine.toml", "-o", "no/a.nc"], "--output = no/a.nc"),
        (["cat"], "no preset and no .toml file"),
    ],
)
def test_mistakes_are_one_line(arguments, said, here, capsys):
    assert main(["circuit", *arguments]) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1 and said in line
    assert not written(here)
