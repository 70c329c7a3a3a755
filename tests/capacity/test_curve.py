"""Bounds and maps as datasets: what they hold, how they go on after an interrupt, what they refuse."""

from dataclasses import replace

import numpy as np
import pytest

from spinneuron import dataset_file, neuron_file, plotting
from spinneuron.capacity import bound, capacity
from spinneuron.capacity.design import Design, best, design_map
from spinneuron.chunk_store import Store
from spinneuron.quantity import InputError
from spinneuron.summary import tables
from spinneuron.tasks import NBack

TEXT = neuron_file.load("plasticity-text")
PLAN = Design(neuron=TEXT, n=(1, 3), decays=(0.1, 0.7), scales=(2.0,), lags=3)


def test_a_dataset_of_bounds(tmp_path):
    steps = []
    made = capacity(TEXT, n=(1, 3), junctions=(4, 16), codes=2, seed=5, lags=4, progress=steps.append)
    assert len(steps) == 8
    alone = [bound(TEXT, 0.83, NBack(n=3, code=code), 16, 5, 4) for code in range(2)]
    assert made["pr_of_code"][1, 1].values.tolist() == [one.pr for one in alone]
    assert float(made["pr"][1, 1]) == pytest.approx(np.mean([one.pr for one in alone]))
    assert float(made["error"][1, 1]) == pytest.approx(np.hypot(*(one.error for one in alone)) / 2)
    assert made["lag"].values.tolist() == [1, 2, 3] and (np.diff(made["d_prime"]) < 0.0).all()
    assert made.attrs["readings"] == 2 * 2 * 8 * 8 * (19 + 17)
    dataset_file.save(made, tmp_path / "a.nc")
    again = dataset_file.load(tmp_path / "a.nc")
    assert again.equals(made)
    said = "\n".join(map(str, tables(again)))
    assert "N = 16" in said and "lag 3" in said and "extrapolated" not in said and "not settled" not in said
    outside = "\n".join(map(str, tables(capacity(TEXT, n=(1,), junctions=(4,), codes=1, voltage=0.86, lags=3))))
    assert "860 mV: its voltage was calibrated from 780 mV to 830 mV" in outside


def test_a_map_goes_on_where_it_stopped(tmp_path):
    whole = design_map(PLAN, tmp_path / "whole.nc")
    calls = []
    store = Store(tmp_path / "part.nc", PLAN, resume=False)
    store.save(1, PLAN.run_chunk(1))
    with pytest.raises(InputError, match="--resume"):
        design_map(PLAN, tmp_path / "part.nc")
    with pytest.raises(InputError, match="other work"):
        design_map(replace(PLAN, seed=1), tmp_path / "part.nc", resume=True)
    resumed = design_map(PLAN, tmp_path / "part.nc", resume=True, progress=calls.append)
    assert calls == [1, 1]
    assert resumed.drop_attrs().equals(whole.drop_attrs())
    assert whole["pr"].dims == ("junctions", "gain", "decay", "n") and whole["pr"].shape == (1, 2, 3, 2)
    # The neuron's own point is on the map: the same junction, hence the same bits but for rounding of tau.
    at = whole.sel(decay=TEXT.decay[0]).isel(gain=0, junctions=0)
    np.testing.assert_allclose(at["pr"], whole["own_pr"][0], rtol=1e-9)
    np.testing.assert_allclose(whole["tau"], -230e-9 / np.log(whole["decay"]))
    dataset_file.save(whole, tmp_path / "whole.nc")
    found = best(dataset_file.load(tmp_path / "whole.nc"))
    for j in range(2):
        assert float(found["pr"][0, j]) == float(whole["pr"][..., j].max())
        assert float(found["pr_at_own"][0, j]) == float(whole["pr"].isel(gain=0, n=j).max())
    # The last pattern is told best when nothing older is left, the third one when something is.
    assert float(found["decay_at_own"][0, 0]) == 0.1 and float(found["decay_at_own"][0, 1]) == 0.7
    assert "* at the edge" in "\n".join(map(str, tables(whole)))
    plotting.save(plotting.draw(whole), tmp_path / "map.png")


def test_a_junction_of_the_map():
    made = PLAN.junction(0.5, 2.0)
    assert made.decay == pytest.approx((0.5,))
    assert made.heat_v2 == 2.0 * TEXT.heat_v2 and made.x0 == TEXT.x0
    assert PLAN.gain == pytest.approx(TEXT.k * (0.0082 * 0.83**2 + 0.0087 * 0.83))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"neuron": replace(TEXT, heat_v2=0.0, heat_v1=0.0, uncertainties={})}, "no heat at 0.83 V"),
        ({"decays": (0.5, 1.0)}, "decays = 1"),
        ({"decays": (0.5, 1.2)}, "decays"),
        ({"scales": (0.0,)}, "scales"),
        ({"scales": (1.0,)}, "two of each"),
        ({"n": (1, 20)}, "n = 20"),
        ({"junctions": (4, 4)}, "junctions = 4, 4: give different numbers"),
    ],
)
def test_bad_designs_are_named(options, said):
    with pytest.raises(InputError, match=said):
        Design(**({"neuron": TEXT} | options))


def test_bad_bounds_are_named():
    for options, said in (({"n": ()}, "n = nothing"), ({"n": (0,)}, "n = 0"), ({"codes": 0}, "codes = 0")):
        with pytest.raises(InputError, match=said):
            capacity(TEXT, **options)
