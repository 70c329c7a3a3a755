"""Laws of temperature: published values, limits, and the table that kernels interpolate."""

import naive
import numpy as np
import pytest
from hypothesis import given
from strategies import devices, number

from spinneuron.device import Device
from spinneuron.physics.temperature import HOTTEST, Laws, Ratios, at, grid, law_ratios, limit, ratios
from spinneuron.quantity import InputError

DEVICE = Device.preset("parallel").replace(Ku=3e5, eps_prime=0.1, curie_temperature=900.0)
ALL = DEVICE.replace(polarization_temperature=1400.0, Ku_exponent=2.3)
LAWS = {
    "neither": DEVICE.replace(curie_temperature=None),
    "Curie": DEVICE,
    "polarization": DEVICE.replace(curie_temperature=None, polarization_temperature=1100.0),
    "both": ALL,
    "polarization ends first": ALL.replace(polarization_temperature=700.0),
}
every_law = pytest.mark.parametrize("device", LAWS.values(), ids=list(LAWS))


@every_law
@pytest.mark.parametrize("base", [1.0, 77.0, 300.0, 450.0])
def test_ratios_are_1_at_their_base(device, base):
    assert ratios(device, base, base) == Ratios(1.0, 1.0, 1.0, 1.0, 1.0)


@every_law
@pytest.mark.parametrize("base", [4.0, 300.0])
def test_ratios_go_one_way(device, base):
    """Ms, Ku and TMR fall, noise grows; Ku / Ms falls where Ku_exponent is above 1."""
    T = np.linspace(base, limit(device), 200)
    r = ratios(device, T, base)
    assert np.all(np.diff(r.noise) > 0.0)
    for name, law in (("Ms", device.curie_temperature), ("Hk", device.curie_temperature),
                      ("tmr", device.polarization_temperature)):  # fmt: skip
        slopes = np.diff(getattr(r, name))
        assert np.all(slopes < 0.0) if law is not None else np.all(slopes == 0.0)
    assert np.all((r.Ms > 0.0) & (r.tmr > 0.0) & (r.torque > 0.0))


@given(devices(), number(0.0, 500.0), number(1.0, 500.0), number(0.0, 5.0))
def test_ratios_are_those_of_the_laws(device, temperature, base, exponent):
    device = device.replace(curie_temperature=800.0, polarization_temperature=600.0, Ku_exponent=exponent)
    r = ratios(device, temperature, base)
    m, p = naive.bloch(temperature, 800.0, base), naive.bloch(temperature, 600.0, base)
    expected = (m, m ** (exponent - 1.0), p / m, np.sqrt(temperature / base / m), p * p, m**9.0)
    np.testing.assert_allclose(r, expected, rtol=1e-13)


def test_published_sizes_of_the_laws():
    """Bloch at half the Curie temperature; TMR of Shang et al.: P ~ 1 - b T^1.5, TMR ~ P^2."""
    r = ratios(ALL, 450.0, 0.0)
    assert r.Ms == pytest.approx(1.0 - 0.5**1.5, rel=1e-12)
    assert r.tmr == pytest.approx((1.0 - (450.0 / 1400.0) ** 1.5) ** 2, rel=1e-12)
    # b = Tp^-1.5 = 1.9e-5 K^-1.5, within what is measured on junctions (1e-5 to 6e-5).
    assert 1400.0**-1.5 == pytest.approx(1.9e-5, rel=0.01)


@every_law
def test_at_the_reference_nothing_changes_but_what_is_called_reference(device):
    device = device.replace(temperature=77.0)
    assert at(device, 300.0) == device.replace(temperature=300.0)


@every_law
@pytest.mark.parametrize("temperature", [10.0, 250.0, 400.0, 650.0])
def test_at_gives_the_numbers_of_a_temperature(device, temperature):
    expected = naive.warmer(device, temperature, 300.0)
    hot = at(device, temperature)
    for name in ("Ms", "Ku", "P", "eps_prime", "tmr"):
        assert getattr(hot, name) == pytest.approx(getattr(expected, name), rel=1e-13)
    assert hot.temperature == hot.reference_temperature == temperature
    names = {"Ms", "Ku", "P", "eps_prime", "tmr", "temperature", "reference_temperature"}
    assert {n for n, v in vars(hot).items() if v != vars(device)[n]} <= names


@every_law
def test_steps_of_temperature_add_up(device):
    """There and back, and in two steps: the laws are ratios, so that any temperature may be the reference."""
    direct, detour = at(device, 500.0), at(at(at(device, 350.0), 620.0), 500.0)
    for name in ("Ms", "Ku", "P", "eps_prime", "tmr"):
        assert getattr(detour, name) == pytest.approx(getattr(direct, name), rel=1e-13)


def test_limit():
    assert limit(LAWS["neither"]) == 3000.0
    assert limit(DEVICE) == pytest.approx(HOTTEST * 900.0)
    assert limit(ALL) == pytest.approx(HOTTEST * 900.0)
    assert limit(LAWS["polarization ends first"]) == pytest.approx(HOTTEST * 700.0)
    assert at(ALL, limit(ALL)).Ms < 0.05 * ALL.Ms


@pytest.mark.parametrize(
    ("device", "temperature", "message"),
    [
        (
            ALL,
            890.0,
            "temperature = 890 K: parallel is described up to 882 K, 0.98 of its Curie or polarization temperature; "
            "use a lower one",
        ),
        (LAWS["neither"], 5000.0, "temperature = 5000 K: parallel is described up to 3000 K; use a lower one"),
        (
            ALL.replace(P=0.95),
            4.0,
            "temperature = 4 K: P of parallel would be 1.054 there, above 1; use a higher temperature, a smaller P or "
            "no polarization_temperature",
        ),
        (
            ALL.replace(tmr=19.0),
            4.0,
            "temperature = 4 K: tmr of parallel would be 23.41 there, above 20; use a higher temperature, a smaller "
            "tmr or no polarization_temperature",
        ),
    ],
    ids=["Curie", "no law", "P above 1", "tmr above 20"],
)
def test_temperatures_without_a_device_are_refused(device, temperature, message):
    with pytest.raises(InputError) as caught:
        at(device, temperature)
    assert str(caught.value) == message


# Between the points of the table


def interpolated(device, ambient, temperatures):
    """What a kernel reads: linear between points, the root of the square of the noise."""
    first, step, table = grid(device, ambient)
    points = first + step * np.arange(len(table))
    columns = [np.interp(temperatures, points, column) for column in table.T]
    columns[3] = np.sqrt(columns[3])
    # Ku2 has no column: a kernel takes the power of Ms
    return Ratios(*columns, columns[0] ** (device.Ku2_exponent - 1.0))


@every_law
@pytest.mark.parametrize("ambient", [1.0, 300.0])
def test_table_starts_at_the_surroundings_and_ends_at_the_limit(device, ambient):
    first, step, table = grid(device, ambient)
    assert (first, table.shape) == (ambient, (512, 5)) and table.flags.c_contiguous
    np.testing.assert_array_equal(table[0], 1.0)
    assert first + 511 * step == pytest.approx(limit(device), rel=1e-13)


@every_law
@pytest.mark.parametrize("ambient", [1.0, 77.0, 300.0])
@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.2, 4.0])
def test_interpolation_is_as_good_as_said(device, ambient, exponent):
    device = device.replace(Ku_exponent=exponent, Ku2_exponent=exponent)
    # Without a law only the noise changes, and its square is linear.
    claims = ((0.8, 6e-5), (0.9, 3e-4), (HOTTEST, 7e-3)) if device != LAWS["neither"] else ((HOTTEST, 1e-14),)
    for share, claim in claims:
        T = np.linspace(ambient, share / HOTTEST * limit(device), 20_011)
        for got, wanted in zip(interpolated(device, ambient, T), ratios(device, T, ambient), strict=True):
            assert np.abs(got / wanted - 1.0).max() < claim


@every_law
@pytest.mark.parametrize("ambient", [1.0, 300.0])
def test_a_high_power_of_Ms_is_as_good_as_said(device, ambient):
    """The tenth power, of which a column of the table would miss 8 % at the limit."""
    for share, claim in ((0.8, 1e-4), (HOTTEST, 1e-3)):
        T = np.linspace(ambient, share / HOTTEST * limit(device), 20_011)
        assert np.abs(interpolated(device, ambient, T).Hk2 / ratios(device, T, ambient).Hk2 - 1.0).max() < claim


def test_Ku2_follows_its_power_of_Ms():
    """Callen and Callen: l (l + 1) / 2 = 10 for l = 4; another number where an interface needs it."""
    for exponent in (3.0, 10.0):
        device = ALL.replace(Ku2=4e4, Ku2_exponent=exponent)
        hot, m = at(device, 520.0), naive.bloch(520.0, 900.0, 300.0)
        assert hot.Ku2 == pytest.approx(4e4 * m**exponent, rel=1e-13)
        assert hot.Ku2 == pytest.approx(naive.warmer(device, 520.0, 300.0).Ku2, rel=1e-13)
        assert at(at(device, 610.0), 520.0).Ku2 == pytest.approx(hot.Ku2, rel=1e-13)
    assert Device.preset("parallel").Ku2_exponent == 10.0


@given(devices(), number(300.0, 800.0), number(0.0, 12.0), number(0.0, 12.0))
def test_laws_of_kernels_are_the_ratios(device, temperature, second, fourth):
    device = device.replace(curie_temperature=900.0, Ku_exponent=second, Ku2_exponent=fourth)
    found = law_ratios(temperature, Laws.of(device, 300.0))
    np.testing.assert_allclose(found, ratios(device, temperature, 300.0), rtol=1e-11)


def test_interpolation_is_not_better_than_said():
    """So that the words are kept true: the steepest law, from the coldest surroundings."""
    device = DEVICE.replace(Ku_exponent=4.0)
    for share, found in ((0.8, 5e-5), (0.9, 2e-4), (HOTTEST, 6e-3)):
        T = np.linspace(1.0, share / HOTTEST * limit(device), 20_011)
        assert np.abs(interpolated(device, 1.0, T).Hk / ratios(device, T, 1.0).Hk - 1.0).max() > found
