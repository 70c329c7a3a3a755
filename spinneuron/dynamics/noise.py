"""Normal numbers as a pure function of (seed, purpose, trial, step, cell): same bits on any number of threads.

The generator is Threefry4x32 with 13 rounds (12 already pass BigCrush): key = (seed, purpose), counter = (trial,
step, cell). Its four words feed two Box-Muller pairs in single precision (largest value 6.8 sigma); the angle comes
from the half angle, sin 2a = 2 sin a cos a, which needs no branch, so that a row of lanes becomes one vector loop.
Source: Salmon, Moraes, Dror, Shaw, SC'11 (2011), doi:10.1145/2063384.2063405.
"""

from __future__ import annotations

import math

import numpy as np
from numba import float32, int32, uint32

from spinneuron.compiled import inline, kernel

THERMAL = 0
FABRICATION = 1


@inline
def _rotate(x, bits):
    """Rotate the 32 bits of x to the left."""
    return uint32(uint32(x << uint32(bits)) | uint32(x >> uint32(32 - bits)))


@inline
def _mix(a, b, c, d, first, second):
    """One Threefry round: two MIX operations."""
    a = uint32(a + b)
    c = uint32(c + d)
    return a, uint32(_rotate(b, first) ^ a), c, uint32(_rotate(d, second) ^ c)


@inline
def threefry4x32(c0, c1, c2, c3, k0, k1, k2, k3):
    """Four random words from a counter and a key: Threefry4x32-13."""
    k4 = uint32(uint32(0x1BD11BDA) ^ uint32(uint32(k0 ^ k1) ^ uint32(k2 ^ k3)))
    a, b, c, d = uint32(c0 + k0), uint32(c1 + k1), uint32(c2 + k2), uint32(c3 + k3)
    a, b, c, d = _mix(a, b, c, d, 10, 26)
    a, d, c, b = _mix(a, d, c, b, 11, 21)
    a, b, c, d = _mix(a, b, c, d, 13, 27)
    a, d, c, b = _mix(a, d, c, b, 23, 5)
    a, b, c, d = uint32(a + k1), uint32(b + k2), uint32(c + k3), uint32(d + uint32(k4 + uint32(1)))
    a, b, c, d = _mix(a, b, c, d, 6, 20)
    a, d, c, b = _mix(a, d, c, b, 17, 11)
    a, b, c, d = _mix(a, b, c, d, 25, 10)
    a, d, c, b = _mix(a, d, c, b, 18, 20)
    a, b, c, d = uint32(a + k2), uint32(b + k3), uint32(c + k4), uint32(d + uint32(k0 + uint32(2)))
    a, b, c, d = _mix(a, b, c, d, 10, 26)
    a, d, c, b = _mix(a, d, c, b, 11, 21)
    a, b, c, d = _mix(a, b, c, d, 13, 27)
    a, d, c, b = _mix(a, d, c, b, 23, 5)
    a, b, c, d = uint32(a + k3), uint32(b + k4), uint32(c + k0), uint32(d + uint32(k1 + uint32(3)))
    return _mix(a, b, c, d, 6, 20)


@inline
def _radius(word):
    """``sqrt(-2 ln u)``, u = (word + 1/2) / 2^32, the logarithm by exponent and a polynomial."""
    u = np.float32(np.float32(word) + float32(0.5))
    bits = u.view(np.int32)
    exponent = int32(int32(bits >> int32(23)) - int32(127 + 32))
    mantissa = np.int32(int32(bits & int32(0x7FFFFF)) | int32(0x3F800000)).view(np.float32)
    upper = mantissa > float32(1.4142135)
    mantissa = float32(0.5) * mantissa if upper else mantissa
    exponent = int32(exponent + int32(1)) if upper else exponent
    z = mantissa - float32(1.0)
    p = float32(7.0376836292e-2)
    p = p * z + float32(-1.1514610310e-1)
    p = p * z + float32(1.1676998740e-1)
    p = p * z + float32(-1.2420140846e-1)
    p = p * z + float32(1.4249322787e-1)
    p = p * z + float32(-1.6668057665e-1)
    p = p * z + float32(2.0000714765e-1)
    p = p * z + float32(-2.4999993993e-1)
    p = p * z + float32(3.3333331174e-1)
    square = z * z
    logarithm = p * z * square - float32(0.5) * square + z + float32(0.69314718056) * float32(exponent)
    return math.sqrt(float32(-2.0) * logarithm)


@inline
def _direction(word):
    """``(sin, cos)`` of an angle uniform on the circle, by its half angle (polynomials good to 5e-8)."""
    v = float32(int32(word)) * float32(2.0**-32)
    t = v * v
    s = float32(0.077560386123)
    s = s * t + float32(-0.598242127078)
    s = s * t + float32(2.550069726693)
    s = s * t + float32(-5.167709684842)
    s = (s * t + float32(3.141592636897)) * v
    c = float32(0.219696795067)
    c = c * t + float32(-1.331880163323)
    c = c * t + float32(4.058411915332)
    c = c * t + float32(-4.934792858812)
    c = c * t + float32(0.99999995347)
    return float32(2.0) * s * c, float32(1.0) - float32(2.0) * s * s


@inline
def cell_normals(trial, step_low, step_high, cell, seed_low, seed_high, purpose):
    """Three independent standard normal numbers of a cell of a trial at a step; all arguments are uint32."""
    w0, w1, w2, w3 = threefry4x32(trial, step_low, step_high, cell, seed_low, seed_high, purpose, uint32(0))
    first, second = _radius(w0), _radius(w2)
    sine, cosine = _direction(w1)
    sine2, _ = _direction(w3)
    return first * sine, first * cosine, second * sine2


@inline
def three_normals(trial, step_low, step_high, seed_low, seed_high, purpose):
    """Those of the only cell of a macrospin."""
    return cell_normals(trial, step_low, step_high, uint32(0), seed_low, seed_high, purpose)


@kernel
def standard_normals(seed, purpose, first_trial, trials, step):
    """Three standard normal numbers for each of a range of trials, float32 array (trials, 3)."""
    out = np.empty((trials, 3), np.float32)
    for i in range(trials):
        out[i] = three_normals(
            uint32(first_trial + i),
            uint32(step & 0xFFFFFFFF),
            uint32(step >> 32),
            uint32(seed & 0xFFFFFFFF),
            uint32(seed >> 32),
            uint32(purpose),
        )
    return out
