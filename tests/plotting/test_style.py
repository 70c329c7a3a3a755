"""One look for all figures, and no trace left behind."""

import subprocess
import sys

import matplotlib
import pytest

from spinneuron.plotting import style
from spinneuron.quantity import InputError


@style.styled
def picture():
    fig = style.figure(2.0, 1.5)
    fig.subplots().plot([0, 1], [0, 1])
    return fig


@pytest.mark.parametrize("ending", ["png", "pdf", "svg"])
def test_saves(ending, tmp_path):
    style.save(picture(), tmp_path / f"a.{ending}")
    assert [path.name for path in tmp_path.iterdir()] == [f"a.{ending}"]
    assert (tmp_path / f"a.{ending}").stat().st_size > 1000


@pytest.mark.parametrize(
    ("name", "said"), [("a.jpg", "ends in .png"), ("a", "ends in"), ("no/a.png", "cannot be written")]
)
def test_refuses(name, said, tmp_path):
    with pytest.raises(InputError, match=said):
        style.save(picture(), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_does_not_depend_on_the_callers_settings_nor_change_them(tmp_path):
    style.save(picture(), tmp_path / "a.png")
    with matplotlib.rc_context({"font.size": 30.0, "lines.linewidth": 9.0}):
        style.save(picture(), tmp_path / "b.png")
        assert matplotlib.rcParams["font.size"] == 30.0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_pyplot_stays_out():
    report = "import sys, spinneuron.plotting; print('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", report], capture_output=True, text=True).stdout == "False\n"


def test_regimes_differ_in_gray():
    def lightness(color):
        red, green, blue = matplotlib.colors.to_rgb(color)
        return 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2

    shades = sorted(lightness(color) for color in style.REGIME_COLORS)
    # A quarter of the range apart: a printer in black and white keeps them apart.
    assert shades[1] - shades[0] > 0.2 and shades[2] - shades[1] > 0.2
