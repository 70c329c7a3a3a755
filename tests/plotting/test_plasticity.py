"""Figures of the plasticity suite: a panel for each experiment, points where they were simulated, no overlap."""

import numpy as np
import pytest
from plotting.test_figures import checked

from spinneuron.device import Device
from spinneuron.plasticity import EXPERIMENTS, Suite, run_suite, with_shifts
from spinneuron.plasticity.ingredients import ingredients
from spinneuron.plotting import draw
from spinneuron.plotting.plasticity import PANELS, TITLES, experiment
from spinneuron.quantity import InputError

DEVICE, REFERENCE = Device.preset("plasticity"), Device.preset("reference")


@pytest.fixture(scope="module")
def suite():
    return with_shifts(run_suite(Suite(DEVICE, REFERENCE, model="fokker-planck", trials=10_000)))


def test_every_experiment_has_a_panel():
    assert PANELS.keys() == TITLES.keys() == EXPERIMENTS.keys()


def test_overview(suite, tmp_path):
    fig = checked(draw(suite), tmp_path)
    assert len(fig.axes) == len(EXPERIMENTS)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_one_experiment(name, suite, tmp_path):
    (axes,) = checked(experiment(suite, name), tmp_path).axes
    assert axes.get_title() == TITLES[name]
    assert axes.get_legend().get_texts()


def test_shifts_are_where_they_were_found(suite):
    (axes,) = experiment(suite, "S1").axes
    states = np.flatnonzero(suite["experiment"].values == "S1")
    drawn = next(one for one in axes.get_lines() if len(one.get_xdata()) == len(states))
    np.testing.assert_allclose(drawn.get_ydata(), 1e3 * suite["shift"].values[states])


def test_few_trials_and_few_experiments_are_drawn(tmp_path):
    few = Suite(DEVICE, REFERENCE, ("S3", "1F"), "fokker-planck", 50)
    assert len(checked(draw(run_suite(few)), tmp_path).axes) == 2
    alone = Suite(DEVICE, REFERENCE, ("1E",), "fokker-planck", 20)
    assert len(checked(draw(run_suite(alone)), tmp_path).axes) == 1
    with pytest.raises(InputError, match="experiment = 'S2': not in the suite, which has 1E"):
        experiment(run_suite(alone), "S2")


def test_ingredients(tmp_path):
    parts = ingredients(DEVICE)
    fig = checked(draw(parts), tmp_path)
    assert len(fig.legends[0].get_texts()) == parts.sizes["variant"] + 1
