"""Compilation: which entry belongs to which features, its cache on disk, and objectives as first-class functions."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import llvmlite
import numba
import numpy as np
from numba import types

from gandyn.core.native import activations, passes, penalties, processor, products, tangents, updates
from gandyn.core.native import overloads as _overloads  # noqa: F401  what elementary functions are in compiled code
from gandyn.core.native.caching import cached
from gandyn.core.native.inner import OPTIONS
from gandyn.core.native.kernel import steps_of_lanes
from gandyn.core.native.records import Parts
from gandyn.core.native.signatures import kinds_of
from gandyn.core.types import VectorForm

_compiling = threading.Lock()


class Features(NamedTuple):
    """What a kernel is compiled for, and nothing else: sizes, lanes, activations and the like are numbers it takes."""

    dtype: str  # float32, float64
    together: bool  # both players move from one point on one batch, without a look-ahead
    penalty: bool
    ahead: bool  # a look-ahead
    second: bool  # of second order


FUNCTIONS = {
    "matmul": products.matmul,
    "activate": activations.activate,
    "multiply_slope": activations.multiply_slope,
    "load_input": passes.load_input,
    "load_latents": passes.load_latents,
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
    """A function compiled for its one signature; those of objectives may allocate, so they count references."""
    plain = getattr(function, "py_func", function)
    options: dict[str, Any] = OPTIONS | {"_nrt": plain is function}
    dispatcher = cached(numba.njit(**options)(plain))
    dispatcher.compile(kinds_of(dtype).signatures[name])
    return dispatcher  # kept by the cache of this function: compiled code is freed with its dispatcher


def _address(function: Any, name: str, dtype: str) -> int:
    compiled = _part(function, name, dtype).get_compile_result(kinds_of(dtype).signatures[name])
    return compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name)


@cache
def _addresses(form: VectorForm, features: Features) -> np.ndarray:
    """Of all parts, 0 for those of features that are not used."""
    wanted = ({*FUNCTIONS, *form._fields} & {*Parts._fields}) - {*SECOND_ORDER, *PENALTY}
    wanted |= {*SECOND_ORDER} if features.second else set()
    wanted |= {*PENALTY} if features.penalty else set()
    functions = FUNCTIONS | form._asdict()
    addresses = [_address(functions[name], name, features.dtype) if name in wanted else 0 for name in Parts._fields]
    return np.array(addresses, np.int64)


Kernel = tuple[Callable[..., None], np.ndarray]
_kernels: dict[tuple[VectorForm, Features], Kernel] = {}
_entries: dict[Features, Callable[..., None]] = {}
_entry = cache(lambda: cached(steps_of_lanes))


def is_compiled(form: VectorForm, features: Features) -> bool:
    """Whether `kernel` gives this one at once: from this process's memory."""
    return (form, features) in _kernels


def kernel(form: VectorForm, features: Features, *arguments: Any) -> Kernel:
    """(the compiled entry for these features, the addresses of the parts that it takes before its arguments).

    arguments: those of kernel.steps_of_lanes after `addresses`; the features determine their types. An objective's
    functions are parts, too, of the same types, so one compilation serves all objectives; features that are not used
    are not compiled. Only who wants a kernel that is not there waits for a compilation.
    """
    compiled = _kernels.get((form, features))
    if compiled is None:
        with _compiling:
            addresses = _addresses(form, features)
            if features not in _entries:
                signature = types.void(numba.typeof(addresses), *map(numba.typeof, arguments))
                entry = _entry()
                entry.compile(signature)
                _entries[features] = entry.overloads[signature.args].entry_point
            compiled = _kernels[form, features] = _entries[features], addresses
    return compiled


def description() -> dict[str, Any]:
    """What the bits of a result may depend on."""
    return {
        "numba": numba.__version__,
        "llvmlite": llvmlite.__version__,
        "instructions": processor.INSTRUCTIONS,
    }
