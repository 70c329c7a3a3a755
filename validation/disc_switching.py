"""Switching of a perpendicular disc by current at 300 K: how and when it reverses, beside the disc as one moment."""

from __future__ import annotations

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from validation.disc_runs import (
    DISC,
    JC,
    TRIALS,
    D,
    Times,
    moment_lasts,
    moment_times,
    nuclei,
    reversals,
    spin_waves,
    wall_speed,
    wall_speed_found,
)
from validation.drawing import COLORS, EXACT, legend
from validation.report import Check, Outcome, markdown_table, statistical

QUESTION = "How does a disc of 200 nm reverse in a current, when, and how small must its cells be?"
REFERENCE = """A disc of 200 x 1.7 nm, Ms = 1 MA/m, K = 300 kJ/m^3 with the stray field of a film in it, A = 10 pJ/m,
alpha = 0.02, P = 0.6, Lambda = 1; i = J / Jc0, at Jc0 = 1.03e11 A/m^2 a uniform state loses its stability. A prototype
of other make, cells of 5 nm, Heun's steps of 0.25 ps, 3 or 6 trials of 60 ns: none of 6 at i = 0.5 and 0.6; 2 of 3 at
0.7; at 0.8 all, at some 12 ns; 8 ns at 0.9, 2.4 ns at 1.6. One moment: its trajectories, and its mean time of escape by
the Fokker-Planck equation. A straight wall: v = gamma0 i alpha Hk D / (1 + alpha^2), exact. Mean moment at rest: waves
of small amplitude, each with its share of kB T. Edges as a place of reversal, and the current of whole and divided
reversal: P. Bouquin et al., arXiv:1809.03353."""
TOLERANCE = """Counts and medians of 16 trials: four standard errors, those of the prototype's 3 trials included.
Wall: 1 % at cells of 1.25 nm, D / 4.6. Mean moment: (1 - <m_z>)^2 of what waves of small amplitude leave out, and
1e-3. At 3 K, where no wave is warm, the lattice must be one moment: below i = 1 no reversal, above it its median within
four standard errors. What has no exact reference (mechanism, stray field of the edge, cells) is bounded as the text
of the documentation says it."""

# i: reversed, of, median [ns]
PROTOTYPE = {
    0.5: (0, 6, None),
    0.6: (0, 6, None),
    0.7: (2, 3, None),
    0.8: (3, 3, 12.0),
    0.9: (3, 3, 8.0),
    1.6: (3, 3, 2.4),
}
DURATIONS = {0.5: 60e-9, 0.6: 60e-9, 0.7: 60e-9, 0.8: 30e-9, 0.9: 16e-9, 1.0: 12e-9, 1.2: 8e-9, 1.6: 5e-9}
STRAY, GRAINS = "stray field of the disc", {"grain_size": 20e-9, "Ku_spread": 0.1}
WATCHED, WATCHED_LONGER = {0.8: 30e-9, 1.2: 8e-9}, {0.8: 20e-9, 1.0: 14e-9, 1.2: 8e-9}
# layout, and how long trials are watched by i
VARIANTS: dict[str, tuple[dict, dict[float, float]]] = {
    "Oersted field": ({"oersted": True}, WATCHED),
    "grains of 10 nm, Ku 5 %": ({"grain_size": 10e-9, "Ku_spread": 0.05}, WATCHED),
    "grains of 20 nm, Ku 10 %": (GRAINS, WATCHED),
    STRAY: ({"demag": True}, WATCHED_LONGER),
    "the same, cells of 4 nm": ({"demag": True, "cell": 4e-9}, {1.2: 8e-9}),
    # <m_z> at rest is that much smaller than with cells of 5 nm
    "cells of 4 nm, scaled to <m> of 5 nm": ({"demag": True, "cell": 4e-9, "scale": 1.0057}, {1.2: 8e-9}),
    "the same, cells of 2.5 nm": ({"demag": True, "cell": 2.5e-9}, {1.2: 6e-9}),
    "all of these, cells of 5 nm": ({"demag": True, "oersted": True, **GRAINS}, {1.0: 14e-9, 1.2: 8e-9}),
}
CELLS = (10e-9, 4e-9, 2.5e-9)


def _against_prototype(curve):
    checks = []
    for i in sorted(PROTOTYPE.keys() & curve.keys()):
        found, (count, of, median) = curve[i], PROTOTYPE[i]
        if median is None:
            # of both counts together, as if they were of one probability
            share = max((found.reversed + count) / (found.trials + of), 0.5 / (found.trials + of))
            error = np.sqrt(share * (1.0 - share) * (1.0 / found.trials + 1.0 / of))
            checks.append(
                statistical(f"i = {i:g}: share reversed in 60 ns", found.reversed / TRIALS, error, count / of)
            )
        else:
            error = found.error * np.sqrt(1.0 + found.trials / of)
            checks.append(statistical(f"i = {i:g}: median [ns]", 1e9 * found.median, 1e9 * error, median))
    return checks


def _against_moment(curve, cold, moment, cold_moment):
    checks = []
    for i in (0.7, 0.9):
        case = f"i = {i:g}: log10 of the time in which one moment reverses [s]"
        checks.append(Check(case, float(np.log10(moment_lasts(i))), 6.0, kind="at least"))
    for i in sorted(moment.keys() & curve.keys()):
        ratio = curve[i].median / moment[i].median
        checks.append(Check(f"i = {i:g}: median over that of one moment", ratio, 1.0, kind="at most"))
    checks.append(Check("3 K, i = 0.9: reversed", cold[0.9].reversed, 0.0, 0.0))
    if 1.2 in cold:
        case = "3 K, i = 1.2: median [ns], reference one moment"
        checks.append(statistical(case, 1e9 * cold[1.2].median, 1e9 * cold[1.2].error, 1e9 * cold_moment.median))
    return checks


def _mechanism(i, found):
    at_edge, radius = np.mean([one.at_edge for one in found]), np.mean([one.radius for one in found])
    crossing, growth = DISC.width / wall_speed(i), np.median([one.growth for one in found])
    return [
        Check(f"i = {i:g}: share of trials that begin at the edge", float(at_edge), 0.9, kind="at least"),
        Check(f"i = {i:g}: radius of the first region, over that of the disc", float(radius), 0.8, kind="at least"),
        Check(f"i = {i:g}: least |<m>| of a trial, largest", max(n.shortest for n in found), 0.25, kind="at most"),
        Check(
            f"i = {i:g}: <m_z> from 0.75 to -0.75 over the time of one wall across",
            float(growth / crossing),
            1.0,
            kind="at most",
        ),
    ]


def _mechanism_table(seen):
    rows = []
    for (i, name), found in seen.items():
        columns = np.array([(n.time, n.radius, n.at_edge, n.regions, n.growth, n.shortest) for n in found]).T
        crossing = 1e9 * DISC.width / wall_speed(i)
        rows.append(
            (f"{i:g}{name}", len(found), f"{1e9 * np.median(columns[0]):.2f}", f"{columns[1].mean():.2f}")
            + (f"{columns[2].mean():.0%}", f"{columns[3].mean():.1f}", f"{1e9 * np.median(columns[4]):.2f}")
            + (f"{crossing:.1f}", f"{columns[5].mean():.3f}")
        )
    header = ("i", "trials", "first region of 400 nm^2 [ns]", "its radius / R", "at the edge", "regions at half")
    return markdown_table(
        (*header, "<m_z> from 0.75 to -0.75 [ns]", "one wall across [ns]", "least length of <m>"), rows
    )


def _waves(quick):
    checks = []
    for cell in (5e-9, 4e-9) if quick else (10e-9, 5e-9, 4e-9, 2.5e-9):
        run = reversals(0.0, 1e-9, cell=cell)
        each = run.m.values[:, 25:, 2].mean(axis=1)
        mean, error, wanted = float(each.mean()), float(each.std(ddof=1) / np.sqrt(TRIALS)), spin_waves(cell)
        allowed = (1.0 - wanted) ** 2 + 1e-3
        checks.append(Check(f"cell {1e9 * cell:g} nm, no current: <m_z>", mean, wanted, allowed, error))
    return checks


def _walls(quick):
    speeds = {
        cell: wall_speed_found(0.8, cell) for cell in ((2.5e-9,) if quick else (10e-9, 5e-9, 4e-9, 2.5e-9, 1.25e-9))
    }
    checks = [
        Check(f"cell {1e9 * cell:g} nm: speed of a wall at 0 K [m/s]", speed, wall_speed(0.8), 0.01 * wall_speed(0.8))
        if cell < 2e-9
        else Check(f"cell {1e9 * cell:g} nm: speed of a wall over the exact one", speed / wall_speed(0.8), 1.0, 0.15)
        for cell, speed in speeds.items()
        if cell < 1e-8
    ]
    if not quick:
        checks.append(Check("cell 10 nm: speed of a wall, which is stuck [m/s]", speeds[1e-8], 0.0, 1e-3))
    return speeds, checks


def _effects(curve, variants, cells):
    """Checks of variants against the plain disc with cells of the same size."""
    checks = []
    for name, times in variants.items():
        layout = VARIANTS[name][0]
        for i, found in times.items():
            plain = cells[layout["cell"]][i] if "cell" in layout else curve[i]
            case = f"i = {i:g}, {name}: median over that of the plain disc"
            if "demag" in layout:
                late = found.median if np.isfinite(found.median) else found.duration
                checks.append(Check(case, late / plain.median, 1.0, kind="at least"))
            else:
                error = np.hypot(found.error / found.median, plain.error / plain.median)
                checks.append(statistical(case, found.median / plain.median, error, 1.0))
    return checks


def _fine(curve, cells):
    """Checks of cells against those of 5 nm."""
    checks = []
    for cell, times in cells.items():
        for i, found in times.items():
            ratio, case = found.median / curve[i].median, f"cell {1e9 * cell:g} nm, i = {i:g}: median over that of 5 nm"
            if cell > 5e-9:
                checks.append(Check(case, min(ratio, 99.0), 1.2, kind="at least"))
            else:
                error = np.hypot(found.error / found.median, curve[i].error / curve[i].median)
                checks.append(Check(case, ratio, 1.0, 0.1 + 4.0 * error, error))
    return checks


def _variants(quick):
    """Times of variants by i."""
    if quick:
        return {"Oersted field": {1.2: Times.of(reversals(1.2, 8e-9, oersted=True))}}
    return {
        name: {i: Times.of(reversals(i, duration, **layout)) for i, duration in watched.items()}
        for name, (layout, watched) in VARIANTS.items()
    }


def _tables(curve, moment, variants, cells):
    rows = []
    for i, times in curve.items():
        one = moment[i].text() if i in moment else "over 1e300 s"
        if i not in moment and np.isfinite(lasts := moment_lasts(i)):
            one = f"1e{np.log10(lasts):.1f} s"
        rows.append((f"{i:g}", f"{i * JC / 1e10:.2f}", f"{times.reversed} of {times.trials}", times.text(), one))
    header = ("i", "J [1e10 A/m^2]", "reversed", "median [ns], 95 % interval", "one moment: median [ns] or mean time")
    drives = sorted({i for times in (*variants.values(), *cells.values()) for i in times})
    named = {
        "plain, cells of 5 nm": curve,
        **variants,
        **{f"plain, cells of {1e9 * c:g} nm": t for c, t in cells.items()},
    }
    other = [(name, *(times[i].text() if i in times else "" for i in drives)) for name, times in named.items()]
    return [
        "Reversals of the disc with the stray field of a film, cells of 5 nm, 16 trials each:",
        markdown_table(header, rows),
        "Medians [ns], and their 95 % intervals, of variants:",
        markdown_table(("", *(f"i = {i:g}" for i in drives)), other),
    ]


def _pictures(axes, run, case):
    """Draw m_z of the trial whose first region is nearest to their mean radius, until its reversal is done."""
    found = nuclei(run)
    radii = np.array([one.radius for one in found])
    chosen = int(np.abs(radii - radii.mean()).argmin())
    trial = int(np.flatnonzero((run.m.values[:, :, 2] < 0.0).any(axis=1))[chosen])
    times, shots, down = run.snapshot_time.values, run.moments.values[trial], run.m.values[trial, :, 2] < -0.85
    first, done = found[chosen].time, run.time.values[np.argmax(down) if down.any() else -1]
    half = 0.5e9 * DISC.width
    for axis, t in zip(axes, np.linspace(first, done, len(axes)), strict=True):
        number = int(np.abs(times - t).argmin())
        m = shots[number, :, 0]
        z = np.where((m**2).sum(axis=0) > 0.5, m[2], np.nan)
        image = axis.imshow(z, extent=(-half, half, -half, half), origin="lower", cmap="RdBu", vmin=-1.0, vmax=1.0)
        axis.set(title=f"{1e9 * times[number]:.1f} ns", xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
    axes[0].set_ylabel(case)
    axes[0].figure.colorbar(image, ax=axes, label="$m_z$", shrink=0.8)


def _draw_medians(axis, curve, moment, stray):
    """Medians against the drive; trials that did not reverse stand at the end of their run."""
    series = {"lattice": (curve, "o"), "lattice, stray field of the disc": (stray, "s")}
    for k, (name, (points, mark)) in enumerate(series.items()):
        known = {i: one for i, one in points.items() if np.isfinite(one.median)}
        values = 1e9 * np.array([(one.median, one.low, min(one.high, one.duration)) for one in known.values()])
        spans = [values[:, 0] - values[:, 1], values[:, 2] - values[:, 0]] if len(values) else [[], []]
        height = values[:, 0] if len(values) else []
        axis.errorbar(list(known), height, spans, fmt=mark, ms=5, mfc="none", color=COLORS[k], label=name)
        none = {i: 1e9 * one.duration for i, one in points.items() if i not in known}
        axis.plot(list(none), list(none.values()), "^", ms=6, mfc="none", color=COLORS[k])
    axis.plot(
        list(moment), [1e9 * one.median for one in moment.values()], "--", color=EXACT, lw=1.0, label="one moment"
    )
    known = {i: row[2] for i, row in PROTOTYPE.items() if row[2]}
    axis.plot(list(known), list(known.values()), "x", color=EXACT, ms=5, label="prototype")
    axis.set(xlabel="$i = J / J_{c0}$", ylabel="median time of reversal [ns]", yscale="log")
    axis.set_yticks([2, 3, 5, 10, 20, 50], labels=["2", "3", "5", "10", "20", "50"])
    axis.set_yticks([], minor=True)
    axis.set_title("triangles: fewer than half, in this time")


def _draw(curve, moment, variants, cells, speeds, pictures):
    figure = Figure(figsize=(11.6, 3.7 + 2.0 * len(pictures)), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(1 + len(pictures), 6, height_ratios=(1.6, *[1.0] * len(pictures)))
    left, middle, right = (figure.add_subplot(grid[0, k : k + 2]) for k in (0, 2, 4))
    _draw_medians(left, curve, moment, variants.get(STRAY, {}))
    (case, run), *_ = pictures.items()
    middle.plot(1e9 * run.time, run.m.values[:, :, 2].T, lw=0.6, color=COLORS[0], alpha=0.6)
    middle.set(xlabel="time [ns]", ylabel=r"$\langle m_z \rangle$", title=f"{case}, {TRIALS} trials")
    right.plot([1e9 * cell for cell in speeds], [v / wall_speed(0.8) for v in speeds.values()], "o-", color=COLORS[0])
    right.plot([], [], "o-", color=COLORS[0], label="speed of a wall over the exact one, 0 K")
    for k, i in enumerate((0.8, 1.2)):
        ratios = {cell: times[i].median / curve[i].median for cell, times in cells.items() if i in times}
        finite = {1e9 * cell: ratio for cell, ratio in (ratios | {5e-9: 1.0}).items() if np.isfinite(ratio)}
        places = sorted(finite)
        label = f"median time over that of 5 nm, i = {i:g}"
        right.plot(places, [finite[x] for x in places], "sD"[k] + "--", mfc="none", color=COLORS[1 + k], label=label)
    right.axvline(1e9 * D, color=EXACT, lw=0.8, ls=":")
    right.set(xlabel="cell [nm]", ylabel="ratio", title=r"dotted: $D = \sqrt{A / K}$")
    for axis in (left, middle, right):
        axis.spines[["top", "right"]].set_visible(False)
    legend(left, loc="lower left")
    legend(right, loc="lower left")
    for row, (case, run) in enumerate(pictures.items(), start=1):
        _pictures([figure.add_subplot(grid[row, k]) for k in range(6)], run, case)
    return figure


def validate(quick: bool) -> Outcome:
    """Reverse the disc below and above the current of instability, with and without what the plain disc leaves out.

    Parameters
    ----------
    quick : bool
        Few currents, one variant, no other cells.

    Returns
    -------
    Outcome
    """
    shown = 0.9 if quick else 0.8
    runs = {
        i: reversals(i, DURATIONS[i], snapshots=1e-10 if i in (shown, 1.2) else None)
        for i in ((0.9, 1.2) if quick else DURATIONS)
    }
    curve = {i: Times.of(run) for i, run in runs.items()}
    seen = {(i, ""): nuclei(runs[i]) for i in (shown, 1.2)}
    checks = [check for (i, _), found in seen.items() for check in _mechanism(i, found)]
    pictures = {f"i = {shown:g}": runs[shown]}
    if not quick:
        pictures["i = 1.2, stray field"] = run = reversals(1.2, 8e-9, snapshots=1e-10, demag=True)
        seen[1.2, ", " + STRAY] = within = nuclei(run)
        share = float(np.mean([one.at_edge for one in within]))
        checks.append(Check(f"i = 1.2, {STRAY}: share of trials that begin at the edge", share, 0.6, kind="at most"))
    moment = {i: moment_times(i, 80e-9) for i in (1.0, 1.2, 1.6)}
    cold = {i: Times.of(reversals(i, 20e-9, temperature=3.0)) for i in ((0.9,) if quick else (0.9, 1.2))}
    variants = _variants(quick)
    cells: dict[float, dict[float, Times]] = {}
    for cell in () if quick else CELLS:
        cells[cell] = {i: Times.of(reversals(i, t, cell=cell)) for i, t in ((0.8, 18e-9), (1.2, 6e-9))}
    checks += _against_prototype(curve) + _against_moment(curve, cold, moment, moment_times(1.2, 30e-9, 3.0))
    speeds, walls = _walls(quick)
    checks += walls + _waves(quick) + _effects(curve, variants, cells) + _fine(curve, cells)
    notes = [*_tables(curve, moment, variants, cells), "How trials reverse:", _mechanism_table(seen)]
    return Outcome(checks, _draw(curve, moment, variants, cells, speeds, pictures), notes)
