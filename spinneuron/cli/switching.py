"""``spinneuron switching``: switching curve of a device, with its sigmoid."""

from pathlib import Path

import click

from spinneuron.cli import options
from spinneuron.cli.options import Quantity, Range


@click.command()
@click.argument("device")
@click.option("--voltage", type=Range("V"), default="0.68V:0.96V:29", show_default=True, help="Of the set pulse.")
@click.option("--width", type=Quantity("s", "positive"), default="150 ns", show_default=True, help="Of its plateau.")
@click.option("--edge", type=Quantity("s", "positive"), default="20 ns", show_default=True, help="Its rise and fall.")
@click.option(
    "--after", "before", multiple=True, metavar="PULSE",
    help='What came before: set pulses like "0.9 V, 500 ns", each with its reset; "wait 200 ns". May be repeated.',
)  # fmt: skip
@click.option("--reset", type=Quantity("V", "finite"), default="-0.8 V", show_default=True, help="Amplitude, 20 ns.")
@options.model
@options.trials
@options.tolerance
@options.output(what="The dataset (NetCDF).  [default: DEVICE-switching.nc]")
@options.seed
@options.workers
@options.no_plot
def switching(device, voltage, width, edge, before, reset, model, trials, tolerance, output, seed, workers, plot):
    """Compute the switching curve of a device.

    \b
    Example:
      spinneuron switching plasticity --voltage 0.7V:0.95V:26 --trials 2000
      spinneuron switching plasticity --after "0.9 V, 500 ns" --after "wait 200 ns" --model fokker-planck
    """
    from spinneuron import dataset_file, plotting
    from spinneuron.device import Device
    from spinneuron.dynamics.threads import use_threads
    from spinneuron.protocols import Cycle
    from spinneuron.switching import switching_curve

    junction = Device.load(device)
    use_threads(workers, "--workers")
    cycle = Cycle(edge=edge, width=width, reset=reset)
    history = [_stage(text, cycle) for text in before]
    path = output or options.writable(Path(f"{options.file_name(junction.name)}-switching.nc"))
    figure = options.figure_beside(path, plot)
    with options.percent("switching") as progress:
        curve = switching_curve(
            junction, voltage, cycle=cycle, before=history, model=model, trials=trials or options.TRIALS[model],
            seed=seed, tolerance=tolerance, progress=progress,
        )  # fmt: skip
    dataset_file.save(curve, path)
    if figure:
        plotting.save(plotting.draw(curve), figure)
    options.report(curve, path, figure)


def _stage(text: str, cycle):
    """A set pulse with its reset, or an idle time."""
    from spinneuron.protocols import Pulse
    from spinneuron.quantity import InputError, non_negative, parse

    word, _, rest = text.strip().partition(" ")
    if word == "wait":
        return non_negative("--after wait", parse(rest, "s", "--after wait"), "s")
    pulse = Pulse.parse(text)
    if pulse.unit != "V":
        raise InputError(f'--after = "{text}": a voltage is needed, like "0.9 V, 500 ns"')
    return cycle.pump(pulse.amplitude, pulse.width, delay=0.0)
