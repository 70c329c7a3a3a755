"""What all tests share: no display, and property tests that draw the same examples every time."""

import os

from hypothesis import settings

# Before anything imports matplotlib: continuous integration has no screen.
os.environ.setdefault("MPLBACKEND", "Agg")

# A busy machine must not fail a test by its clock, and a failure must be the same for everybody.
settings.register_profile("deterministic", derandomize=True, deadline=None, database=None)
settings.load_profile("deterministic")
