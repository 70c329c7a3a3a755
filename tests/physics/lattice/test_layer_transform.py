"""Transforms along z inside a kernel: against a library, and the way back."""

import numpy as np
import pytest

from spinneuron.compiled import kernel
from spinneuron.physics.lattice.layer_transform import (
    LANES,
    Columns,
    backward,
    fold,
    forward,
    give,
    half_length,
    take,
    unfold,
)


@kernel
def there(block, y, start, count, tile, columns):
    """From layers to wave numbers."""
    take(block, y, start, count, tile)
    unfold(tile, block.shape[1], columns)
    forward(tile, columns)


@kernel
def back(tile, y, start, count, block, columns):
    """From wave numbers to layers."""
    backward(tile, columns)
    fold(tile, block.shape[1], columns)
    give(tile, y, start, count, block)


# Every radix first and last, one layer, and columns that do not fill their half.
@pytest.mark.parametrize("layers", [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 16, 24, 37, 64])
@pytest.mark.parametrize(("start", "count"), [(0, LANES), (LANES, 3)])
def test_columns_are_padded_and_transformed(layers, start, count):
    columns = Columns.of(layers, np.float64)
    places = columns.waves.size
    assert layers <= places // 2 and sorted(columns.waves) == list(range(places))
    rng = np.random.default_rng(layers)
    block = rng.normal(size=(3, layers, 2, LANES + 3)) + 1j * rng.normal(size=(3, layers, 2, LANES + 3))
    before = block.copy()
    tile = np.full((places, 6 * LANES), np.nan)
    there(block.view(float), 1, start, count, tile, columns)
    expected = np.fft.fft(block[:, :, 1, start : start + count], places, axis=1)[:, columns.waves]
    parts = tile.reshape(places, 2, 3, LANES).transpose(1, 2, 0, 3)
    found = parts[0] + 1j * parts[1]
    np.testing.assert_allclose(found[..., :count], expected, rtol=0.0, atol=1e-15 * places * 4)
    assert not found[..., count:].any()
    back(tile, 1, start, count, block.view(float), columns)
    np.testing.assert_allclose(block[:, :, 1, start : start + count] / places, before[:, :, 1, start : start + count])
    # Nothing else was touched.
    block[:, :, 1, start : start + count] = before[:, :, 1, start : start + count]
    np.testing.assert_array_equal(block, before)


def test_lengths_are_a_power_of_two_or_three_quarters_of_one():
    assert [half_length(n) for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 17, 24, 25)] == [
        1, 2, 3, 4, 6, 6, 8, 8, 12, 12, 16, 24, 24, 32
    ]  # fmt: skip
