"""The standard problem of ferromagnetic resonance: how a square film rings after its field has turned."""

from __future__ import annotations

import numpy as np

from spinneuron.lattice import Magnet, Material
from spinneuron.lattice.run import Solver
from spinneuron.mesh import Mesh
from validation.drawing import COLORS, EXACT, legend, panels
from validation.report import Check, Outcome

QUESTION = "At which frequencies does a square film ring, and where?"
REFERENCE = """Standard problem of A. Baker et al., J. Magn. Magn. Mater. 421, 428 (2017): 120 x 120 x 10 nm in
cells of 5 nm, Ms = 8e5 A/m, A = 1.3e-11 J/m, alpha = 0.008, at rest in 80 kA/m along (1, 0.715, 0), which turns to
(1, 0.7, 0); 20 ns in records of 5 ps, gamma0 = 2.210173e5 m/(A s). The authors' record of OOMMF, kept with their
article: <m> at eight times, and frequency and decay rate of its four strongest waves by the fit that is made here.
The article names the peaks of the spectrum, in steps of 0.05 GHz: 8.25, 11.25 and 13.9 GHz."""
TOLERANCE = """<m>: 2e-7, rounding of the table and the error of both codes' steps. Waves: 0.1 MHz and 0.1 % of the
decay rate, as fitted to records that agree to 5e-8 (with another number of exponentials the weaker ones move by 2
MHz and 1 %). Peaks of the spectrum: one step, 0.05 GHz."""

BEFORE = 8e4 * np.array([0.81345856316858023, 0.58162287266553481, 0.0])
AFTER = 8e4 * np.array([0.81923192051904048, 0.57346234436332832, 0.0])
EVERY = 5e-12
# time [ns]: <m>
OOMMF = {
    0.1: (0.7891197, 0.5895716, -0.0016195),
    0.2: (0.7935018, 0.5837220, -0.0012619),
    0.5: (0.7898413, 0.5887224, 0.0010319),
    1: (0.7915370, 0.5863611, 0.0015527),
    2: (0.7926916, 0.5847896, -0.0001090),
    5: (0.7914811, 0.5864607, 0.0000980),
    10.0: (0.7914226, 0.5865422, -0.0000028),
    20.0: (0.7914193, 0.5865468, 0.0000000),
}
# frequency [GHz]: decay rate [1/ns]
RINGS = {8.26691: 0.64537, 11.22859: 0.68865, 11.99003: 0.71193, 13.81060: 0.78015}
PEAKS = (8.25, 11.25, 13.9)
# of the fit: records between two points, first and last point [s], exponentials
FEW, FIRST, LAST, TERMS = 4, 0.4e-9, 14e-9, 20


def ring(duration: float):
    """Let the film ring.

    Parameters
    ----------
    duration : float [s]

    Returns
    -------
    xarray.Dataset
    """
    material = Material(Ms=8e5, Aex=1.3e-11, alpha=0.008)
    magnet = Magnet(Mesh((24, 24, 2), (5e-9, 5e-9, 5e-9)), material, applied_field=BEFORE)
    magnet.m = (0.0, 0.1, 1.0)
    magnet.minimize(tolerance=1e-8)
    magnet.applied_field = AFTER
    solver = Solver(tolerance=1e-6, gamma=2.210173e5)
    return magnet.run(duration, every=EVERY, snapshots=EVERY, solver=solver)


def exponentials(y: np.ndarray, interval: float, terms: int) -> np.ndarray:
    """Rates of a sum of exponentials: matrix pencil.

    Parameters
    ----------
    y : numpy.ndarray
        At equal intervals.
    interval : float [s]
    terms : int

    Returns
    -------
    numpy.ndarray of complex [1/s]
        Those of positive frequency. Source: Y. Hua, T. K. Sarkar, IEEE Trans. ASSP 38, 814 (1990).
    """
    windows = np.lib.stride_tricks.sliding_window_view(y, len(y) // 3 + 1)
    basis = np.linalg.svd(windows, full_matrices=False)[2][:terms].T
    rates = np.log(np.linalg.eigvals(np.linalg.pinv(basis[:-1]) @ basis[1:])) / interval
    return rates[rates.imag > 0.0]


def spectrum(m: np.ndarray):
    """Power of m_y over the frequency: of the mean, and of every cell of the plane.

    Parameters
    ----------
    m : numpy.ndarray [1]
        m_y, (time, z, y, x), without the start.

    Returns
    -------
    frequency : numpy.ndarray [Hz]
    power : numpy.ndarray
        (frequency).
    cells : numpy.ndarray
        (frequency, y, x).
    """
    frequency = np.fft.rfftfreq(len(m), EVERY)
    plane = m.mean(axis=1)
    few = frequency < 25e9
    cells = np.abs(np.fft.rfft(plane - plane.mean(axis=0), axis=0)[few]) ** 2
    mean = plane.mean(axis=(1, 2))
    return frequency[few], np.abs(np.fft.rfft(mean - mean.mean())[few]) ** 2, cells


def _draw(run, frequency, power, cells):
    figure, axes = panels(3, 2, width=3.9, height=3.2)
    left, right, *maps = axes
    time = run.time.values * 1e9
    left.plot(time, run.m[:, 1], color=COLORS[0], lw=0.8, label="engine")
    known = np.array([(t, m[1]) for t, m in OOMMF.items() if t <= 5.0])
    left.plot(*known.T, "o", ms=4, mfc="none", color=EXACT, label="OOMMF")
    left.set(xlabel="time [ns]", ylabel="mean $m_y$", xlim=(0.0, min(5.0, time[-1])))
    right.semilogy(frequency[1:] / 1e9, power[1:], color=COLORS[0], lw=1.0, label="of the mean moment")
    right.semilogy(frequency[1:] / 1e9, cells[1:].mean(axis=(1, 2)), color=COLORS[1], lw=1.0, label="mean of the cells")
    for peak in PEAKS:
        right.axvline(peak, color=EXACT, lw=0.7, ls=":")
    right.set(xlabel="frequency [GHz]", ylabel="power of $m_y$", title="dotted: published")
    for axis in (left, right):
        legend(axis)
    for axis, peak in zip(maps, RINGS, strict=True):
        place = int(np.argmin(np.abs(frequency / 1e9 - peak)))
        axis.imshow(np.sqrt(cells[place]), origin="lower", extent=(0, 120, 0, 120), cmap="magma", vmin=0.0)
        axis.set(xlabel="x [nm]", ylabel="y [nm]", title=f"amplitude of $m_y$, {frequency[place] / 1e9:.2f} GHz")
        axis.spines[["top", "right"]].set_visible(True)
    return figure


def validate(quick: bool) -> Outcome:
    """Let the film ring, and take its waves apart.

    Parameters
    ----------
    quick : bool
        2 ns only, without the fit.

    Returns
    -------
    Outcome
    """
    duration = 2e-9 if quick else 20e-9
    run, checks = ring(duration), []
    for t, wanted in OOMMF.items():
        if t * 1e-9 <= duration:
            worst = float(np.abs(run.m.values[round(t * 1e-9 / EVERY)] - wanted).max())
            checks.append(Check(f"<m> at {t:g} ns, largest deviation", worst, 0.0, 2e-7))
    frequency, power, cells = spectrum(run.moments.values[1:, 1].astype(float))
    if not quick:
        y = run.m.values[:, 1] - run.m.values[-1, 1]
        chosen = y[round(FIRST / EVERY) : round(LAST / EVERY) : FEW]
        rates = exponentials(chosen, FEW * EVERY, TERMS)
        for f, decay in RINGS.items():
            nearest = rates[np.argmin(np.abs(rates.imag / (2e9 * np.pi) - f))]
            checks.append(Check(f"wave of {f:.2f} GHz: frequency [GHz]", float(nearest.imag) / (2e9 * np.pi), f, 1e-4))
            checks.append(
                Check(f"wave of {f:.2f} GHz: decay rate [1/ns]", -float(nearest.real) / 1e9, decay, 0.001 * decay)
            )
        for peak in PEAKS:
            near = np.flatnonzero(np.abs(frequency / 1e9 - peak) < 0.5)
            found = frequency[near[np.argmax(power[near])]] / 1e9
            checks.append(Check(f"peak of the spectrum near {peak} GHz [GHz]", float(found), peak, 0.0501))
    return Outcome(checks, _draw(run, frequency, power, cells))
