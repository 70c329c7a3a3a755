"""Bounds of recall for several N and tasks, as variables of one dataset."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


def gathered(
    bound: Callable[[Any, int], Any],
    tasks: Sequence[Any],
    junctions: tuple[int, ...],
    dimensions: tuple[str, str],
    variables: dict[str, tuple[str, str]],
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Compute a bound for each N and each task.

    Parameters
    ----------
    bound : callable
        ``(task, N)`` -> a tuple with named fields: numbers, or arrays over a dimension of their own.
    tasks : sequence
        That differ in one option.
    junctions : tuple of int
        N, per pixel.
    dimensions : tuple of str
        Of the tasks, and of the arrays.
    variables : dict
        Name of a variable -> field, what it is.
    progress : callable, optional
        Called with 1 after each bound.

    Returns
    -------
    dict
        Of variables over ``junctions``, the tasks and, for arrays, their own dimension.
    """
    found = []
    for many in junctions:
        for task in tasks:
            found.append(bound(task, many))
            if progress:
                progress(1)
    data: dict[str, Any] = {}
    for name, (field, meaning) in variables.items():
        given = np.array([getattr(one, field) for one in found])
        shape = (len(junctions), len(tasks), *given.shape[1:])
        over = ("junctions", *dimensions)[: len(shape)]
        data[name] = (over, given.reshape(shape), {"units": "1", "long_name": meaning})
    return data
