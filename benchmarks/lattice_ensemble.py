"""Microseconds per replica of a demagnetizing field, in ensembles of small lattices, beside scipy.fft in the same run;
and of a complete evaluation: all fields, noise, heat, and the turn of the moments.

    python benchmarks/lattice_ensemble.py [--cells 40x40x1 ...] [--repeats 15] [--json FILE]

The field is complete: the magnetization of all replicas in, transforms out and back or the product with a matrix, the
field added. scipy.fft does the same with real transforms of its best batch of replicas and one worker. Repetitions of
all are interleaved and the best of each counts. The entries of the tensor do not matter here and are random.

Complete evaluations are those of the heat-sensitive preset, a disc of 40 x 40 cells, 64 trials; three make a step. They
are done with the fields of the device, and with further ones: DMI of both kinds, cubic anisotropy, a spin-orbit torque,
a drift along the texture, and a field in time.
"""

import argparse
import json
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import config
from scipy import fft

from spinneuron import __version__
from spinneuron.device import Device
from spinneuron.dynamics.lattice.ensemble import Ensemble
from spinneuron.dynamics.lattice.lanes_demag import demag_blocks
from spinneuron.dynamics.lattice.lanes_plan import dense_is_faster, plan
from spinneuron.dynamics.threads import use_threads
from spinneuron.lattice.devices import Layout, connect, magnet_of
from spinneuron.lattice.ensemble import drive_of
from spinneuron.lattice.magnet import Magnet
from spinneuron.lattice.replicated import Replicated
from spinneuron.lattice.run import Solver, complete, fixed_step
from spinneuron.physics.lattice.anisotropy import Cubic
from spinneuron.physics.lattice.dmi import DMI
from spinneuron.physics.lattice.torques import SpinOrbit
from spinneuron.physics.lattice.zhang_li import ZhangLi
from spinneuron.physics.temperature import at
from spinneuron.protocols import single
from spinneuron.registers.vectors import aligned, width

CELLS = ((10, 9, 2), (16, 16, 1), (32, 32, 1), (40, 40, 1), (64, 64, 1))
MOST_BY_MATRIX = 300
BLOCKS = 2
SECONDS = 0.01  # of one repetition, about


class Case(NamedTuple):
    """What one number of the table is about.

    Attributes
    ----------
    cells : tuple of int
    dtype : str
    method : str
        "transforms", "matrix" or "scipy".
    lanes, threads : int
    """

    cells: tuple
    dtype: str
    method: str
    lanes: int
    threads: int


def tensor_of(cells: tuple) -> np.ndarray:
    """Some tensor at offsets from 0 on."""
    return np.random.default_rng(1).uniform(-1.0, 1.0, (6, *cells[::-1]))


def ours(case: Case) -> Callable[[int], float]:
    """Evaluate `count` times in two blocks; seconds per replica and evaluation."""
    nx, ny, nz = case.cells
    made = plan(case.cells, tensor_of(case.cells), case.lanes, case.dtype, by_matrix=case.method == "matrix")
    shape = (BLOCKS, 3, nz, ny, nx, case.lanes)
    m, h = aligned(shape, case.dtype), aligned(shape, case.dtype)
    m[:] = np.random.default_rng(2).uniform(-1.0, 1.0, shape)
    scratch = aligned((int(config.NUMBA_NUM_THREADS), made.size), case.dtype)

    def run(count: int) -> float:
        use_threads(case.threads)
        h[:] = 0.0
        started = time.perf_counter()
        demag_blocks(m, h, scratch, made, count)
        return (time.perf_counter() - started) / (count * BLOCKS * case.lanes)

    return run


def scipys(case: Case) -> Callable[[int], float]:
    """The same by real transforms of scipy.fft over a batch of replicas, the first axis."""
    nx, ny, nz = case.cells
    padded = [1 if n == 1 else fft.next_fast_len(2 * n - 1, real=True) for n in (nz, ny, nx)]
    numbers = np.random.default_rng(3).uniform(-1.0, 1.0, (6, *padded))
    N = fft.rfftn(numbers, axes=(1, 2, 3)).astype("c16" if case.dtype == "float64" else "c8")
    m = np.random.default_rng(2).uniform(-1.0, 1.0, (case.lanes, 3, nz, ny, nx)).astype(case.dtype)
    h = np.zeros_like(m)

    def run(count: int) -> float:
        started = time.perf_counter()
        for _ in range(count):
            M = fft.rfftn(m, s=padded, axes=(2, 3, 4), workers=1)
            x, y, z = M[:, 0], M[:, 1], M[:, 2]
            H = np.empty_like(M)
            H[:, 0] = N[0] * x + N[3] * y + N[4] * z
            H[:, 1] = N[3] * x + N[1] * y + N[5] * z
            H[:, 2] = N[4] * x + N[5] * y + N[2] * z
            np.subtract(h, fft.irfftn(H, s=padded, axes=(2, 3, 4), workers=1)[:, :, :nz, :ny, :nx], out=h)
        return (time.perf_counter() - started) / (count * case.lanes)

    return run


def cases(cells: list) -> list[Case]:
    """All that can be run here."""
    threads = range(1, min(2, int(config.NUMBA_NUM_THREADS)) + 1)
    found = []
    for size in cells:
        methods = ["transforms"] + ["matrix"] * (int(np.prod(size)) <= MOST_BY_MATRIX)
        for dtype in ("float64", "float32"):
            found += [Case(size, dtype, "scipy", lanes, 1) for lanes in (1, 8)]
            for lanes in (8, 16, 32):
                if lanes % width(dtype) == 0:
                    found += [Case(size, dtype, method, lanes, count) for method in methods for count in threads]
    return found


def measured(found: list[Case], repeats: int) -> dict[Case, float]:
    """Best seconds per replica and evaluation."""
    runs = {case: scipys(case) if case.method == "scipy" else ours(case) for case in found}
    counts = {}
    for case, run in runs.items():
        run(1)
        replicas = case.lanes if case.method == "scipy" else BLOCKS * case.lanes
        counts[case] = max(1, int(SECONDS / (run(2) * replicas)))
    best = dict.fromkeys(found, np.inf)
    for _ in range(repeats):
        for case, run in runs.items():
            best[case] = min(best[case], run(counts[case]))
    return best


def add_further(magnet: Magnet) -> None:
    """Put in fields that few magnets have."""
    mesh, Ms, one = magnet.mesh, magnet.Ms, np.ones(magnet.mesh.shape)
    axes = np.eye(3)[:2].reshape(2, 3, 1, 1, 1) * one
    magnet.terms["dmi"] = DMI(mesh, Ms, magnet.parameters["Aex"], 1e-4 * one, 1e-4 * one)
    magnet.terms["cubic"] = Cubic(mesh, Ms, 1e3 * one, 1e3 * one, axes)
    magnet.terms["orbit"] = SpinOrbit(mesh, Ms, lambda t: 1e9, damping_like=0.1)
    magnet.terms["drift"] = ZhangLi(mesh, Ms, (1e9, 1e9, 0.0), xi=0.1)
    magnet.applied_field = lambda t: (1e3 * np.sin(1e9 * t), 0.0, 0.0)


def complete_evaluations(repeats: int, more: bool = False) -> dict[tuple[str, int], float]:
    """Best seconds per replica and evaluation of a device, maybe with ``more`` fields, by precision and threads."""
    device = Device.preset("plasticity")
    device = at(device, device.temperature)
    magnet, trials, steps, best = magnet_of(device), 64, 10, {}
    connect(magnet, device, single(0.8, 100e-9, unit="V"), Layout())
    if more:
        add_further(magnet)
    drive = drive_of(magnet)
    for precision in ("float64", "float32"):
        solver = complete(Solver(precision=precision), device.temperature)
        whole = Replicated.of(magnet, device.temperature, solver)
        dt = fixed_step(magnet, solver, 1e-12, device.temperature)
        how = {"scheme": "three-stage", "dt": dt, "trials": trials, "further": whole.further}
        ensemble = Ensemble(whole.body, whole.plan, whole.foster, **how)
        m = magnet.m.reshape(3, -1)[:, whole.body.cells.sites].T
        ensemble.in_blocks(np.broadcast_to(m, (trials, *m.shape)), ensemble.m)
        ensemble.go(steps, drive)
        for _ in range(repeats):
            for threads in range(1, min(2, int(config.NUMBA_NUM_THREADS)) + 1):
                use_threads(threads)
                started = time.perf_counter()
                ensemble.go(steps, drive)
                seconds = (time.perf_counter() - started) / (3 * steps * trials)
                best[precision, threads] = min(best.get((precision, threads), np.inf), seconds)
    return best


def table(best: dict[Case, float]) -> None:
    """Print one line for each size, precision, number of lanes and of threads."""
    print("us per replica and evaluation; in brackets how many times as fast as scipy on one thread, * what is chosen")
    titles = f"{'cells':10s} {'precision':9s} {'lanes':>5s} {'threads':>7s} {'transforms':>18s} {'matrix':>18s}"
    print(titles, f"{'scipy':>8s}")
    for case in best:
        if case.method != "transforms":
            continue
        scipy = min(seconds for other, seconds in best.items() if other[:3] == (*case[:2], "scipy"))
        by_matrix = dense_is_faster(case.cells, int(np.prod(case.cells)))
        columns = []
        for method in ("transforms", "matrix"):
            seconds = best.get(case._replace(method=method))
            mark = "*" if by_matrix == (method == "matrix") else " "
            columns.append(f"{1e6 * seconds:9.2f} ({scipy / seconds:4.1f}){mark}" if seconds else "-")
        size = "x".join(map(str, case.cells))
        print(
            f"{size:10s} {case.dtype:9s} {case.lanes:5d} {case.threads:7d} {columns[0]:>18s} {columns[1]:>18s}"
            f" {1e6 * scipy:8.2f}"
        )


def main() -> None:
    """Measure, print the table, write JSON on request."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cells", nargs="+", type=lambda text: tuple(map(int, text.split("x"))), default=CELLS)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    best = measured(cases(list(options.cells)), options.repeats)
    table(best)
    whole, more = (complete_evaluations(options.repeats, more) for more in (False, True))
    for title, found in (("", whole), (", with further fields", more)):
        print(f"\ncomplete evaluations of a disc of 40 x 40 cells{title}")
        for (precision, threads), seconds in found.items():
            print(f"{precision:9s} {threads} threads: {1e6 * seconds:7.2f} us a replica, {1.0 / seconds:7.0f} a second")
    if options.json:
        record = {
            "version": __version__,
            "machine": platform.processor() or platform.machine(),
            "python": platform.python_version(),
            "repeats": options.repeats,
            "seconds": [{**case._asdict(), "seconds": seconds} for case, seconds in best.items()],
            "complete": [
                {"dtype": precision, "threads": threads, "further": found is more, "seconds": seconds}
                for found in (whole, more)
                for (precision, threads), seconds in found.items()
            ],
        }
        options.json.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
