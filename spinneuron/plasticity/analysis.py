"""From the probabilities of a suite to midpoint shifts, and to the neuron that they calibrate.

A shift is how far the cold curve of the junction itself must be moved (`shifts`); the neuron is the logistic nearest to
that curve, with the heat that the shifts follow.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr

from spinneuron.measured import Curves
from spinneuron.plasticity.shifts import cold_curve, shift_of
from spinneuron.protocols import Cycle
from spinneuron.quantity import InputError
from spinneuron.statistics import curve_from_counts
from spinneuron.surrogates.sigmoid import Sigmoid
from spinneuron.surrogates.sigmoid_calibration import Shifts, from_shifts
from spinneuron.surrogates.sigmoid_fit import fit_curves


def states_of(suite: xr.Dataset, experiment: str, regular: bool = True) -> np.ndarray:
    """Find the states of an experiment.

    Parameters
    ----------
    suite : xarray.Dataset
        As of `suite.run_suite`.
    experiment : str
    regular : bool
        Whether to take only those that are probed after a whole cycle.

    Returns
    -------
    numpy.ndarray
        Their indices.
    """
    mine = suite["experiment"].values.astype(str) == experiment
    return np.flatnonzero(mine & (suite["regular"].values > 0) if regular else mine)


def curve_of(suite: xr.Dataset, state: int) -> xr.Dataset:
    """Take the switching curve of one state.

    Parameters
    ----------
    suite : xarray.Dataset
    state : int

    Returns
    -------
    xarray.Dataset
        As of `statistics.curve_from_counts`.
    """
    own = suite.isel(point=np.flatnonzero(suite["condition"].values == state))
    return curve_from_counts(own["voltage"].values, own["switched"].values, own["trials"].values)


def _family(suite: xr.Dataset, states: np.ndarray, along: tuple[str, np.ndarray, str]) -> xr.Dataset:
    """Curves of several states over one grid of voltages; no trials where a state was not probed."""
    own = [curve_of(suite, int(state)) for state in states]
    volts = np.unique(np.concatenate([one["voltage"].values for one in own]))
    counts = np.zeros((2, len(states), len(volts)))
    for i, one in enumerate(own):
        at = np.searchsorted(volts, one["voltage"].values)
        counts[0, i, at], counts[1, i, at] = one["switched"].values, one["trials"].values
    return curve_from_counts(volts, counts[0], counts[1], along=along)


def curves(suite: xr.Dataset) -> Curves:
    """Take from a suite what calibrates a neuron: the curves of figs. 1E, S1 and S2.

    Parameters
    ----------
    suite : xarray.Dataset
        As of `suite.run_suite`.

    Returns
    -------
    measured.Curves

    Raises
    ------
    InputError
        If the suite lacks fig. 1E.
    """
    cold = states_of(suite, "1E")
    if not len(cold):
        raise InputError("experiments: fig. 1E, the curve without heat, is not in the suite; run it with 1E")
    heating = cooling = None
    if len(hot := states_of(suite, "S1")):
        heating = _family(suite, hot, ("amplitude", suite["amplitude"].values[hot], "V"))
    if len(late := states_of(suite, "S2")):
        cooling = _family(suite, late, ("delay", suite["delay"].values[late], "s"))
        cooling.attrs["pulses"] = int(suite["pulses"].values[late[0]])
    return Curves(curve_of(suite, int(cold[0])), heating, cooling)


def with_shifts(suite: xr.Dataset) -> xr.Dataset:
    """Add to a suite how far each state has moved the cold curve of its junction, and the logistic fit of that curve.

    Parameters
    ----------
    suite : xarray.Dataset
        As of `suite.run_suite`.

    Returns
    -------
    xarray.Dataset
        With ``shift`` (state) [V] and ``shift_covariance`` (state, other) [V^2], NaN where all probes always or never
        switched, or where the cold curve was not measured; and ``p_max`` [1], ``k`` [1/V] and ``x0`` [V] over
        ``junction``.
    """
    count = suite.sizes["state"]
    shift, covariance = np.full(count, np.nan), np.full((count, count), np.nan)
    fitted = {name: np.full(2, np.nan) for name in ("p_max", "k", "x0")}
    reference = suite["reference"].values > 0
    for junction, own in enumerate((np.flatnonzero(~reference), np.flatnonzero(reference))):
        cold = [i for i in own if suite["pulses"].values[i] == 0 and suite["experiment"].values[i] in ("1E", "S9")]
        if not cold:
            continue
        curve = curve_of(suite, int(cold[0]))
        try:
            link, fit = cold_curve(curve), fit_curves(curve)
        except InputError:
            # Too few trials, or voltages far from the midpoint: the probabilities stay, the shifts are not known.
            continue
        found = [shift_of(link, curve_of(suite, int(state))) for state in own]
        levers = np.array([lever for _, _, lever in found])
        shift[own] = [one for one, _, _ in found]
        alone = np.diag([error**2 for _, error, _ in found])
        covariance[np.ix_(own, own)] = levers @ link.covariance @ levers.T + alone
        # the cold curve is where shifts are counted from
        shift[cold[0]], covariance[cold[0], own], covariance[own, cold[0]] = 0.0, 0.0, 0.0
        fitted["p_max"][junction], fitted["k"][junction], fitted["x0"][junction] = fit.p_max, fit.k, fit.x0[0]
    units = {"p_max": "1", "k": "1/V", "x0": "V"}
    added: dict[str, Any] = {name: ("junction", fitted[name], {"units": unit}) for name, unit in units.items()}
    added["shift"] = ("state", shift, {"units": "V", "long_name": "shift of the midpoint"})
    attrs = {"units": "V^2", "long_name": "covariance of the shifts"}
    added["shift_covariance"] = (("state", "other"), covariance, attrs)
    return suite.assign(added).assign_coords(junction=["sensitive", "reference"])


def neuron(suite: xr.Dataset, components: int = 1) -> Sigmoid:
    """Fit the surrogate to a suite: the logistic to fig. 1E, the heat to the shifts of figs. S1 and S2.

    Parameters
    ----------
    suite : xarray.Dataset
        As of `with_shifts`, with figs. 1E, S1 and S2.
    components : int
        Of the heat.

    Returns
    -------
    Sigmoid

    Raises
    ------
    InputError
        If an experiment is missing, or its data do not determine the parameters.
    """
    cold, hot, late = (states_of(suite, name) for name in ("1E", "S1", "S2"))
    for name, states in (("1E", cold), ("S1", hot), ("S2", late)):
        if not len(states):
            raise InputError(f"experiments: fig. {name} is not in the suite; run it with {name}")
    shift, covariance = suite["shift"].values, suite["shift_covariance"].values
    if not np.isfinite(shift[[*hot, *late]]).all():
        raise InputError("trials: a probe of S1 or S2 always or never switched, so that its shift is unknown; run more")
    cycle = Cycle(**json.loads(suite.attrs["cycle"]))
    heats = Shifts(suite["amplitude"].values[hot], shift[hot], covariance[np.ix_(hot, hot)])
    fades = Shifts(suite["delay"].values[late], shift[late], covariance[np.ix_(late, late)])
    return Sigmoid(
        **from_shifts(
            curve_of(suite, int(cold[0])),
            heats,
            fades,
            components=components,
            pulses=int(suite["pulses"].values[late[0]]),
            time_step=cycle.duration,
            pulse_width=cycle.width,
        )
    )
