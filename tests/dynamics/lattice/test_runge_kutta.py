"""Adaptive steps: observed orders on a precessing moment, slopes that are carried over, ends that are met."""

import numpy as np
import pytest

from spinneuron.constants import gamma0
from spinneuron.dynamics.lattice.motion import slope
from spinneuron.dynamics.lattice.runge_kutta import TABLEAUS, RungeKutta

H, ALPHA = 1e5, 0.05
every_method = pytest.mark.parametrize("method", TABLEAUS)


def along_z(m, h, t):
    h[:] = 0.0
    h[2] = H


def moment(angle=1.0, phase=0.0):
    return np.array([np.sin(angle) * np.cos(phase), np.sin(angle) * np.sin(phase), np.cos(angle)]).reshape(3, 1, 1, 1)


def exact(t):
    """Moment in a field along z, with damping."""
    rate = gamma0 * H / (1.0 + ALPHA**2)
    return moment(2.0 * np.arctan(np.tan(0.5) * np.exp(-ALPHA * rate * t)), rate * t).ravel()


def solver(method, **options):
    return RungeKutta(along_z, np.full((1, 1, 1), ALPHA), method=method, **options)


def fixed(method, steps, duration):
    """Go in equal steps: every one is accepted, and none is longer."""
    motion, m = solver(method, tolerance=1e9), moment()
    for i in range(steps):
        motion.step = duration / steps
        assert motion.advance(m, i * duration / steps, (i + 1) * duration / steps) == (i + 1) * duration / steps
    assert motion.taken == steps
    return np.linalg.norm(m.ravel() - exact(duration))


@pytest.mark.parametrize("name", TABLEAUS)
def test_tableau_is_consistent(name):
    tableau = TABLEAUS[name]
    for node, weights in zip(tableau.nodes[1:], tableau.stages, strict=True):
        assert weights.sum() == pytest.approx(node, abs=1e-14)
    assert tableau.error.sum() == pytest.approx(0.0, abs=1e-14)


@every_method
def test_observed_order(method):
    duration = 2.0 * np.pi / (gamma0 * H)
    coarse, fine = (fixed(method, n, duration) for n in (40, 80))
    # the fifth order comes near its value from above, 0.1 off at these steps
    assert np.log2(coarse / fine) == pytest.approx(TABLEAUS[method].order, abs=0.15)


@every_method
def test_tolerance_is_kept(method):
    duration = 20.0 * np.pi / (gamma0 * H)
    errors = []
    for tolerance in (1e-5, 1e-7):
        motion, m, t = solver(method, tolerance=tolerance), moment(), 0.0
        while t < duration:
            t = motion.advance(m, t, duration)
        assert t == duration
        errors.append(np.linalg.norm(m.ravel() - exact(duration)))
        # of a step; errors of the precession add up
        assert errors[-1] < 3.0 * tolerance * motion.taken
    assert errors[1] < 0.1 * errors[0]


@every_method
def test_the_slope_carried_over_has_the_bits_of_a_fresh_one(method):
    motion, m, t = solver(method), moment(), 0.0
    for _ in range(3):
        t = motion.advance(m, t, 1e-10)
    h, fresh = np.empty_like(m), np.empty((3, 1))
    along_z(m, h, t)
    alpha = np.array([ALPHA])
    slope(m.reshape(3, -1), h.reshape(3, -1), fresh, gamma0 / (1.0 + alpha**2), alpha, 1.0)
    np.testing.assert_array_equal(motion._slopes[0], fresh)
    # one slope less than there are, after the first step
    assert motion.evaluations == 1 + (motion.taken + motion.refused) * (len(TABLEAUS[method].nodes) - 1)


@every_method
def test_its_state_is_all_that_it_needs(method):
    one, m, t = solver(method), moment(), 0.0
    for _ in range(4):
        t = one.advance(m, t, 1e-10)
    other, n, state = solver(method), m.copy(), one.state
    other.state = state
    for _ in range(4):
        s = one.advance(m, t, 1e-10)
        assert other.advance(n, t, 1e-10) == s
        t = s
    np.testing.assert_array_equal(m, n)


def test_forgets_when_told():
    motion, m = solver("runge-kutta"), moment()
    t = motion.advance(m, 0.0, 1e-10)
    m[:] = moment(0.5)
    motion.forget()
    fresh, n = solver("runge-kutta"), moment(0.5)
    fresh.state = motion.state
    assert motion.advance(m, t, 1e-10) == fresh.advance(n, t, 1e-10) > t
    np.testing.assert_array_equal(m, n)


def test_gamma_turns_faster():
    ends = []
    for gamma in (gamma0, 2.0 * gamma0):
        motion, m, t, end = solver("dormand-prince", tolerance=1e-9, gamma=gamma), moment(), 0.0, 1e-11 * gamma0 / gamma
        while t < end:
            t = motion.advance(m, t, end)
        ends.append(m)
    np.testing.assert_allclose(ends[0], ends[1], atol=1e-7)


def test_without_precession_it_runs_down():
    motion, m, t = solver("runge-kutta", precession=False), moment(1.0, 0.7), 0.0
    while t < 1e-10:
        t = motion.advance(m, t, 1e-10)
    assert np.arctan2(m[1], m[0]).item() == pytest.approx(0.7, abs=1e-12)
    assert m[2].item() > np.cos(1.0)


def test_a_field_that_is_not_finite_ends_it():
    def broken(m, h, t):
        h[:] = np.nan

    with pytest.raises(FloatingPointError, match="not finite"):
        RungeKutta(broken, np.full((1, 1, 1), ALPHA)).advance(moment(), 0.0, 1e-10)
