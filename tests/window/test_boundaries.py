"""Boundaries: edges and lines of synthetic maps whose lines are known."""

import numpy as np
import pytest
import xarray as xr

from spinneuron.window.boundaries import EDGES, PLANES, edges, fit_lines, plane
from spinneuron.window.regimes import BELOW, LIF, STUCK
from spinneuron.window.spec import DIMENSIONS

REFERENCE = {"width": 10e-9, "length": 45e-9, "thickness": 50e-9}
AXES = {"width": np.arange(4, 31) * 1e-9, "length": np.arange(20, 91) * 1e-9, "thickness": np.arange(20, 91) * 1e-9}


def band(width, length, thickness):
    """Regime 1 where 0.8 T + 4 nm <= L <= 0.9 T + 2 nm, 0 below, 2 above; the width does not matter."""
    regime = np.where(length < 0.8 * thickness + 4e-9, BELOW, np.where(length > 0.9 * thickness + 2e-9, STUCK, LIF))
    return np.broadcast_to(regime, np.broadcast_shapes(width.shape, regime.shape)).astype(np.int8)


def judge(dimensions):
    return band(*dimensions)


@pytest.fixture(scope="module")
def regime():
    mesh = np.meshgrid(*AXES.values(), indexing="ij")
    return xr.DataArray(band(*mesh), coords=AXES, dims=DIMENSIONS)


@pytest.mark.parametrize("held", DIMENSIONS)
def test_planes_go_through_the_reference(regime, held):
    x, y = PLANES[held]
    section = plane(regime, held, REFERENCE)
    assert section.dims == (y, x)
    assert float(section[held]) == pytest.approx(REFERENCE[held], rel=1e-12)
    assert {held, x, y} == set(DIMENSIONS)
    np.testing.assert_array_equal(section, regime.sel({held: REFERENCE[held]}, method="nearest").transpose(y, x))


def test_known_lines_are_found(regime):
    rough, fine = fit_lines(regime, REFERENCE), fit_lines(regime, REFERENCE, judge)
    for lines, tolerance in ((rough, 0.01), (fine, 1e-3)):
        held = lines.sel(held="width")
        np.testing.assert_allclose(held.boundary_slope, [0.8, 0.9], rtol=0.0, atol=tolerance)
        # A midpoint may be off by half a nanometer, a bisected one by 1/128 of it.
        np.testing.assert_allclose(held.boundary_intercept, [4e-9, 2e-9], rtol=0.0, atol=60 * tolerance * 1e-9)
        assert np.all(held.boundary_r2 > 0.999)
    assert float(fine.boundary_r2.sel(held="width", edge="upper")) > 1 - 1e-6
    assert fine.boundary_intercept.attrs["units"] == fine.edge_width_held.attrs["units"] == "m"
    assert fine.boundary_slope.attrs["units"] == fine.boundary_r2.attrs["units"] == "1"


def test_edges_lie_on_the_line(regime):
    section = plane(regime, "width", REFERENCE)
    x = section["thickness"].values
    found = edges(section, REFERENCE, judge)
    lower, upper = found["lower"], found["upper"]
    both = np.isfinite(lower) & np.isfinite(upper)
    assert both.sum() > 40
    # Six bisections of one nanometer.
    np.testing.assert_allclose(lower[both], 0.8 * x[both] + 4e-9, rtol=0.0, atol=1e-9 / 128 + 1e-15)
    np.testing.assert_allclose(upper[both], 0.9 * x[both] + 2e-9, rtol=0.0, atol=1e-9 / 128 + 1e-15)
    # Both lines meet at T = 20 nm, L = 20 nm, and the window runs off no side of this plane.
    rough = edges(section, REFERENCE)
    np.testing.assert_allclose(rough["upper"][both], upper[both], rtol=0.0, atol=0.5e-9 + 1e-15)


def test_no_edge_where_the_window_runs_off_the_grid():
    values = np.full((1, 6, 4), LIF, np.int8)
    values[0, :2, 1] = BELOW
    values[0, 4:, 2] = STUCK
    axes = {"width": [10e-9], "length": np.arange(42, 48) * 1e-9, "thickness": np.arange(48, 52) * 1e-9}
    section = plane(xr.DataArray(values, coords=axes, dims=DIMENSIONS), "width", REFERENCE)
    found = edges(section, REFERENCE)
    np.testing.assert_allclose(found["lower"], [np.nan, 43.5e-9, np.nan, np.nan], rtol=1e-12)
    np.testing.assert_allclose(found["upper"], [np.nan, np.nan, 45.5e-9, np.nan], rtol=1e-12)


def test_other_islands_are_no_part_of_the_window():
    values = np.zeros((1, 9, 9), np.int8)
    values[0, 3:6, 3:6] = LIF
    values[0, 3:6, 8] = values[0, 8, 3:6] = LIF
    axes = {"width": [10e-9], "length": np.arange(41, 50) * 1e-9, "thickness": np.arange(46, 55) * 1e-9}
    section = plane(xr.DataArray(values, coords=axes, dims=DIMENSIONS), "width", REFERENCE)
    found = edges(section, REFERENCE)
    np.testing.assert_allclose(found["lower"][3:6], 43.5e-9, rtol=1e-12)
    np.testing.assert_allclose(found["upper"][3:6], 46.5e-9, rtol=1e-12)
    assert np.isfinite(found["upper"]).sum() == 3


@pytest.mark.parametrize("fill", [BELOW, LIF])
def test_maps_without_edges(fill):
    axes = {name: values[:5] for name, values in AXES.items()}
    lines = fit_lines(xr.DataArray(np.full((5, 5, 5), fill, np.int8), coords=axes, dims=DIMENSIONS), REFERENCE, judge)
    assert np.isnan(lines.boundary_slope).all()
    assert (lines.boundary_points == 0).all()
    assert lines.edge.values.tolist() == list(EDGES)


def test_two_points_are_no_line():
    values = np.zeros((1, 6, 2), np.int8)
    values[0, 2:4] = LIF
    axes = {"width": [10e-9], "length": np.arange(42, 48) * 1e-9, "thickness": [50e-9, 51e-9]}
    lines = fit_lines(xr.DataArray(values, coords=axes, dims=DIMENSIONS), REFERENCE)
    assert lines.boundary_points.sel(held="width").values.tolist() == [2, 2]
    assert np.isnan(lines.boundary_slope.sel(held="width")).all()


def test_a_level_line_is_a_perfect_one():
    values = np.zeros((1, 6, 5), np.int8)
    values[0, 2:4] = LIF
    axes = {"width": [10e-9], "length": np.arange(42, 48) * 1e-9, "thickness": np.arange(48, 53) * 1e-9}
    lines = fit_lines(xr.DataArray(values, coords=axes, dims=DIMENSIONS), REFERENCE).sel(held="width")
    np.testing.assert_allclose(lines.boundary_slope, 0.0, atol=1e-12)
    np.testing.assert_allclose(lines.boundary_intercept, [43.5e-9, 45.5e-9], rtol=1e-9)
    np.testing.assert_array_equal(lines.boundary_r2, 1.0)
