"""What a validation hands back, and how it is printed, kept and put into the documentation."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = ("case", "measured", "reference", "tolerance", "deviation", "result")
NUMBERS = ("measured", "reference", "tolerance", "error")
SUMMARY = "summary.json"


@dataclass(frozen=True)
class Check:
    """One measured number beside its reference.

    Attributes
    ----------
    case : str
        What was measured, with its unit.
    measured : float
    reference : float
    tolerance : float
        Largest accepted ``|measured - reference|``; not used by bounds.
    error : float
        Standard error of ``measured``, where it has one.
    kind : str
        "within" (the tolerance), "at least" or "at most" (the reference).
    """

    case: str
    measured: float
    reference: float
    tolerance: float = math.nan
    error: float = math.nan
    kind: str = "within"

    @property
    def passed(self) -> bool:
        """Whether the measured number is accepted; what is not a number never is."""
        if self.kind == "at least":
            return bool(self.measured >= self.reference)
        if self.kind == "at most":
            return bool(self.measured <= self.reference)
        return bool(abs(self.measured - self.reference) <= self.tolerance)

    def row(self) -> tuple[str, ...]:
        """Texts of the columns of the table."""
        measured = f"{self.measured:.6g}" + ("" if math.isnan(self.error) else f" ± {self.error:.1g}")
        if self.kind != "within":
            return self.case, measured, f"{self.kind} {self.reference:.6g}", "", "", "pass" if self.passed else "MISS"
        difference = self.measured - self.reference
        deviation = f"{difference:+.1e}" if math.isnan(self.error) else f"{difference / self.error:+.1f} sigma"
        accepted = f"{self.tolerance:.1e}"
        if not math.isnan(self.error) and math.isclose(self.tolerance, 4.0 * self.error):
            accepted = "4 sigma"
        return self.case, measured, f"{self.reference:.6g}", accepted, deviation, "pass" if self.passed else "MISS"


def statistical(case: str, measured: float, error: float, reference: float) -> Check:
    """Check a mean over independent trials: within four standard errors.

    Over the hundred or so statistical checks of a full run, a right engine stays within them with 99 % probability.

    Parameters
    ----------
    case : str
    measured : float [any]
    error : float [any]
        Standard error of ``measured``.
    reference : float [any]

    Returns
    -------
    Check
    """
    return Check(case, float(measured), float(reference), 4.0 * float(error), float(error))


@dataclass(frozen=True)
class Outcome:
    """What a validation found.

    Attributes
    ----------
    checks : list of Check
    figure : matplotlib.figure.Figure
    notes : list of str
        Facts beside the checks, in Markdown.
    """

    checks: list[Check]
    figure: Figure
    notes: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether all checks passed."""
        return bool(self.checks) and all(check.passed for check in self.checks)


def plain_table(rows: Iterable[tuple[str, ...]]) -> str:
    """Align rows of texts under COLUMNS.

    Parameters
    ----------
    rows : iterable of tuple of str

    Returns
    -------
    str
    """
    table = [COLUMNS, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(COLUMNS))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in table]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def markdown_table(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Write a table in Markdown.

    Parameters
    ----------
    header : iterable of str
    rows : iterable of iterable

    Returns
    -------
    str
    """
    lines = ["| " + " | ".join(map(str, cells)) + " |" for cells in [list(header), *rows]]
    lines.insert(1, re.sub(r"[^|]+", "---", lines[0]))
    return "\n".join(lines)


def entry(outcome: Outcome, seconds: float) -> dict[str, Any]:
    """Reduce an outcome to what the summary keeps.

    Parameters
    ----------
    outcome : Outcome
    seconds : float [s]
        Run time.

    Returns
    -------
    dict
    """
    checks = [{**_jsonable(asdict(check)), "passed": check.passed} for check in outcome.checks]
    return {"passed": outcome.passed, "seconds": round(seconds, 1), "checks": checks, "notes": outcome.notes}


def _jsonable(values: dict[str, Any]) -> dict[str, Any]:
    """Numbers that JSON does not know become text, which `float` reads back."""
    return {name: str(v) if isinstance(v, float) and not math.isfinite(v) else v for name, v in values.items()}


def markdown(kept: dict[str, Any]) -> str:
    """Write the table and the notes of one entry of the summary in Markdown.

    Parameters
    ----------
    kept : dict
        From :func:`entry`, perhaps read back from a file.

    Returns
    -------
    str
    """
    rows = []
    for check in kept["checks"]:
        measured, reference, tolerance, error = map(float, (check[name] for name in NUMBERS))
        rows.append(Check(check["case"], measured, reference, tolerance, error, check["kind"]).row())
    tables = [markdown_table(COLUMNS, rows), *kept["notes"]]
    return "\n\n".join(tables)


def keep(folder: Path, name: str, outcome: Outcome, seconds: float) -> None:
    """Write the figure of a validation and its part of the summary.

    Parameters
    ----------
    folder : Path
        Made where it is missing.
    name : str
    outcome : Outcome
    seconds : float [s]
    """
    folder.mkdir(parents=True, exist_ok=True)
    for axis in outcome.figure.axes:
        axis.title.set_fontsize(9)
        axis.xaxis.label.set_fontsize(9)
        axis.yaxis.label.set_fontsize(9)
        axis.tick_params(labelsize=8, which="both")
    outcome.figure.savefig(folder / f"{name}.png", dpi=90)
    path = folder / SUMMARY
    summary = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    summary[name] = entry(outcome, seconds)
    path.write_text(json.dumps(dict(sorted(summary.items())), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def document(page: Path, folder: Path) -> None:
    """Replace the measured parts of the documentation page by those of the summary.

    A part stands between ``<!-- measured: NAME -->`` and ``<!-- end -->``.

    Parameters
    ----------
    page : Path
    folder : Path
        With the summary.
    """
    summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    text = page.read_text(encoding="utf-8")
    for name, kept in summary.items():
        mark = f"<!-- measured: {name} -->"
        pattern = re.compile(re.escape(mark) + r".*?<!-- end -->", re.DOTALL)
        part = f"{mark}\n\n{markdown(kept)}\n\n<!-- end -->"
        text = pattern.sub(lambda _, part=part: part, text)
    page.write_text(text, encoding="utf-8")
