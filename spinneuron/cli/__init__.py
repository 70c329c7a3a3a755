"""The command line. A new command is one module here and one line in `COMMANDS`.

Bad input ends with one line on stderr and exit code 2, an interrupt with 130; a traceback is always a bug of ours.
What a command returns is its exit code (None: 0).
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click
from click.exceptions import NoArgsIsHelpError

from spinneuron import __version__

# Name -> (where the command is, its help line). The line is repeated here so that `--help` imports no command; a test
# holds both equal.
COMMANDS = {
    "devices": ("spinneuron.cli.devices:devices", "List the preset devices, or print one as TOML to start from."),
    "simulate": ("spinneuron.cli.simulate:simulate", "Run a device through voltage or current pulses."),
    "switching": ("spinneuron.cli.switching:switching", "Compute the switching curve of a device."),
    "write-error": ("spinneuron.cli.write_error:write_error", "Compute write errors against the width of the pulse."),
    "rates": ("spinneuron.cli.rates:rates", "Compute retention times and switching rates at constant voltages."),
    "plasticity": (
        "spinneuron.cli.plasticity:plasticity",
        "Run the published heating and cooling experiments on a junction.",
    ),
    "sweep": ("spinneuron.cli.sweep:sweep", "Map the design window of a geometry over its sizes."),
    "calibrate": ("spinneuron.cli.calibrate:calibrate", "Fit a neuron to simulated trajectories or measured curves."),
    "validate": ("spinneuron.cli.validate:validate", "Hold a neuron against measured shifts or switching curves."),
    "compare": ("spinneuron.cli.compare:compare", "Compare designs with the ideal signed neuron."),
    "circuit": ("spinneuron.cli.circuit:circuit", "Compute comparator window, yield, energy and area of a neuron."),
    "capacity": (
        "spinneuron.cli.capacity:capacity",
        "Bound what any network can remember, from the neuron alone.",
    ),
    "train": ("spinneuron.cli.train:train", "Train networks on a memory experiment."),
    "export": ("spinneuron.cli.export:export", "Write a neuron in a format of other programs."),
    "show": ("spinneuron.cli.show:show", "Summarize and draw any file that spinneuron wrote."),
}


class LazyGroup(click.Group):
    """A group that imports a command when it runs, not when it is listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the names in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        return getattr(import_module(module), attribute)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help lines without importing the commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        """Run the command. Click takes a closed pipe for a failure; with ``| head`` it is what the reader wants."""
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # What is still buffered would fail once more when Python shuts down.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 141
        return code

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the nearest one."""
        if args[0] in COMMANDS or args[0].startswith("-"):
            return super().resolve_command(ctx, args)
        from spinneuron.units import nearest

        hint = nearest(args[0], COMMANDS) or f"the commands are {', '.join(COMMANDS)}"
        raise click.UsageError(f"no command {args[0]!r}; {hint}", ctx)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(__version__, message="%(prog)s %(version)s")
def spinneuron() -> None:
    """Simulate magnetic tunnel junctions as neurons.

    DEVICE is the name of a preset or a TOML file. Quantities carry units, such as "10 nm" or "0.9 V"; ranges are
    START:STOP:COUNT, such as 5nm:20nm:16, or comma lists.

    \b
    Example:
      spinneuron devices orthogonal > mine.toml
      spinneuron simulate mine.toml --pulse "0.9 V, 150 ns"
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those after the program's name; of this process by default.

    Returns
    -------
    int
        Exit code: 0 done, 1 a check missed, 2 bad input, 130 interrupted, 141 nobody reads the output any more.
    """
    try:
        code = spinneuron.main(arguments, prog_name="spinneuron", standalone_mode=False)
    except NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 0
    except click.UsageError as error:
        return _fail(_usage(error))
    except click.ClickException as error:
        return _fail(error.format_message())
    except click.Abort as abort:
        # A command that knows how to go on says so: KeyboardInterrupt("...").
        said = str(abort.__cause__ or "") or "nothing more was written"
        _say(f"interrupted: {said}")
        return 130
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error))
    except ValueError as error:
        from spinneuron.quantity import InputError

        if isinstance(error, InputError):
            return _fail(str(error))
        raise
    return code if isinstance(code, int) else 0


def _usage(error: click.UsageError) -> str:
    """Make one line of a usage error, with the place to look."""
    message = " ".join(error.format_message().split()).rstrip(".")
    where = error.ctx.command_path if error.ctx else "spinneuron"
    return f"{message} (see `{where} --help`)"


def _fail(message: str) -> int:
    _say(f"error: {' '.join(message.split())}")
    return 2


def _say(message: str) -> None:
    click.echo(message, err=True)
