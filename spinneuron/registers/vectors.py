"""Vectors as wide as a register: eight float64 or sixteen float32 numbers that kernels handle like one.

In an ensemble the replica is the last, contiguous axis. A kernel that says ``load``, computes, and says ``store`` does
for a whole register of replicas what it would do for one number, in straight-line code: no loop over lanes, hence no
test whether arrays overlap, which costs more than a butterfly, and no liberty for the compiler to treat one lane unlike
another. Values are numba values, so that ``@inline`` functions may take and return them; vector by vector and vector by
scalar there are ``+``, ``-``, ``*`` and ``/``, contracted like all our floating point; and there is ``root``.

Pointers skip the counting of references that arrays bring along: the array must outlive the call. Outside compiled code
(NUMBA_DISABLE_JIT=1) the same functions work on flat NumPy arrays. On narrower machines LLVM splits the vectors.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.datamodel import PrimitiveModel
from numba.extending import lower_builtin, register_model, type_callable

REGISTER = 64  # bytes


def width(dtype) -> int:
    """Numbers that one vector holds.

    Parameters
    ----------
    dtype : dtype-like

    Returns
    -------
    int
    """
    return REGISTER // np.dtype(dtype).itemsize


def aligned(shape, dtype) -> np.ndarray:
    """Array of zeros that begins where a register does.

    Parameters
    ----------
    shape : tuple of int
    dtype : dtype-like

    Returns
    -------
    numpy.ndarray
    """
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    space = np.zeros(size + REGISTER, np.uint8)
    first = -space.ctypes.data % REGISTER
    return space[first : first + size].view(dtype).reshape(shape)


class Vector(types.Type):
    """Numba's type of a vector.

    Parameters
    ----------
    dtype : numba.types.Float
    """

    def __init__(self, dtype):
        self.dtype = dtype
        super().__init__(name=f"Vector({dtype})")


@register_model(Vector)
class _VectorModel(PrimitiveModel):
    """A vector is one LLVM value."""

    def __init__(self, manager, vector):
        number = manager.lookup(vector.dtype).get_value_type()
        super().__init__(manager, vector, ir.VectorType(number, 8 * REGISTER // vector.dtype.bitwidth))


def pointer(array):
    """The first element of a contiguous array, seen as one long row.

    Parameters
    ----------
    array : numpy.ndarray

    Returns
    -------
    pointer
    """
    return array.reshape(-1)


def beyond(pointer, i):
    """The pointer to another element.

    Parameters
    ----------
    pointer : pointer
    i : int
        Elements further on.

    Returns
    -------
    pointer
    """
    return pointer[i:]


def lanes_of(pointer):
    """Numbers of a vector behind this pointer; a constant to the compiler.

    Parameters
    ----------
    pointer : pointer

    Returns
    -------
    int
    """
    return REGISTER // pointer.itemsize


def load(pointer, i):
    """Read a vector.

    Parameters
    ----------
    pointer : pointer
    i : int
        The element that it begins with.

    Returns
    -------
    Vector
    """
    return pointer[i : i + lanes_of(pointer)].copy()


def fill(pointer, value):
    """A vector of equal numbers.

    Parameters
    ----------
    pointer : pointer
        To numbers of the same kind.
    value : number

    Returns
    -------
    Vector
    """
    return np.full(lanes_of(pointer), value, pointer.dtype)


def store(pointer, i, vector):
    """Write a vector.

    Parameters
    ----------
    pointer : pointer
    i : int
        The element that it begins with.
    vector : Vector
    """
    pointer[i : i + len(vector)] = vector


def root(vector):
    """Square roots.

    Parameters
    ----------
    vector : Vector

    Returns
    -------
    Vector
    """
    return np.sqrt(vector)


def turn(source, i, apart, target, j, between):
    """Copy a square of numbers, rows becoming columns: as many of them as a vector holds, with as many numbers.

    Parameters
    ----------
    source : pointer
    i, apart : int
        Where the first row begins, and how far on each next one.
    target : pointer
    j, between : int
        The same of what is written; the squares may not overlap.
    """
    wide = lanes_of(source)
    square = np.stack([load(source, i + k * apart) for k in range(wide)])
    for k in range(wide):
        store(target, j + k * between, square[:, k])


def _is_pointer(kind) -> bool:
    return isinstance(kind, types.CPointer) and isinstance(kind.dtype, types.Float)


@type_callable(pointer)
def _type_pointer(context):
    return lambda array: types.CPointer(array.dtype) if isinstance(array, types.Array) and array.is_c_contig else None


@type_callable(beyond)
def _type_beyond(context):
    return lambda pointer, i: pointer if isinstance(pointer, types.CPointer) else None


@type_callable(lanes_of)
def _type_lanes_of(context):
    return lambda pointer: types.intp if _is_pointer(pointer) else None


@type_callable(load)
def _type_load(context):
    return lambda pointer, i: Vector(pointer.dtype) if _is_pointer(pointer) else None


@type_callable(fill)
def _type_fill(context):
    return lambda pointer, value: Vector(pointer.dtype) if _is_pointer(pointer) else None


@type_callable(store)
def _type_store(context):
    return lambda pointer, i, vector: types.none if _is_pointer(pointer) and isinstance(vector, Vector) else None


@type_callable(turn)
def _type_turn(context):
    return lambda source, i, apart, target, j, between: types.none if _is_pointer(source) and source == target else None


@type_callable(root)
def _type_root(context):
    return lambda vector: vector if isinstance(vector, Vector) else None


def _spread(context, builder, kind, number, vector):
    """LLVM value: a number of numba type ``kind`` in all places of a vector of numba type ``vector``."""
    shape = context.get_value_type(vector)
    nothing = ir.Constant(shape, ir.Undefined)
    number = context.cast(builder, number, kind, vector.dtype)
    first = builder.insert_element(nothing, number, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, nothing, ir.Constant(ir.VectorType(ir.IntType(32), shape.count), None))


def _place(context, builder, signature, args, vector):
    """LLVM value: address of the vector at element args[1] of args[0]."""
    i = context.cast(builder, args[1], signature.args[1], types.intp)
    return builder.bitcast(builder.gep(args[0], [i]), context.get_value_type(vector).as_pointer())


@lower_builtin(pointer, types.Array)
def _lower_pointer(context, builder, signature, args):
    return context.make_array(signature.args[0])(context, builder, args[0]).data


@lower_builtin(beyond, types.CPointer, types.Integer)
def _lower_beyond(context, builder, signature, args):
    return builder.gep(args[0], [context.cast(builder, args[1], signature.args[1], types.intp)])


@lower_builtin(lanes_of, types.CPointer)
def _lower_lanes_of(context, builder, signature, args):
    return context.get_constant(types.intp, 8 * REGISTER // signature.args[0].dtype.bitwidth)


@lower_builtin(load, types.CPointer, types.Integer)
def _lower_load(context, builder, signature, args):
    vector = signature.return_type
    value = builder.load(_place(context, builder, signature, args, vector))
    value.align = vector.dtype.bitwidth // 8  # that of a number: NumPy promises no more
    return value


@lower_builtin(fill, types.CPointer, types.Number)
def _lower_fill(context, builder, signature, args):
    return _spread(context, builder, signature.args[1], args[1], signature.return_type)


@lower_builtin(store, types.CPointer, types.Integer, Vector)
def _lower_store(context, builder, signature, args):
    vector = signature.args[2]
    instruction = builder.store(args[2], _place(context, builder, signature, args, vector))
    instruction.align = vector.dtype.bitwidth // 8
    return context.get_dummy_value()


@lower_builtin(turn, types.CPointer, types.Integer, types.Integer, types.CPointer, types.Integer, types.Integer)
def _lower_turn(context, builder, signature, args):
    kind = Vector(signature.args[0].dtype)
    shape, size = context.get_value_type(kind), kind.dtype.bitwidth // 8

    def place(which, k):
        kinds = signature.args[which + 1 : which + 3]
        start, step = (context.cast(builder, args[which + 1 + n], kinds[n], types.intp) for n in (0, 1))
        at = builder.add(start, builder.mul(step, ir.Constant(step.type, k)))
        return builder.bitcast(builder.gep(args[which], [at]), shape.as_pointer())

    rows, half = [], shape.count // 2
    for k in range(shape.count):
        row = builder.load(place(0, k))
        row.align = size
        rows.append(row)
    numbers = ir.VectorType(ir.IntType(32), shape.count)
    halves = [
        ir.Constant(numbers, [first + n // 2 + n % 2 * shape.count for n in range(2 * half)]) for first in (0, half)
    ]
    # to interleave the first half of the rows with the second, so many times as their number is a power of two
    for _ in range(shape.count.bit_length() - 1):
        pairs = zip(rows[:half], rows[half:], strict=True)
        rows = [builder.shuffle_vector(one, other, mask) for one, other in pairs for mask in halves]
    for k, row in enumerate(rows):
        builder.store(row, place(3, k)).align = size
    return context.get_dummy_value()


def _type_arithmetic(context):
    def result(a, b):
        if isinstance(a, Vector) and (a == b or isinstance(b, types.Float)):
            return a
        return b if isinstance(b, Vector) and isinstance(a, types.Float) else None

    return result


def _give_operator(symbol: Any, instruction: str) -> None:
    """Teach numba an operator of vectors; a scalar takes the precision of the vector."""

    def lower(context, builder, signature, args):
        vector = signature.return_type
        a, b = (
            value if isinstance(kind, Vector) else _spread(context, builder, kind, value, vector)
            for kind, value in zip(signature.args, args, strict=True)
        )
        return getattr(builder, instruction)(a, b, flags=("contract",))

    type_callable(symbol)(_type_arithmetic)
    for kinds in ((Vector, Vector), (Vector, types.Float), (types.Float, Vector)):
        lower_builtin(symbol, *kinds)(lower)


@type_callable(operator.neg)
def _type_negative(context):
    return lambda vector: vector if isinstance(vector, Vector) else None


@lower_builtin(operator.neg, Vector)
def _lower_negative(context, builder, signature, args):
    return builder.fneg(args[0])


@lower_builtin(root, Vector)
def _lower_root(context, builder, signature, args):
    kind = args[0].type
    name = f"llvm.sqrt.v{kind.count}f{signature.args[0].dtype.bitwidth}"
    function = builder.module.globals.get(name) or ir.Function(builder.module, ir.FunctionType(kind, [kind]), name)
    return builder.call(function, args)


_OPERATORS = {operator.add: "fadd", operator.sub: "fsub", operator.mul: "fmul", operator.truediv: "fdiv"}
for _symbol, _instruction in _OPERATORS.items():
    _give_operator(_symbol, _instruction)
