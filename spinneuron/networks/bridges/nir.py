"""Export of neurons to NIR, the Neuromorphic Intermediate Representation: what its primitives can carry, and no more.

NIR describes deterministic neurons of one sign by differential equations. It has no stochastic, signed or sigmoid
primitive, its files carry no time step, and what its importers do with a time constant differs. An export is therefore
lossy. It says so in its metadata (key ``spinneuron``): what is lost, how time was scaled, and the neuron file itself.

- signed-lif: ``Linear`` (gain / leak) -> ``LIF``; spikes of +1 only, reset to a value, no refractory time.
- sigmoid: ``Threshold`` (x0) of the voltage plus, for each component of the heat, ``Delay`` -> ``LI``; certain spikes
  in place of probabilities, and the heat law as the straight line from 0 to its value at x0.
- gaussian: ``Affine``, the tangent of the mean at x0; no noise, no saturation.
"""

import json
import math
import os
from collections.abc import Callable
from typing import Any

import nir
import numpy as np

from spinneuron import neuron_file, quantity
from spinneuron.quantity import InputError
from spinneuron.surrogates.gaussian import Gaussian
from spinneuron.surrogates.sigmoid import Sigmoid
from spinneuron.surrogates.signed_lif import SignedLIF
from spinneuron.whole_file import replacing

IMPORTED_STEP = 1e-4
"""Time step that importers of NIR assume unless they are told another one [s]."""

INTEGRATIONS = ("euler", "exact")
"""How the importer is expected to step."""


def nir_graph(
    surrogate: Any,
    units: int = 1,
    time_step: float | None = None,
    dt: float = IMPORTED_STEP,
    integration: str = "euler",
) -> nir.NIRGraph:
    """Make the NIR graph of a layer of equal neurons; lossy, see the module.

    Parameters
    ----------
    surrogate : object
        Of a class in `surrogates.SURROGATES`.
    units : int
        Neurons of the layer.
    time_step : float, optional [s]
        Real length of a step; by default that of the file, for a signed-lif the longest sample of its calibration.
    dt : float [s]
        The importer's time step, in which time constants are written: they are scaled by ``dt / time_step``.
    integration : str
        ``"euler"``: time constants are such that the Euler steps of snnTorch and SpikingJelly decay as much as the
        neuron does. ``"exact"``: they are those of the neuron, for importers that solve the equation.

    Returns
    -------
    nir.NIRGraph

    Raises
    ------
    InputError
        If the object is no surrogate, or a number out of range.
    """
    if type(surrogate) not in LAYERS:
        kinds = ", ".join(kind.MODEL for kind in LAYERS)
        raise InputError(f"surrogate = {type(surrogate).__name__}: no neuron that can be exported; give one of {kinds}")
    if integration not in INTEGRATIONS:
        raise InputError(f"integration = {integration!r}: unknown, allowed: {', '.join(INTEGRATIONS)}")
    units = quantity.integer("units", units)
    dt = quantity.positive("dt", dt, "s")
    step = _time_step(surrogate, time_step)
    layer, lost = LAYERS[type(surrogate)]

    def scaled(tau: float) -> np.ndarray:
        """Time constant of the importer."""
        steps = -1.0 / math.expm1(-step / tau) if integration == "euler" else tau / step
        return np.full(units, steps * dt)

    nodes, edges = layer(surrogate, units, dt, scaled)
    ends = {"input": nir.Input({"input": np.array([units])}), "output": nir.Output({"output": np.array([units])})}
    metadata = {
        "lossy": True,
        "lost": lost,
        "model": surrogate.MODEL,
        "time_step": step,
        "dt": dt,
        "time_scale": dt / step if step else math.nan,
        "integration": integration,
        "neuron_file": json.dumps(neuron_file.document(surrogate), allow_nan=False),
    }
    return nir.NIRGraph(ends | nodes, edges, metadata={"spinneuron": metadata})


def write_nir(path: str | os.PathLike, surrogate: Any, **settings: Any) -> None:
    """Write the NIR graph of a layer of equal neurons to a file (HDF5), whole or not at all; lossy, see the module.

    Parameters
    ----------
    path : str or path
        An existing file is replaced.
    surrogate : object
        Of a class in `surrogates.SURROGATES`.
    **settings
        Of `nir_graph`.

    Raises
    ------
    InputError
        As `nir_graph`; and if the file cannot be written.
    """
    graph = nir_graph(surrogate, **settings)
    with replacing(path) as temporary:
        nir.write(temporary, graph)


def lost(surrogate: Any) -> str:
    """Tell what an export loses.

    Parameters
    ----------
    surrogate : object
        Of a class in `surrogates.SURROGATES`.

    Returns
    -------
    str
    """
    return LAYERS[type(surrogate)][1]


def _time_step(surrogate: Any, given: float | None) -> float:
    """Real length of a step; 0 for a neuron without time."""
    if isinstance(surrogate, Gaussian):
        return 0.0
    if given is None:
        if isinstance(surrogate, Sigmoid):
            return surrogate.time_step
        if "time_step" not in surrogate.valid:
            raise InputError("time_step: the neuron file tells none; give the length of a step in s")
        return surrogate.valid["time_step"][1]
    given = quantity.positive("time_step", given, "s")
    if isinstance(surrogate, Sigmoid) and given != surrogate.time_step:
        raise InputError(f"time_step = {given:g} s: a sigmoid has its own, {surrogate.time_step:g} s; leave it out")
    return given


def _signed_lif(neuron: SignedLIF, units: int, dt: float, scaled: Callable) -> tuple[dict, list]:
    nodes = {
        "gain": nir.Linear(neuron.gain / neuron.leak * np.eye(units)),
        "neuron": nir.LIF(
            tau=scaled(neuron.tau_membrane / neuron.leak),
            r=np.ones(units),
            v_leak=np.zeros(units),
            v_threshold=np.full(units, neuron.threshold),
            v_reset=np.full(units, neuron.reset or 0.0),
        ),
    }
    return nodes, [("input", "gain"), ("gain", "neuron"), ("neuron", "output")]


def _sigmoid(neuron: Sigmoid, units: int, dt: float, scaled: Callable) -> tuple[dict, list]:
    nodes: dict[str, nir.NIRNode] = {"neuron": nir.Threshold(np.full(units, neuron.x0))}
    edges = [("input", "neuron"), ("neuron", "output")]
    slope = neuron.heat_v2 * neuron.x0 + neuron.heat_v1
    if slope:
        # heat acts on the next step
        nodes["delay"] = nir.Delay(np.full(units, dt))
        edges.append(("input", "delay"))
        for j, (tau, weight, decay) in enumerate(zip(neuron.tau_thermal, neuron.weights, neuron.decay, strict=True)):
            # a step under the voltage V takes the shift to r V (1 - decay)
            r = np.full(units, weight * slope / (1.0 - decay))
            nodes[f"heat_{j}"] = nir.LI(tau=scaled(tau), r=r, v_leak=np.zeros(units))
            edges += [("delay", f"heat_{j}"), (f"heat_{j}", "neuron")]
    return nodes, edges


def _gaussian(neuron: Gaussian, units: int, dt: float, scaled: Callable) -> tuple[dict, list]:
    slope = 0.25 * neuron.k * (neuron.high - neuron.low)
    bias = 0.5 * (neuron.low + neuron.high) - slope * neuron.x0
    nodes = {"neuron": nir.Affine(slope * np.eye(units), np.full(units, bias))}
    return nodes, [("input", "neuron"), ("neuron", "output")]


LAYERS: dict[Any, tuple[Callable, str]] = {
    SignedLIF: (
        _signed_lif,
        "spikes of -1; the reset by subtraction; the refractory time; uncertainties and range of validity",
    ),
    Sigmoid: (
        _sigmoid,
        "the probability of a spike (p_max, k): it is certain beyond x0; the curvature of the heat law; uncertainties "
        "and range of validity",
    ),
    Gaussian: (_gaussian, "the noise (sigma_read, sigma_switch); saturation; uncertainties and range of validity"),
}
"""Class of a surrogate -> the function that makes nodes and edges, and what is lost."""
