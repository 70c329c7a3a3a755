"""The room can be named without PyTorch; what needs it says so in one line."""

import subprocess
import sys

import pytest

from spinneuron import networks

WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None
import spinneuron
from spinneuron import networks
assert networks is spinneuron.networks
for name in networks.__all__:
    try:
        getattr(networks, name)
    except spinneuron.InputError as error:
        line = str(error)
        assert line == f'networks.{name}: needs PyTorch, which is not installed; pip install "spinneuron[torch]"', line
    else:
        raise SystemExit(f"{name} needs no PyTorch")
"""


def test_missing_torch_is_told_in_one_line():
    done = subprocess.run([sys.executable, "-c", WITHOUT_TORCH], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_names():
    assert set(dir(networks)) == set(networks.__all__)
    for name in networks.__all__:
        assert getattr(networks, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        _ = networks.lod
