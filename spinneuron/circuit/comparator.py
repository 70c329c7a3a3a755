"""Divider and comparator of a binary neuron: eqs. (1) and (2) of the paper.

    V_out = R_MTJ / (R_MTJ + R_ref) V_read                                          (1)
    R_P / (R_P + R_ref) V_read  <  V_thr  <  R_AP / (R_AP + R_ref) V_read           (2)

V_out grows with R_MTJ, so that a comparator level V_thr is a resistance R_c = R_ref V_thr / (V_read - V_thr): (2) says
R_P < R_c < R_AP.

The window R_ref (R_AP - R_P) / ((R_P + R_ref)(R_AP + R_ref)) V_read is widest at R_ref = sqrt(R_P R_AP), where its
middle is V_read / 2. Source: intrinsic-plasticity network paper (IPNet), Methods, eqs. (1), (2).
"""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from scipy.optimize import brentq

from spinneuron.device import Device
from spinneuron.physics.transport import divider
from spinneuron.quantity import InputError, format, positive, shown


class Window(NamedTuple):
    """Levels between which the comparator tells P from AP, eq. (2).

    Attributes
    ----------
    low, high : float [V]
        Outputs of the divider in the parallel and the antiparallel state.
    width, middle : float [V]
        A width of zero or below means that no level works.
    """

    low: float
    high: float
    width: float
    middle: float


@dataclass(frozen=True)
class ReadStage:
    """Junction, reference resistor and read voltage: all that eqs. (1) and (2) need.

    Parameters
    ----------
    parallel, antiparallel : float [ohm]
        Of the junction, at its own voltage.
    reference : float [ohm]
    read_voltage : float [V]
        Across junction and reference.
    """

    parallel: float
    antiparallel: float
    reference: float
    read_voltage: float

    @classmethod
    def of(cls, device: Device, reference_resistance: float | None = None, read_voltage: float = 0.05) -> Self:
        """Read the stage off a device.

        Where the device has a `tmr_voltage`, the antiparallel resistance is the one at the voltage that the divider
        leaves to the junction.

        Parameters
        ----------
        device : Device
        reference_resistance : float [ohm], optional
            By default `best_reference`.
        read_voltage : float [V]

        Returns
        -------
        ReadStage

        Raises
        ------
        InputError
            If a number is not positive, or the read voltage is not below the breakdown voltage.
        """
        limit = device.breakdown_voltage
        if positive("read_voltage", read_voltage, "V") >= limit:
            raise InputError(
                f"read_voltage = {format(read_voltage, 'V')}: must be below the breakdown voltage of "
                f"{shown(device.name)}, {format(limit, 'V')}"
            )
        best = best_reference(device)
        given = best if reference_resistance is None else reference_resistance
        reference = positive("reference_resistance", given, "ohm")
        antiparallel = device.resistance_antiparallel
        if device.tmr_voltage is not None:
            # What the divider gives falls with the voltage that the junction is said to have: one crossing.
            across = brentq(
                lambda v: divider(device.resistance(-1.0, v), reference, read_voltage) - v, 0.0, read_voltage
            )
            antiparallel = device.resistance(-1.0, across)
        return cls(device.resistance_parallel, float(antiparallel), reference, float(read_voltage))

    @property
    def window(self) -> Window:
        """Comparator window of eq. (2)."""
        low, high = self.level_of(self.parallel), self.level_of(self.antiparallel)
        return Window(low, high, high - low, 0.5 * (low + high))

    def level_of(self, resistance: Any) -> Any:
        """Compute the divider's output, eq. (1).

        Parameters
        ----------
        resistance : float or array [ohm]
            Of the junction.

        Returns
        -------
        float or array
            [V].
        """
        return divider(resistance, self.reference, self.read_voltage)

    def resistance_at(self, level: Any) -> Any:
        """Compute the resistance whose output is a comparator level: the inverse of eq. (1).

        Parameters
        ----------
        level : float or array [V]
            Between 0 and the read voltage.

        Returns
        -------
        float or array
            [ohm].
        """
        return self.reference * level / (self.read_voltage - level)


def best_reference(device: Device) -> float:
    """Compute the reference resistance with the widest comparator window, ``sqrt(R_P R_AP)``, at low voltage.

    The derivative of ``R_ref (R_AP - R_P) / ((R_P + R_ref)(R_AP + R_ref))`` is zero where R_ref^2 = R_P R_AP. There the
    window is ``V_read (s - 1) / (s + 1)``, s = sqrt(1 + TMR), around V_read / 2.

    Parameters
    ----------
    device : Device

    Returns
    -------
    float
        [ohm].
    """
    return math.sqrt(device.resistance_parallel * device.resistance_antiparallel)


def comparator_window(device: Device, reference_resistance: float, read_voltage: float) -> Window:
    """Compute the levels between which a comparator tells P from AP, eq. (2).

    Parameters
    ----------
    device : Device
    reference_resistance : float [ohm]
    read_voltage : float [V]

    Returns
    -------
    Window

    Raises
    ------
    InputError
        If a number is not positive, or the read voltage is not below the breakdown voltage.

    Examples
    --------
    >>> window = comparator_window(Device.preset("orthogonal"), 4000.0, 0.1)
    >>> round(window.low, 4), round(window.high, 4)
    (0.0414, 0.0586)
    """
    return ReadStage.of(device, reference_resistance, read_voltage).window
