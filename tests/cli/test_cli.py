"""The command line as a whole: what it says, where it says it, and how it ends."""

import errno
import io
import os
import subprocess
import sys
import time

import click
import numpy as np
import pytest

from spinneuron import cli
from spinneuron.cli import COMMANDS, main, options
from spinneuron.device import Device
from spinneuron.quantity import InputError


def probe(monkeypatch, body, *decorators):
    """Put a command `probe` in the place of `show`."""
    command = click.command("show")(body)
    for decorator in decorators:
        command = decorator(command)
    monkeypatch.setattr(cli.LazyGroup, "get_command", lambda self, ctx, name: command if name == "show" else None)


def one_line(capsys):
    """The only line that was said, on stderr."""
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1 and said.err.endswith("\n")
    return said.err.strip()


def shell(line, **keywords):
    """Run a line in a fresh shell, with this interpreter's `spinneuron`."""
    line = line.replace("spinneuron", f"{sys.executable} -m spinneuron")
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, **keywords)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_line_is_the_command_s_own(name):
    command = cli.LazyGroup().get_command(click.Context(cli.spinneuron), name)
    assert command.get_short_help_str(limit=200) == COMMANDS[name][1]
    assert command.name == name


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_each_command_has_an_example(name, capsys):
    assert main([name, "--help"]) == 0
    said = capsys.readouterr()
    assert f"spinneuron {name}" in said.out.partition("Example")[2]


@pytest.mark.parametrize("name", COMMANDS)
def test_unknown_options_name_the_nearest(name, capsys):
    assert main([name, "--hepl"]) == 2
    assert "--help" in one_line(capsys)


def test_help_lists_the_commands(capsys):
    assert main(["--help"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert all(name in said.out and line in " ".join(said.out.split()) for name, (_, line) in COMMANDS.items())
    assert main([]) == 0
    assert capsys.readouterr().out == said.out


def test_help_imports_nothing_heavy_and_takes_no_time():
    report = (
        "import resource, sys; from spinneuron.cli import main; code = main(['--help']);"
        "heavy = {'numpy', 'numba', 'scipy', 'xarray', 'pint', 'rich', 'matplotlib', 'torch'} & set(sys.modules);"
        "used = resource.getrusage(resource.RUSAGE_SELF).ru_utime;"
        "print(code, *heavy, file=sys.stderr); print(used, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True)
    code, seconds = done.stderr.splitlines()
    assert code == "0"
    # CPU time of the user, 0.04 s when measured: independent of how busy the machine is, within a factor.
    assert float(seconds) < 0.2


def test_devices_lists_every_preset(capsys):
    assert main(["devices"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(Device.presets())
    assert all(" x " in line and "nm" in line for line in lines[1:])


@pytest.mark.parametrize("name", Device.presets())
def test_a_printed_device_is_that_device(name, capsys, tmp_path):
    assert main(["devices", name]) == 0
    (tmp_path / "mine.toml").write_text(capsys.readouterr().out)
    assert Device.from_toml(tmp_path / "mine.toml") == Device.preset(name)


def test_unknown_device(capsys):
    assert main(["devices", "ortogonal"]) == 2
    line = one_line(capsys)
    assert line.startswith("error: ") and "ortogonal" in line and "did you mean 'orthogonal'?" in line


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["simulat"], ["no command 'simulat'", "'simulate'", "`spinneuron --help`"]),
        (["xyz"], ["no command 'xyz'", "simulate", "`spinneuron --help`"]),
        (["--versoin"], ["--versoin", "--version"]),
        (["devices", "a", "b"], ["b", "`spinneuron devices --help`"]),
    ],
)
def test_usage_errors_are_one_line(arguments, parts, capsys):
    assert main(arguments) == 2
    line = one_line(capsys)
    assert line.startswith("error: ") and all(part in line for part in parts)


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (InputError("width = -1 nm: must be positive"), 2, "error: width = -1 nm: must be positive"),
        (FileNotFoundError(errno.ENOENT, "No such file", "a.toml"), 2, "error: a.toml: No such file"),
        (OSError(errno.ENOSPC, "No space left on device"), 2, "error: [Errno 28] No space left on device"),
        (KeyboardInterrupt("go on with --resume"), 130, "interrupted: go on with --resume"),
        (KeyboardInterrupt(), 130, "interrupted: nothing more was written"),
        (click.BadParameter("two\nlines"), 2, "error: Invalid value: two lines (see `spinneuron show --help`)"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_ends_in_one_line(raised, code, said, monkeypatch, capsys):
    def body():
        raise raised

    probe(monkeypatch, body)
    assert main(["show"]) == code
    # click closes the line that a terminal has begun with ^C.
    assert capsys.readouterr().err.lstrip("\n") == said + "\n"


@pytest.mark.parametrize("error", [ValueError("ours"), ZeroDivisionError("ours")])
def test_bugs_keep_their_traceback(error, monkeypatch):
    def body():
        raise error

    probe(monkeypatch, body)
    with pytest.raises(type(error), match="ours"):
        main(["show"])


def test_exit_code_is_what_the_command_returns(monkeypatch):
    probe(monkeypatch, lambda: 1)
    assert main(["show"]) == 1


def test_closed_pipe_is_no_error():
    # `true` reads nothing and is gone before anything is written.
    done = shell("(sleep 0.3; spinneuron devices; echo $? >&2) | true")
    assert done.stderr == "141\n"


def test_module_and_exit_code():
    done = shell("spinneuron devices nothing")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1


def take(monkeypatch, arguments, *decorators):
    """What a command receives for its options."""
    received = {}
    probe(monkeypatch, lambda **values: received.update(values), *decorators)
    assert main(["show", *arguments]) == 0
    return received


def test_quantities(monkeypatch):
    length = click.option("--length", type=options.Quantity("m", check="positive"), default="45 nm")
    widths = click.option("--width", type=options.Range("m"))
    tolerance = click.option("--tolerance", type=options.FRACTION)
    received = take(monkeypatch, ["--width", "5nm:20nm:4", "--tolerance", "5%"], length, widths, tolerance)
    assert received["length"] == 45e-9
    assert received["tolerance"] == 0.05
    # linspace rounds once more than the literals do.
    np.testing.assert_allclose(received["width"], [5e-9, 10e-9, 15e-9, 20e-9], rtol=1e-15)


@pytest.mark.parametrize("text", ["10 kg", "10", "-3 nm", "nan nm"])
def test_bad_quantity_names_its_option(text, monkeypatch, capsys):
    probe(monkeypatch, lambda length: None, click.option("--length", type=options.Quantity("m", check="positive")))
    assert main(["show", "--length", text]) == 2
    assert one_line(capsys).startswith("error: --length = ")


def test_shared_options(monkeypatch, tmp_path):
    shared = (options.output(), options.seed, options.workers, options.no_plot)
    assert take(monkeypatch, [], *shared) == {"output": None, "seed": 0, "workers": None, "plot": True}
    given = ["-o", str(tmp_path / "a.nc"), "--seed", "7", "--workers", "2", "--no-plot"]
    assert take(monkeypatch, given, *shared) == {
        "output": tmp_path / "a.nc", "seed": 7, "workers": 2, "plot": False
    }  # fmt: skip
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("where", ["missing/a.nc", "file/a.nc", "folder", "a" * 300])
def test_unwritable_output_is_refused_before_the_work(where, monkeypatch, capsys, tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    probe(monkeypatch, lambda output: pytest.fail("the work began"), options.output())
    assert main(["show", "-o", str(tmp_path / where)]) == 2
    line = one_line(capsys)
    assert line.startswith("error: --output = ") and where in line


def test_existing_output_is_not_touched_by_the_check(tmp_path):
    path = tmp_path / "old.nc"
    path.write_text("old")
    os.utime(path, (1e9, 1e9))
    assert options.writable(path) == path
    assert (path.read_text(), path.stat().st_mtime) == ("old", 1e9)


def test_progress_in_a_log(capsys):
    with options.progress("sweep", 50) as advance:
        for _ in range(50):
            advance()
    said = capsys.readouterr()
    assert said.out == ""
    assert [line.split(",")[0] for line in said.err.splitlines()] == [f"sweep {n}/50" for n in range(5, 51, 5)]


def test_progress_in_a_terminal(monkeypatch, capsys):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with options.progress("sweep", 4) as advance:
        advance(4)
        time.sleep(0.01)
    assert "sweep" in screen.getvalue() and "4/4" in screen.getvalue()
    assert capsys.readouterr().out == ""
