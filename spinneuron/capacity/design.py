"""design_map(...): which junction remembers best: the bound over decay and gain, the two numbers that set it.

A junction enters the n-back bound through the probability of a spike without heat, its decay per step gamma =
exp(-time_step / tau_thermal), the gain ``k heat(V)`` of one pulse, in units of the logit, and N. Decay and gain are
varied around the neuron, with all else fixed: voltage and midpoint stay the neuron's.
"""

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from spinneuron.capacity.curve import N_BACK, VOLTAGE, distinct, made_of
from spinneuron.capacity.memory import plastic
from spinneuron.capacity.n_back import LAGS, Bound, bound
from spinneuron.chunk_store import Store, Work
from spinneuron.quantity import InputError, fraction, positive
from spinneuron.surrogates import Sigmoid
from spinneuron.surrogates.sigmoid_step import heat
from spinneuron.tasks import NBack

DESIGN_KIND = "spinneuron-capacity-design"
"""Attribute ``kind`` of the dataset."""
DECAYS = tuple(np.round(np.arange(0.1, 0.91, 0.1), 2).tolist())
GAINS = tuple(round(2.0**power, 4) for power in np.arange(-2.0, 3.1, 0.5))
"""Relative to that of the neuron."""
_KEPT = ("pr", "error", "counted", "counted_error", "truncation")


@dataclass(frozen=True, kw_only=True)
class Design(Work):
    """What a map is made of; a chunk of its work is one gain at one N.

    Parameters
    ----------
    neuron : Sigmoid
        Whose gain must not be 0.
    voltage : float [V]
        Of the pulse on colored pixels.
    junctions : tuple of int
        N, per pixel.
    n : tuple of int
        How many steps before.
    decays : tuple of float
        Per step, between 0 and 1; the neuron's own is added where it has one heat component.
    scales : tuple of float
        Gains relative to that of the neuron; 1 is added.
    seed : int
        Of the readings.
    lags : int
        Most lags that are enumerated: see `bound`.

    Raises
    ------
    InputError
        If the neuron has no heat, or a number is out of range or stands twice.
    """

    neuron: Sigmoid
    voltage: float = VOLTAGE
    junctions: tuple[int, ...] = (16,)
    n: tuple[int, ...] = N_BACK
    decays: tuple[float, ...] = DECAYS
    scales: tuple[float, ...] = GAINS
    seed: int = 0
    lags: int = LAGS

    def __post_init__(self):
        volts = positive("voltage", self.voltage, "V")
        if heat(volts, plastic(self.neuron)) <= 0.0:
            raise InputError(f"heat_v2, heat_v1: no heat at {volts:g} V, so that there is no gain to vary")
        for name in ("junctions", "n"):
            object.__setattr__(self, name, distinct(name, getattr(self, name)))
        decays = {fraction("decays", one) for one in self.decays}
        if 1.0 in decays:
            raise InputError("decays = 1: heat that never leaves makes no steady state; give numbers below 1")
        own = set(self.neuron.decay) if len(self.neuron.decay) == 1 else set()
        object.__setattr__(self, "decays", tuple(sorted(decays | own)))
        object.__setattr__(self, "scales", tuple(sorted({positive("scales", one) for one in self.scales} | {1.0})))
        if len(self.decays) < 2 or len(self.scales) < 2:
            raise InputError("decays, scales: a map needs two of each; give more numbers, or compute single bounds")
        for back in self.n:
            NBack(n=back)

    @property
    def gain(self) -> float:
        """Of the neuron itself: ``k heat(V)`` [1]."""
        return self.neuron.k * float(heat(self.voltage, self.neuron))

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return len(self.junctions) * len(self.scales)

    def to_json(self) -> str:
        """The same, to be read."""
        names = ("voltage", "junctions", "n", "decays", "scales", "seed", "lags")
        numbers = {name: getattr(self.neuron, name) for name in self.neuron.UNITS}
        return json.dumps({"neuron": numbers} | {name: getattr(self, name) for name in names})

    def junction(self, decay: float, scale: float) -> Sigmoid:
        """Make the neuron with another decay and another gain.

        Parameters
        ----------
        decay : float [1]
            Per step.
        scale : float [1]
            Gain relative to that of the neuron.

        Returns
        -------
        Sigmoid
            With one component of the heat.
        """
        own = self.neuron
        return replace(
            own, tau_thermal=(-own.time_step / math.log(decay),), weights=(1.0,), heat_v2=scale * own.heat_v2,
            heat_v1=scale * own.heat_v1, uncertainties={}, statistics=None,
        )  # fmt: skip

    def run_chunk(self, chunk: int) -> dict[str, np.ndarray]:
        """Compute one gain at one N.

        Parameters
        ----------
        chunk : int

        Returns
        -------
        dict of str to numpy.ndarray
            Fields of `Bound` (decay, n).
        """
        i, j = divmod(chunk, len(self.scales))
        found = np.empty((len(self.decays), len(self.n), len(Bound._fields)))
        for row, decay in enumerate(self.decays):
            neuron = self.junction(decay, self.scales[j])
            for column, n in enumerate(self.n):
                task = NBack(n=n)
                found[row, column] = bound(neuron, self.voltage, task, self.junctions[i], self.seed, self.lags)
        return {name: found[..., Bound._fields.index(name)] for name in _KEPT}


def design_map(
    design: Design, output: Path, *, resume: bool = False, progress: Callable[[int], None] | None = None
) -> xr.Dataset:
    """Compute a map, chunk by chunk; finished chunks wait in the folder ``<output>.parts``.

    Parameters
    ----------
    design : Design
    output : path
        Where the caller will write the map; it then discards the folder.
    resume : bool
        Whether to go on with chunks of an earlier run.
    progress : callable, optional
        Called with the number of chunks that were finished since its last call.

    Returns
    -------
    xarray.Dataset
        Of kind "spinneuron-capacity-design": fields of `Bound` over ``junctions``, ``gain``, ``decay`` and ``n``;
        ``tau`` [s] over ``decay``, ``scale`` over ``gain``; ``own_pr`` of the neuron itself over ``junctions`` and
        ``n``.

    Raises
    ------
    InputError
        If there are chunks and ``resume`` is false, or they belong to other work.
    """
    started, store = time.perf_counter(), Store(output, design, resume)
    done = store.done()
    if progress and done:
        progress(len(done))
    for chunk in sorted(set(range(design.chunks)) - done):
        store.save(chunk, design.run_chunk(chunk))
        if progress:
            progress(1)
    parts = [store.load(chunk) for chunk in range(design.chunks)]
    shape = (len(design.junctions), len(design.scales), len(design.decays), len(design.n))
    dims, one = ("junctions", "gain", "decay", "n"), {"units": "1"}
    data: dict[str, Any] = {name: (dims, np.reshape([p[name] for p in parts], shape), one) for name in _KEPT}
    tau = -design.neuron.time_step / np.log(design.decays)
    data["tau"] = ("decay", tau, {"units": "s", "long_name": "time constant of the heat"})
    data["scale"] = ("gain", list(design.scales), one | {"long_name": "heat relative to that of the neuron"})
    own = [
        [bound(design.neuron, design.voltage, NBack(n=n), many, design.seed, design.lags).pr for n in design.n]
        for many in design.junctions
    ]
    data["own_pr"] = (("junctions", "n"), np.array(own), one | {"long_name": "PR of the neuron itself"})
    coords = {
        "junctions": list(design.junctions),
        "gain": ("gain", design.gain * np.array(design.scales), one | {"long_name": "k heat(V), logit per pulse"}),
        "decay": ("decay", list(design.decays), one | {"long_name": "decay of the heat per step"}),
        "n": list(design.n),
    }
    attrs = made_of(design.neuron, design.voltage, design.seed, design.lags) | {
        "kind": DESIGN_KIND, "own_gain": design.gain, "own_decay": list(design.neuron.decay),
        "time_step": design.neuron.time_step, "wall_time": time.perf_counter() - started,
    }  # fmt: skip
    return xr.Dataset(data, coords, attrs)


def best(map_: xr.Dataset) -> xr.Dataset:
    """Pick the junction that remembers best, for each n and for all together.

    Parameters
    ----------
    map_ : xarray.Dataset
        Of `design_map`.

    Returns
    -------
    xarray.Dataset
        Over ``junctions`` and ``n``: ``decay``, ``tau``, ``gain`` and ``pr`` of the best point of the whole map, and
        ``decay_at_own``, ``tau_at_own``, ``pr_at_own`` of the best decay with the neuron's own gain.
    """
    whole = map_["pr"].stack(point=("gain", "decay"))
    top = whole.isel(point=whole.argmax("point"))
    at_own = map_["pr"].isel(gain=int(np.argmin(np.abs(map_["scale"].values - 1.0))))
    decay = at_own["decay"].isel(decay=at_own.argmax("decay"))
    values = {
        "decay": top["decay"].values, "gain": top["gain"].values, "pr": top.values,
        "tau": map_["tau"].sel(decay=top["decay"].values.ravel()).values.reshape(top.shape),
        "decay_at_own": decay.values, "pr_at_own": at_own.max("decay").values,
        "tau_at_own": map_["tau"].sel(decay=decay.values.ravel()).values.reshape(decay.shape),
    }  # fmt: skip
    coords = {"junctions": map_["junctions"], "n": map_["n"]}
    return xr.Dataset({name: (("junctions", "n"), value) for name, value in values.items()}, coords)
