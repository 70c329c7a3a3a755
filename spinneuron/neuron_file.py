"""The neuron file: a surrogate with units, uncertainty, range of validity and provenance, as JSON.

docs/neuron_file.md describes the format and docs/neuron_file.schema.json defines it. The reader is strict: what it does
not know it refuses, with the file, the key, the value and the remedy in one line. A new surrogate needs no change here:
its class says its parameters and units (see `surrogates`).
"""

import json
import math
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinneuron import __version__
from spinneuron.quantity import InputError, nearest, shown
from spinneuron.surrogates import SURROGATES
from spinneuron.surrogates.fit_statistics import FitStatistics
from spinneuron.whole_file import replacing

if TYPE_CHECKING:
    import xarray

FORMAT = "spinneuron-neuron"
VERSION = 1

_SECTIONS = ("format", "version", "model", "parameters", "valid", "fit", "provenance")
_FIT = ("rmse", "r2", "n", "n_effective")
NEURONS = Path(__file__).parent / "neurons"
"""Folder of the neuron files that come with the package."""


def presets() -> tuple[str, ...]:
    """List the names of the neurons that come with the package, sorted."""
    return tuple(sorted(path.stem for path in NEURONS.glob("*.json")))


def save(path: str | os.PathLike, surrogate: Any, *, provenance: dict | None = None) -> None:
    """Write a surrogate to a neuron file, whole or not at all.

    Parameters
    ----------
    path : str or path
        An existing file is replaced.
    surrogate : object
        Of a class in `surrogates.SURROGATES`.
    provenance : dict, optional
        What JSON can hold, such as `provenance_of` a run; the version and the date are added.

    Raises
    ------
    InputError
        If the object is no surrogate, the provenance does not fit JSON, or the file cannot be written.
    """
    try:
        text = json.dumps(document(surrogate, provenance), indent=2, allow_nan=False, ensure_ascii=False) + "\n"
    except (TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"provenance: {error}; give texts, finite numbers, lists and dicts") from None
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def load(path: str | os.PathLike) -> Any:
    """Read a surrogate from a neuron file.

    Parameters
    ----------
    path : str or path
        Of the file, or one of `presets`.

    Returns
    -------
    object
        The surrogate, equal to the one that was saved.

    Raises
    ------
    InputError
        As `read`; and if the values do not make a surrogate, such as a reset beyond the threshold.
    """
    content = read(path)
    try:
        return _made(content)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def from_document(content: Any) -> Any:
    """Make the surrogate of the content of a neuron file, wherever that stands.

    Parameters
    ----------
    content : dict
        As `document` builds it.

    Returns
    -------
    object

    Raises
    ------
    InputError
        If it is no such content, or its values do not make a surrogate.
    """
    return _made(_checked(content))


def _made(content: dict) -> Any:
    """Surrogate of a checked document."""
    surrogate = SURROGATES[content["model"]]
    values, uncertainties = {}, {}
    for name, entry in content["parameters"].items():
        values[name], error = (_hashable(entry[key]) for key in ("value", "uncertainty"))
        if error is not None:
            uncertainties[name] = error
    valid = {name: (entry["min"], entry["max"]) for name, entry in content["valid"].items()}
    statistics = _statistics(content["fit"], _kind_of_fit(surrogate))
    return surrogate(**values, uncertainties=uncertainties, valid=valid, statistics=statistics)


def read(path: str | os.PathLike) -> dict:
    """Read and check a neuron file, without making the surrogate: also its fit and provenance.

    Parameters
    ----------
    path : str or path
        Of the file, or one of `presets`; a preset goes before a file of the same name.

    Returns
    -------
    dict
        The document, as docs/neuron_file.md describes it.

    Raises
    ------
    InputError
        If the file cannot be read, is no JSON, no neuron file, of another version, or holds a model, unit, name, type
        or number that the format does not allow.
    """
    file = NEURONS / f"{path}.json" if path in presets() else Path(path)
    try:
        content = json.loads(
            file.read_text(encoding="utf-8"),
            object_pairs_hook=_without_repeats,
            parse_constant=_refuse_number,
            parse_float=_finite,
        )
        return _checked(content)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give a neuron file") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is no text; give a neuron file, made by 'spinneuron calibrate'") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InputError(f"{path}: {where}: {error.msg}; no JSON, or cut off: write the file again") from None
    except RecursionError:
        raise InputError(f"{path}: is nested too deeply; give a neuron file") from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def document(surrogate: Any, provenance: dict | None = None) -> dict:
    """Build the content of a neuron file.

    Parameters
    ----------
    surrogate : object
        Of a class in `surrogates.SURROGATES`.
    provenance : dict, optional
        What JSON can hold; the version and the date are added.

    Returns
    -------
    dict
        The document; a number that is not finite is None.

    Raises
    ------
    InputError
        If the object is no surrogate.
    """
    kind = type(surrogate)
    if kind not in SURROGATES.values():
        raise InputError(f"surrogate = {kind.__name__}: no surrogate, give one of {', '.join(SURROGATES)}")
    parameters = {
        name: {"value": getattr(surrogate, name), "unit": unit, "uncertainty": surrogate.uncertainties.get(name)}
        for name, unit in kind.UNITS.items()
    }
    valid = {
        name: {"min": low, "max": high, "unit": kind.VALID_UNITS[name]} for name, (low, high) in surrogate.valid.items()
    }
    fit: dict[str, Any] = {}
    if surrogate.statistics is not None:
        fit = {key: getattr(surrogate.statistics, key, math.nan) for key in _FIT + _kind_of_fit(kind).MORE}
        fit = {key: value if math.isfinite(value) else None for key, value in fit.items()}
        names, matrix = surrogate.statistics.names, surrogate.statistics.covariance
        fit["covariance"] = {"parameters": list(names), "matrix": [list(row) for row in matrix]}
    made = {"version": __version__, "created": datetime.now(UTC).isoformat(timespec="seconds")} | (provenance or {})
    _provenance(made)
    return {
        "format": FORMAT,
        "version": VERSION,
        "model": kind.MODEL,
        "parameters": parameters,
        "valid": valid,
        "fit": fit,
        "provenance": made,
    }


def provenance_of(run: "xarray.Dataset", source: str | os.PathLike | None = None) -> dict:
    """Collect what made a dataset, for `save`.

    Parameters
    ----------
    run : xarray.Dataset
        Of ``simulate(...)``.
    source : str or path, optional
        The file it was read from; its name is kept, its folder is not.

    Returns
    -------
    dict
        ``source``, and of the attributes of the run ``device``, ``protocol``, ``seed`` and ``engine`` as JSON values.
    """
    found: dict[str, Any] = {} if source is None else {"source": Path(source).name}
    for key in ("device", "protocol"):
        if key in run.attrs:
            found[key] = json.loads(run.attrs[key])
    if "seed" in run.attrs:
        found["seed"] = int(run.attrs["seed"])
    if "engine" in run.attrs:
        found["engine"] = str(run.attrs["engine"])
    return found


def _kind_of_fit(surrogate: Any) -> type[FitStatistics]:
    """Class of the statistics of a surrogate."""
    return getattr(surrogate, "STATISTICS", FitStatistics)


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict:
    """Make an object of its pairs: JSON itself would keep the last of two equal keys."""
    content = dict(pairs)
    if len(content) < len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise InputError(f"{repeated}: stands twice, keep one")
    return content


def _refuse_number(text: str) -> None:
    raise InputError(f"{text}: a finite number is needed")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _refuse_number(text)
    return number


def _keys(content: Any, where: str, required: tuple[str, ...], allowed: tuple[str, ...] | None = None) -> dict:
    """Check that this is an object with these keys."""
    if not isinstance(content, dict):
        raise InputError(f"{where} = {shown(content)}: an object {{...}} is needed")
    for key in content:
        known = required if allowed is None else allowed
        if key not in known:
            raise InputError(f"{where}.{key}: unknown, {nearest(key, known)}allowed: {', '.join(known) or 'none'}")
    for key in required:
        if key not in content:
            raise InputError(f"{where}.{key}: is missing, add it")
    return content


def _number(value: Any, where: str, least: float = -math.inf) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InputError(f"{where} = {shown(value)}: a number is needed")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise InputError(f"{where} = {shown(value)}: a finite number is needed")
    if number < least:
        raise InputError(f"{where} = {shown(value)}: must be at least {least:g}")
    return number


def _unit(value: Any, where: str, unit: str) -> None:
    if value != unit:
        raise InputError(f"{where} = {shown(value)}: must be {shown(unit)}")


def _checked(content: Any) -> dict:
    """Check a whole document, section by section."""
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        found = shown(content.get("format")) if isinstance(content, dict) else type(content).__name__
        raise InputError(f'format = {found}: no neuron file, "{FORMAT}" is needed')
    version = content.get("version")
    if isinstance(version, bool) or version != VERSION:
        raise InputError(f"version = {shown(version)}: only {VERSION} can be read, update spinneuron or save again")
    for key in content:
        if key not in _SECTIONS:
            raise InputError(f"{key}: unknown, {nearest(key, _SECTIONS)}allowed: {', '.join(_SECTIONS)}")
    for key in _SECTIONS:
        if key not in content:
            raise InputError(f"{key}: is missing, add it")
    model = content["model"]
    if not isinstance(model, str) or model not in SURROGATES:
        allowed = ", ".join(SURROGATES)
        raise InputError(f"model = {shown(model)}: unknown, {nearest(model, SURROGATES)}allowed: {allowed}")
    kind = SURROGATES[model]
    _keys(content["parameters"], "parameters", tuple(kind.UNITS))
    for name, unit in kind.UNITS.items():
        _parameter(content["parameters"][name], f"parameters.{name}", name, unit, kind)
    for name, entry in _keys(content["valid"], "valid", (), tuple(kind.VALID_UNITS)).items():
        _keys(entry, f"valid.{name}", ("min", "max", "unit"))
        _unit(entry["unit"], f"valid.{name}.unit", kind.VALID_UNITS[name])
        for end in ("min", "max"):
            entry[end] = _number(entry[end], f"valid.{name}.{end}")
    _fit_section(content["fit"], tuple(kind.UNITS), _kind_of_fit(kind).MORE)
    _provenance(content["provenance"])
    return content


def _parameter(entry: Any, where: str, name: str, unit: str, kind: Any) -> None:
    """Check one parameter, and make its numbers floats."""
    _keys(entry, where, ("value", "unit", "uncertainty"))
    _unit(entry["unit"], f"{where}.unit", unit)
    value, uncertainty = entry["value"], entry["uncertainty"]
    if name in kind.VECTORS:
        if not isinstance(value, list) or not value:
            raise InputError(f"{where}.value = {shown(value)}: a list of numbers is needed")
        entry["value"] = [_number(item, f"{where}.value[{i}]") for i, item in enumerate(value)]
    elif value is not None or name not in kind.NULLABLE:
        entry["value"] = _number(value, f"{where}.value")
    if uncertainty is None:
        return
    if name not in kind.VECTORS:
        entry["uncertainty"] = _number(uncertainty, f"{where}.uncertainty", 0.0)
    elif not isinstance(uncertainty, list) or len(uncertainty) != len(value):
        raise InputError(
            f"{where}.uncertainty = {shown(uncertainty)}: a list of {len(value)} numbers is needed, or null"
        )
    else:
        entry["uncertainty"] = [_number(item, f"{where}.uncertainty[{i}]", 0.0) for i, item in enumerate(uncertainty)]


def _fit_section(fit: Any, parameters: tuple[str, ...], more: tuple[str, ...]) -> None:
    """Check the fit: empty for a neuron that was not fitted, else complete."""
    if fit == {}:
        return
    _keys(fit, "fit", (*_FIT, *more, "covariance"))
    for key in ("rmse", "r2", "n_effective", *more):
        if fit[key] is not None:
            fit[key] = _number(fit[key], f"fit.{key}", -math.inf if key == "r2" else 0.0)
    if not _number(fit["n"], "fit.n", 1.0).is_integer():
        raise InputError(f"fit.n = {shown(fit['n'])}: a whole number is needed")
    fit["n"] = int(fit["n"])
    covariance = _keys(fit["covariance"], "fit.covariance", ("parameters", "matrix"))
    names, matrix = covariance["parameters"], covariance["matrix"]
    if not isinstance(names, list) or len(set(map(str, names))) < len(names):
        raise InputError(f"fit.covariance.parameters = {shown(names)}: a list of different names is needed")
    for name in names:
        if name not in parameters:
            hint = f"{nearest(name, parameters)}allowed: {', '.join(parameters)}"
            raise InputError(f"fit.covariance.parameters = {shown(name)}: unknown, {hint}")
    if not isinstance(matrix, list) or any(not isinstance(row, list) for row in matrix):
        raise InputError(f"fit.covariance.matrix = {shown(matrix)}: a list of rows is needed")
    if matrix and [len(row) for row in matrix] != [len(names)] * len(names):
        raise InputError(f"fit.covariance.matrix: {len(names)} rows of {len(names)} numbers are needed, or []")
    for i, row in enumerate(matrix):
        least = [0.0 if i == j else -math.inf for j in range(len(row))]
        matrix[i] = [_number(item, f"fit.covariance.matrix[{i}][{j}]", least[j]) for j, item in enumerate(row)]


def _provenance(provenance: Any) -> None:
    """Check the two entries that every file has; the others are free."""
    if not isinstance(provenance, dict):
        raise InputError(f"provenance = {shown(provenance)}: an object {{...}} is needed")
    for key in ("version", "created"):
        if not isinstance(provenance.get(key), str):
            raise InputError(f"provenance.{key} = {shown(provenance.get(key))}: a text is needed")


def _statistics(fit: dict, kind: type[FitStatistics]) -> FitStatistics | None:
    """Make the statistics of a checked fit section."""
    if not fit:
        return None
    numbers: dict[str, Any] = {key: math.nan if fit[key] is None else fit[key] for key in (*_FIT, *kind.MORE)}
    covariance = tuple(tuple(row) for row in fit["covariance"]["matrix"])
    return kind(**numbers, names=tuple(fit["covariance"]["parameters"]), covariance=covariance)
