"""``spinneuron calibrate``: simulated or measured data, or a device -> neuron file, or calibrated device."""

from pathlib import Path

import click

from spinneuron.cli import options
from spinneuron.cli.options import Quantity

# What is made -> the options that belong to the others.
FOREIGN = {
    "sigmoid neuron": ("threshold", "refractory", "drive", "trials", "temperature", "shifts", "free"),
    "signed-lif neuron": ("heating", "cooling", "components", "p_max", "time_step", "shifts", "free"),
    "gaussian neuron": (
        "threshold",
        "refractory",
        "drive",
        "pulse_width",
        "trials",
        "temperature",
        "heating",
        "cooling",
        "components",
        "p_max",
        "time_step",
        "shifts",
        "free",
    ),
    "device": ("surrogate", "threshold", "refractory", "drive", "trials", "temperature", "components", "p_max"),
}


@click.command()
@click.argument("source")
@click.option(
    "--surrogate",
    type=click.Choice(["signed-lif", "sigmoid", "gaussian"]),
    help="Kind of neuron.  [default: sigmoid for a CSV or a plasticity dataset, else signed-lif]",
)
@click.option("--threshold", type=options.FRACTION, default="0.25", show_default=True, help="Of the neuron: |u|.")
@click.option("--refractory", type=Quantity("s", "non_negative"), default="0 s", help="Of the neuron.  [default: 0 s]")
@click.option("--drive", type=options.Drive(), help="Of a device.  [default: 1e12 A/m^2]")
@click.option(
    "--pulse-width", type=Quantity("s", "positive"), help="Of a device.  [default: 0.5 ns]  Of curves.  [150 ns]"
)
@click.option("--trials", type=click.IntRange(1), help="Of a device.  [default: 200; 1 at 0 K]")
@click.option("--temperature", type=Quantity("K", "non_negative"), help="Of a device.  [default: its own]")
@click.option("--heating", metavar="CSV", help="Curves after one pulse, where SOURCE does not hold them.")
@click.option("--cooling", metavar="CSV", help="Curves after a delay, where SOURCE does not hold them.")
@click.option("--components", type=click.IntRange(1, 2), help="Of the heat of a sigmoid.  [default: 1]")
@click.option("--p-max", type=options.FRACTION, help="Ceiling of the curves.  [default: fitted]")
@click.option("--time-step", type=Quantity("s", "positive"), help="Period of the cycle of curves.  [default: 230 ns]")
@click.option("--device", metavar="DEVICE", help="Fit the numbers of this device to the curves, instead of a neuron.")
@click.option("--shifts", metavar="CSV", help="Measured shifts, with uncertainty, for the device.")
@click.option(
    "--free", metavar="NAME", multiple=True,
    help="Number of the device to fit, like P or thermal_times[0]; may be repeated.  [default: barrier, P, heat path]",
)  # fmt: skip
@options.output(what="The neuron file (JSON), or device (TOML).  [default: SOURCE-neuron.json, SOURCE-device.toml]")
@options.seed
@options.workers
@options.no_plot
@click.pass_context
def calibrate(
    context, source, surrogate, threshold, refractory, drive, pulse_width, trials, temperature, heating, cooling,
    components, p_max, time_step, device, shifts, free, output, seed, workers, plot,
):  # fmt: skip
    """Fit a neuron to simulated trajectories or measured curves.

    SOURCE is a run of `spinneuron simulate` (NetCDF), or a device: a preset or a TOML file, which is then driven by a
    graded train of pulses of both signs. Of these a signed-lif neuron is made. A dataset of `spinneuron plasticity`,
    measured switching curves (CSV, see docs/measured.md), or a device with --surrogate sigmoid give a sigmoid neuron;
    a CSV with --device gives the physical numbers of a device, and a CSV of outputs with --surrogate gaussian a
    gaussian neuron.

    \b
    Example:
      spinneuron calibrate orthogonal -o neuron.json
      spinneuron calibrate orthogonal-run.nc --threshold 0.2
      spinneuron calibrate plasticity-plasticity.nc -o neuron.json
      spinneuron calibrate baseline.csv --heating heating.csv --cooling cooling.csv --p-max 1
      spinneuron calibrate all.csv --device plasticity --free P --free activation_volume -o mine.toml
    """
    from spinneuron import dataset_file, neuron_file, plotting
    from spinneuron.dynamics.threads import use_threads
    from spinneuron.plotting.neuron import calibration
    from spinneuron.quantity import InputError
    from spinneuron.surrogates import SURROGATES

    use_threads(workers, "--workers")
    if device is not None:
        from spinneuron.cli.calibrate_device import from_curves as to_device

        if not _is_csv(source):
            raise InputError(f"{source}: is no file of measured curves; --device needs one that ends in .csv")
        _refuse_foreign(context, source, "device")
        files = {"heating": heating, "cooling": cooling}
        return to_device(source, files, shifts, (device, free), (time_step, pulse_width), output, plot)
    data = dataset_file.load(source) if source.endswith(".nc") else None
    suite = data is not None and data.attrs["kind"] == "spinneuron-plasticity"
    surrogate = surrogate or ("sigmoid" if _is_csv(source) or suite else "signed-lif")
    if surrogate == "gaussian":
        from spinneuron.cli.calibrate_gaussian import from_outputs

        if not _is_csv(source):
            raise InputError(f"{source}: is no file of measured outputs; a gaussian neuron needs one that ends in .csv")
        _refuse_foreign(context, source, "gaussian neuron")
        return from_outputs(source, output, plot)
    if _is_csv(source) and surrogate != "sigmoid":
        raise InputError(f"--surrogate = {surrogate}: {source} holds measured curves; write sigmoid, or leave it out")
    _refuse_foreign(context, source, f"{surrogate} neuron")
    if surrogate == "sigmoid":
        from spinneuron.cli.calibrate_sigmoid import from_curves, from_device, from_suite

        fields = {"components": components, "p_max": p_max, "time_step": time_step, "pulse_width": pulse_width}
        if _is_csv(source):
            return from_curves(source, {"heating": heating, "cooling": cooling}, fields, output, plot)
        if heating or cooling:
            raise InputError(f"--heating, --cooling: {source} is no CSV of curves; leave them out")
        if data is not None:
            return from_suite(source, data, fields, output, plot)
        return from_device(source, fields, output, plot)
    simulated = {"--drive": drive, "--pulse-width": pulse_width, "--trials": trials, "--temperature": temperature}
    make, stem, file = _source(source, data, simulated, seed)
    path = output or options.writable(Path(f"{stem}-neuron.json"))
    figure = options.figure_beside(path, plot)
    run = make()
    model = SURROGATES[surrogate].fit(run, threshold=threshold, refractory=refractory)
    neuron_file.save(path, model, provenance=neuron_file.provenance_of(run, file))
    if figure:
        plotting.save(calibration(run, model), figure)
    options.report(model, path, figure)


def _is_csv(source: str) -> bool:
    return source.lower().endswith(".csv")


def _refuse_foreign(context: click.Context, source: str, made: str) -> None:
    """Refuse options of what is not made."""
    from spinneuron.quantity import InputError

    for name in FOREIGN[made]:
        if context.get_parameter_source(name) == click.core.ParameterSource.COMMANDLINE:
            option = f"--{name.replace('_', '-')}"
            remedy = "add --device, or leave it out" if name in ("shifts", "free") else "leave it out"
            raise InputError(f"{option}: is no option of a {made} from {source}; {remedy}")


def _source(source: str, data, simulated: dict, seed: int):
    """How to come by the trajectories, the stem of output names, and the file they are from."""
    from spinneuron import dataset_file
    from spinneuron.device import Device
    from spinneuron.quantity import InputError

    if source not in Device.presets() and not source.endswith(".toml"):
        if Path(source).is_file() or source.endswith((".nc", ".json")):
            run = dataset_file.load(source) if data is None else data
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
