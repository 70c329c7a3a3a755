"""``spinneuron compare``: designs side by side, each with its fit and the causes of its motion."""

import click

from spinneuron.cli import options
from spinneuron.cli.options import Quantity


@click.command()
@click.argument("devices", nargs=-1)
@click.option("--drive", type=options.Drive(), default="1e12 A/m^2", show_default=True, help="Amplitude of the train.")
@click.option("--pulse-width", type=Quantity("s", "positive"), default="0.5 ns", show_default=True, help="Of a pulse.")
@click.option("--gap", type=Quantity("s", "non_negative"), default="0.5 ns", show_default=True, help="Between them.")
@click.option("--trials", type=click.IntRange(1), help="[default: 200; 1 at 0 K]")
@click.option("--temperature", type=Quantity("K", "non_negative"), default="300 K", show_default=True, help="Bath.")
@click.option("--every", type=Quantity("s", "positive"), default="10 ps", show_default=True, help="Of records.")
@options.output(default="compare.nc")
@options.seed
@options.workers
@options.no_plot
def compare(devices, drive, pulse_width, gap, trials, temperature, every, output, seed, workers, plot):
    """Compare designs with the ideal signed neuron.

    DEVICES, by default orthogonal and parallel, go through one graded train of pulses of both signs, beside the ideal
    signed leaky integrate-and-fire neuron of the first one.

    \b
    Example:
      spinneuron compare
      spinneuron compare orthogonal mine.toml --temperature "0 K" -o mine.nc
    """
    from spinneuron import dataset_file, evolution, plotting
    from spinneuron.device import Device
    from spinneuron.dynamics.threads import use_threads
    from spinneuron.protocols import bipolar

    use_threads(workers, "--workers")
    junctions = [Device.load(name) for name in devices or ("orthogonal", "parallel")]
    figure = options.figure_beside(output, plot)
    unit, amplitude = drive
    protocol = bipolar(amplitude, pulse_width, gap=gap, unit=unit)
    trials = trials or (200 if temperature else 1)
    with options.percent("compare") as progress:
        result = evolution.compare(
            junctions, protocol, trials=trials, temperature=temperature, seed=seed, every=every, progress=progress
        )
    dataset_file.save(result, output)
    if figure:
        plotting.save(plotting.draw(result), figure)
    options.report(result, output, figure)
