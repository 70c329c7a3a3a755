"""The branches of ``spinneuron calibrate`` that make a sigmoid neuron: of measured curves, of a suite, of a device."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinneuron.cli import options

if TYPE_CHECKING:
    import xarray

    from spinneuron.measured import Curves


def read(source: str, more: dict[str, str | None]) -> "Curves":
    """Read measured curves from one file or several.

    Parameters
    ----------
    source : str
        CSV with the baseline, and perhaps all states.
    more : dict
        Kind of state, "heating" or "cooling" -> CSV that must hold it, or None.

    Returns
    -------
    Curves

    Raises
    ------
    InputError
        If a file is wrong, or does not hold what it is given for.
    """
    from spinneuron import measured
    from spinneuron.quantity import InputError

    parts = [measured.read_curves(source)]
    for kind, file in more.items():
        if file is not None:
            parts.append(measured.read_curves(file))
            if getattr(parts[-1], kind) is None:
                column = "an amplitude" if kind == "heating" else "a delay"
                raise InputError(f"--{kind} = {file}: holds no rows with {column}; give curves after {column}")
    return measured.combined(parts)


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

    curves = read(source, more)
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


def from_suite(source: str, suite: "xarray.Dataset", fields: dict[str, Any], output: Path | None, plot: bool) -> None:
    """Fit a sigmoid to a plasticity suite, and write its neuron file and figure.

    Parameters
    ----------
    source : str
        The file of the suite.
    suite : xarray.Dataset
        Of `spinneuron plasticity`.
    fields : dict
        ``components``; others must be None, since the suite has them.
    output : Path, optional
    plot : bool

    Raises
    ------
    InputError
        If it is no such dataset, or does not determine the neuron.
    """
    from spinneuron import neuron_file, plotting
    from spinneuron.plasticity import neuron, with_shifts
    from spinneuron.plotting.plasticity import overview
    from spinneuron.quantity import InputError

    if suite.attrs["kind"] != "spinneuron-plasticity":
        raise InputError(f"{source}: is a {suite.attrs['kind']}; a sigmoid needs one of `spinneuron plasticity`")
    _refuse_given(source, fields)
    path = output or options.writable(Path(f"{Path(source).stem}-neuron.json"))
    figure = options.figure_beside(path, plot)
    shifted = suite if "shift" in suite else with_shifts(suite)
    try:
        model = neuron(shifted, fields["components"] or 1)
    except InputError as error:
        raise InputError(f"{source}: {error}") from None
    neuron_file.save(path, model, provenance=neuron_file.provenance_of(suite, source))
    if figure:
        plotting.save(overview(shifted), figure)
    options.report(model, path, figure)


def from_device(source: str, fields: dict[str, Any], output: Path | None, plot: bool) -> None:
    """Fit a sigmoid to the curves of an axial device, and write its neuron file and figure.

    Parameters
    ----------
    source : str
        Preset or TOML file.
    fields : dict
        ``p_max``; others must be None.
    output : Path, optional
    plot : bool

    Raises
    ------
    InputError
        If there is no such device, the engine does not take it, or its curves do not determine the neuron.
    """
    from spinneuron import neuron_file, plotting
    from spinneuron.calibration.neuron import device_neuron
    from spinneuron.device import Device
    from spinneuron.plotting.measured import fitted_curves

    junction = Device.load(source)
    _refuse_given(source, fields | {"p_max": None})
    if fields["components"] not in (None, 1):
        _refuse_given(source, {"components": fields["components"]}, "components")
    path = output or options.writable(Path(f"{options.file_name(junction.name)}-neuron.json"))
    figure = options.figure_beside(path, plot)
    made = device_neuron(junction, p_max=fields["p_max"])
    provenance = made.provenance | {"source": f"device {junction.name}"}
    neuron_file.save(path, made.neuron, provenance=provenance)
    if figure:
        plotting.save(fitted_curves(made.curves, made.neuron), figure)
    options.report(made.neuron, path, figure)


def _refuse_given(source: str, fields: dict[str, Any], *names: str) -> None:
    """Refuse what the source has already."""
    from spinneuron.quantity import InputError

    for name in names or ("p_max", "time_step", "pulse_width"):
        if fields.get(name) is not None:
            raise InputError(f"--{name.replace('_', '-')}: {source} decides it; leave it out, or give measured curves")
