"""OVF files: every bit comes back, other codes' files are read as they mean them, faults are one line."""

import os
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from spinneuron import ovf
from spinneuron.ovf import Ovf
from spinneuron.quantity import InputError

# (nx, ny, nz) = (3, 2, 2), values that tell cell and component: component + 10 x + 100 y + 1000 z.
_Z, _Y, _X = np.meshgrid(np.arange(2), np.arange(2), np.arange(3), indexing="ij")
COUNTED = np.stack([c + 10.0 * _X + 100.0 * _Y + 1000.0 * _Z for c in range(3)])
# In the order of the file, written out once by the words of the specification: x fastest, components together.
IN_FILE = [c + 10.0 * x + 100.0 * y + 1000.0 * z for z in (0, 1) for y in (0, 1) for x in (0, 1, 2) for c in (0, 1, 2)]


def field(**changes):
    given = {
        "values": np.random.default_rng(1).normal(size=(3, 2, 3, 4)) * 8e5,
        "cell": (2.5e-9, 3e-9, 1 / 3 * 1e-9),
        "base": (-1e-8, 0.1e-9, 0.0),
        "labels": ("m_x", "Total field", "µ"),
        "units": ("A/m", "", "J / m^3"),
        "title": "a title: with colon",
        "description": ("first", "", "key: value"),
        "time": 1.1e-10 / 3,
    }
    return Ovf(**(given | changes))


def assert_same(one, other, rtol=0.0):
    np.testing.assert_allclose(one.values, other.values, rtol=rtol, atol=0.0)
    for name in ("cell", "base", "labels", "units", "title", "description", "time", "counts"):
        assert getattr(one, name) == getattr(other, name), name


@pytest.mark.parametrize("representation", ["binary 8", "text", "Binary  4"])
def test_comes_back(representation, tmp_path):
    path = tmp_path / "m.ovf"
    ovf.write(path, field(), representation)
    loaded = ovf.read(path)
    # A float of 4 bytes has 24 binary digits: 2^-24 = 6.0e-8.
    assert_same(loaded, field(), 6.0e-8 if "4" in representation else 0.0)
    assert loaded.values.dtype == np.float64 and loaded.values.flags.c_contiguous
    # Once rounded, the rest is exact.
    ovf.write(path, loaded, representation)
    assert_same(ovf.read(path), loaded)


WORD = st.text(st.characters(categories=["L", "N"], include_characters="_/^ "), min_size=1, max_size=9).map(str.strip)
LENGTH = st.floats(1e-12, 1e-3)


@given(data=st.data(), count=st.integers(1, 4), representation=st.sampled_from(["binary 8", "text"]))
def test_any_field_comes_back(data, count, representation, tmp_path_factory):
    shape = (count, *data.draw(st.tuples(*[st.integers(1, 4)] * 3)))
    made = Ovf(
        data.draw(arrays.arrays(np.float64, shape, elements=st.floats(allow_nan=False, allow_infinity=False))),
        data.draw(st.tuples(LENGTH, LENGTH, LENGTH)),
        data.draw(st.tuples(*[st.floats(-1e-3, 1e-3)] * 3)),
        tuple(data.draw(WORD.filter(bool)) for _ in range(count)),
        tuple(data.draw(WORD.filter(lambda word: word != "None")) for _ in range(count)),
        data.draw(WORD),
        tuple(data.draw(st.lists(WORD, max_size=2))),
        data.draw(st.none() | st.floats(0.0, 1.0)),
    )
    path = tmp_path_factory.getbasetemp() / "any.ovf"
    ovf.write(path, made, representation)
    loaded = ovf.read(path)
    assert_same(loaded, made)
    assert loaded.values.tobytes() == made.values.tobytes()


HEADER = """\
# OOMMF OVF 2.0
# Segment count: 1
# Begin: Segment
# Begin: Header
# Title: m
# meshtype: rectangular
# meshunit: m
# xmin: 0
# ymin: 0
# zmin: 0
# xmax: 1.2e-08
# ymax: 1e-08
# zmax: 6e-09
# valuedim: 3
# valuelabels: m_x m_y m_z
# valueunits: 1 1 1
# Desc: Total simulation time:  2.5e-10  s
# xbase: 2e-09
# ybase: 2.5e-09
# zbase: 1.5e-09
# xnodes: 3
# ynodes: 2
# znodes: 2
# xstepsize: 4e-09
# ystepsize: 5e-09
# zstepsize: 3e-09
# End: Header
"""
FIRST = "# OOMMF: rectangular mesh v1.0\n"
OLD = FIRST + HEADER.partition("\n")[2].replace("# valuedim: 3\n# valuelabels: m_x m_y m_z\n# valueunits: 1 1 1\n", "")
TEXT = "# Begin: Data Text\n" + "".join(
    " ".join(f"{value:g}" for value in IN_FILE[i : i + 3]) + " \n" for i in range(0, 36, 3)
)
END = "# End: Data Text\n# End: Segment\n"


def binary(size, order, check=None, values=IN_FILE):
    check = {4: 1234567.0, 8: 123456789012345.0}[size] if check is None else check
    kind = {4: "f", 8: "d"}[size]
    begin, end = f"# Begin: Data Binary {size}\n", f"\n# End: Data Binary {size}\n# End: Segment\n"
    return begin.encode() + struct.pack(f"{order}{len(values) + 1}{kind}", check, *values) + end.encode()


def saved(path, *parts):
    path.write_bytes(b"".join(part if isinstance(part, bytes) else part.encode() for part in parts))
    return path


OTHERS = {
    "mumax3 text, a space at the end of lines": (HEADER, TEXT, END),
    "mumax3 binary 4": (HEADER, binary(4, "<")),
    "mumax3 without its end": (HEADER, binary(4, "<").partition(b"\n# End")[0]),
    "carriage returns": (HEADER.replace("\n", "\r\n"), binary(8, "<").replace(b"8\n", b"8\r\n", 1)),
    "small letters": (HEADER.lower(), binary(8, "<").replace(b"# Begin: Data Binary", b"# begin: data binary")),
    "capitals and spaces": (
        HEADER.upper().replace("MESHUNIT: M", "Mesh Unit  :\tm").replace("# X", "#   x ").replace("S ", "s "),
        binary(8, "<").replace(b"# Begin: Data Binary", b"#  BEGIN :  DATA   BINARY"),
    ),
    "comments": (
        HEADER.replace("count: 1", "count: 000001").replace("\n# x", "  ## said twice\n## a comment: no\n#\n\n# x"),
        TEXT,
        "## so\n",
        END,
    ),
    "nm": (HEADER.replace("meshunit: m", "meshunit: nm").replace("e-09", "").replace("e-08", "e1"), TEXT, END),
    "steps and base left out": ("\n".join(x for x in HEADER.split("\n") if "step" not in x and "base" not in x), TEXT),
    "OVF 1.0 text": (OLD, TEXT, END),
    "OVF 1.0 binary 4": (OLD, binary(4, ">")),
    "OVF 1.0 binary 8": (OLD.replace("v1.0", "v0.99"), binary(8, ">")),
    "all numbers in one line": (HEADER, TEXT.replace(" \n", "\t"), "\n", END),
}


@pytest.mark.parametrize("name", OTHERS)
def test_files_of_other_codes(name, tmp_path):
    loaded = ovf.read(saved(tmp_path / "m.omf", *OTHERS[name]))
    # All numbers have at most 7 binary digits: exact in any representation.
    np.testing.assert_array_equal(loaded.values, COUNTED)
    assert loaded.counts == (3, 2, 2) and loaded.time == 2.5e-10 and loaded.description == ()
    # 1.2e-8/3 is rounded once more than 4e-9.
    np.testing.assert_allclose(loaded.cell, (4e-9, 5e-9, 3e-9), rtol=3e-16)
    np.testing.assert_allclose(loaded.base, (2e-9, 2.5e-9, 1.5e-9), rtol=3e-16)
    np.testing.assert_allclose(loaded.origin, 0.0, atol=1e-24)
    np.testing.assert_allclose(loaded.extent, (12e-9, 10e-9, 6e-9), rtol=3e-16)


def test_is_written_as_the_specification_says(tmp_path):
    made = Ovf(COUNTED, (4e-9, 5e-9, 3e-9), (), ("m_x", "m_y", "m_z"), ("1", "1", "1"), "m", (), 2.5e-10)
    ovf.write(tmp_path / "m.ovf", made)
    head, _, data = (tmp_path / "m.ovf").read_bytes().partition(b"# Begin: Data")
    lines = [line.replace("1.2e-08", "1.2000000000000002e-08") for line in HEADER.splitlines()]
    written = [line.replace(": 0.0", ": 0") for line in head.decode().splitlines()]
    assert sorted(written) == sorted(lines)
    assert b"# Begin: Data" + data == binary(8, "<")


def test_multiplier_of_ovf_1(tmp_path):
    old = OLD.replace("# xnodes", "# valueunit: A/m\n# valuemultiplier: 8e5\n# xnodes")
    loaded = ovf.read(saved(tmp_path / "m.omf", old, TEXT, END))
    np.testing.assert_array_equal(loaded.values, 8e5 * COUNTED)
    assert loaded.units == ("A/m",) * 3 and loaded.labels == ("x", "y", "z")


@pytest.mark.parametrize(
    ("lines", "time", "rest"),
    [
        ("Total simulation time:  0  s", 0.0, 0),
        ("Total simulation time: 7.06734e-009 s", 7.06734e-9, 0),
        ("Total simulation time: 0.5 ns", 0.5e-9, 0),
        ("Total simulation time: 3e-9", 3e-9, 0),
        ("Time (s): 9.184e-9", 9.184e-9, 0),
        ("Total simulation time: -2 s", None, 1),
        ("Total simulation time: soon", None, 1),
        ("Total simulation time: 4 weeks", None, 1),
        ("Stage: 0, Stage simulation time: 1e-9 s Total simulation time: 2e-9 s", 2e-9, 1),
        ("no time", None, 1),
    ],
)
def test_times(lines, time, rest, tmp_path):
    head = HEADER.replace("Total simulation time:  2.5e-10  s", lines)
    loaded = ovf.read(saved(tmp_path / "m.ovf", head, TEXT, END))
    assert loaded.time == time and loaded.description == (lines,) * rest


@pytest.mark.parametrize(
    ("dim", "labels", "units", "expected"),
    [
        (1, "{Total energy density}", "J/m^3", (("Total energy density",), ("J/m^3",))),
        (1, "Exchange energy density", "J/m3", (("Exchange energy density",), ("J/m3",))),
        (2, '"Zeeman energy" a', "J/m^3  A/m", (("Zeeman energy", "a"), ("J/m^3", "A/m"))),
        (3, "{Total field_x} {Total field_y} b", "{} {} {}", (("Total field_x", "Total field_y", "b"), ("",) * 3)),
        (3, "field_x field_x field_x", "None None None", (("field_x",) * 3, ("",) * 3)),
        (3, "a b", "A/m", (("x", "y", "z"), ("A/m",) * 3)),
        (6, "", "T T T", (tuple(f"value_{i}" for i in range(1, 7)), ("T",) * 6)),
        (2, "a b", "T s V", (("a", "b"), ("", ""))),
    ],
)
def test_labels_and_units(dim, labels, units, expected, tmp_path):
    head = HEADER.replace("m_x m_y m_z", labels).replace("valueunits: 1 1 1", f"valueunits: {units}")
    rows = "# Begin: Data Text\n" + "1 " * (12 * dim)
    loaded = ovf.read(saved(tmp_path / "a.oef", head.replace("valuedim: 3", f"valuedim: {dim}"), rows))
    assert (loaded.labels, loaded.units) == expected and loaded.valuedim == dim


def without(key):
    return "".join(line + "\n" for line in HEADER.splitlines() if not line.startswith(f"# {key}"))


NAN = np.where(np.arange(36) == 4, np.nan, IN_FILE).tolist()
FAULTS = {
    "is no OVF file": ("voltage,trials\n",),
    "the first line is not": ("",),
    "has an irregular mesh; only rectangular": ("# OOMMF: irregular mesh v0.0\n1 2 3 4 5 6\n",),
    "is of an unknown version": ("# OOMMF OVF 3.0\n",),
    "meshtype = irregular: has an irregular": (HEADER.replace(": rectangular", ": irregular"), TEXT, END),
    "meshtype = \"rectangle\": unknown, did you mean 'rectangular'": (
        HEADER.replace(": rectangular", ": rectangle"), TEXT, END),
    "line 4: \"0.5 0.5\" stands in the header": (HEADER.replace("# Begin: H", "0.5 0.5\n# Begin: H"), TEXT),
    "has no line \"# Begin: Data": (HEADER,),
    "data \"binary 6\": unknown, did you mean 'binary": (HEADER, "# Begin: Data Binary 6\n"),
    "data \"binary\": unknown": (HEADER, "# Begin: Data Binary\n"),
    "segment count = \"2\": must be 1": (HEADER.replace("count: 1", "count: 2"), TEXT, END),
    "the header has no valuedim; add a line \"# valuedim": (without("valuedim"), TEXT, END),
    "the header has no ynodes": (without("ynodes"), TEXT, END),
    "the header has no zstepsize": (without("zstepsize").replace("zmax", "zm"), TEXT, END),
    "xnodes = \"2.5\": a whole number": (HEADER.replace("xnodes: 3", "xnodes: 2.5"), TEXT, END),
    "xnodes = \"-3\": a whole number": (HEADER.replace("xnodes: 3", "xnodes: -3"), TEXT, END),
    "ystepsize = \"wide\": a finite number": (HEADER.replace("ystepsize: 5e-09", "ystepsize: wide"), TEXT, END),
    "ystepsize = -5e-09 m: must be positive": (HEADER.replace("ystepsize: 5", "ystepsize: -5"), TEXT, END),
    "zbase = \"nan\": a finite number": (HEADER.replace("zbase: 1.5e-09", "zbase: nan"), TEXT, END),
    "meshunit = \"kg\": a length is needed": (HEADER.replace("meshunit: m", "meshunit: kg"), TEXT, END),
    "valuemultiplier = 2: OVF 2.0 has none": (HEADER.replace("# xnodes", "# valuemultiplier: 2\n# xnodes"), TEXT),
    "36 values (3 x 2 x 2 cells of 3), the file holds 33: 3 are missing": (HEADER, TEXT.rpartition("1120")[0], END),
    "cells of 3), the file holds 27: 9 are missing": (HEADER, binary(8, "<")[: 23 + 8 * 28]),
    "the file holds 0: 36 are missing": (HEADER, "# Begin: Data Binary 8\n123"),
    "ends in its last number, which may be cut off": (HEADER, TEXT[:-3]),
    "the file holds 37: 1 are too many; correct xnodes": (HEADER, TEXT, "7\n", END),
    "and 16 bytes follow them; correct xnodes": (
        HEADER, binary(8, "<", values=[*IN_FILE, 1.0]).partition(b"\n# End")[0] + b"\1" * 8),
    "are likely binary 8, big-endian, where the header says binary 8, little-endian": (HEADER, binary(8, ">")),
    "are likely binary 4, little-endian, where the header says binary 4, big-endian as in OVF 1": (OLD, binary(4, "<")),
    "are likely binary 8, little-endian, where the header says binary 4": (
        HEADER, binary(8, "<").replace(b"Binary 8", b"Binary 4")),
    "the check value before the data is 5.0, not 123456789012345: the data are damaged": (HEADER, binary(8, "<", 5.0)),
    "1 of 36 are not finite, first nan in value 2 of the cell x, y, z = 1, 0, 0": (HEADER, binary(4, "<", values=NAN)),
    "first inf in value 1 of the cell x, y, z = 0, 0, 0": (HEADER, TEXT.replace("\n0 1", "\ninf 1"), END),
    "line 30: \"10,5\" is no number; write numbers with a point": (HEADER, TEXT.replace("\n10 ", "\n10,5 "), END),
    # 10^18 cells: no array of that size may be tried.
    "the header promises 1000000000000000000 values (1000000 x 1000000": (
        "".join(HEADER.replace("valuedim: 3", "valuedim: 1").replace("nodes: 3", "nodes: 1e6").replace(
            "nodes: 2", "nodes: 1e6")), binary(8, "<")),
    "1.000e+100 values": (HEADER.replace("valuedim: 3", "valuedim: 1").replace("nodes: 3", "nodes: 1e100").replace(
        "nodes: 2", "nodes: 1"), TEXT, END),
}  # fmt: skip


@pytest.mark.parametrize("said", FAULTS)
def test_faults_are_one_line(said, tmp_path):
    path = saved(tmp_path / "m.ovf", *FAULTS[said])
    with pytest.raises(InputError) as error:
        ovf.read(path)
    assert said in str(error.value) and str(error.value).startswith(f"{path}: ") and "\n" not in str(error.value)


def test_no_such_file_and_folder(tmp_path):
    with pytest.raises(InputError, match=r"no\.ovf: there is no such file"):
        ovf.read(tmp_path / "no.ovf")
    with pytest.raises(InputError, match="is a folder"):
        ovf.read(tmp_path)


def test_damaged_files_end_in_one_line(tmp_path):
    rng = np.random.default_rng(7)
    path, read, refused = tmp_path / "m.ovf", 0, 0
    wholes = [b"".join(p if isinstance(p, bytes) else p.encode() for p in parts) for parts in OTHERS.values()]
    for _ in range(int(os.environ.get("SPINNEURON_DAMAGED_FILES", "300"))):
        data = bytearray(wholes[rng.integers(len(wholes))])
        for _ in range(rng.integers(1, 6)):
            # Bytes changed, a stretch lost, a stretch doubled, the end cut off.
            start, length = int(rng.integers(max(len(data), 1))), int(rng.integers(1, 40))
            match rng.integers(4):
                case 0 if data:
                    data[start] = rng.integers(256)
                case 1:
                    del data[start : start + length]
                case 2:
                    data[start:start] = data[start : start + length]
                case _ if rng.random() < 0.2:
                    del data[max(start, 1) :]
        path.write_bytes(data)
        try:
            loaded = ovf.read(path)
        except InputError as error:
            assert "\n" not in str(error) and len(str(error)) < 600
            refused += 1
        else:
            assert np.isfinite(loaded.values).all() and min(loaded.cell) > 0.0
            # What is read can be written.
            ovf.write(path, loaded, "text")
            read += 1
    assert read > 20 and refused > 100


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"values": np.zeros((3, 4))}, "an array (valuedim, nz, ny, nx) is needed, not of shape (3, 4)"),
        ({"values": np.zeros((3, 0, 1, 1))}, "not of shape"),
        ({"values": "m"}, "an array of numbers"),
        ({"values": np.full((3, 1, 1, 1), np.nan)}, "3 of 3 are not finite"),
        ({"cell": (1e-9, 0.0, 1e-9)}, "cell[1] = 0 m: must be positive"),
        ({"cell": (1e-9, 1e-9)}, "three components"),
        ({"base": (0.0, 0.0, np.inf)}, "base[2] = inf"),
        ({"labels": ("a", "b")}, "2 for 3 values"),
        ({"labels": ("a", "b", "")}, "every value needs a name"),
        ({"labels": ("a", "b", "{c")}, "without {"),
        ({"units": ("1", "1", 1)}, "a text is needed"),
        ({"title": "two\nlines"}, "must be one line"),
        ({"description": ("## x",)}, "must be one line without ##"),
        ({"time": -1.0}, "must not be negative"),
    ],
)
def test_what_cannot_be_held(changes, said):
    with pytest.raises(InputError) as error:
        field(**changes)
    assert said in str(error.value) and "\n" not in str(error.value)


def test_writing_is_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "m.ovf"
    with pytest.raises(InputError, match='representation = "binary 5": unknown, did you mean \'binary'):
        ovf.write(path, field(), "binary 5")
    with pytest.raises(InputError, match=r"binary 4 cannot hold 1e\+39; write it as binary 8"):
        ovf.write(path, field(values=np.full((3, 1, 1, 1), 1e39)), "binary 4")
    with pytest.raises(InputError, match="cannot be written"):
        ovf.write(tmp_path / "missing" / "m.ovf", field())
    assert not list(tmp_path.iterdir())
    ovf.write(path, field())
    before = path.read_bytes()

    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(InputError, match="No space left on device"):
        ovf.write(path, field(time=None))
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]
