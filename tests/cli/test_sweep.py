"""`spinneuron sweep`: same bits on any number of workers and after any death; mistakes end in one line."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from spinneuron import dataset_file
from spinneuron.chunk_store import Store
from spinneuron.cli import main
from spinneuron.window import survey
from spinneuron.window.survey import specify

PLANE = ["--width", "10nm", "--length", "41nm:47nm:4", "--thickness", "47nm:56nm:4"]
# Four chunks: 1000 trials leave four pillars in each.
MANY = [
    "--width",
    "10nm",
    "--length",
    "41nm:47nm:4",
    "--thickness",
    "47nm:56nm:4",
    "--trials",
    "1000",
    "--settle",
    "0 s",
]
MANY += ["--pulse-width", "0.3 ns", "--relax", "0.3 ns", "--no-plot"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def same(first, second):
    """Whether two files hold the same bits, but for when and how long they were made."""
    first, second = dataset_file.load(first), dataset_file.load(second)
    for dataset in (first, second):
        del dataset.attrs["created"], dataset.attrs["wall_time"]
    assert all(first[name].values.tobytes() == second[name].values.tobytes() for name in first.data_vars)
    xr.testing.assert_identical(first, second)
    return True


def test_writes_the_window_its_figures_and_a_table(here, capsys):
    assert main(["sweep", "--geometry", "orthogonal", *PLANE]) == 0
    names = ["orthogonal-window-fit.png", "orthogonal-window.nc", "orthogonal-window.png"]
    assert sorted(path.name for path in here.iterdir()) == names
    made = dataset_file.load("orthogonal-window.nc")
    assert made["regime"].shape == (1, 4, 4)
    said = capsys.readouterr().out
    for part in (
        "2 : 9 : 10",
        "leaky integrate and fire",
        "of 16 pillars",
        "closed-form rule",
        "16 pillars x 1 trials in",
    ):
        assert part in said


def test_default_device_and_partial_grid():
    assert main(["sweep", "--length", "45nm", "--thickness", "50nm", "--no-plot"]) == 0
    made = dataset_file.load("orthogonal-window.nc")
    np.testing.assert_allclose(made["width"], np.arange(4, 31) * 1e-9, rtol=1e-12)
    assert made.attrs["temperature"] == 0.0 and made.attrs["trials"] == 1
    assert int(made["regime"].sel(width=10e-9, method="nearest").squeeze()) == 1


def test_options_reach_the_specification():
    options = ["--shape", "prism", "--drive", "350 uA", "--pulse-width", "0.8 ns", "--edge", "20 ps", "--relax", "2 ns"]
    options += [
        "--settle",
        "0.1 ns",
        "--interval",
        "20 ps",
        "--threshold",
        "30%",
        "--residual",
        "0.1",
        "--any-easy-axis",
    ]
    options += ["--tolerance", "5%", "--trials", "3", "--temperature", "10 K", "--seed", "9"]
    assert main(["sweep", "parallel", *PLANE, *options, "--no-plot", "-o", "a.nc"]) == 0
    spec = json.loads(dataset_file.load("a.nc").attrs["spec"])
    assert spec["device"]["name"] == "parallel" and spec["device"]["geometry"] == "prism"
    drive = {"amplitude": 350e-6, "unit": "A", "width": 0.8e-9, "edge": 20e-12, "relax": 2e-9, "settle": 0.1e-9}
    assert spec["drive"] == drive | {"interval": 20e-12}
    assert spec["criteria"] == {"threshold": 0.3, "residual": 0.1, "height_axis": False}
    assert (spec["tolerance"], spec["trials"], spec["temperature"], spec["seed"]) == (0.05, 3, 10.0, 9)


@pytest.mark.parametrize(
    ("options", "trials", "temperature", "settle"),
    [
        (["--trials", "2"], 2, 300.0, 2e-9),
        (["--tolerance", "5%"], 100, 0.0, 0.0),
        (["--temperature", "0 K"], 1, 0.0, 0.0),
    ],
)
def test_trials_and_tolerance_choose_their_defaults(options, trials, temperature, settle):
    point = ["--width", "10nm", "--length", "45nm", "--thickness", "50nm"]
    assert main(["sweep", *point, *options, "--no-plot"]) == 0
    made = dataset_file.load("orthogonal-window.nc")
    assert (made.attrs["trials"], made.attrs["temperature"]) == (trials, temperature)
    assert json.loads(made.attrs["spec"])["drive"]["settle"] == settle
    # A single pillar, so all of its trials are in one regime or another.
    assert float(made["fraction"].sum()) == pytest.approx(1.0, abs=1e-12)


def test_analytic_runs_nothing(monkeypatch, capsys):
    monkeypatch.setattr(survey, "run_chunk", lambda *_: pytest.fail("something ran"))
    assert main(["sweep", *PLANE, "--analytic"]) == 0
    made = dataset_file.load("orthogonal-window.nc")
    assert made.attrs["engine"] == "closed form" and "peak" not in made
    assert "nearest grid point" in capsys.readouterr().out


def test_workers_change_no_bit():
    for workers in ("1", "2"):
        assert main(["sweep", *MANY, "--workers", workers, "-o", f"{workers}.nc"]) == 0
    assert same("1.nc", "2.nc")


def killed(output, how, chunks):
    """Start a sweep in its own process and end it by a signal once some chunks are there; its exit code and words.

    The chunks after those wait, so that the signal meets an unfinished sweep on any machine.
    """
    slow = (
        "import sys, time; from spinneuron.cli import main; from spinneuron.window import survey\n"
        "run = survey.run_chunk\n"
        f"def wait(spec, chunk):\n  chunk < {chunks} or time.sleep(60)\n  return run(spec, chunk)\n"
        "survey.run_chunk = wait; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", slow, "sweep", *MANY, "-o", output]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 300.0
        while not Path(f"{output}.parts/chunk-{chunks - 1:06d}.npz").exists():
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(how)
        return process.wait(20), process.stderr.read()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["SIGKILL", "SIGINT"])
def test_killed_and_resumed_gives_the_same_bits(how, here, capsys):
    code, said = killed("cut.nc", how, chunks=2)
    assert not (here / "cut.nc").exists()
    if how == signal.SIGINT:
        assert code == 130
        assert (
            said.strip().splitlines()[-1].startswith("interrupted: 2 of 4 chunks are kept in cut.nc.parts; go on with")
        )
    before = {path.name: path.stat().st_mtime_ns for path in (here / "cut.nc.parts").glob("chunk*")}
    # Without --resume nothing is lost either.
    assert main(["sweep", *MANY, "-o", "cut.nc"]) == 2
    assert "--resume" in capsys.readouterr().err
    assert {path.name: path.stat().st_mtime_ns for path in (here / "cut.nc.parts").glob("chunk*")} == before
    assert len(before) == 2
    assert main(["sweep", *MANY, "-o", "cut.nc", "--resume"]) == 0
    assert main(["sweep", *MANY, "-o", "whole.nc"]) == 0
    assert same("cut.nc", "whole.nc")
    assert not (here / "cut.nc.parts").exists()


def unfinished(output, chunk=0):
    """A sweep of which one chunk is there."""
    spec = specify(survey.Device.preset("orthogonal"), width=[10e-9], length=[45e-9], thickness=[50e-9])
    Store(output, spec, resume=False).save(chunk, survey.run_chunk(spec, chunk))
    return ["sweep", "--width", "10nm", "--length", "45nm", "--thickness", "50nm", "--no-plot", "-o", output]


def test_truncated_chunk_is_refused_by_name(here, capsys):
    again = [*unfinished("a.nc"), "--resume"]
    chunk = here / "a.nc.parts" / "chunk-000000.npz"
    chunk.write_bytes(chunk.read_bytes()[:-100])
    assert main(again) == 2
    said = capsys.readouterr().err
    # After the progress lines, if there are any, one line.
    assert said.strip().splitlines()[-1].startswith("error: ") and "chunk-000000.npz: is truncated" in said
    assert not (here / "a.nc").exists()


def test_chunks_of_another_sweep_are_refused(capsys):
    again = unfinished("a.nc")
    assert main([*again, "--resume", "--seed", "1"]) == 2
    assert "belongs to other work" in capsys.readouterr().err


def test_parts_stay_until_the_dataset_is_written(here, monkeypatch, capsys):
    def refuse(dataset, path):
        raise OSError(28, "No space left on device")

    again = unfinished("a.nc")
    with monkeypatch.context() as patch:
        patch.setattr(dataset_file, "save", refuse)
        assert main([*again, "--resume"]) == 2
    assert list((here / "a.nc.parts").glob("chunk*"))
    assert main([*again, "--resume"]) == 0
    assert not (here / "a.nc.parts").exists()


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["--width", "20nm:5nm:0"], ["--width", "20nm:5nm:0", "start:stop:count"]),
        (["--geometry", "ortogonal"], ["ortogonal", "did you mean 'orthogonal'?"]),
        (["--geometry", "parallel", "orthogonal"], ["--geometry = parallel", "leave one out"]),
        (["--shape", "prsim"], ["prsim", "did you mean 'prism'?"]),
        (["--drive", "3 kg"], ["--drive", "a voltage, a current or a current density"]),
        (["--interval", "1 ns"], ["interval", "a tenth"]),
        (["--residual", "0.5"], ["residual = 0.5", "below the threshold"]),
        (["--tolerance", "50%"], ["tolerance", "20 %"]),
        (["--trials", "5", "--temperature", "0 K"], ["trials = 5"]),
        (["-o", "no/a.nc"], ["--output = no/a.nc", "no folder"]),
        (["--workers", "100000"], ["--workers = 100000"]),
        (["--width", "-5nm"], ["width", "positive"]),
    ],
)
def test_mistakes_are_one_line(arguments, parts, here, capsys):
    assert main(["sweep", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    assert all(part in said.err for part in parts)
    assert not list(here.iterdir())
