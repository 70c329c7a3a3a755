"""The networks that the memory experiments compare: `MODELS`; and trained ones on disk.

A new network is one class with ``forward(frames, last)`` and one entry here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from spinneuron import neuron_file
from spinneuron.networks.baselines import LIFNet, RecurrentNet
from spinneuron.networks.ipnet import IPNet
from spinneuron.quantity import InputError, nearest, shown
from spinneuron.surrogates.sigmoid import Sigmoid
from spinneuron.whole_file import replacing

FORMAT, VERSION = "spinneuron-network", 2


class Model(NamedTuple):
    """A kind of network."""

    title: str
    """What it is, in one line."""
    make: Callable[..., nn.Module]
    """``(topology, neuron, n, voltage, seed)``."""
    share: float = 1.0
    """Of the iterations of IPNet, that it is trained for: those that learn fast need fewer."""
    junctions: bool = False
    """Whether it is made of the neuron of the file."""


def _ipnet(**settings: Any) -> Callable[..., nn.Module]:
    return lambda topology, neuron, n, voltage, seed: IPNet(
        topology, neuron, n=n, voltage=voltage, seed=seed, **settings
    )


def _recurrent(kind: str) -> Callable[..., nn.Module]:
    return lambda topology, neuron, n, voltage, seed: RecurrentNet(topology, kind=kind, seed=seed)


def _lif(decay_input: bool) -> Callable[..., nn.Module]:
    return lambda topology, neuron, n, voltage, seed: LIFNet(topology, decay_input=decay_input, seed=seed)


MODELS: dict[str, Model] = {
    "ipnet": Model("IPNet, plastic input layer", _ipnet(), junctions=True),
    "ipnet-hidden": Model("IPNet, plastic hidden layer", _ipnet(layer="hidden"), junctions=True),
    "ipnet-both": Model("IPNet, both layers plastic", _ipnet(layer="both"), junctions=True),
    "ipnet-fixed-reference": Model("IPNet, fixed reference", _ipnet(fixed_reference=True), junctions=True),
    "no-plasticity": Model("IPNet without plasticity", _ipnet(plastic=False), 0.3, junctions=True),
    "lstm": Model("LSTM", _recurrent("lstm"), 0.6),
    "rnn": Model("RNN, tanh", _recurrent("rnn"), 0.5),
    "lif": Model("LIF-SNN, SpikingJelly's default", _lif(True), 0.3),
    "lif-tuned": Model("LIF-SNN, input not decayed", _lif(False)),
}
"""Name on the command line -> network."""


def model_named(name: str) -> Model:
    """Find a network.

    Parameters
    ----------
    name : str
        In `MODELS`.

    Returns
    -------
    Model

    Raises
    ------
    InputError
        If there is none of this name.
    """
    if name not in MODELS:
        raise InputError(f"model = {shown(name)}: unknown, {nearest(name, MODELS)}allowed: {', '.join(MODELS)}")
    return MODELS[name]


def save_network(path: str | os.PathLike, network: nn.Module, made_of: dict[str, Any], neuron: Sigmoid) -> None:
    """Write a trained network, with the neuron that it is made of.

    Parameters
    ----------
    path : str or path
    network : torch.nn.Module
    made_of : dict
        ``model``, ``topology``, ``n``, ``voltage``, ``seed``.
    neuron : Sigmoid

    Raises
    ------
    InputError
        If it cannot be written.
    """
    text = json.dumps(neuron_file.document(neuron))
    with replacing(path) as temporary:
        torch.save(
            {"format": FORMAT, "version": VERSION, **made_of, "neuron": text, "state": network.state_dict()}, temporary
        )


def load_network(path: str | os.PathLike) -> nn.Module:
    """Read a trained network.

    Parameters
    ----------
    path : str or path
        Of a file that `save` wrote.

    Returns
    -------
    torch.nn.Module
        Its samples begin anew with its seed.

    Raises
    ------
    InputError
        If there is no such file, or it is none of ours, damaged, incomplete, or of another version.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: there is no such file")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    # bytes that are no network can end anywhere in the unpickler; each error of it means the same to the reader
    except Exception:
        raise InputError(f"{path}: is cut off or no trained network; train it again") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError(f"{path}: is no trained network of spinneuron")
    if content.get("version") != VERSION:
        raise InputError(f"{path}: version = {content.get('version')}: only version {VERSION} can be read")
    try:
        neuron = neuron_file.from_document(json.loads(content["neuron"]))
        made_of = (content[name] for name in ("n", "voltage", "seed"))
        made = model_named(content["model"]).make(tuple(content["topology"]), neuron, *made_of)
        made.load_state_dict(content["state"])
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"{path}: is no whole network ({str(error).splitlines()[0]}); train it again") from None
    return made
