"""Specifications of a sweep: chunks that cover the grid, a fingerprint that tells sweeps apart, and what is refused."""

import json

import numpy as np
import pytest

from spinneuron.device import Device
from spinneuron.physics.temperature import at
from spinneuron.quantity import InputError
from spinneuron.window import spec as module
from spinneuron.window.spec import Criteria, Drive, Spec

DEVICE = Device.preset("orthogonal")
GRID = {"width": (8e-9, 10e-9), "length": (40e-9, 45e-9, 50e-9), "thickness": (30e-9, 50e-9)}


def spec(**options):
    return Spec(DEVICE, **(GRID | options))


def test_chunks_cover_the_grid_in_order(monkeypatch):
    monkeypatch.setattr(module, "LANES_PER_CHUNK", 5)
    grid = spec()
    assert grid.shape == (2, 3, 2)
    assert (grid.pillars, grid.pillars_per_chunk, grid.chunks) == (12, 5, 3)
    flat = np.concatenate([grid.dimensions(chunk) for chunk in range(grid.chunks)], axis=1)
    expected = np.stack([axis.ravel() for axis in np.meshgrid(*GRID.values(), indexing="ij")])
    np.testing.assert_array_equal(flat, expected)


def test_chunks_hold_all_trials_of_whole_pillars():
    assert spec(trials=4096, temperature=300.0).pillars_per_chunk == 1
    assert spec(trials=10**6, temperature=300.0).pillars_per_chunk == 1
    assert spec(trials=1000, temperature=300.0).pillars_per_chunk == 4


def test_waveform_is_settle_pulse_relax():
    drive = Drive(amplitude=-2.0, unit="V", width=1e-9, edge=1e-10, relax=2e-9, settle=0.5e-9, interval=1e-11)
    protocol = drive.protocol()
    assert protocol.unit == "V"
    np.testing.assert_allclose(protocol.times, np.array([0.0, 0.5, 0.6, 1.6, 1.7, 3.7]) * 1e-9, rtol=1e-12)
    assert protocol.values == (0.0, 0.0, -2.0, -2.0, 0.0, 0.0)
    course = drive.course()
    assert (course.interval, course.samples) == (1e-11, 370)
    assert course.corners == protocol.times


def test_fingerprint_tells_every_option_apart():
    base = spec()
    others = [
        spec(width=(8e-9,)),
        spec(drive=Drive(amplitude=2e12)),
        spec(criteria=Criteria(threshold=0.3)),
        spec(temperature=300.0),
        spec(temperature=300.0, trials=2),
        spec(tolerance=0.05),
        spec(seed=1),
        Spec(DEVICE.replace(Ms=7e5), **GRID),
    ]
    assert len({one.fingerprint for one in (base, *others)}) == 9
    assert spec().fingerprint == base.fingerprint


def test_numpy_numbers_are_plain_numbers():
    grid = {name: np.array(values) for name, values in GRID.items()}
    given = Spec(
        DEVICE, **grid, trials=np.int64(4), temperature=np.float32(300.0), seed=np.uint8(3), tolerance=np.float64(0.0)
    )
    plain = spec(trials=4, temperature=300.0, seed=3)
    assert given == plain
    assert given.fingerprint == plain.fingerprint == spec(trials=4.0, temperature=300, seed=3).fingerprint
    data = json.loads(given.to_json())
    assert data["width"] == [8e-9, 10e-9]
    assert Device(**data["device"]) == DEVICE


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": (10e-9, 8e-9)}, "width: the grid must increase from point to point"),
        ({"length": ()}, "length: the grid must hold positive, finite lengths"),
        ({"length": (0.0, 1e-9)}, "length: the grid must hold positive, finite lengths"),
        ({"thickness": (float("nan"),)}, "thickness: the grid must hold positive, finite lengths"),
        ({"trials": 0}, "trials = 0: must be at least 1"),
        ({"trials": 2}, "trials = 2: all the same at 0 K; use 1 trial, a temperature or a tolerance"),
        ({"temperature": -1.0}, "temperature = -1 K: must not be negative"),
        ({"seed": -1}, "seed = -1: must be at least 0"),
        ({"tolerance": 0.3}, "tolerance = 0.3: must lie between 0 and 20 %"),
        ({"tolerance": "5%"}, 'tolerance = "5%": a number is needed'),
    ],
    ids=str,
)
def test_bad_specifications_are_refused(options, message):
    with pytest.raises(InputError) as caught:
        spec(**options)
    assert str(caught.value) == message


def test_grids_without_end_are_refused():
    many = tuple(np.linspace(1e-9, 9e-9, 300).tolist())
    with pytest.raises(InputError) as caught:
        spec(width=many, length=many, thickness=many)
    assert str(caught.value) == "grid of 27000000 pillars: more than 20000000; use fewer points"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"amplitude": 0.0},
            "drive amplitude = 0: nothing would happen; give a current density, a current or a voltage",
        ),
        ({"amplitude": float("inf")}, "drive amplitude = inf: a finite number is needed"),
        ({"unit": "mA"}, "pulse unit = 'mA': use one of V, A, A/m^2"),
        ({"settle": -1e-9}, "settle = -1 ns: must not be negative"),
        ({"interval": 2e-10}, "interval = 2e-10 s: must be at most a tenth of the pulse and of the relaxation"),
        ({"relax": float("nan")}, "relax = nan: a finite number is needed"),
    ],
    ids=str,
)
def test_bad_drives_are_refused(options, message):
    with pytest.raises(InputError) as caught:
        Drive(**options)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threshold": 1.0}, "threshold = 1.0: must lie between 0 and 1"),
        ({"residual": 0.4}, "residual = 0.4: must be below the threshold, 0.25"),
        ({"residual": 0.0}, "residual = 0: must lie above 0 and not above 1"),
    ],
    ids=str,
)
def test_bad_criteria_are_refused(options, message):
    with pytest.raises(InputError) as caught:
        Criteria(**options)
    assert str(caught.value) == message


def test_heat_is_refused():
    """A heat path depends on the size of the pillar; a voltage would have to renew the TMR of every pillar."""
    hot = DEVICE.replace(thermal_resistances=(1e5,), thermal_times=(1e-9,))
    with pytest.raises(InputError) as caught:
        Spec(hot, **GRID)
    assert str(caught.value) == (
        "thermal_resistances of orthogonal: a sweep follows no heat, as a heat path depends on the size; use a device "
        "with thermal_resistances = []"
    )
    steep = DEVICE.replace(tmr_voltage=0.5)
    with pytest.raises(InputError) as caught:
        Spec(steep, **GRID, drive=Drive(1.0, "V"))
    assert str(caught.value) == (
        "tmr_voltage of orthogonal: a sweep by voltage takes a constant tmr; leave it out, or drive by a current"
    )
    assert Spec(steep, **GRID).junction == at(steep, 0.0)
    with pytest.raises(InputError, match="^temperature = 890 K: orthogonal is described up to 882 K"):
        Spec(DEVICE.replace(curie_temperature=900.0), **GRID, temperature=890.0)
