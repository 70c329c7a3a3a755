"""Write errors: the probability that a pulse leaves a junction as it was, against the width of the pulse.

They are small where the pulse is long and strong, far below what trials can count: a density has them to as many digits
as any other probability, because nothing is subtracted to get them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from spinneuron.device import Device
from spinneuron.protocols import Cycle
from spinneuron.quantity import InputError, positive
from spinneuron.switching.curves import History, duration, made_by, through
from spinneuron.switching.densities import density_of
from spinneuron.switching.density import TOLERANCE
from spinneuron.switching.state import refuse_voltage
from spinneuron.units import format as shown

KIND = "spinneuron-write-error"


def write_error(
    device: Device,
    voltages: ArrayLike,
    widths: ArrayLike,
    *,
    cycle: Cycle | None = None,
    before: History = (),
    tolerance: float = TOLERANCE,
    progress: Callable[[float], None] | None = None,
) -> xr.Dataset:
    """Compute write errors of set pulses.

    Parameters
    ----------
    device : Device
        With the easy axis along the pinned layer.
    voltages : array_like [V]
        Amplitudes of the pulses, of the sign that switches.
    widths : array_like [s]
        Of their plateaus, increasing.
    cycle : Cycle, optional
        Its edges are those of the pulses; the published 20 ns by default.
    before : sequence of Protocol or float
        What the junction went through before each pulse: waveforms, idle times [s].
    tolerance : float [1]
        Relative error of the write error and of its complement.
    progress : callable, optional
        Called with the fraction of the work done since its last call.

    Returns
    -------
    xarray.Dataset
        Over ``voltage`` [V] and ``width`` [s]: ``write_error`` and ``probability`` [1], not switched and switched at
        the end of the pulse, their relative numerical ``error`` [1], and ``rise`` [K]. The attributes hold what made
        it.

    Raises
    ------
    InputError
        If widths do not increase, a voltage is above breakdown, or the engine does not take the device.

    References
    ----------
    W. H. Butler et al., IEEE Trans. Magn. 48, 4684 (2012).

    Examples
    --------
    >>> from spinneuron import Device
    >>> found = write_error(Device.preset("plasticity"), [1.1], [50e-9, 100e-9])
    >>> [f"{float(one):.2g}" for one in found.write_error[0]]
    ['3.4e-07', '6e-14']
    """
    cycle, started = cycle or Cycle(), time.perf_counter()
    volts, long = np.atleast_1d(np.asarray(voltages, dtype=float)), np.atleast_1d(np.asarray(widths, dtype=float))
    for width in long:
        positive("width", float(width), "s")
    if not (np.diff(long) > 0.0).all():
        raise InputError(f"width = {', '.join(shown(float(one), 's') for one in long)}: must increase; sort them")
    pulses = [replace(cycle, width=float(width)).probe(float(V)) for V in volts for width in long]
    for pulse in pulses:
        refuse_voltage(device, pulse)
    work = duration(before, 0, cycle) + sum(pulse.duration for pulse in pulses)
    told = (lambda seconds: progress(seconds / work)) if progress else None
    engine = density_of(device, progress=told, tolerance=tolerance)
    state = engine.parallel_only(through(engine, before, engine.rest()))
    ends = engine.run_all([state] * len(pulses), pulses, 1)
    shape, dims = (len(volts), len(long)), ("voltage", "width")
    found = np.array([engine.probabilities(end) for end in ends]).reshape(*shape, 3)
    rise = np.array([engine.rise(end) for end in ends]).reshape(shape)
    dataset = xr.Dataset(
        {
            "write_error": (dims, found[..., 1], {"units": "1", "long_name": "write error"}),
            "probability": (dims, found[..., 0], {"units": "1", "long_name": "switching probability"}),
            "error": (dims, found[..., 2], {"units": "1", "long_name": "relative numerical error of both"}),
            "rise": (dims, rise, {"units": "K", "long_name": "mean temperature rise at the end of the pulse"}),
        },
        {
            "voltage": ("voltage", volts, {"units": "V", "long_name": "voltage"}),
            "width": ("width", long, {"units": "s", "long_name": "pulse width"}),
        },
    )
    made = made_by(device, cycle, "fokker-planck", engine.trials, 0, time.perf_counter() - started)
    return dataset.assign_attrs(made | {"kind": KIND, "tolerance": tolerance})
