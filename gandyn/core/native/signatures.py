"""The types of the parts that are called through their addresses, and how addresses become functions again."""

from __future__ import annotations

from functools import cache
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from gandyn.core.native.networks import Network
from gandyn.core.native.penalties import PenaltyMemory
from gandyn.core.native.records import Parts


class Kinds:
    """numba's types of one floating point type, as the parts take them."""

    def __init__(self, dtype: str) -> None:
        whole, flag = types.int64, types.boolean
        number = getattr(types, dtype)
        vector = types.Array(number, 1, "C")
        ints = types.Array(whole, 1, "C")
        net = types.NamedTuple((ints, ints, ints, ints, ints, types.float64), Network)
        memory = types.NamedTuple((ints, ints, *[vector] * 4), PenaltyMemory)
        matmul = types.void(vector, *[whole] * 3, vector, *[whole] * 3, vector, *[whole] * 5)
        activate = types.void(whole, vector, whole, whole, vector, whole)
        slope = types.void(whole, vector, whole, vector, whole, whole)
        product, act, multiply = (types.FunctionType(kind) for kind in (matmul, activate, slope))
        load = types.void(net, vector, whole, whole, vector, whole, whole)
        forward = types.void(product, act, net, vector, vector, *[whole] * 3)
        backward = types.void(product, multiply, net, vector, vector, vector, *[whole] * 5)
        add = types.void(product, net, whole, vector, vector, *[whole] * 3, vector, vector, vector, flag)
        rates = [types.float64] * 4
        ahead = types.void(product, multiply, net, vector, vector, flag, vector, vector, *[whole] * 3, flag, vector)
        back = types.void(product, multiply, net, vector, vector, flag, *[vector] * 4, *[whole] * 4)
        adder = types.FunctionType(add)
        tangent = types.void(
            adder, product, multiply, net, *[vector] * 4, *[whole] * 3, flag, flag, vector, vector, vector
        )
        kinds = (forward, backward, add, ahead, back, tangent)
        penalty = types.float64(
            product, act, multiply, *(types.FunctionType(kind) for kind in kinds), net, vector, memory, whole,
            vector, whole, whole, vector, vector, types.float64, vector, vector, vector, flag,
        )  # fmt: skip
        losses, cotangents = types.UniTuple(types.float64, 2)(vector, vector), types.void(*[vector] * 4)
        self.signatures = {
            "matmul": matmul,
            "activate": activate,
            "multiply_slope": slope,
            "load_input": load,
            "load_latents": types.void(
                types.FunctionType(load),
                whole,
                net,
                types.uint64,
                *[whole] * 3,
                vector,
                *[whole] * 3,
                vector,
                types.Array(types.uint32, 2, "C"),
            ),
            "forward": forward,
            "backward": backward,
            "add_gradient": add,
            "update": types.void(whole, vector, vector, vector, whole, vector, *rates),
            "losses": losses,
            "critic_cotangents": cotangents,
            "generator_cotangents": cotangents,
            "critic_curvature": types.void(*[vector] * 6),
            "tangent_forward": ahead,
            "tangent_backward": back,
            "add_tangent_gradient": tangent,
            "adjoint": types.void(whole, whole, vector, vector, vector, *rates, *[vector] * 4),
            "add_penalty": penalty,
        }


kinds_of = cache(Kinds)


@intrinsic
def parts_at(_typing: Any, addresses: Any, like: Any) -> Any:
    """The parts of one floating point type (that of the array `like`) whose addresses [parts] are given.

    numba's own conversion of a function that is handed over asks the interpreter twice for each, at every call.
    """
    kinds = [types.FunctionType(kinds_of(like.dtype.name).signatures[name]) for name in Parts._fields]
    result = types.NamedTuple(kinds, Parts)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        functions = []
        for i, kind in enumerate(kinds):
            function = cgutils.create_struct_proxy(kind)(context, builder)
            address = builder.load(builder.gep(pointer, [ir.Constant(ir.IntType(64), i)]))
            function.jit_addr = builder.inttoptr(address, function.jit_addr.type)
            functions.append(function._getvalue())
        return context.make_tuple(builder, result, functions)

    return result(addresses, like), generate
