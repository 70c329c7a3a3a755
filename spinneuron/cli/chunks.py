"""Long work in chunks at the command line: what an interruption leaves, and what the end removes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def kept(path: Path, work: Any, what: str) -> Iterator[None]:
    """Say, when chunked work is interrupted, how much of it is kept and how to go on.

    Parameters
    ----------
    path : Path
        Of its output.
    work : chunk_store.Work
    what : str
        Its chunks are, in the plural.

    Raises
    ------
    KeyboardInterrupt
        With one line for the user.
    """
    from spinneuron.chunk_store import Store

    try:
        yield
    except KeyboardInterrupt:
        done = len(Store(path, work, resume=True).done())
        whole = f"{done} of {work.chunks} {what} are kept in {path}.parts"
        raise KeyboardInterrupt(f"{whole}; go on with the same command and --resume") from None


def save_whole(dataset: Any, path: Path, work: Any) -> None:
    """Write the dataset of chunked work, then remove its chunks: until then they are the only copy.

    Parameters
    ----------
    dataset : xarray.Dataset
    path : Path
    work : chunk_store.Work
    """
    from spinneuron import dataset_file
    from spinneuron.chunk_store import Store

    dataset_file.save(dataset, path)
    Store(path, work, resume=True).discard()
