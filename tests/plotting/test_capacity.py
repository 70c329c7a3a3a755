"""Figures of bounds and maps hold the numbers of their datasets."""

import numpy as np
import pytest

from spinneuron import neuron_file, plotting
from spinneuron.capacity import capacity
from spinneuron.capacity.design import Design, design_map

TEXT = neuron_file.load("plasticity-text")


def test_bounds_are_drawn_with_a_line_for_each_n(tmp_path):
    made = capacity(TEXT, n=(1, 2, 4), junctions=(4, 16), codes=2, lags=3)
    fig = plotting.draw(made)
    left, right = fig.axes
    for i in range(2):
        np.testing.assert_array_equal(left.containers[i].lines[0].get_ydata(), made["pr"][i])
        np.testing.assert_array_equal(right.lines[i].get_ydata(), made["d_prime"][i])
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["N = 4", "N = 16"]
    plotting.save(fig, tmp_path / "a.png")


def test_a_neuron_that_always_fires_is_drawn_too(recwarn, tmp_path):
    made = capacity(TEXT, n=(1, 2), junctions=(4,), codes=1, voltage=2.0, lags=2)
    assert float(made["pr"].max()) < 1e-9 and float(made["truncation"].max()) < 1e-9
    plotting.save(plotting.draw(made), tmp_path / "a.png")
    assert not recwarn.list


@pytest.mark.parametrize("junctions", [(4,), (4, 16)])
def test_a_map_has_a_panel_for_each_n_and_junctions(junctions, tmp_path):
    plan = Design(neuron=TEXT, n=(1, 2), junctions=junctions, decays=(0.1, 0.8), scales=(4.0,), lags=3)
    made = design_map(plan, tmp_path / "a.nc")
    fig = plotting.draw(made)
    panels = [axes for axes in fig.axes if axes.get_title().startswith("n = ")]
    assert len(panels) == 2 * len(junctions)
    for i, axes in enumerate(panels):
        shown = axes.collections[0].get_array()
        np.testing.assert_array_equal(shown, made["pr"].isel(junctions=i // 2, n=i % 2))
        star, circle = axes.lines[-2:]
        assert made["pr"].isel(junctions=i // 2, n=i % 2).sel(
            decay=star.get_xdata()[0], gain=star.get_ydata()[0]
        ) == pytest.approx(float(shown.max()))
        assert circle.get_xdata()[0] == TEXT.decay[0]
    plotting.save(fig, tmp_path / "a.png")
