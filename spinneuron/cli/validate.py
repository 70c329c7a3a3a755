"""``spinneuron validate``: a neuron against what was measured."""

from pathlib import Path

import click

from spinneuron.cli import options

# Shift: the published scatter is 0.29 mV (fig. S4). Probability: 1000 trials scatter by up to 1.6 %, and 0.5 mV on the
# steepest part of a curve of k = 44 /V move it by 0.6 %.
TOLERANCES = {"shift": ("V", "0.5 mV"), "probability": ("1", "2%")}


@click.command()
@click.argument("neuron")
@click.option("--measured", metavar="CSV", required=True, help="Shifts of the midpoint, or switching curves.")
@click.option("--tolerance", metavar="TEXT", help="Of the RMSE.  [default: 0.5 mV for shifts, 2% for curves]")
@options.output(what="The residuals (NetCDF).  [default: CSV's name with -validation.nc]")
@options.no_plot
def validate(neuron, measured, tolerance, output, plot):
    """Hold a neuron against measured shifts or switching curves.

    NEURON is a neuron file (JSON) of a sigmoid, or the name of a shipped one, such as plasticity-text. Exit code 1 says
    that the root mean square of the residuals exceeds the tolerance.

    \b
    Example:
      spinneuron validate plasticity-text --measured dx0.csv --tolerance "0.3 mV"
      spinneuron validate neuron.json --measured curves.csv --tolerance 1%
    """
    from spinneuron import dataset_file, neuron_file, plotting
    from spinneuron.measured import Curves, probability_residuals, read, residuals
    from spinneuron.quantity import InputError, format
    from spinneuron.surrogates import Sigmoid

    model = neuron_file.load(neuron)
    if not isinstance(model, Sigmoid):
        shipped = ", ".join(neuron_file.presets())
        raise InputError(f"{neuron}: is a {model.MODEL} neuron; give a sigmoid one: a file, or one of {shipped}")
    data = read(measured)
    unit, limit = _tolerance(tolerance, "probability" if isinstance(data, Curves) else "shift", measured)
    path = output or options.writable(Path(f"{Path(measured).stem}-validation.nc"))
    figure = options.figure_beside(path, plot)
    rows = probability_residuals(model, data) if isinstance(data, Curves) else residuals(model, data)
    rows = rows.assign_attrs(tolerance=limit, neuron_name=Path(neuron).name)
    dataset_file.save(rows, path)
    if figure:
        plotting.save(plotting.draw(rows), figure)
    options.report(rows, path, figure)
    if rows.attrs["rmse"] <= limit:
        return 0
    rmse, most = (format(value, "%" if unit == "1" else unit, 4) for value in (rows.attrs["rmse"], limit))
    click.echo(f"missed: RMSE {rmse} exceeds the tolerance {most}", err=True)
    return 1


def _tolerance(text: str | None, compared: str, measured: str) -> tuple[str, float]:
    """The tolerance in the unit of what is compared."""
    from spinneuron import quantity
    from spinneuron.quantity import InputError

    unit, usual = TOLERANCES[compared]
    try:
        return unit, quantity.positive("--tolerance", quantity.parse(text or usual, unit, "--tolerance"), unit)
    except InputError as error:
        what = "shifts" if compared == "shift" else "switching curves"
        raise InputError(f"{error}; {Path(measured).name} holds {what}, its tolerance is like {usual}") from None
