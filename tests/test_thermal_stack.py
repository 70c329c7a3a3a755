"""Layered stacks against series resistances, analytic series and Bessel functions, and independent solvers."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, linalg, special

from spinneuron.quantity import InputError
from spinneuron.thermal_stack import (
    MATERIALS,
    Layer,
    constriction,
    diffusivity,
    foster,
    modes,
    published_stack,
    spectrum,
    stack_response,
)

AREA = math.pi * (100e-9) ** 2
SLAB = Layer(name="slab", thickness=1e-7, conductivity=2.0, heat_capacity=3e6)
STEADY = SLAB.thickness / (SLAB.conductivity * AREA)
SLOWEST = SLAB.thickness**2 * SLAB.heat_capacity / SLAB.conductivity / (math.pi / 2.0) ** 2
# The pillar of a junction: what is heated and what is sensed are different layers.
PILLAR = {"heated": "barrier", "sensed": "free"}


def series_resistance(layers):
    """Of layers crossed by the whole heat [K/W]."""
    bulk = sum(layer.thickness / layer.conductivity for layer in layers)
    return (bulk + sum(1.0 / layer.boundary for layer in layers if layer.boundary)) / AREA


@st.composite
def stacks(draw):
    """Two to five layers within what junctions are made of; the first is "top", the last "bottom"."""

    def number(low, high):
        return math.exp(draw(st.floats(math.log(low), math.log(high))))

    count = draw(st.integers(2, 5))
    names = ["top", *[f"layer {i}" for i in range(1, count - 1)], "bottom"]
    return [
        Layer(
            name=name,
            thickness=number(0.3e-9, 1e-6),
            conductivity=number(1.0, 400.0),
            heat_capacity=number(1e6, 4e6),
            boundary=draw(st.one_of(st.none(), st.floats(1e8, 1e10))),
        )
        for name in names
    ]


# --- steady state and single slab ---------------------------------------------------------------------------------


def test_steady_state_is_the_series_of_resistances():
    layers = [Layer.of("Ru", 5e-9), Layer.of("MgO", 0.9e-9), Layer.of("CoFeB", 1.1e-9), Layer.of("SiO2", 1e-6)]
    layers[1] = Layer(name="MgO", thickness=0.9e-9, conductivity=48.0, heat_capacity=3.3e6, boundary=5e8)
    end = constriction(148.0, 200e-9)
    # All heat of the barrier flows down: half the barrier's resistance (mean path of an even source) and all below.
    wanted = series_resistance(layers[1:]) - 0.5 * 0.9e-9 / 48.0 / AREA + end
    found = spectrum(layers, AREA, heated="MgO", sensed="Ru", bottom=end)
    assert found.resistance == pytest.approx(wanted, rel=1e-10)
    # Linear in depth where heat only passes, with the mean of the layer in its middle.
    below = spectrum(layers, AREA, heated="MgO", sensed="SiO2", bottom=end)
    assert below.resistance == pytest.approx(0.5 * 1e-6 / 1.38 / AREA + end, rel=1e-10)
    # With a sink at each end half of the heat goes either way; the mean of a slab is that of its middle.
    sunk = spectrum([SLAB, Layer.of("MgO", 1e-9), SLAB], AREA, heated="MgO", sensed="slab", top=0.0, bottom=0.0)
    assert sunk.resistance == pytest.approx(STEADY / 4.0, rel=1e-10)


def test_slab_has_the_poles_of_the_analytic_series():
    found = spectrum([SLAB], AREA, heated="slab", sensed="slab", cells=400)
    q = (np.arange(6) + 0.5) * math.pi
    # Even source, mean temperature: sum over cos(q z / L). Tolerance: (q h)^2 / 12 of the sixth mode, 2e-4.
    np.testing.assert_allclose(found.times[:6], SLOWEST * (math.pi / 2.0) ** 2 / q**2, rtol=3e-4)
    np.testing.assert_allclose(found.resistances[:6], 2.0 * STEADY / q**4, rtol=1e-3)
    q = (np.arange(2000) + 0.5) * math.pi
    t = SLOWEST * np.array([0.0, 1e-3, 0.1, 1.0, 5.0])
    tau = SLOWEST * (math.pi / 2.0) ** 2 / q**2
    wanted = -np.expm1(-t[:, None] / tau) @ (2.0 * STEADY / q**4)
    response = stack_response([SLAB], AREA, t, heated="slab", sensed="slab", cells=400)
    # Of the second order in the cell: (1.3 / 400)^2.
    np.testing.assert_allclose(response, wanted, rtol=0.0, atol=1e-5 * STEADY)


@pytest.mark.parametrize("what", ["time", "resistance", "response"])
def test_convergence_is_of_second_order(what):
    layers = [SLAB, Layer(name="below", thickness=3e-8, conductivity=9.0, heat_capacity=2e6, boundary=3e8)]

    def measured(cells):
        found = spectrum(layers, AREA, heated="slab", sensed="slab", cells=cells)
        return {"time": found.times[0], "resistance": found.resistance, "response": found.step(SLOWEST)}[what]

    values = np.array([measured(cells) for cells in (8, 16, 32, 64)])
    orders = np.log2(np.diff(values)[:-1] / np.diff(values)[1:])
    np.testing.assert_allclose(orders, 2.0, atol=0.1)


# --- conservation and independent solvers -------------------------------------------------------------------------


@pytest.mark.parametrize("leak", [0.0, 1e13])
def test_energy_of_a_pulse_is_stored_or_has_left(leak):
    layers = [
        Layer(name=f"{i}", thickness=t, conductivity=k, heat_capacity=c, leak=leak, boundary=g)
        for i, (t, k, c, g) in enumerate([(5e-9, 60, 3e6, None), (1e-9, 4, 3.3e6, 2e8), (3e-7, 1.4, 1.6e6, None)])
    ]
    solved = modes(layers, AREA, top=1e6, bottom=2e4)
    power, width, after = 3e-3, 150e-9, 13e-9
    source = solved.shapes.T @ solved.weights("1", "heated") * power
    x = solved.rates
    # Amplitudes at the end of the pulse, then freely decaying, and the time integral of both parts.
    hot = source * -np.expm1(-x * width) / x
    integral = source / x * (width + np.expm1(-x * width) / x) + hot * -np.expm1(-x * after) / x
    temperature, integral = solved.shapes @ (hot * np.exp(-x * after)), solved.shapes @ integral
    stored = solved.capacities @ temperature
    left = solved.ends[0] * integral[0] + solved.ends[1] * integral[-1] + solved.chain.leaks @ integral
    assert 0.01 < stored / (power * width) < 0.99
    assert stored + left == pytest.approx(power * width, rel=1e-9)


def test_two_materials_against_an_implicit_solver():
    metal = Layer(name="metal", thickness=4e-8, conductivity=60.0, heat_capacity=3e6, boundary=1e8, leak=2e14)
    glass = Layer(name="glass", thickness=1e-7, conductivity=1.4, heat_capacity=1.6e6)
    # Written anew: uniform cells, fluxes between them, backward differences in time.
    n = 150
    h = np.repeat([metal.thickness / n, glass.thickness / n], n)
    kappa = np.repeat([metal.conductivity, glass.conductivity], n)
    rho_c = np.repeat([metal.heat_capacity, glass.heat_capacity], n)
    leak = np.repeat([metal.leak, 0.0], n)
    gap = np.zeros(2 * n - 1)
    gap[n - 1] = 1.0 / metal.boundary
    conduct = 1.0 / (h[:-1] / (2 * kappa[:-1]) + gap + h[1:] / (2 * kappa[1:]))
    source = np.where(np.arange(2 * n) < n, 1.0 / (AREA * metal.thickness), 0.0)

    def slope(_, T):
        flux = np.concatenate([[0.0], conduct * (T[:-1] - T[1:]), [T[-1] * 2 * kappa[-1] / h[-1]]])
        return ((flux[:-1] - flux[1:]) / h - leak * T + source) / rho_c

    jacobian = np.column_stack([slope(0.0, unit) - slope(0.0, np.zeros(2 * n)) for unit in np.eye(2 * n)])
    times = np.array([1e-10, 1e-9, 5e-9, 3e-8])
    done = integrate.solve_ivp(
        slope, (0.0, times[-1]), np.zeros(2 * n), "BDF", times, rtol=1e-7, atol=1.0, jac=jacobian
    )
    for name, cells in (("metal", slice(0, n)), ("glass", slice(n, 2 * n))):
        found = stack_response([metal, glass], AREA, times, heated="metal", sensed=name, cells=60)
        # Cells of both (2e-5) and steps in time (1e-5), relative to the largest.
        np.testing.assert_allclose(found, done.y[cells].mean(axis=0), rtol=0.0, atol=1e-4 * done.y.max())


# --- wide layers --------------------------------------------------------------------------------------------------

# A disc of no own resistance and capacity on what is tested.
CONTACT = Layer(name="contact", thickness=1e-10, conductivity=1e6, heat_capacity=1.0)


def test_wide_layer_is_the_fin_of_the_textbook():
    plate = Layer(name="plate", thickness=1e-9, conductivity=1e5, heat_capacity=1.0, wide=True)
    film = Layer(name="film", thickness=1e-9, conductivity=1e-2, heat_capacity=1.0, wide=True)
    found = spectrum([CONTACT, plate, film], AREA, heated="contact", sensed="contact").resistance
    # Even flow into a plate above a film: (1 - 2 I1(x) K1(x)) / (G A), x = a / lambda, lambda = 3.2 um.
    conductance = film.conductivity / film.thickness
    x = 100e-9 / math.sqrt(plate.conductivity * plate.thickness / conductance)
    wanted = (1.0 - 2.0 * special.i1(x) * special.k1(x)) / (conductance * AREA)
    # Waves are summed in steps of 1/24 of a decade.
    assert found == pytest.approx(wanted, rel=1e-3)


def test_half_space_under_a_wide_layer():
    film = Layer(name="film", thickness=1e-12, conductivity=148.0, heat_capacity=1e6, wide=True)
    end = constriction(148.0, 200e-9)
    found = spectrum([CONTACT, film], AREA, heated="contact", sensed="contact", bottom=end).resistance
    # The mean temperature of an evenly heated disc is 8 / (3 pi^2 kappa a), 8 % above that of an isothermal one.
    assert found == pytest.approx(8.0 / (3.0 * math.pi**2 * 148.0 * 100e-9), rel=2e-3)


def cylinder(radius, height, conductivity, heat_capacity):
    """A slab above a sink that a disc heats, in rings and cells: resistance of the half cell on top, R_j, tau_j."""
    r = np.concatenate([np.linspace(0.0, radius, 9), radius * np.geomspace(1.0, 30.0, 31)[1:]])
    z = np.concatenate([[0.0], np.geomspace(0.01, 1.0, 18)]) * height
    ring, middle, h = math.pi * np.diff(r**2), 0.5 * (r[1:] + r[:-1]), np.diff(z)
    shape = len(ring), len(h)
    nodes = np.arange(shape[0] * shape[1]).reshape(shape)
    K = np.zeros((nodes.size, nodes.size))

    def link(one, other, conductance):
        K[one, one] += conductance
        K[other, other] += conductance
        K[one, other] -= conductance
        K[other, one] -= conductance

    for i, j in np.ndindex(shape):
        if j + 1 < shape[1]:
            link(nodes[i, j], nodes[i, j + 1], conductivity * ring[i] / (0.5 * (h[j] + h[j + 1])))
        if i + 1 < shape[0]:
            sideways = 2.0 * math.pi * conductivity * h[j] / math.log(middle[i + 1] / middle[i])
            link(nodes[i, j], nodes[i + 1, j], sideways)
    K[nodes[:, -1], nodes[:, -1]] += conductivity * ring / (0.5 * h[-1])
    source = np.zeros(shape)
    source[:8, 0] = ring[:8] / ring[:8].sum()
    scale = 1.0 / np.sqrt(heat_capacity * np.outer(ring, h).ravel())
    rates, vectors = linalg.eigh(K * np.outer(scale, scale))
    top = 0.5 * h[0] / (conductivity * math.pi * radius**2)
    return top, (vectors.T @ (scale * source.ravel())) ** 2 / rates, 1.0 / rates


def test_wide_layer_against_rings_and_cells():
    film = Layer(name="film", thickness=3e-7, conductivity=1.4, heat_capacity=1.6e6, wide=True)
    top, resistances, taus = cylinder(100e-9, film.thickness, film.conductivity, film.heat_capacity)
    times = np.array([1e-9, 3e-9, 1e-8, 3e-8, 1e-6])
    wanted = top - np.expm1(-times[:, None] / taus) @ resistances
    found = stack_response([CONTACT, film], AREA, times, heated="contact", sensed="contact", cells=20)
    # The rings and cells are the coarser.
    np.testing.assert_allclose(found, wanted, rtol=0.01)


def test_wide_layers_may_lie_on_both_sides():
    wide = published_stack(300e-9)[-5:]
    core = [Layer.of("Co", 1e-9, name="above"), Layer.of("MgO", 1e-9), Layer.of("Co", 1e-9, name="below")]
    both = [*wide[::-1], *core, *wide]
    found = spectrum(both, AREA, heated="MgO", sensed="MgO", top=0.0)
    swapped = spectrum(both[::-1], AREA, heated="MgO", sensed="MgO", top=0.0)
    one = spectrum([*core, *wide], AREA, heated="MgO", sensed="MgO")
    assert found.resistance == pytest.approx(swapped.resistance, rel=1e-9)
    assert found.resistance == pytest.approx(0.5 * one.resistance, rel=0.01)


# --- reduction ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("poles", [1, 2, 3, 4])
def test_reduction_keeps_the_resistance_and_says_its_error(poles):
    network = foster(published_stack(300e-9), AREA, **PILLAR, poles=poles, cells=4)
    assert len(network.resistances) == len(network.times) == poles
    assert min(network.resistances) > 0.0 and list(network.times) == sorted(network.times)
    # To the rounding of one sum.
    assert network.resistance == pytest.approx(network.spectrum.resistance, rel=4e-16)
    # Between the times of the comparison the difference is hardly larger than at them.
    t = np.geomspace(*network.between, 1000)
    worst = np.abs(network.step(t) - network.spectrum.step(t)).max() / network.resistance
    assert worst == pytest.approx(network.error, rel=0.02)
    # What was measured for this stack, rounded up.
    assert network.error < {1: 0.27, 2: 0.07, 3: 0.025, 4: 0.01}[poles]


def test_reduction_of_one_pole_finds_it():
    # A lump: the resistance is all in the end.
    lump = Layer(name="lump", thickness=1e-9, conductivity=1e4, heat_capacity=3e6)
    tau = 3e6 * 1e-9 * AREA * 1e5
    network = foster([lump], AREA, heated="lump", sensed="lump", poles=3, bottom=1e5)
    assert sum(network.resistances) == pytest.approx(1e5, rel=1e-4)
    assert network.error < 1e-4
    slow = network.resistances.index(max(network.resistances))
    assert network.times[slow] == pytest.approx(tau, rel=1e-3)


def test_range_of_times_changes_poles_but_not_the_resistance():
    ways = [(1e-9, 1e-6), (1e-6, 1e-9), (10e-9, 5e-6), None]
    networks = [foster([SLAB, CONTACT], AREA, heated="slab", sensed="contact", between=way) for way in ways]
    assert networks[0].times == networks[1].times and networks[0].error == networks[1].error
    assert networks[0].times != networks[2].times
    # Rounding of the sum.
    np.testing.assert_allclose([n.resistance for n in networks], networks[0].resistance, rtol=4e-16)


# --- laws ---------------------------------------------------------------------------------------------------------


@given(stacks(), st.floats(0.0, 1e6), st.integers(1, 6))
@settings(max_examples=40)
def test_resistance_adds_up_for_any_stack(layers, end, cells):
    found = spectrum(layers, AREA, heated="top", sensed="top", bottom=end, cells=cells)
    rest = spectrum(layers[1:], AREA, heated="bottom", sensed="bottom", bottom=end, cells=cells)
    whole = spectrum(layers, AREA, heated="top", sensed="bottom", bottom=end, cells=cells)
    # Heat released and sensed in one place: every pole is positive, and so is the response.
    assert found.resistances.min() >= 0.0 and found.times.min() > 0.0
    step = found.step(np.geomspace(1e-3, 10.0, 20) * found.times[0])
    assert np.all(np.diff(step) > -1e-12 * found.resistance) and step[0] > 0.0
    # More layers above change nothing below; what was heated cannot be colder than what it heats.
    wanted = 0.5 * layers[-1].thickness / layers[-1].conductivity / AREA + end
    wanted += 1.0 / (layers[-1].boundary * AREA) if layers[-1].boundary else 0.0
    assert whole.resistance == pytest.approx(wanted, rel=1e-9)
    assert rest.resistance <= found.resistance * (1.0 + 1e-9)
    # Reciprocity: where heat is released and where it is sensed may be exchanged.
    assert spectrum(layers, AREA, heated="bottom", sensed="top", bottom=end, cells=cells).resistance == pytest.approx(
        whole.resistance, rel=1e-9
    )


@given(stacks(), st.integers(1, 4))
@settings(max_examples=8)
def test_reduction_is_positive_for_any_stack(layers, poles):
    network = foster(layers, AREA, heated="top", sensed="bottom", poles=poles, cells=3)
    assert min(network.resistances) > 0.0 and 1 <= len(network.times) <= poles
    assert network.resistance == pytest.approx(network.spectrum.resistance, rel=4e-16)
    assert 0.0 <= network.error < 0.5


def test_shares_of_the_heat():
    layers = [SLAB, Layer.of("MgO", 1e-8), Layer.of("Cu", 2e-8)]
    t = [1e-10, 1e-8]
    each = [stack_response(layers, AREA, t, heated=name, sensed="MgO") for name in ("MgO", "Cu")]
    mixed = stack_response(layers, AREA, t, heated={"MgO": 0.25, "Cu": 0.75}, sensed="MgO")
    np.testing.assert_allclose(mixed, 0.25 * each[0] + 0.75 * each[1], rtol=1e-12)
    # A list goes by volume: the copper is twice as thick.
    listed = stack_response(layers, AREA, t, heated=["MgO", "Cu"], sensed="MgO")
    np.testing.assert_allclose(listed, each[0] / 3.0 + 2.0 * each[1] / 3.0, rtol=1e-12)


# --- the published stack and errors -------------------------------------------------------------------------------


def test_published_stack_has_the_printed_layers():
    layers = published_stack(300e-9)
    assert sum(layer.thickness for layer in layers if not layer.wide) == pytest.approx(
        (5 * 1.0 + 0.85 + 3 * 1.0 + 0.5 + 0.9 + 0.9 + 1.1 + 0.5 + 2 * 1.8 + 5) * 1e-9, rel=1e-12
    )
    assert [round(layer.thickness * 1e9, 3) for layer in layers if layer.wide] == [5, 5, 20, 5, 300]
    assert [layer.conductivity for layer in layers[:3]] == [MATERIALS[m].conductivity for m in ("Ru", "Pt", "Co")]
    assert len(published_stack(0.0)) == len(layers) - 1


MGO = Layer.of("MgO", 1e-9)
WIDE = Layer.of("SiO2", 1e-7, wide=True)
ASK = {"heated": "MgO", "sensed": "MgO"}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Layer.of("MgO", -1e-9), "layer MgO: thickness = -1 nm: must be positive"),
        (lambda: Layer.of("MgO", 0.0), "thickness = 0 m: must be positive"),
        (lambda: Layer.of("MgO", math.nan), "thickness = nan: a finite number is needed"),
        (lambda: Layer(name="x", thickness=1e-9, conductivity=0.0, heat_capacity=1e6), "layer x: conductivity = 0"),
        (
            lambda: Layer(name="x", thickness=1e-9, conductivity=1.0, heat_capacity=-1e6),
            "layer x: heat_capacity = -1 MJ",
        ),
        (
            lambda: Layer(name="", thickness=1e-9, conductivity=1.0, heat_capacity=1e6),
            'name = "": a layer needs a name',
        ),
        (
            lambda: Layer(name="x", thickness=1e-9, conductivity=1.0, heat_capacity=1e6, leak=-1.0),
            "layer x: leak = -1 W/(m^3 K): must not be negative",
        ),
        (
            lambda: Layer(name="x", thickness=1e-9, conductivity=1.0, heat_capacity=1e6, boundary=0.0),
            "layer x: boundary = 0 W/(m^2 K): must be positive",
        ),
        (lambda: Layer.of("CoFeb", 1e-9), "material = \"CoFeb\": did you mean 'CoFeB'? allowed: Al"),
        (lambda: published_stack(-1e-9), "oxide = -1 nm: must not be negative"),
        (lambda: constriction(0.0, 1e-7), "conductivity = 0 W/(m K)"),
        (lambda: foster([MGO], AREA, heated="MgO", sensed="Mg0"), "sensed = \"Mg0\": did you mean 'MgO'?"),
        (lambda: foster([MGO], AREA, heated="barrier", sensed="MgO"), 'heated = "barrier": layers of the pillar: MgO'),
        (lambda: foster([MGO], AREA, heated=[], sensed="MgO"), "heated = []: name a layer"),
        (lambda: foster([MGO], AREA, heated={"MgO": 0.9}, sensed="MgO"), "heated: shares must sum to 1, not 0.9"),
        (lambda: foster([MGO], AREA, **ASK, bottom=math.inf), "bottom = inf: no sink"),
        (lambda: foster([MGO, WIDE], AREA, **ASK, bottom=math.inf), "bottom = inf: the wide layers there have no sink"),
        (lambda: foster([MGO], AREA, **ASK, bottom=math.nan), "bottom = nan: a finite number is needed"),
        (lambda: foster([MGO], AREA, **ASK, top=-1.0), "top = -1 K/W: must not be negative"),
        (lambda: foster([MGO], -AREA, **ASK), "area = -31415.9 nm^2: must be positive"),
        (lambda: foster([MGO], AREA, **ASK, poles=5), "poles = 5: give 1, 2, 3 or 4"),
        (lambda: foster([MGO], AREA, **ASK, poles=0), "poles = 0"),
        (lambda: foster([MGO], AREA, **ASK, poles=1.5), "poles = 1.5"),
        (lambda: foster([MGO], AREA, **ASK, cells=0), "cells = 0"),
        (lambda: foster([MGO], AREA, **ASK, cells=5000), "cells = 5000: at most 2000"),
        (lambda: foster([MGO], AREA, **ASK, between=(1e-9, 1e-9)), "between = [1e-09, 1e-09]: two different times"),
        (lambda: foster([MGO], AREA, **ASK, between=1e-9), "between = 1e-09: two times in seconds"),
        (lambda: foster([], AREA, **ASK), "layers = 0 layers: at least one must be the pillar's"),
        (lambda: foster([WIDE], AREA, **ASK), "layers = 1 layers: at least one must be the pillar's"),
        (lambda: foster([MGO, WIDE, MGO], AREA, **ASK), "layer SiO2: is wide between layers of the pillar"),
        (lambda: foster(["MgO"], AREA, **ASK), 'layers = "MgO": each must be a Layer'),
        (lambda: stack_response([MGO], AREA, [-1e-9], **ASK), "times = -1e-09 s: a finite time since the step"),
        (lambda: stack_response([MGO], AREA, ["soon"], **ASK), 'times = ["soon"]: numbers of seconds'),
    ],
)
def test_errors_are_one_line_with_culprit_and_remedy(call, message):
    with pytest.raises(InputError) as caught:
        call()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_heat_spreads_along_a_pillar_as_its_layers_share_it():
    """Layers in parallel: conductances and heat capacities add up; wide ones do not count."""
    one = Layer(name="one", thickness=3e-9, conductivity=60.0, heat_capacity=3e6)
    two = Layer(name="two", thickness=1e-9, conductivity=20.0, heat_capacity=1e6)
    wide = dataclasses.replace(one, conductivity=400.0, wide=True)
    assert diffusivity([one]) == pytest.approx(2e-5, rel=1e-14)
    assert diffusivity([one, two, wide]) == pytest.approx((180.0 + 20.0) / (9e6 + 1e6), rel=1e-14)
    with pytest.raises(InputError, match="1 layers: at least one must be the pillar's"):
        diffusivity([wide])
