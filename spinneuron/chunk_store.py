"""Finished chunks of long work on disk: written whole or not at all, read back only if they belong to it."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from pathlib import Path
from typing import Protocol

import numpy as np

from spinneuron import __version__
from spinneuron.quantity import InputError
from spinneuron.whole_file import replacing


class Work(Protocol):
    """What a store needs to know of the work that is cut into chunks."""

    @property
    def chunks(self) -> int:
        """Number of chunks."""

    def to_json(self) -> str:
        """All that decides the result, as JSON text."""

    @property
    def fingerprint(self) -> str:
        """Digest of that and of the version: chunks of other work are never mixed in."""
        return hashlib.sha256(f"{__version__} {self.to_json()}".encode()).hexdigest()[:16]


class Store:
    """Folder ``<output>.parts`` beside the output of long work.

    Parameters
    ----------
    output : path
        File that the work will write in the end.
    spec : Work
    resume : bool
        Whether chunks of an earlier run may be there.

    Raises
    ------
    InputError
        If chunks are there and ``resume`` is false, or they belong to other work, or one is damaged.
    """

    def __init__(self, output, spec: Work, resume: bool) -> None:
        self.folder = Path(f"{output}.parts")
        self.spec = spec
        self._plan = self.folder / "work.json"
        if self.folder.exists():
            if not resume:
                raise InputError(
                    f"{self.folder}: holds unfinished work; continue it with --resume, or delete the folder"
                )
            self._check()
        else:
            try:
                self.folder.mkdir()
            except OSError as fault:
                raise InputError(
                    f"{self.folder}: cannot be written ({fault.strerror}); choose another output"
                ) from fault
            with replacing(self._plan) as temporary:
                temporary.write_text(f"{spec.fingerprint}\n{spec.to_json()}\n", encoding="utf-8")

    def _check(self) -> None:
        try:
            found = self._plan.read_text().split("\n", 1)[0]
        except (OSError, UnicodeDecodeError) as fault:
            raise InputError(
                f"{self._plan}: cannot be read, so nothing can be resumed; delete {self.folder}"
            ) from fault
        if found != self.spec.fingerprint:
            raise InputError(
                f"{self.folder}: belongs to other work (other options or version); repeat its options, or delete it"
            )

    def _path(self, chunk: int) -> Path:
        return self.folder / f"chunk-{chunk:06d}.npz"

    def done(self) -> set[int]:
        """Numbers of the chunks that are there."""
        return {chunk for chunk in range(self.spec.chunks) if self._path(chunk).exists()}

    def save(self, chunk: int, arrays: dict[str, np.ndarray]) -> None:
        """Keep a finished chunk.

        Parameters
        ----------
        chunk : int
        arrays : dict of str to numpy.ndarray
        """
        fingerprint = np.array(self.spec.fingerprint)
        with replacing(self._path(chunk)) as temporary, open(temporary, "wb") as file:
            np.savez(file, allow_pickle=False, fingerprint=fingerprint, **arrays)

    def load(self, chunk: int) -> dict[str, np.ndarray]:
        """Read a chunk back.

        Parameters
        ----------
        chunk : int

        Returns
        -------
        dict of str to numpy.ndarray

        Raises
        ------
        InputError
            If the file is truncated, foreign, or of other work.
        """
        path = self._path(chunk)
        try:
            # Opened here: numpy would leave a damaged file open.
            with open(path, "rb") as raw, np.load(raw, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except (OSError, ValueError, TypeError, EOFError, KeyError, zipfile.BadZipFile) as fault:
            raise InputError(
                f"{path}: is truncated or no chunk of this work; delete this file and resume again"
            ) from fault
        if str(arrays.pop("fingerprint", "")) != self.spec.fingerprint:
            raise InputError(f"{path}: belongs to other work; delete this file and resume again")
        return arrays

    def discard(self) -> None:
        """Remove the folder, once the output is written."""
        shutil.rmtree(self.folder)
