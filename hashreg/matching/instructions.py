"""Single instructions of the processor that numba has no function for.

Kernels that were compiled and cached before don't notice a change in this file.
"""

# ruff: noqa: ANN401 (what numba hands to these has no types that could be named)

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 32
"""Entries that are compared at once, in two instructions where vectors have 16 lanes."""

_intrinsic = cast("Callable[[Any], Any]", intrinsic)
_function = cast("Callable[..., Any]", cgutils.get_or_insert_function)


@_intrinsic
def ones(context: Any, value: Any) -> Any:  # noqa: ARG001
    """Count the bits of an integer that are set: one instruction."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001
        return builder.ctpop(values[0])

    return value(value), generate


@_intrinsic
def fetch(context: Any, array: Any, place: Any) -> Any:  # noqa: ARG001
    """Begin to load an element of an array of one dimension, and go on at once."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, values[0]).data
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), (byte, number, number, number))
        load = _function(builder.module, kind, "llvm.prefetch.p0i8")
        address = builder.bitcast(builder.gep(data, [values[1]]), byte)
        builder.call(load, [address, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


@_intrinsic
def lanes(context: Any, parts: Any, place: Any, following: Any, most: Any) -> Any:  # noqa: ARG001
    """Return which of the LANES entries from a place on pass, as bits: a few instructions."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, values[0]).data
        many = ir.VectorType(ir.IntType(32), LANES)
        begin = builder.bitcast(builder.gep(data, [values[1]]), many.as_pointer())
        differ = builder.xor(builder.load(begin, align=4), _every_lane(builder, values[2]))
        count = _function(builder.module, ir.FunctionType(many, (many,)), f"llvm.ctpop.v{LANES}i32")
        passed = builder.icmp_unsigned(
            "<=", builder.call(count, [differ]), _every_lane(builder, values[3])
        )
        return builder.zext(builder.bitcast(passed, ir.IntType(LANES)), ir.IntType(64))

    return types.uint64(parts, types.int64, types.uint32, types.uint32), generate


def _every_lane(builder: Any, value: Any) -> Any:
    """Return a vector that has a value in each lane."""
    many = ir.VectorType(ir.IntType(32), LANES)
    one = builder.insert_element(ir.Constant(many, ir.Undefined), value, ir.IntType(32)(0))
    return builder.shuffle_vector(one, one, ir.Constant(many, [0] * LANES))


@_intrinsic
def lowest(context: Any, value: Any) -> Any:  # noqa: ARG001
    """Return the place of the lowest bit that is set."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001
        return builder.cttz(values[0], ir.IntType(1)(1))

    return types.uint64(types.uint64), generate
