"""Time of one demagnetizing field of many lattices, one and two threads, beside the transforms of scipy.fft alone.

Ours is one `Demag.add`: magnetization in, field out. scipy.fft does no more than transform the padded lattice there and
back, on one thread. All are repeated in turn, and the least counts: with one thread the processor's time, with two the
clock, which two busy processors make meaningless.

    python benchmarks/demag.py --json demag.json
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numba import config
from scipy import fft

from spinneuron import __version__
from spinneuron.dynamics.threads import use_threads
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.demag import PRECISIONS, Demag

CELL = (5e-9, 5e-9, 3e-9)
GRIDS = [(10, 9, 2), (40, 40, 1), (64, 64, 1), (128, 128, 1), (200, 50, 1), (256, 64, 1), (256, 256, 1), (400, 100, 1)]
GRIDS += [(128, 128, 2), (128, 32, 8), (64, 64, 16)]


def of_scipy(counts: tuple[int, int, int], precision: str) -> Callable[[], object]:
    """Transforms of three components there and back."""
    padded = [1 if n == 1 else fft.next_fast_len(2 * n - 1, real=True) for n in counts[::-1]]
    M = np.random.default_rng(1).normal(size=(3, *counts[::-1])).astype(PRECISIONS[precision])
    axes = (1, 2, 3)
    return lambda: fft.irfftn(fft.rfftn(M, s=padded, axes=axes, workers=1), s=padded, axes=axes, workers=1)


def measure(counts: tuple[int, int, int], precision: str, seconds: float) -> dict[str, list[float]]:
    """Times of single calls [s] by what was called."""
    mesh = Mesh(counts, CELL)
    m = np.random.default_rng(0).normal(size=(3, *mesh.shape))
    h, runs = np.zeros_like(m), {}
    threads = range(1, min(2, int(config.NUMBA_NUM_THREADS)) + 1)
    for count in threads:
        term = Demag.of(mesh, 8e5, precision, parallel=count > 1)
        runs[f"{count} thr"] = (lambda term=term: term.add(m, h), count)
    runs["scipy.fft"] = (of_scipy(counts, precision), 1)
    times: dict[str, list[float]] = {name: [] for name in runs}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times["1 thr"]) < 5:
        for name, (run, count) in runs.items():
            use_threads(count)
            clock = time.thread_time if count == 1 else time.perf_counter
            started = clock()
            run()
            times[name].append(clock() - started)
    # The first calls compile.
    return {name: found[1:] for name, found in times.items()}


def main() -> None:
    """Measure, print the table, write JSON on request."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2.0, help="of every lattice")
    parser.add_argument("--precision", choices=list(PRECISIONS), default="float64")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    print(f"{options.precision}, us per field, median/least; * what is chosen")
    record = []
    for counts in GRIDS:
        times, line = measure(counts, options.precision, options.seconds), f"{'x'.join(map(str, counts)):12s}"
        use_threads(None)
        chosen = f"{1 + Demag.of(Mesh(counts, CELL), 8e5).parallel} thr"
        for name, found in times.items():
            middle, least = 1e6 * float(np.median(found)), 1e6 * min(found)
            shown = f"{name} {middle:.0f}/{least:.0f}{'*' if name == chosen else ' '}"
            line += f"{shown:>24s}"
            record.append({"counts": counts, "of": name, "median_us": middle, "least_us": least})
        print(line, flush=True)
    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")
    if options.json:
        machine = platform.processor() or platform.machine()
        head = {"version": __version__, "machine": machine, "python": platform.python_version()}
        options.json.write_text(json.dumps({**head, "precision": options.precision, "fields": record}, indent=2) + "\n")


if __name__ == "__main__":
    main()
