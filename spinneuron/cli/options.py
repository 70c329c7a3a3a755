"""Options that commands share: quantities with units, output, seed, workers, figure; and the progress bar."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import numpy as np


def _name(param: click.Parameter | None) -> str:
    """Name an option as the user wrote it: ``--width``."""
    if param is None:
        return "value"
    return max(param.opts, key=len) if isinstance(param, click.Option) else param.human_readable_name


class Quantity(click.ParamType):
    """A number with its unit, such as ``10 nm``, as a float in the SI unit.

    Parameters
    ----------
    unit : str
        The SI unit to arrive at, such as ``m`` or ``A/m^2``; ``1`` for a pure number or a percentage.
    check : str, optional
        The name of a check of `spinneuron.quantity`, such as ``"positive"``.
    """

    name = "quantity"

    def __init__(self, unit: str, check: str | None = None) -> None:
        self.unit, self.check = unit, check

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse one quantity."""
        from spinneuron import quantity

        number = quantity.parse(value, self.unit, _name(param)) if isinstance(value, str) else float(value)
        return getattr(quantity, self.check)(_name(param), number, self.unit) if self.check else number


class Range(click.ParamType):
    """Several quantities, ``5nm:20nm:16`` or ``10 nm, 12 nm``, as an array in the SI unit.

    Parameters
    ----------
    unit : str
        The SI unit to arrive at.
    """

    name = "range"

    def __init__(self, unit: str) -> None:
        self.unit = unit

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> "np.ndarray":
        """Parse the values."""
        from spinneuron.quantity import parse_range

        return parse_range(value, self.unit, _name(param)) if isinstance(value, str) else value


class Drive(click.ParamType):
    """A drive such as ``1e12 A/m^2``, ``350 uA`` or ``1 V``, as its unit and its number."""

    name = "drive"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, float]:
        """Parse one drive."""
        from spinneuron.protocols import parse_amplitude

        return parse_amplitude(value, _name(param)) if isinstance(value, str) else value


FRACTION = Quantity("1", check="fraction")
"""``5%`` or ``0.05``."""


def writable(path: str | Path, name: str = "--output") -> Path:
    """Make sure that a file can be written, before the work begins that is to end in it.

    Parameters
    ----------
    path : str or Path
    name : str
        What the user would have to change, for the message.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        See `whole_file.require_writable`.
    """
    from spinneuron.whole_file import require_writable

    return require_writable(path, name)


def _checked_output(ctx: click.Context, param: click.Parameter, value: str | None) -> Path | None:
    return None if value is None else writable(value, _name(param))


def output(default: str | None = None, what: str = "The dataset (NetCDF).") -> Callable:
    """Make the option ``-o/--output``, refused at once where nothing can be written.

    Parameters
    ----------
    default : str, optional
        None where the command chooses a name after its input; it then asks `writable` itself.
    what : str
        What is written, for the help.

    Returns
    -------
    callable
        Decorator; the command receives ``output``, a `Path` or None.
    """
    return click.option(
        "-o", "--output", metavar="FILE", default=default, show_default=True, callback=_checked_output, help=what
    )


def seed(command: Callable) -> Callable:
    """Add the option ``--seed``.

    Parameters
    ----------
    command : callable

    Returns
    -------
    callable
    """
    return click.option(
        "--seed",
        type=click.IntRange(0, 2**63 - 1),
        default=0,
        show_default=True,
        help="Same seed, same result, on any number of workers.",
    )(command)


def workers(command: Callable) -> Callable:
    """Add the option ``--workers``.

    Parameters
    ----------
    command : callable

    Returns
    -------
    callable
    """
    return click.option(
        "--workers", type=click.IntRange(1), default=None, help="Processors to use.  [default: all of them]"
    )(command)


def model(command: Callable) -> Callable:
    """Add the option ``--model`` of switching experiments.

    Parameters
    ----------
    command : callable

    Returns
    -------
    callable
    """
    return click.option(
        "--model",
        type=click.Choice(["macrospin", "fokker-planck", "lattice"]),
        default="macrospin",
        show_default=True,
        help="Trial by trial, the probability density (axial devices), or trials of a lattice.",
    )(command)


TRIALS = {"macrospin": 10_000, "fokker-planck": 1_000_000, "lattice": 64}
"""Trials per point unless told otherwise, by ``--model``; those of a density only say to what it is rounded."""


def trials(command: Callable) -> Callable:
    """Add the option ``--trials`` of switching experiments, None by default: see `TRIALS`.

    Parameters
    ----------
    command : callable

    Returns
    -------
    callable
    """
    return click.option(
        "--trials", type=click.IntRange(1), help="Per point.  [default: 10000; of a density 1000000, of a lattice 64]"
    )(command)


def tolerance(command: Callable) -> Callable:
    """Add the option ``--tolerance`` of densities.

    Parameters
    ----------
    command : callable

    Returns
    -------
    callable
    """
    return click.option(
        "--tolerance",
        type=Quantity("1", "positive"),
        default="1e-3",
        show_default=True,
        help="Relative numerical error of a probability and of its complement (fokker-planck).",
    )(command)


def no_plot(command: Callable) -> Callable:
    """Add the option ``--no-plot``; the command receives ``plot``.

    Parameters
    ----------
    command : callable

    Returns
    -------
    callable
    """
    return click.option("--plot/--no-plot", default=True, help="Draw a figure beside the data.  [default: plot]")(
        command
    )


def figure_beside(path: Path, plot: bool, suffix: str = "") -> Path | None:
    """Name the figure of a file, and make sure that it can be written.

    Parameters
    ----------
    path : Path
        Of the data.
    plot : bool
        Whether a figure is wanted.
    suffix : str
        Put after the stem.

    Returns
    -------
    Path or None

    Raises
    ------
    InputError
        If it cannot be written.
    """
    if not plot:
        return None
    from spinneuron.quantity import InputError

    figure = path.with_name(f"{path.stem}{suffix}.png")
    if figure == path:
        raise InputError(f"--output = {path}: is the name of its own figure; end it otherwise, or add --no-plot")
    return writable(figure, "figure")


def file_name(name: str) -> str:
    """Make a file name of the name of a device.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
    """
    return "-".join("".join(c if c.isalnum() or c in "._-" else " " for c in name).split()).lstrip(".") or "device"


def report(content: Any, *paths: Path | None) -> None:
    """Print the summary of a result, and where its files are.

    Parameters
    ----------
    content : object
        What `spinneuron.summary.tables` takes.
    *paths : Path or None
        None for a file that was not wanted.
    """
    from spinneuron.summary import tables

    for table in tables(content):
        click.echo(table)
    written = [str(path) for path in paths if path is not None]
    if written:
        click.echo(f"written: {', '.join(written)}")


@contextmanager
def percent(label: str) -> Iterator[Callable[[float], None]]:
    """Show progress that comes in fractions.

    Parameters
    ----------
    label : str

    Yields
    ------
    callable
        ``advance(fraction)``, with the fraction done since its last call.
    """
    done = told = 0.0
    with progress(label, 100) as advance:

        def add(fraction: float) -> None:
            nonlocal done, told
            done += 100.0 * fraction
            # Rounding must not keep the last percent back.
            whole = int(done + 1e-6)
            if whole > told:
                advance(whole - int(told))
                told = whole

        yield add


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[..., None]]:
    """Show on stderr how far the work is: a bar in a terminal, lines elsewhere.

    Parameters
    ----------
    label : str
    total : int
        Steps of the whole work.

    Yields
    ------
    callable
        ``advance(steps=1)``, to be called after every step.
    """
    if not sys.stderr.isatty():
        yield _lines(label, total)
        return
    from rich import progress as bars
    from rich.console import Console

    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeElapsedColumn(),
        bars.TextColumn("left"),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(label, total=total)
        yield lambda steps=1: bar.advance(task, steps)


def _lines(label: str, total: int) -> Callable[..., None]:
    """Report in at most ten lines, so that a log stays readable."""
    begin, done, told = time.monotonic(), 0, 0

    def advance(steps: int = 1) -> None:
        nonlocal done, told
        done += steps
        tenth = 10 * done // total
        if tenth > told:
            told = tenth
            elapsed = time.monotonic() - begin
            left = elapsed * (total - done) / done
            click.echo(f"{label} {done}/{total}, {elapsed:.0f} s, {left:.0f} s left", err=True)

    return advance
