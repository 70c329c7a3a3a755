"""What tells the functions of time of a magnet apart: `courses` finds them, `fingerprint` says which they are.

A function is known by its values at times of the run and by its code. Times are spread over the run like multiples of
the golden ratio, which no period of a wave meets; code is what the interpreter runs, so that names and comments do not
count. Two functions of the same code that differ between all of these times only, by what they hold, are taken for one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any

import numpy as np

from spinneuron.physics.lattice.given import course
from spinneuron.physics.lattice.junction import JunctionCurrent
from spinneuron.physics.lattice.oersted import Oersted
from spinneuron.physics.lattice.term import Term

NAMES = ("applied", "course", "J", "V", "drive", "current")
"""Attributes of terms that may be functions of time."""
SAMPLES = 200
_GOLDEN = 0.5 * (5.0**0.5 - 1.0)


def courses(terms: Mapping[str, Term]) -> dict[str, Callable[[float], Any]]:
    """Find the functions of time of fields.

    Parameters
    ----------
    terms : mapping of str to Term

    Returns
    -------
    dict of str to callable
        "term.attribute" -> function of the time [s]; numbers that stand for one are functions, too.
    """
    found = {}
    for name, term in terms.items():
        for attribute in NAMES:
            value = vars(term).get(attribute)
            if attribute == "current" and isinstance(term, Oersted):
                value = course("current", value)
            # the current of a junction follows from the moments
            if callable(value) and not isinstance(value, JunctionCurrent):
                found[f"{name}.{attribute}"] = value
    return found


def sample_times(span: float) -> np.ndarray:
    """Times at which functions are looked at.

    Parameters
    ----------
    span : float [s]
        From 0 to there.

    Returns
    -------
    numpy.ndarray [s]
    """
    return span * np.concatenate([[0.0, 1.0], np.arange(1, SAMPLES + 1) * _GOLDEN % 1.0])


def fingerprint(function: Callable[[float], Any], times: np.ndarray) -> str:
    """Say which function one is.

    Parameters
    ----------
    function : callable
        Of the time [s]: a number or an array.
    times : numpy.ndarray [s]

    Returns
    -------
    str
    """
    digest = hashlib.sha256(_code(function))
    for t in times.tolist():
        value = np.asarray(function(t), dtype=float)
        digest.update(repr(value.shape).encode() + value.tobytes())
    return digest.hexdigest()


def _code(function: Any) -> bytes:
    """What the interpreter runs; nothing for what it does not run."""
    # a bound method, a partial, a compiled function, one that is wrapped
    for inner in ("__func__", "func", "py_func", "__wrapped__"):
        if hasattr(function, inner):
            return _code(getattr(function, inner))
    code = getattr(function, "__code__", None) or getattr(type(function).__call__, "__code__", None)
    return b"" if code is None else _instructions(code)


def _instructions(code: CodeType) -> bytes:
    """Instructions, names and constants, also of functions inside."""
    parts = [code.co_code, repr(code.co_names).encode()]
    for one in code.co_consts:
        parts.append(_instructions(one) if isinstance(one, CodeType) else repr(one).encode())
    return b"\0".join(parts)
