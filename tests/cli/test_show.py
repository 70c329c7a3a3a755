"""`spinneuron show`: any file of ours, told in words and drawn."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from spinneuron import dataset_file, measured, neuron_file, summary
from spinneuron.capacity import capacity
from spinneuron.capacity.design import Design, design_map
from spinneuron.circuit import Circuit, circuit_dataset
from spinneuron.cli import main
from spinneuron.device import Device
from spinneuron.evolution import torque_split
from spinneuron.lattice import Magnet, Material, hysteresis, sweep_field
from spinneuron.mesh import Mesh
from spinneuron.networks import Study, run_study
from spinneuron.plasticity import Suite, run_suite
from spinneuron.plasticity.ingredients import ingredients
from spinneuron.protocols import single
from spinneuron.readout import fire
from spinneuron.simulation import simulate
from spinneuron.statistics import interval
from spinneuron.surrogates.signed_lif import predicted
from spinneuron.switching import density_run, switching_rates, write_error
from spinneuron.window.survey import preview, specify, sweep

DATA = Path(__file__).resolve().parents[2] / "examples" / "data"
ORTHOGONAL = Device.preset("orthogonal")
SUITE = Suite(Device.preset("plasticity"), Device.preset("reference"), ("1E", "S1"), "fokker-planck", 10_000)
MAP = {"n": (1, 2), "decays": (0.1, 0.8), "scales": (4.0,), "lags": 2}
GRID = {"width": [10e-9], "length": np.array([43, 45, 47]) * 1e-9, "thickness": np.array([48, 50, 52]) * 1e-9}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def memory_scores(neuron, output):
    study = Study.of("n-back", neuron, models=["ipnet"], seeds=1, samples=1, iterations=1)
    return run_study(replace(study, training=replace(study.training, batch=1, tests=5)), output)


def examples(folder):
    run = simulate(ORTHOGONAL, single(1e12, 1e-9), temperature=0.0, every=20e-12)
    magnet = Magnet(Mesh((8, 4, 1), (5e-9, 5e-9, 3e-9)), Material(Ms=8e5, Aex=1.3e-11))
    motion = magnet.run(20e-12, every=5e-12)
    loop = hysteresis(magnet, sweep_field((1.0, 0.0, 0.0), 2e5, 4))
    plasticity, shifts = neuron_file.load("plasticity-text"), measured.read_shifts(DATA / "dx0_amplitude.csv")
    return {
        "spinneuron-run": (run, "dormand-prince"),
        "spinneuron-lattice": (motion, "8 x 4 x 1 cells of 5 x 5 x 3 nm"),
        "spinneuron-hysteresis": (loop, "in all fields"),
        "spinneuron-spikes": (fire(run, 0.25), "1 positive, 0 negative"),
        "spinneuron-evolution": (torque_split(run), "1 at 0 K"),
        "spinneuron-switching": (measured.read_curves(DATA / "heating.csv").heating, "49 points, 760 mV to 880 mV"),
        "spinneuron-shift": (shifts, "7 rows, 10.11 mV to 15.18 mV"),
        "spinneuron-validation": (measured.residuals(plasticity, shifts), "bias"),
        "spinneuron-circuit": (circuit_dataset(Circuit.of(ORTHOGONAL)), "divider and comparator"),
        "spinneuron-plasticity": (run_suite(SUITE), "1E, S1: 9 states, 37 probes"),
        "spinneuron-ingredients": (ingredients(SUITE.device), "R as if always parallel"),
        "spinneuron-density": (density_run(SUITE.device, SUITE.cycle.probe(0.8)), "at the end 0.1972"),
        "spinneuron-write-error": (write_error(SUITE.device, [1.1], [50e-9, 100e-9]), "3.39e-07"),
        "spinneuron-rates": (switching_rates(SUITE.device, [0.5]), "1.696e-05 /s"),
        "spinneuron-capacity": (capacity(plasticity, n=[1], junctions=[16], codes=1, lags=2), "d' of a block"),
        "spinneuron-capacity-design": (
            design_map(Design(neuron=plasticity, **MAP), folder / "map.nc"),
            "best tau and gain",
        ),
        "spinneuron-memory": (memory_scores(plasticity, folder / "scores.nc"), "IPNet, plastic input layer"),
        "spinneuron-window": (preview(specify(ORTHOGONAL, **GRID)), "of 9 pillars"),
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return examples(tmp_path_factory.mktemp("made"))


@pytest.mark.parametrize("kind", dataset_file.KINDS)
def test_datasets(kind, made, here, capsys):
    dataset, said = made[kind]
    dataset_file.save(dataset, "a.nc")
    assert main(["show", "a.nc"]) == 0
    assert said in capsys.readouterr().out
    assert (here / "a.png").stat().st_size > 10_000


def test_neuron_and_device(here, capsys):
    neuron_file.save("n.json", predicted(ORTHOGONAL))
    assert main(["show", "n.json", "-o", "n.pdf"]) == 0
    assert "signed-lif" in capsys.readouterr().out and (here / "n.pdf").exists()
    Path("d.toml").write_text(ORTHOGONAL.to_toml())
    assert main(["show", "d.toml", "--no-plot"]) == 0
    assert "elliptic-cylinder, W x L x T = 10 x 45 x 50 nm" in capsys.readouterr().out
    assert not (here / "d.png").exists()


def test_window_counts_yield_with_its_interval(capsys):
    point = {name: [getattr(ORTHOGONAL, name)] for name in GRID}
    made = sweep(ORTHOGONAL, **point, trials=50, tolerance=0.05)
    dataset_file.save(made, "a.nc")
    assert main(["show", "a.nc", "--no-plot"]) == 0
    share = float(made["fraction"].squeeze()[1])
    low, high = interval(round(50 * share), 50)
    text = f"{100 * share:.1f} % of the trials ({100 * low:.1f} to {100 * high:.1f} %), leaky integrate and fire"
    assert text in capsys.readouterr().out


def test_breakdown_is_warned_of():
    weak = ORTHOGONAL.replace(breakdown_voltage=0.5)
    words = "\n".join(str(table) for table in summary.tables(preview(specify(weak, **GRID))))
    assert "warning: the pulse exceeds the breakdown voltage, 500 mV, in 100 % of the pillars" in words


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.nc", b"\x89HDF", "is cut off or no NetCDF-4 file"),
        ("a.json", b"{", "no JSON, or cut off"),
        ("a.toml", b"name =", "is not TOML"),
        ("a.txt", b"", "give a file that spinneuron wrote"),
        ("missing.nc", None, "there is no such file"),
    ],
)
def test_mistakes_are_one_line(name, content, said, here, capsys):
    if content is not None:
        (here / name).write_bytes(content)
    assert main(["show", name]) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1 and name in line and said in line
    assert not (here / "a.png").exists()
