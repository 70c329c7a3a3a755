"""`spinneuron simulate`: the file holds what was asked for, and mistakes end before any work."""

import numpy as np
import pytest
import xarray as xr

from spinneuron import dataset_file
from spinneuron.cli import main
from spinneuron.device import Device
from spinneuron.protocols import Protocol, Pulse
from spinneuron.simulation import simulate

SHORT = ["--pulse", "1e12 A/m^2, 0.3 ns", "--after", "0.2 ns"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(arguments, capsys):
    """The one line of a refusal; nothing was written."""
    assert main(["simulate", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    return said.err


def test_writes_the_run_of_the_library(here, capsys):
    assert main(["simulate", "orthogonal", *SHORT, "--trials", "3", "--seed", "7"]) == 0
    assert sorted(path.name for path in here.iterdir()) == ["orthogonal-run.nc", "orthogonal-run.png"]
    made = dataset_file.load("orthogonal-run.nc")
    protocol = Protocol.of([Pulse(1e12, 0.3e-9)], 0.2e-9)
    wanted = simulate(Device.preset("orthogonal"), protocol, trials=3, seed=7, every=10e-12)
    xr.testing.assert_equal(made, wanted)
    for name in wanted.attrs.keys() - {"created", "wall_time"}:
        assert made.attrs[name] == wanted.attrs[name]
    said = capsys.readouterr().out
    assert "3 at 300 K, seed 7" in said and "orthogonal-run.nc" in said


def test_workers_change_no_bit(here):
    for workers in ("1", "2"):
        options = ["--trials", "40", "--workers", workers, "--no-plot", "-o", f"{workers}.nc"]
        assert main(["simulate", "orthogonal", *SHORT, *options]) == 0
    assert dataset_file.load("1.nc")["m"].values.tobytes() == dataset_file.load("2.nc")["m"].values.tobytes()
    assert not list(here.glob("*.png"))


def test_several_pulses_and_the_bipolar_train():
    pulses = ["--pulse", "1 V, 0.2 ns", "--pulse", "-0.5 V, 0.1 ns, delay 0.1 ns", "--after", "0 s"]
    assert main(["simulate", "orthogonal", *pulses, "--temperature", "0 K", "--no-plot", "-o", "a.nc"]) == 0
    made = dataset_file.load("a.nc")
    assert made["drive"].attrs["units"] == "V"
    assert (float(made["drive"].max()), float(made["drive"].min())) == (1.0, -0.5)
    train = ["--protocol", "bipolar", "--pulse", "1e12 A/m^2, 0.1 ns", "--every", "20 ps"]
    assert main(["simulate", "orthogonal", *train, "--temperature", "0 K", "--no-plot", "-o", "b.nc"]) == 0
    values = Protocol.from_json(dataset_file.load("b.nc").attrs["protocol"]).values
    assert set(values) == {0.0, 1e12, -1e12, 0.5e12, -0.5e12}


def test_spikes_are_kept_beside_the_run(capsys):
    options = ["--pulse", "1e12 A/m^2, 0.8 ns", "--after", "0.5 ns", "--temperature", "0 K", "--spikes", "25%"]
    assert main(["simulate", "orthogonal", *options]) == 0
    made = dataset_file.load("orthogonal-run.nc")
    assert made.attrs["kind"] == "spinneuron-run" and made.attrs["threshold"] == 0.25
    assert int(made["spike_count"].sum()) == 1 and made["drive"].dims == ("time",)
    assert "1 positive, 0 negative" in capsys.readouterr().out


def test_closed_loop():
    options = ["--pulse", "1e12 A/m^2, 2 ns", "--after", "0.5 ns", "--temperature", "0 K", "--no-plot"]
    loop = ["--spikes", "0.25", "--refractory", "0.5 ns", "--closed-loop"]
    assert main(["simulate", "orthogonal", *options, *loop]) == 0
    made = dataset_file.load("orthogonal-run.nc")
    assert made.attrs["kind"] == "spinneuron-spikes"
    assert int(made["spike_count"].sum()) >= 2
    assert np.any(made["drive"].values[0] == 0.0)


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["ortogonal"], ["ortogonal", "did you mean 'orthogonal'?"]),
        (["missing.toml"], ["missing.toml", "no such file"]),
        (["orthogonal", "--pulse", "1e12 A/m^2"], ["pulse", "amplitude and a width"]),
        (["orthogonal", "--pulse", "1 kg, 1 ns"], ["1 kg", "a voltage, a current or a current density"]),
        (["orthogonal", "--trials", "0"], ["--trials"]),
        (["orthogonal", "--workers", "100000"], ["--workers = 100000", "processors are available"]),
        (["orthogonal", "--stepper", "hen"], ["hen", "did you mean 'heun'?"]),
        (["orthogonal", "--dt", "1 ns"], ["dt = 1 ns", "use at most"]),
        (["orthogonal", "--trials", "3", "--temperature", "0 K"], ["trials = 3"]),
        (["orthogonal", "--temperature", "-3 K"], ["--temperature", "must not be negative"]),
        (["orthogonal", "-o", "no/a.nc"], ["--output = no/a.nc"]),
        (["orthogonal", "-o", "a.png"], ["a.png", "its own figure"]),
        (["orthogonal", "--closed-loop"], ["--closed-loop", "--spikes"]),
        (["orthogonal", "--refractory", "1 ns"], ["--refractory", "--spikes"]),
        (["orthogonal", "--spikes", "0.25", "--closed-loop"], ["--refractory = 0 s"]),
    ],
)
def test_mistakes_are_one_line(arguments, parts, here, capsys):
    line = refused(arguments, capsys)
    assert all(part in line for part in parts)
    assert not list(here.iterdir())


def test_malformed_toml(here, capsys):
    (here / "bad.toml").write_text("name = \n")
    assert "bad.toml: is not TOML" in refused(["bad.toml"], capsys)
