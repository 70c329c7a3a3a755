"""The differential neuron: its output against many neurons, area and energy of the published network."""

import numpy as np
import pytest

from spinneuron.circuit import circuit_area, differential_output, sample_energy
from spinneuron.circuit.neuron import AND_GATES, INVERTERS, TRANSISTORS
from spinneuron.quantity import InputError


def test_output_is_that_of_many_neurons():
    rng = np.random.default_rng(3)
    p, q, pooled, samples = 0.274, 0.095, 8, 100_000
    the, ref = (rng.random((samples, pooled)) < probability for probability in (p, q))
    difference = the.astype(int) - ref
    exact = differential_output(p, q, pooled)
    # Four standard errors of each mean.
    error = 4.0 / np.sqrt(samples)
    assert abs(ref.mean() - exact.reference) < error * exact.reference_deviation
    assert abs(difference.mean() - exact.difference) < error * exact.difference_deviation
    # The relative error of a standard deviation is 1 / sqrt(2 n), for sums of 8 near a normal law.
    assert difference.mean(axis=1).std() == pytest.approx(exact.difference_deviation, rel=error)
    assert ref.mean(axis=1).std() == pytest.approx(exact.reference_deviation, rel=error)
    for value, probability in ((1, exact.positive), (0, exact.zero), (-1, exact.negative)):
        spread = np.sqrt(probability * (1.0 - probability) / difference.size)
        assert abs((difference == value).mean() - probability) < 4.0 * spread


def test_output_takes_arrays():
    p = np.array([0.0, 0.1972, 1.0])
    made = differential_output(p, 0.1972)
    assert made.difference.tolist() == [-0.1972, 0.0, 1.0 - 0.1972]
    np.testing.assert_allclose(made.positive + made.zero + made.negative, 1.0, rtol=1e-15)


def test_published_area_and_sample():
    assert TRANSISTORS == 2 * INVERTERS + 6 * AND_GATES == 24
    assert circuit_area() == pytest.approx(24 * 80 * 28e-9**2, rel=1e-14) == pytest.approx(1.505e-12, rel=5e-4)
    # 2 x 128 x 128 x 8.9 % x 50 frames x 0.6 nJ, printed as 87 uJ.
    assert sample_energy(0.6e-9) == pytest.approx(87.49e-6, rel=1e-4)
    assert sample_energy(0.6e-9, count=16) == pytest.approx(16 * sample_energy(0.6e-9), rel=1e-15)


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: differential_output(1.2, 0.1), "sensitive = 1.2: a probability lies between 0 and 1"),
        (lambda: differential_output([0.2, np.nan], 0.1), "sensitive = nan: a probability"),
        (lambda: differential_output(0.2, 0.1, 0), "count = 0: must be at least 1"),
        (lambda: circuit_area(feature=-1e-9), "feature = -1 nm: must be positive"),
        (lambda: sample_energy(-1e-9), "energy = -1 nJ: must not be negative"),
        (lambda: sample_energy(1e-9, density=8.9), "density = 8.9: a fraction of the inputs"),
    ],
)
def test_mistakes(act, said):
    with pytest.raises(InputError) as raised:
        act()
    assert str(raised.value).startswith(said) and "\n" not in str(raised.value)
