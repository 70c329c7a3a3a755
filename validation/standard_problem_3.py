"""The third standard problem: the size of a cube at which a vortex has less energy than a flower."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from spinneuron.constants import mu0
from spinneuron.lattice import Magnet, Material
from spinneuron.mesh import Mesh
from validation.drawing import COLORS, EXACT, legend, panels
from validation.report import Check, Outcome

QUESTION = "At which size does a cube prefer a vortex to a flower?"
REFERENCE = """Standard problem 3 of the muMAG group (NIST): a cube of Ku = 0.1 Km, Km = mu0 Ms^2 / 2, easy axis
along an edge; size L in units of lex = sqrt(A / Km). OOMMF 2.1a0 on N^3 cells (conjugate gradients; a parabola over
L = 8.3, 8.4, 8.5): 8.4023 (N = 10), 8.4437 (16), 8.4535 (20); energies over Km at N = 20. Limit of small cells:
8.47 (W. Rave, K. Fabian, A. Hubert, J. Magn. Magn. Mater. 190, 332 (1998)); 8.4687 (N to 70, R. Martins et al.)."""
TOLERANCE = """Crossing: 1e-4, the digits of the table; 0.01 for the limit of N = 10, 20 by an error of 1 / N^2, by
which published values differ. Energies over Km and means: 1e-4, the digits of the table."""

MS, A = 1e6, 1e-11
KM = 0.5 * mu0 * MS**2
LEX = float(np.sqrt(A / KM))
CROSSINGS = {10: 8.4023, 16: 8.4437, 20: 8.4535}
# at N = 20: demagnetizing, exchange, anisotropy energy over Km; mean moment
PARTS = {"flower": (0.2797, 0.0176, 0.0056, 0.9712), "vortex": (0.0783, 0.1726, 0.0520, 0.3493)}
# which way the moments point before they come to rest; the easy axis is z, that of the vortex y
STARTS = {
    "flower": lambda x, y, z: (0.0 * x, 0.0 * y, 1.0 + 0.0 * z),
    "vortex": lambda x, y, z: (-z / LEX, 2.5 + 0.0 * y, x / LEX),
}


def at_rest(state: str, N: int, L: float) -> Magnet:
    """The cube in one of its states.

    Parameters
    ----------
    state : str
        A name in STARTS.
    N : int
        Cells along an edge.
    L : float [lex]

    Returns
    -------
    Magnet
    """
    cell = L * LEX / N
    magnet = Magnet(Mesh((N, N, N), (cell, cell, cell)), Material(Ms=MS, Aex=A, Ku=0.1 * KM))
    magnet.m = STARTS[state]
    if not magnet.minimize(tolerance=1e-5).converged:
        raise RuntimeError(f"{state}, N = {N}: did not come to rest")
    return magnet


def energies(magnet: Magnet) -> np.ndarray:
    """Energies over Km: demagnetizing, exchange, anisotropy.

    Parameters
    ----------
    magnet : Magnet

    Returns
    -------
    numpy.ndarray [1]
    """
    found, whole = magnet.energies(), magnet.mesh.cells * magnet.mesh.cell_volume
    return np.array([found[name] for name in ("demag", "exchange", "anisotropy")]) / (KM * whole)


def crossing(N: int) -> float:
    """Size at which both states have the same energy.

    Parameters
    ----------
    N : int

    Returns
    -------
    float [lex]
    """

    def difference(L):
        return sum(sign * energies(at_rest(state, N, L)).sum() for state, sign in (("flower", 1.0), ("vortex", -1.0)))

    return float(brentq(difference, 8.3, 8.55, xtol=1e-5))


def _draw(N, found):
    figure, (left, middle, right) = panels(3)
    sizes = np.linspace(8.0, 9.0, 6)
    for color, state in zip(COLORS, STARTS, strict=False):
        left.plot(sizes, [energies(at_rest(state, N, L)).sum() for L in sizes], "o-", ms=3, color=color, label=state)
    for size, L in found.items():
        left.axvline(L, color=EXACT, lw=0.8, ls=":")
        place = (L, 0.287 if size == 16 else 0.283)
        left.annotate(f" N = {size} ", place, fontsize=7, ha="left" if size == 20 else "right")
    left.set(xlabel="size $L / l_{ex}$", ylabel=r"energy $/ K_m V$", title=f"N = {N}")
    legend(left)
    for axis, state in ((middle, "flower"), (right, "vortex")):
        m = at_rest(state, N, found[N]).m
        plane = m[:, :, N // 2, :]
        axis.imshow(plane[1], origin="lower", extent=(0, N, 0, N), cmap="RdBu_r", vmin=-1, vmax=1)
        x = np.arange(N) + 0.5
        axis.quiver(x, x, plane[0], plane[2], pivot="mid", scale=1.2 * N)
        axis.set(xlabel="x [cells]", ylabel="z [cells], easy axis", title=f"{state}, middle plane, color: $m_y$")
        axis.spines[["top", "right"]].set_visible(True)
    return figure


def validate(quick: bool) -> Outcome:
    """Find the size of equal energy on three lattices.

    Parameters
    ----------
    quick : bool
        Only the coarsest lattice.

    Returns
    -------
    Outcome
    """
    sizes = (10,) if quick else tuple(CROSSINGS)
    found = {N: crossing(N) for N in sizes}
    checks = [Check(f"N = {N}: crossing [lex]", L, CROSSINGS[N], 1e-4) for N, L in found.items()]
    notes = []
    if not quick:
        limit = found[20] + (found[20] - found[10]) / (20**2 / 10**2 - 1.0)
        checks.append(Check("limit of N = 10, 20 [lex]", limit, 8.47, 0.01))
        for state, wanted in PARTS.items():
            magnet = at_rest(state, 20, found[20])
            values = (*energies(magnet), float(np.linalg.norm(magnet.mean)))
            for name, value, reference in zip(
                ("demag", "exchange", "anisotropy", "|<m>|"), values, wanted, strict=True
            ):
                checks.append(Check(f"N = 20, {state}: {name}", float(value), reference, 1e-4))
        notes.append(f"Energy at the crossing, N = 20: {energies(magnet).sum():.5f} Km (OOMMF 0.3029).")
    return Outcome(checks, _draw(sizes[-1], found), notes)
