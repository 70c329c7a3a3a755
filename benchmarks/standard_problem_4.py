"""Time of muMAG standard problem 4 at 2.5 nm: microseconds per field, and the nanosecond.

200 x 50 x 1 cells, one thread, field 1, from the relaxed S-state; every library of Fourier transforms that is installed
(`pip install ".[fft]"`), and magnum.np beside them in the same run where that is.

    python benchmarks/standard_problem_4.py --json sp4.json
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
from pathlib import Path

import numpy as np

from spinneuron import Magnet, Material, Mesh, __version__
from spinneuron.constants import mu0
from spinneuron.dynamics.lattice.motion import total
from spinneuron.dynamics.lattice.runge_kutta import RungeKutta
from spinneuron.dynamics.threads import use_threads
from spinneuron.physics.lattice.demag import Demag
from spinneuron.transforms import LIBRARIES

FIELD = np.array([-24.6e-3, 4.3e-3, 0.0]) / mu0
CHUNK = 20


def relaxed() -> Magnet:
    """The magnet in its S-state, the field switched on."""
    mesh = Mesh.of((500e-9, 125e-9, 3e-9), (2.5e-9, 2.5e-9, 3e-9))
    magnet = Magnet(mesh, Material(Ms=8e5, Aex=1.3e-11, alpha=0.02))
    magnet.m = (1.0, 0.1, 0.0)
    magnet.minimize()
    magnet.applied_field = FIELD
    return magnet


def ours(magnet: Magnet, library: str, duration: float) -> tuple[float, float, int]:
    """Best time of an evaluation [s] of all stretches of some steps, time of the whole [s], and evaluations."""
    magnet.terms["demag"] = Demag.of(magnet.mesh, magnet.Ms, library, threads=1)
    motion = RungeKutta(total(list(magnet.terms.values())), magnet.parameters["alpha"])
    m, now, best = magnet.m.copy(), 0.0, np.inf
    motion.advance(m, now, 1e-15)
    begin = time.perf_counter()
    while now < duration:
        before, started = motion.evaluations, time.thread_time()
        for _ in range(CHUNK):
            now = motion.advance(m, now, duration) if now < duration else now
        best = min(best, (time.thread_time() - started) / max(motion.evaluations - before, 1))
    return best, time.perf_counter() - begin, motion.evaluations


def magnum(m: np.ndarray) -> float:
    """Best time [s] of the fields of demagnetization, exchange and Zeeman, and of the slope, of magnum.np."""
    import magnumnp
    import torch

    torch.set_num_threads(1)
    state = magnumnp.State(magnumnp.Mesh((200, 50, 1), (2.5e-9, 2.5e-9, 3e-9)))
    state.material = {"Ms": 8e5, "A": 1.3e-11, "alpha": 0.02}
    state.m = torch.tensor(np.ascontiguousarray(m.transpose(3, 2, 1, 0)))
    terms = [magnumnp.DemagField(), magnumnp.ExchangeField(), magnumnp.ExternalField(list(FIELD))]
    solver, best = magnumnp.LLGSolver(terms), np.inf
    solver.step(state, 1e-13)
    for _ in range(200):
        started = time.thread_time()
        h = sum(term.h(state) for term in terms)
        cross = torch.linalg.cross(state.m, h)
        (cross + 0.02 * torch.linalg.cross(state.m, cross)).sum().item()
        best = min(best, time.thread_time() - started)
    return best


def main() -> None:
    """Measure, print, write JSON on request."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--duration", type=float, default=1e-9, help="[s]")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    use_threads(1)
    magnet, record = relaxed(), {}
    for name, (_, module) in LIBRARIES.items():
        if importlib.util.find_spec(module) is None:
            print(f"{name}: not installed, left out")
            continue
        best, whole, evaluations = ours(magnet, name, options.duration)
        record[name] = {"evaluation": best, "whole": whole, "evaluations": evaluations}
        print(f"{name}: {1e6 * best:.0f} us per evaluation, {whole:.2f} s for {evaluations} of them", flush=True)
    if importlib.util.find_spec("magnumnp") is None:
        print("magnum.np: not installed, left out")
    else:
        record["magnum.np"] = {"evaluation": (other := magnum(magnet.m))}
        least = min(one["evaluation"] for name, one in record.items() if name != "magnum.np")
        print(f"magnum.np: {1e6 * other:.0f} us per evaluation, {other / least:.1f} times the best above")
    if options.json:
        options.json.write_text(json.dumps({"version": __version__, "times": record}, indent=2) + "\n")


if __name__ == "__main__":
    main()
