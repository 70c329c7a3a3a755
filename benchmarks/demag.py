"""Time of one demagnetizing field: libraries of Fourier transforms, precisions, one and two threads, many lattices.

Everything is one `Demag.add`: magnetization in, field out. Libraries that are not installed are left out by name
(`pip install ".[fft]"`). With one thread the processor's time counts, with two the clock; FFTW is always on one.

    python benchmarks/demag.py --json demag.json
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numba import config

from spinneuron import __version__
from spinneuron.dynamics.threads import use_threads
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.demag import Demag
from spinneuron.transforms import LIBRARIES

CELL = (5e-9, 5e-9, 3e-9)
GRIDS = [(10, 9, 2), (40, 40, 1), (64, 64, 1), (128, 128, 1), (200, 50, 1), (256, 64, 1), (256, 256, 1), (400, 100, 1)]
GRIDS += [(128, 128, 2), (128, 32, 8), (64, 64, 16)]


def samples(once: Callable[[], object], clock: Callable[[], float], seconds: float) -> np.ndarray:
    """Times of single calls [s]."""
    once()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 5:
        started = clock()
        once()
        times.append(clock() - started)
    return np.array(times)


def measure(counts: tuple[int, int, int], library: str, precision: str, threads: int, seconds: float) -> np.ndarray:
    """Times of one lattice [s]."""
    mesh = Mesh(counts, CELL)
    m = np.random.default_rng(0).normal(size=(3, *mesh.shape))
    m /= np.linalg.norm(m, axis=0)
    h = np.zeros_like(m)
    use_threads(threads)
    term = Demag.of(mesh, 8e5, library, precision, threads)
    return samples(lambda: term.add(m, h, 0.0), time.thread_time if threads == 1 else time.perf_counter, seconds)


def main() -> None:
    """Measure, print the table, write JSON on request."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=0.5, help="of every entry")
    parser.add_argument("--precision", choices=["float64", "float32"], default="float64")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    there = {name: importlib.util.find_spec(module) is not None for name, (_, module) in LIBRARIES.items()}
    columns = [(name, 1) for name in there if there[name]]
    if int(config.NUMBA_NUM_THREADS) > 1:
        columns += [(name, 2) for name in there if there[name] and name != "pyfftw"]
    print(f"{options.precision}, us per field, median/least")
    print(f"{'lattice':12s}" + "".join(f"{f'{name}, {threads} thr':>18s}" for name, threads in columns))
    record = []
    for counts in GRIDS:
        line = f"{'x'.join(map(str, counts)):12s}"
        for name, threads in columns:
            times = 1e6 * measure(counts, name, options.precision, threads, options.seconds)
            middle, least = float(np.median(times)), float(times.min())
            line += f"{f'{middle:.0f}/{least:.0f}':>18s}"
            record.append(
                {"counts": counts, "library": name, "threads": threads, "median_us": middle, "least_us": least}
            )
        print(line, flush=True)
    for name in there:
        if not there[name]:
            print(f"{name}: not installed, left out")
    if options.json:
        machine = platform.processor() or platform.machine()
        head = {"version": __version__, "machine": machine, "python": platform.python_version()}
        options.json.write_text(json.dumps({**head, "precision": options.precision, "fields": record}, indent=2) + "\n")


if __name__ == "__main__":
    main()
