"""The state in which a density stands still, and the lowest rates at which it gets there."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import LinearOperator, eigs, splu

from spinneuron.dynamics.fokker_planck.harmonics import Matrix, Space
from spinneuron.dynamics.fokker_planck.sphere import Generator, Sphere


def stationary(matrix: Matrix) -> np.ndarray:
    """Coefficients of the density that stands still: ``L rho = 0``, probability 1.

    Parameters
    ----------
    matrix : scipy.sparse.csr_array [1/s]
        A generator.

    Returns
    -------
    numpy.ndarray
    """
    whole = np.sqrt(0.25 / np.pi)
    rest = splu(sparse.csc_array(matrix[1:, 1:])).solve(-whole * matrix[1:, [0]].toarray()[:, 0])
    return np.concatenate([[whole], rest])


def eigenvalues(sphere: Sphere, space: Space, coefficients: np.ndarray, count: int = 1) -> np.ndarray:
    """Lowest rates at which the density decays, without the zero of the stationary state.

    Inverse iteration in double precision, without the function of l = 0, which deflates the zero exactly. The rate is
    then the quotient ``-w.L.v / w.v`` of both eigenvectors with L in extended precision: its error is of second order
    in theirs. Where ``numpy.longdouble`` has 64 bits of mantissa, rates are right to 1e-8 down to 1e-8 D, and to 1 %
    down to 1e-14 D (D the diffusion constant): barriers up to some 20 and 38 kT. Where it is a double, to 1e-6 of the
    former.

    Parameters
    ----------
    sphere : Sphere
    space : Space
    coefficients : numpy.ndarray
        In the order of `PARTS`.
    count : int
        How many.

    Returns
    -------
    numpy.ndarray of complex [1/s]
        In ascending order of the real part.
    """
    exact = Generator(sphere, space, np.longdouble).matrix(coefficients)[1:, 1:]
    factors = splu(sparse.csc_array(exact.astype(float)))
    found = []
    for trans in "NT":
        inverse = LinearOperator(exact.shape, matvec=lambda x, t=trans: factors.solve(np.ravel(x), t), dtype=float)
        # of every symmetry
        start = np.cos(np.arange(1.0, exact.shape[0] + 1.0) ** 2)
        values, vectors = eigs(inverse, k=count + 2, v0=start)
        order = np.argsort(-np.abs(values))[:count]
        found.append((values[order], vectors[:, order]))
    (values, right), (others, left) = found
    rates = []
    for i in range(count):
        v, w = right[:, i], left[:, np.argmin(np.abs(others - values[i]))]
        v, w = v.astype(np.clongdouble), w.astype(np.clongdouble)
        image = exact @ v.real + 1j * (exact @ v.imag)
        rates.append(complex(-(w @ image) / (w @ v)))
    return np.array(sorted(rates, key=lambda rate: rate.real))
