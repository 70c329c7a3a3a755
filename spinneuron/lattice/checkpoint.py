"""Where a run of a magnet stands: `Track`, and its file: `Checkpoint`.

A run that goes on from its file has the bits of one that was never interrupted: the file holds the moments, the state
of the solver and all records, and the noise is a function of the number of the step.
"""

from __future__ import annotations

import hashlib
import json
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from spinneuron.dynamics.lattice.motion import largest_torque
from spinneuron.lattice.courses import courses, fingerprint, sample_times
from spinneuron.lattice.warmth import Warmth
from spinneuron.mesh import Mesh
from spinneuron.physics.lattice.term import Term
from spinneuron.quantity import InputError
from spinneuron.whole_file import replacing, require_writable

RECORDS = ("times", "means", "energies", "torques", "shots", "moments", "junction", "maps")
# seconds between two writes
_OFTEN = 20.0


class Moving(Protocol):
    """What a run needs to know of a magnet.

    Attributes
    ----------
    mesh : Mesh
    Ms : numpy.ndarray [A/m]
    parameters : dict of str to numpy.ndarray
    terms : dict of str to Term
    warmth : Warmth or None
    """

    mesh: Mesh
    Ms: np.ndarray
    magnetic: np.ndarray
    parameters: dict[str, np.ndarray]
    terms: dict[str, Term]
    warmth: Warmth | None

    @property
    def m(self) -> np.ndarray:
        """Moments [1], (3, nz, ny, nx)."""

    @property
    def mean(self) -> np.ndarray:
        """Mean moment [1], (3,)."""

    def observe(self, t: float = 0.0) -> tuple[dict[str, float], np.ndarray]:
        """Energy of every term that has one, and the field of all terms, each evaluated once.

        Parameters
        ----------
        t : float [s]

        Returns
        -------
        energies : dict of str to float [J]
        field : numpy.ndarray [A/m]
            (3, nz, ny, nx).
        """


@dataclass
class Track:
    """Records of a run so far, and where its solver stands.

    Attributes
    ----------
    time : float [s]
    step : int
        Of fixed steps.
    solver : tuple of float
        Of adaptive ones.
    heat : numpy.ndarray
        `Warmth.state` of a junction.
    m : numpy.ndarray [1]
        Moments, (3, nz, ny, nx): those of the magnet itself.
    times, means, energies, torques, shots, moments, junction, maps : list
        Records; ``shots``, ``moments`` and ``maps`` (`Warmth.map`) of snapshots, ``junction`` of `Warmth.record`.
    """

    m: np.ndarray
    time: float = 0.0
    step: int = 0
    solver: tuple[float, float] = (0.0, 0.0)
    heat: np.ndarray = field(default_factory=lambda: np.empty(0))
    times: list[float] = field(default_factory=list)
    means: list[np.ndarray] = field(default_factory=list)
    energies: list[list[float]] = field(default_factory=list)
    torques: list[float] = field(default_factory=list)
    shots: list[float] = field(default_factory=list)
    moments: list[np.ndarray] = field(default_factory=list)
    junction: list[np.ndarray] = field(default_factory=list)
    maps: list[np.ndarray] = field(default_factory=list)
    _held: tuple = field(default=(), init=False, repr=False)

    def hold(self) -> None:
        """Note where the run stands after a record."""
        where = {name: getattr(self, name) for name in ("time", "step", "solver", "heat")}
        self._held = self.m.copy(), where, {name: len(getattr(self, name)) for name in RECORDS}

    def back(self) -> None:
        """Return to where `hold` was called last: between two records no restart has the same bits."""
        m, where, lengths = self._held
        self.m[:] = m
        for name, value in where.items():
            setattr(self, name, value)
        for name, length in lengths.items():
            del getattr(self, name)[length:]

    @classmethod
    def start(cls, magnet: Moving, stride: int) -> Track:
        """Track of a run that begins, with its first record.

        Parameters
        ----------
        magnet : Moving
        stride : int
            Records between two snapshots; 0 for none.

        Returns
        -------
        Track
        """
        track = cls(magnet.m)
        track.record(magnet, 0, 0.0, stride)
        return track

    def record(self, magnet: Moving, sample: int, t: float, stride: int) -> None:
        """Record the magnet as it is.

        Parameters
        ----------
        magnet : Moving
        sample : int
            Number of the record.
        t : float [s]
        stride : int
        """
        self.times.append(t)
        self.means.append(magnet.mean)
        energies, h = magnet.observe(t)
        self.energies.append(list(energies.values()))
        torque = largest_torque(magnet.m.reshape(3, -1), h.reshape(3, -1))
        self.torques.append(float(torque) / float(magnet.Ms.max()))
        if magnet.warmth is not None:
            self.junction.append(magnet.warmth.record(magnet.m, t))
        if stride and sample % stride == 0:
            self.shots.append(t)
            self.moments.append(magnet.m.astype(np.float32))
            if magnet.warmth is not None and (found := magnet.warmth.map) is not None:
                self.maps.append(found.astype(np.float32))


class Checkpoint:
    """File of a run, written every 20 s and when the run is interrupted.

    Parameters
    ----------
    path : path or None
        None keeps nothing.
    magnet : Moving
    settings : dict
        All else that decides the result, but functions of time.
    span : float [s]
        Of the run, from 0 on: where functions of time are told apart. 0: there are none.

    Raises
    ------
    InputError
        If nothing can be written there.
    """

    def __init__(self, path: str | Path | None, magnet: Moving, settings: dict, span: float = 0.0) -> None:
        self.path = None if path is None else require_writable(path, "checkpoint")
        self._magnet, self._last = magnet, time.monotonic()
        mesh = magnet.mesh
        plain = [mesh.counts, mesh.cell, mesh.periodic, list(magnet.terms), settings]
        digest = hashlib.sha256(json.dumps(plain).encode())
        for name in sorted(magnet.parameters):
            digest.update(np.ascontiguousarray(magnet.parameters[name]).tobytes())
        for term in magnet.terms.values():
            # given fields that are no functions of time
            if not callable(given := getattr(term, "applied", None)):
                digest.update(np.asarray(given, dtype=float).tobytes())
        self._fingerprint, self._times = digest.hexdigest(), sample_times(span)
        self._courses = courses(magnet.terms) if span > 0.0 and path is not None else {}
        self._known = self._fingerprints(self._times)

    def _fingerprints(self, times: np.ndarray) -> dict[str, str]:
        """Of all functions of time."""
        return {name: fingerprint(one, times) for name, one in self._courses.items()}

    def write(self, arrays: Callable[[], dict[str, Any]], now: bool = False) -> None:
        """Write the file, if it is time.

        Parameters
        ----------
        arrays : callable
            What it is to hold, by name.
        now : bool
            Whether it is time in any case.
        """
        if self.path is None or not (now or time.monotonic() - self._last > _OFTEN):
            return
        with replacing(self.path) as temporary, open(temporary, "wb") as file:
            known = np.array(json.dumps(self._known))
            np.savez(file, fingerprint=np.array(self._fingerprint), known=known, seen=self._times, **arrays())
        self._last = time.monotonic()

    def read(self) -> dict[str, np.ndarray] | None:
        """Read the file.

        Returns
        -------
        dict or None
            What it holds; None where there is no file.

        Raises
        ------
        InputError
            If the file is damaged or belongs to another run.
        """
        if self.path is None or not self.path.exists():
            return None
        try:
            # opened here, as NumPy leaves a damaged file open
            with open(self.path, "rb") as opened, np.load(opened) as file:
                found = {name: file[name] for name in file.files}
            one, known, seen = str(found.pop("fingerprint")), json.loads(str(found.pop("known"))), found.pop("seen")
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            raise InputError(f"{self.path}: is no checkpoint, or a damaged one; delete it") from None
        if one != self._fingerprint:
            raise InputError(
                f"{self.path}: is the checkpoint of another run; delete it, or give the arguments of that run"
            )
        for name, here in self._fingerprints(seen).items():
            if here != known.get(name):
                raise InputError(
                    f"{self.path}: {name} is another function of time than in that run; give it the same, or delete "
                    "the file"
                )
        return found

    def save(self, track: Track, now: bool = False) -> None:
        """Write where a run stands, if it is time.

        Parameters
        ----------
        track : Track
            After a record; with ``now`` at any time, and returned to the last record.
        now : bool
            Whether it is time in any case.
        """
        if self.path is None:
            return
        if now:
            track.back()
        else:
            track.hold()

        def arrays() -> dict[str, Any]:
            where = np.array([track.time, track.step, *track.solver])
            return {"m": track.m, "where": where, "heat": track.heat} | {
                name: np.array(getattr(track, name)) for name in RECORDS
            }

        self.write(arrays, now)

    def load(self) -> Track | None:
        """Read the file and give the magnet its moments.

        Returns
        -------
        Track or None
            None where there is no file.

        Raises
        ------
        InputError
            If the file is damaged or belongs to another run.
        """
        found = self.read()
        if found is None:
            return None
        try:
            where, m, heat = (found.pop(name) for name in ("where", "m", "heat"))
        except KeyError:
            raise InputError(f"{self.path}: is no checkpoint, or a damaged one; delete it") from None
        self._magnet.m[:] = m
        records: dict[str, Any] = {name: list(values) for name, values in found.items()}
        solver = (float(where[2]), float(where[3]))
        return Track(self._magnet.m, float(where[0]), int(where[1]), solver, heat, **records)

    def remove(self) -> None:
        """Remove the file of a run that is done."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)
