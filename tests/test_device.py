"""Devices: published presets, every refusal, and files that give back the same device to the last bit."""

import dataclasses
import json
import math
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinneuron import geometry
from spinneuron.constants import e, hbar, mu0
from spinneuron.device import PRESETS, Device, schema
from spinneuron.geometry import GEOMETRIES
from spinneuron.quantity import InputError


@pytest.fixture(scope="module")
def orthogonal():
    return Device.preset("orthogonal")


# arXiv:2606.03796 gives the sizes and the directions; the other numbers are the assumptions stated in the files.
PUBLISHED = {
    "geometry": "elliptic-cylinder",
    "width": 10e-9,
    "length": 45e-9,
    "thickness": 50e-9,
    "Ms": 8e5,
    "alpha": 0.02,
    "Ku": 0.0,
    "easy_axis": (0.0, 0.0, 1.0),
    "applied_field": (0.0, 0.0, 0.0),
    "temperature": 300.0,
    "resistance_area": 1e-12,
    "tmr": 1.0,
    "P": 0.6,
    "Lambda": 1.0,
    "eps_prime": 0.0,
    "breakdown_voltage": 1.5,
}


@pytest.mark.parametrize(("name", "pinned"), [("orthogonal", (0.0, 1.0, 0.0)), ("parallel", (0.0, 0.0, 1.0))])
def test_presets_hold_the_published_values(name, pinned):
    device = Device.preset(name)
    expected = PUBLISHED | {"pinned": pinned}
    assert {field: getattr(device, field) for field in expected} == expected
    assert "arXiv:2606.03796" in device.citation
    assert device.assumptions[0].startswith("Published: width x length x thickness = 10 x 45 x 50 nm")


@pytest.mark.parametrize("name", Device.presets())
def test_every_preset_is_complete(name, tmp_path):
    device = Device.preset(name)
    assert device.name == name
    assert device.description and device.citation and device.assumptions
    data = tomllib.loads((PRESETS / f"{name}.toml").read_text(encoding="utf-8"))
    written = {(section, key) for section, keys in data.items() if isinstance(keys, dict) for key in keys}
    given = {name: key for name, key in schema().items() if key.section and getattr(device, name) is not None}
    assert written == {(key.section, key.key) for key in given.values()}
    (tmp_path / "again.toml").write_text(device.to_toml(), encoding="utf-8")
    assert Device.from_toml(tmp_path / "again.toml") == device


def test_presets_are_listed():
    assert Device.presets() == ("orthogonal", "parallel", "plasticity", "reference")


def test_derived_quantities(orthogonal):
    area = math.pi / 4 * 10e-9 * 45e-9
    # Products of a few floats: some units in the last place.
    assert orthogonal.area == pytest.approx(area, rel=1e-14)
    assert orthogonal.volume == pytest.approx(area * 50e-9, rel=1e-14)
    assert orthogonal.resistance_parallel == pytest.approx(1e-12 / area, rel=1e-14)
    assert orthogonal.resistance_antiparallel == pytest.approx(2e-12 / area, rel=1e-14)
    assert orthogonal.demagnetizing_factors == geometry.demagnetizing_factors("elliptic-cylinder", 10e-9, 45e-9, 50e-9)
    # N_width, N_length, N_thickness as printed with five digits by an independent quadrature.
    assert orthogonal.demagnetizing_factors == pytest.approx((0.72372, 0.14027, 0.13600), abs=6e-6)


def test_onset_current_of_the_orthogonal_device(orthogonal):
    N_width, N_length, N_thickness = orthogonal.demagnetizing_factors
    per_density = e * mu0 * orthogonal.thickness / (hbar * orthogonal.P)
    onset = per_density * orthogonal.Ms**2 * abs(N_length - N_thickness)
    # 4.35e11 A/m^2 and 154 uA, to the three digits known; below 1 V, hence below breakdown.
    assert onset == pytest.approx(4.35e11, rel=2e-3)
    assert onset * orthogonal.area == pytest.approx(154e-6, rel=4e-3)
    assert onset * orthogonal.area * orthogonal.resistance(0.0) < orthogonal.breakdown_voltage


def test_the_conductance_is_linear_in_the_cosine(orthogonal):
    device = orthogonal.replace(tmr=0.78)
    assert device.resistance(1.0) == pytest.approx(device.resistance_parallel, rel=1e-14)
    assert device.resistance(-1.0) == pytest.approx(1.78 * device.resistance_parallel, rel=1e-14)
    cosines = np.linspace(-1.0, 1.0, 5)
    np.testing.assert_allclose(np.diff(1 / device.resistance(cosines), 2), 0.0, atol=1e-14 / device.resistance(1.0))


def test_a_device_is_plain_frozen_and_comparable(orthogonal):
    device = orthogonal.replace(width=np.float64(12e-9), pinned=np.array([1, 0, 0]), geometry="elliptic_cylinder")
    assert type(device.width) is float
    assert device.pinned == (1.0, 0.0, 0.0)
    assert device.geometry == "elliptic-cylinder"
    assert device != orthogonal
    assert hash(device) == hash(device.replace())
    with pytest.raises(dataclasses.FrozenInstanceError):
        device.width = 1e-8


REQUIRED = {field.name for field in dataclasses.fields(Device) if field.default is dataclasses.MISSING}
PRESET_NAMES = ", ".join(Device.presets())
FIELDS = ", ".join(field.name for field in dataclasses.fields(Device))
WRONG = [
    ({"widht": 1e-8}, f"unknown field \"widht\": did you mean 'width'? allowed: {FIELDS}"),
    ({"volume": 1e-8}, f'unknown field "volume": allowed: {FIELDS}'),
    ({"width": -1e-8}, 'width = -10 nm: must be positive, like "10 nm"'),
    ({"width": 0}, 'width = 0 m: must be positive, like "10 nm"'),
    ({"width": math.nan}, "width = nan: a finite number is needed"),
    ({"width": 10}, "width = 10 m: must be below 1 mm; numbers are meters (10e-9)"),
    ({"width": "10 nm"}, 'width = "10 nm": a number in m is needed'),
    ({"width": True}, "width = true: a number in m is needed"),
    ({"width": [1e-8]}, "width = [1e-08]: a number in m is needed"),
    ({"geometry": "prizm"}, "shape = \"prizm\": did you mean 'prism'? allowed: " + ", ".join(GEOMETRIES)),
    ({"geometry": 5}, "shape = 5: a text is needed, one of " + ", ".join(GEOMETRIES)),
    ({"Ms": 0}, 'Ms = 0 A/m: must be positive, like "800 kA/m"'),
    ({"alpha": 0}, 'alpha = 0: must be positive, like "0.5"'),
    ({"Ku": math.inf}, "Ku = inf: a finite number is needed"),
    ({"temperature": -1}, "temperature = -1 K: must not be negative"),
    ({"tmr": -0.1}, "tmr = -0.1: must not be negative"),
    ({"tmr": 78}, 'tmr = 78: must be at most 20 (2000 %); write "78 %"'),
    ({"P": 0}, "P = 0: must lie above 0 and not above 1"),
    ({"P": 60}, 'P = 60: must lie above 0 and not above 1, or a text like "60 %"'),
    ({"Lambda": 0.9}, "Lambda = 0.9: must be at least 1 (1 is a symmetric torque)"),
    ({"resistance_area": 0}, 'resistance_area = 0 ohm um^2: must be positive, like "1 ohm um^2"'),
    ({"breakdown_voltage": -1.2}, 'breakdown_voltage = -1.2 V: must be positive, like "0.9 V"'),
    ({"pinned": (0, 1, 1)}, "pinned = [0, 1, 1]: a vector of length 1 is needed, write [0, 0.707106781, 0.707106781]"),
    ({"easy_axis": (0, 0, 0)}, "easy_axis = [0, 0, 0]: a direction is needed, like [0, 1, 0]"),
    ({"applied_field": 5}, "applied_field = 5: three components [x, y, z] are needed"),
    ({"applied_field": (0, math.nan, 0)}, "applied_field[1] = nan: a finite number is needed"),
    ({"reference_temperature": -1}, "reference_temperature = -1 K: must not be negative"),
    ({"curie_temperature": 0}, 'curie_temperature = 0 K: must be positive, like "300 K"'),
    ({"curie_temperature": "900 K"}, 'curie_temperature = "900 K": a number in K is needed'),
    ({"curie_temperature": 250.0}, "curie_temperature = 250 K: must lie above temperature and its reference, 300 K"),
    (
        {"polarization_temperature": 350.0, "reference_temperature": 400.0},
        "polarization_temperature = 350 K: must lie above temperature and its reference, 400 K",
    ),
    (
        {"curie_temperature": 350.0, "temperature": 350.0},
        "curie_temperature = 350 K: must lie above temperature and its reference, 350 K",
    ),
    ({"polarization_temperature": math.inf}, "polarization_temperature = inf: a finite number is needed"),
    ({"Ku2": math.nan}, "Ku2 = nan: a finite number is needed"),
    ({"Ku2_exponent": -1.0}, "Ku2_exponent = -1: must not be negative"),
    ({"Ku_exponent": -0.1}, "Ku_exponent = -0.1: must not be negative"),
    ({"Ku_exponent": None}, "Ku_exponent = None: a number is needed"),
    ({"activation_volume": 0.0}, 'activation_volume = 0 nm^3: must be positive, like "1000 nm^3"'),
    ({"polarity": 0}, "polarity = 0: must be 1 or -1"),
    ({"polarity": 0.5}, "polarity = 0.5: must be 1 or -1"),
    ({"polarity": "up"}, 'polarity = "up": a number is needed'),
    ({"tmr_voltage": -0.5}, 'tmr_voltage = -500 mV: must be positive, like "0.9 V"'),
    (
        {"thermal_resistances": 4700.0},
        "thermal_resistances = 4700: a list is needed, one entry for each thermal pole; [] for none",
    ),
    (
        {"thermal_times": np.ones((1, 1))},
        "thermal_times = [[1]]: a list is needed, one entry for each thermal pole; [] for none",
    ),
    (
        {"thermal_resistances": [4700.0]},
        "thermal_times: has 0 entries, thermal_resistances 1; one of each is needed for every thermal pole",
    ),
    (
        {"thermal_resistances": [1.0] * 5, "thermal_times": [1.0] * 5},
        "thermal_resistances: has 5 entries; at most 4 thermal poles are allowed",
    ),
    (
        {"thermal_resistances": [1.0, 0.0], "thermal_times": [1.0, 1.0]},
        'thermal_resistances[1] = 0 K/W: must be positive, like "10000 K/W"',
    ),
    (
        {"thermal_resistances": [1.0], "thermal_times": [math.nan]},
        "thermal_times[0] = nan: a finite number is needed",
    ),
    ({"name": " "}, 'name = " ": a name on one line is needed'),
    ({"name": "a\nb"}, r'name = "a\nb": a name on one line is needed'),
    ({"citation": 5}, "citation = 5: a text is needed"),
    ({"citation": "\ud800"}, r'citation = "\ud800": the text has characters that no file can hold'),
    ({"assumptions": "none"}, 'assumptions = "none": a list of texts is needed'),
    ({"assumptions": [5]}, "assumptions[0] = 5: a text is needed"),
]


@pytest.mark.parametrize(("fields", "message"), WRONG, ids=[str(i) for i in range(len(WRONG))])
def test_wrong_values_are_named(orthogonal, fields, message):
    with pytest.raises(InputError) as caught:
        orthogonal.replace(**fields)
    assert str(caught.value) == message


GEOMETRY = "shape, width, length, thickness"
TOP = "name, description, citation, assumptions"
# What is replaced in the file of the orthogonal preset, by what, and what is said after the name of the file.
FILES = [
    ('"10 nm"', '"10 ns"', 'width = "10 ns": a length is needed (like "10 nm"), not a time'),
    ('"10 nm"', "10", 'width = 10: a unit is missing, write "10 nm"'),
    ('"10 nm"', '"-10 nm"', 'width = -10 nm: must be positive, like "10 nm"'),
    ('"10 nm"', '["10 nm"]', 'width = ["10 nm"]: a text with number and unit is needed, like "10 nm"'),
    ('"10 nm"', "true", 'width = true: a text with number and unit is needed, like "10 nm"'),
    ('"10 nm"', "1979-05-27", 'width = 1979-05-27: a text with number and unit is needed, like "10 nm"'),
    ('"800 kA/m"', '"1 V"', 'Ms = "1 V": a field or magnetization in A/m is needed (like "800 kA/m"), not a voltage'),
    ("\nalpha = 0.02", "\nalpha = nan", 'alpha = nan: a finite number is needed, like "0.5"'),
    ("\nalpha = 0.02", "\nalpha = true", 'alpha = true: a number is needed, like "0.5"'),
    ("\nP = 0.6", "\nP = 60", 'P = 60: must lie above 0 and not above 1, or a text like "60 %"'),
    ('\ntmr = "100 %"', "\ntmr = 100", 'tmr = 100: must be at most 20 (2000 %); write "100 %"'),
    ("width =", "widht =", f"unknown key \"widht\" in [geometry]: did you mean 'width'? allowed: {GEOMETRY}"),
    (
        "width =",
        "dampng = 1\nalpha_ = 1\nwidth =",
        f'unknown key "dampng" in [geometry]: allowed: {GEOMETRY}',
    ),
    (
        "width =",
        "Alpha = 1\nwidth =",
        f"unknown key \"Alpha\" in [geometry]: did you mean 'alpha' in [free_layer]? allowed: {GEOMETRY}",
    ),
    ("width =", "alpha = 0.1\nwidth =", "alpha = 0.1: stands in [geometry] but belongs in [free_layer]"),
    (
        "[junction]",
        "[junction]\ncitation = 'x'",
        'citation = "x": stands in [junction] but belongs at the top, before the first section',
    ),
    (
        "name =",
        "widht = 1\nname =",
        f"unknown key \"widht\" at the top: did you mean 'width' in [geometry]? allowed: {TOP}",
    ),
    (
        "[junction]",
        "[juncton]",
        "unknown section [juncton]: did you mean 'junction'? allowed: [geometry], [free_layer], [junction], [heat]",
    ),
    ('width = "10 nm"\n', "", '[geometry] width is missing: add a line like width = "10 nm"'),
    ('name = "orthogonal"\n', "", 'name is missing: add a line like name = "my-device"'),
    ("easy_axis = [0.0, 0.0, 1.0]", "easy_axis = 'z'", 'easy_axis = "z": three components [x, y, z] are needed'),
    (
        'applied_field = ["0 A/m",',
        "applied_field = [0,",
        'applied_field[0] = 0: a unit is missing, write "0 A/m"',
    ),
    (
        "thermal_resistances = []",
        "thermal_resistances = [4.7]",
        'thermal_resistances[0] = 4.7: a unit is missing, write "4.7 K/W"',
    ),
    (
        "thermal_resistances = []",
        'thermal_resistances = ["4.7 K/mW", "270 ns"]',
        'thermal_resistances[1] = "270 ns": a thermal resistance is needed (like "10000 K/W"), not a time',
    ),
    (
        "thermal_times = []",
        'thermal_times = "270 ns"',
        'thermal_times = "270 ns": a list is needed, one entry for each thermal pole; [] for none',
    ),
    (
        "thermal_times = []",
        'thermal_times = ["270 ns"]',
        "thermal_times: has 1 entries, thermal_resistances 0; one of each is needed for every thermal pole",
    ),
    ("polarity = 1.0", "polarity = 2", "polarity = 2: must be 1 or -1"),
    (
        "Ku_exponent",
        'curie_temperature = "200 K"\nKu_exponent',
        "curie_temperature = 200 K: must lie above temperature and its reference, 300 K",
    ),
    (
        "Ku_exponent",
        'activation_volume = "5 nm"\nKu_exponent',
        'activation_volume = "5 nm": a volume is needed (like "1000 nm^3"), not a length',
    ),
    ("[heat]", "[heat]\ntmr_voltage = '0.5 V'", 'tmr_voltage = "0.5 V": stands in [heat] but belongs in [junction]'),
    ('description = "', "description = 5 # ", "description = 5: a text is needed"),
    ('width = "10 nm"', "width = ", "is not TOML: Invalid value (at line {line}, column 9)"),
    ('width = "10 nm"', "width = " + "[" * 5000, "is not TOML: maximum recursion depth exceeded"),
]


@pytest.mark.parametrize(("old", "new", "message"), FILES, ids=[str(i) for i in range(len(FILES))])
def test_wrong_files_are_refused_in_one_line(tmp_path, old, new, message):
    text = (PRESETS / "orthogonal.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "pillar.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    with pytest.raises(InputError) as caught:
        Device.from_toml(path)
    said = str(caught.value)
    assert len(said.splitlines()) == 1
    # The interpreter's own words on recursion go on differently from version to version.
    assert said.startswith(f"{path}: {message.format(line=line)}")
    assert said == f"{path}: {message.format(line=line)}" or "recursion" in message


def test_a_section_that_is_no_table(tmp_path):
    path = tmp_path / "pillar.toml"
    path.write_text('name = "x"\ngeometry = "prism"\n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        Device.from_toml(path)
    assert str(caught.value) == f'{path}: geometry = "prism": a section [geometry] is needed'


def test_files_that_cannot_be_read(tmp_path):
    for path, content, message in [
        (tmp_path / "none.toml", None, "there is no such file"),
        (tmp_path, None, "is a folder, a .toml file is needed"),
        (tmp_path / "latin.toml", b'name = "\xe9"', "byte 8 is not UTF-8: save the file as UTF-8"),
        (tmp_path / "empty.toml", b"", 'name is missing: add a line like name = "my-device"'),
    ]:
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(InputError) as caught:
            Device.from_toml(path)
        assert str(caught.value) == f"{path}: {message}"


def test_files_of_other_systems_are_read(orthogonal, tmp_path):
    path = tmp_path / "windows.toml"
    path.write_bytes(b"\xef\xbb\xbf" + orthogonal.to_toml().replace("\n", "\r\n").encode())
    assert Device.from_toml(path) == orthogonal


def test_defaults_may_be_left_out(tmp_path):
    path = tmp_path / "short.toml"
    lines = {
        section: [f"{k.key} = {k.example}" for f, k in schema().items() if k.section == section and f in REQUIRED]
        for section in ("", "geometry", "free_layer", "junction")
    }
    path.write_text("\n".join(lines[""] + [f"[{s}]\n" + "\n".join(keys) for s, keys in lines.items() if s]))
    device = Device.from_toml(path)
    assert (device.Ku, device.temperature, device.pinned) == (0.0, 300.0, (0.0, 1.0, 0.0))
    assert device.assumptions == ()


def test_load_takes_presets_and_files(orthogonal, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mine = orthogonal.replace(name="mine", width=12e-9)
    Path("mine.toml").write_text(mine.to_toml(), encoding="utf-8")
    Path("orthogonal").write_text("not a device", encoding="utf-8")
    Path("no-suffix").write_text(mine.to_toml(), encoding="utf-8")
    assert Device.load("orthogonal") == orthogonal
    assert Device.load("mine.toml") == Device.load(Path("mine.toml")) == Device.load("no-suffix") == mine
    for given_name, message in [
        (
            "orthogonall",
            "device = \"orthogonall\": no preset and no .toml file; did you mean 'orthogonal'? "
            f"presets: {PRESET_NAMES}",
        ),
        ("", f'device = "": no preset and no .toml file; presets: {PRESET_NAMES}'),
        (".", f'device = ".": no preset and no .toml file; presets: {PRESET_NAMES}'),
        ("none.toml", "none.toml: there is no such file"),
        ("x" * 5000 + ".toml", "x" * 5000 + ".toml: cannot be read (File name too long)"),
        ("a\0.toml", "a\0.toml: is not TOML: embedded null byte"),
        ("a\0", rf'device = "a\u0000": no preset and no .toml file; presets: {PRESET_NAMES}'),
    ]:
        with pytest.raises(InputError) as caught:
            Device.load(given_name)
        assert str(caught.value) == message


def test_an_unknown_preset_is_named():
    with pytest.raises(InputError) as caught:
        Device.preset("paralel")
    assert str(caught.value) == f"preset = \"paralel\": did you mean 'parallel'? presets: {PRESET_NAMES}"


def test_json_of_datasets(orthogonal):
    assert Device.from_json(orthogonal.to_json()) == orthogonal
    assert json.loads(orthogonal.to_json())["width"] == 1e-8
    start = "device = "
    for text, message in [
        ("{", f'{start}"{{": no JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1))'),
        ("[]", f'{start}"[]": a JSON object of the fields of a device is needed'),
        ('{"name": "x"}', f'{start}"{{\\"name\\": \\"x\\"}}": geometry is missing'),
        ('{"nam": "x"}', f"unknown field \"nam\": did you mean 'name'? allowed: {FIELDS}"),
        (orthogonal.to_json().replace("1e-08", "NaN"), "width = nan: a finite number is needed"),
    ]:
        with pytest.raises(InputError) as caught:
            Device.from_json(text)
        assert str(caught.value) == message


sizes = st.floats(1e-10, 1e-4)
texts = st.text(st.characters(codec="utf-8"), max_size=20)
components = st.floats(-1e9, 1e9)


@st.composite
def directions(draw):
    angle, height = draw(st.floats(0.0, 2 * math.pi)), draw(st.floats(-1.0, 1.0))
    radius = math.sqrt(1.0 - height**2)
    return radius * math.cos(angle), radius * math.sin(angle), height


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries(
        {
            "geometry": st.sampled_from(list(GEOMETRIES)),
            "width": sizes,
            "length": sizes,
            "thickness": sizes,
            "Ms": st.floats(1.0, 1e7),
            "alpha": st.floats(1e-6, 10.0),
            "Ku": st.floats(-1e7, 1e7),
            "Ku2": st.floats(-1e7, 1e7),
            "easy_axis": directions(),
            "pinned": directions(),
            "applied_field": st.tuples(components, components, components),
            "temperature": st.floats(0.0, 1e4),
            "reference_temperature": st.floats(0.0, 1e4),
            "curie_temperature": st.none() | st.floats(1e4, 1e5, exclude_min=True),
            "Ku_exponent": st.floats(0.0, 10.0),
            "Ku2_exponent": st.floats(0.0, 20.0),
            "activation_volume": st.none() | st.floats(1e-28, 1e-12),
            "polarity": st.sampled_from([-1.0, 1.0]),
            "tmr_voltage": st.none() | st.floats(1e-3, 1e3),
            "polarization_temperature": st.none() | st.floats(1e4, 1e5, exclude_min=True),
            "resistance_area": st.floats(1e-15, 1e-6),
            "tmr": st.floats(0.0, 20.0),
            "P": st.floats(1e-3, 1.0),
            "Lambda": st.floats(1.0, 10.0),
            "eps_prime": st.floats(-1.0, 1.0),
            "breakdown_voltage": st.floats(1e-3, 100.0),
            "description": texts,
            "citation": texts,
            "assumptions": st.lists(texts, max_size=3),
        }
    ),
    st.lists(st.tuples(st.floats(1e-3, 1e9), st.floats(1e-15, 1e3)), max_size=4),
)
def test_files_give_back_every_device_to_the_last_bit(tmp_path_factory, fields, poles):
    device = Device.preset("parallel").replace(
        **fields, thermal_resistances=[R for R, _ in poles], thermal_times=np.array([tau for _, tau in poles])
    )
    path = tmp_path_factory.getbasetemp() / "device.toml"
    path.write_text(device.to_toml(), encoding="utf-8", newline="")
    assert Device.from_toml(path) == device
    assert Device.from_json(device.to_json()) == device


def test_the_file_says_units_and_meanings(orthogonal):
    lines = orthogonal.to_toml().splitlines()
    assert 'width = "10 nm"  # full axis along y, the short one' in lines
    assert 'Ms = "800 kA/m"  # saturation magnetization' in lines
    assert 'resistance_area = "1 ohm um^2"  # resistance-area product when parallel' in lines
    assert 'tmr = "100 %"  # tunnel magnetoresistance at low voltage' in lines
    assert "alpha = 0.02  # Gilbert damping" in lines


@pytest.mark.parametrize("poles", range(5))
def test_heat_paths_of_any_length_are_kept(orthogonal, tmp_path, poles):
    R, tau = tuple(4.7e6 / (1 + i) for i in range(poles)), tuple(0.27e-6 * 10.0**-i for i in range(poles))
    device = orthogonal.replace(thermal_resistances=R, thermal_times=list(tau), curie_temperature=900.0)
    assert (device.thermal_resistances, device.thermal_times) == (R, tau)
    (tmp_path / "device.toml").write_text(device.to_toml(), encoding="utf-8")
    assert Device.from_toml(tmp_path / "device.toml") == device == Device.from_json(device.to_json())
    assert hash(Device.from_json(device.to_json())) == hash(device)


def test_what_is_left_out_stays_visible_as_a_comment(orthogonal, tmp_path):
    lines = orthogonal.to_toml().splitlines()
    assert '# curie_temperature = "900 K"  (Ms ~ 1 - (T / it)^1.5; constant if left out)' in lines
    assert "thermal_resistances = []  # of each thermal pole; [] without heating" in lines
    optional = [name for name in schema() if getattr(orthogonal, name) is None]
    known = ["curie_temperature", "activation_volume", "tmr_voltage", "polarization_temperature", "thermal_diffusivity"]
    assert optional == known
    # Its example is a value that may be put there as it stands.
    text = orthogonal.to_toml()
    for name in optional:
        text = text.replace(f"# {name} =", f"{name} =").replace(f"  ({schema()[name].meaning})", "")
    (tmp_path / "device.toml").write_text(text, encoding="utf-8")
    device = Device.from_toml(tmp_path / "device.toml")
    assert (device.curie_temperature, device.polarization_temperature) == (900.0, 1400.0)
    assert (device.tmr_voltage, device.activation_volume) == (0.5, 5e-24)


def test_files_without_the_newer_keys_are_read(orthogonal, tmp_path):
    """What was written before heat came in."""
    text = (PRESETS / "orthogonal.toml").read_text(encoding="utf-8")
    newer = ("reference_temperature", "Ku_exponent", "polarity", "thermal_", "[heat]")
    old = "\n".join(line for line in text.splitlines() if not line.startswith(newer))
    (tmp_path / "old.toml").write_text(old, encoding="utf-8")
    assert Device.from_toml(tmp_path / "old.toml") == orthogonal
    fields = json.loads(orthogonal.to_json())
    for name in ("curie_temperature", "polarity", "thermal_resistances", "thermal_times", "tmr_voltage"):
        del fields[name]
    assert Device.from_json(json.dumps(fields)) == orthogonal


def test_the_resistance_falls_with_voltage_where_tmr_does(orthogonal):
    device = orthogonal.replace(tmr=1.0, tmr_voltage=0.5)
    parallel = device.resistance_parallel
    assert device.resistance(-1.0) == pytest.approx(2.0 * parallel, rel=1e-14)
    # At tmr_voltage TMR is halved; parallel moments have none.
    np.testing.assert_allclose(device.resistance(-1.0, np.array([-0.5, 0.5])), 1.5 * parallel, rtol=1e-14)
    np.testing.assert_allclose(device.resistance(1.0, np.array([0.0, 0.5, 5.0])), parallel, rtol=1e-14)
    cosine, voltage = np.array([[-0.5], [0.3]]), np.array([0.0, 0.2, 1.0])
    assert device.resistance(cosine, voltage).shape == (2, 3)
    np.testing.assert_array_equal(orthogonal.resistance(cosine, voltage), orthogonal.resistance(cosine))
    # Linear in the cosine at any voltage.
    cosines = np.linspace(-1.0, 1.0, 5)
    np.testing.assert_allclose(np.diff(1 / device.resistance(cosines, 0.4), 2), 0.0, atol=1e-14 / parallel)


def test_every_field_is_documented_with_its_unit():
    for name, key in schema().items():
        assert f"\n    {name} : " in str(Device.__doc__)
        assert key.meaning
        if key.unit:
            assert f"[{key.unit}]" in str(Device.__doc__)
