"""Many replicas of one small magnet in their thermal fields: `Ensemble`, the parallel counterpart of `Stochastic`.

A thread takes a block of replicas, one register of them, and walks through all steps of a call with it; steps are those
of `stochastic`, replica i has the noise of trial i there. No replica sees another, and no bit depends on the number of
replicas or threads, nor on how the steps are cut into calls.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import config, get_thread_id, uint32

from spinneuron.compiled import kernel, parallel_kernel, prange
from spinneuron.dynamics.lattice.lanes_demag import demag_lanes
from spinneuron.dynamics.lattice.lanes_plan import Plan
from spinneuron.dynamics.lattice.replica_fields import Further, add_further, reduced_to
from spinneuron.dynamics.lattice.replica_steps import push, slope_first, slope_second, turn_half, turn_whole
from spinneuron.dynamics.lattice.replicas import (
    COSINE,
    DOUBLES,
    ROWS,
    SIGMA,
    TMR,
    Body,
    Space,
    conduct,
    follow,
    magnetize,
    renew,
)  # fmt: skip
from spinneuron.dynamics.lattice.stochastic import SCHEMES
from spinneuron.dynamics.noise import THERMAL, cell_normals
from spinneuron.physics.heating import Foster
from spinneuron.physics.lattice.junction import Contact, electric
from spinneuron.registers.vectors import aligned, width

WINDOW = 16
"""Steps between two renewals of the temperature."""
THREE_STAGE, SEMI_IMPLICIT = (list(SCHEMES).index(name) for name in ("three-stage", "semi-implicit"))
# numbers of a loop of noise, a multiple of every register: always whole, so that there is no remainder
CHUNK = 128
# seconds that a call may take, so that Ctrl-C is heard and progress is seen
_CALL = 0.3
# bytes of courses that a call may take
_MOST = 2**25
# Numba makes its settings at run time, out of the sight of type checkers.
_config: Any = config


class Call(NamedTuple):
    """Numbers of one call.

    Attributes
    ----------
    step : int
        Of the first step since the waveform began, which decides when the heat is renewed.
    noise : int
        Of the same step, which selects its noise.
    trial : int
        Of the first replica, which selects its noise.
    seed : int
    dt : float [s]
    scheme : int
        A place in `stochastic.SCHEMES`.
    hot : bool
        Whether there is noise.
    """

    step: int
    noise: int
    trial: int
    seed: int
    dt: float
    scheme: int
    hot: bool


@kernel
def draw(noise, cells, who, count, seed):
    """Normal numbers of a step: three rows of ``noise``, by the cell and the trial of each place in a row."""
    low, high = uint32(count & 0xFFFFFFFF), uint32(count >> 32)
    key, lock, row = uint32(seed & 0xFFFFFFFF), uint32(seed >> 32), len(cells)
    for first in range(0, row, CHUNK):
        x, y, z = noise[first:], noise[row + first :], noise[2 * row + first :]
        cell = cells[first:]
        for i in range(CHUNK):
            x[i], y[i], z[i] = cell_normals(who[i], low, high, cell[i], key, lock, uint32(THERMAL))


@kernel
def sum_up(space, moments, drive, course, body, further, plan, scratch):
    """Leave behind what the fields of all cells need together: junctions, demagnetizing field; and further fields.

    ``further`` may be None: then nothing of them is compiled.
    """
    conduct(space, moments, drive, body)
    if body.cells.demag:
        magnetize(moments, space.M, space.now, body)
        space.h[:] = 0.0
        demag_lanes(space.M, space.h, scratch, plan)
    if further is not None:
        if not body.cells.demag:
            space.h[:] = 0.0
        add_further(space, moments, course, body, further)


@kernel
def walk(space, heat, drive, courses, who, call, body, further, plan, scratch):
    """Take a block through all steps of ``courses`` (steps, stages, columns); drive holds all quarters of the steps."""
    follow(heat, space, body)
    for step in range(len(courses)):
        if call.hot:
            draw(space.noise, body.cells.counters, who, call.noise + step, call.seed)
        now, course = drive[4 * step : 4 * step + 5], courses[step]
        sum_up(space, space.m, now[0], course[0], body, further, plan, scratch)
        if call.scheme == THREE_STAGE:
            push(space, space.m, space.inner, 0.25, call.dt, body)
            sum_up(space, space.inner, now[1], course[1], body, further, plan, scratch)
            push(space, space.inner, space.further, 0.5, call.dt, body)
            sum_up(space, space.further, now[2], course[2], body, further, plan, scratch)
            push(space, space.further, space.m, 1.0, call.dt, body)
        elif call.scheme == SEMI_IMPLICIT:
            turn_half(space, call.dt, body)
            sum_up(space, space.inner, now[2], course[1], body, further, plan, scratch)
            turn_whole(space, call.dt, body)
        else:
            slope_first(space, call.dt, body)
            sum_up(space, space.inner, now[4], course[1], body, further, plan, scratch)
            slope_second(space, call.dt, body)
        if heat.shape[0] > 1 and (call.step + step + 1) % WINDOW == 0:
            renew(heat, space, now[4], body)


@parallel_kernel
def advance(m, heat, clock, drive, courses, call, cells, torques, contact, laws, further, plan, spaces, scratch):
    """Walk with all blocks: m (blocks, 3 cells lanes), heat (blocks, 1 + poles, lanes); ``spaces`` has a row a thread.

    ``clock`` counts the steps here, so that no interrupt comes between them and it.
    """
    for block in prange(len(m)):
        mine, lanes = get_thread_id(), heat.shape[2]
        who = np.empty(CHUNK, np.uint32)
        for i in range(CHUNK):
            who[i] = uint32(call.trial + block * lanes + i % lanes)
        space = Space(
            *(m[block], spaces.inner[mine], spaces.further[mine], spaces.M[mine], spaces.h[mine]),
            *(spaces.noise[mine], spaces.c[mine], spaces.now[mine], spaces.doubles[mine]),
        )
        body = Body(cells, torques, contact, laws)
        walk(space, heat[block], drive, courses, who, call, body, further, plan, scratch[mine])
    clock[0] += len(courses)


@kernel
def observe(m, heat, drive, body, spaces, out):
    """What each junction does under ``drive``: voltage, current, power, mean of m.p, into (blocks, 4, lanes)."""
    for block in range(len(m)):
        space = Space(
            *(m[block], spaces.inner[0], spaces.further[0], spaces.M[0], spaces.h[0]),
            *(spaces.noise[0], spaces.c[0], spaces.now[0], spaces.doubles[0]),
        )
        follow(heat[block], space, body)
        conduct(space, space.m, drive, body)
        for i in range(heat.shape[2]):
            cosine, contact = space.doubles[COSINE, i], body.contact
            warm = Contact(contact.parallel, contact.tmr * space.doubles[TMR, i], contact.roll, contact.area)
            voltage, power, mean, swing = electric(drive, body.cells.kind, cosine, warm)
            out[block, 0, i], out[block, 1, i] = voltage, voltage * (mean + swing * cosine) * contact.area
            out[block, 2, i], out[block, 3, i] = power, cosine


class Ensemble:
    """Moves replicas of a magnet with steps of fixed length.

    Parameters
    ----------
    body : Body
        In double precision, with sigma of steps of 1 s.
    plan : Plan
        Of the demagnetizing field, of one register of replicas; its precision is that of the moments.
    foster : Foster
        Heat path of the junction, maybe without poles.
    scheme : str
        A name in `stochastic.SCHEMES`.
    dt : float [s]
        Length of a step.
    trials : int
    first : tuple of int
        Numbers of the first trial and of the first step, which select the noise.
    seed : int
    further : tuple of Further and callable, optional
        Fields in double precision, and the row of their courses at a time [s] since the waveform began.

    Attributes
    ----------
    m : numpy.ndarray [1]
        (blocks, cells, 3, lanes); may be written to.
    heat : numpy.ndarray
        (blocks, 1 + poles, lanes): power [W] and rise of each pole [K]; may be written to.
    clock : numpy.ndarray of int
        (1,): steps since the waveform began; may be written to.
    """

    def __init__(
        self,
        body: Body,
        plan: Plan,
        foster: Foster,
        *,
        scheme: str,
        dt: float,
        trials: int,
        first: tuple[int, int] = (0, 0),
        seed: int = 0,
        further: tuple[Further, Callable[[float], np.ndarray]] | None = None,
    ) -> None:
        dtype = plan.factors.dtype
        lanes, threads, given = width(dtype), int(_config.NUMBA_NUM_THREADS), body.cells
        cells, table = len(given.sites), given.table.copy()
        table[:, SIGMA] /= np.sqrt(dt)
        counters = np.resize(np.repeat(given.sites, lanes), -(-cells * lanes // CHUNK) * CHUNK).astype(np.uint32)
        reduced = given._replace(
            counters=counters,
            links=given.links.astype(dtype),
            table=table.astype(dtype),
            weight=given.weight.astype(dtype),
            windows=foster.windows(WINDOW * dt),
        )
        self._body = body._replace(cells=reduced)
        place, hot = list(SCHEMES).index(scheme), bool(table[:, SIGMA].any())
        self._call = Call(0, first[1], first[0], seed, dt, place, hot)
        self._plan, self.trials, self.dt = plan, trials, dt
        self._further = None if further is None else reduced_to(dtype, further[0])
        self._course = (lambda t: np.empty(0)) if further is None else further[1]
        self._stages = dt * np.array(SCHEMES[scheme].stages)
        self._most = max(1, _MOST // (8 * len(self._stages) * (1 + len(self._course(0.0)))))
        blocks = -(-trials // lanes)
        self.m = aligned((blocks, cells, 3, lanes), dtype)
        self.clock = np.zeros(1, np.int64)
        self.heat = np.zeros((blocks, 1 + len(foster.times), lanes))
        moments, lattice = 3 * cells * lanes, 3 * given.size * lanes
        sizes = (0, moments, moments * (place != SEMI_IMPLICIT), lattice * given.demag, lattice, 3 * len(counters))
        arrays = [aligned((threads, size), dtype) for size in (*sizes, given.columns * lanes)]
        arrays += [aligned((threads, ROWS, lanes), dtype), np.zeros((threads, DOUBLES, lanes))]
        self._spaces = Space(*arrays)
        self._scratch = aligned((threads, plan.size * given.demag), dtype)
        self._pace = 0.0

    @property
    def step(self) -> int:
        """Steps since the waveform began."""
        return int(self.clock[0])

    def by_trial(self, found: np.ndarray) -> np.ndarray:
        """Bring the trials of an array of blocks to the front.

        Parameters
        ----------
        found : numpy.ndarray
            (blocks, ..., lanes).

        Returns
        -------
        numpy.ndarray
            (trials, ...).
        """
        front = np.moveaxis(found, -1, 1)
        return front.reshape(-1, *front.shape[2:])[: self.trials]

    def in_blocks(self, given: np.ndarray, out: np.ndarray) -> None:
        """Write trials into an array of blocks; copies of the last one fill it up.

        Parameters
        ----------
        given : numpy.ndarray
            (trials, ...).
        out : numpy.ndarray
            (blocks, ..., lanes).
        """
        which = np.minimum(np.arange(len(out) * out.shape[-1]), self.trials - 1).reshape(len(out), -1)
        out[:] = np.moveaxis(given[which], 1, -1)

    def go(
        self, steps: int, drive: Callable[[np.ndarray], np.ndarray], told: Callable[[int], None] | None = None
    ) -> None:
        """Take steps.

        Parameters
        ----------
        steps : int
        drive : callable
            Values of the drive at times [s] since the waveform began.
        told : callable, optional
            Called with the number of steps taken since its last call.
        """
        left = steps
        while left:
            count = min(left, self._most, max(1, int(_CALL * self._pace)) if self._pace else 1)
            quarters = np.arange(4 * self.step, 4 * (self.step + count) + 1)
            # a copy that may be written to: for others the kernel would be compiled anew
            values, courses = np.array(drive(0.25 * self.dt * quarters), dtype=float), self._courses(count)
            call = self._call._replace(step=self.step, noise=self._call.noise + self.step)
            started = time.perf_counter()
            moments = self.m.reshape(len(self.m), -1)
            advance(
                *(moments, self.heat, self.clock, values, courses, call, *self._body, self._further),
                *(self._plan, self._spaces, self._scratch),
            )
            # a first call may have had to be compiled
            self._pace = min(count / (time.perf_counter() - started), 10.0 * (self._pace or np.inf))
            left -= count
            if told:
                told(count)

    def _courses(self, count: int) -> np.ndarray:
        """Rows of courses of the next steps: (steps, stages, columns)."""
        if self._further is None:
            return np.zeros((count, len(self._stages), 0))
        # by the rounding of `Stochastic`: a course may be a step
        starts = [step * self.dt for step in range(self.step, self.step + count)]
        return np.array([[self._course(start + share) for share in self._stages.tolist()] for start in starts])

    def observe(self, drive: float) -> np.ndarray:
        """Look at the junctions.

        Parameters
        ----------
        drive : float [V, A or A/m^2]

        Returns
        -------
        numpy.ndarray
            (trials, 4): voltage [V], current [A], power [W], mean of m.p.
        """
        out = np.empty((len(self.m), 4, self.m.shape[-1]))
        observe(self.m.reshape(len(self.m), -1), self.heat, float(drive), self._body, self._spaces, out)
        return self.by_trial(out)
