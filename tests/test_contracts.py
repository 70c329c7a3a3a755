"""Contracts: docstrings say what signatures say, their examples run, and registries hold what they promise."""

import ast
import doctest
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import spinneuron
from spinneuron.geometry import GEOMETRIES

PACKAGE = Path(spinneuron.__file__).parent
# One line with the equation is enough for a kernel: its arguments are the symbols in it.
KERNELS = {"kernel", "parallel_kernel", "inline", "njit"}
UNIT = re.compile(r"\[[^\]]+\]")
# What a class does for another one in its own way is described there: "Add the field: see `Term`."
DESCRIBED_THERE = re.compile(r".*: see `\w+`\.")


def _name(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


PATHS = {_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
every_module = pytest.mark.parametrize("name", PATHS)


def section(docstring, title):
    """Entries of a numpydoc section: name -> type slot; ``width, length : float [m]`` are two."""
    lines = docstring.splitlines()
    starts = [i for i, line in enumerate(lines[:-1]) if line == title and set(lines[i + 1]) == {"-"}]
    entries = {}
    for line in lines[starts[0] + 2 :] if starts else []:
        if re.fullmatch("-{3,}", line):
            # The underline of the next section: the line before it was a title.
            entries.popitem()
            break
        if line and not line.startswith(" "):
            names, _, slot = line.partition(" : ")
            entries |= {name.strip().lstrip("*"): slot for name in names.split(",")}
    return entries


def decorators(node):
    targets = [target.func if isinstance(target, ast.Call) else target for target in node.decorator_list]
    return {ast.unparse(target).rpartition(".")[2] for target in targets}


def signature(function, method):
    """Name -> annotation of the arguments that a caller gives."""
    given = function.args
    arguments = [*given.posonlyargs, *given.args, *filter(None, [given.vararg]), *given.kwonlyargs]
    arguments += filter(None, [given.kwarg])
    if method and "staticmethod" not in decorators(function):
        arguments = arguments[1:]
    return {argument.arg: ast.unparse(argument.annotation or ast.Constant("")) for argument in arguments}


def is_float(annotation):
    """Whether an annotation is a number: ``float | None`` is, a tuple or a callable of them is not."""
    return "float" in re.sub(r"\[.*\]", "", annotation)


def compare(where, documented, wanted):
    """What is wrong with a list of parameters."""
    if list(documented) != list(wanted):
        return [f"{where}: documents ({', '.join(documented)}), takes ({', '.join(wanted)})"]
    without = [name for name in wanted if is_float(wanted[name]) and not UNIT.search(documented[name])]
    return [f"{where}: no [unit] in the type slot of {name}" for name in without]


def function_faults(function, where, method=False):
    docstring = ast.get_docstring(function)
    if docstring is None:
        return [f"{where}: no docstring"]
    marks = decorators(function)
    # A property has no arguments; those of a command are documented by its options.
    if marks & (KERNELS | {"property", "cached_property", "overload", "command", "group"}):
        return []
    if method and DESCRIBED_THERE.fullmatch(docstring):
        return []
    return compare(where, section(docstring, "Parameters"), signature(function, method))


def class_faults(node, where):
    docstring = ast.get_docstring(node)
    if docstring is None:
        return [f"{where}: no docstring"]
    faults = []
    methods = [item for item in node.body if isinstance(item, ast.FunctionDef)]
    makers = [item for item in methods if item.name == "__init__"]
    if makers:
        faults += compare(where, section(docstring, "Parameters"), signature(makers[0], method=True))
    # What click asks its types and groups to have is documented by click.
    if not any(ast.unparse(base).startswith("click.") for base in node.bases):
        public = [item for item in methods if not item.name.startswith("_")]
        faults += [fault for item in public for fault in function_faults(item, f"{where}.{item.name}", method=True)]
    targets = [item.target for item in node.body if isinstance(item, ast.AnnAssign)]
    fields = {target.id for target in targets if isinstance(target, ast.Name)}
    for title in ("Parameters", "Attributes"):
        listed = set(section(docstring, title))
        if fields and listed and not makers and not listed <= fields | {item.name for item in methods}:
            faults.append(f"{where}: {title} lists {sorted(listed - fields)}, which are no fields")
    return faults


def faults_of(source, name="module"):
    """All that is wrong with the docstrings of a module's text."""
    tree = ast.parse(source)
    faults = [] if ast.get_docstring(tree) else [f"{name}: no docstring"]
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            faults += function_faults(node, f"{name}.{node.name}")
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            faults += class_faults(node, f"{name}.{node.name}")
    return faults


@every_module
def test_docstrings_say_what_signatures_say(name):
    faults = faults_of(PATHS[name].read_text(), name)
    assert not faults, "\n".join(faults)


RIGHT = '''"""Module."""
def energy(device, width: float | None = None, *, trials: int = 1):
    """Compute it.

    Parameters
    ----------
    device : Device
    width : float [m]
        Short axis.
    trials : int

    Returns
    -------
    float
    """
'''


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("", "", None),
        ("    trials : int\n", "", "takes (device, width, trials)"),
        ("device : Device", "devise : Device", "documents (devise, width, trials)"),
        ("float [m]", "float", "no [unit] in the type slot of width"),
        ("def energy", "@kernel\ndef energy", None),
        ("    device : Device\n    width : float [m]", "    device, width : Device, float [m]", None),
        ('"""Module."""', "", "module: no docstring"),
    ],
)
def test_the_contract_of_docstrings_finds_faults(old, new, fault):
    faults = faults_of(RIGHT.replace(old, new, 1))
    assert faults == [] if fault is None else len(faults) == 1 and fault in faults[0]


@every_module
def test_examples_in_docstrings_run(name):
    if name == "spinneuron.__main__":
        return
    assert doctest.testmod(import_module(name)).failed == 0


def test_public_names_are_there():
    assert set(dir(spinneuron)) == set(spinneuron.__all__)
    for name in spinneuron.__all__:
        assert getattr(spinneuron, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Devise'"):
        _ = spinneuron.Devise


@pytest.mark.parametrize("name", GEOMETRIES)
def test_geometries(name):
    shape = GEOMETRIES[name]
    # Sizes of the usual kinds of junction: flat, long, a pillar; and all three at once.
    width, length, thickness = np.array([[100e-9, 10e-9, 10e-9], [100e-9, 45e-9, 20e-9], [1.6e-9, 50e-9, 300e-9]])
    factors = np.array(shape.demagnetizing_factors(width, length, thickness))
    assert factors.shape == (3, 3)
    assert np.all(factors > 0.0)
    # The trace of the demagnetizing tensor is 1 for any body; the page promises 1e-14 for each factor.
    np.testing.assert_allclose(factors.sum(axis=0), 1.0, rtol=0.0, atol=3e-14)
    assert np.all(shape.volume(width, length, thickness) > 0.0)
    assert np.all(shape.area(width, length) > 0.0)
    assert shape.description and "\n" not in shape.description
