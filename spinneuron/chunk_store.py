"""Finished chunks on disk: written whole or not at all, read back only if they belong to the same sweep."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import numpy as np

from spinneuron.quantity import InputError
from spinneuron.whole_file import replacing
from spinneuron.window.spec import Spec


class Store:
    """Folder ``<output>.parts`` beside the output of a sweep.

    Parameters
    ----------
    output : path
        File that the sweep will write in the end.
    spec : Spec
    resume : bool
        Whether chunks of an earlier run may be there.

    Raises
    ------
    InputError
        If chunks are there and ``resume`` is false, or they belong to another sweep, or one is damaged.
    """

    def __init__(self, output, spec: Spec, resume: bool) -> None:
        self.folder = Path(f"{output}.parts")
        self.spec = spec
        self._plan = self.folder / "sweep.json"
        if self.folder.exists():
            if not resume:
                raise InputError(
                    f"{self.folder}: holds an unfinished sweep; continue it with --resume, or delete the folder"
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
                f"{self.folder}: belongs to another sweep (other options or version); repeat its options, or delete it"
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
            If the file is truncated, foreign, or of another sweep.
        """
        path = self._path(chunk)
        try:
            # Opened here: numpy would leave a damaged file open.
            with open(path, "rb") as raw, np.load(raw, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except (OSError, ValueError, TypeError, EOFError, KeyError, zipfile.BadZipFile) as fault:
            raise InputError(
                f"{path}: is truncated or no chunk of a sweep; delete this file and resume again"
            ) from fault
        if str(arrays.pop("fingerprint", "")) != self.spec.fingerprint:
            raise InputError(f"{path}: belongs to another sweep; delete this file and resume again")
        return arrays

    def discard(self) -> None:
        """Remove the folder, once the output is written."""
        shutil.rmtree(self.folder)
