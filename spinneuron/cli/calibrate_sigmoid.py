"""The branch of ``spinneuron calibrate`` for measured switching curves."""

from pathlib import Path
from typing import Any

from spinneuron.cli import options


def from_curves(
    source: str, more: dict[str, str | None], fields: dict[str, Any], output: Path | None, plot: bool
) -> None:
    """Fit a sigmoid to measured curves, and write its neuron file and figure.

    Parameters
    ----------
    source : str
        CSV with the baseline, and perhaps all states.
    more : dict
        Kind of state, "heating" or "cooling" -> CSV that must hold it, or None.
    fields : dict
        Arguments of `Sigmoid.fit` beside the curves; None for its default.
    output : Path, optional
    plot : bool

    Raises
    ------
    InputError
        If a file is wrong, a state is missing, or the curves do not determine the neuron.
    """
    from spinneuron import measured, neuron_file, plotting
    from spinneuron.plotting.measured import fitted_curves
    from spinneuron.quantity import InputError
    from spinneuron.surrogates import Sigmoid

    parts = [measured.read_curves(source)]
    for kind, file in more.items():
        if file is not None:
            parts.append(measured.read_curves(file))
            if getattr(parts[-1], kind) is None:
                column = "an amplitude" if kind == "heating" else "a delay"
                raise InputError(f"--{kind} = {file}: holds no rows with {column}; give curves after {column}")
    curves = measured.combined(parts)
    if curves.baseline is None:
        raise InputError(f"{source}: holds no baseline; add rows without amplitude and delay")
    for kind, other in (("heating", "cooling"), ("cooling", "heating")):
        if getattr(curves, kind) is None and getattr(curves, other) is not None:
            raise InputError(f"{source}: holds {other} without {kind}; add it with --{kind}, or leave {other} out")
    path = output or options.writable(Path(f"{Path(source).stem}-neuron.json"))
    figure = options.figure_beside(path, plot)
    told = {name: value for name, value in fields.items() if value is not None}
    try:
        model = Sigmoid.fit(curves.baseline, curves.heating, curves.cooling, **told)
    except InputError as error:
        raise InputError(f"{source}: {error}") from None
    neuron_file.save(path, model, provenance=measured.origin(curves) | {"options": told})
    if figure:
        plotting.save(fitted_curves(curves, model), figure)
    options.report(model, path, figure)
