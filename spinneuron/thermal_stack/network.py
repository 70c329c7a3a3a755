"""The heat equation of a stack in finite volumes, and its exact solution in time by eigenmodes.

The cells' temperatures T above ambient obey ::

    M dT/dt = -K T + b P,     K = F^T F,     one row of F for each path of heat

M holds the capacities [J/K]; a path is the conductance between neighboring cells, from an outer cell to its end, or
from a cell to its surroundings. Wide layers join as the resistors and capacitors of their Foster network, in series
with the outer cell of the pillar.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from spinneuron import quantity
from spinneuron.quantity import InputError, nearest, shown
from spinneuron.thermal_stack.cells import Chain, cut, decay
from spinneuron.thermal_stack.layers import Layer
from spinneuron.thermal_stack.plate import surface_poles

MOST_CELLS = 2000
"""Largest number of cells in a stack: the modes are dense."""


class Modes(NamedTuple):
    """A stack in cells, and how it cools. Its nodes are the pillar's cells from the top, then the poles of plates."""

    layers: tuple[Layer, ...]
    """Of the pillar, without the wide ones."""
    chain: Chain
    """The pillar in cells."""
    ends: tuple[float, float]
    """Conductance from the first and the last cell outwards [W/K]; 0 where insulated."""
    capacities: np.ndarray
    """Of the nodes (node,) [J/K]."""
    rates: np.ndarray
    """Of decay (mode,) [1/s], slowest first."""
    shapes: np.ndarray
    """Of the modes (node, mode) [(K/J)^(1/2)]: ``shapes.T @ diag(capacities) @ shapes`` is the unit matrix."""

    def weights(self, names: str | Sequence[str] | Mapping[str, float], option: str) -> np.ndarray:
        """Share of each cell in named layers: by volume within a name, or over all names of a list.

        Parameters
        ----------
        names : str, sequence of str or dict
            Names of layers, or name -> share; shares sum to 1.
        option : str
            What is asked, for messages.

        Returns
        -------
        numpy.ndarray
            Shares (node,) [1], with the sum 1.

        Raises
        ------
        InputError
            If a name is unknown or the shares do not sum to 1.
        """
        if isinstance(names, Mapping):
            parts = {name: quantity.non_negative(f"{option} {shown(name)}", part) for name, part in names.items()}
            if not math.isclose(sum(parts.values()), 1.0, rel_tol=1e-9):
                raise InputError(f"{option}: shares must sum to 1, not {sum(parts.values()):g}")
            return np.asarray(sum(part * self.weights(name, option) for name, part in parts.items()))
        listed = [names] if isinstance(names, str) else list(names)
        known = dict.fromkeys(layer.name for layer in self.layers)
        if not listed:
            raise InputError(f"{option} = []: name a layer, one of {', '.join(known)}")
        for name in listed:
            if name not in known:
                allowed = f"layers of the pillar: {', '.join(known)}"
                raise InputError(f"{option} = {shown(name)}: {nearest(name, known)}{allowed}")
        inside = np.array([layer.name in listed for layer in self.layers])[self.chain.layer]
        shares = np.zeros(len(self.capacities))
        shares[: len(inside)] = np.where(inside, self.chain.volumes, 0.0) / self.chain.volumes[inside].sum()
        return shares


class Spectrum(NamedTuple):
    """A Foster network: a step of power 1 W gives ``sum_j R_j (1 - exp(-t / tau_j))`` [K]."""

    resistances: np.ndarray
    """R_j (mode,) [K/W]; some may be negative where heat is sensed elsewhere than released."""
    times: np.ndarray
    """tau_j (mode,) [s], slowest first."""

    @property
    def resistance(self) -> float:
        """Temperature per power in the end [K/W]: the sum of the resistances."""
        return float(self.resistances.sum())

    def step(self, times: ArrayLike) -> np.ndarray:
        """Compute the response to a step of power, ``sum_j R_j (1 - exp(-t / tau_j))``.

        Parameters
        ----------
        times : array_like [s]
            Since the step; not negative.

        Returns
        -------
        numpy.ndarray
            Temperature per power [K/W], of the shape of `times`.

        Raises
        ------
        InputError
            If a time is negative or not finite.
        """
        try:
            t = np.asarray(times, dtype=float)
        except (TypeError, ValueError):
            raise InputError(f"times = {shown(times)}: numbers of seconds are needed") from None
        if (wrong := t[~(np.isfinite(t) & (t >= 0.0))]).size:
            raise InputError(f"times = {wrong[0]:g} s: a finite time since the step is needed, 0 or above")
        return -np.expm1(-t[..., None] / self.times) @ self.resistances


def modes(layers: Sequence[Layer], area: float, *, top: float = math.inf, bottom: float = 0.0, cells: int = 8) -> Modes:
    """Solve a stack: cut it into cells and find its modes.

    Parameters
    ----------
    layers : sequence of Layer
        From the top to the substrate; wide ones only first and last.
    area : float [m^2]
        Section of the pillar.
    top, bottom : float [K/W]
        Resistance from the outer face to ambient: 0 is a heat sink, ``math.inf`` insulates, `layers.constriction` with
        the pillar's diameter is a half space, also beyond wide layers. The heat needs a way out: through an end, or
        through the leak of a layer.
    cells : int
        In every layer; errors fall with its square. A wide layer right under the pillar and thicker than its radius
        needs more: 300 nm of glass under a disc of 200 nm have 3 % too much resistance with 8 cells, 0.4 % with 20.

    Returns
    -------
    Modes

    Raises
    ------
    InputError
        If a value is out of range, or the heat can go nowhere.
    """
    above, pillar, below = _parts(layers)
    area, count = quantity.positive("area", area, "m^2"), quantity.integer("cells", cells)
    if count * (len(above) + len(pillar) + len(below)) > MOST_CELLS:
        most = MOST_CELLS // (len(above) + len(pillar) + len(below))
        raise InputError(f"cells = {count}: at most {most} for each layer of this stack")
    chain = cut(pillar, area, count)
    outside = [_outside("top", top, above, area, count), _outside("bottom", bottom, below, area, count)]
    ends = 1.0 / (chain.series[0] + outside[0][0]), 1.0 / (chain.series[-1] + outside[1][0])
    if not any(ends) and not chain.leaks.any():
        raise InputError("top = inf and bottom = inf: no sink, heat goes nowhere; set bottom = 0 for a heat sink")

    n, resistances = len(chain.volumes), np.concatenate([outside[0][1], outside[1][1]])
    inner = np.sqrt(1.0 / chain.series[1:-1])
    flow = np.zeros((n + 1, n + len(resistances)))
    # A row for the path below each cell, and the last one for that above the first cell.
    flow[range(n - 1), range(n - 1)], flow[range(n - 1), range(1, n)] = inner, -inner
    split = n + len(outside[0][1])
    flow[n, 0], flow[n, n:split] = math.sqrt(ends[0]), -math.sqrt(ends[0])
    flow[n - 1, n - 1], flow[n - 1, split:] = math.sqrt(ends[1]), -math.sqrt(ends[1])
    sideways = np.diag(np.sqrt(np.concatenate([chain.leaks, 1.0 / resistances])))
    flow = np.vstack([flow, sideways])
    times = np.concatenate([outside[0][2], outside[1][2]])
    capacities = np.concatenate([chain.capacities, times / resistances])
    # Insulated ends and cells without a leak are no paths.
    rates, shapes = decay(flow[flow.any(axis=1)], capacities)
    return Modes(pillar, chain, ends, capacities, rates, shapes)


def _outside(
    name: str, value: Any, wide: Sequence[Layer], area: float, count: int
) -> tuple[float, np.ndarray, np.ndarray]:
    """What an end of the pillar sees: a resistance [K/W], and the poles of the wide layers."""
    endless = isinstance(value, float) and value == math.inf
    resistance = math.inf if endless else quantity.non_negative(name, value, "K/W")
    if not wide:
        return resistance, np.zeros(0), np.zeros(0)
    if resistance == math.inf and not any(layer.leak for layer in wide):
        raise InputError(f"{name} = inf: the wide layers there have no sink; set {name} = 0 for a heat sink")
    return surface_poles(wide, area, resistance, count)


def _parts(layers: Sequence[Layer]) -> tuple[tuple[Layer, ...], tuple[Layer, ...], tuple[Layer, ...]]:
    """Wide layers above (from the pillar outwards), the pillar, and wide layers below."""
    layers = tuple(layers)
    if wrong := [layer for layer in layers if not isinstance(layer, Layer)]:
        raise InputError(f'layers = {shown(wrong[0])}: each must be a Layer, like Layer.of("MgO", 0.9e-9)')
    narrow = [i for i, layer in enumerate(layers) if not layer.wide]
    if not narrow:
        raise InputError(f"layers = {len(layers)} layers: at least one must be the pillar's, not wide")
    first, last = narrow[0], narrow[-1] + 1
    if wrong := [layer for layer in layers[first:last] if layer.wide]:
        raise InputError(f"layer {wrong[0].name}: is wide between layers of the pillar; wide ones come first or last")
    return layers[:first][::-1], layers[first:last], layers[last:]


def spectrum(
    layers: Sequence[Layer],
    area: float,
    *,
    heated: str | Sequence[str] | Mapping[str, float],
    sensed: str | Sequence[str],
    top: float = math.inf,
    bottom: float = 0.0,
    cells: int = 8,
) -> Spectrum:
    """Compute all poles of a stack: ``R_j = (s.v_j)(v_j.b) / rate_j``, ``tau_j = 1 / rate_j``.

    v_j are the modes, b the share of each cell in the heat, s its share in the mean temperature. Where the same layer
    is heated and sensed no R_j is negative.

    Parameters
    ----------
    layers : sequence of Layer
        As in `modes`.
    area : float [m^2]
        Section of the pillar.
    heated : str, sequence of str or dict
        Names of the pillar's layers in which the heat is released, evenly; or name -> share.
    sensed : str or sequence of str
        Names of the pillar's layers whose mean temperature is meant.
    top, bottom : float [K/W]
        As in `modes`.
    cells : int
        As in `modes`.

    Returns
    -------
    Spectrum

    Raises
    ------
    InputError
        As `modes`; if a name is unknown, with the nearest one.
    """
    solved = modes(layers, area, top=top, bottom=bottom, cells=cells)
    found, given = solved.weights(sensed, "sensed") @ solved.shapes, solved.weights(heated, "heated") @ solved.shapes
    return Spectrum(found * given / solved.rates, 1.0 / solved.rates)


def stack_response(
    layers: Sequence[Layer],
    area: float,
    times: ArrayLike,
    *,
    heated: str | Sequence[str] | Mapping[str, float],
    sensed: str | Sequence[str],
    top: float = math.inf,
    bottom: float = 0.0,
    cells: int = 8,
) -> np.ndarray:
    """Compute the temperature of layers after a step of power, per power.

    Parameters
    ----------
    layers : sequence of Layer
        As in `modes`.
    area : float [m^2]
        Section of the pillar.
    times : array_like [s]
        Since the step.
    heated, sensed : str, sequence of str or dict
        As in `spectrum`.
    top, bottom : float [K/W]
        As in `modes`.
    cells : int
        As in `modes`.

    Returns
    -------
    numpy.ndarray
        Temperature above ambient per power [K/W], of the shape of `times`.

    Raises
    ------
    InputError
        As `spectrum`; if a time is negative.

    Examples
    --------
    >>> slab = [Layer(name="slab", thickness=1e-7, conductivity=1.0, heat_capacity=2e6)]
    >>> stack_response(slab, 1e-12, [0.0, 1e-6], heated="slab", sensed="slab").round()
    array([    0., 33635.])
    """
    whole = spectrum(layers, area, heated=heated, sensed=sensed, top=top, bottom=bottom, cells=cells)
    return whole.step(times)
