"""What no trial would ever show: retention at rest and under a read voltage, and write errors down to 1e-14.

Eigenvalues of the Fokker-Planck equation and its solution in time, on the plasticity preset.
"""

import numpy as np

from spinneuron import Device, switching_rates, write_error

device = Device.preset("plasticity")
rates = switching_rates(device, [0.0, 0.2, 0.4], temperature=358.0)
for volts, rate in zip(rates.voltage.values, rates.rate.sel(state="parallel").values, strict=True):
    print(f"{volts:.1f} V at 358 K: out of the parallel state after {1.0 / rate:.2e} s on average")

widths = np.array([25, 50, 75, 100]) * 1e-9
errors = write_error(device, [1.1], widths)
for width, one in zip(1e9 * widths, errors.write_error.values[0], strict=True):
    print(f"1.1 V for {width:3.0f} ns: write error {one:.2e}")

assert f"{float(errors.write_error[0, -1]):.1e}" == "6.0e-14"
