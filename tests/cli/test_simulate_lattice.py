"""`spinneuron simulate --model lattice`: files, resume, warnings, and what is refused."""

import numpy as np
import pytest

from spinneuron import dataset_file
from spinneuron.cli import main
from spinneuron.device import Device

SHORT = ["simulate", "orthogonal", "--pulse", "5e11 A/m^2, 20 ps", "--after", "10 ps", "--every", "10 ps"]
LATTICE = [*SHORT, "--model", "lattice", "--cell", "5 nm"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_writes_data_snapshots_and_figures(here, capsys):
    assert main([*LATTICE, "--snapshots", "40 ps", "--animate"]) == 0
    written = ["orthogonal-run-moments.png", "orthogonal-run.gif", "orthogonal-run.nc", "orthogonal-run.png"]
    assert sorted(path.name for path in here.iterdir()) == written
    made = dataset_file.load("orthogonal-run.nc")
    assert made.attrs["engine"] == "lattice"
    assert made["moments"].shape[2:] == (3, 10, 2, 9)
    assert made["m"].dims == ("trial", "time", "component")
    said = capsys.readouterr()
    assert "solver" in said.out and "lattice" in said.out
    assert main(["show", "orthogonal-run.nc", "--no-plot"]) == 0


def test_coarse_cells_are_warned_of(capsys):
    options = ["--model", "lattice", "--cell", "10 nm", "--no-plot", "-o", "a.nc"]
    assert main([*SHORT, *options]) == 0
    said = capsys.readouterr().err
    assert "warning: cell = " in said and "exchange length" in said


def test_an_interrupted_run_goes_on_with_the_same_bits(here, capsys, monkeypatch):
    assert main([*LATTICE, "--no-plot", "-o", "whole.nc"]) == 0
    from spinneuron.lattice import checkpoint

    record, calls = checkpoint.Track.record, []

    def interrupted(*arguments):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return record(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint.Track, "record", interrupted)
        assert main([*LATTICE, "--no-plot", "-o", "part.nc"]) != 0
    assert [path.name for path in here.glob("part*")] == ["part.nc.checkpoint"]
    capsys.readouterr()
    assert main([*LATTICE, "--no-plot", "-o", "part.nc"]) == 2
    assert "continue it with --resume" in capsys.readouterr().err
    assert main([*LATTICE, "--no-plot", "-o", "part.nc", "--resume"]) == 0
    assert not list(here.glob("*.checkpoint"))
    one, other = (dataset_file.load(name)["m"].values for name in ("whole.nc", "part.nc"))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([*SHORT, "--cell", "5 nm"], "--cell: for lattices only"),
        ([*SHORT, "--resume"], "--resume, --animate: for lattices only"),
        ([*SHORT, "--snapshots", "10 ps", "--model", "fokker-planck"], "--snapshots: for lattices only"),
        ([*LATTICE, "--spikes", "0.2"], "--spikes: not read from a lattice"),
        ([*LATTICE, "--stepper", "heun"], "--stepper"),
        ([*LATTICE, "--animate"], "--animate: nothing is kept to be shown"),
        ([*LATTICE, "--snapshots", "15 ps"], "multiple of every"),
        ([*LATTICE, "--grain-size", "1 nm"], "below a cell"),
        ([*LATTICE, "--ku-spread", "0.1"], "needs grains"),
        ([*LATTICE, "--cell", "5 ns"], "cell"),
    ],
)
def test_refusals(here, capsys, arguments, words):
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert words in said.err and said.err.count("\n") == 1
    assert not list(here.iterdir())


@pytest.fixture
def warm(here):
    """A device whose columns may differ in temperature."""
    device = Device.preset("plasticity").replace(
        name="warm", width=30e-9, length=40e-9, thickness=2e-9, thermal_resistances=(2e6,), thermal_times=(2e-11,),
        thermal_diffusivity=5e-6,
    )  # fmt: skip
    (here / "warm.toml").write_text(device.to_toml())
    return here


HEAT = [
    "simulate",
    "warm.toml",
    "--pulse",
    "0.6 V, 40 ps",
    "--after",
    "10 ps",
    "--every",
    "10 ps",
    "--model",
    "lattice",
]
HEAT += ["--cell", "6 nm", "--heat", "cells"]


def test_heat_cell_by_cell(warm, capsys):
    assert main([*HEAT, "--snapshots", "20 ps"]) == 0
    said = capsys.readouterr().out
    assert "hottest column" in said and "warm-run-temperature.png" in said
    made = dataset_file.load("warm-run.nc")
    assert made["temperature_map"].dims == ("trial", "snapshot", "y", "x")
    assert float(made["hottest"].max()) >= float(made["temperature"].max()) > 305.0
    pictures = {"warm-run.png", "warm-run-moments.png", "warm-run-temperature.png"}
    assert {path.name for path in warm.glob("*.png")} == pictures
    assert main(["show", "warm-run.nc", "-o", "again.pdf"]) == 0
    assert "written: again.pdf, again-temperature.pdf" in capsys.readouterr().out
    assert (warm / "again-temperature.pdf").stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([*HEAT, "--trials", "2"], "trials side by side have one temperature each"),
        (["simulate", "warm.toml", "--heat", "cells"], "--heat: for lattices only"),
        ([*LATTICE, "--heat", "cells"], "orthogonal has no heat path"),
        ([*HEAT[:1], "plasticity", *HEAT[2:]], "plasticity has no thermal_diffusivity"),
    ],
)
def test_heat_that_cannot_be_had(warm, capsys, arguments, words):
    assert main(arguments) == 2
    said = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("warning")]
    assert len(said) == 1 and words in said[0]
