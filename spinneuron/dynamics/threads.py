"""How many processors the kernels use; results do not depend on it."""

from typing import Any

from numba import config, set_num_threads

from spinneuron.quantity import InputError, integer

# Numba makes its settings at run time, out of the sight of type checkers.
_config: Any = config


def use_threads(count: int | None, name: str = "workers") -> int:
    """Choose the number of threads of all kernels that are called from now on.

    Parameters
    ----------
    count : int, optional
        By default all processors that this process may use.
    name : str
        What the user would have to change, for the message.

    Returns
    -------
    int
        The number in use.

    Raises
    ------
    InputError
        If it is not positive, or there are fewer processors.
    """
    available = int(_config.NUMBA_NUM_THREADS)
    count = available if count is None else integer(name, count)
    if count > available:
        raise InputError(f"{name} = {count}: only {available} processors are available")
    set_num_threads(count)
    return count
