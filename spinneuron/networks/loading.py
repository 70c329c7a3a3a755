"""From a neuron file to a PyTorch module."""

import inspect
import os
from typing import Any

from spinneuron import neuron_file
from spinneuron.networks.gaussian import GaussianNeuron
from spinneuron.networks.neurons import Neuron
from spinneuron.networks.sigmoid import SigmoidNeuron
from spinneuron.networks.signed_lif import SignedLIFNeuron
from spinneuron.quantity import InputError, nearest

MODULES: dict[str, type[Neuron]] = {
    "signed-lif": SignedLIFNeuron,
    "sigmoid": SigmoidNeuron,
    "gaussian": GaussianNeuron,
}
"""Model of a neuron file -> the module that steps it."""


def load(path: str | os.PathLike, **settings: Any) -> Neuron:
    """Make a layer of a neuron file.

    Parameters
    ----------
    path : str or path
        Of the file, or one of `neuron_file.presets`.
    **settings
        Of the module: ``n``, ``sampler``, ``generator``, ``plastic``, ``time_step``, ...

    Returns
    -------
    Neuron
        Of the class in `MODULES`.

    Raises
    ------
    InputError
        As `neuron_file.load`; and if a setting is none of this module's.
    """
    surrogate = neuron_file.load(path)
    module = MODULES[surrogate.MODEL]
    allowed = [name for kind in (module, Neuron) for name in inspect.signature(kind).parameters]
    allowed = sorted(set(allowed) - {"surrogate", "settings"})
    for name in settings:
        if name not in allowed:
            hint = f"{nearest(name, allowed)}allowed: {', '.join(allowed)}"
            raise InputError(f"{name}: no setting of a {surrogate.MODEL} neuron, {hint}")
    try:
        return module(surrogate, **settings)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
