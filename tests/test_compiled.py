"""Compilation: caches of other sources are never used, vectors have full width, and settings do not mix."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from numba.core.codegen import get_host_cpu_features

import spinneuron

CALLEE = """
from spinneuron.compiled import inline

@inline
def factor():
    return {value}
"""
CALLER = """
import numpy as np
from spinneuron.callee import factor
from spinneuron.compiled import kernel

@kernel
def scale(a, b, out):
    for i in range(out.size):
        out[i] = factor() * a[i] * b[i] + out[i]
"""
REPORT = """
import numpy as np
from spinneuron.caller import scale
out = np.zeros(64)
scale(np.ones(64), np.ones(64), out)
print(out[0], sum(scale.stats.cache_hits.values()), "zmm" in scale.inspect_asm(scale.signatures[0]))
"""


@pytest.fixture
def package(tmp_path):
    """A package of one kernel and its callee, around the real `compiled`."""
    root = tmp_path / "spinneuron"
    root.mkdir()
    for name in ("__init__.py", "compiled.py"):
        shutil.copy(Path(spinneuron.__file__).parent / name, root)
    (root / "callee.py").write_text(CALLEE.format(value=2.0))
    (root / "caller.py").write_text(CALLER)
    return root


def run(package, **environment):
    """Run the kernel in a fresh process: its result, the cache hits, whether it uses 512-bit registers."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    # Without bytecode files: Python compares seconds and sizes only, which an edit within a second may keep.
    clean |= {"PYTHONPATH": str(package.parent), "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(package.parent)}
    done = subprocess.run(
        [sys.executable, "-c", REPORT], env=clean | environment, cwd=package.parent, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    value, hits, wide = done.stdout.split()
    return float(value), int(hits), wide == "True"


def edit_callee(package, value):
    """Change the callee, with a time before the caches, as an installer or `rsync -a` would."""
    (package / "callee.py").write_text(CALLEE.format(value=value))
    os.utime(package / "callee.py", (1e9, 1e9))


@pytest.mark.parametrize("folder", ["", "elsewhere"])
def test_edited_callee_is_noticed(package, folder):
    environment = {"NUMBA_CACHE_DIR": str(package.parent / folder)} if folder else {}
    assert run(package, **environment)[:2] == (2.0, 0)
    assert run(package, **environment)[:2] == (2.0, 1)
    edit_callee(package, 3.0)
    assert run(package, **environment)[:2] == (3.0, 0)


def test_without_the_dropping_an_edited_callee_goes_unnoticed(package):
    """Should this fail, numba has mended its issue 1833 and `drop_stale_caches` can go."""
    source = (package / "compiled.py").read_text()
    assert "_KEEP = drop_stale_caches()" in source
    (package / "compiled.py").write_text(source.replace("_KEEP = drop_stale_caches()", "_KEEP = True"))
    assert run(package)[:2] == (2.0, 0)
    edit_callee(package, 3.0)
    assert run(package)[:2] == (2.0, 1)


def test_full_width_exactly_where_the_processor_has_it_and_caches_apart(package):
    features = get_host_cpu_features()
    has_it = "+avx512f" in features.split(",")
    narrow = {"NUMBA_CPU_FEATURES": features + ",+prefer-256-bit"}
    assert run(package) == (2.0, 0, has_it)
    assert run(package, **narrow) == (2.0, 0, False)
    # Code from the cache cannot be inspected, but each setting finds its own.
    assert run(package)[:2] == (2.0, 1)
    assert run(package, **narrow)[:2] == (2.0, 1)


def test_without_a_place_for_caches_kernels_still_run(package):
    # A file where numba would have its folder: no permission binds root, this does.
    (package / "__pycache__").write_text("in the way")
    (package.parent / ".cache").write_text("in the way")
    environment = {"XDG_CACHE_HOME": str(package.parent / ".cache")}
    assert run(package, **environment)[:2] == (2.0, 0)
    assert (package / "__pycache__").read_text() == "in the way"


def test_kernels_run_without_compilation(package):
    report = "from spinneuron.caller import scale; import numpy as np; a = np.ones(2); scale(a, a, a); print(a[1])"
    environment = os.environ | {"PYTHONPATH": str(package.parent), "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(
        [sys.executable, "-c", report], env=environment, cwd=package.parent, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("3.0\n", "")


@pytest.mark.parametrize(("given", "expected"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_threads_sleep_unless_the_user_wants_them_awake(given, expected):
    clean = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    if given is not None:
        clean["OMP_WAIT_POLICY"] = given
    report = "import os, spinneuron.compiled; print(os.environ['OMP_WAIT_POLICY'])"
    done = subprocess.run([sys.executable, "-c", report], env=clean, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == expected
