"""The intrinsic-plasticity neuron derived from the printed text alone, without a measured curve.

The text gives a firing probability before a pulse of 0.9 V and 500 ns, right after it, and 200 ns later; the fit of
fig. S1; and the probability of one device at 0.80 V. With ``lambda(P) = logit(P / p_max)`` these fix the neuron:

    tau = 200 ns / ln((lambda(after) - lambda(before)) / (lambda(later) - lambda(before)))
    k   = (lambda(after) - lambda(before)) / shift,
          shift = (0.0082 V^2 + 0.0087 V) (1 - exp(-500 ns / tau)) / (1 - exp(-150 ns / tau))  at 0.9 V
    x0  = 0.80 V - lambda(0.1972) / k

but for ``p_max``, which the text does not print: the neuron is one of a family. One time constant and one device behind
all numbers are assumed. The probing voltage is not printed either; it follows.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from scipy.special import logit

from spinneuron.quantity import InputError, fraction
from spinneuron.surrogates.sigmoid import Sigmoid


class Printed(NamedTuple):
    """What the text prints; the last digit of each is in `LAST_DIGIT`."""

    before: float = 0.095
    """Firing probability without heat [1]."""
    after: float = 0.274
    """Right after a pulse of 0.9 V and 500 ns [1]."""
    later: float = 0.163
    """200 ns later [1]."""
    at_800_mV: float = 0.1972
    """Without heat, at 0.80 V (device R09C11) [1]."""
    heat_v2: float = 0.0082
    """Fig. S1 [1/V]."""
    heat_v1: float = 0.0087
    """Fig. S1 [1]."""


PRINTED = Printed()
LAST_DIGIT = Printed(1e-3, 1e-3, 1e-3, 1e-4, 1e-4, 1e-4)
HEATING = (0.9, 500e-9)
"""Amplitude [V] and length [s] of the pulse before."""
COOLING = 200e-9
"""[s]"""
CYCLES = 10_000
"""Repetitions behind each measured probability."""
FAMILY = (1.0, 0.9, 0.7, 0.5, 0.3)
"""Values of p_max that are told beside the neuron; below 0.274 there is none."""
_TIME_STEP, _PULSE_WIDTH = 230e-9, 150e-9


def from_published(p_max: float = 1.0) -> Sigmoid:
    """Derive the neuron from the printed numbers.

    The uncertainties are those of 10,000 repetitions per probability and of the rounding to the printed digits, at this
    p_max; what a wrong p_max does is larger (`family`).

    Parameters
    ----------
    p_max : float [1]
        Ceiling of the probability, above the largest printed one, 0.274.

    Returns
    -------
    Sigmoid

    Raises
    ------
    InputError
        If p_max does not lie above 0.274 and not above 1.

    Examples
    --------
    >>> neuron = from_published()
    >>> round(neuron.k, 1), round(neuron.x0, 4), round(neuron.decay[0], 3)
    (44.4, 0.8316, 0.433)
    """
    ceiling = fraction("p_max", p_max)
    if ceiling <= PRINTED.after:
        raise InputError(f"p_max = {p_max:g}: must lie above the largest printed probability, {PRINTED.after:g}")
    values = _solve(PRINTED, ceiling)
    sampled = [p * (1.0 - p) / CYCLES for p in PRINTED[:4]] + [0.0, 0.0]
    variance = np.array(sampled) + np.array(LAST_DIGIT) ** 2 / 12.0
    slopes = []
    for i, value in enumerate(PRINTED):
        ends = [_solve(PRINTED._replace(**{PRINTED._fields[i]: value * (1.0 + h)}), ceiling) for h in (-1e-6, 1e-6)]
        slopes.append((ends[1] - ends[0]) / (2e-6 * value))
    k, x0, tau = np.sqrt(np.sum(np.array(slopes) ** 2 * variance[:, None], axis=0)).tolist()
    heats = np.sqrt(variance[4:]).tolist()
    return Sigmoid(
        p_max=ceiling,
        k=float(values[0]),
        x0=float(values[1]),
        heat_v2=PRINTED.heat_v2,
        heat_v1=PRINTED.heat_v1,
        tau_thermal=(float(values[2]),),
        time_step=_TIME_STEP,
        pulse_width=_PULSE_WIDTH,
        uncertainties={"k": k, "x0": x0, "heat_v2": heats[0], "heat_v1": heats[1], "tau_thermal": (tau,)},
        valid={"voltage": (0.78, 0.83), "amplitude": (0.8, 0.93), "delay": (0.0, COOLING)},
    )


def _solve(printed: Printed, p_max: float) -> np.ndarray:
    """Compute k, x0 and tau as the module's docstring says."""
    before, after, later, at = (float(logit(p / p_max)) for p in printed[:4])
    tau = COOLING / math.log((after - before) / (later - before))
    volts, held = HEATING
    pulse = printed.heat_v2 * volts**2 + printed.heat_v1 * volts
    shift = pulse * math.expm1(-held / tau) / math.expm1(-_PULSE_WIDTH / tau)
    k = (after - before) / shift
    return np.array([k, 0.8 - at / k, tau])


def probe_voltage(neuron: Sigmoid) -> float:
    """Compute the probing voltage that the text does not print: where the neuron at rest fires with 9.5 %.

    Parameters
    ----------
    neuron : Sigmoid
        Of `from_published`.

    Returns
    -------
    float
        [V].
    """
    return neuron.x0 + float(logit(PRINTED.before / neuron.p_max)) / neuron.k


def family() -> list[dict[str, float]]:
    """List neurons that give the same printed numbers, one for each p_max in `FAMILY`.

    Returns
    -------
    list of dict
        ``p_max``, ``k`` [1/V], ``x0`` [V], ``tau_thermal`` [s], ``decay`` per step, ``probe`` [V], ``shift`` [V] after
        the long pulse.
    """
    rows = []
    for p_max in FAMILY:
        one = from_published(p_max)
        rows.append(
            {
                "p_max": p_max,
                "k": one.k,
                "x0": one.x0,
                "tau_thermal": one.tau_thermal[0],
                "decay": one.decay[0],
                "probe": probe_voltage(one),
                "shift": float(one.shift_after_hold(*HEATING)),
            }
        )
    return rows


def provenance() -> dict[str, Any]:
    """Say how the neuron was derived, for its neuron file.

    Returns
    -------
    dict
        What JSON can hold.
    """
    return {
        "source": "text of the intrinsic-plasticity network paper (IPNet): main text, Methods, fig. S1; no curve",
        "derived_by": "spinneuron.surrogates.sigmoid_published.from_published()",
        "printed": PRINTED._asdict(),
        "assumptions": [
            "p_max = 1; not printed, so that this is one of a family, see below",
            "one time constant; fig. S2 has two segments, whose constants are not printed",
            "one device: 19.72 % at 0.80 V is of device R09C11, the other probabilities of no named one",
            "the probing voltage is not printed; 9.5 % without heat sets it",
            "a pulse of 500 ns heats as eq. 6 says, scaled to fig. S1 at 150 ns",
        ],
        "uncertainties": "10,000 repetitions per probability and rounding of the printed digits, at p_max = 1",
        "family": [{name: float(f"{value:.6g}") for name, value in row.items()} for row in family()],
    }
