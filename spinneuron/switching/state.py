"""What a switching experiment needs of an engine, and what all engines share: state, parallel well, refusals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import Protocol as Interface

import numpy as np

from spinneuron.constants import gamma0, kB, mu0
from spinneuron.device import Device
from spinneuron.physics.fields import Fields, Quartic, tensor
from spinneuron.physics.temperature import at
from spinneuron.physics.wells import barrier as lowest_pass
from spinneuron.physics.wells import relaxed
from spinneuron.physics.wells import stiffness as curvature
from spinneuron.protocols import Protocol
from spinneuron.quantity import InputError
from spinneuron.simulation import rest_state
from spinneuron.units import format as shown

# share of the moments that may leave their well in an idle time that is skipped
ESCAPE = 1e-6


@dataclass(frozen=True)
class State:
    """An ensemble between two stages of a protocol; engines return new ones.

    Attributes
    ----------
    moments : numpy.ndarray [1]
        Unit moments (3, trials), or the probabilities of the cells of m_z (cells,).
    heat : numpy.ndarray
        Power [W] and rise of each pole [K], (1 + poles, trials) or (1 + poles,).
    counted : numpy.ndarray
        Which trials count (trials,), or the probability that counts (1,).
    step : int
        Steps so far.
    stream : int
        Which block of trials it is: its noise is of its own.
    """

    moments: np.ndarray
    heat: np.ndarray
    counted: np.ndarray
    step: int = 0
    stream: int = 0


class Engine(Interface):
    """What a switching experiment needs of an engine: a device, a number of trials, and these steps.

    Each engine has states of its own kind, `State` or `spinneuron.switching.ladder.Ladder`, which only it can read.
    """

    device: Device
    trials: int

    def rest(self, stream: int = 0) -> Any:
        """Ensemble in equilibrium, parallel, without heat.

        Parameters
        ----------
        stream : int

        Returns
        -------
        State
        """

    def run(self, state: Any, protocol: Protocol, stream: int | None = None) -> Any:
        """State after a waveform.

        Parameters
        ----------
        state : State
        protocol : Protocol
        stream : int, optional
            Gives a branch noise of its own.

        Returns
        -------
        State
        """

    def run_all(self, states: Sequence[Any], protocols: Sequence[Protocol], first_stream: int) -> list[Any]:
        """States after waveforms, one for each, side by side where the engine can.

        Parameters
        ----------
        states : sequence of State
        protocols : sequence of Protocol
        first_stream : int
            Of the first one; the noise of each is of its own.

        Returns
        -------
        list of State
        """

    def cool(self, state: Any, time: float) -> Any:
        """State after an idle time.

        Parameters
        ----------
        state : State
        time : float [s]

        Returns
        -------
        State
        """

    def switched(self, state: Any) -> tuple[float, float]:
        """Count the trials that are antiparallel, and those that count.

        Parameters
        ----------
        state : State

        Returns
        -------
        tuple of float
        """

    def parallel_only(self, state: Any) -> Any:
        """Let only the parallel trials count.

        Parameters
        ----------
        state : State

        Returns
        -------
        State
        """

    def rise(self, state: Any) -> float:
        """Mean temperature rise of the free layer.

        Parameters
        ----------
        state : State

        Returns
        -------
        float [K]
        """


def well(device: Device) -> tuple[np.ndarray, float, float]:
    """The parallel well of a device in its own field, at the temperature of its surroundings.

    Parameters
    ----------
    device : Device

    Returns
    -------
    direction : numpy.ndarray [1]
        Of the moment at rest that is nearest to the pinned layer.
    stiffness : float [A/m]
        Spread of the lowest two eigenvalues of the field tensor: the anisotropy field. With Ku2, the curvature of the
        energy at rest.
    escape : float [1/s]
        Attempt rate times exp(-Delta) for the shallower well, an upper bound of the rate of escape: gamma0 times the
        whole spread of the eigenvalues, and alpha sqrt(Delta) more for damping (Brown 1963). With Ku2, H4 adds to the
        spread, and the barrier is that of the energy itself, or below it where the pass lies off the equator.

    Raises
    ------
    InputError
        If the moment rests across the pinned layer: nothing would switch.
    """
    fields, pinned = Fields.of(device, device.size), np.array(device.pinned)
    direction = np.asarray(rest_state(fields))
    if direction @ pinned < 0.0:
        # of two wells the other one, as the field leaves it
        direction = direction - 2.0 * (direction @ pinned) * pinned
        direction = relaxed(fields, direction) if isinstance(fields, Quartic) else direction
    if abs(direction @ pinned) < 0.5:
        raise InputError(
            f"pinned = {list(device.pinned)}: the free layer of {device.name} rests across the pinned layer, so that "
            "it has no parallel state to switch from; give a device with easy_axis along pinned"
        )
    values = np.linalg.eigvalsh(tensor(fields))
    spread, volume = float(values[2] - values[0]), device.volume
    volume = volume if device.activation_volume is None else device.activation_volume
    if isinstance(fields, Quartic):
        stiffness, spread = curvature(fields, direction, pinned), spread + abs(float(fields.fourth))
        barrier = mu0 * device.Ms * volume * lowest_pass(fields, pinned)
    else:
        stiffness = float(values[1] - values[0])
        applied = float(np.linalg.norm(device.applied_field)) / max(stiffness, 1e-300)
        barrier = 0.5 * mu0 * device.Ms * volume * stiffness * max(1.0 - applied, 0.0) ** 2
    Delta = barrier / (kB * device.temperature)
    attempts = gamma0 * spread * (1.0 + device.alpha * np.sqrt(Delta))
    return direction, stiffness, float(attempts * np.exp(-Delta))


def stays(device: Device, rise: float, time: float) -> bool:
    """Whether no moment can leave its well in an idle time.

    Parameters
    ----------
    device : Device
        As it is at the temperature of its surroundings.
    rise : float [K]
        Largest one at the begin: a hot barrier is lower.
    time : float [s]

    Returns
    -------
    bool
    """
    try:
        return well(at(device, device.temperature + rise))[2] * time <= ESCAPE
    except InputError:
        # so hot that nothing holds it along the pinned layer
        return False


def refuse_voltage(device: Device, protocol: Protocol) -> None:
    """Refuse a waveform that is no voltage, or that the barrier would not survive.

    Parameters
    ----------
    device : Device
    protocol : Protocol

    Raises
    ------
    InputError
        In both cases.
    """
    if protocol.unit != "V":
        raise InputError(f"protocol unit = {protocol.unit!r}: switching is driven by a voltage; use V")
    peak = max(map(abs, protocol.values))
    if peak > device.breakdown_voltage:
        most = shown(device.breakdown_voltage, "V")
        raise InputError(f"voltage = {shown(peak, 'V')}: above breakdown_voltage = {most} of {device.name}; lower it")


def warm(device: Device) -> Device:
    """Give the device as it is at its own temperature.

    Parameters
    ----------
    device : Device

    Returns
    -------
    Device

    Raises
    ------
    InputError
        If that is 0 K: nothing would switch by chance.
    """
    if device.temperature == 0.0:
        raise InputError("temperature = 0 K: nothing switches by chance; give a device with a temperature above 0 K")
    return at(device, device.temperature)
