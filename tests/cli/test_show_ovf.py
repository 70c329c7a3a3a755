"""`spinneuron show` of OVF files, ours and others'."""

import numpy as np
import pytest

from spinneuron import ovf
from spinneuron.cli import main
from spinneuron.ovf import Ovf

VALUES = np.zeros((3, 2, 4, 5))
VALUES[0] = 8e5
VALUES[:, :, 0] = 0.0
RECORD = Ovf(
    VALUES, (2e-9, 3e-9, 4e-9), labels=("m_x", "m_y", "m_z"), units=("A/m",) * 3, title="m", description=("said so",),
    time=2.5e-10,
)  # fmt: skip


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["a.ovf", "a.omf", "a.ohf", "A.OVF"])
def test_summary_and_figure(name, here, capsys):
    ovf.write(name, RECORD)
    assert main(["show", name]) == 0
    rows = dict(line.strip().split("  ", 1) for line in capsys.readouterr().out.splitlines() if "  " in line.strip())
    said = {key: " ".join(text.split()) for key, text in rows.items()}
    assert said == {
        "field": "m",
        "cells": "5 x 4 x 2 of 2 x 3 x 4 nm",
        "extent": "10 x 12 x 8 nm, corner at (0, 0, 0) nm",
        "time": "250 ps",
        # Three of four rows hold 8e5 A/m.
        "m_x": "mean 600000, 0 to 800000 A/m",
        "m_y": "mean 0, 0 to 0 A/m",
        "m_z": "mean 0, 0 to 0 A/m",
        "length": "800000 to 800000 A/m; 10 cells are 0",
        "said": "said so",
    }
    assert (here / f"{name[0]}.png").stat().st_size > 10_000


def test_scalars_and_empty_fields(here, capsys):
    ovf.write("e.ovf", Ovf(VALUES[:1], RECORD.cell, labels=("energy",), units=("J/m^3",)))
    assert main(["show", "e.ovf", "-o", "e.pdf"]) == 0
    said = capsys.readouterr().out
    assert (
        "0 to 800000 J/m^3" in said and "without title" in said and "length" not in said and (here / "e.pdf").exists()
    )
    ovf.write("z.ovf", Ovf(0.0 * VALUES, RECORD.cell))
    assert main(["show", "z.ovf", "--no-plot"]) == 0
    said = capsys.readouterr().out
    assert "0 in all cells" in said and "none" in said and not (here / "z.png").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"voltage,trials", "is no OVF file"), (b"# OOMMF: irregular mesh v1.0\n", "irregular"), (None, "no such file")],
)
def test_mistakes_are_one_line(content, said, here, capsys):
    if content is not None:
        (here / "a.ovf").write_bytes(content)
    assert main(["show", "a.ovf"]) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1 and "a.ovf" in line and said in line and not (here / "a.png").exists()
