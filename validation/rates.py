"""Rare events: slowest rates, passage times and write errors that no trial would live to see, against their tables."""

from __future__ import annotations

import re
from decimal import Decimal

import numpy as np

from spinneuron.dynamics.fokker_planck.spectrum import refined
from spinneuron.protocols import Cycle
from spinneuron.switching import asymptotics, switching_rates, write_error
from spinneuron.switching.rates import Junction
from validation.drawing import COLORS, EXACT, legend, panels
from validation.report import Check, Outcome, markdown_table
from validation.samples import anisotropy_field, junction, overdrive_voltage, read, relaxation_time

QUESTION = "Are rare events right, however rare?"
REFERENCE = """Lowest non-zero eigenvalue of the axial Fokker-Planck operator (W. F. Brown, Phys. Rev. 130, 1677
(1963)): without drive in validation/data/fokker_planck_eigenvalues.csv, with a field or a torque along the axis below,
from Legendre polynomials in multi-precision arithmetic, and confirmed by an iteration with the positive integral
kernel. Mean first-passage times: the double integral over the stationary density (P. Haenggi, P. Talkner, M. Borkovec,
Rev. Mod. Phys. 62, 251 (1990), section VII.B) by Gauss-Legendre panels in the angle. Write errors: Legendre polynomials
at Delta = 40 and 60, finite volumes and Legendre polynomials in validation/data/fokker_planck_switching.csv. Closed
forms: Brown; W. T. Coffey et al., J. Magn. Magn. Mater. 131, L301 (1994); W. H. Butler et al., IEEE Trans. Magn. 48,
4684 (2012)."""
TOLERANCE = """1e-8 of rates and passage times, at any barrier: what the package promises is 1e-10. Where a table prints
fewer digits, half a unit of the last one, which is 5e-8 of a rate of eight digits at most. Write errors: 1e-6 and 2e-11
of a probability, which the polynomials of the first table lost, made in double precision; a whole unit of the last
digit in the second one, as finite volumes and polynomials agreed to no more. Ratios of closed forms to what is exact:
a unit of the last printed digit, 0.01 of those of write errors."""

# lambda_1 tau_D 2 Delta under a field h
TILTED = {
    (10, 0.2): 0.038338999082161,
    (20, 0.1): 7.7894304920511e-6,
    (20, 0.2): 1.9799826283123e-4,
    (20, 0.4): 0.03266245423875,
    (40, 0.2): 1.6110496838556e-9,
    (40, 0.5): 4.3788536200954e-3,
    (60, 0.5): 5.635447795856e-5,
}
# lambda_1 tau_D under a torque i
OVERDRIVES = (0.8, 1.0, 1.2, 1.5, 2.0, 3.0, 5.0)
DRIVEN = {
    20: (0.11943362, 0.32297094, 0.60528394, 1.1109233, 2.0436699, 3.9990896, 7.9747641),
    40: (0.048642214, 0.23445655, 0.53000864, 1.0628623, 2.0232889, 3.9997691, 7.9874412),
    60: (0.023085375, 0.19358806, 0.49726452, 1.0440883, 2.015884, 3.9998969, 7.9916406),
}
# Delta: Brown's and Coffey's formula over exact
FORMULAS = {1: (0.63556, 0.94824), 2: (1.06955, 1.01842), 5: (1.25553, 1.06903), 10: (1.12414, 1.02230)}
FORMULAS |= {20: (1.05506, 1.00482), 30: (1.03547, 1.00206), 40: (1.02617, 1.00114), 60: (1.01717, 1.00050)}
FORMULAS |= {80: (1.01278, 1.00028)}
# Delta: <z^2>
SQUARES = {0.5: 0.37973195, 1.0: 0.42923071, 2.0: 0.53126456, 4.0: 0.70462659, 6.0: 0.80770871}
# (Delta, i): write error after so many tau_D
WRITE_ERRORS = {
    (40, 2.0): {
        1: 0.9945061, 2: 0.4504512, 3: 0.07375926, 4: 0.01001521, 5: 1.328490e-3, 6: 1.757214e-4,
        7: 2.323496e-5, 8: 3.072129e-6, 9: 4.061848e-7, 10: 5.36936e-8,
    },
    (60, 1.5): {
        2: 0.9754668, 3: 0.6689279, 4: 0.3026765, 5: 0.1154256, 6: 0.04165298,
        7: 0.01477542, 8: 5.213504e-3, 9: 1.836569e-3, 10: 6.466425e-4,
    },
}  # fmt: skip
# (Delta, i, tau): closed form over exact, by linear growth and with the whole drift
PULSES = {
    (40, 2.0, 4): (1.64, 1.06),
    (40, 2.0, 10): (1.89, None),
    (60, 1.5, 8): (3.15, 1.23),
    (60, 1.5, 10): (3.46, None),
}
PASSAGES = ((20, 0.0), (20, 0.4), (40, 0.7), (60, 0.0), (60, 0.5), (40, 2.0))
# of a pulse, in its width: it adds that much to the time
EDGE = 1e-7
# of a probability, by the double precision in which the first table of write errors was made
LOST = 2e-11
FORMS = (asymptotics.write_error, asymptotics.write_error_drift)


def slowest(delta, h=0.0, i=0.0) -> float:
    """Slowest rate of a junction under a field and a torque [1/tau_D]."""
    device = junction(delta)
    device = device.replace(applied_field=(0.0, 0.0, h * anisotropy_field(device)))
    made = switching_rates(device, [overdrive_voltage(device, i)])
    return float(made["lambda1"][0, 0]) * relaxation_time(device)


def mean_square(delta) -> float:
    """<z^2> of the stationary state of the chain of cells, extrapolated to infinitely many."""
    chained = Junction(junction(delta))

    def one(cells):
        balance, center = chained.balance(0.0, 0.0, cells, 0.0)
        return np.atleast_1d(np.exp(balance.cell) @ center**2)

    return float(refined(one, 64, 1e-10)[0][0])


def _running(share, half, node):
    """Integrals of values (panel, point) from both ends to every point, each a sum of positive numbers."""
    # of a panel: those of the polynomial through its points, with both ends as the begin
    count = len(node)
    series = np.linalg.inv(np.polynomial.legendre.legvander(node, count - 1))
    first = np.array([np.polynomial.legendre.legint(column, lbnd=-1.0) for column in series.T])
    inner = np.polynomial.legendre.legvander(node, count) @ first.T
    found = []
    for order in (slice(None), slice(None, None, -1)):
        turned = (half * share)[order, order]
        whole = turned @ np.polynomial.legendre.leggauss(count)[1]
        found.append(((np.cumsum(whole) - whole)[:, None] + turned @ inner.T)[order, order])
    return found


def passage_times(delta, i, count=400, points=20) -> tuple[float, float]:
    """Mean first-passage times out of the wells at m_z = 1 and at -1, by quadrature [tau_D].

    With S and R the stationary probabilities below and above x, r = 2 Delta / ((1 - x^2) pi) and the top at x = i, from
    above: ``int_(x > i) R^2 r / R_i + int_(x < i) R S r / S_i``, and from below its mirror image. Beyond i = 1, where
    one well is left, ``int S R r``, from anywhere to the stationary state.

    Parameters
    ----------
    delta, i : float [1]
    count, points : int
        Panels on either side of the top, and points of each.

    Returns
    -------
    tuple of float
    """
    node, weight = np.polynomial.legendre.leggauss(points)
    top = np.arccos(-min(i, 1.0))
    edges = np.unique(np.concatenate([np.linspace(0.0, top, count + 1), np.linspace(top, np.pi, count + 1)]))
    half = 0.5 * np.diff(edges)[:, None]
    angle = edges[:-1, None] + half * (1.0 + node)
    x = -np.cos(angle)
    share = np.sin(angle) * np.exp(delta * (x * x - 2.0 * i * x - 1.0 - 2.0 * i))
    share /= (half * share * weight).sum()
    below, above = _running(share, half, node)
    cost = half * weight * 2.0 * delta / share
    if i >= 1.0:
        return float((cost * below * above).sum()), np.inf
    low = angle < top
    S, R = (float((half * share * weight)[side].sum()) for side in (low, ~low))
    out = np.where(low, above * below / S, above**2 / R)
    back = np.where(low, below**2 / S, above * below / R)
    return float((cost * out).sum()), float((cost * back).sum())


def not_switched(delta, i, times) -> np.ndarray:
    """Probability that a torque has not switched a junction after so many tau_D, by `switching.write_error`."""
    device = junction(delta)
    widths = np.asarray(times, dtype=float) * relaxation_time(device)
    cycle = Cycle(edge=EDGE * widths[0], width=widths[0])
    made = write_error(device, [overdrive_voltage(device, i)], widths, cycle=cycle, tolerance=1e-7)
    return made["write_error"].values[0]


def _rate_checks() -> list[Check]:
    """Eigenvalues without drive, with a field, and with a torque."""
    checks = []
    for row in read("fokker_planck_eigenvalues.csv"):
        delta, value = float(row["Delta"]), float(row["lambda"])
        ratio = 2.0 * delta * slowest(delta) / value
        checks.append(Check(f"Delta = {delta:g}: lambda1 over {value:.3g}", ratio, 1.0, 1e-8))
    for (delta, h), value in TILTED.items():
        for name, drive in (("field", {"h": h}), ("torque", {"i": -h})):
            ratio = 2.0 * delta * slowest(delta, **drive) / value
            checks.append(Check(f"Delta = {delta}, {name} of {h:g}: lambda1 over {value:.3g}", ratio, 1.0, 1e-8))
    for delta, values in DRIVEN.items():
        worst = max(abs(slowest(delta, i=i) / one - 1.0) for i, one in zip(OVERDRIVES, values, strict=True))
        case = f"Delta = {delta}, torques of 0.8 to 5: lambda1, largest relative error"
        checks.append(Check(case, worst, 5e-8, kind="at most"))
    return checks


def _formula_checks() -> tuple[list[Check], list]:
    """Closed forms for lambda1 over exact, and the moments of the chain."""
    rows, worst = [], np.zeros(2)
    for delta, printed in FORMULAS.items():
        exact = slowest(float(delta))
        ratios = np.array([asymptotics.brown(float(delta)), asymptotics.coffey_cregg(float(delta))]) / exact
        worst = np.maximum(worst, np.abs(ratios - printed))
        rows.append((delta, *ratios))
    names = ("Brown's", "Coffey's")
    checks = [
        Check(f"{name} formula over exact, Delta = 1 to 80: largest difference from the table", float(one), 5.1e-6,
              kind="at most")
        for name, one in zip(names, worst, strict=True)
    ]  # fmt: skip
    for delta, value in SQUARES.items():
        checks.append(Check(f"Delta = {delta:g}: <m_z^2> of the chain", mean_square(delta), value, 1e-8))
    return checks, rows


def _passage_checks(cases) -> list[Check]:
    """Mean first-passage times over quadrature."""
    checks = []
    for delta, i in cases:
        device = junction(delta)
        made = switching_rates(device, [overdrive_voltage(device, i)])["passage"].values[:, 0] / relaxation_time(device)
        for name, found, wanted in zip(("up", "down"), made, passage_times(delta, i), strict=True):
            if np.isfinite(wanted):
                case = f"Delta = {delta}, i = {i:g}: passage from {name}, over quadrature ({wanted:.3g} tau_D)"
                checks.append(Check(case, float(found / wanted), 1.0, 1e-8))
    return checks


def _pulse_checks(quick: bool) -> tuple[list[Check], dict]:
    """Write errors against both tables and closed forms, and what is left of them per tau_D."""
    checks, found = [], {}
    for (delta, i), values in WRITE_ERRORS.items():
        found[delta, i] = dict(zip(values, not_switched(delta, i, list(values)), strict=True))
        for time in sorted(values)[-2:] if quick else values:
            case = f"Delta = {delta}, i = {i:g}, {time} tau_D: write error over {values[time]:.4g}"
            accepted = 1e-6 + LOST / values[time]
            checks.append(Check(case, float(found[delta, i][time] / values[time]), 1.0, accepted))
    last = found[40, 2.0]
    slope = float(np.log(last[9] / last[10]))
    checks.append(Check("Delta = 40, i = 2: decay of the write error at 9.5 tau_D", slope, DRIVEN[40][4], 5e-7))
    rows = read("fokker_planck_switching.csv")
    for i in sorted({float(row["i"]) for row in rows}):
        some = [row for row in rows if float(row["i"]) == i]
        times = [float(row["s"]) for row in some]
        left = not_switched(65, i, times)
        found[65, i] = dict(zip(times, left, strict=True))
        for row, one in zip(some, left, strict=True):
            text, switched = row["value"], row["quantity"] == "P_switch"
            name = "switched" if switched else "write error"
            unit = 10.0 ** Decimal(text).as_tuple().exponent
            case = f"Delta = 65, i = {i:g}, {row['s']} tau_D: {name}"
            checks.append(Check(case, float(1.0 - one if switched else one), float(text), unit))
    for (delta, i, time), ratios in PULSES.items():
        for name, form, ratio in zip(("Butler's form", "whole drift"), FORMS, ratios, strict=True):
            if ratio is not None:
                case = f"Delta = {delta}, i = {i:g}, {time} tau_D: {name} over exact"
                over = float(form(delta, i, time) / found[delta, i][time])
                checks.append(Check(case, over, ratio, 0.01))
    return checks, found


def _draw(checks, formulas, found, count):
    figure, (left, middle, right, far) = panels(4, width=3.9)
    barrier = np.geomspace(0.5, 100.0, count)
    exact = np.array([slowest(float(one)) for one in barrier])
    left.semilogy(barrier, exact, color=EXACT, lw=1.0, label="without drive")
    table = np.array([(float(row["Delta"]), float(row["lambda"])) for row in read("fokker_planck_eigenvalues.csv")])
    left.plot(table[:, 0], 0.5 * table[:, 1] / table[:, 0], "o", ms=5, mfc="none", color=EXACT)
    for color, h in zip(COLORS, (0.2, 0.5), strict=False):
        left.plot(barrier, [slowest(float(one), h) for one in barrier], color=color, lw=1.0, label=f"field {h:g} Hk")
        points = [(delta, value / (2.0 * delta)) for (delta, tilt), value in TILTED.items() if tilt == h]
        left.plot(*np.array(points).T, "o", ms=5, mfc="none", color=color)
    left.plot(list(DRIVEN), [values[4] for values in DRIVEN.values()], "o", ms=5, mfc="none", color=COLORS[2])
    left.plot(barrier[barrier > 8], [slowest(float(one), i=2.0) for one in barrier if one > 8], color=COLORS[2], lw=1.0,
              label="torque 2")  # fmt: skip
    left.set(xlabel=r"barrier $\Delta$", ylabel=r"$\lambda_1\tau_D$", title="slowest rate; circles: tables")
    brown, coffey = asymptotics.brown(barrier) / exact, asymptotics.coffey_cregg(barrier) / exact
    middle.semilogx(barrier, brown, color=COLORS[0], lw=1.0, label="Brown")
    middle.plot(barrier, coffey, color=COLORS[1], lw=1.0, label="Coffey et al.")
    for color, column in zip(COLORS, (1, 2), strict=False):
        middle.plot(*np.array(formulas)[:, [0, column]].T, "o", ms=4, mfc="none", color=color)
    middle.axhline(1.0, color=EXACT, lw=0.8)
    middle.set(xlabel=r"barrier $\Delta$", ylabel="closed form / exact", ylim=(0.5, 1.3), title="rates without drive")
    for color, (delta, i) in zip(COLORS, [(40, 2.0), (60, 1.5), (65, 2.0)], strict=False):
        times, values = zip(*found[delta, i].items(), strict=True)
        right.semilogy(times, values, "o", ms=4, mfc="none", color=color, label=rf"$\Delta$ = {delta}, i = {i:g}")
        line = np.linspace(min(times), max(times), 100)
        right.plot(line, asymptotics.write_error(delta, i, line), color=color, lw=0.9, ls="--")
        right.plot(line, asymptotics.write_error_drift(delta, i, line), color=color, lw=0.9)
    right.set(xlabel=r"pulse [$\tau_D$]", ylabel="write error", title="circles: density; dashed: Butler; lines: drift")
    over = [check for check in checks if check.reference == 1.0 and "over" in check.case and check.tolerance < 1e-7]
    for name, color, mark in (("lambda1", COLORS[0], "o"), ("passage", COLORS[1], "s")):
        some = [check for check in over if name in check.case]
        sizes = [_size(check.case) for check in some]
        errors = [max(abs(check.measured - 1.0), 1e-16) for check in some]
        word = "eigenvalues" if name == "lambda1" else r"passage times [$\tau_D$]"
        far.loglog(sizes, errors, mark, ms=4, mfc="none", color=color, label=word)
    far.axhline(1e-8, color=EXACT, lw=0.8, ls="--")
    far.set(xlabel="size of the number", ylabel="relative difference from the reference", ylim=(3e-17, 1e-7))
    far.set_title("dashed: tolerance")
    for axis in (left, middle, right, far):
        legend(axis)
    return figure


def _size(case: str) -> float:
    """The reference that a case names."""
    return float(re.search(r"over (?:quadrature \()?([0-9.e+-]+)", case)[1])


def validate(quick: bool) -> Outcome:
    """Hold rates, passage times and write errors against their tables, and closed forms against them.

    Parameters
    ----------
    quick : bool
        Fewer cases, but as rare ones.

    Returns
    -------
    Outcome
    """
    rates = _rate_checks()
    formulas, rows = _formula_checks()
    passages = _passage_checks(PASSAGES[2:] if quick else PASSAGES)
    pulses, found = _pulse_checks(quick)
    checks = [*rates, *formulas, *passages, *pulses]
    ends = (found[40, 2.0], WRITE_ERRORS[40, 2.0])
    lost = ends[0][10] - ends[1][10]
    off = [abs(float(np.log(one[9] / one[10])) - DRIVEN[40][4]) for one in ends]
    notes = [
        "What closed forms are worth, without drive:",
        markdown_table(
            ("barrier", "Brown over exact", "Coffey et al. over exact"),
            [(delta, f"{brown:.5f}", f"{coffey:.5f}") for delta, brown, coffey in rows],
        ),
        f"The table of write errors was made with matrices in double precision, which lose {lost:.1e} of a probability "
        "at its rarest entries: the decay of the density at 9.5 tau_D is that of the eigenvalue to "
        f"{off[0]:.0e}, that of the table to {off[1]:.0e}.",
    ]
    return Outcome(checks, _draw(checks, rows, found, 12 if quick else 60), notes)
