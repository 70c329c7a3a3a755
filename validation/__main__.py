"""`python -m validation [NAME ...] [--quick] [--output FOLDER]`: run, print, keep; exit 1 at a miss."""

from __future__ import annotations

import argparse
import sys
import time
from importlib import import_module
from pathlib import Path

from validation import VALIDATIONS
from validation.report import document, keep, plain_table

FIGURES = Path(__file__).parent / "figures"
PAGE = Path(__file__).parents[1] / "docs" / "validation.md"


def main(arguments: list[str] | None = None) -> int:
    """Run the validations named on the command line, all by default.

    Parameters
    ----------
    arguments : list of str, optional
        By default those of the process.

    Returns
    -------
    int
        0, or 1 where a tolerance is missed.
    """
    parser = argparse.ArgumentParser(
        prog="python -m validation", description="Hold the physics against its references."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(VALIDATIONS)}; all by default")
    parser.add_argument(
        "--quick", action="store_true", help="fewer trials and cases; keeps nothing unless --output is given"
    )
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER", help="for figures and summary (default: validation/figures)"
    )
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in VALIDATIONS]:
        parser.error(f"unknown {', '.join(unknown)}: use {', '.join(VALIDATIONS)}")
    folder = options.output or (None if options.quick else FIGURES)
    rows, missed = [], []
    for name in options.names or VALIDATIONS:
        module = import_module(VALIDATIONS[name])
        started = time.perf_counter()
        outcome = module.validate(options.quick)
        seconds = time.perf_counter() - started
        print(f"{name}: {module.QUESTION} [{seconds:.1f} s]", file=sys.stderr, flush=True)
        rows += [(f"{name}: {row[0]}", *row[1:]) for row in (check.row() for check in outcome.checks)]
        missed += [check for check in outcome.checks if not check.passed]
        if folder is not None:
            keep(folder, name, outcome, seconds)
    print(plain_table(rows))
    print(f"{len(rows) - len(missed)} of {len(rows)} checks passed" + (f", {len(missed)} MISSED" if missed else ""))
    if folder == FIGURES and PAGE.exists():
        document(PAGE, folder)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
