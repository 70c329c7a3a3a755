"""``spinneuron train``: networks of neurons of a neuron file, trained on an experiment on memory."""

from pathlib import Path

import click

from spinneuron.cli import chunks, options


@click.command()
@click.argument("task")
@click.option("--neuron", default="plasticity-text", show_default=True, help="Neuron file, or one that comes along.")
@click.option("--models", metavar="LIST", help="Comma list of networks.  [default: those of the task]")
@click.option("--seeds", type=click.IntRange(1), default=5, show_default=True, help="Networks of each kind.")
@click.option(
    "--samples", type=click.IntRange(0), help="Reads per unit and step; 0: expectations.  [default: the task's]"
)
@click.option("--voltage", type=options.Quantity("V", "positive"), help="Of a lit pixel.  [default: the midpoint]")
@click.option("--iterations", type=click.IntRange(1), help="Of IPNet; others learn faster.  [default: the task's]")
@click.option("--quick", is_flag=True, help="A twentieth of training and test, to see that all runs.")
@click.option("--resume", is_flag=True, help="Go on with what an interrupted run has left.")
@options.output(what="The dataset (NetCDF).  [default: TASK.nc]")
@options.seed
@options.workers
@options.no_plot
def train(task, neuron, models, seeds, samples, voltage, iterations, quick, resume, output, seed, workers, plot):
    """Train networks on a memory experiment.

    Needs the extra torch. TASK is n-back, interference, cued-recall or free-recall. Networks: ipnet, ipnet-hidden,
    ipnet-both, ipnet-fixed-reference, no-plasticity, lstm, rnn, lif, lif-tuned. The trained networks and the neuron
    file stay in the folder OUTPUT-networks.

    \b
    Example:
      spinneuron train n-back --neuron neuron.json
      spinneuron train free-recall --neuron plasticity-text --models ipnet,lstm --seeds 3
    """
    import os

    from spinneuron import neuron_file
    from spinneuron.networks import Study
    from spinneuron.quantity import InputError

    names = tuple(name.strip() for name in models.split(",")) if models else None
    found = neuron_file.load(neuron)
    try:
        study = Study.of(
            task, found, models=names, seeds=seeds, seed=seed, samples=samples, voltage=voltage,
            iterations=iterations, quick=quick,
        )  # fmt: skip
    except InputError as error:
        raise InputError(f"{neuron}: {error}" if str(error).startswith("neuron:") else str(error)) from None
    path = output or options.writable(Path(f"{study.experiment}.nc"))
    _write(study, path, resume, workers or os.cpu_count() or 1, plot)


def _write(study, path: Path, resume: bool, workers: int, plot: bool) -> None:
    """Run it, write data and figure, say what came out."""
    from spinneuron import plotting
    from spinneuron.networks import networks_folder, run_study

    figure = options.figure_beside(path, plot)
    with options.percent(f"train {study.experiment}") as advance, chunks.kept(path, study, "networks"):
        dataset = run_study(study, path, resume=resume, workers=workers, progress=advance)
    chunks.save_whole(dataset, path, study)
    if figure:
        plotting.save(plotting.draw(dataset), figure)
    options.report(dataset, path, figure, networks_folder(path))
