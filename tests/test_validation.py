"""The validations: all registered, each with reference and tolerance; the fast ones run; the page is up to date."""

import ast
import json
import math
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import validation
from validation import VALIDATIONS, axial, report, samples
from validation.report import Check, Outcome

FOLDER = Path(validation.__file__).parent
PAGE = FOLDER.parent / "docs" / "validation.md"
FURNITURE = {"__init__", "__main__", "axial", "disc_runs", "drawing", "report", "samples"}
every_validation = pytest.mark.parametrize("name", VALIDATIONS)


def test_every_file_is_registered():
    assert {path.stem for path in FOLDER.glob("*.py")} - FURNITURE == set(VALIDATIONS)


@every_validation
def test_says_question_reference_and_tolerance(name):
    module = import_module(VALIDATIONS[name])
    assert module.__doc__
    assert module.QUESTION.endswith("?")
    assert len(module.REFERENCE) > 100
    assert len(module.TOLERANCE) > 100
    assert callable(module.validate)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_is_small(path):
    source = path.read_text()
    assert len(source.splitlines()) <= 400
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef):
            lines = function.end_lineno - function.lineno + 1 - len((ast.get_docstring(function) or "").splitlines())
            assert lines <= 60, function.name


@pytest.mark.parametrize("name", ["deterministic_switching", "precession"])
def test_fast_ones_pass(name):
    outcome = import_module(VALIDATIONS[name]).validate(quick=True)
    assert outcome.passed, report.plain_table(check.row() for check in outcome.checks)


@every_validation
def test_page_shows_what_was_kept(name):
    kept = json.loads((FOLDER / "figures" / report.SUMMARY).read_text())[name]
    page = PAGE.read_text()
    assert (FOLDER / "figures" / f"{name}.png").stat().st_size < 150_000
    assert f"../validation/figures/{name}.png" in page
    assert report.markdown(kept) in page


@pytest.mark.parametrize(
    ("check", "passed"),
    [
        (Check("within", 1.0, 1.1, 0.2), True),
        (Check("beyond", 1.0, 1.1, 0.05), False),
        (Check("no number", math.nan, 1.0, 1.0), False),
        (Check("no bound", math.nan, 1.0, kind="at least"), False),
        (Check("enough", 2.0, 1.0, kind="at least"), True),
        (Check("too much", 2.0, 1.0, kind="at most"), False),
        (report.statistical("4 sigma", 1.0, 0.1, 1.39), True),
        (report.statistical("more", 1.0, 0.1, 1.41), False),
    ],
)
def test_checks_judge(check, passed):
    assert check.passed is passed
    assert check.row()[-1] == ("pass" if passed else "MISS")


def test_an_outcome_without_checks_has_not_passed():
    assert not Outcome([], None).passed


def test_exact_statistics_agree_with_the_tables():
    # all digits of the table hold; 1e-8 is what double precision leaves of the smallest eigenvalue
    for row in samples.read("fokker_planck_eigenvalues.csv")[:4]:
        delta = float(row["Delta"])
        assert 2.0 * delta * axial.rates(delta, 60)[1] == pytest.approx(float(row["lambda"]), rel=1e-8)
    # a moment that starts in one well leaves half of itself there in the end
    assert axial.not_switched(2.0, 0.0, [1e4], 40)[0] == pytest.approx(0.5, abs=1e-9)


def test_samples_of_equilibrium():
    cosines = samples.boltzmann_cosines(lambda z: -2.0 * z * z, 100_000, seed=3)
    # exact second moment at Delta = 2; the standard error is 0.001
    assert np.mean(cosines**2) == pytest.approx(0.531265, abs=0.004)
    axis = (2.0 / 3.0, -1.0 / 3.0, 2.0 / 3.0)
    m = samples.around(axis, cosines, seed=3)
    np.testing.assert_allclose(np.linalg.norm(m, axis=1), 1.0, atol=1e-14)
    np.testing.assert_allclose(m @ np.array(axis), cosines, atol=1e-14)
    # the rest has no preferred direction: mean of 100,000 components of variance below 1/4, four standard errors
    assert np.abs((m - np.multiply.outer(cosines, axis)).mean(axis=0)).max() < 4.0 * 0.5 / math.sqrt(100_000)
