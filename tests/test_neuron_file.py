"""The neuron file: what is saved is loaded, and what is wrong is refused by name, by the reader and the schema."""

import copy
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from spinneuron import neuron_file
from spinneuron.quantity import InputError
from spinneuron.surrogates import SURROGATES
from spinneuron.surrogates.fit_statistics import FitStatistics
from spinneuron.surrogates.gaussian import Gaussian
from spinneuron.surrogates.signed_lif import SignedLIF

SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "neuron_file.schema.json").read_text(encoding="utf-8"))
SCHEMA_ACCEPTS = Draft202012Validator(SCHEMA).is_valid


def neuron(**fields):
    values: dict[str, Any] = {
        "tau_membrane": 0.96e-9,
        "gain": 2.3,
        "resistance": 2829.0,
        "uncertainties": {"tau_membrane": 2e-11, "gain": 0.04},
        "valid": {"voltage": (-0.7, 0.7), "width": (1e-8, 1e-8)},
        "statistics": FitStatistics(
            0.02, 0.98, 401, 20.1, ("tau_membrane", "gain"), ((4e-22, -1e-13), (-1e-13, 0.0016)), np.zeros(401)
        ),
    }
    return SignedLIF(**values | fields)


def content():
    return neuron_file.document(neuron(), {"seed": 7})


def at(document, path):
    """The container of the last key of a dotted path, and that key."""
    *parents, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    for key in parents:
        document = document[key]
    return document, last


@pytest.mark.parametrize(
    "surrogate",
    [
        neuron(),
        neuron(reset=None, refractory=1.5e-9),
        neuron(gain=-0.1, uncertainties={}, valid={}, statistics=None),
        neuron(statistics=FitStatistics(0.02, -0.1, 10, 1.5, ("tau_membrane", "gain")), uncertainties={}),
        Gaussian(k=40.0, x0=0.8, sigma_read=0.05, uncertainties={"k": 1.0}, valid={"output": (-0.1, 1.1)}),
    ],
)
def test_load_returns_what_was_saved(tmp_path, surrogate):
    neuron_file.save(tmp_path / "neuron.json", surrogate)
    assert neuron_file.load(tmp_path / "neuron.json") == surrogate
    assert SCHEMA_ACCEPTS(json.loads((tmp_path / "neuron.json").read_text(encoding="utf-8")))
    assert [path.name for path in tmp_path.iterdir()] == ["neuron.json"]


def test_schema_is_valid_and_agrees_with_the_registry():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["model"]["enum"] == list(SURROGATES)
    assert SCHEMA["properties"]["format"]["const"] == neuron_file.FORMAT
    assert SCHEMA["properties"]["version"]["const"] == neuron_file.VERSION
    for branch, (name, kind) in zip(SCHEMA["allOf"], SURROGATES.items(), strict=True):
        assert branch["if"]["properties"]["model"]["const"] == name == kind.MODEL
        then = branch["then"]["properties"]
        for section, units in (("parameters", kind.UNITS), ("valid", kind.VALID_UNITS)):
            entries = then[section]["properties"]
            assert {key: entry["properties"]["unit"]["const"] for key, entry in entries.items()} == units
        assert then["parameters"]["required"] == list(kind.UNITS)
        assert then["fit"]["properties"]["covariance"]["properties"]["parameters"]["items"]["enum"] == list(kind.UNITS)


def test_provenance_holds_version_date_and_what_was_given(tmp_path):
    neuron_file.save(tmp_path / "n.json", neuron(), provenance={"seed": 7, "source": "run.nc"})
    provenance = neuron_file.read(tmp_path / "n.json")["provenance"]
    assert provenance["seed"] == 7 and provenance["source"] == "run.nc"
    assert provenance["created"].endswith("+00:00") and provenance["version"]


def test_provenance_of_a_run_is_json_without_folders():
    class Run:
        attrs: ClassVar = {"device": '{"name": "d"}', "protocol": "[1]", "seed": np.int64(3), "engine": "macrospin"}

    found = neuron_file.provenance_of(Run(), "some/folder/run.nc")
    assert found == {
        "source": "run.nc", "device": {"name": "d"}, "protocol": [1], "seed": 3, "engine": "macrospin"
    }  # fmt: skip
    json.dumps(found)


# (path, new value or DELETE, words of the message)
DELETE = object()
HUGE = 10**400
BAD = [
    ("format", "other", "format = \"other\": no neuron file"),
    ("format", DELETE, "no neuron file"),
    ("version", 2, "version = 2: only 1 can be read"),
    ("version", True, "version = true"),
    ("version", "1", "version = \"1\""),
    ("model", "signed-lfi", "did you mean 'signed-lif'?"),
    ("model", ["signed-lif"], "model = "),
    ("model", DELETE, "model: is missing"),
    ("fit", DELETE, "fit: is missing"),
    ("parametres", {}, "parametres: unknown, did you mean 'parameters'?"),
    ("parameters", [], "parameters = "),
    ("parameters.gain", DELETE, "parameters.gain: is missing"),
    ("parameters.gian", {}, "parameters.gian: unknown, did you mean 'gain'?"),
    ("parameters.gain", 2.3, "parameters.gain = 2.3: an object"),
    ("parameters.gain.value", "2.3", "parameters.gain.value = \"2.3\": a number is needed"),
    ("parameters.gain.value", True, "parameters.gain.value = true: a number is needed"),
    ("parameters.gain.value", None, "parameters.gain.value = None: a number is needed"),
    ("parameters.gain.value", [2.3], "parameters.gain.value = [2.3]: a number is needed"),
    ("parameters.gain.value", HUGE, ": a finite number is needed"),
    ("parameters.gain.unit", "1/mV", "parameters.gain.unit = \"1/mV\": must be \"1/V\""),
    ("parameters.gain.unit", DELETE, "parameters.gain.unit: is missing"),
    ("parameters.gain.uncertainty", DELETE, "parameters.gain.uncertainty: is missing"),
    ("parameters.gain.uncertainty", -0.1, "parameters.gain.uncertainty = -0.1: must be at least 0"),
    ("parameters.gain.comment", "x", "parameters.gain.comment: unknown"),
    ("parameters.tau_membrane.value", 0, "tau_membrane = 0"),
    ("parameters.leak.value", -1.0, "leak = -1"),
    ("parameters.refractory.value", -1e-9, "refractory = -1 ns"),
    ("valid.volatge", {"min": 0, "max": 1, "unit": "V"}, "valid.volatge: unknown, did you mean 'voltage'?"),
    ("valid.voltage", [0, 1], "valid.voltage = [0, 1]: an object"),
    ("valid.voltage.unit", "mV", "valid.voltage.unit = \"mV\": must be \"V\""),
    ("valid.voltage.max", None, "valid.voltage.max = None: a number"),
    ("fit.rmse", -0.1, "fit.rmse = -0.1: must be at least 0"),
    ("fit.n", 3.5, "fit.n = 3.5: a whole number"),
    ("fit.n", 0, "fit.n = 0: must be at least 1"),
    ("fit.n_efective", 0.5, "fit.n_efective: unknown, did you mean 'n_effective'?"),
    ("fit.covariance", DELETE, "fit.covariance: is missing"),
    ("fit.covariance.parameters", ["tau", "gain"], "fit.covariance.parameters = \"tau\": unknown"),
    ("fit.covariance.parameters", ["gain", "gain"], "a list of different names"),
    ("fit.covariance.matrix", 3, "fit.covariance.matrix = 3: a list of rows"),
    ("fit.covariance.matrix.0.1", "x", "fit.covariance.matrix[0][1] = \"x\": a number"),
    ("provenance", None, "provenance = None: an object"),
    ("provenance.created", 3, "provenance.created = 3: a text is needed"),
    ("provenance.version", DELETE, "provenance.version = None: a text is needed"),
]  # fmt: skip
# What a schema cannot say: one number against another.
BAD_TOGETHER = [
    ("parameters.reset.value", 0.3, "reset = 0.3: must lie between -threshold and threshold = 0.25"),
    ("valid.voltage.max", -1.0, "valid voltage = -0.7, -1: the low end must not lie above the high end"),
    ("fit.covariance.matrix", [[1.0]], "fit.covariance.matrix: 2 rows of 2 numbers are needed"),
    ("fit.covariance.matrix.0.0", -1.0, "fit.covariance.matrix[0][0] = -1: must be at least 0"),
]


def refusal(tmp_path, text):
    """The message of the reader, without the path that leads it."""
    path = tmp_path / "bad.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        neuron_file.load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ") and "\n" not in message
    return message.removeprefix(f"{path}: ")


def changed(path, value):
    document = copy.deepcopy(content())
    holder, key = at(document, path)
    if value is DELETE:
        del holder[key]
    else:
        holder[key] = value
    return document


@pytest.mark.parametrize(("path", "value", "words"), BAD, ids=[f"{i}-{row[0]}" for i, row in enumerate(BAD)])
def test_reader_and_schema_refuse_the_same(tmp_path, path, value, words):
    document = changed(path, value)
    assert words in refusal(tmp_path, json.dumps(document))
    assert not SCHEMA_ACCEPTS(document)


@pytest.mark.parametrize(("path", "value", "words"), BAD_TOGETHER)
def test_reader_refuses_what_does_not_fit_together(tmp_path, path, value, words):
    assert words in refusal(tmp_path, json.dumps(changed(path, value)))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"value": 2.3', '"value": NaN', "NaN: a finite number is needed"),
        ('"value": 2.3', '"value": -Infinity', "-Infinity: a finite number is needed"),
        ('"value": 2.3', '"value": 1e999', "1e999: a finite number is needed"),
        ('"seed": 7', '"seed": NaN', "NaN: a finite number is needed"),
        ('"seed": 7', '"seed": 7, "seed": 8', "seed: stands twice, keep one"),
        ('"version": 1,', '"version": 1', "no JSON, or cut off"),
    ],
)
def test_reader_refuses_text_that_json_libraries_let_pass(tmp_path, old, new, words):
    text = json.dumps(content())
    assert old in text
    assert words in refusal(tmp_path, text.replace(old, new))


def test_reader_refuses_every_truncation(tmp_path):
    text = json.dumps(content())
    for end in range(0, len(text) - 1, 97):
        assert "no JSON, or cut off" in refusal(tmp_path, text[:end])


@pytest.mark.parametrize("text", ["[]", "3", '"x"', "null", "{}", '{"format": "nir"}', "[" * 100_000])
def test_reader_refuses_foreign_json(tmp_path, text):
    message = refusal(tmp_path, text)
    assert "no neuron file" in message or "nested too deeply" in message


def test_reader_refuses_what_is_no_text_and_what_is_not_there(tmp_path):
    (tmp_path / "image.json").write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(InputError, match="is no text"):
        neuron_file.load(tmp_path / "image.json")
    with pytest.raises(InputError, match="cannot be read"):
        neuron_file.load(tmp_path / "absent.json")
    with pytest.raises(InputError, match="cannot be read"):
        neuron_file.load(tmp_path)


def test_failed_save_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "neuron.json"
    neuron_file.save(path, neuron())
    before = path.read_bytes()
    for provenance in ({"a": float("nan")}, {"a": object()}, {"created": 3}):
        with pytest.raises(InputError, match="provenance"):
            neuron_file.save(path, neuron(), provenance=provenance)

    def full_disk(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(neuron_file.os, "replace", full_disk)
    with pytest.raises(InputError, match="No space left on device"):
        neuron_file.save(path, neuron())
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(InputError, match="cannot be written"):
        neuron_file.save(tmp_path / "absent" / "neuron.json", neuron())
    with pytest.raises(InputError, match="no surrogate, give one of signed-lif"):
        neuron_file.save(path, {"tau": 1})


@dataclass(frozen=True)
class Cooling:
    """A surrogate that only this test knows: one class and one entry make it a neuron file."""

    MODEL: ClassVar[str] = "cooling"
    UNITS: ClassVar[dict[str, str]] = {"tau_thermal": "s"}
    NULLABLE: ClassVar[frozenset[str]] = frozenset()
    VECTORS: ClassVar[frozenset[str]] = frozenset({"tau_thermal"})
    VALID_UNITS: ClassVar[dict[str, str]] = {}
    tau_thermal: tuple[float, ...]
    uncertainties: dict = field(default_factory=dict)
    valid: dict = field(default_factory=dict)
    statistics: FitStatistics | None = None


def test_new_surrogate_needs_a_class_and_an_entry_only(tmp_path, monkeypatch):
    monkeypatch.setitem(SURROGATES, "cooling", Cooling)
    neuron_file.save(tmp_path / "n.json", Cooling((1e-9, 2e-7)))
    assert neuron_file.load(tmp_path / "n.json") == Cooling((1e-9, 2e-7))
    text = (tmp_path / "n.json").read_text(encoding="utf-8")
    for value, words in (("[]", "a list of numbers"), ("1e-9", "a list of numbers"), ('["x"]', 'value[0] = "x"')):
        document = json.loads(text)
        document["parameters"]["tau_thermal"]["value"] = json.loads(value)
        assert words in refusal(tmp_path, json.dumps(document))
