"""How wide layers answer to the heat that a pillar sends into them, as a Foster network.

A plate without end carries the heat of a disc (radius a, even flow) to all sides. Its temperature is a sum of waves
J0(k r), and for each of them the sideways flow is a leak kappa k^2 per volume: the equation across the layers stays one
in z. With Z_k the response per area of the surface to such a wave, the mean temperature under the disc is ::

    Z = int_0^inf (dk k / 2 pi) (2 J1(k a) / (k a))^2 Z_k

Every Z_k is a Foster network, hence Z is one. Its thousands of poles are gathered in narrow bins of log(tau) that keep
their resistance and their mean time.

References: Carslaw and Jaeger, Conduction of Heat in Solids (1959) (discs, Hankel transform).
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy import special

from spinneuron.thermal_stack.cells import cut, decay
from spinneuron.thermal_stack.layers import Layer

# Waves and bins of time per decade.
_WAVES, _BINS = 24, 16


def surface_poles(layers: Sequence[Layer], area: float, end: float, count: int) -> tuple[float, np.ndarray, np.ndarray]:
    """Compute the Foster network of wide layers, as a disc on their surface sees them.

    Parameters
    ----------
    layers : sequence of Layer
        From the disc outwards.
    area : float [m^2]
        Of the disc.
    end : float [K/W]
        Beyond the last layer: 0 is a sink, ``math.inf`` insulates; else the half space that has this resistance to a
        disc of this area (``1 / (2 kappa d)``), without its heat capacity.
    count : int
        Cells of each layer.

    Returns
    -------
    tuple
        Resistance in series [K/W] (half of the first cell), resistances (pole,) [K/W] and times (pole,) [s].
    """
    radius = math.sqrt(area / math.pi)
    chain = cut(layers, 1.0, count)
    conductivity = np.array([layer.conductivity for layer in layers])[chain.layer]
    thickness = chain.volumes.sum()
    # The plate's heat fades over a length of about this, or over its thickness.
    fading = math.sqrt((conductivity * chain.volumes).sum() * chain.series.sum()) + thickness
    low, high = math.log(1e-3 / (fading + radius)), math.log(60.0 / radius)
    waves, step = np.linspace(low, high, math.ceil((high - low) / math.log(10.0) * _WAVES), retstep=True)
    waves = np.exp(waves)

    inner = np.sqrt(1.0 / chain.series[1:-1])
    between = np.diag(np.append(inner, 0.0)) - np.diag(inner, 1)
    resistances, times = [], []
    for k in waves:
        # Of the half space, per area: exp(-k z) below the surface gives 1 / (kappa k).
        beyond = end if end in (0.0, math.inf) else 4.0 * radius * end / k
        between[-1, -1] = math.sqrt(1.0 / (chain.series[-1] + beyond))
        sideways = np.diag(np.sqrt(chain.leaks + chain.volumes * conductivity * k * k))
        rates, shapes = decay(np.vstack([between, sideways]), chain.capacities)
        share = k * k * step / (2.0 * math.pi) * (2.0 * special.j1(k * radius) / (k * radius)) ** 2
        resistances.append(share * shapes[0] ** 2 / rates)
        times.append(1.0 / rates)
    return chain.series[0] / area, *_gathered(np.concatenate(resistances), np.concatenate(times))


def _gathered(resistances: np.ndarray, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gather poles in bins of log(tau)."""
    bins = np.floor(np.log10(times) * _BINS).astype(int)
    bins -= bins.min()
    total, energy = np.bincount(bins, resistances), np.bincount(bins, resistances * times)
    kept = total > 1e-12 * total.sum()
    return total[kept], energy[kept] / total[kept]
