"""Files that are written whole or not at all: what every writer of ours goes through."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from spinneuron.quantity import InputError


@contextmanager
def replacing(path: str | os.PathLike) -> Iterator[Path]:
    """Write to a temporary file beside a path, which takes its place once all of it is on the disk.

    Parameters
    ----------
    path : str or path
        An existing file is replaced at the end, and stays as it was if anything fails.

    Yields
    ------
    pathlib.Path
        The temporary file, to be written and closed.

    Raises
    ------
    InputError
        If the system refuses to write there.
    """
    path = Path(path)
    # The name is new in every call, so that two writers cannot meet in one file.
    temporary = path.with_name(f".{path.name}.{token_hex(8)}")
    try:
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror or error}); choose another path") from None
    finally:
        temporary.unlink(missing_ok=True)
