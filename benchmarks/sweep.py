"""Pillars per second of the default sweep, after a warm-up that compiles.

    python benchmarks/sweep.py [--step 1] [--trials 1] [--json FILE]

``--step`` coarsens the grid of whole nanometers. With trials, the plane of the reference width runs at 300 K.
"""

import argparse
import json
from pathlib import Path

from numba import config

from spinneuron import __version__
from spinneuron.device import Device
from spinneuron.dynamics.threads import use_threads
from spinneuron.window.spec import Spec, default_grid
from spinneuron.window.survey import agreement, sweep


def specification(step: int, trials: int) -> Spec:
    """The default sweep on every ``step``-th point."""
    device = Device.preset("orthogonal")
    grid = {name: tuple(values[::step].tolist()) for name, values in default_grid(device, trials > 1).items()}
    return Spec(device, **grid, trials=trials, temperature=300.0 if trials > 1 else 0.0)


def main() -> None:
    """Measure with one thread and with two, print, write JSON on request."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--trials", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    sweep(specification(35, options.trials))
    spec = specification(options.step, options.trials)
    results = {}
    for threads in range(1, min(2, int(config.NUMBA_NUM_THREADS)) + 1):
        use_threads(threads)
        window = sweep(spec)
        results[str(threads)] = window.attrs["wall_time"]
        speed = spec.pillars / results[str(threads)]
        print(f"{threads} thread{'s' * (threads > 1)}: {spec.pillars} pillars x {spec.trials} in ", end="")
        print(f"{results[str(threads)]:.1f} s, {speed:.0f} pillars/s, as the closed form: {agreement(window):.2%}")
    if options.json:
        record = {"version": __version__, "pillars": spec.pillars, "trials": spec.trials, "seconds": results}
        options.json.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
