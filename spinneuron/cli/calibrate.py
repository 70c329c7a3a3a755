"""``spinneuron calibrate``: trajectories of a device -> neuron file."""

from pathlib import Path

import click

from spinneuron.cli import options
from spinneuron.cli.options import Quantity


@click.command()
@click.argument("source")
@click.option(
    "--surrogate", type=click.Choice(["signed-lif"]), default="signed-lif", show_default=True, help="Kind of neuron."
)
@click.option("--threshold", type=options.FRACTION, default="0.25", show_default=True, help="Of the neuron: |u|.")
@click.option("--refractory", type=Quantity("s", "non_negative"), default="0 s", help="Of the neuron.  [default: 0 s]")
@click.option("--drive", type=options.Drive(), help="Of a device.  [default: 1e12 A/m^2]")
@click.option("--pulse-width", type=Quantity("s", "positive"), help="Of a device.  [default: 0.5 ns]")
@click.option("--trials", type=click.IntRange(1), help="Of a device.  [default: 200; 1 at 0 K]")
@click.option("--temperature", type=Quantity("K", "non_negative"), help="Of a device.  [default: its own]")
@options.output(what="The neuron file (JSON).  [default: SOURCE-neuron.json]")
@options.seed
@options.workers
@options.no_plot
def calibrate(
    source, surrogate, threshold, refractory, drive, pulse_width, trials, temperature, output, seed, workers, plot
):
    """Fit a neuron to simulated trajectories.

    SOURCE is a run of `spinneuron simulate` (NetCDF), or a device: a preset or a TOML file, which is then driven by a
    graded train of pulses of both signs.

    \b
    Example:
      spinneuron calibrate orthogonal -o neuron.json
      spinneuron calibrate orthogonal-run.nc --threshold 0.2
    """
    from spinneuron import neuron_file, plotting
    from spinneuron.dynamics.threads import use_threads
    from spinneuron.plotting.neuron import calibration
    from spinneuron.surrogates import SURROGATES

    use_threads(workers, "--workers")
    simulated = {"--drive": drive, "--pulse-width": pulse_width, "--trials": trials, "--temperature": temperature}
    make, stem, file = _source(source, simulated, seed)
    path = output or options.writable(Path(f"{stem}-neuron.json"))
    figure = options.figure_beside(path, plot)
    run = make()
    model = SURROGATES[surrogate].fit(run, threshold=threshold, refractory=refractory)
    neuron_file.save(path, model, provenance=neuron_file.provenance_of(run, file))
    if figure:
        plotting.save(calibration(run, model), figure)
    options.report(model, path, figure)


def _source(source: str, simulated: dict, seed: int):
    """How to come by the trajectories, the stem of output names, and the file they are from."""
    from spinneuron import dataset_file
    from spinneuron.device import Device
    from spinneuron.quantity import InputError

    if source not in Device.presets() and not source.endswith(".toml"):
        if Path(source).is_file() or source.endswith((".nc", ".json")):
            run = dataset_file.load(source)
            if run.attrs["kind"] != "spinneuron-run":
                raise InputError(f"{source}: is a {run.attrs['kind']}; give a run, made by `spinneuron simulate`")
            for name, value in simulated.items():
                if value is not None:
                    raise InputError(f"{name}: {source} is simulated already; leave it out, or give a device")
            return lambda: run, Path(source).stem, source
    junction = Device.load(source)
    return lambda: _simulated(junction, simulated, seed), options.file_name(junction.name), None


def _simulated(junction, given: dict, seed: int):
    from spinneuron.protocols import bipolar
    from spinneuron.simulation import simulate

    unit, amplitude = given["--drive"] or ("A/m^2", 1e12)
    width = given["--pulse-width"] or 0.5e-9
    temperature = junction.temperature if given["--temperature"] is None else given["--temperature"]
    trials = given["--trials"] or (200 if temperature else 1)
    protocol = bipolar(amplitude, width, gap=width, unit=unit)
    with options.percent("simulate") as progress:
        return simulate(
            junction, protocol, trials=trials, seed=seed, temperature=temperature, every=10e-12, progress=progress
        )
