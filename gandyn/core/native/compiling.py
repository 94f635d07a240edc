"""Compilation: which entry belongs to which features, its cache on disk, and objectives as first-class functions."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from numba import types
from numba.core import config as numba_config
from platformdirs import user_cache_path

from gandyn.core.native import overloads as _overloads  # noqa: F401  what elementary functions are in compiled code
from gandyn.core.native import processor
from gandyn.core.native.kernel import steps_of_lanes
from gandyn.core.types import VectorForm

_compiling = threading.Lock()


def cache_folder() -> Path:
    """Where compiled kernels are kept: a folder of its own for every text of the kernels' sources."""
    here = Path(__file__).parent
    text = b"".join(path.read_bytes() for path in sorted(here.glob("*.py")))
    return user_cache_path("gandyn") / f"kernels-{hashlib.sha256(text).hexdigest()[:16]}"


def _cached(function: Any) -> Any:
    """The dispatcher with its cache in our folder; without one where the folder cannot be written."""
    before = numba_config.CACHE_DIR
    try:
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        numba_config.CACHE_DIR = str(folder)
        function.enable_caching()
    except (OSError, RuntimeError):
        pass  # compiled anew in every process
    finally:
        numba_config.CACHE_DIR = before
    return function


@cache
def _entry() -> Any:
    return _cached(steps_of_lanes)


def _signatures(kind: types.Float) -> dict[str, Any]:
    """Of the functions of an objective."""
    vector = types.Array(kind, 1, "C")
    return {
        "losses": types.UniTuple(types.float64, 2)(vector, vector),
        "critic_cotangents": types.void(*[vector] * 4),
        "generator_cotangents": types.void(*[vector] * 4),
        "critic_curvature": types.void(*[vector] * 6),
    }


@cache
def _compiled_objective(form: VectorForm, dtype: str) -> tuple[Any, ...]:
    functions = []
    for name, signature in _signatures(getattr(types, dtype)).items():
        dispatcher = _cached(numba.njit(nogil=True, error_model="numpy")(getattr(form, name)))
        dispatcher.compile(signature)
        dispatcher.disable_compile()
        functions.append(dispatcher)
    return tuple(functions)


_entries: dict[tuple[Any, ...], Callable[..., None]] = {}


def kernel(form: VectorForm, dtype: np.dtype, *arguments: Any) -> tuple[Callable[..., None], tuple[Any, ...]]:
    """(the compiled entry for arguments of these types, the objective's functions that it takes after them).

    The objective's functions are first-class values of fixed signatures, so one compilation serves all objectives.
    """
    key = (str(dtype), *(numba.typeof(argument) for argument in arguments))
    with _compiling:
        functions = _compiled_objective(form, str(dtype))
        if key not in _entries:
            kinds = [types.FunctionType(signature) for signature in _signatures(getattr(types, str(dtype))).values()]
            metrics = types.Array(types.float64, 3, "C")
            signature = types.void(*key[1:], *kinds, metrics)
            entry = _entry()
            entry.compile(signature)
            _entries[key] = entry.overloads[signature.args].entry_point
        return _entries[key], functions


def description() -> dict[str, Any]:
    """What the bits of a result may depend on."""
    return {
        "numba": numba.__version__,
        "llvmlite": llvmlite.__version__,
        "instructions": processor.INSTRUCTIONS,
    }
