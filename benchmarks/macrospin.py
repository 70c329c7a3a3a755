"""Nanoseconds per trajectory-step of the stochastic macrospin, beside what else is installed, in one run.

    python benchmarks/macrospin.py [--lanes 4096] [--steps 4000] [--repeats 7] [--json FILE]

A perpendicular disc with Slonczewski torque and thermal field at 300 K, the same for all. Repetitions of all codes are
interleaved and the best of each counts, so that a busy machine disturbs them alike. A peer that is not installed is
left out by name. The heated rows follow heat, Ms(T), Ku(T), P(T) and TMR(T, V) of every trial, under a voltage.
"""

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
from spinneuron.constants import gamma0, kB, mu0
from spinneuron.device import Device
from spinneuron.dynamics.ensemble import Course, Numerics, run
from spinneuron.dynamics.macrospin import table
from spinneuron.dynamics.threads import use_threads
from spinneuron.physics.torques import Torques
from spinneuron.simulation import warmth_of

DT = 1e-12
J = 2e10
TEMPERATURE = 300.0
DISC = Device.preset("parallel").replace(
    name="disc", width=40e-9, length=40e-9, thickness=1.5e-9, Ms=1e6, alpha=0.02, Ku=6.6e5, P=0.6
)
HOT = DISC.replace(curie_temperature=900.0, polarization_temperature=1400.0, tmr_voltage=0.5)
POLES = ((1e5, 1e-9), (5e4, 2e-7))
Runner = Callable[[], float]


def ours(lanes: int, steps: int, threads: int, stepper: str, precision: str, device: Device = DISC) -> Runner:
    """Run the ensemble kernel, with only the final states kept."""
    unit, drive = ("V", J * device.resistance_area) if device.thermal_times else ("A/m^2", J)
    rows = table(device, device.size, unit, TEMPERATURE)
    course = Course((0.0, 1.0), (drive, drive), steps * DT, 1)
    numerics = Numerics(stepper, DT, precision)

    def once() -> float:
        m, warmth = np.tile([[0.6], [0.0], [0.8]], (1, lanes)), warmth_of(device, unit, drive, lanes)
        use_threads(threads)
        started = time.perf_counter()
        run(m, rows, course, trials=lanes, seed=1, numerics=numerics, record=False, warmth=warmth)
        return (time.perf_counter() - started) / (lanes * steps)

    once()
    return once


def numpy_heun(lanes: int, steps: int) -> Runner:
    """Vectorized NumPy over the lanes: the same scheme, with NumPy's own normal numbers."""
    steps = max(1, steps // 40)
    rng = np.random.default_rng(1)
    size, rate = DISC.size, gamma0 / (1.0 + DISC.alpha**2) * DT
    torques = Torques.of(DISC, size)
    a = torques.a * J / torques.even
    Hk = 2.0 * DISC.Ku / (mu0 * DISC.Ms) - DISC.Ms * (size.N_thickness - size.N_width)
    sigma = np.sqrt(2.0 * DISC.alpha * kB * TEMPERATURE / (gamma0 * mu0 * DISC.Ms * size.volume * DT))

    def turn(m, noise):
        """m x Omega dt, the pinned layer and the easy axis along z."""
        B = noise.copy()
        B[2] += Hk * m[2]
        along = DISC.alpha * B
        along[2] += a
        B[2] -= DISC.alpha * a
        omega = -rate * (B + np.cross(m, along, axis=0))
        return np.cross(m, omega, axis=0)

    def once() -> float:
        m = np.tile([[0.6], [0.0], [0.8]], (1, lanes))
        started = time.perf_counter()
        for _ in range(steps):
            noise = sigma * rng.standard_normal((3, lanes))
            k = turn(m, noise)
            m = m + 0.5 * (k + turn(m + k, noise))
            m /= np.sqrt(np.sum(m * m, axis=0))
        return (time.perf_counter() - started) / (lanes * steps)

    return once


def cmtj_heun(steps: int) -> Runner:
    """One trajectory of cmtj's stochastic Heun solver; its cost does not depend on the number of trajectories."""
    import cmtj

    steps = 50 * steps
    size = DISC.size
    factors = [
        cmtj.CVector(size.N_length, 0.0, 0.0),
        cmtj.CVector(0.0, size.N_width, 0.0),
        cmtj.CVector(0.0, 0.0, size.N_thickness),
    ]
    up, start = cmtj.CVector(0.0, 0.0, 1.0), cmtj.CVector(0.6, 0.0, 0.8)

    def once() -> float:
        layer = cmtj.Layer.createSTTLayer(
            "free", start, up, mu0 * DISC.Ms, DISC.thickness, DISC.area, factors, DISC.alpha, 1.0, 0.0, DISC.P
        )
        layer.setReferenceLayer(up)
        junction = cmtj.Junction([layer])
        junction.setLayerAnisotropyDriver("free", cmtj.ScalarDriver.getConstantDriver(DISC.Ku))
        junction.setLayerCurrentDriver("free", cmtj.ScalarDriver.getConstantDriver(J))
        junction.setLayerTemperatureDriver("free", cmtj.ScalarDriver.getConstantDriver(TEMPERATURE))
        started = time.perf_counter()
        # The log is written every thousandth step only, at no cost.
        junction.runSimulation(steps * DT, DT, 1000 * DT, solverMode=cmtj.SolverMode.Heun)
        return (time.perf_counter() - started) / steps

    return once


def runners(lanes: int, steps: int) -> tuple[dict[str, Runner], list[str]]:
    """Everything that can be run here, and the names of the peers that cannot."""
    found: dict[str, Runner] = {}
    for threads in range(1, min(2, int(config.NUMBA_NUM_THREADS)) + 1):
        for stepper in ("heun", "semi-implicit"):
            for precision in ("float64", "float32"):
                name = f"spinneuron {stepper} {precision}, {threads} thread{'s' * (threads > 1)}"
                found[name] = ours(lanes, steps, threads, stepper, precision)
    for precision in ("float64", "float32"):
        for count, poles in ((1, "1 pole"), (2, "2 poles")):
            resistances, times = zip(*POLES[:count], strict=True)
            device = HOT.replace(thermal_resistances=resistances, thermal_times=times)
            found[f"spinneuron heun {precision}, heated, {poles}"] = ours(lanes, steps, 1, "heun", precision, device)
    found["numpy heun float64, vectorized"] = numpy_heun(lanes, steps)
    missing = [peer for peer in ("cmtj",) if importlib.util.find_spec(peer) is None]
    if "cmtj" not in missing:
        found["cmtj heun float64, one trajectory"] = cmtj_heun(steps)
    return found, missing


def main() -> None:
    """Measure, print the table, write JSON on request."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lanes", type=int, default=4096)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found, missing = runners(options.lanes, options.steps)
    best = dict.fromkeys(found, np.inf)
    for _ in range(options.repeats):
        for name, once in found.items():
            best[name] = min(best[name], once())
    reference = best["spinneuron heun float64, 1 thread"]
    print(f"{options.lanes} lanes, best of {options.repeats}: ns per trajectory-step, and in units of the first")
    for name, seconds in best.items():
        print(f"{name:48s} {seconds * 1e9:8.2f} {seconds / reference:8.2f}")
    for stepper in ("heun", "semi-implicit"):
        for precision in ("float64", "float32"):
            one, two = (best.get(f"spinneuron {stepper} {precision}, {n}") for n in ("1 thread", "2 threads"))
            if one and two:
                print(f"{stepper} {precision}: {one / two:.2f} times as fast on two threads")
    for precision in ("float64", "float32"):
        cold = best[f"spinneuron heun {precision}, 1 thread"]
        ratios = [best[f"spinneuron heun {precision}, heated, {poles}"] / cold for poles in ("1 pole", "2 poles")]
        print("heated heun {}: {:.2f} times the cold step with one pole, {:.2f} with two".format(precision, *ratios))
    for peer in missing:
        print(f"{peer}: not installed, left out")
    if options.json:
        record = {
            "version": __version__,
            "machine": platform.processor() or platform.machine(),
            "python": platform.python_version(),
            "lanes": options.lanes,
            "steps": options.steps,
            "repeats": options.repeats,
            "seconds_per_step": best,
            "missing": missing,
        }
        options.json.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
