"""Constants: CODATA values, their signs, and plain floats for the kernels."""

import math

import pytest

from spinneuron import constants


def test_values():
    # Exact by definition of the SI.
    assert constants.kB == 1.380649e-23
    assert constants.e == 1.602176634e-19
    assert constants.hbar == pytest.approx(6.62607015e-34 / (2 * math.pi), rel=1e-9)
    # Measured; CODATA adjustments move them by less than 1e-8.
    assert constants.mu0 == pytest.approx(4e-7 * math.pi, rel=1e-8)
    assert constants.gamma_e == pytest.approx(1.76085963e11, rel=1e-8)


def test_gamma0_is_the_positive_one_for_fields_in_ampere_per_meter():
    # Printed with five digits in the documents.
    assert constants.gamma0 == pytest.approx(2.2128e5, rel=5e-5)
    assert constants.gamma0 == constants.mu0 * constants.gamma_e


def test_compiled_kernels_can_freeze_them():
    for name in ("mu0", "kB", "e", "hbar", "gamma_e", "gamma0", "mu_B"):
        assert type(getattr(constants, name)) is float
