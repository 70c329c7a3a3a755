"""`spinneuron calibrate`: trajectories or measured curves in, a neuron file or a device out."""

import hashlib
import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from spinneuron import dataset_file, measured, neuron_file
from spinneuron.calibration import Observation, Prediction, train
from spinneuron.cli import main
from spinneuron.device import Device
from spinneuron.evolution import torque_split
from spinneuron.protocols import Cycle, bipolar
from spinneuron.simulation import simulate
from spinneuron.statistics import curve_from_counts
from spinneuron.surrogates import Sigmoid, SignedLIF
from spinneuron.surrogates.signed_lif import predicted

DATA = Path(__file__).resolve().parents[2] / "examples" / "data"
SCHEMA = Path(__file__).parents[2] / "docs" / "neuron_file.schema.json"
ORTHOGONAL = Device.preset("orthogonal")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def a_run():
    run = simulate(ORTHOGONAL, bipolar(1e12, 0.5e-9, gap=0.5e-9), trials=10, seed=3, every=20e-12)
    dataset_file.save(run, "mine.nc")
    return run


def test_a_run(here, capsys):
    run = a_run()
    assert main(["calibrate", "mine.nc", "--threshold", "20%", "--refractory", "1 ns"]) == 0
    assert sorted(path.name for path in here.iterdir()) == ["mine-neuron.json", "mine-neuron.png", "mine.nc"]
    made, wanted = neuron_file.load("mine-neuron.json"), SignedLIF.fit(run, threshold=0.2, refractory=1e-9)
    assert made.tau_membrane == wanted.tau_membrane
    assert (made.threshold, made.refractory) == (0.2, 1e-9)
    content = json.loads(Path("mine-neuron.json").read_text())
    jsonschema.validate(content, json.loads(SCHEMA.read_text()))
    assert content["provenance"]["source"] == "mine.nc" and content["provenance"]["seed"] == 3
    said = capsys.readouterr().out
    assert "tau membrane" in said and "+-" in said


def test_a_device_is_driven_by_the_bipolar_train():
    assert main(["calibrate", "orthogonal", "--trials", "20", "--seed", "4", "--no-plot", "-o", "n.json"]) == 0
    made, theory = neuron_file.load("n.json"), predicted(ORTHOGONAL)
    protocol = bipolar(1e12, 0.5e-9, gap=0.5e-9)
    assert made == SignedLIF.fit(simulate(ORTHOGONAL, protocol, trials=20, seed=4, every=10e-12))
    # The closed form is an average over the precession; 20 trials agree within 15 %.
    assert made.tau_membrane == pytest.approx(theory.tau_membrane, rel=0.15)
    assert made.gain == pytest.approx(theory.gain, rel=0.15)


def test_a_device_file_at_zero_kelvin(here):
    (here / "mine.toml").write_text(ORTHOGONAL.replace(name="my device").to_toml())
    drive = ["--drive", "1.2 V", "--pulse-width", "0.6 ns", "--temperature", "0 K"]
    assert main(["calibrate", "mine.toml", *drive, "--no-plot"]) == 0
    made = neuron_file.read("my-device-neuron.json")
    assert made["valid"]["temperature"]["max"] == 0.0
    assert made["provenance"]["protocol"]["unit"] == "V" and max(made["provenance"]["protocol"]["values"]) == 1.2


def refused(arguments, capsys):
    assert main(["calibrate", *arguments]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert not list(Path().glob("*.json"))
    return lines[-1]


def test_mistakes_are_one_line(here, capsys):
    run = a_run()
    assert "--trials: mine.nc is simulated already" in refused(["mine.nc", "--trials", "5"], capsys)
    assert "there is no such file" in refused(["missing.nc"], capsys)
    assert "did you mean 'orthogonal'?" in refused(["orthogonl"], capsys)
    assert "--threshold" in refused(["mine.nc", "--threshold", "2"], capsys)
    assert "--output = no/n.json" in refused(["mine.nc", "-o", "no/n.json"], capsys)
    dataset_file.save(torque_split(run), "split.nc")
    assert "is a spinneuron-evolution; give a run" in refused(["split.nc"], capsys)


def test_a_run_without_trajectory_or_leak(here, capsys):
    dataset_file.save(simulate(ORTHOGONAL, bipolar(1e12, 0.5e-9), trials=2), "last.nc")
    assert "holds one state only" in refused(["last.nc"], capsys)
    assert "tau_membrane = inf" in refused(["parallel", "--trials", "5"], capsys)


def curves(*names):
    return [str(DATA / f"{name}.csv") for name in names]


def test_measured_curves_make_a_sigmoid(here, capsys):
    baseline, heating, cooling = curves("baseline", "heating", "cooling")
    assert main(["calibrate", baseline, "--heating", heating, "--cooling", cooling, "--p-max", "1"]) == 0
    assert sorted(path.name for path in here.iterdir()) == ["baseline-neuron.json", "baseline-neuron.png"]
    assert "shift decays as said" in capsys.readouterr().out
    made, truth = neuron_file.load("baseline-neuron.json"), neuron_file.load("plasticity-text")
    for name in ("k", "x0", "heat_v2", "heat_v1"):
        assert abs(getattr(made, name) - getattr(truth, name)) < 3.0 * made.uncertainties[name]
    assert abs(made.tau_thermal[0] - truth.tau_thermal[0]) < 3.0 * made.uncertainties["tau_thermal"][0]
    content = json.loads(Path("baseline-neuron.json").read_text())
    jsonschema.validate(content, json.loads(SCHEMA.read_text()))
    told = content["provenance"]
    assert told["source"] == "baseline.csv, heating.csv, cooling.csv" and told["options"] == {"p_max": 1.0}
    assert [one["states"] for one in told["files"]] == [["baseline"], ["heating"], ["cooling"]]
    assert [one["sha256"] for one in told["files"]] == [
        hashlib.sha256(Path(one).read_bytes()).hexdigest() for one in (baseline, heating, cooling)
    ]
    assert told["files"][0]["comment"].startswith("SYNTHETIC")


def test_one_file_of_all_states_and_the_cycle(here):
    parts = measured.combined(measured.read_curves(one) for one in curves("baseline", "heating", "cooling"))
    measured.write_curves("all.CSV", parts)
    cycle = ["--time-step", "300 ns", "--pulse-width", "200 ns", "--components", "1"]
    assert main(["calibrate", "all.CSV", "--surrogate", "sigmoid", *cycle, "--no-plot", "-o", "n.json"]) == 0
    made = neuron_file.load("n.json")
    assert (made.time_step, made.pulse_width) == (300e-9, 200e-9)
    assert made == Sigmoid.fit(*parts, time_step=300e-9, pulse_width=200e-9)
    (told,) = neuron_file.read("n.json")["provenance"]["files"]
    assert told["name"] == "all.CSV" and told["states"] == ["baseline", "heating", "cooling"]


def test_a_baseline_alone_has_no_heat(here):
    assert main(["calibrate", *curves("baseline"), "-o", "n.json"]) == 0
    made = neuron_file.load("n.json")
    assert made.heat_v2 == made.heat_v1 == 0.0 and (here / "n.png").exists()


def test_mistakes_with_curves_are_one_line(here, capsys):
    baseline, heating, cooling = curves("baseline", "heating", "cooling")
    assert "holds no baseline; add rows" in refused([heating, "--cooling", cooling], capsys)
    assert "holds heating without cooling; add it with --cooling" in refused([baseline, "--heating", heating], capsys)
    assert "holds cooling without heating; add it with --heating" in refused([baseline, "--cooling", cooling], capsys)
    assert f"--heating = {cooling}: holds no rows with an" in refused([baseline, "--heating", cooling], capsys)
    measured.write_curves("twice.csv", measured.combined(measured.read_curves(one) for one in (baseline, heating)))
    line = refused([baseline, "--heating", "twice.csv", "--cooling", cooling], capsys)
    assert "baseline: stands in baseline.csv and in twice.csv; keep one of them" in line
    both = [baseline, "--heating", heating, "--cooling", cooling]
    assert "fewer than 2 suffice" in refused([*both, "--components", "2"], capsys)
    assert "--components" in refused([*both, "--components", "3"], capsys)
    assert "--p-max" in refused([*both, "--p-max", "2"], capsys)
    assert "signed-lif: " in refused([baseline, "--surrogate", "signed-lif"], capsys)
    assert "rests across the pinned layer" in refused(["orthogonal", "--surrogate", "sigmoid"], capsys)
    assert "--drive: is no option of a sigmoid" in refused([baseline, "--drive", "1 V"], capsys)
    assert "--threshold: is no option of a sigmoid" in refused([baseline, "--threshold", "0.25"], capsys)
    assert "--p-max: is no option of a signed-lif" in refused(["orthogonal", "--p-max", "1"], capsys)
    assert "no.csv: there is no such file" in refused(["no.csv"], capsys)
    (here / "bad.csv").write_text("voltage [V],switched,trials\n0.8,1,9\n0.7,2,9\n")
    assert "bad.csv: line 3: non-monotonic voltage" in refused(["bad.csv"], capsys)
    (here / "flat.csv").write_text("voltage [V],switched,trials\n0.7,0,9\n0.8,0,9\n0.9,0,9\n")
    assert "flat.csv: switched: no trial switched" in refused(["flat.csv"], capsys)
    (here / "shift.csv").write_text("amplitude [V],delta_x0 [mV]\n0.8,12\n")
    assert "these are shifts; give curves" in refused(["shift.csv"], capsys)
    assert not list(here.glob("*.png"))


SENSITIVE = Device.preset("plasticity")
STEPS = ["--time-step", "100 ns", "--pulse-width", "30 ns"]


def device_curves():
    """Curves and shifts of the preset in a cycle of 100 ns, as exact counts."""
    cycle = Cycle(width=30e-9, delay=10e-9)
    predict = Prediction(cycle)
    volts, amplitudes, delays = [0.80, 0.84, 0.88, 0.92], [0.85, 0.95], [0.0, 150e-9]

    def counts(histories):
        asked = [Observation(voltage=one, history=h, probability=0.5, trials=1) for h in histories for one in volts]
        return np.rint(1e4 * predict(SENSITIVE, asked)).reshape(-1, len(volts))

    heating = counts([train(cycle, one) for one in amplitudes])
    cooling = counts([train(cycle, 0.95, 5, one) for one in delays])
    fading = curve_from_counts(volts, cooling, 10_000, along=("delay", delays, "s"))
    made = measured.Curves(
        curve_from_counts(volts, counts([()])[0], 10_000),
        curve_from_counts(volts, heating, 10_000, along=("amplitude", amplitudes, "V")),
        fading.assign_attrs(pulses=5, amplitude=0.95),
    )
    measured.write_curves("all.csv", made)
    Path("shifts.csv").write_text("amplitude [V],delta_x0 [mV],uncertainty [mV]\n0.9,6.1,0.5\n0.95,6.5,0.5\n")


def test_measured_curves_make_a_device(here, capsys):
    device_curves()
    start = SENSITIVE.replace(P=1.02 * SENSITIVE.P, thermal_times=(300e-9,))
    Path("start.toml").write_text(start.to_toml())
    free = ["--free", "P", "--free", "thermal_resistances[0]", "--free", "thermal_times[0]"]
    given = ["all.csv", "--device", "start.toml", *free, *STEPS]
    assert main(["calibrate", *given]) == 0
    names = ["all-device.png", "all-device.toml", "all.csv", "shifts.csv", "start.toml"]
    assert sorted(path.name for path in here.iterdir()) == names
    made = Device.from_toml("all-device.toml")
    # Exact probabilities, rounded to counts: far within the errors of 10,000 trials.
    assert made.P == pytest.approx(SENSITIVE.P, rel=1e-4)
    assert made.thermal_resistances == pytest.approx(SENSITIVE.thermal_resistances, rel=5e-3)
    assert made.thermal_times == pytest.approx(SENSITIVE.thermal_times, rel=2e-2)
    assert made.activation_volume == SENSITIVE.activation_volume
    said = capsys.readouterr()
    assert "standard error" in said.out and "for 17 degrees of freedom, p = 1" in said.out
    assert "strongest correlation: P, thermal_resistances[0]: " in said.out
    assert "calibrate: evaluation 10, chi^2" in said.err
    assert made.assumptions[:-1] == SENSITIVE.assumptions
    assert made.assumptions[-1].startswith("Fitted to all.csv: P = 0.161 +- ")
    given = ["all.csv", "--device", "plasticity", "--free", "P", *STEPS]
    assert main(["calibrate", *given, "--shifts", "shifts.csv", "--no-plot", "-o", "two.toml"]) == 0
    assert "Fitted to all.csv, shifts.csv: " in Device.from_toml("two.toml").assumptions[-1]
    assert not Path("two.png").exists()


def test_mistakes_with_devices_are_one_line(here, capsys):
    device_curves()
    given = ["all.csv", "--device", "plasticity", *STEPS]
    assert "no preset and no .toml file; did you mean" in refused(["all.csv", "--device", "plasticty"], capsys)
    assert 'device = "orthogonal.nc": no preset' in refused(["all.csv", "--device", "orthogonal.nc"], capsys)
    assert 'free = "Q": no number of a device' in refused([*given, "--free", "Q"], capsys)
    assert "--p-max: is no option of a device from all.csv" in refused([*given, "--p-max", "1"], capsys)
    assert "--surrogate: is no option of a device" in refused([*given, "--surrogate", "sigmoid"], capsys)
    assert "--shifts: is no option of a sigmoid neuron from all.csv; add --device" in refused(
        ["all.csv", "--shifts", "shifts.csv"], capsys
    )
    assert "--free: is no option of a signed-lif neuron" in refused(["orthogonal", "--free", "P"], capsys)
    assert "orthogonal: is no file of measured curves; --device needs" in refused(
        ["orthogonal", "--device", "plasticity"], capsys
    )
    assert "--time-step = 80 ns: set and reset alone take 90 ns" in refused(
        [*given[:3], "--time-step", "80 ns", "--pulse-width", "30 ns"], capsys
    )
    Path("shifts.csv").write_text("amplitude [V],delta_x0 [mV]\n0.9,3\n")
    assert "shifts.csv: the shifts have no uncertainty" in refused([*given, "--shifts", "shifts.csv"], capsys)
    assert not list(here.glob("*.toml")) and not list(here.glob("*.png"))
