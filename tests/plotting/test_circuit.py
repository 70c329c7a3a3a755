"""The figure of a circuit draws what the dataset holds."""

import numpy as np
import pytest

from spinneuron.circuit import Circuit, Spread, circuit_dataset
from spinneuron.device import Device
from spinneuron.plotting import draw, save


@pytest.mark.parametrize("spread", [Spread(0.05), Spread(0.0), Spread(0.4, "lognormal", offset=1e-3)])
def test_panels_hold_the_data(spread, tmp_path):
    device = Device.preset("orthogonal")
    made = circuit_dataset(Circuit.of(device, spread=spread))
    fig = draw(made)
    window, yields, energy = fig.axes
    np.testing.assert_array_equal(window.lines[1].get_ydata(), 1e3 * made["output"].sel(state="antiparallel"))
    independent = made.sel(correlation="independent")
    np.testing.assert_array_equal(yields.lines[0].get_ydata(), 100.0 * independent["read_yield"])
    bars = [bar.get_width() for bar in energy.patches]
    groups = ["sensitive junction", "reference junction", "differential neuron"]
    chosen = (made["unit"] == "J") & made["group"].isin(groups)
    np.testing.assert_array_equal(bars, 1e12 * made["value"].values[chosen])
    save(fig, tmp_path / "a.png")
    # All texts of the bars lie within the figure.
    fig.canvas.draw()
    boxes = [text.get_window_extent() for text in energy.get_yticklabels()]
    assert min(box.x0 for box in boxes) >= 0.0
