"""``spinneuron show``: what a file of ours holds."""

from pathlib import Path

import click

from spinneuron.cli import options

# As OOMMF names them: fields in general, magnetization, magnetic field, energy density; binary ones of older versions.
_OVF = (".ovf", ".omf", ".ohf", ".oef", ".obf")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@options.output(what="The figure (PNG, PDF or SVG).  [default: the name of FILE with .png]")
@options.no_plot
def show(file, output, plot):
    """Summarize and draw any file that spinneuron wrote.

    FILE is a dataset (NetCDF), a neuron file (JSON), a device (TOML), or a field on a lattice (OVF, also of OOMMF or
    mumax3).

    \b
    Example:
      spinneuron show orthogonal-window.nc -o window.pdf
      spinneuron show neuron.json --no-plot
      spinneuron show m000001.ovf
    """
    from spinneuron import plotting

    content = _load(file)
    figure = (output or options.figure_beside(file, plot)) if plot else None
    if figure:
        plotting.save(plotting.draw(content), figure)
    options.report(content, figure, _map(content, figure))


def _map(content, figure: Path | None) -> Path | None:
    """Draw the temperature of the columns, where a run has kept it, beside the figure."""
    from spinneuron import plotting
    from spinneuron.plotting.temperature_map import temperature_map

    if figure is None or "temperature_map" not in getattr(content, "data_vars", ()):
        return None
    beside = figure.with_name(f"{figure.stem}-temperature{figure.suffix}")
    plotting.save(temperature_map(content), beside)
    return beside


def _load(file: Path):
    """Read a file by its ending."""
    from spinneuron import dataset_file, neuron_file, ovf
    from spinneuron.device import Device
    from spinneuron.quantity import InputError

    if file.suffix == ".toml":
        return Device.from_toml(file)
    if file.suffix == ".json":
        return neuron_file.load(file)
    if file.suffix.lower() in _OVF:
        return ovf.read(file)
    if file.exists() and file.suffix not in (".nc", ""):
        raise InputError(f"{file}: the name ends in none of .nc, .json, .toml, .ovf; give a file that spinneuron wrote")
    return dataset_file.load(file)
