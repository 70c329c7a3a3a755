"""Maps of the temperature: one scale about the mean, the mean in words, white where there is no magnet."""

import numpy as np
import pytest
import xarray as xr

from spinneuron.plotting.temperature_map import temperature_map


def run_of(count, trial):
    rng = np.random.default_rng(1)
    maps = 310.0 + rng.uniform(-2.0, 2.0, (count, 6, 9))
    maps[:, 0, 0] = np.nan
    found = xr.Dataset(
        {"temperature_map": (("snapshot", "y", "x"), maps)},
        {"snapshot_time": ("snapshot", 1e-10 * np.arange(count))},
        {"mesh_cell": [5e-9, 5e-9, 2e-9]},
    )
    return found.expand_dims("trial") if trial else found


@pytest.mark.parametrize(("count", "trial"), [(1, False), (3, True), (6, False), (30, True)])
def test_every_panel_is_about_its_mean(count, trial):
    run = run_of(count, trial)
    fig = temperature_map(run)
    panels = [axes for axes in fig.axes if axes.images]
    assert len(panels) == min(count, 8)
    maps = run["temperature_map"].values.reshape(count, 6, 9)
    last = panels[-1].images[0]
    np.testing.assert_allclose(last.get_array().filled(np.nan), maps[-1] - np.nanmean(maps[-1]), atol=1e-9)
    low, high = last.get_clim()
    assert low == -high and high >= np.abs(last.get_array()).max()
    assert all(axes.images[0].get_clim() == (low, high) for axes in panels)
    assert panels[0].get_title() == f"0 ns, mean {np.nanmean(maps[0]):.2f} K"
    assert fig.axes[-1].get_ylabel() == "T - mean [K]"
    # all words stand inside the frame
    fig.canvas.draw()
    for axes in panels:
        box = axes.get_tightbbox()
        assert box.x0 > 0 and box.y0 > 0 and box.x1 < fig.bbox.x1 and box.y1 < fig.bbox.y1
