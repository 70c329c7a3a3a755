"""The first standard problem: hysteresis of a film of a micrometer, which no two codes agree about."""

from __future__ import annotations

import warnings

import numpy as np
import xarray as xr

from spinneuron.constants import mu0
from spinneuron.lattice import Magnet, Material
from spinneuron.lattice.hysteresis import hysteresis, sweep_field
from spinneuron.mesh import Mesh
from validation.drawing import COLORS, legend, panels
from validation.report import Check, Outcome

QUESTION = "Does a loop of a large film, in cells that are too coarse for it, keep the laws that hold all the same?"
REFERENCE = """Standard problem 1 of the muMAG group (NIST): 2 x 1 um x 20 nm, Ms = 8e5 A/m, A = 1.3e-11 J/m, K = 500
J/m^3 along the length, field from 50 to -50 mT and back at 1 degree from the length and from the width. The submissions
scatter, and the remanent state hangs on what was before 50 mT: there are no numbers to agree with. Laws: every field
has a state at rest; the loop is odd, m(-H) on the way up being -m(H) on the way down; no step gains energy beyond the
work of the field, -mu0 Ms V m.dH."""
TOLERANCE = """A test for smoke. Oddness: 0.02; the states of both branches start from other random turns of 1e-4.
Energy gained: 1e-7 of mu0 Ms^2 V / 2, what torques of 1e-5 Ms leave. The exchange length is 5.7 nm, so that cells of 20
nm must bring the warning that they are too large."""

MS, SATURATION = 8e5, 50e-3 / mu0
AXES = {"length": 1.0, "width": 89.0}


def loop(cell: float, degrees: float, steps: int):
    """One loop.

    Parameters
    ----------
    cell : float [m]
    degrees : float
        From the length to the field.
    steps : int
        From one end to the other; even.

    Returns
    -------
    found : xarray.Dataset
    remanent : numpy.ndarray [1]
        Moments without field on the way down, (3, ny, nx).
    warned : bool
    """
    direction = (np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees)), 0.0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        mesh = Mesh.of((2e-6, 1e-6, 20e-9), (cell, cell, 20e-9))
        magnet = Magnet(mesh, Material(Ms=MS, Aex=1.3e-11, Ku=500.0, easy_axis=(1.0, 0.0, 0.0)))
    warned = any("exchange length" in str(one.message) for one in caught)
    magnet.m = direction
    states: list[np.ndarray] = []

    def keep(_):
        if len(states) <= steps // 2:
            states.append(magnet.m[:, 0].copy())

    found = hysteresis(magnet, sweep_field(direction, SATURATION, steps), tolerance=1e-5, progress=keep)
    return found, states[steps // 2], warned


def gains(found: xr.Dataset) -> np.ndarray:
    """Energy that each step gains beyond the work of the field, over mu0 Ms^2 V / 2."""
    volume = 2e-6 * 1e-6 * 20e-9
    m, H, E = found.m.values, found.applied_field.values, found.energy.values.sum(axis=1)
    work = -mu0 * MS * volume * (m[:-1] * np.diff(H, axis=0)).sum(axis=1)
    return (np.diff(E) - work) / (0.5 * mu0 * MS**2 * volume)


def _judge(name, found, warned):
    along, half = found.along.values, len(found.step) // 2
    odd = float(np.abs(along[: half + 1] + along[half:]).max())
    return [
        Check(f"{name}: warning of large cells", float(warned), 1.0, kind="at least"),
        Check(f"{name}: share of states at rest", float(found.converged.mean()), 1.0, kind="at least"),
        Check(f"{name}: largest deviation from an odd loop", odd, 0.02, kind="at most"),
        Check(f"{name}: largest gain of energy", float(gains(found).max()), 1e-7, kind="at most"),
    ]


def _draw(found):
    figure, axes = panels(3)
    for (name, (loop, remanent, _)), color, below in zip(found.items(), COLORS, axes[1:], strict=False):
        axes[0].plot(loop.strength * mu0 * 1e3, loop.along, ".-", ms=3, lw=0.8, color=color, label=f"along the {name}")
        below.imshow(remanent[0], origin="lower", extent=(0, 2, 0, 1), cmap="RdBu_r", vmin=-1, vmax=1)
        ny, nx = remanent.shape[1:]
        few = max(1, ny // 12)
        x, y = (np.arange(few // 2, n, few) for n in (nx, ny))
        grid = np.ix_(y, x)
        below.quiver((x + 0.5) * 2 / nx, (y + 0.5) / ny, remanent[0][grid], remanent[1][grid], pivot="mid", scale=30)
        below.set(
            xlabel=r"x [$\mu$m]", ylabel=r"y [$\mu$m]", title=f"no field, after one along the {name}; color: $m_x$"
        )
        below.spines[["top", "right"]].set_visible(True)
    axes[0].set(xlabel="field [mT]", ylabel="moment along the field")
    legend(axes[0])
    return figure


def validate(quick: bool) -> Outcome:
    """Run both loops.

    Parameters
    ----------
    quick : bool
        One loop, larger cells, fewer fields.

    Returns
    -------
    Outcome
    """
    checks, found, notes = [], {}, []
    cell, steps = (25e-9, 10) if quick else (20e-9, 40)
    for name, degrees in list(AXES.items())[: 1 if quick else 2]:
        found[name] = loop(cell, degrees, steps)
        dataset, _, warned = found[name]
        checks += _judge(name, dataset, warned)
        field = dataset.coercivity * mu0 * 1e3
        loss = -gains(dataset).sum() * 0.5 * mu0 * MS**2
        notes.append(
            f"Along the {name}, cells of {cell * 1e9:g} nm: coercive field {field:.2f} mT, remanence "
            f"{dataset.remanence:.3f}, loss of the loop {loss:.0f} J/m^3."
        )
    return Outcome(checks, _draw(found), notes)
