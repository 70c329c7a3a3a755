"""``spinneuron capacity``: what a neuron can remember, whatever network reads it."""

from pathlib import Path

import click

from spinneuron.cli import chunks, options
from spinneuron.cli.options import Quantity, Range


@click.command()
@click.argument("neuron")
@click.option("--n", type=Range("1"), default="1, 2, 3, 4, 5", show_default=True, help="How many steps before.")
@click.option("--junctions", type=Range("1"), help="N, per pixel.  [default: 1, 16, 64; of the map 16]")
@click.option(
    "--voltage", type=Quantity("V", "positive"), default="0.83 V", show_default=True,
    help="Of the pulse on colored pixels, which reads and heats.",
)  # fmt: skip
@click.option("--codes", type=click.IntRange(1), help="Sets of 8 patterns to average over.  [default: 4; of the map 1]")
@click.option(
    "--lags", type=click.IntRange(2, 10), default=6, show_default=True,
    help="Most steps back that are enumerated; each further one takes 8 times as long.",
)  # fmt: skip
@click.option("--recall", is_flag=True, help="Bound free recall, interference and cued recall too, as published.")
@click.option("--design", is_flag=True, help="Map the bound over decay and gain of the neuron.")
@click.option("--decay", type=Range("1"), help="Of the map, per step.  [default: 0.1:0.9:9 and the neuron's]")
@click.option("--gain", type=Range("1"), help="Of the map, relative to the neuron's.  [default: 1/4 to 8, by sqrt(2)]")
@click.option("--resume", is_flag=True, help="Go on with the finished parts of a map that was interrupted.")
@options.output(what="The dataset (NetCDF).  [default: NEURON-capacity.nc; of the map NEURON-design.nc]")
@options.seed
@options.workers
@options.no_plot
def capacity(
    neuron, n, junctions, voltage, codes, lags, recall, design, decay, gain, resume, output, seed, workers, plot
):  # fmt: skip
    """Bound what any network can remember, from the neuron alone.

    NEURON is a neuron file (JSON) of a sigmoid, or the name of a shipped one, such as plasticity-text. No network whose
    only memory is the heat of these neurons in its input layer scores more, however it is trained.

    \b
    Example:
      spinneuron capacity plasticity-text
      spinneuron capacity neuron.json --junctions 32 --n 1,2,3 --recall
      spinneuron capacity plasticity-text --design
    """
    from spinneuron import neuron_file, quantity
    from spinneuron.capacity import curve
    from spinneuron.dynamics.threads import use_threads
    from spinneuron.quantity import InputError
    from spinneuron.surrogates import Sigmoid

    model = neuron_file.load(neuron)
    if not isinstance(model, Sigmoid):
        shipped = ", ".join(neuron_file.presets())
        raise InputError(f"{neuron}: is a {model.MODEL} neuron; give a sigmoid one: a file, or one of {shipped}")
    only = {"--decay": decay, "--gain": gain, "--resume": resume or None}
    _refuse(design, {"--codes": codes, "--recall": recall or None} if design else only)
    use_threads(workers, "--workers")
    kind, name = "design" if design else "capacity", Path(neuron).stem
    path = output or options.writable(Path(f"{options.file_name(name)}-{kind}.nc"))
    figure = options.figure_beside(path, plot)
    shared = {"n": _whole("--n", n), "voltage": voltage, "seed": seed, "lags": lags}
    if junctions is not None:
        shared["junctions"] = _whole("--junctions", junctions)
    if design:
        grids = {"decays": ("--decay", decay, quantity.fraction), "scales": ("--gain", gain, quantity.positive)}
        for key, (option, values, check) in grids.items():
            if values is not None:
                shared[key] = tuple(check(option, value) for value in values.tolist())
        _map(model, shared, path, resume, figure, name)
    else:
        _bounds(model, shared | {"recall": recall}, codes or curve.CODES, path, figure, name)


def _refuse(design: bool, given: dict) -> None:
    """Options that the other kind of work has."""
    from spinneuron.quantity import InputError

    for name, value in given.items():
        if value is not None:
            why = "a map has the n-back score of one set of codes" if design else "is for --design"
            raise InputError(f"{name}: {why}; leave it out")


def _whole(name: str, values) -> tuple[int, ...]:
    from spinneuron.quantity import integer

    return tuple(integer(name, value) for value in values.tolist())


def _bounds(model, shared: dict, codes: int, path: Path, figure: Path | None, name: str) -> None:
    """Compute bounds, save and draw them, say what came out."""
    from spinneuron import dataset_file
    from spinneuron.capacity import curve

    each = len(shared["n"]) * codes + curve.RECALLS * shared["recall"]
    total = each * len(shared.get("junctions", curve.JUNCTIONS))
    with options.progress("capacity", total) as advance:
        made = curve.capacity(model, codes=codes, progress=advance, **shared).assign_attrs(neuron_name=name)
    dataset_file.save(made, path)
    _report(made, path, figure)


def _map(model, shared: dict, path: Path, resume: bool, figure: Path | None, name: str) -> None:
    """The same of a map, whose finished parts are kept until it is saved."""
    from spinneuron.capacity.design import Design, design_map

    plan = Design(neuron=model, **shared)
    with options.progress("design", plan.chunks) as advance, chunks.kept(path, plan, "gains"):
        made = design_map(plan, path, resume=resume, progress=advance).assign_attrs(neuron_name=name)
    chunks.save_whole(made, path, plan)
    _report(made, path, figure)


def _report(made, path: Path, figure: Path | None) -> None:
    from spinneuron import plotting

    if figure:
        plotting.save(plotting.draw(made), figure)
    options.report(made, path, figure)
