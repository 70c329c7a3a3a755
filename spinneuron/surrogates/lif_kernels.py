"""Kernels of the leaky integrator: its exact response to a piecewise-linear drive, and the fit of its two numbers.

With the leak rate ``k = leak / tau_membrane`` and the drive ``V`` the state obeys ``dy/dt = -k y + V``, and
``gain / tau_membrane`` times y is the membrane potential. Over a segment of length h with V linear, and ``x = k h``,

    y_1 = E y_0 + v_0 V_0 + v_1 V_1,   E = exp(-x),   v_0 = h (a - E) / x,   v_1 = h (1 - a) / x,   a = (1 - E) / x

is exact (Hochbruck and Ostermann, Acta Numerica 19, 209 (2010), section 2), also for k = 0.

The fit is a variable projection (Golub and Pereyra, SIAM J. Numer. Anal. 10, 413 (1973)): for each tau the best gain is
a quotient of two sums, so that only tau is searched for: on a grid first, then as the root of the slope of the squared
misfit.
"""

import math

import numpy as np

from spinneuron.compiled import inline, kernel, parallel_kernel, prange

# Below this x the differences in v_0 and v_1 lose digits, and twelve terms of the series reach rounding.
_SERIES = 0.125
_TERMS = 12
# Last step of ln(tau) in the search; what remains is far less, as the steps shrink faster than by a factor.
_TOLERANCE = 1e-9
# Window of the autocorrelation sum, in units of its own result: Sokal's five times t / 2.
_WINDOW = 2.5
# Lags of the autocorrelation summed together, so that the loop over them vectorizes without reordering any sum.
_LANES = 16
# Candidates of the grid; multiple of the lanes of a vector.
GRID = 32


@inline
def segment(k, h):
    """Coefficients ``E, v_0, v_1`` [1, s, s] of one segment of length ``h`` [s] at the leak rate ``k`` [1/s]."""
    x = k * h
    if x < _SERIES:
        term, v0, v1 = 0.5, 0.5, 0.5
        for n in range(2, _TERMS):
            term *= -x / (n + 1)
            v0 += n * term
            v1 += term
        return math.exp(-x), h * v0, h * v1
    E = math.exp(-x)
    a = (1.0 - E) / x
    return E, h * (a - E) / x, h * (1.0 - a) / x


@kernel
def response(steps, drive, k, start):
    """State y (time,) from ``start`` under ``drive`` (time,) with ``steps`` (time - 1,) [s]: ``dy/dt = -k y + V``."""
    y = np.empty(drive.size)
    y[0] = start
    h, E, v0, v1 = -1.0, 0.0, 0.0, 0.0
    for i in range(steps.size):
        if steps[i] != h:
            h = steps[i]
            E, v0, v1 = segment(k, h)
        y[i + 1] = E * y[i] + v0 * drive[i] + v1 * drive[i + 1]
    return y


@kernel
def sensitivity(steps, drive, k, y, z):
    """Fill y (time,) with the response from rest and z (time,) with its derivative ``dy / d ln(tau)``."""
    y[0], z[0] = 0.0, 0.0
    h, x, E, v0, v1 = -1.0, 0.0, 0.0, 0.0, 0.0
    for i in range(steps.size):
        if steps[i] != h:
            h = steps[i]
            x = k * h
            E, v0, v1 = segment(k, h)
        # dx/d ln(tau) = -x turns the coefficients into E' = x E, v_0' = 2 v_0 - h E, v_1' = v_1 - v_0.
        z[i + 1] = E * (z[i] + x * y[i]) + (2.0 * v0 - h * E) * drive[i] + (v1 - v0) * drive[i + 1]
        y[i + 1] = E * y[i] + v0 * drive[i] + v1 * drive[i + 1]


@inline
def slope(steps, drive, u, k):
    """Derivative of the projected squared misfit by ln(tau), up to a positive factor."""
    y, z = 0.0, 0.0
    yy, yu, yz, zu = 0.0, 0.0, 0.0, 0.0
    h, x, E, v0, v1 = -1.0, 0.0, 0.0, 0.0, 0.0
    for i in range(steps.size):
        if steps[i] != h:
            h = steps[i]
            x = k * h
            E, v0, v1 = segment(k, h)
        z = E * (z + x * y) + (2.0 * v0 - h * E) * drive[i] + (v1 - v0) * drive[i + 1]
        y = E * y + v0 * drive[i] + v1 * drive[i + 1]
        yy += y * y
        yu += y * u[i + 1]
        yz += y * z
        zu += z * u[i + 1]
    rate = yu / yy
    return -rate * (zu - rate * yz)


@kernel
def scan(coefficients, drive, u):
    """Index of the candidate with the least squared misfit; ``coefficients`` (3, segment or 1, candidate)."""
    y, yy, yu = np.zeros(GRID), np.zeros(GRID), np.zeros(GRID)
    for i in range(drive.size - 1):
        row = i if coefficients.shape[1] > 1 else 0
        E, v0, v1 = coefficients[0, row], coefficients[1, row], coefficients[2, row]
        a, b, w = drive[i], drive[i + 1], u[i + 1]
        for j in range(GRID):
            y[j] = E[j] * y[j] + v0[j] * a + v1[j] * b
            yy[j] += y[j] * y[j]
            yu[j] += y[j] * w
    best, index = -1.0, 0
    for j in range(GRID):
        explained = yu[j] * yu[j] / yy[j] if yy[j] > 0.0 else 0.0
        if explained > best:
            best, index = explained, j
    return index


@kernel
def leak_rate(grid, best, steps, drive, u):
    """Root of the slope next to the best of the ``grid`` of tau [s], as k [1/s]; 0 past its end, inf before it."""
    middle = slope(steps, drive, u, 1.0 / grid[best])
    other = best + 1 if middle < 0.0 else best - 1
    if other == GRID:
        return 0.0
    if other < 0:
        return math.inf
    a, b = math.log(grid[min(best, other)]), math.log(grid[max(best, other)])
    end = slope(steps, drive, u, 1.0 / grid[other])
    f_a, f_b = (middle, end) if other > best else (end, middle)
    c, side = a, 0
    for _ in range(100):
        before = c
        # Regula falsi, the standing end corrected after Anderson and Bjorck, BIT 13, 253 (1973).
        c = (a * f_b - b * f_a) / (f_b - f_a) if f_a < 0.0 < f_b else 0.5 * (a + b)
        f_c = slope(steps, drive, u, math.exp(-c))
        if f_c == 0.0 or abs(c - before) < _TOLERANCE or b - a < _TOLERANCE:
            break
        if f_c < 0.0:
            if side < 0:
                f_b *= 1.0 - f_c / f_a if f_c > f_a else 0.5
            a, f_a, side = c, f_c, -1
        else:
            if side > 0:
                f_a *= 1.0 - f_c / f_b if f_c < f_b else 0.5
            b, f_b, side = c, f_c, 1
    return math.exp(-c)


@kernel
def autocorrelation_time(residual):
    """Autocorrelation time [samples], 1 to n: ``t = 1 + 2 sum_1^W rho_k`` up to the first ``W >= 2.5 t``, corrected."""
    n = residual.size
    variance = 0.0
    for i in range(n):
        variance += residual[i] * residual[i]
    if variance == 0.0:
        return 1.0
    padded = np.zeros(n + n + _LANES)
    padded[:n] = residual
    total, lag = 1.0, 1
    sums = np.empty(_LANES)
    while lag < n:
        sums[:] = 0.0
        for i in range(n - lag):
            value = residual[i]
            for j in range(_LANES):
                sums[j] += value * padded[i + lag + j]
        for j in range(_LANES):
            total += 2.0 * sums[j] / variance
            if lag + j >= _WINDOW * total:
                # Two fitted parameters take their share of every rho_k; Wolff, eq. 49, has one, the mean.
                return max(total, 1.0) * (1.0 + 2.0 * (2.0 * (lag + j) + 1.0) / n)
        lag += _LANES
    return float(n)


@kernel
def assess(u, y, z, k):
    """Tuple of the fields of `lif_fit.BatchFit` for the response y (time,) at the rate k, and its sensitivity z."""
    n = u.size
    yy, yu, yz, zz, mean = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(n):
        # At a constant gain: du/d tau = rate (z - y) / tau and du/d gain = y / tau.
        column = z[i] - y[i]
        yy += y[i] * y[i]
        yz += y[i] * column
        zz += column * column
        yu += y[i] * u[i]
        mean += u[i] / n
    rate = yu / yy
    residual = np.empty(n)
    squares, spread = 0.0, 0.0
    for i in range(n):
        residual[i] = u[i] - rate * y[i]
        squares += residual[i] * residual[i]
        spread += (u[i] - mean) ** 2
    correlation = autocorrelation_time(residual)
    rmse, r2, n_effective = math.sqrt(squares / n), 1.0 - squares / spread, n / correlation
    if k == math.inf:
        return 0.0, rate, math.nan, rmse, r2, math.inf, math.inf, math.nan, n_effective
    if k == 0.0:
        return math.inf, math.copysign(math.inf, rate), rate, rmse, r2, math.inf, math.inf, math.nan, n_effective
    tau = 1.0 / k
    determinant = yy * zz - yz * yz
    if n_effective <= 2.0 or determinant <= 0.0 or rate == 0.0:
        return tau, rate * tau, rate, rmse, r2, math.inf, math.inf, math.nan, n_effective
    noise = squares / (n - 2.0 * correlation) * correlation / determinant
    tau_error, gain_error = tau * math.sqrt(noise * yy) / abs(rate), tau * math.sqrt(noise * zz)
    return tau, rate * tau, rate, rmse, r2, tau_error, gain_error, -tau * tau * noise * yz / rate, n_effective


@kernel
def fit_one(grid, coefficients, steps, drive, u):
    """Fit one u (time,) to one drive (time,) [V]: a tuple in the order of the fields of `lif_fit.BatchFit`."""
    largest = 0.0
    for i in range(u.size):
        largest = max(largest, abs(u[i]))
    if largest == 0.0:
        return math.nan, 0.0, math.nan, 0.0, math.nan, math.nan, math.nan, math.nan, math.nan
    k = leak_rate(grid, scan(coefficients, drive, u), steps, drive, u)
    if k == math.inf:
        return assess(u, drive, np.zeros(u.size), k)
    y, z = np.empty(u.size), np.empty(u.size)
    sensitivity(steps, drive, k, y, z)
    return assess(u, y, z, k)


@parallel_kernel
def fit_many(grid, coefficients, steps, drive, u, fits):
    """Fill fits (device, 9) from u and drive (device, time)."""
    for device in prange(u.shape[0]):
        one = fit_one(grid, coefficients, steps, drive[device], u[device])
        for i in range(9):
            fits[device, i] = one[i]


@kernel
def tabulate(grid, steps):
    """Coefficients (3, segment, candidate) of every segment for every tau of the grid [s]."""
    table = np.empty((3, steps.size, grid.size))
    for i in range(steps.size):
        for j in range(grid.size):
            table[0, i, j], table[1, i, j], table[2, i, j] = segment(1.0 / grid[j], steps[i])
    return table
