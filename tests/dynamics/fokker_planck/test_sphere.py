"""The generator on the sphere against the equation of motion, its equilibrium, its eigenvalues, and its steps."""

import csv
from pathlib import Path

import numpy as np
import pytest

from spinneuron.constants import mu0
from spinneuron.device import Device
from spinneuron.dynamics.fokker_planck.basins import basin, cut_off, equilibrium, wells
from spinneuron.dynamics.fokker_planck.harmonics import Space
from spinneuron.dynamics.fokker_planck.junction import Junction
from spinneuron.dynamics.fokker_planck.sampling import Sampling, moments
from spinneuron.dynamics.fokker_planck.sphere import PARTS, Generator, Sphere
from spinneuron.dynamics.fokker_planck.sphere_spectrum import eigenvalues, stationary
from spinneuron.dynamics.fokker_planck.sphere_steps import Control, advance, cheaper, explicit, implicit
from spinneuron.dynamics.fokker_planck.truncation import checked, finer, first, grown, tails
from spinneuron.physics.heating import Foster
from spinneuron.physics.temperature import Laws, at
from spinneuron.quantity import InputError
from tests import naive
from tests.axial import PLASTICITY_HK, axial, quick


def unit(*vector):
    return tuple((np.array(vector) / np.linalg.norm(vector)).tolist())


def oblique(**fields):
    """Nothing along anything, with every term and a low barrier."""
    return Device.preset("orthogonal").replace(
        **{
            "pinned": unit(0.3, 0.5, 0.8),
            "Lambda": 1.4,
            "eps_prime": 0.3,
            "polarity": -1.0,
            "Ku": 3e5,
            "easy_axis": unit(0.2, 0.1, 0.9),
            "applied_field": (1e4, 2e4, -3e4),
            "alpha": 0.1,
            "activation_volume": 2e-26,
        }
        | fields
    )


def with_Ku2(device, Ku2):
    """A device with a fourth-order anisotropy."""
    return device.replace(Ku2=Ku2)


def parts(device, unit_of_drive="V"):
    return Sphere.of(device, device.size, unit_of_drive), Laws.of(device, device.temperature)


def tilted(**fields):
    """A perpendicular junction with its pinned layer 20 degrees from the axis."""
    return quick(pinned=unit(np.sin(0.35), 0.0, np.cos(0.35)), **fields)


def start_of(device, space):
    sphere, laws = parts(device)
    junction = Junction(Generator(sphere, space), laws, Foster.of(device))
    within = basin(sphere, np.array([0.0, 0.0, 1.0]))
    return junction, (equilibrium(sphere, space, within), np.zeros(len(device.thermal_times)))


CORNERS = np.array([0.0, 0.5e-9, 3e-9, 3.5e-9]), np.array([0.0, -1.2, -1.2, 0.0])


@pytest.mark.parametrize("drive, unit_of_drive", [(0.7, "V"), (-3e12, "A/m^2"), (2e-4, "A"), (0.0, "V")])
@pytest.mark.parametrize("fields", [{}, {"Lambda": 1.0, "polarity": 1.0}, {"Lambda": 2.0, "eps_prime": -0.4}], ids=str)
def test_drift_against_the_equation_of_motion(fields, drive, unit_of_drive):
    """d<m>/dt = <v> - 2 D <m> and d<m_i m_j>/dt = <v_i m_j + m_i v_j> + D (2 delta_ij - 6 <m_i m_j>)."""
    device, space = oblique(**fields), Space(16, 16)
    sphere, laws = parts(device, unit_of_drive)
    sampling = Sampling(space)
    m = sampling.moments
    rho = sampling.project(np.exp(m @ np.array([0.7, -0.9, 1.1])))
    rho /= rho[0] * np.sqrt(4.0 * np.pi)
    change = Generator(sphere, space).matrix(sphere.coefficients(laws, drive, 0.0)) @ rho
    first_moment, second = moments(space, np.stack([rho, change]))
    velocity = np.array([[naive.slope(one, device, drive, unit_of_drive) for one in row] for row in m @ sphere.frame])
    velocity = velocity @ sphere.frame.T
    weights = sampling.values(rho) * sampling.weights[:, None] * 2.0 * np.pi / len(sampling.phi)
    mean = np.einsum("zp,zpi->i", weights, velocity)
    mixed = np.einsum("zp,zpi,zpj->ij", weights, velocity, m)
    D, size = sphere.diffusion, np.abs(velocity).max()
    np.testing.assert_allclose(first_moment[1], mean - 2.0 * D * first_moment[0], atol=1e-11 * size)
    expected = mixed + mixed.T + D * (2.0 * np.eye(3) - 6.0 * second[0])
    np.testing.assert_allclose(second[1], expected, atol=1e-11 * size)
    assert change[0] == 0.0


def test_temperature_changes_the_numbers_alone():
    """The generator of a warm device is that of the cold one with other numbers."""
    device, space = oblique(curie_temperature=900.0, polarization_temperature=1200.0, tmr_voltage=0.5), Space(8, 5)
    sphere, laws = parts(device)
    warm = at(device, 390.0)
    there, its_laws = parts(warm)
    found = Generator(sphere, space).matrix(sphere.coefficients(laws, 0.6, 90.0)).toarray()
    again = there._replace(frame=sphere.frame)
    np.testing.assert_allclose(there.frame, sphere.frame, atol=1e-2)
    expected = Generator(Sphere(*turned(again, there.frame, sphere.frame)), space)
    expected = expected.matrix(there.coefficients(its_laws, 0.6, 0.0)).toarray()
    np.testing.assert_allclose(found, expected, atol=1e-9 * np.abs(expected).max())


def turned(sphere, own, other):
    """The numbers of a sphere in another frame with the same pole."""
    Q = other @ own.T
    return sphere._replace(
        shape=Q @ sphere.shape @ Q.T,
        anisotropy=Q @ sphere.anisotropy @ Q.T,
        axis=Q @ sphere.axis,
        applied=Q @ sphere.applied,
    )


@pytest.mark.parametrize("Ku2", [0.0, 1.5e5])
def test_equilibrium_stands_still(Ku2):
    """Three demagnetizing factors, a tilted field and axis: stationary is Boltzmann, by quadrature of naive.energy."""
    device, space = with_Ku2(oblique(), Ku2), Space(28, 28)
    sphere, laws = parts(device)
    numbers = sphere.coefficients(laws, 0.0, 0.0)
    rho = stationary(Generator(sphere, space).matrix(numbers))
    np.testing.assert_allclose(rho, equilibrium(sphere, space), atol=1e-10)
    sampling = Sampling(space)
    m = sampling.moments @ sphere.frame
    energy = np.array([[naive.energy(one, device) for one in row] for row in m])
    weights = np.exp(-(energy - energy.min()) * device.activation_volume / (naive.KB * device.temperature))
    weights *= sampling.weights[:, None]
    expected = np.einsum("zp,zpi->i", weights, sampling.moments) / weights.sum()
    np.testing.assert_allclose(moments(space, rho)[0], expected, atol=1e-10)


def test_fourth_order_field_is_the_slope_of_its_energy():
    """H = (4 Ku2 / mu0 Ms) (1 - (m.e)^2) (m.e) e; the exponent has the same slope along the sphere."""
    device = with_Ku2(oblique(), 2e5)
    sphere, _ = parts(device)
    m, step = np.array(unit(0.3, -0.4, 0.6)), 1e-5
    across = np.cross(m, [1.0, 0.0, 0.0])
    across /= np.linalg.norm(across)
    ahead, behind = (np.cos(step) * m + sign * np.sin(step) * across for sign in (1.0, -1.0))
    slope = (sphere.exponent(ahead) - sphere.exponent(behind)) / (2.0 * step)
    assert slope == pytest.approx(sphere.alpha / sphere.diffusion * float(sphere.field(m) @ across), rel=1e-7)
    along = m @ sphere.axis
    own = sphere.field(m) - sphere._replace(fourth=0.0).field(m)
    rate = naive.GAMMA0 / (1.0 + device.alpha**2)
    expected = rate * 4.0 * 2e5 / (mu0 * device.Ms) * (1.0 - along**2) * along
    np.testing.assert_allclose(own, expected * sphere.axis, rtol=1e-12)


def test_free_diffusion():
    """Without fields and drive, every function of degree l decays at l (l + 1) D."""
    sphere, laws = parts(oblique())
    free = sphere._replace(shape=0.0 * sphere.shape, anisotropy=0.0 * sphere.shape, applied=np.zeros(3))
    space = Space(5, 5)
    matrix = Generator(free, space).matrix(free.coefficients(laws, 0.0, 0.0))
    np.testing.assert_allclose(matrix.toarray(), np.diag(-free.diffusion * space.l * (space.l + 1.0)), atol=1e-6)


def test_eigenvalues_of_brown():
    """The multi-precision table, to 1e-8 up to 20 kT and to 1 % at 37: as far as is promised."""
    path = Path(__file__).parents[2] / "data" / "fokker_planck_eigenvalues.csv"
    rows = csv.DictReader(line for line in path.read_text().splitlines() if not line.startswith("#"))
    for row in rows:
        Delta = float(row["Delta"])
        if Delta > 20.0:
            continue
        sphere, laws = parts(axial(PLASTICITY_HK, Delta))
        space = Space(int(16 + 8 * np.sqrt(Delta)), 0)
        (rate,) = eigenvalues(sphere, space, sphere.coefficients(laws, 0.0, 0.0))
        assert rate.imag == 0.0
        assert rate.real / sphere.diffusion == pytest.approx(float(row["lambda"]), rel=1e-8)
    sphere, laws = parts(axial(PLASTICITY_HK, 30.0))
    (rate,) = eigenvalues(sphere, Space(64, 0), sphere.coefficients(laws, 0.0, 0.0))
    assert rate.real / sphere.diffusion == pytest.approx(3.351167734064042e-11, rel=1e-3)


def test_lowest_eigenvalues_are_those_of_the_dense_matrix():
    sphere, laws = parts(oblique())
    space, numbers = Space(14, 14), None
    numbers = sphere.coefficients(laws, 0.5, 0.0)
    dense = np.linalg.eigvals(Generator(sphere, space).matrix(numbers).toarray())
    dense = dense[np.argsort(np.abs(dense))][1:4]
    found = eigenvalues(sphere, space, numbers, 3)
    np.testing.assert_allclose(np.sort(found.real), np.sort(-dense.real), rtol=1e-8)


def test_turning_everything_changes_nothing():
    """A ball with axis, field and pinned layer turned together has the same rates, wells and densities."""
    ball = oblique(geometry="ellipsoid", width=10e-9, length=10e-9, thickness=10e-9)
    turn, _ = np.linalg.qr(np.random.default_rng(5).standard_normal((3, 3)))
    turn *= np.linalg.det(turn)
    moved = {name: tuple((turn @ getattr(ball, name)).tolist()) for name in ("pinned", "easy_axis", "applied_field")}
    found = []
    for device in (ball, ball.replace(**moved)):
        space = Space(20, 20)
        sphere, laws = parts(device)
        numbers = sphere.coefficients(laws, 0.5, 0.0)
        rho = stationary(Generator(sphere, space).matrix(numbers))
        rates = np.sort(eigenvalues(sphere, space, numbers, 3).real)
        found.append((rates, moments(space, rho)[0] @ sphere.frame, wells(sphere) @ sphere.frame))
    np.testing.assert_allclose(found[1][0], found[0][0], rtol=1e-8)
    np.testing.assert_allclose(found[1][1], turn @ found[0][1], atol=1e-9)
    np.testing.assert_allclose(found[1][2], found[0][2] @ turn.T, atol=1e-6)


def test_wells_and_their_ridge():
    """Of the signed neuron: +z and -z, a ridge at m_z = 0 with 7 kT, and what its smoothness costs."""
    device = Device.preset("orthogonal")
    sphere, _ = parts(device)
    found = wells(sphere) @ sphere.frame
    np.testing.assert_allclose(np.sort(found[:, 2]), [-1.0, 1.0], atol=1e-9)
    within = basin(sphere, sphere.frame @ np.array([0.0, 0.0, 1.0]))
    np.testing.assert_allclose(within.normal @ sphere.frame, [0.0, 0.0, 1.0], atol=1e-9)
    assert within.level == pytest.approx(0.0, abs=5e-3)
    assert 1e-4 < cut_off(sphere, within) < 1e-3
    # a high barrier costs nothing, one well alone nothing at all
    assert cut_off(*_parallel(quick())) < 1e-12
    alone = _parallel(quick(applied_field=(0.0, 0.0, 2.0 * PLASTICITY_HK)))
    assert alone[1].level == -np.inf
    assert cut_off(*alone) == 0.0


def _parallel(device):
    sphere, _ = parts(device)
    return sphere, basin(sphere, np.array([0.0, 0.0, 1.0]))


def test_probability_is_conserved():
    """Through both kinds of steps, with heat: the coefficient of l = 0 to the last bit or nearly."""
    device = tilted()
    junction, start = start_of(device, Space(24, 10))
    for walk in (implicit, explicit):
        record = walk(junction, start, CORNERS, np.linspace(0.0, 3.5e-9, 8), Control(1e-3))
        assert np.abs(record.coefficients[:, 0] * np.sqrt(4.0 * np.pi) - 1.0).max() < 1e-12
        assert record.coefficients.shape == (8, junction.space.size)
        assert record.theta.shape == (8, 2)


def test_both_kinds_of_steps_agree():
    device = tilted()
    junction, start = start_of(device, Space(28, 12))
    stops = np.linspace(0.0, 3.5e-9, 15)
    fine = explicit(junction, start, CORNERS, stops, Control(1e-7))
    coarse = implicit(junction, start, CORNERS, stops, Control(1e-5))
    size = np.linalg.norm(fine.coefficients, axis=1).max()
    assert np.linalg.norm(coarse.coefficients - fine.coefficients, axis=1).max() < 2e-3 * size
    np.testing.assert_allclose(coarse.theta, fine.theta, atol=2e-3 * fine.theta.max())
    np.testing.assert_allclose(coarse.power[1:], fine.power[1:], rtol=2e-3, atol=1e-3 * fine.power.max())
    assert coarse.hottest == pytest.approx(fine.theta.sum(axis=1).max(), rel=0.05)


def test_order_of_the_implicit_steps():
    """Halving the steps leaves a quarter of the error, with heat and ramps."""
    device = tilted()
    junction, start = start_of(device, Space(24, 8))
    ends = [implicit(junction, start, CORNERS, CORNERS[0][-1:], Control(1e-3, halvings=k)) for k in (6, 7, 8, 9)]
    values = np.array([[junction.against(one.coefficients[-1]), one.theta[-1].sum()] for one in ends])
    ratios = (values[1:-1] - values[:-2]) / (values[2:] - values[1:-1])
    assert (np.abs(ratios[-1] - 4.0) < 0.6).all()
    assert ends[0].steps == 3 * 2**6


def test_convergence_in_the_degree_is_spectral():
    """Every eight degrees more leave less than a tenth of the error."""
    values = []
    for degree in (16, 24, 32, 40):
        junction, start = start_of(tilted(thermal_resistances=(), thermal_times=()), Space(degree, 10))
        record = explicit(junction, start, CORNERS, CORNERS[0][-1:], Control(1e-8))
        values.append(junction.against(record.coefficients[-1]))
    errors = np.abs(np.array(values[:-1]) - values[-1])
    assert errors[1] < 0.1 * errors[0]
    assert errors[2] < 0.1 * errors[1]


def test_power_is_that_of_the_density():
    """<V^2 G(c, V)> over Gauss points of c, driven by a voltage and by a current, at a higher temperature."""
    device = quick()
    for unit_of_drive, drive in (("V", 0.8), ("A/m^2", 1e11), ("A", 2e-4)):
        sphere, laws = parts(device, unit_of_drive)
        space = Space(24, 4)
        junction = Junction(Generator(sphere, space), laws, Foster.of(device))
        rho = equilibrium(sphere, space, basin(sphere, np.array([0.0, 0.0, 1.0])))
        sampling, warm = Sampling(space), naive.warmer(device, 340.0, 300.0)
        weights = sampling.values(rho).mean(axis=1) * sampling.weights * 2.0 * np.pi
        each = [naive.joule(c, warm, drive, unit_of_drive) for c in sampling.z]
        assert junction.power(rho, drive, 40.0) == pytest.approx(weights @ np.array(each), rel=1e-6)
    assert junction.power(rho, 0.0, 0.0) == 0.0


def test_what_is_cheaper():
    """Nanoseconds of the signed neuron by explicit steps, a hundred of a perpendicular layer by implicit ones."""
    device = Device.preset("orthogonal")
    sphere, laws = parts(device, "A/m^2")
    junction = Junction(Generator(sphere, Space(160, 16)), laws, Foster.of(device))
    assert cheaper(junction, (np.array([0.0, 2e-9]), np.array([1e12, 1e12])), 1e-4) == "explicit"
    junction, start = start_of(tilted(), Space(36, 12))
    corners = np.array([0.0, 2e-9, 1e-7]), np.array([0.0, -0.5, -0.5])
    assert cheaper(junction, corners, 1e-3) == "implicit"
    with pytest.raises(InputError, match="method = 'euler': use one of implicit, explicit"):
        advance(junction, start, corners, corners[0][-1:], Control(1e-3), "euler")


def test_truncation_follows_the_coefficients():
    sphere, _ = parts(Device.preset("orthogonal"))
    within = basin(sphere, sphere.frame @ np.array([0.0, 0.0, 1.0]))
    space = first(sphere, within, "it")
    assert 150 < space.degree < 260
    assert 10 < space.order < 40
    assert grown(space, (0.0, 0.0), "it") is None
    assert grown(space, (0.1, 0.0), "it").order == space.order
    assert grown(space, (0.0, 0.1), "it").degree == space.degree
    assert finer(space, "it").size > space.size
    c = np.zeros(space.size)
    c[space.at(space.degree, 1)] = 1.0
    assert tails(space, c) == (1.0, 0.0)
    with pytest.raises(InputError, match=r"truncation = \(1000, 500\): the density of it needs .* use the model macro"):
        checked(1000, 500, "it")
    assert len(PARTS) == len(sphere.coefficients(Laws.of(Device.preset("orthogonal"), 300.0), 0.0, 0.0))
