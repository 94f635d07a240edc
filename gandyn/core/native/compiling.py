"""Compilation: which entry belongs to which features, its cache on disk, and objectives as first-class functions."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from typing import Any

import llvmlite
import numba
import numpy as np
from numba import types

from gandyn.core.native import activations, passes, penalties, processor, products, tangents, updates
from gandyn.core.native import overloads as _overloads  # noqa: F401  what elementary functions are in compiled code
from gandyn.core.native.caching import cached
from gandyn.core.native.kernel import steps_of_lanes
from gandyn.core.native.networks import Network
from gandyn.core.native.penalties import PenaltyMemory
from gandyn.core.native.records import Parts
from gandyn.core.types import VectorForm

_compiling = threading.Lock()


class _Kinds:
    """numba's types of one floating point type, as the parts take them."""

    def __init__(self, dtype: str) -> None:
        whole, flag = types.int64, types.boolean
        number = getattr(types, dtype)
        vector = types.Array(number, 1, "C")
        ints = types.Array(whole, 1, "C")
        net = types.NamedTuple((ints, ints, ints, ints, ints, types.float64), Network)
        memory = types.NamedTuple((whole, whole, *[vector] * 4), PenaltyMemory)
        matmul = types.void(vector, *[whole] * 3, vector, *[whole] * 3, vector, *[whole] * 5)
        activate = types.void(whole, vector, whole, whole, vector, whole)
        slope = types.void(whole, vector, whole, vector, whole, whole)
        product, act, multiply = (types.FunctionType(kind) for kind in (matmul, activate, slope))
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
            product, act, multiply, *(types.FunctionType(kind) for kind in kinds), net, vector, memory, vector,
            whole, whole, vector, vector, types.float64, vector, vector, vector, flag,
        )  # fmt: skip
        losses, cotangents = types.UniTuple(types.float64, 2)(vector, vector), types.void(*[vector] * 4)
        self.signatures = {
            "matmul": matmul,
            "activate": activate,
            "multiply_slope": slope,
            "load_input": types.void(net, vector, whole, whole, vector, whole, whole),
            "forward": forward,
            "backward": backward,
            "add_gradient": add,
            "update": types.void(whole, vector, vector, vector, whole, vector, *rates, vector, vector, vector),
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


_kinds = cache(_Kinds)
FUNCTIONS = {
    "matmul": products.matmul,
    "activate": activations.activate,
    "multiply_slope": activations.multiply_slope,
    "load_input": passes.load_input,
    "forward": passes.forward,
    "backward": passes.backward,
    "add_gradient": passes.add_gradient,
    "update": updates.update,
    "tangent_forward": tangents.tangent_forward,
    "tangent_backward": tangents.tangent_backward,
    "add_tangent_gradient": tangents.add_tangent_gradient,
    "adjoint": updates.adjoint,
    "add_penalty": penalties.add_penalty,
}
SECOND_ORDER = ("tangent_forward", "tangent_backward", "add_tangent_gradient", "adjoint")
PENALTY = ("tangent_forward", "tangent_backward", "add_tangent_gradient", "add_penalty")


@cache
def _part(function: Any, name: str, dtype: str) -> Any:
    """A function compiled for one signature, so that it can be handed over by its address."""
    dispatcher = cached(
        numba.njit(nogil=True, error_model="numpy", _nrt=not hasattr(function, "py_func"))(  # pyright: ignore[reportCallIssue]
            getattr(function, "py_func", function)
        )
    )
    dispatcher.compile(_kinds(dtype).signatures[name])
    dispatcher.disable_compile()
    return dispatcher


@cache
def _parts(form: VectorForm, dtype: str, second: bool, penalty: bool) -> Parts:
    left_out = (
        {*SECOND_ORDER, *PENALTY} - (set(SECOND_ORDER) if second else set()) - (set(PENALTY) if penalty else set())
    )
    functions = {**FUNCTIONS, **{name: function for name, function in form._asdict().items() if name in Parts._fields}}
    return Parts(**{name: _part(f, name, dtype) for name, f in functions.items() if name not in left_out})


_entries: dict[tuple[Any, ...], Callable[..., None]] = {}
_entry = cache(lambda: cached(steps_of_lanes))


def kernel(form: VectorForm, dtype: np.dtype, *arguments: Any) -> tuple[Callable[..., None], Parts]:
    """(the compiled entry for arguments of these types, the parts that it takes before them).

    arguments: those of kernel.steps_of_lanes after `parts`. An objective's functions are parts, too, of the same types,
    so one compilation serves all objectives; features that are not used are not compiled.
    """
    memory, _, second, _ = arguments[-4:]
    key = tuple(numba.typeof(argument) for argument in arguments)
    with _compiling:
        parts = _parts(form, str(dtype), second is not None, memory is not None)
        if key not in _entries:
            signatures = _kinds(str(dtype)).signatures
            kinds = [
                types.none if part is None else types.FunctionType(signatures[name])
                for name, part in parts._asdict().items()
            ]
            signature = types.void(types.NamedTuple(kinds, Parts), *key)
            entry = _entry()
            entry.compile(signature)
            _entries[key] = entry.overloads[signature.args].entry_point
        return _entries[key], parts


def description() -> dict[str, Any]:
    """What the bits of a result may depend on."""
    return {
        "numba": numba.__version__,
        "llvmlite": llvmlite.__version__,
        "instructions": processor.INSTRUCTIONS,
    }
