"""The plan of the house, read from the sources: who may import whom, and how large things get."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "spinneuron"

# From top to bottom: a room may import the rooms above it, and modules of its own.
ROOMS = (
    "compiled constants units quantity whole_file chunk_store geometry device_checks device_file device "
    "thermal_stack mesh registers transforms physics dynamics ovf protocols simulation statistics lattice switching "
    "surrogates neuron_file tasks measured calibration plasticity evolution readout circuit capacity window "
    "dataset_file summary plotting networks cli"
).split()
DATASETS = ROOMS[ROOMS.index("simulation") :]

# Third party -> the rooms that may import it. What is not listed may be imported anywhere.
OWNERS = {
    "torch": ["networks"],
    "spikingjelly": ["networks"],
    "snntorch": ["networks"],
    "nir": ["networks"],
    "matplotlib": ["plotting"],
    "click": ["cli"],
    "rich": ["cli"],
    "xarray": DATASETS,
    "dask": ["window"],
}
DECORATORS = {"njit", "jit", "vectorize", "guvectorize", "stencil", "cfunc"}
KERNELS = {"kernel", "parallel_kernel", "inline", "njit"}
NO_ROOMS = {"util", "utils", "common", "base", "helper", "helpers", "misc", "manager", "tools"}
MOST_LINES, MOST_FUNCTION_LINES, MOST_ARGUMENTS = 400, 60, 10


def _modules():
    """All modules of the package: dotted name -> (path, syntax tree)."""
    modules = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = (path, ast.parse(path.read_text()))
    return modules


MODULES = _modules()
every_module = pytest.mark.parametrize("name", MODULES)
# The two doors of the house open to all rooms.
every_room = pytest.mark.parametrize("name", sorted(MODULES.keys() - {"spinneuron", "spinneuron.__main__"}))


def _room(name):
    """The room of a module: the part of its name after the package's."""
    return name.split(".")[1] if "." in name else ""


def _imports(name):
    """What a module imports, wherever in its text, as absolute dotted names."""
    path, tree = MODULES[name]
    package = name if path.stem == "__init__" else name.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            origin = ".".join([*above, *filter(None, [node.module])])
            for alias in node.names:
                # `from package import module` imports the module.
                yield f"{origin}.{alias.name}" if f"{origin}.{alias.name}" in MODULES else origin


def _of_the_package(name):
    """What a module takes from the package's own file; `import spinneuron` takes ``spinneuron``."""
    imports = [node for node in ast.walk(MODULES[name][1]) if isinstance(node, ast.Import | ast.ImportFrom)]
    own = [node for node in imports if ast.unparse(node).split()[1] == "spinneuron"]
    return {alias.name for node in own for alias in node.names}


def _functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _decorators(function):
    """The last names of the decorators: ``click.option(...)`` -> option."""
    targets = [node.func if isinstance(node, ast.Call) else node for node in function.decorator_list]
    return {ast.unparse(target).rpartition(".")[2] for target in targets}


def _length(function):
    """Lines of a function without its docstring."""
    length = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function) is not None:
        length -= function.body[0].end_lineno - function.body[0].lineno + 1
    return length


def _arguments(function):
    """How many arguments a call may give; a method's own object does not count."""
    arguments = function.args
    names = [argument.arg for argument in arguments.posonlyargs + arguments.args + arguments.kwonlyargs]
    return len(names) - (names[:1] in (["self"], ["cls"]))


@every_room
def test_imports_point_up(name):
    assert _room(name) in ROOMS, f"{name} has no place on the page: add it to docs and to ROOMS"
    for target in _imports(name):
        if target == "spinneuron":
            assert _of_the_package(name) <= {"__version__", *ROOMS}, f"{name} imports the package itself"
        elif target.startswith("spinneuron."):
            allowed = ROOMS[: ROOMS.index(_room(name)) + 1]
            if _room(name) == "networks":
                allowed = "compiled constants units quantity whole_file chunk_store surrogates neuron_file".split()
                allowed += ["tasks", "capacity", "networks"]
            assert _room(target) in allowed, f"{name} imports {target}, which stands below it"


def test_no_import_cycles():
    graph = {name: {target for target in _imports(name) if target in MODULES} - {name} for name in MODULES}
    # The package's own file imports on demand, and every room may ask it for the version.
    graph = {name: targets - {"spinneuron"} for name, targets in graph.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"import cycle: {' -> '.join(error.args[1])}")


@every_module
def test_third_parties_stay_in_their_rooms(name):
    for target in {target.split(".")[0] for target in _imports(name)} & set(OWNERS):
        assert _room(name) in OWNERS[target], f"{name} imports {target}, which belongs to {OWNERS[target]}"


@pytest.mark.parametrize("name", sorted(MODULES.keys() - {"spinneuron.compiled"}))
def test_kernels_take_their_decorators_from_compiled(name):
    for node in ast.walk(MODULES[name][1]):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "numba":
            taken = DECORATORS & {alias.name for alias in node.names}
            assert not taken, f"{name}: `from spinneuron.compiled import kernel, inline` instead of numba's {taken}"
        if isinstance(node, ast.Attribute):
            assert ast.unparse(node) not in {f"{module}.{name}" for module in ("numba", "nb") for name in DECORATORS}


@every_module
def test_no_hidden_random_state_in_kernels(name):
    tree = MODULES[name][1]
    wholly = _room(name) in ("physics", "dynamics")
    for part in [tree] if wholly else [f for f in _functions(tree) if _decorators(f) & KERNELS]:
        used = {ast.unparse(node) for node in ast.walk(part) if isinstance(node, ast.Attribute)}
        assert not used & {"np.random", "numpy.random"}, f"{name}: noise comes from counters (dynamics.noise)"


@every_module
def test_sizes(name):
    path, tree = MODULES[name]
    faults = []
    if (lines := len(path.read_text().splitlines())) > MOST_LINES:
        faults.append(f"{lines} lines")
    for function in _functions(tree):
        if (lines := _length(function)) > MOST_FUNCTION_LINES:
            faults.append(f"{function.name}: {lines} lines")
        # Kernels of these rooms take many arrays and numbers that no object may bundle for them; a command has one
        # argument for each of its options.
        kernel = _room(name) in ("dynamics", "registers") and _decorators(function) & KERNELS
        free = kernel or "command" in _decorators(function)
        if (count := _arguments(function)) > MOST_ARGUMENTS and not free:
            faults.append(f"{function.name}: {count} arguments")
    assert not faults, f"{path.name}: {'; '.join(faults)}"


@every_module
def test_room_names_say_what_is_in_them(name):
    assert not set(name.split(".")) & NO_ROOMS
