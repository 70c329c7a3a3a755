"""Lengths of Fourier transforms, and the spectrum of an array that knows one side only.

A convolution on a lattice of n cells needs 2 n - 1 places along every open axis; what is beyond n is zero before, and
of no use afterwards.
"""

from __future__ import annotations

import numpy as np
import scipy.fft


def good_length(n: int, images: int = 0) -> int:
    """Places that a convolution of n cells needs along one axis: factors 2, 3, 5 only where it is open.

    Parameters
    ----------
    n : int
        Cells.
    images : int
        Periodic copies on either side; with any, the axis is a ring of n.

    Returns
    -------
    int
    """
    return n if images else int(scipy.fft.next_fast_len(2 * n - 1, real=True))


def half_spectrum(a: np.ndarray, axis: int, length: int, odd: bool) -> np.ndarray:
    """Transform along an axis that knows one side only: cosines of an even one, sines of an odd one.

    ``sum_n a(n) cos(2 pi k n / p)``, or ``-sum_n a(n) sin(2 pi k n / p)``, over all places n of a ring of p.

    Parameters
    ----------
    a : numpy.ndarray
        Values at n = 0, 1, ...; zero beyond.
    axis : int
    length : int
        Places of the ring, p.
    odd : bool

    Returns
    -------
    numpy.ndarray
        At k = 0 ... p // 2 along the axis.
    """
    a = np.moveaxis(a, axis, -1)
    ring = np.zeros((*a.shape[:-1], length))
    ring[..., : a.shape[-1]] = a
    mirror = a[..., (length - 1) // 2 : 0 : -1]
    if mirror.shape[-1]:
        ring[..., length - mirror.shape[-1] :] = -mirror if odd else mirror
    spectrum = scipy.fft.rfft(ring, axis=-1)
    return np.moveaxis(spectrum.imag if odd else spectrum.real, -1, axis)
