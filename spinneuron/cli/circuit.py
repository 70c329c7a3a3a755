"""``spinneuron circuit``: comparator window, yield, energy and area beside the published figures."""

from pathlib import Path

import click

from spinneuron.cli import options
from spinneuron.cli.options import Quantity


@click.command()
@click.argument("device")
@click.option(
    "--reference", metavar="DEVICE", help="The insensitive junction.  [default: the same stack, half the diameter]"
)
@click.option(
    "--read-voltage", type=Quantity("V", "positive"), default="50 mV", show_default=True,
    help="Across junction and resistor.",
)  # fmt: skip
@click.option("--resistor", type=Quantity("ohm", "positive"), help="Of the divider.  [default: sqrt(R_P R_AP)]")
@click.option("--level", type=Quantity("V", "positive"), help="Of the comparator.  [default: the highest yield]")
@click.option(
    "--spread", type=Quantity("1", "non_negative"), default="5%", help="Relative spread of R_P and R_AP.  [default: 5%]"
)
@click.option(
    "--law", type=click.Choice(["gaussian", "lognormal"]), default="gaussian", show_default=True, help="Of the spread."
)
@click.option(
    "--offset", type=Quantity("V", "non_negative"), default="0 V", show_default=True,
    help="Standard deviation of the comparator's offset.",
)  # fmt: skip
@click.option(
    "--voltage", type=Quantity("V", "positive"), default="0.8 V", show_default=True, help="Amplitude of set and reset."
)
@click.option(
    "--trials", type=click.IntRange(0), default=1000, show_default=True,
    help="Simulated cycles for the energy; 0 for none.",
)  # fmt: skip
@options.output(what="The dataset (NetCDF).  [default: DEVICE-circuit.nc]")
@options.seed
@options.workers
@options.no_plot
def circuit(
    device, reference, read_voltage, resistor, level, spread, law, offset, voltage, trials, output, seed, workers, plot
):
    """Compute comparator window, yield, energy and area of a neuron.

    Each figure stands beside the published one of the plasticity neuron, with the assumption that it rests on.

    \b
    Example:
      spinneuron circuit plasticity --reference reference --spread 8%
      spinneuron circuit mine.toml --trials 0 --offset "1 mV" --no-plot
    """
    from spinneuron import dataset_file, plotting
    from spinneuron.circuit import Circuit, Spread, circuit_dataset
    from spinneuron.device import Device
    from spinneuron.dynamics.threads import use_threads

    use_threads(workers, "--workers")
    junction = Device.load(device)
    other = None if reference is None else Device.load(reference)
    checked = Circuit.of(
        junction, other, reference_resistance=resistor, read_voltage=read_voltage, level=level,
        spread=Spread(spread, law=law, offset=offset), voltage=voltage,
    )  # fmt: skip
    path = output or options.writable(Path(f"{options.file_name(junction.name)}-circuit.nc"))
    figure = options.figure_beside(path, plot)
    result = circuit_dataset(checked, _simulated(junction, other, voltage, trials, seed) if trials else None)
    dataset_file.save(result, path)
    if figure:
        plotting.save(plotting.draw(result), figure)
    options.report(result, path, figure)


def _simulated(junction, other, voltage: float, trials: int, seed: int):
    from spinneuron.circuit import Simulated, simulated_energy

    devices = [one for one in (junction, other) if one is not None]
    with options.percent("energy") as advance:
        energies = [
            simulated_energy(
                one, voltage, trials=trials, seed=seed, progress=lambda share: advance(share / len(devices))
            )
            for one in devices
        ]
    return Simulated(energies[0], energies[1] if other is not None else None, trials)
