"""``spinneuron rates``: how long the states of a junction last at constant voltages."""

from pathlib import Path

import click

from spinneuron.cli import options
from spinneuron.cli.options import Quantity, Range


@click.command()
@click.argument("device")
@click.option("--voltage", type=Range("V"), default="0 V", show_default=True, help="Constant, across the junction.")
@click.option("--temperature", type=Quantity("K", "positive"), help="Of the surroundings.  [default: the device's]")
@click.option("--heated", is_flag=True, help="Each state at the steady temperature of its own Joule power.")
@options.output(what="The dataset (NetCDF).  [default: DEVICE-rates.nc]")
@options.no_plot
def rates(device, voltage, temperature, heated, output, plot):
    """Compute retention times and switching rates at constant voltages.

    For axial devices: eigenvalues of the Fokker-Planck equation, to ten digits however small.

    \b
    Example:
      spinneuron rates plasticity --temperature "358 K"
      spinneuron rates plasticity --voltage=-0.6V:0.9V:31 --heated
    """
    from spinneuron import dataset_file, plotting
    from spinneuron.device import Device
    from spinneuron.switching import switching_rates

    junction = Device.load(device)
    path = output or options.writable(Path(f"{options.file_name(junction.name)}-rates.nc"))
    figure = options.figure_beside(path, plot)
    made = switching_rates(junction, voltage, temperature=temperature, heated=heated)
    dataset_file.save(made, path)
    if figure:
        plotting.save(plotting.draw(made), figure)
    options.report(made, path, figure)
