"""Time of a switching curve of the preset `plasticity`: whole cycles of 230 ns with heat, in trials and as a density.

The macrospins go through set, reset and delay at each voltage, the density through the same. Compilation is not
counted.
"""

import argparse
import json
import time

import numpy as np
from numba import get_num_threads

from spinneuron import Device, __version__
from spinneuron.protocols import Cycle
from spinneuron.switching import Density, Trials


def curve(engine, voltages: np.ndarray) -> float:
    """Seconds for one cycle at each voltage.

    Parameters
    ----------
    engine : Trials or Density
    voltages : numpy.ndarray [V]

    Returns
    -------
    float
    """
    cycle, state = Cycle(), engine.rest()
    engine.run(state, cycle.pump(float(voltages[0]), width=1e-9))
    begin = time.perf_counter()
    for i, V in enumerate(voltages):
        engine.switched(engine.run(state, cycle.pump(float(V)), 1 + i))
    return time.perf_counter() - begin


def main() -> None:
    """Measure, print, write JSON on request."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--points", type=int, default=41)
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    device, voltages = Device.preset("plasticity"), np.linspace(0.68, 0.96, options.points)
    engines = {"macrospin": Trials(device, options.trials), "fokker-planck": Density(device)}
    seconds = {name: curve(engine, voltages) for name, engine in engines.items()}
    print(f"{options.points} voltages, cycles of 230 ns, {get_num_threads()} threads")
    print(f"macrospin, {options.trials} trials a point: {seconds['macrospin']:.1f} s")
    print(f"fokker-planck: {seconds['fokker-planck']:.3f} s")
    if options.json:
        record = {"version": __version__, "trials": options.trials, "points": options.points, "seconds": seconds}
        with open(options.json, "w") as file:
            json.dump(record, file, indent=1)


if __name__ == "__main__":
    main()
