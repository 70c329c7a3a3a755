"""sweep(...): every pillar of a grid through one pulse, judged, fitted and put together as one dataset.

The work is a list of independent chunks, each a pure function of (spec, number): :func:`run_chunk` can be called by any
scheduler, in any order, in any process, and gives the same bits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache, partial
from itertools import product
from pathlib import Path

import numpy as np
import xarray as xr

from spinneuron import __version__
from spinneuron.chunk_store import Store
from spinneuron.device import Device
from spinneuron.dynamics.ensemble import Numerics, choose, run
from spinneuron.dynamics.macrospin import table
from spinneuron.dynamics.noise import FABRICATION, standard_normals
from spinneuron.geometry import Size
from spinneuron.physics.fields import Fields
from spinneuron.physics.heating import bias
from spinneuron.physics.transport import Transport
from spinneuron.simulation import rest_state
from spinneuron.surrogates.lif_fit import fit_batch
from spinneuron.window.boundaries import fit_lines
from spinneuron.window.regimes import IN_PLANE_NORMAL, REGIMES, Measures, classify, closed_form, measure, upright
from spinneuron.window.spec import DIMENSIONS, Drive, Spec, default_grid

SETTLE = 2e-9
# variable -> (unit, meaning); the order is that of the dataset
VARIABLES = {
    "regime": ("1", "regime of operation, the most frequent one where trials are many"),
    "regime_closed_form": ("1", "regime by the closed-form rule"),
    "peak": ("1", "largest magnitude of the membrane potential, mean over trials"),
    "residual": ("1", "magnitude of the membrane potential at the end of the relaxation, mean over trials"),
    "crossing_time": ("s", "from the start of the pulse to the threshold, mean over the trials that reach it"),
    "tau_membrane": ("s", "membrane time constant of the signed LIF fit, leak = 1"),
    "tau_membrane_error": ("s", "standard error of tau_membrane"),
    "gain": ("1/V", "gain of the signed LIF fit"),
    "gain_error": ("1/V", "standard error of the gain"),
    "leak": ("1", "leak of the signed LIF fit, fixed: only ratios to it can be told"),
    "fit_rmse": ("1", "root mean square misfit of the signed LIF fit"),
    "fit_r2": ("1", "R^2 of the signed LIF fit"),
    "demag_width": ("1", "demagnetizing factor along the width"),
    "demag_length": ("1", "demagnetizing factor along the length"),
    "demag_thickness": ("1", "demagnetizing factor along the thickness"),
    "easy_axis_height": ("1", "whether the rest state lies along the height"),
    "voltage": ("V", "J x RA at the plateau of the pulse, in the state of rest"),
    "over_breakdown": ("1", "whether that voltage exceeds the breakdown voltage"),
}


def _spread(spec: Spec, dimensions: np.ndarray) -> np.ndarray:
    """Dimensions of every lane (3, pillars * trials): Gaussian, cut at 4 sigma, the same deviates for every pillar."""
    lanes = np.repeat(dimensions, spec.trials, axis=1)
    deviates = np.clip(standard_normals(spec.seed, FABRICATION, 0, spec.trials, 0).astype(float), -4.0, 4.0)
    return lanes * (1.0 + spec.tolerance * np.tile(deviates.T, dimensions.shape[1]))


def run_chunk(spec: Spec, chunk: int) -> dict[str, np.ndarray]:
    """Run, judge and fit the pillars of one chunk.

    Parameters
    ----------
    spec : Spec
    chunk : int

    Returns
    -------
    dict of str to numpy.ndarray
        One array (pillars,) per variable, and ``fraction`` (pillars, 3) of the trials in each regime. The rule says
        nothing of a device with Ku2.
    """
    dimensions, trials = spec.dimensions(chunk), spec.trials
    nominal = Size.of(spec.device.geometry, *dimensions)
    u, regime, measures = _drive(spec, dimensions, nominal)
    regime = regime.reshape(-1, trials)
    fraction = np.stack([(regime == number).mean(axis=1) for number in range(len(REGIMES))], axis=-1)
    results = {"fraction": fraction, "regime": fraction.argmax(axis=-1).astype(np.int8)}
    if spec.device.Ku2 == 0.0:
        results["regime_closed_form"] = closed_form(spec, dimensions)
    for name, values in measures._asdict().items():
        results[name] = _mean(values.reshape(-1, trials))
    results |= _fit(spec, nominal, u.reshape(len(u), -1, trials).mean(axis=2))
    return results | _static(spec, nominal)


def _drive(spec: Spec, dimensions: np.ndarray, size: Size) -> tuple[np.ndarray, np.ndarray, Measures]:
    """Membrane potentials (samples + 1, lanes), regimes (lanes,) and measures of pillars under the pulse of a sweep."""
    device, trials = spec.junction, spec.trials
    if spec.tolerance > 0.0:
        size = Size.of(device.geometry, *_spread(spec, dimensions))
    rest = rest_state(Fields.of(device, size), IN_PLANE_NORMAL)
    start = np.repeat(rest, dimensions.shape[1] * trials // len(rest), axis=0)
    m = np.array(start.T, order="C")
    rows = table(device, size, spec.drive.unit, spec.temperature)
    numerics = Numerics(dt=_step(spec)) if spec.temperature > 0.0 else Numerics(tolerance=1e-6)
    kept, _, _ = run(m, rows, spec.drive.course(), trials=trials, seed=spec.seed, numerics=numerics)
    pinned = np.asarray(device.pinned)
    u = np.einsum("sil,i->sl", kept, pinned) - start @ pinned
    measures = measure(u, spec)
    return u, classify(measures.peak, measures.residual, upright(start), spec.criteria), measures


@cache
def _step(spec: Spec) -> float:
    """Time step of all pillars of a sweep [s], so that no bit depends on the chunk: safe at the corners of its grid."""
    spread = 4.0 * spec.tolerance
    ends = [(min(grid) * (1.0 - spread), max(grid) * (1.0 + spread)) for grid in (getattr(spec, n) for n in DIMENSIONS)]
    size = Size.of(spec.device.geometry, *np.array(list(product(*ends))).T)
    rows = table(spec.junction, size, spec.drive.unit, spec.temperature)
    return choose(Numerics(), rows, spec.drive.amplitude)[1]


def _judge(spec: Spec, dimensions: np.ndarray) -> np.ndarray:
    """Regimes of single deterministic runs of pillars that need not lie on the grid."""
    return _drive(spec, dimensions, Size.of(spec.device.geometry, *dimensions))[1]


def _static(spec: Spec, size: Size) -> dict[str, np.ndarray]:
    """What is known of pillars without running them."""
    rest = rest_state(Fields.of(spec.junction, size), IN_PLANE_NORMAL)
    voltage = _voltage(spec, size, rest)
    return {
        "demag_width": size.N_width,
        "demag_length": size.N_length,
        "demag_thickness": size.N_thickness,
        "easy_axis_height": upright(rest).astype(np.int8),
        "voltage": voltage,
        "over_breakdown": (voltage > spec.device.breakdown_voltage).astype(np.int8),
    }


def _mean(values: np.ndarray) -> np.ndarray:
    """Mean over the trials that have a value; NaN where none has."""
    there = np.isfinite(values)
    count = there.sum(axis=1)
    total = np.where(there, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _voltage(spec: Spec, size: Size, rest: np.ndarray) -> np.ndarray:
    """Voltage across the junction at the plateau, in its state of rest: ``V = J R(rest) area``."""
    if spec.drive.unit == "V":
        return np.full(np.shape(size.volume), abs(spec.drive.amplitude))
    cosine = rest @ np.asarray(spec.device.pinned)
    device = spec.junction
    J = abs(spec.drive.amplitude) * Transport.of(device, size, spec.drive.unit).mean
    return bias(device, J, cosine)


def _fit(spec: Spec, size: Size, u: np.ndarray) -> dict[str, np.ndarray]:
    """Signed LIF fit of every pillar's mean membrane potential (samples + 1, pillars)."""
    course = spec.drive.course()
    times = np.arange(len(u)) * course.interval
    # I R = drive x (J per drive) / (J per volt): the area of the pillar drops out
    per_volt = Transport.of(spec.junction, size, "V").mean
    scale = np.broadcast_to(Transport.of(spec.junction, size, spec.drive.unit).mean / per_volt, u.shape[1])
    fit = fit_batch(times, u.T, np.broadcast_to(course.at(times), u.T.shape), scale)
    return {
        "tau_membrane": fit.tau_membrane,
        "tau_membrane_error": fit.tau_error,
        "gain": fit.gain,
        "gain_error": fit.gain_error,
        "leak": np.ones(u.shape[1]),
        "fit_rmse": fit.rmse,
        "fit_r2": fit.r2,
    }


def specify(device: Device, **options) -> Spec:
    """Complete the options of a sweep with their defaults.

    Alone: one deterministic run per pillar at 0 K. With ``trials`` alone: at the device's temperature. With
    ``tolerance`` alone: 100 trials at 0 K. At finite temperature a run settles for 2 ns before its pulse, unless a
    ``drive`` is given.

    Parameters
    ----------
    device : Device
    **options
        Attributes of :class:`spinneuron.window.spec.Spec`, None meaning the default; dimensions left out come from
        :func:`spinneuron.window.spec.default_grid`.

    Returns
    -------
    Spec
    """
    given = {name: value for name, value in options.items() if value is not None}
    tolerance = given.get("tolerance", 0.0)
    trials = given.setdefault("trials", 100 if tolerance else 1)
    warm = trials > 1 and not tolerance
    temperature = given.setdefault("temperature", device.temperature if warm else 0.0)
    given.setdefault("drive", Drive(settle=SETTLE if temperature else 0.0))
    grid = default_grid(device, trials > 1)
    return Spec(device, **(grid | given))


def sweep(
    device: Device | Spec,
    *,
    output: str | Path | None = None,
    resume: bool = False,
    progress: Callable[[float], None] | None = None,
    runner: Callable[[Callable, Iterable[int]], Iterable] = map,
    **options,
) -> xr.Dataset:
    """Run a design-window sweep.

    Parameters
    ----------
    device : Device or Spec
    output : path, optional
        Finished chunks are kept in ``<output>.parts`` until the caller has written the dataset and calls ``discard``;
        without it nothing is kept.
    resume : bool
        Go on with the chunks that are there.
    progress : callable, optional
        Called with the fraction of the sweep done since its last call.
    runner : callable
        ``runner(function, chunks)`` yields results in the order of the chunks; ``map`` here, a scheduler's ordered map
        elsewhere.
    **options
        With a device: what :func:`specify` takes.

    Returns
    -------
    xarray.Dataset
        Dimensions width, length, thickness [m]; variables of VARIABLES, ``fraction`` (..., regime_name) and the fitted
        lines ``boundary_*`` (held, edge).

    Raises
    ------
    InputError
        If chunks of an earlier run are in the way, foreign or damaged.

    Examples
    --------
    >>> from spinneuron import Device
    >>> window = sweep(Device.preset("orthogonal"), width=[10e-9], length=[40e-9, 45e-9], thickness=[50e-9])
    >>> window.regime.values.ravel().tolist()
    [0, 1]
    """
    started = time.perf_counter()
    spec = device if isinstance(device, Spec) else specify(device, **options)
    store = Store(output, spec, resume) if output is not None else None
    done = store.done() if store else set()
    results: dict[int, dict[str, np.ndarray]] = {chunk: store.load(chunk) for chunk in sorted(done)} if store else {}
    if progress:
        progress(len(done) / spec.chunks)
    missing = [chunk for chunk in range(spec.chunks) if chunk not in done]
    for chunk, arrays in zip(missing, runner(partial(run_chunk, spec), missing), strict=True):
        if store:
            store.save(chunk, arrays)
        results[chunk] = arrays
        if progress:
            progress(1.0 / spec.chunks)
    # the majority of many trials is too noisy to be bisected
    judge = partial(_judge, spec) if spec.trials == 1 else None
    dataset = assemble(spec, [results[chunk] for chunk in range(spec.chunks)], judge)
    dataset.attrs["wall_time"] = time.perf_counter() - started
    return dataset


def preview(spec: Spec) -> xr.Dataset:
    """The window by the closed-form rule alone, in an instant.

    Parameters
    ----------
    spec : Spec

    Returns
    -------
    xarray.Dataset
        ``regime``, demagnetizing factors, voltage and fitted lines, as :func:`sweep` returns them.
    """
    chunks = []
    for chunk in range(spec.chunks):
        dimensions = spec.dimensions(chunk)
        size = Size.of(spec.device.geometry, *dimensions)
        chunks.append({"regime": closed_form(spec, dimensions)} | _static(spec, size))
    return assemble(spec, chunks, partial(closed_form, spec), engine="closed form")


def assemble(
    spec: Spec, chunks: list[dict[str, np.ndarray]], judge: Callable | None = None, engine: str = "macrospin"
) -> xr.Dataset:
    """Put finished chunks together and fit the boundaries.

    Parameters
    ----------
    spec : Spec
    chunks : list of dict of str to numpy.ndarray
        In order.
    judge : callable, optional
        Regimes of further pillars, which locates the edges between the grid points.
    engine : str

    Returns
    -------
    xarray.Dataset
    """
    coordinates = {name: (name, list(getattr(spec, name)), {"units": "m", "long_name": name}) for name in DIMENSIONS}
    dataset = xr.Dataset(coords=coordinates)
    flags = {"flag_values": np.arange(len(REGIMES), dtype=np.int8), "flag_meanings": " ".join(REGIMES)}
    for name, (unit, meaning) in VARIABLES.items():
        if name in chunks[0]:
            values = np.concatenate([chunk[name] for chunk in chunks]).reshape(spec.shape)
            dataset[name] = (DIMENSIONS, values, {"units": unit, "long_name": meaning})
            if name.startswith("regime"):
                dataset[name].attrs |= flags
    if "fraction" in chunks[0]:
        shares = np.concatenate([chunk["fraction"] for chunk in chunks]).reshape(*spec.shape, len(REGIMES))
        attrs = {"units": "1", "long_name": "fraction of the trials in each regime"}
        dataset["fraction"] = ((*DIMENSIONS, "regime_name"), shares, attrs)
        dataset = dataset.assign_coords(regime_name=list(REGIMES))
    reference = {name: getattr(spec.device, name) for name in DIMENSIONS}
    dataset = dataset.merge(fit_lines(dataset["regime"], reference, judge))
    dataset.attrs = {
        "kind": "spinneuron-window",
        "spec": spec.to_json(),
        "device": spec.device.to_json(),
        "protocol": spec.drive.protocol().to_json(),
        "seed": spec.seed,
        "trials": spec.trials,
        "temperature": spec.temperature,
        "tolerance": spec.tolerance,
        "engine": engine,
        "version": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return dataset


def agreement(dataset: xr.Dataset) -> float:
    """Fraction of the pillars on which simulation and closed-form rule agree.

    Parameters
    ----------
    dataset : xarray.Dataset
        From :func:`sweep`.

    Returns
    -------
    float [1]
    """
    return float((dataset["regime"] == dataset["regime_closed_form"]).mean())


def at_reference(dataset: xr.Dataset, **sizes: float) -> xr.Dataset:
    """The grid point nearest to given sizes.

    Parameters
    ----------
    dataset : xarray.Dataset
        From :func:`sweep` or :func:`preview`.
    **sizes : float [m]
        width, length, thickness.

    Returns
    -------
    xarray.Dataset
    """
    return dataset.sel(sizes, method="nearest")
