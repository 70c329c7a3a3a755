"""``spinneuron plasticity``: the published experiments on a heat-sensitive junction, as one dataset and its figures."""

from pathlib import Path

import click

from spinneuron.cli import chunks, options


@click.command()
@click.argument("device", default="plasticity")
@click.option("--reference", default="reference", show_default=True, help="The insensitive junction, of fig. S9.")
@click.option("--figures", metavar="LIST", help="Comma list of 1E, 1F, 1G, S1, S2, S3, S4, S9.  [default: all]")
@options.model
@options.trials
@click.option("--resume", is_flag=True, help="Go on with what an interrupted run has left.")
@click.option("--each", is_flag=True, help="Draw each experiment into a figure of its own, too.")
@click.option("--ingredients", "parts", is_flag=True, help="Where S1 comes from: leave out one effect after the other.")
@options.output(what="The dataset (NetCDF).  [default: DEVICE-plasticity.nc]")
@options.seed
@options.workers
@options.no_plot
def plasticity(device, reference, figures, model, trials, resume, each, parts, output, seed, workers, plot):
    """Run the published heating and cooling experiments on a junction.

    Each experiment is drawn beside what was printed of it. With 10,000 trials the macrospin model takes a quarter
    of an hour on two processors; fokker-planck takes seconds.

    \b
    Example:
      spinneuron plasticity plasticity --trials 2000
      spinneuron plasticity mine.toml --figures 1E,S1,S2 --model fokker-planck -o mine.nc
    """
    from spinneuron.device import Device
    from spinneuron.dynamics.threads import use_threads
    from spinneuron.plasticity import EXPERIMENTS, Suite

    junction, insensitive = Device.load(device), Device.load(reference)
    use_threads(workers, "--workers")
    names = tuple(name.strip() for name in figures.split(",")) if figures else tuple(EXPERIMENTS)
    suite = Suite(junction, insensitive, names, model, trials or options.TRIALS[model], seed)
    path = output or options.writable(Path(f"{options.file_name(junction.name)}-plasticity.nc"))
    second = path.with_name(f"{path.stem}-ingredients.nc") if parts else None
    _write(suite, path, resume, plot, each)
    if second:
        _write_ingredients(junction, options.writable(second), plot)


def _write(suite, path: Path, resume: bool, plot: bool, each: bool) -> None:
    """Run it, write data and figures, say what came out."""
    from spinneuron import plotting
    from spinneuron.plasticity import run_suite, with_shifts
    from spinneuron.plotting.plasticity import experiment

    figure = options.figure_beside(path, plot)
    single = {name: options.figure_beside(path, plot, f"-{name}") for name in suite.experiments} if each else {}
    with options.percent("plasticity") as advance, chunks.kept(path, suite, "experiments"):
        dataset = run_suite(suite, output=path, resume=resume, progress=advance)
    dataset = with_shifts(dataset)
    chunks.save_whole(dataset, path, suite)
    if figure:
        plotting.save(plotting.draw(dataset), figure)
    for name, own in single.items():
        if own:
            plotting.save(experiment(dataset, name), own)
    options.report(dataset, path, figure, *single.values())


def _write_ingredients(junction, path: Path, plot: bool) -> None:
    from spinneuron import dataset_file, plotting
    from spinneuron.plasticity.ingredients import ingredients

    figure = options.figure_beside(path, plot)
    dataset = ingredients(junction)
    dataset_file.save(dataset, path)
    if figure:
        plotting.save(plotting.draw(dataset), figure)
    options.report(dataset, path, figure)
