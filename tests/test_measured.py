"""Measured files: what they say is what comes back, and every mistake in them is named with its line."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy.stats import binom, chi2

from spinneuron import dataset_file, measured, neuron_file, summary
from spinneuron.measured import Curves
from spinneuron.quantity import InputError
from spinneuron.statistics import curve_from_counts
from spinneuron.surrogates import Sigmoid
from spinneuron.surrogates.signed_lif import SignedLIF

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "examples" / "data"
TEXT = neuron_file.load("plasticity-text")
CURVES = "voltage [V],switched,trials\n0.7,10,100\n0.8,40,100\n0.9,80,100\n"
SHIFTS = "amplitude [V],delta_x0 [mV]\n0.8,12.2\n0.9,14.5\n"


def written(tmp_path, content, name="a.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def shipped():
    return measured.combined(measured.read_curves(DATA / f"{name}.csv") for name in ("baseline", "heating", "cooling"))


def test_baseline(tmp_path):
    path = written(tmp_path, "# one\n\n#two\n" + CURVES)
    curves = measured.read_curves(path)
    assert curves.heating is None and curves.cooling is None
    wanted = curve_from_counts([0.7, 0.8, 0.9], [10, 40, 80], 100)
    xr.testing.assert_equal(curves.baseline, wanted)
    assert curves.baseline.attrs["kind"] == "spinneuron-switching"
    assert curves.baseline.attrs["comment"] == "one\ntwo" and curves.baseline.attrs["file"] == "a.csv"
    assert len(curves.baseline.attrs["sha256"]) == 64


@pytest.mark.parametrize(
    "content",
    [
        CURVES.encode("utf-8-sig"),
        CURVES.replace("\n", "\r\n"),
        CURVES.replace("\n", "\r"),
        CURVES.replace(",", ";"),
        CURVES.replace(",", "\t"),
        CURVES.replace(",", " , ") + "\n,,\n",
        "trials,voltage [mV],probability [%]\n100,700,10\n100,800,40\n1e2,900,80\n",
        'voltage [uV],"probability [1]",trials\n7e5,0.1,100\n8e5,.4,100\n9e5,0.80,100',
    ],
)
def test_spellings_of_one_curve(content, tmp_path):
    made = measured.read_curves(written(tmp_path, content)).baseline
    xr.testing.assert_equal(made, curve_from_counts([0.7, 0.8, 0.9], [10, 40, 80], 100))


def test_states_of_one_file_over_the_union_of_their_voltages(tmp_path):
    text = """voltage [V],switched,trials,amplitude [V],delay [ns],pulses,hold [ns]
0.80,50,100,0.9,,,
0.70,10,100,,,,
0.80,40,100,,,,
0.75,60,100,0.9,200,5,
0.90,80,100,,,,
0.85,60,200,0.9,,1,
0.75,20,100,0.8,,,
0.80,70,100,0.9,0,5,
"""
    baseline, heating, cooling = measured.read(written(tmp_path, text))
    assert baseline["voltage"].values.tolist() == [0.7, 0.8, 0.9]
    assert heating["amplitude"].values.tolist() == [0.8, 0.9] and heating["amplitude"].attrs["units"] == "V"
    assert heating["voltage"].values.tolist() == [0.75, 0.8, 0.85]
    assert heating["trials"].values.tolist() == [[100, 0, 0], [0, 100, 200]]
    assert heating["switched"].values.tolist() == [[20, 0, 0], [0, 50, 60]]
    assert cooling["delay"].values.tolist() == [0.0, 200e-9]
    assert cooling["trials"].values.tolist() == [[0, 100], [100, 0]]
    assert cooling.attrs["pulses"] == 5 and cooling.attrs["amplitude"] == 0.9 and "hold" not in cooling.attrs


def test_a_long_pulse_before_a_delay(tmp_path):
    text = "voltage [V],switched,trials,delay [us],hold [us]\n0.8,40,100,0,0.5\n0.8,30,100,0.2,0.5\n"
    cooling = measured.read_curves(written(tmp_path, text)).cooling
    assert cooling.attrs["hold"] == 5e-7 and not {"pulses", "amplitude"} & set(cooling.attrs)
    with pytest.raises(InputError, match=r'no amplitude; add the column "amplitude \[V\]"'):
        measured.probability_residuals(TEXT, Curves(cooling=cooling))


def test_shifts(tmp_path):
    text = """delta_x0 [mV],uncertainty [uV],amplitude [V],pulses,delay [ns],duration [ns],sequence
14.5,300,0.9,,,,
6.9,300,900e-3,3,200,,
28.6,400,0.90,,,500,
18.9,400,,,100,,0.85 0 .85 0.850
"""
    made = measured.read(written(tmp_path, text))
    assert made.attrs["kind"] == "spinneuron-shift"
    assert made["delta_x0"].values.tolist() == [14.5e-3, 6.9e-3, 28.6e-3, 18.9e-3]
    assert made["uncertainty"].values.tolist() == [3e-4, 3e-4, 4e-4, 4e-4]
    assert made["pulses"].values.tolist() == [1, 3, 0, 0]
    assert made["delay"].values.tolist() == [0.0, 200e-9, 0.0, 100e-9]
    assert made["sequence"].values.tolist() == ["", "", "", "0.85 0 0.85 0.85"]
    assert made["line"].values.tolist() == [2, 3, 4, 5]
    np.testing.assert_array_equal(made["duration"], [np.nan, np.nan, 500e-9, np.nan])
    made.close()


# What is wrong -> (content, the line it is in or None, what the message says).
MISTAKES = {
    "empty": ("", None, "is empty; give a header"),
    "comments only": ("# a\n# b\n", None, "holds comments only"),
    "binary": (b"\x89PNG\r\n\x1a\n\0\0", None, "binary, or UTF-16"),
    "UTF-16": (CURVES.encode("utf-16"), None, "binary, or UTF-16"),
    "not UTF-8": ("# f\xfcr\n".encode("latin-1") + CURVES.encode(), 1, r"is not UTF-8 \(byte 0xfc\)"),
    "no header": ("0.7,10,100\n0.8,40,100\n", 1, "there is no header"),
    "header only": ("\nvoltage [V],switched,trials\n", 2, "no rows follow; at least 3 are needed"),
    "unknown column": (CURVES.replace("switched", "swiched"), 1, "did you mean 'switched'.*allowed: voltage, switched"),
    "capitals": (CURVES.replace("voltage", "Voltage"), 1, 'column "Voltage": unknown, did you mean \'voltage\''),
    "unknown column of shifts": ("amplitude [V],delta_x0 [mV],n\n", 1, 'column "n": unknown, allowed: delta_x0'),
    "twice": (CURVES.replace("trials", "switched"), 1, "column switched: stands twice"),
    "no trials": ("voltage [V],probability [%]\n0.7,1\n", 1, "column trials is missing; add a column"),
    "no counts": ("voltage [V],trials\n0.7,1\n", 1, 'switched, probability: add "switched"'),
    "both": ("voltage [V],switched,probability [1],trials\n", 1, "say the same; keep one"),
    "no voltage": ("switched,trials\n1,2\n", 1, r'voltage is missing; add "voltage \[V\]"'),
    "neither kind": ("amplitude [V]\n0.8\n", 1, "columns voltage, delta_x0: neither is there"),
    "both kinds": ("voltage [V],delta_x0 [mV]\n", 1, "curves or shifts; give them in two files"),
    "train without delay": ("voltage [V],switched,trials,pulses\n", 1, 'pulses: says what .* add "delay'),
    "no unit": (CURVES.replace(" [V]", ""), 1, r'column "voltage": has no unit; write "voltage \[V\]"'),
    "empty unit": (CURVES.replace("[V]", "[]"), 1, r'has no unit; write "voltage \[V\]"'),
    "wrong unit": (CURVES.replace("[V]", "[ns]"), 1, r'"voltage \[ns\]": a voltage is needed .*not a time'),
    "unknown unit": (CURVES.replace("[V]", "[Vv]"), 1, r'"voltage \[Vv\]": unknown unit "Vv"'),
    "unit of a share": (CURVES.replace("switched", "probability"), 1, r'"probability \[1\]" or "probability \[%\]"'),
    "wrong share": (CURVES.replace("switched", "probability [V]"), 1, "must be in 1 or %"),
    "unit of a count": (CURVES.replace("trials", "trials [V]"), 1, 'a count has no unit; write "trials"'),
    "bracket": (CURVES.replace("[V]", "[V"), 1, "a name and its unit are needed"),
    "word": (CURVES.replace("0.8,", "x,"), 3, 'voltage = "x": a number is needed'),
    "decimal comma": (CURVES.replace(",", ";").replace("0.8", "0,8"), 3, 'voltage = "0,8": a number with a decimal'),
    "unit in a cell": (CURVES.replace("0.8,", "0.8 V,"), 3, 'voltage = "0.8 V": a number is needed, the unit stands'),
    "NaN": (CURVES.replace("0.8,", "NaN,"), 3, 'voltage = "NaN": a finite number is needed'),
    "inf": (CURVES.replace("40,", "-inf,"), 3, 'switched = "-inf": a finite number is needed'),
    "huge": (CURVES.replace("0.8,", "1e999,"), 3, 'voltage = "1e999": the number is beyond'),
    "empty cell": (CURVES.replace("0.8,", ","), 3, "voltage: the cell is empty"),
    "half a trial": (CURVES.replace("40", "40.5"), 3, 'switched = "40.5": a whole number'),
    "no trial": (CURVES.replace("40,100", "0,0"), 3, 'trials = "0": a whole number from 1'),
    "too many": (CURVES.replace("40,100", "40,1e300"), 3, 'trials = "1e300": a whole number from 1'),
    "more than trials": (CURVES.replace("40", "140"), 3, "switched = 140: more than its trials = 100"),
    "negative": (CURVES.replace("0.7,", "-0.7,"), 2, 'voltage = "-0.7": must not be negative'),
    "zero": (CURVES.replace("0.7,", "0,"), 2, 'voltage = "0": must be positive, 0 V is no pulse'),
    "percent as share": (
        "voltage [V],probability [1],trials\n0.7,19.7,100\n", 2,
        r'probability = "19.7": must lie between 0 and 1; percent need the header "probability \[%\]"',
    ),
    "over 100 %": ("voltage [V],probability [%],trials\n0.7,101,100\n", 2, "must lie between 0 and 100 in percent"),
    "negative share": ("voltage [V],probability [1],trials\n0.7,-0.1,100\n", 2, "must lie between 0 and 1"),
    "too few": ("voltage [V],switched,trials\n0.7,1,2\n0.8,1,2\n", 3, "baseline has 2 points, at least 3 are needed"),
    "falls": (CURVES.replace("0.9,", "0.75,"), 4, r"non-monotonic voltage: 750 mV after 800 mV \(line 3\)"),
    "repeats": (CURVES.replace("0.9,", "0.8,"), 4, "non-monotonic voltage: 800 mV after 800 mV"),
    "falls in a state": (
        "voltage [V],switched,trials,amplitude [V]\n0.8,1,9,0.9\n0.8,1,9,0.7\n0.7,1,9,0.9\n", 4,
        r"non-monotonic voltage of amplitude = 900 mV: 700 mV after 800 mV \(line 2\)",
    ),
    "short row": (CURVES.replace("0.8,40,100", "0.8,40"), 3, "has 2 cells, the header 3"),
    "long row": (CURVES.replace("0.8,40,100", "0.8,40,100,"), 3, "has 4 cells, the header 3"),
    "open quotation": (CURVES.replace("0.8,40", '"0.8,40'), 3, "close the quotation marks"),
    "two trains": (
        "voltage [V],switched,trials,delay [ns],pulses\n0.8,1,9,0,5\n0.8,1,9,100,3\n", 3,
        "pulses = 3: is 5 in line 2; one file holds one cooling",
    ),
    "two amplitudes": (
        "voltage [V],switched,trials,delay [ns],amplitude [V]\n0.8,1,9,0,0.9\n0.8,1,9,0,0.8\n", 3,
        "non-monotonic voltage",
    ),
    "two amplitudes at two delays": (
        "voltage [V],switched,trials,delay [ns],amplitude [V]\n0.8,1,9,0,0.9\n0.8,1,9,10,0.8\n", 3,
        "amplitude = 0.8: is 0.9 in line 2",
    ),
    "train and long pulse": (
        "voltage [V],switched,trials,delay [ns],pulses,hold [ns]\n0.8,1,9,0,5,500\n", 2, "a train or one long pulse",
    ),
    "train in heating": (
        "voltage [V],switched,trials,amplitude [V],delay [ns],pulses\n0.8,1,9,0.9,,5\n", 2,
        'pulses = "5": without a delay one usual pulse came before',
    ),
    "negative delay": ("voltage [V],switched,trials,delay [ns]\n0.8,1,9,-1\n", 2, 'delay = "-1": must not be negative'),
    "shifts without rows": ("amplitude [V],delta_x0 [mV]\n", 1, "no rows follow; at least 1 is needed"),
    "shifts without cause": ("delta_x0 [mV]\n1\n", 1, r'amplitude is missing; add "amplitude \[V\]" or "sequence'),
    "shifts without shift": ("uncertainty [mV],amplitude [V]\n1,1\n", 1, "column delta_x0 is missing"),
    "empty amplitude": (SHIFTS.replace("0.9,", ","), 3, "amplitude: the cell is empty; give what came before"),
    "no uncertainty": ("amplitude [V],delta_x0 [mV],uncertainty [mV]\n0.8,1,\n", 2, "uncertainty: the cell is empty"),
    "zero uncertainty": ("amplitude [V],delta_x0 [mV],uncertainty [mV]\n0.8,1,0\n", 2, "must be positive"),
    "wrong unit of shift": (SHIFTS.replace("[mV]", "[mA]"), 1, "a voltage is needed .*not a current"),
    "sequence and amplitude": (
        "delta_x0 [mV],amplitude [V],sequence [V]\n1,0.8,0.8 0\n", 2, "the sequence says it all",
    ),
    "bad sequence": ("delta_x0 [mV],sequence [V]\n1,0.8 x\n", 2, 'sequence = "x": a number is needed'),
    "pulses and duration": (
        "delta_x0 [mV],amplitude [V],pulses,duration [ns]\n1,0.8,2,500\n", 2, "a train or one long pulse of a duration",
    ),
    "no pulses": ("delta_x0 [mV],amplitude [V],pulses\n1,0.8,0\n", 2, 'pulses = "0": a whole number from 1'),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_named_with_their_line(mistake, tmp_path):
    content, line, said = MISTAKES[mistake]
    path = written(tmp_path, content)
    with pytest.raises(InputError) as raised:
        measured.read(path)
    message = str(raised.value)
    assert "\n" not in message and message.startswith(f"{path}: " + (f"line {line}: " if line else ""))
    assert re.search(said, message), message


def test_missing_file_folder_and_the_other_kind(tmp_path):
    with pytest.raises(InputError, match=r"no\.csv: there is no such file"):
        measured.read(tmp_path / "no.csv")
    with pytest.raises(InputError, match="is a folder; give a CSV file in it"):
        measured.read(tmp_path)
    with pytest.raises(InputError, match="line 1: column delta_x0: these are shifts; give curves"):
        measured.read_curves(written(tmp_path, SHIFTS))
    with pytest.raises(InputError, match="line 1: column voltage: these are curves; give shifts"):
        measured.read_shifts(written(tmp_path, CURVES))


@pytest.mark.parametrize("seed", range(3))
def test_written_curves_come_back_to_the_last_bit(seed, tmp_path):
    random = np.random.default_rng(seed)
    volts = np.sort(random.uniform(0.5, 1.0, 7))

    def drawn(count, kind=None, unit=None, scale=1.0):
        shape = (count, 7) if kind else (7,)
        # Every voltage and every state is measured at least once.
        trials = random.integers(1, 10**6, shape)
        trials[..., 3] = 0 if count == 1 else np.where(np.arange(count) == 0, trials[..., 3], 0)
        along = (kind, np.sort(random.uniform(0.0, scale, count)), unit) if kind else None
        return curve_from_counts(volts, random.binomial(trials, 0.4), trials, along=along)

    baseline = curve_from_counts(volts, random.binomial(99, 0.5, 7), 99)
    cooling = drawn(4, "delay", "s", 1e-6).assign_attrs(hold=random.uniform(1e-7, 1e-6), amplitude=random.uniform())
    given = Curves(baseline, drawn(3, "amplitude", "V"), cooling)
    path = tmp_path / "a.csv"
    measured.write_curves(path, given)
    found = measured.read_curves(path)
    for wanted, made in zip(given, found, strict=True):
        xr.testing.assert_equal(made, wanted)
        assert wanted.attrs.items() <= made.attrs.items()


def test_written_shifts_come_back_to_the_last_bit(tmp_path):
    random = np.random.default_rng(4)
    nan = math.nan
    columns = {
        "delta_x0": random.normal(0.0, 1e-2, 4),
        "uncertainty": random.uniform(1e-5, 1e-3, 4),
        "amplitude": np.array([*random.uniform(0.0, 1.0, 3), nan]),
        "pulses": np.array([1, 7, 0, 0]),
        "delay": np.array([0.0, *random.uniform(0.0, 1e-6, 3)]),
        "duration": np.array([nan, nan, random.uniform(0.0, 1e-6), nan]),
        "sequence": np.array(["", "", "", "0.85 0 0.123456789012345"]),
    }
    given = xr.Dataset({name: ("row", values) for name, values in columns.items()}, attrs={"kind": "spinneuron-shift"})
    given.attrs["comment"] = "drawn\nµ"
    measured.write_shifts(tmp_path / "a.csv", given)
    found = measured.read_shifts(tmp_path / "a.csv")
    for name in columns:
        np.testing.assert_array_equal(found[name].values, given[name].values)
    assert found.attrs["comment"] == "drawn\nµ"
    fewest = given[["delta_x0", "amplitude"]].isel(row=slice(0, 3))
    measured.write_shifts(tmp_path / "b.csv", fewest)
    assert (tmp_path / "b.csv").read_text().splitlines()[2] == "delta_x0 [mV],amplitude [V]"


def test_nothing_is_written_of_nothing(tmp_path):
    path = tmp_path / "a.csv"
    with pytest.raises(InputError, match="all three are None"):
        measured.write_curves(path, Curves())
    heating = shipped().heating
    with pytest.raises(InputError, match="baseline: goes over amplitude, voltage; voltage alone is needed"):
        measured.write_curves(path, Curves(baseline=heating))
    with pytest.raises(InputError, match='kind = "spinneuron-switching": spinneuron-shift'):
        measured.write_shifts(path, heating)
    assert not list(tmp_path.iterdir())


def test_a_state_in_two_files_is_refused():
    part = measured.read_curves(DATA / "baseline.csv")
    with pytest.raises(InputError, match=r"baseline: stands in baseline\.csv and in baseline\.csv; keep one"):
        measured.combined([part, part])


def test_shipped_curves_cover_the_neuron_they_are_drawn_from():
    curves = shipped()
    assert all(one.attrs["comment"].startswith("SYNTHETIC, not measured") for one in curves)
    fitted = Sigmoid.fit(*curves, p_max=1.0)
    pulls = [(getattr(fitted, name) - getattr(TEXT, name)) / fitted.uncertainties[name] for name in ("k", "x0")]
    pulls.append((fitted.tau_thermal[0] - TEXT.tau_thermal[0]) / fitted.uncertainties["tau_thermal"][0])
    # heat_v2 and heat_v1 are nearly collinear: the pair is tested with its covariance as well.
    names = fitted.statistics.names
    at = [names.index(name) for name in ("heat_v2", "heat_v1")]
    off = np.array([fitted.heat_v2 - TEXT.heat_v2, fitted.heat_v1 - TEXT.heat_v1])
    block = np.array(fitted.statistics.covariance)[np.ix_(at, at)]
    pulls += (off / np.sqrt(np.diag(block))).tolist()
    assert np.abs(pulls).max() < 3.0
    assert off @ np.linalg.solve(block, off) < chi2.isf(0.0027, 2)
    # Three standard errors, as a probability.
    assert measured.probability_residuals(TEXT, curves).attrs["p_value"] > 0.0027


def test_residuals_of_the_published_fit_vanish():
    shifts = measured.read_shifts(DATA / "dx0_amplitude.csv")
    assert "not raw points" in shifts.attrs["comment"]
    rows = measured.residuals(TEXT, shifts)
    # The file has eight decimals of a volt.
    np.testing.assert_allclose(rows["residual"], 0.0, atol=0.51e-8)
    assert rows.attrs["n"] == 7 and rows.attrs["r2"] == pytest.approx(1.0) and rows.attrs["bias"] < 1e-8
    # Fig. S1 was calibrated at 0.8 V to 0.93 V as far as the neuron file says.
    assert rows["inside"].values.tolist() == [0, 0, 1, 1, 1, 1, 1]
    document = json.loads(rows.attrs["neuron"])
    assert document["parameters"]["heat_v2"]["value"] == 0.0082
    xr.testing.assert_identical(rows, measured.residuals(TEXT, shifts))


def test_residuals_against_the_recursion(tmp_path):
    text = """delta_x0 [mV],uncertainty [mV],amplitude [V],pulses,delay [ns],duration [ns],sequence
14,0.5,0.9,,,,
20,0.5,0.85,3,200,,
28,0.5,0.9,,,500,
18,0.5,,,100,,0.85 0 0.85 0.9
"""
    rows = measured.residuals(TEXT, measured.read_shifts(written(tmp_path, text)))
    tau, heat = TEXT.tau_thermal[0], lambda volts: 0.0082 * volts**2 + 0.0087 * volts
    fade = math.exp(-230e-9 / tau)
    model = [
        heat(0.9),
        heat(0.85) * (1 + fade + fade**2) * math.exp(-200e-9 / tau),
        heat(0.9) * (1 - math.exp(-500e-9 / tau)) / (1 - math.exp(-150e-9 / tau)),
        (heat(0.85) * (fade**3 + fade) + heat(0.9)) * math.exp(-100e-9 / tau),
    ]
    np.testing.assert_allclose(rows["model"], model, rtol=1e-12)
    residual = np.array([14e-3, 20e-3, 28e-3, 18e-3]) - model
    np.testing.assert_allclose(rows["residual"], residual, rtol=0.0, atol=1e-15)
    assert rows.attrs["rmse"] == pytest.approx(math.sqrt(np.mean(residual**2)))
    assert rows.attrs["bias"] == pytest.approx(residual.mean())
    assert rows.attrs["r2"] == pytest.approx(1 - np.sum(residual**2) / (4 * np.var([14e-3, 20e-3, 28e-3, 18e-3])))
    assert rows.attrs["chi2"] == pytest.approx(np.sum((residual / 5e-4) ** 2))
    assert rows.attrs["p_value"] == pytest.approx(chi2.sf(rows.attrs["chi2"], 4))
    assert rows.attrs["worst"] == int(np.argmax(np.abs(residual)))
    dataset_file.save(rows, tmp_path / "a.nc")
    xr.testing.assert_identical(dataset_file.load(tmp_path / "a.nc"), rows)
    (table,) = summary.tables(rows)
    said = str(table)
    assert "line 3, amplitude 850 mV, pulses 3, delay 200 ns" in said and "4 rows" in said


def test_probabilities_of_each_state(tmp_path):
    text = """voltage [V],switched,trials,amplitude [V],delay [ns],pulses
0.78,100,1000,,,
0.80,200,1000,,,
0.82,370,1000,,,
0.80,310,1000,0.9,,
0.80,290,1000,0.9,100,5
"""
    rows = measured.probability_residuals(TEXT, measured.read_curves(written(tmp_path, text)))
    heat, fade = 0.0082 * 0.81 + 0.0087 * 0.9, TEXT.decay[0]
    late = heat * (1 - fade**5) / (1 - fade) * math.exp(-100e-9 / TEXT.tau_thermal[0])
    wanted = [float(TEXT.probability(volts, shift)) for volts, shift in ((0.78, 0), (0.8, 0), (0.82, 0), (0.8, heat))]
    wanted.append(float(TEXT.probability(0.8, late)))
    np.testing.assert_allclose(rows["model"], wanted, rtol=1e-12)
    counts = np.array([100, 200, 370, 310, 290])
    np.testing.assert_allclose(rows["residual"], counts / 1000 - wanted, rtol=0.0, atol=1e-15)
    own = binom.logpmf(counts, 1000, counts / 1000) - binom.logpmf(counts, 1000, wanted)
    assert rows.attrs["deviance"] == pytest.approx(2 * own.sum(), rel=1e-9)
    assert rows.attrs["p_value"] == pytest.approx(chi2.sf(2 * own.sum(), 5), rel=1e-8)
    np.testing.assert_array_equal(rows["delay"], [np.nan] * 4 + [100e-9])
    assert rows["inside"].values.tolist() == [1] * 5


def test_rows_beyond_the_calibration_are_marked(tmp_path):
    valid = {"amplitude": (0.8, 0.9), "delay": (0.0, 1e-7), "shift": (0.0, 9e-3)}
    narrow = Sigmoid(k=44.0, x0=0.83, heat_v2=0.01, valid=valid)
    text = "delta_x0 [mV],amplitude [V],pulses,delay [ns]\n6,0.8,1,0\n6,0.7,1,0\n6,0.9,1,200\n6,0.9,5,0\n"
    rows = measured.residuals(narrow, measured.read_shifts(written(tmp_path, text)))
    assert rows["inside"].values.tolist() == [1, 0, 0, 0]
    assert rows["inside"].attrs["flag_meanings"] == "outside inside"


def test_other_neurons_and_data_are_refused():
    shifts = measured.read_shifts(DATA / "dx0_amplitude.csv")
    lif = SignedLIF(tau_membrane=1e-9, gain=1.0, resistance=1e3)
    for compare, data in ((measured.residuals, shifts), (measured.probability_residuals, shipped())):
        with pytest.raises(InputError, match='neuron = "signed-lif": .* sigmoid neuron'):
            compare(lif, data)
    with pytest.raises(InputError, match="no shifts, read them with"):
        measured.residuals(TEXT, shipped().baseline)
    with pytest.raises(InputError, match="no curves, read them with"):
        measured.probability_residuals(TEXT, Curves())


def test_one_row_has_no_coefficient_of_determination(tmp_path):
    rows = measured.residuals(TEXT, measured.read_shifts(written(tmp_path, "amplitude [V],delta_x0 [mV]\n0.9,14\n")))
    assert math.isnan(rows.attrs["r2"]) and rows.attrs["rmse"] == pytest.approx(0.472e-3, abs=1e-6)
    assert "R^2        none" in str(summary.tables(rows)[0])


def test_the_files_of_the_documentation_can_be_read(tmp_path):
    text = (ROOT / "docs" / "measured.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```\n(#.*?)^```", text, re.DOTALL | re.MULTILINE)
    curves, shifts = (measured.read(written(tmp_path, block)) for block in blocks)
    assert curves.baseline.sizes["voltage"] == 3 and curves.heating.sizes["amplitude"] == 1
    assert curves.cooling.attrs["pulses"] == 5 and shifts.sizes["row"] == 4
    assert set(re.findall(r"^\| `(\w+)`(?:, `\w+`)* \|", text, re.MULTILINE)) == {
        "voltage", "switched", "probability", "trials", "amplitude", "delay", "pulses", "hold",
        "delta_x0", "uncertainty", "duration", "sequence",
    }  # fmt: skip
