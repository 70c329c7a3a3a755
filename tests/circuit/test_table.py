"""Table and dataset: every published number, and which rows give it."""

import numpy as np
import pytest
import xarray as xr

from spinneuron import dataset_file
from spinneuron.circuit import Circuit, Spread, circuit_dataset, circuit_table, read_errors
from spinneuron.device import Device
from spinneuron.quantity import InputError, format
from spinneuron.summary import tables

DEVICE = Device.preset("orthogonal").replace(
    name="sensitive", width=200e-9, length=200e-9, thickness=1.7e-9, resistance_area=7.2257e-12, tmr=410 / 230 - 1,
    breakdown_voltage=1.2, pinned=(0, 0, 1), geometry="elliptic-cylinder",
)  # fmt: skip
SMALL = DEVICE.replace(name="small", width=100e-9, length=100e-9)


def rows_of(circuit, group, name=""):
    return [row for row in circuit_table(circuit) if row.group == group and row.name.startswith(name)]


def test_which_rows_reach_the_published_numbers():
    circuit = Circuit.of(DEVICE)
    shown = [format(row.value, "J", 4) for row in rows_of(circuit, "sensitive junction")]
    assert shown == ["450.2 pJ", "448.6 pJ", "357 pJ", "265.4 pJ", "473 pJ", "485.7 pJ"]
    needed = rows_of(circuit, "reference junction")
    assert [format(row.value, row.unit, 4) for row in needed] == [
        "112.5 pJ", "1.327 kohm", "1.263 kohm", "83.27 nm", "85.36 nm"
    ]  # fmt: skip
    neuron = rows_of(circuit, "differential neuron", "energy")
    assert [format(row.value, "J", 4) for row in neuron] == ["562.7 pJ", "532.2 pJ", "600.8 pJ"]
    network = rows_of(circuit, "network")
    assert [format(row.value, row.unit, 4) for row in network[:4]] == ["87.49 uJ", "82.05 uJ", "348 uJ", "1.392 mJ"]
    # The ratios as printed, to their last digit.
    assert [round(row.value) for row in network[4:6]] == [row.published for row in network[4:6]] == [2414, 2874]
    assert network[6].value == pytest.approx(network[6].published, abs=5.0)
    areas = rows_of(circuit, "area", "area")
    assert [round(row.value * 1e12, 4) for row in areas] == [1.5053, 0.0314]


def test_a_reference_device_takes_the_place_of_the_scaled_one():
    given, scaled = rows_of(Circuit.of(DEVICE, SMALL), "reference junction", "energy")
    assert given.assumption == "small: 920 ohm"
    assert given.value == pytest.approx(scaled.value, rel=1e-12)
    larger = Circuit.of(DEVICE, SMALL.replace(resistance_area=1e-11))
    assert rows_of(larger, "differential neuron")[0].value < rows_of(Circuit.of(DEVICE), "differential neuron")[0].value


def test_bias_adds_a_row():
    biased = rows_of(Circuit.of(DEVICE.replace(tmr_voltage=0.5)), "sensitive junction")
    plain = rows_of(Circuit.of(DEVICE), "sensitive junction")
    assert len(biased) == len(plain) + 1 and biased[:-1] == plain
    # Less resistance in the switched part.
    assert plain[0].value < biased[-1].value < plain[4].value and "0.5 V" in biased[-1].assumption


def test_dataset_holds_table_and_curves(tmp_path):
    circuit = Circuit.of(DEVICE, SMALL, spread=Spread(0.08, "lognormal", offset=0.5e-3), read_voltage=0.1)
    made = circuit_dataset(circuit)
    dataset_file.save(made, tmp_path / "a.nc")
    xr.testing.assert_identical(dataset_file.load(tmp_path / "a.nc"), made)
    rows = circuit_table(circuit)
    np.testing.assert_array_equal(made["value"], [row.value for row in rows])
    assert made["name"].values.tolist() == [row.name for row in rows]
    assert np.isnan(made["published"].values).tolist() == [row.published is None for row in rows]
    at = 40
    R = float(made["reference_resistance"][at])
    one = made.isel(reference_resistance=at)
    assert float(one["output"].sel(state="parallel")) == pytest.approx(0.1 * 230 / (230 + R), rel=1e-5)
    assert (one["output_low"] < one["output"]).all() and (one["output"] < one["output_high"]).all()
    # No level is better than the best one, and without spread or offset every junction works.
    assert (made["best_yield"] >= made["read_yield"] - 1e-12).all()
    exact = circuit_dataset(Circuit.of(DEVICE, spread=Spread(0.0)))
    assert (exact["read_yield"].isel(spread=0) == 1.0).all()
    where = 30
    spread = Spread(float(made["spread"][where]), "lognormal", True, 0.5e-3)
    assert float(made["read_yield"].sel(correlation="common")[where]) == pytest.approx(
        read_errors(circuit.stage, spread, circuit.level).read_yield, rel=1e-12
    )


def test_wide_spreads_have_a_smaller_corner():
    assert circuit_dataset(Circuit.of(DEVICE, spread=Spread(0.33333))).attrs["corner"] == 3.0
    assert Spread(1.0 / 3.0).factor(-3.0) == 0.0
    assert circuit_dataset(Circuit.of(DEVICE, spread=Spread(1.0 / 3.0))).attrs["corner"] == 1.0


def test_summary_shows_published_numbers_beside():
    (table,) = tables(circuit_dataset(Circuit.of(DEVICE)))
    text = str(table)
    assert "450.2 pJ      450 pJ     rectangular; 19.72 % of the cycles switch at mid-pulse" in text
    assert "1.505 um^2" in text and "ppm" in text and "nan" not in text


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: Circuit.of(SMALL, DEVICE), 'reference = "sensitive": has 230 ohm against 920 ohm; the refer'),
        (lambda: Circuit.of(DEVICE, voltage=1.2), "voltage = 1.2 V: must be below the breakdown voltage of"),
        (lambda: Circuit.of(DEVICE, SMALL.replace(breakdown_voltage=0.7)), "voltage = 800 mV: must be below the break"),
        (lambda: Circuit.of(DEVICE, read_voltage=1.3), "read_voltage = 1.3 V: must be below"),
        (lambda: Circuit.of(DEVICE, level=0.04), "level = 40 mV: must lie between the outputs of P and AP, 21.41 mV"),
        (lambda: Circuit.of(DEVICE.replace(tmr=0.0)), "tmr = 0: "),
    ],
)
def test_mistakes(act, said):
    with pytest.raises(InputError) as raised:
        act()
    assert str(raised.value).startswith(said) and "\n" not in str(raised.value)
