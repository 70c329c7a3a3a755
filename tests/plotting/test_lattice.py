"""Figures of a lattice: directions have their colors, empty cells stay white, an animation has all snapshots."""

import colorsys
import shutil

import numpy as np
import pytest
from PIL import Image

from spinneuron import plotting
from spinneuron.ovf import Ovf
from spinneuron.plotting import draw, lattice
from spinneuron.plotting.lattice_plane import Plane, checked_view, direction_colors
from spinneuron.quantity import InputError

CELL = (2e-9, 2e-9, 5e-9)


def disc(angle=0.0, count=24, layers=1):
    """A vortex turned by an angle, without magnet outside a circle."""
    at = np.arange(count) + 0.5 - count / 2
    x, y = np.meshgrid(at, at)
    radius = np.hypot(x, y)
    core = np.exp(-((radius / 4.0) ** 2))
    flat = np.sqrt(1.0 - core**2) / radius
    m = np.stack([-y * flat, x * flat, core])
    m = np.einsum("ij,jyx->iyx", [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]], m)
    m[:, radius > count / 2] = 0.0
    return np.repeat(m[:, None], layers, axis=1)


def uniform(direction, shape=(1, 4, 6)):
    return np.broadcast_to(np.reshape(direction, (3, 1, 1, 1)), (3, *shape))


def texts(fig):
    found = [axes.get_xlabel() for axes in fig.axes] + [axes.get_ylabel() for axes in fig.axes]
    found += [axes.get_title() for axes in fig.axes] + [axes.get_title("left") for axes in fig.axes]
    found += [text.get_text() for axes in fig.axes for text in axes.texts]
    return [*found, fig.get_suptitle()]


def inside(fig):
    """The figure, if all of its words stand inside its frame."""
    fig.canvas.draw()
    for axes in fig.axes:
        box = axes.get_tightbbox()
        if axes.axison:
            assert box.x0 > 0 and box.y0 > 0 and box.x1 < fig.bbox.x1 and box.y1 < fig.bbox.y1
    return fig


@pytest.mark.parametrize(
    ("direction", "hue"),
    [((1, 0, 0), 0.0), ((0, 1, 0), 0.25), ((-1, 0, 0), 0.5), ((0, -1, 0), 0.75), ((0.6, 0.6, 0.53), 0.125)],
)
def test_hue_is_the_angle_in_the_plane(direction, hue):
    # Red, yellow green, cyan, violet, as OOMMF and mumax3 show x, y, -x, -y.
    assert colorsys.rgb_to_hls(*direction_colors(*np.array(direction, float)))[0] == pytest.approx(hue, abs=1e-12)


def test_lightness_is_the_normal_component():
    # Against the conversion of the standard library: L = 1/2 + 0.4 m_z, S = 0.8 times the length in the plane.
    for z in np.linspace(-0.99, 0.99, 9):
        r = np.sqrt(1.0 - z * z)
        expected = colorsys.hls_to_rgb(1 / 3, 0.5 + 0.4 * z, 0.8 * r)
        angle = 2.0 * np.pi / 3
        np.testing.assert_allclose(direction_colors(r * np.cos(angle), r * np.sin(angle), z), expected, atol=1e-12)
    np.testing.assert_allclose(direction_colors(0.0, 0.0, 1.0), 0.9, atol=1e-12)
    np.testing.assert_allclose(direction_colors(0.0, 0.0, -1.0), 0.1, atol=1e-12)


def test_magnetization_draws_every_cell(tmp_path):
    m = 8e5 * disc()
    fig = inside(lattice.magnetization(m, CELL, title="a vortex of 2$"))
    drawn = fig.axes[0].images[0].get_array()
    empty = np.linalg.norm(m[:, 0], axis=0) == 0.0
    assert (drawn[empty] == 1.0).all() and (drawn[~empty].min(axis=-1) < 0.95).all()
    # Lower half of a vortex that turns to the left points to the right: red.
    assert colorsys.rgb_to_hls(*drawn[1, 12])[0] == pytest.approx(0.0, abs=0.05)
    assert fig.axes[0].images[0].get_extent() == [0.0, 48.0, 0.0, 48.0]
    assert {"$x$ [nm]", "$y$ [nm]", "$+x$", "$+y$", "$+z$", "rim $-z$"} <= set(texts(fig))
    assert "a vortex of 2" in fig.get_suptitle()
    plotting.save(fig, tmp_path / "a.png")
    # The corner of the figure inside the axes is paper.
    assert Image.open(tmp_path / "a.png").convert("RGB").getpixel((2, 2)) == (255, 255, 255)


def test_arrows_point_along_the_moment():
    m = disc()
    fig = lattice.magnetization(m, CELL)
    quiver = fig.axes[0].collections[-1]
    column, row = (np.round(quiver.XY.T / 2.0 - 0.5)).astype(int)
    np.testing.assert_allclose(quiver.U, m[0, 0][row, column])
    np.testing.assert_allclose(quiver.V, m[1, 0][row, column])
    assert 50 < quiver.N < 600
    # None on empty cells, and none where nothing of the moment lies in the plane.
    assert (np.hypot(quiver.U, quiver.V) > 0.25).all()
    assert len(lattice.magnetization(uniform((0, 0, 1)), CELL).axes[0].collections[-1].U) == 0


@pytest.mark.parametrize(("axis", "right", "up", "extent"), [("x", "y", "z", (8, 15)), ("y", "x", "z", (12, 15))])
def test_planes_of_other_normals(axis, right, up, extent):
    m = np.zeros((3, 3, 4, 6))
    m["xyz".index(right)] = 1.0
    fig = inside(lattice.magnetization(m, CELL, axis=axis, layer=1, origin=(1e-9, 1e-9, 1e-9)))
    image = fig.axes[0].images[0]
    np.testing.assert_allclose(image.get_extent(), [1, 1 + extent[0], 1, 1 + extent[1]])
    assert colorsys.rgb_to_hls(*image.get_array()[0, 0])[0] == pytest.approx(0.0)
    assert (fig.axes[0].get_xlabel(), fig.axes[0].get_ylabel()) == (f"${right}$ [nm]", f"${up}$ [nm]")
    assert f"layer 1 of {dict(x=6, y=4)[axis]}, ${axis}$ = 4 nm" in fig.get_suptitle()
    assert f"rim $-{axis}$" in texts(fig)


def test_middle_layer_is_the_default():
    m = np.array(uniform((1, 0, 0), (5, 2, 2)))
    m[:, 2] = np.array([0, 0, 1]).reshape(3, 1, 1)
    plane = Plane(m, checked_view(CELL, "z", None, "angle", (0, 0, 0)))
    assert plane.layer == 2 and plane.height == pytest.approx(12.5)
    np.testing.assert_array_equal(plane.values[2], 1.0)


def test_component_on_a_diverging_scale():
    fig = inside(lattice.magnetization(np.concatenate([uniform((0, 0, 1)), uniform((0, 0, -1))], 3), CELL, color="z"))
    red, blue = fig.axes[0].images[0].get_array()[0, [0, -1]]
    assert red[0] > 2 * red[2] and blue[2] > 2 * blue[0]
    assert fig.axes[1].get_ylabel() == "$m_z$" and fig.axes[1].get_ylim() == (-1.0, 1.0)


@pytest.mark.parametrize("shape", [(1, 3, 120), (40, 2, 2), (1, 1, 1), (1, 64, 64)])
@pytest.mark.parametrize("count", [1, 3, 4])
def test_any_shape_fits(shape, count):
    frames = [uniform((0.8, 0.0, 0.6), shape)] * count
    fig = inside(lattice.domains(frames, np.arange(count) * 1e-10, CELL, axis="y"))
    assert fig.get_figwidth() <= 7.2 and fig.get_figheight() < 11.0


def test_domains_carry_their_times():
    fig = inside(lattice.domains([disc(a) for a in (0, 1, 2)], [0.0, 0.25e-9, 1e-9], CELL, title="relaxation"))
    assert [axes.get_title() for axes in fig.axes[:3]] == ["0.00 ns", "0.25 ns", "1.00 ns"]
    assert [axes.get_title("left") for axes in fig.axes[:3]] == ["(a)", "(b)", "(c)"]
    first, second = (axes.images[0].get_array() for axes in fig.axes[:2])
    assert np.abs(first - second).max() > 0.3
    assert len(fig.axes) == 4 and fig.get_suptitle() == "relaxation"


def test_animation_has_every_snapshot(tmp_path):
    path, done = tmp_path / "a.gif", []
    frames, times = [disc(a) for a in np.linspace(0.0, 2.0, 5)], np.arange(5) * 1e-10
    lattice.animation(frames, times, path, CELL, rate=20, progress=done.append)
    assert list(tmp_path.iterdir()) == [path] and sum(done) == pytest.approx(1.0) and len(done) == 5
    with Image.open(path) as made:
        assert made.n_frames == 5 and made.info["duration"] == 50 and made.info["loop"] == 0
        pictures = []
        for number in range(5):
            made.seek(number)
            pictures.append(np.asarray(made.convert("RGB")).astype(int))
    for one, other in zip(pictures, pictures[1:], strict=False):
        # Cells change and the paper does not: nothing jumps.
        assert np.abs(one - other).max() > 60 and (one == other).all(axis=-1).mean() > 0.3
    assert (pictures[0][:4] == 255).all()


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed")
def test_mp4(tmp_path):
    lattice.animation([disc(0.0), disc(1.0)], [0.0, 1e-9], tmp_path / "a.mp4", CELL)
    assert (tmp_path / "a.mp4").read_bytes()[4:8] == b"ftyp" and len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda path: lattice.magnetization(np.zeros((3, 4, 4)), CELL), "(components, nz, ny, nx) is needed"),
        (lambda path: lattice.magnetization(np.zeros((2, 1, 4, 4)), CELL), "three components are needed, not 2"),
        (lambda path: lattice.magnetization(disc(), (1e-9, 1e-9)), "cell = "),
        (lambda path: lattice.magnetization(disc(), (1e-9, 0.0, 1e-9)), "cell[1] = 0 m: must be positive"),
        (lambda path: lattice.magnetization(disc(), CELL, axis="w"), 'axis = "w": allowed: z, y, x'),
        (lambda path: lattice.magnetization(disc(), CELL, color="angel"), "did you mean 'angle'"),
        (lambda path: lattice.magnetization(disc(), CELL, layer=1), "layer = 1: along z there are 1; give 0 to 0"),
        (lambda path: lattice.magnetization(disc(), CELL, layer=-1), "layer = -1: must be at least 0"),
        (lambda path: lattice.domains([], [], CELL), "give at least one snapshot"),
        (lambda path: lattice.domains([disc()], [], CELL), "times: 0 for 1 snapshots"),
        (lambda path: lattice.domains([disc(), disc(count=8)], [0, 1], CELL), "all must be of one shape"),
        (lambda path: lattice.animation([disc()], [0], path / "a.avi", CELL), "an animation ends in .gif or .mp4"),
        (lambda path: lattice.animation([disc()], [0], path / "a.gif", CELL, rate=99), "at most 50 snapshots"),
        (lambda path: lattice.animation([disc()], [0], path / "no" / "a.gif", CELL), "cannot be written"),
        (lambda path: lattice.animation([disc(), disc(count=8)], [0, 1], path / "a.gif", CELL), "of one shape"),
    ],
)  # fmt: skip
def test_mistakes_are_one_line(call, said, tmp_path):
    with pytest.raises(InputError) as error:
        call(tmp_path)
    assert said in str(error.value) and "\n" not in str(error.value) and not list(tmp_path.iterdir())


def test_mp4_needs_ffmpeg(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(InputError, match=r"a\.mp4: \.mp4 needs the program ffmpeg, .*; end the name in \.gif"):
        lattice.animation([disc()], [0.0], tmp_path / "a.mp4", CELL)


def test_fields_of_other_kinds():
    energy = np.arange(24.0).reshape(1, 1, 4, 6)
    fig = inside(draw(Ovf(energy, CELL, labels=("Total energy",), units=("J/m^3",), time=2e-10)))
    np.testing.assert_array_equal(fig.axes[0].images[0].get_array(), energy[0, 0])
    assert "Total energy [J/m^3]" in texts(fig) and fig.get_suptitle() == "0.2 ns"
    uneven = np.array(uniform((3.0, 0.0, 4.0)))
    uneven[..., 0] *= 2.0
    said = draw(Ovf(uneven, CELL, title="B_demag", units=("T",) * 3)).get_suptitle()
    assert said == "B_demag; direction, lengths 5 to 10 T"
    assert draw(Ovf(8e5 * disc(), CELL, title="m")).get_suptitle() == "m"
    # A tensor of 11 numbers: the first 9, each with its bar.
    assert len(inside(draw(Ovf(np.ones((11, 1, 4, 6)), CELL))).axes) == 18
    inside(draw(Ovf(np.zeros((3, 1, 4, 6)), CELL)))
