"""Other codes on muMAG standard problem 4, as their users start them; each is left out where it is not installed.

OOMMF is a command: ``OOMMF="tclsh /path/oommf.tcl"``, or ``oommf`` on the PATH. It will not run as root. magnum.np and
magnetics are Python packages.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import re
import resource
import shlex
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from spinneuron.ovf import Ovf, write

MIF = """# MIF 2.1
Specify Oxs_BoxAtlas:atlas {{ xrange {{0 {x!r}}} yrange {{0 {y!r}}} zrange {{0 {z!r}}} }}
Specify Oxs_RectangularMesh:mesh {{ cellsize {{{dx!r} {dy!r} {dz!r}}} atlas :atlas }}
Specify Oxs_UniformExchange {{ A 1.3e-11 }}
Specify Oxs_Demag {{}}
Specify Oxs_FixedZeeman {{ field {{{hx!r} {hy!r} {hz!r}}} }}
Specify Oxs_RungeKuttaEvolve:evolver {{
  gamma_G 2.211e5 alpha 0.02 start_dm 0.01 error_rate 1.0 absolute_step_error 0.2 relative_step_error 0.01
  energy_precision -1 max_timestep 5e-13 method rkf54
}}
Specify Oxs_TimeDriver {{
  basename out evolver :evolver mesh :mesh stopping_time {duration!r} stage_count 1 Ms 8e5
  m0 {{ Oxs_FileVectorField {{ atlas :atlas norm 1.0 file start.omf }} }}
}}
Destination archive mmArchive
Schedule DataTable archive Stage 1
"""
COUNT = "Energy calc count"


class Cost(NamedTuple):
    """What a piece of work took.

    Attributes
    ----------
    processor, clock : float [s]
    evaluations : int
        Of the field.
    mean : numpy.ndarray [1]
        Moment at the end.
    """

    processor: float
    clock: float
    evaluations: int
    mean: np.ndarray


def oommf_command() -> list[str]:
    """How OOMMF is started here; empty if it is not there."""
    given = os.environ.get("OOMMF", "")
    return shlex.split(given) if given else [found] if (found := shutil.which("oommf")) else []


def oommf(m: np.ndarray, cell: tuple, field: np.ndarray, duration: float, threads: int) -> Cost:
    """Run OOMMF from a state on, with the settings of its own example of the problem."""
    nz, ny, nx = m.shape[1:]
    sizes = {"x": nx * cell[0], "y": ny * cell[1], "z": nz * cell[2], "dx": cell[0], "dy": cell[1], "dz": cell[2]}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        write(folder / "start.omf", Ovf(m, cell))
        hx, hy, hz = map(float, field)
        (folder / "sp4.mif").write_text(MIF.format(**sizes, hx=hx, hy=hy, hz=hz, duration=duration))
        for path in folder.iterdir():
            path.chmod(0o644)
        words = [*oommf_command(), "boxsi", "-threads", str(threads), "-kill", "all", "--", "sp4.mif"]
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=600)
        clock, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        tables = list(folder.glob("*.odt"))
        if done.returncode or not tables:
            raise RuntimeError(f"OOMMF: {done.stdout[-500:]} {done.stderr[-500:]}")
        table = tables[0].read_text()
    line = next(line for line in table.splitlines() if line.startswith("# Columns:"))
    # words, or more of them in braces
    columns = [(a or b).split(":")[-1] for a, b in re.findall(r"\{([^}]*)\}|(\S+)", line.removeprefix("# Columns:"))]
    values = dict(zip(columns, table.splitlines()[-2].split(), strict=True))
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    mean = np.array([float(values[name]) for name in ("mx", "my", "mz")])
    return Cost(processor, clock, int(float(values[COUNT])), mean)


class Magnum:
    """magnum.np on one thread, with its own solver.

    Parameters
    ----------
    m : numpy.ndarray [1]
    cell : tuple of float [m]
    field : numpy.ndarray [A/m]
    """

    def __init__(self, m: np.ndarray, cell: tuple, field: np.ndarray) -> None:
        import magnumnp
        import torch

        logging.getLogger("magnum.np").setLevel(logging.WARNING)
        torch.set_num_threads(1)
        nz, ny, nx = m.shape[1:]
        self.state = magnumnp.State(magnumnp.Mesh((nx, ny, nz), cell))
        self.state.material = {"Ms": 8e5, "A": 1.3e-11, "alpha": 0.02}
        self.state.m = torch.tensor(np.ascontiguousarray(m.transpose(3, 2, 1, 0)))
        self.given, self.evaluations = magnumnp.ExternalField(field.tolist()), 0
        self.terms = [magnumnp.DemagField(), magnumnp.ExchangeField(), self]
        self.solver = magnumnp.LLGSolver(self.terms)
        self.steps(1e-13)

    def h(self, state):
        """The applied field; counts how often it is asked for."""
        self.evaluations += 1
        return self.given.h(state)

    def fields(self) -> Cost:
        """Fields of demagnetization, exchange and Zeeman once."""
        started, clock = time.process_time(), time.perf_counter()
        sum(term.h(self.state) for term in self.terms)
        return Cost(time.process_time() - started, time.perf_counter() - clock, 1, np.empty(0))

    def steps(self, duration: float) -> Cost:
        """Go on for some time."""
        before, started, clock = self.evaluations, time.process_time(), time.perf_counter()
        self.solver.step(self.state, duration)
        times = time.process_time() - started, time.perf_counter() - clock
        return Cost(*times, self.evaluations - before, self.state.m.mean(dim=(0, 1, 2)).numpy())


class Magnetics:
    """The effective field of the package magnetics; it has no steps but fixed ones.

    Parameters
    ----------
    m : numpy.ndarray [1]
    cell : tuple of float [m]
    field : numpy.ndarray [A/m]
    """

    def __init__(self, m: np.ndarray, cell: tuple, field: np.ndarray) -> None:
        from magnetics import Material, MaterialMap, Mesh
        from magnetics.llg.effective_field import effective_field

        nz, ny, nx = m.shape[1:]
        mesh = Mesh(nx, ny, nz, *cell)
        self.m, self.given = np.ascontiguousarray(m.transpose(3, 2, 1, 0)), field
        materials = MaterialMap()
        materials.register(0, Material("permalloy", 8e5, 1.3e-11, alpha=0.02))
        self.field = lambda: effective_field(self.m, mesh, materials, self.given, include_anisotropy=False)

    def fields(self) -> Cost:
        """Fields of demagnetization, exchange and Zeeman once."""
        started, clock = time.process_time(), time.perf_counter()
        self.field()
        return Cost(time.process_time() - started, time.perf_counter() - clock, 1, np.empty(0))


def missing(package: str) -> bool:
    """Whether a Python package is not installed."""
    return importlib.util.find_spec(package) is None
