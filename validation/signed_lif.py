"""The orthogonal pillar as a signed leaky integrate-and-fire neuron: fitted time constant and gain."""

from __future__ import annotations

import numpy as np
from scipy.integrate import solve_ivp

from spinneuron.device import Device
from spinneuron.protocols import bipolar
from spinneuron.simulation import membrane_potential, simulate
from spinneuron.surrogates.lif_fit import fit_batch
from spinneuron.surrogates.signed_lif import SignedLIF, predicted
from validation.drawing import COLORS, EXACT, legend, panels
from validation.report import Check, Outcome, markdown_table

QUESTION = (
    "Is the short-axis magnetization at 300 K a signed leaky integrator with the closed form's time constant and gain?"
)
REFERENCE = """tau = 1 / (alpha gamma' Ms dN), gain I R = a_J / (alpha Ms dN), dN = N_W - (N_L + N_T) / 2: the limit of
small u of du/dt = (1 - u^2)(gamma' a_J - u / tau), the equation of motion averaged over the precession about the short
axis (docs/theory). Parallel device (pinned layer along the easy axis): no leak within the record; a prototype found
R^2 = 0.82 there with a train of its own."""
TOLERANCE = """5 % on both for the graded bipolar train of 1 ns pulses, the pulse of the design window, 2000 trials:
the factor (1 - u^2) raises the fitted tau by 3 to 5 % (fit to the averaged equation, in the table), the time until
the precession runs lowers both by a similar amount. R^2 of the orthogonal device at least 0.98, of the parallel one
at most 0.82. Longer and shorter pulses are in the table and not judged."""

ROWS = ((8e5, 0.01, 250e-6), (8e5, 0.02, 400e-6), (5e5, 0.02, 150e-6), (1.1e6, 0.01, 400e-6))
TRIALS, QUICK_TRIALS = 2000, 500
INTERVAL = 10e-12
JUDGED = 1e-9


def _run(device, current, width, trials):
    return simulate(device, bipolar(current, width, unit="A"), trials=trials, seed=1, every=INTERVAL)


def averaged(device, current, width) -> SignedLIF:
    """Fit the averaged equation ``du/dt = (1 - u^2)(gain I R - u) / tau`` as if it were linear.

    Parameters
    ----------
    device : Device
    current : float [A]
        Amplitude of the train.
    width : float [s]
        Of its pulses.

    Returns
    -------
    SignedLIF
    """
    closed, protocol = predicted(device), bipolar(current, width, unit="A")
    times = np.arange(round(protocol.duration / INTERVAL) + 1) * INTERVAL

    def slope(t, u):
        return (1.0 - u * u) * (closed.gain * closed.resistance * protocol.at(t) - u) / closed.tau_membrane

    course = solve_ivp(slope, (0.0, times[-1]), [0.0], t_eval=times, max_step=2.0 * INTERVAL, rtol=1e-8, atol=1e-10)
    return SignedLIF.fit_arrays(times, course.y[0], protocol.at(times), closed.resistance)


def _parallel(trials):
    """R^2 and time constant of the orthogonal device, and of the same pillar with the pinned layer elsewhere."""
    results = {}
    for name, pinned in (
        ("orthogonal", (0.0, 1.0, 0.0)),
        ("parallel", (0.0, 0.0, 1.0)),
        ("along the length", (1.0, 0.0, 0.0)),
    ):
        device = Device.preset("orthogonal").replace(pinned=pinned)
        run = _run(device, 400e-6, 1e-9, trials)
        u = membrane_potential(run).mean("trial").values
        fit = fit_batch(run["time"].values, u, run["current"].values, device.resistance(0.0))
        results[name] = (float(fit.r2[0]), float(fit.tau_membrane[0]), run["time"].values, u)
    return results


def _draw(picture, deviations, designs):
    figure, (left, middle, right) = panels(3)
    run, fit, closed = picture
    time = run["time"].values
    left.plot(
        time * 1e9, membrane_potential(run).mean("trial"), color=COLORS[0], lw=1.0, label="engine, mean of trials"
    )
    left.plot(time * 1e9, fit.respond(time, run["current"].values), color=COLORS[1], lw=1.0, label="fitted signed LIF")
    left.plot(
        time * 1e9, closed.respond(time, run["current"].values), color=EXACT, lw=0.8, ls="--", label="closed form"
    )
    left.set(
        xlabel="time [ns]",
        ylabel="membrane potential u",
        ylim=(-0.5, 0.7),
        title="Ms = 800 kA/m, alpha = 0.02, 400 uA, 1 ns",
    )
    legend(left)
    middle.axhspan(-5.0, 5.0, color=COLORS[0], alpha=0.08, lw=0)
    middle.axhline(0.0, color=EXACT, lw=0.8)
    for color, (label, points) in zip(COLORS, deviations.items(), strict=False):
        widths, tau, gain, average = np.array(points).T
        short = label.replace("Ms = ", "").replace("alpha = ", "")
        middle.plot(widths * 1e9, 100.0 * tau, "o-", color=color, lw=0.8, ms=4, label=short)
        middle.plot(widths * 1e9, 100.0 * gain, "s:", color=color, lw=0.8, ms=4, mfc="none")
        middle.plot(widths * 1e9, 100.0 * average, "_", color=color, ms=9)
    middle.set(
        xlabel="pulse [ns]",
        ylabel="fit over closed form - 1 [%]",
        ylim=(-11.0, 14.0),
        title="filled: tau, open: gain, bars: tau by average",
    )
    legend(middle, ncols=2, loc="upper left", fontsize=6.5)
    for color, (name, (r2, _, time, u)) in zip(COLORS, designs.items(), strict=False):
        right.plot(time * 1e9, u, color=color, lw=1.0, label=f"{name}: $R^2$ = {r2:.2f}")
    right.set(
        xlabel="time [ns]",
        ylabel="membrane potential u",
        ylim=(-0.5, 0.75),
        title="pinned layer along short axis, height, length",
    )
    legend(right)
    return figure


def _compare(label, device, run, average):
    """Checks of the fit to one run, and the relative deviations of tau, gain and the averaged equation's tau."""
    fit, closed = SignedLIF.fit(run), predicted(device)
    tau, wanted = fit.tau_membrane * 1e9, closed.tau_membrane * 1e9
    checks = [
        Check(f"{label}: tau [ns]", tau, wanted, 0.05 * wanted),
        Check(f"{label}: gain [1/V]", fit.gain, closed.gain, 0.05 * closed.gain),
        Check(f"{label}: R^2", fit.statistics.r2, 0.98, kind="at least"),
    ]
    return checks, (tau / wanted - 1.0, fit.gain / closed.gain - 1.0, average.tau_membrane / closed.tau_membrane - 1.0)


def validate(quick: bool) -> Outcome:
    """Fit ensembles at 300 K and compare with the closed form.

    Parameters
    ----------
    quick : bool
        Fewer trials, 1 ns pulses only.

    Returns
    -------
    Outcome
    """
    trials = QUICK_TRIALS if quick else TRIALS
    checks: list[Check] = []
    table: list[tuple[str, ...]] = []
    deviations: dict[str, list[tuple[float, ...]]] = {}
    for Ms, alpha, current in ROWS:
        device = Device.preset("orthogonal").replace(Ms=Ms, alpha=alpha)
        label = f"Ms = {Ms * 1e-3:g} kA/m, alpha = {alpha:g}, {current * 1e6:g} uA"
        for width in (JUDGED,) if quick else (0.5e-9, JUDGED, 2e-9):
            run = _run(device, current, width, trials)
            found, row = _compare(label, device, run, averaged(device, current, width))
            deviations.setdefault(label, []).append((width, *row))
            table.append(
                (label, f"{width * 1e9:g} ns", *(f"{100 * value:+.1f} %" for value in row), found[-1].row()[1])
            )
            if width == JUDGED:
                checks += found
                if (Ms, alpha) == ROWS[1][:2]:
                    picture = run, SignedLIF.fit(run), predicted(device)
    designs = _parallel(trials)
    checks.append(Check("parallel device, 400 uA: R^2", designs["parallel"][0], 0.82, kind="at most"))
    record = float(designs["parallel"][2][-1])
    leaked = record / designs["parallel"][1]
    checks.append(Check("parallel device: length of the record over tau", leaked, 1.0, kind="at most"))
    checks.append(Check("pinned along the length: R^2", designs["along the length"][0], 0.05, kind="at most"))
    notes = [
        markdown_table(
            (
                "device",
                "pulses",
                "tau over closed form",
                "gain over closed form",
                "tau of the averaged equation",
                "R^2",
            ),
            table,
        )
    ]
    return Outcome(checks, _draw(picture, deviations, designs), notes)
