"""Random devices and directions: for the property tests, and for tests of many at once."""

import numpy as np
from hypothesis import strategies as st

from spinneuron.device import Device
from spinneuron.geometry import GEOMETRIES


def number(low, high):
    """A finite float between two bounds."""
    return st.floats(low, high, allow_nan=False, allow_infinity=False)


@st.composite
def directions(draw):
    """A unit vector, poles and equator included."""
    z, angle = draw(number(-1.0, 1.0)), draw(number(-np.pi, np.pi))
    s = np.sqrt(1.0 - z * z)
    m = np.array([s * np.cos(angle), s * np.sin(angle), z])
    return m / np.linalg.norm(m)


@st.composite
def devices(draw):
    """A junction with all its terms."""
    shape = draw(st.sampled_from(sorted(GEOMETRIES)))
    return _junction(shape, lambda low, high: draw(number(low, high)), lambda: draw(directions()))


@st.composite
def quartic_devices(draw):
    """Such a junction with an anisotropy of fourth order."""
    Ku2 = draw(number(1e2, 5e5)) * draw(st.sampled_from([-1.0, 1.0]))
    return draw(devices()).replace(Ku2=Ku2)


def random_device(rng):
    """One such junction from a NumPy generator."""

    def direction():
        v = rng.normal(size=3)
        return v / np.linalg.norm(v)

    return _junction(str(rng.choice(sorted(GEOMETRIES))), rng.uniform, direction)


def _junction(shape, uniform, direction):
    """Tilted axis, applied field, asymmetric and field-like torque, within what devices are made of."""
    return Device(
        name="random",
        geometry=shape,
        width=uniform(5e-9, 60e-9),
        length=uniform(5e-9, 60e-9),
        thickness=uniform(1e-9, 60e-9),
        Ms=uniform(3e5, 1.5e6),
        alpha=uniform(1e-3, 0.5),
        Ku=uniform(-5e5, 5e5),
        easy_axis=tuple(direction().tolist()),
        applied_field=tuple((uniform(0.0, 3e5) * direction()).tolist()),
        resistance_area=1e-12,
        tmr=uniform(0.0, 2.0),
        P=uniform(0.1, 1.0),
        Lambda=uniform(1.0, 2.0),
        eps_prime=uniform(-0.5, 0.5),
        pinned=tuple(direction().tolist()),
        breakdown_voltage=1.0,
    )
