"""Fourier transforms of a padded lattice, axis by axis, by whichever library is there.

A convolution on a lattice of n cells needs 2 n - 1 places along every open axis; what is beyond n is zero before, and
of no use afterwards. So only the lines that hold data are transformed: x first, rows of real numbers; and the last axis
in blocks of lines that fit the cache, where the product in the space of wave vectors happens at once, so that the
padded lattice never exists as a whole.

A library is one entry of `LIBRARIES`: it makes plans, which are functions without arguments that transform an array
they know. Transforms have no factors in either direction.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.fft
from numba import get_num_threads

from spinneuron.quantity import InputError, nearest, shown

Plans = tuple[Callable[[], object], Callable[[], object]]

PRECISIONS = {"float64": (np.float64, np.complex128), "float32": (np.float32, np.complex64)}
# Cells below which a second thread costs more than it gives, measured with all libraries.
_FEW = 256 * 256
# Bytes of a block, to stay in the cache that processors share; blocks for the cache of a single one gained nothing.
_BLOCK = 2**22
# Layers that a product sums directly sooner than a transform along z pays.
_THIN = 4


class Scipy:
    """pocketfft of scipy: always there."""

    def __init__(self, threads: int) -> None:
        self.threads = threads

    def real(self, a: np.ndarray, out: np.ndarray) -> Plans:
        """Plan the last axis, real ``a`` to complex ``out`` and back."""

        def forward() -> None:
            out[...] = scipy.fft.rfft(a, axis=-1, workers=self.threads)

        def backward() -> None:
            a[...] = scipy.fft.irfft(out, a.shape[-1], axis=-1, norm="forward", workers=self.threads)

        return forward, backward

    def complex(self, a: np.ndarray, axis: int) -> Plans:
        """Plan one axis of ``a`` in place."""

        def forward() -> None:
            keep(scipy.fft.fft(a, axis=axis, overwrite_x=True, workers=self.threads))

        def backward() -> None:
            keep(scipy.fft.ifft(a, axis=axis, norm="forward", overwrite_x=True, workers=self.threads))

        def keep(result: np.ndarray) -> None:
            # scipy may write over its argument, but does not promise to.
            if not np.may_share_memory(result, a):
                a[...] = result

        return forward, backward


class Ducc:
    """ducc0: pocketfft's successor."""

    def __init__(self, threads: int) -> None:
        self.threads, self.library = threads, importlib.import_module("ducc0").fft

    def real(self, a: np.ndarray, out: np.ndarray) -> Plans:
        """Plan the last axis, real ``a`` to complex ``out`` and back."""
        axes, n, threads = [a.ndim - 1], a.shape[-1], self.threads
        r2c, c2r = self.library.r2c, self.library.c2r
        return (
            lambda: r2c(a, axes=axes, out=out, nthreads=threads),
            lambda: c2r(out, axes=axes, lastsize=n, forward=False, out=a, nthreads=threads),
        )

    def complex(self, a: np.ndarray, axis: int) -> Plans:
        """Plan one axis of ``a`` in place."""
        c2c, threads = self.library.c2c, self.threads
        return (
            lambda: c2c(a, axes=[axis], out=a, nthreads=threads),
            lambda: c2c(a, axes=[axis], forward=False, out=a, nthreads=threads),
        )


class Fftw:
    """FFTW, always on one thread.

    Its OpenMP threads wait actively: with anything else on a second processor a call of half a millisecond takes tens
    of them. Plans are estimated, not timed, so that a run has the same bits every time.
    """

    def __init__(self, threads: int) -> None:
        self.library = importlib.import_module("pyfftw")

    def _plan(self, a: np.ndarray, out: np.ndarray, axis: int, direction: str) -> Callable[[], object]:
        flags = ("FFTW_ESTIMATE", "FFTW_DESTROY_INPUT")
        return self.library.FFTW(a, out, axes=(axis,), direction=direction, flags=flags, threads=1).execute

    def real(self, a: np.ndarray, out: np.ndarray) -> Plans:
        """Plan the last axis, real ``a`` to complex ``out`` and back."""
        return self._plan(a, out, a.ndim - 1, "FFTW_FORWARD"), self._plan(out, a, a.ndim - 1, "FFTW_BACKWARD")

    def complex(self, a: np.ndarray, axis: int) -> Plans:
        """Plan one axis of ``a`` in place."""
        return self._plan(a, a, axis, "FFTW_FORWARD"), self._plan(a, a, axis, "FFTW_BACKWARD")


LIBRARIES: dict[str, tuple[type, str]] = {
    "ducc0": (Ducc, "ducc0"),
    "pyfftw": (Fftw, "pyfftw"),
    "scipy": (Scipy, "scipy"),
}
"""Name -> class and module, the fastest first."""


def library(name: str = "auto") -> str:
    """Choose a library of transforms.

    Parameters
    ----------
    name : str
        A name in LIBRARIES, or ``"auto"``: the fastest that can be imported. Libraries differ in the last bits.

    Returns
    -------
    str
        Its name.

    Raises
    ------
    InputError
        If it is unknown or not installed.
    """
    if name != "auto" and name not in LIBRARIES:
        names = ", ".join(["auto", *LIBRARIES])
        raise InputError(f"transform = {shown(name)}: {nearest(name, LIBRARIES)}libraries: {names}")
    for candidate in LIBRARIES if name == "auto" else [name]:
        try:
            importlib.import_module(LIBRARIES[candidate][1])
        except ImportError:
            continue
        return candidate
    raise InputError(f'transform = {shown(name)}: not installed; pip install "spinneuron[fft]", or take "scipy"')


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


class Layout(NamedTuple):
    """How a padded lattice is transformed.

    Attributes
    ----------
    counts, padded : tuple of int
        Cells, and places, along x, y, z.
    deep : bool
        Whether z is transformed. If not, y is the last axis and a product sums over the layers itself.
    """

    counts: tuple[int, int, int]
    padded: tuple[int, int, int]
    deep: bool

    @classmethod
    def of(cls, counts: tuple[int, int, int], periodic: tuple[int, int, int] = (0, 0, 0)) -> Layout:
        """Lay out a lattice.

        Parameters
        ----------
        counts, periodic : tuple of int
            Cells, and copies on either side, along x, y, z.

        Returns
        -------
        Layout
        """
        x, y, z = (good_length(n, images) for n, images in zip(counts, periodic, strict=True))
        return cls(counts, (x, y, z), counts[2] > _THIN or periodic[2] > 0)

    def memory(self, precision: str) -> int:
        """Bytes of the arrays of a `Transform` of three components."""
        (_, ny, nz), (px, py, _) = self.counts, self.padded
        real, cplx = (np.dtype(kind).itemsize for kind in PRECISIONS[precision])
        return 3 * nz * (ny * px * real + (py if self.deep else ny) * (px // 2 + 1) * cplx) + 2 * _BLOCK


class Transform:
    """Transforms of the three components of a vector field, planned once.

    Parameters
    ----------
    layout : Layout
    library : str
        See `library`.
    precision : str
        ``"float64"`` or ``"float32"``.
    threads : int, optional
        By default one for a lattice of less than 256 x 256 cells, else those of the kernels. Results do not depend
        on it.

    Attributes
    ----------
    real : numpy.ndarray
        (3, nz, ny, px): the field, zero beyond nx, before `filter`; the filtered one afterwards, of which what lies
        beyond nx is of no use.

    Raises
    ------
    InputError
        If the library or the precision is not to be had.
    """

    def __init__(
        self, layout: Layout, library: str = "auto", precision: str = "float64", threads: int | None = None
    ) -> None:
        if precision not in PRECISIONS:
            raise InputError(f"precision = {shown(precision)}: {nearest(precision, PRECISIONS)}float64 or float32")
        real, cplx = PRECISIONS[precision]
        self.layout, self.library, self.precision = layout, _chosen(library), precision
        cells = math.prod(layout.counts)
        self.threads = threads or (1 if cells < _FEW else int(get_num_threads()))
        plans = LIBRARIES[self.library][0](self.threads)
        (_, ny, nz), (px, py, pz) = layout.counts, layout.padded
        kx = px // 2 + 1
        self.real = np.zeros((3, nz, ny, px), real)
        # The last axis, the places along it, and the axis along which blocks are cut.
        self._last, self._cut, rows = (1, 2, nz) if layout.deep else (2, 3, ny)
        padded = [3, pz, py, kx] if layout.deep else [3, nz, py, kx]
        lines = padded[self._cut]
        width = min(lines, max(1, _BLOCK * lines // (math.prod(padded) * np.dtype(cplx).itemsize)))
        self._spans = [(first, min(first + width, lines)) for first in range(0, lines, width)]
        padded[self._cut] = width
        block = np.zeros(padded, cplx)
        self._held = (slice(None),) * self._last + (slice(0, rows),)
        self._beyond = (slice(None),) * self._last + (slice(rows, None),)
        # A single block is the whole store; of several, each is copied there and back.
        self._store = (
            block[self._held] if len(self._spans) == 1 else np.zeros((3, nz, py if layout.deep else ny, kx), cplx)
        )
        self._rows = plans.real(self.real, self._store[:, :, :ny])
        self._middle = plans.complex(self._store, 2) if layout.deep and py > 1 else None
        self._blocks = {}
        for width in {stop - start for start, stop in self._spans}:
            part = block[(slice(None),) * self._cut + (slice(0, width),)]
            self._blocks[width] = part, plans.complex(part, self._last)

    def filter(self, product: Callable[[np.ndarray, int], object]) -> None:
        """Transform `real`, multiply, transform back.

        Parameters
        ----------
        product : callable
            Called with a block (3, pz, width, kx) and its first place along y of a deep layout, or with
            (3, nz, py, width) and its first place along x; changes it in place.
        """
        ny = self.layout.counts[1]
        self._rows[0]()
        if self._middle:
            self._store[:, :, ny:] = 0.0
            self._middle[0]()
        for start, stop in self._spans:
            block, (forward, backward) = self._blocks[stop - start]
            place = (slice(None),) * self._cut + (slice(start, stop),)
            if len(self._spans) > 1:
                block[self._held] = self._store[place]
            block[self._beyond] = 0.0
            forward()
            product(block, start)
            backward()
            if len(self._spans) > 1:
                self._store[place] = block[self._held]
        if self._middle:
            self._middle[1]()
        self._rows[1]()


# The argument of Transform has the name of the function.
_chosen = library
