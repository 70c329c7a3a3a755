"""How long the states of an axial junction last, at any voltage and temperature, to full relative precision.

Both states of a junction at a constant voltage are left with rates kappa whose sum is the slowest rate lambda_1 of the
Fokker-Planck operator and whose ratio is that of their stationary probabilities, divided at the top of the barrier of
the effective potential; they are numbers of a chain of cells (:mod:`spinneuron.dynamics.fokker_planck.spectrum`),
extrapolated to infinitely many. Where a drive leaves one well only, the state that it drives away is left with
lambda_1, and the other one never. There the passage time is that from the pole: it jumps by some percent where the last
hundredth of kT of a barrier goes, and with it the well that it started from.
"""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from spinneuron import __version__
from spinneuron.device import Device
from spinneuron.dynamics.fokker_planck.axial import Axial, Grid, chain
from spinneuron.dynamics.fokker_planck.landscape import Landscape
from spinneuron.dynamics.fokker_planck.spectrum import MOST_LEVELS, Balance, passage, refined, slowest
from spinneuron.physics.temperature import Laws, at, limit
from spinneuron.physics.torques import Torques
from spinneuron.protocols import Protocol
from spinneuron.quantity import InputError, finite, positive
from spinneuron.switching.asymptotics import high_barrier
from spinneuron.switching.state import refuse_voltage, warm, well
from spinneuron.units import format as shown

COARSE_CELLS = 64
"""Of the coarsest level, for barriers of up to 100 kT; more for higher ones."""
STATES = ("parallel", "antiparallel")
# sweeps after which the temperature of a well stands still, or never will
_MOST_SWEEPS = 200
_STILL = 1e-13


class Leaving(NamedTuple):
    """How one state of a junction is left at a constant voltage.

    Attributes
    ----------
    lambda1 : float [log 1/s]
        Slowest rate, of both states together.
    rate : float [log 1/s]
    passage : float [log s]
        Mean first-passage time from the equilibrium of this state to a state drawn from that of the other.
    rise : float [K]
        Temperature of the state above that of the device.
    """

    lambda1: float
    rate: float
    passage: float
    rise: float


class Junction:
    """An axial junction at one temperature, in numbers for :func:`switching_rates`.

    Parameters
    ----------
    device : Device

    Raises
    ------
    InputError
        If the device is not axial, has no parallel state, or is at 0 K.
    """

    def __init__(self, device: Device) -> None:
        self.device = warm(device)
        well(self.device)
        self.axial = Axial.of(self.device, self.device.size)
        self.laws = Laws.of(self.device, self.device.temperature)
        self.torques = Torques.of(self.device, self.device.size)
        self._hottest = limit(self.device) - self.device.temperature

    def landscape(self, voltage, rise) -> Landscape:
        """Effective potential.

        Parameters
        ----------
        voltage : float [V]
        rise : float [K]

        Returns
        -------
        Landscape
        """
        return Landscape.of(self.axial, self.laws, self.torques, voltage, rise)

    def balance(self, voltage, rise, cells, top) -> tuple[Balance, np.ndarray]:
        """Stationary state of cells of which half lie below the top.

        Parameters
        ----------
        voltage : float [V]
        rise : float [K]
        cells : int
        top : float or None [1]

        Returns
        -------
        balance : Balance
        center : numpy.ndarray [1]
        """
        middle = 0.0 if top is None else top
        grid = Grid.of(cells, self.axial.pole, self.torques.even, self.torques.odd, middle)
        return Balance.of(*chain(self.axial, grid, self.laws, voltage, rise)), grid.center

    def warmed(self, voltage, side, cells) -> float:
        """Steady rise of a state that its own Joule power heats: theta = R V^2 G(mean x, theta).

        Parameters
        ----------
        voltage : float [V]
        side : float [1]
            1 of the state at larger m_z, -1 of the other.
        cells : int

        Returns
        -------
        float [K]
            The lowest solution, which the junction reaches from the temperature of its surroundings.

        Raises
        ------
        InputError
            If it is hotter than is described.
        """
        resistance, rise = math.fsum(self.device.thermal_resistances), 0.0
        for _ in range(_MOST_SWEEPS):
            land = self.landscape(voltage, rise)
            top = land.top()
            cosine = side
            if top is not None or side * land.bottom() > 0.0:
                balance, center = self.balance(voltage, rise, cells, top)
                share = np.exp(balance.cell - balance.cell.max())
                share[(side * (np.arange(cells) - 0.5 * cells + 0.5) < 0.0) & (top is not None)] = 0.0
                cosine = float(share @ center / share.sum())
            last, rise = rise, resistance * voltage**2 * self.axial.area * (land.mean + land.swing * cosine)
            if not rise < self._hottest:
                break
            if abs(rise - last) <= _STILL * self.device.temperature:
                return rise
        hot = shown(self.device.temperature + rise, "K", 3)
        raise InputError(f"voltage = {shown(voltage, 'V')}: heats the free layer to {hot} or more; lower it")

    def leaving(self, voltage, side, heated, cells) -> Leaving:
        """How a state is left, on one level of cells.

        Parameters
        ----------
        voltage : float [V]
        side : float [1]
            1 of the state at larger m_z, -1 of the other.
        heated : bool
        cells : int

        Returns
        -------
        Leaving
        """
        rise = self.warmed(voltage, side, cells) if heated else 0.0
        land = self.landscape(voltage, rise)
        top = land.top()
        balance, _ = self.balance(voltage, rise, cells, top)
        lambda1, between = slowest(balance), passage(balance, cells // 2 - 1)
        if top is None:
            gone = side * land.bottom() < 0.0
            return Leaving(lambda1, lambda1 if gone else -math.inf, between.any if gone else math.inf, rise)
        if side < 0.0:
            return Leaving(lambda1, lambda1 + between.above, between.up, rise)
        return Leaving(lambda1, lambda1 + between.below, between.down, rise)

    def coarse(self, voltage) -> int:
        """Cells of the coarsest level: some for the width of the density at rest, 1 / sqrt(2 Delta).

        Parameters
        ----------
        voltage : float [V]

        Returns
        -------
        int
        """
        land = self.landscape(voltage, 0.0)
        deepest = land.bottom()
        depth = max(land.climb(deepest, place) for place in (-1.0, 0.0, 1.0))
        return max(COARSE_CELLS, 2 * math.ceil(0.5 * COARSE_CELLS * math.sqrt(depth / 100.0)))


def switching_rates(
    device: Device,
    voltages: ArrayLike,
    *,
    temperature: float | None = None,
    heated: bool = False,
    tolerance: float = 1e-10,
) -> xr.Dataset:
    """Compute how fast both states of an axial junction are left at constant voltages.

    Parameters
    ----------
    device : Device
        Axial: round, with easy axis, field and pinned layer along z.
    voltages : array_like [V]
    temperature : float, optional [K]
        By default that of the surroundings.
    heated : bool
        Each state at the steady temperature of its own Joule power; otherwise all at ``temperature``.
    tolerance : float [1]
        Relative, of rates and times.

    Returns
    -------
    xarray.Dataset
        Over ``state`` (that is left) and ``voltage``: ``lambda1`` [1/s], the slowest rate of both states together; the
        ``rate`` [1/s] at which the state is left, and ``retention`` [s], its inverse; ``passage`` [s], the mean
        first-passage time to the equilibrium of the other state; ``barrier`` [1] of the effective potential over kB T,
        NaN without; ``high_barrier`` [1/s], the rate in the limit of high barriers; ``temperature`` [K]; ``error`` [1],
        the estimated relative error of the numbers.

    Raises
    ------
    InputError
        If the device is not axial or has no parallel state, a voltage is above breakdown or heats too much, or the
        tolerance is not reached.

    Examples
    --------
    >>> from spinneuron import Device
    >>> rates = switching_rates(Device.preset("plasticity"), [0.0])
    >>> round(float(rates.barrier[0, 0]), 2), float(rates.retention[0, 0]) > 1e40
    (126.38, True)
    """
    started = time.perf_counter()
    volts = np.array([finite("voltage", V, "V") for V in np.atleast_1d(voltages)])
    positive("tolerance", tolerance)
    for V in volts:
        refuse_voltage(device, Protocol((0.0, 1.0), (float(V), float(V)), "V"))
    junction = Junction(device if temperature is None else at(device, positive("temperature", temperature, "K")))
    found = np.empty((len(STATES), len(volts), len(_UNITS)))
    for i, side in enumerate((junction.axial.pole, -junction.axial.pole)):
        for j, V in enumerate(volts):
            found[i, j] = _point(junction, float(V), side, heated, tolerance)
    columns = {
        name: (("state", "voltage"), found[:, :, k], {"units": unit, "long_name": word})
        for k, (name, (unit, word)) in enumerate(_UNITS.items())
    }
    coordinates = {"state": list(STATES), "voltage": ("voltage", volts, {"units": "V", "long_name": "voltage"})}
    attributes = {
        "kind": "spinneuron-rates",
        "device": device.to_json(),
        "engine": "fokker-planck",
        "temperature": junction.device.temperature,
        "heated": int(heated),
        "tolerance": tolerance,
        "version": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "wall_time": time.perf_counter() - started,
    }
    return xr.Dataset(columns, coordinates, attributes)


_UNITS = {
    "lambda1": ("1/s", "slowest rate of both states together"),
    "rate": ("1/s", "rate at which the state is left"),
    "retention": ("s", "inverse of the rate"),
    "passage": ("s", "mean first-passage time to the equilibrium of the other state"),
    "barrier": ("1", "barrier of the effective potential over kB T"),
    "high_barrier": ("1/s", "rate in the limit of high barriers"),
    "temperature": ("K", "temperature of the free layer"),
    "error": ("1", "estimated relative error"),
}


def _point(junction: Junction, voltage: float, side: float, heated: bool, tolerance: float) -> list[float]:
    """All numbers of one state at one voltage, in the order of `_UNITS`."""
    best, error = refined(
        lambda cells: np.array(junction.leaving(voltage, side, heated, cells)), junction.coarse(voltage), tolerance
    )
    if error > tolerance:
        reached = f"{MOST_LEVELS} levels reach {error:.1e} at {shown(voltage, 'V')}"
        raise InputError(f"tolerance = {tolerance:g}: {reached}; ask for less")
    lambda1, rate, passage_time, rise = best.tolist()
    land = junction.landscape(voltage, rise)
    top = land.top()
    barrier = math.nan if top is None else land.barrier(top, side)
    with np.errstate(over="ignore", under="ignore"):
        numbers = np.exp([lambda1, rate, -rate, passage_time]).tolist()
    return [*numbers, barrier, high_barrier(land, side), junction.device.temperature + rise, error]
