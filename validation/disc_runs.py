"""A disc in a current, for `disc_switching`: reversals on a lattice, how they go, and those of one moment."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from scipy import ndimage

from spinneuron.constants import gamma0, kB, mu0
from spinneuron.device import Device
from spinneuron.lattice import Layout, Magnet, Material, simulate_lattice
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.torques import Slonczewski
from spinneuron.protocols import Protocol
from spinneuron.simulation import simulate
from spinneuron.statistics import survival, switching_time
from spinneuron.switching import crossing_times, switching_rates
from validation.samples import anisotropy_field, current_density, disc

DISC = disc()
# of the stray field of a film, which Ku of DISC has lost
FILM = 0.5 * mu0 * DISC.Ms**2
HK = anisotropy_field(DISC)
JC = current_density(DISC, DISC.alpha * HK)
D = float(np.sqrt(DISC.Aex / DISC.Ku))
TRIALS = 16
NUCLEUS = 400e-18
"""Area [m^2] from which a reversed region counts: some 2 D by 2 D."""


def drive(i: float, duration: float) -> Protocol:
    """Constant current density that drives away from m_z = 1.

    Parameters
    ----------
    i : float [1]
        J over that at which the moment without the edge becomes unstable, alpha Hk.
    duration : float [s]

    Returns
    -------
    Protocol
    """
    return Protocol((0.0, duration), (-i * JC, -i * JC), "A/m^2")


def reversals(
    i: float,
    duration: float,
    *,
    cell: float = 5e-9,
    temperature: float = 300.0,
    snapshots: float | None = None,
    scale: float = 1.0,
    **layout: Any,
) -> xr.Dataset:
    """Let trials of the disc reverse, from m_z = 1 in all cells.

    Parameters
    ----------
    i : float [1]
    duration : float [s]
    cell : float [m]
    temperature : float [K]
    snapshots : float, optional [s]
    scale : float [1]
        By which the mean moment shall be larger: Ms goes with it, Aex with its square, Ku with its third power.
    **layout
        Of `Layout`; without, the disc has the stray field of a film, no Oersted field, and no grains.

    Returns
    -------
    xarray.Dataset
    """
    plain: dict[str, Any] = {"demag": False, "oersted": False, "precision": "float32", "cell": (cell, cell, 1e-8)}
    plan = Layout(**(plain | layout))
    Ku = DISC.Ku + (FILM if plan.demag else 0.0)
    device = DISC.replace(Ms=DISC.Ms * scale, Aex=DISC.Aex * scale**2, Ku=Ku * scale**3)
    with warnings.catch_warnings():
        # that cells are larger than the exchange length is the question
        warnings.simplefilter("ignore", UserWarning)
        return simulate_lattice(
            device, drive(i, duration), layout=plan, trials=TRIALS, seed=1, temperature=temperature, every=2e-11,
            snapshots=snapshots,
        )  # fmt: skip


class Times(NamedTuple):
    """When trials reversed.

    Attributes
    ----------
    median, low, high : float [s]
        And its interval at 95 %; inf where too few have reversed.
    reversed : int
    trials : int
    duration : float [s]
    first, last : float [s]
        Reversals.
    """

    median: float
    low: float
    high: float
    reversed: int
    trials: int
    duration: float
    first: float
    last: float

    @classmethod
    def of(cls, run: xr.Dataset) -> Times:
        """Read a run.

        Parameters
        ----------
        run : xarray.Dataset

        Returns
        -------
        Times
        """
        crossing, duration = crossing_times(run), float(run.time[-1])
        there = crossing[np.isfinite(crossing)]
        ends = (float(there.min()), float(there.max())) if len(there) else (np.inf, np.inf)
        return cls(*switching_time(survival(crossing, duration)), len(there), len(crossing), duration, *ends)

    @property
    def error(self) -> float:
        """Standard error of the median [s], from its interval."""
        return (self.high - self.low) / (2.0 * 1.96)

    def text(self) -> str:
        """Median and interval in ns, or how few have reversed."""
        if not np.isfinite(self.median):
            return f"{self.reversed} of {self.trials} in {self.duration * 1e9:g} ns"
        high = "-" if np.isinf(self.high) else f"{self.high * 1e9:.3g}"
        return f"{self.median * 1e9:.3g} ({self.low * 1e9:.3g} to {high})"


def one_moment() -> Device:
    """Give the disc as a single moment: its shape anisotropy added to Ku, so that K V stays."""
    width, _, thickness = DISC.demagnetizing_factors
    return DISC.replace(Ku=DISC.Ku + FILM * (thickness - width))


def moment_times(i: float, duration: float, temperature: float = 300.0, trials: int = 1024) -> Times:
    """When the disc reverses as a single moment, from m_z = 1.

    Parameters
    ----------
    i : float [1]
    duration : float [s]
    temperature : float [K]
    trials : int

    Returns
    -------
    Times
    """
    run = simulate(one_moment(), drive(i, duration), trials=trials, seed=1, every=2e-11, temperature=temperature)
    return Times.of(run)


def moment_lasts(i: float) -> float:
    """Mean time [s] in which the disc reverses as a single moment below i = 1, by the Fokker-Planck equation."""
    voltage = -i * JC * DISC.resistance_area
    return float(switching_rates(one_moment(), [voltage]).retention[0, 0])


def spin_waves(cell: float, temperature: float = 300.0) -> float:
    """<m_z> of a square film of the area of the disc without current, by its waves of small amplitude.

    ``1 - <m_z> = mean of kB T / (V_cell (2 K + D_k))``, ``D_k = (4 A / d^2)(2 - cos kx d - cos ky d)``, over the waves
    ``k d = pi n / cells`` of a film with free edges.

    Parameters
    ----------
    cell : float [m]
    temperature : float [K]

    Returns
    -------
    float [1]
    """
    count = round(np.sqrt(DISC.area) / cell)
    across = 4.0 * DISC.Aex / cell**2 * (1.0 - np.cos(np.pi * np.arange(count) / count))
    stiffness = 2.0 * DISC.Ku + across[:, None] + across[None, :]
    return 1.0 - float((kB * temperature / (cell**2 * DISC.thickness * stiffness)).mean())


def wall_speed(i: float) -> float:
    """Speed [m/s] of a straight wall in the current.

    The torque turns every moment by ``d theta / dt = -gamma0 a_J sin(theta) / (1 + alpha^2)`` away from the pole; the
    wall of rest has ``d theta / dx = sin(theta) / D``, so that it moves at ``v = gamma0 a_J D / (1 + alpha^2)``, a_J =
    i alpha Hk, while its moments turn about z together.

    Parameters
    ----------
    i : float [1]

    Returns
    -------
    float [m/s]
    """
    return gamma0 * i * DISC.alpha * HK * D / (1.0 + DISC.alpha**2)


def wall_speed_found(i: float, cell: float, duration: float = 4e-9) -> float:
    """Speed [m/s] of a straight wall in the current at 0 K, in the later half of a run on a strip.

    Parameters
    ----------
    i : float [1]
    cell : float [m]
    duration : float [s]

    Returns
    -------
    float [m/s]
    """
    mesh = Mesh((round(200e-9 / cell), 1, 1), (cell, cell, DISC.thickness))
    material = Material(Ms=DISC.Ms, Aex=DISC.Aex, Ku=DISC.Ku, alpha=DISC.alpha)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        magnet = Magnet(mesh, material, demag=False)
    # between two cells
    start = cell * round(-40e-9 / cell)
    magnet.m = lambda x, y, z: (0.0 * x, 1.0 / np.cosh((x - start) / D), -np.tanh((x - start) / D))
    magnet.minimize()
    magnet.terms["current"] = Slonczewski(mesh, magnet.Ms, i * JC, P=DISC.P, pinned=(0.0, 0.0, 1.0), position="bottom")
    run = magnet.run(duration, every=duration / 40)
    z = run.m.values[:, 2]
    return float(abs(z[-1] - z[20]) * mesh.size[0] / 2.0 / (duration / 2.0))


class Nucleus(NamedTuple):
    """Where and how the reversal of a trial begins and goes on.

    Attributes
    ----------
    time : float [s]
        Of the first snapshot with a reversed region of NUCLEUS.
    radius : float [1]
        Of the middle of that region, over that of the disc.
    at_edge : bool
        Whether it touches the edge.
    regions : int
        Of that size in the last snapshot before half of the disc is reversed.
    growth : float [s]
        From <m_z> = 0.75 to -0.75; inf where the run ends before.
    shortest : float [1]
        Least length of the mean moment.
    """

    time: float
    radius: float
    at_edge: bool
    regions: int
    growth: float
    shortest: float


def smoothed(z: np.ndarray, mask: np.ndarray, cell: float) -> np.ndarray:
    """Mean of m_z over some cells about each, inside a mask, of the width D.

    Parameters
    ----------
    z : numpy.ndarray [1]
        (ny, nx).
    mask : numpy.ndarray of bool
    cell : float [m]

    Returns
    -------
    numpy.ndarray [1]
        1 outside.
    """
    weight = ndimage.gaussian_filter(mask.astype(float), D / cell)
    mean = ndimage.gaussian_filter(np.where(mask, z, 0.0), D / cell)
    return np.where(mask, mean / np.maximum(weight, 1e-9), 1.0)


def nuclei(run: xr.Dataset) -> list[Nucleus]:
    """Look at the snapshots of all trials that have reversed.

    Parameters
    ----------
    run : xarray.Dataset
        Of `reversals`.

    Returns
    -------
    list of Nucleus
    """
    cell = float(run.x[1] - run.x[0])
    mask = (run.moments.values[0, 0, :, 0] ** 2).sum(axis=0) > 0.5
    edge = mask & ~ndimage.binary_erosion(mask)
    radius = np.hypot(run.x.values[None, :], run.y.values[:, None]) / (0.5 * DISC.width)
    return [
        _nucleus(run.isel(trial=trial), cell, mask, edge, radius)
        for trial in np.flatnonzero(np.isfinite(crossing_times(run)))
    ]


def _regions(z, mask, cell):
    """Numbered regions of at least the size of a nucleus."""
    found, count = ndimage.label(smoothed(z, mask, cell) < 0.0)
    areas = ndimage.sum_labels(np.ones_like(found), found, np.arange(1, count + 1)) * cell**2
    return found, 1 + np.flatnonzero(areas >= NUCLEUS)


def _nucleus(trial, cell, mask, edge, radius):
    z, time = trial.m.values[:, 2], trial.time.values
    growth = time[np.argmax(z < -0.75)] - time[np.argmax(z < 0.75)] if z.min() < -0.75 else np.inf
    shots, times = trial.moments.values[:, 2, 0], trial.snapshot_time.values
    half = max(1, int(np.searchsorted(times, time[np.argmax(z < 0.0)])))
    shortest, many = float(np.linalg.norm(trial.m.values, axis=1).min()), len(_regions(shots[half - 1], mask, cell)[1])
    for t, shot in zip(times, shots, strict=True):
        found, large = _regions(shot, mask, cell)
        if len(large):
            there = found == large[0]
            return Nucleus(t, float(radius[there].mean()), bool((there & edge).any()), many, growth, shortest)
    raise AssertionError("a trial reversed without a nucleus")
