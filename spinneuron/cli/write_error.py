"""``spinneuron write-error``: how often a pulse fails to switch, however rarely that is."""

from pathlib import Path

import click

from spinneuron.cli import options
from spinneuron.cli.options import Quantity, Range


@click.command("write-error")
@click.argument("device")
@click.option("--voltage", type=Range("V"), default="0.9V:1.1V:3", show_default=True, help="Of the set pulse.")
@click.option("--width", type=Range("s"), default="10ns:200ns:39", show_default=True, help="Of its plateau.")
@click.option("--edge", type=Quantity("s", "positive"), default="20 ns", show_default=True, help="Its rise and fall.")
@options.tolerance
@options.output(what="The dataset (NetCDF).  [default: DEVICE-write-error.nc]")
@options.no_plot
def write_error(device, voltage, width, edge, tolerance, output, plot):
    """Compute write errors against the width of the pulse.

    \b
    Example:
      spinneuron write-error plasticity --voltage "1.0 V, 1.1 V" --width 20ns:200ns:37
    """
    from spinneuron import dataset_file, plotting, switching
    from spinneuron.device import Device
    from spinneuron.protocols import Cycle

    junction = Device.load(device)
    path = output or options.writable(Path(f"{options.file_name(junction.name)}-write-error.nc"))
    figure = options.figure_beside(path, plot)
    with options.percent("write-error") as progress:
        found = switching.write_error(
            junction, voltage, width, cycle=Cycle(edge=edge), tolerance=tolerance, progress=progress
        )
    dataset_file.save(found, path)
    if figure:
        plotting.save(plotting.draw(found), figure)
    options.report(found, path, figure)
