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
from gandyn.core.native.records import Parts
from gandyn.core.native.signatures import kinds_of
from gandyn.core.types import VectorForm

_compiling = threading.Lock()


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
def _address(function: Any, name: str, dtype: str) -> int:
    """Of a function compiled for its one signature; those of objectives may allocate, so they count references."""
    plain = getattr(function, "py_func", function)
    dispatcher = cached(numba.njit(nogil=True, error_model="numpy", _nrt=plain is function)(plain))
    signature = kinds_of(dtype).signatures[name]
    dispatcher.compile(signature)
    _kept.append(dispatcher)
    compiled = dispatcher.get_compile_result(signature)
    return compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name)


_kept: list[Any] = []  # compiled code is freed with its dispatcher


@cache
def _addresses(form: VectorForm, dtype: str, second: bool, penalty: bool) -> np.ndarray:
    """Of all parts, 0 for those of features that are not used."""
    wanted = {*FUNCTIONS} - {*SECOND_ORDER, *PENALTY} | {*form._fields} & {*Parts._fields}
    wanted |= {*SECOND_ORDER} if second else set()
    wanted |= {*PENALTY} if penalty else set()
    functions = FUNCTIONS | form._asdict()
    addresses = [_address(functions[name], name, dtype) if name in wanted else 0 for name in Parts._fields]
    return np.array(addresses, np.int64)


_entries: dict[tuple[Any, ...], Callable[..., None]] = {}
_entry = cache(lambda: cached(steps_of_lanes))


def kernel(form: VectorForm, dtype: np.dtype, *arguments: Any) -> tuple[Callable[..., None], np.ndarray]:
    """(the compiled entry for arguments of these types, the addresses of the parts that it takes before them).

    arguments: those of kernel.steps_of_lanes after `addresses`. An objective's functions are parts, too, of the same
    types, so one compilation serves all objectives; features that are not used are not compiled.
    """
    memory, ahead, second, metrics = arguments[-4:]
    key = tuple(numba.typeof(argument) for argument in arguments)
    with _compiling:
        addresses = _addresses(form, str(dtype), second is not None, memory is not None)
        if key not in _entries:
            signature = types.void(numba.typeof(addresses), *key)
            entry = _entry()
            entry.compile(signature)
            _entries[key] = entry.overloads[signature.args].entry_point
        return _entries[key], addresses


def description() -> dict[str, Any]:
    """What the bits of a result may depend on."""
    return {
        "numba": numba.__version__,
        "llvmlite": llvmlite.__version__,
        "instructions": processor.INSTRUCTIONS,
    }
