"""The oldest pulses, of which only the sum of traces matters: its distribution as a few nodes (Gauss quadrature)."""

from functools import lru_cache

import numpy as np

NODES = 6
"""Of the distribution that is handed out: moments up to the eleventh are exact."""
_MOST = 12


@lru_cache(256)
def tails(traces: tuple[float, ...], share: float) -> tuple[np.ndarray, np.ndarray]:
    """Distributions of ``sum_l traces[l] b_l`` over the first 0, 1, 2, ... terms.

    The b_l are independent bits that are 1 with the probability ``share``. A sum takes 2^l values; they are added one
    trace at a time, and whenever there are more than `_MOST`, replaced by the nodes and weights of the Gauss quadrature
    with respect to their distribution, which keeps the moments.

    Parameters
    ----------
    traces : tuple of float [V]
        Shift that each pulse would leave.
    share : float [1]
        Probability that there was a pulse.

    Returns
    -------
    tuple of numpy.ndarray
        Nodes [V] and weights [1], (lag + 1, `NODES`); those that are not needed weigh nothing.
    """
    nodes, weights = np.zeros(1), np.ones(1)
    found = np.zeros((2, len(traces) + 1, NODES))
    for count in range(len(traces) + 1):
        if count:
            nodes = np.concatenate([nodes, nodes + traces[count - 1]])
            weights = np.concatenate([(1.0 - share) * weights, share * weights])
        if len(nodes) > _MOST:
            nodes, weights = gauss(nodes, weights, _MOST)
        few = gauss(nodes, weights, NODES)
        found[:, count, : len(few[0])] = few
    return found[0], found[1]


def gauss(nodes: np.ndarray, weights: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Replace a discrete distribution by one with fewer nodes and the same first ``2 count - 1`` moments.

    Lanczos makes the Jacobi matrix of the distribution, whose eigenvalues are the nodes (Golub and Welsch, Math. Comp.
    23, 221 (1969)); each vector is made orthogonal to all before it, as a few steps in double precision need.

    Parameters
    ----------
    nodes, weights : numpy.ndarray
        The weights sum to 1.
    count : int
        Of the nodes to keep; fewer come back where the distribution has no more points.

    Returns
    -------
    tuple of numpy.ndarray
        Nodes and weights.
    """
    kept = weights > 0.0
    nodes, vector = nodes[kept], np.sqrt(weights[kept])
    scale = max(float(np.ptp(nodes)), np.finfo(float).tiny)
    basis, diagonal, off = vector[None], [], []
    for _ in range(min(count, len(nodes))):
        vector = nodes * basis[-1]
        diagonal.append(float(vector @ basis[-1]))
        # Twice is enough: what one pass leaves is of the size of rounding.
        for _ in range(2):
            vector = vector - (basis @ vector) @ basis
        length = float(np.linalg.norm(vector))
        # Equal nodes end the recursion: the distribution has no more points.
        if length < 1e-12 * scale:
            break
        off.append(length)
        basis = np.vstack([basis, vector / length])
    size = len(diagonal)
    values, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(off[: size - 1], 1) + np.diag(off[: size - 1], -1))
    return values, vectors[0] ** 2
