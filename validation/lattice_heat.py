"""Heat of a junction cell by cell: how it spreads, what a stack of layers says to it, a disc with a reversed domain."""

from __future__ import annotations

import numpy as np
from scipy import special

from spinneuron.device import Device
from spinneuron.lattice.devices import Layout, connect, magnet_of
from spinneuron.mesh import Mesh
from spinneuron.physics.heating import Foster
from spinneuron.physics.lattice.heat import Section, heat_up, laplace
from spinneuron.protocols import Protocol
from spinneuron.thermal_stack import diffusivity, foster, published_stack
from spinneuron.thermal_stack.cells import cut
from validation.drawing import COLORS, EXACT, legend, panels
from validation.report import Check, Outcome

QUESTION = "Does heat spread along a junction as the heat equation says, and is a Foster network with D its stack?"
REFERENCE = """dtheta/dt = -theta / tau + R A p / tau + D lap theta with an insulated rim: a wave k decays at 1/tau +
D k^2; a disc that is heated within r < b has u = 1 - x (K1(x) - c I1(x)) I0(r/l) inside and x I1(x) (K0(r/l) + c
I0(r/l)) outside, l^2 = D tau, x = b/l, c = K1(a/l) / I1(a/l) (H. S. Carslaw, J. C. Jaeger, Conduction of Heat in
Solids, 2nd ed. (1959)). The stack: the published layers of a disc of 200 nm, heated in the barrier by a wave of the
disc, J_n(k r) cos n phi with slope 0 on the rim: across the pillar in finite volumes with the leak kappa k^2, and below
it the electrode and the oxide as wide plates, wave by wave (Hankel transform). A disc with a reversed domain: modes of
the lattice, each by its exponential; and its mean by the network of the device and the mean power of every window."""
TOLERANCE = """Decay: (k d)^2 / 12 of the cells and the second order of the steps. Disc: 0.3 % of the largest, as cells
have sides of an eighth of l and a rim of steps, and half as much with cells of half the size. Stack: 25 %, because four
poles with one D are a model of it, which no number was fitted to. Map of the domain: 0.5 % of its spread, as steps are
of second order. Mean: 1e-9, the rounding of some thousand windows."""

AREA, OXIDE = np.pi * 1e-14, 300e-9
WAVES = {"two halves": (1, 1.84118), "four quarters": (2, 3.05424), "a ring": (0, 3.83171)}


def march(theta, power, one: Section, network: Foster, window: float, windows: int, D: float) -> None:
    """Heat columns by a constant power from the begin on.

    Parameters
    ----------
    theta : numpy.ndarray [K]
        (poles, ny, nx); changed.
    power : numpy.ndarray [W]
        (ny, nx).
    one : Section
    network : Foster
    window : float [s]
    windows : int
    D : float [m^2/s]
    """
    steps = one.steps(D * window)
    weights = network.windows(window / steps)
    for _ in range(windows):
        heat_up(theta, power, power, weights, one, D * window / steps, steps)


def _section(counts: tuple[int, int], d: float, shape: str) -> Section:
    mesh = Mesh((*counts, 1), (d, d, d))
    return Section.of(mesh, mesh.mask(shape).astype(float))


def decays() -> list[Check]:
    """Rates of waves along a strip of 40 cells."""
    d, D, network, checks = 5e-9, 2e-5, Foster(np.array([3e4]), np.array([0.3e-9])), []
    one = _section((40, 1), d, "prism")
    for number in (1, 3, 8):
        k = np.pi * number / (40 * d)
        wave = np.cos(k * d * (np.arange(40) + 0.5))[None]
        theta, window = wave[None].copy(), 2e-12
        march(theta, np.zeros((1, 40)), one, network, window, 20, D)
        rate = -np.log((theta[0] * wave).sum() / (wave**2).sum()) / (20 * window)
        wanted = 1.0 / network.times[0] + D * k * k
        step = window / one.steps(D * window)
        allowed = wanted * ((k * d) ** 2 / 12.0 + (D * k * k * step) ** 2 / 6.0)
        checks.append(Check(f"strip, wave of {2e9 * np.pi / k:.0f} nm: rate of decay [1/s]", rate, wanted, allowed))
    return checks


def heated_center(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Disc of n cells, heated within 0.4 of its radius, l = 1/3 of it.

    Parameters
    ----------
    n : int

    Returns
    -------
    tuple of numpy.ndarray
        Distance from the center over the radius; temperature over that of even power, found and exact.
    """
    edge, network = 120e-9, Foster(np.array([3e4]), np.array([0.2e-9]))
    d, length, hot = 2.0 * edge / n, edge / 3.0, 0.4 * edge
    one = _section((n, n), d, "elliptic-cylinder")
    at = (np.arange(n) + 0.5 - 0.5 * n) * d
    r = np.hypot(*np.meshgrid(at, at))
    fine = (np.arange(8 * n) + 0.5 - 4 * n) * d / 8.0
    share = (np.hypot(*np.meshgrid(fine, fine)) < hot).reshape(n, 8, n, 8).mean(axis=(1, 3))
    theta = np.zeros((1, n, n))
    march(theta, 1e-3 * share, one, network, 2e-11, 120, length**2 / network.times[0])
    x, s, c = hot / length, r / length, special.k1(edge / length) / special.i1(edge / length)
    inside = 1.0 - x * (special.k1(x) - c * special.i1(x)) * special.i0(s)
    outside = x * special.i1(x) * (special.k0(s) + c * special.i0(s))
    exact = np.where(r < hot, inside, outside)
    return r[one.there] / edge, theta[0, one.there] / (1e-3 * 3e4), exact[one.there]


def stack_wave(order: int, zero: float) -> float:
    """Steady answer of the published stack to a wave of power in its barrier, at the free layer.

    Parameters
    ----------
    order : int
    zero : float [1]
        k times the radius.

    Returns
    -------
    float [K/W]
    """
    layers, radius = published_stack(OXIDE), np.sqrt(AREA / np.pi)
    k, pillar = zero / radius, [layer for layer in layers if not layer.wide]
    q = np.linspace(1e3, 60.0 * k, 60_001)
    plate = np.zeros_like(q)
    for layer in [layer for layer in layers if layer.wide][::-1]:
        kq, tanh = layer.conductivity * q, np.tanh(q * layer.thickness)
        plate = (plate * kq + tanh) / kq / (1.0 + plate * kq * tanh)
    # Lommel's integral of J_n(k r) J_n(q r) r over the disc, with J_n'(k a) = 0
    J = special.jv(order, zero)
    overlap = -radius * q * special.jvp(order, q * radius) * J / (q * q - k * k)
    norm = 0.5 * radius**2 * (1.0 - (order / zero) ** 2) * J**2
    below = np.trapezoid(q * overlap**2 * plate, q) / norm
    chain = cut(pillar, 1.0, 12)
    conductivity = np.array([layer.conductivity for layer in pillar])[chain.layer]
    through = 1.0 / chain.series[1:-1]
    K = np.diag(conductivity * chain.volumes * k * k) - np.diag(through, 1) - np.diag(through, -1)
    K += np.diag(np.append(through, 1.0 / (chain.series[-1] + below))) + np.diag(np.append(0.0, through))
    names = np.array([layer.name for layer in pillar])[chain.layer]
    shares = [np.where(names == name, chain.volumes, 0.0) for name in ("barrier", "free")]
    heated, sensed = (share / share.sum() for share in shares)
    return float(sensed @ np.linalg.solve(K, heated)) / AREA


def stack_device() -> Device:
    """The plasticity device with the heat path of its published layers."""
    network = foster(
        published_stack(OXIDE), AREA, heated="barrier", sensed="free", poles=4, cells=12, between=(1e-12, 1e-5)
    )
    return Device.preset("plasticity").replace(
        thermal_resistances=network.resistances,
        thermal_times=network.times,
        thermal_diffusivity=diffusivity(published_stack(OXIDE)),
    )


def domain_magnet(device: Device, cell: float, duration: float):
    """Disc whose halves point up and down, under 0.6 V."""
    layout = Layout(cell=cell, heat="cells")
    magnet = magnet_of(device, layout)
    magnet.m = lambda x, y, z: (0.0 * x, np.exp(-((x / 10e-9) ** 2)) + 0.0 * y, np.tanh(-x / 10e-9) + 0.0 * y)
    connect(magnet, device, Protocol((0.0, duration), (0.6, 0.6), "V"), layout)
    return magnet


def _frozen(device: Device, cell: float) -> list[Check]:
    """Map of moments that do not move, at 0.3 ns, against all modes of the lattice."""
    magnet, time = domain_magnet(device, cell, 1e-9), 0.3e-9
    one, network, D = magnet.warmth.section, Foster.of(device), device.thermal_diffusivity
    powers, there = magnet.terms["junction"].powers(magnet.m, 0.0), one.there.ravel()
    theta = np.zeros((4, *one.there.shape))
    march(theta, powers, one, network, 3e-12, 100, D)
    L = np.zeros((len(there), *one.there.shape))
    for place, row in enumerate(L):
        unit = np.zeros(len(there))
        unit[place] = 1.0
        laplace(unit.reshape(one.there.shape), one, row)
    values, modes = np.linalg.eigh(-L.reshape(len(there), -1)[np.ix_(there, there)])
    part, exact = modes.T @ powers[one.there], 0.0
    for R, tau in zip(*network, strict=True):
        rates = 1.0 / tau + D * values
        exact = exact + modes @ (part * R / tau / rates * -np.expm1(-rates * time))
    found = theta.sum(axis=0)[one.there]
    spread = float(np.ptp(exact))
    error = float(np.abs(found - exact).max())
    case = "domain, moments at rest, 0.3 ns: error of the map over its spread"
    return [Check(case, error / spread, 0.005, kind="at most")]


def _moving(device: Device, cell: float, duration: float):
    """Run a disc with a reversed domain; the mean against the network of the device."""
    magnet, network = domain_magnet(device, cell, duration), Foster.of(device)
    rises, last, renew = np.zeros(4), 0.0, magnet.warmth.renew

    def followed(motion, m, t, window):
        nonlocal rises, last
        renew(motion, m, t, window)
        keep, before, after = network.windows(window)
        rises, last = keep * rises + before * last + after * magnet.warmth.power, magnet.warmth.power

    magnet.warmth.renew = followed
    run = magnet.run(duration, every=5e-12, snapshots=duration, temperature=300.0, seed=1)
    found, wanted = float(run["junction"].values[-1, 4:8].sum()), float(rises.sum())
    return [Check(f"domain, {duration * 1e9:g} ns: mean rise [K]", found, wanted, 1e-9 * wanted)], magnet, run


def _draw(rings, magnet, run, waves):
    figure, axes = panels(4, width=3.4, height=3.2)
    side = 0.5e9 * magnet.mesh.counts[0] * magnet.mesh.cell[0]
    extent = (-side, side, -side, side)
    up = np.where(magnet.warmth.section.there, run["moments"].values[-1, 2, 0], np.nan)
    for axis, values, label, colors in (
        (axes[0], up, "$m_z$", "coolwarm"),
        (axes[1], run["temperature_map"].values[-1], "T [K]", "inferno"),
    ):
        image = axis.imshow(values, origin="lower", extent=extent, cmap=colors)
        figure.colorbar(image, ax=axis, label=label, shrink=0.8)
        axis.set(xlabel="x [nm]", ylabel="y [nm]")
    axes[0].set_title(f"0.6 V, {run['time'].values[-1] * 1e9:g} ns")
    axes[1].set_title("temperature of the columns")
    r, found, exact = rings
    order = np.argsort(r)
    axes[2].plot(r[order], exact[order], color=EXACT, lw=1.0, label="Bessel functions")
    axes[2].plot(r[::31], found[::31], "o", ms=4, mfc="none", mew=0.7, color=COLORS[1], label="cells")
    axes[2].set(xlabel="r over the radius", ylabel="rise over that of even power", title="heated within 0.4")
    place = np.arange(len(waves))
    axes[3].bar(place - 0.2, [one for one, _ in waves.values()], 0.4, color=EXACT, label="stack of layers")
    axes[3].bar(place + 0.2, [two for _, two in waves.values()], 0.4, color=COLORS[1], label="four poles and D")
    axes[3].set_xticks(place, list(waves))
    axes[3].set(ylabel="rise per power of a wave [K/W]", title="disc of 200 nm")
    for axis in axes[2:]:
        legend(axis)
    return figure


def validate(quick: bool) -> Outcome:
    """Measure decay, a heated center, waves of a stack, and a disc with a reversed domain.

    Parameters
    ----------
    quick : bool
        Larger cells, a shorter run.

    Returns
    -------
    Outcome
    """
    checks = decays()
    for n, most in ((60, 0.003),) if quick else ((60, 0.003), (120, 0.0015)):
        rings = heated_center(n)
        error = float(np.abs(rings[1] - rings[2]).max() / rings[2].max())
        checks.append(Check(f"disc of {n} cells, heated center: largest error", error, most, kind="at most"))
    device, waves = stack_device(), {}
    network, D = Foster.of(device), device.thermal_diffusivity
    for name, (order, zero) in WAVES.items():
        model = float((network.resistances / (1.0 + D * network.times * zero**2 / 1e-14)).sum())
        waves[name] = exact, model = stack_wave(order, zero), model
        checks.append(Check(f"stack, {name}: poles and D over layers", model / exact, 1.0, 0.25))
    checks += _frozen(device, 10e-9 if quick else 5e-9)
    more, magnet, run = _moving(device, 10e-9 if quick else 5e-9, 0.1e-9 if quick else 1e-9)
    checks += more
    maps = run["temperature_map"].values[-1]
    note = (
        f"The disc with a reversed domain after {run['time'].values[-1] * 1e9:g} ns at 0.6 V: mean "
        f"{np.nanmean(maps):.2f} K, coldest column {np.nanmin(maps):.2f} K, hottest {np.nanmax(maps):.2f} K. Heat path "
        f"of the published layers on {OXIDE * 1e9:g} nm of oxide: "
        + ", ".join(f"{R:.3g} K/W in {tau * 1e9:.3g} ns" for R, tau in zip(*network, strict=True))
        + f"; D = {D:.3g} m^2/s."
    )
    return Outcome(checks, _draw(rings, magnet, run, waves), [note])
