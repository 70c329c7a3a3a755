"""What is swept, how it is driven and what counts as working: the whole description of a sweep, and its chunks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from spinneuron.chunk_store import Work
from spinneuron.device import Device
from spinneuron.dynamics.ensemble import Course
from spinneuron.physics.temperature import at
from spinneuron.protocols import EDGE, Protocol, Pulse
from spinneuron.quantity import InputError, finite, fraction, integer, non_negative, positive

DIMENSIONS = ("width", "length", "thickness")
LANES_PER_CHUNK = 4096
MOST_PILLARS = 20_000_000


@dataclass(frozen=True)
class Drive:
    """One pulse and the time to relax; the same drive value for every pillar.

    Attributes
    ----------
    amplitude : float [V, A or A/m^2]
        Positive: towards the pinned direction. The default is 1e12 A/m^2, 1 V across 1 ohm um^2.
    unit : str
        "A/m^2" (fixed current density), "A" (fixed current) or "V".
    width : float [s]
        Plateau of the pulse.
    edge : float [s]
        Rise and fall.
    relax : float [s]
        Time after the pulse.
    settle : float [s]
        Time before it, in which a trial at finite temperature forgets that it started exactly at rest.
    interval : float [s]
        Between two looks at the state.
    """

    amplitude: float = 1e12
    unit: str = "A/m^2"
    width: float = 1e-9
    edge: float = EDGE
    relax: float = 3e-9
    settle: float = 0.0
    interval: float = 10e-12

    def __post_init__(self) -> None:
        if finite("drive amplitude", self.amplitude) == 0.0:
            raise InputError(
                "drive amplitude = 0: nothing would happen; give a current density, a current or a voltage"
            )
        positive("drive width", self.width, "s")
        positive("relax", self.relax, "s")
        non_negative("settle", self.settle, "s")
        positive("interval", self.interval, "s")
        if self.interval > min(self.width, self.relax) / 10.0:
            raise InputError(
                f"interval = {self.interval!r} s: must be at most a tenth of the pulse and of the relaxation"
            )
        self.protocol()

    def protocol(self) -> Protocol:
        """The waveform: settle, pulse, relax."""
        return Protocol.of(
            [Pulse(self.amplitude, self.width, self.edge, self.edge, self.settle, self.unit)], self.relax
        )

    def course(self) -> Course:
        """The waveform with the times at which the state is looked at."""
        protocol = self.protocol()
        samples = int(np.ceil(protocol.duration / self.interval * (1.0 - 1e-9)))
        return Course(protocol.times, protocol.values, self.interval, samples)


@dataclass(frozen=True)
class Criteria:
    """What counts as working.

    Attributes
    ----------
    threshold : float [1]
        The membrane potential must reach it.
    residual : float [1]
        The mean membrane potential over the last tenth of the relaxation must be below it.
    height_axis : bool
        Whether the easy axis must lie along the height, as in the published design. A pillar that rests along its
        length has no state along the height to relax to and counts as "cannot relax".
    """

    threshold: float = 0.25
    residual: float = 0.05
    height_axis: bool = True

    def __post_init__(self) -> None:
        for name in ("threshold", "residual"):
            if not 0.0 < fraction(name, getattr(self, name)) < 1.0:
                raise InputError(f"{name} = {getattr(self, name)!r}: must lie between 0 and 1")
        if self.residual >= self.threshold:
            raise InputError(f"residual = {self.residual!r}: must be below the threshold, {self.threshold!r}")


@dataclass(frozen=True)
class Spec(Work):
    """Everything that determines a sweep, bit by bit.

    Attributes
    ----------
    device : Device
        Stack, shape and reference dimensions.
    width, length, thickness : tuple of float [m]
        The grid, each increasing.
    drive : Drive
    criteria : Criteria
    trials : int
        Runs per pillar.
    temperature : float [K]
        0 for deterministic runs.
    tolerance : float [1]
        Relative standard deviation of all three dimensions from trial to trial.
    seed : int
    """

    device: Device
    width: Sequence[float]
    length: Sequence[float]
    thickness: Sequence[float]
    drive: Drive = field(default_factory=Drive)
    criteria: Criteria = field(default_factory=Criteria)
    trials: int = 1
    temperature: float = 0.0
    tolerance: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in DIMENSIONS:
            grid = np.atleast_1d(np.asarray(getattr(self, name), dtype=float))
            if grid.ndim != 1 or grid.size == 0 or not np.isfinite(grid).all() or (grid <= 0.0).any():
                raise InputError(f"{name}: the grid must hold positive, finite lengths")
            if (np.diff(grid) <= 0.0).any():
                raise InputError(f"{name}: the grid must increase from point to point")
            object.__setattr__(self, name, tuple(grid.tolist()))
        # numpy numbers and whole floats become those of Python: the fingerprint is made of their text
        object.__setattr__(self, "trials", integer("trials", self.trials))
        object.__setattr__(self, "temperature", non_negative("temperature", self.temperature, "K"))
        object.__setattr__(self, "seed", integer("seed", self.seed, 0))
        object.__setattr__(self, "tolerance", non_negative("tolerance", self.tolerance))
        if self.tolerance > 0.2:
            raise InputError(f"tolerance = {self.tolerance!r}: must lie between 0 and 20 %")
        if self.trials > 1 and self.temperature == 0.0 and self.tolerance == 0.0:
            raise InputError(f"trials = {self.trials}: all the same at 0 K; use 1 trial, a temperature or a tolerance")
        self._refuse_heat()
        if self.pillars > MOST_PILLARS:
            raise InputError(f"grid of {self.pillars} pillars: more than {MOST_PILLARS}; use fewer points")

    def _refuse_heat(self) -> None:
        """The pillars of a family share a table of standing numbers; their heat paths would differ with their size."""
        if self.junction.thermal_resistances:
            raise InputError(
                f"thermal_resistances of {self.device.name}: a sweep follows no heat, as a heat path depends on the "
                "size; use a device with thermal_resistances = []"
            )
        if self.device.tmr_voltage is not None and self.drive.unit == "V":
            raise InputError(
                f"tmr_voltage of {self.device.name}: a sweep by voltage takes a constant tmr; leave it out, or drive "
                "by a current"
            )

    @property
    def junction(self) -> Device:
        """The device as it is at the temperature of the sweep."""
        return at(self.device, self.temperature)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of points along width, length and thickness."""
        return len(self.width), len(self.length), len(self.thickness)

    @property
    def pillars(self) -> int:
        """Number of grid points."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def pillars_per_chunk(self) -> int:
        """Whole pillars with all their trials, about 4096 lanes."""
        return max(1, LANES_PER_CHUNK // self.trials)

    @property
    def chunks(self) -> int:
        """Number of independent pieces of work."""
        return -(-self.pillars // self.pillars_per_chunk)

    def dimensions(self, chunk: int) -> np.ndarray:
        """Sizes of the pillars of a chunk.

        Parameters
        ----------
        chunk : int

        Returns
        -------
        numpy.ndarray [m]
            (3, pillars): width, length, thickness; thickness runs fastest.
        """
        first = chunk * self.pillars_per_chunk
        flat = np.arange(first, min(first + self.pillars_per_chunk, self.pillars))
        index = np.unravel_index(flat, self.shape)
        return np.stack([np.asarray(getattr(self, name))[i] for name, i in zip(DIMENSIONS, index, strict=True)])

    def to_json(self) -> str:
        """The specification as JSON text."""
        data = asdict(self) | {"device": json.loads(self.device.to_json())}
        return json.dumps(data, sort_keys=True)


def default_grid(device: Device, statistical: bool) -> dict[str, Any]:
    """Default grid: W 4-30, L 20-90, T 20-90 nm, every nanometer; its L-T plane at the reference width if trials are
    many.

    Parameters
    ----------
    device : Device
        Gives the reference width.
    statistical : bool
        Whether several trials per pillar are asked for.

    Returns
    -------
    dict of str to numpy.ndarray [m]
    """
    span = np.arange(20, 91) * 1e-9
    width = np.array([device.width]) if statistical else np.arange(4, 31) * 1e-9
    return {"width": width, "length": span, "thickness": span}
