"""`spinneuron validate`: a verdict in the exit code, a table, a dataset and a figure; or one line and nothing."""

from pathlib import Path

import numpy as np
import pytest

from spinneuron import dataset_file, neuron_file
from spinneuron.cli import main
from spinneuron.cli.validate import TOLERANCES
from spinneuron.quantity import InputError, parse
from spinneuron.surrogates.signed_lif import SignedLIF

DATA = Path(__file__).resolve().parents[2] / "examples" / "data"
SHIFTS = str(DATA / "dx0_amplitude.csv")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_shipped_neuron_meets_the_published_fit(here, capsys):
    assert main(["validate", "plasticity-text", "--measured", SHIFTS]) == 0
    said = capsys.readouterr()
    assert "RMSE" in said.out and "tolerance 500 uV" in said.out and "worst row" in said.out and said.err == ""
    assert names(here) == ["dx0_amplitude-validation.nc", "dx0_amplitude-validation.png"]
    rows = dataset_file.load("dx0_amplitude-validation.nc")
    assert rows.attrs["tolerance"] == 5e-4 and rows.attrs["neuron_name"] == "plasticity-text"
    assert rows.attrs["rmse"] < 1e-8 and rows.attrs["file"] == "dx0_amplitude.csv"
    assert main(["show", "dx0_amplitude-validation.nc", "--no-plot"]) == 0
    assert "plasticity-text" in capsys.readouterr().out


def test_a_miss_is_exit_1_with_one_line_and_the_files(here, capsys):
    # 1 mV above the model in each row.
    Path("off.csv").write_text("amplitude [V],delta_x0 [mV]\n0.8,13.208\n0.9,15.472\n")
    assert main(["validate", "plasticity-text", "--measured", "off.csv", "-o", "a.nc", "--no-plot"]) == 1
    assert capsys.readouterr().err == "missed: RMSE 1 mV exceeds the tolerance 500 uV\n"
    assert names(here) == ["a.nc", "off.csv"]
    assert main(["validate", "plasticity-text", "--measured", "off.csv", "--tolerance", "1.1 mV", "--no-plot"]) == 0


def test_switching_curves_are_compared_as_probabilities(here, capsys):
    # Baseline, amplitudes and delays in one file.
    lines = ["voltage [V],switched,trials,amplitude [V],delay [ns],pulses"]
    for name, form in (("baseline", "{0},{1},{2},,,"), ("heating", "{0},{1},{2},{3},,"), ("cooling", None)):
        rows = [line.split(",") for line in (DATA / f"{name}.csv").read_text().splitlines() if line[0] not in "#v"]
        lines += [form.format(*row) if form else "{0},{1},{2},{5},{3},{4}".format(*row) for row in rows]
    Path("all.csv").write_text("\n".join(lines))
    assert main(["validate", "plasticity-text", "--measured", "all.csv", "--tolerance", "0.5%"]) == 0
    said = capsys.readouterr().out
    assert "110, switching probabilities" in said and "deviance" in said and "tolerance 0.5 %" in said
    rows = dataset_file.load("all-validation.nc")
    # The counts were drawn from this neuron.
    assert rows.attrs["p_value"] > 0.0027 and np.isnan(rows["delay"]).sum() == 61
    assert main(["validate", "plasticity-text", "--measured", "all.csv", "--tolerance", "0.1%", "--no-plot"]) == 1
    assert capsys.readouterr().err.startswith("missed: RMSE 0.3") and (here / "all-validation.png").exists()


def test_default_tolerances_can_be_read():
    for unit, text in TOLERANCES.values():
        assert parse(text, unit, "tolerance") > 0.0
    with pytest.raises(InputError):
        parse(TOLERANCES["shift"][1], "1", "tolerance")


def refused(arguments, capsys):
    """The one line; nothing was written."""
    before = names(Path())
    assert main(["validate", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and said.err.startswith("error: ")
    assert names(Path()) == before
    return said.err


@pytest.mark.parametrize(
    ("file", "tolerance", "said"),
    [
        ("dx0_amplitude", "5%", "a voltage is needed"),
        ("dx0_amplitude", "5 ns", "a voltage is needed"),
        ("dx0_amplitude", "0.5", "a unit is missing"),
        ("dx0_amplitude", "-1 mV", "must be positive"),
        ("dx0_amplitude", "0 mV", "must be positive"),
        ("heating", "0.5 mV", "heating.csv holds switching curves, its tolerance is like 2%"),
        ("heating", "0", "must be positive"),
    ],
)
def test_a_wrong_tolerance(file, tolerance, said, capsys):
    arguments = ["plasticity-text", "--measured", str(DATA / f"{file}.csv"), f"--tolerance={tolerance}"]
    line = refused(arguments, capsys)
    assert line.startswith("error: --tolerance = ") and said in line


def test_mistakes_are_one_line(here, capsys):
    lif = SignedLIF(tau_membrane=1e-9, gain=1.0, resistance=1e3)
    neuron_file.save("lif.json", lif)
    assert "lif.json: is a signed-lif neuron; give a sigmoid one" in refused(["lif.json", "--measured", SHIFTS], capsys)
    assert "no.json: cannot be read" in refused(["no.json", "--measured", SHIFTS], capsys)
    assert "no.csv: there is no such file" in refused(["plasticity-text", "--measured", "no.csv"], capsys)
    assert "--measured" in refused(["plasticity-text"], capsys)
    Path("bad.csv").write_text("amplitude [V],delta_x0 [mV]\n0.8,nan\n")
    assert "bad.csv: line 2: delta_x0" in refused(["plasticity-text", "--measured", "bad.csv"], capsys)
    text = "voltage [V],switched,trials,delay [ns]\n0.8,1,9,0\n"
    Path("late.csv").write_text(text)
    assert "late.csv: the rows with a delay have no" in refused(["plasticity-text", "--measured", "late.csv"], capsys)
    line = refused(["plasticity-text", "--measured", SHIFTS, "-o", "no/a.nc"], capsys)
    assert "--output = no/a.nc" in line
    assert "own figure" in refused(["plasticity-text", "--measured", SHIFTS, "-o", "a.png"], capsys)
