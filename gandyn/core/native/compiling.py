"""Compilation: which entry belongs to which features, its cache on disk, and objectives as first-class functions."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import llvmlite
import numba
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


class Features(NamedTuple):
    """What a kernel is compiled for, and nothing else: sizes, lanes, activations and the like are numbers it takes."""

    dtype: str  # float32, float64
    penalty: bool
    ahead: bool  # a look-ahead
    second: bool  # of second order


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
SECOND_ORDER = ("tangent_forward", "tangent_backward", "add_tangent_gradient", "adjoint", "critic_curvature")
PENALTY = ("tangent_forward", "tangent_backward", "add_tangent_gradient", "add_penalty")


@cache
def _part(function: Any, name: str, dtype: str) -> Any:
    """A function compiled for one signature, so that it can be handed over by its address."""
    dispatcher = cached(
        numba.njit(nogil=True, error_model="numpy", _nrt=not hasattr(function, "py_func"), no_cpython_wrapper=True)(
            getattr(function, "py_func", function)
        )
    )
    dispatcher.compile(_kinds(dtype).signatures[name])
    dispatcher.disable_compile()
    return dispatcher


def _parts(form: VectorForm, features: Features) -> Parts:
    used = {*(SECOND_ORDER if features.second else ()), *(PENALTY if features.penalty else ())}
    left_out = {*SECOND_ORDER, *PENALTY} - used
    functions = {**FUNCTIONS, **{name: function for name, function in form._asdict().items() if name in Parts._fields}}
    return Parts(**{name: _part(f, name, features.dtype) for name, f in functions.items() if name not in left_out})


Kernel = tuple[Callable[..., None], Parts]
_kernels: dict[tuple[VectorForm, Features], Kernel] = {}
_entries: dict[Features, Callable[..., None]] = {}
_entry = cache(lambda: cached(steps_of_lanes))


def is_compiled(form: VectorForm, features: Features) -> bool:
    """Whether `kernel` gives this one at once: from this process's memory."""
    return (form, features) in _kernels


def kernel(form: VectorForm, features: Features, *arguments: Any) -> Kernel:
    """(the compiled entry for these features, the parts that it takes before its arguments).

    arguments: those of kernel.steps_of_lanes after `parts`; the features determine their types. An objective's
    functions are parts, too, of the same types, so one compilation serves all objectives; features that are not used
    are not compiled. Only who wants a kernel that is not there waits for a compilation.
    """
    compiled = _kernels.get((form, features))
    if compiled is None:
        with _compiling:
            parts = _parts(form, features)
            if features not in _entries:
                _entries[features] = _compiled_entry(parts, features, arguments)
            compiled = _kernels[form, features] = _entries[features], parts
    return compiled


def _compiled_entry(parts: Parts, features: Features, arguments: tuple[Any, ...]) -> Callable[..., None]:
    signatures = _kinds(features.dtype).signatures
    kinds = [
        types.none if part is None else types.FunctionType(signatures[name]) for name, part in parts._asdict().items()
    ]
    signature = types.void(types.NamedTuple(kinds, Parts), *map(numba.typeof, arguments))
    entry = _entry()
    entry.compile(signature)
    return entry.overloads[signature.args].entry_point


def description() -> dict[str, Any]:
    """What the bits of a result may depend on."""
    return {
        "numba": numba.__version__,
        "llvmlite": llvmlite.__version__,
        "instructions": processor.INSTRUCTIONS,
    }
