"""Fourier transforms of a padded lattice along x and y, one after the other, by whichever library is there.

A convolution on a lattice of n cells needs 2 n - 1 places along every open axis; what is beyond n is zero before, and
of no use afterwards. So only the lines that hold data are transformed: x first, rows of real numbers; then y in blocks
of lines that fit the cache, where the product in the space of wave vectors happens at once, so that the padded lattice
never exists as a whole. What layers do to each other is up to the product.

A library is one entry of `LIBRARIES`: it makes plans, which are functions without arguments that transform an array
they know. Transforms have no factors in either direction.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable

import numpy as np
import scipy.fft
from numba import get_num_threads

from spinneuron.quantity import InputError, integer, nearest, shown

Plans = tuple[Callable[[], object], Callable[[], object]]

PRECISIONS = {"float64": (np.float64, np.complex128), "float32": (np.float32, np.complex64)}
# Cells below which two threads were slower than one, with every library.
_FEW = 256 * 256
# Bytes of a block, to stay in the cache that processors share; blocks for the cache of a single one gained nothing.
_BLOCK = 2**23


class _Scipy:
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


class _Ducc:
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


class _Fftw:
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
    "ducc0": (_Ducc, "ducc0"),
    "pyfftw": (_Fftw, "pyfftw"),
    "scipy": (_Scipy, "scipy"),
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


def memory(counts: tuple[int, int, int], periodic: tuple[int, int, int], precision: str) -> int:
    """Bytes of the arrays of a `Transform`, nearly.

    Parameters
    ----------
    counts, periodic : tuple of int
    precision : str

    Returns
    -------
    int
    """
    (_, ny, nz), px = counts, good_length(counts[0], periodic[0])
    real, cplx = (np.dtype(kind).itemsize for kind in PRECISIONS[precision])
    return 3 * nz * ny * (px * real + (px // 2 + 1) * cplx) + 2 * _BLOCK


class Transform:
    """Transforms along x and y of the three components of a vector field, planned once.

    Parameters
    ----------
    counts, periodic : tuple of int
        Cells, and copies on either side, along x, y, z.
    transform : str
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
        If the library or the precision is not to be had, or the threads are not a positive number.
    """

    def __init__(
        self,
        counts: tuple[int, int, int],
        periodic: tuple[int, int, int] = (0, 0, 0),
        transform: str = "auto",
        precision: str = "float64",
        threads: int | None = None,
    ) -> None:
        if precision not in PRECISIONS:
            raise InputError(f"precision = {shown(precision)}: {nearest(precision, PRECISIONS)}float64 or float32")
        real, cplx = PRECISIONS[precision]
        self.library, self.precision = library(transform), precision
        chosen = (1 if math.prod(counts) < _FEW else get_num_threads()) if threads is None else threads
        self.threads = integer("threads", chosen)
        plans = LIBRARIES[self.library][0](self.threads)
        (_, ny, nz), (px, py, _) = counts, map(good_length, counts, periodic)
        kx, self._ny = px // 2 + 1, ny
        self.real = np.zeros((3, nz, ny, px), real)
        # Products take sixteen lines at once.
        width = min(kx, max(1, _BLOCK // (3 * nz * py * np.dtype(cplx).itemsize * 16)) * 16)
        self._starts = range(0, kx, width)
        block: np.ndarray = np.zeros((3, nz, py, width), cplx)
        # A single block is the whole store; of several, each is copied there and back.
        self._store = block[:, :, :ny] if width == kx else np.zeros((3, nz, ny, kx), cplx)
        self._rows = plans.real(self.real, self._store)
        self._blocks: dict[int, tuple[np.ndarray, Plans | None]] = {}
        for start in self._starts:
            part = block[..., : kx - start]
            if part.shape[3] not in self._blocks:
                self._blocks[part.shape[3]] = part, plans.complex(part, 2) if py > 1 else None

    def filter(self, product: Callable[[np.ndarray, int], object]) -> None:
        """Transform `real`, multiply, transform back.

        Parameters
        ----------
        product : callable
            Called with a block (3, nz, py, width) of numbers at all wave numbers along y, and its first one along x;
            changes it in place.
        """
        kx, ny = self._store.shape[3], self._ny
        self._rows[0]()
        for start in self._starts:
            block, plans = self._blocks[min(self._starts.step, kx - start)]
            part = self._store[..., start : start + self._starts.step]
            if len(self._starts) > 1:
                block[:, :, :ny] = part
            block[:, :, ny:] = 0.0
            if plans:
                plans[0]()
            product(block, start)
            if plans:
                plans[1]()
            if len(self._starts) > 1:
                part[...] = block[:, :, :ny]
        self._rows[1]()
