"""What is printed of the experiments on the plasticity neuron, to be drawn beside a simulation.

Points and curves of figs. 1E to 1G and S2 to S4 are not printed as numbers: beside them stands the neuron that follows
from the printed text alone (`surrogates.sigmoid_published`), whose heat is the printed fit of fig. S1.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.special import expit, logit

from spinneuron.plasticity.analysis import curve_of, neuron, states_of
from spinneuron.plasticity.shifts import ColdCurve, cold_curve
from spinneuron.quantity import InputError
from spinneuron.surrogates.sigmoid import Sigmoid
from spinneuron.surrogates.sigmoid_published import COOLING, PRINTED, from_published

S1_RANGE = (0.70, 0.93)
"""Amplitudes [V] over which the printed fit of fig. S1 is drawn; its range is not printed."""
S4_RMSE = 0.287e-3
"""Of the published model against the measured shifts after three pulses [V]."""
BREAKPOINT = 500e-9
"""Of the two segments of fig. S2 [s]; their constants are not printed."""


@cache
def text_neuron() -> Sigmoid:
    """Give the neuron that follows from the printed text.

    Returns
    -------
    Sigmoid
    """
    return from_published()


def printed_shift(amplitude) -> np.ndarray:
    """Shift after one pulse, the printed fit of fig. S1: ``0.0082 V^2 + 0.0087 V``.

    Parameters
    ----------
    amplitude : array_like [V]

    Returns
    -------
    numpy.ndarray [V]
    """
    volts = np.asarray(amplitude, dtype=float)
    return PRINTED.heat_v2 * volts**2 + PRINTED.heat_v1 * volts


def printed_probabilities() -> dict[str, float]:
    """Printed switching probabilities: before, right after, and 200 ns after a pulse of 0.9 V and 500 ns.

    Returns
    -------
    dict of str to float [1]
        State to probability; the probe's voltage is not printed.
    """
    later = f"{COOLING * 1e9:.0f} ns later"
    return {"before": PRINTED.before, "right after": PRINTED.after, later: PRINTED.later}


class Compared(NamedTuple):
    """One printed number beside that of a suite.

    Attributes
    ----------
    name : str
    found : float [SI]
    error : float [SI]
        Standard error of the simulation; NaN where it is not known.
    printed : float [SI]
    unit : str
    """

    name: str
    found: float
    error: float
    printed: float
    unit: str


def probe_voltage(cold: ColdCurve) -> float:
    """Voltage at which the cold junction switches with the printed 9.5 %: that of the probe is not printed.

    Parameters
    ----------
    cold : ColdCurve

    Returns
    -------
    float [V]
    """
    volts = np.linspace(cold.low, cold.high, 8001)
    return float(np.interp(PRINTED.before, cold.probability(volts), volts))


def compared(suite: xr.Dataset) -> list[Compared]:
    """Hold a suite against every printed number that it has a counterpart of.

    Parameters
    ----------
    suite : xarray.Dataset
        As of `analysis.with_shifts`; with fig. 1E, else nothing is compared.

    Returns
    -------
    list of Compared
    """
    states = states_of(suite, "1E")
    if not len(states):
        return []
    rows = []
    try:
        cold = cold_curve(curve_of(suite, int(states[0])))
    except InputError:
        return []
    at, shift = probe_voltage(cold), suite["shift"].values
    spread = np.sqrt(np.diag(suite["shift_covariance"].values))

    P, basis = float(cold.probability(0.80)[0]), cold.basis(0.80)[0]
    error = P * (1.0 - P) * float(np.sqrt(basis @ cold.covariance @ basis))
    rows.append(Compared("P at 0.80 V", P, error, PRINTED.at_800_mV, "%"))
    labels = suite["label"].values.astype(str)
    for name, experiment, label, printed in (
        ("P after 0.9 V, 500 ns", "1F", "500 ns", PRINTED.after),
        ("P another 200 ns later", "1G", "200 ns", PRINTED.later),
    ):
        own = [i for i in states_of(suite, experiment, regular=False) if labels[i] == label]
        if own:
            # Read off its own points, not off the cold curve: heat changes the shape a little, too.
            P, error = _between(curve_of(suite, int(own[0])), at)
            rows.append(Compared(name, P, error, printed, "%"))
    for i in states_of(suite, "S1"):
        volts = float(suite["amplitude"][i])
        rows.append(
            Compared(f"shift after {volts:g} V", float(shift[i]), float(spread[i]), float(printed_shift(volts)), "V")
        )
    try:
        model = neuron(suite)
    except InputError:
        return rows
    wrong = model.uncertainties
    rows.append(Compared("heat_v2", model.heat_v2, wrong["heat_v2"], PRINTED.heat_v2, "1/V"))
    rows.append(Compared("heat_v1", model.heat_v1, wrong["heat_v1"], PRINTED.heat_v1, "1"))
    last = states_of(suite, "S4")
    if len(last):
        foretold = np.array([float(model.shift_after([V] * 3)) for V in suite["amplitude"].values[last]])
        rmse = float(np.sqrt(np.mean((foretold - shift[last]) ** 2)))
        rows.append(Compared("RMSE after three pulses", rmse, np.nan, S4_RMSE, "V"))
    return rows


def _between(curve: xr.Dataset, voltage: float) -> tuple[float, float]:
    """Probability at a voltage, linear in logit P between the probes, and its error; NaN beyond them."""
    volts, n = curve["voltage"].values, curve["trials"].values
    P = float(expit(np.interp(voltage, volts, logit((curve["switched"].values + 0.5) / (n + 1.0)), np.nan, np.nan)))
    return P, float(np.sqrt(P * (1.0 - P) / n[np.abs(volts - voltage).argmin()]))
