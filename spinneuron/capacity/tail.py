"""The oldest pulses, of which only the sum of the traces matters: its distribution as a few nodes (Gauss quadrature)."""

from functools import cache

import numpy as np

NODES = 6
"""Of the distribution that is handed out: moments up to the eleventh are exact."""
_MOST = 24


@cache
def tail(traces: tuple[float, ...], share: float) -> tuple[np.ndarray, np.ndarray]:
    """Distribution of ``sum_l traces[l] b_l`` with independent bits b_l that are 1 with the probability ``share``.

    The sum takes 2^l values. They are added one trace at a time, the smallest first, and whenever there are more than
    `_MOST`, replaced by the nodes and weights of the Gauss quadrature with respect to their distribution, which keeps the
    moments.

    Parameters
    ----------
    traces : tuple of float [V]
        Shift that each pulse would leave.
    share : float [1]
        Probability that there was a pulse.

    Returns
    -------
    tuple of numpy.ndarray
        Nodes [V] and weights [1], `NODES` of each; those that are not needed weigh nothing.
    """
    nodes, weights = np.zeros(1), np.ones(1)
    for trace in sorted(traces):
        nodes = np.concatenate([nodes, nodes + trace])
        weights = np.concatenate([(1.0 - share) * weights, share * weights])
        if len(nodes) > _MOST:
            nodes, weights = gauss(nodes, weights, _MOST)
    nodes, weights = gauss(nodes, weights, NODES)
    missing = NODES - len(nodes)
    return np.pad(nodes, (0, missing), mode="edge"), np.pad(weights, (0, missing))


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
    basis, diagonal, off = [vector], [], []
    for _ in range(min(count, len(nodes))):
        vector = nodes * basis[-1]
        diagonal.append(float(vector @ basis[-1]))
        for _ in range(2):
            for one in basis:
                vector = vector - (one @ vector) * one
        length = float(np.linalg.norm(vector))
        # Equal nodes end the recursion: the distribution has no more points.
        if length < 1e-12 * scale:
            break
        off.append(length)
        basis.append(vector / length)
    size = len(diagonal)
    values, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(off[: size - 1], 1) + np.diag(off[: size - 1], -1))
    return values, vectors[0] ** 2
