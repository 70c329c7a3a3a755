"""Judging a run: does the neuron reach its threshold, and does it relax? And the closed-form rule for the same
question.

The rule (easy-plane average about the short axis, step response of the in-plane angle):

    dm_y/dt = (1 - m_y^2) (gamma' a_J - lambda m_y),   lambda = alpha gamma' Ms dN,   dN = N_W - (N_L + N_T)/2
    regime 0 unless 2 a_J > c Ms |N_L - N_T| and m_peak = m_ss (1 - exp(-lambda t_on)) > threshold
    regime 2 if dN <= 0, or m_peak exp(-lambda t_off) > residual, or the easy axis is not the height;   else regime 1

with m_ss = a_J / (alpha Ms dN); another pinned axis takes the place of y. Twice the in-plane angle is a damped
pendulum (or Josephson junction) under a torque, theta'' + beta theta' = tau - sin theta with tau = 2 a_J / (Ms |N_L -
N_T|) and beta = alpha sqrt(dN / |N_L - N_T|): a step from rest turns it over where tau > c(beta), from 0.725 without
damping to 1 beyond beta = 0.9, where it also is for a slow ramp.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinneuron.constants import gamma0
from spinneuron.geometry import Size
from spinneuron.physics.fields import Fields, tensor
from spinneuron.physics.torques import Torques, slonczewski_amplitudes
from spinneuron.physics.transport import Transport
from spinneuron.quantity import InputError
from spinneuron.simulation import rest_state
from spinneuron.window.spec import Criteria, Spec

REGIMES = ("below_threshold", "leaky_integrate_and_fire", "cannot_relax")
BELOW, LIF, STUCK = 0, 1, 2
# c(beta) by integrating the pendulum; the reference design has beta = 0.23
_DAMPING = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_ONSET = (
    *(0.72461, 0.75001, 0.77466, 0.79847, 0.82135, 0.84322, 0.86400),
    *(0.90198, 0.93464, 0.96136, 0.98154, 0.99458, 1.0),
)
IN_PLANE_NORMAL = (0.0, 1.0, 0.0)


class Measures(NamedTuple):
    """What is read off the membrane potential of each run, arrays (run,).

    Attributes
    ----------
    peak : numpy.ndarray [1]
        Largest magnitude of u.
    residual : numpy.ndarray [1]
        Magnitude of the mean of u over the last tenth of the relaxation.
    crossing_time : numpy.ndarray [s]
        From the start of the pulse to the first crossing of the threshold; NaN if there is none.
    """

    peak: np.ndarray
    residual: np.ndarray
    crossing_time: np.ndarray


def measure(u, spec: Spec) -> Measures:
    """Read peak, residual and crossing time off membrane potentials.

    Parameters
    ----------
    u : numpy.ndarray [1]
        (samples + 1, run).
    spec : Spec

    Returns
    -------
    Measures
    """
    drive = spec.drive
    times = np.arange(len(u)) * drive.interval
    size = np.abs(u)
    size[times < drive.settle] = 0.0
    last = times > times[-1] - 0.1 * drive.relax
    crossed = size >= spec.criteria.threshold
    after = crossed.argmax(axis=0)
    before = np.maximum(after - 1, 0)
    run = np.arange(u.shape[1])
    low, high = size[before, run], size[after, run]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(high > low, (spec.criteria.threshold - low) / (high - low), 0.0)
    crossing = (before + np.clip(share, 0.0, 1.0) * (after - before)) * drive.interval - drive.settle
    return Measures(size.max(axis=0), np.abs(u[last].mean(axis=0)), np.where(crossed.any(axis=0), crossing, np.nan))


def classify(peak, residual, rests_upright, criteria: Criteria) -> np.ndarray:
    """Regime of each run: 0 below threshold, 1 leaky integrate-and-fire, 2 cannot relax.

    Parameters
    ----------
    peak, residual : array_like [1]
    rests_upright : array_like of bool
        Whether the rest state lies along the height.
    criteria : Criteria

    Returns
    -------
    numpy.ndarray of int8
    """
    fires = np.asarray(peak) >= criteria.threshold
    returns = np.asarray(residual) <= criteria.residual
    if criteria.height_axis:
        returns = returns & np.asarray(rests_upright)
    return np.where(fires, np.where(returns, LIF, STUCK), BELOW).astype(np.int8)


def upright(rest) -> np.ndarray:
    """Whether rest states lie nearer to the height than to any other axis.

    Parameters
    ----------
    rest : numpy.ndarray [1]
        (..., 3).

    Returns
    -------
    numpy.ndarray of bool
    """
    return np.abs(rest).argmax(axis=-1) == 2


def onset(damping):
    """Torque at which a pendulum at rest is turned over by a step, in units of its largest restoring torque.

    Parameters
    ----------
    damping : array_like [1]
        beta of ``theta'' + beta theta' = tau - sin theta``.

    Returns
    -------
    numpy.ndarray [1]
        c(beta), within 1e-3.

    References
    ----------
    D. E. McCumber, J. Appl. Phys. 39, 3113 (1968): the same equation, for a Josephson junction.
    """
    return np.interp(damping, _DAMPING, _ONSET)


def closed_form(spec: Spec, dimensions) -> np.ndarray:
    """Regime by the closed-form rule, without any simulation.

    Parameters
    ----------
    spec : Spec
    dimensions : numpy.ndarray [m]
        (3, pillars).

    Returns
    -------
    numpy.ndarray of int8

    Raises
    ------
    InputError
        If the device has Ku2: its barrier is no pendulum's.
    """
    device, drive, criteria = spec.junction, spec.drive, spec.criteria
    if device.Ku2 != 0.0:
        raise InputError(
            f"Ku2 of {device.name}: the closed-form rule knows the second order alone; simulate the window, or use a "
            "device with Ku2 = 0"
        )
    size = Size.of(device.geometry, *dimensions)
    fields = Fields.of(device, size)
    along, split = _stiffness(tensor(fields), np.asarray(device.pinned))
    J = drive.amplitude * Transport.of(device, size, drive.unit).mean
    a = np.abs(slonczewski_amplitudes(0.0, J, Torques.of(device, size))[0])
    rate = device.alpha * gamma0 / (1.0 + device.alpha**2) * along
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        peak = a / (device.alpha * along) * -np.expm1(-rate * (drive.width + drive.edge))
        residual = np.minimum(peak, 1.0) * np.exp(-rate * drive.relax)
        beta = device.alpha * np.sqrt(along / split)
    residual = np.where(along > 0.0, residual, 1.0)
    turns = 2.0 * a > onset(np.where(along > 0.0, beta, 0.0)) * split
    rest = upright(rest_state(fields, IN_PLANE_NORMAL))
    return classify(np.where(turns, peak, 0.0), residual, rest, criteria)


def _stiffness(S, pinned):
    """Ms dN along the pinned axis p, and Ms |N_1 - N_2| of the two axes normal to it."""
    total = np.trace(S, axis1=-2, axis2=-1)
    along = np.einsum("i,...ij,j->...", pinned, S, pinned)
    rows = [S[..., i, :] for i in range(3)]
    cofactors = np.stack([np.cross(rows[1], rows[2]), np.cross(rows[2], rows[0]), np.cross(rows[0], rows[1])], axis=-2)
    # sum and product of the eigenvalues of S in the plane normal to p
    both, product = total - along, np.einsum("i,...ij,j->...", pinned, cofactors, pinned)
    return along - 0.5 * both, np.sqrt(np.maximum(both**2 - 4.0 * product, 0.0))
