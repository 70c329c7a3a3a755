"""``spinneuron sweep``: the design window of a geometry."""

from dataclasses import replace
from pathlib import Path

import click

from spinneuron.cli import chunks, options
from spinneuron.cli.options import Quantity, Range


@click.command()
@click.argument("device", required=False)
@click.option("--geometry", metavar="DEVICE", help="The same as DEVICE.  [default: orthogonal]")
@click.option("--width", type=Range("m"), help="[default: 4nm:30nm:27; with trials the device's]")
@click.option("--length", type=Range("m"), help="[default: 20nm:90nm:71]")
@click.option("--thickness", type=Range("m"), help="[default: 20nm:90nm:71]")
@click.option("--shape", metavar="SHAPE", help="ellipsoid, prism or elliptic-cylinder.  [default: the device's]")
@click.option(
    "--drive", type=options.Drive(), default="1e12 A/m^2", show_default=True,
    help="The same for every pillar: a current density, a current (350 uA) or a voltage (1 V).",
)  # fmt: skip
@click.option("--pulse-width", type=Quantity("s", "positive"), default="1 ns", show_default=True, help="Its plateau.")
@click.option("--edge", type=Quantity("s", "positive"), default="50 ps", show_default=True, help="Its rise and fall.")
@click.option("--relax", type=Quantity("s", "positive"), default="3 ns", show_default=True, help="Time after it.")
@click.option("--settle", type=Quantity("s", "non_negative"), help="Time before it.  [default: 2 ns; 0 s at 0 K]")
@click.option("--interval", type=Quantity("s", "positive"), default="10 ps", show_default=True, help="Of looks at m.")
@click.option("--threshold", type=options.FRACTION, default="0.25", show_default=True, help="|u| that must be reached.")
@click.option("--residual", type=options.FRACTION, default="0.05", show_default=True, help="|u| that may be left.")
@click.option("--any-easy-axis", is_flag=True, help="Do not ask for an easy axis along the height.")
@click.option(
    "--trials", type=click.IntRange(1), help="Per pillar, thermal.  [default: 1 at 0 K; 100 with --tolerance]"
)
@click.option("--temperature", type=Quantity("K", "non_negative"), help="[default: 0 K; with --trials the device's]")
@click.option("--tolerance", type=options.FRACTION, help="Standard deviation of all sizes, such as 5%: the yield.")
@click.option("--resume", is_flag=True, help="Go on with the finished chunks of a sweep that was interrupted.")
@click.option("--analytic", is_flag=True, help="The closed-form rule alone, in an instant.")
@options.output(what="The dataset (NetCDF).  [default: DEVICE-window.nc]")
@options.seed
@options.workers
@options.no_plot
def sweep(
    device, geometry, width, length, thickness, shape, drive, pulse_width, edge, relax, settle, interval, threshold,
    residual, any_easy_axis, trials, temperature, tolerance, resume, analytic, output, seed, workers, plot,
):  # fmt: skip
    """Map the design window of a geometry over its sizes.

    DEVICE gives materials, pinned layer and reference design. Each pillar of the grid is driven by one pulse and
    judged: 0 below threshold, 1 leaky integrate-and-fire, 2 cannot relax. Sizes that are left out come from the default
    grid.

    \b
    Example:
      spinneuron sweep --geometry orthogonal
      spinneuron sweep orthogonal --width 10nm --length 35nm:55nm:41 --thickness 40nm:60nm:41 --trials 200
    """
    from spinneuron.device import Device
    from spinneuron.dynamics.threads import use_threads
    from spinneuron.quantity import InputError
    from spinneuron.window.spec import Criteria
    from spinneuron.window.survey import specify

    if device and geometry:
        raise InputError(f"--geometry = {geometry}: a device, {device}, was given too; leave one out")
    junction = Device.load(device or geometry or "orthogonal")
    if shape:
        junction = junction.replace(geometry=shape)
    use_threads(workers, "--workers")
    spec = specify(
        junction, width=width, length=length, thickness=thickness, trials=trials, temperature=temperature,
        tolerance=tolerance, seed=seed, criteria=Criteria(threshold, residual, not any_easy_axis),
    )  # fmt: skip
    unit, amplitude = drive
    pulse = {"amplitude": amplitude, "unit": unit, "width": pulse_width, "edge": edge}
    settle = spec.drive.settle if settle is None else settle
    spec = replace(spec, drive=replace(spec.drive, **pulse, relax=relax, settle=settle, interval=interval))
    path = output or options.writable(Path(f"{options.file_name(junction.name)}-window.nc"))
    _write(spec, path, resume, analytic, plot)


def _write(spec, path: Path, resume: bool, analytic: bool, plot: bool) -> None:
    """Run it, write data and figures, say what came out."""
    from spinneuron import dataset_file, plotting
    from spinneuron.plotting import window
    from spinneuron.units import format
    from spinneuron.window.survey import preview

    figure = options.figure_beside(path, plot)
    # A second figure for what is drawn over a plane, of which a point or a line has none.
    second = options.figure_beside(path, plot and not analytic and sum(count > 1 for count in spec.shape) > 1, "-fit")
    dataset = preview(spec) if analytic else _run(spec, path, resume)
    if analytic:
        dataset_file.save(dataset, path)
    else:
        chunks.save_whole(dataset, path, spec)
    if figure:
        plotting.save(plotting.draw(dataset), figure)
    if second:
        plotting.save(window.measures(dataset), second)
    options.report(dataset, path, figure, second)
    if not analytic:
        click.echo(f"{spec.pillars} pillars x {spec.trials} trials in {format(dataset.attrs['wall_time'], 's', 3)}")


def _run(spec, path: Path, resume: bool):
    from spinneuron.window.survey import sweep as run

    with options.progress("sweep", spec.chunks) as advance, chunks.kept(path, spec, "chunks"):
        return run(spec, output=path, resume=resume, progress=lambda share: advance(round(share * spec.chunks)))
