"""The branch of ``spinneuron calibrate`` that makes a Gaussian neuron of measured outputs."""

from pathlib import Path

from spinneuron.cli import options


def from_outputs(source: str, output: Path | None, plot: bool) -> None:
    """Fit a Gaussian neuron to outputs of single pulses, and write its neuron file and figure.

    Parameters
    ----------
    source : str
        CSV.
    output : Path, optional
    plot : bool

    Raises
    ------
    InputError
        If the file is wrong, or its samples do not determine the neuron.
    """
    from spinneuron import measured, neuron_file, plotting
    from spinneuron.plotting.neuron import outputs
    from spinneuron.quantity import InputError
    from spinneuron.surrogates import Gaussian

    samples = measured.read_outputs(source)
    path = output or options.writable(Path(f"{Path(source).stem}-neuron.json"))
    figure = options.figure_beside(path, plot)
    try:
        model = Gaussian.fit(samples["voltage"].values, samples["output"].values)
    except InputError as error:
        raise InputError(f"{source}: {error}") from None
    neuron_file.save(path, model, provenance={"source": samples.attrs["file"], "sha256": samples.attrs["sha256"]})
    if figure:
        plotting.save(outputs(samples, model), figure)
    options.report(model, path, figure)
