"""``spinneuron simulate``: one device through pulses, as a dataset and a figure."""

import warnings
from contextlib import contextmanager
from pathlib import Path

import click

from spinneuron.cli import options
from spinneuron.cli.options import Quantity


@click.command()
@click.argument("device")
@click.option(
    "--pulse", "pulses", multiple=True, metavar="PULSE",
    help='Amplitude and width, and if need be edges and delay: "1e12 A/m^2, 1 ns, rise 20 ps, fall 20 ps, delay 2 ns"; '
    'also in V or A; may be repeated.  [default: "1e12 A/m^2, 1 ns"]',
)  # fmt: skip
@click.option("--after", type=Quantity("s", "non_negative"), default="3 ns", show_default=True, help="Time at the end.")
@click.option(
    "--protocol", type=click.Choice(["pulses", "bipolar"]), default="pulses", show_default=True,
    help="The pulses as given, or a graded bipolar train of the first one.",
)  # fmt: skip
@click.option("--trials", type=click.IntRange(1), default=1, show_default=True, help="Independent runs.")
@click.option("--temperature", type=Quantity("K", "non_negative"), help="[default: the device's]")
@click.option(
    "--every", type=Quantity("s", "positive"), help="Of records.  [default: 10 ps; of a density 1/200 of the whole]"
)
@click.option("--stepper", help="Scheme.  [default: heun, at 0 K dormand-prince]")
@click.option("--dt", type=Quantity("s", "positive"), help="Its step.  [default: 0.7 of the largest safe one]")
@click.option(
    "--model", type=click.Choice(["macrospin", "fokker-planck", "lattice"]), default="macrospin", show_default=True,
    help="Trajectories of one moment, its probability density, or a lattice of many.",
)  # fmt: skip
@click.option("--cell", type=Quantity("m", "positive"), help="Of a lattice.  [default: 5 nm or less]")
@click.option("--snapshots", type=Quantity("s", "positive"), help="Time between records of all moments of a lattice.")
@click.option("--grain-size", type=Quantity("m", "positive"), help="Mean diameter of the grains of a lattice.")
@click.option(
    "--ku-spread", type=Quantity("1", "non_negative"), default="0", help="Standard deviation of Ku between grains."
)
@click.option(
    "--heat", type=click.Choice(["device", "cells"]), default="device", show_default=True,
    help="Of a lattice: one temperature, or one for every column of cells.",
)  # fmt: skip
@click.option("--animate", is_flag=True, help="Draw the snapshots as a GIF, too.")
@click.option("--resume", is_flag=True, help="Go on with an interrupted run of a lattice.")
@click.option(
    "--tolerance", type=Quantity("1", "positive"), default="1e-4", show_default=True,
    help="Of means and probabilities of a density.",
)  # fmt: skip
@click.option("--spikes", "threshold", type=options.FRACTION, metavar="LEVEL", help="Read spikes at |m.p| = LEVEL.")
@click.option(
    "--refractory", type=Quantity("s", "non_negative"), default="0 s", help="Dead time after a spike.  [default: 0 s]"
)
@click.option("--closed-loop", is_flag=True, help="Each spike switches the drive off for the refractory time.")
@options.output(what="The dataset (NetCDF).  [default: DEVICE-run.nc]")
@options.seed
@options.workers
@options.no_plot
def simulate(
    device, pulses, after, protocol, trials, temperature, every, stepper, dt, model, tolerance, cell, snapshots,
    grain_size, ku_spread, heat, animate, resume, threshold, refractory, closed_loop, output, seed, workers, plot,
):  # fmt: skip
    """Run a device through voltage or current pulses.

    \b
    Example:
      spinneuron simulate orthogonal --pulse "1e12 A/m^2, 1 ns" --pulse "-1e12 A/m^2, 1 ns, delay 1 ns" --trials 100
      spinneuron simulate plasticity --pulse "0.9 V, 150 ns, rise 20 ns, fall 20 ns" --model fokker-planck
      spinneuron simulate plasticity --pulse "0.9 V, 150 ns" --model lattice --snapshots "1 ns"
      spinneuron simulate orthogonal --pulse "1 V, 8 ns" --spikes 0.25 --refractory "1 ns" --closed-loop
    """
    from spinneuron import dataset_file, readout, simulation, switching
    from spinneuron.device import Device
    from spinneuron.dynamics.ensemble import Numerics
    from spinneuron.dynamics.threads import use_threads
    from spinneuron.protocols import Protocol, Pulse, bipolar

    junction = Device.load(device)
    use_threads(workers, "--workers")
    given = [Pulse.parse(text) for text in pulses or ["1e12 A/m^2, 1 ns"]]
    first = given[0]
    waveform = Protocol.of(given, after)
    if protocol == "bipolar":
        waveform = bipolar(first.amplitude, first.width, after=after, edge=first.rise, unit=first.unit)
    kind = "density" if model == "fokker-planck" else "run"
    path = output or options.writable(Path(f"{options.file_name(junction.name)}-{kind}.nc"))
    figure = options.figure_beside(path, plot)
    _check_reading(threshold, refractory, closed_loop, stepper, dt)
    _refuse_others(model, cell, snapshots, grain_size, ku_spread, heat != "device", resume or animate)
    if model == "fokker-planck":
        _refuse_trials(trials, threshold, stepper, dt)
        run = switching.density_run(junction, waveform, every=every, temperature=temperature, tolerance=tolerance)
    elif model == "lattice":
        _refuse_reading(threshold, stepper, animate, snapshots)
        layout = {"dt": dt, "cell": cell, "grain_size": grain_size, "Ku_spread": ku_spread, "grain_seed": seed}
        layout["heat"] = heat
        common = {"trials": trials, "seed": seed, "temperature": temperature, "every": every}
        run = _lattice(junction, waveform, path, resume, layout, snapshots=snapshots, **common)
    else:
        common = {"trials": trials, "seed": seed, "temperature": temperature, "every": every or 10e-12}
        if closed_loop:
            run = readout.closed_loop(junction, waveform, threshold, refractory=refractory, **common)
        else:
            with options.percent("simulate") as progress:
                numerics = Numerics(stepper=stepper, dt=dt)
                run = simulation.simulate(junction, waveform, numerics=numerics, progress=progress, **common)
        if threshold is not None and not closed_loop:
            spikes = readout.fire(run, threshold, refractory=refractory)
            # The run keeps its kind and its own drive.
            attrs = spikes.attrs | run.attrs
            run = run.merge(spikes.drop_vars(spikes.data_vars.keys() & run.data_vars.keys())).assign_attrs(attrs)
    dataset_file.save(run, path)
    options.report(run, path, *_pictures(run, path, figure, animate))


@contextmanager
def warnings_said():
    """Print warnings as one line each, once."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for text in dict.fromkeys(str(one.message) for one in caught):
        click.echo(f"warning: {text}", err=True)


def _lattice(junction, waveform, path, resume, layout, **how):
    """Run a lattice, with a checkpoint beside the output."""
    from spinneuron.lattice.devices import Layout, simulate_lattice
    from spinneuron.quantity import InputError

    checkpoint = path.with_name(f"{path.name}.checkpoint")
    if checkpoint.exists() and not resume:
        raise InputError(f"{checkpoint}: holds an unfinished run; continue it with --resume, or delete the file")
    with warnings_said(), options.percent("simulate") as progress:
        how |= {"layout": Layout(**layout), "checkpoint": checkpoint, "progress": progress}
        return simulate_lattice(junction, waveform, **how)


def _pictures(run, path, figure, animate) -> list:
    """Draw the trajectory, and snapshots where there are some."""
    from spinneuron import plotting
    from spinneuron.plotting import lattice, magnets, temperature_map

    written = [figure]
    if figure:
        plotting.save(plotting.draw(run), figure)
        if "moments" in run:
            written.append(path.with_name(f"{path.stem}-moments.png"))
            plotting.save(magnets.snapshots(run), written[-1])
        if "temperature_map" in run:
            written.append(path.with_name(f"{path.stem}-temperature.png"))
            plotting.save(temperature_map.temperature_map(run), written[-1])
    if animate:
        moments, times = run["moments"].isel(trial=0).values, run["snapshot_time"].values.tolist()
        written.append(path.with_name(f"{path.stem}.gif"))
        lattice.animation(list(moments), times, written[-1], list(run.attrs["mesh_cell"]))
    return written


def _refuse_trials(trials, threshold, stepper, dt) -> None:
    """Refuse what a density has not."""
    from spinneuron.quantity import InputError

    given = {"--trials": trials != 1, "--spikes": threshold is not None, "--stepper": stepper, "--dt": dt}
    for name, one in given.items():
        if one:
            raise InputError(f"{name}: a density has no trajectories; leave it out, or use --model macrospin")


def _refuse_others(model, cell, snapshots, grain_size, ku_spread, heat, rest) -> None:
    """Refuse what only a lattice has."""
    from spinneuron.quantity import InputError

    given = {"--cell": cell, "--snapshots": snapshots, "--grain-size": grain_size, "--ku-spread": ku_spread}
    given |= {"--heat": heat, "--resume, --animate": rest}
    for name, one in given.items():
        if one and model != "lattice":
            raise InputError(f"{name}: for lattices only; add --model lattice, or leave it out")


def _refuse_reading(threshold, stepper, animate, snapshots) -> None:
    """Refuse what a lattice has not."""
    from spinneuron.quantity import InputError

    if threshold is not None:
        raise InputError("--spikes: not read from a lattice; leave it out, or use --model macrospin")
    if stepper:
        raise InputError("--stepper: a lattice has steppers of its own; leave it out")
    if animate and snapshots is None:
        raise InputError('--animate: nothing is kept to be shown; add --snapshots "1 ns"')


def _check_reading(threshold, refractory, closed_loop, stepper, dt) -> None:
    from spinneuron.quantity import InputError

    if closed_loop and threshold is None:
        raise InputError("--closed-loop: needs a threshold; add --spikes 0.25")
    if closed_loop and refractory == 0.0:
        raise InputError('--refractory = 0 s: a closed loop needs a time; add --refractory "1 ns"')
    if closed_loop and (stepper or dt):
        raise InputError("--closed-loop: chooses stepper and step itself; leave out --stepper and --dt")
    if refractory and threshold is None:
        raise InputError("--refractory: nothing is read; add --spikes 0.25")
