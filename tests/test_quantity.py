"""Quantities: what people write is read to the last bit, and what they get wrong is said in one line."""

import math
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinneuron import quantity
from spinneuron.quantity import InputError, nearest, parse, parse_range, shown
from spinneuron.units import KINDS

READ = [
    ("10 nm", "m", 1e-8),
    ("45nm", "m", 45e-9),
    ("3 nm", "m", 3e-9),
    ("  10\tnm ", "m", 1e-8),
    ("10 µm", "m", 1e-5),
    ("10 μm", "m", 1e-5),
    ("10 Å", "m", 1e-9),
    ("150ns", "s", 150e-9),
    ("100 uA", "A", 1e-4),
    ("100 µA", "A", 1e-4),
    ("-0.8 V", "V", -0.8),
    ("−0.8 V", "V", -0.8),
    ("+.9V", "V", 0.9),
    ("1e12 A/m^2", "A/m^2", 1e12),
    ("1e8 A/cm^2", "A/m^2", 1e12),
    ("100 MA/cm^2", "A/m^2", 1e12),
    ("100 MA/cm2", "A/m^2", 1e12),
    ("100 MA/cm²", "A/m^2", 1e12),
    ("1 A m^-2", "A/m^2", 1.0),
    ("1 A·m⁻²", "A/m^2", 1.0),
    ("1 ohm um^2", "ohm m^2", 1e-12),
    ("7.23 Ω·µm²", "ohm m^2", 7.23e-12),
    ("7.23 Ω⋅µm²", "ohm m^2", 7.23e-12),
    ("7.23 Ohm*um**2", "ohm m^2", 7.23e-12),
    ("800 kA/m", "A/m", 8e5),
    ("800 emu/cm^3", "A/m", 8e5),
    ("800 emu/cc", "A/m", 8e5),
    ("1 Oe", "A/m", 250 / math.pi),
    ("1 kOe", "A/m", 250e3 / math.pi),
    ("1 mT", "T", 1e-3),
    ("10 G", "T", 1e-3),
    ("10 kG", "T", 1.0),
    ("100 kJ/m^3", "J/m^3", 1e5),
    ("1e6 erg/cm^3", "J/m^3", 1e5),
    ("300 K", "K", 300.0),
    ("25 degC", "K", 298.15),
    ("25 °C", "K", 298.15),
    ("-273.15 degC", "K", 0.0),
    ("40 1/V", "1/V", 40.0),
    ("1e4 K/W", "K/W", 1e4),
    ("5%", "1", 0.05),
    ("78 %", "1", 0.78),
    ("0.5", "1", 0.5),
    (0.5, "1", 0.5),
    (2, "1", 2.0),
    (np.float64(0.1), "1", 0.1),
]


@pytest.mark.parametrize(("text", "unit", "value"), READ)
def test_what_physicists_write_is_read_exactly(text, unit, value):
    assert parse(text, unit, "x") == value


BEYOND = 'the number is beyond what a computer holds, write it like "10 nm"'
REFUSED = [
    ("10 ns", "m", 'x = "10 ns": a length is needed (like "10 nm"), not a time'),
    ("10 nm^2", "m", 'x = "10 nm^2": a length is needed (like "10 nm"), not an area'),
    ("5 %", "m", 'x = "5 %": a length is needed (like "10 nm"), not a plain number'),
    ("1 kg m", "m", 'x = "1 kg m": a length is needed (like "10 nm"), not "kg m"'),
    ("1 um", "s", 'x = "1 um": a time is needed (like "10 ns"), not a length'),
    ("1 V", "kg m", 'x = "1 V": a quantity in kg m is needed (like "1 kg m"), not a voltage'),
    ("1 m", "J", 'x = "1 m": an energy is needed (like "1 pJ"), not a length'),
    (
        "800 mT",
        "A/m",
        'x = "800 mT": a field or magnetization in A/m is needed (like "800 kA/m"), not a flux density: '
        'write "636.62 kA/m" (1 mT/mu0 = 795.8 A/m)',
    ),
    (
        "1 kG",
        "A/m",
        'x = "1 kG": a field or magnetization in A/m is needed (like "800 kA/m"), not a flux density: '
        'write "79.5775 kA/m" (1 mT/mu0 = 795.8 A/m)',
    ),
    ("10", "m", 'x = "10": a unit is missing, write "10 nm"'),
    (10, "m", 'x = 10: a unit is missing, write "10 nm"'),
    (1e-8, "m", 'x = 1e-08: a unit is missing, write "10 nm"'),
    (8e5, "A/m", 'x = 800000: a unit is missing, write "800 kA/m"'),
    (0, "J/m^3", 'x = 0: a unit is missing, write "0 kJ/m^3"'),
    (1, "N", 'x = 1: a unit is missing, write "1 N"'),
    ("5 deg", "1", 'x = "5 deg": a plain number or a percentage is needed, like "0.5" or "50 %"'),
    ("nan", "1", 'x = "nan": a finite number is needed, like "0.5"'),
    (math.nan, "1", 'x = nan: a finite number is needed, like "0.5"'),
    ("-inf nm", "m", 'x = "-inf nm": a finite number is needed, like "10 nm"'),
    ("", "m", 'x = "": a value is missing, write it like "10 nm"'),
    (" \n", "1", r'x = " \n": a value is missing, write it like "0.5"'),
    ("ten nm", "m", 'x = "ten nm": a number must come first, like "10 nm"'),
    ("10 nmm", "m", 'x = "10 nmm": unknown unit "nmm": did you mean \'nm\'? write it like "10 nm"'),
    ("10 NM", "m", 'x = "10 NM": unknown unit "NM": did you mean \'nm\'? write it like "10 nm"'),
    ("10 qqqq", "m", 'x = "10 qqqq": unknown unit "qqqq": write it like "10 nm"'),
    ("1,5 nm", "m", 'x = "1,5 nm": the unit ",5 nm" is not understood: write it like "10 nm"'),
    ("5 m//m", "m", 'x = "5 m//m": the unit "m//m" is not understood: write it like "10 nm"'),
    ("5 ((((", "m", 'x = "5 ((((": the unit "((((" is not understood: write it like "10 nm"'),
    ("5 m^9**9**9", "m", 'x = "5 m^9**9**9": the unit "m^9**9**9" is not understood: write it like "10 nm"'),
    ("5 m**9**9", "m", 'x = "5 m**9**9": the unit "m**9**9" is not understood: write it like "10 nm"'),
    (
        "25 degF",
        "K",
        'x = "25 degF": the unit "degF" has a shifted zero, only K and degC are taken: write it like "300 K"',
    ),
    ("1e999 nm", "m", f'x = "1e999 nm": {BEYOND}'),
    ("1e-999 nm", "m", f'x = "1e-999 nm": {BEYOND}'),
    ("1e-320 nm", "m", f'x = "1e-320 nm": {BEYOND}'),
    ("1e307 Tm", "m", f'x = "1e307 Tm": {BEYOND}'),
    ("1e99999999999999 m", "m", f'x = "1e99999999999999 m": {BEYOND}'),
    (10**400, "1", f"x = 1.000e+400: {BEYOND}".replace("10 nm", "0.5")),
    (True, "1", 'x = true: a number is needed, like "0.5"'),
    ([1], "m", 'x = [1]: a text with number and unit is needed, like "10 nm"'),
    (None, "m", 'x = None: a text with number and unit is needed, like "10 nm"'),
]


@pytest.mark.parametrize(("text", "unit", "message"), REFUSED, ids=[str(i) for i in range(len(REFUSED))])
def test_what_is_wrong_is_said_in_one_line(text, unit, message):
    with pytest.raises(InputError) as caught:
        parse(text, unit, "x")
    assert str(caught.value) == message


@pytest.mark.parametrize("unit", KINDS)
def test_every_example_in_a_message_can_be_read(unit):
    assert parse(KINDS[unit][1], unit, "x") > 0.0


def test_an_example_in_the_message_of_a_missing_unit_can_be_read():
    for unit in KINDS:
        for number in (0, 3, 1e-9, 2.5e12):
            if unit != "1":
                with pytest.raises(InputError) as caught:
                    parse(number, unit, "x")
                parse(str(caught.value).split('write "')[1].rstrip('"'), unit, "x")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30) | st.from_regex(r"[0-9.e+-]{1,6} ?[a-zA-Zµ0-9*/^() %.-]{0,12}", fullmatch=True))
def test_no_text_does_anything_but_give_a_finite_number_or_one_line(text):
    for unit in ("m", "1", "K"):
        try:
            assert math.isfinite(parse(text, unit, "x"))
        except InputError as error:
            assert len(str(error).splitlines()) == 1
            assert str(error).startswith("x = ")


@settings(max_examples=300, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([*KINDS, "%"]))
def test_written_in_full_and_read_again_is_the_same_float(value, unit):
    # Text may hold more than a float does: a value in um^2 near the end of the range is still read back.
    text = quantity.format(value, unit, digits=None)
    if value == 0.0 or 1e-250 < abs(value) < 1e250:
        assert parse(text, "1" if unit == "%" else unit, "x") == value


@settings(max_examples=100, deadline=None)
@given(st.floats(1e-20, 1e20), st.sampled_from(list(KINDS)))
def test_six_digits_are_right_to_six_digits(value, unit):
    text = quantity.format(value, unit)
    # Half a unit of the sixth digit of a number that begins with 1.
    assert parse(text, unit, "x") == pytest.approx(value, rel=5.0001e-6)
    assert len(re.sub(r"e.*|[^0-9]", "", text.split(" ")[0]).strip("0")) <= 6


WRITTEN = [
    (1e-8, "m", "10 nm"),
    (9.9999999e-7, "m", "1 um"),
    (999.4e-9, "m", "999.4 nm"),
    (5000.0, "m", "5000 m"),
    (0.0, "m", "0 m"),
    (-0.0, "V", "0 V"),
    (-0.8, "V", "-800 mV"),
    (8e5, "A/m", "800 kA/m"),
    (1e12, "A/m^2", "1 TA/m^2"),
    (7.23e-12, "ohm m^2", "7.23 ohm um^2"),
    (3.5342917e-16, "m^2", "353.429 nm^2"),
    (1.7671459e-23, "m^3", "17671.5 nm^3"),
    (300.0, "K", "300 K"),
    (230.0, "ohm", "230 ohm"),
    (450e-12, "J", "450 pJ"),
    (40.0, "1/V", "40 1/V"),
    (1e-30, "m", "1e-12 am"),
    (1e30, "1", "1e30"),
    (0.02, "1", "0.02"),
    (0.78, "%", "78 %"),
    (math.inf, "m", "inf m"),
    (math.nan, "1", "nan"),
    (np.float64(1e-8), "m", "10 nm"),
]


@pytest.mark.parametrize(("value", "unit", "text"), WRITTEN)
def test_numbers_are_written_for_people(value, unit, text):
    assert quantity.format(value, unit) == text


def test_ranges():
    np.testing.assert_array_equal(parse_range("5nm:20nm:16", "m", "x"), np.linspace(5e-9, 20e-9, 16))
    assert parse_range("10 nm, 12 nm,20nm", "m", "x").tolist() == [10e-9, 12e-9, 20e-9]
    assert parse_range("10 nm", "m", "x").tolist() == [10e-9]
    assert parse_range(" -1 V : 1 V : 3 ", "V", "x").tolist() == [-1.0, 0.0, 1.0]
    assert parse_range("5nm:5nm:1", "m", "x").tolist() == [5e-9]
    assert parse_range("10 %:50%:3", "1", "x").tolist() == pytest.approx([0.1, 0.3, 0.5], rel=1e-15)
    assert parse_range(0.5, "1", "x").tolist() == [0.5]


SHAPE = 'a range is start:stop:count, like "1 nm:10 nm:10"'
COUNT = "the count must be a whole number from 1 to 1000000, not"
RANGES = [
    ("20nm:5nm:0", f'x = "20nm:5nm:0": start 20 nm lies above stop 5 nm; {COUNT} "0"; {SHAPE}'),
    ("20nm:5nm:3", f'x = "20nm:5nm:3": start 20 nm lies above stop 5 nm; {SHAPE}'),
    ("5nm:20nm", f'x = "5nm:20nm": {SHAPE}'),
    ("5nm::3", f'x = "5nm::3": {SHAPE}'),
    ("5nm:20nm:", f'x = "5nm:20nm:": {SHAPE}'),
    ("1nm:2nm:3:4", f'x = "1nm:2nm:3:4": {SHAPE}'),
    ("5nm:20nm:1", f'x = "5nm:20nm:1": a count of 1 cannot hold both start and stop; {SHAPE}'),
    ("5nm:5nm:3", f'x = "5nm:5nm:3": start equals stop, so that all 3 values would be the same; {SHAPE}'),
    ("5nm:20nm:2.5", f'x = "5nm:20nm:2.5": {COUNT} "2.5"; {SHAPE}'),
    ("5nm:20nm:-3", f'x = "5nm:20nm:-3": {COUNT} "-3"; {SHAPE}'),
    ("5nm:20nm:1000001", f'x = "5nm:20nm:1000001": {COUNT} "1000001"; {SHAPE}'),
    ("5:20nm:3", 'x start = "5": a unit is missing, write "5 nm"'),
    ("5nm:20ns:3", 'x stop = "20ns": a length is needed (like "10 nm"), not a time'),
    ("10nm,,3nm", 'x item 2 = "": a value is missing, write it like "10 nm"'),
    ("", 'x = "": a value is missing, write it like "10 nm"'),
    (10, 'x = 10: a unit is missing, write "10 nm"'),
]


@pytest.mark.parametrize(("text", "message"), RANGES)
def test_wrong_ranges(text, message):
    with pytest.raises(InputError) as caught:
        parse_range(text, "m", "x")
    assert str(caught.value) == message


def test_nearest():
    assert nearest("widht", ["width", "length"]) == "did you mean 'width'? "
    assert nearest("MS", ["Ms", "alpha"]) == "did you mean 'Ms'? "
    assert nearest("qqq", ["width"]) == ""
    assert nearest(5, ["width"]) == ""


def test_shown_is_one_bounded_printable_line():
    assert shown("a\n\x1b[3m\u2028") == r'"a\n\u001b[3m\u2028"'
    assert shown((0.0, 1.5, "x", True)) == '[0, 1.5, "x", true]'
    assert shown(np.array([1.0, 2.0])) == "[1, 2]"
    assert len(shown("x" * 1000)) == 80


CHECKS = [
    (quantity.finite, math.nan, "x = nan: a finite number is needed"),
    (quantity.finite, "1", 'x = "1": a number is needed'),
    (quantity.finite, True, "x = true: a number is needed"),
    (quantity.finite, None, "x = None: a number is needed"),
    (quantity.finite, [1.0], "x = [1]: a number is needed"),
    (quantity.finite, 10**400, "x = 1.000e+400: a number is needed"),
    (quantity.finite, 1j, "x = 1j: a number is needed"),
    (quantity.positive, 0, 'x = 0: must be positive, like "0.5"'),
    (quantity.non_negative, -1e-9, "x = -1e-9: must not be negative"),
    (quantity.fraction, 0, "x = 0: must lie above 0 and not above 1"),
    (quantity.fraction, -0.5, "x = -0.5: must lie above 0 and not above 1"),
    (quantity.fraction, 60, 'x = 60: must lie above 0 and not above 1, or a text like "60 %"'),
    (quantity.integer, 0, "x = 0: must be at least 1"),
    (quantity.integer, 2.5, "x = 2.5: a whole number is needed"),
    (quantity.integer, True, "x = true: a number is needed"),
    (quantity.integer, math.inf, "x = inf: a finite number is needed"),
    (quantity.vector, [1, 2], "x = [1, 2]: three components [x, y, z] are needed"),
    (quantity.vector, "abc", 'x = "abc": three components [x, y, z] are needed'),
    (quantity.vector, [[1, 2, 3]], "x = [[1, 2, 3]]: three components [x, y, z] are needed"),
    (quantity.vector, [[1], 2, 3], "x[0] = [1]: a number is needed"),
    (quantity.vector, [0, math.nan, 1], "x[1] = nan: a finite number is needed"),
    (quantity.unit_vector, [0, 0, 0], "x = [0, 0, 0]: a direction is needed, like [0, 1, 0]"),
    (
        quantity.unit_vector,
        [0, 3, 4],
        "x = [0, 3, 4]: a vector of length 1 is needed, write [0, 0.6, 0.8]",
    ),
    (
        quantity.unit_vector,
        [0, 1e300, 1e300],
        "x = [0, 1e+300, 1e+300]: a vector of length 1 is needed, write [0, 0.707106781, 0.707106781]",
    ),
]


@pytest.mark.parametrize(("check", "value", "message"), CHECKS, ids=[str(i) for i in range(len(CHECKS))])
def test_checks_refuse(check, value, message):
    with pytest.raises(InputError) as caught:
        check("x", value)
    assert str(caught.value) == message


def test_checks_name_the_unit():
    with pytest.raises(InputError, match=r'^x = -10 nm: must be positive, like "10 nm"$'):
        quantity.positive("x", -1e-8, "m")
    with pytest.raises(InputError, match=r'^x = "10 nm": a number in m is needed$'):
        quantity.positive("x", "10 nm", "m")


def test_checks_pass_plain_python_numbers_on():
    assert type(quantity.positive("x", np.float32(0.5))) is float
    assert quantity.non_negative("x", 0) == 0.0
    assert quantity.fraction("x", 1) == 1.0
    assert quantity.integer("x", 1e4) == 10000
    assert quantity.integer("x", np.int64(0), minimum=0) == 0
    # A seed of 64 bits is not a float.
    assert quantity.integer("x", 2**64 - 1) == 2**64 - 1
    assert quantity.vector("x", np.array([1, 2, 3])) == (1.0, 2.0, 3.0)
    assert quantity.unit_vector("x", [0, 0.7071068, 0.7071068]) == (0.0, 0.7071068, 0.7071068)
    with pytest.raises(InputError):
        quantity.unit_vector("x", [0, 0, 1 + 2e-6])


def test_neither_pint_nor_scipy_is_imported_before_a_unit_is_read():
    code = "import sys, spinneuron.quantity as q; q.parse('5 %', '1', 'x'); q.format(1e-8, 'm')"
    subprocess.run(
        [sys.executable, "-c", f"{code}; sys.exit(bool({{'pint', 'scipy'}} & set(sys.modules)))"], check=True
    )
