"""Files that are written whole or not at all: what every writer of ours goes through."""

import os
import tempfile
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


def require_writable(path: str | os.PathLike, name: str) -> Path:
    """Make sure that a file can be written, before the work begins that is to end in it.

    Parameters
    ----------
    path : str or path
    name : str
        What the user would have to change, for the message.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    InputError
        If it is a folder, its folder does not exist, or the system refuses to write there.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise InputError(f"{name} = {path}: is a folder; give the name of a file in it")
        if not path.parent.exists():
            raise InputError(f"{name} = {path}: there is no folder {path.parent}; make it first")
        # Only the attempt tells: permissions do not bind root, and a disk may be read-only or full.
        if path.exists():
            path.open("ab").close()
        else:
            tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        raise InputError(f"{name} = {path}: cannot be written ({error.strerror}); choose another place") from error
    return path
