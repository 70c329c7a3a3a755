"""Heat of a junction, column by column: the Foster network of `physics.heating`, and conduction along the layers.

    tau_j dtheta_j/dt = -theta_j + R_j A p(x, y, t) + D tau_j lap theta_j,    dtheta_j/dn = 0 on the rim,
    T(x, y, t) = T_ambient + sum_j theta_j

p [W/m^2] is the power per area of the column, A the area of the section, D [m^2/s] the diffusivity along the layers.

Where it comes from: a stack of constant section, ``rho c dT/dt = d/dz(kappa dT/dz) + kappa (d2T/dx2 + d2T/dy2) + q``,
whose layers have one diffusivity D = kappa / rho c. Its modes along z, of the rates 1 / tau_j, do not know x and y, and
each of them diffuses with D: this is exact. With several materials D is ``sum kappa t / sum rho c t`` of the layers
through which the mode reaches, an assumption, and so is a rim that loses no heat to its sides.

What follows: the mean over the section is the Foster network driven by the whole power, whatever D is. A wave k of the
power, beside the mean, has ``R_j A p_k / (1 + D tau_j k^2)`` in the end and comes there at the rate 1 / tau_j + D k^2.
Slow poles, those of electrodes and oxide, are even; what differs from place to place is the part of the pillar, and in
the limit of large D tau k^2 it is ``p_k / (kappa t k^2)``, with kappa t = D tau_j / (R_j A).

Steps: exact for the poles, as in `Foster.windows`, with half a step of diffusion before and after (neighboring halves
are one), all to second order of D lap dt. Diffusion moves heat from column to column and makes none.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from spinneuron.compiled import kernel
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.neighbors import joined

LARGEST_SPREAD = 1.5
"""``D dt`` times the largest eigenvalue of -lap in a step, which is stable up to 2."""


class Section(NamedTuple):
    """The columns of a junction, arrays (ny, nx).

    Attributes
    ----------
    x, y : numpy.ndarray [1/m^2]
        ``1 / d^2`` of the face to the next column along each axis, 0 where there is none; that of the last one closes
        the ring.
    there : numpy.ndarray of bool
        Whether there is magnet in the column.
    """

    x: np.ndarray
    y: np.ndarray
    there: np.ndarray

    @classmethod
    def of(cls, mesh: Mesh, Ms: np.ndarray) -> Section:
        """Take the columns of a magnet.

        Parameters
        ----------
        mesh : Mesh
        Ms : numpy.ndarray [A/m]
            (nz, ny, nx); 0 where there is no magnet.

        Returns
        -------
        Section
        """
        there = Ms.max(axis=0) > 0.0
        nx, ny, _ = mesh.counts
        flat = Mesh((nx, ny, 1), mesh.cell, (*mesh.periodic[:2], 0))
        faces = []
        for axis, count in enumerate((nx, ny)):
            # a single column is no neighbor of its own
            open_ = joined(flat, there[None].astype(float), axis)[0] if count > 1 else np.zeros(there.shape)
            faces.append(np.ascontiguousarray(open_ / mesh.cell[axis] ** 2))
        return cls(faces[0], faces[1], there)

    @property
    def fastest(self) -> float:
        """Bound of the eigenvalues of -lap [1/m^2]: twice the sum over the faces of a column."""
        sums = self.x + np.roll(self.x, 1, 1) + self.y + np.roll(self.y, 1, 0)
        return 2.0 * float(sums.max())

    def steps(self, reach: float) -> int:
        """Steps into which a window is cut.

        Parameters
        ----------
        reach : float [m^2]
            D times the window.

        Returns
        -------
        int
        """
        return max(1, math.ceil(reach * self.fastest / LARGEST_SPREAD))


@kernel
def laplace(theta, section, out):
    """``out = lap theta``, all (ny, nx): what flows out of a column flows into its neighbors."""
    ny, nx = theta.shape
    for y in range(ny):
        below, above = (y - 1) % ny, (y + 1) % ny
        here, before, after, row, x = theta[y], theta[below], theta[above], out[y], section.x[y]
        backward, forward = section.y[below], section.y[y]
        for i in range(nx):
            row[i] = forward[i] * (after[i] - here[i]) + backward[i] * (before[i] - here[i])
        for i in range(1, nx - 1):
            row[i] += x[i] * (here[i + 1] - here[i]) + x[i - 1] * (here[i - 1] - here[i])
        # both ends of the row, once where it is a single column
        for k in range(min(2, nx)):
            i = k * (nx - 1)
            a, b = (i + 1) % nx, (i - 1) % nx
            row[i] += x[i] * (here[a] - here[i]) + x[b] * (here[b] - here[i])


@kernel
def diffuse(theta, section, reach, first, second):
    """``theta <- (1 + a + a^2 / 2) theta`` with ``a = reach lap``; two arrays to work in."""
    laplace(theta, section, first)
    laplace(first, section, second)
    for y in range(theta.shape[0]):
        row, slope, bend = theta[y], first[y], second[y]
        for i in range(len(row)):
            row[i] += reach * (slope[i] + 0.5 * reach * bend[i])


@kernel
def heat_up(theta, before, after, windows, section, reach, steps):
    """Take rises ``theta`` (poles, ny, nx) [K] through a window in ``steps``; ``reach`` = D dt of a step.

    ``before`` and ``after`` (ny, nx) [W]: power at both ends, as if all columns had that of this one; ``windows`` (3,
    poles): `Foster.windows` of a step.
    """
    first, second = np.empty(before.shape), np.empty(before.shape)
    for j in range(len(theta)):
        keep, old, new, pole = windows[0, j], windows[1, j], windows[2, j], theta[j]
        if reach > 0.0:
            diffuse(pole, section, 0.5 * reach, first, second)
        for step in range(steps):
            # of both ends of the step, by the power at both ends of the window
            late = (old * step + new * (step + 1)) / steps
            early = old + new - late
            for y in range(pole.shape[0]):
                row, p, q = pole[y], before[y], after[y]
                for i in range(len(row)):
                    row[i] = keep * row[i] + early * p[i] + late * q[i]
            if reach > 0.0:
                # the second half of this step is one with the first of the next
                diffuse(pole, section, reach if step + 1 < steps else 0.5 * reach, first, second)
