"""Time stepping of axial densities: many lanes (voltages, widths, histories) of one device, each with steps of its own.

TR-BDF2 (Bank et al., IEEE Trans. Electron Devices 32, 1992 (1985)), second order, L-stable: with g = 2 - sqrt(2),

    (1 - g h L' / 2) q' = (1 + g h L / 2) q                         trapezoid to t + g h
    (1 - g h L'' / 2) q'' = (q' - (1 - g)^2 q) / (g (2 - g))        second backward difference to t + h

The error of a step is estimated from the slopes at its three times (Hosea, Shampine, Appl. Numer. Math. 20, 21 (1996)).
Each solve is an elimination that adds, multiplies and divides positive numbers only, so that a probability of 1e-200
has as many digits as one of 0.5. Temperatures follow the mean Joule power: all trials of a lane share them.

A block of lanes walks through time in lockstep, the lane loops inside. Nothing passes between lanes and blocks are
always full, so that a lane has the same bits whatever runs beside it. Inner loops touch few arrays each: only such are
vectorized.
"""

from __future__ import annotations

import math

import numpy as np
from numba import int64

from spinneuron.compiled import inline, kernel
from spinneuron.physics.heating import joule_power, junction_voltage, window_weights
from spinneuron.physics.temperature import law_ratios

LANES = 16
"""Of a block: two vector registers of doubles, so that one division hides behind the other."""
PART = 2.0 - math.sqrt(2.0)
SHARE = 0.5 * PART
TRUNCATION = (3.0 * PART * PART - 4.0 * PART + 2.0) / (6.0 * (2.0 - PART) * SHARE)

# what a block holds for each cell and lane: density and K = SHARE h L q of old and new, stages, and the elimination
Q, K, MID, NEW, FRESH, UP, DOWN, INVERSE, REST = range(9)
# what it holds for each lane: where it stands, its step, and what the step leads to
(Z, POWER, RISE, BASE, H, START, END, BATH, BATH_END, WANTED, TIME, DRIVE, WARM, SCALE) = range(14)
(NEW_Z, NEW_POWER, NEW_RISE, LEAST, LOW, HIGH, ERROR_LOW, ERROR_HIGH) = range(14, 22)
# weights of the integrals of `axial.Grid`, D [1/s], conductances per area, and TMR
(DRIFT, ALONG, CUBE, EVEN, ODD, DIFFUSION, MEAN, SWING, TMR) = range(22, 31)
NUMBERS = 31
# what is recorded at the end of a segment: as in `walk`
RECORD = ("low", "high", "z", "rise", "power", "hottest", "least")


@inline
def exponential(x):
    """``exp(x) = scale (1 + p)`` as (scale, p), for -708 < x <= 0, to rounding.

    A polynomial without branches, so that a row of lanes becomes one vector loop.
    """
    shifted = x * 1.4426950408889634 + 6755399441055744.0
    whole = shifted - 6755399441055744.0
    r = (x - whole * 6.93147180369123816490e-01) - whole * 1.90821492927058770002e-10
    p = 1.0 / 6227020800.0
    p = p * r + 1.0 / 479001600.0
    p = p * r + 1.0 / 39916800.0
    p = p * r + 1.0 / 3628800.0
    p = p * r + 1.0 / 362880.0
    p = p * r + 1.0 / 40320.0
    p = p * r + 1.0 / 5040.0
    p = p * r + 1.0 / 720.0
    p = p * r + 1.0 / 120.0
    p = p * r + 1.0 / 24.0
    p = p * r + 1.0 / 6.0
    p = p * r + 0.5
    bits = np.int64(np.float64(shifted).view(np.int64))
    scale = np.int64(int64(bits + int64(1023)) << int64(52)).view(np.float64)
    return scale, (p * r) * r + r


@inline
def bernoulli(w):
    """B(-w) and B(w) of ``B(w) = w / (exp(w) - 1)``; the small one is never a difference of large ones."""
    size = min(abs(w), 700.0)
    s = size * size
    even = s * (1.0 / 47900160.0 + s * (-691.0 / 1307674368000.0 + s / 74724249600.0))
    even = 1.0 + s * (1.0 / 12.0 + s * (-1.0 / 720.0 + s * (1.0 / 30240.0 + s * (-1.0 / 1209600.0 + even))))
    scale, p = exponential(-size)
    decay = scale + scale * p
    far = size * decay / (1.0 - decay)
    small = even - 0.5 * size if size < 0.5 else far
    small = small if size < 700.0 else 0.0
    return small + max(w, 0.0), small + max(-w, 0.0)


@kernel
def coefficients(own, device, laws):
    """Numbers of every lane at its ``DRIVE`` and at ``WARM`` above the temperature of the device."""
    for j in range(own.shape[1]):
        drive = own[DRIVE, j]
        Ms, Hk, torque, noise, tmr, Hk2 = law_ratios(laws.base + own[WARM, j], laws)
        _, mean, swing = joule_power(drive, 0.0, device.parallel, tmr * device.tmr, device.roll)
        own[MEAN, j], own[SWING, j], own[TMR, j] = mean, swing * device.pole, tmr * device.tmr
        if not device.voltage_driven:
            mean, swing = device.mean, device.swing
        D = device.diffusion * noise * noise
        a, b = drive * torque * device.a * device.pole, device.alpha * drive * torque * device.b * device.pole
        swing *= device.pole
        stiffness = device.alpha * (Ms * device.shape + Hk * device.anisotropy)
        own[DRIFT, j] = (device.alpha * device.applied + b * mean) / D
        own[ALONG, j] = (b * swing - stiffness) / D
        own[CUBE, j] = device.alpha * Hk2 * device.fourth / D
        own[EVEN, j], own[ODD, j] = a * mean / D, a * swing / D
        own[DIFFUSION, j] = D


@kernel
def exchange(own, grid, share, up, down):
    """What goes from each cell to the next, above and below, in ``share`` steps ``H`` of every lane."""
    faces, lanes = len(grid.gap), own.shape[1]
    c0, c1, c2, c3, c4, D, h = own[DRIFT], own[ALONG], own[CUBE], own[EVEN], own[ODD], own[DIFFUSION], own[H]
    for f in range(faces):
        gap, first, third, even, odd, w = grid.gap[f], grid.first[f], grid.third[f], grid.even[f], grid.odd[f], up[f]
        for j in range(lanes):
            w[j] = c0[j] * gap + c1[j] * first + c2[j] * third
        for j in range(lanes):
            w[j] += c3[j] * even + c4[j] * odd
    above, below = up.reshape(-1), down.reshape(-1)
    for i in range(faces * lanes):
        above[i], below[i] = bernoulli(above[i])
    for f in range(faces):
        c = share * grid.conductance[f]
        a, b, x, y = c / grid.width[f], c / grid.width[f + 1], up[f], down[f]
        for j in range(lanes):
            x[j] *= a * (h[j] * D[j])
        for j in range(lanes):
            y[j] *= b * (h[j] * D[j])


@kernel
def solve(up, down, y, inverse, rest):
    """Solve ``y - L y = right`` in place; where ``right`` is positive, every number of the elimination is.

    The pivot is 1 + up + e, with e what of the way down is not led back: no difference is taken anywhere.
    """
    cells, lanes = y.shape
    for j in range(lanes):
        inverse[0, j] = 1.0 / (1.0 + up[0, j])
        rest[0, j] = inverse[0, j]
    for i in range(1, cells):
        a, b, c, p, e = down[i - 1], rest[i - 1], up[i], inverse[i], rest[i]
        for j in range(lanes):
            held = 1.0 + a[j] * b[j]
            p[j] = 1.0 / (held + c[j])
            e[j] = held * p[j]
        a, b, c, p = up[i - 1], inverse[i - 1], y[i - 1], y[i]
        for j in range(lanes):
            p[j] += a[j] * b[j] * c[j]
    for j in range(lanes):
        y[cells - 1, j] *= inverse[cells - 1, j]
    for i in range(cells - 2, -1, -1):
        a, b, c, p = y[i], down[i], y[i + 1], inverse[i]
        for j in range(lanes):
            a[j] = (a[j] + b[j] * c[j]) * p[j]


@kernel
def dissipate(q, z, drive, own, device, center, power):
    """Mean Joule power of every lane [W]; z is the mean of x."""
    for j in range(q.shape[1]):
        power[j] = drive[j] * drive[j] * (own[MEAN, j] + own[SWING, j] * z[j]) * device.area
        if not device.voltage_driven:
            power[j] = 0.0
            for i in range(q.shape[0]):
                cosine = device.pole * center[i]
                J = drive[j] * (device.mean + device.swing * cosine)
                V = junction_voltage(J, cosine, device.parallel, own[TMR, j], device.roll)
                power[j] += q[i, j] * V * J * device.area


@kernel
def moments(q, center, own):
    """Mean of x, probability of each half, and the least probability of a cell, of every lane."""
    cells = q.shape[0]
    z, least = own[NEW_Z], own[LEAST]
    z[:], least[:], own[LOW], own[HIGH] = 0.0, 1.0, 0.0, 0.0
    for i in range(cells):
        row, x, side = q[i], center[i], own[LOW if 2 * i < cells else HIGH]
        for j in range(len(z)):
            z[j] += x * row[j]
        for j in range(len(z)):
            side[j] += row[j]
        for j in range(len(z)):
            least[j] = min(least[j], row[j])


@kernel
def heat_up(theta, heated, own, foster):
    """Rises of the poles after the step, over which the power goes linearly from one value to the other."""
    for j in range(own.shape[1]):
        own[NEW_RISE, j] = 0.0
        for p in range(theta.shape[0]):
            keep, before, after = window_weights(own[H, j] / foster.times[p])
            added = foster.resistances[p] * (before * own[POWER, j] + after * own[NEW_POWER, j])
            heated[p, j] = keep * theta[p, j] + added
            own[NEW_RISE, j] += heated[p, j]


@kernel
def estimate(cells, own):
    """K at the end of a step, and the estimated error of each half of the density."""
    own[ERROR_LOW], own[ERROR_HIGH] = 0.0, 0.0
    count, lanes = cells.shape[1], cells.shape[2]
    for i in range(count):
        a, b, c, k = cells[Q, i], cells[MID, i], cells[NEW, i], cells[FRESH, i]
        for j in range(lanes):
            k[j] = c[j] - (b[j] - (1.0 - PART) ** 2 * a[j]) / (PART * (2.0 - PART))
        c, scale, total = cells[K, i], own[SCALE], own[ERROR_LOW if 2 * i < count else ERROR_HIGH]
        for j in range(lanes):
            old = scale[j] * c[j]
            b[j] = abs(old / PART - (b[j] - a[j] - old) / (PART * (1.0 - PART)) + k[j] / (1.0 - PART))
        for j in range(lanes):
            total[j] += TRUNCATION * b[j]


@kernel
def start(cells, own, theta, device, grid, laws):
    """Moments, power, and K over one second of a block that begins."""
    moments(cells[Q], grid.center, own)
    for j in range(own.shape[1]):
        own[Z, j], own[RISE, j], own[H, j], own[BASE, j] = own[NEW_Z, j], theta[:, j].sum(), 1.0, 1.0
        own[WARM, j] = own[BATH, j] + own[RISE, j]
    coefficients(own, device, laws)
    dissipate(cells[Q], own[Z], own[DRIVE], own, device, grid.center, own[POWER])
    up, down, q, change = cells[UP], cells[DOWN], cells[Q], cells[K]
    exchange(own, grid, SHARE, up, down)
    change[:] = 0.0
    for f in range(len(grid.gap)):
        for j in range(own.shape[1]):
            flow = down[f, j] * q[f + 1, j] - up[f, j] * q[f, j]
            change[f, j] += flow
            change[f + 1, j] -= flow


@kernel
def step(cells, own, theta, heated, device, grid, laws, foster):
    """One step of every lane, from Q and K to NEW and FRESH, with temperatures, moments and errors."""
    lanes = own.shape[1]
    for j in range(lanes):
        own[SCALE, j] = own[H, j] / own[BASE, j]
        own[DRIVE, j], own[WARM, j] = own[END, j], own[BATH, j] + own[RISE, j]
    # the power ahead, as far as it is known: what it leads to is known to second order in the step
    coefficients(own, device, laws)
    dissipate(cells[Q], own[Z], own[END], own, device, grid.center, own[NEW_POWER])
    heat_up(theta, heated, own, foster)
    for part in range(2):
        y, q, other = cells[MID + part], cells[Q], cells[K if part == 0 else MID]
        if part == 0:
            for j in range(lanes):
                begin, end = own[BATH, j] + own[RISE, j], own[BATH_END, j] + own[NEW_RISE, j]
                own[DRIVE, j] = own[START, j] + PART * (own[END, j] - own[START, j])
                own[WARM, j] = begin + PART * (end - begin)
            for i in range(q.shape[0]):
                a, b, c, scale = y[i], q[i], other[i], own[SCALE]
                for j in range(lanes):
                    a[j] = b[j] + scale[j] * c[j]
        else:
            for j in range(lanes):
                own[DRIVE, j], own[WARM, j] = own[END, j], own[BATH_END, j] + own[NEW_RISE, j]
            for i in range(q.shape[0]):
                a, b, c = y[i], q[i], other[i]
                for j in range(lanes):
                    a[j] = (c[j] - (1.0 - PART) ** 2 * b[j]) / (PART * (2.0 - PART))
        coefficients(own, device, laws)
        exchange(own, grid, SHARE, cells[UP], cells[DOWN])
        solve(cells[UP], cells[DOWN], y, cells[INVERSE], cells[REST])
    estimate(cells, own)
    moments(cells[NEW], grid.center, own)
    dissipate(cells[NEW], own[NEW_Z], own[END], own, device, grid.center, own[NEW_POWER])
    heat_up(theta, heated, own, foster)


@kernel
def propose(s, own, course, control, taken, done, origin):
    """Length of the next step of every lane, and drive and surroundings at its ends; how many lanes still move."""
    moving = 0
    for j in range(len(taken)):
        length = course.lengths[s, j]
        left = length - own[TIME, j]
        if control.tolerance > 0.0:
            taken[j], last, wanted = left > 0.0, own[WANTED, j] >= left, own[WANTED, j]
            h = left if last else (0.5 * left if 2.0 * wanted > left else wanted)
        else:
            taken[j], last = done[j] < course.counts[s, j], done[j] == course.counts[s, j] - 1
            h = course.plan[j, origin[j] + done[j]] if taken[j] else length
        moving += taken[j]
        own[H, j] = h if taken[j] else length
        begin, end = own[TIME, j] / length, 1.0 if last or not taken[j] else (own[TIME, j] + h) / length
        drive, change = course.drives[s, j], course.drives[s + 1, j] - course.drives[s, j]
        own[START, j], own[END, j] = drive + begin * change, drive + end * change
        bath, change = course.bath[s, j], course.bath[s + 1, j] - course.bath[s, j]
        own[BATH, j], own[BATH_END, j] = bath + begin * change, bath + end * change
    return moving


@kernel
def judge(s, own, course, control, taken, done, origin):
    """Take or refuse the step of every lane by its error, and choose the length of the next one."""
    for j in range(len(taken)):
        if not taken[j]:
            continue
        length, h, wanted = course.lengths[s, j], own[H, j], own[WANTED, j]
        if control.tolerance > 0.0:
            low = own[ERROR_LOW, j] / (own[LOW, j] + control.floor)
            high = own[ERROR_HIGH, j] / (own[HIGH, j] + control.floor)
            worst = max(low, high) / control.tolerance
            if not own[LEAST, j] >= 0.0:
                worst = max(worst, 10.0)
            taken[j] = worst <= 1.0 or h <= control.shortest * length
            grown = h * min(max(0.9 * worst ** (-1.0 / 3.0), 0.2), 4.0) if worst > 0.0 else 4.0 * h
            own[WANTED, j] = max(grown, wanted) if taken[j] and h < wanted else grown
            if not taken[j]:
                continue
            course.plan[j, origin[j] + done[j]] = h
        own[TIME, j] = length if h >= length - own[TIME, j] else own[TIME, j] + h
        done[j] += 1


@kernel
def limit(cells, own, center):
    """Take back what a long step made negative: such cells become empty, the others give what that added."""
    new, least = cells[NEW], own[LEAST]
    if least.min() >= 0.0:
        return
    for j in range(len(least)):
        if least[j] < 0.0:
            missing = 0.0
            for i in range(new.shape[0]):
                missing -= min(new[i, j], 0.0)
            for i in range(new.shape[0]):
                new[i, j] = max(new[i, j], 0.0) / (1.0 + missing)
    moments(new, center, own)


@kernel
def accept(cells, own, theta, heated, taken):
    """Make the new density that of the lanes whose step is taken."""
    for old, new in ((Q, NEW), (K, FRESH)):
        for i in range(cells.shape[1]):
            a, b = cells[old, i], cells[new, i]
            for j in range(len(taken)):
                a[j] = b[j] if taken[j] else a[j]
    for j in range(len(taken)):
        if taken[j]:
            own[BASE, j], own[Z, j], own[POWER, j] = own[H, j], own[NEW_Z, j], own[NEW_POWER, j]
            own[RISE, j] = own[NEW_RISE, j]
            for p in range(theta.shape[0]):
                theta[p, j] = heated[p, j]


@kernel
def walk(q, theta, course, control, device, grid, laws, foster, record, kept, rises):
    """Take densities ``q`` (cells, lanes) and rises ``theta`` (poles, lanes) through their waveforms, in place.

    With a tolerance, steps are chosen and written to the plan of the course; without, those of the plan are taken.
    ``record`` (segments, 7, lanes) takes, at the end of each segment, the probabilities of x < 0 and of x > 0, the mean
    of x, rise and power, and the highest temperature above that of the device and the least probability of a cell so
    far; ``kept`` (segments or 0, cells, lanes) takes the densities, ``rises`` those of the poles. False says that the
    plan has no room for the steps.
    """
    segments, lanes = course.lengths.shape
    room = course.plan.shape[1]
    cells, own, heated = np.zeros((9, len(q), lanes)), np.zeros((NUMBERS, lanes)), np.empty_like(theta)
    taken, done, origin = np.zeros(lanes, np.bool_), np.zeros(lanes, np.int64), np.zeros(lanes, np.int64)
    cells[Q], own[DRIVE], own[BATH] = q, course.drives[0], course.bath[0]
    start(cells, own, theta, device, grid, laws)
    hottest, least = own[BATH] + own[RISE], own[LEAST].copy()
    own[WANTED] = control.first * course.lengths[0]
    for s in range(segments):
        own[TIME], done[:] = 0.0, 0
        while propose(s, own, course, control, taken, done, origin) > 0:
            if control.tolerance > 0.0 and (origin + done).max() >= room:
                return False
            step(cells, own, theta, heated, device, grid, laws, foster)
            judge(s, own, course, control, taken, done, origin)
            limit(cells, own, grid.center)
            accept(cells, own, theta, heated, taken)
            for j in range(lanes):
                if taken[j]:
                    hottest[j] = max(hottest[j], own[BATH_END, j] + own[NEW_RISE, j])
                    least[j] = min(least[j], own[LEAST, j])
        moments(cells[Q], grid.center, own)
        for j in range(lanes):
            course.counts[s, j] = done[j]
            origin[j] += done[j]
            record[s, 0, j], record[s, 1, j], record[s, 2, j] = own[LOW, j], own[HIGH, j], own[Z, j]
            record[s, 3, j], record[s, 4, j] = own[RISE, j], own[POWER, j]
            record[s, 5, j], record[s, 6, j] = hottest[j], least[j]
        if len(kept):
            kept[s], rises[s] = cells[Q], theta
    q[:] = cells[Q]
    return True
