"""Where the linear term of fig. S1 comes from: the shift after one pulse, with one ingredient of the physics left out.

The heat of a pulse is V^2 / R times its length. A junction that stays parallel would give a shift that goes with V^2
alone. It does not stay: the higher the voltage, the sooner it switches and the longer it is antiparallel, where R is
larger by the TMR that is left at that voltage; so the heat rises more slowly. And the reset brings heat of its own,
whatever the set pulse was.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr

from spinneuron.calibration.observations import Observation
from spinneuron.calibration.prediction import Prediction
from spinneuron.device import Device
from spinneuron.plasticity.plan import PROBE
from spinneuron.plasticity.published import S1_RANGE
from spinneuron.protocols import Cycle
from spinneuron.switching.curves import made_by

KIND = "spinneuron-ingredients"

VARIANTS: dict[str, tuple[str, Callable[[Device], Device]]] = {
    "all": ("all ingredients", lambda device: device),
    "state": ("R as if always parallel (TMR = 0)", lambda device: device.replace(tmr=0.0)),
    "roll-off": ("TMR does not fall with voltage", lambda device: device.replace(tmr_voltage=None)),
    "magnet": ("Ms and Ku do not fall with temperature", lambda device: device.replace(curie_temperature=None)),
}
"""Name -> what is left out, and how."""
SUBTRACTED = {"reset": ("all", "heat of the reset subtracted"), "pulse": ("state", "TMR = 0, and the reset subtracted")}
"""Name -> of which variant the shift by the reset alone is subtracted, and what that leaves out."""


def ingredients(device: Device, cycle: Cycle | None = None) -> xr.Dataset:
    """Compute fig. S1 with one ingredient after the other left out.

    Parameters
    ----------
    device : Device
        An axial one.
    cycle : Cycle, optional

    Returns
    -------
    xarray.Dataset
        Kind "spinneuron-ingredients": ``shift`` (variant, amplitude) [V]; ``heat_v2`` [1/V] and ``heat_v1`` [1] of
        least squares; ``exponent`` (variant), the slope of log shift against log V at 0.85 V; ``reset_shift`` (variant)
        [V], what the reset alone leaves.

    Raises
    ------
    InputError
        If the engine does not take the device.
    """
    cycle, volts = cycle or Cycle(), np.round(np.linspace(*S1_RANGE, 9), 4)
    # The last pulse has no amplitude to speak of: the reset alone.
    histories = [(cycle.pump(float(V)),) for V in (*volts, 1e-9)]
    asked = [Observation(voltage=PROBE, history=one, shift=0.0, uncertainty=1.0) for one in histories]
    found = np.array([Prediction(cycle)(change(device), asked) for _, change in VARIANTS.values()])
    shift, reset = found[:, :-1], found[:, -1]
    less = [list(VARIANTS).index(name) for name, _ in SUBTRACTED.values()]
    shift, reset = np.vstack([shift, shift[less] - reset[less, None]]), np.append(reset, np.zeros(len(less)))
    laws = np.linalg.lstsq(np.column_stack([volts**2, volts]), shift.T, rcond=None)[0]
    exponents = [np.polyfit(np.log(volts / 0.85), np.log(one), 2)[1] for one in shift]
    said = [*(said for said, _ in VARIANTS.values()), *(said for _, said in SUBTRACTED.values())]
    return xr.Dataset(
        {
            "shift": (("variant", "amplitude"), shift, {"units": "V", "long_name": "shift of the midpoint"}),
            "heat_v2": ("variant", laws[0], {"units": "1/V", "long_name": "quadratic term"}),
            "heat_v1": ("variant", laws[1], {"units": "1", "long_name": "linear term"}),
            "exponent": ("variant", np.array(exponents), {"units": "1", "long_name": "local exponent at 0.85 V"}),
            "reset_shift": ("variant", reset, {"units": "V", "long_name": "shift by the reset alone"}),
            "left_out": ("variant", np.array(said)),
        },
        {"variant": [*VARIANTS, *SUBTRACTED], "amplitude": ("amplitude", volts, {"units": "V"})},
        made_by(device, cycle, "fokker-planck", 0, 0, 0.0) | {"kind": KIND},
    )
