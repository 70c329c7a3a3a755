"""Time of a switching curve of the preset `plasticity`, with heat: as a density, and in trials of equal accuracy.

31 voltages; the density goes through set pulse, reset and delay, cycles of 230 ns, on one processor. Macrospins go
through the same; as many of them are taken as one can wait for, and their time is scaled to the number whose
scatter is the numerical error of the density. Compilation is not counted.
"""

import argparse
import json
import time

import numpy as np
from numba import get_num_threads

from spinneuron import Device, __version__
from spinneuron.protocols import Cycle
from spinneuron.switching import Density, Trials

REPEATS = 5


def density(device: Device, voltages: np.ndarray, tolerance: float, whole: bool) -> tuple[float, np.ndarray]:
    """Shortest of some repetitions of a curve, and its probabilities with their errors.

    Parameters
    ----------
    device : Device
    voltages : numpy.ndarray [V]
    tolerance : float [1]
    whole : bool
        Whether the whole cycle is run, or the set pulse alone.

    Returns
    -------
    tuple
        Seconds, and (voltage, 3).
    """
    cycle, times = Cycle(), []
    found: list[tuple[float, float, float]] = []
    for _ in range(1 + REPEATS):
        engine = Density(device, tolerance=tolerance)
        begin = time.perf_counter()
        pulses = [cycle.pump(float(V)) if whole else cycle.probe(float(V)) for V in voltages]
        ends = engine.run_all([engine.rest()] * len(pulses), pulses)
        found = [engine.probabilities(end) for end in ends]
        times.append(time.perf_counter() - begin)
    return min(times[1:]), np.array(found)


def trials(device: Device, voltages: np.ndarray, count: int) -> float:
    """Seconds of the same curve in trials.

    Parameters
    ----------
    device : Device
    voltages : numpy.ndarray [V]
    count : int
        Trials a point.

    Returns
    -------
    float
    """
    engine, cycle = Trials(device, count), Cycle()
    state = engine.rest()
    engine.run(state, cycle.pump(float(voltages[0]), width=1e-9))
    begin = time.perf_counter()
    for i, V in enumerate(voltages):
        engine.switched(engine.run(state, cycle.pump(float(V)), 1 + i))
    return time.perf_counter() - begin


def main() -> None:
    """Measure, print, write JSON on request."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=1_000)
    parser.add_argument("--points", type=int, default=31)
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    device, voltages = Device.preset("plasticity"), np.linspace(0.68, 0.96, options.points)
    seconds = {}
    print(f"{options.points} voltages from 0.68 to 0.96 V")
    for tolerance in (1e-3, 1e-5, 1e-7, 1e-9):
        cycle, _ = density(device, voltages, tolerance, True)
        pulse, found = density(device, voltages, tolerance, False)
        seconds[f"{tolerance:g}"] = {"cycle": cycle, "set": pulse, "error": float(found[:, 2].max())}
        print(f"density to {tolerance:g}: cycles of 230 ns {1e3 * cycle:.0f} ms, set pulses alone {1e3 * pulse:.0f} ms")
    # trials whose standard error is the numerical error of the probability at the middle of the curve
    _, found = density(device, voltages, 1e-3, False)
    against, along, error = found[np.abs(found[:, 0] - 0.5).argmin()]
    equal = along / against / error**2
    many = trials(device, voltages, options.trials)
    print(f"macrospins, {options.trials} trials a point, {get_num_threads()} threads: {many:.1f} s")
    scaled = many * equal / options.trials
    best, ten = seconds["0.001"]["cycle"], many * 1e4 / options.trials
    print(f"as exact as the density, {error:.1e} at P = {against:.2f}: {equal:.1e} trials a point, {scaled:.1e} s")
    print(f"that is {scaled / best:.1e} times the density, 10,000 trials a point {ten / best:.0f} times")
    if options.json:
        record = {"version": __version__, "trials": options.trials, "macrospin": many, "density": seconds}
        with open(options.json, "w") as file:
            json.dump(record, file, indent=1)


if __name__ == "__main__":
    main()
