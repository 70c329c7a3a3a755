"""Which density a device takes: cells of m_z where it is axial, harmonics on the sphere where it is not."""

from __future__ import annotations

from collections.abc import Callable

from spinneuron.device import Device
from spinneuron.dynamics.fokker_planck.axial import Axial
from spinneuron.quantity import InputError
from spinneuron.switching.density import TOLERANCE, Density
from spinneuron.switching.sphere import SphereDensity


def axial(device: Device) -> bool:
    """Whether a device is round with all its directions along z.

    Parameters
    ----------
    device : Device

    Returns
    -------
    bool
    """
    try:
        Axial.of(device, device.size)
    except InputError:
        return False
    return True


def density_of(
    device: Device,
    trials: int = 1_000_000,
    *,
    tolerance: float = TOLERANCE,
    progress: Callable[[float], None] | None = None,
) -> Density | SphereDensity:
    """Make the engine of the model "fokker-planck" for a device.

    Parameters
    ----------
    device : Device
    trials : int
        Number of trials that a probability is said to stand for.
    tolerance : float [1]
        Relative error of the probability and of its complement.
    progress : callable, optional
        Called with the simulated time [s] of waveforms since its last call.

    Returns
    -------
    Density or SphereDensity

    Raises
    ------
    InputError
        If the device has no parallel state, is at 0 K, or needs too many harmonics.
    """
    engine = Density if axial(device) else SphereDensity
    return engine(device, trials, tolerance=tolerance, progress=progress)
