"""``spinneuron export``: a neuron in a format of others."""

from pathlib import Path

import click

from spinneuron.cli import options
from spinneuron.cli.options import Quantity


@click.command()
@click.argument("neuron")
@click.option("--format", "kind", type=click.Choice(["nir"]), default="nir", show_default=True, help="Of the output.")
@click.option("--units", type=click.IntRange(1), default=1, show_default=True, help="Neurons of the layer.")
@click.option(
    "--time-step", type=Quantity("s", "positive"), help="Real length of a step of a signed-lif.  [default: its file's]"
)
@click.option("--dt", type=Quantity("s", "positive"), default="100 us", show_default=True, help="Step of the importer.")
@click.option(
    "--integration", type=click.Choice(["euler", "exact"]), default="euler", show_default=True,
    help="How the importer steps.",
)  # fmt: skip
@options.output(what="The file (HDF5).  [default: NEURON's name with .nir]")
def export(neuron, kind, units, time_step, dt, integration, output):
    """Write a neuron in a format of other programs.

    NEURON is a neuron file (JSON), or the name of a shipped one. NIR is read by snnTorch, SpikingJelly, Norse and
    others; it has no stochastic and no signed neurons, so that the export is lossy and says in its metadata what is
    lost and how time was scaled (docs/networks.md).

    \b
    Example:
      spinneuron export neuron.json --format nir --units 100 -o layer.nir
    """
    from spinneuron import neuron_file
    from spinneuron.networks import bridges

    model = neuron_file.load(neuron)
    write = bridges.write_nir
    path = output or options.writable(Path(f"{Path(neuron).stem}.nir"))
    write(path, model, units=units, time_step=time_step, dt=dt, integration=integration)
    click.echo(f"{path}: {units} x {model.MODEL}, lossy: lost are {bridges.lost(model)}")
