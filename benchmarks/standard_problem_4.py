"""muMAG standard problem 4 at 2.5 nm beside other codes: time of an evaluation, and of the nanosecond.

200 x 50 x 1 cells, field 1, from the relaxed S-state. An evaluation is all fields, the slope, and the share of the
stepping; on one thread, time of the processor, repetitions of all codes interleaved, the best of each and the middle.
Codes that are not installed are left out by name; how OOMMF is found: `peers`.

    OOMMF="tclsh /path/oommf.tcl" python benchmarks/standard_problem_4.py --json sp4.json
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
import peers
from numba import config

from spinneuron import Magnet, Material, Mesh, __version__
from spinneuron.constants import mu0
from spinneuron.dynamics.lattice.motion import total
from spinneuron.dynamics.lattice.runge_kutta import RungeKutta
from spinneuron.dynamics.threads import use_threads
from spinneuron.physics.lattice.demag import Demag

FIELD = np.array([-24.6e-3, 4.3e-3, 0.0]) / mu0
OURS = "spinneuron"
# That of the problem's solutions [m/(A s)].
GAMMA = 2.211e5
WHOLE = 1e-9
# Of a repetition: our steps, and the time that others move on [s].
STEPS, STRETCH = 200, 4e-12
# OOMMF has to start, so that two runs of different length are taken [s].
SHORT, LONG = 5e-12, 55e-12


def relaxed() -> Magnet:
    """The magnet in its S-state, the field switched on."""
    mesh = Mesh.of((500e-9, 125e-9, 3e-9), (2.5e-9, 2.5e-9, 3e-9))
    magnet = Magnet(mesh, Material(Ms=8e5, Aex=1.3e-11, alpha=0.02))
    magnet.m = (1.0, 0.1, 0.0)
    magnet.minimize()
    magnet.applied_field = FIELD
    return magnet


def motion_of(magnet: Magnet, threads: int) -> RungeKutta:
    """Our solver on some threads."""
    use_threads(threads)
    magnet.terms["demag"] = Demag.of(magnet.mesh, magnet.Ms)
    return RungeKutta(total(list(magnet.terms.values())), magnet.parameters["alpha"], gamma=GAMMA)


def ours(magnet: Magnet) -> Callable[[], peers.Cost]:
    """Some steps on, one thread."""
    motion, m, now = motion_of(magnet, 1), magnet.m.copy(), 0.0

    def steps() -> peers.Cost:
        nonlocal now
        use_threads(1)
        before, started, clock = motion.evaluations, time.process_time(), time.perf_counter()
        for _ in range(STEPS):
            now = motion.advance(m, now, 1.0)
        times = time.process_time() - started, time.perf_counter() - clock
        return peers.Cost(*times, motion.evaluations - before, m.mean(axis=(1, 2, 3)))

    steps()
    return steps


def whole(magnet: Magnet, threads: int) -> peers.Cost:
    """The nanosecond."""
    motion, m, now = motion_of(magnet, threads), magnet.m.copy(), 0.0
    started, clock = time.process_time(), time.perf_counter()
    while now < WHOLE:
        now = motion.advance(m, now, WHOLE)
    times = time.process_time() - started, time.perf_counter() - clock
    return peers.Cost(*times, motion.evaluations, m.mean(axis=(1, 2, 3)))


def oommf(magnet: Magnet) -> peers.Cost:
    """What OOMMF takes between two times, one thread."""
    short, long = (peers.oommf(magnet.m, magnet.mesh.cell, FIELD, duration, 1) for duration in (SHORT, LONG))
    times = long.processor - short.processor, long.clock - short.clock
    return peers.Cost(*times, long.evaluations - short.evaluations, long.mean)


def contenders(magnet: Magnet) -> dict[str, Callable[[], peers.Cost]]:
    """All that are there, one repetition each."""
    found, start = {OURS: ours(magnet)}, (magnet.m, magnet.mesh.cell, FIELD)
    if peers.oommf_command():
        found["OOMMF"] = lambda: oommf(magnet)
    else:
        print("OOMMF: not installed, left out")
    if peers.missing("magnumnp"):
        print("magnum.np: not installed, left out")
    else:
        magnum = peers.Magnum(*start)
        found["magnum.np"], found["magnum.np, fields alone"] = lambda: magnum.steps(STRETCH), magnum.fields
    if peers.missing("magnetics"):
        print("magnetics: not installed, left out")
    else:
        found["magnetics, fields alone"] = peers.Magnetics(*start).fields
    return found


def evaluations(magnet: Magnet, repeats: int) -> dict[str, dict[str, float]]:
    """Seconds per evaluation of every code, best and middle."""
    runs = contenders(magnet)
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            cost = run()
            times[name].append(cost.processor / cost.evaluations)
    record = {name: {"best": min(found), "middle": float(np.median(found))} for name, found in times.items()}
    print(f"us per evaluation, one thread, best and middle of {repeats}; how much of it we take")
    for name, found in record.items():
        share = record[OURS]["best"] / found["best"]
        print(f"{name:26s} {1e6 * found['best']:8.0f} {1e6 * found['middle']:8.0f} {share:8.2f}", flush=True)
    return record


def nanosecond(magnet: Magnet, repeats: int) -> dict[str, dict[str, object]]:
    """Wall time of the whole problem [s], evaluations, and the mean moment at its end."""
    threads = range(1, min(2, int(config.NUMBA_NUM_THREADS)) + 1)
    runs: dict[str, Callable[[], peers.Cost]] = {}
    for count in threads:
        runs[f"{OURS}, {count} thr"] = lambda count=count: whole(magnet, count)
    if peers.oommf_command():
        for count in threads:
            runs[f"OOMMF, {count} thr"] = lambda count=count: peers.oommf(
                magnet.m, magnet.mesh.cell, FIELD, WHOLE, count
            )
    costs: dict[str, list[peers.Cost]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            costs[name].append(run())
    print(f"the nanosecond, least of {repeats}: wall time, time of the processors [s]; evaluations; mean moment")
    record: dict[str, dict[str, object]] = {}
    for name, found in costs.items():
        clock, processor = (min(getattr(cost, kind) for cost in found) for kind in ("clock", "processor"))
        count, mean = found[0].evaluations, found[0].mean.tolist()
        record[name] = {"clock": clock, "processor": processor, "evaluations": count, "mean": mean}
        moment = " ".join(f"{part:9.6f}" for part in mean)
        print(f"{name:26s} {clock:8.2f} {processor:8.2f} {count:8d}  {moment}", flush=True)
    return record


def main() -> None:
    """Measure, print, write JSON on request."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=10, help="of the evaluations")
    parser.add_argument("--whole", type=int, default=2, help="repeats of the nanosecond")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    magnet = relaxed()
    load = os.getloadavg()[0]
    record = {"evaluation": evaluations(magnet, options.repeats), "nanosecond": nanosecond(magnet, options.whole)}
    print(f"load average {load:.1f} before, {os.getloadavg()[0]:.1f} after, {os.cpu_count()} processors")
    if options.json:
        machine = platform.processor() or platform.machine()
        head = {"version": __version__, "machine": machine, "load": load}
        options.json.write_text(json.dumps({**head, **record}, indent=2) + "\n")


if __name__ == "__main__":
    main()
