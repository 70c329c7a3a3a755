"""How kernels are compiled: the decorators of every kernel module, and the settings that must be in force before.

A kernel module says ``from spinneuron.compiled import inline, kernel`` and never takes a decorator from numba itself.
Importing this module drops compiled code that other sources made, lets LLVM use the full width of the vector registers,
and lets idle threads sleep; all three must happen before the first kernel is loaded or compiled.

- ``@kernel``: called from Python; compiled once, kept on disk.
- ``@parallel_kernel``: the same with ``prange`` over trials or cells.
- ``@inline``: a small function of floats that kernels call; it becomes part of each of them.
"""

import os
from hashlib import blake2b
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import FunctionType
from typing import Any

from numba import config, njit, prange
from numba.core.caching import FunctionCache
from numba.core.codegen import get_host_cpu_features

__all__ = ["inline", "kernel", "njit", "parallel_kernel", "prange"]

# Numba makes its settings at run time, out of the sight of type checkers.
_config: Any = config
_PACKAGE = Path(__file__).resolve().parent
_STAMP = "spinneuron.sources"


def _cache_folder(source: Path) -> Path | None:
    """Ask numba where it keeps the compiled functions of a source file; None where it finds no place."""
    resident = FunctionType(_cache_folder.__code__.replace(co_filename=str(source)), {})
    try:
        return Path(FunctionCache(resident).cache_path)
    except RuntimeError:
        return None


def drop_stale_caches() -> bool:
    """Delete our compiled kernels where any source of the package has changed since they were made.

    Numba looks at the file of a kernel alone, not at the functions it calls (numba issue 1833), so that a corrected
    torque would go unnoticed. Contents are compared, not times: ``rsync -a`` and installers bring files that are older
    than the caches of the version before.

    Returns
    -------
    bool
        Whether kernels can be kept on disk at all.
    """
    # An editor may leave a link to nowhere beside a file that it has open.
    sources = {path: path.read_bytes() for path in sorted(_PACKAGE.rglob("*.py")) if path.is_file()}
    digest = blake2b()
    for path, content in sources.items():
        digest.update(b"%s\0%d\0%s" % (str(path.relative_to(_PACKAGE)).encode(), len(content), content))
    with_kernels = {path.parent: path for path, content in sources.items() if b"spinneuron.compiled" in content}
    folders = {_cache_folder(path) for path in with_kernels.values()}
    for folder in folders:
        if folder is not None:
            _drop_unless(folder, digest.hexdigest())
    return None not in folders


def _drop_unless(folder: Path, stamp: str) -> None:
    """Empty one cache folder, unless it bears the stamp, and stamp it."""
    mark = folder / _STAMP
    try:
        if mark.is_file() and mark.read_text() == stamp:
            return
        # Other processes may do the same now. An index whose data are gone is a miss, so the indices go last; and the
        # stamp appears whole, when all is done.
        for pattern in ("*.nbc", "*.nbi"):
            for path in folder.glob(pattern):
                path.unlink(missing_ok=True)
        with NamedTemporaryFile("w", dir=folder, prefix=_STAMP, delete=False) as file:
            file.write(stamp)
        os.replace(file.name, mark)
    except OSError as error:
        raise OSError(f"compiled code of another version cannot be removed from {folder}: {error}") from error


def full_width_vectors() -> None:
    """Let LLVM use 512-bit registers where the processor has them, unless the user chose the features.

    LLVM prefers 256 bits on these processors, for the sake of code with rare vector instructions; ours has little else
    and loses a factor 1.5. The features are part of numba's cache key, so that both kinds of code live side by side.
    """
    features = get_host_cpu_features()
    if _config.CPU_FEATURES is None and _config.CPU_NAME is None and "+avx512f" in features.split(","):
        _config.CPU_FEATURES = features + ",-prefer-256-bit"


def sleeping_threads() -> None:
    """Let threads of OpenMP sleep while they wait, unless the user chose otherwise.

    By default they spin: three parallel kernels of together 0.3 ms took 60 ms on two processors with something else on
    one of them, and 0.4 ms asleep. OpenMP reads this once, when the first parallel kernel loads it.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


_KEEP = drop_stale_caches()
full_width_vectors()
sleeping_threads()

# Contraction of a*b + c into one instruction rounds once instead of twice. It is the only liberty that is given: it
# neither reorders sums nor assumes that NaN is absent, and as blocks of lanes are always padded to their full width,
# a trajectory meets the same instructions, hence gets the same bits, in an ensemble of any size.
_FLAGS: dict[str, Any] = {"error_model": "numpy", "fastmath": {"contract"}}

kernel = njit(cache=_KEEP, **_FLAGS)
parallel_kernel = njit(cache=_KEEP, parallel=True, **_FLAGS)
inline = njit(forceinline=True, **_FLAGS)
