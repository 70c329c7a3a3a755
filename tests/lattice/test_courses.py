"""Functions of time: told apart by values and code, not by names; a checkpoint refuses another one by its name."""

import functools
import math

import numpy as np
import pytest

from spinneuron.lattice import Magnet, Material
from spinneuron.lattice.courses import courses, fingerprint, sample_times
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.oersted import Oersted
from spinneuron.physics.lattice.torques import Slonczewski
from spinneuron.physics.lattice.vcma import VCMA
from spinneuron.physics.lattice.zeeman import Zeeman
from spinneuron.physics.lattice.zhang_li import ZhangLi
from spinneuron.quantity import InputError

TIMES = sample_times(1e-11)


def wave(amplitude, period):
    return lambda t: np.array([amplitude * math.sin(2.0 * math.pi * t / period), 0.0, 5e4])


def renamed(level, time):
    return lambda s: np.array([level * math.sin(2.0 * math.pi * s / time), 0.0, 5e4])


class Ramp:
    def __init__(self, slope):
        self.slope = slope

    def __call__(self, t):
        return (self.slope * t, 0.0, 0.0)

    def there(self, t):
        return (self.slope * t, 0.0, 0.0)


def test_times_lie_in_the_run():
    assert TIMES.min() == 0.0 and TIMES.max() == 1e-11
    # no gap of more than two even ones, and no two that agree to a period of the run over a small number
    assert np.diff(np.sort(TIMES)).max() < 2.7e-11 / len(TIMES)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (wave(1e4, 3e-12), wave(1e4, 3e-12), True),
        (wave(1e4, 3e-12), wave(1e4, 3.01e-12), False),
        (wave(1e4, 3e-12), wave(1.0001e4, 3e-12), False),
        # zero at all records, were these looked at
        (wave(1e4, 1e-12), wave(1e4, 0.5e-12), False),
        (wave(0.0, 1e-12), wave(1e4, 1e-12), False),
        (Ramp(1.0), Ramp(1.0), True),
        (Ramp(1.0), Ramp(1.0 + 1e-15), False),
        (Ramp(1.0).there, Ramp(1.0).there, True),
        (functools.partial(math.fmod, 1.0), functools.partial(math.fmod, 2.0), False),
        (functools.partial(max, 1.0), functools.partial(max, 1.0), True),
        # the same values here, from other code
        (lambda t: 2.0 * t, lambda t: t + t, False),
        (lambda t: 1.0 if t < 1e-9 else 0.0, lambda t: 1.0 if t < 2e-9 else 0.0, False),
        (lambda t: [one for one in (t, 1.0)], lambda t: [one for one in (t, 1.0)], True),
    ],
)
def test_told_apart(one, other, same):
    times = np.array([1.0, 3.0]) if isinstance(one, functools.partial) else TIMES
    assert (fingerprint(one, times) == fingerprint(other, times)) == same


def test_names_do_not_count_but_shapes_do():
    found = fingerprint(wave(1e4, 3e-12), TIMES)
    # names of variables that a function holds, and of its argument
    assert fingerprint(renamed(1e4, 3e-12), TIMES) == found
    assert fingerprint(np.cos, TIMES) != fingerprint(np.sin, TIMES)
    row, square = np.zeros(4), np.zeros((2, 2))
    assert fingerprint(lambda t: row, TIMES) != fingerprint(lambda t: square, TIMES)


def magnet(H=(1e4, 0.0, 5e4), J=1e11):
    mesh = Mesh((6, 4, 1), (5e-9,) * 3)
    one = Magnet(mesh, Material(Ms=8e5, Aex=1e-11, alpha=0.05), applied_field=H, demag=False)
    one.terms["torque"] = Slonczewski(mesh, one.Ms, J, P=0.5, pinned=(0.0, 0.0, 1.0))
    one.m = (1.0, 0.2, 0.1)
    return one


def test_all_that_may_be_a_function_is_found():
    one = magnet(wave(1e4, 3e-12))
    mesh, Ms = one.mesh, one.Ms
    one.terms["more"] = Zeeman(mesh, Ms, (0.0, 0.0, 1.0), course=math.sin)
    one.terms["vcma"] = VCMA(mesh, Ms, 0.4, xi=5e-14, barrier=1e-9)
    one.terms["along"] = ZhangLi(mesh, Ms, (1e11, 0.0, 0.0))
    one.terms["oersted"] = Oersted.of(mesh, Ms, np.ones((4, 6)), 1e-3)
    found = courses(one.terms)
    assert sorted(found) == ["along.drive", "more.course", "oersted.current", "torque.J", "vcma.V", "zeeman.applied"]
    assert found["oersted.current"](1.0) == 1e-3
    assert "zeeman.applied" not in courses(magnet().terms)


def interrupted(path, one, **options):
    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        one.run(1e-11, every=1e-12, checkpoint=path, progress=stop, **options)
    assert path.exists()


HOT = {"temperature": 300.0, "seed": 3}


@pytest.mark.parametrize("options", [{}, HOT])
def test_a_resume_with_another_function_is_refused_by_name(tmp_path, options):
    path, how = tmp_path / "run.npz", {"every": 1e-12} | options
    whole = magnet(wave(1e4, 3e-12), lambda t: 1e11 * t * 1e11).run(1e-11, **how)
    interrupted(path, magnet(wave(1e4, 3e-12), lambda t: 1e11 * t * 1e11), **options)
    kept = path.read_bytes()
    for H, J, name in (
        (wave(1e4, 4e-12), lambda t: 1e11 * t * 1e11, "zeeman.applied"),
        (wave(1e4, 3e-12), lambda t: 1e11 * t * 2e11, "torque.J"),
        (wave(1e4, 3e-12), 1e11, "torque.J"),
    ):
        with pytest.raises(InputError, match=f"run.npz: {name} is another function of time than in that run") as caught:
            magnet(H, J).run(1e-11, checkpoint=path, **how)
        assert "\n" not in str(caught.value)
        assert path.read_bytes() == kept
    again = magnet(wave(1e4, 3e-12), lambda t: 1e11 * t * 1e11).run(1e-11, checkpoint=path, **how)
    np.testing.assert_array_equal(again["m"], whole["m"])


def test_a_longer_run_of_the_same_functions_goes_on(tmp_path):
    path = tmp_path / "run.npz"
    interrupted(path, magnet(wave(1e4, 3e-12)))
    wanted = magnet(wave(1e4, 3e-12)).run(2e-11, every=1e-12)
    np.testing.assert_array_equal(magnet(wave(1e4, 3e-12)).run(2e-11, every=1e-12, checkpoint=path)["m"], wanted["m"])


def test_a_number_that_a_torque_was_given_counts(tmp_path):
    path = tmp_path / "run.npz"
    interrupted(path, magnet(J=1e11))
    with pytest.raises(InputError, match=r"torque\.J is another function of time"):
        magnet(J=2e11).run(1e-11, every=1e-12, checkpoint=path)
